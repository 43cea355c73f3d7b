"""34 everyday tasks of analysts and advocates, each from a page where a person begins to what the person needs.

`python tests/test_tasks.py` prints the tasks with their numbers of steps. A step is a click, a choice, or words typed
with the Enter key.
"""

import re
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from browsers import private
from playwright.sync_api import Locator, Page, expect
from test_browser import browser  # noqa: F401

pytestmark = pytest.mark.browser


class Step(NamedTuple):
    """What a person does on a page, and the words for it; where it leads to another page, all of that has come."""

    words: str
    act: Callable[[Page], object]


class Task(NamedTuple):
    """What a person wants to do, where the person begins, the steps, and what the page or the file then has (regular expressions)."""

    title: str
    start: str
    steps: tuple[Step, ...]
    seen: tuple[str, ...]


def _first(found: Locator) -> Locator:
    return found.filter(visible=True).first


def _below(page: Page) -> Locator:
    """Return the part below the head of a page, of ours or of Datasette's."""
    return page.locator("main, section.content")


def search(words: str) -> Step:
    def act(page: Page) -> None:
        box = page.get_by_role("searchbox", name="Search everything")
        box.fill(words)
        with page.expect_navigation():
            box.press("Enter")

    return Step(f"search for “{words}”", act)


def click(name: str) -> Step:
    """Follow the first link of this name below the head of the page, or in its head if there is none below."""

    def act(page: Page) -> None:
        found = _below(page).get_by_role("link", name=name, exact=True).filter(visible=True)
        if not found.count():
            found = page.get_by_role("banner").get_by_role("link", name=name, exact=True)
        with page.expect_navigation():
            found.first.click()

    return Step(f"follow “{name}”", act)


def press(name: str) -> Step:
    def act(page: Page) -> None:
        with page.expect_navigation():
            _first(_below(page).get_by_role("button", name=name, exact=True)).click()

    return Step(f"press “{name}”", act)


def choose(label: str, *options: str) -> Step:
    def act(page: Page) -> None:
        field = _below(page).get_by_label(label, exact=True)
        texts = [text.strip() for text in field.locator("option").all_text_contents()]
        by_name = {re.sub(r" \(\d+\)$", "", text): text for text in texts}
        field.select_option(label=[by_name[option] for option in options])

    return Step(f"choose {' and '.join(options)} as {label}", act)


def write(label: str, text: str) -> Step:
    def act(page: Page) -> None:
        _first(_below(page).get_by_label(label)).fill(text)

    return Step(f"write {text} as {label}", act)


def tick(label: str) -> Step:
    def act(page: Page) -> None:
        _first(_below(page).get_by_role("checkbox", name=label)).check()

    return Step(f"tick “{label}”", act)


def unfold(summary: str) -> Step:
    def act(page: Page) -> None:
        _first(_below(page).locator("summary").filter(has_text=summary)).click()

    return Step(f"open “{summary}”", act)


def take(name: str) -> Step:
    """Take the file behind the first link of this name: its text is what is then seen."""

    def act(page: Page) -> str:
        link = _first(page.locator("main, footer").get_by_role("link", name=name, exact=True))
        address = link.evaluate("link => link.href")
        if urlsplit(address).netloc != urlsplit(page.url).netloc:
            return f"elsewhere: {address}"
        answer = page.request.get(address)
        assert answer.ok, (address, answer.status)
        kind = answer.headers.get("content-type", "")
        text = "" if kind.startswith(("image/png", "application/octet")) else answer.text()
        return f"{kind}\n{text}"

    return Step(f"take “{name}”", act)


