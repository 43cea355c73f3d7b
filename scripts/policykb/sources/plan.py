"""Plan the changes of files for an import: match proposals with records, merge them, and make edits.

`plan` is for `import`, which adds and updates records; `news.news`, for `track`, only adds to records. All records of an
import are planned together, so that they can name each other, and written together or not at all. The work is linear
in the number of records.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from policykb.contribute.changes import Change, current, imported, path_of
from policykb.contribute.edits import FileDraft, changes_of
from policykb.contribute.proposal import Proposal
from policykb.files.catalogue import (
    IN_PLACE,
    NAMED_BY,
    Key,
    folded_title,
    identifiers,
    numbered,
    recognizing,
)
from policykb.files.reader import declared, named, parse
from policykb.files.toml_edit import Edit
from policykb.model import vocabulary
from policykb.model.dates import is_day
from policykb.model.parts import one_or_several, with_values
from policykb.model.problems import ConflictError, SourceError, did_you_mean
from policykb.model.records import FOLDERS, LONGEST_ID, MOST_BODIES, is_id
from policykb.sources import memory
from policykb.sources.merge import merged, vanished
from policykb.sources.resolve import SourceCatalogue, resolved, with_ids

# A source with fewer records, or a record with fewer events, cannot have "far fewer" now.
LEAST_RECORDS, LEAST_EVENTS = 10, 4
MOST_PARTS = {"events": 1000, "bodies": MOST_BODIES}
MOST = 200
INSTRUMENTS = vocabulary.labels(vocabulary.INSTRUMENTS)


class Feed(NamedTuple):
    """A source of a run: its name, which is the same in each run, its format and its proposals."""

    name: str
    format: str
    proposals: list[Proposal]


class Outcome(NamedTuple):
    """The result of a proposal; `state` is new, changed, unchanged or skipped, and `notes` are sentences about it."""

    state: str
    kind: str
    id: str
    notes: tuple[str, ...]
    events: int = 0


class Plan(NamedTuple):
    """The changes of the knowledge (`changes`) and of the memory of sources (`beside`), and the result of each proposal."""

    changes: list[Change]
    beside: list[Change]
    outcomes: list[Outcome]


def plan(
    policies: Path,
    today: str,
    feeds: Iterable[Feed],
    organizations: bool = False,
    fewer: bool = False,
    retrieved: str | None = None,
    locked: Mapping[str, str] | None = None,
) -> Plan:
    """Return the plan of importing `feeds`.

    `organizations`: add bodies and authors that have no record. `fewer`: continue although a source has far less than the
    last time. `retrieved`: the day on which the sources were fetched, up to which the records are then known to be true.
    `locked`: the files that may not change, with the reasons.
    :raises SourceError: unless `fewer`.
    :raises ConflictError: if the file of a record to merge with cannot be read or is not valid.
    """
    return _Run(
        policies, today, list(feeds), organizations, fewer, retrieved, locked or {}
    ).planned()


class State(FileDraft):
    """A record that a run changes, and the answers of sources, before and after the run.

    :raises ConflictError: if the file of a record that is not `new` is not valid.
    """

    def __init__(self, policies: Path, kind: str, record_id: str, new: bool) -> None:
        path = path_of(policies, kind, record_id)
        before = None if new else current(policies, path) or b""
        if not new and (problems := parse(named(policies, path), before)[1]):
            raise ConflictError(problems)
        super().__init__(kind, path, before, event_ids=kind == "action")
        self.id, self.new = record_id, new
        self.place = imported(policies, kind, record_id)
        self.memory, self.answers = memory.recall(policies, self.place)
        self.after = dict(self.answers)

    @property
    def is_changed(self) -> bool:
        """Return whether the file changes."""
        return bool(self.content if self.new else self.edits)


class _Target(NamedTuple):
    """The record for a proposal: its id, and whether it is new; or the reason `why` there is no record."""

    feed: Feed
    proposal: Proposal
    id: str
    new: bool
    why: str


@dataclass
class _Run:
    """An import: its parameters as in `plan`, the catalogue with the records that it adds, and the records that it changes."""

    policies: Path
    today: str
    feeds: list[Feed]
    organizations: bool
    fewer: bool
    retrieved: str | None
    locked: Mapping[str, str]

    def __post_init__(self) -> None:
        self.catalogue = SourceCatalogue.read(self.policies)
        self.own: dict[str, str] = {}  # id or key of a proposal -> the id of its record
        self.states: dict[str, State] = {}
        self.joining: dict[str, Proposal] = {}  # new organizations by id
        self.identified: dict[str, dict[str, str]] = {}  # new official ids of persons, by their id
        self.titles: dict[str, set[str]] = {}  # titles that sources gave a document, by its id
        # Sources with actions; their documents are the pages of these actions.
        self.official = {
            (feed.format, feed.name)
            for feed in self.feeds
            if any(proposal.kind == "action" for proposal in feed.proposals)
        }

    def planned(self) -> Plan:
        """Return the plan. :raises SourceError, ConflictError: as `plan`."""
        counted = self._counted()
        tables = [feed for feed in self.feeds if feed.format == "csv"]
        own = [proposal for feed in tables for proposal in feed.proposals]
        named = iter(with_ids(self.policies, self.catalogue, own))
        for feed in tables:
            feed.proposals[:] = [next(named) for _ in feed.proposals]
        self.feeds = [_unambiguous(feed) for feed in self.feeds]
        # Events that one record reports of another come last, so that the other record is in the catalogue by then.
        pairs = [(feed, proposal) for feed in self.feeds for proposal in feed.proposals]
        pairs.sort(key=lambda pair: bool(pair[1].speaker))
        targets = [self._target(feed, proposal) for feed, proposal in pairs]
        outcomes = []
        for target in targets:
            if target.proposal.kind == "action":
                outcome = self._merge(target)
                if not _reported_by_speaker(target, outcome):
                    outcomes.append(outcome)
        # A document of an official source is added only if a record cites it, a document of a bibliography always.
        cited = {
            cite["document"] for state in self.states.values() for cite in _cites(state.content)
        }
        for target in targets:
            kind = target.proposal.kind
            is_cited = target.id in cited or not self._official(target.feed)
            if kind in ("argument", "claim") or kind == "document" and is_cited:
                outcomes.append(self._merge(target))
        joined, tables = self._joined()
        beside = [
            memory.remember(state.place, state.memory, state.after)
            for state in self.states.values()
            if state.after != state.answers
        ]
        return Plan(
            [*tables, *changes_of(state for state in self.states.values() if state.is_changed)],
            [*beside, *counted],
            [*outcomes, *self._people(joined)],
        )

    def _counted(self) -> list[Change]:
        """Return the change of the number of records of each source. :raises SourceError: if a source has far fewer."""
        place = memory.feeds_of(self.policies)
        before, counts = memory.recall(self.policies, place)
        after = dict(counts)
        for feed in self.feeds:
            own = [proposal for proposal in feed.proposals if not proposal.speaker]
            records = {(proposal.kind, proposal.keys or proposal.id) for proposal in own}
            kinds = Counter(kind for kind, _ in records)
            now = kinds["action"] or kinds["document"] or kinds["argument"] or kinds["claim"]
            last = counts.get(feed.name)
            is_far_fewer = isinstance(last, int) and last >= LEAST_RECORDS and now < last / 2
            if is_far_fewer and not self.fewer:
                message = f"{feed.name}: has {now} records and had {last} the last time; continue with --fewer if that is right, or with --source NAME if it is another source"
                raise SourceError(message)
            if now >= LEAST_RECORDS or feed.name in counts:
                after[feed.name] = now
        return [memory.remember(place, before, after)] if after != counts else []

    def _target(self, feed: Feed, proposal: Proposal) -> _Target:
        """Find or make the id of a proposal, and add a new record to the catalogue."""
        kind, catalogue = proposal.kind, self.catalogue
        keys = recognizing(proposal.keys, proposal.content)
        asked = catalogue.current_id(proposal.id) or proposal.id
        match, why = self._match(feed, proposal, keys)
        by_id = kind != "document" or "title" not in proposal.content
        renamed = asked != proposal.id or not keys and by_id
        if not (match or why) and renamed and catalogue.kind(asked) == kind:
            match = asked
        why = why or self._lock(kind, match or asked)
        if not why and match and catalogue.entries[match].withdrawn:
            why = f"'{match}' was withdrawn here"
        if not (match or why):
            why = self._not_new(proposal, asked, keys)
        if why:
            return _Target(feed, proposal, "", False, why)
        if match:
            self._own(proposal, match)
            return _Target(feed, proposal, match, match in self.states or match in self.joining, "")
        record_id = self._free(proposal, asked)
        self._own(proposal, record_id)
        self._propose(proposal, record_id)
        return _Target(feed, proposal, record_id, True, "")

    def _propose(self, proposal: Proposal, record_id: str) -> None:
        """Add a new record to the catalogue and to the records of the run."""
        kind, content = proposal.kind, proposal.content
        self.catalogue.propose(kind, record_id, content)
        if kind == "action":
            self.states[record_id] = State(self.policies, kind, record_id, new=True)
        elif kind == "organization":
            self.joining[record_id] = proposal
        else:
            self.titles.setdefault(record_id, set()).add(content.get("title", ""))
            for key, value in proposal.keys:  # further addresses, by which others may know it
                self.catalogue.propose(kind, record_id, {key: value})

    def _lock(self, kind: str, record_id: str) -> str:
        """Return why the file of a record may not be changed; '' if it may be."""
        if not self.locked or kind not in FOLDERS or not is_id(record_id):
            return ""
        return self.locked.get(path_of(self.policies, kind, record_id), "")

    def _match(
        self, feed: Feed, proposal: Proposal, keys: list[tuple[str, str]]
    ) -> tuple[str | None, str]:
        """Return the id of the record for a proposal, None without a record; or why the record is not certain."""
        catalogue = self.catalogue
        if proposal.kind == "action":
            return catalogue.action(keys, proposal.content), ""
        if proposal.kind in ("argument", "claim"):
            return None, ""  # their ids alone
        if proposal.kind == "document":
            if match := catalogue.find(*(key for key in keys if key[0] == "doi")):
                return match.id, ""
            ids = [record_id for key in keys for record_id in catalogue.ids(*key)]
            ids = ids if keys else list(self._numbered(proposal.id))
            same = (record_id for record_id in ids if self._same(feed, proposal, record_id))
            return next(same, None), ""
        ids = catalogue.organizations(proposal)
        name = proposal.content.get("name", "")
        catalogue.names.setdefault(":".join(proposal.keys[0]), name)
        if len(ids) > 1:
            return None, f"'{name}' may be {' or '.join(ids)}"
        for record_id in ids:
            self._identify(record_id, proposal.content)
        return (ids[0] if ids else None), ""

    def _official(self, feed: Feed) -> bool:
        return (feed.format, feed.name) in self.official

    def _same(self, feed: Feed, proposal: Proposal, record_id: str) -> bool:
        """Return whether the document `record_id` with the address of a proposal is the same document.

        It has the title that the source gives or gave the last time, or it is the page of an official record.
        """
        title = proposal.content.get("title", "")
        if folded_title(title) == folded_title(self.catalogue.entries[record_id].title):
            return True
        if record_id not in self.titles:
            self.titles[record_id] = set(_titles(self.policies, record_id))
        titles = self.titles[record_id]
        if folded_title(title) in map(folded_title, titles):
            return True
        head = _head(title)
        return self._official(feed) and not (
            head and any(_head(other) not in ("", head) for other in titles)
        )

    def _numbered(self, record_id: str) -> Iterator[str]:
        """Yield the documents with the id, and with the id and a number."""
        catalogue, match, number = self.catalogue, self.catalogue.current_id(record_id), 1
        while catalogue.kind(match) == "document":
            yield match
            number += 1
            match = numbered(record_id, number)

    def _identify(self, record_id: str, content: dict[str, Any]) -> None:
        """Add official ids from a source to a person who lacks them."""
        match = self.catalogue.entries[record_id]
        here = dict(match.keys)
        new = {
            key: content[key]
            for key in vocabulary.PERSON_IDS
            if content.get(key) and key not in here
        }
        if new:
            self.catalogue.entries[record_id] = match._replace(keys=(*match.keys, *new.items()))
            self.catalogue.add(self.catalogue.entries[record_id])
            self.identified.setdefault(record_id, {}).update(new)

    def _free(self, proposal: Proposal, asked: str) -> str:
        """Return the id for a new record: `asked`, or if that is in use, with its place before it or a number after it."""
        catalogue = self.catalogue
        place = catalogue.jurisdiction(proposal.content)
        if proposal.kind == "organization" and asked in catalogue.entries and place:
            local_id = f"{place}-{asked}"[:LONGEST_ID].strip("-")
            if local_id not in catalogue:
                return local_id
        return catalogue.free_id(asked)

    def _own(self, proposal: Proposal, record_id: str) -> None:
        """Note that the id and the keys of a proposal lead to the record in this run."""
        references = [":".join(key) for key in recognizing(proposal.keys, proposal.content)]
        # Persons with the same name would share an id from it, so only the surest key leads to an organization.
        named = references[:1] if proposal.kind == "organization" else [proposal.id, *references]
        for reference in named:
            self.own.setdefault(reference, record_id)

    def _not_new(self, proposal: Proposal, record_id: str, keys: list[tuple[str, str]]) -> str:
        """Return why a proposal without a record here cannot become a new record; '' if it can."""
        kind, content = proposal.kind, proposal.content
        if kind == "organization" and not self.organizations:
            return "is not here"
        if not is_id(record_id):
            return "has no text for an id"
        if kind == "action" and record_id in self.catalogue.entries:
            message = f"'{record_id}' is the id of another record"
            for scheme, value in keys[:1]:
                message += f'; if it is the same, give it the identifier {scheme} = "{value}"'
            return message
        if proposal.speaker:
            return "its act has no record here; import the act first, then import this again"
        if not content.get(NAMED_BY[kind]):
            hint = did_you_mean(self.catalogue.nearest(record_id, kind))
            return f"there is no {kind} '{record_id}'{hint}; the source gives no {NAMED_BY[kind]} for a new one"
        if kind != "action":
            return ""
        if content.get("instrument") not in INSTRUMENTS:
            return "the source does not give the kind of act; add the record by hand, with its identifier, and import again"
        place = content.get("jurisdiction", "")
        if not self.catalogue.lead(("jurisdiction",), place):
            code = place.removeprefix("code:")
            return (
                f"there is no jurisdiction {code} here; add it to {self.policies.name}/jurisdictions.toml, as [{code.lower()}] with name, kind and "
                f'code = "{code.upper()}", and import again'
            )
        needs_events = content["instrument"] not in vocabulary.STAGE_WITHOUT_EVENTS
        return "the source gives no event" if needs_events and not content.get("events") else ""

    def _merge(self, target: _Target) -> Outcome:
        """Merge a proposal into its record, in memory."""
        feed, proposal, record_id, _, why = target
        if not record_id:
            return Outcome("skipped", proposal.kind, proposal.id, (why, *proposal.unresolved))
        state = self.states.get(record_id)
        if state is None:
            state = self.states[record_id] = State(
                self.policies, proposal.kind, record_id, target.new
            )
        content, notes = self._content(proposal, record_id)
        key = proposal.speaker or (":".join(proposal.keys[0]) if proposal.keys else proposal.id)
        if not (proposal.speaker or proposal.content.get(NAMED_BY[proposal.kind])):
            key = f"{key} in {feed.name}"  # parts alone, beside what another table says
        source = f"{feed.format} {key}"
        last = state.after.get(source)
        last = last if isinstance(last, dict) else None
        if state.new and not state.content or last and "confidence" in last:
            content = {**self._placeholders(proposal.kind, content), **content}
        state.after[source] = content
        if state.new and not state.content:
            state.content = content
            events = len(content.get("events", []))
            return Outcome("new", proposal.kind, record_id, tuple(notes), events)
        had, gone = vanished(last, content) if last else (0, 0)
        if not self.fewer and had >= LEAST_EVENTS and gone > had / 2:
            message = f"{feed.name}: {record_id}: {gone} of the {had} events that the source gave the last time are gone; continue with --fewer if that is right"
            raise SourceError(message)
        result = merged(last, state.content, content)
        state.content = result.content
        state.edits += result.edits
        outcome = "changed" if result.edits else "unchanged"
        return Outcome(outcome, proposal.kind, record_id, (*notes, *result.notes), result.events)

    def _content(self, proposal: Proposal, record_id: str) -> tuple[dict[str, Any], list[str]]:
        """Return the content of a proposal as in a file, and sentences on what has no place in it."""
        content, lost = resolved(self.catalogue, self.own, proposal)
        notes = [*proposal.unresolved, *lost]
        for name, value in content.items():
            most = MOST_PARTS.get(name, MOST)
            if isinstance(value, list) and len(value) > most:
                note = f"{name}: {len(value)} are more than the {most} that a record may hold; the first ones were taken"
                notes.append(note)
                content[name] = value[:most]
        if proposal.kind == "action":
            content["identifiers"] = self._identifiers(record_id, content, notes)
            relations = content.get("relations", [])
            content["relations"] = [item for item in relations if item["action"] != record_id]
            # Other parts say nothing of the status.
            if content.get("title") or content.get("events"):
                content["as_of"] = self._as_of(content)
        elif self.retrieved and proposal.kind == "document":
            content.setdefault("accessed", self.retrieved)
        return with_values(content), notes

    def _identifiers(
        self, record_id: str, content: dict[str, Any], notes: list[str]
    ) -> dict[str, Any]:
        """Return the identifiers that have the form of their scheme and belong to no other record."""
        valid: dict[str, list[str]] = {}
        schemes = vocabulary.ids(vocabulary.terms_of("identifier_schemes"))
        for scheme, value in identifiers(content):
            owner = self.catalogue.owner(record_id, scheme, value, content)
            if scheme not in schemes or not vocabulary.identifier_match(scheme, value):
                notes.append(f"identifier: '{value}' does not have the form of scheme '{scheme}'")
            elif owner not in (None, record_id):
                notes.append(f"identifier: {scheme} '{value}' is that of '{owner}' here")
            else:
                valid.setdefault(scheme, []).append(value)
        own = {scheme: one_or_several(values) for scheme, values in valid.items()}
        self.catalogue.propose("action", record_id, {**content, "identifiers": own})
        return own

    def _as_of(self, content: dict[str, Any]) -> str:
        """Return the day of retrieval, else the day of the record in the source, else that of the last event; at most today."""
        day = self.retrieved or content.get("as_of")
        if not is_day(day):
            dates = (event["date"] for event in content.get("events", []))
            day = max(
                (date for date in dates if is_day(date) and date <= self.today), default=self.today
            )
        return min(day, self.today)

    def _placeholders(self, kind: str, content: dict[str, Any]) -> dict[str, Any]:
        """Return placeholders, which say so, for required fields that no source supplies."""
        if kind != "action":
            return {"type": "webpage", "grade": "relayed"} if kind == "document" else {}
        grades = {self.catalogue.entries[cite["document"]].grade for cite in _cites(content)}
        questions = []
        if not content.get("summary"):  # which only a person writes
            questions.append("What does it say, and whom does it bind? No editor has read it yet.")
        types = {event["type"] for event in content.get("events", [])}
        if content.get("instrument") == "statute" and "took_effect" not in types:
            day = "The record gives the day on which it became law."
            questions.append(f"From which day does it bind? {day}")
        placeholders = {
            "bindingness": "unknown",
            "confidence": "medium" if grades & {"primary", "established"} else "low",
            "open_questions": questions,
            "summary": self._summary(content),
        }
        if kinds := declared(self.policies)["effects"]:
            note = "No editor has judged it yet."
            placeholders["effect"] = {"kind": kinds[-1].id, "note": note}
        return placeholders

    def _summary(self, content: dict[str, Any]) -> str:
        """Return a summary of an action from its numbers, its issuers or sponsors, and its first event."""
        text = INSTRUMENTS.get(content.get("instrument", ""), "Action")
        numbers = [vocabulary.identifier_display(*pair)[0] for pair in identifiers(content)]
        issuers = [
            self.catalogue.entries[body["organization"]].title
            for body in content.get("bodies", [])
            if body["role"] in ("issuer", "sponsor")
        ]
        text += f" {', '.join(numbers[:2])}" if numbers else ""
        text += f", by {', '.join(issuers[:3])}." if issuers else "."
        if events := content.get("events"):
            text += f" On record since {events[0]['date'].rstrip('~?')}."
        return f"{text} This entry was made by a program from a record or list that names it; no editor has described it yet."

    def _people(self, joined: list[str]) -> Iterator[Outcome]:
        """Yield the results of organizations: those that were added, and persons whose official ids were added."""
        for record_id, ids in self.identified.items():
            if record_id not in self.joining:
                notes = tuple(f"added: {key} {value}" for key, value in ids.items())
                yield Outcome("changed", "organization", record_id, notes)
        yield from (Outcome("new", "organization", record_id, ()) for record_id in joined)

    def _joined(self) -> tuple[list[str], list[Change]]:
        """Return the new organizations that a record names, and the change that adds them."""
        used = {
            part.get("organization")
            for state in self.states.values()
            for part in (*state.content.get("bodies", []), *state.content.get("authors", []))
        }
        joined = [record_id for record_id in self.joining if record_id in used]
        identified = {
            record_id: ids
            for record_id, ids in self.identified.items()
            if record_id not in self.joining
        }
        if not joined and not identified:
            return [], []
        path = path_of(self.policies, "organization")
        draft = FileDraft("organization", path, current(self.policies, path))
        for record_id, keys in identified.items():
            for key, value in keys.items():
                draft.make(Edit((record_id, key), value))
        for record_id in joined:
            content, _ = resolved(self.catalogue, self.own, self.joining[record_id])
            if content.get("part_of") in self.joining and content["part_of"] not in used:
                del content["part_of"]
            draft.make(Edit((record_id,), content))
        return joined, changes_of([draft])


def _unambiguous(feed: Feed) -> Feed:
    """Return `feed` without the names without initials that two of its persons share."""
    persons: dict[Key, set[Key]] = {}  # by the name without initials
    for proposal in feed.proposals:
        for name, short in _names(proposal):
            persons.setdefault(short, set()).add(name)
    proposals = []
    for proposal in feed.proposals:
        shared = [short for _, short in _names(proposal) if len(persons[short]) > 1]
        keys = tuple(key for key in proposal.keys if key not in shared)
        proposals.append(proposal._replace(keys=keys))
    return feed._replace(proposals=proposals)


def _names(proposal: Proposal) -> list[tuple[Key, Key]]:
    """Return the keys of a person's name with and without initials, [] if they are one."""
    names = [key for key in proposal.keys if key[0].startswith(IN_PLACE)]
    return [(names[0], names[1])] if names[1:] else []


def _titles(policies: Path, record_id: str) -> Iterator[str]:
    """Yield the titles that sources gave the document when it was last imported."""
    _, answers = memory.recall(policies, imported(policies, "document", record_id))
    for content in answers.values():
        if isinstance(content, dict):
            yield str(content.get("title", ""))


def _head(title: str) -> str:
    """Return the number and session before the title on the page of a bill; '' if there is none."""
    match = re.match(r"([^:]{1,60}\(.{1,60}?\)): ", title)
    return folded_title(match[1]) if match else ""


def _reported_by_speaker(target: _Target, outcome: Outcome) -> bool:
    """Return whether a proposal of another record gave nothing new, so that the outcome of that record reports it."""
    keys = {f"{scheme}:{value}" for scheme, value in target.proposal.keys}
    return (
        bool(target.proposal.speaker)
        and target.proposal.speaker not in keys
        and outcome.state in ("skipped", "unchanged")
    )


def _cites(content: dict[str, Any]) -> Iterator[dict[str, Any]]:
    events, disputes = content.get("events", []), content.get("disputes", [])
    for part in (content, *events, *disputes, content.get("effect", {})):
        yield from part.get("cite", [])
