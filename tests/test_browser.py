"""The pages in a real browser: everything loads, axe finds nothing, and the keyboard and a small screen are enough."""

import contextlib
import importlib.util
import itertools
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from browsers import CHROMIUM, REQUIRED, VIOLATIONS, chromium, private
from policykb.site import routes
from test_site import serving

MISSING = [
    name
    for name, there in (
        ("chromium", CHROMIUM),
        ("playwright", importlib.util.find_spec("playwright")),
        ("axe-playwright-python", importlib.util.find_spec("axe_playwright_python")),
    )
    if not there
]
if MISSING and REQUIRED:
    pytest.fail(f"A browser is required, and this is missing: {', '.join(MISSING)}.", pytrace=False)
if MISSING:
    pytest.skip(f"Missing: {', '.join(MISSING)}.", allow_module_level=True)

from axe_playwright_python.base import AXE_FILE_PATH  # noqa: E402
from playwright.sync_api import Browser, Page, expect  # noqa: E402

pytestmark = pytest.mark.browser
DIRECTIVE = "/actions/us-bis-anthropic-access-directive-2026"
MISSING_PAGE = "/actions/us-eo-1440"
# One page of every kind, and of those that differ most within a kind.
PAGES = (
    "/",
    "/actions",
    "/actions?sort=title&columns=title&columns=number&columns=stage&several=1",
    "/compare",
    "/compare?ids=eu-ai-act,us-ca-sb53-2025,us-ny-raise-act",
    "/duties",
    "/cite?ids=eu-ai-act,us-eo-14409",
    "/actions/eu-ai-act",
    DIRECTIVE + "?on=2026-06-28",
    "/actions/option-ban-open-source-ai",
    "/actions/eu-ai-act/brief",
    "/actions/eu-ai-act/cite?style=bluebook",
    "/actions/eu-ai-act/card",
    "/brief?ids=eu-ai-act,us-eo-14409",
    "/arguments",
    "/arguments/restricting-open-source-ai-is-an-error",
    "/claims",
    "/claims/openness-mostly-makes-models-safer",
    "/documents",
    "/documents/lambert-xu-2026-banning-open-source-ai",
    "/organizations",
    "/organizations/european-commission",
    "/topics",
    "/topics/export-control",
    "/jurisdictions",
    "/jurisdictions/us",
    "/search",
    "/search?q=open+weights",
    "/search?q=EO+14409",
    "/search?q=zzqqxx",
    "/actions/option-ban-open-source-ai/debate",
    "/actions/option-ban-open-source-ai/debate?focus=restricting-open-source-ai-is-an-error",
    "/timeline",
    "/timeline?zoom=month&from=2026",
    "/questions",
    "/questions/status-on?on=2026-06-15&jurisdiction=eu",
    "/questions/chain?action=eu-ai-act",
    "/questions/deadlines-ahead",
    "/about",
    "/coverage",
    "/contribute",
    "/contribute/argument?check=1&title=It+stays&source_url=https://example.org/x",
    "/contribute/correction?id=us-eo-14409&event=issued&key=note&value=In+the+capital.",
    "/following?jurisdiction=us-ca",
    MISSING_PAGE,
)
# Addresses that are not pages, and a page that is off unless it is asked for (test_find_page.py).
SERVICES = {
    "/find$",
    "/unapi$",
    "/oembed$",
    "/selected$",
    "/reconcile$",
    "/reconcile/suggest/(?P<what>entity|type|property)$",
    "/reconcile/properties$",
}
# Pages that Datasette answers itself, in the frame of the site.
DATASETTE_PAGES = (
    "/kb",
    "/kb/actions",
    "/kb/actions/us-eo-14409",
    "/kb/stances?_size=10",
    "/kb/status-on?on=2026-06-15",
    "/kb?sql=select+*+from+actions+limit+3",
    "/kb/nothing",
)
DEBATE = "/actions/option-ban-open-source-ai/debate"
HEADER_SEARCH = "header form[role=search] input"
SETTINGS = (("1280 light", "390 dark"), ("1280 dark", "390 light"))
BEGIN_AXE = f"void (window.found = ({VIOLATIONS})())"
# Of a page of Datasette our part by every rule, and all of it by the contrast of the colors, which are ours.
OURS = {"part": {"include": [["header"], ["footer"]]}}
ALL = {"rules": ["color-contrast", "scrollable-region-focusable"]}
# The dialog of Datasette 1.0 for jumping has a property `matches` that is no function, on which axe fails.
WITHOUT_DIALOG = "document.querySelector('navigation-search')?.remove()"
BEYOND_THE_EDGE = """() => document.scrollingElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll("main *, header *, footer *")].filter(
    node => node.getBoundingClientRect().right > innerWidth + 1).slice(0, 5).map(node => node.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The one browser of the module."""
    with chromium() as running:
        yield running


