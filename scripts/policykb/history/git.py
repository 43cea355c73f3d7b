"""Git, in the only module that starts it: revisions, files that differ, contents, and the steps of the history.

Git gets fixed arguments, limited time and no network; it never writes. A state is a commit, or the files as they are now
(None). A path is that of a file of the knowledge base: `policies/actions/<id>.toml`. A blob is the id of a content.
"""

import datetime
import io
import os
import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from policykb.files.reader import MOST_TABLE_BYTES, FileRef, read
from policykb.model.problems import NotFoundError, did_you_mean, nearest, shown
from policykb.model.vocabulary import CHANGE_CLASSES, ids

MOST_SECONDS = 120
# No program of the configuration's choice starts, and no path is a pattern.
_OPTIONS = (
    "--no-pager --no-replace-objects --literal-pathspecs"
    " -c core.fsmonitor=false -c core.hooksPath=/dev/null -c core.quotePath=false"
).split()
_RAW = (
    "--raw -z --no-abbrev --no-renames --no-ext-diff --no-textconv --ignore-submodules=all".split()
)
_LOG = ("log", "--no-show-signature")
# A hook or a wrapper may have set these for another place; the folder alone decides where git looks.
_ELSEWHERE = (
    "GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_PREFIX GIT_OBJECT_DIRECTORY GIT_NAMESPACE".split()
)
_SETTINGS = {
    "LC_ALL": "C",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
}
_FILE_MODES = ("100644", "100755")
_STEP_FORMAT = "%H%n%P%n%ct%n%s%n%(trailers:key=Change,valueonly,unfold,separator=%x2C)"
_CLASSES = frozenset(ids(CHANGE_CLASSES))


class Repository(NamedTuple):
    """A git checkout: its folder, and where in it the folder `policies` is (with a slash at the end)."""

    root: Path
    prefix: str
    policies: Path

    @property
    def scope(self) -> tuple[str, ...]:
        """Return the end of a command that asks about the folder `policies` only."""
        return ("--", self.prefix) if self.prefix else ("--",)

    def path(self, name: bytes) -> str:
        """Return the path of a file for its name in the checkout."""
        return f"{self.policies.name}/{os.fsdecode(name).removeprefix(self.prefix)}"


class Differing(NamedTuple):
    """A file that differs between two states, with its content in each.

    None means that there is no such file; text instead of bytes says why the content is not available.
    """

    path: str
    before: bytes | str | None
    after: bytes | str | None


class FileChange(NamedTuple):
    """A file that differs between two states, with its blobs: None without a file, '' for other than a plain file."""

    path: str
    old: str | None
    new: str | None


class Step(NamedTuple):
    """A commit: its hash, time (UTC, ISO), first line of the message, the class that it states (or ''), and files."""

    hash: str
    time: str
    subject: str
    stated: str
    files: list[FileChange]


class _Logged(NamedTuple):
    hash: str
    parents: str
    time: str
    subject: str
    trailer: str


def git(folder: Path, *arguments: str, stdin: bytes = b"", check: bool = True) -> bytes:
    """Return the output of git.

    :raises subprocess.CalledProcessError: if it fails, unless `check` is false.
    :raises OSError: if it does not end in time.
    :raises NotFoundError: if it is not installed.
    """
    environment = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}
    try:
        return subprocess.run(
            ["git", "-C", str(folder), *_OPTIONS, *arguments],
            env=environment | _SETTINGS,
            input=stdin,
            capture_output=True,
            timeout=MOST_SECONDS,
            check=check,
        ).stdout
    except FileNotFoundError:
        raise NotFoundError("git is not installed; it is needed to read revisions") from None
    except subprocess.TimeoutExpired:
        raise OSError(f"git {arguments[0]} did not finish within {MOST_SECONDS} seconds") from None


def repository(policies: Path) -> Repository:
    """Return the git checkout that contains the folder `policies`.

    :raises NotFoundError: if there is none, or git is not installed.
    """
    folder = policies if policies.is_dir() else policies.parent
    message = f"{folder} is not in a git checkout, so there is no revision to read"
    place = folder.resolve()
    if not any(os.path.exists(parent / ".git") for parent in (place, *place.parents)):
        raise NotFoundError(message)  # without the start of a process
    try:
        output = git(folder, "rev-parse", "--show-toplevel", "--show-prefix")
    except subprocess.CalledProcessError as error:
        if b"dubious ownership" in error.stderr:
            message = f"git refuses {folder}: it belongs to another user; see safe.directory in the manual of git config"
        raise NotFoundError(message) from None
    root, prefix, *_ = os.fsdecode(output).split("\n")
    if folder is not policies:
        prefix += f"{policies.name}/"
    return Repository(Path(root), prefix, policies)


