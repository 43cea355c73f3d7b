"""Taking knowledge away from kb.db: citations, briefs, feeds, calendars, exports. Reads kb.db and writes nothing into it."""
