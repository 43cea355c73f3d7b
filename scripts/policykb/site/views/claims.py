"""Claims: the list by finding, and one claim with the evidence and all that rests on it."""

import json

from policykb.model.vocabulary import CLAIM_KINDS, EVIDENCE_FINDINGS, FINDINGS
from policykb.site import data, words
from policykb.site.respond import page, record
from policykb.site.views.asked import asked
from policykb.site.views.cite import cited
from policykb.site.views.groups import grouped

PAGE = 40


async def index(datasette, request):
    """All claims, filtered by finding and kind."""
    choices = {"finding": "findings", "kind": "claim_kinds"}
    chosen, messages = await asked(datasette, request, choices, ("page",))
    number = words.page_number(request)
    # One statement for each way to walk an index in order.
    listed = (
        "claim_list_finding"
        if len(chosen["finding"]) == 1
        else "claim_list_kind"
        if len(chosen["kind"]) == 1
        else "claim_list"
    )
    rows = await data.rows(
        datasette,
        listed,
        **{name: json.dumps(values) for name, values in chosen.items()},
        most=PAGE + 1,
        skip=(number - 1) * PAGE,
    )
    return await page(
        datasette,
        request,
        "claims",
        section="/arguments",
        rows=rows[:PAGE],
        chosen=chosen,
        page=number,
        more=len(rows) > PAGE,
        messages=messages,
        findings=[(term.id, term.label, None) for term in FINDINGS],
        kinds=[(term.id, term.label, None) for term in CLAIM_KINDS],
    )


async def show(datasette, request):
    """One claim: the editors' reading of the evidence, the evidence, where it is made, which arguments rest on it."""
    row = await record(datasette, request, "claim", "claim")
    if not isinstance(row, dict):
        return row
    id = row["id"]
    found, appearances, arguments = await data.several(
        datasette,
        ("claim_evidence", {"id": id}),
        ("appearances_of", {"kind": "claim", "id": id}),
        ("claim_arguments", {"id": id}),
    )
    evidence = grouped(found, "finding")
    return await page(
        datasette,
        request,
        "claim",
        section="/arguments",
        claim=row,
        evidence=[(kind, evidence.get(kind.id, [])) for kind in EVIDENCE_FINDINGS],
        appearances=appearances,
        arguments=arguments,
        cited=await cited(datasette, request, id),
    )
