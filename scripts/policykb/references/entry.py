"""What every bibliography has in common: an entry in plain text -> a proposed document.

A form of bibliography (BibTeX, RIS, CSL-JSON) says which of its fields are which keys here; values are read and judged here.
Abstracts and private notes are somebody else's words and are never taken over.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from policykb.contribute import slugs as naming
from policykb.contribute.proposal import Proposal
from policykb.files.reader import faults
from policykb.model import dates
from policykb.model.addresses import host
from policykb.model.problems import shown
from policykb.model.records import MOST_TITLE, Document
from policykb.references import languages

MOST_ENTRIES = 5_000
MOST_CHARACTERS = 100_000  # of one entry; a long abstract has ten thousand
MOST_AUTHORS = 200
MOST_TOLD = 100
# The grade of a document that is known from an entry in a bibliography alone: it was cited and not opened.
GRADE = "relayed"
# A type of source that has no type here is shown as this, and told.
OTHER_TYPE = "webpage"
NO_TITLE = "[No title]"
_KEYS = (
    "type",
    "title",
    "authors",
    "issued",
    "container",
    "volume",
    "page",
    "publisher",
    "number",
    "doi",
    "url",
    "language",
    "keywords",
    "licence",
    "accessed",
    "grade",
)
_ARTICLES = frozenset({"article-journal", "article-magazine", "article-newspaper"})
_DOI_PLACE = re.compile(r"^(?:https?://(?:dx\.|www\.)?doi\.org/|doi:\s*)", re.IGNORECASE)
_CIRCA = re.compile(r"^(?:circa|approx\.?|about|ca?\.)\s*(?=\w)|^c(?=\d{4})", re.IGNORECASE)
_INTERVAL = re.compile(r"^(\d{4}(?:-\d\d){0,2})\s*(?:/|--?|\u2013)\s*(\d{4}(?:-\d\d){0,2})$")
_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")


def person(family: str, given: str = "") -> dict[str, str]:
    """An author by name."""
    return {
        key: value for key, value in (("family", _line(family)), ("given", _line(given))) if value
    }


def literal(name: str) -> dict[str, str]:
    """An author whose name is not to be split: an organization, which is looked up by its name."""
    return {"organization": f"name:{_line(name)}"}


def dated(said: str) -> tuple[str | None, str]:
    """The partial date that `said` means, and `said` itself if some of it found no place ('' if all did).

    A season or a span of time leaves the year or month that is sure; an approximate date gets `~`. Nothing is guessed:
    of a date in figures with the year at its end only the year is taken, as day and month may stand in either order.
    """
    said = _line(said).strip("[] ")
    if said.startswith(("-", "/")) or ("-" in said and said.endswith("/")):
        return None, said  # before the year 1, or a range with an open end
    said = said.strip("/ ")
    plain = _CIRCA.sub("", said)
    mark = "~" if plain != said else ""
    if match := _INTERVAL.match(plain):
        first, last = match.groups()
        common = next(
            (
                first[:size]
                for size in (10, 7, 4)
                if len(first) >= size and len(last) >= size and first[:size] == last[:size]
            ),
            None,
        )
        return (_valid(common) if common else None), said
    if match := re.match(
        r"^(\d{4}/\d{0,2}/\d{0,2})/[^/]*[^/\d][^/]*$", plain
    ):  # RIS: year/month/day/other
        return dated(match[1])[0], said
    if (
        not re.match(r"^\d{1,2}[./-]\d{1,2}[./-]\d{4}$", plain)
        and (found := dates.understood(plain))
        and _valid(found)
    ):
        return (found if found[-1:] in "~?" else found + mark), ""
    years = set(_YEAR.findall(plain))
    return (years.pop() + mark if len(years) == 1 else None), said


def doi(said: str) -> str:
    """A Digital Object Identifier without address, prefix and closing punctuation, in lower case as they are compared."""
    plain = _DOI_PLACE.sub("", said.strip())
    return (unquote(plain) if plain != said.strip() else plain).rstrip(".,; ").lower()


def fitted(title: str, left: list[str]) -> str:
    """A title as long as a record may have it, cut between words; that it was cut goes to `left`."""
    if len(title) <= MOST_TITLE:
        return title
    left.append(f"title: has {len(title)} characters and was cut")
    return title[: MOST_TITLE - 1].rsplit(" ", 1)[0] + "\u2026"


def proposal(said: Mapping[str, Any], unresolved: list[str], taken: dict[str, int]) -> Proposal:
    """The document that an entry describes.

    `said` are texts by keys of a document (lists for `authors` and `keywords`), as the source gives them, and `issue`.
    What is no valid value goes to `unresolved`, with the reason. `taken` are ids that other entries have.
    """
    given = {
        key: value if isinstance(value, list) else _line(value)
        for key, value in said.items()
        if value
    }
    left = list(unresolved)
    given["title"] = _title(given, left)
    given["authors"] = _authors(given.get("authors", []), left)
    if place := _DOI_PLACE.match(given.get("url", "")):
        given.setdefault("doi", given["url"][place.end() :])
    if "doi" in given:
        given["doi"] = doi(given["doi"])
    for key in ("issued", "accessed"):
        if key in given:
            given[key], rest = dated(given[key])
            left += [f"{key}: '{shown(rest)}' could not be taken whole"] if rest else []
    if "language" in given:
        given["language"] = _language(given["language"], left)
    if "page" in given:
        given["page"] = re.sub(r"\s*[-\u2010-\u2015]+\s*", "-", given["page"])
    if issue := given.pop("issue", ""):
        _issue(given, issue, left)
    given.setdefault("grade", GRADE)
    content = {key: given[key] for key in _KEYS if given.get(key)}
    for fault in faults(
        Document, {key: value for key, value in content.items() if key != "authors"}
    ):
        if (
            content.pop(fault.pointer[0], None) is not None
        ):  # of several faults of one value the first is told
            left.append(f"{fault.pointer[0]}: {fault.message}")
    content.setdefault("grade", GRADE)
    left[MOST_TOLD:] = [f"and {len(left) - MOST_TOLD:,} more"] if len(left) > MOST_TOLD else []
    keys = tuple((key, content[key]) for key in ("doi", "url") if key in content)
    return Proposal(
        "document",
        keys,
        naming.document_id(_names(content), content.get("issued"), content["title"], taken),
        content,
        tuple(left),
    )


def _line(text: object) -> str:
    return " ".join(str(text).split())


def _valid(date: str) -> str | None:
    try:
        dates.span(date)
    except ValueError:
        return None
    return date


def _title(given: Mapping[str, Any], left: list[str]) -> str:
    title = given.get("title", "")
    if not title:
        left.append("title: is missing")
        return NO_TITLE
    return fitted(title, left)


def _authors(authors: list[dict[str, str]], left: list[str]) -> list[dict[str, str]]:
    named = [
        author
        for author in authors
        if author.get("family") or len(author.get("organization", "name:")) > 5
    ]
    if len(named) > MOST_AUTHORS:
        left.append(f"authors: {len(named) - MOST_AUTHORS} more than {MOST_AUTHORS} are left out")
    kept = []
    for author in named[:MOST_AUTHORS]:
        wrong = faults(
            Document,
            {
                "authors": [
                    {
                        "family": author.get("family") or author["organization"],
                        "given": author.get("given") or "-",
                    }
                ]
            },
        )
        left += [f"authors: {wrong[0].message}"] if wrong else []
        kept += [] if wrong else [author]
    return kept


def _language(said: str, left: list[str]) -> str | None:
    found = languages.tag(said)
    if not found:
        left.append(f"language: '{shown(said)}' is not known")
    return None if found == "en" else found  # the default of a document


def _issue(given: dict[str, Any], issue: str, left: list[str]) -> None:
    """An issue goes behind the volume of an article; a document that is no article has it as its number."""
    if given.get("type") not in _ARTICLES:
        given.setdefault("number", issue)
    elif "volume" in given:
        given["volume"] += f"({issue})"
    else:
        left.append(f"issue: '{shown(issue)}'")


def _names(content: Mapping[str, Any]) -> list[str]:
    """What the id of a document begins with: its authors, or else who published it, or else the host of its address."""
    if authors := content.get("authors"):
        return [
            author.get("family") or author["organization"].partition(":")[2] for author in authors
        ]
    return [content.get("publisher") or content.get("container") or host(content.get("url", ""))]
