"""The page /find, which finds the actions that a pasted text mentions, and the tool of the same name for agents."""

import asyncio
import html
import multiprocessing
import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from policykb.finding.apart import Apart
from policykb.site import finder
from policykb.site.state import state_of
from test_pages import Page, Site

TEXT = (
    "EO 14409 is <b>new</b>.\nNothing here.\n"
    "Last Friday's government order to Anthropic bars foreign nationals from its newest models."
)


@pytest.fixture(scope="module")
def with_finder(shipped: Path) -> Iterator[Site]:
    """Return the site, begun with its finder, which starts with the first text."""
    site = Site(shipped)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(finder.VARIABLE, "1")
        site.get("/find")
    yield site
    if state_of(site.datasette).finder:
        state_of(site.datasette).finder.apart.close()


@pytest.fixture
def finding(with_finder: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """Return the site with its finder."""
    monkeypatch.setenv(finder.VARIABLE, "1")
    return with_finder


def test_process_starts_before_the_first_text():
    apart = Apart(5)
    apart.start()
    try:
        children = {child.pid for child in multiprocessing.active_children()}
        assert apart(os.getpid) in children
    finally:
        apart.close()


def post(site: Site, text: str, issued: str = "", **headers: str):
    """Return the answer to a text."""
    form = {"content-type": "application/x-www-form-urlencoded", **headers}
    body = urlencode({"text": text, "issued": issued})
    return site.runner.run(site.datasette.client.post("/find", content=body, headers=form))


@pytest.mark.slow
def test_text_is_answered_with_actions_and_their_status_on_its_day(finding):
    answer = post(finding, TEXT, "2026-06-19")
    assert answer.status_code == 200
    page = Page(answer.text)
    assert not page.objections
    assert {"/actions/us-eo-14409", "/actions/us-bis-anthropic-access-directive-2026"} <= set(
        page.links
    )
    assert "<mark>EO 14409</mark> is &lt;b&gt;new&lt;/b&gt;." in answer.text
    assert "Statuses are those of" in answer.text
    assert "In force" in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers
    assert "[[mentions]]" in answer.text


@pytest.mark.slow
def test_text_from_another_page_is_answered_without_a_token(finding):
    """Nothing is kept and the answer depends on the text alone, so no one can be made to do harm."""
    answer = post(finding, TEXT, cookie="a=b", origin="https://example.org")
    assert answer.status_code == 200


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "issued", "status", "message"),
    [
        ("x" * 200_001, "", 413, "longer than 200 kB"),
        ("é" * 300_000, "", 413, "longer than 200 kB"),
        ("EO 14409", "last week", 400, "“last week” is not a day; write it as 2026-06-15."),
    ],
)
def test_what_is_refused_is_named(finding, text, issued, status, message):
    answer = post(finding, text, issued)
    assert answer.status_code == status
    assert message in answer.text
    assert "us-eo-14409" in post(finding, "EO 14409").text, "the next text is searched"


@pytest.mark.thorough
def test_text_that_takes_too_long_is_refused(finding, monkeypatch):
    post(finding, "EO 14409")
    monkeypatch.setattr(state_of(finding.datasette).finder.apart, "_seconds", 0.2)
    answer = post(finding, "AI Act " * 28_000)
    monkeypatch.undo()
    monkeypatch.setenv(finder.VARIABLE, "1")
    assert answer.status_code == 413
    assert "took more than 0.2 s; paste less of it" in answer.text
    assert "us-eo-14409" in post(finding, "EO 14409").text, "the next text is searched"


@pytest.mark.slow
def test_many_mentions_are_bounded(finding):
    answer = post(finding, "EO 14409\n" * 2000)
    assert "Only the first 500 are shown." in answer.text


def test_many_texts_at_a_time_are_bounded(finding):
    async def ask() -> list[int]:
        client = finding.datasette.client
        calls = [client.post("/find", data={"text": "EO 14409"}) for _ in range(8)]
        return [answer.status_code for answer in await asyncio.gather(*calls)]

    post(finding, "EO 14409")
    assert sorted(finding.runner.run(ask())) == [200] * 4 + [503] * 4


def test_bookmark_sends_the_marked_words_of_any_page(finding):
    (bookmark,) = re.findall(r"<pre[^>]*>(javascript:.*?)</pre>", finding.get("/find").text)
    code = html.unescape(bookmark)
    assert 'action:"http://localhost/find"' in code
    assert "String(getSelection())||document.body.innerText" in code
    assert "['issued'," in code


def test_page_is_off_unless_asked_for(site: Site, finding: Site, monkeypatch):
    assert 'href="/find"' in finding.get("/search").text
    assert finding.get("/find").status_code == 200
    monkeypatch.delenv(finder.VARIABLE)
    assert site.get("/find").status_code == 404
    assert post(site, TEXT).status_code == 404
    assert 'href="/find"' not in site.get("/search").text


def test_other_pages_take_no_text(finding):
    answer = finding.runner.run(finding.datasette.client.post("/search", content=b"text=x"))
    assert answer.status_code in (403, 405)


@pytest.mark.thorough
def test_agents_have_the_finder_as_a_tool(finding):
    from policykb.site import register_mcp_tools

    tools = {}

    class Server:
        def tool(self):
            return lambda function: tools.setdefault(function.__name__, function)

    register_mcp_tools(finding.datasette, Server())
    rows = finding.runner.run(tools["find_mentions"](TEXT, "2026-06-19"))
    assert [row["action"] for row in rows] == [
        "us-eo-14409",
        "us-bis-anthropic-access-directive-2026",
    ]
    assert rows[0]["words"] == "EO 14409"
