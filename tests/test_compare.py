"""Duties of actions and what became of tasks: in the database, on pages, in files, questions and briefs; every value with its sources."""

import contextlib
import csv
import io
import re
import sqlite3
from html import unescape

import pytest
import test_answers
from conftest import Base
from policykb.exports import brief
from policykb.read import database

DUTY = {
    "who": "Developers of models",
    "rule": "must",
    "type": "registration",
    "what": "register a model",
    "threshold": "Models with more than ten billion parameters",
    "applies_from": "2027-07",
    "penalty": "A fine of 10,000",
    "treatment": "exempt",
    "exemption": "Not for open weights",
    "enforcers": ["an-office"],
    "locator": "section 2",
    "cite": [{"document": "a-source", "locator": "section 2"}, {"document": "b-source"}],
}
TASK = {
    "who": "An office",
    "rule": "must",
    "type": "rulemaking",
    "what": "write a report",
    "cite": [{"document": "a-source"}],
}
BAN = {"who": "Agencies", "rule": "must_not", "type": "procurement", "what": "buy <b>it</b>"}


def event(name: str, day: str, event_type: str, **values: object) -> dict:
    return {
        "id": name,
        "date": day,
        "type": event_type,
        "cite": [{"document": "a-source"}],
    } | values


EVENTS = [
    event("issued", "2026-01-10", "issued"),
    event("first", "2026-03-01", "deadline"),
    event("moved", "2026-05-01", "deadline", supersedes="first", moved_on="2026-02-01"),
    event("report", "2026-05-11", "implemented"),
    event("revoked", "2026-11-15", "revoked"),
]
TASKS = [
    TASK | {"deadline": "first", "done_by": "report"},
    TASK | {"what": "hold a hearing", "due": "2026-06", "outcome": "A day was set"},
    TASK | {"what": "name a head", "due": "2026-12-24"},
    TASK | {"what": "answer", "outcome": "A draft exists"},
    TASK | {"what": "be fair"},
]


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """Two actions with duties, and a third one without."""
    base = Base(tmp_path_factory.mktemp("duties"))
    base.record("documents", "b-source", title="B source", grade="relayed")
    base.record("documents", "c-source", title="C source")
    base.record("actions", "an-order", duties=[DUTY])
    ban = BAN | {"cite": [{"document": "c-source"}], "treatment": "not_exempt"}
    base.record("actions", "a-ban", title="A ban", jurisdiction="us-ca", duties=[ban])
    base.record("actions", "silent", title="A silent act")
    base.record("actions", "plan", title="A plan", events=EVENTS, duties=TASKS, as_of="2026-11-20")
    result = base.load()
    assert not result.errors, [problem.text() for problem in result.problems]
    return base


@pytest.fixture(scope="module")
def site(base):
    return test_answers.Site(base.db)


def cells(page: str) -> dict[str, list[str]]:
    """Return the texts of the cells of a comparison by the label of their row, without references."""
    rows = re.findall(r'<tr><th scope="row">([^<]*)</th>(.*?)</tr>', page, re.DOTALL)
    return {
        label: [
            " ".join(unescape(re.sub(r"\[\d+\]|<[^>]*>", " ", cell)).split())
            for cell in re.findall(r"<td.*?</td>", row, re.DOTALL)
        ]
        for label, row in rows
    }


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_duties_are_rows_with_their_sources_and_enforcers(base):
    with sqlite3.connect(base.db) as connection:
        duty = connection.execute(
            "select who, rule, type, from_earliest, until_latest, locator from duties where action = 'an-order'"
        ).fetchall()
        sources = connection.execute(
            "select document, locator from citations where duty = 'an-order~duty-1' order by id"
        ).fetchall()
        enforcers = connection.execute("select duty, organization from duty_enforcers").fetchall()
    assert duty == [
        ("Developers of models", "must", "registration", "2027-07-01", None, "section 2")
    ]
    assert sources == [("a-source", "section 2"), ("b-source", None)]
    assert enforcers == [("an-order~duty-1", "an-office")]


