"""Commands on the knowledge base as it is: check, load, query, serve, schema."""

import json
import sys
from pathlib import Path

import click

from policykb.commands.common import (
    PROBLEMS,
    Day,
    common,
    failures,
    places,
    progress_bar,
    summary,
    tell,
)


def _explain(ctx: click.Context, param: click.Parameter, code: str | None) -> None:
    from policykb.model.problems import CODES, explanation, nearest

    if code is None or ctx.resilient_parsing:
        return
    if code.upper() not in CODES:
        near = nearest(code.upper(), CODES)
        raise click.BadParameter(
            f"{code!r} is not a code of a problem; expected one of {', '.join(CODES)}"
            + (f"; did you mean {near!r}?" if near else "")
        )
    click.echo(explanation(code.upper()))
    ctx.exit()


@click.command()
@common
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    show_default=True,
    help="How to print problems.",
)
@click.option(
    "--texts",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of <document-id>.txt: verify locating words.",
)
@click.option("--base", metavar="REV", help="A branch or commit: no id that it has may disappear.")
@click.option(
    "--strict",
    is_flag=True,
    help="Fail on warnings too; with --base only on those that it does not have.",
)
@click.option(
    "--explain",
    metavar="CODE",
    is_eager=True,
    expose_value=False,
    callback=_explain,
    help="Print what a code such as T401 means and how to fix it, and exit.",
)
def check(
    policies: Path | None,
    db: Path | None,
    today: str | None,
    form: str,
    texts: Path | None,
    base: str | None,
    strict: bool,
) -> None:
    """Check the knowledge under policies/ and report every problem."""
    from policykb.build import load as loading

    policies, _, today = places(policies, db, today)
    with failures(), progress_bar("checking") as progress:
        earlier = _earlier(policies, base) if base is not None else None
        result = loading.check(policies, today, progress, texts, earlier=earlier)
        new = _new_problems(policies, today, base, result.problems) if strict else []
    tell(result.problems, form, limit=10_000)
    click.echo(summary(result), err=True)
    warnings = [problem for problem in new if problem.severity == "warning"]
    if warnings and base is not None:
        click.echo(f"warnings that {base} does not have:", err=True)
        tell(warnings)
    sys.exit(PROBLEMS if result.errors or warnings else 0)


def _new_problems(policies: Path, today: str, base: str | None, problems: list) -> list:
    """Return those of `problems` that the commit at which the history parted from `base` does not have."""
    from policykb.build.load import check as problems_of
    from policykb.contribute.changes import without_line
    from policykb.history import git as revisions

    if base is None or not problems:
        return problems
    repository = revisions.repository(policies)
    commit = revisions.commit(repository, base)
    start = revisions.merge_base(repository, commit) or commit
    files = {
        file.path: file.before
        for file in revisions.differing(repository, start)
        if not isinstance(file.before, str)
    }
    known = set(map(without_line, problems_of(policies, today, proposed=files).problems))
    return [problem for problem in problems if without_line(problem) not in known]


def _earlier(policies: Path, revision: str) -> object:
    from policykb.history.states import earlier
    from policykb.model.problems import NotFoundError

    try:
        found = earlier(policies, revision)
    except NotFoundError as error:
        raise click.UsageError(f"--base: {error}") from None
    for path in found.unread:
        click.echo(f"{path} cannot be read in {revision}; its ids were not compared", err=True)
    return found


@click.command()
@common
@click.option(
    "--check",
    "only_check",
    is_flag=True,
    help="Compare the database with a fresh build and write nothing.",
)
@click.option(
    "--wait",
    type=click.FloatRange(min=0),
    default=60,
    show_default=True,
    help="Seconds to wait for another load to end.",
)
@click.option(
    "--as-known",
    type=Day(),
    metavar="DAY",
    help="Build what the last commit on or before DAY says, into the file that --db names.",
)
def load(
    policies: Path | None,
    db: Path | None,
    today: str | None,
    only_check: bool,
    wait: float,
    as_known: str | None,
) -> None:
    """Check policies/ and build kb.db from it, whole or not at all."""
    from policykb.build import load as loading
    from policykb.build.compare import compare
    from policykb.history import log

    if as_known and (db is None or only_check):
        raise click.UsageError(
            "--as-known needs --db FILE, so that kb.db stays what it is, and no --check"
        )
    policies, db, today = places(policies, db, today)
    if as_known:
        _load_as_known(policies, db, as_known, wait)
        return
    with failures(db), progress_bar("loading") as progress:
        if only_check:
            result, differences = compare(policies, db, today, progress, log=log.read)
        else:
            result = loading.load(policies, db, today, progress, wait, log=log.read)
            differences = []
    tell(result.problems if result.errors else [])
    if result.errors:
        click.echo(f"{db.name} was left as it is: {summary(result)}", err=True)
        sys.exit(PROBLEMS)
    for difference in differences:
        click.echo(difference, err=True)
    if differences:
        click.echo(f"{db.name} is not what a fresh build gives; run: policykb load", err=True)
        sys.exit(PROBLEMS)
    said = "is what a fresh build gives" if only_check else "written"
    click.echo(
        f"{db.name} {said}: {summary(result)}"
        + ("" if only_check or len(result.problems) == 0 else " (policykb check lists them)"),
        err=True,
    )


