"""Ids of events: how a new one is made, and which ids the events of an action have.

An address of an event is the id of its action, `#`, and the id of the event. Addresses are cited and linked, so an id
never changes. Earlier addresses stay in `former_ids`: a name alone (`4`, the place of the event before it had an id), or
with the id of the action that the event was once part of (`an-old-action#issued`).
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from policykb.model.dates import span
from policykb.model.records import Event
from policykb.model.status import Happening

MOST = 80


class Names(NamedTuple):
    """What an event is called: its id ('' if it has none), its type, and its former ids."""

    id: str
    type: str
    former: tuple[str, ...]


def names(events: Iterable[Event | Mapping]) -> list[Names]:
    """Return the names of events, which are records or plain tables of a file."""
    tables = (event.__dict__ if isinstance(event, Event) else event for event in events)
    return [
        Names(
            str(table.get("id") or ""),
            str(table.get("type") or ""),
            tuple(table.get("former_ids", ())),
        )
        for table in tables
    ]


def used(events: Iterable[Names]) -> set[str]:
    """Return every id and former id among the names of the events of one action."""
    return {name for event in events for name in (event.id, *event.former) if name}


def event_id(event_type: str, used_ids: Collection[str]) -> str:
    """Return an id for a new event: its type with hyphens, then `type-2` and so on; never one of `taken`."""
    base = re.sub(r"[^a-z0-9]+", "-", event_type.lower())[: MOST - 5].strip("-") or "event"
    number = 1
    while (name := base if number == 1 else f"{base}-{number}") in used_ids:
        number += 1
    return name


def new_ids(events: Sequence[Names]) -> dict[int, Names]:
    """Return names for the events that have a type and no id, by place in the list from 0.

    The place of such an event, from 1, was its address, so it becomes a former id, unless another event had that address before.
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
    """Return the key of each event within its action: its id; without one its place from 1.

    Where that place is a former id of another event, the key is the id that `policykb fix` gives to the event.
    """
    if all(event.id for event in events):
        return [event.id for event in events]
    new, used_ids = new_ids(events), used(events)
    return [
        event.id or (new[place].id if str(place + 1) in used_ids else str(place + 1))
        for place, event in enumerate(events)
    ]


def address(action: str, name: str) -> str:
    """Return the address that the id or former id `name` of an event of `action` stands for."""
    return name if "#" in name else f"{action}#{name}"


def with_ids(events: Sequence[Mapping]) -> list[dict]:
    """Return the events of a new record, as tables of a file, each with an id."""
    new = new_ids(names(events))
    return [
        {"id": new[place].id, **event} if place in new else dict(event)
        for place, event in enumerate(events)
    ]


def event_keys(id: str, events: Iterable[Event]) -> list[str]:
    """Return the key of each event of an action in kb.db: the action's id, `#`, and the event's id, or its place if it has none."""
    return [f"{id}#{key}" for key in keys(names(events))]


def happenings(id: str, events: list[Event]) -> list[Happening]:
    """Return the events of an action as status.py needs them."""
    return [
        Happening(
            key,
            event.type,
            span(event.date),
            f"{id}#{event.supersedes}" if event.supersedes else None,
            event.moved_on,
        )
        for key, event in zip(event_keys(id, events), events, strict=True)
    ]
