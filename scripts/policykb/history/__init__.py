"""What the knowledge base said when: the change log from the git history of policies/, and records as they stood on a day."""
