"""What the timelines share: the scale, the marks of events, the spans of legal force, hatching, ticks, short dates."""

import datetime
import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from operator import itemgetter
from typing import NamedTuple

from policykb.model.vocabulary import EVENT_TYPES, LEGAL_FORCES, OTHER_EVENT, labels, ranked
from policykb.pictures.svg import Element, clipped, element, plain, width

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LABEL, MOST_EVENTS = 12, 80
# Room for the label of an event, for one that is named by its note, and for a note that is read out.
LONGEST_LABEL, LONGEST_NOTED, LONGEST_NOTE = 235, 190, 500
FORCES = labels(LEGAL_FORCES)
TYPES = labels(EVENT_TYPES)
_MARKUP = re.compile(r"\[([^\]]*)\]\([^)]*\)")  # a link in a note: its words stay
DRAWN = ranked(LEGAL_FORCES, "bar")
HATCHES = {"wide": (8, "M-2 2L2 -2M0 8L8 0M6 10L10 6"), "narrow": (6, "M0 0L6 6M0 6L6 0")}
HATCHING = {term.id: term.hatching for term in LEGAL_FORCES if term.hatching}


class Scale(NamedTuple):
    """Days (as ordinals) to positions between `left` and `right`."""

    first: int
    last: int
    left: float
    right: float

    def at(self, day: int) -> float:
        """Return the position of a day, kept within the scale."""
        share = (min(max(day, self.first), self.last) - self.first) / (self.last - self.first)
        return self.left + share * (self.right - self.left)


class Mark(NamedTuple):
    """One or more events on the same date: what is drawn for them, and the label."""

    earliest: int
    latest: int
    label: str
    words: str
    classes: str
    weight: int


def ordinal(day: str) -> int:
    """Return the number of an ISO day."""
    return datetime.date.fromisoformat(day).toordinal()


@lru_cache(maxsize=4096)
def short(date: str) -> str:
    """Return a partial date in few words: '12 Jun 2026', 'about Jun 2026', '2026?'."""
    mark = date[-1:] if date[-1:] in "~?" else ""
    year, *rest = date.rstrip("~?").split("-")
    words = [str(int(rest[1]))] if len(rest) > 1 else []
    words += [MONTHS[int(rest[0]) - 1]] if rest else []
    text = " ".join([*words, year])
    return f"about {text}" if mark == "~" else text + mark


def named(event: dict) -> str:
    """Return what happened in a few words: the label of its type, or of an event of no type the first sentence of its note."""
    if event["type"] != OTHER_EVENT:
        return TYPES.get(event["type"], plain(event["type"]))
    note = _MARKUP.sub(r"\1", plain(event.get("note") or "")).replace("*", "").replace("`", "")
    first = re.split(r"(?<=\w)[.;!?](?: |$)", note, maxsplit=1)[0]
    return clipped(first, LONGEST_NOTE, LABEL) if note else ""


def marks_of(events: Sequence[dict], day: int, deciding: set) -> list[Mark]:
    """Return events in order of time, those of one date together."""
    together: dict[tuple[int, int, bool], list[dict]] = {}
    by_day = sorted(events, key=itemgetter("date_earliest", "date_latest", "id"))
    for event in by_day[:MOST_EVENTS]:
        moved = bool(event.get("moved_to") or event.get("moved"))
        span = ordinal(event["date_earliest"]), ordinal(event["date_latest"])
        together.setdefault((*span, moved), []).append(event)
    return [_mark(*place, same, day, deciding) for place, same in together.items()]


def _mark(
    earliest: int, latest: int, moved: bool, same: list[dict], day: int, deciding: set
) -> Mark:
    """Return the mark of the events of one date, those that decide a status first."""
    same.sort(key=lambda event: event["id"] not in deciding)
    names = [name for name in map(named, same) if name]
    looks = {
        "ahead": latest > day,
        "doubtful": any(event.get("qualifier") or event.get("unconfirmed") for event in same),
        "moved": moved,
        "vague": latest > earliest,
    }
    date, suffix = short(same[0]["date"]), " (moved)" if moved else ""
    more = (f" +{len(same) - 1}" if len(same) > 1 else "") + suffix
    room = (LONGEST_NOTED if same[0]["type"] == OTHER_EVENT else LONGEST_LABEL) - width(more)
    decisive = sum(event["id"] in deciding for event in same)
    typed = sum(event["type"] != OTHER_EVENT for event in same)
    return Mark(
        earliest,
        latest,
        label=clipped(" ".join([date, *names[:1]]), room, LABEL) + more,
        words=f"{date}: {', '.join(names)}".removesuffix(": ") + suffix,
        classes=" ".join(["event", *(name for name, holds in looks.items() if holds)]),
        weight=10 * decisive + typed - 20 * moved,
    )


def spans(
    periods: Sequence[dict], first: int, last: int, day: int
) -> Iterator[tuple[str, int, int, bool]]:
    """Yield legal force, first day, end and whether it is ahead of `day`, for the parts of periods that are drawn."""
    for period in periods:
        if period["legal_force"] not in DRAWN:
            continue
        begin = max(ordinal(period["from_date"]) if period["from_date"] else first, first)
        end = min(ordinal(period["to_date"]) if period["to_date"] else last, last)
        for start, stop, ahead in (
            (begin, min(end, max(day, begin)), False),
            (max(begin, min(day, end)), end, True),
        ):
            if stop > start:
                yield period["legal_force"], start, stop, ahead


def bar_classes(force: str, ahead: bool = False) -> str:
    """Return the classes of a bar."""
    return f"bar {force.replace('_', '-')}{' ahead' if ahead else ''}"


def bar(force: str, ahead: bool, x: object, y: float, wide: object, height: float) -> Element:
    """Return the bar of a legal force; where it is not plain, a pattern shows it, not a color."""
    return element(
        "rect",
        element("title", FORCES[force]),
        class_=bar_classes(force, ahead),
        x=x,
        y=y,
        width=wide,
        height=height,
        fill=fill(force),
    )


def fill(force: str) -> str | None:
    """Return the pattern of a bar that is not plain."""
    return f"url(#tl-{force})" if force in HATCHING else None


@cache
def hatching() -> Element:
    """Return hatching, for use by reference; drawn with the classes of the bars."""
    return element(
        "defs",
        *(
            element(
                "pattern",
                element("path", d=way, class_="hatch"),
                id=f"tl-{name}",
                width=size,
                height=size,
                patternUnits="userSpaceOnUse",
            )
            for name, width in HATCHING.items()
            for size, way in (HATCHES[width],)
        ),
    )


def patterns() -> str:
    """Return the SVG that holds the hatching for strips: once a page, before them."""
    return element(
        "svg",
        hatching(),
        xmlns="http://www.w3.org/2000/svg",
        class_="picture patterns",
        width=0,
        height=0,
        aria_hidden="true",
    )


def ticks(first: int, last: int, months: int) -> Iterator[tuple[int, datetime.date]]:
    """Yield the first days of every `months` months within a range."""
    start = datetime.date.fromordinal(first)
    count = start.year * 12 + (start.month - 1) // months * months
    while count // 12 <= datetime.date.max.year:
        day = datetime.date(max(count // 12, 1), count % 12 + 1, 1)
        if day.toordinal() > last:
            return
        if day.toordinal() >= first:
            yield day.toordinal(), day
        count += months
