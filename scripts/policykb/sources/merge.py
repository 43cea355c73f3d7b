"""What a source said last time, what the file says now, what the source says now -> the edits that bring the file up to date.

What a person changed stays; what nobody touched follows the source; what the source no longer says is reported and stays.
Works on plain content (keys and values as in a file, days as text) and knows neither files nor sources.
"""

import copy
import datetime
from collections.abc import Callable, Hashable
from typing import Any, NamedTuple

from policykb.files.inplace import Edit, alike
from policykb.model import dates, event_ids
from policykb.model.fields import describe
from policykb.model.problems import shown
from policykb.model.records import Action, Document
from policykb.model.status import MOVES

Content = dict[str, Any]

# What is made up for a new record because no source knows it, or says how it was read: it follows the source only until a
# person touches it, it is not put into a record that was here before, and that it differs is nothing to report.
PLACEHOLDERS = frozenset(
    {
        "summary",
        "openness",
        "open_questions",
        "confidence",
        "bindingness",
        "grade",
        "note",
        "accessed",
    }
)
# By which keys the items of a list are known.
_LISTS = {
    name: field.part.keys[0]
    for record in (Action, Document)
    for name, field in describe(record).items()
    if field.part and field.part.keys
}


class Merged(NamedTuple):
    """The edits of a record, in the order to make them, the content after them, and what is to be said, in words."""

    edits: list[Edit]
    content: Content
    said: list[str]
    events: int = 0


def merged(last: Content | None, mine: Content, theirs: Content) -> Merged:
    """Bring `mine` up to what the source says, given what it said `last` (None: it was never imported from there)."""
    work = _Work(copy.deepcopy(mine))
    for name, value in theirs.items():
        before = (last or {}).get(name)
        if name == "as_of":
            continue
        if name == "identifiers":
            _identifiers(work, (last or {}).get(name) or {}, value)
        elif name == "events":
            _events(work, (last or {}).get(name) or [], value)
        elif isinstance(value, list) and name not in PLACEHOLDERS:
            _list(work, name, before or [], value)
        else:
            _scalar(
                work, (name,), name, before, value, quiet=name in PLACEHOLDERS, first=last is None
            )
    for name, value in (last or {}).items():
        if (
            name not in theirs
            and name not in PLACEHOLDERS
            and name in work.content
            and not isinstance(value, list | dict)
        ):
            work.said.append(f"gone: the source no longer gives {name} ({_brief(value)}); it stays")
        elif name not in theirs and isinstance(value, list) and value and name not in PLACEHOLDERS:
            (_events if name == "events" else lambda w, b, t, n=name: _list(w, n, b, t))(
                work, value, []
            )
    _as_of(work, last, theirs)
    return Merged(work.edits, work.content, work.said, work.events)


class _Work:
    """The content while it is being edited, and the edits made so far."""

    def __init__(self, content: Content) -> None:
        self.content, self.edits, self.said, self.events, self.latest = content, [], [], 0, ""

    def set(self, pointer: tuple, value: Any) -> None:
        self.edits.append(Edit(pointer, value))
        target = self.content
        for part in pointer[:-1]:
            target = target.setdefault(part, {}) if isinstance(target, dict) else target[part]
        target[pointer[-1]] = value

    def insert(self, name: str, value: Any, place: int) -> None:
        self.edits.append(Edit((name,), value, place))
        self.content.setdefault(name, []).insert(place, value)


def _brief(value: Any) -> str:
    return shown(
        value
        if isinstance(value, str)
        else ", ".join(
            f"{key} {item}" for key, item in value.items() if not isinstance(item, list | dict)
        )
        if isinstance(value, dict)
        else str(value),
        100,
    )


def _scalar(
    work: _Work,
    pointer: tuple,
    called: str,
    last: Any,
    theirs: Any,
    quiet: bool = False,
    first: bool = False,
) -> None:
    """One value: follows the source if nobody changed it here; else it stays and the difference is told."""
    held: Any = work.content
    for part in pointer:
        held = held.get(part) if isinstance(held, dict) else held[part]
    if held in (None, "", [], {}) and last in (None, "", [], {}):
        if not (first and quiet):
            work.set(pointer, theirs)
    elif alike(held, theirs):
        return
    elif not first and alike(held, last):
        work.set(pointer, theirs)
    elif not quiet:
        work.said.append(
            f"kept: {called} is '{_brief(held)}' here, '{_brief(theirs)}' in the source"
            if held not in (None, "")
            else f"kept: {called} was removed here, '{_brief(theirs)}' in the source"
        )


