"""The command `init`: a new knowledge base about another subject."""

import shlex
import sys
from pathlib import Path

import click

from policykb.build.load import check
from policykb.commands.common import FOLDER, day, failures, print_problems, report
from policykb.contribute.starter import LICENSES, Answers, create, jurisdiction
from policykb.model import dates
from policykb.model.problems import InvalidInputError


@click.command()
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.option("--title", help="Name of the knowledge base.")
@click.option("--subject", help="What its policy actions are about, such as: rents and housing.")
@click.option(
    "--jurisdiction",
    "jurisdictions",
    multiple=True,
    metavar="CODE",
    help="Country or region by ISO 3166 code or name, such as US-CA; or CODE=NAME. May be given more than once.",
)
@click.option(
    "--license",
    "license",
    help=f"License of the content: {', '.join(LICENSES)}, or another with --license-url.",
)
@click.option("--license-url", "license_url", help="Address of the text of that license.")
@click.option("--repository", help="Address of the repository, if there is one.")
@click.option(
    "--examples/--no-examples",
    default=True,
    help="Begin with example records of every kind, in which each key is explained.",
)
@click.option("--today", type=day, help="The day to take for today (default: the clock, in UTC).")
def init(
    folder: Path,
    title: str | None,
    subject: str | None,
    jurisdictions: tuple[str, ...],
    license: str | None,
    license_url: str | None,
    today: str | None,
    **rest: object,
) -> None:
    """Make a new knowledge base in DIR: about.toml, example records, README, .gitignore and workflows.

    What no option gives is asked for where there is a terminal.
    """
    title = _answer(title, "Name of the knowledge base", "--title")
    subject = _answer(subject, "What are its policy actions about", "--subject", title)
    if not jurisdictions and sys.stdin.isatty():
        question = "Countries and regions by code or name, with semicolons between them"
        jurisdictions = click.prompt(
            question, default="", show_default=False, value_proc=_places, err=True
        )
    default = next(iter(LICENSES))
    license = _answer(license, f"License ({', '.join(LICENSES)}, ...)", "--license", default)
    by_name = {name.casefold(): name for name in LICENSES}
    license = by_name.get(license.casefold(), license)
    license_url = _answer(
        license_url or LICENSES.get(license), "Address of its text", "--license-url"
    )
    with failures():
        answers = Answers(title, subject, jurisdictions, license, license_url, **rest)
        paths = create(folder, answers)
        _report(folder, paths, today or dates.today().isoformat())


def _places(line: str) -> tuple[str, ...]:
    """Return the jurisdictions in one answer.

    :raises click.BadParameter: if one is not known, so that the question is asked again.
    """
    places = tuple(filter(None, (part.strip() for part in line.split(";"))))
    for place in places:
        try:
            jurisdiction(place)
        except InvalidInputError as error:
            raise click.BadParameter(str(error)) from None
    return places


def _answer(value: str | None, question: str, option: str, default: str = "") -> str:
    """Return an option, or the answer of a person; without a terminal the default.

    :raises click.UsageError: if there is none of them.
    """
    if value:
        return " ".join(value.split())
    if sys.stdin.isatty():
        return " ".join(click.prompt(question, default=default or None, err=True).split())
    if not default:
        raise click.UsageError(f"{option} is missing, and there is no terminal to ask at")
    return default


def _report(folder: Path, paths: list[str], today: str) -> None:
    """Check the new knowledge base, and print what was written and what to do next."""
    result = check(folder / "policies", today)
    print_problems(result.problems)
    report(f"wrote {len(paths)} files to {folder}; next:")
    for line in (f"cd {shlex.quote(str(folder))}", "policykb load", "policykb serve"):
        report(f"  {line}")
