"""The command `new`: a record from options or from answers at the terminal, written whole or kept as a draft."""

import datetime
import re
import signal
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from policykb.commands.common import common, confirming, failures, places, settle
from policykb.commands.options import flag
from policykb.contribute import changes, similar
from policykb.contribute import drafts as draft
from policykb.contribute import ids as naming
from policykb.contribute import one_line as compact
from policykb.contribute import prompt as asking
from policykb.contribute.one_line import Unclear
from policykb.contribute.prompt import Desk, told
from policykb.files import toml_edit
from policykb.files.catalogue import NAMED_BY, Catalogue
from policykb.model import records as model
from policykb.model import vocabulary
from policykb.model.addresses import cleaned
from policykb.model.fields import Part, describe
from policykb.model.records import ID_FORM

# Keys that no option sets: they come later, or hold what no person types.
LATER = frozenset({"withdrawn", "text_rule"})
# What is asked for at the terminal, in this order; the rest is for options and editors.
ASKED = {
    "action": (
        "title",
        "instrument",
        "identifiers",
        "jurisdiction",
        "bindingness",
        "topics",
        "events",
        "openness",
        "summary",
        "as_of",
        "confidence",
    ),
    "argument": ("title", "premises", "scheme", "appearances", "stances"),
    "claim": ("text", "kind", "finding", "appearances", "as_of"),
    "document": ("url", "title", "type", "authors", "publisher", "issued", "grade"),
    "organization": ("name", "short_name", "kind", "jurisdiction", "url"),
    "topic": ("name", "definition"),
}
# Options that describe the document that a new record rests on, and the key that each sets.
SOURCE = {
    "source_url": "url",
    "source_title": "title",
    "source_grade": "grade",
    "source_type": "type",
    "source_issued": "issued",
}
CITING = ("action", "argument", "claim")
# What is asked of a document that is made together with another record.
_DESCRIBED = ("title", "type", "publisher", "issued", "grade")
MOST_OFFERED = 9


@click.group()
def new() -> None:
    """Make a record: from options, or from answers at the terminal."""


def _command(kind: str) -> click.Command:
    record = draft.KINDS[kind][0]

    def run(  # noqa: PLR0913
        policies: Path | None,
        db: Path | None,
        today: str | None,
        id: str | None,
        from_draft: Path | None,
        as_draft: bool,
        even_if_similar: bool,
        dry_run: bool,
        yes: bool,
        **given: Any,
    ) -> None:
        folder, _, day = places(policies, db, today)
        with failures():
            make(
                kind,
                folder,
                day,
                id or "",
                given,
                from_draft,
                as_draft,
                even_if_similar,
                dry_run,
                yes,
            )

    options = [
        *_options(kind),
        *_source_options(kind),
        click.option("--id", help="The id; without it one is proposed."),
        click.option(
            "--from-draft",
            type=click.Path(path_type=Path, dir_okay=False),
            help="Go on with this draft; it is removed when the record is written.",
        ),
        click.option(
            "--draft",
            "as_draft",
            is_flag=True,
            help="Keep it under drafts/ with what is missing as comments.",
        ),
        click.option(
            "--even-if-similar",
            is_flag=True,
            help="Make it though a record that is there may be the same.",
        ),
    ]
    for option in reversed(options):
        option(run)
    # The description of the record type is that of the command, so it cannot be a docstring here.
    said = record.__doc__ or ""
    return click.command(
        kind, help=f"Make {'an' if kind[0] in 'aeiou' else 'a'} {kind}: {_low(said)}"
    )(common(confirming(run)))


def _given_by(kind: str, key: str, own: bool) -> str:
    """Return the option that sets a missing key; for a document that is made along, that for the source."""
    field = describe(draft.KINDS[kind][0]).get(key)
    if field and own:
        return flag(field)
    option = next((option for option, of in SOURCE.items() if of == key), "")
    return f"--{option.replace('_', '-')}" if option else key


def _low(text: str) -> str:
    return text[0].lower() + text[1:]


def _options(kind: str) -> Iterable[Callable]:
    record = draft.KINDS[kind][0]
    for key, field in describe(record).items():
        if key in LATER:
            continue
        form = (
            compact.FORMS[field.part].grammar
            if field.part in compact.FORMS
            else {"identifiers": "SCHEME=NUMBER", "authors": "FAMILY, GIVEN or ID"}.get(key, "")
        )
        said = draft.meaning(record, key).split(" Needs ")[0] + (
            f" Written as: {form}" if form else ""
        )
        yield click.option(
            flag(field),
            key,
            multiple=field.many,
            metavar="TEXT" if not form else key.upper(),
            help=said,
        )


