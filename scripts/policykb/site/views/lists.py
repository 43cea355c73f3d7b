"""What the lists have in common: filters, of which each may have several values, and pages of actions."""

import json
import re
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from policykb.model.problems import nearest
from policykb.read.links import PLACES, path
from policykb.read.status_line import with_brief
from policykb.site import data, params
from policykb.site.respond import page
from policykb.site.views import bars

SIZE = 40  # rows of a page
# Actions that are read to find those which pass several filters, all of which are then counted; where each filter lets more
# pass, the list is walked until the page is full.
MOST_READ = 2_000
MOST_RANKED = 2_000  # records with the words searched for that are ranked
MOST_MATCHES = 500  # the best of these, which are listed
# Parameters of `lists.actions` where it walks its order, as it does unless few actions can pass.
NOT_FEW = {"few": "", "order": ""}
PLAIN = ("page", "on")
# Name of a filter -> its label and the vocabulary or kind of record of its values.
ACTION_FILTERS = {
    "jurisdiction": ("Jurisdiction", "jurisdiction"),
    "topic": ("Topic", "topic"),
    "instrument": ("Instrument", "instruments"),
    "stage": ("Stage", "stages"),
    "force": ("Legal force", "legal_forces"),
    "effect": ("Effect on {}", "effects"),
}


class View(NamedTuple):
    """A list of records of a kind, in the order of a statement that takes :size, :skip, :sort and the filters as lists in JSON.

    `filters` are those of its form, `others` those that only its address has; `plain` are parameters with one value.
    `labels` name its orders; the first one is that of a request that names none. `ranked` is the statement for the best
    matches of words, where it is another one. `rows` is what its files have a row for, where that is not a record of the kind.
    """

    kind: str
    statement: str
    filters: dict[str, tuple[str, str]]
    labels: dict[str, str]
    others: dict[str, str] = {}
    plain: tuple[str, ...] = ()
    ranked: str = ""
    rows: str = ""

    @property
    def orders(self) -> list[str]:
        """Return the orders that the statement has, such as 'title' and '-title'."""
        orders = dict.fromkeys(re.findall(r":sort = '(-?\w+)'", data.sql(self.statement)))
        return [order for order in orders if order.removeprefix("-") in self.labels]


# Place of a list -> the list.
VIEWS = {
    "actions": View(
        "action",
        "lists.actions",
        ACTION_FILTERS,
        {
            "news": "latest news",
            "title": "name",
            "status": "status",
            "jurisdiction": "place",
            "instrument": "kind",
            "effect": "effect on {}",
            "arguments": "arguments",
            "as_of": "known as of",
        },
        {"organization": "organization"},
        ("q", "on"),
    ),
    # Its statement has one order, and parameters for the time that is shown (views/timeline.py).
    "timeline": View(
        "action",
        "timeline.actions",
        ACTION_FILTERS,
        {},
        plain=("zoom", "from", "moving", "ideas", "on"),
        rows="event",
    ),
    "arguments": View(
        "argument",
        "argument.list",
        {"stance": ("Stance", "stance_types")},
        {"connections": "connections", "title": "conclusion", "scheme": "kind of inference"},
        {"action": "action"},
        ("unanswered", "on"),
    ),
    "claims": View(
        "claim",
        "claim.list",
        {"finding": ("Editors' reading", "findings"), "kind": ("Kind", "claim_kinds")},
        {
            "id": "id",
            "text": "what it says",
            "kind": "kind",
            "finding": "editors' reading",
            "as_of": "known as of",
        },
    ),
    "documents": View(
        "document",
        "document.list",
        {"grade": ("Grade", "grades"), "type": ("Type", "document_types")},
        {
            "issued": "day",
            "title": "title",
            "authors": "authors",
            "grade": "grade",
            "type": "type",
        },
        plain=("q",),
        ranked="document.matches",
    ),
    "organizations": View(
        "organization",
        "organization.list",
        {"kind": ("Kind", "organization_kinds")},
        {"name": "name", "kind": "kind"},
    ),
}


