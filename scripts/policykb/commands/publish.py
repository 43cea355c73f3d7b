"""Command that writes the site as static files: publish."""

import time
from pathlib import Path

import click

from policykb.commands.common import (
    AS_JSON,
    FOLDER,
    Run,
    as_json,
    command,
    naming,
    print_outcome,
    progress_bar,
    report,
    site_address,
)
from policykb.model.problems import InvalidInputError


@command()
@AS_JSON
@click.option(
    "--static",
    "folder",
    required=True,
    metavar="DIR",
    type=FOLDER,
    help="Write the whole site into DIR, as files that need no server.",
)
@click.option(
    "--base-url",
    "base",
    metavar="URL",
    callback=site_address,
    help="Address of the copy: for citations, feeds and 404.html.",
)
@click.option(
    "--live",
    metavar="URL",
    callback=site_address,
    help="A live site: linked wherever something needs a server.",
)
def publish(run: Run, folder: Path, base: str | None, live: str | None) -> None:
    """Write the whole site as static files, whole or not at all."""
    from policykb.site.static_copy import receipt

    db, policies = run.built(), run.policies.resolve()
    if folder.resolve().is_relative_to(policies):
        raise InvalidInputError(
            f"--static {folder}: policies/ holds the knowledge and nothing else"
        )
    start = time.monotonic()
    with naming("--static"), progress_bar("publishing") as progress:
        copy = receipt.intact_copy(folder, receipt.origin(db, run.today, base, live))
        if copy is None:
            from policykb.site.static_copy.copying import publish as write_copy

            copy = write_copy(db, folder, run.today, base, live, progress)
    size, seconds = copy.bytes / 1e6, time.monotonic() - start
    changed = "all new" if copy.changed == copy.files else f"{copy.changed:,} new or changed"
    if as_json():
        print_outcome(
            True, folder=str(folder), count=copy.files, changed=copy.changed, bytes=copy.bytes
        )
    report(f"{folder}: {copy.files:,} files ({changed}), {size:.1f} MB, in {seconds:.1f} s")
