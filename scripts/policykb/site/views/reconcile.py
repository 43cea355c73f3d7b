"""A reconciliation service, with which OpenRefine and other tools match names and numbers to the ids of records.

It has the ranking of the named question `search`. The form of queries and answers is that of version 0.2:
https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/
"""

from collections.abc import Iterable
from functools import partial

from datasette.utils.asgi import Response
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from policykb.read.database import select
from policykb.read.links import PLACES
from policykb.read.questions import bound, questions
from policykb.site import data, params
from policykb.site.respond import POLICY, absolute
from policykb.text import name_key

MOST_QUERIES, MOST_MATCHES, MOST_IDS, MOST_TYPED = 10, 25, 500, 200
# How a match was made, as `search` says -> how sure it is, in percent.
SCORES = {
    "official number": 100,
    "name": 100,
    "name among the words": 80,
    "start of a name": 70,
    "part of an official number": 60,
    "all words": 40,
    "starts of words": 30,
    "some words": 10,
}
# By what a query may be narrowed, and what the records of actions can add to a table (columns of `current_status`).
NARROWING = ("jurisdiction", "topic", "year", "status")
ADDED = (
    "title short_title number jurisdiction country stage legal_force since topics effect "
    "official_url as_of"
).split()
TYPES = [{"id": kind, "name": kind.capitalize()} for kind in PLACES]


class Property(BaseModel):
    """A property that a match shall have: its id and one or more values, each a text, a number or an object with an id."""

    pid: str
    v: object


class Query(BaseModel):
    """What to match: a text, of which kinds of records, how many matches, and what they shall have."""

    query: str = Field("", max_length=MOST_TYPED)
    type: str | list[str] = []
    limit: int = Field(5, ge=1)
    properties: list[Property] = []


class Column(BaseModel):
    """A column that is asked for."""

    id: str


class Extension(BaseModel):
    """The records and the columns that are asked for."""

    ids: list[str] = Field(max_length=MOST_IDS)
    properties: list[Column]


QUERIES = TypeAdapter(dict[str, Query])


async def service(datasette, request):
    """Answer `queries` or `extend`, in the address or in what is posted; without them say what this service is."""
    try:
        sent = await request.post_vars() if request.method == "POST" else request.args
        if queries := sent.get("queries"):
            return _json(await _matches(datasette, QUERIES.validate_json(queries)))
        if extension := sent.get("extend"):
            return _json(await _columns(datasette, Extension.model_validate_json(extension)))
    except ValidationError:
        return _json({"error": "This is not in the form of version 0.2."}, status=400)
    except ValueError as error:
        return _json({"error": str(error)}, status=400)
    return _json(_manifest(datasette, request))


async def suggest(datasette, request):
    """Return what begins with `prefix`: records, kinds of records, or properties that narrow a query."""
    prefix = (request.args.get("prefix") or "")[:MOST_TYPED]
    if request.url_vars["what"] == "entity":
        return _json({"result": await _suggested(datasette, prefix)})
    choices = TYPES if request.url_vars["what"] == "type" else _properties(NARROWING)
    return _json({"result": [item for item in choices if item["id"].startswith(prefix.lower())]})


async def _suggested(datasette, prefix: str) -> list[dict]:
    """Return the records with a name that begins with `prefix`; if there is none, the best matches of its words."""
    if key := name_key(prefix):
        if rows := await data.rows(datasette, "reconcile.named", key=key):
            return _best(rows)
    answers = await _matches(datasette, {"all": Query(query=prefix, limit=10)})
    return answers["all"]["result"]


async def propose(datasette, request):
    """Return the columns that can be added to a table of actions."""
    return _json({"type": request.args.get("type") or "action", "properties": _properties(ADDED)})


def _manifest(datasette, request) -> dict:
    """Return the description of this service; the page of an action leads on to a record of another kind."""
    here = absolute(datasette, request, "/reconcile")
    page = absolute(datasette, request, "/actions/")
    suggested = {
        what: {"service_url": here, "service_path": f"/suggest/{what}"}
        for what in ("entity", "type", "property")
    }
    return {
        "versions": ["0.2"],
        "name": data.known(datasette).info["title"],
        "identifierSpace": page,
        "schemaSpace": absolute(datasette, request, "/about"),
        "defaultTypes": TYPES,
        "view": {"url": f"{page}{{{{id}}}}"},
        "batchSize": MOST_QUERIES,
        "suggest": suggested,
        "extend": {"propose_properties": {"service_url": here, "service_path": "/properties"}},
    }


def _properties(names: Iterable[str]) -> list[dict[str, str]]:
    return [{"id": name, "name": name.replace("_", " ").capitalize()} for name in names]


async def _matches(datasette, queries: dict[str, Query]) -> dict[str, dict]:
    """Return the best matches of each query, the surest first.

    :raises ValueError: if there are more than MOST_QUERIES, or a value is not valid.
    """
    if len(queries) > MOST_QUERIES:
        raise ValueError(f"at most {MOST_QUERIES} queries at a time")
    question = questions()["search"]
    values = {key: bound(question, _asked(query), params.today()) for key, query in queries.items()}
    answers = {}
    for (
        key,
        query,
    ) in queries.items():  # each in a turn of its own, since the time of a turn is limited
        search = partial(select, statement=question.sql, parameters=values[key])
        rows = await data.turn(
            datasette, lambda connection, search=search: list(search(connection))
        )
        answers[key] = {"result": _best(rows)[: min(query.limit, MOST_MATCHES)]}
    return answers


def _asked(query: Query) -> dict[str, str]:
    """Return a query as the parameters of the question `search`."""
    kinds = [query.type] if isinstance(query.type, str) else query.type
    asked = {"q": query.query, "kind": ",".join(kinds), "size": str(MOST_MATCHES)}
    for wanted in query.properties:
        if wanted.pid in NARROWING:
            values = wanted.v if isinstance(wanted.v, list) else [wanted.v]
            ids = [value.get("id") if isinstance(value, dict) else value for value in values]
            asked[wanted.pid] = ",".join(map(str, ids))
    return asked


def _best(rows: list[dict]) -> list[dict]:
    """Return rows of the question `search` as matches, the surest first."""
    matches = [
        {
            "id": row["id"],
            "name": row["short_title"] or row["title"],
            "description": " · ".join(filter(None, (row["number"], row["title"], row["date"]))),
            "type": [{"id": row["kind"], "name": row["kind"].capitalize()}],
            "score": SCORES[row["match"]],
            "match": bool(row["certain"]),
        }
        for row in rows
    ]
    return sorted(matches, key=lambda match: -match["score"])


async def _columns(datasette, extension: Extension) -> dict:
    """Return the values of columns for records; those of records that are not actions are empty."""
    ids = extension.ids
    wanted = [column.id for column in extension.properties if column.id in ADDED]
    rows = await data.rows(
        datasette, "reconcile.columns", ids=data.as_json([{"id": id} for id in ids])
    )
    by_id = {row["action"]: row for row in rows}
    values = {
        record_id: {name: _cell(by_id.get(record_id, {}).get(name)) for name in wanted}
        for record_id in ids
    }
    return {"meta": _properties(wanted), "rows": values}


def _cell(value: object) -> list[dict]:
    return [] if value is None else [{"str": str(value)}]


def _json(content: dict, status: int = 200) -> Response:
    """Return an answer that pages of other sites may read, as OpenRefine does."""
    headers = {"access-control-allow-origin": "*", "content-security-policy": POLICY}
    return Response.json(content, status=status, headers=headers)
