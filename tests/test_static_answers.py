"""A static copy that answers by itself: what the browser says is what the live site says, from a disk and from any host."""

import gzip
import hashlib
import http.server
import io
import json
import random
import re
import sqlite3
import struct
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from itertools import accumulate
from pathlib import Path
from urllib.parse import urlencode

import pytest
from browsers import chromium, private, violations
from conftest import ROOT, serving, some_pages
from policykb.model import dates
from policykb.read import database as reading
from policykb.read.questions import questions
from policykb.site.static_copy import browser, copying
from policykb.site.views.lists import VIEWS
from selectolax.lexbor import LexborHTMLParser
from test_pages import Site

STATIC = ROOT / "scripts" / "policykb" / "site" / "static_copy" / "static"
# What scripts/vendor-sqlite made of @sqlite.org/sqlite-wasm 3.54.1-build1.
VENDORED = {
    "sqlite3.js": "90e5cc3a88d11979efade044faca8cfcabaf6af43ed63c36610d9dff53b46eac",
    "sqlite3.wasm": "b8a92a19f441a90ff2339fe988fbe317c4adf3ed844096f12aee04aa72d58257",
}


def test_sqlite_is_the_recorded_one():
    digests = {name: hashlib.sha256((STATIC / name).read_bytes()).hexdigest() for name in VENDORED}
    assert digests == VENDORED


def unpacked(pack: bytes) -> dict[str, list[tuple]]:
    """Return the rows of each table of a pack, read as engine.js does."""
    end = 4 + int.from_bytes(pack[:4], "little")
    head, texts = json.loads(pack[4:end]), io.BytesIO(pack[end:])
    others = iter(head["others"])
    values = [next(others) if size < 0 else texts.read(size).decode() for size in head["sizes"]]
    return {
        table: list(
            zip(*([values[at] for at in accumulate(steps)] for steps in columns), strict=True)
        )
        for table, columns in head["tables"].items()
    }


@pytest.mark.thorough
def test_packs_hold_every_row_once(shipped):
    with closing(sqlite3.connect(f"{shipped.as_uri()}?mode=ro", uri=True)) as connection:
        packs = [
            unpacked(browser.packed(connection, pack)) for pack in (browser.FIRST, *browser.RARE)
        ]
        names = connection.execute(
            "select name from pragma_table_list where type = 'table' and name not like 'sqlite_%'"
        )
        assert sorted(table for pack in packs for table in pack) == sorted(
            name for (name,) in names
        )
        for table, rows in (item for pack in packs for item in pack.items()):
            assert rows == connection.execute(f"select * from {table} order by rowid").fetchall()


def test_what_the_browser_fills_has_the_schema_and_no_rows(shipped):
    """Tables, views, and indexes in their order, so that the same plans give rows in the same order."""
    schema = "select type, name, tbl_name, sql from sqlite_schema order by type, tbl_name, rowid"
    with closing(sqlite3.connect(f"{shipped.as_uri()}?mode=ro", uri=True)) as connection:
        expected = connection.execute(schema).fetchall()
        tables = browser.without_rows(connection)
    with closing(sqlite3.connect(":memory:")) as empty:
        empty.deserialize(tables)
        assert empty.execute(schema).fetchall() == expected
        assert empty.execute("select count(*) from records").fetchone() == (0,)


@pytest.mark.thorough
def test_a_first_answer_needs_few_bytes(shipped):
    """The engine and the knowledge base are at most 1.4 MB as a host sends them; titles, which answer first, are 0.2."""
    scripts = browser.engine(shipped, "2026-06-15").scripts
    sizes = {name: len(gzip.compress(text.encode())) for name, text in scripts.items()}
    first = [
        size
        for name, size in sizes.items()
        if name.startswith(("code-", "wasm-", "tables-", "kb-"))
    ]
    assert sum(first) < 1_400_000 and sizes["titles.js"] < 200_000


@pytest.fixture(scope="module")
def copy(answering: Path) -> Path:
    return answering


@pytest.fixture(scope="module")
def live(shipped: Path) -> Iterator[Callable[..., str]]:
    """What the live site answers to a path; it has a thread of its own, since the browser wants the loop of this one."""
    with ThreadPoolExecutor(1) as thread:
        site = thread.submit(Site, shipped).result()
        yield lambda path: thread.submit(site.get, path).result().text
        thread.submit(site.runner.close).result()


class Plain(http.server.SimpleHTTPRequestHandler):
    """A host that knows no type of file except pages, scripts and styles, and says nothing about the rest."""

    extensions_map = {
        ".html": "text/html",
        ".js": "text/javascript",
        ".css": "text/css",
        "": "text/plain",
    }

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def served(copy: Path) -> Iterator[str]:
    handler = partial(Plain, directory=copy.parent)
    with serving(http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)) as address:
        yield f"{address}/a%20copy%20%231/"


@pytest.fixture(scope="module", name="chromium")
def the_browser(copy: Path, live):
    with chromium() as running:
        yield running


