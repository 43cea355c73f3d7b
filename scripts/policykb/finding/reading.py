"""Documents to search: files of all kinds become paragraphs with labels, a title and a day.

Any bytes give documents, or a ReadingError that says in one line why there are none.
"""

import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, NamedTuple

from policykb.checks.texts import paragraphs
from policykb.finding import containers
from policykb.finding.apart import Apart, LimitError
from policykb.model import dates
from policykb.model.problems import install
from policykb.model.vocabulary.terms import tables

MOST_BYTES = 2 << 20  # of one document
MOST_PACKED = 32 << 20  # bytes of a PDF, DOCX or EPUB file
MOST_SECONDS = 2.0  # to read one whose parser can be made to run for ever
MOST_QUICK = 20_000  # bytes that every parser reads in well under a second, whatever they are
MOST_FILE_BYTES = 256 << 20  # of a file of many documents
MOST_PARAGRAPHS = 20_000
MOST_FILES = 10_000
MOST_DEPTH = 400  # of elements of HTML; deeper ones are an attack
STANDARD_INPUT = "-"
# Endings of files that are known and not read, and what to do instead.
NOT_READ = {
    ".doc": "DOC is not read; save it as text or HTML",
    ".odt": "ODT is not read; save it as text or HTML",
    ".parquet": "Parquet is not read yet; export it as JSON Lines",
    ".gz": "compressed files are not read; unpack it",
    ".zip": "compressed files are not read; unpack it",
}
# Elements of HTML that begin and end a paragraph.
_BLOCKS = "p, h1, h2, h3, h4, h5, h6, ul, ol, dl, li, blockquote, dd, dt, table, tr, td, th, pre, figure, div, section, br, hr"
_BREAK = "\x1e"
_LEFT_OUT = [
    "script",
    "style",
    "noscript",
    "template",
    "nav",
    "footer",
    "aside",
    "form",
    "svg",
]
# Names under which pages, feeds and JSON give the day, the text and the name of a document.
_NAMES = tables(Path(__file__).parent / "data" / "metadata.toml")


# Keys of objects, and columns of tables, that are read.
FIELDS = {"title", *_NAMES["json_text"], *_NAMES["json_day"], *_NAMES["json_name"]}


class ReadingError(ValueError):
    """A document cannot be read. The message says why and what to do."""


class Document(NamedTuple):
    """A document to search: its name, its paragraphs by label, its title and day if known, the rule by which paragraphs are counted."""

    name: str
    paragraphs: dict[str, str]
    title: str = ""
    day: date | None = None
    blocks: str = "lines"


class Rule(NamedTuple):
    """How paragraphs are counted, as the `text_rule` of a document says: `lines` or `markdown`, and the blocks to skip."""

    blocks: str = ""
    skip: tuple[str, ...] = ()


PLAIN_RULE = Rule()


def files(path: Path) -> list[Path]:
    """Return the files to read at `path`, a file or a folder, sorted by name; hidden ones are left out.

    :raises ReadingError: if there is nothing, or too much.
    """
    if not path.exists():
        if re.match(r"https?:/", str(path)):
            raise ReadingError("an address is not read; save the page, and name its file")
        raise ReadingError(f"there is no file {path}")
    if not path.is_dir():
        return [path]
    hit = []
    for file in path.rglob("*"):
        hidden = any(part.startswith(".") for part in file.relative_to(path).parts)
        if file.suffix.lower() in ENDINGS | NOT_READ.keys() and file.is_file() and not hidden:
            hit.append(file)
        if len(hit) > MOST_FILES:
            raise ReadingError(f"{path} has more than {MOST_FILES:,} files; name a smaller folder")
    if not hit:
        raise ReadingError(f"{path} has no file to read; expected {', '.join(sorted(ENDINGS))}")
    return sorted(hit)


