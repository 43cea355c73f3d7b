"""The formats of imports: their readers, and the format of some bytes."""

import re
from collections.abc import Callable
from typing import NamedTuple

from policykb.contribute import reading
from policykb.contribute.proposal import Proposal, Refuse, stop
from policykb.contribute.proposal import Reader as Read
from policykb.model.problems import SourceError
from policykb.references import bibtex, ris
from policykb.references import csl_json as csl
from policykb.sources import congress, eurlex, federal_register, openstates, table


class Format(NamedTuple):
    """A format: its title, its reader, and a test whether bytes look like it."""

    title: str
    read: Read
    is_it: Callable[[bytes], bool]


# In the order of guessing.
FORMATS: dict[str, Format] = {
    "federal-register": Format(
        "Federal Register documents: JSON of its API", federal_register.read, federal_register.is_it
    ),
    "billstatus": Format(
        "Bill status of the Congress: BILLSTATUS XML", congress.read_bulk, congress.is_bulk
    ),
    "openstates": Format(
        "Bills of Open States: JSON of its API v3 or its scrapers",
        openstates.read,
        openstates.is_it,
    ),
    "congress-api": Format(
        "A bill and its actions from the Congress.gov API: JSON, as track reads it",
        congress.read_api,
        congress.is_api,
    ),
    "eur-lex": Format(
        "Notices of EUR-Lex: XML of branch, object or tree notices", eurlex.read, eurlex.is_it
    ),
    "csl-json": Format("Bibliographies in CSL-JSON, as Zotero writes them", csl.read, csl.is_it),
    "bibtex": Format("Bibliographies in BibTeX or BibLaTeX", bibtex.read, bibtex.is_it),
    "ris": Format("Bibliographies in RIS", ris.read, ris.is_it),
    "csv": Format(
        "Tables of actions, documents, arguments or claims in CSV, with a header",
        table.read,
        table.is_it,
    ),
}


# Import of a folder reads the files with these endings.
ENDINGS = (".json", ".xml", ".bib", ".ris", ".csv", ".tsv")


def guessed(data: bytes, name: str) -> str:
    """Return the name of the format of `data`. :raises SourceError: if it is unknown, or `data` is UTF-16."""
    reading.refuse_utf_16(data, name)
    for form, (_, _, is_it) in FORMATS.items():
        if is_it(data):
            return form
    advice = "if it is one of them, name it with --format"
    if _is_list_of_numbers(data):
        advice = "for bills of which you have only the numbers, fetch the records first (docs/how-to/import-official-records.md)"
    message = f"{name}: the format is unknown; expected one of {', '.join(FORMATS)}; {advice}"
    raise SourceError(message)


def _is_list_of_numbers(data: bytes) -> bool:
    """Return whether the first lines are bill numbers such as 'HR 9925' or 'CA SB 53'."""
    lines = [line.strip() for line in data[:2000].strip().splitlines()[:20]]
    number = re.compile(rb"[A-Za-z][A-Za-z. ]{0,20}\d{1,5}|")
    return any(lines) and all(map(number.fullmatch, lines))


def proposals(
    data: bytes,
    name: str,
    form: str | None = None,
    refuse: Refuse = stop,
    unread: set[str] | None = None,
) -> tuple[str, list[Proposal]]:
    """Return the format of `data` and its proposals.

    Records that cannot be read go to `refuse`; keys of the source that its reader did not read are added to `unread`.
    :raises SourceError: if the format is unknown, or the source as a whole cannot be read.
    """
    form = form or guessed(data, name)
    read = FORMATS[form].read
    token = reading.unread.set(unread)
    try:
        records = reading.each([data], lambda item: read(item, name, refuse), lambda _: "", stop)
        return form, list(records)
    finally:
        reading.unread.reset(token)
