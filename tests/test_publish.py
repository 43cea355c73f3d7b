"""`policykb publish`: the site as files. Every link leads somewhere, nothing needs a server, the same content gives the same bytes."""

import asyncio
import csv
import http.server
import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import pytest
from browsers import chromium, private, violations
from conftest import TODAY, Base, made_once, policykb, serving, some_pages
from policykb.files.folder import MARK, STAGE
from policykb.model.problems import InvalidInputError, PolicykbError
from policykb.read import database as reading
from policykb.site.state import state_of
from policykb.site.static_copy import copying
from policykb.site.static_copy.addresses import Addresses
from policykb.site.templates import PageEnvironment
from selectolax.lexbor import LexborHTMLParser

LIVE, BASE = "https://live.example.org/kb/", "https://copy.example.org/site/"
ADDRESSES = Addresses("kb", {"actions", "kb_info"}, TODAY, placed=False)


@pytest.fixture(scope="module")
def copy(shipped: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The static copy of the shipped knowledge base, in a folder whose name needs escaping."""

    def make(folder: Path) -> None:
        with ThreadPoolExecutor(1) as pool:  # a browser may have an event loop in this thread
            pool.submit(copying.publish, shipped, folder / "a copy #1", TODAY).result()

    return made_once(tmp_path_factory, "published", make) / "a copy #1"


@pytest.fixture(scope="module")
def pages(copy: Path) -> dict[Path, "Page"]:
    """Every page of the copy of the shipped knowledge base."""
    return read(copy)


def loaded(base: Base) -> Base:
    """Load the base, with an id that is no longer used."""
    base.write(
        "redirects.toml",
        {"an-old-order": {"to": "an-order", "on": "2026-06-03", "reason": "Renamed."}},
    )
    result = base.load()
    assert not result.errors, [problem.text() for problem in result.problems]
    return base


@pytest.fixture
def small(base: Base) -> Base:
    """A small knowledge base that has been loaded, with an id that is no longer used."""
    return loaded(base)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, copying.Written]:
    """The static copy of the small knowledge base, not to be changed, and what was written of it."""
    place = tmp_path_factory.mktemp("small")
    base = loaded(Base(place))
    with ThreadPoolExecutor(1) as pool:  # a browser may have an event loop in this thread
        return place / "site", pool.submit(copying.publish, base.db, place / "site", TODAY).result()


@pytest.fixture
def earlier(written: tuple[Path, copying.Written], tmp_path: Path) -> Path:
    """An earlier copy of the small knowledge base, for one test."""
    return Path(shutil.copytree(written[0], tmp_path / "site"))


def a_page(db: Path, place: Path) -> None:
    """Write a copy that has one page of a record, and the files of its own."""
    some_pages(db, place, ["/actions/an-order"])


class Page(NamedTuple):
    """What the tests ask of a page: the trees of all pages together would take 2 GB.

    `styled` is whether it has a style or a script of its own; `unasked` whether it has what only a server answers.
    """

    ids: set[str | None]
    targets: list[str]
    forms: list[dict[str, str | None]]
    policy: str | None
    asks: bool
    scripts: bool
    styled: bool
    unasked: bool


def page_of(path: Path) -> Page:
    """Return what a page has."""
    document = LexborHTMLParser(path.read_text(encoding="utf-8"))
    policy = document.css_first("meta[http-equiv=content-security-policy]")
    own = "[style], [onclick], style, script:not([src]):not([type='application/ld+json'])"
    return Page(
        {node.attributes["id"] for node in document.css("[id]")},
        list(targets(document)),
        [form.attributes for form in document.css("form")],
        policy and policy.attributes["content"],
        bool(document.css("form[data-ask], form[data-contribute], #find")),
        bool(document.css("script[src]")),
        bool(document.css(own)),
        bool(document.css(".unasked")),
    )


def read(folder: Path) -> dict[Path, Page]:
    """Return every page of a folder."""
    return {path: page_of(path) for path in folder.rglob("*.html")}


def listed(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def files(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in listed(folder)}


def targets(document: LexborHTMLParser) -> Iterator[str]:
    """Yield every address that a page leads to or loads."""
    names = ("href", "src", "action", "poster", "data", "xlink:href")
    chosen = ", ".join(f"[{name}]".replace(":", "\\:") for name in (*names, "srcset"))
    for node in document.css(chosen):
        attributes = node.attributes
        yield from (attributes[name] or "" for name in names if name in attributes)
        if "srcset" in attributes:
            yield from (part.split()[0] for part in attributes["srcset"].split(","))


def broken(folder: Path, pages: dict[Path, Page]) -> tuple[list[tuple[str, str]], int]:
    """The links within the copy that lead nowhere, and how many there are in all."""
    listed = list(folder.rglob("*"))
    assert not any(path.is_symlink() for path in listed)
    files = {str(path): path for path in listed if path.is_file()}
    wrong, number = [], 0
    for page, address in ((path, address) for path in pages for address in pages[path].targets):
        parts = urlsplit(address)
        if parts.scheme in ("http", "https"):
            continue
        number += 1
        there = os.path.normpath(f"{page.parent}/{unquote(parts.path)}") if parts.path else page
        whole = not address.startswith("/") and str(there) in files
        if not whole or (
            parts.fragment and unquote(parts.fragment) not in pages[files[str(there)]].ids
        ):
            wrong.append((str(page.relative_to(folder)), address))
    return wrong, number


# What is written


def test_no_link_is_broken(copy, pages):
    wrong, number = broken(copy, pages)
    assert wrong == []
    assert number > 50_000


def test_styles_find_their_fonts(copy):
    fonts = {
        name
        for style in (copy / "assets").glob("*.css")
        for name in re.findall(r'url\("([^"]+)"\)', style.read_text())
    }
    assert fonts == {"source-sans-3.woff2", "source-serif-4.woff2"}
    assert all((copy / "assets" / name).is_file() for name in fonts)


def test_every_record_has_its_page_with_its_title(shipped, copy):
    places = {
        "action": "actions",
        "argument": "arguments",
        "claim": "claims",
        "document": "documents",
        "organization": "organizations",
        "jurisdiction": "jurisdictions",
        "topic": "topics",
    }
    with reading.connect(shipped) as connection:
        records = connection.execute("select kind, id, title from records").fetchall()
    assert len(records) > 1000
    for kind, id, title in records:
        page = (copy / places[kind] / id / "index.html").read_text(encoding="utf-8")
        said = " ".join(LexborHTMLParser(page).css_first("main").text().split())
        assert " ".join(title.split()) in said, id


def test_every_page_of_a_list_is_there(copy):
    with reading.connect(copy / "kb.db") as connection:
        number = connection.execute("select count(*) from documents").fetchone()[0]
    linked = {
        path
        for page in (copy / "documents").glob("**/index.html")
        if "page=" in str(page)
        and page.parent.parent == copy / "documents"
        or page == copy / "documents" / "index.html"
        for path in re.findall(
            r'href="(?:\.\./)+documents/([a-z0-9-]+)/index\.html"', page.read_text()
        )
        if (copy / "documents" / path).is_dir()
    }
    assert len(linked) == number


def test_nothing_names_the_address_the_site_was_asked_at(copy):
    found = [
        name
        for name, content in files(copy).items()
        if b"copy.invalid" in content and not name.endswith(".db")
    ]
    assert found == []


def test_no_form_needs_a_server(copy, pages):
    asking = {"data-ask", "data-asof", "data-contribute"}
    forms = [(path, form) for path, page in pages.items() for form in page.forms]
    answered = [form for _, form in forms if asking & form.keys()]
    others = {
        os.path.normpath(page.parent / form["action"])
        for page, form in forms
        if not asking & form.keys()
    }
    assert len(forms) > 1000 and len(answered) > 200
    assert all("hidden" in form for form in answered)  # until scripts run
    assert others == {str(copy / "search" / "index.html")}
    assert not any(page.unasked for page in pages.values())


def test_every_page_says_what_may_run_in_it(pages):
    engine = "script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; "
    for path, page in pages.items():
        assert page.policy.startswith("default-src 'none'; ") and "connect-src" not in page.policy
        assert (engine in page.policy) == page.asks, path
        assert "unsafe" not in page.policy.replace(engine, "")
        assert ("script-src 'self'" in page.policy) == page.scripts, path
        assert not page.styled, path


def test_answers_are_those_of_the_command_line(copy, shipped):
    said = policykb(
        "query", "deadlines-ahead", "--format", "csv", "--db", str(shipped), "--today", TODAY
    )
    rows = list(csv.DictReader(io.StringIO(said.stdout)))
    assert (copy / "questions" / "deadlines-ahead.csv").read_text() == said.stdout
    assert (
        json.loads((copy / "questions" / "deadlines-ahead.json").read_text())[0]["due"]
        == rows[0]["due"]
    )
    assert len(rows) > 10


def test_the_database_can_be_taken_away(copy, shipped):
    assert (copy / "kb.db").read_bytes() == shipped.read_bytes()
    page = LexborHTMLParser((copy / "data" / "index.html").read_text())
    assert page.css_first("a[download]").attributes["href"] == "../kb.db"


def test_every_table_can_be_taken_away_as_csv(copy):
    described = json.loads((copy / "datapackage.json").read_text())["resources"]
    page = LexborHTMLParser((copy / "data" / "index.html").read_text())
    linked = {node.attributes["href"] for node in page.css("dt a")}
    assert (
        linked
        == {Path(resource["path"]).name for resource in described}
        == {path.name for path in (copy / "data").glob("*.csv")}
    )
    assert len((copy / "data" / "current_status.csv").read_text().splitlines()) > 100


@pytest.mark.slow
@pytest.mark.datasette
def test_old_id_leads_to_the_record(written):
    page = (written[0] / "actions" / "an-old-order" / "index.html").read_text()
    assert '<meta http-equiv="refresh" content="0; url=../../actions/an-order/index.html">' in page
    assert '<a href="../../actions/an-order/index.html">' in page


@pytest.mark.thorough
def test_same_content_and_day_give_the_same_bytes(small, written, tmp_path):
    """In this process and another, which have different seeds of hashes."""
    seed = "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1"
    command = [sys.executable, "-m", "policykb", "publish", "--static", str(tmp_path / "again")]
    made = subprocess.run(
        [*command, *small.options()],
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert made.returncode == 0, made.stderr
    first, second = files(written[0]), files(tmp_path / "again")
    assert len(first) > 60
    assert first == second


@pytest.mark.slow
@pytest.mark.datasette
def test_the_day_is_the_one_that_was_given(small, tmp_path, monkeypatch):
    monkeypatch.setattr(copying, "_first", lambda _: ["/actions/an-order"])
    copying.publish(small.db, tmp_path / "site", "2026-06-01")
    page = (tmp_path / "site" / "actions" / "an-order" / "index.html").read_text()
    assert "As of 1 June 2026, the day of this copy." in page
    assert "In force since" not in re.sub("<template.*?</template>", "", page, flags=re.DOTALL)


@pytest.mark.thorough
@pytest.mark.datasette
def test_addresses_that_are_known_are_told(small, tmp_path):
    """With the address of the copy and of a live site, what needs a server leads to the live site, and citations to the copy."""
    folder = tmp_path / "site"
    copying.publish(small.db, folder, TODAY, BASE, LIVE)
    action = LexborHTMLParser((folder / "actions" / "an-order" / "index.html").read_text())
    assert action.css_first("link[rel=canonical]").attributes["href"] == f"{BASE}actions/an-order/"
    assert f"{BASE}actions/an-order" in action.css_first(".cite").text()
    live = {
        node.attributes["href"]
        for node in action.css("a[href]")
        if node.attributes["href"].startswith(LIVE)
    }
    assert live >= {
        LIVE,
        f"{LIVE}actions/an-order",
        f"{LIVE}kb/actions/an-order",
        f"{LIVE}kb/actions/an-order.json",
    }
    feed = (folder / "feeds" / "all.atom").read_text()
    assert (
        f'<link href="{BASE}feeds/all.atom" rel="self"' in feed
        and "tag:copy.example.org,2026:" in feed
    )
    assert not [name for name, content in files(folder).items() if b"copy.invalid" in content]
    missing = LexborHTMLParser((folder / "404.html").read_text())
    assert all(
        node.attributes["href"].startswith(("#", BASE, LIVE, "https://creativecommons.org/"))
        for node in missing.css("[href]")
    )
    wrong, number = broken(
        folder, {path: page for path, page in read(folder).items() if path.name != "404.html"}
    )
    assert wrong == [] and number > 1000


@pytest.mark.slow
@pytest.mark.datasette
def test_without_a_live_site_nothing_is_left_of_what_needs_one(written):
    page = LexborHTMLParser((written[0] / "actions" / "an-order" / "index.html").read_text())
    assert not {"table row", "JSON", "Bluebook"} & {node.text().strip() for node in page.css("a")}
    assert "The same as data" not in page.body.text() and "In a style" not in page.body.text()
    assert (
        page.css_first("footer")
        .text()
        .rstrip()
        .endswith("This copy was made on 22 November 2026 and works without a server.")
    )
    assert re.search(
        r"Method, grades and vocabulary · Tables and SQL\s*This copy",
        page.css_first("footer").text(),
    )


# Which pages


@pytest.mark.parametrize(
    ("href", "file"),
    [
        ("/", "index.html"),
        ("/actions", "actions/index.html"),
        ("/actions/an-order#event-issued", "actions/an-order/index.html"),
        ("/actions?instrument=bill&page=2", "actions/instrument=bill/page=2/index.html"),
        ("/questions/status-on.csv", "questions/status-on.csv"),
        ("/timeline?zoom=year&from=2024", "timeline/from=2024/zoom=year/index.html"),
        ("/timeline?jurisdiction=us", "timeline/jurisdiction=us/index.html"),
        (
            "/actions/an-order/debate?focus=it-should-stay",
            "actions/an-order/debate/focus=it-should-stay/index.html",
        ),
        ("/actions/an-order/debate.svg", "actions/an-order/debate.svg"),
        ("/timeline?zoom=month&from=2026", "timeline/from=2026/zoom=month/index.html"),
        ("/search?q=a+b", "search/index.html"),
        ("/actions/an-order.csl.json", "actions/an-order.csl.json"),
        (f"/actions/an-order.bib?on={TODAY}", "actions/an-order.bib"),
        ("/kb", "data/index.html"),
        ("/kb/actions", "data/index.html"),
        ("/-/static-plugins/policykb/frame.css?v=1", "assets/frame.css"),
    ],
)
def test_address_is_a_file(href, file):
    assert ADDRESSES.target(href).file == file


@pytest.mark.parametrize(
    "href",
    [
        "/duties?type=reporting&rule=must",
        "/duties?type=..%2F..",
        "/compare.csv?ids=an-order,another",
        "/topics/a-topic/debate?focus=it-should-stay",
        "/actions/an-order/debate.svg?focus=it-should-stay",
        "/kb/actions/an-order",
        "/kb/actions?stage=x",
        "/kb?_facet=x",
        "/-/settings",
        "/feeds/all.atom",
        "/calendar.ics",
        "/actions/an-order/cite",
        "/actions/an-order/cite?style=bluebook",
        "/unapi",
        "/unapi?id=an-order",
        "/actions/an-order.bib?on=2026-06-15",
    ],
)
def test_address_needs_a_server(href):
    assert ADDRESSES.target(href) is None


@pytest.mark.parametrize(
    ("href", "there"),
    [
        ("/actions/an-order?on=2026-06-15", "actions/an-order/index.html?on=2026-06-15"),
        ("/actions?instrument=bill&stage=x", "actions/index.html?instrument=bill&stage=x"),
        ("/actions?q=a+b&page=2", "actions/index.html?q=a+b&page=2"),
        ("/questions/chain?action=x", "questions/chain/index.html?action=x"),
        ("/documents?grade=primary&type=law", "documents/index.html?grade=primary&type=law"),
        ("/documents?grade=..%2F..", "documents/index.html?grade=..%2F.."),
        ("/timeline?zoom=month&from=2020", "timeline/index.html?zoom=month&from=2020"),
        (
            "/timeline?zoom=year&from=2024&jurisdiction=us",
            "timeline/index.html?zoom=year&from=2024&jurisdiction=us",
        ),
        ("/compare?ids=an-order,another", "compare/index.html?ids=an-order,another"),
        ("/following?topic=a,b", "following/index.html?topic=a,b"),
        ("/kb?sql=select+1", "data/index.html?sql=select+1"),
    ],
)
def test_address_is_answered_in_the_browser(href, there):
    target = ADDRESSES.target(href)
    assert target.file + target.rest == there


# The folder


def test_what_was_not_made_here_is_never_replaced(small, tmp_path):
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "letter.txt").write_text("Dear reader")
    made = small.run("publish", "--static", str(folder))
    assert made.returncode == 2
    assert (
        f"{folder} was not made by this command; give a folder that is new, empty or an earlier copy"
        in made.stderr
    )
    assert files(folder) == {"letter.txt": b"Dear reader"}
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "home",
        "kb.db",
        "kb.db.sha256",
        "policies",
    ]


@pytest.mark.thorough
def test_earlier_copy_is_replaced_whole(small, earlier, tmp_path):
    folder = earlier
    (folder / "actions" / "gone").mkdir()
    (folder / "actions" / "gone" / "index.html").write_text("old")
    with (folder / MARK).open("a") as listed:
        listed.write("actions/gone/index.html\n")
    assert small.run("publish", "--static", str(folder)).returncode == 0
    assert not (folder / "actions" / "gone").exists() and (folder / MARK).is_file()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "kb.db",
        "kb.db.sha256",
        "policies",
        "site",
    ]


@pytest.mark.thorough
def test_what_it_did_not_write_is_kept(small, tmp_path):
    folder = tmp_path / "site"
    (folder / ".git").mkdir(parents=True)
    (folder / ".git" / "HEAD").write_text("ref: refs/heads/pages")
    (folder / "CNAME").write_text("policy.example")
    for _ in range(2):
        a_page(small.db, folder)
        assert (folder / ".git" / "HEAD").read_text() == "ref: refs/heads/pages"
        assert (folder / "CNAME").read_text() == "policy.example"
        (folder / "notes.txt").write_text("mine")
    assert (folder / "notes.txt").read_text() == "mine"
    (folder / MARK).unlink()
    (folder / "CNAME").unlink()
    assert small.run("publish", "--static", str(folder)).returncode == 2


@pytest.mark.thorough
def test_there_is_a_site_at_every_moment(small, tmp_path, monkeypatch):
    folder = tmp_path / "site"
    a_page(small.db, folder)
    before = listed(folder)
    replace = os.replace

    def watched(source, target):
        replace(source, target)
        assert before <= {*listed(folder), f"{MARK}.new"}

    monkeypatch.setattr(os, "replace", watched)
    a_page(small.db, folder)


@pytest.mark.thorough
def test_a_kill_leaves_the_earlier_copy_and_the_next_run_cleans_up(small, tmp_path):
    folder = tmp_path / "site"
    a_page(small.db, folder)
    before = files(folder)
    half = folder / f"{STAGE}123" / "actions"
    half.mkdir(parents=True)
    (half / "index.html").write_text("half")
    a_page(small.db, folder)
    assert files(folder) == before


@pytest.mark.thorough
def test_failure_leaves_the_earlier_copy(small, tmp_path, monkeypatch):
    folder = tmp_path / "site"
    a_page(small.db, folder)
    before = files(folder)
    monkeypatch.setattr(copying.Page, "finished", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        a_page(small.db, folder)
    assert files(folder) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "kb.db",
        "kb.db.sha256",
        "policies",
        "site",
    ]


@pytest.mark.slow
def test_templates_that_are_prepared_are_not_compiled_again(small, monkeypatch):
    copying._prepare(small.db)
    monkeypatch.setattr(PageEnvironment, "_compile", None)
    later = state_of(asyncio.run(copying._application(small.db))).templates
    assert later.get_template("policykb/action.html").blocks


@pytest.mark.thorough
def test_several_processes_write_the_same_bytes(small, tmp_path):
    one, two = (
        copying.publish(small.db, tmp_path / str(number), TODAY, BASE, LIVE, processes=number)
        for number in (1, 2)
    )
    assert one == two and one.files > 60
    assert files(tmp_path / "1") == files(tmp_path / "2")


@pytest.mark.thorough
def test_page_that_fails_in_another_process_ends_it(small, tmp_path, monkeypatch):
    monkeypatch.setattr(copying, "_first", lambda _: ["/", "/actions/no-such-action"])
    with pytest.raises(PolicykbError, match="/actions/no-such-action: the site answers 404"):
        copying.publish(small.db, tmp_path / "site", TODAY, processes=2)
    assert not (tmp_path / "site").exists()


@pytest.mark.datasette
def test_page_that_fails_ends_it(small, tmp_path, monkeypatch):
    monkeypatch.setattr(copying, "_first", lambda _: ["/", "/actions/no-such-action"])
    with pytest.raises(PolicykbError, match="/actions/no-such-action: the site answers 404"):
        copying.publish(small.db, tmp_path / "site", TODAY)
    assert not (tmp_path / "site").exists()


def test_file_that_appears_meanwhile_is_kept(small, tmp_path, monkeypatch):
    folder = tmp_path / "site"

    def meanwhile(*_):
        folder.mkdir(exist_ok=True)
        (folder / "letter.txt").write_text("Dear reader")

    monkeypatch.setattr(copying, "_own", meanwhile)
    with pytest.raises(InvalidInputError):
        a_page(small.db, folder)
    assert files(folder) == {"letter.txt": b"Dear reader"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--static", "{policies}/site"], "policies/ holds the knowledge and nothing else"),
        (
            ["--static", "{folder}/site", "--live", "example.org"],
            "'example.org' is not the address of a site; write it as https://example.org/folder/",
        ),
        (
            ["--static", "{folder}/site", "--base-url", 'https://x.org/"'],
            "is not the address of a site",
        ),
        (
            ["--static", "{folder}/site", "--db", "{folder}/none.db"],
            "none.db does not exist; build it with: policykb load",
        ),
        ([], "Missing option '--static'"),
    ],
)
def test_wrong_use_is_told_and_nothing_written(small, tmp_path, arguments, said):
    given = [argument.format(policies=small.policies, folder=tmp_path) for argument in arguments]
    made = policykb(
        "publish",
        "--policies",
        str(small.policies),
        *(() if "--db" in given else ("--db", str(small.db))),
        *given,
    )
    assert made.returncode == 2
    assert said in made.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kb.db", "kb.db.sha256", "policies"]


def test_a_file_that_is_no_knowledge_base_is_not_published(small, tmp_path):
    about = small.policies / "about.toml"
    made = policykb(
        "publish",
        "--policies",
        str(small.policies),
        "--db",
        str(about),
        "--static",
        str(tmp_path / "site"),
    )
    assert made.returncode == 3
    assert made.stderr == (
        "Error: about.toml is not a knowledge base; build it with: policykb load\n"
    )


# In a browser


@pytest.fixture(scope="module")
def served(answering: Path) -> Iterator[str]:
    """Pages of the copy in a folder of a plain file server."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    handler = partial(Quiet, directory=answering.parent)
    with serving(http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)) as address:
        yield f"{address}/a%20copy%20%231/"


