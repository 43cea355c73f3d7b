"""Organizations and persons: the list, and one with what it does, says and writes."""

from policykb.read.debate import grouped
from policykb.site import data
from policykb.site.respond import elsewhere, page
from policykb.site.views import bars, lists

MOST = 100  # documents listed and read for what they argue, as in the SQL


async def index(datasette, request):
    """Return the organizations of some kinds."""
    view = lists.VIEWS["organizations"]
    asks = await lists.wanted(datasette, request, view, await bars.columns(datasette, view.kind))
    listed = await lists.read(datasette, request, asks)
    return page(
        datasette,
        request,
        "organizations",
        listed=listed,
        messages=asks.messages,
        chosen=asks.values,
        query=asks.query,
        filters=lists.filters(datasette, view.filters, asks.values, several=asks.several),
        bar=await bars.bar(datasette, asks, "/organizations", listed.rows),
        everything=int(data.known(datasette).info["count_organization"]),
    )


async def show(datasette, request):
    """Return the page of an organization; `on` is the day whose statuses it shows."""

    def others(connection, on: str, listed: lists.Listed) -> list[list[dict]]:
        bound = {"id": request.url_vars["id"], "ids": data.as_json(listed.rows)}
        names = ("parts", "voices", "documents", "roles")
        return [data.read(connection, f"organization.{name}", bound) for name in names]

    statement = "organization.organization"
    shown = await lists.of_place(datasette, request, "organization", statement, others)
    if not shown:
        return await elsewhere(datasette, request, "organization")
    of_place, (parts, voices, documents, roles) = shown
    by_action = grouped(roles, "action")
    for row in of_place["listed"].rows:
        row["roles"] = [part["role"] for part in by_action.get(row["id"], [])]
    return page(
        datasette,
        request,
        "organization",
        **of_place,
        parts=parts,
        voices=_voices(voices),
        documents=documents,
        most=MOST,
    )


def _voices(rows: list[dict]) -> list[dict]:
    """Return the arguments of an organization, each once, with its `places` and its `stances`."""
    return [
        {
            "id": argument,
            "title": places[0]["argument_title"],
            "places": _places(places),
            "stances": _stances(row for row in places if row["action_title"]),
        }
        for argument, places in grouped(rows, "argument").items()
    ]


def _places(rows: list[dict]) -> list[tuple[str, str, list[str]]]:
    """Return each document of the rows with its title and the locators in it."""
    return [
        (document, same[0]["document_title"], sorted({row["locator"] for row in same} - {None}))
        for document, same in grouped(rows, "document").items()
    ]


def _stances(rows) -> list[dict]:
    """Return each stance once, with the number of texts that take it and of those written before the action."""
    stances = []
    for same in grouped(rows, "action").values():
        early = {row["document"]: row["written_before_action"] for row in same}.values()
        counts = {"texts": len(early), "earlier_texts": sum(map(bool, early))}
        stances.append(same[0] | {"title": same[0]["action_title"]} | counts)
    return stances
