"""The page that finds the actions a pasted text mentions. The text is sent by POST and kept nowhere."""

import json
from urllib.parse import parse_qs

from datasette.utils.asgi import NotFound

from policykb.model import dates
from policykb.read.debate import grouped
from policykb.read.status_line import brief_on
from policykb.site import data, finder, params
from policykb.site.hardening import TooMuchError
from policykb.site.respond import absolute, page

# What a bookmark does on any page: it sends the words that are marked there, or else the whole text, and its day.
BOOKMARK = """javascript:(()=>{
const day=document.querySelector('meta[property="article:published_time"]');
const text=String(getSelection())||document.body.innerText;
const form=document.createElement('form');
Object.assign(form,{method:'post',action:ADDRESS,target:'_blank',acceptCharset:'utf-8'});
for(const [name,value] of [['text',text],['issued',day?day.content.slice(0,10):'']]){
const field=document.createElement('textarea');
Object.assign(field,{name,value});form.append(field)}
document.body.append(form);form.submit();form.remove()})()""".replace("\n", "")


async def index(datasette, request):
    """Return the form, and with a text what is found in it."""
    if not finder.is_on():
        raise NotFound("Finding mentions is not switched on here.")
    text = issued = message = ""
    report, code, context = None, 200, {}
    if request.method == "POST":
        try:
            fields = parse_qs(await _body(request), max_num_fields=10)
            text, issued = (fields.get(name, [""])[0] for name in ("text", "issued"))
            report = await finder.findings(datasette, text, issued)
            context = await _context(datasette, report)
        except params.RefusedError as error:
            message, code = str(error), error.status
    answer = page(
        datasette,
        request,
        "find",
        code=code,
        text=text,
        issued=issued,
        message=message,
        report=report,
        most=finder.MOST_BYTES // 1000,
        bookmark=BOOKMARK.replace("ADDRESS", json.dumps(absolute(datasette, request, "/find"))),
        **context,
    )
    if request.method == "POST":
        answer.headers.pop("etag", None)
        answer.headers["cache-control"] = "no-store"
    return answer


async def _body(request) -> str:
    """Return the body of a request.

    :raises RefusedError: if it is too long.
    """
    body, more = b"", True
    try:
        while more:
            part = await request.receive()
            body += part.get("body", b"")
            more = part.get("more_body", False)
    except TooMuchError:
        message = f"The text is longer than {finder.MOST_BYTES // 1000} kB."
        raise params.RefusedError(message, 413) from None
    return body.decode(errors="replace")


async def _context(datasette, report) -> dict:
    """Return what the page shows of a report: marked paragraphs, the actions with their status on the day, and TOML."""
    from policykb.finding.report import as_toml, marked

    ids = sorted({proposal.hit.action for proposal in report.proposals})
    on = (report.day or dates.today()).isoformat()
    actions = {
        row["id"]: row for row in await data.rows(datasette, "find.actions", ids=json.dumps(ids))
    }
    rows = await data.rows(datasette, "find.periods", ids=json.dumps(ids))
    periods = grouped(rows, "action")
    for action_id, action in actions.items():
        action["brief"] = brief_on(periods.get(action_id, []), on)
    toml = as_toml([report], None) if report.proposals else ""
    return {"paragraphs": marked(report), "actions": actions, "on": on, "toml": toml}
