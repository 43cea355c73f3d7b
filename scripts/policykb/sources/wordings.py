"""The meanings of official wordings of actions on bills, from the tables of `bill_wordings.toml`.

A meaning is a type of event, a step of the chambers (the constants below), or '' for an action without effect.
"""

import re
from pathlib import Path
from typing import Any, NamedTuple

from policykb.model.vocabulary.terms import tables

# Steps of a chamber. Their types of event depend on the measure and on earlier steps of the other chamber.
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
    """A wording and its meaning. `chamber` is who acts, if the wording shows it; a group `chamber` takes precedence."""

    pattern: re.Pattern
    meaning: str
    chamber: str = ""


def table(name: str) -> dict[str, Any]:
    """Return the content of `name`.toml beside this module."""
    return tables(Path(__file__).with_name(f"{name}.toml"))


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

# With these words a chamber changes the text to which it agrees, and the other chamber must agree again.
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
# The number of a vote: two actions on a day with the same number are repeats.
VOTE = re.compile(r"\b(?:Roll no\.|Record Vote (?:Number|No\.?):?) *(\d+)", re.IGNORECASE)

# A chamber that a wording of a state names where the feed does not say who acts.
NAMED = re.compile(r"\b(?:in|by|passed) (?:the )?(House|Senate|Assembly)\b", re.IGNORECASE)


def congress(wording: str, chamber: str, code: str = "") -> tuple[str | None, str]:
    """Return the meaning of an action of Congress (None: unknown), and the chamber in its wording, or else `chamber`."""
    for text in dict.fromkeys((REPEATED.sub("", wording), wording)):
        meaning, actor = _read(CONGRESS, text)
        if meaning is not None:
            return meaning, actor or chamber
    return CODES.get(code), chamber


def state(wording: str, place: str, chamber: str) -> tuple[str | None, str]:
    """Return the meaning of an action of the legislature of `place` ('US-AK'; None: unknown), and the chamber that acts.

    The chamber is that of a known wording, or else `chamber`, or else a chamber that the wording names.
    """
    meaning, actor = _read(STATES.get(place, ()), wording)
    if meaning is None:
        meaning, actor = _read(STATES[""], wording)
    actor = actor or chamber
    if not actor and (match := NAMED.search(wording)):
        actor = match[1].title()
    return meaning, "House" if actor == "Assembly" else actor


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
    substituted = meaning == PASSAGE and not UNAMENDED.search(sentence)
    return substituted and SUBSTITUTED.search(wording) is not None
