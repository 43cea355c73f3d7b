"""Partial dates (a year, a month or a day, maybe approximate or uncertain), and dates as people type them.

A partial date is the text `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, with an optional `~` (approximate) or `?`
(uncertain) at its end, as in the Extended Date/Time Format of ISO 8601-2. Records store it as written; its
first and last possible day are derived. Only `today` reads the clock.
"""

import calendar
import contextlib
import datetime
import os
import re
from collections.abc import Iterator
from contextvars import ContextVar
from functools import lru_cache
from typing import NamedTuple

FORM = r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?([~?])?"
_FORM = re.compile(FORM, re.ASCII)


class Span(NamedTuple):
    """The days that a partial date may mean, as ISO text, and how exact it is.

    `precision` is 'year', 'month' or 'day'; `qualifier` is '', 'approximate' or 'uncertain'.
    """

    earliest: str
    latest: str
    precision: str
    qualifier: str


@lru_cache(maxsize=65536)
def span(text: str) -> Span:
    """Return the days that the partial date `text` may mean.

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
    """Return whether `text` is a day that exists: YYYY-MM-DD without a qualifier."""
    try:
        value = span(text)
    except (ValueError, TypeError):
        return False
    return value.precision == "day" and not value.qualifier


# `policykb serve --today` sets it for the service, which is a process of its own.
TODAY_VARIABLE = "POLICYKB_TODAY"
_TODAY: ContextVar[str | None] = ContextVar("today", default=None)


def today() -> datetime.date:
    """Return the day set by `taken_as_today`, else by the environment variable TODAY_VARIABLE, else the current day in UTC."""
    if day := _TODAY.get() or os.environ.get(TODAY_VARIABLE):
        return datetime.date.fromisoformat(day)
    return datetime.datetime.now(datetime.UTC).date()


def in_days(day: str, days: int) -> str:
    """Return the ISO day that is some days after an ISO day, or before it; the first or last that ISO can write at most."""
    number = datetime.date.fromisoformat(day).toordinal() + days
    return datetime.date.fromordinal(min(max(number, 1), datetime.date.max.toordinal())).isoformat()


def away(text: str, today: str, ahead: bool) -> str | None:
    """Return the ISO day that '30 days' or '4 weeks' are before the ISO day `today`, or after it if `ahead`.

    'in 30 days' and '30 days ago' say it themselves. Returns None for any other text.
    """
    match = re.fullmatch(r"(in )?(\d{1,5}) ?(day|week)s?( ago)?", text.strip().casefold())
    if not match or (match[1] and match[4]):
        return None
    days = int(match[2]) * (7 if match[3] == "week" else 1)
    return in_days(today, days if match[1] or (ahead and not match[4]) else -days)


@contextlib.contextmanager
def taken_as_today(day: str) -> Iterator[None]:
    """Use the ISO day `day` as today inside the block, so that the same content gives the same pages on any day."""
    before = _TODAY.set(day)
    try:
        yield
    finally:
        _TODAY.reset(before)


def understood(text: str, today: datetime.date | None = None) -> str | None:
    """Return the partial date that `text` means, or None unless `readings` gives exactly one."""
    matches = readings(text, today)
    return matches[0] if len(matches) == 1 else None


def day_meant(text: str) -> str:
    """Return the whole day that `text` means, or '' unless it is exactly one: '3 June 2026' is, 'June 2026' is not."""
    near = understood(text) or ""
    return near if is_day(near) else ""


def readings(text: str, today: datetime.date | None = None, past: bool = False) -> list[str]:
    """Return every partial date that `text` may mean, the likeliest first; [] if it is not a date.

    Use it for what people type; `span` reads the dates of records. It reads ISO and English forms. 02/03/2026 has two
    readings, and so has a day without a year: the last such day up to `today` and the next one, or only the last if the
    date lies in the `past`. Words such as "last Friday" need `today`. A missing part is never filled in.
    """
    text = " ".join(str(text).split())[:100].casefold().strip(" .,")
    if match := re.fullmatch(r"(?:circa|about|around|approximately|roughly|ca?\.?) (.+)", text):
        return [
            reading if reading[-1] in "~?" else reading + "~"
            for reading in readings(match[1], today, past)
        ]
    if re.fullmatch(r"\d{4}(-\d{1,2}|([-/.])\d{1,2}\2\d{1,2})?[~?]?", text):
        return _existing(
            "-".join(part.zfill(2) for part in re.findall(r"\d+", text))
            + re.sub(r"[^~?]", "", text)
        )
    if re.fullmatch(r"\d{8}", text):
        return _existing(f"{text[:4]}-{text[4:6]}-{text[6:]}")
    for form, read in _FORMS:
        if match := form.fullmatch(text):
            try:
                return read(match, today, past) if today or match.groupdict().get("year") else []
            except (ValueError, OverflowError):  # before the year 1 or after 9999
                return []
    return _read_by_dateutil(text, today, past)


def ambiguity(text: str, matches: list[str]) -> str:
    """Return the message for a text that has several `readings`, the `matches`."""
    choices = " or ".join(f"{match} ({described(match)})" for match in matches)
    return f"'{text}' can be {choices}; write the one that is meant"


def described(text: str) -> str:
    """Return a partial date in words, with its precision: 'Friday 5 June 2026', 'June 2026 (day not given)', 'about 2026 (...)'."""
    earliest, _, precision, qualifier = span(text)
    day = datetime.date.fromisoformat(earliest)
    words, missing = {
        "day": (f"{day:%A} {day.day} {day:%B} {day.year:04d}", ""),
        "month": (f"{day:%B} {day.year:04d}", "day not given"),
        "year": (f"{day.year:04d}", "month not given"),
    }[precision]
    notes = ", ".join(filter(None, (missing, qualifier)))
    about = "about " if qualifier == "approximate" else ""
    return f"{about}{words} ({notes})" if notes else f"{about}{words}"


def _existing(text: str) -> list[str]:
    try:
        span(text)
    except ValueError:
        return []
    return [text]


def _read_by_dateutil(text: str, today: datetime.date | None, past: bool) -> list[str]:
    """Return the dates that dateutil reads in any order of the parts."""
    day, weekday = _without_weekday(text)
    if not day:
        return []
    # Day, month or year first: 02/03/2026 and 02/03/04 are ambiguous. A year of four digits that comes first is not.
    orders = [{}] if re.match(r"\d{4}\D", day) else [{"dayfirst": True}, {}, {"yearfirst": True}]
    dates = dict.fromkeys(date for order in orders for date in _in_order(day, order, today, past))
    matches = [date for date in dates if _falls_on(date, weekday)]
    # A year of two digits leaves the century open: a person must choose.
    return [] if len(matches) == 1 and _has_short_year(day) else matches


def _in_order(
    day: str, order: dict[str, bool], today: datetime.date | None, past: bool
) -> list[str]:
    """Return the dates that dateutil reads in one order of the parts; three defaults show which parts `day` has."""
    from dateutil import parser

    defaults = (datetime.datetime(*day) for day in ((1904, 1, 1), (1908, 2, 2), (1904, 3, 3)))
    try:
        first, second, third = (
            parser.parse(day, default=default, ignoretz=True, **order) for default in defaults
        )
    except (ValueError, ArithmeticError, TypeError):
        return []
    has_year = first.year == second.year
    if first.month != second.month and first.month != third.month:
        return [f"{first.year:04d}"] if has_year else []
    part = f"{first:%m}" if first.day != second.day else f"{first:%m-%d}"
    return [f"{first.year:04d}-{part}"] if has_year else _without_year(part, today, past)


def _has_short_year(text: str) -> bool:
    numbers = re.findall(r"\d+", text)
    return len(numbers) > 1 and not any(len(number) == 4 for number in numbers)


def _without_weekday(text: str) -> tuple[str, str]:
    """Return `text` without its weekday and time of day, and the weekday; ('', '') unless it has the parts of a single date.

    A range has more parts, or joins its numbers ("2-5 June"). A sign, an apostrophe or any other mark means
    something that a partial date cannot say.
    """
    text = re.sub(_CLOCK, "", text)
    weekday = re.search(rf"\b({_DAY_WORDS})\b", text)
    text = re.sub(rf"\b(?:on )?({_DAY_WORDS})\b[,.]?", "", text, count=1).strip(" ,")
    numbers = re.findall(r"\d+", text)
    if any(len(number) not in (1, 2, 4) for number in numbers):
        return "", ""
    form = _WRITTEN if re.search(r"[a-z]", text) else _NUMERIC
    text = text.removeprefix("the ")
    return (text, weekday[1] if weekday else "") if form.fullmatch(text) else ("", "")


def _falls_on(text: str, weekday: str) -> bool:
    """Return whether the partial date `text` can be on `weekday`, a day's name or its first letters; '' fits all."""
    value = span(text)
    if not weekday:
        return True
    day = datetime.date.fromisoformat(value.earliest)
    return value.precision == "day" and _WEEKDAYS[day.weekday()].startswith(weekday[:3])


