"""The published site, through the real application: descriptions, labels, facets, named questions, limits."""

import contextlib
import csv
import html
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner
from conftest import Base, free_port, policykb
from datasette import hookspecs
from datasette.cli import cli as datasette
from policykb.read.questions import questions

pytestmark = pytest.mark.datasette


class serving:
    """`policykb serve` on a free port, until the block ends."""

    def __init__(self, policies: Path, db: Path, *options: str) -> None:
        self.port = free_port()
        self.command = [
            sys.executable,
            "-m",
            "policykb",
            "serve",
            "--policies",
            str(policies),
            "--db",
            str(db),
            "--port",
            str(self.port),
            *options,
        ]

    def __enter__(self):
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            self.command, stdout=subprocess.DEVNULL, stderr=self.log, start_new_session=True
        )
        address = f"http://127.0.0.1:{self.port}"
        try:
            wait_for(address + "/-/versions.json", lambda status, _: status == 200)
        except AssertionError:
            self.__exit__()
            raise
        return address, self.process

    def said(self) -> str:
        """Return what the service has written to standard error so far."""
        return os.pread(self.log.fileno(), 1_000_000, 0).decode()

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            raise


def wait_for(url: str, good, seconds: float = 300) -> None:
    """Ask for `url` until `good(status, text)`; fail after `seconds`."""
    until = time.monotonic() + seconds
    last = None
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=30) as answer:
                last = (answer.status, answer.read().decode())
        except urllib.error.HTTPError as error:
            last = (error.code, "")
        except OSError as error:
            last = (0, str(error))
        if good(*last):
            return
        time.sleep(0.1)
    raise AssertionError(f"{url}: last answer {last}")


def plain_datasette(db: Path, path: str) -> str:
    """Return what the command `datasette DB --get PATH` prints."""
    done = CliRunner().invoke(datasette, [str(db), "--get", path])
    assert done.exit_code == 0, done.output
    return done.stdout


# A page of every kind that Datasette answers itself.
DATASETTE_PAGES = {
    "/kb": 200,
    "/kb/actions": 200,
    "/kb/current_status": 200,
    "/kb/actions/us-eo-14409": 200,
    "/kb/-/query?sql=select+1": 200,
    "/kb/status-on?on=2026-06-15": 200,
    "/-/versions": 200,
    "/nothing": 404,
    "/nothing/here": 404,
    "/kb/nothing": 404,
    "/kb/actions/nothing": 404,
    "/kb/actions?_where=nonsense": 400,
}


@pytest.mark.parametrize("path", DATASETTE_PAGES)
def test_what_datasette_answers_itself_has_the_frame_of_the_site(served, path):
    if path.startswith("/kb/-/query") and version(served).startswith("0."):
        path = path.replace("/-/query", "")
    answer = httpx.get(served + path, follow_redirects=True)
    assert answer.status_code == DATASETTE_PAGES.get(path, 200)
    header = answer.text[answer.text.index("<header") : answer.text.index("</header>")]
    assert '<form class="search" role="search" action="/search">' in header
    assert all(
        f'<a href="/{page}">' in header
        for page in ("actions", "arguments", "documents", "timeline", "questions", "about")
    )
    footer = answer.text[answer.text.index("<footer") :]
    assert all(
        f'<a href="/{page}">' in footer
        for page in ("claims", "organizations", "topics", "jurisdictions")
    )
    sheets = re.findall(
        r'<link rel="stylesheet" href="(/-/static-plugins/policykb/[^"]+)"', answer.text
    )
    assert [sheet.partition("?")[0].rpartition("/")[2] for sheet in sheets] == [
        "frame.css",
        "tables.css",
    ]
    assert all(httpx.get(served + sheet).status_code == 200 for sheet in sheets)


