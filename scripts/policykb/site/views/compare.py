"""Actions side by side with their duties, and the duties of all laws; every value with its sources."""

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import count
from typing import NamedTuple

from policykb.model.records import LONGEST_ID
from policykb.model.vocabulary import DUTY_TYPES, VOCABULARIES
from policykb.read.debate import grouped
from policykb.read.links import event_path, path
from policykb.read.questions import spreadsheet
from policykb.read.status_line import became, standing
from policykb.site import data, params
from policykb.site.respond import file, page
from policykb.site.views import lists
from policykb.site.views.takeaway import joined
from policykb.text import AHEAD, date, locator

MOST = 12  # actions compared at once
LAWS = 20  # laws on a page of duties
MOST_DUTIES = 5000  # that pass the filters
TASKS = "Tasks and what became of them"
FILTERS = {
    "type": ("Duty", "duty_types"),
    "rule": ("Must or must not", "duty_rules"),
    "treatment": ("Exemption", "duty_treatments"),
    "task": ("Task", "task_states"),
    "jurisdiction": ("Jurisdiction", "jurisdiction"),
    "topic": ("Topic", "topic"),
    "force": ("Legal force", "legal_forces"),
}
ASK = f"Name two to {MOST} actions by their ids, as ?ids=ID,ID."
CSV = "text/csv"
SPAN = ("from", "until")  # days between which a duty begins to apply or a task is due
HISTORY = ("actions", "periods", "events")
READ = (*HISTORY, "identifiers", "sides")
# Columns of the file of duties that are columns of the table, and those of sources, in files of both kinds.
OF_DUTY = (
    "id action title jurisdiction locator who rule type what threshold applies_from applies_until due state done_on outcome"
    " penalty treatment exemption"
).split()
OF_SOURCES = "sources source_addresses source_places source_grades".split()
COLUMNS = ("action", "title", "fact", "value", "about", *OF_SOURCES)

_LABELS = {(name, term.id): term.label for name, terms in VOCABULARIES.items() for term in terms}


class Value(NamedTuple):
    """A value in a cell: text, the sources that say so, and maybe the address of its page and what it is about."""

    text: str
    sources: tuple[dict, ...] = ()
    href: str = ""
    about: str = ""

    def by_document(self) -> list[tuple[str, list[dict]]]:
        """Return each document that says so, with its places."""
        return list(grouped(self.sources, "document").items())


class Fact(NamedTuple):
    """A row of the comparison: a label, and the values of each action; `cited` if values need a source."""

    label: str
    cells: list[list[Value]]
    cited: bool = True


async def show(datasette, request):
    """Return the actions `ids` side by side as of the day `on`, as a page or, at the address with .csv, as a file."""
    as_file = request.path.endswith(".csv")
    on, on_message = params.day_asked(request, as_file)
    ids, messages = await actions_asked(datasette, request, MOST)
    _, others = await lists.filter_values(datasette, request, {}, ("ids", "on"))
    messages += others
    parts = await data.turn(datasette, lambda connection: _read(connection, ids, on))
    facts, duties = _facts(data.known(datasette), parts), _by_type(parts)
    if as_file:
        params.refuse_faults(request, messages if ids else messages or [ASK])
        rows = _rows(parts["actions"], [*facts, *duties])
        return file(datasette, request, spreadsheet(COLUMNS, rows), CSV)
    return page(
        datasette,
        request,
        "compare",
        section="/actions",
        actions=parts["actions"],
        facts=facts,
        duties=duties,
        sources=_numbered(
            source
            for fact in (*facts, *duties)
            for cell in fact.cells
            for value in cell
            for source in value.sources
        ),
        messages=messages,
        on=on,
        on_message=on_message,
        query={"ids": ",".join(ids), "on": params.other_day(on)},
        choices=[] if ids else await data.rows(datasette, "records.of_kind", kind="action"),
    )


