"""A document -> the tracked actions that it mentions, where, why and how sure; and acts it names that are not tracked."""

import re
import time
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from enum import IntEnum
from functools import cached_property
from itertools import accumulate, chain, groupby
from typing import NamedTuple

from policykb.finding import LIKELY, definitions, places, untracked
from policykb.finding.descriptions import (
    FLOOR,
    SHARE,
    About,
    DescriptionMatch,
    Descriptions,
    Sentence,
    Topic,
    sentences_of,
)
from policykb.finding.knowledge import RecordIndex
from policykb.finding.names import ENGLISH, NameMatch, Names, Strength
from policykb.finding.numbers import NumberMatch, Numbers, Surroundings
from policykb.finding.strings import alike
from policykb.finding.untracked import Untracked
from policykb.model import dates

DEFINED = 0.97  # score of a short name that the text itself defines
SHORTENED = 0.9  # score of the last words of a name that the text gives before
TRANSLATED = 0.9  # score of another translation of a title
PROVISION = 0.93  # score of a provision in a paragraph that names its act
ABOUT = 0.95  # score of a short acronym or of the name of a whole act in a document about it
UNLIKELY = 0.08  # score of such a name otherwise
# What remains of a score if another action of that name fits the place and day better.
NAMESAKE = 0.1
UNANCHORED = 0.6  # what remains of a score in a document of a corpus that mentions nothing surely
# Share of the action that a document is most about: the name of an act means its part.
PART = 0.3
IN_TIME = 180  # days from the events of an act of every year
SURE = 0.8  # the score from which a number or name says that the document is about its action
SURELY_DESCRIBED = 0.86  # the score from which a description says what `the bill` behind it may be
MOST_SECONDS = 2.0  # for one document
MOST_WORDS = 140  # characters of a description that are shown
MOST_CHARACTERS = 2_200_000  # of a document in which numbers and names are looked for
MOST_DESCRIBED = 400_000  # characters of a document in which descriptions are looked for
NO_DAY = "relative dates were not read: the day of the document is not known; add --issued"
_SHORT_ACRONYM = 4  # letters
_OF_MORE = (Strength.WHOLE, Strength.YEARLY)
_WITH_YEAR = re.compile(r"\b(\d+)/(?:19|20)\d\d$")
_LONG_NAME = 6  # words; a name this long is an official one


class Kind(IntEnum):
    """How a mention mentions its action, the surest last."""

    IDEA = 0
    DESCRIPTION = 1
    ALIAS = 2
    NAME = 3
    NUMBER = 4

    @property
    def label(self) -> str:
        return self.name.lower()


class FoundMention(NamedTuple):
    """A mention of an action in a paragraph: its words, their place, how, how sure, why, and the next best action of the words with its score."""

    paragraph: str
    action: str
    start: int
    end: int
    words: str
    kind: Kind
    score: float
    reasons: tuple[str, ...]
    runner_up: tuple[str, float] | None = None


class SearchResult(NamedTuple):
    """What was found in a document: mentions by paragraph and score, acts that are not tracked, and what was not looked at."""

    mentions: list[FoundMention]
    untracked: list[Untracked]
    remarks: list[str]


