"""The command `policykb export`: the knowledge base, or a part of it, in the formats of other tools."""

import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import click

from policykb.commands.common import (
    AS_JSON,
    FORCE,
    Run,
    as_json,
    base_url,
    command,
    day,
    print_outcome,
    published_at,
    report,
)
from policykb.model.problems import InvalidInputError, did_you_mean, nearest
from policykb.text import json_text, with_article

TABLES, GRAPHS = ("csv", "parquet"), ("argdown", "dot", "graphml")
FORMATS = (*TABLES, "json-ld", *GRAPHS)
SCHEMA, LINES = "json-schema", "jsonl"
# Option -> the formats that it is for.
OPTIONS = {"about": FORMATS[2:], "on": FORMATS[:3], "base_url": ("json-ld",)}
Writer = Callable[[Path], None]


class Format(click.Choice):
    """A choice of formats that suggests the nearest."""

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """Return the format."""
        if value in self.choices:
            return str(value)
        near = nearest(str(value), self.choices)
        hint = did_you_mean(near, f"there are {', '.join(self.choices)}")
        self.fail(f"there is no format '{value}'{hint}", param, ctx)


@command()
@AS_JSON
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, allow_dash=True))
@click.option(
    "--format",
    "form",
    type=Format((*FORMATS, LINES, SCHEMA)),
    default="csv",
    help="The format of the files; json-schema is for editors of the files under policies/, and jsonl has these files "
    "as `policykb apply` reads them.",
)
@click.option(
    "--about",
    metavar="ID",
    help="Only this record (json-ld), or the arguments around it (argdown, dot, graphml).",
)
@click.option(
    "--on",
    type=day,
    help="The day of the status: for views (csv, parquet) and legal force (json-ld). Default: --today, if given.",
)
@base_url("Where the knowledge base is published; names in json-ld begin with it.")
@FORCE
def export(run: Run, folder: Path, form: str, force: bool, **options: str | None) -> None:
    """Write the knowledge base into FOLDER in a format for other tools, all files or none.

    `-` instead of FOLDER writes a format of one file (json-ld, argdown, dot, graphml, jsonl) to standard output.
    """
    for name, value in options.items():
        if value and form not in OPTIONS[name]:
            option = f"--{name.replace('_', '-')}"
            raise InvalidInputError(f"{option} is for {', '.join(OPTIONS[name])}, not for {form}")
    if form == SCHEMA:
        _write_schemas(folder, force)
        return
    if form == LINES:
        name = "records.jsonl"
        _put(folder, [name], lambda place: _write_lines(run, place / name), force)
        return
    if form in OPTIONS["on"]:
        options["on"] = options["on"] or run.day
    from policykb.read.database import found

    with run.opened() as database:
        about = found(database, options["about"]) if options["about"] else None
        if about and about.reason:
            report(f"{options['about']} is now {about.id}: {about.reason}")
        names, write = _plan(database, form, about, options)
        _put(folder, names, write, force)


def _write_schemas(folder: Path, force: bool) -> None:
    """Write the JSON Schema of every kind of file into `folder`."""
    from policykb.read.dictionary import schemas

    texts = {name: json_text(schema) for name, schema in schemas().items()}

    def write(place: Path) -> None:
        for name, text in texts.items():
            (place / name).write_text(text, encoding="utf-8")

    _put(folder, list(texts), write, force)


def _write_lines(run: Run, place: Path) -> None:
    """Write every record under policies/ into a file of JSON Lines, in the order of kinds and ids."""
    from policykb.api import KnowledgeBase
    from policykb.contribute.batch import content
    from policykb.contribute.changes import locked
    from policykb.contribute.json_lines import line
    from policykb.model.records import RECORDS

    kb = KnowledgeBase(run.policies, run.today)
    with locked(run.policies), place.open("w", encoding="utf-8") as file:
        for kind in RECORDS:
            for record_id, record in kb.records(kind):
                file.write(line(kind, record_id, content(record)) + "\n")


def _put(folder: Path, names: list[str], write: Writer, force: bool) -> None:
    """Write files into `folder`, all or none, and print their paths; or one file to standard output, for `-`."""
    from policykb.files.folder import staging_folder

    if str(folder) == "-":
        if len(names) > 1:
            raise InvalidInputError(
                f"- is for a format of one file, and this has {len(names)}; give a folder"
            )
        with tempfile.TemporaryDirectory() as place:
            write(Path(place))
            with (Path(place) / names[0]).open("rb") as file:
                shutil.copyfileobj(file, sys.stdout.buffer)
        return
    with staging_folder(folder, names, force) as place:
        write(place)
    if as_json():
        print_outcome(True, exported=[str(folder / name) for name in names])
        return
    for name in names:
        click.echo(folder / name)


def _plan(database, form: str, about, options: dict) -> tuple[list[str], Writer]:
    """Return the files to write, and the function that writes them into a folder."""
    on = options["on"]
    if form in TABLES:
        from policykb.exports import tables

        listed = tables.tables(database, on)
        names = tables.names(listed, form)
        return names, lambda place: tables.write(database, listed, form, place, on)
    if form in GRAPHS:
        from policykb.exports import graph

        if about and about.kind not in graph.KINDS:
            raise InvalidInputError(
                f"'{about.id}' is {with_article(about.kind)}; --about takes an action, an argument or a claim here"
            )
        name = f"{about.id if about else 'arguments'}.{form}"
        return [name], lambda place: graph.write(graph.graph(database, about), form, place / name)
    from policykb.exports import jsonld

    base = published_at(options["base_url"]).rstrip("/") + "/"
    name = f"{about.id if about else 'records'}.jsonld"
    record_id = about.id if about else None
    return [name], lambda place: jsonld.write(database, place / name, base, record_id, on)
