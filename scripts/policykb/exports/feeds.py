"""News, corrections and days ahead for those who follow the knowledge base, as Atom (RFC 4287) and iCalendar (RFC 5545).

What happened and what the editors corrected are different things, which no entry has together.

Times are those of commits and events, never of the clock.
"""

import datetime
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple, Protocol
from urllib.parse import quote, urlsplit

from sqlite_utils import Database

from policykb.exports.change_words import in_words
from policykb.model.dates import in_days
from policykb.model.vocabulary import NEWS
from policykb.read.database import statements
from policykb.read.links import PLACES, event_path, path
from policykb.text import AHEAD, EVENT_WORDS, capitalized, on_date, plural

ATOM = "application/atom+xml"
CALENDAR = "text/calendar"
# The kinds of entries.
LABELS = {
    "status": "Status change",
    "event": "Event",
    "upcoming": "Ahead",
    "action": "New action",
    "record": "New record",
    "correction": "Correction",
}
MOST = 100
MOST_AHEAD = 1000
UNCONFIRMED = "No source that could be checked says so."
_SQL = statements(Path(__file__).parent / "sql", "feeds")
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Followed(Protocol):
    """What is followed: the actions that the choice includes."""

    def nearest(self, db: Database, which: str, today: str, most: int) -> list[str]:
        """Return the ids of the events of its actions that are nearest to the day `today`: `past` ones, or those `ahead`."""


class Scope(NamedTuple):
    """What is followed: `kind` is all, action, jurisdiction or topic; `id` is '' for all, or for the records `ids` (JSON list)."""

    kind: str = "all"
    id: str = ""
    ids: str = ""

    @property
    def path(self) -> str:
        """Return the path of its page."""
        return path(self.kind, self.id) if self.id else "/"

    def actions(self, db: Database) -> str | None:
        """Return the ids of the actions in it as JSON; None if all records are."""
        if self.ids or not self.id:
            return self.ids or None
        return json.dumps([row["id"] for row in db.query(_SQL["scope"], self._asdict())])

    def nearest(self, db: Database, which: str, today: str, most: int) -> list[str]:
        """Return the ids of the events of its actions as `Followed` says."""
        bound = {"scope": self.actions(db), "today": today, "most": most}
        return [row["id"] for row in db.query(_SQL[which], bound)]


class Entry(NamedTuple):
    """An entry of a feed: a key that stays, its time (UTC, ISO), its kind, a title, lines of text and the page with more.

    `record` is the id of the record, `date` the partial date of an event.
    """

    key: str
    time: str
    kind: str
    title: str
    lines: tuple[str, ...]
    path: str
    record: str = ""
    date: str = ""

    @property
    def day(self) -> str:
        """Return the date of the event, or the day on which the change was made."""
        return self.date or self.time[:10]


def event_entry(key: str, time: str, kind: str, event: dict, title: str = "") -> Entry:
    """Return the entry of an event, from its row; it is named by its type and date unless it has a `title`."""
    title = title or f"{event['title']}: {EVENT_WORDS[event['type']]} {on_date(event['date'])}"
    note = " ".join((event["note"] or "").split())
    lines = tuple(filter(None, (note, UNCONFIRMED if event["unconfirmed"] else "")))
    record, date = event["action"], event["date"]
    return Entry(key, time, kind, title, lines, event_path(record, event["id"]), record, date)


class Deadline(NamedTuple):
    """A day of an action for a calendar: `event` is its row, `key` stays, `revision` rises with each move, `time` is that of its last change."""

    key: str
    event: dict
    label: str
    revision: int
    time: str


class Masthead(NamedTuple):
    """What a feed says of the knowledge base; keys are of `host` and `path`, `time` is that of the last change of all."""

    title: str
    description: str
    license: str
    host: str
    path: str
    time: str

    def tag(self, key: str) -> str:
        """Return a tag URI (RFC 4151), which names a thing and not the address where it is published."""
        name = "/".join(filter(None, (self.path, key)))
        return f"tag:{self.host},2026:{quote(name, safe='/-._~')}"

    def uid(self, key: str) -> str:
        """Return the key of an event of a calendar (RFC 7986)."""
        return f"{key}@{'/'.join(filter(None, (self.host, self.path)))}"


def masthead(db: Database, base: str) -> Masthead:
    """Return what a feed says of the knowledge base, published at the address `base`.

    Keys have the address of its files if about.toml has it; so they are the same wherever it is published.
    """
    about = {row["key"]: row["value"] for row in db.query(_SQL["about"])}
    address = urlsplit(about.get("source_url") or base)
    return Masthead(
        about["title"],
        about["description"],
        about["license"],
        str(address.hostname),
        address.path.strip("/"),
        about["last_commit"] or f"{about['last_as_of'] or '0001-01-01'}T00:00:00Z",
    )


def title(db: Database, scope: Scope) -> str | None:
    """Return the title of the record that is followed, or None if there is no such record."""
    rows = db.query(_SQL["title"], scope._asdict())
    return next((row["title"] for row in rows), None)


