"""What the finder knows: the actions of a knowledge base with their names, numbers, words, actors and dates."""

import json
import math
import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from policykb.files import catalogue
from policykb.files.reader import KINDS, declared, keys_and_values, read, sources
from policykb.finding.index import Index, Table
from policykb.finding.strings import alike, lower
from policykb.finding.words import stems
from policykb.model import dates
from policykb.model.vocabulary import CHANGING_RELATIONS, DECLARED, IDEAS, declared_scheme
from policykb.model.vocabulary.terms import IdentifierScheme, tables

INSTRUMENT_WORDS = tables(Path(__file__).parent / "data" / "instrument_words.toml")
# How much a field says of what its action is about.
FIELDS = {
    "title": 3.0,
    "short_title": 3.0,
    "aliases": 3.0,
    "sources": 1.5,
    "bodies": 1.5,
    "summary": 1.0,
    "kind": 1.0,
    "events": 0.8,
    "whole": 0.7,
    "effect": 0.4,
    "rest": 0.3,
}
SATURATION = 1.2  # of BM25: how soon more of the same word adds nothing
LENGTH = 0.6  # of BM25: how much a long profile counts less
# A word in the profiles of more actions than this proposes no candidate.
MOST_HOLDERS = 110
_PLAIN_ACTORS = frozenset(
    """
    board bureau center centre commission committee council court department european federal house international
    ministry national office president senate state states the united
    """.split()
)


class Happening(NamedTuple):
    """An event of an action: its first and last possible day as ordinals, and its type."""

    earliest: int
    latest: int
    type: str


class KnownAlias(NamedTuple):
    """What a record says of an alias: its kind, and words near which it means something else, in lower case."""

    kind: str = ""
    not_near: tuple[str, ...] = ()


class KnownAction(NamedTuple):
    """An action as the finder knows it; `place` is its place among all. `aliases` has those of `names` of which the record says more. `profile` is the weight of each stem; `actors` are words that name its bodies; `changes` are the relations by which it changes other actions, with those; an idea is an option that no body has taken up."""

    id: str
    place: int
    title: str
    names: tuple[str, ...]
    aliases: dict[str, KnownAlias]
    instrument: str
    jurisdiction: str
    part_of: str
    identifiers: tuple[tuple[str, str], ...]
    profile: dict[str, float]
    actors: frozenset[str]
    happenings: tuple[Happening, ...]
    changes: tuple[tuple[str, str], ...]
    is_idea: bool


Records = Mapping[str, Mapping[str, Mapping[str, Any]]]


def records(policies: Path) -> Records:
    """Return the content of the valid TOML files under `policies`, by kind and id."""
    hit: dict[str, dict[str, Mapping[str, Any]]] = {kind: {} for kind in KINDS}
    for file in sources(policies)[0]:
        if file.kind not in ("action", "document", "organization"):
            continue
        data = read(file)
        try:
            parsed = keys_and_values(data.decode()) if isinstance(data, bytes) else {}
        except (ValueError, RecursionError):
            continue  # `check` reports it
        if file.id:
            hit[file.kind][file.id] = parsed
        else:
            hit[file.kind] |= {
                name: table for name, table in parsed.items() if isinstance(table, dict)
            }
    return hit


