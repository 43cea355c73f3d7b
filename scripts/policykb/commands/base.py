"""Commands on the knowledge base as it is: check, load, query, serve."""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from policykb.commands import completion
from policykb.commands.common import (
    AS_JSON,
    EXISTING_FOLDER,
    FORCE,
    PROBLEMS,
    Run,
    as_json,
    carry_out,
    command,
    day,
    format_option,
    naming,
    print_json,
    print_outcome,
    print_problems,
    progress_bar,
    report,
)
from policykb.files.reader import knowledge
from policykb.model.problems import (
    CODES,
    WARNING,
    InvalidInputError,
    did_you_mean,
    explanation,
    nearest,
    nearest_id,
)
from policykb.text import plural


def _explain(ctx: click.Context, param: click.Parameter, code: str | None) -> None:
    if code is None or ctx.resilient_parsing:
        return
    if code.upper() not in CODES:
        hint = did_you_mean(nearest(code.upper(), CODES))
        raise click.BadParameter(
            f"{code!r} is not a code of a problem; expected one of {', '.join(CODES)}{hint}"
        )
    click.echo(explanation(code.upper()))
    ctx.exit()


@command(changes=True)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--fix",
    "fixing",
    is_flag=True,
    help="First correct the form of values and keys, and the layout, in FILES or in all files; never a meaning.",
)
@format_option(("text", "json", "github"), "How to print problems.", "text")
@click.option(
    "--texts",
    type=EXISTING_FOLDER,
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
    run: Run,
    files: tuple[Path, ...],
    fixing: bool,
    form: str,
    texts: Path | None,
    base: str | None,
    strict: bool,
) -> None:
    """Check the knowledge under policies/ and report every problem."""
    if not fixing and (files or run.yes or run.dry_run):
        raise InvalidInputError("FILES, --yes and --dry-run are for --fix")
    form = "json" if as_json() and not fixing else form
    if fixing and form != "text":
        raise InvalidInputError(f"--fix shows changes as text; leave out --format {form}")
    from policykb.build import load as loading

    complete = not fixing or _fix(run, files)  # whether the files hold every correction
    earlier = _earlier(run.policies, base) if base is not None else None
    with progress_bar("checking") as progress:
        result = loading.check(run.policies, run.today, progress, texts, earlier=earlier)
    new = _new_problems(run.policies, run.today, base, result.problems) if strict else []
    print_problems(result.problems, form, limit=10_000)
    report(_summary(result))
    warnings = [problem for problem in new if problem.severity == WARNING]
    if warnings and base is not None:
        report(f"warnings that {base} does not have:")
        print_problems(warnings)
    sys.exit(PROBLEMS if result.errors or warnings or not complete else 0)


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


def _fix(run: Run, files: tuple[Path, ...]) -> bool:
    """Correct files, and return whether they hold every correction now."""
    from policykb.contribute.fix import fixes

    only = {_path(run.policies, file) for file in files}
    changes, problems = fixes(run.policies, run.today, only)
    print_problems(problems)
    return carry_out(run, changes, unjudged=True) or not changes


def _path(policies: Path, file: Path) -> str:
    """Return the path of a file that was named on the command line, as messages name it."""
    place, folder = file.absolute().resolve(), policies.resolve()
    path = f"{policies.name}/{place.relative_to(folder)}" if place.is_relative_to(folder) else ""
    if not path or not knowledge(policies, path):
        raise InvalidInputError(f"{file} is not a file of the knowledge base in {policies}")
    if not file.is_file():
        raise InvalidInputError(f"{file} does not exist")
    return path


def _earlier(policies: Path, revision: str) -> object:
    """Return the ids at `revision`, and print which files could not be read there."""
    from policykb.history import states

    with naming("--base"):
        earlier = states.earlier(policies, revision)
    for path in earlier.unread:
        report(f"{path} cannot be read in {revision}; its ids were not compared")
    return earlier


def _summary(result: object) -> str:
    counts = [plural(count, kind) for kind, count in result.counts.items()]
    warnings = len(result.problems) - result.errors
    problems = f"{plural(result.errors, 'error')}, {plural(warnings, 'warning')}"
    return f"{', '.join(counts) or 'no records'}; {problems}"


@command()
@AS_JSON
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
    help="Seconds to wait for another load to end.",
)
@click.option(
    "--as-known",
    type=day,
    metavar="DAY",
    help="Build what the last commit on or before DAY says, into the file that --db names.",
)
@FORCE
def load(run: Run, only_check: bool, wait: float, as_known: str | None, force: bool) -> None:
    """Check policies/ and build kb.db from it, whole or not at all."""
    from policykb.build import load as loading
    from policykb.build.compare import compare
    from policykb.history import log

    db = click.get_current_context().get_parameter_source("db")
    if as_known and (only_check or db is click.core.ParameterSource.DEFAULT):
        raise InvalidInputError(
            "--as-known needs --db FILE, so that kb.db stays what it is, and no --check"
        )
    if not (only_check or force):
        _refuse_foreign(run.db)
    source, differences = "", []
    with _unchanged(run.db), progress_bar("loading") as progress:
        if as_known:
            source, result = _load_as_known(run, as_known, wait, progress)
        elif only_check:
            result, differences = compare(run.policies, run.db, run.today, progress, log=log.read)
        else:
            result = loading.load(run.policies, run.db, run.today, progress, wait, log=log.read)
    summary, name = _summary(result), run.db.name
    if as_json():
        written = not (only_check or result.errors)
        also = {"db": str(run.db), "records": result.counts, "differences": differences}
        print_outcome(written, problems=result.problems, **also)
    if result.errors:
        print_problems(result.problems)
        reason = f"{source} does not keep the rules of this version: " if source else ""
        report(f"{name} was left as it is: {reason}{summary}")
        sys.exit(PROBLEMS)
    for difference in differences:
        report(difference)
    if differences:
        report(f"{name} is out of date; run: policykb load")
        sys.exit(PROBLEMS)
    outcome = "is up to date" if only_check else f"written from {source}" if source else "written"
    hint = "" if only_check or source or not result.problems else " (policykb check lists them)"
    report(f"{name} {outcome}: {summary}{hint}")


