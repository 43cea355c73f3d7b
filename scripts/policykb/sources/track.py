"""Ask official sources about actions: questions to sources, and their answers.

Nothing here writes under policies/. A journal in the user's cache folder has a line for each answer, so that the next run
continues where an interrupted run stopped.
"""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import httpx

from policykb.contribute.proposal import Proposal
from policykb.files import reader as files
from policykb.files.catalogue import is_of_whole
from policykb.model.identifiers import identifiers
from policykb.model.problems import SourceError
from policykb.model.records import Action
from policykb.sources.http import Client, Clock, Host, TimeLimitError, UnavailableError
from policykb.sources.official import SOURCES, Identifiers, Source, address
from policykb.sources.settings import Settings

# A source that fails so often in a row is out of order and gets no further requests.
MOST_FAILURES_IN_A_ROW = 3


class Question(NamedTuple):
    """A question to a source about an action: the identifiers of the action by scheme, and the first day of interest."""

    action: str
    source: Source
    identifiers: Identifiers
    since: str


class Heard(NamedTuple):
    """An answer: the records in it, notes for the editors, and whether all of it came from the cache."""

    question: Question
    proposals: tuple[Proposal, ...]
    notes: tuple[str, ...]
    cached: bool


class Run(NamedTuple):
    """The result of a run: answers, failures with reasons, sentences on skipped sources, and questions that were not asked."""

    heard: list[Heard]
    failed: list[tuple[Question, str]]
    skipped: list[str]
    unasked: list[Question]


def tracked(policies: Path) -> Iterator[tuple[str, Action]]:
    """Yield the actions that are not withdrawn, by id. An invalid action is left out; `check` reports it."""
    for source in files.sources(policies)[0]:
        if source.kind == "action":
            data = files.read(source)
            for parsed in files.parse(source, data)[0] if isinstance(data, bytes) else ():
                if parsed.record is not None and parsed.record.withdrawn is None:
                    yield parsed.id, parsed.record


def questions(
    actions: Iterable[tuple[str, Action]], chosen: Iterable[Source], since: str | None = None
) -> list[Question]:
    """Return the questions about `actions`, those with the oldest `as_of` first, about news since `since` (default: as_of)."""
    listed = []
    for record_id, action in actions:
        for source in chosen:
            asked: Identifiers = {}
            for _, scheme, value in identifiers(action):
                if scheme in source.schemes and not is_of_whole(scheme, vars(action)):
                    asked.setdefault(scheme, []).append(value)
            if asked:
                listed.append(Question(record_id, source, asked, since or action.as_of))
    return sorted(listed, key=lambda question: (question.since, question.action))


class Journal:
    """The questions of a run that were answered."""

    def __init__(self, folder: Path, policies: Path, today: str) -> None:
        self.path = folder / f"track-{hashlib.sha256(os.fsencode(policies)).hexdigest()[:16]}.jsonl"
        self.today = today
        self.answered = set(self._lines())

    def _lines(self) -> Iterator[str]:
        """Yield the questions that were answered today; skip lines that a crash cut off, and lines of other days."""
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
        """Return whether `question` was answered."""
        return _key(question) in self.answered

    def end(self) -> None:
        """Remove the journal, since no question is open."""
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
    """Ask the questions one by one, for at most `seconds`. A failure does not stop the others."""
    run = Run([], [], [], [])
    hosts = _hosts({question.source for question in asked}, settings, run.skipped)
    asked = [question for question in asked if question.source.settings in hosts]
    cache.mkdir(parents=True, exist_ok=True)
    clock = Clock(seconds)
    client = Client(settings.limits, list(hosts.values()), clock, cache / "answers.db")
    in_a_row: Counter[str] = Counter()
    failing: dict[str, str] = {}  # source -> why it gets no further requests
    try:
        for position, question in enumerate(asked):
            progress(position, len(asked))
            source = question.source.settings
            if source in failing:
                run.failed.append((question, failing[source]))
                continue
            known, base = journal.has(question), hosts[source].base
            try:
                run.heard.append(_heard(question, client, base, known))
            except TimeLimitError:
                run.unasked.extend(asked[position:])
                break
            except SourceError as error:
                reason = client.plain(str(error))
                run.failed.append((question, reason))
                in_a_row[source] += isinstance(error, UnavailableError)
                if error.whole or in_a_row[source] == MOST_FAILURES_IN_A_ROW:
                    failing[source] = f"not asked: {reason}"
            else:
                in_a_row[source] = 0
                journal.note(question)
        else:
            progress(len(asked), len(asked))
            journal.end()
    finally:
        client.close()
    return run


def _hosts(sources: Iterable[Source], settings: Settings, skipped: list[str]) -> dict[str, Host]:
    """Return the address, key and pace of each source that can be asked; add to `skipped` why a source cannot be."""
    hosts = {}
    for source in sorted(sources, key=SOURCES.index):
        own = getattr(settings, source.settings)
        if source.field and own.key is None:
            skipped.append(
                f"{source.title} was not asked: it needs a key, which is free at {source.sign_up}; "
                f"set POLICYKB_{source.settings.upper()}_KEY, or key in the section [{source.settings}] of the settings"
            )
            continue
        key = (source.field, own.key.get_secret_value()) if source.field else None
        spacing = source.seconds_between if own.seconds_between is None else own.seconds_between
        base = httpx.URL(str(own.address or source.address))
        hosts[source.settings] = Host(base, key, spacing)
    return hosts


def _heard(question: Question, client: Client, base: httpx.URL, cached: bool) -> Heard:
    """Return the answer to `question`, from the cache if `cached`.

    :raises SourceError, TimeLimitError: if there is no usable answer.
    """
    fresh = False

    def get(place: str, query: dict) -> bytes:
        nonlocal fresh
        answer = client.get(address(base, place, query), cached)
        fresh = fresh or not answer.cached
        return answer.body

    source = question.source
    proposals: list[Proposal] = []
    notes: list[str] = []
    for gathered in source.gather(get, question.identifiers, question.since):
        if gathered.body is None:
            notes.append(gathered.note)
        else:
            records = source.reader(gathered.body, f"{source.title}, {gathered.name}")
            proposals += _about(question, gathered.name, records)
    return Heard(question, tuple(proposals), tuple(notes), not fresh)


def _about(question: Question, name: str, proposals: Iterable[Proposal]) -> list[Proposal]:
    """Return `proposals` without those about other records. :raises SourceError: if they are not about the record in question."""
    listed = question.identifiers.items()
    wanted = {(scheme, value) for scheme, values in listed for value in values}
    proposals = [item for item in proposals if not item.speaker or wanted & set(item.keys)]
    actions = [item for item in proposals if item.kind == "action"]
    # The reader of Open States may write the years of a session in another way; `gather` chose the bill by its years.
    matches = question.source.settings == "openstates" or any(
        wanted & set(action.keys) for action in actions
    )
    if len(actions) != 1 or not matches:
        values = [value for action in actions for _, value in action.keys[:1]]
        source, answer = question.source.title, ", ".join(values) or "nothing"
        raise SourceError(f"{source} was asked for {name} and answered with {answer}")
    return proposals