def _source_options(kind: str) -> Iterable[Callable]:
    if kind in CITING:
        for option, key in SOURCE.items():
            of = draft.meaning(model.Document, key)
            yield click.option(
                f"--{option.replace('_', '-')}",
                help=f"Of the document it rests on, if that is new: {_low(of)}",
            )


for _kind in ASKED:
    new.add_command(_command(_kind))


@dataclass
class Work:
    """What is being made: the record, and the drafts that it came from."""

    kind: str
    id: str
    content: dict[str, Any]
    used: list[Path]

    def records(self, desk: Desk) -> dict[tuple[str, str], dict[str, Any]]:
        """The record and the documents that are made with it, by kind and id."""
        documents = {("document", name): about for name, about in desk.documents.items()}
        return documents | {(self.kind, self.id): self.content}


def make(  # noqa: PLR0913
    kind: str,
    policies: Path,
    today: str,
    id: str,
    given: dict[str, Any],
    from_draft: Path | None,
    as_draft: bool,
    even_if_similar: bool,
    dry_run: bool,
    yes: bool,
) -> None:
    """Make a record of `kind` from what is `given`, asking for the rest where there is a terminal and `yes` is not set."""
    desk = Desk(
        datetime.date.fromisoformat(today),
        Catalogue.read(policies),
        {},
        sys.stdin.isatty() and not yes and not as_draft,
        draft.ids(policies.parent),
        describe_document,
    )
    if desk.asking and not (from_draft or id or any(given.values())):
        from_draft = _offered(policies.parent, kind)
    work = _gathered(desk, policies.parent, Work(kind, id, {}, []), given, from_draft)
    if as_draft:
        _fill(desk, work)
        records = work.records(desk)
        keep(policies, today, records, dry_run, repeated(desk, records), work.used)
        return
    with _kept(desk, policies.parent, work, dry_run) if desk.asking else nullcontext():
        if _made(desk, policies, today, work, even_if_similar, dry_run, yes):
            for path in work.used:
                path.unlink(missing_ok=True)
            told(
                "Add to it with `policykb add` or in an editor; `policykb load` puts it into kb.db."
            )


def _gathered(
    desk: Desk, root: Path, work: Work, given: dict[str, Any], from_draft: Path | None
) -> Work:
    """What the draft and the options say, and the drafts that it came from."""
    content = work.content
    try:
        if from_draft:
            there, held = draft.read(from_draft, work.kind)
            content |= held
            work.id = work.id or there
            work.used = [from_draft, *_drafted_documents(desk, root, content)]
        for key, held in typed(desk, draft.KINDS[work.kind][0], given).items():
            before = content.get(key)
            content[key] = (
                before + held
                if isinstance(before, list)
                else before | held
                if key == "identifiers" and before
                else held
            )
    except draft.Unusable as error:
        raise click.UsageError(str(error)) from None
    if work.kind in CITING:
        about = {key: given[option] for option, key in SOURCE.items() if given.get(option)}
        rest_on_source(desk, work.kind, content, about)
    return work


def _fill(desk: Desk, work: Work) -> None:
    """Give the record what goes without saying, and an id."""
    for key, held in defaults(desk, work.kind, work.content, work.id).items():
        work.content.setdefault(key, held)
    work.id = _id(desk, work.kind, work.content, work.id)


def _made(  # noqa: PLR0913
    desk: Desk,
    policies: Path,
    today: str,
    work: Work,
    even_if_similar: bool,
    dry_run: bool,
    yes: bool,
) -> bool:
    """Ask for what is missing, and write the record; whether it was written."""
    met: set[str] = set()
    if desk.asking:
        _ask(desk, work.kind, work.content, met, even_if_similar, ASKED[work.kind], work.id)
        _complete(desk, work)
    _fill(desk, work)
    records = work.records(desk)
    if not even_if_similar:
        _refuse_similar(desk, records, met)
    lacking = [
        f"  {_given_by(name[0], one.key, name == (work.kind, work.id))}: {one.meaning}"
        for name, about in records.items()
        for one in draft.missing(name[0], about)
    ]
    if lacking:
        end = "Give it, or add --draft to keep what there is."
        raise click.UsageError("\n".join(["this is missing:", *lacking, end]))
    return settle(policies, today, proposals(policies, records), yes, dry_run)


