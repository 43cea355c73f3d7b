"""Days ahead -> an iCalendar (RFC 5545), written by the library icalendar.

A full day is an all-day event. A month or a year is told as what it is: all its days, with "in December 2026" in the summary.
An event that was moved stays as cancelled, until its day has passed, so that calendars which have it take it out.
"""

import datetime

from policykb.exports.follow import Due, Told
from policykb.text import on_date

MEDIA = "text/calendar"


def written(told: Told, title: str, base: str, deadlines: list[Due]) -> str:
    """The calendar `title`; addresses begin with `base`."""
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", "-//policykb//deadlines//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", title)
    for due in deadlines:
        calendar.add_component(_event(told, base.rstrip("/"), due))
    return calendar.to_ical().decode()


def _event(told: Told, base: str, due: Due) -> object:
    from icalendar import Event

    found, row = Event(), due.event
    moved = row["moved_to"] is not None
    exact = row["precision"] == "day" and not row["qualifier"]
    host, _, within = told.authority.partition(":")
    found.add("uid", f"{due.key}@{'/'.join(filter(None, (host.partition(',')[0], within)))}")
    found.add("sequence", due.revision)
    found.add("dtstamp", datetime.datetime.fromisoformat(due.time))
    found.add("dtstart", datetime.date.fromisoformat(row["date_earliest"]))
    found.add("dtend", _after(row["date_latest"]))
    found.add(
        "summary",
        ("Moved: " if moved else "")
        + f"{row['title']}: {due.label}"
        + ("" if exact else f" ({on_date(row['date'])})"),
    )
    said = [
        f"Moved to {row['moved_to']}." if moved else "",
        row["note"] or "",
        "No source that could be checked says so." if row["unconfirmed"] else "",
    ]
    found.add("description", "\n".join(filter(None, said)) or due.label)
    found.add("url", f"{base}/actions/{row['action']}#event-{row['id'].partition('#')[2]}")
    found.add(
        "status",
        "CANCELLED"
        if moved
        else "TENTATIVE"
        if row["unconfirmed"] or row["qualifier"]
        else "CONFIRMED",
    )
    found.add("transp", "TRANSPARENT")
    return found


def _after(day: str) -> datetime.date:
    """The day after, which is where an all-day event ends; the last day there is has none."""
    date = datetime.date.fromisoformat(day)
    return date + datetime.timedelta(days=1) if date < datetime.date.max else date