def view_of(datasette, place: str) -> View:
    """Return the list of a place as this knowledge base has it: with effects if it declares any, and on what."""
    return view_with(place, data.known(datasette).effect_on)


def view_with(place: str, on: str) -> View:
    """Return the list of a place where effects `on` something are declared, or none if it is ''."""
    view = VIEWS[place]
    filters = {
        name: (label.format(on), source)
        for name, (label, source) in view.filters.items()
        if on or name != "effect"
    }
    labels = {
        name: label.format(on) for name, label in view.labels.items() if on or name != "effect"
    }
    return view._replace(filters=filters, labels=labels)


class Asked(NamedTuple):
    """What a request asks of a list: the values of its filters, an order ('' for the first), columns, and other parameters."""

    view: View
    values: dict[str, list[str]]
    sort: str
    columns: list[str]
    plain: dict[str, str]
    on: str
    messages: list[str]
    on_message: str | None
    several: bool

    @property
    def statement(self) -> str:
        """Return the name of the statement that reads the list."""
        ranked = self.view.ranked if self.plain.get("q") and not self.sort else ""
        return ranked or self.view.statement

    @property
    def bound(self) -> dict[str, object]:
        """Return the parameters of the statement, without :size and :skip."""
        return {
            "effect": "[]",
            **as_lists(self.values),
            **matching(self.view.kind, self.plain.get("q", "")),
            "unanswered": "1" if self.plain.get("unanswered") else "",
            "sort": self.sort or next(iter(self.view.labels), ""),
            "on": self.on,
            **NOT_FEW,
        }

    @property
    def query(self) -> dict[str, object]:
        """Return the parameters of an address that asks for the same."""
        on = params.other_day(self.on) if "on" in self.view.plain else None
        plain = {name: value for name, value in self.plain.items() if name != "on"}
        return {**self.values, **plain, "on": on, "sort": self.sort, "columns": self.columns}


class Option(NamedTuple):
    """A value that a filter may have, and how many records pass with it, if that is known."""

    value: str
    label: str
    number: int | None = None


class Listed(NamedTuple):
    """One page of a list: its rows, whether more follow, its number, and how many there are in all if that is known."""

    rows: list[dict]
    more: bool
    number: int
    total: int | None = None


async def asked(datasette, request, view: View, columns: Sequence[str] = ()) -> Asked:
    """Return what a request asks of a list that has these `columns`."""
    on, on_message = params.day_asked(request)
    sources = choices(view.filters) | view.others
    if columns:
        sources["columns"] = tuple(columns)
    plain = (*view.plain, "several", "sort", "page")
    values, messages = await filter_values(datasette, request, sources, plain)
    sort, message = order(request, view)
    return Asked(
        view,
        values,
        sort,
        _columns(view, columns, values.pop("columns", ())),
        {name: params.param(request, name) for name in view.plain},
        on,
        [*messages, *filter(None, [message])],
        on_message,
        bool(params.param(request, "several")),
    )


