"""The command `new`: a record from options or answers, written whole or saved as a draft."""

import re
import signal
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from policykb.commands import options
from policykb.commands.common import common, confirming, failures, places, settle
from policykb.contribute import changes, drafts, ids, one_line, prompt
from policykb.contribute.changes import Change
from policykb.contribute.drafts import KINDS
from policykb.contribute.prompt import ASKED, Workspace, report
from policykb.files import toml_edit
from policykb.model.addresses import cleaned
from policykb.model.fields import describe
from policykb.model.records import ID_FORM, TABLES, Document

# Options that describe the document that a new record rests on, and the key that each sets.
SOURCE = {f"source_{key}": key for key in ("url", "title", "grade", "type", "issued")}
CITING = ("action", "argument", "claim")
MOST_OFFERED = 9


@click.group()
def new() -> None:
    """Make a record: from options, or from answers at the terminal."""


def _command(kind: str) -> click.Command:
    record = KINDS[kind][0]

    def run(policies: Path | None, db: Path | None, today: str | None, **arguments: Any) -> None:
        folder, _, day = places(policies, db, today)
        with failures():
            make(kind, folder, day, arguments)

    # The description of the record type is that of the command, so it cannot be a docstring here.
    about = f"Make {'an' if kind[0] in 'aeiou' else 'a'} {kind}: {_low(record.__doc__)}"
    command = click.command(kind, help=about)(common(confirming(run)))
    command.params = [*_parameters(kind), *command.params]
    return command


