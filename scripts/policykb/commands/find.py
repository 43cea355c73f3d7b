"""The command `policykb find`: which tracked actions documents mention."""

import hashlib
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from policykb.commands.common import (
    AS_JSON,
    OUTPUT,
    Day,
    Run,
    as_json,
    carry_out,
    command,
)
from policykb.commands.corpus import find_in_corpus, is_of_corpus, with_options
from policykb.model import dates
from policykb.model.problems import PROBLEMS, WRONG_USE, shown

if TYPE_CHECKING:
    from policykb.finding.answers import Answers
    from policykb.finding.judge import Finder
    from policykb.finding.reading import Document, Rule
    from policykb.finding.report import Report

FORMATS = ("text", "json", "toml", "csv", "html")
KINDS = ("number", "name", "alias", "description", "idea")
ABOVE, ALL, CERTAIN = 0.5, 0.05, 0.9
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


class KindList(click.ParamType):
    """Kinds of mentions, with commas between them."""

    name = "kinds"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Return the kinds."""
        kinds = tuple(part.strip() for part in str(value).split(","))
        for kind in kinds:
            if kind not in KINDS:
                self.fail(f"'{kind}' is no kind; expected {', '.join(KINDS)}", param, ctx)
        return kinds


@command()
@AS_JSON
@click.argument("path", required=False, metavar="FILE|FOLDER|-")
@click.option("--issued", type=Day(), help="The day of the document (default: its metadata).")
@click.option(
    "--document",
    "document_id",
    metavar="ID",
    help="The record of the document: gives its day and how its paragraphs are counted; only what it lacks is proposed.",
)
@click.option(
    "--above",
    type=click.FloatRange(0, 1),
    default=ABOVE,
    show_default=True,
    help="The least score of a proposal.",
)
@click.option("--all", "everything", is_flag=True, help=f"All that scores {ALL} or more.")
@click.option(
    "--kinds",
    type=KindList(),
    default=",".join(KINDS[:-1]),
    show_default=True,
    help="Kinds of mentions. `idea` are options that are only argued about; these proposals are weak.",
)
@click.option("--format", "form", type=click.Choice(FORMATS), default=FORMATS[0], show_default=True)
@OUTPUT
@click.option(
    "--evaluate",
    "annotations",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
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
@with_options
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
    target = _target(run.policies, document_id)
    if document_id:
        from policykb.finding.answers import Answers

        target = target._replace(answers=Answers(run.policies, document_id, run.dry_run))
    day = date.fromisoformat(issued) if issued else target.day
    above = ALL if options["everything"] else options["above"]
    wanted = Wanted(kinds, above, options["again"])
    reports, failed = [], False
    with dates.taken_as_today(run.today):
        for document in _documents(path, target.rule):
            if isinstance(document, reading.ReadingError):
                click.echo(shown(str(document), 500), err=True)
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
    """Return what the text in `file` gives for the record of a document: title, day, hash, rule, and the sure mentions.

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
        values["text_sha256"] = hashlib.sha256(file.read_bytes()).hexdigest()
        values["text_rule"] = {"blocks": document.blocks, "skip": []}
    return values


def finder_of(policies: Path) -> "Finder":
    """Return the finder for the actions under `policies`."""
    from policykb.finding.judge import Finder
    from policykb.finding.knowledge import Knowledge

    return Finder(Knowledge.read(policies))


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


def _target(policies: Path, document_id: str | None) -> Target:
    """Return the record that `--document` names; an empty one without it."""
    from policykb.files.reader import content, read, sources
    from policykb.finding.reading import Rule
    from policykb.model.problems import nearest_id

    if document_id is None:
        return Target("", None, Rule(), {})
    files = {file.id: file for file in sources(policies)[0] if file.kind == "document"}
    if document_id not in files:
        near = nearest_id(document_id, files)
        hint = f"; did you mean '{near}'?" if near else ""
        raise click.BadParameter(f"there is no document '{document_id}'{hint}")
    data = read(files[document_id])
    try:
        record = content(data) if isinstance(data, bytes) else {}
    except (ValueError, RecursionError):
        record = {}  # `check` reports it
    issued, rule = str(record.get("issued", "")), record.get("text_rule", {})
    day = date.fromisoformat(issued) if dates.is_day(issued) else None
    return Target(
        document_id, day, Rule(rule.get("blocks", ""), tuple(rule.get("skip", ()))), record
    )


def _report(
    finder: object, document: "Document", day: date | None, wanted: Wanted, target: Target
) -> "Report":
    """Return what `finder` finds in a document, from the least score on, without what the record has."""
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
    if output:
        output.write_text(text, encoding="utf-8")
        click.echo(f"wrote {output}", err=True)
    else:
        click.echo(text, nl=False)


def _write(run: Run, target: Target, reports: list["Report"], ask: bool) -> None:
    """Write the proposals that a person accepts, or the surest, into the record of the document."""
    from policykb.commands.acceptance import accepted
    from policykb.finding.additions import additions

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
