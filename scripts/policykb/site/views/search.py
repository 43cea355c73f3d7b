"""Search over all records: official identifiers first, then ranked hits grouped by kind, then help if nothing matches."""

import json
import re

from markupsafe import Markup, escape

from policykb.model.problems import nearest
from policykb.model.vocabulary import identifier_keys
from policykb.read.debate import grouped
from policykb.read.functions import escape_fts
from policykb.read.status_line import brief
from policykb.site import data, words
from policykb.site.respond import page
from policykb.site.views import lists

BEST, A_KIND, MOST_WORDS, MOST_IDENTIFIED, MOST_NEAR = 60, 8, 12, 5, 8
# Marks of hits inside snippets: private characters, taken out of the content before they mean anything.
FROM, TO = "\ue000", "\ue001"
KINDS = ("action", "argument", "claim", "document", "organization", "topic", "jurisdiction")
_HIT = re.compile(f"{FROM}([^{FROM}{TO}]*){TO}")
# What may be an official identifier among other words: a short word and a number, or a long number with signs in it.
_NUMBERED = re.compile(r"\b[A-Za-z]{1,5}[.( ]{0,2}\d[\d/().:-]*|\d[\d/().:-]{3,}")


async def index(datasette, request):
    """Return the results for ?q=: the best of all kinds, a few of each, or page by page those of some ?kind=."""
    typed = words.param(request, "q")
    chosen = await lists.asked(datasette, request, {"kind": KINDS}, ("q", "page"))
    kind = chosen.values["kind"]
    number = words.page_number(request) if kind else 1
    identified = []
    if typed and number == 1 and (not kind or "action" in kind):
        identified = await _identified(datasette, typed)
    listed, how = await _hits(datasette, typed, kind, number)
    above = {action["id"] for action in identified}
    hits = [_shown(hit) for hit in listed.rows if hit["id"] not in above]
    groups = grouped(hits, "kind")
    suggestion, near = None, []
    if typed and not hits and not identified:
        suggestion, near = await _suggested(datasette, typed)
    actions = [hit for hit in [*hits, *identified] if hit["kind"] == "action"]
    return page(
        datasette,
        request,
        "search",
        messages=chosen.messages,
        typed=typed,
        kind=kind,
        kinds=KINDS,
        identified=identified,
        how=how,
        listed=listed,
        groups=groups if kind else {name: rows[:A_KIND] for name, rows in groups.items()},
        cut=[name for name, rows in groups.items() if len(rows) > A_KIND],
        suggestion=suggestion,
        near=near,
        statuses=await _statuses(datasette, actions),
    )


def tokens(typed: str) -> list[str]:
    """Return the words and quoted phrases of what was typed that have a letter or digit, at most MOST_WORDS."""
    quoted = typed.translate({ord(mark): '"' for mark in "“”„«»"}).replace("’", "'")
    if quoted.count('"') % 2:
        quoted = quoted.replace('"', " ")
    parts = re.findall(r'"[^"]*"|[^\s"]+', quoted)
    return [part for part in parts if re.search(r"\w", part)][:MOST_WORDS]


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


def _shown(hit: dict) -> dict:
    return {**hit, "title_marked": marked(hit["title_marked"]), "snippet": marked(hit["snippet"])}


async def _hits(datasette, typed: str, kind: list[str], number: int) -> tuple[lists.Listed, str]:
    """Return the best hits, or one page of some kinds, and how they match: 'all' words, their 'start', or 'some'."""
    parts, size = tokens(typed), lists.SIZE if kind else BEST
    ways = {
        "all": escape_fts(" ".join(parts)),
        "start": " ".join(f"{escape_fts(part)}*" for part in parts if not part.startswith('"')),
        "some": " OR ".join(escape_fts(part) for part in parts if len(parts) > 1),
    }
    for how, match in ways.items():
        if match:
            rows = await data.rows(
                datasette,
                "search.hits",
                match=match,
                kind=json.dumps(kind),
                size=size,
                skip=(number - 1) * size,
                **{"from": FROM, "to": TO},
            )
            if rows or number > 1:
                return lists.cut(rows, number, size), how
    return lists.cut([], number), "all"


async def _identified(datasette, typed: str) -> list[dict]:
    """Return actions that have what was typed, or a numbered part of it, as an official identifier."""
    parts = [typed, *_NUMBERED.findall(typed)][:4]
    keys = dict.fromkeys(key for part in parts for key in identifier_keys(part))
    for key in filter(_is_identifier, keys):
        rows = await data.rows(datasette, "search.identifiers", folded=key)
        rows = rows or await data.rows(datasette, "search.parts_of_identifiers", phrase=f'"{key}"')
        if rows:
            return [same[0] for same in grouped(rows, "id").values()][:MOST_IDENTIFIED]
    return []


def _is_identifier(key: str) -> bool:
    """Return whether a key can be an identifier: it has a digit and is neither short, long nor a year."""
    year = re.fullmatch(r"(19|20)\d\d", key)
    return bool(re.search(r"\d", key)) and 4 <= len(key) <= 40 and not year


async def _statuses(datasette, actions: list[dict]) -> dict[str, dict]:
    """Return the status today of some actions in few words, by id."""
    if not actions:
        return {}
    rows = await data.rows(
        datasette, "search.statuses", ids=data.as_json(actions), on=words.today()
    )
    return {row["action"]: brief(row["stage"], row["legal_force"]) for row in rows}


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
