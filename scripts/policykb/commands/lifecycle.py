"""Commands that end or move records without losing an id: rename, merge, withdraw."""

from collections.abc import Callable
from pathlib import Path

import click

from policykb.commands.common import common, confirming, failures, places, settle

REASON = click.option("--reason", required=True, help="Why, in one line; it stays with the id.")


@click.command()
@common
@confirming
@REASON
@click.argument("old")
@click.argument("new")
def rename(  # noqa: PLR0913
    policies: Path | None,
    db: Path | None,
    today: str | None,
    yes: bool,
    dry_run: bool,
    reason: str,
    old: str,
    new: str,
) -> None:
    """Give the record OLD the id NEW; every reference follows, and OLD leads to it."""
    from policykb.contribute.lifecycle import rename as planned

    policies, _, today = places(policies, db, today)
    _carry_out(
        policies,
        today,
        yes,
        dry_run,
        reason,
        lambda: planned(policies, today, old, new, reason.strip()),
        old,
        new,
    )


@click.command()
@common
@confirming
@REASON
@click.argument("from_", metavar="FROM")
@click.argument("into")
def merge(  # noqa: PLR0913
    policies: Path | None,
    db: Path | None,
    today: str | None,
    yes: bool,
    dry_run: bool,
    reason: str,
    from_: str,
    into: str,
) -> None:
    """Make the record FROM part of INTO, a record of the same kind; every reference follows, and FROM leads to it."""
    from policykb.contribute.lifecycle import merge as planned

    policies, _, today = places(policies, db, today)
    _carry_out(
        policies,
        today,
        yes,
        dry_run,
        reason,
        lambda: planned(policies, today, from_, into, reason.strip()),
        from_,
        into,
    )


@click.command()
@common
@confirming
@REASON
@click.argument("id")
def withdraw(
    policies: Path | None,
    db: Path | None,
    today: str | None,
    yes: bool,
    dry_run: bool,
    reason: str,
    id: str,
) -> None:
    """Mark the record ID as withdrawn; it keeps its file and address."""
    from policykb.contribute.lifecycle import withdraw as planned

    policies, _, today = places(policies, db, today)
    _carry_out(
        policies, today, yes, dry_run, reason, lambda: planned(policies, today, id, reason.strip())
    )


def _carry_out(  # noqa: PLR0913
    policies: Path,
    today: str,
    yes: bool,
    dry_run: bool,
    reason: str,
    planned: Callable,
    old: str = "",
    new: str = "",
) -> None:
    """Make the plan, tell its notes, and settle its changes; what sources said of `old` follows to `new`."""
    from policykb.contribute.lifecycle import memory
    from policykb.files.toml_edit import LayoutError
    from policykb.model.problems import InvalidInputError

    if not reason.strip() or not reason.isprintable() or len(reason) > 300:
        raise click.UsageError("--reason: write one line of at most 300 characters")
    with failures():
        try:
            plan = planned()
        except (InvalidInputError, LayoutError) as error:
            raise click.UsageError(str(error)) from None
        for note in plan.notes:
            click.echo(note, err=True)
        settle(
            policies,
            today,
            plan.changes,
            yes,
            dry_run,
            beside=memory(policies, plan.kind, old, new) if new else (),
        )
