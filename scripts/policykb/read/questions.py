"""The named questions: one SQL file each, with title, description and parameters in its head comment.

A parameter line reads `-- :name kind. Description`, or `-- :name kind = default. Description`; `today` as a
default is the day that is asked from. In the SQL an empty parameter means its default. A parameter of the kind `id`
may have several ids or terms with commas between them, which the SQL function `choices` makes a JSON list of.
"""

import csv
import io
import json
import re
import sqlite3
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from policykb.model.vocabulary import identifier_keys
from policykb.text import apart

MOST_STEPS = 200_000_000
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet takes a cell for a formula by
MOST_TERMS = 32  # ranking and snippets take time that grows with the square of the number of terms


class Parameter(NamedTuple):
    """A parameter of a question: its name, kind (day, id, text, number), default and meaning."""

    name: str
    kind: str
    default: str
    description: str

    def joined(self, values: Sequence[str]) -> str:
        """Return the values that were given for it as one.

        :raises ValueError: if there are several and it takes one.
        """
        different = list(dict.fromkeys(values))
        if len(different) > 1 and self.kind != "id":
            raise ValueError(f"{self.name} takes one value, and was given: {', '.join(different)}")
        return ",".join(different)


class Question(NamedTuple):
    """A named question: its name is that of its file."""

    name: str
    title: str
    description: str
    parameters: tuple[Parameter, ...]
    sql: str


@cache
def questions() -> dict[str, Question]:
    """All named questions by name."""
    return {
        file.stem: parse(file.stem, file.read_text(encoding="utf-8"))
        for file in sorted(Path(__file__).parents[1].joinpath("queries").glob("*.sql"))
    }


def parse(name: str, text: str) -> Question:
    """The question in a SQL file.

    :raises ValueError: if its head comment has no title or a line that is not understood.
    """
    head, body = [], []
    for line in text.splitlines():
        (body if body or not line.startswith("--") else head).append(line)
    lines = [line[2:].strip() for line in head]
    plain = [line for line in lines if not line.startswith(":")]
    parameters = []
    for line in lines:
        if line.startswith(":"):
            match = re.fullmatch(r":(\w+) (day|id|text|number)(?: = (\S+?))?\. (.+)", line)
            if not match:
                raise ValueError(f"{name}.sql: '{line}' is not a parameter line")
            parameter, kind, default, description = match.groups()
            parameters.append(Parameter(parameter, kind, default or "", description))
    if not plain:
        raise ValueError(f"{name}.sql has no title")
    return Question(
        name, plain[0].rstrip("."), " ".join(plain[1:]), tuple(parameters), "\n".join(body).strip()
    )


def joined(question: Question, given: dict[str, Sequence[str]]) -> dict[str, str]:
    """Return one value for each parameter that is given, those of choices with commas between them.

    :raises ValueError: for several values of a parameter that takes one.
    """
    known = {parameter.name: parameter for parameter in question.parameters}
    return {
        name: known[name].joined(values) if name in known else values[-1]
        for name, values in given.items()
    }


