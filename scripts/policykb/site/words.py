"""Values of pages in words: dates, hosts, messages, and the status in few words."""

import re
from collections.abc import Iterable
from functools import lru_cache

from policykb.read.links import anchor as anchor  # the views take it from here
from policykb.read.status_line import brief
from policykb.text import AHEAD, date

__all__ = ["AHEAD", "date"]


@lru_cache(maxsize=4096)
def host(url: str | None) -> str:
    """Return the host of a web address without www."""
    match = re.match(r"https?://(?:www\.)?([^/:?#]+)", url or "", re.IGNORECASE)
    return match.group(1) if match else ""


def quoted(message: object) -> str:
    """Return a message with the quotes of the pages around the values that it names."""
    return re.sub(r"(?<!\w)'([^']*)'(?!\w)", r"“\1”", str(message))


def sentence(message: object) -> str:
    """Return a message as a sentence."""
    text = quoted(message)
    return f"{text[:1].upper()}{text[1:]}."


def with_status(rows: Iterable[dict]) -> list[dict]:
    """Return rows with `brief`, the status in few words by stage and legal force; None where there was no status yet."""
    return [
        {**row, "brief": brief(row["stage"], row["legal_force"]) if row["stage"] else None}
        for row in rows
    ]
