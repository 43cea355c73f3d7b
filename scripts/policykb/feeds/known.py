"""What the knowledge base holds, looked up by the keys of a proposal; and proposals with their references made ids.

Reads files; writes nothing.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import rtoml
from pydantic import BaseModel

from policykb import vocabulary
from policykb.feeds.proposal import Proposal
from policykb.files import Source, read, sources
from policykb.knowledge import address
from policykb.model import FOLDERS, TABLES, Redirect
from policykb.references import plan

Key = tuple[str, str]  # a kind of key and a value of it, as they are compared


class Known:
    """Records by their keys, and every id in use. What a run adds is put in with `add`."""

    def __init__(self, policies: Path) -> None:
        self.kinds: dict[str, str] = {}  # id -> kind
        self.withdrawn: set[str] = set()
        self.redirects: dict[str, str] = {}
        self.grades: dict[str, str] = {}  # of documents
        self.identifiers: dict[
            Key, str
        ] = {}  # of actions, also those that nothing is recognised by
        self._by_key: dict[
            tuple[str, Key], str | None
        ] = {}  # (kind, key) -> id; None where several have it
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
        if content.get("grade"):
            self.grades.setdefault(id, content["grade"])
        if kind == "action":
            for scheme, value in identifiers(content):
                self.identifiers.setdefault(_scoped(scheme, value, content), id)
        for key in set(_keys(kind, content)):
            self._by_key[kind, key] = id if self._by_key.get((kind, key), id) == id else None

    def find(self, kind: str, keys: Iterable[Key]) -> str | None:
        """The id of the record of `kind` that the first of `keys` leads to that leads anywhere."""
        for scheme, value in keys:
            if found := self._by_key.get((kind, _folded(scheme, value))):
                return found
        return None

    def owner(self, scheme: str, value: str, content: dict[str, Any]) -> str | None:
        """The id of the action that has an identifier."""
        return self.identifiers.get(_scoped(scheme, value, content))

    def lead(self, kinds: tuple[str, ...], reference: str) -> str | None:
        """The id that a reference, an id or `scheme:value`, leads to; None if to nothing that stands."""
        scheme, colon, value = reference.partition(":")
        if not colon:
            id = self.redirects.get(reference, reference)
            return id if self.kinds.get(id) in kinds and id not in self.withdrawn else None
        found = next((id for kind in kinds if (id := self.find(kind, [(scheme, value)]))), None)
        return found if found not in self.withdrawn else None


def _contents(source: Source) -> Iterator[tuple[str, dict[str, Any]]]:
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
    return (f"{scheme} {scope}" if scheme in vocabulary.LOCAL_SCHEMES else scheme), value


def _keys(kind: str, content: dict[str, Any]) -> Iterator[Key]:
    """What a record is recognised by."""
    if kind == "action":
        yield from (
            _folded(*one) for one in identifiers(content) if one[0] not in vocabulary.LOCAL_SCHEMES
        )
    elif kind == "jurisdiction":
        yield "code", str(content.get("code", ""))
    else:
        for name in ("doi", "url", "name", "short_name"):
            if isinstance(content.get(name), str):
                yield _folded(name.removeprefix("short_"), content[name])


def _folded(scheme: str, value: str) -> Key:
    """A key as it is compared: addresses without scheme and www, names without case, marks and the name of the country before them."""
    if scheme == "url":
        return scheme, address(value) if "://" in value else value
    if scheme == "doi":
        return scheme, value.lower()
    if scheme == "name":
        plain = " ".join(re.sub(r"[^\w ]", " ", value.casefold()).split())
        return scheme, re.sub(r"^(the )?(united states |us |u s )?(the )?", "", plain) or plain
    return scheme, value


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
                lost.setdefault(_lost(name, content, kinds), []).append(_said(reference) + note)
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
    return (
        (value if scheme in ("name", "url", "code") else f"{scheme} {value}")
        if colon
        else reference
    )


def model_of(kind: str) -> type[BaseModel]:
    """The record type of a kind."""
    found = (FOLDERS | TABLES)[kind][0]
    assert found is not Redirect
    return found
