"""Search over all records: official identifiers first, then ranked hits grouped by kind, then help if nothing is found."""

import json
import re

from markupsafe import Markup, escape

from policykb.model import dates
from policykb.model.problems import nearest
from policykb.model.vocabulary import identifier_keys
from policykb.read.functions import escape_fts
from policykb.read.status_line import brief
from policykb.site import data, words
from policykb.site.respond import page
from policykb.site.views.asked import asked
from policykb.site.views.groups import as_json, grouped

PAGE, BEST, A_KIND, MOST_WORDS, MOST_IDENTIFIED = 40, 60, 8, 12, 5
# Marks of hits inside snippets: private characters, taken out of the content before they mean anything.
FROM, TO = "\ue000", "\ue001"
KIND_ORDER = ("action", "argument", "claim", "document", "organization", "topic", "jurisdiction")
_HIT = re.compile(f"{FROM}([^{FROM}{TO}]*){TO}")
# What may be an official identifier among other words: a short word and a number, or a long number with signs in it.
_NUMBERED = re.compile(r"\b[A-Za-z]{1,5}[.( ]{0,2}\d[\d/().:-]*|\d[\d/().:-]{3,}")


async def index(datasette, request):
    """The results for ?q=: the best of all kinds, a few of each, or page by page those of some ?kind=."""
    typed = words.param(request, "q")
    given, messages = await asked(datasette, request, {"kind": KIND_ORDER}, ("q", "page"))
    kind = given["kind"]
    number = words.page_number(request) if kind else 1
    identified = (
        await _identified(datasette, typed)
        if typed and number == 1 and (not kind or "action" in kind)
        else []
    )
    hits, how = await _found(datasette, typed, kind, number)
    above = {action["id"] for action in identified}
    listed = [
        _shown(hit) for hit in (hits[:PAGE] if kind else hits[:BEST]) if hit["id"] not in above
    ]
    groups = grouped(listed, "kind")
    suggestion, near = (
        (None, []) if listed or identified or not typed else await _suggested(datasette, typed)
    )
    actions = [hit for hit in [*listed, *identified] if hit["kind"] == "action"]
    return await page(
        datasette,
        request,
        "search",
        messages=messages,
        typed=typed,
        kind=kind,
        kinds=KIND_ORDER,
        identified=identified,
        how=how,
        page=number,
        groups=groups if kind else {name: listed[:A_KIND] for name, listed in groups.items()},
        cut=[name for name, listed in groups.items() if len(listed) > A_KIND],
        more=len(hits) > (PAGE if kind else BEST),
        suggestion=suggestion,
        near=near,
        standing=await _standing(datasette, actions),
        count=len(listed),
    )


def tokens(typed: str) -> list[str]:
    """The words and quoted phrases of what was typed that have a letter or digit, at most MOST_WORDS."""
    quoted = typed.translate({ord(mark): '"' for mark in "“”„«»"}).replace("’", "'")
    if quoted.count('"') % 2:
        quoted = quoted.replace('"', " ")
    found = re.findall(r'"[^"]*"|[^\s"]+', quoted)
    return [token for token in found if re.search(r"\w", token)][:MOST_WORDS]


def marked(text: str | None) -> Markup:
    """Text from the content with its hits as <mark>; everything else is escaped."""
    text = text or ""
    parts, end = [], 0
    for hit in _HIT.finditer(text):
        parts += [escape(_bare(text[end : hit.start()])), Markup("<mark>{}</mark>").format(hit[1])]
        end = hit.end()
    return Markup("").join([*parts, escape(_bare(text[end:]))])


def _bare(text: str) -> str:
    return text.replace(FROM, "").replace(TO, "")


def _shown(hit: dict) -> dict:
    return {**hit, "title_marked": marked(hit["title_marked"]), "snippet": marked(hit["snippet"])}


async def _found(datasette, typed: str, kind: list[str], number: int) -> tuple[list[dict], str]:
    """The best hits, or one page of some kinds, and one more if there are; how they were found: by 'all' words, their 'start', or 'some'."""
    listed, size = tokens(typed), PAGE if kind else BEST
    ways = (
        ("all", escape_fts(" ".join(listed))),
        (
            "start",
            " ".join(f"{escape_fts(token)}*" for token in listed if not token.startswith('"')),
        ),
        ("some", " OR ".join(escape_fts(token) for token in listed if len(listed) > 1)),
    )
    for how, match in ways:
        if match:
            hits = await data.rows(
                datasette,
                "search_records",
                match=match,
                kind=json.dumps(kind),
                most=size + 1,
                skip=(number - 1) * size,
                **{"from": FROM, "to": TO},
            )
            if hits or number > 1:
                return hits, how
    return [], "all"


async def _identified(datasette, typed: str) -> list[dict]:
    """Actions that have what was typed, or a numbered part of it, as an official identifier."""
    parts = [
        key for part in [typed, *_NUMBERED.findall(typed)][:4] for key in identifier_keys(part)
    ]
    for key in dict.fromkeys(parts):
        if (
            not re.search(r"\d", key)
            or len(key) < 4
            or re.fullmatch(r"(19|20)\d\d", key)
            or len(key) > 40
        ):
            continue
        found = await data.rows(datasette, "identified", folded=key) or await data.rows(
            datasette, "identified_within", phrase=f'"{key}"'
        )
        if found:
            first: dict[str, dict] = {}
            for row in found:
                first.setdefault(
                    row["action"],
                    {
                        "kind": "action",
                        "id": row["action"],
                        **{name: row[name] for name in ("title", "display", "url")},
                    },
                )
            return list(first.values())[:MOST_IDENTIFIED]
    return []


async def _standing(datasette, actions: list[dict]) -> dict[str, dict]:
    """The status today of the actions found, in few words."""
    if not actions:
        return {}
    rows = await data.rows(
        datasette, "status_of", ids=as_json(actions), on=dates.today().isoformat()
    )
    return {row["action"]: brief(row["stage"], row["legal_force"]) for row in rows}


async def _suggested(datasette, typed: str) -> tuple[str | None, list[dict]]:
    """What may have been meant: the words with misspelt ones mended, and the records with the nearest titles."""
    mended, near, changed = [], {}, False
    for token in tokens(typed)[:4]:
        word = re.sub(r"\W", "", token).lower()
        if len(word) < 4:
            mended.append(word)
            continue
        records = await data.rows(datasette, "titles_starting", match=f"{escape_fts(word[:3])}*")
        known = {
            part.lower()
            for record in records
            for part in re.findall(r"[^\W\d_]{4,}", record["title"][:300])
        }
        close = nearest(word, known)
        changed = changed or close not in ("", word)
        mended.append(close or word)
        if close:
            near |= {record["id"]: record for record in records if close in record["title"].lower()}
    if not near:
        near = {
            record["id"]: record for record in await data.nearest(datasette, typed[:80].lower())
        }
    listed = sorted(near.values(), key=lambda record: KIND_ORDER.index(record["kind"]))
    return " ".join(mended) if changed else None, listed[:8]
