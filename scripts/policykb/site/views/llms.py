"""/llms.txt (https://llmstxt.org/): what this is, where the data is, how to ask, for programs that read pages on behalf of people."""

import datasette as software

from policykb.read.questions import questions
from policykb.site import data
from policykb.site.respond import absolute, file

# 1.0 answers SQL at an address of its own.
SQL = "-/query.json" if software.__version__.startswith("1.") else ".json"


async def show(datasette, request):
    """The text, with addresses of this site."""
    known = await data.known(datasette)
    mcp = any(plugin["name"] == "datasette-mcp" for plugin in datasette._plugins())

    def at(path: str) -> str:
        return absolute(datasette, request, path)

    database = datasette.urls.database(known.name)
    base = at("/").removesuffix(str(datasette.urls.path("/")))
    body = datasette._policykb_templates.get_template("policykb/llms.txt").render(
        site=known.info,
        kinds=data.KINDS,
        at=at,
        database=base + str(database),
        sql=base + str(database) + ("/" if SQL[0] == "-" else "") + SQL,
        questions=questions().values(),
        mcp=mcp,
        settings={
            name: datasette.setting(name) for name in ("sql_time_limit_ms", "max_returned_rows")
        },
    )
    return await file(datasette, request, body, "text/plain")
