"""Acts that a text names or numbers and that no record has, with the command that would track each."""

import re
import shlex
from collections.abc import Callable, Iterator
from functools import cache
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from policykb.finding import definitions, places
from policykb.finding.numbers import NumberMatch
from policykb.finding.strings import Strings
from policykb.model.vocabulary.terms import tables

_WORDS = tables(Path(__file__).parent / "data" / "act_words.toml")
# How sure it is that words name an act.
SURE = {"number": 0.9, "name": 0.8, "short name": 0.7, "name of two words": 0.6}
_CAPITAL = r"(?:(?:e-?)?[A-Z][\w’'&-]{0,60}|(?:[A-Z]\.)+)"  # no longer, which bounds the search
_WORD = rf"(?:{_CAPITAL}|[“\"]{_CAPITAL}[”\"]|\d{{1,3}}(?:\.\d+)?\b(?! of ))"
_LISTED = r"[A-Z](?=[\w'’]*[a-z])[\w'’-]*+"  # no initials, which are a name themselves
_JOINING = (
    rf"(?:,? (?:and|&)|,(?= (?:(?!Act|Bill|Law){_LISTED},? ){{1,8}}(?:and|&) )|(?: the)"
    r"| (?:of|on|for|to|in|by|from|with|against|over)(?: the)?)?"
)
_KIND = "|".join(_WORDS["kinds"])
_LEADING = rf"(?:{'|'.join(_WORDS['leading_kinds'])}) (?:on|for)(?: the| a)?"
# Not before the next act: the Law on Data and the Digital Code.
_AND_THE = rf",? and the(?! {_LEADING} [A-Z]| (?:{_CAPITAL} ){{1,3}}?(?:{_KIND}|Code)\b)(?= \w+\W)"
_SUBJECT = rf"{_CAPITAL}(?:(?:{_JOINING}|{_AND_THE}) {_CAPITAL}){{1,15}}"
_BRACKETS = rf"(?: \([“\"]?{_CAPITAL}(?: (?:and |of |the )?{_CAPITAL})*[”\"]?\))?"
_ACT = re.compile(
    rf"\b(?:The|[A-Z]\w+[’']s) {_LEADING} {_SUBJECT}"
    rf"|(?:\b{_CAPITAL}|[“\"]{_CAPITAL}[”\"])(?:{_JOINING} {_WORD}){{0,15}}?{_BRACKETS},? (?:{_KIND})\b"
    rf"(?! (?:(?:[A-Z]\S* ){{0,3}}|\([A-Z]+\) )(?:{_KIND})\b)(?<!Bill(?= [A-Z]))(?!(?<=Regulation) and (?:[A-Z]\S* ){{1,3}}Bill\b)(?:(?: of)? (?:19|20)\d\d\b| \d\.\d\b)?"
    rf"(?:(?<= Act) on the {_SUBJECT})?"
    rf"|\b(?:{_CAPITAL} ){{0,3}}{_LEADING} {_SUBJECT}"
)
_ROMANCE_KIND, _GERMAN_KIND, _GERMAN_GENERAL = (
    f"(?:{'|'.join(_WORDS[name])})" for name in ("romance_kinds", "german_kinds", "german_general")
)
_ROMANCE_WORD = rf" (?!{_ROMANCE_KIND}\b){_CAPITAL}"
_ROMANCE_JOINTS = f"(?: (?:{'|'.join(_WORDS['romance_joints'])})){{1,3}}"
# The Lei Geral de Proteção de Dados, the Netzwerkdurchsetzungsgesetz, the „Gesetz über digitale Dienste“; not the Ley de IA.
_ABROAD = re.compile(
    rf"\b{_ROMANCE_KIND}(?:{_ROMANCE_WORD}){{0,2}}{_ROMANCE_JOINTS}(?! IA\b){_ROMANCE_WORD}"
    rf"(?:(?:,?{_ROMANCE_JOINTS})?{_ROMANCE_WORD}){{0,8}}"
    rf"|\b(?!{_GERMAN_GENERAL}{_GERMAN_KIND})(?:[A-ZÄÖÜ][\w-]{{0,50}}- und )?[A-ZÄÖÜ][\w-]{{0,60}}{_GERMAN_KIND}(?=(?:e?s)?\b)"
    r"|(?<=„)Gesetz [^„“”\"\n]{5,150}(?=[“”\"])"
)
_HINTS_ABROAD = (
    *(f"{kind} " for kind in _WORDS["romance_kinds"]),
    *_WORDS["german_kinds"],
    "„Gesetz",
)
# Words that may be a name, up to the first other word, of which the name of an act is a part.
_RUN = re.compile(
    rf"(?:\b{_CAPITAL}|[“\"]{_CAPITAL}[”\"])(?:(?:{_JOINING},?|{_AND_THE}) {_WORD}|{_BRACKETS[:-1]})*+"
)
_BEYOND = 11  # characters of a name behind such words: the year
# A word of each kind of name, near which names are looked for.
_HINTS = {
    word
    for kind in (*_WORDS["kinds"], *_WORDS["leading_kinds"])
    for word in re.findall(r"[A-Z][a-z]+(?!\?)", kind)[-1:]
}
_HINT = re.compile("|".join(sorted(_HINTS)))
_DOUBTFUL = frozenset(_WORDS["doubtful_short_names"])
_SHORT = Strings.of([*_WORDS["short_names"], *_DOUBTFUL])
# Words before initials that are used as the name of an act: an article, an owner, or another such name.
_ARTICLE = re.compile(
    rf"(?:\b[Tt]he|\b[A-Z]\w+[’']s|\b[Uu]nder|\b(?:{'|'.join(_WORDS['short_names'])}),(?: and)?) $"
)
_DETERMINER = re.compile(r"\b[Tt]h(?:e|is) [“\"]?$")
_PEOPLE = re.compile(rf" (?:[A-Z]|(?:{'|'.join(_WORDS['people'])})\b)")
_INITIALS = re.compile(r" of the ([A-Z]{3,6})\b(?! [A-Z])")
_VERSION = re.compile(r"(?: \d\.\d\b)?")  # COPPA 2.0
_PROVISION = re.compile(
    r"\b(?:Art(?:icle|\.)|Section|Chapter|Title|Annex|Recital)s? [\dIVX][\w().-]*$"
)
_FIRST = frozenset(_WORDS["first"])  # with a capital, though joining words may be between
_WITHIN = re.compile(r" \([A-Z]{3,8}\)")
_OWNER = re.compile(r"([A-Z]\w+(?: [A-Z]\w+)?)[’']s ")
_ABOUT = re.compile(rf"(?:{'|'.join(_WORDS['about'])}) (?:of|to|with|under|in) (?:the )?(?=[A-Z])")
_PREPOSITIONS = frozenset(_WORDS["prepositions"])
_GENERAL = {*_WORDS["general"], *_HINTS, *(f"{word}s" for word in _HINTS)}
_NATURE = frozenset(_WORDS["laws_of_nature"])
_PLAIN_IN_HEADLINES = frozenset(_WORDS["plain_in_headlines"])
_LONG_WORD = re.compile(r"\b[a-z]{5,}")  # of which a headline has few
_CAPITALIZED = re.compile(r"\b[A-Z]")
_BEHIND = re.compile(rf"\s+(?:{'|'.join(_WORDS['behind'])})\b")


