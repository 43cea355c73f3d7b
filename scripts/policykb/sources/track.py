"""Which official source is asked about which action, since when, and what it answered; a run that was cut short goes on where it stopped.

Nothing here writes under policies/. What was answered is noted in a journal in the user's cache folder, one line an answer.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import httpx

from policykb.contribute.proposal import Proposal, Unreadable
from policykb.files import reader as files
from policykb.files.knowledge import is_of_whole
from policykb.model.event_ids import identifiers
from policykb.model.records import Action
from policykb.sources.http import (
    Client,
    Clock,
    Host,
    SourceError,
    TimeLimitError,
    UnavailableError,
)
from policykb.sources.official import SOURCES, Identifiers, Source, address
from policykb.sources.settings import Settings

# A source that failed so often in a row is not asked further; it is the source that is ill, not the question.
MOST_FAILURES_IN_A_ROW = 3


class Question(NamedTuple):
    """What is asked of one source about one action: its identifiers by scheme, and from which day on."""

    action: str
    source: Source
    identifiers: Identifiers
    since: str


class Heard(NamedTuple):
    """An answer: the records it describes, what was found beside them, and whether it is the answer that was kept from last time."""

    question: Question
    proposals: tuple[Proposal, ...]
    notes: tuple[str, ...]
    kept: bool


class Run(NamedTuple):
    """What a run learned: answers, failures with their reasons, what was skipped and why, what time did not suffice for."""

    heard: list[Heard]
    failed: list[tuple[Question, str]]
    skipped: list[str]
    left: list[Question]


def tracked(policies: Path) -> Iterator[tuple[str, Action]]:
    """The actions that stand, by id. One that is not valid is left out; `check` reports it."""
    for source in files.sources(policies)[0]:
        if source.kind == "action":
            data = files.read(source)
            for parsed in files.parse(source, data)[0] if isinstance(data, bytes) else ():
                if parsed.record is not None and parsed.record.withdrawn is None:
                    yield parsed.id, parsed.record


def questions(
    actions: Iterable[tuple[str, Action]], chosen: Iterable[Source], since: str | None = None
) -> list[Question]:
    """The questions about `actions`, those longest not confirmed first; from `since`, or the day up to which each is known, on."""
    found = []
    for id, action in actions:
        for source in chosen:
            asked: Identifiers = {}
            for _, scheme, value in identifiers(action):
                if scheme in source.schemes and not is_of_whole(scheme, action):
                    asked.setdefault(scheme, []).append(value)
            if asked:
                found.append(Question(id, source, asked, since or action.as_of))
    return sorted(found, key=lambda question: (question.since, question.action))


class Journal:
    """What was answered in a run that may be cut short."""

    def __init__(self, folder: Path, policies: Path, today: str) -> None:
        self.path = folder / f"track-{hashlib.sha256(os.fsencode(policies)).hexdigest()[:16]}.jsonl"
        self.today = today
        self.answered = set(self._lines())

    def _lines(self) -> Iterator[str]:
        """The answers of today that were noted; the line that a crash cut short, and lines of other days, are passed over."""
        try:
            lines = self.path.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return
        for line in lines:
            try:
                day, asked = json.loads(line)
            except (ValueError, TypeError):
                continue
            if day == self.today:
                yield str(asked)

    def note(self, question: Question) -> None:
        """Note that `question` was answered."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps([self.today, _key(question)]) + "\n")

    def has(self, question: Question) -> bool:
        """Whether `question` was answered."""
        return _key(question) in self.answered

    def end(self) -> None:
        """Forget all: nothing is left to go on with."""
        self.path.unlink(missing_ok=True)


def _key(question: Question) -> str:
    return f"{question.source.settings} {question.action} {json.dumps(question.identifiers, sort_keys=True)}"


