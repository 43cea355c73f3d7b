"""Names of actions in running text: one pass over all names, then tests that refuse what only looks like a name."""

import json
import re
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from enum import StrEnum
from functools import cache, partial
from typing import NamedTuple

from policykb.finding import places
from policykb.finding.index import Table
from policykb.finding.knowledge import KnownAction, KnownAlias, RecordIndex
from policykb.finding.strings import Strings, alike, beginnings, hashes, lower
from policykb.finding.words import stems
from policykb.model.vocabulary import WHOLE_NAME


class Strength(StrEnum):
    """How surely a name names its action."""

    OFFICIAL = "official name"
    ACRONYM = "acronym"
    PHRASE = "phrase"
    PLACED = "name of an act of that place"
    WHOLE = "name of the whole act"
    YEARLY = "name of an act of every year"
    DESCRIPTION = "description used as a name"


class Name(NamedTuple):
    """A name of an action as it is written, with dashes and quotes made alike."""

    action: str
    text: str
    strength: Strength
    not_near: tuple[str, ...] = ()


class NameMatch(NamedTuple):
    """A name in a text: where, the action, how sure, and what kind of name it is."""

    start: int
    end: int
    action: str
    score: float
    strength: Strength


class _Place(NamedTuple):
    """Where a name was found.

    The text with dashes and quotes made alike, start and end, the key, the places of the document, what is known of the
    paragraph that starts at a place in the text, and the jurisdiction that owns the name, if the text says so.
    """

    text: str
    start: int
    end: int
    key: str
    places: set[str]
    paragraph_at: Callable[[int], tuple[bool, frozenset[str]]]
    owner: str = ""

    @property
    def paragraph(self) -> tuple[bool, frozenset[str]]:
        """What is known of the paragraph of the name; see `_paragraph`."""
        return self.paragraph_at(self.text.rfind("\n", 0, self.start) + 1)

    @property
    def words(self) -> str:
        return self.text[self.start : self.end]


