"""Between Datasette's pages and the pages for people: the frame that both share, and links from tables, rows and queries to records."""

import hashlib
import re
from collections.abc import Callable
from contextvars import ContextVar
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

import datasette as software
from datasette.utils import tilde_encode
from markupsafe import Markup

from policykb.markdown import web
from policykb.read.links import KINDS, PLACES, path
from policykb.site import data
from policykb.site.contents import contents
from policykb.site.published import LABELS, foreign_keys, names

if TYPE_CHECKING:
    from datasette.app import Datasette

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
MOST_ID, LONGEST = 80, 300
MOST_ADDRESS = 7000  # characters that hosts of repositories take in an address
# Behind the address of a database: where SQL is answered.
QUERY = "/-/query" if software.__version__.startswith("1.") else ""
# The page of a static copy that is being made, if one is (static_copy/pages.py); it changes where links lead.
COPY: ContextVar = ContextVar("policykb_copy", default=None)
# Columns of views and query results that hold the id of a record; tables say it with their foreign keys.
COLUMNS = {**{kind: kind for kind in PLACES}, "moved_by": "action"}
# Tables and views -> the page that shows the same, and what it shows.
PAGES = {
    **{table: (f"/{table}", f"the {table}") for table in KINDS},
    "timeline": ("/timeline", "the timeline"),
    "current_status": ("/actions", "the status of all actions"),
    "upcoming": ("/questions/deadlines-ahead", "the deadlines ahead"),
}


class Frame(NamedTuple):
    """What the header and the footer of every page need: the name of the database and what the knowledge base says about itself."""

    name: str
    site: dict[str, str]

    @property
    def license_url(self) -> str | None:
        """The address of the license, if it leads to the web."""
        return web(self.site.get("license_url"))


def frame(datasette: "Datasette") -> Frame | None:
    """Return the frame of the pages of this instance; None where there is no knowledge base."""
    if not names(datasette):
        return None
    known = data.known(datasette)
    return Frame(known.name, known.info)


def cell(
    datasette: "Datasette", database: str, table: str | None, column: str, value: object, row
) -> Markup | None:
    """Return the id or title of a record as a link to its page, and to its row where it is another record; None for anything else.

    In a table Datasette has fetched the labels of foreign keys already: `value` is then a dict of value and label.
    """
    own = KINDS.get(table or "")
    if own and column == LABELS[table]:
        return _link(datasette, own, row["id"], value)
    if own and column == "id":
        return _link(datasette, own, value, value)
    other = foreign_keys(datasette.databases[database].path).get((table, column))
    kind = KINDS.get(other) if other else COLUMNS.get(column)
    if not kind:
        return None
    label, key = (value["label"], value["value"]) if isinstance(value, dict) else (value, value)
    link = _link(datasette, kind, key, label)
    if not link:
        return None
    address = datasette.urls.row(database, PLACES[kind], tilde_encode(key))
    return link + Markup(' <small>(<a href="{}">row</a>)</small>').format(address)


def _link(datasette: "Datasette", kind: str, key: object, label: object) -> Markup | None:
    if not isinstance(key, str) or len(key) > MOST_ID or not _ID.fullmatch(key) or not label:
        return None
    text = str(label)
    text = text if len(text) <= LONGEST else text[:LONGEST] + "…"
    address = datasette.urls.path(path(kind, key))
    return Markup('<a href="{}" title="The page of this {}">{}</a>').format(address, kind, text)


def counterpart(
    datasette: "Datasette",
    database: str,
    table: str | None = None,
    keys: list[str] | None = None,
    query: str | None = None,
) -> tuple[str, str] | None:
    """Return the page for people that shows what a page of Datasette shows, as its address and its name; None if there is none."""
    if database not in names(datasette):
        return None
    at = datasette.urls.path
    kind = KINDS.get(table or "")
    if keys:
        if kind and _ID.fullmatch(keys[0]):
            return at(path(kind, keys[0])), f"Read the page of this {kind}"
        return None
    if table in PAGES:
        address, name = PAGES[table]
        return at(address), f"Read {name} on the site"
    if query in data.known(datasette).questions:
        return at(f"/questions/{query}"), "Read the answer on the page of this question"
    return None


def address(datasette: "Datasette", place: str) -> str:
    """Return the address of a path of this site; in a static copy '' where only a server can answer."""
    copy = COPY.get()
    return copy.link(place) if copy else str(datasette.urls.path(place))


def stylesheets(datasette: "Datasette") -> list[str]:
    """Return the addresses of the style sheets for Datasette's pages."""
    return [datasette.urls.path(static(name)) for name in ("frame.css", "tables.css")]


def filled(template: str, **values: str) -> dict[str, object] | None:
    """Return an address of about.toml with its `{name}`s replaced, as `href`, and whether it is `whole`; None if it does not lead to the web.

    A text that would make the address too long is left out of it.
    """
    if not web(template):
        return None
    quoted = {name: quote(value, safe="/") for name, value in values.items()}
    whole = "{text}" in template
    if len(template) + sum(map(len, quoted.values())) > MOST_ADDRESS:
        quoted["text"], whole = "", False
    address = re.sub(r"\{(id|file|text)\}", lambda name: quoted.get(name[1], ""), template)
    return {"href": address, "whole": whole}


def static(name: str) -> str:
    """Return the path of a file in static/, with its hash so that a browser never keeps an old version."""
    return f"/-/static-plugins/policykb/{name}?v={_hash(name)}"


@cache
def _hash(name: str) -> str:
    return hashlib.sha256((Path(__file__).parent / "static" / name).read_bytes()).hexdigest()[:12]


def functions(datasette: "Datasette") -> dict[str, Callable]:
    """Return what the templates of both kinds of pages share."""
    return {
        "kb_frame": lambda: frame(datasette),
        "kb_counterpart": lambda *place: counterpart(datasette, *place),
        "kb_contents": partial(contents, datasette),
        "kb_sql": lambda database: datasette.urls.database(database) + QUERY,
    }