def ask(
    asked: Sequence[Question],
    settings: Settings,
    cache: Path,
    journal: Journal,
    seconds: float,
    progress: Callable[[int, int], None],
) -> Run:
    """Put the questions, one after the other, for at most `seconds`. One failure does not stop the others."""
    run = Run([], [], [], [])
    ready, hosts = _reachable({question.source for question in asked}, settings, run.skipped)
    asked = [question for question in asked if question.source.settings in ready]
    cache.mkdir(parents=True, exist_ok=True)
    clock = Clock(seconds)
    client = Client(settings.limits, hosts, clock, cache / "answers.db")
    in_a_row: dict[str, int] = {}
    given_up: dict[str, str] = {}
    try:
        for position, question in enumerate(asked):
            progress(position, len(asked))
            source = question.source.settings
            if source in given_up:
                run.failed.append((question, given_up[source]))
                continue
            try:
                run.heard.append(_heard(question, client, ready[source], journal.has(question)))
            except TimeLimitError:
                run.left.extend(asked[position:])
                break
            except (SourceError, Unreadable) as error:
                run.failed.append((question, client.plain(str(error))))
                in_a_row[source] = in_a_row.get(source, 0) + isinstance(error, UnavailableError)
                if getattr(error, "whole", False) or in_a_row[source] == MOST_FAILURES_IN_A_ROW:
                    given_up[source] = "not asked: " + client.plain(str(error))
            else:
                in_a_row[source] = 0
                journal.note(question)
        else:
            progress(len(asked), len(asked))
            journal.end()
    finally:
        client.close()
    return run


def _reachable(
    sources: Iterable[Source], settings: Settings, skipped: list[str]
) -> tuple[dict[str, httpx.URL], list[Host]]:
    """The address of each source that can be asked, and what is due there; what cannot be asked is told."""
    ready, hosts = {}, []
    for source in sorted(sources, key=SOURCES.index):
        reached = getattr(settings, source.settings)
        if source.field and reached.key is None:
            skipped.append(
                f"{source.title} was not asked: it needs a key, which is free at {source.sign_up}; "
                f"set POLICYKB_{source.settings.upper()}_KEY, or key in the section [{source.settings}] of the settings"
            )
            continue
        base = ready[source.settings] = httpx.URL(str(reached.address or source.address))
        spacing = (
            source.seconds_between if reached.seconds_between is None else reached.seconds_between
        )
        hosts.append(
            Host(
                base,
                (source.field, reached.key.get_secret_value()) if source.field else None,
                spacing,
            )
        )
    return ready, hosts


def _heard(question: Question, client: Client, base: httpx.URL, kept: bool) -> Heard:
    """The answer to `question`. :raises SourceError, Unreadable, TimeLimitError: if there is none that can be used."""
    fresh = False

    def get(place: str, query: dict) -> bytes:
        nonlocal fresh
        answer = client.get(address(base, place, query), kept)
        fresh = fresh or not answer.kept
        return answer.body

    proposals: list[Proposal] = []
    notes: list[str] = []
    for gathered in question.source.gather(get, question.identifiers, question.since):
        if gathered.body is None:
            notes.append(gathered.note)
        else:
            proposals += _told_of(
                question,
                gathered.name,
                list(
                    question.source.reader(
                        gathered.body, f"{question.source.title}, {gathered.name}"
                    )
                ),
            )
    return Heard(question, tuple(proposals), tuple(notes), not fresh)


def _told_of(question: Question, name: str, proposals: list[Proposal]) -> list[Proposal]:
    """Return `proposals` without what they tell of other records. :raises SourceError: if they do not describe the one asked for."""
    wanted = {
        (scheme, value) for scheme, values in question.identifiers.items() for value in values
    }
    proposals = [
        proposal for proposal in proposals if not proposal.speaker or wanted & set(proposal.keys)
    ]
    actions = [proposal for proposal in proposals if proposal.kind == "action"]
    if len(actions) != 1 or not (
        wanted & set(actions[0].keys) or question.source.settings == "openstates"
    ):
        told = ", ".join(value for action in actions for _, value in action.keys[:1]) or "nothing"
        raise SourceError(f"{question.source.title} was asked for {name} and told of {told}")
    return proposals
