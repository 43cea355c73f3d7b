"""Connections to public addresses only: a name is looked up once, what it leads to is judged, and that very address is connected to.

So neither a redirect, nor a setting, nor a name whose address changes between look-up and use leads into a private network.
Nothing here lasts longer than the clock allows.
"""

import contextlib
import ipaddress
import queue
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from typing import Any

import httpcore

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
CONNECT_SECONDS = 10  # for one of several addresses
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")


class Forbidden(Exception):
    """The address may not be connected to. The message says which and why."""


class Late(Exception):
    """The time for one answer is over."""


class Over(Exception):
    """The time for the whole run is over."""


class Clock:
    """How long the answer that is waited for, and the whole run, may still take."""

    def __init__(self, seconds: float) -> None:
        self.end = self.answer_end = time.monotonic() + seconds

    def begin(self, seconds: float) -> None:
        """From now on an answer is waited for, no longer than `seconds`."""
        self.answer_end = time.monotonic() + seconds

    def left(self, most: float | None = None) -> float:
        """The seconds left, `most` of them at most.

        :raises Over: if none are left for the run.
        :raises Late: if none are left for this answer.
        """
        left = min(self.end, self.answer_end) - time.monotonic()
        if left <= 0:
            raise self.ended()
        return left if most is None else min(left, most)

    def ended(self) -> Exception:
        """What to raise when a wait for as long as was left has ended without result."""
        return Over() if self.end <= self.answer_end else Late()


def inner(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for (mapped, 6to4, NAT64), else the address itself."""
    if isinstance(address, ipaddress.IPv6Address):
        if address in _TRANSLATED:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        return address.ipv4_mapped or address.sixtofour or address
    return address


def public(address: Address) -> bool:
    """Whether anybody on the internet could be meant: not private, loopback, link-local, shared, reserved or multicast."""
    meant = inner(address)
    return meant.is_global and not meant.is_multicast


class Backend(httpcore.NetworkBackend):
    """The network as the HTTP client sees it. `loopback` allows addresses of this machine, which tests need."""

    def __init__(self, clock: Clock, loopback: bool = False) -> None:
        self.clock, self.loopback = clock, loopback
        self.network = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to `host`, at an address that was judged."""
        failed: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in self.addresses(host, port):
            try:
                wait = self.clock.left(CONNECT_SECONDS)
                return Stream(
                    self.network.connect_tcp(
                        str(address), port, wait, local_address, socket_options
                    ),
                    self.clock,
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed

    def addresses(self, host: str, port: int) -> list[Address]:
        """What `host` leads to.

        :raises Forbidden: if one of them may not be connected to; such a name is not trusted with the others either.
        """
        found = list(
            dict.fromkeys(
                ipaddress.ip_address(entry[4][0].partition("%")[0])
                for entry in self.looked_up(host, port)
            )
        )
        for address in found:
            if not public(address) and not (self.loopback and inner(address).is_loopback):
                where = host if host == str(address) else f"{host} ({address})"
                raise Forbidden(f"{where} is not a public address, so nothing was sent there")
        return found

    def looked_up(self, host: str, port: int) -> list[tuple]:
        """The answer of the resolver. The system's own wait cannot be bounded, so it is left behind when the time is over."""
        answers: queue.SimpleQueue[Any] = queue.SimpleQueue()

        def look_up() -> None:
            try:
                answers.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
            except (OSError, UnicodeError) as error:
                answers.put(error)

        threading.Thread(target=look_up, daemon=True).start()
        try:
            answer = answers.get(timeout=self.clock.left())
        except queue.Empty:
            raise self.clock.ended() from None
        if isinstance(answer, Exception):
            raise httpcore.ConnectError(f"{host} has no address: {answer}") from None
        return answer


class Stream(httpcore.NetworkStream):
    """A connection on which nothing takes longer than the clock allows, however slowly the other side drips."""

    def __init__(self, stream: httpcore.NetworkStream, clock: Clock) -> None:
        self.stream, self.clock = stream, clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """At most `max_bytes` that have come."""
        with self.timed():
            return self.stream.read(max_bytes, self.clock.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send `buffer`."""
        with self.timed():
            self.stream.write(buffer, self.clock.left())

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """The connection, encrypted; the certificate has to be that of the name asked for, whatever the address."""
        with self.timed():
            return Stream(
                self.stream.start_tls(ssl_context, server_hostname, self.clock.left()), self.clock
            )

    @contextlib.contextmanager
    def timed(self) -> Iterator[None]:
        """Say of a wait that was cut short whether the answer or the run took too long."""
        try:
            yield
        except httpcore.TimeoutException:
            raise self.clock.ended() from None

    def close(self) -> None:
        """End the connection."""
        self.stream.close()

    def get_extra_info(self, info: str) -> Any:
        """What is known of the connection."""
        return self.stream.get_extra_info(info)
