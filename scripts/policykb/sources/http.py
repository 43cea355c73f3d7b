"""Answers of official sources over HTTP: asked politely, bounded in time, size and number, kept for conditional requests.

From above to below: retries with backoff (tenacity), redirects (httpx), the cache (hishel, RFC 9111), and `Wire`, which
alone knows the keys. A key is put on a request after the cache has seen it, and only below the address that it belongs to.
"""

import datetime
import email.utils
import logging
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import httpcore
import httpx
import tenacity
from hishel import SqliteStorage
from hishel.httpx import CacheTransport

from policykb.sources.address import Backend, Clock, Forbidden, Late, Over
from policykb.sources.settings import Limits

USER_AGENT = f"policykb/{version('policykb')} (knowledge base of policy actions; policykb track)"
MOST_REDIRECTS = 3
MOST_CACHE_BYTES = 500_000_000
# Raw bytes are unpacked in pieces of this size, so that what one piece becomes stays small (deflate gains at most a factor of 1,032).
PIECE = 1024
LOCAL = frozenset({"127.0.0.1", "::1", "localhost"})
REDIRECTS = frozenset({301, 302, 303, 307, 308})
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
# The cache tells of its own faults with a traceback; it then goes on without having kept the answer, which is all there is to it.
logging.getLogger("hishel").addHandler(logging.NullHandler())
logging.getLogger("hishel").propagate = False


class Failed(Exception):
    """No answer that could be used. The message says why, without keys; `whole`: further questions to this source would fail too."""

    def __init__(self, message: str, whole: bool = False) -> None:
        super().__init__(message)
        self.whole = whole


class Passing(Failed):
    """A failure that may be over soon; `after`: the seconds that the source asks to wait."""

    def __init__(self, message: str, after: float | None = None, whole: bool = False) -> None:
        super().__init__(message, whole)
        self.after = after


class Slow(Failed):
    """No whole answer in the time for one."""


class Answer(NamedTuple):
    """A body, and whether it is the one that was kept before (304 Not Modified, or not asked again)."""

    body: bytes
    kept: bool


class Host(NamedTuple):
    """What is due below one address: the header field with the key, and the least seconds between requests."""

    base: httpx.URL
    field: tuple[str, str] | None
    spacing: float

    def covers(self, address: httpx.URL) -> bool:
        """Whether `address` is this one or below it, at the same scheme, host and port."""
        return _origin(self.base) == _origin(address) and f"{address.path}/".startswith(
            f"{self.base.path.rstrip('/')}/"
        )


class Client:
    """Fetches JSON. All that it may cost is in `limits`; `clock` bounds the run."""

    def __init__(self, limits: Limits, hosts: Sequence[Host], clock: Clock, cache: Path) -> None:
        self.limits, self.clock = limits, clock
        self.secrets = [host.field[1] for host in hosts if host.field]
        self.wire = Wire(limits, hosts, clock)
        storage = SqliteStorage(
            database_path=cache, max_size=MOST_CACHE_BYTES, max_stream_size=limits.answer_bytes
        )
        # Settings of the user's for other programs (proxies, .netrc) would lead around the checks of addresses and keys.
        self.http = httpx.Client(
            transport=CacheTransport(self.wire, storage, rfc={"shared": False}),
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

    def close(self) -> None:
        """End all connections."""
        self.http.close()

    def get(self, address: httpx.URL, kept: bool = False) -> Answer:
        """What is at `address`; with `kept` the body that was kept, if there is one, without asking.

        :raises Failed: if there is no answer that could be used.
        :raises Over: if the time of the run is over.
        """
        spacing = _due(self.wire.hosts, address).spacing
        backoff = tenacity.wait_exponential(multiplier=spacing, max=300) + tenacity.wait_random(
            0, spacing
        )

        def wait(state: tenacity.RetryCallState) -> float:
            after = state.outcome.exception().after
            return backoff(state) if after is None else max(after, spacing)

        def stop(state: tenacity.RetryCallState) -> bool:
            return (
                state.attempt_number >= self.limits.attempts
                or state.upcoming_sleep >= self.clock.end - time.monotonic()
            )

        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(Passing), wait=wait, stop=stop, reraise=True
        )
        return retrying(self._once, address, kept)

    def _once(self, address: httpx.URL, kept: bool) -> Answer:
        self.clock.begin(self.limits.answer_seconds)
        fresh = {} if kept else {"Cache-Control": "no-cache"}
        extensions = {"caching": {"rfc": {"shared": False, "allow_stale": True}}} if kept else {}
        where = f"{address.host}"
        try:
            with self.http.stream("GET", address, headers=fresh, extensions=extensions) as response:
                self._accepted(response)
                body = bytearray()
                for piece in response.iter_bytes():
                    body += piece
                    if len(body) > self.limits.answer_bytes:
                        raise Failed(
                            f"{where} sent more than {self.limits.answer_bytes:,} bytes (unpacked)"
                        )
                return Answer(
                    bytes(body), bool(response.extensions.get("caching", {}).get("from_cache"))
                )
        except Late:
            raise Slow(
                f"{where} took longer than {self.limits.answer_seconds:g} seconds to answer"
            ) from None
        except Forbidden as error:
            raise Failed(self.plain(str(error)), whole=True) from None
        except httpx.TooManyRedirects:
            raise Failed(f"{where} redirects more than {MOST_REDIRECTS} times") from None
        except httpx.DecodingError:
            raise Passing(f"{where} sent what cannot be unpacked") from None
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
            raise Passing(
                f"{where} cannot be reached, or broke off: {self.plain(str(error))}"
            ) from None
        except (
            httpx.HTTPError,
            httpx.InvalidURL,
            httpcore.UnsupportedProtocol,
            UnicodeError,
        ) as error:
            raise Failed(f"{where}: {self.plain(str(error))}") from None
        except RuntimeError as error:
            raise Failed(
                f"the kept answers cannot be used: {self.plain(str(error))}", whole=True
            ) from None

    def _accepted(self, response: httpx.Response) -> None:
        """Nothing, if `response` is one whose body may be read. Raises Failed otherwise."""
        where, status = response.url.host, response.status_code
        if status in (401, 403):
            raise Failed(
                f"{where} refuses the request ({status}): the key is missing, wrong or used up",
                whole=True,
            )
        if status in (404, 410):
            raise Failed(f"{where} has no such record ({status})")
        if status in PASSING:
            after = retry_after(response.headers.get("retry-after", ""))
            asks = "" if after is None else f" and asks to wait {after:,.0f} seconds"
            raise Passing(f"{where} answers {status}{asks}", after, whole=status in (429, 503))
        if status != 200:
            raise Failed(f"{where} answers {status}, expected 200")
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise Failed(
                f"{where} sent {self.plain(kind[:60]) or 'no content type'}, expected application/json"
            )
        packing = response.headers.get("content-encoding", "").strip().lower()
        if packing not in ("", "identity", "gzip"):
            raise Failed(
                f"{where} sent content packed as {self.plain(packing[:60])}, expected gzip or none"
            )

    def plain(self, text: str) -> str:
        """`text` as one line of a message, without keys."""
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return re.sub(r"[^ -~]+", " ", text).strip()[:300]


