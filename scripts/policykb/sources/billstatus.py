"""Bill status of the Congress of the United States (BILLSTATUS XML of the Government Publishing Office) -> proposals.

Taken over: number, title, short titles, public law, sponsors, committees, actions in their own wording, relations with who
asserts them. Left out on purpose: summaries (written by others), subjects, votes, amendments, cost estimates, text versions.
"""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from policykb.contribute.proposal import Proposal, Refuse, Unreadable, stop
from policykb.contribute.reading import (
    MOST_LINE,
    MOST_TEXT,
    MOST_TITLE,
    clean,
    day,
    each,
    local_day,
    parsed_xml,
    unique,
)
from policykb.contribute.slugs import slug
from policykb.sources.congress import (
    CHAMBERS,
    Step,
    bill,
    event,
    id_of,
    lapse,
    measure_of,
    once,
    page_of,
    person,
    read_action,
    reference,
    settled,
    shortened,
)

# How the feed calls the relation -> how it is called here; others have no kind that fits.
RELATIONS = {"identical bill": "companion", "companion bill": "companion", "companion": "companion"}
# The record is what the Library of Congress publishes, read in whole; the text of the bill was not read, so it is not primary.
GRADE = "established"


def is_it(data: bytes) -> bool:
    """Whether the bytes look like this format."""
    return re.search(rb"<billStatus[\s>]", data[:4096]) is not None


def read(data: bytes, name: str, refuse: Refuse = stop) -> Iterator[Proposal]:
    """Return the bill's page as a document, the people and committees, the bill. :raises Unreadable: if it is something else."""
    root = parsed_xml(data, name)
    found = root.find("bill") if root.tag == "billStatus" else None
    if found is None:
        raise Unreadable(f"{name}: <{clean(root.tag, name)}>: expected <billStatus> with a <bill>")
    return each([found], lambda bill: described(bill, name), _called, refuse)


def _called(found: Element) -> str:
    """What messages call a bill: its type, number and Congress as they are given."""
    given = (found.findtext(path) for path in ("type", "number", "congress"))
    return " ".join(text for text in given if text)[:60]


def described(found: Element, name: str) -> list[Proposal]:
    """The page, people and committees and the bill of an element with the fields of a bill. :raises Unreadable: if it is none."""
    form, number, congress = (
        _text(found, path, name) for path in ("billType|type", "billNumber|number", "congress")
    )
    identifier = bill(form, number, congress)
    if not identifier:
        raise Unreadable(
            f"{name}: type '{form}', number '{number}', congress '{congress}': expected a bill such as HR 3106 of the 114th Congress"
        )
    title = _text(found, "title", name, MOST_TITLE)
    if not title:
        raise Unreadable(f"{name}: bill/title: found nothing; expected the title of the bill")
    page = f"url:{page_of(identifier)}"
    unresolved: list[str] = []
    people, bodies = _people(found, name)
    committees, partners = _committees(found, name)
    laws, numbers = _laws(found, name, unresolved)
    steps = once(_steps(found, name, unresolved))
    events = [
        event(step.day, kind, step.wording, page)
        for step, kind in settled(steps, measure_of(identifier))
    ]
    updated = local_day(_text(found, "updateDate", name), f"{name}: bill/updateDate")
    events += lapse(identifier, events, updated, page)
    names = unique(
        _text(item, "title", name, MOST_TITLE)
        for item in found.iterfind("titles/item")
        if "hort" in (item.findtext("titleType") or "")
    )
    content = {
        "title": title,
        "short_title": shortened(title),
        "instrument": "statute" if laws else "bill",
        "jurisdiction": "code:US",
        "bodies": bodies + partners,
        "identifiers": {"us_bill": identifier, **numbers},
        "aliases": [other for other in names if other != title][:10],
        "as_of": max([updated, *(one["date"] for one in events)]),
        "events": events,
        "relations": _relations(found, name, unresolved),
    }
    year = min((one["date"][:4] for one in events), default="")
    document = Proposal(
        "document",
        (("url", page_of(identifier)),),
        slug("congress", year, identifier.partition("-")[0], "page" if year else congress),
        {
            "type": "webpage",
            "title": clean(f"{_shown(identifier)}: {title}", f"{name}: bill/title", MOST_TITLE),
            "container": "Congress.gov",
            "publisher": "Library of Congress",
            "url": page_of(identifier),
            "grade": GRADE,
            "note": "Known from the official bill status record, read by a program. The text of the bill was not read for it.",
        },
    )
    keys = (("us_bill", identifier), *(("us_public_law", law) for law in laws))
    return [
        document,
        *people,
        *committees,
        Proposal("action", keys, id_of(identifier), content, tuple(unresolved)),
    ]


def _shown(identifier: str) -> str:
    from policykb.model.vocabulary import identifier_display

    return identifier_display("us_bill", identifier)[0]


def _text(parent: Element, paths: str, name: str, most: int = MOST_LINE) -> str:
    """The text at the first of `paths` (parted by |) that has one, on one line."""
    for path in paths.split("|"):
        found = parent.findtext(path)
        if found and found.strip():
            return clean(found, f"{name}: {parent.tag}/{path}", most)
    return ""


