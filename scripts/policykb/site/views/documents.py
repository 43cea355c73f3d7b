"""Documents: the list, and one document with what it mentions, argues, claims and carries."""

import json

from policykb.read import status_line as standing
from policykb.site import data, words
from policykb.site.respond import Response, page, record
from policykb.site.views.asked import asked
from policykb.site.views.cite import cited

SIZE = 40
FILTERS = {"grade": ("Grade", "grades"), "type": ("Type", "document_types")}
PARTS = ("authors", "keywords", "mentions", "appearances", "rests")


async def index(datasette, request):
    """The documents that pass the filters `q`, grade and type."""
    choices = {name: vocabulary for name, (_, vocabulary) in FILTERS.items()}
    given, messages = await asked(datasette, request, choices, ("q", "page"))
    q = words.param(request, "q")
    number = words.page_number(request)
    bound = {
        "size": SIZE,
        "skip": (number - 1) * SIZE,
        **{name: json.dumps(values) for name, values in given.items()},
    }
    # One statement for each way to walk an index in order.
    listed = (
        "documents_by_type"
        if len(given["type"]) == 1
        else "documents_by_grade"
        if len(given["grade"]) == 1
        else "documents"
    )
    rows = await (
        data.rows(datasette, "documents_found", **bound, q=q)
        if q
        else data.rows(datasette, listed, **bound)
    )
    known = await data.known(datasette)
    return await page(
        datasette,
        request,
        "documents",
        section="/documents",
        rows=rows[:SIZE],
        more=len(rows) > SIZE,
        number=number,
        messages=messages,
        q=q,
        kept={"q": q, **given},
        filters=_filters(given, await data.rows(datasette, "document_facets"), known),
        everything=int(known.info["count_document"]),
    )


async def show(datasette, request):
    """The page of a document."""
    document = await record(datasette, request, "document", "document")
    if isinstance(document, Response):
        return document
    id, today = document["id"], words.dates.today().isoformat()
    parts = await data.several(
        datasette,
        *[
            (f"document_{part}", {"id": id, "on": today} if part == "mentions" else {"id": id})
            for part in PARTS
        ],
    )
    part = dict(zip(PARTS, parts, strict=True))
    for mention in part["mentions"]:
        mention["brief"] = (
            standing.brief(mention["stage"], mention["legal_force"]) if mention["stage"] else None
        )
    for fact in part["rests"]:
        fact["anchor"] = "event-" + fact["event"].partition("#")[2] if fact["event"] else None
    return await page(
        datasette,
        request,
        "document",
        section="/documents",
        document=document,
        **part,
        arguments=[row for row in part["appearances"] if row["kind"] == "argument"],
        claims=[row for row in part["appearances"] if row["kind"] == "claim"],
        facts=[row for row in part["rests"] if row["what"] != "evidence"],
        evidence=[row for row in part["rests"] if row["what"] == "evidence"],
        cited=await cited(datasette, request, id),
    )


def _filters(given: dict[str, list[str]], counts: list[dict], known: data.Known) -> list[dict]:
    found = []
    for name, (label, vocabulary) in FILTERS.items():
        terms = known.terms[vocabulary]
        choices = [
            (row["value"], terms[row["value"]]["label"], row["number"])
            for row in counts
            if row["facet"] == name
        ]
        choices.sort(key=lambda choice: terms[choice[0]]["position"])
        found.append({"name": name, "label": label, "chosen": given[name], "choices": choices})
    return found
