"""Questions at the terminal: lines with completion, terms with definitions, dates as understood.

prompt_toolkit gives the completion: it shows the title beside an id while one types, which click does not.
"""

import dataclasses
import datetime
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import click

from policykb.contribute import drafts, ids, one_line
from policykb.contribute.one_line import FORMS, AmbiguousError, Form
from policykb.contribute.similar import Match, similar
from policykb.files.catalogue import NAMED_BY, Catalogue
from policykb.model import dates, vocabulary
from policykb.model import records as model
from policykb.model.addresses import address, cleaned
from policykb.model.fields import Field, Part, describe
from policykb.model.problems import InvalidInputError, nearest_id, shown
from policykb.model.vocabulary import corrected, term_of

# What is asked for at the terminal, in this order; the rest is for options and editors.
ASKED = {
    kind: tuple(keys.split())
    for kind, keys in {
        "action": "title instrument identifiers jurisdiction bindingness topics events openness"
        " summary as_of confidence",
        "argument": "title premises scheme appearances stances",
        "claim": "text kind finding appearances as_of",
        "document": "url title type authors publisher issued grade",
        "organization": "name short_name kind jurisdiction url",
        "topic": "name definition",
    }.items()
}
# What is asked for of a document that is made together with another record.
_SOURCE = ("title", "type", "publisher", "issued", "grade")


def report(text: str) -> None:
    """Print a message, which goes to standard error."""
    click.echo(text, err=True)


def date(text: str, today: datetime.date, past: bool = False, asking: bool = False) -> str:
    """Return the partial date that `text` means and report it; ask where it may mean several.

    :raises InvalidInputError: if it is not a date, or may be several and no one can be asked.
    """
    readings = dates.readings(text, today, past)
    if not readings:
        raise InvalidInputError(
            f"'{shown(text)}' is not a date; write it as 2026-06-02, 2026-06, 2026, 'June 5th 2026' or 'last Friday'"
        )
    reading = readings[0]
    if len(readings) > 1:
        choices = [f"{item} ({dates.described(item)})" for item in readings]
        if not asking:
            raise AmbiguousError(
                f"'{shown(text)}' can be {' or '.join(choices)}; write the one that is meant"
            )
        report(f"'{text}' can be read in {len(readings)} ways:")
        return readings[pick(choices, "Which one", default="1")]
    if text != reading:
        report(f"'{shown(text)}' is read as {dates.described(reading)}: {reading}")
    return reading


