"""Drafts: records that are not complete yet, in drafts/ beside policies/, and what they still need.

A draft is the file that the record will be, with a comment on top. `check` and `load` do not read drafts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from policykb.files import reader
from policykb.files.folder import replace_file
from policykb.files.reader import FileRef, parse
from policykb.files.toml_edit import compose, values
from policykb.model.fields import Field, describe
from policykb.model.parts import EMPTY
from policykb.model.problems import ERROR, Fault, InvalidInputError, Problem, placed, shown
from policykb.model.records import LONGEST_ID, RECORDS, TABLES, Effect, is_id
from policykb.model.vocabulary import STAGE_WITHOUT_EVENTS, terms_of
from policykb.model.vocabulary import ids as ids_of

KINDS = {kind: place for kind, place in RECORDS.items() if kind != "redirect"}
_MISSING = ("K202", "T406", "C501")  # problems that say that something is missing


def meaning(field: Field) -> str:
    """Return the meaning of a field, with the terms that it may hold."""
    return field.description + (f" One of {', '.join(ids_of(field.terms))}." if field.terms else "")


def need(field: Field) -> str:
    """Return the meaning of a field, and the keys that a part in it needs."""
    if field.part is Effect:
        return f"Its kind of effect ({', '.join(ids_of(terms_of('effects')))}) and why it has it."
    inner = describe(field.part).values() if field.part else ()
    needs = " and ".join(item.name for item in inner if item.required)
    return meaning(field) + (f" Needs {needs}." if needs else "")


def required(field: Field, content: Mapping[str, Any]) -> bool:
    """Return whether a record with that `content` needs the field: most actions need events, and an effect if any is declared."""
    if field.name == "events":
        return content.get("instrument") not in STAGE_WITHOUT_EVENTS
    if field.part is Effect:
        return allowed(field)
    return field.required


def allowed(field: Field) -> bool:
    """Return whether records of this knowledge base may have the field: an effect only if about.toml declares any."""
    return field.part is not Effect or bool(terms_of("effects"))


def missing(kind: str, content: Mapping[str, Any]) -> dict[str, str]:
    """Return the keys that a record lacks, in order, and what they mean; wrong values are for the checks."""
    lacking = {}
    for name, field in describe(KINDS[kind][0]).items():
        if required(field, content) and content.get(name) in EMPTY:
            lacking[name] = need(field)
    for position, event in enumerate(content.get("events", ())):
        if not event.get("cite") and not event.get("unconfirmed"):
            day = event.get("date", "an unknown day")
            about = f"A source for the event of {day}: '@ ID' at its end, or '@ unconfirmed' (in a file: unconfirmed = true)."
            lacking[f"events[{position}].cite"] = about
    return lacking


def text(
    kind: str,
    record_id: str,
    content: Mapping[str, Any],
    problems: Sequence[Problem] = (),
    remarks: Iterable[str] = (),
) -> str:
    """Return the text of a draft: what is missing, what is wrong and `remarks` as comments, then the file."""
    wrong = [item for item in problems if item.severity == ERROR and item.code not in _MISSING]
    sections = {
        "Missing": [f"{key}: {about}" for key, about in missing(kind, content).items()],
        "Not right yet": [f"{problem.code} {problem.sentence()}" for problem in wrong],
        "To look at": [shown(line, 1000) for remark in remarks for line in remark.splitlines()],
    }
    comments = [
        f"# Draft of a record of kind {kind}. It is not read until it is under policies/:",
        f"#   policykb new {kind} --from-draft {where(kind, record_id)}",
    ]
    for heading, lines in sections.items():
        if lines:
            comments += [f"# {heading}:", *(f"#   {line}" for line in lines)]
    return "\n".join(comments) + "\n\n" + compose(KINDS[kind][0], content)


def where(kind: str, record_id: str) -> str:
    """Return the path of a draft from the folder that holds policies/.

    :raises InvalidInputError: if `record_id` cannot be an id.
    """
    if wrong := wrong_id(record_id):
        raise InvalidInputError(f"'{shown(record_id)}' {wrong}")
    return f"drafts/{KINDS[kind][1].removesuffix('.toml')}/{record_id}.toml"


def wrong_id(record_id: str) -> str:
    """Return why `record_id` cannot be an id; '' if it can."""
    if is_id(record_id):
        return ""
    return (
        f"is not an id; write lower-case letters, digits and single hyphens, at most {LONGEST_ID}"
    )


def write(root: Path, path: str, content: str) -> None:
    """Write a draft under `root`, which holds policies/; an older one of that name is replaced.

    :raises OSError: if the place is a link or cannot be written.
    """
    place = root / path
    if (root / "drafts").is_symlink():
        raise OSError(f"{root / 'drafts'} is a link")
    replace_file(place, content.encode())


def read(path: Path, kind: str) -> tuple[str, dict[str, Any]]:
    """Return the id and the content of the draft at `path`; days as ISO text.

    :raises InvalidInputError: if it cannot be read, is too large, is not TOML or is not named by an id.
    """
    where(kind, path.stem)
    file = FileRef(kind, path.stem, str(path), str(path))
    data = reader.read(file)
    if isinstance(data, Fault):
        raise InvalidInputError(placed(data, str(path), 0).text())
    head = f"[{path.stem}]\n" if kind in TABLES else ""
    data = head.encode() + data
    # A draft may lack keys and have wrong terms, but not values of another type: their meaning would be unknown.
    for problem in parse(file, data)[1]:
        if problem.code.startswith("S") or problem.code in ("K201", "K203", "T401"):
            if head:  # which the file does not have
                key = problem.key.removeprefix(f"{path.stem}.")
                problem = replace(problem, line=max(problem.line - 1, 0), key=key)
            raise InvalidInputError(problem.text())
    content = values(data.decode())
    return path.stem, content[path.stem] if kind in TABLES else content


def ids(root: Path) -> frozenset[str]:
    """Return the ids of the drafts under `root`, which holds policies/."""
    return frozenset(path.stem for path in root.glob("drafts/*/*.toml"))
