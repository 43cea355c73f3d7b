"""Search finds a thing by its name: every name of the shipped content, names that records share, filters and costs."""

import json
import re
import sqlite3
import time
from pathlib import Path

import pytest
from conftest import SHIPPED_DAY, TODAY, Base
from policykb.model import vocabulary
from policykb.read.database import connect
from policykb.read.functions import name_keys, register, search_ways
from policykb.read.questions import ask, bound, questions
from policykb.text import name_key
from test_answers import Site

SEARCH = questions("openness")["search"]
NAMES = """
select id as action, short_title as name from actions where short_title is not null
union select action, alias from action_aliases
union select action, display from action_identifiers
union select action, value from action_identifiers"""


def hits(db: Path, q: str, day: str = SHIPPED_DAY, **parameters: str) -> list[dict]:
    """Return the rows of the question `search`."""
    with connect(db) as base:
        columns, rows = ask(base.conn, SEARCH, {"q": q, **parameters}, day)
    return [dict(zip(columns, row, strict=True)) for row in rows]


def first(rows: list[dict], kind: str = "") -> str:
    """Return the id of the first record, of a kind or of all."""
    return next((row["id"] for row in rows if kind in ("", row["kind"])), "nothing")


@pytest.mark.thorough
def test_every_name_of_an_action_gives_it_as_the_first_action(shipped: Path):
    names = sqlite3.connect(shipped).execute(NAMES).fetchall()
    rows = {(action, name): hits(shipped, name, size="3") for action, name in names}
    wrong = [
        f"“{name}” gives {first(answer, 'action')}, not {action}"
        for (action, name), answer in rows.items()
        if first(answer, "action") != action
    ]
    assert len(names) > 700 and not wrong, "\n".join(wrong)
    late = [
        f"“{name}” gives {first(answer)} before {action}"
        for (action, name), answer in rows.items()
        if first(answer) != action
    ]
    assert len(late) <= 0.03 * len(names), "\n".join(late)


@pytest.mark.parametrize(
    ("typed", "action"),
    [
        ("AI Act", "eu-ai-act"),
        ("ai act", "eu-ai-act"),
        ("the AI Act", "eu-ai-act"),
        ("EU AI Act", "eu-ai-act"),
        ("KI-Verordnung", "eu-ai-act"),
        ("eu-ai-act", "eu-ai-act"),
        ("Reg. 2024/1689", "eu-ai-act"),
        ("Regulation (EU) 2024/1689", "eu-ai-act"),
        ("1689", "eu-ai-act"),
        ("Exec. Order 14110", "us-eo-14110"),
        ("Executive Order No. 14,110", "us-eo-14110"),
        ("SB-53", "us-ca-sb53-2025"),
        ("sb53", "us-ca-sb53-2025"),
        ("Senate Bill 53", "us-ca-sb53-2025"),
        ("H.R.9925", "us-hr9925-frontier-act-2026"),
        ("hr 9925", "us-hr9925-frontier-act-2026"),
        ("Public Law 119-60", "us-ndaa-fy2026-ai-provisions"),
        ("3:26-cv-01996", "us-anthropic-supply-chain-designation"),
        ("Act 20676", "kr-ai-basic-act"),
        ("OZG-Anderungsgesetz", "de-egovg-16a"),
        ("what does SB-1047 say", "us-ca-sb1047-2024"),
        ("AI+ action plan", "cn-ai-plus-opinions"),
        ("AI Action Plan", "us-ai-action-plan-2025"),
    ],
)
def test_names_and_numbers_are_found_as_people_write_them(shipped: Path, typed: str, action: str):
    assert first(hits(shipped, typed)) == action


def test_an_organization_is_found_by_its_name(shipped: Path):
    assert first(hits(shipped, "Josh Gottheimer")) == "rep-gottheimer"
    assert first(hits(shipped, "Electronic Frontier Foundation")) == "eff"
    assert hits(shipped, "EFF")[0]["certain"] == 1


def test_the_orders_of_a_president_are_found_by_who_signed_them(shipped: Path):
    signed = {
        row["id"] for row in hits(shipped, "Trump executive order") if row["kind"] == "action"
    }
    assert {"us-eo-14179", "us-eo-14365", "us-eo-14409", "us-eo-14434"} <= signed
    assert "us-eo-14110" not in signed
    assert first(hits(shipped, "Biden executive order"), "action") == "us-eo-14110"


@pytest.fixture
def shared(base: Base) -> Base:
    """A knowledge base in which names are shared."""
    for id, title, more in [
        ("a-bill", "An older bill", {"aliases": ["Open Act"]}),
        ("b-bill", "Another bill", {"short_title": "Open Act"}),
        ("c-bill", "A bill written otherwise", {"short_title": "OPEN-ACT"}),
        ("d-bill", "Open Act amendment", {}),
    ]:
        base.record("actions", id, title=title, **more)
    base.record("documents", "a-text", title="Open Act")
    base.load()
    return base


