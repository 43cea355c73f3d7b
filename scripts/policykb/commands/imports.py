"""Commands on official sources: import."""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from policykb.commands.common import (
    PROBLEMS,
    Day,
    common,
    confirming,
    failures,
    places,
    settle,
    tell,
)
from policykb.sources.formats import FORMATS

if TYPE_CHECKING:
    from policykb.contribute.proposal import Proposal, Refusal
    from policykb.model.problems import Problem
    from policykb.sources.plan import Feed, Plan

# How what is said of a record begins where nothing of the source was lost.
KNOWN = ("kept: ", "gone: ", "added: ")
MOST_KEYS = 20
STATES = ("new", "changed", "unchanged", "skipped")


@click.command("import")
@common
@confirming
@click.argument("file", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    help="The format of the files (default: guessed from what they hold).",
)
@click.option(
    "--with-organizations",
    is_flag=True,
    help="Add sponsors, committees and agencies that are not among the organizations here.",
)
@click.option(
    "--retrieved",
    type=Day(),
    help="The day on which the files were fetched; the records are then known as of it.",
)
@click.option(
    "--source",
    help="The name of the feed, by which its next import is compared (default: the name of the file).",
)
@click.option(
    "--fewer",
    is_flag=True,
    help="Go on though a feed has far fewer records, or a record far fewer events, than the last time.",
)
@click.option(
    "--strict",
    is_flag=True,
    help="Stop at the first record that cannot be read, and write nothing.",
)
def import_(  # noqa: PLR0913
    policies: Path | None,
    db: Path | None,
    today: str | None,
    file: tuple[Path, ...],
    form: str | None,
    with_organizations: bool,
    retrieved: str | None,
    source: str | None,
    fewer: bool,
    strict: bool,
    yes: bool,
    dry_run: bool,
) -> None:
    """Bring official records into the knowledge: new files, or edits of those that are here.

    FILE may be a folder: all files in it that have the ending of a known format are read. A record that cannot be read is
    left out and named at the end, and the status is then 1.
    """
    from policykb.contribute.proposal import Unreadable
    from policykb.files.layout import Unlike
    from policykb.model.problems import Refused
    from policykb.sources.plan import Fewer

    policies, _, today = places(policies, db, today)
    if retrieved and retrieved > today:
        raise click.UsageError(f"--retrieved {retrieved} has not come yet (today is {today})")
    with failures():
        try:
            refused: list[Refusal] = []
            unread: dict[str, set[str]] = {}
            feeds = _feeds(file, form, source, None if strict else refused, unread)
            options = (feeds, with_organizations, fewer, retrieved)
            planned, problems = _planned(policies, today, options, None if strict else refused)
        except Refused as error:
            tell(error.problems)
            _stop("")
        except (Unreadable, Fewer, Unlike) as error:
            _stop(str(error))
        report(planned.outcomes)
        for used, keys in unread.items():
            _report_unread(used, keys)
        try:
            settle(policies, today, planned.changes, yes, dry_run, problems, planned.beside)
        finally:
            _tell(refused)
    if refused:
        sys.exit(PROBLEMS)


def _feeds(
    files: Sequence[Path],
    form: str | None,
    source: str | None,
    refused: list["Refusal"] | None,
    unread: dict[str, set[str]],
) -> list["Feed"]:
    """Return the feeds that files hold.

    What cannot be read is added to `refused`; keys that were not read are added to `unread`, by format.
    :raises Unreadable: at the first record that cannot be read if `refused` is None.
    """
    from policykb.sources.plan import Feed

    feeds: dict[str, Feed] = {}
    for path, name in _files(files):
        keys: set[str] = set()
        used, found = _read(path, name, form, refused, keys)
        if keys:
            unread.setdefault(used, set()).update(keys)
        folder, inside, _ = name.partition("/")
        feed = source or (f"{folder} {used}" if inside else name)  # of each format in a folder
        feeds.setdefault(f"{used} {feed}", Feed(feed, used, [])).proposals.extend(found)
    return list(feeds.values())


