"""Measure the site against another checkout, or against bare Datasette and bare SQL.

python tests/bench/serve.py compare CHECKOUT [--content POLICIES]

Builds the content of CHECKOUT (or POLICIES) with both versions of the software and asks both for each kind of page, in
turns, without a server and without kept answers. Prints the processor time of each and the ratio, and ends with status 1 if
this checkout takes more than 1.2 times that of the other for a page.

python tests/bench/serve.py all [--quick] [FOLDER]

Needs `wrk` (apt-get install wrk). Serves the shipped knowledge base and 1,000, 10,000 and 100,000 generated records
on 127.0.0.1, one after another, from FOLDER (made if missing, by default beside other temporary files), and prints:

1. Requests per second of the action page and of Datasette's row page of the same 200 records, in turns; the page
   three ways: never seen before (each address new), as readers ask for it (kept in memory), and unchanged (304).
2. The time of the search page's SQL against the bare full-text query with rank and snippet, and the whole request.
3. The time of one request to each kind of page that was never seen before, by number of records.

Absolute numbers say little on a busy machine; every ratio is a median over rounds that alternate.
"""

import argparse
import contextlib
import http.client
import itertools
import os
import re
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

from generate import generate
from policykb.model import dates
from policykb.read.functions import escape_fts, register
from policykb.read.questions import bound, questions

ROOT = Path(__file__).parent.parent.parent
ASK = Path(__file__).parent / "ask.py"
POLICYKB = str(Path(sys.executable).parent / "policykb")
MOST_RATIO = 1.2
ROUNDS, TURNS = 12, 4  # addresses of each kind of page, and how often each is asked for
RECORDS = 200
# The least that a search can be: the best 61 hits with rank and one snippet of each.
BARE = "select rowid, rank, snippet(search, 1, '', '', '…', 28) from search where search match :match order by rank limit 61"
# Pages that show some of many records: {n} is another number on each request, {word} another word.
KINDS = (
    "/",
    "/?on=20{n:02d}-01-01",
    "/actions",
    "/actions?on=20{n:02d}-01-01",
    "/actions?jurisdiction={place}",
    "/actions?sort=title",
    "/actions?sort=-as_of&jurisdiction={place}",
    "/actions.csv?jurisdiction={place}",
    "/actions.bib?topic={topic}",
    "/actions?topic={topic}&on=20{n:02d}-01-01",
    "/actions?force=in_force",
    "/actions?q={word}",
    "/actions/{action}",
    "/compare?ids={action}&on=20{n:02d}-01-01",
    "/duties",
    "/arguments",
    "/arguments?action={action}",
    "/arguments/{argument}",
    "/claims",
    "/claims?finding=supported",
    "/claims/{claim}",
    "/documents",
    "/documents?grade=primary",
    "/documents/{document}",
    "/organizations",
    "/organizations?kind=government",
    "/organizations/{organization}",
    "/topics",
    "/topics/{topic}",
    "/jurisdictions",
    "/jurisdictions/{place}",
    "/search?q={word}",
    "/search?q=HR+50-100",
    "/timeline",
    "/timeline?moving=1",
    "/timeline?jurisdiction={place}",
    "/questions",
    "/questions/status-on",
    "/about",
    "/actions/no-such-{n}",
)
SCRIPT = """
local ids = {%s}
local n = %d
request = function()
  n = n + 1
  local path = "%s" .. ids[(n - 1) %% #ids + 1]
  if %s then path = path .. "?n=" .. n end
  return wrk.format("GET", path, {%s})
end
"""


@contextlib.contextmanager
def served(db: Path) -> Iterator[int]:
    """The port of `policykb serve` on `db`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [POLICYKB, "serve", "--db", str(db), "--port", str(port), "--no-watch"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(200):
            with contextlib.suppress(OSError):
                fetch(port, "/about")
                break
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait()


def fetch(port: int, path: str) -> int:
    """Status of the answer to GET `path`; a failure of the server ends the measurement, since it would look fast."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        if answer.status >= 500:
            sys.exit(f"{path}: {answer.status}")
        return answer.status
    finally:
        connection.close()


