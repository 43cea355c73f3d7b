"""Actions that a text describes and does not name: candidates by words, features of each, a logistic score."""

import math
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from policykb.finding import dates_in_text, places
from policykb.finding.dates_in_text import DaySpan
from policykb.finding.knowledge import INSTRUMENT_WORDS, Knowledge, KnownAction
from policykb.finding.words import clauses, sentences, stems_of, words
from policykb.model.vocabulary import EVENT_TYPES
from policykb.model.vocabulary.terms import tables

WEIGHTS: dict[str, float] = tables(Path(__file__).parent / "data" / "weights.toml")
MOST_CANDIDATES = 5
SHORTEST = 15  # characters of a sentence that can describe an action
WINDOW = 12  # words in which most of a description lies
EXACT = 40  # days; an event with a longer span has no day
LONGEST_SPAN = 130  # days; a longer span, such as a year, says too little
RELATED = 0.06  # share of the words of a document, by rarity, that an action has if the document is about it
FEW = 0.3  # of the feature `shared`: three stems in common
STRONG = 2.5  # weight of a stem that a title, an alias or several fields have
_FAMILIES: dict[str, frozenset[str]] = {
    kind: frozenset(names) for kind, names in INSTRUMENT_WORDS["instruments"].items()
}
_FORMAL = frozenset(
    name for name, family in INSTRUMENT_WORDS["families"].items() if family.get("formal")
)
_WEAK = frozenset(INSTRUMENT_WORDS["groups"]["weak"])
# Events by which an act becomes known; others have no date that a text would give.
_TELLING = frozenset(kind.id for kind in EVENT_TYPES if kind.step or kind.stage)


