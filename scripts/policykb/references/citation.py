"""What is cited for a record, an event, a status on a day or an argument at its place: the primary source, then the entry here.

Reads kb.db through the connection that it gets, and writes nothing. How citations are set in a style or a file format
is in styles.py and interchange.py.
"""

import re
import sqlite3
from typing import NamedTuple

from sqlite_utils import Database

from policykb.model.problems import NotFoundError, nearest_id, shown
from policykb.model.vocabulary import PARTS
from policykb.read import database as reading
from policykb.read.links import anchor, path
from policykb.read.status_line import standing
from policykb.references import items
from policykb.references.entry import Entry, Name
from policykb.text import EVENT_WORDS, date, lowered, with_article

# Where addresses of briefs, digests and exports lead by default: `policykb serve` on this machine.
BASE_URL = "http://127.0.0.1:8001/"
MOST_IDS = 100
Connection = sqlite3.Connection | Database
MOST_PLACES = 12  # that a message lists


class Part(NamedTuple):
    """One source of a citation, and the place in it that is cited: a locator as records write it, or None."""

    entry: Entry
    locator: str | None = None


class Citation(NamedTuple):
    """The citation of `asked`: `parts` are the sources, the primary one first, then the entry here.

    `kind` and `id` are those of the record. `remarks` are for the reader: the record moved, or is withdrawn.
    """

    asked: str
    kind: str
    id: str
    parts: tuple[Part, ...]
    remarks: tuple[str, ...] = ()

    @property
    def entry(self) -> Entry:
        """The entry of the record here."""
        return self.parts[-1].entry


class Day(NamedTuple):
    """The day whose status is cited, whether it was asked for, and the day on which it is cited."""

    on: str
    asked: bool
    today: str


class _Request(NamedTuple):
    """The record to cite, by its present id; `place` is the event or appearance that was asked for, or ''.

    `known` are rows of the record that the caller has read, by statement.
    """

    db: Connection
    kind: str
    id: str
    title: str
    place: str
    day: Day
    known: dict[str, list[dict]]

    def rows(self, name: str, record_id: str | None = None) -> list[dict]:
        if name in self.known and record_id in (None, self.id):
            return self.known[name]
        return _rows(self.db, name, id=record_id or self.id)

    def row(self, name: str, record_id: str | None = None) -> dict | None:
        return next(iter(self.rows(name, record_id)), None)


class _Subject(NamedTuple):
    """What is cited: its title and path here, its sources, the row that says whether it is withdrawn, and its status."""

    title: str
    path: str
    sources: tuple[Part, ...]
    row: dict
    status: str = ""


def cite(
    db: Connection,
    asked: str,
    day: Day,
    base: str = "",
    known: dict[str, list[dict]] | None = None,
) -> Citation:
    """Return the citation of `asked`: the id of a record, `action#event`, or `argument@place`.

    The place is the number or the document of an appearance. `base` is where the knowledge base is published; without it
    the entry here has no address, since one of this machine helps no reader. `known` may have rows of the record that
    the caller has read already, by statement of citations.sql: 'action', 'events', 'periods'.

    :raises NotFoundError: if there is no such record, event or appearance.
    """
    wanted, mark, place = re.fullmatch(r"([^#@]*)([#@]?)(.*)", asked, re.DOTALL).groups()
    records = _rows(db, "found", id=wanted)
    if not records:
        near = nearest(wanted, alike(db, wanted))
        raise NotFoundError(f"there is no record “{shown(asked)}”{near}")
    record = records[0]
    kind, record_id = record["kind"], record["id"]
    _check_mark(asked, mark, kind, record_id)
    notes, moved = [], []
    if record["old"]:
        notes.append(f"formerly “{record['old']}”, now “{record_id}”: {record['reason']}")
    request = _Request(db, kind, record_id, record["title"], place, day, known or {})
    if mark == "#":
        event = _former_or_own_event(request, wanted)
        if event["id"] != f"{record_id}#{place}":
            moved.append(f"“{shown(asked)}” is now “{event['id']}”")
        record_id = event["id"].partition("#")[0]  # another action may have the event now
        subject = _event(request._replace(id=record_id), event)
    else:
        subject = _SUBJECTS.get(kind, _other)(request)
    if subject.row["withdrawn_on"]:
        since = date(subject.row["withdrawn_on"])
        notes.append(f"withdrawn on {since}: {subject.row['withdrawn_reason']}")
    notes = [note.rstrip(".") for note in notes]
    if day.asked and kind != "action":
        moved.append(f"{with_article(kind)} has no status of its own: the day changes nothing")
    info = {row["key"]: row["value"] for row in request.rows("info")}
    # The day of the last change of the content: that of the edition.
    edition_day = next((row["day"] for row in _rows(request.db, "edition")), "") or ""
    entry = Entry(
        id=re.sub(r"[#@]", "-", asked.replace(wanted, record_id, 1)) + "-entry",
        type="webpage",
        title=subject.title,
        editors=[Name(literal=name) for name in info.get("editor_names", "").split("; ") if name],
        container=info["title"],
        publisher=info.get("publisher", ""),
        issued=edition_day,
        version=", ".join(filter(None, (edition_day, info["content_sha256"][:7]))),
        status="; ".join(filter(None, (subject.status, *notes))),
        url=base and base.rstrip("/") + subject.path,
        accessed=base and day.today,
        language="en",
    )
    return Citation(asked, kind, record_id, (*subject.sources, Part(entry)), (*notes, *moved))


