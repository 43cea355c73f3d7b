"""The data model as a picture: a Mermaid diagram of the tables of kb.db and the links between them.

Made from the foreign keys of the database itself, so that it cannot say anything else than the schema.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import sqlite_utils

from policykb.vocabulary import VOCABULARIES

FEWEST_LINKS = 2


class _Link(NamedTuple):
    """A column of `table` that leads to a row of `other`: always, or where it is not empty."""

    other: str
    table: str
    always: bool
    column: str


def mermaid(connection: sqlite3.Connection) -> str:
    """A Mermaid `erDiagram` of the main tables, in order of their names and without a final line break.

    Lookup tables are left out, and so are tables with a single link, which only detail another table.
    """
    links = sorted(_links(sqlite_utils.Database(connection)))
    count = Counter(table for link in links for table in (link.table, link.other))
    labels: dict[tuple[str, str, bool], list[str]] = {}
    for link in links:
        if min(count[link.table], count[link.other]) >= FEWEST_LINKS:
            labels.setdefault(link[:3], []).append(link.column)
    lines = [
        f'    {other} {"||" if always else "|o"}--o{{ {table} : "{", ".join(columns)}"'
        for (other, table, always), columns in labels.items()
    ]
    return "\n".join(["erDiagram", *lines])


def _links(database: sqlite_utils.Database) -> Iterator[_Link]:
    for table in database.table_names():
        filled = {column.name for column in database[table].columns if column.notnull}
        for key in database[table].foreign_keys:
            if key.other_table not in VOCABULARIES:
                yield _Link(key.other_table, table, key.column in filled, key.column)
