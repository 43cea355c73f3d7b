"""No page's work grows with the number of records it does not show: plans of the statements, steps of SQLite, and counts made at load."""

import asyncio
import contextlib
import json
import re
import sqlite3
import sys
from pathlib import Path
from urllib.parse import urlencode

import pytest
from conftest import ROOT, TODAY, mostly_thorough
from datasette.app import Datasette
from policykb.build.load import load
from policykb.model.vocabulary import VOCABULARIES
from policykb.read.database import statements
from policykb.read.functions import register
from policykb.read.questions import questions
from policykb.site import data
from policykb.site.views import lists
from policykb.site.views.lists import ACTION_FILTERS, NOT_FEW, VIEWS

sys.path.insert(0, str(ROOT / "tests" / "bench"))

STATEMENTS = [
    f"{file.stem}.{name}"
    for file in sorted(data.SQL.glob("*.sql"))
    for name in statements(data.SQL, file.stem)
]
FILTERS = (*ACTION_FILTERS, "organization")
DAYS = ("0001-01-01", "2019-05-20", "2024-08-01", "2026-06-15", TODAY, "2027-12-01", "9999-12-31")
# Tables that have as many rows as there are terms, places or subjects, however many records there are.
SMALL = {*VOCABULARIES, "jurisdictions", "topics", "kb_info"}
# Statements that walk a whole table in the order of an index, and stop when the page is full.
WALKS = {
    "argument.list": "arguments_ties arguments_title arguments_scheme arguments_unanswered",
    "claim.list": "sqlite_autoindex_claims_1 claims_text claims_kind claims_finding claims_as_of",
    "compare.passing": "duties_action",
    "document.list": "documents_issued documents_title documents_authors documents_grade documents_type",
    "lists.actions": "actions_name actions_jurisdiction actions_instrument actions_effect actions_arguments actions_as_of",
    "organization.list": "organizations_name organizations_kind",
    "share.edition": "commits_position",
}
# Statements that read everything, and how often.
WHOLE = {
    "search.index_of_titles": "once for each static copy",
    "compare.everything": "once for each static copy",
    "share.missing": "once for each file",
}
# Statements that sort more than the rows of one record or of the records asked for, and why that does not grow.
SORTS = {
    "argument.list": "the page",
    "charts.places": "jurisdictions",
    "claim.list": "the page",
    "document.list": "the page",
    "organization.list": "the page",
    "document.matches": "500 matches",
    "matches.best": "2,000 matches",
    "home.argued": "8 actions",
    "home.matrix": "jurisdictions",
    "home.upcoming": "what falls on one day",
    "lists.actions": "the page",
    "lists.few": "a filter that few actions pass",
    "lists.newest": "a page of each jurisdiction",
    "places.jurisdiction_names": "jurisdictions",
    "places.jurisdictions": "jurisdictions",
    "places.topics": "topics",
    "reconcile.named": "1,000 names",
    "records.nearest": "220 records",
    "share.coverage": "jurisdictions and kinds of actions",
    "timeline.actions": "a filter that few actions pass",
}


def plan(connection: sqlite3.Connection, statement: str) -> list[str]:
    names = set(re.findall(r":([a-z_]+)", re.sub(r"--.*", "", statement)))
    return [
        row[3]
        for row in connection.execute(f"explain query plan {statement}", dict.fromkeys(names, "1"))
    ]


def tables(statement: str) -> dict[str, str]:
    """Alias -> table, for what a statement reads."""
    return {
        alias or table: table
        for table, alias in re.findall(
            r"\b(?:from|join) (\w+)(?: (?!join|where|cross|left|on|order|group|limit|union)(\w+))?",
            statement,
        )
    }