@pytest.fixture(scope="module", params=["disk", "server"])
def start(request, copy: Path) -> str:
    return f"{copy.as_uri()}/" if request.param == "disk" else request.getfixturevalue("served")


@pytest.fixture
def window(chromium) -> Iterator[tuple]:
    """A page, what goes wrong in it, and every address that it asks for; it keeps nothing for when there is no network."""
    with private(chromium, accept_downloads=True, service_workers="block") as context:
        page, faults, asked = context.new_page(), [], []
        page.on("console", lambda message: faults.append(f"{message.type}: {message.text}"))
        # Blocked, it would be a fault.
        page.add_init_script("delete Navigator.prototype.serviceWorker")
        page.on("pageerror", lambda error: faults.append(f"error: {error}"))
        page.on("request", lambda request: asked.append(request.url))
        yield page, faults, asked


def some(cases: list, start: str) -> list:
    """Return all cases for a host, and a part of them for a disk, where the same code runs."""
    return cases[::4] if start.startswith("file:") else cases


def answered(page) -> None:
    """Wait for the answer to what was asked, or for what is wrong with it."""
    page.locator("form[data-done]").wait_for(state="attached")  # it may be in closed filters


def ask(page, address: str) -> None:
    """Open an address that asks something, and wait until it is answered."""
    page.goto(address)
    answered(page)


ANSWERS = """async cases => {
  const answers = [];
  await policykb.load();
  for (const [kind, form, query] of cases) {
    try {
      const given = new URLSearchParams(query);
      const {answer, taken = answer, messages} = await policykb.asking[kind](given, {form, question: form});
      answers.push({messages: messages.filter(Boolean), ...policykb.texts(taken)});
    } catch (error) {
      answers.push({error: error.message});
    }
  }
  return answers;
}"""


def answers(page, start: str, kind: str, cases: list[tuple[str, str]]) -> list[dict]:
    """Return what the browser answers in each case, a form and a query, on one page: messages and files, or an error."""
    page.goto(f"{start}actions/index.html")
    return page.evaluate(ANSWERS, [[kind, *case] for case in cases])


def download(page, name: str) -> str:
    with page.expect_download() as download:
        page.locator(".taken").get_by_role("link", name=name).click()
    return Path(download.value.path()).read_bytes().decode()


def table(html: str, selector: str = "table.answer") -> list[list[str]]:
    """Return the text of each cell of a table; [] if there is none."""
    rows = LexborHTMLParser(html).css(f"{selector} tr")
    return [[" ".join(cell.text().split()) for cell in row.css("th, td")] for row in rows]


def links(html: str, selector: str) -> list[str]:
    """Return where the links of a table lead, as paths of the site."""
    addresses = [node.attributes["href"] for node in LexborHTMLParser(html).css(f"{selector} a")]
    return [re.sub(r"^(?:.*/a%20copy%20%231|)/|/index\.html", "", address) for address in addresses]


# Questions

SOME = {
    "action": ["us-eo-14409", "eu-ai-act", "nope", "us-eo-14110", "eu-ai-act,us-eo-14409"],
    "document": ["federal-register-2026-eo-14409", "nope"],
    "jurisdiction": ["us", "eu", "us-ca", "nope"],
    "stance": ["supports", "opposes", "nope"],
    "identifier": ["EO 14409", "Executive Order 14,409", "2024/1689", "SB", "Pub. L. 119-60", "ß"],
    "q": [
        "regulating open weights",
        '"export control"',
        "d'un \"un (AND OR",
        "Würde",
        "开源 x",
        '"',
    ],
    "speaker": ["Lambert", "a'b", "European"],
    "depth": ["1", "3", "x"],
    "days": ["30", "0"],
    "on": ["2026-06-15", "2024-01-01", "2026-02-30", "soon"],
    "effect": ["exempts", "exempts,silent", "raises"],
    "from": ["2025-01-01", "2026-06-01"],
    "to": ["2026-07-01", "2026-10-01"],
    "events": ["yes", "no", "maybe"],
}


def generated() -> list[tuple[str, str]]:
    """Return a hundred questions with values, each question several times."""
    chance = random.Random(18)
    cases = []
    for question in questions("openness").values():
        for _ in range(9 if question.parameters else 0):
            values = {
                parameter.name: chance.choice(SOME.get(parameter.name, ["1"]))
                for parameter in question.parameters
                if parameter.kind == "text" or chance.random() < 0.7
            }
            if values:
                cases.append((question.name, urlencode(values)))
    return sorted(set(cases))


CASES = generated()


def test_there_are_enough_cases():
    asking = {question.name for question in questions("openness").values() if question.parameters}
    assert len(CASES) > 75 and {name for name, _ in CASES} == asking


