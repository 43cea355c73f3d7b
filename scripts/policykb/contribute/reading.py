"""Read the bytes of a source as plain values whose place is known, so that a message can say what is wrong and where.

Nothing here trusts the source: size, encoding, nesting, types and characters are checked before anything is used. `strict`
is for files that people keep and can correct: smaller, and a character that hides or reorders text refuses the whole file.
In official sources such a character refuses only the record whose text has it (`clean`).
"""

import codecs
import datetime
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from typing import Any, NamedTuple, TypeVar
from xml.etree.ElementTree import Element, ParseError
from xml.parsers.expat import ErrorString

from pydantic import TypeAdapter, ValidationError

from policykb.contribute.proposal import Proposal, Refuse
from policykb.files.reader import is_utf_16
from policykb.model import dates
from policykb.model import records as model
from policykb.model.parts import EMPTY
from policykb.model.problems import SourceError, shown
from policykb.text import cut

T = TypeVar("T")
MOST_BYTES = 64 << 20
MOST_STRICT_BYTES = 8 << 20
MOST_DEPTH = 60
MOST_TAGS = 500_000  # of an XML text; an element takes some hundred bytes of memory
MOST_CHARACTERS = 20_000  # of one text; the longest official titles have some thousand
MOST_LINE, MOST_TITLE, MOST_TEXT = 300, model.MOST_TITLE, 4000  # as the record types allow
# Control characters, characters that reorder or hide text, halves of characters. `strict` allows tabs and line ends alone.
_UNSAFE = re.compile(f"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f{model.HIDDEN}\ud800-\udfff]")
_STRICTLY_UNSAFE = re.compile(f"[\x0b\x0c\x85]|{_UNSAFE.pattern}")
# Control characters that programs write where Windows-1252 has a sign: U+0092 is an apostrophe there.
WINDOWS_1252 = {
    chr(code): bytes([code]).decode("cp1252")
    for code in range(0x80, 0xA0)
    if code not in (0x81, 0x85, 0x8D, 0x8F, 0x90, 0x9D)
}
_ODD = re.compile(f"[{''.join(WINDOWS_1252)}{model.INVISIBLE}]")
# What was done to the texts of the record that is being read, in words.
_remarks: ContextVar[list[str] | None] = ContextVar("remarks", default=None)
# Keys of the source that its reader did not read; None if no one asks for them.
unread: ContextVar[set[str] | None] = ContextVar("unread", default=None)
_URL = TypeAdapter(model.Url)


def bounded(data: bytes, name: str, strict: bool = False) -> bytes:
    """Return `data` if it is not too large. :raises SourceError: if it is, or if it is empty."""
    most = MOST_STRICT_BYTES if strict else MOST_BYTES
    if len(data) > most:
        raise SourceError(f"{name}: has {len(data):,} bytes; expected at most {most:,}")
    if not data.strip():
        raise SourceError(
            f"{name}: is empty; expected records in one of the forms that can be imported"
        )
    return data


def decoded(data: bytes, name: str, strict: bool = False) -> str:
    """Return `data` as UTF-8 text, with or without a byte order mark. :raises SourceError: if it is not."""
    bounded(data, name, strict)
    refuse_utf_16(data, name)
    try:
        return data.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise SourceError(
            f"{name}:{line}: byte 0x{error.object[error.start]:02x} is not UTF-8; expected a text file saved as UTF-8"
        ) from None


def refuse_utf_16(data: bytes, name: str) -> None:
    """Raise SourceError if `data` begins as text in UTF-16 does, with how to save it otherwise."""
    if is_utf_16(data):
        advice = "a text file saved as UTF-8; in Excel choose the type 'CSV UTF-8', elsewhere the encoding UTF-8"
        raise SourceError(f"{name}: is UTF-16; expected {advice}")


def strict_text(data: bytes, name: str) -> str:
    """Return the text of `data`, a file that people keep, with line feeds only.

    :raises SourceError: if it is empty, too large, not UTF-8, or has characters that hide or reorder text; with the line.
    """
    text = decoded(data, name, strict=True).replace("\r\n", "\n").replace("\r", "\n")
    return _strict(text, name, with_line=True)


