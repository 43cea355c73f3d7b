"""Build kb.db beside its place, check it, and replace the old file whole or not at all.

The same files give the same bytes: rows are in the order of ids, and the build uses no clock, host name or path.
"""

import contextlib
import functools
import gc
import hashlib
import marshal
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from itertools import chain, repeat
from pathlib import Path
from typing import NamedTuple

from policykb.build import APPLICATION_ID, SCHEMA_VERSION, layout, update
from policykb.build.cache import Cache, digest_of, in_order, opened, plain, software
from policykb.build.findings import TEMPORARY, Findings, after_change, keep
from policykb.build.parallel import Task, Work, begin, compile_files, records
from policykb.build.rows import IDENTIFIER, PLACES, Rows, columns, insert, name_key
from policykb.checks.base_rules import check_base, lasting_ids
from policykb.checks.facts import Knowledge, RecordFacts
from policykb.files import digests
from policykb.files.catalogue import Earlier
from policykb.files.folder import lock, sync
from policykb.files.reader import FileRef, lines_of, read, sources
from policykb.model import vocabulary
from policykb.model.change_log import EMPTY_LOG, Log, ReadLog, empty_log
from policykb.model.problems import ERROR, PolicykbError, Problem, placed, program_fault
from policykb.model.records import FOLDERS, TABLES

Progress = Callable[[int, int], None]
# New contents of files by path; None removes the file.
Proposed = Mapping[str, bytes | None]

# After a change of at most one file in so many, kb.db is updated.
UPDATED = 50


class Result(NamedTuple):
    """The result of a run: the problems, sorted, and the number of records of each kind.

    `state` is that of the files for the cache. `packed` has their SHA-256 by path as one piece of memory: many small ones
    would keep the memory of the facts, among which they lie, from being returned to the system.
    """

    problems: list[Problem]
    counts: dict[str, int]
    state: bytes | None = None
    packed: bytes = b""

    @property
    def digests(self) -> dict[str, bytes]:
        """Return the SHA-256 of the files by path."""
        return marshal.loads(self.packed)

    @property
    def errors(self) -> int:
        """Return the number of errors."""
        return sum(problem.severity == ERROR for problem in self.problems)


class Reading(NamedTuple):
    """The files that are read, with the changes `proposed`, problems of other entries, and the cache."""

    policies: Path
    files: list[FileRef]
    problems: list[Problem]
    cache: Cache
    proposed: Proposed


def sql(name: str) -> str:
    """Return the text of a SQL file of this package."""
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
    """Return the problems of the files under `policies`, with the changes `proposed`. Writes nothing.

    No id of the state `earlier` may have disappeared.
    """
    with _reading(policies, proposed) as reading:
        whole = earlier is None and texts is None
        state = reading.cache.state(today, reading.problems) if whole else None
        if whole and (stored := reading.cache.result("check", state)):
            return _result(*stored)
        with_texts = texts is not None
        findings = _findings(reading, today, progress, processes, whole, with_texts)
        base, problems = findings.base, findings.problems
        if earlier is not None:
            problems += _placed(reading, lasting_ids(base, earlier))
        if texts is not None:
            from policykb.checks.texts import check_texts

            problems += _placed(reading, check_texts(base, texts))
        result = Result(in_order(problems), base.counts)
        if TEMPORARY.isdisjoint(problem.code for problem in result.problems):
            reading.cache.keep_result("check", state, (plain(result.problems), result.counts))
    return result


def _result(problems: list[tuple], counts: dict[str, int]) -> Result:
    """Return a result that was stored as plain data."""
    return Result([Problem(*problem) for problem in problems], counts)


