"""Commands on single records: set, show, list, undo."""

import datetime

import click

from policykb.commands.common import Run, carry_out, command
from policykb.commands.completion import ids
from policykb.model.problems import InvalidInputError, nearest


def _kinds(ctx: click.Context, param: click.Parameter, start: str) -> list[str]:
    from policykb.contribute.drafts import KINDS

    return [kind for kind in KINDS if kind.startswith(start)]


@command("set", changes=True)
@click.argument("record", metavar="ID", shell_complete=ids())
@click.argument("key")
@click.argument("value", required=False)
@click.option("--remove", is_flag=True, help="Remove the key, instead of a VALUE.")
def set_(run: Run, record: str, key: str, value: str | None, remove: bool) -> None:
    """Set KEY of the record ID to VALUE, in its file.

    KEY leads into parts by dots: summary, effect.kind, identifiers.eo, premises.2, events.issued.date,
    events.2026-06-02.note. An event has its id or date, another item of a list its place.
    """
    from policykb.contribute import parts, prompt, resolve

    if remove == (value is not None):
        raise InvalidInputError("give a VALUE, or --remove to remove the key")

    def when(text: str, past: bool) -> str:
        return prompt.date(text, datetime.date.fromisoformat(run.today))

    references = resolve.References(run.policies)
    record_id = resolve.known_id(run.policies, record)
    carry_out(run, [parts.setting(run.policies, record_id, key, value, when, references)])


@command()
@click.argument("record", metavar="ID", shell_complete=ids())
def show(run: Run, record: str) -> None:
    """Print the record ID, and the path of its file."""
    from policykb.contribute import parts, resolve

    path, text = parts.text(run.policies, resolve.known_id(run.policies, record))
    click.echo(path, err=True)
    click.echo(text, nl=False)


@command("list")
@click.argument("kind", required=False, shell_complete=_kinds)
@click.argument("words", nargs=-1)
def list_(run: Run, kind: str | None, words: tuple[str, ...]) -> None:
    """List the records of KIND whose ids, names or numbers have WORDS; without KIND, count the records.

    KIND is action, argument, claim, document, organization, jurisdiction or topic.
    """
    from policykb.contribute.drafts import KINDS
    from policykb.files.catalogue import Catalogue

    entries = Catalogue.read(run.policies).entries.values()
    if kind is None:
        for name in KINDS:
            click.echo(f"{name:14}{sum(entry.kind == name for entry in entries):>8,}")
        return
    if kind.removesuffix("s") not in KINDS:
        near = nearest(kind, KINDS)
        hint = f"did you mean '{near}'?" if near else f"expected one of {', '.join(KINDS)}"
        raise InvalidInputError(f"there is no kind '{kind}'; {hint}")
    for entry in entries:
        numbers = [number for _, number in entry.identifiers]
        names = " ".join([entry.id, entry.title, *entry.names, *numbers]).casefold()
        text = f" {names.replace('-', ' ')} {names}"
        matches = all(f" {word.casefold()}" in text for word in words)
        if entry.kind == kind.removesuffix("s") and matches:
            click.echo(f"{entry.id}  {entry.title}")


@command(changes=True)
def undo(run: Run) -> None:
    """Take back the last change that a command made, if it is not committed."""
    from policykb.contribute import undo as memory

    if carry_out(run, memory.last(run.policies)):
        memory.forget(run.policies, 2)  # the change, and that it was undone
