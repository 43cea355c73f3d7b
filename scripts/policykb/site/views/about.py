"""About: scope, method, grades, vocabulary, counts, license, content hash; and what is covered."""

import json

from policykb.read.debate import grouped
from policykb.read.links import PLACES
from policykb.site import data
from policykb.site.respond import page

# The vocabularies that have no section of their own, and their headings.
VOCABULARIES = {
    "event_types": "Kinds of events",
    "instruments": "Instruments",
    "bindingness": "How binding an action is",
    "effects": "Effects on {}",
    "body_roles": "Roles of bodies",
    "alias_kinds": "Kinds of names",
    "action_relation_types": "Relations between actions",
    "confidences": "Confidence",
    "identifier_schemes": "Identifiers",
    "stance_types": "Stances",
    "argument_relation_types": "Relations between arguments",
    "argument_schemes": "Schemes of arguments",
    "value_terms": "Values",
    "drawn_by_terms": "Who draws a link",
    "claim_kinds": "Kinds of claims",
    "evidence_findings": "What evidence says",
    "portrayals": "How a document portrays an action",
    "document_types": "Types of documents",
    "locator_labels": "Locators",
    "organization_kinds": "Kinds of organizations",
    "jurisdiction_kinds": "Kinds of jurisdictions",
}


async def index(datasette, request):
    """Return the page about the knowledge base."""
    known = data.known(datasette)
    info = known.info
    vocabularies = {
        name: heading.format(known.effect_on)
        for name, heading in VOCABULARIES.items()
        if known.terms[name]
    }
    counts = {place: int(info[f"count_{kind}"]) for kind, place in PLACES.items()}
    return page(
        datasette, request, "about", section="/about", counts=counts, vocabularies=vocabularies
    )


async def coverage(datasette, request):
    """Return the table of places by kinds of actions, and what was looked for and not found."""

    def read(connection) -> list[list[dict]]:
        return [data.read(connection, f"share.{name}", {}) for name in ("coverage", "missing")]

    counts, missing = await data.recent(datasette, ("coverage",), read)
    known = data.known(datasette)
    searches = json.loads(known.info.get("coverage", "[]"))
    used = {row["instrument"] for row in counts} | {search.get("instrument") for search in searches}
    names = {row["jurisdiction"]: row["name"] for row in counts}
    return page(
        datasette,
        request,
        "coverage",
        section="/about",
        kinds=[kind for kind in known.terms["instruments"] if kind in used],
        places=[_place(rows, searches) for rows in grouped(counts, "jurisdiction").values()],
        searches=searches,
        missing=grouped(missing, "jurisdiction"),
        names=names,
    )


def _place(rows: list[dict], searches: list[dict]) -> dict:
    """Return a row of the table: how many actions of each kind a place has, and when someone looked there last.

    `empty` has the kinds that were looked for and not found.
    """
    place = rows[0]["jurisdiction"]
    numbers = {row["instrument"]: row["number"] for row in rows if row["number"]}
    here = [search for search in searches if search["jurisdiction"] == place]
    days = [*(search["on"] for search in here), rows[0]["newest"]]
    return {
        "id": place,
        "name": rows[0]["name"],
        "numbers": numbers,
        "total": sum(numbers.values()),
        "empty": {search.get("instrument") for search in here} - numbers.keys(),
        "oldest": rows[0]["oldest"],
        "looked": max(filter(None, days), default=None),
    }
