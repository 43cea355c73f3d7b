"""Build kb.db from the files under policies/."""

APPLICATION_ID = 0x504B4231  # "PKB1"
SCHEMA_VERSION = 3
