"""The parts of a record (events, stances, citations and so on): what makes two of them the same, and what they are called.

Pure functions over plain dictionaries, as records are dumped. A comparison of records needs this and so does merging two.
"""

import datetime
from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from policykb.model import vocabulary

Part = Mapping[str, object]
Key = Callable[[Part], Hashable | None]
Keys = Callable[[Part], Iterable[Hashable | None]]
EVENT_LABELS = {kind.id: kind.label for kind in vocabulary.EVENT_TYPES}
SHOWN = 120

# The keys that tell parts of one list apart, the strictest first. Two with the same strict keys say something of the same thing.
IDENTITY: dict[str, tuple[tuple[str, ...], ...]] = {
    "events": (
        ("id",),
        ("date", "type"),
        ("type", "note"),
        ("type", "cite"),
        ("date", "note"),
        ("date", "cite"),
    ),
    "stances": (("action", "stance"), ("action",)),
    "relations": (("type", "action", "argument"), ("action", "argument")),
    "mentions": (("action", "locator"), ("action",)),
    "appearances": (("document", "locator"), ("document",)),
    "evidence": (("document", "locator"), ("document",)),
    "cite": (("document", "locator"), ("document",)),
    "bodies": (("organization", "role"), ("organization",)),
    "disputes": (("about",), ("note",)),
    "authors": (("family", "given", "organization"),),
}


def identity(part: Part, keys: Sequence[str]) -> Hashable | None:
    """What tells `part` apart by `keys`; None if it has none of them."""
    found = tuple(_hashable(part.get(key)) for key in keys)
    return found if any(value is not None for value in found) else None


def same(one: object, other: object) -> bool:
    """Whether two values say the same; a day may be written as a date or as text."""
    return _hashable(one) == _hashable(other)


def _hashable(value: object) -> Hashable:
    if isinstance(value, Mapping):
        return tuple(
            sorted(
                (key, _hashable(inner)) for key, inner in value.items() if inner not in (None, [])
            )
        )
    if isinstance(value, datetime.date):
        return value.isoformat()
    return tuple(map(_hashable, value)) or None if isinstance(value, list) else value


def paired(
    name: str, before: Sequence[Part], after: Sequence[Part]
) -> tuple[list[tuple[Part, Part]], list[Part], list[Part]]:
    """The parts of two lists under the key `name` that are the same thing, those only before and those only after, in order.

    Equal ones go first, then by each set of keys in turn; linear in the length of the lists. A general comparison such
    as deepdiff pairs by likeness of everything, in quadratic time, and cannot know that a stance is told apart by its action.
    """
    pairs: list[tuple[Part, Part]] = []
    olds, news = list(before), list(after)
    for old_key, new_keys in _passes(name, before):
        waiting: dict[Hashable, deque] = defaultdict(deque)
        for old in olds:
            waiting[old_key(old)].append(old)
        taken: set[int] = set()
        rest = []
        for new in news:
            key = next((key for key in new_keys(new) if key is not None and waiting.get(key)), None)
            if key is not None:
                old = waiting[key].popleft()
                taken.add(id(old))
                pairs.append((old, new))
            else:
                rest.append(new)
        olds, news = [old for old in olds if id(old) not in taken], rest
    order = {id(new): position for position, new in enumerate(after)}
    return sorted(pairs, key=lambda pair: order[id(pair[1])]), olds, news


def _passes(name: str, before: Sequence[Part]) -> Iterator[tuple[Key, Keys]]:
    """Return the ways to pair the parts under the key `name`, the surest first: the key of an old part, and those of a new one."""
    places = {id(part): str(place) for place, part in enumerate(before, 1)}
    yield _hashable, lambda part: (_hashable(part),)
    for keys in IDENTITY[name]:
        key = partial(identity, keys=keys)
        yield key, lambda part, key=key: (key(part),)
        if keys == ("id",):  # an event that got a name: before, it went by its place
            yield (
                lambda part: part.get("id") or places[id(part)],
                lambda part: part.get("former_ids") or (),
            )


def label(name: str, part: Part) -> str:
    """A part of the list `name` in a few words."""
    place = f", {part['locator']}" if part.get("locator") else ""
    if name == "events":
        return brief(
            f"{part['date']} {EVENT_LABELS[part['type']]}"
            + (f": {part['note']}" if part.get("note") else "")
        )
    if name == "stances":
        return f"{part['stance']} {part['action']}"
    if name == "relations":
        return f"{part['type']} {part.get('action') or part.get('argument')}"
    if name == "mentions":
        return f"{part['action']}{place}, portrayed as {part['portrayed_as']}"
    if name in ("appearances", "cite"):
        return f"{part['document']}{place}"
    if name == "evidence":
        return f"{part['document']}{place}: {part['finding']}"
    if name == "bodies":
        return f"{part['organization']} as {part['role']}"
    if name == "disputes":
        return brief(str(part["about"]))
    return " ".join(str(part[key]) for key in ("given", "family", "organization") if part.get(key))


def brief(text: object, limit: int = SHOWN) -> str:
    """`text` on one line, cut to `limit` characters at the end."""
    line = " ".join(str(text).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
