"""What changed and when: the change log from the git history of policies/, and the comparison of two revisions."""
