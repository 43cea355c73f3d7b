"""A static copy that answers by itself: what the browser says is what the live site says, from a disk and from any host."""

import hashlib
import http.server
import os
import random
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import pytest
from conftest import ROOT
from policykb.model import dates
from policykb.read.questions import questions
from policykb.site.static_copy import copying
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
    "from": ["2025-01-01", "2026-06-01"],
    "to": ["2026-07-01", "2026-10-01"],
}


def generated() -> list[tuple[str, str]]:
    """Return a hundred questions with values, each question several times."""
    chance = random.Random(18)
    cases = []
    for question in questions().values():
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
    asking = {question.name for question in questions().values() if question.parameters}
    assert len(CASES) > 75 and {name for name, _ in CASES} == asking


@pytest.mark.browser
def test_questions_are_answered_as_by_the_live_site(window, start, live):
    """Every question: CSV and JSON byte for byte, the table cell by cell with its links, and the messages."""
    page, faults, asked = window
    for name, query in CASES:
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
    for action, day in days():
        page.goto(f"{start}actions/{action}/index.html?on={day}")
        page.locator("form.asof:not([hidden])").wait_for()
        assert status(page.content()) == status(live(f"/actions/{action}?on={day}")), (action, day)
    assert faults == []
