"""The few things every picture needs: elements, text that is safe in XML, and how wide text will be.

An element is its own text, and only `element` makes one: it escapes all content.
Colours and fonts are classes in policykb.css; there is no inline style, which the content security policy forbids.
"""

import re
import textwrap
import unicodedata
from functools import cache, lru_cache

# Characters that XML 1.0 does not allow, and those that reorder the text around them.
_REFUSED = re.compile(
    "[^\t\n\r\x20-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
_ENTITIES = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "\n": "&#10;",
    "\t": "&#09;",
    "\r": "&#13;",
}
_SPECIAL = re.compile(f"[{''.join(_ENTITIES)}]")
_NARROW, _WIDE = frozenset("fijlrtI.,:;'|!()[]/ -"), frozenset("mwMW@%&—…")
MOST_WORD = 400  # characters of one text that a picture looks at


class Element(str):
    """The text of an element and all it holds."""

    __slots__ = ()


def plain(text: object) -> str:
    """Return `text` on one line, without characters that XML refuses or that turn the reading direction."""
    return " ".join(_allowed(str(text)).split())


def element(name: str, *children: Element | str, **attributes: object) -> Element:
    """Return an element; `class_` gives the attribute class, `_` in names becomes `-`, attributes of None are left out."""
    text = f"<{name}"
    for key, value in attributes.items():
        if value.__class__ is float:
            text += f'{_named(key)}{number(value)}"'
        elif value is not None:
            text += f'{_named(key)}{_attribute(str(value))}"'
    inner = "".join([child if child.__class__ is Element else _words(child) for child in children])
    return Element(f"{text}>{inner}</{name}>" if inner else f"{text} />")


def picture(
    *children: Element, size: tuple[float, float], looks: str | None = None, **attributes: object
) -> Element:
    """Return the root of a picture of `size`, width and height, with the classes `looks`."""
    return element(
        "svg",
        *children,
        xmlns="http://www.w3.org/2000/svg",
        class_=looks,
        viewBox=f"0 0 {size[0]} {size[1]}",
        **attributes,
    )


@cache
def _named(key: str) -> str:
    """Return the beginning of an attribute, up to its value."""
    return f' {key.rstrip("_").replace("_", "-")}="'


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda match: _ENTITIES[match[0]], text)


def number(value: float) -> str:
    """Return a coordinate with at most one decimal."""
    return f"{round(value, 1) + 0.0:g}"


@lru_cache(maxsize=4096)
def width(text: str, size: float = 12) -> float:
    """Return about how many pixels `text` takes in a sans serif of `size` pixels; rather too many than too few."""
    return sum(map(_share, text)) * size


def clipped(text: object, room: float, size: float = 12) -> str:
    """Return `text` cut to `room` pixels, at a word where one ends near, with an ellipsis."""
    text = plain(text)[:MOST_WORD]
    if width(text, size) <= room:
        return text
    used = width("…", size)
    for place, letter in enumerate(text):
        used += _share(letter) * size
        if used > room:
            text = text[:place]
            break
    head, _, tail = text.rpartition(" ")
    return (head if head and len(tail) < 10 else text).rstrip(" ,;:.–-") + "…"


@lru_cache(maxsize=4096)  # a debate has a map around each of its records, with the same boxes
def wrapped(text: object, room: float, size: float, most: int) -> tuple[str, ...]:
    """Return `text` in at most `most` lines of at most `room` pixels."""
    text = plain(text)[:MOST_WORD]
    per_line = max(8, int(room / (width(text, size) / max(1, len(text)) or size)))
    lines: list[str] = []
    while per_line >= 4:
        lines = textwrap.wrap(text, per_line) or [""]
        if all(width(line, size) <= room for line in lines):
            break
        per_line -= 1
    if len(lines) > most:
        lines = [*lines[: most - 1], clipped(" ".join(lines[most - 1 :]), room, size)]
    return tuple(clipped(line, room, size) for line in lines)


# Both are kept: most attributes are classes and places of a fixed layout, many texts are years and terms.
@lru_cache(maxsize=4096)
def _attribute(text: str) -> str:
    return _escaped(_allowed(text))


@lru_cache(maxsize=4096)
def _words(text: str) -> str:
    return _escaped(plain(text))


def _allowed(text: str) -> str:
    return text if text.isascii() and text.isprintable() else _REFUSED.sub("", text)


@lru_cache(maxsize=4096)
def _share(letter: str) -> float:
    """Return the width of a letter as a share of the size of the font."""
    if letter in _NARROW:
        return 0.4
    if letter in _WIDE or unicodedata.east_asian_width(letter) in "WF":
        return 1.02
    return 0.75 if letter.isupper() else 0.63
