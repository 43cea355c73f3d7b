"""Fetch JSON from official sources over HTTP, with limits on time, size and number, and a cache for conditional requests.

The layers from the top: retries with backoff (tenacity), redirects (httpx), the cache (hishel, RFC 9111), and `Wire`. Only
`Wire` knows the keys: it adds a key to a request below the address of the key, after the cache has seen the request.
"""

import datetime
import email.utils
import logging
import math
import re
import time
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import httpcore
import httpx
import tenacity
from hishel import SqliteStorage
from hishel.httpx import CacheTransport

from policykb.model.problems import PolicykbError, SourceError
from policykb.sources.settings import Limits

USER_AGENT = f"policykb/{version('policykb')} (knowledge base of policy actions; policykb track)"
MOST_REDIRECTS = 3
MOST_CACHE_BYTES = 500_000_000
CONNECT_SECONDS = 10  # for each of several addresses of a host
# Bytes are unpacked in pieces of this size, so that the result of a piece stays small (deflate expands by at most 1,032).
PIECE = 1024
LOCAL = frozenset({"127.0.0.1", "::1", "localhost"})
REDIRECTS = frozenset({301, 302, 303, 307, 308})
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
# hishel logs its own faults with a traceback, and continues without caching the answer.
logging.getLogger("hishel").addHandler(logging.NullHandler())
logging.getLogger("hishel").propagate = False


class UnavailableError(SourceError):
    """The source is slow or out of order. `retry`: the failure may pass; `after`: the seconds that the source asks to wait."""

    def __init__(
        self, message: str, whole: bool = False, retry: bool = True, after: float | None = None
    ) -> None:
        super().__init__(message, whole)
        self.retry, self.after = retry, after


class TimeLimitError(PolicykbError):
    """The time limit of the run is reached."""


class Answer(NamedTuple):
    """A body, and whether it is `cached` (304 Not Modified, or there was no request)."""

    body: bytes
    cached: bool


class Host(NamedTuple):
    """The settings for all addresses below `base`: the header field with the key, and the least seconds between requests."""

    base: httpx.URL
    field: tuple[str, str] | None
    spacing: float

    def covers(self, address: httpx.URL) -> bool:
        """Return whether `address` is `base` or below it, with the same scheme, host and port."""
        base = self.base.path.rstrip("/")
        return _origin(self.base) == _origin(address) and f"{address.path}/".startswith(f"{base}/")


def _origin(address: httpx.URL) -> tuple[str, str, int | None]:
    port = address.port or {"http": 80, "https": 443}.get(address.scheme)
    return address.scheme, address.host, port


def _host(hosts: Sequence[Host], address: httpx.URL) -> Host:
    """Return the settings for `address`; without a key if it is not below one of `hosts`."""
    return next((host for host in hosts if host.covers(address)), Host(address, None, 1))


class Clock:
    """The time limits of the current answer and of the run."""

    def __init__(self, seconds: float) -> None:
        self.end = self.answer_end = time.monotonic() + seconds

    def begin(self, seconds: float) -> None:
        """Start the time limit of an answer."""
        self.answer_end = time.monotonic() + seconds

    def remaining(self, most: float = math.inf) -> float:
        """Return the remaining seconds, at most `most`. :raises httpcore.ReadTimeout: if no time remains."""
        seconds = min(self.end, self.answer_end) - time.monotonic()
        if seconds <= 0:
            raise httpcore.ReadTimeout
        return min(seconds, most)

    def run_seconds(self) -> float:
        """Return the remaining seconds of the run."""
        return self.end - time.monotonic()


