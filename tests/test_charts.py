"""The charts of the first page, of topics and of jurisdictions: numbers that are right, as pictures and as tables."""

import re
from xml.etree import ElementTree

import pytest
from policykb.pictures.charts import GRIDS, TILED, months, statuses, tiles
from test_pages import Site, checked

SVG = "{http://www.w3.org/2000/svg}"


def titles(picture: str, name: str) -> list[str]:
    """The titles of the parts of a picture that have a class."""
    parts = [
        node
        for node in ElementTree.fromstring(picture).iter()
        if name in node.get("class", "").split()
    ]
    return [node.find(f"{SVG}title").text for node in parts]


def test_a_column_is_as_high_as_its_number_and_hollow_after_the_day():
    rows = [
        {"month": f"2026-0{month}-01", "number": number}
        for month, number in ((1, 4), (2, 1), (3, 2))
    ]
    picture = months(rows, "2026-02-15")
    assert titles(picture, "part") == [
        "Jan 2026: 4 events",
        "Feb 2026: 1 event",
        "Mar 2026: 2 events",
    ]
    assert titles(picture, "ahead") == ["Mar 2026: 2 events"]
    columns = [node.find(f"{SVG}rect") for node in ElementTree.fromstring(picture).iter(f"{SVG}g")]
    assert [float(column.get("height")) for column in columns] == [120, 30, 60]
    assert months([{"month": "2026-01-01", "number": 0}], "2026-02-15") == ""


def test_bars_are_divided_by_legal_force():
    rows = [
        {"stage": "adopted", "legal_force": "in_force", "number": 3},
        {"stage": "adopted", "legal_force": "ended", "number": 1},
        {"stage": "failed", "legal_force": "not_applicable", "number": 0},
    ]
    assert titles(statuses(rows), "bar")[:2] == [
        "Adopted, in force: 3 actions",
        "Adopted, ended: 1 action",
    ]
    assert "Failed" not in statuses(rows)
    assert statuses(rows[2:]) == ""


def test_a_jurisdiction_without_a_tile_is_known():
    rows = [
        {"name": "Germany", "code": "DE", "number": 2, "href": "/de"},
        {"name": "A league", "code": None, "number": 1, "href": None},
        {"name": "Far island", "code": "XX", "number": 1, "href": None},
    ]
    pictures = tiles(rows)
    assert len(pictures) == 1
    assert titles(pictures[0], "level-3") == ["Germany: 2 actions"]
    assert [row["name"] for row in rows if row["code"] not in TILED] == ["A league", "Far island"]


@pytest.mark.parametrize("name", GRIDS)
def test_each_tile_has_a_place_of_its_own(name: str):
    places = list(GRIDS[name].values())
    assert len(places) == len(set(places)) > 49


@pytest.mark.parametrize("address", ["/", "/topics/open-weight-release", "/jurisdictions/us"])
def test_each_chart_has_its_numbers_as_a_table(site: Site, address: str):
    answer = site.get(address)
    page = checked(answer)
    assert len(page.ids) == len(set(page.ids))
    pictures = re.findall(
        r'<svg[^>]*class="picture chart counted".*?</svg>', answer.text, re.DOTALL
    )
    assert len(pictures) == 4
    for table in ("Events by month", "Stage and legal force", "Jurisdictions"):
        assert f"{table} as a table" in page.text


def test_numbers_are_those_of_the_records(site: Site):
    on = "2026-06-30"
    text = site.get(f"/?on={on}").text
    actions = site.one(
        "select count(*) from periods p join actions a on a.id = p.action where p.stage = 'adopted' and p.legal_force = 'in_force'"
        f" and a.withdrawn_on is null and coalesce(p.from_date, '') <= '{on}' and coalesce(p.to_date, '9999') > '{on}'"
    )
    assert f"Adopted, in force: {actions} actions" in text
    events = site.one(
        "select count(*) from events e join actions a on a.id = e.action where a.withdrawn_on is null and e.date_latest like '2026-03-%'"
        " and e.precision <> 'year' and not exists (select 1 from events n where n.supersedes = e.id)"
    )
    assert f"Mar 2026: {events} events" in text


def test_a_place_counts_what_is_within_it(site: Site):
    within = "(select id from jurisdictions where id = 'us' or part_of = 'us')"
    actions = site.one(
        f"select count(*) from actions where withdrawn_on is null and jurisdiction in {within}"
    )
    text = site.get("/jurisdictions/us").text
    shown = [
        int(number) for number in re.findall(r"<title>[^<]*, [^<]*: (\d+) actions?</title>", text)
    ]
    assert actions - 5 <= sum(shown) <= actions  # but for those that have not begun
    assert "California: 9 actions" in text
    assert "Germany" not in text


def test_every_jurisdiction_of_a_topic_is_named(site: Site):
    topic = site.one(
        "select x.topic from action_topics x join actions a on a.id = x.action where a.jurisdiction = 'international' and a.withdrawn_on is null"
    )
    rows = site.db.query(
        "select distinct j.name from action_topics t join actions a on a.id = t.action join jurisdictions j on j.id = a.jurisdiction"
        " where t.topic = ? and a.withdrawn_on is null",
        [topic],
    )
    page = checked(site.get(f"/topics/{topic}"))
    table = page.text.partition("Jurisdictions as a table")[2]
    assert all(row["name"] in table for row in rows)
    assert "International (" in page.text