@pytest.mark.browser
def test_questions_are_answered_as_by_the_live_site(window, start, live):
    """Every question: CSV and JSON byte for byte, and what is refused."""
    page, faults, asked = window
    cases = some(CASES, start)
    for (name, query), answer in zip(cases, answers(page, start, "question", cases), strict=True):
        csv = live(f"/questions/{name}.csv?{query}")
        if "error" in answer:  # it is refused here as there
            assert answer["error"] in csv or "is missing" in csv, (name, query, answer)
            continue
        if answer["messages"]:  # here a message, there a refusal
            assert all(text.split("”")[0] in csv for text in answer["messages"]), (name, query)
            continue
        assert answer["CSV"] == csv, (name, query)
        assert answer["JSON"] == live(f"/questions/{name}.json?{query}"), (name, query)
    assert faults == []
    assert all(address.startswith((start, "blob:")) for address in asked)


@pytest.mark.browser
def test_answers_are_shown_as_by_the_live_site(window, served, live):
    """The table cell by cell with its links, the messages, and what can be taken away."""
    page, faults, _ = window
    shown = 0
    for name, query in CASES[::6]:
        ask(page, f"{served}questions/{name}/index.html?{query}")
        html, here = live(f"/questions/{name}?{query}"), page.content()
        if not page.locator(".taken").count():
            continue
        if not alerts(html):  # else the live site has no file
            assert download(page, "CSV") == live(f"/questions/{name}.csv?{query}")
        assert table(here) == table(html)[:101], (name, query)
        assert links(here, "table.answer") == links(html, "table.answer"), (name, query)
        assert alerts(here) == alerts(html), (name, query)
        shown += 1
    assert faults == [] and shown > 8


# The status of an action on any day


def status(html: str) -> tuple:
    """Return what a page says of the status, and the marks of its events that are shown."""
    document = LexborHTMLParser(html)
    for node in document.css("template, [hidden]"):
        if node.tag == "template" or "data-mark" in node.attributes:
            node.decompose()
    section = document.css_first("section.status")
    events = [
        (
            node.attributes["id"],
            sorted((node.attributes["class"] or "").split()),
            " ".join(node.css_first(".head").text().split()),
        )
        for node in document.css("ol.events > li")
    ]
    hrefs = [node.attributes["href"].rpartition("#")[2] for node in section.css("a")]
    return " ".join(section.text().split()), hrefs, events


def days() -> list[tuple[str, list[str]]]:
    """Return actions and days: random ones, and the edges of two actions."""
    chance = random.Random(7)
    actions = sorted(path.stem for path in (ROOT / "policies" / "actions").glob("*.toml"))
    years = (2019, 2022, 2023, 2024, 2025, 2025, 2026, 2026, 2026, 2027)
    cases = [
        (
            action,
            [
                f"{chance.choice(years)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
                for _ in range(3)
            ],
        )
        for action in chance.sample(actions, 22)
    ]
    directive = "us-bis-anthropic-access-directive-2026"
    edges = "2026-06-11 2026-06-12 2026-06-25 2026-06-26 2026-06-29 2026-06-30 2026-07-01"
    cases.append((directive, edges.split()))
    edges = "2024-07-31 2024-08-01 2026-07-26 2026-07-27 2026-08-02 2027-08-02"
    return [*cases, ("eu-ai-act", edges.split())]


@pytest.mark.browser
def test_status_on_any_day_is_that_of_the_live_site(window, start, live):
    """The first day comes with the address, the others through the form."""
    page, faults, _ = window
    for action, (first, *others) in some(days(), start):
        page.goto(f"{start}actions/{action}/index.html?on={first}")
        form = page.locator("form.asof:not([hidden])")
        form.wait_for()
        for day in (first, *others):
            if day != first:
                form.locator("[name=on]").fill(day)
                form.get_by_role("button").click()
            assert status(page.content()) == status(live(f"/actions/{action}?on={day}")), (
                action,
                day,
            )
    assert faults == []


@pytest.mark.browser
def test_status_on_load_is_that_of_today(chromium, base, tmp_path):
    """A copy made before an event shows the status after it, to readers of a later day."""
    with ThreadPoolExecutor(1) as thread:  # the loop of this thread is the browser's
        assert not base.load().errors
        thread.submit(copying.publish, base.db, tmp_path / "site", "2026-06-01").result()
    page = chromium.new_page()
    page.goto((tmp_path / "site" / "actions" / "an-order" / "index.html").as_uri())
    assert "In force since 2 June 2026" in page.locator("section.status").inner_text()
    assert page.locator("li .tag:visible").inner_text() == "decides the status"
    page.close()


# Lists and SQL

