"""Words in Datasette's tables: `?_search=` finds records of one kind by the full-text index of all records."""

from datasette import hookimpl
from datasette.filters import FilterArguments
from datasette.utils.asgi import BadRequest

from policykb.site.data import KINDS
from policykb.site.published import FULL_TEXT, names


@hookimpl
def filters_from_request(request, database, table, datasette):
    """Keep the rows of records that have the words, and refuse words for tables that have no text of their own."""
    words = request.args.get("_search")
    if not words or database not in names(datasette) or table in FULL_TEXT:
        return None
    if table not in KINDS.values():
        raise BadRequest(
            f"{table} cannot be searched for words; search one of: records, {', '.join(KINDS.values())}"
        )
    return FilterArguments(
        [
            "id in (select r.id from search join records r on r.number = search.rowid where search match escape_fts(:kb_search))"
        ],
        params={"kb_search": words},
        human_descriptions=[f'has the words "{words}"'],
    )
