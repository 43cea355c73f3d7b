"""The words of running text: their stems, and sentences. The only module that knows the stemmer."""

import re
from functools import lru_cache

import snowballstemmer

_STEMMER = snowballstemmer.stemmer("english")
_WORD = re.compile(r"[a-z](?:[a-z'-]*[a-z])?|\d(?:[\d.,/^-]*\d)?")
_END = re.compile(r"(?<=[.?!…”\"])\s+(?=[A-Z“\"‘'(\[])")
_ABBREVIATION = re.compile(
    r"\b(?:U\.S|Sen|Reps?|Gov|Dr|Mr|Mrs|Ms|Inc|No|St|H\.R|vs?|Art|Pub|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|[A-Z])\.$"
)
_CLAUSE = re.compile(
    r",? (?:and|but|while|after|including|as well as|with)(?= )|[,;:] |\s[–—-]+\s|—"
)
_SPELLINGS = (
    ("labell", "label"),
    ("licenc", "licens"),
    ("defence", "defense"),
    ("gramme", "gram"),
    ("harmonis", "harmoniz"),
    ("organis", "organiz"),
)
LONG_SENTENCE = 130  # characters; a longer sentence may name several actions, one a clause
SHORT_CLAUSE = 5  # words
# Words that say nothing of what a text is about.
COMMON = frozenset(
    """
    a about after against all also an and any are as at be been before being between but by can could did do does during
    each for from had has have he her here him his how i if in into is it its just like many may me more most much my new no
    nor not of on one only or other our out over per re s said say says she so some still such t than that the their them
    then there these they this those through to two under until up upon us ve very via was we were what when where which
    while who whom whose why will with within without would you your ll
    """.split()
)


@lru_cache(1 << 17)
def stem(word: str) -> str:
    """Return the stem of a word in lower case, the same for its British and its American spelling."""
    for british, american in _SPELLINGS:
        word = word.replace(british, american)
    return _STEMMER.stemWord(word)


def words(text: str) -> list[str]:
    """Return the words and numbers of `text` in lower case, without the `'s` of possession."""
    text = text.lower().replace("’", "'").replace("a.i.", "ai")
    return [word.removesuffix("'s") for word in _WORD.findall(text)]


def stems(text: str) -> list[str]:
    """Return the stems of the words of `text` that are not common, in their order."""
    return stems_of(words(text))


def stems_of(tokens: list[str]) -> list[str]:
    """Return the stems of those of the words `tokens` that are not common."""
    return [hit for hit in map(content, tokens) if hit]


@lru_cache(1 << 17)
def content(word: str) -> str:
    """Return the stem of a word, '' if it is common or a single letter."""
    if word in COMMON or len(word) == 1 and not word.isdigit():
        return ""
    return stem(word)


def sentences(text: str) -> list[tuple[int, str]]:
    """Return each sentence of a paragraph with the place where it begins."""
    parts, start = [], 0
    for end in _END.finditer(text):
        if not _ABBREVIATION.search(text, max(start, end.start() - 6), end.start()):
            parts.append((start, text[start : end.start()]))
            start = end.end()
    return [*parts, (start, text[start:])]


def parts(sentence: str) -> list[tuple[int, str]]:
    """Return the parts of a long sentence, each with the place where it begins; a short sentence is one part."""
    if len(sentence) <= LONG_SENTENCE:
        return [(0, sentence)]
    cuts = [0, *(match.end() for match in _CLAUSE.finditer(sentence)), len(sentence)]
    return [(start, sentence[start:end]) for start, end in zip(cuts, cuts[1:], strict=False)]


def clauses(sentence: str) -> list[tuple[int, str]]:
    """Return the clauses of a long sentence, each with the place where it begins; none of a short one."""
    return [part for part in parts(sentence) if is_clause(sentence, part[1])]


def is_clause(sentence: str, part: str) -> bool:
    """Return whether a part of a sentence is a clause: not the whole, and not a few words."""
    return len(part) < len(sentence) and len(part.split()) >= SHORT_CLAUSE