def _parameters(kind: str) -> Iterator[click.Option]:
    yield from options.options(KINDS[kind][0])
    for option, key in SOURCE.items() if kind in CITING else ():
        about = _low(drafts.meaning(describe(Document)[key]))
        yield click.Option(
            [f"--{option.replace('_', '-')}"],
            help=f"Of the document it rests on, if that is new: {about}",
        )
    if kind == "document":
        yield click.Option(
            ["--find", "text_file"],
            type=click.Path(path_type=Path, dir_okay=False, exists=True),
            help="The text of the document: gives its title, its day, and the mentions that score 0.9 or more.",
        )
    yield click.Option(["--id", "record_id"], help="The id; without it one is proposed.")
    yield click.Option(
        ["--from-draft"],
        type=click.Path(path_type=Path, dir_okay=False),
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


def _low(text: str) -> str:
    return text[0].lower() + text[1:]


for _kind in ASKED:
    new.add_command(_command(_kind))


@dataclass
class Work:
    """A record in the making: where, what it is, and the drafts that it came from."""

    policies: Path
    today: str
    space: Workspace
    kind: str
    id: str = ""
    content: dict[str, Any] = field(default_factory=dict)
    used_drafts: list[Path] = field(default_factory=list)

    @property
    def root(self) -> Path:
        """Return the folder that holds policies/ and drafts/."""
        return self.policies.parent

    def records(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Return the record, after the documents that are made with it: content by kind and id."""
        documents = {("document", name): about for name, about in self.space.documents.items()}
        return documents | {(self.kind, self.id): self.content}

    def infer(self) -> None:
        """Set the fields that can be inferred."""
        for key, value in self.space.defaults(self.kind, self.content, self.id).items():
            self.content.setdefault(key, value)

    def proposals(self) -> list[Change]:
        """Return the changes that make the records."""
        new_files = []
        tables: dict[str, list[str]] = {}
        for (kind, record_id), content in self.records().items():
            record = KINDS[kind][0]
            path = changes.path_of(self.policies, kind, record_id)
            if kind in TABLES:
                table = toml_edit.compose(dict[str, record], {record_id: content})
                tables.setdefault(path, []).append(table)
            else:
                new_files.append(Change(path, None, toml_edit.compose(record, content).encode()))
        for path, new_tables in tables.items():
            before = changes.current(self.policies, path)
            text = (before or b"").decode().rstrip("\n")
            after = "\n\n".join(filter(None, [text, *new_tables]))
            new_files.append(Change(path, before, after.encode()))
        return new_files

    def repetitions(self) -> list[str]:
        """Return the records that may be the same, as remarks of a draft."""
        return [
            f"may be there already: {match}"
            for (kind, _), content in self.records().items()
            for match in self.space.similar(kind, content)
        ]


def make(kind: str, policies: Path, today: str, arguments: Mapping[str, Any]) -> None:
    """Make a record from the `arguments` of the command; ask for the rest where there is a terminal."""
    dry_run, yes, as_draft = arguments["dry_run"], arguments["yes"], arguments["as_draft"]
    asking = sys.stdin.isatty() and not yes and not as_draft
    even_if_similar = arguments["even_if_similar"]
    space = Workspace.open(policies, today, asking=asking, even_if_similar=even_if_similar)
    work = Work(policies, today, space, kind, arguments["record_id"] or "")
    from_draft = arguments["from_draft"]
    if asking and not any(
        arguments[name] for name in arguments.keys() - {"dry_run", "even_if_similar"}
    ):
        from_draft = _draft_to_continue(work.root, kind)
    try:
        _gather(work, arguments, from_draft)
    except drafts.InvalidInputError as error:
        raise click.UsageError(str(error)) from None
    if as_draft:
        work.infer()
        work.id = _id(work)
        keep(work, work.repetitions(), dry_run)
        return
    with _saving_answers(work) if asking and not dry_run else nullcontext():
        _complete(work)
        written = settle(policies, today, work.proposals(), yes, dry_run)
    if written:
        for path in work.used_drafts:
            path.unlink(missing_ok=True)
        report("Add to it with `policykb add` or in an editor; `policykb load` puts it into kb.db.")


def _gather(work: Work, arguments: Mapping[str, Any], from_draft: Path | None) -> None:
    """Put what the draft and the options say into the record."""
    if from_draft:
        draft_id, content = drafts.read(from_draft, work.kind)
        work.content |= content
        work.id = work.id or draft_id
        work.used_drafts = [from_draft, *_drafted_documents(work)]
    if text_file := arguments.get("text_file"):
        from policykb.commands.find import content

        work.content |= content(work.policies, text_file, arguments.get("issued") or "")
    for key, value in options.content(KINDS[work.kind][0], arguments, work.space.when).items():
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
        if record_id in work.space.catalogue or not re.fullmatch(ID_FORM, str(record_id)):
            continue
        path = work.root / drafts.where("document", record_id)
        if path.is_file():
            work.space.documents[record_id] = drafts.read(path, "document")[1]
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
        raise click.UsageError("--source-url or --source-title is needed to know the document")
    if document_id := space.document_at(url):
        report(f"The source is there already: {document_id}")
        return document_id
    texts = about | ({"url": cleaned(url)} if url else {})
    content = options.content(Document, texts, space.when, unread)
    return prompt.describe_document(space, content)


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

    :raises click.UsageError: if something is missing that cannot be asked for, or if the record may be there already.
    """
    space = work.space
    if space.asking:
        prompt.ask_record(space, work.kind, work.content, ASKED[work.kind], work.id)
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
                f"the {kind} may be there already:\n{lines}\nAdd --even-if-similar if it is another record."
            )
    lacking = [
        f"  {_option(kind, key, content is work.content)}: {about}"
        for (kind, _), content in records.items()
        for key, about in drafts.missing(kind, content).items()
    ]
    if lacking:
        end = "Give it, or add --draft to save what there is."
        raise click.UsageError("\n".join(["this is missing:", *lacking, end]))


def _ask_rest(work: Work) -> None:
    """Ask for what parts of a draft, and documents made with the record, still lack."""
    for key, value in work.content.items():
        part = describe(KINDS[work.kind][0])[key].part
        for item in value if isinstance(value, list) else [value]:
            if part in one_line.FORMS and isinstance(item, dict):
                prompt.complete(work.space, part, item)
    for document_id, content in work.space.documents.items():
        if drafts.missing("document", content):
            report(f"\nThe document {document_id}: {content.get('title', '')}")
            prompt.complete(work.space, Document, content)


def _option(kind: str, key: str, own: bool) -> str:
    """Return the option that sets a key of the record, or of its source; the key if there is none."""
    fields = describe(KINDS[kind][0])
    if own:
        return options.flag(fields[key]) if key in fields else key
    return f"--source-{key}" if key in SOURCE.values() else key


def _id(work: Work) -> str:
    """Return the id of the record: the one that it has, or one that is proposed and confirmed."""

    def answer() -> str:
        proposal = ids.proposed(work.kind, work.content, work.space.used_ids)
        return prompt.line("id", default=proposal) if work.space.asking else proposal

    if not work.id and work.space.asking:
        report("\nIts id: what others refer to it by. It cannot be changed easily.")
    record_id = work.id or answer()
    while wrong := _wrong_id(work.space, record_id):
        if not work.space.asking:
            raise click.BadParameter(f"'{record_id}' {wrong}", param_hint="'--id'")
        report(f"'{record_id}' {wrong}")
        record_id = answer()
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

    before = {name: signal.signal(name, end) for name in (signal.SIGTERM, signal.SIGHUP)}
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
    """Write what there is as drafts, without replacing those of others, and report their places."""
    used = {path.resolve() for path in work.used_drafts}
    written = set()
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
        with suppress(OSError):  # the terminal may be gone
            report(f"saved {path}; continue with: policykb new {kind} --from-draft {path}")
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
                f"{drafts.where(kind, record_id)} is there already; go on with it by --from-draft, or give another --id"
            )
    problems = changes.judged(work.policies, work.today, work.proposals())
    for (kind, record_id), content in records.items():
        path = drafts.where(kind, record_id)
        place = changes.path_of(work.policies, kind, record_id)
        own = [problem for problem in problems if problem.path == place]
        text = drafts.text(
            kind, record_id, content, own, remarks if content is work.content else ()
        )
        click.echo(text, nl=False)
        if dry_run:
            report(f"{path} was not written (--dry-run)")
        else:
            drafts.write(work.root, path, text)
            report(f"wrote {path}")
