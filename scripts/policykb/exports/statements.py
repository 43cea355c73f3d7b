"""The SQL statements of one export: a file of sql/ in which each follows a line `-- name: ...`."""

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path


class Statements:
    """The statements of sql/<name>.sql; rows come as dicts."""

    def __init__(self, name: str) -> None:
        text = (Path(__file__).parent / "sql" / f"{name}.sql").read_text(encoding="utf-8")
        _, *parts = re.split(r"^-- name: (\w+)\n", text, flags=re.MULTILINE)
        self._texts = dict(zip(parts[::2], parts[1::2], strict=True))

    def each(
        self, connection: sqlite3.Connection, name: str, **parameters: object
    ) -> Iterator[dict]:
        """Yield the rows of a statement with bound parameters."""
        cursor = connection.execute(self._texts[name], parameters)
        columns = [column[0] for column in cursor.description]
        for values in cursor:
            yield dict(zip(columns, values, strict=True))

    def rows(self, connection: sqlite3.Connection, name: str, **parameters: object) -> list[dict]:
        """Return the rows of a statement."""
        return list(self.each(connection, name, **parameters))

    def row(self, connection: sqlite3.Connection, name: str, **parameters: object) -> dict | None:
        """Return the first row of a statement, or None."""
        return next(self.each(connection, name, **parameters), None)
