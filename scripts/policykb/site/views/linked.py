"""Records as JSON-LD."""

from policykb.exports import jsonld as linked
from policykb.read import database as reading
from policykb.site import data, words
from policykb.site.respond import NotFound, absolute, file, moved


async def show(datasette, request):
    """One record; the legal force of an action as of `on`, or of today."""
    id, place = request.url_vars["id"], request.url_vars["place"]
    if len(id) > 100:
        raise NotFound("An id has at most 80 characters.")
    on, _ = words.day_asked(request)
    there = await data.found(datasette, id)
    if there is None:
        raise NotFound(f"There is no record “{id}”.")
    if there["moved"] or data.KINDS[there["kind"]] != place:
        return moved(datasette, request, f"/{data.KINDS[there['kind']]}/{there['id']}.jsonld")
    found = reading.Found(there["id"], there["kind"], there["title"], None)

    def read(connection) -> dict:
        return linked.record(connection, found, absolute(datasette, request, "/"), on)

    node = await data.turn(datasette, read)
    answer = await file(datasette, request, linked.text(node), linked.MEDIA)
    answer.headers["access-control-allow-origin"] = "*"
    return answer
