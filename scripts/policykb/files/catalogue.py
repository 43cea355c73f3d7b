"""What the knowledge base holds already: the few things of every record that are needed to find it and not to repeat it."""

from pathlib import Path
from typing import NamedTuple

from policykb.files.knowledge import address
from policykb.files.reader import parse, read, sources
from policykb.model.identifiers import identifiers
from policykb.model.problems import Finding
from policykb.model.records import Action, Document

# The key that says in one line what a record is.
NAMED_BY = {
    "action": "title",
    "argument": "title",
    "claim": "text",
    "document": "title",
    "organization": "name",
    "jurisdiction": "name",
    "topic": "name",
}


class Known(NamedTuple):
    """A record that is there: `address` is its web address as compared, `identifiers` are (scheme, value)."""

    kind: str
    id: str
    title: str
    jurisdiction: str = ""
    address: str = ""
    identifiers: tuple[tuple[str, str], ...] = ()


def known(policies: Path) -> dict[str, Known]:
    """Every id that is in use, redirects among them, with what stands there; of a record that is not valid only that it is there."""
    found: dict[str, Known] = {}
    for source in sources(policies)[0]:
        data = read(source)
        if isinstance(data, Finding) or source.kind == "about":
            continue
        for kind, id, _, _, record in parse(source, data)[0]:
            if not id:
                continue
            title = getattr(record, NAMED_BY.get(kind, ""), "")
            named = (
                tuple((scheme, value) for _, scheme, value in identifiers(record))
                if isinstance(record, Action)
                else ()
            )
            url = record.url if isinstance(record, Document) else None
            found.setdefault(
                id,
                Known(
                    kind,
                    id,
                    title,
                    getattr(record, "jurisdiction", None) or "",
                    address(url) if url else "",
                    named,
                ),
            )
    return found
