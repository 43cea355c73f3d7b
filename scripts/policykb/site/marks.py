"""The small marks that stand dozens of times on a page, made here and not in a macro because a macro costs ten times as much.

Templates reach them as m.record, m.grade, m.term, m.day, m.stance, m.chip, m.sources and m.who through macros.html.
"""

from collections.abc import Callable
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from policykb.markdown import inline
from policykb.site.data import KINDS
from policykb.text import STANCE_GLYPHS, credit, date, locator

if TYPE_CHECKING:
    from datasette.app import Datasette

_GRADE = Markup('<span class="grade grade-{}" title="{}">{}</span>')
_TERM = Markup('<span class="term" title="{}">{}</span>')
_SHAPE = Markup('<span class="{}"><span class="shape" aria-hidden="true">{}</span> {}</span>')

EARLIER = ' <span class="early" title="The text was out before the first event recorded for the action.">(written before the action began)</span>'
_UNCONFIRMED = '<span class="unconfirmed">unconfirmed</span>'
MOST_VOICES = 4  # named after an argument; of the others only the number is told


@lru_cache(maxsize=4096)
def day(text: str | None, short: bool = False) -> Markup:
    """A partial date as a time element; without `datetime` where it is approximate or uncertain, which HTML cannot say."""
    if text and not text.endswith(("~", "?")):
        return Markup(f'<time datetime="{escape(text)}">{escape(date(text, short))}</time>')
    return Markup(f"<time>{escape(date(text, short))}</time>")


def chip(brief: dict) -> Markup:
    """The status in a list, from standing.brief."""
    return _chip(brief["key"], brief["glyph"], brief["words"])


@cache
def _chip(key: str, glyph: str, words: str) -> Markup:
    return _SHAPE.format("chip " + key, glyph, words)


def marks(datasette: "Datasette", term: Callable[[str | None, str], dict]) -> dict[str, Callable]:
    """The functions that need to know the site: `record`, `grade`, `term`, `stance`, `sources`, `who`; `term` looks a term up."""
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
        return _SHAPE.format(
            "stance-word " + id, STANCE_GLYPHS[id], term(id, "stance_types")["label"]
        )

    def sources(listed: list[dict], unconfirmed: bool = False) -> Markup:
        """The sources of a fact, and whether it is unconfirmed; '' for neither."""
        if not listed and not unconfirmed:
            return Markup("")
        parts = []
        for source in listed:
            where = f", {escape(locator(source['locator']))}" if source["locator"] else ""
            aside = (
                f' <span class="aside">{inline(source["note"])}</span>' if source["note"] else ""
            )
            parts.append(
                f'<span class="one"><a href="{base}documents/{escape(source["document"])}">{escape(credit(source))}</a>{where} {grade(source["grade"])}{aside}</span> '
            )
        return Markup(
            f'<span class="src">{"".join(parts)}{_UNCONFIRMED if unconfirmed else ""}</span>'
        )

    def who(voices: list[dict]) -> Markup:
        """Who makes an argument, and where; '' if nobody is known to."""
        if not voices:
            return Markup("")
        told = [
            f'<a href="{base}documents/{escape(voice["document"])}">{escape(voice["speakers"])}</a>'
            + "".join(f", {escape(locator(place))}" for place in voice["locators"])
            + (EARLIER if voice["before"] else "")
            for voice in voices[:MOST_VOICES]
        ]
        more = f" and {len(voices) - MOST_VOICES} more" if len(voices) > MOST_VOICES else ""
        return Markup(f'<p class="who">{"; ".join(told)}{more}</p>')

    return {
        "kb_sources_mark": sources,
        "kb_who_mark": who,
        "kb_record_link": record,
        "kb_grade_mark": grade,
        "kb_term_mark": defined,
        "kb_stance_mark": stance,
        "kb_day_mark": day,
        "kb_chip_mark": chip,
    }
