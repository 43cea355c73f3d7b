"""Days, durations, numbers, locators and stances in plain English. Text in, text out; knows no clock and no HTML."""

import calendar
import datetime
import re
import unicodedata
from functools import lru_cache

import pydantic_core

from policykb.model import dates
from policykb.model.vocabulary import ARGUMENT_RELATIONS, EVENT_TYPES, STANCES, folded

MONTHS = tuple(calendar.month_name[1:])
MARKS = {"": "", "approximate": ", approximately", "uncertain": ", uncertain"}

# Shapes that distinguish stances without color.
STANCE_GLYPHS = {term.id: term.glyph for term in STANCES}
STANCE_HEADINGS = {term.id: term.heading for term in STANCES}
# The relation of an argument to another, read from the other argument: 'rebutted by'.
ANSWER_WORDS = {term.id: term.passive for term in ARGUMENT_RELATIONS}
BEARINGS = {term.id: term.bearing for term in ARGUMENT_RELATIONS}
# What a relation may address in the other argument, in addition to a premise by its number.
TARGETS = {"conclusion": "the conclusion", "step": "the step to the conclusion"}

# Types of events in the middle of a sentence, and those that lie ahead, in the present tense.
EVENT_WORDS = {kind.id: kind.label.lower() for kind in EVENT_TYPES}
AHEAD = {kind.id: kind.upcoming for kind in EVENT_TYPES if kind.upcoming}


def capitalized(text: str) -> str:
    """Return `text` with a capital as its first letter."""
    return text[:1].upper() + text[1:]


def lowered(text: str) -> str:
    """Return `text` with a small letter as its first letter."""
    return text[:1].lower() + text[1:]


