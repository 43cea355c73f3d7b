"""Limits of a connection to the database: what one query may build, return and read."""

import os
import re
import sqlite3
import sys
import weakref
from collections.abc import Callable

from datasette import hookimpl

from policykb.model import dates
from policykb.read.functions import register, take_as_today

# Largest text, blob or row that a query may make, in bytes. The longest a knowledge base holds is the searched
# text of a record, which rows.py keeps below this.
MOST_BYTES = 100_000
# Longest query string and statement, in bytes; a full-text query of many thousand terms cannot be interrupted.
MOST_QUERY = 10_000
# Largest answer of one statement, in bytes of memory, counted while its rows are fetched.
MOST_ANSWER = 5_000_000
LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: MOST_BYTES,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: MOST_QUERY,
    sqlite3.SQLITE_LIMIT_COLUMN: 200,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 200,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 50,
    sqlite3.SQLITE_LIMIT_VDBE_OP: 100_000,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 1_000,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 1,
}
# Tables of SQLite itself that show the statements of other visitors, or the bytes of the file.
PRIVATE = frozenset(
    "sqlite_stmt sqlite_dbpage sqlite_dbdata sqlite_dbptr sqlite_memstat dbstat bytecode tables_used".split()
)
# A character that is repeated: SQLite repeats it up to two billion times, in one step that no time limit can interrupt.
REPEATED = re.compile(r"%[-+ 0#!,\d.*l]*c")
FOREIGN = frozenset({sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH})


class TooLargeError(sqlite3.OperationalError):
    """An answer has more than MOST_ANSWER bytes."""


@hookimpl(trylast=True)
def prepare_connection(conn):
    """Limit what a query may do, and what a search may look for (in place of Datasette's `escape_fts`)."""
    register(conn)
    conn.execute("pragma cell_size_check = on")
    conn.execute("pragma trusted_schema = off")
    if dates.TODAY_VARIABLE in os.environ:
        take_as_today(conn, dates.today().isoformat())
    if hasattr(conn, "setconfig"):  # Python 3.12
        conn.setconfig(sqlite3.SQLITE_DBCONFIG_DEFENSIVE, True)
    for limit, value in LIMITS.items():
        conn.setlimit(limit, value)
    conn.row_factory = _bounded_rows()
    printf = _bounded_printf()
    for name in ("printf", "format"):
        conn.create_function(name, -1, printf, deterministic=True)
    if _is_read_only(conn):
        conn.set_authorizer(_authorize)


def _is_read_only(conn: sqlite3.Connection) -> bool:
    """Return whether a connection has a file that it cannot write; Datasette writes to its own databases in memory."""
    (_, _, file) = conn.execute("pragma database_list").fetchone()
    return bool(file)


def _authorize(action: int, first: str | None, second: str | None, *_: object) -> int:
    """Refuse private tables of SQLite, other files, and extensions; the file itself cannot be written."""
    private = action == sqlite3.SQLITE_READ and (first or "").lower() in PRIVATE
    loader = action == sqlite3.SQLITE_FUNCTION and (second or "").lower() == "load_extension"
    return sqlite3.SQLITE_DENY if private or loader or action in FOREIGN else sqlite3.SQLITE_OK


def _bounded_printf() -> Callable:
    """Return SQLite's `printf`, without its texts of more than MOST_BYTES."""
    inner = sqlite3.connect(":memory:", check_same_thread=False)
    inner.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_BYTES)

    def printf(form: object = None, *values: object) -> str | None:
        for part in REPEATED.findall(str(form)):
            lengths = [int(digits) for digits in re.findall(r"\d+", part)]
            if "*" in part:
                lengths += [value for value in values if isinstance(value, int)]
            if max(lengths, default=0) > MOST_BYTES:
                return " " * (MOST_BYTES + 1)  # SQLite refuses it as too big
        marks = ", ".join("?" * (1 + len(values)))
        return inner.execute(f"select printf({marks})", (form, *values)).fetchone()[0]

    return printf


def _bounded_rows() -> Callable:
    """Return a row factory that ends a statement whose rows have more than MOST_ANSWER bytes.

    :raises TooLargeError: from the factory, while the rows are fetched.
    """
    cursor, size = None, 0

    def row(of: sqlite3.Cursor, values: tuple) -> sqlite3.Row:
        nonlocal cursor, size
        if cursor is None or cursor() is not of:
            cursor, size = weakref.ref(of), 0
        size += sum(map(sys.getsizeof, values))
        if size > MOST_ANSWER:
            message = f"the answer has more than {MOST_ANSWER // 1_000_000} MB; ask for fewer rows or columns"
            raise TooLargeError(message)
        return sqlite3.Row(of, values)

    return row
