"""The named questions: a form each, the answer as a table that leads to the pages, and the same as CSV and JSON."""

import json

from datasette.utils.asgi import NotFound, Response

from policykb.pictures.argument_map import Drawing, argument_map
from policykb.read.functions import choices
from policykb.read.links import path
from policykb.read.questions import TERMS, Parameter, Question, bound, spreadsheet
from policykb.site import data, params
from policykb.site.links import address
from policykb.site.respond import POLICY, page
from policykb.site.views import cells
from policykb.text import json_text

PAGE = 100
# Parameters that name a record, and of which kind.
KINDS = ("action", "document", "jurisdiction", "topic")
FORMS = {".csv": "text/csv; charset=utf-8", ".json": "application/json; charset=utf-8"}
HEADERS = {"content-security-policy": POLICY, "x-content-type-options": "nosniff"}
# What an empty answer says, and the parameter with which it may have rows: question -> parameter, sentence, noun.
WIDER = {"changed-between": ("events", "No status changed", "other event")}
CHAIN = "Actions that amend, revoke, replace or implement each other"


async def index(datasette, request):
    """Return all questions, with what they answer and ask for."""
    return page(
        datasette,
        request,
        "questions",
        section="/questions",
        questions=list(data.known(datasette).questions.values()),
    )


async def show(datasette, request):
    """Return one question: its form and answer; with .csv or .json after its name, the whole answer in that form."""
    name = request.url_vars["name"]
    form = next((ending for ending in FORMS if name.endswith(ending)), "")
    question = data.known(datasette).questions.get(name.removesuffix(form))
    if question is None:
        raise NotFound(f"There is no question “{name.removesuffix(form)[:80]}”.")
    inputs, messages = _read_inputs(request, question)
    missing = [
        parameter.name
        for parameter in question.parameters
        if required(parameter) and not inputs[parameter.name]
    ]
    try:
        values, message = bound(question, inputs, params.today()), None
    except ValueError as error:
        values, message = None, params.quoted(error)
    if form:
        if messages or message or missing:
            text = " ".join(messages) or message or f"{missing[0]} is missing"
            raise params.RefusedError(text)
        if unknown := await _unknown(datasette, question, inputs):
            raise params.RefusedError(" ".join(map(_no_record, unknown)))
        return await _file(datasette, question, values, form)
    answer, unknown = None, []
    if values is not None and not missing:
        answer = await _answer(datasette, request, question, values)
        unknown = await _unknown(datasette, question, inputs)
    wider = None
    if answer and not answer["count"] and question.name in WIDER:
        wider = await _wider(datasette, question, inputs)
    return page(
        datasette,
        request,
        "question",
        section="/questions",
        question=question,
        messages=messages,
        inputs=inputs,
        message=message,
        missing=missing,
        answer=answer,
        unknown=unknown,
        wider=wider,
        required=required,
        terms=TERMS,
        choices={
            parameter.name: await _choices(datasette, parameter)
            for parameter in question.parameters
        },
        parameters={key: value for key, value in inputs.items() if value},
    )


def _read_inputs(request, question: Question) -> tuple[dict[str, str], list[str]]:
    """Return the value of each parameter, several of a choice with commas between them; and what is wrong with the request."""
    inputs, messages = {}, []
    for parameter in question.parameters:
        values = params.every(request, parameter.name)
        try:
            inputs[parameter.name] = parameter.joined(values)
        except ValueError as error:
            messages.append(f"{error}.")
            inputs[parameter.name] = values[0]
    known = ", ".join(inputs) or "none"
    for name in request.args:
        if name not in (*inputs, "page"):
            name = params.cleaned(name)
            messages.append(f"“{name}” is not a parameter of this question; it has: {known}.")
    return inputs, messages


def required(parameter: Parameter) -> bool:
    """Return whether a question has no answer without this parameter."""
    optional = parameter.default or "(empty" in parameter.description
    return parameter.kind in ("id", "text") and not optional


async def _run(datasette, question: Question, values: dict[str, str], truncate: bool):
    database = datasette.get_database(data.known(datasette).name)
    return await database.execute(question.sql, values, truncate=truncate)


