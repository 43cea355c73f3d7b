"""The environment of the templates: filters and functions, all named kb_*."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from datasette.utils import tilde_encode

from policykb.markdown import inline, markdown, web
from policykb.model import dates
from policykb.model.vocabulary import LEGAL_FORCES, OPENNESS_EFFECTS
from policykb.read.links import path
from policykb.site import data
from policykb.site.links import COPY, address, static
from policykb.site.published import names
from policykb.site.words import host
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


def until(text: str, day: str) -> str:
    """Return how long it is from a day to a later one, or ''."""
    return "in " + duration(day, text) if dates.is_day(text) and text > day else ""


def environment(env: "Environment", datasette: "Datasette") -> "Environment":
    """Give Datasette's environment the filters and functions, and return one for the pages, which never waits."""
    env.filters |= FILTERS | _terms(datasette)
    env.globals |= CONSTANTS | _addresses(datasette)
    return env.overlay(enable_async=False, auto_reload=False)


FILTERS = {
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
    "kb_until": until,
}
CONSTANTS = {
    "kb_copy": COPY.get,
    "kb_voices": voices,
    "kb_force_glyphs": {term.id: term.glyph for term in LEGAL_FORCES},
    "kb_openness_glyphs": {term.id: term.glyph for term in OPENNESS_EFFECTS},
    "kb_stance_glyphs": STANCE_GLYPHS,
    "kb_stance_headings": STANCE_HEADINGS,
    "kb_answer_words": ANSWER_WORDS,
}


def _term(datasette: "Datasette", term_id: str | None, vocabulary: str) -> dict:
    """Return a term; of one that the vocabulary does not have, the id in place of its label."""
    unknown = {"label": term_id or "", "definition": ""}
    return data.known(datasette).terms[vocabulary].get(term_id, unknown)


def _terms(datasette: "Datasette") -> dict[str, Callable]:
    """Return the filters for terms of the vocabularies."""

    def label(term_id: str | None, vocabulary: str) -> str:
        return _term(datasette, term_id, vocabulary)["label"]

    def definition(term_id: str | None, vocabulary: str) -> str:
        return _term(datasette, term_id, vocabulary)["definition"]

    def ahead(event_type: str) -> str:
        return AHEAD.get(event_type) or label(event_type, "event_types").lower()

    return {"kb_label": label, "kb_definition": definition, "kb_ahead": ahead}


def _addresses(datasette: "Datasette") -> dict[str, Callable]:
    """Return the functions for addresses on this site; in a static copy they give '' where only a server can answer."""
    at = partial(address, datasette)
    database = "/" + tilde_encode(data.known(datasette).name) if names(datasette) else ""

    def query(place: str, /, **parameters: object) -> str:
        values = {key: value for key, value in parameters.items() if value not in (None, "", [])}
        return at(place + (f"?{urlencode(values, doseq=True)}" if values else ""))

    def href(kind: str, record_id: str, on: str | None = None) -> str:
        return at(path(kind, record_id) + (f"?on={on}" if on else ""))

    def table(name: str, **parameters: object) -> str:
        return query(f"{database}/{name}", **parameters)

    def as_data(name: str, record_id: str | None = None) -> list[tuple[str, str]]:
        """Return the links to a table or a row of it, and to the same as JSON."""
        place = f"{database}/{name}"
        if record_id:
            place += f"/{tilde_encode(record_id)}"
            return [("table row", at(place)), ("JSON", at(f"{place}.json"))]
        return [("table", at(place)), ("JSON", at(f"{place}.json?_shape=objects&_size=max"))]

    return {
        "kb_path": at,
        "kb_query": query,
        "kb_href": href,
        "kb_table": table,
        "kb_data": as_data,
        "kb_database": lambda: at(database),
        "kb_static": lambda name: at(static(name)),
    }