AI_ACT = (search("AI Act"), click("AI Act"))
TASKS = (
    # Search
    Task("Find the EU AI Act by its name", "/", AI_ACT, ("AI Act", "2024/1689")),
    Task(
        "Find it by its number, as people write it",
        "/",
        (search("Reg. 2024/1689"), click("AI Act")),
        ("Partly in force",),
    ),
    Task(
        "Find a bill by its number",
        "/documents",
        (search("H.R.9925"), click("FRONTIER Act")),
        ("H.R. 9925",),
    ),
    Task(
        "Find what is argued about open weights in the EU",
        "/",
        (
            search("open weights"),
            unfold("Filters"),
            choose("Kind", "arguments"),
            choose("Place", "European Union"),
            press("Search"),
        ),
        (r"Arguments\s+\d",),
    ),
    # One action
    Task(
        "Read the official text of an action",
        "/",
        (*AI_ACT, take("Read the text")),
        ("https://eur-lex.europa.eu/",),
    ),
    Task("See as of which day a status is known", "/", AI_ACT, (r"Known as of \d+ \w+ 20\d\d",)),
    Task(
        "See the status on an earlier day, and why",
        "/actions/eu-ai-act",
        (write("Show as of", "2024-07-20"), press("Show")),
        (r"On 20 July 2024: Adopted", "Because of this event"),
    ),
    Task("See what comes next for an action", "/", AI_ACT, (r"What comes next:\s+\S+",)),
    Task(
        "Report an error in a record",
        "/actions/eu-ai-act",
        (click("Something wrong?"),),
        ("Correct", "eu-ai-act"),
    ),
    Task(
        "Change a date and see the file that does it",
        "/contribute",
        (
            click("Correction"),
            write("Which record?", "EO 14409"),
            write("Which key?", "note"),
            write("What should", "In the capital."),
            write("Which page", "https://example.org/x"),
            press("Continue"),
        ),
        ("us-eo-14409",),
    ),
    # Who says what
    Task(
        "Take a table of who says what about an action",
        "/actions/eu-ai-act-art-53-2",
        (unfold("Who says what"), take("CSV")),
        ("text/csv", "speaker", "argument"),
    ),
    Task(
        "See what is argued about the articles of an act",
        "/",
        AI_ACT,
        (r"About its part AI Act, article 53\(2\)",),
    ),
    Task(
        "See what an organization argues, and where",
        "/",
        (search("Meta"), click("Meta")),
        ("What it argues",),
    ),
    Task(
        "Find arguments that no one has answered",
        "/",
        (click("Arguments"), tick("No one has answered"), press("Filter")),
        ("no one has answered",),
    ),
    # Debates
    Task(
        "See a whole debate as a map and an outline",
        "/actions/option-ban-open-source-ai",
        (click("The whole debate, as a map and an outline"),),
        (r"The debate: ", "Outline"),
    ),
    Task(
        "Take the debate about a topic as Argdown",
        "/topics",
        (
            click("Export control"),
            click("The debate about this topic, as a map and an outline"),
            take("Argdown"),
        ),
        (r"\[.+\]:",),
    ),
    # Lists
    Task(
        "Take the actions in force in the EU by name, with their sources",
        "/actions",
        (
            choose("Jurisdiction", "European Union"),
            choose("Legal force", "In force"),
            press("Show"),
            click("name"),
            take("CSV"),
        ),
        ("source_addresses,source_grades", "https://eur-lex.europa.eu/"),
    ),
    Task(
        "Take the days ahead of California's actions as a calendar",
        "/jurisdictions",
        (click("California"), take("iCalendar")),
        ("BEGIN:VCALENDAR", "BEGIN:VEVENT"),
    ),
    Task(
        "Take the reports as a bibliography",
        "/documents",
        (choose("Type", "Report"), press("Show"), take("BibTeX")),
        (r"@(tech)?report\{",),
    ),
    Task(
        "Open a list as SQL, to change it",
        "/actions",
        (choose("Instrument", "Bill"), press("Show"), click("as SQL")),
        ("not_yet",),
    ),
    Task(
        "List the actions of two places by status in a table of chosen columns",
        "/actions",
        (
            click("choose several values for a filter"),
            choose("Jurisdiction", "California", "New York"),
            press("Show"),
            click("status"),
            unfold("Columns"),
            tick("column Number"),
            tick("column Stage"),
            press("Show as a table"),
        ),
        (r"Number\s+Stage", "SB 53"),
    ),
    Task(
        "Compare two laws",
        "/jurisdictions/us-ca",
        (tick("SB 53"), tick("SB 1047"), press("Compare")),
        ("2 actions compared", "Who is bound", "leave out"),
    ),
    Task(
        "Cite several records at once",
        "/topics/licensing",
        (tick("G7 vision"), tick("Interoperable Europe Act"), press("Cite all")),
        ("Cite 2 records", "Wikipedia"),
    ),
    # Duties
    Task(
        "See which laws make someone register, and the source",
        "/actions",
        (
            click("Duties by law"),
            choose("Duty", "Registration"),
            press("Show"),
            click("must register with the Under Secretary for AI Security"),
        ),
        (r"before it is… \[1\]", "AI Act"),
    ),
    # Following
    Task(
        "Follow licensing in two places by a feed",
        "/",
        (
            click("follow places and topics"),
            choose("Jurisdictions", "European Union", "United States"),
            choose("Topics", "Licenses and definitions"),
            press("Follow"),
            take("Atom feed"),
        ),
        (r"<feed xmlns",),
    ),
    Task(
        "See what is due in the next 30 days in the EU",
        "/",
        (
            click("All deadlines ahead"),
            write("Jurisdiction", "eu"),
            write("Until", "30 days"),
            press("Ask"),
        ),
        (r"Answer\s+\d+ row|Nothing in the knowledge base",),
    ),
    Task(
        "See what changed between two days",
        "/",
        (
            click("Changes between two days"),
            write("From", "2026-06-01"),
            write("To", "2026-07-15"),
            press("Ask"),
        ),
        (r"Answer\s+\d+ rows",),
    ),
    # Pictures
    Task(
        "Take the numbers behind a chart",
        "/jurisdictions/us",
        (unfold("Stage and legal force as a table"),),
        (r"In committee\s+",),
    ),
    Task(
        "Take the events of a topic in one year",
        "/timeline",
        (
            choose("Topic", "Export control"),
            choose("Zoom", "months of one year"),
            write("From the year", "2025"),
            press("Show"),
            take("CSV"),
        ),
        ("2025-", "source_addresses"),
    ),
    # Data
    Task(
        "Ask the data with SQL",
        "/",
        (click("Data"), click("current_status")),
        ("rows", "in_force"),
    ),
    Task(
        "Take the answer of a question, with its SQL",
        "/questions",
        (
            click("Actions by their effect on openness"),
            unfold("The SQL"),
            take("CSV"),
        ),
        ("text/csv", "jurisdiction"),
    ),
    # Sharing
    Task(
        "Show the status of an action on another site",
        "/actions/eu-ai-act",
        (unfold("Share and embed"), take("the card")),
        ("AI Act", "Partly in force"),
    ),
    Task(
        "Hand on a brief of an action",
        "/actions/eu-ai-act",
        (click("Brief"),),
        ("AI Act", "Sources"),
    ),
    Task(
        "See what is covered for a place, and since when no one has looked",
        "/",
        (click("About"), click("What is covered")),
        (r"European Union\s+\d+", "what the editors looked for and did not find"),
    ),
)


