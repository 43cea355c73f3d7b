"""Which address shows which page. Nothing else.

A view is `async def name(datasette, request) -> Response`. Its module is imported when its first page is asked for.
"""

import re
from importlib import import_module

from datasette.utils.asgi import Request, Response

from policykb.read.links import PLACES
from policykb.site.respond import guarded

RECORD = rf"/(?P<place>{'|'.join(PLACES.values())})/(?P<id>[^/]+)"
ACTION = r"/actions/(?P<id>[^/]+)"
FOLLOWED = r"/(?P<place>actions|jurisdictions|topics)/(?P<id>[^/]+)"
DEBATED = r"/(?P<place>actions|topics)/(?P<id>[^/]+)/debate"
# Address after the base path -> module under views/ and function in it; the first that matches.
PAGES = {
    r"/$": "home.index",
    r"/about$": "about.index",
    r"/search$": "search.index",
    r"/find$": "find.index",
    r"/timeline$": "timeline.index",
    r"/timeline\.(?P<form>svg|png)$": "timeline.download",
    r"/llms\.txt$": "files.llms",
    r"/robots\.txt$": "files.robots",
    r"/sitemap\.xml$": "share.sitemap",
    r"/sitemap-(?P<part>[1-9][0-9]{0,5})\.xml$": "share.sitemap",
    r"/opensearch\.xml$": "share.opensearch",
    r"/CITATION\.cff$": "share.citation",
    r"/oembed$": "share.oembed",
    r"/coverage$": "about.coverage",
    r"/unapi$": "cite.unapi",
    r"/cite$": "cite.several",
    r"/cite\.(?P<form>bib|ris|csl\.json|docx)$": "cite.several_as_file",
    r"/brief\.css$": "brief.style",
    r"/brief$": "brief.compare",
    r"/feeds/all\.atom$": "feeds.everything",
    r"/feeds/corrections\.atom$": "feeds.corrections",
    r"/feeds/upcoming\.atom$": "feeds.ahead",
    r"/calendar\.ics$": "feeds.calendar",
    r"/following$": "following.index",
    r"/following\.(?P<form>atom|ics|csv)$": "following.as_file",
    rf"{FOLLOWED}\.atom$": "feeds.of_one",
    rf"{FOLLOWED}/corrections\.atom$": "feeds.corrections",
    rf"{FOLLOWED}\.ics$": "feeds.calendar",
    rf"{RECORD}\.jsonld$": "files.linked",
    rf"{RECORD}\.(?P<form>bib|ris|csl\.json)$": "cite.as_file",
    rf"{RECORD}/cite$": "cite.show",
    r"/actions/(?P<id>[^/]+)/brief$": "brief.show",
    rf"{ACTION}/badge\.svg$": "share.badge",
    rf"{ACTION}/card$": "share.card",
    rf"{ACTION}/card\.png$": "share.card_picture",
    rf"{ACTION}/timeline\.svg$": "share.timeline",
    rf"{ACTION}/oembed\.json$": "share.embedded",
    rf"{DEBATED}$": "debate.show",
    rf"{DEBATED}\.(?P<form>svg|png|argdown|dot)$": "debate.download",
    r"/(?P<place>actions|timeline|arguments|claims|documents|organizations)\.(?P<form>csv|json|atom|ics|bib|ris|sql)$": "takeaway.show",
    r"/records\.(?P<form>csv|json|atom|bib|ris)$": "takeaway.records",
    r"/selected$": "takeaway.selected",
    r"/compare(?:\.csv)?$": "compare.show",
    r"/duties(?:\.csv)?$": "compare.duties",
    r"/actions$": "lists.index",
    r"/actions/(?P<id>[^/]+)$": "action.show",
    r"/(?P<place>topics|jurisdictions)$": "places.index",
    r"/(?P<place>topics|jurisdictions)/(?P<id>[^/]+)$": "places.show",
    r"/arguments$": "arguments.index",
    r"/arguments/(?P<id>[^/]+)$": "arguments.show",
    r"/claims$": "arguments.claims",
    r"/claims/(?P<id>[^/]+)$": "arguments.claim",
    r"/documents$": "documents.index",
    r"/documents/(?P<id>[^/]+)$": "documents.show",
    r"/organizations$": "places.organizations",
    r"/organizations/(?P<id>[^/]+)$": "places.organization",
    r"/contribute$": "contribute.index",
    r"/contribute/(?P<name>[a-z]+)$": "contribute.show",
    r"/contribute/(?P<name>[a-z]+)\.toml$": "contribute.download",
    r"/reconcile$": "reconcile.service",
    r"/reconcile/suggest/(?P<what>entity|type|property)$": "reconcile.suggest",
    r"/reconcile/properties$": "reconcile.propose",
    r"/questions$": "questions.index",
    r"/questions/(?P<name>[^/]+)$": "questions.show",
}
# Pages that take POST, by address -> most bytes of what is sent. All others can only be read.
POSTED = {
    "/-/mcp": 700_000,  # of the plugin datasette-mcp; its tools take the text of /find
    "/find": 700_000,  # a text of 200 kB, each byte of which a form may write with three
    "/reconcile": 100_000,
}
# Modules whose work a visitor chooses; it waits in the lane with what strangers ask by SQL.
IN_LANE = ("reconcile",)


def _view(pattern: str, target: str):
    module, _, function = target.partition(".")

    async def view(datasette, request):
        views = import_module(f"policykb.site.views.{module}")
        return await getattr(views, function)(datasette, request)

    return guarded(view, pattern.removesuffix("$") in POSTED)


ROUTES = tuple((pattern, _view(pattern, target)) for pattern, target in PAGES.items())
_VIEWS = [(re.compile(pattern), view) for pattern, view in ROUTES]
_PATTERNS = [
    re.compile(pattern) for pattern, target in PAGES.items() if not target.startswith(IN_LANE)
]


def is_page(scope: dict, base: str) -> bool:
    """Return whether a request is for one of the pages; `base` is the path of the site, such as `/`."""
    raw = scope.get("raw_path") or scope["path"].encode()
    path = "/" + raw.decode("latin-1").removeprefix(base).lstrip("/")
    return any(pattern.match(path) for pattern in _PATTERNS)


async def answer(datasette, address: str, host: str) -> Response | None:
    """Return the answer of the page at `address`, as if asked on `host` but without a server; None if no page is there."""
    path, _, query = address.partition("?")
    for pattern, view in _VIEWS:
        if match := pattern.match(path):
            scope = {
                "type": "http",
                "method": "GET",
                "scheme": "http",
                "path": path,
                "raw_path": path.encode(),
                "query_string": query.encode(),
                "headers": [(b"host", host.encode())],
                "url_route": {"kwargs": match.groupdict()},
            }
            return await view(datasette, Request(scope, None))
    return None
