"""The timeline of one action to scale, with labels that do not overlap.

A bar shows the legal force: solid in force, hatched partly, crossed suspended, outlined not yet. A mark shows an
event: filled when past, hollow when ahead, as wide as its date is vague, dashed when uncertain, struck
through when moved. Rows are those of the tables events and periods, as dictionaries.
"""

import datetime
from collections.abc import Iterator, Sequence

from policykb.pictures.marks import (
    DRAWN,
    FORCES,
    LABEL,
    MONTHS,
    Mark,
    Scale,
    bar_classes,
    fill,
    hatching,
    marks_of,
    ordinal,
    short,
    spans,
    ticks,
)
from policykb.pictures.marks import bar as force_bar
from policykb.pictures.svg import Element, element, number, picture, width

WIDTH, LEFT, RIGHT = 860, 14, 14
LANE, DOT, BAR = 17, 5.5, 16
MOST_LANES = 8
# A day to show that would stretch the scale by more than this share is pointed at from the edge instead.
STRETCH = 0.6


def action_timeline(events: Sequence[dict], periods: Sequence[dict], on: str) -> str:
    """Return the SVG of one action as seen on the day `on`: bars by legal force, events with labels that do not overlap.

    Events need id, type, date, date_earliest, date_latest and may have qualifier, unconfirmed, moved_to (or
    moved); periods need legal_force, from_date, to_date and may have event, stage_event, force_event.
    Returns '' if there is nothing to draw.
    """
    day = ordinal(on)
    deciding = {
        period.get(key) for period in periods for key in ("event", "stage_event", "force_event")
    } - {None}
    marks = marks_of(events, day, deciding)
    if not marks:
        return ""
    first, last = _range([mark.earliest for mark in marks] + [mark.latest for mark in marks], day)
    scale = _room_for_labels(Scale(first, last, LEFT, WIDTH - RIGHT), marks)
    middles = [_middle(mark, scale) for mark in marks]
    lanes = _lanes(marks, middles)
    bar = 26 + LANE * (max(lanes.values(), default=0) + 1)
    legend = list(_legend(marks, periods))
    drawing = [
        *_axis(scale, bar),
        *_bars(periods, scale, bar, day),
        *_marker(scale, day, on, bar),
        *_flags(marks, middles, lanes, bar),
        *(_dot(mark, scale.at(mark.earliest), scale.at(mark.latest), bar) for mark in marks),
        *_legend_drawn(legend, bar + 54),
    ]
    height = bar + 46 + (18 if legend else 0)
    return picture(
        element("title", _heading(marks), id="timeline-title"),
        element("desc", _description(events, periods, on), id="timeline-desc"),
        hatching(),
        *drawing,
        size=(WIDTH, round(height)),
        looks="picture chart",
        role="img",
        aria_labelledby="timeline-title",
        aria_describedby="timeline-desc",
    )


def _range(days: list[int], on: int) -> tuple[int, int]:
    """Return first and last day to draw: all events, the day shown if that does not squeeze them, and some air."""
    first, last = min(days), max(days)
    span = max(last - first, 30)
    if first - STRETCH * span <= on <= last + STRETCH * span:
        first, last = min(first, on), max(last, on)
    air = max(3, round(0.04 * max(last - first, 30)))
    return max(1, first - air), min(datetime.date.max.toordinal(), last + 2 * air)


def _middle(mark: Mark, scale: Scale) -> float:
    return (scale.at(mark.earliest) + scale.at(mark.latest)) / 2


def _room_for_labels(scale: Scale, marks: list[Mark]) -> Scale:
    """Return the scale made narrow enough that the label to the right of every mark ends within the picture."""
    most = scale.right
    for mark in marks:
        share = (_middle(mark, scale) - scale.left) / (scale.right - scale.left)
        if share > 0:
            most = min(
                most, scale.left + (WIDTH - 8 - width(mark.label, LABEL) - scale.left) / share
            )
    return scale._replace(right=max(most, WIDTH / 2))


def _lanes(marks: list[Mark], middles: list[float]) -> dict[int, int]:
    """Return the lane of each label by place of its mark, 0 nearest to the bar; the least weighty go without if there is no room.

    Labels are to the right of their pole, like flags. Placed from right to left, each in the lowest lane that
    is free, no pole ever crosses a label.
    """
    order = sorted(range(len(marks)), key=lambda place: (-middles[place], -place))
    while True:
        lanes: dict[int, int] = {}
        ends: list[float] = []  # lane -> where its leftmost label begins
        for place in order:
            begin = middles[place]
            end = begin + width(marks[place].label, LABEL) + 12
            lane = next((lane for lane, start in enumerate(ends) if end <= start), len(ends))
            # A pole passes through all lanes below its own, so those must begin to its right.
            ends[lane : lane + 1] = [begin]
            ends[:lane] = [min(start, begin) for start in ends[:lane]]
            lanes[place] = lane
        if len(ends) <= MOST_LANES:
            return lanes
        order.remove(min(order, key=lambda place: (marks[place].weight, place)))


def _flags(
    marks: list[Mark], middles: list[float], lanes: dict[int, int], bar: float
) -> Iterator[Element]:
    for place, lane in sorted(lanes.items()):
        x, y = middles[place], bar - 14 - LANE * lane
        yield element("line", class_="pole", x1=x, x2=x, y1=y - 11, y2=bar)
        yield element("text", marks[place].label, class_="label", x=x + 4, y=y)