def read(path: Path, rule: Rule = PLAIN_RULE) -> Iterator[Document | ReadingError]:
    """Yield the documents in the file at `path`; an error for each that cannot be read.

    :raises ReadingError: if the file as a whole cannot be read.
    """
    ending = path.suffix.lower()
    if ending in NOT_READ:
        raise ReadingError(f"{path.name}: {NOT_READ[ending]}")
    if ending not in ENDINGS:
        raise ReadingError(f"{path.name}: unknown ending; expected {', '.join(sorted(ENDINGS))}")
    if ending in (".jsonl", ".ndjson"):
        yield from _json_lines(path, rule)
        return
    try:
        with path.open("rb") as file:
            data = file.read(MOST_PACKED + 1)
    except OSError as error:
        raise ReadingError(f"{path.name}: {error.strerror}") from None
    yield from from_bytes(data, path.name, ending, rule)


def from_bytes(
    data: bytes, name: str, ending: str = ".txt", rule: Rule = PLAIN_RULE
) -> Iterator[Document | ReadingError]:
    """Yield the documents in `data`, which is what a file with that ending holds.

    What may keep a parser busy for ever is read in a process of its own.

    :raises ReadingError: if it is too large, empty or not text, or takes too long to read.
    """
    most = MOST_PACKED if ending in PACKED else MOST_BYTES
    if len(data) > most:
        raise ReadingError(f"{name}: larger than {most >> 20} MB; split it")
    large = len(data) > MOST_QUICK
    if ending in PACKED or large and READERS[ending] not in (_plain, _lines):
        try:
            yield from _APART(_all_documents, data, name, ending, rule)
        except LimitError as error:
            raise ReadingError(f"{name}: {error}") from None
        except ReadingError:
            raise
        except ImportError as error:
            message = f"{name}: {error.name} is not installed; install it in the checkout with: "
            raise ReadingError(message + install("find")) from None
        except (
            Exception
        ) as error:  # parsers fail in ways of their own on what is made to break them
            raise ReadingError(f"{name}: cannot be read: {type(error).__name__}") from None
    else:
        yield from _documents(data, name, ending, rule)


def _all_documents(*arguments) -> list[Document | ReadingError]:
    return list(_documents(*arguments))


def _documents(
    data: bytes, name: str, ending: str, rule: Rule
) -> Iterator[Document | ReadingError]:
    if ending in PACKED:
        try:
            content = PACKED[ending](data)
        except containers.ContentError as error:
            raise ReadingError(f"{name}: {error}") from None
        lines, day = Rule("lines", rule.skip), day_of(content.day)
        yield _document(name, "\n".join(content.lines), lines, content.title, day)
        return
    text = _decoded(data, name)
    if not text.strip():
        raise ReadingError(f"{name}: is empty")
    yield from READERS[ending](text, name, rule)


def looks_like(data: bytes) -> str:
    """Return the ending that fits what standard input holds."""
    if data.startswith(b"PK"):
        return ".epub" if b"application/epub+zip" in data[:100] else ".docx"
    start = data[:500].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"%pdf"):
        return ".pdf"
    if start.startswith((b"<!doctype html", b"<html")):
        return ".html"
    return ".xml" if start.startswith((b"<?xml", b"<rss", b"<feed")) else ".txt"


