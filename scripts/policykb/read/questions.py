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
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

from policykb.read.functions import choices, register

MOST_STEPS = 200_000_000
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet takes a cell for a formula by


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
    """Return all named questions by name."""
    files = Path(__file__).parents[1].joinpath("queries").glob("*.sql")
    return {file.stem: parse(file.stem, file.read_text(encoding="utf-8")) for file in sorted(files)}


def parse(name: str, text: str) -> Question:
    """Return the question in a SQL file.

    :raises ValueError: if its head comment has no title or a line that is not understood.
    """
    lines = text.splitlines()
    head = [line[2:].strip() for line in takewhile(lambda line: line.startswith("--"), lines)]
    plain = [line for line in head if not line.startswith(":")]
    parameters = []
    for line in head:
        if line in plain:
            continue
        match = re.fullmatch(r":(\w+) (day|id|text|number)(?: = (\S+?))?\. (.+)", line)
        if not match:
            raise ValueError(f"{name}.sql: '{line}' is not a parameter line")
        parameters.append(Parameter(*match.groups(default="")))
    if not plain:
        raise ValueError(f"{name}.sql has no title")
    sql = "\n".join(lines[len(head) :]).strip()
    return Question(name, plain[0].rstrip("."), " ".join(plain[1:]), tuple(parameters), sql)


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


def unknown(connection: sqlite3.Connection, question: Question, given: dict[str, str]) -> list[str]:
    """Return a sentence for each id or term given for a question that nothing in the knowledge base has."""
    return [
        f"there is no {parameter.name} '{value}'"
        for parameter in question.parameters
        if parameter.kind == "id"
        for value in json.loads(choices(given.get(parameter.name)))
        if not _exists(connection, parameter.name, value)
    ]


def _exists(connection: sqlite3.Connection, kind: str, value: str) -> bool:
    """Return whether there is a record of this kind, or a term of stances, with this id."""
    statement = "select 1 from records where id = :id and kind = :kind"
    if kind == "stance":
        statement = "select 1 from stance_types where id = :id"
    return connection.execute(statement, {"id": value, "kind": kind}).fetchone() is not None


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