VALUES = {
    "jurisdiction": ["us", "eu", "us-ca", "uk"],
    "topic": ["open-weight-release", "export-control"],
    "instrument": ["bill", "executive_order", "regulation", "proposal"],
    "stage": ["in_committee", "adopted", "introduced"],
    "force": ["in_force", "not_yet", "ended"],
    "effect": ["exempts", "restricts", "silent"],
    "organization": ["us-bis", "nope"],
    "grade": ["primary", "secondary"],
    "type": ["law", "news", "webpage"],
    "finding": ["contested", "supported"],
    "kind": ["causal", "government", "company"],
    "stance": ["supports", "opposes"],
    "action": ["us-eo-14409", "eu-ai-act", "nope"],
    "on": ["2020-01-01", "2025-09-01", "2026-06-15", "soon"],
    "q": ["open weights", "export", '"open source" exempt'],
    "sort": ["title", "-title", "name", "-as_of", "nope"],
    "unanswered": ["1"],
    "zoom": ["month", "year", "day"],
    "from": ["2024", "26"],
    "moving": ["1"],
    "ideas": ["1"],
}


def combinations() -> list[tuple[str, str]]:
    """Return lists and what may be asked of them: each of its filters, and several at once."""
    chance = random.Random(8)
    cases = [
        ("actions", "topic=nope"),
        ("actions", "on=soon&force=in_force"),
        ("arguments", "wrong=1&stance=supports"),
    ]
    for name, view in VIEWS.items():
        names = [*view.filters, *view.others, *view.plain, *["sort"] * bool(view.labels)]
        asked = [[one] for one in names]
        asked += [chance.sample(names, min(len(names), chance.randint(2, 4))) for _ in range(6)]
        for chosen in asked:
            pairs = [(one, chance.choice(VALUES[one])) for one in chosen]
            cases.append((name, urlencode(pairs)))
    return sorted(set(cases))


def alerts(html: str) -> int:
    return len(LexborHTMLParser(html).css("[role=alert]"))


@pytest.mark.browser
def test_lists_are_those_of_the_live_site(window, start, live):
    """Any filters of any list: the same messages, and the same records as files, byte for byte."""
    page, faults, asked = window
    cases = some(combinations(), start)
    compared = 0
    for (name, query), answer in zip(cases, answers(page, start, "list", cases), strict=True):
        html = live(f"/{name}?{query}")
        assert len(answer["messages"]) == alerts(html), (name, query, answer["messages"])
        if not alerts(html):  # else the live site has no files
            assert answer["CSV"] == live(f"/{name}.csv?{query}"), (name, query)
            assert answer["JSON"] == live(f"/{name}.json?{query}"), (name, query)
        compared += len(answer["CSV"].splitlines()) > 1
    assert compared > len(cases) / 2
    assert faults == []
    assert all(address.startswith((start, "blob:")) for address in asked)


@pytest.mark.browser
def test_actions_are_shown_as_on_the_live_site(window, served, live):
    page, _, _ = window
    for query in ("jurisdiction=eu&force=in_force", "q=open+weights&on=2026-06-15", "sort=title"):
        ask(page, f"{served}actions/index.html?{query}")
        expected = table(live(f"/actions?{query}"), "table.actions tbody")
        assert len(expected) > 2
        assert table(page.content(), "table.actions tbody")[: len(expected)] == expected


CHOICES = [
    *("compare?ids=us-eo-14409,eu-ai-act", "compare?ids=us-ca-sb53-2025+eu-ai-act&ids=nope"),
    *("following?days=3660&ahead=3660", "following?jurisdiction=us&days=200"),
    *("following?topic=open-weight-release&jurisdiction=us,eu", "following?days=soon&topic=nope"),
    *("following?kind=upcoming,record&days=90", "following?topic=export-control&kind=correction&days=999"),
]  # fmt: skip


@pytest.mark.browser
def test_what_is_ready_for_any_choice_is_that_of_the_live_site(window, start, live):
    """Compare and Following: the same messages, and the same CSV byte for byte; the page loads no SQLite."""
    page, faults, asked = window
    for name, _, query in (choice.partition("?") for choice in some(CHOICES, start)):
        ask(page, f"{start}{name}/index.html?{query}")
        assert alerts(page.content()) == alerts(live(f"/{name}?{query}")), query
        csv = live(f"/{name}.csv?{query}")
        if alerts(page.content()):
            assert len(csv.splitlines()) <= 2, query
        else:
            assert download(page, "CSV") == csv, query
            assert len(csv.splitlines()) > 1, query
    assert faults == []
    assert not any("wasm-0" in address or "kb-0" in address for address in asked)


@pytest.mark.browser
@pytest.mark.parametrize(
    ("address", "selector"),
    [("following?jurisdiction=us-ca&days=60", "#followed"), ("timeline?from=2030", "h1")],
)
def test_the_head_of_a_page_is_that_of_its_answer(window, served, live, address, selector):
    page, faults, _ = window
    name, _, query = address.partition("?")
    ask(page, f"{served}{name}/index.html?{query}")
    expected = LexborHTMLParser(live(f"/{address}")).css_first(selector).text()
    assert page.locator(selector).inner_text() == expected
    assert "30 days:" not in page.locator("main").inner_text() and faults == []


