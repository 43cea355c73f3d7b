"""Lists as files: every record of exactly the view that an address asks for, and records by their ids."""

import asyncio
import json
import re
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import urlencode

from policykb.exports import feeds
from policykb.read.database import database
from policykb.read.debate import grouped
from policykb.read.links import event_path, path
from policykb.read.questions import spreadsheet
from policykb.references import citation, interchange
from policykb.site import data, params
from policykb.site.respond import POLICY, NotFound, Response, absolute, failure, file, own_path
from policykb.site.views import bars, lists, timeline
from policykb.text import json_text

MOST = 5000  # records in a file
MOST_CITED = 2000  # citations in a file
MOST_SHOWN = 500  # rows of a statement that opens among the tables
MOST_IDS = 200  # records asked for by their ids
ROWS, CITED = 200, 8  # records read in one turn
FORMS = {"bib": "biblatex", "ris": "ris"}


async def show(datasette, request) -> Response:
    """Return the list of a place, with the filters, order and columns of the request, in the form of the ending."""
    place, form = request.url_vars["place"], request.url_vars["form"]
    view = lists.view_of(datasette, place)
    if form in bars.LACKING.get(view.kind, bars.OTHERS):
        raise NotFound(f"The list of {place} is no {bars.FILES[form]} file.")
    columns = await bars.columns(datasette, view.rows or view.kind)
    asks = await lists.asked(datasette, request, view, columns)
    params.day_of_file(request)
    others = timeline.messages(request) if place == "timeline" else ()
    params.refuse_faults(request, [*asks.messages, *others])
    window = await timeline.bound(datasette, asks) if place == "timeline" else {}
    parameters = asks.bound | window | {"size": MOST, "skip": 0}
    if form == "sql":
        return _as_sql(datasette, asks.statement, parameters)
    rows = await data.rows(datasette, asks.statement, **parameters)
    kind = view.kind
    if place == "timeline" and form in ("csv", "json"):
        # Without a choice, the window is fitted to most events, and the file has all of them.
        chosen = asks.plain["from"] or asks.plain["zoom"]
        time = {name: window[name] if chosen else "" for name in ("start", "end")}
        ids, kind = data.as_json(rows), view.rows
        rows = await data.rows(datasette, "timeline.shown", ids=ids, **time)
    return await _file(datasette, request, form, kind, [row["id"] for row in rows], asks)


async def records(datasette, request) -> Response:
    """Return the records `ids` of any kind in the form of the ending."""
    form, asked = request.url_vars["form"], params.ids_asked(request)
    rows = await data.rows(datasette, "takeaway.kinds", ids=json.dumps(asked[:MOST_IDS]))
    kinds = {row["id"]: row["kind"] for row in rows}
    messages = [
        f"There is no record “{name[:80]}”." for name in asked[:MOST_IDS] if name not in kinds
    ]
    if len(asked) > MOST_IDS:
        messages.append(f"At most {MOST_IDS} ids are taken.")
    if messages or not asked:
        raise params.RefusedError(" ".join(messages) or "Name records: ?ids=a,b,c.")
    if form in FORMS:
        kinds = {
            name: kind for name, kind in kinds.items() if "bib" not in bars.LACKING.get(kind, ())
        }
    return await _file(datasette, request, form, "record", list(kinds))


async def selected(datasette, request) -> Response:
    """Lead to what is to be done with the records ticked in a list: `do` is compare, brief or cite."""
    ids, action = params.ids_asked(request), params.param(request, "do")
    if action not in ("compare", "brief", "cite"):
        raise NotFound("What is to be done is compare, brief or cite.")
    if not ids:
        title, message = "Nothing was ticked", "Go back and tick at least one record of the list."
        return await failure(datasette, request, 400, title, message)
    on = params.param(request, "on")
    query = urlencode({"ids": ",".join(ids)} | ({"on": on} if on else {}), safe=",")
    location = f"{datasette.urls.path(f'/{action}')}?{query}"
    return _lead(location, 303)


def _lead(location: str, status: int) -> Response:
    headers = {"location": location, "content-security-policy": POLICY, "cache-control": "no-cache"}
    return Response("", status=status, headers=headers)


async def _file(datasette, request, form: str, kind: str, ids: list[str], asks=None) -> Response:
    """Return the records as a file, or say that there are too many for one."""
    most = MOST_CITED if form in FORMS else MOST
    if len(ids) > most:
        text = f"This list has more than {most:,} records, too many for one file; add a filter, or take the table `{kind}s`."
        raise params.RefusedError(text)
    if form in FORMS:
        return await _citations(datasette, request, FORMS[form], ids)
    if form in ("atom", "ics"):
        return await _followed(datasette, request, form, ids)
    on = asks.on if asks else params.today()
    rows = await _rows(datasette, request, kind, ids, on)
    chosen = _columns(kind, rows, asks.columns if asks else [])
    if form == "csv":
        text = spreadsheet(chosen, ([_text(row[name]) for name in chosen] for row in rows))
        answer = file(datasette, request, text, "text/csv")
    else:
        listed = [{name: row[name] for name in chosen} for row in rows]
        text = json_text(listed)
        answer = file(datasette, request, text, "application/json")
    answer.headers["access-control-allow-origin"] = "*"
    return answer


