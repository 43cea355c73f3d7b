"""Play the first entries of a newcomer: python tests/bench/newcomer.py

Prints for each entry the commands until it is checked, the questions, the keys pressed, and the seconds that the computer
takes, typing not counted.
"""

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from conftest import Base
from test_newcomer import CORRECTION, ENTRIES, known, play


def main() -> None:
    """Play and print."""
    print("| Entry | Steps | Questions | Keys | Seconds |\n| --- | --- | --- | --- | --- |")
    for entry, (kind, answers, *_) in ENTRIES.items():
        with tempfile.TemporaryDirectory() as name:
            base = known(Base(Path(name)))
            began = time.monotonic()
            count, _ = play(base, kind, answers)
            seconds = time.monotonic() - began
            keys = sum(map(len, answers)) + len(answers)
            print(f"| {entry} | {steps(base)} | {count} | {keys} | {seconds:.0f} |", flush=True)
    with tempfile.TemporaryDirectory() as name:
        base = known(Base(Path(name)))
        began = time.monotonic()
        base.run_process(*CORRECTION)
        seconds = time.monotonic() - began
        keys = len(" ".join(["policykb", *CORRECTION])) + 1
        print(f"| correction | {steps(base)} | 0 | {keys} | {seconds:.0f} |")


def steps(base: Base) -> int:
    """Return the steps to a pull request: fork and clone, the command, commit and push, the request; more if it is not right."""
    return 4 + bool(base.codes())


if __name__ == "__main__":
    main()
