"""What is cited when a record, an event, a status on a day or an argument at its place is cited: the primary source first, then the entry here.

Reads kb.db through the connection it is given and writes nothing. Makes CSL items (csl.py); how they are set in a
style or a file format stands in styles.py and interchange.py.
"""

import re
import sqlite3
from typing import NamedTuple

from policykb.model.problems import nearest_id
from policykb.model.vocabulary import PARTS
from policykb.read import database as reading
from policykb.read.database import Unknown
from policykb.read.status_line import standing
from policykb.references import items as csl
from policykb.text import date

PLACES = {
    "action": "actions",
    "argument": "arguments",
    "claim": "claims",
    "document": "documents",
    "organization": "organizations",
    "jurisdiction": "jurisdictions",
    "topic": "topics",
}
# Where permanent links lead unless told otherwise: `policykb serve` on this machine.
BASE_URL = "http://127.0.0.1:8001/"
MOST_IDS = 100


class Part(NamedTuple):
    """One item of a citation, and the place in it that is meant: a locator as records write it, or None."""

    item: dict
    locator: str | None = None


class Citation(NamedTuple):
    """`asked`: what was asked for; `parts`: the sources, the primary one first, then the entry here; `remarks`: what the reader should be told besides."""

    asked: str
    kind: str
    id: str
    parts: tuple[Part, ...]
    remarks: tuple[str, ...] = ()

    @property
    def entry(self) -> dict:
        """The item of the entry here."""
        return self.parts[-1].item


class Day(NamedTuple):
    """The day whose status is cited, whether it was asked for, and the day on which it is cited."""

    on: str
    asked: bool
    today: str


def cite(connection: sqlite3.Connection, asked: str, day: Day, base: str = BASE_URL) -> Citation:
    """The citation of `asked`: the id of a record, `action#event`, or `argument@place` with the number or the document of an appearance.

    :raises Unknown: if there is no such record, event or appearance.
    """
    id, mark, rest = re.fullmatch(r"([^#@]*)([#@]?)(.*)", asked, re.DOTALL).groups()
    record = _row(connection, "found", id=id)
    if record is None:
        raise Unknown(f"there is no record “{_shown(asked)}”" + nearest(id, alike(connection, id)))
    kind = record["kind"]
    told, moved = [], []
    if record["old"]:
        told.append(f"formerly “{record['old']}”, now “{record['id']}”: {record['reason']}")
    if mark == "#" and kind == "action":
        event = _event_of(connection, record["id"], id, rest)
        if event["id"] != f"{record['id']}#{rest}":
            moved.append(f"“{_shown(asked)}” is now “{event['id']}”")
        record["id"] = event["id"].partition("#")[0]  # another action may hold the event now
        found = _event(connection, record["id"], event, day, base)
    elif mark == "@" and kind in ("argument", "claim"):
        found = _statement(connection, kind, record["id"], rest, base, day)
    elif mark:
        raise Unknown(
            f"“{_shown(asked)}”: {'only actions have events' if mark == '#' else 'only arguments and claims have places'}, and “{record['id']}” is {_a(kind)}"
        )
    else:
        found = {
            "action": _action,
            "argument": _statement,
            "claim": _statement,
            "document": _document,
        }.get(kind, _other)(connection, kind, record["id"], "", base, day)
    title, parts, withdrawn, address = found
    if withdrawn[0]:
        told.append(f"withdrawn on {date(withdrawn[0])}: {withdrawn[1]}")
    unused = (
        (f"{_a(kind)} has no status of its own: the day changes nothing",)
        if day.asked and kind != "action"
        else ()
    )
    told = [remark.rstrip(".") for remark in told]
    info = {row["key"]: row["value"] for row in _rows(connection, "info")}
    entry = {
        "id": re.sub(r"[#@]", "-", asked.replace(id, record["id"], 1)) + "-entry",
        "type": "webpage",
        "title": f"{title} [{'; '.join(told)}]" if told else title,
        "container-title": f"{info['title']}, content {info['content_sha256'][:7]}",
        "URL": base.rstrip("/") + address,
        "accessed": csl.date(day.today),
        "language": "en",
    }
    return Citation(asked, kind, record["id"], (*parts, Part(entry)), (*told, *moved, *unused))


