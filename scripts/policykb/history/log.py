"""The change log: every step of the git history of policies/ as entries with their class, the oldest first.

It is read once and stored in a file inside .git, which may be lost or damaged at any time: then it is read again.
Without git or without commits the log is empty.
"""

import contextlib
import hashlib
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

from policykb.files import digests
from policykb.files.folder import write_whole
from policykb.files.reader import Parsed, knowledge
from policykb.history import git
from policykb.history.classify import classes
from policykb.history.entries import Entry, entries
from policykb.history.git import Repository, Step
from policykb.history.states import State, new_targets, parse_content, record_changes
from policykb.model.change_log import EMPTY_LOG, Commit, Log
from policykb.model.problems import NotFoundError
from policykb.model.records import FOLDERS
from policykb.model.vocabulary import MECHANICAL

CACHE = "policykb-history.json"


def read(policies: Path) -> Log:
    """Return the log of the files under `policies`."""
    try:
        repository = git.repository(policies)
        commits, boundary, head = _walk(repository)
        pending = _pending(repository, commits, head) if head else []
    except (NotFoundError, subprocess.CalledProcessError, OSError):
        return EMPTY_LOG
    return _log(commits, boundary, pending)


def as_known(policies: Path, day: str) -> tuple[Commit, Log, dict[str, bytes]]:
    """Return the last commit on or before the end of `day` (UTC), the log up to it, and its files by path.

    :raises NotFoundError: if there is none, or no git; the message says where the history begins.
    """
    repository = git.repository(policies)
    commits, boundary, _ = _walk(repository)
    places = [place for place, commit in enumerate(commits, 1) if commit.time[:10] <= day]
    if not places:
        begins = "there is no commit of the knowledge base here"
        if commits:
            begins = f"the history here begins on {commits[0].time[:10]}"
        if boundary:
            begins += "; this clone is not complete, fetch the rest with git fetch --unshallow"
        raise NotFoundError(f"nothing is known of {day}: {begins}")
    commits = commits[: places[-1]]
    last = commits[-1]
    blobs = git.files_in(repository, last.hash)
    paths = [path for path in blobs if knowledge(policies, path)]
    contents = git.contents(repository, [blobs[path] for path in paths])
    files = {path: contents[blobs[path]] for path in paths}
    for path, content in files.items():
        if not isinstance(content, bytes):
            raise NotFoundError(f"{path} {content} in commit {last.hash[:12]}")
    return last, _log(commits, boundary, []), files


def _log(commits: list[Commit], boundary: str, pending: list[list]) -> Log:
    if commits and commits[0].hash == boundary:
        commits = commits[1:]
    return Log("partial" if boundary else "complete", commits, pending)


def _walk(repository: Repository) -> tuple[list[Commit], str, str]:
    """Return every step of the history, the commit before which it was not fetched, and the newest commit of all.

    Either commit is '' if there is none.
    """
    line = git.main_line(repository)
    if not line:
        return [], "", ""
    # The files of the first commit of a shallow clone came from before it, so they are not news.
    boundary = line[-1] if git.is_cut(repository, line[-1]) else ""
    # The log depends on the folder and on the rules that read it, too.
    key = repository.prefix + digests.software("model", "files", "history") + line[-1]
    place = git.folder(repository) / CACHE
    commits, head = _read_cache(place, key)
    known = set(line)
    if head not in known:
        while commits and commits[-1].hash not in known:
            commits.pop()
        head = commits[-1].hash if commits else ""
    if head != line[0]:
        commits += _commits(repository, commits, git.steps(repository, head), boundary)
        _write_cache(place, key, commits, line[0])
    return commits, boundary, line[0]


