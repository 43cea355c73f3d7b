"""Renaming, merging and withdrawing records: every id that was ever used still leads somewhere, and says why.

What is asked becomes a plan: changes of files, all of them, and notes for the person who asks. Nothing here writes.
Comments, order and layout of the files stay. Ids in running text are told, not changed.
"""

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import rtoml
import tomlkit
from pydantic import BaseModel

from policykb.contribute.changes import Change, current, path_of
from policykb.files import layout
from policykb.files.catalogue import Catalogue, NotFoundError
from policykb.files.inplace import identified
from policykb.files.reader import IMPORTED, FileRef, Parsed, parse, read, sources
from policykb.model import event_ids
from policykb.model.dates import span
from policykb.model.parts import IDENTITY, brief, identity, label, same
from policykb.model.problems import shown
from policykb.model.records import FOLDERS, ID_FORM, Document, Redirect, Withdrawn
from policykb.model.references import references

MOST_PLACES = 20


class Senseless(Exception):
    """What was asked makes no sense for this knowledge base; the message says why, with the nearest valid id."""


class Plan(NamedTuple):
    """The changes that do what was asked, and what the person should know: conflicts, and places only a person can change."""

    changes: list[Change]
    notes: list[str]
    kind: str


class _Edit(NamedTuple):
    """A file being edited: its text before, the document that is edited, and what it is meant to say then."""

    before: str
    document: tomlkit.TOMLDocument
    meant: dict[str, Any]


class _Shelf(NamedTuple):
    """All files by path, and the index of the records in them."""

    policies: Path
    files: dict[str, tuple[FileRef, bytes]]
    catalogue: Catalogue


def rename(policies: Path, today: str, old: str, new: str, reason: str) -> Plan:
    """The record `old` gets the id `new`, and every reference follows.

    :raises Senseless: if there is no such record, or `new` is not an id that was never used.
    :raises layout.Unlike: if a file cannot be edited in its layout.
    """
    shelf = _shelf(policies)
    source = _holder(shelf, old)
    if new == old:
        raise Senseless(f"'{old}' has that id already")
    if not re.fullmatch(ID_FORM, new) or len(new) > 80:
        meant = re.sub(r"[^a-z0-9]+", "-", new.lower())[:80].strip("-")
        raise Senseless(
            f"'{shown(new)}' is not an id; write lower-case letters, digits and single hyphens, at most 80"
            + (f"; did you mean '{meant}'?" if meant else "")
        )
    entries, redirects = shelf.catalogue.entries, shelf.catalogue.redirects
    if new in entries:
        raise Senseless(
            f"'{new}' is the id of another {entries[new].kind}; `policykb merge` makes two records one"
        )
    if new in redirects:
        raise Senseless(
            f"'{new}' was used before and leads to '{redirects[new].leads_to}'; an id is never used again"
        )
    edits: dict[str, _Edit] = {}
    _follow(shelf, edits, old, new)
    _redirect(shelf, edits, old, new, today, reason)
    if source.kind in FOLDERS:
        texts = _texts(edits)
        before = shelf.files[source.path][1]
        after = texts.pop(source.path, None)
        moved = [
            Change(source.path, before, None),
            Change(
                path_of(policies, source.kind, new),
                None,
                before if after is None else after.encode(),
            ),
        ]
        return Plan([*moved, *_changes(shelf, texts)], _left(shelf, edits, old), source.kind)
    edit = _opened(shelf, edits, source.path)
    edit.meant[new] = edit.meant.pop(old)
    # tomlkit has no way to rename a table and keep its place, so its headers are changed in the text.
    text = re.sub(
        rf"(?m)^(\[+\s*[\"']?){re.escape(old)}(?=[\"']?\s*[\].])",
        rf"\g<1>{new}",
        edit.document.as_string(),
    )
    edits[source.path] = edit._replace(document=layout.document(text))
    return Plan(_changes(shelf, _texts(edits)), _left(shelf, edits, old), source.kind)


