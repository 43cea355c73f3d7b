"""The command `policykb cite`: citations of records, events, statuses and arguments."""

import contextlib
import sqlite3
import sys
from pathlib import Path

import click

from policykb.commands.common import FAILED, Day, common, places
from policykb.model.problems import PolicykbError

FORMATS = ("text", "html", "markdown", "bibtex", "biblatex", "ris", "csl-json")


@click.command()
@common
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@click.option(
    "--style",
    default="bluebook",
    show_default=True,
    help="bluebook, apa, chicago, chicago-author-date, oscola, mla, mcgill, aglc, harvard, ieee, or any style of the CSL project.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="Set in the style (text, html, markdown), or for other tools.",
)
@click.option("--on", type=Day(), help="The day whose status is cited (default: today).")
@click.option(
    "--base-url", help="Where the knowledge base is published; permanent links lead there."
)
def cite(  # noqa: PLR0913
    policies: Path | None,
    db: Path | None,
    today: str | None,
    ids: tuple[str, ...],
    style: str,
    form: str,
    on: str | None,
    base_url: str | None,
) -> None:
    """Cite records of kb.db, the primary source first, then the entry here.

    An ID is that of a record, an event (us-eo-14409#issued), or an argument or claim at a place where it is made
    (an-argument@2, an-argument@a-document).
    """
    from policykb.read.database import opened
    from policykb.references import citation, interchange, styles

    _, db, today = places(policies, db, today)
    if not db.is_file():
        raise click.UsageError(f"{db} does not exist; build it with: policykb load")
    base = base_url or citation.BASE_URL
    if not base.startswith(("http://", "https://")):
        raise click.UsageError(f"--base-url {base}: write it as https://example.org/")
    if len(ids) > citation.MOST_IDS:
        raise click.UsageError(f"{len(ids)} ids are too many at once; at most {citation.MOST_IDS}")
    day = citation.Day(on or today, bool(on), today)
    try:
        with contextlib.closing(opened(db)) as connection:
            citations = [citation.cite(connection, id, day, base) for id in ids]
        if form in styles.FORMATS:
            output = "\n\n".join(styles.typeset(citations, style, form))
        else:
            output = interchange.encode(citations, form).rstrip("\n")
    except (citation.NotFoundError, styles.NotFoundError) as error:
        raise click.UsageError(str(error)) from None
    except (PolicykbError, styles.NotInstalledError, styles.ProgramError, sqlite3.Error) as error:
        click.echo(f"not done: {error}", err=True)
        sys.exit(FAILED)
    for cited in citations:
        for remark in cited.remarks:
            click.echo(f"{cited.asked}: {remark}", err=True)
    click.echo(output)
