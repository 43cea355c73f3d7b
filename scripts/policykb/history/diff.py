"""What a change of files does to the knowledge: a list of differences, each of one thing, in the terms of the field.

Files in two states go in, plain values come out; nothing here knows git or how a difference is shown. Only files that
differ are looked at: the status of an action needs no events but its own. The time grows with what differs.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from policykb.files.reader import FileRef, Parsed, knowledge, parse, read
from policykb.history.git import Differing
from policykb.model import vocabulary
from policykb.model.dates import span
from policykb.model.event_ids import event_keys, happenings
from policykb.model.fields import Field, Part, describe, references
from policykb.model.parts import brief, label, paired
from policykb.model.problems import fault, shown
from policykb.model.records import Action, Event
from policykb.model.status import periods

# section -> its heading, in the order in which a reviewer wants them.
SECTIONS = {
    "status": "Status today",
    "deadlines": "Days ahead",
    "records": "Records",
    "redirects": "Redirects",
    "events": "Events",
    "stances": "Stances",
    "relations": "Relations",
    "mentions": "Mentions and appearances",
    "findings": "Findings and evidence",
    "citations": "Citations and grades",
    "texts": "Other keys",
    "layout": "Layout and comments only",
    "unread": "Files that cannot be read",
}
LINKING = {
    "events": "events",
    "stances": "stances",
    "relations": "relations",
    "claims": "relations",
    "mentions": "mentions",
    "appearances": "mentions",
    "evidence": "findings",
}  # what is told of a record that is new or gone; the rest is in its file
_SECTION = LINKING | {
    "part_of": "relations",
    "bodies": "relations",
    "topics": "relations",
    "authors": "relations",
    "jurisdiction": "relations",
    "cite": "citations",
    "finding": "findings",
    "grade": "citations",
}
_STAGES = {term.id: term.label for term in vocabulary.STAGES}
_FORCES = {term.id: term.label for term in vocabulary.LEGAL_FORCES}


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


class State(NamedTuple):
    """One side: the records by id, redirects by id, and the kinds of which a file cannot be read."""

    records: dict[str, Parsed]
    redirects: dict[str, Parsed]
    unread: set[str]


class Became(NamedTuple):
    """What became of a record: kept (perhaps with other content), renamed, added, removed or merged; as it was, as it is, and why."""

    change: str
    was: Parsed | None
    now: Parsed | None
    because: str = ""


def compare(policies: Path, files: Iterable[Differing], today: str) -> list[Difference]:
    """The differences between the two states of `files`, with the status of actions on `today`; in order of sections and ids."""
    before, after = (State({}, {}, set()) for _ in range(2))
    found: list[Difference] = []
    for path, old, new in files:
        source = knowledge(policies, path)
        if not source:
            if path.endswith(".toml"):
                found.append(
                    Difference(
                        "unread",
                        "unreadable",
                        "",
                        "",
                        shown(path, 255),
                        "is not a file of a knowledge base",
                    )
                )
            continue
        parsed = [
            _taken(state, source, content) for state, content in ((before, old), (after, new))
        ]
        broken = [
            Difference(
                "unread", "unreadable", source.kind, source.id, source.path, f"{side}: {said}"
            )
            for side, (_, said) in zip(("before", "after"), parsed, strict=True)
            if said
        ]
        found.extend(broken)
        if old is not None and new is not None and not broken:
            (was, _), (now, _) = parsed
            if was == now:
                found.append(
                    Difference("layout", "changed", source.kind, source.id, source.path, "")
                )
            elif source.kind == "about":
                found.extend(_about(was[0], now[0]))
    found.extend(_records(before, after, today))
    order = list(SECTIONS)
    return sorted(found, key=lambda one: (order.index(one.section), one.kind, one.id))


def _taken(state: State, source: FileRef, content: bytes | str | None) -> tuple[list[Parsed], str]:
    """As `take`; a fault in the program is what is wrong with the file."""
    try:
        return take(state, source, content)
    except Exception as error:
        state.unread.add(source.id or source.kind)
        return [], fault(error, "reading this file").message


def take(state: State, source: FileRef, content: bytes | str | None) -> tuple[list[Parsed], str]:
    """Add the records that `content` holds to a state; the records, and what is wrong with them if they are not all valid."""
    if content is None:
        return [], ""
    held = content if isinstance(content, str) else read(source._replace(proposed=content))
    if not isinstance(held, bytes):
        state.unread.add(source.id or source.kind)
        return [], held if isinstance(held, str) else held.message
    parsed, problems = parse(source, held)
    for item in parsed:
        if item.record is None:
            state.unread.add(item.id or source.kind)
        elif item.kind == "redirect":
            state.redirects[item.id] = item
        elif item.kind != "about":
            state.records[item.id] = item
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return parsed, problems[0].sentence() + more if problems else ""


def _about(before: Parsed, after: Parsed) -> Iterator[Difference]:
    """What differs in about.toml."""
    was, now = before.record.model_dump(), after.record.model_dump()
    for key in now:
        if not isinstance(now[key], dict):
            values = {key: (was[key], now[key])}
        else:
            values = {
                f"{key}.{name}": (was[key].get(name), now[key].get(name))
                for name in sorted({*was[key], *now[key]})
            }
        for name, (first, second) in values.items():
            if first != second:
                yield _changed("texts", after._replace(id=""), name, first, second)


def leading(before: State, after: State) -> dict[str, str]:
    """The redirects that are new: the old id and the id that it leads to."""
    return {
        id: item.record.to for id, item in after.redirects.items() if id not in before.redirects
    }


def became(before: State, after: State) -> Iterator[Became]:
    """What became of each record that one of the two states holds; of those that cannot be read nothing is said."""
    leads = leading(before, after)
    moved = {id: to for id, to in leads.items() if id in before.records and id not in after.records}
    renamed = {
        to: id
        for id, to in moved.items()
        if to in after.records
        and to not in before.records
        and after.records[to].kind == before.records[id].kind
    }
    for id, now in after.records.items():
        was = before.records.get(renamed.get(id, id))
        if was and was.kind == now.kind:
            yield (
                Became("renamed", was, now, after.redirects[renamed[id]].record.reason)
                if id in renamed
                else Became("kept", was, now)
            )
        elif id not in before.unread and now.kind not in before.unread:
            yield Became("added", None, now)
    for id, was in before.records.items():
        if (
            id in after.records
            and after.records[id].kind == was.kind
            or id in after.unread
            or was.kind in after.unread
        ):
            continue
        if id not in moved:
            yield Became("removed", was, None)
        elif renamed.get(moved[id]) != id:
            yield Became(
                "merged", was, after.records.get(moved[id]), after.redirects[id].record.reason
            )


def _records(before: State, after: State, today: str) -> Iterator[Difference]:
    """What became of each record in words, and of each redirect."""
    leads = leading(before, after)
    for one in became(before, after):
        try:
            yield from _became(one, leads, today)
        except Exception as error:  # a fault in the program; all other records are compared
            held = one.now or one.was
            said = fault(error, "comparing this record").message
            yield Difference("unread", "unreadable", held.kind, held.id, held.path, said)
    yield from _redirects(before, after, leads)


def _became(one: Became, leads: Mapping[str, str], today: str) -> Iterator[Difference]:
    """What became of one record."""
    change, was, now, because = one
    if change == "renamed":
        yield Difference(
            "records",
            "renamed",
            now.kind,
            now.id,
            now.path,
            title(now.record),
            was.id,
            now.id,
            because,
        )
    elif change == "merged":
        yield Difference(
            "records",
            "merged",
            was.kind,
            was.id,
            was.path,
            title(was.record),
            was.id,
            leads[was.id],
            because,
        )
    if change in ("kept", "renamed"):
        yield from _record(was, now, leads, today)
    elif change in ("added", "removed"):
        yield from _new(now or was, change, today)


def _redirects(before: State, after: State, leads: Mapping[str, str]) -> Iterator[Difference]:
    """What differs in redirects that are not the trace of a record renamed or merged."""
    for id, now in after.redirects.items():
        was = before.redirects.get(id)
        to = leads.get(was.record.to, was.record.to) if was else None
        moved = id in before.records and id not in after.records
        if not was and not moved and "redirect" not in before.unread and id not in before.unread:
            yield Difference(
                "redirects",
                "added",
                "redirect",
                id,
                now.path,
                "leads to",
                None,
                now.record.to,
                now.record.reason,
            )
        elif was and to != now.record.to:
            yield Difference(
                "redirects",
                "changed",
                "redirect",
                id,
                now.path,
                "leads to",
                was.record.to,
                now.record.to,
                now.record.reason,
            )
    for id, was in before.redirects.items():
        if id not in after.redirects and "redirect" not in after.unread and id not in after.unread:
            yield Difference(
                "redirects", "removed", "redirect", id, was.path, "leads to", was.record.to, None
            )


def _new(item: Parsed, change: str, today: str) -> Iterator[Difference]:
    """A record that is new or gone, and what it links."""
    values = item.record.model_dump()
    counted = ", ".join(
        f"{len(values[name])} {name if len(values[name]) != 1 or name == 'evidence' else name.removesuffix('s')}"
        for name in LINKING
        if values.get(name)
    )
    yield Difference(
        "records", change, item.kind, item.id, item.path, title(item.record), because=counted
    )
    if isinstance(item.record, Action) and change == "added":
        stood, because = standing(item.id, item.record, today)
        yield Difference("status", "added", "action", item.id, item.path, "", None, stood, because)
        yield from _deadlines(item, [], _ahead(item.id, item.record, today))
    fields = describe(type(item.record))
    for name, section in LINKING.items():
        for part in values.get(name) or ():
            yield Difference(section, change, *item[:3], _label(fields[name], part))


def _record(was: Parsed, now: Parsed, leads: Mapping[str, str], today: str) -> Iterator[Difference]:
    """What differs in one record; ids that were renamed at the same time are the same."""
    if was.record == now.record:
        return
    old, new = told(was.record, leads), told(now.record, {})
    if old["withdrawn"] != new["withdrawn"]:
        change = (
            "withdrawn"
            if new["withdrawn"] and not old["withdrawn"]
            else "restored"
            if old["withdrawn"] and not new["withdrawn"]
            else "changed"
        )
        yield Difference(
            "records",
            change,
            now.kind,
            now.id,
            now.path,
            title(now.record),
            because=(new["withdrawn"] or old["withdrawn"])["reason"],
        )
    if isinstance(now.record, Action) and any(
        old[name] != new[name] for name in ("events", "instrument", "bindingness", "withdrawn")
    ):
        (first, _), (second, because) = (
            standing(was.id, was.record, today),
            standing(now.id, now.record, today),
        )
        if first != second:
            yield Difference(
                "status", "changed", "action", now.id, now.path, "", first, second, because
            )
        yield from _deadlines(
            now, _ahead(was.id, was.record, today), _ahead(now.id, now.record, today)
        )
    yield from _values(now, type(now.record), old, new, "")


def told(record: Part, leads: Mapping[str, str]) -> dict:
    """The values of a record, with the ids in it that lead elsewhere followed."""
    values = record.model_dump()
    for pointer, id, _ in references(record) if leads else ():
        if id in leads:
            held = values
            for part in pointer[:-1]:
                held = held[part]
            held[pointer[-1]] = leads[id]
    for appearance in values.get("appearances") or ():
        appearance["by"] = [leads.get(name, name) for name in appearance["by"]]
    return values


def _values(
    item: Parsed, kind: type[Part], old: Mapping, new: Mapping, within: str
) -> Iterator[Difference]:
    """What differs between the values of a record, or of a table inside it that `within` names."""
    for name, field in describe(kind).items():
        was, now = old.get(name), new.get(name)
        if was == now or name == "withdrawn":
            continue
        section = _SECTION.get(name, "texts")
        if field.part and field.many:
            yield from _parts(item, section, field, was, now, within)
        elif name == "identifiers":
            for scheme in sorted({*was, *now}):
                if was.get(scheme) != now.get(scheme):
                    yield _changed(
                        "texts", item, f"identifiers.{scheme}", was.get(scheme), now.get(scheme)
                    )
        elif name == "openness":
            yield from _values(item, field.part, was, now, "openness")
        elif isinstance(was, list) and isinstance(now, list):
            yield from (
                Difference(section, "removed", *item[:3], f"{name}: {brief(value)}")
                for value in was
                if value not in now
            )
            yield from (
                Difference(section, "added", *item[:3], f"{name}: {brief(value)}")
                for value in now
                if value not in was
            )
        else:
            yield _changed(section, item, f"{within}.{name}" if within else name, was, now)


def _changed(section: str, item: Parsed, what: str, was: object, now: object) -> Difference:
    change = "added" if was is None else "removed" if now is None else "changed"
    return Difference(section, change, item.kind, item.id, item.path, what, *_shortened(was, now))


def _shortened(was: object, now: object) -> tuple[str | None, str | None]:
    """Two values in brief, from a little before the place where they part."""
    old, new = (None if value is None else " ".join(_plain(value).split()) for value in (was, now))
    if old is not None and new is not None:
        same = next(
            (
                place
                for place, (one, other) in enumerate(zip(old, new, strict=False))
                if one != other
            ),
            min(len(old), len(new)),
        )
        if same > 40 and max(len(old), len(new)) > 120:
            old, new = (f"…{text[same - 30 :]}" for text in (old, new))
    return old and brief(old), new and brief(new)


def _plain(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    if isinstance(value, dict):
        return "; ".join(
            f"{key}: {_plain(inner)}" for key, inner in value.items() if inner not in (None, [])
        )
    return str(value)


def _label(field: Field, item: object) -> str:
    """Return an item of a list in words; with the name of the list where that does not say it."""
    return label(field.part, item) if field.part else f"{field.name}: {item}"


def _parts(
    item: Parsed, section: str, field: Field, was: list, now: list, within: str
) -> Iterator[Difference]:
    """What differs in a list of parts."""
    pairs, gone, new = paired(field.part, was or [], now or [])
    at = f" (for {within})" if within else ""
    dated = (
        {part["id"]: part["date"] for part in (*was, *now) if part.get("id")}
        if field.part is Event
        else {}
    )
    for part in gone:
        if part not in now:  # one that stood there twice and stands there once is not gone
            yield Difference(section, "removed", *item[:3], _label(field, part) + at)
    for part in new:
        if field.part is Event and part.get("supersedes"):
            by = f" by {part['moved_by']}" if part.get("moved_by") else ""
            yield Difference(
                section,
                "moved",
                *item[:3],
                _label(field, part),
                dated.get(part["supersedes"]),
                part["date"],
                f"moved on {part['moved_on']}{by}",
            )
        else:
            yield Difference(section, "added", *item[:3], _label(field, part) + at)
    for old, part in pairs:
        keys = [key for key in part if key != "cite" and old[key] != part[key]]
        if keys:
            first, second = (
                "; ".join(
                    f"{key}: {_plain(held[key])}" for key in keys if held[key] not in (None, [])
                )
                for held in (old, part)
            )
            yield Difference(
                section,
                "changed",
                *item[:3],
                _label(field, old if field.part is Event else part) + at,
                *_shortened(first or None, second or None),
            )
        if part.get("cite", []) != old.get("cite", []):
            cite = describe(field.part)["cite"]
            yield from _parts(
                item, "citations", cite, old["cite"], part["cite"], _label(field, part)
            )


def standing(id: str, action: Action, today: str) -> tuple[str, str]:
    """The status of an action on a day in words, and the event that decided it."""
    found = periods(happenings(id, action.events), action.instrument, action.bindingness)
    period = next(
        (
            one
            for one in found
            if (one.from_date or "") <= today and (one.to_date is None or one.to_date > today)
        ),
        None,
    )
    if period is None:
        return "nothing yet", ""
    event = dict(zip(event_keys(id, action.events), action.events, strict=True)).get(period.event)
    return f"{_STAGES[period.stage]}, {_FORCES[period.legal_force].lower()}", label(
        Event, event.model_dump()
    ) if event else ""


def _ahead(id: str, action: Action, today: str) -> list[dict]:
    """The events still to come that nothing has moved, as the view `upcoming` has them."""
    if action.withdrawn or any(
        one.legal_force == vocabulary.ENDED
        and (one.from_date or "") <= today
        and one.to_date is None
        for one in periods(happenings(id, action.events), action.instrument, action.bindingness)
    ):
        return []
    moved = {
        event.supersedes
        for event in action.events
        if event.supersedes and (event.moved_on or "") <= today
    }
    return [
        event.model_dump()
        for event in action.events
        if span(event.date).latest >= today and (not event.id or event.id not in moved)
    ]


def _deadlines(item: Parsed, was: list[dict], now: list[dict]) -> Iterator[Difference]:
    """Days still to come that are new, gone or another."""
    same = {(event["type"], event["date"]) for event in was} & {
        (event["type"], event["date"]) for event in now
    }
    gone, new = (
        [event for event in side if (event["type"], event["date"]) not in same]
        for side in (was, now)
    )
    for event in list(new):
        old = next((one for one in gone if one["type"] == event["type"]), None)
        if old:
            gone.remove(old)
            new.remove(event)
            yield Difference(
                "deadlines",
                "changed",
                *item[:3],
                label(Event, event),
                old["date"],
                event["date"],
            )
    yield from (
        Difference("deadlines", "removed", *item[:3], label(Event, event)) for event in gone
    )
    yield from (Difference("deadlines", "added", *item[:3], label(Event, event)) for event in new)


def title(record: Part) -> str:
    """What a record is called."""
    values = record.__dict__
    return brief(values.get("title") or values.get("name") or values.get("text") or "")