def _refuse_foreign(db: Path) -> None:
    """Refuse to overwrite a file that is not empty and no database of policykb.

    :raises InvalidInputError: for such a file.
    """
    from policykb.build import is_knowledge_base

    if db.is_file() and db.stat().st_size and not is_knowledge_base(db):
        raise InvalidInputError(f"{db} is not a knowledge base; add --force to overwrite it")


@contextlib.contextmanager
def _unchanged(db: Path) -> Iterator[None]:
    """Say with an error that `db` was left as it is."""
    try:
        yield
    except Exception as error:
        if db.exists():
            error.add_note(f"{db.name} was left as it is")
        raise


def _load_as_known(run: Run, day: str, wait: float, progress: object) -> tuple[str, object]:
    """Build kb.db as it was known on a day, without touching the files or the checkout; return the commit in words and the result."""
    import tempfile

    from policykb.build import load as loading
    from policykb.history import log

    with naming("--as-known"):
        commit, entries, files = log.as_known(run.policies, day)
    with tempfile.TemporaryDirectory() as folder:
        for path, content in files.items():
            place = Path(folder) / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        policies = Path(folder) / run.policies.name
        result = loading.load(policies, run.db, day, progress, wait, log=lambda _: entries)
    return f"commit {commit.hash[:12]} of {commit.time[:10]}", result


@command()
@click.argument("name", required=False, shell_complete=completion.questions)
@click.option(
    "-p",
    "--parameter",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    help="A parameter of the question; ids and terms may be given more than once.",
)
@format_option(("table", "json", "csv"), default="table")
def query(run: Run, name: str | None, parameters: tuple[str, ...], form: str) -> None:
    """Ask a named question of kb.db; without a name, list the questions."""
    from policykb.read.questions import ask, joined, questions, questions_of, unknown

    known = questions()
    if run.db.is_file():
        with run.opened() as opened:
            known = questions_of(opened.conn)
    if name is None:
        for question in known.values():
            click.echo(f"{question.name:28} {question.title}")
            for parameter in question.parameters:
                default = f" Default: {parameter.default}." if parameter.default else ""
                description = f"{parameter.kind}, {parameter.description}{default}"
                click.echo(f"    -p {parameter.name}=...  {description}")
        return
    if name not in known:
        hint = did_you_mean(nearest_id(name, known), "`policykb query` lists them")
        raise InvalidInputError(f"there is no question '{name}'{hint}")
    arguments: dict[str, list[str]] = {}
    for parameter in parameters:
        key, equals, value = parameter.partition("=")
        if not equals:
            raise InvalidInputError(f"-p {parameter}: write it as NAME=VALUE")
        arguments.setdefault(key, []).append(value)
    try:
        with run.opened() as opened:
            values = joined(known[name], arguments)
            if sentences := unknown(opened.conn, known[name], values):
                raise InvalidInputError(". ".join(sentences))
            columns, rows = ask(opened.conn, known[name], values, run.today)
    except ValueError as error:
        raise InvalidInputError(str(error)) from None
    _print(columns, rows, form)


def _print(columns: list[str], rows: list[tuple], form: str) -> None:
    if form == "json":
        print_json([dict(zip(columns, row, strict=True)) for row in rows])
    elif form == "csv":
        from policykb.read.questions import spreadsheet

        click.echo(spreadsheet(columns, rows), nl=False)
    elif not rows:
        click.echo("no rows")
    else:
        from tabulate import tabulate

        cells = [
            ["" if cell is None else " ".join(str(cell).split()) for cell in row] for row in rows
        ]
        widths = [40 if len(columns) > 3 else 80] * len(columns)
        click.echo(tabulate(cells, columns, "simple", maxcolwidths=widths, disable_numparse=True))


@command()
@click.option("--host", default="127.0.0.1", help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8001,
    help="Port to listen on.",
)
@click.option(
    "--watch/--no-watch",
    default=True,
    help="Load again and restart when policies/ changes.",
)
@click.option(
    "--memory",
    type=click.IntRange(512),
    default=2048,
    help="Most memory that the service may use, in MB (Linux).",
)
@click.option(
    "--with-find",
    is_flag=True,
    help="Offer the page /find: paste a text, see which actions it mentions. It takes up to 2 s of processor time a text.",
)
def serve(run: Run, host: str, port: int, watch: bool, memory: int, with_find: bool) -> None:
    """Publish kb.db with Datasette, hardened for the public."""
    if with_find:
        import policykb.finding.judge
        import policykb.finding.reading  # noqa: F401  # their packages are an extra
        from policykb.site.finder import VARIABLE

        os.environ[VARIABLE] = "1"
    from policykb.site.serve import Service, refuse_taken_port
    from policykb.site.serve import serve as publish

    db = run.built()
    refuse_taken_port(host, port)
    if watch and not run.policies.is_dir():
        report(f"{run.policies} does not exist; {db.name} is served without watching it")
        watch = False
    sys.exit(publish(Service(db, host, port, memory, run.day), run.policies if watch else None))
