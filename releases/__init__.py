"""Releases bundle approved changes and bring them into operation."""
