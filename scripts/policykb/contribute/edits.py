"""Edits of files of the knowledge base, and the changes that result."""

from collections.abc import Iterable
from pathlib import Path

from policykb.contribute.changes import Change, current
from policykb.files.reader import named, parse
from policykb.files.toml_edit import (
    Draft,
    apply_all,
    compose_all,
    record_type,
    values,
    with_event_ids,
)
from policykb.model.problems import ConflictError, has_errors
from policykb.model.records import FOLDERS


class FileDraft(Draft):
    """A file while it is edited: the kind of its records, its path, and what it holds `before` (None: there is no file).

    With `event_ids` the edits begin from a text in which each event of an action has an id.
    """

    def __init__(self, kind: str, path: str, before: bytes | None, event_ids: bool = False) -> None:
        text = (before or b"").decode()
        self.kind, self.path, self.before = kind, path, before
        self.text = with_event_ids(text) if event_ids else text
        super().__init__(values(self.text))


def opened(policies: Path, kind: str, path: str, event_ids: bool = False) -> FileDraft:
    """Return the file at `path` to edit; it need not be there.

    :raises ConflictError: if it is not valid by itself, so that it is not known what an edit of it would mean.
    """
    before = current(policies, path)
    if before is not None:
        problems = parse(named(policies, path), before)[1]
        if has_errors(problems):
            raise ConflictError(problems)
    return FileDraft(kind, path, before, event_ids)


def changes_of(files: Iterable[FileDraft]) -> list[Change]:
    """Return the changes of `files`, in their order; a new file of a record has its keys in the order of the type.

    :raises LayoutError: if a file cannot be edited in its layout.
    """
    files = list(files)
    new, edited = {}, {}
    for file in files:
        record = record_type(file.kind)
        if file.before is None and file.kind in FOLDERS:
            new[file.path] = (record, file.content)
        else:
            edited[file.path] = (file.text, record, file.edits)
    after = compose_all(new) | apply_all(edited)
    return [Change(file.path, file.before, after[file.path].encode()) for file in files]
