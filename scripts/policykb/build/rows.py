"""A record -> the rows it becomes in kb.db, in the column order of schema.sql.

Functions of one record, and of the names of organizations; what needs other records is left to views. Rows are
plain tuples, so that they pass cheaply between processes.
"""

import json
from collections.abc import Callable

from policykb.model import event_ids, vocabulary
from policykb.model.course import Course
from policykb.model.dates import span
from policykb.model.event_ids import identifiers
from policykb.model.records import (
    Action,
    Appearance,
    Argument,
    Author,
    Cite,
    Claim,
    Document,
    Event,
    Jurisdiction,
    Organization,
    Record,
    Redirect,
    Topic,
)
from policykb.model.status import Happening
from policykb.text import characters

Rows = dict[str, list[tuple]]
EVENT_LABELS = {kind.id: kind.label for kind in vocabulary.EVENT_TYPES}


# The most of a record that search looks through, in characters; a service must be able to read any row.
MOST_SEARCHED = 20_000
MOST_APART = 6_000  # of these, set apart: seven bytes for a character in text and index
FIRST_DAY = "0001-01-01"


def add_rows(
    rows: Rows,
    kind: str,
    id: str,
    record: Record | Redirect,
    path: str,
    names: dict[str, str],
    course: Course | None,
) -> None:
    """Add the rows of a record to `rows`, by table. `names` are the names of organizations by id; `course` is that of an action."""
    if course:
        _action(rows, id, record, course)
    else:
        _WRITERS[kind](rows, id, record, names)
    if kind != "redirect":
        title, words = _SEARCHED[kind](record)
        text = "\n".join(filter(None, words))[:MOST_SEARCHED]
        apart = characters(f"{title} {text[:MOST_APART]}")
        rows["records"].append((None, id, kind, title, text, apart, path))


def author_name(author: Author, names: dict[str, str]) -> str:
    """The name of an author as shown: given and family name, or the name of the organization."""
    if author.family or author.given:
        return " ".join(filter(None, (author.given, author.family)))
    return names.get(author.organization, author.organization or "")


def _withdrawn(record: Record) -> tuple[str | None, str | None]:
    return (record.withdrawn.on, record.withdrawn.reason) if record.withdrawn else (None, None)


def _action(rows: Rows, id: str, action: Action, course: Course) -> None:
    rows["actions"].append(
        (
            id,
            action.title,
            action.short_title,
            action.instrument,
            action.bindingness,
            action.jurisdiction,
            action.part_of,
            action.openness.effect,
            action.openness.note,
            action.as_of,
            action.confidence,
            action.summary,
            *_withdrawn(action),
            *(0, 0, 0),
        )
    )
    for _, scheme, value in identifiers(action):
        display, url = vocabulary.identifier_display(scheme, value)
        rows["action_identifiers"].append(
            (None, id, scheme, value, display, vocabulary.folded(display), url)
        )
    for citation in action.legal_basis:
        rows["action_legal_bases"].append((None, id, citation))
    for alias in action.aliases:
        rows["action_aliases"].append((None, id, alias))
    for body in action.bodies:
        rows["action_bodies"].append((None, id, body.organization, body.role, body.note))
    for topic in action.topics:
        rows["action_topics"].append((None, id, topic))
    for relation in action.relations:
        rows["action_relations"].append((None, id, relation.type, relation.action, relation.note))
    for question in action.open_questions:
        rows["open_questions"].append((None, id, question))
    _citations(rows, action.cite, 0, id)
    _citations(rows, action.openness.cite, 1, id)
    for position, dispute in enumerate(action.disputes, 1):
        key = f"{id}~{position}"
        rows["disputes"].append((key, id, dispute.about, dispute.note))
        _citations(rows, dispute.cite, 3, key)
    _events(rows, id, action.events, course.happenings)
    for position, period in enumerate(course.periods, 1):
        rows["periods"].append((None, id, position, *period[:-1], int(period.order_ambiguous)))
    if not action.withdrawn:
        days = sorted({FIRST_DAY, *(happening.span.latest for happening in course.happenings)})
        rows["news"].extend(
            (None, id, day, until) for day, until in zip(days, [*days[1:], None], strict=True)
        )


def _events(rows: Rows, id: str, events: list[Event], found: list[Happening]) -> None:
    for position, (event, happening) in enumerate(zip(events, found, strict=True), 1):
        days = happening.span
        rows["events"].append(
            (
                happening.key,
                id,
                position,
                event.type,
                event.date,
                days.earliest,
                days.latest,
                days.precision,
                days.qualifier,
                f"{event.date} {EVENT_LABELS[event.type]}",
                event.note,
                int(event.unconfirmed),
                happening.supersedes,
                event.moved_on,
                event.moved_by,
            )
        )
        for name in event.former_ids:
            rows["event_former_ids"].append((event_ids.address(id, name), happening.key))
        _citations(rows, event.cite, 2, happening.key)


def _citations(rows: Rows, cites: list[Cite], target: int, key: str) -> None:
    targets: list[str | None] = [None, None, None, None]
    targets[target] = key
    for cite in cites:
        rows["citations"].append((None, cite.document, cite.locator, cite.note, *targets))


