"""Whole records from kb.db, as the record types of their files."""

import sqlite3
from collections.abc import Iterator

from sqlite_utils import Database

from policykb.model.records import RECORDS, Record
from policykb.read.database import SQL, statements, unknown

MOST_BYTES = 1 << 24  # of a record; the limit for public queries is lower


def record(db: Database, record_id: str) -> Record:
    """Return the record with the id `id`, or the record to which a redirect from it leads.

    :raises NotFoundError: if there is none.
    """
    rows = list(_query(db, "record", {"id": record_id}))
    if not rows:
        raise unknown(db, record_id)
    return _record(rows[0])


def records(db: Database, kind: str) -> Iterator[tuple[str, Record]]:
    """Yield every record of a kind with its id, in the order of ids."""
    for row in _query(db, "of_kind", {"kind": kind}):
        yield row["id"], _record(row)


def numbers(db: Database, action: str) -> list[tuple[str, str, str | None]]:
    """Return the scheme of each identifier of an action, the identifier as shown, and its official address or None."""
    return [tuple(row.values()) for row in _query(db, "numbers", {"id": action})]


def _query(db: Database, name: str, parameters: dict[str, str]) -> Iterator[dict]:
    """Yield rows, which may be longer than `db` allows in public queries."""
    limit = db.conn.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_BYTES)
    try:
        yield from db.query(statements(SQL, "records")[name], parameters)
    finally:
        db.conn.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, limit)


def _record(row: dict) -> Record:
    record_type, _ = RECORDS[row["kind"]]
    return record_type.model_validate_json(row["json"])
