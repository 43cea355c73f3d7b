"""/robots.txt (RFC 9309): what programs that collect pages may ask for."""

from policykb.site import data
from policykb.site.respond import file

LINES = """User-agent: *
# Every page is there to be read. Left out is what has no end: tables, searches, and the same pages by other days and filters.
Disallow: {database}
Disallow: {root}-/
Disallow: {root}search
Disallow: {root}timeline
Disallow: {root}*?
Allow: {root}*?page=
Allow: {root}-/static
"""


async def show(datasette, request):
    """The text, with the paths of this site."""
    database = datasette.urls.database((await data.known(datasette)).name)
    text = LINES.format(database=database, root=datasette.urls.path("/"))
    return await file(datasette, request, text, "text/plain")
