"""kb.db is the old one or the new one, whole, whatever happens to a load; and `load --check` tells the difference."""

import errno
import multiprocessing
import os
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import TODAY, Base, mostly_thorough, obey_permissions
from policykb.build import SCHEMA_VERSION, load
from policykb.files import folder

RECORDS = 600
SMALL_DISK = 16 << 20


def files(folder: Path) -> list[str]:
    """The names of all that lies in a folder, hidden files too, without the digest of a database that is there."""
    names = set(os.listdir(folder))
    return sorted(names - {"kb.db.sha256"})


def start(base: Base, processes: int = 1) -> multiprocessing.Process:
    """A load of the base in a process of its own."""
    running = multiprocessing.get_context("fork").Process(
        target=base.load, kwargs={"processes": processes}
    )
    running.start()
    return running


def few_bytes() -> None:
    """Let a command write no file longer than 100,000 bytes."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Base:
    """A base whose load takes long enough to be killed in the middle."""
    base = Base(tmp_path_factory.mktemp("large"))
    for number in range(RECORDS):
        base.action(
            f"order-{number}",
            [("2026-06-02", "issued"), ("2026-07", "revoked")],
            title=f"Order {number}",
            summary="Binds agencies. " * 40,
        )
    return base


@pytest.fixture
def loaded(base: Base) -> Base:
    """A small base that was loaded, and then changed so that another load would write another file."""
    base.load()
    base.record("claims", "it-does-good", text="It does better")
    return base


@pytest.mark.thorough
def test_same_files_give_the_same_bytes_anywhere(
    base: Base, tmp_path_factory: pytest.TempPathFactory
) -> None:
    for number in range(600):
        base.record("claims", f"claim-{number}")
    other = Base(tmp_path_factory.mktemp("elsewhere"))
    for place in sorted(base.policies.rglob("*.toml"), reverse=True):
        other.write(str(place.relative_to(base.policies)), place.read_bytes())
    base.load(processes=1)
    once = base.db.read_bytes()
    for built, processes in ((base, 2), (other, 1), (other, 2), (other, None)):
        built.load(processes=processes)
        assert built.db.read_bytes() == once


def test_problems_do_not_depend_on_the_number_of_processes(base: Base) -> None:
    for number in range(600):
        base.record(
            "claims",
            f"claim-{number}",
            finding="maybe" if number % 6 == 0 else "contested",
            appearances=[{"document": f"d{number % 4}"}],
        )
    alone, together = base.check(processes=1), base.check(processes=2)
    assert alone == together
    assert Counter(problem.code for problem in alone.problems) == {"V701": 100, "R301": 600}


def test_failed_load_leaves_the_old_file_and_nothing_else(base: Base) -> None:
    base.load()
    before, when = base.db.read_bytes(), base.db.stat().st_mtime_ns
    base.record("actions", "an-order", topics=["no-topic"])
    result = base.run("load")
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1].startswith("kb.db was left as it is: ")
    assert (base.db.read_bytes(), base.db.stat().st_mtime_ns) == (before, when)
    assert files(base.db.parent) == ["kb.db", "policies"]


@pytest.mark.thorough
@pytest.mark.parametrize(("processes", "kills"), [(1, 4), (2, 2)])
def test_killed_load_leaves_a_whole_file_and_no_lock(
    large: Base, processes: int, kills: int
) -> None:
    """Kill loads at random moments, from the start to a little after the usual end, until `kills` met one that writes."""
    moments = random.Random(20261122)
    changed = large.policies / "claims" / "it-does-good.toml"
    texts = [
        changed.read_text().replace("It does good", said)
        for said in ("It does good", "It does better")
    ]
    expected = []
    for text in texts:
        changed.write_text(text)
        large.load(processes=processes)
        expected.append(large.db.read_bytes())
        assert sqlite3.connect(large.db).execute("pragma integrity_check").fetchone() == ("ok",)
    began = time.monotonic()
    start(large, processes).join()
    whole = time.monotonic() - began
    number = met_at_work = 0
    while met_at_work < kills:
        assert number < 100, "too few kills met a load that writes"
        changed.write_text(texts[number % 2])
        before = large.db.read_bytes()
        running = start(large, processes)
        running.join(moments.uniform(0, 1.05) * whole)
        running.kill()
        running.join()
        assert large.db.read_bytes() in (before, expected[number % 2])
        if running.exitcode == 0:
            assert large.db.read_bytes() == expected[number % 2]
        met_at_work += len(files(large.db.parent)) > 2
        number += 1
    large.load(wait=5)
    assert large.db.read_bytes() == expected[(number - 1) % 2]
    assert files(large.db.parent) == ["kb.db", "policies"]


def test_full_disk_is_told_and_leaves_the_old_file(loaded: Base) -> None:
    before = loaded.db.read_bytes()
    result = loaded.run_process("load", preexec_fn=few_bytes)
    assert (result.returncode, result.stdout) == (3, "")
    assert result.stderr == "Error: disk I/O error; kb.db was left as it is\n"
    assert loaded.db.read_bytes() == before
    assert files(loaded.db.parent) == ["kb.db", "policies"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 16 megabytes, if this user may mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK}", "tmpfs", place], capture_output=True
    ).returncode:
        pytest.skip("this user may not mount a disk")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


def test_really_full_disk_is_told_and_leaves_the_old_file(loaded: Base, small_disk: Path) -> None:
    before = loaded.db.read_bytes()
    loaded.db = Path(shutil.copy(loaded.db, small_disk))
    (small_disk / "other").write_bytes(b"x" * (SMALL_DISK - len(before) * 3 // 2))
    result = loaded.run("load")
    assert (result.returncode, result.stderr) == (
        3,
        "Error: database or disk is full; kb.db was left as it is\n",
    )
    assert loaded.db.read_bytes() == before
    assert files(small_disk) == ["kb.db", "other"]


def test_folder_that_may_not_be_written_is_told(loaded: Base) -> None:
    before = loaded.db.read_bytes()
    loaded.db.parent.chmod(0o555)
    result = loaded.run_process("load", preexec_fn=obey_permissions)
    loaded.db.parent.chmod(0o755)
    assert (result.returncode, result.stderr) == (
        3,
        "Error: unable to open database file; kb.db was left as it is\n",
    )
    assert loaded.db.read_bytes() == before
    assert files(loaded.db.parent) == ["kb.db", "policies"]


def test_folder_that_does_not_exist_is_told(base: Base) -> None:
    base.db = base.db.parent / "no" / "kb.db"
    result = base.run("load")
    assert (result.returncode, result.stderr) == (
        3,
        f"Error: {base.db.parent}: no such file or directory\n",
    )


def test_disk_that_is_read_only_is_named_by_the_database(base: Base, monkeypatch) -> None:
    def refuse(place: Path, *_: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(place))

    monkeypatch.setattr(load, "_writing", refuse)
    result = base.run("load")
    assert (result.returncode, result.stderr.splitlines()[-1]) == (
        3,
        f"Error: {base.db}: read-only file system",
    )


@pytest.mark.thorough
def test_second_load_at_the_same_time_waits_for_the_first(loaded: Base) -> None:
    command = [
        sys.executable,
        "-m",
        "policykb",
        "load",
        "--policies",
        loaded.policies,
        "--db",
        loaded.db,
        "--today",
        TODAY,
    ]
    with folder.lock(loaded.db.parent, "", 0):
        waiting = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
        refused = loaded.run_process("load", "--wait", "0")
        assert (refused.returncode, refused.stderr) == (
            3,
            f"Error: another load is writing in {loaded.db.parent}; kb.db was left as it is\n",
        )
        assert [other.poll() for other in waiting] == [None, None]
    assert [other.communicate()[1][:14] for other in waiting] == [
        "kb.db written:",
        "kb.db written:",
    ]
    assert loaded.run("load", "--check").returncode == 0
    assert files(loaded.db.parent) == ["kb.db", "policies"]


def change(statement: str) -> Callable[[Path], object]:
    """A change to a database by a statement of SQL."""

    def run(db: Path) -> None:
        connection = sqlite3.connect(db)
        connection.execute(statement)
        connection.commit()
        connection.close()

    return run


def test_a_file_that_is_no_knowledge_base_is_overwritten_only_with_force(base: Base) -> None:
    base.db.write_text("my thesis")
    refused = base.run("load")
    assert refused.returncode == 2 and base.db.read_text() == "my thesis"
    assert f"{base.db} is not a knowledge base; add --force to overwrite it" in refused.stderr
    assert base.run("load", "--force").returncode == 0
    assert base.run("load").returncode == 0


def hide_in_free_space(db: Path) -> None:
    """Leave text in pages of a database that no table uses."""
    connection = sqlite3.connect(db)
    connection.executescript(
        "create table x (y); insert into x values (zeroblob(9000)); drop table x"
    )
    connection.close()


BYTES = "kb.db: no row differs, but the bytes do"


def test_check_accepts_a_fresh_file(base: Base) -> None:
    base.load()
    result = base.run("load", "--check")
    counts = "1 organization, 2 jurisdictions, 1 topic, 1 action, 1 argument, 1 claim, 1 document; 0 errors, 0 warnings"
    assert (result.returncode, result.stdout, result.stderr) == (
        0,
        "",
        f"kb.db is up to date: {counts}\n",
    )


@pytest.mark.parametrize(
    ("spoil", "said"),
    mostly_thorough(
        [
            (
                change("update claims set text = 'It does harm'"),
                [
                    "claims: missing row ('it-does-good', 'It does good',",
                    "claims: extra row ('it-does-good', 'It does harm',",
                ],
            ),
            (change("delete from citations"), ["citations: missing row (5000001, 'a-s"]),
            (
                change("update kb_info set value = '0' where key = 'schema_version'"),
                [
                    f"kb_info: missing row ('schema_version', '{SCHEMA_VERSION}')",
                    "kb_info: extra row ('schema_version', '0')",
                ],
            ),
            (
                change("alter table claims add column truth text"),
                ["table claims: the schema differs"],
            ),
            (change("drop view upcoming"), ["view upcoming: the schema differs"]),
            (change("create table notes (note text)"), ["table notes: the schema differs"]),
            (change("create table search_notes (x)"), ["table search_notes: the schema differs"]),
            (change("update search_data set block = x'00' where id = 10"), [BYTES]),
            (change("insert into search(rowid, title, text) values (1, 'evil', 'evil')"), [BYTES]),
            (change("delete from search_identifiers_idx"), [BYTES]),
            (change("insert into kb_info values ('history_to', 'evil')"), [BYTES]),
            (change("update kb_info set value = 'evil' where key = 'history'"), [BYTES]),
            (
                change(
                    "insert into changes select 9, null, 'action', 'x', 'added', '', 1, '', '', id, 0 from change_classes limit 1"
                ),
                [BYTES],
            ),
            (change("pragma user_version = 9"), [BYTES]),
            (hide_in_free_space, [BYTES]),
            (Path.unlink, ["kb.db does not exist"]),
            (
                lambda db: db.write_bytes(b"garbage" * 10_000),
                ["kb.db cannot be read as a knowledge base: file is not a database"],
            ),
            (lambda db: os.truncate(db, 100_000), ["kb.db cannot be read as a knowledge base: "]),
        ]
    ),
)
def test_check_names_what_differs_and_writes_nothing(
    base: Base, spoil: Callable[[Path], object], said: list[str]
) -> None:
    base.load()
    spoil(base.db)
    before = (base.db.read_bytes(), base.db.stat().st_mtime_ns) if base.db.exists() else None
    result = base.run("load", "--check")
    lines = result.stderr.splitlines()
    assert (result.returncode, result.stdout, len(lines)) == (1, "", len(said) + 1)
    assert [line[: len(start)] for line, start in zip(lines, said, strict=False)] == said
    assert lines[-1] == "kb.db is out of date; run: policykb load"
    assert before == (
        (base.db.read_bytes(), base.db.stat().st_mtime_ns) if base.db.exists() else None
    )
    assert files(base.db.parent) == [*(["kb.db"] if before else []), "policies"]
