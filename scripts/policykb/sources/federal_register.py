"""Documents of the Federal Register (JSON of its API: one, a search result, or a list) -> proposals.

Taken over: numbers, title, issuer, signing, publication and effective days, the end of comments, the line on what kind of
action it is, notes on other orders. Left out on purpose: abstracts and excerpts (written by others), topics, page views.

A correction or reprint is no act of its own but an event of the act that it corrects. An order that revokes another one
is also an event of that other one.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from policykb.contribute.proposal import Proposal, Refuse, Unreadable, stop
from policykb.contribute.reading import (
    MOST_LINE,
    MOST_TEXT,
    MOST_TITLE,
    Node,
    address,
    clean,
    each,
    parsed_json,
)
from policykb.contribute.slugs import slug
from policykb.model import vocabulary
from policykb.sources.register_wordings import (
    ENDED,
    HAPPENED,
    RELATIONS,
    Meaning,
    Note,
    delayed_until,
    meaning,
    named_document,
    notes,
)

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
    # Proclamations, notices, determinations, orders without a number.
    ("Presidential Document", ""): Kind(
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

# Keys that repeat others, are not read of corrections, or hold what is left out on purpose. All other keys that no one reads
# are reported.
IGNORED = frozenset(
    """
    abstract action agencies agency_names body_html_url cfr_references comment_url comments_close_on dates disposition_notes
    docket_id docket_ids effective_on excerpts executive_order_notes executive_order_number explanation filed_at
    full_text_xml_url images images_metadata json_url mods_url not_received_for_publication page_length page_views
    presidential_document_number president proclamation_number public_inspection_pdf_url raw_text_url
    regulation_id_number_info regulation_id_numbers regulations_dot_gov_info regulations_dot_gov_url signing_date significant
    toc_doc toc_subject topics
    """.split()
)
# The entry in the Federal Register's own catalogue was read, not the text it describes, so it is not primary.
GRADE = "established"


def is_it(data: bytes) -> bool:
    """Whether the bytes look like this format."""
    return b'"document_number"' in data


def read(data: bytes, name: str, refuse: Refuse = stop) -> Iterator[Proposal]:
    """Return for each document its page, its issuers and the action; at the end what they say of other acts.

    :raises Unreadable: if it is something else.
    """
    root = parsed_json(data, name)
    found = root.records("results")
    if not found and not (isinstance(root.value, dict) and root.at("count").value == 0):
        raise Unreadable(f"{name}: results: found none; expected documents")
    proposals = each(found, _document, lambda item: item.called("document_number"), refuse, IGNORED)
    return iter(sorted(proposals, key=lambda proposal: bool(proposal.speaker)))


def _document(item: Node) -> Iterator[Proposal]:
    number, title = item.text("document_number"), item.text("title", MOST_TITLE)
    kind_name, subtype = item.text("type"), item.text("subtype")
    if not number or not title or not kind_name:
        missing = next(key for key in ("document_number", "title", "type") if not item.text(key))
        raise item.at(missing).wrong("text")
    if kind_name not in TYPES:
        raise item.at("type").wrong("one of " + ", ".join(sorted(TYPES)))
    kind = KINDS.get((kind_name, subtype)) or KINDS.get((kind_name, ""), UNKNOWN)
    meant = meaning(kind_name, item.text("action")) or Meaning(kind.publication)
    if meant.instrument:
        kind = kind._replace(instrument=meant.instrument)
    unresolved: list[str] = []
    identifiers = _identifiers(item, number, unresolved)
    page = address(item.text("html_url", 2000))
    short = f"https://www.federalregister.gov/d/{number}"
    page = page or (address(short) if vocabulary.identifier_match("fr_document", number) else "")
    order = f"eo-{identifiers['eo']}" if "eo" in identifiers else ""
    if page:
        year = item.day("publication_date")[:4]
        yield Proposal(
            "document",
            _addresses(page, item, short),
            slug("federal-register", year, order) if order else slug("federal-register", number),
            _page(item, kind, title, number, page),
        )
    cite = {"cite": [{"document": f"url:{page}"}]} if page else {"unconfirmed": True}
    if _is_correction(item, number):
        yield from _correction(item, number, cite)
        return
    said = list(notes(_lines(item)))
    events = [event | cite for event in _events(item, kind, meant, said, unresolved)]
    issuers, bodies = _issuers(item, kind_name)
    yield from issuers
    unresolved += _unlike(item, kind, meant)
    content = {
        "title": title,
        "instrument": kind.instrument,
        "bindingness": "voluntary" if kind.instrument == "request_for_comment" else "",
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
        "relations": _relations(said, unresolved),
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
    yield from _ends(item, number, order, said, cite)


def _unlike(item: Node, kind: Kind, meant: Meaning) -> Iterator[str]:
    """Yield what the document is that no instrument and no event here says."""
    line = item.text("action", 200)
    if not kind.exact and not item.text("subtype"):
        yield "type: the Federal Register names no subtype of this presidential document"
    elif not kind.exact:
        yield (
            f"type: the Federal Register calls it a {item.text('subtype').lower()}, "
            "for which there is no instrument here"
        )
    elif not kind.instrument:
        yield (
            f"type: the Federal Register calls it '{line or item.text('type')}', "
            "for which there is no instrument here"
        )
    if meant.before:
        yield (
            f"action: '{line}' is about an act that was published earlier, in a document that the "
            "source does not name; if that is a record of its own, merge the two"
        )


def _is_correction(item: Node, number: str) -> bool:
    """Return whether a document corrects or reprints another one and is nothing else."""
    return (
        bool(item.text("correction_of", 2000))
        or item.text("type") == "Correction"
        or bool(re.match(r"[CR]\d{1,2}-\d", number))
    )


def _correction(item: Node, number: str, cite: dict) -> Iterator[Proposal]:
    """Yield a correction or reprint as an event of the act that it corrects."""
    address_of = item.text("correction_of", 2000).rstrip("/").partition("?")[0]
    original = address_of.rpartition("/")[2] or re.sub(r"^[A-Z]\d{1,2}-(?=\d{4}-)", "", number)
    if not vocabulary.identifier_match("fr_document", original) or original == number:
        original = named_document(item.text("dates", MOST_TEXT))
    published = item.day("publication_date")
    citation = item.text("citation")
    place = f" in the Federal Register{f', {citation}' if citation else ''}"
    reprint = number.startswith("R")
    told = f"FR Doc. {number} {'reprints' if reprint else 'corrects'} " + (
        f"FR Doc. {original}" if original else "a document that the source does not name"
    )
    event = {
        "date": published,
        "type": "published" if reprint else "amended",
        "note": f"{'Published again' if reprint else 'Corrected'}{place}: {told}.",
        **cite,
    }
    keys = [
        ("fr_document", value)
        for value in (original, number)
        if value and vocabulary.identifier_match("fr_document", value)
    ]
    yield Proposal(
        "action",
        tuple(keys),
        slug("us", "fr", original or number),
        {"as_of": published, "events": [event]} if published else {},
        () if original else (f"correction: {told}",),
        speaker=f"fr_document:{number}",
    )


def _ends(item: Node, number: str, order: str, said: list[Note], cite: dict) -> Iterator[Proposal]:
    """Yield the end of each order that this one revokes or supersedes in whole, on the day from which this one binds."""
    signed, effective = item.day("signing_date"), item.day("effective_on")
    day = max(signed, effective) if signed else ""
    for note in said:
        kind = RELATIONS.get(note.effect)
        if not day or kind not in ENDED or note.number in ("", order.removeprefix("eo-")):
            continue
        type, word = ENDED[kind]
        by = f"EO {order.removeprefix('eo-')}" if order else f"FR Doc. {number}"
        yield Proposal(
            "action",
            (("eo", note.number),),
            slug("us", f"eo-{note.number}"),
            {
                "as_of": day,
                "events": [
                    {
                        "date": day,
                        "type": type,
                        "note": f"{word} by {by}, which says: {note.label}: {note.text}",
                        **cite,
                    }
                ],
            },
            speaker=f"fr_document:{number}",
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


def _events(
    item: Node, kind: Kind, meant: Meaning, said: list[Note], unresolved: list[str]
) -> list[dict]:
    """Return the days that the entry names, each with the entry's own words where it has some, and what others did to the order."""
    events = _steps(item, kind, meant, unresolved)
    for note in said:
        text = f"{note.label}: {note.text}"
        if note.effect in HAPPENED and note.day:
            events.append({"date": note.day, "type": HAPPENED[note.effect], "note": text})
        elif note.effect in HAPPENED:
            unresolved.append(f"note: '{text}' names no day")
    first = {"announced": 0, "signed": 1, "issued": 1, "adopted": 1, "proposed": 1}
    first |= {"consultation_opened": 1}
    events = [dict(pairs) for pairs in dict.fromkeys(tuple(event.items()) for event in events)]
    return sorted(
        events, key=lambda event: (event["date"].rstrip("?"), first.get(event["type"], 2))
    )


