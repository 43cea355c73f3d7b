"""Many actions under one axis: a strip each, as wide as its place, so that titles beside it stay text.

Rows are those of the tables events and periods, as dictionaries; looks are those of the timeline of one action.
"""

from collections.abc import Sequence

from policykb.pictures.marks import MONTHS, Mark, Scale, bar, marks_of, ordinal, spans, ticks
from policykb.pictures.svg import Element, element

MOST_ROWS = 200
MIDDLE, HEIGHT = 11.0, 22
LEAST_SPAN = 0.012  # share of the scale from which an event is drawn as wide as its date is vague
MONTHS_OF = {"year": 12, "month": 1}  # between two ticks


def overview(
    rows: Sequence[dict], zoom: str, start: str, end: str, on: str
) -> tuple[str, list[str]]:
    """Return the SVG of an axis from day `start` to before day `end`, and one strip a row, all as wide as their place.

    A row has events and periods as `action_timeline` takes them. `zoom` is 'year' or 'month' and says what the
    axis counts. Positions are percentages, so that marks keep their shape at any width.
    """
    scale = Scale(ordinal(start), max(ordinal(end), ordinal(start) + 1), 0, 100)
    day = ordinal(on)
    return _axis(scale, zoom), [_strip(row, scale, zoom, day) for row in rows[:MOST_ROWS]]


def _percent(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") + "%"


def _axis(scale: Scale, zoom: str) -> Element:
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
    return _svg(labels, "axis", 18)


def _strip(row: dict, scale: Scale, zoom: str, day: int) -> Element:
    firsts = ticks(scale.first, scale.last, MONTHS_OF[zoom])
    drawing = [_upright("tick", scale.at(first)) for first, _ in firsts]
    drawing.append(element("line", class_="base", x1="0%", x2="100%", y1=MIDDLE, y2=MIDDLE))
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
