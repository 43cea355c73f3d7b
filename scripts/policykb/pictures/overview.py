"""Many actions under one axis: a strip each, as wide as its place, so that titles beside it stay text.

Rows are those of the tables events and periods, as dictionaries; looks are those of the timeline of one action.
"""

import datetime
from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from policykb.pictures.marks import (
    LABEL,
    MONTHS,
    Mark,
    bar,
    hatching,
    marks_of,
    ordinal,
    spans,
    ticks,
)
from policykb.pictures.svg import Element, clipped, element, picture

MOST_ROWS = 200
MIDDLE, HEIGHT = 11.0, 22
LEAST_SPAN = 0.012  # share of the scale from which an event is drawn as wide as its date is vague
MONTHS_OF = {"year": 12, "month": 1}  # between two ticks
DENSE = 3  # times as wide is a year of which months are shown
NAMED = (4, 7, 10)  # the months named in such a year
WIDTH, NAMES, LINE = 1200, 330, 26  # of a sheet: all of it, the names on its left, a row


class Scale(NamedTuple):
    """Days (as ordinals) to percent of the width, from stop to stop, between which days are equally wide."""

    days: list[int]
    places: list[float]

    @property
    def first(self) -> int:
        """The first day."""
        return self.days[0]

    @property
    def last(self) -> int:
        """The day after the last."""
        return self.days[-1]

    def at(self, day: int) -> float:
        """Return the position of a day, kept within the scale."""
        day = min(max(day, self.first), self.last)
        place = min(max(bisect_right(self.days, day), 1), len(self.days) - 1)
        start, end = self.days[place - 1], self.days[place]
        left, right = self.places[place - 1], self.places[place]
        return left + (day - start) / (end - start) * (right - left)


def _scale(start: str, end: str, dense: Collection[int]) -> Scale:
    """Return the scale from day `start` to before day `end`, on which the years `dense` are wider."""
    first, last = ordinal(start), max(ordinal(end), ordinal(start) + 1)
    days = (
        [first, *(day for day, _ in ticks(first + 1, last - 1, 12)), last]
        if dense
        else [first, last]
    )
    places = [0.0]
    for begin, stop in zip(days, days[1:], strict=False):
        wide = DENSE if datetime.date.fromordinal(begin).year in dense else 1
        places.append(places[-1] + wide * (stop - begin))
    return Scale(days, [place / places[-1] * 100 for place in places])


def overview(
    rows: Sequence[dict], zoom: str, start: str, end: str, on: str, dense: Collection[int] = ()
) -> tuple[Element, list[Element]]:
    """Return the SVG of an axis from day `start` to before day `end`, and one strip a row, all as wide as their place.

    A row has events and periods as `action_timeline` takes them. `zoom` is 'year' or 'month' and says what the
    axis counts; the years `dense` are wider and have months. Positions are percentages, so that marks keep their
    shape at any width.
    """
    scale, day = _scale(start, end, dense), ordinal(on)
    months = list(_months(scale, dense))
    lines = [
        *(_upright("tick month", scale.at(first)) for first, _ in months),
        *(
            _upright("tick", scale.at(first))
            for first, _ in ticks(scale.first, scale.last, MONTHS_OF[zoom])
        ),
    ]
    strips = [_strip(row, scale, lines, day) for row in rows[:MOST_ROWS]]
    return _axis(scale, zoom, months), strips


def sheet(
    groups: Sequence[tuple[str, list[tuple[str, Element]]]], axis: Element, title: str
) -> str:
    """Return one picture of the axis and the strips, with their names at the left; groups have a name and pairs of title and strip."""
    y = 70
    parts = [
        element("title", title),
        hatching(),
        element("text", title, class_="label", x=10, y=24),
    ]
    parts.append(_placed(axis, 36, 34))
    for name, rows in groups:
        parts.append(element("text", name, class_="label", x=10, y=y + 22))
        y += 32
        for words, strip in rows:
            text = clipped(words, NAMES - 24, LABEL)
            parts += [element("text", text, x=10, y=y + 16), _placed(strip, y, HEIGHT)]
            y += LINE
    size = WIDTH, y + 14
    return picture(*parts, size=size, looks="picture chart", width=size[0], height=size[1])


def _placed(part: Element, y: int, height: int) -> Element:
    return element("svg", part, x=NAMES, y=y, width=WIDTH - NAMES - 12, height=height)


def _months(scale: Scale, dense: Collection[int]) -> Iterator[tuple[int, datetime.date]]:
    """Yield the first days of the months in the years `dense`, but for the first month."""
    for first, date in ticks(scale.first, scale.last - 1, 1):
        if date.year in dense and date.month > 1:
            yield first, date


def _percent(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") + "%"


def _axis(scale: Scale, zoom: str, months: Sequence[tuple[int, datetime.date]]) -> Element:
    firsts = list(ticks(scale.first, scale.last - 1, MONTHS_OF[zoom]))
    ends = [*(day for day, _ in firsts[1:]), scale.last]
    labels = [
        element(
            "text",
            str(date.year) if zoom == "year" else MONTHS[date.month - 1],
            class_="when",
            x=_percent((scale.at(day) + scale.at(end)) / 2),
            y=13,
            text_anchor="middle",
        )
        for (day, date), end in zip(firsts, ends, strict=True)
    ]
    for first, date in months:
        if date.month in NAMED:
            x, name = _percent(scale.at(first)), MONTHS[date.month - 1]
            labels.append(element("text", name, class_="when", x=x, y=29, text_anchor="middle"))
    return _svg(labels, "axis", 34 if months else 18)


def _strip(row: dict, scale: Scale, lines: list[Element], day: int) -> Element:
    drawing = [*lines, element("line", class_="base", x1="0%", x2="100%", y1=MIDDLE, y2=MIDDLE)]
    for force, start, stop, ahead in spans(row["periods"], scale.first, scale.last, day):
        x = scale.at(start)
        drawing.append(bar(force, ahead, _percent(x), MIDDLE - 6, _percent(scale.at(stop) - x), 12))
    deciding = {period.get("event") for period in row["periods"]} - {None}
    for mark in marks_of(row["events"], day, deciding):
        if mark.latest >= scale.first and mark.earliest < scale.last:
            drawing.append(_mark(mark, scale))
    if scale.first <= day < scale.last:
        drawing.append(_upright("on", scale.at(day)))
    return _svg(drawing, "strip", HEIGHT)


def _upright(name: str, x: float) -> Element:
    return element("line", class_=name, x1=_percent(x), x2=_percent(x), y1=0, y2=HEIGHT)


def _mark(mark: Mark, scale: Scale) -> Element:
    left, right = scale.at(mark.earliest), scale.at(mark.latest)
    if mark.latest - mark.earliest > LEAST_SPAN * (scale.last - scale.first):
        wide = _percent(right - left)
        shape = element("rect", x=_percent(left), y=MIDDLE - 4, width=wide, height=8, rx=4)
    else:
        shape = element("circle", cx=_percent((left + right) / 2), cy=MIDDLE, r=4)
    return element("g", element("title", mark.words), shape, class_=mark.classes)


def _svg(drawing: list[Element], name: str, height: int) -> Element:
    return element(
        "svg",
        *drawing,
        xmlns="http://www.w3.org/2000/svg",
        class_=f"picture chart {name}",
        width="100%",
        height=height,
        aria_hidden="true",
    )