def test_an_error_of_datasette_offers_a_way_on_and_hides_nothing(served):
    missing = httpx.get(served + "/kb/nothing").text
    assert (
        "There is no such page" in missing
        and "Table not found" in missing
        and '<form class="big-search" action="/search">' in missing
    )
    refused = httpx.get(served + "/kb/actions", params={"_where": "<b>"}).text
    assert "This did not work" in refused or "Invalid SQL" in refused
    assert "<b>" not in refused
    assert httpx.get(served + "/kb/nothing.json").json()["ok"] is False


@pytest.mark.parametrize(
    ("table", "id"),
    [
        ("actions", "eu-ai-act"),
        ("arguments", "restricting-open-source-ai-is-an-error"),
        ("claims", "openness-mostly-makes-models-safer"),
        ("documents", "lambert-xu-2026-banning-open-source-ai"),
        ("organizations", "european-commission"),
        ("topics", "export-control"),
        ("jurisdictions", "us"),
    ],
)
def test_rows_and_their_pages_lead_to_each_other(served, table, id):
    row = httpx.get(f"{served}/kb/{table}/{id}").text
    assert (
        f'<p class="counterpart"><a href="/{table}/{id}">Read the page of this {table[:-1]}</a></p>'
        in row
    )
    listed = httpx.get(f"{served}/kb/{table}", params={"id__exact": id, "_nofacet": 1}).text
    cells = re.findall(
        r'<td class="col-(?:title|text|name) [^"]*"><a href="([^"]+)" title="The page of this',
        listed,
    )
    assert cells == [f"/{table}/{id}"]
    assert f'href="/kb/{table}/{id}"' in listed
    assert f'<p class="counterpart"><a href="/{table}">' in listed
    page = httpx.get(f"{served}/{table}/{id}").text
    assert all(f'href="/kb/{table}/{id}{form}"' in page for form in ("", ".json"))


def test_labels_of_foreign_keys_lead_to_pages_and_rows(served):
    listed = httpx.get(
        f"{served}/kb/stances", params={"action__exact": "eu-ai-act", "_size": 1, "_nofacet": 1}
    ).text
    assert re.search(
        r'<td class="col-action [^"]*"><a href="/actions/eu-ai-act" title="The page of this action">[^<]+</a> <small>\(<a href="/kb/actions/eu-ai-act">row</a>\)</small></td>',
        listed,
    )
    parts = httpx.get(
        f"{served}/kb/actions", params={"part_of__exact": "eu-ai-act", "_size": 1, "_nofacet": 1}
    ).text
    assert re.search(r'<td class="col-part_of [^"]*"><a href="/actions/eu-ai-act"', parts), (
        "a key that is not named after what it leads to"
    )
    answer = httpx.get(f"{served}/kb/who-argues-what", params={"action": "eu-ai-act"}).text
    assert (
        'href="/actions/eu-ai-act"' in answer
        and '<p class="counterpart"><a href="/questions/who-argues-what">' in answer
    )


def test_datasette_asks_nothing_for_a_link(shipped):
    """The links of cells follow from what is there: neither a query nor a wait for each."""
    from datasette.app import Datasette
    from policykb.site import links
    from policykb.site.published import names

    datasette = Datasette(files=[], immutables=[str(shipped)])
    name = names(datasette)[0]
    links.cell(datasette, name, "stances", "action", {"value": "eu-ai-act", "label": "AI Act"}, {})
    datasette.databases[name].execute = datasette.databases[name].execute_fn = None
    cell = links.cell(
        datasette, name, "stances", "action", {"value": "eu-ai-act", "label": "<AI> Act"}, {}
    )
    assert cell.startswith(
        '<a href="/actions/eu-ai-act" title="The page of this action">&lt;AI&gt; Act</a>'
    )
    assert (
        links.cell(
            datasette, name, "stances", "action", {"value": "javascript:alert(1)", "label": "x"}, {}
        )
        is None
    )
    assert links.cell(datasette, name, "stances", "note", "eu-ai-act", {}) is None


