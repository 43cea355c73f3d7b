"""The command `policykb`: parse options, call one function, print.

Data goes to standard output, messages to standard error. Exit status 0: fine; 1: problems in the content;
2: wrong use; 3: the machine would not let it be done (disk, permission, another load).
"""

import contextlib
import json
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from policykb import dates

PROBLEMS, WRONG_USE, FAILED = 1, 2, 3


class Day(click.ParamType):
    """A full day, written as 2026-06-15."""

    name = "day"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The day as ISO text."""
        if dates.is_day(str(value)):
            return str(value)
        meant = dates.understood(str(value)) or ""
        self.fail(f"{value!r} is not a day; write it as 2026-06-15" + (f". Did you mean {meant}?" if len(meant) == 10 else ""), param, ctx)


def _checkout() -> Path:
    """The nearest folder, from here upwards, that holds a folder `policies`; else the current folder."""
    here = Path.cwd()
    return next((folder for folder in (here, *here.parents) if (folder / "policies").is_dir()), here)


def _common(command: click.Command) -> click.Command:
    """The options of every command."""
    for option in (
        click.option("--today", type=Day(), help="The day to take for today (default: the clock, in UTC)."),
        click.option("--db", type=click.Path(path_type=Path, dir_okay=False), help="The database (default: kb.db of this checkout)."),
        click.option("--policies", type=click.Path(path_type=Path, file_okay=False), help="The knowledge (default: policies/ of this checkout)."),
    ):
        command = option(command)
    return command


def _places(policies: Path | None, db: Path | None, today: str | None) -> tuple[Path, Path, str]:
    return ((policies or _checkout() / "policies").absolute(), (db or _checkout() / "kb.db").absolute(), today or dates.today().isoformat())


@contextlib.contextmanager
def _progress(label: str) -> Iterator:
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


def _tell(problems: list, form: str = "text", limit: int = 200) -> None:
    """Print problems: machine forms whole on standard output, text on standard error, the first ones only."""
    if form == "json":
        click.echo(json.dumps([problem.record() for problem in problems], ensure_ascii=False, indent=1))
    elif form == "github":
        for problem in problems:
            click.echo(problem.github())
    else:
        for problem in problems[:limit]:
            click.echo(problem.text(), err=True)
        if len(problems) > limit:
            click.echo(f"... and {len(problems) - limit:,} more; --format json lists all", err=True)


def _summary(result: object) -> str:
    warnings = len(result.problems) - result.errors
    counted = ", ".join(f"{count:,} {kind}{'s' if count != 1 else ''}" for kind, count in result.counts.items())
    return f"{counted or 'no records'}; {result.errors} errors, {warnings} warnings"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="policykb")
def cli() -> None:
    """A knowledge base of policy actions, the arguments about them and the documents that say so."""


@cli.command()
@_common
@click.option("--format", "form", type=click.Choice(["text", "json", "github"]), default="text", show_default=True, help="How to print problems.")
@click.option("--texts", type=click.Path(path_type=Path, exists=True, file_okay=False), help="Folder of <document-id>.txt: verify locating words.")
def check(policies: Path | None, db: Path | None, today: str | None, form: str, texts: Path | None) -> None:
    """Check the knowledge under policies/ and report every problem."""
    from policykb import load as loading

    policies, _, today = _places(policies, db, today)
    with _failures(), _progress("checking") as progress:
        result = loading.check(policies, today, progress, texts)
    _tell(result.problems, form, limit=10_000)
    click.echo(_summary(result), err=True)
    sys.exit(PROBLEMS if result.errors else 0)


@cli.command()
@_common
@click.option("--check", "only_check", is_flag=True, help="Compare the database with a fresh build and write nothing.")
@click.option("--wait", type=click.FloatRange(min=0), default=60, show_default=True, help="Seconds to wait for another load to end.")
def load(policies: Path | None, db: Path | None, today: str | None, only_check: bool, wait: float) -> None:
    """Check policies/ and build kb.db from it, whole or not at all."""
    from policykb import load as loading

    policies, db, today = _places(policies, db, today)
    with _failures(db), _progress("loading") as progress:
        if only_check:
            result, differences = loading.compare(policies, db, today, progress)
        else:
            result, differences = loading.load(policies, db, today, progress, wait), []
    _tell(result.problems if result.errors else [])
    if result.errors:
        click.echo(f"{db.name} was left as it is: {_summary(result)}", err=True)
        sys.exit(PROBLEMS)
    for difference in differences:
        click.echo(difference, err=True)
    if differences:
        click.echo(f"{db.name} is not what a fresh build gives; run: policykb load", err=True)
        sys.exit(PROBLEMS)
    said = "is what a fresh build gives" if only_check else "written"
    click.echo(f"{db.name} {said}: {_summary(result)}" + ("" if only_check or len(result.problems) == 0 else " (policykb check lists them)"), err=True)


@cli.command()
@_common
@click.argument("name", required=False)
@click.option("-p", "--parameter", "parameters", multiple=True, metavar="NAME=VALUE", help="A parameter of the question.")
@click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True)
def query(policies: Path | None, db: Path | None, today: str | None, name: str | None, parameters: tuple[str, ...], form: str) -> None:
    """Ask a named question of kb.db; without a name, list the questions."""
    from policykb.problems import nearest
    from policykb.queries import ask, questions

    _, db, today = _places(policies, db, today)
    known = questions()
    if name is None:
        for question in known.values():
            click.echo(f"{question.name:28} {question.title}")
            for parameter in question.parameters:
                click.echo(f"    -p {parameter.name}=...  {parameter.kind}, {parameter.description}" + (f" Default: {parameter.default}." if parameter.default else ""))
        return
    if name not in known:
        near = nearest(name, known)
        raise click.UsageError(f"there is no question '{name}'" + (f"; did you mean '{near}'?" if near else "; `policykb query` lists them"))
    given = {}
    for parameter in parameters:
        key, equals, value = parameter.partition("=")
        if not equals:
            raise click.UsageError(f"-p {parameter}: write it as NAME=VALUE")
        given[key] = value
    if not db.is_file():
        raise click.UsageError(f"{db} does not exist; build it with: policykb load")
    connection = sqlite3.connect(f"{db.as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        columns, rows = ask(connection, known[name], given, today)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    except sqlite3.Error as error:
        click.echo(f"{db.name}: {error}", err=True)
        sys.exit(FAILED)
    finally:
        connection.close()
    _print(columns, rows, form)


def _print(columns: list[str], rows: list[tuple], form: str) -> None:
    if form == "json":
        click.echo(json.dumps([dict(zip(columns, row, strict=True)) for row in rows], ensure_ascii=False, indent=1))
    elif form == "csv":
        import csv

        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
    else:
        from tabulate import tabulate

        shown = [["" if cell is None else " ".join(str(cell).split()) for cell in row] for row in rows]
        widths = [40 if len(columns) > 3 else 80] * len(columns)
        click.echo(tabulate(shown, columns, tablefmt="simple", maxcolwidths=widths, disable_numparse=True) if rows else "no rows")


@cli.command()
@_common
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8001, show_default=True, help="Port to listen on.")
@click.option("--watch/--no-watch", default=True, show_default=True, help="Load again and restart when policies/ changes.")
@click.option("--memory", type=click.IntRange(512), default=2048, show_default=True, help="Most memory that the service may use, in MB (Linux).")
def serve(policies: Path | None, db: Path | None, today: str | None, host: str, port: int, watch: bool, memory: int) -> None:
    """Publish kb.db with Datasette, hardened for the public."""
    from policykb.site.serve import serve as run

    policies, db, today = _places(policies, db, today)
    if not db.is_file():
        raise click.UsageError(f"{db} does not exist; build it with: policykb load")
    sys.exit(run(policies, db, host, port, watch, memory))


@cli.command()
@_common
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default="build/schemas")
def schema(policies: Path | None, db: Path | None, today: str | None, folder: Path) -> None:
    """Write the JSON Schema of every kind of file into FOLDER, for editors that complete and check TOML."""
    from policykb.dictionary import schemas

    with _failures():
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in schemas().items():
            (folder / name).write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
            click.echo(folder / name)


@contextlib.contextmanager
def _failures(db: Path | None = None) -> Iterator[None]:
    """Say plainly why the machine would not let it be done, and that `db` was not lost."""
    from policykb.load import Broken, Busy

    try:
        yield
    except (Busy, Broken, OSError, sqlite3.Error) as error:
        kept = f"; {db.name} was left as it is" if db and db.exists() else ""
        click.echo(f"not done: {error}{kept}", err=True)
        sys.exit(FAILED)


def main() -> None:
    """Entry point."""
    cli()
