"""The Datasette plugin: the pages, metadata of the tables, the named questions, and limits for a public service.

Works on Datasette 0.65 (metadata by hook) and 1.0 alphas (configuration and metadata set at startup); applies
to databases that policykb built and to no others.
"""

from collections.abc import Iterable

from datasette import hookimpl, hookspecs

from policykb.read.questions import Question, questions
from policykb.site import connections, finder, hardening, links, published, templates
from policykb.site.published import described, facets_only, facts, names
from policykb.site.routes import ROUTES
from policykb.site.state import state_of

asgi_wrapper = hardening.asgi_wrapper
handle_exception = hardening.handle_exception
prepare_connection = connections.prepare_connection
filters_from_request = published.filters_from_request
# Keys of the metadata of a table that Datasette 1.0 takes as its configuration.
CONFIGURATION = ("facets", "hidden", "label_column", "sort", "sort_desc", "fts_table", "fts_pk")


@hookimpl
def register_routes(datasette):
    """Add the pages for people, where there is a knowledge base to show."""
    return ROUTES if names(datasette) else []


@hookimpl
def skip_csrf(datasette, scope):
    """Take a text to search from any page: the answer depends on nothing but the text, and nothing is kept."""
    return scope["path"] == datasette.urls.path("/find")


@hookimpl(optionalhook=True)
def register_mcp_tools(datasette, mcp):
    """Offer the finder to agents, where the plugin datasette-mcp is installed and the service has the finder."""
    if not (finder.is_on() and names(datasette)):
        return

    @mcp.tool()
    async def find_mentions(text: str, issued: str = "") -> list[dict]:
        """Find the tracked policy actions that an English text mentions.

        `issued` is the day of the text, YYYY-MM-DD; without it relative dates are not read. Each mention has the id of
        the action, the paragraph (a line of the text), the words, how it mentions it, and a score from 0.6 to 1: the chance
        that it is right. Mentions by description need a person's judgment.
        """
        return await finder.mentions(datasette, text, issued)


@hookimpl
def prepare_jinja2_environment(env, datasette):
    """Add the filters and functions of the templates, and an environment for the pages for people."""
    env.globals |= links.functions(datasette) | {"with_find": finder.is_on()}
    state_of(datasette).templates = templates.environment(env, datasette)


@hookimpl
def render_cell(row, value, column, table, database, datasette):
    """Link records on Datasette's pages to the pages for people."""
    if database in names(datasette):
        return links.cell(datasette, database, table, column, value, row)


@hookimpl
def extra_css_urls(datasette):
    """Add the look of the site to Datasette's own pages; its frame is in templates/base.html."""
    return links.stylesheets(datasette) if names(datasette) else []


def _questions(datasette, name: str) -> Iterable[Question]:
    """Return the named questions that the knowledge base `name` answers."""
    info = facts(datasette.databases[name].path)
    return questions(info.get("effect_on", "")).values()


def _description(question: Question) -> str:
    """Return the description of a question with its parameters."""
    parts = [question.description]
    for parameter in question.parameters:
        default = f" Default: {parameter.default}." if parameter.default else ""
        parts.append(f"{parameter.name}: {parameter.description}{default}")
    return " ".join(parts)


if hasattr(hookspecs, "get_metadata"):  # 0.65 asks for metadata and queries

    @hookimpl
    def get_metadata(datasette, key, database, table):
        """Return titles, descriptions, facets and labels of knowledge bases."""
        asked = [name for name in names(datasette) if database in (None, name)]
        if not asked:
            return {}
        if key == "tables":
            return {
                "databases": {name: facets_only(datasette.databases[name].path) for name in asked}
            }
        if key == "plugins" and database is None:
            # The named questions, if that plugin is there.
            return {"plugins": {"datasette-mcp": {"canned_queries": True}}}
        return {"databases": {name: described(datasette.databases[name].path) for name in asked}}

    @hookimpl
    def canned_queries(datasette, database):
        """Return the named questions."""
        if database not in names(datasette):
            return None
        return {
            question.name: {
                "sql": question.sql,
                "title": question.title,
                "description": _description(question),
                "params": [parameter.name for parameter in question.parameters],
            }
            for question in _questions(datasette, database)
        }

else:  # 1.0 takes configuration, metadata and queries once

    @hookimpl
    def startup(datasette):
        """Set titles, descriptions, facets, labels and named questions of knowledge bases."""

        async def inner():
            for name in names(datasette):
                await _describe(datasette, name)
                for question in _questions(datasette, name):
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

    async def _describe(datasette, name: str) -> None:
        """Set the metadata of a knowledge base and the configuration of its tables."""
        metadata = described(datasette.databases[name].path)
        for key in ("title", "description", "license", "license_url"):
            await datasette.set_database_metadata(name, key, metadata[key])
        datasette.config = datasette.config or {}
        database = datasette.config.setdefault("databases", {}).setdefault(name, {})
        for table, about in metadata["tables"].items():
            await datasette.set_resource_metadata(name, table, "description", about["description"])
            for column, text in about["columns"].items():
                await datasette.set_column_metadata(name, table, column, "description", text)
            configuration = database.setdefault("tables", {}).setdefault(table, {})
            for key in CONFIGURATION:
                if key in about:
                    configuration.setdefault(key, about[key])
