"""A newcomer at a terminal: first entries by answering `policykb new`, with the questions counted; and corrections."""

import os
import re
import sys

import pexpect
import pytest
import rtoml
from conftest import TODAY, Base

MOST_PROMPTS = 12
# prompt_toolkit and click end each question of the dialog with a colon and a blank, and ask nothing else so.
QUESTION = re.compile(r"(?:^|\n)(?:\x1b\[\?\w+)*([^\n\r]+?): (?:\x1b\[[\d;?]*\w)*$")


def known(base: Base) -> Base:
    """The base with what a newcomer may refer to."""
    base.action(
        "us-eo-14110",
        [("2023-10-30", "issued")],
        title="Safe, Secure, and Trustworthy Artificial Intelligence",
        identifiers={"eo": "14110"},
    )
    base.write(
        "organizations.toml",
        {
            "an-office": {"name": "An office", "kind": "government", "jurisdiction": "us"},
            "don-beyer": {"name": "Don Beyer", "kind": "person", "jurisdiction": "us"},
        },
    )
    return base


@pytest.fixture
def newcomer(base: Base) -> Base:
    """A base with what a newcomer may refer to."""
    return known(base)


def play(base: Base, kind: str, answers: list[str]) -> tuple[int, str]:
    """Answer each question of `policykb new` with the next of `answers`; return the number of questions, and what was printed."""
    words = ["-m", "policykb", "new", kind, "--policies", str(base.policies), "--today", TODAY]
    child = pexpect.spawn(
        sys.executable,
        words,
        encoding="utf-8",
        timeout=120,
        dimensions=(100, 240),
        env={"TERM": "dumb", "PATH": "/usr/bin", "PYTHONPATH": os.environ["PYTHONPATH"]},
    )
    printed, left = "", list(answers)
    while child.isalive() or left:
        try:
            printed += child.read_nonblocking(10_000, timeout=0.1)
        except pexpect.TIMEOUT:
            if QUESTION.search(printed.replace("\r", "")) and left:
                child.send(left.pop(0) + "\r")
                printed += "\n"
            elif QUESTION.search(printed.replace("\r", "")):
                child.close()
                pytest.fail(f"no answer is left for: {printed[-300:]}")
        except pexpect.EOF:
            break
    child.close()
    assert child.exitstatus == 0, printed[-3000:]
    assert not left, (left, printed[-2000:])
    return len(answers), printed


ORDER = [
    "Order on Weights",
    "executive order",
    "EO 14999",
    "An office issuer",
    "mixed",
    "a-topic",
    "November 20th 2026 signed: In the capital @ https://gazette.example.org/order, page 3",
    "Order in the gazette (The Gazette, 21 November 2026), primary",
    "silent: Says nothing of open weights",
    "Binds agencies.",
    "",
    "y",
]
BILL = [
    "Open Weights Act",
    "bill",
    "us_bill=hr8315-119",
    "Don Beyer sponsor",
    "binding",
    "",
    "2026-11-03 introduced @ https://congress.example.org/8315",
    "H.R. 8315 as introduced (Congress, 3 November 2026), primary",
    "exempts: It frees open weights from duties",
    "Would free open weights.",
    "",
    "y",
]
STATUTE = [
    "Weights Act of California",
    "statute",
    "",
    "",
    "US-CA",
    "binding",
    "A topic",
    "2026-10-01 signed @ A source, section 2",
    "requires: It asks for a card",
    "Asks makers for a card.",
    "2026-11-01",
    "y",
]
ARGUMENT = [
    "Schools need open weights",
    "Schools have no money.",
    "Open weights cost nothing.",
    "",
    "consequences",
    "https://schools.example.org/letter, paragraph 2",
    "Letter of the schools (Schools, 5 May 2026), primary",
    "opposes EO 14110: It adds duties",
    "y",
]
CLAIM = [
    "Six of ten schools run models",
    "empirical",
    "contested",
    "A source, page 2",
    "supports: Six of ten do @ https://survey.example.org/, p. 4",
    "Survey of schools (Pollster, 2026-05), established",
    "",
    "y",
]


