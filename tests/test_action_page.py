"""The page of an action: its number, its text, when it was checked, what comes next, who says what, and its parts."""

import csv
import io
import re
import sqlite3
from html import unescape

import pytest
from conftest import ABOUT, TODAY, Base
from policykb.model import dates
from test_answers import Site

LAW = {"type": "legislation", "url": "https://laws.example.gov/act"}
TRACKER = "https://code.example.org/kb"


def main(site: Site, path: str) -> str:
    """Return the HTML of the main part of a page."""
    return re.search(r"<main.*</main>", site.get(path).text, re.DOTALL)[0]


def cited(*documents: str) -> dict:
    """Return the sources of an action, with one event."""
    return {"cite": [{"document": document} for document in documents]}


@pytest.fixture(scope="module")
def acts(tmp_path_factory):
    """An act with a part, and actions whose texts are known in different ways."""
    base = Base(tmp_path_factory.mktemp("acts"))
    base.write(
        "about.toml",
        ABOUT
        | {"report_url": f"{TRACKER}/issues/new?id={{id}}", "edit_url": f"{TRACKER}/edit/{{file}}"},
    )
    base.record("documents", "the-law", **LAW)
    base.record("documents", "a-copy", type="legislation", url="https://copies.example.org/act")
    base.record("documents", "on-paper", type="legislation", url=...)
    base.record("documents", "hearsay", grade="relayed")
    events = [
        ("2026-01-05", "issued"),
        ("2027-01-01", "deadline", {"note": "Reports are due. Nothing else happens."}),
    ]
    base.action("an-act", events, official_text="the-law", **cited("the-law", "hearsay"))
    base.action(
        "an-act-article-2",
        events[:1],
        instrument="provision",
        part_of="an-act",
        identifiers={"provision": "art 2"},
    )
    base.action("copied", events[:1], official_text="a-copy", **cited("a-copy"))
    base.action("printed", events[:1], official_text="on-paper", **cited("on-paper"))
    base.action("unpublished", events[:1], no_official_text="It was never published.")
    base.action("numbered", events[:1], identifiers={"eo": "14409", "fr_document": "2026-11415"})
    base.action("unknown", events[:1])
    gazette = {"type": "report", "url": "https://gazette.example.gov/1"}
    base.record("documents", "the-gazette", publisher="The gazette", grade="relayed", **gazette)
    signing = cited("a-source", "the-gazette")
    base.action("reported", [("2026-01-05", "issued", signing)], **cited("a-source"))
    base.record(
        "documents",
        "by-an-office",
        authors=[{"organization": "an-office"}],
        issued="2026-03-01",
    )
    made = [{"document": "by-an-office", "locator": "page 3"}]
    stances = {
        "about-the-act": {"action": "an-act", "note": "On the whole.", "as_of": "2026-02-01"},
        "about-article-2": {"action": "an-act-article-2", "drawn_by": "editors"},
    }
    for name, stance in stances.items():
        base.record(
            "arguments",
            name,
            title=f"Title {name}",
            appearances=made,
            stances=[{"stance": "opposes", "drawn_by": "author"} | stance],
        )
    result = base.load()
    assert not result.errors, [problem.text() for problem in result.problems]
    return Site(base.db)


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("an-act", "Read the text (laws.example.gov, official)"),
        ("an-act-article-2", "Read the text (laws.example.gov, official)"),
        ("numbered", "Read the text (federalregister.gov, official)"),
        ("copied", "Read a copy of the text (copies.example.org; no official address is known)"),
        ("printed", "The text: A source (no address is known)"),
        ("unpublished", "It was never published."),
        ("unknown", "No official text is known."),
    ],
)
def test_the_text_is_linked_as_what_it_is(acts, action, expected):
    assert expected in acts.text(f"/actions/{action}")


