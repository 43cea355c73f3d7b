"""Pictures as files: the style of the pages inside, so that they look the same elsewhere, and as PNG."""

import asyncio
import base64
import hashlib
import re
from functools import cache
from pathlib import Path

from datasette.utils.asgi import NotFound

from policykb.pictures.png import installed, png
from policykb.site.links import COPY
from policykb.site.respond import Response, file

STATIC = Path(__file__).parent / "static"
RULES = (".chart", ".map", ".picture", ".charts")  # what the rules for pictures begin with
BACKGROUND = "svg { background: var(--paper); }"


@cache
def style() -> str:
    """Return the rules for pictures and the colors of both schemes."""
    frame = (STATIC / "frame.css").read_text(encoding="utf-8")
    colors = re.search(r":root \{.*?\n\}\n@media .*?\n\}\n", frame, re.DOTALL)
    rules = (STATIC / "policykb.css").read_text(encoding="utf-8").splitlines()
    return "\n".join([colors[0], *(rule for rule in rules if rule.startswith(RULES)), BACKGROUND])


def standalone(svg: str) -> str:
    """Return a picture of a page with its style inside, for use without the page."""
    return re.sub(
        r"(<svg\b[^>]*>)", lambda match: f"{match[1]}<style>{style()}</style>", svg, count=1
    )


def forms() -> tuple[str, ...]:
    """Return the forms in which a page links to its picture; in a static copy the browser makes the PNG (pictures.js)."""
    return ("svg", "png") if installed() and not COPY.get() else ("svg",)


async def picture(datasette, request, svg: str, form: str, width: int) -> Response:
    """Return a picture as the file `form`: svg, or png of `width` pixels.

    :raises NotFound: if there is nothing to draw, or if PNG is asked for where it cannot be made.
    """
    if not svg:
        raise NotFound("There is nothing to draw.")
    if form == "png" and not installed():
        raise NotFound("Pictures are not offered as PNG here; ask for SVG.")
    whole = standalone(svg)
    answer = file(datasette, request, whole, "image/svg+xml")
    digest = base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'self'"
    answer.headers["content-security-policy"] = policy
    if form == "png":
        answer.body = await asyncio.to_thread(png, whole, width)
        answer.content_type = "image/png"
    return answer
