"""Actions that a text describes and does not name: candidates by words, features of each, a logistic score."""

import math
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from datetime import date
from functools import lru_cache
from heapq import nlargest
from operator import mul, truediv
from pathlib import Path
from typing import NamedTuple

from policykb.finding import dates_in_text
from policykb.finding.dates_in_text import DaySpan
from policykb.finding.knowledge import INSTRUMENT_WORDS, KnownAction, RecordIndex
from policykb.finding.words import content, is_clause, parts, sentences, stems, stems_of, words
from policykb.model.vocabulary import EVENT_TYPES
from policykb.model.vocabulary.terms import tables

DATA = Path(__file__).parent / "data"
WEIGHTS: dict[str, float] = tables(DATA / "weights.toml")
FLOOR = 0.01  # the score from which a mention is kept at all
MOST_CANDIDATES = 2
SHORTEST = 15  # characters of a sentence that can describe an action
WINDOW = 12  # words in which most of a description lies
EXACT = 40  # days; an event with a longer span has no day
LONGEST_SPAN = 130  # days; a longer span, such as a year, says too little
RELATED = 0.1  # share of the words of a document, by rarity, that an action has if the document is about it
NEAR = 0.3  # of the action that a document is most about: one with less is not described in it
SHARE = 0.5  # of the action that a document is most about: it is about this one, too
KNOWN = 180  # days after which an act is no longer new
SOON = 3  # days after the day of a document on which what it reports may happen
LIKELY = 6  # actions that a document names or is about, which a unit may mean
MOST_BEFORE = 100  # acts mentioned before a unit
MOST_LIKELY = 2  # of them, for one unit
SAME = 0.6  # of the words of two titles, by rarity: they are translations of one
SHORT_NAME = 6.0  # rarity of a name; a smaller part of a name that is less rare counts in full
_FAMILIES: dict[str, frozenset[str]] = {
    kind: frozenset(names) for kind, names in INSTRUMENT_WORDS["instruments"].items()
}
_FORMAL = frozenset(
    name for name, family in INSTRUMENT_WORDS["families"].items() if family.get("formal")
)
_NEW = frozenset(("new", "newly", "revised"))
_DEFINITE = frozenset(("the", "this"))
_PLURALS = frozenset(INSTRUMENT_WORDS["groups"]["plurals"])
_WEAK = frozenset(INSTRUMENT_WORDS["groups"]["weak"])
# Events by which an act becomes known; others have no date that a text would give.
_TELLING = frozenset(kind.id for kind in EVENT_TYPES if kind.step or kind.stage)


def _meanings(listed: Iterable[tuple[str, Sequence[str]]]) -> Callable[[str], frozenset[str]]:
    """Return a function that returns what a word means: the names in `listed`, each with words or, where they end with *, beginnings of words."""
    whole: dict[str, set[str]] = defaultdict(set)
    beginnings: dict[str, set[str]] = defaultdict(set)
    for name, of_name in listed:
        for word in of_name:
            (beginnings if word.endswith("*") else whole)[word.rstrip("*")].add(name)

    @lru_cache(1 << 16)
    def meaning(word: str) -> frozenset[str]:
        others = [names for beginning, names in beginnings.items() if word.startswith(beginning)]
        return frozenset().union(whole.get(word, ()), *others)

    return meaning


# The families of kinds of act that a word names.
_families = _meanings((name, item["words"]) for name, item in INSTRUMENT_WORDS["families"].items())
# The relations by which an act changes another one that a word names.
_changes = _meanings(INSTRUMENT_WORDS["changes"].items())
# Whether a word is of the subject of the knowledge base, or near it.
_subject = _meanings(
    (name, INSTRUMENT_WORDS["groups"][name]) for name in ("subject", "near_subject")
)


class Word(NamedTuple):
    """A word in lower case: its stem ('' of a common word), the families of acts that it names, those that only it names, how it says that an act is changed, and of which lists of the subject it is."""

    text: str
    stem: str
    families: frozenset[str]
    formal: frozenset[str]
    changes: frozenset[str]
    subjects: frozenset[str]


