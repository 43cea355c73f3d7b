"""The forms of a static copy: the browser makes the files that the live form makes, and says the same of wrong answers."""

import http.server
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import urlopen

import pytest
from browsers import chromium, private
from conftest import TODAY, serving
from policykb.model.dates import TODAY_VARIABLE
from policykb.site.static_copy import copying
from selectolax.lexbor import LexborHTMLParser
from test_contribute import ACTION, ARGUMENT, DOCUMENT, HOST, made_base
from test_pages import Site
from test_static_answers import Plain

pytestmark = pytest.mark.browser
MORE = {"bodies.0.note": "By “decree”", "events.1.date": "2027-01", "events.1.type": "took_effect"}
PARAGRAPH = "Nothing here is long, but all of it together is: agencies keep a list of weights. " * 3
ANSWERS = {
    "action": ACTION | MORE,
    "a summary of several paragraphs": ACTION
    | {"summary": f'{PARAGRAPH}\n\n- a list\n- "quoted" \\ and more\n\n  {PARAGRAPH}'},
    "numbers and places": ACTION
    | {
        "identifiers": "EO 14,999\nofficial_number=Act 7\nofficial_number=Act 8",
        "events.0.locator": "p. 31",
        "source_url": "http://www.example.org/a-source/",
    },
    "a bill": ACTION
    | {"identifiers": "us_bill=hr8315-119", "instrument": "bill", "events.0.type": "introduced"},
    "a title of other letters": ACTION
    | {"identifiers": "", "title": "Größe’s Ørder – on the weights (2026), 1,000 of them ß"},
    "a long title": DOCUMENT
    | {
        "title": "An analysis of the order on open weights and of what schools may do with them "
        * 2
    },
    "argument": ARGUMENT,
    "document": DOCUMENT | {"issued": "2 June 2026", "publisher": "The “Post”"},
    "missing": {"title": "Order", "events.0.date": "2026-06-02", "effect.0.kind": "silent"},
    "wrong": ACTION
    | {
        "jurisdiction": "Atlantis",
        "events.0.date": "soon",
        "identifiers": "nine",
        "source_url": "htp://x",
    },
    "wrong forms": ACTION | {"identifiers": "eo=nine", "source_url": "https://x"},
    "several meanings": ARGUMENT | {"stances.0.action": "The Act"},
}
FORM = {"a long title": "document", "document": "document"}
FORM |= dict.fromkeys(("argument", "several meanings"), "argument")


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict, Callable]]:
    """The addresses of a copy, and what the live site answers; its loop needs a thread of its own."""
    base = made_base(tmp_path_factory.mktemp("kb"))
    for record_id in ("an-act", "another-act"):
        base.action(record_id, [("2026-01-05", "introduced")], title="The Act")
    base.load()
    place = tmp_path_factory.mktemp("site") / "copy"
    copying.publish(base.db, place, TODAY)
    with ThreadPoolExecutor(1) as thread, pytest.MonkeyPatch.context() as patch:
        patch.setenv(TODAY_VARIABLE, TODAY)
        site = thread.submit(Site, base.db).result()
        handler = partial(Plain, directory=place)
        with serving(http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)) as address:
            roots = {"disk": place.as_uri(), "server": address}
            yield roots, lambda path: thread.submit(site.get, path).result().text
        thread.submit(site.runner.close).result()


@pytest.fixture(scope="module")
def visit(places) -> Iterator[Callable]:
    """Fill in a form of the copy and send it; the page."""
    with chromium() as browser, private(browser) as context:
        page = context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))

        def visit(form: str, answers: dict[str, str], root: str = "disk"):
            page.goto(f"{places[0][root]}/contribute/{form}/index.html")
            page.evaluate(FILL, answers)
            send(page)
            assert not faults
            return page

        yield visit


def send(page) -> None:
    """Send the form, and wait until it is answered."""
    page.locator("form[data-contribute] button.button").click()
    page.locator("form[data-done]").wait_for()


FILL = """answers => {
  const form = document.querySelector("form[data-contribute]");
  policykb.today = () => "TODAY";
  for (const [name, text] of Object.entries(answers)) form.elements[name].value = text;
}""".replace("TODAY", TODAY)


def shown(text: str) -> tuple[list[str], list[str], list[str], list[str]]:
    """What is wrong by input, the problems, the files, and the links to the host of the repository."""
    page = LexborHTMLParser(text)
    wrong = [f"{node.id}: {node.text().strip()}" for node in page.css("form .wrong")]
    section = page.css_first("section[aria-labelledby=made]")
    problems = [node.text().strip() for node in section.css(".wrong")]
    files = [node.text() for node in section.css("h3 code, pre")]
    hrefs = [node.attributes["href"] for node in section.css("a.button")]
    return wrong, problems, files, hrefs


@pytest.mark.parametrize(
    ("case", "root"), [("action", "server"), *((case, "disk") for case in ANSWERS)]
)
def test_browser_makes_the_files_of_the_live_form_and_says_the_same(places, visit, case, root):
    form, answers = FORM.get(case, "action"), ANSWERS[case]
    here = shown(visit(form, answers, root).content())
    there = shown(places[1](f"/contribute/{form}?{urlencode(answers | {'check': '1'})}"))
    for own, other in zip(here, there, strict=True):
        assert "\n".join(own) == "\n".join(other)
    assert any(here[:3])


def test_correction_finds_the_record_and_the_event_and_judges_the_value(visit):
    page = visit("correction", {"id": "EO 14409", "event": "2026-06-02"})
    assert page.locator("#i-event").input_value() == "issued"
    page.select_option("#i-key", "note")
    page.fill("#i-value", "In the capital.")
    send(page)
    report = page.get_by_text("Send it to the editors")
    body = parse_qs(urlsplit(report.get_attribute("href")).query)["body"][0]
    assert "### What should it say?\n\nIn the capital.\n" in body
    edit = page.get_by_text("Edit the file in the repository").get_attribute("href")
    assert edit == f"{HOST}/edit/main/policies/actions/an-order.toml"
    page = visit("correction", {"id": "an-order", "key": "confidence"})
    page.select_option("#i-key", "confidence")
    page.fill("#i-value", "hihg")
    send(page)
    page.get_by_text("'hihg' is not in the vocabulary").wait_for()
    page = visit("correction", {"id": "nothing"})
    assert "There is no record “nothing”" in page.inner_text("main")


def test_without_scripts_the_page_says_what_to_do(places):
    text = urlopen(f"{places[0]['server']}/contribute/action/index.html").read().decode()
    assert "policykb new action" in text and f'href="{HOST}/issues/new' in text