def _without_year(part: str, today: datetime.date | None, past: bool) -> list[str]:
    """Return `part` (MM or MM-DD) in the last year in which it began by `today`, and in the next year unless it lies in the `past`."""
    if today is None:
        return []
    years = range(today.year - 4, today.year + 5)  # far enough for February 29
    days = [text for year in years for text in _existing(f"{year:04d}-{part}")]
    before = [text for text in days if span(text).earliest <= today.isoformat()]
    return before[-1:] if past else before[-1:] + days[len(before) :][:1]


_WORDS = "zero one two three four five six seven eight nine ten eleven twelve".split()
_NUMBERS = {word: number for number, word in enumerate(_WORDS)} | {"a": 1, "an": 1}
_WEEKDAYS = [day.casefold() for day in calendar.day_name]
_MONTHS = f"(?:{'|'.join(name[:3].casefold() for name in calendar.month_name[1:])})"
_DAY_WORDS = "|".join(f"{day}|{day[:3]}" for day in _WEEKDAYS)
_CLOCK = (
    r"(?:,? at |,? |t)\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[ap]\.?m\.?)?"
    r"(?: ?(?:z|utc|gmt|[+-]\d{2}:?\d{2}))?$"
)
# A date with the month as a word: day and year before or after it, each at most once.
_MONTH_WORD = rf"{_MONTHS}[a-z]*\.?"
_ORDINAL = r"\d{1,2}(?:st|nd|rd|th)?"
_WRITTEN = re.compile(
    rf"{_ORDINAL}(?: of|\.)?[ -]?{_MONTH_WORD}(?:,? |-)?(?:\d{{4}}|\d{{2}})?"
    rf"|{_MONTH_WORD}(?: (?:the )?{_ORDINAL})?(?:(?:,| of)? ?\d{{4}})?"
    rf"|\d{{4}}[ ,-]?{_MONTH_WORD}(?:[ -]{_ORDINAL})?"
)
_NUMERIC = re.compile(
    r"\d{1,2}([-/. ])\d{1,2}\1(?:\d{4}|\d{2})|\d{1,2}[/.-]\d{4}|\d{4}([-/. ])\d{1,2}\2\d{1,2}"
)
_PLACES = dict.fromkeys(("early", "start", "beginning"), "first")
_PLACES |= dict.fromkeys(("mid", "middle"), "middle") | dict.fromkeys(("late", "end"), "last")