@pytest.fixture(scope="module")
def browser(answering: Path):
    """The one browser of the module, begun after the copy was made: each wants the event loop of the thread."""
    with chromium() as running:
        yield running


@pytest.fixture(params=["disk", "server"])
def start(request, answering) -> str:
    """Where the copy is opened: from a disk, and from a folder of a server."""
    return (
        f"{answering.as_uri()}/" if request.param == "disk" else request.getfixturevalue("served")
    )


@pytest.fixture
def window(browser, request):
    """A page, and what goes wrong in it; light or as the test asks."""
    with private(browser, **getattr(request, "param", {})) as context:
        page, faults = context.new_page(), []
        page.on("console", lambda message: faults.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: faults.append(f"error: {error}"))
        page.on(
            "requestfailed",
            lambda failed: (
                faults.append(f"failed: {failed.url}")
                if failed.failure != "net::ERR_ABORTED"
                else None
            ),
        )  # by leaving the page
        yield page, faults


def found(page) -> None:
    """Wait until a search has its answer: titles, which come first, are replaced by it."""
    page.locator("#summary").filter(has_text=re.compile("^[0-9,]+ records?(,.*)?: ")).wait_for()


@pytest.mark.browser
def test_pages_load_without_fault(window, start):
    page, faults = window
    for path in (
        "",
        "actions/",
        "actions/us-eo-14409/",
        "arguments/",
        "documents/page=2/",
        "timeline/",
        "questions/chain/",
        "questions/deadlines-ahead/",
        "about/",
        "data/",
        "search/",
        "404.html",
    ):
        page.goto(start + (path if path.endswith(".html") else path + "index.html"))
        assert page.locator("h1").count() == 1
        assert set(
            page.evaluate(
                "document.fonts.ready.then(() => [...document.fonts].map(font => font.status))"
            )
        ) == {"loaded"}
        assert (
            page.evaluate(
                "getComputedStyle(document.querySelector('header.site')).borderBottomStyle"
            )
            == "solid"
        )
    assert faults == []


