"""Lists that can be sorted, shown as tables, taken away as files of exactly what is shown, and ticked."""

import csv
import io
import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest
import test_answers
from conftest import mostly_thorough
from icalendar import Calendar
from policykb.site.views.lists import VIEWS
from test_filters import links


@pytest.fixture(scope="module")
def site(shipped):
    """The shipped knowledge base."""
    return test_answers.Site(shipped)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def listed(site, path: str) -> list[str]:
    """Return the titles of the first page of a list, in its order."""
    page = site.get(path).text
    return re.findall(r'class="title" href="[^"]*">([^<]*)<', page)


VIEWS_ASKED = [
    ("actions", "jurisdiction=us-ca"),
    ("actions", "jurisdiction=eu&jurisdiction=fr&force=in_force"),
    ("actions", "q=open+weights"),
    ("actions", "topic=licensing"),
    ("arguments", "stance=warns"),
    ("arguments", "unanswered=1&stance=supports"),
    ("claims", "finding=contested&finding=supported"),
    ("documents", "grade=established&type=report"),
    ("documents", "q=open"),
    ("organizations", "kind=legislature"),
]


@pytest.mark.parametrize(("place", "query"), VIEWS_ASKED)
def test_files_have_exactly_the_records_of_the_view(site, place, query):
    shown = links(site, f"/{place}?{query}", place)
    if place == "arguments":
        shown -= {"unanswered"}
    file = rows(site.get(f"/{place}.csv?{query}").text)
    assert file and {row["id"] for row in file} == shown
    objects = json.loads(site.get(f"/{place}.json?{query}").text)
    assert [row["id"] for row in objects] == [row["id"] for row in file]


def test_a_file_of_actions_has_addresses_and_grades_of_sources(site):
    row = rows(site.get("/actions.csv?q=eu-ai-act&jurisdiction=eu").text)
    row = next(one for one in row if one["id"] == "eu-ai-act")
    addresses, grades = row["source_addresses"].split("; "), row["source_grades"].split("; ")
    assert "https://eur-lex.europa.eu/eli/reg/2024/1689/oj/eng" in addresses
    assert len(addresses) == len(grades) and grades[0] == "primary"
    assert row["number"] and row["page"].endswith("/actions/eu-ai-act")


@pytest.mark.parametrize(
    "ending, media, start",
    [
        ("atom", "application/atom+xml", "<?xml"),
        ("ics", "text/calendar", "BEGIN:VCALENDAR"),
        ("bib", "application/x-bibtex", "@"),
        ("ris", "application/x-research-info-systems", "TY  - "),
    ],
)
def test_a_view_is_a_feed_a_calendar_and_a_bibliography(site, ending, media, start):
    answer = site.get(f"/actions.{ending}?jurisdiction=us-ca")
    assert answer.headers["content-type"].startswith(media)
    assert answer.text.startswith(start)


def test_a_calendar_has_the_days_of_the_view_alone(site):
    def actions(query: str) -> set[str]:
        calendar = Calendar.from_ical(site.get(f"/actions.ics?{query}").text)
        return {urlsplit(str(event["url"])).path for event in calendar.walk("vevent")}

    california = actions("jurisdiction=us-ca&on=2026-10-01")
    assert california and california < actions("on=2026-10-01")
    assert all(path.startswith("/actions/us-ca-") for path in california)


def test_a_bibliography_has_each_record_of_the_view(site):
    entries = re.findall(r"^TY  - ", site.get("/documents.ris?type=bill").text, re.MULTILINE)
    assert len(entries) == len(rows(site.get("/documents.csv?type=bill").text))


