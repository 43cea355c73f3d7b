"""How well the finder does on annotated documents: precision and recall by kind, by paragraph and by document.

The annotations are a file of JSON Lines with `doc`, `paragraph`, `action` (or `UNTRACKED:` and a name), `words`, `kind`
(number, name, alias, desc or anaphor) and `optional`, which is neither missed nor false; beside it are `documents.jsonl`
(`id`, `date`, `mentions`) and a text `<id>.txt` a document, one paragraph a line.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

from policykb.checks.texts import paragraphs
from policykb.finding import LIKELY
from policykb.finding.judge import Finder, Kind, SearchResult

_UNTRACKED = "UNTRACKED:"
_KINDS = {"number": "number", "name": "name", "alias": "alias", "desc": "description"}


class Measure(NamedTuple):
    """How many proposals of a kind are right and wrong, and how many annotations of it are found and missed."""

    kind: str
    right: int
    wrong: int
    hit: int
    missed: int

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        return self.hit / (self.hit + self.missed) if self.hit + self.missed else 1.0


class Annotation(NamedTuple):
    """A mention that a person found in a document."""

    document: str
    paragraph: str
    action: str
    kind: str
    optional: bool
    words: str


class Evaluation(NamedTuple):
    """The measures, the wrong proposals and the missed annotations, how many unrelated documents have no proposal, and how far scores are from the truth."""

    measures: list[Measure]
    wrong: list[str]
    missed: list[str]
    unrelated: int
    clean: int
    calibration_error: float


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
    hit = {
        (name, item.paragraph, item.action): item.kind
        for name, of_document in findings.items()
        for item in of_document.mentions
        if item.score >= above
    }
    unrelated = [item["id"] for item in documents if not item["mentions"]]
    proposed_in = {name for name, _, _ in hit}
    wrong = [
        f"{name} paragraph {paragraph}: {action} ({kind.label})"
        for (name, paragraph, action), kind in hit.items()
        if (name, paragraph, action) not in _places(expected)
    ]
    required = [item for item in expected if _counts(item)]
    error = _calibration_error(expected, findings)
    missed = [
        f"{item.document} paragraph {item.paragraph}: {item.action} ({item.kind})"
        for item in required
        if item[:3] not in hit
    ]
    measures = [_measure(kind, expected, hit) for kind in _KINDS.values()]
    measures.append(_measure("", expected, hit))
    measures.append(_documents(expected, hit))
    measures.append(_untracked(expected, findings))
    clean = sum(name not in proposed_in for name in unrelated)
    return Evaluation(measures, wrong, missed, len(unrelated), clean, error)


def _calibration_error(expected: list[Annotation], findings: dict[str, SearchResult]) -> float:
    """Return how far scores are from the share that is right, on average over tenths of the scale."""
    places, optional = _places(expected), _places(expected, optional=True)
    tenths: dict[int, list[float]] = defaultdict(list)
    for name, of_document in findings.items():
        for item in of_document.mentions:
            place = name, item.paragraph, item.action
            if place not in optional:
                tenths[int(item.score * 10)].append(item.score - (place in places))
    count = sum(map(len, tenths.values()))
    return sum(abs(sum(differences)) for differences in tenths.values()) / max(1, count)


def _lines(path: Path) -> Iterator[dict]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip():
            yield json.loads(line)


def _annotation(line: dict) -> Annotation:
    kind = _KINDS.get(line["kind"], "")
    optional = line.get("optional", False) or not kind
    words = line.get("words", "")
    return Annotation(line["doc"], str(line["paragraph"]), line["action"], kind, optional, words)


def _counts(annotation: Annotation) -> bool:
    """Return whether the finder must find an annotation as a mention of a tracked action."""
    return not annotation.optional and not annotation.action.startswith(_UNTRACKED)


def _places(expected: Iterable[Annotation], optional: bool | None = None) -> set[tuple]:
    return {item[:3] for item in expected if optional is None or item.optional == optional}


def _measure(kind: str, expected: list[Annotation], hit: dict[tuple, Kind]) -> Measure:
    """Return the measure of a kind by paragraph; of all kinds if `kind` is ''."""
    required, any_place = _places(filter(_counts, expected)), _places(expected)
    proposed = {place for place, of_kind in hit.items() if kind in ("", of_kind.label)}
    wanted = _places(item for item in expected if _counts(item) and kind in ("", item.kind))
    return Measure(
        kind or "all, by paragraph",
        len(proposed & required),
        len(proposed - any_place),
        len(wanted & hit.keys()),
        len(wanted - hit.keys()),
    )


def _documents(expected: list[Annotation], hit: dict[tuple, Kind]) -> Measure:
    """Return the measure by document: which actions it mentions anywhere."""
    required = {(item.document, item.action) for item in expected if _counts(item)}
    annotated = {(item.document, item.action) for item in expected}
    proposed = {(name, action) for name, _, action in hit}
    return Measure(
        "all, by document",
        len(proposed & required),
        len(proposed - annotated),
        len(required & proposed),
        len(required - proposed),
    )


def _untracked(expected: list[Annotation], findings: dict[str, SearchResult]) -> Measure:
    """Return the measure of named and numbered acts that are not tracked, by document.

    An act is known by its name in an annotation, or by the words of the text: "FMLA", "Family and Medical Leave Act".
    """
    forms: dict[bool, dict[str, dict[str, set[str]]]] = {True: {}, False: {}}
    for item in expected:
        if item.action.startswith(_UNTRACKED):
            acts = forms[item.optional].setdefault(item.document, {})
            name = _compared(item.action.removeprefix(_UNTRACKED))
            words = {_compared(item.words)} if item.kind else set()
            acts[name] = acts.get(name, {name}) | words
    right = wrong = hit = missed = 0
    for name, of_document in findings.items():
        proposed: dict[str, set[str]] = defaultdict(set)
        for item in of_document.untracked:
            proposed[item.title] |= {_compared(item.title), _compared(item.name)}
        wanted, optional = forms[False].get(name, {}), forms[True].get(name, {})
        for names in proposed.values():
            if _alike_in(names, set().union(*wanted.values())):
                right += 1
            elif not _alike_in(names, set().union(*optional.values())):
                wrong += 1
        words = set().union(*proposed.values())
        known = [act for act, names in wanted.items() if _alike_in(names, words)]
        hit, missed = hit + len(known), missed + len(wanted) - len(known)
    return Measure("untracked acts", right, wrong, hit, missed)


def _compared(name: str) -> str:
    """Return a name for comparison, without its year, and its Congress or initials in brackets."""
    name = re.sub(r" \(\d+th Congress\)$| \([A-Z]+\)|(?: of)? (?:19|20)\d\d$", "", name)
    return "".join(char for char in name.casefold() if char.isalnum())


def _alike_in(names: set[str], others: set[str]) -> set[str]:
    return {item for item in names if any(_alike(item, other) for other in others)}


def _alike(item: str, other: str) -> bool:
    """Return whether two names or numbers of an untracked act are the same, apart from a place before one."""
    end = min(len(item), len(other), 12)
    if item[-1:].isdigit():
        end = 5
    return item[-end:] == other[-end:]
