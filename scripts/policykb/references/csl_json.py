"""CSL-JSON, as Zotero and citation processors exchange it, read and written.

https://docs.citationstyles.org/en/stable/specification.html
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from policykb.contribute import reading
from policykb.contribute.proposal import Refuse, stop
from policykb.model.dates import span
from policykb.model.parts import several, with_values
from policykb.model.problems import SourceError, shown
from policykb.model.vocabulary import CSL_TYPES, DOCUMENT_TYPES
from policykb.references.entry import (
    Entry,
    Name,
    check_count,
    document_fields,
    document_type,
    reader,
    words,
)
from policykb.text import json_text

TYPES = {name: term.id for term in DOCUMENT_TYPES for name in (term.id, *term.from_csl)}
# Property -> its variables, written in this order. The grade of a document is an invention of ours and only read.
FIELDS = {
    "id": ("id",),
    "type": ("type",),
    "title": ("title",),
    "authors": ("author",),
    "recipients": ("recipient",),
    "editors": ("editor",),
    "issued": ("issued",),
    "container": ("container-title",),
    "volume": ("volume",),
    "page": ("page",),
    "publisher": ("publisher",),
    "genre": ("genre",),
    "number": ("number", "issue"),
    "authority": ("authority",),
    "jurisdiction": ("jurisdiction",),
    "section": ("section",),
    "codified": ("references",),
    "status": ("status",),
    "original_title": ("original-title",),
    "version": ("version",),
    "archive_url": ("archive_location",),
    "doi": ("DOI",),
    "url": ("URL",),
    "accessed": ("accessed",),
    "language": ("language",),
    "keywords": ("keyword",),
    "license": ("license",),
    "grade": ("custom.grade",),
}
_READ = document_fields(FIELDS)
del _READ["archive_url"]  # others write there where a copy lies in an archive, as free text
IGNORED = frozenset(
    """id abstract annote note categories citation-key citation-label citation-number call-number ISBN ISSN PMID PMCID archive
    archive_collection archive-place container-title-short journalAbbreviation title-short shortTitle publisher-place event event-title
    event-place event-date dimensions edition number-of-pages number-of-volumes source original-date original-publisher submitted
    first-reference-note-number locator year-suffix custom""".split()
)
_KNOWN = IGNORED | {"archive_location"} | {name for names in _READ.values() for name in names}
_SEASONS = {"1": "spring", "2": "summer", "3": "autumn", "4": "winter"}
_LENGTHS = {"year": 1, "month": 2, "day": 3}
_MARKUP = re.compile(r"</?(?:i|b|em|strong|sup|sub|sc|span)(?: [^<>]*)?>", re.IGNORECASE)
_TAG = re.compile(r"<(?=/?(?:i|b|sup|sub|sc|span)\b[^<>]*>)", re.IGNORECASE)
_FORM = "CSL-JSON, a list of items with type and title"


def is_it(data: bytes) -> bool:
    """Return whether the bytes look like this format."""
    if not re.match(rb"(?:\xef\xbb\xbf)?\s*[\[{]", data):
        return False
    types = re.findall(rb'"type"\s*:\s*"([a-z_-]+)"', data[:65536])
    return any(name.decode() in TYPES for name in types)


def parse(data: bytes, name: str, refuse: Refuse = stop) -> Iterator[Entry]:
    """Return the entries of a CSL-JSON file: a list of items, or one item. What is not an item goes to `refuse`, with its number.

    :raises SourceError: if the file is not JSON or not such a list, or has no item or too many.
    """
    items = reading.parsed_json(data, name, strict=True).value
    if isinstance(items, dict):  # one item, or several as Zotero's interface wraps them
        items = items["items"] if isinstance(items.get("items"), list) else [items]
    if not isinstance(items, list) or not items:
        raise SourceError(f"{name}: has no item; expected {_FORM}")
    check_count(len(items), name, "items")
    for number, item in enumerate(items, 1):
        if isinstance(item, dict) and {"type", "title", "DOI", "URL"} & item.keys():
            yield _entry(item)
        else:
            message = f"{name}: item {number} is not an entry; expected {_FORM}"
            refuse(f"item {number}", SourceError(message))


read = reader(parse)


def format(entries: Iterable[Entry]) -> str:
    """Return `entries` as CSL-JSON for other tools; Zotero does not know regulations, which become legislation."""
    items = [item(entry.whole_number()) for entry in entries]
    for values in items:
        values["type"] = {"regulation": "legislation"}.get(values["type"], values["type"])
    return json_text(items)


# Reading an item


def _entry(item: dict[str, Any]) -> Entry:
    unresolved: list[str] = []
    custom = item["custom"] if isinstance(item.get("custom"), dict) else {}
    values: dict[str, Any] = {}
    for key, (variable, *_) in _READ.items():
        if key == "authors":
            values[key] = _names(item.get(variable), unresolved)
        elif key in ("issued", "accessed"):
            values[key] = _day(item, variable, unresolved)
        elif key == "grade":
            values[key] = _text(custom, "grade", unresolved)
        else:
            values[key] = _text(item, variable, unresolved)
    values["type"] = document_type(TYPES, values["type"], unresolved)
    values["title"] = _MARKUP.sub("", values["title"])
    values["keywords"] = words(values["keywords"])
    values["issue"] = _text(item, "issue", unresolved)
    for variable, value in item.items():
        if variable not in _KNOWN and value:
            unresolved.append(f"{shown(variable)}: {shown(value)}")
    return Entry(**values, unresolved=unresolved)


def _text(item: dict[str, Any], variable: str, unresolved: list[str]) -> str:
    value = item.get(variable)
    if value is None:
        return ""
    if isinstance(value, bool | dict | list):
        unresolved.append(f"{variable}: {shown(value)} is not text")
        return ""
    return str(value).strip()


def _names(value: Any, unresolved: list[str]) -> list[Name]:
    """Return the names of a list of names, or of one name."""
    names = []
    for name in several(value):
        if isinstance(name, dict):
            names.append(_name(name, unresolved))
        else:
            unresolved.append(f"authors: {shown(name)} is not a name")
    return names


def _name(name: dict[str, Any], unresolved: list[str]) -> Name:
    def text(variable: str) -> str:
        return _text(name, variable, unresolved)

    if literal := text("literal"):
        return Name(literal=literal)
    given = " ".join(filter(None, (text("given"), text("dropping-particle"))))
    family, particle, suffix = text("family"), text("non-dropping-particle"), text("suffix")
    rest = ", ".join(filter(None, (given if family else "", suffix)))
    return Name(" ".join(filter(None, (particle, family or given))), rest)


def _day(item: dict[str, Any], variable: str, unresolved: list[str]) -> str:
    """Return a date of CSL as text: its first and last day as `first/last`, with 'circa' if it is approximate."""
    date = item.get(variable)
    if isinstance(date, str | int) and not isinstance(date, bool):
        return str(date)
    if not isinstance(date, dict):
        unresolved += [f"{variable}: {shown(date)} is not a date"] if date else []
        return ""
    days = date.get("date-parts")
    if not _are_days(days):
        unresolved += [f"{variable}: {shown(days)} is not a date"] if days else []
        return _text(date, "raw", unresolved) or _text(date, "literal", unresolved)
    ends = ["-".join(str(part).zfill(2) for part in day[:3]) for day in days[:2]]
    if season := date.get("season"):
        return f"{_SEASONS.get(str(season), shown(season))} {ends[0]}"
    circa = date.get("circa") and str(date["circa"]).lower() not in ("false", "0")
    return ("circa " if circa else "") + "/".join(dict.fromkeys(ends))


def _are_days(days: Any) -> bool:
    """Return whether `days` is a list of days, each a list of year, month and day, as many as are known."""
    if not isinstance(days, list) or not days:
        return False
    if not all(isinstance(day, list) and day for day in days):
        return False
    return all(isinstance(part, str | int) for day in days for part in day)


# Writing an item


def item(entry: Entry) -> dict[str, Any]:
    """Return an entry as an item of CSL, in which processors find no markup."""
    values = {key: getattr(entry, key) for key in FIELDS if key != "grade"}
    values["type"] = CSL_TYPES.get(entry.type, entry.type)
    for key in ("authors", "recipients", "editors"):
        values[key] = [with_values(name._asdict()) for name in values[key]]
    for key in ("issued", "accessed"):
        values[key] = _date(values[key])
    values["keywords"] = ", ".join(values["keywords"])
    return {FIELDS[key][0]: _without_markup(value) for key, value in values.items() if value}


def _date(text: str) -> dict | None:
    """Return a partial date as a date of CSL; one that is approximate or uncertain is marked as circa."""
    if not text:
        return None
    days = span(text)
    parts = [int(part) for part in days.earliest.split("-")][: _LENGTHS[days.precision]]
    return {"date-parts": [parts]} | ({"circa": True} if days.qualifier else {})


def _without_markup(value: Any) -> Any:
    """Return a value of an item in which processors find no markup: `<b>` in a title is text, not bold.

    CSL-JSON knows no escape, so the sign that begins a tag gets a tag of its own, which every processor takes away.
    """
    if isinstance(value, dict):
        return {name: _without_markup(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_without_markup(part) for part in value]
    return _TAG.sub('<span class="nocase"><</span>', value) if isinstance(value, str) else value
