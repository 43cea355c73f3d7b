"""Answers of the pages: rendering, headers that protect readers, caching, and the pages for what went wrong."""

import hashlib
import logging
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from functools import cache
from importlib.metadata import version
from pathlib import Path

from datasette.utils.asgi import NotFound, Response

from policykb.model import dates
from policykb.model.records import ID_FORM
from policykb.site import data

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
# Pages kept in memory: characters of all together and of the largest; a character takes one or two bytes.
MOST_KEPT = 24_000_000
LARGEST_KEPT = 256_000
LOG = logging.getLogger(__name__)
View = Callable[..., Awaitable[Response]]


class Pages:
    """Answers by address and day, as many as fit into MOST_KEPT; those not asked for the longest go first."""

    def __init__(self) -> None:
        self.answers: OrderedDict[tuple, Response] = OrderedDict()
        self.size = 0

    def get(self, key: tuple) -> Response | None:
        """The answer kept for `key`, which is thereby the last to go."""
        answer = self.answers.get(key)
        if answer is not None:
            self.answers.move_to_end(key)
        return answer

    def keep(self, key: tuple, answer: Response) -> None:
        """Keep `answer` unless it is too large or there already."""
        if len(answer.body) > LARGEST_KEPT or key in self.answers:
            return
        self.answers[key] = answer
        self.size += _weight(answer)
        while self.size > MOST_KEPT:
            self.size -= _weight(self.answers.popitem(last=False)[1])


def _weight(answer: Response) -> int:
    """The size of an answer with what keeping it costs."""
    return len(answer.body) + 1000


def guarded(view: View) -> View:
    """`view` with its failures turned into pages, and 304 for a reader who has the page already."""

    async def answer(datasette, request):
        try:
            if request.method not in ("GET", "HEAD"):
                return Response.text(
                    "This page can only be read.\n", status=405, headers={"allow": "GET, HEAD"}
                )
            known = await data.known(datasette)
            tag = etag(known, request)
            if tag in re.findall(r'"[^"]*"', request.headers.get("if-none-match", "")):
                return Response(
                    b"",
                    status=304,
                    headers=_headers(datasette, tag),
                    content_type="text/html; charset=utf-8",
                )
            return await _kept(datasette, request, tag, view)
        except NotFound as missing:
            return await failure(
                datasette,
                request,
                404,
                "There is no such page",
                str(missing) or "Nothing is kept at this address.",
            )
        except Exception as error:
            # A query that ran into its limit is the reader's to narrow; anything else is ours to mend.
            LOG.exception("%s failed", request.path)
            slow = type(error).__name__ == "QueryInterrupted"
            return await failure(
                datasette,
                request,
                503 if slow else 500,
                "This took too long" if slow else "Something went wrong here",
                "Ask for less, or try again."
                if slow
                else "The fault is in this site, not in what you asked for.",
            )

    return answer


async def _kept(datasette, request, tag: str, view: View) -> Response:
    """The answer of `view`, kept in memory for the next reader while the file cannot change; the least used go first.

    The tag names everything that a page depends on except the host, which it cites its own address with.
    """
    pages: Pages = datasette.__dict__.setdefault("_policykb_pages", Pages())
    key = (tag, request.scheme, request.host)
    kept = pages.get(key)
    if kept is not None:
        return kept
    answer = await view(datasette, request)
    if answer.status == 200 and not datasette.get_database(data.names(datasette)[0]).is_mutable:
        pages.keep(key, answer)
    return answer


async def page(datasette, request, template: str, status: int = 200, **context) -> Response:
    """The page of templates/policykb/<template>.html, with `known`, `today`, `messages` on what was asked for, and what is given.

    Pages that show a status pass `on` (ISO day) and `on_message` (what was wrong with the day asked for, or None).
    """
    known = await data.known(datasette)
    context = {
        "known": known,
        "site": known.info,
        "today": dates.today().isoformat(),
        "messages": [],
        "linked": _linked(request) if status == 200 else None,
        **context,
    }
    body = datasette._policykb_templates.get_template(f"policykb/{template}.html").render(context)
    return Response.html(
        body,
        status=status,
        headers=_headers(datasette, etag(known, request) if status == 200 else None),
    )


