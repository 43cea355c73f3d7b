"""Changes to files under policies/: judged by all rules as if they were made, shown as a diff, made together or not at all.

A change is a value; nothing here knows TOML or what a change is good for.
"""

import contextlib
import difflib
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from policykb.build import load
from policykb.files import journal
from policykb.files.folder import lock
from policykb.files.reader import IMPORTED, named, read, sources
from policykb.model.problems import ConflictError, Fault, Problem, has_errors, placed
from policykb.model.records import FOLDERS, TABLES


class Change(NamedTuple):
    """What one file holds before and after; None: there is no such file. `path` is `policies/actions/<id>.toml`."""

    path: str
    before: bytes | None
    after: bytes | None


def path_of(policies: Path, kind: str, record_id: str = "") -> str:
    """Return the path of the file that holds a record of `kind`, whether or not it is there.

    :raises ValueError: if `record_id` cannot be an id.
    """
    place = TABLES[kind][1] if kind in TABLES else f"{FOLDERS[kind][1]}/{record_id}.toml"
    return named(policies, f"{policies.name}/{place}").path


def imported(policies: Path, kind: str, record_id: str) -> str:
    """Return the path of the file with what official sources said of a record."""
    return f"{policies.name}/{IMPORTED}/{FOLDERS[kind][1]}/{record_id}.json"


def current(policies: Path, path: str) -> bytes | None:
    """Return the content of the file at `path`; None if there is no file.

    :raises ConflictError: if there is something that cannot be read as a file of the knowledge base.
    """
    source = named(policies, path)
    if not os.path.lexists(source.absolute):
        return None
    data = read(source)
    if isinstance(data, Fault):
        raise ConflictError([placed(data, path, 0)])
    return data


def judged(
    policies: Path, today: str, changes: Sequence[Change], processes: int | None = None
) -> list[Problem]:
    """Return the problems, warnings among them, that the knowledge base would have with `changes` and does not have now, sorted.

    :raises ConflictError: if a file of them is not named as files of the knowledge base are.
    """
    if not changes:
        return []
    _refuse_other_names(policies, changes)
    proposed = {path: content for path, _, content in changes}
    after = load.check(policies, today, processes=processes, proposed=proposed).problems
    if not after:
        return []
    before = load.check(policies, today, processes=processes).problems
    known = set(map(without_line, before))
    return [problem for problem in after if without_line(problem) not in known]


def _refuse_other_names(policies: Path, changes: Sequence[Change]) -> None:
    wrong = []
    for path, _, _ in changes:
        try:
            named(policies, path)
        except ValueError:
            expected = "lower-case letters, digits and single hyphens; rename the file first"
            wrong.append(Problem(path, 0, "K204", "", "is not named by an id", "", expected))
    if wrong:
        raise ConflictError(wrong)


def without_line(problem: Problem) -> tuple:
    """Return a problem without its line, which moves with an edit, for comparisons."""
    return problem.path, problem.code, problem.message, problem.value


def state(policies: Path) -> list[tuple[str, int, int, int]]:
    """Return the path, place, time and size of each file of the knowledge base; equal if none was changed."""
    files = []
    for source in sources(policies)[0]:
        with contextlib.suppress(OSError):
            status = os.lstat(source.absolute)
            files.append((source.path, status.st_ino, status.st_mtime_ns, status.st_size))
    return files


def locked(policies: Path) -> contextlib.AbstractContextManager:
    """Return a lock on the files under `policies`, so that no other command reads or writes them meanwhile."""
    return lock(policies, f"another command is reading or writing {policies}")


def write(policies: Path, changes: Sequence[Change]) -> None:
    """Write `changes`, all or none, without judging them.

    :raises ConflictError: if a file is no longer what the change began from.
    :raises OSError: if the disk is full or a place cannot be written; every file is then as it was.
    :raises BusyError: if another command reads or writes the files for too long.
    """
    _refuse_other_names(policies, changes)
    with locked(policies):
        for path, before, _ in changes:
            if current(policies, path) != before:
                raise ConflictError([journal.changed_meanwhile(path)])
        if changed := [item for item in changes if item.before != item.after]:
            journal.commit(policies, changed)


def write_judged(
    policies: Path,
    today: str,
    changes: Sequence[Change],
    seen: list | None,
    beside: Sequence[Change] = (),
) -> None:
    """Write `changes` and `beside`; judge `changes` again unless the files are still in the `state` `seen` (None: never).

    :raises ConflictError: if they would now make the knowledge base invalid; raises as `write` does too.
    """
    with locked(policies):
        if seen is not None and state(policies) != seen:  # others changed files since
            problems = judged(policies, today, changes)
            if has_errors(problems):
                raise ConflictError(problems)
        write(policies, [*changes, *beside])


def diff(changes: Iterable[Change]) -> str:
    """Return the changes as a unified diff; '' if they change nothing."""
    return "".join(line for item in changes if item.before != item.after for line in _diff(*item))


def _diff(path: str, *contents: bytes | None) -> Iterator[str]:
    """Yield the lines of the diff of a file, whose contents are those before and after."""
    lines = [(item or b"").decode(errors="replace").splitlines(keepends=True) for item in contents]
    names = ["/dev/null" if item is None else path for item in contents]
    for line in difflib.unified_diff(*lines, *names):
        yield line if line.endswith("\n") else line + "\n\\ No newline at end of file\n"
