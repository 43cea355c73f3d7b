"""Citations on the site: the box on a page, the page with styles, files for reference managers, and unAPI for Zotero."""

import asyncio
from collections.abc import Callable
from typing import TypeVar
from xml.sax.saxutils import quoteattr

from markupsafe import Markup

from policykb.model.problems import nearest
from policykb.model.vocabulary import DOCUMENT_TYPES, LAW_TYPES
from policykb.read.links import PLACES, path
from policykb.references import citation, forms, interchange, styles
from policykb.references.entry import Entry
from policykb.site import data, params
from policykb.site.respond import NotFound, Response, absolute, failure, file, moved, page
from policykb.site.state import state_of

# Ending of an address -> format and its name.
FORMS = {
    "bib": ("biblatex", "BibLaTeX"),
    "ris": ("ris", "RIS"),
    "csl.json": ("csl-json", "CSL-JSON"),
}
UNAPI = {"ris": "ris", "bibtex": "bibtex"}
MOST_CITED = 300  # characters of an id with the event or the place in it
# How long a reader waits for the citation that another one has asked for.
WAIT_SECONDS = 8
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
Formatted = TypeVar("Formatted")
_ZOTERO = {term.id: term.zotero for term in DOCUMENT_TYPES}


async def cited(datasette, request, record_id: str, on: str | None = None) -> dict:
    """Return what the cite box and the head of the page of a record show."""
    return box(await _cite(datasette, request, record_id, on), on)


def box(entry: citation.Citation, on: str | None) -> dict:
    """Return a citation in plain words and as meta tags, set in no style, with the files for other tools."""
    base, day = path(entry.kind, entry.id), f"?on={on}" if on else ""
    return {
        "parts": [{"text": interchange.plain(part), "url": part.entry.url} for part in entry.parts],
        "remarks": entry.remarks,
        "id": entry.id,
        "path": base,
        "on": on,
        "files": [
            (interchange.MEDIA[form], f"{base}.{ending}{day}", name)
            for ending, (form, name) in FORMS.items()
        ],
        "styles": styles.LABELS if styles.available() else {},
        "meta": meta(entry.parts[0].entry),
    }


async def show(datasette, request):
    """Return one citation in a style: `style`, `on`, and `event` or `at` for an event or for the place where an argument or claim is made."""
    record_id, place = asked_for(request), request.url_vars["place"]
    on, on_message = params.day_asked(request)
    entry = await _cite(datasette, request, record_id, on, asked=bool(params.param(request, "on")))
    if PLACES[entry.kind] != place:
        return moved(datasette, request, f"{path(entry.kind, entry.id)}/cite")
    style = _style(request)

    def formatted() -> tuple[str, str, str]:
        (text,) = styles.typeset([entry], style, "text")
        (html,) = styles.typeset([entry], style, "html")
        (listed,) = styles.typeset([entry], style, "html", listed=True)
        return text, html, listed if listed != html else ""

    texts = await _formatted(datasette, request, formatted)
    if isinstance(texts, Response):
        return texts
    text, html, listed = texts
    source = entry.parts[0]
    return page(
        datasette,
        request,
        "cited",
        section=f"/{place}",
        on=on,
        on_message=on_message,
        style=style,
        labels=styles.LABELS,
        html=Markup(html),
        listed=Markup(listed),
        text=text,
        short=forms.short(source, style) if style in forms.SHORT_STYLES else "",
        wikipedia=forms.wikipedia(source),
        cited=await cited(datasette, request, record_id, on),
        kind=entry.kind,
        title=entry.entry.title,
        place=params.param(request, "event") or params.param(request, "at"),
    )