def load(
    policies: Path,
    db: Path,
    today: str,
    progress: Progress | None = None,
    wait: float = 60,
    processes: int | None = None,
    log: ReadLog = empty_log,
) -> Result:
    """Build `db` from the files under `policies`, and replace it unless there are errors.

    `log` reads their change log once they are valid. Warnings do not stop the load; they go into the table `problems`.
    :raises BusyError: if another load of the same folder does not end within `wait` seconds.
    :raises PolicykbError: if the built file fails its checks.
    :raises OSError, sqlite3.Error: if the disk is full or the place cannot be written.
    """
    with lock(db.parent, f"another load is writing in {db.parent}", wait):
        for stray in db.parent.glob(f".{db.name}.*.building*"):
            stray.unlink(missing_ok=True)
        place = db.parent / f".{db.name}.{os.getpid()}.building"
        log = functools.cache(log)
        try:
            with _reading(policies) as reading:
                state = reading.cache.state(today, reading.problems)
                if same := _unchanged(reading, db, state, log):
                    return same
                result = _update(reading, db, place, state, today, progress, log)
            del reading  # its list of files takes much memory
            result = result or build(policies, place, today, progress, processes, log)
            if not result.errors:
                sync(place)
                digests.replace(place, db)
                _keep(policies, db, result, log)
        except OSError as error:
            if error.filename in map(str, (place, _unfinished(place))):
                error.filename = str(db)
            raise
        finally:
            _unfinished(place).unlink(missing_ok=True)
            place.unlink(missing_ok=True)
    return result


def _unfinished(place: Path) -> Path:
    """Return where the database is made that is then written to `place` in order."""
    return place.with_name(f"{place.name}.unfinished")


def _unchanged(reading: Reading, db: Path, state: bytes | None, log: ReadLog) -> Result | None:
    """Return the result of the load that wrote `db` if another load would write the same bytes, else None."""
    digest, log_digest, *result = reading.cache.result("load", state) or ("", b"")
    if not digest or not db.is_file() or digests.stated(db) != {digest}:
        return None
    with contextlib.suppress(Exception):  # the build reports what is wrong with the log
        if log_digest == digest_of(repr(log(reading.policies))) and not digests.is_damaged(db):
            return _result(*result)
    return None


def _keep(policies: Path, db: Path, result: Result, log: ReadLog) -> None:
    """Keep the result of the load that wrote `db`."""
    with opened(policies) as cache:
        (digest,) = digests.stated(db)
        log_digest = digest_of(repr(log(policies)))
        stored = (digest, log_digest, plain(result.problems), result.counts)
        cache.keep_result("load", result.state, stored)
        cache.keep_result("loaded", digest_of(software()), (digest, result.packed))


def build(
    policies: Path,
    place: Path,
    today: str,
    progress: Progress | None = None,
    processes: int | None = None,
    log: ReadLog = empty_log,
    cached: bool = True,
) -> Result:
    """Write a new database at `place`; incomplete if the result has errors. Raises as `load` does.

    Unless it is `cached`, every file is read.
    """
    with _writing(_unfinished(place)) as connection:
        for number in (f"application_id = {APPLICATION_ID}", f"user_version = {SCHEMA_VERSION}"):
            connection.execute(f"pragma {number}")
        _create_vocabularies(connection)
        connection.execute("begin")
        _script(connection, sql("schema.sql"))
        with _reading(policies, cached=cached) as reading:
            result, about = _insert_records(reading, today, connection, progress, processes)
        del reading  # the files take half as much memory as what follows
        result, changes = _with_changes(result, policies, log)
        if result.errors:
            return result
        update.touch_all(connection)
        _add_schemes(connection, about.schemes)
        _show_schemes(connection, about.schemes)
        insert(connection, [_rows_of_all(result, about, changes)])
        for name in ("counts", "fulltext", "views", "indexes", "derived"):
            _script(connection, sql(f"{name}.sql"))
        connection.execute("commit")
        layout.write(connection, place)
    verify(place)
    return result


def _insert_records(
    reading: Reading,
    today: str,
    connection: sqlite3.Connection,
    progress: Progress | None,
    processes: int | None,
) -> tuple[Result, RecordFacts]:
    """Insert the rows of all records, and return the result and the facts of about.toml; all other facts are released."""
    state = reading.cache.state(today, reading.problems)
    work = begin(reading.files, cache=reading.cache)
    findings = _read(reading, work, today, connection, progress, processes)
    return _result_of(findings, state), findings.base.about