def merge(policies: Path, today: str, old: str, into: str, reason: str) -> Plan:
    """The record `old` becomes part of `into`: lists are united, where single values differ `into` keeps its own; references follow.

    Raises as `rename` does.
    """
    shelf = _shelf(policies)
    source, target = _holder(shelf, old), _holder(shelf, into)
    if old == into:
        raise Senseless(f"'{old}' cannot be merged into itself")
    if source.kind != target.kind:
        near = shelf.catalogue.nearest(into, source.kind)
        raise Senseless(
            f"'{old}' is of kind {source.kind} and '{into}' of kind {target.kind}; only records of one kind can be merged"
            + (f"; did you mean '{near}'?" if near else "")
        )
    records = {}
    for id, at in ((old, source), (into, target)):
        records[id] = _record(shelf, at, id).record
        if records[id].withdrawn:
            raise Senseless(
                f"'{id}' was withdrawn on {records[id].withdrawn.on}: {records[id].withdrawn.reason}; it stays as it is"
            )
    edits: dict[str, _Edit] = {}
    if source.kind == "action":
        _identify(shelf, edits, source.path, target.path)
    dropped = _follow(shelf, edits, old, into)
    giver, taker = _opened(shelf, edits, source.path), _opened(shelf, edits, target.path)
    given, taken = (
        edit.meant if at.kind in FOLDERS else edit.meant[id]
        for edit, at, id in ((giver, source, old), (taker, target, into))
    )
    held = taker.document if target.kind in FOLDERS else taker.document[into]
    notes = [
        f"{path}: removed what stood there twice after the merge: {what}"
        for path, what in dropped
        if path != source.path or source.path == target.path
    ]
    if "events" in given:
        olds = [old, *(id for id, one in shelf.catalogue.redirects.items() if one.leads_to == old)]
        _name_events(given["events"], taken.setdefault("events", []), olds)
    kept = {key: value for key, value in given.items() if key != "withdrawn"}
    notes += [f"{into}: {note}" for note in _unite(type(records[into]), held, taken, kept, "")]
    notes += [f"{into}: {note}" for note in _without_itself(held, taken, into)]
    if source.kind in FOLDERS:
        edits.pop(source.path)
    else:
        giver.document.remove(old)
        del giver.meant[old]
    _redirect(shelf, edits, old, into, today, reason)
    changes = _changes(shelf, _texts(edits))
    if source.kind in FOLDERS:
        changes.insert(0, Change(source.path, shelf.files[source.path][1], None))
    return Plan(changes, [*notes, *_left(shelf, edits, old, without=source.path)], source.kind)


def withdraw(policies: Path, today: str, id: str, reason: str) -> Plan:
    """The record `id` no longer stands; it stays where it is and says since when and why. Raises as `rename` does."""
    shelf = _shelf(policies)
    source = _holder(shelf, id)
    record = _record(shelf, source, id).record
    if record.withdrawn:
        raise Senseless(f"'{id}' was withdrawn on {record.withdrawn.on}: {record.withdrawn.reason}")
    edits: dict[str, _Edit] = {}
    edit = _opened(shelf, edits, source.path)
    held, meant = (
        (edit.document, edit.meant)
        if source.kind in FOLDERS
        else (edit.document[id], edit.meant[id])
    )
    held["withdrawn"] = layout.inline(Withdrawn, {"on": today, "reason": reason})
    meant["withdrawn"] = {"on": datetime.date.fromisoformat(today), "reason": reason}
    return Plan(_changes(shelf, _texts(edits)), [], source.kind)


def memory(policies: Path, kind: str, old: str, new: str) -> list[Change]:
    """The changes that let what official sources said of `old` follow to `new`; where that has its own, that of `old` goes."""
    if kind not in FOLDERS:
        return []
    here, there = (f"{policies.name}/{IMPORTED}/{FOLDERS[kind][1]}/{id}.json" for id in (old, new))
    held = current(policies, here)
    moved = (
        [] if held is None or current(policies, there) is not None else [Change(there, None, held)]
    )
    return [*moved, Change(here, held, None)] if held is not None else []


