"""Bills of Open States (JSON of its API v3, or of its scrapers) -> proposals.

Copied: number, session, titles, sponsors, actions in their own wording, relations. Not copied: abstracts, subjects,
votes, versions.
"""

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from policykb.contribute import reading
from policykb.contribute.ids import slug
from policykb.contribute.proposal import Proposal, Refuse, stop
from policykb.model import vocabulary
from policykb.model.parts import with_values
from policykb.sources import bills, wordings

_TABLES = wordings.table("legislatures")
CLASSIFICATIONS: dict[str, str] = _TABLES["classifications"]
UNICAMERAL = frozenset(_TABLES["unicameral"])
MEASURES = {name: bills.Measure(*needs) for name, needs in _TABLES["measures"].items()}
NUMBERS: dict[str, str] = _TABLES["numbers"]
# The time zones of legislatures ('US-WY'); that of Congress and of unknown places is WASHINGTON.
ZONES = {
    f"US-{place}": zone for zone, places in _TABLES["zones"].items() for place in places.split()
}
WASHINGTON = "America/New_York"
RELATIONS = {"companion": "companion", "prior-session": "successor_of", "replaces": "replaces"}
BEGINNING = ("introduced", "referred", "committee_passed")
CHAMBER = {"lower": "House", "upper": "Senate"}
IGNORED = frozenset(wordings.table("ignored_keys")["openstates"])
# The years at the beginning of the name of a session.
_YEARS = re.compile(r"((?:19|20|21)\d\d)(?:[-_/ ]?((?:19|20|21)\d\d|(?<=-)\d\d))?(?!\d)")


def _measure(classifications: list[str], number: str, place: str) -> bills.Measure:
    """Return the kind of measure of `place` with these classifications and this number ('HJR 4').

    The first known classification decides; for a bill, the letters of the number take precedence.
    """
    name = next((name for name in classifications if name in MEASURES), "bill")
    letters = re.match("[A-Z]*", number.upper())[0]
    measure = MEASURES[NUMBERS.get(letters, name) if name == "bill" else name]
    return measure._replace(chambers=1) if place in UNICAMERAL else measure


def is_it(data: bytes) -> bool:
    """Return whether the bytes look like this format."""
    bill = (b'"identifier"', b'"jurisdiction"', b'"from_organization"')
    alone = b'"legislative_session"' in data or b'"openstates_url"' in data
    return alone or all(key in data for key in bill)


def read(data: bytes, name: str, refuse: Refuse = stop) -> Iterator[Proposal]:
    """Return for each bill its page, its sponsors and the bill. :raises SourceError: if it is something else."""
    return reading.each(
        reading.parsed_json(data, name).records("results"),
        _bill,
        lambda item: item.called("identifier", "legislative_session", "session"),
        refuse,
        IGNORED,
    )


def _bill(item: reading.Node) -> Iterator[Proposal]:
    number, title = item.text("identifier"), item.text("title", reading.MOST_TITLE)
    session = item.text("legislative_session") or item.text("session")
    for key, value in (("identifier", number), ("title", title), ("legislative_session", session)):
        if not value:
            raise item.at(key).wrong("text")
    place = _place(item)
    federal = place == "US"
    unresolved: list[str] = []
    steps = _steps(item, place, unresolved)
    steps = bills.without_repeats(sorted(steps, key=lambda step: step.day))
    began = min((step.day[:4] for step in steps), default="")
    keys = _keys(number, session, place, began)
    identifier = keys[0][1] if keys else ""
    if not keys:
        note = f"identifier: '{number}' of session '{session}' in {place} does not have the form of a bill's number"
        unresolved.append(note)
    page = _page(item, identifier if federal else "")
    document_id = _page_id(place, began, number, session)
    # A page of a state may list many bills, so a bill's own document is named by its id.
    own = federal or item.text("openstates_url", 2000)
    document = (f"url:{page.url}" if own else document_id) if page.url else ""
    if page.url:
        content = {
            "type": "webpage",
            "title": reading.clean(
                f"{number} ({session}): {title}", item.place, reading.MOST_TITLE
            ),
            "container": page.container,
            "url": page.url,
            "grade": page.grade,
            "note": "Known from a record of Open States, read by a program. Neither the page nor the text of the bill was read for it.",
        }
        yield Proposal("document", (("url", page.url),), document_id, content)
    else:
        unresolved.append("sources: no address of a page, so no event can cite one")
    people = list(_people(item, place))
    yield from (sponsor for sponsor, _ in people)
    classifications = [node.text() for node in item.items("classification")]
    measure = _measure(classifications, number, place)
    if federal and identifier:
        measure = bills.measure_of(identifier)
    courses = bills.settled(steps, measure)
    events = [bills.event(step.day, kind, step.wording, document) for step, kind in courses]
    updated = _updated(item, ZONES.get(place, WASHINGTON))
    if federal and identifier:
        events += bills.lapse(identifier, events, updated, document)
    law = any(event["type"] in ("adopted", "veto_overridden") for event in events)
    names = reading.unique(
        node.text("title", reading.MOST_TITLE) for node in item.items("other_titles")
    )
    content = {
        "title": title,
        "short_title": bills.shortened(title),
        "instrument": "statute" if law and measure.signature else "bill",
        "jurisdiction": f"code:{place}",
        "bodies": [body for _, body in people],
        "identifiers": dict(keys[:1]),
        "aliases": [other for other in names if other != title][:10],
        "as_of": max([updated, *(event["date"] for event in events)]),
        "events": events,
        "relations": _relations(item, place, unresolved),
    }
    action_id = _bill_id(place, identifier) if identifier else slug(place, number, session)
    yield Proposal("action", keys, action_id, with_values(content), tuple(unresolved))