def test_a_duty_without_a_source_is_an_error(tmp_path):
    base = Base(tmp_path)
    for cite in (..., []):
        duty = {key: value for key, value in (BAN | {"cite": cite}).items() if value is not ...}
        base.record("actions", "an-order", duties=[duty])
        (problem,) = base.check().problems
        assert "duties[0]" in problem.text() and "cite" in problem.text()


def test_a_task_names_an_event_of_its_action_and_one_due_date(tmp_path):
    base = Base(tmp_path)
    wrong = {"deadline": "isued", "done_by": "issued", "due": "2026-12-24"}
    event = {"id": "issued", "date": "2026-06-02", "type": "issued", "cite": TASK["cite"]}
    base.record("actions", "an-order", events=[event], duties=[TASK | wrong])
    texts = [problem.text().partition("duties[0].")[2] for problem in base.check().problems]
    assert texts == [
        "deadline: this action has no event with id 'isued'; expected the `id` of an event of this action; did you mean 'issued'?",
        "due: the event 'isued' already sets the day; expected either `due` or `deadline`",
    ]


def test_actions_are_compared_with_a_cell_for_each(site):
    page = site.get("/compare?ids=an-order,a-ban,silent").text
    table = cells(page)
    assert table["Who is bound"] == ["Developers of models", "Agencies", "No source read says."]
    assert table["Threshold"][1:] == ["No source read says."] * 2
    assert table["From when"] == ["July 2027", *["No source read says."] * 2]
    assert table["Penalty"][0] == "A fine of 10,000"
    assert table["Enforcer"][0] == "An office"
    assert table["Exemption for open source"][:2] == ["Exempt. Not for open weights", "Not exempt"]
    assert table["Registration"][0] == "Must register a model (§ 2)"
    assert table["Procurement"][1] == "Must not buy <b>it</b>"
    assert table["Procurement"][0] == "No source read says."
    assert "<b>it</b>" not in page


def test_every_value_that_needs_a_source_leads_to_one(site):
    page = site.get("/compare?ids=an-order,a-ban,silent").text
    cited = re.findall(r"<td[^>]*data-label[^>]*>.*?</td>", page, re.DOTALL)
    values = [
        value
        for cell in cited
        if 'class="short"' not in cell
        for value in re.findall(r'<div class="value">.*?</div>', cell, re.DOTALL)
    ]
    # What the test base says of the effect has no source; everything else has.
    assert [value for value in values if "#source-" not in value] == [
        value for value in values if "Says nothing" in value
    ]
    numbers = set(re.findall(r'href="#source-(\d+)"', page))
    assert numbers == set(re.findall(r'id="source-(\d+)"', page)) == {"1", "2", "3"}


def test_a_comparison_as_csv_has_the_sources_of_each_value(site):
    answer = site.get("/compare.csv?ids=an-order,a-ban")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    penalty = next(row for row in rows(answer.text) if row["fact"] == "Penalty")
    assert penalty["value"] == "A fine of 10,000"
    assert (
        penalty["source_addresses"] == "https://example.org/a-source; https://example.org/b-source"
    )
    assert penalty["source_grades"] == "primary; relayed"
    assert penalty["source_places"] == "section 2; "


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("ids=an-order,nothing-here", "There is no action “nothing-here”."),
        ("ids=an-orde", "There is no action “an-orde”. Did you mean “an-order”?"),
        ("ids=it-should-stay", "“it-should-stay” is a record of kind argument"),
        ("ids=an-order&id=a-ban", "“id” is not a parameter of this page"),
        ("ids=" + ",".join(f"x-{n}" for n in range(30)), "At most 12 actions are shown"),
    ],
)
def test_what_cannot_be_compared_is_named_and_no_file_leaves_it_out(site, query, message):
    assert message in site.text(f"/compare?{query}")
    answer = site.get(f"/compare.csv?{query}")
    assert answer.status_code == 400 and message in answer.text


