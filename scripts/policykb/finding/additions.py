"""Proposals that were accepted as changes to records, through the edit engine."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from policykb.contribute.changes import Change
from policykb.contribute.edits import FileDraft, changes_of, opened
from policykb.contribute.parts import find
from policykb.files.toml_edit import Edit
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
    drafts = [_addition(policies, record_id, parts) for record_id, parts in new.items()]
    return changes_of(drafts)


def _addition(policies: Path, record_id: str, parts: Sequence[tuple[str, Any]]) -> FileDraft:
    kind, path = find(policies, record_id, ("document", "action"))
    draft = opened(policies, kind, path)
    for key, part in parts:
        place = len(draft.content.get(key, ()))
        draft.make(Edit((key, place), part, insert=True))
    return draft