def _family_words() -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Return the families by word, and by beginning of words."""
    whole: dict[str, set[str]] = defaultdict(set)
    beginnings: dict[str, set[str]] = defaultdict(set)
    for name, family in INSTRUMENT_WORDS["families"].items():
        for word in family["words"]:
            (beginnings if word.endswith("*") else whole)[word.rstrip("*")].add(name)
    return whole, beginnings


_WHOLE_WORDS, _BEGINNINGS = _family_words()


@lru_cache(1 << 16)
def _families(word: str) -> frozenset[str]:
    """Return the families of kinds of act that a word names."""
    hit = set(_WHOLE_WORDS.get(word, ()))
    for beginning, names in _BEGINNINGS.items():
        if word.startswith(beginning):
            hit |= names
    return frozenset(hit)


class About(NamedTuple):
    """What is known of the document: its day, the actions it names surely, and how much it is about each action (0 to 1)."""

    day: date | None
    named: frozenset[str]
    shares: Mapping[str, float]


class Unit(NamedTuple):
    """A sentence or clause: where, its words, stems, families of acts, places, those of the whole paragraph, and days."""

    start: int
    end: int
    words: list[str]
    stems: list[str]
    families: frozenset[str]
    places: frozenset[str]
    places_near: frozenset[str]
    days: list[DaySpan]


class DescriptionMatch(NamedTuple):
    """A description in a paragraph: where, the action, how sure, and the features that speak for it."""

    start: int
    end: int
    action: str
    score: float
    reasons: tuple[str, ...]


class _Candidate(NamedTuple):
    action: KnownAction
    score: float
    best: float
    second: float
    first: bool


class Descriptions:
    """The profiles of actions, and the search for what fits them."""

    def __init__(self, knowledge: Knowledge, weights: Mapping[str, float] = WEIGHTS) -> None:
        self._knowledge = knowledge
        self._weights = weights
        self._events = _telling(knowledge)

    def shares(self, paragraphs: Sequence[str]) -> dict[str, float]:
        """Return how much a document is about each action, in shares of the action that it is most about.

        All shares are smaller if hardly any of its words are those of that action.
        """
        counts = Counter(
            stem for paragraph in paragraphs for stem in set(stems_of(words(paragraph)))
        )
        shares: dict[str, float] = defaultdict(float)
        whole = 1.0
        for stem, count in counts.items():
            weight, rarity = math.sqrt(count), self._knowledge.rarity(stem)
            whole += rarity * weight
            if rarity > 2:
                for action, score in self._knowledge.holders.get(stem, ()):
                    shares[action] += score * weight
        most = max(shares.values(), default=1)
        scale = min(1, most / whole / RELATED) / most
        return {action: share * scale for action, share in shares.items()}

    def search(self, paragraph: str, about: About) -> Iterator[DescriptionMatch]:
        """Yield the actions that sentences and clauses of a paragraph may describe."""
        for unit in _units(paragraph, about.day):
            for candidate in self._candidates(unit.stems):
                values = self._features(unit, candidate, about)
                total = sum(self._weights[name] * value for name, value in values.items())
                score = 1 / (1 + math.exp(-total))
                if values["shared"] < FEW:
                    score *= _chance(values)
                reasons = tuple(text for name, text in _REASONS.items() if values[name] >= 1)
                yield DescriptionMatch(unit.start, unit.end, candidate.action.id, score, reasons)

    def _candidates(self, unit_stems: Sequence[str]) -> list[_Candidate]:
        scores: dict[str, float] = defaultdict(float)
        holders = self._knowledge.holders
        for stem in unit_stems:
            for action, score in holders.get(stem, ()):
                scores[action] += score
        ranked = sorted(scores, key=scores.get, reverse=True)[:MOST_CANDIDATES]
        if not ranked:
            return []
        best, second = scores[ranked[0]], scores[ranked[min(1, len(ranked) - 1)]]
        return [
            _Candidate(self._knowledge.actions[action], scores[action], best, second, place == 0)
            for place, action in enumerate(ranked)
        ]

    def _features(self, unit: Unit, candidate: _Candidate, about: About) -> dict[str, float]:
        action = candidate.action
        own = unit.families & _FAMILIES.get(action.instrument, frozenset())
        next_score = candidate.second if candidate.first else candidate.best
        return {
            "intercept": 1,
            **self._word_features(unit.stems, action),
            "margin": (candidate.score - next_score) / (candidate.best + 1),
            "gap": (candidate.best - candidate.score) / (candidate.best + 1),
            "instrument": bool(own),
            "other_instrument": bool(unit.families & _FORMAL) and not own,
            **_place_features(unit, action),
            "body_word": not action.actors.isdisjoint(unit.words),
            **self._date_features(unit.days, action, own & _FORMAL),
            **_age_features(action, about.day),
            "named": action.id in about.named,
            "option": action.instrument in _WEAK,
            "short": len(unit.stems) < 5,
            "doc": about.shares.get(action.id, 0),
            "first_rank": candidate.first,
        }

    def _word_features(self, unit_stems: Sequence[str], action: KnownAction) -> dict[str, float]:
        profile, rarity = action.profile, self._knowledge.rarity
        weighed = [(rarity(stem), stem in profile) for stem in unit_stems]
        hits = sorted((value for value, shared in weighed if shared), reverse=True)
        strong = sum(min(4, rarity(stem)) for stem in unit_stems if profile.get(stem, 0) >= STRONG)
        return {
            "mass": math.log1p(sum(hits)) / 3,
            "strong": math.log1p(strong) / 3,
            "cover": _coverage(weighed),
            "best": hits[0] / 6 if hits else 0,
            "second": hits[1] / 6 if len(hits) > 1 else 0,
            "shared": min(len(hits), 10) / 10,
        }

    def _date_features(
        self, days: list[DaySpan], action: KnownAction, formal: frozenset[str]
    ) -> dict[str, float]:
        """Return whether an event lies in days that the text names, or far off, and whether no like action has one then."""
        if not days or not action.happenings:
            return {"date": 0, "date_off": 0, "only": 0}
        happened = _happened(action, days)
        near = any(
            event.earliest <= span.last + 8 and event.latest >= span.first - 8
            for span in days
            for event in action.happenings
        )
        only = 0.0
        if happened and formal:
            number = self._like(days, action.jurisdiction, formal)
            only = 1 if number == 1 else 0.4 if number < 4 else 0
        return {"date": happened, "date_off": not near, "only": only}

    def _like(self, days: list[DaySpan], jurisdiction: str, formal: frozenset[str]) -> int:
        """Return the number of actions of these kinds and this place to which something happened in those days."""
        events = self._events[jurisdiction]
        alike = set()
        for span in days:
            first = bisect_left(events, (span.first - EXACT,))
            for earliest, latest, action in islice(events, first, None):
                if earliest > span.last + 1:
                    break
                kinds = _FAMILIES.get(self._knowledge.actions[action].instrument, frozenset())
                if latest >= span.first - 1 and not formal.isdisjoint(kinds):
                    alike.add(action)
        return len(alike)


def _telling(knowledge: Knowledge) -> dict[str, list[tuple[int, int, str]]]:
    """Return the events by which acts become known and that have a day, by place: first and last day, and the action, in order."""
    events: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    for action in knowledge.actions.values():
        for event in action.happenings:
            if event.type in _TELLING and event.latest - event.earliest < EXACT:
                events[action.jurisdiction].append((event.earliest, event.latest, action.id))
    return defaultdict(list, {place: sorted(listed) for place, listed in events.items()})


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


def _chance(values: Mapping[str, float]) -> float:
    """Return what a score is multiplied with where only one or two words are shared, which is chance in most texts."""
    if not any(values[name] for name in ("place", "body_word", "date")):
        return 0.3
    return 1 if values["cover"] >= 0.5 else 0.5


def _units(paragraph: str, day: date | None) -> Iterator[Unit]:
    """Yield the sentences of a paragraph that name an act of some kind, and their clauses that do."""
    near = None
    for start, sentence in sentences(paragraph):
        tokens = words(sentence)
        if len(sentence) < SHORTEST or not any(map(_families, tokens)):
            continue
        if near is None:
            near = frozenset(place for _, place in places.named(paragraph))
        dated = day and dates_in_text.may_have_dates(tokens)
        days = dates_in_text.spans(sentence, day) if dated else []
        days = [item for item in days if item.days < LONGEST_SPAN]
        named = places.named(sentence)
        for place, part in [(0, sentence), *clauses(sentence)]:
            tokens = words(part)
            families = frozenset().union(*map(_families, tokens))
            if not families:
                continue
            end = place + len(part)
            yield Unit(
                start + place,
                start + end,
                tokens,
                list(dict.fromkeys(stems_of(tokens))),
                families,
                frozenset(name for where, name in named if place <= where < end),
                near,
                [item for item in days if place <= item.start < end],
            )


def _coverage(weighed: list[tuple[float, bool]]) -> float:
    """Return the largest share of shared words, by rarity, in a window of the text."""
    best = 0.0
    for start in range(0, max(1, len(weighed) - WINDOW + 1), 3):
        window = weighed[start : start + WINDOW]
        shared = sum(value for value, is_shared in window if is_shared)
        best = max(best, shared / max(WINDOW, sum(value for value, _ in window)))
    return best


def _place_features(unit: Unit, action: KnownAction) -> dict[str, float]:
    """Return whether the text names the place of the action, or another place."""
    own = action.jurisdiction
    if own in unit.places:
        return {"place": 1, "other_place": 0}
    foreign = bool(unit.places - {"us"}) and own not in ("no-jurisdiction", "international")
    elsewhere = own in places.STATES and own not in unit.places_near
    return {"place": 0, "other_place": foreign or elsewhere}


def _happened(action: KnownAction, days: list[DaySpan]) -> bool:
    """Return whether an event of the action that has a day lies in those days."""
    return any(
        event.earliest <= span.last + 1
        and event.latest >= span.first - 1
        and event.latest - event.earliest < EXACT
        for span in days
        for event in action.happenings
    )


def _age_features(action: KnownAction, day: date | None) -> dict[str, float]:
    """Return whether something happened to the action shortly before the document, long before it, or only after it."""
    fresh = stale = unborn = 0.0
    if day and action.happenings:
        now = day.toordinal()
        ages = [now - event.earliest for event in action.happenings if event.earliest <= now + 3]
        if ages:
            age = min(ages)
            fresh = next((value for days, value in _FRESHNESS if age <= days), 0)
            stale = age > 400
        else:
            ahead = min(event.earliest for event in action.happenings) - now
            unborn = 1 if ahead > 150 else 0.4 if ahead > 60 else 0
            fresh = 0 if unborn else 0.6
    return {"fresh": fresh, "stale": stale, "unborn": unborn}


_FRESHNESS = ((10, 1.0), (45, 0.6), (150, 0.3))
