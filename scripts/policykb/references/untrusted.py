"""The bytes of a file that people keep -> text, JSON or XML without characters that hide or reorder text.

Stricter than `reading`, as such a file is small and can be mended: one unsafe character anywhere and it is `Unreadable`.
"""

import codecs
import re
import unicodedata
from typing import Any
from xml.etree.ElementTree import Element

from policykb.contribute import reading
from policykb.contribute.proposal import Unreadable
from policykb.model.records import HIDDEN

MOST_BYTES = 8 << 20
# Control characters but tab and line ends, characters that reorder or hide text, halves of characters.
_UNSAFE = re.compile(f"[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f{HIDDEN}\ud800-\udfff]")
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def text(data: bytes, name: str) -> str:
    """The text of `data`, UTF-8 with or without byte order mark, with line feeds only.

    :raises Unreadable: if it is too large, not UTF-8, or has characters that hide or reorder text; with the line.
    """
    _bounded(data, name)
    if data.startswith(_WIDE):
        raise Unreadable(f"{name}: is UTF-16; expected a text file saved as UTF-8")
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        found = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Unreadable(
            f"{name}:{line}: byte 0x{data[error.start]:02x} is not UTF-8; expected a text file saved as UTF-8"
        ) from None
    found = reading.readable(found.replace("\r\n", "\n").replace("\r", "\n"), name)
    if match := _UNSAFE.search(found):
        raise Unreadable(
            f"{name}:{found.count(chr(10), 0, match.start()) + 1}: {_unsafe(match[0])}"
        )
    return found


def parsed_json(data: bytes, name: str) -> Any:
    """The value that `data` holds as JSON.

    :raises Unreadable: as `text`, and if it is not JSON, nested too deeply, or hides unsafe characters behind escapes.
    """
    return _plain(reading.parsed_json(text(data, name).encode(), name).value, name)


def _plain(value: Any, name: str) -> Any:
    """`value` with its texts as `text` gives them; it is not nested deeply, as `reading` has seen."""
    if isinstance(value, dict):
        return {_safe(key, name): _plain(held, name) for key, held in value.items()}
    if isinstance(value, list):
        return [_plain(held, name) for held in value]
    return _safe(value, name) if isinstance(value, str) else value


def parsed_xml(data: bytes, name: str) -> Element:
    """The root of the XML document that `data` holds. A document type or entity is refused, not read.

    :raises Unreadable: if it is too large, not well-formed, or has a document type, entities or unsafe characters.
    """
    _bounded(data, name)
    root = reading.parsed_xml(data, name)
    for element in root.iter():
        element.text, element.tail = (
            _safe(element.text or "", name),
            _safe(element.tail or "", name),
        )
    return root


def _bounded(data: bytes, name: str) -> None:
    if len(data) > MOST_BYTES:
        raise Unreadable(f"{name}: has {len(data):,} bytes; expected at most {MOST_BYTES:,}")


def _safe(value: str, name: str) -> str:
    value = reading.readable(value, name)
    if match := _UNSAFE.search(value):
        raise Unreadable(f"{name}: {_unsafe(match[0])}")
    return value


def _unsafe(char: str) -> str:
    title = unicodedata.name(char, "a control character")
    return f"character U+{ord(char):04X} ({title}) is not plain text; expected text without control characters and marks that reorder it"
