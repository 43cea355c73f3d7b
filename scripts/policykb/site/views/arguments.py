"""Arguments and claims: the lists, an argument among those around it, and a claim with its evidence."""

from policykb.model.vocabulary import ANSWERS, ARGUMENT_RELATIONS, EVIDENCE_FINDINGS
from policykb.pictures.argument_map import Drawing, argument_map
from policykb.read.debate import grouped
from policykb.read.links import path
from policykb.read.status_line import with_brief
from policykb.site import data, params
from policykb.site.links import address
from policykb.site.respond import page, record
from policykb.site.views import lists
from policykb.site.views.cite import cited

HEADING = "What supports and attacks this argument, and what it supports and attacks"
# How a tie reads from the argument that the page is about: heading of those it leads to, and of those that lead to it.
OUTWARD = {term.id: f"It {term.label.lower()}" for term in ARGUMENT_RELATIONS}
INWARD = {term.id: term.passive.capitalize() for term in ARGUMENT_RELATIONS}


async def index(datasette, request):
    """Return the arguments that pass the filters: stance, action, and whether no one has answered."""
    asks, shown = await lists.of_kind(datasette, request, "arguments")
    stances, about, actions = await data.several(
        datasette,
        ("argument.stances", {"ids": data.as_json(shown["listed"].rows), "on": asks.on}),
        ("records.titles", {"ids": asks.bound["action"]}),
        ("records.of_kind", {"kind": "action"}),
    )
    shown["chosen"] = asks.values | {"unanswered": asks.bound["unanswered"]}
    return page(
        datasette,
        request,
        "arguments",
        section="/arguments",
        stances=grouped(with_brief(stances), "argument"),
        about=about,
        actions=actions,
        on=asks.on,
        on_message=asks.on_message,
        **shown,
    )


async def show(datasette, request):
    """Return one argument: premises, conclusion, stances, the arguments around it, where it appears, its claims."""
    argument = await record(datasette, request, "argument", "argument.argument")
    argument_id = argument["id"]
    on, on_message = params.day_asked(request)
    bound = {"id": argument_id}
    ties, premises, values, stances, appearances, claims = await data.several(
        datasette,
        ("argument.ties", bound),
        ("argument.premises", bound),
        ("argument.values", bound),
        ("argument.stances", {"ids": data.as_json([argument]), "on": on}),
        ("records.appearances", {"kind": "argument", **bound}),
        ("argument.claims", bound),
    )
    inward = [tie for tie in ties if tie["direction"] == "in"]
    outward = [tie for tie in ties if tie["direction"] == "out"]
    return page(
        datasette,
        request,
        "argument",
        section="/arguments",
        argument=argument,
        on=on,
        on_message=on_message,
        premises=premises,
        values=values,
        stances=with_brief(stances),
        appearances=appearances,
        claims=claims,
        ties=[(grouped(inward, "type"), INWARD), (grouped(outward, "type"), OUTWARD)],
        count=len(ties),
        map=_map(datasette, argument, ties),
        answered=any(tie["type"] in ANSWERS for tie in inward),
        cited=await cited(datasette, request, argument_id),
    )


def _map(datasette, argument: dict, ties: list[dict]) -> Drawing:
    """Return the map of the arguments next to an argument."""
    others = {
        tie["id"]: {
            "id": tie["id"],
            "title": tie["title"],
            "href": address(datasette, path("argument", tie["id"])),
        }
        for tie in reversed(ties)
    }
    edges = [
        {
            "source": tie["source"],
            "target": tie["target"],
            "type": tie["type"],
            "label": tie["type"],
        }
        for tie in ties
    ]
    nodes = [argument, *reversed(others.values())]
    return argument_map(nodes, edges, argument["id"], HEADING)


async def claims(datasette, request):
    """Return the claims that pass the filters."""
    _, shown = await lists.of_kind(datasette, request, "claims")
    return page(datasette, request, "claims", section="/arguments", **shown)


async def claim(datasette, request):
    """Return one claim: the editors' reading of the evidence, the evidence, where it is made, which arguments rest on it."""
    claim = await record(datasette, request, "claim", "claim.claim")
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
