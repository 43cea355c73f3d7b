"""How a kb.db differs from a fresh build of its files: in schema, rows and change log, and at last in bytes.

A database is committed together with its files. It cannot name its own commit, a commit may be merged or squashed, and a
clone may lack a part of the history. So two logs must be equal up to the last commit that both have; after it, each may
have what the other cannot know yet. That is enough to find a log that was changed by hand.

Where no row differs, the file is built once more with its own log, which has to give its bytes. Another release of
SQLite writes other bytes; SQLite then judges the indexes of the file itself.
"""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from policykb.build.load import Progress, Result, build, verify
from policykb.model.change_log import Commit, Log, ReadLog, empty_log
from policykb.model.problems import PolicykbError

MOST_ROWS = 3  # shown of a table
LOGGED = ("commits", "changes")
_SCHEMA = """
select type, name, sql from {}.sqlite_master
where name not like 'sqlite_%' order by type, name"""
_COMMITS = "select id, time, subject from commits order by position"
_CHANGES = """
select "commit", kind, record, change, pointer, place, "before", "after", class, stated from changes order by id"""
_LOG = """
select m.id, m.position, m.time, m.subject, c.kind, c.record, c.change, c.pointer, c.place, c."before", c."after", c.class, c.stated
from {}.commits m left join {}.changes c on c."commit" = m.id order by m.position, c.id"""


def compare(
    policies: Path,
    db: Path,
    today: str,
    progress: Progress | None = None,
    log: ReadLog = empty_log,
) -> tuple[Result, list[str]]:
    """Return the result of a fresh build of `policies`, and how `db` differs from it. `db` does not change."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / "kb.db"
        result = build(policies, fresh, today, progress, log=log, cached=False)
        if result.errors:
            return result, []
        sentences = list(differences(db, fresh))
        if sentences or db.read_bytes() == fresh.read_bytes():
            return result, sentences
        again = Path(folder) / "again.db"
        if _release(db) == _release(fresh):
            return result, list(_different_bytes(policies, db, again, today))
        shutil.copyfile(db, again)
        return result, list(_faults(db.name, again))


def _release(db: Path) -> bytes:
    """Return the release of SQLite that wrote a file, from its header."""
    with db.open("rb") as file:
        return file.read(100)[96:]


def _different_bytes(policies: Path, db: Path, again: Path, today: str) -> Iterator[str]:
    """Yield a sentence if a build with the log that `db` has, written to `again`, does not give its bytes."""
    try:
        build(policies, again, today, log=lambda _: _stored_log(db), cached=False)
        same = again.read_bytes() == db.read_bytes()
    except (sqlite3.DatabaseError, PolicykbError):
        same = False
    if not same:
        yield f"{db.name}: no row differs, but the bytes do: an index, the search, the history or free space"


def _stored_log(db: Path) -> Log:
    """Return the change log in `db`."""
    connection = sqlite3.connect(f"{db.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        (history,) = connection.execute(
            "select value from kb_info where key = 'history'"
        ).fetchone()
        rows: dict[str | None, list] = {}
        for commit, *row in connection.execute(_CHANGES):
            rows.setdefault(commit, []).append(row)
        commits = [
            Commit(commit, time, subject, rows.get(commit, []), {})
            for commit, time, subject in connection.execute(_COMMITS)
        ]
        return Log(history, commits, rows.get(None, []))
    finally:
        connection.close()


def _faults(name: str, copy: Path) -> Iterator[str]:
    """Yield the faults that SQLite finds in a copy of the database `name`."""
    try:
        verify(copy)
    except (sqlite3.DatabaseError, PolicykbError) as error:
        yield f"{name} cannot be read as a knowledge base: {error}"


def differences(old: Path, new: Path) -> Iterator[str]:
    """Yield a sentence for each difference between the databases at `old` and `new`."""
    if not old.is_file():
        yield f"{old.name} does not exist"
        return
    connection = sqlite3.connect(f"{old.resolve().as_uri()}?mode=ro", uri=True)
    connection.execute("pragma trusted_schema = off")
    connection.execute("pragma cell_size_check = on")
    try:
        connection.execute("attach ? as fresh", (f"{new.resolve().as_uri()}?mode=ro",))
        yield from _differences(connection)
    except sqlite3.DatabaseError as error:
        yield f"{old.name} cannot be read as a knowledge base: {error}"
    finally:
        connection.close()


def _differences(connection: sqlite3.Connection) -> Iterator[str]:
    """Yield how the databases `main` and `fresh` of a connection differ."""
    was, now = (set(connection.execute(_SCHEMA.format(schema))) for schema in ("main", "fresh"))
    if was != now:
        for kind, name in sorted({(kind, name) for kind, name, _ in was ^ now}):
            yield f"{kind} {name}: the schema differs"
        return
    yield from log_faults(connection)
    tables = {name: text for kind, name, text in now if kind == "table"}
    virtual = [name for name, text in tables.items() if "virtual table" in text.lower()]
    for name in sorted(tables.keys() - LOGGED - {*virtual}):
        if not name.startswith(tuple(f"{search}_" for search in virtual)):  # bytes of an index
            yield from _different_rows(connection, name)


def _different_rows(connection: sqlite3.Connection, name: str) -> Iterator[str]:
    own = " where key not in ('history', 'history_to')" if name == "kb_info" else ""
    for sign, first, second in (("missing", "fresh", "main"), ("extra", "main", "fresh")):
        rows = connection.execute(
            f'select * from (select * from {first}."{name}"{own} except select * from {second}."{name}"{own}) limit ?',
            (MOST_ROWS + 1,),
        ).fetchall()
        for row in rows[:MOST_ROWS]:
            yield f"{name}: {sign} row {tuple(row)!r:.160}"
        if len(rows) > MOST_ROWS:
            yield f"{name}: more {sign} rows"


def log_faults(connection: sqlite3.Connection) -> Iterator[str]:
    """Yield a sentence for each fault in the log of the database `main`, compared with that of `fresh`."""
    main, fresh = (_log(connection, schema) for schema in ("main", "fresh"))
    main_state, fresh_state = (
        connection.execute(f"select value from {schema}.kb_info where key = 'history'").fetchone()
        for schema in ("main", "fresh")
    )
    complete = fresh_state == ("complete",)
    common = [commit for commit in main if commit in fresh]
    if complete and main_state != fresh_state and len(fresh) > 1:
        yield "changes: it was built without the whole git history, which is there now"
        return
    for commit in common:
        if main[commit] != fresh[commit]:
            yield f"changes: the entries of commit {commit[:12]} are not those of the git history"
    if common and complete and main_state == fresh_state:
        for log, other, fault in ((fresh, main, "missing"), (main, fresh, "extra")):
            order = list(log)
            for commit in order[: order.index(common[-1])]:
                if commit not in other:
                    yield f"commits: {fault} commit {commit[:12]}"


def _log(connection: sqlite3.Connection, schema: str) -> dict[str, list[tuple]]:
    """Return the entries of each commit, in order."""
    log: dict[str, list[tuple]] = {}
    for commit, _, *row in connection.execute(_LOG.format(schema, schema)):
        log.setdefault(commit, []).append(tuple(row))
    return log