def test_the_number_is_beside_the_title_and_in_lists(acts):
    assert "An order EO 14409 ·" in acts.text("/actions/numbered")
    assert "An order art 2 ·" in acts.text("/actions/an-act-article-2")
    for page in ("/actions", "/timeline", "/", "/questions/status-on"):
        assert "EO 14409" in acts.text(page), page


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        ("2026-08-24", "Known as of 24 August 2026 What comes next"),
        ("2026-08-23", "Known as of 23 August 2026, 2 months ago What"),
        ("2026-05-26", "Known as of 26 May 2026, 5 months ago What"),
        ("2026-05-25", "Known as of 25 May 2026, 5 months ago ; it may be out of date What"),
    ],
)
def test_the_day_last_checked_is_marked_after_90_and_180_days(
    base: Base, monkeypatch, as_of, expected
):
    monkeypatch.setenv(dates.TODAY_VARIABLE, TODAY)
    base.action("an-order", [("2026-01-05", "issued"), ("2027-01-01", "deadline")], as_of=as_of)
    assert base.load().errors == 0
    assert expected in Site(base.db).text("/actions/an-order")


def test_what_comes_next_says_what_happens(acts):
    text = acts.text("/actions/an-act")
    assert "What comes next: deadline, 1 January 2027 (Reports are due)." in text


def test_the_bar_leads_to_parts_of_the_page(acts):
    page = main(acts, "/actions/an-act")
    bar = re.search(r'<nav class="jump".*?</nav>', page)[0]
    assert "Status Timeline Arguments 1 Sources 3 Cite" == " ".join(
        re.findall(r">([^<]+)</a>", bar)
    )
    for anchor in re.findall(r'href="#([^"]+)"', bar):
        assert f'id="{anchor}"' in page


@pytest.mark.parametrize(
    ("path", "names", "after"),
    [
        ("/actions/reported", ("The gazette", "a-source"), 'id="status"'),
        ("/actions/reported", ("/the-gazette", "/a-source"), 'id="sources"'),
        ("/actions/reported/brief", ("gazette.example.gov", "/a-source"), "Sources</h2>"),
        ("/compare?ids=reported,an-act", ("/the-gazette", "/a-source"), "Sources</h2>"),
    ],
)
def test_official_sources_come_first_even_if_another_was_read(acts, path, names, after):
    text = acts.get(path).text.partition(after)[2]
    official, other = (text.find(name) for name in names)
    assert -1 < official < other


def test_grades_are_quiet_in_running_text_and_whole_under_sources(acts):
    page = main(acts, "/actions/an-act")
    text, sources = page.split('id="sources"')
    assert set(re.findall(r'class="grade[^>]*>([^<]+)<', text)) <= {"official", "not read"}
    assert {"primary", "relayed"} <= set(re.findall(r'class="grade[^>]*>([^<]+)<', sources))
    assert 'class="tag">the text<' in sources


@pytest.mark.parametrize(
    ("path", "file"),
    [
        ("/actions/an-act", "policies/actions/an-act.toml"),
        ("/arguments/about-the-act", "policies/arguments/about-the-act.toml"),
        ("/claims/it-does-good", "policies/claims/it-does-good.toml"),
        ("/documents/the-law", "policies/documents/the-law.toml"),
        ("/organizations/an-office", "policies/organizations.toml"),
        ("/topics/a-topic", "policies/topics.toml"),
    ],
)
def test_a_record_can_be_reported_and_edited(acts, path, file):
    page = main(acts, path)
    record_id = path.rpartition("/")[2]
    assert f'href="{TRACKER}/edit/{file}"' in page
    way = re.search(r'href="(/contribute/correction[^"]*)">Something wrong\?', page)[1]
    form = main(acts, unescape(way))
    assert f'value="{record_id}"' in form and f"<code>{file}</code>" in form
    sent = main(acts, unescape(way) + "&value=Other")
    assert f'href="{TRACKER}/issues/new?id={record_id}"' in sent
    assert f'href="{TRACKER}/edit/{file}"' in sent


