"""`policykb track` asks official sources: politely and within bounds; against a local server that answers as they do."""

import contextlib
import gzip
import http.server
import json
import os
import re
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
import rtoml
import trustme
from click.testing import CliRunner, Result
from conftest import ROOT, TODAY, Base, serving
from policykb.cli import cli
from policykb.sources import http as fetch
from policykb.sources import official as sources
from policykb.sources import settings, track

SECRET = "the-key-that-nobody-may-see"


class Asked(NamedTuple):
    """A request as it came in."""

    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    at: float


class Reply(NamedTuple):
    """What to answer; a body that is a function writes to the connection itself."""

    body: bytes | Callable[[http.server.BaseHTTPRequestHandler], None] = b"{}"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    kind: str | None = "application/json"


class Server(http.server.ThreadingHTTPServer):
    """A source on this machine: replies by path, the last one again and again; everything it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.replies: dict[str, list[Reply]] = {}
        self.asked: list[Asked] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def on(self, path: str, *replies: Reply | dict) -> None:
        """Answer `path` with `replies`, one after the other."""
        self.replies[path] = [
            Reply(json.dumps(reply).encode()) if isinstance(reply, dict) else reply
            for reply in replies
        ]

    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that ends the connection is no fault of the server."""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        url = httpx.URL("http://x" + self.path)
        query: dict[str, list[str]] = {}
        for key, value in url.params.multi_items():
            query.setdefault(key, []).append(value)
        self.server.asked.append(
            Asked(
                url.path,
                query,
                {key.lower(): value for key, value in self.headers.items()},
                time.monotonic(),
            )
        )
        waiting = self.server.replies.get(url.path) or [Reply(b'{"detail": "Not Found"}', 404)]
        reply = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if callable(reply.body):
            reply.body(self)
            self.close_connection = True
            return
        tag = dict(reply.headers).get("ETag")
        same = tag is not None and self.headers.get("If-None-Match") == tag
        self.send_response(304 if same else reply.status)
        if reply.kind is not None:
            self.send_header("Content-Type", reply.kind)
        for header in reply.headers:
            self.send_header(*header)
        if not same:
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if not same:
            self.wfile.write(reply.body)

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Every answer is a minute younger than the one before, as the cache takes the younger of two."""
        return super().date_time_string(1_790_000_000 + 60 * len(self.server.asked))

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    """A source that knows nothing yet."""
    made = Server()
    with serving(made):
        yield made


# One answer


@contextlib.contextmanager
def asking(
    server: Server,
    cache: Path,
    seconds: float = 20,
    key: str = "",
    loopback: bool = True,
    **limits: object,
) -> Iterator[Callable]:
    """A function that asks `server` for a path, as `policykb track` would."""
    clock = fetch.Clock(seconds)
    bounds = settings.Limits(
        allow_loopback=loopback, **{"attempts": 3, "answer_seconds": 5, **limits}
    )
    hosts = [fetch.Host(httpx.URL(server.address), ("X-Api-Key", key) if key else None, 0.01)]
    client = fetch.Client(bounds, hosts, clock, cache / "answers.db")
    try:
        yield lambda path, **options: client.get(httpx.URL(server.address + path), **options)
    finally:
        client.close()


def failure(server: Server, cache: Path, path: str = "/a", **options: object) -> str:
    """Why `path` gives no answer, with the port left out."""
    with asking(server, cache, **options) as get, pytest.raises(fetch.SourceError) as failed:
        get(path)
    return str(failed.value).replace(f":{server.server_port}", "")


def test_request_says_who_asks_and_what_it_takes(server: Server, tmp_path: Path):
    server.on("/a", {"a": 1})
    with asking(server, tmp_path) as get:
        assert get("/a") == fetch.Answer(b'{"a": 1}', False)
    headers = server.asked[0].headers
    assert headers["user-agent"].startswith("policykb/")
    assert (headers["accept"], headers["accept-encoding"]) == ("application/json", "gzip")


def test_what_did_not_change_is_not_sent_again(server: Server, tmp_path: Path):
    server.on("/a", Reply(b'{"a": 1}', headers=(("ETag", '"1"'),)))
    for kept in (False, True):
        with asking(server, tmp_path) as get:
            assert get("/a") == fetch.Answer(b'{"a": 1}', kept)
    assert [asked.headers.get("if-none-match") for asked in server.asked] == [None, '"1"']


def test_what_changed_replaces_what_was_kept(server: Server, tmp_path: Path):
    server.on(
        "/a",
        Reply(b'{"a": 1}', headers=(("ETag", '"1"'),)),
        Reply(b'{"a": 2}', headers=(("ETag", '"2"'),)),
    )
    for body in (b'{"a": 1}', b'{"a": 2}', b'{"a": 2}'):
        with asking(server, tmp_path) as get:
            assert get("/a").body == body
    assert [asked.headers.get("if-none-match") for asked in server.asked] == [None, '"1"', '"2"']


def test_source_is_asked_even_if_it_says_that_its_answer_stays_fresh(
    server: Server, tmp_path: Path
):
    server.on("/a", Reply(b'{"a": 1}', headers=(("Cache-Control", "max-age=3600"),)), {"a": 2})
    with asking(server, tmp_path) as get:
        assert [get("/a").body, get("/a").body] == [b'{"a": 1}', b'{"a": 2}']


def test_what_was_kept_is_used_without_asking_when_a_run_goes_on(server: Server, tmp_path: Path):
    server.on("/a", {"a": 1}, {"a": 2})
    with asking(server, tmp_path) as get:
        assert [get("/a").body, get("/a", cached=True).body] == [b'{"a": 1}', b'{"a": 1}']
    assert len(server.asked) == 1


@pytest.mark.thorough
def test_retry_after_is_honoured(server: Server, tmp_path: Path):
    server.on("/a", Reply(status=429, headers=(("Retry-After", "1"),)), {"a": 1})
    with asking(server, tmp_path) as get:
        assert get("/a").body == b'{"a": 1}'
    assert 1 <= server.asked[1].at - server.asked[0].at < 3


def test_retry_after_longer_than_the_run_ends_the_questions_to_the_source(
    server: Server, tmp_path: Path
):
    server.on("/a", Reply(status=429, headers=(("Retry-After", "3600"),)))
    with asking(server, tmp_path) as get, pytest.raises(fetch.SourceError) as failed:
        get("/a")
    assert (str(failed.value), failed.value.whole, len(server.asked)) == (
        "127.0.0.1 answers 429 and asks to wait 3,600 seconds",
        True,
        1,
    )


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120),
        (" 7 ", 7),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ("soon", None),
        ("-5", None),
        ("", None),
        ("9" * 30, None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(text: str, seconds: float | None):
    assert fetch.retry_after(text) == seconds


def test_failure_that_passes_is_tried_again(server: Server, tmp_path: Path):
    server.on("/a", Reply(status=500), Reply(status=503), {"a": 1})
    with asking(server, tmp_path) as get:
        assert get("/a").body == b'{"a": 1}'
    assert len(server.asked) == 3


def test_failure_that_stays_is_told_after_the_last_attempt(server: Server, tmp_path: Path):
    server.on("/a", Reply(status=502))
    assert (failure(server, tmp_path), len(server.asked)) == ("127.0.0.1 answers 502", 3)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (403, "127.0.0.1 refuses the request (403): the key is missing, wrong or used up"),
        (404, "127.0.0.1 has no such record (404)"),
        (400, "127.0.0.1 answers 400, expected 200"),
        (204, "127.0.0.1 answers 204, expected 200"),
        (206, "127.0.0.1 answers 206, expected 200"),
    ],
)
def test_failure_that_would_come_again_is_not_tried_again(
    server: Server, tmp_path: Path, status: int, said: str
):
    server.on("/a", Reply(status=status))
    assert (failure(server, tmp_path), len(server.asked)) == (said, 1)


def test_requests_to_one_host_keep_their_distance(server: Server, tmp_path: Path):
    server.on("/a", {"a": 1})
    hosts = [fetch.Host(httpx.URL(server.address), None, 0.2)]
    client = fetch.Client(
        settings.Limits(allow_loopback=True), hosts, fetch.Clock(20), tmp_path / "answers.db"
    )
    begin = time.monotonic()
    for _ in range(3):
        client.get(httpx.URL(server.address + "/a"))
    assert time.monotonic() - begin >= 0.4 and len(server.asked) == 3
    client.close()


# Hostile answers


def drip(part: bytes, start: bytes = b"") -> Callable[[http.server.BaseHTTPRequestHandler], None]:
    """Writes `start` at once and then one byte of `part` at a time, without end."""

    def write(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.wfile.write(start)
        with contextlib.suppress(OSError):
            for _ in range(600):
                handler.wfile.write(part)
                handler.wfile.flush()
                time.sleep(0.05)

    return write


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.mark.thorough
@pytest.mark.parametrize(
    "body",
    [drip(b" ", HEAD + b"Content-Length: 1000\r\n\r\n"), drip(b"x", HEAD + b"X-Long: "), drip(b"")],
    ids=["body", "header", "nothing"],
)
def test_slow_answer_ends_with_the_time_for_one_answer(
    server: Server, tmp_path: Path, body: Callable
):
    server.on("/a", Reply(body))
    begin = time.monotonic()
    said = failure(server, tmp_path, answer_seconds=0.5)
    assert time.monotonic() - begin < 20  # of the 30 s that the answer takes
    assert said == "127.0.0.1 took longer than 0.5 seconds to answer"


def test_slow_answer_ends_with_the_time_of_the_run(server: Server, tmp_path: Path):
    server.on("/a", Reply(drip(b" ", HEAD + b"Content-Length: 1000\r\n\r\n")))
    begin = time.monotonic()
    with asking(server, tmp_path, seconds=0.5) as get, pytest.raises(fetch.TimeLimitError):
        get("/a")
    assert time.monotonic() - begin < 20


def chunked(handler: http.server.BaseHTTPRequestHandler) -> None:
    """Chunk after chunk without end and without a length."""
    handler.wfile.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    with contextlib.suppress(OSError):
        while True:
            handler.wfile.write(b"10000\r\n" + b" " * 65536 + b"\r\n")


@pytest.mark.parametrize(
    "reply", [Reply(b" " * 200_000), Reply(chunked)], ids=["with a length", "without end"]
)
def test_huge_answer_is_cut_off(server: Server, tmp_path: Path, reply: Reply):
    server.on("/a", reply)
    assert (
        failure(server, tmp_path, answer_bytes=100_000) == "127.0.0.1 sent more than 100,000 bytes"
    )


def test_answer_that_unpacks_to_something_huge_is_cut_off(server: Server, tmp_path: Path):
    bomb = gzip.compress(bytes(50_000_000))
    assert len(bomb) < 100_000
    server.on("/a", Reply(bomb, headers=(("Content-Encoding", "gzip"),)))
    tracemalloc.start()
    assert (
        failure(server, tmp_path, answer_bytes=1_000_000)
        == "127.0.0.1 sent more than 1,000,000 bytes (unpacked)"
    )
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


def test_body_of_a_redirect_is_not_unpacked(server: Server, tmp_path: Path):
    bomb = gzip.compress(gzip.compress(bytes(50_000_000), 9), 9)
    server.on("/a", Reply(bomb, 302, (("Location", "/b"), ("Content-Encoding", "gzip, gzip"))))
    server.on("/b", {"b": 1})
    tracemalloc.start()
    with asking(server, tmp_path) as get:
        assert get("/a").body == b'{"b": 1}'
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


@pytest.mark.parametrize("packing", ["gzip, gzip", "br", "deflate", "zstd", "compress"])
def test_packing_that_was_not_asked_for_is_refused(server: Server, tmp_path: Path, packing: str):
    server.on("/a", Reply(zlib.compress(b"{}"), headers=(("Content-Encoding", packing),)))
    assert (
        failure(server, tmp_path)
        == f"127.0.0.1 sent content packed as {packing}, expected gzip or none"
    )


def test_packed_answer_is_unpacked_also_when_it_was_kept(server: Server, tmp_path: Path):
    server.on(
        "/a",
        Reply(gzip.compress(b'{"a": 1}'), headers=(("Content-Encoding", "gzip"), ("ETag", '"1"'))),
    )
    with asking(server, tmp_path) as get:
        assert [get("/a"), get("/a")] == [
            fetch.Answer(b'{"a": 1}', False),
            fetch.Answer(b'{"a": 1}', True),
        ]


@pytest.mark.parametrize(
    "rest",
    [b"Content-Length: 1000\r\n\r\n{", b"Transfer-Encoding: chunked\r\n\r\n5\r\n{}"],
    ids=["length", "chunks"],
)
def test_truncated_answer_is_tried_again_and_never_kept(
    server: Server, tmp_path: Path, rest: bytes
):
    server.on(
        "/a", Reply(lambda handler: handler.wfile.write(HEAD + b'ETag: "1"\r\n' + rest)), {"a": 1}
    )
    with asking(server, tmp_path) as get:
        assert get("/a") == fetch.Answer(b'{"a": 1}', False)
    assert [asked.headers.get("if-none-match") for asked in server.asked] == [None, None]


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("text/html; charset=utf-8", "text/html"),
        (None, "no content type"),
        ("application/json\x1b[31mx", "application/json [31mx"),
        ("text/json", "text/json"),
    ],
)
def test_other_content_type_is_refused(server: Server, tmp_path: Path, kind: str | None, said: str):
    server.on("/a", Reply(b"<html>", kind=kind))
    assert failure(server, tmp_path).startswith(
        f"127.0.0.1 sent {said}, expected application/json"
        if "\x1b" not in (kind or "")
        else "127.0.0.1"
    )


@pytest.mark.parametrize(
    "noise",
    [b"\0" * 50, b"SSH-2.0-OpenSSH_9\r\n", b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 50_000, b""],
    ids=["nul", "ssh", "headers", "nothing"],
)
def test_what_is_not_http_is_told(server: Server, tmp_path: Path, noise: bytes):
    server.on("/a", Reply(lambda handler: handler.wfile.write(noise)))
    assert failure(server, tmp_path, attempts=1).startswith(
        "127.0.0.1 cannot be reached, or closed the connection"
    )


def test_nobody_there_is_told(server: Server, tmp_path: Path):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        clock = fetch.Clock(20)
        client = fetch.Client(
            settings.Limits(allow_loopback=True, attempts=1), [], clock, tmp_path / "answers.db"
        )
        with pytest.raises(
            fetch.SourceError, match="^127.0.0.1 cannot be reached, or closed the connection"
        ):
            client.get(httpx.URL(f"http://127.0.0.1:{unused.getsockname()[1]}/"))
        client.close()


def test_damaged_cache_does_not_keep_from_asking(server: Server, tmp_path: Path):
    (tmp_path / "answers.db").write_bytes(b"no database" * 1000)
    server.on("/a", {"a": 1})
    with asking(server, tmp_path) as get:
        assert get("/a").body == b'{"a": 1}'


# Addresses


def test_nothing_is_sent_unencrypted(server: Server, tmp_path: Path):
    assert (
        failure(server, tmp_path, loopback=False)
        == "http://127.0.0.1 is not encrypted; expected https"
    )
    assert server.asked == []


@pytest.mark.parametrize(
    ("where", "place"),
    [
        ("https://169.254.169.254/latest/meta-data/", "https://169.254.169.254"),
        ("https://10.0.0.1/", "https://10.0.0.1"),
        ("https://[fe80::1]/", "https://fe80::1"),
        ("https://example.org/a", "https://example.org"),
        ("https://127.0.0.1/a", "https://127.0.0.1"),
        ("http://localhost/a", "http://localhost"),
        ("//example.org/a", "http://example.org"),
        ("http://user:pass@127.0.0.1/b", "http://127.0.0.1"),
        ("file:///etc/passwd", "file://"),
        ("gopher://127.0.0.1/", "gopher://127.0.0.1"),
    ],
)
def test_redirect_to_another_origin_is_not_followed(
    server: Server, tmp_path: Path, where: str, place: str
):
    server.on("/a", Reply(status=302, headers=(("Location", where),)))
    assert failure(server, tmp_path, key=SECRET) == (
        f"127.0.0.1 redirects to {place}, which is another place, so the redirect was not followed"
    )
    assert server.paths() == ["/a"]


def test_redirects_end(server: Server, tmp_path: Path):
    server.on("/a", Reply(status=301, headers=(("Location", "/b"),)))
    server.on("/b", Reply(status=302, headers=(("Location", "/a"),)))
    assert failure(server, tmp_path) == "127.0.0.1 redirects more than 3 times"
    assert len(server.asked) == 4


def test_redirect_on_the_same_host_is_followed_with_the_key(server: Server, tmp_path: Path):
    server.on("/a", Reply(status=301, headers=(("Location", "/b"),)))
    server.on("/b", {"b": 1})
    with asking(server, tmp_path, key=SECRET) as get:
        assert get("/a").body == b'{"b": 1}'
    assert [asked.headers.get("x-api-key") for asked in server.asked] == [SECRET, SECRET]


def test_redirect_to_another_port_gets_no_request_and_no_key(server: Server, tmp_path: Path):
    other = Server()
    with serving(other):
        server.on("/a", Reply(status=302, headers=(("Location", other.address + "/b"),)))
        other.on("/b", {"b": 1})
        assert "so the redirect was not followed" in failure(server, tmp_path, key=SECRET)
        assert server.asked[0].headers["x-api-key"] == SECRET
        assert other.asked == []


@pytest.mark.slow
def test_redirect_out_of_the_address_of_the_key_goes_without_it(server: Server, tmp_path: Path):
    server.on("/v3/a", Reply(status=301, headers=(("Location", "/b"),)))
    server.on("/b", {"b": 1})
    hosts = [fetch.Host(httpx.URL(f"{server.address}/v3"), ("X-Api-Key", SECRET), 0.01)]
    limits, cache = settings.Limits(allow_loopback=True), tmp_path / "answers.db"
    client = fetch.Client(limits, hosts, fetch.Clock(20), cache)
    assert client.get(httpx.URL(f"{server.address}/v3/a")).body == b'{"b": 1}'
    client.close()
    assert [asked.headers.get("x-api-key") for asked in server.asked] == [SECRET, None]


@pytest.mark.parametrize(
    ("address", "covered"),
    [
        ("https://a.example/v3", True),
        ("https://a.example/v3/bill", True),
        ("https://a.example:443/v3/x?y", True),
        ("https://a.example/v30/bill", False),
        ("https://a.example/", False),
        ("https://a.example:444/v3", False),
        ("http://a.example/v3", False),
        ("https://a.example.org/v3", False),
        ("https://b.a.example/v3", False),
        ("https://a.example/v3/../v2", False),
    ],
)
def test_key_belongs_to_an_address_and_what_is_below(address: str, covered: bool):
    assert (
        fetch.Host(httpx.URL("https://a.example/v3/"), None, 1).covers(httpx.URL(address))
        == covered
    )


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"{}", kind=f"text/{SECRET}"),
        Reply(status=302, headers=(("Location", f"/?api_key={SECRET}"),)),
        Reply(SECRET.encode()),
    ],
    ids=["type", "redirect", "body"],
)
def test_key_stands_in_no_message_and_no_file(server: Server, tmp_path: Path, reply: Reply):
    server.on("/a", Reply(b'{"a": 1}', headers=(("ETag", '"1"'),)))
    server.on("/b", reply)
    with asking(server, tmp_path, key=SECRET) as get:
        get("/a")
        with pytest.raises(fetch.SourceError) as failed:
            get("/b")
    assert server.asked[0].headers["x-api-key"] == SECRET
    assert str(failed.value) == "127.0.0.1 repeats the key in its answer, so the answer was dropped"
    with sqlite3.connect(tmp_path / "answers.db") as kept:
        assert kept.execute(
            "select count(*) from entries where chunk_count is not null"
        ).fetchone() == (1,)
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert files and not any(SECRET.encode() in file.read_bytes() for file in files)


# Encryption


@contextlib.contextmanager
def encrypted(
    server: Server, name: str, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> Iterator[Callable]:
    """A function that asks `server`, which speaks TLS with a certificate for `name`, as https://localhost."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    authority.cert_pem.write_to_path(folder / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(folder / "authority.pem"))
    base = httpx.URL(f"https://localhost:{server.server_port}")
    client = fetch.Client(
        settings.Limits(allow_loopback=True, attempts=1, answer_seconds=30),
        [fetch.Host(base, ("X-Api-Key", SECRET), 0.01)],
        fetch.Clock(20),
        folder / "answers.db",
    )
    yield lambda: client.get(base.copy_with(path="/a")).body
    client.close()


