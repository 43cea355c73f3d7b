"""What analysts work with: views with their common columns, the page of the database, notebooks, copies and reconciliation."""

import io
import json
import re
import sqlite3
from pathlib import Path

import duckdb
import pandas
import pytest
from click.testing import CliRunner
from conftest import ROOT, SHIPPED_DAY, Base
from datasette.app import Datasette
from policykb.build.load import sql
from policykb.cli import cli
from policykb.files.digests import digest
from policykb.model.vocabulary import VOCABULARIES
from policykb.read import dictionary
from policykb.read.functions import take_as_today
from policykb.read.links import KINDS
from policykb.read.questions import questions
from policykb.site import contents
from policykb.site.views import reconcile
from test_pages import Page, Site

VIEWS = re.findall(r"^create view (\w+)", sql("views.sql"), re.MULTILINE)
COMMON = {"short_title", "number", "country", "topics", "effect", "page", "official_url"}
# Views whose rows are not of an action, or that repeat less of it.
OTHERS = {"argument_debts", "document_impact", "status_days"}


@pytest.fixture(scope="module")
def kb(shipped: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(shipped)
    connection.row_factory = sqlite3.Row
    take_as_today(connection, SHIPPED_DAY)
    return connection


def rows(kb: sqlite3.Connection, statement: str, *values: object) -> list[dict]:
    return [dict(row) for row in kb.execute(statement, values)]


# Views


@pytest.mark.parametrize("view", VIEWS)
def test_views_say_what_an_action_is_and_where(kb: sqlite3.Connection, view: str):
    (row, *_) = rows(kb, f"select * from {view}")
    assert row["page"].startswith("/")
    assert view in OTHERS or COMMON <= row.keys()


def test_a_state_belongs_to_its_country(kb: sqlite3.Connection):
    (act,) = rows(kb, "select * from action_overview where action = 'us-ca-sb53-2025'")
    assert (act["jurisdiction"], act["country"]) == ("us-ca", "us")
    (act,) = rows(kb, "select * from current_status where action = 'eu-ai-act'")
    assert (act["country"], act["number"], act["short_title"]) == ("eu", "(EU) 2024/1689", "AI Act")
    assert act["official_url"].startswith("https://eur-lex.europa.eu/")
    topics = rows(kb, "select topic from action_topics where action = 'eu-ai-act' order by id")
    assert act["topics"].split("; ") == [row["topic"] for row in topics]


def test_status_days_has_no_empty_value_and_the_status_of_every_day(kb: sqlite3.Connection):
    plain = "stage legal_force from_day until_day because event country effect page title"
    for row in rows(kb, "select * from status_days"):
        assert all(row[column] is not None for column in plain.split())
    for day in ("1900-01-01", "2026-06-15", SHIPPED_DAY, "9998-01-01"):
        statement = "select action, stage from status_days where from_day <= ?1 and ?1 < until_day"
        counted = kb.execute(
            """select a.id, p.stage from actions a join periods p on p.action = a.id
            where a.withdrawn_on is null and coalesce(p.from_date, '0001-01-01') <= ?1
              and coalesce(p.to_date, '9999-12-31') > ?1""",
            (day,),
        ).fetchall()
        assert sorted(map(tuple, kb.execute(statement, (day,)))) == sorted(map(tuple, counted))


def test_an_action_that_no_one_argues_about_has_zeros(base: Base):
    base.action("silence", [("2026-01-05", "proposed")])
    begun = [("2026-01-05", "proposed")]
    base.action("gone", begun, withdrawn={"on": "2026-02-01", "reason": "Not a policy."})
    assert base.load().errors == 0
    with sqlite3.connect(base.db) as connection:
        connection.row_factory = sqlite3.Row
        balance = {row["action"]: row for row in rows(connection, "select * from stance_balance")}
    assert balance.keys() == {"an-order", "silence"}
    assert balance["an-order"]["supports"] == balance["an-order"]["speakers_for"] == 1
    counts = [value for value in balance["silence"].values() if isinstance(value, int)]
    assert counts == [0] * 13


# The page of the database


@pytest.mark.slow
@pytest.mark.datasette
def test_page_of_the_database_describes_everything(site: Site, shipped: Path):
    answer = site.get("/kb")
    page = Page(answer.text)
    assert answer.status_code == 200 and digest(shipped) in page.text
    assert page.text.index("Download kb.db") < page.text.index("Views") < page.text.index("Records")
    order = [page.links.index(f"/kb/{name}") for name in (*VIEWS, *questions("openness"))]
    assert order == sorted(order)
    for name, (description, _) in dictionary.tables().items():
        if name != "record_json":  # hidden
            assert f"/kb/{name}" in page.links
            assert description.split("`")[0].strip() in page.text
    for question in questions("openness").values():
        assert question.description.split("`")[0].strip() in page.text
    assert [group for group in re.findall(r'id="group-\d">([^<]+)', answer.text)] == [
        contents.RECORDS,
        contents.LINKS,
        contents.TERMS,
        contents.REST,
    ]


@pytest.mark.datasette
def test_examples_on_the_page_of_the_database_have_answers(site: Site):
    examples = [link for link in Page(site.get("/kb").text).links if "sql=" in link]
    assert len(examples) == 5
    for link in examples:
        path, _, query = link.partition("?")
        answer = site.get(f"{path}.json?_shape=objects&{query}")
        assert answer.status_code == 200, answer.text
        assert answer.json()["rows"], link


def test_tables_of_each_group_exist():
    tables = dictionary.tables().keys()
    assert contents.MACHINERY | KINDS.keys() | VOCABULARIES.keys() <= tables
    assert not contents.MACHINERY & (KINDS.keys() | VOCABULARIES.keys())


@pytest.mark.datasette
def test_other_databases_have_the_page_of_datasette(shipped: Path, tmp_path: Path):
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("create table numbers (n integer)")
    pages = Site(shipped)
    pages.datasette = Datasette([], immutables=[str(shipped), str(tmp_path / "other.db")])
    answer = pages.get("/other")
    assert answer.status_code == 200 and "SHA-256" not in answer.text
    assert 'href="/other/numbers"' in answer.text


@pytest.mark.datasette
def test_links_to_rows_of_tables_lead_to_all_of_them(site: Site):
    pages = (
        "/actions",
        "/documents",
        "/timeline",
        "/organizations",
        "/topics",
        "/actions/eu-ai-act",
    )
    links = [link for page in pages for link in Page(site.get(page).text).links]
    tables = {link for link in links if re.match(r"/kb/\w+\.json", link)}
    assert len(tables) >= 4 and all("_shape=objects&_size=max" in link for link in tables)
    guide = site.get("/llms.txt").text
    assert all(f"`{view}`" in guide for view in VIEWS)
    assert "_size=max" in guide and site.get("/reconcile").json()["batchSize"] == 10


# Copies for spreadsheets and text


@pytest.mark.datasette
def test_copyable_rows_are_all_there_or_refused(site: Site):
    actions = site.get("/kb/actions.copyable?_raw=1")
    assert actions.status_code == 200
    number = site.one("select count(*) from actions")
    assert number > 50 and len(pandas.read_csv(io.StringIO(actions.text), sep="\t")) == number
    refused = site.get("/kb/documents.copyable?_raw=1")
    assert refused.status_code == 400 and "_size=max" in refused.text
    some = site.get("/kb/documents.copyable?_raw=1&_size=3&_table_format=github")
    assert some.status_code == 200 and len(some.text.splitlines()) == 5
    page = site.get("/kb/actions.copyable?_size=3")
    assert page.status_code == 200 and "<textarea" in page.text


# Notebooks


def run(notebook: str) -> dict[str, object]:
    """The names that the code cells of a notebook leave behind."""
    text = (ROOT / "docs" / "notebooks" / f"{notebook}.ipynb").read_text(encoding="utf-8")
    names: dict[str, object] = {}
    for cell in json.loads(text)["cells"]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)
    return names


