"""Changing records: every change is checked against all rules before a byte is written."""
