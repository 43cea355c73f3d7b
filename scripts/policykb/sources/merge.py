"""Merge an answer of a source into a record: last answer, record, new answer -> edits.

Changes by people stay; values that no one changed follow the source; values that the source no longer gives stay and are
reported. Works on plain content (keys and values as in a file, days as text) and knows neither files nor sources.
"""

import copy
from collections.abc import Callable, Container, Hashable
from typing import Any, NamedTuple

from policykb.contribute.parts import event_place
from policykb.files.toml_edit import Draft, Edit, Pointer, alike
from policykb.model import dates, event_ids
from policykb.model.fields import describe
from policykb.model.parts import EMPTY, one_or_several, several
from policykb.model.problems import shown
from policykb.model.records import FOLDERS
from policykb.model.status import MOVES

Content = dict[str, Any]

# Keys with placeholders, or with how the record was read. They follow the source until a person changes them, are not added
# to an existing record, and differences are not reported.
PLACEHOLDERS = frozenset(
    "summary effect open_questions confidence bindingness grade note accessed".split()
)
# The keys that identify an item of a list, in any kind of record.
_LISTS: dict[str, tuple[str, ...]] = {}
for _record, _ in FOLDERS.values():
    for _name, _field in describe(_record).items():
        if _field.part and _field.part.keys:
            _LISTS[_name] = (*_LISTS.get(_name, ()), *_field.part.keys[0])


class Merged(NamedTuple):
    """The edits of a record in order, the content after them, notes for a person, and the number of new events."""

    edits: list[Edit]
    content: Content
    notes: list[str]
    events: int = 0


class _Work(Draft):
    """The content while it is edited, the edits so far, and the notes to report."""

    def __init__(self, content: Content) -> None:
        super().__init__(content)
        self.notes: list[str] = []
        self.new_events: list[Content] = []


def merged(last: Content | None, mine: Content, theirs: Content) -> Merged:
    """Merge the answer `theirs` of a source into the record `mine`; `last` is its last answer (None: there is none)."""
    work, before = _Work(copy.deepcopy(mine)), last or {}
    for name, value in theirs.items():
        if name == "as_of":
            continue
        if name == "identifiers":
            _identifiers(work, before.get(name) or {}, value)
        elif name == "events":
            _events(work, before.get(name) or [], value)
        elif isinstance(value, list) and name not in PLACEHOLDERS:
            _list(work, name, before.get(name) or [], value)
        else:
            _value(work, (name,), name, before.get(name), value, last is None)
    for name, value in before.items():
        if name not in theirs and name not in PLACEHOLDERS:
            _report_removed(work, name, value)
    _as_of(work, last, theirs)
    return Merged(work.edits, work.content, work.notes, len(work.new_events))


def _report_removed(work: _Work, name: str, last: Any) -> None:
    """Report the value `last` of a key that the source no longer has."""
    if isinstance(last, list):
        if name == "events":
            _events(work, last, [])
        else:
            _list(work, name, last, [])
    elif name in work.content and not isinstance(last, dict):
        work.notes.append(f"gone: the source no longer gives {name} ({_brief(last)}); it stays")


def _brief(value: Any) -> str:
    if isinstance(value, dict):
        plain = {key: item for key, item in value.items() if not isinstance(item, list | dict)}
        value = ", ".join(f"{key} {item}" for key, item in plain.items())
    return shown(str(value), 100)


def _value(
    work: _Work, pointer: Pointer, label: str, last: Any, theirs: Any, first: bool = False
) -> None:
    """Let a value follow the source unless a person changed it; else keep it and report the difference."""
    quiet = pointer[0] in PLACEHOLDERS
    mine = work.at(pointer[:-1]).get(pointer[-1])
    if mine in EMPTY and last in EMPTY:
        if not (first and quiet):
            work.make(Edit(pointer, theirs))
    elif alike(mine, theirs):
        return
    elif not first and alike(mine, last):
        work.make(Edit(pointer, theirs))
    elif not quiet:
        here = "was removed here" if mine in (None, "") else f"is '{_brief(mine)}' here"
        work.notes.append(f"kept: {label} {here}, '{_brief(theirs)}' in the source")


def _identifiers(work: _Work, last: Content, theirs: Content) -> None:
    def mine(scheme: str) -> list:
        return several(work.content.get("identifiers", {}).get(scheme))

    for scheme, value in theirs.items():
        for item in several(value):
            items = mine(scheme)
            if item in items:
                continue
            if item in several(last.get(scheme)):
                work.notes.append(f"kept: {scheme} '{item}' was removed here")
            else:
                work.make(Edit(("identifiers", scheme), one_or_several([*items, item])))
    for scheme, value in last.items():
        for item in several(value):
            if item not in several(theirs.get(scheme)) and item in mine(scheme):
                work.notes.append(f"gone: the source no longer gives {scheme} '{item}'; it stays")


def _list(work: _Work, name: str, last: list, theirs: list) -> None:
    """Merge a list; some keys of its items identify them, or else the whole items."""

    def key(item: Any) -> Hashable:
        if isinstance(item, dict) and name in _LISTS:
            return tuple(item.get(part) for part in _LISTS[name])
        return repr(item["name"] if isinstance(item, dict) and "name" in item else item)

    mine = work.content.get(name, [])
    places = {key(item): place for place, item in enumerate(mine)}
    # The role or relation that the editors chose takes precedence over that of the source.
    others = {_other(item) for item in mine} if name in ("bodies", "relations") else set()
    before = {key(item): item for item in last}
    for item in theirs:
        place = places.get(key(item))
        if place is not None:
            _part(work, (name, place), name, before.get(key(item)), item)
        elif _other(item) in others - {None}:
            continue
        elif key(item) in before:
            work.notes.append(f"kept: {name}: '{_brief(item)}' was removed here")
        else:
            place = len(work.content.get(name, []))
            work.make(Edit((name, place), item, insert=True))
            places[key(item)] = place
    present = {key(item) for item in theirs}
    work.notes.extend(
        f"gone: the source no longer gives {name}: '{_brief(item)}'; it stays"
        for item_key, item in before.items()
        if item_key not in present and item_key in places
    )