def status(connection: sqlite3.Connection, action: dict, events: list[dict], day: Day) -> str:
    """'status as of 15 June 2026: in force since 2 June 2026', and how late it is known to be true if that is earlier."""
    now = standing(action, _rows(connection, "periods", id=action["id"]), events, day.on, day.today)
    said = now["headline"][0].lower() + now["headline"][1:]
    return f"status as of {date(day.on)}: {said}" + (
        f"; last checked {date(action['as_of'])}" if now["late"] else ""
    )


def _action(connection, kind: str, id: str, rest: str, base: str, day: Day) -> tuple:
    action, events, source = _official(connection, id)
    title = (
        f"{action['short_title'] or action['title']} ({status(connection, action, events, day)})"
    )
    return (
        title,
        source,
        (action["withdrawn_on"], action["withdrawn_reason"]),
        f"/actions/{id}?on={day.on}",
    )


def _event_of(connection, id: str, asked: str, key: str) -> dict:
    """Return the event `key` of the action `id`, which was asked for as `asked`; `key` is its id or a former one.

    :raises Unknown: if the action has and had no such event, with the nearest ids.
    """
    now = f"{id}#{key}"
    former = _row(connection, "former_event", asked=f"{asked}#{key}", now=now)
    wanted = former["event"] if former else now
    events = _rows(connection, "events", id=wanted.partition("#")[0])
    event = next((event for event in events if event["id"] == wanted), None)
    if event is None:
        known = [event["id"].partition("#")[2] for event in events]
        near = nearest(key, known) or (
            f"; it has {', '.join(known[:12])}" if known else "; it has none"
        )
        raise Unknown(f"“{id}” has no event “{_shown(key)}”" + near)
    return event


def _event(connection, id: str, event: dict, day: Day, base: str) -> tuple:
    action, events, source = _official(connection, id)
    key = event["id"].partition("#")[2]
    labels = {row["id"]: row["label"] for row in _rows(connection, "event_types")}
    best = _row(connection, "event_source", id=event["id"])
    sources = list(source)
    if best:
        read = _read(connection, best["document"])
        if not source or not _same(source[0].item, read):
            sources.append(Part(read, best["locator"]))
    moved = next(
        (
            other
            for other in events
            if other["supersedes"] == event["id"] and (other["moved_on"] or "") <= day.on
        ),
        None,
    )
    title = f"{action['short_title'] or action['title']}: {labels[event['type']].lower()}, {date(event['date'])}"
    if moved:
        title += f" [moved to {date(moved['date'])}]"
    return (
        title,
        tuple(sources),
        (action["withdrawn_on"], action["withdrawn_reason"]),
        f"/actions/{id}" + (f"?on={day.on}" if day.asked else "") + f"#event-{key}",
    )


def _statement(connection, kind: str, id: str, place: str, base: str, day: Day) -> tuple:
    row = _row(connection, kind, id=id)
    appearances = _rows(connection, "appearances", id=id)
    number = place
    if place and not place.isdigit():
        number = next(
            (a["id"].rpartition("@")[2] for a in appearances if a["document"] == place), place
        )
    chosen = (
        next((a for a in appearances if a["id"] == f"{id}@{number}"), None)
        if place
        else next(iter(appearances), None)
    )
    if place and chosen is None:
        raise Unknown(
            f"“{id}” is not made at “{_shown(place)}”"
            + (
                nearest(place, [a["document"] for a in appearances])
                or f"; it is made at {', '.join(a['id'].partition('@')[2] + ' (' + a['document'] + ')' for a in appearances[:12]) or 'no place here'}"
            )
        )
    note = (
        "argument"
        if kind == "argument"
        else f"claim; the editors’ reading of the evidence as of {date(row['as_of'])}: {row['finding'].lower()}"
    )
    sources = (Part(_read(connection, chosen["document"]), chosen["locator"]),) if chosen else ()
    return (
        f"{row['title'].rstrip('.')} ({note})",
        sources,
        (row["withdrawn_on"], row["withdrawn_reason"]),
        f"/{PLACES[kind]}/{id}",
    )


