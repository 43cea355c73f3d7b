"""kb.db for reading, opened as an immutable file, and SQL files with bound parameters.

The statements of a page or an export are in one file, each below a head `-- name: stances`; `select` returns their
rows as dicts.
"""

import re
import sqlite3
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from sqlite_utils import Database

from policykb.build import APPLICATION_ID, SCHEMA_VERSION
from policykb.files.digests import beside, is_damaged
from policykb.model.problems import (
    NotFoundError,
    PolicykbError,
    did_you_mean,
    nearest_id,
    shown,
    similar,
)

SQL = Path(__file__).parent / "sql"


class Found(NamedTuple):
    """A record by its id or by an earlier id; `reason` says why the earlier id is no longer used, else it is None."""

    id: str
    kind: str
    title: str
    reason: str | None


def connect(path: Path) -> Database:
    """Open the knowledge base at `path` for reading.

    :raises PolicykbError: if the file is not a knowledge base of this version of policykb.
    """
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        connection.execute("pragma cell_size_check = on")
        connection.execute("pragma trusted_schema = off")
        (application,) = connection.execute("pragma application_id").fetchone()
        (version,) = connection.execute("pragma user_version").fetchone()
    except sqlite3.DatabaseError:
        application, version = 0, 0
    if (application, version) == (APPLICATION_ID, SCHEMA_VERSION):
        return database(connection)
    connection.close()
    if application == APPLICATION_ID:
        raise PolicykbError(
            f"{path.name} has the tables of version {version}, not {SCHEMA_VERSION}; "
            "build it again with: policykb load"
        )
    raise PolicykbError(f"{path.name} is not a knowledge base; build it with: policykb load")


def verify(path: Path) -> None:
    """Verify that the file at `path` is a knowledge base of this version, and whole.

    :raises PolicykbError: if it is not, or is not what the digest beside it says; without a digest SQLite has to read it all.
    """
    if is_damaged(path):
        raise PolicykbError(
            f"{path.name} is damaged: it is not what {beside(path).name} says; "
            "build it again with: policykb load"
        )
    with connect(path) as opened:
        if beside(path).is_file():
            return
        try:
            (state,) = opened.conn.execute("pragma quick_check(1)").fetchone()
        except sqlite3.DatabaseError as error:
            state = str(error)
    if state != "ok":
        raise PolicykbError(f"{path.name} is damaged: {state}; build it again with: policykb load")


def database(connection: sqlite3.Connection) -> Database:
    """Return an open connection, such as one of Datasette, as a database of sqlite-utils."""
    return Database(connection, recursive_triggers=False, execute_plugins=False)


@cache
def statements(folder: Path, name: str) -> dict[str, str]:
    """Return the statements in the file `name`.sql of `folder` by name.

    The name is in the head `-- name: stances` above a statement; without a head it is that of the file. In place of
    `{matches.best}`, a statement has the statement `best` of the file matches.sql, which several have in common.
    """
    text = (folder / f"{name}.sql").read_text(encoding="utf-8")
    text = re.sub(r"\{(\w+)\.(\w+)\}", lambda part: _part(folder, *part.groups()), text)
    first, *parts = re.split(r"^-- name: (\w+)\n", text, flags=re.MULTILINE)
    pairs = [(name, first), *zip(parts[::2], parts[1::2], strict=True)]
    return {name: statement.strip() for name, statement in pairs if statement.strip()}


def _part(folder: Path, name: str, statement: str) -> str:
    """Return a statement without its comments."""
    return re.sub(r"^ *--.*\n", "", statements(folder, name)[statement], flags=re.MULTILINE)


def _query(db: Database | sqlite3.Connection, name: str, **parameters: object) -> Iterator[dict]:
    """Yield the rows of the statement `name` in records.sql for bound parameters."""
    yield from select(db, statements(SQL, "records")[name], parameters)


def select(db: Database | sqlite3.Connection, statement: str, parameters: dict) -> Iterator[dict]:
    """Yield the rows of a statement as dicts, for bound parameters."""
    connection = db.conn if isinstance(db, Database) else db
    cursor = connection.cursor()
    cursor.row_factory = None  # plain tuples are made faster than the rows of Datasette
    cursor.execute(statement, parameters)
    columns = [column[0] for column in cursor.description]
    for values in cursor:
        yield dict(zip(columns, values))  # noqa: B905 (a row has a value for each column)


def found(db: Database | sqlite3.Connection, record_id: str) -> Found:
    """Return the record with the id `id`, or the record to which a redirect from it leads.

    :raises NotFoundError: if there is none.
    """
    match = next(_query(db, "found", id=record_id), None)
    if match is None:
        raise unknown(db, record_id)
    return Found(**match)


def unknown(db: Database | sqlite3.Connection, record_id: str) -> NotFoundError:
    """Return the error for an id that no record has or had, with the nearest id."""
    ids = [row["id"] for row in _query(db, "ids")]
    near = nearest_id(record_id[:80], ids)
    alike = () if near else similar(record_id[:80], dict.fromkeys(ids, ""))
    return NotFoundError(
        f"there is no record '{shown(record_id)}'{did_you_mean(near, alike=alike)}"
    )


def facts(db: Database | sqlite3.Connection) -> dict[str, str]:
    """Return the facts about the knowledge base: its title, license, content hash and so on."""
    return {fact["key"]: fact["value"] for fact in _query(db, "info")}
