"""The meanings of wordings in the Federal Register: lines on the kind of action, and notes on other orders.

The tables are in `register_wordings.toml`.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from policykb.model.dates import understood
from policykb.sources.wordings import table


class Meaning(NamedTuple):
    """The meaning of a document.

    `publication` and `effective` are the types of event for its publication and its effective day. `before` is the type
    of an earlier event of the act, '' if the document is the act itself. `instrument` is '' if the type of document
    decides it.
    """

    publication: str
    effective: str = "took_effect"
    before: str = ""
    instrument: str = ""


_TABLES = table("register_wordings")


def _line(row: list[str]) -> tuple[re.Pattern, Meaning]:
    form = re.sub(r"\{([a-z]+)\}", lambda part: _TABLES["parts"][part[1]], row[0])
    return re.compile(form, re.IGNORECASE), Meaning(*row[1:])


# Types of documents -> (form of the line on the kind of action, what it means).
LINES = {kind: [_line(row) for row in rows] for kind, rows in _TABLES["lines"].items()}
DOCUMENT_KINDS: dict[str, dict[str, list]] = _TABLES["kinds"]
RELATIONS: dict[str, str] = _TABLES["relations"]
HAPPENED: dict[str, str] = _TABLES["happened"]
# Type of relation -> type of event at the end of the other order, and the word for its note.
ENDED = {"revokes": ("revoked", "Revoked"), "replaces": ("replaced", "Superseded")}

_ORDER = r"(?:EO|E\.O\.|Executive Order)s?\s+(?:No\.?\s+)?"
_LABEL = re.compile(r"\b([A-Z][a-z]+(?: (?:[a-z]+|In|Part|By|Also)){0,4})\s*:")
_DATE = r"[A-Z][a-z]+ \d{1,2}, \d{4}"


class Note(NamedTuple):
    """One note on another order: `effect` is its label in lower case; `number` and `day` are '' where the note has none."""

    label: str
    effect: str
    number: str
    day: str
    text: str


def meaning(document_type: str, line: str) -> Meaning | None:
    """Return the meaning of a line on the kind of action for a document of `document_type`, None if it is unknown."""
    meanings = (meaning for form, meaning in LINES.get(document_type, ()) if form.search(line))
    return next(meanings, None)


def delayed_until(dates: str) -> str:
    """Return the last day until which the text on dates delays an effective date, or ''."""
    days = re.findall(rf"\b(?:delay|postpon|deferr)\w*\b.*?\b(?:until|to)\s+({_DATE})", dates)
    return _day(days[-1]) if days else ""


def named_document(text: str) -> str:
    """Return the number of another document that a text names, or ''."""
    match = re.search(r"\bFR\.? Doc\.?\s+((?:\d{4}|[A-Z]\d{1,2})-\d{1,5})\b", text)
    return match[1] if match else ""


def notes(lines: Iterable[str]) -> Iterator[Note]:
    """Yield the notes on other orders in `lines`, each once. A label applies until the next label, even on another line."""
    label, seen = "Note", set()
    for line in lines:
        head, *rest = _LABEL.split(line)
        parts = [(label, head), *zip(rest[::2], rest[1::2], strict=True)]
        label = parts[-1][0]
        for name, text in parts:
            for note in _of_label(name, text):
                if (note.label, note.text) not in seen:
                    seen.add((note.label, note.text))
                    yield note


def _of_label(label: str, text: str) -> Iterator[Note]:
    """Yield a note for each order after a label."""
    for part in re.split(rf";|(?<=\d{{4}})[,.]?\s+(?:and\s+)?(?={_ORDER}\d)", text):
        words = part.strip(" ,.;")
        if not words:
            continue
        number = re.match(rf"{_ORDER}(\d{{4,5}})\b", words)
        when = re.search(_DATE, words)
        effect = " ".join(label.lower().split())
        if re.search(r"\bin part\b|\bpartly\b|\bpart of\b|\bsec(?:tion|\.)", words, re.IGNORECASE):
            effect = _in_part(effect)
        yield Note(label, effect, number[1] if number else "", _day(when[0]) if when else "", words)


def _in_part(effect: str) -> str:
    """Return an effect limited to a part: 'revokes in part', 'revoked in part by'."""
    if " in part" in effect:
        return effect
    if effect.endswith(" by"):
        return f"{effect.removesuffix(' by')} in part by"
    return f"{effect} in part"


def _day(text: str) -> str:
    """Return a day such as 'January 3, 2018' as a date, or '' if there is no such day."""
    day = understood(text) or ""
    return day if len(day) == 10 else ""