def _complete(desk: Desk, work: Work) -> None:
    """Ask for what parts that were begun earlier, and documents made with the record, do not say yet."""
    record = draft.KINDS[work.kind][0]
    for key, held in work.content.items():
        part = describe(record)[key].part
        for one in held if isinstance(held, list) else [held]:
            if part in compact.FORMS and isinstance(one, dict):
                asking.complete(desk, part, one)
    for id, content in desk.documents.items():
        if draft.missing("document", content):
            told(f"\nThe document {id}: {content.get('title', '')}")
            asking.complete(desk, model.Document, content)


def _offered(root: Path, kind: str) -> Path | None:
    """The draft of `kind` that a person goes on with, the newest first; None: a new record."""
    drafts = sorted(
        root.glob(draft.where(kind, "x").replace("/x.toml", "/*.toml")),
        key=lambda path: path.stat().st_mtime,
        reverse=True,
    )[:MOST_OFFERED]
    if not drafts:
        return None
    told("There are drafts:")
    for number, path in enumerate(drafts, 1):
        told(f"  {number}  {path.relative_to(root)}")
    while True:
        answer = asking.line(f"Go on with one of them (1 to {len(drafts)}, Enter: a new one)")
        if not answer:
            return None
        if answer.isascii() and answer.isdigit() and 1 <= int(answer) <= len(drafts):
            return drafts[int(answer) - 1]


