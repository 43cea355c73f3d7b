"""The command `policykb cite`: citations of records, events, statuses and arguments."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from policykb.commands import completion
from policykb.commands.common import (
    OUTPUT,
    Run,
    base_url,
    command,
    day,
    format_option,
    report,
    write_output,
)
from policykb.model.problems import InvalidInputError, NotFoundError, nearest

if TYPE_CHECKING:
    from sqlite_utils import Database

    from policykb.references.citation import Citation

FORMATS = tuple("text html markdown docx wikipedia bibtex biblatex ris csl-json".split())
PARTS = ("note", "bibliography", "short", "list")
MOST_IN_VIEW = 500
# Columns of views with the id of a record, the one that the view is about first.
_COLUMNS = ("event", "argument", "claim", "document", "action", "id")


@command()
@click.argument("ids", nargs=-1, metavar="ID...", shell_complete=completion.ids())
@click.option(
    "--style",
    default="bluebook",
    help="bluebook, apa, chicago, chicago-author-date, oscola, mla, mcgill, aglc, harvard, ieee, or any style of the CSL project.",
)
@format_option(
    FORMATS,
    "Set in the style (text, html, markdown, docx), or for other tools. docx is always one list.",
    "text",
)
@click.option(
    "--as",
    "part",
    type=click.Choice(PARTS),
    default="note",
    help="A note, an entry of the bibliography, a short form for later notes, or one list of all sources.",
)
@click.option(
    "--from-view", "view", metavar="VIEW", help="Cite the records of a view of kb.db too."
)
@click.option("--on", type=day, help="The day whose status is cited (default: today).")
@OUTPUT
@base_url("Where the knowledge base is published; permanent links lead there.")
def cite(run: Run, ids: tuple[str, ...], **options: str | Path | None) -> None:
    """Cite records of kb.db, the primary source first, then the entry here.

    An ID is that of a record, an event (us-eo-14409#issued), or an argument or claim at a place where it is made
    (an-argument@2, an-argument@a-document).
    """
    from policykb.references import citation

    if not ids and not options["view"]:
        raise click.UsageError("Missing argument 'ID...'.")
    ids = tuple(map(run.id_of, ids))
    if len(ids) > citation.MOST_IDS:
        raise InvalidInputError(f"{len(ids)} ids are too many at once; at most {citation.MOST_IDS}")
    base = options["base_url"] or ""
    day = citation.Day(options["on"] or run.today, bool(options["on"]), run.today)
    with run.opened() as connection:
        if options["view"]:
            ids = tuple(dict.fromkeys((*ids, *_in_view(connection, options["view"]))))
        citations = [citation.cite(connection, id, day, base) for id in ids]
    for cited in citations:
        for remark in cited.remarks:
            report(f"{cited.asked}: {remark}")
    if not base:
        report("the entries here have no address; --base-url says where they are published")
    output = _output(citations, options)
    if isinstance(output, str):
        output = f"{output}\n".encode()
    elif not options["output"] and sys.stdout.isatty():
        raise InvalidInputError("a Word document is not text; name a file with --output")
    write_output(output, options["output"])


def _in_view(connection: "Database", name: str) -> Iterable[str]:
    """Return the ids of the records in a view of kb.db.

    :raises NotFoundError: if there is no such view with records. :raises InvalidInputError: if it has too many.
    """
    columns = {
        view.name: next((column for column in _COLUMNS if column in view.columns_dict), "")
        for view in connection.views
    }
    if not columns.get(name):
        known = sorted(view for view, column in columns.items() if column)
        near = nearest(name[:80], known)
        hint = f"did you mean “{near}”?" if near else f"there are {', '.join(known)}"
        raise NotFoundError(f"there is no view “{name[:80]}” of records; {hint}")
    ids = dict.fromkeys(row[columns[name]] for row in connection[name].rows if row[columns[name]])
    if len(ids) > MOST_IN_VIEW:
        advice = f"at most {MOST_IN_VIEW}; name ids instead"
        raise InvalidInputError(f"the view “{name}” has {len(ids):,} records; {advice}")
    return ids


def _output(citations: "list[Citation]", options: dict) -> str | bytes:
    """Return the citations in the format and the form of the options.

    :raises InvalidInputError: if the style has no short form, or no bibliography.
    """
    from policykb.references import forms, interchange, styles

    style, form, part = options["style"], options["form"], options["part"]
    if form == "wikipedia":
        parts = [part for citation in citations for part in citation.parts]
        # Its template of a page needs an address.
        parts = [part for part in parts if part.entry.url or part.entry.type != "webpage"] or parts
        return "\n\n".join(map(forms.wikipedia, parts))
    if form == "docx":
        return styles.word_document(citations, style)
    if form not in styles.FORMATS:
        return interchange.encode(citations, form).rstrip("\n")
    if part == "list":
        return styles.references(citations, style, form)
    if part == "short":
        return "\n\n".join(_short(citation, style) for citation in citations)
    pieces = styles.typeset(citations, style, form, listed=part == "bibliography")
    if part == "bibliography" and not all(pieces):
        raise InvalidInputError(f"the style “{style}” has no bibliography; leave out --as")
    return "\n\n".join(pieces)


def _short(citation: "Citation", style: str) -> str:
    from policykb.references import forms

    if style not in forms.SHORT_STYLES:
        known = ", ".join(forms.SHORT_STYLES)
        raise InvalidInputError(f"“{style[:80]}” has no short form here; choose one of {known}")
    return forms.short(citation.parts[0], style)
