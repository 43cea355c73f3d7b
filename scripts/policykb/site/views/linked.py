"""Records as JSON-LD."""

from policykb.exports import jsonld
from policykb.read.database import database
from policykb.site import data, words
from policykb.site.respond import NotFound, absolute, file, moved


async def show(datasette, request):
    """Return one record; the legal force of an action as of `on`, or of today."""
    record_id, place = request.url_vars["id"], request.url_vars["place"]
    if len(record_id) > 100:
        raise NotFound("An id has at most 80 characters.")
    on, _ = words.day_asked(request)
    match = await data.found(datasette, record_id)
    if match is None:
        raise NotFound(f"There is no record “{record_id}”.")
    if match["moved"] or data.KINDS[match["kind"]] != place:
        return moved(datasette, request, f"/{data.KINDS[match['kind']]}/{match['id']}.jsonld")
    base = absolute(datasette, request, "/")
    node = await data.turn(
        datasette,
        lambda connection: jsonld.document(database(connection), match["id"], base, on),
    )
    answer = await file(datasette, request, jsonld.text(node), jsonld.MEDIA)
    answer.headers["access-control-allow-origin"] = "*"
    return answer