@pytest.fixture
def visit(browser: Browser, served: str) -> Iterator[Callable[..., Page]]:
    """Open a path in a window with given settings: `visit("/", color_scheme="dark")`; windows close with the test."""
    with contextlib.ExitStack() as opened:

        def visit(path: str, **options: object) -> Page:
            page = opened.enter_context(private(browser, base_url=served, **options)).new_page()
            page.goto(path)
            return page

        yield visit


@pytest.fixture(scope="module")
def readers(browser: Browser, served: str) -> Iterator[dict[str, Page]]:
    """A page with axe in it for each setting, used again and again."""
    pages = {}
    with contextlib.ExitStack() as opened:
        for width, scheme in itertools.product((1280, 390), ("light", "dark")):
            options = {"color_scheme": scheme, "viewport": {"width": width, "height": 900}}
            context = opened.enter_context(private(browser, base_url=served, **options))
            context.add_init_script(path=AXE_FILE_PATH)
            pages[f"{width} {scheme}"] = context.new_page()
        yield pages


@pytest.fixture(scope="module")
def watched(browser: Browser, served: str) -> Iterator[tuple[Page, list[str]]]:
    """A page, and what goes wrong in it."""
    faults = []
    with private(browser, base_url=served) as context:
        page = context.new_page()
        page.on(
            "console",
            lambda message: (
                faults.append(f"{message.type}: {message.text}")
                if message.type in ("error", "warning")
                else None
            ),
        )
        page.on("pageerror", lambda error: faults.append(f"error: {error}"))
        page.on(
            "requestfailed",
            lambda request: (
                faults.append(f"failed: {request.url}: {request.failure}")
                if request.failure != "net::ERR_ABORTED"  # the page before it was left
                else None
            ),
        )
        page.on(
            "response",
            lambda answer: (
                faults.append(f"{answer.status}: {answer.url}") if answer.status >= 400 else None
            ),
        )
        yield page, faults


@pytest.mark.datasette
@pytest.mark.parametrize("path", PAGES)
def test_page_loads_without_fault_and_fits_every_screen(watched, path):
    page, faults = watched
    faults.clear()
    page.set_viewport_size({"width": 360, "height": 740})
    answer = page.goto(path)
    if path == MISSING_PAGE:
        assert answer.status == 404
        faults = [
            fault
            for fault in faults
            if "404" not in fault or ("://" in fault and path not in fault)
        ]
    assert faults == []
    expect(page.locator("h1")).to_have_count(1)
    assert page.evaluate(BEYOND_THE_EDGE) == [], "wider than 360 pixels"
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 360
    page.set_viewport_size({"width": 2560, "height": 1200})
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 2560


@pytest.mark.thorough
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_in_either_width_and_scheme(readers, path):
    """The scheme changes colors and nothing else, so pages take turns: wide in light and narrow in dark, or the other way round."""
    settings = SETTINGS[PAGES.index(path) % 2]
    for setting in settings:  # both begin before one is waited for: they are processes
        readers[setting].goto(path)
        readers[setting].evaluate(BEGIN_AXE)
    found = {setting: readers[setting].evaluate("window.found") for setting in settings}
    assert found == dict.fromkeys(settings, [])


