"""The editorial rules: what good content has beyond being valid. A knowledge base sets the severity of each in about.toml.

A rule takes the knowledge base and yields findings, as in checks.py; the shares that about.toml may expect are counted here too.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from typing import NamedTuple

from policykb.files.knowledge import Facts, Knowledge
from policykb.model.problems import CODES, OFF, Finding, Problem, shown
from policykb.model.records import pattern_matcher
from policykb.model.vocabulary import (
    AGAINST,
    FINDINGS,
    FOR,
    JURISDICTION_KINDS,
    OFFICIAL_KINDS,
    OFFICIAL_TYPES,
    PARTS,
    STAGE_WITHOUT_EVENTS,
    UNFORESEEABLE,
)

At = tuple[Facts, Finding]

WITH_EVIDENCE = frozenset(term.id for term in FINDINGS if term.needs_evidence)
CODED = frozenset(term.id for term in JURISDICTION_KINDS if term.coded)
SUBDIVISIONS = frozenset(term.id for term in JURISDICTION_KINDS if term.part)
USED = frozenset({"organization", "jurisdiction", "topic"})


def sourced_actions(base: Knowledge) -> Iterator[At]:
    """E851: an action cites a document, or a document mentions it."""
    mentioned = {
        id
        for facts in base.facts
        if facts.mentions
        for pointer, id, _ in facts.references
        if pointer[0] == "mentions"
    }
    for facts in _records(base, "action"):
        if facts.id not in mentioned and not any(_sources(facts)):
            yield (
                facts,
                Finding(
                    "E851",
                    (),
                    "the action cites no document and no document mentions it",
                    facts.id,
                    'cite = [{ document = "..." }], in the record or in one of its events',
                ),
            )


def short_summaries(base: Knowledge) -> Iterator[At]:
    """E852: a summary has no more words than about.toml allows."""
    most = base.settings["longest_summary"]
    for facts in _records(base, "action"):
        if facts.words > most:
            yield (
                facts,
                Finding(
                    "E852",
                    ("summary",),
                    f"has {facts.words} words",
                    str(facts.words),
                    f"at most {most} words; details belong to events and notes",
                ),
            )


def official_texts(base: Knowledge) -> Iterator[At]:
    """E853: an adopted action has an official identifier or text, or one by a body with a part in it, or says why not."""
    official = _official_documents(base)
    authors = {facts.id: _organizations(facts, "authors") for facts in _records(base, "document")}
    for facts in _real_actions(base):
        bodies, sources = _organizations(facts, "bodies"), set(_sources(facts))
        own = any(not bodies.isdisjoint(authors.get(id, ())) for id in sources)
        if facts.statuses and not (
            own or facts.identifiers or facts.explained or not official.isdisjoint(sources)
        ):
            yield (
                facts,
                Finding(
                    "E853",
                    (),
                    "the action was adopted, but it has no official identifier and cites no official text",
                    facts.id,
                    "[identifiers], a citation of the official text, or an open question that says why there is none",
                ),
            )


def _organizations(facts: Facts, key: str) -> set[str]:
    """Return the organizations that a record names in its list `key`."""
    return {id for pointer, id, _ in facts.references if pointer[0] == key}


def findings_with_evidence(base: Knowledge) -> Iterator[At]:
    """E854: a finding that rests on evidence lists it."""
    for facts in _records(base, "claim"):
        if facts.category in WITH_EVIDENCE and not _has_evidence(facts):
            yield (
                facts,
                Finding(
                    "E854",
                    ("finding",),
                    f"'{facts.category}' needs evidence, but the claim lists none",
                    facts.category,
                    "at least one [[evidence]], or another finding",
                ),
            )


def reasoned_claims(base: Knowledge) -> Iterator[At]:
    """E855: a claim says why its finding is what it is, in a note or by evidence."""
    for facts in _records(base, "claim"):
        if not facts.explained and not _has_evidence(facts):
            yield (
                facts,
                Finding(
                    "E855",
                    (),
                    "the claim has neither a note nor evidence",
                    facts.id,
                    "a note that says why the finding is what it is, or [[evidence]]",
                ),
            )


def placed_provisions(base: Knowledge) -> Iterator[At]:
    """E856: a provision or recital that was adopted is part of an action."""
    for facts in _records(base, "action"):
        if facts.category in PARTS and facts.statuses and not facts.part_of:
            yield (
                facts,
                Finding(
                    "E856",
                    ("instrument",),
                    f"a {facts.category} belongs to an act, but this action has no part_of",
                    facts.category,
                    "part_of with the id of the act",
                ),
            )


def coded_jurisdictions(base: Knowledge) -> Iterator[At]:
    """E857: a country or subdivision has its ISO 3166 code."""
    for facts in _records(base, "jurisdiction"):
        if facts.category in CODED and not facts.coded:
            yield (
                facts,
                Finding(
                    "E857",
                    ("kind",),
                    f"a {facts.category} needs its ISO 3166 code",
                    facts.category,
                    "code, such as US or US-CA",
                ),
            )


def placed_subdivisions(base: Knowledge) -> Iterator[At]:
    """E858: a subdivision is part of a jurisdiction."""
    for facts in _records(base, "jurisdiction"):
        if facts.category in SUBDIVISIONS and not facts.part_of:
            yield (
                facts,
                Finding(
                    "E858",
                    ("kind",),
                    "a subdivision belongs to a country, but this one has no part_of",
                    facts.category,
                    "part_of with the id of the country",
                ),
            )


def used_entries(base: Knowledge) -> Iterator[At]:
    """E859: a record refers to every organization, jurisdiction and topic."""
    if not base.complete:
        return  # what a record refers to that could not be read is not known
    for facts in base.facts:
        if facts.kind in USED and facts.id not in base.used and not facts.withdrawn:
            yield (
                facts,
                Finding(
                    "E859",
                    (),
                    f"no record refers to this {facts.kind}",
                    facts.id,
                    f"a record that needs it, or no such {facts.kind}",
                ),
            )


def trusted_documents(base: Knowledge) -> Iterator[At]:
    """E860: a document does not come from a domain that about.toml distrusts."""
    distrusted = set(base.settings["distrusted"])
    if not distrusted:
        return
    for facts in _records(base, "document"):
        domain = facts.address and _listed_domain(facts.address, distrusted)
        if domain:
            yield (
                facts,
                Finding(
                    "E860",
                    ("url",),
                    f"about.toml lists '{domain}' as distrusted",
                    domain,
                    "a source that can be trusted",
                ),
            )


def _listed_domain(address: str, domains: set[str]) -> str:
    """Return the member of `domains` that the host of `address` is or lies under, or ''."""
    host = address.partition("/")[0].partition(":")[0]
    labels = host.split(".")
    parents = (".".join(labels[start:]) for start in range(len(labels)))
    return next((domain for domain in parents if domain in domains), "")


def sources_after_events(base: Knowledge) -> Iterator[At]:
    """E862: what nobody can know before its day has a source that is not older."""
    reaches = {facts.id: facts.reaches for facts in _records(base, "document")}
    for facts in _records(base, "action"):
        cited: dict[int, list[str | None]] = {}
        for pointer, id, kinds in facts.references:
            if pointer[0] == "events" and kinds == ("document",):
                cited.setdefault(pointer[1], []).append(reaches.get(id))
        for position, days in cited.items():
            kind, earliest = facts.dates[position]
            if kind in UNFORESEEABLE and all(day and day < earliest for day in days):
                yield (
                    facts,
                    Finding(
                        "E862",
                        ("events", position),
                        f"an event of type '{kind}' on {earliest} cannot be known from a source of {max(days)}",
                        max(days),
                        f"a source of {earliest} or later",
                    ),
                )


RULES: Mapping[str, Callable[[Knowledge], Iterator[At]]] = {
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
}


def editorial_rules(base: Knowledge) -> Iterator[Callable[[Knowledge], Iterator[At]]]:
    """Yield the rules that about.toml does not turn off; what they find has the severity that it sets."""
    if base.settings is None:
        return
    severities = dict(base.settings["severities"])
    for code, rule in RULES.items():
        severity = _severity(severities, code)
        if severity != OFF:
            yield _with_severity(rule, severity)


def _with_severity(
    rule: Callable[[Knowledge], Iterator[At]], severity: str
) -> Callable[[Knowledge], Iterator[At]]:
    @wraps(rule)
    def judge(base: Knowledge) -> Iterator[At]:
        for facts, finding in rule(base):
            yield facts, finding._replace(severity=severity)

    return judge


def _severity(severities: Mapping[str, str], code: str) -> str:
    return severities.get(code, CODES[code][0])


# E861 reads the text of a file, which is at hand only while the file is read.


class Shorthand(NamedTuple):
    """The patterns that no record may match, and the severity of a match."""

    patterns: tuple[str, ...]
    severity: str

    @classmethod
    def of(cls, facts: list[Facts]) -> "Shorthand | None":
        """Return what about.toml, whose facts are given, says of shorthand; None if nothing is looked for."""
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


def argued_actions(base: Knowledge) -> int:
    """Return how many real actions an argument supports or opposes, inherited stances left out."""
    supported, opposed = _sides(base)
    return len(supported | opposed)


def two_sided_actions(base: Knowledge) -> int:
    """Return how many real actions are argued from both sides, inherited stances left out."""
    supported, opposed = _sides(base)
    return len(supported & opposed)


def _sides(base: Knowledge) -> tuple[set[str], set[str]]:
    """Return the real actions that arguments support, and those that they oppose, by speakers who are known."""
    spoken = {facts.id for facts in _records(base, "document") if facts.names}
    real = {facts.id for facts in _real_actions(base)}
    supported: set[str] = set()
    opposed: set[str] = set()
    for facts in _records(base, "argument"):
        if facts.speakers or not spoken.isdisjoint(_sources(facts)):
            supported.update(action for action, stance in facts.stances if stance in FOR)
            opposed.update(action for action, stance in facts.stances if stance in AGAINST)
    return supported & real, opposed & real


def official_statuses(base: Knowledge) -> tuple[int, int]:
    """Return how many statuses that are adopted or in force an event with an official source decides, and how many there are.

    A status is that of the day of `as_of`, so that the share changes with the records and not with the clock.
    """
    official = _official_documents(base)
    part = whole = 0
    for facts in _real_actions(base):
        for start, end, position in facts.statuses:
            if start <= facts.as_of and (end is None or end > facts.as_of):
                whole += 1
                part += any(
                    id in official
                    for pointer, id, kinds in facts.references
                    if pointer[:2] == ("events", position) and kinds == ("document",)
                )
    return part, whole


def documents_with_authors(base: Knowledge) -> tuple[int, int]:
    """Return how many documents name an author, and how many there are."""
    documents = _records(base, "document")
    return sum(bool(facts.names) for facts in documents), len(documents)


COUNTS: Mapping[str, Callable[[Knowledge], int]] = {
    "argued_actions": argued_actions,
    "two_sided_actions": two_sided_actions,
}
SHARES: Mapping[str, tuple[Callable[[Knowledge], tuple[int, int]], str]] = {
    "official_statuses": (official_statuses, "statuses rest on an official source"),
    "documents_with_authors": (documents_with_authors, "documents name an author"),
}


def _records(base: Knowledge, kind: str) -> list[Facts]:
    """Return the facts of the valid records of `kind` that are not withdrawn."""
    return [
        facts for facts in base.facts if facts.kind == kind and facts.valid and not facts.withdrawn
    ]


def _real_actions(base: Knowledge) -> list[Facts]:
    """Return the actions that are acts of public bodies, not ideas or private conduct."""
    return [
        facts for facts in _records(base, "action") if facts.category not in STAGE_WITHOUT_EVENTS
    ]


def _sources(facts: Facts) -> Iterator[str]:
    """Yield the documents that a record cites or appears in."""
    return (id for _, id, kinds in facts.references if kinds == ("document",))


def _has_evidence(facts: Facts) -> bool:
    return any(pointer[0] == "evidence" for pointer, _, _ in facts.references)


def _official_documents(base: Knowledge) -> set[str]:
    """Return the documents that are official texts or records: by their type, or by the body that wrote or published them."""
    bodies = [facts for facts in _records(base, "organization") if facts.category in OFFICIAL_KINDS]
    names = {name.casefold() for facts in bodies for name in (facts.id, *facts.names) if name}
    return {
        facts.id
        for facts in _records(base, "document")
        if facts.category in OFFICIAL_TYPES
        or not names.isdisjoint(name.casefold() for name in (*facts.names, facts.publisher or ""))
    }
