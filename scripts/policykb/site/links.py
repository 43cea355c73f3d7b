"""Between Datasette's pages and the pages for people: the frame that both share, and links from tables, rows and queries to records."""

import hashlib
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from datasette.utils import tilde_encode
from markupsafe import Markup

from policykb.read.questions import questions
from policykb.site.data import KINDS
from policykb.site.published import LABELS, facts, foreign_keys, names

if TYPE_CHECKING:
    from datasette.app import Datasette

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
TABLES = {table: kind for kind, table in KINDS.items()}
# Columns of views and query results that hold the id of a record; tables say it with their foreign keys.
COLUMNS = {**{kind: kind for kind in KINDS}, "moved_by": "action"}
# Tables and views -> the page that shows the same, and what it shows.
PAGES = {
    **{table: (f"/{table}", f"the {table}") for table in TABLES},
    "timeline": ("/timeline", "the timeline"),
    "current_status": ("/actions", "the status of all actions"),
    "upcoming": ("/questions/deadlines-ahead", "the deadlines ahead"),
}
LONGEST = 300


class Frame(NamedTuple):
    """What the header and the footer of every page need: the name of the database and what the knowledge base says about itself."""

    name: str
    site: dict[str, str]

    @property
    def licence_url(self) -> str | None:
        """The address of the licence, if it leads to the web."""
        url = self.site.get("licence_url") or ""
        return url if url.startswith(("https://", "http://")) else None


def frame(datasette: "Datasette") -> Frame | None:
    """The frame of the pages of this instance; None where there is no knowledge base."""
    known = names(datasette)
    return Frame(known[0], facts(datasette.databases[known[0]].path)) if known else None


def cell(
    datasette: "Datasette", database: str, table: str | None, column: str, value: object, row
) -> Markup | None:
    """The id or title of a record as a link to its page, with its row beside it where another record is meant; None for anything else.

    In a table Datasette has fetched the labels of foreign keys already: `value` is then a dict of value and label.
    """
    own = TABLES.get(table or "")
    if own and column == LABELS[table]:
        return _page(datasette, own, row["id"], value)
    if own and column == "id":
        return _page(datasette, own, value, value)
    other = foreign_keys(datasette.databases[database].path).get((table, column))
    kind = TABLES.get(other) if other else COLUMNS.get(column)
    label, id = (value["label"], value["value"]) if isinstance(value, dict) else (value, value)
    page = _page(datasette, kind, id, label) if kind else None
    return page and page + Markup(' <small>(<a href="{}">row</a>)</small>').format(
        datasette.urls.row(database, KINDS[kind], tilde_encode(id))
    )


def _page(datasette: "Datasette", kind: str, id: object, label: object) -> Markup | None:
    if not isinstance(id, str) or len(id) > 80 or not _ID.fullmatch(id) or not label:
        return None
    said = str(label)
    said = said if len(said) <= LONGEST else said[:LONGEST] + "…"
    return Markup('<a href="{}" title="The page of this {}">{}</a>').format(
        datasette.urls.path(f"/{KINDS[kind]}/{id}"), kind, said
    )


def counterpart(
    datasette: "Datasette",
    database: str,
    table: str | None,
    keys: list[str] | None,
    query: str | None,
) -> tuple[str, str] | None:
    """The page for people that shows what a page of Datasette shows, as its address and its name; None if there is none."""
    if database not in names(datasette):
        return None
    path = datasette.urls.path
    kind = TABLES.get(table or "")
    if keys:
        return (
            (path(f"/{table}/{keys[0]}"), f"Read the page of this {kind}")
            if kind and _ID.fullmatch(keys[0])
            else None
        )
    if table in PAGES:
        return path(PAGES[table][0]), f"Read {PAGES[table][1]} on the site"
    if query in questions():
        return path(f"/questions/{query}"), "Read the answer on the page of this question"
    return None


def stylesheets(datasette: "Datasette") -> list[str]:
    """The addresses of the style sheets for Datasette's pages."""
    return [static(datasette, "frame.css"), static(datasette, "tables.css")]


def static(datasette: "Datasette", name: str) -> str:
    """The address of a file in static/, with its hash so that a browser never keeps an old one."""
    return datasette.urls.path(f"/-/static-plugins/policykb/{name}?v={_hash(name)}")


@cache
def _hash(name: str) -> str:
    return hashlib.sha256((Path(__file__).parent / "static" / name).read_bytes()).hexdigest()[:12]


def equip(env, datasette: "Datasette") -> None:
    """Give the templates of both kinds of pages what they share."""
    env.globals |= {
        "kb_frame": lambda: frame(datasette),
        "kb_static": lambda name: static(datasette, name),
        "kb_counterpart": lambda database, table=None, keys=None, query=None: counterpart(
            datasette, database, table, keys, query
        ),
        "kb_database": datasette.urls.database,
    }
