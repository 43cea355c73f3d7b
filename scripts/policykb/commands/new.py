"""The command `new`: a record from options or answers, written whole or saved as a draft."""

import signal
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import click

from policykb.commands import find, options
from policykb.commands.common import (
    EXISTING_FILE,
    FILE,
    Run,
    as_json,
    carry_out,
    command,
    print_outcome,
    report,
)
from policykb.commands.groups import Group
from policykb.contribute import changes, drafts, ids, iso, one_line, prompt
from policykb.contribute.changes import Change
from policykb.contribute.drafts import KINDS
from policykb.contribute.edits import FileDraft, changes_of
from policykb.contribute.prompt import ASKED, Workspace
from policykb.files.catalogue import NAMED_BY
from policykb.files.toml_edit import Edit
from policykb.model.addresses import cleaned
from policykb.model.fields import Field, describe
from policykb.model.parts import several
from policykb.model.problems import ConflictError, InvalidInputError, did_you_mean, nearest
from policykb.model.records import TABLES, Document, is_id
from policykb.model.vocabulary import PERSONS
from policykb.text import lowered, with_article

# Options that describe the document that a new record rests on, and the key that each sets.
SOURCE = {f"source_{key}": key for key in ("url", "title", "grade", "type", "issued")}
CITING = ("action", "argument", "claim")
MOST_OFFERED = 9
PERSON = min(PERSONS)
OF_PERSON = ("name", "jurisdiction", "url", "bioguide")  # keys to ask for


@click.group(cls=Group)
def new() -> None:
    """Make a record: from options, or from answers at the terminal."""


def _command(kind: str, name: str = "", preset: Mapping[str, str] | None = None) -> click.Command:
    """Return the command `name` (default: the kind), which makes a record of a kind with some values `preset`."""
    record = KINDS[kind][0]

    def run(run: Run, **arguments: Any) -> None:
        make(kind, run, arguments | (preset or {}))

    # The description of the record type is that of the command, so it cannot be a docstring here.
    name = name or kind
    about = "a natural person who acts, speaks or sponsors."
    if name == kind:
        about = lowered(record.__doc__)
    making = command(name, changes=True, help=f"Make {with_article(name)}: {about}")(run)
    parameters = [option for option in _parameters(kind) if option.name not in (preset or ())]
    making.params = [*parameters, *making.params]
    return making


def _parameters(kind: str) -> Iterator[click.Option]:
    yield from options.options(KINDS[kind][0])
    for option, key in SOURCE.items() if kind in CITING else ():
        about = lowered(drafts.meaning(describe(Document)[key]))
        yield click.Option(
            [f"--{option.replace('_', '-')}"],
            help=f"Of the document it rests on, if that is new: {about}",
        )
    if kind == "document":
        yield click.Option(
            ["--find", "text_file"],
            type=EXISTING_FILE,
            help="The text of the document: gives its title, its day, and the mentions that score 0.9 or more.",
        )
    yield click.Option(["--id", "record_id"], help="The id; without it one is proposed.")
    yield click.Option(
        ["--from-draft"],
        type=FILE,
        help="Go on with this draft; it is removed when the record is written.",
    )
    yield click.Option(
        ["--draft", "as_draft"],
        is_flag=True,
        help="Save it under drafts/ with what is missing as comments.",
    )
    yield click.Option(
        ["--even-if-similar"],
        is_flag=True,
        help="Make it though a record that is there may be the same.",
    )


for _kind in ASKED:
    new.add_command(_command(_kind))
new.add_command(_command("organization", PERSON, {"kind": PERSON}))


