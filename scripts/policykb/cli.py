"""The command `policykb`: which command stands in which module under commands/. Nothing else.

A module is imported when one of its commands is asked for, so that a command costs only what it needs.
"""

from importlib import import_module
from keyword import iskeyword

import click

COMMANDS = {
    "check": "base",
    "load": "base",
    "query": "base",
    "serve": "base",
    "schema": "base",
    "new": "new",
    "from-issue": "from_issue",
    "add": "add",
    "fix": "fix",
    "brief": "brief",
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
    """The commands by name, each from its module."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, sorted."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The command `name`, or None."""
        if name not in COMMANDS:
            return None
        return getattr(
            import_module(f"policykb.commands.{COMMANDS[name]}"),
            name.replace("-", "_") + "_" * iskeyword(name),
        )


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="policykb")
def cli() -> None:
    """A knowledge base of policy actions, the arguments about them and the documents that say so."""


def main() -> None:
    """Entry point."""
    cli()
