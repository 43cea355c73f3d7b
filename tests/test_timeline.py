"""The timeline: its window, its scale, its filters, and what it shows as files."""

import csv
import io
import re
from xml.etree import ElementTree

import pytest
from policykb.pictures.overview import DENSE, overview
from policykb.site.views.timeline import _fitted, _numbers
from test_pages import Site, checked

IDEA = "Ban on open source AI"


def test_the_window_leaves_out_a_few_events_far_away_and_holds_the_day():
    numbers = {1998: 1, 2022: 10, 2023: 50, 2024: 60, 2026: 40, 2040: 1}
    assert _fitted(numbers, 2026) == (2022, 5)
    assert _fitted(numbers, 2027) == (2022, 6)
    assert _fitted(numbers, 2090) == (2022, 6), "a day far away does not stretch it"
    assert _fitted({}, 2026) == (2022, 8)
    assert _fitted(dict.fromkeys(range(1900, 2027), 5), 2026)[1] == 12


def test_running_numbers_become_numbers_of_years():
    rows = [
        {"from_date": "2024-03-01", "number": 2},
        {"from_date": "2024-05-01", "number": 5},
        {"from_date": "2026-01-01", "number": 6},
    ]
    assert _numbers(rows) == {2024: 5, 2026: 1}


def test_a_dense_year_is_wider_and_has_months():
    axis, _ = overview([], "year", "2024-01-01", "2027-01-01", "2026-06-01", [2025])
    texts = {node.text: float(node.get("x").rstrip("%")) for node in ElementTree.fromstring(axis)}
    assert list(texts) == ["2024", "2025", "2026", "Apr", "Jul", "Oct"]
    wide = 100 * DENSE / (DENSE + 2)
    assert texts["2025"] == pytest.approx(50, abs=0.2)
    assert texts["2024"] == pytest.approx((100 - wide) / 4, abs=0.2)
    assert texts["Jul"] == pytest.approx(50 - wide / 2 + wide * 181 / 365, abs=0.2)


def test_places_are_in_the_order_of_their_names(site: Site):
    places = re.findall(r'<h2 id="j-[^"]*"><a[^>]*>([^<]*)</a>', site.get("/timeline").text)
    assert places[0] == "Brazil"
    assert places == sorted(places, key=str.casefold)


def test_ideas_are_shown_only_where_asked_for(site: Site):
    address = "/timeline?jurisdiction=us&stage=option"
    assert IDEA not in checked(site.get(address)).text
    assert IDEA in checked(site.get(f"{address}&ideas=1")).text
    assert IDEA in checked(site.get(f"{address}&instrument=policy_option")).text


@pytest.mark.parametrize(
    "filters",
    [
        "topic=export-control",
        "instrument=bill",
        "stage=failed",
        "force=in_force",
        "effect=exempts",
        "jurisdiction=us",
    ],
)
def test_its_filters_are_those_of_the_list(site: Site, filters: str):
    def actions(address: str) -> set[str]:
        links = checked(site.get(address)).links
        return {
            link.split("?")[0] for link in links if re.match(r"/actions/[a-z0-9-]+(\?|$)", link)
        }

    shown = actions(f"/timeline?{filters}") | actions(f"/timeline?{filters}&page=2")
    listed = set().union(*(actions(f"/actions?{filters}&page={number}") for number in range(1, 8)))
    assert shown
    assert shown <= listed


def test_what_happened_can_be_read_with_the_keyboard(site: Site):
    text = site.get("/timeline?jurisdiction=eu").text
    boxes = re.findall(
        r'<div class="strip-box" tabindex="0" role="group" aria-label="Events of ([^"]*)">', text
    )
    assert "AI Act" in boxes


def test_the_picture_has_every_row_and_its_style(site: Site):
    address = "/timeline.svg?jurisdiction=eu"
    root = ElementTree.fromstring(site.get(address).text)
    strips = [node for node in root.iter() if "strip" in node.get("class", "").split()]
    assert (
        len(strips)
        == site.get("/timeline?jurisdiction=eu").text.count('class="picture chart strip"')
        > 20
    )
    assert root.find("{http://www.w3.org/2000/svg}style") is not None
    assert any(node.text == "European Union" for node in root.iter())


@pytest.mark.slow
def test_the_picture_as_png(site: Site):
    pytest.importorskip("resvg_py")
    answer = site.get("/timeline.png?jurisdiction=eu")
    assert (answer.headers["content-type"], answer.content[:4]) == ("image/png", b"\x89PNG")


def test_its_files_have_events_with_their_sources(site: Site):
    answer = site.get("/timeline.csv?jurisdiction=eu")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert {row["jurisdiction_name"] for row in rows} == {"European Union"}
    row = next(row for row in rows if row["id"] == "eu-ai-act#proposed")
    assert (row["action"], row["date"], row["type"]) == ("eu-ai-act", "2021-04-21", "proposed")
    assert row["page"].endswith("/actions/eu-ai-act#event-proposed")
    assert row["source_addresses"].startswith("https://") and row["source_grades"]
    year = "/timeline.json?jurisdiction=eu&moving=1&from=2026&zoom=month"
    assert {row["date"][:4] for row in site.get(year).json()} == {"2026"}
    assert list(site.get(f"{year}&columns=date").json()[0])[:3] == ["id", "date", "page"]


def test_links_keep_the_filters(site: Site):
    page = checked(site.get("/timeline?topic=export-control&ideas=1"))
    assert "/timeline.csv?topic=export-control&ideas=1" in page.links
    assert "/actions?topic=export-control" in page.links
    assert any("topic=export-control" in link and "from=" in link for link in page.links)
