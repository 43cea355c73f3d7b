"""Commands for those who review a change: diff."""

import json
from pathlib import Path

import click

from policykb.commands.common import common, failures, places


@click.command()
@common
@click.argument("rev", default="HEAD")
@click.argument("rev2", required=False)
@click.option(
    "--merge-base",
    is_flag=True,
    help="Compare with the commit at which REV and the other side parted, as a pull request does.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    show_default=True,
    help="How to show it; markdown fits into a comment on GitHub.",
)
@click.option(
    "--link",
    metavar="URL",
    default="",
    help="In markdown, what to put before the path of a file to link it.",
)
def diff(  # noqa: PLR0913
    policies: Path | None,
    db: Path | None,
    today: str | None,
    rev: str,
    rev2: str | None,
    merge_base: bool,
    form: str,
    link: str,
) -> None:
    """Say what changed in the knowledge from REV to REV2, or to the files as they are now."""
    from policykb.history import git as revisions
    from policykb.history import report
    from policykb.history.diff import compare

    policies, _, today = places(policies, db, today)
    if (
        link
        and not link.startswith(("https://", "http://"))
        or any(char in link for char in "()<> \\\"'\n")
    ):
        raise click.UsageError(
            f"--link {link!r}: write it as https://github.com/OWNER/REPOSITORY/blob/COMMIT/"
        )
    try:
        with failures():
            repository = revisions.repository(policies)
            before = revisions.commit(repository, rev)
            after = revisions.commit(repository, rev2) if rev2 is not None else None
            if merge_base:
                before = revisions.branching(repository, before, after or "HEAD")
                if before is None:
                    raise revisions.NoRevision(
                        f"'{rev}' and '{rev2 or 'HEAD'}' share no commit here; fetch more of the history"
                    )
            found = compare(policies, revisions.differing(repository, before, after), today)
    except revisions.NoRevision as error:
        raise click.UsageError(str(error)) from None
    now = rev2 or "the working tree"
    if form == "json":
        click.echo(json.dumps(report.data(found, rev, now, today), ensure_ascii=False, indent=1))
    else:
        click.echo(
            report.text(found) if form == "text" else report.markdown(found, rev, now, link),
            nl=False,
        )
