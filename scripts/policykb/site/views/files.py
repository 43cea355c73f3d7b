"""What programs read: records as JSON-LD, /llms.txt (https://llmstxt.org/) and /robots.txt (RFC 9309)."""

from policykb.exports import jsonld
from policykb.model.records import LONGEST_ID
from policykb.read import dictionary
from policykb.read.database import database
from policykb.read.links import PLACES, path
from policykb.site import data, params
from policykb.site.links import QUERY
from policykb.site.respond import NotFound, absolute, file, moved
from policykb.site.state import state_of
from policykb.text import json_text

ROBOTS = """User-agent: *
# Every page may be read. Left out is what has no end: tables, searches, and the same pages by other days and filters.
Disallow: {database}
Disallow: {root}-/
Disallow: {root}search
Disallow: {root}timeline
Disallow: {root}*?
Allow: {root}*?page=
Allow: {root}-/static
Sitemap: {sitemap}
"""


async def linked(datasette, request):
    """Return one record as JSON-LD; the legal force of an action as of `on`, or of today."""
    record_id, place = request.url_vars["id"], request.url_vars["place"]
    if len(record_id) > LONGEST_ID:
        raise NotFound(f"An id has at most {LONGEST_ID} characters.")
    on = params.day_of_file(request)
    there = await data.record(datasette, record_id)
    if there is None:
        raise NotFound(f"There is no record “{record_id}”.")
    if there["moved"] or PLACES[there["kind"]] != place:
        return moved(datasette, request, f"{path(there['kind'], there['id'])}.jsonld")
    base = absolute(datasette, request, "/")
    node = await data.turn(
        datasette, lambda connection: jsonld.document(database(connection), there["id"], base, on)
    )
    answer = file(datasette, request, json_text(node), jsonld.MEDIA)
    answer.headers["access-control-allow-origin"] = "*"
    return answer


async def llms(datasette, request):
    """Return what this is, where the data is and how to ask, for programs that read pages on behalf of people."""
    known = data.known(datasette)

    def at(path: str) -> str:
        return absolute(datasette, request, path)

    database = at("/").removesuffix(datasette.urls.path("/")) + datasette.urls.database(known.name)
    text = (
        state_of(datasette)
        .templates.get_template("policykb/llms.txt")
        .render(
            site=known.info,
            kinds=PLACES,
            at=at,
            database=database,
            sql=f"{database}{QUERY}.json",
            questions=known.questions.values(),
            views=[name for name, (_, columns) in dictionary.tables().items() if not columns],
            mcp=any(plugin["name"] == "datasette-mcp" for plugin in datasette._plugins()),
            settings={
                name: datasette.setting(name) for name in ("sql_time_limit_ms", "max_returned_rows")
            },
        )
    )
    return file(datasette, request, text, "text/plain")


async def robots(datasette, request):
    """Return what programs that collect pages may ask for, with the paths of this site."""
    database = datasette.urls.database(data.known(datasette).name)
    text = ROBOTS.format(
        database=database,
        root=datasette.urls.path("/"),
        sitemap=absolute(datasette, request, "/sitemap.xml"),
    )
    return file(datasette, request, text, "text/plain")
