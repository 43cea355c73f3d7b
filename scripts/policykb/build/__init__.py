"""The build of kb.db from the files under policies/."""
