"""What other sites and programs show: badge, card for a frame, pictures, oEmbed, site map, search and citation files."""

import json
import re
import textwrap
from xml.sax.saxutils import escape, quoteattr

from markupsafe import Markup

from policykb.model.records import ID_FORM
from policykb.pictures import share
from policykb.pictures.timeline import action_timeline
from policykb.read.links import PLACES, path
from policykb.read.status_line import brief_on, standing
from policykb.site import data, params
from policykb.site.links import COPY
from policykb.site.pictures import picture
from policykb.site.respond import NotFound, Response, absolute, elsewhere, file, page
from policykb.site.views.action import with_sources
from policykb.text import date, json_text

# The one page that other sites may show in a frame. It runs nothing, and leads out of the frame.
CARD_POLICY = (
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *"
)
MOST_ADDRESSES = 5_000  # records in a part of the site map
PICTURE_POLICY = "default-src 'none'; frame-ancestors 'self'"
WIDE, HIGH, NARROWEST = 480, 220, 200  # pixels of the card


async def badge(datasette, request) -> Response:
    """Return the status of an action today as a badge."""
    facts = await _facts(datasette, request, "/badge.svg")
    answer = file(datasette, request, share.badge(facts["name"], facts["brief"]), "image/svg+xml")
    answer.headers["content-security-policy"] = PICTURE_POLICY
    return answer


async def card_picture(datasette, request) -> Response:
    """Return the picture that comes with a link to an action."""
    facts = await _facts(datasette, request, "/card.png")
    action, known = facts["action"], data.known(datasette)
    instrument = known.terms["instruments"][action["instrument"]]["label"]
    svg = share.card(
        known.info["title"],
        f"{action['jurisdiction_name']} · {instrument}",
        facts["name"],
        facts["status"],
        f"Status on {date(params.today())}, known as of {date(action['as_of'])}",
    )
    return await picture(datasette, request, svg, "png", share.PNG_SIZE[0])


async def timeline(datasette, request) -> Response:
    """Return the timeline of an action as a picture for use without the page."""
    facts = await _facts(datasette, request, "/timeline.svg")
    svg = action_timeline(facts["events"], facts["periods"], params.today())
    return await picture(datasette, request, svg, "svg", 0)


async def card(datasette, request) -> Response:
    """Return a small page about an action, for a frame on another site."""
    facts = await _facts(datasette, request, "/card")
    answer = page(datasette, request, "card", **facts)
    answer.headers["content-security-policy"] = CARD_POLICY
    return answer


async def embedded(datasette, request) -> Response:
    """Return how to show an action in a frame, as oEmbed (https://oembed.com/)."""
    facts = await _facts(datasette, request, "/oembed.json")
    return _oembed(datasette, request, facts)


async def oembed(datasette, request) -> Response:
    """Answer oEmbed for the address `url` of the page of an action."""
    if params.param(request, "format") not in ("", "json"):
        return file(datasette, request, "Only JSON is offered.\n", "text/plain", 501)
    there = absolute(datasette, request, "/actions/")
    match = re.fullmatch(
        rf"{re.escape(there)}({ID_FORM.strip('^$')})/?(?:[?#].*)?", params.param(request, "url")
    )
    if not match:
        raise NotFound(f"“url” is the address of an action, such as {there}ID.")
    there = await data.record(datasette, match[1])
    facts = await _facts_of(datasette, there["id"]) if there else None
    if facts is None:
        raise NotFound(f"There is no action “{match[1]}”.")
    return _oembed(datasette, request, facts)


async def _facts(datasette, request, ending: str) -> dict:
    """Return what is shown of the action that the address names.

    :raises MovedError: if its id is old or of another kind.
    :raises NotFound: if there is no such action.
    """
    facts = await _facts_of(datasette, request.url_vars["id"])
    return facts or await elsewhere(datasette, request, "action", ending)


async def _facts_of(datasette, action_id: str) -> dict | None:
    """Return the action, its events and periods, and its status today; None if there is no such action."""
    names = ("action", "events", "periods")
    actions, events, periods = await data.several(
        datasette, *((f"action.{name}", {"id": action_id}) for name in names)
    )
    if not actions:
        return None
    action, on = actions[0], params.today()
    events = with_sources(events, [], on)
    status = standing(action, periods, events, on, on)
    few = {"glyph": status["glyph"], "key": status["key"], "words": "not yet begun"}
    return {
        "action": action,
        "name": action["short_title"] or action["title"],
        "events": events,
        "periods": periods,
        "status": status,
        "brief": brief_on(periods, on) or few,
    }


def _at(datasette, request, place: str) -> str:
    """Return the whole address of a page; in a static copy with the slash that ends the name of a folder."""
    address = absolute(datasette, request, place)
    return address if address.endswith("/") or not COPY.get() else f"{address}/"


