"""Changing the files under policies/: every change is judged by the rules before a byte is written.

Commands ask for a list of changes, show them, and let them be made whole or not at all.
"""