@dataclass(frozen=True)
class Workspace:
    """What one run works with.

    `documents` are new documents that are made together with the record, by id; `drafts` the ids of drafts; `different` the ids
    of similar records that were confirmed to be others. `open_part` is the part that is being asked for key by key, as far as
    it was answered; `unread` says of each answer since the last value why it could not be read.
    """

    today: datetime.date
    catalogue: Catalogue
    asking: bool = False
    drafts: frozenset[str] = frozenset()
    even_if_similar: bool = False
    documents: dict[str, dict[str, Any]] = dataclasses.field(default_factory=dict)
    different: set[str] = dataclasses.field(default_factory=set)
    open_part: dict[str, Any] = dataclasses.field(default_factory=dict)
    unread: list[str] = dataclasses.field(default_factory=list)

    @classmethod
    def open(cls, policies: Path, today: str, **options: bool) -> Self:
        """Return the workspace of the records under `policies`."""
        day = datetime.date.fromisoformat(today)
        known = drafts.ids(policies.parent)
        return cls(day, Catalogue.read(policies), drafts=known, **options)

    @property
    def used_ids(self) -> set[str]:
        """Return the ids that are not free."""
        catalogue = self.catalogue
        return {*catalogue.entries, *catalogue.redirects, *self.documents, *self.drafts}

    def when(self, text: str, past: bool) -> str:
        """Return the partial date that `text` means; see `date`."""
        return date(text, self.today, past, self.asking)

    def similar(self, kind: str, content: Mapping[str, Any]) -> list[Match]:
        """Return the records that `content` may repeat, without those in `different`."""
        if self.even_if_similar:
            return []
        matches = similar(self.catalogue, kind, content)
        return [match for match in matches if match.id not in self.different]

    def document_at(self, url: str) -> str:
        """Return the id of the document, known or new, at `url`; '' if there is none."""
        if "://" not in url:
            return ""
        known = self.catalogue.ids("url", url)
        new = [
            record_id
            for record_id, content in self.documents.items()
            if address(content.get("url", "")) == address(url)
        ]
        return next(iter([*known, *new]), "")

    def titles(self, kinds: tuple[str, ...]) -> dict[str, str]:
        """Return the titles of the records of `kinds`, known or new, by id."""
        entries = self.catalogue.entries.values()
        titles = {entry.id: entry.title for entry in entries if entry.kind in kinds}
        if "document" in kinds:
            titles |= {key: content.get("title", "") for key, content in self.documents.items()}
        return titles

    def defaults(
        self, kind: str, content: Mapping[str, Any], record_id: str = ""
    ) -> dict[str, str]:
        """Return the values of fields that are not set and can be inferred."""
        today = self.today.isoformat()
        if kind == "claim":
            return {"as_of": today}
        if kind == "document":
            return {"accessed": today, "type": "webpage"}
        if kind != "action":
            return {}
        confidence = next(term.id for term in vocabulary.CONFIDENCES if term.default)
        values = {"as_of": today, "confidence": confidence}
        if place := self._jurisdiction(content, record_id):
            values["jurisdiction"] = place
        return values

    def _jurisdiction(self, action: Mapping[str, Any], record_id: str) -> str:
        """Return the jurisdiction of the first body, or the one that the id begins with."""
        entries = self.catalogue.entries
        for body in action.get("bodies", ()):
            entry = entries.get(body.get("organization", ""))
            if entry and entry.jurisdiction:
                return entry.jurisdiction
        words = record_id.split("-")
        for start in ("-".join(words[:2]), words[0]):
            if start in entries and entries[start].kind == "jurisdiction":
                return start
        return ""


def line(message: str, completions: Mapping[str, str] | None = None, default: str = "") -> str:
    """Return one answer; `completions` are offered while one types, each with what it means."""
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import FuzzyWordCompleter
    from prompt_toolkit.output import create_output
    from prompt_toolkit.utils import is_dumb_terminal

    completer = None
    if completions:
        meanings = {word: shown(meaning, 70) for word, meaning in completions.items()}
        completer = FuzzyWordCompleter(list(completions), meanings)
    output = None if is_dumb_terminal() else create_output(sys.stderr)
    try:
        prompt = PromptSession(output=output).prompt
        return prompt(f"{message}: ", completer=completer, default=default).strip()
    except (EOFError, KeyboardInterrupt):
        raise click.Abort from None


def pick(choices: list[str], question: str, default: str = "", none: str = "") -> int | None:
    """Return the position of the choice that is answered by number, or None for an empty answer."""
    for number, choice in enumerate(choices, 1):
        report(f"  {number}  {choice}")
    while True:
        answer = line(f"{question} (1 to {len(choices)}{none})", default=default)
        if none and not answer:
            return None
        if (position := _position(answer, len(choices))) is not None:
            return position


def _position(answer: str, count: int) -> int | None:
    """Return the position that a typed number from 1 to `count` means."""
    number = int(answer) if answer.isascii() and answer.isdigit() else 0
    return number - 1 if 1 <= number <= count else None


def ask(
    space: Workspace,
    field: Field,
    default: str = "",
    needed: bool = True,
    form: Form | None = None,
    label: str = "",
) -> Any:
    """Ask for one value of a field, or one item of its list; None if the answer is empty and may be.

    `form` is that of the part which the field begins: an answer that is such a part in one line is taken whole.
    """
    if field.part in FORMS:
        return _ask_part(space, FORMS[field.part], needed)
    choices = _choices(space, field)
    label = label or (field.option if field.part else field.name).replace("_", " ")
    if field.kind == "table":
        label = "identifier, such as eo=14409"
    elif "document" in field.reference:
        label += " (id, or its web address)"
    elif field.terms:
        for number, (term, definition) in enumerate(choices.items(), 1):
            report(f"  {number:2}  {term:22} {definition}")
    while True:
        answer = line(label, choices, default)
        if not answer and not needed:
            return None
        try:
            if answer:
                return _value(space, field, answer, choices, form)
        except InvalidInputError as error:
            space.unread.append(str(error))
            report(str(error))