@contextmanager
def _kept(desk: Desk, root: Path, work: Work, dry_run: bool) -> Iterator[None]:
    """Keep what was answered as drafts, however the dialog ends, unless the record is written or nothing is to be written."""

    def end(number: int, _: object) -> None:
        sys.exit(128 + number)

    before = {name: signal.signal(name, end) for name in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    except BaseException:
        before[signal.SIGINT] = signal.signal(signal.SIGINT, signal.SIG_IGN)
        if not dry_run:
            _save(desk, root, work)
        raise
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


def _save(desk: Desk, root: Path, work: Work) -> None:
    """Write what there is as drafts, none over a draft of others, and say where they are."""
    used = {path.resolve() for path in work.used}
    written = set()
    for (kind, id), content in work.records(desk).items():
        if not content and not desk.unread:
            continue
        free = {*desk.taken, *draft.ids(root)}
        if not re.fullmatch(ID_FORM, id) or len(id) > 80 or _is_of_others(root, kind, id, used):
            id = naming.proposed(kind, content, free)
        path = draft.where(kind, id)
        remarks = dict.fromkeys(desk.unread) if content is work.content else ()
        draft.write(root, path, draft.text(kind, id, content, (), remarks))
        written.add((root / path).resolve())
        with suppress(OSError):  # the terminal may be gone
            told(f"kept {path}; go on with: policykb new {kind} --from-draft {path}")
    for path in used - written:
        path.unlink(missing_ok=True)


def _is_of_others(root: Path, kind: str, id: str, used: Collection[Path]) -> bool:
    """Whether there is a draft of that id that this work did not begin from."""
    place = (root / draft.where(kind, id)).resolve()
    return place.exists() and place not in used


def proposals(
    policies: Path, records: dict[tuple[str, str], dict[str, Any]]
) -> list[changes.Change]:
    """The changes that make `records`, which are (kind, id) and content."""
    made = []
    tables: dict[str, tuple[bytes | None, str]] = {}
    for (kind, id), content in records.items():
        record = draft.KINDS[kind][0]
        if kind not in model.TABLES:
            path = changes.path_of(policies, kind, id)
            made.append(changes.Change(path, None, toml_edit.compose(record, content).encode()))
            continue
        path = changes.path_of(policies, kind)
        if path not in tables:
            held = changes.current(policies, path)
            tables[path] = held, (held or b"").decode().rstrip("\n")
        held, text = tables[path]
        tables[path] = (
            held,
            "\n\n".join(filter(None, (text, toml_edit.compose(dict[str, record], {id: content})))),
        )
    return made + [
        changes.Change(path, held, text.encode()) for path, (held, text) in tables.items()
    ]


def typed(
    desk: Desk, record: type[Part], given: dict[str, Any], unread: list[str] | None = None
) -> dict[str, Any]:
    """The content that texts by key give; what cannot be read goes to `unread`, or without it ends the command."""
    found: dict[str, Any] = {}
    for key, field in describe(record).items():
        texts = given.get(key) or ()
        for text in [texts] if isinstance(texts, str) else texts:
            try:
                held = compact.typed(record, key, text, desk.when)
            except Unclear as error:
                if unread is None:
                    raise click.BadParameter(str(error), param_hint=f"'{flag(field)}'") from None
                unread.append(f"{key}: {error}")
                continue
            _put(found, record, key, held)
    return found


def _put(content: dict[str, Any], record: type[Part], key: str, held: Any) -> None:
    """Add a value or an item to `content`."""
    if key == "identifiers":
        scheme, number = held
        before = content.setdefault(key, {}).get(scheme)
        content[key][scheme] = (
            number
            if before is None
            else [*(before if isinstance(before, list) else [before]), number]
        )
    elif describe(record)[key].many and not isinstance(held, list):
        content.setdefault(key, []).append(held)
    else:
        content[key] = held


def defaults(desk: Desk, kind: str, content: dict[str, Any], id: str = "") -> dict[str, str]:
    """What goes without saying where nothing is said."""
    today = desk.today.isoformat()
    confidence = next(term.id for term in vocabulary.CONFIDENCES if term.default)
    found = {
        "action": {"as_of": today, "confidence": confidence},
        "claim": {"as_of": today},
        "document": {"accessed": today, "type": "webpage"},
    }.get(kind, {})
    if kind == "action":
        entries = desk.base.entries
        bodies = (entries.get(body["organization"]) for body in content.get("bodies", ()))
        parts = id.split("-")
        named = (entries.get("-".join(parts[:count])) for count in (2, 1))
        held = (
            *(body.jurisdiction for body in bodies if body),
            *(one.id for one in named if one and one.kind == "jurisdiction"),
        )
        found |= {"jurisdiction": place for place in held[:1]}  # noqa: B035
    return found


def rest_on_source(
    desk: Desk,
    kind: str,
    content: dict[str, Any],
    about: dict[str, str],
    unread: list[str] | None = None,
) -> None:
    """Make the document that texts by key describe, or find it, and let what has no source cite it. `unread` as for `typed`."""
    id = ""
    if about:
        if not about.get("url") and not about.get("title"):
            raise click.UsageError("--source-url or --source-title is needed to know the document")
        id = asking.standing(desk, about["url"]) if about.get("url") else ""
        if id:
            told(f"The source is there already: {id}")
        else:
            id = describe_document(
                desk,
                typed(
                    desk,
                    model.Document,
                    about | ({"url": cleaned(about["url"])} if about.get("url") else {}),
                    unread,
                ),
            )
    for place in _sourced(content):
        if place.get("document") == compact.NEW:
            if not id:
                raise click.UsageError(
                    f"'@ {compact.NEW}' stands for the document of --source-url, which is not given"
                )
            place["document"] = id
    if not id:
        return
    for event in content.get("events", ()):
        if not event.get("cite") and not event.get("unconfirmed"):
            event["cite"] = [{"document": id}]
    for evidence in content.get("evidence", ()):
        evidence.setdefault("document", id)
    if kind in ("argument", "claim"):
        content.setdefault("appearances", [{"document": id}])


def _sourced(content: Any) -> Iterable[dict[str, Any]]:
    """Every table inside `content` that names a document."""
    if isinstance(content, dict):
        if "document" in content:
            yield content
        for held in content.values():
            yield from _sourced(held)
    elif isinstance(content, list):
        for held in content:
            yield from _sourced(held)


def _drafted_documents(desk: Desk, root: Path, content: dict[str, Any]) -> list[Path]:
    """Take along the drafts of documents that `content` cites; the files they stand in."""
    found = []
    for id in dict.fromkeys(place["document"] for place in _sourced(content)):
        if (
            id not in desk.base
            and re.fullmatch(ID_FORM, str(id))
            and (path := root / draft.where("document", id)).is_file()
        ):
            desk.documents[id] = draft.read(path, "document")[1]
            found.append(path)
    return found


def describe_document(desk: Desk, about: dict[str, Any]) -> str:
    """Complete a new document, by asking if that is possible, and take it along. Its id."""
    try:
        if desk.asking:
            _ask(desk, "document", about, set(), False, _DESCRIBED)
    finally:  # what was answered is kept, however that ends
        for key, held in defaults(desk, "document", about).items():
            about.setdefault(key, held)
        id = naming.proposed("document", about, desk.taken)
        desk.documents[id] = about
    return id


def _ask(
    desk: Desk,
    kind: str,
    content: dict[str, Any],
    met: set[str],
    even_if_similar: bool,
    keys: tuple[str, ...],
    id: str = "",
) -> None:
    """Ask for those of `keys` that `content` does not have yet; end early where a record that is there may be the same."""
    record = draft.KINDS[kind][0]
    for key in keys:
        if key not in content:
            _ask_key(desk, record, key, content, defaults(desk, kind, content, id).get(key, ""))
        if key in (NAMED_BY[kind], "identifiers", "url") and not even_if_similar:
            _confirm_new(desk, kind, content, met)


def _ask_key(
    desk: Desk, record: type[Part], key: str, content: dict[str, Any], default: str
) -> None:
    field = describe(record)[key]
    needed = field.required or (
        key == "events" and content.get("instrument") not in vocabulary.STAGE_WITHOUT_EVENTS
    )
    told(f"\n{asking.explained(record, key)}" + ("" if needed else " (Enter: none)"))
    try:
        _ask_values(desk, record, key, content, default, needed)
    except BaseException:  # a part that was begun is kept too
        begun = {name: held for name, held in desk.begun.items() if held not in (None, [], "")}
        if begun and field.part in compact.FORMS:
            _put(content, record, key, begun)
        raise


def _ask_values(  # noqa: PLR0913
    desk: Desk,
    record: type[Part],
    key: str,
    content: dict[str, Any],
    default: str,
    needed: bool,
) -> None:
    several = describe(record)[key].many
    while (held := asking.value(desk, record, key, default, needed)) is not None:
        _put(content, record, key, held)
        desk.unread.clear()
        if not several or (
            key == "events" and not click.confirm("Another event?", default=False, err=True)
        ):
            return
        needed = False


def _confirm_new(desk: Desk, kind: str, content: dict[str, Any], met: set[str]) -> None:
    found = [match for match in similar.similar(desk.base, kind, content) if match.id not in met]
    if not found:
        return
    met.update(match.id for match in found)
    told("This may be there already:")
    for match in found:
        told(f"  {match.id}: {match.title} ({match.why})")
    if not click.confirm("Is yours another one?", default=False, err=True):
        raise click.Abort


def _refuse_similar(
    desk: Desk, records: dict[tuple[str, str], dict[str, Any]], met: set[str]
) -> None:
    for (kind, _), content in records.items():
        found = [
            match for match in similar.similar(desk.base, kind, content) if match.id not in met
        ]
        if found and desk.asking:
            _confirm_new(desk, kind, content, met)
        elif found:
            said = "\n".join(f"  {match.id}: {match.title} ({match.why})" for match in found)
            raise click.UsageError(
                f"the {kind} may be there already:\n{said}\nAdd --even-if-similar if it is another one."
            )


def repeated(desk: Desk, records: dict[tuple[str, str], dict[str, Any]]) -> list[str]:
    """What may be there already, as remarks of a draft."""
    return [
        f"may be there already: {match.id}: {match.title} ({match.why})"
        for (kind, _), content in records.items()
        for match in similar.similar(desk.base, kind, content)
    ]


def _id(desk: Desk, kind: str, content: dict[str, Any], id: str) -> str:
    """The id of the record: as given, or proposed and confirmed."""
    taken = desk.taken
    if not id:
        id = naming.proposed(kind, content, taken)
        if desk.asking:
            told("\nIts id: what others refer to it by. It cannot be changed easily.")
            id = asking.line("id", default=id)
    while True:
        wrong = (
            ""
            if re.fullmatch(ID_FORM, id) and len(id) <= 80
            else "is not an id; write lower-case letters, digits and single hyphens, at most 80"
        )
        if entry := desk.base.entries.get(id):
            wrong = f"is the id of {entry.kind} '{entry.title}'"
        elif id in desk.base:
            wrong = f"was used before and leads to '{desk.base.redirects[id].leads_to}'"
        if not wrong:
            return id
        if not desk.asking:
            raise click.BadParameter(f"'{id}' {wrong}", param_hint="'--id'")
        told(f"'{id}' {wrong}")
        id = asking.line("id", default=naming.proposed(kind, content, taken))


def keep(
    policies: Path,
    today: str,
    records: dict[tuple[str, str], dict[str, Any]],
    dry_run: bool,
    remarks: Iterable[str] = (),
    used: Iterable[Path] = (),
) -> None:
    """Write the records as drafts, each with what it lacks; the last one with `remarks`. No draft is replaced but those `used`."""
    for kind, id in records:
        place = policies.parent / draft.where(kind, id)
        if place.exists() and not any(place.samefile(path) for path in used if path.exists()):
            raise click.UsageError(
                f"{draft.where(kind, id)} is there already; go on with it by --from-draft, or give another --id"
            )
    problems = changes.judged(policies, today, proposals(policies, records))
    for position, ((kind, id), content) in enumerate(records.items(), 1):
        path = draft.where(kind, id)
        own = [
            problem for problem in problems if problem.path == changes.path_of(policies, kind, id)
        ]
        text = draft.text(kind, id, content, own, remarks if position == len(records) else ())
        click.echo(text, nl=False)
        if dry_run:
            told(f"{path} was not written (--dry-run)")
            continue
        draft.write(policies.parent, path, text)
        told(f"wrote {path}")
