"""The data dictionary: what each table, column and key means, from the docstrings of the record types and the
comments of the SQL files; and the JSON Schema of each record type, for editors.
"""

import ast
import re
from functools import cache
from pathlib import Path
from typing import Any

from policykb.build.load import sql
from policykb.model import records as model
from policykb.model import vocabulary

# table -> the record type that its columns come from, where their names agree.
TABLE_MODELS = {
    "actions": "Action",
    "action_bodies": "Body",
    "action_relations": "ActionRelation",
    "events": "Event",
    "disputes": "Dispute",
    "citations": "Cite",
    "arguments": "Argument",
    "argument_relations": "ArgumentRelation",
    "stances": "Stance",
    "appearances": "Appearance",
    "claims": "Claim",
    "evidence": "Evidence",
    "documents": "Document",
    "document_authors": "Author",
    "mentions": "Mention",
    "organizations": "Organization",
    "jurisdictions": "Jurisdiction",
    "topics": "Topic",
    "redirects": "Redirect",
}
LOOKUP_COLUMNS = {
    "id": "The term as written in records.",
    "position": "Place in the order of terms.",
    "label": "The term for readers.",
    "definition": "What it means.",
    "stage": "The stage that an event of this kind moves an action to.",
    "legal_force": "The legal force that an event of this kind moves an action to.",
    "foreseeable": "Whether its day is fixed in advance: yes, maybe or no.",
    "pattern": "The form of its values, a regular expression.",
    "display": "How a value is shown.",
    "url": "The official address made from a value.",
    "example": "A value of this form.",
}


@cache
def docstrings() -> dict[str, tuple[str, dict[str, str]]]:
    """Record type -> its docstring and that of each of its fields, read from the source of the record types."""
    found: dict[str, tuple[str, dict[str, str]]] = {}
    for node in ast.parse(Path(model.__file__).read_text(encoding="utf-8")).body:
        if not isinstance(node, ast.ClassDef):
            continue
        fields: dict[str, str] = (
            dict(found[node.bases[0].id][1])
            if node.bases and getattr(node.bases[0], "id", "") in found
            else {}
        )
        for field, doc in zip(node.body, node.body[1:], strict=False):
            if (
                isinstance(field, ast.AnnAssign)
                and isinstance(doc, ast.Expr)
                and isinstance(doc.value, ast.Constant)
            ):
                fields[field.target.id] = doc.value.value
        found[node.name] = (ast.get_docstring(node) or "", fields)
    return found


@cache
def tables() -> dict[str, tuple[str, dict[str, str]]]:
    """Table or view of kb.db -> its description and that of each of its columns."""
    found: dict[str, tuple[str, dict[str, str]]] = {}
    for name, terms in vocabulary.VOCABULARIES.items():
        columns = {
            column: LOOKUP_COLUMNS[column]
            for column in ("id", "position", "label", "definition", *terms[0].columns)
        }
        found[name] = (f"Vocabulary: {name.replace('_', ' ')}.", columns)
    types = docstrings()
    for comment, name, body in re.findall(
        r"((?:^--[^\n]*\n)*)^create table (\w+) \(\n(.*?)^\) strict;",
        sql("schema.sql"),
        re.MULTILINE | re.DOTALL,
    ):
        about, fields = types.get(TABLE_MODELS.get(name, ""), ("", {}))
        columns = {}
        for column, said in re.findall(
            r"^  (\w+) (?:text|integer)\b[^\n]*?(?:-- (.*))?$", body, re.MULTILINE
        ):
            columns[column] = said or fields.get(column, "")
        found[name] = (_paragraph(comment) or about, columns)
    for comment, name in re.findall(
        r"((?:^--.*\n)+)^create view (\w+)", sql("views.sql"), re.MULTILINE
    ):
        found[name] = (_paragraph(comment), {})
    return found


def _paragraph(comment: str) -> str:
    return " ".join(line[2:].strip() for line in comment.splitlines())


def schemas() -> dict[str, dict[str, Any]]:
    """File name -> JSON Schema (2020-12) of each kind of file under policies/."""
    found = {f"{kind}.schema.json": _schema(record) for kind, (record, _) in model.FOLDERS.items()}
    found["about.schema.json"] = _schema(model.About)
    for kind, (record, place) in model.TABLES.items():
        inner = _schema(record)
        found[f"{place.removesuffix('.toml')}.schema.json"] = {
            "$schema": inner.pop("$schema"),
            "title": place,
            "type": "object",
            "description": f"Each table is a {kind}, named by its id.",
            "$defs": inner.pop("$defs", {}),
            "propertyNames": {"pattern": model.ID_FORM, "maxLength": 80},
            "additionalProperties": inner,
        }
    return found


def _schema(record: type) -> dict[str, Any]:
    schema = record.model_json_schema()
    types = docstrings()
    vocabularies = {vocabulary.ids(terms): terms for terms in vocabulary.VOCABULARIES.values()}
    for name, part in [(record.__name__, schema), *schema.get("$defs", {}).items()]:
        part["description"] = types[name][0]
        for field, value in part.get("properties", {}).items():
            value.setdefault("description", types[name][1].get(field, ""))
            value.pop("title", None)
            for choice in (value, value.get("items", {})):
                terms = vocabularies.get(tuple(choice.get("enum", ())), ())
                if terms:
                    choice["description"] = (
                        choice.get("description", "")
                        + "\n\n"
                        + "\n".join(f"- `{term.id}`: {term.definition}" for term in terms)
                    )
    _accept_toml_dates(schema)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _accept_toml_dates(part: Any) -> None:
    """Say that plain strings of dates may also be TOML dates; editors see those as strings of a format."""
    if isinstance(part, dict):
        for key, value in part.get("properties", {}).items():
            if key in ("date", "as_of", "on", "moved_on", "issued", "accessed"):
                for choice in (value, *value.get("anyOf", ())):
                    if choice.get("type") == "string" and "pattern" not in choice:
                        choice["pattern"] = r"^\d{4}(-\d{2}(-\d{2})?)?[~?]?$"
        for value in part.values():
            _accept_toml_dates(value)
