"""What a person has answered about the proposals for a document: remembered, so that no one is asked twice; what was accepted as changes to records, through the edit engine."""

import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from policykb.contribute.changes import Change
from policykb.contribute.edits import FileDraft, changes_of, opened
from policykb.contribute.parts import find
from policykb.files.folder import replace_file
from policykb.files.toml_edit import Edit
from policykb.finding.names import Strength, strength
from policykb.finding.proposals import Proposal
from policykb.model.problems import InvalidInputError
from policykb.model.vocabulary import DESCRIBING, NICKNAME

FOLDER = ".find"  # in policies/; what begins with a dot is not part of the knowledge


class Answers:
    """Whether each proposal for a document was accepted, saved with each answer unless `forgetful`."""

    def __init__(self, policies: Path, document_id: str, forgetful: bool = False) -> None:
        self._forgetful = forgetful
        self._file = policies / FOLDER / f"{document_id}.json"
        try:
            self._values: dict[str, bool] = json.loads(self._file.read_bytes())
            if not isinstance(self._values, dict):
                raise ValueError
        except FileNotFoundError:
            self._values = {}
        except ValueError:
            message = f"{self._file} is not valid; correct it, or delete it to be asked again"
            raise InvalidInputError(message) from None

    def get(self, proposal: Proposal) -> bool | None:
        """Return whether a proposal was accepted; None if no one has answered."""
        return self._values.get(_key(proposal))

    def put(self, proposal: Proposal, answer: bool | None) -> None:
        """Save an answer; None takes it back."""
        self._values[_key(proposal)] = answer
        self.save()

    def written(self) -> None:
        """Forget what was accepted, which the record now has."""
        self._values = {key: answer for key, answer in self._values.items() if answer is False}
        self.save()

    def save(self) -> None:
        """Write the file, or remove it if there is nothing to remember."""
        if self._forgetful:
            return
        values = {key: answer for key, answer in self._values.items() if answer is not None}
        if values:
            text = json.dumps(values, ensure_ascii=False, indent=1, sort_keys=True)
            replace_file(self._file, f"{text}\n".encode())
        else:
            self._file.unlink(missing_ok=True)


def _key(proposal: Proposal) -> str:
    mention, hit = proposal
    return f"{mention['locator']}: {mention['action']}: {hit.words}"


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
