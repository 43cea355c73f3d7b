"""`policykb track` asks official sources: politely, within bounds, of public addresses only; against a local server that answers as they do."""

import contextlib
import gzip
import http.server
import ipaddress
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import httpcore
import httpx
import pytest
from conftest import TODAY, Base, policykb
from policykb.feeds import address, fetch, settings

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
        self.replies[path] = [Reply(json.dumps(reply).encode()) if isinstance(reply, dict) else reply for reply in replies]

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
        self.server.asked.append(Asked(url.path, query, {key.lower(): value for key, value in self.headers.items()}, time.monotonic()))
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


@contextlib.contextmanager
def serving() -> Iterator[Server]:
    with Server() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def server() -> Iterator[Server]:
    """A source that knows nothing yet."""
    with serving() as made:
        yield made


# One answer


@contextlib.contextmanager
def asking(server: Server, cache: Path, seconds: float = 20, key: str = "", loopback: bool = True, **limits: object) -> Iterator[Callable]:
    """A function that asks `server` for a path, as `policykb track` would."""
    clock = address.Clock(seconds)
    bounds = settings.Limits(allow_loopback=loopback, **{"attempts": 3, "answer_seconds": 5, **limits})
    hosts = {fetch.origin(httpx.URL(server.address)): fetch.Host(("X-Api-Key", key) if key else None, 0.01)}
    client = fetch.Client(bounds, hosts, clock, cache / "answers.db")
    try:
        yield lambda path, **options: client.get(httpx.URL(server.address + path), **options)
    finally:
        client.close()


def failure(server: Server, cache: Path, path: str = "/a", **options: object) -> str:
    """Why `path` gives no answer, with the port left out."""
    with asking(server, cache, **options) as get, pytest.raises(fetch.Failed) as failed:
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
    server.on("/a", Reply(b'{"a": 1}', headers=(("ETag", '"1"'),)), Reply(b'{"a": 2}', headers=(("ETag", '"2"'),)))
    for body in (b'{"a": 1}', b'{"a": 2}', b'{"a": 2}'):
        with asking(server, tmp_path) as get:
            assert get("/a").body == body
    assert [asked.headers.get("if-none-match") for asked in server.asked] == [None, '"1"', '"2"']


def test_source_is_asked_even_if_it_says_that_its_answer_stays_fresh(server: Server, tmp_path: Path):
    server.on("/a", Reply(b'{"a": 1}', headers=(("Cache-Control", "max-age=3600"),)), {"a": 2})
    with asking(server, tmp_path) as get:
        assert [get("/a").body, get("/a").body] == [b'{"a": 1}', b'{"a": 2}']


def test_what_was_kept_is_used_without_asking_when_a_run_goes_on(server: Server, tmp_path: Path):
    server.on("/a", {"a": 1}, {"a": 2})
    with asking(server, tmp_path) as get:
        assert [get("/a").body, get("/a", kept=True).body] == [b'{"a": 1}', b'{"a": 1}']
    assert len(server.asked) == 1


def test_retry_after_is_honoured(server: Server, tmp_path: Path):
    server.on("/a", Reply(status=429, headers=(("Retry-After", "1"),)), {"a": 1})
    with asking(server, tmp_path) as get:
        assert get("/a").body == b'{"a": 1}'
    assert 1 <= server.asked[1].at - server.asked[0].at < 3


def test_retry_after_longer_than_the_run_ends_the_questions_to_the_source(server: Server, tmp_path: Path):
    server.on("/a", Reply(status=429, headers=(("Retry-After", "3600"),)))
    with asking(server, tmp_path) as get, pytest.raises(fetch.Failed) as failed:
        get("/a")
    assert (str(failed.value), failed.value.whole, len(server.asked)) == ("127.0.0.1 answers 429 and asks to wait 3,600 seconds", True, 1)


@pytest.mark.parametrize(("text", "seconds"), [("120", 120), (" 7 ", 7), ("Wed, 21 Oct 2015 07:28:00 GMT", 0), ("soon", None), ("-5", None), ("", None), ("9" * 30, None)])
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