def entries(db: Database, scope: Scope, today: str) -> list[Entry]:
    """Return the latest events, status changes and new actions, the newest first.

    An event is news by the commit that records it or, if it was foreseen or there from the first, on its own day.
    """
    changes = db.query(_SQL["news"], {"scope": scope.actions(db)})
    news = [change_entry(rows) for rows in by_commit(changes)]
    for key, event in events(db, scope, today, "past", MOST):
        announced = event["announced"] and event["announced"][:10] >= event["date_latest"]
        if event["moved_to"] is None and not announced:
            time = f"{event['date_latest']}T00:00:00Z"
            news.append(event_entry(f"event/{key}", time, "event", event))
    return sorted(news, key=lambda entry: (entry.time, entry.key), reverse=True)[:MOST]


def corrections(db: Database, scope: Scope, today: str) -> list[Entry]:
    """Return the latest corrections, the newest first; they do not depend on the day `today`."""
    changes = db.query(_SQL["corrections"], {"scope": scope.actions(db)})
    return [change_entry(rows) for rows in islice(by_commit(changes), MOST)]


def left_out(db: Database, scope: Scope, base: str) -> str:
    """Return a sentence on the corrections that `entries` leaves out; '' if there are none. Addresses begin with `base`."""
    (row,) = db.query(_SQL["corrected"], {"scope": scope.actions(db)})
    if not row["number"]:
        return ""
    address = f"{base.rstrip('/')}{scope.path if scope.id else '/feeds'}/corrections.atom"
    return f"Not in this feed: {plural(row['number'], 'correction')}, see {address}"


def upcoming(db: Database, scope: Followed, today: str) -> list[Entry]:
    """Return the known days ahead, the soonest first; each has the time of its last change."""
    return ahead(deadlines(db, scope, today))


def ahead(days: Sequence[Deadline]) -> list[Entry]:
    """Return the entries of the days of a calendar, without those that were moved."""
    entries = []
    for key, event, label, _, time in days:
        if event["moved_to"] is None:
            heading = f"{capitalized(on_date(event['date']))}: {event['title']}: {label}"
            entries.append(event_entry(f"due/{key}", time, "upcoming", event, heading))
    return entries


def deadlines(db: Database, scope: Followed, today: str) -> list[Deadline]:
    """Return the days ahead, the soonest first; those that were moved too, with `moved_to` as the day that counts now."""
    return [
        Deadline(
            key,
            event,
            AHEAD.get(event["type"], EVENT_WORDS[event["type"]]),
            event["redated"] + (event["moved_to"] is not None),
            event["touched"] or f"{event['as_of']}T00:00:00Z",
        )
        for key, event in events(db, scope, today, "ahead", MOST_AHEAD)
    ]


def events(
    db: Database, scope: Followed, today: str, which: str, most: int
) -> list[tuple[str, dict]]:
    """Return the rows of events, `past` or `ahead`, nearest to today, in order of time, each with its key.

    The key is the one under which the event was first published: its id or, if it had none then, its type and date of that time.
    """
    ids = json.dumps(scope.nearest(db, which, today, most))
    rows = list(db.query(_SQL["events"], {"ids": ids, "today": today}))
    keys: dict[str, str] = {}
    uses: dict[str, int] = {}
    for event in sorted(rows, key=lambda event: _first_place(event)[1]):
        key = event["id"]
        if event["place"]:
            first_date = event["first_date"].rstrip("~?")
            key = f"{_first_place(event)[0]}#{event['first_type']}-{first_date}"
        uses[key] = uses.get(key, 0) + 1
        keys[event["id"]] = key if uses[key] == 1 else f"{key}-{uses[key]}"
    return [(keys[event["id"]], event) for event in rows]


def _first_place(event: dict) -> tuple[str, int]:
    """Return the action and the place in it under which an event without an id was published; 0 if it had an id."""
    action, _, place = (event["place"] or "").partition("#")
    return action, int(place or 0)


def by_commit(changes: Iterable[dict]) -> Iterator[list[dict]]:
    """Yield the changes of one kind that each commit made in each record, from rows with the newest first."""
    for _, rows in groupby(changes, key=itemgetter("commit", "record")):
        kinds: dict[str, list[dict]] = {}
        for row in reversed(list(rows)):
            kinds.setdefault(_change_kind(row), []).append(row)
        yield from kinds.values()


def _change_kind(row: dict) -> str:
    """Return the kind of the entry that has a change of the change log."""
    if row["present"] and not row["pointer"] and row["change"] == "added":
        return "action" if row["kind"] == "action" else "record"
    return "event" if row["class"] == NEWS else "correction"


def change_entry(rows: list[dict]) -> Entry:
    """Return the entry of what one commit changed in one record, from changes of one kind."""
    first = rows[0]
    kind = _change_kind(first)
    name = first["title"]
    if not first["present"] and first["change"] == "removed":
        record = json.loads(first["before"])
        name = record.get("title") or record.get("name") or record.get("text") or name
    is_new = kind in ("action", "record")
    heading = {"event": "News", "correction": "Correction"}.get(kind, f"New {first['kind']}")
    has_page = first["present"] and first["kind"] in PLACES
    place = "correction" if kind == "correction" else "commit"
    return Entry(
        f"{place}/{first['commit']}/{first['record']}",
        first["time"],
        kind,
        f"{heading}: {name}",
        (*(() if is_new else map(in_words, rows)), *reason(first)),
        path(first["kind"], first["record"]) if has_page else "/",
        first["record"],
    )


