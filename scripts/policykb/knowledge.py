"""The knowledge base as the rules across records see it: a few facts a record, and an index over them."""

from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

from policykb import event_ids, sessions, vocabulary
from policykb.files import Parsed
from policykb.model import Action, Argument, Claim, Document, Organization
from policykb.references import references
from policykb.rows import happenings, identifiers
from policykb.status import BINDS, Period, periods

NEAR_LOOKUPS = 100
# The relations of an action that end the other one.
ENDS = frozenset({"revokes", "replaces"})


class Facts(NamedTuple):
    """What other records, or rules about several records, need to know of one. All fields are plain data.

    `prefix` is the pointer to the record in its file. `identifiers` are (pointer, scheme, value) with a scheme
    that tells apart numberings of their own; `binding` (first day, day after the last or None) of each time an
    action binds, `binds_from` the day from which it binds in whole or, if it never does, in part; `ends` (pointer,
    action) the actions that it ends; `supports` the arguments it supports; `speakers` (pointer,
    document, name); `phrases` (pointer, document, locator, words); `names` the authors of a document;
    `text` the hash and the rule of the text that was read; `expectations` (kind in the plural, least number) and
    `told` (key, value) are what about.toml says; `open_bills` are (pointer, identifier) of bills of Congress that are
    not completed, rejected or ended; `valid` is whether the record could be read; `former` are (pointer,
    former id) of events whose former id names another action, `events` all names that events of the action have or had.
    """

    kind: str
    id: str
    path: str
    prefix: tuple
    references: tuple = ()
    identifiers: tuple = ()
    address: str | None = None
    part_of: str | None = None
    binding: tuple = ()
    binds_from: str | None = None
    ends: tuple = ()
    supports: tuple = ()
    speakers: tuple = ()
    phrases: tuple = ()
    names: tuple = ()
    mentions: bool = False
    text: tuple | None = None
    as_of: str | None = None
    withdrawn: bool = False
    leads_to: str | None = None
    expectations: tuple = ()
    told: tuple = ()
    open_bills: tuple = ()
    valid: bool = True
    former: tuple = ()
    events: tuple = ()


class Earlier(NamedTuple):
    """The ids that an earlier state of the knowledge base had: `records` id -> (kind, path), `redirects` id -> (where it led, path).

    `name` is what people call that state; `unread` are paths of its files whose ids could not be read.
    """

    name: str
    records: dict[str, tuple[str, str]]
    redirects: dict[str, tuple[str, str]]
    unread: tuple[str, ...] = ()


def _event_names(action: Action) -> tuple[str, ...]:
    """Return every name of an event of `action` that an address may use."""
    listed = event_ids.names(action.events)
    return tuple({*event_ids.keys(listed), *event_ids.used(listed)})


def facts(parsed: Parsed) -> Facts:
    """The facts of a record; of one that is not valid only that it is there."""
    kind, id, path, prefix, record = parsed
    if record is None:
        return Facts(kind, id, path, prefix, valid=False)
    if kind == "about":
        told = record.model_dump(exclude={"expectations"}, exclude_none=True)
        return Facts(
            kind,
            id,
            path,
            prefix,
            expectations=tuple(record.expectations.items()),
            told=tuple(told.items()),
        )
    values = record.__dict__
    found = Facts(
        kind,
        id,
        path,
        prefix,
        tuple(references(record)),
        part_of=values.get("part_of"),
        as_of=values.get("as_of"),
        withdrawn=values.get("withdrawn") is not None,
    )
    if isinstance(record, Action):
        course = periods(happenings(id, record.events), record.instrument, record.bindingness)
        binding, binds_from = _binding(course)
        return found._replace(
            identifiers=tuple(_numbers(id, record)),
            binding=binding,
            binds_from=binds_from,
            ends=tuple(
                (("relations", position, "action"), relation.action)
                for position, relation in enumerate(record.relations)
                if relation.type in ENDS
            ),
            open_bills=_open_bills(record, course),
            events=_event_names(record),
            former=tuple(
                (("events", position, "former_ids", place), name)
                for position, event in enumerate(record.events)
                for place, name in enumerate(event.former_ids)
                if "#" in name
            ),
        )
    if isinstance(record, Organization):
        ids = {key: values.get(key) for key in vocabulary.PERSON_IDS}
        return found._replace(
            identifiers=tuple(((key,), key, value) for key, value in ids.items() if value)
        )
    if isinstance(record, Argument | Claim):
        placed = [
            (("appearances", position), appearance)
            for position, appearance in enumerate(record.appearances)
        ]
        found = found._replace(
            speakers=tuple(
                ((*pointer, "by", place), at.document, name)
                for pointer, at in placed
                for place, name in enumerate(at.by)
            ),
            phrases=tuple(
                ((*pointer, "words"), at.document, at.locator, at.words)
                for pointer, at in placed
                if at.words
            ),
        )
        if isinstance(record, Argument):
            found = found._replace(
                supports=tuple(
                    relation.argument
                    for relation in record.relations
                    if relation.type == "supports"
                )
            )
        return found
    if isinstance(record, Document):
        return found._replace(
            address=record.url and address(record.url),
            mentions=bool(record.mentions),
            names=tuple(
                name
                for author in record.authors
                for name in (author.family, author.organization)
                if name
            ),
            phrases=tuple(
                (("mentions", position, "words"), id, mention.locator, mention.words)
                for position, mention in enumerate(record.mentions)
                if mention.words
            ),
            text=(record.text_sha256, record.text_rule.blocks, tuple(record.text_rule.skip))
            if record.text_sha256 and record.text_rule
            else None,
        )
    if kind == "redirect":
        return found._replace(leads_to=record.to)
    return found