# What is there


def _shelf(policies: Path) -> _Shelf:
    """Read every file once. Only tables are parsed; of the other records the file name is the id."""
    catalogue = Catalogue.read(policies, ids_only=True)
    for kind in catalogue.unread:
        path = path_of(policies, kind)
        raise Senseless(f"{path} cannot be read; `policykb check` says why")
    files = {file.path: (file, read(file)) for file in sources(policies)[0]}
    readable = {path: pair for path, pair in files.items() if isinstance(pair[1], bytes)}
    return _Shelf(policies, readable, catalogue)


def _holder(shelf: _Shelf, id: str) -> FileRef:
    """Return the file that holds the record `id`."""
    try:
        return shelf.files[shelf.catalogue.get(id).path][0]
    except NotFoundError as error:
        raise Senseless(str(error)) from None


def _parsed(shelf: _Shelf, path: str) -> list[Parsed]:
    source, data = shelf.files[path]
    parsed = parse(source, data)[0]
    if any(item.record is None for item in parsed):
        raise Senseless(
            f"{path} is not valid, so nobody can say what it refers to; mend it first (`policykb check` says how)"
        )
    return parsed


def _record(shelf: _Shelf, source: FileRef, id: str) -> Parsed:
    return next(item for item in _parsed(shelf, source.path) if item.id == id)


# Editing


def _opened(shelf: _Shelf, edits: dict[str, _Edit], path: str) -> _Edit:
    """The edit of the file at `path`, begun if it was not."""
    if path not in edits:
        text = shelf.files[path][1].decode().replace("\r\n", "\n") if path in shelf.files else ""
        edits[path] = _Edit(text, layout.document(text), rtoml.loads(text))
    return edits[path]


def _texts(edits: Mapping[str, _Edit]) -> dict[str, str]:
    return layout.edited_all({path: tuple(edit) for path, edit in edits.items()})


def _changes(shelf: _Shelf, texts: Mapping[str, str]) -> list[Change]:
    return [
        Change(path, shelf.files[path][1] if path in shelf.files else None, text.encode())
        for path, text in texts.items()
    ]


def _at(held: Any, pointer: Iterable) -> Any:
    for part in pointer:
        held = held[part]
    return held


def _follow(shelf: _Shelf, edits: dict[str, _Edit], old: str, new: str) -> list[tuple[str, str]]:
    """Let every reference to `old` name `new`, and drop items of lists that stand there twice by that; (path, what was dropped)."""
    quoted = (
        f'"{old}"'.encode(),
        f"'{old}'".encode(),
        b"\\u",
        b"\\U",
    )  # an id may be written with escapes
    touched = {
        path: _parsed(shelf, path)
        for path, (source, data) in shelf.files.items()
        if source.kind != "about" and any(form in data for form in quoted)
    }
    written = {
        item.id
        for parsed in touched.values()
        for item in parsed
        if isinstance(item.record, Document)
        and any(author.organization == old for author in item.record.authors)
    }
    dropped = []
    for path, parsed in touched.items():
        pointers = [
            (*item.prefix, *pointer) for item in parsed for pointer in _pointers(item, old, written)
        ]
        if not pointers:
            continue
        edit = _opened(shelf, edits, path)
        for pointer in pointers:
            for held in (edit.document, edit.meant):
                _at(held, pointer[:-1])[pointer[-1]] = new
        for pointer in dict.fromkeys(_list_of(pointer) for pointer in pointers):
            items = _at(edit.meant, pointer) if pointer else ()
            twice = [place for place, item in enumerate(items) if item in items[:place]]
            for place in reversed(twice):
                dropped.append((path, f"{'.'.join(map(str, pointer))}[{place}]"))
                for held in (edit.document, edit.meant):
                    del _at(held, pointer)[place]
    return dropped


