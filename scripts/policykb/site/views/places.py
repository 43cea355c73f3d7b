"""Topics and jurisdictions: the list of all, and one with its parts and its actions."""

from policykb.read.links import KINDS
from policykb.site import data
from policykb.site.respond import Response, page, record
from policykb.site.views import charts, lists


async def index(datasette, request):
    """Return all topics or all jurisdictions."""
    place = request.url_vars["place"]
    rows = await data.rows(datasette, f"places.{place}", within="")
    return page(datasette, request, "places", kind=KINDS[place], rows=rows)


async def show(datasette, request):
    """Return the page of a topic or a jurisdiction; `on` is the day whose statuses it shows."""
    kind = KINDS[request.url_vars["place"]]
    place = await record(datasette, request, kind, f"places.{kind}")
    if isinstance(place, Response):
        return place
    within = (f"places.{kind}s", {"within": place["id"]})
    of_place, (parts, *counted) = await lists.of_place(
        datasette,
        request,
        kind,
        place["id"],
        lambda on: [within, *charts.calls(on, kind, place["id"])],
    )
    return page(
        datasette,
        request,
        "place",
        kind=kind,
        place=place,
        parts=parts,
        charts=charts.charts(datasette, counted, of_place["on"], kind),
        **of_place,
    )
