"""Many strings looked for in one pass over a text. The only module that knows the Aho-Corasick library."""

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from zlib import crc32

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

BEGINNING = 16  # characters; with fewer, running text has too many of the beginnings of many names

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


def beginnings(strings: Iterable[str]) -> dict[str, list[int]]:
    """Return the first BEGINNING characters of `strings`, each with the lengths of those that begin so, the longest first."""
    lengths: dict[str, set[int]] = defaultdict(set)
    for string in strings:
        lengths[string[:BEGINNING]].add(len(string))
    return {start: sorted(lengths[start], reverse=True) for start in sorted(lengths)}


def hashes(strings: Iterable[str]) -> array:
    """Return the hashes of `strings`, in order: numbers of 32 bits that are the same in every process."""
    return array("I", sorted(set(map(_hash, strings))))


def _hash(text: str) -> int:
    return crc32(text.encode(errors="replace"))


class Strings:
    """Strings to look for, of which memory has only the beginnings; of overlapping ones the leftmost, then the longest, is found."""

    def __init__(
        self, starts: Sequence[str], lengths: Mapping[str, Sequence[int]], known: Sequence[int]
    ) -> None:
        """Look for the strings with the hashes `known` by their beginnings `starts`, each with the `lengths` of its strings."""
        self._starts, self._lengths, self._hashes = starts, lengths, known
        form = Implementation.ContiguousNFA
        self._search = AhoCorasick(
            starts, MatchKind.Standard, store_patterns=False, implementation=form
        )

    @classmethod
    def of(cls, strings: Collection[str]) -> "Strings":
        """Look for `strings`."""
        lengths = beginnings(strings)
        return cls(list(lengths), lengths, hashes(strings))

    def whole_words(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Yield start, end and string of each match that begins and ends with a word; a plural `s` may follow."""
        matches = self._search.find_matches_as_indexes(text, overlapping=True)
        free = 0
        for start, _, number in sorted([(start, -end, number) for number, start, end in matches]):
            if start < free or start and text[start - 1].isalnum():
                continue
            for length in self._lengths[self._starts[number]]:
                end = start + length
                if _ends_word(text, end) and self._has(text[start:end]):
                    yield start, end, text[start:end]
                    free = end
                    break

    def _has(self, text: str) -> bool:
        """Return whether a text is one of the strings; of ten thousand others about one counts as one."""
        value = _hash(text)
        place = bisect_left(self._hashes, value)
        return place < len(self._hashes) and self._hashes[place] == value


def _ends_word(text: str, end: int) -> bool:
    """Return whether a word, or its plural, ends at a place in a text."""
    following = text[end : end + 2]
    is_end = not following[:1].isalnum() or following[0] == "s" and not following[1:].isalnum()
    return is_end and end <= len(text)