_ACRONYM = re.compile(r"[A-Z][A-Z0-9]{1,7}(?:-[A-Z])?")
_NUMBER = re.compile(
    r"(?:[A-Z]{1,4}[. -]?)+ ?\d[\w-]*|(?:S|H\.R|SB|AB|HB|SA|PA|PL)\.? ?\d.*|\d[\d/ -]*"
)
_KIND = re.compile(r"\b(?:Act|Order|Code|Directive|Regulation|Plan)\b")
_KIND_AT_END = re.compile(r"(?:Act|Bill|Order|Directive|Law|Rule|Regulation|Plan|Code)$")
_PLACED_KIND_AT_END = re.compile(
    rf"(?:{_KIND_AT_END.pattern}|Framework|Guidelines|Measures|Rules)$"
)
_YEAR_BEHIND = re.compile(r"(?:,? (?:of|for))?(?: (?:Fiscal Year|FY))? ?((?:19|20)\d\d)\b")
_YEAR_BEFORE = re.compile(r"\b(?:(?:FY|[Ff]iscal [Yy]ear) ?(?:20)?|20)(\d\d) $")
_YEAR_IN_NAME = re.compile(r",? (?:of|for|in|from) (?:19|20)\d\d\b.*$|,? 20\d\d$")
_BEFORE = re.compile(
    r"([A-Z][\w.]+(?: [A-Z][\w.]+)?)"
    r"(?:'s? (?:(?!(?:the|an?|of|on|for|to|with|and|in|from|by|under) )[a-z]+ ){,3}|(?:'s?)? (?:(?:new|draft|landmark|proposed|recent|first|own) )*)\"?$"
)
_OF_PLACE = re.compile(r" of (?:the )?([A-Z]\w+(?: (?:[A-Z]\w+|state))?)")
_YEARLY = re.compile(r"(.+?),? (?:for |of )?(?:Fiscal Year|FY) ?(20(\d\d))(,.+)?$")
_OF_SUBJECT = re.compile(r"(AI|Artificial Intelligence) (?:\w+ )?(?:Act|Law|law|bill)$")
_AI = "Artificial Intelligence"
ENGLISH = frozenset({"us", "uk", "eu", "ca", "au", "in", "international", "no"})
_LAWS = ("act", "law", "bill")  # what running text calls one and the same act
# Names that many places have an act of.
_GENERIC = frozenset(
    f"{ai} {kind}"
    for ai in ("ai", "artificial intelligence")
    for kind in ("act", "law", "bill", "regulation", "code")
)
_JOINED = re.compile(r"[A-Z]\w+ (?:and|for|in|of|on|to) $")
# The end of a longer name: No Big Harbor Levy for AI Act.
_LONGER = re.compile(r"(?:[A-Z\d]\w* ){3,}(?:and|for|in|of|on|to) $")
_NUMBER_BEHIND = re.compile(r" \((?:S\.|H\.R\.|[AHS]B) ?\d")
# Another act: its Basic AI Act, the "Better AI Act".
_OTHER_WORD = re.compile(r"(?:[a-z,] |[\"'])([A-Z][a-z]+) $")
# Kinds of act with a subject behind them: the Code of Practice on marking.
_SUBJECT_AT_END = re.compile(r"(?:Code|Practice|Guidelines|Framework|Plan)$")
_SUBJECT_BEHIND = re.compile(r" (?:on|for) ((?:the )?[a-z][\w-]*(?: [\w-]+)?)")
_LONG_WORD = re.compile(r"\b[a-z]{5,}")  # which no headline has
_ANY = re.compile(
    r"\b(?:an?|any|no|single|similar|comprehensive)(?: [a-z]+)? \"?$"
)  # no certain act
_OF_INITIALS = re.compile(
    r"[A-Z]{3,} (?:\w+ )?(?:code|directive|guidelines|inquiry|law|order|rule)$"
)
_SHOUTED = re.compile(r"\b[A-Z]{2,}")
_SHOUTED_WORD = re.compile(r"\b[A-Z]{3,}\b")
_CAPITAL_BEFORE = re.compile(r"(?:[a-z,] [A-Z]\w+|[A-Z]\w+ [A-Z]\w+)(?: for)? $")
_STATE = re.compile(r"\b[Tt]h(?:e|is) state's (?:[a-z]+ ){,3}$")
_SHOUTED_ACT = re.compile(r"[A-Z]{3,} (?:\w+ )+Act$")  # also without that word: GAIN AI
LONG_ACRONYM = 5  # letters
NEAR = 80  # characters before and after a name in which a word of `not_near` counts
LONG = 4  # blanks in a name that is one in small letters too, behind an article
MOST = 0.6  # of the capitals of a name
RARE, FAIRLY_RARE = 10.0, 8.0  # sums of the rarity of the words of a name
# How sure it is that a name means its action, by what it looks like in the text.
SURE = {
    "official": 0.98,
    "official_in_small_letters": 0.95,  # with words so rare that they are hardly anything else
    "placed": 0.98,  # a name without its place, which the text says before or behind it
    "placed_elsewhere": 0.8,  # the document names the place
    "description": 0.9,  # which the record says is used like a name
    "phrase_as_name": 0.9,  # words that are no name, with capitals like one
    "rare_phrase": 0.75,
    "phrase": 0.15,
    "long_acronym": 0.96,
    "short_acronym": 0.55,  # what the document is about decides
    "whole": 0.7,  # the same
    "other_word": 0.0,
}
# What remains of that, by signs that another act is meant.
DOUBTS = {
    "several": 0.0,  # California's AI bills
    "of_something": 0.5,  # Current AI models
    "other_subject": 0.5,  # the Code of Practice on noise
    "no_certain_act": 0.0,  # a single AI Act
    "end_of_a_name": 0.0,  # Immunity for AI Act (S. 1993)
    "other_place": 0.5,  # the document names a place that has an act of the same name
    "no_place": 0.3,  # State-Level AI Regulation: the document does not name the place
}