@pytest.fixture(scope="module")
def window(browser, served: str):  # noqa: F811
    """A window without JavaScript that all tasks share; each task starts on a page of its own."""
    with private(browser, base_url=served, java_script_enabled=False) as context:
        yield context.new_page()


# Those that end on a page of Datasette's own; the others use links and forms of our pages, which test_browser.py opens.
ON_DATASETTE = {"Open a list as SQL, to change it", "Ask the data with SQL"}


@pytest.mark.parametrize(
    "task",
    [
        pytest.param(task, marks=[pytest.mark.datasette] * (task.title in ON_DATASETTE))
        for task in TASKS
    ],
    ids=lambda task: task.title,
)
def test_a_person_does(window: Page, task: Task) -> None:
    window.goto(task.start)
    text = None
    for step in task.steps:
        text = step.act(window)
    if text is None:
        expect(window.get_by_role("heading", level=1)).to_be_visible()
        text = window.locator("body").inner_text()
    for pattern in task.seen:
        assert re.search(pattern, text), (window.url, pattern, text[:1500])


def test_there_are_34_tasks_of_few_steps() -> None:
    assert len(TASKS) == 34
    assert {task.title for task in TASKS} > ON_DATASETTE
    assert max(len(task.steps) for task in TASKS) <= 8


if __name__ == "__main__":
    for task in TASKS:
        print(f"{task.title} | {len(task.steps)}")
