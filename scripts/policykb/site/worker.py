"""A process that serves kb.db: the pages, or the lane of low priority for what strangers ask by SQL.

`policykb serve` makes it. It ends with the process that started it. A connection on which no request comes in time is
closed, and so is the longest waiting one when there are too many.
"""

import asyncio
import contextlib
import ctypes
import os
import resource
import signal
import threading
import time
from pathlib import Path

import datasette as software
import uvicorn
from datasette.app import Datasette
from uvicorn.protocols.http.h11_impl import H11Protocol

from policykb.site import finder
from policykb.site.serve import SETTINGS
from policykb.site.state import state_of

MOST_CONNECTIONS = 400
MOST_WAIT = 10  # seconds for a request to come, and for a reader to take a part of an answer
LANE_PRIORITY = 19  # the lowest
LANE_THREADS = 2
M_ARENA_MAX, MOST_ARENAS = -8, 2  # the first is of glibc (malloc.h)


class Connection(H11Protocol):
    """A connection that may not wait for long."""

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Begin to watch the connection, and close the one that waits longest if there are too many."""
        super().connection_made(transport)
        self.since = time.monotonic()
        self.unread = 0
        self.timer = self.loop.call_later(MOST_WAIT, self.check)
        if len(self.connections) > MOST_CONNECTIONS:
            waiting = [other for other in self.connections if other.is_waiting()]
            min(waiting, key=lambda other: other.since, default=self).transport.abort()

    def is_waiting(self) -> bool:
        """Return whether no request is being answered."""
        return self.cycle is None or self.cycle.response_complete

    def check(self) -> None:
        """Close the connection if no request came in time, or if the reader took nothing since the last check."""
        unread = self.transport.get_write_buffer_size()
        is_stuck = unread and unread == self.unread
        if is_stuck or (self.is_waiting() and time.monotonic() - self.since >= MOST_WAIT):
            self.transport.abort()
            return
        self.unread = unread
        self.timer = self.loop.call_later(MOST_WAIT, self.check)

    def on_response_complete(self) -> None:
        """Begin to wait for the next request."""
        self.since = time.monotonic()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """End the watch."""
        self.timer.cancel()
        super().connection_lost(exc)


def instance(db: Path, socket: str | None, is_lane: bool) -> Datasette:
    """Return the application on `db`; `socket` is that of the lane."""
    settings = {**SETTINGS, "num_sql_threads": LANE_THREADS} if is_lane else SETTINGS
    more = {}
    if software.__version__.startswith("1."):  # 0.65 asks the hook get_metadata
        more["config"] = {"plugins": {"datasette-mcp": {"canned_queries": True}}}
    datasette = Datasette([], immutables=[str(db)], settings=settings, cors=True, **more)
    state_of(datasette).is_lane = is_lane
    state_of(datasette).socket = None if is_lane else socket
    return datasette


def end_with(parent: int) -> None:
    """End this process when the process `parent` is no longer its parent."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def run(db: Path, *, is_lane: bool, socket: str, where: dict, memory: int, parent: int) -> None:
    """Serve `db` in this process until stopped, or until the process `parent` ends.

    `socket` is that of the lane, `where` the address for uvicorn, and `memory` the most memory in MB.
    """
    end_with(parent)
    _use_few_arenas()
    datasette = instance(db, socket, is_lane)
    asyncio.run(datasette.invoke_startup())
    if hasattr(resource, "RLIMIT_AS"):
        limit = memory << 20
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    if is_lane:
        os.nice(LANE_PRIORITY)
    elif finder.is_on():
        finder.start(datasette)
    server = {"http": Connection, "lifespan": "on", "timeout_graceful_shutdown": 3}
    uvicorn.run(datasette.app(), **server, **where)


def _use_few_arenas() -> None:
    """Let all threads allocate from MOST_ARENAS parts of the memory, which then takes less (glibc)."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, MOST_ARENAS)
