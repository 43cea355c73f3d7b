"""Documents: the list, and one document with what it mentions, argues, claims and carries."""

from policykb.read.debate import grouped
from policykb.read.links import anchor
from policykb.read.status_line import with_brief
from policykb.site import data, params
from policykb.site.respond import page, record
from policykb.site.views import lists
from policykb.site.views.cite import cited


async def index(datasette, request):
    """Return the documents that pass the filters and have the words `q`."""
    filters = lists.VIEWS["documents"].filters
    options = lists.counted(datasette, filters, await data.rows(datasette, "document.facets"))
    asks, shown = await lists.of_kind(datasette, request, "documents", options)
    shown["messages"] += await lists.crowded(datasette, "document", asks.plain["q"])
    return page(
        datasette,
        request,
        "documents",
        section="/documents",
        q=asks.plain["q"],
        everything=int(data.known(datasette).info["count_document"]),
        **shown,
    )


async def show(datasette, request):
    """Return the page of a document."""
    document = await record(datasette, request, "document", "document.document")
    bound = {"id": document["id"]}
    authors, keywords, mentions, appearances, facts = await data.several(
        datasette,
        ("document.authors", bound),
        ("document.keywords", bound),
        ("document.mentions", {**bound, "on": params.today()}),
        ("document.appearances", bound),
        ("document.rests", bound),
    )
    for fact in facts:
        fact["anchor"] = anchor(fact["event"]) if fact["event"] else None
    by_kind = grouped(appearances, "kind")
    return page(
        datasette,
        request,
        "document",
        section="/documents",
        document=document,
        authors=authors,
        keywords=keywords,
        mentions=with_brief(mentions),
        arguments=by_kind.get("argument", []),
        claims=by_kind.get("claim", []),
        facts=[fact for fact in facts if fact["what"] != "evidence"],
        evidence=[fact for fact in facts if fact["what"] == "evidence"],
        cited=await cited(datasette, request, document["id"]),
    )
