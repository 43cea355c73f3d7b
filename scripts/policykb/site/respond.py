"""Answers of the pages: rendering, headers that protect readers, caching, and the pages for what went wrong."""

import hashlib
import logging
import re
from collections.abc import Awaitable, Callable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import NoReturn

from datasette.database import QueryInterrupted
from datasette.utils.asgi import NotFound, Response

from policykb.model import dates
from policykb.model.records import ID_FORM, LONGEST_ID
from policykb.read.links import KINDS, path
from policykb.site import data
from policykb.site.connections import TooLargeError
from policykb.site.links import COPY
from policykb.site.params import RefusedError, repeated
from policykb.site.state import state_of

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
SOFTWARE = {".html", ".py", ".sql", ".css", ".js"}
RECORD = re.compile(rf"/(?:{'|'.join(KINDS)})/{ID_FORM.strip('^$')}$")
LOG = logging.getLogger(__name__)
View = Callable[..., Awaitable[Response]]


class MovedError(Exception):
    """The record that an address names is elsewhere; `answer` is the redirect to it."""

    def __init__(self, answer: Response) -> None:
        super().__init__()
        self.answer = answer


def guarded(view: View, takes_post: bool = False) -> View:
    """Return `view` with its failures turned into pages, and 304 for a reader who has the page already.

    With `takes_post` it answers POST too, which is never kept.
    """

    async def answer(datasette, request):
        posted = takes_post and request.method == "POST"
        if request.method not in ("GET", "HEAD") and not posted:
            return Response.text(
                "This page can only be read.\n", status=405, headers={"allow": "GET, HEAD"}
            )
        try:
            if posted:
                return await view(datasette, request)
            tag = etag(datasette, request)
            if tag in re.findall(r'"[^"]*"', request.headers.get("if-none-match", "")):
                headers = _headers(datasette, tag)
                return Response(b"", 304, headers, content_type="text/html; charset=utf-8")
            return await _cached(datasette, request, tag, view)
        except MovedError as redirect:
            return redirect.answer
        except NotFound as missing:
            message = str(missing) or "There is nothing at this address."
            return await failure(datasette, request, 404, "There is no such page", message)
        except RefusedError as refusal:
            return file(datasette, request, f"{refusal}\n", "text/plain", refusal.status)
        except TooLargeError as error:
            return await failure(datasette, request, 400, "This is too much", f"{error}.")
        except QueryInterrupted:
            LOG.exception("%s took too long", request.path)
            message = "Ask for less, or try again."
            return await failure(datasette, request, 503, "This took too long", message)
        except Exception:
            LOG.exception("%s failed", request.path)
            message = "The fault is in this site, not in what you asked for."
            return await failure(datasette, request, 500, "Something went wrong here", message)

    return answer


async def _cached(datasette, request, tag: str, view: View) -> Response:
    """Return the answer of `view`, kept in memory for the next reader while the file cannot change; the least used go first.

    The tag names everything that a page depends on except the host, which it cites its own address with.
    """
    pages = state_of(datasette).pages
    key = (tag, request.scheme, request.host)
    answer = pages.get(key)
    if answer is not None:
        return answer
    answer = await view(datasette, request)
    if answer.status == 200 and not datasette.get_database(data.names(datasette)[0]).is_mutable:
        pages.keep(key, answer)
    return answer


def page(datasette, request, template: str, code: int = 200, **context) -> Response:
    """Return the page of templates/policykb/<template>.html, with `known`, `today`, `messages` on the request, and `context`.

    Pages that show a status pass `on` (ISO day) and `on_message` (what is wrong with the day asked for, or None).
    """
    known = data.known(datasette)
    context = {
        "known": known,
        "site": known.info,
        "today": dates.today().isoformat(),
        "copy": COPY.get(),
        "here": here(datasette, request),
        "linked": _linked(request) if code == 200 else None,
        **context,
        "messages": [*context.get("messages", ()), *repeated(request)],
    }
    body = state_of(datasette).templates.get_template(f"policykb/{template}.html").render(context)
    tag = etag(datasette, request) if code == 200 else None
    return Response.html(body, status=code, headers=_headers(datasette, tag))


def _linked(request) -> str | None:
    """Return the path of the record that a page shows, as JSON-LD."""
    if "id" not in request.url_vars:
        return None
    shown = RECORD.search(request.path)
    return f"{shown[0]}.jsonld" if shown else None


