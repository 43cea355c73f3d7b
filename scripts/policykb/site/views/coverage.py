"""What is covered: actions by place and kind, what the editors looked for and did not find, and as of which day statuses are known."""

import json

from policykb.read.debate import grouped
from policykb.site import data
from policykb.site.respond import page


async def index(datasette, request):
    """Return the table of places by kinds of actions, and what was looked for and not found."""
    counts, missing = await data.once(datasette, ("share.coverage", {}), ("share.missing", {}))
    known = data.known(datasette)
    searches = json.loads(known.info.get("coverage", "[]"))
    used = {row["instrument"] for row in counts} | {search.get("instrument") for search in searches}
    names = {row["jurisdiction"]: row["name"] for row in counts}
    return page(
        datasette,
        request,
        "coverage",
        section="/about",
        kinds=[kind for kind in known.terms["instruments"] if kind in used],
        places=[_place(rows, searches) for rows in grouped(counts, "jurisdiction").values()],
        searches=searches,
        missing=grouped(missing, "jurisdiction"),
        names=names,
    )


def _place(rows: list[dict], searches: list[dict]) -> dict:
    """Return a row of the table: how many actions of each kind a place has, and when someone looked there last.

    `empty` has the kinds that were looked for and not found.
    """
    place = rows[0]["jurisdiction"]
    numbers = {row["instrument"]: row["number"] for row in rows if row["number"]}
    here = [search for search in searches if search["jurisdiction"] == place]
    days = [*(search["on"] for search in here), rows[0]["newest"]]
    return {
        "id": place,
        "name": rows[0]["name"],
        "numbers": numbers,
        "total": sum(numbers.values()),
        "empty": {search.get("instrument") for search in here} - numbers.keys(),
        "oldest": rows[0]["oldest"],
        "looked": max(filter(None, days), default=None),
    }