def wrk(  # noqa: PLR0913
    port: int,
    folder: Path,
    prefix: str,
    ids: list[str],
    start: int,
    seconds: int,
    fresh: bool,
    header: str = "",
) -> float:
    """Requests per second over `ids`; with `fresh`, no address is asked for twice."""
    script = folder / "wrk.lua"
    script.write_text(
        SCRIPT
        % (", ".join(f'"{id}"' for id in ids), start, prefix, "true" if fresh else "false", header),
        encoding="utf-8",
    )
    said = subprocess.run(
        [
            "wrk",
            "-t1",
            "-c4",
            f"-d{seconds}s",
            "--timeout",
            "10s",
            "-s",
            str(script),
            f"http://127.0.0.1:{port}",
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    if "Non-2xx" in said and not header:
        sys.exit(f"{prefix}: {said}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", said).group(1))


def pages(db: Path, folder: Path, rounds: int, seconds: int) -> None:
    """Print the requests per second of action page and row page."""
    connection = sqlite3.connect(db)
    ids = [
        id
        for (id,) in connection.execute(
            "select id from actions where withdrawn_on is null order by id"
        )
    ]
    ids = ids[:: max(1, len(ids) // RECORDS)][:RECORDS]
    found: dict[str, list[float]] = {"row": [], "new": [], "kept": []}
    with served(db) as port:
        wrk(port, folder, "/actions/", ids, 0, 2, fresh=False)
        wrk(port, folder, f"/{db.stem}/actions/", ids, 0, 1, fresh=False)
        for round in range(1, rounds + 1):
            found["row"].append(
                wrk(port, folder, f"/{db.stem}/actions/", ids, round * 10**6, seconds, fresh=True)
            )
            found["new"].append(
                wrk(port, folder, "/actions/", ids, round * 10**6, seconds, fresh=True)
            )
            found["kept"].append(wrk(port, folder, "/actions/", ids, 0, seconds, fresh=False))
    for name, told in (
        ("row", "Datasette's row page"),
        ("new", "action page, each address new"),
        ("kept", f"action page, {len(ids)} records kept"),
    ):
        ratios = [mine / theirs for mine, theirs in zip(found[name], found["row"], strict=True)]
        print(
            f"  {told:38} {statistics.median(found[name]):8.0f} requests/s   {statistics.median(ratios):6.2f} times the row page ({min(ratios):.2f}-{max(ratios):.2f})",
            flush=True,
        )


def searches(db: Path, rounds: int) -> None:
    """Print the time of the page's search against the bare full-text query."""
    connection = sqlite3.connect(f"{db.resolve().as_uri()}?immutable=1", uri=True)
    register(connection)
    words = [
        match.group()
        for (title,) in connection.execute("select title from records order by id")
        if (match := re.search(r"[^\W\d_]{5,}", title))
    ]
    words = sorted(set(words))[:: max(1, len(set(words)) // 60)][:60]
    question, today = questions("openness")["search"], dates.today().isoformat()
    times: dict[str, list[float]] = {"bare": [], "page": [], "request": []}
    with served(db) as port:
        for round, word in itertools.product(range(rounds), words):
            match = escape_fts(word)
            bare = timed(lambda: connection.execute(BARE, {"match": match}).fetchall())  # noqa: B023
            mine = timed(
                lambda: connection.execute(
                    question.sql,
                    bound(question, {"q": word, "size": "8"}, today),  # noqa: B023
                ).fetchall()
            )
            whole = timed(lambda: fetch(port, f"/search?q={quote(word)}&n={round}"))  # noqa: B023
            for name, value in (("bare", bare), ("page", mine), ("request", whole)):
                times[name].append(value)
    for name, told in (
        ("bare", "bare full-text query"),
        ("page", "the page's SQL"),
        ("request", "whole request"),
    ):
        print(
            f"  {told:38} {sum(times[name]) / len(times[name]) * 1e3:8.2f} ms           {sum(times[name]) / sum(times['bare']):6.2f} times the bare query",
            flush=True,
        )


def timed(call) -> float:
    """Seconds that a call takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def kinds(bases: list[tuple[int, Path]], rounds: int) -> None:
    """Print the time of each kind of page by number of records, at addresses that were never asked for."""
    print(
        f"\n{'ms a request, each address new':38}"
        + "".join(f"{number:>10,}" for number, _ in bases)
        + f"{'growth':>9}",
        flush=True,
    )
    with contextlib.ExitStack() as stack:
        ports = [stack.enter_context(served(db)) for _, db in bases]
        given = [samples(db, rounds) for _, db in bases]
        for kind in KINDS:
            times: list[list[float]] = [[] for _ in bases]
            for round in range(rounds):
                for place, port in enumerate(ports):
                    path = kind.format(**given[place][round])
                    path += ("&" if "?" in path else "?") + f"fresh={round}"
                    times[place].append(timed(lambda port=port, path=path: fetch(port, path)))
            medians = [statistics.median(values[1:]) * 1e3 for values in times]
            print(
                f"  {re.sub('{n.*?}', '{n}', kind):36}"
                + "".join(f"{value:>10.1f}" for value in medians)
                + f"{medians[-1] / medians[0]:>9.1f}",
                flush=True,
            )


def spread(ids: list[str]) -> list[str]:
    """Return at most ROUNDS of the ids, from everywhere in the list."""
    return ids[:: max(1, -(-len(ids) // ROUNDS))]


def samples(db: Path, rounds: int) -> list[dict]:
    """For each round other ids, words and numbers to put into the addresses of KINDS."""
    connection = sqlite3.connect(db)
    tables = {
        "action": "actions",
        "argument": "arguments",
        "claim": "claims",
        "document": "documents",
        "organization": "organizations",
        "topic": "topics",
        "place": "jurisdictions",
    }
    ids = {
        name: spread([id for (id,) in connection.execute(f"select id from {table} order by id")])
        for name, table in tables.items()
    }
    words = [
        max(title.split(), key=len)
        for (title,) in connection.execute("select title from actions order by id limit 1000")
    ]
    return [
        {
            "n": 10 + round,
            "word": quote(words[round]),
            **{name: found[round % len(found)] for name, found in ids.items()},
        }
        for round in range(rounds)
    ]


def base(folder: Path, number: int) -> Path:
    """The knowledge base of `number` generated records, or the shipped one for 0; made if it is not there."""
    place = folder / str(number)
    policies, db = place / "policies" if number else ROOT / "policies", place / "kb.db"
    place.mkdir(parents=True, exist_ok=True)
    if number and not policies.is_dir():
        generate(place, number)
    package = ROOT / "scripts" / "policykb"
    newest = max(file.stat().st_mtime for file in (*package.glob("*.py"), *package.glob("*.sql")))
    if not number or not db.is_file() or db.stat().st_mtime < newest:
        subprocess.run(
            [POLICYKB, "load", "--policies", str(policies), "--db", str(db)],
            check=True,
            capture_output=True,
        )
    return db


@contextlib.contextmanager
def asked(checkout: Path, db: Path) -> Iterator[Callable[[str], tuple[int, float]]]:
    """The function that asks the software of `checkout` for an address, for status and processor time in ms."""
    process = subprocess.Popen(
        [sys.executable, str(ASK), str(db)],
        env=os.environ | {"PYTHONPATH": str(checkout / "scripts")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )

    def ask(address: str) -> tuple[int, float]:
        process.stdin.write(address + "\n")
        process.stdin.flush()
        status, seconds, _ = process.stdout.readline().split()
        return int(status), float(seconds) * 1e3

    try:
        yield ask
    finally:
        process.kill()
        process.wait()


def timed_in_turns(
    sides: list[Callable], addresses: list[str]
) -> tuple[list[float], list[list[int]]]:
    """Return for each side the mean over the addresses of the least time of TURNS, and the statuses of the answers."""
    times, statuses = [0.0] * len(sides), [set() for _ in sides]
    for address in addresses:
        for ask in sides:  # the first answer fills what is kept in parts
            ask(address)
        answers = [[ask(address) for ask in sides] for _ in range(TURNS)]
        for place, mine in enumerate(zip(*answers, strict=True)):
            times[place] += min(spent for _, spent in mine) / len(addresses)
            statuses[place] |= {status for status, _ in mine}
    return times, [sorted(found) for found in statuses]


def compare(other: Path, content: Path, wanted: str) -> bool:
    """Print the processor time of the kinds of pages that match `wanted`; return whether none costs too much.

    `other` is the other checkout, `content` the policies that both build.
    """
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        sides = []
        for name, checkout in (("here", ROOT), ("other", other)):
            db = folder / f"{name}.db"
            load = "from policykb.cli import main; main()"
            subprocess.run(
                [sys.executable, "-c", load, "load", "--policies", str(content), "--db", str(db)],
                env=os.environ | {"PYTHONPATH": str(checkout / "scripts")},
                check=True,
                capture_output=True,
            )
            sides.append(stack.enter_context(asked(checkout, db)))
        given = samples(folder / "other.db", ROUNDS)
        print(f"{'processor time, ms':38}{'here':>10}{'other':>10}{'ratio':>8}", flush=True)
        ratios = []
        for kind in filter(re.compile(wanted).search, KINDS):
            name = re.sub("{n.*?}", "{n}", kind)
            times, statuses = timed_in_turns(sides, sorted({kind.format(**one) for one in given}))
            if statuses[0] != statuses[1]:
                print(f"  {name:36}  answers {statuses[0]} here, {statuses[1]} there", flush=True)
                continue
            ratios.append(times[0] / times[1])
            judged = "  too much" if ratios[-1] > MOST_RATIO else ""
            print(
                f"  {name:36}{times[0]:>10.2f}{times[1]:>10.2f}{ratios[-1]:>8.2f}{judged}",
                flush=True,
            )
    return max(ratios) <= MOST_RATIO


def main() -> None:
    """Compare with a checkout, or run all measurements."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    ways = parser.add_subparsers(dest="way", required=True)
    both = ways.add_parser("compare", help="the pages of this checkout with those of another")
    both.add_argument("checkout", type=Path)
    both.add_argument(
        "--content", type=Path, help="policies to build; those of CHECKOUT if not given"
    )
    both.add_argument("--pages", default="", help="a regular expression for the kinds of pages")
    whole = ways.add_parser("all", help="the pages with Datasette's own, by number of records")
    folder = Path(tempfile.gettempdir()) / "policykb-bench"
    whole.add_argument("folder", nargs="?", type=Path, default=folder)
    whole.add_argument("--quick", action="store_true", help="fewer and shorter rounds")
    given = parser.parse_args()
    if given.way == "compare":
        content = given.content or given.checkout / "policies"
        sys.exit(not compare(given.checkout, content, given.pages))
    measure(given.folder, given.quick)


def measure(folder: Path, quick: bool) -> None:
    """Run all measurements without another checkout."""
    rounds, seconds = (3, 2) if quick else (5, 6)
    bases = {number: base(folder, number) for number in (0, 1_000, 10_000, 100_000)}
    for number in (0, 100_000):
        print(
            f"\n{number:,} generated records" if number else "\nshipped knowledge base", flush=True
        )
        pages(bases[number], folder, rounds, seconds)
        searches(bases[number], 1 if quick else 3)
    kinds([(number, db) for number, db in bases.items() if number], 6 if quick else 12)


if __name__ == "__main__":
    main()