def commit(repository: Repository, revision: str) -> str:
    """Return the full hash of the commit that `revision` names.

    :raises NotFoundError: if there is none; with the nearest branch or tag.
    """
    name = shown(revision)
    if not re.fullmatch("[^-].{0,249}", revision) or not revision.isprintable():
        raise NotFoundError(f"'{name}' cannot be a revision; give a branch, a tag or a commit")
    if ".." in revision:
        raise NotFoundError(f"'{name}' is a range; give two revisions, or --merge-base")
    try:
        output = git(repository.root, "rev-parse", "--verify", "--quiet", revision + "^{commit}")
        return output.decode().strip()
    except subprocess.CalledProcessError:
        format_, count = "--format=%(refname:lstrip=2)", "--count=5000"
        places = ("refs/heads", "refs/tags", "refs/remotes")
        names = git(repository.root, "for-each-ref", format_, count, *places)
        if name == "HEAD":
            raise NotFoundError("this repository has no commit yet") from None
        near = nearest(revision, ["HEAD", *names.decode(errors="replace").splitlines()])
        hint = did_you_mean(near, "`git branch -a` and `git tag` list them")
        raise NotFoundError(f"there is no revision '{name}'{hint}") from None


def merge_base(repository: Repository, item: str, other: str = "HEAD") -> str | None:
    """Return the commit at which two commits parted; None if they share none (or it was not fetched)."""
    try:
        return git(repository.root, "merge-base", item, other).decode().split("\n")[0]
    except subprocess.CalledProcessError:
        return None


def differing(repository: Repository, before: str, after: str | None = None) -> Iterator[Differing]:
    """Yield each file that differs between two states, by path."""
    ends = (before,) if after is None else (before, after)
    changes = {change.path: change for change in _changes(repository, "diff", *ends)[""]}
    if after is None:
        names = git(repository.root, "ls-files", "--others", "-z", *repository.scope).split(b"\0")
        for path in (repository.path(name) for name in names if name and not name.endswith(b"/")):
            changes.setdefault(path, FileChange(path, None, None))
    blobs = [change.old for change in changes.values()]
    if after is not None:
        blobs += [change.new for change in changes.values()]
    content = {None: None, "": "is not a plain file", **contents(repository, blobs)}
    for path, old, new in sorted(changes.values(), key=lambda change: change.path):
        now = _content_now(repository, path) if after is None else content[new]
        if content[old] != now:
            yield Differing(path, content[old], now)


def _content_now(repository: Repository, path: str) -> bytes | str | None:
    """Return the content of a file now; links are not followed."""
    place = repository.policies.parent / path
    if not os.path.lexists(place):
        return None
    content = read(FileRef("", "", "", str(place)))
    return content if isinstance(content, bytes) else content.message


def _changes(repository: Repository, *command: str) -> dict[str, list[FileChange]]:
    """Return the files that `command` lists as changed, by commit; under '' for a command that names no commits."""
    files: list[FileChange] = []
    by_commit = {"": files}
    fields = iter(git(repository.root, *command, *_RAW, *repository.scope).split(b"\0"))
    for field in fields:
        head = field.strip(b"\n").decode(errors="replace")
        if head.startswith(":"):
            old_mode, new_mode, old, new, _ = head[1:].split(" ")
            path = repository.path(next(fields))
            files.append(FileChange(path, _blob(old_mode, old), _blob(new_mode, new)))
        elif head:
            files = by_commit.setdefault(head, [])
    return by_commit


def _blob(mode: str, blob: str) -> str | None:
    if not mode.strip("0"):
        return None
    return blob if mode in _FILE_MODES else ""


def files_in(repository: Repository, commit: str) -> dict[str, str]:
    """Return every plain file of the knowledge base in a commit: path -> blob."""
    blobs = {}
    output = git(repository.root, "ls-tree", "-r", "-z", "--full-tree", commit, *repository.scope)
    for entry in output.split(b"\0"):
        head, _, name = entry.partition(b"\t")
        mode, _, blob = head.decode().partition(" ")
        if name and mode in _FILE_MODES:
            blobs[repository.path(name)] = blob.split(" ")[1]
    return blobs


