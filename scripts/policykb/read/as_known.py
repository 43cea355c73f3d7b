"""What the knowledge base said of an action on a day, from kb.db alone: the record of now with what was changed since undone."""

from typing import NamedTuple

from sqlite_utils import Database

from policykb.history.undo import undone
from policykb.model.event_ids import event_keys, happenings
from policykb.model.parts import paired
from policykb.model.records import Action
from policykb.model.status import periods
from policykb.read.database import SQL, statements
from policykb.read.records import record

# What is compared with another day, next to the events and the effect on openness.
KEYS = (
    "title",
    "short_title",
    "instrument",
    "bindingness",
    "jurisdiction",
    "as_of",
    "confidence",
    "summary",
    "withdrawn",
)
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


def then(db: Database, id: str, day: str) -> Then:
    """Return what was said of the action `id` at the end of `day` (UTC)."""
    queries = statements(SQL, "as_known")
    (log,) = db.query(queries["commits"], {"day": day})
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
    changes = db.query(queries["changes"], {"id": id, "position": log["position"]})
    content = undone(current(db, id), changes)
    if content is None:
        return Then(None, "This action was not recorded here yet.", log["time"])
    return Then(Action.model_validate(content), "", log["time"])


def current(db: Database, id: str) -> dict:
    """Return the record of an action as its file has it: its values and events; of its lists only those."""
    content = record(db, id).model_dump(exclude_defaults=True)
    openness = {key: content["openness"][key] for key in ("effect", "note")}
    return {key: content.get(key) for key in KEYS} | {
        "openness": openness,
        "events": content.get("events", []),
    }


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
    pairs, gone, added = paired("events", old, new)
    found = {
        id(part): Compared(
            was, part, tuple(key for key in part if key not in NAMES and was[key] != part[key])
        )
        for was, part in pairs
    } | {id(part): Compared(None, part, ()) for part in added}
    return [found[id(part)] for part in new] + [Compared(part, None, ()) for part in gone]