@lru_cache(1 << 16)
def _word(text: str) -> Word:
    families = _families(text)
    return Word(text, content(text), families, families & _FORMAL, _changes(text), _subject(text))


class Sentence(NamedTuple):
    """A sentence: where it begins in its paragraph, its text, and its parts, each with its place in it, text and words."""

    start: int
    text: str
    parts: list[tuple[int, str, list[Word]]]

    @property
    def words(self) -> list[Word]:
        return [word for _, _, words_of_part in self.parts for word in words_of_part]


def sentences_of(paragraph: str) -> list[Sentence]:
    """Return the sentences of a paragraph with their words."""
    return [
        Sentence(
            start,
            sentence,
            [(place, part, list(map(_word, words(part)))) for place, part in parts(sentence)],
        )
        for start, sentence in sentences(paragraph)
    ]


class Topic(NamedTuple):
    """What a document is about: how much each action by its place (`scale` makes it 0 to 1), and whether the subject of the knowledge base at all, the actions that it may describe, and those of them with a stem, as far as they were looked for."""

    shares: Mapping[int, float]
    scale: float
    is_of_subject: bool
    near: set[int]
    holders: dict[str, list[tuple[int, float]]]


class About(NamedTuple):
    """What is known of the document: its day, the actions that it certainly names, the likely ones, the places that it names, its topic, and the ages of actions on its day that are known.

    `acts` are the actions that the paragraphs before mention, in their order, with '' for an act that is not tracked.
    """

    day: date | None
    named: frozenset[str]
    likely: list[str]
    places: set[str]
    topic: Topic
    ages: dict[str, "_Age"]
    acts: list[str]


class Unit(NamedTuple):
    """A sentence or clause: where, its words, their texts, stems and families of acts, those that only name acts, places, days, how it says that an act is changed, its sentence, and whether the paragraph has a word of the subject."""

    start: int
    end: int
    words: list[Word]
    texts: frozenset[str]
    stems: list[str]
    families: frozenset[str]
    acts: list[Word]
    places: set[str]
    days: list[DaySpan]
    changes: frozenset[str]
    sentence: tuple[int, int]
    is_new: bool
    is_of_subject: bool


class Features(NamedTuple):
    """What speaks for and against an action, each with its weight in weights.toml: values between 0 and about 1."""

    intercept: float
    mass: float
    cover: float
    best: float
    name: float
    margin: float
    instrument: bool
    plural: bool
    place: bool
    place_us: bool
    other_place: bool
    absent: bool
    body_word: bool
    date: bool
    fresh: float
    unborn: float
    known: float
    stale: bool
    referent: bool
    rival: bool
    unchanged: bool
    changes: bool
    option: bool
    doc: float
    elsewhere: bool
    off_subject: bool


class DescriptionMatch(NamedTuple):
    """A description in a paragraph: its place, the action, the score, the features, and the next best action of the same words with its score."""

    start: int
    end: int
    action: str
    score: float
    features: Features
    runner_up: tuple[str, float] | None

    @property
    def reasons(self) -> tuple[str, ...]:
        """What speaks for it, for readers."""
        return tuple(text for name, text in _REASONS.items() if getattr(self.features, name) >= 1)


class _Age(NamedTuple):
    """Whether something happened to an action shortly before a day, or only after it, and how long it is known."""

    fresh: float = 0
    unborn: float = 0
    known: float = 0


class _Rarities(NamedTuple):
    """The rarity of each stem of a unit, the sums of the windows of `_windows`, and the stems outside names."""

    own: frozenset[str]
    each: list[float]
    windows: list[float]


class _Near(NamedTuple):
    """The acts near a unit, '' for one that is not tracked: those named in its sentence and in itself, those mentioned before it, in their order, and the one that it means if it says `the bill`."""

    of_sentence: set[str]
    of_unit: set[str]
    before: list[str]
    referent: str


class _Candidate(NamedTuple):
    action: KnownAction
    score: float
    best: float
    second: float
    first: bool