@pytest.mark.browser
def test_search_needs_only_the_keyboard(window, start):
    page, faults = window
    page.goto(start + "actions/eu-ai-act/index.html")
    page.locator("header input").focus()
    page.keyboard.type("EO 14409")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    found(page)
    assert not page.locator("#idle").is_visible()
    first = page.locator("#hits a").first
    assert "actions/us-eo-14409/" in first.get_attribute("href")
    assert first.inner_text() == "Frontier model review order"
    page.locator("#q").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("zzqqxx")
    page.get_by_text("Nothing was found for “zzqqxx”.").wait_for()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("carve out exempt")  # at once: its first words have answers too
    found(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate(
        "document.activeElement.closest('#hits') !== null || document.activeElement.tagName === 'BUTTON'"
    )
    for _ in range(20):
        if page.evaluate("document.activeElement.closest('#hits') !== null"):
            break
        page.keyboard.press("Tab")
    wanted = page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "search" not in address)
    assert wanted in page.locator("main").inner_text()
    assert faults == []


NAMES = {
    "AI Act": "eu-ai-act",
    "the EU AI Act": "eu-ai-act",
    "Reg. 2024/1689": "eu-ai-act",
    "Exec. Order No. 14,110": "us-eo-14110",
    "SB-53": "us-ca-sb53-2025",
    "H.R.9925": "us-hr9925-frontier-act-2026",
    "AI Action Plan": "us-ai-action-plan-2025",
    "AI+ action plan": "cn-ai-plus-opinions",
    "Colorado AI": "us-co-ai-act-sb24-205",
}