def _pointers(item: Parsed, old: str, written: set[str]) -> list[tuple]:
    """The places in a record that name `old`; `written` are documents that it is an author of, so that it can speak in them."""
    found = [pointer for pointer, id, _ in references(item.record) if id == old]
    for position, appearance in enumerate(getattr(item.record, "appearances", ())):
        if appearance.document in written:
            found += [
                ("appearances", position, "by", place)
                for place, name in enumerate(appearance.by)
                if name == old
            ]
    return found


def _list_of(pointer: tuple) -> tuple:
    """The pointer to the innermost list that `pointer` leads into, or ()."""
    return next(
        (
            pointer[:place]
            for place in range(len(pointer) - 1, 0, -1)
            if isinstance(pointer[place], int)
        ),
        (),
    )


def _redirect(
    shelf: _Shelf, edits: dict[str, _Edit], old: str, new: str, today: str, reason: str
) -> None:
    """Let `old` lead to `new`. Redirects that led to `old` were references to it and lead to `new` already."""
    edit = _opened(shelf, edits, path_of(shelf.policies, "redirect"))
    edit.document[old] = layout.table(Redirect, {"to": new, "on": today, "reason": reason})
    edit.meant[old] = {"to": new, "on": datetime.date.fromisoformat(today), "reason": reason}


def _left(shelf: _Shelf, edits: Mapping[str, _Edit], old: str, without: str = "") -> list[str]:
    """Where `old` still stands, in texts, comments and addresses."""
    form = re.compile(rf"(?<![\w-]){re.escape(old)}(?![\w-])")
    raw = old.encode()
    found = []
    for path, (source, data) in shelf.files.items():
        if (
            raw not in data
            or source.kind == "redirect"
            or path == without
            and source.kind in FOLDERS
        ):
            continue
        text = edits[path].document.as_string() if path in edits else data.decode(errors="replace")
        # A former id of an event names the record on purpose.
        text = re.sub(rf'"{re.escape(old)}#[a-z0-9-]+"', '""', text)
        found += [
            f"{path}:{number}"
            for number, line in enumerate(text.splitlines(), 1)
            if form.search(line)
        ]
    if not found:
        return []
    more = f" and {len(found) - MOST_PLACES:,} more places" if len(found) > MOST_PLACES else ""
    return [
        f"'{old}' also stands in text, which is not changed: {', '.join(found[:MOST_PLACES])}{more}"
    ]


# Uniting two records


def _identify(shelf: _Shelf, edits: dict[str, _Edit], *paths: str) -> None:
    """Begin the edits of files of actions, with an id for each event that has none."""
    for path in paths:
        before, _, _ = _opened(shelf, edits, path)
        text = identified(before)
        edits[path] = _Edit(before, tomlkit.parse(text), rtoml.loads(text))


def _name_events(given: list[dict], taken: list[dict], olds: Sequence[str]) -> None:
    """Give the events of one record names that fit to those of the other: an event that both have has one name, others have their own.

    The addresses that the events had in the record `olds[0]`, also under its own earlier ids, become former ids, unless
    the redirect alone leads there.
    """
    twins = {identity(event, ("date", "type")): event for event in reversed(taken)}
    used = event_ids.used(event_ids.names(taken))
    names: dict[str, str] = {}
    for event in given:
        if "id" not in event:
            continue
        twin = twins.get(identity(event, ("date", "type")), {})
        name = twin.get("id") or event["id"]
        if name != twin.get("id") and name in used:
            name = event_ids.event_id(re.sub(r"-\d+$", "", name), used)
        names[event["id"]] = name
        used.add(name)
    claimed = {name for one in event_ids.names(given) for name in one.former}
    for event in given:
        (one,) = event_ids.names([event])
        for key in ("id", "supersedes"):
            if key in event:
                event[key] = names.get(event[key], event[key])
        moved = [
            name
            for name in (*one.former, one.id)
            if name not in ("", event.get("id")) and "#" not in name
        ]
        former = [name for name in one.former if "#" in name]
        former += [name for old in olds for key in moved if (name := f"{old}#{key}") not in claimed]
        if former:
            event["former_ids"] = former
        else:
            event.pop("former_ids", None)


