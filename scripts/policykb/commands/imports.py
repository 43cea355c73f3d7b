"""The command `import`, which reads files of official sources, bibliographies and tables."""

import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from policykb.commands.common import (
    EXISTING_FOLDER,
    PROBLEMS,
    STDIN,
    Run,
    carry_out,
    command,
    day,
    format_option,
    read_input,
    report,
)
from policykb.commands.find import content, finder_of
from policykb.contribute.changes import judged
from policykb.contribute.proposal import Proposal, Refusal
from policykb.contribute.reading import MOST_BYTES
from policykb.files.toml_edit import LayoutError
from policykb.model.problems import ERROR, InvalidInputError, Problem, SourceError, shown
from policykb.sources.formats import ENDINGS, FORMATS, proposals
from policykb.text import plural

if TYPE_CHECKING:
    from policykb.sources.plan import Feed, Plan

# How a note on a record begins if nothing of the source was lost.
KNOWN = ("kept: ", "gone: ", "added: ")
MOST_KEYS = 20
STATES = ("new", "changed", "unchanged", "skipped")


@command("import", changes=True)
@click.argument(
    "file", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, allow_dash=True)
)
@format_option(FORMATS, "The format of the files (default: guessed from what they hold).")
@click.option(
    "--with-organizations",
    is_flag=True,
    help="Add sponsors, committees and agencies that are not among the organizations here.",
)
@click.option(
    "--retrieved",
    type=day,
    help="The day on which the files were fetched; the records are then known as of it.",
)
@click.option(
    "--source",
    help="The name of the source, by which its next import is compared (default: the name of the file).",
)
@click.option(
    "--fewer",
    is_flag=True,
    help="Continue although a source has far fewer records, or a record far fewer events, than the last time.",
)
@click.option(
    "--find",
    "texts",
    type=EXISTING_FOLDER,
    help="A folder with the texts of imported documents, each named by the id of its document, as `doe-2026-title.pdf`: the mentions that score 0.9 or more go into the record.",
)
@click.option(
    "--strict",
    is_flag=True,
    help="Stop at the first record that cannot be read, and write nothing.",
)
def import_(
    run: Run,
    file: tuple[Path, ...],
    with_organizations: bool,
    retrieved: str | None,
    fewer: bool,
    texts: Path | None,
    **reading: Any,
) -> None:
    """Import official records: new files, or edits of records that are here.

    `-` is standard input. FILE may be a folder: all files in it that have the ending of a known format are read. A record that cannot be read is
    left out and named at the end, and the status is then 1.
    """
    if retrieved and retrieved > run.today:
        raise InvalidInputError(f"--retrieved {retrieved} is in the future (today is {run.today})")
    files = _Files(**reading)
    feeds = files.feeds(file)
    if texts:
        _add_mentions(run, feeds, texts)
    options = (feeds, with_organizations, fewer, retrieved)
    try:
        planned, problems = _planned(run, options, None if files.strict else files.refused)
    except LayoutError as error:
        raise SourceError(str(error)) from None
    _report_outcomes(planned.outcomes)
    _report_unread(files.unread)
    try:
        outcomes = [outcome._asdict() for outcome in planned.outcomes]
        refused = [refusal._asdict() for refusal in files.refused]
        also = {"outcomes": outcomes, "refused": refused}
        carry_out(run, planned.changes, problems, beside=planned.beside, **also)
    finally:
        _report_refused(files.refused)
    if files.refused:
        sys.exit(PROBLEMS)


class _Files:
    """The files of an import. `refused` is what cannot be read, `unread` the keys that were not read, by format."""

    def __init__(self, form: str | None, source: str | None, strict: bool) -> None:
        self.form, self.source, self.strict = form, source, strict
        self.refused: list[Refusal] = []
        self.unread: dict[str, set[str]] = {}

    def feeds(self, paths: Sequence[Path]) -> list["Feed"]:
        """Return the feeds that files hold. :raises SourceError: if `strict`, at the first record that cannot be read."""
        from policykb.sources.plan import Feed

        feeds: dict[str, Feed] = {}
        for path, name in _names(paths):
            form, proposals = self._read(path, name)
            folder, inside, _ = name.partition("/")
            # The files of a format in a folder are one source.
            feed = self.source or (f"{folder} {form}" if inside else name)
            feeds.setdefault(f"{form} {feed}", Feed(feed, form, [])).proposals.extend(proposals)
        return list(feeds.values())

    def _read(self, path: Path, name: str) -> tuple[str, list[Proposal]]:
        """Return the format of a file and what it proposes."""

        def refuse(record: str, error: SourceError) -> None:
            if self.strict:
                raise error
            self.refused.append(Refusal(name, record, str(error)))

        unread: set[str] = set()
        try:
            data = read_input(path, MOST_BYTES)
            form, records = proposals(data, name, self.form, refuse, unread)
        except SourceError as error:
            refuse("", error)
            return self.form or "", []
        self.unread.setdefault(form, set()).update(unread)
        return form, records


