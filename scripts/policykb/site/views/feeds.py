"""Atom feeds and calendars, of the whole knowledge base, of an action, a jurisdiction or a topic."""

from collections.abc import Callable

from policykb.exports import feeds
from policykb.read.database import database
from policykb.site import data, words
from policykb.site.respond import Response, absolute, elsewhere, file

KINDS = {place: kind for kind, place in feeds.PLACES.items()}


async def everything(datasette, request) -> Response:
    """Return news and corrections of all records."""
    return await _feed(datasette, request, feeds.Scope(), feeds.entries, "{}")


async def ahead(datasette, request) -> Response:
    """Return the days ahead."""
    return await _feed(datasette, request, feeds.Scope(), feeds.upcoming, "{}: days ahead")


async def of_one(datasette, request) -> Response:
    """Return news and corrections of an action, or of the actions in a jurisdiction or of a topic."""
    return await _feed(datasette, request, _scope(request), feeds.entries, "{1}, in {0}")


async def calendar(datasette, request) -> Response:
    """Return the days ahead as a calendar."""
    scope = _scope(request) if "place" in request.url_vars else feeds.Scope()
    content = await _read(datasette, request, scope, feeds.deadlines)
    if content is None:
        return await elsewhere(datasette, request, scope.kind, ".ics")
    about, title, deadlines = content
    heading = f"{title}, in {about.title}" if scope.id else about.title
    base = absolute(datasette, request, "/")
    text = feeds.calendar(about, heading, base, deadlines)
    return await file(datasette, request, text, feeds.CALENDAR)


async def _feed(datasette, request, scope: feeds.Scope, read: Callable, heading: str) -> Response:
    content = await _read(datasette, request, scope, read)
    if content is None:
        return await elsewhere(datasette, request, scope.kind, ".atom")
    about, title, entries = content
    path = request.path.removeprefix(datasette.urls.path("/").rstrip("/"))
    page = "/timeline" if read is feeds.upcoming else scope.path
    base = absolute(datasette, request, "/")
    text = feeds.atom(about, heading.format(about.title, title), path, page, base, entries)
    return await file(datasette, request, text, feeds.ATOM)


async def _read(datasette, request, scope: feeds.Scope, read: Callable) -> tuple | None:
    """Return the content of a feed or calendar, read in one turn; None if there is no such record."""
    today, base = words.dates.today().isoformat(), absolute(datasette, request, "/")

    def turn(connection) -> tuple | None:
        db = database(connection)
        title = feeds.title(db, scope)
        if scope.id and title is None:
            return None
        return feeds.masthead(db, base), title, read(db, scope, today)

    return await data.turn(datasette, turn)


def _scope(request) -> feeds.Scope:
    return feeds.Scope(KINDS[request.url_vars["place"]], request.url_vars["id"])
