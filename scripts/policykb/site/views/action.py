"""One action: everything that is known of it, as of a day."""

import json
from collections.abc import Callable
from operator import itemgetter

from policykb.model.vocabulary import ACTION_RELATIONS, BODY_ROLES, OVERDUE
from policykb.pictures.timeline import action_timeline
from policykb.read.debate import by_stance, counts, grouped
from policykb.read.links import anchor
from policykb.read.status_line import brief, checked, period_on, standing, with_brief
from policykb.site import data, params
from policykb.site.links import COPY
from policykb.site.respond import elsewhere, page
from policykb.site.views import known
from policykb.site.views.cite import box, reader
from policykb.site.views.compare import duties_of, tasks_of

MOST_HINTS = 4
FIRST_DAY = "0001-01-01"
# How a relation reads from this action, by its direction and type.
LABELS = {("to", term.id): term.label for term in ACTION_RELATIONS}
LABELS |= {("from", term.id): term.reversed for term in ACTION_RELATIONS}
LABELS["part", "part"] = "Its parts"
PARTS = "periods names bodies events citations disputes related stances mentions".split()
DEBATE = ("answers", "voices", "speakers")  # nothing where no argument takes a side
ROLES = [role.id for role in BODY_ROLES]
MAKERS = frozenset(role.id for role in BODY_ROLES if role.maker)


async def show(datasette, request):
    """Return the page of an action.

    `on` is the day whose status it shows, `known` a day on which something else may have been said of the action.
    """
    on, on_message = params.day_asked(request)
    day, known_message = known.asked(request)
    if day and not params.param(request, "on"):
        on = day
    action_id = request.url_vars["id"]
    cite = reader(datasette, request, action_id, on)
    part = data.here(datasette, lambda connection: _read(connection, action_id, on, cite))
    if part is None:
        return await elsewhere(datasette, request, "action")
    action = part["action"]
    names = grouped(part["names"], "what")
    sources = grouped(part["citations"], "about")
    for dispute in part["disputes"]:
        dispute["sources"] = _of(dispute["id"], sources.get("dispute", []))
    events = with_sources(part["events"], sources.get("event", []), on)
    voices = [row for row in part["speakers"] if not row["part"]]
    stances = by_stance(part["stances"], part["answers"], part["voices"], voices)
    today = params.today()
    status = standing(action, part["periods"], events, on, today)
    for event in events:
        event["decides"] = status["event"] is event
    tasks = tasks_of(part["duties"])
    overdue = [task for task in tasks if task["state"] == OVERDUE] if on == today else []
    return page(
        datasette,
        request,
        "action",
        section="/actions",
        action=action,
        on=on,
        on_message=on_message,
        status=status | {"today": today, "past_due": len(overdue)},
        events=events,
        hints=hints(part["periods"], on),
        statuses=other_days(action, part["periods"], events, today) if COPY.get() else [],
        picture=action_timeline(events, part["periods"], on),
        stances=stances,
        counts=counts(stances, voices),
        speakers=who_says_what(part["speakers"]),
        parts=about_parts(part["speakers"]),
        checked=checked(action["as_of"], today),
        names=names,
        schemes=sorted(grouped(names.get("identifier", ()), "scheme").items()),
        bodies=part["bodies"],
        makers=MAKERS,
        roles=sorted(
            grouped(part["bodies"], "role").items(), key=lambda role: ROLES.index(role[0])
        ),
        mentions=part["mentions"],
        related=relations(part["related"]),
        disputes=part["disputes"],
        duties=part["duties"],
        tasks=tasks,
        effect_sources=sources.get("effect", []),
        sources=documents(part["citations"]),
        text=next(
            (row for row in part["citations"] if row["document"] == action["official_text"]), None
        ),
        cited=box(part["citation"], on),
        then=await known.beside(datasette, action_id, day, on) if day else None,
        known_message=known_message,
    )


def _read(connection, action_id: str, on: str, cite: Callable) -> dict | None:
    """Return the action, the rows of all PARTS and the DEBATE by name, and its citation; None if there is no such action."""
    bound = {"id": action_id, "on": on}
    action = data.read(connection, "action.action", bound)
    if not action:
        return None
    parts = {name: data.read(connection, f"action.{name}", bound) for name in PARTS}
    argued = parts["stances"] or any(row["direction"] == "part" for row in parts["related"])
    for name in DEBATE:
        parts[name] = data.read(connection, f"action.{name}", bound) if argued else []
    parts["duties"] = duties_of(connection, json.dumps([action_id]), on)
    known = {"action": action, "periods": parts["periods"], "events": parts["events"][::-1]}
    known |= {"bodies": parts["bodies"], "sources": _as_cited(parts["citations"])}
    known["identifiers"] = [row for row in parts["names"] if row["scheme"]]
    return {"action": action[0], "citation": cite(connection, known), **parts}


