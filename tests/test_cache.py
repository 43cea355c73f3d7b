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
from conftest import ABOUT, CLAIM, TABLES, Base, mostly_thorough
from policykb.build import cache, findings, load, parallel
from policykb.build.findings import Findings
from policykb.files.reader import sources
from policykb.model.problems import EDITORIAL, Problem
from policykb.model.records import FOLDERS

MENTION = [{"action": "an-order", "words": "two words", "portrayed_as": "enacted"}]
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
        patch.setattr(cache, "place", lambda policies, name: None)
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


@contextmanager
def findings_of_parts() -> Iterator[list[Findings | None]]:
    """What checks find in a part of the records, None where they judge all."""
    parts: list[Findings | None] = []

    def after_change(*arguments):
        parts.append(findings.after_change(*arguments))
        return parts[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(load, "after_change", after_change)
        yield parts


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


@pytest.mark.thorough
@pytest.mark.parametrize(("seed", "steps"), [(1, 12), (2, 60)])
def test_random_changes_give_the_answers_of_a_run_without_cache(kept, seed, steps):
    editor = Editor(kept, seed)
    for _ in range(steps):
        for _ in range(editor.random.randrange(3)):
            editor.change()
        if editor.random.random() < 0.5:
            settle()
        same_as_without(kept)


class Records(Editor):
    """Random changes of records that rules compare with other records."""

    numbers = range(6)
    days = ("2024-12-30", "2025-01-03", "2026-05-30", "2026-06-02")
    today = ("2026-06-02", "2026-05-31", "2027-02-01")

    def repair(self, problems: list[Problem]) -> None:
        """Write plain records in the place of those with errors and of those that are missing."""
        for path in {problem.path for problem in problems if problem.severity == "error"}:
            if path.count("/") > 1:
                (self.base.policies.parent / path).unlink(missing_ok=True)
        self.base.write("redirects.toml", "")
        self.complete()

    def complete(self) -> None:
        """Write the records that are missing."""
        letters = {"actions": "a", "arguments": "g", "claims": "c", "documents": "d"}
        ids = [
            (place, f"{letter}-{number}")
            for place, letter in letters.items()
            for number in self.numbers
        ]
        for place, id in [*ids, ("actions", "an-order"), ("documents", "a-source")]:
            if not (self.base.policies / place / f"{id}.toml").exists():
                self.base.record(place, id)

    def one(self, name: str) -> str:
        """The id of one of a few records, with a small chance of one that is not there."""
        return f"{name}-{self.random.choice(self.numbers)}" if self.random.random() < 0.995 else "x"

    def some(self, *items: dict) -> list[dict]:
        return [item for item in items if self.random.random() < 0.4]

    def change(self) -> None:
        self.random.choice(
            [self.action, self.argument, self.document, self.claim] * 3
            + [self.remove, self.rename, self.settings, self.day, self.redirect]
        )()

    def action(self) -> None:
        number = self.random.choice(self.numbers)
        cite = self.some({"document": self.one("d")}, {"document": self.one("d")})
        types = self.random.choice(
            [["issued"], ["introduced"], ["issued", "took_effect", "revoked"]]
        )
        events = [
            {"date": day, "type": kind, "cite": cite}
            for day, kind in zip(self.days, types, strict=False)
        ]
        if self.random.random() < 0.1:
            events[0]["former_ids"] = [f"{self.one('a')}#issued"]
        bill = {"us_bill": self.random.choice(["hr1-118", "hr2-119"])}
        relation = {"type": self.random.choice(["revokes", "amends"]), "action": self.one("a")}
        gone = {"on": "2026-01-01", "reason": "A mistake."}
        self.base.record(
            "actions",
            f"a-{number}",
            events=events,
            as_of=self.random.choice(self.days),
            identifiers=bill if self.random.random() < 0.2 else ...,
            relations=[item for item in self.some(relation) if item["action"] != f"a-{number}"],
            instrument=self.random.choice(["bill", "policy_option", "executive_order"]),
            bodies=self.some({"organization": "an-office", "role": "issuer"}),
            withdrawn=gone if self.random.random() < 0.05 else ...,
            part_of=self.one("a") if self.random.random() < 0.1 else ...,
        )

    def argument(self) -> None:
        number = self.random.choice(self.numbers)
        stances = self.some(
            {"action": self.one("a"), "stance": "supports"},
            {"action": self.one("a"), "stance": "opposes"},
        )
        place = {
            "document": self.one("d"),
            "by": [item["name"] for item in self.some({"name": "Lee"})],
        }
        relation = {"type": self.random.choice(["supports", "rebuts"]), "argument": self.one("g")}
        self.base.record(
            "arguments",
            f"g-{number}",
            stances=stances or [{"action": "an-order", "stance": "warns"}],
            appearances=[place],
            relations=[item for item in self.some(relation) if item["argument"] != f"g-{number}"],
        )

    def document(self) -> None:
        mention = {
            "action": self.one("a"),
            "locator": "page 1",
            "words": "It",
            "portrayed_as": "enacted",
        }
        page = self.random.choice(["a", "b", "c", "d", "e"])
        self.base.record(
            "documents",
            self.one("d"),
            mentions=self.some(mention),
            authors=self.some({"family": "Lee"}, {"organization": "an-office"}),
            issued=self.random.choice(self.days),
            url=f"https://example.org/{page}",
            type=self.random.choice(["report", "legislation", "webpage"]),
        )

    def claim(self) -> None:
        evidence = self.some(
            {"document": self.one("d"), "finding": "supports", "note": "It says so."}
        )
        places = self.some({"document": self.one("d")})
        self.base.record("claims", self.one("c"), evidence=evidence, appearances=places)

    def settings(self) -> None:
        if self.random.random() < 0.3:
            least = self.random.choice([0, 2, 60])
            names = "actions", "argued_actions", "two_sided_actions", "official_statuses"
            severities = {code: self.random.choice(["warning", "error"]) for code in EDITORIAL}
            expectations = dict.fromkeys((*names, "documents_with_authors"), least)
            about = ABOUT | {"severities": severities, "expectations": expectations}
            self.base.write("about.toml", about)

    def day(self) -> None:
        self.base.today = self.random.choice(self.today)

    def redirect(self) -> None:
        to = {"to": self.one("a"), "on": "2026-01-01", "reason": "The same."}
        content = {self.random.choice(["old", "a-3"]): to} if self.random.random() < 0.3 else {}
        self.base.write("redirects.toml", content)


@pytest.mark.parametrize(
    ("seed", "steps"), [(5, 60), pytest.param(2, 400, marks=pytest.mark.thorough)]
)
def test_random_changes_give_the_problems_of_a_check_of_all_records(kept, seed, steps):
    editor = Records(kept, seed)
    editor.base.write("about.toml", ABOUT | {"severities": {}})
    editor.complete()
    with findings_of_parts() as parts:
        for _ in range(steps):
            for _ in range(editor.random.choice([0, 1, 1, 1, 2, 5])):
                editor.change()
            found = kept.check()
            with without_cache():
                assert kept.check() == found
            if editor.random.random() < 0.5:
                editor.repair(found.problems)
    found = list(filter(None, parts))
    assert len(found) > steps // 2
    codes = {problem.code for part in found for problem in part.problems}
    assert {"C508", "D902", "E851", "E853", "E862", "L003", "R305", "T402"} <= codes


@pytest.mark.parametrize("size", [2, findings.PART])
def test_a_change_concerns_records_that_refer_to_it_or_share_a_key_with_it(kept, monkeypatch, size):
    """Whether the links of all records are kept in one part or in several."""
    monkeypatch.setattr(findings, "PART", size)
    for id, page, cited in (("b-1", "one", "b-2"), ("b-2", "two", "b-3"), ("b-3", "one", "b-1")):
        kept.record("documents", id, url=f"https://example.org/{page}")
        kept.record("claims", f"c{id[1:]}", appearances=[{"document": cited}])
    kept.check()
    kept.record("documents", "b-1", url="https://example.org/one", title="Another title")
    with findings_of_parts() as parts:
        kept.check()
    (part,) = parts
    judged = {facts.id for facts in part.base.facts if facts.kind in FOLDERS}
    assert judged == {"b-1", "b-3", "c-3"}


@pytest.mark.parametrize(
    ("place", "code", "target"),
    [
        ("arguments", "A803", lambda id: {"relations": [{"type": "supports", "argument": id}]}),
        ("actions", "R303", lambda id: {"part_of": id}),
    ],
)
def test_a_change_that_closes_a_circle_is_found(kept, place, code, target):
    ids = [f"b-{number}" for number in range(8)]
    kept.record(place, ids[-1])
    for id, above in zip(ids, ids[1:], strict=False):
        kept.record(place, id, **target(above))
    assert kept.codes() == []
    kept.record(place, ids[-1], **target(ids[0]))
    assert kept.codes() == [code] * len(ids)


@pytest.mark.parametrize(
    ("place", "content"),
    [
        ("organizations.toml", {"an-office": TABLES["organizations"]["an-office"] | {"name": "O"}}),
        ("about.toml", ABOUT | {"title": "Another title"}),
        ("claims/c.toml", "text = "),
        ("claims/an-order.toml", CLAIM),
        ("claims/c.toml", CLAIM | {"appearances": [{"document": "none"}]}),
    ],
)
def test_a_change_that_concerns_all_records_is_not_judged_in_part(kept, place, content):
    kept.check()
    kept.write(place, content)
    with findings_of_parts() as parts:
        kept.check()
    assert parts == [None]


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


@pytest.mark.slow
@pytest.mark.parametrize("seed", mostly_thorough(range(6)))
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


def test_equal_values_of_facts_are_one_object(base):
    """Otherwise the facts of 100,000 records take three times the memory."""
    for name in ("b-source", "c-source"):
        base.record("documents", name, publisher="An office of the state", mentions=MENTION)
    files, _ = sources(base.policies)

    def facts(phrases: bool) -> dict:
        work = parallel.begin(files, rows=False, phrases=phrases)
        (chunk,) = parallel.records(work, work.records)
        return {facts.id: facts for facts in chunk.facts}

    order, one, other = map(facts(phrases=False).get, ("an-order", "b-source", "c-source"))
    assert one.publisher is other.publisher and one.refers[0] is other.refers[0]
    assert one.refers[1] is order.id
    assert not one.phrases
    assert facts(phrases=True)["b-source"].phrases[0][-1] == "two words"


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
