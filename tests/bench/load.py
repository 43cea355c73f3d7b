"""Time `policykb load` and `check` against the floor and the first run: python tests/bench/load.py 1000 10000 [100000]

The floor is the least that could be done with the same files: read all bytes, parse them, insert the same rows
with executemany into the same tables, build the full-text index. No correct load can leave out to validate the records
and write them as JSON, and to make counts, indexes and what records say of others, write the file in order, verify it and
take its SHA-256; `floor with these` has that too, but neither makes the rows nor applies a rule. All is processor time of this one run, with start-up
and all processes; what counts is the ratio. `same` is a second run without a change, `one` a run after the change of one
document, `date` after that of the date of an event, which many counts depend on. `shipped` means the knowledge base of this repository.
"""

import contextlib
import gc
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
import rtoml
from generate import generate
from policykb.build import cache, layout, update
from policykb.build.load import _create_vocabularies, _script, load, sql, verify
from policykb.build.parallel import begin, records
from policykb.build.rows import insert
from policykb.files import digests
from policykb.files.reader import KINDS, FileRef, read, sources
from policykb.model.records import TABLES

ROOT = Path(__file__).parent.parent.parent
COMPILED = tempfile.TemporaryDirectory()  # of the modules, as an installed package has them


def floor(policies: Path, place: Path) -> tuple[float, float]:
    """Seconds that the floor takes, and that it takes with what no correct load can leave out."""
    found, _ = sources(policies)
    reading, validating = reading_of(found)
    work = begin(found)
    ready = [chunk.rows for chunk in (*work.head, *records(work, work.records, 1))]
    connection = sqlite3.connect(place, isolation_level=None)
    for setting in (
        "page_size = 8192",
        "journal_mode = off",
        "synchronous = off",
        "locking_mode = exclusive",
        "cache_size = -200000",
    ):
        connection.execute(f"pragma {setting}")
    gc.collect()
    gc.disable()
    start = time.process_time()
    _create_vocabularies(connection)
    connection.execute("begin")
    _script(connection, sql("schema.sql"))
    number = 0
    for rows in ready:
        number = insert(connection, rows, number)
    _script(connection, sql("fulltext.sql"))
    inserted = time.process_time()
    update.touch_all(connection)
    for name in ("counts", "views", "indexes", "derived"):
        _script(connection, sql(f"{name}.sql"))
    connection.execute("commit")
    ordered = place.with_suffix(".ordered")
    layout.write(connection, ordered)
    connection.close()
    verify(ordered)
    digests.digest(ordered)
    gc.enable()
    least = reading + inserted - start
    return least, least + validating + time.process_time() - inserted


def reading_of(found: list[FileRef]) -> tuple[float, float]:
    """Seconds to read and parse all files, and to validate their records and write them as JSON."""
    gc.disable()
    start = time.process_time()
    parsed = [(source.kind, rtoml.loads(read(source).decode())) for source in found]
    read_at = time.process_time()
    for kind, content in parsed:
        for table in content.values() if kind in TABLES else (content,):
            KINDS[kind][0].model_validate(table).model_dump_json(exclude_defaults=True)
    gc.enable()
    return read_at - start, time.process_time() - read_at


def whole(command: str, folder: Path) -> tuple[float, float]:
    """Seconds that a command takes as a user starts it, and its peak memory in MB with that of its workers."""
    process = subprocess.Popen(
        [str(Path(sys.executable).parent / "policykb"), command]
        + ["--policies", str(folder / "policies"), "--db", str(folder / "kb.db")],
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": COMPILED.name},
    )
    peak = 0.0
    while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
        peak = max(peak, memory_of(process.pid))
        time.sleep(0.1)
    _, status, usage = ended
    if status:
        sys.exit(f"policykb {command} failed")
    return usage.ru_utime + usage.ru_stime, max(peak, usage.ru_maxrss / 1024)


def memory_of(pid: int) -> float:
    """MB that a process and its children take, shared memory counted once."""
    total = 0
    with contextlib.suppress(OSError):  # a process ended meanwhile
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for number in (pid, *children):
            rollup = Path(f"/proc/{number}/smaps_rollup").read_text()
            total += int(rollup.partition("\nPss:")[2].split()[0])
    return total / 1024


def runs(command: str, folder: Path) -> tuple[float, float, float, float, float]:
    """Seconds of the first run, without a change, after a change of a document, and of a date; memory of the first."""
    for kept in (folder / ".git").glob("policykb-*"):
        kept.unlink()
    first, memory = whole(command, folder)
    time.sleep(3)  # so that the times of files show that nothing changed
    whole(command, folder)
    same, _ = whole(command, folder)
    file = next((folder / "policies" / "documents").glob("*.toml"))
    file.write_text(file.read_text().replace("type = ", "type  = ", 1))
    one, _ = whole(command, folder)
    file = next((folder / "policies" / "actions").glob("*.toml"))
    file.write_text(file.read_text().replace("date = 20", "date = 19", 1))
    dated, _ = whole(command, folder)
    return first, same, one, dated, memory


def one_process(policies: Path, db: Path) -> float:
    """Seconds that a load with one process takes, without start-up."""
    start = time.process_time()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cache, "place", lambda policies, name: None)
        load(policies, db, "2026-11-22", processes=1)
    return time.process_time() - start


def main(sizes: list[str]) -> None:
    """Print a few lines a size."""
    with tempfile.TemporaryDirectory() as name:  # a first run compiles the modules
        generate(Path(name), 100)
        whole("load", Path(name))
    for size in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            if size == "shipped":
                shutil.copytree(ROOT / "policies", folder / "policies")
            else:
                generate(folder, int(size))
            subprocess.run(["git", "init", "--quiet", name], check=True)
            policies = folder / "policies"
            for command in ("check", "load"):
                first, same, one, dated, memory = runs(command, folder)
                shares = f"same 1/{first / same:.1f}, one 1/{first / one:.1f}, date 1/{first / dated:.1f}"
                print(f"{size}: {command} {first:.2f} s, {shares}, {memory:.0f} MB", flush=True)
            repeats = 3 if size in ("shipped", "1000") else 1
            floors = [floor(policies, folder / f"floor{i}.db") for i in range(repeats)]
            least, more = map(min, zip(*floors, strict=True))
            single = min(one_process(policies, folder / f"one{i}.db") for i in range(repeats))
            print(
                f"{size}: floor {least:.2f} s, one process {single / least:.2f} times that; "
                f"floor with these {more:.2f} s, one process {single / more:.2f} times that"
            )


if __name__ == "__main__":
    main(sys.argv[1:] or ["shipped", "1000", "10000"])
