"""The brief of an action as a page to print, and several actions compared. Only the command makes PDF and Word files."""

from policykb.exports import brief
from policykb.read.database import Unknown, database
from policykb.site import data, words
from policykb.site.respond import NotFound, Response, absolute, elsewhere, file, html, moved


async def show(datasette, request):
    """Return the brief of one action; `on` is the day of its status."""
    action_id = request.url_vars["id"]
    match = await data.found(datasette, action_id)
    if match and match["moved"] and match["kind"] == "action":
        return moved(datasette, request, f"/actions/{match['id']}/brief")
    if not match or match["kind"] != "action":
        return await elsewhere(datasette, request, "action")
    return await _page(datasette, request, [action_id])


async def compare(datasette, request):
    """Return several actions side by side: `ids`, separated by commas or spaces."""
    ids = (request.args.get("ids") or "").replace("\0", " ").replace(",", " ").split()
    if not ids or len(ids) > brief.MOST_IDS:
        raise NotFound(
            f"Name one to {brief.MOST_IDS} actions, for instance /brief?ids=us-eo-14409,eu-ai-act."
        )
    return await _page(datasette, request, ids)


async def style(datasette, request):
    """Return the style sheet of briefs."""
    return await file(datasette, request, brief.css(), "text/css")


async def _page(datasette, request, ids: list[str]) -> Response:
    on, message = words.day_asked(request)
    today = words.dates.today().isoformat()
    base = absolute(datasette, request, "/")
    try:
        content = await data.turn(
            datasette,
            lambda connection: brief.brief(database(connection), ids, on, today, base),
        )
    except Unknown as error:
        text = str(error)
        raise NotFound(text[0].upper() + text[1:] + ".") from None
    back = f"/actions/{content.ids[0]}" if len(content.ids) == 1 else "/actions"
    page = brief.page(
        content,
        style=str(datasette.urls.path("/brief.css")),
        note=message,
        back=str(datasette.urls.path(back)),
    )
    return await html(datasette, request, page)