def cut(text: str, most: int) -> str:
    """Return `text`, or the words of it that fit into `most` characters with `…`."""
    if len(text) <= most:
        return text
    return text[: most - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


def json_text(value: object) -> str:
    """Return plain data as JSON with an indent of one, as `json.dumps` would write it at a sixth of the speed."""
    return pydantic_core.to_json(value, indent=1).decode() + "\n"


@lru_cache(maxsize=8192)
def date(text: str | None, short: bool = False) -> str:
    """Return a partial date in words: '30 June 2026', 'June 2026, approximately'; `text` itself if it is not a date."""
    if not text:
        return ""
    try:
        span = dates.span(text)
    except ValueError:
        return str(text)  # not markup, which the cache would give for equal text too
    year, month, day = span.earliest.split("-")
    name = MONTHS[int(month) - 1][: 3 if short else None]
    words = {"day": f"{int(day)} {name} {year}", "month": f"{name} {year}", "year": year}
    return words[span.precision] + MARKS[span.qualifier]


def on_date(text: str | None) -> str:
    """Return a partial date as it follows a verb: 'on 30 June 2026', 'in June 2026, approximately'."""
    if not text:
        return ""
    return ("on " if re.match(r"\d{4}-\d{2}-\d{2}", text) else "in ") + date(text)


def duration(start: str, end: str) -> str:
    """Return the time between two ISO days in words: in days up to 90, then in whole months or years."""
    first, last = datetime.date.fromisoformat(start), datetime.date.fromisoformat(end)
    days = (last - first).days
    months = (last.year - first.year) * 12 + last.month - first.month - (last.day < first.day)
    if days <= 90:
        return plural(days, "day")
    if months < 24:
        return plural(months, "month")
    return plural(months // 12, "year")


def plural(number: int, noun: str, nouns: str = "") -> str:
    """Return a number with its noun: '1 argument', '2 arguments', '1,204 countries'."""
    return f"{number:,} {noun if number == 1 else nouns or noun + 's'}"


def with_article(noun: str) -> str:
    """Return a noun with its article: 'an action', 'a document'."""
    return f"an {noun}" if noun[0] in "aeio" else f"a {noun}"


def voices(documents: int, speakers: int, inherited: int = 0) -> str:
    """Return who makes some arguments: 'in 1 document by 2 speakers', and how many inherited stances are not counted."""
    own = f"in {plural(documents, 'document')} by {plural(speakers, 'speaker')}"
    others = f"{inherited} more from the thesis of a text alone"
    if not inherited:
        return own if documents else ""
    return f"{own}; {others}" if documents else others


def target(text: str | None, relation: str) -> str:
    """Return the target of a relation in the other argument, in words: 'against premise 2'; '' if the record does not say."""
    if not text:
        return ""
    return f"{BEARINGS.get(relation, 'against')} {TARGETS.get(text, text)}"


def locator(text: str | None) -> str:
    """Return a locator for readers: 'paragraph 18' -> '¶ 18', 'section 3(c)' -> '§ 3(c)', others as they are."""
    return re.sub(r"^section (?=\d)", "§ ", re.sub(r"^paragraph (?=\d)", "¶ ", text or ""))


def credit(row: dict) -> str:
    """Return the shortest credit of a document: its authors, else the container or publisher, else the title."""
    return row.get("authors") or row.get("container") or row.get("publisher") or row["title"]


def imprint(row: dict) -> str:
    """Return the authors, container or publisher, and date of a document on one line."""
    parts = (row["authors"], row["container"] or row["publisher"], date(row["issued"]))
    return ", ".join(filter(None, parts))


# The end of a sentence, but not the dot of an abbreviation.
SENTENCE_END = re.compile(
    r"(?<!\bCorp)(?<!\bInc)(?<!\bLtd)(?<!\bCo)(?<!\bNo)(?<!\bMr)(?<!\bDr)(?<!\bv)(?<!\bart)(?<=\w)[.;] "
)


@lru_cache(maxsize=4096)
def first_sentence(text: str) -> str:
    """Return the first sentence of a text, without its full stop."""
    return SENTENCE_END.split(" ".join(text.split()), maxsplit=1)[0].removesuffix(".")


# Scripts without spaces between words: Chinese, Japanese and, since its words take endings, Korean.
CHARACTERS = "([\u3005\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff])"
_CHARACTERS = re.compile(CHARACTERS)


def apart(text: str) -> str:
    """Return `text` with spaces around each character of scripts without spaces, so that the full-text index has it as a word."""
    if not _CHARACTERS.search(text):
        return text
    return " ".join(" ".join(_CHARACTERS.split(text)).split())


def characters(text: str) -> str:
    """Return the words of `text` that have characters of scripts without spaces, in the form of `apart`; '' if it has none."""
    if text.isascii() or not _CHARACTERS.search(text):
        return ""
    runs = [run for run in text.split() if not run.isascii() and _CHARACTERS.search(run)]
    return apart(" ".join(runs))


# Words with two spellings: their start, what is British, what is American, and their end, as patterns.
SPELLINGS = (
    ("licen|defen|offen|preten|practi", "c", "s", "es?|ed|ing"),
    (r"[a-z]{3,}i|analy|cataly|paraly", "s", "z", "es?|ed|ers?|ing|ations?"),
    ("lab|behavi|col|fav|harb|hon|neighb|endeav", "our", "or", r"[a-z]*"),
    ("progra", "mme", "m", "s?"),
    ("cent|fib|theat|met", "re", "er", "s?"),
)


def spellings(word: str) -> list[str]:
    """Return a word, and behind it the same word in American or British spelling if it is written differently there."""
    for start, british, american, end in SPELLINGS:
        if match := re.fullmatch(f"({start})({british}|{american})({end})", word, re.IGNORECASE):
            middle = american if match[2].lower() == british else british
            return [word, match[1] + middle + match[3]]
    return [word]


LONGEST_KEY = 100  # of a name; longer names are the same if they begin alike
_NUMBER_WORD = re.compile(r"\b(?:no|nr|number)\b[.:]*\s*(?=\d)", re.IGNORECASE)


def name_key(text: str) -> str:
    """Return a name in the form for lookups: letters and digits in lower case, without accents and 'No.' before a number."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text)
    return folded(_NUMBER_WORD.sub("", text))[:LONGEST_KEY]
