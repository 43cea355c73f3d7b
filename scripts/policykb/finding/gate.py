"""A fast first test of which texts of a corpus may mention an action. The only module that knows Hyperscan."""

import re
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policykb.finding.judge import Finder

MOST_NAMES = 3000  # for Hyperscan, whose time and memory for more names are too great
# What is between the words of a name: a few bytes that are not letters or digits, such as dashes and quotes in UTF-8.
_BETWEEN = "(?:[^a-z0-9]{1,9})"
# Classes of characters that are several bytes in UTF-8.
_WIDE = re.compile(r"\[[^\]]*(?:\\u|[^\x00-\x7f])[^\]]*\]")
# Conditions on what is around a match, which Hyperscan does not know. Without them, more texts pass.
_LOOKAROUND = re.compile(r"\(\?<?[!=](?:[^()\\]|\\.|\[[^\]]*\])*\)")


class Gate:
    """A fast test, which every text in which `finder` finds a number or name passes, and few others."""

    def __init__(self, finder: "Finder") -> None:
        self._may_mention = finder.may_mention
        try:
            import hyperscan
        except ImportError:  # there is no wheel for this machine
            self._patterns = None
            return
        names, numbers = map(_of_name, finder.names), map(_of_number, finder.number_patterns)
        expressions = sorted({*islice(names, MOST_NAMES + 1), *numbers})
        if len(expressions) > MOST_NAMES:
            self._patterns = None
            return
        self._patterns = hyperscan.Database()
        self._patterns.compile(
            expressions=[expression.encode() for expression in expressions],
            elements=len(expressions),
            flags=hyperscan.HS_FLAG_CASELESS | hyperscan.HS_FLAG_SINGLEMATCH,
        )
        self._stopped = hyperscan.ScanTerminated

    def passes(self, text: str) -> bool:
        """Return whether a number or name of an action may be in a text."""
        if self._patterns is None:
            return self._may_mention(text)
        try:
            self._patterns.scan(text.encode(errors="replace"), match_event_handler=_stop)
        except self._stopped:
            return True
        return False


def _stop(*_: object) -> bool:
    return True


def _of_name(name: str) -> str:
    """Return the expression of a name in lower case: any characters other than ASCII letters and digits may be between its words."""
    return r"(?:\b|_)" + _BETWEEN.join(re.findall(r"[a-z0-9]+", name))


def _of_number(pattern: str) -> str:
    """Return the expression of a number, which matches everything that the regular expression `pattern` matches."""
    without = _WIDE.sub(_BETWEEN, _LOOKAROUND.sub("", pattern))
    return re.sub(r"\(\?P<\w+>", "(?:", without)
