"""Documents of the Federal Register (JSON of its API: one, a search result, or a list) -> proposals.

Taken over: numbers, title, issuer, signing, publication and effective days, the end of comments, the line on what kind of
action it is, notes on other orders. Left out on purpose: abstracts and excerpts (written by others), topics, page views.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from policykb import vocabulary
from policykb.feeds.naming import slug
from policykb.feeds.proposal import Proposal, Refuse, Unreadable, stop
from policykb.feeds.reading import MOST_LINE, MOST_TITLE, Node, address, clean, each, parsed_json

PRESIDENT = "President of the United States"


class Kind(NamedTuple):
    """What a type of document is here: its instrument, what its signing and its publication are, the type of its text."""

    instrument: str
    signing: str
    publication: str
    text: str
    exact: bool = True


# (type, subtype) of the Federal Register -> what it is here. What is missing here names no instrument: a notice may be anything.
KINDS = {
    ("Presidential Document", "Executive Order"): Kind(
        "executive_order", "issued", "published", "legislation"
    ),
    ("Presidential Document", "Memorandum"): Kind(
        "presidential_memorandum", "issued", "published", "legislation"
    ),
    ("Presidential Document", "Proclamation"): Kind(
        "presidential_memorandum", "issued", "published", "legislation", exact=False
    ),
    ("Presidential Document", "Notice"): Kind(
        "presidential_memorandum", "issued", "published", "legislation", exact=False
    ),
    ("Presidential Document", "Determination"): Kind(
        "presidential_memorandum", "issued", "published", "legislation", exact=False
    ),
    ("Rule", ""): Kind("agency_rule", "issued", "adopted", "regulation"),
    ("Proposed Rule", ""): Kind("agency_rule", "proposed", "proposed", "regulation"),
}
UNKNOWN = Kind("", "issued", "published", "legislation")
TYPES = frozenset(
    {
        "Presidential Document",
        "Rule",
        "Proposed Rule",
        "Notice",
        "Correction",
        "Uncategorized Document",
        "Sunshine Act Document",
    }
)

# What the notes on an order call its effect on another order -> the relation; and what they say others did to it -> the event.
RELATIONS = {
    "revokes": "revokes",
    "amends": "amends",
    "supersedes": "replaces",
    "revokes in part": "amends",
    "supersedes in part": "amends",
}
HAPPENED = {
    "revoked by": "revoked",
    "amended by": "amended",
    "superseded by": "replaced",
    "revoked in part by": "eased",
    "superseded in part by": "eased",
    "continued by": "extended",
}
# The entry in the Federal Register's own catalogue was read, not the text it describes, so it is not primary.
GRADE = "established"


def is_it(data: bytes) -> bool:
    """Whether the bytes look like this format."""
    return b'"document_number"' in data


def read(data: bytes, name: str, refuse: Refuse = stop) -> Iterator[Proposal]:
    """Return for each document its page, its issuers and the action. :raises Unreadable: if it is something else."""
    root = parsed_json(data, name)
    if isinstance(root.value, dict) and "results" in root.value:
        found = root.items("results")
    else:
        found = root.items() if isinstance(root.value, list) else [root]
    if not found and not (isinstance(root.value, dict) and root.at("count").value == 0):
        raise Unreadable(f"{name}: results: found none; expected documents")
    return each(found, _document, lambda item: item.called("document_number"), refuse)


def _document(item: Node) -> Iterator[Proposal]:
    number, title = item.text("document_number"), item.text("title", MOST_TITLE)
    kind_name, subtype = item.text("type"), item.text("subtype")
    if not number or not title or not kind_name:
        missing = next(key for key in ("document_number", "title", "type") if not item.text(key))
        raise item.at(missing).wrong("text")
    if kind_name not in TYPES:
        raise item.at("type").wrong("one of " + ", ".join(sorted(TYPES)))
    kind = KINDS.get((kind_name, subtype)) or KINDS.get((kind_name, ""), UNKNOWN)
    unresolved: list[str] = []
    identifiers = _identifiers(item, number, unresolved)
    page = address(item.text("html_url", 2000))
    short = f"https://www.federalregister.gov/d/{number}"
    page = page or (address(short) if vocabulary.identifier_match("fr_document", number) else "")
    events = _events(item, kind, f"url:{page}" if page else "", unresolved)
    year = item.day("publication_date")[:4]
    order = f"eo-{identifiers['eo']}" if "eo" in identifiers else ""
    if page:
        yield Proposal(
            "document",
            _addresses(page, item, short),
            slug("federal-register", year, order) if order else slug("federal-register", number),
            _page(item, kind, title, number, page),
        )
    issuers, bodies = _issuers(item, kind_name)
    yield from issuers
    if not kind.exact:
        unresolved.append(
            f"type: the Federal Register calls it a {subtype.lower()}, for which there is no instrument here"
        )
    content = {
        "title": title,
        "instrument": kind.instrument,
        "jurisdiction": "code:US",
        "bodies": bodies,
        "identifiers": identifiers,
        "as_of": max(
            [
                item.day("publication_date"),
                item.day("signing_date"),
                *(event["date"] for event in events if event["type"] in HAPPENED.values()),
            ]
        ),
        "events": events,
        "relations": _relations(item, unresolved),
    }
    keys = tuple(
        (scheme, identifiers[scheme]) for scheme in ("eo", "fr_document") if scheme in identifiers
    )
    named = kind.instrument or "fr"
    yield Proposal(
        "action",
        keys,
        slug("us", order)
        if order
        else slug(
            "us",
            {"presidential_memorandum": "memorandum", "agency_rule": "rule"}.get(named, named),
            number,
        ),
        {key: value for key, value in content.items() if value},
        tuple(unresolved),
    )


def _identifiers(item: Node, number: str, unresolved: list[str]) -> dict:
    given = {
        "eo": item.text("executive_order_number")
        or (
            item.text("presidential_document_number")
            if item.text("subtype") == "Executive Order"
            else ""
        ),
        "fr_document": number,
        "fr_citation": item.text("citation"),
    }
    found = {}
    for scheme, value in given.items():
        if value and vocabulary.identifier_match(scheme, value):
            found[scheme] = value
        elif value:
            unresolved.append(f"identifier: '{value}' does not have the form of scheme '{scheme}'")
    regulations = [node.text() for node in item.items("regulation_id_numbers")]
    sound = [value for value in regulations if vocabulary.identifier_match("us_rin", value)]
    unresolved += [
        f"identifier: '{value}' does not have the form of scheme 'us_rin'"
        for value in regulations
        if value and value not in sound
    ]
    if sound:
        found["us_rin"] = sound[0] if len(sound) == 1 else sound[:20]
    subtype, official = (
        item.text("subtype"),
        item.text("proclamation_number") or item.text("presidential_document_number"),
    )
    if official and "eo" not in found and subtype in ("Proclamation", "Determination"):
        found["official_number"] = (
            f"{'Presidential ' if subtype == 'Determination' else ''}{subtype} {official}"[:80]
        )
    return found


def _addresses(page: str, item: Node, short: str) -> tuple[tuple[str, str], ...]:
    """The addresses that the page of a document goes by: in full, without the words of its title, the short one."""
    match = re.match(r"https?://www\.federalregister\.gov/documents/\d{4}/\d\d/\d\d/[^/]+", page)
    return tuple(
        ("url", found)
        for found in dict.fromkeys(
            [page, *([match[0]] if match else []), short, address(item.text("pdf_url", 2000))]
        )
        if found
    )


def _page(item: Node, kind: Kind, title: str, number: str, page: str) -> dict:
    first, last, volume = (
        item.text("start_page", 20),
        item.text("end_page", 20),
        item.text("volume"),
    )
    pages = f"{first}-{last}" if last and last != first else first
    content = {
        "type": kind.text,
        "title": title,
        "issued": item.day("publication_date"),
        "container": "Federal Register",
        "volume": volume,
        "page": pages,
        "number": number,
        "url": page,
        "grade": GRADE,
        "note": "Known from its entry in the catalogue of the Federal Register, read by a program. The text was not read for it.",
    }
    return {key: value for key, value in content.items() if value}


def _issuers(item: Node, kind: str) -> tuple[list[Proposal], list[dict]]:
    """The President, or the agencies that are not merely above another one that is named."""
    if kind == "Presidential Document":
        return [], [{"organization": f"name:{PRESIDENT}", "role": "issuer"}]
    agencies = item.items("agencies")
    above = {agency.text("parent_id") for agency in agencies}
    proposals, bodies = [], []
    for agency in agencies:
        called = agency.text("name") or agency.text("raw_name").title()
        if not called or (agency.text("id") and agency.text("id") in above):
            continue
        turned = re.sub(r"^(.*) Department$", r"Department of \1", called)
        home = address(agency.text("url", 2000))
        proposals.append(
            Proposal(
                "organization",
                (
                    ("name", called),
                    ("name", turned),
                    ("name", f"Department of the {turned.removeprefix('Department of ')}"),
                ),
                slug("us", called),
                {
                    "name": turned,
                    "kind": "government",
                    "jurisdiction": "code:US",
                    **({"url": home} if home else {}),
                },
            )
        )
        bodies.append({"organization": f"name:{called}", "role": "issuer"})
    return proposals, bodies


def _events(item: Node, kind: Kind, document: str, unresolved: list[str]) -> list[dict]:
    """The days that the entry names, each with the entry's own words where it has some, and what others did to the order."""
    line, citation = item.text("action"), item.text("citation")
    printed = f"Published in the Federal Register{f', {citation}' if citation else ''}"
    dockets = "; ".join(node.text() for node in item.items("docket_ids"))
    printed += f": {line}" if line else "."
    printed += f" Dockets: {dockets}" if dockets else ""
    effective, published, signed = (
        item.day(key) for key in ("effective_on", "publication_date", "signing_date")
    )
    later = bool(signed and effective and effective > signed)
    found = []
    if (
        not signed
        and kind.instrument
        and kind.signing == "issued"
        and kind.publication == "published"
    ):
        unresolved.append(
            "signing_date: the source gives none, so no event says when it was issued"
        )
    if signed:
        found.append((signed, "signed" if later else kind.signing, line or "Signed."))
    if published:
        found.append((published, kind.publication, clean(printed, item.place, MOST_LINE)))
    if effective and effective != signed:
        found.append((effective, "took_effect", item.text("dates") or "Effective on this day."))
    if closing := item.day("comments_close_on"):
        found.append((closing, "consultation_closed", "Comments close."))
    if not kind.instrument:
        found = [
            (day, "published" if day == published else type, note) for day, type, note in found
        ]
    for label, orders in _notes(item):
        for number, when, said in orders:  # noqa: B007
            if label.lower() in HAPPENED and when:
                found.append((when, HAPPENED[label.lower()], f"{label}: {said}"))
            elif label.lower() in HAPPENED:
                unresolved.append(f"note: '{label}: {said}' names no day")
    cite = {"cite": [{"document": document}]} if document else {"unconfirmed": True}
    order = {"signed": 0, "issued": 0, "proposed": 0}
    return [
        {"date": day, "type": type, "note": note, **cite}
        for day, type, note in sorted(
            dict.fromkeys(found), key=lambda one: (one[0], order.get(one[1], 1))
        )
    ]