async def actions_asked(datasette, request, most: int) -> tuple[list[str], list[str]]:
    """Return the ids of the actions that a request names, `most` at most, and what is wrong with its other `ids`."""
    ids, messages, asked = [], [], params.ids_asked(request)
    for record_id in asked[:most]:
        record = await data.record(datasette, record_id[:LONGEST_ID])
        if record and record["kind"] == "action":
            ids.append(record["id"])
        elif record:
            messages.append(
                f"“{record_id}” is a record of kind {record['kind']}; only actions are shown."
            )
        else:
            near = await data.nearest(datasette, record_id[:LONGEST_ID])
            action = next((other["id"] for other in near if other["kind"] == "action"), "")
            hint = f" Did you mean “{action}”?" if action else ""
            messages.append(f"There is no action “{record_id[:LONGEST_ID]}”.{hint}")
    if len(asked) > most:
        messages.append(f"At most {most} actions are shown; these are the first of {len(asked)}.")
    return list(dict.fromkeys(ids)), messages


def _read(connection, ids: list[str], on: str, names: Iterable[str] = READ) -> dict:
    """Return the rows that a comparison needs: those of `names`, and citations by what they are sources of."""
    bound = {"ids": json.dumps(ids)}
    parts = {name: data.read(connection, f"compare.{name}", bound) for name in names}
    events, periods = grouped(parts["events"], "action"), grouped(parts["periods"], "action")
    parts["status"] = {
        action["id"]: standing(
            action,
            periods.get(action["id"], []),
            events.get(action["id"], []),
            on,
            params.today(),
            most=None,
        )
        for action in parts["actions"]
    }
    shown = [
        event["id"]
        for status in parts["status"].values()
        for event in (status["event"], *status["next"])
        if event
    ]
    bound["event_ids"] = json.dumps(shown)
    citations = data.read(connection, "compare.citations", bound)
    parts["citations"] = grouped(citations, "fact")
    parts["duties"] = duties_of(connection, bound["ids"], on)
    return parts


def duties_of(connection, ids: str, on: str) -> list[dict]:
    """Return the duties of the actions `ids` (JSON array), each with its `enforcers` and its `sources`.

    A task has what became of it by the day `on`, in words, as `became`.
    """
    duties = data.read(connection, "compare.duties", {"ids": ids, "on": on})
    if duties:
        enforcers = grouped(data.read(connection, "compare.enforcers", {"ids": ids}), "duty")
        sources = grouped(data.read(connection, "compare.duty_sources", {"ids": ids}), "fact")
        for duty in duties:
            duty["enforcers"] = enforcers.get(duty["id"], [])
            duty["sources"] = tuple(sources.get(duty["id"], ()))
            duty["became"] = became(duty) if duty["state"] else ""
    return duties


def tasks_of(duties: list[dict]) -> list[dict]:
    """Return the duties that are tasks: those due first, then those without a due date."""
    tasks = [duty for duty in duties if duty["state"]]
    return sorted(tasks, key=lambda task: (task["due_latest"] or "9999-12-31", task["position"]))


def _facts(known: data.Known, parts: dict) -> list[Fact]:
    """Return what is compared, without the duties themselves."""
    ids = [action["id"] for action in parts["actions"]]
    numbers = grouped(parts["identifiers"], "action")
    sides = grouped(parts["sides"], "action")
    duties = grouped(parts["duties"], "action")

    def each(cell: Callable[[str], Iterable[Value]]) -> list[list[Value]]:
        return [list(cell(action_id)) for action_id in ids]

    def of_duties(key: str) -> list[list[Value]]:
        return each(
            lambda action_id: _merged(duties.get(action_id, []), lambda duty: _texts(duty, key))
        )

    def number(action_id: str) -> list[Value]:
        return [Value(row["display"], href=row["url"] or "") for row in numbers.get(action_id, [])]

    return [
        Fact("Number", each(number), cited=False),
        Fact("Status", each(lambda action_id: _status(parts, action_id))),
        Fact("Who is bound", of_duties("who")),
        Fact("Threshold", of_duties("threshold")),
        *_effects(known, parts),
        Fact(exemptions(known), of_duties("treatment")),
        Fact("From when", of_duties("applies_from")),
        Fact("Penalty", of_duties("penalty")),
        Fact("Enforcer", of_duties("enforcers")),
        Fact(
            "Arguments",
            each(lambda action_id: _arguments(action_id, sides.get(action_id, []))),
            cited=False,
        ),
        Fact("What comes next", each(lambda action_id: _next(parts, action_id))),
    ]