class RecordIndex:
    """The actions, how rare each stem is, and the actions whose profiles have a stem; read from tables on demand.

    `new` are all actions while the tables are made, for others to add their tables, until `keep` is called.
    """

    def __init__(
        self, index: Index, base: Callable[[], tuple[Records, Sequence[IdentifierScheme]]]
    ) -> None:
        """Use the tables of `index`; if they are new, make them from the records and declared schemes that `base` returns."""
        self.index = index
        self.new: list[KnownAction] = []
        if index.is_new:
            self._make(*base())
        run = index.connection
        self.actions: Table = Table(
            run, "select content from actions where id = ?", _unpacked, most=2_000
        )
        self.ids = Table(run, "select id from actions where place = ?", str)
        self._rarest: float = index.fact("rarest")
        self.rarities = Table(run, "select rarity from stems where stem = ?", float, self._rarest)
        query = "select places, scores from stems where stem = ? and places is not null"
        self.holders = Table(run, query, _holders, (), most=4_000)
        self.count: int = index.fact("count")
        self.parts: dict[str, list[str]] = index.fact("parts")
        self.schemes = [declared_scheme(name, **values) for name, values in index.fact("schemes")]

    @classmethod
    def read(cls, policies: Path) -> "RecordIndex":
        """Return what the files under `policies` say."""
        return cls(
            Index.of(policies),
            lambda: (records(policies), declared(policies)["identifier_schemes"]),
        )

    @classmethod
    def of(cls, base: Records, schemes: Sequence[IdentifierScheme] = ()) -> "RecordIndex":
        """Return what the records `base` say."""
        return cls(Index(), lambda: (base, schemes))

    def keep(self) -> None:
        """Keep the tables for the next start."""
        self.new = []
        self.index.keep()

    def _make(self, base: Records, schemes: Sequence[IdentifierScheme]) -> None:
        for action_id, action in base["action"].items():
            if action.get("withdrawn"):
                continue
            try:
                self.new.append(_known(action_id, len(self.new), action, base))
            except (AttributeError, TypeError, KeyError):
                continue  # not valid; `check` reports it
        parts: dict[str, list[str]] = defaultdict(list)
        for action in self.new:
            if action.part_of:
                parts[action.part_of].append(action.id)
        run, keep = self.index.connection, self.index.keep_fact
        run.execute("create table actions (place integer primary key, id text unique, content)")
        run.executemany(
            "insert into actions values (?, ?, ?)",
            ((action.place, action.id, _packed(action)) for action in self.new),
        )
        self._make_stems(base)
        keep("count", len(self.new))
        keep("parts", parts)
        own = ((item.id, {name: getattr(item, name) for name in DECLARED}) for item in schemes)
        keep("schemes", list(own))

    def _make_stems(self, base: Records) -> None:
        """Make the table of stems: how rare each is, and its holders if they are few."""
        counts: Counter[str] = Counter()
        for document in base["document"].values():
            counts.update(set(stems(f"{document.get('title', '')} {document.get('abstract', '')}")))
        for action in self.new:
            counts.update(action.profile.keys())
        number = len(base["document"]) + len(self.new)
        self.index.keep_fact("rarest", math.log(1 + number / 0.5))
        holders = _all_holders(self.new)
        empty = (None, None)
        run = self.index.connection
        run.execute(
            "create table stems (stem text primary key, rarity, places, scores) without rowid"
        )
        run.executemany(
            "insert into stems values (?, ?, ?, ?)",
            (
                (stem, math.log(1 + number / (count + 0.5)), *holders.get(stem, empty))
                for stem, count in sorted(counts.items())
            ),
        )


def _packed(action: KnownAction) -> str:
    return json.dumps(action._replace(actors=sorted(action.actors)))


def _unpacked(content: str) -> KnownAction:
    """Return the action that `_packed` packed."""
    action = KnownAction(*json.loads(content))
    return action._replace(
        aliases={
            name: KnownAlias(kind, tuple(near)) for name, (kind, near) in action.aliases.items()
        },
        actors=frozenset(action.actors),
        happenings=tuple(Happening(*item) for item in action.happenings),
        changes=tuple(map(tuple, action.changes)),
    )


def _all_holders(actions: Sequence[KnownAction]) -> dict[str, tuple[bytes, bytes]]:
    """Return the actions with a stem in their profile, each with the score that the stem adds (BM25), packed."""
    lengths = [sum(action.profile.values()) for action in actions]
    number = len(lengths)
    mean = sum(lengths) / max(1, number)
    holders: dict[str, tuple[array, array]] = defaultdict(lambda: (array("i"), array("d")))
    for action in actions:
        damping = SATURATION * (1 - LENGTH + LENGTH * lengths[action.place] / mean)
        for stem, weight in action.profile.items():
            places, scores = holders[stem]
            places.append(action.place)
            scores.append(weight * (SATURATION + 1) / (weight + damping))
    return {
        stem: _weighed(places, scores, number)
        for stem, (places, scores) in holders.items()
        if len(places) < MOST_HOLDERS
    }


def _holders(places: bytes, scores: bytes) -> list[tuple[int, float]]:
    """Return the actions with a stem by their place, each with the score that it adds."""
    return list(zip(array("i", places).tolist(), array("d", scores).tolist(), strict=True))


def _weighed(places: array, scores: array, number: int) -> tuple[bytes, bytes]:
    """Return holders with `scores` weighted by how well a stem that so many actions have distinguishes them."""
    weight = math.log(1 + (number - len(scores) + 0.5) / (len(scores) + 0.5))
    return places.tobytes(), array("d", (score * weight for score in scores)).tobytes()


