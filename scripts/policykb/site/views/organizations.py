"""Organizations and persons: the list, and one with what it does, says and writes."""

import json

from policykb.site import data, words
from policykb.site.respond import Response, page, record
from policykb.site.views.asked import asked
from policykb.site.views.groups import as_json, grouped
from policykb.site.views.listed import actions

SIZE = 60
PARTS = ("parts", "voices", "documents")
MOST = 100  # documents listed and read for what they argue, as in the SQL


async def index(datasette, request):
    """The organizations of a `kind`, by name."""
    choices = {"kind": "organization_kinds"}
    given, messages = await asked(datasette, request, choices, ("page",))
    known, kind, number = await data.known(datasette), given["kind"], words.page_number(request)
    rows = await data.rows(
        datasette,
        "organizations_of_kind" if len(kind) == 1 else "organizations",
        kind=json.dumps(kind),
        size=SIZE,
        skip=(number - 1) * SIZE,
    )
    kinds = [(id, term["label"], None) for id, term in known.terms["organization_kinds"].items()]
    return await page(
        datasette,
        request,
        "organizations",
        rows=rows[:SIZE],
        more=len(rows) > SIZE,
        number=number,
        messages=messages,
        kind=kind,
        kinds=kinds,
        everything=int(known.info["count_organization"]),
    )


async def show(datasette, request):
    """The page of an organization; `on` is the day whose statuses it shows."""
    on, message = words.day_asked(request)
    organization = await record(datasette, request, "organization", "organization")
    if isinstance(organization, Response):
        return organization
    id = organization["id"]
    part = dict(
        zip(
            PARTS,
            await data.several(
                datasette, *[(f"organization_{part}", {"id": id}) for part in PARTS]
            ),
            strict=True,
        )
    )
    listed = await actions(datasette, {"organization": [id]}, on, words.page_number(request))
    roles = grouped(
        await data.rows(datasette, "organization_roles", id=id, ids=as_json(listed.rows)), "action"
    )
    for row in listed.rows:
        row["roles"] = [held["role"] for held in roles.get(row["id"], [])]
    return await page(
        datasette,
        request,
        "organization",
        organization=organization,
        on=on,
        on_message=message,
        listed=listed,
        parts=part["parts"],
        voices=_voices(part["voices"]),
        documents=part["documents"],
        most=MOST,
    )


def _voices(rows: list[dict]) -> list[dict]:
    """The arguments of an organization, each once, with its `places` and its `stances`."""
    found: dict[str, dict] = {}
    for row in rows:
        voice = found.setdefault(
            row["argument"],
            {"id": row["argument"], "title": row["argument_title"], "places": {}, "stances": {}},
        )
        voice["places"].setdefault((row["document"], row["document_title"]), set()).update(
            {row["locator"]} - {None}
        )
        if row["action_title"]:
            stance = voice["stances"].setdefault(
                row["action"],
                {
                    **{key: row[key] for key in ("action", "stance", "drawn_by", "inherited")},
                    "title": row["action_title"],
                    "documents": {},
                },
            )
            stance["documents"][row["document"]] = row["written_before_action"]
    for voice in found.values():
        voice["places"] = [
            (document, title, sorted(locators))
            for (document, title), locators in voice["places"].items()
        ]
        voice["stances"] = list(voice["stances"].values())
        for stance in voice["stances"]:
            early = stance.pop("documents").values()
            stance |= {"texts": len(early), "earlier_texts": sum(map(bool, early))}
    return list(found.values())
