"""The editorial rules: what good content needs in addition to being valid. about.toml sets the severity of each rule.

A rule has the form of those in base_rules.py. The counts and shares that about.toml may expect are computed here too.
"""

from collections.abc import Iterator, Mapping
from functools import wraps
from typing import NamedTuple

from policykb.checks.facts import At, Knowledge, RecordFacts, Rule, last_day
from policykb.model import vocabulary
from policykb.model.dates import span
from policykb.model.problems import CODES, OFF, Problem, shown
from policykb.model.records import pattern_matcher

WITH_EVIDENCE = frozenset(term.id for term in vocabulary.FINDINGS if term.needs_evidence)
CODED = frozenset(term.id for term in vocabulary.JURISDICTION_KINDS if term.coded)
SUBDIVISIONS = frozenset(term.id for term in vocabulary.JURISDICTION_KINDS if term.part)
USED = ("organization", "jurisdiction", "topic")


def sourced_actions(base: Knowledge) -> Iterator[At]:
    """E851: an action cites a document, or a document mentions it."""
    for facts in base.records("action"):
        if facts.id not in base.mentioned and not any(_sources(facts)):
            message = "the action cites no document and no document mentions it"
            expected = 'cite = [{ document = "..." }], in the record or in one of its events'
            yield facts.fault("E851", (), message, facts.id, expected)


def short_summaries(base: Knowledge) -> Iterator[At]:
    """E852: a summary has no more words than about.toml allows."""
    most = base.settings["longest_summary"]
    expected = f"at most {most} words; details belong to events and notes"
    for facts in base.records("action"):
        if facts.words > most:
            message = f"has {facts.words} words"
            yield facts.fault("E852", ("summary",), message, str(facts.words), expected)


def official_texts(base: Knowledge) -> Iterator[At]:
    """E853: an adopted action has an official identifier or text, or a text by one of its bodies, or explains the lack."""
    official = _official_documents(base)
    documents = base.known_records("document")
    authors = {facts.id: facts.targets("authors") for facts in documents}
    for facts in _real_actions(base.records("action")):
        if not facts.statuses or facts.identifiers or facts.explained:
            continue
        bodies, sources = facts.targets("bodies"), set(_sources(facts))
        by_body = any(not bodies.isdisjoint(authors.get(source, ())) for source in sources)
        if not by_body and official.isdisjoint(sources):
            message = "the action was adopted, but it has no official identifier and cites no official text"
            expected = "[identifiers], a citation of the official text, or an open question that says why there is none"
            yield facts.fault("E853", (), message, facts.id, expected)


def findings_with_evidence(base: Knowledge) -> Iterator[At]:
    """E854: a finding that rests on evidence lists it."""
    for facts in base.records("claim"):
        if facts.category in WITH_EVIDENCE and not facts.targets("evidence"):
            message = f"'{facts.category}' needs evidence, but the claim lists none"
            expected = "at least one [[evidence]], or another finding"
            yield facts.fault("E854", ("finding",), message, facts.category, expected)


def independent_evidence(base: Knowledge) -> Iterator[At]:
    """E863: a finding that rests on evidence has a source beside the documents that make the claim."""
    for facts in base.records("claim"):
        evidence = facts.targets("evidence")
        if (
            facts.category in WITH_EVIDENCE
            and evidence
            and evidence <= facts.targets("appearances")
        ):
            message = "all evidence is in documents that make the claim, so it supports itself"
            expected = "evidence in another document, or another finding"
            yield facts.fault("E863", ("evidence",), message, facts.category, expected)


def reasoned_claims(base: Knowledge) -> Iterator[At]:
    """E855: a note or evidence explains the finding of a claim."""
    for facts in base.records("claim"):
        if not facts.explained and not facts.targets("evidence"):
            message = "the claim has neither a note nor evidence"
            expected = "a note that says why the finding is what it is, or [[evidence]]"
            yield facts.fault("E855", (), message, facts.id, expected)


def placed_provisions(base: Knowledge) -> Iterator[At]:
    """E856: a provision or recital that was adopted is part of an action."""
    for facts in base.records("action"):
        if facts.category in vocabulary.PARTS and facts.statuses and not facts.part_of:
            message = f"a {facts.category} belongs to an act, but this action has no part_of"
            expected = "part_of with the id of the act"
            yield facts.fault("E856", ("instrument",), message, facts.category, expected)


def coded_jurisdictions(base: Knowledge) -> Iterator[At]:
    """E857: a country or subdivision has its ISO 3166 code."""
    for facts in base.records("jurisdiction"):
        if facts.category in CODED and not facts.coded:
            message = f"a {facts.category} needs its ISO 3166 code"
            expected = "code, such as US or US-CA"
            yield facts.fault("E857", ("kind",), message, facts.category, expected)


