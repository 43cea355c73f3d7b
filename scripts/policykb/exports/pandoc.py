"""A brief as Markdown, PDF and Word, made from its HTML by pandoc and, for PDF and pictures, by typst.

Both come as wheels that hold everything they need. pandoc reads the document into a tree and writes it out again, so
markup is escaped for each format. Nothing here reads the database or the clock: a document is dated by the day of its status.

The looks of a Word document are the styles of templates/a4.docx and letter.docx, which a word processor can change.
"""

import contextlib
import datetime
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from policykb.exports.brief import TEMPLATES, Brief, picture_css
from policykb.model.problems import NotInstalledError, ProgramError, install
from policykb.references import styles

FORMATS = ("markdown", "html", "pdf", "docx")
PAPERS = {"a4": "a4", "letter": "us-letter"}  # our name -> the name in typst


def markdown(brief: Brief) -> str:
    """Return the brief as CommonMark with tables; pictures are described in words.

    :raises NotInstalledError: without pandoc. :raises ProgramError: if it does not end in time.
    """
    with _folder() as folder:
        text = _pandoc(brief.body, folder, "-t", "gfm-raw_html", "--wrap=none", "--columns=200")
    return text.strip() + "\n"


def pdf(brief: Brief, on: str, paper: str = "a4") -> bytes:
    """Return the brief as a tagged PDF, dated `on`.

    :raises NotInstalledError: without pandoc or typst. :raises ProgramError: if one of them fails.
    """
    typst = _typst("PDF")
    with _folder(brief) as folder:
        layout = (TEMPLATES / "brief.typ").read_text(encoding="utf-8")
        body = _pandoc(brief.body, folder, "-t", "typst", "--wrap=none")
        (folder / "brief.typ").write_text(f"{layout}\n{body}", encoding="utf-8")
        year, month, day = on.split("-")
        inputs = {
            "title": f"{brief.title}: {brief.subtitle}",
            "author": brief.author,
            "footer": brief.footer,
            "paper": PAPERS[paper],
            "year": year,
            "month": month,
            "day": day,
        }
        try:
            return typst.compile(folder / "brief.typ", root=folder, format="pdf", sys_inputs=inputs)
        except RuntimeError as error:
            raise ProgramError(f"typst failed: {str(error)[:300]}") from None


def docx(brief: Brief, on: str, paper: str = "a4") -> bytes:
    """Return the brief as a Word document, dated `on`; its timelines are pixels, which every reader of such files can show.

    :raises NotInstalledError: without pandoc or typst. :raises ProgramError: if one of them fails.
    """
    typst = _typst("a Word document")
    noon = datetime.datetime.fromisoformat(f"{on}T12:00:00+00:00")
    with _folder(brief) as folder:
        for name in brief.pictures:
            page = (
                f'#set page(width: 17cm, height: auto, margin: 0pt)\n#image("{name}", width: 17cm)'
            )
            (folder / "picture.typ").write_text(page, encoding="utf-8")
            pixels = typst.compile(folder / "picture.typ", root=folder, format="png", ppi=220)
            (folder / name).with_suffix(".png").write_bytes(pixels)
        _pandoc(
            re.sub(r'(<img src="timeline-[a-z0-9-]+)\.svg"', r'\1.png" width="100%"', brief.body),
            folder,
            *("-t", "docx", "-o", "brief.docx"),
            *("--reference-doc", str(TEMPLATES / f"{paper}.docx")),
            *("--template", str(TEMPLATES / "brief.openxml")),  # without a title page
            *("--metadata", f"title={brief.title}: {brief.subtitle}"),
            *("--metadata", f"author={brief.author}", "--metadata", "lang=en"),
            SOURCE_DATE_EPOCH=str(int(noon.timestamp())),
        )
        return (folder / "brief.docx").read_bytes()


@contextlib.contextmanager
def _folder(brief: Brief | None = None) -> Iterator[Path]:
    """Yield a temporary folder with the pictures of `brief`, which are then removed."""
    with tempfile.TemporaryDirectory(prefix="policykb-brief-") as place:
        folder = Path(place)
        for name, picture in (brief.pictures if brief else {}).items():
            svg = picture.svg.replace("</title>", f"</title><style>{picture_css()}</style>", 1)
            (folder / name).write_text(svg, encoding="utf-8")
        yield folder


def _pandoc(body: str, folder: Path, *arguments: str, **environment: str) -> str:
    """Return what pandoc makes of the HTML `body`."""
    options = ["-f", "html", "--lua-filter", str(TEMPLATES / "brief.lua"), *arguments]
    try:
        return styles.pandoc(options, body, folder, environment)
    except NotInstalledError:
        raise _missing("anything but HTML") from None


def _typst(form: str):
    try:
        import typst
    except ImportError:
        raise _missing(form) from None
    return typst


def _missing(form: str) -> NotInstalledError:
    return NotInstalledError(
        f"a brief as {form} needs pandoc and typst, which are large;"
        f" install them with: {install('brief')} (HTML needs neither)"
    )
