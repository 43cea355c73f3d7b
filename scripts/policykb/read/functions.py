"""The SQL functions of policykb: for the named questions, in Datasette and, as a plugin, in sqlite-utils.

sqlite-utils imports this module at every start, so it imports the vocabularies only where a function needs them.
"""

import json
import re
import sqlite3

from sqlite_utils import hookimpl

MOST_TERMS = 32  # ranking and snippets take time that grows with the square of the number of terms


@hookimpl
def prepare_connection(conn: sqlite3.Connection) -> None:
    """Register the functions on a connection of sqlite-utils."""
    register(conn)


def register(connection: sqlite3.Connection) -> None:
    """Register the functions on `connection` by their names. All take one text."""
    for function in (escape_fts, choices, identifier_keys):
        connection.create_function(function.__name__, 1, function, deterministic=True)


def escape_fts(text: str | None) -> str:
    """Return a valid full-text query for the first words and quoted phrases of any `text`.

    Datasette has a function with this name. The query for an empty text has no matches.
    """
    from policykb.text import apart

    text = (text or "").replace("\0", " ")
    if text.count('"') % 2:
        text += '"'
    bits = [bit for bit in re.split(r'\s+|(".*?")', text) if bit and bit != '""']
    phrases = (apart(bit.replace('"', "")) for bit in bits[:MOST_TERMS])
    return " ".join(f'"{phrase}"' for phrase in phrases) or '""'


def choices(text: str | None) -> str:
    """Return the ids or terms in `text`, which are separated by commas, as a JSON list."""
    return json.dumps([part.strip() for part in (text or "").split(",") if part.strip()])


def identifier_keys(text: str | None) -> str:
    """Return the identifiers that `text` may mean, in the form for lookups, as a JSON list."""
    from policykb.model import vocabulary

    return json.dumps(vocabulary.identifier_keys(text or ""))


def take_as_today(connection: sqlite3.Connection, day: str) -> None:
    """Make `current_date` and `date('now')` return the ISO day `day` on `connection`; other calls of `date` do not change."""
    connection.execute("pragma trusted_schema = on")  # or views may not use these functions
    plain = sqlite3.connect(":memory:", check_same_thread=False)

    def date(text: object) -> str | None:
        return day if text == "now" else plain.execute("select date(?)", (text,)).fetchone()[0]

    connection.create_function("date", 1, date, deterministic=True)
    connection.create_function("current_date", 0, lambda: day, deterministic=True)
