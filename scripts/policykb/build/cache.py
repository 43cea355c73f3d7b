"""What earlier runs made of each file under policies/, in one file inside .git that may be deleted at any time.

An entry is valid only for the same bytes. A file is not read if it has the size, times and inode that it had; of any
other file the SHA-256 is compared. Entries of other versions of the software or of its packages are not valid. There are
no entries without .git, or if the cache is damaged, in use or not writable.
"""

import contextlib
import functools
import hashlib
import marshal
import os
import sqlite3
import sys
import time
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

import pydantic_core

from policykb.files import digests
from policykb.files.reader import TOML_VERSION, FileRef, read
from policykb.model.problems import Problem

NAME = "policykb-cache"
# Nanoseconds after a change in which a file may change again and keep its times: some disks count in steps of two seconds.
UNSETTLED = 2_100_000_000
# Nothing waits for the disk: what a loss of power leaves is valid by its digests, or damaged.
_SCHEMA = """
pragma page_size = 8192;
pragma synchronous = off;
create table if not exists files (
  path text primary key, signature text, digest blob, facts blob, checksum integer, lines blob);
create table if not exists rows (path text primary key, rows_for blob, digest blob, rows blob);
create index if not exists rows_known on rows(rows_for, path, digest);
create table if not exists results (name text primary key, value blob);
"""
_VALUES = attrgetter(*(field.name for field in fields(Problem)))


class Packed(NamedTuple):
    """What was made of one file, as bytes: its SHA-256 (empty if it could not be read), facts and problems, and rows."""

    digest: bytes
    facts: bytes
    rows: bytes