def _result_of(findings: Findings, state: bytes | None) -> Result:
    """Return the result of a load with these `findings`."""
    digests_by_path = marshal.dumps(findings.digests)
    return Result(in_order(findings.problems), findings.base.counts, state, digests_by_path)


def _with_changes(result: Result, policies: Path, log: ReadLog) -> tuple[Result, Log]:
    """Return a result and the change log; with an error if the log cannot be read, since kb.db would be wrong without it."""
    if result.errors:
        return result, EMPTY_LOG
    try:
        return result, log(policies)
    except Exception as error:
        problem = placed(program_fault(error, "reading the history"), policies.name, 0)
        return Result(in_order([*result.problems, problem]), result.counts), EMPTY_LOG


@contextlib.contextmanager
def _writing(place: Path) -> Iterator[sqlite3.Connection]:
    """Yield a connection to a database that is removed at the end: the one at `place`, or a new one."""
    connection = sqlite3.connect(place, isolation_level=None)
    try:
        for setting in (
            "page_size = 8192",
            "journal_mode = off",
            "synchronous = off",
            "locking_mode = exclusive",
            "cache_size = -32000",
            "foreign_keys = off",
        ):
            connection.execute(f"pragma {setting}")
        yield connection
    finally:
        connection.close()
        place.unlink(missing_ok=True)


@contextlib.contextmanager
def _reading(
    policies: Path, proposed: Proposed | None = None, cached: bool = True
) -> Iterator[Reading]:
    """Yield the files under `policies`, which no command changes meanwhile."""
    gc.disable()  # there are no cycles here, and looking for them takes a quarter of the time
    try:
        with lock(policies, f"another command is writing in {policies}", shared=True):
            files, problems = sources(policies, proposed)
            with opened(policies) if cached else contextlib.nullcontext(Cache()) as cache:
                cache.look(files)
                yield Reading(policies, files, problems, cache, proposed or {})
    finally:
        gc.enable()


def _update(
    reading: Reading,
    db: Path,
    place: Path,
    state: bytes | None,
    today: str,
    progress: Progress | None,
    log: ReadLog,
) -> Result | None:
    """Write to `place` what `build` would write there, by means of `db`; None if that is not possible or not faster."""
    digest, old = reading.cache.result("loaded", digest_of(software())) or ("", b"")
    if not digest or not db.is_file() or digests.stated(db) != {digest}:
        return None
    changed = _changed(reading, marshal.loads(old))
    if changed is None:
        return None
    findings = _findings(reading, today, progress)
    result, about = _result_of(findings, state), findings.base.about
    result, changes = _with_changes(result, reading.policies, log)
    if result.errors:
        return result
    shutil.copyfile(db, _unfinished(place))
    if digests.digest(_unfinished(place)) != digest:
        _unfinished(place).unlink()
        return None
    with _writing(_unfinished(place)) as connection:
        connection.execute("begin")
        _replace(connection, changed, reading.files, about.schemes)
        update.replace_all(connection, _rows_of_all(result, about, changes))
        connection.execute("commit")
        layout.write(connection, place)
    verify(place)
    return result


def _replace(
    connection: sqlite3.Connection,
    changed: list[str],
    files: list[FileRef],
    schemes: tuple[vocabulary.IdentifierScheme, ...],
) -> None:
    """Replace the rows of the records in the `changed` files, and what follows from them."""
    numbers = update.begin(connection, changed)
    names = dict(connection.execute("select id, name from organizations").fetchall())
    counted = update.counted(connection)
    update.touch(connection)
    update.remove(connection, numbers.values())
    for file in files:
        if number := numbers.get(file.path):
            rows = compile_files([file], Task(rows=True, names=names)).rows
            insert(connection, rows, number - 1)
    _show_schemes(connection, schemes)
    update.index(connection)
    update.touch(connection)
    _script(connection, sql("derived.sql"))
    if update.counted(connection) != counted:
        connection.execute("delete from counts")
        _script(connection, sql("counts.sql"))


