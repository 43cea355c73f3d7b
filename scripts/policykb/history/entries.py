"""Entries of the change log: what differs between two states of a record, field by field, and how to undo it.

An entry has the value before in full, so that a record of today and its entries give the record of any day.
"""

import copy
import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import NamedTuple

from policykb.files.reader import Parsed
from policykb.history.diff import status
from policykb.history.states import RecordChange, values
from policykb.model.fields import Field, describe
from policykb.model.parts import paired
from policykb.model.records import Action

NESTED = ("effect", "identifiers")  # tables whose keys have entries of their own
STATUS = "status"
ORDER = "@order"


class Entry(NamedTuple):
    """A change of one field of one record.

    `change` is added, changed, removed, moved, renamed, merged, withdrawn or restored. `pointer` is the way to the field
    ('events#signed.date'; '' for the record itself), `place` the place of the part in its list, from 1: after the change,
    or before it if the part was removed. `before` and `after` are values as `encode` gives them.
    """

    kind: str
    record: str
    change: str
    pointer: str = ""
    place: int | None = None
    before: str | None = None
    after: str | None = None


def encode(value: object) -> str | None:
    """Return a value as text: plain text as it is, other values (and text that looks like one) as JSON, None as None."""
    if value is None or (isinstance(value, str) and not _is_json(value)):
        return value
    return json.dumps(_pruned(value), ensure_ascii=False, sort_keys=True)


def decode(text: str | None) -> object:
    """Return the value that `encode` wrote."""
    return json.loads(text) if text is not None and _is_json(text) else text


def _is_json(text: str) -> bool:
    return text.startswith(("[", "{", '"')) or text in ("true", "false")


def _pruned(value: object) -> object:
    """Return a value without the keys that are empty, since a file does not have them either."""
    if isinstance(value, list):
        return [_pruned(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _pruned(item)
        for key, item in value.items()
        if item not in (None, [], {}) and item is not False
    }


def entries(change: RecordChange, targets: Mapping[str, str], day: str | None) -> Iterator[Entry]:
    """Yield the entries for what became of a record; with the status of an action on `day`, unless that is None."""
    name, was, now, _ = change
    if name == "added":
        yield Entry(now.kind, now.id, name)
    elif name == "removed":
        yield Entry(was.kind, was.id, name, before=encode(was.record.model_dump()))
    elif name == "merged":
        yield Entry(was.kind, was.id, name, "id", before=was.id, after=targets[was.id])
    else:
        if name == "renamed":
            yield Entry(now.kind, now.id, name, "id", before=was.id, after=now.id)
        if was.record != now.record:
            yield from _values(was, now, targets)
            if isinstance(now.record, Action) and day:
                first, second = status(was, day).words, status(now, day).words
                if first != second:
                    yield _entry(now, STATUS, None, first, second)


def _values(was: Parsed, now: Parsed, targets: Mapping[str, str]) -> Iterator[Entry]:
    old, new = values(was.record, targets), now.record.model_dump()
    for name, field in describe(type(now.record)).items():
        before, after = old[name], new[name]
        if before == after:
            continue
        if field.part and field.many:
            yield from _parts(now, field, before, after)
        elif name in NESTED and before is not None and after is not None:
            for key in sorted({*before, *after}):
                if before.get(key) != after.get(key):
                    yield _entry(now, f"{name}.{key}", None, before.get(key), after.get(key))
        else:
            entry = _entry(now, name, None, before, after)
            if name == "withdrawn":
                words = {"added": "withdrawn", "removed": "restored"}
                entry = entry._replace(change=words.get(entry.change, entry.change))
            yield entry


def _entry(item: Parsed, pointer: str, place: int | None, before: object, after: object) -> Entry:
    change = "added" if before in (None, []) else "removed" if after in (None, []) else "changed"
    return Entry(item.kind, item.id, change, pointer, place, encode(before), encode(after))


def _parts(item: Parsed, field: Field, before: list[dict], after: list[dict]) -> Iterator[Entry]:
    """Yield the entries for a list of parts: changed, new and removed parts, and another order of the others."""
    pairs, removed, new = paired(field.part, before, after)
    places = {id(part): place for side in (before, after) for place, part in enumerate(side, 1)}

    def pointer(part: dict) -> str:
        name = part["id"] if field.name == "events" else None
        return f"{field.name}#{name or places[id(part)]}"

    for old, part in pairs:
        for key in part:
            if old[key] != part[key]:
                place = f"{pointer(part)}.{key}"
                yield _entry(item, place, places[id(part)], old[key], part[key])
    for part in new:
        entry = _entry(item, pointer(part), places[id(part)], None, part)
        yield entry._replace(change="moved") if part.get("supersedes") else entry
    for part in removed:
        yield _entry(item, pointer(part), places[id(part)], part, None)
    order = sorted(range(1, len(pairs) + 1), key=lambda place: places[id(pairs[place - 1][0])])
    if order != sorted(order):
        yield _entry(item, field.name + ORDER, None, order, sorted(order))


def undo(record: Mapping, rows: Iterable[Mapping]) -> dict | None:
    """Return the values of a record before the changes in `rows`, the newest first; None if it did not exist.

    Ids of other records in it are those of today.
    """
    before = copy.deepcopy(dict(record))
    for _, commit in groupby(rows, key=lambda row: row["commit"]):
        lists: dict[str, list[Mapping]] = {}
        for row in commit:
            pointer = row["pointer"]
            if not pointer and row["change"] == "added":
                return None
            if pointer in ("", "id", STATUS):
                continue
            if row["place"] is not None or pointer.endswith(ORDER):
                lists.setdefault(pointer.partition("#")[0].removesuffix(ORDER), []).append(row)
            else:
                name, _, key = pointer.partition(".")
                _set(before[name] if key else before, key or name, decode(row["before"]))
        for name, changes in lists.items():
            before[name] = _undo_list(before[name], changes)
    return before


def _undo_list(parts: list[dict], rows: list[Mapping]) -> list[dict]:
    """Return a list of parts before changes: set values back, drop new parts, restore the order, insert removed parts."""
    new, removed, order = set(), [], None
    for row in rows:
        key = row["pointer"].partition("#")[2].rpartition(".")
        if row["pointer"].endswith(ORDER):
            order = decode(row["before"])
        elif key[1]:
            _set(parts[row["place"] - 1], key[2], decode(row["before"]))
        elif row["before"] is None:
            new.add(row["place"])
        else:
            removed.append(row)
    result = [part for place, part in enumerate(parts, 1) if place not in new]
    if order:
        result = [result[place - 1] for place in order]
    for row in sorted(removed, key=lambda row: row["place"]):
        result.insert(row["place"] - 1, decode(row["before"]))
    return result


def _set(table: dict, key: str, value: object) -> None:
    """Set the value of a key; without a value remove the key, as in a file."""
    if value is None:
        table.pop(key, None)
    else:
        table[key] = value