def _decoded(data: bytes, name: str) -> str:
    """Return the text of `data`: UTF-8, UTF-16 with its mark, else Windows-1252."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    if b"\0" in data[:4096]:
        raise ReadingError(f"{name}: is not text")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _document(
    name: str, text: str, rule: Rule, title: str = "", day: date | None = None
) -> Document:
    blocks = rule.blocks or "lines"
    try:
        labelled = paragraphs(text, blocks, rule.skip)
    except RecursionError:
        raise ReadingError(f"{name}: is nested too deeply") from None
    if len(labelled) > MOST_PARAGRAPHS:
        raise ReadingError(f"{name}: more than {MOST_PARAGRAPHS:,} paragraphs; split it")
    return Document(name, labelled, title, day, blocks)


def _plain(text: str, name: str, rule: Rule) -> Iterator[Document]:
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    yield _document(name, text, rule, first[:200])


def _markdown(text: str, name: str, rule: Rule) -> Iterator[Document]:
    front = re.match(r"---\r?\n(.{0,4000}?)\r?\n---\r?\n", text, re.DOTALL)
    head = front[1] if front else ""
    day = re.search(r"^(?:date|issued|published): *['\"]?(\d{4}-\d\d-\d\d)", head, re.MULTILINE)
    title = re.search(r"^title: *(.+)$", head, re.MULTILINE) or re.search(
        r"^# (.+)$", text, re.MULTILINE
    )
    rule = Rule(rule.blocks or "markdown", rule.skip)
    name_of = title[1].strip(" '\"") if title else ""
    yield _document(name, text, rule, name_of, day_of(day[1]) if day else None)


def _html(text: str, name: str, rule: Rule) -> Iterator[Document]:
    lines, title, day = _html_lines(text, name)
    yield _document(name, "\n".join(lines), Rule("lines", rule.skip), title, day)


def _html_lines(text: str, name: str) -> tuple[list[str], str, date | None]:
    """Return the blocks of text of a page, one a line, its title and its day."""
    from selectolax.lexbor import LexborHTMLParser

    if _depth(text) > MOST_DEPTH:
        raise ReadingError(f"{name}: elements are nested deeper than {MOST_DEPTH}")
    page = LexborHTMLParser(text)
    day = None
    for meta in page.css("meta[content]"):
        names = {meta.attributes.get(key) for key in ("property", "name", "itemprop")}
        if not names.isdisjoint(_NAMES["html_day"]):
            day = day or day_of(meta.attributes["content"] or "")
    if day is None and (time := page.css_first("time[datetime]")):
        day = day_of(time.attributes["datetime"] or "")
    heading = page.css_first("title") or page.css_first("h1")
    title = " ".join(heading.text().split()) if heading else ""
    page.strip_tags(_LEFT_OUT)
    root = page.css_first("article") or page.css_first("main") or page.body
    if root is None:
        return [], title, day
    for node in root.css(_BLOCKS):
        node.insert_before(_BREAK)
        node.insert_after(_BREAK)
    lines = [" ".join(line.split()) for line in root.text().split(_BREAK)]
    return list(filter(None, lines)), title, day


def _depth(text: str) -> int:
    """Return at most how deep elements of HTML are nested, counting those never closed as one level each."""
    depth = deepest = 0
    void = r"(?!(?:p|li|br|hr|img|meta|link|input|td|tr|dd|dt|option|source)\b)"
    for tag in re.finditer(rf"<(/?){void}[a-zA-Z]", text):
        depth = max(0, depth + (-1 if tag[1] else 1))
        deepest = max(deepest, depth)
    return deepest


def _feed(text: str, name: str, rule: Rule) -> Iterator[Document | ReadingError]:
    """Yield each entry of an RSS or Atom feed."""
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    try:
        root = fromstring(text.encode())
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise ReadingError(f"{name}: is not a feed: {error or type(error).__name__}") from None
    entries = [item for item in root.iter() if _local(item.tag) in ("item", "entry")]
    if not entries:
        raise ReadingError(f"{name}: has no entries; expected RSS or Atom")
    for number, entry in enumerate(entries, 1):
        fields = {_local(child.tag): child for child in reversed(entry)}
        values = {key: "".join(child.itertext()).strip() for key, child in fields.items()}
        body = values.get("encoded") or values.get("content") or values.get("description")
        body = body or values.get("summary", "")
        day = next((day_of(values[key]) for key in _NAMES["feed_day"] if values.get(key)), None)
        label = values.get("link") or values.get("id") or str(number)
        try:
            lines = _html_lines(body, label)[0] if "<" in body else body.splitlines()
            text_of = "\n".join([values.get("title", ""), *lines])
            yield _document(f"{name}: {label}", text_of, rule, values.get("title", ""), day)
        except ReadingError as error:
            yield error


def _local(tag: object) -> str:
    return str(tag).rpartition("}")[2]


def _json_lines(path: Path, rule: Rule) -> Iterator[Document | ReadingError]:
    """Yield the document of each line, an object with `text`; a line that is too long is passed over without reading it whole."""
    if path.stat().st_size > MOST_FILE_BYTES:
        raise ReadingError(f"{path.name}: larger than {MOST_FILE_BYTES >> 20} MB; split it")
    with path.open("rb") as file:
        number = 0
        while line := file.readline(MOST_BYTES + 1):
            number += 1
            if len(line) > MOST_BYTES:
                while not line.endswith(b"\n") and (line := file.readline(MOST_BYTES)):
                    pass
                yield ReadingError(f"{path.name} line {number}: longer than {MOST_BYTES >> 20} MB")
            elif line.strip():
                yield _json_document(line, f"{path.name} line {number}", rule)


def _lines(text: str, name: str, rule: Rule) -> Iterator[Document | ReadingError]:
    """Yield the document of each line of JSON Lines that are in memory."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            yield _json_document(line.encode(), f"{name} line {number}", rule)