HOSTILE = {
    "select count(*) as number from actions": "1 row",
    "select sqlite_version(), sqrt(4), json_array(1, 2)": "1 row",
    'select id from actions where jurisdiction = "us" limit 2': "2 rows",
    "pragma query_only = off": "Nothing in the knowledge base answers this.",
    "delete from actions": "attempt to write a readonly database.",
    "drop table actions": "attempt to write a readonly database.",
    "select * from missing": "no such table: missing.",
    "selec 1": 'near "selec": syntax error.',
    "select hex(zeroblob(450000000)), hex(zeroblob(450000001)), hex(zeroblob(450000002))": "out of memory.",
    "select hex(zeroblob(900000000))": "string or blob too big.",
    "with recursive t(n) as (select 1 union all select n + 1 from t) select n from t": "more than 10,000 rows",
    "select '<img src=x onerror=alert(1)>' as title": "<img src=x onerror=alert(1)>",
}


@pytest.mark.browser
def test_sql_is_answered_and_cannot_harm(window, served):
    page, faults, _ = window
    page.goto(f"{served}data/index.html")
    form = page.locator("form[data-ask=sql]")
    for sql, expected in HOSTILE.items():
        form.locator("textarea").fill(sql)
        form.get_by_role("button", name="Run").click()
        answered(page)
        page.get_by_text(expected, exact=False).locator("visible=true").first.wait_for()
    assert faults == []


RARELY = {
    "whole": "select json from record_json where id = 'us-eo-14409'",
    "history": 'select count(*) as number from changes join commits on commits.id = "commit"',
}


@pytest.mark.browser
@pytest.mark.parametrize(("pack", "sql"), RARELY.items())
def test_rare_tables_are_loaded_when_a_statement_reads_them(window, served, shipped, pack, sql):
    page, faults, asked = window

    def loaded() -> set[str]:
        return {name for address in asked for name in browser.RARE if f"/{name}-" in address}

    ask(page, f"{served}data/index.html?{urlencode({'sql': 'select count(*) from actions'})}")
    assert loaded() == set()
    page.locator("#sql-box").fill(sql)
    page.get_by_role("button", name="Run").click()
    answered(page)
    with closing(sqlite3.connect(f"{shipped.as_uri()}?mode=ro", uri=True)) as connection:
        (expected,) = connection.execute(sql).fetchone()
    assert list(json.loads(download(page, "JSON"))[0].values()) == [expected]
    assert loaded() == {pack}
    assert len([address for address in asked if "/kb-0.js" in address]) == 1 and faults == []


@pytest.mark.browser
def test_an_endless_answer_can_be_stopped(window, served):
    page, _, _ = window
    page.goto(f"{served}data/index.html")
    endless = (
        "with recursive t(n) as (select 1 union all select n + 1 from t) select count(*) from t"
    )
    for sql in (endless, "select 7 as seven"):
        page.locator("#sql-box").fill(sql)
        page.get_by_role("button", name="Run").click()
        if sql == endless:
            page.get_by_role("button", name="Stop").click()
            page.get_by_text("Stopped.").wait_for()
    page.get_by_role("cell", name="7").wait_for()


SLOW_UNPACKING = """
const unpacked = Response.prototype.arrayBuffer;
window.begun = 0;
const free = new Promise(resolve => window.unpack = resolve);
Response.prototype.arrayBuffer = async function () {
  window.begun += 1;
  await free;
  return unpacked.call(this);
};
"""


@pytest.mark.browser
def test_what_is_stopped_while_it_loads_can_be_asked_again(window, served):
    page = window[0].context.new_page()
    page.add_init_script(SLOW_UNPACKING)
    page.goto(f"{served}data/index.html")
    for number in (6, 7):
        page.locator("#sql-box").fill(f"select {number} as number")
        page.get_by_role("button", name="Run").click()
        page.wait_for_function(f"window.begun > {0 if number == 6 else 3}")
        if number == 6:
            page.get_by_role("button", name="Stop").click()
            page.get_by_text("Stopped.").wait_for()
    page.evaluate("window.unpack()")
    page.get_by_role("cell", name="7").wait_for()
    assert len(page.workers) == 1
    page.close()


@pytest.mark.browser
def test_a_long_answer_has_pages(window, served):
    page, _, _ = window
    ask(page, f"{served}data/index.html?{urlencode({'sql': 'select id from documents'})}")
    assert page.locator(".answer tbody tr").count() == 100
    first = page.locator(".answer tbody tr").first.inner_text()
    page.get_by_role("button", name="Next").click()
    page.get_by_text("Page 2 of").wait_for()
    assert page.locator(".answer tbody tr").first.inner_text() != first


# Search