class Descriptions:
    """The profiles of actions, and the search for what fits them."""

    def __init__(self, knowledge: RecordIndex, weights: Mapping[str, float] = WEIGHTS) -> None:
        self._knowledge = knowledge
        self._names: dict[int, list[tuple[frozenset[str], float]]] = {}
        self._weights = [weights[name] for name in Features._fields]
        self._outranked = weights["outranked"]

    def topic(self, paragraphs: Iterable[Sequence[Sentence]]) -> Topic:
        """Return the topic of a document, as shares of the action that it is most about.

        All shares are smaller if hardly any of its words are those of that action. A document is of the subject if it has a
        word of the subject.
        """
        counts: Counter[str] = Counter()
        is_of_subject = False
        for paragraph in paragraphs:
            tokens = [word for sentence in paragraph for word in sentence.words]
            is_of_subject = is_of_subject or any("subject" in word.subjects for word in tokens)
            counts.update(dict.fromkeys([word.stem for word in tokens]).keys())
        del counts[""]
        rarities = self._knowledge.rarities
        weights = {stem: math.sqrt(count) for stem, count in counts.items()}
        shares = self._totals(
            {stem: weight for stem, weight in weights.items() if rarities[stem] > 2}
        )
        most = max(shares.values(), default=1)
        whole = 1 + sum(rarities[stem] * weight for stem, weight in weights.items())
        scale = min(1, most / whole / RELATED) / most
        near = {place for place, share in shares.items() if share * scale > NEAR}
        return Topic(shares, scale, is_of_subject, near, {})

    def _totals(self, weights: Mapping[str, float]) -> dict[int, float]:
        """Return what stems with `weights` add to the scores of the actions that have them, by place."""
        totals: dict[int, float] = defaultdict(float)
        for stem, weight in weights.items():
            for place, score in self._knowledge.holders[stem]:
                totals[place] += score * weight
        return totals

    def translated(self, name: str, places: Set[str]) -> str:
        """Return the action of one of `places` whose title has most of the words of a `name`, as another translation has, or ''."""
        if not places:
            return ""
        own, rarities = _stems_of_title(name), self._knowledge.rarities
        totals = self._totals(dict.fromkeys(sorted(own), 1))
        for place in nlargest(MOST_CANDIDATES, totals, key=totals.__getitem__):
            action = self._knowledge.actions[self._knowledge.ids[place]]
            title = _stems_of_title(action.title)
            shared, of_both = (
                sum(rarities[stem] for stem in item) for item in (own & title, own | title)
            )
            if action.jurisdiction in places and shared > SAME * of_both:
                return action.id
        return ""

    def likely(self, topic: Topic, named: Set[str]) -> list[str]:
        """Return the actions that a document `named` or is about, the likeliest first."""
        ids, actions = self._knowledge.ids, self._knowledge.actions
        least = SHARE / topic.scale
        about = [ids[place] for place, share in topic.shares.items() if share > least]
        return sorted(
            {*named, *about},
            key=lambda name: (name not in named, -topic.shares.get(actions[name].place, 0), name),
        )[:LIKELY]

    def search(
        self,
        paragraph: str,
        read: Sequence[Sentence],
        placed: Sequence[tuple[int, str]],
        named: Sequence[tuple[int, int, str]],
        about: About,
    ) -> Iterator[DescriptionMatch]:
        """Yield the actions that sentences and clauses of a paragraph may describe, the best of each first.

        The sentences of the paragraph are `read`. It names the places `placed`, and between two places each the actions `named` ('' for an act that is not
        tracked).
        """
        starts = [start for start, _, _ in named]
        ends = [end for _, end, _ in named]
        for unit in _units(read, placed, about.day):
            of_sentence, of_unit = (
                named[bisect_right(ends, first) : bisect_left(starts, last)]
                for first, last in (unit.sentence, (unit.start, unit.end))
            )
            number = bisect_right(ends, unit.start)
            acts = [action for _, _, action in named[max(0, number - MOST_BEFORE) : number]]
            before = [*about.acts, *acts][-MOST_BEFORE:]
            near = _Near(
                {action for _, _, action in of_sentence},
                {action for _, _, action in of_unit},
                before,
                self._referent(unit, before),
            )
            own = _stems_outside(unit, paragraph, of_unit) if of_unit else unit.stems
            rarities = self._rarities(unit.stems, own)
            fits = []
            for candidate in self._candidates(unit, near, about.topic, about.likely):
                features = self._features(unit, rarities, candidate, about, near)
                fits.append((self._odds(features), candidate.action.id, features))
            yield from self._ranked(unit, sorted(fits, key=lambda fit: -fit[0]))

    def _odds(self, features: Features) -> float:
        """Return the logarithm of the odds that an action is meant."""
        return sum(map(mul, self._weights, features))

    def _ranked(
        self, unit: Unit, fits: list[tuple[float, str, Features]]
    ) -> Iterator[DescriptionMatch]:
        """Yield what fits a unit, the best first, which makes the others less likely."""
        for place, (odds, action, features) in enumerate(fits):
            score = _score(odds + self._outranked if place else odds)
            if score < FLOOR:
                return
            other = fits[not place] if len(fits) > 1 else None
            runner_up = (other[1], round(_score(other[0]), 3)) if other else None
            yield DescriptionMatch(unit.start, unit.end, action, score, features, runner_up)

    def _rarities(self, unit_stems: Sequence[str], own: Sequence[str]) -> _Rarities:
        each = list(map(self._knowledge.rarities.__getitem__, unit_stems))
        return _Rarities(frozenset(own), each, [max(WINDOW, total) for total in _windows(each)])

    def _candidates(
        self, unit: Unit, near: _Near, topic: Topic, likely: list[str]
    ) -> list[_Candidate]:
        """Return the actions that share most with a unit and that the sentence does not name, the one that it means if it says `the bill`, and of the `likely` ones those of its kinds."""
        ids, actions = self._knowledge.ids, self._knowledge.actions
        totals: dict[int, float] = defaultdict(float)
        for stem in unit.stems:
            if (holders := topic.holders.get(stem)) is None:
                holders = topic.holders[stem] = [
                    item for item in self._knowledge.holders[stem] if item[0] in topic.near
                ]
            for place, score in holders:
                totals[place] += score
        for name in filter(None, near.of_sentence):
            totals.pop(actions[name].place, None)
        ranked = nlargest(MOST_CANDIDATES, totals, key=totals.__getitem__)
        if not ranked:
            return []
        best, second = totals[ranked[0]], totals[ranked[min(1, len(ranked) - 1)]]
        formal = unit.families & _FORMAL
        others = [name for name in likely if formal & _kinds(actions[name])] if formal else []
        for name in filter(None, (near.referent, *others[:MOST_LIKELY])):
            if name not in near.of_sentence and actions[name].place not in ranked:
                ranked.append(actions[name].place)
        return [
            _Candidate(actions[name], totals.get(place, 0), best, second, number == 0)
            for number, (place, name) in enumerate((place, ids[place]) for place in ranked)
        ]

    def _referent(self, unit: Unit, before: Sequence[str]) -> str:
        """Return the act that a unit means if it says `the bill` or `this order`, the only one of that kind mentioned `before`, or ''."""
        for place, word in enumerate(unit.words):
            two = unit.words[max(0, place - 2) : place]
            if word.formal and any(other.text in _DEFINITE for other in two):
                fits = {
                    name
                    for name in before
                    if not name or word.formal & _kinds(self._knowledge.actions[name])
                }
                if len(fits) == 1:
                    return fits.pop()
        return ""

    def _features(
        self, unit: Unit, rarities: _Rarities, candidate: _Candidate, about: About, near: _Near
    ) -> Features:
        action, unit_stems = candidate.action, rarities.own
        own = unit.families & _kinds(action)
        is_referent = action.id == near.referent
        next_score = candidate.second if candidate.first else candidate.best
        if (age := about.ages.get(action.id)) is None:
            age = about.ages[action.id] = _age(action, about.day)
        is_born = age.known or age.fresh or not about.day
        changed = {
            name for relation, name in action.changes if is_born and relation in unit.changes
        }
        return Features(
            1,
            *_word_features(unit.stems, rarities, action.profile),
            self._name_share(action, unit_stems),
            0 if is_referent else (candidate.score - next_score) / (candidate.best + 1),
            bool(own),
            _is_plural(unit, own),
            *_place_features(unit, action, about.places),
            not action.actors.isdisjoint(unit.texts),
            _happened(action, unit.days),
            *age,
            unit.is_new and age.known == 1 and not age.fresh,
            is_referent,
            not near.of_unit <= changed,
            any(name in near.of_sentence and name not in changed for _, name in action.changes),
            not changed.isdisjoint((*near.of_sentence, *near.before[-1:])),
            action.instrument in _WEAK,
            about.topic.shares.get(action.place, 0) * about.topic.scale,
            not about.topic.is_of_subject and not about.named,
            not unit.is_of_subject,
        )

    def _name_share(self, action: KnownAction, unit_stems: Set[str]) -> float:
        """Return the part of a name of an action that a unit has, by rarity: of the name of which it has most."""
        rarities = self._knowledge.rarities
        if (names := self._names.get(action.place)) is None:
            stemmed = (frozenset(stems_of(_without_kind(words(name)))) for name in action.names)
            names = self._names[action.place] = [
                (name, max(SHORT_NAME, sum(rarities[stem] for stem in name)))
                for name in stemmed
                if len(name) > 1
            ]
        return max(
            [
                sum(map(rarities.__getitem__, name & unit_stems)) / whole
                for name, whole in names
                if not name.isdisjoint(unit_stems)
            ],
            default=0,
        )


