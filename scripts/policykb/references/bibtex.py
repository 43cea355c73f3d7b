"""BibTeX and BibLaTeX: the fields and types, and how they are written. bibtex_reader.py reads them."""

import calendar
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from policykb.contribute.proposal import Refuse, stop
from policykb.model.vocabulary import DOCUMENT_TYPES
from policykb.references.entry import Entry, Name, reader

TYPES = {name: term.id for term in DOCUMENT_TYPES for name in term.from_bibtex}
_BIBTEX = {term.id: term.bibtex for term in DOCUMENT_TYPES}
_BIBLATEX = {term.id: term.biblatex for term in DOCUMENT_TYPES}
# Property -> the fields that are read as it, the first one that has a value. Written in this order; `_field` says in
# which field, where there are several.
FIELDS = {
    "authors": ("author",),
    "editors": ("editor",),
    "title": ("title",),
    "original_title": ("origtitle",),
    "genre": ("type",),
    "number": ("number",),
    "container": ("journaltitle", "journal", "booktitle", "howpublished"),
    "volume": ("volume",),
    "page": ("pages",),
    "publisher": ("publisher", "institution", "school", "organization"),
    "jurisdiction": ("address",),
    "issued": ("date", "year"),
    "authority": ("note",),
    "doi": ("doi",),
    "url": ("url",),
    "accessed": ("urldate",),
    "language": ("langid", "language"),
    "keywords": ("keywords",),
    "license": ("license", "copyright"),
    "grade": ("grade",),
    "version": ("version",),
}
# Left out without a remark: other people's words, private notes, what a reference manager keeps for itself.
IGNORED = frozenset(
    """abstract annotation annote note file pdf groups timestamp owner added-at date-added date-modified biburl bibsource interhash
    intrahash shorttitle shortjournal issn isbn eissn pmid pmcid address location edition primaryclass eprintclass journalsubtitle mendeley-tags
    priority rating read readstatus ids numpages""".split()
)
# What TeX would read as a command. Everything else is written as UTF-8, which pylatexenc's encoder would not leave.
_ESCAPES = str.maketrans({char: f"\\{char}" for char in "{}$&#%_"}) | str.maketrans(
    {"\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}"}
)
# Braces count even where they are escaped: in a text that leaves one open they get names.
_BRACES = str.maketrans({"{": r"\textbraceleft{}", "}": r"\textbraceright{}"})


def is_it(data: bytes) -> bool:
    """Return whether the bytes look like this format."""
    return re.search(rb"@\s*\w{3,30}\s*\{[^\s,{}]*\s*,", data[:65536]) is not None


def parse(data: bytes, name: str, refuse: Refuse = stop) -> Iterator[Entry]:
    """Return the entries of a BibTeX file, as `bibtex_reader.parse` does, which needs the extra `sources`."""
    from policykb.references import bibtex_reader

    return bibtex_reader.parse(data, name, refuse)


read = reader(parse)


def format(entries: Iterable[Entry], form: str = "bibtex") -> str:
    """Return `entries` as BibTeX, or as BibLaTeX if that is `form`."""
    blocks = []
    for entry in entries:
        kind = (_BIBLATEX if form == "biblatex" else _BIBTEX)[entry.type]
        named = [(name, value) for name, value in _fields(entry, kind, form) if value]
        fields = [f"\t{name} = {_braced(name, value)}" for name, value in named]
        blocks.append(f"@{kind}{{{entry.id},\n" + ",\n".join(fields) + "\n}\n")
    return "\n\n".join(blocks)


def _braced(name: str, value: str) -> str:
    """Return a value in braces; a month is a macro, `jun`, which each style of BibTeX prints in its own way."""
    return calendar.month_abbr[int(value)].lower() if name == "month" else f"{{{value}}}"


def _fields(entry: Entry, kind: str, form: str) -> Iterator[tuple[str, str]]:
    """Return the names and values of the fields of an entry of the type `kind`, in the order of FIELDS."""
    for key in FIELDS:
        value = getattr(entry, key)
        if key == "issued" and form == "bibtex":
            year, month, day = (*value.rstrip("~?").split("-"), "", "")[:3]
            yield from (("year", year), ("month", month.lstrip("0")), ("day", day.lstrip("0")))
        else:
            yield _field(key, kind, form), _value(key, value, entry)


def _field(key: str, kind: str, form: str) -> str:
    """Return the field in which an entry of the type `kind` has a property."""
    biblatex = form == "biblatex"
    if key == "container":
        article = "journaltitle" if biblatex else "journal"
        return {"article": article, "inproceedings": "booktitle"}.get(kind, "howpublished")
    if key == "publisher" and kind in ("techreport", "report"):
        return "institution"
    return FIELDS[key][-1 if key == "language" and not biblatex else 0]


def _value(key: str, value: str | list, entry: Entry) -> str:
    """Return the value of a property as TeX reads it."""
    if key in ("authors", "editors"):
        return " and ".join(map(_name, value))
    if key == "title":
        return f"{{{escape(value)}}}"
    if key in ("doi", "url"):
        return quote(value, safe="!#$&'()*+,/:;=?@[]~%-._")  # TeX takes it as it is
    if key in ("issued", "accessed"):
        return re.sub(r"[~?]$", "~" if key == "issued" else "", value)
    if key == "authority":
        addressees = ", ".join(name.in_order for name in entry.recipients)
        codified = entry.codified and f"codified at {entry.codified}"
        parts = (value, codified, entry.status, addressees and f"to {addressees}")
        value = "; ".join(filter(None, parts))
    if key == "page":
        value = value.replace("-", "--")
    return escape(", ".join(value) if isinstance(value, list) else value)


def _name(name: Name) -> str:
    if name.literal:
        return f"{{{escape(name.literal)}}}"
    return f"{escape(name.family)}, {escape(name.given)}"


def escape(text: str) -> str:
    """Return `text` on one line with what TeX would read as a command escaped."""
    text = " ".join(text.split())
    return text.translate(_ESCAPES if _balanced(text) else _ESCAPES | _BRACES)


def _balanced(text: str) -> bool:
    """Return whether every brace in `text` is closed in its turn."""
    depth = 0
    for char in text:
        depth += (char == "{") - (char == "}")
        if depth < 0:
            return False
    return depth == 0
