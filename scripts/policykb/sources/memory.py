"""What official sources said when they were last imported: JSON files under policies/.imported, committed with the knowledge.

    policies/.imported/actions/<id>.json    what each source said of the record, by format and key: {"billstatus us_bill:s35-117": {...}}
    policies/.imported/feeds.json           how many records each feed had: {"documents.json": 40}

They are no part of the knowledge: names that begin with a dot are not read by `check` or `load`. Without them an import
still works, and then treats every record as one that was never imported: it only adds what is missing.
"""

import json
from pathlib import Path
from typing import Any

from policykb.contribute.changes import Change, current
from policykb.files.reader import IMPORTED
from policykb.model.records import FOLDERS

Said = dict[str, Any]


def path_of(policies: Path, kind: str, id: str) -> str:
    """The path of the file that remembers what was said of a record."""
    return f"{policies.name}/{IMPORTED}/{FOLDERS[kind][1]}/{id}.json"


def recall(policies: Path, path: str) -> tuple[bytes | None, Said]:
    """What is held at `path`, and what it says; nothing if it is not there or is not what was once written."""
    held = current(policies, path)
    try:
        said = json.loads(held) if held else {}
    except (ValueError, RecursionError):
        said = {}
    return held, {name: value for name, value in said.items() if _sound(value)} if isinstance(
        said, dict
    ) else {}


def _sound(value: Any) -> bool:
    """Whether something remembered is a number of records, or the content of a record as it was written."""
    if not isinstance(value, dict):
        return isinstance(value, int)
    events, given = value.get("events", []), value.get("identifiers", {})
    return (
        isinstance(given, dict)
        and isinstance(events, list)
        and all(
            isinstance(event, dict)
            and isinstance(event.get("date"), str)
            and isinstance(event.get("type"), str)
            for event in events
        )
    )


def remember(path: str, before: bytes | None, said: Said) -> Change:
    """The change that makes the file at `path` say `said`."""
    return Change(
        path,
        before,
        (json.dumps(said, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode(),
    )


def feeds_of(policies: Path) -> str:
    """The path of the file that remembers how many records each feed had."""
    return f"{policies.name}/{IMPORTED}/feeds.json"
