"""Which address shows which page. Nothing else.

A view is `async def name(datasette, request) -> Response`. Its module is imported when its first page is asked for.
"""

from importlib import import_module

from policykb.site.respond import guarded

# address after the base path -> module under views/ and function in it.
PAGES = (
    (r"/$", "home", "index"),
    (r"/actions$", "actions", "index"),
    (
        r"/(?P<place>actions|arguments|claims|documents|organizations|topics|jurisdictions)/(?P<id>[^/]+)\.jsonld$",
        "linked",
        "show",
    ),
    (r"/llms\.txt$", "llms", "show"),
    (r"/robots\.txt$", "robots", "show"),
    (
        r"/(?P<place>actions|arguments|claims|documents|organizations|topics|jurisdictions)/(?P<id>[^/]+)\.(?P<form>bib|ris|csl\.json)$",
        "cite",
        "as_file",
    ),
    (
        r"/(?P<place>actions|arguments|claims|documents|organizations|topics|jurisdictions)/(?P<id>[^/]+)/cite$",
        "cite",
        "show",
    ),
    (r"/unapi$", "cite", "unapi"),
    (r"/brief\.css$", "brief", "style"),
    (r"/brief$", "brief", "compare"),
    (r"/actions/(?P<id>[^/]+)/brief$", "brief", "show"),
    (r"/feeds/all\.atom$", "feeds", "everything"),
    (r"/feeds/upcoming\.atom$", "feeds", "ahead"),
    (r"/calendar\.ics$", "feeds", "calendar"),
    (r"/(?P<place>actions|jurisdictions|topics)/(?P<id>[^/]+)\.atom$", "feeds", "of_one"),
    (r"/(?P<place>actions|jurisdictions|topics)/(?P<id>[^/]+)\.ics$", "feeds", "calendar"),
    (r"/actions/(?P<id>[^/]+)$", "action", "show"),
    (r"/arguments$", "arguments", "index"),
    (r"/arguments/(?P<id>[^/]+)$", "arguments", "show"),
    (r"/claims$", "claims", "index"),
    (r"/claims/(?P<id>[^/]+)$", "claims", "show"),
    (r"/documents$", "documents", "index"),
    (r"/documents/(?P<id>[^/]+)$", "documents", "show"),
    (r"/organizations$", "organizations", "index"),
    (r"/organizations/(?P<id>[^/]+)$", "organizations", "show"),
    (r"/topics$", "topics", "index"),
    (r"/topics/(?P<id>[^/]+)$", "topics", "show"),
    (r"/jurisdictions$", "jurisdictions", "index"),
    (r"/jurisdictions/(?P<id>[^/]+)$", "jurisdictions", "show"),
    (r"/search$", "search", "index"),
    (r"/timeline$", "timeline", "index"),
    (r"/questions$", "questions", "index"),
    (r"/questions/(?P<name>[^/]+)$", "questions", "show"),
    (r"/about$", "about", "index"),
)


def _view(module: str, name: str):
    async def view(datasette, request):
        return await getattr(import_module(f"policykb.site.views.{module}"), name)(
            datasette, request
        )

    return guarded(view)


ROUTES = tuple((pattern, _view(module, name)) for pattern, module, name in PAGES)
