"""The command `policykb`: its commands, and the module under commands/ that has each.

A module is imported when one of its commands is called, so that a command costs only what it needs.
"""

from importlib import import_module
from keyword import iskeyword

import click

COMMANDS = {
    "check": "base",
    "load": "base",
    "query": "base",
    "serve": "base",
    "schema": "export",
    "new": "new",
    "init": "init",
    "from-issue": "from_issue",
    "add": "add",
    "fix": "base",
    "brief": "brief",
    "digest": "digest",
    "cite": "cite",
    "export": "export",
    "diff": "review",
    "find": "find",
    "rename": "lifecycle",
    "merge": "lifecycle",
    "withdraw": "lifecycle",
    "import": "imports",
    "track": "track",
    "publish": "publish",
}


class Commands(click.Group):
    """The commands of COMMANDS."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, sorted."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Return the command `name`, or None."""
        if name not in COMMANDS:
            return None
        module = import_module(f"policykb.commands.{COMMANDS[name]}")
        return getattr(module, name.replace("-", "_") + "_" * iskeyword(name))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="policykb")
def cli() -> None:
    """A knowledge base of policy actions, the arguments about them and the documents that say so."""


def main() -> None:
    """Run the command line."""
    cli()
