"""The environment of the templates: filters, functions and the small marks of marks.py, all named kb_*.

Jinja's own ways to call a function and to look up a column, and a header made for each page, take a quarter of its time.
"""

from collections.abc import Callable, MutableMapping
from functools import cache, lru_cache, partial
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

from datasette.utils import tilde_encode
from jinja2 import BytecodeCache, Environment, Template
from jinja2.bccache import Bucket
from jinja2.runtime import Context
from markupsafe import Markup

from policykb.markdown import inline, markdown, web
from policykb.model import dates
from policykb.model.addresses import host
from policykb.model.records import record_file
from policykb.model.vocabulary import LEGAL_FORCES
from policykb.pictures.png import installed
from policykb.read.links import anchor, path
from policykb.site import data
from policykb.site.links import COPY, filled, frame, static
from policykb.site.marks import (
    Marks,
    boxes,
    chip,
    day,
    escaped,
    links,
    meta,
    nature,
    options,
    quality,
    safe,
    tick,
)
from policykb.site.published import names
from policykb.text import (
    AHEAD,
    ANSWER_WORDS,
    STANCE_GLYPHS,
    STANCE_HEADINGS,
    capitalized,
    credit,
    date,
    duration,
    imprint,
    locator,
    plural,
    voices,
)

if TYPE_CHECKING:
    from datasette.app import Datasette


PLAIN = (FunctionType, MethodType, type(cache(print)))
quoted = lru_cache(maxsize=4096)(quote_plus)  # for the parameters of an address


def until(text: str, day: str) -> str:
    """Return how long it is from a day to a later one, or ''."""
    return "in " + duration(day, text) if dates.is_day(text) and text > day else ""


class PageContext(Context):
    """The context of a page: calls a plain function at once, without asking what else it wants to be passed."""

    def call(self, called: Callable, *args: object, **kwargs: object) -> object:
        """Return the value of a call in a template."""
        if called.__class__ in PLAIN:
            if kwargs:
                kwargs.pop("_block_vars", None)
                kwargs.pop("_loop_vars", None)
            return called(*args, **kwargs)
        return super().call(called, *args, **kwargs)


class PageTemplate(Template):
    """A compiled template of a page: escapes by `escaped`, which makes no new Markup for each value."""

    @classmethod
    def from_code(cls, *arguments: Any, **named: Any) -> Template:
        """Return the template of compiled code, in which `escape` is the name of what makes values safe."""
        template = super().from_code(*arguments, **named)
        template.root_render_func.__globals__["escape"] = escaped
        return template


