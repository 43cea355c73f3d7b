"""Renaming, merging and withdrawing records: every id that was ever used still leads somewhere, and says why.

What is asked becomes a plan: changes of files, all of them, and notes for the person who asks. Nothing here writes.
Comments, order and layout of the files stay. Ids in running text are reported, not changed.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from policykb.contribute.changes import Change, current, imported, path_of
from policykb.contribute.drafts import wrong_id
from policykb.contribute.edits import FileDraft, changes_of
from policykb.contribute.parts import event_place
from policykb.files.catalogue import Catalogue
from policykb.files.reader import FileRef, Parsed, parse, read, sources
from policykb.files.toml_edit import Draft, Edit, Pointer
from policykb.history import states
from policykb.model import event_ids
from policykb.model.fields import Part, describe, references
from policykb.model.parts import brief, identity, label, one_or_several, same, several
from policykb.model.problems import InvalidInputError, NotFoundError, did_you_mean, shown
from policykb.model.records import (
    FOLDERS,
    LONGEST_ID,
    RECORDS,
    ActionRelation,
    ArgumentRelation,
)
from policykb.model.tasks import OF_TASKS

MOST_PLACES = 20


class Plan(NamedTuple):
    """The changes that do what was asked, and what the person should know: conflicts, and places only a person can change."""

    changes: list[Change]
    notes: list[str]
    kind: str


class _Shelf(NamedTuple):
    """All files by path, the index of the records in them, and the files that are edited."""

    policies: Path
    files: dict[str, tuple[FileRef, bytes]]
    catalogue: Catalogue
    drafts: dict[str, FileDraft]


def rename(policies: Path, today: str, old: str, new: str, reason: str) -> Plan:
    """Plan that the record `old` gets the id `new`, and every reference follows.

    :raises InvalidInputError: if there is no such record, or `new` is not an id that was never used.
    :raises LayoutError: if a file cannot be edited in its layout.
    """
    shelf = _shelf(policies)
    source = _holder(shelf, old)
    _refuse_used(shelf, old, new)
    _follow(shelf, old, new)
    _redirect(shelf, old, new, today, reason)
    if source.kind not in FOLDERS:
        _draft(shelf, source.path).make(Edit((old,), name=new))
    changes = {change.path: change for change in changes_of(shelf.drafts.values())}
    notes = _mentions(shelf, changes.values(), old)
    if source.kind in FOLDERS:
        before = shelf.files[source.path][1]
        after = changes.pop(source.path).after if source.path in changes else before
        place = path_of(policies, source.kind, new)
        moved = Change(source.path, before, None), Change(place, None, after)
        return Plan([*moved, *changes.values()], notes, source.kind)
    return Plan([*changes.values()], notes, source.kind)


def _refuse_used(shelf: _Shelf, old: str, new: str) -> None:
    """Refuse `new` if it is not an id, or one that was ever used."""
    if new == old:
        raise InvalidInputError(f"'{old}' already has that id")
    if wrong := wrong_id(new):
        near = re.sub(r"[^a-z0-9]+", "-", new.lower())[:LONGEST_ID].strip("-")
        raise InvalidInputError(f"'{shown(new)}' {wrong}{did_you_mean(near)}")
    entries, redirects = shelf.catalogue.entries, shelf.catalogue.redirects
    if new in entries:
        raise InvalidInputError(
            f"'{new}' is the id of another {entries[new].kind}; `policykb merge` makes two records one"
        )
    if new in redirects:
        raise InvalidInputError(
            f"'{new}' was used before and leads to '{redirects[new].leads_to}'; an id is never used again"
        )


def merge(policies: Path, today: str, old: str, into: str, reason: str) -> Plan:
    """Plan that the record `old` becomes part of `into`, and every reference follows.

    Lists are united; where single values differ, `into` keeps its own. Raises as `rename` does.
    """
    shelf = _shelf(policies)
    source, target = _holder(shelf, old), _holder(shelf, into)
    _refuse_unlike(shelf, old, into)
    if source.kind == "action":
        for path in (source.path, target.path):
            shelf.drafts[path] = FileDraft("action", path, shelf.files[path][1], event_ids=True)
    repeated = _follow(shelf, old, into)
    notes = [
        f"{path}: removed a repetition that the merge made: {what}"
        for path, what in repeated
        if path != source.path or source.path == target.path
    ]
    draft, at = _draft(shelf, target.path), _pointer(target, into)
    content = _draft(shelf, source.path).at(_pointer(source, old))
    if "events" in content:
        redirects = shelf.catalogue.redirects.values()
        earlier = [old, *(entry.id for entry in redirects if entry.leads_to == old)]
        names = _fit_event_names(content["events"], draft.content.get("events", []), earlier)
        for duty in content.get("duties", ()):
            duty |= {key: names.get(duty[key], duty[key]) for key in OF_TASKS if key in duty}
    content = {key: value for key, value in content.items() if key != "withdrawn"}
    notes += [f"{into}: {note}" for note in _unite(RECORDS[source.kind][0], draft, at, content)]
    notes += [f"{into}: {note}" for note in _remove_itself(draft, at, into)]
    if source.kind in FOLDERS:
        del shelf.drafts[source.path]
    else:
        draft.make(Edit((old,)))
    _redirect(shelf, old, into, today, reason)
    changes = changes_of(shelf.drafts.values())
    notes += _mentions(shelf, changes, old, without=source.path)
    if source.kind in FOLDERS:
        changes.insert(0, Change(source.path, shelf.files[source.path][1], None))
    return Plan(changes, notes, source.kind)


def _refuse_unlike(shelf: _Shelf, old: str, into: str) -> None:
    """Refuse to merge two records that are not of one kind, or withdrawn."""
    source, target = _holder(shelf, old), _holder(shelf, into)
    if old == into:
        raise InvalidInputError(f"'{old}' cannot be merged into itself")
    if source.kind != target.kind:
        hint = did_you_mean(shelf.catalogue.nearest(into, source.kind))
        raise InvalidInputError(
            f"'{old}' is of kind {source.kind} and '{into}' of kind {target.kind}; only records of one kind can be merged{hint}"
        )
    _refuse_withdrawn(shelf, source, old, "; it stays as it is")
    _refuse_withdrawn(shelf, target, into, "; it stays as it is")


def _refuse_withdrawn(shelf: _Shelf, source: FileRef, record_id: str, rest: str = "") -> None:
    """Refuse to change a record that was withdrawn."""
    records = {item.id: item.record for item in _parsed(shelf, source.path)}
    if withdrawn := records[record_id].withdrawn:
        raise InvalidInputError(
            f"'{record_id}' was withdrawn on {withdrawn.on}: {withdrawn.reason}{rest}"
        )


def withdraw(policies: Path, today: str, record_id: str, reason: str) -> Plan:
    """Plan that a record is withdrawn: it stays where it is and says since when and why. Raises as `rename` does."""
    shelf = _shelf(policies)
    source = _holder(shelf, record_id)
    _refuse_withdrawn(shelf, source, record_id)
    at = (*_pointer(source, record_id), "withdrawn")
    _draft(shelf, source.path).make(Edit(at, {"on": today, "reason": reason}))
    return Plan(changes_of(shelf.drafts.values()), [], source.kind)


def memory(policies: Path, kind: str, old: str, new: str) -> list[Change]:
    """Return the changes that let what official sources said of `old` follow to `new`; where that has its own, that of `old` goes."""
    if kind not in FOLDERS:
        return []
    here, there = imported(policies, kind, old), imported(policies, kind, new)
    content = current(policies, here)
    if content is None:
        return []
    moved = [Change(there, None, content)] if current(policies, there) is None else []
    return [*moved, Change(here, content, None)]


# What is there


def _shelf(policies: Path) -> _Shelf:
    """Read every file once. Only tables are parsed; of the other records the file name is the id."""
    catalogue = Catalogue.read(policies, ids_only=True)
    for kind in catalogue.unread:
        path = path_of(policies, kind)
        raise InvalidInputError(f"{path} cannot be read; `policykb check` says why")
    files = {file.path: (file, read(file)) for file in sources(policies)[0]}
    readable = {path: pair for path, pair in files.items() if isinstance(pair[1], bytes)}
    return _Shelf(policies, readable, catalogue, {})


def _holder(shelf: _Shelf, record_id: str) -> FileRef:
    """Return the file that holds a record. :raises NotFoundError: if there is none."""
    return shelf.files[shelf.catalogue.get(record_id).path][0]


def _parsed(shelf: _Shelf, path: str) -> list[Parsed]:
    source, data = shelf.files[path]
    parsed = parse(source, data)[0]
    if any(item.record is None for item in parsed):
        raise InvalidInputError(
            f"{path} is not valid, so its references are not known; fix it first (`policykb check` says how)"
        )
    return parsed


# Editing


def _pointer(source: FileRef, record_id: str) -> Pointer:
    """Return the pointer to a record in its file."""
    return () if source.kind in FOLDERS else (record_id,)


def _draft(shelf: _Shelf, path: str) -> FileDraft:
    """Return the draft of the file at `path`, begun if it was not; only that of redirects may be missing."""
    if path not in shelf.drafts:
        file, data = shelf.files.get(path, (None, None))
        shelf.drafts[path] = FileDraft(file.kind if file else "redirect", path, data)
    return shelf.drafts[path]


def _follow(shelf: _Shelf, old: str, new: str) -> list[tuple[str, str]]:
    """Let every reference to `old` name `new`, and drop items of lists that are repeated then; return (path, what was dropped)."""
    # An id may be written with escapes.
    forms = (f'"{old}"'.encode(), f"'{old}'".encode(), b"\\u", b"\\U")
    parsed = {
        path: _parsed(shelf, path)
        for path, (source, data) in shelf.files.items()
        if source.kind != "about" and any(form in data for form in forms)
    }
    written = {
        item.id
        for item in chain(*parsed.values())
        if any(author.organization == old for author in getattr(item.record, "authors", ()))
    }
    repeated: list[tuple[str, str]] = []
    for path, items in parsed.items():
        pointers = [pointer for item in items for pointer in _references(item, old, written)]
        if not pointers:
            continue
        draft = _draft(shelf, path)
        for pointer in pointers:
            draft.make(Edit(pointer, new))
        for pointer in dict.fromkeys(filter(None, map(_list_of, pointers))):
            parts = draft.at(pointer)
            twice = [place for place, item in enumerate(parts) if item in parts[:place]]
            for place in reversed(twice):
                repeated.append((path, f"{'.'.join(map(str, pointer))}[{place}]"))
                draft.make(Edit((*pointer, place)))
    return repeated


def _references(item: Parsed, old: str, written: set[str]) -> Iterator[Pointer]:
    """Yield the places in a file where a record names `old`; `written` are documents that it is an author of, so that it can speak in them."""
    for pointer, record_id, _ in references(item.record):
        if record_id == old:
            yield (*item.prefix, *pointer)
    for position, appearance in enumerate(getattr(item.record, "appearances", ())):
        for place, name in enumerate(appearance.by):
            if name == old and appearance.document in written:
                yield (*item.prefix, "appearances", position, "by", place)
        for place, name in enumerate(appearance.quoted):
            if name == old:
                yield (*item.prefix, "appearances", position, "quoted", place)


def _list_of(pointer: Pointer) -> Pointer:
    """Return the pointer to the innermost list that `pointer` leads into, or ()."""
    places = [place for place, step in enumerate(pointer) if isinstance(step, int)]
    return pointer[: places[-1]] if places else ()


def _redirect(shelf: _Shelf, old: str, new: str, today: str, reason: str) -> None:
    """Let `old` lead to `new`, unless it was never committed, so that no one can have seen it.

    Redirects that led to `old` were references to it and lead to `new` already.
    """
    if _is_uncommitted(shelf.policies, old):
        return
    draft = _draft(shelf, path_of(shelf.policies, "redirect"))
    draft.make(Edit((old,), {"to": new, "on": today, "reason": reason}))


def _is_uncommitted(policies: Path, record_id: str) -> bool:
    """Return whether the checkout has commits and no record of the last one has the id."""
    try:
        known = states.earlier(policies, "HEAD")
    except (NotFoundError, OSError):
        return False
    return not known.unread and record_id not in known.records


def _mentions(shelf: _Shelf, changes: Iterable[Change], old: str, without: str = "") -> list[str]:
    """Return a note on where `old` is still written, in texts, comments and addresses; none if it is nowhere."""
    form = re.compile(rf"(?<![\w-]){re.escape(old)}(?![\w-])")
    # A former id of an event names the record on purpose.
    former = re.compile(rf'"{re.escape(old)}#[a-z0-9-]+"')
    after = {change.path: change.after for change in changes}
    places = []
    for path, (source, data) in shelf.files.items():
        gone = path == without and source.kind in FOLDERS
        if old.encode() not in data or source.kind == "redirect" or gone:
            continue
        text = former.sub('""', after.get(path, data).decode(errors="replace"))
        for number, line in enumerate(text.splitlines(), 1):
            if form.search(line):
                places.append(f"{path}:{number}")
    if not places:
        return []
    more = f" and {len(places) - MOST_PLACES:,} more places" if len(places) > MOST_PLACES else ""
    listed = f"{', '.join(places[:MOST_PLACES])}{more}"
    return [f"'{old}' is also written in text, which is not changed: {listed}"]


# Uniting two records


def _fit_event_names(
    events: list[dict], others: list[dict], earlier: Sequence[str]
) -> dict[str, str]:
    """Give `events` ids that fit to those of the record that they become part of: an event that both have has one id.

    Return the new ids by the old ones.

    The addresses that the events had in the record `earlier[0]`, also under its own earlier ids, become former ids,
    unless the redirect alone leads there.
    """
    keys = ("date", "type")
    twins = {identity(event, keys): event for event in reversed(others)}
    used = event_ids.used(event_ids.names(others))
    names: dict[str, str] = {}
    for event in events:
        if "id" not in event:
            continue
        twin = twins.get(identity(event, keys), {}).get("id")
        name = twin or event["id"]
        if name != twin and name in used:
            name = event_ids.event_id(re.sub(r"-\d+$", "", name), used)
        names[event["id"]] = name
        used.add(name)
    claimed = {name for entry in event_ids.names(events) for name in entry.former}
    for event in events:
        (before,) = event_ids.names([event])
        for key in ("id", "supersedes"):
            if key in event:
                event[key] = names.get(event[key], event[key])
        moved = [
            name
            for name in (*before.former, before.id)
            if name not in ("", event.get("id")) and "#" not in name
        ]
        addresses = [f"{record}#{name}" for record in earlier for name in moved]
        former = [name for name in before.former if "#" in name]
        former += [address for address in addresses if address not in claimed]
        event.pop("former_ids", None)
        if former:
            event["former_ids"] = former
    return names


def _unite(
    record: type[Part], draft: Draft, at: Pointer, content: Mapping, within: str = ""
) -> list[str]:
    """Add to the record or part at `at` what only `content` has; return the conflicts, in words."""
    notes = []
    target = draft.at(at)
    for name, value in content.items():
        part, pointer, mine = describe(record)[name].part, (*at, name), target.get(name)
        if mine in (None, []):
            draft.make(Edit(pointer, value))
        elif name == "identifiers":
            _unite_identifiers(draft, value)
        elif isinstance(value, list) and part:
            notes += _unite_parts(part, draft, pointer, value, f"{within}{name}")
        elif isinstance(value, list):
            names = [other["name"] for other in mine if isinstance(other, Mapping)]
            for item in value:
                if item not in [*mine, *names]:
                    draft.make(Edit((*pointer, len(mine)), item, insert=True))
        elif isinstance(value, Mapping) and part:
            notes += _unite(part, draft, pointer, value, f"{within}{name}.")
        elif not same(value, mine):
            notes.append(f"{within}{name}: kept '{brief(mine)}', left out '{brief(value)}'")
    return notes


def _unite_parts(
    part: type[Part], draft: Draft, at: Pointer, parts: list[dict], called: str
) -> list[str]:
    """Unite two lists of parts; those that say something of the same thing become one."""
    name = at[-1]
    keys = next(keys for keys in part.keys if keys != ("id",))  # an id is one within its record
    mine = draft.at(at)
    places = {identity(entry, keys): place for place, entry in reversed(list(enumerate(mine)))}
    notes, new = [], []
    for entry in parts:
        place = places.get(identity(entry, keys))
        if place is None:
            new.append(entry)
        else:
            notes += _unite(part, draft, (*at, place), entry, f"{called} ({label(part, entry)}): ")
    for entry in new:
        place = event_place(mine, entry) if name == "events" else len(mine)
        draft.make(Edit((*at, place), entry, insert=True))
    return notes


def _unite_identifiers(draft: Draft, identifiers: Mapping) -> None:
    for scheme, value in identifiers.items():
        mine = several(draft.content["identifiers"].get(scheme))
        united = [*mine, *(entry for entry in several(value) if entry not in mine)]
        if united != mine:
            draft.make(Edit(("identifiers", scheme), one_or_several(united)))


def _remove_itself(draft: Draft, at: Pointer, record_id: str) -> Iterator[str]:
    """Remove the relations of a record to itself, which the merge made; yield what was removed, in words."""
    content = draft.at(at)
    if content.get("part_of") == record_id:
        draft.make(Edit((*at, "part_of")))
        yield "part_of: removed, as both are one record now"
    relations = content.get("relations", [])
    for place, entry in reversed(list(enumerate(relations))):
        if record_id not in (entry.get("action"), entry.get("argument")):
            continue
        what = label(ActionRelation if "action" in entry else ArgumentRelation, entry)
        draft.make(Edit((*at, "relations", place) if len(relations) > 1 else (*at, "relations")))
        yield f"relations: removed '{what}', as both are one record now"
