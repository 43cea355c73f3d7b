"""Corpora: files of many documents become one Parquet file of mentions each, written whole or not at all.

A file whose result is there is done, so a run that was stopped goes on where it was. The only module that knows Dask and
Hyperscan.
"""

import gzip
import io
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple

from policykb.files.folder import replace_file
from policykb.finding import reading
from policykb.finding.judge import SURE, Finder
from policykb.finding.knowledge import RecordIndex
from policykb.finding.report import COLUMNS, flat_rows, reported

WEB_ARCHIVES = (".warc", ".warc.gz", ".wet", ".wet.gz")
ENDINGS = (".jsonl", ".ndjson", ".parquet", *WEB_ARCHIVES)
PAGES = ("text/html", "application/xhtml+xml")
ROWS = 1000  # written at a time
MOST_NAMED = 20  # documents of a file that could not be read and are named
MEMORY = "1GiB"  # of a worker of Dask, which is started again beyond it
RETRIES = 2  # of a file whose worker died
MOST_NAMES = 3000  # for Hyperscan, whose time and memory for more names are too great
# What is between the words of a name: a few bytes that are not letters or digits, such as dashes and quotes in UTF-8.
_BETWEEN = "(?:[^a-z0-9]{1,9})"
# Classes of characters that are several bytes in UTF-8.
_WIDE = re.compile(r"\[[^\]]*(?:\\u|[^\x00-\x7f])[^\]]*\]")
# Conditions on what is around a match, which Hyperscan does not know. Without them, more texts pass.
_LOOKAROUND = re.compile(r"\(\?<?[!=](?:[^()\\]|\\.|\[[^\]]*\])*\)")


class Gate:
    """A fast test, which every text in which `finder` finds a number or name passes, and few others."""

    def __init__(self, finder: Finder) -> None:
        self._may_mention = finder.may_mention
        try:
            import hyperscan
        except ImportError:  # there is no wheel for this machine
            self._patterns = None
            return
        names, numbers = map(_of_name, finder.names), map(_of_number, finder.number_patterns)
        expressions = sorted({*itertools.islice(names, MOST_NAMES + 1), *numbers})
        if len(expressions) > MOST_NAMES:
            self._patterns = None
            return
        self._patterns = hyperscan.Database()
        self._patterns.compile(
            expressions=[expression.encode() for expression in expressions],
            elements=len(expressions),
            flags=hyperscan.HS_FLAG_CASELESS | hyperscan.HS_FLAG_SINGLEMATCH,
        )
        self._stopped = hyperscan.ScanTerminated

    def passes(self, text: str) -> bool:
        """Return whether a number or name of an action may be in a text."""
        if self._patterns is None:
            return self._may_mention(text)
        try:
            self._patterns.scan(text.encode(errors="replace"), match_event_handler=_stop)
        except self._stopped:
            return True
        return False


def _stop(*_: object) -> bool:
    return True


def _of_name(name: str) -> str:
    """Return the expression of a name in lower case: any characters other than ASCII letters and digits may be between its words."""
    return r"(?:\b|_)" + _BETWEEN.join(re.findall(r"[a-z0-9]+", name))


def _of_number(pattern: str) -> str:
    """Return the expression of a number, which matches everything that the regular expression `pattern` matches."""
    without = _WIDE.sub(_BETWEEN, _LOOKAROUND.sub("", pattern))
    return re.sub(r"\(\?P<\w+>", "(?:", without)


class Task(NamedTuple):
    """A file to read, its name in the corpus, where its mentions go, and the knowledge base."""

    source: Path
    name: str
    target: Path
    policies: Path


class Outcome(NamedTuple):
    """What came of a file: the numbers of its documents and mentions, documents that could not be read, and why the file failed ('' if it did not)."""

    name: str
    documents: int = 0
    mentions: int = 0
    unread: tuple[str, ...] = ()
    error: str = ""


def tasks(source: Path, out: Path, policies: Path) -> list[Task]:
    """Return the tasks for the files at `source`, a file or a folder, sorted by name."""
    folder = source if source.is_dir() else source.parent
    files = sorted(source.rglob("*")) if source.is_dir() else [source]
    names = [
        file.relative_to(folder).as_posix()
        for file in files
        if file.name.lower().endswith(ENDINGS) and file.is_file()
    ]
    return [Task(folder / name, name, out / f"{name}.mentions.parquet", policies) for name in names]


def remove_parts(out: Path) -> None:
    """Remove what a run left that was killed while it wrote."""
    for stray in out.rglob(".*.mentions.parquet.*"):
        stray.unlink()


@cache
def _finder(policies: Path) -> tuple[Finder, Gate]:
    finder = Finder(RecordIndex.read(policies), anchor=SURE)
    return finder, Gate(finder)


def do(task: Task) -> Outcome:
    """Find the mentions in the documents of a file and write them."""
    try:
        return _do(task)
    except Exception as error:  # one file never ends the run; it is named
        return Outcome(task.name, error=f"{type(error).__name__}: {error}")