class PageEnvironment(Environment):
    """The environment of the pages: never waits, and looks for a key of a row before an attribute."""

    context_class = PageContext
    template_class = PageTemplate

    def getattr(self, obj: object, attribute: str) -> object:
        """Return `obj.attribute` in a template; of a row the value of that column."""
        if obj.__class__ is dict and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)

    def make_globals(self, own: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return the global names of a template: those of all pages, in one dict, since a chain of two is slow to read."""
        return super().make_globals(own) if own else self.globals


class Compiled(BytecodeCache):
    """The code of the templates in memory, for all instances of a process and of those that it forks."""

    def __init__(self) -> None:
        self.code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give a template its code, if it was compiled before."""
        if bucket.key in self.code:
            bucket.bytecode_from_string(self.code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code of a template."""
        self.code[bucket.key] = bucket.bytecode_to_string()


@cache
def _compiled(declared: str) -> Compiled:
    """Return the code for knowledge bases that declare the same terms, which it may hold."""
    return Compiled()


def environment(env: Environment, datasette: "Datasette") -> PageEnvironment:
    """Give Datasette's environment the filters and functions, and return one for the pages that shares them."""
    env.filters |= FILTERS | _terms(datasette)
    env.globals |= CONSTANTS | _effects(datasette) | _addresses(datasette) | _marks(datasette)
    code = _compiled(repr(data.known(datasette).declared) if names(datasette) else "")
    pages = PageEnvironment(
        loader=env.loader, autoescape=True, auto_reload=False, bytecode_cache=code
    )
    pages.filters, pages.globals, pages.tests = env.filters, env.globals, env.tests
    pages.globals["kb_part"] = _parts(pages, datasette)
    return pages


def _parts(pages: PageEnvironment, datasette: "Datasette") -> Callable[[str, str], Markup]:
    """Return the function for a part that all pages of a section share, such as 'header'."""

    @lru_cache(maxsize=64)
    def cached(name: str, section: str) -> Markup:
        template = pages.get_template(f"policykb/{name}.html")
        return Markup(template.render(frame=frame(datasette), section=section))

    def part(name: str, section: str | None = "") -> Markup:
        copy = COPY.get()
        make = partial(cached.__wrapped__ if copy else cached, name, section)
        return copy.part((name, section), make) if copy else make()

    return part


FILTERS = {
    "kb_date": date,
    "kb_short_date": lambda text: date(text, short=True),
    "kb_plural": plural,
    "kb_markdown": markdown,
    "kb_inline": inline,
    "kb_web": web,
    "kb_host": host,
    "kb_anchor": anchor,
    "kb_locator": locator,
    "kb_credit": credit,
    "kb_imprint": imprint,
    "kb_until": until,
}
CONSTANTS = {
    "kb_day": day,
    "kb_chip": chip,
    "kb_link": nature,
    "kb_tick": tick,
    "kb_options": options,
    "kb_boxes": boxes,
    "kb_links": links,
    "kb_quality": quality,
    "kb_meta": meta,
    "kb_copy": COPY.get,
    "kb_png": installed(),
    "kb_voices": voices,
    "kb_force_glyphs": {term.id: term.glyph for term in LEGAL_FORCES},
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


def _effects(datasette: "Datasette") -> dict[str, object]:
    """Return what the knowledge base says of the effects of its actions: on what ('' for none), marks, and what is spared."""
    if not names(datasette):
        return {}
    known = data.known(datasette)
    return {
        "kb_effect": known.effect_on,
        "kb_affected": capitalized(known.effect_on),
        "kb_effect_marks": {key: term["mark"] for key, term in known.terms["effects"].items()},
        "kb_spared": known.spared,
        "kb_exemption": capitalized(known.spared) or "Exemption",
    }


def _addresses(datasette: "Datasette") -> dict[str, Callable]:
    """Return the functions for addresses on this site; in a static copy they give '' where only a server can answer."""
    base = str(datasette.urls.path("/"))
    database = "/" + tilde_encode(data.known(datasette).name) if names(datasette) else ""

    def at(place: str) -> str:
        copy = COPY.get()
        return copy.link(place) if copy else base + place[1:]

    def query(place: str, /, **parameters: object) -> str:
        parts = []
        for name, value in parameters.items():
            if value or value == 0:
                values = value if isinstance(value, (list, tuple)) else (value,)
                parts += [f"{quoted(name)}={quoted(str(text))}" for text in values]
        return at(f"{place}?{'&'.join(parts)}" if parts else place)

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
        address = escaped(at(cited["path"] + "/cite"))
        day = f"&amp;on={cited['on']}" if cited["on"] else ""
        parts = [
            f'<a href="{address}?style={style}{day}" rel="nofollow">{label}</a>'
            for style, label in cited["styles"].items()
        ]
        return safe(" · ".join(parts))

    def contribute(kind: str, record_id: str, page: str) -> Markup:
        """Return how a reader corrects a record, and edits its file."""
        site, file = data.known(datasette).info, record_file(kind, record_id)
        wrong = query("/contribute/correction", id=record_id, page="" if COPY.get() else page)
        edit = filled(site.get("edit_url", ""), file=file)
        ways = [("Something wrong?", wrong), ("Edit this record", edit and edit["href"])]
        where = links([(label, address) for label, address in ways if address])
        where = where or f"Something wrong? This record is the file <code>{escaped(file)}</code>"
        return safe(f'<p class="small">{where}.</p>')

    return {
        "kb_contribute": contribute,
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
    addresses = _addresses(datasette)
    affected = capitalized(data.known(datasette).effect_on) if names(datasette) else ""
    marks = Marks(addresses["kb_href"], addresses["kb_query"], partial(_term, datasette), affected)
    return {
        "kb_actions": marks.actions,
        "kb_hits": marks.hits,
        "kb_record": marks.record,
        "kb_grade": marks.grade,
        "kb_term": marks.defined,
        "kb_stance": marks.stance,
        "kb_sources": marks.sources,
        "kb_events": marks.events,
        "kb_following": marks.following,
        "kb_argument": marks.argument,
        "kb_voice": marks.voice,
    }
