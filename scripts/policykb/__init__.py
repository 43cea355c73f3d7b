"""policykb: a knowledge base of policy actions, the arguments about them and the documents that say so."""

from pathlib import Path
from typing import TYPE_CHECKING

from policykb.model.problems import ConflictError, InvalidInputError, NotFoundError, PolicykbError

if TYPE_CHECKING:
    from policykb.api import KnowledgeBase

__all__ = ["ConflictError", "InvalidInputError", "NotFoundError", "PolicykbError", "open"]


def open(policies: str | Path = "policies", today: str | None = None) -> "KnowledgeBase":
    """Return the knowledge base in the folder `policies`; `today` is the day to take for today (default: the clock, in UTC).

    :raises InvalidInputError: if there is no such folder.
    """
    from policykb.api import (
        KnowledgeBase,
    )  # takes a second, which most imports of the package do not need

    return KnowledgeBase(policies, today)