def _choices(space: Workspace, field: Field) -> dict[str, str]:
    """Return what is offered while one types, with its meaning."""
    if field.kind == "table":
        return {f"{term.id}={term.example}": term.definition for term in field.terms}
    if field.reference:
        return space.titles(field.reference)
    return {term.id: term.definition for term in field.terms}


def _value(
    space: Workspace, field: Field, answer: str, choices: Mapping[str, str], form: Form | None
) -> Any:
    """Return the value that an answer means, or the whole part that it is.

    :raises InvalidInputError: if it is neither.
    """
    to_choose = field.kind == "term" or field.reference
    if to_choose and (choice := _choice(space, field, answer, choices)):
        return choice
    unclear = None
    if form and len(answer.split()) > 1:
        try:
            # Dates are asked about only if the rest can be read.
            one_line.read(form.part, answer, lambda text, past: text)
            return one_line.read(form.part, answer, space.when)
        except InvalidInputError as error:
            unclear = error
    if to_choose:
        return _near_choice(space, field, answer, choices, unclear)
    if unclear and (":" in answer or " @ " in answer):
        raise unclear
    return one_line.value(field, answer, space.when)


def _near_choice(
    space: Workspace,
    field: Field,
    answer: str,
    choices: Mapping[str, str],
    unclear: InvalidInputError | None,
) -> str:
    """Return the choice that is near to an answer, if the person confirms it.

    :raises InvalidInputError: if not.
    """
    if not unclear:
        if field.reference:
            unclear = InvalidInputError(
                f"there is no {' or '.join(field.reference)} '{shown(answer)}'"
            )
        else:
            unclear = one_line.unknown_term(field.terms, answer)
    space.unread.append(str(unclear))
    near = _near(field, answer, choices)
    if not near:
        raise unclear
    title = f" ({shown(choices[near])})" if field.reference else ""
    question = f"There is no '{shown(answer)}'. Did you mean {near}{title}?"
    if not click.confirm(question, default=True, err=True):
        raise unclear
    return near


def _choice(space: Workspace, field: Field, answer: str, choices: Mapping[str, str]) -> str:
    """Return the term or id that an answer is, by id, number or address; '' if it is not."""
    if field.terms:
        position = _position(answer, len(field.terms))
        term = term_of(field.terms, answer) if position is None else field.terms[position]
        return term.id if term else ""
    if answer in choices:
        return answer
    return _document(space, answer) if "document" in field.reference and "://" in answer else ""


def _near(field: Field, answer: str, choices: Mapping[str, str]) -> str:
    """Return what an answer misspells, or the only id whose title has its words; ''."""
    if field.terms:
        return corrected(field.terms, answer)
    words = answer.casefold()
    titled = [record_id for record_id, title in choices.items() if words in title.casefold()]
    return nearest_id(answer, choices) or (titled[0] if len(titled) == 1 else "")


def _document(space: Workspace, url: str) -> str:
    """Return the id of the document at `url`; ask for a new one if there is none."""
    if record_id := space.document_at(url):
        report(f"That is {record_id} ({space.titles(('document',))[record_id]}).")
        return record_id
    report("That document is new here; it is made together with the record.")
    return describe_document(space, {"url": cleaned(url)})


def describe_document(space: Workspace, content: dict[str, Any]) -> str:
    """Complete a new document, by asking if possible; add it to the workspace; return its id."""
    try:
        if space.asking:
            ask_record(space, "document", content, _SOURCE)
    finally:  # the answers are saved, however that ends
        for key, value in space.defaults("document", content).items():
            content.setdefault(key, value)
        record_id = ids.proposed("document", content, space.used_ids)
        space.documents[record_id] = content
    return record_id


