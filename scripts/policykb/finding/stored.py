"""The finder on the records in kb.db, for the site: it runs in a process of its own (apart.py), which has one finder."""

import json
from datetime import date
from functools import cache
from pathlib import Path

from policykb.checks.texts import paragraphs
from policykb.finding.judge import Finder
from policykb.finding.knowledge import RecordIndex
from policykb.finding.reading import Document
from policykb.finding.report import Report, reported
from policykb.model.vocabulary import DECLARED, SCHEMES, declared_scheme
from policykb.read.database import connect

MOST_SHOWN = 500  # mentions, and acts that are not tracked
SECONDS = 1.5  # for a text; the process ends at the limit of `apart`, which is later


@cache
def finder(db: Path) -> Finder:
    """Return a finder of the actions in the knowledge base `db`."""
    query = "select kind, r.id, json from records r join record_json j on j.id = r.id where kind in ('action', 'document', 'organization')"
    base: dict[str, dict] = {"action": {}, "document": {}, "organization": {}}
    for kind, record_id, content in connect(db).execute(query):
        base[kind][record_id] = json.loads(content)
    columns = f"select id, {', '.join(DECLARED)} from identifier_schemes order by position"
    rows = (row for row in connect(db).execute(columns) if row[0] not in SCHEMES)
    schemes = [declared_scheme(row[0], **dict(zip(DECLARED, row[1:], strict=True))) for row in rows]
    return Finder(RecordIndex.of(base, schemes))


def report(db: Path, text: str, day: date | None) -> Report:
    """Return what is found in a text, whose paragraphs are its lines."""
    document = Document("pasted text", paragraphs(text, "lines"))
    whole = reported(finder(db), document, day, seconds=SECONDS)
    if len(whole.proposals) <= MOST_SHOWN and len(whole.untracked) <= MOST_SHOWN:
        return whole
    return whole._replace(
        proposals=whole.proposals[:MOST_SHOWN],
        untracked=whole.untracked[:MOST_SHOWN],
        remarks=[*whole.remarks, f"only the first {MOST_SHOWN} are shown"],
    )


def ready(db: Path) -> None:
    """Make the finder, so that the first text does not wait for it."""
    finder(db).find({"1": "An order."})
