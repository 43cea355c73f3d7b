"""Folders on a disk: a lock without a file, synchronized writes, and folders that are replaced whole or not at all."""

import contextlib
import os
import shutil
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from policykb.model.problems import InvalidInputError, PolicykbError, shown

try:
    import fcntl
except ImportError:  # only POSIX has such locks; elsewhere commands do not wait for each other
    fcntl = None

# Flags that only POSIX has: refuse links, and do not wait for a pipe.
NO_LINKS = getattr(os, "O_NOFOLLOW", 0)
NO_WAIT = getattr(os, "O_NONBLOCK", 0)
MANY = 50  # files
WAIT = 60  # seconds; a change of thousands of files takes less
STAGE = ".policykb-export-"
MARK, EXPORTED = ".policykb-copy", ".policykb-export"  # lists of the files that were written
LISTED = "These files were written by policykb, which may replace and remove them."

_locked: set[tuple[int, int]] = set()  # the folders that this process locked, as device and inode


class BusyError(PolicykbError):
    """Another command holds the lock of the folder."""


@contextlib.contextmanager
def lock(folder: Path, why: str, wait: float | None = None, shared: bool = False) -> Iterator[None]:
    """Lock `folder` for this process; the lock ends with the process and leaves no file.

    Several processes may have a `shared` lock. A process does not lock a folder twice. A folder to read that cannot be
    opened is not locked, since nothing can be read there.
    :raises BusyError: with the message `why` if another process has the lock for longer than `wait` seconds (None: WAIT).
    """
    try:
        handle = os.open(folder, os.O_RDONLY) if fcntl else None
    except OSError:
        if not shared:
            raise
        handle = None
    if handle is None:
        yield
        return
    try:
        state = os.fstat(handle)
        place = (state.st_dev, state.st_ino)
        if place in _locked:
            yield
            return
        until = time.monotonic() + (WAIT if wait is None else wait)
        while not _lock(handle, fcntl.LOCK_SH if shared else fcntl.LOCK_EX):
            if time.monotonic() >= until:
                raise BusyError(why)
            time.sleep(0.05)
        _locked.add(place)
        try:
            yield
        finally:
            _locked.discard(place)
    finally:
        os.close(handle)


def _lock(handle: int, kind: int) -> bool:
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def sync(path: Path) -> None:
    """Wait until the file `path`, or the list of names in the folder `path`, is on the disk."""
    if not fcntl and path.is_dir():  # a list of names cannot be opened there
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_files(places: Sequence[Path]) -> None:
    """Wait until the files `places` are on the disk."""
    if len(places) > MANY and sys.platform == "linux":
        os.sync()  # waits once for everything, where a wait for each file takes minutes
    else:
        for place in places:
            sync(place)


def write_new(place: Path, content: bytes) -> None:
    """Write a new file; `sync_files` waits until it is on the disk.

    :raises OSError: if it exists or cannot be written; a part of it may remain.
    """
    handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | NO_LINKS, 0o644)
    try:
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(handle, rest) :]
    finally:
        os.close(handle)


def replace_file(place: Path, content: bytes) -> None:
    """Write the file `place` as `write_whole` does; its folder is made if it is missing.

    :raises OSError: if the file or its folder is a link, or cannot be written.
    """
    for part in (place.parent, place):
        if part.is_symlink():
            raise OSError(f"{part} is a link")
    place.parent.mkdir(parents=True, exist_ok=True)
    write_whole(place, content)


def write_whole(place: Path, content: bytes) -> None:
    """Give the file `place` new content, whole or not at all, and wait until it is on the disk.

    :raises OSError: if it cannot be written; it is then unchanged.
    """
    beside = place.with_name(f".{place.name}.{os.getpid()}.building")
    try:
        write_new(beside, content)
        sync(beside)
        os.replace(beside, place)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
    sync(place.parent)


@contextlib.contextmanager
def _staged(place: Path, what: str) -> Iterator[Path]:
    """Yield the path of a folder to write in, inside `place`, which is made if it is missing; lock `place` meanwhile.

    :raises BusyError: if another process is writing there.
    """
    is_new = not place.exists()
    place.mkdir(parents=True, exist_ok=True)
    stage = place / f"{STAGE}{os.getpid()}"
    with lock(place, f"another {what} is writing in {place}", wait=0):
        try:
            for old in place.glob(f"{STAGE}*"):  # of a process that was killed
                shutil.rmtree(old)
            yield stage
        finally:
            shutil.rmtree(stage, ignore_errors=True)
            if is_new:
                with contextlib.suppress(OSError):  # it is not empty
                    place.rmdir()


