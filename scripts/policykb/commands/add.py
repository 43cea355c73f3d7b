"""Command that puts parts into records: add, with a part for each kind of thing that a record lists."""

import contextlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import click

from policykb.commands.common import common, confirming, failures, places, settle
from policykb.commands.options import Term, day, options, read
from policykb.contribute.parts import PARTS, addition, find
from policykb.model.fields import describe
from policykb.model.problems import NotDone
from policykb.model.vocabulary import IDENTIFIER_SCHEMES

# Keys that no person types.
LATER = ("former_ids",)


class Parts(click.Group):
    """One command a part, made from the record types."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The parts, sorted."""
        return sorted(PARTS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The command that adds the part `name`, or None."""
        return _command(name) if name in PARTS else None


@click.group(cls=Parts)
def add() -> None:
    """Add a part to a record, in its file, with comments, order and layout kept."""


@contextlib.contextmanager
def _usage() -> Iterator[None]:
    """A record or place that is not there, or a part that is there already, is for whoever typed it to mend."""
    try:
        yield
    except NotDone as error:
        raise click.UsageError(str(error)) from None


@cache
def _command(name: str) -> click.Command:
    part = PARTS[name]
    kinds = " or ".join(part.types)

    def run(
        policies: Path | None,
        db: Path | None,
        today: str | None,
        yes: bool,
        dry_run: bool,
        record: str,
        **given: Any,
    ) -> None:
        policies, _, today = places(policies, db, today)
        also, within, told = {}, None, []
        with failures(), _usage():
            kind, _ = find(policies, record, tuple(part.types))
            if given.get("set_as_of"):
                also["as_of"], told = day(given.pop("set_as_of"), "as_of", today)
            if name == "citation":
                within = _place(given)
            if part.types[kind] is None:
                content = given if name == "identifier" else given["text"]
            else:
                content, said = read(part.types[kind], given, today)
                told += said
            for line in told:
                click.echo(line, err=True)
            changes = [addition(policies, record, name, content, within, **also)]
        with failures():
            settle(policies, today, changes, yes, dry_run)

    command = confirming(
        common(click.command(name, help=f"{part.about} ID is the id of the {kinds}.")(run))
    )
    command.params = [click.Argument(["record"], metavar="ID"), *_options(name), *command.params]
    return command


def _options(name: str) -> list[click.Parameter]:
    """The options of a part: its keys, and where it goes."""
    types = [kind for kind in PARTS[name].types.values() if kind]
    if name == "identifier":
        return [
            click.Argument(["scheme"], type=Term(IDENTIFIER_SCHEMES)),
            click.Argument(["value"]),
        ]
    if not types:
        return [click.Argument(["text"])]
    found: dict[str, click.Option] = {}
    for kind in types:
        for option in options(kind, leave_out=LATER):
            known = found.setdefault(option.name, option)
            if known is not option and isinstance(
                option.type, Term
            ):  # a relation has other types in other kinds of records
                known.type = Term(tuple(dict.fromkeys([*known.type.terms, *option.type.terms])))
    for option in found.values():
        option.required = all(
            option.name in describe(kind) and describe(kind)[option.name].required for kind in types
        )
    extra = []
    if name == "event":
        extra = [
            click.Option(
                ["--as-of", "set_as_of"],
                help="The latest day for which the status is now known to be true.",
            )
        ]
    elif name == "citation":
        extra = [
            click.Option(
                ["--event"], help="Name, place or date of the event that it is a source for."
            ),
            click.Option(
                ["--dispute"], help="Place of the dispute that it is a source for, from 1."
            ),
            click.Option(
                ["--openness"], is_flag=True, help="It is a source for the effect on openness."
            ),
        ]
    return [*found.values(), *extra]


def _place(given: dict[str, Any]) -> tuple[str, str] | None:
    """Where a citation goes, of which only one can be said."""
    said = [(what, given.pop(what)) for what in ("event", "dispute", "openness")]
    chosen = [(what, "" if which is True else which) for what, which in said if which]
    if len(chosen) > 1:
        raise click.UsageError(
            "a citation has one place: give one of --event, --dispute and --openness"
        )
    return chosen[0] if chosen else None
