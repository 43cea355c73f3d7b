"""What follows the knowledge base: Atom feeds and calendars, of all of it, of an action, a jurisdiction or a topic."""

from collections.abc import Callable

from policykb.exports import atom, deadlines, follow
from policykb.site import data, words
from policykb.site.respond import Response, absolute, elsewhere, file

KINDS = {place: kind for kind, place in follow.PLACES.items()}


async def everything(datasette, request) -> Response:
    """News and corrections of all records."""
    return await _feed(datasette, request, follow.Scope(), follow.entries, "{}")


async def ahead(datasette, request) -> Response:
    """The days ahead."""
    return await _feed(datasette, request, follow.Scope(), follow.upcoming, "{}: days ahead")


async def of_one(datasette, request) -> Response:
    """News and corrections of an action, or of the actions in a jurisdiction or of a topic."""
    return await _feed(datasette, request, _scope(request), follow.entries, "{1}, in {0}")


async def calendar(datasette, request) -> Response:
    """The days ahead as a calendar."""
    scope = _scope(request) if "place" in request.url_vars else follow.Scope()
    found = await _read(datasette, request, scope, follow.deadlines)
    if found is None:
        return await elsewhere(datasette, request, scope.kind, ".ics")
    told, name, listed = found
    title = f"{name}, in {told.title}" if scope.id else told.title
    return await file(
        datasette,
        request,
        deadlines.written(told, title, absolute(datasette, request, "/"), listed),
        deadlines.MEDIA,
    )


async def _feed(datasette, request, scope: follow.Scope, read: Callable, title: str) -> Response:
    found = await _read(datasette, request, scope, read)
    if found is None:
        return await elsewhere(datasette, request, scope.kind, ".atom")
    told, name, listed = found
    path = request.path.removeprefix(datasette.urls.path("/").rstrip("/"))
    page = "/timeline" if read is follow.upcoming else scope.path
    return await file(
        datasette,
        request,
        atom.written(
            told,
            title.format(told.title, name),
            path,
            page,
            absolute(datasette, request, "/"),
            listed,
        ),
        atom.MEDIA,
    )


async def _read(datasette, request, scope: follow.Scope, read: Callable) -> tuple | None:
    """What a feed or calendar is made of, in one turn; None if there is no such record."""
    today, base = words.dates.today().isoformat(), absolute(datasette, request, "/")

    def turn(connection) -> tuple | None:
        name = follow.name(connection, scope)
        return (
            None
            if scope.id and name is None
            else (follow.told(connection, base), name, read(connection, scope, today))
        )

    return await data.turn(datasette, turn)


def _scope(request) -> follow.Scope:
    return follow.Scope(KINDS[request.url_vars["place"]], request.url_vars["id"])
