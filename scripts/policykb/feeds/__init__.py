"""Official records and bibliographies -> proposed files under policies/: one module a source, one way to merge."""
