"""A record -> its rows in kb.db.

The functions need only the record and the names of organizations; views add what needs other records. The columns are
those of schema.sql. Rows are plain tuples, which pass cheaply between processes.

Records are numbered in the order of kinds and ids, and a row without a key of its own has the number of its record and
its place among the rows of the record, so that a change of one record leaves the keys of all others as they are.
"""

import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from operator import attrgetter
from pathlib import Path
from urllib.parse import urlsplit

from policykb.model import event_ids, records, vocabulary
from policykb.model.course import Course
from policykb.model.dates import span
from policykb.model.parts import EVENT_LABELS
from policykb.model.status import Happening
from policykb.model.tasks import FIRST_DAY, task_periods
from policykb.text import characters, name_key

# The most characters of a record that the search index has; a service must be able to read any row.
MOST_SEARCHED = 20_000
# The most of these in the form of `text.apart`, in which a character takes seven bytes in text and index.
MOST_APART = 6_000
# The number of a row is this times the number of its record, plus its place among the rows of the record. A file of at
# most 1 MB cannot have so many.
PLACES = 1_000_000
# Tables whose rows are not made from one record each.
OF_ALL = frozenset(("kb_info", "redirects", "effects", "counts", "problems", "commits", "changes"))


@cache
def schema_tables() -> list[tuple[str, str, str]]:
    """Return the tables of schema.sql: the comment above each, its name, and the lines of its columns."""
    schema = Path(__file__).with_name("schema.sql").read_text(encoding="utf-8")
    table = r"((?:^--[^\n]*\n)*)^create table (\w+) \(\n(.*?)^\) strict;"
    return re.findall(table, schema, re.MULTILINE | re.DOTALL)


@cache
def columns() -> dict[str, tuple[str, ...]]:
    """Return the columns of each table of schema.sql."""
    return {table: tuple(types) for table, types in _types().items()}


@cache
def _types() -> dict[str, dict[str, str]]:
    """Return the types of the columns of each table of schema.sql, the key first."""
    column = re.compile(r'^  "?(\w+)"? (text|integer)\b', re.MULTILINE)
    return {table: dict(column.findall(body)) for _, table, body in schema_tables()}


@cache
def number_of_row(table: str) -> tuple[str, int]:
    """Return the column with the numbers of the rows of a table, and how much a record adds to them; ('', 0) of other tables."""
    if table in OF_ALL:
        return "", 0
    types = _types()[table]
    key = next(iter(types))
    of_records = table in ("records", "record_json") or "record_number" in types
    return (key if types[key] == "integer" else "rowid"), (1 if of_records else PLACES)


class Rows(defaultdict):
    """Rows by their table and columns: (table, column, ...) -> [(value, ...)].

    `number` is that of the last record; the first follows the number with which they are made.
    """

    def __init__(self, number: int = 0) -> None:
        super().__init__(list)
        self.number = number
        self._last: dict[str, int] = {}
        self._plans: dict[tuple, tuple] = {}

    def begin_record(self) -> None:
        """Begin the rows of the next record."""
        self.number += 1
        self._last = {}

    def add(self, table: str, part: object = None, /, **values: object) -> None:
        """Add a row of `values`, and of the fields of `part` that have the names of other columns of the table.

        Other columns are null.
        """
        plan = self._plans.get((table, type(part), *values)) or self._plan(table, part, values)
        rows, step, fields = plan
        row = tuple(values.values())
        if step:
            last = self._last.get(table) or self.number * step - (step == 1)
            self._last[table] = last + 1
            row = (last + 1, *row)
        rows.append(row + fields(part) if fields else row)

    def _plan(self, table: str, part: object, values: dict) -> tuple:
        """Return where rows with such `values` and a `part` of such a type go, and how they are made: see `_fields`."""
        column, step = number_of_row(table)
        names = (column, *values) if step else (*values,)
        key, fields = _fields(table, type(part), names)
        plan = self._plans[table, type(part), *values] = self[key], step, fields
        return plan

    def add_list(self, table: str, column: str, items: list[str], /, **values: object) -> None:
        """Add a row of `values` for each of `items`, which is the value of `column`."""
        for item in items:
            self.add(table, **values, **{column: item})

    def of(self, table: str) -> list[dict]:
        """Return the rows of a table as dicts."""
        return [
            dict(zip(names, row, strict=True))
            for (other, *names), rows in self.items()
            for row in rows
            if other == table
        ]


@cache
def _fields(
    table: str, kind: type, names: tuple[str, ...]
) -> tuple[tuple[str, ...], Callable[[object], tuple] | None]:
    """Return the key of rows with `names` and a part of the type `kind`, and a getter for the other fields of the part."""
    fields = getattr(kind, "model_fields", None) or getattr(kind, "_fields", ())
    shared = [column for column in columns()[table] if column in fields and column not in names]
    key = (table, *names, *shared)
    if not shared:
        return key, None
    read = attrgetter(*shared)
    return key, read if len(shared) > 1 else lambda part: (read(part),)