@pytest.mark.parametrize(("status", "said"), [
    (403, "127.0.0.1 refuses the request (403): the key is missing, wrong or used up"), (404, "127.0.0.1 has no such record (404)"),
    (400, "127.0.0.1 answers 400, expected 200"), (204, "127.0.0.1 answers 204, expected 200"), (206, "127.0.0.1 answers 206, expected 200")])
def test_failure_that_would_come_again_is_not_tried_again(server: Server, tmp_path: Path, status: int, said: str):
    server.on("/a", Reply(status=status))
    assert (failure(server, tmp_path), len(server.asked)) == (said, 1)


def test_requests_to_one_host_keep_their_distance(server: Server, tmp_path: Path):
    server.on("/a", {"a": 1})
    hosts = {fetch.origin(httpx.URL(server.address)): fetch.Host(None, 0.2)}
    client = fetch.Client(settings.Limits(allow_loopback=True), hosts, address.Clock(20), tmp_path / "answers.db")
    for _ in range(3):
        client.get(httpx.URL(server.address + "/a"))
    client.close()
    times = [asked.at for asked in server.asked]
    assert len(times) == 3 and all(later - earlier >= 0.19 for earlier, later in zip(times, times[1:], strict=False))


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


@pytest.mark.parametrize("body", [drip(b" ", HEAD + b"Content-Length: 1000\r\n\r\n"), drip(b"x", HEAD + b"X-Long: "), drip(b"")], ids=["body", "header", "nothing"])
def test_slow_answer_ends_with_the_time_for_one_answer(server: Server, tmp_path: Path, body: Callable):
    server.on("/a", Reply(body))
    begin = time.monotonic()
    said = failure(server, tmp_path, answer_seconds=0.5)
    assert time.monotonic() - begin < 3
    assert said == "127.0.0.1 took longer than 0.5 seconds to answer"


def test_slow_answer_ends_with_the_time_of_the_run(server: Server, tmp_path: Path):
    server.on("/a", Reply(drip(b" ", HEAD + b"Content-Length: 1000\r\n\r\n")))
    begin = time.monotonic()
    with asking(server, tmp_path, seconds=0.5) as get, pytest.raises(address.Over):
        get("/a")
    assert time.monotonic() - begin < 2


def chunked(handler: http.server.BaseHTTPRequestHandler) -> None:
    """Chunk after chunk without end and without a length."""
    handler.wfile.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    with contextlib.suppress(OSError):
        while True:
            handler.wfile.write(b"10000\r\n" + b" " * 65536 + b"\r\n")


@pytest.mark.parametrize("reply", [Reply(b" " * 200_000), Reply(chunked)], ids=["with a length", "without end"])
def test_huge_answer_is_cut_off(server: Server, tmp_path: Path, reply: Reply):
    server.on("/a", reply)
    assert failure(server, tmp_path, answer_bytes=100_000) == "127.0.0.1 sent more than 100,000 bytes"


def test_answer_that_unpacks_to_something_huge_is_cut_off(server: Server, tmp_path: Path):
    bomb = gzip.compress(bytes(500_000_000), 9)
    assert len(bomb) < 500_000
    server.on("/a", Reply(bomb, headers=(("Content-Encoding", "gzip"),)))
    tracemalloc.start()
    assert failure(server, tmp_path, answer_bytes=1_000_000) == "127.0.0.1 sent more than 1,000,000 bytes (unpacked)"
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()


@pytest.mark.parametrize("packing", ["gzip, gzip", "br", "deflate", "zstd", "compress"])
def test_packing_that_was_not_asked_for_is_refused(server: Server, tmp_path: Path, packing: str):
    server.on("/a", Reply(zlib.compress(b"{}"), headers=(("Content-Encoding", packing),)))
    assert failure(server, tmp_path) == f"127.0.0.1 sent content packed as {packing}, expected gzip or none"


def test_packed_answer_is_unpacked_also_when_it_was_kept(server: Server, tmp_path: Path):
    server.on("/a", Reply(gzip.compress(b'{"a": 1}'), headers=(("Content-Encoding", "gzip"), ("ETag", '"1"'))))
    with asking(server, tmp_path) as get:
        assert [get("/a"), get("/a")] == [fetch.Answer(b'{"a": 1}', False), fetch.Answer(b'{"a": 1}', True)]


