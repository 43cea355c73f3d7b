"""Rules for requests to a service that strangers may ask anything of: refusals, headers, and errors of a visitor.

What one query may do is in connections.py, how many of them run at a time in lane.py, and that rows are not
returned in part in whole_rows.py.
"""

import logging
import sqlite3
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import parse_qsl

from datasette import hookimpl
from datasette.database import QueryInterrupted
from datasette.utils.asgi import Base400

from policykb.site.connections import MOST_QUERY
from policykb.site.lane import BusyError, Lane
from policykb.site.published import names
from policykb.site.routes import POSTED, is_page
from policykb.site.state import state_of
from policykb.site.whole_rows import whole_rows

MOST_FACETS = 6
# Facets and conditions of a table by the beginning of the parameter, and how many of them a request may have.
MOST_PARAMETERS = {"_facet": MOST_FACETS, "_where": 1, "_through": 1}
# Parameters that begin like a facet and are none.
NO_FACETS = frozenset({"_facet_size"})
READING = ("GET", "HEAD", "OPTIONS")
MOST_CACHED = 1_000_000  # bytes of an answer that a cache between here and the reader may keep
HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"x-frame-options", b"SAMEORIGIN"),
]
# For Datasette's own pages, which have scripts and styles in their text.
POLICY = (
    b"default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    b"img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; "
    b"base-uri 'none'; frame-ancestors 'self'"
)
LOG = logging.getLogger(__name__)


class Refusal(NamedTuple):
    """Why a request is refused: the status of the answer, its text, and headers of its own."""

    status: int
    text: str
    headers: tuple[tuple[bytes, bytes], ...] = ()


@hookimpl
def asgi_wrapper(datasette):
    """Refuse what no reader needs, run what may be expensive in its lane, and send headers that protect readers."""
    # Where the package rich is installed, Datasette prints every exception with all variables, those for wrong addresses
    # too: seconds of work for each. Imported here, as the module loads all plugins, this one too.
    from datasette import handle_exception as handler

    handler.rich = None

    def wrap(app):
        whole = whole_rows(app, datasette)
        is_lane = state_of(datasette).is_lane
        lane = Lane(state_of(datasette).socket)

        async def guarded(scope, receive, send):
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            refusal = next(filter(None, (rule(scope, datasette) for rule in RULES)), None)
            if refusal:
                await _refuse(send, refusal)
                return
            receive = _limited_body(receive, _most_body(scope, datasette))
            send = _with_headers(send)
            base = datasette.setting("base_url")
            try:
                if is_lane or is_page(scope, base) or _is_file(scope, datasette):
                    await whole(scope, receive, send)
                else:
                    await lane.answer(whole, scope, receive, send)
            except BusyError:
                await _refuse(send, BUSY)
            except TooMuchError:
                await _refuse(send, Refusal(413, "This is too much text.\n"))

        return guarded

    return wrap


BUSY = Refusal(
    503, "Too many queries are waiting; try again in a few seconds.\n", ((b"retry-after", b"5"),)
)


def refuse_redirects(scope: dict, datasette) -> Refusal | None:
    """Refuse a path that could be turned into a redirect to another site."""
    raw, path = scope.get("raw_path") or scope["path"].encode(), scope["path"]
    backslash = "\\" in path or b"\\" in raw or b"%5c" in raw.lower()
    if backslash or path.startswith("//") or raw.startswith(b"//") or not raw.startswith(b"/"):
        return Refusal(400, "This path is not valid here.\n")
    return None


def refuse_long_queries(scope: dict, datasette) -> Refusal | None:
    """Refuse a query string that is longer than any page needs."""
    if len(scope.get("query_string", b"")) > MOST_QUERY:
        return Refusal(414, "This query is too long.\n")
    return None


def refuse_methods(scope: dict, datasette) -> Refusal | None:
    """Refuse every method but those that read, and POST where a page needs it."""
    allowed = (*READING, "POST") if _most_body(scope, datasette) else READING
    if scope["method"] in allowed:
        return None
    allow = (b"allow", ", ".join(allowed).encode())
    return Refusal(405, "This page can only be read.\n", (allow,))


def refuse_costly_tables(scope: dict, datasette) -> Refusal | None:
    """Refuse more facets and conditions of a table than a reader needs: each costs a query of its own."""
    query = scope.get("query_string", b"").decode(errors="replace")
    asked = [name for name, _ in parse_qsl(query, keep_blank_values=True) if name not in NO_FACETS]
    for start, most in MOST_PARAMETERS.items():
        if sum(name.startswith(start) for name in asked) > most:
            return Refusal(400, f"At most {most} `{start}` in one request.\n")
    return None


