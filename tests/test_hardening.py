"""The service under attack: what strangers may ask, what it costs, and a database that is damaged or replaced."""

import contextlib
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest
from conftest import ROOT, Base, mostly_thorough
from policykb.files import digests
from policykb.markdown import markdown, web
from policykb.model.problems import SourceError
from policykb.read.questions import harmless
from policykb.site import connections
from policykb.sources.formats import proposals
from test_site import serving, titles_become, until, version

sys.path.insert(0, str(ROOT / "tests" / "bench"))
import attack  # noqa: E402


def sql(address: str, statement: str, **more: str) -> httpx.Response:
    """Return the answer to a statement."""
    path = "/kb.json" if "0.65" in version(address) else "/kb/-/query.json"
    return httpx.get(address + path, params={"sql": statement, **more}, timeout=60)


# Requests


@pytest.mark.datasette
@pytest.mark.parametrize(
    "name",
    [
        *mostly_thorough(name for name in attack.ATTACKS if "," not in name),
        *(
            pytest.param(name, marks=pytest.mark.thorough)
            for name in attack.ATTACKS
            if "," in name  # the same in another form
        ),
    ],
)
def test_no_attack_fails_the_service(served, name):
    status, _ = attack.fetch(int(served.rpartition(":")[2]), attack.ATTACKS[name])
    assert status in (200, 400, 404)


@pytest.mark.datasette
def test_random_requests_never_fail_the_service(served):
    _, failures = attack.fuzz(int(served.rpartition(":")[2]), 7, 50)
    assert not failures


@pytest.mark.datasette
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "NONSENSE"])
@pytest.mark.parametrize("path", ["/", "/actions", "/kb", "/kb/actions", "/-/versions"])
def test_methods_that_write_are_refused(served, method, path):
    answer = httpx.request(method, served + path)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.datasette
@pytest.mark.parametrize(
    "query", ["_sort=nothing", "_next=x%00", "_through={", "_size=x", "_where=nonsense", "_facet=x"]
)
def test_an_error_in_the_query_string_is_an_error_of_the_visitor(served, query):
    assert httpx.get(f"{served}/kb/actions.json?{query}").status_code in (200, 400)


@pytest.mark.datasette
def test_six_facets_and_one_condition_are_enough(served):
    six = "&".join(["_facet=instrument"] * 6)
    assert httpx.get(f"{served}/kb/actions.json?{six}&_where=1").status_code == 200
    assert httpx.get(f"{served}/kb/actions.json?{six}&_facet=id").status_code == 400
    assert httpx.get(f"{served}/kb/actions.json?_where=1&_where=1").status_code == 400


@pytest.mark.datasette
def test_large_answers_are_not_cached(served):
    large = httpx.get(f"{served}/kb/changes?_size=max&_labels=on")
    assert len(large.content) > 1_000_000 and large.headers["cache-control"] == "no-store"
    small = httpx.get(f"{served}/kb/actions.json?_size=1")
    assert small.headers["cache-control"] == "max-age=60"


@pytest.mark.datasette
def test_pages_of_datasette_say_what_may_run_in_them(served):
    policy = httpx.get(f"{served}/kb/actions").headers["content-security-policy"]
    assert "default-src 'none'" in policy and "connect-src 'self'" in policy


@pytest.mark.datasette
def test_statements_of_other_visitors_are_hidden(served):
    assert sql(served, "select sql from sqlite_stmt").status_code == 400
    assert "sqlite_stmt" not in sql(served, "select name from sqlite_master").text


@pytest.mark.thorough
@pytest.mark.datasette
def test_pages_are_answered_while_the_lane_is_full(served):
    port, statuses, done = int(served.rpartition(":")[2]), [], threading.Event()

    def ask() -> None:
        while not done.is_set():
            statuses.append(attack.fetch(port, attack.ATTACKS["endless query"])[0])

    visitors = [threading.Thread(target=ask) for _ in range(20)]
    for visitor in visitors:
        visitor.start()
    try:
        until(lambda: 503 in statuses)
        assert httpx.get(f"{served}/actions?full=1").status_code == 200
    finally:
        done.set()
    for visitor in visitors:
        visitor.join()
    assert set(statuses) == {400, 503} and statuses.count(503) >= 4
    assert sql(served, "select 1").status_code == 200


def test_rows_are_counted_while_they_are_fetched(shipped):
    connection = sqlite3.connect(f"{shipped.as_uri()}?immutable=1", uri=True)
    connections.prepare_connection(connection)
    with pytest.raises(connections.TooLargeError, match="5 MB"):
        connection.execute(attack.WIDE).fetchmany(1001)
    assert len(connection.execute("select id from records").fetchall()) > 1000
    for statement in ("attach ':memory:' as a", "select * from dbstat", attack.HARVEST):
        with pytest.raises(sqlite3.DatabaseError, match="not authorized|prohibited"):
            connection.execute(statement)
    assert connection.execute("pragma trusted_schema").fetchone()[0] == 0
    assert connection.execute("pragma cell_size_check").fetchone()[0] == 1


def test_a_body_longer_than_its_page_takes_is_refused(served):
    assert httpx.post(f"{served}/-/mcp", content=b"x" * 800_000).status_code == 413


@pytest.mark.datasette
def test_cookies_of_a_visitor_are_not_sent_for_another(served):
    httpx.get(f"{served}/kb/actions")
    httpx.get(f"{served}/kb/actions", headers={"cookie": "ds_actor=one"})
    answer = httpx.get(f"{served}/kb/actions.json?_size=1")
    assert "set-cookie" not in answer.headers
    assert answer.headers["cache-control"] == "max-age=60"


