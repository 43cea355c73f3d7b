"""The brief of an action as a page to print, and several actions compared. PDF and Word files are made by the command alone."""

from policykb.exports import brief
from policykb.site import data, words
from policykb.site.respond import NotFound, Response, absolute, elsewhere, file, html, moved


async def show(datasette, request):
    """The brief of one action; `on` is the day whose status it tells."""
    id = request.url_vars["id"]
    found = await data.found(datasette, id)
    if found and found["moved"] and found["kind"] == "action":
        return moved(datasette, request, f"/actions/{found['id']}/brief")
    if not found or found["kind"] != "action":
        return await elsewhere(datasette, request, "action")
    return await _page(datasette, request, [id])


async def compare(datasette, request):
    """Several actions side by side: `ids`, parted by commas or spaces."""
    ids = (request.args.get("ids") or "").replace("\0", " ").replace(",", " ").split()
    if not ids or len(ids) > brief.MOST_IDS:
        raise NotFound(
            f"Name one to {brief.MOST_IDS} actions, for instance /brief?ids=us-eo-14409,eu-ai-act."
        )
    return await _page(datasette, request, ids)


async def style(datasette, request):
    """The style sheet of briefs."""
    return await file(datasette, request, brief.css(), "text/css")


async def _page(datasette, request, ids: list[str]) -> Response:
    on, message = words.day_asked(request)
    today = words.dates.today().isoformat()
    base = absolute(datasette, request, "/")

    def read(connection):
        return brief.brief(
            connection, ids, brief.Day(on, bool(words.param(request, "on")), today), base
        )

    try:
        made = await data.turn(datasette, read)
    except brief.Unknown as unknown:
        said = str(unknown)
        raise NotFound(said[0].upper() + said[1:] + ".") from None
    back = f"/actions/{made.ids[0]}" if len(made.ids) == 1 else "/actions"
    return await html(
        datasette,
        request,
        brief.page(
            made,
            style=str(datasette.urls.path("/brief.css")),
            note=message,
            back=str(datasette.urls.path(back)),
        ),
    )
