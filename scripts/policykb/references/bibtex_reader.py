"""BibTeX and BibLaTeX as they are read. bibtexparser splits entries and names, pylatexenc decodes LaTeX."""

import logging
import re
from collections.abc import Iterator

import bibtexparser
from bibtexparser import model
from bibtexparser.library import Library
from bibtexparser.middlewares.names import (
    InvalidNameError,
    parse_single_name_into_parts,
    split_multiple_persons_names,
)
from bibtexparser.middlewares.parsestack import default_parse_stack
from pylatexenc import latexwalker
from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db
from pylatexenc.macrospec import MacroSpec

from policykb.contribute import reading
from policykb.contribute.proposal import Refuse, stop
from policykb.model.problems import SourceError, shown
from policykb.references.bibtex import FIELDS, IGNORED, TYPES
from policykb.references.entry import (
    Entry,
    Name,
    check_count,
    check_size,
    document_fields,
    document_type,
    words,
)
from policykb.text import lowered

_READ = document_fields(FIELDS)
# Read together with a field above.
_BESIDE = frozenset({"subtitle", "month", "day", "issue", "eprint", "archiveprefix", "eprinttype"})
_KNOWN = IGNORED | _BESIDE | {name for names in _READ.values() for name in names}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MOST_FIELD = 20_000
_ENTRY = re.compile(r"@\s*\w+\s*[{(]")
_DUPLICATE = model.DuplicateBlockKeyBlock | model.DuplicateFieldKeyBlock
_ENTRY_FORM = "@type{key, field = {value}}"
# What the decoder does not know, or fails on: symbols of legal texts, links, old switches of type.
_SYMBOLS = {
    "S": "\u00a7",
    "P": "\u00b6",
    "pounds": "\u00a3",
    "copyright": "\u00a9",
    "textregistered": "\u00ae",
    "LaTeX": "LaTeX",
    "TeX": "TeX",
    "dots": "\u2026",
}
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

# Exceptions and blocks say here what the library finds wrong; its log would repeat it once an entry.
_log = logging.getLogger("bibtexparser")
_log.addHandler(logging.NullHandler())
_log.propagate = False


def parse(data: bytes, name: str, refuse: Refuse = stop) -> Iterator[Entry]:
    """Return the entries of a BibTeX file. An entry that is broken goes to `refuse`, with its line.

    :raises SourceError: if the file cannot be read at all, or has no entry or too many.
    """
    text = reading.strict_text(data, name)
    _check_entries(text, name)
    try:
        library = bibtexparser.parse_string(text)
    except Exception as error:  # the library bounds nothing and names no common exception
        raise SourceError(f"{name}: {shown(_reason(error))}; expected BibTeX") from None
    for block, unresolved in _blocks(library, name, refuse):
        yield _entry(block, unresolved)


def _check_entries(text: str, name: str) -> None:
    """Raise SourceError if `text` has no entry, too many, or one that is too long."""
    starts = [match.start() for match in _ENTRY.finditer(text)]
    if not starts:
        example = "@article{key, title = {...}}"
        raise SourceError(f"{name}: has no entry; expected BibTeX, such as {example}")
    check_count(len(starts), name)
    line, place = 1, 0
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        line += text.count("\n", place, start)
        place = start
        check_size(end - start, name, line)


def _blocks(library: Library, name: str, refuse: Refuse) -> list[tuple[model.Entry, list[str]]]:
    """Return the entries that the library found, each with the remarks on it; broken ones go to `refuse`."""
    blocks = []
    for block in library.blocks:
        line = (block.start_line or 0) + 1
        if isinstance(block, _DUPLICATE) and isinstance(block.ignore_error_block, model.Entry):
            remark = f"{name}:{line}: {_reason(block.error)}"
            blocks.append((_finished(block.ignore_error_block, library), [remark]))
        elif isinstance(block, model.ParsingFailedBlock):
            message = f"{_reason(block.error)}; expected a whole entry {_ENTRY_FORM}"
            refuse(f"the entry in line {line}", SourceError(f"{name}:{line}: {message}"))
        elif isinstance(block, model.ImplicitComment) and re.search(r"^\s*@", block.comment, re.M):
            start = shown(block.comment.strip(), 30)
            message = f"'{start}' is not an entry; expected {_ENTRY_FORM}"
            refuse(f"the text in line {line}", SourceError(f"{name}:{line}: {message}"))
        elif isinstance(block, model.Entry):
            blocks.append((block, []))
    return blocks


def _finished(entry: model.Entry, library: Library) -> model.Entry:
    """Return an entry that the library put aside as a duplicate, read like the others."""
    own = Library([*library.strings, entry])
    for middleware in default_parse_stack():
        own = middleware.transform(own)
    return own.entries[0]


def _reason(error: Exception) -> str:
    """Return the message of a library on one line, in lower case as our messages are."""
    message = " ".join(str(getattr(error, "abort_reason", None) or error).split())
    message = shown((message or "cannot be read").rstrip("."), 200)
    return lowered(message)