def _document(connection, kind: str, id: str, rest: str, base: str, day: Day) -> tuple:
    row = _row(connection, "document", id=id)
    return (
        f"{row['title']} (record of the document; grade of the source: {row['grade']})",
        (Part(_read(connection, id)),),
        (row["withdrawn_on"], row["withdrawn_reason"]),
        f"/documents/{id}",
    )


def _other(connection, kind: str, id: str, rest: str, base: str, day: Day) -> tuple:
    row = _row(connection, "withdrawn", id=id) or {"withdrawn_on": None, "withdrawn_reason": None}
    return (
        f"{_row(connection, 'found', id=id)['title']} ({kind})",
        (),
        (row["withdrawn_on"], row["withdrawn_reason"]),
        f"/{PLACES[kind]}/{id}",
    )


def _official(connection, id: str) -> tuple[dict, list[dict], tuple[Part, ...]]:
    """An action, its events, and its official text as the first part of a citation, if there is one; of a provision the act it is part of."""
    action, events = _row(connection, "action", id=id), _rows(connection, "events", id=id)
    identifiers, bodies, documents = (
        _rows(connection, name, id=id) for name in ("identifiers", "bodies", "sources")
    )
    provision = None
    if action["instrument"] in PARTS and action["part_of"]:
        provision = {"provision": [i["value"] for i in identifiers if i["scheme"] == "provision"]}
        whole = action["part_of"]
        act = _row(connection, "action", id=whole)
        item = csl.action(
            act,
            _rows(connection, "identifiers", id=whole),
            _rows(connection, "bodies", id=whole),
            _rows(connection, "events", id=whole),
            _rows(connection, "sources", id=whole),
            provision,
        )
        if item:
            item["id"] = id
    else:
        item = csl.action(action, identifiers, bodies, events, documents)
    if item is None and documents:
        return (
            action,
            events,
            (Part(_read(connection, documents[0]["id"])),) if not documents[0]["later"] else (),
        )
    return action, events, (Part(item),) if item else ()


def _same(official: dict, read: dict) -> bool:
    """Whether a document is the official text itself, printed at the same place or kept at the same address."""
    return bool(
        official.get("URL")
        and official["URL"] == read.get("URL")
        or official.get("volume")
        and official["volume"] == read.get("volume")
        and official.get("page", "").split("-")[0] == read.get("page", "").split("-")[0]
    )


def _read(connection, id: str) -> dict:
    return csl.document(_row(connection, "document", id=id), _rows(connection, "authors", id=id))


def alike(connection: sqlite3.Connection, id: str) -> list[str]:
    """Ids that begin like `id`, as much of it as any does; a bounded number of them."""
    for length in (len(id[:80]) // 2, 3, 1):
        if found := [row["id"] for row in _rows(connection, "ids", start=id[:length].lower())]:
            return found
    return []


def nearest(wanted: str, known: list[str]) -> str:
    near = nearest_id(wanted[:80], known)
    return f"; did you mean “{near}”?" if near else ""


def _a(kind: str) -> str:
    return f"{'an' if kind[0] in 'ao' else 'a'} {kind}"


def _shown(text: str) -> str:
    from policykb.model.problems import shown

    return shown(text)


def _rows(connection: sqlite3.Connection, name: str, **parameters: object) -> list[dict]:
    return reading.rows(connection, f"cite_{name}", **parameters)


def _row(connection: sqlite3.Connection, name: str, **parameters: object) -> dict | None:
    return reading.row(connection, f"cite_{name}", **parameters)
