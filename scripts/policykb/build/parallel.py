"""policies/ -> chunks of rows, facts and problems, in the order of kinds and ids.

Reading and validating is spread over the cores once there are enough files to pay for it; what comes out
does not depend on that.
"""

import hashlib
import marshal
import os
from collections import deque
from collections.abc import Iterator
from dataclasses import astuple
from typing import NamedTuple

from policykb.build.rows import Rows, add_rows
from policykb.checks.editorial import Shorthand, check_text
from policykb.checks.rules import check_record
from policykb.files.knowledge import Facts, facts
from policykb.files.reader import Source, locate, parse, read
from policykb.model.faults import fault
from policykb.model.problems import CODES, ERROR, Problem, placed

CHUNK = 100
# From here on a forked process pays at once; measured at 0.6 of one process for 900 files.
FILES_FOR_TWO = 500


class Chunk(NamedTuple):
    """What some files became: rows by table and columns, facts, problems, the SHA-256 of each file, their number."""

    rows: dict[tuple[str, ...], list[tuple]]
    facts: list[Facts]
    problems: list[Problem]
    hashes: list[tuple[str, bytes]]
    files: int


class Task(NamedTuple):
    """What the reading of a file needs from files read before: names of organizations by id, shorthand to look for; whether to make rows."""

    rows: bool
    shorthand: Shorthand | None = None
    names: dict[str, str] | None = None


_task = Task(rows=False)  # of a worker


def chunks(
    sources: list[Source], processes: int | None = None, rows: bool = True
) -> Iterator[Chunk]:
    """Yield the files in `sources` as chunks, in order, with bounded memory. `processes` None: as many as pay."""
    about = [source for source in sources if source.kind == "about"]
    tables = [source for source in sources[len(about) :] if not source.id]
    first = compile_files(about, Task(rows))
    yield first
    task = Task(rows, Shorthand.of(first.facts))
    second = compile_files(tables, task)
    yield second
    organizations = [
        facts for facts in second.facts if facts.kind == "organization" and facts.valid
    ]
    task = task._replace(names={facts.id: facts.names[0] for facts in organizations})
    records = sources[len(about) + len(tables) :]
    parts = [records[start : start + CHUNK] for start in range(0, len(records), CHUNK)]
    if processes is None:
        processes = _cores() if len(records) >= FILES_FOR_TWO else 1
    if processes == 1:
        for part in parts:
            yield compile_files(part, task)
    else:
        yield from _spread(parts, task, processes)


def _spread(parts: list[list[Source]], task: Task, processes: int) -> Iterator[Chunk]:
    """Yield the chunk of each part, in order, from several processes."""
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(processes, context, initializer=_begin, initargs=(task,)) as pool:
        waiting: deque = deque()
        for part in parts:
            waiting.append(pool.submit(_packed, part))
            if len(waiting) > 2 * processes:
                yield _unpacked(waiting.popleft().result())
        while waiting:
            yield _unpacked(waiting.popleft().result())


def _cores() -> int:
    """Return how many processes can share the work, where a process is forked and so starts at once; else 1."""
    if hasattr(os, "fork") and hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return 1


def compile_files(sources: list[Source], task: Task) -> Chunk:
    """Read, validate and check each file for itself."""
    chunk = Chunk(Rows(), [], [], [], len(sources))
    for source in sources:
        known = len(chunk.facts)
        try:
            _compile(chunk, source, task)
        except Exception as error:  # a fault in a rule or parser; all other files are judged
            chunk.problems.append(placed(fault(error), source.path, 0))
            chunk.facts[known:] = [Facts(source.kind, source.id, source.path, (), valid=False)]
    return chunk


def _compile(chunk: Chunk, source: Source, task: Task) -> None:
    data = read(source)
    if not isinstance(data, bytes):
        chunk.problems.append(placed(data, source.path, 0))
        chunk.facts.append(Facts(source.kind, source.id, source.path, (), valid=False))
        return
    chunk.hashes.append((source.path, hashlib.sha256(data).digest()))
    parsed, problems = parse(source, data)
    chunk.problems.extend(problems)
    if task.shorthand:
        chunk.problems.extend(check_text(source.path, data, task.shorthand))
    for item in parsed:
        chunk.facts.append(facts(item))
        if item.record is None or item.kind == "about":
            continue
        findings = [
            finding._replace(pointer=(*item.prefix, *finding.pointer))
            for finding in check_record(item.kind, item.id, item.record)
        ]
        if findings:
            chunk.problems.extend(locate(source.path, data, findings))
        wrong = any(CODES[finding.code].severity == ERROR for finding in findings)
        if task.rows and not wrong:
            add_rows(chunk.rows, item.kind, item.id, item.record, item.path, task.names or {})


def _begin(task: Task) -> None:
    """Begin a worker: keep its task, and end with the process that started it, even if that is killed.

    A worker that outlived it would wait for work for ever, and hold the lock of the load, which it inherits.
    """
    import multiprocessing
    import threading

    global _task

    def end_with_parent() -> None:
        multiprocessing.parent_process().join()
        os._exit(1)

    _task = task
    threading.Thread(target=end_with_parent, daemon=True).start()


def _packed(sources: list[Source]) -> bytes:
    """Return the chunk of some files as bytes, which cost less than pickled objects."""
    rows, facts, problems, hashes, files = compile_files(sources, _task)
    flat = [tuple(item) for item in facts], [astuple(problem) for problem in problems]
    return marshal.dumps((dict(rows), *flat, hashes, files))


def _unpacked(data: bytes) -> Chunk:
    rows, facts, problems, hashes, files = marshal.loads(data)
    return Chunk(
        rows,
        [Facts._make(item) for item in facts],
        [Problem(*item) for item in problems],
        hashes,
        files,
    )
