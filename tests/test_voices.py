"""Who argues what: no stance is lost, nothing is counted twice, and what a text could not know is marked."""

import sqlite3

import pytest
from conftest import Base
from policykb.read.questions import ask, questions
from test_answers import Site

TODAY = "2026-11-22"


def rows(db, sql: str, **values: str) -> list[dict]:
    """Return the rows of a statement on the database at `db`."""
    connection = sqlite3.connect(db)
    connection.row_factory = sqlite3.Row
    try:
        return [dict(row) for row in connection.execute(sql, values)]
    finally:
        connection.close()


def answer(db, name: str, **given: str) -> list[dict]:
    """Return the rows that a named question gives."""
    connection = sqlite3.connect(db)
    try:
        columns, found = ask(connection, questions("openness")[name], given, TODAY)
        return [dict(zip(columns, row, strict=True)) for row in found]
    finally:
        connection.close()


STANCES = """
select s.argument, s.action, s.stance from stances s
join arguments g on g.id = s.argument join actions a on a.id = s.action
where g.withdrawn_on is null and a.withdrawn_on is null"""


def triples(found: list[dict]) -> set[tuple]:
    """Return argument, action and stance of each row."""
    return {(row["argument"], row["action"], row["stance"]) for row in found}


@pytest.mark.thorough
def test_no_stance_of_the_shipped_content_is_lost(shipped):
    stances = rows(shipped, STANCES)
    assert len(stances) > 180
    assert triples(rows(shipped, "select * from voices")) == triples(stances)
    assert triples(answer(shipped, "who-argues-what")) == triples(stances)
    by_action = [
        {**row, "action": action}
        for action in {row["action"] for row in stances}
        for row in answer(shipped, "arguments-about", action=action)
    ]
    assert len(by_action) == len(stances) and triples(by_action) == triples(stances)
    balance = rows(shipped, "select * from stance_balance")
    kinds = ("supports", "supports_if", "opposes", "warns", "neutral", "inherited")
    assert sum(row[kind] for row in balance for kind in kinds) == len(stances)


@pytest.mark.slow
def test_every_speaker_of_the_shipped_content_has_a_name(shipped):
    assert not rows(shipped, "select * from voices where coalesce(speaker, speaker_key, '') = ''")
    assert not rows(shipped, "select * from appearances where speakers = ''")
    for action in rows(shipped, "select distinct action from stances"):
        for row in answer(shipped, "arguments-about", **action):
            assert all(part.strip() for part in row["made_by"].split("; ")), row


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """One action, begun on 2 June 2026, with arguments in texts of all kinds."""
    base = Base(tmp_path_factory.mktemp("voices"))
    doe, roe = {"family": "Doe", "given": "Jane"}, {"family": "Roe", "given": "Max"}
    documents = {
        "by-two": {"authors": [doe, roe], "issued": "2026-05-01"},
        "of-a-publisher": {"publisher": "A Press", "container": "A Paper", "issued": "2026-06"},
        "in-a-container": {"container": "A Paper", "issued": "2026-07-01"},
        "with-a-title": {"title": "A leaflet", "issued": "2026-07-02"},
        "undated": {"authors": [doe]},
    }
    for id, document in documents.items():
        base.record("documents", id, **document)
    stance = {"action": "an-order", "stance": "opposes"}
    arguments = {
        "it-should-stay": ("in-a-container", {"stance": "supports"}),
        "made-early": ("by-two", {}),
        "made-early-about-a-draft": ("by-two", {"as_of": "2026-06-03"}),
        "made-late-about-an-early-state": ("in-a-container", {"as_of": "2026-06-01"}),
        "made-in-the-month": ("of-a-publisher", {"drawn_by": "editors"}),
        "made-later": ("with-a-title", {}),
        "made-without-date": ("undated", {}),
        "inherited": ("by-two", {"inherited": True}),
    }
    for id, (document, more) in arguments.items():
        base.record(
            "arguments",
            id,
            title=f"Title of {id}",
            appearances=[{"document": document, "locator": "page 1"}],
            stances=[stance | more],
        )
    base.record(
        "arguments",
        "an-answer",
        title="Title of the answer",
        appearances=[{"document": "by-two", "by": ["Roe"]}],
        relations=[
            {
                "type": "rebuts",
                "argument": "made-later",
                "target": "premise 2",
                "drawn_by": "editors",
            }
        ],
        stances=[{"action": "an-order", "stance": "supports"}],
    )
    result = base.load()
    assert not result.errors, [problem.text() for problem in result.problems]
    return base