def _relations(item: Node, unresolved: list[str]) -> list[dict]:
    relations = []
    for label, orders in _notes(item):
        for number, _, said in orders:
            if label.lower() in HAPPENED:
                continue
            if number and label.lower() in RELATIONS:
                relations.append(
                    {
                        "type": RELATIONS[label.lower()],
                        "action": f"eo:{number}",
                        "note": f"{label}: {said}",
                    }
                )
            else:
                unresolved.append(
                    f"note: '{label}: {said}': "
                    + (
                        "no kind of relation here says just that"
                        if number
                        else "names no order by its number"
                    )
                )
    if corrected := item.text("correction_of", 2000):
        number = corrected.rstrip("/").rpartition("/")[2].partition("?")[0]
        if vocabulary.identifier_match("fr_document", number):
            relations.append(
                {
                    "type": "amends",
                    "action": f"fr_document:{number}",
                    "note": f"Corrects FR Doc. {number}",
                }
            )
        else:
            unresolved.append(f"correction_of: '{corrected[:80]}' names no document")
    return relations


def _notes(item: Node) -> Iterator[tuple[str, list[tuple[str, str, str]]]]:
    """The notes on other orders: ('Revokes', [('13771', '2017-01-30', 'EO 13771, January 30, 2017')]); number or day are '' where there is none."""
    from policykb.dates import understood

    whole = [
        line
        for key in ("executive_order_notes", "disposition_notes")
        for line in _lines(item.at(key))
    ]
    label, seen = "", set()
    for part in (part for line in whole for part in re.split(r";", line)):
        match = re.match(r"\s*([A-Z][A-Za-z ]{2,40}?):\s*(.*)$", part)
        label, said = match.groups() if match else (label or "Note", part)
        said = said.strip().rstrip(".")
        if not said or (label, said) in seen:
            continue
        seen.add((label, said))
        number = re.match(r"(?:EO|E\.O\.|Executive Order) (\d{4,5})\b", said)
        when = re.search(r"([A-Z][a-z]+ \d{1,2}, \d{4})", said)
        day = (understood(when[1]) or "") if when else ""
        yield label, [(number[1] if number else "", day if len(day) == 10 else "", said)]


def _lines(node: Node) -> list[str]:
    """The lines of a text that has several, each clean."""
    if node.value is None:
        return []
    if not isinstance(node.value, str):
        raise node.wrong("text")
    return [clean(line, f"{node.name}: {node.place}") for line in node.value[:20_000].splitlines()]
