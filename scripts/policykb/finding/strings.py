"""Many strings looked for in one pass over a text. The only module that knows the Aho-Corasick library."""

from collections.abc import Iterator, Sequence

from ahocorasick_rs import AhoCorasick, MatchKind

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
            following = text[end : end + 2]
            if following[:1].isalnum() and (following[0] != "s" or following[1:].isalnum()):
                continue
            yield start, end, self.strings[number]
