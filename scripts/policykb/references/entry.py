"""An entry of a bibliography: a document as a bibliographic item, in any format.

A format (BibTeX, RIS, CSL-JSON) says which of its fields are which properties of an entry. An entry that was read has
its values as the source gives them; `proposals` judges them and makes a document of each. Abstracts and private notes
are other people's words and are never read.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, NamedTuple
from urllib.parse import unquote

from policykb.contribute import ids
from policykb.contribute.proposal import Proposal, Reader, Refuse, stop
from policykb.files.reader import faults
from policykb.model import dates
from policykb.model.addresses import host
from policykb.model.parts import with_values
from policykb.model.problems import SourceError, shown
from policykb.model.records import MOST_TITLE, Document
from policykb.model.vocabulary import LAW_TYPES, RELAYED
from policykb.references import languages
from policykb.text import cut

MOST_ENTRIES = 5_000
MOST_CHARACTERS = 100_000  # of one entry; a long abstract has ten thousand
MOST_AUTHORS = 200
MOST_REMARKS = 100
# The grade of a document that is known from an entry in a bibliography alone: it was cited and not opened.
GRADE = RELAYED
# A type of source that has no type here becomes this type, with a remark.
OTHER_TYPE = "webpage"
NO_TITLE = "[No title]"
_ARTICLES = frozenset({"article-journal", "article-magazine", "article-newspaper"})
_DOI_ADDRESS = re.compile(r"^(?:https?://(?:dx\.|www\.)?doi\.org/|doi:\s*)", re.IGNORECASE)
_CIRCA = re.compile(r"^(?:circa|approx\.?|about|ca?\.)\s*(?=\w)|^c(?=\d{4})", re.IGNORECASE)
_INTERVAL = re.compile(r"^(\d{4}(?:-\d\d){0,2})\s*(?:/|--?|\u2013)\s*(\d{4}(?:-\d\d){0,2})$")
_RIS_DATE = re.compile(r"^(\d{4}/\d{0,2}/\d{0,2})/[^/]*[^/\d][^/]*$")  # year/month/day/other
_DAY_OR_MONTH_FIRST = re.compile(r"^\d{1,2}[./-]\d{1,2}[./-]\d{4}$")
_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")


class Name(NamedTuple):
    """The name of a person in two parts, or a `literal` name, which is not split: that of an organization."""

    family: str = ""
    given: str = ""
    literal: str = ""

    @property
    def in_order(self) -> str:
        """'Jane Doe'."""
        return self.literal or f"{self.given} {self.family}".strip()

    @property
    def inverted(self) -> str:
        """'Doe, Jane'."""
        return self.literal or ", ".join(filter(None, (self.family, self.given)))


@dataclass
class Entry:
    """A document as a bibliographic item; '' or an empty list where a property is absent.

    The properties that a document has too have its names (KEYS). `issue` is read and never written. `genre`,
    `authority`, `jurisdiction`, `section`, `codified`, `status` and `recipients` belong to official texts: 'Exec. Order',
    '119th Cong.' or a court, 'Cal.', 'art. 53(2)', '15 U.S.C. § 9411', 'enacted' or 'filed', the addressees of a
    letter. `version` is the edition of the entry here. `protected` are names in the title, whose case no style
    changes. `unresolved` is what a format says that has no property.
    """

    id: str = ""
    type: str = OTHER_TYPE
    title: str = ""
    authors: list[Name] = field(default_factory=list)
    issued: str = ""
    container: str = ""
    volume: str = ""
    page: str = ""
    publisher: str = ""
    number: str = ""
    doi: str = ""
    url: str = ""
    language: str = ""
    keywords: list[str] = field(default_factory=list)
    license: str = ""
    accessed: str = ""
    grade: str = ""
    issue: str = ""
    genre: str = ""
    authority: str = ""
    jurisdiction: str = ""
    section: str = ""
    recipients: list[Name] = field(default_factory=list)
    editors: list[Name] = field(default_factory=list)
    codified: str = ""
    status: str = ""
    original_title: str = ""
    version: str = ""
    archive_url: str = ""
    protected: list[str] = field(default_factory=list)
    unresolved: list[str] = field(default_factory=list)

    def whole(self) -> "Entry":
        """Return the entry with its provision in its title, where every tool shows it."""
        if not self.section:
            return self
        return replace(self, title=f"{self.title}, {self.section}", section="")

    def whole_number(self) -> "Entry":
        """Return a law or a bill with the kind of its number in front of it: reference managers have no field for the kind."""
        if self.type not in LAW_TYPES or not self.genre:
            return self
        return replace(self, number=f"{self.genre} {self.number}".strip(), genre="")


# The properties of an entry that a document has, in the order of a proposal.
KEYS = tuple(part.name for part in fields(Entry) if part.name in Document.model_fields)


def document_fields(table: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Return the part of a format's `table` (property -> its fields) that documents are read from."""
    return {key: table[key] for key in KEYS if key in table}


