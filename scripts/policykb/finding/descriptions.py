"""Actions that a text describes and does not name: candidates by words, features of each, a logistic score."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from heapq import nlargest
from itertools import compress, repeat
from operator import mul, truediv
from pathlib import Path
from typing import NamedTuple

from policykb.finding import dates_in_text, places
from policykb.finding.dates_in_text import DaySpan
from policykb.finding.knowledge import INSTRUMENT_WORDS, Holders, Knowledge, KnownAction
from policykb.finding.words import is_clause, parts, sentences, stems_of, words
from policykb.model.vocabulary import EVENT_TYPES
from policykb.model.vocabulary.terms import tables

DATA = Path(__file__).parent / "data"
WEIGHTS: dict[str, float] = tables(DATA / "weights.toml")
MOST_CANDIDATES = 4
ENOUGH = 40  # places of actions among which the best ones probably are
SHORTEST = 15  # characters of a sentence that can describe an action
WINDOW = 12  # words in which most of a description lies
FEW_ALIKE = 4  # actions; of more, none is known by its day
EXACT = 40  # days; an event with a longer span has no day
LONGEST_SPAN = 130  # days; a longer span, such as a year, says too little
RELATED = 0.06  # share of the words of a document, by rarity, that an action has if the document is about it
MUCH = 0.25  # the same share, for a document without any word of the subject
FEW = 3  # stems in common; fewer are chance in most texts
MOST_RARITY = 4.0  # of a stem in the feature `strong`
STRONG = 2.5  # weight of a stem that a title, an alias or several fields have
_FAMILIES: dict[str, frozenset[str]] = {
    kind: frozenset(names) for kind, names in INSTRUMENT_WORDS["instruments"].items()
}
_FORMAL = frozenset(
    name for name, family in INSTRUMENT_WORDS["families"].items() if family.get("formal")
)
_EXACT = frozenset(
    name for name, family in INSTRUMENT_WORDS["families"].items() if family.get("exact")
)
_DEFINITE = frozenset(("the", "this"))
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


class Topic(NamedTuple):
    """What a document is about: how much each action by its place (`scale` makes it 0 to 1), and whether the subject of the knowledge base at all."""

    shares: Sequence[float]
    scale: float
    is_of_subject: bool


class About(NamedTuple):
    """What is known of the document: its day, the actions that it certainly names, its topic, and the ages of actions on its day that are known."""

    day: date | None
    named: frozenset[str]
    topic: Topic
    ages: dict[str, "_Age"]


class Unit(NamedTuple):
    """A sentence or clause: where, its words, stems, families of acts, places, those of the whole paragraph, days, and types of events."""

    start: int
    end: int
    words: list[str]
    stems: list[str]
    families: frozenset[str]
    places: set[str]
    places_near: set[str]
    days: list[DaySpan]


class Features(NamedTuple):
    """What speaks for and against an action, each with its weight in weights.toml: values between 0 and about 1."""

    intercept: float
    mass: float
    strong: float
    cover: float
    best: float
    margin: float
    instrument: bool
    other_instrument: bool
    exact: bool
    place: bool
    other_place: bool
    body_word: bool
    date: bool
    only: float
    fresh: float
    unborn: float
    named: bool
    referent: bool
    option: bool
    short: bool
    doc: float
    first_rank: bool
    bare: bool
    rival: bool
    elsewhere: bool
    outranked: bool = False


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
    """Whether something happened to an action shortly before a day, or only after it."""

    fresh: float = 0
    unborn: float = 0


class _Rarities(NamedTuple):
    """The rarity of each stem of a unit, the same capped at MOST_RARITY, and the sums of the windows of `_windows`."""

    each: list[float]
    capped: list[float]
    windows: list[float]


class _Candidate(NamedTuple):
    action: KnownAction
    score: float
    best: float
    second: float
    first: bool
    referent: bool


class Descriptions:
    """The profiles of actions, and the search for what fits them."""

    def __init__(self, knowledge: Knowledge, weights: Mapping[str, float] = WEIGHTS) -> None:
        self._knowledge = knowledge
        if knowledge.new:
            _make_events(knowledge)
        self._weights = [weights[name] for name in Features._fields]

    def topic(self, paragraphs: Sequence[str]) -> Topic:
        """Return the topic of a document, as shares of the action that it is most about.

        All shares are smaller if hardly any of its words are those of that action. A document is of the subject if it has a
        word that many names of actions have, or if much of it is about one action.
        """
        counts: Counter[str] = Counter()
        for paragraph in paragraphs:
            counts.update(set(stems_of(words(paragraph))))
        shares = [0.0] * self._knowledge.count
        whole = 1.0
        for stem, count in counts.items():
            weight, rarity = math.sqrt(count), self._knowledge.rarities[stem]
            whole += rarity * weight
            if rarity > 2 and (holders := self._knowledge.holders[stem]):
                for place, score in zip(holders.places, holders.scores, strict=True):
                    shares[place] += score * weight
        most = max(shares, default=0) or 1
        scale = min(1, most / whole / RELATED) / most
        subject = self._knowledge.subject
        is_near = not subject or not subject.isdisjoint(counts) or most / whole > MUCH
        return Topic(shares, scale, is_near)

    def search(
        self,
        paragraph: str,
        placed: Sequence[tuple[int, str]],
        named: Sequence[tuple[int, int, str]],
        about: About,
    ) -> Iterator[DescriptionMatch]:
        """Yield the actions that sentences and clauses of a paragraph may describe, the best of each first.

        The paragraph names the places `placed`, and between two places each the actions `named` ('' for an act that is not
        tracked).
        """
        for unit in _units(paragraph, placed, about.day):
            names = {
                action for start, end, action in named if start < unit.end and unit.start < end
            }
            rarities = self._rarities(unit.stems)
            fits = []
            for candidate in self._candidates(unit, about.named):
                rival = bool(names) and candidate.action.id not in names
                features = self._features(unit, rarities, candidate, about, rival)
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
            if place:
                features = features._replace(outranked=True)
                odds = self._odds(features)
            other = fits[not place] if len(fits) > 1 else None
            runner_up = (other[1], round(_score(other[0]), 3)) if other else None
            yield DescriptionMatch(unit.start, unit.end, action, _score(odds), features, runner_up)

    def _rarities(self, unit_stems: Sequence[str]) -> _Rarities:
        each = list(map(self._knowledge.rarities.__getitem__, unit_stems))
        capped = [min(MOST_RARITY, value) for value in each]
        return _Rarities(each, capped, [max(WINDOW, total) for total in _windows(each)])

    def _candidates(self, unit: Unit, named: frozenset[str]) -> list[_Candidate]:
        """Return the actions that share most with a unit, and the one of the `named` that it means if it says `the bill`."""
        scores = [0.0] * self._knowledge.count
        listed = list(filter(None, map(self._knowledge.holders.__getitem__, unit.stems)))
        for holders in listed:
            for place, score in zip(holders.places, holders.scores, strict=True):
                scores[place] += score
        ranked = _best(scores, listed)
        if not ranked:
            return []
        best, second = scores[ranked[0]], scores[ranked[min(1, len(ranked) - 1)]]
        ids, actions = self._knowledge.ids, self._knowledge.actions
        referent = self._referent(unit, named)
        if referent and actions[referent].place not in ranked:
            ranked.append(actions[referent].place)
        return [
            _Candidate(actions[name], scores[place], best, second, number == 0, name == referent)
            for number, (place, name) in enumerate((place, ids[place]) for place in ranked)
        ]

    def _referent(self, unit: Unit, named: frozenset[str]) -> str:
        """Return the only one of the `named` actions that is of the kind of which the unit says `the bill` or `this order`, or ''."""
        for place, word in enumerate(unit.words):
            families = _families(word) & _FORMAL
            if families and not _DEFINITE.isdisjoint(unit.words[max(0, place - 2) : place]):
                fits = [name for name in named if families & _kinds(self._knowledge.actions[name])]
                if len(fits) == 1:
                    return fits[0]
        return ""

    def _features(
        self, unit: Unit, rarities: _Rarities, candidate: _Candidate, about: About, rival: bool
    ) -> Features:
        action = candidate.action
        own = unit.families & _kinds(action)
        next_score = candidate.second if candidate.first else candidate.best
        if (age := about.ages.get(action.id)) is None:
            age = about.ages[action.id] = _age(action, about.day)
        of_words, few = _word_features(unit.stems, rarities, action.profile)
        of_place = _place_features(unit, action)
        has_body = not action.actors.isdisjoint(unit.words)
        of_date = self._date_features(unit.days, action, own & _FORMAL)
        return Features(
            1,
            *of_words,
            (candidate.score - next_score) / (candidate.best + 1),
            bool(own),
            bool(unit.families & _FORMAL) and not own,
            bool(own & _EXACT),
            *of_place,
            has_body,
            *of_date,
            *age,
            action.id in about.named,
            candidate.referent,
            action.instrument in _WEAK,
            len(unit.stems) < 5,
            about.topic.shares[action.place] * about.topic.scale,
            candidate.first,
            few and not (of_place[0] or has_body or of_date[0]),
            rival,
            not about.topic.is_of_subject and not about.named,
        )

    def _date_features(
        self, days: list[DaySpan], action: KnownAction, formal: frozenset[str]
    ) -> tuple[bool, float]:
        """Return whether an event lies in days that the text names, and whether no like action has one then."""
        happened = _happened(action, days)
        only = 0.0
        if happened and formal:
            number = self._like(days, action.jurisdiction, formal)
            only = 1 if number == 1 else 0.4 if number < FEW_ALIKE else 0
        return happened, only

    def _like(self, days: list[DaySpan], jurisdiction: str, formal: frozenset[str]) -> int:
        """Return the number of actions of these kinds and this place, up to FEW_ALIKE, to which something happened in those days."""
        kinds = [kind for kind, families in _FAMILIES.items() if not formal.isdisjoint(families)]
        query = (
            "select distinct action from events where jurisdiction = ? and earliest between ? and ? "
            f"and latest >= ? and instrument in ({', '.join('?' * len(kinds))}) limit {FEW_ALIKE}"
        )
        run = self._knowledge.index.connection
        alike = set()
        for span in days:
            spanned = span.first - EXACT, span.last + 1, span.first - 1
            alike.update(run.execute(query, (jurisdiction, *spanned, *kinds)))
        return len(alike)


def _kinds(action: KnownAction) -> frozenset[str]:
    """Return the families of words by which texts name an act of the kind of `action`."""
    return _FAMILIES.get(action.instrument, frozenset())


def _make_events(knowledge: Knowledge) -> None:
    """Make the table of the events by which acts become known and that have a day."""
    run = knowledge.index.connection
    run.execute("create table events (jurisdiction, earliest, latest, instrument, action)")
    run.executemany(
        "insert into events values (?, ?, ?, ?, ?)",
        (
            (action.jurisdiction, event.earliest, event.latest, action.instrument, action.place)
            for action in knowledge.new
            for event in action.happenings
            if event.type in _TELLING and event.latest - event.earliest < EXACT
        ),
    )
    run.execute("create index of_place on events (jurisdiction, earliest)")


def _best(scores: Sequence[float], listed: list[Holders]) -> list[int]:
    """Return the places of the best `scores`, which the stems of `listed` have given.

    Most of the best are among the few that a rare stem has. The others are ranked only if what the frequent stems add could
    put them ahead.
    """
    places: set[int] = set()
    others = sorted(listed, key=lambda holders: -len(holders.places))
    for enough in (ENOUGH, len(scores)):
        while others and len(places) < enough:
            places.update(others.pop().places)
        best = nlargest(MOST_CANDIDATES, sorted(places), key=scores.__getitem__)
        if len(best) == MOST_CANDIDATES and scores[best[-1]] > sum(item.most for item in others):
            break
    return best


# Features that speak for an action, and how they are named to readers.
_REASONS = {
    "instrument": "kind of act",
    "place": "place",
    "body_word": "body",
    "date": "event on that day",
    "only": "no other such event then",
    "fresh": "recent event",
    "named": "named elsewhere in the text",
}


def _score(odds: float) -> float:
    """Return the probability with these odds, of which the logarithm is given."""
    return 1 / (1 + math.exp(-odds))


def _units(paragraph: str, placed: Sequence[tuple[int, str]], day: date | None) -> Iterator[Unit]:
    """Yield the sentences of a paragraph that name an act of some kind, and their clauses that do."""
    near = {place for _, place in placed}
    for start, sentence in sentences(paragraph):
        pieces = [(place, part, words(part)) for place, part in parts(sentence)]
        tokens = [token for _, _, of_part in pieces for token in of_part]
        if len(sentence) < SHORTEST or not any(map(_families, tokens)):
            continue
        dated = day and dates_in_text.may_have_dates(tokens)
        days = dates_in_text.spans(sentence, day) if dated else []
        days = [item for item in days if item.days < LONGEST_SPAN]
        clauses = [piece for piece in pieces if is_clause(sentence, piece[1])]
        for place, part, own in [(0, sentence, tokens), *clauses]:
            families = frozenset().union(*map(_families, own))
            if not families:
                continue
            first, end = start + place, start + place + len(part)
            yield Unit(
                first,
                end,
                own,
                list(dict.fromkeys(stems_of(own))),
                families,
                {name for where, name in placed if first <= where < end},
                near,
                [item for item in days if first <= start + item.start < end],
            )


def _windows(values: list[float]) -> Iterator[float]:
    """Yield the sums of `values` in windows of WINDOW words, one every three words."""
    for start in range(0, max(1, len(values) - WINDOW + 1), 3):
        yield sum(values[start : start + WINDOW])


def _word_features(
    stems: Sequence[str], rarities: _Rarities, profile: Mapping[str, float]
) -> tuple[tuple[float, ...], bool]:
    """Return what the words that a unit shares with a profile say, the features from `mass` to `best`, and whether they are few."""
    weights = list(map(profile.get, stems, repeat(0)))
    shared = [value if weight else 0 for value, weight in zip(rarities.each, weights, strict=True)]
    strong = sum(compress(rarities.capped, map(STRONG.__le__, weights)))
    cover = max(map(truediv, _windows(shared), rarities.windows))
    features = (
        math.log1p(sum(shared)) / 3,
        math.log1p(strong) / 3,
        cover,
        max(shared, default=0) / 6,
    )
    return features, len(shared) - shared.count(0) < FEW


def _place_features(unit: Unit, action: KnownAction) -> tuple[bool, bool]:
    """Return whether the text names the place of the action, or another place."""
    own = action.jurisdiction
    if own in unit.places:
        return True, False
    foreign = bool(unit.places - {"us"}) and own not in ("no-jurisdiction", "international")
    return False, foreign or own in places.STATES and own not in unit.places_near


def _happened(action: KnownAction, days: list[DaySpan]) -> bool:
    """Return whether an event of the action that has a day lies in those days."""
    return any(
        event.earliest <= span.last + 1
        and event.latest >= span.first - 1
        and event.latest - event.earliest < EXACT
        for span in days
        for event in action.happenings
    )


def _age(action: KnownAction, day: date | None) -> _Age:
    """Return whether something happened to the action shortly before the document, or only after it."""
    if not day or not action.happenings:
        return _Age()
    now = day.toordinal()
    ages = [now - event.earliest for event in action.happenings if event.earliest <= now + 3]
    if ages:
        age = min(ages)
        fresh = next((value for days, value in _FRESHNESS if age <= days), 0)
        return _Age(fresh=fresh)
    ahead = min(event.earliest for event in action.happenings) - now
    unborn = 1 if ahead > 150 else 0.4 if ahead > 60 else 0
    return _Age(fresh=0 if unborn else 0.6, unborn=unborn)


_FRESHNESS = ((10, 1.0), (45, 0.6), (150, 0.3))
