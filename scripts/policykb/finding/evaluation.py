"""How well the finder does on annotated documents: precision and recall by kind, by paragraph and by document.

The annotations are a file of JSON Lines with `doc`, `paragraph`, `action` (or `UNTRACKED:` and a name), `words`, `kind`
(number, name, alias, desc or anaphor) and `optional`, which is neither missed nor false; beside it are `documents.jsonl`
(`id`, `date`, `mentions`) and a text `<id>.txt` a document, one paragraph a line.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

from policykb.checks.texts import paragraphs
from policykb.finding.judge import LIKELY, Finder, Findings, Kind

_UNTRACKED = "UNTRACKED:"
_KINDS = {"number": "number", "name": "name", "alias": "alias", "desc": "description"}


class Measure(NamedTuple):
    """How many proposals of a kind are right and wrong, and how many annotations of it are found and missed."""

    kind: str
    right: int
    wrong: int
    found: int
    missed: int

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        return self.found / (self.found + self.missed) if self.found + self.missed else 1.0


class Annotation(NamedTuple):
    """A mention that a person found in a document."""

    document: str
    paragraph: str
    action: str
    kind: str
    optional: bool


class Evaluation(NamedTuple):
    """The measures, the wrong proposals and the missed annotations, and how many unrelated documents have no proposal."""

    measures: list[Measure]
    wrong: list[str]
    missed: list[str]
    unrelated: int
    clean: int


def evaluate(finder: Finder, annotations: Path, above: float = LIKELY) -> Evaluation:
    """Return how well `finder` does on the documents that the file `annotations` annotates.

    :raises ValueError, KeyError: if the files do not have the form that the module describes.
    """
    expected = [_annotation(line) for line in _lines(annotations)]
    documents = list(_lines(annotations.parent / "documents.jsonl"))
    findings = {}
    for document in documents:
        text = (annotations.parent / f"{document['id']}.txt").read_text(encoding="utf-8")
        day = date.fromisoformat(document["date"])
        findings[document["id"]] = finder.find(paragraphs(text, "lines"), day, seconds=60)
    found = {
        (name, one.paragraph, one.action): one.kind
        for name, of_document in findings.items()
        for one in of_document.mentions
        if one.score >= above
    }
    unrelated = [one["id"] for one in documents if not one["mentions"]]
    proposed_in = {name for name, _, _ in found}
    wrong = [
        f"{name} paragraph {paragraph}: {action} ({kind.label})"
        for (name, paragraph, action), kind in found.items()
        if (name, paragraph, action) not in _places(expected)
    ]
    required = [one for one in expected if _counts(one)]
    missed = [
        f"{one.document} paragraph {one.paragraph}: {one.action} ({one.kind})"
        for one in required
        if one[:3] not in found
    ]
    measures = [_measure(kind, expected, found) for kind in _KINDS.values()]
    measures.append(_measure("", expected, found))
    measures.append(_documents(expected, found))
    measures.append(_untracked(expected, findings))
    clean = sum(name not in proposed_in for name in unrelated)
    return Evaluation(measures, wrong, missed, len(unrelated), clean)


def _lines(path: Path) -> Iterator[dict]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip():
            yield json.loads(line)


def _annotation(line: dict) -> Annotation:
    kind = _KINDS.get(line["kind"], "")
    optional = line.get("optional", False) or not kind
    return Annotation(line["doc"], str(line["paragraph"]), line["action"], kind, optional)


def _counts(annotation: Annotation) -> bool:
    """Return whether the finder must find an annotation as a mention of a tracked action."""
    return not annotation.optional and not annotation.action.startswith(_UNTRACKED)


def _places(expected: Iterable[Annotation], optional: bool | None = None) -> set[tuple]:
    return {one[:3] for one in expected if optional is None or one.optional == optional}


def _measure(kind: str, expected: list[Annotation], found: dict[tuple, Kind]) -> Measure:
    """Return the measure of a kind by paragraph; of all kinds if `kind` is ''."""
    required, any_place = _places(filter(_counts, expected)), _places(expected)
    proposed = {place for place, of_kind in found.items() if kind in ("", of_kind.label)}
    wanted = _places(one for one in expected if _counts(one) and kind in ("", one.kind))
    return Measure(
        kind or "all, by paragraph",
        len(proposed & required),
        len(proposed - any_place),
        len(wanted & found.keys()),
        len(wanted - found.keys()),
    )


def _documents(expected: list[Annotation], found: dict[tuple, Kind]) -> Measure:
    """Return the measure by document: which actions it mentions anywhere."""
    required = {(one.document, one.action) for one in expected if _counts(one)}
    annotated = {(one.document, one.action) for one in expected}
    proposed = {(name, action) for name, _, action in found}
    return Measure(
        "all, by document",
        len(proposed & required),
        len(proposed - annotated),
        len(required & proposed),
        len(required - proposed),
    )


def _untracked(expected: list[Annotation], findings: dict[str, Findings]) -> Measure:
    """Return the measure of named and numbered acts that are not tracked, by document and name."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for one in expected:
        if one.action.startswith(_UNTRACKED):
            wanted[one.document].add(_compared(one.action.removeprefix(_UNTRACKED)))
    right = wrong = found = missed = 0
    for name, of_document in findings.items():
        proposed = {_compared(one.name) for one in of_document.untracked}
        hits = {one for one in proposed if any(_alike(one, other) for other in wanted[name])}
        right, wrong = right + len(hits), wrong + len(proposed - hits)
        known = {one for one in wanted[name] if any(_alike(one, other) for other in proposed)}
        found, missed = found + len(known), missed + len(wanted[name] - known)
    return Measure("untracked acts", right, wrong, found, missed)


def _compared(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())


def _alike(one: str, other: str) -> bool:
    """Return whether two names of an untracked act are the same, apart from a place before one."""
    return one.endswith(other[-12:]) and other.endswith(one[-12:]) or one[-5:] == other[-5:]
