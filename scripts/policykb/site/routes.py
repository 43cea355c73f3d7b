"""Which address shows which page. Nothing else.

A view is `async def name(datasette, request) -> Response`. Its module is imported when its first page is asked for.
"""

from importlib import import_module

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
    r"/timeline\.(?P<form>svg|png|csv)$": "timeline.download",
    r"/llms\.txt$": "files.llms",
    r"/robots\.txt$": "files.robots",
    r"/sitemap\.xml$": "share.sitemap",
    r"/opensearch\.xml$": "share.opensearch",
    r"/CITATION\.cff$": "share.citation",
    r"/oembed$": "share.oembed",
    r"/coverage$": "coverage.index",
    r"/unapi$": "cite.unapi",
    r"/brief\.css$": "brief.style",
    r"/brief$": "brief.compare",
    r"/feeds/all\.atom$": "feeds.everything",
    r"/feeds/upcoming\.atom$": "feeds.ahead",
    r"/calendar\.ics$": "feeds.calendar",
    r"/following$": "following.index",
    r"/following\.(?P<form>atom|ics|csv)$": "following.as_file",
    rf"{FOLLOWED}\.atom$": "feeds.of_one",
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
    r"/actions$": "lists.index",
    r"/actions/(?P<id>[^/]+)$": "action.show",
    r"/(?P<place>topics|jurisdictions)$": "places.index",
    r"/(?P<place>topics|jurisdictions)/(?P<id>[^/]+)$": "places.show",
    r"/arguments$": "arguments.index",
    r"/arguments/(?P<id>[^/]+)$": "arguments.show",
    r"/claims$": "claims.index",
    r"/claims/(?P<id>[^/]+)$": "claims.show",
    r"/documents$": "documents.index",
    r"/documents/(?P<id>[^/]+)$": "documents.show",
    r"/organizations$": "organizations.index",
    r"/organizations/(?P<id>[^/]+)$": "organizations.show",
    r"/questions$": "questions.index",
    r"/questions/(?P<name>[^/]+)$": "questions.show",
}


# Pages that take POST, by address -> most bytes of what is sent. All others can only be read.
POSTED = {
    "/-/mcp": 100_000,  # of the plugin datasette-mcp
    "/find": 700_000,  # a text of 200 kB, each byte of which a form may write with three
}


def _view(pattern: str, target: str):
    module, _, function = target.partition(".")

    async def view(datasette, request):
        views = import_module(f"policykb.site.views.{module}")
        return await getattr(views, function)(datasette, request)

    return guarded(view, pattern.removesuffix("$") in POSTED)


ROUTES = tuple((pattern, _view(pattern, target)) for pattern, target in PAGES.items())