class Cache:
    """What is known of the files of one folder. After an error of SQLite, it behaves as an empty cache."""

    def __init__(self, place: Path | None = None) -> None:
        self._place, self._connection = place, place and _connected(place)
        self._signatures: dict[str, str] = {}
        # The SHA-256 of files whose entries are of their present bytes, and what was made of proposed bytes in this run.
        self._same: dict[str, bytes] = {}
        self._proposed: dict[str, Packed] = {}
        self._rows_for: bytes | None = None

    @property
    def is_open(self) -> bool:
        """Return whether entries can be kept."""
        return self._connection is not None

    def close(self) -> None:
        """Write the kept entries, and close the file."""
        if self._connection:
            with contextlib.suppress(sqlite3.Error):
                self._connection.commit()
            self._connection.close()
        self._connection = None

    def look(self, files: Iterable[FileRef]) -> None:
        """Note the size and times of `files`, before any of them is read."""
        if self._connection:
            settled = time.time_ns() - UNSETTLED
            self._signatures = {
                file.path: signature(file.absolute, settled) if file.proposed is None else ""
                for file in files
            }

    def state(self, *more: object) -> bytes | None:
        """Return a digest of the sizes and times of all files and of `more`; None if they may not show every change."""
        if not self._connection or "" in self._signatures.values():
            return None
        listed = [*self._signatures.items(), software(), *map(repr, more)]
        return digest_of(_plain_bytes(listed))

    def result(self, name: str, state: bytes | None) -> Any:
        """Return the value stored under `name` in the same `state`, else None."""
        rows = self._run("select value from results where name = ?", name) if state else []
        with contextlib.suppress(ValueError):
            for (value,) in rows:
                if value[:32] == state:
                    return marshal.loads(_unsealed(value[32:]))
        return None

    def keep_result(self, name: str, state: bytes | None, value: object) -> None:
        """Keep a plain `value` under `name`."""
        if state:
            sealed = _sealed(marshal.dumps(value), state)
            self._run("replace into results values (?, ?)", name, sealed)

    def begin(self, facts_for: object, rows_for: object) -> None:
        """Begin a run. Facts and rows depend on `facts_for` and `rows_for` beside the bytes of a file; None: no rows."""
        if not self._connection:
            return
        key = digest_of(repr((software(), facts_for)))
        if self._run("select value from results where name = 'facts'") != [(key,)]:
            self._run("delete from files")
            self._run("delete from rows")
            self._run("replace into results values ('facts', ?)", key)
        self._rows_for = None if rows_for is None else digest_of(repr(rows_for))

    def unchanged(self, files: Iterable[FileRef]) -> dict[str, bytes]:
        """Return the SHA-256 of the `files` that have valid entries by path, and remove the entries of files that are gone."""
        entries = self._run("select path, signature, digest from files")
        with_rows = "select path, digest from rows where rows_for = ?"
        rows = dict(self._run(with_rows, self._rows_for)) if self._rows_for else None
        doubtful = {}
        for path, old, digest in entries:
            new = self._signatures.get(path)
            if new is None:
                self._run("delete from files where path = ?", path)
                self._run("delete from rows where path = ?", path)
            elif rows is None or rows.get(path) == digest:
                if old and old == new:
                    self._same[path] = digest
                else:
                    doubtful[path] = digest
        for file in files if doubtful else ():
            digest = doubtful.get(file.path)
            data = read(file) if digest else None
            if isinstance(data, bytes) and digest_of(data) == digest:
                self._same[file.path] = digest
                if file.proposed is None:
                    new = self._signatures[file.path]
                    self._run("update files set signature = ? where path = ?", new, file.path)
        return self._same

    def unlike(self, files: Iterable[FileRef], digests: dict[str, bytes]) -> list[FileRef]:
        """Return the `files` that may not have the SHA-256 in `digests` by their path."""
        entries = self._run("select path, signature, digest from files")
        same = {(path, old) for path, old, digest in entries if old and digest == digests.get(path)}
        return [file for file in files if (file.path, self._signatures.get(file.path)) not in same]

    def get(self, files: Sequence[FileRef]) -> list[Packed] | None:
        """Return the entries of `files`, which all have one; None if the cache is damaged, which removes it."""
        paths = [file.path for file in files]
        marks = ", ".join("?" * len(files))
        query = f"select path, digest, facts, checksum from files where path in ({marks})"
        entries = {entry[0]: entry for entry in self._run(query, *paths)}
        query = f"select path, rows from rows where path in ({marks})"
        rows = dict(self._run(query, *paths)) if self._rows_for else {}
        try:
            return [
                self._proposed.get(path) or self._packed(*entries[path], rows) for path in paths
            ]
        except (KeyError, ValueError):
            self._forget()
            return None

    def _packed(
        self, path: str, digest: bytes, facts: bytes, checksum: int, rows: dict[str, bytes]
    ) -> Packed:
        """Return the content of an entry.

        :raises KeyError, ValueError: if the cache is damaged.
        """
        if _checksum(path, digest, facts) != checksum or self._same[path] != digest:
            raise ValueError("the cache is damaged")
        return Packed(digest, facts, _unsealed(rows[path]) if self._rows_for else b"")

    def put(self, files: Sequence[FileRef], packed: Sequence[Packed]) -> None:
        """Keep what was made of `files`."""
        if not self._connection:
            return
        for file, entry in zip(files, packed, strict=True):
            digest, facts, rows = entry
            if not digest:
                continue
            self._same[file.path] = digest
            if file.proposed is not None:
                self._proposed[file.path] = entry
                continue
            values = file.path, self._signatures.pop(file.path), digest, facts  # not needed again
            checksum = _checksum(file.path, digest, facts)
            self._run("replace into files values (?, ?, ?, ?, ?, null)", *values, checksum)
            if self._rows_for:
                sealed = file.path, self._rows_for, digest, _sealed(rows)
                self._run("replace into rows values (?, ?, ?, ?)", *sealed)

    def lines(self, path: str, pointers: list[tuple]) -> list[int] | None:
        """Return the stored lines of `pointers` in a file as it is now; None if there are none."""
        key = _plain_bytes(pointers)
        query = "select lines from files where path = ? and digest = ?"
        for (value,) in self._run(query, path, self._same.get(path)):
            with contextlib.suppress(ValueError):
                if value and value.startswith(key):
                    return marshal.loads(_unsealed(value[len(key) :]))
        return None

    def keep_lines(self, path: str, data: bytes, pointers: list[tuple], lines: list[int]) -> None:
        """Keep the lines of `pointers` in a file that holds `data`."""
        value = _plain_bytes(pointers) + _sealed(marshal.dumps(lines))
        command = "update files set lines = ? where path = ? and digest = ?"
        self._run(command, value, path, digest_of(data))

    def _run(self, statement: str, *values: object) -> list[tuple]:
        if not self._connection:
            return []
        try:
            return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            self._forget(error)
            return []

    def _forget(self, error: sqlite3.Error | None = None) -> None:
        """Close the cache for the rest of the run. A damaged one is removed, so that the next run begins a new one."""
        if self._connection:
            self._connection.close()
            if not error or _is_damage(error):
                self._place.unlink(missing_ok=True)
        self._connection = None