def _commits(
    repository: Repository, before: list[Commit], steps: list[Step], boundary: str
) -> list[Commit]:
    """Return the steps after the commits `before` as commits of the log. All contents are read at once."""
    readable = dict(before[-1].readable) if before else {}
    first = steps[0] if steps and not before else None
    blobs = list(readable.values())
    for step in steps:
        for path, old, new in step.files:
            if step is not first:
                blobs += (old, new)
            elif path.count("/") == 1:
                blobs.append(new)
    contents = git.contents(repository, blobs)
    commits = []
    for step in steps:
        rows = []
        if step.hash != boundary:
            rows = list(_step_rows(repository, step, contents, readable, step is first))
        commits.append(Commit(step.hash, step.time, step.subject, rows, dict(readable)))
    return commits


def _step_rows(
    repository: Repository,
    step: Step,
    contents: dict[str, bytes | str],
    readable: dict[str, str],
    is_first: bool,
) -> Iterator[list]:
    """Yield the entries of a step. A file that is invalid after it counts as unchanged, with what it held before."""
    before, after = State(), State()
    for path, old, new in step.files:
        file = knowledge(repository.policies, path)
        if not file or file.kind == "about":
            continue
        if is_first and file.kind in FOLDERS:
            after.records[file.id] = Parsed(*file[:3], (), None)
            continue
        old = readable.pop(path, old)
        parsed, message = parse_content(file, contents[new] if new else None)
        if message:
            readable[path] = old or ""
            continue
        before.add(parse_content(file, contents[old] if old else None)[0])
        after.add(parsed)
    yield from _rows(before, after, None if is_first else step.time[:10], step.stated)


def _rows(before: State, after: State, day: str | None, stated: str = "") -> Iterator[list]:
    """Yield the differences between two states as rows, in the order of kinds and ids."""
    targets = new_targets(before, after)
    changes = record_changes(before, after)
    for change in sorted(changes, key=lambda change: (change.item.kind, change.item.id)):
        changed = list(entries(change, targets, day))
        names = [stated] * len(changed) if stated else classes(changed, change, day)
        for entry, name in zip(changed, names, strict=True):
            yield [*entry, name, int(bool(stated))]
    if "redirect" in before.unread | after.unread:
        return
    for old in sorted({*before.redirects, *after.redirects}):
        was, now = before.redirects.get(old), after.redirects.get(old)
        if not was or not now or was.record != now.record:
            change = "removed" if not now else "changed" if was else "added"
            targets = (item.record.to if item else None for item in (was, now))
            entry = Entry("redirect", old, change, "to", None, *targets)
            yield [*entry, stated or MECHANICAL, int(bool(stated))]


def _pending(repository: Repository, commits: list[Commit], head: str) -> list[list]:
    """Return the changes that are not committed yet, as rows."""
    readable = commits[-1].readable if commits else {}
    differing = list(git.differing(repository, head))
    contents = git.contents(repository, readable.values()) if differing else {}
    before, after = State(), State()
    for path, old, new in differing:
        file = knowledge(repository.policies, path)
        if file and file.kind != "about":
            content = contents.get(readable[path]) if path in readable else old
            before.add(parse_content(file, content)[0])
            after.add(parse_content(file, new)[0])
    return list(_rows(before, after, commits[-1].time[:10] if commits else None))


def _read_cache(place: Path, key: str) -> tuple[list[Commit], str]:
    """Return the stored commits, and the commit up to which they go; nothing if the file is damaged or of other software."""
    try:
        digest, _, body = place.read_bytes().partition(b"\n")
        if hashlib.sha256(key.encode() + body).hexdigest().encode() != digest:
            return [], ""
        content = json.loads(body)
        return [Commit(*commit) for commit in content["commits"]], content["head"]
    except (OSError, ValueError):
        return [], ""


def _write_cache(place: Path, key: str, commits: list[Commit], head: str) -> None:
    """Store the commits for the next time, whole or not at all; do without if the folder cannot be written."""
    content = {"head": head, "commits": commits}
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    digest = hashlib.sha256(key.encode() + body).hexdigest()
    with contextlib.suppress(OSError):
        write_whole(place, digest.encode() + b"\n" + body)