def test_notebook_for_pandas_runs(shipped: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(shipped.parent)
    names = run("pandas")
    frames = {
        name: value
        for name, value in names.items()
        if isinstance(value, pandas.DataFrame | pandas.Series)
    }
    assert len(frames) == 10 and not [name for name, frame in frames.items() if frame.empty]
    assert names["by_country"].loc["us", "in_force"] > 10
    assert len(names["table"].splitlines()) == len(names["weights"]) + 1


@pytest.mark.thorough
def test_notebook_for_duckdb_runs(shipped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    options = ["--db", str(shipped), "--format", "parquet", "--on", "2026-06-15"]
    result = CliRunner().invoke(cli, ["export", str(tmp_path / "build" / "parquet"), *options])
    assert result.exit_code == 0, result.output
    monkeypatch.chdir(tmp_path)
    names = run("duckdb")
    answers = {
        name: value.fetchall()
        for name, value in names.items()
        if isinstance(value, duckdb.DuckDBPyRelation)
    }
    assert answers.keys() >= {"by_country", "in_force", "sides", "topics"}
    assert all(answers.values())
    assert sum(actions for *_, actions in answers["by_country"]) == len(
        names["kb"].sql("from current_status").fetchall()
    )


# Reconciliation


def matches(site: Site, **query: object) -> list[dict]:
    posted = {"queries": json.dumps({"q0": query})}
    answer = site.runner.run(site.datasette.client.post("/reconcile", data=posted))
    assert answer.status_code == 200, answer.text
    return answer.json()["q0"]["result"]


@pytest.mark.datasette
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("EU AI Act", "eu-ai-act"),
        ("SB-53", "us-ca-sb53-2025"),
        ("Exec. Order 14110", "us-eo-14110"),
    ],
)
def test_names_and_numbers_are_matched_to_ids(site: Site, text: str, expected: str):
    first = matches(site, query=text, type="action")[0]
    assert (first["id"], first["score"], first["match"]) == (expected, 100, True)


