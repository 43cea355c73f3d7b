"""Git: the steps by which the files came to be what they are, from the first to the newest.

A step is a commit on the main line that touches policies/. The main line goes from a merge to its first parent, so that
each state between two steps was once the published one; what was merged counts as one step.
"""

import datetime
import os
import subprocess
from typing import NamedTuple

from policykb.history.git import Repository, git
from policykb.model.vocabulary import CHANGE_CLASSES, ids

_CLASSES = ids(CHANGE_CLASSES)
_PLAIN = ("100644", "100755")


class Step(NamedTuple):
    """A commit: its hash, time (UTC, ISO), the first line of its message, the class it states (or ''), and files.

    Files are `(path, content before, content after)` with ids of contents, '' where there is no plain file.
    """

    hash: str
    time: str
    subject: str
    stated: str
    files: list[tuple[str, str, str]]


def line(repository: Repository) -> list[str]:
    """The commits of the main line, the newest first; none in a checkout without commits."""
    try:
        git(repository.root, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    except subprocess.CalledProcessError:
        return []
    return git(repository.root, "rev-list", "--first-parent", "HEAD").decode().split()


def cut(repository: Repository, oldest: str) -> bool:
    """Whether the history before `oldest` was not fetched (a shallow clone)."""
    if git(repository.root, "rev-parse", "--is-shallow-repository").strip() != b"true":
        return False
    place = os.fsdecode(git(repository.root, "rev-parse", "--git-path", "shallow").rstrip(b"\n"))
    return oldest in (repository.root / place).read_text(encoding="ascii").split()


def steps(repository: Repository, after: str = "") -> list[Step]:
    """The steps that follow the commit `after` of the main line, or all; the oldest first."""
    reach = f"{after}..HEAD" if after else "HEAD"
    told = git(
        repository.root,
        "log",
        "--no-show-signature",
        "--topo-order",
        "-z",
        "--format=%H%n%P%n%ct%n%s%n%(trailers:key=Change,valueonly,unfold,separator=%x2C)",
        reach,
    )
    commits = {
        hash: rest
        for hash, *rest in (
            entry.split("\n", 4) for entry in told.decode(errors="replace").split("\0") if entry
        )
    }
    files = _files(repository, reach)
    found, seen = [], set()
    for hash in reversed(_main(commits)):
        parents, time, subject, trailer = commits[hash]
        merged = _merged(commits, parents.split()[1:], seen)
        seen |= merged | {hash}
        if hash in files:
            stated = _stated([trailer]) or _stated([commits[other][3] for other in merged])
            if len(merged) == 1:
                subject = commits[next(iter(merged))][
                    2
                ]  # what a merge of one commit says itself is only that it is one
            when = datetime.datetime.fromtimestamp(int(time), datetime.UTC).strftime(
                "%Y-%m-%dT%H:%M:%SZ"
            )
            found.append(
                Step(
                    hash,
                    when,
                    "".join(char if char.isprintable() else " " for char in subject)[:200],
                    stated,
                    files[hash],
                )
            )
    return found


def _main(commits: dict[str, list[str]]) -> list[str]:
    """The main line among `commits`, the newest first; that one is told first by git."""
    found = []
    hash = next(iter(commits), "")
    while hash in commits:
        found.append(hash)
        hash = commits[hash][0].partition(" ")[0]
    return found


def _merged(commits: dict[str, list[str]], parents: list[str], seen: set[str]) -> set[str]:
    """The commits that a merge brought to the main line."""
    found: set[str] = set()
    while parents:
        hash = parents.pop()
        if hash in commits and hash not in seen and hash not in found:
            found.add(hash)
            parents.extend(commits[hash][0].split())
    return found


def _stated(trailers: list[str]) -> str:
    """The one class that trailers state; '' if they state none or do not agree."""
    said = {word.strip().lower() for trailer in trailers for word in trailer.split(",")} & set(
        _CLASSES
    )
    return said.pop() if len(said) == 1 else ""


def _files(repository: Repository, reach: str) -> dict[str, list[tuple[str, str, str]]]:
    """The files that each commit of the main line changed, against its first parent."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    fields = iter(
        git(
            repository.root,
            "log",
            "--no-show-signature",
            "--first-parent",
            "-m",
            "--root",
            "--raw",
            "-z",
            "--no-abbrev",
            "--no-renames",
            "--no-ext-diff",
            "--no-textconv",
            "--ignore-submodules=all",
            "--format=%H",
            reach,
            *repository.within,
        ).split(b"\0")
    )
    listed: list[tuple[str, str, str]] = []
    for field in fields:
        said = field.strip(b"\n").decode(errors="replace")
        if said.startswith(":"):
            old_mode, new_mode, old, new, _ = said[1:].split(" ")
            path = f"{repository.policies.name}/{os.fsdecode(next(fields)).removeprefix(repository.prefix)}"
            listed.append(
                (path, old if old_mode in _PLAIN else "", new if new_mode in _PLAIN else "")
            )
        elif said:
            listed = found.setdefault(said, [])
    return found