def test_ids_may_be_repeated_or_have_commas(site):
    one = site.get("/compare?ids=an-order,a-ban").text
    other = site.get("/compare?ids=an-order&ids=a-ban").text
    assert cells(one) == cells(other) != {}
    assert "Or tick actions" in site.text("/compare")


def test_duties_by_law_have_a_cell_for_each_type_with_its_source(site):
    page = site.get("/duties").text
    duty = r'data-label="Registration">(<div.*?)</td>'
    cell = re.search(duty, page, re.DOTALL)[1]
    number = re.search(r'href="#source-(\d+)" title="A source, § 2"', cell)[1]
    assert 'href="#duty-an-order-1"' in cell and f'id="source-{number}"' in page
    text, must = site.text("/duties"), "must register a model (§ 2)"
    assert must in text and "must not" in text and "A silent act" not in text
    assert must not in site.text("/duties?type=procurement")
    assert must not in site.text("/duties?jurisdiction=us-ca")
    assert "A ban" in site.text("/duties?jurisdiction=us")
    assert "A ban" not in site.text("/duties?treatment=exempt")
    assert must not in site.text("/duties?treatment=not_exempt")
    assert "No duty matches" in site.text("/duties?rule=must&type=procurement")
    assert "“ban” is not a value of “type”" in site.text("/duties?type=ban")


def test_the_file_of_duties_has_every_key_and_source(site):
    duty = next(row for row in rows(site.get("/duties.csv").text) if row["action"] == "an-order")
    given = {key: value for key, value in DUTY.items() if isinstance(value, str)}
    assert given.items() <= duty.items()
    assert (duty["enforcers"], duty["sources"]) == ("An office", "A source; B source")
    assert site.get("/duties.csv?type=ban").status_code == 400


def test_the_page_of_an_action_lists_its_duties(site):
    text = site.text("/actions/an-order")
    assert "Developers of models must register a model (§ 2)" in text
    assert 'id="duties"' not in site.get("/actions/silent").text
    assert ": Developers of models must register a model" in site.text("/documents/b-source")


@pytest.mark.parametrize(
    ("task", "on", "words"),
    [
        ("write a report", "2026-01-31", "1 March 2026 Due."),
        ("write a report", "2026-02-01", "1 May 2026 Due."),
        ("write a report", "2026-05-02", "1 May 2026 Past due, outcome not known."),
        ("write a report", "2026-05-11", "1 May 2026 Done on 11 May 2026, 10 days late."),
        ("write a report", "2026-12-02", "1 May 2026 Done on 11 May 2026, 10 days late."),
        ("hold a hearing", "2026-06-30", "June 2026 Due. A day was set."),
        ("hold a hearing", "2026-07-01", "June 2026 Past due. A day was set."),
        ("name a head", "2026-12-01", "24 December 2026 Lapsed."),
        ("answer", "2026-06-30", "no day known No due date. A draft exists."),
    ],
)
def test_a_task_is_due_past_due_done_or_lapsed_on_a_day(site, task: str, on: str, words: str):
    table = re.search(r'id="tasks".*?</table>', site.get(f"/actions/plan?on={on}").text, re.DOTALL)
    tasks = [
        " ".join(unescape(re.sub(r"<[^>]*>", "", row)).split())
        for row in re.findall(r"<tr>.*?</tr>", table[0], re.DOTALL)
    ]
    assert f"An office: {task} {words}" in tasks


def test_the_status_of_today_counts_the_tasks_past_due(site, monkeypatch):
    def past_due(today: str, query: str = "") -> list[str]:
        monkeypatch.setenv("POLICYKB_TODAY", today)
        return re.findall(r"Past due: (\d+ tasks?)", site.text(f"/actions/plan{query}"))

    assert past_due("2026-05-02") == ["1 task"] and past_due("2026-05-11") == []
    assert past_due("2026-05-11", "?on=2026-05-02") == []