def test_records_that_share_a_name_have_an_order(shared: Base):
    rows = hits(shared.db, "open act", TODAY)
    assert [row["id"] for row in rows][:5] == ["b-bill", "a-bill", "c-bill", "d-bill", "a-text"]
    assert not any(row["certain"] for row in rows), "two actions have the name as typed"
    certain = hits(shared.db, "OPEN-ACT", TODAY)[0]
    assert (certain["id"], certain["certain"]) == ("c-bill", 1)


def test_each_kind_has_its_own_pool(shipped: Path):
    rows = hits(shipped, "open", size="5")
    counts = {
        kind: [row for row in rows if row["kind"] == kind]
        for kind in ("action", "argument", "claim", "document")
    }
    assert all(len(group) == 5 for group in counts.values())
    assert counts["document"][0]["total"] > 100


def test_pages_of_a_kind_follow_each_other(shipped: Path):
    whole = [row["id"] for row in hits(shipped, "open", kind="document", size="40")]
    pages = [hits(shipped, "open", kind="document", size="20", page=page) for page in "12"]
    assert [row["id"] for page in pages for row in page] == whole


def test_filters(shipped: Path):
    connection = sqlite3.connect(shipped)
    places = dict(connection.execute("select id, jurisdiction from actions"))
    within = {
        id
        for (id,) in connection.execute("select id from jurisdictions where 'us' in (id, part_of)")
    }
    actions = [
        row["id"] for row in hits(shipped, "open", kind="action", jurisdiction="us", size="500")
    ]
    assert actions and {places[id] for id in actions} <= within
    assert len(actions) < len(hits(shipped, "open", kind="action", size="500"))
    for status in ("in_force", "introduced"):
        rows = hits(shipped, "open", kind="action", status=status, size="500")
        assert rows and all(status in (row["stage"], row["legal_force"]) for row in rows)
    documents = hits(shipped, "open", kind="document", year="2024,2025", size="500")
    assert documents and {row["date"][:4] for row in documents} == {"2024", "2025"}
    arguments = {
        row["id"] for row in hits(shipped, "open", kind="argument", jurisdiction="eu", size="500")
    }
    about = "select argument from stances s join actions a on a.id = s.action where a.jurisdiction = 'eu'"
    assert arguments and arguments <= {id for (id,) in connection.execute(about)}
    topics = hits(shipped, "open", kind="action", topic="open-weights", size="500") or hits(
        shipped,
        "open",
        kind="action",
        topic=connection.execute("select topic from action_topics").fetchone()[0],
    )
    assert topics


def test_the_first_way_that_has_hits_counts(shipped: Path):
    assert {row["match"] for row in hits(shipped, "frontie")} <= {
        "starts of words",
        "start of a name",
    }
    assert {row["match"] for row in hits(shipped, "procurement zebra")} == {"some words"}
    assert hits(shipped, "qqqqzzzz") == []


def test_a_single_letter_is_no_beginning_of_a_word(shipped: Path):
    assert hits(shipped, "Umlaut Ä") == []
    assert first(hits(shipped, "weights _ -")) == first(hits(shipped, "weights"))
    assert json.loads(search_ways("plan b (x) 法")) == [
        '"plan" AND "b" AND "(x)" AND "法"',
        '"plan"* AND "b" AND "(x)" AND "法"*',
        '"plan" OR "法"',
    ]
    assert json.loads(search_ways("a"))[2] == '"a"'


@pytest.mark.parametrize(
    ("typed", "action"), [("RAISE", "us-ny-raise-act"), ("raise", "us-ny-raise-act"), ("SAFE", "")]
)
def test_an_act_is_offered_by_its_name_without_that_word(shipped: Path, typed: str, action: str):
    assert first([row for row in hits(shipped, typed) if row["certain"]]) == (action or "nothing")


@pytest.mark.parametrize(
    ("british", "american"),
    [
        ("licence", "license"),
        ("open licences", "open licenses"),
        ("behaviour", "behavior"),
        ("Organisation", "organization"),
        ("analyse", "analyze"),
        ("programme", "program"),
        ("data centre", "data center"),
    ],
)
def test_british_and_american_spelling_find_the_same(shipped: Path, british: str, american: str):
    one, other = (
        {row["kind"]: row["total"] for row in hits(shipped, q)} for q in (british, american)
    )
    assert one == other and one


def test_every_search_that_is_offered_finds_an_action(shipped: Path):
    with connect(shipped) as base:
        (offered,) = next(base.conn.execute("select value from kb_info where key = 'searches'"))
    assert len(offered.split("\n")) > 3
    assert all(first(hits(shipped, words), "action") != "nothing" for words in offered.split("\n"))


