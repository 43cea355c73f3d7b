"""The environment of the templates: filters, functions and small marks, all named kb_*.

The marks appear dozens of times on a page. As macros they make the page of an action a third slower. Jinja's own
ways to call a function and to look up a column, and a header made for each page, take a quarter of its time.
"""

from collections.abc import Callable
from functools import cache, lru_cache
from types import FunctionType
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from datasette.utils import tilde_encode
from jinja2 import Environment
from jinja2.runtime import Context
from markupsafe import Markup, escape

from policykb.markdown import inline, markdown, web
from policykb.model import dates
from policykb.model.vocabulary import DRAWN_BY, EDITORS, LEGAL_FORCES, OPENNESS_EFFECTS
from policykb.read.links import path
from policykb.site import data
from policykb.site.links import COPY, frame, static
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


MOST_VOICES = 4  # named after an argument; of the others only the number is shown
EARLY = ' <span class="early" title="The text was out before the first event recorded for the action.">(written before the action began)</span>'
INHERITED = ' <span class="tag" title="It follows only from the thesis of the text, not from this argument, and is not counted.">inherited</span>'
PLAIN = (FunctionType, type(cache(print)))
UNCONFIRMED = '<span class="unconfirmed">unconfirmed</span>'
BY_EDITORS = Markup(' <span class="linked" title="{}">(link drawn by the editors)</span>').format(
    next(term.definition for term in DRAWN_BY if term.id == EDITORS)
)
_GRADE = Markup('<span class="grade grade-{}" title="{}">{}</span>')
_TERM = Markup('<span class="term" title="{}">{}</span>')
_SHAPE = Markup('<span class="{}"><span class="shape" aria-hidden="true">{}</span> {}</span>')


@lru_cache(maxsize=4096)
def day(text: str | None, short: bool = False) -> Markup:
    """Return a partial date as a time element; without `datetime` where it is approximate or uncertain, which HTML cannot say."""
    exact = text and not text.endswith(("~", "?"))
    attribute = Markup(' datetime="{}"').format(text) if exact else ""
    return Markup("<time{}>{}</time>").format(attribute, date(text, short))


def mark(name: str, shown: object) -> Markup:
    """Return the attributes of a part that is shown on some days only: in a static copy its name, by which the browser shows or hides it."""
    if not COPY.get():
        return Markup("")
    return Markup(f' data-mark="{name}"{"" if shown else " hidden"}')


def chip(brief: dict) -> Markup:
    """Return the status in a list, from status_line.brief."""
    return _chip(brief["key"], brief["glyph"], brief["words"])


@cache
def _chip(key: str, glyph: str, words: str) -> Markup:
    return _SHAPE.format(f"chip {key}", glyph, words)


@lru_cache(maxsize=8192)
def _link(address: str, text: str) -> Markup:
    return Markup(f'<a href="{escape(address)}">{escape(text)}</a>')


def links(pairs: list[tuple[str, str]], before: str = "", after: str = "") -> Markup:
    """Return links in a row, without those that a static copy cannot answer; '' if none is left."""
    parts = [_link(address, text) for text, address in pairs if address]
    return Markup(f"{escape(before)}{' · '.join(parts)}{escape(after)}" if parts else "")


def meta(pairs: list[tuple[str, str]]) -> Markup:
    """Return meta tags, each in a line, from names and contents."""
    return Markup(
        "".join([f'<meta name="{name}" content="{escape(text)}">\n' for name, text in pairs])
    )


def nature(row: dict) -> Markup:
    """Return what a reader should know of a stance or relation: what it is about, whether it is inherited or drawn by editors."""
    about = target(row.get("about") or row.get("target"), row.get("type"))
    parts = [f' <span class="linked">({escape(about)})</span>'] if about else []
    parts += [INHERITED] if row.get("inherited") else []
    parts += [BY_EDITORS] if row.get("drawn_by") == EDITORS else []
    return Markup("".join(parts))


def until(text: str, day: str) -> str:
    """Return how long it is from a day to a later one, or ''."""
    return "in " + duration(day, text) if dates.is_day(text) and text > day else ""


class PageContext(Context):
    """The context of a page: calls a plain function at once, without asking what else it wants to be passed."""

    def call(self, called: Callable, *args: object, **kwargs: object) -> object:
        """Return the value of a call in a template."""
        if called.__class__ in PLAIN and not hasattr(called, "jinja_pass_arg"):
            kwargs.pop("_block_vars", None)
            kwargs.pop("_loop_vars", None)
            return called(*args, **kwargs)
        return super().call(called, *args, **kwargs)


class PageEnvironment(Environment):
    """The environment of the pages: never waits, and looks for a key of a row before an attribute."""

    context_class = PageContext

    def getattr(self, obj: object, attribute: str) -> object:
        """Return `obj.attribute` in a template; of a row the value of that column."""
        if obj.__class__ is dict and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