@pytest.mark.browser
def test_search_puts_names_first_as_the_site_does(window, start):
    playwright = pytest.importorskip("playwright.sync_api")
    page, faults = window
    page.goto(start + "search/index.html")
    for typed, action in NAMES.items():
        page.locator("#q").fill(typed)
        page.keyboard.press("Enter")
        first = playwright.expect(page.locator("#hits a").first, typed)
        first.to_have_attribute("href", re.compile(f"actions/{action}/"))
    assert faults == []


@pytest.mark.browser
def test_axe_finds_nothing(window, served):
    page, faults = window
    for path in (
        "",
        "actions/",
        "actions/us-eo-14409/",
        "timeline/",
        "questions/arguments-about/",
        "data/",
        "search/?q=open+weights",
    ):
        page.goto(served + path)
        if path.startswith("search"):
            found(page)
        assert violations(page) == [], path
    assert faults == []


@pytest.mark.browser
@pytest.mark.parametrize("window", [{"viewport": {"width": 360, "height": 740}}], indirect=True)
def test_a_small_screen_is_enough(window, served):
    page, _ = window
    for path in ("", "actions/", "timeline/", "data/", "search/?q=open+weights"):
        page.goto(served + path)
        if path.startswith("search"):
            found(page)
        for summary in page.locator(".choices summary").all():
            if summary.is_visible():
                summary.click()
        assert page.evaluate("document.scrollingElement.scrollWidth") <= 360, path


