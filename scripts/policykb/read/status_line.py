"""The status of an action on a day in words: the status, its start, the event that decided it, and the next events.

Rows in, a plain dict out. Reads nothing and knows no clock.
"""

import datetime
from collections.abc import Iterable

from policykb.model import vocabulary
from policykb.model.status import contains
from policykb.text import date, duration, on_date

# Shapes that distinguish legal forces without color.
FORCE_GLYPHS = {term.id: term.glyph for term in vocabulary.LEGAL_FORCES}
FORCE_WORDS = vocabulary.labels(vocabulary.LEGAL_FORCES)
_STAGES = {term.id: term for term in vocabulary.STAGES}
STAGE_WORDS = {term.id: term.status or term.label for term in vocabulary.STAGES}
TASK_WORDS = vocabulary.labels(vocabulary.TASK_STATES)
MOST_NEXT = 4
# More than so many days after the day as of which a status is known, it is marked as:
AGES = {"stale": 180, "old": 90}


def brief(stage: str, legal_force: str) -> dict:
    """Return `glyph`, `words` and `key` for the stage and force of a list entry."""
    words = FORCE_WORDS[legal_force]
    if legal_force in (vocabulary.NOT_YET, vocabulary.NOT_APPLICABLE):
        term = _STAGES[stage]
        words = term.brief or STAGE_WORDS[stage]
        if legal_force == vocabulary.NOT_YET:
            words = term.brief_not_yet or words
    over = stage in vocabulary.TERMINAL and legal_force != vocabulary.ENDED
    return {
        "glyph": "×" if over else FORCE_GLYPHS[legal_force],
        "words": words,
        "key": "over" if over else legal_force,
    }


def period_on(periods: list[dict], on: str) -> dict | None:
    """Return the row of the period that contains the day `on`, or None before the first period."""
    return next((row for row in periods if contains(row["from_date"], row["to_date"], on)), None)


def brief_on(periods: list[dict], on: str) -> dict | None:
    """Return the status on the day `on` in few words, as `brief`; None before the first period."""
    now = period_on(periods, on)
    return brief(now["stage"], now["legal_force"]) if now else None


def with_brief(rows: Iterable[dict]) -> list[dict]:
    """Return rows with `brief`, the status in few words by stage and legal force; None where there was no status yet."""
    return [
        {**row, "brief": brief(row["stage"], row["legal_force"]) if row["stage"] else None}
        for row in rows
    ]


def standing(
    action: dict,
    periods: list[dict],
    events: list[dict],
    on: str,
    today: str,
    most: int | None = MOST_NEXT,
) -> dict:
    """Return the status of `action` on the day `on`, with at most `most` of the next events (None: all).

    It has `headline`, `glyph`, `key`, `stage` and `legal_force`; `event`: the deciding event or None; `next`: the events
    due after that day under the law of that day, and `more`: how many were left out; `past`: `on`
    lies before today; `late`: `on` lies after the last day for which the status is known;
    `ambiguous`: partial dates leave the order open.
    """
    by_id = {event["id"]: event for event in events}
    now = period_on(periods, on)
    upcoming = [
        event
        for event in sorted(events, key=lambda e: (e["date_earliest"], e["position"]))
        if event["date_latest"] > on and _is_due(event, events, on)
    ]
    common = {
        "on": on,
        "past": on < today,
        "future": on > today,
        "late": on > action["as_of"],
        "next": upcoming[:most],
        "more": len(upcoming[most:]) if most else 0,
    }
    if now is None:
        headline = "Nothing is known to have happened"
        if periods:
            first = on_date(periods[0]["event_date"] or periods[0]["from_date"])
            headline = f"Nothing had happened yet; the first step came {first}"
        missing = dict.fromkeys(("stage", "legal_force", "event"))
        return {
            **common,
            **missing,
            "glyph": "·",
            "key": "none",
            "ambiguous": False,
            "headline": headline,
        }
    stage, force = now["stage"], now["legal_force"]
    decided = by_id.get(
        now["force_event"]
        if force in vocabulary.BINDING or force == vocabulary.ENDED
        else now["stage_event"] or now["event"]
    )
    entry = brief(stage, force)
    return {
        **common,
        "glyph": entry["glyph"],
        "key": entry["key"],
        "stage": stage,
        "legal_force": force,
        "event": decided,
        "ambiguous": bool(now["order_ambiguous"]),
        "headline": _headline(now, periods, decided),
    }