def _linked(request) -> str | None:
    """The address of the record that a page shows, as JSON-LD."""
    shown = (
        re.search(rf"/(?:{'|'.join(data.KINDS.values())})/{ID_FORM.strip('^$')}$", request.path)
        if "id" in request.url_vars
        else None
    )
    return f"{shown[0]}.jsonld" if shown else None


async def html(datasette, request, text: str) -> Response:
    """A page that is ready, made by another part of this software."""
    known = await data.known(datasette)
    return Response.html(text, headers=_headers(datasette, etag(known, request)))


async def file(datasette, request, text: str, media: str, status: int = 200) -> Response:
    """An answer that is no page but text for another program."""
    known = await data.known(datasette)
    return Response(
        text,
        status=status,
        headers=_headers(datasette, etag(known, request) if status == 200 else None),
        content_type=f"{media}; charset=utf-8",
    )


async def record(datasette, request, kind: str, sql_name: str, **params: object) -> dict | Response:
    """The row of the record that the address names; or the redirect to it if the id is old or of another kind.

    :raises NotFound: with the id, if there is no such record.
    """
    return await data.row(
        datasette, sql_name, id=request.url_vars["id"], **params
    ) or await elsewhere(datasette, request, kind)


async def elsewhere(datasette, request, kind: str, ending: str = "") -> Response:
    """The redirect to the record whose old id the address names, or which is of another kind than the address says.

    `ending` is kept behind the id where there is one, as `.atom`.

    :raises NotFound: with the id, if there is no such record.
    """
    id = request.url_vars["id"]
    if len(id) > 100:
        raise NotFound("An id has at most 80 characters.")
    there = await data.found(datasette, id)
    if there and (there["moved"] or there["kind"] != kind):
        return moved(datasette, request, f"/{data.KINDS[there['kind']]}/{there['id']}{ending}")
    raise NotFound(f"There is no {kind} “{id}”.")


def absolute(datasette, request, path: str) -> str:
    """The whole address of a page of this site, for citing it."""
    scheme = "https" if datasette.setting("force_https_urls") else request.scheme
    return f"{scheme}://{request.host}{datasette.urls.path(path)}"


def moved(datasette, request, path: str) -> Response:
    """A permanent redirect to a page of this site, with the parameters of the request."""
    query = f"?{request.query_string}" if request.query_string else ""
    return Response(
        "",
        status=301,
        headers={
            "location": str(datasette.urls.path(path)) + query,
            "content-security-policy": POLICY,
            "cache-control": "max-age=3600",
        },
    )


async def failure(datasette, request, status: int, title: str, message: str) -> Response:
    """The page for what went wrong; for a missing record with the ids that come nearest."""
    try:
        words = request.url_vars.get("id") or request.url_vars.get("name") or ""
        near = await data.nearest(datasette, words[:80]) if status == 404 and words else []
        return await page(
            datasette,
            request,
            "error",
            status=status,
            title=title,
            message=message,
            near=near,
            words=words[:80].replace("-", " "),
        )
    except Exception:
        LOG.exception("the error page failed")
        return Response.text(f"{title}. {message}\n", status=status)


def etag(known: data.Known, request) -> str:
    """What changes whenever the page does: the content, this software, the address and, since a status has a day, today."""
    tag = request.__dict__.get("_policykb_tag")
    if tag is None:
        parts = (
            known.info["content_sha256"],
            _software(),
            request.full_path,
            dates.today().isoformat(),
        )
        tag = request._policykb_tag = (
            '"' + hashlib.sha256("\n".join(parts).encode(errors="replace")).hexdigest()[:32] + '"'
        )
    return tag


def _headers(datasette, tag: str | None) -> dict[str, str]:
    headers = {"content-security-policy": POLICY, "vary": "accept-encoding"}
    if tag:
        headers |= {
            "etag": tag,
            "cache-control": f"public, max-age={datasette.setting('default_cache_ttl')}",
        }
    else:
        headers["cache-control"] = "no-cache"
    return headers


@cache
def _software() -> str:
    """The version of this software and of its templates, which change between releases while one works on them."""
    folder = Path(__file__).parents[1]
    digest = hashlib.sha256(version("policykb").encode())
    for file in sorted(
        [
            *folder.rglob("*.html"),
            *folder.rglob("*.py"),
            *folder.rglob("*.sql"),
            *folder.rglob("*.css"),
            *folder.rglob("*.js"),
        ]
    ):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
