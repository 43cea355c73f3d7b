"""What a brief says of an action, or of several side by side, as of a day: one HTML document, from which the other formats are made.

Reads kb.db through the connection it is given and writes nothing. Every statement that has a source carries its
number; sources are numbered in the order in which the document names them. What does not fit is counted, never silently
left out. Knows no clock: the same content, day and address give the same text.
"""

import re
import sqlite3
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from policykb import text as wording
from policykb.markdown import inline, markdown, web
from policykb.model.problems import shown
from policykb.pictures.timeline import action_timeline
from policykb.read import database as reading
from policykb.read.database import Unknown
from policykb.read.debate import by_stance, counts, grouped
from policykb.read.status_line import standing
from policykb.references.citation import BASE_URL, PLACES, Day, alike, nearest

TEMPLATES = Path(__file__).parent / "templates"
MOST_IDS = 20
# How many items all sections of a brief show together: arguments, their answers, claims, disputes, open questions and
# past events; the heading of each of these lists counts as one. With texts of at most these lengths, they fit on two
# pages of A4 and of Letter in every format.
MOST_ITEMS = 30
# Lengths in characters of a note that takes one line, of any other passage, and of a summary.
LONGEST_NOTE = 150
LONGEST_PASSAGE = 320
LONGEST_SUMMARY = 600
# The end of a sentence, which no dot of an abbreviation is.
_END = re.compile(
    r"(?<!\bCorp)(?<!\bInc)(?<!\bLtd)(?<!\bCo)(?<!\bNo)(?<!\bMr)(?<!\bDr)(?<!\bv)(?<!\bart)(?<=\w)[.;] "
)


class Limits(NamedTuple):
    """What is shown with each item: places where an argument is made, sources of a fact, addresses of sources, notes on claims."""

    voices: int
    sources: int
    details: bool


# With many items, each is shown in short; with half of them or fewer, in full.
SHORT, FULL = Limits(1, 1, False), Limits(3, 3, True)
# The sections that share these items with the arguments and their answers.
CUT_SECTIONS = ("claims", "disputes", "questions", "steps")


class Picture(NamedTuple):
    """A timeline: the SVG, and the same in words."""

    svg: str
    told: str


class Brief(NamedTuple):
    """A brief: `body` is HTML in which pictures stand as `<img src="timeline-us-eo-14409.svg">`, `pictures` has them by that name."""

    ids: tuple[str, ...]
    title: str
    subtitle: str
    author: str
    footer: str
    body: str
    pictures: dict[str, Picture]
    remarks: tuple[str, ...]


def brief(
    connection: sqlite3.Connection, ids: Sequence[str], day: Day, base: str = BASE_URL
) -> Brief:
    """The brief of one action, cut to two pages where need be, or the comparison of several.

    :raises Unknown: if an id is none of an action; the message shows the nearest.
    """
    found = [_found(connection, id) for id in ids]
    actions = list({row["id"]: row for row in found}.values())
    info = {row["key"]: row["value"] for row in reading.rows(connection, "cite_info")}
    remarks = tuple(
        f"{row['old']}: formerly “{row['old']}”, now “{row['id']}”: {row['reason'].rstrip('.')}"
        for row in found
        if row["old"]
    )
    gathered = [_gathered(connection, row, day, base) for row in actions]
    remarks += tuple(
        f"{one['action']['id']}: withdrawn {wording.on_date(one['action']['withdrawn_on'])}: {one['action']['withdrawn_reason']}"
        for one in gathered
        if one["action"]["withdrawn_on"]
    )
    remarks += tuple(
        f"{one['action']['id']}: {_lower(one['now']['headline'])}"
        for one in gathered
        if one["now"]["stage"] is None
    )
    limits = _cut(gathered[0]) if len(gathered) == 1 else _cut_compared(gathered)
    body = _rendered(connection, gathered, limits, day, info)
    names = [one["action"]["name"] for one in gathered]
    title = names[0] if len(names) == 1 else f"{len(names)} actions compared"
    where = gathered[0]["address"] if len(names) == 1 else base
    return Brief(
        tuple(row["id"] for row in actions),
        title,
        f"Brief as of {wording.date(day.on)}",
        info["title"],
        f"{info['title']} · {where} · content {info['content_sha256'][:12]}",
        body,
        {one["image"]: one["picture"] for one in gathered if one["picture"]},
        remarks,
    )


