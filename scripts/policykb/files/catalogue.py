"""The index of the records under policies/: by id, by key, and redirects.

A key identifies a record: an official identifier, a web address, a DOI, a code or a name. Entries come from the text of
the files alone, so that a record which is not valid (`check` reports it) has an entry too.
"""

import re
import unicodedata
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Self

from policykb.files.reader import FileRef, readable, sources
from policykb.model import vocabulary
from policykb.model.addresses import address
from policykb.model.problems import NotFoundError, did_you_mean, nearest_id, shown, similar
from policykb.model.records import LONGEST_ID, TABLES

Key = tuple[str, str]  # the scheme of a key, and its value in the form for comparisons
Content = Mapping[str, Any]  # the keys and values of a record, from a file or of a record type

IN_PLACE = "name in "  # the scheme of a name within the jurisdiction whose id follows
MOST_LOOKUPS = 100  # for near ids, to limit the cost of a base with many wrong references
MOST_COMPARED = 5000

# The key with the title or name of a record.
NAMED_BY = {
    "action": "title",
    "argument": "title",
    "claim": "text",
    "document": "title",
    "organization": "name",
    "jurisdiction": "name",
    "topic": "name",
}
# The key with the kind of action, claim and so on.
CATEGORY = {
    "action": "instrument",
    "claim": "finding",
    "document": "type",
    "organization": "kind",
    "jurisdiction": "kind",
}
# The keys with official identifiers and addresses; actions have a table `identifiers`.
KEYED_BY = {
    "jurisdiction": ("code",),
    "document": ("doi", "url"),
    "organization": tuple(vocabulary.PERSON_IDS),
}