def _known(action_id: str, place: int, action: Mapping[str, Any], base: Records) -> KnownAction:
    bodies = [
        base["organization"].get(body.get("organization"), {}) for body in action.get("bodies", ())
    ]
    body_names = [
        body[key]
        for body in bodies
        for key in ("name", "short_name")
        if isinstance(body.get(key), str)
    ]
    aliases = _aliases(action)
    names = (action.get("title"), action.get("short_title"), *aliases)
    return KnownAction(
        action_id,
        place,
        str(action.get("title", "")),
        tuple(name for name in names if name),
        {name: alias for name, alias in aliases.items() if alias != KnownAlias()},
        str(action.get("instrument", "")),
        str(action.get("jurisdiction", "")),
        str(action.get("part_of", "")),
        tuple(catalogue.identifiers(action)),
        _profile(action, " ".join(body_names), base),
        frozenset(_actors(body_names)),
        tuple(_happenings(action)),
        tuple(_changes(action)),
        action.get("instrument") in IDEAS and not bodies,
    )


def _aliases(action: Mapping[str, Any]) -> dict[str, KnownAlias]:
    """Return the aliases of an action, each a text or a table in its record, by name."""
    tables = [
        item if isinstance(item, Mapping) else {"name": item} for item in action.get("aliases", ())
    ]
    return {
        str(item["name"]): KnownAlias(
            str(item.get("kind", "")),
            tuple(lower(alike(word)) for word in item.get("not_near", ())),
        )
        for item in tables
    }


def _profile(action: Mapping[str, Any], body_names: str, base: Records) -> dict[str, float]:
    """Return the weight of each stem in what the knowledge base says of an action."""
    total: Counter[str] = Counter()
    for field, text in _texts(action, body_names, base):
        for stem, count in Counter(stems(text)).items():
            total[stem] += FIELDS[field] * (1 + math.log(count))
    return dict(total)


def _texts(action: Mapping[str, Any], body_names: str, base: Records) -> Iterator[tuple[str, str]]:
    """Yield what is said of an action, each text with the field of FIELDS that it counts as."""
    yield "title", str(action.get("title", ""))
    yield "short_title", action.get("short_title") or ""
    yield "aliases", " ".join(_aliases(action))
    for document_id in dict.fromkeys(_cited(action)):
        yield "sources", base["document"].get(document_id, {}).get("title", "")
    yield "summary", action.get("summary", "")
    yield "effect", action.get("effect", {}).get("note", "")
    for event in action.get("events", ()):
        yield "events", event.get("note", "")
    yield "bodies", body_names
    yield "kind", _kind(action)
    if whole := base["action"].get(action.get("part_of", "")):
        yield "whole", f"{whole.get('title', '')} {whole.get('short_title') or ''}"
    disputes = [f"{item.get('about')} {item.get('note')}" for item in action.get("disputes", ())]
    yield "rest", " ".join([*disputes, *action.get("open_questions", ())])


def _kind(action: Mapping[str, Any]) -> str:
    """Return what running text calls an act of this kind, with the letters of its numbers spelled out."""
    instrument = str(action.get("instrument", ""))
    noun = INSTRUMENT_WORDS["nouns"].get(instrument, instrument.replace("_", " "))
    letters = (re.match(r"[A-Z]*", value)[0] for _, value in catalogue.identifiers(action))
    spelled = (INSTRUMENT_WORDS["spelled_out"].get(prefix, "") for prefix in letters)
    return " ".join([noun, *spelled])


def _cited(value: Any) -> Iterator[str]:
    """Yield the documents that a part of a record cites."""
    if isinstance(value, Mapping):
        if "document" in value:
            yield value["document"]
        for inner in value.values():
            yield from _cited(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _cited(inner)


def _actors(body_names: list[str]) -> Iterator[str]:
    """Yield the words in lower case that name bodies and not what kind of body they are."""
    for name in body_names:
        for word in re.findall(r"[A-Za-z][A-Za-z'’-]*", name):
            if word[0].isupper() and len(word) > 2 and word.lower() not in _PLAIN_ACTORS:
                yield word.lower()


def _changes(action: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the relations by which an action changes other actions, with those."""
    for relation in action.get("relations", ()):
        if relation.get("type") in CHANGING_RELATIONS:
            yield relation["type"], str(relation.get("action", ""))


def _happenings(action: Mapping[str, Any]) -> Iterator[Happening]:
    for event in action.get("events", ()):
        try:
            span = dates.span(str(event["date"]))
        except (ValueError, KeyError):
            continue
        yield Happening(_ordinal(span.earliest), _ordinal(span.latest), str(event.get("type", "")))


def _ordinal(day: str) -> int:
    return dates.datetime.date.fromisoformat(day).toordinal()