@pytest.mark.parametrize(
    "faint",
    [
        "color: #bbb",
        "background: #777",
        "opacity: 0.3",
        "color: #999; font-size: 30px",  # as faint as a small text may not be, nor a large one
    ],
)
def test_axe_finds_one_faint_text_among_many(readers, faint):
    page = readers["1280 light"]
    page.goto("/jurisdictions")
    assert page.evaluate(VIOLATIONS) == []
    page.locator("main li a").last.evaluate("(node, style) => node.style.cssText = style", faint)
    assert [found.partition(":")[0] for found in page.evaluate(VIOLATIONS)] == ["color-contrast"]


def test_every_page_has_an_example():
    forms = {re.sub(r"\(\?:[^)]*\)\?", "", pattern) for pattern in routes.PAGES}
    pages = {pattern for pattern in forms if r"\." not in pattern} - SERVICES
    assert pages > {"/$", "/actions$"} and SERVICES < forms
    paths = [urlsplit(path).path for path in PAGES]
    assert [page for page in pages if not any(re.match(page, path) for path in paths)] == []


@pytest.mark.datasette
@pytest.mark.parametrize("path", DATASETTE_PAGES)
def test_axe_finds_nothing_of_ours_on_the_pages_of_datasette(readers, path):
    found = {}
    for scheme in ("light", "dark"):
        page = readers[f"1280 {scheme}"]
        page.goto(path)
        page.evaluate(WITHOUT_DIALOG)
        found[scheme] = page.evaluate(VIOLATIONS, OURS) + page.evaluate(VIOLATIONS, ALL)
    assert found == {"light": [], "dark": []}


@pytest.mark.datasette
@pytest.mark.parametrize("path", DATASETTE_PAGES)
def test_pages_of_datasette_fit_a_small_screen(visit, path):
    page = visit(path, viewport={"width": 360, "height": 740})
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 360


@pytest.mark.datasette
def test_search_from_a_table_needs_only_the_keyboard(visit):
    page = visit("/kb/actions")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to content")
    page.locator(HEADER_SEARCH).focus()
    page.keyboard.type("EO 14409")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=EO+14409")


def test_the_scheme_changes_colours_only(readers):
    dark = readers["1280 dark"]
    dark.goto(DIRECTIVE)
    rules = dark.evaluate("""() => [...document.styleSheets].flatMap(sheet => [...sheet.cssRules]).filter(
        rule => rule.media?.mediaText.includes("color-scheme")).flatMap(rule => [...rule.cssRules]).flatMap(rule => [...rule.style])""")
    assert rules and all(name.startswith("--") for name in rules), rules


def test_dark_is_dark(visit):
    ground = (
        "getComputedStyle(document.documentElement).backgroundColor.match(/[0-9]+/g).map(Number)"
    )
    assert min(visit("/", color_scheme="light").evaluate(ground)) > 230
    assert max(visit("/", color_scheme="dark").evaluate(ground)) < 40


@pytest.mark.parametrize("path", ["/", DIRECTIVE, MISSING_PAGE])
def test_first_tab_offers_to_skip_to_the_content(visit, path):
    page = visit(path)
    page.keyboard.press("Tab")
    link = page.locator(":focus")
    expect(link).to_have_text("Skip to content")
    shown = link.bounding_box()
    assert shown["width"] > 60 and shown["height"] > 15 and shown["x"] >= 0 and shown["y"] >= 0
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_focus_is_seen_and_goes_through_the_page_in_reading_order(visit, scheme):
    page = visit(DIRECTIVE, color_scheme=scheme)
    page.keyboard.press("Tab")
    places = []
    for _ in range(24):
        page.keyboard.press("Tab")
        outline = page.evaluate(
            "(({outlineStyle, outlineWidth}) => [outlineStyle, parseFloat(outlineWidth)])(getComputedStyle(document.activeElement))"
        )
        assert outline[0] != "none" and outline[1] >= 2, page.evaluate(
            "document.activeElement.outerHTML"
        )
        places.append(
            page.evaluate(
                "[...document.querySelectorAll('a, input, select, button, summary, [tabindex]')].indexOf(document.activeElement)"
            )
        )
    assert places == sorted(places)


