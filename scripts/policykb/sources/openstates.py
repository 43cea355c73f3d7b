"""Bills as Open States tells them (JSON of its API v3, or what its scrapers write) -> proposals.

Taken over: number, session, titles, sponsors, actions in their own wording, relations. Left out on purpose: abstracts,
subjects, votes, versions.
"""

import json
import re
from collections.abc import Iterator

from policykb.contribute.proposal import Proposal, Refuse, stop
from policykb.contribute.reading import (
    MOST_TEXT,
    MOST_TITLE,
    Node,
    address,
    clean,
    each,
    local_day,
    parsed_json,
    unique,
)
from policykb.contribute.slugs import slug
from policykb.model import vocabulary
from policykb.sources import bills, wordings
from policykb.sources.bills import (
    Measure,
    Step,
    bill_id,
    bill_number,
    event,
    lapse,
    page_of,
    person,
    read_action,
    reference,
    settled,
    shortened,
    without_repeats,
)

_TABLES = wordings.table("legislatures")
CLASSIFICATIONS: dict[str, str] = _TABLES["classifications"]
UNICAMERAL = frozenset(_TABLES["unicameral"])
MEASURES = {name: Measure(*needs) for name, needs in _TABLES["measures"].items()}
NUMBERS: dict[str, str] = _TABLES["numbers"]
ZONES = {
    f"US-{place}": zone for zone, places in _TABLES["zones"].items() for place in places.split()
}
WASHINGTON = "America/New_York"
RELATIONS = {"companion": "companion", "prior-session": "successor_of", "replaces": "replaces"}
BEGINNING = ("introduced", "referred", "committee_passed")
CHAMBER = {"lower": "House", "upper": "Senate"}
# Keys that repeat others, are read only where others say nothing, or hold what is left out on purpose. All other keys that
# no one reads are reported.
IGNORED = frozenset(
    """
    _processing.text_extraction_latest_update abstracts actions[]._processing actions[].classification actions[].id
    actions[].order actions[].organization.id actions[].organization.name actions[].related_entities created_at documents
    extras first_action_date from_organization id jurisdiction.classification jurisdiction.division_id jurisdiction.name
    jurisdiction.url latest_action_date latest_action_description latest_passage_date other_identifiers other_titles[].note
    related_bills[].related_bill sources sponsorships[].classification sponsorships[].id sponsorships[].organization
    sponsorships[].person subject versions votes
    """.split()
)
# The years at the beginning of the name of a session.
_YEARS = re.compile(r"((?:19|20|21)\d\d)(?:[-_/ ]?((?:19|20|21)\d\d|(?<=-)\d\d))?(?!\d)")


def _zone(place: str) -> str:
    """Return the time zone of the legislature of `place` ('US-WY'); that of Washington for Congress and unknown places."""
    return ZONES.get(place, WASHINGTON)


def _measure(classifications: list[str], number: str, place: str) -> Measure:
    """Return what completes a measure of `place` with these classifications and this number ('HJR 4').

    The first classification that is known decides; if that is a bill, the letters of the number may know better.
    """
    name = next((name for name in classifications if name in MEASURES), "bill")
    letters = re.match("[A-Z]*", number.upper())[0]
    measure = MEASURES[NUMBERS.get(letters, name) if name == "bill" else name]
    return measure._replace(chambers=1) if place in UNICAMERAL else measure


def is_it(data: bytes) -> bool:
    """Whether the bytes look like this format."""
    return (
        b'"legislative_session"' in data
        or (
            b'"identifier"' in data and b'"jurisdiction"' in data and b'"from_organization"' in data
        )
        or (b'"openstates_url"' in data)
    )


def read(data: bytes, name: str, refuse: Refuse = stop) -> Iterator[Proposal]:
    """Return for each bill its page, its sponsors and the bill. :raises Unreadable: if it is something else."""
    return each(
        parsed_json(data, name).records("results"),
        _bill,
        lambda item: item.called("identifier", "legislative_session", "session"),
        refuse,
        IGNORED,
    )


