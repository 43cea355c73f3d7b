"""Commands on official sources: import."""

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

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
from policykb.feeds.readers import FORMATS

STATES = ("new", "changed", "unchanged", "skipped")


@click.command("import")
@common
@confirming
@click.argument(
    "file", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False)
)
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
    yes: bool,
    dry_run: bool,
) -> None:
    """Bring official records into the knowledge: new files, or edits of those that are here."""
    from policykb.editing.layout import Unlike
    from policykb.feeds.plan import Feed, Fewer, plan
    from policykb.feeds.proposal import Unreadable
    from policykb.feeds.readers import proposals
    from policykb.problems import Refused

    policies, _, today = places(policies, db, today)
    if retrieved and retrieved > today:
        raise click.UsageError(f"--retrieved {retrieved} has not come yet (today is {today})")
    with failures():
        try:
            feeds: dict[str, Feed] = {}
            for path in file:
                used, found = proposals(_content(path), path.name, form)
                name = source or path.name
                feeds.setdefault(f"{used} {name}", Feed(name, used, [])).proposals.extend(found)
            planned = plan(
                policies, today, list(feeds.values()), with_organizations, fewer, retrieved
            )
        except Refused as refused:
            tell(refused.problems)
            _stop("")
        except (Unreadable, Fewer, Unlike) as error:
            _stop(str(error))
        report(planned.outcomes)
        settle(policies, today, planned.changes, yes, dry_run, beside=planned.beside)


def _stop(why: str) -> None:
    if why:
        click.echo(why, err=True)
    click.echo("nothing was written", err=True)
    sys.exit(PROBLEMS)


def _content(path: Path) -> bytes:
    """What a file holds, read no further than one byte more than a reader takes."""
    from policykb.feeds.reading import MOST_BYTES

    with path.open("rb") as file:
        return file.read(MOST_BYTES + 1)


def report(outcomes: Sequence) -> None:
    """Print what came of each record, with reasons, and the counts."""
    for one in outcomes:
        if one.said or one.state != "unchanged":
            events = f", {one.events} event{'s' if one.events != 1 else ''}" if one.events else ""
            click.echo(f"{one.state:9} {one.kind} {one.id}{events}", err=True)
        for said in one.said:
            mark = (
                ""
                if one.state == "skipped"
                and said == one.said[0]
                or said.startswith(("kept: ", "gone: "))
                else "unresolved: "
            )
            click.echo(f"          {mark}{said}", err=True)
    counts = Counter(one.state for one in outcomes)
    lost = sum(
        not said.startswith(("kept: ", "gone: "))
        for one in outcomes
        for said in one.said[one.state == "skipped" :]
    )
    events = sum(one.events for one in outcomes)
    click.echo(
        ", ".join(f"{counts[state]:,} {state}" for state in STATES)
        + f", {lost:,} unresolved; {events:,} events added",
        err=True,
    )
