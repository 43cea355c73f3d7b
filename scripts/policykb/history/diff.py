"""What a change of files does to the knowledge: a list of differences, each of one thing, in the terms of the field.

Files in two states go in, plain values come out; nothing here knows git or how a difference is shown. Only files that
differ are read: the status of an action needs no events but its own. The time grows with what differs.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from policykb.files.reader import FileRef, Parsed, knowledge
from policykb.history.git import Differing
from policykb.history.states import (
    RecordChange,
    State,
    new_targets,
    parse_content,
    record_changes,
    values,
)
from policykb.model import vocabulary
from policykb.model.course import Course
from policykb.model.dates import span
from policykb.model.fields import Field, Part, describe
from policykb.model.parts import brief, label, paired
from policykb.model.problems import program_fault, shown
from policykb.model.records import Action, Effect, Event
from policykb.model.status import period_on


class Section(NamedTuple):
    """A section of the report: its heading, what one difference in it and several are called, and fields that belong to it."""

    heading: str
    entry: str
    many: str
    fields: str = ""


# In the order in which a reviewer wants them; fields that are in no section belong to 'texts'.
SECTIONS = {
    "status": Section("Status today", "status", "statuses"),
    "deadlines": Section("Days ahead", "day ahead", "days ahead"),
    "records": Section("Records", "record", "records"),
    "redirects": Section("Redirects", "redirect", "redirects"),
    "events": Section("Events", "event", "events", "events"),
    "stances": Section("Stances", "stance", "stances", "stances"),
    "relations": Section(
        "Relations",
        "relation",
        "relations",
        "relations claims part_of bodies topics authors jurisdiction",
    ),
    "mentions": Section(
        "Mentions and appearances",
        "mention or appearance",
        "mentions or appearances",
        "mentions appearances",
    ),
    "findings": Section(
        "Findings and evidence",
        "finding or piece of evidence",
        "findings or pieces of evidence",
        "finding evidence",
    ),
    "citations": Section(
        "Citations and grades", "citation or grade", "citations or grades", "cite grade"
    ),
    "texts": Section("Other keys", "other key", "other keys"),
    "layout": Section("Layout and comments only", "layout of a file", "layouts of files"),
    "unread": Section("Files that cannot be read", "file", "files"),
}
SECTION_OF = {field: name for name, section in SECTIONS.items() for field in section.fields.split()}
# Of a record that is new or removed, only these fields are listed; the rest is in its file.
LINKS = "events stances relations claims mentions appearances evidence".split()
STATUS_FIELDS = ("events", "instrument", "bindingness", "withdrawn")
_STAGES = vocabulary.labels(vocabulary.STAGES)
_FORCES = vocabulary.labels(vocabulary.LEGAL_FORCES)


class Difference(NamedTuple):
    """One thing that differs.

    `section` is one of SECTIONS; `change` is added, removed, changed, moved, renamed, merged, withdrawn, restored or
    unreadable. `kind`, `id`, `path` say in which record and file ('' where there is none). `what` is the thing in
    words, or the key whose value changed; `before` and `after` are the values, None where there is none; `because`
    is the reason or the deciding event.
    """

    section: str
    change: str
    kind: str
    id: str
    path: str
    what: str
    before: str | None = None
    after: str | None = None
    because: str = ""


def _of(
    item: Parsed | FileRef,
    section: str,
    change: str,
    what: str,
    before: str | None = None,
    after: str | None = None,
    because: str = "",
) -> Difference:
    """Return a difference in a record or file."""
    return Difference(section, change, *item[:3], what, before, after, because)


class Status(NamedTuple):
    """The status of an action on a day in words, the event that decided it, and the events still to come."""

    words: str | None = None
    because: str = ""
    ahead: tuple[dict, ...] = ()


def compare(policies: Path, files: Iterable[Differing], today: str) -> list[Difference]:
    """Return the differences between two states of `files`, with the status of actions on `today`, by section, kind and id."""
    before, after = State(), State()
    differences: list[Difference] = []
    for differing in files:
        file = knowledge(policies, differing.path)
        if file:
            differences.extend(_compare_file(file, differing, before, after))
        elif differing.path.endswith(".toml"):
            path, message = shown(differing.path, 255), "is not a file of a knowledge base"
            differences.append(Difference("unread", "unreadable", "", "", path, message))
    differences.extend(_compare_records(before, after, today))
    differences.extend(_compare_redirects(before, after))
    order = list(SECTIONS)
    return sorted(differences, key=lambda entry: (order.index(entry.section), entry.kind, entry.id))


def _compare_file(
    file: FileRef, differing: Differing, before: State, after: State
) -> Iterator[Difference]:
    """Add the content of a file to two states, and yield what differs apart from its records."""
    contents, messages = [], []
    for side, state, content in (
        ("before", before, differing.before),
        ("after", after, differing.after),
    ):
        try:
            parsed, message = parse_content(file, content)
        except Exception as error:  # a fault in the program; all other files are compared
            parsed = [Parsed(*file[:3], (), None)]
            message = program_fault(error, "reading this file").message
        state.add(parsed)
        contents.append(parsed)
        if message:
            messages.append(f"{side}: {message}")
    for message in messages:
        yield _of(file, "unread", "unreadable", message)
    was, now = contents
    if differing.before is not None and differing.after is not None and not messages:
        if was == now:
            yield _of(file, "layout", "changed", "")
        elif file.kind == "about":
            yield from _compare_about(was[0], now[0])


def _compare_about(before: Parsed, after: Parsed) -> Iterator[Difference]:
    was, now = before.record.model_dump(), after.record.model_dump()
    for key, value in now.items():
        pairs = {key: (was[key], value)}
        if isinstance(value, dict):
            names = sorted({*was[key], *value})
            pairs = {f"{key}.{name}": (was[key].get(name), value.get(name)) for name in names}
        for name, (first, second) in pairs.items():
            if first != second:
                yield _changed(after._replace(id=""), "texts", name, first, second)


def _compare_records(before: State, after: State, today: str) -> Iterator[Difference]:
    targets = new_targets(before, after)
    for change in record_changes(before, after):
        try:
            yield from _compare_record(change, targets, today)
        except Exception as error:  # a fault in the program; all other records are compared
            message = program_fault(error, "comparing this record").message
            yield _of(change.item, "unread", "unreadable", message)


def _compare_redirects(before: State, after: State) -> Iterator[Difference]:
    """Yield the differences in redirects, except for the traces of records renamed or merged."""
    targets = new_targets(before, after)
    for old in {**after.redirects, **before.redirects}:
        was, now = before.redirects.get(old), after.redirects.get(old)
        first, second = (item.record.to if item else None for item in (was, now))
        if now and was:
            change = "" if targets.get(first, first) == second else "changed"
        elif now:
            is_trace = old in before.records and old not in after.records
            change = "" if is_trace or not before.lacks(now) else "added"
        else:
            change = "removed" if after.lacks(was) else ""
        if change:
            reason = now.record.reason if now else ""
            yield _of(now or was, "redirects", change, "leads to", first, second, reason)


def _compare_record(
    change: RecordChange, targets: Mapping[str, str], today: str
) -> Iterator[Difference]:
    """Yield the differences in one record, by what became of it."""
    name, was, now, reason = change
    if name == "merged":
        yield _of(was, "records", name, title(was.record), was.id, targets[was.id], reason)
    elif name in ("added", "removed"):
        yield from _whole(now or was, name, today)
    else:
        if name == "renamed":
            yield _of(now, "records", name, title(now.record), was.id, now.id, reason)
        if was.record != now.record:
            yield from _compare_values(was, now, targets, today)


def _whole(item: Parsed, change: str, today: str) -> Iterator[Difference]:
    """Yield a record that is new or removed, and what it links."""
    links = {name: getattr(item.record, name, None) or [] for name in LINKS}
    counts = []
    for name, parts in links.items():
        if parts:
            noun = name.removesuffix("s") if len(parts) == 1 else name
            counts.append(f"{len(parts)} {noun}")
    yield _of(item, "records", change, title(item.record), because=", ".join(counts))
    if isinstance(item.record, Action) and change == "added":
        yield from _compare_status(item, Status(), status(item, today))
    fields = describe(type(item.record))
    for name, parts in links.items():
        for part in parts:
            what = _label(fields[name], part.model_dump() if isinstance(part, Part) else part)
            yield _of(item, SECTION_OF[name], change, what)


def _compare_values(
    was: Parsed, now: Parsed, targets: Mapping[str, str], today: str
) -> Iterator[Difference]:
    """Yield the values that differ in one record; ids that were renamed at the same time are the same."""
    old, new = values(was.record, targets), now.record.model_dump()
    first, second = old["withdrawn"], new["withdrawn"]
    if first != second:
        change = "changed" if first and second else "withdrawn" if second else "restored"
        reason = (second or first)["reason"]
        yield _of(now, "records", change, title(now.record), because=reason)
    if isinstance(now.record, Action) and any(old[name] != new[name] for name in STATUS_FIELDS):
        yield from _compare_status(now, status(was, today), status(now, today))
    yield from _fields(now, type(now.record), old, new)


def _fields(
    item: Parsed, kind: type[Part], old: Mapping, new: Mapping, table: str = ""
) -> Iterator[Difference]:
    """Yield the differences between the values of a record, or of the table `table` in it."""
    for name, field in describe(kind).items():
        was, now = old.get(name), new.get(name)
        section = SECTION_OF.get(name, "texts")
        if was == now or name == "withdrawn":
            continue
        if field.part and field.many:
            yield from _parts(item, section, field, was, now, table)
        elif field.part is Effect and was and now:
            yield from _fields(item, field.part, was, now, name)
        elif field.kind == "table":
            for key in sorted({*was, *now}):
                if was.get(key) != now.get(key):
                    yield _changed(item, section, f"{name}.{key}", was.get(key), now.get(key))
        elif field.many:
            for change, entry, other in (("removed", was, now), ("added", now, was)):
                for value in entry:
                    if value not in other:
                        yield _of(item, section, change, f"{name}: {brief(_plain(value))}")
        else:
            yield _changed(item, section, f"{table}.{name}" if table else name, was, now)


def _changed(item: Parsed, section: str, what: str, was: object, now: object) -> Difference:
    change = "added" if was is None else "removed" if now is None else "changed"
    return _of(item, section, change, what, *_shortened(was, now))


def _parts(
    item: Parsed, section: str, field: Field, was: list, now: list, owner: str
) -> Iterator[Difference]:
    """Yield the differences in a list of parts of `owner`, which is '' for the record."""
    pairs, removed, new = paired(field.part, was, now)
    suffix = f" (for {owner})" if owner else ""
    for part in removed:
        if part not in now:  # not if it was there twice and is there once
            yield _of(item, section, "removed", _label(field, part) + suffix)
    for part in new:
        if part.get("supersedes"):
            dates = {event["id"]: event["date"] for event in (*was, *now)}
            by = f" by {part['moved_by']}" if part["moved_by"] else ""
            move = (dates.get(part["supersedes"]), part["date"], f"moved on {part['moved_on']}{by}")
            yield _of(item, section, "moved", _label(field, part), *move)
        else:
            yield _of(item, section, "added", _label(field, part) + suffix)
    for old, part in pairs:
        keys = [key for key in part if key != "cite" and old[key] != part[key]]
        if keys:
            what = _label(field, old if field.part is Event else part) + suffix
            sides = (_plain({key: side[key] for key in keys}) or None for side in (old, part))
            yield _of(item, section, "changed", what, *_shortened(*sides))
        if part.get("cite") != old.get("cite"):
            cite, owner_of_cite = describe(field.part)["cite"], _label(field, part)
            yield from _parts(item, "citations", cite, old["cite"], part["cite"], owner_of_cite)


def _shortened(was: object, now: object) -> tuple[str | None, str | None]:
    """Return two values in brief, from a little before the place where they part."""
    old, new = (None if value is None else " ".join(_plain(value).split()) for value in (was, now))
    if old is not None and new is not None:
        same = len(os.path.commonprefix([old, new]))
        if same > 40 and max(len(old), len(new)) > 120:
            old, new = (f"…{text[same - 30 :]}" for text in (old, new))
    return old and brief(old), new and brief(new)


def _plain(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    if isinstance(value, dict):
        items = {key: item for key, item in value.items() if item not in (None, [])}
        return "; ".join(f"{key}: {_plain(item)}" for key, item in items.items())
    return str(value)


def _label(field: Field, item: object) -> str:
    """Return an item of a list in words; with the name of the list if the item is plain text."""
    return label(field.part, item) if field.part else f"{field.name}: {item}"


def status(item: Parsed, day: str) -> Status:
    """Return the status of an action on a day, and the events still to come that nothing has moved."""
    action = item.record
    course = Course(item.id, action)
    period = period_on(course.periods, day)
    words, because = "nothing yet", ""
    if period:
        words = f"{_STAGES[period.stage]}, {_FORCES[period.legal_force].lower()}"
        if period.event:
            event = action.events[course.places[period.event]]
            because = label(Event, event.model_dump())
    if action.withdrawn or (
        period and period.to_date is None and period.legal_force == vocabulary.ENDED
    ):
        return Status(words, because)
    moved = {
        event.supersedes
        for event in action.events
        if event.supersedes and (event.moved_on or "") <= day
    }
    ahead = (
        event.model_dump()
        for event in action.events
        if span(event.date).latest >= day and (not event.id or event.id not in moved)
    )
    return Status(words, because, tuple(ahead))


def _compare_status(item: Parsed, before: Status, after: Status) -> Iterator[Difference]:
    """Yield another status, and days still to come that are new, removed or changed."""
    if before.words != after.words:
        change = "changed" if before.words else "added"
        yield _of(item, "status", change, "", before.words, after.words, after.because)
    same = {_day(event) for event in before.ahead} & {_day(event) for event in after.ahead}
    removed = [event for event in before.ahead if _day(event) not in same]
    new = []
    for event in after.ahead:
        if _day(event) in same:
            continue
        old = next((entry for entry in removed if entry["type"] == event["type"]), None)
        if old:
            removed.remove(old)
            what = label(Event, event)
            yield _of(item, "deadlines", "changed", what, old["date"], event["date"])
        else:
            new.append(event)
    for change, events in (("removed", removed), ("added", new)):
        for event in events:
            yield _of(item, "deadlines", change, label(Event, event))


def _day(event: Mapping) -> tuple[str, str]:
    return event["type"], event["date"]


def title(record: Part) -> str:
    """Return the title, name or text of a record in brief."""
    names = (getattr(record, key, None) for key in ("title", "name", "text"))
    return brief(next(filter(None, names), ""))