def ask(
    connection: sqlite3.Connection, question: Question, given: dict[str, str], today: str
) -> tuple[list[str], list[tuple]]:
    """The answer: column names and rows. Every parameter is bound, and the work is bounded.

    :raises ValueError: for a parameter that the question does not have, or a day or number that is none.
    :raises sqlite3.OperationalError: if the answer takes too long.
    """
    values = bound(question, given, today)
    register(connection)
    steps = iter(range(MOST_STEPS // 1000))
    connection.set_progress_handler(lambda: next(steps, None) is None, 1000)
    try:
        cursor = connection.execute(question.sql, values)
        return [column[0] for column in cursor.description], cursor.fetchall()
    finally:
        connection.set_progress_handler(None, 0)


def bound(question: Question, given: dict[str, str], today: str) -> dict[str, str]:
    """The value of each parameter of a question, checked; `today` stands for an empty one whose default it is.

    :raises ValueError: for a parameter that the question does not have, or a day or number that is none.
    """
    known = {parameter.name: parameter for parameter in question.parameters}
    for name in given.keys() - known.keys():
        raise ValueError(
            f"'{name}' is not a parameter of {question.name}; it has: {', '.join(known) or 'none'}"
        )
    filled = {name: given.get(name) or parameter.default for name, parameter in known.items()}
    return {
        name: _checked(known[name], today if value == "today" else value)
        for name, value in filled.items()
    }


def register(connection: sqlite3.Connection) -> None:
    """Give `connection` the functions of the questions: `escape_fts`, as Datasette has it, which makes any text a safe search, `choices` and `identifier_keys`."""
    connection.create_function("escape_fts", 1, escape_fts, deterministic=True)
    connection.create_function("choices", 1, choices, deterministic=True)
    connection.create_function(
        "identifier_keys",
        1,
        lambda text: json.dumps(identifier_keys(text or "")),
        deterministic=True,
    )


def choices(text: str | None) -> str:
    """Return the ids or terms in `text`, between commas, as a JSON list."""
    return json.dumps([part.strip() for part in (text or "").split(",") if part.strip()])


def unknown(connection: sqlite3.Connection, question: Question, given: dict[str, str]) -> list[str]:
    """Return a sentence for each id or term given for a question that nothing in the knowledge base has."""
    found = []
    for parameter in question.parameters:
        if parameter.kind == "id":
            for value in json.loads(choices(given.get(parameter.name))):
                if not _exists(connection, parameter.name, value):
                    found.append(f"there is no {parameter.name} '{value}'")
    return found


def _exists(connection: sqlite3.Connection, kind: str, value: str) -> bool:
    """Whether there is a record of this kind, or a term of stances, with this id."""
    if kind == "stance":
        cursor = connection.execute("select 1 from stance_types where id = ?", (value,))
    else:
        cursor = connection.execute(
            "select 1 from records where id = ? and kind = ?", (value, kind)
        )
    return cursor.fetchone() is not None


def take_as_today(connection: sqlite3.Connection, day: str) -> None:
    """Make `current_date` and `date('now')` the ISO day `day` on `connection`; `date` of anything else is what SQLite makes of it."""
    plain = sqlite3.connect(":memory:", check_same_thread=False)

    def date(text: object) -> str | None:
        return day if text == "now" else plain.execute("select date(?)", (text,)).fetchone()[0]

    connection.create_function("date", 1, date, deterministic=True)
    connection.create_function("current_date", 0, lambda: day, deterministic=True)


def escape_fts(text: str) -> str:
    """`text` as a full-text query that looks for its words and quoted phrases, the first ones, whatever characters it has; one that finds nothing for none."""
    text = text.replace("\0", " ")
    if text.count('"') % 2:
        text += '"'
    bits = [bit for bit in re.split(r'\s+|(".*?")', text) if bit and bit != '""']
    phrases = (apart(bit.replace('"', "")) for bit in bits[:MOST_TERMS])
    return " ".join(f'"{phrase}"' for phrase in phrases) or '""'


def spreadsheet(columns: Sequence[str], rows: Iterable[Sequence]) -> str:
    """Return an answer as CSV for spreadsheets: text that one would take for a formula begins with an apostrophe."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue()


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def _checked(parameter: Parameter, value: str) -> str:
    if parameter.kind == "day" and value:
        from policykb.model.dates import is_day, understood

        if not is_day(value):
            meant = understood(value) or ""
            hint = f"; did you mean {meant}?" if len(meant) == 10 else ""
            raise ValueError(
                f"{parameter.name}={value!r} is not a day; write it as 2026-06-15{hint}"
            )
    if parameter.kind == "number" and value and not re.fullmatch(r"\d{1,9}", value):
        raise ValueError(f"{parameter.name}={value!r} is not a number")
    return value
