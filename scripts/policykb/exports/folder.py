"""Files put into a folder together: each whole, and none at all if one of them cannot be made.

They are written to a folder of their own inside the target, on the same disk, and moved to their places when all
are there. Nothing is ever written over a file that such a set would not have.
"""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from policykb.files.folder import sync
from policykb.model.problems import NotDone, shown

STAGE = ".policykb-export-"


class Occupied(Exception):
    """The folder holds something else; nothing was written. The message names it."""


@contextlib.contextmanager
def together(place: Path, names: Sequence[str]) -> Iterator[Path]:
    """A folder to write the files `names` to, which are moved to `place` at the end, in their order.

    :raises Occupied: if `place` holds other files, or a link.
    :raises NotDone: if another process is writing there.
    :raises OSError: if the disk is full or the place cannot be written; what was there is as it was.
    """
    made = not place.exists()
    place.mkdir(parents=True, exist_ok=True)
    stage = place / f"{STAGE}{os.getpid()}"
    with _alone(place) as handle:
        try:
            others = list(_others(place, set(names)))
            if others:
                told = ", ".join([*map(shown, others[:3]), *(["..."] if others[3:] else [])])
                raise Occupied(f"{place} holds other files ({told}); give a folder of its own")
            for left in place.glob(f"{STAGE}*"):  # by a process that was killed
                shutil.rmtree(left)
            for name in names:
                (stage / name).parent.mkdir(parents=True, exist_ok=True)
            yield stage
            for name in names:
                sync(stage / name)
            for name in names:
                (place / name).parent.mkdir(exist_ok=True)
                os.replace(stage / name, place / name)
            os.fsync(handle)
        finally:
            shutil.rmtree(stage, ignore_errors=True)
            if made:
                with contextlib.suppress(OSError):  # there are files in it
                    place.rmdir()


@contextlib.contextmanager
def _alone(place: Path) -> Iterator[int]:
    """Hold the folder for this process; gives its handle.

    :raises NotDone: if another process holds it.
    """
    handle = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise NotDone(f"another export is writing in {place}") from None
        yield handle
    finally:
        os.close(handle)


def _others(place: Path, names: set[str], inside: str = "") -> Iterator[str]:
    """What is in the folder and is none of `names`, sorted."""
    folders = {name.rpartition("/")[0] for name in names} - {""}
    with os.scandir(place / inside) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            path = f"{inside}{entry.name}"
            if entry.is_symlink():
                yield path
            elif entry.is_dir():
                if path in folders:
                    yield from _others(place, names, f"{path}/")
                elif not path.startswith(STAGE):
                    yield path
            elif path not in names:
                yield path
