"""Duties of actions: in the database, on the page of the action, side by side, and by law; every value with its sources."""

import csv
import io
import re
import sqlite3
from html import unescape

import pytest
import test_answers
from conftest import Base

DUTY = {
    "who": "Developers of models",
    "rule": "must",
    "type": "registration",
    "what": "register a model",
    "threshold": "Models with more than ten billion parameters",
    "applies_from": "2027-07",
    "penalty": "A fine of 10,000",
    "exemption": "Not for open weights",
    "enforcers": ["an-office"],
    "locator": "section 2",
    "cite": [{"document": "a-source", "locator": "section 2"}, {"document": "b-source"}],
}
BAN = {"who": "Agencies", "rule": "must_not", "type": "procurement", "what": "buy <b>it</b>"}


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """Two actions with duties, and a third one without."""
    base = Base(tmp_path_factory.mktemp("duties"))
    base.record("documents", "b-source", title="B source", grade="relayed")
    base.record("documents", "c-source", title="C source")
    base.record("actions", "an-order", duties=[DUTY])
    ban = BAN | {"cite": [{"document": "c-source"}]}
    base.record("actions", "a-ban", title="A ban", jurisdiction="us-ca", duties=[ban])
    base.record("actions", "silent", title="A silent act")
    assert not base.load().errors
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


def test_actions_are_compared_with_a_cell_for_each(site):
    page = site.get("/compare?ids=an-order,a-ban,silent").text
    table = cells(page)
    assert table["Who is bound"] == ["Developers of models", "Agencies", "No source read says."]
    assert table["Threshold"][1:] == ["No source read says."] * 2
    assert table["From when"] == ["July 2027", *["No source read says."] * 2]
    assert table["Penalty"][0] == "A fine of 10,000"
    assert table["Enforcer"][0] == "An office"
    assert table["Exemptions for open source"][0] == "Not for open weights"
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
    assert "A ban" not in site.text("/duties?exemption=1")
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
    assert "a duty: register a model" in site.text("/documents/b-source")