def test_a_document_without_author_is_named_by_what_it_has(small):
    found = {row["document"]: row for row in rows(small.db, "select * from voices")}
    assert {
        id: (found[id]["speaker"], found[id]["named_by"])
        for id in ("of-a-publisher", "in-a-container", "with-a-title")
    } == {
        "of-a-publisher": ("A Press", "publisher"),
        "in-a-container": ("A Paper", "container"),
        "with-a-title": ("A leaflet", "title"),
    }
    assert found["by-two"]["named_by"] == "author"


def test_only_the_speakers_named_speak(small):
    said = rows(small.db, "select speaker from voices where argument = 'an-answer'")
    assert said == [{"speaker": "Max Roe"}]
    about = {row["argument"]: row for row in answer(small.db, "arguments-about", action="an-order")}
    assert about["an-answer"]["made_by"] == "Max Roe"
    assert about["made-early"]["made_by"] == "Jane Doe, Max Roe, page 1"


def test_whom_a_text_quotes_speaks_and_not_its_author(base):
    base.record("documents", "a-report", authors=[{"family": "Doe", "given": "Jane"}])
    base.record(
        "arguments",
        "it-should-stay",
        title="It should stay",
        appearances=[{"document": "a-report", "quoted": ["an-office", "a senator"]}],
        stances=[{"action": "an-order", "stance": "supports"}],
    )
    assert not base.load().errors
    said = rows(base.db, "select speaker, organization, named_by from voices order by speaker")
    assert said == [
        {"speaker": "An office", "organization": "an-office", "named_by": "quoted"},
        {"speaker": "a senator", "organization": None, "named_by": "quoted"},
    ]
    (about,) = answer(base.db, "arguments-about", action="an-order")
    assert about["made_by"] == "An office, a senator, as quoted"


def test_no_one_of_the_shipped_content_is_on_both_sides_of_an_action(shipped):
    both = """
    select speaker, action from voices where stance in ('supports', 'opposes')
    group by 1, 2 having count(distinct stance) > 1"""
    assert not rows(shipped, both)


def test_texts_that_are_older_than_the_action_are_marked(small):
    for found in (
        rows(small.db, "select * from voices"),
        answer(small.db, "who-argues-what"),
        answer(small.db, "arguments-about", action="an-order"),
    ):
        marked = {row["argument"]: row["written_before_action"] for row in found}
        assert marked == {
            "it-should-stay": 0,
            "made-early": 1,
            "made-early-about-a-draft": 0,  # as_of says what it speaks about
            "made-late-about-an-early-state": 1,
            "made-in-the-month": 0,  # it may be later
            "made-later": 0,
            "made-without-date": None,
            "inherited": 1,
            "an-answer": 1,
        }


@pytest.mark.parametrize(("instrument", "mark"), [("policy_option", 0), ("bill", 1)])
def test_no_text_is_older_than_an_idea(base: Base, instrument: str, mark: int):
    base.record("documents", "a-source", issued="2026-01-01")
    base.action("an-order", [("2026-06-02", "reported")], instrument=instrument)
    assert base.load().errors == 0
    (row,) = rows(base.db, "select written_before_action from voices")
    assert row["written_before_action"] == mark
    assert ("written before" in Site(base.db).text("/actions/an-order")) == bool(mark)


def test_an_inherited_stance_is_shown_and_not_counted(small):
    assert {"inherited"} == {
        row["argument"] for row in rows(small.db, "select * from voices where inherited")
    }
    (row,) = rows(small.db, "select * from stance_balance")
    counted = {name: row[name] for name in ("supports", "opposes", "arguments", "inherited")}
    assert counted == {"supports": 2, "opposes": 6, "arguments": 8, "inherited": 1}
    assert (row["documents_against"], row["speakers_against"]) == (5, 5)
    assert (row["documents_for"], row["speakers_for"]) == (2, 2)
    assert rows(
        small.db, "select arguments, argument_documents, argument_speakers from actions"
    ) == [{"arguments": 8, "argument_documents": 5, "argument_speakers": 5}]