@dataclass
class Work:
    """A record in the making: where, what it is, and the drafts that it came from."""

    run: Run
    space: Workspace
    kind: str
    id: str = ""
    content: dict[str, Any] = field(default_factory=dict)
    used_drafts: list[Path] = field(default_factory=list)

    @property
    def policies(self) -> Path:
        """Return the folder of the knowledge."""
        return self.run.policies

    @property
    def root(self) -> Path:
        """Return the folder that holds policies/ and drafts/."""
        return self.policies.parent

    def records(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Return the record, after the others that are made with it: content by kind and id."""
        return self.space.others | {(self.kind, self.id): self.content}

    def infer(self) -> None:
        """Set the fields that can be inferred."""
        standard_id = prompt.infer(self.space, self.kind, self.content, self.id)
        self.id = self.id or standard_id

    def proposals(self) -> list[Change]:
        """Return the changes that make the records."""
        files: dict[str, FileDraft] = {}
        for (kind, record_id), content in self.records().items():
            path = changes.path_of(self.policies, kind, record_id)
            if kind not in TABLES:
                files[path] = FileDraft(kind, path, None)
                files[path].content = content
                continue
            if path not in files:
                files[path] = FileDraft(kind, path, changes.current(self.policies, path))
            files[path].make(Edit((record_id,), content))
        # Tables come last.
        return changes_of(sorted(files.values(), key=lambda file: file.kind in TABLES))

    def repetitions(self) -> list[str]:
        """Return the records that may be the same, as remarks of a draft."""
        return [
            f"may already exist: {match}"
            for (kind, _), content in self.records().items()
            for match in self.space.similar(kind, content)
        ]


def make(kind: str, run: Run, arguments: Mapping[str, Any]) -> None:
    """Make a record from the `arguments` of the command; ask for the rest where there is a terminal."""
    as_draft = arguments["as_draft"]
    asking = sys.stdin.isatty() and not run.yes and not as_draft
    even_if_similar = arguments["even_if_similar"]
    space = Workspace.open(run.policies, run.today, asking=asking, even_if_similar=even_if_similar)
    work = Work(run, space, kind, arguments["record_id"] or "")
    from_draft = arguments["from_draft"]
    answered = arguments.keys() - {"even_if_similar", "kind"}
    if asking and not any(arguments[name] for name in answered):
        from_draft = _draft_to_continue(work.root, kind)
    if kind == "jurisdiction" and asking and (advice := iso.missing()):
        report(advice)
    with _saving_answers(work) if asking else nullcontext():
        _gather(work, arguments, from_draft)
        if as_draft:
            work.infer()
            work.id = _id(work)
            keep(work, work.repetitions(), run.dry_run)
            return
        _complete(work)
        written = _ask_and_write(work) if asking else carry_out(run, work.proposals())
    if written:
        for path in work.used_drafts:
            path.unlink(missing_ok=True)
        report("Add to it with `policykb add` or in an editor; `policykb load` puts it into kb.db.")


def _ask_and_write(work: Work) -> bool:
    """Show the record and write it if the person agrees, after changes that the person asks for.

    :raises click.Abort: if the person does not agree.
    """
    while True:
        question = f"Write it as {work.id}? (y, n, {prompt.HELP} or what to change)"
        confirm = partial(_agrees, work, question)
        try:
            if carry_out(work.run, work.proposals(), confirm=confirm) or work.run.dry_run:
                return not work.run.dry_run
        except ConflictError:
            report("The rules above do not allow the record as it is.")
            question = f"What to change (n: save a draft, {prompt.HELP}: the list)"
            _agrees(work, question, may_write=False)
        _ask_rest(work)


def _agrees(work: Work, question: str, may_write: bool = True) -> bool:
    """Return whether the person wants the record to be written as it is; if not, something was changed.

    :raises click.Abort: if it is not to be written.
    """
    fields = {field.name: field for field in _changeable(work.kind)}
    names = {field.option: field for field in fields.values()} | fields
    while True:
        answer = prompt.line(question, {name: names[name].description for name in fields})
        word = answer.casefold()
        if may_write and word in ("", "y", "yes"):
            return True
        if word in ("n", "no"):
            raise click.Abort
        word = word.replace(" ", "_")
        field = names.get(word) or fields.get(ASKED[work.kind][-1] if word == prompt.BACK else "")
        try:
            if field:
                _change(work, field)
                return False
            if is_id(answer) and ("-" in answer or work.kind in TABLES):
                if wrong := _wrong_id(work.space, answer):
                    raise InvalidInputError(f"'{answer}' {wrong}")
                work.id = answer
                return False
            if answer != prompt.HELP:
                near = nearest(word, names)
                report(f"'{answer}' is no answer here{did_you_mean(near)}")
            report(
                f"  y writes it, n saves a draft; an id with a hyphen is its id; or: {', '.join(fields)}"
            )
        except InvalidInputError as error:
            report(str(error))


def _changeable(kind: str) -> list[Field]:
    """Return the fields that the final question offers."""
    fields = describe(KINDS[kind][0]).values()
    return [
        field
        for field in fields
        if field.name not in options.LATER and field.kind not in ("flag", "choice")
    ]


def _change(work: Work, field: Field) -> None:
    """Ask for a value again, or for another item of a list of parts."""
    before = work.content.get(field.name)
    repeats = field.many and field.part in one_line.FORMS
    if not repeats:
        work.content.pop(field.name, None)
    try:
        prompt.ask_field(work.space, KINDS[work.kind][0], field, work.content)
    except prompt.BackError:
        if before is not None:
            work.content[field.name] = before


def _gather(work: Work, arguments: Mapping[str, Any], from_draft: Path | None) -> None:
    """Put the values of the draft and of the options into the record."""
    if from_draft:
        draft_id, content = drafts.read(from_draft, work.kind)
        work.content |= content
        work.id = work.id or draft_id
        work.used_drafts = [from_draft, *_drafted_documents(work)]
    if text_file := arguments.get("text_file"):
        finder = find.finder_of(work.policies)
        work.content |= find.content(finder, text_file, arguments.get("issued") or "")
    record, space = KINDS[work.kind][0], work.space
    if url := arguments.get("source_url"):
        space.references.aliases[url.strip()] = one_line.NEW
    values = options.content(record, arguments, space.when, references=space.references)
    for key, value in values.items():
        before = work.content.get(key)
        if isinstance(before, list):
            value = before + value
        elif key == "identifiers" and before:
            value = before | value
        work.content[key] = value
    if work.kind in CITING:
        about = {key: arguments[option] for option, key in SOURCE.items() if arguments.get(option)}
        rest_on_source(work, about)


def _drafted_documents(work: Work) -> list[Path]:
    """Take the drafts of documents that the record cites into the workspace; return their files."""
    paths = []
    for record_id in dict.fromkeys(place["document"] for place in _places(work.content)):
        if record_id in work.space.catalogue or not is_id(str(record_id)):
            continue
        path = work.root / drafts.where("document", record_id)
        if path.is_file():
            work.space.others["document", record_id] = drafts.read(path, "document")[1]
            paths.append(path)
    return paths


def rest_on_source(work: Work, about: dict[str, str], unread: list[str] | None = None) -> None:
    """Find or make the document that `about` describes, and let what has no source cite it.

    `unread` is as for `options.content`.
    """
    document_id = _source(work.space, about, unread) if about else ""
    for place in _places(work.content):
        if place["document"] == one_line.NEW:
            if not document_id:
                raise click.UsageError(
                    f"'@ {one_line.NEW}' means the document of --source-url, which is missing"
                )
            place["document"] = document_id
    if not document_id:
        return
    for event in work.content.get("events", ()):
        if not event.get("cite") and not event.get("unconfirmed"):
            event["cite"] = [{"document": document_id}]
    for evidence in work.content.get("evidence", ()):
        evidence.setdefault("document", document_id)
    if "appearances" in describe(KINDS[work.kind][0]):
        work.content.setdefault("appearances", [{"document": document_id}])


def _source(space: Workspace, about: dict[str, str], unread: list[str] | None) -> str:
    """Return the id of the document that `about` describes, which is made if it is not known."""
    url = about.get("url", "")
    if not url and not about.get("title"):
        raise click.UsageError("give --source-url or --source-title to identify the document")
    if document_id := space.document_at(url):
        report(f"The source already has a record: {document_id}")
        return document_id
    texts = about | ({"url": cleaned(url)} if url else {})
    content = options.content(Document, texts, space.when, unread, space.references)
    return prompt.make_other(space, "document", content, url)


def _places(content: Any) -> Iterator[dict[str, Any]]:
    """Yield each table inside `content` that names a document."""
    if isinstance(content, dict):
        if "document" in content:
            yield content
        content = list(content.values())
    for value in content if isinstance(content, list) else ():
        yield from _places(value)


def _complete(work: Work) -> None:
    """Make the record complete and give it an id.

    :raises click.UsageError: if something is missing that cannot be asked for, or if the record may already exist.
    """
    space = work.space
    if space.asking:
        prompt.confirm_new(space, work.kind, work.content)
        is_person = work.content.get("kind") == PERSON
        keys = OF_PERSON if is_person else ASKED[work.kind]
        prompt.ask_record(space, work.kind, work.content, keys, work.id)
        _ask_rest(work)
    work.infer()
    work.id = _id(work)
    records = work.records()
    for (kind, _), content in records.items():
        if space.asking:
            prompt.confirm_new(space, kind, content)
        elif matches := space.similar(kind, content):
            lines = "\n".join(f"  {match}" for match in matches)
            raise click.UsageError(
                f"the {kind} may already exist:\n{lines}\nAdd --even-if-similar if it is another record."
            )
    lacking = [
        f"  {_option(kind, key, content is work.content)}: {about}"
        for (kind, _), content in records.items()
        for key, about in drafts.missing(kind, content).items()
    ]
    if lacking:
        end = "Give them, or add --draft to save the record as it is."
        raise click.UsageError("\n".join(["these values are missing:", *lacking, end]))


def _ask_rest(work: Work) -> None:
    """Ask for what parts of a draft, and documents made with the record, still lack."""
    for key, value in work.content.items():
        part = describe(KINDS[work.kind][0])[key].part
        for item in several(value):
            if part in one_line.FORMS and isinstance(item, dict):
                prompt.complete(work.space, part, item)
    for (kind, record_id), content in list(work.space.others.items()):
        if drafts.missing(kind, content):
            report(f"\nThe {kind} {record_id}: {content.get(NAMED_BY[kind], '')}")
            prompt.complete(work.space, KINDS[kind][0], content)


def _option(kind: str, key: str, own: bool) -> str:
    """Return the option that sets a key of the record, or of its source; the key if there is none."""
    fields = describe(KINDS[kind][0])
    if own:
        return options.flag(fields[key]) if key in fields else key
    return f"--source-{key}" if key in SOURCE.values() else key


def _id(work: Work) -> str:
    """Return the id of the record: the one that it has, or one that is proposed, which the final question can change."""
    proposal = ids.proposed(work.kind, work.content, work.space.used_ids)
    record_id = work.id or proposal
    if wrong := _wrong_id(work.space, record_id):
        if not work.space.asking:
            raise click.BadParameter(f"'{record_id}' {wrong}", param_hint="'--id'")
        report(f"'{record_id}' {wrong}; '{proposal}' is proposed instead")
        return proposal
    return record_id


def _wrong_id(space: Workspace, record_id: str) -> str:
    """Return why a new record cannot have the id; '' if it can."""
    if entry := space.catalogue.entries.get(record_id):
        return f"is the id of {entry.kind} '{entry.title}'"
    if redirect := space.catalogue.redirects.get(record_id):
        return f"was used before and leads to '{redirect.leads_to}'"
    return drafts.wrong_id(record_id)


def _draft_to_continue(root: Path, kind: str) -> Path | None:
    """Return the draft that a person goes on with; None for a new record."""
    folder = (root / drafts.where(kind, "x")).parent
    paths = sorted(folder.glob("*.toml"), key=lambda path: path.stat().st_mtime, reverse=True)
    paths = paths[:MOST_OFFERED]
    if not paths:
        return None
    report("There are drafts:")
    names = [str(path.relative_to(root)) for path in paths]
    position = prompt.pick(names, "Go on with one of them", none=", Enter: a new one")
    return None if position is None else paths[position]


@contextmanager
def _saving_answers(work: Work) -> Iterator[None]:
    """Save the answers as drafts, however the dialog ends, unless the record is written."""

    def end(number: int, _: object) -> None:
        sys.exit(128 + number)

    names = [signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
    before = {name: signal.signal(name, end) for name in names}
    try:
        yield
    except BaseException:
        before[signal.SIGINT] = signal.signal(signal.SIGINT, signal.SIG_IGN)
        _save(work)
        raise
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


def _save(work: Work) -> None:
    """Write the answers as drafts, without replacing those of others, and report their places."""
    used = {path.resolve() for path in work.used_drafts}
    written = set()
    # A document whose questions were interrupted is still the text that was typed for it.
    for place in _places(work.content):
        place["document"] = work.space.names.get(place["document"], place["document"])
    for (kind, record_id), content in work.records().items():
        if not content and not work.space.unread:
            continue
        if drafts.wrong_id(record_id) or _is_of_others(work, kind, record_id):
            free = {*work.space.used_ids, *drafts.ids(work.root)}
            record_id = ids.proposed(kind, content, free)
        path = drafts.where(kind, record_id)
        remarks = dict.fromkeys(work.space.unread) if content is work.content else ()
        drafts.write(work.root, path, drafts.text(kind, record_id, content, remarks=remarks))
        written.add((work.root / path).resolve())
        more = " with it"
        if content is work.content:
            more = f"; continue with: policykb new {kind} --from-draft {path}"
        with suppress(OSError):  # the terminal may be gone
            report(f"saved {path}{more}")
    for path in used - written:
        path.unlink(missing_ok=True)


def _is_of_others(work: Work, kind: str, record_id: str) -> bool:
    """Return whether there is a draft of that id that this work did not begin from."""
    path = work.root / drafts.where(kind, record_id)
    return path.exists() and path.resolve() not in {used.resolve() for used in work.used_drafts}


def keep(work: Work, remarks: Iterable[str], dry_run: bool) -> None:
    """Write the records as drafts, each with what it lacks and the record with `remarks`.

    :raises click.UsageError: if that would replace a draft that this work did not begin from.
    """
    records = work.records()
    for kind, record_id in records:
        if _is_of_others(work, kind, record_id):
            raise click.UsageError(
                f"{drafts.where(kind, record_id)} already exists; continue with --from-draft, or give another --id"
            )
    problems = changes.judged(work.policies, work.run.today, work.proposals())
    written: dict[str, str] = {}
    for (kind, record_id), content in records.items():
        path = drafts.where(kind, record_id)
        place = changes.path_of(work.policies, kind, record_id)
        own = [problem for problem in problems if problem.path == place]
        own_remarks = remarks if content is work.content else ()
        text = written[path] = drafts.text(kind, record_id, content, own, own_remarks)
        if not as_json():
            click.echo(text, nl=False)
        if dry_run:
            report(f"{path} was not written (--dry-run)")
        else:
            drafts.write(work.root, path, text)
            report(f"wrote {path}")
    if as_json():
        print_outcome(not dry_run, problems=problems, drafts=written)
