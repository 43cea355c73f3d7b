"""A brief of an action, or of several side by side, as of a day: one HTML document, from which the other formats are made.

Every statement that has a source carries its number; sources are numbered in the order in which the document names them.
What does not fit is counted, never silently left out. The same content, day and address give the same text.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup
from sqlite_utils import Database

from policykb import text as wording
from policykb.markdown import inline, markdown, web
from policykb.model import vocabulary
from policykb.model.dates import span
from policykb.model.event_ids import event_keys
from policykb.model.records import Action, Cite, Duty
from policykb.pictures.timeline import action_timeline
from policykb.read import database as reading
from policykb.read.debate import by_stance, counts, grouped
from policykb.read.records import numbers, record
from policykb.read.status_line import became, standing
from policykb.references.citation import BASE_URL

TEMPLATES = Path(__file__).parent / "templates"
MOST_IDS = 20
# How many items all sections of a brief show together: duties, arguments, their answers, claims, disputes, open questions
# and past events; the heading of each of these lists counts as one. With texts of at most these lengths, they fit on two
# pages of A4 and of Letter in every format.
MOST_ITEMS = 30
# Lengths in characters of a note that takes one line, of any other passage, and of a summary.
LONGEST_NOTE = 150
LONGEST_PASSAGE = 320
LONGEST_SUMMARY = 600
_SQL = reading.statements(Path(__file__).parent / "sql", "brief")
_TERMS = {
    name: {term.id: term for term in terms} for name, terms in vocabulary.VOCABULARIES.items()
}
# The statements that read the status of an action, and what other records say of it.
_OF_ACTION = "periods events stances answers voices speakers claims evidence tasks".split()
_ROLES = vocabulary.ids(vocabulary.BODY_ROLES)
# How many places where an argument is made, and sources of a fact, are shown: with many items, and with half of them or fewer.
FEW, MORE = 1, 3
# The sections that share the items with the arguments and their answers.
CUT_SECTIONS = ("duties", "claims", "disputes", "questions", "steps")


class Picture(NamedTuple):
    """A timeline: the SVG, and the same in words."""

    svg: str
    words: str


class Brief(NamedTuple):
    """A brief: `body` is HTML with pictures as `<img src="timeline-us-eo-14409.svg">`, `pictures` has them by that name."""

    ids: tuple[str, ...]
    title: str
    subtitle: str
    author: str
    footer: str
    body: str
    pictures: dict[str, Picture]
    remarks: tuple[str, ...]


def brief(db: Database, ids: Sequence[str], on: str, today: str, base: str = BASE_URL) -> Brief:
    """Return the brief of one action, cut to two pages where need be, or the comparison of several, as of the day `on`.

    :raises NotFoundError: if an id is not that of an action; the message has the nearest.
    """
    matches = {asked: _match(db, asked) for asked in ids}
    renamed = {match.id: (asked, match.reason) for asked, match in matches.items() if match.reason}
    unique_ids = tuple(dict.fromkeys(match.id for match in matches.values()))
    actions = [_gather(db, action_id, on, today) for action_id in unique_ids]
    for action in actions:
        action["renamed"] = renamed.get(action["id"])
        action["address"] = f"{base.rstrip('/')}/actions/{action['id']}?on={on}"
    about = reading.facts(db)
    single = len(actions) == 1
    title = actions[0]["name"] if single else f"{len(actions)} actions compared"
    address = actions[0]["address"] if single else base
    in_full = single and _cut(actions[0])
    if not single:
        _cut_compared(actions)
    return Brief(
        unique_ids,
        title,
        f"Brief as of {wording.date(on)}",
        about["title"],
        f"{about['title']} · {address} · content {about['content_sha256'][:12]}",
        _body(db, actions, in_full, on, about),
        {action["image"]: action["picture"] for action in actions if action["picture"]},
        tuple(_remarks(actions)),
    )


def page(
    brief: Brief,
    style: str | None = None,
    note: str | None = None,
    back: str | None = None,
    head: str = "",
) -> str:
    """Return the brief as an HTML document that needs nothing else.

    On a site, `style` is the address of the style sheet to link to, `note` what was wrong with the request, `back` the
    address of the page that the brief is about; `note` and `back` are not printed. `head` has more elements for the head.
    """
    # On a phone the picture moves sideways, with the keyboard too.
    body = re.sub(
        r'<p><img src="(timeline-[a-z0-9-]+\.svg)"[^>]*></p>',
        lambda image: (
            '<p role="region" aria-label="Timeline" tabindex="0">'
            f"{brief.pictures[image[1]].svg}</p>"
        ),
        brief.body,
    )
    return template("page.html").render(
        brief=brief,
        body=Markup(body),
        style=style,
        head=head,
        note=note,
        back=back,
        css=None if style else Markup(css()),
    )


def css() -> str:
    """Return the style sheet of the HTML document, for the screen and for paper."""
    return (TEMPLATES / "brief.css").read_text(encoding="utf-8") + picture_css()


def picture_css() -> str:
    """Return the looks of a timeline."""
    return (TEMPLATES / "timeline.css").read_text(encoding="utf-8")


def shares(sizes: Sequence[int], most: int, least: int = 0) -> list[int]:
    """Return how many items of each list are shown, `most` together: the lists take turns until there is no more room.

    A list shows at least `least` items, or all its items, even where that is more than `most` together.
    """
    numbers = [min(size, least) for size in sizes]
    for turn in range(least, max(sizes, default=0)):
        for place, size in enumerate(sizes):
            if size > turn and sum(numbers) < most:
                numbers[place] += 1
    return numbers


def _cut(action: dict) -> bool:
    """Cut the lists of an action to MOST_ITEMS together; `more` is how many a list lost.

    Return whether there are so few items that each is shown in full.
    """
    lists = {**action["stances"], **{name: action[name] for name in CUT_SECTIONS}}
    arguments = [row for rows in action["stances"].values() for row in rows]
    sizes = [*map(len, lists.values()), sum(_size(row["answers"]) for row in arguments)]
    headings = sum(1 for size in sizes if size)
    *numbers, most_answers = shares(sizes, MOST_ITEMS - headings, least=1)
    cut = _cut_lists(action, lists, numbers)
    action |= {name: cut[name] for name in CUT_SECTIONS}
    _cut_answers([row for rows in action["stances"].values() for row in rows], most_answers)
    return sum(sizes) + headings <= MOST_ITEMS // 2


def _cut_compared(actions: list[dict]) -> None:
    """Cut the arguments about actions that are compared to MOST_ITEMS together, at least one of each side of an action.

    The rest of each action takes as much room as two items.
    """
    for action in actions:
        lists = action["stances"]
        share = MOST_ITEMS // len(actions) - 2
        _cut_lists(action, lists, shares([*map(len, lists.values())], share, least=1))


def _cut_lists(action: dict, lists: dict[str, list], numbers: Sequence[int]) -> dict[str, list]:
    """Return the first of each of the lists; set `more` and `stances` of the action."""
    cut = {name: lists[name][:number] for name, number in zip(lists, numbers, strict=True)}
    action["more"] = {name: len(rows) - len(cut[name]) for name, rows in lists.items()}
    action["stances"] = {stance: cut[stance] for stance in action["stances"]}
    return cut


def _size(answers: list[dict]) -> int:
    """Return how many answers there are, with the answers to answers."""
    return sum(1 + _size(answer["answers"]) for answer in answers)


def _cut_answers(arguments: list[dict], most: int) -> None:
    """Cut the answers to `arguments`, and the answers to answers, to `most` together; `more` is how many each lost."""
    if not arguments:
        return
    numbers = shares([len(row["answers"]) for row in arguments], most)
    for row, number in zip(arguments, numbers, strict=True):
        row["more"] = _size(row["answers"][number:])
        row["answers"] = row["answers"][:number]
    answers = [answer for row in arguments for answer in row["answers"]]
    _cut_answers(answers, most - sum(numbers))


def _match(db: Database, asked: str) -> reading.Found:
    """Return the action that has or had the id `asked`."""
    match = reading.found(db, asked)
    if match.kind == "action":
        return match
    actions = [row["action"] for row in db.query(_SQL["bears_on"], {"id": match.id})]
    more = " and more" if len(actions) > 4 else ""
    bears_on = f"; it bears on {', '.join(actions[:4])}{more}" if actions else ""
    raise reading.NotFoundError(
        f"'{match.id}' is {wording.with_article(match.kind)}, and briefs are about actions{bears_on}"
    )


def _gather(db: Database, action_id: str, on: str, today: str) -> dict:
    """Return all that the templates show of an action on the day `on`."""
    action = record(db, action_id)
    bound = {"id": action_id, "on": on}
    rows = {name: list(db.query(_SQL[name], bound)) for name in _OF_ACTION}
    periods, events = rows["periods"], rows["events"]
    effects = [action.effect] if action.effect else []
    cited = [
        action.cite,
        *(part.cite for part in (*effects, *action.events, *action.duties, *action.disputes)),
    ]
    documents = _by_id(db, "documents", {cite.document for cites in cited for cite in cites})
    by_key = dict(zip(event_keys(action_id, action.events), action.events, strict=True))
    moved = {event["supersedes"] for event in events if (event["moved_on"] or "") <= on}
    for event in events:
        event["moved"] = event["id"] in moved
        event["sources"] = _sources(by_key[event["id"]].cite, documents)
        ahead = event["date_latest"] > today
        event["words"] = (ahead and wording.AHEAD.get(event["type"]) or event["kind"]).lower()
    now = standing({"as_of": action.as_of}, periods, events, on, today)
    # The places in documents that were out on the day, and the arguments that are made in later ones alone.
    out = [voice for voice in rows["voices"] if (voice["issued_earliest"] or "") <= on]
    later = {voice["argument"] for voice in rows["voices"]} - {voice["argument"] for voice in out}
    stances = [stance for stance in rows["stances"] if stance["argument"] not in later]
    answers = [answer for answer in rows["answers"] if answer["argument"] not in later]
    sides = by_stance(stances, answers, out, rows["speakers"])
    places = {(voice["argument"], voice["document"]) for voice in out}
    speakers = [row for row in rows["speakers"] if (row["argument"], row["document"]) in places]
    others = {action.jurisdiction, action.part_of, *(body.organization for body in action.bodies)}
    picture = action_timeline(events, periods, on)
    return {
        "id": action_id,
        "today": today,
        "record": action,
        "name": action.short_title or action.title,
        "names": _by_id(db, "names", others - {None}),
        "bodies": sorted(action.bodies, key=lambda body: _ROLES.index(body.role)),
        "identifiers": [display for _, display, _ in numbers(db, action_id)],
        "image": f"timeline-{action_id}.svg",
        "picture": Picture(picture, _description(picture)) if picture else None,
        "now": now,
        "own": _sources(action.cite, documents),
        "effect": _sources(action.effect.cite if action.effect else [], documents),
        "duties": _duties(action, rows["tasks"], documents, on),
        "steps": _steps(periods, events, now, on),
        "stances": sides,
        "counts": counts(sides, speakers),
        "later": len(rows["stances"]) - len(stances),
        "claims": _claims(rows["claims"], rows["evidence"], stances),
        "disputes": [
            {"record": dispute, "sources": _sources(dispute.cite, documents)}
            for dispute in action.disputes
        ],
        "questions": action.open_questions,
    }


def _by_id(db: Database, statement: str, ids: Iterable[str]) -> dict[str, dict]:
    return {row["id"]: row for row in db.query(_SQL[statement], {"ids": json.dumps([*ids])})}


def _sources(cites: list[Cite], documents: dict[str, dict]) -> list[dict]:
    """Return the sources of a fact, the best first."""
    best_first = sorted(cites, key=lambda cite: documents[cite.document]["rank"])
    return [{"document": cite.document, "locator": cite.locator} for cite in best_first]


def _duties(action: Action, tasks: list[dict], documents: dict[str, dict], on: str) -> list[dict]:
    """Return the duties of an action, those that still apply and can cost most first, each with its `facts` in words."""
    of_task = {task["position"]: task for task in tasks}

    def place(item: tuple[int, Duty]) -> tuple[bool, bool]:
        last = item[1].applies_until
        return bool(last) and span(last).latest < on, not item[1].penalty

    rows, before = [], None
    for position, duty in sorted(enumerate(action.duties, 1), key=place):
        facts = list(_days_of(duty, of_task.get(position)))
        if duty.penalty:
            same = duty.penalty == before
            facts.append("same penalty" if same else f"penalty: {wording.lowered(duty.penalty)}")
        before = duty.penalty
        cited = _sources(duty.cite, documents)
        rows.append({"record": duty, "facts": "; ".join(facts), "sources": cited})
    return rows


def _days_of(duty: Duty, task: dict | None) -> Iterator[str]:
    """Yield from when and until when a duty applies, and of a task when it is due and what became of it."""
    if duty.applies_from and not task:
        yield f"from {wording.date(duty.applies_from)}"
    if duty.applies_until:
        yield f"until {wording.date(duty.applies_until)}"
    if task and task["due"]:
        yield f"due {wording.date(task['due'])}"
    if task and task["state"] != vocabulary.DUE:
        yield wording.lowered(became({**task, "outcome": duty.outcome}))


def _steps(periods: list[dict], events: list[dict], now: dict, on: str) -> list[dict]:
    """Return the events up to a day, without the one that decides the status.

    Those that changed the status come first, then what carried the action out or was due, then others, and news reports
    last; within these, the latest first.
    """
    keys = ("event", "stage_event", "force_event")
    deciding = {period[key] for period in periods for key in keys}
    past = [
        event
        for event in reversed(events)
        if event["date_earliest"] <= on and event is not now["event"] and not event["moved"]
    ]

    def place(event: dict) -> int:
        if event["type"] in vocabulary.UNOFFICIAL:
            return 3
        if event["id"] in deciding:
            return 0
        return 1 if event["type"] in (vocabulary.IMPLEMENTED, vocabulary.DEADLINE) else 2

    return sorted(past, key=place)


def _claims(claims: list[dict], evidence: list[dict], stances: list[dict]) -> list[dict]:
    """Return the claims on which the arguments rest, the most used first, each with its evidence by what it says."""
    arguments = {stance["argument"] for stance in stances}
    uses = grouped([claim for claim in claims if claim["argument"] in arguments], "id")
    by_claim = grouped(evidence, "claim")
    rows = [
        {**same[0], "uses": len(same), "evidence": grouped(by_claim.get(claim, ()), "finding")}
        for claim, same in uses.items()
    ]
    return sorted(rows, key=lambda claim: (-claim["uses"], claim["position"], claim["id"]))


def _description(svg: str) -> str:
    text = Markup(re.search(r"<desc[^>]*>(.*?)</desc>", svg, re.DOTALL)[1]).unescape()
    return text.replace(", listed below", "")


def _remarks(actions: list[dict]) -> Iterator[str]:
    """Yield what the reader should know of the records: former ids, withdrawals, a day before the first event."""
    for action in actions:
        if action["renamed"]:
            former, reason = action["renamed"]
            yield f"{former}: formerly “{former}”, now “{action['id']}”: {reason.rstrip('.')}"
    for action in actions:
        if withdrawn := action["record"].withdrawn:
            day = wording.on_date(withdrawn.on)
            yield f"{action['id']}: withdrawn {day}: {withdrawn.reason}"
    for action in actions:
        if action["now"]["stage"] is None:
            yield f"{action['id']}: {wording.lowered(action['now']['headline'])}"


class Numbers:
    """The sources that a document names, numbered in the order in which it does."""

    def __init__(self, most: int) -> None:
        self.numbers: dict[str, int] = {}
        self.most = most

    def refs(self, sources: Sequence[dict], most: int | None = None) -> Markup:
        """Return '[1, page 3; 2]' for the first sources of a fact; '' without sources."""
        places: dict[int, list[str]] = {}
        for source in sources[: most or self.most]:
            number = self.numbers.setdefault(source["document"], len(self.numbers) + 1)
            locators = source.get("locators") or filter(None, [source["locator"]])
            places.setdefault(number, []).extend(locators)
        parts = [
            Markup('<a href="#source-{}">{}</a>{}').format(
                number,
                number,
                "".join(f", {wording.locator(locator)}" for locator in dict.fromkeys(locators)),
            )
            for number, locators in places.items()
        ]
        if not parts:
            return Markup("")
        return Markup('\u00a0<span class="ref">[{}]</span>').format(Markup("; ").join(parts))


def _body(db: Database, actions: list[dict], in_full: bool, on: str, about: dict) -> str:
    """Return the body of the document. The sources come last, when their numbers are known."""
    most = MORE if in_full else FEW
    numbers = Numbers(most)
    text = template("brief.html" if len(actions) == 1 else "comparison.html").render(
        actions=actions,
        in_full=in_full,
        most=most,
        on=on,
        refs=numbers.refs,
        effect_on=about.get("effect_on"),
        effects={row["id"]: row["label"] for row in db.query("select id, label from effects")},
    )
    documents = _by_id(db, "documents", numbers.numbers)
    return text + template("sources.html").render(
        documents=[documents[document] for document in numbers.numbers],
        about=about,
        actions=actions,
        in_full=in_full,
    )


def _credit(document: dict) -> str:
    """Return a document as an entry of a list of sources; titles by the editors are in brackets and not in quotation marks."""
    authors, container = document["authors"], document["container"]
    title = document["title"] if document["title"].startswith("[") else f"“{document['title']}”"
    if web(document["url"]):
        title = Markup('<a href="{}">{}</a>').format(document["url"], title)
    authors = authors if authors != container else ""
    where = container or document["publisher"]
    parts = (authors, title, where, wording.date(document["issued"]))
    return Markup(", ").join(filter(None, parts))


def _sentence(text: str | None) -> str:
    """Return a note of an event without the dot at its end, or its first sentence; '' if that is long too."""
    whole = re.sub(r"(?<=[^A-Z])\.$", "", " ".join((text or "").split()))
    if len(whole) > LONGEST_NOTE:
        whole = wording.SENTENCE_END.split(whole, maxsplit=1)[0]
    return whole if len(whole) <= LONGEST_NOTE else ""


def _shortened(text: str | None, most: int = LONGEST_PASSAGE) -> str:
    """Return a text of at most `most` characters whole, and else as many of its first sentences as that holds and “…”.

    Where these are less than half of it, the next sentence is cut after a word.
    """
    whole = (text or "").strip()
    if len(whole) <= most:
        return whole
    ends = [end.start() + 1 for end in wording.SENTENCE_END.finditer(whole[: most + 1])]
    if ends and ends[-1] > most // 2:
        return f"{whole[: ends[-1]]} …"
    return f"{whole[:most].rsplit(maxsplit=1)[0]} …"


def template(name: str) -> Template:
    """Return a template of exports; text in it is escaped unless its name ends in .txt."""
    return _templates().get_template(name)


@cache
def _templates() -> Environment:
    templates = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=lambda name: not name.endswith(".txt"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters |= {
        "credit": _credit,
        "date": wording.date,
        "first_paragraph": lambda text: (text or "").strip().split("\n\n")[0],
        "inline": inline,
        "label": lambda term, name: _TERMS[name][term].label,
        "lower_first": wording.lowered,
        "markdown": markdown,
        "on_date": wording.on_date,
        "plural": wording.plural,
        "sentence": _sentence,
        "shortened": _shortened,
        "target": wording.target,
        "upper_first": wording.capitalized,
        "web": web,
    }
    templates.globals |= {
        "ANSWERS": wording.ANSWER_WORDS,
        "EVIDENCE": vocabulary.EVIDENCE_FINDINGS,
        "HEADINGS": wording.STANCE_HEADINGS,
        "LONGEST_NOTE": LONGEST_NOTE,
        "LONGEST_SUMMARY": LONGEST_SUMMARY,
        "TERMS": _TERMS,
        "voices": wording.voices,
    }
    return templates