def _kinds(action: KnownAction) -> frozenset[str]:
    """Return the families of words by which texts name an act of the kind of `action`."""
    return _FAMILIES.get(action.instrument, frozenset())


# Features that speak for an action, and how they are named to readers.
_REASONS = {
    "instrument": "kind of act",
    "place": "place",
    "place_us": "place",
    "body_word": "body",
    "date": "event on that day",
    "fresh": "recent event",
    "referent": "named before in the text",
}


def _score(odds: float) -> float:
    """Return how likely it is that an action is meant, for the logarithm of the odds: the share of such descriptions that were right."""
    chance = 1 / (1 + math.exp(-odds))
    place = bisect_right(_CHANCES, (chance, 1.0), 1, len(_CHANCES) - 1)
    (first, low), (last, high) = _CHANCES[place - 1 : place + 1]
    return low + (chance - first) * (high - low) / (last - first)


# The chance that the weights give, and the share that was right in 13 sets of documents: of what the weights find less likely
# than not, less was right.
_CHANCES = ((0, 0), (0.1, 0.1), (0.49, 0.35), (0.5, 0.5), (0.65, 0.65), (0.8, 0.86), (1, 1))


def _units(
    paragraph: Sequence[Sentence], placed: Sequence[tuple[int, str]], day: date | None
) -> Iterator[Unit]:
    """Yield the sentences of a paragraph that name an act of some kind, and their clauses that do."""
    is_of_subject = any(word.subjects for sentence in paragraph for word in sentence.words)
    for start, sentence, pieces in paragraph:
        tokens = [word for _, _, of_part in pieces for word in of_part]
        if len(sentence) < SHORTEST or not any(word.families for word in tokens):
            continue
        dated = day and dates_in_text.may_have_dates([word.text for word in tokens])
        days = dates_in_text.spans(sentence, day) if dated else []
        days = [item for item in days if item.days < LONGEST_SPAN]
        clauses = [piece for piece in pieces if is_clause(sentence, piece[1])]
        for place, part, own in [(0, sentence, tokens), *clauses]:
            families = frozenset().union(*[word.families for word in own if word.families])
            if not families:
                continue
            first, end = start + place, start + place + len(part)
            texts = frozenset([word.text for word in own])
            yield Unit(
                first,
                end,
                own,
                texts,
                list(dict.fromkeys([word.stem for word in own if word.stem])),
                families,
                [word for word in own if word.formal],
                {name for where, name in placed if first <= where < end},
                [item for item in days if first <= start + item.start < end],
                frozenset().union(*[word.changes for word in own if word.changes]),
                (start, start + len(sentence)),
                _is_new(own, texts),
                is_of_subject,
            )


