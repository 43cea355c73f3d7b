"""What was said of an action on another day, beside what is said now about the day shown."""

import sqlite3

from policykb.model.records import Action
from policykb.read import as_known
from policykb.read.database import database
from policykb.read.records import record
from policykb.read.status_line import standing
from policykb.site import data, params

# Keys of a record that are compared apart from its status and events, and their labels.
FIELDS = {
    "title": "Title",
    "short_title": "Short title",
    "instrument": "Kind",
    "bindingness": "Binding",
    "confidence": "Confidence",
    "summary": "Summary",
}
EVENT_WORDS = {
    "date": "the date",
    "type": "the kind",
    "note": "the note",
    "cite": "the sources",
    "unconfirmed": "whether it is confirmed",
    "supersedes": "what it moves",
    "moved_on": "when it was moved",
    "moved_by": "what moved it",
}


def asked(request) -> tuple[str | None, str | None]:
    """Return the day in `known` and None; or None and a message if it is not a day."""
    if not params.param(request, "known"):
        return None, None
    try:
        return params.day_of_file(request, "known"), None
    except params.RefusedError as error:
        return None, str(error)


async def beside(datasette, action_id: str, day: str, on: str) -> dict:
    """Return what was said of the action on `day` about the day `on`, for the template; `why` says why there is nothing."""

    def read(connection: sqlite3.Connection) -> tuple[as_known.Then, Action]:
        db = database(connection)
        return as_known.then(db, action_id, day), record(db, action_id)

    then, now = await data.turn(datasette, read)
    answer = {"day": day, "why": then.why, "time": then.time}
    if then.record is None:
        return answer
    statuses = [_status(action_id, record, on) for record in (then.record, now)]
    events = [_event(event) for event in as_known.compared(then.record, now)]
    values = [
        (label, getattr(then.record, key), getattr(now, key)) for key, label in FIELDS.items()
    ]
    return answer | {
        "then": statuses[0],
        "now": statuses[1],
        "same_status": statuses[0]["headline"] == statuses[1]["headline"],
        "as_of": (then.record.as_of, now.as_of),
        "events": events,
        "differing": sum(event["mark"] != "same" for event in events),
        "fields": [value for value in values if value[1] != value[2]],
        "withdrawn": bool(then.record.withdrawn),
    }


def _status(action_id: str, record: Action, on: str) -> dict:
    periods, events = as_known.as_rows(action_id, record)
    return standing({"as_of": record.as_of}, periods, events, on, params.today())


def _event(event: as_known.Compared) -> dict:
    """Return an event with its mark: same, added since, gone since or other."""
    if event.then is None:
        mark = "added"
    elif event.now is None:
        mark = "gone"
    else:
        mark = "other" if event.keys else "same"
    differences = [EVENT_WORDS[key] for key in event.keys]
    return {"mark": mark, "then": event.then, "now": event.now, "differs": differences}
