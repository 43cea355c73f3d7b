"""What Datasette's page of a knowledge base lists: the file, examples, views, questions, and tables in groups."""

import asyncio
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from policykb.files.digests import digest
from policykb.model.vocabulary import VOCABULARIES
from policykb.read.database import statements
from policykb.read.dictionary import tables
from policykb.read.links import KINDS
from policykb.read.questions import Question
from policykb.site.data import known
from policykb.site.published import names

if TYPE_CHECKING:
    from datasette.app import Datasette

EXAMPLES = Path(__file__).parents[1] / "queries" / "examples"
# Tables that make the knowledge base work, or say how it came about.
MACHINERY = frozenset(
    """kb_info records names record_json redirects event_former_ids counts news problems commits
    changes""".split()
)
RECORDS, LINKS, TERMS, REST = "Records", "Parts and links of records", "Vocabularies", "Machinery"


class Contents(NamedTuple):
    """What the page lists: examples as (title, statement), descriptions of views, questions, and of tables by group."""

    sha256: str
    examples: list[tuple[str, str]]
    views: dict[str, str]
    questions: list[Question]
    groups: dict[str, dict[str, str]]


async def contents(datasette: "Datasette", database: str, listed: Iterable[str]) -> Contents | None:
    """Return the contents of a knowledge base, whose tables have the names `listed`; None for another database."""
    if database not in names(datasette):
        return None
    own = datasette.databases[database]
    groups: dict[str, dict[str, str]] = {RECORDS: {}, LINKS: {}, TERMS: {}, REST: {}}
    for name in listed:
        groups[_group(name)][name] = _description(name)
    return Contents(
        await asyncio.to_thread(_digest, own.path),
        examples(),
        {name: _description(name) for name in await own.view_names()},
        list(known(datasette).questions.values()),
        groups,
    )


def examples() -> list[tuple[str, str]]:
    """Return the title and the text of each example."""
    parts = [text.partition("\n") for text in statements(EXAMPLES, "examples").values()]
    return [(title.removeprefix("-- "), statement) for title, _, statement in parts]


def _group(table: str) -> str:
    """Return the group of a table; one that is not described belongs to a search index."""
    if table in MACHINERY or table not in tables():
        return REST
    if table in KINDS:
        return RECORDS
    return TERMS if table in (*VOCABULARIES, "effects") else LINKS


def _description(name: str) -> str:
    """Return the description of a table or view; tables of a search index have none."""
    return tables()[name][0] if name in tables() else ""


@cache
def _digest(path: str) -> str:
    """Return the digest of a file that is served, which does not change."""
    return digest(Path(path))