class Network(httpcore.SyncBackend):
    """The network of the HTTP client, with the limits of the clock on each operation."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    def connect_tcp(self, host: str, port: int, timeout: Any = None, **options: Any) -> Any:
        """Return a connection to `host`."""
        seconds = self.clock.remaining(CONNECT_SECONDS)
        return Connection(super().connect_tcp(host, port, seconds, **options), self.clock)


class Connection(httpcore.NetworkStream):
    """A connection with the limits of the clock on the sum of all waits, even if the other side sends slowly."""

    def __init__(self, stream: httpcore.NetworkStream, clock: Clock) -> None:
        self.stream, self.clock = stream, clock
        self.close, self.get_extra_info = stream.close, stream.get_extra_info

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return up to `max_bytes` that have arrived."""
        return self.stream.read(max_bytes, self.clock.remaining())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send `buffer`."""
        self.stream.write(buffer, self.clock.remaining())

    def start_tls(self, ssl_context: Any, server_hostname: Any = None, timeout: Any = None) -> Any:
        """Return the connection, encrypted."""
        seconds = self.clock.remaining()
        stream = self.stream.start_tls(ssl_context, server_hostname, seconds)
        return Connection(stream, self.clock)


class Client:
    """Fetches JSON. `limits` apply to each answer, `clock` to the run."""

    def __init__(self, limits: Limits, hosts: Sequence[Host], clock: Clock, cache: Path) -> None:
        self.limits, self.hosts, self.clock = limits, hosts, clock
        self.secrets = [host.field[1] for host in hosts if host.field]
        storage = SqliteStorage(
            database_path=cache, max_size=MOST_CACHE_BYTES, max_stream_size=limits.answer_bytes
        )
        # The user's settings for other programs (proxies, .netrc) would bypass the checks of addresses and keys.
        self.http = httpx.Client(
            transport=CacheTransport(Wire(limits, hosts, clock), storage, rfc={"shared": False}),
            follow_redirects=True,
            trust_env=False,
            max_redirects=MOST_REDIRECTS,
            timeout=None,
            headers={
                "User-Agent": USER_AGENT,
                "Accept": "application/json",
                "Accept-Encoding": "gzip",
            },
        )
        self.close = self.http.close

    def get(self, address: httpx.URL, cached: bool = False) -> Answer:
        """Return the answer at `address`; with `cached` the body in the cache without a request, if there is one.

        :raises SourceError: if there is no usable answer.
        :raises TimeLimitError: if the time limit of the run is reached.
        """
        spacing = _host(self.hosts, address).spacing
        backoff = tenacity.wait_exponential(multiplier=spacing, max=300)
        backoff += tenacity.wait_random(0, spacing)

        def wait(state: tenacity.RetryCallState) -> float:
            after = state.outcome.exception().after
            return backoff(state) if after is None else max(after, spacing)

        def stop(state: tenacity.RetryCallState) -> bool:
            attempts_over = state.attempt_number >= self.limits.attempts
            return attempts_over or state.upcoming_sleep >= self.clock.run_seconds()

        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(lambda error: getattr(error, "retry", False)),
            wait=wait,
            stop=stop,
            reraise=True,
        )
        return retrying(self._once, address, cached)

    def _once(self, address: httpx.URL, cached: bool) -> Answer:
        self.clock.begin(self.limits.answer_seconds)
        try:
            return self._answer(address, cached)
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
            if self.clock.run_seconds() <= 0:
                raise TimeLimitError from None
            late = self.clock.answer_end <= time.monotonic()
            if late and isinstance(error, httpcore.TimeoutException):
                message = f"took longer than {self.limits.answer_seconds:g} seconds to answer"
                raise UnavailableError(f"{address.host} {message}", retry=False) from None
            message = f"cannot be reached, or closed the connection: {self.plain(str(error))}"
            raise UnavailableError(f"{address.host} {message}") from None
        except httpx.TooManyRedirects:
            message = f"{address.host} redirects more than {MOST_REDIRECTS} times"
            raise SourceError(message) from None
        except httpx.DecodingError:
            raise UnavailableError(f"{address.host} sent content that cannot be unpacked") from None
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            raise SourceError(f"{address.host}: {self.plain(str(error))}") from None
        except RuntimeError as error:
            message = f"the cache of answers cannot be used: {self.plain(str(error))}"
            raise SourceError(message, whole=True) from None

    def _answer(self, address: httpx.URL, cached: bool) -> Answer:
        fresh = {} if cached else {"Cache-Control": "no-cache"}
        extensions = {"caching": {"rfc": {"shared": False, "allow_stale": True}}} if cached else {}
        with self.http.stream("GET", address, headers=fresh, extensions=extensions) as response:
            self._check(response)
            body = bytearray()
            for piece in response.iter_bytes():
                body += piece
                if len(body) > self.limits.answer_bytes:
                    most = f"{self.limits.answer_bytes:,} bytes (unpacked)"
                    raise SourceError(f"{address.host} sent more than {most}")
            from_cache = response.extensions.get("caching", {}).get("from_cache")
            return Answer(bytes(body), bool(from_cache))

    def _check(self, response: httpx.Response) -> None:
        """Raise SourceError unless the body of `response` may be read."""
        host, status = response.url.host, response.status_code
        if status in (401, 403):
            message = f"refuses the request ({status}): the key is missing, wrong or used up"
            raise SourceError(f"{host} {message}", whole=True)
        if status in (404, 410):
            raise SourceError(f"{host} has no such record ({status})")
        if status in PASSING:
            after = retry_after(response.headers.get("retry-after", ""))
            asks = "" if after is None else f" and asks to wait {after:,.0f} seconds"
            whole = status in (429, 503)
            raise UnavailableError(f"{host} answers {status}{asks}", whole, after=after)
        if status != 200:
            raise SourceError(f"{host} answers {status}, expected 200")
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            kind = self.plain(kind[:60]) or "no content type"
            raise SourceError(f"{host} sent {kind}, expected application/json")
        packing = response.headers.get("content-encoding", "").strip().lower()
        if packing not in ("", "identity", "gzip"):
            packing = self.plain(packing[:60])
            raise SourceError(f"{host} sent content packed as {packing}, expected gzip or none")

    def plain(self, text: str) -> str:
        """Return `text` as one line of a message, without keys."""
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return re.sub(r"[^ -~]+", " ", text).strip()[:300]


def retry_after(text: str) -> float | None:
    """Return the seconds of a Retry-After field, which has seconds or a date; None if it has neither."""
    if re.fullmatch(r"\d{1,9}", text.strip(), re.ASCII):
        return float(text)
    try:
        until = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=datetime.UTC)
    return max(0.0, (until - datetime.datetime.now(datetime.UTC)).total_seconds())


class Wire(httpx.BaseTransport):
    """Sends a single request, encrypted, with the key for its address."""

    def __init__(self, limits: Limits, hosts: Sequence[Host], clock: Clock) -> None:
        self.limits, self.hosts, self.clock = limits, hosts, clock
        self.asked: dict[str, float] = {}
        self.pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(),
            max_connections=4,
            keepalive_expiry=30,
            network_backend=Network(clock),
        )
        self.close = self.pool.close

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the response; its body is read later."""
        url = request.url
        local = self.limits.allow_loopback and url.host in LOCAL
        if url.scheme != "https" and not (url.scheme == "http" and local):
            message = f"{url.scheme}://{url.host} is not encrypted; expected https"
            raise SourceError(message, whole=True)
        host = _host(self.hosts, url)
        key = [(host.field[0].encode(), host.field[1].encode())] if host.field else []
        self._pause(url.host, host.spacing)
        answer = self.pool.handle_request(
            httpcore.Request(
                method=request.method,
                headers=[*request.headers.raw, *key],
                content=request.stream,
                url=httpcore.URL(
                    scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                ),
            )
        )
        secret = key[0][1] if key else None
        if secret and any(secret in value for _, value in answer.headers):
            answer.close()
            raise _key_returned(url.host)
        if answer.status in REDIRECTS:
            return _redirect(url, answer)
        body = Body(answer, self.limits.answer_bytes, url.host, secret)
        return httpx.Response(answer.status, headers=answer.headers, stream=body)

    def _pause(self, host: str, spacing: float) -> None:
        """Wait until the next request to `host` is allowed."""
        wait = self.asked.get(host, -math.inf) + spacing - time.monotonic()
        if wait > 0:
            if wait >= self.clock.run_seconds():
                raise TimeLimitError
            time.sleep(wait)
            self.clock.begin(self.limits.answer_seconds)
        self.asked[host] = time.monotonic()


