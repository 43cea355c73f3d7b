"""Two states of a record -> entries of the change log, each of one field, with what it held in full so that it can be undone.

What is the same thing in both states is decided by parts.py and difference.py, as for `policykb diff`.
"""

import json
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from policykb.files.reader import Parsed
from policykb.history.diff import Became, standing, told
from policykb.model.fields import Field, describe
from policykb.model.parts import paired
from policykb.model.records import Action

NESTED = ("openness", "identifiers")
STATUS = "status"
ORDER = "@order"


class Entry(NamedTuple):
    """A change of one field of one record.

    `change` is added, changed, removed, moved, renamed, merged, withdrawn or restored. `pointer` is the way to the field
    ('events#signed.date'; '' for the record itself), `place` the place of the part in its list, from 1: after the change,
    or before it if the part was removed. `before` and `after` are values as `encoded`.
    """

    kind: str
    record: str
    change: str
    pointer: str = ""
    place: int | None = None
    before: str | None = None
    after: str | None = None


def encoded(value: object) -> str | None:
    """A value as text: plain text as it is, anything else (and text that looks like it) as JSON, nothing as None."""
    if value is None:
        return None
    if isinstance(value, str) and not (
        value.startswith(("[", "{", '"')) or value in ("true", "false")
    ):
        return value
    return json.dumps(_pruned(value), ensure_ascii=False, sort_keys=True)


def _pruned(value: object) -> object:
    """A value without the keys that hold nothing, as they stand in no file either."""
    if isinstance(value, dict):
        return {
            key: _pruned(inner)
            for key, inner in value.items()
            if inner not in (None, [], {}) and inner is not False
        }
    return [_pruned(inner) for inner in value] if isinstance(value, list) else value


def decoded(text: str | None) -> object:
    """The value that `encoded` gave."""
    if text is not None and (text.startswith(("[", "{", '"')) or text in ("true", "false")):
        return json.loads(text)
    return text


def entries(became: Became, leads: Mapping[str, str], day: str | None) -> Iterator[Entry]:
    """The entries for what became of a record; the status of an action is that on `day`, unless that is None."""
    change, was, now, _ = became
    if change == "added":
        yield Entry(now.kind, now.id, "added")
    elif change == "removed":
        yield Entry(was.kind, was.id, "removed", before=encoded(was.record.model_dump()))
    elif change == "merged":
        yield Entry(was.kind, was.id, "merged", "id", before=was.id, after=leads[was.id])
    else:
        if change == "renamed":
            yield Entry(now.kind, now.id, "renamed", "id", before=was.id, after=now.id)
        if was.record != now.record:
            yield from _fields(was, now, leads)
            if isinstance(now.record, Action) and day:
                first, second = (standing(item.id, item.record, day)[0] for item in (was, now))
                if first != second:
                    yield Entry(now.kind, now.id, "changed", STATUS, None, first, second)


def _fields(was: Parsed, now: Parsed, leads: Mapping[str, str]) -> Iterator[Entry]:
    old, new = told(was.record, leads), now.record.model_dump()
    for name, field in describe(type(now.record)).items():
        before, after = old[name], new[name]
        if before == after:
            continue
        if field.part and field.many:
            yield from _parts(now, field, before, after)
        elif name in NESTED:
            for key in sorted({*before, *after}):
                if before.get(key) != after.get(key):
                    yield _entry(now, f"{name}.{key}", None, before.get(key), after.get(key))
        elif name == "withdrawn":
            change = "withdrawn" if not before else "restored" if not after else "changed"
            yield _entry(now, name, None, before, after)._replace(change=change)
        else:
            yield _entry(now, name, None, before, after)


def _entry(item: Parsed, pointer: str, place: int | None, before: object, after: object) -> Entry:
    change = "added" if before in (None, []) else "removed" if after in (None, []) else "changed"
    return Entry(item.kind, item.id, change, pointer, place, encoded(before), encoded(after))


def _parts(item: Parsed, field: Field, before: list[dict], after: list[dict]) -> Iterator[Entry]:
    """The entries for a list of parts: those changed, new, gone, and the order of those kept if it is another."""
    pairs, gone, new = paired(field.part, before, after)
    name = field.name
    at = {id(part): position for side in (before, after) for position, part in enumerate(side, 1)}
    for old, part in pairs:
        for key in part:
            if old[key] != part[key]:
                yield _entry(
                    item, f"{_pointer(name, part, at)}.{key}", at[id(part)], old[key], part[key]
                )
    for part in new:
        yield Entry(
            item.kind,
            item.id,
            "moved" if part.get("supersedes") else "added",
            _pointer(name, part, at),
            at[id(part)],
            None,
            encoded(part),
        )
    for part in gone:
        yield Entry(
            item.kind,
            item.id,
            "removed",
            _pointer(name, part, at),
            at[id(part)],
            encoded(part),
            None,
        )
    then = sorted(range(len(pairs)), key=lambda position: at[id(pairs[position][0])])
    if then != sorted(then):
        yield Entry(
            item.kind,
            item.id,
            "changed",
            name + ORDER,
            None,
            encoded([position + 1 for position in then]),
            encoded(sorted(position + 1 for position in then)),
        )


def _pointer(name: str, part: Mapping, at: Mapping[int, int]) -> str:
    return f"{name}#{name == 'events' and part['id'] or at[id(part)]}"