def page(
    made: Brief,
    style: str | None = None,
    note: str | None = None,
    back: str | None = None,
    head: str = "",
) -> str:
    """The brief as an HTML document that needs nothing else.

    On a site, `style` is the address of the style sheet to link to instead of holding it, `note` what was wrong with
    what the reader asked for, `back` the address of the page that the brief is of; neither of the last is printed; `head` has more elements for the head.
    """
    body = re.sub(
        r'<img src="(timeline-[a-z0-9-]+\.svg)"[^>]*>',
        lambda image: made.pictures[image[1]].svg,
        made.body,
    )
    return (
        _templates()
        .get_template("page.html")
        .render(
            brief=made,
            body=Markup(body),
            style=style,
            head=head,
            note=note,
            back=back,
            css=None if style else Markup(css()),
        )
    )


def css() -> str:
    """The style sheet of the HTML document, for the screen and for paper."""
    return (TEMPLATES / "brief.css").read_text(encoding="utf-8") + picture_css()


def picture_css() -> str:
    """The looks of a timeline."""
    return (TEMPLATES / "timeline.css").read_text(encoding="utf-8")


def shares(sizes: Sequence[int], most: int, least: int = 0) -> list[int]:
    """Return how many items of each list are shown, `most` together: the lists take turns until all is given out.

    A list shows at least `least` items, or all that it has, even where that is more than `most` together.
    """
    given = [min(size, least) for size in sizes]
    for turn in range(least, max(sizes, default=0)):
        for place, size in enumerate(sizes):
            if size > turn and sum(given) < most:
                given[place] += 1
    return given


def _cut(one: dict) -> Limits:
    """Cut the lists of an action to MOST_ITEMS together and return how each item is shown; `more` is how many a list lost."""
    lists = {**one["stances"], **{name: one[name] for name in CUT_SECTIONS}}
    answers = sum(_size(row["answers"]) for rows in one["stances"].values() for row in rows)
    sizes = [*map(len, lists.values()), answers]
    headings = sum(1 for size in sizes if size)
    *given, given_answers = shares(sizes, MOST_ITEMS - headings, least=1)
    cut = _first_of(lists, given)
    one["more"] = {name: len(rows) - len(cut[name]) for name, rows in lists.items()}
    one["stances"] = {stance: cut[stance] for stance in one["stances"]}
    one |= {name: cut[name] for name in CUT_SECTIONS}
    _cut_answers([row for rows in one["stances"].values() for row in rows], given_answers)
    return FULL if sum(sizes) + headings <= MOST_ITEMS // 2 else SHORT


def _cut_compared(gathered: list[dict]) -> Limits:
    """Cut the arguments about actions that are compared to MOST_ITEMS together, at least one of each side of an action.

    What else is said of each action takes as much room as two items.
    """
    share = MOST_ITEMS // len(gathered) - 2
    for one in gathered:
        lists = one["stances"]
        given = shares([*map(len, lists.values())], share, least=1)
        one["stances"] = _first_of(lists, given)
        one["more"] = {name: len(rows) - len(one["stances"][name]) for name, rows in lists.items()}
    return SHORT


def _first_of(lists: dict[str, list[dict]], numbers: Sequence[int]) -> dict[str, list[dict]]:
    return {name: lists[name][:number] for name, number in zip(lists, numbers, strict=True)}


def _size(answers: list[dict]) -> int:
    """Return how many answers there are, with the answers to answers."""
    return sum(1 + _size(answer["answers"]) for answer in answers)


def _cut_answers(arguments: list[dict], most: int) -> None:
    """Cut the answers to `arguments`, and the answers to answers, to `most` together; `more` is how many each lost."""
    if not arguments:
        return
    given = shares([len(row["answers"]) for row in arguments], most)
    for row, number in zip(arguments, given, strict=True):
        row["more"] = _size(row["answers"]) - _size(row["answers"][:number])
        row["answers"] = row["answers"][:number]
    _cut_answers([answer for row in arguments for answer in row["answers"]], most - sum(given))


def _found(connection: sqlite3.Connection, id: str) -> dict:
    row = reading.row(connection, "cite_found", id=id)
    if row is None:
        raise Unknown(f"there is no record “{shown(id)}”" + nearest(id, alike(connection, id)))
    if row["kind"] != "action":
        near = [
            other["action"] for other in reading.rows(connection, "brief_addresses", id=row["id"])
        ]
        raise Unknown(
            f"“{row['id']}” is {'an' if row['kind'][0] in 'ao' else 'a'} {row['kind']}, and briefs are about actions"
            + (
                f"; it bears on {', '.join(near[:4])}{' and more' if len(near) > 4 else ''}"
                if near
                else ""
            )
        )
    return row


