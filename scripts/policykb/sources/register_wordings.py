"""What the Federal Register writes and what it means here: lines on the kind of action, and notes on other orders.

The tables are in `register_wordings.toml`.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from policykb.model.dates import understood
from policykb.sources.wordings import table


class Meaning(NamedTuple):
    """What the publication of a document does.

    `publication` is the type of event that it is, `effective` the type of the day on which the document is effective.
    `before` is what must have happened by then to an act that was published earlier, '' if the document is the act
    itself. `instrument` is what the act is, where the type of document does not say it.
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
# How an end is called in the note of an event.
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
    """Return what a line on the kind of action means for a document of `document_type`; None if that has no table."""
    return next(
        (meaning for form, meaning in LINES.get(document_type, ()) if form.search(line)), None
    )


def delayed_until(dates: str) -> str:
    """Return the last day until which the text on dates says that an effective date is delayed, or ''."""
    days = re.findall(rf"\b(?:delay|postpon|deferr)\w*\b.*?\b(?:until|to)\s+({_DATE})", dates)
    return _day(days[-1]) if days else ""


def named_document(text: str) -> str:
    """Return the number of another document that a text names, or ''."""
    match = re.search(r"\bFR\.? Doc\.?\s+((?:\d{4}|[A-Z]\d{1,2})-\d{1,5})\b", text)
    return match[1] if match else ""


def notes(lines: Iterable[str]) -> Iterator[Note]:
    """Yield the notes on other orders in `lines`, each once. A label holds until the next one, also over lines."""
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
    """Yield each order that stands behind one label."""
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
    return (
        f"{effect.removesuffix(' by')} in part by"
        if effect.endswith(" by")
        else f"{effect} in part"
    )


def _day(text: str) -> str:
    """Return a day such as 'January 3, 2018' as a date, or '' if there is no such day."""
    day = understood(text) or ""
    return day if len(day) == 10 else ""
