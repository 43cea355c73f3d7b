"""What the commands share: their options, how errors end them, progress, and the writing of changes.

Data goes to standard output, messages to standard error. Exit status 0: fine; 1: problems in the content;
2: wrong use; 3: the machine would not let it be done (disk, permission, another load).
"""

import contextlib
import functools
import json
import os
import re
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from policykb.files.reader import PENDING, declared
from policykb.model import dates
from policykb.model.problems import (
    ERROR,
    FAILED,
    PROBLEMS,
    ConflictError,
    InvalidInputError,
    NotInstalledError,
    PolicykbError,
    Problem,
    has_errors,
)
from policykb.model.vocabulary import with_declared
from policykb.text import plural

if TYPE_CHECKING:
    from sqlite_utils import Database


def day(value: str) -> str:
    """Return a full day, written as 2026-06-15. :raises click.BadParameter: if it is none."""
    if dates.is_day(value):
        return value
    near = dates.day_meant(value)
    hint = f". Did you mean {near}?" if near else ""
    raise click.BadParameter(f"{value!r} is not a day; write it as 2026-06-15{hint}")


@dataclass(frozen=True)
class Run:
    """What a command works on: the knowledge, the database, the day, and whether it may write.

    `day` is the value of --today, None without it.
    """

    policies: Path
    db: Path
    day: str | None
    yes: bool = False
    dry_run: bool = False

    @property
    def today(self) -> str:
        """The day to take for today."""
        return self.day or dates.today().isoformat()

    def knowledge(self) -> Path:
        """Return the folder of the knowledge. :raises InvalidInputError: if there is none."""
        if not self.policies.is_dir():
            raise InvalidInputError(f"{self.policies} does not exist; name it with --policies")
        return self.policies

    def built(self) -> Path:
        """Return the database.

        :raises InvalidInputError: if there is none.
        :raises PolicykbError: if it is damaged, or not a knowledge base of this version.
        """
        if not self.db.is_file():
            raise InvalidInputError(f"{self.db} does not exist; build it with: policykb load")
        from policykb.read.database import verify

        verify(self.db)
        return self.db

    @contextlib.contextmanager
    def opened(self) -> Iterator["Database"]:
        """Yield the database, open for reading. Raises as `built` does."""
        from policykb.read.database import connect

        with connect(self.built()) as database:
            yield database

    def id_of(self, text: str, *kinds: str) -> str:
        """Return the id of the record of `kinds` that `text` means; `text` if there is none.

        :raises InvalidInputError: if it can mean several records.
        """
        from policykb.contribute.resolve import References
        from policykb.files.catalogue import Catalogue

        # The id of a part, such as us-eo-14409#issued, names its record.
        if re.search("[#@]", text) or text in Catalogue.read(self.policies, ids_only=True):
            return text
        return References(self.policies).known(text, kinds) or text


def _remember(key: str) -> Callable[[click.Context, click.Parameter, bool], None]:
    """Return a callback that stores the value of an option in the context, where functions far from the command find it."""

    def remember(ctx: click.Context, param: click.Parameter, value: bool) -> None:
        ctx.meta[key] = value

    return remember


STDIN = "standard input"  # the name of the file - in messages
FILE = click.Path(path_type=Path, dir_okay=False)
FOLDER = click.Path(path_type=Path, file_okay=False)
EXISTING_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)
EXISTING_FOLDER = click.Path(path_type=Path, file_okay=False, exists=True)
INPUT = click.Path(path_type=Path, dir_okay=False, exists=True, allow_dash=True)
report = functools.partial(click.echo, err=True)  # prints a message
JSON, _FORCE = "policykb.json", "policykb.force"
AS_JSON = click.option(
    "--json",
    is_flag=True,
    expose_value=False,
    callback=_remember(JSON),
    help="Print the outcome as one JSON object on standard output, also if it is an error.",
)


def as_json() -> bool:
    """Return whether the command that runs prints its outcome as JSON."""
    context = click.get_current_context(silent=True)
    return bool(context and context.meta.get(JSON))


def print_outcome(
    written: bool,
    changes: Sequence = (),
    problems: Sequence[Problem] = (),
    **also: object,
) -> None:
    """Print the outcome of a command with --json: what was written, the problems, and what `also` has."""
    from policykb.contribute.changes import diff

    files = []
    for path, before, after in changes:
        if before != after:
            state = "new" if before is None else "removed" if after is None else "changed"
            files.append({"path": path, "state": state, "records": _ids(path, before, after)})
    outcome = {"written": written, **also, "files": files, "diff": diff(changes)}
    outcome["problems"] = [problem.record() for problem in problems]
    print_json(outcome)