def _identifiers(work: _Work, last: Content, theirs: Content) -> None:
    for scheme, value in theirs.items():
        for item in _several(value):
            held = _several(work.content.get("identifiers", {}).get(scheme))
            if item in held:
                continue
            if item in _several(last.get(scheme)):
                work.said.append(f"kept: {scheme} '{item}' was removed here")
            else:
                work.set(("identifiers", scheme), [*held, item] if held else item)
    for scheme, value in last.items():
        for item in _several(value):
            if item not in _several(theirs.get(scheme)) and item in _several(
                work.content.get("identifiers", {}).get(scheme)
            ):
                work.said.append(f"gone: the source no longer gives {scheme} '{item}'; it stays")


def _several(value: Any) -> list:
    return [] if value is None else value if isinstance(value, list) else [value]


def _list(work: _Work, name: str, last: list, theirs: list) -> None:
    """A list whose items are known by some of their keys, or by themselves."""

    def key(item: Any) -> Hashable:
        return (
            tuple(item.get(part) for part in _LISTS[name])
            if isinstance(item, dict) and name in _LISTS
            else repr(item)
        )

    held = {key(item): position for position, item in enumerate(work.content.get(name, []))}
    # Whoever has one part in an action by the source's account may have another by the editors'; the editors' goes before.
    others = (
        {
            item.get("organization") or item.get("action")
            for item in work.content.get(name, [])
            if isinstance(item, dict)
        }
        if name in ("bodies", "relations")
        else set()
    )
    before = {key(item): item for item in last}
    for item in theirs:
        place = held.get(key(item))
        if place is not None:
            _parts(work, (name, place), name, before.get(key(item)), item)
        elif isinstance(item, dict) and (item.get("organization") or item.get("action")) in others:
            continue
        elif key(item) in before:
            work.said.append(f"kept: {name}: '{_brief(item)}' was removed here")
        else:
            place = len(work.content.get(name, []))
            work.insert(name, item, place)
            held[key(item)] = place
    given = {key(item) for item in theirs}
    work.said.extend(
        f"gone: the source no longer gives {name}: '{_brief(item)}'; it stays"
        for found, item in before.items()
        if found not in given and found in held
    )


def _parts(work: _Work, pointer: tuple, called: str, last: Any, theirs: Any) -> None:
    """The keys of one item that is here and in the source; one the source did not give before is left as it is."""
    if not isinstance(theirs, dict) or last is None:
        return
    for name, value in theirs.items():
        if name == "id":  # links use it, so it stays
            _scalar(work, (*pointer, name), f"{called}.{name}", None, value)
        elif isinstance(
            value, list
        ):  # sources added here are an edit like others, and nothing to tell each time
            if not alike(value, last.get(name)):
                _scalar(work, (*pointer, name), f"{called}.{name}", last.get(name), value)
        else:
            _scalar(work, (*pointer, name), f"{called}.{name}", last.get(name), value)


def _wording(event: Content) -> str:
    return "".join(char for char in str(event.get("note", "")).casefold() if char.isalnum())


# By what an event is the same as another, the surest first; the last ones only where there is one such event on either side.
_SAME: tuple[tuple[Callable[[Content], Hashable], bool], ...] = (
    (lambda event: event.get("id"), False),
    (lambda event: (event["date"], event["type"], _wording(event)), False),
    (lambda event: (event["date"], _wording(event)), False),
    (lambda event: (event["date"], event["type"]), True),
    (lambda event: (event["type"], _wording(event)), True),
)