def strength(name: str, kind: str = "") -> Strength:
    """Return how surely `name` names an action, by its capitals; `kind` is that of an alias, if its record says one."""
    if kind == WHOLE_NAME:
        return Strength.WHOLE
    if _ACRONYM.fullmatch(name):
        return Strength.ACRONYM
    words = re.findall(r"[\w+/.'-]+", name)
    capitals = sum(word[0].isupper() or word[0].isdigit() for word in words)
    coined = re.search(r"[a-z][A-Z]", name) or len(words) == 1 and "-" in name
    if capitals >= 2 or coined:
        return Strength.OFFICIAL
    return Strength.DESCRIPTION if kind else Strength.PHRASE


def variants(name: str, kind: str = "") -> dict[str, Strength]:
    """Return the forms in which running text writes a name of an action; `kind` is that of an alias."""
    forms: dict[str, Strength] = {}
    for form, sign in _forms(" ".join(name.split())):
        form = form.strip(" .,:;\"“”'")
        if len(form) >= 3 and not _NUMBER.fullmatch(form):
            forms.setdefault(form, sign or strength(form, kind))
    return forms


def _forms(name: str) -> Iterator[tuple[str, Strength | None]]:
    """Yield the forms of one name: what is in brackets, without them, without its year, article or ending."""
    for inner in re.findall(r"\(([^)]*[A-Za-z][^)]*)\)", name):
        if _KIND.search(inner) and not re.search(r"EU\)|Part \d|Congress", inner):
            yield inner, None
    bare = re.sub(r"\s*\([^)]*\)", "", name).strip()
    yield bare, None
    if not re.search(r"(?:Year|FY) ?20\d\d", bare):  # acts of one name, one a year
        yield _YEAR_IN_NAME.sub("", bare), None
    if re.search(r"\w \w+ draft$", bare):
        yield bare.removesuffix(" draft"), None
    if yearly := _YEARLY.match(bare):
        yield from _yearly_forms(yearly)
    elif whole := re.match(r"(.*[a-z]) Act, ", bare):
        yield f"{whole[1]} Act", Strength.WHOLE
        yield whole[1], Strength.WHOLE
    if _SHOUTED_ACT.match(bare):
        yield bare.removesuffix(" Act"), None


def _yearly_forms(match: re.Match) -> Iterator[tuple[str, Strength | None]]:
    """Yield the forms of the name of an act that has a successor every year."""
    base, year, short, part = match.groups()
    sign = Strength.WHOLE if part else None
    for term in (f"FY{year}", f"FY {year}", f"FY{short}", f"fiscal year {year}"):
        yield f"{base} for {term}", sign
        yield f"{base} {term}", sign
        yield f"{term} {base}", sign
    yield f"{year} {base}", sign
    yield base, Strength.YEARLY


def placed_forms(name: str, jurisdiction: str) -> set[str]:
    """Return the forms of a name that names its place, without the place: they name the act where that place is named."""
    last = re.match(r"(.*) of ([A-Z]\w+(?: [A-Z]\w+)?)$", name)
    rest = last[1] if last and places.place_of(last[2]) == jurisdiction else ""
    for words in (2, 1):
        parts = name.split(" ", words)
        if len(parts) > words and places.place_of(" ".join(parts[:words])) == jurisdiction:
            rest = parts[words]
            break
    rest = re.sub(r"\s*\([^)]*\)|,.*", "", rest)
    if not _PLACED_KIND_AT_END.search(rest.title()) or len(rest.split()) < 2:
        return set()
    forms = {rest}
    if match := _OF_SUBJECT.match(rest):
        forms |= {f"{match[1]} {law}" for law in _LAWS}
        forms |= {f"{law.capitalize()} on {match[1]}" for law in _LAWS}
    return forms