def environment(env: Environment, datasette: "Datasette") -> PageEnvironment:
    """Give Datasette's environment the filters and functions, and return one for the pages that shares them."""
    env.filters |= FILTERS | _terms(datasette)
    env.globals |= CONSTANTS | _addresses(datasette) | _marks(datasette)
    pages = PageEnvironment(loader=env.loader, autoescape=True, auto_reload=False)
    pages.filters, pages.globals, pages.tests = env.filters, env.globals, env.tests
    pages.globals["kb_part"] = _parts(pages, datasette)
    return pages


def _parts(pages: PageEnvironment, datasette: "Datasette") -> Callable[[str, str], Markup]:
    """Return the function for a part that all pages of a section share, such as 'header'; a static copy makes it for each page."""

    def part(name: str, section: str) -> Markup:
        template = pages.get_template(f"policykb/{name}.html")
        return Markup(template.render(frame=frame(datasette), section=section))

    cached = lru_cache(maxsize=64)(part)
    return lambda name, section="": (part if COPY.get() else cached)(name, section)


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
    "kb_day": day,
    "kb_chip": chip,
    "kb_mark": mark,
    "kb_link": nature,
    "kb_links": links,
    "kb_meta": meta,
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
    base = str(datasette.urls.path("/"))
    database = "/" + tilde_encode(data.known(datasette).name) if names(datasette) else ""

    def at(place: str) -> str:
        copy = COPY.get()
        return copy.link(place) if copy else base + place[1:]

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

    def styles(cited: dict) -> Markup:
        """Return the links to a citation in each style."""
        address, day = at(cited["path"] + "/cite"), f"&amp;on={cited['on']}" if cited["on"] else ""
        return Markup(" · ").join(
            Markup(f'<a href="{escape(address)}?style={style}{day}" rel="nofollow">{label}</a>')
            for style, label in cited["styles"].items()
        )

    return {
        "kb_styles": styles,
        "kb_path": at,
        "kb_query": query,
        "kb_href": href,
        "kb_table": table,
        "kb_data": as_data,
        "kb_database": lambda: at(database),
        "kb_static": lambda name: at(static(name)),
    }


def _marks(datasette: "Datasette") -> dict[str, Callable]:
    """Return the functions for marks: small pieces of HTML that a page has dozens of."""
    href = _addresses(datasette)["kb_href"]

    def record(kind: str, record_id: str, title: str, on: str | None = None) -> Markup:
        """Return a link to a record, with the day `on` of its status if that is not today."""
        return _link(href(kind, record_id, on), title)

    @cache
    def grade(grade_id: str) -> Markup:
        """Return the grade of a source as a small pill."""
        term = _term(datasette, grade_id, "grades")
        return _GRADE.format(grade_id, term["definition"], term["label"].lower())

    @cache
    def defined(term_id: str, vocabulary: str) -> Markup:
        """Return a term of a vocabulary with its definition on hover."""
        term = _term(datasette, term_id, vocabulary)
        return _TERM.format(term["definition"], term["label"])

    @cache
    def stance(stance_id: str) -> Markup:
        """Return a stance in words with its shape."""
        label = _term(datasette, stance_id, "stance_types")["label"]
        return _SHAPE.format(f"stance-word {stance_id}", STANCE_GLYPHS[stance_id], label)

    def sources(citations: list[dict], unconfirmed: bool = False) -> Markup:
        """Return the sources of a fact, and whether it is unconfirmed; '' for neither."""
        parts = []
        for source in citations:
            link = record("document", source["document"], credit(source))
            place = f", {escape(locator(source['locator']))}" if source["locator"] else ""
            note = f' <span class="aside">{inline(source["note"])}</span>' if source["note"] else ""
            parts.append(f'<span class="one">{link}{place} {grade(source["grade"])}{note}</span> ')
        text = "".join(parts) + (UNCONFIRMED if unconfirmed else "")
        return Markup(f'<span class="src">{text}</span>' if text else "")

    def who(places: list[dict]) -> Markup:
        """Return who makes an argument, and where; '' if that is not known."""
        parts = []
        for place in places[:MOST_VOICES]:
            link = record("document", place["document"], place["speakers"])
            locators = "".join(f", {escape(locator(text))}" for text in place["locators"])
            parts.append(f"{link}{locators}{EARLY if place['before'] else ''}")
        more = f" and {len(places) - MOST_VOICES} more" if len(places) > MOST_VOICES else ""
        return Markup(f'<p class="who">{"; ".join(parts)}{more}</p>' if parts else "")

    return {
        "kb_record": record,
        "kb_grade": grade,
        "kb_term": defined,
        "kb_stance": stance,
        "kb_sources": sources,
        "kb_who": who,
    }
