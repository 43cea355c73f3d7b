"""What topics and jurisdictions have in common: the list of all, and one with its parts and its actions."""

from policykb import standing
from policykb.site import data, words
from policykb.site.respond import Response, page, record

SIZE = 40
EVERYTHING = {name: "" for name in ("q", "jurisdiction", "instrument", "openness", "stage", "force", "topic")}


async def listing(datasette, request, kind: str):
    """All topics or all jurisdictions."""
    return await page(datasette, request, "places", kind=kind, rows=await data.rows(datasette, data.KINDS[kind], within=""))


async def one(datasette, request, kind: str):
    """A topic or a jurisdiction; `on` is the day whose statuses it shows."""
    on, message = words.day_asked(request)
    place = await record(datasette, request, kind, kind)
    if isinstance(place, Response):
        return place
    number = words.page_number(request)
    rows, parts = await data.several(
        datasette, ("actions_filtered", EVERYTHING | {kind: place["id"], "on": on, "size": SIZE, "skip": (number - 1) * SIZE}),
        (data.KINDS[kind], {"within": place["id"]}))
    for row in rows:
        row["brief"] = standing.brief(row["stage"], row["legal_force"]) if row["stage"] else None
    return await page(datasette, request, "place", kind=kind, place=place, parts=parts, on=on, on_message=message, rows=rows[:SIZE], more=len(rows) > SIZE,
                      number=number, total=rows[0]["total"] if rows else 0)