class Names:
    """The names of all actions, and the search for them."""

    def __init__(self, knowledge: RecordIndex) -> None:
        self._knowledge = knowledge
        if knowledge.new:
            self._make(knowledge)
        run = knowledge.index.connection
        self._names = Table(run, "select named from names where name = ?", _named, ())
        self._rarity = Table(run, "select rarity from names where name = ?", float)
        self._search = Strings(
            [start for (start,) in run.execute("select start from beginnings")],
            Table(run, "select lengths from beginnings where start = ?"),
            array("I", run.execute("select hashes from hashed").fetchone()[0]),
        )

    def _make(self, knowledge: RecordIndex) -> None:
        """Make the tables of names and of their beginnings."""
        names: dict[str, dict[tuple[str, str], Name]] = defaultdict(dict)
        for action in knowledge.new:
            for text, kind, not_near in _written(action):
                for name in _spellings(Name(action.id, alike(text), kind, not_near)):
                    names[lower(name.text)].setdefault((action.id, name.text), name)
        run, rarities = knowledge.index.connection, knowledge.rarities
        keys = [key for key in names if len(key) > 2]
        run.execute("create table names (name text primary key, named, rarity) without rowid")
        run.executemany(
            "insert into names values (?, ?, ?)",
            (
                (
                    key,
                    json.dumps([*names[key].values()]),
                    sum(rarities[stem] for stem in set(stems(key))),
                )
                for key in keys
            ),
        )
        run.execute("create table beginnings (start text primary key, lengths) without rowid")
        starts = ((start, json.dumps(lengths)) for start, lengths in beginnings(keys).items())
        run.executemany("insert into beginnings values (?, ?)", starts)
        run.execute("create table hashed (hashes)")
        run.execute("insert into hashed values (?)", (hashes(keys).tobytes(),))

    def keys(self) -> Iterator[str]:
        """Yield the names in lower case, with dashes and quotes made alike."""
        return (
            key for (key,) in self._knowledge.index.connection.execute("select name from names")
        )

    def search(self, text: str, document_places: set[str]) -> Iterator[NameMatch]:
        """Yield the names in `text`, a document or a paragraph, in which `document_places` are named."""
        flat = alike(text)
        low = lower(flat)
        paragraph_at = cache(partial(_paragraph, flat))  # ends with the search, as the text does
        for start, end, key in self._search.whole_words(low):
            if text[start - 1 : start] == "-" and text[start - 2 : start - 1].islower():
                continue  # the end of a compound
            place = _Place(flat, start, end, key, document_places, paragraph_at)
            yield from self._judged(place._replace(owner=_owner(place)))

    def any_in(self, text: str) -> bool:
        """Return whether a name may be in a text."""
        return next(self._search.whole_words(lower(alike(text))), None) is not None

    def _judged(self, place: _Place) -> Iterator[NameMatch]:
        """Yield the names that are meant at a place.

        A name without its place is that of the place that owns it, or else, unless many places have an act of that name, of one
        that the document names.
        """
        owner = place.owner or _owner_behind(place)
        of_places = {owner} if owner or place.key in _GENERIC else place.places
        for name in self._names[place.key]:
            if name.strength is Strength.PLACED:
                if self._knowledge.actions[name.action].jurisdiction not in of_places:
                    continue
            if score := self._score(name, place):
                yield NameMatch(place.start, place.end, name.action, score, name.strength)

    def _score(self, name: Name, place: _Place) -> float:
        """Return how sure it is that a name means its action where it is; 0 if it does not."""
        action = self._knowledge.actions[name.action]
        if _is_of_another_place(name, action, place) or _is_of_another_year(action, place):
            return 0
        if _differs(name, place) or _is_near(name, place):
            return 0
        score = SURE[self._look(name, place)]
        for doubt in self._doubts(action, place):
            score *= DOUBTS[doubt]
        return score

    def _look(self, name: Name, place: _Place) -> str:
        """Return what a name looks like where it is, as the table of SURE calls it."""
        is_same, rarity = place.words == name.text, self._rarity[place.key]
        expected, written = _capitals(name.text), _capitals(place.words)
        match name.strength:
            case Strength.ACRONYM:
                length = "long" if len(name.text) >= LONG_ACRONYM else "short"
                return f"{length}_acronym" if is_same else "other_word"
            case Strength.WHOLE | Strength.YEARLY:
                return "other_word" if place.words[0].islower() else "whole"
            case Strength.PLACED if place.owner or _owner_behind(place):
                return "placed"
            case Strength.PLACED:
                return "placed_elsewhere" if any(written) and written == expected else "other_word"
            case Strength.DESCRIPTION:
                return "description"
            case Strength.PHRASE if is_same and _OF_INITIALS.match(name.text):
                return "phrase_as_name"  # the GPAI guidelines
            case Strength.PHRASE if _SHOUTED.search(name.text) and _is_title(place.words):
                return "phrase_as_name"  # the AI Omnibus
            case Strength.PHRASE:
                return "rare_phrase" if rarity > FAIRLY_RARE else "phrase"
        if is_same or expected and sum(written) >= MOST * sum(expected):
            return "official"
        is_rare = rarity > RARE or name.text.count(" ") >= LONG and _is_one(place)
        return "official_in_small_letters" if is_rare else "other_word"

    def _doubts(self, action: KnownAction, place: _Place) -> Iterator[str]:
        """Yield the signs that another act is meant, as the table of DOUBTS calls them."""
        before = place.text[max(0, place.start - 30) : place.start]
        behind = place.text[place.end : place.end + 60]
        if behind[:1].isalpha() and _KIND_AT_END.search(place.words.title()):
            yield "several"
        if re.fullmatch(r"[A-Z][a-z]+ AI", place.words) and re.match(r" [a-z]", behind):
            yield "of_something"
        if _SUBJECT_AT_END.search(place.words) and self._has_other_subject(action, behind):
            yield "other_subject"
        if place.key not in _GENERIC:
            return
        if not place.key.endswith(" act") and action.jurisdiction not in place.places:
            yield "no_place"
        if _ANY.search(before):
            yield "no_certain_act"
        if _JOINED.search(before) and _NUMBER_BEHIND.match(behind):
            yield "end_of_a_name"
        has_long_word, here = place.paragraph
        if _LONGER.search(before) and has_long_word:
            yield "end_of_a_name"
        other = _OTHER_WORD.search(before)
        if other and not place.owner and has_long_word:
            yield "end_of_a_name"
        for named in (place.places, here):
            if action.jurisdiction not in named and self._others(place) & named:
                yield "other_place"
                break

    def _others(self, place: _Place) -> set[str]:
        """Return the places that the document names and that have an act of that name."""
        holders = {
            self._knowledge.actions[name.action].jurisdiction
            for name in self._names[place.key]
            if name.text == place.words
        }
        return place.places & holders

    @staticmethod
    def _has_other_subject(action: KnownAction, behind: str) -> bool:
        """Return whether the words behind a name give it a subject that the action does not have."""
        match = _SUBJECT_BEHIND.match(behind)
        subject = stems(match[1]) if match else []
        return bool(subject) and action.profile.keys().isdisjoint(subject)


