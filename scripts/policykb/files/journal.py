"""The journal of a change of several files: a change that was begun is completed or undone, even after a crash.

A change is written in this order: the new contents in `policies/.pending`, and a second name for each old content; then
the plan, once they are on the disk; then each file moves to its place; then the plan is removed. Without a plan nothing
was changed. With a plan, the next command completes the change or undoes it.
"""

import contextlib
import hashlib
import json
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from policykb.files.folder import NO_LINKS, NO_WAIT, lock, sync, sync_files, write_new
from policykb.files.reader import PENDING, PLAN, FileRef, named, read, unfinished
from policykb.model.problems import ConflictError, PolicykbError, Problem

_OURS = re.compile(rf"\d+\.(new|old)|{re.escape(PLAN)}\.new|\.gitignore")


class Content(NamedTuple):
    """The content of a file before or after a change: its digest (None: no file), and the path of its copy in the journal."""

    digest: str | None
    copy: Path


class Step(NamedTuple):
    """One file of a change."""

    path: str
    place: Path
    before: Content
    after: Content

    def can_become(self, goal: Content) -> bool:
        """Return whether the file has the content `goal`, `before` or `after`, or can get it."""
        now = _digest_of(self.place)
        return now == goal.digest or (
            now in (self.before.digest, self.after.digest)
            and goal.digest in (None, _digest_of(goal.copy))
        )

    def become(self, goal: Content) -> bool:
        """Give the file the content `goal`; return False, and leave the file, if it is neither `before` nor `after` now."""
        now = _digest_of(self.place)
        if now not in (self.before.digest, self.after.digest):
            return False
        if now != goal.digest and goal.digest is None:
            os.unlink(self.place)
        elif now != goal.digest:
            os.replace(goal.copy, self.place)
        return True


def changed_meanwhile(path: str) -> Problem:
    """Return the problem of a file that has changed since it was read."""
    expected = "the file as it was read; try again"
    return Problem(path, 0, "S101", "", "was changed meanwhile", expected=expected)


def commit(policies: Path, changes: Iterable[tuple[str, bytes | None, bytes | None]]) -> None:
    """Write `changes` as (path, content before, content after), all or none; the caller has the lock of `policies`.

    :raises ConflictError: if an earlier change is not complete, if a file has changed meanwhile, or if a folder is a link.
    :raises OSError: if the disk is full or a place cannot be written; all files are then unchanged.
    :raises PolicykbError: if the files could not be restored either.
    """
    folder = policies / PENDING
    if os.path.lexists(folder / PLAN):
        raise ConflictError([unfinished(policies)])
    files = list(changes)
    _refuse_links(_plan_file(policies))
    for path, _, _ in files:
        _refuse_links(named(policies, path))
    _clear(folder)
    steps = [
        _step(policies, number, path, *(_digest(content) for content in contents))
        for number, (path, *contents) in enumerate(files)
    ]
    begun = False
    try:
        _prepare(folder, steps, [after for _, _, after in files])
        begun = True
        os.rename(folder / f"{PLAN}.new", folder / PLAN)
        sync(folder)
        sync(policies)
        _complete(steps)
    except BaseException as error:  # also when a person stops it
        if begun:
            _undo(folder, steps, error)
        else:
            _clear(folder)
        raise
    with contextlib.suppress(OSError):  # all is written; the next command removes the rest
        _end(folder)


def recover(policies: Path) -> str:
    """Complete or undo an interrupted change; return a sentence about it, '' if there was none.

    :raises ConflictError: if a file was changed since, so that neither is possible; the files stay as they are.
    :raises OSError: if the disk does not allow it.
    """
    folder = policies / PENDING
    if not os.path.lexists(folder):
        return ""
    _refuse_links(_plan_file(policies))
    with lock(policies, f"another command is writing in {policies}"):
        steps = _planned(policies)
        if steps is None:
            _clear(folder)
            return ""
        outcome = _settle(policies, steps)
        _end(folder)
    paths = ", ".join(step.path for step in steps)
    return f"an interrupted change of {len(steps)} files was {outcome}: {paths}"


def _settle(policies: Path, steps: Sequence[Step]) -> str:
    """Complete or undo `steps`; return 'completed' or 'undone'."""
    if all(step.can_become(step.after) for step in steps):
        _complete(steps)
        return "completed"
    if all(step.can_become(step.before) for step in steps):
        _restore(steps)
        return "undone"
    message = "was changed after a change of it was interrupted"
    expected = "its content before or after that change"
    expected += f"; without {policies.name}/{PENDING} all files stay as they are now"
    conflicts = [
        Problem(step.path, 0, "S107", "", message, expected=expected)
        for step in steps
        if _digest_of(step.place) not in (step.before.digest, step.after.digest)
    ]
    raise ConflictError(conflicts or [unfinished(policies)])


