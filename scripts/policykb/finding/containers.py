"""The text of PDF, DOCX and EPUB files. The only module that knows the PDF library.

What they give is read in a process of its own (apart.py), since a file can make any parser run for ever.
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from typing import NamedTuple
from urllib.parse import unquote

MOST_CHARACTERS = 2 << 20  # of the text of a document
MOST_UNPACKED = 64 << 20  # bytes of what is read of a ZIP file
MOST_PAGES = 2000
SHORT, HALF = 0.75, 0.5  # of the usual length of a line; shorter ones end paragraphs
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


class Content(NamedTuple):
    """What a file holds: its paragraphs, its title, and its day as its metadata write it."""

    lines: list[str]
    title: str = ""
    day: str = ""


class ContentError(ValueError):
    """A file cannot be read. The message says why."""


def pdf(data: bytes) -> Content:
    """Return the text of a PDF file.

    :raises ContentError: if it is damaged, has a password, or has no text.
    """
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        locked = "password" in str(error).lower()
        raise ContentError(
            "needs a password" if locked else "is not a PDF, or is damaged"
        ) from None
    if len(document) > MOST_PAGES:
        raise ContentError(f"has more than {MOST_PAGES:,} pages; split it")
    pages = (_page(document, number) for number in range(len(document)))
    try:
        lines = "\n".join(_bounded(pages)).splitlines()
    except pypdfium2.PdfiumError:
        raise ContentError("is damaged") from None
    if not any(line.strip() for line in lines):
        raise ContentError("has no text; if it shows pictures of pages, read them with OCR first")
    about = document.get_metadata_dict()
    day = re.match(r"D:(\d{4})(\d\d)(\d\d)", about.get("CreationDate", ""))
    return Content(
        list(_joined(lines)), about.get("Title", ""), "-".join(day.groups() if day else ())
    )


def _page(document, number: int) -> str:
    page = document[number]
    text = page.get_textpage()
    try:
        return text.get_text_range()
    finally:
        text.close()
        page.close()


def _bounded(texts: Iterator[str]) -> Iterator[str]:
    """Yield `texts`.

    :raises ContentError: if they are too long together.
    """
    free = MOST_CHARACTERS
    for text in texts:
        free -= len(text)
        if free < 0:
            raise ContentError(f"has more than {MOST_CHARACTERS:,} characters; split it")
        yield text


def _joined(lines: list[str]) -> Iterator[str]:
    """Yield the paragraphs of printed lines: one ends at an empty line, a heading, and a short line that ends a sentence."""
    lengths = sorted(len(line) for line in lines if line.strip())
    usual = lengths[len(lengths) * 3 // 4]
    paragraph = ""
    for line in lines:
        text = " ".join(line.replace("\ufffe", "-").split())
        if paragraph.endswith("-") and text[:1].islower():
            paragraph = paragraph[:-1] + text
        else:
            paragraph = f"{paragraph} {text}".strip()
        short = SHORT if text[-1:] in set('.!?:;”"') else HALF
        if paragraph and len(text) < usual * short:
            yield paragraph
            paragraph = ""
    if paragraph:
        yield paragraph


class _Archive:
    """The files in a ZIP file, as many as MOST_UNPACKED bytes."""

    def __init__(self, data: bytes) -> None:
        try:
            self._file = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, NotImplementedError):
            raise ContentError("is not a ZIP file, or is damaged") from None
        self._free = MOST_UNPACKED

    def read(self, name: str) -> bytes:
        """Return the file `name`; b'' if there is none.

        :raises ContentError: if it is damaged, has a password, or is too large unpacked.
        """
        try:
            with self._file.open(name) as file:
                content = file.read(self._free + 1)
        except KeyError:
            return b""
        except RuntimeError:
            raise ContentError("needs a password") from None
        except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, zipfile.zlib.error):
            raise ContentError("is damaged") from None
        self._free -= len(content)
        if self._free < 0:
            raise ContentError(f"is larger than {MOST_UNPACKED >> 20} MB when unpacked")
        return content

    def tree(self, name: str):
        """Return the root of the XML file `name`.

        :raises ContentError: if it is missing, or no plain XML.
        """
        from defusedxml.common import DefusedXmlException
        from defusedxml.ElementTree import ParseError, fromstring

        content = self.read(name)
        try:
            return fromstring(content)
        except (ParseError, DefusedXmlException, ValueError):
            raise ContentError(f"has no valid {name}") from None


def docx(data: bytes) -> Content:
    """Return the text of a DOCX file, paragraphs of tables too.

    :raises ContentError: if it cannot be read.
    """
    archive = _Archive(data)
    paragraphs = archive.tree("word/document.xml").iter(f"{_WORD}p")
    lines = [text for text in _bounded(map(_docx_text, paragraphs)) if text]
    title, day = "", ""
    if archive.read("docProps/core.xml"):
        about = _values(archive.tree("docProps/core.xml"))
        title, day = about.get("title", ""), about.get("modified") or about.get("created", "")
    return Content(lines, title, day)


def _docx_text(paragraph) -> str:
    parts = {f"{_WORD}tab": " ", f"{_WORD}br": " "}
    runs = (
        (node.text or "") if node.tag == f"{_WORD}t" else parts.get(node.tag, "")
        for node in paragraph.iter()
    )
    return " ".join("".join(runs).split())


def _values(root) -> dict[str, str]:
    """Return the texts of the elements under `root` by their names; of several the first."""
    values: dict[str, str] = {}
    for node in root.iter():
        values.setdefault(node.tag.rpartition("}")[2], (node.text or "").strip())
    return values


def epub(data: bytes, html_lines: Callable[[str], list[str]]) -> Content:
    """Return the text of an EPUB file in the order of its spine; `html_lines` returns the paragraphs of a page.

    :raises ContentError: if it cannot be read.
    """
    archive = _Archive(data)
    roots = archive.tree("META-INF/container.xml").iterfind(".//{*}rootfile")
    package = next((node.get("full-path", "") for node in roots), "")
    root = archive.tree(package)
    folder = package.rpartition("/")[0]
    files = {node.get("id"): node.get("href", "") for node in root.iterfind(".//{*}item")}
    chapters = [files.get(node.get("idref"), "") for node in root.iterfind(".//{*}itemref")]
    lines: list[str] = []
    for chapter in dict.fromkeys(chapters):
        name = f"{folder}/{unquote(chapter)}".lstrip("/")
        lines += _bounded(iter(html_lines(archive.read(name).decode(errors="replace"))))
    about = _values(root)
    return Content(lines, about.get("title", ""), about.get("date", ""))
