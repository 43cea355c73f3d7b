"""The one index of the records under policies/: by id, by key, and redirects.

A key is what a record is recognized by: an official identifier, a web address, a DOI, a code or a name. Entries are taken
from the text of the files alone, so that a record that is not valid, which `check` reports, has an entry too.
"""

import re
import unicodedata
from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Self

from policykb.files.reader import FileRef, content, read, sources
from policykb.model import vocabulary
from policykb.model.addresses import address
from policykb.model.problems import NotDone, nearest_id, shown
from policykb.model.records import TABLES

Key = tuple[str, str]  # the scheme of a key, and its value as it is compared
Content = Mapping[str, Any]  # the keys and values of a record, from a file or of a record type

IN_PLACE = "name in "  # the scheme of a name within the jurisdiction whose id follows
LONGEST_ID = 80
MOST_LOOKUPS = 100  # for near ids, to bound the cost of a base with many wrong references
MOST_COMPARED = 5000

# The key that says in one line what a record is.
NAMED_BY = {
    "action": "title",
    "argument": "title",
    "claim": "text",
    "document": "title",
    "organization": "name",
    "jurisdiction": "name",
    "topic": "name",
}
# The key that says what kind of action, claim and so on a record is.
CATEGORY = {
    "action": "instrument",
    "claim": "finding",
    "document": "type",
    "organization": "kind",
    "jurisdiction": "kind",
}


class NotFoundError(NotDone):
    """There is no such record. The message says what there is: its new id, its kind or the nearest id."""


class Entry(NamedTuple):
    """What a catalogue knows of a record.

    `title` is of a redirect its reason. `identifiers` are (scheme, value) as written; `keys` those by which this record and no other one is recognized;
    `begun` is the date of the first event of an action; `leads_to` the id that a redirect leads to.
    """

    kind: str
    id: str
    path: str = ""
    title: str = ""
    category: str = ""
    jurisdiction: str = ""
    grade: str = ""
    begun: str = ""
    identifiers: tuple[tuple[str, str], ...] = ()
    keys: tuple[Key, ...] = ()
    withdrawn: bool = False
    leads_to: str = ""


class Earlier(NamedTuple):
    """The ids of an earlier state: `records` id -> (kind, path), `redirects` id -> (the id it led to, path).

    `name` is what people call that state; `unread` are paths of its files whose ids could not be read.
    """

    name: str
    records: dict[str, tuple[str, str]]
    redirects: dict[str, tuple[str, str]]
    unread: tuple[str, ...] = ()