@pytest.mark.parametrize("place", VIEWS)
def test_a_view_opens_as_sql_with_its_parameters(site, place):
    address = site.get(f"/{place}.sql?{'jurisdiction=eu' * (place == 'actions')}").headers[
        "location"
    ]
    assert len(urlsplit(address).query) < 10_000  # the longest query that is answered
    query = parse_qs(urlsplit(address).query, keep_blank_values=True)
    answer = site.get("/kb.json", _shape="array", **query)
    if answer.status_code == 302:  # Datasette 1.0 has another address for it
        answer = site.get(answer.headers["location"])
    assert answer.status_code == 200
    mine = rows(site.get(f"/{place}.csv?{'jurisdiction=eu' * (place == 'actions')}").text)
    ids = dict.fromkeys(row["action" if place == "timeline" else "id"] for row in mine)
    shown = [row["id"] for row in answer.json() if place != "timeline" or row["id"] in ids]
    assert shown[:100] == list(ids)[:100]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/actions?sort=titel", "“titel” is not an order of this list. Did you mean “title”?"),
        ("/topics/licensing?sort=size", "“size” is not an order of this list. "),
        ("/jurisdictions/us?colour=red", "“colour” is not a parameter of this page"),
        ("/actions?columns=titles", "“titles” is not a value of “columns”; it has: id, title"),
        ("/timeline?sort=title", "“title” is not an order of this list."),
        ("/actions?organization=nothing", "There is no organization “nothing”."),
        ("/actions?sort=title&sort=as_of", "“sort” was given more than once"),
        ("/search?q=AI+Act&page=50", "“page” counts only with “kind”"),
        ("/search?q=AI+Act&kind=zzz", "Nothing was found for “AI Act”."),
    ],
)
def test_what_a_list_does_not_know_is_named(site, path, message):
    assert message in site.text(path)
    place, _, query = path.partition("?")
    if place in ("/actions", "/timeline"):
        answer = site.get(f"{place}.csv?{query}")
        assert answer.status_code == 400 and message in answer.text


NO_PAGE = "actions actions?jurisdiction=us&force=in_force topics/licensing organizations/european-commission arguments claims documents organizations timeline duties search?q=AI&kind=action questions/status-on".split()


@pytest.mark.parametrize("place", NO_PAGE)
def test_a_page_that_is_not_there_is_named(site, place):
    answer = site.get(f"/{place}{'&' if '?' in place else '?'}page=99999")
    text = " ".join(re.sub(r"<[^>]*>", " ", answer.text).split())
    assert text.count("There is no page 99,999. Show the first page") == 1
    assert 'rel="prev"' not in answer.text and "page=99998" not in answer.text
    assert not re.search("matches|Nothing was found|Nothing to show|There is no organi", text)
    assert "3,999" not in text and "3999" not in text


@pytest.mark.slow
@pytest.mark.parametrize(
    "place", mostly_thorough(place for place, view in VIEWS.items() if view.labels)
)
def test_every_order_has_all_records_and_its_reverse_is_reversed(site, place):
    view = VIEWS[place]
    assert {name.removeprefix("-") for name in view.orders} == set(view.labels)
    every = {}
    for order in view.orders:
        every[order] = [
            row["id"] for row in json.loads(site.get(f"/{place}.json?sort={order}").text)
        ]
    first = every[next(iter(view.labels))]
    for order, ids in every.items():
        assert sorted(ids) == sorted(first)
        if f"-{order}" in every:
            assert every[f"-{order}"] == ids[::-1]


def test_lists_are_sorted_by_what_they_show(site):
    titles = listed(site, "/actions?sort=title")
    assert titles == sorted(titles, key=str.lower)
    titles = listed(site, "/topics/licensing?sort=-title")
    assert len(titles) > 5 and titles == sorted(titles, key=str.lower, reverse=True)
    file = rows(site.get("/actions.csv?sort=arguments").text)
    numbers = [int(row["arguments"]) for row in file]
    assert numbers == sorted(numbers, reverse=True) and numbers[0] > numbers[-1]


def test_documents_of_a_year_follow_those_of_a_day_in_it(site):
    issued = [row["issued"].rstrip("~?") for row in rows(site.get("/documents.csv").text)]
    dated = list(filter(None, issued))
    assert dated[0].startswith("2026-") and "2026" in dated
    first_days = [f"{date}-01-01"[:10] for date in dated]
    assert first_days == sorted(first_days, reverse=True)


def test_a_file_has_the_status_of_the_day_asked_for(site):
    def stage(query: str) -> str:
        file = rows(site.get(f"/actions.csv?jurisdiction=eu&{query}").text)
        return next(row["legal_force"] for row in file if row["id"] == "eu-ai-act")

    assert (stage("on=2024-09-01"), stage("on=2026-11-01")) == ("not_yet", "partly")