def _gathered(connection: sqlite3.Connection, row: dict, day: Day, base: str) -> dict:
    """Everything the template may tell of an action: plain rows, those that go together put together."""
    id = row["id"]
    names = (
        "bodies",
        "identifiers",
        "events",
        "citations",
        "stances",
        "answers",
        "voices",
        "speakers",
        "claims",
        "evidence",
        "disputes",
        "questions",
    )
    part = {name: reading.rows(connection, f"brief_{name}", id=id) for name in names}
    action, periods = (
        reading.row(connection, "brief_action", id=id),
        reading.rows(connection, "cite_periods", id=id),
    )
    about = grouped(
        (
            {**citation, "fact": (citation["about"], citation["key"])}
            for citation in part["citations"]
        ),
        "fact",
    )
    for event in part["events"]:
        event["sources"] = about.get(("event", event["id"]), [])
        event["moved_to"] = next(
            (
                other
                for other in part["events"]
                if other["supersedes"] == event["id"] and (other["moved_on"] or "") <= day.on
            ),
            None,
        )
    now = standing(action, periods, part["events"], day.on, day.today)
    said, unsaid = _said_by(part["voices"], day.on)
    stances = [stance for stance in part["stances"] if stance["argument"] not in unsaid]
    sides = by_stance(
        stances,
        [answer for answer in part["answers"] if answer["argument"] not in unsaid],
        said,
        part["speakers"],
    )
    picture = action_timeline(part["events"], periods, day.on)
    return {
        "action": action,
        "now": now,
        "periods": periods,
        "bodies": part["bodies"],
        "identifiers": part["identifiers"],
        "redirect": row,
        "address": f"{base.rstrip('/')}/actions/{id}?on={day.on}",
        "image": f"timeline-{id}.svg",
        "picture": Picture(picture, _description(picture)) if picture else None,
        "steps": _steps(periods, part["events"], now, day.on),
        "own": about.get(("action", id), []),
        "openness": about.get(("openness", id), []),
        "stances": sides,
        "counts": counts(sides, _in(part["speakers"], said)),
        "later": len(part["stances"]) - len(stances),
        "claims": _claims(
            part["claims"], part["evidence"], {stance["argument"] for stance in stances}
        ),
        "disputes": [
            {**dispute, "sources": about.get(("dispute", dispute["id"]), [])}
            for dispute in part["disputes"]
        ],
        "questions": part["questions"],
    }


def _said_by(voices: list[dict], on: str) -> tuple[list[dict], set[str]]:
    """The places in documents that were out on a day, and the arguments that were made in later ones alone."""
    said = [
        voice for voice in voices if not voice["issued_earliest"] or voice["issued_earliest"] <= on
    ]
    return said, {voice["argument"] for voice in voices} - {voice["argument"] for voice in said}


def _in(speakers: list[dict], said: list[dict]) -> list[dict]:
    """The rows of the view `voices` whose argument is made in one of the places `said`."""
    places = {(voice["argument"], voice["document"]) for voice in said}
    return [row for row in speakers if (row["argument"], row["document"]) in places]


def _steps(periods: list[dict], events: list[dict], now: dict, on: str) -> list[dict]:
    """The events up to a day, without the one that decides the status: those that changed it first, then the latest first."""
    deciding = {
        period[key] for period in periods for key in ("event", "stage_event", "force_event")
    }
    past = [
        event
        for event in reversed(events)
        if event["date_earliest"] <= on and event is not now["event"] and not event["moved_to"]
    ]
    return sorted(past, key=lambda event: event["id"] not in deciding)


def _claims(claims: list[dict], evidence: list[dict], held: set[str]) -> list[dict]:
    """The claims on which arguments that are shown rest, the most used first, each with its evidence by what it says."""
    by_claim, used = (
        grouped(evidence, "claim"),
        grouped([claim for claim in claims if claim["argument"] in held], "id"),
    )
    listed = [
        {**same[0], "uses": len(same), "evidence": grouped(by_claim.get(id, ()), "finding")}
        for id, same in used.items()
    ]
    return sorted(listed, key=lambda claim: (-claim["uses"], claim["position"], claim["id"]))


