"""Commands on records: apply, set, show, list, undo, rename, merge, withdraw."""

from pathlib import Path

import click

from policykb.commands.common import INPUT, STDIN, Run, carry_out, command, read_input, report
from policykb.commands.completion import ids
from policykb.contribute.drafts import KINDS
from policykb.contribute.reading import MOST_BYTES
from policykb.files.catalogue import Catalogue
from policykb.model.problems import InvalidInputError, did_you_mean, nearest, similar
from policykb.model.vocabulary import VOCABULARIES


@command(changes=True)
@click.argument("file", type=INPUT)
def apply(run: Run, file: Path) -> None:
    """Make and edit records of every kind from FILE, JSON Lines; all or none. `-` is standard input.

    A line is an object with `record` (the kind), `id`, and the keys of the file of the record. A key sets what is there,
    null removes it, and `add` has items for lists: {"record": "argument", "id": "...", "add": {"stances": [...]}}.
    """
    from policykb.api import KnowledgeBase

    name = STDIN if str(file) == "-" else file.name
    data = read_input(file, MOST_BYTES)
    kb = KnowledgeBase(run.policies, run.today)
    kb.apply(data, name)
    carry_out(run, kb.changes(), kb.check())


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

    path, text = parts.text(run.knowledge(), run.id_of(record))
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
    entries = Catalogue.read(run.knowledge()).entries.values()
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
