"""The files under policies/: reading, indexing, editing and writing them."""
