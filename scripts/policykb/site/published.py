"""What Datasette says about the tables of a knowledge base: descriptions, labels, fixed facets, sort order."""

import contextlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from datasette import hookimpl
from datasette.utils.asgi import BadRequest

from policykb.build import is_knowledge_base
from policykb.model.vocabulary import IdentifierScheme
from policykb.read import database as reading
from policykb.read import dictionary
from policykb.read.links import KINDS
from policykb.site.state import state_of

if TYPE_CHECKING:
    from datasette.app import Datasette

# table -> the column that names a row wherever it is linked.
LABELS = {
    "actions": "title",
    "arguments": "title",
    "claims": "text",
    "documents": "title",
    "organizations": "name",
    "jurisdictions": "name",
    "topics": "name",
    "events": "label",
    "disputes": "about",
    "duties": "what",
    "appearances": "locator",
    "document_authors": "name",
    "records": "title",
    "commits": "subject",
}
# table -> its fixed facets, each with an index or few rows.
FACETS = {
    "actions": ["jurisdiction", "instrument", "effect", "bindingness", "confidence"],
    "events": ["type"],
    "duties": ["type", "rule"],
    "documents": ["grade", "type"],
    "claims": ["finding", "kind"],
    "arguments": ["scheme"],
    "stances": ["stance"],
    "mentions": ["portrayed_as"],
    "organizations": ["kind"],
    "periods": ["stage", "legal_force"],
    "records": ["kind"],
    "current_status": ["stage", "legal_force", "jurisdiction"],
    "changes": ["class"],
}
# Tables for programs, which the page of the database does not list at first.
HIDDEN = frozenset({"record_json"})
# Tables with a full-text index that Datasette can use by itself.
FULL_TEXT = {
    "records": {"fts_table": "search", "fts_pk": "number"},
    **{table: {"fts_table": "search", "fts_pk": "record_number"} for table in KINDS},
}
SORT = {
    "events": ("sort_desc", "date_earliest"),
    "actions": ("sort", "id"),
    "documents": ("sort_desc", "issued_earliest"),
    "changes": ("sort_desc", "id"),
}


def names(datasette: "Datasette") -> list[str]:
    """Return the databases of this instance that policykb built; looked up once."""
    state = state_of(datasette)
    if state.names is None:
        databases = datasette.databases.items()
        state.names = [name for name, file in databases if is_knowledge_base(file.path)]
    return state.names


@hookimpl
def filters_from_request(request, database, table, datasette):
    """Refuse the words of `?_search=` for tables that have no text of their own."""
    words = request.args.get("_search")
    if words and database in names(datasette) and table not in FULL_TEXT:
        tables = ", ".join(FULL_TEXT)
        raise BadRequest(f"{table} cannot be searched for words; search one of: {tables}")


def _read(path: str, sql: str) -> list[tuple]:
    """Return the rows of a statement on the knowledge base at `path`, which does not change while it is served."""
    with contextlib.closing(reading.connect(Path(path))) as connection:
        return connection.execute(sql).fetchall()


def facts(path: str) -> dict[str, str]:
    """Return what the knowledge base at `path` says about itself."""
    return dict(_read(path, "select key, value from kb_info"))


def declared_terms(path: str) -> dict[str, dict[str, dict]]:
    """Return the vocabularies that an about.toml adds to, as the knowledge base at `path` has them.

    They are by name; their terms are by id, each a dict of its columns, in their order.
    """
    columns = {"effects": ("mark",), "identifier_schemes": IdentifierScheme.columns}
    terms = {}
    for table, own in columns.items():
        names = ("label", "definition", "position", *own)
        rows = _read(path, f"select id, {', '.join(names)} from {table} order by position")
        terms[table] = {row[0]: dict(zip(names, row[1:], strict=True)) for row in rows}
    return terms


@cache
def foreign_keys(path: str) -> dict[tuple[str, str], str]:
    """Return the table that a column leads to, by table and column."""
    keys = "select tables.name, keys.'from', keys.'table' from sqlite_master tables, pragma_foreign_key_list(tables.name) keys where tables.type = 'table'"
    return {(table, column): other for table, column, other in _read(path, keys)}


@cache
def described(path: str) -> dict:
    """Return the metadata of the knowledge base at `path`, as Datasette takes it."""
    info = facts(path)
    tables = {}
    for name, (description, columns) in dictionary.tables().items():
        about = {"description": description, "columns": columns}
        if name in LABELS or "label" in columns:
            about["label_column"] = LABELS.get(name, "label")
        about |= FULL_TEXT.get(name, {})
        if name in HIDDEN:
            about["hidden"] = True
        if name in FACETS:
            about["facets"] = FACETS[name]
            if "effect_on" not in info:
                about["facets"] = [column for column in FACETS[name] if column != "effect"]
        if name in SORT:
            about[SORT[name][0]] = SORT[name][1]
        tables[name] = about
    return {
        "title": info["title"],
        "description": info["description"],
        "license": info["license"],
        "license_url": info["license_url"],
        "tables": tables,
    }


@cache
def facets_only(path: str) -> dict:
    """Return the facets alone, which Datasette asks for on every request."""
    tables = described(path)["tables"]
    return {"tables": {name: {"facets": tables[name]["facets"]} for name in FACETS}}
