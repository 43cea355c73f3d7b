"""Bills in the Congress of the United States, however a source tells them: numbers, wording of actions, repeated actions.

What the actions of a bill mean is data: tables from official action codes and wordings to types of events.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from policykb import vocabulary
from policykb.feeds.naming import slug
from policykb.feeds.proposal import Proposal
from policykb.feeds.reading import MOST_LINE

CHAMBERS = {"House": "United States House of Representatives", "Senate": "United States Senate"}
OTHER_CHAMBER = {"House": "Senate", "Senate": "House"}
# Resolutions that never go to the President: one chamber alone, or both.
ONE_CHAMBER, NO_PRESIDENT = frozenset({"hres", "sres"}), frozenset({"hconres", "sconres"})

# What a chamber's passage is before it is known which chamber it is and what went before; not a type of event.
PASSAGE = "passage"

# The beginning or a part of an action's wording -> type of event, the first that fits. Wordings are those of the
# Library of Congress, the Clerk of the House and the Secretary of the Senate.
WORDINGS: tuple[tuple[re.Pattern, str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), kind)
    for pattern, kind in (
        (r"^Introduced in (the )?(House|Senate)", "introduced"),
        (r"^Submitted in (the )?(House|Senate)(?!, considered)", "introduced"),
        (r"^Became (Public|Private) Law", "adopted"),
        (r"^Signed by President", "signed"),
        (r"^(Pocket )?Vetoed by President", "vetoed"),
        (
            r"^(Failed of passage|On passage.*\bFailed\b|On motion to suspend the rules and (pass|agree).*\bFailed\b)",
            "rejected",
        ),
        (r"^Failed of passage/not agreed to in", "rejected"),
        (r"^Passed/agreed to in (House|Senate)", PASSAGE),
        (r"^Passed (the )?(House|Senate)\b", PASSAGE),
        (
            r"^(On passage Passed|On motion to suspend the rules and pass the (bill|resolution)[^.]*Agreed to|On agreeing to the resolution[^.]*Agreed to)",
            PASSAGE,
        ),
        (r"^Submitted in the (House|Senate), considered, and agreed to", PASSAGE),
        (r"^(Resolution|Considered, and) agreed to in (the )?(House|Senate)", PASSAGE),
        (
            r"^(Received in the (House|Senate) and )?(Read (twice|the first time) and )?referred (sequentially |jointly )?to\b",
            "referred",
        ),
        (r"\bHearings? held\b|\bHearings held by\b", "hearing"),
        (
            r"\bOrdered to be reported\b|^Reported (\(|by|to|original|with)|^Reported to (House|Senate)|^Committee on .*\bReported by\b|\bForwarded by Subcommittee\b",
            "committee_passed",
        ),
    )
)

# Action codes of the feed that say more than a wording of many forms.
CODES = {
    "1000": "introduced",
    "10000": "introduced",
    "Intro-H": "introduced",
    "Intro-S": "introduced",
    "2000": "referred",
    "11000": "referred",
    "H11100": "referred",
    "H11200": "referred",
    "5000": "committee_passed",
    "14000": "committee_passed",
    "H12100": "committee_passed",
    "H12200": "committee_passed",
    "13100": "hearing",
    "8000": PASSAGE,
    "17000": PASSAGE,
    "9000": "rejected",
    "18000": "rejected",
    "E30000": "signed",
    "36000": "adopted",
    "E40000": "adopted",
}


class Step(NamedTuple):
    """An action on a bill: its day, its wording, its type of event ('' if none is known), the chamber that acts ('' if none is named)."""

    day: str
    wording: str
    kind: str
    chamber: str


def bill(kind: str, number: str, congress: str) -> str:
    """The identifier of a bill in the scheme us_bill, '' if it has none: ('H.R.', '3106', '114') -> 'hr3106-114'."""
    number, congress = (text.strip().lstrip("0") for text in (number, congress))
    found = f"{re.sub('[^a-z]', '', kind.lower())}{number}-{congress}"
    return found if vocabulary.identifier_match("us_bill", found) else ""


def id_of(bill: str) -> str:
    """The id that a bill gets: 'hr3106-114' -> 'us-hr3106-114'."""
    return slug("us", bill)


def page_of(bill: str) -> str:
    """The address of a bill's page at Congress.gov."""
    return vocabulary.identifier_display("us_bill", bill)[1]


