"""What happened for a choice of jurisdictions and topics, and what lies ahead; the address is the saved search."""

import re
from collections.abc import Iterator

from policykb.exports import feeds
from policykb.exports import following as follow
from policykb.read.database import database
from policykb.site import data, params
from policykb.site.links import COPY
from policykb.site.respond import Response, absolute, file, page

CHOSEN = ("jurisdiction", "topic", "kind")
NUMBERS = {"days": follow.DAYS, "ahead": follow.AHEAD_DAYS}
SHOWN, FED = 60, 500  # entries of a kind on the page, entries of a feed
MEDIA = {"atom": feeds.ATOM, "ics": feeds.CALENDAR, "csv": "text/csv"}


async def index(datasette, request):
    """Return the page of a choice, with the form to change it."""
    choice = _choice(request)
    _, title, content, unknown, options = await _read(datasette, request, choice)
    return page(
        datasette,
        request,
        "following",
        section="/following",
        messages=[*_messages(request), *unknown],
        choice=choice,
        subject=title,
        content=content,
        headings=follow.KINDS,
        usual=follow.USUAL,
        most=SHOWN,
        filters=[
            _filter("jurisdiction", "Jurisdictions", choice.jurisdictions, options),
            _filter("topic", "Topics", choice.topics, options),
        ],
    )


def _filter(name: str, label: str, chosen: tuple[str, ...], options: dict) -> dict:
    """Return a filter as the macros of lists take it."""
    choices = [(value, title, None) for value, title in options.get(name, ())]
    return {"name": name, "label": label, "chosen": chosen, "choices": choices}


async def as_file(datasette, request) -> Response:
    """Return a choice as Atom, as a calendar of the days ahead, or as CSV."""
    choice, form = _choice(request), request.url_vars["form"]
    about, title, content, unknown, _ = await _read(datasette, request, choice)
    params.refuse_faults(request, [*_messages(request), *unknown])
    base = absolute(datasette, request, "/")
    name = f"{about.title}: {title}"
    if form == "csv":
        text = follow.table(content.all(), base)
    elif form == "ics":
        text = feeds.calendar(about, name, base, content.deadlines)
    else:
        entries = sorted(content.all(), key=lambda entry: entry.time, reverse=True)[:FED]
        path = f"/following.atom{choice.query}"
        text = feeds.atom(about, name, path, f"/following{choice.query}", base, entries)
    return file(datasette, request, text, MEDIA[form])


async def _read(datasette, request, choice: follow.Choice) -> tuple:
    """Return the masthead, the choice in words, what happened for it, what is wrong with it, and what may be chosen."""
    base = absolute(datasette, request, "/")

    def turn(connection) -> tuple:
        db = database(connection)
        return (
            feeds.masthead(db, base),
            follow.described(db, choice),
            follow.following(db, choice, params.today()),
            follow.unknown(db, choice),
            follow.options(db),
        )

    if COPY.get():  # which has the page and its files one after another
        return await data.recent(datasette, ("following", choice), turn)
    return await data.turn(datasette, turn)


def _choice(request) -> follow.Choice:
    """Return the choice of an address: each value may be repeated, or several separated by commas."""
    chosen = (_values(request, name) for name in CHOSEN)
    return follow.Choice(*chosen, *(_number(request, name) for name in NUMBERS))


def _values(request, name: str) -> tuple[str, ...]:
    values = (part.strip() for value in params.every(request, name) for part in value.split(","))
    return tuple(dict.fromkeys(filter(None, values)))[: params.MOST_VALUES]


def _number(request, name: str) -> int:
    text = params.param(request, name)
    return min(int(text), follow.MOST_DAYS) if re.fullmatch(r"[0-9]{1,6}", text) else NUMBERS[name]


def _messages(request) -> Iterator[str]:
    """Yield what is wrong with the parameters of a request, except for ids that do not exist."""
    for name in request.args:
        if name not in (*CHOSEN, *NUMBERS):
            known = ", ".join((*CHOSEN, *NUMBERS))
            yield f"“{params.cleaned(name)}” is not a parameter of this page; it has: {known}."
    for name in NUMBERS:
        text = params.param(request, name)
        if text and not re.fullmatch(r"[0-9]{1,6}", text):
            yield f"“{text}” is not a number of days. {NUMBERS[name]} are taken."
