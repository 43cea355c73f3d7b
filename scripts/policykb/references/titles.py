"""Titles in sentence case, as APA wants them: proper names keep their capitals."""

import re

from policykb.model.vocabulary import PROPER_WORDS

_WORD = re.compile(r"[^\W\d_][\w’'.-]*")
# Words that titles in headline style write small.
_SMALL = frozenset(
    "a an and as at but by for from if in is it its nor of on or over per so than that the to up via vs with yet".split()
)
_PROPER = frozenset(PROPER_WORDS)


def sentence_case(title: str, names: list[str]) -> str:
    """Return a title in headline style in sentence case; one in sentence case is returned as it is.

    Words in `names`, proper words of the vocabulary and words with a capital behind their first letter keep their case;
    the first word and the one behind a colon, a dash or a question mark begin with a capital.
    """
    if not _is_headline(title):
        return title
    spans = [
        match.span()
        for name in names
        for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", title)
    ]
    pieces, last = [], 0
    for match in _WORD.finditer(title):
        pieces.append(title[last : match.start()])
        begins = re.search(r"(?:^|[:?!.]\s|\s[\u2013\u2014]\s)[\[“‘\"(]*$", title[: match.start()])
        named = any(start <= match.start() < end for start, end in spans)
        first, *rest = match[0].split("-")
        begun = "-".join([first, *map(_small, rest)])
        pieces.append((match[0] if named else begun) if named or begins else _small(match[0]))
        last = match.end()
    return "".join(pieces) + title[last:]


def _is_headline(title: str) -> bool:
    """Return whether most words that headline style capitalizes are capitalized."""
    words = [word for word in _WORD.findall(title)[1:] if word.lower() not in _SMALL]
    capitals = [word for word in words if word[0].isupper()]
    return len(words) > 1 and len(capitals) * 3 > len(words) * 2


def _small(word: str) -> str:
    """Return a word in small letters, unless it is a proper one or an abbreviation."""
    stem = re.sub(r"[’']s?$", "", word)
    if stem in _PROPER or stem == "I":
        return word
    if not re.search(r"[A-Z]", stem[1:]) and "." not in stem:
        return word.lower()
    return "-".join(map(_small, word.split("-"))) if "-" in word else word