def person(family: str, given: str = "") -> dict[str, str]:
    """Return the author of a document by name."""
    return with_values({"family": _line(family), "given": _line(given)})


def check_count(count: int, name: str, noun: str = "entries") -> None:
    """Raise SourceError if the file `name` has more than MOST_ENTRIES entries."""
    if count > MOST_ENTRIES:
        limit = f"expected at most {MOST_ENTRIES:,} in one file"
        raise SourceError(f"{name}: has {count:,} {noun}; {limit}")


def check_size(size: int, name: str, line: int) -> None:
    """Raise SourceError if the entry that begins in `line` has more than MOST_CHARACTERS characters."""
    if size > MOST_CHARACTERS:
        most = f"{MOST_CHARACTERS:,} characters"
        raise SourceError(f"{name}:{line}: the entry that begins here has more than {most}")


def document_type(types: Mapping[str, str], name: str, unresolved: list[str]) -> str:
    """Return the document type that `types` has for the type `name` of a format, or OTHER_TYPE with a remark."""
    if name not in types:
        unresolved.append(f"type: '{shown(name)}' is unknown; read as '{OTHER_TYPE}'")
    return types.get(name, OTHER_TYPE)


def words(text: str) -> list[str]:
    """Return the keywords that `text` lists with commas or semicolons."""
    return [word.strip() for word in re.split(r"[;,]", text) if word.strip()]


def partial_date(text: str) -> tuple[str | None, str]:
    """Return the partial date that `text` means, and `text` itself unless all of it is in the date ('').

    A season or a span of time leaves the year or month that is sure; an approximate date gets `~`. Nothing is guessed:
    of a date in figures with the year at its end only the year is taken, as day and month may come in either order.
    """
    text = _line(text).strip("[] ")
    if text.startswith(("-", "/")) or ("-" in text and text.endswith("/")):
        return None, text  # before the year 1, or a range with an open end
    text = text.strip("/ ")
    plain = _CIRCA.sub("", text)
    mark = "~" if plain != text else ""
    if match := _INTERVAL.match(plain):
        return _common(*match.groups()), text
    if match := _RIS_DATE.match(plain):
        return partial_date(match[1])[0], text
    date = None if _DAY_OR_MONTH_FIRST.match(plain) else dates.understood(plain)
    if date and _valid(date):
        return (date if date[-1:] in "~?" else date + mark), ""
    years = set(_YEAR.findall(plain))
    return (years.pop() + mark if len(years) == 1 else None), text


def doi(text: str) -> str:
    """Return a Digital Object Identifier without address, prefix and closing punctuation, in lower case for comparison."""
    plain = _DOI_ADDRESS.sub("", text.strip())
    return (unquote(plain) if plain != text.strip() else plain).rstrip(".,; ").lower()


def fitted(title: str, unresolved: list[str]) -> str:
    """Return a title as long as a record may have it, cut between words; add to `unresolved` that it was cut."""
    if len(title) <= MOST_TITLE:
        return title
    unresolved.append(f"title: has {len(title)} characters and was cut")
    return cut(title, MOST_TITLE)


def reader(parse: Callable[[bytes, str, Refuse], Iterable[Entry]]) -> Reader:
    """Return the reader of the documents of a bibliography whose entries `parse` gives; its errors are those of `parse`."""

    def read(data: bytes, name: str, refuse: Refuse = stop) -> Iterator[Proposal]:
        return proposals(parse(data, name, refuse))

    return read


