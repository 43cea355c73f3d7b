"""States of the knowledge base: the records that files hold before and after a change, and what became of each record."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from policykb.files.catalogue import Earlier
from policykb.files.reader import FileRef, Parsed, knowledge, parse, read
from policykb.history import git
from policykb.model.fields import Part, references
from policykb.model.records import FOLDERS, TABLES
from policykb.model.vocabulary import FORMER_INSTRUMENTS, NOT_EXEMPT
from policykb.text import capitalized


@dataclass
class State:
    """Records by id, redirects by id, and the ids that cannot be read, or their kinds where the ids are unknown."""

    records: dict[str, Parsed] = field(default_factory=dict)
    redirects: dict[str, Parsed] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)

    def add(self, parsed: list[Parsed]) -> None:
        """Add the records of one file."""
        for item in parsed:
            if item.record is None:
                self.unread.add(item.id or item.kind)
            elif item.kind == "redirect":
                self.redirects[item.id] = item
            elif item.kind != "about":
                self.records[item.id] = item

    def lacks(self, item: Parsed) -> bool:
        """Return whether the record is not in this state, as far as its files can be read."""
        other = self.records.get(item.id)
        unread = item.id in self.unread or item.kind in self.unread
        return not unread and (other is None or other.kind != item.kind)


class RecordChange(NamedTuple):
    """What became of a record: 'same' (perhaps with other values), 'renamed', 'added', 'removed' or 'merged'.

    With the record before and after, and the reason of a redirect.
    """

    change: str
    before: Parsed | None
    after: Parsed | None
    reason: str = ""

    @property
    def item(self) -> Parsed:
        """Return the record that the change is listed under."""
        return self.before if self.change == "merged" else self.after or self.before


def parse_content(file: FileRef, content: bytes | str | None) -> tuple[list[Parsed], str]:
    """Return the records in the content of a file, and what is wrong with them if they are not all valid.

    The content is as in `git.Differing`. Of a file that cannot be read at all there is one item without a record.
    """
    if content is None:
        return [], ""
    if isinstance(content, bytes):
        content = read(file._replace(proposed=content))
    if not isinstance(content, bytes):
        message = content if isinstance(content, str) else content.message
        return [Parsed(*file[:3], (), None)], message
    parsed, problems = parse(file, content, partial(_renewed, file.kind))
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return parsed, problems[0].sentence() + more if problems else ""


def _renewed(kind: str, tables: dict[str, Any]) -> dict[str, Any]:
    """Return the content of a file with the keys and terms of today instead of those of earlier versions."""
    if kind in ("about", "document"):
        return {key.replace("licence", "license"): value for key, value in tables.items()}
    if kind != "action":
        return tables
    instrument = tables.get("instrument")
    if isinstance(instrument, str):
        tables["instrument"] = FORMER_INSTRUMENTS.get(instrument, instrument)
    former = tables.pop("openness", None)
    if isinstance(former, dict):
        tables["effect"] = {"kind" if key == "effect" else key: former[key] for key in former}
    duties = tables.get("duties")
    for duty in duties if isinstance(duties, list) else ():
        if isinstance(duty, dict) and "open_source_exemption" in duty:
            duty["exemption"] = duty.pop("open_source_exemption")
        text = duty.get("exemption") if isinstance(duty, dict) else None
        if isinstance(text, str) and text.startswith("None: ") and "treatment" not in duty:
            duty |= {"treatment": NOT_EXEMPT, "exemption": capitalized(text[6:])}
    return tables


def new_targets(before: State, after: State) -> dict[str, str]:
    """Return the redirects that are new: the old id and the id that it leads to."""
    return {
        old: item.record.to for old, item in after.redirects.items() if old not in before.redirects
    }


def record_changes(before: State, after: State) -> Iterator[RecordChange]:
    """Yield what became of each record of two states, except of those that cannot be read."""
    moved = {
        old: new
        for old, new in new_targets(before, after).items()
        if old in before.records and old not in after.records
    }
    old_ids = {
        new: old
        for old, new in moved.items()
        if new in after.records
        and new not in before.records
        and after.records[new].kind == before.records[old].kind
    }
    for record_id, now in after.records.items():
        was = before.records.get(old_ids.get(record_id, record_id))
        if record_id in old_ids:
            reason = after.redirects[was.id].record.reason
            yield RecordChange("renamed", was, now, reason)
        elif was and was.kind == now.kind:
            yield RecordChange("same", was, now)
        elif before.lacks(now):
            yield RecordChange("added", None, now)
    for record_id, was in before.records.items():
        if not after.lacks(was):
            continue
        target = moved.get(record_id)
        if target is None:
            yield RecordChange("removed", was, None)
        elif old_ids.get(target) != record_id:
            reason = after.redirects[record_id].record.reason
            yield RecordChange("merged", was, after.records.get(target), reason)


def values(record: Part, targets: Mapping[str, str]) -> dict:
    """Return the values of a record, with each id among `targets` replaced by the id that it leads to."""
    dumped = record.model_dump()
    for pointer, old, _ in references(record) if targets else ():
        if old in targets:
            place = dumped
            for part in pointer[:-1]:
                place = place[part]
            place[pointer[-1]] = targets[old]
    for appearance in dumped.get("appearances") or ():
        for key in ("by", "quoted"):
            appearance[key] = [targets.get(name, name) for name in appearance[key]]
    return dumped


def earlier(policies: Path, revision: str) -> Earlier:
    """Return the ids that the knowledge base had where HEAD left the history of `revision`, or in it if they share none.

    What others have added to `revision` since is not missing here.
    :raises NotFoundError: if there is no such revision.
    """
    repository = git.repository(policies)
    end = git.commit(repository, revision)
    blobs = git.files_in(repository, git.merge_base(repository, end) or end)
    files = list(filter(None, (knowledge(policies, path) for path in blobs)))
    records = {file.id: (file.kind, file.path) for file in files if file.kind in FOLDERS}
    redirects: dict[str, tuple[str, str]] = {}
    unread = []
    tables = [file for file in files if file.kind in TABLES]
    contents = git.contents(repository, [blobs[file.path] for file in tables])
    for file in tables:
        content = contents[blobs[file.path]]
        parsed = parse(file, content)[0] if isinstance(content, bytes) else []
        for item in parsed:
            if not item.id:
                continue
            if item.kind == "redirect":
                redirects[item.id] = (item.record.to if item.record else "", item.path)
            else:
                records[item.id] = (item.kind, item.path)
        if not parsed or not parsed[0].id:
            unread.append(file.path)
    return Earlier(revision, records, redirects, tuple(unread))
