"""Small pieces of HTML that a page has dozens of: links, dates, terms, sources, events, arguments, voices.

They are functions because macros take twice the time. Every text of a record passes `escape` or `inline`, and every
function returns Markup.
"""

import re
from collections.abc import Callable
from functools import cache, lru_cache, partial

from markupsafe import Markup, escape

from policykb.markdown import inline, markdown
from policykb.model.vocabulary import DRAWN_BY, EDITORS, OTHER_EVENT, RELAYED
from policykb.read.links import path
from policykb.site.links import COPY
from policykb.text import (
    AHEAD,
    ANSWER_WORDS,
    STANCE_GLYPHS,
    credit,
    date,
    first_sentence,
    locator,
    plural,
    target,
)

MOST_TICKED = 60  # characters of a title that a box says
MOST_VOICES = 4  # named after an argument; of the others only the number is shown
# What a speaker is who is no known organization or person, by what names it.
SPEAKERS = dict(
    quoted="not recorded",
    author="author",
    publisher="publisher",
    container="periodical",
    title="text",
)
EARLY = ' <span class="early" title="The text was published before the first event recorded for the action.">(written before the action began)</span>'
ELSEWHERE = ' <span class="tag" title="The document mentions other actions, but none of this act. It is not counted.">about another action</span>'
INHERITED = ' <span class="tag" title="It follows only from the thesis of the text, not from this argument, and is not counted.">inherited</span>'
UNCONFIRMED = '<span class="unconfirmed">unconfirmed</span>'
OFFICIAL = ' <span class="grade" title="At the address of a public body.">official</span>'
UNREAD = ' <span class="grade grade-relayed" title="The editors did not open it; others cite it.">not read</span>'
BY_EDITORS = Markup(' <span class="linked" title="{}">(link drawn by the editors)</span>').format(
    next(term.definition for term in DRAWN_BY if term.id == EDITORS)
)
NOT_BEGUN = '<span class="soft">not yet begun</span>'
LABELED = ' data-label="Arguments"'
# Marks of hits in titles and snippets of a search: private characters, taken out of the content before they mean anything.
FROM, TO = "\ue000", "\ue001"
_GRADE = Markup('<span class="grade grade-{}" title="{}">{}</span>')
_TERM = Markup('<span class="term" title="{}">{}</span>')
_SHAPE = Markup('<span class="{}"><span class="shape" aria-hidden="true">{}</span> {}</span>')


_SPECIAL = re.compile("[&<>'\"]")
_HIT = re.compile(f"{FROM}([^{FROM}{TO}]*){TO}")
# The same as Markup(text), which asks first whether the text is HTML already.
safe = partial(str.__new__, Markup)


def escaped(value: object) -> str:
    """Return a value as HTML; most texts have nothing to escape and stay as they are."""
    if value.__class__ is Markup or (value.__class__ is str and not _SPECIAL.search(value)):
        return value
    return escape(value)


def unmarked(text: str) -> str:
    """Return text from the content without the marks of its hits."""
    return text.replace(FROM, "").replace(TO, "")


def marked(text: str | None) -> Markup:
    """Return text from the content with its hits as <mark>; everything else is escaped."""
    return safe(unmarked(_HIT.sub(r"<mark>\1</mark>", str(escaped(text or "")))))


@lru_cache(maxsize=4096)
def day(text: str | None, short: bool = False) -> Markup:
    """Return a partial date as a time element; without `datetime` where it is approximate or uncertain, which HTML cannot say."""
    exact = text and not text.endswith(("~", "?"))
    attribute = Markup(' datetime="{}"').format(text) if exact else ""
    return Markup("<time{}>{}</time>").format(attribute, date(text, short))


def mark(name: str, shown: object) -> str:
    """Return the attributes of a part that is shown on some days only: in a static copy its name, by which the browser shows or hides it."""
    if not COPY.get():
        return ""
    return safe(f' data-mark="{name}"{"" if shown else " hidden"}')


def chip(brief: dict) -> Markup:
    """Return the status in a list, from status_line.brief."""
    return _chip(brief["key"], brief["glyph"], brief["words"])


@cache
def _chip(key: str, glyph: str, words: str) -> Markup:
    return _SHAPE.format(f"chip {key}", glyph, words)


@lru_cache(maxsize=8192)
def link(address: str, text: str) -> Markup:
    """Return a link to an address of this site."""
    return safe(f'<a href="{escaped(address)}">{escaped(text)}</a>')