def test_a_database_of_another_kind_keeps_the_look_of_datasette(tmp_path):
    other = tmp_path / "other.db"
    connection = sqlite3.connect(other)
    connection.execute("create table actions (id text primary key, title text)")
    connection.execute("insert into actions values ('an-id', 'A title')")
    connection.commit()
    connection.close()
    for path in ("/other/actions", "/other/actions/an-id"):
        page = plain_datasette(other, path)
        assert "A title" in page and "policykb" not in page and "counterpart" not in page
    assert "status-on" not in plain_datasette(other, "/other")


def test_tables_and_columns_are_described(served):
    page = httpx.get(served + "/kb/actions").text
    assert "A policy action: an order, bill, statute, rule, carve-out, program" in page
    assert "The latest day for which the status is known to be true." in page
    assert "The stable contract" not in page


@pytest.mark.thorough
def test_every_foreign_key_shows_the_label_of_what_it_leads_to(shipped, served):
    import sqlite_utils

    db = sqlite_utils.Database(shipped)
    for table in db.table_names():
        for key in db[table].foreign_keys:
            wanted = next(
                iter(
                    db.query(
                        f'select "{key.column}" as id from "{table}" where "{key.column}" is not null limit 1'
                    )
                ),
                None,
            )
            if wanted is None or key.other_table == "records":
                continue
            answer = httpx.get(
                f"{served}/kb/{table}.json",
                params={
                    "_labels": "on",
                    "_size": 1,
                    "_shape": "objects",
                    f"{key.column}__exact": wanted["id"],
                    "_nofacet": 1,
                },
            ).json()
            cell = answer["rows"][0][key.column]
            assert isinstance(cell, dict) and cell["label"] != cell["value"], (
                f"{table}.{key.column} shows {cell}"
            )


def test_facets_are_fixed_and_no_others_are_suggested(served):
    answer = httpx.get(
        f"{served}/kb/actions.json", params={"_size": 1, "_extra": "facet_results,suggested_facets"}
    ).json()
    results = answer["facet_results"].get("results", answer["facet_results"])
    assert {"jurisdiction", "instrument", "effect"} <= set(results)
    assert answer.get("suggested_facets", []) == []


@pytest.mark.parametrize("name", sorted(questions("openness")))
def test_named_questions_are_canned_queries(served, name):
    given = {
        parameter.name: {
            "day": "2026-06-15",
            "id": "us-eo-14110",
            "number": "3",
            "text": "open source",
            "yes": "yes",
        }[parameter.kind]
        for parameter in questions("openness")[name].parameters
    }
    page = httpx.get(f"{served}/kb/{name}", params=given)
    assert page.status_code == 200
    assert questions("openness")[name].title in page.text.replace("&#39;", "'")
    rows = httpx.get(f"{served}/kb/{name}.json", params={**given, "_shape": "array"})
    assert rows.status_code == 200 and isinstance(rows.json(), list)


def test_a_canned_query_gives_what_the_command_line_gives(shipped, served):
    rows = httpx.get(
        f"{served}/kb/status-on.json", params={"on": "2026-06-15", "_shape": "array"}
    ).json()
    done = policykb(
        "query", "status-on", "-p", "on=2026-06-15", "--format", "json", "--db", str(shipped)
    )
    assert rows == json.loads(done.stdout)
    assert {row["action"]: row["legal_force"] for row in rows}[
        "us-bis-anthropic-access-directive-2026"
    ] == "in_force"