@pytest.mark.browser
def test_search_finds_what_the_live_site_finds(window, start, live):
    """The ranking is that of the named question; titles answer before the knowledge base is loaded."""
    page, faults, asked = window
    searched = ["EO 14409", "regulating", '"open source" exempt', "democracy", "Würde", "zzqqxx"]
    for words in some(searched, start):
        query = urlencode({"q": words})
        rows = json.loads(live(f"/questions/search.json?{query}"))
        page.goto(f"{start}search/index.html?{query}")
        text = re.compile("^Nothing was found|^[0-9]+ records?(,.*)?:")
        page.locator("#summary").filter(has_text=text).wait_for()
        totals = page.locator("#summary").inner_text().rpartition(": ")[2]
        groups = LexborHTMLParser(live(f"/search?{query}")).css("h2[id^=kind-] .count")
        counts = [group.text() for group in groups]
        assert re.findall("[0-9]+", totals) == counts or not rows
        shown = page.locator("#hits a").evaluate_all("links => links.map(link => link.href)")
        expected = [f"/{row['id']}/index.html" for row in rows[:50]]
        assert [
            address[-len(end) :] for address, end in zip(shown, expected, strict=True)
        ] == expected
    assert faults == []
    assert all(address.startswith((start, "blob:")) for address in asked)


@pytest.mark.browser
def test_names_come_first_as_on_the_live_site(window, served, live, copy):
    """All short titles of actions: the same records of each kind, in the order of the page of the live site."""
    page, faults, _ = window
    with reading.connect(copy / "kb.db") as connection:
        titles = [
            row[0]
            for row in connection.execute(
                "select distinct short_title from actions where short_title is not null"
            )
        ]
    assert len(titles) > 50
    queries = [urlencode({"q": title}) for title in titles]
    found = answers(page, served, "question", [("search", query) for query in queries])
    for query, answer in zip(queries, found, strict=True):
        here: dict[str, list[str]] = {}
        for row in json.loads(answer["JSON"]):
            here.setdefault(row["kind"], []).append(row["id"])
        html = LexborHTMLParser(live(f"/search?{query}"))
        groups = [
            [node.attributes["href"].rpartition("/")[2] for node in group.css("li a[href]")]
            for group in html.css(".hits")
        ]
        assert groups == [ids[:8] for ids in here.values()], query
    assert faults == []


@pytest.mark.browser
def test_titles_answer_where_the_engine_cannot_come(window, served):
    page, _, _ = window
    page.route("**/kb-*.js*", lambda route: route.abort())
    page.goto(f"{served}search/index.html?q=EO+14409")
    message = "1 record by title. The file assets/kb-"
    page.locator("#summary").filter(has_text=message).wait_for()
    assert "Promoting Advanced" in page.locator("#hits a").first.inner_text()


# What can go wrong on a host or in a browser


@pytest.mark.browser
@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ("blocked", "The file assets/kb-0.js did not load."),
        ("truncated", "A file assets/kb-….js is incomplete; load the page again."),
        ("damaged", "A file assets/kb-….js is damaged; load the page again."),
        ("mistyped", "The file assets/kb-0.js did not load."),
        ("no DecompressionStream", "This browser is too old; use a version from 2023 or later."),
        ("no WebAssembly", "This browser is too old; use a version from 2023 or later."),
        ("forbidden: worker-src 'none'", "The browser blocked SQLite."),
        ("forbidden: script-src 'self'", "The browser blocked SQLite."),
    ],
)
def test_a_failure_is_a_sentence_and_the_page_remains(window, served, damage, message):
    page, _, _ = window
    missing = damage.removeprefix("no ")
    page.add_init_script(f"delete globalThis.{missing}" if missing != damage else "")

    def answer(route):
        if damage == "blocked":
            return route.abort()
        text = route.fetch().text()
        if damage == "mistyped":  # and the host forbids browsers to guess
            headers = {
                "content-type": "application/octet-stream",
                "x-content-type-options": "nosniff",
            }
            return route.fulfill(body=text, headers=headers)
        text = text[:2000] if damage == "truncated" else text.replace(text[5000:6000], "A" * 1000)
        return route.fulfill(body=text, content_type="text/javascript")

    _, _, policy = damage.partition("forbidden: ")
    if policy:  # by the host
        page.route(
            "**/index.html*",
            lambda route: route.fulfill(
                response=route.fetch(),
                headers={"content-type": "text/html", "content-security-policy": policy},
            ),
        )
    elif missing == damage:
        page.route("**/kb-0.js*", answer)
    page.goto(f"{served}questions/status-on/index.html?on=2026-06-15")
    page.get_by_role("alert").filter(has_text=message).wait_for()
    assert page.locator(".published .answer tbody tr").count() > 50


@pytest.mark.browser
def test_nothing_is_loaded_before_a_form_is_used(window, served):
    """And its size is announced; used once, the page asks for nothing more, so it works offline."""
    page, faults, asked = window
    page.goto(f"{served}questions/status-on/index.html")
    page.get_by_text("MB) is loaded once").wait_for()
    assert not [address for address in asked if "kb-" in address or "words.js" in address]
    page.locator("#p-on").fill("2026-06-15")
    page.get_by_role("button", name="Ask").click()
    answered(page)
    number = len(asked)
    page.context.set_offline(True)
    page.locator("#p-on").fill("2024-01-01")
    page.get_by_role("button", name="Ask").click()
    page.wait_for_url(re.compile(r"\?on=2024-01-01$"))
    answered(page)
    assert page.locator(".answer tbody tr").count() > 0
    assert [
        address
        for address in asked[number:]
        if not address.startswith("blob:") and not address.endswith("icon.png")
    ] == []
    assert faults == []