@pytest.mark.parametrize(
    "path",
    (
        "/actions/eu-ai-act",
        "/actions/eu-ai-act-art-53-2",
        "/actions/us-eo-14409",
        "/actions/us-ca-sb53-2025",
        "/actions/us-hr9925-frontier-act-2026",
    ),
)
def test_a_phone_shows_what_matters_first_of_an_action(visit, path):
    page = visit(path, viewport={"width": 390, "height": 844})
    marks = ["number", "status .headline", "checked", "tools .text"]
    links = [f'tools a[href="#{anchor}"]' for anchor in ("cite", "follow")]
    for mark in (*marks, *links):
        assert 0 < page.locator(f".{mark}").bounding_box()["y"] < 1.5 * 844, mark
    for link in links:
        page.locator(f".{link}").click()
        expect(page.locator(link.split('"')[1]), link).to_be_in_viewport()


def test_picture_of_the_timeline_scrolls_within_its_box(visit):
    page = visit(DIRECTIVE, viewport={"width": 360, "height": 740})
    box = page.get_by_role("region", name="Picture of the timeline")
    assert box.evaluate("box => box.scrollWidth > box.clientWidth")
    box.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("box => box.scrollLeft > 0", arg=box.element_handle())


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
@pytest.mark.parametrize("focus", ["", "?focus=restricting-open-source-ai-is-an-error"])
def test_what_a_debate_is_about_is_seen_on_a_phone(visit, scripts, focus):
    phone = {"width": 390, "height": 844}
    page = visit(f"{DEBATE}{focus}", viewport=phone, java_script_enabled=scripts)
    outline, drawn = (
        page.locator(part).bounding_box()["y"] for part in (".outline", ".debate-map")
    )
    assert outline < drawn
    page.locator(".debate-map").scroll_into_view_if_needed()
    expect(page.locator(".map .node.focus")).to_be_in_viewport(ratio=0.9)
    page.locator("footer").scroll_into_view_if_needed()
    expect(page.locator(".in-focus")).to_be_in_viewport()


@pytest.mark.parametrize("path", ["/timeline", "/actions"])
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_filters_leave_the_first_screen_of_a_phone_to_the_list(visit, path, scripts):
    phone = {"width": 390, "height": 844}
    page = visit(path, viewport=phone, java_script_enabled=scripts)
    record = page.locator("main a[href^='/actions/']").first
    assert record.bounding_box()["y"] < 800
    assert not page.locator("form.filters").is_visible()
    page.get_by_text("Filters", exact=True).click()
    expect(page.locator("form.filters")).to_be_visible()
    wide = visit(path, viewport={"width": 1440, "height": 900}, java_script_enabled=scripts)
    expect(wide.locator("form.filters")).to_be_visible()
    assert visit(f"{path}?jurisdiction=eu", viewport=phone).locator("form.filters").is_visible()


def test_a_debate_of_twenty_arguments_fits_in_three_screens(visit):
    debate = "/actions/option-safeguards-as-condition-of-openness/debate"
    page = visit(debate, viewport={"width": 1440, "height": 900})
    assert page.locator(".map .node").count() > 20
    assert page.evaluate("document.documentElement.scrollHeight") <= 3 * 900


def test_duties_by_law_fit_a_screen_and_scroll_below_their_heads(visit):
    page = visit("/duties", viewport={"width": 1440, "height": 900})
    box, law = page.get_by_role("region", name="Duties by law"), page.locator("th[scope=row]")
    assert box.evaluate("box => box.scrollWidth <= box.clientWidth")
    law.nth(5).scroll_into_view_if_needed()
    expect(page.get_by_role("columnheader", name="Open release")).to_be_in_viewport()
    page.set_viewport_size({"width": 800, "height": 900})
    place = law.first.bounding_box()["x"]
    box.evaluate("box => box.scrollBy(150, 0)")
    assert box.evaluate("box => box.scrollLeft") > 0
    assert law.first.bounding_box()["x"] == place
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 800


