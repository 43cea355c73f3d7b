"""What those who follow the knowledge base are told: news and corrections from the change log, events as their day comes, days ahead.

Reads kb.db through the connection it is given. How it is written as Atom or iCalendar stands in atom.py and deadlines.py.
"""

import json
import sqlite3
from itertools import groupby
from typing import NamedTuple
from urllib.parse import urlsplit

from policykb.model.vocabulary import CHANGE_CLASSES, CORRECTION, NEWS
from policykb.read import database as reading
from policykb.text import AHEAD, on_date

PLACES = {
    "action": "actions",
    "argument": "arguments",
    "claim": "claims",
    "document": "documents",
    "organization": "organizations",
    "jurisdiction": "jurisdictions",
    "topic": "topics",
}
LABELS = {term.id: term.label for term in CHANGE_CLASSES} | {"upcoming": "Ahead"}
MOST = 100
MOST_AHEAD = 1000
FIRST = "0001-01-01"


class Scope(NamedTuple):
    """What is followed: `kind` is all, action, jurisdiction or topic; `id` is '' for all."""

    kind: str = "all"
    id: str = ""

    @property
    def path(self) -> str:
        """The page of it."""
        return f"/{PLACES[self.kind]}/{self.id}" if self.id else "/"


class Entry(NamedTuple):
    """One thing to tell: a key that stays, when (UTC, ISO), its class, a title, lines of text and the page that has more."""

    key: str
    time: str
    kind: str
    title: str
    lines: tuple[str, ...]
    path: str


class Due(NamedTuple):
    """A day of an action as a calendar needs it: `event` is the row, `key` stays, `revision` rises with each move, `time` is when it was last touched."""

    key: str
    event: dict
    label: str
    revision: int
    time: str


class Told(NamedTuple):
    """The knowledge base in brief: its title and licence, the authority and path that keys begin with, and the last time that anything in it is of."""

    title: str
    description: str
    licence: str
    authority: str
    time: str


def told(connection: sqlite3.Connection, base: str) -> Told:
    """What a feed says of the knowledge base, published at the address `base`.

    Keys begin with the address of its files, if about.toml tells it: then they are the same wherever it is published.
    """
    info = {row["key"]: row["value"] for row in _rows(connection, "info")}
    address = urlsplit(info.get("source_url") or base)
    time = info["last_commit"] or f"{info['last_as_of'] or FIRST}T00:00:00Z"
    return Told(
        info["title"],
        info["description"],
        info["licence"],
        f"{address.hostname},2026:{address.path.strip('/')}".rstrip("/"),
        time,
    )


def name(connection: sqlite3.Connection, scope: Scope) -> str | None:
    """What the thing followed is called; None if there is no such thing."""
    return next(iter(_rows(connection, "name", **scope._asdict())))["name"]


def entries(connection: sqlite3.Connection, scope: Scope, today: str) -> list[Entry]:
    """The newest news and corrections, newest first.

    An event is told by the commit that records it, or, if it was foreseen or stood there from the first, on its own day.
    """
    found = [
        _change(list(rows))
        for _, rows in groupby(
            _rows(connection, "changes", **scope._asdict()),
            key=lambda row: (row["commit"], row["record"]),
        )
    ]
    labels = _labels(connection)
    for key, event in _keyed(_events(connection, scope, today, "past", MOST)):
        if event["moved_to"] is None and not (
            event["announced"] and event["announced"][:10] >= event["date_latest"]
        ):
            found.append(
                Entry(
                    f"event/{key}",
                    f"{event['date_latest']}T00:00:00Z",
                    NEWS,
                    f"{event['title']}: {labels[event['type']].lower()} {on_date(event['date'])}",
                    _noted(event),
                    _anchor(event),
                )
            )
    return sorted(found, key=lambda entry: (entry.time, entry.key), reverse=True)[:MOST]


def upcoming(connection: sqlite3.Connection, scope: Scope, today: str) -> list[Entry]:
    """The days ahead as the law stands, the soonest first; each is of the time when it was last touched."""
    return [
        Entry(
            f"due/{due.key}",
            due.time,
            "upcoming",
            f"{on_date(due.event['date'])[:1].upper()}{on_date(due.event['date'])[1:]}: {due.event['title']}: {due.label}",
            _noted(due.event),
            _anchor(due.event),
        )
        for due in deadlines(connection, scope, today)
        if due.event["moved_to"] is None
    ]


