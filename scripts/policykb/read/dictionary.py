"""The data dictionary, from the fields of the record types and the comments of the SQL files; and JSON Schemas for editors."""

import re
from functools import cache
from typing import Any

from policykb.build.load import sql
from policykb.build.rows import schema_tables
from policykb.model import records as model
from policykb.model import vocabulary
from policykb.model.fields import Field, Part, describe, parts

# table -> the record type that its columns come from, where their names agree.
TABLE_MODELS = {
    "actions": model.Action,
    "action_bodies": model.Body,
    "action_relations": model.ActionRelation,
    "events": model.Event,
    "disputes": model.Dispute,
    "duties": model.Duty,
    "citations": model.Cite,
    "arguments": model.Argument,
    "argument_relations": model.ArgumentRelation,
    "stances": model.Stance,
    "appearances": model.Appearance,
    "claims": model.Claim,
    "evidence": model.Evidence,
    "documents": model.Document,
    "document_authors": model.Author,
    "mentions": model.Mention,
    "organizations": model.Organization,
    "jurisdictions": model.Jurisdiction,
    "topics": model.Topic,
    "redirects": model.Redirect,
}
LOOKUP_COLUMNS = {
    "id": "The term as written in records.",
    "position": "Place in the order of terms.",
    "label": "The term for readers.",
    "definition": "What it means.",
    "stage": "The stage that an event of this kind moves an action to.",
    "legal_force": "The legal force that an event of this kind moves an action to.",
    "foreseeable": "Whether its day is fixed in advance: yes, maybe or no.",
    "side": "The side of such a stance: for, against, or empty for neither.",
    "answers": "1 if such a relation answers the other argument, 0 if it supports it.",
    "ceased": "1 if an action with this legal force no longer binds.",
    "stage_without_events": "The stage of such an action that has no event; empty if it must have an event.",
    "idea": "1 if no body has taken up such an action.",
    "weak": "1 if what rests on it alone is in doubt.",
    "law": "1 if such a document is a text of law or a draft of one.",
    "followed": "1 if feeds carry such changes.",
    "news": "1 if such a change says that something happened.",
    "pattern": "The form of its values, a regular expression.",
    "display": "How a value is shown.",
    "url": "The official address made from a value.",
    "example": "A value of this form.",
}


@cache
def tables() -> dict[str, tuple[str, dict[str, str]]]:
    """Return the description of each table and view of kb.db, and of each of its columns."""
    descriptions: dict[str, tuple[str, dict[str, str]]] = {}
    for name, terms in vocabulary.VOCABULARIES.items():
        columns = {
            column: LOOKUP_COLUMNS[column]
            for column in ("id", "position", "label", "definition", *terms[0].columns)
        }
        descriptions[name] = (f"Vocabulary: {name.replace('_', ' ')}.", columns)
    for comment, name, body in schema_tables():
        part = TABLE_MODELS.get(name)
        meanings = {key: field.description for key, field in describe(part).items()} if part else {}
        columns = {
            column: remark or meanings.get(column, "")
            for column, remark in re.findall(
                r"^  (\w+) (?:text|integer)\b[^\n]*?(?:-- (.*))?$", body, re.MULTILINE
            )
        }
        descriptions[name] = (_paragraph(comment) or (part and part.__doc__) or "", columns)
    for comment, name in re.findall(
        r"((?:^--.*\n)+)^create view (\w+)", sql("views.sql"), re.MULTILINE
    ):
        descriptions[name] = (_paragraph(comment), {})
    return descriptions


def _paragraph(comment: str) -> str:
    return " ".join(line[2:].strip() for line in comment.splitlines())


def schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schema (2020-12) of each kind of file under policies/, by file name."""
    files = {f"{kind}.schema.json": _schema(record) for kind, (record, _) in model.FOLDERS.items()}
    files["about.schema.json"] = _schema(model.About)
    for kind, (record, place) in model.TABLES.items():
        inner = _schema(record)
        files[f"{place.removesuffix('.toml')}.schema.json"] = {
            "$schema": inner.pop("$schema"),
            "title": place,
            "type": "object",
            "description": f"Each table is a {kind}, named by its id.",
            "$defs": inner.pop("$defs", {}),
            "propertyNames": {"pattern": model.ID_FORM, "maxLength": model.LONGEST_ID},
            "additionalProperties": inner,
        }
    return files


def _schema(record: type[Part]) -> dict[str, Any]:
    schema = record.model_json_schema()
    for part in set(parts(record)):
        shape = schema if part is record else schema["$defs"][part.__name__]
        for name, field in describe(part).items():
            _describe(shape["properties"][name], field)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _describe(shape: dict[str, Any], field: Field) -> None:
    """Add the descriptions of a field and its terms to its schema, and the pattern of dates.

    Editors see TOML dates as strings, so the pattern allows them too.
    """
    shape.pop("title", None)
    shape["description"] = field.description
    if field.terms and field.kind == "term":
        choice = shape["items"] if field.many else shape
        meanings = "\n".join(f"- `{term.id}`: {term.definition}" for term in field.terms)
        choice["description"] = f"{choice.get('description', '')}\n\n{meanings}"
    if field.kind == "table":
        # The terms are for the completion of editors; about.toml can declare more.
        shape["propertyNames"] = {
            "anyOf": [{"enum": vocabulary.ids(field.terms)}, {"type": "string"}]
        }
    for choice in (shape, *shape.get("anyOf", ())) if field.dated else ():
        if choice.get("type") == "string":
            choice["pattern"] = r"^\d{4}(-\d{2}(-\d{2})?)?[~?]?$"
