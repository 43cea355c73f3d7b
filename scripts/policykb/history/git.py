"""Git: which files of the knowledge base differ between two states, and what they held.

Git is asked with fixed arguments, bounded time and no network; it never writes. A state is a commit, or the files as they are
now (None).
"""

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, NamedTuple

from policykb.files.catalogue import Earlier
from policykb.files.reader import MOST_TABLE_BYTES, FileRef, knowledge, parse, read
from policykb.model.problems import nearest, shown
from policykb.model.records import FOLDERS, TABLES

MOST_SECONDS = 120
# Where git looks is said by the folder alone; a hook or a wrapper may have set these for another place.
_ELSEWHERE = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_OBJECT_DIRECTORY",
    "GIT_NAMESPACE",
)
_FILE_MODES = ("100644", "100755")


class NoRevision(Exception):
    """There is no such revision, or no git checkout to look for it in; the message says which, and what is near."""


class Repository(NamedTuple):
    """A git checkout: its folder, and where in it the folder `policies` lies (with a closing slash)."""

    root: Path
    prefix: str
    policies: Path

    @property
    def within(self) -> tuple[str, ...]:
        """The end of a command that asks about that folder only."""
        return ("--", self.prefix) if self.prefix else ("--",)


class Differing(NamedTuple):
    """A file that differs between two states: its path (`policies/actions/<id>.toml`) and what it held.

    None: there was no such file. Text instead of bytes: why the content cannot be had.
    """

    path: str
    before: bytes | str | None
    after: bytes | str | None


def repository(policies: Path) -> Repository:
    """The git checkout that holds the folder `policies`.

    :raises NoRevision: if it is in none, or git is not installed.
    """
    folder = policies if policies.is_dir() else policies.parent
    try:
        said = (
            git(folder, "rev-parse", "--show-toplevel", "--show-prefix")
            .decode(errors="surrogateescape")
            .split("\n")
        )
    except subprocess.CalledProcessError as error:
        reason = error.stderr.decode(errors="replace")
        if "dubious ownership" in reason:
            raise NoRevision(
                f"git refuses {folder}: it belongs to another user; see safe.directory in the manual of git config"
            ) from None
        raise NoRevision(
            f"{folder} is not in a git checkout, so there is no other revision to compare with"
        ) from None
    return Repository(
        Path(said[0]), said[1] if folder is policies else f"{said[1]}{policies.name}/", policies
    )


def commit(repository: Repository, revision: str) -> str:
    """The commit that `revision` names, in full.

    :raises NoRevision: if it names none; with the nearest branch or tag.
    """
    told = shown(revision)
    if (
        not revision
        or revision.startswith("-")
        or not revision.isprintable()
        or len(revision) > 250
    ):
        raise NoRevision(f"'{told}' cannot be a revision; give a branch, a tag or a commit")
    if ".." in revision:
        raise NoRevision(f"'{told}' is a range; give two revisions, or --merge-base")
    try:
        return (
            git(repository.root, "rev-parse", "--verify", "--quiet", revision + "^{commit}")
            .decode()
            .strip()
        )
    except subprocess.CalledProcessError:
        listed = git(
            repository.root,
            "for-each-ref",
            "--format=%(refname:lstrip=2)",
            "--count=5000",
            "refs/heads",
            "refs/tags",
            "refs/remotes",
        ).decode(errors="replace")
        near = nearest(revision, ["HEAD", *listed.splitlines()])
        raise NoRevision(
            f"there is no revision '{told}'"
            + (
                f"; did you mean '{near}'?"
                if near
                else "; `git branch -a` and `git tag` list those there are"
            )
        ) from None


def branching(repository: Repository, one: str, other: str = "HEAD") -> str | None:
    """The commit at which the history of two commits parted, or None if they share none (or it was not fetched)."""
    try:
        return git(repository.root, "merge-base", one, other).decode().split("\n")[0]
    except subprocess.CalledProcessError:
        return None


def differing(repository: Repository, before: str, after: str | None = None) -> Iterator[Differing]:
    """Each file of the knowledge base that differs between the commits `before` and `after`, or the files as they are now, by path."""
    paths: dict[str, tuple[str, str, str, str]] = {}
    ends = (before,) if after is None else (before, after)
    fields = git(
        repository.root,
        "diff",
        "--raw",
        "-z",
        "--no-abbrev",
        "--no-renames",
        "--no-ext-diff",
        "--no-textconv",
        "--ignore-submodules=all",
        *ends,
        *repository.within,
    ).split(b"\0")
    for head, path in zip(fields[::2], fields[1::2], strict=False):
        old_mode, new_mode, old, new, _ = head.decode().lstrip(":").split(" ")
        paths[os.fsdecode(path)] = (old_mode, old, new_mode, new)
    if after is None:
        for path in git(repository.root, "ls-files", "--others", "-z", *repository.within).split(
            b"\0"
        ):
            name = os.fsdecode(path)
            if name and not name.endswith("/"):
                old_mode, old, _, _ = paths.get(name, ("000000", "", "", ""))
                paths[name] = (old_mode, old, "100644", "")
    named = {
        path: f"{repository.policies.name}/{path.removeprefix(repository.prefix)}" for path in paths
    }
    wanted = [
        id
        for old_mode, old, new_mode, new in paths.values()
        for mode, id in ((old_mode, old), (new_mode, new if after else ""))
        if mode in _FILE_MODES and id.strip("0")
    ]
    held = dict(blobs(repository, dict.fromkeys(wanted)))
    for path in sorted(paths):
        old_mode, old, new_mode, new = paths[path]
        now = _now(repository.root / path) if after is None else _then(held, new_mode, new)
        then = _then(held, old_mode, old)
        if then != now:
            yield Differing(named[path], then, now)


