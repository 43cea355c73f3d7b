"""Records that a new one may repeat: the same identifier, the same address, nearly the same title."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from rapidfuzz import fuzz, process, utils

from policykb.files.catalogue import NAMED_BY, Known
from policykb.files.knowledge import address
from policykb.model.vocabulary import LOCAL_SCHEMES

NEAR = 87  # of 100; below that, titles of two acts of one kind look alike
MOST = 5


class Match(NamedTuple):
    """A record that is there and the reason why it may be the same."""

    id: str
    title: str
    why: str


def similar(base: Iterable[Known], kind: str, content: Mapping[str, Any]) -> list[Match]:
    """The records of `kind` in `base` that `content` may repeat, the surest first. Linear in the size of `base`."""
    same = [record for record in base if record.kind == kind]
    found: dict[str, Match] = {}
    here = {
        (scheme, value)
        for scheme, values in content.get("identifiers", {}).items()
        if scheme not in LOCAL_SCHEMES
        for value in (values if isinstance(values, list) else [values])
    }
    where = compared(content["url"]) if kind == "document" and content.get("url") else ""
    for record in same:
        if shared := [
            f"{scheme} {value}" for scheme, value in record.identifiers if (scheme, value) in here
        ]:
            found[record.id] = Match(
                record.id, record.title, f"has the same identifier, {', '.join(shared)}"
            )
        elif where and record.address == where:
            found[record.id] = Match(record.id, record.title, "has the same address")
    title = content.get(NAMED_BY[kind]) or ""
    titles = {record.id: record.title for record in same if record.title and record.id not in found}
    numbers = re.findall(r"\d+", title)
    close = process.extract(
        title,
        titles,
        scorer=fuzz.token_sort_ratio,
        processor=utils.default_process,
        score_cutoff=NEAR,
        limit=4 * MOST,
    )
    # Article 53 is not article 54, however much the rest agrees.
    for near, score, id in [one for one in close if re.findall(r"\d+", one[0]) == numbers][:MOST]:
        found[id] = Match(
            id, near, "has the same title" if score == 100 else "has nearly the same title"
        )
    return list(found.values())


def compared(url: str) -> str:
    """`url` as addresses are compared; '' if it is none."""
    return address(url) if "://" in url else ""
