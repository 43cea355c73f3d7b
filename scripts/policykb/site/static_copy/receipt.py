"""What a static copy was made from, and the sum of its files, in a file of the copy: where both are the same, nothing is to be made."""

import hashlib
import sqlite3
import sys
from collections.abc import Iterable
from functools import cache
from importlib.metadata import distributions
from pathlib import Path
from typing import NamedTuple

from policykb.files import digests, folder

RECEIPT = ".policykb-made"


class Written(NamedTuple):
    """What a copy has: files and bytes; and how many files are new or differ from those of the earlier copy.

    `digests` is the sum of the hashes of the files, which is the same in any order.
    """

    files: int
    bytes: int
    changed: int
    digests: int


NOTHING = Written(0, 0, 0, 0)


def total(parts: Iterable[Written]) -> Written:
    """Return what all parts of a copy have together."""
    return Written(*map(sum, zip(*parts, strict=True)))


def of_file(file: str, content: bytes, changed: bool) -> Written:
    """Return what one file adds to a copy."""
    digest = int.from_bytes(hashlib.sha256(f"{file}\n".encode() + content).digest())
    return Written(1, len(content), int(changed), digest)


def origin(db: Path, today: str, base: str | None, live: str | None) -> str:
    """Return a digest of all that a copy depends on: kb.db, the options of `publish`, and the software with its packages."""
    options = db.name, digests.digest(db), today, base, live
    return hashlib.sha256(repr((_software(), *options)).encode()).hexdigest()


@cache
def _software() -> tuple:
    """Return what identifies the software, with its packages; it stays the same while a process runs."""
    packages = sorted(f"{package.name} {package.version}" for package in distributions())
    return sys.version, sqlite3.sqlite_version, packages, digests.software("", every=True)


def text(origin: str, copy: Written) -> str:
    """Return the content of the receipt of a copy, which does not count itself."""
    return f"{origin} {copy.files} {copy.bytes} {copy.digests:x}\n"


def intact_copy(place: Path, origin: str) -> Written | None:
    """Return the copy in the folder `place` if it was made from `origin` and has all its files as they were written; else None.

    Every file is read.
    """
    try:
        receipt = (place / RECEIPT).read_text("ascii")
        if not receipt.startswith(f"{origin} ") or folder.is_unfinished(place):
            return None
        names = folder.files_of_copy(place) - {RECEIPT}
        copy = total([NOTHING, *(of_file(name, _bytes(place, name), False) for name in names)])
    except (OSError, UnicodeDecodeError):
        return None
    return copy if receipt == text(origin, copy) else None


def _bytes(place: Path, name: str) -> bytes:
    with open(f"{place}/{name}", "rb") as file:
        return file.read()
