"""The Datasette plugin: what is said about the tables, the named questions, and limits for a public service.

Works on Datasette 0.65 (metadata by hook) and 1.0 alphas (configuration and metadata set at startup); applies
to databases that policykb built and to no others.
"""

from typing import TYPE_CHECKING

from datasette import hookimpl, hookspecs

from policykb.queries import Question, questions
from policykb.site import hardening
from policykb.site.published import described, facets_only, is_knowledge_base

asgi_wrapper = hardening.asgi_wrapper
prepare_connection = hardening.prepare_connection

if TYPE_CHECKING:
    from datasette.app import Datasette


def _names(datasette: "Datasette") -> list[str]:
    """The databases of this instance that policykb built; looked up once."""
    names = getattr(datasette, "_policykb_names", None)
    if names is None:
        names = datasette._policykb_names = [name for name, database in datasette.databases.items() if is_knowledge_base(database.path)]
    return names


def _canned(question: Question) -> dict:
    return {"sql": question.sql, "title": question.title, "description": _description(question), "params": [p.name for p in question.parameters]}


def _description(question: Question) -> str:
    """The description of a question with its parameters."""
    told = [f"{p.name}: {p.description}" + (f" Default: {p.default}." if p.default else "") for p in question.parameters]
    return " ".join([question.description, *told])


if hasattr(hookspecs, "get_metadata"):  # 0.65: metadata and queries are asked for

    @hookimpl
    def get_metadata(datasette, key, database, table):
        """Titles, descriptions, facets and labels of knowledge bases."""
        names = [name for name in _names(datasette) if database in (None, name)]
        if not names:
            return {}
        if key == "tables":
            return {"databases": {name: facets_only() for name in names}}
        return {"databases": {name: described(datasette.databases[name].path) for name in names}}

    @hookimpl
    def canned_queries(datasette, database):
        """The named questions."""
        if database in _names(datasette):
            return {question.name: _canned(question) for question in questions().values()}

else:  # 1.0: configuration, metadata and queries are set once

    @hookimpl
    def startup(datasette):
        """Set titles, descriptions, facets, labels and named questions of knowledge bases."""

        async def inner():
            if datasette.config is None:
                datasette.config = {}
            for name in _names(datasette):
                said = described(datasette.databases[name].path)
                tables = datasette.config.setdefault("databases", {}).setdefault(name, {}).setdefault("tables", {})
                for key in ("title", "description", "license", "license_url"):
                    await datasette.set_database_metadata(name, key, said[key])
                for table, about in said["tables"].items():
                    await datasette.set_resource_metadata(name, table, "description", about["description"])
                    for column, text in about.get("columns", {}).items():
                        await datasette.set_column_metadata(name, table, column, "description", text)
                    kept = tables.setdefault(table, {})
                    for key in ("facets", "label_column", "sort", "sort_desc"):
                        if key in about:
                            kept.setdefault(key, about[key])
                for question in questions().values():
                    await datasette.add_query(name, question.name, question.sql, title=question.title, description=_description(question),
                                              parameters=[parameter.name for parameter in question.parameters], is_trusted=True)

        return inner
