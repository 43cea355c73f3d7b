"""The command `add`: it puts a part into a record, with a subcommand for each list of records."""

from pathlib import Path
from typing import Any

import click

from policykb.commands.common import Run, carry_out, command
from policykb.commands.completion import ids
from policykb.commands.groups import Group
from policykb.commands.options import content, options
from policykb.contribute import one_line, prompt
from policykb.contribute.parts import PARTS, addition, find
from policykb.contribute.resolve import References
from policykb.model.fields import describe
from policykb.model.records import Action

# Options of single parts: where a citation goes, and how far the status of an action is known after an event.
_MORE = {
    "event": (
        click.Option(
            ["--as-of", "set_as_of"],
            metavar="DATE",
            help="The latest day for which the status is now known to be true.",
        ),
    ),
    "citation": (
        click.Option(["--event"], help="Name, place or date of the event that it is a source for."),
        click.Option(["--dispute"], help="Place of the dispute that it is a source for, from 1."),
        click.Option(["--duty"], help="Place of the duty that it is a source for, from 1."),
        click.Option(
            ["--effect"], is_flag=True, help="It is a source for the effect of the action."
        ),
    ),
}


@click.group(cls=Group)
def add() -> None:
    """Add a part to a record, in its file, and keep its comments, order and layout."""


def _command(name: str) -> click.Command:
    part = PARTS[name]

    def add_part(run: Run, record: str, **texts: Any) -> None:
        record = run.id_of(record, *part.fields)
        kind, _ = find(run.policies, record, tuple(part.fields))
        carry_out(run, [_change(run.policies, kind, record, name, texts, run.today)])

    about = f"{part.about} ID is the id of the {' or '.join(part.fields)}."
    adding = command(name, changes=True, help=about)(add_part)
    record = click.Argument(["record"], metavar="ID", shell_complete=ids(*part.fields))
    adding.params = [record, *_parameters(name), *adding.params]
    return adding


def _parameters(name: str) -> list[click.Parameter]:
    """Return the options of a part, and where it goes."""
    if name == "identifier":
        return [click.Argument(["scheme"]), click.Argument(["number"], metavar="VALUE")]
    types = PARTS[name].types
    if not types:
        return [click.Argument(["text"])]
    merged: dict[str, click.Option] = {}
    for part in types:
        for option in options(part):
            known = merged.setdefault(option.name, option)
            fields = [describe(item).get(option.name) for item in types]
            known.required = all(field and field.required for field in fields)
    return [*merged.values(), *_MORE.get(name, ())]


def _change(
    policies: Path, kind: str, record: str, name: str, texts: dict[str, Any], today: str
) -> Any:
    """Return the change that the options of a command mean."""
    when = prompt.dates_on(today)
    field = PARTS[name].fields[kind]
    as_of = content(Action, {"as_of": texts.pop("set_as_of", None)}, when)
    within = _place(texts) if name == "citation" else None
    if field.part:
        value = content(field.part, texts, when, references=References(policies))
    elif name == "identifier":
        value = one_line.identifier(f"{texts['scheme']}={texts['number']}")
    else:
        value = one_line.value(field, texts["text"], when)
        value = References(policies)(value, field.reference) if field.reference else value
    return addition(policies, record, name, value, within, **as_of)


def _place(texts: dict[str, Any]) -> tuple[str, str] | None:
    """Return where a citation goes, which can be one place only."""
    places = {what: texts.pop(what) for what in ("event", "dispute", "duty", "effect")}
    chosen = [(what, "" if which is True else which) for what, which in places.items() if which]
    if len(chosen) > 1:
        raise click.UsageError(
            "a citation has one place: give one of --event, --dispute, --duty and --effect"
        )
    return chosen[0] if chosen else None


for _name in PARTS:
    add.add_command(_command(_name))
