"""Actions by jurisdiction under one axis, over the years that their events fall into or over the months of one year."""

import re
from itertools import pairwise
from typing import NamedTuple

from markupsafe import Markup

from policykb.model.vocabulary import IDEAS
from policykb.pictures.marks import named, patterns, short
from policykb.pictures.overview import overview, sheet
from policykb.read.debate import grouped
from policykb.read.status_line import brief_on
from policykb.site import data, params
from policykb.site.links import address
from policykb.site.pictures import forms, picture
from policykb.site.respond import page
from policykb.site.views import bars, lists

YEARS, MOST_YEARS, MOST_EVENTS = 8, 12, 30
FIRST_YEAR, LAST_YEAR = 1000, 9000
OUTSIDE = 0.02  # share of the events that a fitted window may leave out at either end
# A year has its months shown if this share of the events shown falls into it, and so many.
DENSE, DENSE_NUMBER = 0.15, 12
PNG_WIDTH = 1600


class Window(NamedTuple):
    """The time shown: zoom is year or month, the first year, how many, and those whose months are shown."""

    zoom: str
    begin: int
    length: int
    dense: tuple[int, ...] = ()

    @property
    def start(self) -> str:
        """The first day."""
        return f"{self.begin:04d}-01-01"

    @property
    def end(self) -> str:
        """The day after the last."""
        return f"{self.begin + self.length:04d}-01-01"


class Shown(NamedTuple):
    """What a request asks for, the time shown, and a page of actions with their events and periods."""

    asks: lists.Asked
    window: Window
    listed: lists.Listed


async def index(datasette, request):
    """Return the timeline.

    It takes `zoom` (year or month), `from` (the first year shown), the filters of the list of actions, `moving` (actions
    with events in that time alone) and `ideas` (ideas too).
    """
    asks, window, listed = await _shown(datasette, request)
    on = asks.on
    axis, strips = overview(listed.rows, window.zoom, window.start, window.end, on, window.dense)
    for row, strip in zip(listed.rows, strips, strict=True):
        row["strip"] = Markup(strip)
        row["shown"] = _in_words(row["events"], window)
    options = await lists.facets(datasette, on)
    query = {**asks.query, "zoom": window.zoom, "from": window.begin}
    end = f"?{request.query_string}" if request.query_string else ""
    return page(
        datasette,
        request,
        "timeline",
        messages=asks.messages + messages(request),
        section="/timeline",
        groups=grouped(listed.rows, "jurisdiction"),
        listed=listed,
        axis=Markup(axis),
        patterns=Markup(patterns()),
        zoom=window.zoom,
        begin=window.begin,
        last=window.begin + window.length - 1,
        step=1 if window.zoom == "month" else YEARS,
        query=query,
        list_query={**asks.values, "on": asks.query["on"]},
        fitted={**query, "from": None, "zoom": None} if params.param(request, "from") else None,
        filters=lists.filters(datasette, asks.view.filters, asks.values, options, asks.several),
        files=[
            (form.upper(), address(datasette, f"/timeline.{form}{end}"))
            for form in (forms() if listed.rows else ())
        ],
        on=on,
        on_message=asks.on_message,
        bar=await bars.bar(datasette, asks, "/timeline", listed.rows),
        month_begin=min(max(window.begin, int(on[:4])), window.begin + window.length - 1),
        year_begin=window.begin - YEARS // 2,
    )


async def download(datasette, request):
    """Return what the page of the timeline shows as SVG or PNG."""
    params.day_of_file(request)
    asks, window, listed = await _shown(datasette, request)
    rows = listed.rows
    axis, strips = overview(rows, window.zoom, window.start, window.end, asks.on, window.dense)
    for row, strip in zip(rows, strips, strict=True):
        row["strip"] = strip
    groups = [
        (same[0]["place"], [(row["title"], row["strip"]) for row in same])
        for same in grouped(rows, "jurisdiction").values()
    ]
    title = f"Timeline {window.begin} to {window.begin + window.length - 1}, as of {short(asks.on)}"
    drawing = sheet(groups, axis, title) if rows else ""
    return await picture(datasette, request, drawing, request.url_vars["form"], PNG_WIDTH)


async def _shown(datasette, request) -> Shown:
    """Return what a request asks for, with the page of actions that passes its filters."""
    asks = await lists.asked(datasette, request, lists.view_of(datasette, "timeline"))
    number = params.page_number(request)
    return await data.turn(datasette, lambda connection: _read(connection, asks, number))


def _read(connection, asks: lists.Asked, number: int) -> Shown:
    """Return page `number` of what a request asks for."""
    window = _window(connection, asks)
    parameters = asks.bound | _bound(connection, asks, window) | lists.part(number)
    listed = lists.cut(data.read(connection, asks.statement, parameters), number)
    ids = {"ids": data.as_json(listed.rows)}
    events, periods = (
        data.read(connection, f"timeline.{name}", ids) for name in ("events", "periods")
    )
    _add_history(listed.rows, events, periods, asks.on)
    return Shown(asks, window, listed)


async def bound(datasette, asks: lists.Asked) -> dict[str, str]:
    """Return the parameters of the statement that only the timeline has."""
    return await data.turn(
        datasette, lambda connection: _bound(connection, asks, _window(connection, asks))
    )


