"""What the knowledge base said of an action on a day, from kb.db alone: the record of today with later changes undone."""

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
    """What was said on a day: the `record`, or None and in `why` the reason; and the `time` of the commit that said it."""

    record: Action | None
    why: str = ""
    time: str = ""


class Compared(NamedTuple):
    """An event as it was said then and as it is said now (None: not at all), and the keys that differ."""

    then: dict | None
    now: dict | None
    keys: tuple[str, ...]


def then(db: Database, id: str, day: str) -> Then:
    """Return what was said of the action `id` at the end of `day` (UTC)."""
    queries = statements(SQL, "as_known")
    (log,) = db.query(queries["commits"], {"day": day})
    if log["first"] is None:
        return Then(
            None,
            "This knowledge base was built without a history. What it said on another day is not known.",
        )
    if log["position"] is None:
        why = f"The history here begins on {log['first'][:10]}; what was said before is not known."
        if log["history"] == "partial":
            why += " Earlier history was not there when it was built."
        return Then(None, why)
    changes = db.query(queries["changes"], {"id": id, "position": log["position"]})
    values = undo(record(db, id).model_dump(), changes)
    if values is None:
        return Then(None, "This action was not recorded here yet.", log["time"])
    return Then(Action.model_validate(values), "", log["time"])


def as_rows(id: str, action: Action) -> tuple[list[dict], list[dict]]:
    """Return the periods and the events of an action in the form of the rows of kb.db, each period with its event."""
    rows = Rows()
    add_course(rows, Course(id, action))
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
    """Return the events recorded then and now, in the order of now, with removed events at the end.

    The name of an event within its action says nothing of the world, so a new name is no difference.
    """
    old, new = (record.model_dump()["events"] for record in (before, now))
    pairs, removed, added = paired(Event, old, new)
    entries = {id(part): Compared(None, part, ()) for part in added}
    for was, part in pairs:
        keys = tuple(key for key in part if key not in NAMES and was[key] != part[key])
        entries[id(part)] = Compared(was, part, keys)
    return [entries[id(part)] for part in new] + [Compared(part, None, ()) for part in removed]
