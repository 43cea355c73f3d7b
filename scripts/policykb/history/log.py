"""The change log: every step of the git history of policies/ as entries with their class, the oldest first.

It is read once and kept in a file inside .git, which may be lost or damaged at any time: then it is read again. Where
there is no git or no history the log is empty, and nothing else is the worse for it.
"""

import hashlib
import json
import os
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from policykb.files.reader import knowledge
from policykb.history import diff as difference
from policykb.history.classify import classes
from policykb.history.entries import Entry, entries
from policykb.history.git import (
    Differing,
    NoRevision,
    Repository,
    blobs,
    differing,
    git,
    listed,
    repository,
)
from policykb.history.steps import Step, cut, line, steps
from policykb.model.change_log import EMPTY_LOG, Commit, Log
from policykb.model.records import FOLDERS

KEPT = "policykb-history.json"


def read(policies: Path) -> Log:
    """The log of the files under `policies`."""
    try:
        found = repository(policies)
        return _read(found)
    except (NoRevision, subprocess.CalledProcessError, OSError):
        return EMPTY_LOG


def as_known(policies: Path, day: str) -> tuple[Commit, Log, dict[str, bytes]]:
    """The last commit on or before the end of `day` (UTC), the log up to it, and the files of the knowledge base in it by path.

    :raises NoRevision: if there is none, or no git; the message says where the history begins.
    """
    found = repository(policies)
    kept, boundary, _ = _walked(found)
    position = max(
        (place for place, commit in enumerate(kept, 1) if commit.time[:10] <= day), default=0
    )
    if not position:
        begins = (
            f"the history here begins on {kept[0].time[:10]}"
            if kept
            else "there is no commit of the knowledge base here"
        )
        raise NoRevision(
            f"nothing is known of {day}: {begins}"
            + (
                "; this clone has not all of it, fetch the rest with git fetch --unshallow"
                if boundary
                else ""
            )
        )
    kept = kept[:position]
    paths = {
        path: id for path, id in listed(found, kept[-1].hash).items() if knowledge(policies, path)
    }
    contents = dict(blobs(found, dict.fromkeys(paths.values())))
    missing = [path for path, id in paths.items() if not isinstance(contents[id], bytes)]
    if missing:
        raise NoRevision(
            f"{missing[0]} {contents[paths[missing[0]]]} in commit {kept[-1].hash[:12]}"
        )
    commits = kept[1:] if kept[0].hash == boundary else kept
    return (
        kept[-1],
        Log("partial" if boundary else "complete", commits, []),
        {path: contents[id] for path, id in paths.items()},
    )


def _read(repository: Repository) -> Log:
    kept, boundary, head = _walked(repository)
    commits = kept[1:] if kept and kept[0].hash == boundary else kept
    return Log(
        "partial" if boundary else "complete",
        commits,
        _pending(repository, kept, head) if head else [],
    )


def _walked(repository: Repository) -> tuple[list[Commit], str, str]:
    """Every step of the history, the commit before which it was not fetched (or ''), and the newest commit of all ('' if there is none)."""
    chain = line(repository)
    if not chain:
        return [], "", ""
    place, key = _place(repository), _software(repository) + chain[-1]
    kept, head = _kept(place, key)
    known = set(chain)
    if head not in known:
        while kept and kept[-1].hash not in known:
            kept.pop()
        head = kept[-1].hash if kept else ""
    boundary = (
        chain[-1] if cut(repository, chain[-1]) else ""
    )  # its files came from before it, and are no news
    if head != chain[0]:
        fresh = steps(repository, head)
        kept += _commits(repository, kept, fresh, boundary)
        _keep(place, key, kept, chain[0])
    return kept, boundary, chain[0]


def _commits(
    repository: Repository, kept: list[Commit], fresh: list[Step], boundary: str
) -> Iterator[Commit]:
    """The steps as commits of the log; contents are asked for in one go."""
    held = dict(kept[-1].held) if kept else {}
    first = not kept
    wanted: dict[str, None] = {}
    for number, step in enumerate(fresh):
        if not (first and number == 0):
            wanted.update(dict.fromkeys(id for _, *ids in step.files for id in ids if id))
        else:
            wanted.update(
                dict.fromkeys(
                    new for path, _, new in step.files if new and "/" not in path.partition("/")[2]
                )
            )
    wanted.update(dict.fromkeys(id for id in held.values() if id))
    contents = dict(blobs(repository, wanted))
    for number, step in enumerate(fresh):
        begin = first and number == 0
        rows = [] if step.hash == boundary else list(_rows(repository, step, contents, held, begin))
        yield Commit(step.hash, step.time, step.subject, rows, dict(held))