@contextlib.contextmanager
def opened(policies: Path) -> Iterator[Cache]:
    """Yield the cache of the folder `policies`."""
    cache = Cache(place(policies, NAME))
    try:
        yield cache
    finally:
        cache.close()


def signature(path: str, settled: int) -> str:
    """Return size, times and inode of a file; '' if it changed after `settled`, so that they might not show its next change."""
    try:
        state = os.lstat(path)
    except OSError:
        return ""
    if max(state.st_mtime_ns, state.st_ctime_ns) > settled:
        return ""
    return f"{state.st_size} {state.st_mtime_ns} {state.st_ctime_ns} {state.st_ino}"


def digest_of(data: bytes | str) -> bytes:
    """Return the SHA-256 of bytes, or of a text in UTF-8, as 32 bytes."""
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).digest()


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Return problems once each, sorted; faster than to compare them as objects."""
    return sorted(set(problems), key=_VALUES)


def plain(problems: Iterable[Problem]) -> list[tuple]:
    """Return problems as plain data."""
    return list(map(_VALUES, problems))


@functools.cache
def software() -> str:
    """Return a name for all that entries depend on: the code, and the releases of the packages that read and write."""
    versions = (sys.version, TOML_VERSION, pydantic_core.__version__, sqlite3.sqlite_version)
    return f"{digests.software('model', 'files', 'checks', 'build')} {' '.join(versions)}"


def place(policies: Path, name: str) -> Path | None:
    """Return where the cache `name` of a folder is: in the folder .git around it, or that of its worktree."""
    policies = policies.absolute()
    for folder in policies.parents:
        git = folder / ".git"
        if git.is_file():
            with contextlib.suppress(OSError, UnicodeDecodeError):
                git = folder / git.read_text().removeprefix("gitdir:").strip()
        if (git / "HEAD").is_file():
            of_folder = digest_of(os.fsencode(policies.relative_to(folder))).hex()[:8]
            return git / f"{name}-{of_folder}.db"
    return None


def is_own(place: Path) -> bool:
    """Return whether a file is of this user, as far as the system says."""
    return not hasattr(os, "getuid") or place.stat().st_uid == os.getuid()


def _connected(place: Path) -> sqlite3.Connection | None:
    """Return a connection to the cache; None if it cannot be used, or was written by another user."""
    connection = None
    try:
        connection = sqlite3.connect(place, timeout=0)
        if not is_own(place):
            raise PermissionError(place)
        connection.executescript(_SCHEMA)
        return connection
    except (sqlite3.Error, OSError) as error:
        if connection:
            connection.close()
        if _is_damage(error):
            place.unlink(missing_ok=True)
        return None


def _is_damage(error: Exception) -> bool:
    name = getattr(error, "sqlite_errorname", "")
    return name.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT", "SQLITE_ERROR"))


def _plain_bytes(value: object) -> bytes:
    """Return the same bytes for equal values; in later versions of the format they depend on reference counts."""
    return marshal.dumps(value, 2)


def _checksum(path: str, digest: bytes, facts: bytes) -> int:
    return zlib.crc32(facts, zlib.crc32(path.encode() + digest))


def _sealed(data: bytes, head: bytes = b"") -> bytes:
    """Return `head`, a checksum of `data`, and `data`."""
    return b"".join((head, zlib.crc32(data).to_bytes(4, "big"), data))


def _unsealed(data: bytes) -> bytes:
    """Return the content of sealed data.

    :raises ValueError: if it is damaged.
    """
    content = data[4:]
    if zlib.crc32(content) != int.from_bytes(data[:4], "big"):
        raise ValueError("the cache is damaged")
    return content
