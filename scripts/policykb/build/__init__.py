"""Build kb.db from the files under policies/."""

APPLICATION_ID = 0x504B4231  # "PKB1"
SCHEMA_VERSION = 9


def is_knowledge_base(path: object) -> bool:
    """Return whether the header of the file at `path` is that of a database that policykb built."""
    try:
        with open(path, "rb") as file:
            header = file.read(72)
    except (OSError, TypeError):
        return False
    return (
        header[:15] == b"SQLite format 3" and int.from_bytes(header[68:72], "big") == APPLICATION_ID
    )
