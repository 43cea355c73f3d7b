"""Pictures made on the server: plain data in, SVG text out. Nothing here reads the database or the clock."""
