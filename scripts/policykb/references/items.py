"""Records as entries of a bibliography: a document, or the official text of an action in the legal form of its number.

Plain rows in, entries out; reads nothing. An entry follows the conventions that most styles share; what one style wants
otherwise is in styles.py. How the kinds of action, event, role and identifier are cited is in their vocabularies.
"""

import re
from collections.abc import Iterable
from dataclasses import fields
from typing import NamedTuple

from policykb.model import vocabulary
from policykb.model.vocabulary import LAW_TYPES, ranked
from policykb.references.entry import Entry, Name

INSTRUMENTS = {term.id: term for term in vocabulary.INSTRUMENTS}
_DATED_BY = ranked(vocabulary.EVENT_TYPES, "dates_text")
_AUTHORS = ranked(vocabulary.BODY_ROLES, "authorship")
_NUMBERS = ranked(vocabulary.IDENTIFIER_SCHEMES, "citation_rank")
# Documents that are the official text of an action: its law, or a report, in a grade that is near to it.
_ADDRESSED = tuple(term.id for term in vocabulary.BODY_ROLES if term.addressed)
_TEXT_TYPES = LAW_TYPES | {"report"}
_TEXT_GRADES = frozenset(term.id for term in vocabulary.GRADES if term.text)
_FIELDS = frozenset(part.name for part in fields(Entry))
_BILLS = ("us_bill", "us_state_bill")
# Jurisdictions whose texts are not cited with the name of the jurisdiction.
_UNNAMED = ("us", "eu", "international", "no-jurisdiction")
# Properties that a document and its entry have in common.
_SAME = ("issued", "container", "volume", "page", "publisher", "number", "doi", "original_title")
_CASES = frozenset(kind for kind, csl in vocabulary.CSL_TYPES.items() if csl == "legal_case")
_CITED_AS = {term.id: term.cited_as for term in vocabulary.EVENT_TYPES}
_PROVISIONS = {"art": "art.", "recital": "recital", "annex": "annex", "section": "§"}


class Act(NamedTuple):
    """An action with the rows that say how its official text is cited: identifiers, bodies, events and cited documents."""

    row: dict
    identifiers: list[dict]
    bodies: list[dict]
    events: list[dict]
    documents: list[dict]

    def values(self, scheme: str) -> list[str]:
        """Return the identifiers of the scheme `scheme`."""
        return [row["value"] for row in self.identifiers if row["scheme"] == scheme]

    def by_role(self, roles: Iterable[str]) -> str | None:
        """Return the name of the first body in the first of `roles` that has one."""
        names = (body["name"] for role in roles for body in self.bodies if body["role"] == role)
        return next(names, None)


def document(row: dict, authors: list[dict], names: Iterable[str] = ()) -> Entry:
    """Return the entry of a document and its authors; `names` are names in its title."""
    entry = Entry(
        id=row["id"],
        type=row["type"],
        title=row["title"],
        # A newspaper is where a text is, not its author.
        authors=[_author(author) for author in authors if author["name"] != row["container"]],
        **{key: row[key] or "" for key in _SAME},
        url=row["url"] or row["archive_url"] or "",
        archive_url=row["archive_url"] or "" if row["url"] else "",
        accessed=row["accessed"] or "" if row["url"] else "",
        language=row["language"],
        protected=list(names),
    )
    return _case(entry) if entry.type in _CASES else entry


def _author(row: dict) -> Name:
    if row["family"] and row["given"]:
        return Name(row["family"], row["given"])
    return Name(literal=row["name"])


def _case(entry: Entry) -> Entry:
    """Return a case or a decision by its docket number and court, which is not an author; a case is dated by its filing."""
    entry.genre = "No." if entry.number else ""
    entry.authority = entry.publisher or next((name.literal for name in entry.authors), "")
    entry.authors, entry.publisher, entry.container = [], "", ""
    entry.status = "" if entry.type == "order" or not entry.issued else "filed"
    if vocabulary.identifier_match("us_docket", entry.number):
        for key, value in vocabulary.identifier_citation("us_docket", entry.number).items():
            setattr(entry, key, value)
    return entry


