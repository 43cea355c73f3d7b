"""The list of actions, filtered, as of a day."""

from policykb.site import data, words
from policykb.site.respond import page
from policykb.site.views.asked import PLAIN, asked
from policykb.site.views.groups import grouped
from policykb.site.views.listed import actions

# name of the filter -> its label and the vocabulary of its values; without one, the labels come with the values.
FILTERS = {
    "jurisdiction": ("Jurisdiction", None),
    "topic": ("Topic", None),
    "instrument": ("Instrument", "instruments"),
    "stage": ("Stage", "stages"),
    "force": ("Legal force", "legal_forces"),
    "openness": ("Effect on openness", "openness_effects"),
}


async def index(datasette, request):
    """The actions that pass the filters `q`, jurisdiction, topic, instrument, stage, force, openness on the day `on`."""
    on, message = words.day_asked(request)
    choices = {name: vocabulary or name for name, (_, vocabulary) in FILTERS.items()}
    given, messages = await asked(datasette, request, choices, ("q", *PLAIN))
    q = words.param(request, "q")
    counts = grouped(await data.rows(datasette, "action_facets", on=on), "facet")
    listed = await actions(datasette, given, on, words.page_number(request), q)
    known = await data.known(datasette)
    return await page(
        datasette,
        request,
        "actions",
        section="/actions",
        on=on,
        on_message=message,
        messages=messages,
        q=q,
        listed=listed,
        everything=counts["all"][0]["number"],
        filters=_filters(given, counts, known),
        kept={"q": q, **given, "on": on if on != words.dates.today().isoformat() else None},
    )


def _filters(
    given: dict[str, list[str]], counts: dict[str, list[dict]], known: data.Known
) -> list[dict]:
    """The filters with their choices: (value, label, number), in the order of the vocabulary or of the labels."""
    found = []
    for name, (label, vocabulary) in FILTERS.items():
        terms = known.terms.get(vocabulary or "", {})
        choices = [
            (row["value"], terms[row["value"]]["label"] if terms else row["label"], row["number"])
            for row in counts.get(name, [])
            if row["number"] != 0 or row["value"] in given[name]
        ]
        choices.sort(key=lambda choice: terms[choice[0]]["position"] if terms else choice[1])
        found.append({"name": name, "label": label, "chosen": given[name], "choices": choices})
    return found