def _page_id(place: str, year: str, number: str, session: str) -> str:
    """Return the id of the page of a bill as a document."""
    number = number.replace(" ", "")
    if place == "US":
        return slug("congress", year, number, "page")
    state = place.removeprefix("US-")
    return slug("open-states", state, year, number, session_name(session), "page")


def _bill_id(place: str, identifier: str) -> str:
    """Return the id of the record of a bill."""
    if place == "US":
        return bills.bill_id(identifier)
    joined = re.sub(r"([A-Z]) (\d)", r"\1\2", identifier, count=1)
    return slug("us" if place.startswith("US-") else "", joined)


def _place(item: reading.Node) -> str:
    """Return the ISO code of the jurisdiction: US, US-TX."""
    node = item.at("jurisdiction")
    text = node.text("id") if isinstance(node.value, dict) else node.text()
    match = re.match(
        r"ocd-(?:jurisdiction|division)/country:([a-z]{2})(?:/(?:state|district|territory):([a-z]{2}))?(?:/government)?$",
        text,
    )
    if not match:
        example = "ocd-jurisdiction/country:us/state:tx/government"
        raise node.wrong(f"the id of a jurisdiction such as {example}")
    return "-".join(part.upper() for part in match.groups() if part)


def _keys(number: str, session: str, place: str, began: str) -> tuple[tuple[str, str], ...]:
    """Return the keys of the bill: its number in Congress, or its number in a state with the years of the session.

    Several keys are several ways to write the years. `began` is the year of the first action, '' if there is none.
    """
    match = re.fullmatch(r"([A-Za-z. ]+?)\s*0*(\d[\w-]*)", number)
    if place == "US":
        identifier = bills.bill_number(match[1], match[2], session) if match else ""
        return (("us_bill", identifier),) if identifier else ()
    if not place.startswith("US-"):
        return ()
    if match and match[2].isdecimal():
        number = f"{match[1]} {match[2]}"
    name = session_name(session)
    named = f", {name}" if name else ""
    years = _years(session, began)
    values = [f"{place[3:]} {number.upper()} ({span}{named})" for span in years]
    valid = [value for value in values if vocabulary.identifier_match("us_state_bill", value)]
    return tuple(("us_state_bill", value) for value in valid)


def session_name(session: str) -> str:
    """Return the part of an identifier after the years of a session, '' if the years or the number of the legislature suffice.

    '20232024', '87' and '104th' -> ''; '871' -> 'session 871'; '2024S1' -> 'session S1'.
    """
    match = _YEARS.match(session)
    rest = session[match.end() :] if match else session
    if not match and re.fullmatch(r"\d{1,2}|\d+(st|nd|rd|th)", rest):
        return ""
    rest = " ".join(re.sub(r"[^\w.-]+", " ", rest, flags=re.ASCII).strip("-_. ").split())[:30]
    return rest if not rest or "session" in rest.lower() else f"session {rest}"


def _years(session: str, began: str) -> list[str]:
    """Return the years of a session as identifiers write them: '20232024' -> '2023-24'.

    A session that names no year is that of `began`, the year of its first action.
    """
    match = _YEARS.match(session)
    start, end = match.groups("") if match else ("", "")
    end = start[:2] + end if len(end) == 2 else end
    if end and int(end) == int(start) + 1:
        return [f"{start}-{end[2:]}"]
    if start:
        return [start]
    if not began:
        return []
    odd = int(began) - (int(began) + 1) % 2
    return [began, f"{odd}-{(odd + 1) % 100:02d}"]


