"""Time `policykb load` against the floor: python tests/bench/load.py 1000 10000 [100000]

The floor is the least that could be done with the same files: read all bytes, parse them, insert the same rows
with executemany into the same tables, build the full-text index. Both run in this one run; what counts is the
ratio. `shipped` stands for the shipped knowledge base.
"""

import gc
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import rtoml
from generate import generate
from policykb.build.load import _create_vocabularies, _script, sql
from policykb.build.parallel import chunks
from policykb.build.rows import insert
from policykb.files.reader import read, sources

ROOT = Path(__file__).parent.parent.parent


def floor(policies: Path, place: Path) -> float:
    """Seconds that the floor takes."""
    found, _ = sources(policies)
    start = time.perf_counter()
    for source in found:
        rtoml.loads(read(source).decode())
    seconds = time.perf_counter() - start
    ready = [chunk.rows for chunk in chunks(found, 1)]
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
    start = time.perf_counter()
    _create_vocabularies(connection)
    connection.execute("begin")
    _script(connection, sql("schema.sql"))
    for rows in ready:
        insert(connection, rows)
    _script(
        connection,
        sql("fulltext.sql"),
    )
    connection.execute("commit")
    connection.close()
    gc.enable()
    return seconds + time.perf_counter() - start


def whole(command: str, policies: Path, db: Path, *more: str) -> tuple[float, float]:
    """Seconds of wall time that a command takes as a user starts it, and its peak memory in MB (main process)."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [
            str(Path(sys.executable).parent / "policykb"),
            command,
            "--policies",
            str(policies),
            "--db",
            str(db),
            *more,
        ],
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    if status:
        sys.exit(f"policykb {command} failed")
    return seconds, usage.ru_maxrss / 1024


def one_process(policies: Path, db: Path) -> float:
    """Seconds that a load with one process takes, without start-up."""
    from policykb.build.load import load

    start = time.perf_counter()
    load(policies, db, "2026-11-22", processes=1)
    return time.perf_counter() - start


def main(sizes: list[str]) -> None:
    """Print one line a size."""
    print(
        f"{'records':>8} {'floor s':>8} {'load s':>8} {'ratio':>6} {'1 proc s':>9} {'ratio':>6} {'check s':>8} {'MB':>6} {'us/record':>9}",
        flush=True,
    )
    for size in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            if size == "shipped":
                shutil.copytree(ROOT / "policies", folder / "policies")
                number = len(sources(folder / "policies")[0])
            else:
                number = int(size)
                generate(folder, number)
            policies, db = folder / "policies", folder / "kb.db"
            repeats = 5 if number < 5000 else 3 if number < 50000 else 1
            least = min(floor(policies, folder / f"floor{i}.db") for i in range(repeats))
            loads = [whole("load", policies, db) for _ in range(repeats)]
            seconds, memory = min(loads)
            single = min(one_process(policies, db) for _ in range(repeats))
            checking, _ = min(whole("check", policies, db) for _ in range(repeats))
            print(
                f"{number:>8} {least:>8.3f} {seconds:>8.3f} {seconds / least:>6.2f} {single:>9.3f} {single / least:>6.2f} {checking:>8.3f} {memory:>6.0f} {seconds / number * 1e6:>9.0f}",
                flush=True,
            )


if __name__ == "__main__":
    main(sys.argv[1:] or ["shipped", "1000", "10000"])
