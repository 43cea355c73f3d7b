"""A static copy that answers by itself: what the browser says is what the live site says, from a disk and from any host."""

import gzip
import hashlib
import http.server
import json
import os
import random
import re
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from itertools import accumulate
from pathlib import Path
from urllib.parse import urlencode

import pytest
from conftest import ROOT
from policykb.model import dates
from policykb.read.questions import questions
from policykb.site.static_copy import browser, copying
from selectolax.lexbor import LexborHTMLParser
from test_pages import Site

CHROMIUM = shutil.which("chromium")
STATIC = ROOT / "scripts" / "policykb" / "site" / "static_copy" / "static"
# What scripts/vendor-sqlite made of @sqlite.org/sqlite-wasm 3.54.1-build1.
VENDORED = {
    "sqlite3.js": "90e5cc3a88d11979efade044faca8cfcabaf6af43ed63c36610d9dff53b46eac",
    "sqlite3.wasm": "b8a92a19f441a90ff2339fe988fbe317c4adf3ed844096f12aee04aa72d58257",
}
LONG = 25_000  # milliseconds to wait for an answer


def test_sqlite_is_the_recorded_one():
    digests = {name: hashlib.sha256((STATIC / name).read_bytes()).hexdigest() for name in VENDORED}
    assert digests == VENDORED


def unpacked(text: str) -> dict[str, list[tuple]]:
    """Return the rows of each table of a pack, read as engine.js does."""
    pack = json.loads(text)
    return {
        table: list(
            zip(
                *([pack["values"][at] for at in accumulate(steps)] for steps in columns),
                strict=True,
            )
        )
        for table, columns in pack["tables"].items()
    }


def test_packs_hold_every_row_once(shipped):
    connection = sqlite3.connect(f"{shipped.as_uri()}?mode=ro", uri=True)
    often, rarely = (unpacked(browser.packed(connection, rare)) for rare in (False, True))
    assert rarely.keys() == browser.RARE and not often.keys() & browser.RARE
    names = connection.execute(
        "select name from pragma_table_list where type = 'table' and name not like 'sqlite_%'"
    )
    assert often.keys() | rarely.keys() == {name for (name,) in names}
    for table, rows in (often | rarely).items():
        assert rows == connection.execute(f"select * from {table} order by rowid").fetchall()
    connection.close()


def test_a_first_answer_needs_few_bytes(shipped):
    """The engine and the knowledge base are at most 1.4 MB as a host sends them; titles, which answer first, are 0.2."""
    scripts = browser.engine(shipped).scripts
    sizes = {name: len(gzip.compress(text.encode())) for name, text in scripts.items()}
    first = [size for name, size in sizes.items() if name.startswith(("code-", "wasm-", "kb-"))]
    assert sum(first) < 1_400_000 and sizes["titles.js"] < 200_000