def _binding(course: list[Period]) -> tuple[tuple, str | None]:
    """Return when an action binds, and from which day on for sure: in whole or, if it never does, in part."""
    bound = [period for period in course if period.legal_force in BINDS]
    first = next((period for period in bound if period.legal_force == "in_force"), None)
    first = first or next(iter(bound), None)
    return (
        tuple((period.from_date, period.to_date) for period in bound),
        max(first.from_date, first.from_latest) if first else None,
    )


def _open_bills(action: Action, course: list[Period]) -> tuple:
    """Return (pointer, identifier) of the bills of Congress that `action` is, if its last stage leaves it open."""
    if not course or course[-1].stage in sessions.FINAL:
        return ()
    return tuple(
        (pointer, value)
        for pointer, scheme, value in identifiers(action)
        if scheme == "us_bill" and vocabulary.identifier_match(scheme, value)
    )


def _numbers(id: str, action: Action) -> Iterator[tuple[tuple, str, str]]:
    """The identifiers that no other record has; those of a page that acts share, or of a whole act on its part, are others'."""
    scopes = {"provision": action.part_of or id, "official_number": action.jurisdiction}
    for pointer, scheme, value in identifiers(action):
        if scheme in scopes:
            yield pointer, f"{scheme} {scopes[scheme]}", value
        elif scheme not in vocabulary.SHARED_SCHEMES and not is_of_whole(scheme, action):
            yield pointer, scheme, value


def is_of_whole(scheme: str, action: Action) -> bool:
    """Return whether numbers of `scheme` name the act that `action` is a part of, and not `action`."""
    part = action.part_of is not None or action.instrument in vocabulary.PARTS
    return part and scheme in vocabulary.WHOLE_ACTS


def address(url: str) -> str:
    """`url` as it is compared: without scheme, leading www, fragment and closing slash, the host in lower case."""
    rest = (url.partition("://")[2] or url).partition("#")[0]
    host, slash, path = rest.partition("/")
    return host.lower().removeprefix("www.") + (slash + path).rstrip("/")


def host(url: str) -> str:
    """The host of `url` in lower case, without a leading www; '' where there is none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


class Knowledge:
    """All facts, added file by file, and the index over them.

    `today` is ISO text. `unread` are kinds of which a whole file could not be read, so that nobody can say
    which of their ids exist.
    """

    def __init__(self, today: str) -> None:
        self.today = today
        self.facts: list[Facts] = []
        self.by_id: dict[str, Facts] = {}
        self.redirects: dict[str, str] = {}
        self.repeated: list[tuple[Facts, Facts]] = []
        self.counts: dict[str, int] = {}
        self.about: Facts | None = None
        self.unread: set[str] = set()
        self._folded: dict[str, Facts] = {}
        self._lookups = 0

    def add(self, facts: Facts) -> None:
        """Take in the facts of one record."""
        if facts.kind == "about":
            self.about = facts
            return
        if not facts.id:
            self.unread.add(facts.kind)
            return
        self.facts.append(facts)
        self.counts[facts.kind] = self.counts.get(facts.kind, 0) + 1
        if facts.kind == "redirect":
            self.redirects[facts.id] = facts.leads_to
            return
        first = self._folded.setdefault(facts.id.casefold(), facts)
        if first is not facts:
            self.repeated.append((facts, first))
        self.by_id.setdefault(facts.id, facts)

    def near(self, id: str, kinds: tuple[str, ...]) -> list[str]:
        """Ids of `kinds` to look for one like `id` among; none after many lookups, to bound their cost."""
        self._lookups += 1
        if self._lookups > NEAR_LOOKUPS:
            return []
        same = [facts.id for facts in self.facts if facts.kind in kinds]
        return same if len(same) < 5000 else [other for other in same if other[:3] == id[:3]][:5000]
