"""Days, spans of time, numbers, places in documents, and stances in plain English. Text in, text out; knows no clock and no HTML."""

import datetime
import re
from functools import lru_cache

from policykb.model import dates
from policykb.model.vocabulary import ARGUMENT_RELATIONS, EVENT_TYPES, STANCES

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
MARKS = {"": "", "approximate": ", approximately", "uncertain": ", uncertain"}

# Shapes that tell stances apart without colour.
STANCE_GLYPHS = {term.id: term.glyph for term in STANCES}
STANCE_HEADINGS = {term.id: term.heading for term in STANCES}
# How an argument stands to another, read from the one that is talked about.
ANSWER_WORDS = {term.id: term.passive for term in ARGUMENT_RELATIONS}
# What a relation may be about in an argument, beside a premise by its number.
BEARINGS = {term.id: term.bearing for term in ARGUMENT_RELATIONS}
TARGETS = {"conclusion": "the conclusion", "step": "the step to the conclusion"}

# Kinds of events that are still to come, in the present.
AHEAD = {kind.id: kind.upcoming for kind in EVENT_TYPES if kind.upcoming}


@lru_cache(maxsize=8192)
def date(text: str | None, short: bool = False) -> str:
    """A partial date in words: '30 June 2026', 'June 2026, approximately'; '' for none, the text itself if it is no date."""
    if not text:
        return ""
    try:
        span = dates.span(text)
    except ValueError:
        return text
    year, month, day = span.earliest.split("-")
    name = MONTHS[int(month) - 1]
    said = {
        "day": f"{int(day)} {name[:3] if short else name} {year}",
        "month": f"{name[:3] if short else name} {year}",
        "year": year,
    }[span.precision]
    return said + MARKS[span.qualifier]


def on_date(text: str | None) -> str:
    """A partial date after a verb: 'on 30 June 2026', 'in June 2026, approximately'."""
    if not text:
        return ""
    return ("on " if re.match(r"\d{4}-\d{2}-\d{2}", text) else "in ") + date(text)


def duration(start: str, end: str) -> str:
    """The time from one ISO day to another in words, in whole days up to 90 and then in months or years."""
    first, last = datetime.date.fromisoformat(start), datetime.date.fromisoformat(end)
    days = (last - first).days
    months = (last.year - first.year) * 12 + last.month - first.month - (last.day < first.day)
    if days <= 90:
        return plural(days, "day")
    if months < 24:
        return plural(months, "month")
    return plural(months // 12, "year")


def plural(number: int, one: str, many: str | None = None) -> str:
    """'1 argument', '2 arguments', '1,204 countries'."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def voices(documents: int, speakers: int, inherited: int = 0) -> str:
    """Return how many make some arguments: 'in 1 document by 2 speakers', and how many stances are not counted because they are inherited."""
    said = f"in {plural(documents, 'document')} by {plural(speakers, 'speaker')}"
    apart = f"{inherited} more from the thesis of a text alone" if inherited else ""
    return "; ".join(part for part in (said if documents else "", apart) if part)


def target(text: str | None, relation: str) -> str:
    """Return what a relation is about in the other argument, in words: 'against premise 2'; '' if the record does not say."""
    if not text:
        return ""
    return f"{BEARINGS.get(relation, 'against')} {TARGETS.get(text, text)}"


def locator(text: str | None) -> str:
    """A locator for reading: 'paragraph 18' -> '¶ 18', 'section 3(c)' -> '§ 3(c)', others as they are."""
    return re.sub(r"^section (?=\d)", "§ ", re.sub(r"^paragraph (?=\d)", "¶ ", text or ""))


def credit(row: dict) -> str:
    """Who stands behind a document, in as few words as can be had: its authors, else where it appeared, else its title."""
    return row.get("authors") or row.get("container") or row.get("publisher") or row["title"]


def imprint(row: dict) -> str:
    """By whom, where and when a document appeared, in one line."""
    return ", ".join(
        filter(None, (row["authors"], row["container"] or row["publisher"], date(row["issued"])))
    )


# Scripts that set no spaces between words: Chinese, Japanese and, as its words take endings, Korean.
_CHARACTERS = re.compile(
    "([\u3005\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff])"
)


def apart(text: str) -> str:
    """Return `text` with the characters of scripts without spaces set apart, so that each is a word for the full-text index."""
    if not _CHARACTERS.search(text):
        return text
    return " ".join(" ".join(_CHARACTERS.split(text)).split())


def characters(text: str) -> str:
    """Return the runs of `text` that have characters of scripts without spaces, set apart; '' if it has none."""
    if text.isascii():
        return ""
    runs = [run for run in text.split() if not run.isascii() and _CHARACTERS.search(run)]
    return apart(" ".join(runs))
