"""Acts that a text names or numbers and that no record has, with the command that would track each."""

import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from policykb.finding.numbers import NumberMatch
from policykb.model.vocabulary.terms import tables

_WORDS = tables(Path(__file__).parent / "data" / "act_words.toml")
_CAPITAL = r"(?:[A-Z][\w’'&-]*|A\.I\.)"
_JOINING = r"(?:,? (?:and|of|on|for|the|to|in|by|from|with|against|over)(?: the)?)?"
_ACT = re.compile(
    rf"\b{_CAPITAL}(?:{_JOINING} {_CAPITAL}){{0,15}}?,? (?:{'|'.join(_WORDS['kinds'])})\b"
    rf"(?! (?:[A-Z]\S* ){{0,3}}(?:{'|'.join(_WORDS['kinds'])})\b)(?: of (?:19|20)\d\d)?"
)
_SHORT = re.compile(rf"\b(?:{'|'.join(_WORDS['short_names'])})\b")
_SHORT_HINTS = [re.match(r"\w+", name)[0] for name in _WORDS["short_names"]]
_FIRST = frozenset(_WORDS["first"])  # with a capital, though joining words may be between
_GENERAL = frozenset(_WORDS["general"])
_BEHIND = re.compile(rf"\s+(?:{'|'.join(_WORDS['behind'])})\b")


class Untracked(NamedTuple):
    """An act that is not tracked: the paragraph, its name or number, whether it is a number, how sure, and the command that tracks it."""

    paragraph: str
    name: str
    is_number: bool
    score: float
    command: str


def of_number(paragraph: str, match: NumberMatch) -> Untracked:
    """Return the untracked act of a number."""
    return Untracked(paragraph, match.shown, True, 0.9, _command(match.shown))


def named(
    text: str, occupied: bytearray, paragraph_at: Callable[[int], tuple[str, int, int]]
) -> Iterator[tuple[int, Untracked]]:
    """Yield the acts that a text names outside the places of tracked actions, where `occupied` has a 1, each with its place.

    `paragraph_at` returns the label, start and end of the paragraph at a place.
    """
    places = sorted(match.start() for kind in _WORDS["kinds"] for match in re.finditer(kind, text))
    for label, start, end in dict.fromkeys(map(paragraph_at, places)):
        for match in _ACT.finditer(text, start, end):
            name = _without_first(match[0])
            parts = name.split()
            general = len(parts) < 2 or all(part in _GENERAL for part in parts)
            if not general and not _BEHIND.match(text, match.end(), end) and _free(match, occupied):
                score = 0.8 if len(parts) > 2 else 0.6
                yield match.end() - len(name), Untracked(label, name, False, score, _command(name))
    for match in _SHORT.finditer(text) if any(hint in text for hint in _SHORT_HINTS) else ():
        if _free(match, occupied):
            label = paragraph_at(match.start())[0]
            yield match.start(), Untracked(label, match[0], False, 0.7, _command(match[0]))


def _free(match: re.Match, occupied: bytearray) -> bool:
    return occupied.find(1, *match.span()) < 0


def _without_first(name: str) -> str:
    """Return a name without the words before it that only begin a sentence."""
    parts = name.split()
    while parts and parts[0].capitalize() in _FIRST:
        parts.pop(0)
    return " ".join(parts)


def _command(name: str) -> str:
    return f"policykb new action --title {shlex.quote(name)}"
