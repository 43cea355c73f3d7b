"""Claims: the list by finding, and one claim with the evidence and all that rests on it."""

from policykb.model.vocabulary import EVIDENCE_FINDINGS
from policykb.read.debate import grouped
from policykb.site import data
from policykb.site.respond import Response, page, record
from policykb.site.views import bars, lists
from policykb.site.views.cite import cited


async def index(datasette, request):
    """Return the claims that pass the filters."""
    view = lists.VIEWS["claims"]
    asks = await lists.wanted(datasette, request, view, await bars.columns(datasette, view.kind))
    listed = await lists.read(datasette, request, asks)
    return page(
        datasette,
        request,
        "claims",
        section="/arguments",
        listed=listed,
        chosen=asks.values,
        query=asks.query,
        filters=lists.filters(datasette, view.filters, asks.values, several=asks.several),
        bar=await bars.bar(datasette, asks, "/claims", listed.rows),
        messages=asks.messages,
    )


async def show(datasette, request):
    """Return one claim: the editors' reading of the evidence, the evidence, where it is made, which arguments rest on it."""
    claim = await record(datasette, request, "claim", "claim.claim")
    if isinstance(claim, Response):
        return claim
    claim_id = claim["id"]
    evidence, appearances, arguments = await data.several(
        datasette,
        ("claim.evidence", {"id": claim_id}),
        ("records.appearances", {"kind": "claim", "id": claim_id}),
        ("claim.arguments", {"id": claim_id}),
    )
    by_finding = grouped(evidence, "finding")
    return page(
        datasette,
        request,
        "claim",
        section="/arguments",
        claim=claim,
        evidence=[(kind, by_finding.get(kind.id, [])) for kind in EVIDENCE_FINDINGS],
        appearances=appearances,
        arguments=arguments,
        cited=await cited(datasette, request, claim_id),
    )
