"""Records as JSON-LD: schema.org for what it has words for, ELI for what it lacks of law, and our own terms for the rest.

What a term of a vocabulary is in schema.org or ELI is part of the vocabulary. Our own terms are defined on the page About.
A finding on a claim is the editors' reading of the evidence listed and never a label of truth, while a ClaimReview is
read as a verdict. So there is no ClaimReview; the finding is one of our own terms. Each file holds its context.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from sqlite_utils import Database

from policykb.model import dates, records, status, vocabulary
from policykb.model.event_ids import address, event_keys, happenings
from policykb.model.parts import EVENT_LABELS, with_values
from policykb.read import records as reading
from policykb.read.database import facts
from policykb.read.links import PLACES, anchor
from policykb.text import json_text

MEDIA = "application/ld+json"
KINDS = ("jurisdiction", "topic", "organization", "document", "action", "claim", "argument")

_NAMES = {
    name: {term.id: getattr(term, "schema_org", "") for term in terms}
    for name, terms in vocabulary.VOCABULARIES.items()
}
LEGISLATION = frozenset(
    instrument for instrument, name in _NAMES["instruments"].items() if name == "Legislation"
)
# Types that schema.org gives pages; of others the volume has them.
ARTICLES = frozenset(
    {"Article", "BlogPosting", "NewsArticle", "Report", "ScholarlyArticle", "SocialMediaPosting"}
)
# Properties whose values are addresses, dates that may be partial, and full days.
ADDRESSES = tuple(
    "url sameAs license sdLicense archivedAt legislationLegalForce eventStatus".split()
)
DATES = tuple(
    """legislationDate legislationDateOfApplicability legislationDateVersion datePublished startDate
    previousStartDate""".split()
)
DAYS = ("eli:first_date_entry_in_force", "eli:date_no_longer_in_force")


def context(base: str) -> dict:
    """Return the context of every file: names are relative to `base`."""
    return {
        "@vocab": "https://schema.org/",
        "@base": base,
        "eli": "http://data.europa.eu/eli/ontology#",
        "skos": "http://www.w3.org/2004/02/skos/core#",
        "kb": f"{base}about#",
        **dict.fromkeys(ADDRESSES, {"@type": "@id"}),
        **dict.fromkeys(DATES, {"@type": "Date"}),
        **dict.fromkeys(DAYS, {"@type": "http://www.w3.org/2001/XMLSchema#date"}),
    }


def document(db: Database, record_id: str, base: str, on: str | None = None) -> dict:
    """Return one record as a document of JSON-LD.

    The legal force of an action is that of the day `on`, or of the latest day for which it is known.
    """
    node = _node(db, record_id, reading.record(db, record_id), on)
    return {"@context": context(base), **node, "sdLicense": facts(db)["license_url"]}


def write(
    db: Database, place: Path, base: str, record_id: str | None = None, on: str | None = None
) -> None:
    """Write one record or all, each on a line of its own, with the data set that they make up."""
    if record_id:
        place.write_text(json_text(document(db, record_id, base, on)), encoding="utf-8")
        return
    about = facts(db)
    dataset = {
        "@id": "",
        "@type": "Dataset",
        "name": about["title"],
        "description": about["description"],
        "license": about["license_url"],
        "version": about["content_sha256"],
        "url": {"@id": ""},
    }
    with place.open("w", encoding="utf-8") as file:
        file.write(f'{{"@context": {json.dumps(context(base))},\n"@graph": [\n')
        file.write(json.dumps(dataset, ensure_ascii=False))
        for kind in KINDS:
            for record_id, record in reading.records(db, kind):
                file.write(",\n" + json.dumps(_node(db, record_id, record, on), ensure_ascii=False))
        file.write("\n]}\n")


def _node(db: Database, record_id: str, record: records.Record, on: str | None) -> dict:
    """Return the node of a record, without the properties that have no value."""
    place = f"{PLACES[type(record).__name__.lower()]}/{record_id}"
    node = {"@id": place, "@type": "", "url": place}
    if isinstance(record, records.Action):
        numbers = reading.numbers(db, record_id)
        node |= _action(record_id, record, numbers, on or record.as_of)
    else:
        node |= _PROPERTIES[type(record)](record)
    if record.withdrawn:
        node["disambiguatingDescription"] = (
            f"This record was withdrawn on {record.withdrawn.on}: {record.withdrawn.reason}"
        )
    return with_values(node)


def _ref(kind: str, record_id: str | None) -> dict | None:
    return {"@id": f"{PLACES[kind]}/{record_id}"} if record_id else None


def _refs(kind: str, ids: Iterable[str]) -> list[dict]:
    return [_ref(kind, record_id) for record_id in dict.fromkeys(ids)]


def _term(vocabulary_name: str, term: str) -> dict:
    return {"@id": f"kb:{vocabulary_name}-{term}"}


def _ties(vocabulary_name: str, kind: str, ties: Iterable[tuple[str, str]]) -> dict[str, list]:
    """Return ties (term, id of a record of `kind`) by term."""
    by_term: dict[str, list] = {}
    for term, record_id in ties:
        by_term.setdefault(f"kb:{vocabulary_name}-{term}", []).append(_ref(kind, record_id))
    return by_term


def _date(date: str | None) -> str | None:
    """Return a date as schema.org writes it, or None if it is approximate or uncertain: it is not made exact."""
    return date if date and not dates.span(date).qualifier else None


def _jurisdiction(jurisdiction: records.Jurisdiction) -> dict:
    return {
        "@type": _NAMES["jurisdiction_kinds"][jurisdiction.kind],
        "name": jurisdiction.name,
        "identifier": jurisdiction.code,
        "containedInPlace": _ref("jurisdiction", jurisdiction.part_of),
    }


def _topic(topic: records.Topic) -> dict:
    return {
        "@type": "DefinedTerm",
        "name": topic.name,
        "description": topic.definition,
        "inDefinedTermSet": {"@id": "topics"},
        "skos:broader": _ref("topic", topic.part_of),
    }


def _organization(organization: records.Organization) -> dict:
    name = _NAMES["organization_kinds"][organization.kind]
    whole = "affiliation" if name == "Person" else "parentOrganization"
    area = organization.jurisdiction if name == "GovernmentOrganization" else None
    return {
        "@type": name,
        "name": organization.name,
        "alternateName": organization.short_name,
        "sameAs": organization.url,
        whole: _ref("organization", organization.part_of),
        "areaServed": _ref("jurisdiction", area),
    }


def _document(source: records.Document) -> dict:
    name = _NAMES["document_types"][source.type]
    doi = f"https://doi.org/{source.doi}" if source.doi else None
    return {
        "@type": name,
        "name": source.title,
        "alternateName": source.original_title,
        "author": [_author(author) for author in source.authors],
        "datePublished": _date(source.issued),
        "isPartOf": _container(source),
        "publisher": source.publisher and {"@type": "Organization", "name": source.publisher},
        "identifier": [number for number in (source.number, doi) if number],
        "url": source.url,
        "sameAs": doi,
        "archivedAt": source.archive_url,
        "inLanguage": source.language,
        "abstract": source.abstract,
        "copyrightNotice": source.license,
        "keywords": source.keywords,
        "pagination": source.page if name in ARTICLES else None,
        "mentions": _refs("action", sorted(mention.action for mention in source.mentions)),
        "kb:grades": _term("grades", source.grade),
    }


def _container(source: records.Document) -> dict | None:
    if not source.container:
        return None
    periodical = source.type.startswith("article-")
    whole = {"@type": "Periodical" if periodical else "CreativeWork", "name": source.container}
    if not source.volume:
        return whole
    article = _NAMES["document_types"][source.type] in ARTICLES
    return with_values(
        {
            "@type": "PublicationVolume",
            "volumeNumber": source.volume,
            "pagination": None if article else source.page,
            "isPartOf": whole,
        }
    )


def _author(author: records.Author) -> dict:
    if author.organization:
        return _ref("organization", author.organization)
    name = " ".join(filter(None, (author.given, author.family)))
    node = {"@type": "Person" if author.family else "Organization", "name": name}
    if author.family and author.given:
        node |= {"familyName": author.family, "givenName": author.given}
    return node


def _action(
    record_id: str, action: records.Action, numbers: list[tuple[str, str, str | None]], on: str
) -> dict:
    name = _NAMES["instruments"][action.instrument]
    own_numbers = [number for number in numbers if number[0] != "provision"]
    events = list(_events(record_id, action.events))
    sources = {cite.document for part in (action, *action.events) for cite in part.cite}
    steps = happenings(record_id, action.events)
    periods = status.periods(steps, action.instrument, action.bindingness)
    period = status.period_on(periods, on)
    names = [alias.name for alias in action.other_names]
    node = {
        "@type": name,
        "name": action.title,
        "alternateName": [title for title in (action.short_title, *names) if title],
        "description": action.summary,
    }
    if name != "Intangible":
        node["about"] = _refs("topic", action.topics)
        node["isPartOf"] = _ref("action", action.part_of)
    if action.instrument in LEGISLATION:
        node["legislationIdentifier"] = [display for _, display, _ in numbers]
        node["legislationType"] = action.instrument.replace("_", " ")
        node["legislationJurisdiction"] = _ref("jurisdiction", action.jurisdiction)
        node |= _dates([event for _, event, _ in events], periods, on)
        node |= _parts_in_law(action, period)
    else:
        node["identifier"] = [display for _, display, _ in own_numbers]
    node["sameAs"] = list(dict.fromkeys(url for _, _, url in own_numbers if url))
    node["subjectOf"] = _refs("document", sorted(sources))
    node["subjectOf"] += [_event(record_id, *event) for event in events]
    node["kb:instruments"] = _term("instruments", action.instrument)
    if action.effect:
        node["kb:effects"] = _term("effects", action.effect.kind)
    if period:
        node["kb:stages"] = _term("stages", period.stage)
        node["kb:legal_forces"] = _term("legal_forces", period.legal_force)
    relations = [(relation.type, relation.action) for relation in action.relations]
    bodies = [(body.role, body.organization) for body in action.bodies]
    node |= _ties("action_relation_types", "action", relations)
    return node | _ties("body_roles", "organization", bodies)


def _dates(events: list[records.Event], periods: list[status.Period], on: str) -> dict:
    """Return the dates and the legal force of legislation on a day.

    A stay, and a legal force that is not known, have no name in schema.org.
    """
    forces = _NAMES["legal_forces"]
    first: dict[str, str] = {}
    for event in events:
        first.setdefault(_NAMES["event_types"][event.type], event.date)
    entry = first.get("eli:first_date_entry_in_force", "")
    applies = [p for p in periods if forces[p.legal_force] in ("InForce", "PartiallyInForce")]
    ended = [p for p in periods[-1:] if p.legal_force == vocabulary.ENDED]
    now = status.period_on(periods, on)
    force = forces[now.legal_force] if now else ""
    return {
        "legislationDate": _date(first.get("legislationDate")),
        "legislationDateOfApplicability": _first_day(applies),
        "legislationDateVersion": on,
        "legislationLegalForce": force and f"https://schema.org/{force}",
        "eli:first_date_entry_in_force": entry if dates.is_day(entry) else None,
        "eli:date_no_longer_in_force": _first_day(ended),
    }


def _first_day(periods: list[status.Period]) -> str | None:
    """Return the first day of the first of `periods` if it is known to the day."""
    exact = [p.from_date for p in periods[:1] if p.from_date == p.from_latest]
    return exact[0] if exact else None


def _parts_in_law(action: records.Action, period: status.Period | None) -> dict:
    """Return who passed legislation, once it is passed, who is responsible for it, and its relations to other actions."""
    properties: dict[str, list] = {"legislationPassedBy": [], "legislationResponsible": []}
    for body in action.bodies:
        name = _NAMES["body_roles"][body.role]
        organization = _ref("organization", body.organization)
        if name and organization not in properties[name]:
            properties[name].append(organization)
    if not period or period.stage != vocabulary.ADOPTED:
        del properties["legislationPassedBy"]
    for relation in action.relations:
        if name := _NAMES["action_relation_types"][relation.type]:
            properties.setdefault(name, []).append(_ref("action", relation.action))
    return properties


def _events(
    record_id: str, events: list[records.Event]
) -> Iterator[tuple[str, records.Event, records.Event | None]]:
    """Yield the key of each event that was not moved, the event, and the event whose date it moved."""
    keys = event_keys(record_id, events)
    by_key = dict(zip(keys, events, strict=True))
    moved = {f"{record_id}#{event.supersedes}" for event in events if event.supersedes}
    for key, event in by_key.items():
        if key not in moved:
            yield key, event, by_key.get(f"{record_id}#{event.supersedes}")


def _event(record_id: str, key: str, event: records.Event, previous: records.Event | None) -> dict:
    notes = ("Not confirmed by a source." if event.unconfirmed else "", event.note)
    return with_values(
        {
            "@id": _event_place(key),
            "@type": "Event",
            "name": EVENT_LABELS[event.type],
            "startDate": _date(event.date),
            "previousStartDate": _date(previous.date) if previous else None,
            "eventStatus": "https://schema.org/EventRescheduled" if previous else None,
            "description": " ".join(filter(None, notes)),
            "sameAs": [_event_place(address(record_id, former)) for former in event.former_ids],
            "kb:event_types": _term("event_types", event.type),
        }
    )


def _event_place(key: str) -> str:
    """Return the address of an event by its key or a former key."""
    return f"actions/{key.partition('#')[0]}#{anchor(key)}"


def _claim(claim: records.Claim) -> dict:
    evidence = [(item.finding, item.document) for item in claim.evidence]
    return {
        "@type": "Claim",
        "text": claim.text,
        "appearance": _refs("document", sorted(place.document for place in claim.appearances)),
        "kb:claim_kinds": _term("claim_kinds", claim.kind),
        "kb:findings": _term("findings", claim.finding),
        **_ties("evidence_findings", "document", evidence),
    }


def _argument(argument: records.Argument) -> dict:
    premises = [{"@type": "Statement", "text": premise} for premise in argument.premises]
    stances = [
        (stance.stance, stance.action) for stance in argument.stances if not stance.inherited
    ]
    relations = [(relation.type, relation.argument) for relation in argument.relations]
    return {
        "@type": "Statement",
        "text": argument.title,
        "hasPart": premises + _refs("claim", argument.claims),
        "about": _refs("action", (stance.action for stance in argument.stances)),
        "isPartOf": _refs("document", sorted(place.document for place in argument.appearances)),
        "kb:argument_schemes": _term("argument_schemes", argument.scheme),
        "kb:value_terms": [_term("value_terms", value) for value in argument.values],
        **_ties("stance_types", "action", stances),
        **_ties("argument_relation_types", "argument", relations),
    }


_PROPERTIES = {
    records.Jurisdiction: _jurisdiction,
    records.Topic: _topic,
    records.Organization: _organization,
    records.Document: _document,
    records.Claim: _claim,
    records.Argument: _argument,
}