@pytest.mark.browser
def test_axe_finds_nothing_in_answers(window, served):
    page, _, _ = window
    page.set_viewport_size({"width": 360, "height": 740})
    for path in (
        "questions/status-on/index.html?on=2026-06-15",
        "actions/index.html?jurisdiction=us&force=in_force",
        "data/index.html?sql=select+*+from+actions+limit+10",
        "data/index.html?sql=selec",
        "documents/index.html?grade=primary&sort=title",
        "timeline/index.html?jurisdiction=eu",
        "compare/index.html?ids=us-eo-14409,eu-ai-act",
        "following/index.html?jurisdiction=us&days=999",
    ):
        ask(page, served + path)
        answer = page.locator(":is(form[data-done], :has(> form[data-done])) ~ div").first
        assert answer.is_visible(), path  # though the filters are closed
        assert violations(page) == [], path
        assert page.evaluate("document.scrollingElement.scrollWidth") <= 360, path


# Without a network


class Watched(Plain):
    """A host that says how often it was asked, and can be gone."""

    asked: list[str] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        super().do_GET()


@pytest.fixture
def hosted(base, tmp_path) -> Iterator[tuple]:
    """A small copy on a host of its own, and a function that publishes it again after a change."""
    place = tmp_path / "site"

    def publish(**changes: str) -> None:
        base.record("actions", "an-order", **changes)
        assert not base.load().errors
        with ThreadPoolExecutor(1) as thread:  # the loop of this thread is the browser's
            thread.submit(copying.publish, base.db, place, dates.today().isoformat()).result()

    publish()
    handler = partial(Watched, directory=place)
    with serving(http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)) as address:
        yield f"{address}/", publish


def visit(page, address: str) -> None:
    """Open a page, and wait until it is kept."""
    page.goto(address)
    page.wait_for_function(
        """async () => {
          if (!navigator.serviceWorker.controller) return false;
          for (const name of await caches.keys()) {
            if (await (await caches.open(name)).match(location.origin + location.pathname)) return true;
          }
          return false;
        }"""
    )


@pytest.mark.browser
def test_visited_pages_open_and_answer_without_a_network(chromium, hosted):
    address, _ = hosted
    with private(chromium) as context:
        page = context.new_page()
        visit(page, f"{address}index.html")
        visit(page, f"{address}questions/status-on/index.html")
        ask(page, f"{address}questions/status-on/index.html?on=2026-06-15")
        assert page.locator(".answer tbody tr").count() == 1
        context.set_offline(True)
        ask(page, f"{address}questions/status-on/index.html?on=2026-06-16")
        assert page.locator(".answer tbody tr").count() == 1
        page.goto(address)
        assert page.locator("h1").inner_text() == "Test base"
        assert (
            page.evaluate(
                "getComputedStyle(document.querySelector('header.site')).borderBottomStyle"
            )
            == "solid"
        )
        page.goto(f"{address}claims/index.html")
        page.get_by_text("This page was not visited before.").wait_for()


@pytest.mark.browser
def test_a_new_copy_is_seen_at_once_and_the_old_one_is_forgotten(chromium, hosted):
    address, publish = hosted
    with private(chromium) as context:
        page = context.new_page()
        action = f"{address}actions/an-order/index.html"
        visit(page, action)
        before = page.evaluate("caches.keys()")
        publish(title="A new name")
        page.goto(action)
        assert page.locator("h1").inner_text() == "A new name"
        page.wait_for_function(
            "async before => { const now = await caches.keys(); return now.length === 1 && !before.includes(now[0]); }",
            arg=before,
        )
        visit(page, action)
        context.set_offline(True)
        page.goto(action)
        assert page.locator("h1").inner_text() == "A new name"


# A large knowledge base


class Parts(Plain):
    """A host that gives parts of files, and counts their bytes."""

    lengths: list[int] = []
    missing = 0  # bytes of each part that it does not give

    def do_GET(self) -> None:
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("range", ""))
        if not asked:
            return super().do_GET()
        content = Path(self.translate_path(self.path)).read_bytes()
        part = content[int(asked[1]) : int(asked[2]) + 1 - self.missing]
        self.lengths.append(len(part))
        self.send_response(206)
        self.send_header("content-range", f"bytes {asked[1]}-{asked[2]}/{len(content)}")
        self.send_header("content-length", str(len(part)))
        self.end_headers()
        return self.wfile.write(part)


class ShortParts(Parts):
    """A host whose parts are too short, as if it counted the bytes of a compressed file."""

    missing = 100