def _changed(reading: Reading, old: dict[str, bytes]) -> list[str] | None:
    """Return the paths of the files of records that do not have the SHA-256 `old`; None if other files differ or these are many."""
    if [file.path for file in reading.files] != [*old]:
        return None
    most = max(len(old) // UPDATED, 1)
    changed = []
    for file in reading.cache.unlike(reading.files, old):
        data = read(file)
        if not isinstance(data, bytes) or digest_of(data) != old[file.path]:
            changed.append(file.path)
            if not file.id or len(changed) > most:
                return None
    return changed


def _findings(
    reading: Reading,
    today: str,
    progress: Progress | None,
    processes: int | None = None,
    in_part: bool = True,
    phrases: bool = False,
) -> Findings:
    """Return the findings on all files; `in_part` lets it judge only the records that a small change concerns."""
    work = begin(reading.files, rows=False, cache=reading.cache, phrases=phrases)
    findings = after_change(work, today, functools.partial(_placed, reading)) if in_part else None
    if not findings:
        return _read(reading, work, today, None, progress, processes)
    keep(work, findings)
    digests = dict(pair for chunk in work.head for pair in chunk.digests)
    digests |= {file.path: findings.digests[file.path] for file in work.records}
    return Findings(findings.base, [*reading.problems, *findings.problems], digests)


def _read(
    reading: Reading,
    work: Work,
    today: str,
    connection: sqlite3.Connection | None,
    progress: Progress | None,
    processes: int | None,
) -> Findings:
    """Read every file once, into facts and into `connection` if there is one; then apply the rules for all records."""
    findings = Findings(Knowledge(today), [], {})
    base, problems, *_ = findings
    count, number = 0, 0
    failed = False
    for chunk in chain(work.head, records(work, work.records, processes)):
        problems.extend(chunk.problems)
        for facts in chunk.facts:
            base.add(facts)
        findings.digests.update(chunk.digests)
        failed = failed or bool(base.repeated)
        failed = failed or any(problem.severity == ERROR for problem in chunk.problems)
        if connection and not failed:
            number = insert(connection, chunk.rows, number)
        count += chunk.files
        if progress:
            progress(count, len(reading.files))
    problems += _placed(reading, check_base(base))
    keep(work, findings)
    return findings._replace(problems=[*reading.problems, *problems])


def _placed(reading: Reading, findings: Iterator) -> list[Problem]:
    """Return findings as problems, each at its line. A file is read at most once more."""
    by_file: dict[str, list] = {}
    for facts, fault in findings:
        pointer = (*facts.prefix, *fault.pointer)
        by_file.setdefault(facts.path, []).append(fault._replace(pointer=pointer))
    problems: list[Problem] = []
    for path, group in by_file.items():
        pointers = [fault.pointer for fault in group]
        lines = reading.cache.lines(path, pointers)
        if lines is None:
            place = str(reading.policies.parent / path) if reading.policies.name else path
            data = read(FileRef("", "", path, place, reading.proposed.get(path)))
            data = data if isinstance(data, bytes) else b""
            lines = lines_of(data, pointers)
            reading.cache.keep_lines(path, data, pointers, lines)
        problems += map(placed, group, repeat(path), lines)
    return problems


def _create_vocabularies(connection: sqlite3.Connection) -> None:
    """Create the lookup tables with their terms."""
    for name, terms in vocabulary.VOCABULARIES.items():
        names = ("id", "position", "label", "definition", *terms[0].columns)
        rows = [
            (term.id, position, *(getattr(term, column) for column in names[2:]))
            for position, term in enumerate(terms, 1)
        ]
        types = ["INTEGER" if isinstance(value, int) else "TEXT" for value in rows[0]]
        types[0] += " PRIMARY KEY"
        pairs = zip(names, types, strict=True)
        fields = ",\n".join(f'   "{column}" {kind} NOT NULL' for column, kind in pairs)
        connection.execute(f'CREATE TABLE "{name}" (\n{fields}\n) STRICT')
        marks = ", ".join("?" * len(names))
        connection.executemany(f'insert into "{name}" values ({marks})', rows)


def _add_schemes(
    connection: sqlite3.Connection, schemes: tuple[vocabulary.IdentifierScheme, ...]
) -> None:
    """Add the schemes that about.toml declares to their lookup table."""
    for position, scheme in enumerate(schemes, len(vocabulary.IDENTIFIER_SCHEMES) + 1):
        columns = (getattr(scheme, column) for column in scheme.columns)
        row = (scheme.id, position, scheme.label, scheme.definition, *columns)
        marks = ", ".join("?" * len(row))
        connection.execute(f"insert into identifier_schemes values ({marks})", row)


def _show_schemes(
    connection: sqlite3.Connection, schemes: tuple[vocabulary.IdentifierScheme, ...]
) -> None:
    """Show the identifiers of the records in `remade` as the schemes say that about.toml declares."""
    numbers = """
    select id, action, value from action_identifiers where scheme = ? and action in (select id from remade)"""
    show = "update action_identifiers set display = ?, folded = ?, url = ? where id = ?"
    last = "select max(id) from names where id < ?"
    name = "insert into names (id, key, name, record, rank) values (?, ?, ?, ?, ?)"
    for scheme in schemes:
        for identifier, action, value in connection.execute(numbers, (scheme.id,)).fetchall():
            display, url = scheme.shown(value)
            connection.execute(show, (display, vocabulary.folded(display), url, identifier))
            if display != value and not name_key(display).isdigit():
                after = (identifier // PLACES + 1) * PLACES
                (place,) = connection.execute(last, (after,)).fetchone()
                row = (place + 1, name_key(display), display, action, IDENTIFIER)
                connection.execute(name, row)


def _script(connection: sqlite3.Connection, text: str) -> None:
    """Run the statements of a SQL file in the open transaction, which `executescript` would commit."""
    statement = ""
    for line in text.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            connection.execute(statement)
            statement = ""


def _rows_of_all(result: Result, about: RecordFacts, log: Log) -> Rows:
    """Return the rows that are not those of records: warnings, changes, facts about the file."""
    content = hashlib.sha256()
    for path, digest in result.digests.items():
        content.update(path.encode() + b"\0" + digest)
    rows = Rows()
    for problem in result.problems:
        rows.add(
            "problems",
            file=problem.path,
            line=problem.line,
            code=problem.code,
            key=problem.key,
            message=problem.sentence(),
        )
    for position, commit in enumerate(log.commits, 1):
        rows.add("commits", commit, id=commit.hash, position=position)
    changes = rows["changes", *columns()["changes"][1:]]
    for commit in log.commits:
        changes += [(commit.hash, *row) for row in commit.rows]
    changes += [(None, *row) for row in log.pending]
    info = {
        "schema_version": str(SCHEMA_VERSION),
        "content_sha256": content.hexdigest(),
        "history": log.history,
        **dict(about.texts),
        **{f"count_{kind}": str(result.counts.get(kind, 0)) for kind in (*FOLDERS, *TABLES)},
    }
    if log.commits:
        info["history_to"] = log.commits[-1].hash
    for key, value in sorted(info.items()):
        rows.add("kb_info", key=key, value=value)
    return rows


def verify(db: Path) -> None:
    """Verify the integrity of the file `db`, its foreign keys and its full-text indexes.

    :raises PolicykbError: with the first fault.
    :raises sqlite3.DatabaseError: if the file is not a database, or has no such indexes.
    """
    with contextlib.closing(sqlite3.connect(db)) as connection:
        if orphan := connection.execute("pragma foreign_key_check").fetchone():
            table, row, target, _ = orphan
            message = f"row {row} of {table} refers to a row of {target} that does not exist"
            raise PolicykbError(message)
        (state,) = connection.execute("pragma quick_check(1)").fetchone()
        if state != "ok":
            raise PolicykbError(f"integrity check: {state}")
        for table in ("search", "search_identifiers"):
            connection.execute(f"insert into {table}({table}) values ('integrity-check')")