@pytest.mark.datasette
def test_matches_are_narrowed_by_kind_place_and_number(site: Site):
    asked = {"properties": [{"pid": "jurisdiction", "v": {"id": "us-ca"}}], "limit": 3}
    found = matches(site, query="artificial intelligence", type=["action"], **asked)
    assert 0 < len(found) <= 3
    assert all(match["id"].startswith("us-ca-") for match in found)
    assert {match["type"][0]["id"] for match in found} == {"action"}


@pytest.mark.datasette
def test_columns_are_added_to_a_table_of_actions(site: Site):
    wanted = [{"id": "number"}, {"id": "country"}, {"id": "nothing"}]
    extend = json.dumps({"ids": ["eu-ai-act", "no-such-id"], "properties": wanted})
    answer = site.get("/reconcile", params={"extend": extend}).json()
    assert [column["id"] for column in answer["meta"]] == ["number", "country"]
    assert answer["rows"]["eu-ai-act"] == {
        "number": [{"str": "(EU) 2024/1689"}],
        "country": [{"str": "eu"}],
    }
    assert answer["rows"]["no-such-id"] == {"number": [], "country": []}
    columns = {row[1] for row in site.db.execute("pragma table_info(current_status)").fetchall()}
    assert set(reconcile.ADDED) <= columns


@pytest.mark.datasette
def test_service_says_what_it_is_and_where_its_parts_are(site: Site):
    answer = site.get("/reconcile")
    assert answer.headers["access-control-allow-origin"] == "*"
    manifest = answer.json()
    assert "0.2" in manifest["versions"]
    for service in (*manifest["suggest"].values(), manifest["extend"]["propose_properties"]):
        address = service["service_url"] + service["service_path"]
        part = site.get(address.removeprefix("http://localhost"), params={"prefix": "a"})
        assert part.status_code == 200
        assert part.json().keys() & {"result", "properties"}
    person = site.one("select id from organizations limit 1")
    moved = site.get(
        manifest["view"]["url"].removeprefix("http://localhost").replace("{{id}}", person)
    )
    assert moved.headers["location"] == f"/organizations/{person}"


@pytest.mark.parametrize(
    ("prefix", "first"),
    [
        ("AI Act", "eu-ai-act"),
        ("e.o. 144", "us-eo-14409"),
        ("us-eo-14409", "us-eo-14409"),
        ("European Comm", "european-commission"),
        ("order about frontier", ""),  # the words of a title, which does not begin with them
    ],
)
def test_records_are_suggested_by_the_start_of_a_name(site: Site, prefix: str, first: str):
    found = site.get("/reconcile/suggest/entity", params={"prefix": prefix}).json()["result"]
    assert 0 < len(found) <= 10
    assert len({match["id"] for match in found}) == len(found)
    assert not first or found[0]["id"] == first


@pytest.mark.datasette
@pytest.mark.parametrize(
    "sent",
    [
        {"queries": "{"},
        {"queries": '{"q0": 1}'},
        {"queries": "[" * 2000},
        {"queries": json.dumps({f"q{n}": {"query": "a"} for n in range(11)})},
        {"queries": '{"q0": {"query": "a", "limit": -1}}'},
        {"extend": '{"ids": 1}'},
    ],
)
def test_invalid_requests_are_errors_of_the_visitor(site: Site, sent: dict[str, str]):
    answer = site.get("/reconcile", params=sent)
    assert answer.status_code == 400 and answer.json()["error"]


def test_a_match_has_a_score_for_each_way_of_the_search():
    (case,) = re.findall(
        r"case ((?:(?!case).)*?) end as match", questions("openness")["search"].sql, re.DOTALL
    )
    assert set(re.findall(r"(?:then|else) '(.+?)'", case)) == reconcile.SCORES.keys()