@pytest.fixture(scope="module")
def large(shipped: Path, tmp_path_factory) -> Path:
    """A few pages of a copy for which the shipped knowledge base is a large one."""
    place = tmp_path_factory.mktemp("large") / "site"

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(copying.browser, "LARGE", 1_000_000)
        pages = ["/actions", "/questions/status-on", "/documents", "/contribute/correction"]
        some_pages(shipped, place, pages)
    return place


@pytest.fixture
def in_parts(large: Path) -> Iterator[str]:
    Parts.lengths.clear()
    handler = partial(Parts, directory=large)
    with serving(http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)) as address:
        yield f"{address}/"


@pytest.mark.browser
def test_a_large_knowledge_base_is_read_in_parts(window, in_parts, live, shipped):
    page, faults, asked = window
    query = "q=EO+14409"
    [answer] = answers(page, in_parts, "question", [("search", query)])
    assert answer["CSV"] == live(f"/questions/search.csv?{query}")
    assert 0 < sum(Parts.lengths) < shipped.stat().st_size / 3  # 2.9 MB of 12 MB, in 35 parts
    assert not any("kb-0" in address for address in asked)
    ask(page, f"{in_parts}questions/status-on/index.html?on=2026-06-15")
    assert download(page, "CSV") == live("/questions/status-on.csv?on=2026-06-15")
    assert sum(Parts.lengths) <= shipped.stat().st_size + 2_000_000
    assert faults == []


BLOCKED = """async there => {
  const ways = [() => fetch(there).catch(() => {}), () => navigator.sendBeacon(there),
    () => new EventSource(there)];
  const blocked = [];
  for (const way of ways) {
    const violation = new Promise(resolve => {
      document.addEventListener("securitypolicyviolation", resolve, {once: true});
      setTimeout(resolve, 20000, {});
    });
    way();
    blocked.push((await violation).effectiveDirective);
  }
  return blocked;
}"""


@pytest.mark.browser
def test_no_other_host_can_be_asked(window, in_parts):
    """Only where the knowledge base is read in parts may a page ask for anything, and its own host alone."""
    page, _, _ = window
    page.goto(f"{in_parts}actions/index.html")
    policy = page.locator("meta[http-equiv=content-security-policy]").get_attribute("content")
    assert policy.startswith("default-src 'none'; ") and "connect-src 'self'; " in policy
    other = in_parts.replace("127.0.0.1", "localhost")
    assert page.evaluate(BLOCKED, other) == ["connect-src"] * 3


@pytest.mark.browser
@pytest.mark.parametrize("host", [None, Plain, ShortParts], ids=["disk", "no parts", "short parts"])
def test_where_no_parts_are_given_the_page_waits_for_a_click(window, large, host, live):
    page, _, asked = window
    handler = partial(host or Plain, directory=large)
    with serving(http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)) as address:
        start = f"{address}/" if host else f"{large.as_uri()}/"
        page.goto(f"{start}questions/status-on/index.html?on=2026-06-15")
        button = page.get_by_role("button", name="Load all of it (")
        button.wait_for()
        assert not any("kb-0" in address for address in asked)
        assert page.locator(".published .answer tbody tr").count() > 50
        button.click()
        page.locator(".taken").wait_for()
        assert download(page, "CSV") == live("/questions/status-on.csv?on=2026-06-15")


@pytest.mark.browser
def test_where_no_parts_are_given_the_form_for_corrections_waits_for_a_click(window, large):
    page, _, _ = window
    page.goto(f"{large.as_uri()}/contribute/correction/index.html?id=us-eo-14409")
    page.locator("form[data-contribute] button").last.click()
    page.get_by_role("button", name="Load all of it (").click()
    page.locator("h2", has_text="About").wait_for()


@pytest.mark.browser
def test_the_browser_makes_a_png_of_a_picture(window, served, live):
    """Browsers take an SVG as a picture only from a host that says that it is one."""
    page, faults, _ = window
    svg = live("/timeline.svg")
    page.goto(f"{served}timeline/index.html")
    button = page.locator(".files").get_by_role("button", name="PNG")
    page.route("**/*.svg", lambda route: route.fulfill(body=svg, content_type="image/svg+xml"))
    with page.expect_download() as begun:
        button.click()
    assert begun.value.suggested_filename == "timeline.png"
    png = Path(begun.value.path()).read_bytes()
    size = (2 * int(side) for side in re.search(r'width="(\d+)" height="(\d+)"', svg).groups())
    assert (png[:4], *struct.unpack(">II", png[16:24])) == (b"\x89PNG", *size)
    assert faults == []
    page.unroute("**/*.svg")
    page.reload()
    button.click()
    page.get_by_text("this host cannot give a PNG").wait_for()


@pytest.mark.browser
def test_no_png_is_offered_on_a_disk(window, copy):
    page, faults, _ = window
    page.goto(f"{copy.as_uri()}/timeline/index.html")
    assert page.locator(".files a", has_text="SVG").count() == 1
    assert page.locator(".files").get_by_role("button").count() == 0
    assert faults == []