def _description(svg: str) -> str:
    return (
        Markup(re.search(r"<desc[^>]*>(.*?)</desc>", svg, re.DOTALL)[1])
        .unescape()
        .replace(", listed below", "")
    )


class Numbers:
    """The sources that a document names, numbered in the order in which it does."""

    def __init__(self, most: int) -> None:
        self.numbers: dict[str, int] = {}
        self.most = most

    def refs(self, sources: Sequence[dict], most: int | None = None) -> Markup:
        """'[1, page 3; 2]' for the first sources of a fact; '' without any."""
        told: dict[int, list[str]] = {}
        for source in list(sources)[: most or self.most]:
            number = self.numbers.setdefault(source["document"], len(self.numbers) + 1)
            told.setdefault(number, []).extend(
                filter(None, (source["locators"] if "locators" in source else [source["locator"]]))
            )
        if not told:
            return Markup("")
        parts = [
            Markup('<a href="#source-{}">{}</a>{}').format(
                number,
                number,
                "".join(f", {wording.locator(place)}" for place in dict.fromkeys(places)),
            )
            for number, places in told.items()
        ]
        return Markup('\u00a0<span class="ref">[{}]</span>').format(Markup("; ").join(parts))


def _rendered(
    connection: sqlite3.Connection, gathered: list[dict], limits: Limits, day: Day, info: dict
) -> str:
    """The body of the document. The sources come last, when their numbers are known."""
    numbers = Numbers(limits.sources)
    template = _templates().get_template("brief.html" if len(gathered) == 1 else "comparison.html")
    text = template.render(all=gathered, limits=limits, day=day, info=info, refs=numbers.refs)
    documents = [reading.row(connection, "brief_document", id=id) for id in numbers.numbers]
    return text + _templates().get_template("sources.html").render(
        documents=documents, info=info, all=gathered, day=day, limits=limits
    )


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _credit(document: dict) -> str:
    """A document as an entry of a list of sources; titles that the editors gave it stand in brackets and not in quotation marks."""
    said = document["title"] if document["title"].startswith("[") else f"“{document['title']}”"
    title = (
        Markup('<a href="{}">{}</a>').format(document["url"], said)
        if web(document["url"])
        else escape(said)
    )
    who, where = (
        document["authors"],
        ", ".join(
            filter(
                None,
                (document["container"] or document["publisher"], wording.date(document["issued"])),
            )
        ),
    )
    return Markup("{}{}{}").format(
        f"{who}, " if who and who != document["container"] else "",
        title,
        f", {where}" if where else "",
    )


def _sentence(text: str | None) -> str:
    """A note of an event without the dot at its end, or its first sentence; '' if that is long too."""
    whole = re.sub(r"(?<=[^A-Z])\.$", "", " ".join((text or "").split()))
    first = whole if len(whole) <= LONGEST_NOTE else _END.split(whole, maxsplit=1)[0]
    return first if len(first) <= LONGEST_NOTE else ""


def _shortened(text: str | None, most: int = LONGEST_PASSAGE) -> str:
    """Return a text of at most `most` characters whole, and else as many of its first sentences as that holds and “…”.

    Where these are less than half of it, the next sentence is cut after a word.
    """
    whole = (text or "").strip()
    if len(whole) <= most:
        return whole
    ends = [end.start() + 1 for end in _END.finditer(whole[: most + 1])]
    return (
        whole[: ends[-1]] if ends and ends[-1] > most // 2 else whole[:most].rsplit(maxsplit=1)[0]
    ) + " …"


def _first(text: str | None) -> str:
    """The first paragraph of a text."""
    return (text or "").strip().split("\n\n")[0]


@cache
def _templates() -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "date": wording.date,
        "on_date": wording.on_date,
        "plural": wording.plural,
        "markdown": markdown,
        "inline": inline,
        "lower_first": _lower,
        "upper_first": _upper,
        "web": web,
        "credit": _credit,
        "target": wording.target,
        "first": _first,
        "sentence": _sentence,
        "shortened": _shortened,
    }
    made.globals |= {
        "HEADINGS": wording.STANCE_HEADINGS,
        "GLYPHS": wording.STANCE_GLYPHS,
        "ANSWERS": wording.ANSWER_WORDS,
        "AHEAD": wording.AHEAD,
        "voices": wording.voices,
        "PLACES": PLACES,
        "LONGEST_SUMMARY": LONGEST_SUMMARY,
        "LONGEST_NOTE": LONGEST_NOTE,
    }
    return made
