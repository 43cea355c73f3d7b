"""Reading kb.db for what people take away: statements in sql/, with bound parameters, through a connection that only reads."""

import sqlite3
from functools import cache
from pathlib import Path


def opened(db: Path) -> sqlite3.Connection:
    """A connection that can only read `db`."""
    return sqlite3.connect(f"{db.as_uri()}?mode=ro&immutable=1", uri=True)


@cache
def _sql(name: str) -> str:
    return (Path(__file__).parent / "sql" / f"{name}.sql").read_text(encoding="utf-8")


def rows(connection: sqlite3.Connection, name: str, **parameters: object) -> list[dict]:
    """The rows that sql/<name>.sql gives, as dicts."""
    cursor = connection.execute(_sql(name), parameters)
    columns = [column[0] for column in cursor.description]
    return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def row(connection: sqlite3.Connection, name: str, **parameters: object) -> dict | None:
    """The first row, or None."""
    return next(iter(rows(connection, name, **parameters)), None)
