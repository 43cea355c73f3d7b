"""Chunks -> kb.db: built beside its place, checked, and put there whole or not at all.

At any moment the file is the old one or the new one. The same files give the same bytes: rows in order of ids,
no clock, no host name, no path of the machine.
"""

import gc
import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from policykb.build.parallel import chunks
from policykb.checks.base_rules import check_base, kept_ids
from policykb.checks.facts import Knowledge
from policykb.files.catalogue import Earlier
from policykb.files.folder import lock, sync
from policykb.files.reader import FileRef, locate, read, sources
from policykb.model import vocabulary
from policykb.model.faults import fault
from policykb.model.problems import ERROR, NotDone, Problem, placed
from policykb.model.records import FOLDERS, TABLES

if TYPE_CHECKING:
    from policykb.history.log import Log

SCHEMA_VERSION = 1
APPLICATION_ID = 0x504B4231  # "PKB1"
Progress = Callable[[int, int], None]
Proposed = Mapping[
    str, bytes | None
]  # what files would hold, by path; None: the file would be gone


class Broken(NotDone):
    """The file that was built does not hold together; nothing was replaced."""


class Result(NamedTuple):
    """What a run found: the problems, sorted, and the number of records a kind."""

    problems: list[Problem]
    counts: dict[str, int]

    @property
    def errors(self) -> int:
        """How many problems are errors."""
        return sum(problem.severity == ERROR for problem in self.problems)


def sql(name: str) -> str:
    """A SQL file of this package."""
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


def check(
    policies: Path,
    today: str,
    progress: Progress | None = None,
    texts: Path | None = None,
    processes: int | None = None,
    proposed: Proposed | None = None,
    earlier: Earlier | None = None,
) -> Result:
    """Everything that is wrong with the files under `policies`, or would be with those `proposed`; writes nothing.

    `earlier` is a state of which no id may have disappeared.
    """
    base, problems, _ = _read(policies, today, None, progress, processes, proposed)
    if earlier is not None:
        problems += _placed(policies, kept_ids(base, earlier), proposed)
    if texts is not None:
        from policykb.checks.texts import check_texts

        problems += _placed(policies, check_texts(base, texts))
    return Result(sorted(set(problems)), base.counts)


def load(
    policies: Path,
    db: Path,
    today: str,
    progress: Progress | None = None,
    wait: float = 60,
    processes: int | None = None,
    log: "Log | None" = None,
) -> Result:
    """Build `db` from the files under `policies`, and replace it if nothing is wrong.

    `log` is their change log; unless given, it is read from their git history. Warnings do not stop it and are kept in the table `problems`.
    :raises folder.Busy: if another load of the same folder does not end within `wait` seconds.
    :raises Broken: if the built file fails its checks.
    :raises OSError, sqlite3.Error: if the disk is full or the place cannot be written.
    """
    with lock(db.parent, f"another load is writing in {db.parent}", wait):
        for stray in db.parent.glob(f".{db.name}.*.building*"):
            stray.unlink(missing_ok=True)
        place = db.parent / f".{db.name}.{os.getpid()}.building"
        try:
            result = build(policies, place, today, progress, processes, log)
            if not result.errors:
                sync(place)
                os.replace(place, db)
                sync(db.parent)
        finally:
            place.unlink(missing_ok=True)
    return result


def build(
    policies: Path,
    place: Path,
    today: str,
    progress: Progress | None = None,
    processes: int | None = None,
    log: "Log | None" = None,
) -> Result:
    """Write a new database at `place`; incomplete if the result has errors. Raises as `load` does."""
    connection = sqlite3.connect(place, isolation_level=None)
    try:
        for setting in (
            "page_size = 8192",
            "journal_mode = off",
            "synchronous = off",
            "locking_mode = exclusive",
            "cache_size = -200000",
            "temp_store = memory",
            "foreign_keys = off",
            f"application_id = {APPLICATION_ID}",
            f"user_version = {SCHEMA_VERSION}",
        ):
            connection.execute(f"pragma {setting}")
        connection.execute("begin")
        _create(connection)
        base, problems, content = _read(policies, today, connection, progress, processes)
        result = Result(sorted(set(problems)), base.counts)
        if not result.errors and log is None:
            log, failed = _history(policies)
            result = Result(sorted({*problems, *failed}), base.counts)
        if not result.errors:
            _finish(
                connection,
                result,
                content,
                dict(base.about.texts),
                log,
            )
            connection.execute("commit")
            _verify(connection)
        return result
    finally:
        connection.close()