def classified(wording: str, code: str = "") -> str:
    """The type of event of an action, PASSAGE, or '' if neither its code nor its wording is known."""
    return CODES.get(code) or next(
        (kind for pattern, kind in WORDINGS if pattern.search(wording)), ""
    )


def chamber_of(wording: str, default: str = "") -> str:
    """The chamber that a wording names, 'House' or 'Senate'."""
    found = re.search(r"\b(?:in|the|to|Passed) (House|Senate)\b", wording)
    return found[1] if found else default


def folded(wording: str) -> str:
    """What two wordings of one action have in common: letters and digits, without who repeats it and where it is printed."""
    rest = re.sub(
        r"^(Passed/agreed to|Failed of passage/not agreed to|Senate amendment (?:proposed|agreed to)) (in (House|Senate)|\(on the floor\))?:? *(?=\S)",
        "",
        wording,
    )
    rest = re.sub(r"\((consideration|text)[^)]*\)", "", rest)
    return "".join(char for char in rest.casefold() if char.isalnum())


def once(steps: Iterable[Step]) -> list[Step]:
    """`steps` without those that repeat another of the same day: the one with a known type is kept, in the place of the first."""
    kept: dict[tuple[str, str], Step] = {}
    for step in steps:
        key = step.day, folded(step.wording)
        first = kept.get(key)
        if first is None:
            kept[key] = step
            continue
        # The wording of who acted, not of who repeats it with words before it; the type and chamber of whichever tells them.
        wording = min(
            first.wording,
            step.wording,
            key=lambda text: (
                bool(re.match(r"Passed/agreed|Failed of passage/", text)),
                -len(text),
            ),
        )
        kept[key] = Step(step.day, wording, first.kind or step.kind, first.chamber or step.chamber)
    return list(kept.values())


def settled(steps: Iterable[Step], form: str) -> Iterator[tuple[Step, str]]:
    """Each of `steps`, in order of time, with the type of event that it is for a bill of `form` (hr, sres ...); `other` if none is known."""
    passed: set[str] = set()
    for step in steps:
        if step.kind != PASSAGE:
            yield step, step.kind or "other"
            continue
        other_did = OTHER_CHAMBER.get(step.chamber, "") in passed
        # With amendments the other chamber must agree once more.
        last = other_did and not re.search(
            r"with (an |)amendments?\b|, as amended\b|amended by",
            step.wording.replace("without amendment", ""),
            re.IGNORECASE,
        )
        passed.add(step.chamber)
        if form in ONE_CHAMBER or (form in NO_PRESIDENT and last):
            yield step, "adopted"
        else:
            yield step, "passed" if last else "passed_chamber"


def event(day: str, kind: str, wording: str, document: str) -> dict:
    """An event as in a file; without a document it is unconfirmed."""
    found = {"date": day, "type": kind, "note": wording}
    return (
        {**found, "cite": [{"document": document}]} if document else {**found, "unconfirmed": True}
    )


def person(
    name: str,
    place: str,
    kind: str = "person",
    ids: Mapping[str, str] | None = None,
    whole: str = "",
) -> Proposal:
    """Return a sponsor as an organization that may be new.

    It is known by its official ids, and in the jurisdiction `place` by its name, with and without the initials in it;
    `whole` is the name as it is written in full.
    """
    official = {
        key: value
        for key, value in (ids or {}).items()
        if re.fullmatch(vocabulary.PERSON_IDS[key], value, re.ASCII)
    }
    short = re.sub(r" [A-Z]\.?(?= )", "", name)
    names = dict.fromkeys(filter(None, (name, whole, short)))
    named = ((f"name in {place}", called) for called in names)
    return Proposal(
        "organization",
        (*official.items(), *named),
        slug("" if " " in name else place, name),
        {
            "name": name,
            "kind": kind,
            "jurisdiction": f"code:{place}",
            **official,
        },
    )


def reference(organization: Proposal) -> str:
    """Return what a record of the same source writes to name `organization`."""
    return ":".join(organization.keys[0])


def shortened(title: str) -> str:
    """Return an official title that is too long for a list as it can stand in one; '' if it is not too long."""
    if len(title) <= MOST_LINE:
        return ""
    return title[: MOST_LINE - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "\u2026"
