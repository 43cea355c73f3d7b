"""Corrections of form: the spelling of a term or a key, the form of a date, the id of a renamed record, an event without
an id; and the layout.

A meaning is never guessed: a word of its own, or a reference to a record that does not exist, is left to a person.
"""

import contextlib
import re
from collections.abc import Collection, Iterator
from pathlib import Path

from policykb.build import load
from policykb.contribute.changes import Change
from policykb.files.reader import knowledge, read, sources
from policykb.files.toml_edit import Edit, apply, canonical, record_type, values, with_event_ids
from policykb.model.problems import Problem

# A parser reports only the first mistake of a file, and a corrected value lets further rules be checked.
MOST_ROUNDS = 12


def fixes(
    policies: Path, today: str, only: Collection[str] = ()
) -> tuple[list[Change], list[Problem]]:
    """Return the changes that correct what can be corrected, and the problems that they solve.

    `only` are the paths of the files to correct; without them all files are.
    """
    before = dict(_texts(policies, only))
    texts = dict(before)
    problems: list[Problem] = []
    for _ in range(MOST_ROUNDS):
        proposed = {path: text.encode() for path, text in texts.items() if text != before[path]}
        current = load.check(policies, today, proposed=proposed).problems
        sure = [problem for problem in current if problem.path in texts and _is_sure(problem)]
        solved = [problem for problem in sure if _apply(policies, texts, problem)]
        solved += _name_events(texts, current)
        if not solved:
            break
        problems += solved
    changes = [
        Change(path, before[path].encode(), text.encode())
        for path, text in canonical(texts).items()
        if text != before[path]
    ]
    return changes, problems


def _texts(policies: Path, only: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield the path and the text of each file that can be read and written, if it is to be corrected."""
    for source in sources(policies)[0]:
        if (not only or source.path in only) and knowledge(policies, source.path) == source:
            data = read(source)
            with contextlib.suppress(UnicodeDecodeError):
                if isinstance(data, bytes):
                    yield source.path, data.decode()


# Codes whose nearest value is only another form of the value.
_FORMS = ("V701", "V702", "T401", "K201", "K203", "C502", "S104", "S105")


def _is_sure(problem: Problem) -> bool:
    """Return whether the nearest value of a problem is good enough to be taken without asking a person."""
    return bool(problem.nearest) and (
        problem.code in _FORMS
        or (problem.code == "U601" and problem.nearest == problem.value.replace(" ", "%20"))
        or (problem.code == "R301" and problem.message.endswith("was renamed"))
    )


def _name_events(texts: dict[str, str], problems: list[Problem]) -> list[Problem]:
    """Give ids to the events that have none; return the problems that this solves."""
    nameless = [problem for problem in problems if problem.code == "T430" and problem.path in texts]
    before = {problem.path: texts[problem.path] for problem in nameless}
    texts |= {path: with_event_ids(text) for path, text in before.items()}
    return [problem for problem in nameless if texts[problem.path] != before[problem.path]]


def _apply(policies: Path, texts: dict[str, str], problem: Problem) -> bool:
    """Put the nearest value, key or line where the problem is; return whether that could be done."""
    if problem.code == "S104" or problem.nearest.startswith("[["):
        texts[problem.path] = _with_line(texts[problem.path], problem)
        return True
    steps = re.findall(r"\[\d+\]|[^.\[\]]+", problem.key)
    at = tuple(int(step[1:-1]) if step.startswith("[") else step for step in steps)
    value = problem.nearest
    if problem.code == "K203" and value.startswith(("[", "{")):  # a list or a table as TOML
        value = values(f"value = {value}")["value"]
    edit = Edit(at, name=value) if problem.code == "K201" else Edit(at, value)
    try:
        record = record_type(knowledge(policies, problem.path).kind)
        texts[problem.path] = apply(texts[problem.path], record, [edit])
    except Exception:  # the text is not of a form that can be edited here; a person can
        return False
    return True


def _with_line(text: str, problem: Problem) -> str:
    """Return `text` with the nearest line instead of the line of the problem."""
    lines = text.split("\n")
    end = "\r" if lines[problem.line - 1].endswith("\r") else ""
    lines[problem.line - 1] = problem.nearest + end
    return "\n".join(lines)
