"""The change advisory board: meetings, votes, minutes; and the calendar of changes."""