def reason(row: dict) -> tuple[str, ...]:
    """Return why a person made a change, as a line: the subject of a commit that states the class of its changes.

    Other subjects speak of files, and that of a merge of a branch.
    """
    if not row["stated"] or row["subject"].startswith("Merge "):
        return ()
    return (f"Why: {row['subject']}",)


def atom(
    about: Masthead,
    heading: str,
    path: str,
    page: str,
    base: str,
    news: Sequence[Entry],
    note: str = "",
) -> str:
    """Return the feed `heading`, published at `path`, of `page`; addresses begin with `base`. Both may have a query.

    `note` says what the feed leaves out.
    """
    from feedgen.feed import FeedGenerator

    base = base.rstrip("/")
    feed = FeedGenerator()
    feed.id(about.tag(path.strip("/").replace(".atom", "", 1)))
    feed.title(_xml(heading))
    feed.subtitle(_xml(" ".join(filter(None, (about.description, note)))))
    feed.author(name=_xml(about.title))
    feed.rights(_xml(about.license))
    feed.link(href=base + path, rel="self", type=ATOM)
    feed.link(href=base + page, rel="alternate", type="text/html")
    feed.updated(_moment(max((entry.time for entry in news), default=about.time)))
    feed.generator("policykb")
    for entry in news:
        item = feed.add_entry(order="append")
        item.id(about.tag(entry.key))
        item.title(_xml(entry.title))
        item.updated(_moment(entry.time))
        item.link(href=base + entry.path, rel="alternate", type="text/html")
        item.category(term=entry.kind, label=LABELS[entry.kind])
        # feedgen takes markup for type html and escapes it once; the text in it is escaped here.
        lines = "".join(f"<p>{escape(_xml(line))}</p>" for line in entry.lines)
        item.content(lines or "<p></p>", type="html")
    return feed.atom_str(pretty=True).decode()


def _moment(time: str) -> datetime.datetime:
    """Return a time, which feedgen itself reads far more slowly."""
    return datetime.datetime.fromisoformat(time)


def _xml(text: str) -> str:
    """Return `text` without the characters that XML cannot hold."""
    return _NOT_XML.sub(" ", text)


def calendar(about: Masthead, heading: str, base: str, ahead: Sequence[Deadline]) -> str:
    """Return the calendar `heading`; addresses begin with `base`.

    A full day is an all-day event; a month or year is all its days, with "in December 2026" in the summary.
    A moved event stays as canceled until its day has passed, so that calendars which have it remove it. A calendar without
    days has the time zone UTC, since a calendar may not be empty (RFC 5545, 3.6).
    """
    from icalendar import Calendar, Timezone, TimezoneStandard

    whole = Calendar()
    whole.add("prodid", "-//policykb//deadlines//EN")
    whole.add("version", "2.0")
    whole.add("method", "PUBLISH")
    whole.add("x-wr-calname", heading)
    if not ahead:
        zone, offset = Timezone(), TimezoneStandard()
        zone.add("tzid", "UTC")
        offset.add("dtstart", datetime.datetime(1970, 1, 1))
        offset.add("tzoffsetfrom", datetime.timedelta())
        offset.add("tzoffsetto", datetime.timedelta())
        zone.add_component(offset)
        whole.add_component(zone)
    for deadline in ahead:
        whole.add_component(_calendar_event(about, base.rstrip("/"), deadline))
    return whole.to_ical().decode()


def _calendar_event(about: Masthead, base: str, deadline: Deadline) -> object:
    from icalendar import Event

    item, event = Event(), deadline.event
    moved, unsure = event["moved_to"] is not None, event["unconfirmed"] or event["qualifier"]
    exact = event["precision"] == "day" and not event["qualifier"]
    summary = f"{'Moved: ' if moved else ''}{event['title']}: {deadline.label}"
    notes = (
        f"Moved to {event['moved_to']}." if moved else "",
        event["note"],
        UNCONFIRMED if event["unconfirmed"] else "",
    )
    item.add("uid", about.uid(deadline.key))
    item.add("sequence", deadline.revision)
    item.add("dtstamp", _moment(deadline.time))
    item.add("dtstart", datetime.date.fromisoformat(event["date_earliest"]))
    # An all-day event ends on the day after.
    item.add("dtend", datetime.date.fromisoformat(in_days(event["date_latest"], 1)))
    item.add("summary", summary if exact else f"{summary} ({on_date(event['date'])})")
    item.add("description", "\n".join(filter(None, notes)) or deadline.label)
    item.add("url", base + event_path(event["action"], event["id"]))
    item.add("status", "CANCELLED" if moved else "TENTATIVE" if unsure else "CONFIRMED")
    item.add("transp", "TRANSPARENT")
    return item
