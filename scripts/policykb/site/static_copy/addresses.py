"""Which addresses of the site belong to a static copy, and which file each one is. Nothing here asks for a page.

A page is a folder with an index.html, so that it opens from a disk as from a server. Parameters become folders named
`key=value`, which no id can be. How many pages there are grows with the number of records and not with its square: a
list is copied whole and by one filter at a time, always as of the day of the copy.
"""

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from policykb.read.links import KINDS
from policykb.site.routes import PAGES
from policykb.site.views.lists import VIEWS

INDEX = "index.html"
MISSING, SEARCH, DATA, ASSETS = "404.html", f"search/{INDEX}", f"data/{INDEX}", "assets"
STATIC = "/-/static-plugins/policykb/"
# list -> the filters of which one at a time is copied.
FILTERS = {
    "/actions": {"jurisdiction", "topic", "instrument", "stage", "force", "effect"},
    "/documents": {"grade", "type"},
    "/claims": {"finding", "kind"},
    "/arguments": {"stance", "unanswered"},
    "/organizations": {"kind"},
    "/duties": {"type", "jurisdiction", "treatment", "task"},
    "/timeline": {"jurisdiction", "window"},
    "/following": {"jurisdiction", "topic"},
}
# Debates of which every focus is copied; a topic has the arguments of all its actions, which have debates of their own.
DEBATE = re.compile(r"/actions/[^/]+/debate")
# zoom of the timeline -> the first years of the windows copied, counted from the year of the copy.
WINDOWS = {"year": range(-13, 4), "month": (-1, 0, 1)}
# What takes a program, a protocol or a choice of the reader: a citation set in a style, unAPI,
# feeds and citations of lists.
SERVED = re.compile(
    rf"/unapi|/compare\.csv|/selected|/cite(?:\.[a-z.]+)?|/records\.[a-z]+|/[a-z]+/[^/]+/cite|/({'|'.join(KINDS)})\.(?!csv|json)[a-z]+|/timeline\.(?!svg|png)[a-z]+"
)
# Files that name the address where they are.
PLACED = re.compile(
    r"\.(atom|ics|cff)$|^/(following\.csv|sitemap(-\d+)?\.xml|opensearch\.xml)$|/(oembed\.json|card\.png)$"
)
# What the browser answers with any parameters: the page reads them from its address.
BROWSER = re.compile(
    rf"/({'|'.join(VIEWS)}|compare|following|actions/[^/.]+|questions/[^/.]+|contribute/[a-z]+)"
)
_VALUE = re.compile(r"[A-Za-z0-9_-]{1,80}")
_PATTERNS = tuple(re.compile(pattern) for pattern in PAGES)


class Target(NamedTuple):
    """Where a link leads in the copy: the file, what comes after it, and the address to copy it from (None: it is made here)."""

    file: str
    rest: str = ""
    address: str | None = None


def file_of(path: str, parameters: list[tuple[str, str]]) -> str:
    """Return the file of the page at `path` with `parameters`."""
    folders = [part for part in path.split("/") if part]
    if folders and "." in folders[-1]:
        values = [f"{key}={value}" for key, value in parameters]
        page = (
            [folders[-1].partition(".")[0]] if values else []
        )  # beside the page of which it is the file
        return "/".join([*folders[:-1], *page, *values, folders[-1]])
    return "/".join([*folders, *(f"{key}={value}" for key, value in parameters), INDEX])


@lru_cache(maxsize=65536)
def quoted(file: str) -> str:
    """Return the name of a file as it is written in an address."""
    return quote(file, safe="/=")


class Addresses:
    """The addresses of one copy: of the knowledge base `name` with `tables`, made on `day`; with feeds and calendars if it is `placed`, since these name the place."""

    def __init__(self, name: str, tables: set[str], day: str, placed: bool) -> None:
        self.name, self.tables, self.day, self.year, self.placed = (
            name,
            tables,
            day,
            int(day[:4]),
            placed,
        )
        self.target = lru_cache(maxsize=65536)(
            self._target
        )  # most links lead to the same few places

    def _target(self, href: str) -> Target | None:
        """Return where a link to `href` of the site leads in the copy; None if only a server can answer it.

        `href` begins with a slash.
        """
        parts = urlsplit(href)
        fragment = f"#{parts.fragment}" if parts.fragment else ""
        path, parameters = parts.path, parse_qsl(parts.query)
        if path.startswith(STATIC):
            return Target(
                f"{ASSETS}/{path.removeprefix(STATIC)}", f"?{parts.query}" if parts.query else ""
            )
        if path == "/search":
            return Target(SEARCH, f"?{parts.query}" if parts.query else "")
        if path == f"/{self.name}" and (not parameters or {*dict(parameters)} == {"sql"}):
            return Target(DATA, f"?{parts.query}" if parameters else "")
        table = path.removeprefix(f"/{self.name}/")
        if table != path:
            return Target(DATA, f"#{table}") if table in self.tables and not parameters else None
        if SERVED.fullmatch(path) or not any(pattern.match(path) for pattern in _PATTERNS):
            return None
        if PLACED.search(path) and not self.placed:
            return None
        own = self._own(path, [pair for pair in parameters if pair != ("on", self.day)])
        if own is None and BROWSER.fullmatch(path):
            return Target(file_of(path, []), f"?{parts.query}{fragment}", path)
        if own is None:
            return None
        return Target(file_of(path, own), fragment, path + (f"?{urlencode(own)}" if own else ""))

    def _own(self, path: str, parameters: list[tuple[str, str]]) -> list[tuple[str, str]] | None:
        """Return the parameters of a page in the copy, in their order there; None if the copy has no such page."""
        values = dict(parameters)
        if len(values) < len(parameters) or not all(
            _VALUE.fullmatch(value) for value in values.values()
        ):
            return None
        filters = values.keys() - {"page"}
        if path == "/timeline" and {"zoom", "from"} <= filters:
            first = int(values["from"]) - self.year if values["from"].isdecimal() else None
            if first not in WINDOWS.get(values["zoom"], ()):
                return None
            filters = filters - {"zoom", "from"} | {"window"}
        own = {"focus"} if DEBATE.fullmatch(path) else FILTERS.get(path.partition(".")[0], set())
        if len(filters) > 1 or not filters <= own:
            return None
        return sorted(
            values.items(),
            key=lambda item: (item[0] == "page", item[0] in ("zoom", "from"), item[0]),
        )
