"""Reading the knowledge base for the pages: SQL files with bound parameters, and what is read once and kept.

Nothing here formats SQL or HTML. The knowledge base is the first database of the instance that policykb built.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from datasette.database import QueryInterrupted
from datasette.utils import sqlite3, sqlite_timelimit

from policykb.model.vocabulary import VOCABULARIES
from policykb.read.database import statements
from policykb.site.published import names

if TYPE_CHECKING:
    from datasette.app import Datasette

SQL = Path(__file__).parent / "sql"
KINDS = {
    "action": "actions",
    "argument": "arguments",
    "claim": "claims",
    "document": "documents",
    "organization": "organizations",
    "jurisdiction": "jurisdictions",
    "topic": "topics",
}


class Known(NamedTuple):
    """What does not change while the file is served: its name, the facts about it, the terms of its vocabularies."""

    name: str
    info: dict[str, str]
    terms: dict[str, dict[str, dict]]


def sql(name: str) -> str:
    """Return the statement in site/sql/<name>.sql."""
    return statements(SQL, name)[name]


async def rows(datasette: "Datasette", sql_name: str, **params: object) -> list[dict]:
    """The rows that a statement gives for bound parameters, as dicts."""
    return (await several(datasette, (sql_name, params)))[0]


async def several(datasette: "Datasette", *asked: tuple[str, dict]) -> list[list[dict]]:
    """The rows of each statement, given as its name and parameters; in one turn, since every turn in a thread costs more than most statements.

    :raises QueryInterrupted: if together they take longer than the time limit of the instance.
    """

    def read(connection) -> list[list[dict]]:
        found = []
        for name, params in asked:
            cursor = connection.execute(sql(name), params)
            columns = [column[0] for column in cursor.description]
            found.append([dict(zip(columns, row)) for row in cursor])  # noqa: B905 (a row has a value for each column)
        return found

    return await turn(datasette, read)


async def turn(datasette: "Datasette", read: Callable[[sqlite3.Connection], Any]) -> Any:
    """What `read` makes of a connection to the knowledge base, within the time limit of the instance.

    :raises QueryInterrupted: if it takes longer.
    """

    def limited(connection: sqlite3.Connection) -> Any:
        try:
            with sqlite_timelimit(connection, datasette.setting("sql_time_limit_ms")):
                return read(connection)
        except sqlite3.OperationalError as error:
            if str(error) == "interrupted":
                raise QueryInterrupted(error, "", {}) from error
            raise

    return await datasette.get_database(names(datasette)[0]).execute_fn(limited)


async def row(datasette: "Datasette", sql_name: str, **params: object) -> dict | None:
    """The first row that a statement gives, or None."""
    return next(iter(await rows(datasette, sql_name, **params)), None)


async def known(datasette: "Datasette") -> Known:
    """The facts about the knowledge base and its vocabularies, read once for each instance."""
    kept = getattr(datasette, "_policykb_known", None)
    if kept is None:
        info = {fact["key"]: fact["value"] for fact in await rows(datasette, "info")}
        terms: dict[str, dict[str, dict]] = {table: {} for table in VOCABULARIES}
        for term in await rows(datasette, "terms"):
            terms[term["vocabulary"]][term["id"]] = term
        kept = datasette._policykb_known = Known(names(datasette)[0], info, terms)
    return kept


async def found(datasette: "Datasette", id: str) -> dict | None:
    """The record with this id, or the one that took its place: id, kind, title, `moved` if the id is an old one."""
    return await row(datasette, "found", id=id)


async def nearest(datasette: "Datasette", id: str) -> list[dict]:
    """Up to eight records whose ids or words come nearest to `id`."""
    import difflib

    like = await rows(
        datasette, "nearest", words=id.replace("-", " ").replace("_", " "), start=id[:4]
    )
    by_id = {record["id"]: record for record in like}
    close = difflib.get_close_matches(id, by_id, n=8, cutoff=0.3)
    return [by_id[id] for id in close] + [record for record in like if record["id"] not in close][
        : 8 - len(close)
    ]