def test_the_table_says_who_says_what_in_whose_words_where_and_when(acts):
    page = main(acts, "/actions/an-act")
    table = re.search(r'<details id="who">.*?</details>', page, re.DOTALL)[0]
    rows = [
        [
            " ".join(re.sub(r"<[^>]+>", " ", cell).split())
            for cell in re.findall(r"<td.*?</td>", row)
        ]
        for row in re.findall(r"<tr><td.*?</tr>", table, re.DOTALL)
    ]
    where, when = "A source , page 3", "1 Mar 2026"
    assert rows == [
        [
            "An office",
            "Government body",
            "▼ Opposes",
            "Title about-the-act On the whole.",
            "The author",
            where,
            f"{when} about 1 February 2026",
        ],
        [
            "An office",
            "Government body",
            "▼ Opposes on An order",
            "Title about-article-2",
            "The editors",
            where,
            when,
        ],
    ]
    assert "/questions/who-argues-what.csv?action=an-act" in table


def test_the_question_who_argues_what_gives_the_same_as_csv(acts):
    text = acts.get("/questions/who-argues-what.csv", action="an-act").text
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["argument"], row["action"], row["speaker_kind"]) for row in rows] == [
        ("about-the-act", "an-act", "government"),
        ("about-article-2", "an-act-article-2", "government"),
    ]
    assert (rows[0]["note"], rows[0]["as_of"]) == ("On the whole.", "2026-02-01")
    assert [row["drawn_by"] for row in rows] == ["author", "editors"]


def test_an_act_shows_the_arguments_about_its_parts(acts, shipped):
    text = acts.text("/actions/an-act")
    assert "About its part An order 1 ▼ Opposes Title about-article-2" in text
    assert "Arguments 1 In 1 document by 1 speaker" in text  # the part is not counted
    connection = sqlite3.connect(shipped)
    titles = connection.execute(
        "select g.title from stances s join arguments g on g.id = s.argument"
        " join actions a on a.id = s.action where a.part_of = 'eu-ai-act' and g.withdrawn_on is null"
    ).fetchall()
    page = Site(shipped).get("/actions/eu-ai-act").text
    assert titles and all(title.replace("'", "&#39;") in page for (title,) in titles)


def test_most_shipped_acts_name_their_text_or_say_why_not(shipped):
    query = """select count(*), sum(a.text_url is not null or a.official_text is not null or a.no_official_text is not null)
        from actions a join instruments i on i.id = a.instrument
        where a.withdrawn_on is null and i.stage_without_events = ''"""
    ((every, known),) = sqlite3.connect(shipped).execute(query).fetchall()
    assert known / every > 0.8


def test_who_made_an_action_comes_before_who_carries_it_out(base, monkeypatch):
    monkeypatch.setenv("POLICYKB_TODAY", TODAY)
    base.write(
        "organizations.toml", {i: {"name": i, "kind": "government"} for i in ("maker", "doer")}
    )
    bodies = [
        {"organization": "doer", "role": "implementer"},
        {"organization": "maker", "role": "issuer"},
    ]
    base.action("an-order", [("2026-01-05", "issued")], bodies=bodies)
    assert not base.load().errors
    page = Site(base.db).get("/actions/an-order").text
    assert 0 < page.index("Issuer") < page.index("Implementer")


def test_a_document_says_whether_a_duty_that_rests_on_it_requires_or_forbids(base):
    base.record("documents", "the-law", **LAW)
    duty = {"type": "reporting", "what": "keep records", "cite": [{"document": "the-law"}]}
    duties = [
        duty | {"who": "Agencies", "rule": "must"},
        duty | {"who": "Labs", "rule": "must_not"},
    ]
    base.action("an-act", [("2026-01-05", "issued")], duties=duties)
    assert not base.load().errors
    page = re.sub(r"<[^>]*>", "", Site(base.db).get("/documents/the-law").text)
    assert ": Agencies must keep records" in page and ": Labs must not keep records" in page