def _dot(mark: Mark, left: float, right: float, y: float) -> Element:
    shapes = [element("title", mark.words)]
    if right - left > 2 * DOT:
        shapes.append(
            element("rect", x=left, y=y - DOT, width=right - left, height=2 * DOT, rx=DOT)
        )
    else:
        shapes.append(element("circle", cx=(left + right) / 2, cy=y, r=DOT))
    if "moved" in mark.classes:
        middle, reach = (left + right) / 2, DOT + 2
        ends = {"x1": middle - reach, "x2": middle + reach, "y1": y + reach, "y2": y - reach}
        shapes.append(element("line", class_="strike", **ends))
    return element("g", *shapes, class_=mark.classes)


def _bars(periods: Sequence[dict], scale: Scale, bar: float, day: int) -> Iterator[Element]:
    yield element("line", class_="base", x1=scale.left, x2=scale.right, y1=bar, y2=bar)
    for force, start, stop, ahead in spans(periods, scale.first, scale.last, day):
        x = scale.at(start)
        yield force_bar(force, ahead, x, bar - BAR / 2, scale.at(stop) - x, BAR)


def _axis(scale: Scale, bar: float) -> Iterator[Element]:
    # Months between ticks, of which there are about a dozen at most.
    steps, length = (1, 3, 6, 12, 24, 60, 120, 600), (scale.last - scale.first) / 30.4
    months = next((months for months in steps if length / months <= 12), 1200)
    days = list(ticks(scale.first, scale.last, months))
    if not days:  # a range within one month: the ends are named
        days = [(day, datetime.date.fromordinal(day)) for day in (scale.first, scale.last)]
    free, top = 0.0, number(bar + BAR / 2 + 4)
    yield element(
        "path", class_="tick", d="".join(f"M{number(scale.at(day))} {top}v5" for day, _ in days)
    )
    for day, date in days:
        x = scale.at(day)
        label = str(date.year) if months >= 12 else f"{MONTHS[date.month - 1]} {date.year}"
        if scale.last - scale.first < 32 and date.day != 1:
            label = f"{date.day} {label}"
        half = width(label, LABEL) / 2
        middle = min(max(x, half + 2), WIDTH - half - 2)
        if middle - half >= free:
            yield element(
                "text", label, class_="when", x=middle, y=bar + BAR / 2 + 22, text_anchor="middle"
            )
            free = middle + half + 8


def _marker(scale: Scale, day: int, on: str, bar: float) -> Iterator[Element]:
    """Yield the day shown: a line, or an arrow at the edge if it is far outside."""
    label = short(on)
    inside = scale.first <= day <= scale.last
    x = scale.at(day)
    if not inside:
        label = f"{label} →" if day > scale.last else f"← {label}"
    half = width(label, LABEL) / 2
    if inside:
        yield element("line", class_="on", x1=x, x2=x, y1=14, y2=bar + BAR / 2 + 6)
    x = min(max(x, half + 2), WIDTH - half - 2)
    yield element("text", label, class_="on", x=x, y=11, text_anchor="middle")


def _legend(marks: list[Mark], periods: Sequence[dict]) -> Iterator[tuple[str, str]]:
    """Yield class and meaning of every kind of bar and mark that is not obvious and is drawn."""
    forces = {period["legal_force"] for period in periods}
    yield from ((bar_classes(force), FORCES[force].lower()) for force in DRAWN if force in forces)
    kinds = {name for mark in marks for name in mark.classes.split()}
    for name, meaning in (
        ("ahead", "ahead"),
        ("vague", "day not known"),
        ("doubtful", "uncertain"),
        ("moved", "moved"),
    ):
        if name in kinds:
            yield f"event {name}", meaning


def _legend_drawn(legend: list[tuple[str, str]], y: float) -> Iterator[Element]:
    x = float(LEFT)
    for classes, meaning in legend:
        if classes.startswith("bar"):
            force = classes.removeprefix("bar ").replace("-", "_")
            yield element(
                "rect", class_=classes, x=x, y=y - 10, width=20, height=11, fill=fill(force)
            )
        else:
            wide = 20 if "vague" in classes else 0
            yield _dot(
                Mark(0, 0, "", meaning, classes, 0),
                x + (0 if wide else 12),
                x + (wide or 12),
                y - 4,
            )
        yield element("text", meaning, class_="legend", x=x + 26, y=y)
        x += 26 + width(meaning, LABEL) + 16


def _heading(marks: list[Mark]) -> str:
    first, last = marks[0].earliest, max(mark.latest for mark in marks)
    dates = [short(datetime.date.fromordinal(day).isoformat()) for day in (first, last)]
    return f"Timeline from {dates[0]} to {dates[1]}"


def _description(events: Sequence[dict], periods: Sequence[dict], on: str) -> str:
    """Return the picture in words: the periods of legal force, and how many events there are."""
    parts = []
    for period in periods:
        start = f" from {short(period['from_date'])}" if period["from_date"] else ""
        end = f" until {short(period['to_date'])}" if period["to_date"] else ""
        parts.append(f"{FORCES.get(period['legal_force'], 'Unknown')}{start}{end}")
    before = f"{'; '.join(parts)}. " if parts else ""
    plural = "" if len(events) == 1 else "s"
    return f"{before}{len(events)} event{plural}, listed below. Shown as of {short(on)}."
