"""The record that a person means by an id, a name, an official number or an address."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from policykb.files.catalogue import MOST_COMPARED, Catalogue, Entry, folded_name, folded_title
from policykb.model.problems import InvalidInputError, NotFoundError, did_you_mean, nearest, shown
from policykb.model.records import is_id
from policykb.model.vocabulary import (
    PERSONS,
    folded,
    identifier_display,
    identifier_keys,
    identifier_match,
)

Folding = Callable[[Entry], set[str]]  # what a record is known by, in the form for comparisons
Index = dict[str, dict[str, Entry]]  # the records by that form, and by id


def _numbers(entry: Entry) -> set[str]:
    """Return the identifiers of a record as written and as shown, folded."""
    values = set()
    for scheme, value in entry.identifiers:
        values.add(folded(value))
        try:
            if identifier_match(scheme, value):
                values.add(folded(identifier_display(scheme, value)[0]))
        except KeyError:  # an unknown scheme, which the check reports
            continue
    return values


def _names(entry: Entry) -> set[str]:
    names = {folded_title(name) for name in (entry.title, *entry.names)}
    if entry.kind == "organization" and entry.category not in PERSONS:
        names |= {folded_name(name) for name in (entry.title, *entry.names)}
    return names


def _put(index: Index, folding: Folding, entry: Entry) -> None:
    for key in folding(entry) - {""}:
        index.setdefault(key, {})[entry.id] = entry


def _of_kinds(entries: list[Entry], kinds: tuple[str, ...]) -> list[Entry]:
    return [entry for entry in entries if not kinds or entry.kind in kinds]


def several(text: str, records: list[tuple[str, str]]) -> InvalidInputError:
    """Return the error for a reference that can mean several records, which are given as id and title."""
    choices = "; ".join(f"{record_id} ({shown(title, 60)})" for record_id, title in records[:5])
    return InvalidInputError(f"'{shown(text)}' can mean {choices}; write the id")


class References:
    """The records under `policies`, which are read when the first reference is resolved.

    Numbers and names are indexed once, when the first reference needs them.
    """

    def __init__(self, policies: Path, catalogue: Catalogue | None = None) -> None:
        self.policies = policies
        self._catalogue = catalogue
        self._indexes: dict[Folding, Index] = {}
        self.aliases: dict[str, str] = {}  # another name of a new record -> its id

    @property
    def catalogue(self) -> Catalogue:
        """Return the index of the records."""
        if self._catalogue is None:
            self._catalogue = Catalogue.read(self.policies)
        return self._catalogue

    def add(self, entry: Entry) -> None:
        """Add a record that this run makes, or more names of a record."""
        self.catalogue.add(entry)
        for folding, index in self._indexes.items():
            _put(index, folding, entry)

    def matches(self, text: str, kinds: tuple[str, ...] = ()) -> list[Entry]:
        """Return the records of `kinds` (default: of any) that `text` names, by the most certain way that finds any.

        The ways, in this order: id, address, scheme and value of a key (`eo:14409`), official number, code, name.
        """
        text, catalogue = text.strip(), self.catalogue
        if record_id := catalogue.current_id(text):
            return _of_kinds([catalogue.entries[record_id]], kinds)
        if "://" in text:
            url = text.removeprefix("url:")
            return _of_kinds([catalogue.entries[key] for key in catalogue.ids("url", url)], kinds)
        scheme, colon, value = text.partition(":")
        if colon and (match := catalogue.find((scheme, value))):
            return _of_kinds([match], kinds)
        keys = identifier_keys(text) if re.search(r"\d", text) else []
        if numbered := _of_kinds(self._with(_numbers, keys), kinds):
            return numbered
        codes = catalogue.ids("code", text.upper())
        if coded := _of_kinds([catalogue.entries[key] for key in codes], kinds):
            return coded
        return _of_kinds(self._with(_names, [folded_title(text), folded_name(text)]), kinds)

    def _index(self, folding: Folding) -> Index:
        if folding not in self._indexes:
            index = self._indexes[folding] = {}
            for entry in self.catalogue.entries.values():
                _put(index, folding, entry)
        return self._indexes[folding]

    def _with(self, folding: Folding, keys: Iterable[str]) -> list[Entry]:
        """Return the records with one of `keys` among what `folding` gives."""
        index, matches = self._index(folding), {}
        for key in keys:
            matches |= index.get(key, {})
        return list(matches.values())

    def unknown(self, text: str, kinds: tuple[str, ...]) -> NotFoundError:
        """Return the error for a reference that leads to no record, with the nearest record and the way to make one."""
        near = self.catalogue.nearest(text, *kinds) or self._nearest_name(text, kinds)
        alike = () if near else self.catalogue.similar(text, *kinds)
        hint = did_you_mean(near, f"create it with: policykb new {kinds[0]}", alike)
        return NotFoundError(f"there is no {' or '.join(kinds)} '{shown(text)}'{hint}")

    def _nearest_name(self, text: str, kinds: tuple[str, ...]) -> str:
        """Return the id of the record whose name `text` misspells, or ''."""
        wanted = folded_title(text)
        index = self._index(_names)
        names = [name for name in index if name[:1] == wanted[:1]][:MOST_COMPARED]
        named = _of_kinds([*index.get(nearest(wanted, names), {}).values()], kinds)
        return named[0].id if len(named) == 1 else ""

    def known(self, text: str, kinds: tuple[str, ...] = ()) -> str:
        """Return the id of the only record that `text` means; '' if there is none.

        :raises InvalidInputError: if it can mean several.
        """
        if record_id := self.aliases.get(text.strip()):
            return record_id
        entries = self.matches(text, kinds)
        if len(entries) > 1:
            raise several(text, [(entry.id, entry.title) for entry in entries])
        return entries[0].id if entries else ""

    def __call__(self, text: str, kinds: tuple[str, ...] = ()) -> str:
        """Return the id that `text` means; an unknown text that can be an id stays as it is, for the checks to report.

        :raises InvalidInputError: if it can mean several records, or none and is no id.
        """
        if record_id := self.known(text, kinds):
            return record_id
        if is_id(text.strip()):
            return text.strip()
        raise self.unknown(text, kinds or ("record",))
