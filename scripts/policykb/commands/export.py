"""The command `policykb export`: the knowledge base, or a part of it, in the formats of other tools."""

import contextlib
import json
from collections.abc import Callable
from pathlib import Path

import click

from policykb.commands.common import Day, common, failures, places
from policykb.model.problems import nearest

TABLES, GRAPHS = ("csv", "parquet"), ("argdown", "dot", "graphml")
FORMATS = (*TABLES, "json-ld", *GRAPHS)
SCHEMA = "json-schema"
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
        hint = f"did you mean '{near}'?" if near else f"there are {', '.join(self.choices)}"
        self.fail(f"there is no format '{value}'; {hint}", param, ctx)


@click.command()
@common
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--format",
    "form",
    type=Format((*FORMATS, SCHEMA)),
    default="csv",
    show_default=True,
    help="The format of the files; json-schema is for editors of the files under policies/.",
)
@click.option(
    "--about",
    metavar="ID",
    help="Only this record (json-ld), or the arguments around it (argdown, dot, graphml).",
)
@click.option(
    "--on",
    type=Day(),
    help="The day of the status: for views (csv, parquet) and legal force (json-ld). Default: --today, if given.",
)
@click.option(
    "--base-url", help="Where the knowledge base is published; names in json-ld begin with it."
)
def export(
    policies: Path | None,
    db: Path | None,
    today: str | None,
    folder: Path,
    form: str,
    **options: str | None,
) -> None:
    """Write the knowledge base into FOLDER in a format for other tools, all files or none."""
    for name, value in options.items():
        if value and form not in OPTIONS[name]:
            option = f"--{name.replace('_', '-')}"
            raise click.UsageError(f"{option} is for {', '.join(OPTIONS[name])}, not for {form}")
    base = options["base_url"]
    if base and not base.startswith(("http://", "https://")):
        raise click.UsageError(f"--base-url {base}: write it as https://example.org/")
    if form == SCHEMA:
        write_schemas(folder)
        return
    _, db, _ = places(policies, db, today)
    if not db.is_file():
        raise click.UsageError(f"{db} does not exist; build it with: policykb load")
    if today and form in OPTIONS["on"]:
        options["on"] = options["on"] or today
    from policykb.read import database as reading

    with failures(), contextlib.closing(reading.connect(db)) as database:
        try:
            about = reading.found(database, options["about"]) if options["about"] else None
            if about and about.reason:
                click.echo(f"{options['about']} is now {about.id}: {about.reason}", err=True)
            names, write = _plan(database, form, about, options)
        except reading.NotFoundError as error:
            raise click.UsageError(str(error)) from None
        _put(folder, names, write)


def write_schemas(folder: Path) -> None:
    """Write the JSON Schema of every kind of file into `folder` and print the names of the files."""
    from policykb.read.dictionary import schemas

    texts = {
        name: json.dumps(schema, ensure_ascii=False, indent=1) + "\n"
        for name, schema in schemas().items()
    }

    def write(place: Path) -> None:
        for name, text in texts.items():
            (place / name).write_text(text, encoding="utf-8")

    with failures():
        _put(folder, list(texts), write)


def _put(folder: Path, names: list[str], write: Writer) -> None:
    from policykb.files.folder import staging_folder
    from policykb.model.problems import InvalidInputError

    try:
        with staging_folder(folder, names) as place:
            write(place)
    except InvalidInputError as error:
        raise click.UsageError(str(error)) from None
    for name in names:
        click.echo(folder / name)


def _plan(database, form: str, about, options: dict) -> tuple[list[str], Writer]:
    """Return the files to write, and the function that writes them into a folder."""
    on = options["on"]
    if form in TABLES:
        from policykb.exports import tables

        listed = tables.tables(database, on)
        return tables.names(listed, form), lambda place: tables.write(
            database, listed, form, place, on
        )
    if form in GRAPHS:
        from policykb.exports import graph

        if about and about.kind not in graph.KINDS:
            raise click.UsageError(
                f"'{about.id}' is a {about.kind}; --about takes an action, an argument or a claim here"
            )
        name = f"{about.id if about else 'arguments'}.{form}"
        return [name], lambda place: graph.WRITERS[form](graph.graph(database, about), place / name)
    from policykb.exports import jsonld
    from policykb.references.citation import BASE_URL

    base = (options["base_url"] or BASE_URL).rstrip("/") + "/"
    name = f"{about.id if about else 'records'}.jsonld"
    record_id = about.id if about else None
    return [name], lambda place: jsonld.write(database, place / name, base, record_id, on)