async def several(datasette, request):
    """Return one list of the sources of several records in a style: `ids`, separated by commas or spaces."""
    ids = _ids(request)
    on, on_message = params.day_asked(request)
    style = _style(request)
    citations = await _cite_all(datasette, request, ids, on)

    def formatted() -> tuple[str, str]:
        html, text = (styles.references(citations, style, form) for form in ("html", "text"))
        return html, text

    texts = await _formatted(datasette, request, formatted)
    if isinstance(texts, Response):
        return texts
    return page(
        datasette,
        request,
        "cited_all",
        section="",
        on=on,
        on_message=on_message,
        style=style,
        labels=styles.LABELS,
        ids=",".join(ids),
        citations=citations,
        html=Markup(texts[0]),
        text=texts[1],
        wikipedia="\n\n".join(
            forms.wikipedia(part) for cited in citations for part in cited.parts[:1]
        ),
        forms=[*((ending, name) for ending, (_, name) in FORMS.items()), ("docx", "Word")],
    )


async def several_as_file(datasette, request):
    """Return the citations of several records as a file for reference managers or a word processor."""
    form = request.url_vars["form"]
    on = params.day_of_file(request)
    citations = await _cite_all(datasette, request, _ids(request), on)
    if form != "docx":
        media = interchange.MEDIA[FORMS[form][0]]
        return file(datasette, request, interchange.encode(citations, FORMS[form][0]), media)
    style = _style(request)
    document = await _formatted(datasette, request, lambda: styles.word_document(citations, style))
    if isinstance(document, Response):
        return document
    headers = {"content-disposition": 'attachment; filename="references.docx"'}
    return Response(document, content_type=WORD, headers=headers)


def _ids(request) -> list[str]:
    """Return the ids that a request names, each once.

    :raises NotFound: if it names none or too many.
    """
    ids = params.ids_asked(request)
    if not ids or len(ids) > citation.MOST_IDS:
        raise NotFound(f"Name one to {citation.MOST_IDS} records by their ids, as /cite?ids=ID,ID.")
    return ids


def _style(request) -> str:
    """Return the style that a request asks for.

    :raises NotFound: if there is no such style, with the nearest one.
    """
    style = params.param(request, "style") or "bluebook"
    if style not in styles.LABELS:
        near = nearest(style, styles.LABELS)
        hint = f"Did you mean “{near}”?" if near else f"There are {', '.join(styles.LABELS)}."
        raise NotFound(f"There is no style “{style}” here. {hint}")
    return style


async def _cite_all(datasette, request, ids: list[str], on: str) -> list[citation.Citation]:
    """Return the citations of several records, with links to this site.

    :raises NotFound: if there is no such record, event or place.
    """
    readers = [reader(datasette, request, record_id[: MOST_CITED + 1], on) for record_id in ids]
    try:
        return await data.turn(datasette, lambda connection: [read(connection) for read in readers])
    except citation.NotFoundError as unknown:
        raise NotFound(params.sentence(unknown)) from None


def asked_for(request) -> str:
    """Return what a request asks to be cited, as `citation.cite` takes it: the record, its `event`, or the place it is made `at`."""
    record_id = request.url_vars["id"]
    if event := params.param(request, "event"):
        return f"{record_id}#{event}"
    if place := params.param(request, "at"):
        return f"{record_id}@{place}"
    return record_id


async def _formatted(datasette, request, work: Callable[[], Formatted]) -> Formatted | Response:
    """Return what `work` returns, or the page that says why it cannot. One process at a time for all readers, each with a time limit."""
    turn = state_of(datasette).citing
    try:
        await asyncio.wait_for(turn.acquire(), WAIT_SECONDS)
        try:
            return await asyncio.to_thread(work)
        finally:
            turn.release()
    except styles.NotInstalledError:
        title = "Styles are not installed here"
        message = "This site gives citations as files for reference managers, but has no program that sets them in a style."
        return await failure(datasette, request, 503, title, message)
    except (styles.ProgramError, TimeoutError):
        message = "Other citations are being set just now. Try again in a moment."
        return await failure(datasette, request, 503, "This took too long", message)


async def as_file(datasette, request):
    """Return a citation as BibLaTeX, RIS or CSL-JSON."""
    record_id, form = asked_for(request), request.url_vars["form"]
    on = params.day_of_file(request)
    entry = await _cite(datasette, request, record_id, on)
    whole = record_id == request.url_vars["id"]
    # An event or a place may have another name in the record that took over, so its address does not move.
    if PLACES[entry.kind] != request.url_vars["place"] or (whole and entry.id != record_id):
        return moved(datasette, request, f"{path(entry.kind, entry.id)}.{form}")
    return _file(datasette, request, entry, FORMS[form][0])


