"""What was said of an action on another day, beside what is said now about the day shown."""

import sqlite3

from policykb.model.records import Action
from policykb.read import as_known as known
from policykb.read import status_line as standing
from policykb.read.database import database
from policykb.read.records import record
from policykb.site import data, words

# Keys of a record that are compared beside its status and events, and what they are called.
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
    """The day in `known` and None; or None and a message if it is no day."""
    if not words.param(request, "known"):
        return None, None
    day, message = words.day_asked(request, "known")
    return (None, message.removesuffix(" Shown as of today.")) if message else (day, None)


async def beside(datasette, id: str, day: str, on: str) -> dict:
    """What was said of the action on `day` about the day `on`, for the template; `why` says why nothing is told."""
    today = words.dates.today().isoformat()

    def read(connection: sqlite3.Connection) -> tuple[known.Then, Action]:
        db = database(connection)
        return known.then(db, id, day), record(db, id)

    then, now = await data.turn(datasette, read)
    found = {"day": day, "why": then.why, "time": then.time, "late": day >= today}
    if then.record is None:
        return found
    sides = [_standing(id, record, on, today) for record in (then.record, now)]
    events = [_event(one) for one in known.compared(then.record, now)]
    fields = [
        (label, key, getattr(then.record, key), getattr(now, key))
        for key, label in FIELDS.items()
        if getattr(then.record, key) != getattr(now, key)
    ]
    return found | {
        "then": sides[0],
        "now": sides[1],
        "same_status": sides[0]["headline"] == sides[1]["headline"],
        "as_of": (then.record.as_of, now.as_of),
        "events": events,
        "differing": sum(event["mark"] != "same" for event in events),
        "fields": fields,
        "withdrawn": bool(then.record.withdrawn),
    }


def _standing(id: str, record: Action, on: str, today: str) -> dict:
    periods, events = known.as_rows(id, record)
    return standing.standing({"as_of": record.as_of}, periods, events, on, today)


def _event(one: known.Compared) -> dict:
    """An event with its mark: same, added since, gone since or other."""
    mark = (
        "added"
        if one.then is None
        else "gone"
        if one.now is None
        else "other"
        if one.keys
        else "same"
    )
    shown = one.now or one.then
    return {
        "mark": mark,
        "date": shown["date"],
        "type": shown["type"],
        "then": one.then,
        "now": one.now,
        "differs": [EVENT_WORDS[key] for key in one.keys],
    }
