"""The bytes of kb.db: the same rows give the same bytes, whether they were all inserted or some were replaced.

SQLite itself writes tables and indexes in order when it copies a database. A full-text index is one more B-tree
inside of tables, and depends on the order in which it was filled; once it is merged into one segment, only the number of
the segment and a count of pages ever written do. Both are set here; "The structure record" in fts5_index.c of
SQLite describes them.
"""

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from policykb.model.problems import PolicykbError

# Full-text index -> the table it is of, the number of a row there, and the columns.
INDEXED = {
    "search": ("records", "number", ("title", "text", "characters")),
    "search_identifiers": ("action_identifiers", "id", ("folded",)),
}
_STRUCTURE = 10  # the row of the structure record
_SEGMENT = 1 << 37  # the rows of pages of a segment have its number in the bits from here on


def remove(connection: sqlite3.Connection, index: str, among: str) -> None:
    """Remove from a full-text index the rows of its table for which the condition `among` holds."""
    table, number, columns = INDEXED[index]
    names = ", ".join(columns)
    connection.execute(
        f"insert into {index} ({index}, rowid, {names}) select 'delete', {number}, {names} from {table} where {among}"
    )


def add(connection: sqlite3.Connection, index: str, among: str) -> None:
    """Add to a full-text index the rows of its table for which the condition `among` holds."""
    table, number, columns = INDEXED[index]
    names = ", ".join(columns)
    connection.execute(
        f"insert into {index} (rowid, {names}) select {number}, {names} from {table} where {among}"
    )


def write(connection: sqlite3.Connection, place: Path) -> None:
    """Write the database of a connection without open transaction to a new file at `place`."""
    for index in INDEXED:
        _merge(connection, index)
    connection.execute("pragma schema_version = 1")
    connection.execute("pragma cache_size = -8000")  # each page is read and written once
    connection.execute("vacuum into ?", (str(place),))


def _merge(connection: sqlite3.Connection, index: str) -> None:
    """Merge a full-text index into a single segment with the number 1."""
    table, number, _ = INDEXED[index]
    if not connection.execute(f"select 1 from {table}").fetchone():
        connection.execute(f"insert into {index} ({index}) values ('rebuild')")
        return
    first = f"{number} = (select min({number}) from {table})"
    connection.execute("begin")  # a second segment: one alone would not be merged
    remove(connection, index, first)
    add(connection, index, first)
    connection.execute("commit")
    connection.execute(f"insert into {index} ({index}) values ('optimize')")
    structure = f"select block from {index}_data where id = {_STRUCTURE}"
    (block,) = connection.execute(structure).fetchone()
    _, segments, *_, segment, start, end = _numbers(block[4:])
    if segments != 1:
        raise PolicykbError(f"the full-text index {index} has {segments} segments, not 1")
    moved = (segment - 1) * _SEGMENT
    connection.execute("begin")
    if moved:
        connection.execute(f"update {index}_data set id = id - ? where id >= ?", (moved, _SEGMENT))
        connection.execute(f"update {index}_idx set segid = 1")
    # One level with one segment, nothing written since; the level is not being merged and has the segment 1.
    block = block[:4] + _varints((1, 1, 0, 0, 1, 1, start, end))
    connection.execute(f"update {index}_data set block = ? where id = {_STRUCTURE}", (block,))
    connection.execute("commit")


def _numbers(data: bytes) -> list[int]:
    """Return the numbers below 2 ** 56 that are written as varints of SQLite."""
    numbers, number = [], 0
    for byte in data:
        number = number << 7 | byte & 127
        if byte < 128:
            numbers.append(number)
            number = 0
    return numbers


def _varints(numbers: Iterable[int]) -> bytes:
    """Return numbers below 2 ** 56 as varints of SQLite."""
    data = bytearray()
    for number in numbers:
        parts = [number & 127]
        while number := number >> 7:
            parts.append(number & 127 | 128)
        data += bytes(reversed(parts))
    return bytes(data)
