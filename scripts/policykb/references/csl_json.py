"""CSL-JSON, as Zotero and citation processors write it -> proposed documents."""

import re
from collections.abc import Iterator
from typing import Any

from policykb.contribute.proposal import Proposal, Refuse, Unreadable, stop
from policykb.model.problems import shown
from policykb.model.vocabulary import DOCUMENT_TYPES
from policykb.references import untrusted as safe
from policykb.references.entry import MOST_ENTRIES, OTHER_TYPE, literal, person, proposal

TYPES = {name: term.id for term in DOCUMENT_TYPES for name in (term.id, *term.from_csl)}
FIELDS = {
    "title": ("title",),
    "authors": ("author",),
    "issued": ("issued",),
    "container": ("container-title",),
    "volume": ("volume",),
    "page": ("page",),
    "publisher": ("publisher",),
    "number": ("number", "issue"),
    "doi": ("DOI",),
    "url": ("URL",),
    "language": ("language",),
    "keywords": ("keyword",),
    "licence": ("license",),
    "accessed": ("accessed",),
    "grade": ("custom.grade",),
}
IGNORED = frozenset(
    """id type abstract annote note categories citation-key citation-label citation-number call-number ISBN ISSN PMID PMCID archive
    archive_collection archive_location archive-place container-title-short journalAbbreviation title-short shortTitle publisher-place event event-title
    event-place event-date dimensions edition number-of-pages number-of-volumes source original-date original-title original-publisher submitted
    first-reference-note-number locator year-suffix custom""".split()
)
_SEASONS = {"1": "spring", "2": "summer", "3": "autumn", "4": "winter"}
_MARKUP = re.compile(r"</?(?:i|b|em|strong|sup|sub|sc|span)(?: [^<>]*)?>", re.IGNORECASE)


def is_it(data: bytes) -> bool:
    """Whether the bytes look like this format."""
    return re.match(rb"(?:\xef\xbb\xbf)?\s*[\[{]", data) is not None and any(
        f'"{kind}"'.encode() == match
        for match in re.findall(rb'"type"\s*:\s*("[a-z_-]+")', data[:65536])
        for kind in TYPES
    )


def read(data: bytes, name: str, refuse: Refuse = stop) -> Iterator[Proposal]:
    """The documents that a CSL-JSON file describes: a list of items, or one.

    :raises Unreadable: if it is not JSON or not such a list, with the number of the item; if there is none or there are too many.
    """
    items = safe.parsed_json(data, name)
    if isinstance(items, dict):  # one item, or several as Zotero's interface wraps them
        items = items["items"] if isinstance(items.get("items"), list) else [items]
    if not isinstance(items, list) or not items:
        raise Unreadable(
            f"{name}: has no item; expected CSL-JSON, a list of items with type and title"
        )
    if len(items) > MOST_ENTRIES:
        raise Unreadable(
            f"{name}: has {len(items):,} items; expected at most {MOST_ENTRIES:,} in one file"
        )
    taken: dict[str, int] = {}
    for number, item in enumerate(items, 1):
        if isinstance(item, dict) and {"type", "title", "DOI", "URL"} & item.keys():
            yield _document(item, taken)
        else:
            error = f"{name}: item {number} is not an entry; expected CSL-JSON, a list of items with type and title"
            refuse(f"item {number}", Unreadable(error))


def _document(item: dict[str, Any], taken: dict[str, int]) -> Proposal:
    told: list[str] = []
    custom = item["custom"] if isinstance(item.get("custom"), dict) else {}
    said: dict[str, Any] = {}
    for key, fields in FIELDS.items():
        if key not in ("authors", "issued", "accessed", "number", "grade"):
            said[key] = _text(item, fields[0], told)
    said["title"] = _MARKUP.sub("", said["title"])
    said["grade"] = _text(custom, "grade", told)
    said["number"], said["issue"] = _text(item, "number", told), _text(item, "issue", told)
    said["keywords"] = [
        word for word in map(str.strip, re.split(r"[;,]", said["keywords"])) if word
    ]
    said["authors"] = _authors(item.get("author"), told)
    said["issued"], said["accessed"] = _date(item, "issued", told), _date(item, "accessed", told)
    kind = _text(item, "type", told)
    said["type"] = TYPES.get(kind, OTHER_TYPE)
    if kind not in TYPES:
        told.append(f"type: '{shown(kind)}' has no type here and is taken as {OTHER_TYPE}")
    known = {field for fields in FIELDS.values() for field in fields} | IGNORED
    told += [
        f"{shown(key)}: {shown(value)}" for key, value in item.items() if key not in known and value
    ]
    return proposal(said, told, taken)


def _text(item: dict[str, Any], key: str, told: list[str]) -> str:
    value = item.get(key)
    if value is None or isinstance(value, bool | dict | list):
        told += [] if value is None else [f"{key}: {shown(value)} is not text"]
        return ""
    return str(value).strip()


def _authors(names: Any, told: list[str]) -> list[dict[str, str]]:
    found = []
    for name in names if isinstance(names, list) else [] if names is None else [names]:
        if not isinstance(name, dict):
            told.append(f"authors: {shown(name)} is not a name")
            continue
        part = {
            key: _text(name, key, told)
            for key in (
                "family",
                "given",
                "literal",
                "suffix",
                "dropping-particle",
                "non-dropping-particle",
            )
        }
        if part["literal"]:
            found.append(literal(part["literal"]))
        else:
            given = " ".join(filter(None, (part["given"], part["dropping-particle"])))
            family = " ".join(
                filter(None, (part["non-dropping-particle"], part["family"] or given))
            )
            found.append(
                person(
                    family,
                    ", ".join(filter(None, (given if part["family"] else "", part["suffix"]))),
                )
            )
    return found


def _date(item: dict[str, Any], key: str, told: list[str]) -> str:
    """A date of CSL as text: its first and last day as `first/last`, `~` if it is approximate."""
    date = item.get(key)
    if isinstance(date, str | int) and not isinstance(date, bool):
        return str(date)
    if not isinstance(date, dict):
        told += [f"{key}: {shown(date)} is not a date"] if date else []
        return ""
    days = date.get("date-parts")
    if (
        not isinstance(days, list)
        or not days
        or not all(
            isinstance(day, list) and day and all(isinstance(part, str | int) for part in day)
            for day in days
        )
    ):
        told += [f"{key}: {shown(days)} is not a date"] if days else []
        return _text(date, "raw", told) or _text(date, "literal", told)
    ends = ["-".join(str(part).zfill(2) for part in day[:3]) for day in days[:2]]
    if season := date.get("season"):
        return f"{_SEASONS.get(str(season), shown(season))} {ends[0]}"
    circa = (
        "circa " if date.get("circa") and str(date["circa"]).lower() not in ("false", "0") else ""
    )
    return circa + (ends[0] if len(set(ends)) == 1 else "/".join(ends))
