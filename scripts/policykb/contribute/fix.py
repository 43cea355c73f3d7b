"""Corrections of form: the spelling of a term or a key, the form of a date, the id of a renamed record, an event without
an id; and the layout.

A meaning is never guessed: a word of its own, or a reference to a record that does not exist, is left to a person.
"""

import re
from collections.abc import Collection
from pathlib import Path

from policykb.build import load
from policykb.contribute.changes import Change
from policykb.files.reader import knowledge, read, sources
from policykb.files.toml_edit import Edit, apply, canonical, record_type, with_event_ids
from policykb.model.problems import Problem

# A mended value can let rules see what they could not before; more rounds than this would find nothing new.
MOST_ROUNDS = 4


def fixed(
    policies: Path, today: str, only: Collection[str] | None = None
) -> tuple[list[Change], list[Problem], int]:
    """The changes that mend what can be mended, the problems that they mend, and how many errors are left.

    `only` are paths of the files to look at; None: all of them. Nothing is written.
    """
    texts = {
        source.path: data.decode()
        for source in sources(policies)[0]
        if (only is None or source.path in only)
        and knowledge(policies, source.path) == source  # others cannot be written
        and isinstance(data := read(source), bytes)
        and _utf8(data)
    }
    before = dict(texts)
    mended: list[Problem] = []
    left = 0
    for _ in range(MOST_ROUNDS):
        changed = {path: text.encode() for path, text in texts.items() if text != before[path]}
        result = load.check(policies, today, proposed=changed)
        done = [
            problem
            for problem in result.problems
            if _sure(problem) and problem.path in texts and _apply(policies, texts, problem)
        ]
        left = result.errors - len(done)
        done += _identified(texts, result.problems)
        if not done:
            break
        mended += done
    texts = canonical(texts)
    return (
        [
            Change(path, before[path].encode(), text.encode())
            for path, text in texts.items()
            if text != before[path]
        ],
        mended,
        left,
    )


def _identified(texts: dict[str, str], problems: list[Problem]) -> list[Problem]:
    """Give ids to the events that have none; return the problems that this fixes."""
    nameless = [problem for problem in problems if problem.code == "T430" and problem.path in texts]
    before = {problem.path: texts[problem.path] for problem in nameless}
    texts |= {path: with_event_ids(text) for path, text in before.items()}
    return [problem for problem in nameless if texts[problem.path] != before[problem.path]]


def _utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _sure(problem: Problem) -> bool:
    """Whether the nearest value of a problem is good enough to be taken without asking what was meant."""
    return bool(problem.nearest) and (
        problem.code in ("V701", "T401", "K201")
        or (problem.code == "R301" and problem.message.endswith("was renamed"))
    )


def _apply(policies: Path, texts: dict[str, str], problem: Problem) -> bool:
    """Put the nearest value, or the nearest key, where the problem is; return whether that could be done."""
    at = tuple(
        int(part[1:-1]) if part.startswith("[") else part
        for part in re.findall(r"\[\d+\]|[^.\[\]]+", problem.key)
    )
    if problem.code == "K201":
        edit = Edit(at, name=problem.nearest)
    else:
        edit = Edit(at, problem.nearest)
    record = record_type(knowledge(policies, problem.path).kind)
    try:
        texts[problem.path] = apply(texts[problem.path], record, [edit])
    except Exception:  # the text is not of a form that can be edited here; a person can
        return False
    return True
