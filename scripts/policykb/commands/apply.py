"""The command `apply`: records of every kind from JSON Lines."""

from pathlib import Path

import click

from policykb.commands.common import INPUT, STDIN, Run, carry_out, command, read_input
from policykb.contribute.reading import MOST_BYTES


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