class Node(NamedTuple):
    """A value of a JSON text and its place; its methods name what was expected if it is something else."""

    value: Any
    name: str
    place: str = ""
    # The place within the record, without positions; and the paths that were read, of all records of the source.
    path: str = ""
    seen: set[str] | None = None

    def wrong(self, expected: str) -> SourceError:
        """Return the error to raise for this value."""
        kind = {
            dict: "an object",
            list: "a list",
            str: "text",
            bool: "true or false",
            int: "a number",
            float: "a number",
            type(None): "nothing",
        }[type(self.value)]
        if isinstance(self.value, str | int | float):
            kind += f" '{shown(self.value, 60)}'"
        place = self.place or "the whole file"
        return SourceError(f"{self.name}: {place}: found {kind}; expected {expected}")

    def at(self, key: str) -> "Node":
        """Return the value under `key`, None if there is none."""
        if not isinstance(self.value, dict):
            raise self.wrong("an object")
        path = f"{self.path}.{key}" if self.path else key
        if self.seen is not None:
            self.seen.add(path)
        place = f"{self.place}.{key}" if self.place else key
        return Node(self.value.get(key), self.name, place, path, self.seen)

    def part(self, key: str) -> "Node":
        """Return the object under `key`; an empty one if there is none."""
        content = self.at(key)
        if content.value is None:
            return content._replace(value={})
        if not isinstance(content.value, dict):
            raise content.wrong("an object")
        return content

    def items(self, key: str = "") -> list["Node"]:
        """Return the items of the list under `key`, or of this one; none if it is absent."""
        node = self.at(key) if key else self
        if node.value is None:
            return []
        if not isinstance(node.value, list):
            raise node.wrong("a list")
        return [
            Node(item, self.name, f"{node.place}[{position}]", f"{node.path}[]", self.seen)
            for position, item in enumerate(node.value)
        ]

    def records(self, key: str) -> list["Node"]:
        """Return the records of a source: the items of this list or of the list under `key`, or this value alone."""
        if isinstance(self.value, dict) and key in self.value:
            listed = self.items(key)
        else:
            listed = self.items() if isinstance(self.value, list) else [self]
        seen: set[str] = set()
        return [item._replace(path="", seen=seen) for item in listed]

    def text(self, key: str = "", most: int = MOST_LINE) -> str:
        """Return the text under `key`, or this one, on one line and cut to `most` characters; '' if there is none. A number counts as text."""
        content = self.at(key) if key else self
        if content.value is None:
            return ""
        if type(content.value) is int and abs(content.value) < 10**15:
            return str(content.value)
        if not isinstance(content.value, str):
            raise content.wrong("text")
        return clean(content.value, f"{content.name}: {content.place}", most)

    def day(self, key: str) -> str:
        """Return the partial date under `key`; '' if there is none."""
        content = self.at(key)
        return day(content.text(), f"{content.name}: {content.place}")

    def called(self, *keys: str) -> str:
        """Return the name of this record in messages: the first texts under `keys` that it has, and its place."""
        raw = self.value if isinstance(self.value, dict) else {}
        named = [shown(raw[key], 60) for key in keys if isinstance(raw.get(key), str | int)]
        return ", ".join([*named, *([self.place] if self.place else [])]) or "the whole file"

    def flag(self, key: str) -> bool:
        """Return whether there is something true under `key`."""
        return self.at(key).value is True


def parsed_json(data: bytes, name: str, strict: bool = False) -> Node:
    """Return the value of a JSON text. :raises SourceError: if it is not JSON, or nested too deeply."""
    text = strict_text(data, name) if strict else decoded(data, name)
    try:
        value = json.loads(text, parse_constant=lambda constant: _refuse_constant(name, constant))
    except json.JSONDecodeError as error:
        is_cut = error.pos >= len(text.rstrip()) - 1 or "Unterminated" in error.msg
        hint = " (the file seems to be cut off)" if is_cut else ""
        raise SourceError(
            f"{name}:{error.lineno}: not JSON in column {error.colno}: {error.msg}{hint}; expected complete JSON"
        ) from None
    except RecursionError:
        raise SourceError(
            f"{name}: is nested too deeply; expected at most {MOST_DEPTH} levels"
        ) from None
    except ValueError:
        raise SourceError(
            f"{name}: has a number with too many digits; expected JSON with numbers of usual size"
        ) from None
    _check_depth(value, _inner_values, name)
    return Node(_strict_value(value, name) if strict else value, name)