def _unite(kind: type[BaseModel], held: Any, taken: dict, given: Mapping, within: str) -> list[str]:
    """Add to the record or part `held` (edited) and `taken` (the same, plain) what only `given` has; the conflicts, in words."""
    notes = []
    for name, value in given.items():
        part, place = layout.part_of(kind, name), f"{within}{name}"
        if isinstance(value, list) and part and taken.get(name):
            notes += _unite_parts(part, held, taken, name, value, place)
        elif name == "identifiers" and taken.get(name):
            _unite_identifiers(held[name], taken[name], value)
        elif isinstance(value, list) and taken.get(name):
            new = [item for item in value if item not in taken[name]]
            held[name].extend(new)
            taken[name].extend(new)
        elif isinstance(value, Mapping) and part and name in taken:
            notes += _unite(part, held[name], taken[name], value, f"{place}.")
        elif name not in taken or taken[name] == []:
            held[name] = _written(kind, held, name, value)
            made = held[name]  # tomlkit gives a plain value for true and false
            taken[name] = made.unwrap() if isinstance(made, tomlkit.items.Item) else made
        elif not same(value, taken[name]):
            notes.append(f"{place}: kept '{brief(taken[name])}', left out '{brief(value)}'")
    return notes


def _unite_parts(
    part: type[BaseModel], held: Any, taken: dict, name: str, given: list[dict], place: str
) -> list[str]:
    """Unite two lists of parts; those that say something of the same thing become one."""
    keys = ("date", "type") if name == "events" else IDENTITY[name][0]
    places = {
        identity(one, keys): position for position, one in reversed(list(enumerate(taken[name])))
    }
    notes, new = [], []
    for one in given:
        at = places.get(identity(one, keys))
        if at is None:
            new.append(one)
        else:
            notes += _unite(
                part, held[name][at], taken[name][at], one, f"{place} ({label(name, one)}): "
            )
    for one in new:
        listed = held[name]
        made = (
            layout.inline(part, one)
            if isinstance(listed, tomlkit.items.Array)
            else layout.table(part, one)
        )
        at = len(taken[name])
        if name == "events":
            at = next(
                (
                    position
                    for position in range(at, 0, -1)
                    if _day(taken[name][position - 1]) <= _day(one)
                ),
                0,
            )
        listed.insert(at, made)
        taken[name].insert(at, made.unwrap())
    return notes


def _day(event: Mapping) -> str:
    return span(str(event["date"])).earliest


def _unite_identifiers(held: Any, taken: dict, given: Mapping) -> None:
    for scheme, value in given.items():
        listed, new = (
            one if isinstance(one, list) else [one] for one in (taken.get(scheme, []), value)
        )
        united = [*listed, *(one for one in new if one not in listed)]
        if united != listed:
            taken[scheme] = united if len(united) > 1 else united[0]
            held[scheme] = taken[scheme]


def _written(kind: type[BaseModel], held: Any, name: str, value: Any) -> Any:
    """`value` as it is written under a key that was not there: days as dates, text in lines."""
    part = layout.part_of(kind, name)
    if isinstance(held, tomlkit.TOMLDocument) and part and name not in layout.INLINE:
        if isinstance(value, Mapping):
            return layout.table(part, value)
        listed = tomlkit.aot()
        for one in value:
            listed.append(layout.table(part, one))
        return listed
    return layout.value(kind, name, value)


def _without_itself(held: Any, taken: dict, id: str) -> list[str]:
    """Take out of a record what says how it stands to itself, which the merge made."""
    notes = []
    if taken.get("part_of") == id:
        notes.append("part_of: removed, as both are one record now")
        del held["part_of"], taken["part_of"]
    for name in ("relations",):
        places = [
            place
            for place, one in enumerate(taken.get(name, ()))
            if id in (one.get("action"), one.get("argument"))
        ]
        for place in reversed(places):
            notes.append(
                f"{name}: removed '{label(name, taken[name][place])}', as both are one record now"
            )
            del held[name][place], taken[name][place]
        if places and not taken[name]:
            del held[name], taken[name]
    return notes