def _as_cited(citations: list[dict]) -> list[dict]:
    """Return the sources of an action as a whole, then those of its events, in the order of the record, for its citation."""
    rows = [
        {**row, "id": row["document"], "later": row["about"] == "event"}
        for row in citations
        if row["about"] in ("action", "event")
    ]
    return sorted(rows, key=itemgetter("later", "place"))


def with_sources(events: list[dict], citations: list[dict], on: str) -> list[dict]:
    """Return the events as the page shows them on a day.

    Each has `sources`, `anchor`, `former_anchors` that older links use, whether it is `future` and was decided `later`,
    `moved_to`, the event that it had been moved to by then, and `mover`, the same or else the first that it is moved to.
    """
    movers: dict[str, dict] = {}
    first: dict[str, dict] = {}
    for event in sorted(events, key=lambda event: event["moved_on"] or ""):
        if event["supersedes"]:
            first.setdefault(event["supersedes"], event)
            if (event["moved_on"] or "") <= on:
                movers[event["supersedes"]] = event
    anchors = {anchor(event["id"]) for event in events}
    for event in events:
        event["anchor"] = anchor(event["id"])
        event["sources"] = _of(event["id"], citations)
        event["future"] = event["date_earliest"] > on
        event["later"] = bool(event["moved_on"] and event["moved_on"] > on)
        event["moved_to"] = movers.get(event["id"])
        event["mover"] = event["moved_to"] or first.get(event["id"])
        former = dict.fromkeys(anchor(key) for key in json.loads(event["former"]))
        event["former_anchors"] = [anchor for anchor in former if anchor not in anchors]
        anchors.update(event["former_anchors"])
    return events


def _of(key: str, citations: list[dict]) -> list[dict]:
    return [citation for citation in citations if citation["key"] == key]


def relations(related: list[dict]) -> list[dict]:
    """Return parts and related actions, each once under a heading that reads from this action: `label` and `actions`."""
    groups: dict[str, dict[str, dict]] = {}
    for row in with_brief(related):
        label = LABELS[row["direction"], row["type"]]
        groups.setdefault(label, {}).setdefault(row["id"], row)
    return [{"label": label, "actions": list(rows.values())} for label, rows in groups.items()]


def who_says_what(speakers: list[dict]) -> list[dict]:
    """Return who says what where, each speaker, argument and document once, with the `locators` of all its places."""
    entries: dict[tuple, dict] = {}
    for row in speakers:
        key = tuple(row[name] for name in ("part", "speaker_key", "argument", "stance", "document"))
        entry = entries.setdefault(key, {**row, "locators": []})
        if row["locator"]:
            entry["locators"].append(row["locator"])
    return list(entries.values())


def about_parts(speakers: list[dict]) -> list[dict]:
    """Return the parts of an act that people argue about: `id`, `title` and `arguments`, each with `speakers`."""
    groups = grouped((row for row in speakers if row["part"]), "part")
    parts = []
    for part_id, rows in groups.items():
        arguments: dict[tuple, dict] = {}
        for row in rows:
            entry = arguments.setdefault((row["argument"], row["stance"]), {**row, "speakers": {}})
            entry["speakers"][row["speaker"]] = None
        arguments = sorted(arguments.values(), key=lambda row: (row["stance"], row["argument"]))
        parts.append({"id": part_id, "title": rows[0]["part_title"], "arguments": arguments})
    return parts


def documents(citations: list[dict]) -> list[dict]:
    """Return the documents that are cited, each once, in the order in which they come first."""
    unique: dict[str, dict] = {}
    for citation in citations:
        unique.setdefault(citation["document"], citation)
    return list(unique.values())


def other_days(action: dict, periods: list[dict], events: list[dict], today: str) -> list[dict]:
    """Return the status on every day on which it changes, the earliest first, each as of its first day."""
    days = {FIRST_DAY, params.day_after(action["as_of"])}
    days |= {period["from_date"] for period in periods}
    days |= {event[day] for event in events for day in ("date_latest", "moved_on")}
    statuses: list[dict] = []
    for day in sorted(filter(None, days)):
        status = standing(action, periods, events, day, today) | {"today": today}
        # The browser writes the day above the status, or leaves it out if it is today.
        status |= {"past": True, "future": False}
        if not statuses or {**status, "on": ""} != {**statuses[-1], "on": ""}:
            statuses.append(status)
    return statuses


def hints(periods: list[dict], on: str) -> list[tuple[str, str]]:
    """Return a few other days on which the status was another: the day and the status in words."""
    now = period_on(periods, on)
    others = [period for period in periods if period["from_date"] and period is not now]
    return [
        (period["from_date"], brief(period["stage"], period["legal_force"])["words"].lower())
        for period in others[-MOST_HINTS:]
    ]