def test_events_of_the_timeline_are_read_by_mouse_and_keyboard_below_an_axis_that_stays(visit):
    page = visit("/timeline?jurisdiction=eu", viewport={"width": 1440, "height": 900})
    boxes = page.locator(".strip-box")
    words = boxes.locator("ul.in-words")
    assert words.nth(0).bounding_box()["width"] < 2
    boxes.nth(0).hover()
    assert words.nth(0).bounding_box()["width"] > 100
    boxes.nth(20).focus()
    assert words.nth(20).bounding_box()["width"] > 100
    assert page.evaluate("scrollY") > 0
    expect(page.locator(".strip-row.head")).to_be_in_viewport()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_the_day_in_the_box_changes_the_status(visit, scripts):
    page = visit(DIRECTIVE, java_script_enabled=scripts)
    for day, wanted in (
        ("2026-06-15", "On 15 June 2026: In force"),
        ("2026-07-15", "On 15 July 2026: Ended on 30 June 2026"),
    ):
        page.get_by_label("Show as of").fill(day)
        page.locator("form.asof button").click()
        expect(page.get_by_role("region", name="Status")).to_contain_text(wanted)
        expect(page).to_have_url(re.compile(rf"\?on={day}$"))
        expect(page.get_by_label("Show as of")).to_have_value(day)


def test_search_needs_only_the_keyboard(visit):
    page = visit("/about")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate(f"document.activeElement === document.querySelector('{HEADER_SEARCH}')"):
            break
    page.keyboard.type("EO 14409")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=EO+14409")
    wanted = page.locator("main a[href$='/actions/us-eo-14409']").first
    for _ in range(20):
        page.keyboard.press("Tab")
        if wanted.evaluate("link => link === document.activeElement"):
            break
    expect(wanted).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/actions/us-eo-14409")


def test_print_shows_the_content_without_the_controls(visit):
    page = visit(DIRECTIVE, color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    for hidden in ("header nav", "header form[role=search]", "form.asof", "form.known-form"):
        expect(page.locator(hidden)).to_be_hidden()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert (
        page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        == "rgb(255, 255, 255)"
    )
    page.goto("/timeline")
    expect(page.locator("ul.in-words").first).to_be_visible()


@pytest.mark.thorough
def test_bookmark_opens_the_finder_with_the_words_selected_on_another_page(
    browser: Browser, shipped: Path
) -> None:
    article = (
        '<meta property="article:published_time" content="2026-06-19T10:00:00Z">'
        "<p>A word on SB 53.<p id=chosen>The president signed EO 14409 &amp; more."
    )
    with (
        serving(shipped.parent, shipped, "--no-watch", "--with-find") as (address, _),
        private(browser) as context,
    ):
        page = context.new_page()
        page.goto(f"{address}/find")
        bookmark = page.locator("pre", has_text="javascript:").text_content()
        page.route(
            "http://news.test/", lambda route: route.fulfill(body=article, content_type="text/html")
        )
        page.goto("http://news.test/")
        # A bookmark acts as if the reader had pressed a key or a button, as on this link.
        page.evaluate(
            """code => {
                const link = document.body.appendChild(document.createElement("a"));
                Object.assign(link, {href: code, textContent: "bookmark"}).focus();
                getSelection().selectAllChildren(document.getElementById("chosen"));
            }""",
            bookmark,
        )
        with context.expect_page() as opened:
            page.keyboard.press("Enter")
        window = opened.value
        expect(window.get_by_label("Text in English")).to_have_value(
            "The president signed EO 14409 & more."
        )
        expect(window.get_by_label("Day on which it was published")).to_have_value("2026-06-19")
        expect(window.locator("mark")).to_have_text(["EO 14409"])
