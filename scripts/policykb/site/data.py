"""Read the knowledge base for the pages: statements from sql/ with bound parameters, and what never changes.

The knowledge base is the first database of the instance that policykb built.
"""

import difflib
import json
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from datasette.database import QueryInterrupted
from datasette.utils import sqlite3

from policykb.model.vocabulary import DECLARED, SCHEMES, VOCABULARIES, Term, declared_scheme
from policykb.read.database import select, statements
from policykb.read.questions import Question, questions
from policykb.site.published import declared_terms, facts, names
from policykb.site.state import state_of

if TYPE_CHECKING:
    from datasette.app import Datasette

SQL = Path(__file__).parent / "sql"
STEPS = 1000  # of SQLite between two looks at the clock
MOST_RECENT = 64  # debates, citations and choices of filters, which several pages and files show


class Known(NamedTuple):
    """What does not change while the file is served: its name, facts about it, and the terms by vocabulary and id."""

    name: str
    info: dict[str, str]
    terms: dict[str, dict[str, dict]]

    @property
    def effect_on(self) -> str:
        """Return what is affected by actions, such as 'rents'; '' if no effect is judged."""
        return self.info.get("effect_on", "")

    @property
    def effects(self) -> tuple[Term, ...]:
        """Return the kinds of effects."""
        return tuple(
            Term(term_id, term["label"], term["definition"])
            for term_id, term in self.terms["effects"].items()
        )

    @property
    def declared(self) -> dict[str, tuple]:
        """Return the kinds of effects and the schemes of identifiers that its about.toml declares."""
        own = tuple(
            declared_scheme(scheme, **{name: term[name] for name in DECLARED})
            for scheme, term in self.terms["identifier_schemes"].items()
            if scheme not in SCHEMES
        )
        return {"effects": self.effects, "identifier_schemes": own}

    @property
    def spared(self) -> str:
        """Return what exemptions spare, such as 'open source'; '' if about.toml does not say."""
        return self.info.get("effect_spared", "")

    @property
    def questions(self) -> dict[str, Question]:
        """Return the named questions that it answers, by name."""
        return questions(self.effect_on)


@cache
def sql(name: str) -> str:
    """Return the statement that is called `name`, such as 'action.events'."""
    page, _, statement = name.partition(".")
    return statements(SQL, page)[statement]


async def rows(datasette: "Datasette", name: str, **parameters: object) -> list[dict]:
    """Return the rows of the statement `name` as dicts."""
    return (await several(datasette, (name, parameters)))[0]


async def row(datasette: "Datasette", name: str, **parameters: object) -> dict | None:
    """Return the first row of the statement `name`, or None."""
    return next(iter(await rows(datasette, name, **parameters)), None)


async def several(datasette: "Datasette", *calls: tuple[str, dict]) -> list[list[dict]]:
    """Return the rows of each statement, named with its parameters.

    They run in one turn of a thread, since a turn costs more than most statements.
    """
    return await turn(datasette, lambda connection: [read(connection, *call) for call in calls])


async def recent(
    datasette: "Datasette", key: tuple, reader: Callable[[sqlite3.Connection], Any]
) -> Any:
    """Return what `reader` makes of a connection: one object for all that ask with the same `key` one after another.

    It is kept while MOST_RECENT others are asked for, unless the file can change, and must not be changed.
    """
    if datasette.get_database(names(datasette)[0]).is_mutable:
        return await turn(datasette, reader)
    answers = state_of(datasette).recent
    answer = answers.get(key) or await turn(datasette, reader)
    answers[key] = answer
    answers.move_to_end(key)
    if len(answers) > MOST_RECENT:
        answers.popitem(last=False)
    return answer


def here(datasette: "Datasette", reader: Callable[[sqlite3.Connection], Any]) -> Any:
    """Return what `turn` returns, in the thread of the server: for statements that are bounded and take less time than a turn.

    :raises QueryInterrupted: if it takes more processor time than the time limit of the instance.
    """
    state = state_of(datasette)
    if state.connection is None:
        database = datasette.get_database(names(datasette)[0])
        state.connection = database.connect()
        datasette._prepare_connection(state.connection, database.name)
    return _limited(datasette, state.connection, reader)


def read(connection: sqlite3.Connection, name: str, parameters: dict) -> list[dict]:
    """Return the rows of the statement `name` as dicts."""
    return list(select(connection, sql(name), parameters))


async def turn(datasette: "Datasette", reader: Callable[[sqlite3.Connection], Any]) -> Any:
    """Return what `reader` makes of a connection to the knowledge base.

    :raises QueryInterrupted: if it takes more processor time than the time limit of the instance.
    """
    database = datasette.get_database(names(datasette)[0])
    return await database.execute_fn(lambda it: _limited(datasette, it, reader))


def _limited(
    datasette: "Datasette",
    connection: sqlite3.Connection,
    reader: Callable[[sqlite3.Connection], Any],
) -> Any:
    """Return what `reader` makes of `connection` within the time limit of the instance."""
    # Datasette's own calls Python for each text, in case it is not UTF-8.
    connection.text_factory = str
    try:
        with processor_limit(connection, datasette.setting("sql_time_limit_ms")):
            return reader(connection)
    except sqlite3.OperationalError as error:
        if str(error) == "interrupted":
            raise QueryInterrupted(error, "", {}) from error
        raise


@contextmanager
def processor_limit(connection: sqlite3.Connection, ms: int) -> Iterator[None]:
    """Interrupt a statement once this thread has computed for `ms`, so that waiting for a busy machine does not count."""
    end = time.thread_time() + ms / 1000
    connection.set_progress_handler(lambda: time.thread_time() >= end, STEPS)
    try:
        yield
    finally:
        connection.set_progress_handler(None, STEPS)


def known(datasette: "Datasette") -> Known:
    """Return the facts about the knowledge base and its vocabularies, read once for each instance."""
    state = state_of(datasette)
    if state.known is None:
        state.known = known_of(Path(datasette.databases[names(datasette)[0]].path))
    return state.known


def known_of(db: Path) -> Known:
    """Return the facts about the knowledge base in the file `db`, and its vocabularies."""
    terms = {name: _terms(terms) for name, terms in VOCABULARIES.items()}
    return Known(db.stem, facts(str(db)), terms | declared_terms(str(db)))


def _terms(terms: Iterable[Term]) -> dict[str, dict]:
    """Return the terms of a vocabulary by id."""
    return {
        term.id: {"label": term.label, "definition": term.definition, "position": position}
        for position, term in enumerate(terms)
    }


async def record(datasette: "Datasette", record_id: str) -> dict | None:
    """Return id, kind and title of the record with this id or former id; `moved` is 1 for a former one."""
    return await row(datasette, "records.record", id=record_id)


async def nearest(datasette: "Datasette", record_id: str) -> list[dict]:
    """Return up to eight records whose ids or words come nearest to `record_id`."""
    words = re.sub(r"[-_]", " ", record_id)
    like = await rows(datasette, "records.nearest", words=words, start=record_id[:4])
    by_id = {record["id"]: record for record in like}
    close = difflib.get_close_matches(record_id, by_id, n=8, cutoff=0.3)
    others = [key for key in by_id if key not in close]
    return [by_id[key] for key in [*close, *others][:8]]


def as_json(rows: Iterable[dict], key: str = "id") -> str:
    """Return the values of `key` as a JSON list, to bind where SQL reads json_each."""
    return json.dumps([row[key] for row in rows])
