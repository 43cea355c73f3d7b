"""Ids of events: how a new one is made, and which ids the events of an action have.

An address of an event is the id of its action, `#`, and the id of the event. Addresses are cited and linked, so an id
never changes. Earlier addresses stay in `former_ids`: a name alone (`4`, the place of the event before it had an id), or
with the id of the action that the event was once part of (`an-old-action#issued`).
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from policykb.model.dates import span
from policykb.model.records import Action, Event
from policykb.model.status import Happening

MOST = 80


class Names(NamedTuple):
    """What an event is called: its id ('' if it has none), its type, and its former ids."""

    id: str
    type: str
    former: tuple[str, ...]


def names(events: Iterable[Event | Mapping]) -> list[Names]:
    """Return the names of events, which are records or plain tables of a file."""
    return [
        Names(event.id or "", event.type, tuple(event.former_ids))
        if isinstance(event, Event)
        else Names(
            str(event.get("id") or ""),
            str(event.get("type") or ""),
            (*event.get("former_ids", ()),),
        )
        for event in events
    ]


def used(listed: Iterable[Names]) -> set[str]:
    """Return every id and former id among the names of the events of one action."""
    return {name for one in listed for name in (one.id, *one.former) if name}


def event_id(event_type: str, taken: Collection[str]) -> str:
    """Return an id for a new event: its type with hyphens, then `type-2` and so on; never one of `taken`."""
    made = re.sub(r"[^a-z0-9]+", "-", event_type.lower())[: MOST - 5].strip("-") or "event"
    number = 1
    while (name := made if number == 1 else f"{made}-{number}") in taken:
        number += 1
    return name


def new_ids(listed: Sequence[Names]) -> dict[int, Names]:
    """Return names for the events that have a type and no id, by place in the list from 0.

    The place of such an event, from 1, was its address, so it becomes a former id, unless another event had that address before.
    """
    taken = used(listed)
    made: dict[int, Names] = {}
    for place, one in enumerate(listed):
        if one.id or not one.type:
            continue
        former = () if str(place + 1) in taken else (str(place + 1),)
        name = event_id(one.type, taken)
        made[place] = Names(name, one.type, (*one.former, *former))
        taken.update((name, *former))
    return made


def keys(listed: Sequence[Names]) -> list[str]:
    """Return the key of each event within its action: its id; without one its place from 1.

    Where that place is a former id of another event, the key is the id that `policykb fix` gives to the event.
    """
    if all(one.id for one in listed):
        return [one.id for one in listed]
    made, taken = new_ids(listed), used(listed)
    return [
        one.id or (made[place].id if str(place + 1) in taken else str(place + 1))
        for place, one in enumerate(listed)
    ]


def address(action: str, name: str) -> str:
    """Return the address that the id or former id `name` of an event of `action` stands for."""
    return name if "#" in name else f"{action}#{name}"


def with_ids(events: Sequence[Mapping]) -> list[dict]:
    """Return the events of a new record, as tables of a file, each with an id."""
    made = new_ids(names(events))
    return [
        {"id": made[place].id, **event} if place in made else dict(event)
        for place, event in enumerate(events)
    ]


def identifiers(action: Action) -> Iterator[tuple[tuple, str, str]]:
    """Each identifier of an action: the pointer to it, its scheme and its value."""
    for scheme, value in action.identifiers.items():
        if isinstance(value, str):
            yield ("identifiers", scheme), scheme, value
        else:
            for position, item in enumerate(value):
                yield ("identifiers", scheme, position), scheme, item


def event_keys(id: str, events: Iterable[Event]) -> list[str]:
    """The key of each event of an action in kb.db: the action's id, `#`, and the event's id, or its place if it has none."""
    return [f"{id}#{key}" for key in keys(names(events))]


def happenings(id: str, events: list[Event]) -> list[Happening]:
    """The events of an action as status.py needs them."""
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
