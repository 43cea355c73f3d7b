"""The first page: what this is, what changed last, what is due, where things stand, what is argued about most."""

from policykb.model.vocabulary import LEGAL_FORCES, STANCES, ranked
from policykb.read import status_line as standing
from policykb.site import data, words
from policykb.site.respond import page

# Columns of the table of jurisdictions: heading and the legal forces counted in it.
HEADINGS = ("In force", "Not yet", "Suspended or ended", "Not binding")
COLUMNS = [
    (heading, [force.id for force in LEGAL_FORCES if force.column == heading])
    for heading in HEADINGS
]


_SHORT = {stance.id: stance.short for stance in STANCES}
SIDES = [(stance, _SHORT[stance]) for stance in ranked(STANCES, "place")]


async def index(datasette, request):
    """The first page, as of the day `on`."""
    on, message = words.day_asked(request)
    changes, upcoming, cells, argued = await data.several(
        datasette,
        *((f"home_{part}", {"on": on}) for part in ("changes", "upcoming", "matrix", "argued")),
    )
    for event in (*changes, *upcoming):
        event["anchor"] = "event-" + event["id"].partition("#")[2]
    for row in argued:
        row["brief"] = standing.brief(row["stage"], row["legal_force"]) if row["stage"] else None
    return await page(
        datasette,
        request,
        "home",
        on=on,
        on_message=message,
        changes=changes,
        upcoming=upcoming,
        matrix=_matrix(cells),
        argued=argued,
        columns=COLUMNS,
        sides=SIDES,
    )


def _matrix(cells: list[dict]) -> list[dict]:
    """One row a jurisdiction, with its numbers in the order of COLUMNS."""
    found: dict[str, dict] = {}
    for cell in cells:
        row = found.setdefault(
            cell["jurisdiction"],
            {
                "id": cell["jurisdiction"],
                "name": cell["name"],
                "actions": cell["actions"],
                "forces": {},
            },
        )
        row["forces"][cell["legal_force"]] = cell["number"]
    for row in found.values():
        row["cells"] = [
            sum(row["forces"].get(force, 0) for force in forces) for _, forces in COLUMNS
        ]
    return list(found.values())