def test_encrypted_answer_comes_with_the_key(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    server.on("/a", {"a": 1})
    with encrypted(server, "localhost", monkeypatch, tmp_path) as get:
        assert get() == b'{"a": 1}'
    assert server.asked[0].headers["x-api-key"] == SECRET


def test_certificate_of_another_name_is_refused(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with (
        encrypted(server, "elsewhere.example", monkeypatch, tmp_path) as get,
        pytest.raises(fetch.SourceError, match="CERTIFICATE_VERIFY_FAILED.*localhost"),
    ):
        get()
    assert server.asked == []


def test_handshake_that_does_not_end_is_bounded(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = fetch.Client(
            settings.Limits(allow_loopback=True, answer_seconds=0.3),
            [],
            fetch.Clock(20),
            tmp_path / "answers.db",
        )
        with pytest.raises(fetch.UnavailableError):
            client.get(httpx.URL(f"https://127.0.0.1:{silent.getsockname()[1]}/a"))
        client.close()


# The command

BILL = {
    "bill": {
        "congress": 119,
        "type": "HR",
        "number": "9925",
        "originChamber": "House",
        "title": "A Bill",
        "introducedDate": "2026-06-10",
        "updateDate": "2026-11-20T10:00:00Z",
        "actions": {
            "count": 3,
            "url": "https://api.congress.gov/v3/bill/119/hr/9925/actions?format=json",
        },
        "cosponsors": {
            "count": 3,
            "url": "https://api.congress.gov/v3/bill/119/hr/9925/cosponsors?format=json",
        },
        "sponsors": [
            {
                "bioguideId": "O000019",
                "fullName": "Rep. Doe, Jane [R-CA-23]",
                "firstName": "Jane",
                "lastName": "Doe",
                "party": "R",
                "state": "CA",
            }
        ],
    },
    "request": {
        "billNumber": "9925",
        "billType": "hr",
        "congress": "119",
        "contentType": "application/json",
        "format": "json",
    },
}
INTRODUCED = {
    "actionCode": "Intro-H",
    "actionDate": "2026-06-10",
    "sourceSystem": {"code": 9, "name": "Library of Congress"},
    "text": "Introduced in House",
    "type": "IntroReferral",
}
REFERRED = {
    "actionCode": "H11100",
    "actionDate": "2026-06-10",
    "sourceSystem": {"code": 2, "name": "House floor actions"},
    "type": "IntroReferral",
    "text": "Referred to the House Committee on Energy and Commerce.",
    "committees": [{"name": "Energy and Commerce Committee", "systemCode": "hsif00"}],
}
REPORTED = {
    "actionCode": "5000",
    "actionDate": "2026-10-07",
    "sourceSystem": {"code": 9, "name": "Library of Congress"},
    "type": "Committee",
    "text": "Reported (Amended) by the Committee on Energy and Commerce. H. Rept. 119-800.",
}
ORDER = {
    "document_number": "2026-11415",
    "title": "An Order",
    "type": "Presidential Document",
    "subtype": "Executive Order",
    "executive_order_number": "14409",
    "executive_order_notes": None,
    "signing_date": "2026-06-02",
    "publication_date": "2026-06-05",
    "citation": "91 FR 34565",
    "html_url": "https://www.federalregister.gov/documents/2026/06/05/2026-11415/an-order",
    "agencies": [{"raw_name": "EXECUTIVE OFFICE OF THE PRESIDENT"}],
    "president": {"identifier": "x", "name": "X"},
}
STATE_BILL = {
    "id": "ocd-bill/1",
    "session": "20252026",
    "jurisdiction": {
        "id": "ocd-jurisdiction/country:us/state:ca/government",
        "name": "California",
        "classification": "state",
    },
    "from_organization": {"id": "ocd-organization/1", "name": "Senate", "classification": "upper"},
    "identifier": "SB 53",
    "title": "A State Bill",
    "classification": ["bill"],
    "subject": [],
    "first_action_date": "2025-01-07",
    "latest_action_date": "2026-10-02",
    "openstates_url": "https://openstates.org/ca/bills/20252026/SB53/",
    "actions": [
        {
            "id": "1",
            "organization": {
                "id": "ocd-organization/1",
                "name": "Senate",
                "classification": "upper",
            },
            "description": "Introduced. Read first time.",
            "date": "2025-01-07",
            "classification": ["introduction", "reading-1"],
            "order": 0,
        },
        {
            "id": "2",
            "organization": {
                "id": "ocd-organization/1",
                "name": "Senate",
                "classification": "upper",
            },
            "description": "Read third time. Passed.",
            "date": "2026-10-02",
            "classification": ["passage", "reading-3"],
            "order": 1,
        },
    ],
    "sponsorships": [],
    "other_titles": [],
    "other_identifiers": [],
    "sources": [
        {
            "url": "https://leginfo.legislature.ca.gov/faces/billNavClient.xhtml?bill_id=202520260SB53"
        }
    ],
}


def pages(*actions: dict) -> list[dict]:
    """Actions, the last one first, as the interface gives them on one page."""
    return [
        {
            "actions": list(actions[::-1]),
            "pagination": {"count": len(actions)},
            "request": {"contentType": "application/json", "format": "json"},
        }
    ]


class World(NamedTuple):
    """A knowledge base with a bill, a state bill and an order, a source for each, and the settings that lead there."""

    base: Base
    server: Server
    folder: Path

    def environment(self) -> dict[str, str]:
        """A home of its own."""
        return {
            "XDG_CACHE_HOME": str(self.folder / "cache"),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "HOME": str(self.folder),
        }

    def run(self, *arguments: str) -> Result:
        """`policykb track` without a terminal."""
        return CliRunner().invoke(
            cli,
            ["track", *arguments, "--policies", str(self.base.policies), "--today", TODAY],
            env=self.environment(),
        )

    def track(self, *arguments: str) -> tuple[int, str]:
        """Exit status and messages of `policykb track --yes`, which never shows a key or fails otherwise than it means to."""
        result = self.run("--yes", *arguments)
        assert result.exception is None or isinstance(result.exception, SystemExit), (
            result.exception
        )
        assert SECRET not in result.output
        return result.exit_code, result.stderr.replace(f":{self.server.server_port}", "")

    def start(self) -> subprocess.Popen:
        """`policykb track --yes` in a process of its own."""
        return subprocess.Popen(
            [
                sys.executable,
                "-m",
                "policykb",
                "track",
                "--yes",
                "--policies",
                str(self.base.policies),
                "--today",
                TODAY,
            ],
            stderr=subprocess.PIPE,
            env=os.environ | self.environment(),
        )

    def action(self, id: str) -> dict:
        return rtoml.load(self.base.policies / "actions" / f"{id}.toml")

    def setting(self, **limits: object) -> None:
        """Write the settings."""
        sections = {
            name: {"address": f"{self.server.address}/{name}", "seconds_between": 0.01}
            for name in ("federal_register", "congress", "openstates")
        }
        for name in ("congress", "openstates"):
            sections[name]["key"] = f"{SECRET}-{name}"
        place = self.folder / "config" / "policykb" / "track.toml"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(
            rtoml.dumps(
                {
                    **sections,
                    "limits": {
                        "allow_loopback": True,
                        "attempts": 2,
                        "answer_seconds": 5,
                        **limits,
                    },
                }
            )
        )


@pytest.fixture
def world(base: Base, server: Server, tmp_path: Path) -> World:
    """Everything known up to 2026-09-01, and nothing new since then."""
    base.action(
        "a-bill",
        [("2026-06-10", "introduced"), ("2026-06-10", "referred")],
        instrument="bill",
        as_of="2026-09-01",
        identifiers={"us_bill": "hr9925-119"},
    )
    base.action(
        "a-state-bill",
        [("2025-01-07", "introduced")],
        instrument="bill",
        jurisdiction="us-ca",
        as_of="2026-09-02",
        identifiers={"us_state_bill": "CA SB 53 (2025-26)"},
    )
    base.action(
        "an-order",
        [("2026-06-02", "issued")],
        as_of="2026-09-03",
        identifiers={"eo": "14409", "fr_document": "2026-11415"},
    )
    made = World(base, server, tmp_path)
    made.setting()
    server.on("/congress/bill/119/hr/9925", BILL)
    server.on("/congress/bill/119/hr/9925/actions", *pages(INTRODUCED, REFERRED))
    server.on(
        "/openstates/bills",
        {
            "results": [{**STATE_BILL, "actions": STATE_BILL["actions"][:1]}],
            "pagination": {"per_page": 20, "page": 1, "max_page": 1, "total_items": 1},
        },
    )
    server.on("/federal_register/documents/2026-11415.json", ORDER)
    server.on(
        "/federal_register/documents.json", {"count": 0, "description": "Documents naming it"}
    )
    return made


def test_new_action_on_a_bill_becomes_an_event(world: World):
    world.server.on("/congress/bill/119/hr/9925/actions", *pages(INTRODUCED, REFERRED, REPORTED))
    status, _ = world.track("a-bill")
    assert status == 0
    held = world.action("a-bill")
    page = "congress-2026-hr9925-page"
    assert [(str(event["date"]), event["type"]) for event in held["events"]] == [
        ("2026-06-10", "introduced"),
        ("2026-06-10", "referred"),
        ("2026-10-07", "committee_passed"),
    ]
    assert held["events"][-1] == {
        "id": "committee-passed",
        "date": held["events"][-1]["date"],
        "type": "committee_passed",
        "note": REPORTED["text"],
        "cite": [{"document": page}],
    }
    assert str(held["as_of"]) == TODAY
    assert (
        rtoml.load(world.base.policies / "documents" / f"{page}.toml")["url"]
        == "https://www.congress.gov/bill/119th-congress/house-bill/9925"
    )
    assert [problem.text() for problem in world.base.check().problems] == []


def test_nothing_new_on_a_bill_moves_the_day_up_to_which_it_is_known_and_nothing_else(world: World):
    path = world.base.policies / "actions" / "a-bill.toml"
    before = path.read_text()
    assert world.track("a-bill") == (
        0,
        "a-bill: 0 new events, confirmed\nwrote policies/actions/a-bill.toml\n1 answer, 0 of them unchanged; 0 failures\n",
    )
    assert path.read_text() == before.replace('"2026-09-01"', "2026-11-22").replace(
        "2026-09-01", "2026-11-22"
    )


def test_file_with_line_ends_of_another_system_is_edited_too(world: World):
    path = world.base.policies / "actions" / "a-bill.toml"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert world.track("a-bill")[0] == 0
    assert str(world.action("a-bill")["as_of"]) == TODAY


def test_answers_as_before_are_told_and_confirm_too(world: World):
    for path in ("/congress/bill/119/hr/9925", "/congress/bill/119/hr/9925/actions"):
        world.server.on(path, world.server.replies[path][0]._replace(headers=(("ETag", '"1"'),)))
    world.run("a-bill", "--dry-run")
    assert str(world.action("a-bill")["as_of"]) == "2026-09-01"
    assert world.track("a-bill") == (
        0,
        "a-bill: 0 new events, confirmed\nwrote policies/actions/a-bill.toml\n1 answer, 1 of them unchanged; 0 failures\n",
    )
    assert [asked.headers.get("if-none-match") for asked in world.server.asked] == [
        None,
        None,
        '"1"',
        '"1"',
    ]


def test_second_run_proposes_nothing(world: World):
    world.server.on("/congress/bill/119/hr/9925/actions", *pages(INTRODUCED, REFERRED, REPORTED))
    world.track()
    held = {path: path.read_bytes() for path in world.base.policies.rglob("*.toml")}
    status, said = world.track()
    assert (status, {path: path.read_bytes() for path in world.base.policies.rglob("*.toml")}) == (
        0,
        held,
    )
    assert "wrote" not in said


def test_passage_in_a_state_becomes_an_event(world: World):
    world.server.on(
        "/openstates/bills",
        {
            "results": [
                {**STATE_BILL, "identifier": "SB 530"},
                {**STATE_BILL, "session": "20232024", "first_action_date": "2023-01-05"},
                STATE_BILL,
            ],
            "pagination": {"per_page": 20, "page": 1, "max_page": 1, "total_items": 3},
        },
    )
    status, _ = world.track("a-state-bill")
    assert (
        status,
        [(str(event["date"]), event["type"]) for event in world.action("a-state-bill")["events"]],
    ) == (0, [("2025-01-07", "introduced"), ("2026-10-02", "passed_chamber")])
    assert str(world.action("a-state-bill")["as_of"]) == TODAY
    query = world.server.asked[0].query
    assert (query["jurisdiction"], query["q"], query["include"][:2]) == (
        ["ca"],
        ["SB 53"],
        ["actions", "sponsorships"],
    )


def test_order_that_was_revoked_gets_the_event_and_is_left_for_an_editor(world: World):
    world.server.on(
        "/federal_register/documents/2026-11415.json",
        {**ORDER, "executive_order_notes": "Revoked by: EO 14500, October 1, 2026"},
    )
    later = {
        "document_number": "2026-20000",
        "title": "Another Order",
        "publication_date": "2026-10-05",
        "executive_order_number": "14500",
        "executive_order_notes": "Revokes: EO 14409, June 2, 2026",
    }
    world.server.on(
        "/federal_register/documents.json", {"count": 1, "total_pages": 1, "results": [later]}
    )
    status, said = world.track("an-order")
    assert status == 0
    assert [
        (str(event["date"]), event["type"]) for event in world.action("an-order")["events"]
    ] == [("2026-06-02", "issued"), ("2026-10-01", "revoked")]
    assert (
        "  please review: FR Doc. 2026-20000 of 2026-10-05 names it: Another Order (Revokes: EO 14409, June 2, 2026)\n"
        in said
    )
    assert str(world.action("an-order")["as_of"]) == "2026-09-03"
    assert world.server.asked[-1].query["conditions[publication_date][gte]"] == ["2026-09-03"]


def test_nothing_new_on_an_order_confirms_it_only_when_asked_to(world: World):
    """The Federal Register does not tell of a court that stops an order."""
    before = world.action("an-order")
    assert world.track("an-order")[0] == 0
    assert world.action("an-order") == before
    assert world.track("an-order", "--confirm")[0] == 0
    assert str(world.action("an-order")["as_of"]) == TODAY


@pytest.mark.parametrize(
    ("notes", "day"),
    [
        ("See: EO 13933, June 26, 2020", TODAY),
        ("Amends: EO 13859, February 11, 2019", TODAY),
        ("Revokes: EO 13859, February 11, 2019", TODAY),
        ("Amended by: EO 14450", "2026-09-03"),
    ],
)
def test_what_an_order_says_of_others_is_no_news_of_it(world: World, notes: str, day: str):
    world.server.on(
        "/federal_register/documents/2026-11415.json", {**ORDER, "executive_order_notes": notes}
    )
    status, said = world.track("an-order", "--confirm")
    assert (status, str(world.action("an-order")["as_of"])) == (0, day)
    assert ("please review: note: 'Amended by: EO 14450' names no day" in said) == (day != TODAY)


def test_action_of_no_known_type_is_kept_and_left_for_an_editor(world: World):
    odd = {**REPORTED, "text": "Motion to frobnicate laid on the table.", "actionCode": "X99"}
    world.server.on("/congress/bill/119/hr/9925/actions", *pages(INTRODUCED, REFERRED, odd))
    status, said = world.track("a-bill")
    assert (status, world.action("a-bill")["events"][-1]["type"]) == (0, "other")
    assert (
        "  please review: no type of event fits 'Motion to frobnicate laid on the table.' (2026-10-07)\n"
        in said
    )
    assert str(world.action("a-bill")["as_of"]) == "2026-09-01"


def test_earlier_event_that_changes_the_status_keeps_it_from_being_confirmed(world: World):
    passed = {
        **REPORTED,
        "actionDate": "2026-08-01",
        "actionCode": "8000",
        "text": "Passed/agreed to in House: On passage Passed by voice vote.",
    }
    world.server.on("/congress/bill/119/hr/9925/actions", *pages(INTRODUCED, REFERRED, passed))
    before = world.action("a-bill")
    status, said = world.track("a-bill")
    assert (status, world.action("a-bill")) == (0, before)
    assert (
        "please review: with the source's earlier events it would be passed_first / not_yet, here it is in_committee / not_yet; --since with an earlier day proposes them"
        in said
    )
    assert world.track("a-bill", "--since", "2026-07-01")[0] == 0
    assert world.action("a-bill")["events"][-1]["type"] == "passed_chamber"


def test_bill_that_became_law_is_a_statute_and_no_longer_confirmed_by_its_record(world: World):
    world.server.on(
        "/congress/bill/119/hr/9925",
        {**BILL, "bill": {**BILL["bill"], "laws": [{"number": "119-99", "type": "Public Law"}]}},
    )
    law = {
        **REPORTED,
        "actionCode": "36000",
        "text": "Became Public Law No: 119-99.",
        "type": "BecameLaw",
    }
    world.server.on("/congress/bill/119/hr/9925/actions", *pages(INTRODUCED, REFERRED, law))
    assert world.track("a-bill")[0] == 0
    held = world.action("a-bill")
    assert (
        held["instrument"],
        held["identifiers"]["us_public_law"],
        held["events"][-1]["type"],
        str(held["as_of"]),
    ) == ("statute", "119-99", "adopted", "2026-09-01")


def test_open_bill_of_a_congress_that_is_over_is_not_confirmed(world: World):
    world.base.action(
        "a-bill",
        [("2024-06-10", "introduced")],
        instrument="bill",
        as_of="2026-09-01",
        identifiers={"us_bill": "hr9925-118"},
    )
    world.server.on("/congress/bill/118/hr/9925", {"bill": {**BILL["bill"], "congress": 118}})
    world.server.on(
        "/congress/bill/118/hr/9925/actions", *pages({**INTRODUCED, "actionDate": "2024-06-10"})
    )
    status, said = world.track("a-bill")
    assert (
        "please review: Congress 118 ended on 2025-01-03, and here the bill is still open; it lapsed unless it became law"
        in said
    )
    assert (status, str(world.action("a-bill")["as_of"])) == (0, "2026-09-01")


def test_bill_that_was_known_before_its_congress_ended_gets_the_event_that_ends_it(world: World):
    world.base.action(
        "a-bill",
        [("2024-06-10", "introduced")],
        instrument="bill",
        as_of="2024-07-01",
        identifiers={"us_bill": "hr9925-118"},
    )
    bill = {**BILL["bill"], "congress": 118, "updateDate": "2025-02-01T10:00:00Z"}
    world.server.on("/congress/bill/118/hr/9925", {"bill": bill})
    world.server.on(
        "/congress/bill/118/hr/9925/actions", *pages({**INTRODUCED, "actionDate": "2024-06-10"})
    )
    status, said = world.track("a-bill")
    last = world.action("a-bill")["events"][-1]
    assert (status, str(last["date"]), last["type"]) == (0, "2025-01-03", "lapsed")
    assert "please review" not in said


def test_actions_on_several_pages_are_all_asked_for(world: World):
    first = {
        "actions": [REPORTED] * 2,
        "pagination": {"count": 4, "next": "https://elsewhere.example/?offset=2"},
    }
    world.server.on(
        "/congress/bill/119/hr/9925/actions",
        first,
        {"actions": [REFERRED, INTRODUCED], "pagination": {"count": 4, "prev": "x"}},
    )
    assert world.track("a-bill")[0] == 0
    assert len(world.action("a-bill")["events"]) == 3
    assert [
        asked.query["offset"] for asked in world.server.asked if asked.path.endswith("/actions")
    ] == [["0"], ["2"]]


def test_action_that_two_sources_know_of_is_confirmed_only_if_both_answer(world: World):
    world.base.action(
        "a-bill",
        [("2026-06-10", "introduced"), ("2026-06-10", "referred")],
        instrument="bill",
        as_of="2026-09-01",
        identifiers={"us_bill": "hr9925-119", "us_state_bill": "CA SB 54 (2025-26)"},
    )
    world.server.on("/congress/bill/119/hr/9925/actions", *pages(INTRODUCED, REFERRED, REPORTED))
    status, said = world.track("a-bill")
    assert failures(said) == [
        "a-bill: Open States has no bills that could be CA SB 54 (2025-26); it has the number in sessions 20252026"
    ]
    assert (
        status,
        world.action("a-bill")["events"][-1]["type"],
        str(world.action("a-bill")["as_of"]),
    ) == (3, "committee_passed", "2026-09-01")
    assert world.track("a-bill", "--source", "congress")[0] == 0
    assert str(world.action("a-bill")["as_of"]) == "2026-09-01"


def test_bills_of_both_chambers_are_asked_about(world: World):
    world.base.action(
        "a-bill",
        [("2026-06-10", "introduced"), ("2026-06-10", "referred")],
        instrument="bill",
        as_of="2026-09-01",
        identifiers={"us_bill": ["hr9925-119", "s12-119"]},
    )
    world.server.on(
        "/congress/bill/119/s/12",
        {"bill": {**BILL["bill"], "type": "S", "number": "12", "originChamber": "Senate"}},
    )
    world.server.on(
        "/congress/bill/119/s/12/actions",
        *pages(
            {
                **INTRODUCED,
                "actionDate": "2026-09-20",
                "text": "Introduced in Senate",
                "actionCode": "10000",
            }
        ),
    )
    assert world.track("a-bill")[0] == 0
    held = world.action("a-bill")
    assert [(str(event["date"]), event["type"]) for event in held["events"]] == [
        ("2026-06-10", "introduced"),
        ("2026-06-10", "referred"),
        ("2026-09-20", "introduced"),
    ]
    assert (
        held["events"][2]["cite"] == [{"document": "congress-2026-s12-page"}]
        and str(held["as_of"]) == TODAY
    )


def test_what_is_known_up_to_today_is_asked_about_only_by_name(world: World):
    for id in ("a-bill", "a-state-bill", "an-order"):
        path = world.base.policies / "actions" / f"{id}.toml"
        path.write_text(re.sub("2026-09-0[123]", TODAY, path.read_text()))
    assert world.track() == (
        0,
        "nothing to ask: all these actions are known up to today; name an action to ask about it anyway\n",
    )
    assert world.server.asked == []
    assert world.track("a-bill") == (0, "1 answer, 0 of them unchanged; 0 failures\n")


# What goes wrong


def failures(said: str) -> list[str]:
    return [
        line.removeprefix("failed: ") for line in said.splitlines() if line.startswith("failed: ")
    ]


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("path", "reply", "reason"),
    [
        (
            "/actions",
            Reply(b'{"actions": [{"text": '),
            "Congress.gov:1: not JSON in column 23: Expecting value (the file seems to be cut off); expected complete JSON",
        ),
        (
            "/actions",
            Reply(b"[]"),
            "Congress.gov: the whole file: found a list; expected an object",
        ),
        (
            "/actions",
            Reply(b"[" * 100_000),
            "Congress.gov: is nested too deeply; expected at most 60 levels",
        ),
        (
            "/actions",
            {"actions": "none", "pagination": {"count": 1}},
            "Congress.gov: actions: found text 'none'; expected a list",
        ),
        (
            "/actions",
            {"actions": [INTRODUCED], "pagination": {"count": 7}},
            "Congress.gov sent 1 of 7 actions on hr9925-119",
        ),
        (
            "/actions",
            {"actions": [], "pagination": {"count": 0}},
            "Congress.gov, hr9925-119: actions: found a list; expected a list of actions",
        ),
        (
            "/actions",
            {"actions": [{**INTRODUCED, "actionDate": "yesterday"}], "pagination": {"count": 1}},
            "actions[0].actionDate: 'yesterday' is not a date",
        ),
        (
            "",
            {**BILL, "bill": {**BILL["bill"], "number": "1"}},
            "Congress.gov was asked for hr9925-119 and answered with hr1-119",
        ),
        ("", {"error": "x"}, "expected a bill"),
        (
            "",
            Reply(b"<html>", kind="text/html"),
            "127.0.0.1 sent text/html, expected application/json",
        ),
        ("", Reply(status=404), "127.0.0.1 has no such record (404)"),
    ],
)
def test_answer_that_cannot_be_used_changes_nothing_and_does_not_stop_the_others(
    world: World, path: str, reply: Reply | dict, reason: str
):
    before = world.action("a-bill")
    world.server.on("/congress/bill/119/hr/9925" + path, reply)
    status, said = world.track()
    (told,) = failures(said)
    assert told.startswith("a-bill: ") and reason in told
    assert (status, world.action("a-bill"), str(world.action("a-state-bill")["as_of"])) == (
        3,
        before,
        TODAY,
    )


def test_action_that_cannot_be_written_does_not_stop_the_others(world: World):
    bad = {
        **REPORTED,
        "actionDate": "2026-10-07",
        "text": "Became Public Law No: 119-99.",
        "actionCode": "36000",
    }
    world.server.on(
        "/congress/bill/119/hr/9925",
        {**BILL, "bill": {**BILL["bill"], "laws": [{"number": "119-99", "type": "Public Law"}]}},
    )
    world.server.on("/congress/bill/119/hr/9925/actions", *pages(INTRODUCED, REFERRED, bad))
    world.base.action("a-law", [("2026-10-07", "adopted")], identifiers={"us_public_law": "119-99"})
    status, said = world.track()
    (told,) = failures(said)
    assert (
        told.startswith("a-bill: the change is not valid: policies/actions/a-") and "D901" in told
    )
    assert (
        status,
        str(world.action("a-bill")["as_of"]),
        str(world.action("a-state-bill")["as_of"]),
    ) == (3, "2026-09-01", TODAY)


def test_refused_key_ends_the_questions_to_that_source_only(world: World):
    for number in range(3):
        world.base.action(
            f"bill-{number}",
            [("2026-06-10", "introduced")],
            instrument="bill",
            as_of="2026-08-01",
            identifiers={"us_bill": f"s{number + 1}-119"},
        )
        world.server.on(
            f"/congress/bill/119/s/{number + 1}",
            Reply(b'{"error": {"code": "API_KEY_INVALID"}}', 403),
        )
    status, said = world.track()
    assert failures(said) == [
        "bill-0: 127.0.0.1 refuses the request (403): the key is missing, wrong or used up",
        *(
            f"{id}: not asked: 127.0.0.1 refuses the request (403): the key is missing, wrong or used up"
            for id in ("bill-1", "bill-2", "a-bill")
        ),
    ]
    assert status == 3
    assert world.server.paths() == [
        "/congress/bill/119/s/1",
        "/openstates/bills",
        "/federal_register/documents/2026-11415.json",
        "/federal_register/documents.json",
    ]


def test_source_that_is_down_is_not_asked_again_and_again(world: World):
    for number in range(6):
        world.base.action(
            f"bill-{number}",
            [("2026-06-10", "introduced")],
            instrument="bill",
            as_of="2026-08-01",
            identifiers={"us_bill": f"s{number + 1}-119"},
        )
        world.server.on(f"/congress/bill/119/s/{number + 1}", Reply(status=500))
    status, said = world.track("--source", "congress")
    assert (
        len(failures(said)) == 7
        and sum("not asked: 127.0.0.1 answers 500" in line for line in failures(said)) == 4
    )
    assert (status, len(world.server.asked)) == (3, 6)


@pytest.mark.slow
def test_sources_without_a_key_are_skipped_and_told(world: World):
    (world.folder / "config" / "policykb" / "track.toml").write_text(
        rtoml.dumps(
            {
                "federal_register": {"address": f"{world.server.address}/federal_register"},
                "limits": {"allow_loopback": True},
            }
        )
    )
    status, said = world.track()
    assert status == 0
    assert (
        "Congress.gov was not asked: it needs a key, which is free at https://api.congress.gov/sign-up/; set POLICYKB_CONGRESS_KEY, or key in the section [congress] of the settings\n"
        in said
    )
    assert (
        "Open States was not asked: it needs a key, which is free at https://open.pluralpolicy.com/accounts/profile/; set POLICYKB_OPENSTATES_KEY"
        in said
    )
    assert {asked.path for asked in world.server.asked} == {
        "/federal_register/documents/2026-11415.json",
        "/federal_register/documents.json",
    }


def test_keys_and_addresses_of_the_environment_go_before_those_of_the_file(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("POLICYKB_CONGRESS_KEY", SECRET + "-of-the-environment")
    monkeypatch.setenv("POLICYKB_CONGRESS_ADDRESS", world.server.address + "/other/congress/")
    world.track("a-bill")
    assert [(asked.path, asked.headers["x-api-key"]) for asked in world.server.asked] == [
        ("/other/congress/bill/119/hr/9925", SECRET + "-of-the-environment")
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[congress]\nkey = 'with space'", "congress.key: String should match pattern '^[!-~]+$'"),
        ("[congress]\nkey = 3", "congress.key: Input should be a valid string"),
        ("[congres]\nkey = 'x'", "congres: Extra inputs are not permitted"),
        (
            "[congress]\naddress = 'ftp://x.example'",
            "congress.address: URL scheme should be 'http' or 'https'",
        ),
        (
            f"[congress]\naddress = 'https://me:{SECRET}@x.example'",
            "congress.address: Value error, write it without a name, password, query or fragment; a key has a setting of its own",
        ),
        (
            f"[congress]\naddress = 'https://x.example/?api_key={SECRET}'",
            "congress.address: Value error, write it without a name, password, query or fragment; a key has a setting of its own",
        ),
        (f"[congress]\nkey = '{SECRET}", " is not TOML"),
        ("[limits]\nattempts = 0", "limits.attempts: Input should be greater than or equal to 1"),
    ],
)
def test_settings_that_cannot_be_used_are_told_without_their_values(
    world: World, text: str, said: str
):
    place = world.folder / "config" / "policykb" / "track.toml"
    place.write_text(text)
    result = world.run("a-bill")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines()[-1].removeprefix(f"Error: {place}").removeprefix(": ") == said
    assert SECRET not in result.stderr and world.server.asked == []


def test_address_of_a_setting_has_to_be_public_too(world: World):
    world.setting(allow_loopback=False)
    status, said = world.track("a-bill")
    assert (status, failures(said), world.server.asked) == (
        3,
        ["a-bill: http://127.0.0.1 is not encrypted; expected https"],
        [],
    )


def test_key_is_in_no_file(world: World):
    world.server.on("/congress/bill/119/hr/9925/actions", *pages(INTRODUCED, REFERRED, REPORTED))
    world.track()
    assert {asked.headers.get("x-api-key") for asked in world.server.asked} == {
        None,
        f"{SECRET}-congress",
        f"{SECRET}-openstates",
    }
    assert all(
        (asked.headers.get("x-api-key") or SECRET).removeprefix(SECRET).removeprefix("-")
        in asked.path
        for asked in world.server.asked
    )
    files = [
        path for path in world.folder.rglob("*") if path.is_file() and path.name != "track.toml"
    ]
    assert any(path.name == "answers.db" for path in files)
    assert not any(SECRET.encode() in path.read_bytes() for path in files)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["a_bill"],
            "Error: there is no action 'a_bill' that can be tracked; did you mean 'a-bill'?",
        ),
        (
            ["--source", "gazette"],
            "Error: Invalid value for '--source': 'gazette' is not one of 'federal_register', 'congress', 'openstates'.",
        ),
        (
            ["--since", "June"],
            "Error: Invalid value for '--since': 'June' is not a day; write it as 2026-06-15",
        ),
        (["--timeout", "0"], "Error: Invalid value for '--timeout': 0.0 is not in the range x>0."),
        (
            ["a-bill", "--source", "openstates"],
            "Error: none of these actions has an identifier that a source answers for: us_state_bill",
        ),
        (
            ["--config", "nowhere.toml"],
            "Error: Invalid value for '--config': File 'nowhere.toml' does not exist.",
        ),
    ],
)
def test_wrong_use_is_told_before_anybody_is_asked(world: World, arguments: list[str], said: str):
    result = world.run(*arguments)
    assert (result.exit_code, result.stderr.splitlines()[-1], world.server.asked) == (2, said, [])


