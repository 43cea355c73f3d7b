"""How a kb.db differs from a fresh build of its files: schema, rows and change log, not bytes.

A database is committed together with the files it is built from. It cannot name its own commit, and a commit may be merged
or squashed into another one; and not every clone has the whole history. So two logs must be alike up to the last commit that
both know, and after it each may have what the other cannot know yet. That is enough to find a log that was changed by hand.
"""

import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from policykb.build.load import Progress, Result, build
from policykb.model.change_log import ReadLog, empty_log

MOST_ROWS = 3  # of a table that are shown
LOGGED = ("commits", "changes")
_SCHEMA = """
select type, name, sql from {}.sqlite_master
where name not like 'sqlite_%' and name not like 'search\\__%' escape '\\' order by type, name"""
_LOG = """
select m.id, m.position, m.time, m.subject, c.kind, c.record, c.change, c.pointer, c.place, c."before", c."after", c.class, c.stated
from {}.commits m left join {}.changes c on c."commit" = m.id order by m.position, c.id"""


def compare(
    policies: Path,
    db: Path,
    today: str,
    progress: Progress | None = None,
    processes: int | None = None,
    log: ReadLog = empty_log,
) -> tuple[Result, list[str]]:
    """Return the result of a fresh build of `policies`, and how `db` differs from it. Writes nothing beside `db`."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / "kb.db"
        result = build(policies, fresh, today, progress, processes, log)
        return result, [] if result.errors else list(differences(db, fresh))


def differences(old: Path, new: Path) -> Iterator[str]:
    """Yield in words what the database at `new` has and the one at `old` does not, and the other way round."""
    if not old.is_file():
        yield f"{old.name} does not exist"
        return
    connection = sqlite3.connect(f"{old.resolve().as_uri()}?mode=ro", uri=True)
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
    yield from agreement(connection)
    tables = {name: text for kind, name, text in now if kind == "table"}
    for name in sorted(tables.keys() - LOGGED):
        if "virtual table" not in tables[name].lower():
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


def agreement(connection: sqlite3.Connection) -> Iterator[str]:
    """Yield in words what is wrong with the log of the database `main`, next to that of `fresh`."""
    kept, fresh = (_log(connection, schema) for schema in ("main", "fresh"))
    states = [
        connection.execute(f"select value from {schema}.kb_info where key = 'history'").fetchone()
        for schema in ("main", "fresh")
    ]
    common = [hash for hash in kept if hash in fresh]
    if states[1] == ("complete",) and states[0] != ("complete",) and len(fresh) > 1:
        yield "changes: it was built without the whole git history, which is there now"
        return
    for hash in common:
        if kept[hash] != fresh[hash]:
            yield f"changes: the entries of commit {hash[:12]} are not those of the git history"
    if common and states == [("complete",), ("complete",)]:
        for one, other, said in ((fresh, kept, "missing"), (kept, fresh, "extra")):
            order = list(one)
            for hash in order[: order.index(common[-1])]:
                if hash not in other:
                    yield f"commits: {said} commit {hash[:12]}"


def _log(connection: sqlite3.Connection, schema: str) -> dict[str, list[tuple]]:
    found: dict[str, list[tuple]] = {}
    for hash, _, *row in connection.execute(_LOG.format(schema, schema)):
        found.setdefault(hash, []).append(tuple(row))
    return found