def insert(
    connection: sqlite3.Connection, parts: list[dict[tuple[str, ...], list[tuple]]], number: int = 0
) -> int:
    """Insert rows by their tables and columns, and return the number of the last record.

    The records of the first part follow that with the `number`, those of each further part those of the part before.
    """
    together = defaultdict(list)
    for rows in parts:
        numbers = [row[0] for key, values in rows.items() if key[0] == "records" for row in values]
        more = number + 1 - numbers[0] if numbers else 0
        for key, values in rows.items():
            together[key] += _moved(key, values, more) if more else values
        number += len(numbers)
    for (table, *names), values in together.items():
        listed = ", ".join(f'"{name}"' for name in names)
        marks = ", ".join("?" * len(names))
        connection.executemany(f"insert into {table} ({listed}) values ({marks})", values)
    return number


def _moved(key: tuple[str, ...], values: list[tuple], more: int) -> list[tuple]:
    """Return rows with numbers of records that are higher by `more`."""
    for place, step in _steps(key):
        values = [(*row[:place], row[place] + step * more, *row[place + 1 :]) for row in values]
    return values


@cache
def _steps(key: tuple[str, ...]) -> list[tuple[int, int]]:
    """Return the places in a row of the numbers that depend on that of the record, and how much a record adds to them."""
    table, *names = key
    steps = {"record_number": 1} | dict((number_of_row(table),))
    return [(place, steps[name]) for place, name in enumerate(names) if name in steps]


def add_rows(
    rows: Rows,
    kind: str,
    record_id: str,
    record: records.Record | records.Redirect | records.About,
    path: str,
    names: dict[str, str],
    course: Course | None,
) -> None:
    """Add the rows of a record to `rows`. `names` are the names of organizations by id; `course` is that of an action."""
    if kind == "redirect":
        rows.add("redirects", record, id=record_id, to_id=record.to, since=record.on)
        return
    if kind == "about":
        for position, effect in enumerate(record.effects.kinds if record.effects else (), 1):
            rows.add("effects", effect, position=position)
        return
    rows.begin_record()
    if course:
        _action(rows, course)
    elif kind == "argument":
        _argument(rows, record_id, record)
    elif kind == "claim":
        _claim(rows, record_id, record)
    elif kind == "document":
        _document(rows, record_id, record, names)
    else:
        _add_record(rows, f"{kind}s", record_id, record)
    title, words = _SEARCHED[kind](record, course)
    text = "\n".join(filter(None, words))[:MOST_SEARCHED]
    apart = characters(f"{title} {text[:MOST_APART]}")
    rows.add(
        "records", id=record_id, kind=kind, title=title, text=text, characters=apart, file=path
    )
    rows.add("record_json", id=record_id, json=record.model_dump_json(exclude_defaults=True))
    for (key, name), rank in _names(record_id, record, title, course).items():
        rows.add("names", key=key, name=name, record=record_id, rank=rank)


SHORT, TITLE, ALIAS, NUMBER, IDENTIFIER, ID = range(6)  # the ranks of names


def _names(
    record_id: str, record: records.Record, title: str, course: Course | None
) -> dict[tuple[str, str], int]:
    """Return the rank of each name of a record, by its key and the name as written."""
    values = vars(record)
    names = [(SHORT, values.get("short_title") or values.get("short_name")), (TITLE, title)]
    if course:
        names += [*_numbers(course), *((ALIAS, alias.name) for alias in course.other_names)]
    names += [(IDENTIFIER, values.get(key)) for key in ("doi", "number", "code")]
    names.append((ID, record_id))
    ranks: dict[tuple[str, str], int] = {}
    for rank, name in names:
        if name and (key := name_key(name)) and not (len(key) <= 3 and key.isdecimal()):
            ranks.setdefault((key, name), rank)
    return ranks


def _numbers(course: Course) -> list[tuple[int, str]]:
    """Return the identifiers of an action in the forms that people search for, each with its rank."""
    number = _number(course)
    return [
        (NUMBER if form == number else IDENTIFIER, form)
        for _, scheme, value in course.identifiers
        for form in vocabulary.identifier_forms(scheme, value)
    ]


def _number(course: Course) -> str | None:
    """Return the number by which an action is cited; of a part of an act its place in the act."""
    action, order = course.action, vocabulary.NUMBERS
    if action.part_of or action.instrument in vocabulary.PARTS:
        order = (vocabulary.PROVISION, *order)
    return next((display for display, _ in _displays(course, order)), None)


