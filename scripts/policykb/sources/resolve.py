"""What the knowledge base holds, looked up by the keys of a proposal; and proposals with their references made ids.

Reads files; writes nothing.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import rtoml
from pydantic import BaseModel

from policykb.contribute.proposal import Proposal
from policykb.files.knowledge import address
from policykb.files.reader import FileRef, read, sources
from policykb.model import vocabulary
from policykb.model.records import FOLDERS, TABLES, Redirect
from policykb.model.references import plan

Key = tuple[str, str]  # a kind of key and a value of it, as they are compared
IN_PLACE = "name in "  # a kind of key: a name within the jurisdiction whose code follows


class Known:
    """Records by their keys, and every id in use. What a run adds is put in with `add`."""

    def __init__(self, policies: Path) -> None:
        self.kinds: dict[str, str] = {}  # id -> kind
        self.withdrawn: set[str] = set()
        self.redirects: dict[str, str] = {}
        self.contents: dict[str, dict[str, Any]] = {}  # what matching needs of each record
        self.identifiers: dict[
            Key, str
        ] = {}  # of actions, also those that nothing is recognised by
        self.called: dict[str, str] = {}  # a reference that a source makes -> the name it gives
        self._by_key: dict[tuple[str, Key], list[str]] = {}  # (kind, key) -> ids, in order
        for source in sources(policies)[0]:
            for id, content in _contents(source):
                if source.kind == "redirect":
                    self.redirects[id] = str(content.get("to", ""))
                elif source.kind != "about":
                    self.add(source.kind, id, content)

    def add(self, kind: str, id: str, content: dict[str, Any]) -> None:
        """Take in a record that exists or will."""
        self.kinds.setdefault(id, kind)
        if content.get("withdrawn"):
            self.withdrawn.add(id)
        self.contents.setdefault(id, _needed(kind, content))
        if ":" in (content.get("jurisdiction") or ""):
            self.contents[id]["jurisdiction"] = self.jurisdiction(content)
        if kind == "action":
            for scheme, value in identifiers(content):
                if not is_of_whole(scheme, content):
                    self.identifiers.setdefault(_scoped(scheme, value, content), id)
        for key in dict.fromkeys(self._keys(kind, content)):
            ids = self._by_key.setdefault((kind, key), [])
            if id not in ids:
                ids.append(id)

    def all(self, kind: str, key: Key) -> list[str]:
        """Return the ids of the records of `kind` that have `key`."""
        return self._by_key.get((kind, self._folded(*key)), [])

    def find(self, kind: str, keys: Iterable[Key]) -> str | None:
        """The id of the record of `kind` that the first of `keys` leads to that leads to one alone."""
        return next((ids[0] for key in keys if len(ids := self.all(kind, key)) == 1), None)

    def owner(self, scheme: str, value: str, content: dict[str, Any]) -> str | None:
        """The id of the action that an identifier belongs to; None if to none, or if several may share it."""
        if scheme in vocabulary.SHARED_SCHEMES or is_of_whole(scheme, content):
            return None
        return self.identifiers.get(_scoped(scheme, value, content))

    def action(self, keys: Iterable[Key], content: dict[str, Any]) -> str | None:
        """Return the id of the action that `keys` lead to.

        The number of a state's bill that is written here without its session is that of the source, which has one, only
        if both begin on the same day.
        """
        keys = list(keys)
        if found := self.find("action", keys):
            return found
        bare = [
            (scheme, _sessionless(value)) for scheme, value in keys if _has_session(scheme, value)
        ]
        found = self.find("action", bare)
        held = self.contents.get(found or "", {})
        same = held.get("begun") and held["begun"] == _begun(content)
        return found if same and not held["session"] else None

    def organizations(self, proposal: Proposal) -> list[str]:
        """Return the ids of the organizations that `proposal` may be: one if it is here, none if it is not, several in doubt.

        A person is known by an official id; or by the name, within a jurisdiction and if no official id says otherwise.
        """
        content = proposal.content
        person = content.get("kind") == "person"
        place = self.jurisdiction(content)
        for scheme, value in proposal.keys:
            ids = self.all("organization", (scheme, value))
            if scheme not in vocabulary.PERSON_IDS:
                held = [(id, self.contents[id]) for id in ids]
                ids = [
                    id
                    for id, other in held
                    if (other["kind"] == "person") == person
                    and (not other["jurisdiction"] or not place or other["jurisdiction"] == place)
                    and not any(
                        content.get(key) and other[key] and content[key] != other[key]
                        for key in vocabulary.PERSON_IDS
                    )
                ]
            if ids:
                return ids
        return []

    def jurisdiction(self, content: dict[str, Any]) -> str | None:
        """Return the id of the jurisdiction that a record or proposal names."""
        return self.lead(("jurisdiction",), content.get("jurisdiction") or "")

    def _keys(self, kind: str, content: dict[str, Any]) -> Iterator[Key]:
        """What a record is recognised by."""
        if kind == "action":
            found = recognized(identifiers(content), content)
            yield from (self._folded(scheme, value) for scheme, value in found)
        elif kind == "jurisdiction":
            yield "code", str(content.get("code", ""))
        elif kind == "document":
            for key in ("doi", "url"):
                if isinstance(content.get(key), str):
                    yield self._folded(key, content[key])
        elif kind == "organization":
            yield from ((key, content[key]) for key in vocabulary.PERSON_IDS if content.get(key))
            yield from self._names(content)

    def _names(self, content: dict[str, Any]) -> Iterator[Key]:
        """The names of an organization within its jurisdiction; and everywhere, but for a person of one word."""
        place = content.get("jurisdiction") or ""
        place = place if ":" not in place else self.jurisdiction(content)
        for name in (content.get("name"), content.get("short_name")):
            folded = folded_name(name) if isinstance(name, str) else ""
            if folded and place:
                yield f"{IN_PLACE}{place}", folded
            if folded and (content.get("kind") != "person" or " " in folded):
                yield "name", folded

    def _folded(self, scheme: str, value: str) -> Key:
        """A key as it is compared."""
        if scheme.startswith(IN_PLACE):
            place = self.lead(("jurisdiction",), f"code:{scheme.removeprefix(IN_PLACE)}")
            return f"{IN_PLACE}{place}", folded_name(value)
        return _folded(scheme, value)

    def lead(self, kinds: tuple[str, ...], reference: str) -> str | None:
        """The id that a reference, an id or `scheme:value`, leads to; None if to nothing that stands."""
        scheme, colon, value = reference.partition(":")
        if not colon:
            id = self.redirects.get(reference, reference)
            return id if self.kinds.get(id) in kinds and id not in self.withdrawn else None
        found = next((id for kind in kinds if (id := self.find(kind, [(scheme, value)]))), None)
        return found if found not in self.withdrawn else None


def _contents(source: FileRef) -> Iterator[tuple[str, dict[str, Any]]]:
    """The records in a file by id; without content where it cannot be read, which `check` reports."""
    data = read(source)
    try:
        content = (
            rtoml.loads(data.decode().replace("\r\n", "\n")) if isinstance(data, bytes) else {}
        )
    except (ValueError, RecursionError):
        content = {}
    if source.id:
        yield source.id, content
    elif source.kind in TABLES:
        yield from ((id, held) for id, held in content.items() if isinstance(held, dict))


def identifiers(content: dict[str, Any]) -> Iterator[Key]:
    """The identifiers of an action's content, one by one."""
    held = content.get("identifiers")
    for scheme, value in (held if isinstance(held, dict) else {}).items():
        yield from (
            (scheme, item)
            for item in (value if isinstance(value, list) else [value])
            if isinstance(item, str)
        )


