"""The class of a change by written rules, where its commit states none. docs/explanation/history.md says the same in words."""

from collections.abc import Sequence

from policykb.files.reader import Parsed
from policykb.history.entries import ORDER, STATUS, Entry, decoded
from policykb.model.dates import span
from policykb.model.records import Action
from policykb.model.vocabulary import CORRECTION, ENRICHMENT, MECHANICAL, NEWS, REWORDING

# Days before its record for which an event of a new action is news.
NEWS_DAYS = 60
# What is written in the editors' words, and the sources of a fact: the same is said otherwise, unless there was nothing.
WORDED = frozenset(
    {
        "title",
        "short_title",
        "name",
        "short_name",
        "summary",
        "note",
        "about",
        "text",
        "premises",
        "abstract",
        "interests",
        "definition",
        "reason",
        "open_questions",
        "words",
        "cite",
    }
)
# What is kept for upkeep.
UPKEEP = frozenset(
    {"as_of", "accessed", "text_sha256", "text_rule", "id", "former_ids", "withdrawn.on"}
)
# What only a move of a date sets.
MOVING = frozenset({"supersedes", "moved_on", "moved_by"})
# What becomes of a whole record.
WHOLE = {
    "added": ENRICHMENT,
    "removed": CORRECTION,
    "renamed": MECHANICAL,
    "merged": MECHANICAL,
    "withdrawn": CORRECTION,
    "restored": CORRECTION,
}


def classes(
    found: Sequence[Entry], was: Parsed | None, now: Parsed | None, day: str | None
) -> list[str]:
    """The class of each of the entries of one record in one commit of `day` (None: the first commit, when all is new)."""
    moves = any(entry.pointer == STATUS for entry in found)
    given = [_class(entry, was, now, day, moves) for entry in found]
    status = (
        NEWS
        if any(
            name == NEWS
            for entry, name in zip(found, given, strict=True)
            if entry.pointer != STATUS
        )
        else CORRECTION
    )
    return [
        status if entry.pointer == STATUS else name
        for entry, name in zip(found, given, strict=True)
    ]


def _class(
    entry: Entry, was: Parsed | None, now: Parsed | None, day: str | None, moves: bool
) -> str:
    key = entry.pointer.rpartition(".")[2]
    if (
        entry.change == "added"
        and not entry.pointer
        and day
        and now is not None
        and isinstance(now.record, Action)
    ):
        return (
            NEWS
            if any(_days_before(day, event.date) <= NEWS_DAYS for event in now.record.events)
            else ENRICHMENT
        )
    if entry.change in WHOLE and entry.pointer in ("", "id", "withdrawn"):
        return WHOLE[entry.change]
    if entry.pointer.endswith(ORDER) or key in UPKEEP or entry.kind == "redirect":
        return MECHANICAL
    if entry.change == "moved" or key in MOVING:
        return NEWS
    if entry.pointer.startswith("events#") and "." not in entry.pointer and entry.change == "added":
        event = decoded(entry.after)
        if was is None or span(event["date"]).latest > was.record.as_of:
            return NEWS
        return CORRECTION if moves else ENRICHMENT
    if entry.pointer.startswith("events#") and key == "date" and _finer(entry.before, entry.after):
        return ENRICHMENT
    if key == "unconfirmed":
        return CORRECTION if entry.after == "true" else ENRICHMENT
    if entry.change == "added" or _grown(entry):
        return ENRICHMENT
    return REWORDING if key in WORDED or entry.pointer.startswith("cite#") else CORRECTION


def _days_before(day: str, date: str) -> int:
    """How many days lie from the last day that `date` may mean to `day`; less than 0 if that is still to come."""
    import datetime

    return (datetime.date.fromisoformat(day) - datetime.date.fromisoformat(span(date).latest)).days


def _finer(before: str | None, after: str | None) -> bool:
    """Whether a date says the same as before, more exactly."""
    if not before or not after:
        return False
    old, new = span(before), span(after)
    return old.earliest <= new.earliest and new.latest <= old.latest


def _grown(entry: Entry) -> bool:
    """Whether a list holds all that it held, and more."""
    old, new = decoded(entry.before), decoded(entry.after)
    return isinstance(old, list) and isinstance(new, list) and all(item in new for item in old)
