"""New, changed and retired services on their way into and out of operation."""
