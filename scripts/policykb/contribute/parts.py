"""Adding parts (events, citations, stances ...) to a file and setting its values; comments, order and layout stay."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from policykb.contribute import one_line
from policykb.contribute.changes import Change, current
from policykb.contribute.drafts import KINDS
from policykb.contribute.edits import changes_of, opened
from policykb.contribute.resolve import References
from policykb.files.catalogue import Catalogue
from policykb.files.toml_edit import MISSING, Draft, Edit, alike, compose, record_type, values
from policykb.model import dates, event_ids, fields
from policykb.model import records as model
from policykb.model.parts import one_or_several, several
from policykb.model.problems import InvalidInputError, did_you_mean, nearest, shown
from policykb.text import lowered

# Part with sources that is known by its place -> the list that it is in, and the key with its words.
_BY_PLACE = {"dispute": ("disputes", "about"), "duty": ("duties", "what")}
Content = Mapping[str, Any] | tuple[str, str] | str


class ListedPart(NamedTuple):
    """A part that can be added: the field that lists it, by kind of record."""

    fields: dict[str, fields.Field]

    @property
    def types(self) -> list[type[fields.Part]]:
        """Return the types that it may have; none if it is a text."""
        return list(dict.fromkeys(field.part for field in self.fields.values() if field.part))

    @property
    def about(self) -> str:
        """Return the description of the part."""
        if self.types:
            return " ".join(part.__doc__ for part in self.types)
        field = next(iter(self.fields.values()))
        return f"An item of {field.name}: {lowered(field.description)}"


def _parts() -> dict[str, ListedPart]:
    """Return a part for each list of a record, by the name of one item."""
    parts: dict[str, ListedPart] = {}
    for kind, (record, _) in model.FOLDERS.items():
        for field in fields.describe(record).values():
            if field.many:
                name = "citation" if field.part is model.Cite else field.option
                part = parts.setdefault(name.replace("_", "-"), ListedPart({}))
                part.fields[kind] = field
    return parts


PARTS = _parts()


def find(
    policies: Path, record_id: str, kinds: tuple[str, ...] = tuple(model.FOLDERS)
) -> tuple[str, str]:
    """Return the kind and the path of a record, which must be one of `kinds`.

    :raises NotFoundError: if there is none, with the id it has now, the kind it is of, or the nearest id.
    """
    entry = Catalogue.read(policies, ids_only=True).get(record_id, *kinds)
    return entry.kind, entry.path


def text(policies: Path, record_id: str) -> tuple[str, str]:
    """Return the path of a record's file and the TOML of the record.

    :raises NotFoundError: if there is no such record.
    """
    kind, path = find(policies, record_id, ())
    data = current(policies, path) or b""
    if kind in model.FOLDERS:
        return path, data.decode(errors="replace")
    table = values(data.decode(errors="replace")).get(record_id, {})
    return path, compose(record_type(kind), {record_id: table})


def setting(
    policies: Path,
    record_id: str,
    key: str,
    text: str | None,
    when: one_line.Dates,
    references: References,
) -> Change:
    """Return the change that sets a key of a record to what `text` means, or removes it without a text.

    `key` leads into parts by dots: `effect.kind`, `identifiers.eo`, `premises.2`, `events.issued.date`; an event has
    its id or date, another item of a list its place, from 1.
    :raises InvalidInputError: if there is no such record or key, or if the text cannot be read.
    :raises ConflictError: if the file is not valid as it is.
    """
    kind, path = find(policies, record_id, ())
    draft = opened(policies, kind, path)
    at = () if kind in model.FOLDERS else (record_id,)
    try:
        at, owner, field = _pointer(draft, at, KINDS[kind][0], key.strip().split("."))
        value = MISSING if text is None else _typed(owner, field, at, text, when, references)
        draft.make(Edit(at, value))
    except LookupError:
        raise InvalidInputError(f"the record has no '{shown(key)}'") from None
    return changes_of([draft])[0]


# Keys that other commands change.
_FIXED = ("withdrawn", "id", "former_ids")


def _pointer(
    draft: Draft, at: tuple, owner: type[fields.Part], steps: list[str]
) -> tuple[tuple, type[fields.Part], fields.Field]:
    """Return the pointer to the value at `steps` below `at`, the type that has its field, and the field."""
    known = {key: field for key, field in fields.describe(owner).items() if key not in _FIXED}
    by_option = {field.option: field for field in known.values()}
    name, *rest = (steps[0].strip().replace("-", "_"), *steps[1:])
    field = known.get(name) or by_option.get(name)
    if not field:
        hint = did_you_mean(nearest(name, known), f"expected one of {', '.join(known)}")
        raise InvalidInputError(f"'{shown(steps[0])}' is not a key that can be set here{hint}")
    at = (*at, field.name)
    if rest and field.kind == "table":
        return (*at, one_line.scheme_of(rest[0])), owner, field
    if rest and field.many:
        items = draft.at(at[:-1]).get(field.name, [])
        at = (*at, _place_of(field, items, rest.pop(0)))
    if rest and field.part:
        return _pointer(draft, at, field.part, rest)
    if rest:
        raise InvalidInputError(f"'{field.name}' has no key '{shown(rest[0])}'")
    return at, owner, field


def _place_of(field: fields.Field, items: list, which: str) -> int:
    """Return the place of an item of a list, from 0: that of an event by id or date, of others by place from 1."""
    if field.name == "events":
        return _named_event(items, which)
    if which.isdecimal() and 1 <= int(which) <= len(items):
        return int(which) - 1
    raise InvalidInputError(
        f"there is no item '{shown(which)}' of {field.name}; expected its place, from 1 to {len(items)}"
    )


def _typed(
    owner: type[fields.Part],
    field: fields.Field,
    at: tuple,
    text: str,
    when: one_line.Dates,
    references: References,
) -> Any:
    """Return the value that `text` means at a pointer: an item of a list, a single value, or a list.

    The items of a list are lines, or short values with `;` between them.
    """
    if field.kind == "flag":
        if text.casefold() not in ("true", "false"):
            raise InvalidInputError(f"'{shown(text)}' is not true or false")
        return text.casefold() == "true"
    if field.kind == "table":
        if at[-1] == field.name:
            raise InvalidInputError("name the scheme too, such as identifiers.eo")
        return one_line.identifier(f"{at[-1]}={text}")[1]
    single = not field.many or isinstance(at[-1], int)
    lines = text.strip().splitlines()
    has_short_items = field.terms or field.reference or field.part in (model.Cite, model.Author)
    if not (single or has_short_items or len(lines) > 1):
        raise InvalidInputError(
            f"'{field.name}' has several values: name one by its place, such as {field.name}.1, "
            "or add one with `policykb add`"
        )
    items = [text] if single else lines if len(lines) > 1 else re.split(r"\s*;\s*", text)
    content = {field.name: [one_line.value(field, item, when) for item in items]}
    one_line.resolve(content, owner, references)
    return content[field.name][0] if single else content[field.name]


def addition(
    policies: Path,
    record_id: str,
    name: str,
    content: Content,
    within: tuple[str, str] | None = None,
    **also: Any,
) -> Change:
    """Return the change that puts a part into a record.

    `name` is one of PARTS, `content` its keys and values, its text, or scheme and value of an identifier. `within` is
    where a citation goes: `("event", its name, place or date)`, `("dispute", its place)`, `("duty", its place)` or `("effect", "")`. `also`
    are single values to set in the record.
    :raises InvalidInputError: if there is no such record or place, or if the part is there already.
    :raises ConflictError: if the file is not valid as it is.
    """
    part = PARTS[name]
    kind, path = find(policies, record_id, tuple(part.fields))
    draft = opened(policies, kind, path, event_ids=name == "event")
    if name == "identifier":
        _put_identifier(draft, *content)
    elif name == "event":
        _put_event(draft, dict(content))
    else:
        _put(draft, (*_within(draft.content, within), part.fields[kind].name), content)
    for key, value in also.items():
        draft.make(Edit((key,), value))
    return changes_of([draft])[0]


def _put(draft: Draft, at: tuple, content: Content) -> None:
    """Put a part at the end of the list at `at`."""
    *above, key = at
    items = draft.at(above).get(key, [])
    _refuse_repeated(key, items, content)
    draft.make(Edit((*at, len(items)), content, insert=True))


def _put_event(draft: Draft, event: dict[str, Any]) -> None:
    """Put an event where its date belongs, with an id."""
    events = draft.content.get("events", [])
    ids = set() if event.get("id") else {"id", "former_ids"}
    compared = [{key: event[key] for key in event.keys() - ids} for event in events]
    _refuse_repeated("events", compared, event)
    if ids:
        used = event_ids.used(event_ids.names(events))
        event = {"id": event_ids.event_id(event["type"], used), **event}
    draft.make(Edit(("events", event_place(events, event)), event, insert=True))


def _refuse_repeated(key: str, items: list, content: Content) -> None:
    for place, item in enumerate(items):
        if alike(item, content):
            what = f"'{content}'" if isinstance(content, str) else "such a part"
            raise InvalidInputError(f"{what} is already in the record: {key}[{place}]")


def event_place(events: list[dict], event: Mapping[str, Any]) -> int:
    """Return where an event belongs: behind the last one that is not later."""
    try:
        day = dates.span(event["date"]).earliest
        for place in range(len(events), 0, -1):
            if dates.span(events[place - 1]["date"]).earliest <= day:
                return place
    except (ValueError, TypeError, KeyError):
        return len(events)
    return 0


def _put_identifier(draft: Draft, scheme: str, value: str) -> None:
    """Put an identifier under its scheme; a second one of a scheme makes a list."""
    identifiers = several(draft.content.get("identifiers", {}).get(scheme))
    if value in identifiers:
        raise InvalidInputError(f"'{value}' is already in the record: identifiers.{scheme}")
    draft.make(Edit(("identifiers", scheme), one_or_several([*identifiers, value])))


def _within(content: dict, within: tuple[str, str] | None) -> tuple:
    """Return the pointer to the part of a record that a citation goes to."""
    if within is None:
        return ()
    what, which = within
    if what == "effect":
        return ("effect",)
    if what in _BY_PLACE:
        key, words = _BY_PLACE[what]
        items = content.get(key, [])
        if which.isdecimal() and 1 <= int(which) <= len(items):
            return key, int(which) - 1
        places = "; ".join(f"{place} {item.get(words)}" for place, item in enumerate(items, 1))
        raise InvalidInputError(
            f"there is no {what} '{which}'; expected its place: {places or 'the record has none'}"
        )
    return "events", _named_event(content.get("events", []), which)


def _named_event(events: list[dict], which: str) -> int:
    """Return the place of the event with the name, place (from 1) or date `which`.

    :raises InvalidInputError: if there is none, or if there are several.
    """
    names = event_ids.names(events)
    places = [place for place, event in enumerate(names) if which in (event.id, *event.former)]
    for place, event in enumerate([] if places else events):
        if which in (event.get("date"), str(place + 1)):
            places.append(place)
    if len(places) == 1:
        return places[0]
    known = "; ".join(
        f"{event.get('id') or place} {event.get('date')} {event.get('type')}"
        for place, event in enumerate(events, 1)
        if not places or place - 1 in places
    )
    raise InvalidInputError(
        f"there {f'are {len(places)} events' if places else 'is no event'} '{which}'; "
        f"expected a name, place or date: {known or 'the record has no events'}"
    )
