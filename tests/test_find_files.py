"""Finding mentions in PDF, DOCX and EPUB files, and the bounds on reading them."""

import io
import time
import zipfile
from datetime import date, datetime

import docx
import pypdf
import pytest
import typst
from policykb.finding import reading
from policykb.finding.apart import Apart, LimitError

CONTAINER = '<container><rootfiles><rootfile full-path="in/a.opf"/></rootfiles></container>'
PACKAGE = (
    '<package xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:title>A book</dc:title>'
    "<dc:date>2026-06-05</dc:date></metadata><manifest>"
    '<item id="b" href="b.xhtml"/><item id="a" href="a%20a.xhtml"/></manifest>'
    '<spine><itemref idref="a"/><itemref idref="b"/></spine></package>'
)
WORDS = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
# Two pages that each say that the other is above it.
LOOP = b"""%PDF-1.4
1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj
2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1000/Parent 3 0 R>> endobj
3 0 obj <</Type/Pages/Kids[2 0 R]/Count 1000/Parent 2 0 R>> endobj
trailer <</Root 1 0 R>>
"""


def packed(files: dict[str, str | bytes]) -> bytes:
    """Return a ZIP file."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            whole = zipfile.ZIP_STORED if name == "mimetype" else None
            archive.writestr(name, content, whole)
    return data.getvalue()


def read(data: bytes, ending: str) -> reading.Document:
    (document,) = reading.from_bytes(data, f"a{ending}", ending)
    return document


def pdf(text: str) -> bytes:
    source = (
        f'#set document(title: "A paper", date: datetime(year: 2026, month: 6, day: 5))\n{text}'
    )
    return typst.compile(source.encode())


def test_pdf_gives_paragraphs_title_and_day():
    lines = (
        "EO 14409 asks that agencies test the models of all makers before anyone may use them. " * 4
    )
    document = read(pdf(f"= Heading\n{lines}\n\n{lines}"), ".pdf")
    assert (document.title, document.day) == ("A paper", date(2026, 6, 5))
    assert list(document.paragraphs.values()) == ["Heading", lines.strip(), lines.strip()]


def test_docx_gives_paragraphs_and_tables_in_order():
    file = docx.Document()
    file.core_properties.title = "A memo"
    file.core_properties.modified = datetime(2026, 6, 5)
    file.add_paragraph("EO 14409\twas ").add_run("signed.").bold = True
    file.add_table(1, 1).cell(0, 0).text = "In a table."
    file.add_paragraph("The end.")
    data = io.BytesIO()
    file.save(data)
    document = read(data.getvalue(), ".docx")
    assert (document.title, document.day) == ("A memo", date(2026, 6, 5))
    assert list(document.paragraphs.values()) == ["EO 14409 was signed.", "In a table.", "The end."]


def test_epub_gives_chapters_in_the_order_of_its_spine():
    files = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": CONTAINER,
        "in/a.opf": PACKAGE,
        "in/a a.xhtml": "<html><body><p>First.</p></body></html>",
        "in/b.xhtml": "<html><body><p>Second.</p></body></html>",
    }
    data = packed(files)
    document = read(data, reading.looks_like(data))
    assert (document.title, document.day) == ("A book", date(2026, 6, 5))
    assert list(document.paragraphs.values()) == ["First.", "Second."]


def locked() -> bytes:
    writer = pypdf.PdfWriter(io.BytesIO(pdf("Text.")))
    writer.encrypt("secret")
    data = io.BytesIO()
    writer.write(data)
    return data.getvalue()


DEEP = f"<html><body>{'<div>' * 100_000}"


def bomb() -> bytes:
    return packed({"word/document.xml": b" " * (65 << 20)})


def wide() -> bytes:
    paragraphs = "<w:p/>" * 9_000_000
    return packed({"word/document.xml": f'<w:d xmlns:w="{WORDS}">{paragraphs}</w:d>'})


ENTITY = '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'


@pytest.mark.parametrize(
    ("ending", "data", "message"),
    [
        (".pdf", locked, "needs a password"),
        (".pdf", lambda: pdf("#rect()"), "has no text"),
        (".pdf", lambda: LOOP, "is damaged"),
        (".docx", lambda: packed({"a.txt": "x"}), "has no valid word/document.xml"),
        (".docx", lambda: packed({"word/document.xml": ENTITY}), "has no valid word/document.xml"),
        (".docx", bomb, "larger than 64 MB when unpacked"),
        pytest.param(".docx", wide, "took more than", marks=pytest.mark.thorough),
        (".epub", lambda: packed({"META-INF/container.xml": CONTAINER}), "has no valid in/a.opf"),
        (
            ".epub",
            lambda: packed(
                {"META-INF/container.xml": CONTAINER, "in/a.opf": PACKAGE, "in/b.xhtml": DEEP}
            ),
            "nested deeper",
        ),
    ],
)
def test_bad_file_is_named_in_time(ending, data, message):
    content = data()
    read(pdf("The process begins."), ".pdf")
    start = time.monotonic()
    with pytest.raises(reading.ReadingError, match=message):
        read(content, ending)
    assert time.monotonic() - start < 20  # 2 s, and the machine may be busy
    assert "The end" in read(pdf("The end."), ".pdf").paragraphs["1"]


@pytest.mark.thorough
def test_time_and_memory_are_bounded():
    apart = Apart(1, 100 << 20)
    assert apart(len, "text") == 4
    with pytest.raises(LimitError, match="took more than 100 MB"):
        apart(bytearray, 200 << 20)
    with pytest.raises(LimitError, match="took more than 1 s"):
        apart(time.sleep, 5)
    with pytest.raises(ValueError, match="invalid literal"):
        apart(int, "x")
    assert apart(len, "texts") == 5
    apart.close()
