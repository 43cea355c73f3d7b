"""Attack the service, and print what it cost: python tests/bench/attack.py [--quick] [--requests N]

Serves the shipped knowledge base on 127.0.0.1 as `policykb serve` does, with the Datasette of this Python, and prints:

1. For each request of the attack list: status, seconds, bytes, and the most memory that the service had (limit: 400 MB).
2. The time of pages that are asked for the first time, idle and while 8 and 50 visitors ask endless queries
   (limit: the slowest of 100 pages takes at most 3 times as long as idle).
3. The answers to N random requests (default 20,000); none may be a failure of the service (500).

Ends with status 1 if a limit does not hold.
"""

import argparse
import contextlib
import http.client
import itertools
import multiprocessing
import random
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote_plus

import datasette

ROOT = Path(__file__).parent.parent.parent
IS_NEXT = datasette.__version__.startswith("1.")
SQL_PATH = "/kb/-/query.json" if IS_NEXT else "/kb.json"
HTML_PATH = "/kb/-/query" if IS_NEXT else "/kb"
MOST_MEMORY = 400  # MB
MOST_SLOWER = 3
VISITORS = (8, 50)
ENDLESS = "with recursive c(x) as (select 1 union all select x + 1 from c) select count(*) from c"
ROWS = "with recursive c(x) as (select 1 union all select x + 1 from c limit 1000) "
WIDE = ROWS + "select zeroblob(99000) as a, zeroblob(99000) as b from c"
TEXT = ROWS + "select printf('%.*c', 99000, char(1)) as a from c"
COLUMNS = "with c as (select zeroblob(99000) as a) select " + ",".join(["a"] * 1500) + " from c"
FACETS = "&".join(f"_facet={name}" for name in ["title", "summary", "instrument", "id"] * 9)
WORDS = quote_plus(" ".join(f"w{number}*" for number in range(800)))
DEEP = "select " + "(" * 500 + "1" + ")" * 500
HARVEST = "select sql from sqlite_stmt"


def sql(statement: str, path: str = SQL_PATH, more: str = "") -> str:
    """Return the address that asks `statement`."""
    return f"{path}?sql={quote_plus(statement)}{more}"


# What one visitor may ask in one request, by what it tries.
ATTACKS = {
    "a page": "/",
    "endless query": sql(ENDLESS),
    "endless query, parameter encoded": sql(ENDLESS).replace("sql=", "s%71l="),
    "endless query, database encoded": sql(ENDLESS).replace("/kb", "/~6Bb", 1),
    "endless query, as a page": sql(ENDLESS, HTML_PATH),
    "endless query, as CSV": sql(ENDLESS).replace(".json", ".csv"),
    "200 MB of blobs": sql(WIDE, more="&_shape=array"),
    "200 MB of blobs, as a page": sql(WIDE, HTML_PATH),
    "200 MB of blobs, as CSV": sql(WIDE).replace(".json", ".csv"),
    "100 MB of text that JSON escapes": sql(TEXT, more="&_shape=array"),
    "100 MB of text, as a page": sql(TEXT, HTML_PATH),
    "1,500 wide columns in a row": sql(COLUMNS),
    "joined text of all records": sql("select group_concat(a.text) from records a, records b"),
    "2 GB blob": sql("select zeroblob(2000000000)"),
    "a character 2 billion times": sql("select printf('%.*c', 2000000000, 'x')"),
    "a character 2 billion times, by its other name": sql("select format('%2000000000c', 'x')"),
    "500 brackets": sql(DEEP),
    "statements of others": sql(HARVEST),
    "condition of a stranger": f"/kb/actions.json?_where=({quote_plus(ENDLESS)})>0",
    "two conditions": f"/kb/actions.json?_where=({quote_plus(ENDLESS)})>0&_where=1",
    "36 facets": f"/kb/records.json?{FACETS}",
    "6 facets of long texts": "/kb/records.json?" + "&".join(["_facet=text", "_facet=id"] * 3),
    "largest page of the largest table": "/kb/changes?_size=max&_labels=on",
    "all rows of whole records": "/kb/record_json.json?_shape=array",
    "every record as a page": "/kb/records?_size=max",
    "search for 800 words": f"/search?q={WORDS}",
    "table searched for 800 words": f"/kb/actions?_search={WORDS}",
    "the database": "/kb.db",
    "named question, rows of a table": "/kb/status-on.json?on=2026-06-15&_shape=array",
    "another host by address": "http://elsewhere.example/kb",
}
# Pages that a reader asks for while others attack; {n} makes each address new.
PAGES = ("/?n={n}", "/actions?n={n}", "/actions/us-eo-14409?n={n}", "/search?q=open&n={n}")
METHODS = ("GET",) * 12 + ("HEAD", "OPTIONS", "POST", "POST", "PUT", "PATCH", "DELETE", "TRACE")
TABLES = (
    "actions arguments documents claims events changes periods current_status upcoming search "
    "search_data records record_json kb_info sqlite_master status-on search_identifiers nothing"
).split()
PATHS = (
    "/ /kb /kb/{t} /kb/{t} /kb/{t} /kb/{t}/{v} /kb/{t}/{v}/{v} /kb/{t}/-/{v} /-/{v} /{v} /{v}/{v} "
    "/actions /actions/{v} /actions/us-eo-14409 /arguments /search /timeline /questions/{t} /about "
    "/brief /unapi /feeds/all.atom /calendar.ics /-/versions /-/databases /-/plugins /-/mcp "
    "/kb/-/query /kb/-/schema /kb/-/execute-sql /-/jump /-/tables /-/actor /-/allow-debug /-/logout "
    "/-/messages /-/permissions /-/api /-/create-token /-/auth-token /-/patterns /kb/-/create"
).split()
ENDINGS = ("", "", "", ".json", ".csv", ".blob", ".db", ".nothing", ".jsonld", ".atom", ".bib")
NAMES = (
    "sql _sort _sort_desc _next _size _where _through _facet _facet_size _facet_array _facet_date "
    "_search _search_title _searchmode _shape _nl _labels _label _col _nocol _extra _trace _ttl "
    "_timelimit _stream _json _json_infinity _blob_column _blob_hash _dl _header _nofacet _nocount "
    "_show_hidden _filter_column _filter_op _filter_value _sort_by_desc title id title__contains "
    "title__in id__arraycontains date__date title__gt title__nothing on page q kind format ids id "
    "action jurisdiction topic force stage from to moving style name _method csrftoken"
).split()
VALUES = (
    "|0|1|-1|max|off|on|null|title|id|nothing|us-eo-14409|2026-06-15|9999999999999999999|1e999|%00|"
    "%FF%FE|..%2F..%2Fetc%2Fpasswd|%5B|%7B%7D|%5B%5D|%5B%5B%5D%5D|{}|%7B%22table%22%3A1%7D|"
    "%7B%22table%22%3A%22events%22%2C%22column%22%3A%22x%22%2C%22value%22%3A%221%22%7D|"
    "select+1|select|select+:x|select+?1|explain+select+1|select+*+from+actions|nonsense|'|%22|"
    "a,b|~|~2F|~~|~ZZ|1,2,3|objects|array|arrayfirst|object|arrays|-|%F0%9F%92%A9|x" + "x" * 300
).split("|")
BODIES = (
    (b"", ""),
    (b"sql=select+1", "application/x-www-form-urlencoded"),
    (b"{", "application/json"),
    (b'{"jsonrpc": "2.0", "id": 1, "method": "nothing"}', "application/json"),
    (b"--x\r\nContent-Disposition: form-data\r\n\r\n", "multipart/form-data; boundary=x"),
    (b"\xff\xfe", "multipart/form-data"),
    (b"x" * 200_000, "text/plain"),
)


