"""policykb: a knowledge base of policy actions, the arguments about them and the documents that say so."""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policykb.api import KnowledgeBase
    from policykb.model.problems import (
        ConflictError,
        InvalidInputError,
        NotFoundError,
        PolicykbError,
    )

__all__ = ["ConflictError", "InvalidInputError", "NotFoundError", "PolicykbError", "open"]


def open(policies: str | Path = "policies", today: str | None = None) -> "KnowledgeBase":
    """Return the knowledge base in the folder `policies`; `today` is the day to take for today (default: the clock, in UTC).

    :raises InvalidInputError: if there is no such folder.
    """
    from policykb.api import KnowledgeBase

    return KnowledgeBase(policies, today)


def __getattr__(name: str) -> type[Exception]:
    """Return an exception, imported when it is asked for: most imports of the package need none."""
    if name in __all__:
        return getattr(import_module("policykb.model.problems"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
