"""What other sites show of an action: a badge, and the picture that comes with a link in a message or a post."""

from policykb.model.vocabulary import BINDING, NOT_YET
from policykb.pictures.svg import Element, clipped, element, picture, plain, width, wrapped

# Pixels of the picture for a shared link: as drawn, and as PNG. Sites ask for 600 at least; 1200 take twice the time and space.
SIZE, PNG_SIZE = (1200, 630), (640, 336)
LONGEST = 260  # pixels of each half of a badge
_ACCENT, _AHEAD, _OVER = "#1f5f8b", "#5d4b94", "#5b606b"
# The colors of the light scheme of the pages, since such a picture has one look.
_PAPER, _INK, _SOFT = "#fbfaf7", "#1d1f24", "#5b606b"
_FONT = '"Source Sans 3", "DejaVu Sans", Verdana, sans-serif'


def badge(label: str, brief: dict) -> str:
    """Return the status in few words (status_line.brief) as a badge 20 pixels high, with `label` before it."""
    name, words = clipped(label, LONGEST, 11), f"{brief['glyph']} {brief['words']}"
    left, right = (round(width(text, 11)) + 12 for text in (name, words))
    return _svg(
        left + right,
        20,
        f"{name}: {brief['words']}",
        element("rect", width=left + right, height=20, rx=3, fill="#4b4f57"),
        element("rect", x=left, width=right, height=20, rx=3, fill=_color(brief["key"])),
        element("rect", x=left, width=4, height=20, fill=_color(brief["key"])),
        _text(name, left / 2, 14, 11, "#fff", "middle"),
        _text(words, left + right / 2, 14, 11, "#fff", "middle"),
    )


def card(site: str, above: str, name: str, status: dict, known: str) -> str:
    """Return the picture for a shared link: `above` and `name` of an action, its status, and as of when it is `known`.

    `status` has `headline` and `key` (status_line.standing).
    """
    lines = wrapped(name, 1040, 56, 3)
    low = 200 + 70 * len(lines)
    color = _color(status["key"])
    filled = status["key"] in BINDING
    return _svg(
        *SIZE,
        name,
        element("rect", width=SIZE[0], height=SIZE[1], fill=_PAPER),
        element("rect", width=16, height=SIZE[1], fill=color),
        _text(clipped(above, 1040, 32), 80, 110, 32, _SOFT),
        *(_text(line, 80, 200 + 70 * row, 56, _INK) for row, line in enumerate(lines)),
        element(
            "circle",
            cx=94,
            cy=low - 3,
            r=13,
            fill=color if filled else "none",
            stroke=color,
            stroke_width=4,
        ),
        *(
            _text(line, 124, low + 12 + 50 * row, 38, _INK)
            for row, line in enumerate(wrapped(status["headline"], 1000, 38, 2))
        ),
        _text(known, 80, 540, 28, _SOFT),
        _text(clipped(site, 1040, 28), 80, 585, 28, _SOFT),
    )


def _color(key: str) -> str:
    """Return the color of a legal force."""
    if key in BINDING:
        return _ACCENT
    return _AHEAD if key == NOT_YET else _OVER


def _svg(wide: float, high: float, title: str, *parts: Element) -> str:
    """Return a picture for use without a page."""
    return picture(
        element("title", _plain(title)),
        *parts,
        size=(wide, high),
        width=wide,
        height=high,
        role="img",
        font_family=_FONT,
    )


def _text(
    text: str, x: float, y: float, size: int, fill: str, anchor: str | None = None
) -> Element:
    return element("text", _plain(text), x=x, y=y, font_size=size, fill=fill, text_anchor=anchor)


def _plain(text: str) -> str:
    """Return a text in which png.py sees no definition of a color."""
    return plain(text).replace("--", "–")
