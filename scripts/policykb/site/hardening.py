"""Limits for a service where strangers may run SQL: what one query may cost, which paths are refused, and no rows in part.

Rows as a plain array (`_shape=array`) and CSV cannot say that more rows follow, and Datasette answers with a page of
them. Here a reader who asks for no size gets the largest page, and where that is not everything, a refusal that says
how to go on.
"""

import csv
import io
import json
import os
import sqlite3
from collections.abc import Callable, Sequence
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

from datasette import hookimpl

from policykb.model import dates
from policykb.read.functions import register, take_as_today
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
# Forms of rows that cannot say that more follow.
SHAPES = ("array", "arrayfirst", "object")
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
                    # The card of an action, which any site may show in a frame (views/share.py).
                    if any(b"frame-ancestors *" in value for _, value in message["headers"]):
                        present.add(b"x-frame-options")
                    message = {
                        **message,
                        "headers": [
                            *message["headers"],
                            *(header for header in HEADERS if header[0] not in present),
                        ],
                    }
                await send(message)

            databases = [str(datasette.urls.database(name)) for name in names(datasette)]
            if not _is_asked_whole(scope, databases):
                await app(scope, receive, send_with_headers)
                return
            answer = await _answer_whole(app, scope, receive, most)
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


class Answer(NamedTuple):
    """The messages of an answer, which are sent on as they came."""

    messages: list[dict]

    @property
    def status(self) -> int:
        return self.messages[0]["status"]

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.messages[1:])

    def has_next(self) -> bool:
        """Return whether a header names a next page."""
        headers = self.messages[0]["headers"]
        return any(name.lower() == b"link" and b'rel="next"' in value for name, value in headers)


def _is_asked_whole(scope: dict, databases: Sequence[str]) -> bool:
    """Return whether a request asks for rows in a form that cannot say that more follow, and for no size or page of its own.

    `databases` are the addresses of the databases, such as `/kb`.
    """
    path, query = scope["path"], dict(_parameters(scope))
    if not any(path.startswith((f"{address}/", f"{address}.")) for address in databases):
        return False
    if scope["method"] != "GET" or query.keys() & {"_size", "_next", "_stream"}:
        return False
    return path.endswith(".csv") or (path.endswith(".json") and query.get("_shape", "") in SHAPES)


async def _answer_whole(app: Callable, scope: dict, receive: Callable, most: int) -> Answer | None:
    """Return the answer with all rows, or None if there are more than `most`."""
    answer = await _ask(app, scope, receive, _size="max")
    if answer.status != 200:
        return answer
    if answer.has_next():
        return None
    if _rows(scope, answer) < most:
        return answer
    # As many as fit: an object says whether there are more.
    path = scope["path"].rpartition(".")[0] + ".json"
    probe = await _ask(app, scope | {"path": path}, receive, _shape="objects", _size="max")
    objects = json.loads(probe.body) if probe.status == 200 else {"truncated": True}
    return None if objects.get("truncated") or objects.get("next") else answer


def _rows(scope: dict, answer: Answer) -> int:
    text = answer.body.decode(errors="replace")
    if scope["path"].endswith(".csv"):
        return sum(1 for _ in csv.reader(io.StringIO(text, newline=""))) - 1
    if "_nl" in dict(_parameters(scope)):
        return len(text.splitlines())
    return len(json.loads(text))


def _parameters(scope: dict) -> list[tuple[str, str]]:
    """Return the parameters of a request, with their names."""
    query = scope.get("query_string", b"").decode(errors="replace")
    return parse_qsl(query, keep_blank_values=True)


async def _ask(app: Callable, scope: dict, receive: Callable, **changed: str) -> Answer:
    """Return the answer of `app` to a request with some parameters changed."""
    others = [(name, value) for name, value in _parameters(scope) if name not in changed]
    query = urlencode([*others, *changed.items()]).encode()
    messages: list[dict] = []

    async def send(message: dict) -> None:
        messages.append(message)

    await app({**scope, "raw_path": scope["path"].encode(), "query_string": query}, receive, send)
    return Answer(messages)
