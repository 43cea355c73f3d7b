"""The command that asks official sources what is new: track."""

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click

from policykb.commands.common import (
    FAILED,
    Day,
    common,
    confirming,
    failures,
    places,
    progress_bar,
    settle,
)

# The sections of the settings; written out here because a command's help should not load an HTTP client.
NAMES = ("federal_register", "congress", "openstates")


@click.command()
@common
@confirming
@click.argument("id", nargs=-1)
@click.option(
    "--source",
    "names",
    type=click.Choice(NAMES),
    multiple=True,
    help="Ask this source only; may be given several times.",
)
@click.option(
    "--since",
    type=Day(),
    help="Take what happened since this day (default: for each action the day up to which it is known).",
)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    help="Ask about this many actions at most, those longest not confirmed first.",
)
@click.option(
    "--confirm",
    is_flag=True,
    help="Move as_of of orders, rules and laws too, of which a source shows only part.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=900,
    show_default=True,
    help="Seconds that all questions together may take.",
)
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Settings of the sources (default: track.toml in the user's configuration folder).",
)
def track(  # noqa: PLR0913
    policies: Path | None,
    db: Path | None,
    today: str | None,
    id: tuple[str, ...],
    names: tuple[str, ...],
    since: str | None,
    limit: int | None,
    confirm: bool,
    timeout: float,
    config: Path | None,
    yes: bool,
    dry_run: bool,
) -> None:
    """Ask official sources what happened to tracked actions, and propose it as edits."""
    import platformdirs

    from policykb.sources.settings import APP, SettingsError, settings
    from policykb.sources.track import Journal, ask

    policies, _, today = places(policies, db, today)
    try:
        held = settings(config)
    except SettingsError as error:
        raise click.UsageError(str(error)) from None
    asked, sources = _questions(policies, today, id, names, since, limit)
    if not asked:
        click.echo(
            "nothing to ask: all these actions are known up to today; name one to ask about it all the same",
            err=True,
        )
        return
    cache = platformdirs.user_cache_path(APP)
    with failures():
        journal = Journal(cache, policies, today)
        with progress_bar("asking") as progress:
            run = ask(asked, held, cache, journal, timeout, progress)
        told = [f"{question.action}: {reason}" for question, reason in run.failed]
        answered = Counter(answer.question.action for answer in run.heard)
        try:
            changes = _proposed(
                policies,
                today,
                run.heard,
                confirm,
                {action for action, count in answered.items() if count < sources[action]},
                told,
            )
            if changes:
                settle(policies, today, changes, yes, dry_run)
        finally:
            _tell(asked, run, told)
    sys.exit(FAILED if told or run.left else 0)


def _questions(
    policies: Path,
    today: str,
    ids: tuple[str, ...],
    names: tuple[str, ...],
    since: str | None,
    limit: int | None,
) -> tuple[list, Counter]:
    """What to ask, and how many sources know of each action, asked or not."""
    from policykb.model.problems import nearest_id
    from policykb.sources.official import SOURCES
    from policykb.sources.track import questions, tracked

    actions = dict(tracked(policies))
    for id in ids:
        if id not in actions:
            near = nearest_id(id, actions)
            raise click.UsageError(
                f"there is no action '{id}' that can be tracked"
                + (f"; did you mean '{near}'?" if near else "")
            )
    known = questions(
        ((id, action) for id, action in actions.items() if not ids or id in ids), SOURCES, since
    )
    asked = [question for question in known if not names or question.source.settings in names]
    if not asked:
        schemes = (
            scheme
            for source in SOURCES
            if not names or source.settings in names
            for scheme in source.schemes
        )
        raise click.UsageError(
            "none of these actions has an identifier that a source answers for: "
            + ", ".join(schemes)
        )
    due = [question for question in asked if ids or since or actions[question.action].as_of < today]
    first = list(dict.fromkeys(question.action for question in due))[:limit]
    return [question for question in due if question.action in first], Counter(
        question.action for question in known
    )


def _proposed(
    policies: Path, today: str, heard: Sequence, confirm: bool, partly: set[str], told: list[str]
) -> list:
    """The changes that the answers propose. Those of an action that would make the knowledge base invalid are told and left out."""
    from policykb.contribute.changes import judged
    from policykb.sources.news import news

    found = list(news(policies, today, heard, confirm, partly))
    wrong = any(
        problem.severity == "error"
        for problem in judged(policies, today, [change for one in found for change in one.changes])
    )
    kept = []
    for one in found:
        if wrong and one.changes:
            own = [
                problem
                for problem in judged(policies, today, one.changes)
                if problem.severity == "error"
            ]
            if own:
                told.append(
                    f"{one.action}: what the source says cannot be written: {own[0].text()}"
                )
                continue
        if one.failed:
            told.append(f"{one.action}: {one.failed}")
        if one.changes or one.doubts:
            click.echo(
                f"{one.action}: {one.events} new event{'s' if one.events != 1 else ''}{', confirmed' if one.confirmed else ''}",
                err=True,
            )
        for doubt in dict.fromkeys(one.doubts):
            click.echo(f"  to be looked at: {doubt}", err=True)
        kept += one.changes
    return kept


def _tell(asked: Sequence, run: object, told: list[str]) -> None:
    """Say at the end what was not asked or answered, and how much was."""
    for text in run.skipped:
        click.echo(text, err=True)
    for text in told:
        click.echo(f"failed: {text}", err=True)
    if run.left:
        click.echo(
            f"{len(run.left)} of {len(asked)} questions were left when the time was over; the same command goes on with them",
            err=True,
        )
    kept = sum(answer.kept for answer in run.heard)
    click.echo(
        f"{len(run.heard)} answers, {kept} of them as before; {len(told)} failures", err=True
    )
