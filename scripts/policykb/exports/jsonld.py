"""Records as JSON-LD: schema.org for what it has words for, ELI for what it lacks of law, and the terms of the page
About for what neither has.

A finding on a claim is the editors' reading of the evidence listed and never a label of truth, while a ClaimReview is
read as a verdict. So there are none; the finding is told in our own term. No context is fetched: it stands in each file.
"""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from policykb.model import dates, vocabulary
from policykb.read import database as reading

BASE_URL = "http://127.0.0.1:8001/"
MEDIA = "application/ld+json"
PLACES = {
    "jurisdiction": "jurisdictions",
    "topic": "topics",
    "organization": "organizations",
    "document": "documents",
    "action": "actions",
    "claim": "claims",
    "argument": "arguments",
}

# Instruments -> their type; those whose text is law, or a draft of it, or a part of either are legislation.
INSTRUMENTS = {term.id: term.schema_org for term in vocabulary.INSTRUMENTS}
LEGISLATION = frozenset(id for id, type in INSTRUMENTS.items() if type == "Legislation")
# What binds in part or not at all is told; a stay, and what is not law or not known, is none of the three that schema.org has.
LEGAL_FORCE = {term.id: term.schema_org for term in vocabulary.LEGAL_FORCES}
EVENTS = {term.id: term.schema_org for term in vocabulary.EVENT_TYPES}
ROLES = {term.id: term.schema_org for term in vocabulary.BODY_ROLES}
RELATIONS = {term.id: term.schema_org for term in vocabulary.ACTION_RELATIONS}
DOCUMENTS = {term.id: term.schema_org for term in vocabulary.DOCUMENT_TYPES}
# Types that schema.org gives pages; of others the volume has them.
ARTICLES = frozenset(
    {"Article", "BlogPosting", "NewsArticle", "Report", "ScholarlyArticle", "SocialMediaPosting"}
)
ORGANIZATIONS = {term.id: term.schema_org for term in vocabulary.ORGANIZATION_KINDS}
AREAS = {term.id: term.schema_org for term in vocabulary.JURISDICTION_KINDS}
# Properties whose values are addresses, dates that may be partial, and full days.
ADDRESSES = (
    "url",
    "sameAs",
    "license",
    "sdLicense",
    "archivedAt",
    "legislationLegalForce",
    "eventStatus",
)
DATES = (
    "legislationDate",
    "legislationDateOfApplicability",
    "legislationDateVersion",
    "datePublished",
    "startDate",
    "previousStartDate",
)
DAYS = ("eli:first_date_entry_in_force", "eli:date_no_longer_in_force")


def context(base: str) -> dict:
    """The context of every file: names are relative to `base`."""
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


def record(
    connection: sqlite3.Connection, found: reading.Found, base: str, on: str | None = None
) -> dict:
    """One record as a document of JSON-LD; the legal force of an action as of the day `on`, or of the latest day it is known for."""
    node = next(NODES[found.kind](connection, found.id, found.id, on))
    return {
        "@context": context(base),
        **node,
        "sdLicense": reading.facts(connection)["licence_url"],
    }


def text(node: dict) -> str:
    """A document of JSON-LD as text."""
    return json.dumps(node, ensure_ascii=False, indent=1) + "\n"


def write(
    connection: sqlite3.Connection,
    place: Path,
    base: str,
    found: reading.Found | None = None,
    on: str | None = None,
) -> None:
    """Write one record or all, each on a line of its own, with the data set that they make up."""
    with place.open("w", encoding="utf-8") as file:
        if found:
            file.write(text(record(connection, found, base, on)))
            return
        file.write(f'{{"@context": {json.dumps(context(base))},\n"@graph": [\n')
        file.write(json.dumps(_dataset(reading.facts(connection)), ensure_ascii=False))
        for nodes in NODES.values():
            for node in nodes(connection, reading.FIRST, reading.LAST, on):
                file.write(",\n" + json.dumps(node, ensure_ascii=False))
        file.write("\n]}\n")


def _dataset(facts: dict[str, str]) -> dict:
    return {
        "@id": "",
        "@type": "Dataset",
        "name": facts["title"],
        "description": facts["description"],
        "license": facts["licence_url"],
        "version": facts["content_sha256"],
        "url": {"@id": ""},
    }


