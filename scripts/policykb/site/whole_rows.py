"""No rows in part: all rows, or a refusal that says how to go on.

Rows as a plain array (`_shape=array`) and CSV cannot say that more rows follow, and Datasette answers with a page of
them. Here a reader who asks for no size gets the largest page, and where that is not everything, a refusal that says
how to go on.
"""

import csv
import io
import json
from collections.abc import Callable, Sequence
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, urlencode

from policykb.site.published import names

TOO_MANY = (
    "There are more than {:,} rows, and this form cannot say so. Take `_shape=objects&_size=max`, whose `next_url` leads to the "
    "rest, ask for fewer with filters or a size (`_size=100`), or write all tables with `policykb export`.\n"
)
# Forms of rows that cannot say that more follow; the second is of the plugin datasette-copyable.
FILES = (".csv", ".copyable")
SHAPES = ("array", "arrayfirst", "object")


def whole_rows(app: Callable, datasette) -> Callable:
    """Return `app` with rows that are all there, or a refusal."""
    most = datasette.setting("max_returned_rows")

    async def answer(scope: dict, receive: Callable, send: Callable) -> None:
        databases = [str(datasette.urls.database(name)) for name in names(datasette)]
        if not _is_asked_whole(scope, databases):
            await app(scope, receive, send)
            return
        whole = await _answer_whole(app, scope, receive, most)
        if whole is None:
            headers = [(b"content-type", b"text/plain; charset=utf-8")]
            await send({"type": "http.response.start", "status": 400, "headers": headers})
            await send({"type": "http.response.body", "body": TOO_MANY.format(most).encode()})
            return
        for message in whole.messages:
            await send(message)

    return answer


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
    return path.endswith(FILES) or (path.endswith(".json") and query.get("_shape", "") in SHAPES)


async def _answer_whole(app: Callable, scope: dict, receive: Callable, most: int) -> Answer | None:
    """Return the answer with all rows, or None if there are more than `most`."""
    answer = await _ask(app, scope, receive, _size="max")
    if answer.status != 200:
        return answer
    if answer.has_next():
        return None
    is_empty = not answer.body.strip()  # so is CSV where a statement fails
    is_text = scope["path"].endswith(".copyable")  # in which rows cannot be counted
    if not is_text and not is_empty and _rows(scope, answer) < most:
        return answer
    # As many as fit: an object says whether there are more.
    path, raw = (
        scope["path"].rpartition(".")[0] + ".json",
        _raw(scope).rpartition(b".")[0] + b".json",
    )
    as_objects = scope | {"path": path, "raw_path": raw}
    probe = await _ask(app, as_objects, receive, _shape="objects", _size="max")
    if is_empty and probe.status != 200:
        return probe
    objects = json.loads(probe.body) if probe.status == 200 else {"truncated": True}
    return None if objects.get("truncated") or objects.get("next") else answer


def _raw(scope: dict) -> bytes:
    """Return the path of a request as it was written."""
    return scope.get("raw_path") or quote(scope["path"]).encode()


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

    await app({**scope, "raw_path": _raw(scope), "query_string": query}, receive, send)
    return Answer(messages)
