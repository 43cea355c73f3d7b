"""Command that corrects files: fix."""

import sys
from pathlib import Path

import click

from policykb.commands.common import PROBLEMS, common, confirming, failures, places, settle


@click.command()
@common
@confirming
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--check",
    "only_check",
    is_flag=True,
    help="Say which files are not as they should be, write nothing, and end with status 1 if there are any.",
)
def fix(
    policies: Path | None,
    db: Path | None,
    today: str | None,
    yes: bool,
    dry_run: bool,
    files: tuple[Path, ...],
    only_check: bool,
) -> None:
    """Correct the form of values and keys, and the layout, in FILES or in all files; meanings are left to a person."""
    from policykb.contribute.fix import fixes

    policies, _, today = places(policies, db, today)
    with failures():
        only = {_path(policies, file) for file in files} or None
        changes, solved, errors = fixes(policies, today, only)
        if only_check:
            for path, *_ in changes:
                click.echo(f"{path}: not as `policykb fix` would leave it", err=True)
            _tell(errors)
            sys.exit(PROBLEMS if changes or errors else 0)
        for problem in solved:
            click.echo(problem.text(), err=True)
        settle(policies, today, changes, yes, dry_run, judge=False)
        _tell(errors)


def _tell(errors: int) -> None:
    if errors:
        click.echo(
            f"{errors:,} {'errors are' if errors != 1 else 'error is'} left for a person; see: policykb check",
            err=True,
        )


def _path(policies: Path, file: Path) -> str:
    """The path of a file that was named on the command line, as messages name it."""
    from policykb.files.reader import knowledge

    place = file.absolute().resolve()
    inside = place.is_relative_to(policies.resolve())
    path = f"{policies.name}/{place.relative_to(policies.resolve())}" if inside else ""
    if not inside or not knowledge(policies, path):
        raise click.UsageError(f"{file} is not a file of the knowledge base in {policies}")
    if not file.is_file():
        raise click.UsageError(f"{file} does not exist")
    return path
