"""The change log of a knowledge base: what each commit changed. `history` reads it from git, the build writes it to kb.db."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple


class Commit(NamedTuple):
    """A step of the log: commit, time, first line of the message, and entries as rows of `changes`.

    `readable` has, for each file that is invalid in that commit, the blob of its last valid content ('': none).
    """

    hash: str
    time: str
    subject: str
    rows: list[list]
    readable: dict[str, str]


class Log(NamedTuple):
    """The commits, the oldest first, and `pending`: rows for what is not committed. `history` is complete, partial or none."""

    history: str
    commits: list[Commit]
    pending: list[list]


ReadLog = Callable[[Path], Log]
EMPTY_LOG = Log("none", [], [])


def empty_log(policies: Path) -> Log:
    """Return the log of a folder without history."""
    return EMPTY_LOG
