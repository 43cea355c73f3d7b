"""The tables and views of kb.db as CSV or Parquet, described by a Frictionless data package (https://specs.frictionlessdata.io/).

The same kb.db gives the same files, byte by byte: there is no clock in them. Views of the status today are
left out unless a day is given; the table `periods` holds the status of every day.
"""

import csv
import datetime
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from sqlite_utils import Database

from policykb.files.digests import digest
from policykb.read import database as reading
from policykb.read import dictionary
from policykb.read.functions import take_as_today
from policykb.text import json_text

# Columns that hold a full day, in every table and view. Partial dates are text.
DAYS = frozenset(
    """as_of withdrawn_on moved_on date_earliest date_latest issued_earliest issued_latest
    from_date from_latest to_date from_earliest until_latest due_latest began day until since due from_day until_day""".split()
)
# Tables whose column `due` is a partial date; elsewhere it is a day.
PARTLY_DUE = frozenset(("duties", "task_periods"))
# Columns of views that are made of expressions and hold text; all others hold numbers.
TEXTS = frozenset(
    """kind event because best_grade speaker_key speaker named_by country topics page
    official_url""".split()
)
TYPES = {"TEXT": "string", "INTEGER": "integer"}
# What is left out where no effect of actions is judged: a table, and columns.
OF_EFFECTS = ("effects", "effect", "effect_note")
MEDIA = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}
DESCRIPTION = "datapackage.json"
ROWS = 10_000  # held in memory at once


class Column(NamedTuple):
    """A column: `type` is string, integer or date; `required` if it is never null; `key` if it is the primary key."""

    name: str
    type: str
    required: bool
    key: bool
    description: str


class Table(NamedTuple):
    """A table or view of kb.db; `keys` are its foreign keys as (column, other table, column there)."""

    name: str
    description: str
    columns: tuple[Column, ...]
    keys: tuple[tuple[str, str, str], ...]


def tables(db: Database, on: str | None = None) -> list[Table]:
    """Return the tables, then the views, by name; views of the status on a day only if `on` is the day."""
    descriptions = dictionary.tables()
    own = [name for name in sorted(db.table_names()) if not name.startswith(("search", "sqlite_"))]
    dated: list[str] = []
    for name in sorted(db.view_names()):
        words = re.findall(r"\w+", db[name].schema)
        if not {"current_date", *dated}.isdisjoint(words):
            dated.append(name)
    views = [name for name in sorted(db.view_names()) if on or name not in dated]
    listed = [
        _table(db, name, *descriptions.get(name, ("", {})), on=name in dated and on)
        for name in (*own, *views)
    ]
    if "effect_on" in reading.facts(db):
        return listed
    return [_without_effects(table) for table in listed if table.name not in OF_EFFECTS]


def _without_effects(table: Table) -> Table:
    return table._replace(
        columns=tuple(column for column in table.columns if column.name not in OF_EFFECTS),
        keys=tuple(key for key in table.keys if key[0] not in OF_EFFECTS),
    )


def _table(
    db: Database, name: str, description: str, columns: dict[str, str], on: str | None
) -> Table:
    foreign_keys = [] if name in db.view_names() else reversed(db[name].foreign_keys)
    return Table(
        name,
        f"{description} As of {on}." if on else description,
        tuple(_column(name, column, columns.get(column.name, "")) for column in db[name].columns),
        tuple((key.column, key.other_table, key.other_column) for key in foreign_keys),
    )


def _column(table: str, column, description: str) -> Column:
    """Return what is known of a column of sqlite-utils."""
    is_day = column.name in DAYS and not (column.name == "due" and table in PARTLY_DUE)
    kind = TYPES.get(column.type) or ("string" if column.name in TEXTS else "integer")
    is_key = bool(column.is_pk)
    return Column(
        column.name,
        "date" if is_day else kind,
        is_key or bool(column.notnull),
        is_key,
        description,
    )


def names(tables: Sequence[Table], form: str) -> list[str]:
    """Return the names of the files that `write` makes, the description last."""
    return [*(f"data/{table.name}.{form}" for table in tables), DESCRIPTION]