class Entry(NamedTuple):
    """A record in the catalogue.

    `title` is the reason of a redirect. `identifiers` are (scheme, value) as written; `keys` belong to this record
    alone. `begun` is the date of the first event of an action; `leads_to` is the target of a redirect; `names` are the
    other names of a record.
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
    names: tuple[str, ...] = ()


class Earlier(NamedTuple):
    """The ids of an earlier state: `records` id -> (kind, path), `redirects` id -> (target, path).

    `name` is the state for messages; `unread` are paths of its files whose ids could not be read.
    """

    name: str
    records: dict[str, tuple[str, str]]
    redirects: dict[str, tuple[str, str]]
    unread: tuple[str, ...] = ()


class Catalogue:
    """Index of records. `id in catalogue` says whether a record or a redirect uses an id.

    The rules and the sources have subclasses. `unread` are the kinds of tables that cannot be read, so that it is unknown
    which ids of these kinds exist.
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
        """Return the catalogue of the files under `policies`; with `ids_only` only the files of tables are opened."""
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
        """Add a record that exists or that this run proposes. A second entry for an id only adds keys."""
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
        """Return the entry of a record of one of `kinds` (default: of any kind).

        :raises NotFoundError: if there is no such record.
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
            message = f"there is no {wanted or 'record'} '{shown(record_id)}'"
            near = self.nearest(record_id, *kinds)
            message += did_you_mean(near, alike=() if near else self.similar(record_id, *kinds))
        raise NotFoundError(message)

    def current_id(self, record_id: str) -> str:
        """Return the id to which redirects lead from `record_id`; '' if they lead to no record."""
        seen = set()
        while record_id not in self.entries and record_id not in seen:
            seen.add(record_id)
            redirect = self.redirects.get(record_id)
            record_id = (redirect and redirect.leads_to) or ""
        return record_id if record_id in self.entries else ""

    def ids(self, scheme: str, value: str) -> list[str]:
        """Return the ids of the records with a key, in the order of the catalogue."""
        return self._by_key.get(compared(scheme, value), [])

    def find(self, *keys: tuple[str, str]) -> Entry | None:
        """Return the entry of the record for the first of `keys` that a single record has; None if there is none."""
        for scheme, value in keys:
            ids = self.ids(scheme, value)
            if len(ids) == 1:
                return self.entries[ids[0]]
        return None

    def nearest(self, record_id: str, *kinds: str) -> str:
        """Return the id of a record of `kinds` that `record_id` misspells, or ''."""
        return nearest_id(record_id, self._to_compare(record_id, kinds))

    def similar(self, record_id: str, *kinds: str) -> list[str]:
        """Return at most five ids of records of `kinds` that are similar to `record_id`, the most similar first."""
        return similar(record_id, dict.fromkeys(self._to_compare(record_id, kinds), ""))

    def _to_compare(self, record_id: str, kinds: tuple[str, ...]) -> list[str]:
        """Return the ids of records of `kinds` among which to look for one like `record_id`; none after many look-ups."""
        self._lookups += 1
        if self._lookups > MOST_LOOKUPS:
            return []
        ids = [entry.id for entry in self.entries.values() if not kinds or entry.kind in kinds]
        if len(ids) > MOST_COMPARED:
            ids = [other for other in ids if other[:3] == record_id[:3]][:MOST_COMPARED]
        return ids

    def free_id(self, wanted: str) -> str:
        """Return `wanted`, or `wanted` with a number if it is in use."""
        return free_id(wanted, self)


def free_id(wanted: str, used: Container[str]) -> str:
    """Return `wanted`, or `wanted` with a number if it is in `used`."""
    record_id, number = wanted, 1
    while record_id in used:
        number += 1
        record_id = numbered(wanted, number)
    return record_id


def numbered(record_id: str, number: int) -> str:
    """Return an id with a number appended, within the length of an id and cut between words."""
    if len(record_id) > LONGEST_ID - 6:
        begin = record_id[: LONGEST_ID - 6]
        record_id = begin if record_id[LONGEST_ID - 6] == "-" else begin.rpartition("-")[0] or begin
    return f"{record_id.strip('-')}-{number}"


def _entries(file: FileRef) -> list[Entry] | None:
    """Return the entries of a file; None if it is a table that cannot be read."""
    parsed = readable(file)
    if file.kind not in TABLES:
        return [entry(file.kind, file.id, parsed or {}, file.path)]
    if parsed is None:
        return None
    tables = {name: table for name, table in parsed.items() if isinstance(table, dict)}
    return [entry(file.kind, name, table, file.path) for name, table in tables.items()]


def entry(kind: str, record_id: str, record: Content, path: str = "") -> Entry:
    """Return the entry of a record; its content need not be valid."""

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
        tuple(_other_names(record)),
    )


def _other_names(record: Content) -> Iterator[str]:
    aliases = record.get("aliases")
    aliases = aliases if isinstance(aliases, list) else []
    for name in (record.get("short_title"), record.get("short_name"), *aliases):
        name = name.get("name") if isinstance(name, Mapping) else name
        if isinstance(name, str):
            yield name


def _begun(record: Content) -> str:
    events = record.get("events")
    events = events if isinstance(events, list) else []
    dates = (str(event.get("date")) for event in events if isinstance(event, Mapping))
    return min(dates, default="")


def identifiers(record: Content) -> Iterator[tuple[str, str]]:
    """Yield the scheme and value of each identifier of an action."""
    schemes = record.get("identifiers")
    for scheme, values in schemes.items() if isinstance(schemes, Mapping) else ():
        for value in values if isinstance(values, list) else [values]:
            if isinstance(value, str):
                yield scheme, value


def _keys(kind: str, record_id: str, record: Content, text: Callable[[str], str]) -> Iterator[Key]:
    """Yield the keys of a record. `text` returns the text under a key of the file, or ''."""
    if kind == "action":
        keys = [own_key(record_id, record, *pair) for pair in identifiers(record)]
        yield from filter(None, keys)
        return
    for scheme in KEYED_BY.get(kind, ()):
        if text(scheme):
            yield compared(scheme, text(scheme))
    if kind == "organization":
        for key in ("name", "short_name"):
            yield from _names(folded_name(text(key)), text("kind"), text("jurisdiction"))


def _names(name: str, kind: str, jurisdiction: str) -> Iterator[Key]:
    """Yield the keys of a name: within the jurisdiction, and everywhere unless it is a person with a name of one word."""
    if name and jurisdiction:
        yield f"{IN_PLACE}{jurisdiction}", name
    if name and (kind not in vocabulary.PERSONS or " " in name):
        yield "name", name


def own_key(record_id: str, action: Content, scheme: str, value: str) -> Key | None:
    """Return the key for an identifier of `action`; None if other actions may have the same identifier."""
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
    """Return whether an identifier of `scheme` is that of the act of which `action` is a part."""
    part = action.get("part_of") or str(action.get("instrument")) in vocabulary.PARTS
    return bool(part) and scheme in vocabulary.WHOLE_ACTS


def recognizing(keys: Iterable[tuple[str, str]], action: Content) -> list[tuple[str, str]]:
    """Return the keys among `keys` that identify a record in every context."""
    local = vocabulary.LOCAL_SCHEMES | vocabulary.SHARED_SCHEMES
    return [key for key in keys if key[0] not in local and not is_of_whole(key[0], action)]


def compared(scheme: str, value: str) -> Key:
    """Return a key in the form for comparisons: addresses without scheme and www, names without accents, numbers without leading zeros."""
    if scheme == "url":
        return scheme, address(value) if "://" in value else value
    if scheme == "doi":
        return scheme, value.lower()
    if scheme == "name" or scheme.startswith(IN_PLACE):
        return scheme, folded_name(value)
    return scheme, vocabulary.identifier_key(scheme, value)


def folded_name(name: str) -> str:
    """Return a name in the form for comparisons: without case, accents, marks and a leading name of the country."""
    plain = folded_title(name)
    return re.sub(r"^(the )?(united states |us |u s )?(the )?", "", plain) or plain


def folded_title(title: str) -> str:
    """Return the words of a title in the form for comparisons: without case, accents and marks."""
    plain = title
    if not title.isascii():
        parts = unicodedata.normalize("NFKD", title)
        plain = "".join(char for char in parts if not unicodedata.combining(char))
    return " ".join(re.sub(r"[\W_]", " ", plain.casefold()).split())
