"""The site as files that need no server."""
