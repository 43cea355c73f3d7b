"""Lists of actions that pass filters, as of a day, a page at a time: with the latest news first."""

import json
from math import prod
from typing import NamedTuple

from policykb.read import status_line as standing
from policykb.site import data

SIZE = 40
FILTERS = ("jurisdiction", "topic", "instrument", "stage", "force", "openness", "organization")
MOST_MATCHES = 500  # of words, as in actions_collected.sql
COLLECTING = (
    3  # measured: to collect and sort an action costs three times what it costs to pass by one
)


class Listed(NamedTuple):
    """One page: its rows, whether more follow, its number, and how many there are; None: more than have been shown so far."""

    rows: list[dict]
    more: bool
    number: int
    total: int | None


async def actions(
    datasette, given: dict[str, list[str]], on: str, number: int, q: str = ""
) -> Listed:
    """Page `number` of the actions that pass the filters `given` (those of FILTERS) and have the words `q` on the day `on`.

    An action passes a filter that has any of its values.
    """
    chosen = {name: given[name] for name in FILTERS if given.get(name)}
    values = [(name, value) for name in chosen for value in chosen[name]]
    counted = await data.several(
        datasette,
        *(
            ("count", {"filter": name, "value": value, "on": on})
            for name, value in [("all", ""), *values]
        ),
    )
    everything, *numbers = (rows[0]["number"] if rows else 0 for rows in counted)
    sums = dict.fromkeys(chosen, 0)
    for (name, _), passes in zip(values, numbers, strict=True):
        sums[name] += passes
    passing = list(sums.values())
    by = "q" if q else shorter(everything, sums, number * SIZE)
    if not by and len(values) > len(chosen):
        by = min(sums, key=lambda name: sums[name])  # values may overlap: count what was collected
    filters = {name: json.dumps(chosen.get(name, [])) for name in FILTERS}
    bound = {**filters, "on": on, "size": SIZE, "skip": (number - 1) * SIZE}
    if by:
        rows = await data.rows(datasette, "actions_collected", **bound, by=by, q=q)
    else:
        rows = await data.rows(datasette, "actions_walked", **bound)
    for row in rows:
        row["brief"] = standing.brief(row["stage"], row["legal_force"]) if row["stage"] else None
    return Listed(
        rows[:SIZE], len(rows) > SIZE, number, _total(by, rows, everything, passing, number)
    )


def shorter(everything: int, passing: dict[str, int], wanted: int) -> str:
    """The filter by which to collect all that pass it, or '' to walk everything until `wanted` have passed all filters, whichever is less work.

    `passing` has how many of `everything` pass each filter. Filters are taken to be independent of each other.
    """
    if not passing:
        return ""
    fewest = min(passing, key=lambda name: passing[name])
    share = prod(number / everything for number in passing.values()) if everything else 0
    return "" if share and wanted / share < COLLECTING * passing[fewest] else fewest


def _total(
    by: str, rows: list[dict], everything: int, passing: list[int], number: int
) -> int | None:
    """How many there are: counted where all were collected, else as told by the one filter, else by what has been shown."""
    if by:
        total = rows[0]["total"] if rows else 0
        return None if by == "q" and total >= MOST_MATCHES else total
    if len(passing) < 2:
        return passing[0] if passing else everything
    return None if len(rows) > SIZE else (number - 1) * SIZE + len(rows)