def _displays(course: Course, schemes: tuple[str, ...]) -> Iterator[tuple[str, str | None]]:
    """Yield the first identifier of each of `schemes` that an action has, for readers, and its official address."""
    values = {scheme: value for _, scheme, value in reversed(course.identifiers)}
    for scheme in schemes:
        if scheme in values:
            yield vocabulary.identifier_display(scheme, values[scheme])


def author_name(author: records.Author, names: dict[str, str]) -> str:
    """Return the name of an author as shown: given and family name, or the name of the organization."""
    if author.family or author.given:
        return " ".join(filter(None, (author.given, author.family)))
    return names.get(author.organization, author.organization or "")


def _add_record(
    rows: Rows, table: str, record_id: str, record: records.Record, **values: object
) -> None:
    """Add the row of a record to the table of its kind."""
    withdrawn = record.withdrawn
    rows.add(
        table,
        record,
        id=record_id,
        withdrawn_on=withdrawn and withdrawn.on,
        withdrawn_reason=withdrawn and withdrawn.reason,
        record_number=rows.number,
        **values,
    )


def _action(rows: Rows, course: Course) -> None:
    record_id, action = course.id, course.action
    effect = action.effect
    counted = dict.fromkeys(("arguments", "argument_documents", "argument_speakers"), 0)
    addresses = [address for _, address in _displays(course, vocabulary.ADDRESSES)]
    days = [happening.span.earliest for happening in course.happenings]
    _add_record(
        rows,
        "actions",
        record_id,
        action,
        effect=effect and effect.kind,
        effect_note=effect and effect.note,
        number=_number(course),
        text_url=next(iter(addresses), None),
        text_official=int(bool(addresses)),
        began=None if action.instrument in vocabulary.IDEAS else min(days, default=None),
        **counted,
    )
    for _, scheme, value in course.identifiers:
        display, url = vocabulary.identifier_display(scheme, value)
        rows.add(
            "action_identifiers",
            action=record_id,
            scheme=scheme,
            value=value,
            display=display,
            folded=vocabulary.folded(display),
            url=url,
        )
    rows.add_list("action_legal_bases", "citation", action.legal_basis, action=record_id)
    for alias in course.other_names:
        near = "; ".join(alias.not_near) or None
        rows.add(
            "action_aliases", action=record_id, alias=alias.name, kind=alias.kind, not_near=near
        )
    for body in action.bodies:
        rows.add("action_bodies", body, action=record_id)
    rows.add_list("action_topics", "topic", action.topics, action=record_id, arguments=0)
    for relation in action.relations:
        rows.add("action_relations", relation, action=record_id, other=relation.action)
    rows.add_list("open_questions", "question", action.open_questions, action=record_id)
    _citations(rows, action.cite, action=record_id)
    _citations(rows, effect.cite if effect else [], effect=record_id)
    for position, dispute in enumerate(action.disputes, 1):
        key = f"{record_id}~{position}"
        rows.add("disputes", dispute, id=key, action=record_id)
        _citations(rows, dispute.cite, dispute=key)
    for position, duty in enumerate(action.duties, 1):
        _duty(rows, course, position, duty)
    add_course(rows, course)


def _duty(rows: Rows, course: Course, position: int, duty: records.Duty) -> None:
    key = f"{course.id}~duty-{position}"
    rows.add(
        "duties",
        duty,
        id=key,
        action=course.id,
        position=position,
        deadline=duty.deadline and event_ids.address(course.id, duty.deadline),
        done_by=duty.done_by and event_ids.address(course.id, duty.done_by),
        from_earliest=duty.applies_from and span(duty.applies_from).earliest,
        until_latest=duty.applies_until and span(duty.applies_until).latest,
    )
    for period in task_periods(course, duty):
        latest = period.due and span(period.due).latest
        rows.add("task_periods", period, duty=key, due_latest=latest)
    rows.add_list("duty_enforcers", "organization", duty.enforcers, duty=key)
    _citations(rows, duty.cite, duty=key)


def add_course(rows: Rows, course: Course) -> None:
    """Add the rows of the events, the periods and the days of news of an action."""
    record_id, action = course.id, course.action
    for position, happening in enumerate(course.happenings, 1):
        _event(rows, record_id, position, action.events[position - 1], happening)
    for position, period in enumerate(course.periods, 1):
        rows.add("periods", period, action=record_id, position=position)
    if not action.withdrawn:
        days = sorted({FIRST_DAY, *(happening.span.latest for happening in course.happenings)})
        for day, until in zip(days, [*days[1:], None], strict=True):
            rows.add(
                "news", action=record_id, jurisdiction=action.jurisdiction, day=day, until=until
            )