def _made(kind: str, row: dict, type: str, **properties: object) -> dict:
    """A node with those of `properties` that have a value."""
    at = f"{PLACES[kind]}/{row['id']}"
    node = {"@id": at, "@type": type, "url": at, **properties}
    if row["withdrawn_on"]:
        node["disambiguatingDescription"] = (
            f"This record was withdrawn on {row['withdrawn_on']}: {row['withdrawn_reason']}"
        )
    return {name: value for name, value in node.items() if value not in (None, "", [], {})}


def _ref(kind: str, id: str | None) -> dict | None:
    return {"@id": f"{PLACES[kind]}/{id}"} if id else None


def _refs(kind: str, ids: Iterator[str]) -> list[dict]:
    return [{"@id": f"{PLACES[kind]}/{id}"} for id in dict.fromkeys(ids)]


def _term(vocabulary: str, id: str) -> dict:
    """A term of a vocabulary, which the page About defines."""
    return {"@id": f"kb:{vocabulary}-{id}"}


def _ties(
    vocabulary: str, rows: list[dict], term: str, kind: str, other: str
) -> dict[str, list[dict]]:
    """Ties to other records by their type, each named as a term that the page About defines."""
    found: dict[str, list[dict]] = {}
    for row in rows:
        found.setdefault(f"kb:{vocabulary}-{row[term]}", []).append(
            {"@id": f"{PLACES[kind]}/{row[other]}"}
        )
    return found


def _date(written: str | None) -> str | None:
    """A date as schema.org has it; one that is approximate or uncertain is left out rather than made exact."""
    return written if written and not dates.span(written).qualifier else None


def _actions(
    connection: sqlite3.Connection, first: str, last: str, on: str | None
) -> Iterator[dict]:
    names = (
        "identifiers",
        "aliases",
        "bodies",
        "topics",
        "relations",
        "events",
        "periods",
        "sources",
    )
    parts = {
        name: reading.owned(connection, f"export_action_{name}", first=first, last=last)
        for name in names
    }
    for row in reading.each(connection, "export_action", first=first, last=last):
        yield _action(row, {name: of(row["id"]) for name, of in parts.items()}, on or row["as_of"])


def _action(row: dict, part: dict[str, list[dict]], on: str) -> dict:
    legal = row["instrument"] in LEGISLATION
    type = INSTRUMENTS[row["instrument"]]
    period = next(
        (
            p
            for p in part["periods"]
            if (p["from_date"] or "") <= on and (p["to_date"] is None or p["to_date"] > on)
        ),
        None,
    )
    work = (
        {}
        if type == "Intangible"
        else {
            "about": _refs("topic", (topic["topic"] for topic in part["topics"])),
            "isPartOf": _ref("action", row["part_of"]),
        }
    )
    official = [i for i in part["identifiers"] if i["scheme"] != "provision"]
    return _made(
        "action",
        row,
        type,
        name=row["title"],
        alternateName=[
            name for name in (row["short_title"], *(a["alias"] for a in part["aliases"])) if name
        ],
        description=row["summary"],
        **work,
        **(
            _law(row, part, on, period)
            if legal
            else {"identifier": [i["display"] for i in official]}
        ),
        sameAs=list(dict.fromkeys(i["url"] for i in official if i["url"])),
        subjectOf=[
            *_refs("document", (s["document"] for s in part["sources"])),
            *map(_event, part["events"]),
        ],
        **{
            "kb:instruments": _term("instruments", row["instrument"]),
            "kb:openness_effects": _term("openness_effects", row["openness_effect"]),
        },
        **(
            {
                "kb:stages": _term("stages", period["stage"]),
                "kb:legal_forces": _term("legal_forces", period["legal_force"]),
            }
            if period
            else {}
        ),
        **_ties("action_relation_types", part["relations"], "type", "action", "other"),
        **_ties("body_roles", part["bodies"], "role", "organization", "organization"),
    )


