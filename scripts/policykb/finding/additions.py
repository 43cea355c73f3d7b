"""Proposals that were accepted as changes to records, through the edit engine."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from policykb.contribute.changes import Change, valid
from policykb.contribute.parts import find
from policykb.files.toml_edit import Draft, Edit, apply_all, record_type, values
from policykb.finding.names import Strength, strength
from policykb.finding.proposals import Proposal
from policykb.model.vocabulary import DESCRIBING, NICKNAME


def additions(
    policies: Path,
    document_id: str,
    proposed: Sequence[Proposal],
    aliases: Sequence[tuple[str, str]] = (),
) -> list[Change]:
    """Return the changes that put mentions into the record of a document, and `aliases` into those of their actions.

    :raises PolicykbError: if there is no such record.
    :raises ConflictError: if a file is not valid as it is.
    """
    new: dict[str, list[tuple[str, Any]]] = defaultdict(list)
    new[document_id] += [("mentions", dict(proposal.mention)) for proposal in proposed]
    for action_id, name in aliases:
        kind = NICKNAME if strength(name) is Strength.OFFICIAL else DESCRIBING
        new[action_id].append(("aliases", {"name": name, "kind": kind}))
    return [_addition(policies, record_id, parts) for record_id, parts in new.items()]


def _addition(policies: Path, record_id: str, parts: Sequence[tuple[str, Any]]) -> Change:
    kind, path = find(policies, record_id, ("document", "action"))
    before = valid(policies, path)
    draft = Draft(values(before))
    for key, part in parts:
        place = len(draft.content.get(key, ()))
        draft.make(Edit((key, place), part, insert=True))
    after = apply_all({path: (before, record_type(kind), draft.edits)})[path]
    return Change(path, before.encode(), after.encode())