def _bill(item: Node) -> Iterator[Proposal]:
    number, title = item.text("identifier"), item.text("title", MOST_TITLE)
    session = item.text("legislative_session") or item.text("session")
    for key, value in (("identifier", number), ("title", title), ("legislative_session", session)):
        if not value:
            raise item.at(key).wrong("text")
    place = _place(item)
    unresolved: list[str] = []
    federal = place == "US"
    steps = without_repeats(sorted(_steps(item, place, unresolved), key=lambda step: step.day))
    keys = _keys(number, session, place, steps)
    if not keys:
        unresolved.append(
            f"identifier: '{number}' of session '{session}' in {place} does not have the form of a bill's number"
        )
    page, grade, container = _page(item, keys[0][1] if federal and keys else "")
    named = slug(
        "congress" if federal else "open-states",
        "" if federal else place.removeprefix("US-"),
        min((step.day[:4] for step in steps), default=""),
        number.replace(" ", ""),
        session_name(session) if not federal else "",
        "page",
    )
    # A page of a state may list many bills, so a bill's own document is named by its id.
    own = federal or item.text("openstates_url", 2000)
    document = (f"url:{page}" if own else named) if page else ""
    if not page:
        unresolved.append("sources: no address of a page, so no event can cite one")
    classifications = [node.text() for node in item.items("classification")]
    measure = (
        bills.measure_of(keys[0][1])
        if federal and keys
        else _measure(classifications, number, place)
    )
    events = [
        event(step.day, kind, step.wording, document) for step, kind in settled(steps, measure)
    ]
    updated = _updated(item, _zone(place))
    if federal and keys:
        events += lapse(keys[0][1], events, updated, document)
    if page:
        yield Proposal(
            "document",
            (("url", page),),
            named,
            {
                "type": "webpage",
                "title": clean(f"{number} ({session}): {title}", item.place, MOST_TITLE),
                "container": container,
                "url": page,
                "grade": grade,
                "note": "Known from a record of Open States, read by a program. Neither the page nor the text of the bill was read for it.",
            },
        )
    people, bodies = _people(item, place)
    yield from people
    law = measure.signature and any(one["type"] in ("adopted", "veto_overridden") for one in events)
    names = unique(node.text("title", MOST_TITLE) for node in item.items("other_titles"))
    content = {
        "title": title,
        "short_title": shortened(title),
        "instrument": "statute" if law else "bill",
        "jurisdiction": f"code:{place}",
        "bodies": bodies,
        "identifiers": {keys[0][0]: keys[0][1]} if keys else {},
        "aliases": [other for other in names if other != title][:10],
        "as_of": max([updated, *(one["date"] for one in events)]),
        "events": events,
        "relations": _relations(item, place, unresolved),
    }
    yield Proposal(
        "action",
        keys,
        (
            bill_id(keys[0][1])
            if federal
            else slug(
                "us" if place.startswith("US-") else "",
                re.sub(r"([A-Z]) (\d)", r"\1\2", keys[0][1], count=1),
            )
        )
        if keys
        else slug(place, number, session),
        {key: value for key, value in content.items() if value},
        tuple(unresolved),
    )


def _place(item: Node) -> str:
    """The ISO code of the jurisdiction: US, US-TX."""
    found = item.at("jurisdiction")
    text = found.text("id") if isinstance(found.value, dict) else found.text()
    match = re.match(
        r"ocd-(?:jurisdiction|division)/country:([a-z]{2})(?:/(?:state|district|territory):([a-z]{2}))?(?:/government)?$",
        text,
    )
    if not match:
        raise found.wrong(
            "the id of a jurisdiction such as ocd-jurisdiction/country:us/state:tx/government"
        )
    return "-".join(part.upper() for part in match.groups() if part)


def _keys(number: str, session: str, place: str, steps: list[Step]) -> tuple[tuple[str, str], ...]:
    """What the bill is recognised by: its number in Congress; or its number in a state, with the years of the session, as they may be written."""
    match = re.fullmatch(r"([A-Za-z. ]+?)\s*0*(\d[\w-]*)", number)
    if place == "US":
        found = bill_number(match[1], match[2], session) if match else ""
        return (("us_bill", found),) if found else ()
    if not place.startswith("US-"):
        return ()
    years = _years(session, min((step.day[:4] for step in steps), default=""))
    if match and match[2].isdecimal():
        number = f"{match[1]} {match[2]}"
    name = session_name(session)
    named = f", {name}" if name else ""
    values = [f"{place[3:]} {number.upper()} ({span}{named})" for span in years]
    return tuple(
        ("us_state_bill", value)
        for value in values
        if vocabulary.identifier_match("us_state_bill", value)
    )


def session_name(session: str) -> str:
    """What identifiers write behind the years of a session, '' if its years or the number of its legislature say all.

    '20232024', '87' and '104th' -> ''; '871' -> 'session 871'; '2024S1' -> 'session S1'.
    """
    match = _YEARS.match(session)
    rest = session[match.end() :] if match else session
    if not match and re.fullmatch(r"\d{1,2}|\d+(st|nd|rd|th)", rest):
        return ""
    rest = " ".join(re.sub(r"[^\w.-]+", " ", rest, flags=re.ASCII).strip("-_. ").split())[:30]
    return rest if not rest or "session" in rest.lower() else f"session {rest}"


def _years(session: str, first: str) -> list[str]:
    """The years of a session as identifiers write them: '20232024' -> '2023-24'; a session that names no year is that of its first action."""
    match = _YEARS.match(session)
    start, end = match.groups() if match else ("", "")
    end = start[:2] + end if end and len(end) == 2 else end
    if start and end and int(end) == int(start) + 1:
        return [f"{start}-{end[2:]}"]
    if start:
        return [start]
    if not first:
        return []
    odd = int(first) - (int(first) + 1) % 2
    return [first, f"{odd}-{(odd + 1) % 100:02d}"]


