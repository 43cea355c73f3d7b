"""The catalogue for sources, and the references of proposals as ids. Writes nothing.

A reference may be the key of another record, `scheme:value`, instead of its id.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from policykb.contribute.proposal import Proposal
from policykb.contribute.resolve import References
from policykb.files.catalogue import IN_PLACE, Catalogue, Entry, Key, entry, own_key
from policykb.model import vocabulary
from policykb.model.fields import Part, Pointer, referring, with_references
from policykb.model.parts import EMPTY
from policykb.model.problems import Fault, InvalidInputError, SourceError, placed
from policykb.model.records import RECORDS, is_id

Content = dict[str, Any]
SCHEMES = vocabulary.ids(vocabulary.IDENTIFIER_SCHEMES)
# The schemes that may replace an id, by the key of the id.
KEYS = {
    "document": ("doi", "url"),
    "organization": ("name",),
    "action": SCHEMES,
    "part_of": SCHEMES,
    "jurisdiction": ("code",),
}


def is_name(text: str) -> bool:
    """Return whether a reference is neither an id nor `scheme:value`, so that it may be a name, a number or an address."""
    scheme = text.partition(":")[0]
    return not is_id(text) and not any(scheme in schemes for schemes in KEYS.values())


def with_placeholders(content: Any, key: str = "") -> Any:
    """Return `content` with an id instead of each well-formed `scheme:value`, so that the record types can check the rest."""
    if isinstance(content, dict):
        return {name: with_placeholders(value, name) for name, value in content.items()}
    if isinstance(content, list):
        return [with_placeholders(item, key) for item in content]
    scheme, _, value = content.partition(":") if isinstance(content, str) else ("", "", "")
    if not value or scheme not in KEYS.get(key, ()):
        return content
    return content if scheme in SCHEMES and not vocabulary.identifier_match(scheme, value) else "x"


class SourceCatalogue(Catalogue):
    """The catalogue of records that exist and that a run proposes, with lookups by keys and references of proposals."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        super().__init__(entries)
        self.names: dict[str, str] = {}  # a reference that a source makes -> the name it gives

    def propose(self, kind: str, record_id: str, content: Mapping[str, Any]) -> None:
        """Add a proposed record, or further keys of a record."""
        if ":" in (content.get("jurisdiction") or ""):
            content = {**content, "jurisdiction": self.jurisdiction(content)}
        self.add(entry(kind, record_id, content))

    def kind(self, record_id: str) -> str:
        """Return the kind of a record; '' if there is none."""
        return self.entries[record_id].kind if record_id in self.entries else ""

    def ids(self, scheme: str, value: str) -> list[str]:
        """Return the ids of the records with a key. The scheme of a name in a jurisdiction has the code of the jurisdiction."""
        if scheme.startswith(IN_PLACE):
            place = self.lead(("jurisdiction",), f"code:{scheme.removeprefix(IN_PLACE)}")
            scheme = f"{IN_PLACE}{place}"
        return super().ids(scheme, value)

    def owner(self, record_id: str, scheme: str, value: str, content: Content) -> str | None:
        """Return the id of the action that already has an identifier of the action `record_id`; None if actions may share it."""
        key = own_key(record_id, content, scheme, value)
        return next(iter(self._by_key.get(key, ())), None)

    def action(self, keys: Iterable[Key], content: Content) -> str | None:
        """Return the id of the action with one of `keys`, None if there is none.

        A number of a state's bill without a session matches a number with a session only if both bills begin on the same day.
        """
        keys = list(keys)
        if match := self.find(*keys):
            return match.id
        named = [(key[0], re.sub(r", [^)]*", "", key[1])) for key in keys if _has_session(key)]
        match = self.find(*named)
        begun = entry("action", "", content).begun
        same = match and match.begun and match.begun == begun
        return match.id if same and not any(map(_has_session, match.identifiers)) else None

    def organizations(self, proposal: Proposal) -> list[str]:
        """Return the ids of the organizations that may be the same as that of `proposal`.

        A person is recognized by an official id, or by the name within a jurisdiction unless official ids differ.
        """
        for scheme, value in proposal.keys:
            ids = self.ids(scheme, value)
            if scheme not in vocabulary.PERSON_IDS:
                content = proposal.content
                ids = [match for match in ids if self._may_be(self.entries[match], content)]
            if ids:
                return ids
        return []

    def _may_be(self, match: Entry, content: Content) -> bool:
        """Return whether an organization with a name that a proposal has may be the same."""
        place, ids = self.jurisdiction(content), dict(match.keys)
        if (match.category == "person") != (content.get("kind") == "person"):
            return False
        pairs = [(content.get(key), ids.get(key)) for key in vocabulary.PERSON_IDS]
        pairs.append((place, match.jurisdiction))
        return not any(theirs and ours and theirs != ours for theirs, ours in pairs)

    def jurisdiction(self, content: Mapping[str, Any]) -> str | None:
        """Return the id of the jurisdiction that a record or proposal names."""
        return self.lead(("jurisdiction",), content.get("jurisdiction") or "")

    def lead(self, kinds: tuple[str, ...], reference: str) -> str | None:
        """Return the id to which a reference (an id or `scheme:value`) leads; None unless it is a record that is not withdrawn."""
        scheme, colon, value = reference.partition(":")
        match = (
            self.find((scheme, value)) if colon else self.entries.get(self.current_id(reference))
        )
        return match.id if match and match.kind in kinds and not match.withdrawn else None