@pytest.fixture(scope="module")
def copy(shipped: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of today, in a folder whose name needs escaping."""
    place = tmp_path_factory.mktemp("answers") / "a copy #1"
    copying.publish(shipped, place, dates.today().isoformat())
    return place


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
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/a%20copy%20%231/"
        server.shutdown()


@pytest.fixture(scope="module")
def chromium(copy: Path, live):
    if not CHROMIUM and os.environ.get("POLICYKB_BROWSER") != "required":
        pytest.skip("Missing: chromium.")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as running:
        options = ["--no-sandbox", "--disable-gpu", "--no-first-run"]
        browser = running.chromium.launch(executable_path=CHROMIUM, args=options)
        yield browser
        browser.close()


@pytest.fixture(scope="module", params=["disk", "server"])
def start(request, copy: Path) -> str:
    return f"{copy.as_uri()}/" if request.param == "disk" else request.getfixturevalue("served")


@pytest.fixture
def window(chromium) -> Iterator[tuple]:
    """A page, what goes wrong in it, and every address that it asks for."""
    context = chromium.new_context(accept_downloads=True)
    page, faults, asked = context.new_page(), [], []
    page.on("console", lambda message: faults.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: faults.append(f"error: {error}"))
    page.on("request", lambda request: asked.append(request.url))
    yield page, faults, asked
    context.close()


def some(cases: list, start: str) -> list:
    """Return all cases for a host, and a part of them for a disk, where the same code runs."""
    return cases[::4] if start.startswith("file:") else cases


def ask(page, address: str) -> None:
    """Open an address that asks something, and wait for the answer or for what is wrong."""
    page.goto(address)
    page.locator("form[data-done]").wait_for(timeout=LONG)


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
    """Every question: CSV and JSON byte for byte, the table cell by cell with its links, and the messages."""
    page, faults, asked = window
    for name, query in some(CASES, start):
        path = f"/questions/{name}"
        ask(page, f"{start}questions/{name}/index.html?{query}")
        html, here = live(f"{path}?{query}"), page.content()
        failed = not page.locator(".taken").count()
        csv = live(f"{path}.csv?{query}")
        if failed:  # it is refused here as there
            assert "is not a" in csv or "is missing" in csv, (path, query, page.inner_text("main"))
            continue
        assert download(page, "CSV") == csv, (path, query)
        assert download(page, "JSON") == live(f"{path}.json?{query}"), (path, query)
        assert table(here) == table(html)[:101], (path, query)
        assert links(here, "table.answer") == links(html, "table.answer"), (path, query)
        assert len(LexborHTMLParser(here).css("[role=alert]")) == len(
            LexborHTMLParser(html).css("[role=alert]")
        ), (path, query)
    assert faults == []
    assert all(address.startswith((start, "blob:")) for address in asked)


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


def days() -> list[tuple[str, str]]:
    """Return actions and days: random ones, and the edges of two actions."""
    chance = random.Random(7)
    actions = sorted(path.stem for path in (ROOT / "policies" / "actions").glob("*.toml"))
    years = (2019, 2022, 2023, 2024, 2025, 2025, 2026, 2026, 2026, 2027)
    pairs = [
        (
            chance.choice(actions),
            f"{chance.choice(years)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
        )
        for _ in range(60)
    ]
    directive = "us-bis-anthropic-access-directive-2026"
    edges = "2026-06-11 2026-06-12 2026-06-25 2026-06-26 2026-06-29 2026-06-30 2026-07-01"
    pairs += [(directive, day) for day in edges.split()]
    edges = "2024-07-31 2024-08-01 2026-07-26 2026-07-27 2026-08-02 2027-08-02"
    return pairs + [("eu-ai-act", day) for day in edges.split()]


@pytest.mark.browser
def test_status_on_any_day_is_that_of_the_live_site(window, start, live):
    page, faults, _ = window
    for action, day in some(days(), start):
        page.goto(f"{start}actions/{action}/index.html?on={day}")
        page.locator("form.asof:not([hidden])").wait_for()
        assert status(page.content()) == status(live(f"/actions/{action}?on={day}")), (action, day)
    assert faults == []


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

FILTERS = {
    "jurisdiction": ["us", "eu", "us-ca", "gb"],
    "topic": ["open-weight-release", "export-control"],
    "instrument": ["bill", "executive_order", "regulation"],
    "stage": ["in_committee", "adopted", "introduced"],
    "force": ["in_force", "not_yet", "ended"],
    "effect": ["exempts", "restricts", "silent"],
    "on": ["2020-01-01", "2025-09-01", "2026-06-15"],
    "q": ["open weights", "export"],
}


def combinations() -> list[str]:
    chance = random.Random(8)
    queries = ["stage=nope", "topic=nope", "on=soon&force=in_force", "wrong=1&stage=adopted"]
    for _ in range(24):
        names = chance.sample(sorted(FILTERS), chance.randint(2, 3))
        pairs = [(name, chance.choice(FILTERS[name])) for name in names]
        if "q" not in names and "on" not in names:
            pairs.append((names[0], chance.choice(FILTERS[names[0]])))
        queries.append(urlencode(pairs))
    return queries


@pytest.mark.browser
def test_lists_are_those_of_the_live_site(window, start, live):
    """Any combination of filters: the same actions in the same order, as the live site has them on all of its pages."""
    page, faults, _ = window
    shown = 0
    for query in some(combinations(), start):
        ask(page, f"{start}actions/index.html?{query}")
        expected, rows, number = [], None, 1
        while rows is None or len(rows) == 40:
            html = live(f"/actions?{query}&page={number}")
            rows = table(html, "table.actions tbody")
            expected += rows
            number += 1
        here = table(page.content(), "table.actions tbody")
        assert here == expected[:100], query
        alerts = [
            len(LexborHTMLParser(text).css("[role=alert]"))
            for text in (page.content(), live(f"/actions?{query}"))
        ]
        assert alerts[0] == alerts[1], query
        shown += len(here)
    assert faults == [] and shown > 20


HOSTILE = {
    "select count(*) as number from actions": "1 row",
    "select sqlite_version(), sqrt(4), json_array(1, 2)": "1 row",
    'select id from actions where jurisdiction = "us" limit 2': "2 rows",
    "delete from actions": "attempt to write a readonly database.",
    "drop table actions": "attempt to write a readonly database.",
    "select * from missing": "no such table: missing.",
    "selec 1": 'near "selec": syntax error.',
    "select group_concat(a.summary) from actions a, actions b, actions c": "out of memory.",
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
        page.get_by_text(expected, exact=False).locator("visible=true").first.wait_for(timeout=LONG)
    assert faults == []


@pytest.mark.browser
def test_a_rare_table_is_loaded_when_a_reader_asks_for_it(window, served, shipped):
    page, faults, asked = window
    sql = "select json from record_json where id = 'us-eo-14409'"
    ask(page, f"{served}data/index.html?{urlencode({'sql': sql})}")
    assert "no such table: record_json." in page.get_by_role("alert").inner_text()
    assert not [address for address in asked if "/rare-" in address]
    page.get_by_role("button", name=re.compile(r"^Load record_json \([0-9.]+ MB\)")).click()
    page.locator(".taken").wait_for(timeout=LONG)
    with closing(sqlite3.connect(f"{shipped.as_uri()}?mode=ro", uri=True)) as connection:
        (expected,) = connection.execute(sql).fetchone()
    assert json.loads(download(page, "JSON")) == [{"json": expected}]
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
    page.get_by_role("cell", name="7").wait_for(timeout=LONG)


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
    for words in ("EO 14409", "regulating", '"open source" exempt', "democracy", "Würde", "zzqqxx"):
        query = urlencode({"q": words})
        rows = json.loads(live(f"/questions/search.json?{query}"))
        page.goto(f"{start}search/index.html?{query}")
        text = re.compile("^Nothing was found|^[0-9]+ records?(,|$)")
        page.locator("#summary").filter(has_text=text).wait_for(timeout=LONG)
        shown = page.locator("#hits a").evaluate_all("links => links.map(link => link.href)")
        expected = [f"/{row['id']}/index.html" for row in rows[:50]]
        assert [
            address[-len(end) :] for address, end in zip(shown, expected, strict=True)
        ] == expected
    assert faults == []
    assert all(address.startswith((start, "blob:")) for address in asked)


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
        ("blocked", "The file assets/kb-0.js could not be loaded."),
        ("truncated", "A file assets/kb-….js is not whole; load the page again."),
        ("damaged", "A file assets/kb-….js is damaged; load the page again."),
        ("old", "This browser is too old to answer; use one of 2023 or later."),
    ],
)
def test_a_failure_is_a_sentence_and_the_page_remains(window, served, damage, message):
    page, _, _ = window
    if damage == "old":
        page.add_init_script("delete globalThis.DecompressionStream")

    def answer(route):
        if damage == "blocked":
            return route.abort()
        text = route.fetch().text()
        text = text[:2000] if damage == "truncated" else text.replace(text[5000:6000], "A" * 1000)
        return route.fulfill(body=text, content_type="text/javascript")

    if damage != "old":
        page.route("**/kb-0.js*", answer)
    page.goto(f"{served}questions/status-on/index.html?on=2026-06-15")
    page.get_by_role("alert").filter(has_text=message).wait_for(timeout=LONG)
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
    page.locator("form[data-done]").wait_for(timeout=LONG)
    number = len(asked)
    page.context.set_offline(True)
    page.locator("#p-on").fill("2024-01-01")
    page.get_by_role("button", name="Ask").click()
    page.locator(".answer tbody tr").first.wait_for()
    assert page.url.endswith("?on=2024-01-01")
    assert [
        address
        for address in asked[number:]
        if not address.startswith("blob:") and not address.endswith("icon.png")
    ] == []
    assert faults == []


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_answers(window, served, scheme):
    from axe_playwright_python.base import AXE_FILE_PATH

    page, _, _ = window
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 360, "height": 740})
    for path in (
        "questions/status-on/index.html?on=2026-06-15",
        "actions/index.html?jurisdiction=us&force=in_force",
        "data/index.html?sql=select+*+from+actions",
        "data/index.html?sql=selec",
    ):
        ask(page, served + path)
        page.evaluate(AXE_FILE_PATH.read_text())
        violations = page.evaluate(
            "axe.run(document, {resultTypes: ['violations']}).then(run => run.violations.map(one => `${one.id}: ${one.nodes[0].html.slice(0, 120)}`))"
        )
        assert violations == [], path
        assert page.evaluate("document.scrollingElement.scrollWidth") <= 360, path
