"""The list of actions, filtered, as of a day."""

from policykb import standing
from policykb.site import data, words
from policykb.site.respond import page

SIZE = 40
# name of the filter -> its label and the vocabulary of its values; without one, the labels come with the values.
FILTERS = {
    "jurisdiction": ("Jurisdiction", None), "topic": ("Topic", None), "instrument": ("Instrument", "instruments"),
    "stage": ("Stage", "stages"), "force": ("Legal force", "legal_forces"), "openness": ("Effect on openness", "openness_effects"),
}


async def index(datasette, request):
    """The actions that pass the filters `q`, jurisdiction, topic, instrument, stage, force, openness on the day `on`."""
    on, message = words.day_asked(request)
    given = {name: words.param(request, name) for name in ("q", *FILTERS)}
    number = words.page_number(request)
    bound = {"on": on, "size": SIZE, "skip": (number - 1) * SIZE}
    counts = await facets(datasette, on)
    everything = counts["all"][0]["number"]
    if any(given.values()):
        rows = await data.rows(datasette, "actions_filtered", **bound, **given)
        total = rows[0]["total"] if rows else 0
    else:
        rows, total = await data.rows(datasette, "actions_recent", **bound), everything
    for row in rows:
        row["brief"] = standing.brief(row["stage"], row["legal_force"]) if row["stage"] else None
    known = await data.known(datasette)
    return await page(
        datasette, request, "actions", section="/actions", on=on, on_message=message, given=given, rows=rows[:SIZE], more=len(rows) > SIZE, number=number,
        total=total, everything=everything, filters=_filters(given, counts, known), kept={**given, "on": on if on != words.dates.today().isoformat() else None},
    )


async def facets(datasette, on: str) -> dict[str, list[dict]]:
    """The values of every filter with their numbers; stages and forces have numbers only for today, which alone are kept: they need every action."""
    today = words.dates.today().isoformat()
    day, kept = getattr(datasette, "_policykb_facets", ("", {}))
    if day != today:
        kept = {}
        for rows in await data.several(datasette, ("action_facets", {}), ("action_facets_today", {"on": today})):
            for row in rows:
                kept.setdefault(row["facet"], []).append(row)
        datasette._policykb_facets = (today, kept)
    if on == today:
        return kept
    terms = (await data.known(datasette)).terms
    return kept | {name: [{"value": id, "number": None} for id in terms[vocabulary]] for name, vocabulary in (("stage", "stages"), ("force", "legal_forces"))}


def _filters(given: dict[str, str], counts: dict[str, list[dict]], known: data.Known) -> list[dict]:
    """The filters with their choices: (value, label, number), in the order of the vocabulary or of the labels."""
    found = []
    for name, (label, vocabulary) in FILTERS.items():
        terms = known.terms.get(vocabulary or "", {})
        choices = [(row["value"], terms[row["value"]]["label"] if terms else row["label"], row["number"]) for row in counts.get(name, [])
                   if row["number"] != 0 or row["value"] == given[name]]
        choices.sort(key=lambda choice: terms[choice[0]]["position"] if terms else choice[1])
        found.append({"name": name, "label": label, "chosen": given[name], "choices": choices})
    return found