def _status(parts: dict, action_id: str) -> list[Value]:
    status = parts["status"][action_id]
    event = status["event"]
    sources = tuple(parts["citations"].get(event["id"], ())) if event else ()
    return [Value(status["headline"], sources, path("action", action_id))]


def _effects(known: data.Known, parts: dict) -> Iterator[Fact]:
    """Yield the effects of the actions, if the knowledge base declares any."""
    if not known.effect_on:
        return
    cells = []
    for action in parts["actions"]:
        label = known.terms["effects"][action["effect"]]["label"]
        sources = tuple(parts["citations"].get(action["id"], ()))
        cells.append([Value(f"{label}. {action['effect_note']}", sources)])
    yield Fact(f"Effect on {known.effect_on}", cells)


def _arguments(action_id: str, sides: list[dict]) -> list[Value]:
    numbers = ", ".join(f"{row['number']} {row['side']}" for row in sides)
    return [Value(numbers, href=f"/arguments?action={action_id}")] if numbers else []


def _next(parts: dict, action_id: str) -> list[Value]:
    values = []
    for event in parts["status"][action_id]["next"]:
        label = AHEAD.get(event["type"]) or _LABELS["event_types", event["type"]].lower()
        note = f": {event['note']}" if event["note"] else ""
        sources = tuple(parts["citations"].get(event["id"], ()))
        address = event_path(action_id, event["id"])
        values.append(Value(f"{date(event['date'])}, {label}{note}", sources, address))
    return values


def _texts(duty: dict, key: str) -> Iterable[tuple[str, str]]:
    """Yield the texts of a key of a duty, each with the address of its page or ''."""
    if key == "enforcers":
        yield from ((row["name"], path("organization", row["id"])) for row in duty["enforcers"])
    elif key == "applies_from":
        until = f" until {date(duty['applies_until'])}" if duty["applies_until"] else ""
        if duty["applies_from"] or until:
            yield f"{date(duty['applies_from'])}{until}".strip(), ""
    elif key == "treatment" and duty[key]:
        yield (
            ". ".join(filter(None, (_LABELS["duty_treatments", duty[key]], duty["exemption"]))),
            "",
        )
    elif duty[key]:
        yield duty[key], ""


def _merged(duties: list[dict], texts: Callable[[dict], Iterable[tuple[str, str]]]) -> list[Value]:
    """Return each text once, with the sources of all duties that have it, and their places if not all duties have it."""
    same: dict[tuple[str, str], list[dict]] = {}
    for duty in duties:
        for text in texts(duty):
            same.setdefault(text, []).append(duty)
    values = []
    for (text, href), having in same.items():
        unique = {(s["document"], s["locator"]): s for duty in having for s in duty["sources"]}
        places = [locator(duty["locator"]) for duty in having if duty["locator"]]
        about = "" if len(having) == len(duties) else ", ".join(dict.fromkeys(places))
        values.append(Value(text, tuple(unique.values()), href, about))
    return values