def _rows(
    repository: Repository,
    step: Step,
    contents: dict[str, bytes | str],
    held: dict[str, str],
    begin: bool,
) -> Iterator[list]:
    """The entries of a step with their classes. What cannot be read is passed over, and what it held before goes on to count."""
    before, after = (difference.State({}, {}, set()) for _ in range(2))
    for path, old, new in step.files:
        source = knowledge(repository.policies, path)
        if not source or source.kind == "about":
            continue
        if begin and source.kind in FOLDERS:
            after.records[source.id] = difference.Parsed(source.kind, source.id, path, (), None)
            continue
        old = held.pop(path, old)
        broken = new and difference.take(difference.State({}, {}, set()), source, contents[new])[1]
        if broken:
            held[path] = old
            continue
        difference.take(before, source, contents[old] if old else None)
        difference.take(after, source, contents[new] if new else None)
    yield from _told(before, after, None if begin else step.time[:10], step.stated)


def _told(
    before: difference.State, after: difference.State, day: str | None, stated: str = ""
) -> Iterator[list]:
    """What differs between two states as rows, in order of kinds and ids."""
    leads = difference.leading(before, after)
    became = sorted(
        difference.became(before, after),
        key=lambda one: (
            (one.now or one.was).kind,
            (one.was if one.change == "merged" else one.now or one.was).id,
        ),
    )
    for one in became:
        found = list(entries(one, leads, day))
        given = [stated] * len(found) if stated else classes(found, one.was, one.now, day)
        yield from (
            [*entry, name, int(bool(stated))] for entry, name in zip(found, given, strict=True)
        )
    for id in sorted({*before.redirects, *after.redirects}):
        was, now = before.redirects.get(id), after.redirects.get(id)
        if was and now and was.record == now.record or "redirect" in before.unread | after.unread:
            continue
        change = "added" if not was else "removed" if not now else "changed"
        yield [
            *Entry(
                "redirect", id, change, "to", None, was and was.record.to, now and now.record.to
            ),
            stated or "mechanical",
            int(bool(stated)),
        ]


def _pending(repository: Repository, kept: list[Commit], head: str) -> list[list]:
    """What the files say that the newest commit does not: part of the commit that is still to be made."""
    held = kept[-1].held if kept else {}
    found = list(differing(repository, head))
    contents = (
        dict(blobs(repository, dict.fromkeys(id for id in held.values() if id)))
        if found and held
        else {}
    )
    before, after = (difference.State({}, {}, set()) for _ in range(2))
    for path, old, new in _over(found, held, contents):
        source = knowledge(repository.policies, path)
        if source and source.kind != "about":
            difference.take(before, source, old)
            difference.take(after, source, new)
    return list(_told(before, after, kept[-1].time[:10] if kept else None))


def _over(
    found: Iterable[Differing], held: dict[str, str], contents: dict[str, bytes | str]
) -> Iterator[Differing]:
    for path, old, new in found:
        yield Differing(path, contents.get(held[path]) if path in held else old, new)


def _place(repository: Repository) -> Path:
    """Where the log is kept: inside .git, which all worktrees share."""
    said = os.fsdecode(git(repository.root, "rev-parse", "--git-common-dir").rstrip(b"\n"))
    return repository.root / said / KEPT


def _software(repository: Repository) -> str:
    """What the log depends on beside the commits: the folder, and the rules that read it."""
    digest = hashlib.sha256(os.fsencode(repository.prefix))
    package = Path(__file__).parents[1]
    for part in ("model", "files", "history"):
        for file in sorted((package / part).rglob("*.py")):
            digest.update(file.read_bytes())
    return digest.hexdigest()


def _kept(place: Path, key: str) -> tuple[list[Commit], str]:
    """The commits kept, and the commit up to which they were read; nothing if the file is not whole or of other software."""
    try:
        data = place.read_bytes()
        digest, _, body = data.partition(b"\n")
        if hashlib.sha256(key.encode() + body).hexdigest().encode() != digest:
            return [], ""
        content = json.loads(body)
        return [Commit(*commit) for commit in content["commits"]], content["head"]
    except (OSError, ValueError):
        return [], ""


def _keep(place: Path, key: str, commits: list[Commit], head: str) -> None:
    """Keep the commits for the next time, whole or not at all; a folder that cannot be written is no fault."""
    body = json.dumps(
        {"head": head, "commits": commits}, ensure_ascii=False, separators=(",", ":")
    ).encode()
    beside = place.with_name(f"{place.name}.{os.getpid()}")
    try:
        beside.write_bytes(hashlib.sha256(key.encode() + body).hexdigest().encode() + b"\n" + body)
        os.replace(beside, place)
    except OSError:
        beside.unlink(missing_ok=True)
