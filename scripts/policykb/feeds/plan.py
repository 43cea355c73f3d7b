"""Proposals of one run -> the changes of files that bring the knowledge up to date, and what is to be told of each record.

All records of a run are planned together, so that they can name each other, and written together or not at all. The
work grows with the number of records, not with its square.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import rtoml
import tomlkit

from policykb import vocabulary
from policykb.dates import is_day
from policykb.editing.changes import Change, current, path_of
from policykb.editing.inplace import edited_all, identified, plain
from policykb.editing.layout import canonical_all, drafted, table
from policykb.feeds import memory
from policykb.feeds.known import Known, identifiers, model_of, resolved
from policykb.feeds.merge import merged, vanished
from policykb.feeds.proposal import Proposal
from policykb.files import named, parse
from policykb.model import ID_FORM, TABLES
from policykb.problems import Refused

LEAST_RECORDS, LEAST_EVENTS = 10, 4  # a feed or record that had fewer cannot have "far fewer" now
MOST_PARTS = {"events": 1000}
MOST = 200
INSTRUMENTS = {term.id: term.label for term in vocabulary.INSTRUMENTS}
SCHEMES = vocabulary.ids(vocabulary.IDENTIFIER_SCHEMES)


class Feed(NamedTuple):
    """One source of a run: the name it goes by from run to run, its format, what it proposes."""

    name: str
    format: str
    proposals: list[Proposal]


class Outcome(NamedTuple):
    """What came of one proposal: `state` is new, changed, unchanged or skipped; `said` are reasons, what stays and what was lost, in words."""

    state: str
    kind: str
    id: str
    said: tuple[str, ...]
    events: int = 0


class Plan(NamedTuple):
    """The changes of the knowledge, those of what is remembered of the sources, and what came of each proposal."""

    changes: list[Change]
    beside: list[Change]
    outcomes: list[Outcome]


class Fewer(Exception):
    """A source suddenly says far less than it did; nothing was planned. The message says what and how to go on."""


def plan(
    policies: Path,
    today: str,
    feeds: Iterable[Feed],
    organizations: bool = False,
    fewer: bool = False,
    retrieved: str | None = None,
) -> Plan:
    """What importing `feeds` would change.

    `organizations`: bodies and authors that are not here are added. `fewer`: go on though a source says far less than
    it did. `retrieved`: the day on which the sources were fetched, for which they are then known to be true.
    :raises Fewer: unless `fewer`.
    :raises Refused: if the file of a record to merge with cannot be read or is not valid.
    """
    return _Run(policies, today, list(feeds), organizations, fewer, retrieved).planned()


class _State:
    """A record that the run touches: what it holds now and what it will, and what the sources said of it."""

    def __init__(self, policies: Path, kind: str, id: str, new: bool) -> None:
        self.kind, self.id, self.new = kind, id, new
        self.path = path_of(policies, kind, id)
        self.before = None if new else current(policies, self.path)
        self.text, self.content = (
            ("", {}) if new else _sound(policies, self.path, self.before or b"")
        )
        self.edits: list = []
        self.place = memory.path_of(policies, kind, id)
        self.held, self.said = memory.recall(policies, self.place)
        self.after = dict(self.said)


def _sound(policies: Path, path: str, data: bytes) -> tuple[str, dict[str, Any]]:
    """The text of a file, with an id for each event, and its content. :raises Refused: if it is not a valid record, as nothing can be merged into that."""
    _, problems = parse(named(policies, path), data)
    if problems:
        raise Refused(problems)
    text = identified(data.decode().replace("\r\n", "\n"))
    return text, plain(rtoml.loads(text))


class _Target(NamedTuple):
    """The record that a proposal is about: its id, whether it is new; or why there is none."""

    feed: Feed
    proposal: Proposal
    id: str
    new: bool
    why: str


class _Run:
    """One run: what is known with what the run adds, and the records that it touches."""

    def __init__(
        self,
        policies: Path,
        today: str,
        feeds: list[Feed],
        organizations: bool,
        fewer: bool,
        retrieved: str | None,
    ) -> None:
        self.policies, self.today, self.feeds = policies, today, feeds
        self.organizations, self.fewer, self.retrieved = organizations, fewer, retrieved
        self.known = Known(policies)
        self.own: dict[str, str] = {}  # id or key of a proposal -> the id of its record
        self.states: dict[str, _State] = {}
        self.joining: dict[
            str, Proposal
        ] = {}  # organizations that are not here, by the id they would get

    def planned(self) -> Plan:
        counted = self._counted()
        targets = [
            self._target(feed, proposal) for feed in self.feeds for proposal in feed.proposals
        ]
        outcomes = [self._merge(target) for target in targets if target.proposal.kind == "action"]
        # A document is there for what cites it; one that no proposal speaks of came for its own sake.
        cited = {
            cite["document"] for state in self.states.values() for cite in _cites(state.content)
        }
        named = {
            self.known.lead(("document",), self.own.get(cite["document"], cite["document"]))
            for target in targets
            if target.proposal.kind == "action"
            for cite in _cites(target.proposal.content)
        }
        outcomes += [
            self._merge(target)
            for target in targets
            if target.proposal.kind == "document" and (target.id in cited or target.id not in named)
        ]
        joined, tables = self._joined()
        beside = [
            memory.remember(state.place, state.held, state.after)
            for state in self.states.values()
            if state.after != state.said
        ]
        return Plan(
            [*tables, *self._texts()],
            [*beside, *counted],
            [*outcomes, *(Outcome("new", "organization", id, ()) for id in joined)],
        )

    def _counted(self) -> list[Change]:
        """Remember how many records each feed has. :raises Fewer: if one has far fewer than the last time."""
        held, said = memory.recall(self.policies, memory.feeds_of(self.policies))
        after = dict(said)
        for feed in self.feeds:
            told = {(proposal.kind, proposal.keys or proposal.id) for proposal in feed.proposals}
            now = sum(kind == "action" for kind, _ in told) or sum(
                kind == "document" for kind, _ in told
            )
            last = said.get(feed.name)
            if (
                not self.fewer
                and isinstance(last, int)
                and last >= LEAST_RECORDS
                and now < last / 2
            ):
                raise Fewer(
                    f"{feed.name}: has {now} records and had {last} the last time; --fewer goes on if that is right, --source NAME if it is another feed"
                )
            if now >= LEAST_RECORDS or feed.name in said:
                after[feed.name] = now
        return (
            [memory.remember(memory.feeds_of(self.policies), held, after)] if after != said else []
        )

    def _target(self, feed: Feed, proposal: Proposal) -> _Target:
        """Find or make the id of a proposal, and take it in as known."""
        kind, known = proposal.kind, self.known
        keys = [key for key in proposal.keys if key[0] not in vocabulary.LOCAL_SCHEMES]
        asked = known.redirects.get(proposal.id, proposal.id)
        found = known.find(kind, keys)
        if not found and known.kinds.get(asked) == kind and (asked != proposal.id or not keys):
            found = asked
        if found in known.withdrawn:
            return _Target(feed, proposal, "", False, f"'{found}' was withdrawn here")
        if found:
            self._own(proposal, found)
            return _Target(feed, proposal, found, found in self.states or found in self.joining, "")
        if why := self._not_new(proposal, asked, keys):
            return _Target(feed, proposal, "", False, why)
        id, number = asked, 1
        while id in known.kinds or id in known.redirects:
            number += 1
            id = f"{asked[:74].strip('-')}-{number}"
        self._own(proposal, id)
        known.add(kind, id, proposal.content)
        if kind == "action":
            self.states[id] = _State(self.policies, kind, id, new=True)
            return _Target(feed, proposal, id, True, "")
        if kind == "organization":
            self.joining[id] = proposal
        for (
            scheme,
            value,
        ) in (
            proposal.keys
        ):  # further addresses and names, by which later proposals of the run may know it
            known.add(kind, id, {scheme: value})
        return _Target(feed, proposal, id, True, "")

    def _own(self, proposal: Proposal, id: str) -> None:
        """Remember for the run that what goes by the id and the keys of a proposal is the record `id`."""
        for reference in (
            proposal.id,
            *(
                f"{scheme}:{value}"
                for scheme, value in proposal.keys
                if scheme not in vocabulary.LOCAL_SCHEMES
            ),
        ):
            self.own.setdefault(reference, id)

    def _not_new(self, proposal: Proposal, id: str, keys: list[tuple[str, str]]) -> str:
        """Why a proposal of nothing that is here cannot become a new record; '' if it can."""
        kind, content = proposal.kind, proposal.content
        if kind == "organization" and not self.organizations:
            return "is not here"
        if not re.fullmatch(ID_FORM, id) or len(id) > 80:
            return "has nothing that an id can be made of"
        if kind != "document" and id in self.known.kinds:
            return f"'{id}' is the id of another record" + (
                f'; if that is the same, give it the identifier {keys[0][0]} = "{keys[0][1]}"'
                if keys and kind == "action"
                else ""
            )
        if kind != "action":
            return ""
        if not content.get("title"):
            return "the source gives no title"
        if content.get("instrument") not in INSTRUMENTS:
            return "the source does not tell what kind of act it is; add the record by hand, with its identifier, and import again"
        place = content.get("jurisdiction", "")
        if not self.known.lead(("jurisdiction",), place):
            code = place.removeprefix("code:")
            return (
                f"there is no jurisdiction {code} here; add it to {self.policies.name}/jurisdictions.toml, as [{code.lower()}] with name, kind and "
                f'code = "{code.upper()}", and import again'
            )
        if (
            not content.get("events")
            and content["instrument"] not in vocabulary.STAGE_WITHOUT_EVENTS
        ):
            return "the source gives no event"
        return ""

    def _merge(self, target: _Target) -> Outcome:
        """Bring the record of a proposal up to date in memory."""
        feed, proposal, id, _, why = target
        if not id:
            return Outcome("skipped", proposal.kind, proposal.id, (why, *proposal.unresolved))
        state = self.states.get(id)
        if state is None:
            state = self.states[id] = _State(self.policies, proposal.kind, id, target.new)
        content, said = self._content(proposal, id)
        source = f"{feed.format} {':'.join(proposal.keys[0]) if proposal.keys else proposal.id}"
        last = state.after.get(source)
        last = last if isinstance(last, dict) else None
        if state.new and not state.content or last and "confidence" in last:
            content = {**self._made_up(proposal.kind, content), **content}
        state.after[source] = content
        if state.new and not state.content:
            state.content = content
            return Outcome("new", proposal.kind, id, tuple(said), len(content.get("events", [])))
        had, gone = vanished(last, content) if last else (0, 0)
        if not self.fewer and had >= LEAST_EVENTS and gone > had / 2:
            raise Fewer(
                f"{feed.name}: {id}: {gone} of the {had} events that the source gave the last time are gone; --fewer goes on if that is right"
            )
        result = merged(last, state.content, content)
        state.content = result.content
        state.edits += result.edits
        return Outcome(
            "changed" if result.edits else "unchanged",
            proposal.kind,
            id,
            (*said, *result.said),
            result.events,
        )

    def _content(self, proposal: Proposal, id: str) -> tuple[dict[str, Any], list[str]]:
        """What a proposal says as it would stand in a file, and what found no place there, in words."""
        content, lost = resolved(self.known, self.own, proposal)
        said = [*proposal.unresolved, *lost]
        for name, value in content.items():
            most = MOST_PARTS.get(name, MOST)
            if isinstance(value, list) and len(value) > most:
                said.append(
                    f"{name}: {len(value)} are more than the {most} that a record may hold; the first ones were taken"
                )
                content[name] = value[:most]
        if proposal.kind == "action":
            content["identifiers"] = self._identifiers(id, content, said)
            content["relations"] = [
                relation for relation in content.get("relations", []) if relation["action"] != id
            ]
            content["as_of"] = self._as_of(content)
        elif self.retrieved:
            content["accessed"] = self.retrieved
        return {
            key: value for key, value in content.items() if value not in (None, "", [], {})
        }, said

    def _identifiers(self, id: str, content: dict[str, Any], said: list[str]) -> dict[str, Any]:
        """The identifiers that have the form of their scheme and are nobody else's."""
        kept: dict[str, list[str]] = {}
        for scheme, value in identifiers(content):
            owner = self.known.owner(scheme, value, content)
            if scheme not in SCHEMES or not vocabulary.identifier_match(scheme, value):
                said.append(f"identifier: '{value}' does not have the form of scheme '{scheme}'")
            elif owner not in (None, id):
                said.append(f"identifier: {scheme} '{value}' is that of '{owner}' here")
            else:
                kept.setdefault(scheme, []).append(value)
        found = {
            scheme: values[0] if len(values) == 1 else values for scheme, values in kept.items()
        }
        self.known.add("action", id, {**content, "identifiers": found})
        return found

    def _as_of(self, content: dict[str, Any]) -> str:
        """The day of retrieval, or that on which the source says it looked, or that of the last event; never one that has not come."""
        given = self.retrieved or content.get("as_of")
        if not is_day(given):
            given = max(
                (
                    event["date"]
                    for event in content.get("events", [])
                    if is_day(event["date"]) and event["date"] <= self.today
                ),
                default=self.today,
            )
        return min(given, self.today)

    def _made_up(self, kind: str, content: dict[str, Any]) -> dict[str, Any]:
        """What a new record must say and no source knows, honest about that nobody has read it."""
        if kind == "document":
            return {"type": "webpage", "grade": "relayed"}
        instrument, events = content.get("instrument", ""), content.get("events", [])
        named = ", ".join(
            [
                vocabulary.identifier_display(scheme, value)[0]
                for scheme, value in identifiers(content)
            ][:2]
        )
        issuers = ", ".join(
            [
                body["organization"]
                for body in content.get("bodies", [])
                if body["role"] in ("issuer", "sponsor")
            ][:3]
        )
        grades = {self.known.grades.get(cite["document"]) for cite in _cites(content)}
        questions = [
            "What does it say, whom does it bind, and what does it do to open source and open weights? No editor has read it yet."
        ]
        if instrument == "statute":
            questions.append(
                "From which day does it bind? The record gives the day on which it became law."
            )
        return {
            "bindingness": "unknown",
            "confidence": "medium" if grades & {"primary", "established"} else "low",
            "open_questions": questions,
            "summary": INSTRUMENTS.get(instrument, "Action")
            + (f" {named}" if named else "")
            + (f", by {issuers}" if issuers else "")
            + "."
            + (f" On record since {events[0]['date']}." if events else "")
            + " This entry was made by a program from a record or list that names it; no editor has described it yet.",
            "openness": {
                "effect": "unclear",
                "note": "No editor has read it yet for what it does to open source or open weights.",
            },
        }

    def _joined(self) -> tuple[list[str], list[Change]]:
        """The organizations that a record names and that are not here, and the change that adds them."""
        used = {
            part.get("organization")
            for state in self.states.values()
            for part in (*state.content.get("bodies", []), *state.content.get("authors", []))
        }
        joined = [id for id in self.joining if id in used]
        if not joined:
            return [], []
        path = path_of(self.policies, "organization")
        before = current(self.policies, path)
        text = (before or b"").decode().replace("\r\n", "\n")
        document = tomlkit.document()
        for id in joined:
            content, _ = resolved(self.known, self.own, self.joining[id])
            if content.get("part_of") in self.joining and content["part_of"] not in used:
                del content["part_of"]
            document[id] = table(TABLES["organization"][0], content)
        after = f"{text}\n{document.as_string()}"
        tidy = canonical_all({"was": text, "is": after})
        return joined, [
            Change(path, before, (tidy["is"] if tidy["was"] == text else after).encode())
        ]

    def _texts(self) -> list[Change]:
        """The changes of the records' files, in the order in which the run met them."""
        new = {
            state.path: drafted(model_of(state.kind), state.content)
            for state in self.states.values()
            if state.new and state.content
        }
        edits = {
            state.path: (
                model_of(state.kind),
                state.text,
                state.edits,
                state.content,
            )
            for state in self.states.values()
            if not state.new and state.edits
        }
        after = (canonical_all(new) if new else {}) | (edited_all(edits) if edits else {})
        return [
            Change(state.path, state.before, after[state.path].encode())
            for state in self.states.values()
            if state.path in after
        ]


def _cites(content: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for part in (
        content,
        *content.get("events", []),
        *content.get("disputes", []),
        content.get("openness", {}),
    ):
        yield from part.get("cite", [])
