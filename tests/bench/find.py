"""Measure `policykb find`: python tests/bench/find.py [--actions NUMBER] [FOLDER]

Reads the texts in FOLDER (by default tests/find) as one document each and all together, with the shipped knowledge base and with one of
so many actions, whose names and summaries are random words of the shipped ones. Prints, in processor time: the start from
kept tables; MB a second for a bare Aho-Corasick pass over the shipped names, for the gate of a corpus, for numbers and names, and for
everything; the time for the candidates of a sentence; and the memory of a process that did all that, as a worker does.
"""

import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
SECONDS = 1  # a measurement
DAY = date(2026, 6, 19)
STATE = "bench"


def rate(run: Callable[[], object]) -> float:
    """Return how often `run` can be called in a second of processor time, at its best."""
    run()
    best, end = float("inf"), time.process_time() + SECONDS
    while time.process_time() < end:
        start = time.process_time()
        run()
        best = min(best, time.process_time() - start)
    return 1 / best


def enlarged(base: dict, number: int) -> dict:
    """Return `base` with more actions, `number` in all."""
    rng = random.Random(1)
    texts = [f"{action['title']} {action['summary']}" for action in base["action"].values()]
    vocabulary = [word for word in " ".join(texts).split() if len(word) > 4 and word.isalpha()]

    def words(count: int) -> str:
        return " ".join(rng.choices(vocabulary, k=count))

    more = {
        f"more-{place}": {
            "title": words(9).title(),
            "short_title": words(3).title(),
            "aliases": [words(3).title()],
            "instrument": rng.choice(("bill", "agency_rule", "guidance")),
            "jurisdiction": rng.choice(("us", "eu", "us-ca", "cn")),
            "summary": words(60),
            "identifiers": {"us_bill": f"hr{place % 99_999 + 1}-{100 + place // 99_999}"},
            "events": [
                {"type": "introduced", "date": f"20{rng.randint(18, 26)}-05-{rng.randint(10, 28)}"}
            ],
        }
        for place in range(number - len(base["action"]))
    }
    return base | {"action": base["action"] | more}


def measured(index: Path, folder: Path) -> dict[str, float]:
    """Return the measures with the tables in `index`, in this process."""
    from ahocorasick_rs import AhoCorasick
    from policykb.checks.texts import paragraphs
    from policykb.finding.corpus import Gate
    from policykb.finding.descriptions import _Near, _units, sentences_of
    from policykb.finding.index import Index
    from policykb.finding.judge import Finder, Kind
    from policykb.finding.knowledge import RecordIndex
    from policykb.finding.strings import alike, lower

    start = time.process_time()
    finder = Finder(RecordIndex(Index(index, STATE), dict))
    finder.find({"1": "EO 14409 was signed."}, DAY)
    values = {"start, s": time.process_time() - start}
    texts = [file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.txt"))]
    documents = [paragraphs(text, "lines") for text in texts]
    size = sum(len(text.encode()) for text in texts) / 1e6
    whole = "\n".join(texts)
    other = whole.translate(str.maketrans("aeiou0123456789", "eioua" + "x" * 10))
    names = [name for _, name in zip(range(700), finder.names, strict=False)]
    bare, gate = AhoCorasick(names), Gate(finder)
    by_form = frozenset({Kind.NUMBER, Kind.NAME, Kind.ALIAS})
    read = [sentences_of(text) for text in texts]
    units = [unit for text in read for unit in _units(text, (), DAY)]
    runs = {
        "bare pass, MB/s": lambda: bare.find_matches_as_indexes(lower(alike(whole))),
        "gate, MB/s": lambda: gate.passes(other),
        "names, MB/s": lambda: [list(finder._names.search(text, set())) for text in texts],
        "numbers and names, MB/s": lambda: [finder.find(one, DAY, by_form) for one in documents],
        "everything, MB/s": lambda: [finder.find(one, DAY) for one in documents],
    }
    values |= {name: rate(run) * size for name, run in runs.items()}
    status = Path("/proc/self/status")
    search, nothing = finder._descriptions._candidates, _Near(set(), set(), [], "")
    topic = finder._descriptions.topic(read)
    each = rate(lambda: [search(unit, nothing, topic, []) for unit in units])
    values["candidates, ms"] = 1000 / each / len(units)
    values["memory, MB"] = int(re.search(r"VmHWM:\s+(\d+)", status.read_text())[1]) / 1024
    return values


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "tests" / "find")
    parser.add_argument("--actions", type=int, default=10_000)
    parser.add_argument("--index", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.index:
        print(json.dumps(measured(arguments.index, arguments.folder)))
        return
    from policykb.finding.index import Index
    from policykb.finding.judge import Finder
    from policykb.finding.knowledge import RecordIndex, records

    shipped = records(ROOT / "policies")
    columns = []
    with tempfile.TemporaryDirectory() as folder:
        for base in (shipped, enlarged(shipped, arguments.actions)):
            index = Path(folder) / f"{len(base['action'])}.db"
            start = time.process_time()
            Finder(RecordIndex(Index(index, STATE), lambda base=base: (base, ())))
            seconds = time.process_time() - start
            command = [sys.executable, __file__, str(arguments.folder), "--index", str(index)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            made = {"actions": len(base["action"]), "making the tables, s": seconds}
            made["size of the tables, MB"] = index.stat().st_size / 1e6
            columns.append(made | json.loads(done.stdout))
    for name, value in columns[0].items():
        other = columns[1][name]
        print(f"{name:24} {value:10,.2f} {other:12,.2f} {other / value:8.2f}")


if __name__ == "__main__":
    main()