def paired(events: list[Content], others: list[Content]) -> dict[int, int]:
    """Which of `events` is which of `others`, by their positions; each is used once."""
    pairs: dict[int, int] = {}
    for key, alone in _SAME:
        free: dict[Hashable, list[int]] = {}
        taken = set(pairs.values())
        for position, other in enumerate(others):
            if position not in taken:
                free.setdefault(key(other), []).append(position)
        left: dict[Hashable, list[int]] = {}
        for position, event in enumerate(events):
            if position not in pairs:
                left.setdefault(key(event), []).append(position)
        left.pop(None, None)
        for found, positions in left.items():
            places = free.get(found, [])
            if not alone or len(positions) == len(places) == 1:
                pairs.update(zip(positions, places, strict=False))
    return pairs


def _events(work: _Work, last: list[Content], theirs: list[Content]) -> None:
    mine = list(work.content.get("events", []))
    before = paired(theirs, last)
    here = paired(last, mine)
    taken = set(here.values())
    inserted: list[Content] = []
    for position, event in enumerate(theirs):
        then = before.get(position)
        if then is not None and then in here:
            _parts(work, ("events", here[then]), f"event of {event['date']}", last[then], event)
        elif then is not None:
            if not _told(event, mine, set()):
                work.said.append(
                    f"kept: the {event['type']} event of {event['date']} was removed here ('{_brief(event.get('note', ''))}')"
                )
        elif not _told(event, mine, taken):
            inserted.append(event)
    for then, event in enumerate(last):
        if then not in before.values() and then in here:
            work.said.append(
                f"gone: the source no longer gives the {event['type']} event of {event['date']} ('{_brief(event.get('note', ''))}'); it stays"
            )
    taken = event_ids.used(event_ids.names(mine))
    for position, event in enumerate(inserted):
        name = event_ids.event_id(event.get("id") or event["type"], taken)
        inserted[position] = {**event, "id": name}
        taken.add(name)
    # From the last place to the first, so that places given by the events that were here stay true.
    placed = [(_place(mine, event), event) for event in inserted]
    for place, event in reversed(sorted(placed, key=lambda pair: (pair[0], pair[1]["date"]))):
        work.insert("events", event, place)
        work.events += 1
        work.latest = max(work.latest, event["date"])


def _place(events: list[Content], event: Content) -> int:
    """Where an event goes: before the first that is later."""
    return next(
        (position for position, other in enumerate(events) if _span(other)[0] > _span(event)[0]),
        len(events),
    )


def _span(event: Content) -> tuple[str, str]:
    try:
        return dates.span(event["date"])[:2]
    except (ValueError, TypeError, KeyError):
        return "9999-12-31", "9999-12-31"


def _told(event: Content, events: list[Content], taken: set[int]) -> bool:
    """Whether an event is here already in other words: of the same type, and a day apart at most, or of the same wording.

    One of an uncertain day says that the action had come so far by then, so any event that says so earlier will do.
    """
    first, last = _span(event)
    uncertain = event["date"].endswith("?")
    for position, other in enumerate(events):
        start, end = _span(other)
        if uncertain and start <= last and MOVES[other["type"]][0] == MOVES[event["type"]][0] != "":
            return True
        if position in taken:
            continue
        near = _shifted(start, -1) <= last and first <= _shifted(end, 1)
        if near and (
            (other.get("type") == event["type"] and event["type"] != "other")
            or (_wording(event) and _wording(other) == _wording(event))
        ):
            return True
    return False


def _shifted(day: str, days: int) -> str:
    try:
        return (datetime.date.fromisoformat(day) + datetime.timedelta(days)).isoformat()
    except (ValueError, OverflowError):
        return day


def _as_of(work: _Work, last: Content | None, theirs: Content) -> None:
    """The day until which it is known moves on, never back: when the source has moved on, or tells of something later."""
    now, then = theirs.get("as_of", ""), work.content.get("as_of", "")
    moved = last is not None and now != last.get("as_of")
    if now and now > str(then) and (moved or work.latest > str(then)):
        work.set(("as_of",), now)


def vanished(last: Content, theirs: Content) -> tuple[int, int]:
    """How many events the source gave last, and how many of them it no longer gives."""
    events = last.get("events") or []
    return len(events), len(events) - len(paired(theirs.get("events") or [], events))
