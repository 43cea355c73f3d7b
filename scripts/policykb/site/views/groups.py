"""Rows put under what they belong to."""

import json
from collections.abc import Iterable


def grouped(rows: Iterable[dict], key: str) -> dict[str, list[dict]]:
    """Rows by the value of `key`, in the order in which values and rows come."""
    found: dict[str, list[dict]] = {}
    for row in rows:
        found.setdefault(row[key], []).append(row)
    return found


def as_json(rows: Iterable[dict], key: str = "id") -> str:
    """The values of `key` as a JSON list, to bind where SQL reads json_each."""
    return json.dumps([row[key] for row in rows])
