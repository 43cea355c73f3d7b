"""Search over all records, with the ranking of the named question `search`; help if nothing matches."""

import re

from markupsafe import Markup, escape

from policykb.model.problems import nearest
from policykb.model.vocabulary import LEGAL_FORCES, STAGES
from policykb.read.database import select
from policykb.read.debate import grouped
from policykb.read.functions import escape_fts, tokens
from policykb.read.questions import bound, questions
from policykb.site import data, words
from policykb.site.respond import page
from policykb.site.views import lists

A_KIND, MOST_NEAR = 8, 8
MOST_COUNTED, MOST_FILTERED = 2000, 20_000  # records of a kind that are read, as in search.sql
# Marks of hits inside snippets: private characters, taken out of the content before they mean anything.
FROM, TO = "\ue000", "\ue001"
KINDS = ("action", "argument", "claim", "document", "organization", "topic", "jurisdiction")
STATUSES = {term.id: term.label for term in (*LEGAL_FORCES, *STAGES)}
FILTERS = {"jurisdiction": ("Place", "jurisdiction"), "topic": ("Topic", "topic")}
_HIT = re.compile(f"{FROM}([^{FROM}{TO}]*){TO}")


async def index(datasette, request):
    """Return the results for ?q=: a few of each kind that pass the filters, or page by page those of some ?kind=."""
    typed, year = words.param(request, "q"), words.param(request, "year")
    sources = {"kind": KINDS, **lists.choices(FILTERS), "status": tuple(STATUSES)}
    chosen = await lists.asked(datasette, request, sources, ("q", "year", "several", "page"))
    values, messages = chosen.values, chosen.messages
    if year and not re.fullmatch(r"\d{4}(,\d{4})*", year):
        messages.append(f"“{year}” is not a year; write it as 2026.")
    if words.param(request, "page") and not values["kind"]:
        messages.append("“page” counts only with “kind”; the first records of each kind are shown.")
    number = words.page_number(request) if values["kind"] else 1
    size = lists.SIZE if values["kind"] else A_KIND
    joined = {name: ",".join(several) for name, several in values.items()}
    query = {"q": typed, "year": year, **joined}
    hits = await _hits(datasette, query, size, number) if typed else []
    groups = grouped(hits, "kind")
    suggestion, near = None, []
    if typed and not hits:
        suggestion, near = await _suggested(datasette, typed)
    options = await lists.facets(datasette, words.today())
    several = bool(words.param(request, "several"))
    filtered = bool(year or values["jurisdiction"] or values["topic"] or values["status"])
    return page(
        datasette,
        request,
        "search",
        messages=messages,
        typed=typed,
        year=year,
        kinds=KINDS,
        kind=values["kind"],
        statuses=STATUSES,
        status=values["status"],
        filters=lists.filters(datasette, FILTERS, values, options, several),
        several=several,
        filtered=filtered,
        query={"q": typed, "year": year, **values},
        joined=query,
        places={place.value: place.label for place in options.get("jurisdiction", ())},
        certain=next((hit for hit in hits if hit["certain"] and number == 1), None),
        groups=groups,
        most=MOST_FILTERED if filtered else MOST_COUNTED,
        listed=lists.Listed(
            hits, any(_more(rows, size, number) for rows in groups.values()), number
        ),
        suggestion=suggestion,
        near=near,
    )


def _more(rows: list[dict], size: int, number: int) -> bool:
    """Return whether more records of a kind follow those on the page."""
    return rows[0]["total"] > size * number


async def _hits(datasette, query: dict[str, str], size: int, number: int) -> list[dict]:
    """Return the rows of the question `search` for the parameters in `query`, with the words marked and the status in few words."""
    question = questions()["search"]
    shown = {"size": str(size), "page": str(number), "marks": FROM + TO}
    values = bound(question, query | shown, words.today())
    rows = await data.turn(
        datasette, lambda connection: list(select(connection, question.sql, values))
    )
    marks = {"from": FROM, "to": TO, "ids": data.as_json(rows)}
    titles = await data.rows(datasette, "search.marked_titles", q=query["q"], **marks)
    by_id = {row["id"]: row["title"] for row in titles}
    return [
        {
            **row,
            "snippet": marked(row["snippet"]),
            "title": marked(by_id.get(row["id"], row["title"])),
        }
        for row in words.with_status(rows)
    ]


def marked(text: str | None) -> Markup:
    """Return text from the content with its hits as <mark>; everything else is escaped."""
    text = text or ""
    parts, end = [], 0
    for hit in _HIT.finditer(text):
        parts += [_plain(text[end : hit.start()]), Markup("<mark>{}</mark>").format(hit[1])]
        end = hit.end()
    return Markup("").join([*parts, _plain(text[end:])])


def _plain(text: str) -> Markup:
    return escape(text.replace(FROM, "").replace(TO, ""))


async def _suggested(datasette, typed: str) -> tuple[str | None, list[dict]]:
    """Return what may have been meant: the words with misspelled ones corrected, and the records with the nearest titles."""
    corrected, near, changed = [], {}, False
    for token in tokens(typed)[:4]:
        word = re.sub(r"\W", "", token).lower()
        if len(word) < 4:
            corrected.append(word)
            continue
        records = await data.rows(datasette, "search.titles", match=f"{escape_fts(word[:3])}*")
        titles = " ".join(record["title"][:300].lower() for record in records)
        close = nearest(word, set(re.findall(r"[^\W\d_]{4,}", titles)))
        changed = changed or close not in ("", word)
        corrected.append(close or word)
        if close:
            near |= {record["id"]: record for record in records if close in record["title"].lower()}
    records = list(near.values()) or await data.nearest(datasette, typed[:80].lower())
    records.sort(key=lambda record: KINDS.index(record["kind"]))
    return " ".join(corrected) if changed else None, records[:MOST_NEAR]