def _redirect(url: httpx.URL, answer: httpcore.Response) -> httpx.Response:
    """Return a redirect without its body, which httpx would unpack without limits.

    :raises SourceError: if it leads to another origin, or contains a name or password.
    """
    answer.close()
    used = (b"location", b"cache-control", b"date")
    response = httpx.Response(
        answer.status, headers=[pair for pair in answer.headers if pair[0].lower() in used]
    )
    target = url.join(response.headers.get("location", ""))
    if _origin(target) != _origin(url) or target.userinfo:
        place = f"{target.scheme}://{target.host}" + (f":{target.port}" if target.port else "")
        message = f"{url.host} redirects to {place}, which is another place, so the redirect was not followed"
        raise SourceError(message)
    return response


def _key_returned(host: str) -> SourceError:
    return SourceError(f"{host} repeats the key in its answer, so the answer was dropped")


class Body(httpx.SyncByteStream):
    """A body as it was sent. It raises SourceError if it becomes too large or contains the key."""

    def __init__(
        self, answer: httpcore.Response, most: int, host: str, secret: bytes | None
    ) -> None:
        self.answer, self.most, self.host, self.secret = answer, most, host, secret
        self.close = answer.close

    def __iter__(self) -> Iterator[bytes]:
        size, before = 0, b""
        for chunk in self.answer.iter_stream():
            size += len(chunk)
            if size > self.most:
                raise SourceError(f"{self.host} sent more than {self.most:,} bytes")
            if self.secret and self.secret in before + chunk:
                raise _key_returned(self.host)
            before = chunk[-len(self.secret or b"") :]
            for start in range(0, len(chunk), PIECE):
                yield chunk[start : start + PIECE]