class Untracked(NamedTuple):
    """An act that is not tracked: the paragraph, its name or number there, the whole name if the text gives it elsewhere, whether it is a number, how sure, and the command that tracks it."""

    paragraph: str
    name: str
    title: str
    is_number: bool
    score: float

    @property
    def command(self) -> str:
        return f"policykb new action --title {shlex.quote(self.title)}"


def of_number(paragraph: str, match: NumberMatch) -> Untracked:
    """Return the untracked act of a number."""
    return Untracked(paragraph, match.shown, match.shown, True, SURE["number"])


def named(
    text: str, occupied: bytearray, paragraph_at: Callable[[int], tuple[str, int, int]]
) -> list[tuple[int, Untracked]]:
    """Return the acts that a text names outside the places of tracked actions, each with its place.

    `occupied` has a 1 at the places of tracked actions, and at those of the acts afterwards. `paragraph_at` returns the label,
    start and end of the paragraph at a place.
    """
    scores = _written_out(text, occupied, paragraph_at)
    spans = [(start, end, _WITHIN.sub("", text[start:end])) for start, end in scores]
    short_names = definitions.defined(text, spans)
    whole = {name: title for name, _, (_, _, title) in short_names}
    titles = {(start, end): whole.get(name, name) for start, end, name in spans}
    for start, end, title in definitions.uses(text, short_names):
        if text[start : start + 4].lower() != "the ":  # the Act
            titles[start, end] = title
    for start, end in _short_names(text):
        titles.setdefault((start, end), text[start:end])
    closed = occupied[:]
    for _, place, (_, end, _) in short_names:
        closed[end:place] = b"\1" * (place - end)  # where the text gives it
    acts = []
    for (start, end), title in titles.items():
        if closed.find(1, start, end) < 0:
            closed[start:end] = occupied[start:end] = b"\1" * (end - start)
            label, score = paragraph_at(start)[0], scores.get((start, end), SURE["short name"])
            acts.append((start, Untracked(label, text[start:end], title, False, score)))
    return acts