def _written(action: KnownAction) -> Iterator[tuple[str, Strength, tuple[str, ...]]]:
    """Yield the forms of the names of an action, the surest first, each with its strength and the words near which it means something else."""
    for written in action.names:
        alias = action.aliases.get(written, KnownAlias())
        for text, kind in variants(written, alias.kind).items():
            for translated in _translations(text, action.jurisdiction):
                yield translated, kind, alias.not_near
    if action.jurisdiction != "us":  # which its acts do not name
        for written in action.names:
            for text in sorted(placed_forms(written, action.jurisdiction)):
                for translated in _translations(text, action.jurisdiction):
                    yield translated, Strength.PLACED, ()


def _translations(name: str, jurisdiction: str) -> list[str]:
    """Return a name, and for a place whose laws are not in English what else its word for a law may be in translation."""
    if jurisdiction.partition("-")[0] in ENGLISH:
        return [name]
    return [name, re.sub(r"\bAct\b", "Law", name), re.sub(r"\bLaw\b", "Act", name)]


def _named(packed: str) -> tuple[Name, ...]:
    """Return what a name names, as it was packed."""
    return tuple(
        Name(action, text, Strength(sign), tuple(near))
        for action, text, sign, near in json.loads(packed)
    )


def _spellings(name: Name) -> Iterator[Name]:
    """Yield a name as written, with AI in other words, and without the EU before it."""
    yield name
    if name.text.lower().startswith("eu "):
        yield name._replace(text=name.text[3:], strength=strength(name.text[3:]))
    for text in (
        re.sub(r"\bAI\b", _AI, name.text),
        re.sub(r"\b[Aa]rtificial [Ii]ntelligence\b", "AI", name.text),
        re.sub(r"\bAI\b|\b[Aa]rtificial [Ii]ntelligence\b(?! \()", f"{_AI} (AI)", name.text),
    ):
        if text != name.text and (len(text.split()) > 2 or _KIND_AT_END.search(text)):
            yield name._replace(text=text)


