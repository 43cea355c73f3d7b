"""Atom feeds and calendars, of the whole knowledge base, of an action, a jurisdiction or a topic."""

from collections.abc import Callable

from policykb.exports import feeds
from policykb.read.database import database
from policykb.read.links import KINDS
from policykb.site import data, params
from policykb.site.respond import Response, absolute, elsewhere, file, own_path


async def everything(datasette, request) -> Response:
    """Return the news of all actions."""
    return await _feed(datasette, request, feeds.entries, "{}")


async def corrections(datasette, request) -> Response:
    """Return the corrections of all records, or of the actions that the address names."""
    title = "{1}, in {0}: corrections" if "place" in request.url_vars else "{}: corrections"
    return await _feed(datasette, request, feeds.corrections, title)


async def ahead(datasette, request) -> Response:
    """Return the days ahead."""
    return await _feed(datasette, request, feeds.upcoming, "{}: days ahead")


async def of_one(datasette, request) -> Response:
    """Return the news of an action, or of the actions in a jurisdiction or of a topic."""
    return await _feed(datasette, request, feeds.entries, "{1}, in {0}")


async def calendar(datasette, request) -> Response:
    """Return the days ahead as a calendar."""
    scope = _scope(request)
    contents = await _read(datasette, request, scope, feeds.deadlines)
    if contents is None:
        return await elsewhere(datasette, request, scope.kind, ".ics")
    about, name, days, _ = contents
    title = f"{name}, in {about.title}" if scope.id else about.title
    text = feeds.calendar(about, title, absolute(datasette, request, "/"), days)
    return file(datasette, request, text, feeds.CALENDAR)


async def _feed(datasette, request, read: Callable, title: str) -> Response:
    scope = _scope(request)
    contents = await _read(datasette, request, scope, read)
    if contents is None:
        return await elsewhere(datasette, request, scope.kind, ".atom")
    about, name, entries, note = contents
    path = own_path(datasette, request.path)
    page = "/timeline" if read is feeds.upcoming else scope.path
    base = absolute(datasette, request, "/")
    text = feeds.atom(about, title.format(about.title, name), path, page, base, entries, note)
    return file(datasette, request, text, feeds.ATOM)


async def _read(datasette, request, scope: feeds.Scope, read: Callable) -> tuple | None:
    """Return the masthead, title, content and note of a feed or calendar, read in one turn; None if there is no such record."""
    base = absolute(datasette, request, "/")

    def turn(connection) -> tuple | None:
        db = database(connection)
        name = feeds.title(db, scope)
        if scope.id and name is None:
            return None
        note = feeds.left_out(db, scope, base) if read is feeds.entries else ""
        return feeds.masthead(db, base), name, read(db, scope, params.today()), note

    return await data.turn(datasette, turn)


def _scope(request) -> feeds.Scope:
    """Return what the address names: a record, or everything."""
    if "place" not in request.url_vars:
        return feeds.Scope()
    return feeds.Scope(KINDS[request.url_vars["place"]], request.url_vars["id"])
