"""The command `policykb brief`: an action on two pages, or several side by side."""

import sys
from pathlib import Path

import click

from policykb.commands import completion
from policykb.commands.common import (
    OUTPUT,
    Run,
    base_url,
    command,
    day,
    format_of,
    format_option,
    published_at,
    report,
    write_output,
)
from policykb.model.problems import InvalidInputError

ENDINGS = {".md": "markdown", ".html": "html", ".htm": "html", ".pdf": "pdf", ".docx": "docx"}


@command()
@click.argument("ids", nargs=-1, required=True, metavar="ID...", shell_complete=completion.ids())
@click.option("--on", type=day, help="The day of the status (default: today).")
@format_option(
    ("markdown", "html", "pdf", "docx"), "Default: by the ending of --output; else markdown."
)
@OUTPUT
@click.option(
    "--paper",
    type=click.Choice(("a4", "letter")),
    default="a4",
    help="The paper of pdf and docx.",
)
@base_url("Where the knowledge base is published; addresses lead there.")
def brief(
    run: Run,
    ids: tuple[str, ...],
    form: str | None,
    output: Path | None,
    **options: str | None,
) -> None:
    """Write what is known of an action on two pages, or compare several.

    Status and why, what it requires, a timeline, the arguments by the side they take with their rebuttals, the claims they rest on,
    disputes, open questions and numbered sources. With several IDs: a table, then each in short.
    """
    from policykb.exports import brief as briefs
    from policykb.exports import pandoc

    ids = tuple(run.id_of(text, "action") for text in ids)
    if (count := len(set(ids))) > briefs.MOST_IDS:
        raise InvalidInputError(f"{count} ids are too many at once; at most {briefs.MOST_IDS}")
    form = form or (format_of(output, ENDINGS) if output else "markdown")
    if form in ("pdf", "docx") and not output and sys.stdout.isatty():
        raise InvalidInputError(f"{form} is not text that a terminal shows; name a file with -o")
    day, paper = options["on"] or run.today, options["paper"]
    base = published_at(options["base_url"])
    with run.opened() as database:
        content = briefs.brief(database, ids, day, run.today, base)
    document = {
        "markdown": lambda: pandoc.markdown(content).encode(),
        "html": lambda: briefs.page(content).encode(),
        "pdf": lambda: pandoc.pdf(content, day, paper),
        "docx": lambda: pandoc.docx(content, day, paper),
    }[form]()
    for remark in content.remarks:
        report(remark)
    write_output(document, output)