def placed_subdivisions(base: Knowledge) -> Iterator[At]:
    """E858: a subdivision is part of a jurisdiction."""
    for facts in base.records("jurisdiction"):
        if facts.category in SUBDIVISIONS and not facts.part_of:
            message = "a subdivision belongs to a country, but this one has no part_of"
            expected = "part_of with the id of the country"
            yield facts.fault("E858", ("kind",), message, facts.category, expected)


def used_entries(base: Knowledge) -> Iterator[At]:
    """E859: a record refers to every organization, jurisdiction and topic."""
    if not base.complete:
        return  # an unreadable record may refer to an entry
    for kind in USED:
        for facts in base.records(kind):
            if facts.id not in base.used:
                message = f"no record refers to this {kind}"
                expected = f"a record that needs it, or no such {kind}"
                yield facts.fault("E859", (), message, facts.id, expected)


def trusted_documents(base: Knowledge) -> Iterator[At]:
    """E860: a document does not come from a domain that about.toml distrusts."""
    distrusted = set(base.settings["distrusted"])
    for facts in base.records("document") if distrusted else ():
        domain = facts.address and _listed_domain(facts.address, distrusted)
        if domain:
            message = f"about.toml lists '{domain}' as distrusted"
            yield facts.fault("E860", ("url",), message, domain, "a source that can be trusted")


def _listed_domain(address: str, domains: set[str]) -> str:
    """Return the member of `domains` that the host of `address` is or lies under, or ''."""
    labels = address.partition("/")[0].partition(":")[0].split(".")
    parents = (".".join(labels[start:]) for start in range(len(labels)))
    return next((domain for domain in parents if domain in domains), "")


def sources_after_events(base: Knowledge) -> Iterator[At]:
    """E862: an event that cannot be foreseen has a source that is not older than the event."""
    reaches = {facts.id: facts.reaches for facts in base.known_records("document")}
    for facts in base.records("action"):
        for place, sources in _sources_by_event(facts).items():
            event_type, date = facts.dates[2 * place : 2 * place + 2]
            days = [reaches.get(source) for source in sources]
            if event_type not in vocabulary.UNFORESEEABLE or None in days:
                continue
            latest = max(days, key=last_day)
            if last_day(latest) < span(date).earliest:
                message = f"an event of type '{event_type}' on {date} cannot be known from a source of {latest}"
                expected = f"a source of {date} or later"
                yield facts.fault("E862", ("events", place), message, latest, expected)


def justified_confidence(base: Knowledge) -> Iterator[At]:
    """E864: an action of high confidence cites a document that is neither relayed nor a repost."""
    weak = {facts.id for facts in base.known_records("document") if facts.weak}
    for facts in base.records("action"):
        sources = set(_sources(facts))
        if facts.sure and sources and sources <= weak:
            message = "the confidence is high, but all sources are reposts or known through others"
            expected = "a source that was read and is no repost, or less confidence"
            yield facts.fault("E864", ("confidence",), message, facts.id, expected)


RULES: Mapping[str, Rule] = {
    "E851": sourced_actions,
    "E852": short_summaries,
    "E853": official_texts,
    "E854": findings_with_evidence,
    "E855": reasoned_claims,
    "E856": placed_provisions,
    "E857": coded_jurisdictions,
    "E858": placed_subdivisions,
    "E859": used_entries,
    "E860": trusted_documents,
    "E862": sources_after_events,
    "E863": independent_evidence,
    "E864": justified_confidence,
}


def editorial_rules(base: Knowledge) -> Iterator[Rule]:
    """Yield the rules that about.toml does not turn off; their faults have the severity set there."""
    if base.settings is None:
        return
    severities = dict(base.settings["severities"])
    for code, rule in RULES.items():
        severity = _severity(severities, code)
        if severity != OFF:
            yield _with_severity(rule, severity)


def _with_severity(rule: Rule, severity: str) -> Rule:
    @wraps(rule)
    def judge(base: Knowledge) -> Iterator[At]:
        for facts, fault in rule(base):
            yield facts, fault._replace(severity=severity)

    return judge


def _severity(severities: Mapping[str, str], code: str) -> str:
    return severities.get(code, CODES[code].severity)


# E861 needs the text of a file, so it runs while the file is read.


class Shorthand(NamedTuple):
    """The patterns that no record may match, and the severity of a match."""

    patterns: tuple[str, ...]
    severity: str

    @classmethod
    def of(cls, facts: list[RecordFacts]) -> "Shorthand | None":
        """Return the shorthand of about.toml from its `facts`; None if there is nothing to look for."""
        settings = dict(facts[0].settings) if facts else {}
        severity = _severity(dict(settings.get("severities", ())), "E861")
        patterns = settings.get("shorthand", ())
        return cls(patterns, severity) if patterns and severity != OFF else None


