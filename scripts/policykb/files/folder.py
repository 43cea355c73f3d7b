"""Folders on a disk: a lock that leaves no file, and contents that are there for good."""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from policykb.model.problems import NotDone

WAIT = 60  # seconds; a change of thousands of files takes less


class Busy(NotDone):
    """Another command holds the lock of the folder."""


_held: set[tuple[int, int]] = set()  # the folders that this process holds, as device and inode


@contextlib.contextmanager
def lock(folder: Path, why: str, wait: float | None = None, shared: bool = False) -> Iterator[None]:
    """Hold `folder` for this process; the lock is gone with the process and leaves no file.

    A `shared` lock is one of many. What the process holds already is not locked again. A folder to read that cannot
    be opened is not locked, as nothing can be read there.
    :raises Busy: with the reason `why` if another process holds it for longer than `wait` seconds (None: WAIT).
    """
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        if not shared:
            raise
        yield
        return
    try:
        state = os.fstat(handle)
        place = (state.st_dev, state.st_ino)
        if place in _held:
            yield
            return
        _take(
            handle, fcntl.LOCK_SH if shared else fcntl.LOCK_EX, why, WAIT if wait is None else wait
        )
        _held.add(place)
        try:
            yield
        finally:
            _held.discard(place)
    finally:
        os.close(handle)


def _take(handle: int, kind: int, why: str, wait: float) -> None:
    until = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= until:
                raise Busy(why) from None
            time.sleep(0.05)


def sync(path: Path) -> None:
    """Wait until what `path` holds, a file or the names in a folder, is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_new(place: Path, content: bytes) -> None:
    """Write a file that is not there yet, and wait until it is on the disk.

    :raises OSError: if it is there, or cannot be written; what was written of it stays.
    """
    handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
    try:
        left = memoryview(content)
        while left:
            left = left[os.write(handle, left) :]
        os.fsync(handle)
    finally:
        os.close(handle)
