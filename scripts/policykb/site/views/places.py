"""Topics, jurisdictions and organizations: the lists of all, and one with its parts and its actions."""

from policykb.read.debate import grouped
from policykb.read.links import KINDS
from policykb.site import data
from policykb.site.respond import elsewhere, page
from policykb.site.views import charts, lists


async def index(datasette, request):
    """Return all topics or all jurisdictions."""
    place = request.url_vars["place"]
    rows = await data.rows(datasette, f"places.{place}", within="")
    return page(datasette, request, "places", kind=KINDS[place], rows=rows)


async def show(datasette, request):
    """Return the page of a topic or a jurisdiction; `on` is the day whose statuses it shows."""
    kind = KINDS[request.url_vars["place"]]
    place_id = request.url_vars["id"]
    within = (f"places.{kind}s", {"within": place_id})

    def others(connection, on: str, listed: lists.Listed) -> list[list[dict]]:
        calls = (within, *charts.calls(on, kind, place_id))
        return [data.read(connection, *call) for call in calls]

    shown = await lists.of_place(datasette, request, kind, f"places.{kind}", others)
    if not shown:
        return await elsewhere(datasette, request, kind)
    of_place, (parts, *counted) = shown
    return page(
        datasette,
        request,
        "place",
        kind=kind,
        parts=parts,
        charts=charts.charts(datasette, counted, of_place["on"], kind),
        **of_place,
    )


MOST = 100  # documents listed and read for what they argue, as in the SQL


async def organizations(datasette, request):
    """Return the organizations of some kinds."""
    _, shown = await lists.of_kind(datasette, request, "organizations")
    everything = int(data.known(datasette).info["count_organization"])
    return page(datasette, request, "organizations", everything=everything, **shown)


async def organization(datasette, request):
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
            "places": _documents(places),
            "stances": _stances(row for row in places if row["action_title"]),
        }
        for argument, places in grouped(rows, "argument").items()
    ]


def _documents(rows: list[dict]) -> list[tuple[str, str, list[str]]]:
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