def _status(request: _Request, action: dict, events: list[dict]) -> str:
    """Return 'status as of 15 June 2026: in force since 2 June 2026', and until when it is known, if that is earlier."""
    day = request.day
    now = standing(action, request.rows("periods"), events, day.on, day.today)
    late = f"; known as of {date(action['as_of'])}" if now["late"] else ""
    return f"status as of {date(day.on)}: {lowered(now['headline'])}{late}"


def alike(db: Connection, wanted: str) -> list[str]:
    """Return ids that begin like `wanted`, as much of it as any does; a bounded number of them."""
    for length in (len(wanted[:80]) // 2, 3, 1):
        start = wanted[:length].lower()
        if rows := _rows(db, "ids", start=start):
            return [row["id"] for row in rows]
    return []


def nearest(wanted: str, known: list[str]) -> str:
    """Return the end of a message that suggests the id in `known` nearest to `wanted`, or ''."""
    near = nearest_id(wanted[:80], known)
    return f"; did you mean “{near}”?" if near else ""


def _rows(db: Connection, name: str, **parameters: str) -> list[dict]:
    """Return the rows of the statement `name` in citations.sql."""
    statement = reading.statements(reading.SQL, "citations")[name]
    return list(reading.select(db, statement, parameters))


def _check_mark(asked: str, mark: str, kind: str, record_id: str) -> None:
    """Raise NotFoundError if a record of `kind` has nothing that `mark` leads to."""
    if mark == "#" and kind != "action":
        rule = "only actions have events"
    elif mark == "@" and kind not in ("argument", "claim"):
        rule = "only arguments and claims have places"
    else:
        return
    raise NotFoundError(f"“{shown(asked)}”: {rule}, and “{record_id}” is {with_article(kind)}")


# Subjects by kind of record


def _action(request: _Request) -> _Subject:
    row, events, source = _official(request)
    now = _status(request, row, events)
    title = row["short_title"] or row["title"]
    return _Subject(title, f"/actions/{request.id}?on={request.day.on}", source, row, now)


def _former_or_own_event(request: _Request, wanted: str) -> dict:
    """Return the event `request.place` of the action that was asked for as `wanted`; the key is its own or a former one.

    :raises NotFoundError: if the action has and had no such event, with the nearest ids.
    """
    key = request.place
    own = f"{request.id}#{key}"
    names = {"asked": f"{wanted}#{key}", "now": own}
    former = _rows(request.db, "former_event", **names)
    event_id = former[0]["event"] if former else own
    events = request.rows("events", event_id.partition("#")[0])
    for event in events:
        if event["id"] == event_id:
            return event
    keys = [event["id"].partition("#")[2] for event in events]
    listed = f"it has {', '.join(keys[:MOST_PLACES])}" if keys else "it has none"
    hint = nearest(key, keys) or f"; {listed}"
    raise NotFoundError(f"“{wanted}” has no event “{shown(key)}”{hint}")


def _event(request: _Request, event: dict) -> _Subject:
    row, events, sources = _official(request)
    on = request.day.on
    name = row["short_title"] or row["title"]
    title, status = f"{name}: {EVENT_WORDS[event['type']]}, {date(event['date'])}", ""
    for other in events:
        if other["supersedes"] == event["id"] and (other["moved_on"] or "") <= on:
            status = f"moved to {date(other['date'])}"
            break
    if best := request.row("event_source", event["id"]):
        document = _document_entry(request, best["document"])
        if not sources or not _same(sources[0].entry, document):
            sources = (*sources, Part(document, best["locator"]))
    query = f"?on={on}" if request.day.asked else ""
    place = f"/actions/{request.id}{query}#{anchor(event['id'])}"
    return _Subject(title, place, sources, row, status)


def _statement(request: _Request) -> _Subject:
    """Return an argument or a claim, at its first place or the one that was asked for."""
    row = request.row(request.kind)
    appearance = _appearance(request)
    note, status = "argument", ""
    if request.kind == "claim":
        checked, finding = date(row["as_of"]), row["finding"].lower()
        note, status = "claim", f"the editors’ reading of the evidence as of {checked}: {finding}"
    sources = ()
    if appearance:
        document = _document_entry(request, appearance["document"])
        sources = (Part(document, appearance["locator"]),)
    title = f"{row['title'].rstrip('.')} ({note})"
    return _Subject(title, path(request.kind, request.id), sources, row, status)


def _appearance(request: _Request) -> dict | None:
    """Return the appearance whose number or document is `request.place`, the first one without a place, None if there is none.

    :raises NotFoundError: if it is not made at that place, with the places where it is made.
    """
    appearances = {row["id"].rpartition("@")[2]: row for row in request.rows("appearances")}
    place = request.place
    for number, row in appearances.items():
        if place in ("", number) or (place == row["document"] and not place.isdigit()):
            return row
    if not place:
        return None
    near = nearest(place, [row["document"] for row in appearances.values()])
    listed = [f"{number} ({row['document']})" for number, row in appearances.items()]
    places = ", ".join(listed[:MOST_PLACES]) or "no place here"
    hint = near or f"; it is made at {places}"
    raise NotFoundError(f"“{request.id}” is not made at “{shown(place)}”{hint}")


def _document(request: _Request) -> _Subject:
    row = request.row("document")
    title = f"{row['title']} (record of the document)"
    source = Part(_document_entry(request, request.id))
    grade = f"grade of the source: {row['grade']}"
    return _Subject(title, f"/documents/{request.id}", (source,), row, grade)


def _other(request: _Request) -> _Subject:
    title = f"{request.title} ({request.kind})"
    return _Subject(title, path(request.kind, request.id), (), request.row("withdrawn"))


_SUBJECTS = {
    "action": _action,
    "argument": _statement,
    "claim": _statement,
    "document": _document,
}


# Sources


def _official(request: _Request) -> tuple[dict, list[dict], tuple[Part, ...]]:
    """Return an action, its events, and its official text as the first part of a citation, if it has one.

    The text of a provision is the act that it is a part of. What has no official text has the first document that is
    cited for it as a whole.
    """
    own = _act(request, request.id)
    if own.row["instrument"] in PARTS and own.row["part_of"]:
        entry = items.official_text(_act(request, own.row["part_of"]), own)
    else:
        entry = items.official_text(own)
    first = next(iter(own.documents), None)
    if entry is None and first and not first["later"]:
        entry = _document_entry(request, first["id"])
    return own.row, own.events, (Part(entry),) if entry else ()


def _act(request: _Request, record_id: str) -> items.Act:
    lists = ("identifiers", "bodies", "events", "sources")
    rows = (request.rows(name, record_id) for name in lists)
    return items.Act(request.row("action", record_id), *rows)


def _document_entry(request: _Request, record_id: str) -> Entry:
    row = request.row("document", record_id)
    names = _rows(request.db, "names_in", title=row["title"])
    authors = request.rows("authors", record_id)
    return items.document(row, authors, [name["name"] for name in names])


def _same(official: Entry, document: Entry) -> bool:
    """Return whether a document is the official text itself, printed at the same place or kept at the same address."""
    if official.url and official.url == document.url:
        return True
    first_page, other_page = (entry.page.partition("-")[0] for entry in (official, document))
    return bool(official.volume) and (official.volume, first_page) == (document.volume, other_page)