def test_keys_of_names():
    assert name_key("Exec. Order No. 14,110") == "execorder14110"
    assert name_key("Änderungsgesetz Nr. 5") == "anderungsgesetz5"
    assert name_key("Nobel No") == "nobelno"
    keys = json.loads(name_keys("the Executive Order 14409 of June"))
    assert keys["whole"] == ["executiveorder14409ofjune"] and keys["inside"][0] == "eo14409"
    assert json.loads(name_keys(None)) == {"whole": [], "inside": []}
    assert json.loads(search_ways('open "export control"')) == [
        '"open" AND "export control"',
        '"open"*',
        '"open" OR "export control"',
    ]
    assert len(json.loads(name_keys("a " * 200))["inside"]) < 80


@pytest.mark.parametrize("scheme", [scheme.id for scheme in vocabulary.IDENTIFIER_SCHEMES])
def test_every_identifier_has_forms_to_look_for(scheme: str):
    example = vocabulary.identifier_example(scheme)
    forms = vocabulary.identifier_forms(scheme, example)
    assert example in forms and all(map(name_key, forms))


def test_names_are_looked_up_in_an_index(shipped: Path):
    connection = sqlite3.connect(shipped)
    register(connection)
    values = bound(SEARCH, {"q": "AI Act"}, SHIPPED_DAY)
    steps = [row[3] for row in connection.execute(f"explain query plan {SEARCH.sql}", values)]
    tables = {
        name
        for (name,) in connection.execute("select name from sqlite_master where type = 'table'")
    }
    scans = {step.split()[1] for step in steps if re.fullmatch(r"SCAN \w+", step)}
    assert sum("INDEX names_key (key" in step for step in steps) == 3
    assert not scans & (tables - {"jurisdictions"})


@pytest.mark.thorough
def test_a_common_word_costs_what_it_may(tmp_path: Path):
    """A word of every record: the cost is that of the first 2,000 of a kind, and does not grow with the rest."""
    seconds = []
    for number in (3_000, 12_000):
        base = Base(tmp_path / str(number))
        tables = "".join(
            f'[o-{i}]\nname = "Open office {i}"\nkind = "company"\n' for i in range(number)
        )
        base.write("organizations.toml", tables)
        base.load()
        taken = []
        for _ in range(3):
            start = time.process_time()
            rows = hits(base.db, "office", TODAY)
            taken.append(time.process_time() - start)
        seconds.append(min(taken))
        assert len(rows) == 20 and rows[0]["total"] <= 2_001
    assert seconds[1] < 3 * seconds[0], seconds


def test_a_filter_passes_records_that_come_after_the_first_2000(base: Base):
    tables = "".join(f'[o-{i}]\nname = "Office {i}"\nkind = "company"\n' for i in range(2_100))
    last = '[z-last]\nname = "Last office"\nkind = "company"\njurisdiction = "us-ca"\n'
    base.write("organizations.toml", tables + last)
    base.action("an-order", [("2026-06-02", "issued")])
    assert base.load().errors == 0
    assert hits(base.db, "office", TODAY)[0]["total"] == 2_001
    found = hits(base.db, "office", TODAY, jurisdiction="us-ca")
    assert [row["id"] for row in found] == ["z-last"]


@pytest.fixture(scope="module")
def site(shipped: Path) -> Site:
    return Site(shipped)


@pytest.mark.datasette
def test_the_page_offers_one_certain_hit(site: Site):
    page = site.get("/search", q="AI Act").text
    main = page[page.index("<main") :]
    assert re.search(r'Go to <b><a href="(/\w+/[^"]+)"', main)[1] == "/actions/eu-ai-act"
    assert re.search(r'href="/(\w+/[a-z0-9-]+)"', main)[1] == "actions/eu-ai-act"
    assert "(EU) 2024/1689" in main and "Partly in force" in main
    assert "Go to" not in site.text("/search", q="open weights")


def test_the_page_has_filters_and_counts(site: Site):
    page = site.text("/search", q="open", jurisdiction="us", status="in_force", year="2026")
    assert re.search(r"Actions \d+", page)
    assert "“soon” is not a year" in site.text("/search", q="open", year="soon")
    choosing = site.get("/search", q="open", several="1").text
    assert len(re.findall(r'<select id="f-[a-z]+" name="[a-z]+" multiple', choosing)) == 4
    assert "with these filters" in site.text("/search", q="carve-out", year="1950")
    both = site.get("/search", q="open", kind="action", status="in_force").text
    data = re.search(r'href="(/questions/search.json[^"]+)"', both)[1].replace("&amp;", "&")
    assert site.get(data).status_code == 200
    link = re.search(
        r'href="(/search[^"]+kind=document)"', site.get("/search", q="open", year="2026").text
    )
    assert "year=2026" in link[1]


def test_the_ranking_is_the_same_everywhere(site: Site, shipped: Path):
    for q in ("AI Act", "SB 53", "open weights"):
        page = site.get("/search", q=q).text
        shown = re.findall(r'<p class="flush"><a href="/\w+/([a-z0-9-]+)"', page)
        assert shown == [row["id"] for row in hits(shipped, q, size="8")]
        answer = json.loads(site.get("/questions/search.json", q=q, size="8").text)
        assert [row["id"] for row in answer] == shown
