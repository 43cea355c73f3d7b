"""The change log of a knowledge base: what each commit changed, entry by entry. Read from git by history, written into kb.db by the build."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple


class Commit(NamedTuple):
    """A step of the log: commit, time, first line of the message, entries as rows of `changes`, and contents that count as held.

    `held` says which content counts for files whose content in that commit cannot be read ('': none).
    """

    hash: str
    time: str
    subject: str
    rows: list[list]
    held: dict[str, str]


class Log(NamedTuple):
    """The commits, the oldest first; rows for what is not committed yet; and whether the history is complete, partial or none."""

    history: str
    commits: list[Commit]
    pending: list[list]


ReadLog = Callable[[Path], Log]
EMPTY_LOG = Log("none", [], [])


def empty_log(policies: Path) -> Log:
    """Return the log of a folder without history."""
    return EMPTY_LOG