@pytest.mark.browser
@pytest.mark.parametrize("window", [{"java_script_enabled": False}], indirect=True)
def test_without_javascript_only_search_is_missing_and_says_so(window, start):
    page, faults = window
    page.goto(start + "index.html")
    with page.expect_navigation():
        page.get_by_role("link", name="Actions", exact=True).click()
    page.locator(".choices").get_by_text("Jurisdiction", exact=True).click()
    with page.expect_navigation():
        page.locator(".choices").get_by_role("link", name="European Union").click()
    assert page.locator(".actions tbody tr").count() > 5
    page.locator("header input").fill("EO 14409")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.get_by_text("Search runs in your browser here and needs JavaScript.").wait_for()
    assert not page.locator("#find").is_visible()
    assert faults == []


def test_the_copy_has_a_robots_txt(copy):
    assert (copy / "robots.txt").read_text() == "User-agent: *\nAllow: /\n"


@pytest.mark.slow
@pytest.mark.datasette
def test_only_what_changed_is_written(small, written, earlier):
    """A file with the same bytes stays the file that it was, so that hosts send only what is new."""

    def publish() -> copying.Written:
        """Publish in a thread of its own, since a browser may have an event loop in this one."""
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(copying.publish, small.db, earlier, TODAY).result()

    assert written[1].changed == written[1].files > 60
    before = {path: path.stat().st_ino for path in earlier.rglob("*.html")}
    page = earlier / "actions" / "an-order" / "index.html"
    kept = page.read_bytes()
    assert publish().changed == 0
    assert {path: path.stat().st_ino for path in earlier.rglob("*.html")} == before
    page.write_text("edited")
    assert publish().changed == 1
    assert page.read_bytes() == kept


@pytest.mark.thorough
def test_an_unchanged_copy_is_read_and_not_made_again(small, tmp_path):
    """Each file is read, so that what someone changed, removed or left there is repaired; other options make a new copy."""
    folder = tmp_path / "site"

    def publish(*options: str) -> tuple[int, str]:
        made = small.run("publish", "--static", str(folder), "--json", *options)
        assert made.returncode == 0, made.stderr
        return json.loads(made.stdout)["changed"], made.stderr

    publish()
    before, page = files(folder), folder / "actions" / "an-order" / "index.html"
    changed, progress = publish()
    assert changed == 0 and "publishing" not in progress and files(folder) == before
    times = page.stat().st_mtime_ns
    page.write_bytes(page.read_bytes().replace(b"order", b"ORDER"))
    os.utime(page, ns=(times, times))
    (folder / "actions" / "index.html").unlink()
    assert publish()[0] == 2 and files(folder) == before
    assert publish("--live", LIVE)[0] > 10