def write(
    db: Database, tables: Sequence[Table], form: str, folder: Path, on: str | None = None
) -> None:
    """Write the tables and their description into `folder`, which has a folder `data`."""
    if on:
        take_as_today(db.conn, on)
    resources = []
    for table in tables:
        place = folder / "data" / f"{table.name}.{form}"
        WRITERS[form](table, _values(db, table), place)
        resources.append(_resource(table, place, form))
    package = _package(reading.facts(db), resources, form)
    (folder / DESCRIPTION).write_text(json_text(package), encoding="utf-8")


def _values(db: Database, table: Table) -> Iterator[list[tuple]]:
    """Yield the rows of a table in the order of its key, some at a time; of a view in its own."""
    order = "".join(f' order by "{column.name}"' for column in table.columns if column.key)
    # The names come from the database itself.
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    cursor = db.execute(f'select {names} from "{table.name}"{order}')
    while rows := cursor.fetchmany(ROWS):
        yield rows


def _as_csv(table: Table, parts: Iterator[list[tuple]], place: Path) -> None:
    with place.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow([column.name for column in table.columns])
        for rows in parts:
            writer.writerows(rows)


def _as_parquet(table: Table, parts: Iterator[list[tuple]], place: Path) -> None:
    import pyarrow
    import pyarrow.parquet

    types = {"string": pyarrow.string(), "integer": pyarrow.int64(), "date": pyarrow.date32()}
    fields = []
    for column in table.columns:
        about = {"description": column.description} if column.description else None
        field = pyarrow.field(column.name, types[column.type], not column.required, about)
        fields.append(field)
    schema = pyarrow.schema(fields)
    with pyarrow.parquet.ParquetWriter(place, schema, compression="zstd") as writer:
        for rows in parts:
            arrays = []
            for column, values in zip(table.columns, zip(*rows, strict=True), strict=True):
                if column.type == "date":
                    values = [value and datetime.date.fromisoformat(value) for value in values]
                arrays.append(pyarrow.array(values, types[column.type]))
            writer.write_batch(pyarrow.record_batch(arrays, schema=schema))


WRITERS = {"csv": _as_csv, "parquet": _as_parquet}


def _resource(table: Table, place: Path, form: str) -> dict:
    is_csv = form == "csv"
    return {
        "name": table.name,
        "path": f"data/{place.name}",
        "profile": "tabular-data-resource" if is_csv else "data-resource",
        "description": table.description,
        "format": form,
        "mediatype": MEDIA[form],
        **({"encoding": "utf-8"} if is_csv else {}),
        "bytes": place.stat().st_size,
        "hash": f"sha256:{digest(place)}",
        "schema": _schema(table),
    }


def _schema(table: Table) -> dict:
    foreign = {column for column, _, _ in table.keys}
    schema: dict = {
        "fields": [_field(column, column.name in foreign) for column in table.columns],
        "missingValues": [""],
    }
    if key := [column.name for column in table.columns if column.key]:
        schema["primaryKey"] = key
    if table.keys:
        schema["foreignKeys"] = [
            {
                "fields": [column],
                "reference": {
                    "resource": "" if other == table.name else other,
                    "fields": [other_column],
                },
            }
            for column, other, other_column in table.keys
        ]
    return schema


def _field(column: Column, is_foreign: bool) -> dict:
    field: dict = {"name": column.name, "type": column.type}
    if column.description:
        field["description"] = column.description
    # CSV has one way to write an empty text and none, so a text that may be empty is not called required.
    if column.required and (column.key or column.type != "string" or is_foreign):
        field["constraints"] = {"required": True, **({"unique": True} if column.key else {})}
    return field


def _package(facts: dict[str, str], resources: list[dict], form: str) -> dict:
    return {
        "profile": "tabular-data-package" if form == "csv" else "data-package",
        "name": re.sub(r"[^a-z0-9]+", "-", facts["title"].lower()).strip("-") or "knowledge-base",
        "title": facts["title"],
        "description": facts["description"],
        "version": facts["content_sha256"],
        "licenses": [
            {
                "name": re.sub(r"[^-A-Za-z0-9._]+", "-", facts["license"]),
                "title": facts["license"],
                "path": facts["license_url"],
            }
        ],
        "sources": [
            {
                "title": "The documents that the resource `documents` lists, each with its address and how well the editors know it",
                "path": f"data/documents.{form}",
            }
        ],
        "resources": resources,
    }
