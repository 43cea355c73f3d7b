"""The class of a change by written rules, where its commit states none; docs/explanation/history.md explains them."""

import datetime
from collections.abc import Sequence

from policykb.history.entries import ORDER, STATUS, Entry, decode
from policykb.history.states import RecordChange
from policykb.model.dates import span
from policykb.model.records import Action
from policykb.model.vocabulary import CORRECTION, ENRICHMENT, MECHANICAL, NEWS, REWORDING

NEWS_DAYS = 60  # an event of a new action is news for so many days
# What becomes of a whole record -> class.
OF_RECORD = {
    "added": ENRICHMENT,
    "removed": CORRECTION,
    "renamed": MECHANICAL,
    "merged": MECHANICAL,
    "withdrawn": CORRECTION,
    "restored": CORRECTION,
}
# Fields whose change always has the same class.
OF_FIELD = {
    **dict.fromkeys(("as_of", "accessed", "text_sha256", "text_rule"), MECHANICAL),
    **dict.fromkeys(("id", "former_ids"), MECHANICAL),
    "supersedes": NEWS,
    "confidence": ENRICHMENT,  # the editors have seen more, or found that it says less
}
# Fields in the editors' words, and the sources of a fact: another value says the same in another way.
WORDED = frozenset(
    "title short_title name short_name summary note about text premises abstract interests"
    " definition reason open_questions words exemption outcome cite".split()
)


def classes(entries: Sequence[Entry], change: RecordChange, day: str | None) -> list[str]:
    """Return the class of each entry of one record in a commit of `day` (None: the first commit, when all is new)."""
    has_status = any(entry.pointer == STATUS for entry in entries)
    result = [
        "" if entry.pointer == STATUS else _class(entry, change, day, has_status)
        for entry in entries
    ]
    status = NEWS if NEWS in result else CORRECTION
    return [name or status for name in result]


def _class(entry: Entry, change: RecordChange, day: str | None, has_status: bool) -> str:
    key = entry.pointer.rpartition(".")[2]
    if not entry.pointer and entry.change == "added" and isinstance(change.after.record, Action):
        return _class_of_action(change.after.record, day)
    if entry.pointer in ("", "id", "withdrawn") and entry.change in OF_RECORD:
        return OF_RECORD[entry.change]
    if entry.pointer.endswith(ORDER):
        return MECHANICAL
    if key in OF_FIELD:
        return OF_FIELD[key]
    if entry.change == "moved":
        return NEWS
    if entry.pointer.startswith("events#"):
        if entry.change == "added" and key == entry.pointer:
            # News are later than the day up to which the action was known.
            is_news = span(decode(entry.after)["date"]).latest > change.before.record.as_of
            return NEWS if is_news else CORRECTION if has_status else ENRICHMENT
        if key == "date" and _is_finer(entry.before, entry.after):
            return ENRICHMENT
    if key == "unconfirmed":
        return CORRECTION if entry.after == "true" else ENRICHMENT
    if entry.change == "added" or _has_grown(entry):
        return ENRICHMENT
    return REWORDING if key in WORDED or entry.pointer.startswith("cite#") else CORRECTION


def _class_of_action(action: Action, day: str | None) -> str:
    """Return the class of a new action: news if an event of it is recent or still to come."""
    if day is None:
        return ENRICHMENT
    since = datetime.date.fromisoformat(day) - datetime.timedelta(days=NEWS_DAYS)
    dates = (span(event.date).latest for event in action.events)
    return NEWS if any(latest >= since.isoformat() for latest in dates) else ENRICHMENT


def _is_finer(before: str, after: str) -> bool:
    """Return whether a date says the same as before, more exactly."""
    old, new = span(before), span(after)
    return old.earliest <= new.earliest and new.latest <= old.latest


def _has_grown(entry: Entry) -> bool:
    """Return whether a list has all its items still, and more."""
    old, new = decode(entry.before), decode(entry.after)
    return isinstance(old, list) and isinstance(new, list) and all(item in new for item in old)
