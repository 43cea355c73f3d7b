"""Single mistakes that people make in files: one message each, with what to write; and what --fix corrects."""

import re

import pytest
import rtoml
from conftest import Base, examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from policykb.contribute import fix

ORDER = """\
title = "An order"
instrument = "executive_order"
bindingness = "binding"
jurisdiction = "us"
as_of = 2026-11-22
confidence = "high"
summary = "Binds agencies."

[identifiers]
eo = "14409"

[effect]
kind = "silent"
note = "Says nothing."

[[events]]
id = "issued"
date = 2026-06-02
type = "issued"
note = "In the capital"
cite = [{ document = "a-source", locator = "page 31" }]
"""
CITE = 'cite = [{ document = "a-source", locator = "page 31" }]'
# Name, what is right, what a person wrote, what the message says, and whether --fix corrects it.
MISTAKES = [
    ("curly quotes", '"An order"', "“An order”", "curly quotes", True),
    ("single curly quotes", '"binding"', "‘binding’", "curly quotes", True),
    ("curly quotes in a table", '"a-source"', "“a-source”", "curly quotes", True),
    ("month", "date = 2026-06-02", "date = 2026-06", "in the form of a date", True),
    ("date in words", "= 2026-06-02", "= 2 June 2026", "in the form of a date", True),
    ("date in words in quotes", "= 2026-06-02", '= "2 June 2026"', "'2026-06-02'?", True),
    ("date of two readings", "= 2026-06-02", "= 06/02/2026", "a day as 2026-06-02", False),
    ("date with slashes", "= 2026-06-02", "= 2026/06/02", "in the form of a date", True),
    ("approximate date", "= 2026-06-02", "= 2026-06-02~", "in the form of a date", True),
    ("year without quotes", "= 2026-06-02", "= 2026", 'expected text in quotes: "2026"', True),
    ("short day", "= 2026-06-02", "= 2026-6-2", "in the form of a date", True),
    ("day that does not exist", "= 2026-06-02", "= 2026-02-30", "no day 2026-02-30", False),
    ("day and time", "= 2026-06-02", "= 2026-06-02T10:00:00", "'2026-06-02'?", True),
    ("single brackets", "[[events]]", "[events]", "[[events]] above each item", True),
    ("singular", "[[events]]", "[[event]]", "did you mean 'events'?", True),
    ("word without quotes", '"executive_order"', "executive_order", "has no quotes", True),
    ("key below a table", 'summary = "Binds agencies."\n', "", "above the first [table]", False),
    ("p. 31", '"page 31"', '"p. 31"', "did you mean 'page 31'?", True),
    ("31", '"page 31"', '"31"', "such as 'page 31'", False),
    ("EO 14409 as a value", '"14409"', '"EO 14409"', "did you mean '14409'?", True),
    ("number without quotes", 'eo = "14409"', "eo = 14409", "text in quotes", True),
    ("tab", '"An order"', '"An\torder"', "has a tab", True),
    ("colon", 'title = "An', 'title: "An', "an equals sign", True),
    (
        "colon and no quotes",
        'title = "An order"',
        "title: An order",
        "'title = \"An order\"'?",
        True,
    ),
    (
        "colon and a date",
        "as_of = 2026-11-22",
        "as_of: 22 November 2026",
        "'as_of = 2026-11-22'?",
        True,
    ),
    ("colon and nothing", 'title = "An order"', "title: null", "an equals sign", False),
    ("colon in a table", "document =", "document:", "an equals sign", True),
    ("no closing quote", '"An order"', '"An order', "end with a quote", False),
    ("quotes in quotes", '"An order"', '"An "order" there"', "quotes inside quotes", False),
    ("apostrophe", '"An order"', "'It's an order'", "apostrophe inside", False),
    ("comma at the end", '"An order"', '"An order",', "comma at its end", True),
    ("key twice", 'confidence = "high"', 'confidence = "high"\nconfidence = "low"', "twice", False),
    ("one table for a list", f"{CITE}", f"{CITE[:7]}{CITE[8:-1]}", "a list: cite = [", False),
    ("id for a table", CITE, 'cite = ["a-source"]', '{ document = "..." }', True),
    ("id for a list", CITE, 'cite = "a-source"', "a list of tables in brackets", True),
    ("title for a list", CITE, 'cite = "A source"', "a list of tables in brackets", False),
    (
        "id for a table of two keys",
        "[identifiers]",
        'bodies = "an-office"\n\n[identifiers]',
        "a list of tables",
        False,
    ),
    (
        "two texts for a list",
        "[identifiers]",
        'topics = "a-topic, b"\n\n[identifiers]',
        "a list",
        False,
    ),
    ("no closing bracket", CITE, CITE[:-1], "a bracket ] at its end", False),
    ("text for a list", "[identifiers]", 'topics = "a-topic"\n\n[identifiers]', "a list", True),
    ("True", CITE, "unconfirmed = True", "in lower case", True),
    ("true in quotes", CITE, 'unconfirmed = "true"', "without quotes", False),
    ("address for an id", '"a-source"', '"https://example.org/a"', "the id of a record", False),
    ("name for an id", '"us"', '"United States"', "policykb list", False),
    ("capital letters in an id", '"a-source"', '"A-Source"', "did you mean 'a-source'?", False),
    ("comment as in C", '"high"', '"high" // sure', "a comment after #", True),
    ("text on two lines", '"Binds agencies."', '"Binds\nagencies."', "three quotes", False),
    ("null", CITE, f"{CITE}\nunconfirmed = null", "is left out", False),
    ("empty text", "[identifiers]", 'short_title = ""\n\n[identifiers]', "is empty", False),
    ("label of a term", '"executive_order"', '"Executive Order"', "'executive_order'?", True),
    ("no-break space", "title =", "title\u00a0=", "no-break space", True),
    ("capital letter in a key", "title =", "Title =", "did you mean 'title'?", True),
    ("blank in a key", "as_of", "as of", "an underscore", True),
    ("list as in YAML", CITE, 'cite = [\n- "a-source"\n]', "a list in brackets", False),
    ("no equals sign", "title =", "title", "no equals sign", True),
    (
        "merge conflict",
        'confidence = "high"',
        '<<<<<<< HEAD\nconfidence = "high"\n=======\nconfidence = "low"\n>>>>>>> other',
        "has a merge conflict (<<<<<<< HEAD); expected one of the two versions",
        False,
    ),
    (
        "merge conflict in a text",
        '"Binds agencies."',
        '"""\n<<<<<<< HEAD\nBinds.\n=======\nBinds all.\n>>>>>>> other\n"""',
        "has a merge conflict (<<<<<<< HEAD); expected one of the two versions",
        False,
    ),
    ("a word alone", "[effect]", "x\n\n[effect]", "'x' is not a key with a value", False),
    ("byte of zero", '"An order"', '"An\0 order"', "has U+0000", False),
    ("Latin 1", "capital", "caf\udce9", "saved as UTF-8", False),
]


