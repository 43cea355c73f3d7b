"""All actions by jurisdiction under one axis, over years or over the months of one year."""

import json
import re

from markupsafe import Markup

from policykb.model import dates
from policykb.pictures.marks import named, patterns, short
from policykb.pictures.overview import overview
from policykb.read.status_line import brief, period_on
from policykb.site import data, words
from policykb.site.respond import page
from policykb.site.views.asked import PLAIN, asked
from policykb.site.views.groups import as_json, grouped

PAGE, YEARS, MOST_TOLD = 40, 8, 30
FIRST_YEAR, LAST_YEAR = 1000, 9000
LAST_ID = "~"  # after every id


async def index(datasette, request):
    """The timeline: ?zoom=year or month, ?from= the first year shown, ?jurisdiction=, ?moving=1 for those with events in it."""
    on, on_message = words.day_asked(request)
    given, messages = await asked(
        datasette, request, {"jurisdiction": "jurisdiction"}, ("zoom", "from", "moving", *PLAIN)
    )
    messages += _misread(request)
    zoom = "month" if words.param(request, "zoom") == "month" else "year"
    length = 1 if zoom == "month" else YEARS
    begin = _year(
        words.param(request, "from"), int(on[:4]) - (0 if zoom == "month" else YEARS // 2 + 1)
    )
    start, end = f"{begin:04d}-01-01", f"{begin + length:04d}-01-01"
    jurisdiction = given["jurisdiction"]
    moving = "1" if words.param(request, "moving") else ""
    number = words.page_number(request)
    window = {
        "start": start,
        "end": end,
        "beyond": f"{begin + length + 1:04d}-01-01",
    }  # a date means a year at most
    few = moving and not await data.rows(datasette, "timeline_dense", **window)
    found = await data.rows(
        datasette,
        "timeline_rows_few" if few else "timeline_rows",
        **window,
        jurisdiction=json.dumps(jurisdiction),
        first=min(jurisdiction, default=""),
        last=max(jurisdiction, default=LAST_ID),
        moving=moving,
        most=PAGE + 1,
        skip=(number - 1) * PAGE,
    )
    rows = await _filled(datasette, found[:PAGE], on, start, end)
    axis, strips = overview(rows, zoom, start, end, on)
    names = {row["id"]: row["name"] for row in await data.rows(datasette, "jurisdiction_names")}
    shown = [
        {
            **row,
            "strip": Markup(strip),
            "place": names.get(row["jurisdiction"], row["jurisdiction"]),
        }
        for row, strip in zip(rows, strips, strict=True)
    ]
    today = dates.today().isoformat()
    kept = {
        "zoom": zoom,
        "from": begin,
        "jurisdiction": jurisdiction,
        "moving": moving,
        "on": on if on != today else "",
    }
    return await page(
        datasette,
        request,
        "timeline",
        messages=messages,
        section="/timeline",
        groups=grouped(shown, "jurisdiction"),
        axis=Markup(axis),
        patterns=Markup(patterns()),
        zoom=zoom,
        begin=begin,
        last=begin + length - 1,
        step=length,
        kept=kept,
        choices=[(id, name, None) for id, name in names.items()],
        page=number,
        more=len(found) > PAGE,
        on=on,
        on_message=on_message,
        month_begin=min(max(begin, int(on[:4])), begin + length - 1),
        year_begin=begin - YEARS // 2,
    )


def _misread(request) -> list[str]:
    """What to say of a zoom or a year that is none."""
    zoom, year = words.param(request, "zoom"), words.param(request, "from")
    found = []
    if zoom not in ("", "month", "year"):
        found.append(f"“{zoom}” is not a value of “zoom”; it has: year, month.")
    if year and not re.fullmatch(r"[0-9]{4}", year):
        found.append(f"“{year}” is not a year.")
    return found


def _year(text: str, default: int) -> int:
    year = int(text) if re.fullmatch(r"[0-9]{4}", text) else default
    return min(max(year, FIRST_YEAR), LAST_YEAR)


async def _filled(datasette, actions: list[dict], on: str, start: str, end: str) -> list[dict]:
    """Actions with their events, periods, status on the day, and the events of the time shown in words."""
    ids = as_json(actions)
    events, periods = (
        grouped(rows, "action")
        for rows in await data.several(
            datasette, ("timeline_events", {"ids": ids}), ("timeline_periods", {"ids": ids})
        )
    )
    rows = []
    for action in actions:
        now = period_on(periods.get(action["id"], []), on)
        happened = events.get(action["id"], [])
        told = [
            {**event, "short": short(event["date"]), "said": named(event)}
            for event in happened
            if event["date_latest"] >= start and event["date_earliest"] < end
        ]
        rows.append(
            {
                **action,
                "events": happened,
                "periods": periods.get(action["id"], []),
                "told": told[:MOST_TOLD],
                "brief": brief(now["stage"], now["legal_force"]) if now else None,
            }
        )
    return rows