def _written_out(
    text: str, occupied: bytearray, paragraph_at: Callable[[int], tuple[str, int, int]]
) -> dict[tuple[int, int], float]:
    """Return where a text has names with the kind of act in them, and how sure they are; see `named`."""
    near = [match.start() for match in _HINT.finditer(text)]
    scores: dict[tuple[int, int], float] = {}
    for _, start, end in dict.fromkeys(map(paragraph_at, near)):
        plain = _PLAIN_IN_HEADLINES if _is_headline(text[start:end]) else ()
        runs = [run.span() for run in _RUN.finditer(text, start, end) if _HINT.search(run[0])]
        for match in chain.from_iterable(
            _ACT.finditer(text, first, min(last + _BEYOND, end)) for first, last in runs
        ):
            free = occupied.rfind(1, match.start(), match.end()) + 1
            rest = text[free : match.end()].lstrip(", ") if free else match[0]
            name = rest if rest[:1].isupper() else match[0]
            if free and name == rest and not _ACT.match(rest):
                continue  # the end of a tracked name
            if not _DETERMINER.search(
                text, max(0, match.end() - len(name) - 5), match.end() - len(name)
            ):
                name = _without_first(name)
            words = name.split()
            is_name = _is_name(words) and (words[-1] not in plain or "(" in name)
            if is_name and not _BEHIND.match(text, match.end(), end):
                score = SURE["name" if len(words) > 2 else "name of two words"]
                scores[match.end() - len(name), match.end()] = score
    if any(hint in text for hint in _HINTS_ABROAD):
        scores |= {match.span(): SURE["name"] for match in _ABROAD.finditer(text)}
    return scores


def _is_headline(paragraph: str) -> bool:
    """Return whether the longer words of a paragraph begin with capitals: all, or nearly all if it does not end as a sentence."""
    small, most = len(_LONG_WORD.findall(paragraph)), len(_CAPITALIZED.findall(paragraph)) / 5
    return not small or small < most and paragraph[-1:].isalnum()


def _short_names(text: str) -> Iterator[tuple[int, int]]:
    """Yield where a text has the short name of a well-known act, or initials of which it names a provision."""
    sections = cache(lambda name: f"{name} of the " in text)  # of an act that the text names
    for start, end, name in _SHORT.whole_words(text):
        if name not in _DOUBTFUL or _is_used_as_act(text, start, end):
            if not sections(name):
                yield start, _VERSION.match(text, end).end()
    for match in _INITIALS.finditer(text):
        if _PROVISION.search(text, max(0, match.start() - 40), match.start()):
            yield match.span(1)


def _is_used_as_act(text: str, start: int, end: int) -> bool:
    """Return whether initials are behind an article or an owner, or before a colon at the beginning of a paragraph, and not those of people."""
    if text[end : end + 1] == ":" and text[start - 1 : start] in ("", "\n"):
        return True
    return bool(_ARTICLE.search(text, max(0, start - 20), start)) and not _PEOPLE.match(text, end)


def _is_name(words: list[str]) -> bool:
    """Return whether one of the words makes a name: it is not general, nor a year, nor the owner of something; Signed Into Law is none."""
    if len(words) > 1 and words[-1] in _HINTS and words[-2].lower() in _PREPOSITIONS:
        return False
    if len(words) == 2 and words[1] == "Law" and words[0].endswith(("’s", "'s")):
        return words[0][:-2] not in _NATURE and not places.place_of(words[0][:-2])
    return not all(
        word in _GENERAL or word.isdigit() or word.endswith(("’s", "'s")) for word in words
    )


def _without_first(name: str) -> str:
    """Return a name without the words before it that only begin a sentence, or name its place."""
    owner = _OWNER.match(name)
    parts = name[owner.end() if owner and places.place_of(owner[1]) else 0 :].split()
    while parts and parts[0].capitalize() in _FIRST:
        if parts.pop(0) == "The" and parts[:1] == ["For"]:
            break  # the For the People Act
    return _ABOUT.sub("", " ".join(parts), count=1)