@pytest.mark.parametrize(
    "sql",
    [
        "select zeroblob(2000000000)",
        "select hex(zeroblob(100000000))",
        "select replace(printf('%.*c', 90000, 'a'), 'a', 'aaaaaaaaaa')",
        "with recursive c(x) as (select 1 union all select x + 1 from c) select count(*) from c",
        "select group_concat(a.text) from records a, records b, records c",
        "select " + "(" * 500 + "1" + ")" * 500,
        "select " + " union all select ".join(["1"] * 300),
        "attach database '/etc/passwd' as p",
        "select load_extension('x')",
        "pragma journal_mode",
        "drop table actions",
        "vacuum",
    ],
)
def test_expensive_or_forbidden_sql_is_refused_and_costs_little(served, sql):
    answer = httpx.get(
        f"{served}/kb.json" if "0.65" in version(served) else f"{served}/kb/-/query.json",
        params={"sql": sql, "_shape": "array"},
        timeout=30,
    )
    assert answer.status_code in (400, 403), answer.text[:300]


@pytest.mark.thorough
def test_the_service_survives_the_largest_answer_that_sql_can_ask_for(shipped):
    with serving(shipped.parent, shipped, "--no-watch", "--memory", "1024") as (address, process):
        path = f"{address}/kb.json" if "0.65" in version(address) else f"{address}/kb/-/query.json"
        sql = "with recursive c(x) as (select 1 union all select x + 1 from c limit 1000) select zeroblob(99000) as a, zeroblob(99000) as b from c"
        with contextlib.suppress(httpx.HTTPError):
            httpx.get(path, params={"sql": sql, "_shape": "array"}, timeout=60)
        assert httpx.get(f"{address}/kb/actions.json?_size=1").status_code == 200
        child = subprocess.run(
            ["pgrep", "-P", str(process.pid)], capture_output=True, text=True
        ).stdout.split()
        peak = max(
            int(line.split()[1])
            for pid in child
            for line in Path(f"/proc/{pid}/status").read_text().splitlines()
            if line.startswith("VmHWM")
        )
        assert peak < 1_100_000, f"{peak} kB"


@pytest.mark.parametrize(
    "path",
    ["/\\evil.example", "/%5Cevil.example", "//evil.example/", "//evil.example/kb/", "/kb\\..\\x"],
)
def test_paths_that_could_redirect_elsewhere_are_refused(served, path):
    host, port = served.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()
        )
        answer = connection.makefile("rb").read().decode(errors="replace")
    assert answer.startswith("HTTP/1.1 400"), answer[:200]
    assert "location:" not in answer.lower()


def test_a_search_for_thousands_of_words_is_cut_and_a_query_string_beyond_reason_is_refused(served):
    many = httpx.get(f"{served}/kb/search.json", params={"q": "a " * 3000, "_shape": "array"})
    assert many.status_code == 200
    assert (
        many.json()
        == httpx.get(f"{served}/kb/search.json", params={"q": "a " * 32, "_shape": "array"}).json()
    )
    assert httpx.get(f"{served}/kb/search.json", params={"q": "a " * 6000}).status_code == 414


def test_headers_protect_readers(served):
    headers = httpx.get(served + "/kb").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "SAMEORIGIN"


def test_the_file_is_served_immutable(served):
    databases = httpx.get(served + "/-/databases.json").json()
    listed = databases if isinstance(databases, list) else databases["databases"]
    assert [(item["name"], item["is_mutable"]) for item in listed] == [("kb", False)]


@pytest.mark.thorough
def test_plain_datasette_shows_the_same_descriptions_and_questions(shipped):
    for path, wanted in (
        ("/kb/actions", "A policy action: an order, bill"),
        ("/kb/status-on?on=2026-06-15", "us-bis-anthropic-access-directive-2026"),
        ("/kb" if "get_metadata" in dir(hookspecs) else "/kb/-/queries", "status-on"),
    ):
        assert wanted in plain_datasette(shipped, path)


def titles_become(address: str, *titles: str) -> None:
    """Wait until the table of actions has exactly these titles."""
    wait_for(
        f"{address}/kb/actions.json?_shape=array&_size=max",
        lambda status, text: (
            status == 200 and sorted(row["title"] for row in json.loads(text)) == sorted(titles)
        ),
    )


