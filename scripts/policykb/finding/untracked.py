"""Acts that a text names or numbers and that no record has, with the command that would track each."""

import re
import shlex
from collections.abc import Iterator, Sequence
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


def named(paragraph: str, text: str, used: Sequence[tuple[int, int]]) -> Iterator[Untracked]:
    """Yield the untracked acts that a paragraph names outside the spans `taken`, which tracked actions have."""
    for match in _ACT.finditer(text) if any(kind in text for kind in _WORDS["kinds"]) else ():
        name = _without_first(match[0])
        parts = name.split()
        if (
            len(parts) < 2
            or all(part in _GENERAL for part in parts)
            or _BEHIND.match(text, match.end())
        ):
            continue
        if _free(match, used):
            yield Untracked(paragraph, name, False, 0.8 if len(parts) > 2 else 0.6, _command(name))
    for match in _SHORT.finditer(text):
        if _free(match, used):
            yield Untracked(paragraph, match[0], False, 0.7, _command(match[0]))


def _free(match: re.Match, used: Sequence[tuple[int, int]]) -> bool:
    return all(match.end() <= start or end <= match.start() for start, end in used)


def _without_first(name: str) -> str:
    """Return a name without the words before it that only begin a sentence."""
    parts = name.split()
    while parts and parts[0].capitalize() in _FIRST:
        parts.pop(0)
    return " ".join(parts)


def _command(name: str) -> str:
    return f"policykb new action --title {shlex.quote(name)}"
