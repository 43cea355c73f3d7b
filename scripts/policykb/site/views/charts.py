"""The charts of the first page, of a topic and of a jurisdiction: each as a picture and as the rows of a table."""

import calendar
from bisect import bisect_right

from markupsafe import Markup

from policykb.model.vocabulary import LEGAL_FORCES, STAGES
from policykb.pictures.charts import months, statuses, tiles
from policykb.read.links import path
from policykb.site.links import address

BEFORE, AFTER = 23, 7  # months shown before that of the day, and from it on


def calls(on: str, filter: str = "all", place: str = "") -> list[tuple[str, dict]]:
    """Return the statements for the charts as of a day; `filter` is all, jurisdiction or topic, and `place` its id."""
    bound = {"filter": filter, "place": place, "on": on}
    bound["start"], bound["end"] = _month(on, -BEFORE), _month(on, AFTER)
    return [(f"charts.{name}", bound) for name in ("months", "statuses", "places")]


def charts(datasette, rows: list[list[dict]], on: str) -> dict:
    """Return the charts from the rows of `calls`: of each the picture and its numbers, and the jurisdictions without a tile."""
    by_month, by_status, places = rows
    columns = _columns(by_month, on)
    numbers = {(row["stage"], row["legal_force"]): row["number"] for row in by_status}
    forces = [
        force
        for force in LEGAL_FORCES
        if any(numbers.get((stage.id, force.id)) for stage in STAGES)
    ]
    table = [(stage.label, [numbers[stage.id, force.id] for force in forces]) for stage in STAGES]
    grids, untiled = tiles(
        [{**row, "href": address(datasette, path("jurisdiction", row["id"]))} for row in places]
    )
    return {
        "months": Markup(months(columns, on)),
        "by_month": [row for row in columns if row["number"]],
        "statuses": Markup(statuses(by_status)),
        "forces": forces,
        "by_stage": [(label, cells) for label, cells in table if any(cells)],
        "tiles": [Markup(grid) for grid in grids],
        "places": places,
        "untiled": untiled,
    }


def _month(day: str, distance: int) -> str:
    """Return the first day of the month that is `distance` months after that of `day`, within the years of dates."""
    count = int(day[:4]) * 12 + int(day[5:7]) - 1 + distance
    count = min(max(count, 12), 9999 * 12 + 11)
    return f"{count // 12:04d}-{count % 12 + 1:02d}-01"


def _columns(rows: list[dict], on: str) -> list[dict]:
    """Return month, its name and the number of its events for each month shown, from running numbers."""
    days = [row["from_date"] for row in rows]
    columns, before = [], None
    for distance in range(-BEFORE - 1, AFTER):
        month = _month(on, distance)
        place = bisect_right(days, month)
        number = rows[place - 1]["number"] if place else 0
        if before is not None:
            name = f"{calendar.month_name[int(month[5:7])]} {month[:4]}"
            columns.append({"month": month, "name": name, "number": number - before})
        before = number
    return columns