class _DocumentSearch:
    """The document while it is read: its text as one, its mentions by paragraph and action, and what is taken by numbers and names."""

    def __init__(self, paragraphs: Mapping[str, str], day: date | None) -> None:
        self.paragraphs = paragraphs
        self.day = day
        self.text = "\n".join(paragraphs.values())
        self.mentions: dict[tuple[str, str], FoundMention] = {}
        self.others: list[NumberMatch] = []
        self.occupied = bytearray(len(self.text))
        self.sure: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
        self.named: set[str] = set()
        self.namesakes: set[tuple[str, str]] = set()  # paragraphs and what they do not mean
        self._named_at: set[tuple[str, int]] = set()
        self._labels = list(paragraphs)
        self._starts = list(accumulate((len(text) + 1 for text in paragraphs.values()), initial=0))
        self._placed = places.named(self.text)
        self.times_named = Counter(place for _, place in self._placed)
        self.places = set(self.times_named)
        self._states = [item for item in self._placed if item[1] in places.STATES]
        self._around: dict[str, Surroundings] = {}
        self._times_named: dict[str, Counter[str]] = {}
        self.topic: Topic | None = None

    @cached_property
    def sentences(self) -> dict[str, list[Sentence]]:
        """The sentences of the first paragraphs, as many as have MOST_DESCRIBED characters in all, by label."""
        first, free = {}, MOST_DESCRIBED
        for label, text in self.paragraphs.items():
            first[label] = sentences_of(text[:free])
            free -= len(text)
            if free <= 0:
                break
        return first

    def paragraph_at(self, place: int) -> tuple[str, int, int]:
        """Return the label, start and end of the paragraph at a place in the text."""
        number = bisect_right(self._starts, place) - 1
        return self._labels[number], self._starts[number], self._starts[number + 1] - 1

    def placed(self, start: int, end: int) -> list[tuple[int, str]]:
        """Return the jurisdictions named from `start` to `end` in the text, with their distance from `start`."""
        first, last = (bisect_left(self._placed, (place,)) for place in (start, end))
        return [(where - start, place) for where, place in self._placed[first:last]]

    def times_named_near(self, place: int) -> Counter[str]:
        """Return how often the paragraph at a place in the text names each jurisdiction."""
        label, start, end = self.paragraph_at(place)
        if label not in self._times_named:
            self._times_named[label] = Counter(named for _, named in self.placed(start, end))
        return self._times_named[label]

    def around(self, place: int) -> Surroundings:
        """Return what is known of the paragraph at a place in the text."""
        label, start, end = self.paragraph_at(place)
        if label not in self._around:
            here = set(self.times_named_near(place))
            year = (self.day or dates.today()).year
            self._around[label] = Surroundings.of(self.paragraphs[label], here, self.places, year)
        return self._around[label]._replace(state=self._state_near(place))

    def _state_near(self, place: int) -> str:
        """Return the state named last before a place in the text, or else in the rest of its sentence, or ''."""
        number = bisect_left(self._states, (place,))
        if number:
            return self._states[number - 1][1]
        return self._states[0][1] if self._states and place >= self._first_with_state else ""

    @cached_property
    def _first_with_state(self) -> int:
        """The place of the first sentence that names a state."""
        before = self.text[: self._states[0][0]]
        return max((end.end() for end in re.finditer(r"[.?!]\s|\n", before)), default=0)

    def hit(
        self, start: int, end: int, action: str, kind: Kind, score: float, why: str
    ) -> FoundMention:
        """Return the mention between two places in the text."""
        label, first, _ = self.paragraph_at(start)
        words = self.text[start:end]
        return FoundMention(label, action, start - first, end - first, words, kind, score, (why,))

    def starts(self) -> Iterator[tuple[str, int]]:
        """Yield the label of each paragraph with its place in the text."""
        return zip(self._labels, self._starts, strict=False)

    def is_free(self, start: int, end: int) -> bool:
        """Return whether no number or name takes a place in the text."""
        return self.occupied.find(1, start, end) < 0

    def has_mention_behind(self, end: int) -> bool:
        """Return whether an action is surely named in the brackets behind a place in the text."""
        label, first, _ = self.paragraph_at(end)
        return (label, end + len(" (") - first) in self._named_at

    def shortened(self, name: str, start: int) -> str:
        """Return the only action of which the text before `start` has a name that ends with the words `name`, or ''; an article is before them."""
        if self.text[max(0, start - 4) : start].lower() != "the ":
            return ""
        before = {action for place, action in self._endings.get(alike(name), ()) if place < start}
        return before.pop() if len(before) == 1 else ""

    @cached_property
    def _endings(self) -> dict[str, list[tuple[int, str]]]:
        """The ends of the names that were found, each with the places and actions of these names."""
        starts, endings = dict(self.starts()), defaultdict(list)
        for item in self.mentions.values():
            words = alike(item.words).split(" ") if item.score > SURE else []
            for number in range(1, len(words)):
                place = starts[item.paragraph] + item.start
                endings[" ".join(words[number:])].append((place, item.action))
        return endings

    def take(self, start: int, end: int) -> None:
        """Mark a place in the text as that of a number or name."""
        self.occupied[start:end] = b"\1" * (end - start)

    def rule_out(self, start: int, end: int) -> str:
        """Note that an act that is not tracked is named at a place in the text, and return the label of the paragraph."""
        label, first, _ = self.paragraph_at(start)
        self.sure[label].append((start - first, end - first, ""))
        return label

    def put(self, mention: FoundMention) -> None:
        """Take in a mention; of one action in one paragraph the surest kind leads, and the reasons of both remain."""
        key = mention.paragraph, mention.action
        other = self.mentions.get(key)
        if other is None:
            self.mentions[key] = mention
            return
        first, second = sorted((mention, other), key=_rank, reverse=True)
        reasons = tuple(dict.fromkeys(first.reasons + second.reasons))
        score = max(first.score, second.score)
        self.mentions[key] = first._replace(score=score, reasons=reasons)

    def acts(self, label: str) -> list[str]:
        """Return the acts that a paragraph surely mentions, in their order."""
        named = {action for _, _, action in self.sure[label]}
        described = [
            (item.start, item.end, item.action)
            for (where, action), item in self.mentions.items()
            if where == label
            and item.score > SURELY_DESCRIBED
            and action not in named
            and item.kind is Kind.DESCRIPTION
        ]
        return [action for _, _, action in sorted([*self.sure[label], *described])]

    def name(self, mention: FoundMention) -> None:
        """Take in a mention by a number or a sure name."""
        self.put(mention)
        if mention.score > SURE:
            self.named.add(mention.action)
            self._named_at.add((mention.paragraph, mention.start))
            self.sure[mention.paragraph].append((mention.start, mention.end, mention.action))