def test_only_duties_to_do_something_once_are_tasks(site):
    page = site.get("/actions/plan").text
    assert "An office: be fair" not in site.text("/actions/plan") and 'id="tasks"' in page
    assert 'id="tasks"' not in site.get("/actions/an-order").text
    assert 'href="#event-report">Done' in page and 'href="#event-moved"' in page


def test_what_became_of_tasks_is_compared_and_in_files(site):
    row = cells(site.get("/compare?ids=plan,an-order&on=2026-06-15").text)[
        "Tasks and what became of them"
    ]
    assert "An office: write a report by 1 May 2026. Done on 11 May 2026, 10 days late" in row[0]
    assert row[1] == "No source read says."
    report = rows(site.get("/duties.csv?on=2026-06-15&task=done").text)
    assert [(row["what"], row["due"], row["done_on"], row["state"]) for row in report] == [
        ("write a report", "2026-05-01", "2026-05-11", "done")
    ]


@pytest.mark.parametrize(
    ("query", "laws"),
    [
        ("from=2027-01-01", {"an-order"}),
        ("until=2027-06-30&on=2026-06-01", {"plan"}),
        ("from=2027-01-01&until=2027-06-30", set()),
        ("task=overdue&on=2026-07-01", {"plan"}),
        ("jurisdiction=us&treatment=not_exempt", {"a-ban"}),
    ],
)
def test_duties_are_filtered_by_day_task_and_exemption(site, query: str, laws: set[str]):
    assert {row["action"] for row in rows(site.get(f"/duties.csv?{query}").text)} == laws


def test_a_wrong_day_of_duties_is_named(site):
    assert "“2027” is not a day" in site.text("/duties?from=2027")
    assert "The first day, 2027-02-01, is after the last" in site.text(
        "/duties?from=2027-02-01&until=2027-01-01"
    )
    assert site.get("/duties.csv?from=2027").status_code == 400


def test_duties_by_law_have_a_total_and_compare_at_most_twelve_laws(site, tmp_path):
    assert "7 duties of 3 laws" in site.text("/duties") and "compare these laws" in site.text(
        "/duties"
    )
    base = Base(tmp_path)
    for number in range(21):
        base.record("actions", f"act-{number}", title=f"Act {number}", duties=[TASK])
    assert not base.load().errors
    page = test_answers.Site(base.db).get("/duties").text
    assert "21 duties of 21 laws" in page and page.count('rel="next"') == 2
    assert "/compare?ids" not in page and "at most 12 at once" in page


def test_a_cell_that_forbids_says_what(site):
    # With few types of duties, every cell does.
    assert "must not buy &lt;b&gt;it&lt;/b&gt;" in re.sub(r"<[^>]*>", "", site.get("/duties").text)


def test_a_brief_says_what_an_action_requires_first_what_can_cost_most(base):
    with contextlib.closing(database.connect(base.db)) as connection:
        order = brief.brief(connection, ["an-order"], "2026-06-15", "2026-06-15").body
        plan = brief.brief(connection, ["plan"], "2026-05-20", "2026-05-20").body
    text = " ".join(re.sub(r"<[^>]*>", "", order).split())
    assert (
        "What it requires Developers of models must register a model (from July 2027; penalty: a fine of 10,000)"
        in text
    )
    assert "(due 1 May 2026; done on 11 May 2026, 10 days late)" in plan
    assert plan.index("done on 11 May") < plan.index("be fair")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/compare.csv?ids=an-order,a-ban&on=2026-01-01&on=2026-06-15", "“on” was given more than"),
        ("/duties.csv?on=2026-01-01&on=2026-06-15", "“on” was given more than once"),
        ("/duties.csv?page=2", "A file has all pages"),
        ("/following.csv?days=5&days=9", "“days” was given more than once"),
    ],
)
def test_a_file_is_refused_where_a_page_would_show_a_message(site, path, message):
    answer = site.get(path)
    assert (answer.status_code, message in answer.text) == (400, True), answer.text
