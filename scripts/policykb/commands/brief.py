"""The command `policykb brief`: an action on two pages, or several side by side."""

import contextlib
import sys
from pathlib import Path

import click

from policykb.commands.common import Day, common, failures, places
from policykb.model.problems import PolicykbError

ENDINGS = {".md": "markdown", ".html": "html", ".htm": "html", ".pdf": "pdf", ".docx": "docx"}


@click.command()
@common
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@click.option("--on", type=Day(), help="The day of the status (default: today).")
@click.option(
    "--format",
    "form",
    type=click.Choice(("markdown", "html", "pdf", "docx")),
    help="Default: by the ending of --output; else markdown.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file to write (default: standard output).",
)
@click.option(
    "--paper",
    type=click.Choice(("a4", "letter")),
    default="a4",
    show_default=True,
    help="The paper of pdf and docx.",
)
@click.option("--base-url", help="Where the knowledge base is published; addresses lead there.")
def brief(
    policies: Path | None,
    db: Path | None,
    today: str | None,
    ids: tuple[str, ...],
    on: str | None,
    output: Path | None,
    **options: str | None,
) -> None:
    """Write what is known of an action on two pages, or compare several.

    Status and why, a timeline, the arguments by the side they take with their rebuttals, the claims they rest on,
    disputes, open questions and numbered sources. With several IDs: a table, then each in short.
    """
    from policykb.exports import brief as briefs
    from policykb.exports import pandoc
    from policykb.read import database as reading

    _, db, today = places(policies, db, today)
    if not db.is_file():
        raise click.UsageError(f"{db} does not exist; build it with: policykb load")
    base = options["base_url"] or briefs.BASE_URL
    if not base.startswith(("http://", "https://")):
        raise click.UsageError(f"--base-url {base}: write it as https://example.org/")
    if len(set(ids)) > briefs.MOST_IDS:
        raise click.UsageError(
            f"{len(set(ids))} ids are too many at once; at most {briefs.MOST_IDS}"
        )
    form = options["form"] or (_format(output) if output else "markdown")
    if form in ("pdf", "docx") and not output and sys.stdout.isatty():
        raise click.UsageError(f"{form} is no text for a terminal; name a file with -o")
    day, paper = on or today, options["paper"]
    with failures(), contextlib.closing(reading.connect(db)) as database:
        try:
            content = briefs.brief(database, ids, day, today, base)
            document = {
                "markdown": lambda: pandoc.markdown(content).encode(),
                "html": lambda: briefs.page(content).encode(),
                "pdf": lambda: pandoc.pdf(content, day, paper),
                "docx": lambda: pandoc.docx(content, day, paper),
            }[form]()
        except reading.NotFoundError as error:
            raise click.UsageError(str(error)) from None
        except (pandoc.NotInstalledError, pandoc.ProgramError) as error:
            raise PolicykbError(str(error)) from None
        if output:
            output.write_bytes(document)
        else:
            sys.stdout.buffer.write(document)
    for remark in content.remarks:
        click.echo(remark, err=True)
    if output:
        click.echo(f"wrote {output}", err=True)


def _format(output: Path) -> str:
    """Return the format that the ending of a file names.

    :raises click.UsageError: if it names none.
    """
    form = ENDINGS.get(output.suffix.lower())
    if form is None:
        raise click.UsageError(
            f"{output}: no format has this ending; add --format, or use one of {', '.join(ENDINGS)}"
        )
    return form
