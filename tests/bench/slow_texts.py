"""Look for texts that `policykb find` reads slowly: python tests/bench/slow_texts.py [SECONDS] [SEED]

Repeats a few words of the kinds that the finder looks for, up to 10,000 and 40,000 characters. Prints each such text for which
four times the length takes more than eight times as long, or more than ten seconds; then how many texts were tried.
"""

import os
import random
import signal
import sys
import time
from datetime import date
from pathlib import Path

from policykb.finding.judge import Finder
from policykb.finding.knowledge import RecordIndex

ROOT = Path(__file__).parent.parent.parent
DAY = date(2026, 6, 19)
SHORT, LONG = 10_000, 40_000  # characters
MOST = 8  # times as long
LEAST = 0.5  # seconds that count
MOST_SECONDS = 10
WORDS = (
    *("Act|Law|Bill|Order|Regulation|Directive|Convention|Gesetz|gesetz|Ley|PL|Rule of".split("|")),
    *("The|the|and the|of the|on|for|de|la|a|A|Aa|ABA|X|xx|é|模型|\u00a0|\n".split("|")),
    *(""",|.|-|–|(|)|“|”|"|'s|’s|@|#|§ 5|a)|1.|12|2.0|2026|1/2025""".split("|")),
    *("HB|SB 53|S.|H.R. 1|No.|Section|Article 53(2)|and 55|, 56|Annex III".split("|")),
    *("2.338/23|EO 14409|last Friday|June 2|January|of 2024|http://a.b/c".split("|")),
    *("EU|U.S.|AI|A.I.|California|Colorado|China|models|open-source|GPAI".split("|")),
    *("AI Act|Colorado AI Act|RAISE Act|(the “Act”)|the Act|(AIA)|AIA|the bill".split("|")),
    *("this order|Code of Practice|General-Purpose|law|bill|ban|amend|delays".split("|")),
)


def seconds(finder: Finder, text: str, size: int) -> float:
    """Return the processor time for `text`, repeated up to `size` characters."""
    start = time.process_time()
    finder.find({"1": text * (size // len(text))}, DAY, seconds=MOST_SECONDS)
    return time.process_time() - start


def is_slow(finder: Finder, text: str) -> bool:
    """Return whether a text is read slowly; a process of its own reads it, since nothing else ends a regular expression."""
    child = os.fork()
    if not child:
        signal.alarm(MOST_SECONDS)
        long = seconds(finder, text, LONG)
        os._exit(long > LEAST and long > MOST * seconds(finder, text, SHORT))
    return os.waitpid(child, 0)[1] != 0


def main() -> None:
    """Try random texts for so many seconds."""
    end = time.monotonic() + float(next(iter(sys.argv[1:]), 60))
    rng = random.Random(int(next(iter(sys.argv[2:]), 1)))
    finder, number = Finder(RecordIndex.read(ROOT / "policies")), 0
    while time.monotonic() < end:
        number += 1
        words = rng.choices(WORDS, k=rng.randint(1, 5))
        text = rng.choice((" ", "")).join(words) + rng.choice((" ", ""))
        if is_slow(finder, text):
            print(repr(text), flush=True)
    print(f"{number:,} texts")


if __name__ == "__main__":
    main()