def _day(match: re.Match, today: datetime.date, past: bool) -> list[str]:
    """Return today, yesterday and the like."""
    away = {"today": 0, "yesterday": -1, "tomorrow": 1}.get(match["word"], -2)
    return [(today + datetime.timedelta(away)).isoformat()]


def _away(match: re.Match, today: datetime.date, past: bool) -> list[str]:
    """Return the date a number of days, weeks, months or years ago or ahead, as precise as the unit."""
    from dateutil.relativedelta import relativedelta

    number, unit = match["number"], match["unit"]
    count = (int(number) if number.isdigit() else _NUMBERS[number]) * (-1 if match["ago"] else 1)
    step = {"weeks": 2 * count} if unit == "fortnight" else {f"{unit}s": count}
    date = (today + relativedelta(**step)).isoformat()
    return _existing(date[: {"month": 7, "year": 4}.get(unit, 10)])


def _weekday(match: re.Match, today: datetime.date, past: bool) -> list[str]:
    """Return last, this or next Friday; without such a word, the last Friday up to today and the next one."""
    names = [day[:3] for day in _WEEKDAYS]
    ahead = names.index(match["weekday"][:3]) - today.weekday()
    last, following = ahead % 7 - 7, ahead % 7 or 7
    days = {"last": [last], "past": [last], "next": [following], "this": [ahead]}
    days = days.get(match["which"], [-(-ahead % 7), following])
    return [(today + datetime.timedelta(away)).isoformat() for away in days[: 1 if past else None]]


