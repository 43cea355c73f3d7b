"""One action: everything that is known of it, as of a day."""

import json

from policykb.model import vocabulary
from policykb.pictures.timeline import action_timeline
from policykb.read import status_line as standing
from policykb.read.debate import by_stance, counts
from policykb.site import data, words
from policykb.site.respond import elsewhere, page
from policykb.site.views import known as known_then
from policykb.site.views.cite import cited
from policykb.site.views.groups import grouped

PARTS = (
    "names",
    "bodies",
    "events",
    "citations",
    "disputes",
    "related",
    "stances",
    "answers",
    "voices",
    "speakers",
    "mentions",
)
MAKERS = frozenset(role.id for role in vocabulary.BODY_ROLES if role.maker)
# How a relation reads from its other end.
REVERSED = {term.id: term.reversed for term in vocabulary.ACTION_RELATIONS} | {"part": "Its parts"}


async def show(datasette, request):
    """The page of an action; `on` is the day whose status it shows, `known` a day on which something else may have been said of it."""
    on, message = words.day_asked(request)
    day, known_message = known_then.asked(request)
    if day and not words.param(request, "on"):
        on = day
    id = request.url_vars["id"]
    read = [
        (f"action_{part}", {"id": id, "on": on} if part == "related" else {"id": id})
        for part in PARTS
    ]
    found, periods, *parts = await data.several(
        datasette, ("action", {"id": id}), ("periods", {"action": id}), *read
    )
    if not found:
        return await elsewhere(datasette, request, "action")
    action, part = found[0], dict(zip(PARTS, parts, strict=True))
    known, names = await data.known(datasette), grouped(part["names"], "what")
    today = words.dates.today().isoformat()
    events = with_sources(part["events"], part["citations"], on)
    stances = by_stance(part["stances"], part["answers"], part["voices"], part["speakers"])
    now = standing.standing(action, periods, events, on, today)
    for event in events:
        event["decides"] = now["event"] is event
    return await page(
        datasette,
        request,
        "action",
        section="/actions",
        action=action,
        on=on,
        on_message=message,
        now=now | {"today": today},
        events=events,
        periods=periods,
        hints=hints(periods, on),
        picture=action_timeline(events, periods, on),
        stances=stances,
        counts=counts(stances, part["speakers"]),
        names=names,
        schemes=sorted(grouped(names.get("identifier", ()), "id").items()),
        bodies=part["bodies"],
        makers=MAKERS,
        roles=sorted(grouped(part["bodies"], "role").items()),
        mentions=part["mentions"],
        related=relations(part["related"], known),
        disputes=[
            {**dispute, "sources": _about(part["citations"], "dispute", dispute["id"])}
            for dispute in part["disputes"]
        ],
        openness_sources=_about(part["citations"], "openness", id),
        own_sources=_about(part["citations"], "action", id),
        sources=documents(part["citations"]),
        cited=await cited(datasette, request, id, on),
        then=await known_then.beside(datasette, id, day, on) if day else None,
        known_message=known_message,
    )


def with_sources(events: list[dict], citations: list[dict], on: str) -> list[dict]:
    """The events, each with `sources`, `anchor`, `former_anchors` that older links use, whether it is `future` on that day, and `moved_to` if it had been moved by then."""
    movers = {}
    for event in events:
        event["anchor"] = "event-" + event["id"].partition("#")[2]
        event["sources"] = _about(citations, "event", event["id"])
        event["future"] = event["date_earliest"] > on
        event["later"] = bool(event["moved_on"] and event["moved_on"] > on)
        if event["supersedes"] and (event["moved_on"] or "") <= on:
            best = movers.get(event["supersedes"])
            if best is None or (event["moved_on"] or "") >= (best["moved_on"] or ""):
                movers[event["supersedes"]] = event
    taken = {event["anchor"] for event in events}
    for event in events:
        event["moved_to"] = movers.get(event["id"])
        former = [f"event-{key.partition('#')[2]}" for key in json.loads(event["former"])]
        event["former_anchors"] = [name for name in dict.fromkeys(former) if name not in taken]
        taken.update(event["former_anchors"])
    return events


def relations(related: list[dict], known: data.Known) -> list[dict]:
    """Parts and related actions under headings that read from this action: `label` and `actions`."""
    found: dict[str, list[dict]] = {}
    for row in related:
        label = (
            known.terms["action_relation_types"][row["type"]]["label"]
            if row["direction"] == "to"
            else REVERSED[row["type"]]
        )
        row["brief"] = standing.brief(row["stage"], row["legal_force"]) if row["stage"] else None
        listed = found.setdefault(label, [])
        if all(row["id"] != other["id"] for other in listed):
            listed.append(row)
    return [{"label": label, "actions": actions} for label, actions in found.items()]


def documents(citations: list[dict]) -> list[dict]:
    """The documents that are cited, each once, the best grades first."""
    return list({citation["document"]: citation for citation in reversed(citations)}.values())[::-1]


def hints(periods: list[dict], on: str) -> list[tuple[str, str]]:
    """Up to four other days on which the status was another: the day and the status in words."""
    now = standing.period_on(periods, on)
    listed = [
        (p["from_date"], standing.brief(p["stage"], p["legal_force"])["words"].lower())
        for p in periods
        if p["from_date"] and p is not now
    ]
    return listed[-4:]


def _about(citations: list[dict], about: str, key: str) -> list[dict]:
    return [
        citation for citation in citations if citation["about"] == about and citation["key"] == key
    ]
