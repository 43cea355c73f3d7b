"""What topics and jurisdictions have in common: the list of all, and one with its parts and its actions."""

from policykb.site import data, words
from policykb.site.respond import Response, page, record
from policykb.site.views.listed import actions


async def listing(datasette, request, kind: str):
    """All topics or all jurisdictions."""
    return await page(
        datasette,
        request,
        "places",
        kind=kind,
        rows=await data.rows(datasette, data.KINDS[kind], within=""),
    )


async def one(datasette, request, kind: str):
    """A topic or a jurisdiction; `on` is the day whose statuses it shows."""
    on, message = words.day_asked(request)
    place = await record(datasette, request, kind, kind)
    if isinstance(place, Response):
        return place
    listed = await actions(datasette, {kind: [place["id"]]}, on, words.page_number(request))
    parts = await data.rows(datasette, data.KINDS[kind], within=place["id"])
    return await page(
        datasette,
        request,
        "place",
        kind=kind,
        place=place,
        parts=parts,
        on=on,
        on_message=message,
        listed=listed,
    )
