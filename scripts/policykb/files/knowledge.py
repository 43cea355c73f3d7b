"""The knowledge base as the rules across records see it: a few facts a record, and an index over them."""

from collections.abc import Iterator
from functools import cached_property, partial
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from policykb.files.reader import Parsed
from policykb.model import event_ids, vocabulary
from policykb.model.dates import span
from policykb.model.event_ids import event_keys, happenings
from policykb.model.fields import references
from policykb.model.identifiers import FINAL, identifiers
from policykb.model.records import Action, Argument, Claim, Document, Organization
from policykb.model.status import Period, periods
from policykb.model.vocabulary import BINDING, names_official_text

NEAR_LOOKUPS = 100
_TRACKING = ("utm_", "fbclid", "gclid", "mc_", "ref_src")  # parameters that only follow readers
_CATEGORIES = {
    "action": "instrument",
    "claim": "finding",
    "document": "type",
    "organization": "kind",
    "jurisdiction": "kind",
}


class Facts(NamedTuple):
    """What other records, or rules about several records, need to know of one. All fields are plain data.

    `prefix` is the pointer to the record in its file. `identifiers` are (pointer, scheme, value) with a scheme
    that tells apart numberings of their own; `binding` (first day, day after the last or None) of each time an
    action binds, `binds_from` the day from which it binds in whole or, if it never does, in part; `ends` (pointer,
    action) the actions that it ends; `supports` the arguments it supports; `speakers` (pointer,
    document, name); `phrases` (pointer, document, locator, words); `names` the authors of a document, or the name
    and the short name of an organization; `text` the hash and the rule of the text that was read; `open_bills` are
    (pointer, identifier) of bills of Congress that are not completed, rejected or ended; `valid` is whether the record
    could be read; `former` are (pointer, former id) of events whose former id names another action, `events` all names
    that events of the action have or had.

    For the editorial rules: `category` is the instrument of an action, the finding of a claim, the type of a
    document or the kind of an organization or jurisdiction; `words` the length of a summary; `dates` (type,
    earliest day) of each event; `statuses` the periods in which an action is adopted or in force, (from, to, position
    of the event that opened it); `explained` whether an action has an official number or a remark on its official text,
    or a claim a note on its finding; `reaches` the latest day that a document can speak of, that of its publication, or
    of its access where it is kept up to date; `publisher` its publisher; `coded` whether a jurisdiction has a code;
    `stances` (action, stance) without the inherited ones.

    `expectations` (name, least number), `told` and `settings` (key, value) are what about.toml says.
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
    category: str | None = None
    words: int = 0
    dates: tuple = ()
    statuses: tuple = ()
    explained: bool = False
    reaches: str | None = None
    publisher: str | None = None
    coded: bool = False
    stances: tuple = ()
    expectations: tuple = ()
    told: tuple = ()
    settings: tuple = ()
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
        return Facts(
            kind,
            id,
            path,
            prefix,
            expectations=tuple(record.expectations.items()),
            told=tuple((key, value) for key, value in record if isinstance(value, str)),
            settings=(
                ("severities", tuple(record.severities.items())),
                ("longest_summary", record.longest_summary),
                ("distrusted", tuple(record.distrusted)),
                ("shorthand", tuple(record.shorthand)),
            ),
        )
    values = record.__dict__
    build = partial(
        Facts,
        kind,
        id,
        path,
        prefix,
        tuple(references(record)),
        part_of=values.get("part_of"),
        as_of=values.get("as_of"),
        withdrawn=values.get("withdrawn") is not None,
        category=values.get(_CATEGORIES.get(kind)),
        coded=values.get("code") is not None,
        names=(values["name"], values["short_name"]) if kind == "organization" else (),
    )
    if isinstance(record, Action):
        course = periods(happenings(id, record.events), record.instrument, record.bindingness)
        binding, binds_from = _binding(course)
        return build(
            identifiers=tuple(_numbers(id, record)),
            words=len(record.summary.split()),
            dates=tuple((event.type, span(event.date).earliest) for event in record.events),
            statuses=tuple(_statuses(id, record, course)),
            explained=bool(record.identifiers) or any(map(names_official_text, _remarks(record))),
            binding=binding,
            binds_from=binds_from,
            ends=tuple(
                (("relations", position, "action"), relation.action)
                for position, relation in enumerate(record.relations)
                if relation.type in vocabulary.ENDING_RELATIONS
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
        return build(identifiers=tuple(((key,), key, value) for key, value in ids.items() if value))
    if isinstance(record, Argument | Claim):
        placed = [
            (("appearances", position), appearance)
            for position, appearance in enumerate(record.appearances)
        ]
        build = partial(
            build,
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
            return build(
                supports=tuple(
                    relation.argument
                    for relation in record.relations
                    if relation.type not in vocabulary.ANSWERS
                ),
                stances=tuple(
                    (stance.action, stance.stance)
                    for stance in record.stances
                    if not stance.inherited
                ),
            )
        return build(explained=record.note is not None)
    if isinstance(record, Document):
        return build(
            reaches=_reaches(record),
            publisher=record.publisher,
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
        return build(leads_to=record.to)
    return build()


def _statuses(
    id: str, action: Action, course: list[Period]
) -> Iterator[tuple[str | None, str | None, int]]:
    """Yield the periods in which the action is adopted or in force: from, to, and the position of the event that opened each."""
    positions = {key: position for position, key in enumerate(event_keys(id, action.events))}
    for period in course:
        if period.event and (
            period.stage == vocabulary.ADOPTED or period.legal_force in vocabulary.HOLDING
        ):
            yield period.from_date, period.to_date, positions[period.event]


def _reaches(document: Document) -> str | None:
    """Return the latest day that the document can speak of; None if it is not known."""
    days = [document.issued]
    if document.type in vocabulary.UPDATED_TYPES:
        days.append(document.accessed)
    return max((span(day).latest for day in days if day), default=None) if document.issued else None


def _remarks(action: Action) -> Iterator[str]:
    """Yield what a record says beside its facts: open questions and notes on its sources."""
    yield from action.open_questions
    for cites in (action.cite, action.openness.cite, *(event.cite for event in action.events)):
        yield from (cite.note for cite in cites if cite.note)


def _binding(course: list[Period]) -> tuple[tuple, str | None]:
    """Return when an action binds, and from which day on for sure: in whole or, if it never does, in part."""
    bound = [period for period in course if period.legal_force in BINDING]
    first = next((period for period in bound if period.legal_force == vocabulary.IN_FORCE), None)
    first = first or next(iter(bound), None)
    return (
        tuple((period.from_date, period.to_date) for period in bound),
        max(first.from_date, first.from_latest) if first else None,
    )


def _open_bills(action: Action, course: list[Period]) -> tuple:
    """Return (pointer, identifier) of the bills of Congress that `action` is, if its last stage leaves it open."""
    if not course or course[-1].stage in FINAL:
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


def cleaned(url: str) -> str:
    """`url` without the parameters that only follow its readers."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return url.strip()
    kept = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if not name.startswith(_TRACKING)
    ]
    if len(kept) == len(parse_qsl(parts.query, keep_blank_values=True)):
        return url.strip()
    return urlunsplit(parts._replace(query=urlencode(kept)))


def address(url: str) -> str:
    """`url` as it is compared: without scheme, leading www, fragment, closing slash and what follows readers; the host in lower case."""
    url = cleaned(url) if "?" in url else url
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

    @property
    def settings(self) -> dict[str, tuple | int] | None:
        """What about.toml sets for the editorial rules; None if it cannot be read."""
        return dict(self.about.settings) if self.about and self.about.valid else None

    @cached_property
    def used(self) -> set[str]:
        """The ids that a record other than the one with the id refers to. Ask for them when all records are added."""
        return {
            id
            for facts in self.facts
            if facts.kind != "redirect"
            for _, id, _ in facts.references
            if id != facts.id
        }

    @cached_property
    def complete(self) -> bool:
        """Whether every record could be read, so that it is known what each refers to."""
        return not self.unread and all(facts.valid for facts in self.facts)

    def near(self, id: str, kinds: tuple[str, ...]) -> list[str]:
        """Ids of `kinds` to look for one like `id` among; none after many lookups, to bound their cost."""
        self._lookups += 1
        if self._lookups > NEAR_LOOKUPS:
            return []
        same = [facts.id for facts in self.facts if facts.kind in kinds]
        return same if len(same) < 5000 else [other for other in same if other[:3] == id[:3]][:5000]
