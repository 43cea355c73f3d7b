"""Commands that end or move records without losing an id: rename, merge, withdraw."""

import click

from policykb.commands.common import Run, carry_out, command, report
from policykb.commands.completion import ids


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
    _carry_out(run, "rename", reason, run.id_of(old), new)


@command(changes=True)
@REASON
@click.argument("from_", metavar="FROM", shell_complete=ids())
@click.argument("into", shell_complete=ids())
def merge(run: Run, reason: str, from_: str, into: str) -> None:
    """Make the record FROM part of INTO, a record of the same kind; every reference follows, and FROM leads to it."""
    _carry_out(run, "merge", reason, run.id_of(from_), run.id_of(into))


@command(changes=True)
@REASON
@click.argument("id", shell_complete=ids())
def withdraw(run: Run, reason: str, id: str) -> None:
    """Mark the record ID as withdrawn; it keeps its file and address."""
    _carry_out(run, "withdraw", reason, run.id_of(id))


def _carry_out(run: Run, name: str, reason: str, *ids: str) -> None:
    """Make the changes that the function `name` of lifecycle plans, and print its notes; what sources said of an id follows."""
    from policykb.contribute import lifecycle

    plan = getattr(lifecycle, name)(run.policies, run.today, *ids, reason)
    for note in plan.notes:
        report(note)
    beside = lifecycle.memory(run.policies, plan.kind, *ids) if len(ids) > 1 else ()
    carry_out(run, plan.changes, beside=beside)
