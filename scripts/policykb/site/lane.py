"""A lane of its own for what may be expensive, so that no page waits for what strangers ask.

All but the pages for people may run SQL of a stranger: tables, queries, and the addresses of plugins. A few of
these requests run at a time, a few more wait, and the rest are refused. `policykb serve` runs them in a second
process of low priority, to which they are passed through a socket; elsewhere they run in this process.
"""

import asyncio
from collections.abc import Callable
from urllib.parse import quote

import httpx

AT_ONCE = 2
MOST_WAITING = 8
MOST_SECONDS = 30  # for one request, with the time that a slow reader takes
RETRIES = 4  # to reach the other process, which may be starting; they take about four seconds
# Headers of one connection, which are not passed on (RFC 9110, section 7.6.1), and those that the lane sets itself.
HOP = frozenset(
    b"connection keep-alive proxy-connection te trailer transfer-encoding upgrade expect "
    b"content-length x-forwarded-proto x-forwarded-for forwarded date server".split()
)


class BusyError(Exception):
    """So many requests wait in the lane that no other may."""


class Lane:
    """The lane of an instance; `socket` is the address of the process that answers, None for this process."""

    def __init__(self, socket: str | None) -> None:
        self.slots = asyncio.Semaphore(AT_ONCE)
        self.waiting = 0
        # No client of httpx, which would keep the cookies of a visitor and send them for another.
        self.process = socket and httpx.AsyncHTTPTransport(uds=socket, retries=RETRIES)

    async def answer(self, app: Callable, scope: dict, receive: Callable, send: Callable) -> None:
        """Answer a request when its turn comes, by the other process or else by `app`.

        :raises BusyError: if too many wait, or no answer comes within MOST_SECONDS; nothing was sent then.
        :raises TimeoutError: if an answer does not end within MOST_SECONDS.
        """
        if self.slots.locked() and self.waiting >= MOST_WAITING:
            raise BusyError
        self.waiting += 1
        try:
            await self.slots.acquire()
        finally:
            self.waiting -= 1
        began = False

        async def watched(message: dict) -> None:
            nonlocal began
            began = True
            await send(message)

        try:
            async with asyncio.timeout(MOST_SECONDS):
                await (self._pass_on if self.process else app)(scope, receive, watched)
        except TimeoutError as error:
            if began:
                raise
            raise BusyError from error
        finally:
            self.slots.release()

    async def _pass_on(self, scope: dict, receive: Callable, send: Callable) -> None:
        """Pass a request to the other process, and its answer back while it comes."""
        request = httpx.Request(
            scope["method"],
            "http://policykb/",
            headers=[*_passed(scope["headers"]), (b"x-forwarded-proto", scope["scheme"].encode())],
            content=await _body(receive) if scope["method"] == "POST" else None,
            extensions={"target": _target(scope)},
        )
        try:
            response = await self.process.handle_async_request(request)
        except httpx.TransportError as error:
            raise BusyError from error
        try:
            headers = _passed(response.headers.raw, length=True)
            start = {"type": "http.response.start", "status": response.status_code}
            await send({**start, "headers": headers})
            async for chunk in response.stream:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            await response.aclose()


def _target(scope: dict) -> bytes:
    """Return the path and the query of a request as they came."""
    path = scope.get("raw_path") or quote(scope["path"]).encode()
    query = scope.get("query_string", b"")
    return path + b"?" + query if query else path


def _passed(headers: list, length: bool = False) -> list[tuple[bytes, bytes]]:
    """Return the headers that are not of one connection alone; with their `length` where it is that of the answer."""
    pairs = [(name.lower(), value) for name, value in headers]
    return [
        (name, value)
        for name, value in pairs
        if name not in HOP or (length and name == b"content-length")
    ]


async def _body(receive: Callable) -> bytes:
    """Return the body of a request, whose size is limited elsewhere."""
    parts, more = [], True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)
