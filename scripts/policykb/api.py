"""The Python interface: read, add, edit and check records, and write them all or none.

    kb = policykb.open("policies")
    kb.status("us-eo-14409").headline
    kb.add("topic", name="Open weights", definition="What belongs to it.")
    kb.write()

Records are the types of `policykb.model.records`, which do not change; `add`, `edit` and `append` collect changes, which
every other function sees at once, and `write` judges and writes them.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from policykb.contribute import changes, ids, json_lines
from policykb.contribute.batch import Batch
from policykb.files.catalogue import NAMED_BY
from policykb.files.journal import recover
from policykb.files.reader import parse, read, sources
from policykb.model import dates
from policykb.model.course import Course
from policykb.model.problems import (
    ConflictError,
    InvalidInputError,
    Problem,
    did_you_mean,
    has_errors,
    nearest,
)
from policykb.model.records import (
    RECORDS,
    Action,
    Argument,
    Claim,
    Document,
    Jurisdiction,
    Organization,
    Record,
    Topic,
)
from policykb.read.status_line import period_on, standing

R = TypeVar("R", bound=Record)


class Status(NamedTuple):
    """The status of an action on a day.

    `headline` is the status in words. `stage` and `legal_force` are terms of the vocabularies, None before the first event.
    `event` is the id of the event that decided it, and `since` the first day of the status; None if there is none.
    `known` is false if the day is later than the last day for which the status is known to be true.
    """

    on: str
    headline: str
    stage: str | None
    legal_force: str | None
    event: str | None
    since: str | None
    known: bool


class KnowledgeBase:
    """The records under a folder `policies`, and changes of them that are not written yet.

    An interrupted change of files is completed or undone first, as every command does.
    """

    def __init__(self, policies: str | Path, today: str | None = None) -> None:
        self.policies = Path(policies).absolute()
        self.today = today or dates.today().isoformat()
        if not self.policies.is_dir():
            raise InvalidInputError(f"{policies} is not a folder of a knowledge base")
        recover(self.policies)
        self._batch = Batch(self.policies, self.today)

    # Reading

    def action(self, id: str) -> Action:
        """Return the action with the id `id`. :raises NotFoundError: with the nearest id, if there is none."""
        return self._of(id, Action)

    def argument(self, id: str) -> Argument:
        """Return the argument with the id `id`; raises as `action` does."""
        return self._of(id, Argument)

    def claim(self, id: str) -> Claim:
        """Return the claim with the id `id`; raises as `action` does."""
        return self._of(id, Claim)

    def document(self, id: str) -> Document:
        """Return the document with the id `id`; raises as `action` does."""
        return self._of(id, Document)

    def organization(self, id: str) -> Organization:
        """Return the organization or person with the id `id`; raises as `action` does."""
        return self._of(id, Organization)

    def jurisdiction(self, id: str) -> Jurisdiction:
        """Return the jurisdiction with the id `id`; raises as `action` does."""
        return self._of(id, Jurisdiction)

    def topic(self, id: str) -> Topic:
        """Return the topic with the id `id`; raises as `action` does."""
        return self._of(id, Topic)

    def _of(self, id: str, record: type[R]) -> R:
        kind = next(kind for kind, (known, _) in RECORDS.items() if known is record)
        state = self._batch.state(self._batch.reference(id, kind), kind)
        return record.model_validate(state.content)

    def records(self, kind: str) -> Iterator[tuple[str, Record]]:
        """Yield each record of `kind` ('action', 'document' ...) with its id, in the order of ids.

        :raises ConflictError: if a file is not valid.
        """
        _check_kind(kind)
        changed = self._batch.changed(kind)
        known: dict[str, Record] = {}
        for file in sources(self.policies)[0]:
            if file.kind == kind:
                data = read(file)
                parsed, problems = parse(file, data if isinstance(data, bytes) else b"")
                if has_errors(problems):
                    raise ConflictError(problems)
                known |= {item.id: item.record for item in parsed}
        known |= {id: RECORDS[kind][0].model_validate(content) for id, content in changed.items()}
        yield from sorted(known.items())

    def find(self, reference: str, *kinds: str) -> str | None:
        """Return the id of the record that `reference` names, of one of `kinds` if there are any; None if it is not here.

        It is an id, an earlier id, a name, an official number, an address, or a key with its scheme: `eo:14409`,
        `doi:10.5555/12345678`, `code:US-TX`.
        :raises InvalidInputError: if it can mean several records.
        """
        return self._batch.references.known(reference, kinds) or None

    def status(self, id: str, on: str | None = None) -> Status:
        """Return the status of the action `id` on the day `on` (default: today), written as 2026-06-15.

        :raises NotFoundError: if there is no such action.
        :raises InvalidInputError: if `on` is not a day.
        """
        on = on or self.today
        if not dates.is_day(on):
            raise InvalidInputError(f"'{on}' is not a day; write it as 2026-06-15")
        id = self._batch.reference(id, "action")
        course = Course(id, self.action(id))
        events, periods = _rows(course)
        now = standing({"as_of": course.action.as_of}, periods, events, on, self.today)
        period, event = period_on(periods, on), now["event"]
        return Status(
            on,
            now["headline"],
            now["stage"],
            now["legal_force"],
            event["id"].partition("#")[2] if event else None,
            period and period["from_date"],
            not now["late"],
        )

    # Changing

    def add(self, kind: str, id: str | None = None, /, **content: Any) -> str:
        """Add a record of `kind` with the keys of its file, and return its id; without `id` one is made from the content.

        References are ids, or what else `find` reads.
        :raises InvalidInputError: if `id` is in use, or is not an id.
        :raises ConflictError: if the record is not valid; its `problems` say why.
        """
        _check_kind(kind)
        if not id:
            known = self._batch.referred(RECORDS[kind][0], content, (), [])
            id = ids.proposed(kind, known, self._batch.catalogue)
        if id in self._batch.catalogue:
            raise InvalidInputError(
                f"'{id}' is the id of another record; edit it, or choose another"
            )
        self._batch.put(id, {NAMED_BY.get(kind, "to"): None, **content}, kind=kind)
        return id

    def edit(self, id: str, /, **content: Any) -> None:
        """Set the keys of the record `id`; a list replaces the list that is there, and None removes a key.

        :raises NotFoundError: if there is no such record.
        :raises ConflictError: if the record would not be valid; its `problems` say why.
        """
        self._batch.put(self._batch.reference(id), content)

    def append(self, id: str, key: str, /, *items: Any, **item: Any) -> None:
        """Add items to the list `key` of the record `id`, or one item by its keys; those that are there change nothing.

        An event goes where its date belongs and gets an id. Raises as `edit` does.
        """
        self._batch.put(self._batch.reference(id), {}, {key: [*items, item] if item else [*items]})

    def apply(self, data: bytes | str, name: str = "lines") -> None:
        """Make and edit the records of `data`, JSON Lines as `policykb apply` reads them; messages call it `name`.

        :raises ConflictError: if lines are wrong; its `problems` say which and why.
        """
        data = data.encode() if isinstance(data, str) else data
        if problems := json_lines.apply(self._batch, data, name):
            raise ConflictError(problems)

    # Writing

    def changes(self) -> list[changes.Change]:
        """Return the changes of files so far: path, content before and after."""
        return self._batch.changes()

    def check(self) -> list[Problem]:
        """Return the problems, warnings among them, that the changes would add to the knowledge base."""
        return self._batch.judged(self.changes())

    def write(self) -> list[str]:
        """Write the changes, all or none, and return the paths of the files.

        :raises ConflictError: if they would add errors, or if a file has changed meanwhile; nothing is written then.
        """
        proposed = self.changes()
        before = changes.state(self.policies)
        problems = self._batch.judged(proposed)
        if has_errors(problems):
            raise ConflictError(problems)
        changes.write_judged(self.policies, self.today, proposed, before)
        self._batch = Batch(self.policies, self.today)
        return [change.path for change in proposed]


def _check_kind(kind: str) -> None:
    if kind not in RECORDS:
        hint = did_you_mean(nearest(kind, RECORDS), f"there are {', '.join(RECORDS)}")
        raise InvalidInputError(f"there is no kind of record '{kind}'{hint}")


def _rows(course: Course) -> tuple[list[dict], list[dict]]:
    """Return the events and the periods of an action as `standing` takes them."""
    events = []
    for place, happening in enumerate(course.happenings):
        event = course.action.events[place]
        row = {"id": happening.key, "position": place, "supersedes": happening.supersedes}
        row |= {"date_earliest": happening.span.earliest, "date_latest": happening.span.latest}
        events.append({"date": event.date, "type": event.type, "moved_on": event.moved_on, **row})
    by_id = {event["id"]: event for event in events}
    periods = []
    for period in course.periods:
        opening = by_id.get(period.event, {})
        row = {"event_date": opening.get("date"), "event_earliest": opening.get("date_earliest")}
        periods.append({**period._asdict(), **row})
    return events, periods
