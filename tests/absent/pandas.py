"""Hides pandas from the processes that tests start: sqlite-utils imports it where it is installed, for 0.4 s each time."""

raise ModuleNotFoundError("No module named 'pandas'", name="pandas")
