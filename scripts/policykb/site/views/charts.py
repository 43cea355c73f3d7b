"""The charts of the first page, of a topic and of a jurisdiction: each as a picture and as a table."""

import calendar
from bisect import bisect_right
from functools import lru_cache, partial

from markupsafe import Markup

from policykb.model.vocabulary import LEGAL_FORCES, STAGES
from policykb.pictures.charts import TILED, months, statuses, tiles
from policykb.read.links import path
from policykb.site.links import COPY, address
from policykb.site.state import state_of

BEFORE, AFTER = 23, 7  # months shown before that of the day, and from it on


def calls(on: str, filter: str = "all", place: str = "") -> list[tuple[str, dict]]:
    """Return the statements for the charts as of a day; `filter` is all, jurisdiction or topic, and `place` its id."""
    bound = {"filter": filter, "place": place, "on": on}
    bound["start"], bound["end"] = _month(on, -BEFORE), _month(on, AFTER)
    return [(f"charts.{name}", bound) for name in ("months", "statuses", "places")]


def charts(datasette, rows: list[list[dict]], on: str, kind: str = "") -> Markup:
    """Return the charts of the rows of `calls`, kept for other days with the same numbers; `kind` is that of the record."""
    by_month, by_status, by_place = rows
    columns = _columns(by_month, on)
    counted = (tuple(row.values()) for row in by_status if row["number"])
    numbers = (
        kind,
        on[:7] if columns else "",
        columns,
        tuple(counted),
        tuple(tuple(row.values()) for row in by_place),
    )
    render = partial(_rendered, datasette)
    if not COPY.get():  # in which links depend on the page
        state_of(datasette).charts = state_of(datasette).charts or lru_cache(maxsize=64)(render)
        render = state_of(datasette).charts
    return render(*numbers)


def _rendered(datasette, kind: str, month: str, columns: tuple, numbers: tuple, by_place: tuple):
    """Return the charts as HTML: columns (month, number), numbers (stage, legal force, number), places (id, name, code, number)."""
    by_month = [{"month": month, "number": number} for month, number in columns]
    by_status = [dict(zip(("stage", "legal_force", "number"), row, strict=True)) for row in numbers]
    places = [dict(zip(("id", "name", "code", "number"), row, strict=True)) for row in by_place]
    for place in places:
        place["href"] = address(datasette, path("jurisdiction", place["id"]))
    cells = {row[:2]: row[2] for row in numbers}
    forces = [force for force in LEGAL_FORCES if any(force.id == other for _, other in cells)]
    table = [
        (stage.label, [cells.get((stage.id, force.id)) for force in forces]) for stage in STAGES
    ]
    text = (
        state_of(datasette)
        .templates.get_template("policykb/charts.html")
        .render(
            kind=kind,
            months=Markup(months(by_month, f"{month}-31")),
            by_month=[(_name(month), number) for month, number in columns if number],
            statuses=Markup(statuses(by_status)),
            forces=forces,
            by_stage=[(label, numbers) for label, numbers in table if any(numbers)],
            tiles=[Markup(grid) for grid in tiles(places)],
            places=places,
            untiled=[place for place in places if place["code"] not in TILED],
        )
    )
    return Markup(text)


def _name(month: str) -> str:
    return f"{calendar.month_name[int(month[5:7])]} {month[:4]}"


@lru_cache(maxsize=512)
def _month(day: str, distance: int) -> str:
    """Return the first day of the month that is `distance` months after that of `day`, within the years of dates."""
    count = int(day[:4]) * 12 + int(day[5:7]) - 1 + distance
    count = min(max(count, 12), 9999 * 12 + 11)
    return f"{count // 12:04d}-{count % 12 + 1:02d}-01"


def _columns(rows: list[dict], on: str) -> tuple[tuple[str, int], ...]:
    """Return each month shown and the number of its events, from running numbers; () if there are none."""
    days = [row["from_date"] for row in rows]
    columns, before = [], 0
    for distance in range(-BEFORE - 1, AFTER):
        month = _month(on, distance)
        place = bisect_right(days, month)
        number = rows[place - 1]["number"] if place else 0
        columns.append((month, number - before))
        before = number
    shown = columns[1:]
    return tuple(shown) if any(number for _, number in shown) else ()
