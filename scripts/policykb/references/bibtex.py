"""BibTeX and BibLaTeX -> proposed documents. Splitting and names are bibtexparser's, LaTeX is decoded by pylatexenc."""

import logging
import re
from collections.abc import Iterator

import bibtexparser
from bibtexparser.library import Library
from bibtexparser.middlewares.names import (
    InvalidNameError,
    parse_single_name_into_parts,
    split_multiple_persons_names,
)
from bibtexparser.middlewares.parsestack import default_parse_stack
from bibtexparser.model import (
    DuplicateBlockKeyBlock,
    DuplicateFieldKeyBlock,
    Entry,
    ImplicitComment,
    ParsingFailedBlock,
)
from pylatexenc import latexwalker
from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db
from pylatexenc.macrospec import MacroSpec

from policykb.contribute.proposal import Proposal, Refuse, Unreadable, stop
from policykb.model.problems import shown
from policykb.model.vocabulary import DOCUMENT_TYPES
from policykb.references import untrusted as safe
from policykb.references.entry import (
    MOST_CHARACTERS,
    MOST_ENTRIES,
    OTHER_TYPE,
    literal,
    person,
    proposal,
)

TYPES = {name: term.id for term in DOCUMENT_TYPES for name in term.from_bibtex}
FIELDS = {
    "title": ("title",),
    "authors": ("author",),
    "issued": ("date", "year"),
    "container": ("journaltitle", "journal", "booktitle", "howpublished"),
    "volume": ("volume",),
    "page": ("pages",),
    "publisher": ("publisher", "institution", "school", "organization"),
    "number": ("number",),
    "doi": ("doi",),
    "url": ("url",),
    "language": ("langid", "language"),
    "keywords": ("keywords",),
    "licence": ("license", "copyright"),
    "accessed": ("urldate",),
    "grade": ("grade",),
}
# Read together with a field above.
_BESIDE = frozenset({"subtitle", "month", "day", "issue", "eprint", "archiveprefix", "eprinttype"})
# Left out without a word: other people's words, private notes, what a reference manager keeps for itself.
IGNORED = frozenset(
    """abstract annotation annote note file pdf groups timestamp owner added-at date-added date-modified biburl bibsource interhash
    intrahash shorttitle shortjournal issn isbn eissn pmid pmcid address location edition primaryclass eprintclass journalsubtitle mendeley-tags
    priority rating read readstatus ids numpages""".split()
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MOST_FIELD = 20_000
_ENTRY = re.compile(r"@\s*\w+\s*[{(]")
# What the decoder does not know, or fails on: symbols of legal texts, links, old switches of type.
_SYMBOLS = {
    "S": "\u00a7",
    "P": "\u00b6",
    "pounds": "\u00a3",
    "copyright": "\u00a9",
    "textregistered": "\u00ae",
}
_SYMBOLS |= {"LaTeX": "LaTeX", "TeX": "TeX", "dots": "\u2026"}
_TEXTS = get_default_latex_context_db()
_TEXTS.add_context_category(
    "documents",
    prepend=True,
    macros=[
        *(MacroTextSpec(name, symbol) for name, symbol in _SYMBOLS.items()),
        MacroTextSpec("href", "%(2)s"),
        MacroTextSpec("url", "%s"),
    ],
)
_MACROS = latexwalker.get_default_latex_context_db()
_MACROS.add_context_category("documents", prepend=True, macros=[MacroSpec("href", "{{")])
_DECODER = LatexNodes2Text(_TEXTS, math_mode="verbatim", strict_latex_spaces=False)

# What it finds wrong is told by exceptions and blocks here; its log would say it a second time, once an entry.
_log = logging.getLogger("bibtexparser")
_log.addHandler(logging.NullHandler())
_log.propagate = False


def is_it(data: bytes) -> bool:
    """Whether the bytes look like this format."""
    return re.search(rb"@\s*\w{3,30}\s*\{[^\s,{}]*\s*,", data[:65536]) is not None


def read(data: bytes, name: str, refuse: Refuse = stop) -> Iterator[Proposal]:
    """The documents that a BibTeX file describes.

    :raises Unreadable: if an entry is unfinished or broken, with its line; if there is none or there are too many.
    """
    text = safe.text(data, name)
    starts = [match.start() for match in _ENTRY.finditer(text)]
    count = len(starts)
    if not count:
        raise Unreadable(
            f"{name}: has no entry; expected BibTeX, such as @article{{key, title = {{...}}}}"
        )
    if count > MOST_ENTRIES:
        raise Unreadable(
            f"{name}: has {count:,} entries; expected at most {MOST_ENTRIES:,} in one file"
        )
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        if end - start > MOST_CHARACTERS:
            raise Unreadable(
                f"{name}:{text.count(chr(10), 0, start) + 1}: the entry that begins here has more than {MOST_CHARACTERS:,} characters; expected at most that"
            )
    try:
        library = bibtexparser.parse_string(text)
    except (
        ValueError,
        LookupError,
        AttributeError,
        TypeError,
        RecursionError,
        bibtexparser.exceptions.ParsingException,
    ) as error:
        raise Unreadable(f"{name}: {shown(_first(error))}; expected BibTeX") from None
    entries: list[tuple[Entry, list[str]]] = []
    for block in library.blocks:
        line = (block.start_line or 0) + 1
        if isinstance(block, DuplicateBlockKeyBlock | DuplicateFieldKeyBlock) and isinstance(
            block.ignore_error_block, Entry
        ):
            entry = _finished(block.ignore_error_block, library)
            entries.append((entry, [f"{name}:{line}: {_first(block.error)}"]))
        elif isinstance(block, ParsingFailedBlock):
            error = f"{name}:{line}: {_first(block.error)}; expected a whole entry @type{{key, field = {{value}}}}"
            refuse(f"the entry in line {line}", Unreadable(error))
        elif isinstance(block, ImplicitComment) and re.search(
            r"^\s*@", block.comment, re.MULTILINE
        ):
            error = f"{name}:{line}: '{shown(block.comment.strip(), 30)}' is not an entry; expected @type{{key, field = {{value}}}}"
            refuse(f"the text in line {line}", Unreadable(error))
        elif isinstance(block, Entry):
            entries.append((block, []))
    taken: dict[str, int] = {}
    for entry, told in entries:
        yield _document(entry, told, taken)


def _finished(entry: Entry, library: Library) -> Entry:
    """Return an entry that the library put aside as a duplicate, read like the others."""
    own = Library([*library.strings, entry])
    for middleware in default_parse_stack():
        own = middleware.transform(own)
    return own.entries[0]


def decoded(latex: str) -> str:
    """LaTeX as text: accents, symbols, braces. Characters that LaTeX reads as its own but that stand for themselves are kept."""
    if not re.search(r"[\\{}$~%]|--|``|''", latex):
        return latex
    latex = re.sub(r"(?<!\\)([%&#])", r"\\\1", latex)
    # A symbol keeps the blank behind it, which TeX would take for its end: 17 U.S.C. \\S 107.
    latex = re.sub(rf"\\({'|'.join(_SYMBOLS)})(?=[ ])", r"\\\1{}", latex)
    try:
        return _DECODER.latex_to_text(latex, latex_context=_MACROS)
    except Exception:  # whatever a decoder makes of broken LaTeX, its words are better than nothing
        return " ".join(re.sub(r"\\[a-zA-Z]+|[{}\\]", " ", latex).split())


def _document(entry: Entry, told: list[str], taken: dict[str, int]) -> Proposal:
    raw = {}
    for field in reversed(entry.fields):  # of a field that stands twice the first counts
        raw[field.key.lower()] = str(field.value)[:_MOST_FIELD]
        if (
            field.enclosing == "no-enclosing"
            and not re.fullmatch(r"\d+", str(field.value))
            and str(field.value).lower() not in _MONTHS
        ):
            told.append(
                f"{field.key}: '{shown(str(field.value))}' joins or names a text that the file does not define"
            )
            del raw[field.key.lower()]
    said: dict[str, object] = {}
    for key, fields in FIELDS.items():
        value = next((raw[field] for field in fields if raw.get(field, "").strip()), "")
        said[key] = (
            _address(value)
            if key in ("url", "doi")
            else value
            if key == "authors"
            else decoded(value)
        )
    if raw.get("subtitle"):
        said["title"] = f"{said['title']}: {decoded(raw['subtitle'])}"
    kind = entry.entry_type.lower()
    said["type"] = TYPES.get(kind, OTHER_TYPE)
    if kind not in TYPES:
        told.append(f"type: '{shown(kind)}' has no type here and is taken as {OTHER_TYPE}")
    said["authors"] = _authors(raw.get("author", ""), told)
    said["keywords"] = [
        word for word in map(str.strip, re.split(r"[;,]", str(said["keywords"]))) if word
    ]
    if not raw.get("date") and raw.get("year"):
        said["issued"] = _issued(
            decoded(raw["year"]), decoded(raw.get("month", "")), decoded(raw.get("day", "")), told
        )
    said["issue"] = decoded(raw.get("issue", ""))
    if said["type"] == "article-journal" and not said["issue"]:
        said["issue"], said["number"] = said["number"], ""
    if (
        raw.get("eprint")
        and "arxiv" in (raw.get("archiveprefix") or raw.get("eprinttype") or "").lower()
    ):
        said["number"] = said["number"] or f"arXiv:{_address(raw['eprint'])}"
        said["url"] = said["url"] or f"https://arxiv.org/abs/{_address(raw['eprint'])}"
    known = {field for fields in FIELDS.values() for field in fields} | _BESIDE | IGNORED
    for field, value in raw.items():
        if field not in known and not field.startswith(("bdsk-", "x-", "opt")) and value.strip():
            told.append(f"{shown(field)}: '{shown(' '.join(decoded(value).split()))}'")
    return proposal(said, told, taken)


def _authors(value: str, told: list[str]) -> list[dict[str, str]]:
    if ";" in re.sub(r"\{[^{}]*\}", "", value):
        told.append(
            f"authors: '{shown(decoded(value))}' has semicolons; BibTeX puts 'and' between names"
        )
        return []
    found = []
    for name in split_multiple_persons_names(value) if value.strip() else []:
        if name.strip().lower() == "others":
            told.append("authors: there are others, who are not named")
            continue
        if _braced(name.strip()):
            found.append(literal(decoded(name)))
            continue
        try:
            parts = parse_single_name_into_parts(name)
        except InvalidNameError as error:
            told.append(
                f"authors: '{shown(name)}' is not a name: {error.reason[0].lower()}{error.reason[1:]}"
            )
            continue
        given = ", ".join(filter(None, (" ".join(parts.first), " ".join(parts.jr))))
        found.append(person(decoded(" ".join(parts.von + parts.last)), decoded(given)))
    return found


def _braced(name: str) -> bool:
    """Return whether `name` is one group in braces, as the names of organizations are written."""
    depth = 0
    for position, char in enumerate(name):
        depth += (char == "{") - (char == "}")
        if not depth and position < len(name) - 1:
            return False
    return depth == 0 and name.startswith("{") and not name.startswith("{\\") and len(name) > 2


def _issued(year: str, month: str, day: str, told: list[str]) -> str:
    """Year, month and day as one text. A month is a number, a name or LaTeX's three letters; some put the day behind it."""
    month = month.strip()
    if re.fullmatch(r"\d{1,2}", month):
        number = int(month)
    else:
        number = _MONTHS.index(month[:3].lower()) + 1 if month[:3].lower() in _MONTHS else 0
        rest = month.strip(".").partition(" ")[2].strip()
        if re.fullmatch(r"\d{1,2}", rest):
            day = day or rest
        elif number and rest:
            told.append(f"month: '{shown(month)}' could not be taken whole")
    if not re.fullmatch(r"\s*\d{4}\s*", year) or not month:
        return year
    if not number:
        return f"{month} {year}"
    return "-".join(
        [year.strip(), f"{number:02d}", *([day.strip().zfill(2)] if day.strip() else [])]
    )


def _address(value: str) -> str:
    """An address or identifier as it is meant: LaTeX's escapes undone, nothing else."""
    value = re.sub(r"^\s*\\url\s*\{(.*)\}\s*$", r"\1", value, flags=re.DOTALL).replace(
        r"\textasciitilde", "~"
    )
    return re.sub(r"[{}\s]", "", re.sub(r"\\([_%&#$~{}])", r"\1", value))


def _first(error: Exception) -> str:
    """The first line of what a library says, in lower case as our messages are."""
    said = " ".join(str(getattr(error, "abort_reason", None) or error).split()) or "cannot be read"
    said = shown(said.rstrip("."), 200)
    return said[0].lower() + said[1:]
