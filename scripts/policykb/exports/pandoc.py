"""A brief as Markdown, PDF and Word, made from its HTML document by pandoc and, for PDF and pictures, by typst.

Both come as wheels that hold everything they need. Markup is escaped for each format by pandoc, which reads the
document into a tree and writes it out again. Nothing here reads the database or the clock.
"""

import io
import re
import tempfile
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

from policykb.exports.brief import TEMPLATES, Brief, picture_css
from policykb.model.problems import install
from policykb.references import styles
from policykb.references.styles import Missing, TooSlow

FORMATS = ("markdown", "html", "pdf", "docx")
PAPERS = {"a4": "a4", "letter": "us-letter"}
_HOW = (
    "{} as {} needs pandoc and typst, which are large; install them in the checkout with: "
    + install("brief").replace("{", "{{").replace("}", "}}")
    + " (HTML needs neither)"
)
# Documents carry the day that they tell of as the time of their making.
NOON = "T12:00:00Z"
# Width and height of paper in twentieths of a point, as Word counts.
TWIPS = {"a4": (11906, 16838), "letter": (12240, 15840)}
_WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
_WORD_MEDIA = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_TIES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_DOCUMENT = (
    f'<w:document {_WORD}><w:body><w:p/><w:sectPr><w:footerReference w:type="default" r:id="rIdFooter"/><w:pgSz w:w="{{}}" w:h="{{}}"/>'
    '<w:pgMar w:top="740" w:right="907" w:bottom="740" w:left="907" w:header="450" w:footer="450" w:gutter="0"/></w:sectPr></w:body></w:document>'
)
_CORE = (
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>{title}</dc:title><dc:creator>{author}</dc:creator>'
    '<dc:language>en</dc:language><dcterms:created xsi:type="dcterms:W3CDTF">{moment}</dcterms:created><dcterms:modified xsi:type="dcterms:W3CDTF">{moment}</dcterms:modified>'
    "</cp:coreProperties>"
)
_FOOTER = (
    f'<w:ftr {_WORD}><w:p><w:pPr><w:pStyle w:val="Footer"/></w:pPr><w:fldSimple w:instr="PAGE"><w:r><w:t>1</w:t></w:r></w:fldSimple>'
    '<w:r><w:t xml:space="preserve"> / </w:t></w:r><w:fldSimple w:instr="NUMPAGES"><w:r><w:t>1</w:t></w:r></w:fldSimple></w:p></w:ftr>'
)


def markdown(made: Brief) -> str:
    """The brief as CommonMark with tables, pictures told in words.

    :raises Missing: without pandoc. :raises TooSlow: if it does not end in time.
    """
    with tempfile.TemporaryDirectory(prefix="policykb-brief-") as place:
        return (
            _pandoc(
                made, ["-t", "gfm-raw_html", "--wrap=none", "--columns=200"], Path(place)
            ).strip()
            + "\n"
        )


def pdf(made: Brief, on: str, paper: str = "a4") -> bytes:
    """The brief as a tagged PDF, dated `on`.

    :raises Missing: without pandoc or typst. :raises TooSlow: if one of them fails.
    """
    typst = _typst("PDF")
    with tempfile.TemporaryDirectory(prefix="policykb-brief-") as place:
        folder = Path(place)
        for name, picture in made.pictures.items():
            (folder / name).write_text(_styled(picture.svg), encoding="utf-8")
        body = _pandoc(made, ["-t", "typst", "--wrap=none"], folder)
        (folder / "brief.typ").write_text(
            (TEMPLATES / "brief.typ").read_text(encoding="utf-8") + "\n" + body, encoding="utf-8"
        )
        year, month, day = on.split("-")
        given = {
            "title": f"{made.title}: {made.subtitle}",
            "author": made.author,
            "footer": made.footer,
            "paper": PAPERS[paper],
            "year": year,
            "month": month,
            "day": day,
        }
        try:
            return typst.compile(folder / "brief.typ", root=folder, format="pdf", sys_inputs=given)
        except RuntimeError as error:
            raise TooSlow(f"typst failed: {str(error)[:300]}") from None


