"""The forms of the site: what they ask, and the files that the answers make, judged by the rules of `check`.

The questions are those of the issue forms. Answers are texts by the names of inputs. What is in the knowledge base comes
from a `Lookup`; nothing here reads files or a database.
"""

import copy
import datetime
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from policykb.checks.record_rules import check_record, declared_identifiers
from policykb.contribute import drafts, ids, one_line
from policykb.contribute.drafts import KINDS
from policykb.contribute.issue_form import FORMS, NOTHING, Form, Question
from policykb.contribute.resolve import several
from policykb.files.catalogue import identifiers
from policykb.files.reader import FileRef, locate, parse
from policykb.files.toml_edit import composed, filled, record_type
from policykb.model import dates, vocabulary
from policykb.model import records as model
from policykb.model.addresses import cleaned
from policykb.model.course import Course
from policykb.model.fields import Field, Part, describe, parts
from policykb.model.identifiers import other_identifiers
from policykb.model.parts import with_values
from policykb.model.problems import ERROR, InvalidInputError, Problem, shown
from policykb.model.records import FOLDERS, RECORDS, record_file
from policykb.read.links import PLACES

ROWS, MOST_ROWS = 2, 12  # of a list of parts: at first, and at most
SOURCE = "source_"
# The keys that a row of a part asks for; a place in the source is its `locator`.
_KEYS = {
    model.Event: ("date", "type", "note", "locator"),
    model.Body: ("role", "organization", "note"),
    model.Effect: ("kind", "note"),
    model.Stance: ("stance", "action", "note"),
    model.Mention: ("portrayed_as", "action", "locator", "words", "note"),
}
_PLAIN = "line|long line|text|term|choice|date|day|address|form|id".split("|")


class Lookup(Protocol):
    """What a form needs to know of the knowledge base; `id in lookup` says whether an id is used."""

    def __contains__(self, record_id: str) -> bool: ...

    def records(self, text: str, kinds: tuple[str, ...]) -> list[tuple[str, str]]:
        """Return id and title of the records of `kinds` that an id, name, official number or address means."""
        ...


class Input(NamedTuple):
    """One input: `options` are terms to choose from, `kinds` those of the records that it may name."""

    name: str
    label: str
    description: str = ""
    options: tuple[tuple[str, str], ...] = ()
    kinds: tuple[str, ...] = ()
    long: bool = False
    required: bool = False


class Group(NamedTuple):
    """The inputs of a question: one, or rows of several, of which it may need one; `more` if rows can be added."""

    label: str
    description: str
    rows: list[list[Input]]
    more: bool = False
    required: bool = False


class File(NamedTuple):
    """A file that the answers make, and what `check` says of it."""

    kind: str
    id: str
    path: str
    text: str
    content: dict[str, Any]
    record: Any
    problems: list[Problem]


class Result(NamedTuple):
    """What a form makes of answers: `messages` by input, `files`, and records that may be the same."""

    messages: dict[str, str]
    files: list[File]
    similar: list[tuple[str, str]]

    @property
    def is_right(self) -> bool:
        """Return whether nothing is missing or wrong."""
        wrong = [item for file in self.files for item in file.problems if item.severity == ERROR]
        return bool(self.files) and not self.messages and not wrong


def groups(form: Form, texts: Mapping[str, str], more: str = "") -> list[Group]:
    """Return the questions of a form; `more` is the key of the list that gets further rows."""
    listed = []
    for question in form.questions:
        field = form.field(question)
        if question.key and (field is None or drafts.allowed(field)):
            listed.append(_group(form, question, field, texts, more))
    return listed


