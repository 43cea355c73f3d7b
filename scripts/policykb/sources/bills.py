"""The course of a bill from any source: actions become events, without repeats; numbers and sponsors become references.

The meanings of official wordings are data: `bill_wordings.toml`, read by `wordings`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from policykb.contribute.ids import slug
from policykb.contribute.proposal import Proposal
from policykb.contribute.reading import MOST_LINE
from policykb.model import dates, vocabulary
from policykb.model.identifiers import FINAL, congress_end, congress_of
from policykb.model.status import Happening, periods
from policykb.sources import wordings
from policykb.text import cut


class Measure(NamedTuple):
    """What completes a measure: the number of chambers that must agree, and whether it needs a signature."""

    chambers: int = 2
    signature: bool = True


# Resolutions of one chamber or of both, which never go to the President. All other measures do.
MEASURES = {
    "hres": Measure(1, False),
    "sres": Measure(1, False),
    "hconres": Measure(2, False),
    "sconres": Measure(2, False),
}
# What happens to a measure before a chamber votes on it.
BEFORE_PASSAGE = frozenset({"introduced", "referred", "hearing", "committee_passed"})


class Step(NamedTuple):
    """An action on a bill: its day, its wording, its meaning ('' if unknown), and the chamber that acts ('' if unknown)."""

    day: str
    wording: str
    kind: str
    chamber: str


def bill_number(kind: str, number: str, congress: str) -> str:
    """Return the identifier in the scheme us_bill, '' if there is none: ('H.R.', '3106', '114') -> 'hr3106-114'."""
    number, congress = (text.strip().lstrip("0") for text in (number, congress))
    identifier = f"{re.sub('[^a-z]', '', kind.lower())}{number}-{congress}"
    return identifier if vocabulary.identifier_match("us_bill", identifier) else ""


def bill_id(bill: str) -> str:
    """Return the id of the record of a bill: 'hr3106-114' -> 'us-hr3106-114'."""
    return slug("us", bill)


def page_of(bill: str) -> str:
    """Return the address of a bill's page at Congress.gov."""
    return vocabulary.identifier_display("us_bill", bill)[1]


def measure_of(bill: str) -> Measure:
    """Return the measure of a bill by its identifier in the scheme us_bill: 'hres5-119' -> one chamber, no signature."""
    return MEASURES.get(re.match("[a-z]*", bill)[0], Measure())


def _folded(wording: str) -> str:
    """Return the letters and digits of a wording without prefixes of repeats and places of printing, for comparisons."""
    rest = wordings.REPEATED.sub("", wording)
    rest = re.sub(r"\((consideration|text)[^)]*\)", "", rest)
    return "".join(char for char in rest.casefold() if char.isalnum())


def _same(step: Step) -> list[tuple]:
    """Return the keys of a step, which a repeat shares: its day with its wording, and its day with its meaning and vote."""
    keys: list[tuple] = [(step.day, _folded(step.wording))]
    if step.kind and (vote := wordings.VOTE.search(step.wording)):
        keys.append((step.day, step.kind, step.chamber, vote[1]))
    return keys


def without_repeats(steps: Iterable[Step]) -> list[Step]:
    """Return `steps` without repeats on the same day, each joined with the first of its repeats."""
    single: list[Step] = []
    places: dict[tuple, int] = {}
    for step in steps:
        place = next((places[key] for key in _same(step) if key in places), len(single))
        if place == len(single):
            single.append(step)
        else:
            single[place] = _joined(single[place], step)
        for key in (*_same(step), *_same(single[place])):
            places.setdefault(key, place)
    return single


def _joined(first: Step, step: Step) -> Step:
    """Return the step for two repeats: the wording of the chamber that acted, and the meaning and chamber that are known."""
    own = [text for text in (first.wording, step.wording) if not wordings.REPEATED.match(text)]
    wording = max(own or (first.wording, step.wording), key=len)
    return Step(first.day, wording, first.kind or step.kind, first.chamber or step.chamber)


def settled(steps: Iterable[Step], measure: Measure) -> Iterator[tuple[Step, str]]:
    """Yield each of `steps`, in order of time, with its type of event for `measure`; `other` if it is unknown."""
    steps = list(steps)
    changed = _changed(steps)
    course = _Course(measure)
    for position, step in enumerate(steps):
        yield step, course.event_type(step, position in changed)


def _changed(steps: list[Step]) -> set[int]:
    """Return the places of the steps in which a chamber agrees to a text that it changed, by their words or other steps."""
    changed: set[int] = set()
    run: list[int] = []  # the last votes of one chamber
    substituted = ""
    returned = ("", "")
    for position, step in enumerate(steps):
        other = bool(run) and steps[run[-1]].chamber != step.chamber
        if step.kind == wordings.AGREEMENT and other:
            changed.update(run)  # there are amendments to agree to
        if step.kind in (wordings.PASSAGE, wordings.AGREEMENT):
            late = step.kind == wordings.PASSAGE and returned == (step.day, step.chamber)
            replaced = substituted == (step.chamber or "?")
            if late or replaced or wordings.amends(step.wording, step.kind):
                changed.add(position)
            run = [position] if other else [*run, position]
            substituted = ""
        elif step.kind == wordings.SUBSTITUTION:
            substituted = step.chamber
        elif step.kind == wordings.RETURN:
            changed.update(run)
            returned = step.day, step.chamber  # without times, the steps of a day have no order
    return changed


