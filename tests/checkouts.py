"""Knowledge bases in git checkouts of their own, for tests that compare revisions. No network, no settings of the user."""

import os
import subprocess
from pathlib import Path

from conftest import Base

WHO = {
    f"GIT_{who}_{what}": "t@example.org"
    for who in ("AUTHOR", "COMMITTER")
    for what in ("NAME", "EMAIL")
}
DAY = "2026-01-01T00:00:00Z"


def git(folder: Path, *arguments: str, day: str = DAY) -> str:
    """Return what git prints in `folder`; a commit is of `day`, whatever its author's day is."""
    environment = {
        **os.environ,
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_SYSTEM": "/dev/null",
        **WHO,
        "GIT_AUTHOR_DATE": DAY,
        "GIT_COMMITTER_DATE": day,
    }
    return subprocess.run(
        ["git", "-C", str(folder), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def committed(base: Base, *message: str, day: str = DAY) -> None:
    """Commit all files of the base; its folder becomes a checkout with the branch main."""
    folder = base.policies.parent
    if not (folder / ".git").exists():
        git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    paragraphs = [part for text in message or ("State",) for part in ("--message", text)]
    git(folder, "commit", "--quiet", "--allow-empty", *paragraphs, day=day)
