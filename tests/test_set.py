"""set, show, list, undo: single values and records on the command line; references by name, number and address."""

import subprocess
from pathlib import Path

import pytest
import rtoml
from conftest import Base
from policykb.contribute import ids
from policykb.contribute.iso import iso_3166
from policykb.contribute.resolve import References
from policykb.files.catalogue import Catalogue, free_id


def order(base: Base) -> dict:
    return rtoml.load(base.policies / "actions/an-order.toml")


def git(base: Base, *words: str) -> None:
    """Run git in the folder of a base."""
    name = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    folder = base.policies.parent
    subprocess.run(["git", "-C", str(folder), *name, *words], check=True, capture_output=True)


@pytest.fixture
def committed(base: Base) -> Base:
    """A base whose files are committed."""
    git(base, "init", "-q")
    git(base, "add", "policies")
    git(base, "commit", "-qm", "Begin")
    return base


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("summary", "Asks agencies.", lambda record: record["summary"] == "Asks agencies."),
        ("effect.kind", "Unclear", lambda record: record["effect"]["kind"] == "unclear"),
        ("identifiers.eo", "14999", lambda record: record["identifiers"] == {"eo": "14999"}),
        ("topics", "A topic", lambda record: record["topics"] == ["a-topic"]),
        ("jurisdiction", "California", lambda record: record["jurisdiction"] == "us-ca"),
        (
            "events.2026-06-02.note",
            "In the capital",
            lambda record: record["events"][0]["note"] == "In the capital",
        ),
        (
            "events.issued.date",
            "June 1st 2026",
            lambda record: str(record["events"][0]["date"]) == "2026-06-01",
        ),
        (
            "events.issued.cite",
            "https://www.example.org/a-source, p. 3",
            lambda record: (
                record["events"][0]["cite"] == [{"document": "a-source", "locator": "page 3"}]
            ),
        ),
    ],
)
def test_value_of_a_record_is_set(base: Base, key: str, value: str, expected):
    result = base.run("set", "An order", key, value, "--yes")
    assert result.returncode == 0, result.stderr
    assert expected(order(base))
    assert base.codes() == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["an-order", "sumary", "x"],
            "'sumary' is not a key that can be set here; did you mean 'summary'?",
        ),
        (
            ["an-order", "events.9.note", "x"],
            "there is no event '9'; expected a name, place or date",
        ),
        (["an-order", "effect.kind", "silnt"], "did you mean 'silent'?"),
        (["an-order", "summary"], "give a VALUE, or --remove to remove the key"),
        (["an-ordr", "summary", "x"], "there is no record 'an-ordr'; did you mean 'an-order'?"),
        (["it-should-stay", "premises", "x"], "such as premises.1, or add one with `policykb add`"),
        (["an-order", "identifiers.foo", "1"], "'foo' is not a scheme of identifiers"),
        (
            ["an-order", "jurisdiction", "Atlantis Islands"],
            "there is no jurisdiction 'Atlantis Islands'",
        ),
    ],
)
def test_what_cannot_be_set_is_refused_with_the_reason(base: Base, words: list[str], message: str):
    before = order(base)
    result = base.run("set", *words, "--yes")
    assert result.returncode == 2
    assert message in result.stderr
    assert order(base) == before


def test_key_is_removed_and_a_required_one_is_not(base: Base):
    base.record("actions", "an-order", short_title="Short")
    assert base.run("set", "an-order", "short-title", "--remove", "--yes").returncode == 0
    assert "short_title" not in order(base)
    assert base.run("set", "an-order", "summary", "--remove", "--yes").returncode == 1


def test_entry_of_a_table_is_set_and_shown(base: Base):
    assert base.run("set", "An office", "short_name", "AO", "--yes").returncode == 0
    shown = base.run("show", "AO")
    assert shown.returncode == 0
    assert rtoml.loads(shown.stdout)["an-office"]["short_name"] == "AO"
    assert shown.stderr == "policies/organizations.toml\n"


def test_list_finds_records_by_words(base: Base):
    assert base.run("list", "actions").stdout == "an-order  An order\n"
    assert base.run("list", "document", "sour", "A").stdout == "a-source  A source\n"
    assert base.run("list").stdout.splitlines()[0].split() == ["action", "1"]
    assert "did you mean 'action'?" in base.run("list", "actoin").stderr
    assert "similar: action; expected one of" in base.run("list", "acts").stderr
    assert "bill  Bill\n" in base.run("list", "instruments").stdout


def test_last_change_is_undone_and_then_the_one_before(committed: Base):
    before = (committed.policies / "actions/an-order.toml").read_bytes()
    for text in ("First.", "Second."):
        assert committed.run("set", "an-order", "summary", text, "--yes").returncode == 0
    assert committed.run("undo", "--yes").returncode == 0
    assert order(committed)["summary"] == "First."
    assert committed.run("undo", "--yes").returncode == 0
    assert (committed.policies / "actions/an-order.toml").read_bytes() == before
    said = committed.run("undo", "--yes").stderr
    assert "there is no change to undo" in said
    assert "; git has the earlier states of a file" in said


def test_what_was_committed_or_edited_since_is_not_undone(committed: Base):
    assert committed.run("set", "an-order", "summary", "First.", "--yes").returncode == 0
    place = committed.policies / "actions/an-order.toml"
    text = place.read_text()
    place.write_text(text + "# mine\n")
    assert "was changed since" in committed.run("undo", "--yes").stderr
    place.write_text(text)
    git(committed, "commit", "-qam", "Change")
    assert "was committed; use: git revert" in committed.run("undo", "--yes").stderr
    assert place.read_text() == text


