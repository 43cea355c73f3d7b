"""Commands that end or move records without losing an id: rename, merge, withdraw."""

import click

from policykb.commands.common import Run, carry_out, command, report
from policykb.commands.completion import ids
from policykb.contribute import lifecycle


def _reason(ctx: click.Context, param: click.Parameter, value: str) -> str:
    if not value.strip() or not value.isprintable() or len(value) > 300:
        raise click.UsageError("--reason: write one line of at most 300 characters")
    return value.strip()


REASON = click.option(
    "--reason", required=True, callback=_reason, help="Why, in one line; it stays with the id."
)


@command(changes=True)
@REASON
@click.argument("old", shell_complete=ids())
@click.argument("new")
def rename(run: Run, reason: str, old: str, new: str) -> None:
    """Give the record OLD the id NEW; every reference follows, and OLD leads to it."""
    old = run.id_of(old)
    _carry_out(run, lifecycle.rename(run.policies, run.today, old, new, reason), old, new)


@command(changes=True)
@REASON
@click.argument("from_", metavar="FROM", shell_complete=ids())
@click.argument("into", shell_complete=ids())
def merge(run: Run, reason: str, from_: str, into: str) -> None:
    """Make the record FROM part of INTO, a record of the same kind; every reference follows, and FROM leads to it."""
    from_, into = run.id_of(from_), run.id_of(into)
    _carry_out(run, lifecycle.merge(run.policies, run.today, from_, into, reason), from_, into)


@command(changes=True)
@REASON
@click.argument("id", shell_complete=ids())
def withdraw(run: Run, reason: str, id: str) -> None:
    """Mark the record ID as withdrawn; it keeps its file and address."""
    id = run.id_of(id)
    _carry_out(run, lifecycle.withdraw(run.policies, run.today, id, reason))


def _carry_out(run: Run, plan: lifecycle.Plan, old: str = "", new: str = "") -> None:
    """Print the notes of a plan and make its changes; what sources said of `old` follows to `new`."""
    for note in plan.notes:
        report(note)
    beside = lifecycle.memory(run.policies, plan.kind, old, new) if new else ()
    carry_out(run, plan.changes, beside=beside)
