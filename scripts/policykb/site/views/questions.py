"""The named questions: a form each, the answer as a table that leads to the pages, and the same as CSV and JSON."""

import json

from datasette.utils.asgi import NotFound, Response
from markupsafe import Markup

from policykb.model import dates
from policykb.model.vocabulary import STANCES, ids
from policykb.pictures.argument_map import argument_map
from policykb.read.functions import choices
from policykb.read.questions import Parameter, Question, bound, questions, spreadsheet
from policykb.site import data, words
from policykb.site.respond import POLICY, page
from policykb.site.views import cells
from policykb.site.views.asked import every

PAGE = 100
# Parameters that name a record, and of which kind.
KINDS = ("action", "document", "jurisdiction")
FORMS = {".csv": "text/csv; charset=utf-8", ".json": "application/json; charset=utf-8"}


async def index(datasette, request):
    """All questions with what they tell and ask for."""
    return await page(
        datasette, request, "questions", section="/questions", questions=list(questions().values())
    )


async def show(datasette, request):
    """One question: its form and answer; with .csv or .json after its name, the whole answer in that form."""
    name, form = _split(request.url_vars["name"])
    question = questions().get(name)
    if question is None:
        raise NotFound(f"There is no question “{name[:80]}”.")
    given, messages = _given(request, question)
    today = dates.today().isoformat()
    missing = [
        parameter.name
        for parameter in question.parameters
        if required(parameter) and not given[parameter.name]
    ]
    try:
        values, message = bound(question, given, today), None
    except ValueError as error:
        values, message = None, str(error)
    if form:
        if messages or message or missing:
            return _told(" ".join(messages) or message or f"{missing[0]} is missing", 400)
        return await _file(datasette, question, values, form)
    answer = (
        await _answer(datasette, request, question, values)
        if values is not None and not missing
        else None
    )
    return await page(
        datasette,
        request,
        "question",
        section="/questions",
        question=question,
        messages=messages,
        given=given,
        message=message,
        missing=missing,
        answer=answer,
        unknown=await _unknown(datasette, question, given) if answer else [],
        required=required,
        choices={
            parameter.name: await _choices(datasette, parameter)
            for parameter in question.parameters
        },
        kept={key: value for key, value in given.items() if value},
    )


def _given(request, question: Question) -> tuple[dict[str, str], list[str]]:
    """The value of each parameter, several of a choice with commas between them; and what was wrong with the request."""
    names = [parameter.name for parameter in question.parameters]
    given, messages = {}, []
    for parameter in question.parameters:
        values = every(request, parameter.name)
        try:
            given[parameter.name] = parameter.joined(values)
        except ValueError as error:
            messages.append(f"{error}.")
            given[parameter.name] = values[0]
    for name in request.args:
        if name not in (*names, "page"):
            messages.append(
                f"“{words.cleaned(name)}” is not a parameter of this question; it has: {', '.join(names) or 'none'}."
            )
    return given, messages


def required(parameter: Parameter) -> bool:
    """Whether a question has no answer without this parameter."""
    return (
        parameter.kind in ("id", "text")
        and not parameter.default
        and "(empty" not in parameter.description
    )


def _split(name: str) -> tuple[str, str]:
    """A question's name and the form that is asked for: '.csv', '.json' or ''."""
    form = next((ending for ending in FORMS if name.endswith(ending)), "")
    return name.removesuffix(form), form


async def _run(datasette, question: Question, values: dict[str, str], truncate: bool):
    known = await data.known(datasette)
    return await datasette.get_database(known.name).execute(question.sql, values, truncate=truncate)


async def _answer(datasette, request, question: Question, values: dict[str, str]) -> dict:
    """Columns, the rows of the page that is asked for, how many there are, and a picture where one says more."""
    result = await _run(datasette, question, values, truncate=True)
    rows = [tuple(row) for row in result.rows]
    number = words.page_number(request)
    names = (
        {row["id"]: row["name"] for row in await data.rows(datasette, "jurisdiction_names")}
        if "jurisdiction" in result.columns
        else {}
    )
    columns = tuple(result.columns)
    part = rows[(number - 1) * PAGE : number * PAGE]
    untitled = cells.untitled(columns, part)
    titles = (
        {
            row["id"]: row["title"]
            for row in await data.rows(datasette, "titles_of", ids=json.dumps(untitled))
        }
        if untitled
        else {}
    )
    shown = cells.table(columns, part, names, titles)
    picture = (
        _chain(datasette, values, [dict(zip(columns, row, strict=True)) for row in rows])
        if question.name == "chain"
        else ""
    )
    return {
        **shown,
        "count": len(rows),
        "truncated": result.truncated,
        "page": number,
        "more": len(rows) > number * PAGE,
        "picture": picture,
    }


def _chain(datasette, values: dict[str, str], rows: list[dict]) -> Markup:
    """The chain of actions as a graph."""
    nodes = {}
    for row in rows:
        for id, title in ((row["action"], row["action_title"]), (row["other"], row["other_title"])):
            nodes.setdefault(
                id, {"id": id, "title": title, "href": datasette.urls.path(f"/actions/{id}")}
            )
    edges = [
        {
            "source": row["action"],
            "target": row["other"],
            "type": "other",
            "label": row["type"].replace("_", " "),
        }
        for row in rows
    ]
    return Markup(
        argument_map(
            list(nodes.values()),
            edges,
            values["action"],
            "Actions that amend, revoke, replace or implement each other",
        )
    )


async def _file(datasette, question: Question, values: dict[str, str], form: str) -> Response:
    """The whole answer as `policykb query --format csv` or json prints it."""
    result = await _run(datasette, question, values, truncate=False)
    if form == ".csv":
        body = spreadsheet(result.columns, (tuple(row) for row in result.rows))
    else:
        body = (
            json.dumps(
                [dict(zip(result.columns, row, strict=True)) for row in result.rows],
                ensure_ascii=False,
                indent=1,
            )
            + "\n"
        )
    return Response(
        body,
        content_type=FORMS[form],
        headers={
            "content-security-policy": POLICY,
            "access-control-allow-origin": "*",
            "x-content-type-options": "nosniff",
            "content-disposition": f'inline; filename="{question.name}{form}"',
        },
    )


def _told(message: str, status: int) -> Response:
    return Response.text(
        message + "\n",
        status=status,
        headers={"content-security-policy": POLICY, "x-content-type-options": "nosniff"},
    )


async def _unknown(
    datasette, question: Question, given: dict[str, str]
) -> list[tuple[str, str, dict | None]]:
    """The ids that were given and name no record of their kind: kind, id and what took its place if it is an old one."""
    found = []
    for parameter in question.parameters:
        asked = json.loads(choices(given[parameter.name])) if parameter.kind == "id" else []
        for id in asked:
            if parameter.name not in KINDS:
                if id not in ids(STANCES):
                    found.append((parameter.name, id, None))
                continue
            there = await data.found(datasette, id)
            if not there or there["moved"] or there["kind"] != parameter.name:
                found.append((parameter.name, id, there))
    return found


async def _choices(datasette, parameter: Parameter) -> list[tuple[str, str]]:
    """What may be chosen for a parameter, as value and label; empty where anything may be typed."""
    if parameter.name == "stance":
        return [(term.id, term.label) for term in STANCES]
    if parameter.kind == "id" and parameter.name in KINDS:
        return [
            (row["id"], row["title"])
            for row in await data.rows(datasette, "ids_of_kind", kind=parameter.name)
        ]
    return []
