"""What the official wordings of actions on bills mean: the tables of `bill_wordings.toml`, and how to read them.

A meaning is a type of event, a step of the chambers (the constants below), or '' for an action that moves nothing.
"""

import re
import tomllib
from importlib import resources
from typing import Any, NamedTuple

# What one chamber does. Which type of event it is depends on the measure and on what the other chamber did before.
PASSAGE = "passage"  # It passes the measure.
AGREEMENT = "agreement"  # It agrees to the amendments of the other chamber.
CONFERENCE = "conference"  # It agrees to the report of a conference of both chambers.
OVERRIDE = "override"  # It passes the measure over a veto.
# The measure goes to the President or governor, so both chambers agreed.
COMPLETION = "presentation"
SUBSTITUTION = "substitution"  # It puts another text in place, on which it votes next.
RETURN = "return"  # It sends back the measure that it passed, with amendments.
STEPS = frozenset({PASSAGE, AGREEMENT, CONFERENCE, OVERRIDE, COMPLETION, SUBSTITUTION, RETURN})


class Wording(NamedTuple):
    """A wording and its meaning. `chamber` is who acts, if the wording shows it.

    A group `chamber` in the pattern goes before it.
    """

    pattern: re.Pattern
    meaning: str
    chamber: str = ""


def table(name: str) -> dict[str, Any]:
    """Return the content of `name`.toml beside this module."""
    file = resources.files(__package__).joinpath(f"{name}.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _wordings(rows: list[list[str]]) -> tuple[Wording, ...]:
    return tuple(Wording(re.compile(row[0], re.IGNORECASE), *row[1:]) for row in rows)


_TABLES = table("bill_wordings")
CONGRESS = _wordings(_TABLES["congress"])
CODES: dict[str, str] = _TABLES["codes"]
STATES = {place: _wordings(rows) for place, rows in _TABLES["states"].items()}

# What the Library of Congress puts before the wording of a chamber that it repeats.
REPEATED = re.compile(
    r"^(?:(?:Passed/agreed to|Failed of passage/not agreed to|Conference report (?:dis)?agreed to"
    r"|Failed of passage|Senate amendment (?:proposed|agreed to))"
    r" (?:in (?:House|Senate)|\(on the floor\))(?: over veto)?(?:: *|(?= +On ))"
    r"|Resolving differences -- (?:House|Senate) actions: *"
    r"|(?:Passed (?:House|Senate) over veto|Conference committee actions|To conference): *"
    r"|Conference report filed: *) *(?=\S)"
)

# With these words a chamber changes the text that it agrees to, and the other chamber must agree once more.
AMENDED = re.compile(
    r"\bwith (?:(?:an?|committee|floor|further) )*(?:amendments?|substitutes?)\b|\bas amended\b|\bamended by\b",
    re.IGNORECASE,
)
UNAMENDED = re.compile(r"\bwithout amendments?\b", re.IGNORECASE)
# The same, in the parentheses after a passage.
SUBSTITUTED = re.compile(
    r"\((?:[^)]*\btext of (?:the )?amendments? in the nature of a substitute\b[^)]*|amended)\)",
    re.IGNORECASE,
)
# The number of a vote: two actions of one day with the same number are one.
VOTE = re.compile(r"\b(?:Roll no\.|Record Vote (?:Number|No\.?):?) *(\d+)", re.IGNORECASE)

# A chamber that a wording of a state names where the feed does not say who acts.
NAMED = re.compile(r"\b(?:in|by|passed) (?:the )?(House|Senate|Assembly)\b", re.IGNORECASE)


def congress(wording: str, code: str = "") -> tuple[str | None, str]:
    """Return the meaning of an action of Congress and the chamber that its wording names ('' if none).

    The meaning is None if neither the wording nor the code is known.
    """
    for text in dict.fromkeys((REPEATED.sub("", wording), wording)):
        meaning, chamber = _read(CONGRESS, text)
        if meaning is not None:
            return meaning, chamber
    return CODES.get(code), ""


def state(wording: str, place: str, chamber: str = "") -> tuple[str | None, str]:
    """Return the meaning of an action of the legislature of `place` ('US-AK') and the chamber that acts.

    The meaning is None if the wording is not known. The chamber is that of a known wording, or else `chamber`, or else
    one that any wording names.
    """
    meaning, named = _read(STATES.get(place, ()), wording)
    if meaning is None:
        meaning, named = _read(STATES[""], wording)
    if not (named or chamber) and (match := NAMED.search(wording)):
        named = match[1].title()
    named = named or chamber
    return meaning, "House" if named == "Assembly" else named


def _read(table: tuple[Wording, ...], text: str) -> tuple[str | None, str]:
    """Return the meaning and the chamber of the first wording of `table` in `text`."""
    for pattern, meaning, chamber in table:
        match = pattern.search(text)
        if match:
            return meaning, (match.groupdict().get("chamber") or chamber).title()
    return None, ""


def amends(wording: str, meaning: str) -> bool:
    """Return whether a chamber that passes or agrees in these words changes the text."""
    sentence = re.sub(r"\([^)]*\)", "", wording)
    if AMENDED.search(UNAMENDED.sub("", sentence)):
        return True
    return (
        meaning == PASSAGE
        and not UNAMENDED.search(sentence)
        and SUBSTITUTED.search(wording) is not None
    )