@contextlib.contextmanager
def staging_folder(place: Path, names: Sequence[str], force: bool = False) -> Iterator[Path]:
    """Yield a folder for the files `names`, which are moved into `place` at the end, in their order.

    Only with `force` they replace files that were not written this way.

    The folder is inside `place`, so that it is on the same disk even if `place` is a mounted disk.
    :raises InvalidInputError: if `place` contains other files, or a link, or a file that may not be replaced.
    :raises BusyError: if another process is writing there.
    :raises OSError: if the disk is full or the place cannot be written; `place` is then unchanged.
    """
    with _staged(place, "export") as stage:
        if others := list(_others(place, set(names))):
            listed = ", ".join([*map(shown, others[:3]), *(["..."] if others[3:] else [])])
            message = f"{place} holds other files ({listed}); give a separate folder"
            raise InvalidInputError(message)
        earlier = _listed(place, EXPORTED)
        foreign = [name for name in names if name not in earlier and (place / name).exists()]
        if foreign and not force:
            message = f"{place} holds {shown(foreign[0])}, which this command did not write"
            raise InvalidInputError(f"{message}; add --force to overwrite it")
        for name in names:
            (stage / name).parent.mkdir(parents=True, exist_ok=True)
        yield stage
        for name in names:
            sync(stage / name)
        _list(place, EXPORTED, earlier.union(names))
        for name in names:
            (place / name).parent.mkdir(exist_ok=True)
            os.replace(stage / name, place / name)
        sync(place)


def _others(place: Path, names: set[str], inside: str = "") -> Iterator[str]:
    """Yield the entries of the folder that are not among `names`, sorted."""
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
            elif path not in names and path != EXPORTED:
                yield path


@contextlib.contextmanager
def replacement_folder(place: Path) -> Iterator[Path]:
    """Yield an empty folder, whose files replace those of the last time in `place` if the block succeeds.

    What was not written this way, such as `.git` and `CNAME`, is kept. Each file is replaced at once, the pages after
    what they need, so that there is a site at every moment.
    :raises InvalidInputError: if `place` contains something that would be overwritten and was not made this way.
    :raises BusyError: if another process is writing there.
    :raises OSError: if the disk does not allow it.
    """
    place = place.resolve()
    _refuse_foreign(place)
    with _staged(place, "command") as stage:
        stage.mkdir()
        yield stage
        _refuse_foreign(place)
        _replace_files(stage, place)


def is_unfinished(place: Path) -> bool:
    """Return whether something of a command is in the folder that writes there now, or was killed."""
    return any(place.glob(f"{STAGE}*"))


def files_of_copy(place: Path) -> set[str]:
    """Return the paths of the files that `replacement_folder` put into `place` the last time."""
    return _listed(place, MARK)


def _replace_files(stage: Path, place: Path) -> None:
    """Move the files of `stage` into `place`, and remove those of the last time that are not among them."""
    names = set(_files(str(stage)))
    earlier = files_of_copy(place)
    foreign = sorted(name for name in names - earlier if os.path.lexists(place / name))
    if foreign:
        message = f"{place} holds {shown(foreign[0])}, which this command did not write"
        raise InvalidInputError(f"{message}; move it, or give another folder")
    is_first = not (place / MARK).is_file()
    _list(place, MARK, names | earlier)
    parts = os.listdir(stage) if is_first else names  # of a first copy whole folders
    for folder in {part.rpartition("/")[0] for part in parts}:
        os.makedirs(place / folder, exist_ok=True)
    for part in sorted(parts, key=lambda part: (part.endswith(".html"), part)):
        os.replace(f"{stage}/{part}", f"{place}/{part}")
    for name in sorted(earlier - names):
        (place / name).unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # the folder is not empty
            (place / name).parent.rmdir()
    _list(place, MARK, names)


def _files(folder: str) -> Iterator[str]:
    """Yield the paths of all files below `folder`, with slashes."""
    for above, _, names in os.walk(folder):
        way = above[len(folder) + 1 :].replace(os.sep, "/")
        yield from (f"{way}/{name}" if way else name for name in names)


def _listed(place: Path, mark: str) -> set[str]:
    """Return the files in the list `mark` of those that were written into `place`."""
    try:
        lines = (place / mark).read_text(encoding="utf-8").splitlines()
    except OSError:
        return set()
    return {name for name in lines[1:] if not {"", ".."} & set(name.split("/"))}


def _list(place: Path, mark: str, names: Iterable[str]) -> None:
    """Write the list `mark` of the files that were written into `place`."""
    write_whole(place / mark, ("\n".join([LISTED, *sorted(names)]) + "\n").encode())


def _refuse_foreign(place: Path) -> None:
    """Refuse a folder that holds something and was not made by this command; hidden files and CNAME may be there.

    :raises InvalidInputError: for such a folder.
    """
    if not place.exists() or (place / MARK).is_file():
        return
    if not place.is_dir() or any(
        not path.name.startswith(".") and path.name != "CNAME" for path in place.iterdir()
    ):
        message = f"{place} was not made by this command; give a folder that is new, empty or an earlier copy"
        raise InvalidInputError(message)