def _steps(item: reading.Node, place: str, unresolved: list[str]) -> list[bills.Step]:
    """Return the actions from the first to the last. Report actions without a text."""
    steps = []
    for action in item.items("actions"):
        wording, moment = action.text("description", reading.MOST_TEXT), action.text("date")
        day = reading.local_day(
            moment, f"{action.name}: {action.place}.date", ZONES.get(place, WASHINGTON)
        )
        if not day:
            raise action.at("date").wrong("text")
        if not wording:
            unresolved.append(f"actions: an action of {day} has no text")
            continue
        meaning, chamber = _meaning(action, wording, place)
        steps.append(bills.Step(day, wording, meaning, chamber))
    is_reversed = bool(steps) and _order(steps[0]) > _order(steps[-1])
    return steps[::-1] if is_reversed else steps


def _order(step: bills.Step) -> tuple[str, int]:
    """Return the place of a step in time: its day, and within a day the beginning of a bill first."""
    first = BEGINNING.index(step.kind) if step.kind in BEGINNING else len(BEGINNING)
    return step.day, first


def _meaning(action: reading.Node, wording: str, place: str) -> tuple[str, str]:
    """Return the meaning of an action, by its wording or else its classification, and the chamber that acts."""
    chamber = CHAMBER.get(_chamber(action), "")
    if place == "US":
        meaning, chamber = wordings.congress(wording, chamber)
    else:
        meaning, chamber = wordings.state(wording, place, chamber)
    if meaning is None:
        kinds = {node.text() for node in action.items("classification")}
        meaning = next((CLASSIFICATIONS[name] for name in CLASSIFICATIONS if name in kinds), "")
    return meaning, chamber


def _chamber(action: reading.Node) -> str:
    """Return 'lower' or 'upper': API v3 has an object `organization`, the scrapers a query written into `organization_id`."""
    organization = action.at("organization")
    if isinstance(organization.value, dict):
        return organization.text("classification")
    written = action.text("organization_id")
    if not written.startswith("~"):
        return ""
    try:
        query = json.loads(written[1:])
    except (ValueError, RecursionError):
        expected = 'an id or a query such as ~{"classification": "upper"}'
        raise action.at("organization_id").wrong(expected) from None
    kind = query.get("classification") if isinstance(query, dict) else None
    return kind if isinstance(kind, str) else ""


class Page(NamedTuple):
    """The page that the events of a bill cite; `url` is '' if there is none."""

    url: str = ""
    grade: str = ""
    container: str = ""


def _page(item: reading.Node, bill: str) -> Page:
    """Return the page that the events cite. `bill` is the number of a bill of Congress, else ''.

    The program reads the compiled record of Open States, not the page from which it was compiled. The address of a page of
    Congress is made from the number, since the address in the record may lead elsewhere.
    """
    if own := reading.address(item.text("openstates_url", 2000)):
        return Page(own, "aggregator", "Open States")
    for source in item.items("sources"):
        url = reading.address(source.text("url", 2000))
        if bill and re.match(r"https?://(www\.)?congress\.gov/", url):
            return Page(bills.page_of(bill), "relayed", "Congress.gov")
        if url and not re.search(r"\.(xml|json|zip)$", url):
            return Page(url, "relayed", "Open States")
    return Page()


def _people(item: reading.Node, place: str) -> Iterator[tuple[Proposal, dict]]:
    """Yield the sponsors, the first ones first, as organizations that may be new and as bodies of the bill."""
    sponsors = item.items("sponsorships")
    for sponsor in sorted(sponsors, key=lambda sponsor: not sponsor.flag("primary")):
        name = sponsor.text("name")
        if not name:
            raise sponsor.at("name").wrong("text")
        known = sponsor.part("person")
        official_id = known.text("id") or sponsor.text("person_id")
        kind = "person" if sponsor.text("entity_type") in ("person", "") else "legislature"
        name, official = known.text("name") or name, {"ocd_person": official_id}
        organization = bills.person(name, place, kind, official)
        primary = sponsor.flag("primary") or sponsor.text("classification") == "primary"
        role = "sponsor" if primary else "cosponsor"
        body = {"organization": bills.reference(organization), "role": role}
        party = known.text("party")
        yield organization, {**body, "note": party} if party else body


def _relations(item: reading.Node, place: str, unresolved: list[str]) -> list[dict]:
    relations = []
    for other in item.items("related_bills"):
        number, session = other.text("identifier"), other.text("legislative_session")
        kind = other.text("relation_type")
        keys = _keys(number, session, place, "")
        if keys and kind in RELATIONS:
            relation = {"type": RELATIONS[kind], "action": ":".join(keys[0])}
            relations.append({**relation, "note": f"Open States: {kind}"})
            continue
        why = "no kind of relation here says just that" if keys else "not the number of a bill"
        unresolved.append(f"relation: {kind} {number} of session {session}: {why}")
    return relations


def _updated(item: reading.Node, zone: str) -> str:
    """Return the latest day on which the source updated the record."""
    nodes = (item.at("updated_at"), item.part("_processing").at("logs_latest_update"))
    return max(reading.local_day(node.text(), f"{node.name}: {node.place}", zone) for node in nodes)
