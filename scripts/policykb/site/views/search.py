"""Search over all records, with the ranking of the named question `search`; help if nothing matches."""

import json
import re

from policykb.model.problems import nearest
from policykb.model.vocabulary import LEGAL_FORCES, STAGES
from policykb.read.database import select
from policykb.read.debate import grouped
from policykb.read.functions import MOST_WORDS, escape_fts, search_ways, tokens
from policykb.read.links import PLACES
from policykb.read.questions import bound, questions
from policykb.read.status_line import with_brief
from policykb.site import data, params
from policykb.site.marks import FROM, TO, unmarked
from policykb.site.respond import page
from policykb.site.views import lists

A_KIND, MOST_NEAR = 8, 8
MOST_COUNTED, MOST_FILTERED = 2000, 20_000  # records of a kind that are read, as in search.sql
KINDS = ("action", "argument", "claim", "document", "organization", "topic", "jurisdiction")
_WORD = re.compile(r"(?<!\w)[^\W\d_]{2,}(?!\w)")  # and not a number
STATUSES = {term.id: term.label for term in (*LEGAL_FORCES, *STAGES)}
FILTERS = {
    "kind": ("Kind", KINDS),
    "jurisdiction": ("Place", "jurisdiction"),
    "topic": ("Topic", "topic"),
    "status": ("Status of the action", tuple(STATUSES)),
}
OPTIONS = {
    "kind": [lists.Option(kind, PLACES[kind]) for kind in KINDS],
    "status": [lists.Option(*pair) for pair in STATUSES.items()],
}


async def index(datasette, request):
    """Return the results for ?q=: a few of each kind that pass the filters, or page by page those of some ?kind=."""
    typed, year = params.param(request, "q"), params.param(request, "year")
    plain = ("q", "year", "several", "page")
    values, messages = await lists.filter_values(datasette, request, lists.choices(FILTERS), plain)
    if year and not re.fullmatch(r"\d{4}(,\d{4})*", year):
        messages.append(f"“{year}” is not a year; write it as 2026.")
    if params.param(request, "page") and not values["kind"]:
        messages.append("“page” counts only with “kind”; the first records of each kind are shown.")
    number = params.page_number(request) if values["kind"] else 1
    size = lists.SIZE if values["kind"] else A_KIND
    joined = {name: ",".join(several) for name, several in values.items()}
    query = {"q": typed, "year": year, **joined}
    hits = await _hits(datasette, query, size, number) if typed else []
    unknown, suggestion, near = [], None, []
    if typed and (not hits or any(hit["match"] == "some words" for hit in hits)):
        unknown = await _unknown(datasette, typed)
        suggestion, near = await _suggested(datasette, typed, unknown)
    if unknown and hits:
        known = _WORD.sub(lambda word: "" if word[0] in unknown else word[0], typed)
        hits = await _hits(datasette, query | {"q": known}, size, number)
    groups = grouped(hits, "kind")
    options = await lists.facets(datasette, params.today())
    several = bool(params.param(request, "several"))
    filtered = bool(year or values["jurisdiction"] or values["topic"] or values["status"])
    return page(
        datasette,
        request,
        "search",
        messages=messages,
        typed=typed,
        year=year,
        plurals=PLACES,
        kind=values["kind"],
        filters=lists.filters(datasette, FILTERS, values, OPTIONS | options, several),
        several=several,
        filtered=filtered,
        query={"q": typed, "year": year, **values},
        joined=query,
        places={place.value: place.label for place in options.get("jurisdiction", ())},
        certain=next(
            (
                {**hit, "title": unmarked(hit["title"])}
                for hit in hits
                if hit["certain"] and (not unknown or hit["match"] == "official number")
            ),
            None,
        ),
        groups=groups,
        ways={hit["match"] for hit in hits},
        ids=",".join([hit["id"] for hit in hits]),
        counts={kind: _count(rows[0]["total"], filtered) for kind, rows in groups.items()},
        listed=lists.Listed(
            hits, any(_more(rows, size, number) for rows in groups.values()), number
        ),
        unknown=unknown,
        suggestion=suggestion,
        near=near,
    )


def _count(total: int, filtered: bool) -> str:
    """Return how many records of a kind were found, in words where more may follow those that were read."""
    most = MOST_FILTERED if filtered else MOST_COUNTED
    return f"{total:,}{' or more' if total >= most else ''}"


def _more(rows: list[dict], size: int, number: int) -> bool:
    """Return whether more records of a kind follow those on the page."""
    return rows[0]["total"] > size * number


async def _hits(datasette, query: dict[str, str], size: int, number: int) -> list[dict]:
    """Return the rows of the question `search` for the parameters in `query`, with the words marked and the status in few words."""
    question = questions()["search"]
    marks = FROM + TO
    shown = {"size": str(size), "page": str(number), "marks": marks, "title_marks": marks}
    values = bound(question, query | shown, params.today())
    rows = await data.turn(
        datasette, lambda connection: list(select(connection, question.sql, values))
    )
    return with_brief(rows)


async def _unknown(datasette, typed: str) -> list[str]:
    """Return the words of a search that no record has, not even as the start of a word."""
    unknown = []
    for word in dict.fromkeys(_WORD.findall(" ".join(tokens(typed)))[:MOST_WORDS]):
        starts = json.loads(search_ways(word))[1]
        if not await data.rows(datasette, "search.known", match=starts):
            unknown.append(word)
    return unknown


async def _suggested(datasette, typed: str, unknown: list[str]) -> tuple[str | None, list[dict]]:
    """Return what may have been meant: the search with `unknown` words corrected, and the records with the nearest titles."""
    corrections, near = {}, {}
    for word in unknown:
        if len(word) < 4:
            continue
        records = await data.rows(datasette, "search.titles", match=f"{escape_fts(word[:3])}*")
        titles = " ".join(record["title"][:300].lower() for record in records)
        close = nearest(word.lower(), set(re.findall(r"[^\W\d_]{4,}", titles)))
        if close:
            corrections[word] = close
            near |= {record["id"]: record for record in records if close in record["title"].lower()}
    records = list(near.values()) or await data.nearest(datasette, typed[:80].lower())
    records.sort(key=lambda record: KINDS.index(record["kind"]))
    corrected = _WORD.sub(lambda word: corrections.get(word[0], word[0]), typed)
    return corrected if corrections else None, records[:MOST_NEAR]
