"""The indicators of the processes: each one queryset, which is its figure and its list."""
