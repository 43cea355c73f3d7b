"""After a change of a few records, the load updates kb.db, which then has the bytes of a load of all files."""

import random
import sqlite3
import time

import pytest
from conftest import ABOUT, Base
from policykb.build import cache, load, update

SCHEME = {
    "id": "xe_gazette",
    "label": "Gazette",
    "definition": "A number of the gazette.",
    "pattern": r"(?P<year>\d{4})/\d+",
    "example": "2026/14",
    "display": "Gazette {value}",
    "url": "https://gazette.example.org/{year}",
}
MANY = 6  # records of each kind


class Records:
    """Random records, valid in any combination, which refer to each other in every way that other rows depend on."""

    def __init__(self, base: Base, seed: int) -> None:
        self.base, self.random = base, random.Random(seed)
        base.write("about.toml", ABOUT | {"identifier_schemes": [SCHEME]})
        for number in range(MANY):
            for kind in (self.document, self.claim, self.action, self.argument):
                kind(number)

    def change(self) -> None:
        """Write one record again, with other content."""
        kinds = (self.document, self.claim, self.action, self.argument)
        self.random.choice(kinds)(self.random.randrange(MANY))

    def some(self, kind: str) -> str:
        return f"{kind}-{self.random.randrange(MANY)}"

    def maybe(self, **values: object) -> dict:
        """Some of the values."""
        return {key: value for key, value in values.items() if self.random.random() < 0.5}

    def text(self) -> str:
        words = ["open", "weights", "a model", "二模型", "Écoles", "of", "the rules"]
        return " ".join(self.random.choices(words, k=self.random.choice([1, 3, 8, 400])))

    def several(self, most: int) -> range:
        return range(self.random.randint(0, most))

    def withdrawn(self) -> dict:
        reason = {"on": "2026-06-03", "reason": "It was a duplicate."}
        return {"withdrawn": reason} if self.random.random() < 0.15 else {}

    def cite(self) -> list[dict]:
        return [{"document": self.some("d"), "locator": f"page {self.random.randint(1, 9)}"}]

    def appearances(self) -> list[dict]:
        return [{"document": self.some("d"), **self.maybe(quoted=["an-office", "a senator"])}]

    def document(self, number: int) -> None:
        authors = [{"family": "Ames"}, {"organization": "an-office"}, {"family": "Boyd"}]
        content = self.maybe(
            authors=self.random.sample(authors, 2),
            issued=self.random.choice(["2025", "2026-01-02"]),
            publisher=self.text()[:60],
            abstract=self.text(),
            keywords=[f"word {place}" for place in self.several(3)],
            mentions=[{"action": self.some("a"), "portrayed_as": "enacted", "words": "x"}],
            url=self.random.choice([..., f"https://www.congress.gov/{number}"]),
        )
        grade = self.random.choice(["primary", "established"])
        more = {"title": self.text()[:90], "grade": grade} | self.withdrawn()
        self.base.record("documents", f"d-{number}", **content, **more)

    def claim(self, number: int) -> None:
        evidence = [
            {"document": self.some("d"), "finding": "supports", "note": self.text()[:50]}
            for _ in self.several(3)
        ]
        content = {
            "text": self.text()[:90],
            "appearances": self.appearances(),
            "evidence": evidence,
        }
        self.base.record("claims", f"c-{number}", **content, **self.withdrawn())

    def action(self, number: int) -> None:
        kinds = ["issued", self.random.choice(["took_effect", "amended"])]
        events = [
            {"date": f"2026-0{place + 1}-02", "type": kind, "cite": self.cite()}
            for place, kind in enumerate(kinds[: self.random.randint(1, 2)])
        ]
        content = self.maybe(
            short_title=self.text()[:30],
            topics=["a-topic"],
            bodies=[{"organization": "an-office", "role": "issuer"}],
            identifiers={"xe_gazette": f"2026/{number}", "celex": f"32024R168{number}"},
            official_text=events[0]["cite"][0]["document"],
            open_questions=[self.text()[:50] for _ in self.several(3)],
            relations=[{"type": "affects", "action": f"a-{(number + 1) % MANY}"}],
            aliases=["An alias", self.text()[:20]],
        )
        if number and self.random.random() < 0.6:
            content["part_of"] = f"a-{self.random.randrange(number)}"
        content |= {"title": self.text()[:90], "jurisdiction": self.random.choice(["us", "us-ca"])}
        content |= {"events": events, "summary": self.text()}
        self.base.record("actions", f"a-{number}", **content, **self.withdrawn())

    def argument(self, number: int) -> None:
        stances = [
            {"action": self.some("a"), "stance": stance}
            for stance in self.random.sample(["supports", "opposes", "warns"], 2)
        ]
        content = self.maybe(
            relations=[{"type": "rebuts", "argument": f"g-{(number + 1) % MANY}"}],
            claims=[self.some("c")],
            values=["innovation"],
        )
        content |= {"title": self.text()[:90], "premises": [self.text()[:80]], "stances": stances}
        content |= {"appearances": self.appearances()}
        self.base.record("arguments", f"g-{number}", **content, **self.withdrawn())


