"""policies/ -> chunks of rows, facts and problems, in the order of kinds and ids.

What an earlier run made of a file comes from the cache. With many other files, several processes read and validate them;
the result does not depend on it.
"""

import marshal
import os
from collections import deque
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from policykb.build.cache import Cache, Packed, digest_of, plain, software
from policykb.build.rows import Rows, add_rows
from policykb.checks.editorial import Shorthand, check_text
from policykb.checks.facts import RecordFacts, facts
from policykb.checks.record_rules import check_record, check_rest
from policykb.files.reader import FileRef, locate, parse, read
from policykb.model.course import Course
from policykb.model.problems import CODES, ERROR, Problem, fault, placed

if TYPE_CHECKING:
    from concurrent.futures import Executor

CHUNK = 100
# From here on several processes are faster; measured: 0.6 of the time of one process for 900 files.
FILES_FOR_TWO = 500


class Chunk(NamedTuple):
    """The result of reading some files: rows by table and columns, facts, problems, the SHA-256 of each file, their number.

    Each part of the rows numbers its records from 1.
    """

    rows: list[dict[tuple[str, ...], list[tuple]]]
    facts: list[RecordFacts]
    problems: list[Problem]
    digests: list[tuple[str, bytes]]
    files: int


class Task(NamedTuple):
    """How to read a file: whether to make rows, the shorthand to look for, and the names of organizations by id.

    With `apart`, what is made of each file is kept apart from that of others, for the cache.
    """

    rows: bool
    shorthand: Shorthand | None = None
    names: dict[str, str] | None = None
    apart: bool = False


_task = Task(rows=False)  # of a worker


class Work(NamedTuple):
    """Files to read: the chunks of about.toml and of the tables, which are read first, and the files of records.

    `unchanged` has the SHA-256 of the files of records that are in the cache. `key` is a digest of what the facts and
    problems of records depend on beside the records themselves.
    """

    head: tuple[Chunk, Chunk]
    records: list[FileRef]
    task: Task
    cache: Cache
    unchanged: dict[str, bytes]
    key: bytes
    phrases: bool


def begin(
    sources: list[FileRef], rows: bool = True, cache: Cache | None = None, phrases: bool = False
) -> Work:
    """Return the work on the files in `sources`, with or without rows and the phrases in facts."""
    cache = cache or Cache()
    about = [source for source in sources if source.kind == "about"]
    tables = [source for source in sources[len(about) :] if not source.id]
    records = sources[len(about) + len(tables) :]
    first = compile_files(about, Task(rows))
    task = Task(rows, Shorthand.of(first.facts), apart=cache.is_open)
    second = compile_files(tables, task)
    organizations = [
        facts for facts in second.facts if facts.kind == "organization" and facts.valid
    ]
    task = task._replace(names={facts.id: facts.names[0] for facts in organizations})
    cache.begin(task.shorthand, task.names if rows else None)
    key = digest_of(repr((software(), first.facts, second.facts)))
    return Work((first, second), records, task, cache, cache.unchanged(records), key, phrases)


def records(work: Work, files: list[FileRef], processes: int | None = None) -> Iterator[Chunk]:
    """Yield some files of records as chunks, in order, with limited memory; those in the cache are not read.

    `processes` None: as many as are useful.
    """
    parts = []
    unchanged = work.unchanged if work.cache.is_open else {}
    for is_new, group in groupby(files, lambda file: file.path not in unchanged):
        some = list(group)
        parts += [(is_new, some[start : start + CHUNK]) for start in range(0, len(some), CHUNK)]
    new = [some for is_new, some in parts if is_new]
    if processes is None:
        processes = cores() if sum(map(len, new)) >= FILES_FOR_TWO else 1
    alone = processes == 1 or not new
    compiled = (
        (_packed(some, work.task) for some in new) if alone else _spread(new, work.task, processes)
    )
    share: dict[object, object] = {file.id: file.id for file in files}
    for is_new, some in parts:
        packed = next(compiled) if is_new else work.cache.get(some)
        if is_new:
            work.cache.put(some, packed)
        yield _unpacked(packed or _packed(some, work.task), some, share, work.phrases)


def _spread(parts: list[list[FileRef]], task: Task, processes: int) -> Iterator[list[Packed]]:
    """Yield what is made of each part, in order, by several processes."""
    with workers(processes, _take, task) as pool:
        waiting: deque = deque()
        for part in parts:
            waiting.append(pool.submit(_work, part))
            if len(waiting) > 2 * processes:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def workers(
    processes: int, begin: Callable[..., None] | None = None, *arguments: object
) -> "Executor":
    """Return a pool of processes, each of which begins with `begin(*arguments)`, if given; it needs a system that can fork."""
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    context = multiprocessing.get_context("fork")
    return ProcessPoolExecutor(processes, context, initializer=_begin, initargs=(begin, *arguments))


def cores() -> int:
    """Return the number of processes for the work; 1 if the system cannot fork, since other processes start slowly."""
    if hasattr(os, "fork") and hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return 1