@pytest.mark.parametrize("rest", [b"Content-Length: 1000\r\n\r\n{", b"Transfer-Encoding: chunked\r\n\r\n5\r\n{}"], ids=["length", "chunks"])
def test_truncated_answer_is_tried_again_and_never_kept(server: Server, tmp_path: Path, rest: bytes):
    server.on("/a", Reply(lambda handler: handler.wfile.write(HEAD + b'ETag: "1"\r\n' + rest)), {"a": 1})
    with asking(server, tmp_path) as get:
        assert get("/a") == fetch.Answer(b'{"a": 1}', False)
    assert [asked.headers.get("if-none-match") for asked in server.asked] == [None, None]


@pytest.mark.parametrize(("kind", "said"), [
    ("text/html; charset=utf-8", "text/html"), (None, "no content type"), ("application/json\x1b[31mx", "application/json [31mx"), ("text/json", "text/json")])
def test_other_content_type_is_refused(server: Server, tmp_path: Path, kind: str | None, said: str):
    server.on("/a", Reply(b"<html>", kind=kind))
    assert failure(server, tmp_path).startswith(f"127.0.0.1 sent {said}, expected application/json" if "\x1b" not in (kind or "") else "127.0.0.1")


@pytest.mark.parametrize("noise", [b"\0" * 50, b"SSH-2.0-OpenSSH_9\r\n", b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 50_000, b""], ids=["nul", "ssh", "headers", "nothing"])
def test_what_is_not_http_is_told(server: Server, tmp_path: Path, noise: bytes):
    server.on("/a", Reply(lambda handler: handler.wfile.write(noise)))
    assert failure(server, tmp_path, attempts=1).startswith("127.0.0.1 cannot be reached, or broke off")


def test_nobody_there_is_told(server: Server, tmp_path: Path):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        clock = address.Clock(20)
        client = fetch.Client(settings.Limits(allow_loopback=True, attempts=1), {}, clock, tmp_path / "answers.db")
        with pytest.raises(fetch.Failed, match="^127.0.0.1 cannot be reached, or broke off"):
            client.get(httpx.URL(f"http://127.0.0.1:{unused.getsockname()[1]}/"))
        client.close()


def test_damaged_cache_does_not_keep_from_asking(server: Server, tmp_path: Path):
    (tmp_path / "answers.db").write_bytes(b"no database" * 1000)
    server.on("/a", {"a": 1})
    with asking(server, tmp_path) as get:
        assert get("/a").body == b'{"a": 1}'


# Addresses


@pytest.mark.parametrize(("text", "is_public"), [
    ("8.8.8.8", True), ("2600::1", True), ("127.0.0.1", False), ("10.1.2.3", False), ("172.16.0.1", False), ("192.168.1.1", False),
    ("169.254.169.254", False), ("100.64.0.1", False), ("0.0.0.0", False), ("255.255.255.255", False), ("224.0.0.1", False), ("::1", False), ("::", False),
    ("fe80::1", False), ("fc00::1", False), ("ff02::1", False), ("::ffff:127.0.0.1", False), ("::ffff:8.8.8.8", True), ("64:ff9b::7f00:1", False),
    ("64:ff9b::808:808", True), ("2002:7f00:1::", False), ("2001:db8::1", False), ("192.0.2.1", False), ("198.18.0.1", False)])
def test_addresses_that_anybody_could_mean(text: str, is_public: bool):
    assert address.public(ipaddress.ip_address(text)) == is_public


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "2130706433", "127.1", "0x7f.1", "0.0.0.0"])
def test_this_machine_is_not_asked_unless_allowed(server: Server, tmp_path: Path, host: str):
    clock = address.Clock(20)
    client = fetch.Client(settings.Limits(attempts=1), {}, clock, tmp_path / "answers.db")
    with pytest.raises(fetch.Failed) as failed:
        client.get(httpx.URL(f"https://{host}:{server.server_port}/a"))
    client.close()
    assert "is not a public address, so nothing was sent there" in str(failed.value)
    assert (failed.value.whole, server.asked) == (True, [])


def test_nothing_is_sent_unencrypted(server: Server, tmp_path: Path):
    assert failure(server, tmp_path, loopback=False) == "http://127.0.0.1 is not encrypted; expected https"
    assert server.asked == []