def _steps(item: Node, kind: Kind, meant: Meaning, unresolved: list[str]) -> list[dict]:
    """Return the events of the act that the days of the entry are."""
    line, published = item.text("action"), item.day("publication_date")
    signed, effective = item.day("signing_date"), item.day("effective_on")
    of_president = item.text("type") == "Presidential Document"
    later = bool(signed and effective and effective > signed)
    steps: list[tuple[str, str, str]] = []
    if filed := item.day("filed_at"):
        steps.append((filed, "announced", "Filed for public inspection before its publication."))
    if signed:
        steps.append((signed, "signed" if later else kind.signing, line or "Signed."))
    elif published and kind.instrument and of_president:
        unresolved.append(
            "signing_date: the source gives none; the order was issued on the day of its publication or before"
        )
        note = "Issued on the day of its publication or before; the source gives no day of signing."
        steps.append((f"{published}?", "issued", note))
    publication = meant.publication if kind.instrument else "published"
    in_effect = effective if meant.effective == "took_effect" else ""
    if published and meant.before:
        note = f"On this day or before; the day is that of a document about it: {line}"
        steps.append((f"{min(published, in_effect or published)}?", meant.before, note))
    elif publication == "adopted" and in_effect and in_effect < published:
        note = "On this day or before; the rule is effective on it and was published later."
        steps.append((f"{in_effect}?", "adopted", note))
        publication = "published"
    if published:
        steps.append((published, publication, _printed(item)))
    if closing := item.day("comments_close_on"):
        steps.append((closing, "consultation_closed", "Comments close."))
    events = [{"date": day, "type": type, "note": note} for day, type, note in steps]
    return events + _effective(item, meant)