def test_what_was_discarded_does_not_hide_the_change_before_it(committed: Base):
    assert committed.run("set", "a-source", "title", "First", "--yes").returncode == 0
    assert committed.run("set", "an-order", "summary", "Second.", "--yes").returncode == 0
    git(committed, "checkout", "-q", "policies/actions")
    assert committed.run("undo", "--yes").returncode == 0
    assert rtoml.load(committed.policies / "documents/a-source.toml")["title"] != "First"
    assert "there is no change to undo" in committed.run("undo", "--yes").stderr


def test_what_was_committed_and_changed_is_not_undone(committed: Base):
    assert committed.run("set", "an-order", "summary", "First.", "--yes").returncode == 0
    place = committed.policies / "actions/an-order.toml"
    place.write_text(place.read_text() + "# mine\n")
    git(committed, "commit", "-qam", "Change")
    assert "is not there any more" in committed.run("undo", "--yes").stderr


def test_id_that_was_never_committed_leaves_no_redirect(committed: Base):
    committed.record("documents", "new-one", title="Another source")
    for old, new, redirects in (("new-one", "newer", False), ("a-source", "the-source", True)):
        words = ["rename", old, new, "--reason", "Better", "--yes"]
        result = committed.run(*words)
        assert result.returncode == 0, result.stderr
        place = committed.policies / "redirects.toml"
        assert (place.exists() and old in rtoml.load(place)) == redirects


@pytest.mark.parametrize(
    ("text", "record_id"),
    [
        ("EO 14110", "us-eo-14110"),
        ("Executive Order 14110", "us-eo-14110"),
        ("E.O. 14110", "us-eo-14110"),
        ("European Union", "eu"),
        ("EU", "eu"),
        ("Regulation (EU) 2024/1689", "eu-ai-act"),
        ("AI Act", "eu-ai-act"),
        ("US President", "us-president"),
        ("BIS", "us-bis"),
    ],
)
def test_shipped_record_is_known_by_name_number_and_code(text: str, record_id: str):
    entries = References(Path(), shipped_catalogue()).matches(text)
    assert record_id in [entry.id for entry in entries]


def shipped_catalogue(known: list[Catalogue] = []) -> Catalogue:  # noqa: B006  read once
    """Return the index of the shipped records."""
    if not known:
        known.append(Catalogue.read(Path(__file__).parent.parent / "policies"))
    return known[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Japan", {"id": "jp", "name": "Japan", "kind": "country", "code": "JP"}),
        ("gb", {"id": "uk", "name": "United Kingdom", "kind": "country", "code": "GB"}),
        (
            "US-TX",
            {
                "id": "us-tx",
                "name": "Texas",
                "kind": "subdivision",
                "code": "US-TX",
                "part_of": "us",
            },
        ),
        ("Atlantis", {}),
    ],
)
def test_jurisdiction_is_made_from_iso_3166(base: Base, text: str, expected: dict):
    assert iso_3166(text) == expected
    if not expected:
        return
    result = base.run("new", "jurisdiction", "--name", text, "--yes")
    assert result.returncode == 0, result.stderr
    table = rtoml.load(base.policies / "jurisdictions.toml")
    assert table[expected["id"]] == {key: expected[key] for key in expected if key != "id"}


def test_person_is_an_organization_of_that_kind(base: Base):
    words = ["new", "person", "--name", "Don Beyer", "--jurisdiction", "United States", "--yes"]
    result = base.run(*words)
    assert result.returncode == 0, result.stderr
    assert rtoml.load(base.policies / "organizations.toml")["don-beyer"] == {
        "name": "Don Beyer",
        "kind": "person",
        "jurisdiction": "us",
    }
    words = ["add", "body", "An order", "--organization", "Don Beyer", "--role", "sponsor", "--yes"]
    assert base.run(*words).returncode == 0
    assert order(base)["bodies"] == [{"organization": "don-beyer", "role": "sponsor"}]


@pytest.mark.parametrize(("grade", "accessed"), [("primary", True), ("relayed", False)])
def test_access_is_dated_only_if_the_source_was_opened(base: Base, grade: str, accessed: bool):
    words = [
        "new",
        "document",
        "--title",
        "A letter",
        "--type",
        "report",
        "--grade",
        grade,
        "--yes",
    ]
    assert base.run(*words).returncode == 0
    (place,) = base.policies.glob("documents/*letter*.toml")
    assert ("accessed" in rtoml.load(place)) == accessed


@pytest.mark.parametrize(
    ("issued", "as_of"),
    [("2026-10-05", "2026-10-05"), ("2026-10", "2026-10-31"), ("", "2026-11-22")],
)
def test_status_is_known_as_of_the_newest_source(base: Base, issued: str, as_of: str):
    base.record("documents", "a-report", type="report", issued=issued or ..., title="A report")
    words = [
        "--title",
        "Order on Weights",
        "--instrument",
        "executive order",
        "--bindingness",
        "mixed",
    ]
    words += ["--jurisdiction", "United States", "--effect", "silent: Says nothing."]
    words += ["--summary", "Binds agencies.", "--event", "2026-10-01 signed @ A report, p. 2"]
    result = base.run("new", "action", *words, "--yes")
    assert result.returncode == 0, result.stderr
    (place,) = base.policies.glob("actions/us-order*.toml")
    record = rtoml.load(place)
    assert str(record["as_of"]) == as_of
    assert record["events"][0]["cite"] == [{"document": "a-report", "locator": "page 2"}]


def test_proposed_id_is_cut_between_words():
    used = {"-".join(["weights"] * 10)}
    record_id = ids.proposed("topic", {"name": " ".join(["weights"] * 12)}, used)
    assert set(record_id.split("-")) <= {"weights", "2"}
    long = "a-topic-with-a-long-name-that-has-eighty-characters-and-ends-in-the-middle-of-it"
    assert free_id(long, {long}) == f"{long[:-6]}-2"
