"""The command `from-issue`: the text of an issue form becomes records where it can, and drafts where it cannot."""

import datetime
import sys
from pathlib import Path
from typing import Any

import click

from policykb.commands import new
from policykb.commands.common import PROBLEMS, common, confirming, failures, places, settle
from policykb.contribute import (
    changes,
    issue_form,
)
from policykb.contribute import (
    drafts as draft,
)
from policykb.contribute import (
    ids as naming,
)
from policykb.contribute import (
    one_line as compact,
)
from policykb.contribute.prompt import Desk, told
from policykb.files import toml_edit
from policykb.files.catalogue import Catalogue, NotFoundError
from policykb.model.fields import describe
from policykb.model.problems import ERROR, shown
from policykb.model.records import FOLDERS


@click.command(name="from-issue")
@common
@confirming
@click.argument(
    "file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True, exists=True)
)
def from_issue(
    policies: Path | None, db: Path | None, today: str | None, dry_run: bool, yes: bool, file: Path
) -> None:
    """Turn FILE, the text that GitHub makes of an issue form, into records, or into drafts that say what is missing."""
    folder, _, day = places(policies, db, today)
    with failures():
        with click.open_file(str(file), "rb") as opened:
            data = opened.read(4 * issue_form.MOST_CHARACTERS + 1)
        try:
            answers = issue_form.read(data)
        except issue_form.Unusable as error:
            raise click.UsageError(f"{file.name}: {error}") from None
        desk = Desk(
            datetime.date.fromisoformat(day),
            Catalogue.read(folder),
            {},
            False,
            draft.ids(folder.parent),
        )
        if answers.remark:
            told("said to the editors:")
            told("\n".join(f"  {shown(line, 500)}" for line in answers.remark.splitlines()))
        if answers.form.kind:
            _record(desk, folder, day, answers, yes, dry_run)
        else:
            _correction(desk, folder, day, answers, yes, dry_run)


def _record(
    desk: Desk, policies: Path, today: str, answers: issue_form.Answers, yes: bool, dry_run: bool
) -> None:
    """Write the record that a form describes, or keep it as a draft."""
    kind, given = answers.form.kind, answers.given
    unread: list[str] = []
    content = new.typed(desk, draft.KINDS[kind][0], given, unread)
    about = {
        key.removeprefix("source_"): held
        for key, held in given.items()
        if key.startswith("source_")
    }
    try:
        new.rest_on_source(desk, kind, content, about, unread)
    except click.UsageError as error:
        unread.append(error.message)
    content = new.defaults(desk, kind, content) | content
    id = naming.proposed(kind, content, desk.taken)
    records = {
        **{("document", name): held for name, held in desk.documents.items()},
        (kind, id): content,
    }
    met = new.repeated(desk, records)
    proposed = new.proposals(policies, records)
    lacking = any(draft.missing(of, held) for (of, _), held in records.items())
    if (
        unread
        or met
        or lacking
        or any(problem.severity == ERROR for problem in changes.judged(policies, today, proposed))
    ):
        remarks = [
            *unread,
            *met,
            *(f"said to the editors: {line}" for line in answers.remark.splitlines()),
        ]
        new.keep(policies, today, records, dry_run, remarks)
    else:
        settle(policies, today, proposed, yes, dry_run)


def _correction(
    desk: Desk, policies: Path, today: str, answers: issue_form.Answers, yes: bool, dry_run: bool
) -> None:
    """Change one key of one record; what is more than that is for an editor."""
    given = answers.given
    id, key = given.get("id", ""), given.get("key", "")
    try:
        there = desk.base.get(id)
    except NotFoundError as error:
        _by_hand(given, str(error))
    if there.kind not in draft.KINDS:
        _by_hand(given, f"'{id}' is a record of kind {there.kind}, which no form changes")
    record = draft.KINDS[there.kind][0]
    if (
        key not in describe(record)
        or describe(record)[key].part
        or key in (*new.LATER, "identifiers")
    ):
        _by_hand(given, f"'{shown(key)}' is no key with a plain value")
    texts = given.get("value", "")
    try:
        held: Any = (
            [compact.typed(record, key, line, desk.when) for line in texts.splitlines()]
            if describe(record)[key].many
            else compact.typed(record, key, texts, desk.when)
        )
    except compact.Unclear as error:
        _by_hand(given, str(error))
    path = changes.path_of(policies, there.kind, id)
    before = changes.valid(policies, path)
    pointer = (key,) if there.kind in FOLDERS else (id, key)
    file = (before, toml_edit.record_type(there.kind), [toml_edit.Edit(pointer, held)])
    after = toml_edit.apply_all({path: file})[path]
    settle(policies, today, [changes.Change(path, before.encode(), after.encode())], yes, dry_run)


def _by_hand(given: dict[str, Any], why: str) -> None:
    """End the command: the correction needs an editor, who is told all of it."""
    told(f"the correction cannot be made from the form: {why}")
    for name, text in given.items():
        told(f"  {name}: {shown(text, 500)}")
    sys.exit(PROBLEMS)