def _ids(path: str, before: bytes | None, after: bytes | None) -> list[str]:
    """Return the ids of the records that a change of a file changes."""
    from policykb.files.toml_edit import values

    if path.count("/") > 1:  # a file for each record
        return [Path(path).stem]
    old, new = (values((data or b"").decode()) for data in (before, after))
    return [key for key in old | new if old.get(key) != new.get(key)]


COMMON = (
    click.option(
        "--policies",
        type=FOLDER,
        envvar="POLICYKB_POLICIES",
        help="The knowledge (default: POLICYKB_POLICIES of the environment, or policies/ of this checkout).",
    ),
    click.option(
        "--db",
        type=FILE,
        help="The database (default: kb.db beside the knowledge).",
    ),
    click.option(
        "--today", type=day, help="The day to take for today (default: the clock, in UTC)."
    ),
)
CONFIRMING = (
    click.option(
        "-y",
        "--yes",
        is_flag=True,
        help="Write without asking; needed where there is no terminal.",
    ),
    click.option("--dry-run", is_flag=True, help="Show what would change and write nothing."),
    AS_JSON,
)


def format_option(
    choices: Iterable[str], help: str | None = None, default: str | None = None
) -> Callable:
    """Return the option --format, whose value is the argument `form`."""
    kind = click.Choice([*choices])
    return click.option("--format", "form", type=kind, default=default, help=help)


FORCE = click.option(
    "--force", is_flag=True, help="Overwrite a file that this command did not write."
)


def with_options(options: Sequence[Callable]) -> Callable:
    """Return a decorator that adds `options`, which the help lists in this order."""

    def decorate(function: Callable) -> Callable:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


def output_file(help: str, many: bool = False) -> Callable[[Callable], Callable]:
    """Return the options --output, which names a file to write (with `many` several), and --force."""

    def check(ctx: click.Context, param: click.Parameter, value: Path | tuple | None) -> object:
        for path in value if many else filter(None, [value]):
            refuse_existing(path, ctx.meta[_FORCE])
        return value

    output = click.option("-o", "--output", multiple=many, type=FILE, callback=check, help=help)
    # It is eager: its value is known when the files are looked at.
    overwriting = {
        "is_flag": True,
        "is_eager": True,
        "expose_value": False,
        "callback": _remember(_FORCE),
    }
    force = click.option("--force", help="Overwrite a file that exists.", **overwriting)
    return lambda function: output(force(function))


OUTPUT = output_file("The file to write (default: standard output).")


def refuse_existing(path: Path, force: bool) -> None:
    """Raise click.UsageError if a file to write exists and not `force`, or if there is no folder for it."""
    if path.is_file() and not force:
        raise click.UsageError(f"{path} exists; add --force to overwrite it")
    if not path.parent.is_dir():
        raise click.UsageError(f"{path}: there is no folder {path.parent}")


def format_of(output: Path, endings: Mapping[str, str]) -> str:
    """Return the format that the ending of a file to write names.

    :raises InvalidInputError: if it names none of `endings`.
    """
    if form := endings.get(output.suffix.lower()):
        return form
    known = ", ".join(endings)
    raise InvalidInputError(
        f"{output}: no format has this ending; add --format, or use one of {known}"
    )


def command(
    name: str | None = None, changes: bool = False, **attributes: object
) -> Callable[[Callable], click.Command]:
    """Make a command of a function that takes a Run first; an error ends it with a message and a status.

    With `changes` it has the options --yes and --dry-run. `attributes` are those of a click command.
    """

    def decorate(function: Callable) -> click.Command:
        @functools.wraps(function)
        def call(
            policies: Path | None,
            db: Path | None,
            today: str | None,
            yes: bool = False,
            dry_run: bool = False,
            **options: object,
        ) -> None:
            with failures():
                run = Run(*locations(policies, db), today, yes, dry_run)
                _recover(run.policies)
                with with_declared(declared(run.policies) if changes else {}):
                    function(run, **options)

        options = [*COMMON, *CONFIRMING] if changes else COMMON
        return click.command(name, **attributes)(with_options(options)(call))

    return decorate


def locations(policies: Path | None, db: Path | None) -> tuple[Path, Path]:
    """Return the knowledge and the database; without options those of the nearest folder upwards that holds `policies`."""
    here = Path.cwd()
    folders = (here, *here.parents)
    checkout = next((folder for folder in folders if (folder / "policies").is_dir()), here)
    policies = (policies or checkout / "policies").absolute()
    return policies, (db or policies.parent / "kb.db").absolute()