def _period(match: re.Match, today: datetime.date, past: bool) -> list[str]:
    """Return last, this or next month, quarter or year. A week cannot be written as a partial date."""
    from dateutil.relativedelta import relativedelta

    step = {"last": -1, "past": -1, "this": 0, "next": 1}[match["which"]]
    if match["unit"] == "quarter":
        date = today + relativedelta(months=3 * step)
        return _quarter_of(date.year, (date.month + 2) // 3)
    date = today + relativedelta(**{match["unit"] + "s": step})
    return [date.isoformat()[: 7 if match["unit"] == "month" else 4]]


def _quarter(match: re.Match, today: datetime.date | None, past: bool) -> list[str]:
    name = match["quarter"]
    number = int(name[0]) if name[0].isdigit() else _QUARTERS.index(name) + 1
    return _quarter_of(int(match["year"]) if match["year"] else today.year, number)


def _quarter_of(year: int, number: int) -> list[str]:
    """Return the middle month of a quarter, approximate, since a quarter has no form of its own."""
    return _existing(f"{year:04d}-{number * 3 - 1:02d}~")


def _part(match: re.Match, today: datetime.date | None, past: bool) -> list[str]:
    """Return the first, middle or last day of a month, or month of a year, approximate."""
    place = _PLACES[match["place"]]
    if not match["month"]:
        month = {"first": "01", "middle": "06", "last": "12"}[place]
        return _existing(f"{match['year']}-{month}~")
    text = " ".join(filter(None, (match["month"], match["year"])))
    months = [
        span(month)
        for month in _read_by_dateutil(text, today, past)
        if len(month) == len("2026-06")
    ]
    if place == "middle":
        return [f"{month.earliest[:8]}15~" for month in months]
    return [f"{month.earliest if place == 'first' else month.latest}~" for month in months]


_QUARTERS = ["first", "second", "third", "fourth"]
_SPAN = rf"(?P<number>\d{{1,4}}|{'|'.join(_NUMBERS)}) (?P<unit>day|week|fortnight|month|year)s?"
_YEAR = r"(?P<year>\d{4})"
_FORMS = tuple(
    (re.compile(form, re.ASCII), read)
    for form, read in (
        (r"(?P<word>today|yesterday|tomorrow|(?:the )?day before yesterday)", _day),
        (rf"{_SPAN} (?P<ago>ago)", _away),
        (rf"in {_SPAN}(?P<ago>)", _away),
        (rf"(?:on )?(?:(?P<which>last|past|this|next) )?(?P<weekday>{_DAY_WORDS})", _weekday),
        (r"(?P<which>last|past|this|next) (?P<unit>month|quarter|year)", _period),
        (rf"q(?P<quarter>[1-4])(?:[ /-]?{_YEAR})?", _quarter),
        (
            rf"(?:the )?(?P<quarter>{'|'.join(_QUARTERS)}|1st|2nd|3rd|4th) quarter(?:(?: of)? {_YEAR})?",
            _quarter,
        ),
        (
            rf"(?:the )?(?P<place>{'|'.join(_PLACES)})(?:[ -]of)?[ -](?:(?P<month>{_MONTH_WORD}),?)? ?{_YEAR}?",
            _part,
        ),
    )
)