def _json_document(line: bytes, name: str, rule: Rule) -> Document | ReadingError:
    try:
        return from_fields(json.loads(line), name, rule)
    except (ValueError, RecursionError):
        return ReadingError(f"{name}: expected an object with a key `text`")


def from_fields(content: Any, name: str, rule: Rule = PLAIN_RULE) -> Document | ReadingError:
    """Return the document of a row or an object, whose keys are among FIELDS."""
    try:
        text = next(
            content[key] for key in _NAMES["json_text"] if isinstance(content.get(key), str)
        )
    except (AttributeError, StopIteration):
        return ReadingError(f"{name}: expected an object with a key `text`")
    if len(text) > MOST_BYTES:
        return ReadingError(f"{name}: longer than {MOST_BYTES >> 20} MB")
    days = (day_of(str(content[key])) for key in _NAMES["json_day"] if content.get(key))
    names = (_whole(str(content[key])) for key in _NAMES["json_name"] if content.get(key))
    title = _whole(str(content.get("title") or ""))
    try:
        return _document(next(names, name), _whole(text), rule, title, next(days, None))
    except ReadingError as error:
        return error


def _whole(text: str) -> str:
    """Return `text` with ? for halves of pairs of UTF-16, which JSON can hold and UTF-8 cannot."""
    return text.encode(errors="replace").decode()


def day_of(text: str) -> date | None:
    """Return the day that metadata give, or None."""
    text = text.strip()[:80]
    if match := re.match(r"\d{4}-\d\d-\d\d", text):
        text = match[0]
    try:
        if dates.is_day(text):
            return date.fromisoformat(text)
        return parsedate_to_datetime(text).date()
    except (ValueError, TypeError):
        reading = dates.understood(text) or ""
        return date.fromisoformat(reading) if dates.is_day(reading) else None


def _epub(data: bytes) -> containers.Content:
    return containers.epub(data, lambda page: _html_lines(page, "a chapter")[0])


PACKED = {".pdf": containers.pdf, ".docx": containers.docx, ".epub": _epub}
_APART = Apart(MOST_SECONDS)
Reader = Callable[[str, str, Rule], Iterator[Document | ReadingError]]
READERS: dict[str, Reader] = {
    ".txt": _plain,
    ".text": _plain,
    ".md": _markdown,
    ".markdown": _markdown,
    ".html": _html,
    ".htm": _html,
    ".xml": _feed,
    ".rss": _feed,
    ".atom": _feed,
    ".jsonl": _lines,
    ".ndjson": _lines,
}
ENDINGS = READERS.keys() | PACKED.keys()
COUNTED = (".txt", ".text", ".md", ".markdown")  # files whose own blocks are the paragraphs
