"""Bills of the Congress of the United States -> proposals.

A bill has two forms: the bulk data of the Government Publishing Office (BILLSTATUS XML), and the Congress.gov interface
(version 3, JSON), whose fields have the same names. The interface only counts committees, cosponsors, titles and related
bills; `track` does not ask for them.

Copied: number, title, short titles, public law, sponsors, committees, actions in their own wording, relations with who
asserts them. Not copied: summaries (written by others), subjects, votes, amendments, cost estimates, text versions.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

from policykb.contribute import reading
from policykb.contribute.ids import slug
from policykb.contribute.proposal import Proposal, Refuse, stop
from policykb.model import vocabulary
from policykb.model.parts import one_or_several
from policykb.model.problems import SourceError
from policykb.sources import bills, wordings

CHAMBERS = {"House": "United States House of Representatives", "Senate": "United States Senate"}
# Relations of the source -> types of relations; no type fits the others.
RELATIONS = {"identical bill": "companion", "companion bill": "companion", "companion": "companion"}
# The program reads the record of the Library of Congress, not the text of the bill, so the grade is not primary.
GRADE = "established"
# "Rep. Bishop, Sanford D., Jr. [D-GA-2]"
_FULL_NAME = re.compile(
    r"(?:Rep|Sen|Del|Resident Commissioner|Res)\.? *([^,\[]+), *([^\[]+?) *(?:\[([^\]]*)\])?$"
)
IGNORED = frozenset(wordings.table("ignored_keys")["congress"])


def is_bulk(data: bytes) -> bool:
    """Return whether the bytes look like BILLSTATUS."""
    return re.search(rb"<billStatus[\s>]", data[:4096]) is not None


def is_api(data: bytes) -> bool:
    """Return whether the bytes look like a bill and its actions from the interface."""
    if not data[:4096].lstrip().startswith(b"{") or not re.search(rb'"bill"\s*:\s*\{', data):
        return False
    return b'"actions"' in data and b'"congress"' in data


def read_bulk(data: bytes, name: str, refuse: Refuse = stop) -> Iterator[Proposal]:
    """Return the bill of a BILLSTATUS file: its page as a document, people and committees, the bill.

    :raises SourceError: if it is something else.
    """
    root = reading.parsed_xml(data, name)
    bill = root.find("bill") if root.tag == "billStatus" else None
    if bill is None:
        message = f"{name}: <{reading.clean(root.tag, name)}>: expected <billStatus> with a <bill>"
        raise SourceError(message)
    return _read(_value(bill) or {}, name, refuse)


def read_api(data: bytes, name: str, refuse: Refuse = stop) -> Iterator[Proposal]:
    """Return the bill of `{"bill": {...}, "actions": [...]}`, as `read_bulk` does.

    :raises SourceError: if it is something else.
    """
    root = reading.parsed_json(data, name)
    bill = root.part("bill")
    if not bill.value:
        raise bill.wrong("a bill")
    actions = root.items("actions")
    if not actions:
        expected = "a list of actions, as bill/CONGRESS/TYPE/NUMBER/actions gives it, under a key of its own beside bill"
        raise root.at("actions").wrong(expected)
    return _read({**bill.value, "actions": root.value["actions"]}, name, refuse)


def _read(value: Any, name: str, refuse: Refuse) -> Iterator[Proposal]:
    bill = reading.Node(value, name, seen=set())
    label = bill.called("type", "number", "congress").replace(",", "")  # HR 3106 114
    return reading.each([bill], _proposals, lambda _: label, refuse, IGNORED)


def _value(element: Element) -> Any:
    """Return an element as JSON has it: a list of its <item> elements, an object of its elements, or its text."""
    if element.find("item") is not None:
        return [_value(item) for item in element.findall("item")]
    if len(element):
        return {child.tag: _value(child) for child in reversed(element)}
    return (element.text or "").strip() or None


class Bill(NamedTuple):
    """The content of both forms; `unresolved` is what has no place in it."""

    identifier: str
    title: str
    aliases: list[str]
    laws: list[str]
    steps: list[bills.Step]
    people: list[tuple[Proposal, dict]]
    committees: list[tuple[Proposal, dict]]
    relations: list[dict]
    updated: str
    unresolved: list[str]


def _bill(node: reading.Node) -> Bill:
    kind = node.text("billType") or node.text("type")
    number = node.text("billNumber") or node.text("number")
    congress = node.text("congress")
    identifier = bills.bill_number(kind, number, congress)
    if not identifier:
        message = f"{node.name}: type '{kind}', number '{number}', congress '{congress}': expected a bill such as HR 3106 of the 114th Congress"
        raise SourceError(message)
    title = node.text("title", reading.MOST_TITLE)
    if not title:
        raise SourceError(f"{node.name}: bill/title: found nothing; expected the title of the bill")
    unresolved: list[str] = []
    names = reading.unique(
        item.text("title", reading.MOST_TITLE)
        for item in _listed(node, "titles")
        if "hort" in item.text("titleType")
    )
    return Bill(
        identifier=identifier,
        title=title,
        aliases=[other for other in names if other != title][:10],
        laws=_laws(node, unresolved),
        steps=bills.without_repeats(_steps(node, unresolved)),
        people=[*_people(node, "sponsors", "sponsor"), *_people(node, "cosponsors", "cosponsor")],
        committees=list(_committees(node)),
        relations=_relations(node, unresolved),
        updated=reading.local_day(node.text("updateDate"), f"{node.name}: bill/updateDate"),
        unresolved=unresolved,
    )


def _proposals(node: reading.Node) -> list[Proposal]:
    bill = _bill(node)
    url = bills.page_of(bill.identifier)
    page = f"url:{url}"
    courses = bills.settled(bill.steps, bills.measure_of(bill.identifier))
    events = [bills.event(step.day, kind, step.wording, page) for step, kind in courses]
    events += bills.lapse(bill.identifier, events, bill.updated, page)
    identifiers: dict[str, Any] = {"us_bill": bill.identifier}
    if bill.laws:
        identifiers["us_public_law"] = one_or_several(bill.laws)
    content = {
        "title": bill.title,
        "short_title": bills.shortened(bill.title),
        "instrument": "statute" if bill.laws else "bill",
        "jurisdiction": "code:US",
        "bodies": [body for _, body in (*bill.people, *bill.committees)],
        "identifiers": identifiers,
        "aliases": bill.aliases,
        "as_of": max([bill.updated, *(event["date"] for event in events)]),
        "events": events,
        "relations": bill.relations,
    }
    year = min((event["date"][:4] for event in events), default="")
    number, _, congress = bill.identifier.partition("-")
    shown = vocabulary.identifier_display("us_bill", bill.identifier)[0]
    document = {
        "type": "webpage",
        "title": reading.clean(
            f"{shown}: {bill.title}", f"{node.name}: bill/title", reading.MOST_TITLE
        ),
        "container": "Congress.gov",
        "publisher": "Library of Congress",
        "url": url,
        "grade": GRADE,
        "note": "Known from the official bill status record, read by a program. The text of the bill was not read for it.",
    }
    document_id = slug("congress", year, number, "page" if year else congress)
    keys = (("us_bill", bill.identifier), *(("us_public_law", law) for law in bill.laws))
    return [
        Proposal("document", (("url", url),), document_id, document),
        *(organization for organization, _ in (*bill.people, *bill.committees)),
        Proposal("action", keys, bills.bill_id(bill.identifier), content, tuple(bill.unresolved)),
    ]


def _listed(node: reading.Node, key: str) -> list[reading.Node]:
    """Return the items of the list under `key`; none where the interface only counts them."""
    return node.items(key) if isinstance(node.at(key).value, list) else []


def _steps(bill: reading.Node, unresolved: list[str]) -> Iterator[bills.Step]:
    """Yield the actions from the first to the last, which is the first in the source. Report actions without a text."""
    for item in reversed(_listed(bill, "actions")):
        wording = item.text("text", reading.MOST_TEXT)
        day = item.day("actionDate")
        if not wording:
            unresolved.append(f"actions: an action of {day or 'no day'} has no text")
            continue
        if not day:
            message = f"{item.name}: {item.place}: found no actionDate ('{wording}'); expected one"
            raise SourceError(message)
        code = item.text("actionCode")
        system = item.part("sourceSystem").text("name")
        meaning, chamber = wordings.congress(wording, _chamber(system, code), code)
        yield bills.Step(day, wording, meaning or "", chamber)


def _chamber(system: str, code: str) -> str:
    """Return the chamber whose system recorded an action, '' for the system of another office."""
    if "House" in system or code.startswith("H"):
        return "House"
    return "Senate" if "Senate" in system else ""


def _people(bill: reading.Node, key: str, role: str) -> Iterator[tuple[Proposal, dict]]:
    """Yield the people under `key` as organizations that may be new, and as bodies of the bill unless they withdrew."""
    for item in _listed(bill, key):
        full = item.text("fullName")
        match = _FULL_NAME.match(full)
        last, first, seat = match.groups("") if match else ("", "", "")
        whole = _whole(last, first) if match else ""
        last = item.text("lastName") or last
        first = item.text("firstName") or first.split(" ")[0]
        name = f"{first} {last}".strip() or full
        if not name:
            message = f"{item.name}: {item.place}: found no name; expected fullName or firstName and lastName"
            raise SourceError(message)
        name = name if name != name.upper() else name.title()
        party = "-".join(filter(None, (item.text("party"), item.text("state"))))
        party = party or re.sub(r"-\d+$", "", seat)
        sponsor = bills.person(name, "US", ids={"bioguide": item.text("bioguideId")}, whole=whole)
        body = {"organization": bills.reference(sponsor), "role": role}
        if not item.text("sponsorshipWithdrawnDate"):
            yield sponsor, {**body, "note": party} if party else body


def _whole(last: str, first: str) -> str:
    """Return a name in full: ('Bishop', 'Sanford D., Jr.') -> 'Sanford D. Bishop, Jr.'"""
    names, comma, suffix = first.partition(",")
    return f"{names.strip()} {last.strip()}{comma}{suffix}"


def _committees(bill: reading.Node) -> Iterator[tuple[Proposal, dict]]:
    nested = isinstance(bill.at("committees").value, dict)
    items = _listed(bill.part("committees"), "billCommittees") if nested else []
    for item in items or _listed(bill, "committees"):
        name, chamber = item.text("name"), item.text("chamber")
        if not name:
            continue
        base = re.sub(r"^(House|Senate) | Committee$", "", name)
        full = f"{chamber} Committee on {base}".strip()
        content = {"name": full, "kind": "legislature", "jurisdiction": "code:US"}
        if chamber in CHAMBERS:
            content["part_of"] = f"name:{CHAMBERS[chamber]}"
        names = (full, f"{chamber} Committee on the {base}", f"{chamber} {name}".strip())
        keys = tuple(("name", called) for called in names)
        body = {"organization": f"name:{full}", "role": "partner", "note": "Committee of referral"}
        yield Proposal("organization", keys, slug("us", chamber, base), content), body


def _laws(bill: reading.Node, unresolved: list[str]) -> list[str]:
    public = []
    for item in _listed(bill, "laws"):
        kind, number = item.text("type"), item.text("number")
        if kind == "Public Law" and vocabulary.identifier_match("us_public_law", number):
            public.append(number)
        elif number:
            unresolved.append(f"law: {kind} {number} has no scheme of identifiers here")
    return public


def _relations(bill: reading.Node, unresolved: list[str]) -> list[dict]:
    relations = []
    for item in _listed(bill, "relatedBills"):
        form, number, congress = item.text("type"), item.text("number"), item.text("congress")
        other = bills.bill_number(form, number, congress)
        for detail in _listed(item, "relationshipDetails"):
            kind = detail.text("type")
            asserted = f"as identified by {detail.text('identifiedBy') or 'no one named'}"
            if other and kind.lower() in RELATIONS:
                relation = {"type": RELATIONS[kind.lower()], "action": f"us_bill:{other}"}
                relations.append({**relation, "note": f"{kind}, {asserted}"})
                continue
            why = "no kind of relation here says just that" if other else "not the number of a bill"
            bill = f"{form} {number} of the {congress}th Congress"
            unresolved.append(f"relation: {kind} {bill}, {asserted}: {why}")
    return relations