def _origin(address: httpx.URL) -> tuple[str, str, int | None]:
    return (
        address.scheme,
        address.host,
        address.port or {"http": 80, "https": 443}.get(address.scheme),
    )


def _due(hosts: Sequence[Host], address: httpx.URL) -> Host:
    """What is due at `address`: below none of `hosts` no key."""
    return next((host for host in hosts if host.covers(address)), Host(address, None, 1))


def retry_after(text: str) -> float | None:
    """The seconds that a Retry-After field means, given as seconds or as a date; None if it says nothing."""
    if re.fullmatch(r"\d{1,9}", text.strip(), re.ASCII):
        return float(text)
    try:
        until = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=datetime.UTC)
    return max(0.0, (until - datetime.datetime.now(datetime.UTC)).total_seconds())


class Wire(httpx.BaseTransport):
    """One request to one address that was checked, encrypted, with the key that belongs there and none other."""

    def __init__(self, limits: Limits, hosts: Sequence[Host], clock: Clock) -> None:
        self.limits, self.hosts = limits, hosts
        self.asked: dict[str, float] = {}
        self.clock = clock
        self.pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(),
            max_connections=4,
            keepalive_expiry=30,
            network_backend=Backend(clock, limits.allow_loopback),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The response; its body is read as it comes."""
        url = request.url
        if url.scheme != "https" and not (
            url.scheme == "http" and self.limits.allow_loopback and url.host in LOCAL
        ):
            raise Forbidden(
                f"{url.scheme or 'no scheme'}://{url.host} is not encrypted; expected https"
            )
        if url.userinfo:
            raise Forbidden(f"the address of {url.host} holds a name or password")
        due = _due(self.hosts, url)
        headers = [
            *request.headers.raw,
            *([(due.field[0].encode(), due.field[1].encode())] if due.field else []),
        ]
        self._pause(url.host, due.spacing)
        answer = self.pool.handle_request(
            httpcore.Request(
                method=request.method,
                headers=headers,
                content=request.stream,
                url=httpcore.URL(
                    scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                ),
            )
        )
        secret = due.field[1].encode() if due.field else None
        if secret and any(secret in value for _, value in answer.headers):
            answer.close()
            raise Failed(f"{url.host} gives the key back, so nothing of its answer was kept")
        if answer.status in REDIRECTS:
            # What stands in it is for people; httpx would read and unpack it without bounds.
            answer.close()
            kept = [
                header
                for header in answer.headers
                if header[0].lower() in (b"location", b"cache-control", b"date")
            ]
            return httpx.Response(answer.status, headers=kept)
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=Body(answer, self.limits.answer_bytes, url.host, secret),
        )

    def _pause(self, host: str, spacing: float) -> None:
        """Wait until `host` may be asked again."""
        wait = self.asked.get(host, float("-inf")) + spacing - time.monotonic()
        if wait > 0:
            if wait >= self.clock.end - time.monotonic():
                raise Over
            time.sleep(wait)
            self.clock.begin(self.limits.answer_seconds)
        self.asked[host] = time.monotonic()

    def close(self) -> None:
        """End all connections."""
        self.pool.close()


class Body(httpx.SyncByteStream):
    """A body as it was sent, refused when it grows too large or holds the key, which must not be kept."""

    def __init__(
        self, answer: httpcore.Response, most: int, host: str, secret: bytes | None
    ) -> None:
        self.answer, self.most, self.host, self.secret = answer, most, host, secret

    def __iter__(self) -> Iterator[bytes]:
        seen, before = 0, b""
        stream: Iterable[bytes] = self.answer.iter_stream()
        for chunk in stream:
            seen += len(chunk)
            if seen > self.most:
                raise Failed(f"{self.host} sent more than {self.most:,} bytes")
            if self.secret and self.secret in before + chunk:
                raise Failed(f"{self.host} gives the key back, so nothing of its answer was kept")
            before = chunk[-len(self.secret or b"") :]
            for start in range(0, len(chunk), PIECE):
                yield chunk[start : start + PIECE]

    def close(self) -> None:
        """End the answer, read or not."""
        self.answer.close()
