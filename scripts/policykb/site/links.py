"""From Datasette's tables, rows and query results to the pages for people."""

import re
from typing import TYPE_CHECKING

from markupsafe import Markup

from policykb.site.data import KINDS

if TYPE_CHECKING:
    from datasette.app import Datasette

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
TABLES = {table: kind for kind, table in KINDS.items()}
# Columns that hold the id of a record wherever they stand.
COLUMNS = {**{kind: kind for kind in KINDS}, "moved_by": "action"}


def cell(datasette: "Datasette", database: str, table: str | None, column: str, value: object) -> Markup | None:
    """The id of a record as a link to its page and, beside it, to its row; None for anything else.

    Rows and query results only: in a table Datasette shows such a column as the label of the row it leads to.
    """
    kind = TABLES.get(table or "") if column == "id" else COLUMNS.get(column)
    if not kind or not isinstance(value, str) or len(value) > 80 or not _ID.fullmatch(value):
        return None
    page = datasette.urls.path(f"/{KINDS[kind]}/{value}")
    row = datasette.urls.row(database, KINDS[kind], value)
    beside = "" if column == "id" else Markup(' <small>(<a href="{}">row</a>)</small>').format(row)
    return Markup('<a href="{}" title="The page of this {}">{}</a>{}').format(page, kind, value, beside)


def menu(datasette: "Datasette") -> list[dict]:
    """The entries of Datasette's menu."""
    return [{"href": datasette.urls.path(path), "label": label}
            for path, label in (("/", "Front page"), ("/actions", "Actions"), ("/arguments", "Arguments"), ("/questions", "Questions"), ("/about", "About"))]


def stylesheet(datasette: "Datasette") -> str:
    """The address of the style sheet for Datasette's pages."""
    return datasette.urls.path("/-/static-plugins/policykb/tables.css")