def test_the_columns_asked_for_are_shown_and_in_the_files(site):
    query = "columns=number&columns=title&columns=stage&jurisdiction=us-ca"
    page = site.get(f"/actions?{query}").text
    heads = re.findall(r'<th scope="col">([^<]*)</th>', page)
    assert heads == ["Title", "Number", "Stage"]
    assert 'href="/actions.csv?' in page and "columns=number" in page
    file = rows(site.get(f"/actions.csv?{query}").text)
    own = ["id", "title", "number", "stage", "page"]
    assert [name for name in file[0] if not name.startswith("source_")] == own


def test_the_name_of_a_record_is_always_a_column(site):
    page = site.get("/actions?columns=stage&columns=number").text
    assert re.findall(r'<th scope="col">([^<]*)</th>', page) == ["Title", "Number", "Stage"]
    row = re.search(r"<tbody><tr>(.*?)</tr>", page)[1]
    assert re.findall('data-label="([^"]*)"', row) == ["Title", "Number", "Stage"]
    assert re.search('<a href="/actions/[^"]+">', row)
    assert list(json.loads(site.get("/claims.json?columns=kind").text)[0])[:3] == [
        "id",
        "text",
        "kind",
    ]


def test_a_list_keeps_its_order_over_pages_and_forms(site):
    page = site.get("/actions?sort=title&instrument=bill").text
    following = re.search(r'rel="next" href="([^"]+)"', page)[1].replace("&amp;", "&")
    assert parse_qs(urlsplit(following).query) == {
        "page": ["2"],
        "sort": ["title"],
        "instrument": ["bill"],
    }
    assert '<input type="hidden" name="sort" value="title">' in page


def test_several_values_can_be_chosen_in_the_form(site):
    page = site.get("/actions?several=1").text
    assert len(re.findall(r'<select id="f-[a-z]+" name="[a-z]+" multiple', page)) == 6


def test_ticked_records_lead_on(site):
    page = site.get("/actions?jurisdiction=us-ca").text
    boxes = re.findall(
        r'<input class="tick" type="checkbox" name="ids" value="([^"]+)" form="ticked"', page
    )
    assert "us-ca-sb53-2025" in boxes
    assert '<form class="ticked" id="ticked" action="/selected">' in page
    for action in ("compare", "brief", "cite"):
        answer = site.get(f"/selected?do={action}&ids=eu-ai-act&ids=us-ca-sb53-2025")
        assert answer.status_code == 303
        assert answer.headers["location"] == f"/{action}?ids=eu-ai-act,us-ca-sb53-2025"
        assert site.get(answer.headers["location"]).status_code == 200
    nothing = site.get("/selected?do=compare")
    assert nothing.status_code == 400 and "Nothing was ticked" in nothing.text
    assert site.get("/selected?do=https://example.org&ids=x").status_code == 404


def test_a_brief_leaves_out_what_is_not_an_action(site):
    answer = site.get("/brief?ids=eu-ai-act,licensing,nothing")
    assert answer.status_code == 200
    assert "“licensing” is a record of kind topic; only actions are shown." in answer.text
    assert "There is no action “nothing”." in answer.text
    assert site.get("/brief?ids=licensing").status_code == 404
    assert 'value="brief"' in site.get("/search?q=AI+Act").text
    assert 'value="brief"' not in site.get("/search?q=AI+Act&kind=document").text


def test_records_of_any_kind_are_taken_by_their_ids(site):
    hits = re.findall(r'name="ids" value="([^"]+)"', site.get("/search?q=open+weights").text)
    assert len(hits) > 10 and f"ids={hits[0]}" in site.get("/search?q=open+weights").text
    file = rows(site.get("/records.csv?ids=eu-ai-act,european-commission").text)
    assert [(row["id"], row["kind"]) for row in file] == [
        ("eu-ai-act", "action"),
        ("european-commission", "organization"),
    ]
    answer = site.get("/records.csv?ids=eu-ai-act,nothing")
    assert answer.status_code == 400 and "There is no record “nothing”." in answer.text
    assert site.get("/records.csv").status_code == 400


def test_a_file_that_would_be_too_long_is_refused(site, monkeypatch):
    monkeypatch.setattr("policykb.site.views.takeaway.MOST_CITED", 3)
    answer = site.get("/documents.bib")
    assert answer.status_code == 400 and "has more than 3 records" in answer.text
