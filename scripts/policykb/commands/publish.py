"""Command that writes the site as static files: publish."""

import time
from pathlib import Path

import click

from policykb.commands.common import common, failures, places, progress_bar


def _address(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """An address that leads to the web.

    :raises click.BadParameter: for anything else.
    """
    from urllib.parse import urlsplit

    if value is None:
        return None
    try:
        parts = urlsplit(value)
    except ValueError:
        parts = urlsplit("")
    if (
        parts.scheme not in ("https", "http")
        or not parts.hostname
        or parts.query
        or parts.fragment
        or any(letter in value for letter in " \"'<>\\")
    ):
        raise click.BadParameter(
            f"{value!r} is not the address of a site; write it as https://example.org/folder/"
        )
    return value


@click.command()
@common
@click.option(
    "--static",
    "folder",
    required=True,
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write the whole site into DIR, as files that need no server.",
)
@click.option(
    "--base-url",
    "base",
    metavar="URL",
    callback=_address,
    help="Address of the copy: for citations, feeds and 404.html.",
)
@click.option(
    "--live",
    metavar="URL",
    callback=_address,
    help="A live site: linked wherever something needs a server.",
)
def publish(
    policies: Path | None,
    db: Path | None,
    today: str | None,
    folder: Path,
    base: str | None,
    live: str | None,
) -> None:
    """Write the whole site as static files, whole or not at all."""
    from policykb.model.problems import InvalidInputError
    from policykb.site.published import is_knowledge_base
    from policykb.site.static_copy.copying import publish as write_copy

    policies, db, today = places(policies, db, today)
    if not db.is_file():
        raise click.UsageError(f"{db} does not exist; build it with: policykb load")
    if not is_knowledge_base(str(db)):
        raise click.UsageError(f"{db} is not a knowledge base; build one with: policykb load")
    if folder.resolve() == policies.resolve() or policies.resolve() in folder.resolve().parents:
        raise click.UsageError(f"--static {folder}: policies/ holds the knowledge and nothing else")
    start = time.monotonic()
    with failures(), progress_bar("publishing") as progress:
        try:
            written = write_copy(db, folder, today, base, live, progress)
        except InvalidInputError as occupied:
            raise click.UsageError(f"--static {occupied}") from None
    click.echo(
        f"{folder}: {written.files:,} files, {written.bytes / 1e6:.1f} MB, in {time.monotonic() - start:.1f} s",
        err=True,
    )