@pytest.fixture
def kept(base: Base, monkeypatch) -> Base:
    """A small base in a folder with a cache, of which any change is small."""
    git = base.policies.parent / ".git"
    git.mkdir()
    (git / "HEAD").touch()
    monkeypatch.setattr(cache, "UNSETTLED", 1_000_000)
    monkeypatch.setattr(load, "UPDATED", 2)
    return base


@pytest.fixture
def updates(monkeypatch) -> list[list[str]]:
    """The files of each update."""
    files: list[list[str]] = []

    def begin(connection, changed):
        files.append(sorted(changed))
        return update_begin(connection, changed)

    update_begin = update.begin
    monkeypatch.setattr(update, "begin", begin)
    return files


def fresh_bytes(base: Base) -> bytes:
    place = base.db.with_name("fresh.db")
    load.build(base.policies, place, base.today, cached=False)
    data = place.read_bytes()
    place.unlink()
    return data


def differing(base: Base) -> list[str]:
    """The tables of kb.db that differ from those of a fresh build: what a failure shows."""
    place = base.db.with_name("fresh.db")
    load.build(base.policies, place, base.today, cached=False)
    one, other = sqlite3.connect(base.db), sqlite3.connect(place)
    query = "select name from sqlite_schema where type = 'table' order by name"
    return [
        name
        for (name,) in one.execute(query).fetchall()
        if one.execute(f"select * from {name}").fetchall()
        != other.execute(f"select * from {name}").fetchall()
    ]


@pytest.mark.parametrize(
    ("seed", "steps"),
    [(1, 5), *(pytest.param(seed, 20, marks=pytest.mark.thorough) for seed in range(2, 6))],
)
def test_an_update_has_the_bytes_of_a_load_of_all_files(kept, updates, seed, steps):
    records = Records(kept, seed)
    assert not kept.load(log=load.empty_log).errors
    for _ in range(steps):
        for _ in range(records.random.choice([1, 1, 1, 3])):
            records.change()
        time.sleep(0.002)
        result = kept.load(log=load.empty_log)
        assert not result.errors, result.problems
        assert kept.db.read_bytes() == fresh_bytes(kept), differing(kept)
    assert len(updates) > steps // 2


@pytest.mark.parametrize(
    "change",
    [
        lambda base: base.record("claims", "c-new"),
        lambda base: (base.policies / "claims" / "it-does-good.toml").unlink(),
        lambda base: base.write("about.toml", ABOUT | {"title": "Another title"}),
        lambda base: base.db.write_bytes(base.db.read_bytes() + b"\0"),
    ],
    ids=["new file", "removed file", "about.toml", "other bytes of kb.db"],
)
def test_other_changes_lead_to_a_load_of_all_files(kept, updates, change):
    kept.load(log=load.empty_log)
    change(kept)
    kept.record("documents", "a-source", title="Another title")
    assert not kept.load(log=load.empty_log).errors
    assert kept.db.read_bytes() == fresh_bytes(kept)
    assert not updates


def test_an_update_with_errors_leaves_the_database_as_it_is(kept, updates):
    kept.load(log=load.empty_log)
    before = kept.db.read_bytes()
    kept.record("documents", "a-source", title=...)
    assert kept.load(log=load.empty_log).errors
    assert kept.db.read_bytes() == before
    kept.record("documents", "a-source", title="Another title")
    assert not kept.load(log=load.empty_log).errors
    assert updates == [["policies/documents/a-source.toml"]]
    assert kept.db.read_bytes() == fresh_bytes(kept)
    assert not list(kept.db.parent.glob(".kb.db.*"))
