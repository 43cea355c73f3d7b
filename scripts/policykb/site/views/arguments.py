"""Arguments: the list, the most connected first, and one argument among those it answers and that answer it."""

import json

from markupsafe import Markup

from policykb.model.vocabulary import ANSWERS, ARGUMENT_RELATIONS, STANCES
from policykb.pictures.argument_map import argument_map
from policykb.read.status_line import brief
from policykb.site import data, words
from policykb.site.respond import page, record
from policykb.site.views.asked import PLAIN, asked
from policykb.site.views.cite import cited
from policykb.site.views.groups import as_json, grouped

PAGE = 40
# How a tie reads from the argument that the page is about: heading of those it leads to, and of those that lead to it.
OUTWARD = {term.id: f"It {term.label.lower()}" for term in ARGUMENT_RELATIONS}
INWARD = {term.id: term.passive.capitalize() for term in ARGUMENT_RELATIONS}


async def index(datasette, request):
    """All arguments, filtered by stance, action and whether anybody answered."""
    choices = {"stance": "stance_types", "action": "action"}
    given, messages = await asked(datasette, request, choices, ("unanswered", *PLAIN))
    unanswered = "1" if words.param(request, "unanswered") else ""
    on, on_message = words.day_asked(request)
    number = words.page_number(request)
    rows = await data.rows(
        datasette,
        "argument_list_action" if given["action"] else "argument_list",
        **{name: json.dumps(values) for name, values in given.items()},
        unanswered=unanswered,
        most=PAGE + 1,
        skip=(number - 1) * PAGE,
    )
    listed = rows[:PAGE]
    stances = grouped(
        _with_status(await data.rows(datasette, "stances_of", ids=as_json(listed), on=on)),
        "argument",
    )
    return await page(
        datasette,
        request,
        "arguments",
        section="/arguments",
        rows=listed,
        stances=stances,
        messages=messages,
        chosen={**given, "unanswered": unanswered},
        about=await data.rows(datasette, "titles_of", ids=json.dumps(given["action"])),
        page=number,
        more=len(rows) > PAGE,
        stances_known=[(term.id, term.label, None) for term in STANCES],
        choices=await data.rows(datasette, "ids_of_kind", kind="action"),
        on=on,
        on_message=on_message,
    )


async def show(datasette, request):
    """One argument: premises, conclusion, stances, what it stands with and against, where it appears, its claims."""
    row = await record(datasette, request, "argument", "argument")
    if not isinstance(row, dict):
        return row
    id = row["id"]
    on, on_message = words.day_asked(request)
    ties, premises, values, stances, appearances, claims = await data.several(
        datasette,
        ("argument_ties", {"id": id}),
        ("argument_premises", {"id": id}),
        ("argument_values", {"id": id}),
        ("stances_of", {"ids": as_json([row]), "on": on}),
        ("appearances_of", {"kind": "argument", "id": id}),
        ("argument_claims", {"id": id}),
    )
    return await page(
        datasette,
        request,
        "argument",
        section="/arguments",
        argument=row,
        on=on,
        on_message=on_message,
        premises=premises,
        values=values,
        stances=_with_status(stances),
        appearances=appearances,
        claims=claims,
        outward=grouped((tie for tie in ties if tie["direction"] == "out"), "type"),
        inward=grouped((tie for tie in ties if tie["direction"] == "in"), "type"),
        outward_words=OUTWARD,
        inward_words=INWARD,
        picture=_picture(datasette, row, ties),
        answered=any(tie["direction"] == "in" and tie["type"] in ANSWERS for tie in ties),
        cited=await cited(datasette, request, id),
    )


def _picture(datasette, row: dict, ties: list[dict]) -> Markup:
    """The neighbourhood of an argument as SVG, escaped by its maker."""
    nodes = [{"id": row["id"], "title": row["title"]}]
    nodes += [
        {
            "id": tie["id"],
            "title": tie["title"],
            "href": datasette.urls.path(f"/arguments/{tie['id']}"),
        }
        for tie in ties
    ]
    unique = list({node["id"]: node for node in reversed(nodes)}.values())[::-1]
    edges = [
        {
            "source": tie["source"],
            "target": tie["target"],
            "type": tie["type"],
            "label": tie["type"],
        }
        for tie in ties
    ]
    return Markup(
        argument_map(
            unique,
            edges,
            row["id"],
            "What supports and attacks this argument, and what it supports and attacks",
        )
    )


def _with_status(stances: list[dict]) -> list[dict]:
    """Stances with the status of their action in few words, where the action had one on that day."""
    return [
        {**row, "brief": brief(row["stage"], row["legal_force"]) if row["stage"] else None}
        for row in stances
    ]
