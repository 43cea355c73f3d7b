"""Limits for a service where strangers may run SQL: what one query may cost, and which paths are refused."""

import os
import sqlite3

from datasette import hookimpl

from policykb.model import dates
from policykb.read.functions import register, take_as_today
from policykb.site import whole
from policykb.site.published import names

# Largest text, blob or row that a query may make, in bytes. The longest a knowledge base holds is the searched
# text of a record, which rows.py keeps below this.
MOST_BYTES = 100_000
# Longest query string and statement, in bytes; a full-text query of many thousand terms cannot be interrupted.
MOST_QUERY = 10_000
LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: MOST_BYTES,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: MOST_QUERY,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 200,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 50,
    sqlite3.SQLITE_LIMIT_VDBE_OP: 100_000,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 1_000,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 1,
}
TOO_MANY = (
    "There are more than {:,} rows, and this form cannot say so. Take `_shape=objects&_size=max`, whose `next_url` leads to the "
    "rest, ask for fewer with filters or a size (`_size=100`), or write all tables with `policykb export`.\n"
)
HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"x-frame-options", b"SAMEORIGIN"),
]


@hookimpl(trylast=True)
def prepare_connection(conn):
    """Limit what a single query may build, and what a search may look for (in place of Datasette's `escape_fts`)."""
    register(conn)
    if dates.TODAY_VARIABLE in os.environ:
        take_as_today(conn, dates.today().isoformat())
    for limit, value in LIMITS.items():
        conn.setlimit(limit, value)


@hookimpl
def asgi_wrapper(datasette):
    """Refuse paths that could be turned into a redirect to another site, give rows whole or not at all, and send headers that protect readers."""
    # Where the package rich is installed, Datasette prints every exception with all variables, those for wrong addresses
    # too: seconds of work for each. Imported here, as the module loads all plugins, this one too.
    from datasette import handle_exception

    handle_exception.rich = None
    most = datasette.setting("max_returned_rows")

    def wrap(app):
        async def guarded(scope, receive, send):
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            if _is_redirect(scope):
                await _refuse(send, 400, b"This path is not valid here.\n")
                return
            if len(scope.get("query_string", b"")) > MOST_QUERY:
                await _refuse(send, 414, b"This query is too long.\n")
                return

            async def send_with_headers(message):
                if message["type"] == "http.response.start":
                    present = {name.lower() for name, _ in message["headers"]}
                    message = {
                        **message,
                        "headers": [
                            *message["headers"],
                            *(header for header in HEADERS if header[0] not in present),
                        ],
                    }
                await send(message)

            databases = [str(datasette.urls.database(name)) for name in names(datasette)]
            if not whole.is_asked_whole(scope, databases):
                await app(scope, receive, send_with_headers)
                return
            answer = await whole.answer_whole(app, scope, receive, most)
            if answer is None:
                await _refuse(send, 400, TOO_MANY.format(most).encode())
                return
            for message in answer.messages:
                await send_with_headers(message)

        return guarded

    return wrap


def _is_redirect(scope: dict) -> bool:
    """Return whether a path could be turned into a redirect to another site."""
    raw, path = scope.get("raw_path") or scope["path"].encode(), scope["path"]
    backslash = "\\" in path or b"\\" in raw or b"%5c" in raw.lower()
    return backslash or path.startswith("//") or raw.startswith(b"//")


async def _refuse(send, status: int, text: bytes) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [(b"content-type", b"text/plain; charset=utf-8"), *HEADERS],
        }
    )
    await send({"type": "http.response.body", "body": text})