def official_text(act: Act, part: Act | None = None) -> Entry | None:
    """Return the entry of the official text of an action, None if it has none, as an idea or a practice.

    `part` is the provision of the act that is cited.
    """
    instrument = INSTRUMENTS[act.row["instrument"]]
    if instrument.stage_without_events and not act.identifiers:
        return None
    is_law = instrument.csl in LAW_TYPES
    dating = _dating_event(instrument, act.events)
    entry = Entry(
        id=(part or act).row["id"],
        type=instrument.csl,
        title=act.row["title"],
        issued=dating.get("date", ""),
        url=_address(act, instrument.csl),
        language="en",
        section=", ".join(map(_provision, (part or act).values("provision"))),
    )
    author = act.by_role(_AUTHORS)
    if author and (instrument.authored or not is_law):
        entry.authors = [Name(literal=author)]
    properties = _number(act, entry.type in _CASES)
    is_treaty = properties.get("scheme") == "treaty"
    if is_treaty or entry.type in _CASES:
        entry.authors, entry.status = [], _CITED_AS.get(dating.get("type"), "")
    if is_treaty:
        entry.type, is_law = "legislation", False
    entry.issued = entry.issued or properties.pop("term", "")
    for key in properties.keys() & _FIELDS:
        setattr(entry, key, properties[key])
    if is_law and not entry.genre:
        entry.jurisdiction = _jurisdiction(act.row)
    if is_law:
        _set_law(act, entry, properties.get("scheme", ""))
    addressee = act.by_role(_ADDRESSED)
    is_letter = addressee and re.search(r"\bletter\b", act.row["summary"])
    if instrument.letter and is_letter and not act.identifiers:
        entry.type, entry.genre = "personal_communication", "Letter"
        entry.recipients = [Name(literal=addressee)]
    return entry


def _number(act: Act, is_case: bool) -> dict[str, str]:
    """Return the properties that say the number of an official text and where it is printed, or its official title.

    A docket is the number of a case alone: other acts have the dockets of cases about them.
    """
    properties: dict[str, str] = {}
    for scheme in ("us_docket", *_NUMBERS) if is_case else _NUMBERS:
        values = act.values(scheme)
        citation = vocabulary.identifier_citation(scheme, values[0]) if values else {}
        if "number" in citation and "number" in properties:
            continue
        if "number" in citation:
            properties["scheme"] = scheme
        properties |= citation
        if scheme == "us_session_law" and values[1:]:
            others = (vocabulary.identifier_citation(scheme, value) for value in values)
            properties["number"] = " & ".join(sorted(other["number"] for other in others))
            properties["genre"] = properties["genre"].replace("ch.", "chs.")
        if citation.get("number") == "":
            properties["title"] = _official_title(act, values[0])
    return properties


def _set_law(act: Act, entry: Entry, scheme: str) -> None:
    """Set what makes a text a law and no bill; `scheme` is that of the number that the entry has."""
    if scheme in vocabulary.LAW_SCHEMES and entry.type == "bill":
        entry.type = "legislation"
    if scheme in _BILLS and entry.type == "legislation":
        entry.status = "enacted"
    if scheme == "official_number" and (genre := INSTRUMENTS[act.row["instrument"]].genre):
        entry.genre = f"{entry.jurisdiction} {genre}".strip()
        entry.number, entry.jurisdiction = f"No. {entry.number}", ""
    if scheme == "com":
        entry.type = "bill"
    entry.title = _without_number(act, entry.title)


def _without_number(act: Act, title: str) -> str:
    """Return a title without the number of the act in parentheses at its end, which the citation has anyway."""
    match = re.fullmatch(r"(.+?) \(([^()]*\d[^()]*)\)", title)
    shown = (vocabulary.identifier_display(row["scheme"], row["value"]) for row in act.identifiers)
    numbers = [vocabulary.folded(row["value"]) for row in act.identifiers]
    numbers += [vocabulary.folded(number) for number, _ in shown]
    if match and any(vocabulary.folded(match[2]) in number for number in numbers):
        return match[1]
    return title


def _official_title(act: Act, number: str) -> str:
    """Return the title of the act that has its `number` in it, as a cited document gives it."""
    for document in act.documents:
        title = document["title"]
        is_other = title.startswith("[") or "consolidated" in title
        if document["type"] in LAW_TYPES and number in title and not is_other:
            return title
    return act.row["title"]


def _jurisdiction(row: dict) -> str:
    """Return how a law that has no number of a known form names its jurisdiction."""
    if row["jurisdiction"] in _UNNAMED:
        return ""
    country, _, state = row["jurisdiction"].upper().partition("-")
    known = vocabulary.STATE_ABBREVIATIONS if country == "US" else {}
    return known.get(state, row["jurisdiction_name"])


def _provision(value: str) -> str:
    kind, _, rest = value.partition(" ")
    return f"{_PROVISIONS[kind]} {rest}"


def _dating_event(instrument: vocabulary.kinds.Instrument, events: list[dict]) -> dict:
    """Return the event that dates an official text: the first one of the best kind it has, or {}."""
    for kind in instrument.dated_by or _DATED_BY:
        for event in events:
            if event["type"] == kind and not event["supersedes"]:
                return event
    return {}


def _address(act: Act, kind: str) -> str:
    """Return the official address of a text: of its identifiers, or of a document cited for the action that is the text itself."""
    addresses = {row["scheme"]: row["url"] for row in reversed(act.identifiers) if row["url"]}
    for scheme in vocabulary.ADDRESSES:
        if scheme in addresses:
            return addresses[scheme]
    for document in act.documents:
        is_text = document["type"] in _TEXT_TYPES and document["grade"] in _TEXT_GRADES
        is_text = is_text and (kind in _TEXT_TYPES or document["type"] in LAW_TYPES)
        if is_text and document["url"]:
            return document["url"]
    return ""
