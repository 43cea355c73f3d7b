"""What happened for a choice of jurisdictions and topics, and what lies ahead: one list for the page, feeds, CSV and digest.

Corrections and new records that are no actions are listed only if they are chosen; otherwise a line says how many there are.
The digest is a letter: text, HTML, and a message that a mail program sends as it is.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

from sqlite_utils import Database

from policykb.exports.brief import template
from policykb.exports.feeds import (
    LABELS,
    MOST_AHEAD,
    Deadline,
    Entry,
    ahead,
    by_commit,
    change_entry,
    deadlines,
    event_entry,
    events,
    masthead,
)
from policykb.history.entries import STATUS
from policykb.model.dates import in_days
from policykb.model.vocabulary import NEWS
from policykb.read.database import statements
from policykb.read.links import event_path
from policykb.read.questions import spreadsheet
from policykb.read.status_line import brief
from policykb.text import date, plural

DAYS, AHEAD_DAYS, MOST_DAYS = 30, 365, 3660
MOST = 2000  # entries of a kind; of more, the nearest to today
# What may be followed, in the order of the page, and its heading.
KINDS = {
    "status": "Status changes",
    "event": "Other events",
    "upcoming": "Days ahead",
    "action": "New actions",
    "record": "Other new records",
    "correction": "Corrections",
}
USUAL = ("status", "event", "upcoming", "action")  # what is listed unless other kinds are chosen
COLUMNS = ("day", "kind", "title", "text", "record", "address")
_SQL = statements(Path(__file__).parent / "sql", "following")


class Choice(NamedTuple):
    """What is followed: actions in any of `jurisdictions` and with any of `topics`, with their parts; () lets all pass.

    `days` is how far to look back, `ahead` how far to look ahead; `kinds` are those of KINDS, () for the usual ones.
    """

    jurisdictions: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    days: int = DAYS
    ahead: int = AHEAD_DAYS

    def actions(self, db: Database) -> list[str]:
        """Return the ids of its actions."""
        return [row["id"] for row in db.query(_SQL["actions"], self.bound(db))]

    def nearest(self, db: Database, which: str, today: str, most: int) -> list[str]:
        """Return the ids of the events of its actions in its days as `feeds.Followed` says."""
        days = {"today": today, "since": self.since(today), "until": in_days(today, self.ahead)}
        rows = db.query(_SQL[which], self.bound(db) | days | {"most": most})
        return [row["id"] for row in rows]

    def since(self, today: str) -> str:
        """Return the day from which it looks back on the day `today`."""
        return in_days(today, -self.days)

    def bound(self, db: Database) -> dict[str, str]:
        """Return the parameters of the statements that read its actions, or what is about them."""
        asked = {
            "jurisdictions": json.dumps(self.jurisdictions),
            "topics": json.dumps(self.topics),
        }
        ids: dict[str, list[str]] = {"places": [], "subjects": []}
        for row in db.query(_SQL["scope"], asked):
            ids[row["kind"]].append(row["id"])
        return {kind: json.dumps(values) for kind, values in ids.items()}

    @property
    def query(self) -> str:
        """Return the query of its address, which is the saved search; without what is the default."""
        values = {
            "jurisdiction": ",".join(self.jurisdictions),
            "topic": ",".join(self.topics),
            "kind": ",".join(self.kinds if set(self.kinds) != set(USUAL) else ()),
            "days": self.days if self.days != DAYS else "",
            "ahead": self.ahead if self.ahead != AHEAD_DAYS else "",
        }
        query = urlencode({key: value for key, value in values.items() if value != ""}, safe=",")
        return f"?{query}" if query else ""


class Following(NamedTuple):
    """What happened for a choice since a day, the newest first, and its days ahead, the soonest first.

    `entries` has both by kind, in the order of KINDS; `deadlines` are the days ahead for a calendar, moved ones too.
    `left_out` has how many entries there are of kinds that were not chosen.
    """

    entries: dict[str, list[Entry]]
    deadlines: list[Deadline]
    since: str
    left_out: dict[str, int]

    def all(self) -> list[Entry]:
        """Return all entries."""
        return [entry for entries in self.entries.values() for entry in entries]


def following(db: Database, choice: Choice, today: str) -> Following:
    """Return what happened for `choice` up to the day `today`, and what lies ahead of it."""
    kinds, since = choice.kinds or USUAL, choice.since(today)
    days = deadlines(db, choice, today) if "upcoming" in kinds else []
    dated = _events(db, choice, today)
    happened = [*dated, *_learned(db, choice, since, {entry.path for entry in dated})]
    happened.sort(key=lambda entry: (entry.time, entry.key), reverse=True)
    by_kind = {kind: [entry for entry in happened if entry.kind == kind] for kind in KINDS}
    entries = {kind: rows[:MOST] for kind, rows in by_kind.items() if kind in kinds}
    if "upcoming" in kinds:
        entries["upcoming"] = ahead(days)
    left_out = {kind: len(rows) for kind, rows in by_kind.items() if rows and kind not in kinds}
    return Following(entries, days, since, left_out)


def options(db: Database) -> dict[str, list[tuple[str, str]]]:
    """Return the jurisdictions and topics that may be chosen: id and name, by kind."""
    rows = list(db.query(_SQL["choices"]))
    return {
        kind: [(row["id"], row["title"]) for row in group]
        for kind, group in groupby(rows, key=itemgetter("kind"))
    }


def unknown(db: Database, choice: Choice) -> list[str]:
    """Return a sentence for each id in `choice` that names no jurisdiction or topic."""
    known = options(db)
    asked = {"jurisdiction": choice.jurisdictions, "topic": choice.topics}
    messages = []
    for kind, values in asked.items():
        names = dict(known.get(kind, ()))
        messages += [f"There is no {kind} “{value}”." for value in values if value not in names]
    messages += [
        f"“{kind}” is not a value of “kind”; it has: {', '.join(KINDS)}."
        for kind in choice.kinds
        if kind not in KINDS
    ]
    return messages


def described(db: Database, choice: Choice) -> str:
    """Return a choice in words: 'California and European Union, on Open weights'."""
    names = {kind: dict(pairs) for kind, pairs in options(db).items()}
    places = [names["jurisdiction"].get(value, value) for value in choice.jurisdictions]
    topics = [names["topic"].get(value, value) for value in choice.topics]
    where = ", ".join(places) or "all jurisdictions"
    return f"{where}; {', '.join(topics)}" if topics else where


def _events(db: Database, choice: Choice, today: str) -> list[Entry]:
    """Return the events of the days up to `today`, each with the status that it began."""
    rows = [
        (key, event)
        for key, event in events(db, choice, today, "past", MOST_AHEAD)
        if event["moved_to"] is None
    ]
    ids = json.dumps([event["id"] for _, event in rows])
    steps = {step["event"]: step for step in db.query(_SQL["steps"], {"ids": ids})}
    return [_event_entry(key, event, steps.get(event["id"])) for key, event in rows]


def _event_entry(key: str, event: dict, step: dict | None) -> Entry:
    entry = event_entry(f"event/{key}", f"{event['date_latest']}T00:00:00Z", "event", event)
    if step is None:
        return entry
    status = brief(step["stage"], step["legal_force"])["words"]
    before = ""
    if step["stage_before"]:
        before = f"; before: {brief(step['stage_before'], step['force_before'])['words']}"
    return entry._replace(kind="status", lines=(f"Status: {status}{before}.", *entry.lines))


def _learned(db: Database, choice: Choice, since: str, listed: set[str]) -> list[Entry]:
    """Return what the change log has since a day: new records, corrections, and news of events that are not `listed`."""
    unlisted = (_unlisted(rows, listed) for rows in _changes(db, choice, since))
    return [change_entry(rows) for rows in unlisted if rows]


def _about(db: Database, scope: str) -> list[str]:
    """Return the ids of the actions in `scope` (JSON list) and of what is about them."""
    return [row["id"] for row in db.query(_SQL["about"], {"scope": scope})]


def _changes(db: Database, choice: Choice, since: str) -> Iterator[list[dict]]:
    """Yield the changes of a kind of each commit in each record that is about an action of `choice`, the newest commit first."""
    return by_commit(db.query(_SQL["learned"], choice.bound(db) | {"since": since}))


def ready(db: Database, today: str) -> dict:
    """Return what a static copy needs to follow any choice on the day `today`, in the form of JSON.

    `entries` are in the order of the page, each as its kind, day, title, lines, record, path, and: for an event its last
    day; for a day ahead its first; for a change its time and the days since which events that it adds are listed, each
    with the entry that is left from that day on, or null. `scopes` has the actions of each jurisdiction and topic, `about`
    the actions that a record is about.
    """
    everything = Choice(days=MOST_DAYS, ahead=MOST_DAYS)
    past = _events(db, everything, today)
    listed = {entry.path: entry.time[:10] for entry in past}
    changes = [_versions(rows, listed) for rows in _changes(db, everything, "")]
    happened = [(entry, {"day": entry.time[:10]}) for entry in past] + changes
    happened.sort(key=lambda pair: (pair[0].time, pair[0].key), reverse=True)
    days = [day for day in deadlines(db, everything, today) if day.event["moved_to"] is None]
    due = [
        (entry, {"due": day.event["date_earliest"]})
        for entry, day in zip(ahead(days), days, strict=True)
    ]
    choices = options(db)
    about: dict[str, list[str]] = {}
    for action in Choice().actions(db):
        for record in _about(db, json.dumps([action])):
            about.setdefault(record, []).append(action)
    return {
        "entries": [(*_shown(entry), more) for entry, more in [*happened, *due]],
        "about": about,
        "scopes": {
            kind: {name: Choice(**{f"{kind}s": (name,)}).actions(db) for name, _ in pairs}
            for kind, pairs in choices.items()
        },
        "names": {kind: dict(pairs) for kind, pairs in choices.items()},
        "kinds": KINDS,
        "usual": USUAL,
        "labels": {kind: LABELS[kind] for kind in KINDS},
        "columns": COLUMNS,
        "today": today,
        "days": (DAYS, AHEAD_DAYS, MOST_DAYS),
    }


def _versions(rows: list[dict], listed: dict[str, str]) -> tuple[Entry, dict]:
    """Return the entry of a change where none of its events is listed, and the entry that is left where they are, by day."""
    days = {listed[path] for path in map(_event_path, rows) if path in listed}
    versions = []
    for day in sorted(days, reverse=True):
        rest = _unlisted(rows, {path for path, last in listed.items() if last >= day})
        versions.append((day, _shown(change_entry(rest)) if rest else None))
    entry = change_entry(rows)
    return entry, {"time": entry.time, "versions": versions}


def _shown(entry: Entry) -> tuple:
    return (entry.kind, entry.day, entry.title, entry.lines, entry.record, entry.path)


def _unlisted(rows: list[dict], listed: set[str]) -> list[dict]:
    """Return the changes of a record without news of events that are listed, and of the status that follows from them."""
    news = [row for row in rows if row["class"] == NEWS and _event_path(row) in listed]
    if not news:
        return rows
    return [row for row in rows if row not in news and row["pointer"] != STATUS]


def _event_path(row: dict) -> str:
    """Return the path of the event that a change adds or changes; '' for another change."""
    part = row["pointer"].partition(".")[0]
    if row["kind"] != "action" or not part.startswith("events#"):
        return ""
    return event_path(row["record"], part)


def table(entries: Iterable[Entry], base: str) -> str:
    """Return entries as CSV for spreadsheets; addresses begin with `base`."""
    base = base.rstrip("/")
    rows = (
        (
            entry.day,
            LABELS[entry.kind],
            entry.title,
            " ".join(entry.lines),
            entry.record,
            base + entry.path,
        )
        for entry in entries
    )
    return spreadsheet(COLUMNS, rows)


class Digest(NamedTuple):
    """A letter: its subject, and its text in two forms."""

    subject: str
    text: str
    html: str


def digest(db: Database, choice: Choice, today: str, base: str) -> Digest:
    """Return the digest of `choice` up to the day `today`; addresses begin with `base`."""
    content = following(db, choice, today)
    about = masthead(db, base)
    number = sum(len(entries) for kind, entries in content.entries.items() if kind != "upcoming")
    subject = f"{about.title}: {plural(number, 'change')} since {date(content.since)}"
    context = {
        "about": about,
        "subject": subject,
        "choice": described(db, choice),
        "content": content,
        "headings": KINDS,
        "rest": {
            kind: (number, base.rstrip("/") + f"/following{choice._replace(kinds=(kind,)).query}")
            for kind, number in content.left_out.items()
        },
        "base": base.rstrip("/"),
        "page": f"{base.rstrip('/')}/following{choice.query}",
    }
    text, html = (template(f"digest.{form}").render(context) for form in ("txt", "html"))
    return Digest(subject, text, html)


def message(letter: Digest, today: str, sender: str, to: tuple[str, ...]) -> bytes:
    """Return a letter as a message (RFC 5322) of the day `today` with both forms."""
    mail = EmailMessage()
    mail["Subject"] = letter.subject
    mail["From"] = sender
    mail["To"] = ", ".join(to)
    mail["Date"] = format_datetime(datetime.fromisoformat(today).replace(tzinfo=UTC))
    mail.set_content(letter.text)
    mail.add_alternative(letter.html, subtype="html")
    mail.set_boundary(f"policykb-{hashlib.sha256(letter.html.encode()).hexdigest()[:32]}")
    return mail.as_bytes()