def _other(item: Any) -> str | None:
    """Return the organization or action that a part of an action names."""
    return (item.get("organization") or item.get("action")) if isinstance(item, dict) else None


def _part(work: _Work, pointer: Pointer, label: str, last: Any, theirs: Any) -> None:
    """Merge the keys of an item that is here and in the source; leave it unless the last answer had it too."""
    if not isinstance(theirs, dict) or last is None:
        return
    for name, value in theirs.items():
        before = None if name == "id" else last.get(name)  # links use an id, so it stays
        # Citations that people added are not reported each time.
        if not isinstance(value, list) or not alike(value, before):
            _value(work, (*pointer, name), f"{label}.{name}", before, value)


def _wording(event: Content) -> str:
    return "".join(char for char in str(event.get("note", "")).casefold() if char.isalnum())


# Keys of equal events, the surest first; True: only if either side has a single event with the key.
_SAME: tuple[tuple[Callable[[Content], Hashable], bool], ...] = (
    (lambda event: event.get("id"), False),
    (lambda event: (event["date"], event["type"], _wording(event)), False),
    (lambda event: (event["date"], _wording(event)), False),
    (lambda event: (event["date"], event["type"]), True),
    (lambda event: (event["type"], _wording(event)), True),
)


def paired(events: list[Content], others: list[Content]) -> dict[int, int]:
    """Return the positions of equal events: position in `events` -> position in `others`, each used once."""
    pairs: dict[int, int] = {}
    for key, alone in _SAME:
        free = _by_key(others, key, set(pairs.values()))
        waiting = _by_key(events, key, pairs)
        waiting.pop(None, None)
        for event_key, positions in waiting.items():
            places = free.get(event_key, [])
            if not alone or len(positions) == len(places) == 1:
                pairs.update(zip(positions, places, strict=False))
    return pairs


def _by_key(
    events: list[Content], key: Callable[[Content], Hashable], used: Container[int]
) -> dict[Hashable, list[int]]:
    """Return the positions of the events that are not `used`, by their key."""
    positions: dict[Hashable, list[int]] = {}
    for position, event in enumerate(events):
        if position not in used:
            positions.setdefault(key(event), []).append(position)
    return positions


def _events(work: _Work, last: list[Content], theirs: list[Content]) -> None:
    mine = list(work.content.get("events", []))
    before, here = paired(theirs, last), paired(last, mine)
    imported = set(here.values())
    for position, event in enumerate(theirs):
        then = before.get(position)
        if then in here:
            _part(work, ("events", here[then]), f"event of {event['date']}", last[then], event)
        elif then is not None:
            if not _is_known(event, mine, set()):
                note = f"kept: the {_in_words(event)} was removed here ('{_note(event)}')"
                work.notes.append(note)
        elif not _is_known(event, mine, imported):
            work.new_events.append(event)
    for then, event in enumerate(last):
        if then not in before.values() and then in here:
            note = f"gone: the source no longer gives the {_in_words(event)} ('{_note(event)}'); it stays"
            work.notes.append(note)
    used = event_ids.used(event_ids.names(mine))
    for event in work.new_events:
        event_id = event_ids.event_id(event.get("id") or event["type"], used)
        used.add(event_id)
        place = event_place(work.content.get("events", []), event)
        work.make(Edit(("events", place), {**event, "id": event_id}, insert=True))


def _in_words(event: Content) -> str:
    return f"{event['type']} event of {event['date']}"


def _note(event: Content) -> str:
    return _brief(event.get("note", ""))


def _span(event: Content) -> tuple[str, str]:
    try:
        return dates.span(event["date"])[:2]
    except (ValueError, TypeError, KeyError):
        return "9999-12-31", "9999-12-31"


def _is_known(event: Content, events: list[Content], imported: set[int]) -> bool:
    """Return whether an event is among `events` in other words: at most a day apart, with the same type or wording.

    An event on an uncertain day says that the action reached a stage by then, so an earlier event of the stage counts too.
    """
    first, last = _span(event)
    uncertain = event["date"].endswith("?")
    for position, other in enumerate(events):
        start, end = _span(other)
        if uncertain and start <= last and MOVES[other["type"]][0] == MOVES[event["type"]][0] != "":
            return True
        if position in imported:
            continue
        near = dates.in_days(start, -1) <= last and first <= dates.in_days(end, 1)
        same_type = other.get("type") == event["type"] != "other"
        if near and (same_type or _wording(other) == _wording(event) != ""):
            return True
    return False


def _as_of(work: _Work, last: Content | None, theirs: Content) -> None:
    """Move `as_of` forward if that of the source moved, or if the source has a later event."""
    now, then = theirs.get("as_of", ""), work.content.get("as_of", "")
    moved = last is not None and now != last.get("as_of")
    latest = max((event["date"] for event in work.new_events), default="")
    if now and now > str(then) and (moved or latest > str(then)):
        work.make(Edit(("as_of",), now))


def vanished(last: Content, theirs: Content) -> tuple[int, int]:
    """Return the number of events in the last answer, and how many of them the new answer no longer has."""
    events = last.get("events") or []
    return len(events), len(events) - len(paired(theirs.get("events") or [], events))