def _steps(found: Element, name: str, unresolved: list[str]) -> Iterator[Step]:
    """Yield the actions from the first to the last; the feed has the last one first.

    Report an action without a text, which says nothing.
    """
    for item in reversed(found.findall("actions/item")):
        wording = _text(item, "text", name, MOST_TEXT)
        when = day(_text(item, "actionDate", name), f"{name}: actions/item/actionDate")
        if not wording:
            unresolved.append(f"actions: an action of {when or 'no day'} has no text")
            continue
        if not when:
            raise Unreadable(
                f"{name}: actions/item: found no actionDate ('{wording}'); expected one"
            )
        code = _text(item, "actionCode", name)
        system = _text(item, "sourceSystem/name", name)
        meaning, chamber = read_action(wording, code, _chamber(system, code))
        yield Step(when, wording, meaning or "", chamber)


def _chamber(system: str, code: str) -> str:
    """Return the chamber whose system holds an action, '' if it is the system of another office."""
    if "House" in system or code.startswith("H"):
        return "House"
    return "Senate" if "Senate" in system else ""


def _people(found: Element, name: str) -> tuple[list[Proposal], list[dict]]:
    """Sponsors and cosponsors as organizations that may be new, and as bodies of the bill; who withdrew is left out."""
    proposals, bodies = [], []
    for role, path in (("sponsor", "sponsors/item"), ("cosponsor", "cosponsors/item")):
        for item in found.iterfind(path):
            if _text(item, "sponsorshipWithdrawnDate", name):
                continue
            whole = _text(item, "fullName", name)
            match = re.match(
                r"(?:Rep|Sen|Del|Resident Commissioner|Res)\.? *([^,\[]+), *([^\[]+?) *(?:\[([^\]]*)\])?$",
                whole,
            )
            last, first, party = match.groups() if match else ("", "", "")
            last, first = (
                _text(item, "lastName", name) or last,
                _text(item, "firstName", name) or (first or "").split(" ")[0],
            )
            called = f"{first} {last}".strip() or whole
            if not called:
                raise Unreadable(
                    f"{name}: {path}: found no name; expected fullName or firstName and lastName"
                )
            belongs = "-".join(
                filter(None, (_text(item, "party", name), _text(item, "state", name)))
            ) or re.sub(r"-\d+$", "", party or "")
            called = called if called != called.upper() else called.title()
            proposals.append(
                person(
                    called,
                    "US",
                    ids={"bioguide": _text(item, "bioguideId", name)},
                    whole=_whole(*match.groups()[:2]) if match else "",
                )
            )
            bodies.append(
                {
                    "organization": reference(proposals[-1]),
                    "role": role,
                    **({"note": belongs} if belongs else {}),
                }
            )
    return proposals, bodies


def _whole(last: str, first: str) -> str:
    """A name in full: ('Bishop', 'Sanford D., Jr.') -> 'Sanford D. Bishop, Jr.'"""
    given, comma, suffix = first.partition(",")
    return f"{given.strip()} {last.strip()}{comma}{suffix}"


def _committees(found: Element, name: str) -> tuple[list[Proposal], list[dict]]:
    proposals, bodies = [], []
    for item in (
        *found.iterfind("committees/billCommittees/item"),
        *found.iterfind("committees/item"),
    ):
        called, chamber = _text(item, "name", name), _text(item, "chamber", name)
        if not called:
            continue
        base = re.sub(r"^(House|Senate) | Committee$", "", called)
        full = f"{chamber} Committee on {base}".strip()
        owner = {
            "jurisdiction": "code:US",
            **({"part_of": f"name:{CHAMBERS[chamber]}"} if chamber in CHAMBERS else {}),
        }
        proposals.append(
            Proposal(
                "organization",
                (
                    ("name", full),
                    ("name", f"{chamber} Committee on the {base}"),
                    ("name", f"{chamber} {called}".strip()),
                ),
                slug("us", chamber, base),
                {"name": full, "kind": "legislature", **owner},
            )
        )
        bodies.append(
            {"organization": f"name:{full}", "role": "partner", "note": "Committee of referral"}
        )
    return proposals, bodies


def _laws(found: Element, name: str, unresolved: list[str]) -> tuple[list[str], dict]:
    from policykb.model.vocabulary import identifier_match

    public = []
    for item in found.iterfind("laws/item"):
        kind, number = _text(item, "type", name), _text(item, "number", name)
        if kind == "Public Law" and identifier_match("us_public_law", number):
            public.append(number)
        elif number:
            unresolved.append(f"law: {kind} {number} has no scheme of identifiers here")
    return public, {"us_public_law": public[0] if len(public) == 1 else public} if public else {}


def _relations(found: Element, name: str, unresolved: list[str]) -> list[dict]:
    relations = []
    for item in found.iterfind("relatedBills/item"):
        form, number, congress = (
            _text(item, path, name) for path in ("type", "number", "congress")
        )
        other = bill(form, number, congress)
        for detail in item.iterfind("relationshipDetails/item"):
            kind, asserted = (
                _text(detail, "type", name),
                _text(detail, "identifiedBy", name) or "nobody named",
            )
            if other and kind.lower() in RELATIONS:
                relations.append(
                    {
                        "type": RELATIONS[kind.lower()],
                        "action": f"us_bill:{other}",
                        "note": f"{kind}, as identified by {asserted}",
                    }
                )
            else:
                unresolved.append(
                    f"relation: {kind} {form} {number} of the {congress}th Congress, as identified by {asserted}: "
                    + (
                        "no kind of relation here says just that"
                        if other
                        else "not the number of a bill"
                    )
                )
    return relations
