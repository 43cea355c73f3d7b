"""The first page: what this is, what changed last, what is due, where things stand, what is argued about most."""

from policykb import standing
from policykb.site import data, words
from policykb.site.respond import page

# Columns of the table of jurisdictions: heading and the legal forces counted in it.
COLUMNS = (("In force", ("in_force", "partly")), ("Not yet", ("not_yet",)), ("Suspended or ended", ("suspended", "ended")), ("Not binding", ("not_applicable", "unknown")))
MOST_DAYS = 16


async def index(datasette, request):
    """The first page, as of the day `on`."""
    on, message = words.day_asked(request)
    changes, upcoming = await data.several(datasette, ("home_changes", {"on": on}), ("home_upcoming", {"on": on}))
    matrix, argued = await _overview(datasette, on)
    for event in (*changes, *upcoming):
        event["anchor"] = "event-" + event["id"].partition("#")[2]
    return await page(datasette, request, "home", on=on, on_message=message, changes=changes, upcoming=upcoming, matrix=matrix, argued=argued, columns=COLUMNS)


async def _overview(datasette, on: str) -> tuple[list[dict], list[dict]]:
    """Jurisdictions and most argued actions on a day; kept for the days asked for of late, since they need every action."""
    kept = datasette.__dict__.setdefault("_policykb_overview", {})
    if on not in kept:
        cells, argued = await data.several(datasette, ("home_matrix", {"on": on}), ("home_argued", {"on": on}))
        found: dict[str, dict] = {}
        for cell in cells:
            row = found.setdefault(cell["jurisdiction"], {"id": cell["jurisdiction"], "name": cell["name"], "actions": cell["actions"], "forces": {}})
            row["forces"][cell["legal_force"]] = cell["number"]
        for row in found.values():
            row["cells"] = [sum(row["forces"].get(force, 0) for force in forces) for _, forces in COLUMNS]
        for row in argued:
            row["brief"] = standing.brief(row["stage"], row["legal_force"]) if row["stage"] else None
        while len(kept) >= MOST_DAYS:
            kept.pop(next(iter(kept)), None)
        kept[on] = (list(found.values()), argued)
    return kept[on]
