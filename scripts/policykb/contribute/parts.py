"""Parts of records (events, citations, stances ...) put into a file where it is, its comments, order and layout kept."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import rtoml
import tomlkit
from pydantic import BaseModel
from tomlkit.items import AoT

from policykb.contribute.changes import Change, valid
from policykb.files import layout
from policykb.files.catalogue import Catalogue
from policykb.files.inplace import identified
from policykb.files.layout import edited, inline, table, value
from policykb.model import dates, event_ids
from policykb.model import records as model
from policykb.model.problems import NotDone


class Part(NamedTuple):
    """A part that can be added: the key it stands under, what it is in a record of each kind ('' for plain text)."""

    key: str
    types: dict[str, type[BaseModel] | None]
    about: str


PARTS: dict[str, Part] = {
    "event": Part(
        "events",
        {"action": model.Event},
        "Something that happened to an action, or is due to happen.",
    ),
    "citation": Part(
        "cite",
        {"action": model.Cite},
        "A source for an action, for one of its events or disputes, or for its effect on openness.",
    ),
    "relation": Part(
        "relations",
        {"action": model.ActionRelation, "argument": model.ArgumentRelation},
        "A relation of an action or argument to another.",
    ),
    "body": Part(
        "bodies", {"action": model.Body}, "An organization or person with a part in an action."
    ),
    "identifier": Part("identifiers", {"action": None}, "An official identifier of an action."),
    "alias": Part("aliases", {"action": None}, "Another name of an action."),
    "topic": Part("topics", {"action": None}, "What an action is about."),
    "question": Part("open_questions", {"action": None}, "What is not known about an action."),
    "stance": Part(
        "stances", {"argument": model.Stance}, "Which side an argument takes on an action."
    ),
    "appearance": Part(
        "appearances",
        {"argument": model.Appearance, "claim": model.Appearance},
        "A place in a document where an argument or claim is made.",
    ),
    "mention": Part(
        "mentions", {"document": model.Mention}, "A place in a document that names an action."
    ),
    "evidence": Part(
        "evidence", {"claim": model.Evidence}, "What a document says that bears on a claim."
    ),
}


def find(policies: Path, id: str, kinds: tuple[str, ...] = tuple(model.FOLDERS)) -> tuple[str, str]:
    """The kind and the path of the record `id`, which must be one of `kinds`.

    :raises NotFoundError: if there is none, with the id it has now, the kind it is of, or the nearest id.
    """
    entry = Catalogue.read(policies, ids_only=True).get(id, *kinds)
    return entry.kind, entry.path


def added(
    policies: Path,
    id: str,
    name: str,
    content: Mapping[str, Any] | str,
    within: tuple[str, str] | None = None,
    **also: Any,
) -> Change:
    """The change that puts a part into the record `id`.

    `name` is one of PARTS, `content` its keys and values, or its text. `within` says where a citation goes: `("event",
    its name, place or date)`, `("dispute", its place)` or `("openness", "")`. `also` are single values to set in the record.
    :raises NotDone: if there is no such record or place, or if the part is there already.
    :raises Refused: if the file is not valid as it is.
    """
    part = PARTS[name]
    kind, path = find(policies, id, tuple(part.types))
    before = valid(policies, path)
    text = identified(before) if name == "event" else before
    document, meant = layout.document(text), rtoml.loads(text)
    pointer = _within(meant, within)
    if name == "identifier":
        _identify(document, meant, dict(content))
    elif part.types[kind] is None:
        _append(document, meant, part.key, content, content)
    else:
        _put(_at(document, pointer), _at(meant, pointer), part.key, part.types[kind], dict(content))
    for key, held in also.items():
        document[key] = meant[key] = value(model.FOLDERS[kind][0], key, held)
    return Change(path, before.encode(), edited(before, document, meant).encode())


def _put(
    document: Any, meant: Any, key: str, kind: type[BaseModel], content: dict[str, Any]
) -> None:
    """Put a part under `key`: as a table in the order of dates where tables stand there, else as an inline table at the end."""
    listed = isinstance(document.get(key), AoT) or (
        key not in document and key not in ("cite", "bodies")
    )
    held = meant.setdefault(key, [])
    made = table(kind, content) if listed else inline(kind, content)
    same = _alike(held, _plain(made), kind is model.Event and not content.get("id"))
    if same is not None:
        raise NotDone(f"there is such a part already: {key}[{same}]")
    if kind is model.Event and not content.get("id"):
        taken = event_ids.used(event_ids.names(held))
        content = {"id": event_ids.event_id(content["type"], taken), **content}
        made = table(kind, content) if listed else inline(kind, content)
    plain = _plain(made)
    if not listed:
        _append(document, None, key, made, plain)
        held.append(plain)
        return
    place = _place(held, plain) if kind is model.Event else len(held)
    if key not in document:
        document[key] = tomlkit.aot()
    document[key].insert(place, made)
    held.insert(place, plain)


def _plain(made: Any) -> dict:
    """Return what a table or inline table says, as it is read from a file."""
    return rtoml.loads(tomlkit.dumps({"x": made}))["x"]


def _alike(held: list[dict], plain: dict, nameless: bool) -> int | None:
    """Return the place of the part in `held` that says the same as `plain`, apart from ids if `nameless`; None if there is none."""
    left_out = ("id", "former_ids") if nameless else ()
    for place, one in enumerate(held):
        if {key: value for key, value in one.items() if key not in left_out} == plain:
            return place
    return None


def _place(events: list[dict], new: dict) -> int:
    """Where an event belongs: behind the last one that cannot be later."""

    def earliest(event: dict) -> str:
        return dates.span(str(event["date"])).earliest

    try:
        return max(
            (
                position
                for position, event in enumerate(events, 1)
                if earliest(event) <= earliest(new)
            ),
            default=0,
        )
    except (ValueError, KeyError):
        return len(events)


def _append(document: Any, meant: Any, key: str, made: Any, plain: Any) -> None:
    """Put an item at the end of an array, which is made if it is not there."""
    if meant is not None:
        held = meant.setdefault(key, [])
        if plain in held:
            raise NotDone(f"'{plain}' is there already: {key}[{held.index(plain)}]")
        held.append(plain)
    if key not in document:
        document[key] = tomlkit.array()
    document[key].append(made)


def _identify(document: Any, meant: Any, content: dict[str, str]) -> None:
    """Put an identifier under its scheme; a second one of a scheme makes a list."""
    scheme, text = content["scheme"], content["value"]
    if "identifiers" not in document:
        document["identifiers"] = tomlkit.table()
    held = meant.setdefault("identifiers", {})
    if scheme not in held:
        document["identifiers"][scheme] = held[scheme] = text
        return
    values = held[scheme] if isinstance(held[scheme], list) else [held[scheme]]
    if text in values:
        raise NotDone(f"'{text}' is there already: identifiers.{scheme}")
    held[scheme] = [*values, text]
    document["identifiers"][scheme] = held[scheme]


def _within(meant: dict, within: tuple[str, str] | None) -> tuple:
    """The pointer to the part of a record that a citation goes to."""
    if within is None:
        return ()
    what, which = within
    if what == "openness":
        return ("openness",)
    if what == "dispute":
        listed = meant.get("disputes", [])
        if which.isdecimal() and 1 <= int(which) <= len(listed):
            return "disputes", int(which) - 1
        told = "; ".join(
            f"{position} {dispute.get('about')}" for position, dispute in enumerate(listed, 1)
        )
        raise NotDone(
            f"there is no dispute '{which}'; expected its place: {told or 'the record has none'}"
        )
    events = meant.get("events", [])
    by_id = [
        position
        for position, one in enumerate(event_ids.names(events))
        if which in (one.id, *one.former)
    ]
    named = by_id or [
        position
        for position, event in enumerate(events)
        if which in (str(event.get("date")), str(position + 1))
    ]
    if len(named) != 1:
        told = "; ".join(
            f"{event.get('id') or position} {event.get('date')} {event.get('type')}"
            for position, event in enumerate(events, 1)
        )
        said = (
            f"there are {len(named)} events '{which}'" if named else f"there is no event '{which}'"
        )
        raise NotDone(
            f"{said}; expected a name, place or date: {told or 'the record has no events'}"
        )
    return "events", named[0]


def _at(place: Any, pointer: tuple) -> Any:
    for step in pointer:
        place = place[step]
    return place
