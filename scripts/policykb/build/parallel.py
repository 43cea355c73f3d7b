"""policies/ -> chunks of rows, facts and problems, in the order of kinds and ids.

Reading and validating is spread over the cores once there are enough files to pay for it; what comes out
does not depend on that.
"""

import hashlib
import marshal
import os
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import astuple
from typing import NamedTuple

from policykb.build.rows import add_rows
from policykb.checks.editorial import Shorthand, check_text
from policykb.checks.facts import RecordFacts, facts
from policykb.checks.record_rules import check_record
from policykb.files.positions import locate
from policykb.files.reader import FileRef, parse, read
from policykb.model.event_ids import Course
from policykb.model.faults import fault
from policykb.model.problems import CODES, ERROR, Problem, placed

CHUNK = 100
FILES_FOR_TWO = (
    500  # where a forked process starts at once; measured at 0.6 of one process for 900 files
)
_shared: list = []  # in a worker: the names of organizations by id, and the shorthand to look for


class Chunk(NamedTuple):
    """What some files became: rows by table, facts, problems, the SHA-256 of each file, their number."""

    rows: dict[str, list[tuple]]
    facts: list[RecordFacts]
    problems: list[Problem]
    hashes: list[tuple[str, bytes]]
    files: int


def chunks(
    sources: list[FileRef], processes: int | None = None, with_rows: bool = True
) -> Iterator[Chunk]:
    """Yield the files in `sources` as chunks, in order, with bounded memory. `processes` None: as many as pay.

    Without `with_rows`, the chunks have no rows, which saves a quarter of the time.
    """
    about = [source for source in sources if source.kind == "about"]
    tables = [source for source in sources[len(about) :] if not source.id]
    names: dict[str, str] | None = {} if with_rows else None
    first = compile_files(about, names)
    shorthand = Shorthand.of(first.facts)
    second = compile_files(tables, names, shorthand)
    if with_rows:
        names = {row[0]: row[1] for row in second.rows.get("organizations", ())}
    yield first
    yield second
    sources = sources[len(about) + len(tables) :]
    parts = [sources[start : start + CHUNK] for start in range(0, len(sources), CHUNK)]
    if processes is None:
        processes = _cores() if len(sources) >= FILES_FOR_TWO else 1
    if processes == 1:
        for part in parts:
            yield compile_files(part, names, shorthand)
        return
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(
        processes,
        multiprocessing.get_context("fork"),
        initializer=_work,
        initargs=(names, shorthand),
    ) as pool:
        waiting: deque = deque()
        for part in parts:
            waiting.append(pool.submit(_packed, part))
            if len(waiting) > 2 * processes:
                yield _unpacked(waiting.popleft().result())
        while waiting:
            yield _unpacked(waiting.popleft().result())


def _cores() -> int:
    """How many processes can share the work, where a process is forked and so starts at once; else 1."""
    return (
        len(os.sched_getaffinity(0))
        if hasattr(os, "fork") and hasattr(os, "sched_getaffinity")
        else 1
    )


def compile_files(
    sources: list[FileRef], names: dict[str, str] | None, shorthand: Shorthand | None = None
) -> Chunk:
    """Read, validate and check each file for itself. `names` are the names of organizations by id; None: make no rows."""
    chunk = Chunk(defaultdict(list), [], [], [], len(sources))
    for source in sources:
        known = len(chunk.facts)
        try:
            _compile(chunk, source, names, shorthand)
        except Exception as error:  # a fault in a rule or parser; all other files are judged
            chunk.problems.append(placed(fault(error), source.path, 0))
            chunk.facts[known:] = [RecordFacts(source.kind, source.id, source.path, (), False)]
    return chunk


def _compile(
    chunk: Chunk, source: FileRef, names: dict[str, str] | None, shorthand: Shorthand | None
) -> None:
    data = read(source)
    if not isinstance(data, bytes):
        chunk.problems.append(placed(data, source.path, 0))
        chunk.facts.append(RecordFacts(source.kind, source.id, source.path, (), False))
        return
    chunk.hashes.append((source.path, hashlib.sha256(data).digest()))
    parsed, problems = parse(source, data)
    chunk.problems.extend(problems)
    if shorthand:
        chunk.problems.extend(check_text(source.path, data, shorthand))
    for item in parsed:
        is_action = item.kind == "action" and item.record is not None
        course = Course(item.id, item.record) if is_action else None
        chunk.facts.append(facts(item, course))
        if item.record is None or item.kind == "about":
            continue
        findings = [
            finding._replace(pointer=(*item.prefix, *finding.pointer))
            for finding in check_record(item.kind, item.record, course)
        ]
        if findings:
            chunk.problems.extend(locate(source.path, data, findings))
        if names is None or any(CODES[finding.code].severity == ERROR for finding in findings):
            continue
        add_rows(chunk.rows, item.kind, item.id, item.record, item.path, names, course)


def _work(names: dict[str, str] | None, shorthand: Shorthand | None) -> None:
    """Begin a worker: keep `names` and `shorthand`, and end with the process that started it, even if that is killed.

    A worker that outlived it would wait for work for ever, and hold the lock of the load, which it inherits.
    """
    import multiprocessing
    import threading

    def end_with_parent() -> None:
        multiprocessing.parent_process().join()
        os._exit(1)

    _shared[:] = names, shorthand
    threading.Thread(target=end_with_parent, daemon=True).start()


def _packed(sources: list[FileRef]) -> bytes:
    chunk = compile_files(sources, *_shared)
    problems = [astuple(problem) for problem in chunk.problems]
    return marshal.dumps(
        (
            dict(chunk.rows),
            [tuple(item) for item in chunk.facts],
            problems,
            chunk.hashes,
            chunk.files,
        )
    )


def _unpacked(data: bytes) -> Chunk:
    rows, facts, problems, hashes, files = marshal.loads(data)
    return Chunk(
        rows,
        [RecordFacts._make(item) for item in facts],
        [Problem(*item) for item in problems],
        hashes,
        files,
    )
