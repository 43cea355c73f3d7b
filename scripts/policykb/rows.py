"""A record -> the rows it becomes in kb.db, in the column order of schema.sql.

Pure functions of one record; what needs other records is left to views. Rows are plain tuples, so that they
pass cheaply between processes.
"""

import json
from collections.abc import Callable, Iterable, Iterator

from policykb import vocabulary
from policykb.dates import span
from policykb.model import (
    Action, Appearance, Argument, Author, Cite, Claim, Document, Event, Jurisdiction, Organization, Record, Redirect, Topic,
)
from policykb.status import Happening, periods

Row = tuple[str, tuple]
EVENT_LABELS = {kind.id: kind.label for kind in vocabulary.EVENT_TYPES}


def rows(kind: str, id: str, record: Record | Redirect, path: str) -> Iterator[Row]:
    """The rows of a record, as pairs of table and values."""
    yield from _WRITERS[kind](id, record)
    if kind != "redirect":
        title, words = _SEARCHED[kind](record)
        yield "records", (None, id, kind, title, "\n".join(word for word in words if word), path)


def folded(text: str) -> str:
    """The letters and digits of `text` in lower case, by which identifiers are compared."""
    return "".join(char for char in text.casefold() if char.isalnum())


def identifiers(action: Action) -> Iterator[tuple[tuple, str, str]]:
    """Each identifier of an action: the pointer to it, its scheme and its value."""
    for scheme, value in action.identifiers.items():
        if isinstance(value, str):
            yield ("identifiers", scheme), scheme, value
        else:
            for position, item in enumerate(value):
                yield ("identifiers", scheme, position), scheme, item


def event_keys(id: str, events: Iterable[Event]) -> list[str]:
    """The key of each event of an action in kb.db: the action's id, `#`, and the event's name or place."""
    return [f"{id}#{event.id or position}" for position, event in enumerate(events, 1)]


def happenings(id: str, events: list[Event]) -> list[Happening]:
    """The events of an action as status.py needs them."""
    return [
        Happening(key, event.type, span(event.date), f"{id}#{event.supersedes}" if event.supersedes else None, event.moved_on)
        for key, event in zip(event_keys(id, events), events, strict=True)
    ]


def author_name(author: Author) -> str:
    """The name of an author as shown: given and family name, or the id of the organization."""
    return " ".join(part for part in (author.given, author.family) if part) or author.organization or ""


def _withdrawn(record: Record) -> tuple[str | None, str | None]:
    return (record.withdrawn.on, record.withdrawn.reason) if record.withdrawn else (None, None)


def _action(id: str, action: Action) -> Iterator[Row]:
    yield "actions", (id, action.title, action.short_title, action.instrument, action.bindingness, action.jurisdiction, action.part_of,
                      action.openness.effect, action.openness.note, action.as_of, action.confidence, action.summary, *_withdrawn(action))
    for _, scheme, value in identifiers(action):
        display, url = vocabulary.identifier_display(scheme, value)
        yield "action_identifiers", (None, id, scheme, value, display, folded(display), url)
    for citation in action.legal_basis:
        yield "action_legal_bases", (None, id, citation)
    for alias in action.aliases:
        yield "action_aliases", (None, id, alias)
    for body in action.bodies:
        yield "action_bodies", (None, id, body.organization, body.role, body.note)
    for topic in action.topics:
        yield "action_topics", (None, id, topic)
    for relation in action.relations:
        yield "action_relations", (None, id, relation.type, relation.action, relation.note)
    for question in action.open_questions:
        yield "open_questions", (None, id, question)
    yield from _citations(action.cite, 0, id)
    yield from _citations(action.openness.cite, 1, id)
    for position, dispute in enumerate(action.disputes, 1):
        key = f"{id}~{position}"
        yield "disputes", (key, id, dispute.about, dispute.note)
        yield from _citations(dispute.cite, 3, key)
    found = happenings(id, action.events)
    for position, (event, happening) in enumerate(zip(action.events, found, strict=True), 1):
        days = happening.span
        yield "events", (happening.key, id, position, event.type, event.date, days.earliest, days.latest, days.precision, days.qualifier,
                         f"{event.date} {EVENT_LABELS[event.type]}", event.note, int(event.unconfirmed), happening.supersedes,
                         event.moved_on, event.moved_by)
        yield from _citations(event.cite, 2, happening.key)
    for position, period in enumerate(periods(found, action.instrument, action.bindingness), 1):
        yield "periods", (None, id, position, *period[:-1], int(period.order_ambiguous))


def _citations(cites: list[Cite], target: int, key: str) -> Iterator[Row]:
    targets: list[str | None] = [None, None, None, None]
    targets[target] = key
    for cite in cites:
        yield "citations", (None, cite.document, cite.locator, cite.note, *targets)


