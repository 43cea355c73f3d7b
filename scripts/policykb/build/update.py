"""Replace the rows of some records in a copy of kb.db, and what follows from them in other rows."""

import sqlite3
from collections.abc import Iterable
from itertools import chain

from policykb.build import layout
from policykb.build.rows import OF_ALL, Rows, columns, insert, number_of_row

# The replaced records and others whose rows say what depends on them.
_TOUCHED = """
insert or ignore into touched
with at(argument, claim) as (select argument, claim from appearances where document in (select id from remade)),
argued(id) as (select id from remade union select argument from at where argument is not null)
select id from argued
union select claim from at where claim is not null
union select other from argument_relations where argument in (select id from remade)
union select action from stances where argument in (select id from argued)
union select part_of from actions where id in (select id from remade) and part_of is not null
union select b.id from actions a join actions b on b.part_of = a.part_of where a.id in (select id from remade)"""

# Actions take the address of their text from their document or from the act of which they are a part.
_PARTS = """
insert or ignore into remade
with recursive part(id) as (
  select id from remade
  union select id from actions where official_text in (select id from remade)
  union select a.id from part join actions a on a.part_of = part.id)
select id from part"""

# All of the replaced records that `counts` counts.
_COUNTED = """
select 'a', id, jurisdiction, instrument, effect, withdrawn_on from actions where id in (select id from remade)
union all select 't', action, topic, null, null, null from action_topics where action in (select id from remade)
union all select 'b', action, organization, null, null, null from action_bodies where action in (select id from remade)
union all select 'p', action, stage, legal_force, from_date, to_date from periods where action in (select id from remade)
union all select 'e', id, date_latest, precision, supersedes, null from events where action in (select id from remade)
union all select 'd', id, grade, type, withdrawn_on, null from documents where id in (select id from remade)
union all select 'w', document, organization, null, null, null from document_authors where document in (select id from remade)
order by 1, 2, 3, 4, 5, 6"""

# Full-text index -> the condition for the rows of the replaced records in its table.
_REPLACED = {
    "search": "id in (select id from remade)",
    "search_identifiers": "action in (select id from remade)",
}


def begin(connection: sqlite3.Connection, changed: Iterable[str]) -> dict[str, int]:
    """Note the records whose rows must be replaced after a change of the files `changed`: file -> number of the record."""
    _create(connection)
    find = "insert into remade select id from records where file = ?"
    connection.executemany(find, ((path,) for path in changed))
    connection.execute(_PARTS)
    query = "select file, number from records where id in (select id from remade) order by number"
    return dict(connection.execute(query).fetchall())


def _create(connection: sqlite3.Connection) -> None:
    for table in ("remade", "touched"):
        connection.execute(f"create temp table {table} (id text primary key)")


def counted(connection: sqlite3.Connection) -> list[tuple]:
    """Return the values of the replaced records that the table `counts` counts."""
    return connection.execute(_COUNTED).fetchall()


def touch(connection: sqlite3.Connection) -> None:
    """Note the records whose rows say what depends on the replaced ones as they are now."""
    connection.execute(_TOUCHED)


def touch_all(connection: sqlite3.Connection) -> None:
    """Note all records, whose rows were inserted."""
    _create(connection)
    for table in ("remade", "touched"):
        connection.execute(f"insert into {table} select id from records")


def remove(connection: sqlite3.Connection, numbers: Iterable[int]) -> None:
    """Remove the rows of the replaced records, which have these `numbers`."""
    for index, among in _REPLACED.items():
        layout.remove(connection, index, among)
    for table in columns().keys() - OF_ALL:
        column, step = number_of_row(table)
        among = [(step * number, step * (number + 1)) for number in numbers]
        connection.executemany(f"delete from {table} where {column} >= ? and {column} < ?", among)


def index(connection: sqlite3.Connection) -> None:
    """Add the replaced records to the full-text indexes."""
    for name, among in _REPLACED.items():
        layout.add(connection, name, among)


def replace_all(connection: sqlite3.Connection, rows: Rows) -> None:
    """Replace the rows that are not those of records by `rows`, where they differ."""
    for table in ("kb_info", "problems", "commits", "changes"):
        new = {key: values for key, values in rows.items() if key[0] == table}
        names = ", ".join(f'"{name}"' for key in new for name in key[1:])
        stored = f"select {names or 'null'} from {table} order by rowid"
        if connection.execute(stored).fetchall() != [*chain.from_iterable(new.values())]:
            connection.execute(f"delete from {table}")
            insert(connection, [new])