def test_without_a_terminal_nothing_is_written_unless_told_to(world: World):
    before = world.action("a-bill")
    result = world.run("a-bill")
    assert (result.exit_code, world.action("a-bill")) == (2, before)
    assert "+as_of = 2026-11-22\n" in result.stdout
    assert (
        "there is no terminal to ask at; add --yes to write, or --dry-run to look only"
        in result.stderr
    )
    assert "%" not in result.stderr and "\r" not in result.stderr


@pytest.mark.thorough
def test_on_a_terminal_a_bar_shows_how_far_it_is(world: World):
    ours, theirs = os.openpty()
    with subprocess.Popen(
        [
            sys.executable,
            "-m",
            "policykb",
            "track",
            "--dry-run",
            "--policies",
            str(world.base.policies),
            "--today",
            TODAY,
        ],
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        env=os.environ | world.environment(),
    ) as process:
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # the end of a terminal is an error
            while part := os.read(ours, 4096):
                shown += part
    os.close(ours)
    assert process.returncode == 0 and b"asking" in shown and b"33%" in shown and b"100%" in shown


def test_dry_run_shows_the_diff_and_writes_nothing(world: World):
    before = world.action("a-bill")
    result = world.run("a-bill", "--dry-run")
    assert (result.exit_code, world.action("a-bill")) == (0, before)
    assert (
        "+as_of = 2026-11-22\n" in result.stdout
        and "nothing was written (--dry-run)" in result.stderr
    )