def _steps(item: Node, place: str, unresolved: list[str]) -> Iterator[Step]:
    """Yield the actions in the feed's order, turned if that is from the last to the first.

    Report an action without a text, which says nothing.
    """
    found = []
    for action in item.items("actions"):
        wording, when = action.text("description", MOST_TEXT), action.text("date")
        when = local_day(when, f"{action.name}: {action.place}.date", _zone(place))
        if not when:
            raise action.at("date").wrong("text")
        if not wording:
            unresolved.append(f"actions: an action of {when} has no text")
            continue
        meaning, chamber = _meaning(action, wording, place)
        found.append(Step(when, wording, meaning, chamber))
    turned = bool(found) and _order(found[0]) > _order(found[-1])
    yield from reversed(found) if turned else found


def _order(step: Step) -> tuple[str, int]:
    """Return the place of a step in time: its day, and within a day the beginning of a bill first."""
    first = BEGINNING.index(step.kind) if step.kind in BEGINNING else len(BEGINNING)
    return step.day, first


def _meaning(action: Node, wording: str, place: str) -> tuple[str, str]:
    """Return the meaning of an action, by its wording or else its classification, and the chamber that acts."""
    chamber = CHAMBER.get(_chamber(action), "")
    if place == "US":
        meaning, chamber = read_action(wording, chamber=chamber)
    else:
        meaning, chamber = wordings.state(wording, place, chamber)
    if meaning is None:
        kinds = {node.text() for node in action.items("classification")}
        meaning = next((CLASSIFICATIONS[name] for name in CLASSIFICATIONS if name in kinds), "")
    return meaning, chamber


def _chamber(action: Node) -> str:
    """'lower' or 'upper': API v3 has an object `organization`, the scrapers a query written into `organization_id`."""
    found = action.at("organization")
    if isinstance(found.value, dict):
        return found.text("classification")
    written = action.text("organization_id")
    if not written.startswith("~"):
        return ""
    try:
        query = json.loads(written[1:])
    except (ValueError, RecursionError):
        raise action.at("organization_id").wrong(
            'an id or a query such as ~{"classification": "upper"}'
        ) from None
    kind = query.get("classification") if isinstance(query, dict) else None
    return kind if isinstance(kind, str) else ""


def _page(item: Node, bill: str) -> tuple[str, str, str]:
    """The page that the events cite, its grade and what it is in. `bill` is its number in Congress, if it is a bill there.

    What was read is the record of Open States, a compiled one. Where that names only the page that it was compiled from,
    that page was not opened. The address of a page of Congress is made from the number, as the record's may lead elsewhere.
    """
    if own := address(item.text("openstates_url", 2000)):
        return own, "aggregator", "Open States"
    for source in item.items("sources"):
        found = address(source.text("url", 2000))
        if bill and re.match(r"https?://(www\.)?congress\.gov/", found):
            return page_of(bill), "relayed", "Congress.gov"
        if found and not re.search(r"\.(xml|json|zip)$", found):
            return found, "relayed", "Open States"
    return "", "", ""


def _people(item: Node, place: str) -> tuple[list[Proposal], list[dict]]:
    proposals, bodies = [], []
    found = item.items("sponsorships")
    for sponsor in sorted(found, key=lambda sponsor: not sponsor.flag("primary")):
        called = sponsor.text("name")
        if not called:
            raise sponsor.at("name").wrong("text")
        called = sponsor.part("person").text("name") or called
        id = sponsor.part("person").text("id") or sponsor.text("person_id")
        party = sponsor.part("person").text("party")
        role = (
            "sponsor"
            if sponsor.flag("primary") or sponsor.text("classification") == "primary"
            else "cosponsor"
        )
        kind = "person" if sponsor.text("entity_type") in ("person", "") else "legislature"
        proposals.append(person(called, place, kind, {"ocd_person": id}))
        bodies.append(
            {
                "organization": reference(proposals[-1]),
                "role": role,
                **({"note": party} if party else {}),
            }
        )
    return proposals, bodies


def _relations(item: Node, place: str, unresolved: list[str]) -> list[dict]:
    relations = []
    for other in item.items("related_bills"):
        number, session, kind = (
            other.text("identifier"),
            other.text("legislative_session"),
            other.text("relation_type"),
        )
        keys = _keys(number, session, place, [])
        if keys and kind in RELATIONS:
            relations.append(
                {
                    "type": RELATIONS[kind],
                    "action": ":".join(keys[0]),
                    "note": f"Open States: {kind}",
                }
            )
        else:
            unresolved.append(
                f"relation: {kind} {number} of session {session}: "
                + (
                    "no kind of relation here says just that"
                    if keys
                    else "not the number of a bill"
                )
            )
    return relations


def _updated(item: Node, zone: str) -> str:
    """The latest day on which the source says that it looked."""
    found = [item.at("updated_at"), item.part("_processing").at("logs_latest_update")]
    return max(local_day(node.text(), f"{node.name}: {node.place}", zone) for node in found)