def _argument(rows: Rows, id: str, argument: Argument, names: dict[str, str]) -> None:
    rows["arguments"].append(
        (id, argument.title, argument.scheme, argument.note, *_withdrawn(argument), 0)
    )
    for position, premise in enumerate(argument.premises, 1):
        rows["premises"].append((None, id, position, premise))
    for value in argument.values:
        rows["argument_values"].append((None, id, value))
    for claim in argument.claims:
        rows["argument_claims"].append((None, id, claim))
    for relation in argument.relations:
        rows["argument_relations"].append(
            (
                None,
                id,
                relation.type,
                relation.argument,
                relation.target,
                relation.drawn_by,
                relation.note,
            )
        )
    for stance in argument.stances:
        rows["stances"].append(
            (
                None,
                id,
                stance.action,
                stance.stance,
                stance.note,
                stance.as_of,
                stance.drawn_by,
                int(stance.inherited),
            )
        )
    _appearances(rows, id, argument.appearances, (id, None))


def _appearances(
    rows: Rows, id: str, appearances: list[Appearance], target: tuple[str | None, str | None]
) -> None:
    for position, appearance in enumerate(appearances, 1):
        key = f"{id}@{position}"
        rows["appearances"].append(
            (
                key,
                *target,
                appearance.document,
                appearance.locator,
                appearance.words,
                appearance.note,
                "",
            )
        )
        for name in appearance.by:
            rows["appearance_speakers"].append((None, key, name))


def _claim(rows: Rows, id: str, claim: Claim, names: dict[str, str]) -> None:
    rows["claims"].append(
        (id, claim.text, claim.kind, claim.finding, claim.as_of, claim.note, *_withdrawn(claim))
    )
    _appearances(rows, id, claim.appearances, (None, id))
    for evidence in claim.evidence:
        rows["evidence"].append(
            (None, id, evidence.document, evidence.locator, evidence.finding, evidence.note)
        )


def _document(rows: Rows, id: str, document: Document, names: dict[str, str]) -> None:
    issued = span(document.issued) if document.issued else None
    authors = [author_name(author, names) for author in document.authors]
    rows["documents"].append(
        (
            id,
            document.type,
            document.title,
            ", ".join(authors),
            document.issued,
            issued and issued.earliest,
            issued and issued.latest,
            document.container,
            document.volume,
            document.page,
            document.publisher,
            document.number,
            document.doi,
            document.url,
            document.archive_url,
            document.language,
            document.abstract,
            document.licence,
            document.accessed,
            document.grade,
            document.interests,
            document.note,
            document.text_sha256,
            json.dumps(document.text_rule.model_dump()) if document.text_rule else None,
            *_withdrawn(document),
        )
    )
    for position, (author, name) in enumerate(zip(document.authors, authors, strict=True), 1):
        rows["document_authors"].append(
            (
                f"{id}@{position}",
                id,
                position,
                name,
                author.family,
                author.given,
                author.organization,
                issued and issued.latest,
            )
        )
    for keyword in document.keywords:
        rows["document_keywords"].append((None, id, keyword))
    for mention in document.mentions:
        rows["mentions"].append(
            (
                None,
                id,
                mention.action,
                mention.locator,
                mention.words,
                mention.portrayed_as,
                mention.note,
            )
        )


def _organization(rows: Rows, id: str, organization: Organization, names: dict[str, str]) -> None:
    rows["organizations"].append(
        (
            id,
            organization.name,
            organization.short_name,
            organization.kind,
            organization.jurisdiction,
            organization.part_of,
            organization.url,
            organization.bioguide,
            organization.ocd_person,
            organization.interests,
            organization.note,
            *_withdrawn(organization),
        )
    )


def _jurisdiction(rows: Rows, id: str, jurisdiction: Jurisdiction, names: dict[str, str]) -> None:
    rows["jurisdictions"].append(
        (
            id,
            jurisdiction.name,
            jurisdiction.kind,
            jurisdiction.code,
            jurisdiction.part_of,
            *_withdrawn(jurisdiction),
        )
    )


def _topic(rows: Rows, id: str, topic: Topic, names: dict[str, str]) -> None:
    rows["topics"].append((id, topic.name, topic.definition, topic.part_of, *_withdrawn(topic)))


def _redirect(rows: Rows, id: str, redirect: Redirect, names: dict[str, str]) -> None:
    rows["redirects"].append((id, redirect.to, redirect.on, redirect.reason))


_WRITERS: dict[str, Callable[..., None]] = {
    "argument": _argument,
    "claim": _claim,
    "document": _document,
    "organization": _organization,
    "jurisdiction": _jurisdiction,
    "topic": _topic,
    "redirect": _redirect,
}

# kind -> the title and the other texts of a record that search looks through.
_SEARCHED: dict[str, Callable[..., tuple[str, list[str | None]]]] = {
    "action": lambda r: (
        r.title,
        [
            r.short_title,
            *r.aliases,
            *(
                part
                for _, scheme, value in identifiers(r)
                for part in (value, vocabulary.identifier_display(scheme, value)[0])
            ),
            r.summary,
            r.openness.note,
            *(event.note for event in r.events),
            *(dispute.about for dispute in r.disputes),
            *r.open_questions,
        ],
    ),
    "argument": lambda r: (r.title, [*r.premises, r.note]),
    "claim": lambda r: (r.text, [r.note, *(evidence.note for evidence in r.evidence)]),
    "document": lambda r: (
        r.title,
        [
            *(part for author in r.authors for part in (author.given, author.family)),
            r.container,
            r.publisher,
            r.number,
            r.doi,
            r.abstract,
            *r.keywords,
        ],
    ),
    "organization": lambda r: (r.name, [r.short_name, r.note, r.interests]),
    "jurisdiction": lambda r: (r.name, [r.code]),
    "topic": lambda r: (r.name, [r.definition]),
}
