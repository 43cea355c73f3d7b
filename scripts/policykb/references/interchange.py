"""Citations for other tools (BibTeX, BibLaTeX, RIS, CSL-JSON), and in plain words, where no style can be set."""

from collections.abc import Iterable

from policykb.references.citation import Citation, Part
from policykb.references.entry import Entry
from policykb.text import date

MEDIA = {
    "bibtex": "application/x-bibtex",
    "biblatex": "application/x-bibtex",
    "ris": "application/x-research-info-systems",
    "csl-json": "application/vnd.citationstyles.csl+json",
}


def encode(citations: Iterable[Citation], form: str) -> str:
    """Return the entries of the citations in one of the formats of MEDIA."""
    from policykb.references import bibtex, csl_json, ris  # slow to import

    items = entries(citations)
    if form == "csl-json":
        return csl_json.format(items)
    return ris.format(items) if form == "ris" else bibtex.format(items, form)


def entries(citations: Iterable[Citation]) -> list[Entry]:
    """Return each entry once, in the order cited; the title of a provision says which one it is."""
    unique: dict[str, Entry] = {}
    for citation in citations:
        for part in citation.parts:
            unique.setdefault(part.entry.id, part.entry.whole())
    return list(unique.values())


def plain(part: Part) -> str:
    """Return a source in plain words, set in no style: authors, title, number, place, day."""
    entry = part.entry
    addressees = ", ".join(name.in_order for name in entry.recipients)
    pieces = [
        ", ".join(name.in_order for name in entry.authors),
        entry.title,
        f"{entry.genre} {entry.number}".strip(),
        addressees and f"to {addressees}",
        entry.authority,
        entry.jurisdiction,
        " ".join(filter(None, (entry.volume, entry.container, entry.page))),
        entry.publisher,
        entry.version and f"edition {entry.version}",
        date(entry.issued.rstrip("~?")),
        entry.section,
        entry.codified and f"codified at {entry.codified}",
        entry.status,
        part.locator,
    ]
    return ", ".join(filter(None, pieces))