def _recover(policies: Path) -> None:
    """Complete a change of files that was interrupted, or take it back; where neither is possible `check` fails (S107)."""
    if not os.path.lexists(policies / PENDING):
        return
    from policykb.files.journal import recover

    try:
        if message := recover(policies):
            report(message)
    except ConflictError as error:
        print_problems(error.problems)
    except (PolicykbError, OSError) as error:
        report(f"an interrupted change of files could not be completed: {_in_words(error)}")


@contextlib.contextmanager
def failures() -> Iterator[None]:
    """Print why a command cannot go on, with the notes of the error, and end it with the status of the error."""
    try:
        yield
    except click.Abort:
        if as_json():
            print_outcome(False, error="the question was answered with no")
        raise
    except (InvalidInputError, click.UsageError) as error:
        message = error.format_message() if isinstance(error, click.UsageError) else str(error)
        if as_json():
            print_outcome(False, error=message)
        if isinstance(error, click.UsageError):
            raise
        raise click.UsageError(message) from None
    except (PolicykbError, OSError, sqlite3.Error) as error:
        status = getattr(error, "status", FAILED)
        message = "; ".join([_in_words(error), *getattr(error, "__notes__", ())])
        if as_json():
            print_outcome(False, problems=getattr(error, "problems", ()), error=message)
        if isinstance(error, ConflictError):
            print_problems(error.problems)
        else:
            report(f"Error: {message}")
        if status == PROBLEMS:
            report("nothing was written")
        sys.exit(status)


def _in_words(error: Exception) -> str:
    """Return the message of an error, that of the system with the path first and without its number."""
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{os.fsdecode(error.filename)}: {error.strerror[:1].lower()}{error.strerror[1:]}"
    return str(error)


@contextlib.contextmanager
def missing_packages() -> Iterator[None]:
    """Print which extra installs a package that is missing, and end the command."""
    try:
        yield
    except ModuleNotFoundError as error:
        with failures():
            raise _missing(error) from None


# The packages that are imported by another name than their own.
_PACKAGES = {"pypandoc": "pypandoc-binary", "slugify": "python-slugify"}


def _missing(error: ModuleNotFoundError) -> NotInstalledError:
    """Return which extra installs the missing package; raise `error` again if no extra does."""
    from importlib.metadata import requires

    module = str(error.name).partition(".")[0]
    package = _PACKAGES.get(module, module.replace("_", "-"))
    for requirement in requires("policykb") or ():
        extra = re.fullmatch(rf"{package}\b[^-].*\bextra == ['\"](\w+)['\"]", requirement)
        if extra and extra[1] != "test":
            return NotInstalledError(package, extra[1])
    raise error


@contextlib.contextmanager
def naming(option: str) -> Iterator[None]:
    """Begin the message of wrong input with the `option` that it was given to."""
    try:
        yield
    except InvalidInputError as error:
        raise InvalidInputError(f"{option}: {error}") from None


