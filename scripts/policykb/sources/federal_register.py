"""Documents of the Federal Register (JSON of its API: one, a search result, or a list) -> proposals.

Copied: numbers, title, issuer, signing, publication and effective days, the end of comments, the line on the kind of
action, notes on other orders. Not copied: abstracts and excerpts (written by others), topics, page views.

A correction or reprint is not an act but an event of the act that it corrects. An order that revokes another order is also
an event of that order.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from policykb.contribute import reading
from policykb.contribute.ids import slug
from policykb.contribute.proposal import Proposal, Refuse, stop
from policykb.model import vocabulary
from policykb.model.parts import one_or_several, with_values
from policykb.model.problems import SourceError
from policykb.sources.register_wordings import (
    DOCUMENT_KINDS,
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
from policykb.sources.wordings import table

PRESIDENT = "President of the United States"
PRESIDENTIAL = "Presidential Document"
# The names of instruments in ids, if they differ.
PREFIXES = {"presidential_memorandum": "memorandum", "agency_rule": "rule"}
# The order of events on a day; all others come later.
ORDER = dict.fromkeys(("signed", "issued", "adopted", "proposed", "consultation_opened"), 1)
ORDER["announced"] = 0


class Kind(NamedTuple):
    """A type of document: its instrument, the event types of its signing and its publication, the type of its text.

    `exact`: the instrument fits exactly. `meaning` is the meaning of the line on the kind of action.
    """

    instrument: str
    signing: str
    publication: str
    text: str
    exact: bool = True
    meaning: Meaning | None = None


# (type, subtype) of the Federal Register -> the kind.
KINDS = {
    (document_type, subtype): Kind(*columns)
    for document_type, subtypes in DOCUMENT_KINDS.items()
    for subtype, columns in subtypes.items()
}
UNKNOWN = Kind("", "issued", "published", "legislation")
IGNORED = frozenset(table("ignored_keys")["federal_register"])
# The program reads the entry in the catalog of the Federal Register, not the text, so the grade is not primary.
GRADE = "established"


def is_it(data: bytes) -> bool:
    """Return whether the bytes look like this format."""
    return b'"document_number"' in data


def read(data: bytes, name: str, refuse: Refuse = stop) -> Iterator[Proposal]:
    """Return for each document its page, its issuers and the action, and at the end events of other acts.

    :raises SourceError: if it is something else.
    """
    root = reading.parsed_json(data, name)
    documents = root.records("results")
    if not documents and not (isinstance(root.value, dict) and root.at("count").value == 0):
        raise SourceError(f"{name}: results: found none; expected documents")
    proposals = reading.each(
        documents, _document, lambda item: item.called("document_number"), refuse, IGNORED
    )
    return iter(sorted(proposals, key=lambda proposal: bool(proposal.speaker)))


def _document(item: reading.Node) -> Iterator[Proposal]:
    number, title = item.text("document_number"), item.text("title", reading.MOST_TITLE)
    kind = _kind(item)
    for key, value in (("document_number", number), ("title", title)):
        if not value:
            raise item.at(key).wrong("text")
    unresolved: list[str] = []
    identifiers = _identifiers(item, number, unresolved)
    order = f"eo-{identifiers['eo']}" if "eo" in identifiers else ""
    short = f"https://www.federalregister.gov/d/{number}"
    page = reading.address(item.text("html_url", 2000))
    if not page and vocabulary.identifier_match("fr_document", number):
        page = reading.address(short)
    if page:
        year = item.day("publication_date")[:4]
        names = [year, order] if order else [number]
        content = _page(item, kind, title, number, page)
        yield Proposal(
            "document", _addresses(page, item, short), slug("federal-register", *names), content
        )
    cite = {"cite": [{"document": f"url:{page}"}]} if page else {"unconfirmed": True}
    if _is_correction(item, number):
        yield _correction(item, number, cite)
        return
    remarks = list(notes(_lines(item)))
    events = [event | cite for event in _events(item, kind, remarks, unresolved)]
    issuers = list(_issuers(item))
    yield from (issuer for issuer, _ in issuers if issuer)
    unresolved += _doubts(item, kind)
    of_others = [event["date"] for event in events if event["type"] in HAPPENED.values()]
    content = {
        "title": title,
        "instrument": kind.instrument,
        "bindingness": "voluntary" if kind.instrument == "consultation" else "",
        "jurisdiction": "code:US",
        "bodies": [body for _, body in issuers],
        "identifiers": identifiers,
        "as_of": max([item.day("publication_date"), item.day("signing_date"), *of_others]),
        "events": events,
        "relations": _relations(remarks, unresolved),
    }
    schemes = [scheme for scheme in ("eo", "fr_document") if scheme in identifiers]
    keys = tuple((scheme, identifiers[scheme]) for scheme in schemes)
    prefix = PREFIXES.get(kind.instrument, kind.instrument or "fr")
    action_id = slug("us", order) if order else slug("us", prefix, number)
    yield Proposal("action", keys, action_id, with_values(content), tuple(unresolved))
    yield from _ends(item, number, order, remarks, cite)


def _kind(item: reading.Node) -> Kind:
    """Return the kind of a document by its type, its subtype and the line on the kind of action."""
    document_type, subtype = item.text("type"), item.text("subtype")
    if not document_type:
        raise item.at("type").wrong("text")
    if document_type not in DOCUMENT_KINDS:
        raise item.at("type").wrong("one of " + ", ".join(sorted(DOCUMENT_KINDS)))
    kind = KINDS.get((document_type, subtype)) or KINDS.get((document_type, ""), UNKNOWN)
    line = meaning(document_type, item.text("action")) or Meaning(kind.publication)
    return kind._replace(meaning=line, instrument=line.instrument or kind.instrument)


def _doubts(item: reading.Node, kind: Kind) -> Iterator[str]:
    """Yield sentences on what no instrument and no event here expresses."""
    line = item.text("action", 200)
    if not kind.exact and not item.text("subtype"):
        yield "type: the Federal Register names no subtype of this presidential document"
    elif not kind.exact or not kind.instrument:
        label = f"'{line or item.text('type')}'"
        label = label if kind.exact else f"a {item.text('subtype').lower()}"
        yield f"type: the Federal Register calls it {label}, for which there is no instrument here"
    if kind.meaning.before:
        yield (
            f"action: '{line}' is about an act that was published earlier, in a document that the "
            "source does not name; if that is a record of its own, merge the two"
        )


def _is_correction(item: reading.Node, number: str) -> bool:
    """Return whether a document only corrects or reprints another document."""
    named = item.text("correction_of", 2000) or re.match(r"[CR]\d{1,2}-\d", number)
    return bool(named) or item.text("type") == "Correction"


def _correction(item: reading.Node, number: str, cite: dict) -> Proposal:
    """Return a correction or reprint as an event of the act that it corrects."""
    corrected = item.text("correction_of", 2000).rstrip("/").partition("?")[0].rpartition("/")[2]
    original = corrected or re.sub(r"^[A-Z]\d{1,2}-(?=\d{4}-)", "", number)
    if not vocabulary.identifier_match("fr_document", original) or original == number:
        original = named_document(item.text("dates", reading.MOST_TEXT))
    published = item.day("publication_date")
    citation = item.text("citation")
    place = f" in the Federal Register{f', {citation}' if citation else ''}"
    reprint = number.startswith("R")
    other = f"FR Doc. {original}" if original else "a document that the source does not name"
    sentence = f"FR Doc. {number} {'reprints' if reprint else 'corrects'} {other}"
    event = {
        "date": published,
        "type": "published" if reprint else "amended",
        "note": f"{'Published again' if reprint else 'Corrected'}{place}: {sentence}.",
        **cite,
    }
    numbers = [value for value in (original, number) if value]
    valid = [value for value in numbers if vocabulary.identifier_match("fr_document", value)]
    return Proposal(
        "action",
        tuple(("fr_document", value) for value in valid),
        slug("us", "fr", original or number),
        {"as_of": published, "events": [event]} if published else {},
        () if original else (f"correction: {sentence}",),
        speaker=f"fr_document:{number}",
    )


def _ends(
    item: reading.Node, number: str, order: str, remarks: list[Note], cite: dict
) -> Iterator[Proposal]:
    """Yield the end of each order that this order revokes or supersedes in whole, on the day from which this order binds."""
    signed, effective = item.day("signing_date"), item.day("effective_on")
    day = max(signed, effective) if signed else ""
    own = order.removeprefix("eo-")
    by = f"EO {own}" if own else f"FR Doc. {number}"
    for note in remarks:
        kind = RELATIONS.get(note.effect)
        if not day or kind not in ENDED or note.number in ("", own):
            continue
        event_type, word = ENDED[kind]
        text = f"{word} by {by}, which says: {note.label}: {note.text}"
        event = {"date": day, "type": event_type, "note": text, **cite}
        yield Proposal(
            "action",
            (("eo", note.number),),
            slug("us", f"eo-{note.number}"),
            {"as_of": day, "events": [event]},
            speaker=f"fr_document:{number}",
        )


def _identifiers(item: reading.Node, number: str, unresolved: list[str]) -> dict:
    subtype = item.text("subtype")
    presidential = item.text("presidential_document_number")
    order = item.text("executive_order_number")
    if subtype == "Executive Order":
        order = order or presidential
    regulations = [node.text() for node in item.items("regulation_id_numbers")]
    values = [("eo", order), ("fr_document", number), ("fr_citation", item.text("citation"))]
    values += [("us_rin", value) for value in regulations]
    valid: dict[str, list[str]] = {}
    for scheme, value in values:
        if value and vocabulary.identifier_match(scheme, value):
            valid.setdefault(scheme, []).append(value)
        elif value:
            unresolved.append(f"identifier: '{value}' does not have the form of scheme '{scheme}'")
    identifiers: dict[str, str | list[str]] = {
        scheme: one_or_several(values[:20]) for scheme, values in valid.items()
    }
    official = item.text("proclamation_number") or presidential
    if official and "eo" not in identifiers and subtype in ("Proclamation", "Determination"):
        label = f"Presidential {subtype}" if subtype == "Determination" else subtype
        identifiers["official_number"] = f"{label} {official}"[:80]
    return identifiers


def _addresses(page: str, item: reading.Node, short: str) -> tuple[tuple[str, str], ...]:
    """Return the addresses of a document: its page, the page without the words of the title, the short form, the PDF."""
    match = re.match(r"https?://www\.federalregister\.gov/documents/\d{4}/\d\d/\d\d/[^/]+", page)
    pdf = reading.address(item.text("pdf_url", 2000))
    addresses = reading.unique([page, match[0] if match else "", short, pdf])
    return tuple(("url", url) for url in addresses)


def _page(item: reading.Node, kind: Kind, title: str, number: str, page: str) -> dict:
    first, last = item.text("start_page", 20), item.text("end_page", 20)
    content = {
        "type": kind.text,
        "title": title,
        "issued": item.day("publication_date"),
        "container": "Federal Register",
        "volume": item.text("volume"),
        "page": f"{first}-{last}" if last and last != first else first,
        "number": number,
        "url": page,
        "grade": GRADE,
        "note": "Known from its entry in the catalogue of the Federal Register, read by a program. The text was not read for it.",
    }
    return with_values(content)


def _issuers(item: reading.Node) -> Iterator[tuple[Proposal | None, dict]]:
    """Yield the President, or the agencies without a named sub-agency, as organizations and as bodies."""
    if item.text("type") == PRESIDENTIAL:
        yield None, {"organization": f"name:{PRESIDENT}", "role": "issuer"}
        return
    agencies = item.items("agencies")
    above = {agency.text("parent_id") for agency in agencies} - {""}
    for agency in agencies:
        name = agency.text("name") or agency.text("raw_name").title()
        if not name or agency.text("id") in above:
            continue
        official = re.sub(r"^(.*) Department$", r"Department of \1", name)
        with_article = f"Department of the {official.removeprefix('Department of ')}"
        content = {"name": official, "kind": "government", "jurisdiction": "code:US"}
        if home := reading.address(agency.text("url", 2000)):
            content["url"] = home
        keys = (("name", name), ("name", official), ("name", with_article))
        proposal = Proposal("organization", keys, slug("us", name), content)
        yield proposal, {"organization": f"name:{name}", "role": "issuer"}


def _events(
    item: reading.Node, kind: Kind, remarks: list[Note], unresolved: list[str]
) -> list[dict]:
    """Return the events of the entry in its own words, and what other orders did to the order."""
    events = [*_steps(item, kind, unresolved), *_effective(item, kind.meaning)]
    for note in remarks:
        text = f"{note.label}: {note.text}"
        if note.effect in HAPPENED and note.day:
            events.append({"date": note.day, "type": HAPPENED[note.effect], "note": text})
        elif note.effect in HAPPENED:
            unresolved.append(f"note: '{text}' names no day")
    events = [dict(pairs) for pairs in dict.fromkeys(tuple(event.items()) for event in events)]
    return sorted(
        events, key=lambda event: (event["date"].rstrip("?"), ORDER.get(event["type"], 2))
    )


def _steps(item: reading.Node, kind: Kind, unresolved: list[str]) -> Iterator[dict]:
    """Yield the events of the act for the days in the entry."""
    line, published = item.text("action"), item.day("publication_date")
    signed, effective = item.day("signing_date"), item.day("effective_on")
    if filed := item.day("filed_at"):
        yield _event(filed, "announced", "Filed for public inspection before its publication.")
    if signed:
        signing = "signed" if effective > signed else kind.signing
        yield _event(signed, signing, line or "Signed.")
    elif published and kind.instrument and item.text("type") == PRESIDENTIAL:
        note = "signing_date: the source gives none; the order was issued on the day of its publication or before"
        unresolved.append(note)
        note = "Issued on the day of its publication or before; the source gives no day of signing."
        yield _event(f"{published}?", "issued", note)
    publication = kind.meaning.publication if kind.instrument else "published"
    in_effect = effective if kind.meaning.effective == "took_effect" else ""
    if published and kind.meaning.before:
        note = f"On this day or before; the day is that of a document about it: {line}"
        yield _event(f"{min(published, in_effect or published)}?", kind.meaning.before, note)
    elif publication == "adopted" and in_effect and in_effect < published:
        note = "On this day or before; the rule is effective on it and was published later."
        yield _event(f"{in_effect}?", "adopted", note)
        publication = "published"
    if published:
        yield _event(published, publication, _printed(item))
    if closing := item.day("comments_close_on"):
        yield _event(closing, "consultation_closed", "Comments close.")


def _event(day: str, event_type: str, note: str) -> dict:
    return {"date": day, "type": event_type, "note": note}


def _effective(item: reading.Node, meaning: Meaning) -> Iterator[dict]:
    """Yield the effective day of the entry, and the day until which its text delays another effective day."""
    effective, until = item.day("effective_on"), ""
    note = item.text("dates") or "Effective on this day."
    delayed = meaning.effective == "delayed"
    if delayed:
        until = delayed_until(item.text("dates", reading.MOST_TEXT)) or effective
    if until:
        yield _event(until, "took_effect", note) | {"moved_on": item.day("publication_date")}
    if effective and effective not in (item.day("signing_date"), until):
        yield _event(effective, "other" if delayed else meaning.effective, note)


def _printed(item: reading.Node) -> str:
    """Return the note of the publication: its place, the line on the kind of action, dockets."""
    line, citation = item.text("action"), item.text("citation")
    dockets = "; ".join(node.text() for node in item.items("docket_ids"))
    printed = f"Published in the Federal Register{f', {citation}' if citation else ''}"
    printed += f": {line}" if line else "."
    printed += f" Dockets: {dockets}" if dockets else ""
    return reading.clean(printed, item.place, reading.MOST_LINE)


def _relations(remarks: list[Note], unresolved: list[str]) -> list[dict]:
    """Return the relations to other orders; a note without a relation goes to `unresolved`."""
    relations = []
    for note in remarks:
        text = f"{note.label}: {note.text}"
        if note.effect in HAPPENED:
            continue
        if note.number and note.effect in RELATIONS:
            relation = {"type": RELATIONS[note.effect], "action": f"eo:{note.number}"}
            relations.append({**relation, "note": text})
            continue
        why = "no kind of relation here says just that"
        why = why if note.number else "names no order by its number"
        unresolved.append(f"note: '{text}': {why}")
    return relations


def _lines(item: reading.Node) -> Iterator[str]:
    """Yield the lines of the notes on other orders, each clean."""
    for key in ("executive_order_notes", "disposition_notes"):
        node = item.at(key)
        if node.value is not None and not isinstance(node.value, str):
            raise node.wrong("text")
        for line in (node.value or "")[:20_000].splitlines():
            yield reading.clean(line, f"{node.name}: {node.place}", reading.MOST_TEXT)