# Connections


@pytest.mark.thorough
def test_connections_without_a_request_end_and_leave_room(shipped):
    with serving(shipped.parent, shipped, "--no-watch") as (address, _):
        port = int(address.rpartition(":")[2])
        with contextlib.ExitStack() as open_ones:
            sockets = [
                open_ones.enter_context(socket.create_connection(("127.0.0.1", port)))
                for _ in range(600)
            ]
            sockets[-1].sendall(b"GET / HTTP/1.1\r\nHost:")
            assert httpx.get(f"{address}/about").status_code == 200
            sockets[-1].settimeout(40)
            with contextlib.suppress(ConnectionResetError):
                assert sockets[-1].recv(1) == b""


# What records and files may say


@pytest.mark.parametrize(
    "url",
    [
        "https:\\\\example.org/a",
        "https:/example.org/a",
        "https:example.org/a",
        "//example.org/a",
        "https://example.org\\@other.example/a",
        "https://ex\u0430mple.org/a",
        "https://xn--exmple-4nf.org/a",
    ],
)
def test_an_address_that_misleads_is_refused(base: Base, url):
    base.record("documents", "a-source", url=url)
    assert base.codes() == ["U601"]
    assert web(url) is None
    assert "<a" not in markdown(f"[here]({url})")


@pytest.mark.parametrize(
    "url", ["https://пример.испытание/a", "https://例え.jp/", "https://a.org?b"]
)
def test_an_address_in_one_script_is_taken(base: Base, url):
    base.record("documents", "a-source", url=url)
    assert base.codes() == [] and web(url) == url


@pytest.mark.parametrize("record_id", ["con", "nul", "com1", "lpt9"])
def test_an_id_that_windows_cannot_store_is_refused(base: Base, record_id):
    base.record("documents", record_id)
    (problem,) = [one for one in base.check().problems if one.code == "K204"]
    assert f"'{record_id}' is a name that Windows cannot store" in problem.text()


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1+2", "@SUM(A1)", "\t=1", " =1", "\uff1d1", "\n=1"]
)
def test_a_cell_that_looks_like_a_formula_is_text(text):
    assert harmless(text) == f"'{text}"
    assert harmless(-1) == -1 and harmless("a=1") == "a=1"


@pytest.mark.parametrize("form", ["billstatus", "eur-lex"])
def test_xml_of_too_many_tags_is_not_read(form):
    with pytest.raises(SourceError, match="has more than 500,000 tags"):
        proposals(b"<a>" * 600_000, "x.xml", form)


# A damaged database


def flip(db: Path, place: int) -> None:
    """Change one bit of a file."""
    content = bytearray(db.read_bytes())
    content[place] ^= 1
    db.write_bytes(content)


COMMANDS = (
    ("cite", "an-order"),
    ("export", "exported", "--format", "csv"),
    ("query", "status-on"),
    ("publish", "--static", "copy"),
    ("serve", "--no-watch", "--port", "0"),
)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_damage_is_one_line_and_status_3(built: Base, command):
    flip(built.db, built.db.stat().st_size // 2)
    result = built.run(*command, cwd=built.db.parent)
    assert (result.returncode, result.stdout) == (3, "")
    assert result.stderr == (
        "Error: kb.db is damaged: it is not what kb.db.sha256 says; "
        "build it again with: policykb load\n"
    )
    assert not (built.db.parent / "exported").exists() and not (built.db.parent / "copy").exists()


def test_without_a_digest_sqlite_looks_for_damage(built: Base):
    digests.beside(built.db).unlink()
    assert built.run("query", "status-on").returncode == 0
    os.truncate(built.db, built.db.stat().st_size // 2)
    result = built.run("query", "status-on")
    assert result.returncode == 3 and len(result.stderr.splitlines()) == 1


def test_the_digest_is_that_of_sha256sum(base: Base):
    base.load()
    base.record("actions", "an-order", title="Another title")
    base.load()
    line = subprocess.run(
        ["sha256sum", "--check", "kb.db.sha256"], cwd=base.db.parent, capture_output=True, text=True
    ).stdout
    assert line == "kb.db: OK\n"


def test_the_digest_is_valid_at_every_moment(base: Base, monkeypatch):
    base.load()
    states = []
    replace = os.replace

    def watched(source, target):
        replace(source, target)
        states.append(digests.is_damaged(base.db))

    monkeypatch.setattr(os, "replace", watched)
    base.record("actions", "an-order", title="Another title")
    base.load()
    assert states == [False, False, False]


def test_the_committed_database_has_its_digest():
    assert digests.beside(ROOT / "kb.db").is_file() and not digests.is_damaged(ROOT / "kb.db")


# The service and its file


def children(process: subprocess.Popen) -> list[int]:
    """Return the children of a process."""
    text = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    return [int(pid) for pid in text.split()]


def is_running(pid: int) -> bool:
    """Return whether a process runs."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().split(") ")[1][0] != "Z"
    return False


@pytest.mark.thorough
def test_a_killed_child_comes_back_and_ends_with_its_parent(base: Base):
    base.load()
    service = serving(base.policies, base.db, "--no-watch", "--today", base.today)
    with service as (address, process):
        for child in children(process):
            os.kill(child, signal.SIGKILL)
        until(lambda: service.said().count("stopped with status -9; restarting") == 2)
        titles_become(address, "An order")
        until(lambda: httpx.get(f"{address}/actions/an-order").status_code == 200)
        pids = children(process)
        assert len(pids) == 2 and all(map(is_running, pids))
        process.kill()
        process.wait()
        until(lambda: not any(map(is_running, pids)))
