"""What managers see first: a process, or all of them, at a glance."""