def _scoped(scheme: str, value: str, content: dict[str, Any]) -> Key:
    """An identifier as it must be unique: numbers of an issuer's own within its jurisdiction."""
    scope = content.get(
        {"provision": "part_of", "official_number": "jurisdiction"}.get(scheme, ""), ""
    )
    named = f"{scheme} {scope}" if scheme in vocabulary.LOCAL_SCHEMES else scheme
    return named, vocabulary.identifier_key(scheme, value)


def _folded(scheme: str, value: str) -> Key:
    """A key as it is compared: addresses without scheme and www, numbers without zeros before them."""
    if scheme == "url":
        return scheme, address(value) if "://" in value else value
    if scheme == "doi":
        return scheme, value.lower()
    if scheme == "name":
        return scheme, folded_name(value)
    return scheme, vocabulary.identifier_key(scheme, value)


def folded_name(name: str) -> str:
    """Return a name as it is compared: without case, accents, marks and the name of the country before it."""
    plain = folded_title(name)
    return re.sub(r"^(the )?(united states |us |u s )?(the )?", "", plain) or plain


def folded_title(title: str) -> str:
    """Return the words of a title as they are compared: without case, accents and marks."""
    plain = title
    if not title.isascii():
        parts = unicodedata.normalize("NFKD", title)
        plain = "".join(char for char in parts if not unicodedata.combining(char))
    return " ".join(re.sub(r"[\W_]", " ", plain.casefold()).split())


