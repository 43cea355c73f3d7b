"""The command `track`, which asks official sources what is new."""

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from policykb.commands.common import (
    EXISTING_FILE,
    FAILED,
    Run,
    as_json,
    carry_out,
    command,
    day,
    print_outcome,
    progress_bar,
    report,
)
from policykb.contribute.changes import judged
from policykb.model.problems import ERROR, InvalidInputError, did_you_mean, nearest_id
from policykb.text import plural

# The sections of the settings, written out so that the help loads no HTTP client.
NAMES = ("federal_register", "congress", "openstates")


@command(changes=True)
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option(
    "--source",
    "names",
    type=click.Choice(NAMES),
    multiple=True,
    help="Ask only this source; may be given several times.",
)
@click.option(
    "--since",
    type=day,
    help="Take what happened since this day (default: for each action the day up to which it is known).",
)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    help="Ask about at most this many actions, those longest not confirmed first.",
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
    help="Seconds that all requests together may take.",
)
@click.option(
    "--config",
    type=EXISTING_FILE,
    help="Settings of the sources (default: track.toml in the user's configuration folder).",
)
def track(run: Run, confirm: bool, timeout: float, config: Path | None, **selection: Any) -> None:
    """Ask official sources what happened to tracked actions, and propose it as edits."""
    import platformdirs

    from policykb.sources.settings import APP, settings
    from policykb.sources.track import Journal, ask

    limits = settings(config)
    questions, sources = _questions(run, **selection)
    if not questions:
        if as_json():
            print_outcome(False, failed=[])
        report(
            "nothing to ask: all these actions are known up to today; name an action to ask about it anyway"
        )
        return
    cache = platformdirs.user_cache_path(APP)
    journal = Journal(cache, run.policies, run.today)
    with progress_bar("asking") as progress:
        outcome = ask(questions, limits, cache, journal, timeout, progress)
    problems = [f"{question.action}: {reason}" for question, reason in outcome.failed]
    answered = Counter(answer.question.action for answer in outcome.heard)
    partly = {action for action, count in answered.items() if count < sources[action]}
    try:
        changes = _changes(run, outcome.heard, confirm, partly, problems)
        if changes:
            carry_out(run, changes, failed=problems)
        elif as_json():
            print_outcome(False, failed=problems)
    finally:
        _report(len(questions), outcome, problems)
    sys.exit(FAILED if problems or outcome.unasked else 0)


def _questions(
    run: Run, ids: Sequence[str], names: Sequence[str], since: str | None, limit: int | None
) -> tuple[list, Counter]:
    """Return the questions, and how many sources know of each action, asked or not."""
    from policykb.sources.official import SOURCES
    from policykb.sources.track import questions, tracked

    actions = dict(tracked(run.policies))
    for action in ids:
        if action not in actions:
            hint = did_you_mean(nearest_id(action, actions))
            raise InvalidInputError(f"there is no action '{action}' that can be tracked{hint}")
    chosen = {action: actions[action] for action in ids} if ids else actions
    known = questions(chosen.items(), SOURCES, since)
    asked = [question for question in known if not names or question.source.settings in names]
    if not asked:
        sources = [source for source in SOURCES if not names or source.settings in names]
        schemes = ", ".join(scheme for source in sources for scheme in source.schemes)
        raise InvalidInputError(
            f"none of these actions has an identifier that a source answers for: {schemes}"
        )
    due = [
        question for question in asked if ids or since or actions[question.action].as_of < run.today
    ]
    first = list(dict.fromkeys(question.action for question in due))[:limit]
    counts = Counter(question.action for question in known)
    return [question for question in due if question.action in first], counts


def _changes(
    run: Run, heard: Sequence, confirm: bool, partly: set[str], problems: list[str]
) -> list:
    """Print what the answers add, and return the changes.

    An action whose change would make the knowledge base invalid is added to `problems` and left out.
    """
    from policykb.sources.news import news

    updates = list(news(run.policies, run.today, heard, confirm, partly))
    all_changes = [change for update in updates for change in update.changes]
    invalid = _first_error(run, all_changes)
    changes = []
    for update in updates:
        own = _first_error(run, update.changes) if invalid and update.changes else ""
        if own:
            problems.append(f"{update.action}: the change is not valid: {own}")
            continue
        if update.failed:
            problems.append(f"{update.action}: {update.failed}")
        if update.changes or update.doubts:
            events = plural(update.events, "new event")
            confirmed = ", confirmed" if update.confirmed else ""
            report(f"{update.action}: {events}{confirmed}")
        for doubt in dict.fromkeys(update.doubts):
            report(f"  please review: {doubt}")
        changes += update.changes
    return changes


def _first_error(run: Run, changes: Sequence) -> str:
    """Return the first error that `changes` would add to the knowledge base, '' if there is none."""
    problems = judged(run.policies, run.today, changes)
    return next((problem.text() for problem in problems if problem.severity == ERROR), "")


def _report(asked: int, outcome: object, problems: list[str]) -> None:
    """Print at the end what was not asked or answered, and how much was."""
    for text in outcome.skipped:
        report(text)
    for text in problems:
        report(f"failed: {text}")
    if outcome.unasked:
        sent = asked - len(outcome.unasked)
        report(
            f"Stopped after {sent} of {asked} requests (time limit). Run the same command to continue."
        )
    answers, unchanged = len(outcome.heard), sum(answer.cached for answer in outcome.heard)
    failures = plural(len(problems), "failure")
    report(f"{plural(answers, 'answer')}, {unchanged} of them unchanged; {failures}")