def test_limit_takes_those_longest_not_confirmed(world: World):
    assert world.track("--limit", "2")[0] == 0
    assert [str(world.action(id)["as_of"]) for id in ("a-bill", "a-state-bill", "an-order")] == [
        TODAY,
        TODAY,
        "2026-09-03",
    ]
    assert "/federal_register/documents/2026-11415.json" not in world.server.paths()


# Runs that are cut short


@pytest.mark.thorough
def test_run_whose_time_is_over_goes_on_where_it_stopped(world: World):
    world.setting(answer_seconds=60)
    world.server.on(
        "/openstates/bills",
        Reply(drip(b" ", HEAD + b"Content-Length: 1000\r\n\r\n")),
        *world.server.replies["/openstates/bills"],
    )
    status, said = world.track("--timeout", "2", "--dry-run")
    assert (status, said.splitlines()[-2:]) == (
        3,
        [
            "Stopped after 1 of 3 requests (time limit). Run the same command to continue.",
            "1 answer, 0 of them unchanged; 0 failures",
        ],
    )
    world.server.asked.clear()
    status, said = world.track()
    assert (status, said.splitlines()[-1]) == (0, "3 answers, 1 of them unchanged; 0 failures")
    assert not any(path.startswith("/congress") for path in world.server.paths())
    assert [str(world.action(id)["as_of"]) for id in ("a-bill", "a-state-bill")] == [TODAY, TODAY]
    assert not list((world.folder / "cache").rglob("*.jsonl"))


