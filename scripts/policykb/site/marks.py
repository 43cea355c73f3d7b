"""The small marks that stand dozens of times on a page, made here and not in a macro because a macro costs ten times as much.

Templates reach them as m.record, m.grade, m.term, m.day, m.stance and m.chip through macros.html.
"""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from policykb.site.data import KINDS
from policykb.site.words import STANCE_GLYPHS
from policykb.wording import date

if TYPE_CHECKING:
    from datasette.app import Datasette

_GRADE = Markup('<span class="grade grade-{}" title="{}">{}</span>')
_TERM = Markup('<span class="term" title="{}">{}</span>')
_SHAPE = Markup('<span class="{}"><span class="shape" aria-hidden="true">{}</span> {}</span>')


def day(text: str | None, short: bool = False) -> Markup:
    """A partial date as a time element; without `datetime` where it is approximate or uncertain, which HTML cannot say."""
    if text and not text.endswith(("~", "?")):
        return Markup(f'<time datetime="{escape(text)}">{escape(date(text, short))}</time>')
    return Markup(f"<time>{escape(date(text, short))}</time>")


def chip(brief: dict) -> Markup:
    """The status in a list, from standing.brief."""
    return _SHAPE.format("chip " + brief["key"], brief["glyph"], brief["words"])


def marks(datasette: "Datasette", term: Callable[[str | None, str], dict]) -> dict[str, Callable]:
    """The functions that need to know the site: `record`, `grade`, `term`, `stance`; `term` looks a term up."""
    base = str(datasette.urls.path("/"))

    def record(kind: str, id: str, title: str, on: str | None = None) -> Markup:
        address = f"{base}{KINDS[kind]}/{id}?on={on}" if on else f"{base}{KINDS[kind]}/{id}"
        return Markup(f'<a href="{escape(address)}">{escape(title)}</a>')

    @cache
    def grade(id: str) -> Markup:
        known = term(id, "grades")
        return _GRADE.format(id, known["definition"], known["label"].lower())

    @cache
    def defined(id: str, vocabulary: str) -> Markup:
        known = term(id, vocabulary)
        return _TERM.format(known["definition"], known["label"])

    @cache
    def stance(id: str) -> Markup:
        return _SHAPE.format("stance-word " + id, STANCE_GLYPHS[id], term(id, "stance_types")["label"])

    return {"kb_record_link": record, "kb_grade_mark": grade, "kb_term_mark": defined, "kb_stance_mark": stance, "kb_day_mark": day, "kb_chip_mark": chip}