def _is_new(own: Sequence[Word], texts: Set[str]) -> bool:
    """Return whether words, with these `texts`, call an act new: `a new rule`, `newly proposed rules`."""
    if _NEW.isdisjoint(texts):
        return False
    places = [place for place, word in enumerate(own) if word.text in _NEW]
    return any(word.families for place in places for word in own[place + 1 : place + 4])


def _windows(values: list[float]) -> Iterator[float]:
    """Yield the sums of `values` in windows of WINDOW words, one every three words."""
    for start in range(0, max(1, len(values) - WINDOW + 1), 3):
        yield sum(values[start : start + WINDOW])


def _word_features(
    own: Sequence[str], rarities: _Rarities, profile: Mapping[str, float]
) -> tuple[float, float, float]:
    """Return what the words that a unit shares with a profile say, the features from `mass` to `best`."""
    shared = [
        value if stem in profile else 0 for stem, value in zip(own, rarities.each, strict=True)
    ]
    cover = max(map(truediv, _windows(shared), rarities.windows))
    return math.log1p(sum(shared)) / 3, cover, max(shared, default=0) / 6


def _place_features(
    unit: Unit, action: KnownAction, of_document: set[str]
) -> tuple[bool, bool, bool, bool]:
    """Return whether the unit names the place of the action, which is another one than the US or the US, whether it names another place, and whether the document never names that of the action."""
    own = action.jurisdiction
    if own in unit.places:
        return own != "us", own == "us", False, False
    placed = own not in ("no-jurisdiction", "international")
    foreign = placed and bool(unit.places - {"us"})
    return False, False, foreign, placed and own != "us" and own not in of_document