def _columns(kind: str, rows: list[dict], chosen: list[str]) -> list[str]:
    """Return the columns of a file: those chosen behind the id, or all."""
    names = list(rows[0]) if rows else []
    return [name for name in names if not chosen or name in ("id", *chosen, *_ALWAYS)]


_ALWAYS = ("page", *bars.SOURCES)


def _parts(ids: list[str], size: int) -> Iterator[list[str]]:
    """Yield the ids in parts, each read in one turn."""
    return (ids[start : start + size] for start in range(0, len(ids), size))


def _text(value: object) -> object:
    return joined(value) if isinstance(value, list) else value


def joined(values: Iterable[str | None]) -> str:
    """Return one value for each source with semicolons between them; '' if all are empty."""
    texts = [value or "" for value in values]
    return "; ".join(texts) if any(texts) else ""


async def _rows(datasette, request, kind: str, ids: list[str], on: str) -> list[dict]:
    """Return the records with their columns, the address of their pages and, where they have any, their sources as lists."""
    base, rows = absolute(datasette, request, "/").rstrip("/"), []
    effects = data.known(datasette).effect_on
    for part in _parts(ids, ROWS):
        bound = {"ids": json.dumps(part), "on": on}
        flat, sources = await data.several(
            datasette, (f"takeaway.{kind}", bound), ("takeaway.sources", bound)
        )
        by_record = grouped(sources, "record")
        for row in flat:
            if not effects:
                row.pop("effect", None)
            row["page"] = base + _page(kind, row)
            if kind not in bars.UNSOURCED:
                cited = by_record.get(row["id"], [])
                for name, key in bars.SOURCES.items():
                    row[name] = [source[key] for source in cited]
            rows.append(row)
    return rows


def _page(kind: str, row: dict) -> str:
    if kind == "event":
        return event_path(row["action"], row["id"])
    return path(row["kind"] if kind == "record" else kind, row["id"])


async def _citations(datasette, request, form: str, ids: list[str]) -> Response:
    """Return the records as entries of a bibliography."""
    day = citation.Day(params.today(), False, params.today())
    base = absolute(datasette, request, "/")
    entries = []
    for part in _parts(ids, CITED):
        entries += await data.turn(
            datasette,
            lambda connection, part=part: [
                citation.cite(connection, record_id, day, base) for record_id in part
            ],
        )
    # One entry for each: a citation has the record of a document too.
    only = [entry._replace(parts=entry.parts[:1]) for entry in entries]
    text = await asyncio.to_thread(interchange.encode, only, form)
    return file(datasette, request, text, interchange.MEDIA[form])


async def _followed(datasette, request, form: str, ids: list[str]) -> Response:
    """Return the news of the records as a feed, or the days ahead of actions as a calendar."""
    base, scope = absolute(datasette, request, "/"), feeds.Scope(ids=json.dumps(ids))
    read: Callable = feeds.deadlines if form == "ics" else feeds.entries

    def turn(connection) -> tuple:
        db = database(connection)
        note = feeds.left_out(db, scope, base) if form == "atom" else ""
        return feeds.masthead(db, base), read(db, scope, params.today()), note

    about, news, note = await data.turn(datasette, turn)
    if form == "ics":
        return file(
            datasette, request, feeds.calendar(about, about.title, base, news), feeds.CALENDAR
        )
    address = own_path(datasette, request.full_path)
    shown = address.replace(".atom", "", 1)
    title = f"{about.title}: {shown.strip('/')}"
    return file(
        datasette, request, feeds.atom(about, title, address, shown, base, news, note), feeds.ATOM
    )


def _as_sql(datasette, name: str, parameters: dict[str, object]) -> Response:
    """Lead to the statement of the list with its parameters, among the tables, where it can be changed."""
    statement = re.sub(r"^ *--.*\n", "", data.sql(name), flags=re.MULTILINE)
    bound = parameters | {"size": MOST_SHOWN}
    names = dict.fromkeys(re.findall(r":([a-z_]+)", statement))
    query = {"sql": statement} | {name: bound[name] for name in names}
    location = f"{datasette.urls.database(data.known(datasette).name)}?{urlencode(query)}"
    return _lead(location, 302)
