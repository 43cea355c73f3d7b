"""What the knowledge base said about an action on a day, from kb.db alone: it undoes later changes of the record."""

from typing import NamedTuple

from sqlite_utils import Database

from policykb.build.rows import Rows, add_course
from policykb.history.entries import undo
from policykb.model.course import Course
from policykb.model.parts import paired
from policykb.model.records import Action, Event
from policykb.read.database import SQL, statements
from policykb.read.records import record

NAMES = frozenset({"id", "former_ids"})


class Then(NamedTuple):
    """The record of an action on a day, or None and the reason `why`; `time` is that of its commit."""

    record: Action | None
    why: str = ""
    time: str = ""


class Compared(NamedTuple):
    """An event in the record of then and of now (None: missing), and the keys in which they differ."""

    then: dict | None
    now: dict | None
    keys: tuple[str, ...]


def then(db: Database, action_id: str, day: str) -> Then:
    """Return the record of the action `action_id` at the end of `day` (UTC)."""
    queries = statements(SQL, "as_known")
    (log,) = db.query(queries["commits"], {"day": day})
    if log["first"] is None:
        why = "This knowledge base was built without a history. What it said on another day is not known."
        return Then(None, why)
    if log["position"] is None:
        why = f"The history here begins on {log['first'][:10]}; what was said before is not known."
        if log["history"] == "partial":
            why += " Earlier history was not there when it was built."
        return Then(None, why)
    changes = db.query(queries["changes"], {"id": action_id, "position": log["position"]})
    values = undo(record(db, action_id).model_dump(), changes)
    if values is None:
        return Then(None, "This action was not recorded here yet.", log["time"])
    return Then(Action.model_validate(values), "", log["time"])


def as_rows(action_id: str, action: Action) -> tuple[list[dict], list[dict]]:
    """Return the periods and the events of an action as rows of kb.db, each period with the date and type of its event."""
    rows = Rows()
    add_course(rows, Course(action_id, action))
    events, periods = rows.of("events"), rows.of("periods")
    by_id = {event["id"]: event for event in events}
    for period in periods:
        event = by_id.get(period["event"], {})
        period |= {
            "event_date": event.get("date"),
            "event_earliest": event.get("date_earliest"),
            "event_type": event.get("type"),
        }
    return periods, events


def compared(before: Action, now: Action) -> list[Compared]:
    """Return the events of then and now in the order of now, with removed events at the end.

    Another id or former id of an event does not count as a difference, since it says nothing about the world.
    """
    old, new = (record.model_dump()["events"] for record in (before, now))
    pairs, removed, added = paired(Event, old, new)
    entries = {id(part): Compared(None, part, ()) for part in added}
    for was, part in pairs:
        keys = tuple(key for key in part if key not in NAMES and was[key] != part[key])
        entries[id(part)] = Compared(was, part, keys)
    return [entries[id(part)] for part in new] + [Compared(part, None, ()) for part in removed]
