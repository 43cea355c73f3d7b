"""The views of kb.db mean the same in DuckDB, which runs their SQL itself when it reads the file."""

import re
import sqlite3

import duckdb
import pyarrow
import pytest
from policykb.build.load import sql
from policykb.read.functions import take_as_today

VIEWS = re.findall(r"^create view \w+.*?;$", sql("views.sql"), re.MULTILINE | re.DOTALL)
NAMES = [re.match(r"create view (\w+)", text)[1] for text in VIEWS]
TYPES = {"INTEGER": "bigint", "TEXT": "varchar"}  # as the SQLite extension of DuckDB has them
ARROW = {"INTEGER": pyarrow.int64(), "TEXT": pyarrow.string()}


@pytest.fixture(scope="module")
def both(shipped):
    """The shipped knowledge base in SQLite and, its tables copied and its views made from the same text, in DuckDB."""
    one, other = sqlite3.connect(shipped), duckdb.connect()
    tables = one.execute(
        "select name from pragma_table_list where type = 'table' and strict and schema = 'main'"
    ).fetchall()
    assert len(tables) > 50
    for (name,) in tables:
        columns = one.execute(
            "select name, type from pragma_table_info(?) order by cid", (name,)
        ).fetchall()
        kinds = ", ".join(f'"{column}" {TYPES[kind]}' for column, kind in columns)
        other.execute(f'create table "{name}" ({kinds})')
        rows = one.execute(f'select * from "{name}"').fetchall()
        values = zip(*rows, strict=True) if rows else [()] * len(columns)
        other.register(
            "copied",
            pyarrow.table(
                [
                    pyarrow.array(column, ARROW[type])
                    for column, (_, type) in zip(values, columns, strict=True)
                ],
                [column for column, _ in columns],
            ),
        )
        other.execute(f'insert into "{name}" select * from copied')
    # DuckDB takes the day from the clock of the machine, in its time zone.
    take_as_today(one, str(other.execute("select current_date").fetchone()[0]))
    for text in VIEWS:
        other.execute(text)
    yield one, other
    one.close()
    other.close()


@pytest.mark.parametrize("name", NAMES)
def test_view_means_the_same(both, name):
    one, other = ((base, base.execute(f"select * from {name}")) for base in both)
    assert [part[0] for part in one[1].description] == [part[0] for part in other[1].description]
    rows = [sorted(cursor.fetchall(), key=repr) for _, cursor in (one, other)]
    assert rows[0] == rows[1]
    assert rows[0], "an empty view shows nothing"


@pytest.mark.parametrize("day", ["2023-12-31", "2024-02-29", "2026-11-22", "2100-03-01"])
def test_days_are_counted_as_the_calendar_has_them(shipped, day):
    connection = sqlite3.connect(shipped)
    take_as_today(connection, day)
    found = 0
    for view, since, until, number in (
        ("upcoming", "?", "due", "days_left"),
        ("stale_actions", "as_of", "?", "days_old"),
    ):
        rows = connection.execute(
            f"select {number}, cast(julianday({until}) - julianday({since}) as integer) from {view}",
            (day,),
        ).fetchall()
        assert all(counted == right for counted, right in rows)
        found += len(rows)
    assert found > 10
    connection.close()