@pytest.mark.thorough
def test_run_that_was_killed_goes_on_where_it_stopped(world: World):
    world.setting(answer_seconds=60)
    held = world.server.replies["/openstates/bills"]
    world.server.on(
        "/openstates/bills", Reply(drip(b" ", HEAD + b"Content-Length: 1000\r\n\r\n")), *held
    )
    process = world.start()
    until = time.monotonic() + 20
    while "/openstates/bills" not in world.server.paths() and time.monotonic() < until:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    (journal,) = (world.folder / "cache").rglob("*.jsonl")
    journal.write_text(journal.read_text() + '["2026-11-22", "cut sho')
    assert str(world.action("a-bill")["as_of"]) == "2026-09-01"
    world.server.asked.clear()
    status, said = world.track()
    assert (status, said.splitlines()[-1]) == (0, "3 answers, 1 of them unchanged; 0 failures")
    assert not any(path.startswith("/congress") for path in world.server.paths())
    assert str(world.action("a-bill")["as_of"]) == TODAY and not journal.exists()


@pytest.mark.thorough
def test_interrupted_run_says_so_and_writes_nothing(world: World):
    world.setting(answer_seconds=60)
    world.server.on(
        "/congress/bill/119/hr/9925", Reply(drip(b" ", HEAD + b"Content-Length: 1000\r\n\r\n"))
    )
    process = world.start()
    until = time.monotonic() + 60
    while not world.server.asked and time.monotonic() < until:
        time.sleep(0.02)
    assert world.server.asked
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=60)[1].decode()
    assert process.returncode == 1 and said.endswith("Aborted!\n") and "Traceback" not in said


