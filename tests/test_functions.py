"""The SQL functions of policykb in sqlite-utils."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import SHIPPED_DAY
from policykb.read.database import connect
from policykb.read.questions import ask, bound, questions
from sqlite_utils.cli import cli


def query(db: Path, statement: str, **parameters: str) -> list[dict]:
    """Return the rows that `sqlite-utils query` prints."""
    options = [part for item in parameters.items() for part in ("-p", *item)]
    result = CliRunner().invoke(cli, ["query", str(db), statement, *options])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.mark.parametrize("name", questions("openness"))
def test_sqlite_utils_runs_every_named_question(shipped: Path, name: str):
    question = questions("openness")[name]
    values = bound(question, {}, SHIPPED_DAY)
    with connect(shipped) as db:
        columns, rows = ask(db.conn, question, {}, SHIPPED_DAY)
    assert [list(row.values()) for row in query(shipped, question.sql, **values)] == [
        list(row) for row in rows
    ]


def test_functions_take_empty_values(shipped: Path):
    statement = (
        "select escape_fts(null) as words, choices(null) as ids, identifier_keys('') as keys"
    )
    assert query(shipped, statement) == [{"words": '""', "ids": "[]", "keys": "[]"}]


def test_functions_import_neither_datasette_nor_the_vocabularies():
    code = (
        "import sys, policykb.read.functions; "
        "print(sorted(name for name in sys.modules if name.startswith(('datasette', 'policykb'))))"
    )
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout
    assert output == "['policykb', 'policykb.read', 'policykb.read.functions']\n"