def _history(policies: Path) -> tuple["Log | None", list[Problem]]:
    """The change log from the git history; a fault in reading it is a problem, as a log without it would be false."""
    from policykb.history import log

    try:
        return log.read(policies), []
    except Exception as error:
        return None, [placed(fault(error, "reading the history"), policies.name, 0)]


def compare(
    policies: Path,
    db: Path,
    today: str,
    progress: Progress | None = None,
    processes: int | None = None,
) -> tuple[Result, list[str]]:
    """How `db` differs from a fresh build: schema and rows, not bytes; of the change log what `agreement` asks. Writes nothing beside `db`."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / "kb.db"
        result = build(policies, fresh, today, progress, processes)
        return result, [] if result.errors else list(differences(db, fresh))


def differences(old: Path, new: Path) -> Iterator[str]:
    """What the database at `new` says that the one at `old` does not, and the other way round, in words."""
    from policykb.history.agreement import agreement

    if not old.is_file():
        yield f"{old.name} does not exist"
        return
    connection = sqlite3.connect(f"{old.resolve().as_uri()}?mode=ro", uri=True)
    try:
        connection.execute("attach ? as fresh", (f"{new.resolve().as_uri()}?mode=ro",))
        query = "select type, name, sql from {}.sqlite_master where name not like 'sqlite_%' and name not like 'search\\__%' escape '\\' order by type, name"
        was, now = (set(connection.execute(query.format(schema))) for schema in ("main", "fresh"))
        if was != now:
            for kind, name in sorted({(kind, name) for kind, name, _ in was ^ now}):
                yield f"{kind} {name}: the schema differs"
            return
        yield from agreement(connection)
        for name in sorted(
            name
            for kind, name, text in now
            if kind == "table"
            and "virtual table" not in text.lower()
            and name not in ("commits", "changes")
        ):
            told = " where key not in ('history', 'history_to')" if name == "kb_info" else ""
            for sign, first, second in (("missing", "fresh", "main"), ("extra", "main", "fresh")):
                rows = connection.execute(
                    f'select * from (select * from {first}."{name}"{told} except select * from {second}."{name}"{told}) limit 4'
                ).fetchall()
                for row in rows[:3]:
                    yield f"{name}: {sign} row {tuple(row)!r:.160}"
                if len(rows) > 3:
                    yield f"{name}: more {sign} rows"
    except sqlite3.DatabaseError as error:
        yield f"{old.name} cannot be read as a knowledge base: {error}"
    finally:
        connection.close()


def _read(
    policies: Path,
    today: str,
    connection: sqlite3.Connection | None,
    progress: Progress | None,
    processes: int | None,
    proposed: Proposed | None = None,
) -> tuple[Knowledge, list[Problem], str]:
    """Read every file once: into `connection` if there is one, and into facts; then apply the rules across records."""
    gc.disable()  # nothing here makes circles, and looking for them in millions of rows takes a quarter of the time
    try:
        with lock(policies, f"another command is writing in {policies}", shared=True):
            return _read_all(policies, today, connection, progress, processes, proposed)
    finally:
        gc.enable()


def _read_all(
    policies: Path,
    today: str,
    connection: sqlite3.Connection | None,
    progress: Progress | None,
    processes: int | None,
    proposed: Proposed | None,
) -> tuple[Knowledge, list[Problem], str]:
    found, problems = sources(policies, proposed)
    base, digest, done = Knowledge(today), hashlib.sha256(), 0
    failed = False
    inserts: dict[str, str] = {}
    for chunk in chunks(found, processes, rows=connection is not None):
        problems.extend(chunk.problems)
        failed = failed or any(problem.severity == ERROR for problem in chunk.problems)
        for facts in chunk.facts:
            base.add(facts)
        for path, hash in chunk.hashes:
            digest.update(path.encode() + b"\0" + hash)
        failed = failed or bool(base.repeated)
        if connection and not failed:
            for table, rows in chunk.rows.items():
                if table not in inserts:
                    inserts[table] = f"insert into {table} values ({','.join('?' * len(rows[0]))})"
                connection.executemany(inserts[table], rows)
        done += chunk.files
        if progress:
            progress(done, len(found))
    problems += _placed(policies, check_base(base), proposed)
    return base, problems, digest.hexdigest()


def _placed(policies: Path, found: Iterator, proposed: Proposed | None = None) -> list[Problem]:
    """Findings across records as problems, each at its line; every file is read once more at most."""
    by_file: dict[str, list] = {}
    for facts, finding in found:
        by_file.setdefault(facts.path, []).append(
            finding._replace(pointer=(*facts.prefix, *finding.pointer))
        )
    problems: list[Problem] = []
    for path, findings in by_file.items():
        data = (proposed or {}).get(path) or read(
            FileRef("", "", path, str(policies.parent / path) if policies.name else path)
        )
        problems += locate(path, data if isinstance(data, bytes) else b"", findings)
    return problems


def _create(connection: sqlite3.Connection) -> None:
    """Tables, and the lookup tables with their terms."""
    for name, terms in vocabulary.VOCABULARIES.items():
        extra = terms[0].columns
        columns = "".join(f", {column} text not null" for column in extra)
        connection.execute(
            f"create table {name} (id text primary key, position integer not null, label text not null, definition text not null{columns}) strict"
        )
        marks = ",".join("?" * (4 + len(extra)))
        connection.executemany(
            f"insert into {name} values ({marks})",
            [
                (
                    term.id,
                    position,
                    term.label,
                    term.definition,
                    *(getattr(term, column) for column in extra),
                )
                for position, term in enumerate(terms, 1)
            ],
        )
    _script(connection, sql("schema.sql"))


def _script(connection: sqlite3.Connection, text: str) -> None:
    """Run the statements of a SQL file inside the open transaction, which `executescript` would commit."""
    statement = ""
    for line in text.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            connection.execute(statement)
            statement = ""


def _finish(
    connection: sqlite3.Connection, result: Result, content: str, told: dict[str, str], log: "Log"
) -> None:
    """What comes after the rows: warnings, changes, counts, search, indexes, views, and facts about the file with what about.toml told."""
    connection.executemany(
        "insert into problems values (null, ?, ?, ?, ?, ?)",
        [(p.path, p.line, p.code, p.key, p.sentence()) for p in result.problems],
    )
    connection.executemany(
        "insert into commits values (?, ?, ?, ?)",
        [
            (one.hash, position, one.time, one.subject)
            for position, one in enumerate(log.commits, 1)
        ],
    )
    for hash, rows in (*((one.hash, one.rows) for one in log.commits), (None, log.pending)):
        connection.executemany(
            "insert into changes values (null, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(hash, *row) for row in rows],
        )
    _script(connection, sql("counts.sql"))
    _script(connection, sql("finish.sql"))
    _script(connection, sql("views.sql"))
    _script(connection, sql("indexes.sql"))
    info = {
        "schema_version": str(SCHEMA_VERSION),
        "content_sha256": content,
        "history": log.history,
    } | told
    if log.commits:
        info["history_to"] = log.commits[-1].hash
    info |= {
        f"count_{kind}": str(result.counts.get(kind, 0)) for kind in sorted((*FOLDERS, *TABLES))
    }
    connection.executemany("insert into kb_info values (?, ?)", sorted(info.items()))


def _verify(connection: sqlite3.Connection) -> None:
    """Integrity, foreign keys, full-text indexes.

    :raises Broken: with the first thing that does not hold.
    """
    orphan = connection.execute("pragma foreign_key_check").fetchone()
    if orphan:
        raise Broken(
            f"row {orphan[1]} of {orphan[0]} refers to a row of {orphan[2]} that does not exist"
        )
    state = connection.execute("pragma quick_check(1)").fetchone()[0]
    if state != "ok":
        raise Broken(f"integrity check: {state}")
    connection.execute("insert into search(search) values ('integrity-check')")
    connection.execute(
        "insert into search_identifiers(search_identifiers) values ('integrity-check')"
    )