def _do(task: Task) -> Outcome:
    finder, gate = _finder(task.policies)
    unread: list[str] = []
    documents = mentions = 0
    with _output() as (write, written):
        for document in _documents(task.source):
            documents += 1
            if isinstance(document, reading.ReadingError):
                unread.append(str(document))
            elif gate.passes("\n".join(document.paragraphs.values())):
                mentions += write(flat_rows(reported(finder, document, document.day)))
    replace_file(task.target, written.getvalue())
    named = (
        *unread[:MOST_NAMED],
        *(f"and {len(unread) - MOST_NAMED} more",) * (len(unread) > MOST_NAMED),
    )
    return Outcome(task.name, documents, mentions, named)


def _documents(source: Path) -> Iterator[reading.Document | reading.ReadingError]:
    """Yield the documents of a file.

    :raises OSError, EOFError: if it cannot be read, as a file that was cut off.
    """
    if source.name.lower().endswith(WEB_ARCHIVES):
        yield from _archived(source)
        return
    if source.suffix.lower() != ".parquet":
        yield from reading.read(source)
        return
    import pyarrow.parquet

    with pyarrow.parquet.ParquetFile(source) as file:
        columns = [name for name in file.schema_arrow.names if name in reading.FIELDS]
        batches = file.iter_batches(100, columns=columns)
        rows = itertools.chain.from_iterable(batch.to_pylist() for batch in batches)
        for number, row in enumerate(rows, 1):
            yield reading.from_fields(row, f"{source.name} row {number}")


def _archived(source: Path) -> Iterator[reading.Document | reading.ReadingError]:
    """Yield the pages and texts in a web archive (WARC, WET), each named by its address.

    The day of a page is what it says itself: the archive knows only when it was fetched.

    :raises OSError, EOFError: if the archive is damaged or cut off.
    """
    from fastwarc.warc import ArchiveIterator, WarcRecordType

    kinds = WarcRecordType.response | WarcRecordType.conversion
    is_packed = source.suffix.lower() == ".gz"
    # FastWARC passes over what is cut off, in a packed file too, so the end is looked at here.
    with gzip.open(source) if is_packed else source.open("rb") as file:
        for record in ArchiveIterator(file, record_types=kinds, auto_decode="all"):
            name = record.headers.get("WARC-Target-URI") or record.record_id
            is_page = record.record_type == WarcRecordType.response
            if is_page and record.http_content_type not in PAGES:
                continue
            data = record.reader.read(reading.MOST_BYTES + 1)
            try:
                yield from reading.from_bytes(data, name, ".html" if is_page else ".txt")
            except reading.ReadingError as error:
                yield error
        if not is_packed and source.stat().st_size:
            file.seek(-4, io.SEEK_END)
            if file.read() != b"\r\n\r\n":
                raise EOFError("the file was cut off")


@contextmanager
def _output() -> Iterator[tuple[Callable[[Sequence[dict]], int], io.BytesIO]]:
    """Yield a function that takes in rows and returns their number, and the Parquet file in memory, whole after the end."""
    import pyarrow
    import pyarrow.parquet

    numbers = {"start": pyarrow.int32(), "end": pyarrow.int32(), "issued": pyarrow.date32()}
    numbers |= {"score": pyarrow.float32(), "runner_up_score": pyarrow.float32()}
    schema = pyarrow.schema([(name, numbers.get(name, pyarrow.string())) for name in COLUMNS])
    written, waiting = io.BytesIO(), []
    with pyarrow.parquet.ParquetWriter(written, schema, compression="zstd") as writer:

        def flush() -> None:
            if waiting:
                writer.write_table(pyarrow.Table.from_pylist(waiting, schema))
                waiting.clear()

        def write(rows: Sequence[dict]) -> int:
            waiting.extend(rows)
            if len(waiting) >= ROWS:
                flush()
            return len(rows)

        yield write, written
        flush()


def scan(listed: Sequence[Task]) -> Iterator[Outcome]:
    """Yield the outcome of each task, one after another in this process."""
    yield from map(do, listed)


def scan_with_dask(
    listed: Sequence[Task], workers: int, scheduler: str, say: Callable[[str], object]
) -> Iterator[Outcome]:
    """Yield the outcome of each task as it is done, by Dask: on the cluster at the address `scheduler`, or on new local processes.

    :raises OSError: if there is no scheduler at the address.
    """
    import dask
    from distributed import Client, LocalCluster, as_completed

    for policies in {task.policies for task in listed}:
        Finder(RecordIndex.read(policies))  # makes its tables once, for all workers
    dask.config.set({"distributed.scheduler.allowed-failures": RETRIES})
    cluster = scheduler or LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        memory_limit=MEMORY,
        dashboard_address="127.0.0.1:0",
    )
    with Client(cluster) as client:
        say(f"dashboard: {client.dashboard_link}")
        futures = client.map(do, listed, pure=False, retries=RETRIES)
        names = {future.key: task.name for future, task in zip(futures, listed, strict=True)}
        for future in as_completed(futures):
            if future.status == "error":
                error = future.exception()
                yield Outcome(names[future.key], error=f"{type(error).__name__}: {error}")
            else:
                yield future.result()
            future.release()
    if not scheduler:
        cluster.close()