def _plan_file(policies: Path) -> FileRef:
    place = f"{PENDING}/{PLAN}"
    return FileRef("imported", "", f"{policies.name}/{place}", str(policies / place))


def _planned(policies: Path) -> list[Step] | None:
    """Return the steps of the plan; None if there is no plan, so that nothing was begun.

    :raises ConflictError: if it is not a plan that this module wrote.
    """
    file = _plan_file(policies)
    if not os.path.lexists(file.absolute):
        return None
    try:
        return [
            _step(policies, number, step["path"], step["before"], step["after"])
            for number, step in enumerate(json.loads(read(file)))
        ]
    except (ValueError, TypeError, LookupError, AttributeError):
        raise ConflictError([unfinished(policies)]) from None


def _step(policies: Path, number: int, path: str, before: str | None, after: str | None) -> Step:
    folder = policies / PENDING
    return Step(
        path,
        Path(named(policies, path).absolute),
        Content(before, folder / f"{number}.old"),
        Content(after, folder / f"{number}.new"),
    )


def _refuse_links(source: FileRef) -> None:
    """Raise ConflictError if a folder on the way to a file is a link, which would lead elsewhere."""
    folder, place = Path(source.absolute).parent, os.path.dirname(source.path)
    while "/" in place:
        if folder.is_symlink():
            raise ConflictError(
                [Problem(place, 0, "S101", "", "is a link", expected="the folder itself")]
            )
        folder, place = folder.parent, os.path.dirname(place)


def _prepare(folder: Path, steps: Sequence[Step], contents: Sequence[bytes | None]) -> None:
    """Write what is needed to complete or undo the change, and wait until it is on the disk."""
    folder.mkdir(exist_ok=True)
    plan = [
        {"path": step.path, "before": step.before.digest, "after": step.after.digest}
        for step in steps
    ]
    files = {
        folder / ".gitignore": b"*\n",
        folder / f"{PLAN}.new": json.dumps(plan, indent=1).encode(),
    }
    for step, content in zip(steps, contents, strict=True):
        if content is not None:
            files[step.after.copy] = content
            _create_folder(step.place.parent)
        if step.before.digest is not None:
            try:
                os.link(step.place, step.before.copy)
            except OSError:  # the disk allows no second names
                files[step.before.copy] = step.place.read_bytes()
    for place, content in files.items():
        write_new(place, content)
    sync_files(list(files))
    sync(folder)


def _create_folder(folder: Path) -> None:
    """Create a folder and those above it, unless they exist, and wait until they are on the disk."""
    if not folder.exists():
        _create_folder(folder.parent)
        folder.mkdir()
        sync(folder.parent)


def _complete(steps: Sequence[Step]) -> None:
    for step in steps:
        if not step.become(step.after):
            raise ConflictError([changed_meanwhile(step.path)])
    _sync(steps)


def _restore(steps: Sequence[Step]) -> None:
    """Restore the old contents, except of files that were changed since."""
    for step in reversed(steps):
        step.become(step.before)
    _sync(steps)


def _sync(steps: Sequence[Step]) -> None:
    for folder in sorted({step.place.parent for step in steps}):
        if folder.exists():
            sync(folder)


def _undo(folder: Path, steps: Sequence[Step], error: BaseException) -> None:
    try:
        _restore(steps)
        _end(folder)
    except OSError as second:
        message = f"{error}; and it could not be undone ({second}); the next command completes or undoes it"
        raise PolicykbError(message) from error


def _end(folder: Path) -> None:
    """Remove the plan, and then the files that it needed."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(folder / PLAN)
    sync(folder)
    _clear(folder)


def _clear(folder: Path) -> None:
    """Remove the prepared files, unless there is a plan. Files that cannot be removed now are removed the next time."""
    with contextlib.suppress(OSError):
        names = os.listdir(folder)
        if PLAN in names:
            return
        for name in filter(_OURS.fullmatch, names):
            os.unlink(folder / name)
        os.rmdir(folder)


def _digest(content: bytes | None) -> str | None:
    return None if content is None else hashlib.sha256(content).hexdigest()


def _digest_of(place: Path) -> str | None:
    """Return the digest of a file; None if there is no file.

    :raises OSError: if it is a link or cannot be read.
    """
    try:
        handle = os.open(place, os.O_RDONLY | NO_LINKS | NO_WAIT)
    except FileNotFoundError:
        return None
    with os.fdopen(handle, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
