"""Ids of events: how new ids are made, and which ids the events of an action have.

The address of an event is the id of its action, `#`, and the id of the event. Addresses are cited and linked, so an id
never changes. Earlier addresses stay in `former_ids`: a name (`4`, the place of the event before it had an id), or a name
with the id of the action that the event was once part of (`an-old-action#issued`).
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from policykb.model.dates import span
from policykb.model.records import LONGEST_ID, Event
from policykb.model.status import Happening


class Names(NamedTuple):
    """The names of an event: its id ('' if it has none), its type, and its former ids."""

    id: str
    type: str
    former: tuple[str, ...]


def names(events: Iterable[Event | Mapping]) -> list[Names]:
    """Return the names of events, which are records or plain tables of a file."""
    tables = (vars(event) if isinstance(event, Event) else event for event in events)
    return [
        Names(
            str(table.get("id") or ""),
            str(table.get("type") or ""),
            (*table.get("former_ids", ()),),
        )
        for table in tables
    ]


def used(events: Iterable[Names]) -> set[str]:
    """Return every id and former id of the events of one action."""
    return {name for event in events for name in (event.id, *event.former) if name}


def event_id(event_type: str, used_ids: Collection[str]) -> str:
    """Return an id for a new event that is not in `used_ids`: its type with hyphens, `type-2` and so on."""
    base = re.sub(r"[^a-z0-9]+", "-", event_type.lower())[: LONGEST_ID - 5].strip("-") or "event"
    name, number = base, 1
    while name in used_ids:
        number += 1
        name = f"{base}-{number}"
    return name


def new_ids(events: Sequence[Names]) -> dict[int, Names]:
    """Return new names for the events that have a type and no id, by place in the list from 0.

    Such an event was known by its place, from 1. So the place becomes a former id, unless another event already uses it.
    """
    used_ids = used(events)
    new: dict[int, Names] = {}
    for place, event in enumerate(events):
        if event.id or not event.type:
            continue
        former = () if str(place + 1) in used_ids else (str(place + 1),)
        name = event_id(event.type, used_ids)
        new[place] = Names(name, event.type, (*event.former, *former))
        used_ids.update((name, *former))
    return new


def keys(events: Sequence[Names]) -> list[str]:
    """Return the key of each event within its action: its id, or its place from 1 if it has no id.

    If that place is a former id of another event, the key is the id that `policykb check --fix` would write.
    """
    if all(event.id for event in events):
        return [event.id for event in events]
    new, used_ids = new_ids(events), used(events)
    return [
        event.id or (new[place].id if str(place + 1) in used_ids else str(place + 1))
        for place, event in enumerate(events)
    ]


def address(action: str, name: str) -> str:
    """Return the address of an event of `action` by its id or former id `name`."""
    return name if "#" in name else f"{action}#{name}"


def with_ids(events: Sequence[Mapping]) -> list[dict]:
    """Return the events of a new record, as tables of a file, each with an id."""
    new = new_ids(names(events))
    return [
        {"id": new[place].id, **event} if place in new else dict(event)
        for place, event in enumerate(events)
    ]


def event_keys(action: str, events: Iterable[Event]) -> list[str]:
    """Return the key in kb.db of each event of `action`: the id of the action, `#`, and its key within the action."""
    return [f"{action}#{key}" for key in keys(names(events))]


def happenings(action: str, events: list[Event]) -> list[Happening]:
    """Return the events of `action` in the form that `status.periods` takes."""
    return [
        Happening(
            key,
            event.type,
            span(event.date),
            f"{action}#{event.supersedes}" if event.supersedes else None,
            event.moved_on,
        )
        for key, event in zip(event_keys(action, events), events, strict=True)
    ]