def links(pairs: list[tuple[str, str]], before: str = "", after: str = "") -> Markup:
    """Return links in a row, without those that a static copy cannot answer; '' if none is left."""
    parts = [link(address, text) for text, address in pairs if address]
    return safe(f"{escaped(before)}{' · '.join(parts)}{escaped(after)}" if parts else "")


def meta(pairs: list[tuple[str, str]]) -> Markup:
    """Return meta tags, each in a line, from names and contents."""
    return safe(
        "".join([f'<meta name="{name}" content="{escaped(text)}">\n' for name, text in pairs])
    )


def tick(record_id: str, title: str) -> Markup:
    """Return a box to tick a record in a list, which belongs to the form at its top; '' in a static copy."""
    if COPY.get():
        return Markup("")
    return safe(
        f'<input class="tick" type="checkbox" name="ids" value="{escaped(record_id)}" form="ticked"'
        f' aria-label="Tick {escaped(title[:MOST_TICKED])}"> '
    )


@lru_cache(maxsize=512)
def options(choices: tuple[tuple, ...], chosen: tuple[str, ...]) -> Markup:
    """Return the options of a select from values, labels and numbers, or None for a number that is not known."""
    parts = []
    for value, label, number in choices:
        selected = " selected" if value in chosen else ""
        known = "" if number is None else f" ({number})"
        parts.append(
            f'<option value="{escaped(value)}"{selected}>{escaped(label)}{known}</option>\n'
        )
    return safe("".join(parts))


@lru_cache(maxsize=64)
def boxes(columns: tuple[tuple[str, str, bool], ...]) -> Markup:
    """Return the boxes to choose the columns of a list with, from names, labels and whether they are shown."""
    return safe(
        "".join(
            [
                f'<label><input type="checkbox" name="columns" value="{name}"{" checked" if shown else ""}>'
                f' <span class="hidden">column </span>{escaped(label)}</label>\n'
                for name, label, shown in columns
            ]
        )
    )


def nature(row: dict) -> Markup:
    """Return what a reader should know of a stance or relation: what it is about, whether it is inherited or drawn by editors."""
    about = target(row.get("about") or row.get("target"), row.get("type"))
    parts = [f' <span class="linked">({escaped(about)})</span>'] if about else []
    parts += [INHERITED] if row.get("inherited") else []
    parts += [BY_EDITORS] if row.get("drawn_by") == EDITORS else []
    return safe("".join(parts))


def quality(source: dict) -> Markup:
    """Return the marks of a source in running text: whether it is official, and whether the editors did not read it."""
    official = OFFICIAL if source["official"] else ""
    return safe(official + UNREAD if source["grade"] == RELAYED else official)


