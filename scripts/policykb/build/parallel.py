"""policies/ -> chunks of rows, facts and problems, in the order of kinds and ids.

What an earlier run made of a file comes from the cache. With many other files, several processes read and validate them;
the result does not depend on it.
"""

import marshal
import os
from collections import deque
from collections.abc import Callable, Iterator
from itertools import chain, groupby, repeat
from typing import TYPE_CHECKING, NamedTuple

from policykb.build.cache import Cache, Packed, digest_of, plain, software
from policykb.build.rows import Rows, add_rows
from policykb.checks.editorial import Shorthand, check_text
from policykb.checks.facts import RecordFacts, facts
from policykb.checks.record_rules import check_record, check_rest
from policykb.files.reader import KINDS, FileRef, locate, parse, read
from policykb.model.course import Course
from policykb.model.problems import CODES, ERROR, Problem, placed, program_fault

if TYPE_CHECKING:
    from concurrent.futures import Executor

CHUNK = 100
# From here on several processes are faster; measured: 0.6 of the time of one process for 900 files.
FILES_FOR_TWO = 500


class Chunk(NamedTuple):
    """The result of reading some files: rows by table and columns, facts, problems, the SHA-256 of each file, their number.

    The numbers of records in parts of the rows from the cache are those that they had.
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
    number = sum(facts.kind != "redirect" for facts in work.head[1].facts)
    for is_new, group in groupby(files, lambda file: file.path not in unchanged):
        some = list(group)
        for start in range(0, len(some), CHUNK):
            parts.append((is_new, some[start : start + CHUNK], number + start))
        number += len(some)
    new = [(some, number) for is_new, some, number in parts if is_new]
    if processes is None:
        processes = cores() if sum(len(some) for some, _ in new) >= FILES_FOR_TWO else 1
    spread = _spread(new, work.task, processes) if processes > 1 and new else repeat(None)
    share: dict[object, object] = {file.id: file.id for file in files}
    for is_new, some, number in parts:
        packed = next(spread) if is_new else work.cache.get(some)
        chunks = list(map(_unpacked, packed)) if packed else _chunks(some, number, work.task)
        if is_new and work.cache.is_open:
            work.cache.put(some, packed or list(map(_packed, chunks)))
        yield _joined(chunks, some, share, work.phrases)


def _spread(
    parts: list[tuple[list[FileRef], int]], task: Task, processes: int
) -> Iterator[list[Packed]]:
    """Yield the packed chunks of each part, some files and the number of the record before them, in order, by several processes."""
    for kind in {file.kind for some, _ in parts for file in some}:
        KINDS[kind][0].model_rebuild()  # once, not in each process
    with workers(processes, _take, task) as pool:
        waiting: deque = deque()
        for part in parts:
            waiting.append(pool.submit(_work, *part))
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


def compile_files(sources: list[FileRef], task: Task, number: int = 0) -> Chunk:
    """Return the chunk of some files, each read, validated and checked by itself; `number` is that of the record before them."""
    chunk = Chunk([Rows(number)], [], [], [], len(sources))
    for source in sources:
        known, hashed = len(chunk.facts), len(chunk.digests)
        try:
            _compile(chunk, source, task)
        except Exception as error:  # a fault in a rule or parser; all other files are judged
            del chunk.digests[hashed:]
            chunk.problems.append(placed(program_fault(error), source.path, 0))
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
        faults = [
            fault._replace(pointer=(*item.prefix, *fault.pointer))
            for fault in judge(item.kind, record, course)
        ]
        if faults:
            chunk.problems.extend(locate(source.path, data, faults))
        wrong = any(CODES[fault.code].severity == ERROR for fault in faults)
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
    """Keep the task of a worker."""
    global _task
    _task = task


def _work(sources: list[FileRef], number: int) -> list[Packed]:
    return list(map(_packed, _chunks(sources, number, _task)))


def _chunks(sources: list[FileRef], number: int, task: Task) -> list[Chunk]:
    """Return the chunks of some files behind the record with the `number`: one of all, or one of each file."""
    parts = [[source] for source in sources] if task.apart else [sources]
    return [compile_files(part, task, number + place) for place, part in enumerate(parts)]


def _packed(chunk: Chunk) -> Packed:
    """Return a chunk as bytes, which are faster than pickled objects."""
    flat = [tuple(item) for item in chunk.facts], plain(chunk.problems)
    digest = chunk.digests[0][1] if len(chunk.digests) == chunk.files == 1 else b""
    facts = marshal.dumps((*flat, chunk.digests, chunk.files))
    (rows,) = chunk.rows
    return Packed(digest, facts, marshal.dumps(dict(rows)) if rows else b"")


def _unpacked(packed: Packed) -> Chunk:
    facts, problems, hashes, files = marshal.loads(packed.facts)
    rows = [marshal.loads(packed.rows)] if packed.rows else []
    digests = [(path, packed.digest or digest) for path, digest in hashes]
    return Chunk(rows, facts, [Problem(*item) for item in problems], digests, files)


def _joined(chunks: list[Chunk], files: list[FileRef], share: dict, phrases: bool) -> Chunk:
    """Return one chunk of those of `files`; the facts have phrases only on request.

    Equal values of facts become one object, in `share`.
    """
    rows, facts, problems, digests = (
        list(chain.from_iterable(lists)) for lists in list(zip(*chunks, strict=True))[:4]
    )
    pairs = zip(facts, files, strict=True)
    shared = [_shared(item, file, share, phrases) for item, file in pairs]
    hashes = dict(digests)
    hashes = [(file.path, hashes[file.path]) for file in files if file.path in hashes]
    return Chunk(rows, shared, problems, hashes, len(files))


# The parts of facts that do not come from the file's name; whether records often have equal ones.
_OFTEN = [name not in ("address", "phrases") for name in RecordFacts._fields[3:]]


def _shared(item: tuple, file: FileRef, share: dict, phrases: bool) -> RecordFacts:
    """Return the facts of `file` in which equal values are one object; otherwise they take three times the memory."""
    values = [
        _shared_parts(value, share) if value and often else value
        for value, often in zip(item[3:], _OFTEN, strict=True)
    ]
    shared = RecordFacts._make((file.kind, file.id, file.path, *values))
    return shared if phrases or not shared.phrases else shared._replace(phrases=())


def _shared_parts(value: object, share: dict) -> object:
    """Return a tuple whose parts are the objects in `share` that equal them, or the text in `share` that equals a text."""
    if type(value) is tuple:
        return tuple([share.get(part) or _shared_value(part, share) for part in value])
    return _shared_value(value, share)


def _shared_value(value: object, share: dict) -> object:
    """Return the object in `share` that equals a text, or a tuple of texts."""
    if type(value) is tuple and value not in share:
        value = _shared_parts(value, share)
    return share.setdefault(value, value) if type(value) in (tuple, str) else value