@pytest.mark.parametrize(("where", "said"), [
    ("http://169.254.169.254/latest/meta-data/", "169.254.169.254 is not a public address, so nothing was sent there"),
    ("http://10.0.0.1/", "10.0.0.1 is not a public address, so nothing was sent there"), ("http://[fe80::1]/", "fe80::1 is not a public address, so nothing was sent there"),
    ("file:///etc/passwd", "file://127.0.0.1 is not encrypted; expected https"), ("gopher://127.0.0.1/", "gopher://127.0.0.1 is not encrypted; expected https"),
    ("http://user:pass@127.0.0.1/b", "the address of 127.0.0.1 holds a name or password")])
def test_redirect_to_a_place_that_is_not_public_is_not_followed(server: Server, tmp_path: Path, where: str, said: str):
    server.on("/a", Reply(status=302, headers=(("Location", where),)))
    assert failure(server, tmp_path) == said
    assert server.paths() == ["/a"]


def test_name_that_changes_its_address_between_two_looks_is_looked_up_once(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """DNS rebinding: public when judged, this machine when connected to. What was judged is what is connected to."""
    answers, connected = iter(["8.8.8.8", "127.0.0.1"]), []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), server.server_port))])

    def connect(_: object, host: str, *__: object) -> None:
        connected.append(host)
        raise httpcore.ConnectError("no network in this test")

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
    client = fetch.Client(settings.Limits(attempts=1), {}, address.Clock(5), tmp_path / "answers.db")
    with pytest.raises(fetch.Failed, match="no network in this test"):
        client.get(httpx.URL("https://rebinding.example/a"))
    client.close()
    assert connected == ["8.8.8.8"]


def test_name_with_one_private_address_is_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 443)) for one in ("8.8.8.8", "192.168.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    client = fetch.Client(settings.Limits(attempts=1), {}, address.Clock(5), tmp_path / "answers.db")
    with pytest.raises(fetch.Failed, match=r"^two.example \(192.168.0.1\) is not a public address"):
        client.get(httpx.URL("https://two.example/a"))
    client.close()


def test_slow_resolver_ends_with_the_time_for_one_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(3) or [])
    client = fetch.Client(settings.Limits(attempts=1, answer_seconds=0.3), {}, address.Clock(5), tmp_path / "answers.db")
    begin = time.monotonic()
    with pytest.raises(fetch.Failed, match="^slow.example took longer than 0.3 seconds to answer"):
        client.get(httpx.URL("https://slow.example/a"))
    assert time.monotonic() - begin < 2
    client.close()


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


def test_key_is_sent_to_its_own_host_only(server: Server, tmp_path: Path):
    with serving() as other:
        server.on("/a", Reply(status=302, headers=(("Location", other.address + "/b"),)))
        other.on("/b", {"b": 1})
        with asking(server, tmp_path, key=SECRET) as get:
            assert get("/a").body == b'{"b": 1}'
        assert server.asked[0].headers["x-api-key"] == SECRET
        assert SECRET not in str(other.asked) and len(other.asked) == 1


@pytest.mark.parametrize("reply", [Reply(b"{}", kind=f"text/{SECRET}"), Reply(status=302, headers=(("Location", f"/?api_key={SECRET}"),)), Reply(SECRET.encode())],
                         ids=["type", "redirect", "body"])
def test_key_stands_in_no_message_and_no_file(server: Server, tmp_path: Path, reply: Reply):
    server.on("/a", Reply(b'{"a": 1}', headers=(("ETag", '"1"'),)))
    server.on("/b", reply)
    with asking(server, tmp_path, key=SECRET) as get:
        get("/a")
        with pytest.raises(fetch.Failed) as failed:
            get("/b")
    assert server.asked[0].headers["x-api-key"] == SECRET
    assert str(failed.value) == "127.0.0.1 gives the key back, so nothing of its answer was kept"
    with sqlite3.connect(tmp_path / "answers.db") as kept:
        assert kept.execute("select count(*) from entries where chunk_count is not null").fetchone() == (1,)
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert files and not any(SECRET.encode() in file.read_bytes() for file in files)