class Marks:
    """The pieces that need addresses on this site or words of its vocabularies.

    `href` returns the address of a record by kind, id and day, `query` that of a page with parameters; `term` a term by
    id and vocabulary. `affected` is what actions have an effect on, as a heading; '' if no effect is judged.
    """

    def __init__(
        self,
        href: Callable[..., str],
        query: Callable[..., str],
        term: Callable[[str | None, str], dict],
        affected: str,
    ) -> None:
        self.href, self.query, self.term, self.affected = href, query, term, affected
        self.grade, self.defined, self.stance = map(cache, (self.grade, self.defined, self.stance))
        self.effect, self.happening = cache(self.effect), cache(self.happening)

    def record(self, kind: str, record_id: str, title: str, on: str | None = None) -> Markup:
        """Return a link to a record, with the day `on` of its status if that is not today."""
        return link(self.href(kind, record_id, on), title)

    def grade(self, grade_id: str) -> Markup:
        """Return the grade of a source as a small pill."""
        term = self.term(grade_id, "grades")
        return _GRADE.format(grade_id, term["definition"], term["label"].lower())

    def defined(self, term_id: str, vocabulary: str) -> Markup:
        """Return a term of a vocabulary with its definition on hover."""
        term = self.term(term_id, vocabulary)
        return _TERM.format(term["definition"], term["label"])

    def stance(self, stance_id: str) -> Markup:
        """Return a stance in words with its shape."""
        label = self.term(stance_id, "stance_types")["label"]
        return _SHAPE.format(f"stance-word {stance_id}", STANCE_GLYPHS[stance_id], label)

    def effect(self, effect_id: str | None) -> Markup:
        """Return the cell of a table of actions for an effect; '' if no effect is judged."""
        if not self.affected:
            return Markup("")
        term = self.term(effect_id, "effects")
        shape = f'<span class="shape" aria-hidden="true">{escaped(term.get("mark", ""))}</span>'
        return safe(
            f'<td data-label="{escaped(self.affected)}"><span class="nowrap">{shape}'
            f" {escaped(term['label'])}</span></td>\n"
        )

    def actions(self, rows: list[dict], on: str | None = None) -> Markup:
        """Return a table of actions with boxes to tick them, from rows of `lists.actions`, which may have `roles`."""
        return safe(
            '<table class="stack actions">\n<thead><tr><th scope="col">Action</th><th scope="col">Status</th>'
            + (f'<th scope="col">{escaped(self.affected)}</th>' if self.affected else "")
            + '<th scope="col">Latest news</th><th scope="col" class="number">Arguments</th></tr></thead>'
            + f"\n<tbody>\n{''.join([self._action(row, on) for row in rows])}</tbody>\n</table>\n"
        )

    def _action(self, row: dict, on: str | None) -> str:
        number = f"<b>{escaped(row['number'])}</b> · " if row["number"] else ""
        roles = [self.term(role, "body_roles")["label"].lower() for role in row.get("roles", ())]
        about = (row["jurisdiction_name"], self.term(row["instrument"], "instruments")["label"])
        latest = day(row["latest"], True) if row["latest"] else ""
        if latest and row["latest_type"] != OTHER_EVENT:
            label = self.term(row["latest_type"], "event_types")["label"]
            latest += safe(f' <span class="meta">{escaped(label)}</span>')
        counted, arguments = "", row["arguments"] or ""
        if arguments:
            documents = plural(row["argument_documents"], "document")
            counted = f'<span class="meta">in {documents}</span>'
        return (
            f"<tr>\n<td>{tick(row['id'], row['title'])}"
            f'<a class="title" href="{escaped(self.href("action", row["id"], on))}">{escaped(row["title"])}</a>'
            f'<span class="meta">{number}{" · ".join(map(escaped, (*about, *roles)))}</span></td>\n'
            f"<td>{chip(row['brief']) if row['brief'] else NOT_BEGUN}</td>\n"
            f'{self.effect(row["effect"])}<td data-label="Latest">{latest}</td>\n'
            f'<td class="number"{LABELED if arguments else ""}>{arguments}{counted}</td>\n</tr>\n'
        )

    def hits(self, rows: list[dict], places: dict[str, str]) -> Markup:
        """Return the records of a kind that a search found, from rows of the question `search`; `places` are names of jurisdictions."""
        items = "".join([self._hit(row, places.get(row["jurisdiction"], "")) for row in rows])
        return safe(f'<ul class="list hits">{items}</ul>')

    def _hit(self, row: dict, place: str) -> str:
        short, name, title = row["short_title"], row["name"], marked(row["title"])
        number = (
            f' <span class="number-of">{escaped(row["number"])}</span>' if row["number"] else ""
        )
        status = chip(row["brief"]) if row["brief"] else ""
        latest = day(row["date"], True) if row["date"] else ""
        if latest and row["kind"] == "action":
            latest = f"latest news {latest}"
        about = " · ".join(filter(None, (title if short else "", escaped(place), latest)))
        text = "" if name else marked(row["snippet"])
        if name and name not in (unmarked(row["title"]), short, row["number"], row["id"]):
            text = f"Also called <b>{escaped(name)}</b>"
        lines = [f'<p class="meta flush">{line}</p>' for line in (about, text) if line]
        return (
            f'<li>{tick(row["id"], row["id"])}<p class="flush">'
            f'<a href="{escaped(self.href(row["kind"], row["id"]))}">{escaped(short) if short else title}</a>'
            f"{number} {status}</p>{''.join(lines)}</li>"
        )

    def sources(self, citations: list[dict], unconfirmed: bool = False) -> Markup:
        """Return the sources of a fact, and whether it is unconfirmed; '' for neither."""
        parts = []
        for source in citations:
            document = self.record("document", source["document"], credit(source))
            place = f", {escaped(locator(source['locator']))}" if source["locator"] else ""
            note = f' <span class="aside">{inline(source["note"])}</span>' if source["note"] else ""
            parts.append(f'<span class="one">{document}{place}{quality(source)}{note}</span> ')
        text = "".join(parts) + (UNCONFIRMED if unconfirmed else "")
        return safe(f'<span class="src">{text}</span>' if text else "")

    def ahead(self, event_type: str) -> str:
        """Return what an event that lies ahead will do, in the present tense."""
        return AHEAD.get(event_type) or self.term(event_type, "event_types")["label"].lower()

    def following(self, event: dict, today: str) -> Markup:
        """Return an event that followed the day shown: its kind, its date and what happens, with a link to it."""
        ahead = event["date_latest"] >= today
        label = self.term(event["type"], "event_types")["label"].lower()
        words = f"{self.ahead(event['type']) if ahead else label}, {date(event['date'])}"
        note = f" ({inline(first_sentence(event['note']))})" if event["note"] else ""
        return safe(f"{link('#' + event['anchor'], words)}{note}")

    def events(self, events: list[dict]) -> Markup:
        """Return dated events with their sources, as `views.action.with_sources` prepares them."""
        return safe(f'<ol class="events">{"".join(map(self._event, events))}</ol>')

    def _event(self, event: dict) -> str:
        copy, moved = COPY.get(), event["moved_to"]
        looks = ("decides", event["decides"]), ("future", event["future"]), ("moved", moved)
        classes = " ".join([name for name, holds in looks if holds])
        mover = event["mover"] if copy else moved
        former = "".join(
            [f'<span id="{escaped(name)}"></span>' for name in event["former_anchors"]]
        )
        return (
            f'<li id="{escaped(event["anchor"])}" class="{classes}"{self._days(event) if copy else ""}>'
            f'{former}<p class="head">{self._day(event)}'
            f"{self.happening(event['type'], event['future'], bool(copy))}{self._tags(event)}</p>"
            f"{self._move(mover, moved) if mover else ''}"
            f"{markdown(event['note']) if event['note'] else ''}{self.sources(event['sources'])}"
            f"{self._cite(event)}</li>\n"
        )

    @staticmethod
    def _days(event: dict) -> str:
        """Return the days on which the browser shows an event of a static copy in another way."""
        mover = event["mover"]
        moved = (mover["moved_on"] or "0001-01-01") if mover else ""
        days = {
            "earliest": event["date_earliest"],
            "decided": event["moved_on"] or "",
            "moved": moved,
        }
        return "".join([f' data-{name}="{escaped(text)}"' for name, text in days.items()])

    @staticmethod
    def _day(event: dict) -> str:
        moved, text = event["moved_to"], day(event["date"])
        if not COPY.get():
            return f"<del>{text}</del>" if moved else text
        other = f"<del{mark('moved', moved)}>{text}</del>" if event["mover"] else ""
        return f"{other}<span{mark('unmoved', not moved)}>{text}</span>"

    def _cite(self, event: dict) -> str:
        action, _, name = event["id"].partition("#")
        address = self.query(f"{path('action', action)}/cite", event=name)
        if not address:
            return ""
        return f'<p class="small"><a href="{escaped(address)}" rel="nofollow">cite</a></p>'

    def happening(self, kind: str, future: bool, copied: bool) -> str:
        """Return what happens at an event; in a static copy in both tenses, of which the browser shows one."""
        if kind == OTHER_EVENT:
            return ""
        shown = ""
        if future or copied:
            ahead = _TERM.format(
                self.term(kind, "event_types")["definition"], self.ahead(kind).capitalize()
            )
            shown += f"<span{mark('future', future)}>{ahead}</span>" if copied else ahead
        if not future or copied:
            term = self.defined(kind, "event_types")
            shown += f"<span{mark('past', not future)}>{term}</span>" if copied else term
        return f' <span class="what">{shown}</span>'

    @staticmethod
    def _tags(event: dict) -> str:
        due = event["future"] and not event["moved_to"] and not event["later"]
        tags = [("decides", event["decides"], "decides the status"), ("due", due, "to come")]
        if event["moved_on"]:
            tags.insert(0, ("later", event["later"], f"decided later, {date(event['moved_on'])}"))
        unconfirmed = f" {UNCONFIRMED}" if event["unconfirmed"] else ""
        return (
            "".join(
                [
                    f' <span class="tag"{mark(name, shown)}>{tag}</span>'
                    for name, shown, tag in tags
                    if shown or COPY.get()
                ]
            )
            + unconfirmed
        )

    def _move(self, move: dict, moved: dict | None) -> str:
        where = link("#" + move["anchor"], date(move["date"]))
        change = f" by a change of {date(move['moved_on'])}" if move["moved_on"] else ""
        if by := move["moved_by"]:
            change += f": {self.record('action', by, move['moved_by_title'] or by)}"
        attributes = mark("moved", moved)
        return (
            f'<p class="why"{attributes}>Moved to {where}{change}. Kept to show what was due.</p>'
        )

    def who(self, places: list[dict]) -> Markup:
        """Return who makes an argument, and where; '' if that is not known."""
        parts = []
        for place in places[:MOST_VOICES]:
            document = self.record("document", place["document"], place["speakers"])
            locators = "".join([f", {escaped(locator(text))}" for text in place["locators"]])
            parts.append(f"{document}{locators}{EARLY if place['before'] else ''}")
        more = f" and {len(places) - MOST_VOICES} more" if len(places) > MOST_VOICES else ""
        return safe(f'<p class="who">{"; ".join(parts)}{more}</p>' if parts else "")

    def argument(self, row: dict) -> Markup:
        """Return an argument on an action with who makes it, and the answers to it."""
        title = self.record("argument", row["argument"], row["title"])
        note, as_of = row["stance_note"], row["stance_as_of"]
        about = f"{inline(note)} " if note else ""
        about += f"About the action as of {date(as_of)}." if as_of else ""
        answers = "".join(map(self._answer, row["answers"]))
        answers += self._elsewhere(row)
        return safe(
            f'<article class="arg"><p>{title}{nature(row)}</p>{self.who(row["who"])}'
            + (f'<p class="small soft">{about}</p>' if about else "")
            + (answers or '<p class="debt">No one has answered this here.</p>')
            + "</article>\n"
        )

    def _elsewhere(self, row: dict) -> str:
        """Return a link to the answers to an argument that are about other actions; '' if there are none."""
        if not row["elsewhere"]:
            return ""
        words = f"{plural(row['elsewhere'], 'answer')} about other actions"
        return f'<p class="small soft">{self.record("argument", row["argument"], words)}</p>'

    def _answer(self, row: dict) -> str:
        title = self.record("argument", row["argument"], row["title"])
        return (
            f'<div class="reply {row["type"]}"><span class="how">{ANSWER_WORDS[row["type"]]}</span>'
            f"<p>{title}{nature(row)}</p>{self.who(row['who'])}"
            f"{''.join(map(self._answer, row['answers']))}{self._elsewhere(row)}</div>"
        )

    def voice(self, row: dict, on: str | None = None) -> Markup:
        """Return a row of the table of who says what, from a row of action.speakers."""
        speaker = escaped(row["speaker"])
        if row["organization"]:
            speaker = self.record("organization", row["organization"], row["speaker"])
        if row["named_by"] == "quoted":
            speaker += safe('<span class="meta">as quoted</span>')
        kind = (
            self.term(row["speaker_kind"], "organization_kinds")["label"]
            or SPEAKERS[row["named_by"]]
        )
        part = ""
        if row["part"]:
            part = f" on {self.record('action', row['part'], row['part_title'], on)}"
        drawn = self.term(row["drawn_by"], "drawn_by_terms")["label"] or "not recorded"
        if row["inherited"]:
            drawn = "the thesis of the text alone"
        document = self.record("document", row["document"], row["document_title"])
        place = "".join([f", {escaped(locator(text))}" for text in row["locators"]])
        place += ELSEWHERE if row["about_another_action"] else ""
        note = f'<span class="meta">{inline(row["note"])}</span>' if row["note"] else ""
        as_of = f" about {date(row['as_of'])}" if row["as_of"] else ""
        early = EARLY if row["written_before_action"] else ""
        cells = (
            ("Speaker", speaker),
            ("Kind", escaped(kind)),
            ("Side", f"{self.stance(row['stance'])}{part}"),
            (
                "Argument",
                f"{self.record('argument', row['argument'], row['argument_title'])}{note}",
            ),
            ("Side drawn by", drawn),
            ("Where", f"{document}{place}"),
            ("When", f"{day(row['issued'], True) if row['issued'] else ''}{as_of}{early}"),
        )
        texts = [f'<td data-label="{name}">{text}</td>' for name, text in cells]
        return safe(f"<tr>{''.join(texts)}</tr>\n")
