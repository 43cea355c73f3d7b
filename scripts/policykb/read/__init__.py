"""Read kb.db: records, statuses, debates and the named questions."""
