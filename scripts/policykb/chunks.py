"""policies/ -> chunks of rows, facts and problems, in the order of kinds and ids.

Reading and validating is spread over the cores once there are enough files to pay for it; what comes out
does not depend on that.
"""

import hashlib
import marshal
import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple

from policykb.checks import check_record
from policykb.files import Source, locate, parse, read
from policykb.knowledge import Facts, facts
from policykb.problems import ERROR, CODES, Problem, placed
from policykb.rows import rows

CHUNK = 250
FILES_FOR_TWO = 3000


class Chunk(NamedTuple):
    """What some files became: rows by table, facts, problems, the SHA-256 of each file, their number."""

    rows: dict[str, list[tuple]]
    facts: list[Facts]
    problems: list[Problem]
    hashes: list[tuple[str, bytes]]
    files: int


def chunks(sources: list[Source], processes: int | None = None) -> Iterator[Chunk]:
    """The files in `sources` as chunks, in order, with bounded memory. `processes` None: as many as pay."""
    parts = [sources[start : start + CHUNK] for start in range(0, len(sources), CHUNK)]
    if processes is None:
        processes = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        processes = processes if len(sources) >= FILES_FOR_TWO else 1
    if processes == 1:
        for part in parts:
            yield compile_files(part)
        return
    with ProcessPoolExecutor(processes) as pool:
        waiting: deque = deque()
        for part in parts:
            waiting.append(pool.submit(_packed, part))
            if len(waiting) > 2 * processes:
                yield _unpacked(waiting.popleft().result())
        while waiting:
            yield _unpacked(waiting.popleft().result())


def compile_files(sources: list[Source]) -> Chunk:
    """Read, validate and check each file for itself."""
    chunk = Chunk({}, [], [], [], len(sources))
    for source in sources:
        data = read(source)
        if not isinstance(data, bytes):
            chunk.problems.append(placed(data, source.path, 0))
            chunk.facts.append(Facts(source.kind, source.id, source.path, ()))
            continue
        chunk.hashes.append((source.path, hashlib.sha256(data).digest()))
        parsed, problems = parse(source, data)
        chunk.problems.extend(problems)
        for item in parsed:
            chunk.facts.append(facts(item))
            if item.record is None or item.kind == "about":
                continue
            findings = [finding._replace(pointer=(*item.prefix, *finding.pointer)) for finding in check_record(item.kind, item.id, item.record)]
            if findings:
                chunk.problems.extend(locate(source.path, data, findings))
            if any(CODES[finding.code][0] == ERROR for finding in findings):
                continue
            for table, values in rows(item.kind, item.id, item.record, item.path):
                if table in chunk.rows:
                    chunk.rows[table].append(values)
                else:
                    chunk.rows[table] = [values]
    return chunk


def _packed(sources: list[Source]) -> bytes:
    chunk = compile_files(sources)
    problems = [(p.path, p.line, p.code, p.key, p.message, p.value, p.expected, p.nearest) for p in chunk.problems]
    return marshal.dumps((chunk.rows, [tuple(item) for item in chunk.facts], problems, chunk.hashes, chunk.files))


def _unpacked(data: bytes) -> Chunk:
    rows, facts, problems, hashes, files = marshal.loads(data)
    return Chunk(rows, [Facts._make(item) for item in facts], [Problem(*item) for item in problems], hashes, files)