def _is_one(place: _Place) -> bool:
    """Return whether an article is before a name that ends with a kind of act."""
    before = place.text[max(0, place.start - 5) : place.start].lower()
    return before.endswith("the ") and bool(_KIND_AT_END.search(place.words.title()))


def _is_title(text: str) -> bool:
    return all(word[0].isupper() for word in text.split())


def _capitals(text: str) -> list[bool]:
    """Return which of the longer words of `text` begin with a capital."""
    return [word[0].isupper() for word in re.findall(r"[A-Za-z][\w']*", text) if len(word) > 3]


def _paragraph(text: str, start: int) -> tuple[bool, frozenset[str]]:
    """Return whether the paragraph that starts there has a long word in small letters, and the places that it names."""
    end = text.find("\n", start)
    paragraph = text[start : end if end >= 0 else None]
    named = frozenset(place for _, place in places.named(paragraph))
    return bool(_LONG_WORD.search(paragraph)), named


def _differs(name: Name, place: _Place) -> bool:
    """Return whether a word of capitals is written otherwise, and so is not a name, or is the end of another one: 'KIDS Act' is neither 'kids act' nor 'SPY Kids Act'."""
    if name.text == place.words:
        return False
    others = [word for word in _SHOUTED_WORD.findall(name.text) if word not in place.words]
    if not others:
        return False
    is_end = _CAPITAL_BEFORE.search(place.text[max(0, place.start - 40) : place.start])
    return not _is_title(place.words) or bool(is_end) and not place.owner


def _is_near(name: Name, place: _Place) -> bool:
    """Return whether a word is near, in the same paragraph, that shows that something else is meant."""
    if not name.not_near:
        return False
    before = place.text[max(0, place.start - NEAR) : place.start].rpartition("\n")[2]
    after = place.text[place.end : place.end + NEAR].partition("\n")[0]
    return any(word in lower(f"{before} {after}") for word in name.not_near)


def _is_of_another_year(action: KnownAction, place: _Place) -> bool:
    """Return whether a year is next to the name in which nothing happened to the action."""
    before = place.text[max(0, place.start - 16) : place.start]
    behind = place.text[place.end : place.end + 24]
    match = _YEAR_BEHIND.match(behind) or _YEAR_BEFORE.search(before)
    if not match or match[1] in f"{action.title} {action.id}":
        return False
    year = 2000 + int(match[1]) % 100
    return not any(_year(item.earliest) <= year <= _year(item.latest) for item in action.happenings)


def _year(ordinal: int) -> int:
    return date.fromordinal(ordinal).year


def _before(place: _Place) -> str:
    """Return the words with capitals that own the name, as in `Korea's new`, or ''."""
    match = _BEFORE.search(place.text[max(0, place.start - 60) : place.start])
    return match[1] if match else ""


def _owner(place: _Place) -> str:
    """Return the jurisdiction before a name, or ''; `the state` is the only one that the document names."""
    states = place.places & places.STATES
    if len(states) == 1 and _STATE.search(place.text[max(0, place.start - 60) : place.start]):
        return next(iter(states))
    before = _before(place)
    return before and (places.place_of(before) or places.place_of(before.split()[-1]))


def _owner_behind(place: _Place) -> str:
    """Return the jurisdiction behind a name, as in `of Korea`, or ''."""
    behind = _OF_PLACE.match(place.text, place.end)
    return places.place_of(behind[1]) if behind else ""


def _is_of_another_place(name: Name, action: KnownAction, place: _Place) -> bool:
    """Return whether another place before or behind the name owns the act: 'South Korea's AI Act'."""
    owner = place.owner or _owner_behind(place)
    if not owner or name.strength is Strength.ACRONYM:
        return False
    if owner == "us" and action.jurisdiction.startswith("us"):
        return False
    return owner != action.jurisdiction and action.jurisdiction != "no-jurisdiction"
