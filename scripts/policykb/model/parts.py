"""The parts of a record (events, stances, citations and so on): when two of them are the same, and their labels.

Pure functions over plain dictionaries, as pydantic dumps records. Comparing and merging records need them.
"""

import datetime
from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from policykb.model import records, vocabulary
from policykb.model.fields import Part

Values = Mapping[str, object]
Key = Callable[[Values], Hashable | None]
Keys = Callable[[Values], Iterable[Hashable | None]]
EVENT_LABELS = vocabulary.labels(vocabulary.EVENT_TYPES)
_LABELS = {
    records.Stance: "{stance} {action}",
    records.ActionRelation: "{type} {action}",
    records.ArgumentRelation: "{type} {argument}",
    records.Mention: "{action}{place}, portrayed as {portrayed_as}",
    records.Appearance: "{document}{place}",
    records.Cite: "{document}{place}",
    records.Evidence: "{document}{place}: {finding}",
    records.Body: "{organization} as {role}",
    records.Dispute: "{about}",
    records.Duty: "{who} {rule} {what}",
}
SHOWN = 120
EMPTY = (None, "", [], {})  # what counts as no value


def identity(part: Values, keys: Sequence[str]) -> Hashable | None:
    """Return the values of `keys`, by which `part` is recognized; None if it has none of them."""
    values = tuple(_hashable(part.get(key)) for key in keys)
    return values if any(value is not None for value in values) else None


def with_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return `values` without the keys that have no value."""
    return {key: value for key, value in values.items() if value not in EMPTY}


def several(value: Any) -> list:
    """Return the items of a list, or a single value as a list; [] without a value."""
    return value if isinstance(value, list) else [value] if value else []


def one_or_several(items: list) -> Any:
    """Return the only item, or all items, as files have the identifiers of a scheme."""
    return items[0] if len(items) == 1 else items


def same(value: object, other: object) -> bool:
    """Return whether two values are equal; a day may be written as a date or as text."""
    return _hashable(value) == _hashable(other)


def _hashable(value: object) -> Hashable:
    if isinstance(value, Mapping):
        items = ((key, inner) for key, inner in value.items() if inner not in (None, []))
        return tuple(sorted((key, _hashable(inner)) for key, inner in items))
    if isinstance(value, datetime.date):
        return value.isoformat()
    return tuple(map(_hashable, value)) or None if isinstance(value, list) else value


def paired(
    kind: type[Part], before: Sequence[Values], after: Sequence[Values]
) -> tuple[list[tuple[Values, Values]], list[Values], list[Values]]:
    """Return the pairs of parts that are the same, the parts only before and the parts only after, in order.

    Equal parts are paired first, then parts that agree in each set of keys in turn; linear in the length of the lists. A
    general comparison such as deepdiff takes quadratic time and cannot know that the action identifies a stance.
    """
    pairs: list[tuple[Values, Values]] = []
    olds, news = list(before), list(after)
    for old_key, new_keys in _passes(kind, before):
        waiting: dict[Hashable, deque] = defaultdict(deque)
        for old in olds:
            waiting[old_key(old)].append(old)
        used: set[int] = set()
        rest = []
        for new in news:
            key = next((key for key in new_keys(new) if key is not None and waiting.get(key)), None)
            if key is None:
                rest.append(new)
            else:
                old = waiting[key].popleft()
                used.add(id(old))
                pairs.append((old, new))
        olds, news = [old for old in olds if id(old) not in used], rest
    order = {id(new): position for position, new in enumerate(after)}
    return sorted(pairs, key=lambda pair: order[id(pair[1])]), olds, news


def _passes(kind: type[Part], before: Sequence[Values]) -> Iterator[tuple[Key, Keys]]:
    """Yield the ways to pair parts, the surest first: a function for the key of an old part, and one for the keys of a new part."""
    places = {id(part): str(place) for place, part in enumerate(before, 1)}
    yield _hashable, lambda part: (_hashable(part),)
    for keys in kind.keys:
        key = partial(identity, keys=keys)
        yield key, lambda part, key=key: (key(part),)
        if keys == ("id",):  # an event that got an id was known by its place before
            yield (
                lambda part: part.get("id") or places[id(part)],
                lambda part: part.get("former_ids") or (),
            )


def label(kind: type[Part], part: Values) -> str:
    """Return a label of a few words for a part of the type `kind`."""
    if kind is records.Author:
        names = (part.get(key) for key in ("given", "family", "organization"))
        return " ".join(filter(None, names))
    if kind is records.Event:
        note = f": {part['note']}" if part.get("note") else ""
        return brief(f"{part['date']} {EVENT_LABELS[part['type']]}{note}")
    place = f", {part['locator']}" if part.get("locator") else ""
    text = _LABELS[kind].format(**part, place=place)
    return brief(text) if kind in (records.Dispute, records.Duty) else text


def brief(text: object, limit: int = SHOWN) -> str:
    """Return `text` on one line, cut to `limit` characters."""
    line = " ".join(str(text).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
