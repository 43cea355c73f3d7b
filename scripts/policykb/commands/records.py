"""Commands on single records: set, show, list, undo."""

import click

from policykb.commands.common import Run, carry_out, command, report
from policykb.commands.completion import ids
from policykb.contribute.drafts import KINDS
from policykb.files.catalogue import Catalogue
from policykb.model.problems import InvalidInputError, did_you_mean, nearest, similar
from policykb.model.vocabulary import VOCABULARIES


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
    when, references = prompt.dates_on(run.today), resolve.References(run.policies)
    carry_out(run, [parts.setting(run.policies, run.id_of(record), key, value, when, references)])


@command()
@click.argument("record", metavar="ID", shell_complete=ids())
def show(run: Run, record: str) -> None:
    """Print the record ID, and the path of its file."""
    from policykb.contribute import parts

    path, text = parts.text(run.policies, run.id_of(record))
    report(path)
    click.echo(text, nl=False)


@command("list")
@click.argument(
    "kind",
    required=False,
    shell_complete=lambda ctx, param, start: [kind for kind in KINDS if kind.startswith(start)],
)
@click.argument("words", nargs=-1)
def list_(run: Run, kind: str | None, words: tuple[str, ...]) -> None:
    """List the records of KIND whose ids, names or numbers have WORDS; without KIND, count the records.

    KIND is action, argument, claim, document, organization, jurisdiction or topic; or a vocabulary, such as
    instruments, to list its terms.
    """
    if kind in VOCABULARIES:
        for term in VOCABULARIES[kind]:
            click.echo(f"{term.id}  {term.label}")
        return
    entries = Catalogue.read(run.policies).entries.values()
    if kind is None:
        for name in KINDS:
            click.echo(f"{name:14}{sum(entry.kind == name for entry in entries):>8,}")
        return
    if kind.removesuffix("s") not in KINDS:
        alike = similar(kind, dict.fromkeys(KINDS, ""))
        hint = did_you_mean(nearest(kind, KINDS), f"expected one of {', '.join(KINDS)}", alike)
        raise InvalidInputError(f"there is no kind '{kind}'{hint}")
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