def deadlines(connection: sqlite3.Connection, scope: Scope, today: str) -> list[Due]:
    """The days ahead, the soonest first; those that were moved too, with `moved_to` as the day that counts now."""
    labels = _labels(connection)
    return [
        Due(
            key,
            event,
            AHEAD.get(event["type"], labels[event["type"]].lower()),
            event["redated"] + (event["moved_to"] is not None),
            event["touched"] or f"{event['as_of']}T00:00:00Z",
        )
        for key, event in _keyed(_events(connection, scope, today, "ahead", MOST_AHEAD))
    ]


def _events(
    connection: sqlite3.Connection, scope: Scope, today: str, which: str, most: int
) -> list[dict]:
    """The rows of events, `past` or `ahead`, nearest to today; in order of time."""
    ids = [row["id"] for row in _rows(connection, which, **scope._asdict(), today=today, most=most)]
    return _rows(connection, "events", ids=json.dumps(ids), today=today)


def _keyed(events: list[dict]) -> list[tuple[str, dict]]:
    """Each event with the key that it was first published under: its id, or, if it had none then, its kind and date of that time."""
    found, seen = {}, {}
    for event in sorted(events, key=lambda event: _place(event)[1]):
        key = event["id"]
        if event["place"]:
            key = f"{_place(event)[0]}#{event['first_type']}-{event['first_date'].rstrip('~?')}"
        seen[key] = seen.get(key, 0) + 1
        found[event["id"]] = key if seen[key] == 1 else f"{key}-{seen[key]}"
    return [(found[event["id"]], event) for event in events]


def _place(event: dict) -> tuple[str, int]:
    """Return the action and the place in it that an event without an id was published under; 0 if it had an id."""
    action, _, place = (event["place"] or "").partition("#")
    return action, int(place or 0)


def _noted(event: dict) -> tuple[str, ...]:
    return tuple(
        filter(
            None,
            (
                event["note"] and " ".join(event["note"].split()),
                "No source that could be checked says so." if event["unconfirmed"] else None,
            ),
        )
    )


def _anchor(event: dict) -> str:
    return f"/actions/{event['action']}#event-{event['id'].partition('#')[2]}"


def _change(rows: list[dict]) -> Entry:
    """What one commit changed in one record. It is news if any of it is."""
    rows = rows[::-1]
    first = rows[0]
    kind = NEWS if any(row["class"] == NEWS for row in rows) else CORRECTION
    path = (
        f"/{PLACES[first['kind']]}/{first['record']}"
        if first["present"] and first["kind"] in PLACES
        else "/"
    )
    title = (
        first["title"]
        if first["present"] or first["change"] != "removed"
        else _called(json.loads(first["before"])) or first["title"]
    )
    lines = [
        (f"{LABELS[row['class']]}: " if row["class"] != kind else "") + said(row) for row in rows
    ]
    return Entry(
        f"commit/{first['commit']}/{first['record']}",
        first["time"],
        kind,
        f"{LABELS[kind]}: {title}",
        (*lines, f"Why: {first['subject']}"),
        path,
    )


def _called(record: dict) -> str:
    """What a record that is gone was called."""
    return record.get("title") or record.get("name") or record.get("text") or ""


def said(row: dict) -> str:
    """A change in words: 'status: Adopted, in force; before: Introduced, not yet in force'."""
    if not row["pointer"]:
        return f"{row['kind']} {row['change']}"
    before, after = (_brief(row[side]) for side in ("before", "after"))
    if row["change"] in ("added", "moved"):
        return f"{row['pointer']} {row['change']}: {after}"
    return (
        f"{row['pointer']} {row['change']}: {before}"
        if after is None
        else f"{row['pointer']}: {after}" + (f"; before: {before}" if before else "")
    )


def _brief(text: str | None) -> str | None:
    """A value of the log in words."""
    if text and text[0] in "[{":
        text = _plain(json.loads(text))
    return text if text is None or len(text) <= 300 else text[:299] + "…"


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return "; ".join(
            f"{key}: {_plain(inner)}"
            for key, inner in sorted(
                value.items(), key=lambda item: (item[0] != "date", item[0] != "type", item[0])
            )
            if key not in ("id", "former_ids")  # the way to the part says its name
        )
    return ", ".join(map(_plain, value)) if isinstance(value, list) else str(value)


def _labels(connection: sqlite3.Connection) -> dict[str, str]:
    return {row["id"]: row["label"] for row in _rows(connection, "types")}


def _rows(connection: sqlite3.Connection, statement: str, **parameters: object) -> list[dict]:
    return reading.rows(connection, f"follow_{statement}", **parameters)