def docx(made: Brief, on: str, paper: str = "a4") -> bytes:
    """The brief as a Word document, dated `on`; its timelines are pixels, which every reader of such files can show.

    :raises Missing: without pandoc or typst. :raises TooSlow: if one of them fails.
    """
    typst = _typst("a Word document")
    with tempfile.TemporaryDirectory(prefix="policykb-brief-") as place:
        folder = Path(place)
        for name, picture in made.pictures.items():
            (folder / name).write_text(_styled(picture.svg), encoding="utf-8")
            source = f'#set page(width: 17cm, height: auto, margin: 0pt)\n#image("{name}", width: 17cm)'.encode()
            (folder / "picture.typ").write_bytes(source)
            (folder / name.replace(".svg", ".png")).write_bytes(
                typst.compile(folder / "picture.typ", root=folder, format="png", ppi=220)
            )
        (folder / "reference.docx").write_bytes(_reference(folder, paper))
        body = re.sub(r'(<img src="timeline-[a-z0-9-]+)\.svg"', r'\1.png" width="100%"', made.body)
        _pandoc(
            made._replace(body=body),
            ["-t", "docx", "--reference-doc", "reference.docx", "-o", "brief.docx"],
            folder,
        )
        return _described((folder / "brief.docx").read_bytes(), made, on + NOON)


def _pandoc(made: Brief, arguments: list[str], folder: Path) -> str:
    try:
        return styles.pandoc(
            ["-f", "html", "--lua-filter", str(TEMPLATES / "brief.lua"), *arguments],
            made.body,
            folder,
        )
    except Missing:
        raise Missing(_HOW.format("a brief", "anything but HTML")) from None


def _typst(form: str):
    try:
        import typst
    except ImportError:
        raise Missing(_HOW.format("a brief", form)) from None
    return typst


def _styled(svg: str) -> str:
    """A picture that stands alone, with its looks in it."""
    return svg.replace("</title>", f"</title><style>{picture_css()}</style>", 1)


def _reference(folder: Path, paper: str) -> bytes:
    """pandoc's own pattern of a Word document with the styles of styles.xml, on paper of a size, with numbers on its pages."""
    given = styles.pandoc_bytes(["--print-default-data-file", "reference.docx"], folder)
    with zipfile.ZipFile(io.BytesIO(given)) as archive:
        kinds, ties = (
            archive.read("[Content_Types].xml").decode(),
            archive.read("word/_rels/document.xml.rels").decode(),
        )
    return _rezipped(
        given,
        {
            "word/styles.xml": (TEMPLATES / "styles.xml").read_bytes(),
            "word/document.xml": _DOCUMENT.format(*TWIPS[paper]).encode(),
            "word/footer1.xml": _FOOTER.encode(),
            "[Content_Types].xml": kinds.replace(
                "</Types>",
                f'<Override PartName="/word/footer1.xml" ContentType="{_WORD_MEDIA}.footer+xml"/></Types>',
            ).encode(),
            "word/_rels/document.xml.rels": ties.replace(
                "</Relationships>",
                f'<Relationship Id="rIdFooter" Type="{_TIES}/footer" Target="footer1.xml"/></Relationships>',
            ).encode(),
        },
    )


def _described(document: bytes, made: Brief, moment: str) -> bytes:
    """A Word document with its title, author and moment, which pandoc would print on the page as well."""
    core = _CORE.format(
        title=escape(f"{made.title}: {made.subtitle}"), author=escape(made.author), moment=moment
    )
    return _rezipped(document, {"docProps/core.xml": core.encode()})


def _rezipped(document: bytes, replaced: dict[str, bytes]) -> bytes:
    """The archive with some of its files replaced and every file of the same age, so that the same content is the same bytes."""
    given, made = zipfile.ZipFile(io.BytesIO(document)), io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in [
            *given.namelist(),
            *(name for name in replaced if name not in given.namelist()),
        ]:
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, replaced[name] if name in replaced else given.read(name))
    return made.getvalue()
