"""About: scope, method, grades, vocabulary with definitions, counts, license, content hash."""

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