def as_lists(values: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return the values of filters as lists in JSON, as the statements take them."""
    return {name: json.dumps(several) for name, several in values.items()}


def matching(kind: str, q: str) -> dict[str, object]:
    """Return the parameters of the statements for the best records of a kind with the words `q`."""
    return {
        "words": q,
        "record_kind": kind,
        "most_ranked": MOST_RANKED,
        "most_matches": MOST_MATCHES,
    }


async def crowded(datasette, kind: str, q: str) -> list[str]:
    """Return a message if more records of a kind have the words `q` than are ranked."""
    if not (q and (await data.row(datasette, "matches.crowded", **matching(kind, q)))["crowded"]):
        return []
    return [
        f"More than {MOST_RANKED:,} {PLACES[kind]} have these words. The first {MOST_RANKED:,} of them were ranked, "
        f"and the best {MOST_MATCHES} are listed. Add a word to find others."
    ]


def _columns(view: View, columns: Sequence[str], chosen: Sequence[str]) -> list[str]:
    """Return the columns to show: those chosen and the name, unless the rows are parts of records; none if none is chosen."""
    named = () if view.rows else bars.NAMES
    shown = {*chosen, *named} if set(chosen) & set(columns) else ()
    return [name for name in columns if name in shown]


def order(request, view: View) -> tuple[str, str]:
    """Return the order that a request asks for, or '' and what is wrong with it."""
    sort, orders = params.param(request, "sort"), view.orders
    if not sort or sort in orders:
        return sort, ""
    near = nearest(sort, orders)
    hint = f"Did you mean “{near}”? " if near else ""
    return "", f"“{sort}” is not an order of this list. {hint}It has: {', '.join(orders)}."


async def index(datasette, request):
    """Return the actions that pass the filters and have the words `q`, with their status on the day `on`."""
    columns = await bars.columns(datasette, "action")
    asks = await asked(datasette, request, view_of(datasette, "actions"), columns)
    q = asks.plain["q"]
    number = params.page_number(request)
    listed = await data.turn(
        datasette,
        lambda connection: actions(connection, asks.values, asks.on, number, q, asks.sort),
    )
    options = await facets(datasette, asks.on)
    return page(
        datasette,
        request,
        "actions",
        section="/actions",
        on=asks.on,
        on_message=asks.on_message,
        messages=asks.messages + await crowded(datasette, "action", q),
        q=q,
        listed=listed,
        everything=options["all"][0].number,
        filters=filters(datasette, asks.view.filters, asks.values, options, asks.several),
        query=asks.query,
        bar=await bars.bar(datasette, asks, "/actions", listed.rows),
    )


def actions(
    connection, chosen: dict[str, list[str]], on: str, number: int, q: str = "", sort: str = ""
) -> Listed:
    """Return page `number` of the actions that pass the filters `chosen` and have the words `q` on the day `on`.

    An action passes a filter that has any of its values.
    """
    values = [(name, value) for name in chosen for value in chosen[name]]
    alone = len(values) < 2 and not q  # the table of counts knows how many there are
    name, value = values[0] if values else ("all", "")
    filters = dict.fromkeys((*ACTION_FILTERS, "organization"), [])
    parameters = as_lists(filters | chosen)
    parameters |= {"on": on, "sort": sort or "news", **matching("action", q), **NOT_FEW}
    if alone and name == "jurisdiction" and parameters["sort"] == "news":
        bound = {"jurisdiction": parameters[name], "on": on, "most": SIZE * number + 1}
        read_all = data.read(connection, "lists.newest", bound)[0] | {"filter": name}
    else:
        read_all = few(connection, chosen, on, q, 0 if alone else MOST_READ)
    if read_all:
        parameters |= {"few": read_all["ids"], "order": parameters["sort"], "sort": ""}
        parameters["words"] = "" if read_all["filter"] == "words" else q
    rows = data.read(connection, "lists.actions", parameters | part(number))
    if alone:
        counts = data.read(connection, "lists.count", {"filter": name, "value": value, "on": on})
        total = counts[0]["number"] if counts else 0
    elif read_all and (rows or number == 1):
        total = rows[0]["total"] if rows else 0
    else:
        total = None  # the walk stops when the page is full
    if q and total and total >= MOST_MATCHES:
        total = None
    return cut(with_brief(rows), number)._replace(total=total)


def few(
    connection: sqlite3.Connection,
    chosen: dict[str, list[str]],
    on: str,
    q: str,
    most: int,
) -> dict[str, str]:
    """Return the actions that pass one of the filters as `ids`, a JSON list, and the name of this `filter`.

    It is the filter that fewest pass. Without filters and words, or if more than `most` pass it and it is less to walk the
    list until a page is full, it is {}.
    """
    if not (q or any(chosen.values())):
        return {}
    bound = {"filters": json.dumps(chosen), "on": on, "most": most, **matching("action", q)}
    return next(iter(data.read(connection, "lists.few", bound)), {})


async def of_place(
    datasette,
    request,
    kind: str,
    statement: str,
    others: Callable[[sqlite3.Connection, str, Listed], list[list[dict]]],
) -> tuple[dict[str, object], list[list[dict]]] | None:
    """Return what the page of a topic, a jurisdiction or an organization shows, by the names of its template.

    The record itself is read by `statement`; without it there is no page, and this is None. The second part has the rows that
    `others` reads with a connection, the day asked for and the page of actions. All is read in one turn of a thread.
    """
    record_id = request.url_vars["id"]
    scope, everywhere = {kind: [record_id]}, view_of(datasette, "actions")
    labels = {name: label for name, label in everywhere.filters.items() if name != kind}
    view = everywhere._replace(filters=labels, others={}, plain=("on",))
    asks = await asked(datasette, request, view, await bars.columns(datasette, view.kind))
    number = params.page_number(request)

    def read(connection: sqlite3.Connection) -> tuple[dict, Listed, list[list[dict]]] | None:
        record = data.read(connection, statement, {"id": record_id})
        if not record:
            return None
        listed = actions(connection, scope | asks.values, asks.on, number, sort=asks.sort)
        return record[0], listed, others(connection, asks.on, listed)

    answer = await data.turn(datasette, read)
    if not answer:
        return None
    record, listed, rest = answer
    options = await facets(datasette, asks.on)
    shown = {
        "record": record,
        "on": asks.on,
        "on_message": asks.on_message,
        "messages": asks.messages,
        "query": asks.query,
        "filtered": any(asks.values.values()),
        "filters": filters(datasette, labels, asks.values, options, asks.several, numbers=False),
        "listed": listed,
        "bar": await bars.bar(datasette, asks, path(kind, record_id), listed.rows, **scope),
    }
    return shown, rest


async def of_kind(
    datasette, request, place: str, options: Mapping[str, Sequence[Option]] = {}
) -> tuple[Asked, dict[str, object]]:
    """Return what a request asks of the list of a place, and what its page shows, by the names of its template."""
    view = VIEWS[place]
    asks = await asked(datasette, request, view, await bars.columns(datasette, view.kind))
    number = params.page_number(request)
    rows = await data.rows(datasette, asks.statement, **asks.bound, **part(number))
    listed = cut(rows, number)
    return asks, {
        "listed": listed,
        "messages": asks.messages,
        "chosen": asks.values,
        "query": asks.query,
        "filters": filters(datasette, view.filters, asks.values, options, asks.several),
        "bar": await bars.bar(datasette, asks, f"/{place}", listed.rows),
    }


def part(number: int) -> dict[str, int]:
    return {"size": SIZE, "skip": (number - 1) * SIZE}


def cut(rows: list[dict], number: int) -> Listed:
    """Return page `number` of a list whose statement gives one row more than a page shows."""
    return Listed(rows[:SIZE], len(rows) > SIZE, number)


async def filter_values(
    datasette, request, sources: Mapping[str, str | Sequence[str]], plain: Sequence[str] = PLAIN
) -> tuple[dict[str, list[str]], list[str]]:
    """Return the values of each filter, none for one that lets everything pass, and what is wrong with the request.

    `sources` has the name of each filter and what it chooses from: a kind of record, a vocabulary, or the values
    themselves. `plain` names the other parameters, which have one value.
    """
    values = {name: params.every(request, name) for name in sources}
    messages = _unknown_parameters(request, (*sources, *plain))
    for name, source in sources.items():
        messages += await _unknown_values(datasette, name, source, values[name])
    number = params.param(request, "page")
    if number and not re.fullmatch(r"[0-9]{1,6}", number):
        messages.append(f"“{number}” is not the number of a page. The first is shown.")
    return values, messages


def _unknown_parameters(request, names: Sequence[str]) -> list[str]:
    known = ", ".join(name for name in names if name != "page")
    return [
        f"“{params.cleaned(name)}” is not a parameter of this page; it has: {known}."
        for name in request.args
        if name not in names
    ]


async def _unknown_values(
    datasette, name: str, source: str | Sequence[str], values: list[str]
) -> list[str]:
    """Return a message for each value of a filter that does not exist."""
    if source in PLACES:
        return [
            message for value in values if (message := await _no_record(datasette, source, value))
        ]
    known = data.known(datasette).terms[source] if isinstance(source, str) else source
    return [
        f"“{value}” is not a value of “{name}”; it has: {', '.join(known)}."
        for value in values
        if value not in known
    ]


async def _no_record(datasette, kind: str, record_id: str) -> str:
    """Return a message unless there is a record of this kind with this id."""
    record = await data.record(datasette, record_id)
    if record and record["moved"]:
        return f"There is no {kind} “{record_id}”; it is now “{record['id']}”."
    return "" if record and record["kind"] == kind else f"There is no {kind} “{record_id}”."


def choices(labels: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """Return what each filter of a table such as ACTION_FILTERS chooses from."""
    return {name: source for name, (_, source) in labels.items()}


def filters(
    datasette,
    labels: Mapping[str, tuple[str, str]],
    chosen: Mapping[str, list[str]],
    options: Mapping[str, Sequence[Option]] = {},
    several: bool = False,
    numbers: bool = True,
) -> list[dict]:
    """Return the filters for the form of a list, each with its choices.

    `options` are those of `counted`. Where it has none, all terms are choices. With `several`, the form lets readers choose
    several values for a filter. Without `numbers`, the choices have none, since those of `options` are of all actions and not
    of the list.
    """
    terms = data.known(datasette).terms
    choices: dict[str, tuple[Option, ...]] = {}
    for name, (_, source) in labels.items():
        if name in options:
            shown = [row for row in options[name] if row.number != 0 or row.value in chosen[name]]
            if not numbers:
                shown = [Option(value, label) for value, label, _ in shown]
            choices[name] = tuple(shown)
        else:
            every_term = terms.get(source, {}).items()
            choices[name] = tuple(Option(key, term["label"]) for key, term in every_term)
    return [
        {
            "name": name,
            "label": label,
            "chosen": tuple(chosen[name]),
            "choices": choices[name],
            "several": several,
        }
        for name, (label, _) in labels.items()
    ]


def counted(
    datasette, labels: Mapping[str, tuple[str, str]], rows: Iterable[dict]
) -> dict[str, list[Option]]:
    """Return the choices of each filter from rows with facet, value, number and, for records, label, in the order of a form."""
    vocabularies = data.known(datasette).terms
    options: dict[str, list[Option]] = {}
    for row in rows:
        name, value = row["facet"], row["value"]
        term = vocabularies.get(labels[name][1], {}).get(value) if name in labels else None
        label = term["label"] if term else row["label"]
        options.setdefault(name, []).append(Option(value, label, row["number"]))
    for name, (_, source) in labels.items():
        options.get(name, []).sort(key=partial(_place, vocabularies.get(source)))
    return options


async def facets(datasette, on: str) -> dict[str, list[Option]]:
    """Return the choices of the filters of actions on a day, and how many there are as `all`, kept for all pages of the day."""

    def read(connection: sqlite3.Connection) -> dict[str, list[Option]]:
        return counted(datasette, ACTION_FILTERS, data.read(connection, "lists.facets", {"on": on}))

    return await data.recent(datasette, ("facets", on), read)


def _place(terms: dict[str, dict] | None, option: Option) -> int | str:
    """Return what a choice is sorted by: its place in the vocabulary, or its label."""
    return terms[option.value]["position"] if terms else option.label