def _law(row: dict, part: dict[str, list[dict]], on: str, period: dict | None) -> dict:
    """What schema.org and ELI say of legislation."""
    days: dict[str, str] = {}
    for event in part["events"]:
        days.setdefault(EVENTS[event["type"]], event["date"])
    entered = days.get("eli:first_date_entry_in_force", "")
    applies = next((p for p in part["periods"] if p["legal_force"] in vocabulary.HOLDING), None)
    ended = (
        part["periods"][-1]
        if part["periods"] and part["periods"][-1]["legal_force"] == vocabulary.ENDED
        else None
    )
    force = LEGAL_FORCE[period["legal_force"]] if period else None
    law: dict = {
        "legislationIdentifier": [i["display"] for i in part["identifiers"]],
        "legislationType": row["instrument"].replace("_", " "),
        "legislationJurisdiction": _ref("jurisdiction", row["jurisdiction"]),
        "legislationDate": _date(days.get("legislationDate")),
        "legislationDateOfApplicability": _exact(applies),
        "legislationDateVersion": on,
        "legislationLegalForce": force and f"https://schema.org/{force}",
        "eli:first_date_entry_in_force": entered if dates.is_day(entered) else None,
        "eli:date_no_longer_in_force": _exact(ended),
    }
    if period and period["stage"] == vocabulary.ADOPTED:
        law["legislationPassedBy"] = _refs(
            "organization",
            (
                body["organization"]
                for body in part["bodies"]
                if ROLES[body["role"]] == "legislationPassedBy"
            ),
        )
    law["legislationResponsible"] = _refs(
        "organization",
        (
            body["organization"]
            for body in part["bodies"]
            if ROLES[body["role"]] == "legislationResponsible"
        ),
    )
    for relation in part["relations"]:
        if name := RELATIONS[relation["type"]]:
            law.setdefault(name, []).append(_ref("action", relation["other"]))
    return law


def _exact(period: dict | None) -> str | None:
    """The first day of a period, if it is known to the day."""
    return period["from_date"] if period and period["from_date"] == period["from_latest"] else None


def _event_address(key: str) -> str:
    """Return the address of an event by its key or a former one."""
    action, _, name = key.partition("#")
    return f"actions/{action}#event-{name}"


def _event(row: dict) -> dict:
    node = {
        "@id": _event_address(row["id"]),
        "@type": "Event",
        "name": row["label"],
        "startDate": _date(row["date"]),
        "previousStartDate": _date(row["previous"]),
        "eventStatus": "https://schema.org/EventRescheduled" if row["previous"] else None,
        "description": " ".join(
            said
            for said in ("Not confirmed by a source." if row["unconfirmed"] else "", row["note"])
            if said
        ),
        "sameAs": [_event_address(former) for former in json.loads(row["former"])],
        "kb:event_types": _term("event_types", row["type"]),
    }
    return {name: value for name, value in node.items() if value}


def _arguments(
    connection: sqlite3.Connection, first: str, last: str, on: str | None
) -> Iterator[dict]:
    names = ("claims", "values", "stances", "relations", "appearances")
    parts = {
        name: reading.owned(connection, f"export_argument_{name}", first=first, last=last)
        for name in names
    }
    premises = reading.owned(connection, "export_premises", first=first, last=last)
    for row in reading.each(connection, "export_argument", first=first, last=last):
        part = {name: of(row["id"]) for name, of in parts.items()}
        yield _made(
            "argument",
            row,
            "Statement",
            text=row["title"],
            hasPart=[
                *(
                    {"@type": "Statement", "text": premise["text"]}
                    for premise in premises(row["id"])
                ),
                *_refs("claim", (claim["claim"] for claim in part["claims"])),
            ],
            about=_refs("action", (stance["action"] for stance in part["stances"])),
            isPartOf=_refs("document", (place["document"] for place in part["appearances"])),
            **{
                "kb:argument_schemes": _term("argument_schemes", row["scheme"]),
                "kb:value_terms": [
                    _term("value_terms", value["value"]) for value in part["values"]
                ],
            },
            **_ties(
                "stance_types",
                [stance for stance in part["stances"] if not stance["inherited"]],
                "stance",
                "action",
                "action",
            ),
            **_ties("argument_relation_types", part["relations"], "type", "argument", "other"),
        )


def _claims(
    connection: sqlite3.Connection, first: str, last: str, on: str | None
) -> Iterator[dict]:
    appearances = reading.owned(connection, "export_claim_appearances", first=first, last=last)
    evidence = reading.owned(connection, "export_claim_evidence", first=first, last=last)
    for row in reading.each(connection, "export_claim", first=first, last=last):
        yield _made(
            "claim",
            row,
            "Claim",
            text=row["text"],
            appearance=_refs("document", (place["document"] for place in appearances(row["id"]))),
            **{
                "kb:claim_kinds": _term("claim_kinds", row["kind"]),
                "kb:findings": _term("findings", row["finding"]),
            },
            **_ties("evidence_findings", evidence(row["id"]), "finding", "document", "document"),
        )


