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
    """An empty folder beside `place`, which takes its place when the block ends well and is gone when it does not.

    :raises OccupiedError: if there is something at `place` that was not made this way.
    :raises OSError: if the disk would not let it be done; what was there is as it was.
    """
    place = place.resolve()
    _ours(place)
    place.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=place.parent))
    try:
        made.chmod(0o755)
        (made / MARK).write_bytes(
            b"This folder was made by policykb publish, which may replace it whole.\n"
        )
        yield made
        _ours(place)
        _swap(made, place)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _ours(place: Path) -> None:
    if not place.exists() or (place / MARK).is_file():
        return
    if not place.is_dir() or any(place.iterdir()):
        raise OccupiedError(
            f"{place} was not made by this command; give a folder that is new, empty or an earlier copy"
        )


def _swap(made: Path, place: Path) -> None:
    """Put `made` in the place of `place`; what was there takes the place of `made`, or comes back if that fails."""
    if not place.exists():
        made.rename(place)
        return
    was = made.with_name(made.name + "-before")
    place.rename(was)
    try:
        made.rename(place)
    except OSError:
        was.rename(place)
        raise
    shutil.rmtree(was)