def compile_files(sources: list[FileRef], task: Task) -> Chunk:
    """Return the chunk of some files, each read, validated and checked by itself."""
    chunk = Chunk([Rows()], [], [], [], len(sources))
    for source in sources:
        known, hashed = len(chunk.facts), len(chunk.digests)
        try:
            _compile(chunk, source, task)
        except Exception as error:  # a fault in a rule or parser; all other files are judged
            del chunk.digests[hashed:]
            chunk.problems.append(placed(fault(error), source.path, 0))
            chunk.facts[known:] = [RecordFacts(source.kind, source.id, source.path, (), False)]
    return chunk


def _compile(chunk: Chunk, source: FileRef, task: Task) -> None:
    data = read(source)
    if not isinstance(data, bytes):
        chunk.problems.append(placed(data, source.path, 0))
        chunk.facts.append(RecordFacts(source.kind, source.id, source.path, (), False))
        return
    chunk.digests.append((source.path, digest_of(data)))
    parsed, problems = parse(source, data)
    chunk.problems.extend(problems)
    if task.shorthand:
        chunk.problems.extend(check_text(source.path, data, task.shorthand))
    for item in parsed:
        record = item.record or (item.rest() if item.content else None)
        course = Course(item.id, record) if item.kind == "action" and record else None
        chunk.facts.append(facts(item, course))
        if record is None:
            continue
        judge = check_record if item.record else check_rest
        findings = [
            finding._replace(pointer=(*item.prefix, *finding.pointer))
            for finding in judge(item.kind, record, course)
        ]
        if findings:
            chunk.problems.extend(locate(source.path, data, findings))
        wrong = any(CODES[finding.code].severity == ERROR for finding in findings)
        if task.rows and item.record and not wrong:
            add_rows(
                chunk.rows[0], item.kind, item.id, item.record, item.path, task.names or {}, course
            )


def _begin(begin: Callable[..., None] | None, *arguments: object) -> None:
    """Begin a worker, which ends with the process that started it, even if that process is killed.

    Otherwise the worker would wait for work for ever, and keep the locks of that process, which it inherits.
    """
    import multiprocessing
    import threading

    def end_with_parent() -> None:
        multiprocessing.parent_process().join()
        os._exit(1)

    threading.Thread(target=end_with_parent, daemon=True).start()
    if begin:
        begin(*arguments)


def _take(task: Task) -> None:
    """Keep what a worker has to do."""
    global _task
    _task = task


def _work(sources: list[FileRef]) -> list[Packed]:
    return _packed(sources, _task)


def _packed(sources: list[FileRef], task: Task) -> list[Packed]:
    """Return what is made of some files as bytes, which are faster than pickled objects."""
    parts = [[source] for source in sources] if task.apart else [sources]
    return [_pack(compile_files(part, task)) for part in parts]


def _pack(chunk: Chunk) -> Packed:
    flat = [tuple(item) for item in chunk.facts], plain(chunk.problems)
    digest = chunk.digests[0][1] if len(chunk.digests) == chunk.files == 1 else b""
    facts = marshal.dumps((*flat, chunk.digests, chunk.files))
    (rows,) = chunk.rows
    return Packed(digest, facts, marshal.dumps(dict(rows)) if rows else b"")


def _unpacked(
    parts: list[Packed], files: list[FileRef], share: dict[object, object], phrases: bool
) -> Chunk:
    """Return one chunk of what was made of `files`, in one part or several; the facts have phrases only on request.

    Equal values of facts become one object, in `share`.
    """
    all_rows: list[dict] = []
    all_facts: list[tuple] = []
    all_problems: list[Problem] = []
    digests: dict[str, bytes] = {}
    for packed in parts:
        some, problems, hashes, _ = marshal.loads(packed.facts)
        all_facts += some
        all_problems += [Problem(*item) for item in problems]
        digests.update((path, packed.digest or digest) for path, digest in hashes)
        if packed.rows:
            all_rows.append(marshal.loads(packed.rows))
    pairs = zip(all_facts, files, strict=True)
    shared = [_shared(item, file, share, phrases) for item, file in pairs]
    hashes = [(file.path, digests[file.path]) for file in files if file.path in digests]
    return Chunk(all_rows, shared, all_problems, hashes, len(files))


# The parts of facts that do not come from the file's name; whether records often have equal ones.
_OFTEN = [name not in ("address", "phrases") for name in RecordFacts._fields[3:]]


def _shared(item: tuple, file: FileRef, share: dict, phrases: bool) -> RecordFacts:
    """Return the facts of `file` in which equal values are one object; otherwise they take three times the memory."""
    values = [
        _shared_value(value, share, whole=False) if value and often else value
        for value, often in zip(item[3:], _OFTEN, strict=True)
    ]
    shared = RecordFacts._make((file.kind, file.id, file.path, *values))
    return shared if phrases or not shared.phrases else shared._replace(phrases=())


def _shared_value(value: object, share: dict, whole: bool = True) -> object:
    """Return the object in `share` that equals a text, or a tuple of texts; of a tuple only its parts unless `whole`."""
    if type(value) is tuple and not (whole and value in share):
        value = tuple([_shared_value(part, share) for part in value])
        if not whole:
            return value
    return share.setdefault(value, value) if type(value) in (tuple, str) else value
