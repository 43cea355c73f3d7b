"""Topics and jurisdictions: the list of all, and one with its parts and its actions."""

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
