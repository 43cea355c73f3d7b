"""Completion in bash, zsh and fish: what a person can type for an id, a term, a question; and the command that installs it."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import click
from click.shell_completion import CompletionItem, get_completion_class

from policykb.commands.common import failures, locations, report
from policykb.files.catalogue import Catalogue
from policykb.model.fields import Field
from policykb.model.vocabulary import Term

PROGRAM, VARIABLE = "policykb", "_POLICYKB_COMPLETE"
MOST_ITEMS = 300
Completer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def ids(*kinds: str) -> Completer:
    """Return a completer of the ids of records of `kinds` (default: all)."""

    def complete(ctx: click.Context, param: click.Parameter, start: str) -> list[CompletionItem]:
        policies, _ = locations(ctx.params.get("policies"), None)
        entries = Catalogue.read(policies, ids_only=True).entries.values()
        chosen = (entry for entry in entries if not kinds or entry.kind in kinds)
        known_ids = sorted(entry.id for entry in chosen if entry.id.startswith(start))
        return [CompletionItem(record_id) for record_id in known_ids[:MOST_ITEMS]]

    return complete


def terms(vocabulary: Sequence[Term]) -> Completer:
    """Return a completer of terms, with their definitions."""

    def complete(ctx: click.Context, param: click.Parameter, start: str) -> list[CompletionItem]:
        chosen = [term for term in vocabulary if term.id.startswith(start)]
        return [CompletionItem(term.id, help=term.definition) for term in chosen]

    return complete


def of_field(field: Field) -> Completer | None:
    """Return the completer of an option that sets `field`, None if any text may follow."""
    if field.reference:
        return ids(*field.reference)
    return terms(field.terms) if field.terms and field.kind != "table" else None


def questions(ctx: click.Context, param: click.Parameter, start: str) -> list[CompletionItem]:
    """Return the named questions that begin with `start`."""
    from policykb.read.questions import questions as named

    chosen = [question for name, question in named().items() if name.startswith(start)]
    return [CompletionItem(question.name, help=question.title) for question in chosen]


@click.command()
@click.argument("shell", required=False, type=click.Choice(("bash", "zsh", "fish")))
@click.option("--print", "printing", is_flag=True, help="Print the script and install nothing.")
def completion(shell: str | None, printing: bool) -> None:
    """Install completion of commands, options, ids, questions and terms for SHELL (default: yours)."""
    shell = shell or Path(os.environ.get("SHELL", "")).name
    shell_class = get_completion_class(shell)
    if shell_class is None:
        raise click.UsageError("name the shell: bash, zsh or fish")
    root = click.get_current_context().find_root().command
    script = shell_class(root, {}, PROGRAM, VARIABLE).source()
    if printing:
        click.echo(script)
        return
    place, hint = _place(shell)
    with failures():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(script, encoding="utf-8")
    report(f"wrote {place}; {hint}")


def _place(shell: str) -> tuple[Path, str]:
    """Return the file from which `shell` loads completion, and what is left to do."""
    home = Path.home()
    data = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    config = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    if shell == "fish":
        return config / "fish" / "completions" / f"{PROGRAM}.fish", "new shells use it"
    if shell == "zsh":
        place = data / "zsh" / "site-functions" / f"_{PROGRAM}"
        return place, f"add to ~/.zshrc before compinit: fpath=({place.parent} $fpath)"
    place = data / "bash-completion" / "completions" / PROGRAM
    return (
        place,
        f"new shells use it; without the package bash-completion, add to ~/.bashrc: . {place}",
    )