def _bound(connection, asks: lists.Asked, window: Window) -> dict[str, str]:
    ideas = asks.plain["ideas"] or set(IDEAS) & set(asks.values["instrument"])
    chosen = [name for name, values in asks.values.items() if values]
    # Nothing is counted, so that the walk by jurisdiction can stop when the page is full.
    most = lists.MOST_READ if len(chosen) > 1 or asks.plain["moving"] else 0
    walks = chosen == ["jurisdiction"]
    read_all = {} if walks else lists.few(connection, asks.values, asks.on, "", most)
    return {
        "few": read_all.get("ids", ""),
        "moving": "1" if asks.plain["moving"] else "",
        "ideas": "1" if ideas else "",
        "start": window.start,
        "end": window.end,
    }


def _window(connection, asks: lists.Asked) -> Window:
    """Return the time that a request asks for; if it does not say, that of the events of its jurisdiction or topic, or of all."""
    year = int(asks.on[:4])
    begin = asks.plain["from"]
    if asks.plain["zoom"] == "month":
        return Window("month", _year(begin, year), 1)
    values = [(name, value) for name in ("jurisdiction", "topic") for value in asks.values[name]]
    name, place = values[0] if len(values) == 1 else ("all", "")
    rows = data.read(connection, "timeline.months", {"filter": name, "place": place})
    numbers = _numbers(rows)
    if re.fullmatch(r"[0-9]{4}", begin):
        first, length = _year(begin, year), YEARS
    else:
        first, length = _fitted(numbers, year)
    shown = {key: numbers.get(key, 0) for key in range(first, first + length)}
    least = max(DENSE_NUMBER, DENSE * sum(shown.values()))
    dense = tuple(key for key, number in shown.items() if number >= least)
    return Window("year", first, length, dense if len(dense) < length else ())


def _numbers(rows: list[dict]) -> dict[int, int]:
    """Return the number of events by year, from running numbers by month."""
    numbers: dict[int, int] = {}
    for before, row in pairwise([{"number": 0}, *rows]):
        year = int(row["from_date"][:4])
        numbers[year] = numbers.get(year, 0) + row["number"] - before["number"]
    return numbers


def _fitted(numbers: dict[int, int], year: int) -> tuple[int, int]:
    """Return the first year and the number of years that hold nearly all events, and `year`; the latest MOST_YEARS if they are more."""
    if not numbers:
        return _year("", year - YEARS // 2), YEARS
    spared, years = OUTSIDE * sum(numbers.values()), sorted(numbers)
    first, last = _beyond(numbers, years, spared), _beyond(numbers, years[::-1], spared)
    first, last = min(first, max(year, first - 1)), max(last, min(year, last + 1))
    first = min(max(first, last - MOST_YEARS + 1), last - 1)
    return _year("", first), last - first + 1


def _beyond(numbers: dict[int, int], years: list[int], spared: float) -> int:
    """Return the first of `years` with which more than `spared` events have been passed."""
    passed = 0
    for year in years:
        passed += numbers[year]
        if passed > spared:
            return year
    return years[-1]


def messages(request) -> list[str]:
    """Return what is wrong with the zoom or the year that a request asks for."""
    zoom, year = params.param(request, "zoom"), params.param(request, "from")
    messages = []
    if zoom not in ("", "month", "year"):
        messages.append(f"“{zoom}” is not a value of “zoom”; it has: year, month.")
    if year and not re.fullmatch(r"[0-9]{4}", year):
        messages.append(f"“{year}” is not a year.")
    return messages


def fitted(connection) -> dict[str, list[tuple[int, int]]]:
    """Return the time that holds nearly all events: of all (key ''), and of each jurisdiction and topic that has any.

    The time is a first year and a number of years; it is that for a day before, in and after these years.
    """
    places = data.read(connection, "timeline.places", {})
    windows = {}
    for place in places:
        rows = data.read(connection, "timeline.months", place)
        if numbers := _numbers(rows):
            first = _beyond(numbers, sorted(numbers), OUTSIDE * sum(numbers.values()))
            years = (FIRST_YEAR, first, LAST_YEAR)
            windows[place["place"]] = [_fitted(numbers, year) for year in years]
    return windows


def _year(text: str, default: int) -> int:
    year = int(text) if re.fullmatch(r"[0-9]{4}", text) else default
    return min(max(year, FIRST_YEAR), LAST_YEAR)


def _add_history(actions: list[dict], events: list[dict], periods: list[dict], on: str) -> None:
    """Add to each action its `events`, its `periods` and `brief`, its status on the day in few words."""
    events_of, periods_of = grouped(events, "action"), grouped(periods, "action")
    for action in actions:
        action["events"] = events_of.get(action["id"], [])
        action["periods"] = periods_of.get(action["id"], [])
        action["brief"] = brief_on(action["periods"], on)


def _in_words(events: list[dict], window: Window) -> list[dict]:
    """Return the events in the time shown, each with its date and its name in words."""
    return [
        {**event, "short": short(event["date"]), "name": named(event)}
        for event in events
        if event["date_latest"] >= window.start and event["date_earliest"] < window.end
    ][:MOST_EVENTS]
