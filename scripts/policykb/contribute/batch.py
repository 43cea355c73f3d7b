"""Records of every kind that are made and edited together, judged once, and written all or none.

A record has the keys of its file. What a change says is compared with what the file says, so that only differences
become edits: comments, order and layout stay, and what is there already changes nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from policykb.contribute import changes, drafts, ids
from policykb.contribute.changes import Change
from policykb.contribute.edits import FileDraft, changes_of
from policykb.contribute.parts import event_place
from policykb.contribute.resolve import References
from policykb.files import reader
from policykb.files.catalogue import NAMED_BY, Catalogue, entry
from policykb.files.journal import changed_meanwhile
from policykb.files.reader import named, parse
from policykb.files.toml_edit import Draft, Edit, filled, with_event_ids
from policykb.model import event_ids
from policykb.model.fields import Part, Pointer, describe, with_references
from policykb.model.parts import identity, one_or_several, paired, same, several
from policykb.model.problems import (
    ConflictError,
    Fault,
    InvalidInputError,
    NotFoundError,
    Problem,
    did_you_mean,
    has_errors,
    nearest,
    placed,
    shown,
)
from policykb.model.records import FOLDERS, RECORDS, TABLES, Event
from policykb.text import lowered

Content = dict[str, Any]
MOST_ITEMS = 1000  # of a list in `add`, which are compared with each item of the record


class Origin(NamedTuple):
    """The line of a file that says something of a record; for messages. Without a file it is the record itself."""

    path: str = ""
    line: int = 0


@dataclass
class State:
    """A record: where it is, its content in its file (None: it is new) and now, and what said its keys last.

    A content has no empty values and none that are the default.
    """

    kind: str
    path: str
    at: Pointer
    before: Content | None
    content: Content
    origins: dict[str, Origin] = field(default_factory=dict)

    @property
    def record(self) -> type[Part]:
        """Return the type of the record."""
        return RECORDS[self.kind][0]


class Batch:
    """Changes of records under `policies`, which are written together.

    A file is read when one of its records is asked for.
    """

    def __init__(self, policies: Path, today: str) -> None:
        self.policies, self.today = policies, today
        self.catalogue = Catalogue.read(policies, ids_only=True)
        self.coming: set[str] = set()  # ids that changes to come use
        self._references: References | None = None  # reads all files, so only when a text is no id
        self._files: dict[str, bytes | None] = {}
        self._states: dict[tuple[str, str], State] = {}  # by kind (redirects may repeat ids) and id

    def state(self, record_id: str, kind: str = "") -> State:
        """Return the record `record_id` as it is now.

        :raises NotFoundError: if there is none, or none of `kind`.
        :raises ConflictError: if its file is not valid.
        """
        if kind == "redirect" and record_id in self.catalogue.redirects:
            path = changes.path_of(self.policies, kind)
        else:
            match = self.catalogue.get(record_id, *([kind] if kind else []))
            kind, path = match.kind, match.path
        if (kind, record_id) not in self._states:
            self._read(path)
        if (kind, record_id) not in self._states:
            raise ConflictError([changed_meanwhile(path)])
        return self._states[kind, record_id]

    def changed(self, kind: str) -> dict[str, Content]:
        """Return the content of each record of `kind` that is new or changed, by id."""
        return {
            record_id: state.content
            for (known, record_id), state in self._states.items()
            if known == kind and state.before != state.content
        }

    @property
    def references(self) -> References:
        """Return the lookup of records by names, numbers and addresses, including new and changed records."""
        if self._references is None:
            self._references = References(self.policies)
            for (kind, record_id), state in self._states.items():
                self._references.add(entry(kind, record_id, state.content))
        return self._references

    def reference(self, text: str, *kinds: str) -> str:
        """Return the id of the record of `kinds` that `text` names.

        It is an id, an earlier id, a name, an official number, an address, or the scheme and value of a key, `eo:14409`.
        A text of the form of an id that leads nowhere is returned as it is, for the checks to report.
        :raises InvalidInputError: if it can mean several records, or none and is no id.
        """
        if text in self.coming or text in self.catalogue:
            return self.catalogue.current_id(text) or text
        return self.references(text, kinds)

    def put(
        self,
        record_id: str,
        keys: Mapping[str, Any],
        add: Mapping[str, Any] | None = None,
        kind: str = "",
        origin: Origin | None = None,
    ) -> None:
        """Make the record `record_id` of `kind`, or edit it: set `keys`, and `add` items to its lists.

        None as a value removes a key. An item that is there already is not added again; one that has the identity of
        an item there (a stance on the same action and side, an event of the same id) sets the keys of that item.
        :raises ConflictError: if the record would not be valid by itself; it is then as it was.
        :raises NotFoundError: if it neither is there nor has `keys` of a new record.
        """
        state = self._known_or_new(record_id, kind, keys)
        record = state.record
        faults: list[Fault] = []
        keys = self.referred(record, keys, (), faults)
        after = {**state.content, **keys}
        places: list[tuple[Any, Pointer]] = []
        faults += self._add(record, after, add or {}, places)
        pointers = _in_line(after, places)
        after = filled(after)
        unknown = {fault.value for fault in faults if fault.code == "R301"}
        for fault in reader.faults(record, after, whole=True):
            if fault.code != "K204" or fault.value not in unknown:
                faults.append(fault)
        if not faults:
            if "events" in after:
                after["events"] = _with_ids(state.content.get("events", []), after["events"])
            after = content(record.model_validate(after))
            faults = list(_contradictions(state, after, keys, origin))
        if faults:
            raise ConflictError(list(_problems(state, faults, pointers, origin)))
        state.content = after
        state.origins |= dict.fromkeys([*keys, *(add or ()), ""], origin or Origin(state.path))
        self._states[state.kind, record_id] = state
        self.catalogue.add(entry(state.kind, record_id, state.content, state.path))
        if self._references is not None:
            self._references.add(entry(state.kind, record_id, state.content))

    def _known_or_new(self, record_id: str, kind: str, content: Mapping[str, Any]) -> State:
        """Return the record, or a new one if `content` has the key of its title or name."""
        if wrong := drafts.wrong_id(record_id):
            hint = did_you_mean(ids.slug(record_id))
            raise InvalidInputError(f"'{shown(record_id)}' {wrong}{hint}")
        try:
            return self.state(record_id, kind)
        except NotFoundError:
            known = record_id in self.catalogue and kind != "redirect"
            if known or not kind or NAMED_BY.get(kind, "to") not in content:
                raise
        path = changes.path_of(self.policies, kind, record_id)
        if kind in FOLDERS:
            return State(kind, path, (), None, {})
        self._read(path)
        return State(kind, path, (record_id,), None, {})

    def _read(self, path: str) -> None:
        """Read a file and its records, unless it was read."""
        if path in self._files:
            return
        data = changes.current(self.policies, path)
        if data is None:
            self._files[path] = None
            return
        file = named(self.policies, path)
        parsed, problems = parse(file, data)
        if has_errors(problems):
            raise ConflictError(problems)
        if file.kind == "action" and any(not event.id for event in parsed[0].record.events):
            parsed, _ = parse(file, with_event_ids(data.decode()).encode())
        self._files[path] = data
        for item in parsed:
            now = content(item.record)
            self._states[item.kind, item.id] = State(item.kind, path, item.prefix, now, now)

    def referred(
        self, record: type[Part], content: Mapping[str, Any], at: Pointer, faults: list[Fault]
    ) -> Content:
        """Return `content` with an id for each reference; those that lead nowhere become `faults`."""

        def change(place: Pointer, item: Any, kinds: tuple[str, ...]) -> Any:
            try:
                return self.reference(item, *kinds) if isinstance(item, str) else item
            except InvalidInputError as error:
                faults.append(Fault("R301", place, str(error), item))
                return item

        return with_references(record, content, change, at)

    def _add(
        self,
        record: type[Part],
        content: Content,
        add: Mapping[str, Any],
        places: list[tuple[Any, Pointer]],
    ) -> Iterator[Fault]:
        """Put the items of `add` into the lists of `content`; note in `places` where each item is in `add`."""
        lists = [name for name, known in describe(record).items() if known.many]
        for key, items in add.items():
            if isinstance(items, list) and len(items) > MOST_ITEMS:
                expected = f"at most {MOST_ITEMS:,}"
                yield Fault("K206", ("add", key), f"has {len(items):,} items", expected=expected)
                continue
            if key not in lists:
                message, expected = "is not a list of this record", f"one of {', '.join(lists)}"
                near = nearest(str(key), lists)
                yield Fault("K201", ("add", key), message, key, expected, near)
                continue
            known = describe(record)[key]
            if known.kind == "table":
                content[key] = _united(content.get(key), items)
                continue
            wrong: list[Fault] = []
            items = items if isinstance(items, list) else [items]
            items = self.referred(record, {key: items}, ("add",), wrong)[key]
            yield from wrong
            after = list(content.get(key) or [])
            for place, item in enumerate(items):
                item = _put_item(known.part, after, item)
                places.append((item, ("add", key, place)))
            content[key] = after

    def changes(self) -> list[Change]:
        """Return the changes of files."""
        files: dict[str, FileDraft] = {}
        for state in self._states.values():
            path, kind = state.path, state.kind
            if state.before == state.content:
                continue
            if path not in files:
                files[path] = FileDraft(kind, path, self._files.get(path), kind == "action")
            if state.before is not None:
                _edit(files[path], state.at, state.record, state.before, state.content)
            elif state.at:
                files[path].make(Edit(state.at, state.content))
            else:
                files[path].content = state.content
        # New records come first.
        return changes_of(sorted(files.values(), key=lambda file: file.before is not None))

    def judged(self, proposed: Sequence[Change]) -> list[Problem]:
        """Return the problems that the changes add, at the lines that say what is wrong."""
        problems = changes.judged(self.policies, self.today, proposed)
        by_path = {state.path: state for state in self._states.values() if not state.at}
        return [self._located(problem, by_path.get(problem.path)) for problem in problems]

    def _located(self, problem: Problem, state: State | None) -> Problem:
        key = problem.key
        if state is None:
            record_id, _, key = problem.key.partition(".")
            tables = [self._states.get((kind, record_id)) for kind in TABLES]
            state = next((item for item in tables if item and item.path == problem.path), None)
        if state is None or not state.origins:
            return problem
        name = key.partition(".")[0].partition("[")[0]
        origin = state.origins.get(name) or state.origins[""]
        if origin.path == state.path:
            return problem
        return replace(problem, path=origin.path, line=origin.line, key=key)


def content(record: Part) -> Content:
    """Return the content of a record: without empty values and those that are the default."""
    return filled(record.model_dump(exclude_defaults=True))


def _with_ids(before: list[Content], events: list[Content]) -> list[Content]:
    """Return `events` with the ids that they have in the file, and new ids for the others."""
    for old, event in paired(Event, before, events)[0]:
        for key in ("id", "former_ids"):
            if key in old:
                event.setdefault(key, old[key])
    return event_ids.with_ids(events)


def _contradictions(
    state: State, after: Content, keys: Mapping[str, Any], origin: Origin | None
) -> Iterator[Fault]:
    """Yield each of `keys` to which an earlier line of the file of `origin` gave another value than `after` has."""
    for key in keys:
        first = state.origins.get(key)
        earlier = origin and first and first.path == origin.path and first.line
        if earlier and after.get(key) != state.content.get(key):
            message = f"line {first.line} gives it another value"
            expected = "one value, on one of the two lines"
            yield Fault("K205", (key,), message, shown(after.get(key, "")), expected)


def _united(table: Any, other: Any) -> Any:
    """Return identifiers by scheme: those of `table`, then those of `other` that it lacks."""
    if not isinstance(other, Mapping):
        return other  # the record types refuse it
    result = dict(table or {})
    for scheme, value in other.items():
        items = [*several(result.get(scheme))]
        for item in several(value):
            if item not in items:
                items.append(item)
        result[scheme] = one_or_several(items)
    return result


def _put_item(part: type[Part] | None, items: list, item: Any) -> Any:
    """Put `item` into a list, or its keys into the item that has its identity; return the item in the list."""
    if not part or not isinstance(item, Mapping):
        if item not in items:
            items.append(item)
        return item
    for place, other in enumerate(items):
        if isinstance(other, Mapping) and _is_same(part, other, item):
            items[place] = {**other, **item}
            return items[place]
    item = dict(item)
    items.insert(event_place(items, item) if part is Event else len(items), item)
    return item


def _is_same(part: type[Part], other: Mapping, item: Mapping) -> bool:
    """Return whether `item` is `other` with other values: an event by its id, or by all that it says; others by their key."""
    key = identity(item, part.keys[0])
    if part is Event and key is None:
        return all(same(value, other.get(name)) for name, value in item.items())
    return key == identity(other, part.keys[0])


def _in_line(content: Content, places: Sequence[tuple[Any, Pointer]]) -> dict[Pointer, Pointer]:
    """Return where in `add` each item is that came from there, by its place in the content."""
    by_item = {id(item): pointer for item, pointer in places}
    return {
        (key, place): by_item[id(item)]
        for key in {pointer[1] for _, pointer in places}
        for place, item in enumerate(content[key])
        if id(item) in by_item
    }


def _problems(
    state: State,
    faults: Sequence[Fault],
    pointers: Mapping[Pointer, Pointer],
    origin: Origin | None,
) -> Iterator[Problem]:
    """Yield the faults on a record as problems of the line that describes it."""
    path, line = origin or Origin(state.path)
    for fault in faults:
        if fault.code == "K202" and len(fault.pointer) == 1:
            about = drafts.meaning(describe(state.record)[fault.pointer[0]])
            fault = fault._replace(expected=lowered(about).rstrip("."))
        start = pointers.get(fault.pointer[:2])
        pointer = (*start, *fault.pointer[2:]) if start else fault.pointer
        yield placed(fault._replace(pointer=pointer), path, line)


# Differences as edits


def _edit(
    draft: Draft, at: Pointer, part: type[Part], before: Mapping, after: Mapping[str, Any]
) -> None:
    """Make the edits that turn `before`, the table at `at`, into `after`."""
    for key in before:
        if key not in after:
            draft.make(Edit((*at, key)))
    for key, value in after.items():
        known, old = describe(part)[key], before.get(key)
        if old == value:
            continue
        if known.part and known.many and old:
            _edit_list(draft, (*at, key), known.part, old, value)
        elif known.part and old:
            _edit(draft, (*at, key), known.part, old, value)
        else:
            draft.make(Edit((*at, key), value))


def _edit_list(
    draft: Draft, at: Pointer, part: type[Part], before: list[dict], after: list[dict]
) -> None:
    """Make the edits that turn `before`, the list of parts at `at`, into `after`."""
    pairs, gone, _ = paired(part, before, after)
    places = {id(item): place for place, item in enumerate(before)}
    order = [places[id(old)] for old, _ in pairs]
    if order != sorted(order):
        draft.make(Edit(at, after))
        return
    for item in reversed(gone):
        draft.make(Edit((*at, places[id(item)])))
    partners = {id(new): old for old, new in pairs}
    for place, item in enumerate(after):
        if old := partners.get(id(item)):
            _edit(draft, (*at, place), part, old, item)
        else:
            draft.make(Edit((*at, place), item, insert=True))
