"""The brief of an action as a page to print, and several actions compared. Only the command makes PDF and Word files."""

from collections.abc import Sequence

from markupsafe import Markup

from policykb.exports import brief
from policykb.read.database import database
from policykb.site import data, params
from policykb.site.links import COPY, address
from policykb.site.respond import NotFound, Response, absolute, elsewhere, file, html, moved
from policykb.site.state import state_of
from policykb.site.views.compare import actions_asked


async def show(datasette, request):
    """Return the brief of one action; `on` is the day of its status."""
    action_id = request.url_vars["id"]
    record = await data.record(datasette, action_id)
    if record and record["kind"] == "action":
        if record["moved"]:
            return moved(datasette, request, f"/actions/{record['id']}/brief")
        return await _page(datasette, request, [action_id])
    return await elsewhere(datasette, request, "action")


async def compare(datasette, request):
    """Return several actions side by side: `ids`, separated by commas or spaces."""
    ids, messages = await actions_asked(datasette, request, brief.MOST_IDS)
    if not ids:
        ask = f"Name one to {brief.MOST_IDS} actions by their ids, as /brief?ids=ID,ID."
        raise NotFound(" ".join(messages) or ask)
    return await _page(datasette, request, ids, messages)


async def style(datasette, request):
    """Return the style sheet of briefs."""
    return file(datasette, request, brief.css(), "text/css")


async def _page(datasette, request, ids: list[str], messages: Sequence[str] = ()) -> Response:
    on, on_message = params.day_asked(request)
    base = absolute(datasette, request, "/")
    briefs = await data.turn(
        datasette,
        lambda connection: brief.brief(database(connection), ids, on, params.today(), base),
    )
    back = f"/actions/{briefs.ids[0]}" if len(briefs.ids) == 1 else "/actions"
    copy = COPY.get()
    look = state_of(datasette).templates.get_template("policykb/copy_look.html").render(copy=copy)
    head = copy.policy(scripts=True) + Markup(look) if copy else ""
    note = " ".join(filter(None, (*messages, on_message)))
    style, back = address(datasette, "/brief.css"), address(datasette, back)
    return html(datasette, request, brief.page(briefs, style, note, back, head))