def _then(held: dict[str, bytes | str], mode: str, id: str) -> bytes | str | None:
    if not mode.strip("0"):
        return None
    return held[id] if mode in _FILE_MODES else "is not a plain file"


def _now(path: Path) -> bytes | str | None:
    """What a file holds now; links are not followed."""
    if not os.path.lexists(path):
        return None
    found = read(FileRef("", "", "", str(path)))
    return found if isinstance(found, bytes) else found.message


def listed(repository: Repository, commit: str) -> dict[str, str]:
    """Every plain file of the knowledge base in a commit: its path (`policies/actions/<id>.toml`) -> the id of its content."""
    found = {}
    for entry in git(
        repository.root, "ls-tree", "-r", "-z", "--full-tree", commit, *repository.within
    ).split(b"\0"):
        head, _, path = entry.partition(b"\t")
        if path and head.split(b" ")[0].decode() in _FILE_MODES:
            found[
                f"{repository.policies.name}/{os.fsdecode(path).removeprefix(repository.prefix)}"
            ] = head.split(b" ")[2].decode()
    return found


def earlier(repository: Repository, revision: str) -> Earlier:
    """The ids that the knowledge base had where the present commit left the history of `revision`, or in it if they share none.

    What others have added to `revision` since is not missing here.
    """
    end = commit(repository, revision)
    state = branching(repository, end) or end
    records: dict[str, tuple[str, str]] = {}
    redirects: dict[str, tuple[str, str]] = {}
    unread: list[str] = []
    tables: dict[str, list[FileRef]] = {}
    for path, content in listed(repository, state).items():
        source = knowledge(repository.policies, path)
        if not source:
            continue
        if source.kind in FOLDERS:
            records[source.id] = (source.kind, path)
        elif source.kind in TABLES:
            tables.setdefault(content, []).append(source)
    for content, held in blobs(repository, tables):
        for source in tables[content]:
            parsed = parse(source, held)[0] if isinstance(held, bytes) else []
            for _, id, path, _, record in parsed:
                if source.kind == "redirect":
                    redirects[id] = (record.to if record else "", path)
                else:
                    records[id] = (source.kind, path)
            if not parsed or not parsed[0].id:
                unread.append(source.path)
    records.pop("", None)
    redirects.pop("", None)
    return Earlier(revision, records, redirects, tuple(unread))


def blobs(repository: Repository, ids: Iterable[str]) -> Iterator[tuple[str, bytes | str]]:
    """The content of each of `ids`, or why it cannot be had: one that is too large is not read at all."""
    ids = list(ids)
    sizes = {}
    for line in _asked(repository, "--batch-check", ids, lambda pipe: iter(pipe.readline, b"")):
        id, kind, *size = line.decode(errors="replace").split()
        sizes[id] = int(size[0]) if kind == "blob" and size else -1
    small = []
    for id in ids:
        if 0 <= sizes.get(id, -1) <= MOST_TABLE_BYTES:
            small.append(id)
        else:
            yield (
                id,
                f"has {sizes[id]:,} bytes" if sizes.get(id, -1) > 0 else "is not in this clone",
            )
    yield from _asked(repository, "--batch", small, _contents)


def _contents(pipe: IO[bytes]) -> Iterator[tuple[str, bytes]]:
    while head := pipe.readline():
        id, _, size = head.decode().split()
        content = pipe.read(int(size))
        pipe.read(1)
        yield id, content


def _asked(
    repository: Repository, mode: str, ids: list[str], answers: Callable[[IO[bytes]], Iterator]
) -> Iterator:
    """What `git cat-file` answers for `ids`. They come from a file, so that neither side waits for the other."""
    if not ids:
        return
    with tempfile.TemporaryFile() as asked:
        asked.write("".join(f"{id}\n" for id in ids).encode())
        asked.seek(0)
        with subprocess.Popen(
            _command(repository.root, "cat-file", mode),
            stdin=asked,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
        ) as process:
            yield from answers(process.stdout)


def git(folder: Path, *arguments: str) -> bytes:
    """What git says.

    :raises subprocess.CalledProcessError: if it fails.
    :raises OSError: if it does not end in time.
    :raises NoRevision: if it is not installed.
    """
    try:
        return subprocess.run(
            _command(folder, *arguments),
            env=_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=MOST_SECONDS,
            check=True,
        ).stdout
    except FileNotFoundError:
        raise NoRevision("git is not installed, and other revisions are read with it") from None
    except subprocess.TimeoutExpired:
        raise OSError(f"git {arguments[0]} did not end within {MOST_SECONDS} seconds") from None


def _command(folder: Path, *arguments: str) -> list[str]:
    # No program of the configuration's choice is started, and no path is a pattern.
    return [
        "git",
        "-C",
        str(folder),
        "--no-pager",
        "--no-replace-objects",
        "--literal-pathspecs",
        "-c",
        "core.fsmonitor=false",
        "-c",
        "core.hooksPath=/dev/null",
        "-c",
        "core.quotePath=false",
        *arguments,
    ]


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}
    return kept | {
        "LC_ALL": "C",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_LAZY_FETCH": "1",
    }
