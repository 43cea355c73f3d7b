"""A folder that is replaced whole or not at all, and only if it was made here."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

MARK = ".policykb-copy"


class OccupiedError(Exception):
    """The folder holds something that was not made here; nothing was written. The message names the folder."""


@contextlib.contextmanager
def replacing(place: Path) -> Iterator[Path]:
    """Yield an empty folder beside `place`, which replaces it when the block ends well and is removed when it does not.

    :raises OccupiedError: if there is something at `place` that was not made this way.
    :raises OSError: if the disk refuses; what was there stays as it was.
    """
    place = place.resolve()
    _check(place)
    place.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=place.parent))
    try:
        folder.chmod(0o755)
        (folder / MARK).write_bytes(
            b"This folder was made by policykb publish, which may replace it whole.\n"
        )
        yield folder
        _check(place)
        _swap(folder, place)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _check(place: Path) -> None:
    if not place.exists() or (place / MARK).is_file():
        return
    if not place.is_dir() or any(place.iterdir()):
        raise OccupiedError(
            f"{place} was not made by this command; give a folder that is new, empty or an earlier copy"
        )


def _swap(folder: Path, place: Path) -> None:
    """Move `folder` to `place`; what was there is removed, or comes back if that fails."""
    if not place.exists():
        folder.rename(place)
        return
    was = folder.with_name(folder.name + "-before")
    place.rename(was)
    try:
        folder.rename(place)
    except OSError:
        was.rename(place)
        raise
    shutil.rmtree(was)
