"""Whole records from kb.db, and the SQL files of the package."""

import re
import sqlite3

import pytest
from conftest import ROOT
from policykb.build import SCHEMA_VERSION, parallel
from policykb.build.rows import columns
from policykb.files.reader import parse, read, sources
from policykb.model.problems import NotFoundError, PolicykbError
from policykb.read.database import connect, database, statements
from policykb.read.records import record, records
from policykb.site.connections import MOST_BYTES

SQL_FILES = sorted((ROOT / "scripts/policykb").rglob("sql/*.sql"))


@pytest.fixture(scope="module")
def db(shipped):
    """Return the shipped knowledge base, opened for reading."""
    return connect(shipped)


def test_every_shipped_record_reads_back_equal(db):
    stored = {
        item.id: (item.kind, item.record)
        for source in sources(ROOT / "policies")[0]
        for item in parse(source, read(source))[0]
        if item.kind not in ("about", "redirect")
    }
    kinds = {kind for kind, _ in stored.values()}
    assert {id: (kind, each) for kind in kinds for id, each in records(db, kind)} == stored
    assert len(stored) == db["records"].count == db["record_json"].count > 1000


def test_rows_fill_every_column_of_the_tables():
    """Others are counted when all rows are there."""
    filled = {table: set() for table in columns()}
    work = parallel.begin(sources(ROOT / "policies")[0])
    for chunk in (*work.head, *parallel.records(work, work.records, 1)):
        for table, *names in (key for rows in chunk.rows for key in rows):
            filled[table].update(names)
    late = {"kb_info", "speakers", "stance_counts", "counts", "problems", "commits", "changes"}
    for table, names in columns().items():
        assert table in late or filled[table] - {"rowid"} == set(names), table


def test_columns_of_rows_are_those_of_the_tables(db):
    assert columns() == {table: tuple(db[table].columns_dict) for table in columns()}


def test_an_earlier_id_leads_to_the_record(db):
    for redirect in db["redirects"].rows:
        assert record(db, redirect["id"]) == record(db, redirect["to_id"])


def test_an_unknown_id_names_the_nearest(db):
    with pytest.raises(NotFoundError) as caught:
        record(db, "us-bis-anthropic-acces-directive-2026")
    hint = "did you mean 'us-bis-anthropic-access-directive-2026'?"
    assert hint in str(caught.value)


def test_a_record_beyond_the_limit_of_queries_is_read(base):
    questions = [f"{'ö' * 290} {number}?" for number in range(200)]
    base.record("actions", "an-order", open_questions=questions)
    assert not base.load().errors
    with sqlite3.connect(base.db) as connection:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_BYTES)
        assert record(database(connection), "an-order").open_questions == questions
        with pytest.raises(sqlite3.DataError):
            connection.execute("select json from record_json order by length(json)").fetchall()


def test_a_file_of_another_version_is_refused(built):
    with sqlite3.connect(built.db) as connection:
        connection.execute("pragma user_version = 1")
    with pytest.raises(
        PolicykbError,
        match=f"^kb.db has the tables of version 1, not {SCHEMA_VERSION}; build it again",
    ):
        connect(built.db)


def test_statements_are_named_by_their_heads(tmp_path):
    (tmp_path / "page.sql").write_text(
        "-- name: one\n-- First.\nselect 1\n\n-- name: two\nselect 2\n"
    )
    (tmp_path / "plain.sql").write_text("select 3\n")
    assert statements(tmp_path, "page") == {"one": "-- First.\nselect 1", "two": "select 2"}
    assert statements(tmp_path, "plain") == {"plain": "select 3"}


def test_statements_have_parts_in_common(tmp_path):
    (tmp_path / "parts.sql").write_text("-- name: even\n-- Of all.\nselect 2\n")
    (tmp_path / "page.sql").write_text("-- name: one\nselect * from ({parts.even})\n")
    assert statements(tmp_path, "page") == {"one": "select * from (select 2)"}


@pytest.mark.parametrize("file", SQL_FILES, ids=lambda file: file.stem)
def test_every_statement_of_a_file_has_a_name_of_its_own(file):
    heads = re.findall(r"^-- name:", file.read_text(), re.MULTILINE)
    assert len(statements(file.parent, file.stem)) == max(1, len(heads))
