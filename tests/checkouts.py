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
WHEN = {f"GIT_{who}_DATE": "2026-01-01T00:00:00Z" for who in ("AUTHOR", "COMMITTER")}


def git(folder: Path, *arguments: str) -> str:
    """What git says in `folder`."""
    environment = {
        **os.environ,
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_SYSTEM": "/dev/null",
        **WHO,
        **WHEN,
    }
    return subprocess.run(
        ["git", "-C", str(folder), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def committed(base: Base) -> None:
    """Commit all files of the base; its folder becomes a checkout with the branch main."""
    folder = base.policies.parent
    if not (folder / ".git").exists():
        git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "State")
