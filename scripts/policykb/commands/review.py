"""The command for reviewers of a change: diff."""

import re

import click

from policykb.commands.common import Run, command, format_option, print_json
from policykb.model.problems import InvalidInputError, NotFoundError


@command()
@click.argument("rev", default="HEAD")
@click.argument("rev2", required=False)
@click.option(
    "--merge-base",
    is_flag=True,
    help="Compare with the commit at which REV and the other side parted, as a pull request does.",
)
@format_option(
    ("text", "markdown", "json"), "How to show it; markdown fits into a comment on GitHub.", "text"
)
@click.option(
    "--link",
    metavar="URL",
    help="In markdown, what to put before the path of a file to link it.",
)
def diff(
    run: Run, rev: str, rev2: str | None, merge_base: bool, form: str, link: str | None
) -> None:
    """List what changed in the knowledge from REV to REV2, or to the files as they are now."""
    from policykb.history import git, report
    from policykb.history.diff import compare

    if link and not re.fullmatch(r"https?://[^()<> \\\"'\n]*", link):
        raise InvalidInputError(
            f"--link {link!r}: write it as https://github.com/OWNER/REPOSITORY/blob/COMMIT/"
        )
    repository = git.repository(run.policies)
    before = git.commit(repository, rev)
    after = git.commit(repository, rev2) if rev2 is not None else None
    if merge_base:
        before = git.merge_base(repository, before, after or "HEAD")
        if before is None:
            raise NotFoundError(
                f"'{rev}' and '{rev2 or 'HEAD'}' share no commit here; fetch more of the history"
            )
    differences = compare(run.policies, git.differing(repository, before, after), run.today)
    now = rev2 or "the working tree"
    if form == "json":
        print_json(report.data(differences, rev, now, run.today))
    elif form == "markdown":
        click.echo(report.markdown(differences, rev, now, link or ""), nl=False)
    else:
        click.echo(report.text(differences), nl=False)