def _effective(item: Node, meant: Meaning) -> list[dict]:
    """Return the days from which the act binds: that of the entry, and that until which its text delays another one."""
    effective, until = item.day("effective_on"), ""
    note = item.text("dates") or "Effective on this day."
    events = []
    if meant.effective == "delayed":
        until = delayed_until(item.text("dates", MOST_TEXT)) or effective
    if until:
        moved = item.day("publication_date")
        events.append({"date": until, "type": "took_effect", "note": note, "moved_on": moved})
    if effective and effective not in (item.day("signing_date"), until):
        type = "other" if meant.effective == "delayed" else meant.effective
        events.append({"date": effective, "type": type, "note": note})
    return events


def _printed(item: Node) -> str:
    """Return the note of the publication: its place, the line on the kind of action, dockets."""
    line, citation = item.text("action"), item.text("citation")
    dockets = "; ".join(node.text() for node in item.items("docket_ids"))
    printed = f"Published in the Federal Register{f', {citation}' if citation else ''}"
    printed += f": {line}" if line else "."
    printed += f" Dockets: {dockets}" if dockets else ""
    return clean(printed, item.place, MOST_LINE)


def _relations(said: list[Note], unresolved: list[str]) -> list[dict]:
    """Return the relations to other orders; what is none goes to `unresolved`."""
    relations = []
    for note in said:
        text = f"{note.label}: {note.text}"
        if note.effect in HAPPENED:
            continue
        if note.number and note.effect in RELATIONS:
            relations.append(
                {"type": RELATIONS[note.effect], "action": f"eo:{note.number}", "note": text}
            )
        else:
            why = "no kind of relation here says just that"
            unresolved.append(
                f"note: '{text}': {why if note.number else 'names no order by its number'}"
            )
    return relations


def _lines(item: Node) -> Iterator[str]:
    """Yield the lines of the notes on other orders, each clean."""
    for key in ("executive_order_notes", "disposition_notes"):
        node = item.at(key)
        if node.value is not None and not isinstance(node.value, str):
            raise node.wrong("text")
        for line in (node.value or "")[:20_000].splitlines():
            yield clean(line, f"{node.name}: {node.place}", MOST_TEXT)
