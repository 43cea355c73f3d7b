"""The command `from-issue`: the text of an issue form becomes records, or drafts."""

import sys
from pathlib import Path
from typing import Any, NoReturn

import click

from policykb.checks.texts import paragraphs
from policykb.commands import options
from policykb.commands.common import (
    INPUT,
    PROBLEMS,
    Run,
    as_json,
    carry_out,
    command,
    print_outcome,
    read_input,
    report,
)
from policykb.commands.find import finder_of
from policykb.commands.new import SOURCE, Work, keep, rest_on_source
from policykb.contribute import changes, drafts, ids, issue_form, parts
from policykb.contribute.drafts import KINDS
from policykb.contribute.prompt import Workspace
from policykb.model.problems import InvalidInputError, has_errors, shown
from policykb.read.links import target


@command("from-issue", changes=True)
@click.argument("file", type=INPUT)
def from_issue(run: Run, file: Path) -> None:
    """Turn FILE, the text that GitHub makes of an issue form, into records, or into drafts that say what is missing."""
    try:
        answers = issue_form.read(read_input(file, 4 * issue_form.MOST_CHARACTERS))
    except issue_form.InvalidInputError as error:
        raise click.UsageError(f"{file.name}: {error}") from None
    if answers.remark:
        report("for the editors:")
        report("\n".join(f"  {shown(line, 500)}" for line in answers.remark.splitlines()))
    if answers.form is issue_form.FORMS["mention"]:
        _report_mentions(run, answers.texts)
    work = Work(run, Workspace.open(run.policies, run.today), answers.form.kind)
    if answers.form.kind:
        remarks = _remarks(work, answers)
        if remarks is not None:
            keep(work, remarks, run.dry_run)
            return
        proposed = work.proposals()
    else:
        proposed = [_correction(work, answers.texts)]
    carry_out(run, proposed)


def _remarks(work: Work, answers: issue_form.Answers) -> list[str] | None:
    """Make the record that a form describes; return the remarks of its draft, None if it is right."""
    unread: list[str] = []
    record = KINDS[work.kind][0]
    space = work.space
    work.content = options.content(record, answers.texts, space.when, unread, space.references)
    about = {key: answers.texts[name] for name, key in SOURCE.items() if name in answers.texts}
    try:
        rest_on_source(work, about, unread)
    except click.UsageError as error:
        unread.append(error.message)
    work.infer()
    work.id = ids.proposed(work.kind, work.content, work.space.used_ids)
    unread += work.repetitions()
    lacking = any(drafts.missing(kind, content) for (kind, _), content in work.records().items())
    if not unread and not lacking:
        problems = changes.judged(work.policies, work.run.today, work.proposals())
        if not has_errors(problems):
            return None
    return unread + [f"for the editors: {line}" for line in answers.remark.splitlines()]


def _correction(work: Work, texts: dict[str, Any]) -> changes.Change:
    """Return the change of one value of one record; what is more than that is for an editor."""
    space = work.space
    record_id, event = target(texts.get("id", ""))
    event, key = texts.get("event", event), texts.get("key", "")
    try:
        record_id = work.run.id_of(record_id or texts.get("id", ""))
        key = f"events.{event}.{key}" if event else key
        value = texts.get("value", "")
        return parts.setting(work.policies, record_id, key, value, space.when, space.references)
    except InvalidInputError as error:
        _by_hand(texts, str(error))


def _report_mentions(run: Run, texts: dict[str, Any]) -> NoReturn:
    """End the command with the mentions that are found in the text of a document; an editor judges them."""
    from policykb.finding.reading import Document, day_of
    from policykb.finding.report import as_text, reported

    document = Document(texts.get("url", ""), paragraphs(texts.get("text", ""), "lines"))
    result = reported(finder_of(run.policies), document, day_of(texts.get("issued", "")))
    report(as_text([result], None).rstrip())
    report("to write them, save the text and use: policykb find FILE --document ID --accept")
    sys.exit(PROBLEMS)


def _by_hand(texts: dict[str, Any], why: str) -> NoReturn:
    """End the command: the correction needs an editor, who gets all of it."""
    if as_json():
        print_outcome(False, error=f"the correction cannot be made from the form: {why}")
    report(f"the correction cannot be made from the form: {why}")
    for name, text in texts.items():
        report(f"  {name}: {shown(text, 500)}")
    sys.exit(PROBLEMS)
