"""The Datasette plugin: what is said about the tables, the named questions, and limits for a public service.

Works on Datasette 0.65 (metadata by hook) and 1.0 alphas (configuration and metadata set at startup); applies
to databases that policykb built and to no others.
"""

from datasette import hookimpl, hookspecs

from policykb.read.questions import Question, questions
from policykb.site import hardening, links, searching, templates, words
from policykb.site.published import described, facets_only, names
from policykb.site.routes import ROUTES

asgi_wrapper = hardening.asgi_wrapper
prepare_connection = hardening.prepare_connection
filters_from_request = searching.filters_from_request


@hookimpl
def register_routes(datasette):
    """The pages for people, where there is a knowledge base to show."""
    return ROUTES if names(datasette) else []


@hookimpl
def prepare_jinja2_environment(env, datasette):
    """The filters and functions of the templates, and an environment for the pages for people."""
    words.equip(env, datasette)
    links.equip(env, datasette)
    datasette._policykb_templates = templates.quick(env)


@hookimpl
def render_cell(row, value, column, table, database, datasette):
    """Records on Datasette's pages lead to the pages for people."""
    if database in names(datasette):
        return links.cell(datasette, database, table, column, value, row)


@hookimpl
def extra_css_urls(datasette):
    """The look of the site on Datasette's own pages; its frame is in templates/base.html."""
    return links.stylesheets(datasette) if names(datasette) else []


def _canned(question: Question) -> dict:
    return {
        "sql": question.sql,
        "title": question.title,
        "description": _description(question),
        "params": [p.name for p in question.parameters],
    }


def _description(question: Question) -> str:
    """The description of a question with its parameters."""
    told = [
        f"{p.name}: {p.description}" + (f" Default: {p.default}." if p.default else "")
        for p in question.parameters
    ]
    return " ".join([question.description, *told])


if hasattr(hookspecs, "get_metadata"):  # 0.65: metadata and queries are asked for

    @hookimpl
    def get_metadata(datasette, key, database, table):
        """Titles, descriptions, facets and labels of knowledge bases."""
        asked = [name for name in names(datasette) if database in (None, name)]
        if not asked:
            return {}
        if key == "tables":
            return {"databases": {name: facets_only() for name in asked}}
        if key == "plugins" and database is None:
            return {
                "plugins": {"datasette-mcp": {"canned_queries": True}}
            }  # the named questions, if that plugin is there
        return {"databases": {name: described(datasette.databases[name].path) for name in asked}}

    @hookimpl
    def canned_queries(datasette, database):
        """The named questions."""
        if database in names(datasette):
            return {question.name: _canned(question) for question in questions().values()}

else:  # 1.0: configuration, metadata and queries are set once

    @hookimpl
    def startup(datasette):
        """Set titles, descriptions, facets, labels and named questions of knowledge bases."""

        async def inner():
            if datasette.config is None:
                datasette.config = {}
            for name in names(datasette):
                said = described(datasette.databases[name].path)
                tables = (
                    datasette.config.setdefault("databases", {})
                    .setdefault(name, {})
                    .setdefault("tables", {})
                )
                for key in ("title", "description", "license", "license_url"):
                    await datasette.set_database_metadata(name, key, said[key])
                for table, about in said["tables"].items():
                    await datasette.set_resource_metadata(
                        name, table, "description", about["description"]
                    )
                    for column, text in about.get("columns", {}).items():
                        await datasette.set_column_metadata(
                            name, table, column, "description", text
                        )
                    kept = tables.setdefault(table, {})
                    for key in (
                        "facets",
                        "hidden",
                        "label_column",
                        "sort",
                        "sort_desc",
                        "fts_table",
                        "fts_pk",
                    ):
                        if key in about:
                            kept.setdefault(key, about[key])
                for question in questions().values():
                    await datasette.add_query(
                        name,
                        question.name,
                        question.sql,
                        title=question.title,
                        description=_description(question),
                        parameters=[parameter.name for parameter in question.parameters],
                        is_trusted=True,
                    )

        return inner