def _is_plural(unit: Unit, families: frozenset[str]) -> bool:
    """Return whether a unit names acts of these families only as several."""
    acts = [word.text in _PLURALS for word in unit.acts if not families.isdisjoint(word.formal)]
    return bool(acts) and all(acts)


def _stems_outside(unit: Unit, paragraph: str, named: Iterable[tuple[int, int, str]]) -> list[str]:
    """Return the stems of a unit outside the names in it, which are not words for another act."""
    rest, place = [], unit.start
    for start, end, _ in named:
        rest.append(paragraph[place:start])
        place = max(place, end)
    return stems(" ".join([*rest, paragraph[place : unit.end]]))


def _stems_of_title(title: str) -> frozenset[str]:
    return frozenset(stems(title.lower().replace("artificial intelligence", "ai")))


def _without_kind(words_of_name: list[str]) -> list[str]:
    """Return the words of a name that do not say what kind of act it is."""
    return [word for word in words_of_name if not _families(word) & _FORMAL]


def _happened(action: KnownAction, days: list[DaySpan]) -> bool:
    """Return whether an event of the action that has a day lies in those days."""
    return any(
        event.earliest <= span.last + 1
        and event.latest >= span.first - 1
        and event.latest - event.earliest < EXACT
        and event.type in _TELLING
        for span in days
        for event in action.happenings
    )


def _age(action: KnownAction, day: date | None) -> _Age:
    """Return the age of an action on the day of a document."""
    if not day or not action.happenings:
        return _Age()
    last = day.toordinal() + SOON
    past = [event for event in action.happenings if event.earliest <= last]
    if not past:
        ahead = min([event.earliest for event in action.happenings]) - last
        return _Age(unborn=1 if ahead > 147 else 0.4 if ahead > 57 else 0)
    known = min(1, max(0, last - SOON - min([event.earliest for event in past])) / KNOWN)
    steps = [event.earliest for event in past if event.type in _TELLING]
    age = last - SOON - max(steps, default=-math.inf)
    return _Age(next((value for days, value in _FRESHNESS if age <= days), 0), 0, known)


_FRESHNESS = ((10, 1.0), (45, 0.6), (150, 0.3))