def _oembed(datasette, request, facts: dict) -> Response:
    limit = params.param(request, "maxwidth")
    wide = min(WIDE, max(NARROWEST, int(limit))) if re.fullmatch(r"[0-9]{1,5}", limit) else WIDE
    place = path("action", facts["action"]["id"])
    title = f"{facts['name']}: {facts['status']['headline']}"
    frame = Markup(
        '<iframe src="{}" title="{}" width="{}" height="{}" style="border: 0; max-width: 100%" loading="lazy"'
        ' sandbox="allow-top-navigation-by-user-activation"></iframe>'
    ).format(_at(datasette, request, f"{place}/card"), title, wide, HIGH)
    card = {
        "version": "1.0",
        "type": "rich",
        "title": title,
        "provider_name": data.known(datasette).info["title"],
        "provider_url": absolute(datasette, request, "/"),
        "cache_age": 86400,
        "html": str(frame),
        "width": wide,
        "height": HIGH,
    }
    text = json_text(card)
    answer = file(datasette, request, text, "application/json")
    answer.headers["access-control-allow-origin"] = "*"
    return answer


async def sitemap(datasette, request) -> Response:
    """Return the addresses of all pages that stay, or where their parts are (https://www.sitemaps.org/protocol.html)."""
    count = (await data.row(datasette, "share.records"))["number"] or 0
    whole, *parts = sitemaps(count)
    if parts and request.path.endswith(whole):
        files = [(absolute(datasette, request, place), None) for place in parts]
        return _site_map(datasette, request, "sitemapindex", "sitemap", files)
    part = int(request.url_vars.get("part") or 1)
    if part > max(1, len(parts)):
        raise NotFound(f"The site map has {len(parts)} parts.")
    first = (part - 1) * MOST_ADDRESSES + 1
    bound = {"first": first, "last": first + MOST_ADDRESSES - 1}
    rows = await data.rows(datasette, "share.sitemap", **bound)
    pages = [(path(row["kind"], row["id"]), row["day"]) for row in rows]
    if part == 1:
        lists = (f"/{place}" for place in PLACES.values())
        others = ("/timeline", "/questions", "/about", "/coverage", "/following")
        pages = [(place, None) for place in ("/", *lists, *others)] + pages
    addresses = [(_at(datasette, request, place), day) for place, day in pages]
    return _site_map(datasette, request, "urlset", "url", addresses)


def sitemaps(records: int) -> list[str]:
    """Return the path of the site map of so many records, and those of its parts if it has several."""
    parts = range(1, -(-records // MOST_ADDRESSES) + 1)
    return ["/sitemap.xml", *(f"/sitemap-{part}.xml" for part in parts if len(parts) > 1)]


def _site_map(datasette, request, whole: str, each: str, addresses: list[tuple]) -> Response:
    """Return a file of the element `whole` with an element `each` for each address and the day of its last change, if known."""
    lines = [
        f"<{each}><loc>{escape(place)}</loc>{f'<lastmod>{day}</lastmod>' if day else ''}</{each}>"
        for place, day in addresses
    ]
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<{whole} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    text = "\n".join([head, *lines, f"</{whole}>\n"])
    return file(datasette, request, text, "application/xml")


async def opensearch(datasette, request) -> Response:
    """Return how a browser searches this site (OpenSearch 1.1)."""
    title = data.known(datasette).info["title"]
    file_name = "search/index.html" if COPY.get() else "search"
    template = absolute(datasette, request, f"/{file_name}") + "?q={searchTerms}"
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">\n'
        f"<ShortName>{escape(textwrap.shorten(title, 16, placeholder=''))}</ShortName>\n"
        f"<Description>{escape(f'Search {title}'[:1024])}</Description>\n"
        "<InputEncoding>UTF-8</InputEncoding>\n"
        f'<Url type="text/html" template={quoteattr(template)}/>\n'
        "</OpenSearchDescription>\n"
    )
    return file(datasette, request, text, "application/opensearchdescription+xml")


async def citation(datasette, request) -> Response:
    """Return how to cite the whole knowledge base (Citation File Format 1.2.0)."""
    info = data.known(datasette).info
    last = await data.row(datasette, "share.edition")
    names = info["editor_names"].split("; ") if "editor_names" in info else [info.get("publisher")]
    fields = {
        "cff-version": "1.2.0",
        "message": "To cite one record, take the citation on its page.",
        "type": "dataset",
        "title": info["title"],
        "abstract": " ".join(info["description"].split()),
        "authors": [{"name": name or f"The editors of {info['title']}"} for name in names],
        "version": info["content_sha256"][:12],
        "date-released": last and last["day"],
        "license-url": info["license_url"],
        "repository-code": info.get("source_url"),
        "url": absolute(datasette, request, "/"),
    }
    # JSON is YAML, so each value is written as JSON.
    lines = [
        f"{key}: {json.dumps(value, ensure_ascii=False)}\n"
        for key, value in fields.items()
        if value
    ]
    return file(datasette, request, "".join(lines), "application/yaml")
