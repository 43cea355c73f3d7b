"""The record that a person means by an id, a name, an official number or an address."""

import re
from pathlib import Path

from policykb.files.catalogue import Catalogue, Entry, folded_name, folded_title
from policykb.model.problems import InvalidInputError, NotFoundError, shown
from policykb.model.records import ID_FORM
from policykb.model.vocabulary import (
    PERSONS,
    folded,
    identifier_display,
    identifier_keys,
    identifier_match,
)


def matches(catalogue: Catalogue, text: str, kinds: tuple[str, ...]) -> list[Entry]:
    """Return the records of `kinds` that `text` names, by the surest way that leads to any: id, address, number, code, name."""
    text = text.strip()
    entries = [entry for entry in catalogue.entries.values() if not kinds or entry.kind in kinds]
    by_id = {entry.id: entry for entry in entries}
    if record_id := catalogue.current_id(text):
        return [by_id[record_id]] if record_id in by_id else []
    if "://" in text:
        return [by_id[key] for key in catalogue.ids("url", text) if key in by_id]
    keys = set(identifier_keys(text)) if re.search(r"\d", text) else set()
    if numbered := [entry for entry in entries if keys & _numbers(entry)]:
        return numbered
    if coded := [key for key in catalogue.ids("code", text.upper()) if key in by_id]:
        return [by_id[key] for key in coded]
    wanted = {folded_title(text), folded_name(text)} - {""}
    return [entry for entry in entries if wanted & _names(entry)]


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


def unknown(catalogue: Catalogue, text: str, kinds: tuple[str, ...]) -> NotFoundError:
    """Return the error for a reference that leads to no record, with the nearest id and the way to make the record."""
    near = catalogue.nearest(text, *kinds)
    advice = f"did you mean '{near}'?" if near else f"make it with: policykb new {kinds[0]}"
    return NotFoundError(f"there is no {' or '.join(kinds)} '{shown(text)}'; {advice}")


def several(text: str, entries: list[Entry]) -> InvalidInputError:
    """Return the error for a reference that can mean several records."""
    choices = "; ".join(f"{entry.id} ({shown(entry.title, 60)})" for entry in entries[:5])
    return InvalidInputError(f"'{shown(text)}' can mean {choices}; write the id")


class References:
    """The records under `policies`, which are read when the first reference is resolved."""

    def __init__(self, policies: Path, catalogue: Catalogue | None = None) -> None:
        self.policies = policies
        self._catalogue = catalogue

    @property
    def catalogue(self) -> Catalogue:
        """Return the index of the records."""
        if self._catalogue is None:
            self._catalogue = Catalogue.read(self.policies)
        return self._catalogue

    def known(self, text: str, kinds: tuple[str, ...] = ()) -> str:
        """Return the id of the only record that `text` means; '' if there is none.

        :raises InvalidInputError: if it can mean several.
        """
        entries = matches(self.catalogue, text, kinds)
        if len(entries) > 1:
            raise several(text, entries)
        return entries[0].id if entries else ""

    def __call__(self, text: str, kinds: tuple[str, ...] = ()) -> str:
        """Return the id that `text` means; an unknown text that can be an id stays as it is, for the checks to report.

        :raises InvalidInputError: if it can mean several records, or none and is no id.
        """
        if record_id := self.known(text, kinds):
            return record_id
        if re.fullmatch(ID_FORM, text.strip()):
            return text.strip()
        raise unknown(self.catalogue, text, kinds or ("record",))


def known_id(policies: Path, text: str, kinds: tuple[str, ...] = ()) -> str:
    """Return the id of the record that `text` means by id, name, official number or address; `text` if there is none.

    :raises InvalidInputError: if it can mean several records.
    """
    # The id of a part, such as us-eo-14409#issued, names its record.
    if re.search("[#@]", text) or text in Catalogue.read(policies, ids_only=True):
        return text
    return References(policies).known(text, kinds) or text
