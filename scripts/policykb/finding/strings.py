"""Many strings looked for in one pass over a text. The only module that knows the Aho-Corasick library."""

import json
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from zlib import crc32

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

BEGINNING = 12  # characters

_ALIKE = {"'": "‘’‚‛", '"': "“”„‟", " ": "‐‑‒–—−\u00a0\u202f"}


def alike(text: str) -> str:
    """Return `text` with quotes, dashes and blanks made alike; every character keeps its place."""
    if not text.isascii():
        for plain, others in _ALIKE.items():
            for other in others:
                text = text.replace(other, plain)
    return text.replace("-", " ")


def lower(text: str) -> str:
    """Return `text` in lower case; every character keeps its place."""
    low = text.lower()
    if len(low) == len(text):
        return low
    return "".join(char.lower() if len(char.lower()) == 1 else char for char in text)


def hashed(text: str) -> int:
    """Return a number of 32 bits that is the same for the same text in every process."""
    return crc32(text.encode(errors="replace"))


def beginnings(strings: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the first BEGINNING characters of `strings`, each with the lengths of those that begin so, the longest first, as JSON."""
    lengths: dict[str, set[int]] = defaultdict(set)
    for string in strings:
        lengths[string[:BEGINNING]].add(len(string))
    for start, of_start in sorted(lengths.items()):
        yield start, json.dumps(sorted(of_start, reverse=True))


class Beginnings:
    """Very many strings to look for, of which memory has only the beginnings; the leftmost, then the longest, is found."""

    def __init__(
        self, starts: Sequence[str], lengths: Mapping[str, Sequence[int]], hashes: Sequence[int]
    ) -> None:
        """Look for strings that have the `hashes`, in order, by their beginnings `starts`, each with the `lengths` of its strings."""
        self._starts, self._lengths, self._hashes = starts, lengths, hashes
        kind = Implementation.ContiguousNFA
        self._search = AhoCorasick(starts, MatchKind.Standard, False, kind)

    def whole_words(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Yield start, end and string of each match that begins and ends with a word; a plural `s` may follow."""
        matches = self._search.find_matches_as_indexes(text, overlapping=True)
        done = 0
        for start, end, number in sorted((start, -end, number) for number, start, end in matches):
            if start < done or start and text[start - 1].isalnum():
                continue
            for length in self._lengths[self._starts[number]]:
                end = start + length
                if end <= len(text) and _ends_word(text, end) and self._has(text[start:end]):
                    yield start, end, text[start:end]
                    done = end
                    break

    def _has(self, text: str) -> bool:
        """Return whether a text is one of the strings: wrong once in thousands of texts."""
        value = hashed(text)
        place = bisect_left(self._hashes, value)
        return place < len(self._hashes) and self._hashes[place] == value


def _ends_word(text: str, end: int) -> bool:
    """Return whether a word, or its plural, ends at a place."""
    following = text[end : end + 2]
    return not following[:1].isalnum() or following[0] == "s" and not following[1:].isalnum()


class Strings:
    """Strings to look for; of overlapping ones the leftmost, then the longest, is found."""

    def __init__(self, strings: Sequence[str]) -> None:
        self.strings = list(strings)
        self._search = AhoCorasick(self.strings, matchkind=MatchKind.LeftmostLongest)

    def whole_words(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Yield start, end and string of each match that begins and ends with a word; a plural `s` may follow."""
        for number, start, end in self._search.find_matches_as_indexes(text):
            if start and text[start - 1].isalnum():
                continue
            if _ends_word(text, end):
                yield start, end, self.strings[number]
