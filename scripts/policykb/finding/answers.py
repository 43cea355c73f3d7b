"""What a person has answered about the proposals for a document: remembered, so that no one is asked twice."""

import json
from pathlib import Path

from policykb.files.folder import replace_file
from policykb.finding.proposals import Proposal
from policykb.model.problems import InvalidInputError

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