@pytest.fixture(scope="session")
def reader(shipped: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(shipped)
    register(connection)
    return connection


@pytest.mark.parametrize("name", STATEMENTS)
def test_no_statement_scans_or_sorts_a_table_that_grows(
    reader: sqlite3.Connection, name: str
) -> None:
    statement = data.sql(name)
    known = tables(statement)
    real = {
        name for (name,) in reader.execute("select name from sqlite_master where type = 'table'")
    }
    steps = plan(reader, statement)
    assert steps
    for step in steps:
        scanned = re.fullmatch(
            r"SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?( VIRTUAL TABLE INDEX .*)?", step
        )
        if scanned and not scanned[3]:
            table = known.get(scanned[1], scanned[1])
            assert (
                table not in real
                or table in SMALL
                or name in WHOLE
                or (name in WALKS and scanned[2] in WALKS[name].split())
            ), step
        if "TEMP B-TREE" in step:
            assert name in SORTS or name in WHOLE or re.search(r":ids?\b", statement), step


def test_exceptions_are_statements(reader: sqlite3.Connection) -> None:
    assert not {*WALKS, *WHOLE, *SORTS} - set(STATEMENTS)
    assert [
        step
        for step in plan(reader, "select id from documents where title = :title order by note")
        if re.match("SCAN|USE TEMP", step)
    ] == ["SCAN documents", "USE TEMP B-TREE FOR ORDER BY"]


def test_status_on_a_day_is_read_in_order_without_sorting(reader: sqlite3.Connection) -> None:
    steps = plan(reader, questions("openness")["status-on"].sql)
    assert steps[0] == "SCAN a USING INDEX actions_jurisdiction"
    assert not [step for step in steps if "TEMP B-TREE" in step]


@pytest.fixture(scope="session")
def sizes(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A knowledge base and one with three times as many records."""
    from generate import generate

    made = []
    for number in (3_000, 9_000):
        folder = tmp_path_factory.mktemp(f"records{number}")
        generate(folder, number)
        assert not load(folder / "policies", folder / "kb.db", TODAY).errors
        made.append(folder / "kb.db")
    return made


@contextlib.contextmanager
def counted(connection: sqlite3.Connection, steps: list[int]):
    """Count the steps of SQLite's machine in tens."""
    connection.set_progress_handler(lambda: steps.append(1), 10)
    try:
        yield
    finally:
        connection.set_progress_handler(None, 10)


def steps_of(db: Path, path: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """Return how many tens of steps SQLite takes for the first page at `path`."""
    steps: list[int] = []
    monkeypatch.setattr(
        data, "processor_limit", lambda connection, limit: counted(connection, steps)
    )
    site = Datasette([], immutables=[str(db)])
    assert asyncio.run(site.client.get(path)).status_code == 200
    return len(steps)


@pytest.mark.thorough
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/?on=2021-03-01",
        "/actions",
        "/actions?on=2021-03-01",
        "/actions?sort=title",
        "/actions?sort=-arguments&columns=title&columns=topics",
        "/documents?sort=authors",
        "/duties",
        "/actions?force=in_force",
        "/arguments",
        "/claims",
        "/claims?finding=supported",
        "/claims?finding=contested&kind=causal",
        "/documents?type=book&sort=title",
        "/arguments?stance=neutral",
        "/arguments?unanswered=1",
        "/arguments?unanswered=1&sort=-connections",
        "/arguments?action=act-5",
        "/documents",
        "/documents?type=report",
        "/organizations",
        "/topics",
        "/jurisdictions",
        "/timeline",
        "/timeline?moving=1&from=2020",
        "/timeline?jurisdiction=j-7",
        "/timeline?instrument=act",
        "/timeline?effect=exempts&topic=t-4&moving=1",
        "/search?q=r19-10",
        "/jurisdictions/j-7",
        "/topics/t-4",
        "/actions?jurisdiction=rare",
        "/questions/identifier?identifier=hr5-1",
        "/following?jurisdiction=j-7",
        "/following?topic=t-4",
    ],
)
def test_steps_of_a_page_do_not_grow_with_the_records(
    sizes: list[Path], monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    taken = [steps_of(db, path, monkeypatch) for db in sizes]
    assert taken[0] > 20
    assert taken[1] < 1.5 * taken[0] + 100, taken


@pytest.mark.thorough
@pytest.mark.parametrize(
    "chosen",
    [
        {"topic": "t-4", "jurisdiction": "j-7"},
        {"topic": "t-4", "stage": "adopted"},
        {"force": "in_force", "organization": "o-4", "sort": "title"},
        {"jurisdiction": "j-7", "effect": "silent", "sort": "status"},
        {"stage": "introduced", "force": "in_force"},
    ],
    ids=str,
)
def test_steps_of_several_filters_grow_with_the_actions_that_the_narrowest_passes(
    sizes: list[Path], monkeypatch: pytest.MonkeyPatch, chosen: dict[str, str]
) -> None:
    taken, passing = [], []
    for db in sizes:
        taken.append(steps_of(db, f"/actions?{urlencode(chosen)}", monkeypatch))
        counts = counts_on(sqlite3.connect(db), TODAY)
        names = chosen.keys() - {"sort"}
        passing.append(min(counts.get((name, chosen[name], None), 0) for name in names))
    assert taken[1] < 1.5 * taken[0] + 25 * (passing[1] - passing[0]) + 100, (taken, passing)


@pytest.mark.thorough
@pytest.mark.parametrize("query", ["topic=t-4&effect=silent", "topic=t-4&stage=adopted&sort=title"])
def test_steps_of_several_filters_do_not_grow_where_each_passes_more_than_are_read(
    sizes: list[Path], monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    monkeypatch.setattr(lists, "MOST_READ", 50)
    taken = [steps_of(db, f"/actions?{query}", monkeypatch) for db in sizes]
    assert taken[1] < 1.5 * taken[0] + 100, taken


def test_a_list_whose_filters_pass_more_than_are_read_says_how_many_it_shows(
    shipped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "MOST_READ", 9)
    client = Datasette([], immutables=[str(shipped)]).client
    text = asyncio.run(client.get("/actions?stage=adopted&force=in_force")).text
    assert "More than 40 actions of " in text
    text = asyncio.run(client.get("/jurisdictions/us?effect=silent")).text
    assert 'Actions <span class="count">more than 40</span>' in text


@pytest.mark.thorough
@pytest.mark.parametrize(
    "chosen",
    [{"topic": "t-4"}, {"organization": "o-4"}, {"jurisdiction": "j-7"}, {"stage": "adopted"}],
)
def test_walking_the_news_passes_as_many_actions_however_many_there_are(
    sizes: list[Path], chosen: dict[str, str]
) -> None:
    taken = []
    for db in sizes:
        steps: list[int] = []
        connection = sqlite3.connect(db)
        register(connection)
        with counted(connection, steps):
            values = (
                dict.fromkeys(FILTERS, "[]")
                | {name: json.dumps([value]) for name, value in chosen.items()}
                | {
                    "on": "2023-01-01",
                    "size": 9,
                    "skip": 0,
                    **lists.matching("action", ""),
                    "sort": "news",
                    **NOT_FEW,
                }
            )
            assert len(connection.execute(data.sql("lists.actions"), values).fetchall()) == 10
        taken.append(len(steps))
    assert taken[1] < 2 * taken[0], taken


NARROW = [
    {"jurisdiction": ["us-ca"]},
    {"jurisdiction": ["no-such-place"]},
    {"topic": ["licensing"], "stage": ["adopted"]},
    {"topic": ["governance", "distillation"], "jurisdiction": ["us", "eu"]},
    {"instrument": ["program"], "effect": ["supports", "requires"]},
    {"stage": ["introduced"], "force": ["not_yet"]},
    {"force": ["in_force"], "topic": ["licensing"]},
]


@pytest.mark.parametrize("chosen", [*NARROW, {"organization": ["european-commission"]}])
def test_a_list_is_the_same_where_only_few_actions_are_read(
    reader: sqlite3.Connection, chosen: dict[str, list[str]]
) -> None:
    filters = {name: json.dumps(chosen.get(name, [])) for name in FILTERS}
    few = lists.few(reader, chosen, TODAY, "", 10_000)["ids"]
    for order in VIEWS["actions"].orders:
        bound = filters | lists.matching("action", "") | {"on": TODAY, "size": 7, "skip": 1}
        walked, read = (
            reader.execute(data.sql("lists.actions"), bound | way).fetchall()
            for way in (NOT_FEW | {"sort": order}, {"sort": "", "few": few, "order": order})
        )
        assert [row[:-1] for row in walked] == [row[:-1] for row in read], order
    assert few == "[]" or read


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("place", ["us", "eu", "us-ca", "no-such-place"])
def test_the_newest_actions_of_a_place_are_the_first_of_the_walk(
    reader: sqlite3.Connection, place: str, day: str
) -> None:
    bound = dict.fromkeys(FILTERS, "[]") | {"jurisdiction": json.dumps([place]), "on": day}
    way = {**lists.matching("action", ""), "sort": "news", "size": 7, "skip": 0, **NOT_FEW}
    walked = [row[0] for row in reader.execute(data.sql("lists.actions"), bound | way)]
    (newest,) = reader.execute(data.sql("lists.newest"), bound | {"most": 8}).fetchone()
    assert json.loads(newest) == walked
    assert walked or place == "no-such-place"


@pytest.mark.thorough
def test_steps_of_the_newest_actions_of_a_place_do_not_grow_with_its_actions(
    sizes: list[Path],
) -> None:
    taken = []
    for db in sizes:
        steps: list[int] = []
        connection = sqlite3.connect(db)
        with counted(connection, steps):
            bound = {"jurisdiction": '["j-7"]', "on": TODAY, "most": 9}
            (ids,) = connection.execute(data.sql("lists.newest"), bound).fetchone()
        assert len(json.loads(ids)) == 9
        taken.append(len(steps))
    assert taken[1] < 1.5 * taken[0] + 2, taken


@pytest.mark.parametrize("chosen", NARROW)
def test_the_timeline_is_the_same_where_only_few_actions_are_read(
    reader: sqlite3.Connection, chosen: dict[str, list[str]]
) -> None:
    few = lists.few(reader, chosen, TODAY, "", 10_000)["ids"]
    bound = {name: json.dumps(chosen.get(name, [])) for name in FILTERS} | {"on": TODAY}
    bound |= {"moving": "", "ideas": "1", "start": "", "end": "", "size": 7, "skip": 1}
    walked, read = (
        reader.execute(data.sql("timeline.actions"), bound | {"few": ids}).fetchall()
        for ids in ("", few)
    )
    assert walked == read
    assert few == "[]" or read


# List -> values of its filters, of which the shipped knowledge base has some, few, or no records.
NARROW_LISTS = [
    ("arguments", {"action": ["eu-ai-act"]}),
    ("arguments", {"stance": ["warns"]}),
    (
        "arguments",
        {"action": ["eu-ai-act", "us-ca-sb1047-2024"], "stance": ["supports", "opposes"]},
    ),
    ("arguments", {"action": ["no-such-action"]}),
    ("arguments", {"unanswered": ["1"]}),
    ("arguments", {"unanswered": ["1"], "stance": ["warns"]}),
    ("claims", {"finding": ["contested"]}),
    ("claims", {"finding": ["supported", "partly_supported"], "kind": ["empirical"]}),
    ("documents", {"type": ["report", "bill"]}),
    ("documents", {"grade": ["primary"], "type": ["report"]}),
    ("documents", {"type": ["no-such-type"]}),
    ("documents", {"words": ["frontier"]}),
    ("documents", {"words": ["frontier"], "type": ["report"]}),
    ("organizations", {"kind": ["court", "media"]}),
]


@pytest.mark.parametrize(("place", "chosen"), NARROW_LISTS)
def test_other_lists_are_the_same_where_only_few_records_are_read(
    reader: sqlite3.Connection, place: str, chosen: dict[str, list[str]]
) -> None:
    view = VIEWS[place]
    bound = {name: json.dumps(chosen.get(name, [])) for name in (*view.filters, *view.others)}
    bound |= lists.matching(view.kind, *chosen.get("words", [""]))
    bound |= {"unanswered": "".join(chosen.get("unanswered", [])), "size": 7, "skip": 1}
    statement = data.sql(view.statement)
    walking = statement.replace("min(1000000, 40", "min(-1, 40")
    assert walking != statement
    for order in view.orders:
        walked, read = (
            reader.execute(text, bound | {"sort": order}).fetchall()
            for text in (walking, statement)
        )
        assert walked == read, order
    assert read or "no-such" in str(chosen)


def test_unanswered_arguments_are_those_that_no_other_answers(reader: sqlite3.Connection) -> None:
    bound = dict.fromkeys(("action", "stance"), "[]") | {"size": 1000, "skip": 0}
    bound |= {"unanswered": "1", "sort": "connections"}
    listed = [row[0] for row in reader.execute(data.sql("argument.list"), bound)]
    straight = reader.execute(
        """select id from arguments where withdrawn_on is null and id not in (
             select r.other from argument_relations r join argument_relation_types t on t.id = r.type
             where t.answers = 1) order by ties desc, id"""
    )
    assert listed == [id for (id,) in straight]
    assert listed


@pytest.mark.parametrize("place", ["actions", "documents"])
def test_a_list_says_that_not_all_records_with_the_words_are_ranked(
    shipped: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    client = Datasette([], immutables=[str(shipped)]).client
    assert (
        f"More than 2,000 {place} have these words."
        not in asyncio.run(client.get(f"/{place}?q=model")).text
    )
    monkeypatch.setattr(lists, "MOST_RANKED", 3)
    text = asyncio.run(client.get(f"/{place}?q=model&several=1")).text
    assert f"More than 3 {place} have these words." in text
    assert text.count('class="tick"') == 3


@pytest.mark.thorough
@pytest.mark.parametrize("path", ["/actions?q=ai", "/documents?q=ai", "/documents?q=ai&sort=title"])
def test_steps_of_words_do_not_grow_where_more_records_have_them_than_are_ranked(
    sizes: list[Path], monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(lists, "MOST_RANKED", 50)
    taken = [steps_of(db, path, monkeypatch) for db in sizes]
    assert taken[1] < 1.5 * taken[0] + 100, taken


def counts_on(reader: sqlite3.Connection, day: str) -> dict[tuple, int]:
    """Filter, value and jurisdiction -> number, as looked up in the table of counts."""
    found = {}
    rows = reader.execute(
        "select filter, value, jurisdiction, number from counts where kind = 'action' and from_date <= ? order by from_date",
        (day,),
    )
    for filter, value, jurisdiction, number in rows:
        found[filter, value, jurisdiction] = number
    return {key: number for key, number in found.items() if number}


@pytest.mark.parametrize("day", DAYS)
def test_counts_of_stages_and_forces_are_those_of_the_periods(
    reader: sqlite3.Connection, day: str
) -> None:
    straight = {}
    for filter, column in (("stage", "stage"), ("force", "legal_force")):
        for jurisdiction in ("null", "a.jurisdiction") if filter == "force" else ("null",):
            rows = reader.execute(
                f"""select p.{column}, {jurisdiction}, count(*) from actions a join periods p on p.action = a.id
                where a.withdrawn_on is null and coalesce(p.from_date, '0001-01-01') <= :day and coalesce(p.to_date, '9999-99-99') > :day group by 1, 2""",
                {"day": day},
            )
            straight |= {(filter, value, place): number for value, place, number in rows}
    assert straight or day == "0001-01-01"
    assert {
        key: number
        for key, number in counts_on(reader, day).items()
        if key[0] in ("stage", "force")
    } == straight


def test_counts_of_other_filters_are_those_of_the_records(reader: sqlite3.Connection) -> None:
    standing = "from actions a where a.withdrawn_on is null"
    straight = {("all", "", None): reader.execute(f"select count(*) {standing}").fetchone()[0]}
    for filter, column in (("instrument", "instrument"), ("effect", "effect")):
        straight |= {
            (filter, value, None): number
            for value, number in reader.execute(f"select {column}, count(*) {standing} group by 1")
        }
    straight |= {
        ("instrument", value, place): number
        for value, place, number in reader.execute(
            f"select instrument, jurisdiction, count(*) {standing} group by 1, 2"
        )
    }
    straight |= {
        ("all", "", place): number
        for place, number in reader.execute(f"select jurisdiction, count(*) {standing} group by 1")
    }
    for filter, table, linked in (
        (
            "jurisdiction",
            "jurisdictions",
            "select id as action, jurisdiction as value from actions",
        ),
        ("topic", "topics", "select action, topic as value from action_topics"),
    ):
        for (id,) in reader.execute(f"select id from {table}").fetchall():
            number = reader.execute(
                f"""select count(*) {standing} and a.id in (select l.action from ({linked}) l join {table} t on t.id = l.value
                where ? in (t.id, t.part_of))""",
                (id,),
            ).fetchone()[0]
            straight |= {(filter, id, None): number} if number else {}
    straight |= {
        ("topic", topic, place): number
        for topic, place, number in reader.execute(
            """select t.id, a.jurisdiction, count(distinct a.id) from topics t join topics part on t.id in (part.id, part.part_of)
            join action_topics x on x.topic = part.id join actions a on a.id = x.action
            where a.withdrawn_on is null group by 1, 2"""
        )
    }
    for (id,) in reader.execute("select id from organizations").fetchall():
        number = reader.execute(
            f"select count(*) {standing} and a.id in (select action from action_bodies where organization = ?)",
            (id,),
        ).fetchone()[0]
        straight |= {("organization", id, None): number} if number else {}
    assert {
        key: number
        for key, number in counts_on(reader, TODAY).items()
        if key[0].split()[0] not in ("stage", "force", "status")
    } == straight


@pytest.mark.parametrize("day", DAYS)
def test_counts_of_stage_and_force_of_a_place_are_those_of_its_periods(
    reader: sqlite3.Connection, day: str
) -> None:
    straight = {}
    for filter, belongs in (
        ("status", "1"),
        (
            "status us",
            "a.jurisdiction in (select id from jurisdictions where 'us' in (id, part_of))",
        ),
        (
            "status export-control",
            "a.id in (select action from action_topics x join topics t on t.id = x.topic where 'export-control' in (t.id, t.part_of))",
        ),
    ):
        rows = reader.execute(
            f"""select p.stage || ' ' || p.legal_force, count(*) from actions a join periods p on p.action = a.id
            where a.withdrawn_on is null and {belongs}
              and coalesce(p.from_date, '0001-01-01') <= :day and coalesce(p.to_date, '9999-99-99') > :day group by 1""",
            {"day": day},
        )
        straight |= {(filter, value, None): number for value, number in rows}
    filters = {"status", "status us", "status export-control"}
    assert {
        key: number for key, number in counts_on(reader, day).items() if key[0] in filters
    } == straight


def test_withdrawn_actions_are_neither_counted_nor_news(base) -> None:
    base.action("stands", [("2026-01-05", "proposed")])
    base.action(
        "gone",
        [("2026-01-05", "proposed")],
        withdrawn={"on": "2026-02-01", "reason": "Not a policy."},
    )
    assert not base.load().errors
    connection = sqlite3.connect(base.db)
    others = connection.execute(
        "select count(*) from actions where id not in ('stands', 'gone')"
    ).fetchone()[0]
    assert connection.execute(
        "select number from counts where filter = 'all' and kind = 'action' and jurisdiction is null"
    ).fetchall() == [(1 + others,)]
    assert connection.execute(
        "select action, day, until from news where action in ('stands', 'gone') order by day"
    ).fetchall() == [("stands", "0001-01-01", "2026-01-05"), ("stands", "2026-01-05", None)]


@pytest.mark.parametrize("day", mostly_thorough(DAYS))
def test_filters_pass_as_many_actions_as_are_counted(reader: sqlite3.Connection, day: str) -> None:
    counts = {key: number for key, number in counts_on(reader, day).items() if key[2] is None}
    chosen = [(filter, value) for (filter, value, _) in counts if filter in FILTERS]
    assert len(chosen) > 20
    for filter, value in chosen:
        bound = dict.fromkeys(FILTERS, "[]") | {
            filter: json.dumps([value]),
            "on": day,
            "size": 1000,
            "skip": 0,
            **lists.matching("action", ""),
            "sort": "news",
            **NOT_FEW,
        }
        rows = reader.execute(data.sql("lists.actions"), bound).fetchall()
        assert len(rows) == counts[filter, value, None]
        way = {
            "sort": "",
            "order": "news",
            "few": lists.few(reader, {filter: [value]}, day, "", 10_000)["ids"],
        }
        read = reader.execute(data.sql("lists.actions"), bound | way).fetchall()
        assert {row[-1] for row in read} == {len(rows)}
