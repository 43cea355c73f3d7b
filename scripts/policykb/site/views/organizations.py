"""Organizations and persons: the list, and one with what it does, says and writes."""

from policykb import standing
from policykb.site import data, words
from policykb.site.respond import Response, page, record

SIZE = 60
PARTS = ("parts", "actions", "voices", "documents")


async def index(datasette, request):
    """The organizations of a `kind`, by name."""
    known, kind, number = await data.known(datasette), words.param(request, "kind"), words.page_number(request)
    rows = await data.rows(datasette, "organizations", kind=kind, size=SIZE, skip=(number - 1) * SIZE)
    kinds = [(id, term["label"], None) for id, term in known.terms["organization_kinds"].items()]
    return await page(datasette, request, "organizations", rows=rows[:SIZE], more=len(rows) > SIZE, number=number, kind=kind, kinds=kinds,
                      everything=int(known.info["count_organization"]))


async def show(datasette, request):
    """The page of an organization; `on` is the day whose statuses it shows."""
    on, message = words.day_asked(request)
    organization = await record(datasette, request, "organization", "organization")
    if isinstance(organization, Response):
        return organization
    id = organization["id"]
    parts = await data.several(datasette, *[(f"organization_{part}", {"id": id, "on": on} if part == "actions" else {"id": id}) for part in PARTS])
    part = dict(zip(PARTS, parts, strict=True))
    for row in part["actions"]:
        row["brief"] = standing.brief(row["stage"], row["legal_force"]) if row["stage"] else None
    return await page(datasette, request, "organization", organization=organization, on=on, on_message=message, actions=part["actions"],
                      parts=part["parts"], voices=_voices(part["voices"]), documents=part["documents"])


def _voices(rows: list[dict]) -> list[dict]:
    """The arguments of an organization, each once, with its `places` and its `stances`."""
    found: dict[str, dict] = {}
    for row in rows:
        voice = found.setdefault(row["argument"], {"id": row["argument"], "title": row["argument_title"], "places": {}, "stances": {}})
        voice["places"].setdefault((row["document"], row["document_title"]), set()).update({row["locator"]} - {None})
        if row["action_title"]:
            voice["stances"][row["action"]] = (row["stance"], row["action_title"])
    for voice in found.values():
        voice["places"] = [(document, title, sorted(locators)) for (document, title), locators in voice["places"].items()]
        voice["stances"] = [(action, *stance) for action, stance in voice["stances"].items()]
    return list(found.values())