def _by_type(parts: dict) -> list[Fact]:
    """Return the tasks of the actions, and their duties by type, in the order of the vocabulary.

    What no action has is left out.
    """
    by_type = grouped(parts["duties"], "type")
    facts = []
    tasks = grouped(tasks_of(parts["duties"]), "action")
    if tasks:
        cells = [list(map(_task, tasks.get(action["id"], ()))) for action in parts["actions"]]
        facts.append(Fact(TASKS, cells))
    for term in DUTY_TYPES:
        duties = grouped(by_type.get(term.id, ()), "action")
        cells = [list(map(_duty, duties.get(action["id"], ()))) for action in parts["actions"]]
        if duties:
            facts.append(Fact(term.label, cells))
    return facts


def _duty(duty: dict) -> Value:
    rule = _LABELS["duty_rules", duty["rule"]]
    return Value(f"{rule} {duty['what']}", duty["sources"], about=locator(duty["locator"]))


def _task(duty: dict) -> Value:
    due = f" by {date(duty['due'])}" if duty["due"] else ""
    text = f"{duty['who']}: {duty['what']}{due}. {duty['became']}"
    outcome = f". {duty['outcome']}" if duty["outcome"] else ""
    return Value(text + outcome, duty["sources"], about=locator(duty["locator"]))


def exemptions(known: data.Known) -> str:
    """Return the label of how duties treat what may be exempt."""
    return f"Exemption for {known.spared}" if known.spared else "Exemption"


def everything(connection, known: data.Known, on: str) -> dict:
    """Return the comparison of all actions on the day `on`, from which a static copy takes those that a reader chooses.

    `actions` has by id the title, the jurisdiction, the terms of the head, and the values of each label: text, address,
    what it is about, and the document and place of each source. `documents` has title, address and grade by id.
    """
    ids = [row["id"] for row in data.read(connection, "compare.everything", {})]
    actions, documents, labels = {}, {}, {}
    for start in range(0, len(ids), MOST):
        parts = _read(connection, ids[start : start + MOST], on)
        facts = _facts(known, parts)
        labels |= {fact.label: fact.cited for fact in facts}
        for place, action in enumerate(parts["actions"]):
            cells = {fact.label: fact.cells[place] for fact in [*facts, *_by_type(parts)]}
            sources = [s for cell in cells.values() for value in cell for s in value.sources]
            documents |= {s["document"]: (s["title"], s["url"], s["grade"]) for s in sources}
            actions[action["id"]] = {
                "title": action["title"],
                "place": action["jurisdiction_name"],
                "instrument": action["instrument"],
                "bindingness": action["bindingness"],
                "cells": {label: list(map(_plain, cell)) for label, cell in cells.items() if cell},
            }
    duties = [TASKS, *(term.label for term in DUTY_TYPES)]
    return {"actions": actions, "documents": documents, "facts": labels, "duties": duties} | {
        "columns": COLUMNS,
        "most": MOST,
    }


def _plain(value: Value) -> tuple:
    places = [(source["document"], source["locator"]) for source in value.sources]
    return (value.text, value.href, value.about, places)


def _numbered(sources: Iterable[dict]) -> dict[str, dict]:
    """Return the documents that are cited, each with its number, in the order in which the page cites them."""
    numbers, documents = count(1), {}
    for source in sources:
        if source["document"] not in documents:
            documents[source["document"]] = {**source, "number": next(numbers)}
    return documents


def _rows(actions: list[dict], facts: list[Fact]) -> Iterator[tuple]:
    """Yield a row for each value of each action."""
    for place, action in enumerate(actions):
        for fact in facts:
            for value in fact.cells[place]:
                about = (action["id"], action["title"], fact.label, value.text, value.about)
                yield (*about, *_of_sources(value.sources))


def _of_sources(sources: Iterable[dict]) -> tuple[str, ...]:
    """Return the columns OF_SOURCES."""
    keys = ("title", "url", "locator", "grade")
    return tuple(joined(source[key] for source in sources) for key in keys)


class Passing(NamedTuple):
    """The duties that pass the filters of a request: their ids and laws, the filters, and what is wrong with the request."""

    ids: set[str]
    laws: list[str]
    values: dict[str, list[str]]
    days: dict[str, str]
    messages: list[str]


