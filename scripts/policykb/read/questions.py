"""The named questions: one SQL file each, with title, description and parameters in its head comment.

A parameter line has the form `-- :name kind. Description` or `-- :name kind = default. Description`; the default `today`
is the day of the question. An empty parameter means its default. A day may be written as `30 days`: that long before today, or
after it for a parameter in AHEAD. A parameter of the kind `id` may have several ids or terms, separated by commas, which the
SQL function `choices` turns into a JSON list.
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

from policykb.model.problems import did_you_mean, nearest_id, shown
from policykb.read.functions import choices, register

MOST_STEPS = 200_000_000
AHEAD = ("until",)
EFFECT_ON = "{effect_on}"  # in a question: what about.toml declares as affected
# Parameters that are terms, and the tables of these.
TERMS = {"stance": "stance_types", "effect": "effects"}
IDS = "select id from records where kind = :kind"
# Spreadsheets read a cell with such a start as a formula; some ignore spaces before it.
FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


class Parameter(NamedTuple):
    """A parameter of a question; `kind` is day, id, text, number, or yes, which is yes or no."""

    name: str
    kind: str
    default: str
    description: str

    def joined(self, values: Sequence[str]) -> str:
        """Return several values as a single value.

        :raises ValueError: if the values differ and the parameter takes only one.
        """
        different = list(dict.fromkeys(values))
        if len(different) > 1 and self.kind != "id":
            raise ValueError(f"{self.name} takes one value, not several: {', '.join(different)}")
        return ",".join(different)


class Question(NamedTuple):
    """A named question; its name is that of its file."""

    name: str
    title: str
    description: str
    parameters: tuple[Parameter, ...]
    sql: str


@cache
def questions(effect_on: str = "") -> dict[str, Question]:
    """Return the named questions by name; those about effects only if `effect_on`, which their texts name, is not ''."""
    files = sorted(Path(__file__).parents[1].joinpath("queries").glob("*.sql"))
    texts = {file.stem: file.read_text(encoding="utf-8") for file in files}
    return {
        name: parse(name, text.replace(EFFECT_ON, effect_on))
        for name, text in texts.items()
        if effect_on or EFFECT_ON not in text
    }


def questions_of(connection: sqlite3.Connection) -> dict[str, Question]:
    """Return the named questions that a knowledge base answers, by name."""
    row = connection.execute("select value from kb_info where key = 'effect_on'").fetchone()
    return questions(row[0] if row else "")


def parse(name: str, text: str) -> Question:
    """Return the question in a SQL file.

    :raises ValueError: if its head comment has no title or an invalid parameter line.
    """
    lines = text.splitlines()
    head = [line[2:].strip() for line in takewhile(lambda line: line.startswith("--"), lines)]
    plain = [line for line in head if not line.startswith(":")]
    parameters = []
    for line in head:
        if line in plain:
            continue
        match = re.fullmatch(r":(\w+) (day|id|text|number|yes)(?: = ([^.]+))?\. (.+)", line)
        if not match:
            raise ValueError(f"{name}.sql: '{line}' is not a parameter line")
        parameters.append(Parameter(*match.groups(default="")))
    if not plain:
        raise ValueError(f"{name}.sql has no title")
    sql = "\n".join(lines[len(head) :]).strip()
    return Question(name, plain[0].rstrip("."), " ".join(plain[1:]), tuple(parameters), sql)


def joined(question: Question, arguments: dict[str, Sequence[str]]) -> dict[str, str]:
    """Return a single value for each argument; several values of an id are separated by commas.

    :raises ValueError: for several values of a parameter that takes only one.
    """
    known = {parameter.name: parameter for parameter in question.parameters}
    return {
        name: known[name].joined(values) if name in known else values[-1]
        for name, values in arguments.items()
    }


def ask(
    connection: sqlite3.Connection, question: Question, arguments: dict[str, str], today: str
) -> tuple[list[str], list[tuple]]:
    """Return the column names and rows of the answer. All parameters are bound, and the work is limited.

    :raises ValueError: for a parameter that the question does not have, or an invalid day or number.
    :raises sqlite3.OperationalError: if the answer takes too long.
    """
    values = bound(question, arguments, today)
    register(connection)
    steps = iter(range(MOST_STEPS // 1000))
    connection.set_progress_handler(lambda: next(steps, None) is None, 1000)
    try:
        cursor = connection.execute(question.sql, values)
        return [column[0] for column in cursor.description], cursor.fetchall()
    finally:
        connection.set_progress_handler(None, 0)


def bound(question: Question, arguments: dict[str, str], today: str) -> dict[str, str]:
    """Return the checked value of each parameter: its argument, or its default without one; `today` as a default is `today`.

    :raises ValueError: for a parameter that the question does not have, an invalid value, or a last day before the first.
    """
    known = {parameter.name: parameter for parameter in question.parameters}
    for name in arguments.keys() - known.keys():
        message = (
            f"'{name}' is not a parameter of {question.name}; it has: {', '.join(known) or 'none'}"
        )
        raise ValueError(message)
    filled = {name: arguments.get(name) or parameter.default for name, parameter in known.items()}
    values = {
        name: _checked(known[name], today if value == "today" else value, today)
        for name, value in filled.items()
    }
    first, last = values.get("from"), values.get("to")
    if first and last and first > last:
        raise ValueError(f"the first day, {first}, is after the last day, {last}")
    return values


def unknown(
    connection: sqlite3.Connection, question: Question, arguments: dict[str, str]
) -> list[str]:
    """Return a sentence for each id or term in `arguments` that is not in the knowledge base, with the nearest."""
    return [
        f"there is no {parameter.name} '{shown(value)}'{_hint(connection, parameter.name, value)}"
        for parameter in question.parameters
        if parameter.kind == "id"
        for value in json.loads(choices(arguments.get(parameter.name)))
        if not _exists(connection, parameter.name, value)
    ]


def _hint(connection: sqlite3.Connection, kind: str, value: str) -> str:
    """Return which id of this kind, or which term, `value` may mean, as the end of a sentence; '' for none."""
    statement = f"select id from {TERMS[kind]}" if kind in TERMS else IDS
    ids = [record_id for (record_id,) in connection.execute(statement, {"kind": kind})]
    return did_you_mean(nearest_id(value[:80], ids))


def _exists(connection: sqlite3.Connection, kind: str, value: str) -> bool:
    """Return whether there is a record of this kind, or a stance or effect, with the id `value`."""
    statement = "select 1 from records where id = :id and kind = :kind"
    if kind in TERMS:
        statement = f"select 1 from {TERMS[kind]} where id = :id"
    return connection.execute(statement, {"id": value, "kind": kind}).fetchone() is not None


def spreadsheet(columns: Sequence[str], rows: Iterable[Sequence]) -> str:
    """Return an answer as CSV for spreadsheets, with an apostrophe before text that looks like a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return text.getvalue()


def harmless(cell: object) -> object:
    """Return the value of a cell; text that a spreadsheet would run as a formula gets an apostrophe before it."""
    is_formula = isinstance(cell, str) and cell.lstrip(" \u00a0").startswith(FORMULA)
    return f"'{cell}" if is_formula else cell


def _checked(parameter: Parameter, value: str, today: str) -> str:
    if parameter.kind == "day" and value:
        from policykb.model.dates import away, day_meant, is_day

        value = away(value, today, parameter.name in AHEAD) or value
        if not is_day(value):
            near = day_meant(value)
            hint = f"; did you mean {near}?" if near else ""
            message = f"{parameter.name}={value!r} is not a day; write it as 2026-06-15{hint}"
            raise ValueError(message)
    if parameter.kind == "number" and value and not re.fullmatch(r"\d{1,9}", value):
        message = f"{parameter.name}={value!r} is not a whole number from 0 to 999999999"
        raise ValueError(message)
    if parameter.kind == "yes" and value not in ("", "yes", "no"):
        raise ValueError(f"{parameter.name}={value!r} is neither yes nor no")
    return value
