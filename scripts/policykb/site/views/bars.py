"""What a list has at its top: files of exactly this view, orders, columns, and what can be done with ticked records."""

from typing import NamedTuple
from urllib.parse import urlencode

from policykb.model.fields import describe
from policykb.model.records import FOLDERS, TABLES
from policykb.read.links import PLACES
from policykb.site import data
from policykb.site.links import address
from policykb.site.state import state_of

# Ending of an address -> the name of the file that a list is at this address.
FILES = {
    "csv": "CSV",
    "json": "JSON",
    "atom": "Atom",
    "ics": "iCalendar",
    "bib": "BibTeX",
    "ris": "RIS",
    "sql": "as SQL",
}
# Files that some kinds of records have not: only actions have days ahead, and organizations are not cited.
LACKING = {"organization": {"bib", "ris", "ics"}, "action": set()}
OTHERS = {"ics"}
# Columns of files for sources -> columns of `takeaway.sources`.
SOURCES = {
    "source_titles": "title",
    "source_addresses": "url",
    "source_grades": "grade",
    "source_places": "locator",
}
# Kinds whose files have no columns for sources: a document is one, and has its own address and grade.
UNSOURCED = ("document", "organization")
TERMS = {
    "stage": "stages",
    "legal_force": "legal_forces",
    "effect": "effects",
    "latest_type": "event_types",
}
NAMES = ("title", "text", "name")  # columns that lead to the page of the record


class Bar(NamedTuple):
    """What the top of a list shows.

    `path` and `query` are the address of the list; `files` are (name, address); `orders` are (address, label, direction if it
    is the order shown); `columns` are (name, label, whether it is shown). `several`: the list has a form in which several
    values of a filter can be chosen.
    """

    kind: str
    path: str
    query: dict[str, object]
    files: list[tuple[str, str]]
    orders: list[tuple[str, str, str]]
    columns: tuple[tuple[str, str, bool], ...]
    table: list[dict]
    several: bool


async def columns(datasette, kind: str) -> tuple[str, ...]:
    """Return the columns of lists of records of a kind, in tables and files."""
    cached = state_of(datasette).columns
    if kind not in cached:
        statement, none = data.sql(f"takeaway.{kind}"), {"ids": "[]", "on": ""}
        cached[kind] = await data.turn(
            datasette,
            lambda connection: tuple(
                name
                for name, *_ in connection.execute(statement, none).description
                if name != "effect" or data.known(datasette).effect_on
            ),
        )
    return cached[kind]


async def bar(datasette, asks, path: str, rows: list[dict], **scope: list[str]) -> Bar:
    """Return the bar of a list at `path`; `scope` are filters that the path means, such as the topic of its page."""
    view = asks.view
    lacking = LACKING.get(view.kind, OTHERS)
    names = await columns(datasette, view.kind)
    query = {name: value for name, value in asks.query.items() if name not in scope}
    file = path if not view.labels else f"/{PLACES[view.kind]}"
    end = _end(encoded({**query, **scope}))
    endings = ((ending, name) for ending, name in FILES.items() if ending not in lacking)
    return Bar(
        view.kind,
        path,
        query,
        [(name, address(datasette, f"{file}.{ending}{end}")) for ending, name in endings],
        _orders(datasette, asks, path, encoded(query)),
        tuple([(name, heading(name), name in asks.columns) for name in names]),
        await _table(datasette, asks, rows) if asks.columns else [],
        bool(view.filters),
    )


def _orders(datasette, asks, path: str, parts: dict[str, str]) -> list[tuple[str, str, str]]:
    """Return the orders of a list at `path` as the bar has them; `parts` are the parameters of its address."""
    labels, reversible = asks.view.labels, asks.view.orders
    first = next(iter(labels), "")
    current = asks.sort or first
    orders = []
    for name, label in labels.items():
        other = f"-{name}" if current == name and f"-{name}" in reversible else name
        direction = {name: "first", f"-{name}": "reversed"}.get(current, "")
        sort = "" if name == first and not direction else f"sort={other}"
        orders.append((address(datasette, path + _end(parts | {"sort": sort})), label, direction))
    return orders


def encoded(query: dict[str, object]) -> dict[str, str]:
    """Return the parameters of an address by name, each as it is written there, or '' if it has no value."""
    return {
        name: urlencode({name: value}, doseq=True) if value not in (None, "", []) else ""
        for name, value in query.items()
    }


def _end(parts: dict[str, str]) -> str:
    """Return the end of an address with these parameters."""
    query = "&".join(filter(None, parts.values()))
    return f"?{query}" if query else ""


def heading(column: str) -> str:
    """Return the heading of a column."""
    return column.replace("_", " ").capitalize()


async def _table(datasette, asks, rows: list[dict]) -> list[dict]:
    """Return the rows of a list with the columns that are asked for: `id`, and `cells` of (heading, text, leads to the record)."""
    kind = asks.view.kind
    flat = await data.rows(datasette, f"takeaway.{kind}", ids=data.as_json(rows), on=asks.on)
    fields = describe((FOLDERS | TABLES)[kind][0])
    terms = data.known(datasette).terms

    def cell(name: str, value: object) -> tuple[str, object, bool]:
        vocabulary = TERMS.get(name) or (fields[name].vocabulary if name in fields else "")
        term = terms.get(vocabulary, {}).get(value)
        return heading(name), term["label"] if term else value, name in NAMES

    return [
        {"id": row["id"], "cells": [cell(name, row[name]) for name in asks.columns]} for row in flat
    ]
