"""What the answers of a run add to the records of actions, and whether they confirm the rest.

An answer is compared from the day on up to which an action is known. Earlier events that the source has and the record
has not are the editors' choice, unless the status would be another with them.
"""

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import rtoml

from policykb.contribute.changes import Change, current, path_of
from policykb.contribute.proposal import Proposal
from policykb.files.inplace import Edit, edited_all, identified, plain
from policykb.files.layout import Unlike, composed
from policykb.model import dates, sessions
from policykb.model import records as model
from policykb.model.event_ids import happenings
from policykb.model.problems import Refused
from policykb.model.status import periods
from policykb.sources.merge import merged
from policykb.sources.resolve import Known, folded_title, resolved
from policykb.sources.track import Heard

Content = dict[str, Any]
# Identifiers that an action gets later in its life; all others were there when the editors chose what it is known by.
LATER = frozenset({"us_public_law"})
# What a reader could not place and is no news: it was there from the beginning and says nothing of what happened.
ASIDE = re.compile(
    r"(identifier|type|relation|actions?|signing_date): |.*: (no kind of relation here says just that|names no order by its number)$"
    r"|.*: (the character U\+.*|has [\d,]+ characters and was cut to [\d,]+)$"
)


class News(NamedTuple):
    """What came of one action: the changes of files, the number of new events, whether the day up to which it is known moved, doubts in words.

    `failed` says why the edits could not be made; there are none then.
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
    """What the answers add, action by action.

    `as_of` moves to `today` if every answer was understood and shows the whole of what could have happened: all that
    befalls a bill stands in its record, while an order, a rule or a law can be stopped elsewhere. For those, `confirm`.
    It stays for actions that are `partly` answered: another source that knows of them has not said anything.
    """
    known = Known(policies)
    answers: dict[str, list[Heard]] = {}
    for answer in heard:
        answers.setdefault(answer.question.action, []).append(answer)
    for action, given in answers.items():
        try:
            yield _Answers(policies, today, known, action, given).news(
                confirm, action not in partly
            )
        except (Refused, Unlike) as error:
            yield News(action, [], 0, False, [], str(error))


class _Answers:
    """The answers about one action, with ids for the documents they cite."""

    def __init__(
        self, policies: Path, today: str, known: Known, action: str, answers: Sequence[Heard]
    ) -> None:
        self.policies, self.today, self.action, self.answers = policies, today, action, answers
        self.path = path_of(policies, "action", action)
        self.before = current(policies, self.path)
        self.text = identified((self.before or b"").decode().replace("\r\n", "\n"))
        self.mine: Content = plain(rtoml.loads(self.text))
        self.new: dict[str, Proposal] = {}
        own: dict[str, str] = {}
        for proposal in self._of("document"):
            own[proposal.id] = self._document(known, proposal)
        self.actions: list[Content] = []
        self.doubts = [note for answer in answers for note in answer.notes]
        for proposal in self._of("action"):
            told = {
                key: value
                for key, value in proposal.content.items()
                if key in ("events", "identifiers", "instrument")
            }
            content, lost = resolved(known, own, proposal._replace(content=told))
            self.actions.append(content)
            self.doubts += [*(text for text in proposal.unresolved if not ASIDE.match(text)), *lost]

    def _of(self, kind: str) -> Iterator[Proposal]:
        return (
            proposal
            for answer in self.answers
            for proposal in answer.proposals
            if proposal.kind == kind
        )

    def _document(self, known: Known, proposal: Proposal) -> str:
        """The id of a document, found or new."""
        title = folded_title(proposal.content.get("title", ""))
        there = [id for key in proposal.keys for id in known.all("document", key)]
        titled = [id for id in there if folded_title(known.contents[id]["title"]) == title]
        if found := next(iter([*titled, *there]), None):
            return found
        id, number = proposal.id, 1
        while id in known.kinds or id in known.redirects:
            number += 1
            id = f"{proposal.id[:74]}-{number}"
        self.new[id] = proposal
        known.add("document", id, proposal.content)
        return id

    def news(self, confirm: bool, all_answered: bool) -> News:
        """What they add."""
        since = min(answer.question.since for answer in self.answers)
        events = [event for content in self.actions for event in content.get("events", [])]
        recent = [event for event in events if dates.span(event["date"]).latest >= since]
        given = {
            scheme: value
            for content in self.actions
            for scheme, value in content.get("identifiers", {}).items()
            if scheme in LATER
        }
        found = merged(None, self.mine, {"identifiers": given, "events": recent})
        edits, content = list(found.edits), found.content
        added = [edit.value for edit in edits if edit.pointer == ("events",)]
        law = any(event["type"] == "adopted" for event in added) and any(
            one.get("instrument") == "statute" for one in self.actions
        )
        if self.mine["instrument"] == "bill" and law:
            edits.append(Edit(("instrument",), "statute"))
            content["instrument"] = "statute"
        here = _standing(content, self.today)
        self.doubts += found.said
        self.doubts += [
            f"no type of event fits '{event.get('note', '')}' ({event['date']})"
            for event in added
            if event["type"] == "other"
        ]
        self.doubts += _unlike(
            here, _standing(merged(None, self.mine, {"events": events}).content, self.today)
        )
        self.doubts += _ended(content, here[0], self.today)
        whole = here[0] != "adopted" and all(
            answer.question.source.whole for answer in self.answers
        )
        confirmed = (
            not self.doubts
            and all_answered
            and (whole or confirm)
            and str(self.mine["as_of"]) < self.today
        )
        if confirmed:
            edits.append(Edit(("as_of",), self.today))
            content["as_of"] = self.today
        if not edits:
            return News(self.action, [], 0, False, self.doubts)
        after = edited_all({self.path: (model.Action, self.text, edits, content)})[self.path]
        cited = {cite["document"] for event in added for cite in event.get("cite", [])}
        documents = [
            Change(
                path_of(self.policies, "document", id),
                None,
                composed(model.Document, {**proposal.content, "accessed": self.today}).encode(),
            )
            for id, proposal in self.new.items()
            if id in cited
        ]
        return News(
            self.action,
            [*documents, Change(self.path, self.before, after.encode())],
            len(added),
            confirmed,
            self.doubts,
        )


def _unlike(here: tuple[str, str], there: tuple[str, str]) -> Iterator[str]:
    """What to say if the status today would be another with the source's earlier events."""
    if here != there:
        yield (
            f"with the source's earlier events it would be {' / '.join(there)}, here it is {' / '.join(here)}; "
            "--since with an earlier day proposes them"
        )


def _ended(content: Content, stage: str, today: str) -> Iterator[str]:
    """What to say of a bill that is open here although its Congress is over; no source records that a bill lapsed."""
    held = content.get("identifiers", {}).get("us_bill", [])
    for bill in held if isinstance(held, list) else [held]:
        congress = sessions.congress_of(bill)
        end = sessions.congress_end(congress)
        if stage not in sessions.FINAL and today >= end:
            yield f"Congress {congress} ended on {end}, and here the bill is still open; it lapsed unless it became law"


def _standing(content: Content, today: str) -> tuple[str, str]:
    """Stage and legal force on `today`."""
    events = [model.Event.model_validate(event) for event in content.get("events", [])]
    found = [
        period
        for period in periods(
            happenings("action", events), content["instrument"], content["bindingness"]
        )
        if (period.from_date or "") <= today < (period.to_date or "9999-12-31")
    ]
    return (found[0].stage, found[0].legal_force) if found else ("", "")
