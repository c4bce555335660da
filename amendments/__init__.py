"""Amendments of agreements run as changes (CHG-12): agreements and changes meet here, above both."""
