"""Work on what strangers wrote, in a process of its own that ends with its time or its memory.

A parser can be made to run for ever by a file of a few bytes, and Python cannot stop it from inside.
"""

import contextlib
import multiprocessing
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

MOST_MEMORY = 300 << 20  # bytes that the work may add
START_SECONDS = 30.0  # for the process to begin


class LimitError(Exception):
    """The work took too much time or memory, or its process died. The message says which."""


class Apart:
    """A process that calls functions, which it imports; it is started again after one that went too far."""

    def __init__(
        self, seconds: float, memory: int = MOST_MEMORY, prepare: tuple | None = None
    ) -> None:
        """`prepare` is a function, and its arguments, that the process calls first, without these limits."""
        self._seconds, self._memory, self._prepare = seconds, memory, prepare
        self._turn = threading.Lock()
        self._child: Any = None
        self._pipe: Connection | None = None

    def __call__(self, function: Callable, *arguments: Any) -> Any:
        """Return what `function` returns.

        :raises LimitError: if it takes too long or too much memory.
        :raises Exception: what `function` raises.
        """
        with self._turn:
            return self._answer(function, arguments)

    def start(self) -> None:
        """Start the process unless it runs, so that the first call need not wait for it."""
        with self._turn:
            try:
                if self._child is None:
                    self._start()
            except (EOFError, OSError):
                self.close()

    def _answer(self, function: Callable, arguments: tuple) -> Any:
        try:
            if self._child is None:
                self._start()
            self._pipe.send((function, arguments))
            if not self._pipe.poll(self._seconds):
                self.close()
                raise LimitError(f"took more than {self._seconds:g} s")
            answer, error = self._pipe.recv()
        except (EOFError, OSError):
            self.close()
            raise LimitError("ended the process that read it") from None
        if isinstance(error, MemoryError):
            self.close()
            raise LimitError(f"took more than {self._memory >> 20} MB")
        if error is not None:
            raise error
        return answer

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        arguments = theirs, self._memory, self._prepare
        self._child = context.Process(target=_serve, args=arguments, daemon=True)
        self._child.start()
        theirs.close()
        if not self._pipe.poll(START_SECONDS):
            raise EOFError
        self._pipe.recv()

    def close(self) -> None:
        """End the process."""
        if self._child is not None:
            self._child.kill()
            self._child.join()
            self._pipe.close()
            self._child = self._pipe = None


def _serve(pipe: Connection, memory: int, prepare: tuple | None) -> None:
    """Call what comes through `pipe` until it is closed."""
    from policykb.finding import reading  # noqa: F401  what most calls need

    if prepare:
        prepare[0](*prepare[1:])
    _limit(memory)
    pipe.send(None)
    with contextlib.suppress(EOFError, OSError, KeyboardInterrupt):
        while True:
            function, arguments = pipe.recv()
            try:
                answer = function(*arguments), None
            except Exception as error:  # noqa: BLE001  it is the caller's to judge
                answer = None, error
            pipe.send(answer)


def _limit(memory: int) -> None:
    """Limit the memory that this process may add to what it has, where the system can."""
    try:
        import resource
    except ImportError:  # Windows; there the time alone is bounded
        return
    try:
        with open("/proc/self/statm") as file:
            now = int(file.read().split()[0]) * resource.getpagesize()
    except OSError:
        now = memory
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (now + memory, resource.RLIM_INFINITY))
