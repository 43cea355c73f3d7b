"""Citations on the site: the box on a page, the page with styles, files for reference managers, and unAPI for Zotero."""

import asyncio
from xml.sax.saxutils import quoteattr

from markupsafe import Markup

from policykb.model.problems import nearest
from policykb.model.vocabulary import DOCUMENT_TYPES
from policykb.references import citation, interchange, styles
from policykb.references.entry import Entry
from policykb.site import data, words
from policykb.site.respond import NotFound, Response, absolute, failure, file, moved, page

# Ending of an address -> format.
FORMS = {"bib": "biblatex", "ris": "ris", "csl.json": "csl-json"}
UNAPI = {"ris": "ris", "bibtex": "bibtex"}
# How long a reader waits for the citation that another one has asked for.
WAIT_SECONDS = 8
_ZOTERO = {term.id: term.zotero for term in DOCUMENT_TYPES}


async def cited(datasette, request, id: str, on: str | None = None) -> dict:
    """What the cite box and the head of a page say: the citation in plain words and as meta tags, set in no style."""
    found = await _cite(datasette, request, id, on)
    base = f"/{citation.PLACES[found.kind]}/{found.id}"
    return {
        "parts": [{"text": interchange.plain(part), "url": part.entry.url} for part in found.parts],
        "remarks": found.remarks,
        "id": found.id,
        "path": base,
        "on": on,
        "files": [
            (interchange.MEDIA[form], f"{base}.{ending}", name)
            for (ending, form), name in zip(
                FORMS.items(), ("BibLaTeX", "RIS", "CSL-JSON"), strict=True
            )
        ],
        "styles": styles.LABELS if styles.available() else {},
        "meta": meta(found.parts[0].entry),
    }


async def show(datasette, request):
    """One citation in a style: `style`, `on`, and `event` or `at` for an event or for the place where an argument or claim is made."""
    id, place = asked_for(request), request.url_vars["place"]
    on, message = words.day_asked(request)
    found = await _cite(datasette, request, id, on, asked=bool(words.param(request, "on")))
    if citation.PLACES[found.kind] != place:
        return moved(datasette, request, f"/{citation.PLACES[found.kind]}/{found.id}/cite")
    style = words.param(request, "style") or "bluebook"
    if style not in styles.LABELS:
        near = nearest(style, styles.LABELS)
        raise NotFound(
            f"There is no style “{style}” here."
            + (f" Did you mean “{near}”?" if near else f" There are {', '.join(styles.LABELS)}.")
        )
    try:
        text, html = await _formatted(datasette, found, style)
    except styles.Missing:
        return await failure(
            datasette,
            request,
            503,
            "Styles are not installed here",
            "This site can give the citation as a file for a reference manager, but has no program to set it in a style.",
        )
    except (styles.TooSlow, TimeoutError):
        return await failure(
            datasette,
            request,
            503,
            "This took too long",
            "Other citations are being set just now. Try again in a moment.",
        )
    return await page(
        datasette,
        request,
        "cited",
        section=f"/{place}",
        on=on,
        on_message=message,
        style=style,
        labels=styles.LABELS,
        html=Markup(html),
        text=text,
        cited=await cited(datasette, request, id, on),
        kind=found.kind,
        title=found.entry.title,
        place=words.param(request, "event") or words.param(request, "at"),
    )


def asked_for(request) -> str:
    """What a request asks to be cited, as `citation.cite` takes it: the record, its `event`, or the place it is made `at`."""
    id, event, at = (
        request.url_vars["id"],
        words.param(request, "event"),
        words.param(request, "at"),
    )
    return f"{id}#{event}" if event else f"{id}@{at}" if at else id


async def _formatted(datasette, found: citation.Citation, style: str) -> tuple[str, str]:
    """The citation as text and HTML. One process at a time for all readers, each with a time limit."""
    turn = datasette.__dict__.setdefault("_policykb_citing", asyncio.Lock())
    await asyncio.wait_for(turn.acquire(), WAIT_SECONDS)
    try:
        return tuple(
            [
                (await asyncio.to_thread(styles.typeset, [found], style, form))[0]
                for form in ("text", "html")
            ]
        )
    finally:
        turn.release()


async def as_file(datasette, request):
    """A citation as BibLaTeX, RIS or CSL-JSON."""
    id, place, form = asked_for(request), request.url_vars["place"], request.url_vars["form"]
    on, _ = words.day_asked(request)
    found = await _cite(datasette, request, id, on)
    whole = (
        id == request.url_vars["id"]
    )  # what is inside a record may be called otherwise at its new address
    if citation.PLACES[found.kind] != place or (whole and found.id != id):
        return moved(datasette, request, f"/{citation.PLACES[found.kind]}/{found.id}.{form}")
    return await _file(datasette, request, found, FORMS[form])


async def _file(datasette, request, found: citation.Citation, form: str) -> Response:
    return await file(
        datasette, request, interchange.encode([found], form), interchange.MEDIA[form]
    )


async def unapi(datasette, request):
    """unAPI (https://web.archive.org/web/2016/http://unapi.info/specs/): the formats there are, those of an id, or an id in a format."""
    id, form = words.param(request, "id"), words.param(request, "format")
    if form and form not in UNAPI:
        return Response.text("There is no such format; see /unapi\n", status=406)
    found = await _cite(datasette, request, id, None) if id else None
    if found and form:
        # One item a page: a manager would otherwise ask which one is meant.
        return await _file(datasette, request, found._replace(parts=found.parts[:1]), UNAPI[form])
    listed = "".join(
        f'<format name="{name}" type="{interchange.MEDIA[kind]}"/>' for name, kind in UNAPI.items()
    )
    return await file(
        datasette,
        request,
        f'<?xml version="1.0" encoding="UTF-8"?>\n<formats{f" id={quoteattr(id)}" if id else ""}>{listed}</formats>\n',
        "application/xml",
        300 if id else 200,
    )


async def _cite(
    datasette, request, id: str, on: str | None, asked: bool = False
) -> citation.Citation:
    """The citation of a record, with links to this site.

    :raises NotFound: if there is no such record.
    """
    if len(id) > 300:
        raise NotFound("An id has at most 80 characters.")
    today = words.dates.today().isoformat()
    base = absolute(datasette, request, "/")

    def read(connection) -> citation.Citation:
        return citation.cite(connection, id, citation.Day(on or today, asked, today), base)

    try:
        return await data.turn(datasette, read)
    except citation.Unknown as unknown:
        raise NotFound(str(unknown)[0].upper() + str(unknown)[1:] + ".") from None


def meta(entry: Entry) -> list[tuple[str, str]]:
    """Return meta tags of an entry, by which reference managers know it: names of Highwire Press, Dublin Core and PRISM.

    `z:itemType` and `DC.type` are what Zotero takes the kind of source from before it guesses.
    """
    kind, title = _ZOTERO[entry.type], entry.whole().title
    issued = entry.issued.rstrip("~?")
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
        ("citation_technical_report_number" if is_report else "prism.number", entry.number),
        ("citation_doi", entry.doi),
        ("citation_public_url", entry.url),
        ("citation_language", entry.language),
    ]
    return [(name, value) for name, value in tags if value]