def _group(
    form: Form, question: Question, field: Field | None, texts: Mapping[str, str], more: str
) -> Group:
    part = field.part if field else None
    needed = question.needed or bool(field and drafts.required(field, {}))
    label, about = question.label, "" if part in _KEYS else question.description
    if part not in _KEYS:
        long = form.is_long(question)
        item = Input(question.key, label, about, _options(field), _kinds(field), long, needed)
        return Group(label, about, [[item]])
    count = 1
    if field.many:
        used = [place for place in range(MOST_ROWS) if _row(question.key, place, part, texts)]
        count = min(MOST_ROWS, max([ROWS - 1, *used]) + 1 + (ROWS if more == question.key else 0))
    rows = [_inputs(f"{question.key}.{place}", part) for place in range(count)]
    return Group(label, about, rows, field.many and count < MOST_ROWS, needed)


def _inputs(prefix: str, part: type[Part]) -> list[Input]:
    fields = describe(part)
    inputs = []
    for key in _KEYS[part]:
        field = fields.get(key) or describe(model.Cite)[key]
        label = "Place in the source" if key not in fields else key.replace("_", " ").capitalize()
        inputs.append(Input(f"{prefix}.{key}", label, "", _options(field), _kinds(field)))
    return inputs


def _options(field: Field | None) -> tuple[tuple[str, str], ...]:
    terms = field.terms if field and not field.many else ()
    return tuple((term.id, f"{term.label}: {term.definition}") for term in terms)


def _kinds(field: Field | None) -> tuple[str, ...]:
    return field.reference if field else ()


def _row(key: str, place: int, part: type[Part], texts: Mapping[str, str]) -> dict[str, str]:
    """Return the texts that were typed in a row, by key."""
    return with_values({name: texts.get(f"{key}.{place}.{name}") for name in _KEYS[part]})


class _Reading:
    """The answers of one form while they are read; `messages` say what cannot be read, by input."""

    def __init__(self, texts: Mapping[str, str], lookup: Lookup, today: datetime.date) -> None:
        self.texts, self.lookup, self.today = texts, lookup, today
        self.messages: dict[str, str] = {}

    def value(self, name: str, field: Field, text: str) -> Any:
        """Return the value that a text means; None if it cannot be read."""
        try:
            value = one_line.value(field, text, self.when)
            if field.reference:
                return self.record(text, field.reference)
            if field.part is model.Author and "family" in value and "given" not in value:
                known = self.lookup.records(text, ("organization",))
                return {"organization": known[0][0]} if len(known) == 1 else value
        except InvalidInputError as error:
            self.messages[name] = str(error)
            return None
        return value

    def when(self, text: str, past: bool) -> str:
        """Return the partial date that a text means.

        :raises InvalidInputError: if it is no date, or may be several.
        """
        readings = dates.readings(text, self.today, past)
        if len(readings) == 1:
            return readings[0]
        if readings:
            raise InvalidInputError(dates.ambiguity(shown(text), readings))
        problem = "is not a date; write it as 2026-06-02, 2026-06 or 2026"
        raise InvalidInputError(f"'{shown(text)}' {problem}")

    def record(self, text: str, kinds: tuple[str, ...]) -> str:
        """Return the id of the record that a text means.

        :raises InvalidInputError: if there is none, or if there are several.
        """
        known = self.lookup.records(text, kinds)
        if len(known) == 1:
            return known[0][0]
        if not known:
            raise InvalidInputError(f"there is no {' or '.join(kinds)} '{shown(text)}' here")
        raise several(text, known)

    def content(self, kind: str, keys: Mapping[str, str]) -> dict[str, Any]:
        """Return the keys and values of a record; `keys` maps names of inputs to keys."""
        content: dict[str, Any] = {}
        for name, key in keys.items():
            field = describe(KINDS[kind][0])[key]
            if field.part in _KEYS:
                self._parts(content, name, field)
                continue
            text = self.texts.get(name, "")
            for line in text.splitlines() if field.many else [text]:
                if line.strip() and (value := self.value(name, field, line)) is not None:
                    one_line.put(content, field, value)
        return content

    def _parts(self, content: dict[str, Any], name: str, field: Field) -> None:
        for place in range(MOST_ROWS if field.many else 1):
            part: dict[str, Any] = {}
            fields = describe(field.part)
            for key, text in _row(name, place, field.part, self.texts).items():
                own = fields.get(key) or describe(model.Cite)[key]
                part[key] = self.value(f"{name}.{place}.{key}", own, text)
            if part:
                one_line.put(content, field, part)