async def _answer(datasette, request, question: Question, values: dict[str, str]) -> dict:
    """Return columns, the rows of the page that is asked for, how many there are, and a picture where one says more."""
    result = await _run(datasette, question, values, truncate=True)
    columns, rows = tuple(result.columns), [tuple(row) for row in result.rows]
    # A question with a parameter `page` has pages itself.
    number, size = params.page_number(request), PAGE
    if any(parameter.name == "page" for parameter in question.parameters):
        number, size = 1, len(rows)
    part = rows[(number - 1) * size : number * size]
    linked = json.dumps(cells.linked(columns, part))
    places, records = await data.several(
        datasette, ("places.jurisdiction_names", {}), ("records.titles", {"ids": linked})
    )
    names = {row["id"]: row["name"] for row in places}
    by_id = {row["id"]: row for row in records}
    return {
        **cells.table(columns, part, names, by_id),
        "count": len(rows),
        "truncated": result.truncated,
        "page": number,
        "more": len(rows) > number * size,
        "map": _chain(datasette, values, result.rows) if question.name == "chain" else None,
    }


async def _wider(datasette, question: Question, inputs: dict[str, str]) -> dict:
    """Return what an empty answer leaves out: `sentence`, `number` of `noun`s and the `parameters` that show them."""
    name, sentence, noun = WIDER[question.name]
    parameters = {key: value for key, value in inputs.items() if value} | {name: "yes"}
    values = bound(question, inputs | {name: "yes"}, params.today())
    result = await _run(datasette, question, values, truncate=True)
    return {
        "sentence": sentence,
        "number": len(result.rows),
        "noun": noun,
        "parameters": parameters,
    }


def _chain(datasette, values: dict[str, str], rows) -> Drawing | None:
    """Return the chain of actions as a graph, which begins with the first one asked for that has ties."""
    titles: dict[str, str] = {}
    for row in rows:
        titles.setdefault(row["action"], row["action_title"])
        titles.setdefault(row["other"], row["other_title"])
    nodes = [
        {"id": action, "title": title, "href": address(datasette, path("action", action))}
        for action, title in titles.items()
    ]
    edges = [
        {
            "source": row["action"],
            "target": row["other"],
            "type": "other",
            "label": row["type"].replace("_", " "),
        }
        for row in rows
    ]
    asked = [action.strip() for action in values["action"].split(",")]
    first = next((action for action in asked if action in titles), "")
    return argument_map(nodes, edges, first, CHAIN) if first else None


async def _file(datasette, question: Question, values: dict[str, str], form: str) -> Response:
    """Return the whole answer as `policykb query --format csv` or json prints it."""
    result = await _run(datasette, question, values, truncate=False)
    if form == ".csv":
        body = spreadsheet(result.columns, (tuple(row) for row in result.rows))
    else:
        body = json_text([dict(row) for row in result.rows])
    headers = {
        "access-control-allow-origin": "*",
        "content-disposition": f'inline; filename="{question.name}{form}"',
    }
    return Response(body, headers=HEADERS | headers, content_type=FORMS[form])


async def _unknown(
    datasette, question: Question, inputs: dict[str, str]
) -> list[tuple[str, str, dict | None]]:
    """Return the ids that name no record of their kind: kind, id and what took its place if it is a former id."""
    unknown = []
    for parameter in question.parameters:
        if parameter.kind != "id":
            continue
        kind = parameter.name
        asked = json.loads(choices(inputs[kind]))
        if kind in TERMS:
            known = data.known(datasette).terms[TERMS[kind]]
            unknown += [(kind, term, None) for term in asked if term not in known]
            continue
        for record_id in asked:
            there = await data.record(datasette, record_id)
            if not there or there["moved"] or there["kind"] != kind:
                unknown.append((kind, record_id, there))
    return unknown


def _no_record(unknown: tuple[str, str, dict | None]) -> str:
    kind, record_id, there = unknown
    instead = f"; it is now “{there['id']}”" if there and there["moved"] else ""
    return f"There is no {kind} “{record_id}”{instead}."


async def _choices(datasette, parameter: Parameter) -> list[tuple[str, str]]:
    """Return what may be chosen for a parameter, as value and label; empty where anything may be typed."""
    if parameter.name in TERMS:
        terms = data.known(datasette).terms[TERMS[parameter.name]]
        return [(term_id, term["label"]) for term_id, term in terms.items()]
    if parameter.kind == "id" and parameter.name in KINDS:
        rows = await data.rows(datasette, "records.of_kind", kind=parameter.name)
        return [(row["id"], row["title"]) for row in rows]
    return []
