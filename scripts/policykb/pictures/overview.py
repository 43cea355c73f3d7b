"""Many actions under one axis: a strip each, as wide as its place, so that titles beside it stay text.

Rows are those of the tables events and periods, as dictionaries; looks are those of the timeline of one action.
"""

from collections.abc import Sequence

from policykb.pictures.marks import (
    FORCES,
    MONTHS,
    Scale,
    bar_classes,
    fill,
    marks_of,
    ordinal,
    spans,
    ticks,
)
from policykb.pictures.svg import Element, element

MOST_ROWS = 200
MIDDLE, HEIGHT = 11.0, 22


def overview(
    rows: Sequence[dict], zoom: str, start: str, end: str, on: str
) -> tuple[str, list[str]]:
    """The SVG of an axis from day `start` to before day `end`, and one strip a row, all as wide as their place.

    A row has events and periods as `action_timeline` takes them. `zoom` is 'year' or 'month' and says what the
    axis counts. Positions are percentages, so that marks keep their shape at any width.
    """
    scale = Scale(ordinal(start), max(ordinal(end), ordinal(start) + 1), 0, 100)
    day = ordinal(on)
    return _overview_axis(scale, zoom), [_strip(row, scale, zoom, day) for row in rows[:MOST_ROWS]]


def _percent(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") + "%"


def _overview_axis(scale: Scale, zoom: str) -> Element:
    drawing = []
    firsts = list(ticks(scale.first, scale.last - 1, 12 if zoom == "year" else 1))
    for place, (when, date) in enumerate(firsts):
        following = firsts[place + 1][0] if place + 1 < len(firsts) else scale.last
        said = str(date.year) if zoom == "year" else MONTHS[date.month - 1]
        drawing.append(
            element(
                "text",
                said,
                class_="when",
                x=_percent((scale.at(when) + scale.at(following)) / 2),
                y=13,
                text_anchor="middle",
            )
        )
    return element(
        "svg",
        *drawing,
        xmlns="http://www.w3.org/2000/svg",
        class_="picture chart axis",
        width="100%",
        height=18,
        aria_hidden="true",
    )


def _strip(row: dict, scale: Scale, zoom: str, day: int) -> Element:
    drawing = []
    for when, _ in ticks(scale.first, scale.last, 12 if zoom == "year" else 1):
        drawing.append(
            element(
                "line",
                class_="tick",
                x1=_percent(scale.at(when)),
                x2=_percent(scale.at(when)),
                y1=0,
                y2=HEIGHT,
            )
        )
    drawing.append(element("line", class_="base", x1="0%", x2="100%", y1=MIDDLE, y2=MIDDLE))
    for force, start, stop, ahead in spans(row["periods"], scale.first, scale.last, day):
        x = scale.at(start)
        drawing.append(
            element(
                "rect",
                element("title", FORCES[force]),
                class_=bar_classes(force, ahead),
                x=_percent(x),
                y=MIDDLE - 6,
                width=_percent(scale.at(stop) - x),
                height=12,
                fill=fill(force),
            )
        )
    deciding = {period.get("event") for period in row["periods"]} - {None}
    for mark in marks_of(row["events"], day, deciding):
        if mark.latest < scale.first or mark.earliest >= scale.last:
            continue
        left, right = scale.at(mark.earliest), scale.at(mark.latest)
        shapes = [element("title", mark.told)]
        if mark.latest - mark.earliest > 0.012 * (scale.last - scale.first):
            shapes.append(
                element(
                    "rect",
                    x=_percent(left),
                    y=MIDDLE - 4,
                    width=_percent(right - left),
                    height=8,
                    rx=4,
                )
            )
        else:
            shapes.append(element("circle", cx=_percent((left + right) / 2), cy=MIDDLE, r=4))
        drawing.append(element("g", *shapes, class_=mark.classes))
    if scale.first <= day < scale.last:
        drawing.append(
            element(
                "line",
                class_="on",
                x1=_percent(scale.at(day)),
                x2=_percent(scale.at(day)),
                y1=0,
                y2=HEIGHT,
            )
        )
    return element(
        "svg",
        *drawing,
        xmlns="http://www.w3.org/2000/svg",
        class_="picture chart strip",
        width="100%",
        height=HEIGHT,
        aria_hidden="true",
    )