def _file(datasette, request, entry: citation.Citation, form: str) -> Response:
    text = interchange.encode([entry], form)
    return file(datasette, request, text, interchange.MEDIA[form])


async def unapi(datasette, request):
    """Answer unAPI (https://web.archive.org/web/2016/http://unapi.info/specs/): the formats there are, those of an id, or an id in a format."""
    record_id, form = params.param(request, "id"), params.param(request, "format")
    if form and form not in UNAPI:
        return Response.text("There is no such format; see /unapi\n", status=406)
    entry = await _cite(datasette, request, record_id, None) if record_id else None
    if entry and form:
        # One item a page: a manager would otherwise ask which one is meant.
        return _file(datasette, request, entry._replace(parts=entry.parts[:1]), UNAPI[form])
    formats = "".join(
        f'<format name="{name}" type="{interchange.MEDIA[kind]}"/>' for name, kind in UNAPI.items()
    )
    of = f" id={quoteattr(record_id)}" if record_id else ""
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<formats{of}>{formats}</formats>\n'
    return file(datasette, request, text, "application/xml", 300 if record_id else 200)


async def _cite(
    datasette, request, record_id: str, on: str | None, asked: bool = False
) -> citation.Citation:
    """Return the citation of a record, with links to this site.

    :raises NotFound: if there is no such record.
    """
    if len(record_id) > MOST_CITED:
        raise NotFound(f"An id with its event or place has at most {MOST_CITED} characters.")
    try:
        day, base = on or params.today(), absolute(datasette, request, "/")
        key = ("citation", record_id, day, asked, params.today(), base)
        return await data.recent(datasette, key, reader(datasette, request, record_id, on, asked))
    except citation.NotFoundError as unknown:
        raise NotFound(params.sentence(unknown)) from None


def reader(
    datasette, request, record_id: str, on: str | None, asked: bool = False
) -> Callable[..., citation.Citation]:
    """Return the function that reads the citation of a record from a connection, and from rows already read."""
    day = citation.Day(on or params.today(), asked, params.today())
    base = absolute(datasette, request, "/")
    info = [{"key": key, "value": value} for key, value in data.known(datasette).info.items()]

    def read(connection, known=None) -> citation.Citation:
        return citation.cite(connection, record_id, day, base, {"info": info} | (known or {}))

    return read


def meta(entry: Entry) -> list[tuple[str, str]]:
    """Return meta tags of an entry, by which reference managers know it: names of Highwire Press, Dublin Core and PRISM.

    `z:itemType` and `DC.type` are what Zotero takes the kind of source from before it guesses.
    """
    kind, title = _ZOTERO[entry.type], entry.whole().title
    issued = entry.issued.rstrip("~?")
    is_law = entry.type in LAW_TYPES
    number = f"{entry.genre} {entry.number}".strip() if is_law else entry.number
    first, _, last = entry.page.partition("-")
    is_report, is_article = entry.type == "report", entry.type == "article-journal"
    tags = [
        ("z:itemType", kind),
        ("DC.type", kind),
        ("citation_title", title),
        ("DC.title", title),
        *(("citation_author", name.inverted) for name in entry.authors),
        ("citation_publication_date", issued.replace("-", "/")),
        ("DC.date", issued),
        ("citation_journal_title", entry.container if is_article else ""),
        ("prism.publicationName", entry.container),
        ("citation_volume", entry.volume),
        ("citation_firstpage", first),
        ("citation_lastpage", last),
        ("citation_publisher", entry.publisher),
        ("citation_technical_report_number" if is_report else "prism.number", number),
        ("citation_doi", entry.doi),
        ("citation_public_url", entry.url),
        ("citation_language", entry.language),
    ]
    return [(name, value) for name, value in tags if value]
