"""The facts that rules for the whole knowledge base need of each record, and the catalogue of these facts."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import chain
from typing import Any, NamedTuple

from policykb.files.catalogue import CATEGORY, Catalogue, own_key
from policykb.files.reader import KINDS, Parsed
from policykb.model import event_ids, vocabulary
from policykb.model.addresses import address
from policykb.model.course import Course
from policykb.model.dates import span
from policykb.model.fields import Pointer, references, with_references
from policykb.model.identifiers import FINAL, identifiers, other_identifiers
from policykb.model.problems import Fault
from policykb.model.records import (
    About,
    Action,
    Argument,
    Claim,
    Document,
    Organization,
    is_id,
)

_SURE = frozenset(term.id for term in vocabulary.CONFIDENCES if term.sure)
_WEAK = frozenset(term.id for term in vocabulary.GRADES if term.weak)


class RecordFacts(NamedTuple):
    """The facts of one record, as plain data that can pass between processes.

    A pointer leads to a value inside the record, as in faults. Each kind of record has only some of the facts; an
    invalid record has only its references, and what its valid keys say of `withdrawn`, `as_of` and `identifiers`.
    """

    kind: str
    id: str
    path: str
    prefix: tuple  # the pointer to the record in its file
    valid: bool = True
    withdrawn: bool = False
    refers: tuple = ()  # `references` in one row, which takes a third of the memory
    category: str | None = None  # instrument, finding, type or kind
    as_of: str | None = None
    part_of: str | None = None
    # actions
    identifiers: tuple = ()  # (pointer, key in the catalogue, value); of persons too
    other_identifiers: tuple = ()  # (pointer, scheme, value) of schemes that not every knowledge base has
    binding: tuple = ()  # (first day, day after the last or None) of each time the action binds
    binds_from: str | None = None  # the first day on which it binds in whole, or else in part
    ends: tuple = ()  # (pointer, id) of the actions that it ends
    sure: bool = False  # its confidence needs a source that is not weak
    words: int = 0  # of the summary
    effect: str | None = None  # its kind
    dates: tuple = ()  # the type of each event, followed by its date
    statuses: tuple = ()  # (from, to, place of the event) of each time it is adopted or in force
    explained: bool = False  # it explains the lack of an official text; or a claim, its finding
    open_bills: tuple = ()  # (pointer, identifier) of bills of Congress that are neither law nor ended
    former: tuple = ()  # (pointer, former id) of events whose former id names another action
    events: tuple = ()  # every id and former id of the events
    # arguments and claims
    supports: tuple = ()  # ids of arguments
    stances: tuple = ()  # (action, stance), without inherited stances
    speakers: tuple = ()  # (pointer, document, name)
    phrases: tuple = ()  # (pointer, document, locator, words); of mentions in documents too
    # documents, organizations, jurisdictions
    address: str | None = None
    names: tuple = ()  # of the authors of a document, or the name and short name of an organization
    publisher: str | None = None
    reaches: str | None = None  # the date up to whose last day a document can report
    weak: bool = False  # the grade of a document says that it reports what others say
    mentions: bool = False  # whether a document mentions an action
    text: tuple | None = None  # the hash and the rule of the text that was read
    coded: bool = False  # whether a jurisdiction has a code
    # redirects and about.toml
    leads_to: str | None = None
    expectations: tuple = ()  # (name, least number)
    effects: tuple = ()  # the kinds that about.toml declares
    schemes: tuple = ()  # the schemes of identifiers that about.toml declares
    texts: tuple = ()  # (key, text)
    settings: tuple = ()  # (key, value)

    @property
    def references(self) -> Iterator[tuple[tuple, str, tuple[str, ...]]]:
        """Yield each reference: its pointer, the id, and the kinds that the id may have."""
        parts = iter(self.refers)
        return zip(parts, parts, parts, strict=True)

    def fault(self, code: str, pointer: tuple, *texts: str) -> "At":
        """Return a fault in this record; `texts` are the message, value, expected and nearest of `Fault`."""
        return self, Fault(code, pointer, *texts)

    @property
    def place(self) -> str:
        """Return the path of the file, and the id of a record in a table."""
        return f"{self.path}#{self.id}" if self.prefix else self.path

    @property
    def upward(self) -> tuple[str, ...]:
        """Return the ids of what it is part of and of what it supports; no path of these may lead back to it."""
        return (*self.supports, self.part_of) if self.part_of else self.supports

    def links(self) -> "Links":
        """Return how the record leads to others: see `Links`."""
        keys = [key for _, key, _ in self.identifiers]
        keys += [self.address] if self.address else []
        for _, name in self.former:
            keys += [name, name.partition("#")[0]]
        targets = {target: None for _, target, _ in self.references if target != self.id}
        references = () if self.kind == "redirect" else (*targets,)
        mentions = self.targets("mentions") if self.mentions else ()
        return self.as_of, tuple(keys), references, tuple(mentions)

    def targets(self, key: str) -> set[str]:
        """Return the ids to which the record refers in its list `key`."""
        return {target for pointer, target, _ in self.references if pointer[0] == key}


# How a record leads to others, as plain data: its as_of; the keys that a rule compares with those of other records,
# among them former ids of events of other actions, with these actions; the other ids to which it refers, unless it is a
# redirect; and the actions that a document mentions.
Links = tuple[str | None, tuple, tuple[str, ...], tuple[str, ...]]
At = tuple[RecordFacts, Fault]
Rule = Callable[["Knowledge"], Iterator[At]]


class Knowledge(Catalogue):
    """The catalogue of all facts, for rules. `today` is ISO text.

    After a small change it has the facts of some records only: `facts` of those to judge, and `known` of the records to
    which they refer too. `links` are always those of all records, by their place, and so are `counts` and `tallies`.
    """

    def __init__(self, today: str, links: Mapping[str, Links] | None = None) -> None:
        super().__init__()
        self.today = today
        self.facts: list[RecordFacts] = []
        self.known: list[RecordFacts] = []
        self._links = links
        self.repeated: list[tuple[RecordFacts, RecordFacts]] = []
        self.counts: dict[str, int] = {}
        self.tallies: dict[str, tuple] = {}  # what each record adds to the shares, by its place
        self.about: RecordFacts | None = None
        self._folded: dict[str, RecordFacts] = {}  # of the ids that are not in lower case

    def add(self, facts: RecordFacts, to_judge: bool = True) -> None:
        """Add the facts of one record."""
        if facts.kind == "about":
            self.about = facts
            return
        if not facts.id:
            self.unread.add(facts.kind)
            return
        self.known.append(facts)
        if to_judge:
            self.facts.append(facts)
        self.counts[facts.kind] = self.counts.get(facts.kind, 0) + 1
        if facts.kind == "redirect":
            self.redirects[facts.id] = facts
            return
        folded = facts.id.casefold()
        first = self._folded.get(folded) or self.entries.get(folded)
        if first:
            self.repeated.append((facts, first))
        if folded != facts.id:
            self._folded.setdefault(folded, facts)
        self.entries.setdefault(facts.id, facts)

    @property
    def settings(self) -> dict[str, Any] | None:
        """Return the settings for the editorial rules in about.toml; None if about.toml is invalid."""
        return dict(self.about.settings) if self.about and self.about.valid else None

    # Use the following after all records are added.

    def links(self) -> Iterable[tuple[str, Links]]:
        """Return the place of each record, and how it leads to others; not kept, since it takes much memory."""
        if self._links is not None:
            return self._links.items()
        return ((facts.place, facts.links()) for facts in self.known)

    @cached_property
    def _linked(self) -> tuple[set[str], set[str], set[str]]:
        """Return the ids to which another record refers, those that documents mention, and every as_of."""
        used, mentioned, days = set(), set(), set()
        for _, (as_of, _, targets, actions) in self.links():
            used.update(targets)
            mentioned.update(actions)
            days.add(as_of or "")
        return used, mentioned, days

    @property
    def used(self) -> set[str]:
        """Return the ids to which another record refers."""
        return self._linked[0]

    @cached_property
    def uses(self) -> Counter[str]:
        """Return how many records refer to each id."""
        return Counter(chain.from_iterable(targets for _, (_, _, targets, _) in self.links()))

    @property
    def mentioned(self) -> set[str]:
        """Return the ids of the actions that documents mention."""
        return self._linked[1]

    @property
    def newest(self) -> str:
        """Return the latest as_of of all records, '' if there is none."""
        return max(self._linked[2], default="")

    @cached_property
    def known_until(self) -> str:
        """Return the latest as_of of all records that is not in the future, '' if there is none."""
        return max((day for day in self._linked[2] if day <= self.today), default="")

    @cached_property
    def complete(self) -> bool:
        """Return whether every record is valid, so that all references are known."""
        return not self.unread and all(facts.valid for facts in self.known)

    @cached_property
    def _to_judge(self) -> dict[str, list[RecordFacts]]:
        return _by_kind(self.facts)

    @cached_property
    def _known(self) -> dict[str, list[RecordFacts]]:
        return _by_kind(self.known)

    def records(self, kind: str) -> list[RecordFacts]:
        """Return the facts of the records of `kind` to judge that are valid and not withdrawn."""
        return self._to_judge.get(kind, [])

    def known_records(self, kind: str) -> list[RecordFacts]:
        """Return the same of all records that are known."""
        return self._known.get(kind, [])


def _by_kind(all_facts: list[RecordFacts]) -> dict[str, list[RecordFacts]]:
    by_kind: dict[str, list[RecordFacts]] = {}
    for facts in all_facts:
        if facts.valid and not facts.withdrawn:
            by_kind.setdefault(facts.kind, []).append(facts)
    return by_kind


def facts(item: Parsed, course: Course | None = None) -> RecordFacts:
    """Return the facts of a record; `course` is that of an action."""
    if item.record is None:
        return _invalid(item)
    kind, record_id, path, prefix, record = item[:5]
    values = vars(record)
    own = _OF_KIND[kind](record, record_id, course) if kind in _OF_KIND else {}
    return RecordFacts(
        kind,
        record_id,
        path,
        prefix,
        withdrawn=values.get("withdrawn") is not None,
        refers=tuple(chain.from_iterable(references(record))),
        category=values.get(CATEGORY.get(kind)),
        as_of=values.get("as_of"),
        part_of=values.get("part_of"),
        coded=values.get("code") is not None,
        **own,
    )


def _invalid(item: Parsed) -> RecordFacts:
    """Return the facts of an invalid record: those of its valid keys that other records are compared with."""
    refers: list[object] = []

    def collect(pointer: Pointer, value: object, kinds: tuple[str, ...]) -> object:
        if isinstance(value, str) and is_id(value):
            refers.extend((pointer, value, kinds))
        return value

    with_references(KINDS[item.kind][0], item.content, collect)
    rest = item.rest() if item.content else None
    values = vars(rest) if rest else {}
    own = {}
    if item.kind == "action" and "identifiers" in values:
        own["identifiers"] = tuple(_own_identifiers(item.id, values, identifiers(rest)))
    return RecordFacts(
        *item[:4],
        valid=False,
        withdrawn=values.get("withdrawn") is not None,
        refers=tuple(refers),
        as_of=values.get("as_of"),
        **own,
    )


def _about(about: About, record_id: str, course: None) -> dict[str, Any]:
    return {
        "expectations": tuple(about.expectations.items()),
        "effects": tuple(kind.id for kind in about.effects.kinds) if about.effects else (),
        "schemes": about.schemes,
        "texts": tuple(_texts(about)),
        "settings": (
            ("severities", tuple(about.severities.items())),
            ("longest_summary", about.longest_summary),
            ("distrusted", tuple(about.distrusted)),
            ("shorthand", tuple(about.shorthand)),
        ),
    }


def _texts(about: About) -> Iterator[tuple[str, str]]:
    """Yield the facts about the knowledge base for kb.db: its texts, and each list in one text."""
    yield from ((key, value) for key, value in about if isinstance(value, str))
    if about.editors:
        yield "editor_names", "; ".join(about.editors)
    if about.effects:
        yield "effect_on", about.effects.on
    if about.effects and about.effects.spared:
        yield "effect_spared", about.effects.spared
    if about.searches:
        yield "searches", "\n".join(about.searches)
    if about.coverage:
        searches = [search.model_dump(exclude_none=True) for search in about.coverage]
        yield "coverage", json.dumps(searches, ensure_ascii=False)


def _action(action: Action, record_id: str, course: Course) -> dict[str, Any]:
    return {
        "identifiers": tuple(_own_identifiers(record_id, vars(action), course.identifiers)),
        "other_identifiers": other_identifiers(course.identifiers),
        "sure": action.confidence in _SURE,
        "words": len(action.summary.split()),
        "effect": action.effect and action.effect.kind,
        "dates": tuple(part for event in action.events for part in (event.type, event.date)),
        "statuses": tuple(_statuses(course)),
        "explained": bool(action.identifiers or action.official_text or action.no_official_text)
        or any(map(vocabulary.names_official_text, _remarks(action))),
        "ends": tuple(
            (("relations", place, "action"), relation.action)
            for place, relation in enumerate(action.relations)
            if relation.type in vocabulary.ENDING_RELATIONS
        ),
        "open_bills": tuple(_open_bills(course)),
        "events": (*{*event_ids.keys(course.names), *event_ids.used(course.names)},),
        "former": tuple(
            (("events", place, "former_ids", position), name)
            for place, event in enumerate(action.events)
            for position, name in enumerate(event.former_ids)
            if "#" in name
        ),
    } | _binding(course)


def _organization(organization: Organization, record_id: str, course: None) -> dict[str, Any]:
    ids = [(scheme, getattr(organization, scheme)) for scheme in vocabulary.PERSON_IDS]
    return {
        "identifiers": tuple(((key,), (key, value), value) for key, value in ids if value),
        "names": (organization.name, organization.short_name),
    }


def _argument(argument: Argument, record_id: str, course: None) -> dict[str, Any]:
    return dict(
        _placed(argument),
        supports=tuple(
            relation.argument
            for relation in argument.relations
            if relation.type not in vocabulary.ANSWERS
        ),
        stances=tuple(
            (stance.action, stance.stance) for stance in argument.stances if not stance.inherited
        ),
    )


def _placed(record: Argument | Claim) -> dict[str, Any]:
    """Return the speakers and the locating words of the appearances of a record."""
    places = [(("appearances", place), at) for place, at in enumerate(record.appearances)]
    return {
        "speakers": tuple(
            ((*pointer, "by", position), at.document, name)
            for pointer, at in places
            for position, name in enumerate(at.by)
        ),
        "phrases": tuple(
            ((*pointer, "words"), at.document, at.locator, at.words)
            for pointer, at in places
            if at.words
        ),
    }


def _document(document: Document, record_id: str, course: None) -> dict[str, Any]:
    names = [name for author in document.authors for name in (author.family, author.organization)]
    rule = document.text_rule
    return {
        "reaches": reaches(document.type, document.issued, document.accessed),
        "publisher": document.publisher,
        "address": document.url and address(document.url),
        "weak": document.grade in _WEAK,
        "mentions": bool(document.mentions),
        "names": tuple(filter(None, names)),
        "phrases": tuple(
            (("mentions", place, "words"), record_id, mention.locator, mention.words)
            for place, mention in enumerate(document.mentions)
            if mention.words
        ),
        "text": (document.text_sha256, rule.blocks, tuple(rule.skip))
        if document.text_sha256 and rule
        else None,
    }


_OF_KIND: dict[str, Callable[..., dict[str, Any]]] = {
    "about": _about,
    "action": _action,
    "argument": _argument,
    "claim": lambda claim, *_: _placed(claim) | {"explained": claim.note is not None},
    "document": _document,
    "organization": _organization,
    "redirect": lambda redirect, *_: {"leads_to": redirect.to},
}


def _own_identifiers(
    record_id: str, values: Mapping[str, Any], known: Iterable[tuple]
) -> Iterator[tuple]:
    for pointer, scheme, value in known:
        if key := own_key(record_id, values, scheme, value):
            yield pointer, key, value


def _statuses(course: Course) -> Iterator[tuple[str | None, str | None, int]]:
    for period in course.periods:
        if period.event and (
            period.stage == vocabulary.ADOPTED or period.legal_force in vocabulary.HOLDING
        ):
            yield period.from_date, period.to_date, course.places[period.event]


def _binding(course: Course) -> dict[str, Any]:
    """Return the times in which an action binds, and the first day on which it binds in whole, or else in part."""
    bound = [period for period in course.periods if period.legal_force in vocabulary.BINDING]
    whole = [period for period in bound if period.legal_force == vocabulary.IN_FORCE]
    first = next(iter([*whole, *bound]), None)
    return dict(
        binding=tuple((period.from_date, period.to_date) for period in bound),
        binds_from=max(first.from_date, first.from_latest) if first else None,
    )


def _remarks(action: Action) -> Iterator[str]:
    """Yield the open questions and the notes of citations."""
    yield from action.open_questions
    effects = [action.effect] if action.effect else []
    for cites in (action.cite, *(part.cite for part in (*effects, *action.events))):
        yield from (cite.note for cite in cites if cite.note)


def _open_bills(course: Course) -> Iterator[tuple[tuple, str]]:
    if not course.periods or course.periods[-1].stage in FINAL:
        return
    for pointer, scheme, value in course.identifiers:
        if scheme == "us_bill" and vocabulary.identifier_match(scheme, value):
            yield pointer, value


def reaches(document_type: str, issued: str | None, accessed: str | None) -> str | None:
    """Return the date up to whose last day a document can report: its publication or, if it is updated, its access."""
    if not issued:
        return None
    updated = accessed if document_type in vocabulary.UPDATED_TYPES else None
    return max(filter(None, (issued, updated)), key=last_day)


def last_day(date: str) -> str:
    """Return the last day of a date, as ISO text."""
    return span(date).latest
