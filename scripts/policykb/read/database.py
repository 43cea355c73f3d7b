"""Reading kb.db for what is taken away: opened as a file that does not change, SQL files with bound parameters.

Nothing here writes or formats SQL. Rows come as dicts, one after another, whatever their number.
"""

import re
import sqlite3
from collections.abc import Callable, Iterator
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from sqlite_utils import Database

from policykb.build.load import APPLICATION_ID
from policykb.model.problems import NotDone, nearest_id, shown

SQL = Path(__file__).parent / "sql"
FIRST, LAST = "", "~"  # before and after all ids


class Unknown(LookupError):
    """An id that nothing here has; the message shows the nearest."""


class Found(NamedTuple):
    """A record by its id or by one it had before: `reason` is why the old one is no longer used, None for its own."""

    id: str
    kind: str
    title: str
    reason: str | None


def opened(db: Path) -> sqlite3.Connection:
    """A connection to the knowledge base at `db`, for reading.

    :raises NotDone: if the file is not a knowledge base that this software built.
    """
    connection = sqlite3.connect(f"{db.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        if connection.execute("pragma application_id").fetchone()[0] == APPLICATION_ID:
            return connection
    except sqlite3.DatabaseError:
        pass
    connection.close()
    raise NotDone(f"{db.name} is not a knowledge base; build it with: policykb load")


def database(connection: sqlite3.Connection) -> Database:
    """Return an open connection, such as one of Datasette, as a database of sqlite-utils."""
    return Database(connection, recursive_triggers=False, execute_plugins=False)


@cache
def statements(folder: Path, name: str) -> dict[str, str]:
    """Return the statements in the file `name`.sql of `folder` by their names.

    A statement has the name in the head `-- name: stances` above it; without a head, that of its file.
    """
    text = (folder / f"{name}.sql").read_text(encoding="utf-8")
    first, *parts = re.split(r"^-- name: (\w+)\n", text, flags=re.MULTILINE)
    pairs = [(name, first), *zip(parts[::2], parts[1::2], strict=True)]
    return {name: statement.strip() for name, statement in pairs if statement.strip()}


@cache
def sql(name: str) -> str:
    """The statement in sharing/sql/<name>.sql."""
    return (Path(__file__).parent / "sql" / f"{name}.sql").read_text(encoding="utf-8")


def rows(connection: sqlite3.Connection, name: str, **parameters: object) -> list[dict]:
    """The rows that the statement `name` gives for bound parameters."""
    return list(each(connection, name, **parameters))


def row(connection: sqlite3.Connection, name: str, **parameters: object) -> dict | None:
    """The first of these rows, None if there is none."""
    return next(each(connection, name, **parameters), None)


def each(connection: sqlite3.Connection, name: str, **parameters: object) -> Iterator[dict]:
    """The rows that the statement `name` gives for bound parameters, as they come."""
    cursor = connection.execute(sql(name), parameters)
    columns = [column[0] for column in cursor.description]
    for values in cursor:
        yield dict(zip(columns, values, strict=True))


def owned(
    connection: sqlite3.Connection, name: str, **parameters: object
) -> Callable[[str], list[dict]]:
    """A function that gives the rows of one owner after another, in the order of owners; the column `of` names the owner."""
    groups = groupby(each(connection, name, **parameters), key=lambda row: row["of"])
    current = next(groups, None)

    def of(id: str) -> list[dict]:
        nonlocal current
        while current and current[0] < id:
            current = next(groups, None)
        if not current or current[0] != id:
            return []
        found = list(current[1])
        current = next(groups, None)
        return found

    return of


def found(connection: sqlite3.Connection, id: str) -> Found:
    """The record with this id, or the one that took its place.

    :raises Unknown: if there is none.
    """
    there = row(connection, "export_found", id=id)
    if there:
        return Found(**there)
    near = nearest_id(id[:80], [one["id"] for one in each(connection, "export_ids")])
    raise Unknown(
        f"there is no record '{shown(id)}'" + (f"; did you mean '{near}'?" if near else "")
    )


def facts(connection: sqlite3.Connection) -> dict[str, str]:
    """What the knowledge base says about itself: title, licence, content hash and so on."""
    return {one["key"]: one["value"] for one in each(connection, "export_info")}