def contents(repository: Repository, blobs: Iterable[str | None]) -> dict[str, bytes | str]:
    """Return the content of each blob, or in words why it is not available. A blob that is too large is not read."""
    wanted = [blob for blob in dict.fromkeys(blobs) if blob and blob.strip("0")]
    result: dict[str, bytes | str] = dict.fromkeys(wanted, "is not in this clone")
    small = []
    for line in _cat(repository, "--batch-check", wanted).decode(errors="replace").splitlines():
        blob, kind, *size = line.split()
        if kind == "blob" and int(size[0]) <= MOST_TABLE_BYTES:
            small.append(blob)
        elif kind == "blob":
            result[blob] = f"has {int(size[0]):,} bytes"
    output = io.BytesIO(_cat(repository, "--batch", small))
    while head := output.readline():
        blob, _, length = head.decode().split()
        result[blob] = output.read(int(length))
        output.read(1)
    return result


def _cat(repository: Repository, mode: str, blobs: list[str]) -> bytes:
    if not blobs:
        return b""
    names = "".join(f"{blob}\n" for blob in blobs).encode()
    return git(repository.root, "cat-file", mode, stdin=names, check=False)


def folder(repository: Repository) -> Path:
    """Return the folder `.git`, which all worktrees share."""
    output = git(repository.root, "rev-parse", "--git-common-dir")
    return repository.root / os.fsdecode(output.rstrip(b"\n"))


def main_line(repository: Repository) -> list[str]:
    """Return the commits of the main line, the newest first; none in a checkout without commits.

    The main line goes from a merge to its first parent, so that each state on it was once the published one.
    """
    command = ("rev-list", "--first-parent", "HEAD")
    return git(repository.root, *command, check=False).decode().split()


def is_cut(repository: Repository, oldest: str) -> bool:
    """Return whether `oldest`, which the main line ends with, has a parent that was not fetched (a shallow clone)."""
    head, _, _ = git(repository.root, "cat-file", "commit", oldest).partition(b"\n\n")
    return b"\nparent " in head


def steps(repository: Repository, after: str = "") -> list[Step]:
    """Return the commits of the main line that touch policies/, after the commit `after` or all, the oldest first.

    A merge is one step, with all that it brings.
    """
    reach = f"{after}..HEAD" if after else "HEAD"
    output = git(repository.root, *_LOG, "--topo-order", "-z", f"--format={_STEP_FORMAT}", reach)
    entries = filter(None, output.decode(errors="replace").split("\0"))
    commits = {entry.split("\n")[0]: _Logged(*entry.split("\n", 4)) for entry in entries}
    command = (*_LOG, "--first-parent", "-m", "--root", "--format=%H", reach)
    files = _changes(repository, *command)
    result, seen = [], set()
    for entry in reversed(_first_parents(commits)):
        merged = _merged(commits, entry, seen)
        seen |= {entry.hash, *merged}
        if entry.hash not in files:
            continue
        others = [commits[commit] for commit in merged]
        # The message of a merge of one commit says only that it is a merge.
        subject = others[0].subject if len(others) == 1 else entry.subject
        result.append(
            Step(
                entry.hash,
                f"{datetime.datetime.fromtimestamp(int(entry.time), datetime.UTC):%Y-%m-%dT%H:%M:%SZ}",
                "".join(char if char.isprintable() else " " for char in subject)[:200],
                _stated([entry]) or _stated(others),
                files[entry.hash],
            )
        )
    return result


def _first_parents(commits: dict[str, _Logged]) -> list[_Logged]:
    """Return the main line among `commits`, the newest first, as git lists it."""
    line = []
    commit = next(iter(commits), "")
    while commit in commits:
        line.append(commits[commit])
        commit = commits[commit].parents.partition(" ")[0]
    return line


def _merged(commits: dict[str, _Logged], merge: _Logged, seen: set[str]) -> set[str]:
    """Return the commits that a merge brought to the main line."""
    merged: set[str] = set()
    parents = merge.parents.split()[1:]
    while parents:
        commit = parents.pop()
        if commit in commits and commit not in seen and commit not in merged:
            merged.add(commit)
            parents.extend(commits[commit].parents.split())
    return merged


def _stated(commits: list[_Logged]) -> str:
    """Return the one class that commits state; '' if they state none or do not agree."""
    words = ",".join(commit.trailer for commit in commits).lower().split(",")
    stated = _CLASSES.intersection(word.strip() for word in words)
    return next(iter(stated)) if len(stated) == 1 else ""