def _entry(block: model.Entry, unresolved: list[str]) -> Entry:
    raw = _raw(block, unresolved)
    values: dict = {
        key: next((raw[name] for name in names if raw.get(name, "").strip()), "")
        for key, names in _READ.items()
    }
    for key in values.keys() - {"authors", "url", "doi"}:
        values[key] = decode(values[key])
    values["url"], values["doi"] = _address(values["url"]), _address(values["doi"])
    if raw.get("subtitle"):
        values["title"] = f"{values['title']}: {decode(raw['subtitle'])}"
    kind = document_type(TYPES, block.entry_type.lower(), unresolved)
    values["authors"] = _authors(values["authors"], unresolved)
    values["keywords"] = words(values["keywords"])
    if raw.get("year") and not raw.get("date"):
        values["issued"] = _issued(raw, unresolved)
    issue = decode(raw.get("issue", ""))
    if kind == "article-journal" and not issue:
        issue, values["number"] = values["number"], ""
    if "arxiv" in (raw.get("archiveprefix") or raw.get("eprinttype") or "").lower():
        preprint = _address(raw.get("eprint", ""))
        values["number"] = values["number"] or (preprint and f"arXiv:{preprint}")
        values["url"] = values["url"] or (preprint and f"https://arxiv.org/abs/{preprint}")
    for field, value in raw.items():
        if field not in _KNOWN and not field.startswith(("bdsk-", "x-", "opt")) and value.strip():
            unresolved.append(f"{shown(field)}: '{shown(' '.join(decode(value).split()))}'")
    return Entry(type=kind, issue=issue, **values, unresolved=unresolved)


def _raw(block: model.Entry, unresolved: list[str]) -> dict[str, str]:
    """Return the fields of an entry as written, without those that name a text which the file does not define."""
    raw = {}
    for field in reversed(block.fields):  # of a field that occurs twice the first counts
        key, value = field.key.lower(), str(field.value)
        is_plain = re.fullmatch(r"\d+", value) or value.lower() in _MONTHS
        if field.enclosing == "no-enclosing" and not is_plain:
            reason = "joins texts, or names one that the file does not define"
            unresolved.append(f"{shown(field.key)}: '{shown(value)}' {reason}")
            raw.pop(key, None)
        else:
            raw[key] = value[:_MOST_FIELD]
    return raw


def decode(latex: str) -> str:
    """Return LaTeX as text: accents, symbols, braces. Characters that LaTeX reads as commands but that mean themselves stay."""
    if not re.search(r"[\\{}$~%]|--|``|''", latex):
        return latex
    latex = re.sub(r"(?<!\\)([%&#])", r"\\\1", latex)
    # A symbol keeps the blank behind it, which TeX would take for its end: 17 U.S.C. \\S 107.
    latex = re.sub(rf"\\({'|'.join(_SYMBOLS)})(?=[ ])", r"\\\1{}", latex)
    try:
        return _DECODER.latex_to_text(latex, latex_context=_MACROS)
    except Exception:  # the words of broken LaTeX are better than nothing
        return " ".join(re.sub(r"\\[a-zA-Z]+|[{}\\]", " ", latex).split())


def _authors(value: str, unresolved: list[str]) -> list[Name]:
    if ";" in re.sub(r"\{[^{}]*\}", "", value):
        reason = "has semicolons; BibTeX puts 'and' between names"
        unresolved.append(f"authors: '{shown(decode(value))}' {reason}")
        return []
    names = []
    for text in split_multiple_persons_names(value) if value.strip() else []:
        if text.strip().lower() == "others":
            unresolved.append("authors: 'and others' means authors who are not named")
        elif _braced(text.strip()):
            names.append(Name(literal=decode(text)))
        else:
            try:
                names.append(_name(text))
            except InvalidNameError as error:
                reason = lowered(error.reason)
                unresolved.append(f"authors: '{shown(text)}' is not a name: {reason}")
    return names


def _name(text: str) -> Name:
    parts = parse_single_name_into_parts(text)
    given = ", ".join(filter(None, (" ".join(parts.first), " ".join(parts.jr))))
    return Name(decode(" ".join(parts.von + parts.last)), decode(given))


def _braced(name: str) -> bool:
    """Return whether `name` is one group in braces, as the names of organizations are written."""
    depth = 0
    for position, char in enumerate(name):
        depth += (char == "{") - (char == "}")
        if not depth and position < len(name) - 1:
            return False
    return depth == 0 and name.startswith("{") and not name.startswith("{\\") and len(name) > 2


def _issued(raw: dict[str, str], unresolved: list[str]) -> str:
    """Return year, month and day as one text. A month is a number, a name or LaTeX's three letters, maybe with the day behind it."""
    year, month, day = (decode(raw.get(name, "")).strip() for name in ("year", "month", "day"))
    if re.fullmatch(r"\d{1,2}", month):
        number = int(month)
    else:
        number = _MONTHS.index(month[:3].lower()) + 1 if month[:3].lower() in _MONTHS else 0
        rest = month.strip(".").partition(" ")[2].strip()
        if re.fullmatch(r"\d{1,2}", rest):
            day = day or rest
        elif number and rest:
            unresolved.append(
                f"month: '{shown(month)}' is more than a month; read as '{number:02d}'"
            )
    if not re.fullmatch(r"\d{4}", year) or not month:
        return year
    if not number:
        return f"{month} {year}"
    return "-".join([year, f"{number:02d}", *([day.zfill(2)] if day else [])])


def _address(value: str) -> str:
    """Return an address or identifier without LaTeX's escapes and without line breaks; blanks in it stay."""
    value = re.sub(r"^\s*\\url\s*\{(.*)\}\s*$", r"\1", value, flags=re.DOTALL)
    value = value.replace(r"\textasciitilde", "~")
    value = re.sub(r"\\([_%&#$~{}])", r"\1", value)
    return re.sub(r"[{}]|[^\S\n]*\n\s*", "", value).strip()