def test_names_of_the_option_are_those_of_the_sources_and_settings():
    from policykb.commands.track import NAMES

    assert (
        NAMES
        == tuple(source.settings for source in sources.SOURCES)
        == tuple(settings.Settings.model_fields)[:3]
    )


def test_settings_in_the_documents_are_those_there_are():
    said = (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    shown = rtoml.loads(re.search(r"```toml\n(.*?)```", said, re.DOTALL)[1])
    held = settings.Settings.model_validate(shown)
    assert held.limits == settings.Limits()
    assert str(held.federal_register.address) == next(
        source.address for source in sources.SOURCES if source.settings == "federal_register"
    )
    assert set(shown) == set(settings.Settings.model_fields)
    assert {key for section in shown.values() for key in section} == set(
        settings.SourceSettings.model_fields
    ) | set(settings.Limits.model_fields)
    assert set(re.findall(r"`(POLICYKB_\w+)`", said)) == set(settings.ENVIRONMENT)


@pytest.mark.parametrize(
    ("identifier", "parts"),
    [
        ("CA SB 1047 (2023-24)", ("CA", "SB 1047", 2023, 2024)),
        ("CO SB 24-205 (2024)", ("CO", "SB 24-205", 2024, 2024)),
        ("NY S 6953-B (2025-26)", ("NY", "S 6953", 2025, 2026)),
        ("TX HB 149 (2025)", ("TX", "HB 149", 2025, 2025)),
        ("NY A 6453A (2025-2026)", ("NY", "A 6453", 2025, 2026)),
    ],
)
def test_state_bill_is_taken_apart(identifier: str, parts: tuple):
    assert sources.state_bill(identifier) == parts


def test_every_tracked_identifier_kept_here_can_be_asked_about():
    found = list(track.tracked(ROOT / "policies"))
    asked = track.questions(found, sources.SOURCES)
    assert len(asked) > 40
    for question in asked:
        for bill in question.identifiers.get("us_state_bill", []):
            assert sources.state_bill(bill)[1]