def _event(
    rows: Rows, record_id: str, position: int, event: records.Event, happening: Happening
) -> None:
    days = happening.span
    rows.add(
        "events",
        event,
        id=happening.key,
        action=record_id,
        position=position,
        date_earliest=days.earliest,
        date_latest=days.latest,
        precision=days.precision,
        qualifier=days.qualifier,
        label=f"{event.date} {EVENT_LABELS[event.type]}",
        supersedes=happening.supersedes,
    )
    for name in event.former_ids:
        rows.add("event_former_ids", former=event_ids.address(record_id, name), event=happening.key)
    _citations(rows, event.cite, event=happening.key)


def _citations(rows: Rows, cites: list[records.Cite], **fact: str) -> None:
    """Add the sources of a `fact`: an action, its effect, an event, a dispute or a duty."""
    facts = dict.fromkeys(("action", "effect", "event", "dispute", "duty")) | fact
    for cite in cites:
        rows.add("citations", cite, **facts)


def _argument(rows: Rows, record_id: str, argument: records.Argument) -> None:
    _add_record(rows, "arguments", record_id, argument, ties=0, answers=0)
    for position, premise in enumerate(argument.premises, 1):
        rows.add("premises", argument=record_id, position=position, text=premise)
    rows.add_list("argument_values", "value", argument.values, argument=record_id)
    rows.add_list("argument_claims", "claim", argument.claims, argument=record_id)
    for relation in argument.relations:
        rows.add("argument_relations", relation, argument=record_id, other=relation.argument)
    for stance in argument.stances:
        rows.add("stances", stance, argument=record_id)
    _appearances(rows, "argument", record_id, argument.appearances)


def _appearances(
    rows: Rows, kind: str, record_id: str, appearances: list[records.Appearance]
) -> None:
    """Add the appearances of an argument or a claim."""
    owner = {"argument": None, "claim": None, kind: record_id}
    for position, appearance in enumerate(appearances, 1):
        key = f"{record_id}@{position}"
        rows.add("appearances", appearance, id=key, **owner, speakers="")
        rows.add_list("appearance_speakers", "name", appearance.by, appearance=key, quoted=0)
        rows.add_list("appearance_speakers", "name", appearance.quoted, appearance=key, quoted=1)


def _claim(rows: Rows, record_id: str, claim: records.Claim) -> None:
    _add_record(rows, "claims", record_id, claim)
    _appearances(rows, "claim", record_id, claim.appearances)
    for evidence in claim.evidence:
        rows.add("evidence", evidence, claim=record_id)


def _document(
    rows: Rows, record_id: str, document: records.Document, names: dict[str, str]
) -> None:
    issued = span(document.issued) if document.issued else None
    latest = issued and issued.latest
    authors = [author_name(author, names) for author in document.authors]
    rule = document.text_rule
    _add_record(
        rows,
        "documents",
        record_id,
        document,
        authors=", ".join(authors),
        issued_earliest=issued and issued.earliest,
        issued_latest=latest,
        official=int(_is_official(document.url)),
        text_rule=rule and json.dumps(rule.model_dump()),
    )
    for position, (author, name) in enumerate(zip(document.authors, authors, strict=True), 1):
        rows.add(
            "document_authors",
            author,
            id=f"{record_id}@{position}",
            document=record_id,
            position=position,
            name=name,
            issued_latest=latest,
        )
    rows.add_list("document_keywords", "keyword", document.keywords, document=record_id)
    for mention in document.mentions:
        rows.add("mentions", mention, document=record_id)


def _is_official(url: str | None) -> bool:
    """Return whether an address is that of a public body."""
    return bool(url and vocabulary.OFFICIAL_HOST.fullmatch(urlsplit(url).hostname or ""))


# kind -> the title and the other texts of a record that search looks through.
_SEARCHED: dict[str, Callable[..., tuple[str, list[str | None]]]] = {
    "action": lambda r, course: (
        r.title,
        [
            r.short_title,
            *(alias.name for alias in course.other_names),
            *(
                part
                for _, scheme, value in course.identifiers
                for part in (value, vocabulary.identifier_display(scheme, value)[0])
            ),
            r.summary,
            r.effect and r.effect.note,
            *(body.note for body in r.bodies),
            *(words for duty in r.duties for words in (duty.who, duty.what)),
            *(event.note for event in r.events),
            *(dispute.about for dispute in r.disputes),
            *r.open_questions,
        ],
    ),
    "argument": lambda r, _: (r.title, [*r.premises, r.note]),
    "claim": lambda r, _: (r.text, [r.note, *(evidence.note for evidence in r.evidence)]),
    "document": lambda r, _: (
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
    "organization": lambda r, _: (r.name, [r.short_name, r.note, r.interests]),
    "jurisdiction": lambda r, _: (r.name, [r.code]),
    "topic": lambda r, _: (r.name, [r.definition]),
}
