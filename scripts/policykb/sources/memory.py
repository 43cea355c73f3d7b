"""What official sources said when they were last imported: JSON files under policies/.imported, committed with the knowledge.

    policies/.imported/actions/<id>.json    what each source said of the record, by format and key: {"billstatus us_bill:s35-117": {...}}
    policies/.imported/feeds.json           how many records each source had: {"documents.json": 40}

They are not part of the knowledge: `check` and `load` do not read names that begin with a dot. Without them an import treats
every record as one that was never imported: it only adds what is missing.
"""

import json
from pathlib import Path
from typing import Any

from policykb.contribute.changes import Change, current
from policykb.files.reader import IMPORTED

Memory = dict[str, Any]


def feeds_of(policies: Path) -> str:
    """Return the path of the file with the number of records of each source."""
    return f"{policies.name}/{IMPORTED}/feeds.json"


def recall(policies: Path, path: str) -> tuple[bytes | None, Memory]:
    """Return the bytes at `path` and their valid content; None and {} if there is no file."""
    data = current(policies, path)
    try:
        content = json.loads(data or b"{}")
    except (ValueError, RecursionError):
        content = None
    items = content.items() if isinstance(content, dict) else ()
    return data, {name: value for name, value in items if _valid(value)}


def _valid(value: Any) -> bool:
    """Return whether a value is a number of records, or the content of a record as an import wrote it."""
    if not isinstance(value, dict):
        return isinstance(value, int)
    events = value.get("events", [])
    if not isinstance(events, list) or not isinstance(value.get("identifiers", {}), dict):
        return False
    return all(
        isinstance(event, dict)
        and isinstance(event.get("date"), str)
        and isinstance(event.get("type"), str)
        for event in events
    )


def remember(path: str, before: bytes | None, content: Memory) -> Change:
    """Return the change that writes `content` to the file at `path`."""
    text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True)
    return Change(path, before, f"{text}\n".encode())