def became(task: dict) -> str:
    """Return what became of a task by a day in words: 'Done on 14 July 2026, 12 days late'.

    The task has `state` and, if it was done, `done_on`, its partial date, and `done_earliest`; if it has a due date,
    `due_latest`.
    """
    words = TASK_WORDS[task["state"]]
    if task["done_on"]:
        words = f"{words} {on_date(task['done_on'])}"
        due = task["due_latest"]
        if due and task["done_earliest"] > due:
            words += f", {duration(due, task['done_earliest'])} late"
        return f"{words} (unconfirmed)" if task["unconfirmed"] else words
    unknown = task["state"] in (vocabulary.OVERDUE, vocabulary.UNDATED) and not task["outcome"]
    return f"{words}, outcome not known" if unknown else words


def checked(as_of: str, today: str) -> dict:
    """Return how old the day is as of which a status is known: `key`, which is 'fresh', 'old' or 'stale', and `ago`."""
    days = (datetime.date.fromisoformat(today) - datetime.date.fromisoformat(as_of)).days
    key = next((key for key, least in AGES.items() if days > least), "fresh")
    return {"key": key, "ago": "" if key == "fresh" else f"{duration(as_of, today)} ago"}


def _is_due(event: dict, events: list[dict], on: str) -> bool:
    """Return whether an event is due under the law of the day `on`: it is not moved yet, or it is a move made by then."""
    if event["moved_on"] and event["moved_on"] > on:
        return False
    return not any(
        other["supersedes"] == event["id"] and (other["moved_on"] or "") <= on for other in events
    )


def _headline(now: dict, periods: list[dict], decided: dict | None) -> str:
    stage, force = now["stage"], now["legal_force"]
    start = _since(
        now,
        periods,
        "legal_force" if force in vocabulary.BINDING or force == vocabulary.ENDED else "stage",
    )
    at = _day(start, decided)
    if force in vocabulary.BINDING:
        return f"{FORCE_WORDS[force]} since {date(at)}" if at else FORCE_WORDS[force]
    if force == vocabulary.ENDED:
        return f"Ended {on_date(at)}{_lived(start, periods)}"
    if force == vocabulary.UNKNOWN:
        return f"{STAGE_WORDS[stage]} {on_date(at)}; whether it binds is not known"
    words = STAGE_WORDS[stage]
    if _STAGES[stage].undated:
        return words
    words = f"{words} since {date(at)}" if words.startswith("In ") else f"{words} {on_date(at)}"
    if _STAGES[stage].alone:
        return words
    if force == vocabulary.NOT_YET:
        return words + ", not yet in force"
    return words if stage in vocabulary.TERMINAL else words + ", not legally binding"


def _since(now: dict, periods: list[dict], key: str) -> dict:
    """Return the first of the adjoining periods up to `now` with the same value of `key`."""
    first = now
    for period in reversed(periods[: periods.index(now)]):
        if period[key] != now[key]:
            break
        first = period
    return first


def _day(start: dict, decided: dict | None) -> str | None:
    """Return the start of a period, as the date of the deciding event is written if that date counted."""
    for written, earliest in (
        (decided and decided["date"], decided and decided["date_earliest"]),
        (start["event_date"], start["event_earliest"]),
    ):
        if written and earliest == start["from_date"]:
            return written
    return start["from_date"]


def _lived(end: dict, periods: list[dict]) -> str:
    """Return ', in force for 18 days' if both ends are known to the day, else ''."""
    first = next((p for p in periods if p["legal_force"] in vocabulary.BINDING), None)
    if (
        not first
        or not first["from_date"]
        or first["from_date"] != first["from_latest"]
        or end["from_date"] != end["from_latest"]
    ):
        return ""
    whole = any(p["legal_force"] == vocabulary.IN_FORCE for p in periods)
    word = "in force" if whole else "partly in force"
    return f", {word} for {duration(first['from_date'], end['from_date'])}"
