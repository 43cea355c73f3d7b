"""What the knowledge base said of an action on a day, from kb.db alone: the record of now with what was changed since undone."""

import json
import sqlite3
from functools import cache
from pathlib import Path
from typing import NamedTuple

from policykb.history.undo import undone
from policykb.model.event_ids import event_keys, happenings
from policykb.model.parts import paired
from policykb.model.records import Action, Event
from policykb.model.status import periods

NAMES = frozenset({"id", "former_ids"})


class Then(NamedTuple):
    """What was said on a day: the `record` (None: nothing, and `why` says why), and `time` of the commit that said it."""

    record: Action | None
    why: str = ""
    time: str = ""


class Compared(NamedTuple):
    """An event as it was said and as it is said now (None: not at all), and the keys in which they differ."""

    then: dict | None
    now: dict | None
    keys: tuple[str, ...]


def then(connection: sqlite3.Connection, id: str, day: str) -> Then:
    """What was said of the action `id` at the end of `day` (UTC)."""
    (log,) = _rows(connection, "commits", day=day)
    if log["first"] is None:
        return Then(
            None,
            "This knowledge base was built without a history, so it cannot tell what it said on another day.",
        )
    if log["position"] is None:
        partial = (
            " Earlier history was not there when it was built."
            if log["history"] == "partial"
            else ""
        )
        return Then(
            None,
            f"The history here begins on {log['first'][:10]}; what was said before is not known.{partial}",
        )
    found = undone(
        current(connection, id), _rows(connection, "changes", id=id, position=log["position"])
    )
    return (
        Then(None, "This action was not recorded here yet.", log["time"])
        if found is None
        else Then(Action.model_validate(found), "", log["time"])
    )


def current(connection: sqlite3.Connection, id: str) -> dict:
    """The record of an action as its file has it: its values and events; of its lists only those."""
    (row,) = _rows(connection, "action", id=id)
    sources: dict[str, list[dict]] = {}
    for cite in _rows(connection, "sources", id=id):
        sources.setdefault(cite.pop("event"), []).append(_filled(cite))
    record = {
        key: row[key]
        for key in (
            "title",
            "short_title",
            "instrument",
            "bindingness",
            "jurisdiction",
            "as_of",
            "confidence",
            "summary",
        )
    }
    record |= {"openness": {"effect": row["openness_effect"], "note": row["openness_note"]}}
    record |= {
        "withdrawn": {"on": row["withdrawn_on"], "reason": row["withdrawn_reason"]}
        if row["withdrawn_on"]
        else None
    }
    record["events"] = [
        _filled(
            {
                "id": event["name"],
                "former_ids": json.loads(event["former"]),
                "date": event["date"],
                "type": event["type"],
                "note": event["note"],
                "cite": sources.get(event["key"], []),
                "unconfirmed": bool(event["unconfirmed"]),
                "supersedes": event["supersedes"],
                "moved_on": event["moved_on"],
                "moved_by": event["moved_by"],
            }
        )
        for event in _rows(connection, "events", id=id)
    ]
    return record


def as_rows(id: str, record: Action) -> tuple[list[dict], list[dict]]:
    """The periods and the events of a record in the form of the rows of kb.db."""
    found = happenings(id, record.events)
    events = [
        {
            "id": key,
            "position": position,
            "type": event.type,
            "date": event.date,
            "date_earliest": happening.span.earliest,
            "date_latest": happening.span.latest,
            "note": event.note,
            "supersedes": happening.supersedes,
            "moved_on": event.moved_on,
            "unconfirmed": int(event.unconfirmed),
        }
        for position, (key, event, happening) in enumerate(
            zip(event_keys(id, record.events), record.events, found, strict=True), 1
        )
    ]
    by_id = {event["id"]: event for event in events}
    rows = []
    for period in periods(found, record.instrument, record.bindingness):
        event = by_id.get(period.event, {})
        rows.append(
            period._asdict()
            | {
                "event_date": event.get("date"),
                "event_earliest": event.get("date_earliest"),
                "event_type": event.get("type"),
            }
        )
    return rows, events


def compared(before: Action, now: Action) -> list[Compared]:
    """The events said then and now, in the order of now, those no longer said at the end.

    What an event is called within its action says nothing of the world, so a new name is no difference.
    """
    old, new = (record.model_dump()["events"] for record in (before, now))
    pairs, gone, added = paired(Event, old, new)
    found = {
        id(part): Compared(
            was, part, tuple(key for key in part if key not in NAMES and was[key] != part[key])
        )
        for was, part in pairs
    } | {id(part): Compared(None, part, ()) for part in added}
    return [found[id(part)] for part in new] + [Compared(part, None, ()) for part in gone]


def _filled(values: dict) -> dict:
    return {key: value for key, value in values.items() if value not in (None, [], False)}


@cache
def _sql(name: str) -> str:
    return (Path(__file__).parent / "sql" / f"known_{name}.sql").read_text(encoding="utf-8")


def _rows(connection: sqlite3.Connection, statement: str, **parameters: object) -> list[dict]:
    cursor = connection.execute(_sql(statement), parameters)
    columns = [column[0] for column in cursor.description]
    return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
