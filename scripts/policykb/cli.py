"""The command `policykb`: its commands, and the module under commands/ that has each.

A module is imported when one of its commands is called, so that a command costs only what it needs.
"""

import builtins
import os
from importlib import import_module
from keyword import iskeyword

import click

from policykb.commands.groups import Group

COMMANDS = {
    "check": "base",
    "load": "base",
    "query": "base",
    "serve": "base",
    "new": "new",
    "init": "init",
    "from-issue": "from_issue",
    "add": "add",
    "apply": "records",
    "brief": "brief",
    "digest": "digest",
    "cite": "cite",
    "export": "export",
    "diff": "review",
    "find": "find",
    "rename": "records",
    "merge": "records",
    "withdraw": "records",
    "set": "records",
    "show": "records",
    "list": "records",
    "undo": "records",
    "completion": "completion",
    "import": "imports",
    "track": "track",
    "publish": "publish",
}


class Commands(Group):
    """The commands of COMMANDS."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, sorted."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Return the command `name`, or None."""
        if name not in COMMANDS:
            return None
        module = import_module(f"policykb.commands.{COMMANDS[name]}")
        is_reserved = iskeyword(name) or hasattr(builtins, name)
        return getattr(module, f"{name}_" if is_reserved else name.replace("-", "_"))

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; a package that is missing ends it with a message."""
        from policykb.commands.common import missing_packages

        with missing_packages():
            return super().invoke(ctx)


@click.group(
    cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "show_default": True}
)
@click.version_option(package_name="policykb")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Keep, check and publish a knowledge base of policy actions, the arguments about them and the documents that say so."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        ctx.color = False


def main() -> None:
    """Run the command line."""
    cli()
