"""Drafts: records that are not complete yet, kept in drafts/ beside policies/, and what they still need.

A draft is the file that the record will be, with a comment on top. `check` and `load` do not read drafts.
"""

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from policykb.files.folder import sync, write_new
from policykb.files.reader import MOST_RECORD_BYTES, FileRef, parse
from policykb.files.toml_edit import compose, values
from policykb.model.fields import Part, describe
from policykb.model.problems import Problem, shown
from policykb.model.records import FOLDERS, ID_FORM, TABLES
from policykb.model.vocabulary import STAGE_WITHOUT_EVENTS

KINDS = {
    **FOLDERS,
    **{kind: place for kind, place in TABLES.items() if kind in ("organization", "topic")},
}
_MISSING = ("K202", "T406", "C501")  # problems that say that something is missing


class Missing(NamedTuple):
    """A key that a record still needs, and what it means, with the values it may have."""

    key: str
    meaning: str


class Unusable(Exception):
    """The file is not a draft that can be used; the message says why."""


def missing(kind: str, content: Mapping[str, Any]) -> list[Missing]:
    """What `content` needs to be a record of `kind`, in the order of the record type; what is there but wrong is for the checks."""
    model = KINDS[kind][0]
    listed = [
        Missing(name, meaning(model, name))
        for name, field in describe(model).items()
        if field.required and content.get(name) in (None, "", [], {})
    ]
    if (
        kind == "action"
        and not content.get("events")
        and content.get("instrument") not in STAGE_WITHOUT_EVENTS
    ):
        listed.append(Missing("events", meaning(model, "events")))
    for position, event in enumerate(content.get("events", ()) if kind == "action" else ()):
        if not event.get("cite") and not event.get("unconfirmed"):
            listed.append(
                Missing(
                    f"events[{position}].cite",
                    f"A source for the event of {event.get('date', 'an unknown day')}, or unconfirmed = true.",
                )
            )
    return listed


def meaning(model: type[Part], key: str) -> str:
    """Return what `key` of `model` means, in a line, with the values that it may have."""
    field = describe(model)[key]
    if field.terms:
        return f"{field.description} One of {', '.join(field.choices)}."
    if field.part:
        needed = [name for name, inner in describe(field.part).items() if inner.required]
        return f"{field.description} Needs {' and '.join(needed)}."
    return field.description


def text(
    kind: str,
    id: str,
    content: Mapping[str, Any],
    problems: Sequence[Problem],
    remarks: Iterable[str] = (),
) -> str:
    """The text of a draft: what is missing, what is wrong and `remarks` as comments, then the file as far as it is known."""
    comments = [
        f"# Draft of a record of kind {kind}. It is not read until it stands under policies/:",
        f"#   policykb new {kind} --from-draft {where(kind, id)}",
    ]
    lacking = missing(kind, content)
    if lacking:
        comments += ["# Missing:", *(f"#   {one.key}: {one.meaning}" for one in lacking)]
    wrong = [
        problem
        for problem in problems
        if problem.code not in _MISSING and problem.severity == "error"
    ]
    if wrong:
        comments += [
            "# Not right yet:",
            *(f"#   {problem.code} {problem.sentence()}" for problem in wrong),
        ]
    if remarks := [
        f"#   {shown(part, 1000)}" for remark in remarks for part in remark.splitlines()
    ]:
        comments += ["# To look at:", *remarks]
    return "\n".join(comments) + "\n\n" + compose(KINDS[kind][0], content)


def where(kind: str, id: str) -> str:
    """The path of a draft from the folder that holds policies/.

    :raises Unusable: if `id` cannot be an id.
    """
    if not re.fullmatch(ID_FORM, id) or len(id) > 80:
        raise Unusable(
            f"'{shown(id)}' is not an id; expected lower-case letters, digits and single hyphens, at most 80"
        )
    place = FOLDERS[kind][1] if kind in FOLDERS else TABLES[kind][1].removesuffix(".toml")
    return f"drafts/{place}/{id}.toml"


def write(root: Path, path: str, content: str) -> None:
    """Write a draft under `root`, which holds policies/; an older one of that name is replaced.

    :raises OSError: if the place is a link or cannot be written.
    """
    place = root / path
    for folder in (root / "drafts", place.parent):
        if folder.is_symlink():
            raise OSError(f"{folder} is a link")
        folder.mkdir(exist_ok=True)
    if place.is_symlink():
        raise OSError(f"{place} is a link")
    beside = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        write_new(beside, content.encode())
        os.replace(beside, place)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
    sync(place.parent)


def read(path: Path, kind: str) -> tuple[str, dict[str, Any]]:
    """The id and the content of the draft at `path`; days as ISO text.

    :raises Unusable: if it cannot be read, is too large, is not TOML or is not named by an id.
    """
    where(kind, path.stem)
    try:
        with path.open("rb") as file:
            data = file.read(MOST_RECORD_BYTES + 1)
    except OSError as error:
        raise Unusable(f"{path}: {error.strerror}") from None
    if len(data) > MOST_RECORD_BYTES:
        raise Unusable(f"{path} has more than {MOST_RECORD_BYTES:,} bytes")
    source = FileRef(kind, path.stem, str(path), str(path))
    # A draft may lack keys and have wrong terms, but not values of another type: those would not be what they are taken for.
    if kind in TABLES:
        data = b"[" + path.stem.encode() + b"]\n" + data
    problems = [
        problem
        for problem in parse(source, data)[1]
        if problem.code.startswith("S") or problem.code in ("K201", "K203", "T401")
    ]
    if problems:
        raise Unusable(problems[0].text())
    content = values(data.decode())
    return path.stem, content[path.stem] if kind in TABLES else content


def ids(root: Path) -> frozenset[str]:
    """The ids of the drafts under `root`, which holds policies/."""
    return frozenset(path.stem for path in root.glob("drafts/*/*.toml"))
