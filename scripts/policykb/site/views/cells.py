"""The answer of a question for reading: ids become links with titles, dates and terms become words.

What a cell is follows from the name of its column, which the questions share. Nothing here makes HTML.
"""

import re
from collections.abc import Sequence

from policykb.markdown import web
from policykb.model.addresses import host
from policykb.model.vocabulary import (
    ACTION_RELATIONS,
    ARGUMENT_RELATIONS,
    CLAIM_KINDS,
    EVENT_TYPES,
    VOCABULARIES,
)
from policykb.text import AHEAD, date

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
# Kind of a part of a record -> the kind of the record; other parts are those of actions.
OWNERS = {"evidence": "claim", "argument": "argument", "claim": "claim"}
DATES = {"day", "due", "since", "issued", "date", "as_of", "moved_later_on", "until"}
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
    "speaker_kind": "organization_kinds",
}
# Column -> label of each term in it.
LABELS = {
    column: {term.id: term.label for term in VOCABULARIES[name]} for column, name in TERMS.items()
}
LABELS["type"] = {
    term.id: term.label
    for terms in (CLAIM_KINDS, ARGUMENT_RELATIONS, ACTION_RELATIONS, EVENT_TYPES)
    for term in terms
}
YES_NO = {
    "unconfirmed",
    "whole_record",
    "written_before_action",
    "about_another_action",
    "inherited",
    "certain",
}
PROSE = {"note", "from_what", "what", "fact", "about"}
DATED = ("because", "fact", "what")  # texts that begin with a date
HEADINGS = {"id": "Record", "as_of": "Known as of"}
_DATE = re.compile(r"(\d{4}(?:-\d\d(?:-\d\d)?)?[~?]?) (?=\D)")


def table(
    columns: Sequence[str],
    rows: Sequence[tuple],
    jurisdictions: dict[str, str],
    records: dict[str, dict],
) -> dict:
    """Return `head`, the columns to show as (name, label), and `rows`, a list of cells for each row.

    A cell has `text` and may have `kind` and `id` (a record to link), `official` (its number), `tag`, `prose` (Markdown),
    `url`, `date`, `number`. `records` has `title` and `number` of the `linked` ids.
    """
    title_columns = _title_columns(columns)
    hidden = set(title_columns.values())
    if {"id", "record"} & set(columns):
        hidden.add("kind")
    if {"due", "date"} <= set(columns):
        hidden.add("due")
    shown = [name for name in columns if name not in hidden]
    due = {"date": "Due"} if "due" in hidden else {}
    cells = []
    for row in rows:
        values = dict(zip(columns, row, strict=True))
        links = _links(values, title_columns, jurisdictions, records)
        for cell in links.values():
            cell["official"] = records.get(cell["id"], {}).get("number")
        cells.append([links.get(name) or _cell(name, values) for name in shown])
    return {"head": [(name, due.get(name) or heading(name)) for name in shown], "rows": cells}


def linked(columns: Sequence[str], rows: Sequence[tuple]) -> list[str]:
    """Return the ids of records to which the rows lead, sorted."""
    names = (*LINKS, "id", "record")
    places = [place for place, name in enumerate(columns) if name in names]
    return sorted({str(row[place]) for row in rows for place in places if row[place]})


def heading(name: str) -> str:
    """Return a column's name for reading."""
    words = name.replace("_", " ")
    return HEADINGS.get(name) or words[:1].upper() + words[1:]


def _title_columns(columns: Sequence[str]) -> dict[str, str]:
    """Return the column of titles for each column of ids; each column of titles serves one."""
    pairs: dict[str, str] = {}
    for name in columns:
        _, candidates = LINKS.get(name, ("", ("title",) if name == "id" else ()))
        for title in candidates:
            if title in columns and title not in pairs.values():
                pairs[name] = title
                break
    return pairs


def _links(
    row: dict,
    title_columns: dict[str, str],
    jurisdictions: dict[str, str],
    records: dict[str, dict],
) -> dict[str, dict]:
    """Return the cells of a row that lead to records, by column."""
    cells = {}
    for name, (kind, _) in LINKS.items():
        if key := row.get(name):
            known = records.get(str(key), {}).get("title")
            title = row[title_columns[name]] if name in title_columns else known
            cells[name] = {"text": str(title or key), "kind": kind, "id": str(key)}
    place = row.get("jurisdiction")
    if place in jurisdictions:
        cells["jurisdiction"] = {"text": jurisdictions[place], "kind": "jurisdiction", "id": place}
    kind = row.get("kind")
    if kind and (key := row.get("id")):
        cells["id"] = {"text": str(row.get("title") or key), "kind": kind, "id": key, "tag": kind}
    if kind and (key := row.get("record")):
        cells["record"] = {"text": key, "kind": OWNERS.get(kind, "action"), "id": key, "tag": kind}
    return cells


def _cell(name: str, row: dict) -> dict:
    value = row[name]
    if value is None:
        return {"text": ""}
    if name in YES_NO:
        return {"text": "yes" if value else ""}
    if name in DATES:
        return {"text": date(str(value), short=True), "date": True}
    if name == "type" and "due" in row and value in AHEAD:
        return {"text": AHEAD[value].capitalize()}
    if name in LABELS:
        return {"text": LABELS[name].get(value, str(value))}
    if name == "url":
        return {"text": host(value), "url": web(value)}
    if isinstance(value, (int, float)):
        return {"text": str(value), "number": True}
    text = str(value)
    if name in DATED:
        text = _DATE.sub(lambda match: date(match[1], short=True) + ": ", text, count=1)
    return {"text": text, "prose": name in PROSE}
