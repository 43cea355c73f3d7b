"""The command `policykb export`: the knowledge base, or a part of it, in the forms of other tools."""

import sqlite3
from pathlib import Path

import click

from policykb.commands.common import Day, common, failures, places
from policykb.model.problems import nearest

TABLES, GRAPHS = ("csv", "parquet"), ("argdown", "dot", "graphml")
FORMATS = (*TABLES, "json-ld", *GRAPHS)


class Format(click.Choice):
    """One of FORMATS; what is none gets the nearest."""

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """The format as written in FORMATS."""
        if value not in FORMATS:
            near = nearest(str(value), FORMATS)
            self.fail(
                f"there is no format '{value}'; "
                + (f"did you mean '{near}'?" if near else f"there are {', '.join(FORMATS)}"),
                param,
                ctx,
            )
        return str(value)


@click.command()
@common
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--format",
    "form",
    type=Format(FORMATS),
    default="csv",
    show_default=True,
    help="The form of the files.",
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
def export(  # noqa: PLR0913
    policies: Path | None,
    db: Path | None,
    today: str | None,
    folder: Path,
    form: str,
    about: str | None,
    on: str | None,
    base_url: str | None,
) -> None:
    """Write kb.db into FOLDER in a form for other tools, all files or none."""
    from policykb.read import database as reading

    _, db, _ = places(policies, db, today)
    if about and form in TABLES:
        raise click.UsageError(f"--about is for {', '.join(FORMATS[2:])}; {form} holds all tables")
    if on and form in GRAPHS:
        raise click.UsageError(
            f"--on is for {', '.join(FORMATS[:3])}; nothing in {form} depends on the day"
        )
    if base_url and form != "json-ld":
        raise click.UsageError(
            f"--base-url is for json-ld; there are no addresses of the site in {form}"
        )
    if base_url and not base_url.startswith(("http://", "https://")):
        raise click.UsageError(f"--base-url {base_url}: write it as https://example.org/")
    if not db.is_file():
        raise click.UsageError(f"{db} does not exist; build it with: policykb load")
    on = on or (today if form not in GRAPHS else None)
    with failures():
        connection = reading.opened(db)
        try:
            _export(connection, folder, form, about, on, base_url)
        finally:
            connection.close()


def _export(
    connection: sqlite3.Connection,
    place: Path,
    form: str,
    about: str | None,
    on: str | None,
    base_url: str | None,
) -> None:
    from policykb.files.folder import OccupiedError, staging_folder
    from policykb.read import database as reading

    try:
        record = reading.found(connection, about) if about else None
        if record and record.reason:
            click.echo(f"{about} is now {record.id}: {record.reason}", err=True)
        names, write = _plan(connection, form, record, on, base_url)
        with staging_folder(place, names) as folder:
            write(folder)
    except (OccupiedError, reading.Unknown) as refused:
        raise click.UsageError(str(refused)) from None
    for name in names:
        click.echo(place / name)


def _plan(
    connection: sqlite3.Connection, form: str, record, on: str | None, base_url: str | None
) -> tuple:
    """The files to write, and the function that writes them into a folder."""
    if form in TABLES:
        from policykb.exports import tables

        found = tables.tables(connection, on)
        return tables.names(found, form), lambda folder: tables.write(
            connection, found, form, folder, on
        )
    if form in GRAPHS:
        from policykb.exports import graph

        if record and record.kind not in graph.KINDS:
            raise click.UsageError(
                f"{record.id} is a {record.kind}; --about takes an action, an argument or a claim here"
            )
        name = f"{record.id if record else 'arguments'}.{form}"
        return [name], lambda folder: graph.WRITERS[form](
            graph.graph(connection, record), folder / name
        )
    from policykb.exports import jsonld as linked

    name = f"{record.id if record else 'records'}.jsonld"
    return [name], lambda folder: linked.write(
        connection, folder / name, (base_url or linked.BASE_URL).rstrip("/") + "/", record, on
    )
