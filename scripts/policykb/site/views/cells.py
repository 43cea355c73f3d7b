"""The answer of a question for reading: ids become links with titles, dates and terms become words.

Told from the names of the columns, which the questions share. Nothing here makes HTML.
"""

import re
from collections.abc import Sequence

from policykb.model.vocabulary import (
    ACTION_RELATIONS,
    ARGUMENT_RELATIONS,
    CLAIM_KINDS,
    EVENT_TYPES,
    VOCABULARIES,
)
from policykb.site import words

# Column -> the kind of record its id names, and the columns that may hold the title of that record.
LINKS = {
    "action": ("action", ("action_title", "title")),
    "other": ("action", ("other_title",)),
    "argument": ("argument", ("argument_title", "title")),
    "answer": ("argument", ("answer_title",)),
    "claim": ("claim", ("text",)),
    "document": ("document", ("document_title",)),
    "part_of": ("action", ()),
}
DATES = frozenset({"day", "due", "since", "issued", "date", "as_of", "moved_later_on", "until"})
TERMS = {
    "stage": "stages",
    "stage_before": "stages",
    "legal_force": "legal_forces",
    "force_then": "legal_forces",
    "force_now": "legal_forces",
    "force_before": "legal_forces",
    "stance": "stance_types",
    "finding": "findings",
    "portrayed_as": "portrayals",
    "instrument": "instruments",
    "best_grade": "grades",
    "answer_type": "argument_relation_types",
    "drawn_by": "drawn_by_terms",
}
TYPES = {
    term.id: term.label
    for terms in (CLAIM_KINDS, ARGUMENT_RELATIONS, ACTION_RELATIONS, EVENT_TYPES)
    for term in terms
}
YES_NO = frozenset({"unconfirmed", "whole_record", "written_before_action", "inherited"})
PROSE = frozenset({"note", "from_what", "what", "fact", "about"})
_DATED = re.compile(r"(\d{4}(?:-\d\d(?:-\d\d)?)?[~?]?) (?=\D)")


def table(
    columns: Sequence[str],
    rows: Sequence[tuple],
    jurisdictions: dict[str, str],
    found: dict[str, str] | None = None,
) -> dict:
    """`head`: the columns to show as (name, label); `rows`: a list of cells a row; `found` gives titles of `untitled` ids.

    A cell has `text` and may have `kind` and `id` (a record to link), `prose` (Markdown), `url`, `date`, `number`.
    """
    titles = _titles(columns)
    hidden = {
        *titles.values(),
        *(["kind"] if {"id", "record"} & set(columns) else []),
        *(["due"] if {"due", "date"} <= set(columns) else []),
    }
    shown = [name for name in columns if name not in hidden]
    labels = [
        (name, "Due" if name == "date" and "due" in hidden else words_of(name)) for name in shown
    ]
    return {
        "head": labels,
        "rows": [
            [
                _cell(
                    name, dict(zip(columns, row, strict=True)), titles, jurisdictions, found or {}
                )
                for name in shown
            ]
            for row in rows
        ],
    }


def untitled(columns: Sequence[str], rows: Sequence[tuple]) -> list[str]:
    """The ids of records that the rows name without their titles, sorted."""
    titles = _titles(columns)
    bare = [place for place, name in enumerate(columns) if name in LINKS and name not in titles]
    return sorted({str(row[place]) for row in rows for place in bare if row[place]})


def words_of(name: str) -> str:
    """A column's name for reading."""
    said = {"id": "record", "as_of": "known as of", "legal_force": "legal force"}.get(
        name, name.replace("_", " ")
    )
    return said[:1].upper() + said[1:]


def _titles(columns: Sequence[str]) -> dict[str, str]:
    """Id column -> the column that holds the title of the same record; each title serves one."""
    taken: dict[str, str] = {}
    for name in columns:
        for title in LINKS.get(name, ("", ("title",) if name == "id" else ()))[1]:
            if title in columns and title not in taken.values():
                taken[name] = title
                break
    return taken


def _cell(  # noqa: C901
    name: str,
    row: dict,
    titles: dict[str, str],
    jurisdictions: dict[str, str],
    found: dict[str, str],
) -> dict:
    value = row[name]
    if value is None:
        return {"text": ""}
    if name in LINKS:
        return {
            "text": str(row.get(titles[name]) or value)
            if name in titles
            else found.get(str(value), str(value)),
            "kind": LINKS[name][0],
            "id": str(value),
        }
    if name == "id" and "kind" in row:
        return {
            "text": str(row.get("title") or value),
            "kind": row["kind"],
            "id": str(value),
            "tag": row["kind"],
        }
    if name == "record" and "kind" in row:
        kind = {"evidence": "claim", "argument": "argument", "claim": "claim"}.get(
            row["kind"], "action"
        )
        return {"text": str(value), "kind": kind, "id": str(value), "tag": row["kind"]}
    if name == "jurisdiction" and value in jurisdictions:
        return {"text": jurisdictions[value], "kind": "jurisdiction", "id": value}
    if name in YES_NO:
        return {"text": "yes" if value else ""}
    if name in DATES:
        return {"text": words.date(str(value), short=True), "date": True}
    if name == "type" and "due" in row and value in words.AHEAD:
        return {"text": words.AHEAD[value].capitalize()}
    if name in TERMS or name == "type":
        return {"text": _label(name, str(value))}
    if name == "url":
        return {"text": words.host(value), "url": words.web(value)}
    if isinstance(value, (int, float)):
        return {"text": str(value), "number": True}
    text = str(value)
    if name in ("because", "fact", "what"):
        text = _DATED.sub(lambda match: words.date(match[1], short=True) + ": ", text, count=1)
    return {"text": text, "prose": name in PROSE}


def _label(name: str, value: str) -> str:
    if name == "type":
        return TYPES.get(value, value)
    return next((term.label for term in VOCABULARIES[TERMS[name]] if term.id == value), value)
