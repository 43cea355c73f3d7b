"""Return the first page: what this is, what changed last, what is due, the status by jurisdiction, what is argued about most."""

import json

from policykb.model.vocabulary import EVENT_TYPES, LEGAL_FORCES, STANCES, ranked
from policykb.read.debate import grouped
from policykb.read.links import anchor
from policykb.read.status_line import with_brief
from policykb.site import data, params
from policykb.site.respond import page
from policykb.site.views import charts

# Columns of the table of jurisdictions: heading and the legal forces counted in it.
HEADINGS = ("In force", "Not yet", "Suspended or ended", "Not binding")
COLUMNS = [
    (heading, [force.id for force in LEGAL_FORCES if force.column == heading])
    for heading in HEADINGS
]
UNOFFICIAL = json.dumps([kind.id for kind in EVENT_TYPES if kind.unofficial])
_SHORT = {stance.id: stance.short for stance in STANCES}
SIDES = [(stance, _SHORT[stance]) for stance in ranked(STANCES, "place")]


async def index(datasette, request):
    """Return the first page, as of the day `on`."""
    on, on_message = params.day_asked(request)
    names = ("changes", "upcoming", "matrix", "argued")
    bound = {"on": on, "unofficial": UNOFFICIAL}
    calls = [(f"home.{name}", bound) for name in names]
    calls += charts.calls(on)
    changes, upcoming, numbers, argued, *counted = await data.several(datasette, *calls)
    for event in (*changes, *upcoming):
        event["anchor"] = anchor(event["id"])
    return page(
        datasette,
        request,
        "home",
        on=on,
        on_message=on_message,
        changes=changes,
        upcoming=upcoming,
        matrix=_matrix(numbers),
        argued=with_brief(argued),
        charts=charts.charts(datasette, counted, on),
        columns=COLUMNS,
        sides=SIDES,
    )


def _matrix(numbers: list[dict]) -> list[dict]:
    """Return one row for each jurisdiction where any action has begun: its numbers in the order of COLUMNS, and their sum."""
    rows = []
    for same in grouped(numbers, "jurisdiction").values():
        by_force = {row["legal_force"]: row["number"] for row in same}
        cells = [sum(by_force.get(force, 0) for force in forces) for _, forces in COLUMNS]
        rows.append({"id": same[0]["jurisdiction"], "name": same[0]["name"], "cells": cells})
        rows[-1]["actions"] = sum(cells)
    rows.sort(key=lambda row: -row["actions"])
    return [row for row in rows if row["actions"]]
