"""The tables and views of kb.db as CSV or Parquet, described by a Frictionless data package (https://specs.frictionlessdata.io/).

The same kb.db gives the same files, byte by byte: there is no clock in them. Views that say how things stand today are
left out unless a day is given; the table `periods` holds the status of every day.
"""

import csv
import hashlib
import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from policykb.model.problems import NotDone, install
from policykb.read import database as reading
from policykb.read import dictionary
from policykb.read.functions import take_as_today

# Columns that hold a full day in whatever table or view they are. Partial dates are text.
DAYS = frozenset(
    {
        "as_of",
        "withdrawn_on",
        "moved_on",
        "date_earliest",
        "date_latest",
        "issued_earliest",
        "issued_latest",
        "from_date",
        "from_latest",
        "to_date",
        "day",
        "until",
        "since",
        "due",
    }
)
# Columns of views that are made of expressions and hold text; all others hold numbers.
TEXTS = frozenset({"kind", "event", "best_grade", "speaker_key", "speaker", "named_by"})
MEDIA = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}
DESCRIPTION = "datapackage.json"
ROWS = 10_000  # held in memory at once


class Column(NamedTuple):
    """A column: `type` is string, integer or date; `needed` if it is never null; `key` if it is the primary key."""

    name: str
    type: str
    needed: bool
    key: bool
    description: str


class Table(NamedTuple):
    """A table or view of kb.db; `keys` are its foreign keys as (column, other table, column there)."""

    name: str
    description: str
    columns: tuple[Column, ...]
    keys: tuple[tuple[str, str, str], ...]


def tables(connection: sqlite3.Connection, on: str | None = None) -> list[Table]:
    """The tables, then the views, by name; those views that say how things stand on a day only if `on` gives the day."""
    found, dated = [], set()
    said = dictionary.tables()
    for relation in list(reading.each(connection, "export_relations")):
        name = relation["name"]
        description, columns = said.get(name, ("", {}))
        if relation["type"] == "view" and (
            "current_date" in relation["sql"]
            or any(re.search(rf"\b{other}\b", relation["sql"]) for other in dated)
        ):
            dated.add(name)
            if on is None:
                continue
            description += f" As of {on}."
        keys = tuple(
            (row["own"], row["other"], row["theirs"])
            for row in reading.each(connection, "export_keys", table=name)
        )
        found.append(
            Table(
                name,
                description,
                tuple(
                    _column(row, columns)
                    for row in reading.each(connection, "export_columns", table=name)
                ),
                keys,
            )
        )
    return found


def _column(row: dict, descriptions: dict[str, str]) -> Column:
    name = row["name"]
    kind = (
        "date"
        if name in DAYS
        else {"TEXT": "string", "INTEGER": "integer"}.get(
            row["type"], "string" if name in TEXTS else "integer"
        )
    )
    return Column(
        name, kind, bool(row["needed"] or row["key"]), bool(row["key"]), descriptions.get(name, "")
    )


def names(found: list[Table], form: str) -> list[str]:
    """The files that `write` makes of these tables, the description last."""
    return [*(f"data/{table.name}.{form}" for table in found), DESCRIPTION]


def write(
    connection: sqlite3.Connection,
    found: list[Table],
    form: str,
    folder: Path,
    on: str | None = None,
) -> None:
    """Write the tables and their description into `folder`, which has a folder `data`."""
    if on:
        take_as_today(connection.conn, on)
    resources = []
    for table in found:
        place = folder / "data" / f"{table.name}.{form}"
        WRITERS[form](table, _values(connection, table), place)
        resources.append(_resource(table, place, form))
    said = json.dumps(
        _package(reading.facts(connection), resources, form), ensure_ascii=False, indent=1
    )
    (folder / DESCRIPTION).write_text(said + "\n", encoding="utf-8")


def _values(connection: sqlite3.Connection, table: Table) -> Iterator[list[tuple]]:
    """The rows of a table in the order of its key, some at a time; of a view in its own."""
    key = next((column.name for column in table.columns if column.key), None)
    cursor = connection.execute(
        f'select * from "{table.name}"' + (f' order by "{key}"' if key else "")
    )  # names come from the database itself
    while part := cursor.fetchmany(ROWS):
        yield part


def _as_csv(table: Table, parts: Iterator[list[tuple]], place: Path) -> None:
    with place.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow([column.name for column in table.columns])
        for part in parts:
            writer.writerows(part)


def _as_parquet(table: Table, parts: Iterator[list[tuple]], place: Path) -> None:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise NotDone(
            f"Parquet needs the package pyarrow; install it in the checkout with: {install('export')}"
        ) from None
    import datetime

    types = {"string": pyarrow.string(), "integer": pyarrow.int64(), "date": pyarrow.date32()}
    schema = pyarrow.schema(
        [
            pyarrow.field(
                column.name,
                types[column.type],
                nullable=not column.needed,
                metadata={"description": column.description} if column.description else None,
            )
            for column in table.columns
        ]
    )
    with pyarrow.parquet.ParquetWriter(place, schema, compression="zstd") as writer:
        for part in parts:
            arrays = []
            for column, values in zip(table.columns, zip(*part, strict=True), strict=True):
                if column.type == "date":
                    values = [value and datetime.date.fromisoformat(value) for value in values]
                arrays.append(pyarrow.array(values, types[column.type]))
            writer.write_batch(pyarrow.record_batch(arrays, schema=schema))


WRITERS = {"csv": _as_csv, "parquet": _as_parquet}


def _resource(table: Table, place: Path, form: str) -> dict:
    with place.open("rb") as file:
        hash = hashlib.file_digest(file, "sha256").hexdigest()
    return {
        "name": table.name,
        "path": f"data/{place.name}",
        "profile": "tabular-data-resource" if form == "csv" else "data-resource",
        "description": table.description,
        "format": form,
        "mediatype": MEDIA[form],
        **({"encoding": "utf-8"} if form == "csv" else {}),
        "bytes": place.stat().st_size,
        "hash": f"sha256:{hash}",
        "schema": _schema(table),
    }


def _schema(table: Table) -> dict:
    foreign = {own for own, _, _ in table.keys}
    fields = []
    for column in table.columns:
        field: dict = {"name": column.name, "type": column.type}
        if column.description:
            field["description"] = column.description
        # CSV has one way to write an empty text and none, so a text that may be empty is not called required.
        if column.needed and (column.key or column.type != "string" or column.name in foreign):
            field["constraints"] = {"required": True, **({"unique": True} if column.key else {})}
        fields.append(field)
    schema: dict = {"fields": fields, "missingValues": [""]}
    key = [column.name for column in table.columns if column.key]
    if key:
        schema["primaryKey"] = key
    if table.keys:
        schema["foreignKeys"] = [
            {
                "fields": [own],
                "reference": {"resource": "" if other == table.name else other, "fields": [theirs]},
            }
            for own, other, theirs in table.keys
        ]
    return schema


def _package(facts: dict[str, str], resources: list[dict], form: str) -> dict:
    return {
        "profile": "tabular-data-package" if form == "csv" else "data-package",
        "name": re.sub(r"[^a-z0-9]+", "-", facts["title"].lower()).strip("-") or "knowledge-base",
        "title": facts["title"],
        "description": facts["description"],
        "version": facts["content_sha256"],
        "licenses": [
            {
                "name": re.sub(r"[^-A-Za-z0-9._]+", "-", facts["licence"]),
                "title": facts["licence"],
                "path": facts["licence_url"],
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