def _ask_part(space: Workspace, form: Form, needed: bool) -> dict[str, Any] | None:
    """Ask for a part key by key; the first answer may be the whole part in one line."""
    report(f"  In one line: {form.grammar}. Or key by key.")
    fields = describe(form.part)
    first, *others = form.keys
    value = ask(space, fields[first], needed=needed, form=form)
    if value is None:
        return None
    space.unread.clear()
    part = space.open_part
    part.clear()
    if isinstance(value, dict):
        part |= value
    else:
        part[first] = value
        for key in others:
            if key != "cite":
                part[key] = ask(space, fields[key], needed=fields[key].required)
            elif form.part is not model.Event:  # `complete` asks for those of events
                _ask_sources(space, part)
    complete(space, form.part, part)
    record = without_empty(part)
    part.clear()
    return record


def without_empty(part: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys of a part that have a value."""
    return {key: value for key, value in part.items() if value not in drafts.EMPTY}


def complete(space: Workspace, kind: type[Part], part: dict[str, Any]) -> None:
    """Ask for what a part needs and lacks; an event needs a source, or is marked as unconfirmed."""
    for key, field in describe(kind).items():
        if field.required and part.get(key) in drafts.EMPTY:
            part[key] = ask(space, field)
    if kind is model.Event and not part.get("cite") and not part.get("unconfirmed"):
        _ask_sources(space, part, needed=True)
        if not part["cite"]:
            part["unconfirmed"] = True


def _ask_sources(space: Workspace, part: dict[str, Any], needed: bool = False) -> None:
    """Ask for one source after the other, until the answer is empty, and put them into `part`."""
    sources = part.setdefault("cite", [])
    default = next(reversed(space.documents), "") if needed else ""
    fields = describe(model.Cite)
    while True:
        label = "source" if needed and not sources else "source, Enter: none"
        source = ask(space, fields["document"], default, False, FORMS[model.Cite], label)
        if not source:
            if needed and not sources:
                report("  Without a source the event is marked as unconfirmed.")
            return
        default = ""
        sources.append(source if isinstance(source, dict) else {"document": source})
        if not isinstance(source, dict):
            if locator := ask(space, fields["locator"], needed=False):
                sources[-1]["locator"] = locator


def ask_record(
    space: Workspace,
    kind: str,
    content: dict[str, Any],
    keys: tuple[str, ...],
    record_id: str = "",
) -> None:
    """Ask for those of `keys` that `content` lacks.

    :raises click.Abort: if the record turns out to be one that exists.
    """
    fields = describe(drafts.KINDS[kind][0])
    for key in keys:
        if key not in content:
            default = space.defaults(kind, content, record_id).get(key, "")
            _ask_field(space, fields[key], content, default)
        if key in (NAMED_BY[kind], "identifiers", "url"):
            confirm_new(space, kind, content)


def _ask_field(space: Workspace, field: Field, content: dict[str, Any], default: str) -> None:
    """Ask for the value of a field, or for the items of its list until the answer is empty."""
    needed = drafts.required(field, content)
    report(f"\n{field.description}" + ("" if needed else " (Enter: none)"))
    try:
        while (value := ask(space, field, default, needed)) is not None:
            one_line.put(content, field, value)
            space.unread.clear()
            if not field.many:
                return
            if field.name == "events" and not click.confirm(
                "Another event?", default=False, err=True
            ):
                return
            needed = False
    except BaseException:  # a part that was begun is saved too
        if (open_part := without_empty(space.open_part)) and field.part in FORMS:
            one_line.put(content, field, open_part)
        raise


def confirm_new(space: Workspace, kind: str, content: Mapping[str, Any]) -> None:
    """Show the records that `content` may repeat, and ask whether it is another record.

    :raises click.Abort: if it is not.
    """
    matches = space.similar(kind, content)
    if not matches:
        return
    space.different.update(match.id for match in matches)
    report("This may be there already:")
    for match in matches:
        report(f"  {match}")
    if not click.confirm("Is yours another record?", default=False, err=True):
        raise click.Abort