def _planned(
    policies: Path, today: str, options: tuple, refused: list["Refusal"] | None
) -> tuple["Plan", list["Problem"]]:
    """What importing would change, without the records that would not be valid, and the problems it would add.

    Those are added to `refused`; if that is None, nothing is left out.
    """
    from policykb.contribute.changes import judged
    from policykb.contribute.proposal import Refusal
    from policykb.sources.plan import plan

    planned = plan(policies, today, *options)
    problems = judged(policies, today, planned.changes) if planned.changes else []
    changed = {change.path for change in planned.changes}
    wrong = {
        problem.path: problem.text()
        for problem in problems
        if problem.severity == "error" and problem.path in changed
    }
    if not wrong or refused is None:
        return planned, problems
    refused += [Refusal(path, "", reason) for path, reason in wrong.items()]
    planned = plan(policies, today, *options, wrong)
    return planned, judged(policies, today, planned.changes) if planned.changes else []


def _files(given: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    """The files to read with the names that messages call them; those of a folder begin with its name."""
    from policykb.sources.formats import ENDINGS

    for path in given:
        if not path.is_dir():
            yield path, path.name
            continue
        inside = sorted(inner for inner in path.rglob("*") if inner.is_file())
        known = [inner for inner in inside if inner.suffix.lower() in ENDINGS]
        if len(known) < len(inside):
            click.echo(
                f"{path.name}: passed over {len(inside) - len(known):,} of {len(inside):,} files; read are those that end in {', '.join(ENDINGS)}",
                err=True,
            )
        for inner in known:
            yield inner, f"{path.resolve().name}/{inner.relative_to(path)}"


def _read(
    path: Path, name: str, form: str | None, refused: list | None, unread: set[str]
) -> tuple[str, list["Proposal"]]:
    """The format of a file and what it proposes; what cannot be read is added to `refused`.

    :raises Unreadable: at the first record that cannot be read if `refused` is None.
    """
    from policykb.contribute.proposal import Refusal, Unreadable
    from policykb.sources.formats import proposals

    def refuse(record: str, error: Unreadable) -> None:
        if refused is None:
            raise error
        refused.append(Refusal(name, record, str(error)))

    try:
        return proposals(_content(path), name, form, refuse, unread)
    except Unreadable as error:
        refuse("", error)
        return form or "", []


def _tell(refused: Sequence) -> None:
    """Print the records that could not be read, with where they are."""
    for file, record, reason in refused:
        where = reason if reason.startswith(f"{file}:") else f"{file}: {reason}"
        click.echo(f"refused   {where}{f' ({record})' if record else ''}", err=True)
    if refused:
        click.echo(
            f"{len(refused):,} could not be read and {'was' if len(refused) == 1 else 'were'} left out; --strict stops at the first",
            err=True,
        )


def _stop(why: str) -> None:
    if why:
        click.echo(why, err=True)
    click.echo("nothing was written", err=True)
    sys.exit(PROBLEMS)


def _content(path: Path) -> bytes:
    """What a file holds, read no further than one byte more than a reader takes."""
    from policykb.contribute.reading import MOST_BYTES

    with path.open("rb") as file:
        return file.read(MOST_BYTES + 1)


def _report_unread(form: str, keys: set[str]) -> None:
    """Print the keys of a source that its reader does not know, each once."""
    from policykb.model.problems import shown

    named = ", ".join(shown(key, 80) for key in sorted(keys)[:MOST_KEYS])
    more = f" and {len(keys) - MOST_KEYS:,} more" if len(keys) > MOST_KEYS else ""
    click.echo(f"not read: keys of the source ({form}): {named}{more}", err=True)


def report(outcomes: Sequence) -> None:
    """Print what came of each record, with reasons, and the counts."""
    for one in outcomes:
        if one.said or one.state != "unchanged":
            events = f", {one.events} event{'s' if one.events != 1 else ''}" if one.events else ""
            click.echo(f"{one.state:9} {one.kind} {one.id}{events}", err=True)
        for said in one.said:
            mark = (
                ""
                if one.state == "skipped" and said == one.said[0] or said.startswith(KNOWN)
                else "unresolved: "
            )
            click.echo(f"          {mark}{said}", err=True)
    counts = Counter(one.state for one in outcomes)
    lost = sum(
        not said.startswith(KNOWN)
        for one in outcomes
        for said in one.said[one.state == "skipped" :]
    )
    events = sum(one.events for one in outcomes)
    click.echo(
        ", ".join(f"{counts[state]:,} {state}" for state in STATES)
        + f", {lost:,} unresolved; {events:,} events added",
        err=True,
    )
