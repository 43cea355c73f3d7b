"""The command `policykb cite`: citations of records, events, statuses and arguments."""

import contextlib

import click

from policykb.commands import completion
from policykb.commands.common import Day, Run, base_url, command
from policykb.model.problems import InvalidInputError

FORMATS = ("text", "html", "markdown", "bibtex", "biblatex", "ris", "csl-json")


@command()
@click.argument("ids", nargs=-1, required=True, metavar="ID...", shell_complete=completion.ids())
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
@base_url("Where the knowledge base is published; permanent links lead there.")
def cite(
    run: Run, ids: tuple[str, ...], style: str, form: str, on: str | None, base_url: str | None
) -> None:
    """Cite records of kb.db, the primary source first, then the entry here.

    An ID is that of a record, an event (us-eo-14409#issued), or an argument or claim at a place where it is made
    (an-argument@2, an-argument@a-document).
    """
    from policykb.contribute.resolve import known_id
    from policykb.read.database import connect
    from policykb.references import citation, interchange, styles

    db = run.built()
    ids = tuple(known_id(run.policies, text) for text in ids)
    if len(ids) > citation.MOST_IDS:
        raise InvalidInputError(f"{len(ids)} ids are too many at once; at most {citation.MOST_IDS}")
    base = base_url or citation.BASE_URL
    day = citation.Day(on or run.today, bool(on), run.today)
    with contextlib.closing(connect(db)) as connection:
        citations = [citation.cite(connection, id, day, base) for id in ids]
    if form in styles.FORMATS:
        output = "\n\n".join(styles.typeset(citations, style, form))
    else:
        output = interchange.encode(citations, form).rstrip("\n")
    for cited in citations:
        for remark in cited.remarks:
            click.echo(f"{cited.asked}: {remark}", err=True)
    click.echo(output)