def result(form: Form, texts: Mapping[str, str], lookup: Lookup, today: str) -> Result:
    """Return the files that the answers of a form make, with what is missing or wrong."""
    reading = _Reading(texts, lookup, datetime.date.fromisoformat(today))
    keys = [question.key for question in form.questions if question.key]
    content = reading.content(form.kind, {key: key for key in keys if not key.startswith(SOURCE)})
    files = []
    source = _source(reading, {key: key.removeprefix(SOURCE) for key in keys if SOURCE in key})
    if isinstance(source, dict):
        source_id = ids.proposed("document", source, lookup)
        files.append(("document", source_id, source))
        source = source_id
    _rest_on(content, form.kind, source)
    _infer(form.kind, content, texts.get("source_issued", ""), today)
    record_id = ids.proposed(form.kind, content, lookup)
    files.append((form.kind, record_id, content))
    for kind, _, about in files:
        _name_missing(reading, kind, about, kind == form.kind)
    similar = _similar(lookup, form.kind, content)
    return Result(reading.messages, [judged(*file) for file in files], similar)


def _source(reading: _Reading, keys: dict[str, str]) -> str | dict[str, Any]:
    """Return the id of the document that the record rests on, or the content of a new one; '' without one."""
    url = cleaned(reading.texts.get("source_url", ""))
    if not keys or not url:
        return ""
    if known := reading.lookup.records(url, ("document",)):
        return known[0][0]
    content = reading.content("document", keys) | {"url": url}
    return {"type": "webpage", **content, "accessed": reading.today.isoformat()}


def _rest_on(content: dict[str, Any], kind: str, source: str) -> None:
    """Let each event without a source cite `source`; without one an event is unconfirmed."""
    for event in content.get("events", ()):
        locator = event.pop("locator", None)
        if source:
            event["cite"] = [{"document": source} | ({"locator": locator} if locator else {})]
    if source and "appearances" in describe(KINDS[kind][0]):
        content["appearances"] = [{"document": source}]


def _infer(kind: str, content: dict[str, Any], issued: str, today: str) -> None:
    """Set the keys that no form asks for."""
    if kind == "action":
        content["as_of"] = issued if dates.is_day(issued) and issued <= today else today
        content["confidence"] = vocabulary.USUAL_CONFIDENCE
    if kind == "document":
        content["accessed"] = today


def _name_missing(reading: _Reading, kind: str, content: dict[str, Any], own: bool) -> None:
    for key, about in drafts.missing(kind, content).items():
        name = key if own else SOURCE + key
        field = name.partition("[")[0]
        reading.messages.setdefault(field if field == name else SOURCE + "url", f"Needed: {about}")


