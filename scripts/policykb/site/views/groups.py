"""Rows put under what they belong to, and their ids bound."""

import json
from collections.abc import Iterable

from policykb.read.debate import grouped

__all__ = ["as_json", "grouped"]


def as_json(rows: Iterable[dict], key: str = "id") -> str:
    """The values of `key` as a JSON list, to bind where SQL reads json_each."""
    return json.dumps([row[key] for row in rows])
