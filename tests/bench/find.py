"""Measure `policykb find`: python tests/bench/find.py [--copies NUMBER] [FOLDER]

Reads the texts in FOLDER (by default tests/find) one after another with the shipped knowledge base and prints processor
time: importing and reading the knowledge base; MB a second for an Aho-Corasick pass over the names alone, for numbers and
names, and for everything. With --copies the knowledge base is so many times as large, the copies under other names.
"""

import argparse
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
SECONDS = 3  # a measurement
DAY = date(2026, 6, 19)


def rate(run: Callable[[], object], size: int) -> float:
    """Return how many MB of `size` bytes a call `run` handles in a second of processor time."""
    run()
    start, rounds = time.process_time(), 0
    while time.process_time() - start < SECONDS:
        run()
        rounds += 1
    return rounds * size / (time.process_time() - start) / 1e6


def copied(base: dict, copies: int) -> dict:
    """Return `base` with each action so many times; the copies have other ids and names."""
    actions = dict(base["action"])
    for number in range(1, copies):
        for action_id, action in base["action"].items():
            names = {"title": f"{action['title']} {number}", "aliases": [], "short_title": None}
            actions[f"{action_id}-{number}"] = action | names | {"identifiers": {}}
    return base | {"action": actions}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "tests" / "find")
    parser.add_argument("--copies", type=int, default=1)
    arguments = parser.parse_args()
    start = time.process_time()
    from policykb.checks.texts import paragraphs
    from policykb.finding.gate import Gate
    from policykb.finding.judge import Finder, Kind
    from policykb.finding.knowledge import Knowledge, records
    from policykb.finding.names import Names
    from policykb.finding.strings import alike, lower

    print(f"import                {time.process_time() - start:6.2f} s")
    start = time.process_time()
    knowledge = Knowledge(copied(records(ROOT / "policies"), arguments.copies))
    finder = Finder(knowledge)
    print(
        f"knowledge base        {time.process_time() - start:6.2f} s, {len(knowledge.actions):,} actions"
    )
    texts = [file.read_text(encoding="utf-8") for file in sorted(arguments.folder.glob("*.txt"))]
    documents = [paragraphs(text, "lines") for text in texts]
    size = sum(len(text.encode()) for text in texts)
    names, gate = Names(knowledge)._search, Gate(finder)
    by_form = frozenset({Kind.NUMBER, Kind.NAME, Kind.ALIAS})
    all_kinds = frozenset(Kind)
    runs = {
        "names, bare": lambda: [list(names.whole_words(lower(alike(text)))) for text in texts],
        "gate of a corpus": lambda: [gate.passes(text) for text in texts],
        "numbers and names": lambda: [finder.find(one, DAY, by_form) for one in documents],
        "everything": lambda: [finder.find(one, DAY, all_kinds) for one in documents],
    }
    for name, run in runs.items():
        print(f"{name:20}  {rate(run, size):6.2f} MB/s")


if __name__ == "__main__":
    main()