def _similar(lookup: Lookup, kind: str, content: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the records with the same official number, address or title."""
    names = [content.get("title", ""), content.get("url", "")]
    for scheme, value in identifiers(content):
        if scheme not in vocabulary.LOCAL_SCHEMES and vocabulary.identifier_match(scheme, value):
            names.append(vocabulary.identifier_display(scheme, value)[0])
    known = [pair for name in names if name for pair in lookup.records(name, (kind,))]
    return list(dict.fromkeys(known))


def judged(kind: str, record_id: str, content: dict[str, Any]) -> File:
    """Return the file of a record with the problems that `check` finds in it alone."""
    path = record_file(kind, record_id)
    content = filled(content)
    whole = content if kind in FOLDERS else {record_id: content}
    text = composed(record_type(kind), whole)
    data = text.encode()
    file = FileRef(kind, record_id if kind in FOLDERS else "", path, path)
    (item, *_), problems = parse(file, data)
    if item.record is not None and not problems:
        course = Course(record_id, item.record) if kind == "action" else None
        faults = list(check_record(kind, item.record, course))
        if course:
            others = other_identifiers(course.identifiers)
            faults += declared_identifiers(others, vocabulary.terms_of("identifier_schemes"))
        problems = locate(path, data, faults)
    return File(kind, record_id, path, text, content, item.record, sorted(problems))


# Corrections


def keys(kind: str, within_event: bool = False) -> dict[str, Field]:
    """Return the keys with a plain value, which a correction may set."""
    record = model.Event if within_event else RECORDS[kind][0]
    fields = describe(record).items()
    return {key: field for key, field in fields if field.kind in _PLAIN and key != "id"}


def correction(
    file: tuple[str, str, dict[str, Any]],
    texts: Mapping[str, str],
    lookup: Lookup,
    today: str,
) -> Result:
    """Return the file of a record, kind, id and content, with one key changed as `texts` say."""
    kind, record_id, content = copy.deepcopy(file)
    reading = _Reading(texts, lookup, datetime.date.fromisoformat(today))
    target = content
    if which := texts.get("event"):
        events = content.get("events", [])
        target = next((event for event in events if which in (event["id"], event["date"])), None)
        if target is None:
            reading.messages["event"] = f"there is no event '{shown(which)}'"
    field = keys(kind, bool(which)).get(texts.get("key", ""))
    text = texts.get("value", "").strip()
    if target is None or not field or not text:
        return Result(reading.messages, [], [])
    lines = text.splitlines() if field.many else [text]
    values = [reading.value("value", field, line) for line in lines]
    if reading.messages:
        return Result(reading.messages, [], [])
    target[field.name] = values if field.many else values[0]
    return Result({}, [judged(kind, record_id, content)], [])


def exported() -> dict[str, Any]:
    """Return the data with which a browser reads answers and makes files as this module does, as JSON values."""
    types = {kind: KINDS[kind][0] for kind in PLACES}
    inner = dict.fromkeys(part for record in types.values() for part in parts(record))
    source = FORMS["new-action"].questions
    return {
        "forms": {
            name.removeprefix("new-"): {
                "kind": form.kind,
                "title": form.title,
                "questions": [(question.key, question.label) for question in form.questions],
            }
            for name, form in FORMS.items()
        },
        "sources": [item.key.removeprefix(SOURCE) for item in source if SOURCE in item.key],
        "kinds": {
            kind: {"part": record.__name__, "path": record_file(kind, "*"), "keys": [*keys(kind)]}
            for kind, record in types.items()
        },
        "parts": {
            part.__name__: [_exported(item) for item in describe(part).values()] for part in inner
        },
        "event_keys": [*keys("action", within_event=True)],
        "nothing": NOTHING,
        "inline": [part.__name__ for part in inner if part.inline],
        "rows": {part.__name__: known for part, known in _KEYS.items()},
        "most": MOST_ROWS,
        "eventless": sorted(vocabulary.STAGE_WITHOUT_EVENTS),
        "confidence": vocabulary.USUAL_CONFIDENCE,
        "schemes": {
            term.id: {
                "label": term.label,
                "pattern": term.pattern.replace("?P<", "?<"),
                "example": term.example,
                "written": term.written.replace("?P<", "?<"),
                "read": term.read,
            }
            for term in vocabulary.terms_of("identifier_schemes")
        },
        "locators": {
            word: label.id
            for label in vocabulary.LOCATOR_LABELS
            for word in (label.id, *label.abbreviations)
        },
        "ids": ids.exported(),
    }


def _exported(field: Field) -> dict[str, Any]:
    return {
        "name": field.name,
        "kind": field.kind,
        "many": field.many,
        "required": drafts.required(field, {}),
        "dated": field.dated,
        "reference": field.reference,
        "part": field.part.__name__ if field.part else "",
        "terms": field.choices,
        "about": drafts.need(field),
    }


def as_issue(form: Form, texts: Mapping[str, str]) -> str:
    """Return the answers as the text of an issue, which `policykb from-issue` reads."""
    pairs = [(item.label, texts.get(item.key or "else", "").strip()) for item in form.questions]
    return "\n".join(f"### {label}\n\n{answer or NOTHING}\n" for label, answer in pairs)
