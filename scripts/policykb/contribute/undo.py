"""The last changes that commands made, so that they can be taken back until they are committed.

They are remembered for each user and knowledge base, outside of it: the content of each file before and after. A change
is remembered before it is written, so that one that is interrupted, and completed later, can be taken back too.
"""

import contextlib
import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from policykb.contribute.changes import Change, current
from policykb.files.folder import replace_file
from policykb.history import git
from policykb.model.problems import InvalidInputError, NotFoundError

MOST_CHANGES = 20
MOST_BYTES = 4 << 20  # of a change; larger ones, such as imports, are for git


def _file(policies: Path) -> Path:
    import platformdirs  # of the extra for editing

    digest = hashlib.sha256(str(policies.resolve()).encode()).hexdigest()[:16]
    return platformdirs.user_state_path("policykb") / "undo" / f"{digest}.json"


def _remembered(policies: Path) -> list[list[Change]]:
    """Return the changes, the oldest first; none if they cannot be read."""
    try:
        groups = json.loads(_file(policies).read_bytes())
        return [[Change(path, *map(_bytes, texts)) for path, *texts in group] for group in groups]
    except (OSError, ValueError, TypeError):
        return []


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else text.encode("utf-8", "surrogateescape")


def _text(data: bytes | None) -> str | None:
    return None if data is None else data.decode("utf-8", "surrogateescape")


def _store(policies: Path, groups: list[list[Change]]) -> None:
    """Write the changes; what cannot be remembered cannot be undone, which is no reason to fail."""
    file = _file(policies)
    rows = [[[item.path, *map(_text, item[1:])] for item in group] for group in groups]
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        replace_file(file, json.dumps(rows).encode())


@contextlib.contextmanager
def remembered(policies: Path, changes: Sequence[Change]) -> Iterator[None]:
    """Remember `changes`, which are written within this context; not if that fails."""
    group = [item for item in changes if item.before != item.after]
    size = sum(len(data or b"") for item in group for data in item[1:])
    if size <= MOST_BYTES:
        _store(policies, [*_remembered(policies), group][-MOST_CHANGES:])
    try:
        yield
    except BaseException:  # also when a person stops it
        _store(policies, [other for other in _remembered(policies) if other != group])
        raise
    if size > MOST_BYTES:
        _store(policies, [])


def forget(policies: Path, count: int) -> None:
    """Forget the last `count` changes."""
    _store(policies, _remembered(policies)[:-count])


def last(policies: Path) -> list[Change]:
    """Return the changes that take the last change back.

    :raises InvalidInputError: if there is none, if it was committed or discarded, or if a file has changed since.
    """
    groups = _remembered(policies)
    while groups and all(current(policies, path) == before for path, before, _ in groups[-1]):
        _store(policies, groups := groups[:-1])  # it was discarded
    uncommitted = _uncommitted(policies)
    if not groups:
        message = f"there is no change to undo (the last {MOST_CHANGES}, of up to {MOST_BYTES >> 20} MB each, are remembered)"
        if uncommitted is not None:
            message += "; git has the earlier states of a file"
        raise InvalidInputError(message)
    paths = {item.path for item in groups[-1]}
    changed = [path for path, _, after in groups[-1] if current(policies, path) != after]
    if paths.isdisjoint(uncommitted or paths):
        state = "was committed; use: git revert"
        if changed:
            state = "is not there any more; it was discarded, stashed, or committed and changed"
        raise InvalidInputError(f"the last change, of {min(paths)}, {state}")
    if changed:
        way = "by hand" if uncommitted is None else "by hand, or with git"
        raise InvalidInputError(f"{changed[0]} was changed since; undo that {way}")
    return [Change(path, after, before) for path, before, after in groups[-1]]


def _uncommitted(policies: Path) -> set[str] | None:
    """Return the paths of the files that differ from the last commit; None if there is no commit."""
    try:
        repository = git.repository(policies)
        head = git.commit(repository, "HEAD")
    except NotFoundError:
        return None
    return {file.path for file in git.differing(repository, head)} or {""}