def _documents(
    connection: sqlite3.Connection, first: str, last: str, on: str | None
) -> Iterator[dict]:
    names = ("authors", "keywords", "mentions")
    authors, keywords, mentions = (
        reading.owned(connection, f"export_document_{name}", first=first, last=last)
        for name in names
    )
    for row in reading.each(connection, "export_document", first=first, last=last):
        doi = f"https://doi.org/{row['doi']}" if row["doi"] else None
        yield _made(
            "document",
            row,
            DOCUMENTS[row["type"]],
            name=row["title"],
            author=[_author(author) for author in authors(row["id"])],
            datePublished=_date(row["issued"]),
            isPartOf=_container(row),
            publisher={"@type": "Organization", "name": row["publisher"]}
            if row["publisher"]
            else None,
            identifier=[number for number in (row["number"], doi) if number],
            url=row["url"],
            sameAs=doi,
            archivedAt=row["archive_url"],
            inLanguage=row["language"],
            abstract=row["abstract"],
            copyrightNotice=row["licence"],
            keywords=[word["keyword"] for word in keywords(row["id"])],
            pagination=row["page"] if DOCUMENTS[row["type"]] in ARTICLES else None,
            mentions=_refs("action", (mention["action"] for mention in mentions(row["id"]))),
            **{"kb:grades": _term("grades", row["grade"])},
        )


def _container(row: dict) -> dict | None:
    if not row["container"]:
        return None
    article = DOCUMENTS[row["type"]] in ARTICLES
    whole = {
        "@type": "Periodical" if row["type"].startswith("article-") else "CreativeWork",
        "name": row["container"],
    }
    return (
        {
            "@type": "PublicationVolume",
            "volumeNumber": row["volume"],
            **({"pagination": row["page"]} if row["page"] and not article else {}),
            "isPartOf": whole,
        }
        if row["volume"]
        else whole
    )


def _author(row: dict) -> dict:
    if row["organization"]:
        return {"@id": f"organizations/{row['organization']}"}
    if row["family"] and row["given"]:
        return {
            "@type": "Person",
            "name": row["name"],
            "familyName": row["family"],
            "givenName": row["given"],
        }
    return {"@type": "Person" if row["family"] else "Organization", "name": row["name"]}


def _organizations(
    connection: sqlite3.Connection, first: str, last: str, on: str | None
) -> Iterator[dict]:
    for row in reading.each(connection, "export_organization", first=first, last=last):
        type = ORGANIZATIONS[row["kind"]]
        whole = {
            ("affiliation" if type == "Person" else "parentOrganization"): _ref(
                "organization", row["part_of"]
            )
        }
        if type == "GovernmentOrganization":
            whole["areaServed"] = _ref("jurisdiction", row["jurisdiction"])
        yield _made(
            "organization",
            row,
            type,
            name=row["name"],
            alternateName=row["short_name"],
            sameAs=row["url"],
            **whole,
        )


def _jurisdictions(
    connection: sqlite3.Connection, first: str, last: str, on: str | None
) -> Iterator[dict]:
    for row in reading.each(connection, "export_jurisdiction", first=first, last=last):
        yield _made(
            "jurisdiction",
            row,
            AREAS[row["kind"]],
            name=row["name"],
            identifier=row["code"],
            containedInPlace=_ref("jurisdiction", row["part_of"]),
        )


def _topics(
    connection: sqlite3.Connection, first: str, last: str, on: str | None
) -> Iterator[dict]:
    for row in reading.each(connection, "export_topic", first=first, last=last):
        yield _made(
            "topic",
            row,
            "DefinedTerm",
            name=row["name"],
            description=row["definition"],
            inDefinedTermSet={"@id": "topics"},
            **{"skos:broader": _ref("topic", row["part_of"])},
        )


# Kind of record -> the nodes of those whose ids lie between two, in order.
NODES = {
    "jurisdiction": _jurisdictions,
    "topic": _topics,
    "organization": _organizations,
    "document": _documents,
    "action": _actions,
    "claim": _claims,
    "argument": _arguments,
}
