"""The command `policykb find`: which tracked actions documents mention."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from policykb.commands.common import (
    AS_JSON,
    EXISTING_FILE,
    OUTPUT,
    Run,
    as_json,
    carry_out,
    command,
    day,
    format_option,
    report,
    with_options,
    write_output,
)
from policykb.commands.corpus import OPTIONS, find_in_corpus, is_of_corpus
from policykb.files import reader
from policykb.files.digests import digest
from policykb.finding import LIKELY
from policykb.model import dates
from policykb.model.problems import PROBLEMS, WRONG_USE, did_you_mean, nearest_id, shown

if TYPE_CHECKING:
    from policykb.finding.answers import Answers
    from policykb.finding.judge import Finder
    from policykb.finding.reading import Document, Rule
    from policykb.finding.report import Report

FORMATS = ("text", "json", "toml", "csv", "html")
KINDS = ("number", "name", "alias", "description", "idea")
ALL, CERTAIN = 0.05, 0.9
STANDARD_INPUT = "-"


class Wanted(NamedTuple):
    """What to look for: kinds of mentions, the least score, and whether to propose again what was rejected."""

    kinds: tuple[str, ...]
    above: float
    again: bool


class Target(NamedTuple):
    """The record of the document that is read: its id, its day, how its paragraphs are counted, and its content."""

    id: str
    day: date | None
    rule: "Rule"
    content: dict
    answers: "Answers | None" = None


def kinds_of(value: str) -> tuple[str, ...]:
    """Return kinds of mentions, with commas between them. :raises click.BadParameter: if one is unknown."""
    kinds = tuple(part.strip() for part in value.split(","))
    for kind in kinds:
        if kind not in KINDS:
            raise click.BadParameter(f"'{kind}' is no kind; expected {', '.join(KINDS)}")
    return kinds


@command()
@AS_JSON
@click.argument("path", required=False, metavar="FILE|FOLDER|-")
@click.option("--issued", type=day, help="The day of the document (default: its metadata).")
@click.option(
    "--document",
    "document_id",
    metavar="ID",
    help="The record of the document: gives its day and how its paragraphs are counted; only what it lacks is proposed.",
)
@click.option(
    "--above",
    type=click.FloatRange(0, 1),
    default=LIKELY,
    help="The least score of a proposal.",
)
@click.option("--all", "everything", is_flag=True, help=f"All that scores {ALL} or more.")
@click.option(
    "--kinds",
    type=kinds_of,
    metavar="KINDS",
    default=",".join(KINDS[:-1]),
    help="Kinds of mentions. `idea` are options that are only argued about; these proposals are weak.",
)
@format_option(FORMATS, default=FORMATS[0])
@OUTPUT
@click.option(
    "--evaluate",
    "annotations",
    type=EXISTING_FILE,
    metavar="ANNOTATIONS",
    help="Print how well this works on annotated documents, instead.",
)
@click.option(
    "-y",
    "--yes",
    is_flag=True,
    help=f"Write the proposals that score {CERTAIN} or more into the record named with --document.",
)
@click.option(
    "--accept",
    is_flag=True,
    help="Ask about each proposal with one key, then write the accepted ones into the record named with --document.",
)
@click.option(
    "--again", is_flag=True, help="Propose again what was rejected with --accept before, too."
)
@with_options(OPTIONS)
@click.option(
    "--dry-run", is_flag=True, help="With --yes or --accept: show what would change, write nothing."
)
def find(
    run: Run,
    path: str | None,
    issued: str | None,
    document_id: str | None,
    kinds: tuple[str, ...],
    annotations: Path | None,
    **options: object,
) -> None:
    """Find the tracked actions that documents mention, and propose the mentions.

    Reads text, Markdown, HTML, PDF, DOCX, EPUB, JSON Lines, RSS and Atom. Numbers and names are looked up; descriptions are compared with
    what the records say, so a person should judge them. Exit status 0: nothing found; 1: proposals; 2: a document cannot
    be read.
    """
    if is_of_corpus(options):
        find_in_corpus(run, path, options)
        return
    from policykb.finding import reading

    finder = finder_of(run.policies)
    if annotations:
        _evaluate(finder, annotations, options["above"])
        return
    if not path:
        raise click.UsageError("name a file or a folder, or - for standard input")
    writing = run.yes or options["accept"] or run.dry_run
    if writing and not document_id:
        raise click.UsageError("--yes and --accept need --document, the record to write into")
    if options["accept"] and not sys.stdin.isatty():
        raise click.UsageError("there is no terminal to ask at; use --yes instead of --accept")
    target = _target(run, document_id)
    day = date.fromisoformat(issued) if issued else target.day
    above = ALL if options["everything"] else options["above"]
    wanted = Wanted(kinds, above, options["again"])
    reports, failed = [], False
    with dates.taken_as_today(run.today):
        for document in _documents(path, target.rule):
            if isinstance(document, reading.ReadingError):
                report(shown(str(document), 500))
                failed = True
            else:
                reports.append(_report(finder, document, day or document.day, wanted, target))
    if writing:
        _write(run, target, reports, options["accept"])
    else:
        form = "json" if as_json() else options["form"]
        _print(reports, finder, run.policies, form, options["output"])
    if failed:
        sys.exit(WRONG_USE)
    if any(report.proposals for report in reports) and not writing:
        sys.exit(PROBLEMS)


def content(finder: "Finder", file: Path, issued: str) -> dict:
    """Return the values that the text in `file` gives for the record of a document: title, day, hash, rule, and the sure mentions.

    :raises click.UsageError: if it cannot be read, or is not one document.
    """
    from policykb.finding import reading
    from policykb.finding.report import reported

    documents = list(_documents(str(file), reading.PLAIN_RULE))
    if len(documents) != 1 or isinstance(documents[0], reading.ReadingError):
        reason = str(documents[0]) if len(documents) == 1 else f"{file.name}: is not one document"
        raise click.UsageError(shown(reason, 500))
    (document,) = documents
    day = date.fromisoformat(issued) if dates.is_day(issued) else document.day
    result = reported(finder, document, day, above=CERTAIN)
    values: dict = {}
    if result.proposals:
        values["mentions"] = [dict(item.mention) for item in result.proposals]
    if document.title:
        values["title"] = document.title
    if day:
        values["issued"] = day.isoformat()
    if file.suffix.lower() in reading.COUNTED:
        values["text_sha256"] = digest(file)
        values["text_rule"] = {"blocks": document.blocks, "skip": []}
    return values


def finder_of(policies: Path) -> "Finder":
    """Return the finder for the actions under `policies`."""
    from policykb.finding.judge import Finder
    from policykb.finding.knowledge import RecordIndex

    return Finder(RecordIndex.read(policies))


def _documents(path: str, rule: "Rule") -> Iterator["Document | Exception"]:
    """Yield the documents at `path`, and an error for each that cannot be read."""
    from policykb.finding import reading

    try:
        if path == STANDARD_INPUT:
            data = sys.stdin.buffer.read(reading.MOST_PACKED + 1)
            yield from reading.from_bytes(data, "standard input", reading.looks_like(data), rule)
            return
        files = reading.files(Path(path))
    except reading.ReadingError as error:
        yield error
        return
    for file in files:
        is_empty = True
        try:
            for document in reading.read(file, rule):
                is_empty = False
                yield document
            if is_empty:
                yield reading.ReadingError(f"{file.name}: is empty")
        except reading.ReadingError as error:
            yield error


def _target(run: Run, document_id: str | None) -> Target:
    """Return the record that `--document` names; an empty one without it.

    :raises ConflictError: if the record is not valid.
    """
    from policykb.finding.reading import Rule

    if document_id is None:
        return Target("", None, Rule(), {})
    from policykb.contribute.edits import opened
    from policykb.finding.answers import Answers

    files = {file.id: file for file in reader.sources(run.policies)[0] if file.kind == "document"}
    if document_id not in files:
        hint = did_you_mean(nearest_id(document_id, files))
        raise click.BadParameter(f"there is no document '{document_id}'{hint}")
    record = opened(run.policies, "document", files[document_id].path).content
    issued, written = str(record.get("issued", "")), record.get("text_rule", {})
    day = date.fromisoformat(issued) if dates.is_day(issued) else None
    rule = Rule(written.get("blocks", ""), tuple(written.get("skip", ())))
    return Target(document_id, day, rule, record, Answers(run.policies, document_id, run.dry_run))


def _report(
    finder: object, document: "Document", day: date | None, wanted: Wanted, target: Target
) -> "Report":
    """Return the mentions that `finder` finds in a document, from the least score on, without those of the record."""
    from policykb.finding.judge import Kind
    from policykb.finding.proposals import new_ones
    from policykb.finding.report import reported

    kinds = frozenset(Kind[kind.upper()] for kind in wanted.kinds)
    report = reported(finder, document, day, kinds, wanted.above)
    proposed = new_ones(report.proposals, target.content)
    remarks = report.remarks
    if target.answers and not wanted.again:
        rejected = [item for item in proposed if target.answers.get(item) is False]
        proposed = [item for item in proposed if item not in rejected]
        if rejected:
            count = f"{len(rejected)} rejected before are left out; add --again to see them"
            remarks = [*remarks, count]
    return report._replace(proposals=proposed, remarks=remarks)


def _print(
    reports: list["Report"], finder: object, policies: Path, form: str, output: Path | None
) -> None:
    from policykb.finding.report import FORMATS as WRITERS
    from policykb.finding.report import Actions

    known = finder.knowledge.actions
    ids = {item.mention["action"] for report in reports for item in report.proposals}
    names = {action: known[action].title for action in ids}
    text = WRITERS[form](reports, Actions(names, policies))
    write_output(text.encode(), output)


def _write(run: Run, target: Target, reports: list["Report"], ask: bool) -> None:
    """Write the proposals that a person accepts, or the surest, into the record of the document."""
    from policykb.commands.acceptance import accepted
    from policykb.finding.answers import additions

    if len(reports) > 1:
        raise click.UsageError("name one document, the text of the record that --document names")
    proposed = [item for report in reports for item in report.proposals]
    aliases: list[tuple[str, str]] = []
    if ask:
        chosen, aliases = accepted(proposed, reports[0].document.paragraphs, target.answers)
    else:
        chosen = [item for item in proposed if item.hit.score >= CERTAIN]
    # They were chosen, so no one is asked again.
    is_written = carry_out(
        replace(run, yes=True), additions(run.policies, target.id, chosen, aliases)
    )
    if is_written and ask:
        target.answers.written()


def _evaluate(finder: object, annotations: Path, above: float) -> None:
    """Print the table of measures, and what is wrong and missed."""
    from policykb.finding.evaluation import evaluate

    try:
        result = evaluate(finder, annotations, above)
    except (ValueError, KeyError, OSError) as error:
        raise click.UsageError(f"{annotations}: {error}") from None
    click.echo(f"{'':20} {'precision':>9} {'recall':>7} {'right':>6} {'wrong':>6} {'missed':>6}")
    for item in result.measures:
        click.echo(
            f"{item.kind:20} {item.precision:9.2f} {item.recall:7.2f} {item.right:6} {item.wrong:6} {item.missed:6}"
        )
    click.echo(f"unrelated documents without a proposal: {result.clean} of {result.unrelated}")
    click.echo(f"calibration error: {result.calibration_error:.3f}")
    for title, lines in (("wrong", result.wrong), ("missed", result.missed)):
        for line in lines:
            click.echo(f"{title}: {line}")
