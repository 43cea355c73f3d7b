"""The SQL functions of policykb: for the named questions, in Datasette and, as a plugin, in sqlite-utils.

sqlite-utils imports this module at every start, so it imports the vocabularies only where a function needs them.
"""

import json
import re
import sqlite3

from sqlite_utils import hookimpl

MOST_TERMS = 32  # ranking and snippets take time that grows with the square of the number of terms
MOST_WORDS = 12  # of a search
_LETTER = re.compile(r"[\W_]*[A-Za-z\u00c0-\u024f][\W_]*")


@hookimpl
def prepare_connection(conn: sqlite3.Connection) -> None:
    """Register the functions on a connection of sqlite-utils."""
    register(conn)


def register(connection: sqlite3.Connection) -> None:
    """Register the functions on `connection` by their names. All take one text."""
    for function in (escape_fts, choices, identifier_keys, name_keys, search_ways):
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


def name_keys(text: str | None) -> str:
    """Return the names that `text` may mean, in the form for lookups, as a JSON object.

    `whole` are names that the whole text may be; `inside` names that parts of it may be: official numbers, and two words or more.
    """
    from policykb.model import vocabulary
    from policykb.text import name_key

    text = re.sub(
        r"^\s*(?:the|an?)\s(?!\d)", "", (text or "").replace('"', " "), flags=re.IGNORECASE
    )
    numbers = vocabulary.running_numbers(text)
    whole = [name_key(shown) for words, shown in numbers if name_key(words) == name_key(text)]
    words = text.split()[:MOST_WORDS]
    spans = [
        (start, start + length)
        for length in range(len(words) - 1, 0, -1)
        for start in range(len(words) - length + 1)
    ]
    parts = [" ".join(words[start:end]) for start, end in spans]
    inside = [shown for _, shown in numbers]
    inside += [part for part in parts if " " in part or re.search(r"\d", part)]
    keys = {
        "whole": dict.fromkeys([name_key(text), *whole]),
        "inside": dict.fromkeys(map(name_key, inside)),
    }
    return json.dumps({name: list(filter(None, values)) for name, values in keys.items()})


def tokens(text: str | None) -> list[str]:
    """Return the words and quoted phrases of what was typed that have a letter or digit, at most MOST_WORDS."""
    quoted = (text or "").translate({ord(mark): '"' for mark in "“”„«»"}).replace("’", "'")
    if quoted.count('"') % 2:
        quoted = quoted.replace('"', " ")
    parts = re.findall(r'"[^"]*"|[^\s"]+', quoted)
    return [part for part in parts if re.search(r"[^\W_]", part)][:MOST_WORDS]


def search_ways(text: str | None) -> str:
    """Return the full-text queries for `text` as a JSON list: for all of its words, for words that begin so, and for some.

    Words match in British and in American spelling. A single letter says little: it is no beginning of a word, and not one
    of some words.
    """
    from policykb.text import spellings

    def phrase(word: str, end: str = "") -> str:
        same = " OR ".join(escape_fts(form) + end for form in spellings(word))
        return f"({same})" if " OR " in same else same

    words = tokens(text)
    longer = [word for word in words if not _LETTER.fullmatch(word)]
    starts = [
        phrase(word, "*" if word in longer else "") for word in words if not word.startswith('"')
    ]
    some = " OR ".join(map(phrase, longer or words))
    ways = (" AND ".join(map(phrase, words)), " AND ".join(starts), some)
    return json.dumps([way or '""' for way in ways])


def take_as_today(connection: sqlite3.Connection, day: str) -> None:
    """Make `current_date` and `date('now')` return the ISO day `day` on `connection`; other calls of `date` do not change."""
    connection.execute("pragma trusted_schema = on")  # or views may not use these functions
    plain = sqlite3.connect(":memory:", check_same_thread=False)

    def date(text: object) -> str | None:
        return day if text == "now" else plain.execute("select date(?)", (text,)).fetchone()[0]

    connection.create_function("date", 1, date, deterministic=True)
    connection.create_function("current_date", 0, lambda: day, deterministic=True)