def proposals(entries: Iterable[Entry]) -> Iterator[Proposal]:
    """Return the document that each of `entries` describes; what is not a valid value is in its `unresolved`."""
    used_ids: dict[str, int] = {}
    for entry in entries:
        content, unresolved = _content(entry)
        if len(unresolved) > MOST_REMARKS:
            unresolved[MOST_REMARKS:] = [f"and {len(unresolved) - MOST_REMARKS:,} more"]
        keys = tuple((key, content[key]) for key in ("doi", "url") if key in content)
        issued, title = content.get("issued"), content["title"]
        record_id = ids.document_id(_creators(content), issued, title, used_ids)
        yield Proposal("document", keys, record_id, content, tuple(unresolved))


def _content(entry: Entry) -> tuple[dict[str, Any], list[str]]:
    """Return the keys and values of the document, and what could not be taken."""
    unresolved = list(entry.unresolved)
    values = {
        key: _line(value) if isinstance(value, str) else value for key, value in vars(entry).items()
    }
    unresolved += [] if values["title"] else ["title: is missing"]
    values["title"] = fitted(values["title"], unresolved) or NO_TITLE
    values["authors"] = _authors(entry.authors, unresolved)
    if match := _DOI_ADDRESS.match(values["url"]):
        values["doi"] = values["doi"] or values["url"][match.end() :]
    values["doi"] = doi(values["doi"])
    for key in ("issued", "accessed"):
        values[key], rest = partial_date(values[key])
        if rest:
            reading = f"one date; read as '{values[key]}'" if values[key] else "a date"
            unresolved.append(f"{key}: '{shown(rest)}' is not {reading}")
    values["language"] = _language(values["language"], unresolved)
    values["page"] = re.sub(r"\s*[-\u2010-\u2015]+\s*", "-", values["page"])
    _place_issue(values, unresolved)
    values["grade"] = values["grade"] or GRADE
    content = {key: values[key] for key in KEYS if values[key]}
    for fault in faults(Document, {**content, "authors": []}):
        if content.pop(fault.pointer[0], None) is not None:  # the first of several faults
            unresolved.append(f"{fault.pointer[0]}: {fault.message}")
    content.setdefault("grade", GRADE)
    return content, unresolved


def _line(text: str) -> str:
    return " ".join(text.split())


def _valid(date: str) -> bool:
    try:
        dates.span(date)
    except ValueError:
        return False
    return True


def _common(first: str, last: str) -> str | None:
    """Return the longest partial date that two days or months have in common."""
    for size in (10, 7, 4):
        if min(len(first), len(last)) >= size and first[:size] == last[:size]:
            return first[:size] if _valid(first[:size]) else None
    return None


def _authors(names: list[Name], unresolved: list[str]) -> list[dict[str, str]]:
    """Return the authors of a document; an organization is looked up by its name."""
    names = [name for name in names if _line(name.inverted)]
    if len(names) > MOST_AUTHORS:
        unresolved.append(f"authors: left out {len(names) - MOST_AUTHORS} after {MOST_AUTHORS}")
    authors = []
    for name in names[:MOST_AUTHORS]:
        if not _line(name.family or name.literal):
            unresolved.append(f"authors: '{shown(name.inverted)}' has no family name")
            continue
        plain = {"family": _line(name.family or name.literal), "given": _line(name.given) or "-"}
        if wrong := faults(Document, {"authors": [plain]}):
            unresolved.append(f"authors: {wrong[0].message}")
        elif name.literal:
            authors.append({"organization": f"name:{_line(name.literal)}"})
        else:
            authors.append(person(name.family, name.given))
    return authors


def _language(text: str, unresolved: list[str]) -> str | None:
    """Return the tag of a language, None for English, which is the default of a document."""
    tag = languages.tag(text)
    if text and not tag:
        unresolved.append(f"language: '{shown(text)}' is not known")
    return None if tag == "en" else tag


def _place_issue(values: dict[str, Any], unresolved: list[str]) -> None:
    """Put an issue behind the volume of an article; a document that is not an article has it as its number."""
    issue = values["issue"]
    if not issue:
        return
    if values["type"] not in _ARTICLES:
        values["number"] = values["number"] or issue
    elif values["volume"]:
        values["volume"] += f"({issue})"
    else:
        unresolved.append(f"issue: '{shown(issue)}'")


def _creators(content: Mapping[str, Any]) -> list[str]:
    """Return the names with which the id of a document begins: its authors, its publisher or container, or the host of its address."""
    if authors := content.get("authors"):
        return [
            author.get("family") or author["organization"].removeprefix("name:")
            for author in authors
        ]
    return [content.get("publisher") or content.get("container") or host(content.get("url", ""))]
