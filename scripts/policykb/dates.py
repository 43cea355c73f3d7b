"""Partial dates (a year, a month or a day, maybe approximate or uncertain) and reading what people type.

A partial date is the text `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, with an optional `~` (approximate) or `?`
(uncertain) at its end, as in the Extended Date/Time Format of ISO 8601-2. It is kept as written; its first
and last possible day are derived. The clock is read in `today` and nowhere else.
"""

import calendar
import datetime
import re
from functools import lru_cache
from typing import NamedTuple

FORM = r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?([~?])?"
_FORM = re.compile(FORM, re.ASCII)


class Span(NamedTuple):
    """The days a partial date may mean, as ISO text, and how it was given.

    `precision` is 'year', 'month' or 'day'; `qualifier` is '', 'approximate' or 'uncertain'.
    """

    earliest: str
    latest: str
    precision: str
    qualifier: str


@lru_cache(maxsize=65536)
def span(text: str) -> Span:
    """The days that the partial date `text` may mean.

    :raises ValueError: if `text` is not a partial date or names a day that does not exist.
    """
    match = _FORM.fullmatch(text)
    if not match:
        raise ValueError("not a date here")
    year, month, day, mark = match.groups()
    qualifier = {"~": "approximate", "?": "uncertain", None: ""}[mark]
    if day:
        exact = datetime.date(int(year), int(month), int(day)).isoformat()
        return Span(exact, exact, "day", qualifier)
    if month:
        first = datetime.date(int(year), int(month), 1)
        last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
        return Span(first.isoformat(), last.isoformat(), "month", qualifier)
    return Span(datetime.date(int(year), 1, 1).isoformat(), f"{year}-12-31", "year", qualifier)


def is_day(text: object) -> bool:
    """Whether `text` is a full, plain day: YYYY-MM-DD without a qualifier, and one that exists."""
    try:
        found = span(text)
    except (ValueError, TypeError):
        return False
    return found.precision == "day" and not found.qualifier


def today() -> datetime.date:
    """The current day, in UTC."""
    return datetime.datetime.now(datetime.UTC).date()


def understood(text: str) -> str | None:
    """The partial date that a person most likely means by `text`, or None.

    Reads English and ISO forms with dateutil, twice with different defaults, so that a part that was not
    given is left out instead of being filled from today's date. For suggestions and for contributors who
    type; records are read by `span`.
    """
    from dateutil import parser

    text = " ".join(str(text).split())[:100]
    if re.fullmatch(r"\d{4}([-/.]\d{1,2}){0,2}[~?]?", text):
        parts = re.findall(r"\d+", text)
        text, mark = "-".join(part.zfill(2) for part in parts), re.sub(r"[^~?]", "", text)
        try:
            span(text)
            return text + mark
        except ValueError:
            return None
    try:
        first, second = (
            parser.parse(text, default=datetime.datetime(year, month, day))
            for year, month, day in ((1904, 1, 1), (1908, 2, 2))
        )
    except (ValueError, ArithmeticError, TypeError):
        return None
    if first.year != second.year:
        return None
    if first.month != second.month:
        return f"{first.year:04d}"
    if first.day != second.day:
        return f"{first.year:04d}-{first.month:02d}"
    return first.date().isoformat()
