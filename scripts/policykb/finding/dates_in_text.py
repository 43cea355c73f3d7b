"""Dates in running text as spans of days, relative ones read from the day of the document."""

import calendar
import datetime
import re
from collections.abc import Callable
from typing import NamedTuple

from policykb.finding.strings import lower
from policykb.model import dates


class DaySpan(NamedTuple):
    """Days that a text names: the first and the last as ordinals, and where the words begin."""

    first: int
    last: int
    start: int

    @property
    def days(self) -> int:
        return self.last - self.first


_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name}
_MONTHS["sept"] = 9
_WEEKDAYS = {name.lower(): number for number, name in enumerate(calendar.day_name)}
_SEASONS = {"spring": 3, "summer": 6, "fall": 9, "autumn": 9, "winter": 12}
_MONTH = rf"(?:{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\b\.?"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_MOST_AHEAD = 45  # days by which a date without a year may lie after the document
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b")
# Words that are more often something else, unless a word before them says that a month follows.
_DOUBTFUL_MONTHS = frozenset({"may", "mar", "sun", "dec", "jan", "march"})

Ordinals = tuple[int, int]


def _written_out(match: re.Match, day: datetime.date) -> Ordinals | None:
    text = _ORDINAL.sub("", match[0].replace(".", ""))
    reading = dates.understood(text)
    if not reading:
        return None
    span = dates.span(reading)
    return _ordinal(span.earliest), _ordinal(span.latest)


def _ordinal(day: str) -> int:
    return datetime.date.fromisoformat(day).toordinal()


def _without_year(match: re.Match, day: datetime.date) -> Ordinals | None:
    """Return the last such day that is not far after the document."""
    name = re.search(_MONTH, match[0])[0].strip(".")
    number = int(re.search(r"\d+", match[0])[0])
    for year in (day.year + 1, day.year, day.year - 1):
        try:
            reading = datetime.date(year, _MONTHS[name], number).toordinal()
        except ValueError:
            continue
        if reading <= day.toordinal() + _MOST_AHEAD:
            return reading, reading
    return None


def _weekday(match: re.Match, day: datetime.date) -> Ordinals | None:
    before = match["before_weekday"]
    if before in ("by", "until", "next"):
        return None  # still to come
    back = (day.weekday() - _WEEKDAYS[match["weekday"]]) % 7
    reading = day.toordinal() - (back or 7 * (before == "last"))
    return reading, reading


def _month(match: re.Match, day: datetime.date) -> Ordinals | None:
    name = match["month"].strip(".")
    if name in _DOUBTFUL_MONTHS and not match["before_month"]:
        return None
    month = _MONTHS[name]
    year = day.year if (month, 1) <= (day.month, day.day) else day.year - 1
    last = calendar.monthrange(year, month)[1]
    return tuple(datetime.date(year, month, item).toordinal() for item in (1, last))


def _season(match: re.Match, day: datetime.date) -> Ordinals | None:
    month = _SEASONS[match["season"]]
    year = day.year if (month, 1) <= (day.month, day.day) else day.year - 1
    first = datetime.date(year, month, 1).toordinal()
    return first, first + 115


def _year(match: re.Match, day: datetime.date) -> Ordinals | None:
    year = int(match["year"])
    return tuple(datetime.date(year, *item).toordinal() for item in ((1, 1), (12, 31)))


def _this_year(match: re.Match, day: datetime.date) -> Ordinals | None:
    return datetime.date(day.year, 1, 1).toordinal(), day.toordinal()


def _last_year(match: re.Match, day: datetime.date) -> Ordinals | None:
    return tuple(datetime.date(day.year - 1, *item).toordinal() for item in ((1, 1), (12, 31)))


def _this_month(match: re.Match, day: datetime.date) -> Ordinals | None:
    return day.toordinal() - day.day - 1, day.toordinal()


def _back(first: int, last: int) -> Callable[[re.Match, datetime.date], Ordinals]:
    """Return a reader of words that mean the days from `first` to `last` days before the document."""
    return lambda match, day: (day.toordinal() - first, day.toordinal() - last)


# What reads a date from its words, in lower case.
Reader = Callable[[re.Match, datetime.date], Ordinals | None]
# Name of the group, expression, reader; the first that matches at a place counts.
_FORMS: tuple[tuple[str, str, Reader], ...] = (
    (
        "written_out",
        rf"{_MONTH} {_DAY},? 20\d\d\b|\b{_DAY} {_MONTH},? 20\d\d\b|\b20\d\d-\d\d-\d\d\b|{_MONTH} 20\d\d\b",
        _written_out,
    ),
    ("without_year", rf"{_MONTH} {_DAY}\b|\b{_DAY} {_MONTH}", _without_year),
    (
        "weekdays",
        rf"(?:(?P<before_weekday>last|next|by|until) )?(?P<weekday>{'|'.join(_WEEKDAYS)})\b",
        _weekday,
    ),
    ("yesterday", r"yesterday|today|this morning|tonight", _back(1, 0)),
    (
        "this_week",
        r"(?:earlier )?this week|in recent days|(?:a few )?days ago|the past week",
        _back(8, 0),
    ),
    ("last_week", r"last week", _back(14, 1)),
    ("this_month", r"(?:earlier )?this month", _this_month),
    ("last_month", r"last month|weeks ago|recently|recent\b", _back(62, 0)),
    (
        "seasons",
        rf"(?:this|last|this past) (?P<season>{'|'.join(_SEASONS)})\b",
        _season,
    ),
    ("this_year", r"(?:earlier )?this year", _this_year),
    ("last_year", r"last year", _last_year),
    (
        "months",
        rf"(?P<before_month>(?:in|since|back in|late|early|of|from|last) )?(?P<month>{_MONTH})(?! \d)",
        _month,
    ),
    ("years", r"(?:in|of|'s|’s|the|since) (?P<year>20\d\d)\b", _year),
)
_ANY = re.compile(r"\b(?:" + "|".join(f"(?P<{name}>{form})" for name, form, _ in _FORMS) + ")")
_READERS = {name: reader for name, _, reader in _FORMS}


_HINTS = frozenset(
    [*_MONTHS, *_WEEKDAYS, *_SEASONS]
    + "yesterday today tonight morning recent recently day days week weeks month months year".split()
)


_WORD = re.compile(r"[a-z]+|(20\d\d)")
BEFORE, AFTER = 24, 16  # characters that a date has before its first hint, and after its last


def may_have_dates(words: list[str]) -> bool:
    """Return whether a text with these words, in lower case, may name days."""
    return not _HINTS.isdisjoint(words) or any(word[:2] == "20" for word in words)


def spans(text: str, day: datetime.date) -> list[DaySpan]:
    """Return the days that `text` names, for a document of the day `day`."""
    low = lower(text)
    hints = [match.span() for match in _WORD.finditer(low) if match[0] in _HINTS or match[1]]
    if not hints:
        return []
    hit = []
    # All that is read has a hint within so many characters.
    for match in _ANY.finditer(low, max(0, hints[0][0] - BEFORE), hints[-1][1] + AFTER):
        if match["month"] and not text[match.start("month")].isupper():
            continue
        try:
            reading = _READERS[match.lastgroup](match, day)
        except (ValueError, OverflowError):
            continue
        if reading:
            hit.append(DaySpan(*reading, match.start()))
    return hit