STANCE = {"action": "us-eo-14110", "stance": "opposes", "note": "It adds duties"}
EVIDENCE = {
    "document": "pollster-2026-survey-schools",
    "locator": "page 4",
    "finding": "supports",
    "note": "Six of ten do",
}
# What is entered: the kind, the answers, the file, and what it then says among other things.
ENTRIES = {
    "order": ("action", ORDER, "actions/us-eo-14999.toml", {"identifiers": {"eo": "14999"}}),
    "bill": (
        "action",
        BILL,
        "actions/us-hr8315-open-weights-act-2026.toml",
        {"bodies": [{"organization": "don-beyer", "role": "sponsor"}]},
    ),
    "statute": (
        "action",
        STATUTE,
        "actions/us-ca-weights-act-california-2026.toml",
        {"jurisdiction": "us-ca", "topics": ["a-topic"]},
    ),
    "argument with its document": (
        "argument",
        ARGUMENT,
        "arguments/schools-need-open-weights.toml",
        {"stances": [STANCE]},
    ),
    "claim with evidence": (
        "claim",
        CLAIM,
        "claims/six-of-ten-schools-run-models.toml",
        {"evidence": [EVIDENCE]},
    ),
}
SLOW = [pytest.mark.thorough]
CORRECTION = ["set", "EO 14110", "events.issued.date", "October 31st 2023", "--yes"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(entry, marks=[] if entry == "claim with evidence" else SLOW)
        for entry in ENTRIES
    ],
)
def test_first_entry_takes_few_questions(newcomer: Base, entry: str):
    kind, answers, place, expected = ENTRIES[entry]
    count, _ = play(newcomer, kind, answers)
    record = rtoml.load(newcomer.policies / place)
    assert {key: record[key] for key in expected} == expected
    assert count <= MOST_PROMPTS
    assert newcomer.codes() == []


def test_correction_is_one_command(newcomer: Base):
    result = newcomer.run(*CORRECTION)
    assert result.returncode == 0, result.stderr
    record = rtoml.load(newcomer.policies / "actions/us-eo-14110.toml")
    assert str(record["events"][0]["date"]) == "2023-10-31"
    assert newcomer.codes() == []


# Entries by options: instrument, jurisdiction, number, event.
ACTIONS = [
    ("executive order", "United States", "EO 14999", "June 2nd 2026 signed: In the capital"),
    ("bill", "US", "us_bill=hr8315-119", "2026-11-03 introduced"),
    ("statute", "California", "official_number=Act 7", "1 October 2026 signed"),
    ("regulation", "European Union", "eu_number=2026/1689", "2026-06-02 adopted"),
    ("court case", "us", "official_number=26-1", "2026-05 case filed: By a maker"),
    ("consultation", "EU", "official_number=C 1", "yesterday consultation opened"),
    ("treaty", "international", "official_number=T 1", "2026-10-01 signed"),
    ("resolution", "US-CA", "official_number=R 1", "2026-10-01 adopted"),
]
OTHERS = [
    [
        *("argument", "--title", "Weights should stay free", "--premise", "One."),
        *("--premise", "Two.", "--scheme", "analogy", "--stance", "opposes EO 14110: It is vague"),
        *("--source-url", "https://schools.example.org/letter", "--source-title", "Letter"),
        *("--source-grade", "primary"),
    ],
    [
        *("claim", "--text", "Schools run models", "--kind", "empirical", "--finding", "contested"),
        *("--appearance", "A source", "--evidence", "supports: Six of ten do @ A source, p. 4"),
    ],
    ["person", "--name", "Jane Doe", "--jurisdiction", "United States"],
    ["topic", "--name", "Schools", "--definition", "Models in classrooms."],
]


def test_twelve_of_twelve_entries_by_options_are_right_at_the_first_try(newcomer: Base):
    kinds = {"us": "country", "us-ca": "subdivision", "eu": "union"}
    names = {"us": "United States", "us-ca": "California", "eu": "European Union"}
    places = {
        record_id: {"name": name, "kind": kinds[record_id], "code": record_id.upper()}
        for record_id, name in names.items()
    }
    places["international"] = {"name": "International", "kind": "international"}
    newcomer.write("jurisdictions.toml", places)
    commands = [
        [
            *("action", "--title", f"Weights {instrument}", "--instrument", instrument),
            *("--jurisdiction", place, "--identifier", number, "--bindingness", "mixed"),
            *("--effect", "silent: Says nothing of them", "--summary", "Binds agencies."),
            *(
                "--event",
                f"{event} @ https://gazette.example.org/{index}",
                "--source-grade",
                "primary",
            ),
            *("--source-url", f"https://gazette.example.org/{index}", "--source-title", instrument),
        ]
        for index, (instrument, place, number, event) in enumerate(ACTIONS)
    ]
    commands += OTHERS
    results = [newcomer.run("new", *command, "--yes") for command in commands]
    wrong = [result.stderr for result in results if result.returncode]
    assert (len(commands), wrong) == (12, [])
    assert newcomer.codes() == []
