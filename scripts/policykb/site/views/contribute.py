"""Forms for new records and corrections: the files that answers make, and where the repository takes them.

A form is sent by GET, so that its address holds the answers, and the site stores none of them. In a static copy the browser
answers it (static_copy/static/contribute.js), with the fields that `web_form.exported` gives it.
"""

import json
import sqlite3

from datasette.utils.asgi import NotFound

from policykb.contribute import web_form
from policykb.contribute.issue_form import FORMS
from policykb.model.course import Course
from policykb.model.records import LONGEST_ID, record_file
from policykb.model.vocabulary import identifier_keys, with_declared
from policykb.read.links import PLACES, target
from policykb.read.status_line import brief_on
from policykb.site import data, params
from policykb.site.links import filled
from policykb.site.respond import file, page

MOST_ANSWER, MOST_ANSWERS = 4000, 120
LISTED = ("action", "jurisdiction")  # kinds whose records are offered while one types
# The page /find takes the place of the form for mentions.
_FORMS = {name.removeprefix("new-"): FORMS[name] for name in FORMS if name != "mention"}


class Records:
    """What the forms need to know of the knowledge base, read with one connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def __contains__(self, record_id: str) -> bool:
        return bool(data.read(self.connection, "contribute.used", {"id": record_id})[0]["used"])

    def records(self, text: str, kinds: tuple[str, ...]) -> list[tuple[str, str]]:
        """Return id and title of the records of `kinds` that an id, name, official number or address means."""
        text = target(text)[0] or text
        asked = [("contribute.identified", {"id": text, "kinds": json.dumps(kinds)})]
        if "://" in text and "document" in kinds:
            asked = [("contribute.at_address", {"urls": json.dumps(_variants(text))})]
        else:
            keys = json.dumps(identifier_keys(text[: params.LONGEST]))
            asked.append(("contribute.named", {"keys": keys, "kinds": json.dumps(kinds)}))
        if "jurisdiction" in kinds:
            asked.append(("contribute.coded", {"code": text.upper()}))
        answers = (data.read(self.connection, *call) for call in asked)
        rows = next(filter(None, answers), [])
        return list(dict.fromkeys((row["id"], row["title"]) for row in rows))

    def whole(self, record_id: str) -> dict | None:
        """Return a record with its content; None if there is none."""
        rows = data.read(self.connection, "contribute.whole", {"id": record_id})
        return {**rows[0], "content": json.loads(rows[0]["json"])} if rows else None


def _variants(url: str) -> list[str]:
    """Return the ways in which one address is written."""
    rest = url.partition("://")[2].removeprefix("www.").partition("#")[0].rstrip("/")
    starts = ("https://", "https://www.", "http://", "http://www.")
    return [f"{start}{rest}{end}" for start in starts for end in ("", "/")] + [url]


async def index(datasette, request):
    """Return the list of the forms."""
    return page(datasette, request, "contribute", forms=_FORMS)


async def show(datasette, request):
    """Return a form, with what its answers make once they are sent."""
    name = request.url_vars["name"]
    if name not in _FORMS:
        raise NotFound(f"There is no form for “{name[:LONGEST_ID]}”.")
    form, texts = _FORMS[name], _texts(request)
    if not form.kind:
        return await _correction(datasette, request, form, texts)
    lists, result = await _read(datasette, form, texts, bool(request.args.get("check")))
    site = data.known(datasette).info
    with with_declared(data.known(datasette).declared):
        groups = web_form.groups(form, texts, request.args.get("more") or "")
    return page(
        datasette,
        request,
        "contribute_form",
        name=name,
        form=form,
        texts=texts,
        groups=groups,
        lists=lists,
        result=result,
        status=_status(result, params.today()),
        report=filled(site.get("report_url", ""), id=form.title, text=""),
        query=request.query_string,
        ways=[_ways(site, item, form.title) for item in result.files] if result else [],
    )


async def download(datasette, request):
    """Return one of the files that the answers make; `file` is its id."""
    form, texts = _FORMS.get(request.url_vars["name"]), _texts(request)
    if not form or not form.kind:
        raise NotFound("There is no form that makes such a file.")
    _, result = await _read(datasette, form, texts, True)
    item = next((item for item in result.files if item.id == texts.get("file")), None)
    if not item or not result.is_right:
        raise params.RefusedError("These answers do not make such a file.")
    answer = file(datasette, request, item.text, "application/toml")
    answer.headers["content-disposition"] = f'attachment; filename="{item.id}.toml"'
    return answer


async def _read(datasette, form, texts: dict[str, str], sent: bool) -> tuple[dict, web_form.Result]:
    """Return the records that are offered by kind, and what the answers make, None unless they are `sent`."""
    declared = data.known(datasette).declared

    def read(connection):
        lists = {kind: data.read(connection, "records.of_kind", {"kind": kind}) for kind in LISTED}
        if not sent:
            return lists, None
        with with_declared(declared):
            return lists, web_form.result(form, texts, Records(connection), params.today())

    try:
        return await data.turn(datasette, read)
    except ModuleNotFoundError as error:
        raise NotFound(f"The forms need the package {error.name}, which is missing here.") from None


def _texts(request) -> dict[str, str]:
    """Return the answers: the first of each name, none longer than a text of a record."""
    names = list(request.args.keys())[:MOST_ANSWERS]
    return {name: _line_ends(request.args.get(name) or "")[:MOST_ANSWER] for name in names}


def _line_ends(text: str) -> str:
    """Return `text` with the line ends of files; browsers send those of Windows."""
    return text.replace("\r\n", "\n").strip()


def _status(result: web_form.Result | None, today: str) -> dict | None:
    """Return the status that a new action would have today; None for what has none."""
    item = result.files[-1] if result and result.files else None
    if not item or item.kind != "action" or item.record is None:
        return None
    periods = [period._asdict() for period in Course(item.id, item.record).periods]
    return brief_on(periods, today)


def _ways(site: dict, item: web_form.File, title: str) -> dict[str, str]:
    """Return where a new file is made: the address, what the link says, and whether the text is filled in."""
    if address := site.get("new_url"):
        return filled(address, file=item.path, text=item.text)
    text = f"{item.path}\n\n```toml\n{item.text}```\n"
    return filled(site.get("report_url", ""), id=title + item.id, text=text)


async def _correction(datasette, request, form, texts):
    """Return the form of a correction, and with a value the changed file."""
    today = params.today()
    asked = texts.get("id") or texts.get("page", "")
    if not texts.get("event") and (event := target(asked)[1]):
        texts["event"] = event
    if texts.get("page"):
        texts.setdefault("else", f"Seen on {texts['page']}")

    def read(connection):
        lookup = Records(connection)
        known = lookup.records(asked, tuple(PLACES)) if asked else []
        record = lookup.whole(known[0][0]) if len(known) == 1 else None
        result = None
        if record and texts.get("value"):
            about = (record["kind"], record["id"], record["content"])
            result = web_form.correction(about, texts, lookup, today)
        return known, record, result

    known, record, result = await data.turn(datasette, read)
    site = data.known(datasette).info
    keys = web_form.keys(record["kind"], bool(texts.get("event"))) if record else {}
    texts = texts | ({"id": record["id"]} if record else {})
    path = record_file(record["kind"], record["id"]) if record else ""
    body = web_form.as_issue(form, texts)
    return page(
        datasette,
        request,
        "contribute_correction",
        form=form,
        texts=texts,
        asked=asked,
        known=known,
        record=record,
        keys=keys,
        result=result,
        path=path,
        edit=filled(site.get("edit_url", ""), file=path, text="") if record else None,
        report=filled(site.get("report_url", ""), id=texts.get("id", ""), text=body),
    )
