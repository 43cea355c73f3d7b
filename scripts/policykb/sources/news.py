"""Plan what the answers of `track` add to the records of actions, and whether they confirm the rest.

Only events after `as_of` of an action are added. The editors left out earlier events on purpose, unless those would change
the status.
"""

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from policykb.contribute.changes import Change
from policykb.contribute.edits import changes_of
from policykb.contribute.proposal import Proposal
from policykb.files.catalogue import folded_title
from policykb.files.toml_edit import Edit, LayoutError
from policykb.model import dates
from policykb.model import records as model
from policykb.model.event_ids import happenings
from policykb.model.identifiers import FINAL, congress_end, congress_of
from policykb.model.parts import several
from policykb.model.problems import ConflictError
from policykb.model.status import period_on, periods
from policykb.sources.merge import merged
from policykb.sources.plan import State
from policykb.sources.resolve import SourceCatalogue, resolved
from policykb.sources.track import Heard

Content = dict[str, Any]
# Identifiers that an action gets later; all others existed when the editors wrote the record.
LATER = frozenset({"us_public_law"})
# Sentences of readers that are not news: they are about facts from the beginning.
ASIDE = re.compile(
    r"(identifier|type|relation|actions?|signing_date): |.*: (no kind of relation here says just that|names no order by its number)$"
    r"|.*: (the character U\+.*|has [\d,]+ characters and was cut to [\d,]+)$"
)


class News(NamedTuple):
    """The news of an action: changes of files, the number of new events, whether `as_of` moved, and doubts as sentences.

    `failed` says why there are no changes although there is news.
    """

    action: str
    changes: list[Change]
    events: int
    confirmed: bool
    doubts: list[str]
    failed: str = ""


def news(
    policies: Path, today: str, heard: Iterable[Heard], confirm: bool, partly: Container[str] = ()
) -> Iterator[News]:
    """Yield what the answers add, by action.

    `as_of` moves to `today` if there are no doubts and the sources record everything that can happen: everything that
    happens to a bill appears in its record, but an order, a rule or a law can be stopped elsewhere. Use `confirm` for
    those. `as_of` does not move for actions in `partly`, about which another source has not answered.
    """
    known = SourceCatalogue.read(policies)
    answers: dict[str, list[Heard]] = {}
    for answer in heard:
        answers.setdefault(answer.question.action, []).append(answer)
    for action, own in answers.items():
        try:
            yield _Answers(policies, today, known, action, own).news(confirm, action not in partly)
        except (ConflictError, LayoutError) as error:
            yield News(action, [], 0, False, [], str(error))