def html(datasette, request, text: str) -> Response:
    """Return a page that another part of this software has made."""
    return Response.html(text, headers=_headers(datasette, etag(datasette, request)))


def file(datasette, request, text: str, media: str, status: int = 200) -> Response:
    """Return an answer that is text, not a page, for another program."""
    tag = etag(datasette, request) if status == 200 else None
    return Response(
        text,
        status=status,
        headers=_headers(datasette, tag),
        content_type=f"{media}; charset=utf-8",
    )


async def record(datasette, request, kind: str, statement: str) -> dict:
    """Return the row of the record that the address names.

    :raises MovedError: if the id is old or of another kind.
    :raises NotFound: with the id, if there is no such record.
    """
    row = await data.row(datasette, statement, id=request.url_vars["id"])
    return row or await elsewhere(datasette, request, kind)


async def elsewhere(datasette, request, kind: str, ending: str = "") -> NoReturn:
    """Redirect to the record whose former id the address names, or which is of another kind than the address says.

    `ending` is kept behind the id where there is one, as `.atom`.

    :raises MovedError: with the redirect.
    :raises NotFound: with the id, if there is no such record.
    """
    record_id = request.url_vars["id"]
    if len(record_id) > LONGEST_ID:
        raise NotFound(f"An id has at most {LONGEST_ID} characters.")
    there = await data.record(datasette, record_id)
    if there and (there["moved"] or there["kind"] != kind):
        raise MovedError(moved(datasette, request, path(there["kind"], there["id"]) + ending))
    raise NotFound(f"There is no {kind} “{record_id}”.")


def absolute(datasette, request, path: str) -> str:
    """Return the whole address of a page of this site, for citing it."""
    scheme = "https" if datasette.setting("force_https_urls") else request.scheme
    return f"{scheme}://{request.host}{datasette.urls.path(path)}"


def here(datasette, request) -> str:
    """Return the whole address of the page that is asked for, without its parameters."""
    return absolute(datasette, request, own_path(datasette, request.path))


def own_path(datasette, address: str) -> str:
    """Return an address of a request without the base path of the site."""
    return address.removeprefix(datasette.urls.path("/").rstrip("/"))


def moved(datasette, request, path: str) -> Response:
    """Return a permanent redirect to a page of this site, with the parameters of the request."""
    query = f"?{request.query_string}" if request.query_string else ""
    headers = {
        "location": str(datasette.urls.path(path)) + query,
        "content-security-policy": POLICY,
        "cache-control": "max-age=3600",
    }
    return Response("", status=301, headers=headers)


async def failure(datasette, request, status: int, title: str, message: str) -> Response:
    """Return the page for what went wrong; for a missing record with the ids that come nearest."""
    try:
        words = request.url_vars.get("id") or request.url_vars.get("name") or ""
        near = await data.nearest(datasette, words[:80]) if status == 404 and words else []
        return page(
            datasette,
            request,
            "error",
            code=status,
            title=title,
            message=message,
            near=near,
            words=words[:80].replace("-", " "),
        )
    except Exception:
        LOG.exception("the error page failed")
        return Response.text(f"{title}. {message}\n", status=status)


def etag(datasette, request) -> str:
    """Return what changes whenever the page does: by content, software, address and, since a status has a day, today."""
    tag = request.__dict__.get("_policykb_tag")
    if tag is None:
        content = data.known(datasette).info["content_sha256"]
        parts = (content, _software(), request.full_path, dates.today().isoformat())
        digest = hashlib.sha256("\n".join(parts).encode(errors="replace")).hexdigest()
        tag = request._policykb_tag = f'"{digest[:32]}"'
    return tag


def _headers(datasette, tag: str | None) -> dict[str, str]:
    headers = {"content-security-policy": POLICY, "vary": "accept-encoding"}
    if not tag:
        return {**headers, "cache-control": "no-cache"}
    age = datasette.setting("default_cache_ttl")
    return {**headers, "etag": tag, "cache-control": f"public, max-age={age}"}


@cache
def _software() -> str:
    """Return the version of this software and of its files, which change between releases while one works on them."""
    folder = Path(__file__).parents[1]
    files = [path for path in folder.rglob("*") if path.suffix in SOFTWARE]
    digest = hashlib.sha256(version("policykb").encode())
    for file in sorted(files):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