class Catalogue:
    """Index of records. `id in catalogue` says whether an id is in use, by a record or a redirect.

    The rules have a subclass whose entries know more of each record, and sources one that reads their references.
    `unread` are the kinds of tables that cannot be read, so that it is unknown which ids of these kinds exist.
    """

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self.entries: dict[str, Entry] = {}
        self.redirects: dict[str, Entry] = {}
        self.unread: set[str] = set()
        self._by_key: dict[Key, list[str]] = {}
        self._lookups = 0
        for entry in entries:
            self.add(entry)

    @classmethod
    def read(cls, policies: Path, ids_only: bool = False) -> Self:
        """Return the catalogue of the files under `policies`; with `ids_only` files of one record are not opened."""
        catalogue = cls()
        for file in sources(policies)[0]:
            if file.kind == "about":
                continue
            if ids_only and file.id:
                catalogue.add(Entry(file.kind, file.id, file.path))
                continue
            entries = _entries(file)
            if entries is None:
                catalogue.unread.add(file.kind)
            for entry in entries or ():
                catalogue.add(entry)
        return catalogue

    def add(self, entry: Entry) -> None:
        """Take in a record that exists or that this run proposes. A second entry of an id adds keys and nothing else."""
        if entry.kind == "redirect":
            self.redirects.setdefault(entry.id, entry)
            return
        self.entries.setdefault(entry.id, entry)
        for key in entry.keys:
            ids = self._by_key.setdefault(key, [])
            if entry.id not in ids:
                ids.append(entry.id)

    def __contains__(self, record_id: str) -> bool:
        return record_id in self.entries or record_id in self.redirects

    def get(self, record_id: str, *kinds: str) -> Entry:
        """Return the entry of a record, which is of one of `kinds` if any are named.

        :raises NotFoundError: if there is none.
        """
        entry = self.entries.get(record_id)
        if entry and (not kinds or entry.kind in kinds):
            return entry
        wanted = " or ".join(kinds)
        if entry:
            message = (
                f"'{record_id}' is a record of kind {entry.kind}; expected one of kind {wanted}"
            )
        elif redirect := self.redirects.get(record_id):
            message = f"'{record_id}' is no longer used; it leads to '{redirect.leads_to}'"
            message += f" ({redirect.title})" if redirect.title else ""
        else:
            near = self.nearest(record_id, *kinds)
            message = f"there is no {wanted or 'record'} '{shown(record_id)}'"
            message += f"; did you mean '{near}'?" if near else ""
        raise NotFoundError(message)

    def current_id(self, record_id: str) -> str:
        """Return the id to which redirects lead from `record_id`; '' if they lead to no record."""
        passed = set()
        while record_id not in self.entries and record_id not in passed:
            passed.add(record_id)
            redirect = self.redirects.get(record_id)
            record_id = (redirect and redirect.leads_to) or ""
        return record_id if record_id in self.entries else ""

    def ids(self, scheme: str, value: str) -> list[str]:
        """Return the ids of the records that have a key, in their order."""
        return self._by_key.get(compared(scheme, value), [])

    def find(self, *keys: tuple[str, str]) -> Entry | None:
        """Return the entry of the record that the first of `keys` names that names one record only."""
        for scheme, value in keys:
            ids = self.ids(scheme, value)
            if len(ids) == 1:
                return self.entries[ids[0]]
        return None

    def nearest(self, record_id: str, *kinds: str) -> str:
        """Return the id of a record of `kinds` that `record_id` misspells, or ''."""
        self._lookups += 1
        if self._lookups > MOST_LOOKUPS:
            return ""
        ids = [entry.id for entry in self.entries.values() if not kinds or entry.kind in kinds]
        if len(ids) > MOST_COMPARED:
            ids = [other for other in ids if other[:3] == record_id[:3]][:MOST_COMPARED]
        return nearest_id(record_id, ids)

    def free_id(self, wanted: str) -> str:
        """Return `wanted`, with a number behind it if it is in use."""
        return free_id(wanted, self)


def free_id(wanted: str, used: Container[str]) -> str:
    """Return `wanted`, with a number behind it if it is in `used`."""
    record_id, number = wanted, 1
    while record_id in used:
        number += 1
        record_id = numbered(wanted, number)
    return record_id


def numbered(record_id: str, number: int) -> str:
    """Return an id with a number behind it, cut to the length of an id."""
    return f"{record_id[: LONGEST_ID - 6].strip('-')}-{number}"


def _entries(file: FileRef) -> list[Entry] | None:
    """Return the entries of a file; None if it is a table that cannot be read."""
    data = read(file)
    try:
        parsed = content(data) if isinstance(data, bytes) else None
    except (ValueError, RecursionError):
        parsed = None
    if file.kind not in TABLES:
        return [entry(file.kind, file.id, parsed or {}, file.path)]
    if parsed is None:
        return None
    tables = {name: table for name, table in parsed.items() if isinstance(table, dict)}
    return [entry(file.kind, name, table, file.path) for name, table in tables.items()]


def entry(kind: str, record_id: str, record: Content, path: str = "") -> Entry:
    """Return the entry of a record with that content, which need not be valid."""

    def text(key: str) -> str:
        value = record.get(key)
        return value if isinstance(value, str) else ""

    return Entry(
        kind,
        record_id,
        path,
        text(NAMED_BY.get(kind, "reason")),
        text(CATEGORY.get(kind, "")),
        text("jurisdiction"),
        text("grade"),
        _begun(record),
        tuple(identifiers(record)),
        tuple(dict.fromkeys(_keys(kind, record_id, record, text))),
        bool(record.get("withdrawn")),
        text("to"),
    )


