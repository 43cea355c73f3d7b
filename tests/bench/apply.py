"""Measure `policykb apply`: python tests/bench/apply.py [RECORDS] [LINES]

Makes a knowledge base of RECORDS (2,000), applies LINES (1,000) of new records with their links, then as many edits and
additions of links, and then these again. Prints the processor time of each command with all its processes, that of
`policykb check` on the same files, and how many records a second are done beyond one check. The base has warnings, so
`apply` checks it twice, before and after the change.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from generate import generate

DAY = "2026-11-22"
COMMON = ("--today", DAY)


def seconds(policies: Path, *arguments: str) -> float:
    """Return the processor time of a command as a user starts it."""
    command = [str(Path(sys.executable).parent / "policykb"), *arguments, *COMMON]
    process = subprocess.Popen(
        [*command, "--policies", str(policies)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"policykb {arguments[0]} failed")
    return usage.ru_utime + usage.ru_stime


def new(count: int, action: str) -> Iterator[dict]:
    """Yield arguments about an action with the documents that make them, by their titles, half of each."""
    for number in range(count // 2):
        yield {
            "record": "document",
            "id": f"bench-document-{number}",
            "type": "webpage",
            "title": f"Document {number}",
            "grade": "primary",
            "url": f"https://bench.example.org/{number}",
        }
        yield {
            "record": "argument",
            "id": f"bench-argument-{number}",
            "title": f"It is right for reason {number}",
            "premises": ["It does good.", f"Reason {number} holds."],
            "scheme": "consequences",
            "appearances": [{"document": f"Document {number}", "locator": "page 3"}],
            "stances": [{"action": action, "stance": "supports"}],
        }


def edits(count: int, action: str) -> Iterator[dict]:
    """Yield an edit of a document, and a link added to an argument, half of each."""
    for number in range(count // 2):
        yield {"id": f"bench-document-{number}", "title": f"Another title {number}"}
        stance = {"action": action, "stance": "warns", "note": "Of its cost."}
        yield {"id": f"bench-argument-{number}", "add": {"stances": [stance]}}


def main(records: int = 2000, lines: int = 1000) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        generate(folder, records)
        policies = folder / "policies"
        action = min((policies / "actions").glob("*.toml")).stem
        for title, make in (("new", new), ("edits", edits), ("again", edits)):
            file = folder / f"{title}.jsonl"
            texts = [json.dumps(line) for line in make(lines, action)]
            file.write_text("\n".join(texts), encoding="utf-8")
            checking = min(seconds(policies, "check") for _ in range(3))
            applying = seconds(policies, "apply", str(file), "--yes")
            rate = lines / max(applying - checking, 0.01)
            print(
                f"{title:6} {lines:,} lines on {records:,} records: {applying:.2f} s, check {checking:.2f} s, "
                f"{rate:,.0f} records a second beyond the check",
                flush=True,
            )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