@pytest.mark.parametrize(
    ("right", "wrong", "message", "corrected"),
    [row[1:] for row in MISTAKES],
    ids=[row[0] for row in MISTAKES],
)
def test_one_mistake_gives_one_message_that_says_what_to_write(
    base: Base, right: str, wrong: str, message: str, corrected: bool
):
    text = ORDER.replace(right, wrong, 1)
    assert text != ORDER
    if not wrong:
        text += right
    place = base.write("actions/an-order.toml", text.encode(errors="surrogateescape"))
    result = base.run("check")
    problems = [line for line in result.stderr.splitlines() if line.startswith("policies/")]
    assert [message in line for line in problems] == [True], problems
    assert "input should be" not in problems[0]
    assert not re.search(r"'(.+)' (?!has).*did you mean '\1'", problems[0])
    result = base.run("check", "--fix", "--yes")
    assert (result.returncode == 0) == corrected, result.stderr
    if corrected:
        rtoml.loads(place.read_text())
        assert "policykb" not in place.read_text()
    else:
        assert place.read_bytes() == text.encode(errors="surrogateescape")


@pytest.mark.parametrize(
    "form", ["\r\n", "\ufeff"], ids=["line ends of Windows", "byte order mark"]
)
def test_what_editors_write_is_read(base: Base, form: str):
    text = ORDER.replace("\n", form) if form == "\r\n" else form + ORDER
    base.write("actions/an-order.toml", text.encode())
    assert base.codes() == []


@pytest.mark.parametrize(
    ("url", "near", "corrected"),
    [
        ("https://example.org/a file.html", "https://example.org/a%20file.html", True),
        ("www.example.org/a", "https://www.example.org/a", False),
    ],
)
def test_address_that_people_write_has_a_near_address(
    base: Base, url: str, near: str, corrected: bool
):
    base.record("documents", "a-source", url=url)
    (problem,) = base.check().problems
    assert problem.nearest == near
    assert (base.run("check", "--fix", "--yes").returncode == 0) == corrected


def test_several_mistakes_are_corrected_together_and_words_stay(base: Base):
    text = ORDER.replace('"An order"', "“An order”").replace("2026-06-02", "June 2026")
    text = text.replace('"page 31"', '"p. 31"').replace("[[events]]", "[events]")
    place = base.write("actions/an-order.toml", text.replace("\n", "\r\n"))
    result = base.run("check", "--fix", "--yes")
    assert result.returncode == 0, result.stderr
    record = rtoml.loads(place.read_text())
    assert record["title"] == "An order"
    assert record["events"][0]["date"] == "2026-06"
    assert record["events"][0]["cite"] == [{"document": "a-source", "locator": "page 31"}]


@given(
    st.integers(0, len(ORDER) - 1),
    st.integers(0, 3),
    st.sampled_from(
        ["", "“", "’", '"', "[", "]", "=", ":", "\t", "\n", "\x00", "p. ", "2 June 2026", "é", "\r"]
    ),
)
@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_fix_ends_without_a_fault_whatever_was_typed(
    base: Base, place: int, count: int, typed: str
):
    text = ORDER[:place] + typed + ORDER[place + count :]
    base.write("actions/an-order.toml", text.encode())
    before = base.check().problems
    changes, solved = fix.fixes(base.policies, base.today)
    assert not any(problem.code == "S108" for problem in before)
    for change in changes:
        base.write("actions/an-order.toml", change.after)
    unread = [
        any(problem.code == "S104" for problem in state)
        for state in (before, base.check().problems)
    ]
    assert unread != [False, True]
    words = re.findall(r"[a-z]{4,}", text.casefold())
    kept = (base.policies / "actions/an-order.toml").read_text().casefold()
    assert solved or [word for word in words if word not in kept] == []