def _begun(record: Content) -> str:
    events = record.get("events")
    events = events if isinstance(events, list) else []
    return min(
        (str(event.get("date")) for event in events if isinstance(event, Mapping)), default=""
    )


def identifiers(record: Content) -> Iterator[tuple[str, str]]:
    """Yield the scheme and value of each identifier of an action."""
    schemes = record.get("identifiers")
    for scheme, values in schemes.items() if isinstance(schemes, Mapping) else ():
        for value in values if isinstance(values, list) else [values]:
            if isinstance(value, str):
                yield scheme, value


def _keys(kind: str, record_id: str, record: Content, text: Any) -> Iterator[Key]:
    """Yield what a record is recognized by. `text` returns the text under a key, or ''."""
    if kind == "action":
        keys = [own_key(record_id, record, *pair) for pair in identifiers(record)]
        yield from filter(None, keys)
        return
    schemes = {
        "jurisdiction": ("code",),
        "document": ("doi", "url"),
        "organization": tuple(vocabulary.PERSON_IDS),
    }
    for scheme in schemes.get(kind, ()):
        if text(scheme):
            yield compared(scheme, text(scheme))
    if kind == "organization":
        for key in ("name", "short_name"):
            yield from _names(folded_name(text(key)), text("kind"), text("jurisdiction"))


def _names(name: str, kind: str, jurisdiction: str) -> Iterator[Key]:
    """Yield the keys of a name: within the jurisdiction; and everywhere, except for a person of one word."""
    if name and jurisdiction:
        yield f"{IN_PLACE}{jurisdiction}", name
    if name and (kind != "person" or " " in name):
        yield "name", name


def own_key(record_id: str, action: Content, scheme: str, value: str) -> Key | None:
    """Return the key that an identifier of `action` is; None if other actions may have the same identifier."""
    if scheme in vocabulary.SHARED_SCHEMES or is_of_whole(scheme, action):
        return None
    if scheme in vocabulary.LOCAL_SCHEMES:
        place = action.get("part_of") or record_id
        scope = place if scheme == "provision" else action.get("jurisdiction")
        scheme_key = f"{scheme} {scope}"
    else:
        scheme_key = scheme
    return scheme_key, vocabulary.identifier_key(scheme, value)


def is_of_whole(scheme: str, action: Content) -> bool:
    """Return whether identifiers of `scheme` name the act that `action` is a part of, and not `action`."""
    part = action.get("part_of") or str(action.get("instrument")) in vocabulary.PARTS
    return bool(part) and scheme in vocabulary.WHOLE_ACTS


def recognizing(keys: Iterable[tuple[str, str]], action: Content) -> list[tuple[str, str]]:
    """Return those of `keys` by which a record is recognized wherever it is named."""
    local = vocabulary.LOCAL_SCHEMES | vocabulary.SHARED_SCHEMES
    return [key for key in keys if key[0] not in local and not is_of_whole(key[0], action)]


def compared(scheme: str, value: str) -> Key:
    """Return a key as it is compared: addresses without scheme and www, names without accents, numbers without zeros before them."""
    if scheme == "url":
        return scheme, address(value) if "://" in value else value
    if scheme == "doi":
        return scheme, value.lower()
    if scheme == "name" or scheme.startswith(IN_PLACE):
        return scheme, folded_name(value)
    return scheme, vocabulary.identifier_key(scheme, value)


def folded_name(name: str) -> str:
    """Return a name as it is compared: without case, accents, marks and the name of the country before it."""
    plain = folded_title(name)
    return re.sub(r"^(the )?(united states |us |u s )?(the )?", "", plain) or plain


def folded_title(title: str) -> str:
    """Return the words of a title as they are compared: without case, accents and marks."""
    plain = title
    if not title.isascii():
        parts = unicodedata.normalize("NFKD", title)
        plain = "".join(char for char in parts if not unicodedata.combining(char))
    return " ".join(re.sub(r"[\W_]", " ", plain.casefold()).split())
