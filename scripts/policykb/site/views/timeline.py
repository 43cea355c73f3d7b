"""All actions by jurisdiction under one axis, over years or over the months of one year."""

import re

from markupsafe import Markup

from policykb.pictures.marks import named, patterns, short
from policykb.pictures.overview import overview
from policykb.read.debate import grouped
from policykb.read.status_line import brief, period_on
from policykb.site import data, words
from policykb.site.respond import page
from policykb.site.views import bars, lists

YEARS, MOST_EVENTS = 8, 30
FIRST_YEAR, LAST_YEAR = 1000, 9000
LAST_ID = "~"  # after every id


async def index(datasette, request):
    """Return the timeline: ?zoom=year or month, ?from= the first year shown, ?jurisdiction=, ?moving=1 for actions with events in it."""
    asks = await lists.wanted(datasette, request, lists.VIEWS["timeline"])
    on, jurisdictions = asks.on, asks.values["jurisdiction"]
    zoom, begin, length = _window(asks)
    shown = bound(asks)
    start, end, moving = shown["start"], shown["end"], shown["moving"]
    listed = await lists.rows(datasette, request, asks.statement, **asks.bound, **shown)
    names, events, periods = await data.several(
        datasette,
        ("places.jurisdiction_names", {}),
        ("timeline.events", {"ids": data.as_json(listed.rows)}),
        ("timeline.periods", {"ids": data.as_json(listed.rows)}),
    )
    by_id = {row["id"]: row["name"] for row in names}
    _add_history(listed.rows, events, periods, on)
    axis, strips = overview(listed.rows, zoom, start, end, on)
    for row, strip in zip(listed.rows, strips, strict=True):
        row["strip"] = Markup(strip)
        row["place"] = by_id.get(row["jurisdiction"], row["jurisdiction"])
        row["shown"] = _shown(row["events"], start, end)
    return page(
        datasette,
        request,
        "timeline",
        messages=asks.messages + messages(request),
        section="/timeline",
        groups=grouped(listed.rows, "jurisdiction"),
        listed=listed,
        axis=Markup(axis),
        patterns=Markup(patterns()),
        zoom=zoom,
        begin=begin,
        last=begin + length - 1,
        step=length,
        query={
            "zoom": zoom,
            "from": begin,
            "jurisdiction": jurisdictions,
            "moving": moving,
            "on": on if on != words.today() else "",
        },
        filters=[
            {
                "name": "jurisdiction",
                "label": "Jurisdiction",
                "chosen": jurisdictions,
                "choices": [(place, name, None) for place, name in by_id.items()],
            }
        ],
        on=on,
        on_message=asks.on_message,
        bar=await bars.bar(datasette, asks, "/timeline", listed.rows),
        month_begin=min(max(begin, int(on[:4])), begin + length - 1),
        year_begin=begin - YEARS // 2,
    )


def _window(asks: lists.Wanted) -> tuple[str, int, int]:
    """Return the zoom, the first year shown and the number of years."""
    year = int(asks.on[:4])
    if asks.plain["zoom"] == "month":
        return "month", _year(asks.plain["from"], year), 1
    return "year", _year(asks.plain["from"], year - YEARS // 2 - 1), YEARS


def bound(asks: lists.Wanted) -> dict[str, str]:
    """Return the parameters of the statement that say which time is shown, and of which jurisdictions."""
    _, begin, length = _window(asks)
    jurisdictions = asks.values["jurisdiction"]
    return {
        "first": min(jurisdictions, default=""),
        "last": max(jurisdictions, default=LAST_ID),
        "moving": "1" if asks.plain["moving"] else "",
        "start": f"{begin:04d}-01-01",
        "end": f"{begin + length:04d}-01-01",
    }


def messages(request) -> list[str]:
    """Return what is wrong with the zoom or the year that a request asks for."""
    zoom, year = words.param(request, "zoom"), words.param(request, "from")
    messages = []
    if zoom not in ("", "month", "year"):
        messages.append(f"“{zoom}” is not a value of “zoom”; it has: year, month.")
    if year and not re.fullmatch(r"[0-9]{4}", year):
        messages.append(f"“{year}” is not a year.")
    return messages


def _year(text: str, default: int) -> int:
    year = int(text) if re.fullmatch(r"[0-9]{4}", text) else default
    return min(max(year, FIRST_YEAR), LAST_YEAR)


def _add_history(actions: list[dict], events: list[dict], periods: list[dict], on: str) -> None:
    """Add to each action its `events`, its `periods` and `brief`, its status on the day in few words."""
    events_of, periods_of = grouped(events, "action"), grouped(periods, "action")
    for action in actions:
        action["events"] = events_of.get(action["id"], [])
        action["periods"] = periods_of.get(action["id"], [])
        now = period_on(action["periods"], on)
        action["brief"] = brief(now["stage"], now["legal_force"]) if now else None


def _shown(events: list[dict], start: str, end: str) -> list[dict]:
    """Return the events in the time shown, each with its date and its name in words."""
    return [
        {**event, "short": short(event["date"]), "name": named(event)}
        for event in events
        if event["date_latest"] >= start and event["date_earliest"] < end
    ][:MOST_EVENTS]