@pytest.mark.thorough
def test_serve_loads_every_change_and_keeps_the_old_content_when_one_is_wrong(tmp_path):
    """Wrong is a record with an error, or a file in the place of kb.db that is damaged."""
    base = Base(tmp_path)
    base.load()
    service = serving(base.policies, base.db)
    with service as (address, _):
        titles_become(address, "An order")
        base.record("actions", "an-order", title="First change")
        titles_become(address, "First change")
        base.record("actions", "an-order", title="Broken", instrument="nonsense")
        until(lambda: "kb.db was left as it is" in service.said())
        assert "an-order.toml:2" in service.said() and "'nonsense'" in service.said()
        titles_become(address, "First change")
        good, new = base.db.read_bytes(), base.db.with_name("new.db")
        new.write_bytes(good[: len(good) // 2])
        os.replace(new, base.db)
        until(lambda: "is damaged" in service.said())
        titles_become(address, "First change")
        assert httpx.get(f"{address}/actions/an-order").status_code == 200
        base.record("actions", "another", title="Third change")
        base.record("actions", "an-order", title="Second change")
        titles_become(address, "Second change", "Third change")
        assert "watching ended" not in service.said()
    assert not list(base.db.parent.glob(".kb.db.*"))


@pytest.mark.thorough
def test_serve_does_without_the_records_and_takes_the_day_that_is_given_for_today(tmp_path):
    base = Base(tmp_path)
    base.action("an-order", [("2026-06-02", "issued"), ("2027-03-01", "took_effect")])
    base.load()
    shutil.rmtree(base.policies)
    service = serving(base.policies, base.db, "--today", "2027-02-01")
    with service as (address, _):
        titles_become(address, "An order")
        rows = httpx.get(f"{address}/kb/upcoming.json?_shape=array&_size=max").json()
        assert [(row["due"], row["days_left"]) for row in rows] == [("2027-03-01", 28)]
        assert "1 February 2027" in httpx.get(f"{address}/").text
        said = service.said()
    assert f"{base.policies} does not exist; kb.db is served without watching it" in said


def until(good, seconds: float = 300) -> None:
    """Wait until `good()`; fail after `seconds`."""
    end = time.monotonic() + seconds
    while not good():
        assert time.monotonic() < end
        time.sleep(0.1)


def version(address: str) -> str:
    """The version of Datasette that answers at `address`."""
    return httpx.get(address + "/-/versions.json").json()["datasette"]["version"]


def count(shipped: Path, table: str) -> int:
    """Return the number of rows of a table or view."""
    connection = sqlite3.connect(shipped)
    try:
        return connection.execute(f'select count(*) from "{table}"').fetchone()[0]
    finally:
        connection.close()


@pytest.mark.parametrize(
    "names",
    [("actions", "changes"), pytest.param((), marks=pytest.mark.thorough)],
    ids=["of two tables", "of every table and view"],
)
def test_rows_without_a_size_are_all_rows_or_a_refusal(served, shipped, names):
    connection = sqlite3.connect(shipped)
    listed = [
        name
        for (name,) in connection.execute(
            "select name from pragma_table_list where schema = 'main' and (strict or type = 'view')"
        )
    ]
    connection.close()
    whole = refused = 0
    names = names or listed
    for name in names:
        rows = count(shipped, name)
        array = httpx.get(f"{served}/kb/{name}.json?_shape=array")
        lines = httpx.get(f"{served}/kb/{name}.csv")
        if rows <= 1000:
            assert len(array.json()) == rows, name
            assert len(list(csv.reader(lines.text.splitlines(keepends=True)))) == rows + 1, name
            whole += rows > 50
        else:
            assert (array.status_code, lines.status_code) == (400, 400), name
            assert array.text.startswith("There are more than 1,000 rows")
            refused += 1
    assert whole >= min(10, len(names) - 1) and refused >= 1


def test_pages_of_rows_that_say_so_reach_every_row(served, shipped):
    url, found = f"{served}/kb/changes.json?_shape=objects&_size=max", 0
    while url:
        page = httpx.get(url).json()
        found += len(page["rows"])
        url = page["next_url"]
    assert found == count(shipped, "changes") > 1000


def test_a_size_that_is_asked_for_is_given(served):
    assert len(httpx.get(f"{served}/kb/documents.json?_shape=array&_size=7").json()) == 7
    first = httpx.get(f"{served}/kb/changes.json?_shape=array&_size=max")
    assert len(first.json()) == 1000 and 'rel="next"' in first.headers["link"]


def test_an_answer_to_sql_is_whole_or_refused(served):
    path = f"{served}/kb.json" if "0.65" in version(served) else f"{served}/kb/-/query.json"
    for rows, status in ((1000, 200), (1001, 400)):
        sql = f"with recursive c(x) as (select 1 union all select x + 1 from c limit {rows}) select x from c"
        assert httpx.get(path, params={"sql": sql, "_shape": "array"}).status_code == status
        objects = httpx.get(path, params={"sql": sql, "_shape": "objects"}).json()
        assert objects["truncated"] == (rows > 1000)


def test_every_address_of_data_on_a_page_gives_all_rows(served, shipped):
    for place in ("actions", "arguments", "claims", "documents", "organizations", "topics"):
        page = httpx.get(f"{served}/{place}").text
        address = re.search(rf'href="(/kb/{place}\.json[^"]*)"', page)[1].replace("&amp;", "&")
        rows = []
        while address:
            answer = httpx.get(served + address).json()
            rows += answer["rows"]
            address = (answer["next_url"] or "").removeprefix(served)
        assert len({row["id"] for row in rows}) == len(rows) == count(shipped, place)
    text = httpx.get(f"{served}/llms.txt").text
    sql = re.search(r"\((http[^ )]*sql=[^ )]*)\)", text)[1]
    assert len(httpx.get(sql).json()["rows"]) == 10


SEARCHABLE = (
    "actions",
    "arguments",
    "claims",
    "documents",
    "organizations",
    "jurisdictions",
    "topics",
)


@pytest.mark.parametrize("table", SEARCHABLE)
def test_every_table_of_records_is_searched_for_words(served, shipped, table):
    words = {"jurisdictions": "United", "topics": "open", "organizations": "research"}.get(
        table, "open source"
    )
    connection = sqlite3.connect(shipped)
    wanted = {
        id
        for (id,) in connection.execute(
            "select r.id from search join records r on r.number = search.rowid where search match ? and r.kind = ?",
            (" ".join(f'"{word}"' for word in words.split()), table.removesuffix("s")),
        )
    }
    connection.close()
    found = httpx.get(
        f"{served}/kb/{table}.json", params={"_search": words, "_shape": "array"}
    ).json()
    assert wanted and {row["id"] for row in found} == wanted
    assert len(wanted) < count(shipped, table)
    page = httpx.get(f"{served}/kb/{table}", params={"_search": words}).text
    assert f'search matches "{words}"' in html.unescape(page)
    assert 'name="_search"' in page


def test_all_records_are_searched_for_words_and_have_a_form(served):
    found = httpx.get(f"{served}/kb/records.json?_search=EO+14409&_shape=array").json()
    assert "us-eo-14409" in {row["id"] for row in found} and len(found) < 200
    assert 'name="_search"' in httpx.get(f"{served}/kb/records").text


@pytest.mark.parametrize("words", ['"', "AND", "a* OR", "title:x", "x" * 5000])
def test_any_words_may_be_searched_for_in_a_table(served, words):
    for table in ("actions", "records"):
        answer = httpx.get(f"{served}/kb/{table}.json", params={"_search": words})
        assert answer.status_code == 200


def test_a_table_without_text_refuses_words(served):
    answer = httpx.get(f"{served}/kb/stances.json?_search=open")
    assert answer.status_code == 400
    assert "stances cannot be searched for words; search one of: records, actions" in answer.text
