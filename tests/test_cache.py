"""Checks and loads do work in proportion to the change, with the answers of a run that reads every file."""

import os
import random
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import ABOUT, TABLES, Base
from policykb.build import cache, load, parallel

QUICK = 20_000_000  # nanoseconds; the disks of tests count in less than two seconds


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Let the cache trust files that did not change for a few milliseconds."""
    monkeypatch.setattr(cache, "UNSETTLED", QUICK)


@pytest.fixture
def kept(base: Base) -> Base:
    """A small base in a folder with a cache."""
    git = base.policies.parent / ".git"
    git.mkdir()
    (git / "HEAD").touch()
    return base


@contextmanager
def without_cache() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cache, "_place", lambda policies: None)
        yield


@contextmanager
def parsed_files() -> Iterator[list[str]]:
    """The ids of the files that are parsed."""
    ids: list[str] = []

    def parse(source, data):
        ids.append(source.id)
        return parallel_parse(source, data)

    parallel_parse = parallel.parse
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parallel, "parse", parse)
        yield ids


def settle() -> None:
    time.sleep(QUICK / 500_000_000)


def place(base: Base) -> Path:
    (file,) = (base.policies.parent / ".git").glob("policykb-cache-*.db")
    return file


def same_as_without(base: Base) -> None:
    """Compare the check and the load of a base with those without a cache."""
    check = base.check()
    db = base.db.with_name("other.db")
    loaded = base.load()
    with without_cache():
        assert base.check() == check
        fresh = load.load(base.policies, db, base.today)
    assert fresh.problems == loaded.problems and fresh.counts == loaded.counts
    if not fresh.errors:
        assert db.read_bytes() == base.db.read_bytes()


class Editor:
    """Random changes of a base, of all kinds that matter to what is remembered."""

    def __init__(self, base: Base, seed: int) -> None:
        self.base, self.random = base, random.Random(seed)

    def change(self) -> None:
        """Make one change."""
        self.random.choice(
            [
                self.record,
                self.record,
                self.remove,
                self.rename,
                self.swap,
                self.about,
                self.tables,
                self.same_size,
                self.touch,
            ]
        )()

    def some_file(self) -> Path:
        return self.random.choice(sorted(self.base.policies.glob("*/*.toml")))

    def document(self) -> str:
        return self.random.choice(["a-source", "b-source", "no-source"])

    def record(self) -> None:
        number, title = self.random.randrange(4), self.random.choice(["One", "Two", "二"])
        cite = [{"document": self.document()}]
        events = [{"date": self.random.choice(["2026-06-02", "soon"]), "type": "issued"}]
        authors = [{"organization": "an-office"}]
        self.random.choice(
            [
                lambda: self.base.record("documents", "b-source", title=title, authors=authors),
                lambda: self.base.record("claims", f"c-{number}", text=title, appearances=cite),
                lambda: self.base.record(
                    "actions", f"a-{number}", title=title, events=[events[0] | {"cite": cite}]
                ),
                lambda: self.base.record("arguments", f"g-{number}", appearances=cite),
                lambda: self.base.write("claims/broken.toml", "text = "),
            ]
        )()

    def remove(self) -> None:
        self.some_file().unlink()

    def rename(self) -> None:
        file = self.some_file()
        file.rename(file.with_stem(f"{file.stem[:20]}-{self.random.randrange(3)}"))

    def swap(self) -> None:
        one, other = self.some_file(), self.some_file()
        between = one.with_suffix(".between")
        if one != other:
            for source, target in ((one, between), (other, one), (between, other)):
                source.rename(target)

    def about(self) -> None:
        severity = self.random.choice(["off", "warning", "error"])
        shorthand = self.random.choice([[], ["agencies"]])
        severities = ABOUT["severities"] | {"E861": severity, "E855": severity}
        self.base.write("about.toml", ABOUT | {"shorthand": shorthand, "severities": severities})

    def tables(self) -> None:
        office = TABLES["organizations"]["an-office"]
        name = self.random.choice(["An office", "Another office"])
        other = self.random.choice([{}, {"b-office": office | {"name": "B office"}}])
        self.base.write("organizations.toml", {"an-office": office | {"name": name}} | other)

    def same_size(self) -> None:
        """Change a letter, and give the file the times it had."""
        file = self.some_file()
        state, text = file.stat(), file.read_text()
        file.write_text(text.replace("source", "sourcy", 1))
        os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))

    def touch(self) -> None:
        os.utime(self.some_file())


@pytest.mark.parametrize(
    ("seed", "steps"), [(1, 12), pytest.param(2, 150, marks=pytest.mark.thorough)]
)
def test_random_changes_give_the_answers_of_a_run_without_cache(kept, seed, steps):
    editor = Editor(kept, seed)
    for _ in range(steps):
        for _ in range(editor.random.randrange(3)):
            editor.change()
        if editor.random.random() < 0.5:
            settle()
        same_as_without(kept)


def test_only_changed_files_are_parsed(kept):
    settle()
    with parsed_files() as ids:
        before = kept.check()
    assert {"an-order", "it-does-good"} <= set(ids)
    with parsed_files() as ids:
        assert kept.check() == before
    assert not ids
    kept.record("claims", "it-does-good", text="It does better")
    with parsed_files() as ids:
        kept.check()
    assert list(filter(None, ids)) == ["it-does-good"]
    with parsed_files() as ids:
        kept.check(proposed={"policies/actions/an-order.toml": b"title = 1"})
    assert list(filter(None, ids)) == ["an-order"]


def test_rows_of_a_file_are_made_again_only_after_a_change(kept):
    settle()
    kept.load()
    kept.record("claims", "it-does-good", text="It does better")
    with parsed_files() as ids:
        kept.load()
    assert set(filter(None, ids)) == {"it-does-good"}


def test_files_of_other_times_but_the_same_bytes_are_read_and_not_parsed(kept):
    settle()
    kept.check()
    for file in kept.policies.rglob("*.toml"):
        os.utime(file)
    with parsed_files() as ids:
        kept.check()
    assert not list(filter(None, ids))


def test_a_change_that_leaves_size_and_time_is_seen(kept):
    file = kept.record("claims", "it-does-good", text="It does good")
    settle()
    kept.check()
    state = file.stat()
    file.write_text(file.read_text().replace("contested", "unsettled"))
    os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))
    settle()
    with parsed_files() as ids:
        assert [problem.code for problem in kept.check().problems] == ["V701"]
    assert "it-does-good" in ids


def test_rows_with_the_name_of_an_organization_change_with_it(kept):
    kept.record("documents", "a-source", authors=[{"organization": "an-office"}])
    settle()
    kept.load()
    office = TABLES["organizations"]["an-office"]
    kept.write("organizations.toml", {"an-office": office | {"name": "Another office"}})
    kept.load()
    with sqlite3.connect(kept.db) as connection:
        assert connection.execute("select authors from documents").fetchall() == [
            ("Another office",)
        ]


def test_a_file_that_has_just_changed_is_read_again(kept, monkeypatch):
    monkeypatch.setattr(cache, "UNSETTLED", 1 << 60)
    kept.check()
    (known,) = sqlite3.connect(place(kept)).execute("select distinct signature from files")
    assert known == ("",)


def test_an_unchanged_base_is_not_loaded_again(kept):
    settle()
    first = kept.load()
    when = kept.db.stat().st_mtime_ns
    assert kept.load()[:2] == first[:2]
    assert kept.db.stat().st_mtime_ns == when


@pytest.mark.parametrize("damage", ["changed", "removed", "without digest"])
def test_a_database_that_is_not_the_one_loaded_is_loaded_again(kept, damage):
    settle()
    kept.load()
    whole = kept.db.read_bytes()
    if damage == "changed":
        kept.db.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    elif damage == "removed":
        kept.db.unlink()
    else:
        kept.db.with_name("kb.db.sha256").unlink()
    kept.load()
    assert kept.db.read_bytes() == whole
    assert kept.db.with_name("kb.db.sha256").exists()


def test_another_version_of_the_software_forgets_everything(kept, monkeypatch):
    settle()
    kept.check()
    monkeypatch.setattr(cache, "software", lambda: "another")
    with parsed_files() as ids:
        kept.check()
    assert "an-order" in ids


def test_a_fault_of_the_program_is_not_remembered(kept):
    settle()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parallel, "check_record", lambda kind, record, course: 1 / 0)
        assert "S108" in kept.codes()
    assert kept.codes() == []


def test_load_check_reads_every_file(kept):
    settle()
    kept.load()
    with parsed_files() as ids:
        assert kept.run("load", "--check").returncode == 0
    assert "an-order" in ids


@pytest.mark.parametrize("seed", range(6))
def test_a_damaged_cache_changes_no_answer(kept, seed):
    settle()
    kept.load()
    kept.check()
    chance = random.Random(seed)
    data = bytearray(place(kept).read_bytes())
    for _ in range(chance.choice([1, 20, 200])):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    place(kept).write_bytes(data[: chance.choice([len(data), len(data) // 2])])
    same_as_without(kept)
    kept.record("claims", "it-does-good", text="It does better")
    same_as_without(kept)
    settle()
    kept.load()  # with a cache that is whole again
    kept.record("claims", "it-does-good", text="It does")
    with parsed_files() as ids:
        kept.load()
    assert set(filter(None, ids)) == {"it-does-good"}


def test_a_cache_in_use_is_done_without(kept):
    settle()
    kept.check()
    with sqlite3.connect(place(kept), isolation_level=None) as other:
        other.execute("begin exclusive")
        same_as_without(kept)


def test_a_folder_without_git_gets_no_cache(base):
    base.check()
    assert {entry.name for entry in base.policies.parent.iterdir()} == {"policies"}


def test_a_copy_in_another_folder_has_a_cache_of_its_own(kept):
    copy = kept.policies.parent / "copy" / "policies"
    shutil.copytree(kept.policies, copy)
    kept.check()
    load.check(copy, kept.today)
    assert len(list((kept.policies.parent / ".git").glob("policykb-cache-*.db"))) == 2


def test_no_count_compares_each_row_with_all_others():
    """Counts are made before there are indexes, so a query for each row would read a whole table each time."""
    connection = sqlite3.connect(":memory:")
    connection.executescript(load.sql("schema.sql"))
    statements = load.sql("counts.sql").split(";\n")
    for statement in filter(str.strip, statements):
        plan = [row[3] for row in connection.execute(f"explain query plan {statement}")]
        connection.execute(statement)
        for line, inner in zip(plan, plan[1:], strict=False):
            assert not (line.startswith("CORRELATED") and inner.startswith("SCAN")), statement