def test_pages_mark_what_is_inherited_early_or_drawn_by_the_editors(small):
    site = Site(small.db)
    text = site.text("/actions/an-order")
    assert "Arguments 8" in text and "In 5 documents by 5 speakers" in text
    assert "Against it 6 in 5 documents by 5 speakers; 1 more from the thesis" in text
    early = "Jane Doe, Max Roe , page 1 (written before the action began)"
    assert f"Title of made-early {early}" in text
    assert "Title of made-early-about-a-draft Jane Doe, Max Roe , page 1 About" in text
    assert f"Title of inherited inherited {early}" in text
    assert "Title of made-in-the-month (link drawn by the editors)" in text
    assert "rebutted by Title of the answer (against premise 2) (link drawn by the editors)" in text
    page = site.text("/arguments/an-answer")
    assert "Opposes" not in page and "(written before the action began)" in page
    assert "It rebuts 1 Title of made-later (against premise 2) (link drawn by the editors)" in page
    assert "An order inherited (written before the action began)" in site.text(
        "/arguments/inherited"
    )
    assert "(written before the action began)" in site.text("/arguments")
    assert "8 in 5 documents" in site.text("/actions")
    assert "An order" in site.text("/") and "in 5 documents by 5 speakers" in site.text("/")
    brief = site.text("/actions/an-order/brief")
    assert "Against it (6)" in brief and "in 5 documents by 5 speakers; 1 more" in brief
    assert "Rebutted by (against premise 2): Title of the answer." in brief


def test_questions_show_what_a_relation_is_about(small):
    (row,) = answer(small.db, "answered-arguments")
    assert (row["target"], row["drawn_by"]) == ("premise 2", "editors")


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """An act with a part, another act, and an argument about both acts in a document for each way to mention them."""
    base = Base(tmp_path_factory.mktemp("elsewhere"))
    begun = [("2026-01-05", "introduced")]
    base.action("an-act", begun)
    base.action("an-article", begun, part_of="an-act")
    base.action("another-article", begun, part_of="an-act")
    base.action("another-act", begun)
    mentioned = {
        "silent": (),
        "on-the-act": ("an-act",),
        "on-its-article": ("an-article",),
        "on-another-article": ("another-article",),
        "on-the-other": ("another-act",),
        "on-both": ("an-act", "another-act"),
    }
    for id, actions in mentioned.items():
        mentions = [{"action": action, "portrayed_as": "proposed"} for action in actions]
        author = {"family": id.capitalize(), "given": "Jane"}
        base.record("documents", id, title=f"Text {id}", authors=[author], mentions=mentions)
    base.record(
        "arguments",
        "it-should-stay",
        title="It should stay",
        appearances=[{"document": id} for id in mentioned],
        stances=[
            {"action": "an-act", "stance": "supports"},
            {"action": "an-article", "stance": "opposes"},
        ],
    )
    result = base.load()
    assert not result.errors, [problem.text() for problem in result.problems]
    return base


@pytest.mark.parametrize("action", ["an-act", "an-article"])
def test_a_document_that_mentions_other_actions_alone_is_marked_and_not_counted(elsewhere, action):
    for found in (
        rows(elsewhere.db, "select * from voices where action = :action", action=action),
        answer(elsewhere.db, "who-argues-what", action=action),
    ):
        own = [row for row in found if row["action"] == action]
        assert {row["document"]: row["about_another_action"] for row in own} == {
            "silent": 0,
            "on-the-act": 0,
            "on-its-article": 0,
            "on-another-article": 0,
            "on-the-other": 1,
            "on-both": 0,
        }
    (row,) = rows(elsewhere.db, "select * from stance_balance where action = :id", id=action)
    assert (row["arguments"], row["documents"], row["speakers"]) == (1, 5, 5)
    side = "for" if action == "an-act" else "against"
    assert (row[f"documents_{side}"], row[f"speakers_{side}"]) == (5, 5)
    (kept,) = rows(elsewhere.db, "select * from actions where id = :id", id=action)
    assert (kept["argument_documents"], kept["argument_speakers"]) == (5, 5)


def test_the_page_marks_documents_about_another_action(elsewhere):
    text = Site(elsewhere.db).text("/actions/an-article")
    assert "In 5 documents by 5 speakers" in text
    assert "Text on-the-other about another action" in text
    assert text.count("about another action") == 1