def _load_as_known(policies: Path, db: Path, day: str, wait: float) -> None:
    """Build what was known on a day, without touching the files or the checkout."""
    import tempfile

    from policykb.build import load as loading
    from policykb.history import log
    from policykb.model.problems import NotFoundError

    with failures(db):
        try:
            commit, known, files = log.as_known(policies, day)
        except NotFoundError as error:
            raise click.UsageError(f"--as-known: {error}") from None
        with tempfile.TemporaryDirectory() as folder, progress_bar("loading") as progress:
            for path, content in files.items():
                place = Path(folder) / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(content)
            result = loading.load(
                Path(folder) / policies.name, db, day, progress, wait, log=lambda _: known
            )
    said = f"commit {commit.hash[:12]} of {commit.time[:10]}"
    tell(result.problems if result.errors else [])
    if result.errors:
        click.echo(
            f"{db.name} was left as it is: {said} does not keep the rules of this version: {summary(result)}",
            err=True,
        )
        sys.exit(PROBLEMS)
    click.echo(f"{db.name} written from {said}: {summary(result)}", err=True)


@click.command()
@common
@click.argument("name", required=False)
@click.option(
    "-p",
    "--parameter",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    help="A parameter of the question; ids and terms may be given more than once.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    show_default=True,
)
def query(
    policies: Path | None,
    db: Path | None,
    today: str | None,
    name: str | None,
    parameters: tuple[str, ...],
    form: str,
) -> None:
    """Ask a named question of kb.db; without a name, list the questions."""
    from policykb.model.problems import nearest_id
    from policykb.read.database import connect
    from policykb.read.questions import ask, joined, questions, unknown

    _, db, today = places(policies, db, today)
    known = questions()
    if name is None:
        for question in known.values():
            click.echo(f"{question.name:28} {question.title}")
            for parameter in question.parameters:
                click.echo(
                    f"    -p {parameter.name}=...  {parameter.kind}, {parameter.description}"
                    + (f" Default: {parameter.default}." if parameter.default else "")
                )
        return
    if name not in known:
        near = nearest_id(name, known)
        raise click.UsageError(
            f"there is no question '{name}'"
            + (f"; did you mean '{near}'?" if near else "; `policykb query` lists them")
        )
    given: dict[str, list[str]] = {}
    for parameter in parameters:
        key, equals, value = parameter.partition("=")
        if not equals:
            raise click.UsageError(f"-p {parameter}: write it as NAME=VALUE")
        given.setdefault(key, []).append(value)
    if not db.is_file():
        raise click.UsageError(f"{db} does not exist; build it with: policykb load")
    try:
        with failures(), connect(db) as opened:
            values = joined(known[name], given)
            columns, rows = ask(opened.conn, known[name], values, today)
            for sentence in unknown(opened.conn, known[name], values):
                click.echo(sentence, err=True)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    _print(columns, rows, form)


def _print(columns: list[str], rows: list[tuple], form: str) -> None:
    if form == "json":
        click.echo(
            json.dumps(
                [dict(zip(columns, row, strict=True)) for row in rows], ensure_ascii=False, indent=1
            )
        )
    elif form == "csv":
        from policykb.read.questions import spreadsheet

        click.echo(spreadsheet(columns, rows), nl=False)
    else:
        from tabulate import tabulate

        shown = [
            ["" if cell is None else " ".join(str(cell).split()) for cell in row] for row in rows
        ]
        widths = [40 if len(columns) > 3 else 80] * len(columns)
        click.echo(
            tabulate(shown, columns, tablefmt="simple", maxcolwidths=widths, disable_numparse=True)
            if rows
            else "no rows"
        )


@click.command()
@common
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8001,
    show_default=True,
    help="Port to listen on.",
)
@click.option(
    "--watch/--no-watch",
    default=True,
    show_default=True,
    help="Load again and restart when policies/ changes.",
)
@click.option(
    "--memory",
    type=click.IntRange(512),
    default=2048,
    show_default=True,
    help="Most memory that the service may use, in MB (Linux).",
)
def serve(
    policies: Path | None,
    db: Path | None,
    today: str | None,
    host: str,
    port: int,
    watch: bool,
    memory: int,
) -> None:
    """Publish kb.db with Datasette, hardened for the public."""
    from policykb.site.serve import Service
    from policykb.site.serve import serve as run

    policies, db, _ = places(policies, db, today)
    if not db.is_file():
        raise click.UsageError(f"{db} does not exist; build it with: policykb load")
    if watch and not policies.is_dir():
        click.echo(f"{policies} does not exist; {db.name} is served without watching it", err=True)
        watch = False
    sys.exit(run(Service(db, host, port, memory, today), policies if watch else None))


@click.command()
@common
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default="build/schemas")
def schema(policies: Path | None, db: Path | None, today: str | None, folder: Path) -> None:
    """Write the JSON Schema of every kind of file into FOLDER; now `policykb export FOLDER --format json-schema`."""
    from policykb.commands.export import write_schemas

    click.echo(f"use instead: policykb export {folder} --format json-schema", err=True)
    write_schemas(folder)
