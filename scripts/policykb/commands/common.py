"""What the commands share: options that all take, progress, printing of problems, exit status.

Data goes to standard output, messages to standard error. Exit status 0: fine; 1: problems in the content;
2: wrong use; 3: the machine would not let it be done (disk, permission, another load).
"""

import contextlib
import json
import os
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from policykb.files.reader import PENDING
from policykb.model import dates
from policykb.model.problems import ConflictError, PolicykbError

PROBLEMS, WRONG_USE, FAILED = 1, 2, 3


class Day(click.ParamType):
    """A full day, written as 2026-06-15."""

    name = "day"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """The day as ISO text."""
        if dates.is_day(str(value)):
            return str(value)
        meant = dates.understood(str(value)) or ""
        self.fail(
            f"{value!r} is not a day; write it as 2026-06-15"
            + (f". Did you mean {meant}?" if len(meant) == 10 else ""),
            param,
            ctx,
        )


def checkout() -> Path:
    """The nearest folder, from here upwards, that holds a folder `policies`; else the current folder."""
    here = Path.cwd()
    return next(
        (folder for folder in (here, *here.parents) if (folder / "policies").is_dir()), here
    )


def common(command: click.Command) -> click.Command:
    """The options of every command."""
    for option in (
        click.option(
            "--today", type=Day(), help="The day to take for today (default: the clock, in UTC)."
        ),
        click.option(
            "--db",
            type=click.Path(path_type=Path, dir_okay=False),
            help="The database (default: kb.db of this checkout).",
        ),
        click.option(
            "--policies",
            type=click.Path(path_type=Path, file_okay=False),
            help="The knowledge (default: policies/ of this checkout).",
        ),
    ):
        command = option(command)
    return command


def places(policies: Path | None, db: Path | None, today: str | None) -> tuple[Path, Path, str]:
    """The knowledge, the database and the day. A change of files that was interrupted is settled first."""
    policies = (policies or checkout() / "policies").absolute()
    _recover(policies)
    return policies, (db or checkout() / "kb.db").absolute(), today or dates.today().isoformat()


def _recover(policies: Path) -> None:
    """Complete a change of files that was interrupted, or take it back; where neither is possible `check` fails (S107)."""
    if not os.path.lexists(policies / PENDING):
        return
    from policykb.files.journal import recover

    try:
        done = recover(policies)
        if done:
            click.echo(done, err=True)
    except ConflictError as refused:
        tell(refused.problems)
    except (PolicykbError, OSError) as error:
        click.echo(f"an interrupted change of files could not be settled: {error}", err=True)


@contextlib.contextmanager
def progress_bar(label: str) -> Iterator:
    """A function to report progress to: a bar on a terminal, a plain line now and then elsewhere."""
    if not sys.stderr.isatty():
        tenths = 0

        def report(done: int, total: int) -> None:
            nonlocal tenths
            if total >= 2000 and done * 10 // total > tenths:
                tenths = done * 10 // total
                click.echo(f"{label}: {done:,} of {total:,} files", err=True)

        yield report
        return
    bar = click.progressbar(length=1, label=label, file=sys.stderr)
    with bar:

        def report(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        yield report


def tell(problems: list, form: str = "text", limit: int = 200) -> None:
    """Print problems: machine forms whole on standard output, text on standard error, the first ones only."""
    if form == "json":
        click.echo(
            json.dumps([problem.record() for problem in problems], ensure_ascii=False, indent=1)
        )
    elif form == "github":
        for problem in problems:
            click.echo(problem.github())
    else:
        for problem in problems[:limit]:
            click.echo(problem.text(), err=True)
        if len(problems) > limit:
            click.echo(f"... and {len(problems) - limit:,} more; --format json lists all", err=True)


def summary(result: object) -> str:
    warnings = len(result.problems) - result.errors
    counted = ", ".join(
        f"{count:,} {kind}{'s' if count != 1 else ''}" for kind, count in result.counts.items()
    )
    return f"{counted or 'no records'}; {result.errors} errors, {warnings} warnings"


@contextlib.contextmanager
def failures(db: Path | None = None) -> Iterator[None]:
    """Say plainly why the machine would not let it be done, and that `db` was not lost."""
    try:
        yield
    except ConflictError as refused:
        tell(refused.problems)
        click.echo("nothing was written", err=True)
        sys.exit(PROBLEMS)
    except (PolicykbError, OSError, sqlite3.Error) as error:
        kept = f"; {db.name} was left as it is" if db and db.exists() else ""
        click.echo(f"not done: {error}{kept}", err=True)
        sys.exit(FAILED)


def confirming(command: click.Command) -> click.Command:
    """The options of every command that changes files: `--yes` and `--dry-run`."""
    for option in (
        click.option("--dry-run", is_flag=True, help="Show what would change and write nothing."),
        click.option(
            "-y",
            "--yes",
            is_flag=True,
            help="Write without asking; needed where there is no terminal.",
        ),
    ):
        command = option(command)
    return command


def _write(
    policies: Path, today: str, changes: Sequence, beside: Sequence, seen: object | None
) -> None:
    """Write `changes` and `beside`; judge them again if the files are no longer in the state `seen`.

    :raises ConflictError: if they would now make the knowledge base invalid.
    """
    from policykb.contribute.changes import judged, locked, state, write

    with locked(policies):
        if seen is not None and state(policies) != seen:  # others changed files since
            again = judged(policies, today, changes)
            if any(problem.severity == "error" for problem in again):
                raise ConflictError(again)
        write(policies, [*changes, *beside])


def settle(
    policies: Path,
    today: str,
    changes: Sequence,
    yes: bool,
    dry_run: bool,
    judge: bool | list = True,
    beside: Sequence = (),
) -> bool:
    """Show `changes` as a diff, judge them, ask, and make them; whether they were made.

    `beside` are changes of files that are no part of the knowledge; they are made too and not shown.
    Ends the command with status 1 if they would make the knowledge base invalid, after telling why. Without `judge`
    they are made whatever the rules say, which is right where they can only make it better. If they were judged before,
    `judge` are the problems that they add.
    """
    from policykb.contribute.changes import diff, judged, state

    shown = diff(changes)
    beside = [one for one in beside if one.before != one.after]
    if not shown and not beside:
        click.echo("nothing to change", err=True)
        return False
    click.echo(shown, nl=False)
    seen = state(policies) if judge is not False and shown else None
    added = judge if isinstance(judge, list) else []
    if judge is True and shown:
        added = judged(policies, today, changes)
    tell(added)
    try:
        if any(problem.severity == "error" for problem in added):
            raise ConflictError([])  # they were printed
        if dry_run:
            click.echo("nothing was written (--dry-run)", err=True)
            return False
        if not yes:
            if not sys.stdin.isatty():
                raise click.UsageError(
                    "there is no terminal to ask at; add --yes to write, or --dry-run to look only"
                )
            click.confirm("Write this?", abort=True, err=True)
        _write(policies, today, changes, beside, seen)
    except ConflictError as refused:
        tell(refused.problems)
        click.echo("nothing was written", err=True)
        sys.exit(PROBLEMS)
    for path, before, after in changes:
        if before != after:
            click.echo(f"{'wrote' if after is not None else 'removed'} {path}", err=True)
    if beside:
        click.echo(
            f"wrote {len(beside):,} files under {policies.name}/.imported, which remember what the sources said",
            err=True,
        )
    return True