class _Course:
    """The chambers that agreed so far: on the same text, to a conference report, or against a veto."""

    def __init__(self, measure: Measure) -> None:
        self.measure = measure
        self.last = "passed" if measure.signature else "adopted"
        self.agreed: set[str] = set()
        self.conferred: set[str] = set()
        self.against_veto: set[str] = set()
        self.vetoed = self.complete = self.over = False

    def event_type(self, step: Step, changed: bool) -> str:
        """Return the type of event of `step`. `changed`: the chamber agrees to a text that it changed."""
        match step.kind:
            case wordings.PASSAGE if self.vetoed:
                return self._overridden(step.chamber, self.last)
            case wordings.PASSAGE:
                return self._passed(step.chamber, changed)
            case wordings.AGREEMENT:
                return self._agreed_to(step.chamber, changed)
            case wordings.CONFERENCE:
                return self._joined(self.conferred, step.chamber, self.last, "passed_chamber")
            case wordings.OVERRIDE:
                return self._overridden(step.chamber, "veto_overridden")
            case wordings.COMPLETION:
                return self._completed()
            case wordings.SUBSTITUTION:
                return "amended"
            case wordings.RETURN:
                return "other"
        return self._plain(step.kind)

    def _passed(self, chamber: str, changed: bool) -> str:
        self.over = False
        if changed and self.agreed - {chamber}:
            self.agreed.clear()
            self.complete = False
        return self._joined(self.agreed, chamber, self.last, "passed_chamber")

    def _agreed_to(self, chamber: str, changed: bool) -> str:
        if changed:
            self.agreed, self.complete = {chamber} - {""}, False
            return "passed_chamber"
        self.complete = True
        return self.last

    def _joined(self, chambers: set[str], chamber: str, last: str, first: str) -> str:
        """Add `chamber` to `chambers`; return `last` if they suffice, else `first`. An unknown chamber does not count."""
        if chamber:
            chambers.add(chamber)
        if self.measure.chambers > 1 and len(chambers) < self.measure.chambers:
            return first
        self.complete = True
        return last

    def _overridden(self, chamber: str, last: str) -> str:
        outcome = self._joined(self.against_veto, chamber, last, "position")
        if outcome == last:
            self.vetoed = False
        return outcome

    def _completed(self) -> str:
        if self.complete or self.vetoed:
            return "other"
        self.complete = True
        return self.last

    def _plain(self, kind: str) -> str:
        if self._moves_nothing(kind):
            return "other"
        if kind == "vetoed":
            self.vetoed = True
            self.against_veto.clear()
        elif kind in ("signed", "adopted", "veto_overridden"):
            self.vetoed = False
        elif kind in ("rejected", "withdrawn"):
            self.over = True
        return kind or "other"

    def _moves_nothing(self, kind: str) -> bool:
        """Return whether a step of `kind` has no effect because of earlier steps."""
        if kind == "lapsed":
            return self.over  # it was rejected or withdrawn
        if kind == "introduced" and (self.agreed or self.complete):
            return True  # the second chamber begins
        return self.vetoed and kind in BEFORE_PASSAGE  # the message of the veto is referred


def event(day: str, kind: str, wording: str, document: str) -> dict:
    """Return an event as in a file; without a document it is unconfirmed."""
    proof = {"cite": [{"document": document}]} if document else {"unconfirmed": True}
    return {"date": day, "type": kind, "note": wording, **proof}


def lapse(bill: str, events: list[dict], updated: str, document: str) -> list[dict]:
    """Return the event of type `lapsed` if `bill` is still open and its Congress ended before the day `updated`, else [].

    A bill that both chambers passed may become law after the end, so it does not lapse.
    """
    congress = congress_of(bill)
    end = congress_end(congress)
    if not events or updated <= end or _stage(events) in FINAL | {"passed_all"}:
        return []
    return [event(end, "lapsed", f"Congress {congress} ended without completing it.", document)]


def _stage(events: list[dict]) -> str:
    """Return the stage after the last of `events`."""
    happenings = [
        Happening(str(place), event["type"], dates.span(event["date"]))
        for place, event in enumerate(events)
    ]
    return periods(happenings, "bill", "binding")[-1].stage


def person(
    name: str,
    place: str,
    kind: str = "person",
    ids: Mapping[str, str] | None = None,
    whole: str = "",
) -> Proposal:
    """Return a sponsor as an organization that may be new.

    Its keys are its official ids and, in the jurisdiction `place`, its name, with and without initials; `whole` is the
    full name.
    """
    official = {}
    for key, value in (ids or {}).items():
        if re.fullmatch(vocabulary.PERSON_IDS[key], value, re.ASCII):
            official[key] = value
    short = re.sub(r" [A-Z]\.?(?= )", "", name)
    names = dict.fromkeys(filter(None, (name, whole, short)))
    keys = (*official.items(), *((f"name in {place}", key) for key in names))
    content = {"name": name, "kind": kind, "jurisdiction": f"code:{place}", **official}
    return Proposal("organization", keys, slug("" if " " in name else place, name), content)


def reference(organization: Proposal) -> str:
    """Return the reference by which a record of the same source names `organization`."""
    return ":".join(organization.keys[0])


def shortened(title: str) -> str:
    """Return a short form of an official title that is too long for a list; '' if it is not too long."""
    return cut(title, MOST_LINE) if len(title) > MOST_LINE else ""
