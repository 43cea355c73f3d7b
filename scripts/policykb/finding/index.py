"""What the finder knows, as tables of SQLite that are read on demand: the next start only opens them.

The file is beside the cache of the checks and may be deleted at any time. It is used while the files under policies/ and the
software are those that it was made from, and made again otherwise, or if it is damaged.
"""

import hashlib
import json
import os
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from policykb.build import cache
from policykb.files import digests
from policykb.files.reader import sources

NAME = "policykb-find"
A_DAY = 24 * 60 * 60


class Table(dict):
    """Values by key, each read by `query` when it is first asked for. `missing` is the value of other keys. At most `most` are kept."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        query: str,
        reader: Callable[..., Any] = json.loads,
        missing: Any = None,
        most: int = 20_000,
    ) -> None:
        super().__init__()
        self._connection, self._query, self._reader = connection, query, reader
        self._default, self._most = missing, most

    def __missing__(self, key: str | int) -> Any:
        row = self._connection.execute(self._query, (key,)).fetchone()
        if len(self) >= self._most:
            self.clear()
        value = self[key] = self._reader(*row) if row else self._default
        return value


class Index:
    """The tables. `is_new` says that they must be written, and `keep` ends that."""

    def __init__(self, place: Path | None = None, state: str = "") -> None:
        """Open the tables in `place` if they were made in the same `state`, else begin new ones, in memory if `place` is None."""
        self._place, self._state = place if state else None, state
        self._new: Path | None = None
        self.is_new = not self._is_opened()
        if self.is_new:
            self.connection = self._begun()
            self.connection.execute("create table facts (name text primary key, value text)")
            self.keep_fact("state", state)

    @classmethod
    def of(cls, policies: Path) -> "Index":
        """Return the tables for the files under `policies`."""
        settled = time.time_ns() - cache.UNSETTLED
        files = sources(policies)[0]
        signatures = [(file.path, cache.signature(file.absolute, settled)) for file in files]
        if not all(signature for _, signature in signatures):
            return cls()  # one has just changed, and its times would not show that it changes again
        parts = sys.version, digests.software("model", "files", "finding"), *signatures
        state = hashlib.sha256(repr(parts).encode()).hexdigest()
        return cls(cache.place(policies, NAME), state)

    def fact(self, name: str) -> Any:
        """Return what `keep_fact` kept."""
        query = "select value from facts where name = ?"
        return json.loads(self.connection.execute(query, (name,)).fetchone()[0])

    def keep_fact(self, name: str, value: Any) -> None:
        """Keep a value of plain data."""
        self.connection.execute("insert into facts values (?, ?)", (name, json.dumps(value)))

    def keep(self) -> None:
        """Put the new tables where the next start finds them."""
        if not self.is_new:
            return
        self.is_new = False
        self.connection.commit()
        if self._new:
            with suppress(OSError):
                digests.replace(self._new, self._place)
            for stray in self._place.parent.glob(f"{NAME}-*.new"):  # of a process that was killed
                with suppress(OSError):
                    if stray.stat().st_mtime < time.time() - A_DAY:
                        stray.unlink()

    def _is_opened(self) -> bool:
        """Open the tables that are there, and return whether they can be used."""
        place = self._place
        try:
            if not place or not place.is_file():
                return False
            if not cache.is_own(place) or digests.is_damaged(place):
                return False
            uri = f"{place.absolute().as_uri()}?immutable=1"
            self.connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
            return self.fact("state") == self._state
        except (OSError, sqlite3.Error, ValueError, TypeError):
            return False

    def _begun(self) -> sqlite3.Connection:
        """Return a connection to new tables: in a file aside, or in memory where there is no place for one."""
        for new in (self._place and self._place.with_name(f"{NAME}-{os.getpid()}.new"), None):
            with suppress(OSError, sqlite3.Error):
                if new:
                    new.unlink(missing_ok=True)
                connection = sqlite3.connect(new or ":memory:", check_same_thread=False)
                connection.execute("pragma journal_mode = off")
                connection.execute("pragma synchronous = off")
                self._new = new
                return connection
        raise AssertionError("memory can always be written")