RULES: tuple[Callable[..., Refusal | None], ...] = (
    refuse_redirects,
    refuse_long_queries,
    refuse_methods,
    refuse_costly_tables,
)


class TooMuchError(Exception):
    """The body of a request is longer than its page takes."""


def _most_body(scope: dict, datasette) -> int:
    """Return how many bytes may be sent to a page; 0 where it can only be read."""
    return POSTED.get(
        "/" + scope["path"].removeprefix(datasette.setting("base_url")).lstrip("/"), 0
    )


def _limited_body(receive: Callable, most: int) -> Callable:
    """Return `receive` with a limit for the bytes of the body."""
    size = 0

    async def limited() -> dict:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > most:
            raise TooMuchError
        return message

    return limited


def _is_file(scope: dict, datasette) -> bool:
    """Return whether a request asks for a file as it is: a style, a script, or a whole database."""
    path = scope["path"]
    static = (datasette.urls.path("-/static"), datasette.urls.path("favicon.ico"))
    databases = [f"{datasette.urls.database(name)}.db" for name in names(datasette)]
    return path.startswith(tuple(map(str, static))) or path in databases


def _with_headers(send: Callable) -> Callable:
    """Return `send` with headers that protect readers, and caches from large answers.

    The start of an answer waits for its first part, which says how long the answer is if it is the only one.
    """
    start: dict = {}

    async def send_with_headers(message: dict) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
            return
        if start:
            length = None if message.get("more_body") else len(message.get("body", b""))
            await send({**start, "headers": _headers(start["headers"], length)})
            start.clear()
        await send(message)

    return send_with_headers


def _headers(own: list[tuple[bytes, bytes]], length: int | None) -> list[tuple[bytes, bytes]]:
    """Return the headers of an answer with those that protect readers; `length` is that of its body, None if unknown."""
    present = {name.lower(): value for name, value in own}
    if b"frame-ancestors *" in present.get(b"content-security-policy", b""):
        present[b"x-frame-options"] = (
            b""  # the card of an action, which any site may show in a frame
        )
    headers = [*own, *(header for header in HEADERS if header[0] not in present)]
    is_html = present.get(b"content-type", b"").startswith(b"text/html")
    if is_html and b"content-security-policy" not in present:
        headers.append((b"content-security-policy", POLICY))
    if length and b"content-length" not in present and b"transfer-encoding" not in present:
        headers.append((b"content-length", str(length).encode()))
    size = int(present.get(b"content-length") or length or 0)
    is_small = length is not None or b"content-length" in present
    if b"cache-control" in present and (size > MOST_CACHED or not is_small):
        headers = [pair for pair in headers if pair[0].lower() != b"cache-control"]
        headers.append((b"cache-control", b"no-store"))
    return headers


async def _refuse(send: Callable, refusal: Refusal) -> None:
    kind = (b"content-type", b"text/plain; charset=utf-8")
    headers = [kind, *refusal.headers, *HEADERS]
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": refusal.text.encode()})


@hookimpl
def handle_exception(datasette, request, exception):
    """Answer with an error of the visitor where one of Datasette's pages fails for what its address asks."""
    from datasette.handle_exception import handle_exception as page_of
    from datasette.views.base import DatasetteError

    expected = isinstance(exception, DatasetteError) and exception.status != 500
    if expected or isinstance(exception, Base400) or _is_damage(exception):
        return None
    if isinstance(exception, MemoryError):
        error = DatasetteError("This needs more memory than a request may use.", status=503)
    elif isinstance(exception, QueryInterrupted):
        error = DatasetteError("This takes too long; ask for less.", status=400)
    elif request.query_string:
        error = DatasetteError("The query string is not valid here.", status=400)
    elif "." in request.path:
        error = DatasetteError("There is nothing in this form here.", status=404)
    else:
        return None
    LOG.warning("%s: %s: %s", request.path, type(exception).__name__, exception)
    return page_of(datasette, request, error)


def _is_damage(exception: Exception) -> bool:
    """Return whether SQLite says that the file is damaged, which is no fault of the visitor."""
    return isinstance(exception, sqlite3.DatabaseError) and not isinstance(
        exception, sqlite3.OperationalError | sqlite3.ProgrammingError | sqlite3.InterfaceError
    )