def random_requests(seed: int, number: int) -> Iterator[tuple[str, str, bytes, str]]:
    """Yield random requests (method, address, body and its type), the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311
    for _ in range(number):
        path = chance.choice(PATHS)
        path = path.replace("{t}", chance.choice(TABLES)).replace("{v}", chance.choice(VALUES), 1)
        path = path.replace("{v}", chance.choice(VALUES)) + chance.choice(ENDINGS)
        number_of_pairs = int(chance.choice("0112234"))
        pairs = [f"{chance.choice(NAMES)}={chance.choice(VALUES)}" for _ in range(number_of_pairs)]
        query = f"?{'&'.join(pairs)}" if pairs else ""
        method = chance.choice(METHODS)
        body, kind = chance.choice(BODIES) if method in ("POST", "PUT", "PATCH") else (b"", "")
        yield method, path + query, body, kind


@contextlib.contextmanager
def service(db: Path, *options: str) -> Iterator[tuple[int, int]]:
    """Run `policykb serve` on `db`; yield its port and process id."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "policykb", "serve", "--db", str(db), "--port", str(port)]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen([*command, "--no-watch", *options], stdout=log, stderr=log)
        try:
            for _ in range(300):
                if fetch(port, "/about")[0] == 200:
                    break
                time.sleep(0.1)
            yield port, process.pid
        finally:
            process.terminate()
            process.wait(30)


def fetch(
    port: int, path: str, method: str = "GET", body: bytes = b"", kind: str = ""
) -> tuple[int, int]:
    """Return the status and the bytes of an answer; status 0 if the connection ends without one."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection._validate_path = lambda path: None  # what no client would send
    try:
        connection.request(method, path, body or None, {"content-type": kind} if kind else {})
        answer = connection.getresponse()
        return answer.status, len(answer.read())
    except (ConnectionError, http.client.HTTPException):
        return 0, 0
    finally:
        connection.close()


def processes(pid: int) -> list[int]:
    """Return the process `pid` and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *map(int, children)]


def memory(pid: int, mark: str = "VmRSS") -> float:
    """Return the memory of the service in MB; with VmHWM the most that each process ever had."""
    total = 0
    for process in processes(pid):
        status = Path(f"/proc/{process}/status").read_text()
        total += int(re.search(rf"{mark}:\s+(\d+)", status)[1])
    return total / 1024