def _inner_values(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _check_depth(root: T, inner: Callable[[T], Iterable[T]], name: str) -> None:
    """Raise SourceError if values inside values from `root` on have more than MOST_DEPTH levels."""
    level, depth = [root], 0
    while level:
        depth += 1
        if depth > MOST_DEPTH:
            raise SourceError(f"{name}: is nested too deeply; expected at most {MOST_DEPTH} levels")
        level = [part for value in level for part in inner(value)]


def _strict_value(value: Any, name: str) -> Any:
    """Return `value` with its texts checked, as escapes can hide characters from `strict_text`."""
    if isinstance(value, dict):
        return {_strict(key, name): _strict_value(part, name) for key, part in value.items()}
    if isinstance(value, list):
        return [_strict_value(part, name) for part in value]
    return _strict(value, name) if isinstance(value, str) else value


def _strict(text: str, name: str, with_line: bool = False) -> str:
    """Return `text` if every character of it can be shown safely. :raises SourceError: if not."""
    text = readable(text, name)
    if match := _STRICTLY_UNSAFE.search(text):
        line = text.count("\n", 0, match.start()) + 1
        raise _unsafe(match[0], f"{name}:{line}" if with_line else name)
    return text


def _unsafe(char: str, place: str) -> SourceError:
    title = unicodedata.name(char, "a control character")
    return SourceError(
        f"{place}: has the character U+{ord(char):04X} ({title}), which cannot be shown safely; expected plain text"
    )


def _refuse_constant(name: str, constant: str) -> None:
    raise SourceError(
        f"{name}: found the number {constant}; expected JSON, which has no such number"
    )


def parsed_xml(data: bytes, name: str, strict: bool = False) -> Element:
    """Return the root of an XML text without document type, so without entities of its own. :raises SourceError: if it is not that."""
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    bounded(data, name, strict)
    if data.count(b"<") > MOST_TAGS:
        raise SourceError(f"{name}: has more than {MOST_TAGS:,} tags; split the file")
    try:
        root = fromstring(data, forbid_dtd=True)
    except DefusedXmlException:
        raise SourceError(
            f"{name}: has a document type or entities of its own, which can hide other content; expected XML without them"
        ) from None
    except ParseError as error:
        raise SourceError(
            f"{name}:{error.position[0]}: not XML in column {error.position[1] + 1}: {ErrorString(error.code)}; expected complete XML"
        ) from None
    except (LookupError, ValueError) as error:
        raise SourceError(f"{name}: {shown(str(error), 120)}; expected XML in UTF-8") from None
    _check_depth(root, list, name)
    if strict:
        for element in root.iter():
            element.text = _strict(element.text or "", name)
            element.tail = _strict(element.tail or "", name)
    return root


def each(
    items: Iterable[T],
    describe: Callable[[T], Iterable[Proposal]],
    called: Callable[[T], str],
    refuse: Refuse,
    ignored: frozenset[str] = frozenset(),
) -> Iterator[Proposal]:
    """Return the proposals that `describe` gives for `items`; an item that cannot be read goes to `refuse` with its name by `called`.

    All that an item describes is returned, or nothing. Its main record has the remarks on changes of its texts.
    Keys of nodes that `describe` did not read are collected in `unread`, unless their path is in `ignored`.
    """
    described: list[Proposal] = []
    nodes: list[Node] = []
    for item in items:
        remarks: list[str] = []
        token = _remarks.set(remarks)
        try:
            proposals = list(describe(item))
        except SourceError as error:
            refuse(called(item), error)
            continue
        finally:
            _remarks.reset(token)
        if remarks and proposals:
            kinds = [proposal.kind for proposal in proposals]
            place = kinds.index("action") if "action" in kinds else 0
            unresolved = (*proposals[place].unresolved, *dict.fromkeys(remarks))
            proposals[place] = proposals[place]._replace(unresolved=unresolved)
        described += proposals
        if isinstance(item, Node):
            nodes.append(item)
    if unread.get() is not None:
        for node in nodes:
            note_unread(_unread_keys(node.value, node.path, node.seen or set(), ignored))
    return iter(described)


def note_unread(keys: Iterable[str]) -> None:
    """Collect keys of the source that were not read, if the import asks for them."""
    if (collected := unread.get()) is not None:
        collected.update(keys)


def _unread_keys(value: Any, path: str, seen: set[str], ignored: frozenset[str]) -> Iterator[str]:
    """Yield the paths of the keys in `value` that have content and are neither in `seen` nor in `ignored`."""
    if isinstance(value, list):
        for item in value:
            yield from _unread_keys(item, f"{path}[]", seen, ignored)
    elif isinstance(value, dict):
        for key, inner in value.items():
            place = f"{path}.{key}" if path else key
            if place in ignored or inner in EMPTY:
                continue
            if place in seen:
                yield from _unread_keys(inner, place, seen, ignored)
            else:
                yield place


def remark(text: str) -> None:
    """Add a remark on a change to the record that is being read."""
    remarks = _remarks.get()
    if remarks is not None:
        remarks.append(text)


def readable(text: str, place: str) -> str:
    """Return `text` with the signs that Windows-1252 has in place of control characters, and without invisible ones; remark on both."""
    odd = sorted(set(_ODD.findall(text)))
    if not odd:
        return text
    for char in odd:
        sign = WINDOWS_1252.get(char)
        change = f"was read as '{sign}' (Windows-1252)" if sign else "is invisible and was left out"
        remark(f"{place}: the character U+{ord(char):04X} {change}")
    return _ODD.sub(lambda match: WINDOWS_1252.get(match[0], ""), text)


def clean(text: str, place: str, most: int = MOST_LINE) -> str:
    """Return `text` on one line, cut at a word to `most` characters with `…` and a remark.

    :raises SourceError: if it has a character that cannot be shown safely, or is longer than any official text.
    """
    if len(text) > MOST_CHARACTERS:
        raise SourceError(
            f"{place}: has {len(text):,} characters; expected at most {MOST_CHARACTERS:,}"
        )
    text = readable(text, place)
    if match := _UNSAFE.search(text):
        raise _unsafe(match[0], place)
    line = " ".join(text.split())
    if len(line) > most:
        remark(f"{place}: has {len(line):,} characters and was cut to {most:,}")
    return cut(line, most)


def day(text: str, place: str) -> str:
    """Return the partial date that begins `text`, which may go on with a time; '' if it is empty. :raises SourceError: if it is none."""
    if not text:
        return ""
    match = re.fullmatch(r"(\d{4}(?:-\d{2}(?:-\d{2})?)?)(?:[T ].*)?", text, re.ASCII)
    try:
        dates.span(match[1] if match else "")
    except ValueError:
        raise SourceError(
            f"{place}: '{shown(text)}' is not a date; expected one such as 2026-06-15"
        ) from None
    return match[1]


def local_day(text: str, place: str, zone: str = "America/New_York") -> str:
    """Return the partial date that begins `text`, as `day` does; of a moment in universal time the day that it was in `zone`.

    A moment at midnight is a day that was written as a moment.
    """
    from dateutil.tz import gettz

    date = day(text, place)
    moment = re.search(r"T(\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z|[+]00:?00)$", text)
    if not moment or moment[1] == "00:00:00":
        return date
    try:
        return datetime.datetime.fromisoformat(text).astimezone(gettz(zone)).date().isoformat()
    except (ValueError, OverflowError):
        return date


def address(text: str) -> str:
    """Return `text` if it is a web address that a record may have, else ''."""
    try:
        return _URL.validate_python(text)
    except ValidationError:
        return ""


def unique(items: Iterable) -> list:
    """Return `items` in order, each once, without those that are empty."""
    return list(dict.fromkeys(filter(None, items)))