def check_text(path: str, data: bytes, shorthand: Shorthand) -> Iterator[Problem]:
    """E861: no line of a file matches a pattern of shorthand."""
    text = data.decode(errors="replace")
    for pattern in shorthand.patterns:
        matches = pattern_matcher(pattern)
        if not matches(text):
            continue
        for number, line in enumerate(text.split("\n"), 1):
            if matches(line):
                word = next(filter(matches, line.split()), line.strip())
                yield Problem(
                    path,
                    number,
                    "E861",
                    "",
                    f"'{shown(word)}' matches '{shown(pattern)}', a pattern of shorthand in about.toml",
                    shown(word),
                    "words that every reader knows",
                    severity=shorthand.severity,
                )


# The shares


class Tally(NamedTuple):
    """What a record adds to the counts and shares.

    An action: how many of its statuses "adopted" or "in force" rest on an official source, and how many it has, on the
    day of `as_of`, so that a share changes with the records and not with the clock. A document: whether it names an
    author, and 1. An argument by speakers who are known: the real actions that it supports and opposes, inherited
    stances left out.
    """

    kind: str
    part: int = 0
    whole: int = 0
    supported: tuple[str, ...] = ()
    opposed: tuple[str, ...] = ()


def tallies(base: Knowledge) -> dict[str, Tally]:
    """Return the tallies of the records to judge by their places; none if about.toml expects no count or share of them."""
    if not base.about or not any(
        name in COUNTS or name in SHARES for name, _ in base.about.expectations
    ):
        return {}
    official = _official_documents(base)
    by_place: dict[str, Tally] = {}
    for facts in _real_actions(base.records("action")):
        rests = list(_rests_on_official(facts, official))
        by_place[facts.place] = Tally("action", sum(rests), len(rests))
    for facts in base.records("document"):
        by_place[facts.place] = Tally("document", bool(facts.names), 1)
    spoken = {facts.id for facts in base.known_records("document") if facts.names}
    real = {facts.id for facts in _real_actions(base.known_records("action"))}
    for facts in base.records("argument"):
        if facts.speakers or not spoken.isdisjoint(_sources(facts)):
            sides = [
                tuple(
                    action for action, stance in facts.stances if stance in side and action in real
                )
                for side in (vocabulary.FOR, vocabulary.AGAINST)
            ]
            by_place[facts.place] = Tally("argument", 0, 0, *sides)
    return by_place


def _rests_on_official(action: RecordFacts, official: set[str]) -> Iterator[bool]:
    """Yield whether each status of an action on the day of `as_of` rests on an event with an official source."""
    sources = _sources_by_event(action)
    for start, end, place in action.statuses:
        if start <= action.as_of and (end is None or end > action.as_of):
            yield not official.isdisjoint(sources.get(place, ()))


def sides(base: Knowledge) -> tuple[set[str], set[str]]:
    """Return the real actions that arguments support, and those that they oppose, by speakers who are known."""
    all_tallies = base.tallies.values()
    supported = {action for tally in all_tallies for action in tally.supported}
    return supported, {action for tally in all_tallies for action in tally.opposed}


def share(base: Knowledge, kind: str) -> tuple[int, int]:
    """Return the sums of the parts and of the wholes in the tallies of records of `kind`."""
    of_kind = [tally for tally in base.tallies.values() if tally.kind == kind]
    return sum(tally.part for tally in of_kind), sum(tally.whole for tally in of_kind)


# How the two `sides` give what about.toml can expect to be counted: the actions of either side, and those of both.
COUNTS = {"argued_actions": set.union, "two_sided_actions": set.intersection}
# What about.toml can expect to be shares: the kind of the records with the tallies, and what is counted, in words.
SHARES = {
    "official_statuses": ("action", "statuses rest on an official source"),
    "documents_with_authors": ("document", "documents name an author"),
}


def _real_actions(actions: list[RecordFacts]) -> list[RecordFacts]:
    """Return those of `actions` that are acts of public bodies, not ideas or private conduct."""
    return [facts for facts in actions if facts.category not in vocabulary.STAGE_WITHOUT_EVENTS]


def _sources(facts: RecordFacts) -> Iterator[str]:
    """Yield the documents that a record cites or appears in."""
    return (target for _, target, kinds in facts.references if kinds == ("document",))


def _sources_by_event(facts: RecordFacts) -> dict[int, list[str]]:
    """Return the documents that the events of an action cite, by the place of the event."""
    sources: dict[int, list[str]] = {}
    for pointer, target, kinds in facts.references:
        if pointer[0] == "events" and kinds == ("document",):
            sources.setdefault(pointer[1], []).append(target)
    return sources


def _official_documents(base: Knowledge) -> set[str]:
    """Return the documents that are official by their type, or by the body that wrote or published them."""
    bodies = [
        facts
        for facts in base.records("organization")
        if facts.category in vocabulary.OFFICIAL_KINDS
    ]
    names = {name.casefold() for facts in bodies for name in (facts.id, *facts.names) if name}
    return {
        facts.id
        for facts in base.known_records("document")
        if facts.category in vocabulary.OFFICIAL_TYPES
        or not names.isdisjoint(name.casefold() for name in (*facts.names, facts.publisher or ""))
    }