def _argument(id: str, argument: Argument) -> Iterator[Row]:
    yield "arguments", (id, argument.title, argument.scheme, argument.note, *_withdrawn(argument))
    for position, premise in enumerate(argument.premises, 1):
        yield "premises", (None, id, position, premise)
    for value in argument.values:
        yield "argument_values", (None, id, value)
    for claim in argument.claims:
        yield "argument_claims", (None, id, claim)
    for relation in argument.relations:
        yield "argument_relations", (None, id, relation.type, relation.argument, relation.note)
    for stance in argument.stances:
        yield "stances", (None, id, stance.action, stance.stance, stance.note, stance.as_of)
    yield from _appearances(id, argument.appearances, (id, None))


def _appearances(id: str, appearances: list[Appearance], target: tuple[str | None, str | None]) -> Iterator[Row]:
    for position, appearance in enumerate(appearances, 1):
        key = f"{id}@{position}"
        yield "appearances", (key, *target, appearance.document, appearance.locator, appearance.words, appearance.note)
        for name in appearance.by:
            yield "appearance_speakers", (None, key, name)


def _claim(id: str, claim: Claim) -> Iterator[Row]:
    yield "claims", (id, claim.text, claim.kind, claim.finding, claim.as_of, claim.note, *_withdrawn(claim))
    yield from _appearances(id, claim.appearances, (None, id))
    for evidence in claim.evidence:
        yield "evidence", (None, id, evidence.document, evidence.locator, evidence.finding, evidence.note)


def _document(id: str, document: Document) -> Iterator[Row]:
    issued = span(document.issued) if document.issued else None
    names = [author_name(author) for author in document.authors]
    yield "documents", (id, document.type, document.title, ", ".join(names), document.issued, issued and issued.earliest,
                        issued and issued.latest, document.container, document.volume, document.page, document.publisher, document.number,
                        document.doi, document.url, document.archive_url, document.language, document.abstract, document.licence,
                        document.accessed, document.grade, document.interests, document.note, document.text_sha256,
                        json.dumps(document.text_rule.model_dump()) if document.text_rule else None, *_withdrawn(document))
    for position, (author, name) in enumerate(zip(document.authors, names, strict=True), 1):
        yield "document_authors", (f"{id}@{position}", id, position, name, author.family, author.given, author.organization)
    for keyword in document.keywords:
        yield "document_keywords", (None, id, keyword)
    for mention in document.mentions:
        yield "mentions", (None, id, mention.action, mention.locator, mention.words, mention.portrayed_as, mention.note)


def _organization(id: str, organization: Organization) -> Iterator[Row]:
    yield "organizations", (id, organization.name, organization.short_name, organization.kind, organization.jurisdiction,
                            organization.part_of, organization.url, organization.interests, organization.note, *_withdrawn(organization))


def _jurisdiction(id: str, jurisdiction: Jurisdiction) -> Iterator[Row]:
    yield "jurisdictions", (id, jurisdiction.name, jurisdiction.kind, jurisdiction.code, jurisdiction.part_of, *_withdrawn(jurisdiction))


def _topic(id: str, topic: Topic) -> Iterator[Row]:
    yield "topics", (id, topic.name, topic.definition, topic.part_of, *_withdrawn(topic))


def _redirect(id: str, redirect: Redirect) -> Iterator[Row]:
    yield "redirects", (id, redirect.to, redirect.on, redirect.reason)


_WRITERS: dict[str, Callable[..., Iterator[Row]]] = {
    "action": _action, "argument": _argument, "claim": _claim, "document": _document,
    "organization": _organization, "jurisdiction": _jurisdiction, "topic": _topic, "redirect": _redirect,
}

# kind -> the title and the other texts of a record that search looks through.
_SEARCHED: dict[str, Callable[..., tuple[str, list[str | None]]]] = {
    "action": lambda r: (r.title, [r.short_title, *r.aliases, *(part for _, scheme, value in identifiers(r) for part in
                                   (value, vocabulary.identifier_display(scheme, value)[0])), r.summary, r.openness.note,
                                   *(event.note for event in r.events), *(dispute.about for dispute in r.disputes), *r.open_questions]),
    "argument": lambda r: (r.title, [*r.premises, r.note]),
    "claim": lambda r: (r.text, [r.note, *(evidence.note for evidence in r.evidence)]),
    "document": lambda r: (r.title, [*map(author_name, r.authors), r.container, r.publisher, r.number, r.doi, r.abstract, *r.keywords]),
    "organization": lambda r: (r.name, [r.short_name, r.note, r.interests]),
    "jurisdiction": lambda r: (r.name, [r.code]),
    "topic": lambda r: (r.name, [r.definition]),
}
