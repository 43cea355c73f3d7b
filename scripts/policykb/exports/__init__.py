"""Taking knowledge away from kb.db: briefs, feeds, calendars, tables, graphs and JSON-LD."""
