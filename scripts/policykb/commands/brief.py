"""The command `policykb brief`: an action on two pages, or several side by side."""

import sqlite3
import sys
from pathlib import Path

import click

from policykb.commands.common import FAILED, Day, common, failures, places

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
def brief(  # noqa: PLR0913
    policies: Path | None,
    db: Path | None,
    today: str | None,
    ids: tuple[str, ...],
    on: str | None,
    form: str | None,
    output: Path | None,
    paper: str,
    base_url: str | None,
) -> None:
    """Write what is known of an action on two pages, or compare several.

    Status and why, a timeline, the arguments by the side they take with their rebuttals, the claims they rest on,
    disputes, open questions and numbered sources. With several IDs: a table, then each in short.
    """
    from policykb.exports import brief as briefs
    from policykb.exports import pandoc as papers
    from policykb.read import database as reading

    _, db, today = places(policies, db, today)
    if not db.is_file():
        raise click.UsageError(f"{db} does not exist; build it with: policykb load")
    base = base_url or briefs.BASE_URL
    if not base.startswith(("http://", "https://")):
        raise click.UsageError(f"--base-url {base}: write it as https://example.org/")
    if len(set(ids)) > briefs.MOST_IDS:
        raise click.UsageError(
            f"{len(set(ids))} ids are too many at once; at most {briefs.MOST_IDS}"
        )
    form = form or (_form(output) if output else "markdown")
    if form in ("pdf", "docx") and not output and sys.stdout.isatty():
        raise click.UsageError(f"{form} is no text for a terminal; name a file with -o")
    with failures():
        connection = reading.opened(db)
    try:
        made = briefs.brief(connection, ids, briefs.Day(on or today, bool(on), today), base)
        day = on or today
        written = {
            "markdown": lambda: papers.markdown(made).encode(),
            "html": lambda: briefs.page(made).encode(),
            "pdf": lambda: papers.pdf(made, day, paper),
            "docx": lambda: papers.docx(made, day, paper),
        }[form]()
        if output:
            output.write_bytes(written)
        else:
            click.get_binary_stream("stdout").write(written)
    except briefs.Unknown as error:
        raise click.UsageError(str(error)) from None
    except (papers.Missing, papers.TooSlow, sqlite3.Error, OSError) as error:
        click.echo(f"not done: {error}", err=True)
        sys.exit(FAILED)
    finally:
        connection.close()
    for remark in made.remarks:
        click.echo(remark, err=True)
    if output:
        click.echo(f"wrote {output}", err=True)


def _form(output: Path) -> str:
    form = ENDINGS.get(output.suffix.lower())
    if form is None:
        raise click.UsageError(
            f"{output}: its ending tells no format; give --format, or one of the endings {', '.join(ENDINGS)}"
        )
    return form