class _Answers:
    """The answers about one action, with ids for the documents they cite."""

    def __init__(
        self,
        policies: Path,
        today: str,
        known: SourceCatalogue,
        action: str,
        answers: Sequence[Heard],
    ) -> None:
        self.policies, self.today, self.action, self.answers = policies, today, action, answers
        self.state = State(policies, "action", action, new=False)
        self.new: dict[str, Proposal] = {}
        own: dict[str, str] = {}
        for proposal in self._of("document"):
            own[proposal.id] = self._document(known, proposal)
        self.actions: list[Content] = []
        self.doubts = [note for answer in answers for note in answer.notes]
        for proposal in self._of("action"):
            known_keys = ("events", "identifiers", "instrument")
            part = {key: proposal.content[key] for key in known_keys if key in proposal.content}
            content, unresolved = resolved(known, own, proposal._replace(content=part))
            self.actions.append(content)
            self.doubts += [text for text in proposal.unresolved if not ASIDE.match(text)]
            self.doubts += unresolved

    def _of(self, kind: str) -> Iterator[Proposal]:
        for answer in self.answers:
            yield from (proposal for proposal in answer.proposals if proposal.kind == kind)

    def _document(self, known: SourceCatalogue, proposal: Proposal) -> str:
        """Return the id of a document that exists or is new."""
        title = folded_title(proposal.content.get("title", ""))
        there = [record_id for key in proposal.keys for record_id in known.ids(*key)]
        titles = {record_id: folded_title(known.entries[record_id].title) for record_id in there}
        titled = [record_id for record_id in there if titles[record_id] == title]
        if match := next(iter([*titled, *there]), None):
            return match
        record_id = known.free_id(proposal.id)
        self.new[record_id] = proposal
        known.propose("document", record_id, proposal.content)
        return record_id

    def news(self, confirm: bool, all_answered: bool) -> News:
        """Return the news of the action: the changes that the answers bring, and doubts."""
        state, before = self.state, self.state.content
        recent, events = self._events()
        result = merged(None, before, {"identifiers": self._later(), "events": recent})
        added = [edit.value for edit in result.edits if edit.insert and edit.at[0] == "events"]
        state.content, state.edits = result.content, list(result.edits)
        statute = any(content.get("instrument") == "statute" for content in self.actions)
        adopted = any(event["type"] == "adopted" for event in added)
        if before["instrument"] == "bill" and statute and adopted:
            state.make(Edit(("instrument",), "statute"))
        status = _status(state.content, self.today)
        self.doubts += result.notes
        for event in added:
            if event["type"] == "other":
                note = event.get("note", "")
                self.doubts.append(f"no type of event fits '{note}' ({event['date']})")
        whole_content = merged(None, before, {"events": events}).content
        self.doubts += _difference(status, _status(whole_content, self.today))
        self.doubts += _ended(state.content, status[0], self.today)
        whole = all(answer.question.source.whole for answer in self.answers)
        whole = confirm or (whole and status[0] != "adopted")
        older = str(before["as_of"]) < self.today
        confirmed = whole and older and all_answered and not self.doubts
        if confirmed:
            state.make(Edit(("as_of",), self.today))
        cited = {cite["document"] for event in added for cite in event.get("cite", [])}
        documents = [self._new_document(record_id) for record_id in self.new if record_id in cited]
        changes = changes_of([*documents, state]) if state.edits else []
        return News(self.action, changes, len(added), confirmed, self.doubts)

    def _events(self) -> tuple[list[Content], list[Content]]:
        """Return the events of the answers, those since the day asked about and all."""
        since = min(answer.question.since for answer in self.answers)
        events = [event for content in self.actions for event in content.get("events", [])]
        return [event for event in events if dates.span(event["date"]).latest >= since], events

    def _later(self) -> Content:
        """Return the identifiers that an action gets later in its life."""
        identifiers: Content = {}
        for content in self.actions:
            identifiers |= content.get("identifiers", {})
        return {scheme: value for scheme, value in identifiers.items() if scheme in LATER}

    def _new_document(self, record_id: str) -> State:
        state = State(self.policies, "document", record_id, new=True)
        state.content = {**self.new[record_id].content, "accessed": self.today}
        return state


def _difference(here: tuple[str, str], there: tuple[str, str]) -> Iterator[str]:
    """Yield a doubt if the status today would be another with the source's earlier events."""
    if here != there:
        yield (
            f"with the source's earlier events it would be {' / '.join(there)}, here it is {' / '.join(here)}; "
            "--since with an earlier day proposes them"
        )


def _ended(content: Content, stage: str, today: str) -> Iterator[str]:
    """Yield a doubt for a bill that is open here although its Congress is over; no source records that a bill lapsed."""
    for bill in several(content.get("identifiers", {}).get("us_bill")):
        congress = congress_of(bill)
        end = congress_end(congress)
        if stage not in FINAL and today >= end:
            yield f"Congress {congress} ended on {end}, and here the bill is still open; it lapsed unless it became law"


def _status(content: Content, today: str) -> tuple[str, str]:
    """Return stage and legal force on `today`."""
    events = [model.Event.model_validate(event) for event in content.get("events", [])]
    steps = happenings("action", events)
    period = period_on(periods(steps, content["instrument"], content["bindingness"]), today)
    return (period.stage, period.legal_force) if period else ("", "")