def attack_list(db: Path) -> bool:
    """Print what each request of the attack list costs; return whether the memory stays below the limit."""
    print(f"{'request':36}{'status':>8}{'seconds':>9}{'bytes':>12}{'MB':>7}")
    most = 0.0
    with service(db) as (port, pid):
        for name, path in ATTACKS.items():
            start = time.monotonic()
            status, size = fetch(port, path)
            seconds = time.monotonic() - start
            most = memory(pid, "VmHWM")
            print(f"{name:36}{status:>8}{seconds:>9.2f}{size:>12,}{most:>7.0f}", flush=True)
        together = [ATTACKS["100 MB of text that JSON escapes"], ATTACKS["200 MB of blobs"]] * 2
        with multiprocessing.Pool(4) as pool:
            pool.starmap(fetch, [(port, path) for path in together])
        most = memory(pid, "VmHWM")
        print(f"{'four of the largest at once':36}{'':29}{most:>7.0f}")
    print(f"most memory: {most:.0f} MB (limit {MOST_MEMORY})\n")
    return most <= MOST_MEMORY


def ask_endlessly(port: int, until: float) -> None:
    """Ask an endless query again and again; a refused visitor waits for as long as the query would have run."""
    while time.time() < until:
        status, _ = fetch(port, ATTACKS["endless query"])
        if status in (0, 503):
            time.sleep(1)


def page_times(port: int, number: int, start: int) -> list[float]:
    """Return the seconds of `number` pages that no one asked for before."""
    times = []
    for n, page in zip(range(start, start + number), itertools.cycle(PAGES), strict=False):
        begin = time.perf_counter()
        status, _ = fetch(port, page.format(n=n))
        times.append(time.perf_counter() - begin)
        if status != 200:
            sys.exit(f"{page}: {status}")
    return times


def p99(times: list[float]) -> float:
    """Return the time within which 99 of 100 are."""
    return statistics.quantiles(times, n=100)[98]


def best_round(port: int, number: int, start: int) -> list[float]:
    """Return the times of the one of five rounds that other programs disturbed least."""
    return min((page_times(port, number, start + round * number) for round in range(5)), key=p99)


def stall(db: Path, number: int) -> bool:
    """Print the time of pages under endless queries; return whether it stays within the limit."""
    print(f"{'visitors with endless queries':36}{'median ms':>12}{'p99 ms':>9}{'times idle':>12}")
    good = True
    with service(db) as (port, _):
        page_times(port, 40, 0)
        idle = best_round(port, number, 1_000_000)
        print(f"{'none':36}{statistics.median(idle) * 1e3:>12.1f}{p99(idle) * 1e3:>9.1f}")
        for visitors in VISITORS:
            until = time.time() + 3_600
            crowd = [
                multiprocessing.Process(target=ask_endlessly, args=(port, until), daemon=True)
                for _ in range(visitors)
            ]
            for visitor in crowd:
                visitor.start()
            time.sleep(2)
            times = best_round(port, number, visitors * 10_000_000)
            for visitor in crowd:
                visitor.terminate()
                visitor.join()
            ratio = p99(times) / p99(idle)
            good = good and ratio <= MOST_SLOWER
            print(
                f"{visitors:<36}{statistics.median(times) * 1e3:>12.1f}{p99(times) * 1e3:>9.1f}{ratio:>12.2f}",
                flush=True,
            )
    print()
    return good


def fuzz(port: int, seed: int, number: int) -> tuple[Counter, list[str]]:
    """Return how often each status was the answer to random requests, and those that failed."""
    counts: Counter = Counter()
    failures = []
    for method, path, body, kind in random_requests(seed, number):
        status, _ = fetch(port, path, method, body, kind)
        counts[status] += 1
        if status == 0 or (status >= 500 and status != 503):
            failures.append(f"{status} {method} {path[:200]}")
    return counts, failures


def random_list(db: Path, number: int) -> bool:
    """Print the answers to random requests; return whether none is a failure."""
    with service(db) as (port, _):
        counts, failures = fuzz(port, 1, number)
    listed = ", ".join(f"{status}: {count:,}" for status, count in sorted(counts.items()))
    print(f"{number:,} random requests on Datasette {datasette.__version__}: {listed}")
    for failure in failures[:40]:
        print(f"  {failure}")
    print(f"failures: {len(failures)} (limit 0)")
    return not failures


def main() -> None:
    """Run the attacks."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="fewer pages and requests")
    parser.add_argument("--requests", type=int, default=20_000, help="random requests")
    parser.add_argument("--db", type=Path, default=ROOT / "kb.db")
    parser.add_argument("--only", choices=["list", "stall", "random"])
    options = parser.parse_args()
    runs = {
        "list": lambda: attack_list(options.db),
        "stall": lambda: stall(options.db, 60 if options.quick else 300),
        "random": lambda: random_list(options.db, 500 if options.quick else options.requests),
    }
    results = [run() for name, run in runs.items() if options.only in (None, name)]
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