def _rank(mention: FoundMention) -> tuple:
    likely = mention.score >= LIKELY
    return likely, mention.kind if likely else 0, mention.score, -mention.start


class _Limit:
    """The bounds on what is read of a document, and remarks on what was not read.

    The number of characters bounds the work, so that the same text gives the same answer; time is the last resort.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._ends = time.monotonic() + seconds
        self.remarks: list[str] = []

    def within(
        self, reading: _DocumentSearch, what: str, most: int
    ) -> Iterator[tuple[str, str, int]]:
        """Yield the paragraphs in which `what` is looked for, with their places: up to `most` characters in all, while there is time."""
        start = 0
        for label, text in reading.paragraphs.items():
            most -= len(text)
            if most < 0 or time.monotonic() > self._ends:
                why = "the text is too long" if most < 0 else f"{self._seconds:g} s are over"
                self.remarks.append(f"{what} were not looked for from paragraph {label} on: {why}")
                return
            yield label, text, start
            start += len(text) + 1

    def text(self, reading: _DocumentSearch, what: str) -> str:
        """Return the text in which `what` is looked for, at once: the paragraphs that have MOST_CHARACTERS in all."""
        if len(reading.text) <= MOST_CHARACTERS:
            return reading.text
        return "\n".join(text for _, text, _ in self.within(reading, what, MOST_CHARACTERS))


class Finder:
    """What finds the mentions of a knowledge base in documents. `anchor` is the score that a number or name must have for descriptions to be looked for, and for all to count in full."""

    def __init__(self, knowledge: RecordIndex, anchor: float = 0) -> None:
        self.knowledge = knowledge
        self._anchor = anchor
        self._numbers = Numbers(knowledge)
        self._names = Names(knowledge)
        self._descriptions = Descriptions(knowledge)
        knowledge.keep()

    @property
    def names(self) -> Iterator[str]:
        """The names and official numbers that are looked for as they are written, in lower case."""
        return chain(self._numbers.literals, self._names.keys())

    @property
    def number_patterns(self) -> Sequence[str]:
        """The regular expressions of the numbers that are looked for."""
        return [form.pattern.pattern for form in self._numbers.forms]

    def may_mention(self, text: str) -> bool:
        """Return whether a text has a number or what looks like a name of an action: the quick test for corpora."""
        return self._names.any_in(text) or self._numbers.any_in(text)

    def find(
        self,
        paragraphs: Mapping[str, str],
        day: date | None = None,
        kinds: frozenset[Kind] = frozenset(Kind) - {Kind.IDEA},
        seconds: float = MOST_SECONDS,
    ) -> SearchResult:
        """Return the mentions in the labelled `paragraphs` of a document of that day, and what was not looked at."""
        reading, limit = _DocumentSearch(paragraphs, day), _Limit(seconds)
        self._search_numbers(reading, limit.text(reading, "numbers"))
        self._search_names(reading)
        self._search_defined(reading)
        if reading.mentions:
            self._search_provisions(reading, limit.text(reading, "provisions"))
        order = {label: number for number, label in enumerate(paragraphs)}
        text = limit.text(reading, "untracked acts")
        acts = [act for _, act in sorted(self._untracked(reading, text))]
        is_sure = any(item.score >= self._anchor for item in reading.mentions.values())
        if kinds & {Kind.DESCRIPTION, Kind.IDEA} and (is_sure or not self._anchor):
            if day is None:
                limit.remarks.append(NO_DAY)
            named = frozenset(reading.named)
            likely = self._descriptions.likely(self._topic(reading), named)
            about = About(day, named, likely, reading.places, self._topic(reading), {}, [])
            for label, text, start in limit.within(reading, "descriptions", MOST_DESCRIBED):
                placed = reading.placed(start, start + len(text))
                matches = self._descriptions.search(
                    text, reading.sentences[label], placed, sorted(reading.sure[label]), about
                )
                self._search_descriptions(reading, label, matches)
                about.acts.extend(reading.acts(label))
        return SearchResult(self._mentions(reading, kinds, order), acts, limit.remarks)

    def _search_numbers(self, reading: _DocumentSearch, text: str) -> None:
        for match in self._numbers.search(text, reading.around):
            if match.action:
                reading.take(match.start, match.end)
                why = f"number {match.shown}"
                reading.name(
                    reading.hit(match.start, match.end, match.action, Kind.NUMBER, match.score, why)
                )
            else:
                reading.others.append(match)

    def _untracked(self, reading: _DocumentSearch, text: str) -> Iterator[tuple[int, Untracked]]:
        """Yield the acts with a number or a name that no record has, each with its place, and take it.

        What is in brackets behind the name of an act, a number or a name, is of the same act.
        """
        numbers = []
        # Of an action which the text numbers with the year, too: Law No. 132, 132/2025.
        dated = (_WITH_YEAR.search(item.words) for item in reading.mentions.values())
        known = {match[1] for match in dated if match}
        for match in reading.others:
            if reading.is_free(match.start, match.end):
                reading.take(match.start, match.end)
                if match.names_act and match.shown.rpartition(" ")[2] not in known:
                    numbers.append(match)
        ends = set()
        for start, act in untracked.named(text, reading.occupied, reading.paragraph_at):
            end = start + len(act.name)
            ends.add(end)
            # The Artificial Intelligence (AI) Act; the number of a footnote within a name.
            plain = re.sub(r" \([^)]*\)| \d{1,2}(?= [A-Z])", "", act.name)
            known = self._names.search(plain, reading.places) if plain != act.name else ()
            if match := next((match for match in known if match.score > SURE), None):
                why = f"{match.strength} “{plain}”"
                reading.name(reading.hit(start, end, match.action, Kind.ALIAS, match.score, why))
            elif action := self._descriptions.translated(act.name, reading.places - ENGLISH):
                why = f"other translation “{act.name}”"
                reading.name(reading.hit(start, end, action, Kind.NAME, TRANSLATED, why))
            elif action := reading.shortened(act.name, start):
                why = f"short for a name in the text: “{act.name}”"
                reading.name(reading.hit(start, end, action, Kind.ALIAS, SHORTENED, why))
            elif not reading.has_mention_behind(end):
                reading.rule_out(start, end)
                yield start, act
        for match in numbers:
            label = reading.rule_out(match.start, match.end)
            if reading.text[match.start - 1] != "(" or match.start - 2 not in ends:
                yield match.start, untracked.of_number(label, match)

    def _search_names(self, reading: _DocumentSearch) -> None:
        """Take in the names, those last that need another sign."""
        unsure = []
        matches = self._names.search(reading.text, reading.places)
        for match in self._without_namesakes(matches, reading):
            if match.end > reading.paragraph_at(match.start)[2]:
                continue  # from one paragraph into the next
            words = reading.text[match.start : match.end]
            kind, why = self._kind(match, words), f"{match.strength} “{words}”"
            mention = reading.hit(match.start, match.end, match.action, kind, match.score, why)
            is_short = match.strength is Strength.ACRONYM and len(words) <= _SHORT_ACRONYM
            if is_short or match.strength in _OF_MORE:
                unsure.append((match, mention))
            else:
                reading.take(match.start, match.end)
                reading.name(mention)
        for match, mention in unsure:
            if match.score > LIKELY and self._is_meant(reading, match):
                why = (*mention.reasons, "the document is about it")
                reading.take(match.start, match.end)
                reading.name(mention._replace(score=ABOUT, reasons=why))
            elif match.strength is not Strength.WHOLE:
                reading.take(match.start, match.end)
                reading.put(mention._replace(score=UNLIKELY))

    def _without_namesakes(
        self, matches: Iterable[NameMatch], reading: _DocumentSearch
    ) -> Iterator[NameMatch]:
        """Yield `matches`; of several actions with one name, those of the place and then of the day of the text remain likely."""
        for _, same in groupby(matches, key=lambda match: match[:2]):
            sharing = list(same)
            if len({match.action for match in sharing}) == 1:
                yield from sharing
                continue
            likely = self._of_the_place(sharing, reading)
            distances = {match: self._distance(match.action, reading.day) for match in likely}
            least = min(distances.values())
            near = self._so_called([item for item in likely if distances[item] == least], reading)
            for match in sharing:
                if match in near:
                    yield match
                else:
                    reading.namesakes.add((reading.paragraph_at(match.start)[0], match.action))
                    yield match._replace(score=match.score * NAMESAKE)

    def _so_called(self, sharing: list[NameMatch], reading: _DocumentSearch) -> list[NameMatch]:
        """Return those of the actions with one name that have it without a number behind it, or else all; of these, those that the document names by number, if any."""
        words = reading.text[sharing[0].start : sharing[0].end].casefold()
        so_called = [
            item
            for item in sharing
            if any(
                name.casefold().endswith(words)
                for name in self.knowledge.actions[item.action].names
            )
        ]
        numbered = [item for item in so_called or sharing if item.action in reading.named]
        return numbered or so_called or sharing

    def _of_the_place(self, sharing: list[NameMatch], reading: _DocumentSearch) -> list[NameMatch]:
        """Return those of the actions with one name whose place the paragraph, or else the document, names most often; all if it names none."""
        surest = max(match.score for match in sharing)
        sharing = [match for match in sharing if match.score > surest * SURE]
        places_of = {match: self.knowledge.actions[match.action].jurisdiction for match in sharing}
        here = reading.times_named_near(sharing[0].start)
        of_paragraph = any(here[place] for place in places_of.values())
        times_named = here if of_paragraph else reading.times_named
        most = max(times_named[place] for place in places_of.values())
        return [match for match in sharing if times_named[places_of[match]] == most]

    def _distance(self, action: str, day: date | None) -> int:
        """Return how many days lie between `day`, or today, and the events of an action; 0 if it is among them."""
        happenings = self.knowledge.actions[action].happenings
        if not happenings:
            return 0
        now = (day or dates.today()).toordinal()
        first = min(event.earliest for event in happenings)
        last = max(event.latest for event in happenings)
        return max(first - now, now - last, 0)

    def _search_defined(self, reading: _DocumentSearch) -> None:
        """Take in the short names that the text itself gives to the actions that it names: the “Act”."""
        named = [
            (start + first, start + last, action)
            for label, start in reading.starts()
            for first, last, action in reading.sure[label]
        ]
        short_names = definitions.defined(reading.text, named)
        for start, end, action in definitions.uses(reading.text, short_names):
            if reading.is_free(start, end):
                reading.take(start, end)
                why = f"defined in the text as “{reading.text[start:end]}”"
                reading.name(reading.hit(start, end, action, Kind.ALIAS, DEFINED, why))

    def _kind(self, match: NameMatch, words: str) -> Kind:
        """Return NAME for the title of an action or a long name, else ALIAS."""
        action = self.knowledge.actions[match.action]
        if action.is_idea:
            return Kind.IDEA
        long = match.strength is Strength.OFFICIAL and len(words.split()) >= _LONG_NAME
        official = long or words.casefold() == action.title.casefold()
        return Kind.NAME if official else Kind.ALIAS

    def _topic(self, reading: _DocumentSearch) -> Topic:
        """Return what the document is about."""
        if reading.topic is None:
            reading.topic = self._descriptions.topic(reading.sentences.values())
        return reading.topic

    def _is_meant(self, reading: _DocumentSearch, match: NameMatch) -> bool:
        """Return whether the document names the action of a short acronym or of the name of a whole act otherwise, or is about it or a part of it."""
        if match.action in reading.named:
            return True
        known = self.knowledge.actions[match.action]
        related = [match.action, *self.knowledge.parts.get(match.action, ())]
        topic = self._topic(reading)
        share = topic.scale * max(
            topic.shares.get(self.knowledge.actions[item].place, 0) for item in related
        )
        if match.strength in _OF_MORE:
            is_whole = match.strength is Strength.WHOLE
            in_time = is_whole or self._distance(match.action, reading.day) < IN_TIME
            return in_time and share > PART and topic.is_of_subject
        return share > (SHARE if places.belongs(known.jurisdiction, reading.places) else SURE)

    def _search_provisions(self, reading: _DocumentSearch, text: str) -> None:
        """Take in provisions that are actions, where their act is named."""
        for start, end, words, action in self._numbers.provisions_in(text):
            whole = self.knowledge.actions[action].part_of
            here = reading.mentions.get((reading.paragraph_at(start)[0], whole))
            if here and here.score > LIKELY:
                why = f"{words} of {whole}"
                reading.put(reading.hit(start, end, action, Kind.NUMBER, PROVISION, why))

    def _search_descriptions(
        self, reading: _DocumentSearch, label: str, matches: Iterable[DescriptionMatch]
    ) -> None:
        """Take in the descriptions in a paragraph."""
        text = reading.paragraphs[label]
        for match in matches:
            if (label, match.action) in reading.namesakes:
                continue
            idea = self.knowledge.actions[match.action].is_idea
            kind = Kind.IDEA if idea else Kind.DESCRIPTION
            words = text[match.start : match.end][:MOST_WORDS]
            reasons = ("similar words", *match.reasons)
            reading.put(
                FoundMention(
                    label,
                    match.action,
                    match.start,
                    match.end,
                    words,
                    kind,
                    match.score,
                    reasons,
                    match.runner_up,
                )
            )

    def _mentions(
        self, reading: _DocumentSearch, kinds: frozenset[Kind], order: Mapping[str, int]
    ) -> list[FoundMention]:
        """Return the mentions of `kinds` in the `order` of paragraphs; all count less if none is as sure as the anchor."""
        mentions = [item for item in reading.mentions.values() if item.kind in kinds]
        if max((item.score for item in mentions), default=0) < self._anchor:
            mentions = [
                item._replace(
                    score=item.score * UNANCHORED, reasons=(*item.reasons, "nothing else is sure")
                )
                for item in mentions
            ]
        mentions = [
            item._replace(score=round(item.score, 3)) for item in mentions if item.score >= FLOOR
        ]
        return sorted(mentions, key=lambda item: (order[item.paragraph], -item.score, item.action))