def is_of_whole(scheme: str, content: dict[str, Any]) -> bool:
    """Return whether numbers of `scheme` name the act that an action's content is a part of, and not that part."""
    part = bool(content.get("part_of")) or content.get("instrument") in vocabulary.PARTS
    return part and scheme in vocabulary.WHOLE_ACTS


def recognized(keys: Iterable[Key], content: dict[str, Any]) -> list[Key]:
    """Return those of `keys` by which a record with `content` is recognized, as no other one has them."""
    shared = vocabulary.LOCAL_SCHEMES | vocabulary.SHARED_SCHEMES
    return [key for key in keys if key[0] not in shared and not is_of_whole(key[0], content)]


def _needed(kind: str, content: dict[str, Any]) -> dict[str, Any]:
    """What matching needs of the content of a record."""
    if kind == "action":
        held = [value for scheme, value in identifiers(content) if _has_session(scheme, value)]
        return {"begun": _begun(content), "session": bool(held)}
    if kind == "document":
        return {"title": content.get("title", ""), "grade": content.get("grade")}
    if kind == "organization":
        keys = ("name", "kind", "jurisdiction", *vocabulary.PERSON_IDS)
        return {key: content.get(key) for key in keys}
    return {}


def _begun(content: dict[str, Any]) -> str:
    """The day of the first event of an action; '' if it has none."""
    events = content.get("events")
    days = [str(event.get("date")) for event in events or [] if isinstance(event, dict)]
    return min(days, default="")


def _has_session(scheme: str, value: str) -> bool:
    return scheme == "us_state_bill" and ", " in value


def _sessionless(value: str) -> str:
    return re.sub(r", [^)]*", "", value)


def resolved(
    known: Known, own: dict[str, str], proposal: Proposal
) -> tuple[dict[str, Any], list[str]]:
    """The content of `proposal` with ids for references, without what leads nowhere, and what that was, in words.

    `own` are ids and keys (`scheme:value`) of the proposals of the run -> the ids that their records have.
    """
    lost: dict[str, list[str]] = {}
    kinds = FOLDERS | TABLES
    content = _resolved(known, own, proposal.content, plan(kinds[proposal.kind][0]), lost) or {}
    said = []
    for what, values in lost.items():
        shown = ", ".join(values[:3]) + (f" and {len(values) - 3} more" if len(values) > 3 else "")
        said.append(f"{what}: {shown}")
    return content, said


def _resolved(
    known: Known,
    own: dict[str, str],
    content: dict[str, Any],
    fields: tuple,
    lost: dict[str, list[str]],
) -> dict[str, Any] | None:
    """`content` with ids for references; None if the reference of a part that is nothing without it leads nowhere."""
    done = dict(content)
    for name, kinds, listed, inner in fields:
        value = content.get(name)
        if value in (None, "", [], {}):
            continue
        if inner:
            if not listed:
                done[name] = _resolved(known, own, value, inner, lost)
                continue
            parts = [_resolved(known, own, part, inner, lost) for part in value]
            done[name] = [part for part in parts if part is not None]
            if name == "cite" and not done[name] and "type" in content and "date" in content:
                done["unconfirmed"] = True
            continue
        given = value if listed else [value]
        found = [
            (reference, known.lead(kinds, own.get(reference, reference))) for reference in given
        ]
        if content == {"organization": value} and found[0][1] is None and value.startswith("name:"):
            return {
                "family": value.removeprefix("name:")
            }  # an author that has no record here keeps the name
        for reference, id in found:
            if id is None:
                note = f" ({content['note']})" if "note" in content and name == "action" else ""
                said = known.called.get(reference) or _said(reference)
                lost.setdefault(_lost(name, content, kinds), []).append(said + note)
        ids = [id for _, id in found if id is not None]
        if listed:
            done[name] = ids
        elif ids:
            done[name] = ids[0]
        else:
            del done[name]
            if name in ("organization", "document", "action") and not any(
                key in content for key in ("family", "given")
            ):
                return None
    return done


def _lost(name: str, content: dict[str, Any], kinds: tuple[str, ...]) -> str:
    if name == "organization" and "role" in content:
        return f"bodies: {content['role']} not among the organizations here (--with-organizations adds them)"
    if name == "action" and "type" in content:
        return f"relations: {content['type']} an action that is not here"
    return f"{name}: no {kinds[0]} here"


def _said(reference: str) -> str:
    scheme, colon, value = reference.partition(":")
    shown_alone = scheme in ("name", "url", "code") or scheme.startswith(IN_PLACE)
    return (value if shown_alone else f"{scheme} {value}") if colon else reference


def model_of(kind: str) -> type[BaseModel]:
    """The record type of a kind."""
    found = (FOLDERS | TABLES)[kind][0]
    assert found is not Redirect
    return found
