"""Values in words: terms, Markdown, addresses; and what the templates may call.

Whatever comes from the content is escaped here or by Jinja; nothing else makes markup out of it.
"""

import re
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from datasette.utils import tilde_encode

from policykb.markdown import inline, markdown, web
from policykb.model import dates
from policykb.model.vocabulary import OPENNESS_EFFECTS
from policykb.read.status_line import FORCE_GLYPHS
from policykb.site.data import KINDS
from policykb.text import (
    AHEAD,
    ANSWER_WORDS,
    STANCE_GLYPHS,
    STANCE_HEADINGS,
    credit,
    date,
    duration,
    imprint,
    locator,
    on_date,
    plural,
    target,
    voices,
)

if TYPE_CHECKING:
    from datasette.app import Datasette
    from jinja2 import Environment

LONGEST = 200
OPENNESS_GLYPHS = {term.id: term.glyph for term in OPENNESS_EFFECTS}


def day_asked(request, name: str = "on") -> tuple[str, str | None]:
    """The day that a request asks for as ISO text, today by default, and a message if what it gave is no day."""
    given = param(request, name)
    today = dates.today().isoformat()
    if not given:
        return today, None
    if dates.is_day(given):
        return given, None
    meant = dates.understood(given)
    hint = f" Did you mean {meant}?" if meant else ""
    return today, f"“{given}” is not a day; write it as 2026-06-15.{hint} Shown as of today."


def param(request, name: str) -> str:
    """A parameter of the request, without surrounding space and never longer than a line; the first, if it is given more than once."""
    return cleaned(request.args.get(name) or "")


def cleaned(text: str) -> str:
    """What somebody typed, without surrounding space and never longer than a line."""
    return text.replace("\0", " ").strip()[:LONGEST]


def page_number(request) -> int:
    """The page that is asked for, from 1; 1 for anything that is not a number."""
    given = param(request, "page")
    return max(1, int(given)) if re.fullmatch(r"[0-9]{1,6}", given) else 1


def host(url: str | None) -> str:
    """The host of a web address without www."""
    match = re.match(r"https?://(?:www\.)?([^/:?#]+)", url or "", re.IGNORECASE)
    return match.group(1) if match else ""


def equip(env: "Environment", datasette: "Datasette") -> None:
    """Give the templates their filters and functions, all named kb_*."""
    base = str(datasette.urls.path("/"))

    def term(id: str | None, vocabulary: str) -> dict:
        return datasette._policykb_known.terms[vocabulary].get(id) or {
            "id": id,
            "label": id or "",
            "definition": "",
        }

    def href(kind: str, id: str, on: str | None = None) -> str:
        return f"{base}{KINDS[kind]}/{id}?on={on}" if on else f"{base}{KINDS[kind]}/{id}"

    def path(text: str) -> str:
        return base + text[1:]

    def query(place: str, /, **params: object) -> str:
        kept = {name: value for name, value in params.items() if value not in (None, "", [])}
        return base + place[1:] + (f"?{urlencode(kept, doseq=True)}" if kept else "")

    @cache
    def place(table: str) -> str:
        return str(datasette.urls.table(datasette._policykb_known.name, table))

    def row(table: str, id: str) -> str:
        return f"{place(table)}/{tilde_encode(id)}"

    def table(name: str, **params: object) -> str:
        return place(name) + ("?" + urlencode(params) if params else "")

    env.filters |= {
        "kb_date": date,
        "kb_short_date": lambda text: date(text, short=True),
        "kb_on": on_date,
        "kb_plural": plural,
        "kb_markdown": markdown,
        "kb_inline": inline,
        "kb_web": web,
        "kb_host": host,
        "kb_locator": locator,
        "kb_target": target,
        "kb_credit": credit,
        "kb_imprint": imprint,
        "kb_ahead": lambda id: AHEAD.get(id) or term(id, "event_types")["label"].lower(),
        "kb_until": lambda text, day: (
            "in " + duration(day, text) if dates.is_day(text) and text > day else ""
        ),
        "kb_label": lambda id, vocabulary: term(id, vocabulary)["label"],
        "kb_definition": lambda id, vocabulary: term(id, vocabulary)["definition"],
    }
    from policykb.site.marks import marks

    env.globals |= marks(datasette, term) | {
        "kb_voices": voices,
        "kb_href": href,
        "kb_query": query,
        "kb_row": row,
        "kb_table": table,
        "kb_path": path,
        "kb_force_glyphs": FORCE_GLYPHS,
        "kb_stance_glyphs": STANCE_GLYPHS,
        "kb_stance_headings": STANCE_HEADINGS,
        "kb_openness_glyphs": OPENNESS_GLYPHS,
        "kb_answer_words": ANSWER_WORDS,
    }