def _add_mentions(run: Run, feeds: Sequence["Feed"], texts: Path) -> None:
    """Add to each document the values from its text in the folder `texts`, for keys that the source does not give."""
    finder = finder_of(run.policies)
    files = {file.stem: file for file in sorted(texts.iterdir()) if file.is_file()}
    for feed in feeds:
        for proposal in feed.proposals:
            if proposal.kind == "document" and (file := files.get(proposal.id)):
                issued = str(proposal.content.get("issued", ""))
                values = content(finder, file, issued)
                new = {key: value for key, value in values.items() if key not in proposal.content}
                proposal.content.update(new)
                mentions = plural(len(new.get("mentions", ())), "mention")
                report(f"{mentions} of actions in {file.name}")


def _names(paths: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    """Yield the files to read with their names in messages; the name of a file in a folder begins with that of the folder."""
    for path in paths:
        if not path.is_dir():
            yield path, STDIN if str(path) == "-" else path.name
            continue
        inside = sorted(inner for inner in path.rglob("*") if inner.is_file())
        readable = [inner for inner in inside if inner.suffix.lower() in ENDINGS]
        if len(readable) < len(inside):
            report(
                f"{path.name}: skipped {len(inside) - len(readable):,} of {len(inside):,} files, "
                f"whose names do not end in {', '.join(ENDINGS)}"
            )
        for inner in readable:
            yield inner, f"{path.resolve().name}/{inner.relative_to(path)}"


def _planned(
    run: Run, options: tuple, refused: list[Refusal] | None
) -> tuple["Plan", list[Problem]]:
    """Return the plan of an import, without the records that would not be valid, and the problems it would add.

    Those records are added to `refused`; if that is None, nothing is left out.
    """
    from policykb.sources.plan import plan

    planned = plan(run.policies, run.today, *options)
    problems = judged(run.policies, run.today, planned.changes)
    changed = {change.path for change in planned.changes}
    errors = [problem for problem in problems if problem.severity == ERROR]
    invalid = {problem.path: problem.text() for problem in errors if problem.path in changed}
    if not invalid or refused is None:
        return planned, problems
    refused += [Refusal(path, "", reason) for path, reason in invalid.items()]
    planned = plan(run.policies, run.today, *options, invalid)
    return planned, judged(run.policies, run.today, planned.changes)


def _report_outcomes(outcomes: Sequence) -> None:
    """Print the outcome for each record, with reasons, and the counts."""
    lost = 0
    for outcome in outcomes:
        if outcome.notes or outcome.state != "unchanged":
            events = f", {plural(outcome.events, 'event')}" if outcome.events else ""
            report(f"{outcome.state:9} {outcome.kind} {outcome.id}{events}")
        for position, note in enumerate(outcome.notes):
            reason = outcome.state == "skipped" and position == 0
            unresolved = not reason and not note.startswith(KNOWN)
            lost += unresolved
            report(f"          {'unresolved: ' if unresolved else ''}{note}")
    counts = Counter(outcome.state for outcome in outcomes)
    states = ", ".join(f"{counts[state]:,} {state}" for state in STATES)
    events = sum(outcome.events for outcome in outcomes)
    report(f"{states}, {lost:,} unresolved; {events:,} events added")


def _report_unread(unread: dict[str, set[str]]) -> None:
    """Print the keys of the sources that their readers do not know, each once."""
    for form, keys in unread.items():
        if keys:
            names = ", ".join(shown(key, 80) for key in sorted(keys)[:MOST_KEYS])
            more = f" and {len(keys) - MOST_KEYS:,} more" if len(keys) > MOST_KEYS else ""
            report(f"not read: keys of the source ({form}): {names}{more}")


def _report_refused(refused: Sequence[Refusal]) -> None:
    """Print the records that could not be read, with where they are."""
    for file, record, reason in refused:
        where = reason if reason.startswith(f"{file}:") else f"{file}: {reason}"
        line = re.search(r"line (\d+)$", record)
        if record and not (line and where.startswith(f"{file}:{line[1]}:")):
            where += f" ({record})"
        for each in where.splitlines():
            report(f"refused   {each}")
    if refused:
        were = "was" if len(refused) == 1 else "were"
        report(
            f"{len(refused):,} could not be read and {were} left out; --strict stops at the first"
        )