async def duties(datasette, request):
    """Return the duties that pass the filters, by law and type, as a page or, at the address with .csv, as a file."""
    as_file = request.path.endswith(".csv")
    on, on_message = params.day_asked(request, as_file)
    labels = FILTERS | {"treatment": (exemptions(data.known(datasette)), "duty_treatments")}
    passing = await _passing(datasette, request, labels, on)
    if as_file:
        params.refuse_faults(request, passing.messages)
        _, shown = await _shown(datasette, passing, passing.laws, on)
        return file(datasette, request, _table(shown), CSV)
    number = params.page_number(request)
    ids = passing.laws[(number - 1) * LAWS : number * LAWS]
    parts, shown = await _shown(datasette, passing, ids, on)
    types = {duty["type"] for duty in shown}
    by_law = grouped(shown, "action")
    options = await lists.facets(datasette, on)
    total = len(passing.laws)
    return page(
        datasette,
        request,
        "duties",
        section="/actions",
        listed=lists.Listed(ids, number * LAWS < total, number, total),
        most=MOST,
        number=len(passing.ids),
        types=[term for term in DUTY_TYPES if term.id in types],
        laws=[
            {**action, "status": parts["status"][action["id"]], "duties": by_law[action["id"]]}
            for action in parts["actions"]
        ],
        filters=lists.filters(datasette, labels, passing.values, options, numbers=False),
        sources=_numbered(duty["sources"][0] for duty in shown),
        days=passing.days,
        messages=passing.messages,
        on=on,
        on_message=on_message,
        query={**passing.values, **passing.days, "on": params.other_day(on)},
    )


async def _passing(datasette, request, labels: dict[str, tuple[str, str]], on: str) -> Passing:
    """Return the duties that pass the filters of a request on the day `on`, at most MOST_DUTIES."""
    plain = (*SPAN, *lists.PLAIN)
    values, messages = await lists.filter_values(datasette, request, lists.choices(labels), plain)
    days, wrong = _days(request)
    bound = {**lists.as_lists(values), **days, "on": on, "most": MOST_DUTIES}
    rows = await data.rows(datasette, "compare.passing", **bound)
    messages += wrong
    if len(rows) > MOST_DUTIES:
        messages.append(f"There are more than {MOST_DUTIES:,} duties; add a filter.")
    rows = rows[:MOST_DUTIES]
    laws = list(dict.fromkeys(row["action"] for row in rows))
    return Passing({row["id"] for row in rows}, laws, values, days, messages)


async def _shown(datasette, passing: Passing, laws: list[str], on: str) -> tuple[dict, list[dict]]:
    """Return the rows of these laws, as `_read` does, and those of their duties that pass."""
    parts = await data.turn(datasette, lambda connection: _read(connection, laws, on, HISTORY))
    return parts, [duty for duty in parts["duties"] if duty["id"] in passing.ids]


def _days(request) -> tuple[dict[str, str], list[str]]:
    """Return the days SPAN of a request, '' for none, and what is wrong with them."""
    days, messages = dict.fromkeys(SPAN, ""), []
    for name in SPAN:
        try:
            days[name] = params.checked_day(params.param(request, name))
        except params.RefusedError as error:
            messages.append(str(error))
    if days["until"] and days["from"] > days["until"]:
        messages.append(f"The first day, {days['from']}, is after the last, {days['until']}.")
    return days, messages


def _table(duties: list[dict]) -> str:
    """Return duties as CSV."""
    rows = []
    for duty in duties:
        enforcers = "; ".join(row["name"] for row in duty["enforcers"])
        own = (duty[key] for key in OF_DUTY)
        rows.append((*own, enforcers, *_of_sources(duty["sources"])))
    return spreadsheet((*OF_DUTY, "enforcers", *OF_SOURCES), rows)
