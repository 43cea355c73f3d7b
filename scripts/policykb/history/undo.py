"""Entries of the change log, undone: a record as it was before them. Pure functions over plain dictionaries."""

import copy
from collections.abc import Iterable, Mapping
from itertools import groupby

from policykb.history.entries import ORDER, STATUS, decoded


def undone(record: dict, rows: Iterable[Mapping]) -> dict | None:
    """`record` as it was before the changes in `rows`, the newest first; None if it was not there.

    Only the keys that `record` has are looked at. Ids of other records in it are those of today.
    """
    record, keys = copy.deepcopy(record), frozenset(record)
    for _, step in groupby(rows, key=lambda row: row["commit"]):
        step = list(step)
        if any(row["change"] == "added" and not row["pointer"] for row in step):
            return None
        lists = {}
        for row in step:
            name = row["pointer"].partition("#")[0].partition(".")[0].partition("@")[0]
            if row["pointer"] in ("", "id", STATUS) or name not in keys:
                continue
            if row["place"] is not None or row["pointer"].endswith(ORDER):
                lists.setdefault(name, []).append(row)
            elif "." in row["pointer"]:
                _set(record[name], row["pointer"].partition(".")[2], decoded(row["before"]))
            else:
                _set(record, name, decoded(row["before"]))
        for name, changed in lists.items():
            record[name] = _list(record[name], changed)
    return record


def _list(parts: list[dict], rows: list[Mapping]) -> list[dict]:
    """A list of parts as it was: values set back, new parts taken out, the order put back, parts that are gone put in again."""
    kept = list(parts)
    new = set()
    for row in rows:
        if row["pointer"].endswith(ORDER):
            continue
        if "." in row["pointer"]:
            _set(kept[row["place"] - 1], row["pointer"].rpartition(".")[2], decoded(row["before"]))
        elif row["before"] is None:
            new.add(row["place"] - 1)
    kept = [part for place, part in enumerate(kept) if place not in new]
    for row in rows:
        if row["pointer"].endswith(ORDER):
            kept = [kept[place - 1] for place in decoded(row["before"])]
    gone = [
        row
        for row in rows
        if row["change"] == "removed" and "." not in row["pointer"].partition("#")[2]
    ]
    for row in sorted(gone, key=lambda row: row["place"]):
        kept.insert(row["place"] - 1, decoded(row["before"]))
    return kept


def _set(held: dict, key: str, value: object) -> None:
    """Give a key its value; without one the key is not there, as in a file."""
    if value is None:
        held.pop(key, None)
    else:
        held[key] = value