def _has_session(identifier: tuple[str, str]) -> bool:
    return identifier[0] == "us_state_bill" and ", " in identifier[1]


def with_ids(policies: Path, catalogue: Catalogue, proposals: Sequence[Proposal]) -> list[Proposal]:
    """Return `proposals` with ids for what they name by a name, an official number or an address alone.

    A name is that of a record here, or else of one of the proposals.
    :raises SourceError: with each reference that can mean several records, or none.
    """
    here = References(policies, catalogue)
    new = [entry(proposal.kind, proposal.id, proposal.content) for proposal in proposals]
    proposed = References(policies, Catalogue(new))
    errors = []

    def named(proposal: Proposal) -> Proposal:
        def change(at: Pointer, text: str, kinds: tuple[str, ...]) -> str:
            if not is_name(text):
                return text
            try:
                return here.known(text, kinds) or proposed.known(text, kinds) or here(text, kinds)
            except InvalidInputError as error:
                errors.append(
                    f"{proposal.kind} '{proposal.id}': {placed(Fault('R301', at, ''), '', 0).key}: {error}"
                )
                return text

        record = RECORDS[proposal.kind][0]
        return proposal._replace(content=with_references(record, proposal.content, change))

    result = [named(proposal) for proposal in proposals]
    if errors:
        raise SourceError("\n".join(dict.fromkeys(errors)))
    return result


def resolved(
    catalogue: SourceCatalogue, own: dict[str, str], proposal: Proposal
) -> tuple[Content, list[str]]:
    """Return the content of `proposal` with ids for references, and sentences on references that lead nowhere.

    `own` has the ids and keys (`scheme:value`) of the proposals of the run, with the ids of their records.
    """
    resolver = _Resolver(catalogue, own)
    content = resolver.part(proposal.content, RECORDS[proposal.kind][0]) or {}
    unresolved = []
    for what, values in resolver.unresolved.items():
        more = f" and {len(values) - 3} more" if len(values) > 3 else ""
        unresolved.append(f"{what}: {', '.join(values[:3])}{more}")
    return content, unresolved


class _Resolver:
    """Replaces the references of a proposal by ids. `unresolved`: what is missing -> labels of references that lead nowhere."""

    def __init__(self, catalogue: SourceCatalogue, own: dict[str, str]) -> None:
        self.catalogue, self.own = catalogue, own
        self.unresolved: dict[str, list[str]] = {}

    def part(self, content: Content, kind: type[Part]) -> Content | None:
        """Return `content` with ids for references; None if a necessary reference leads nowhere."""
        result = dict(content)
        for field in referring(kind):
            name, kinds, inner = field.name, field.reference, field.part
            value = content.get(name)
            if value in EMPTY:
                continue
            if not inner:
                ids = self._ids(name, kinds, value if field.many else [value], content)
                if field.many or ids:
                    result[name] = ids if field.many else ids[0]
                elif content == {"organization": value} and value.startswith("name:"):
                    # An author without a record keeps the name.
                    return {"family": value.removeprefix("name:")}
                elif _needed(name, content):
                    return None
                else:
                    del result[name]
            elif field.many:
                parts = [self.part(part, inner) for part in value]
                result[name] = [part for part in parts if part is not None]
                if name == "cite" and not result[name] and "type" in content and "date" in content:
                    result["unconfirmed"] = True
            else:
                result[name] = self.part(value, inner)
        return result

    def _ids(
        self, name: str, kinds: tuple[str, ...], references: list[str], content: Content
    ) -> list[str]:
        """Return the ids to which `references` lead, and note those that lead nowhere."""
        ids = []
        for reference in references:
            record_id = self.catalogue.lead(kinds, self.own.get(reference, reference))
            if record_id is not None:
                ids.append(record_id)
            elif content != {"organization": reference} or not reference.startswith("name:"):
                note = f" ({content['note']})" if "note" in content and name == "action" else ""
                label = self.catalogue.names.get(reference) or _label(reference)
                missing = _missing(name, content, kinds)
                self.unresolved.setdefault(missing, []).append(label + note)
        return ids


def _needed(name: str, content: Content) -> bool:
    """Return whether a part is meaningless without the reference `name`."""
    named = "family" in content or "given" in content
    return name in ("organization", "document", "action", "argument") and not named


def _missing(name: str, content: Content, kinds: tuple[str, ...]) -> str:
    if name == "organization" and "role" in content:
        return f"bodies: {content['role']} not among the organizations here (--with-organizations adds them)"
    if name == "action" and "type" in content:
        return f"relations: {content['type']} an action that is not here"
    return f"{name}: no {kinds[0]} here"


def _label(reference: str) -> str:
    scheme, colon, value = reference.partition(":")
    shown_alone = scheme in ("name", "url", "code") or scheme.startswith(IN_PLACE)
    return (value if shown_alone else f"{scheme} {value}") if colon else reference
