"""Records that a new record may repeat: same identifier, same address, nearly the same title."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from rapidfuzz import fuzz, process, utils

from policykb.files.catalogue import NAMED_BY, Catalogue, identifiers
from policykb.model.vocabulary import LOCAL_SCHEMES

NEAR = 87  # of 100; below that, titles of two acts of one kind look alike
MOST = 5


class Match(NamedTuple):
    """A record that exists and the reason why it may be the same."""

    id: str
    title: str
    why: str

    def __str__(self) -> str:
        """Return the match as a line of a message."""
        return f"{self.id}: {self.title} ({self.why})"


def similar(catalogue: Catalogue, kind: str, content: Mapping[str, Any]) -> list[Match]:
    """Return the records of `kind` that `content` may repeat, the surest first."""
    entries = [entry for entry in catalogue.entries.values() if entry.kind == kind]
    own = {pair for pair in identifiers(content) if pair[0] not in LOCAL_SCHEMES}
    url = content.get("url") if kind == "document" else None
    at_address = catalogue.ids("url", url) if url and "://" in url else ()
    matches: dict[str, Match] = {}
    for entry in entries:
        if shared := [pair for pair in entry.identifiers if pair in own]:
            why = f"has the same identifier, {', '.join(map(' '.join, shared))}"
            matches[entry.id] = Match(entry.id, entry.title, why)
        elif entry.id in at_address:
            matches[entry.id] = Match(entry.id, entry.title, "has the same address")
    titles = {entry.id: entry.title for entry in entries if entry.title and entry.id not in matches}
    for record_id, score in _near(content.get(NAMED_BY[kind]) or "", titles):
        why = "has the same title" if score == 100 else "has nearly the same title"
        matches[record_id] = Match(record_id, titles[record_id], why)
    return list(matches.values())


def _near(title: str, titles: Mapping[str, str]) -> list[tuple[str, float]]:
    """Return the ids of the nearest titles and how near they are, of 100."""
    close = process.extract(
        title,
        titles,
        scorer=fuzz.token_sort_ratio,
        processor=utils.default_process,
        score_cutoff=NEAR,
        limit=4 * MOST,
    )
    # Article 53 is not article 54, however much the rest agrees.
    numbers = re.findall(r"\d+", title)
    same = [(key, score) for near, score, key in close if re.findall(r"\d+", near) == numbers]
    return same[:MOST]
