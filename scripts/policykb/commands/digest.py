"""The command `policykb digest`: what happened for a choice of jurisdictions and topics, as a letter."""

import datetime
from pathlib import Path

import click

from policykb.commands.common import (
    Run,
    base_url,
    command,
    format_of,
    format_option,
    output_file,
    published_at,
    write_output,
)
from policykb.model import dates
from policykb.model.problems import InvalidInputError

FORMS = {".txt": "text", ".html": "html", ".htm": "html", ".eml": "mail"}


@command()
@click.option(
    "--since",
    default="7 days",
    metavar="DAY",
    help="The first day to look at, or how long ago: '30 days', '2 weeks'.",
)
@click.option(
    "--ahead",
    default="90 days",
    metavar="DAY",
    help="The last day due to look at, or how far ahead.",
)
@click.option("--jurisdiction", multiple=True, metavar="ID", help="Only these, with their parts.")
@click.option("--topic", multiple=True, metavar="ID", help="Only these, with their parts.")
@click.option(
    "--kind",
    multiple=True,
    help="Only status, event, upcoming, action, record or correction (default: the first four).",
)
@format_option(("text", "html", "mail"), "Default: by the ending of --output; else text.")
@click.option("--from", "sender", metavar="ADDRESS", help="The sender of a mail.")
@click.option("--to", multiple=True, metavar="ADDRESS", help="A recipient of a mail.")
@output_file("A file to write: .txt, .html or .eml (default: standard output).", many=True)
@base_url("Where the knowledge base is published; addresses lead there.")
def digest(
    run: Run,
    since: str,
    ahead: str,
    form: str | None,
    output: tuple[Path, ...],
    base_url: str | None,
    **options: tuple[str, ...],
) -> None:
    """Write what happened since a day, and what lies ahead, as text, HTML or a mail.

    It has events, status changes, days ahead and new actions in any of the jurisdictions and with any of the topics, as
    the page /following has them, and says how many corrections and other new records it leaves out. -o may be given
    more than once.
    """
    from policykb.exports import following

    forms = {path: form or format_of(path, FORMS) for path in output}
    sender, to = options["sender"] or "", options["to"]
    if "mail" in (form, *forms.values()) and not (sender and to):
        raise click.UsageError("an e-mail needs --from ADDRESS and --to ADDRESS")
    for address in (sender, *to):
        if not address.isprintable():
            raise InvalidInputError(f"{address!r} is not an address; write it as me@example.org")
    chosen = (_values(options[name]) for name in ("jurisdiction", "topic", "kind"))
    choice = following.Choice(*chosen, days=_days(run, since), ahead=_days(run, ahead, ahead=True))
    with run.opened() as db:
        if messages := following.unknown(db, choice):
            raise InvalidInputError(" ".join(messages))
        letter = following.digest(db, choice, run.today, published_at(base_url))
    contents = {"text": letter.text.encode, "html": letter.html.encode}
    contents["mail"] = lambda: following.message(letter, run.today, sender, to)
    for path, name in (forms or {None: form or "text"}).items():
        write_output(contents[name](), path)


def _values(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Return the values of an option that may be repeated, or have several separated by commas."""
    return tuple(part.strip() for text in texts for part in text.split(",") if part.strip())


def _days(run: Run, text: str, ahead: bool = False) -> int:
    """Return how many days a day is before today, or after it if `ahead`.

    :raises InvalidInputError: for a text that is no such day.
    """
    option = "ahead" if ahead else "since"
    day = dates.away(text, run.today, ahead) or text
    if not dates.is_day(day):
        raise InvalidInputError(f"--{option} {text!r} is not a day; write 2026-06-15 or '30 days'")
    today, other = (datetime.date.fromisoformat(value) for value in (run.today, day))
    days = (other - today).days if ahead else (today - other).days
    if days < 0:
        raise InvalidInputError(f"--{option} {day} is in the {'past' if ahead else 'future'}")
    return days
