"""Freezes and maintenance windows, and where a piece of work fits between them."""