def site_address(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """Return the address of a site on the web. :raises click.BadParameter: for anything else."""
    if value is None:
        return None
    try:
        parts = urlsplit(value)
    except ValueError:
        parts = urlsplit("")
    is_place = parts.scheme in ("https", "http") and parts.hostname
    if not is_place or parts.query or parts.fragment or set(value) & set(" \"'<>\\"):
        raise click.BadParameter(
            f"{value!r} is not the address of a site; write it as https://example.org/folder/"
        )
    return value


def base_url(help: str) -> Callable:
    """Return the option --base-url."""
    return click.option("--base-url", callback=site_address, help=help)


def published_at(base_url: str | None) -> str:
    """Return the value of --base-url; without it that of `policykb serve` on this machine, with a remark."""
    from policykb.references.citation import BASE_URL

    if not base_url:
        report(f"addresses begin with {BASE_URL}; --base-url says where they are published")
    return base_url or BASE_URL


@contextlib.contextmanager
def progress_bar(label: str) -> Iterator[Callable[[int, int], None]]:
    """Yield a function to report progress to: a bar on a terminal, a plain line now and then elsewhere."""
    if not sys.stderr.isatty():
        tenths = 0

        def show(count: int, total: int) -> None:
            nonlocal tenths
            if total >= 2000 and count * 10 // total > tenths:
                tenths = count * 10 // total
                report(f"{label}: {count:,} of {total:,} files")

        yield show
        return
    with click.progressbar(length=1, label=label, file=sys.stderr) as bar:

        def show(count: int, total: int) -> None:
            bar.length = total
            bar.update(count - bar.pos)

        yield show


def read_input(file: Path, most: int) -> bytes:
    """Return the bytes of a file, or of standard input for `-`; at most one byte more than `most`."""
    with click.open_file(str(file), "rb") as opened:
        return opened.read(most + 1)


def print_json(value: object) -> None:
    """Print a value as JSON on standard output."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=1))


def write_output(data: bytes, output: Path | None) -> None:
    """Write the output of a command to the file `output`, or to standard output."""
    if output:
        output.write_bytes(data)
        report(f"wrote {output}")
    else:
        sys.stdout.buffer.write(data)


def print_problems(problems: Sequence[Problem], form: str = "text", limit: int = 200) -> None:
    """Print problems: machine forms whole on standard output, text on standard error, the first ones only."""
    if form == "json":
        print_json([problem.record() for problem in problems])
    elif form == "github":
        for problem in problems:
            click.echo(problem.github())
    else:
        if problems:
            report("\n".join(map(_colored, problems[:limit])))
        if len(problems) > limit:
            report(f"... and {len(problems) - limit:,} more; --json lists all")


def _colored(problem: Problem) -> str:
    """Return a problem as a line whose code has a color."""
    place, _, rest = problem.text().partition(f" {problem.code} ")
    color = "red" if problem.severity == ERROR else "yellow"
    return f"{place} {click.style(problem.code, fg=color)} {rest}"


def _colored_diff(text: str) -> str:
    """Return a diff whose new lines are green and whose old lines are red."""
    colors = {"+": "green", "-": "red", "@": "cyan"}
    lines = text.splitlines(keepends=True)
    return "".join(click.style(line, fg=colors.get(line[0])) for line in lines)


def carry_out(
    run: Run,
    changes: Sequence,
    problems: Sequence[Problem] | None = None,
    unjudged: bool = False,
    beside: Sequence = (),
    confirm: Callable[[], bool] | None = None,
    **also: object,
) -> bool:
    """Show `changes` as a diff, judge them, ask, and make them; return whether they were made.

    `problems` are those that the changes add, if they were judged before. `unjudged` changes are made even if
    they break rules, which is right where they can only correct the knowledge. `beside` are changes of files that are not part of the
    knowledge; they are made too and not shown. `confirm` asks instead of a question that is answered by yes or no. `also` is
    what else --json prints.
    :raises ConflictError: if they would make the knowledge base invalid.
    """
    from policykb.contribute.changes import diff, judged, state, write_judged
    from policykb.contribute.undo import remembered

    text = diff(changes)
    beside = [change for change in beside if change.before != change.after]
    if not text and not beside:
        return _unwritten("nothing to change", also)
    if not as_json():
        click.echo(_colored_diff(text), nl=False)
    seen = None
    if text and not unjudged:
        seen = state(run.policies)
        if problems is None:
            problems = judged(run.policies, run.today, changes)
        if has_errors(problems):
            raise ConflictError(problems)
        print_problems(problems)
    if run.dry_run:
        return _unwritten("nothing was written (--dry-run)", also, changes, problems)
    if not _is_agreed(run, confirm):
        return False
    with remembered(run.policies, [*changes, *beside]):
        write_judged(run.policies, run.today, changes, seen, beside)
    if as_json():
        print_outcome(True, changes, problems or (), **also)
    _report_written(run, changes, beside)
    return True


def _report_written(run: Run, changes: Sequence, beside: Sequence) -> None:
    """Print the files that were written."""
    for path, before, after in changes:
        if before != after:
            report(f"{'wrote' if after is not None else 'removed'} {path}")
    if beside:
        place = f"{run.policies.name}/.imported"
        files = plural(len(beside), "file")
        report(f"wrote {files} under {place}, which store what the sources said")


def _unwritten(
    message: str, also: dict, changes: Sequence = (), problems: Sequence[Problem] | None = None
) -> bool:
    """Report that nothing was written, and why."""
    if as_json():
        print_outcome(False, changes, problems or (), **also)
    report(message)
    return False


def _is_agreed(run: Run, confirm: Callable[[], bool] | None) -> bool:
    """Return whether the changes are to be made; a "no" to the plain question ends the command."""
    if run.yes:
        return True
    if not sys.stdin.isatty():
        raise click.UsageError(
            "there is no terminal to ask at; add --yes to write, or --dry-run to look only"
        )
    if confirm:
        return confirm()
    click.confirm("Write this?", abort=True, err=True)
    return True
