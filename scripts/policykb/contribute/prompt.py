"""Questions at the terminal: lines with completion, terms with definitions, dates as understood.

prompt_toolkit gives the completion: it shows the title beside an id while one types, which click does not.
"""

import dataclasses
import datetime
import functools
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import click

from policykb.checks.facts import last_day, reaches
from policykb.contribute import drafts, ids, one_line
from policykb.contribute.iso import iso_3166
from policykb.contribute.one_line import FORMS, AmbiguousError, Form
from policykb.contribute.parts import event_place
from policykb.contribute.resolve import References
from policykb.contribute.similar import Match, similar
from policykb.files import reader
from policykb.files.catalogue import NAMED_BY, Catalogue, Entry
from policykb.model import dates, vocabulary
from policykb.model import records as model
from policykb.model.addresses import address, cleaned
from policykb.model.fields import Field, Part, describe
from policykb.model.parts import EMPTY, several, with_values
from policykb.model.problems import InvalidInputError, nearest_id, placed, shown
from policykb.model.vocabulary import corrected, term_of
from policykb.text import lowered

# What is asked for at the terminal, in this order; the final question offers the rest.
ASKED = {
    kind: tuple(keys.split())
    for kind, keys in {
        "action": "title instrument identifiers bodies jurisdiction bindingness topics events effect"
        " summary as_of",
        "argument": "title premises scheme appearances stances",
        "claim": "text kind finding appearances evidence as_of",
        "document": "url title type authors publisher issued grade",
        "organization": "name short_name kind jurisdiction url",
        "jurisdiction": "name kind code part_of",
        "topic": "name definition",
    }.items()
}
# What is asked for of a record that is made together with another one, by kind.
_WITH_ANOTHER = ASKED | {
    "document": tuple("title type authors publisher issued grade".split()),
    "organization": tuple("name kind jurisdiction".split()),
}
# The kinds of records that a person can make where a reference to one is typed.
OFFERED = ("document", "organization", "jurisdiction", "topic")
# Keys that are not asked for if other answers imply their values.
_IMPLIED = {"action": ("jurisdiction",), "jurisdiction": ("kind", "code", "part_of")}
report = functools.partial(click.echo, err=True)  # prints a message
HELP, BACK = "?", "back"
MOST_CHOICES = 9
_DOCUMENT_FORM = "TITLE (PUBLISHER, DATE), GRADE"
_DOCUMENT_EXAMPLE = "Order in the gazette (The Gazette, 2 June 2026), primary"


class BackError(Exception):
    """The person asks for the question before this one."""


class RetypedError(Exception):
    """The person answers a question that depends on an answer by another answer."""


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
        if not asking:
            raise AmbiguousError(dates.ambiguity(shown(text), readings))
        choices = [f"{item} ({dates.described(item)})" for item in readings]
        report(f"'{text}' can be read in {len(readings)} ways:")
        return readings[pick(choices, "Which one", default="1")]
    if text != reading:
        report(f"'{shown(text)}' is read as {dates.described(reading)}: {reading}")
    return reading


def dates_on(today: str) -> one_line.Dates:
    """Return a reader of dates for the day `today`, which does as `date` without asking."""
    return lambda text, past: date(text, datetime.date.fromisoformat(today))


@dataclass
class Workspace:
    """The records and answers of one run.

    `others` are new records that are made together with the record, by kind and id; `names` their ids by the text that was
    typed for them; `drafts` the ids of drafts; `different` the ids of similar records that were confirmed to be others.
    `open_part` is the part that is being asked for, as far as it was answered; `unread` says of each answer since the last
    value why it could not be read.
    """

    today: datetime.date
    catalogue: Catalogue
    asking: bool = False
    root: Path = Path()
    drafts: frozenset[str] = frozenset()
    even_if_similar: bool = False
    others: dict[tuple[str, str], dict[str, Any]] = dataclasses.field(default_factory=dict)
    names: dict[str, str] = dataclasses.field(default_factory=dict)
    different: set[str] = dataclasses.field(default_factory=set)
    open_part: dict[str, Any] = dataclasses.field(default_factory=dict)
    unread: list[str] = dataclasses.field(default_factory=list)

    @classmethod
    def open(cls, policies: Path, today: str, **options: bool) -> Self:
        """Return the workspace of the records under `policies`."""
        day = datetime.date.fromisoformat(today)
        known = drafts.ids(policies.parent)
        return cls(day, Catalogue.read(policies), root=policies.parent, drafts=known, **options)

    @property
    def used_ids(self) -> set[str]:
        """Return the ids that are not free."""
        catalogue = self.catalogue
        others = {record_id for _, record_id in self.others}
        return {*catalogue.entries, *catalogue.redirects, *others, *self.drafts}

    @functools.cached_property
    def references(self) -> References:
        """Return the lookup of records by what is typed; it asks if it can."""
        return _Asking(self) if self.asking else References(Path(), self.catalogue)

    def when(self, text: str, past: bool) -> str:
        """Return the partial date that `text` means; see `date`."""
        return date(text, self.today, past, self.asking)

    def similar(self, kind: str, content: Mapping[str, Any]) -> list[Match]:
        """Return the records that `content` may repeat, without those in `different`."""
        if self.even_if_similar:
            return []
        matches = similar(self.catalogue, kind, content)
        return [match for match in matches if match.id not in self.different]

    def new_records(self, kind: str) -> dict[str, dict[str, Any]]:
        """Return the new records of a kind by id."""
        return {key: content for (other, key), content in self.others.items() if other == kind}

    def document_at(self, url: str) -> str:
        """Return the id of the document, known or new, at `url`; '' if there is none."""
        if "://" not in url:
            return ""
        for record_id in self.catalogue.ids("url", url):
            return record_id
        new = self.new_records("document").items()
        same = (key for key, content in new if address(content.get("url", "")) == address(url))
        return next(same, "")

    def titles(self, kinds: tuple[str, ...]) -> dict[str, str]:
        """Return the titles of the records of `kinds`, known or new, by id."""
        entries = self.catalogue.entries.values()
        titles = {entry.id: entry.title for entry in entries if not kinds or entry.kind in kinds}
        new = {
            key: content.get(NAMED_BY[kind], "")
            for (kind, key), content in self.others.items()
            if not kinds or kind in kinds
        }
        return titles | new

    def reach(self, document_id: str) -> str:
        """Return the latest day about which a document, known or new, can report; '' if it is not known."""
        content = self.new_records("document").get(document_id)
        if content is None and (entry := self.catalogue.entries.get(document_id)):
            content = self.content(entry)
        document_type, *days = ((content or {}).get(key) for key in ("type", "issued", "accessed"))
        try:
            date = reaches(document_type, *(day and str(day) for day in days))
            return last_day(date) if date else ""
        except ValueError:
            return ""

    def content(self, entry: Entry) -> dict[str, Any]:
        """Return the content of a document's file; {} if it cannot be read."""
        place = str(self.root / entry.path)
        return reader.readable(reader.FileRef(entry.kind, entry.id, entry.path, place)) or {}

    def newest_source(self, record: Mapping[str, Any]) -> str:
        """Return the day, at most today, of the newest source that `record` cites; today if no source has a day."""
        today = self.today.isoformat()
        cites = [*record.get("cite", ()), *record.get("effect", {}).get("cite", ())]
        for event in record.get("events", ()):
            cites += event.get("cite", ())
        days = [day for cite in cites if (day := self.reach(str(cite.get("document"))))]
        return min(today, max(days, default=today))

    def defaults(
        self, kind: str, content: Mapping[str, Any], record_id: str = ""
    ) -> dict[str, str]:
        """Return the values of fields that are not set and can be inferred."""
        if kind == "claim":
            return {"as_of": self.today.isoformat()}
        if kind == "document":
            opened = content.get("grade") not in (None, "", vocabulary.RELAYED)
            return {"type": "webpage"} | ({"accessed": self.today.isoformat()} if opened else {})
        if kind == "jurisdiction":
            return iso_3166(content.get("name", "") or content.get("code", ""))
        if kind != "action":
            return {}
        as_of = self.newest_source(content)
        values = {"as_of": as_of, "confidence": vocabulary.USUAL_CONFIDENCE}
        if place := self._jurisdiction(content, record_id):
            values["jurisdiction"] = place
        return values

    def _jurisdiction(self, action: Mapping[str, Any], record_id: str) -> str:
        """Return the jurisdiction of the first body, or the one that the id begins with."""
        entries = self.catalogue.entries
        for body in action.get("bodies", ()):
            organization = body.get("organization", "")
            entry = entries.get(organization)
            new = self.new_records("organization").get(organization, {})
            if place := (entry and entry.jurisdiction) or new.get("jurisdiction"):
                return place
        words = record_id.split("-")
        for start in ("-".join(words[:2]), words[0]):
            if start in entries and entries[start].kind == "jurisdiction":
                return start
        return ""


class _Asking(References):
    """The records that are meant, for a person who can be asked."""

    def __init__(self, space: Workspace) -> None:
        super().__init__(Path(), space.catalogue)
        self.space = space

    def known(self, text: str, kinds: tuple[str, ...] = ()) -> str:
        """Return the id of the record that `text` means; '' if there is none. Ask if it can mean several."""
        text = text.strip()
        if record_id := self.aliases.get(text):
            return record_id
        new_ids = {record_id for kind, record_id in self.space.others if kind in kinds}
        if new_ids & {text, self.space.names.get(text)}:
            return self.space.names.get(text, text)
        if "document" in kinds and (record_id := self.space.document_at(text)):
            report(f"That is {record_id} ({self.space.titles(('document',))[record_id]}).")
            return record_id
        entries = self.matches(text, kinds)[:MOST_CHOICES]
        if not entries:
            return ""
        place = 0
        if len(entries) > 1:
            report(f"'{shown(text)}' can mean several records:")
            place = pick([f"{entry.id}: {shown(entry.title)}" for entry in entries], "Which one")
        match = entries[place]
        if match.id != text:
            report(f"'{shown(text)}' is {match.id} ({shown(match.title)}).")
        return match.id

    def __call__(self, text: str, kinds: tuple[str, ...] = ()) -> str:
        """Return the id that `text` means; offer a near record, or to make a record.

        :raises InvalidInputError: if the person accepts neither.
        """
        space, choices = self.space, self.space.titles(kinds)
        if record_id := self.known(text, kinds):
            return record_id
        error = self.unknown(text, kinds)
        space.unread.append(str(error))
        near = _near(text, choices)
        question = (
            f"There is no '{shown(text)}'. Did you mean {near} ({shown(choices.get(near, ''))})?"
        )
        if near and _accepted(question, True):
            return near
        kind = next((kind for kind in kinds if kind in OFFERED), "")
        if not kind:
            raise error
        content = {"url": cleaned(text)} if "://" in text else {NAMED_BY[kind]: text}
        if "url" in content:
            report(f"That {kind} is new; it is written together with the record.")
        elif not _accepted(f"There is no {kind} '{shown(text)}'. Make it?", False):
            raise error
        space.unread.clear()
        return make_other(space, kind, content, text)


def line(message: str, completions: Mapping[str, str] | None = None, default: str = "") -> str:
    """Return one answer, `default` if it is empty; `completions` are offered while one types, each with what it means."""
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
        shown_default = f" [{default}]" if default else ""
        return prompt(f"{message}{shown_default}: ", completer=completer).strip() or default
    except (EOFError, KeyboardInterrupt):
        raise click.Abort from None


def agreed(space: Workspace, question: str) -> bool:
    """Return the answer to a question of yes or no, no for an empty one; other answers are remembered, and the question is asked again."""
    while True:
        try:
            return _accepted(question, False)
        except RetypedError as answer:
            space.unread.append(f"'{shown(str(answer), 1000)}', typed at: {question}")
        report("Answer y for yes or n for no; Enter takes the one in capitals.")


def _accepted(question: str, default: bool) -> bool:
    """Return the answer to a question about an answer. :raises RetypedError: if the answer is neither yes nor no."""
    answer = line(f"{question} [{'Y/n' if default else 'y/N'}]")
    if answer.casefold() not in ("", "y", "yes", "n", "no"):
        raise RetypedError(answer)
    return answer.casefold().startswith("y") if answer else default


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
        report(f"'{shown(answer)}' is not a number from 1 to {len(choices)}.")


def _position(answer: str, count: int) -> int | None:
    """Return the position that a typed number from 1 to `count` means."""
    number = int(answer) if answer.isascii() and answer.isdigit() else 0
    return number - 1 if 1 <= number <= count else None


def ask(
    space: Workspace,
    owner: type[Part],
    field: Field,
    default: str = "",
    needed: bool = True,
    label: str = "",
    begins: bool = False,
) -> Any:
    """Ask for the value of a field of `owner`, or for items of its list; None if the answer is empty and may be.

    If the field `begins` a part, an answer that is such a part in one line is the whole part.
    :raises BackError: if the person asks for the question before.
    """
    if field.part in FORMS and field.part is not model.Cite:
        return _ask_part(space, FORMS[field.part], needed)
    choices = _choices(space, field)
    name = "source" if field.part is model.Cite else field.option if field.part else field.name
    label = (label or name.replace("_", " ")) + _hint(field)
    for number, term in enumerate(() if field.kind == "table" else field.terms, 1):
        report(f"  {number:2}  {term.id:22} {term.definition}{leads_to(term)}")
    retyped = ""
    while True:
        answer, retyped = retyped or line(label, choices, default), ""
        if answer == HELP:
            _explain(owner, field, begins)
        elif answer.casefold() == BACK:
            raise BackError
        elif not answer and not needed:
            return None
        elif not answer:
            report(f"This needs an answer. {HELP} explains it; Ctrl-C saves a draft.")
        else:
            try:
                return _values(space, owner, field, answer, begins)
            except InvalidInputError as error:
                space.unread.append(str(error))
                report(str(error))
            except BackError:  # from the questions about a new record that the answer names
                report("The record is not made.")
            except RetypedError as error:
                retyped = str(error)


def _hint(field: Field) -> str:
    """Return the form of an answer, for the label of a question."""
    if field.kind == "table":
        return ", such as eo=14409; several with ;"
    if field.part is model.Author:
        return "s (Family, Given; or an organization; several with ;)"
    if field.part is model.Cite:
        return ", with the place in it (id, name or web address, page 3)"
    if "document" in field.reference:
        return " (id, name or web address)"
    if field.reference:
        return " (id, name or number" + ("; several with ;)" if field.many else ")")
    return "; several with ;" if field.many and field.terms else ""


def leads_to(term: vocabulary.Term) -> str:
    """Return the effect of a term on the status, in brackets; '' if it has none."""
    notes = []
    if not getattr(term, "legally_binding", True):
        notes.append("not legally binding")
    for key in ("stage", "legal_force"):
        if value := getattr(term, key, ""):
            notes.append(f"{key.replace('_', ' ')}: {value.replace('_', ' ')}")
    if getattr(term, "weak", False):
        notes.append("a weak source")
    return f" [means: {'; '.join(notes)}]" if notes else ""


def _explain(owner: type[Part], field: Field, begins: bool) -> None:
    """Print the meaning of a field and the form of its value."""
    report(f"  {drafts.meaning(field)}")
    if begins and owner in FORMS:
        report(f"  In one line: {FORMS[owner].grammar}, such as: {FORMS[owner].example}")
    elif form := one_line.grammar(field):
        report(f"  Written as: {form}")
    if field.dated:
        report("  A date: 2026-06-02, 2026-06, 2026, 'June 5th 2026' or 'last Friday'")
    report(f"  {BACK} returns to the question before; Ctrl-C saves a draft and ends.")


def _choices(space: Workspace, field: Field) -> dict[str, str]:
    """Return the completions for a field, each with its meaning."""
    if field.kind == "table":
        return {f"{term.id}={term.example}": term.definition for term in field.terms}
    if field.part is model.Cite:
        return space.titles(("document",))
    if field.reference:
        return space.titles(field.reference)
    return {term.id: term.definition for term in field.terms}


def _values(space: Workspace, owner: type[Part], field: Field, answer: str, begins: bool) -> Any:
    """Return the value that an answer means; a list for a field with several; or the whole part that `field` begins.

    :raises InvalidInputError: if it cannot be read, or breaks a rule of the field.
    """
    if field.name in ("title", "name") and re.fullmatch(r"(?i)(?:https?://|www\.)\S+", answer):
        raise InvalidInputError(
            f"'{shown(answer)}' is a web address. Is this the address, not the {field.name}? "
            f"Type the {field.name}; the question about a source or url takes the address."
        )
    if begins and len(answer.split()) > 1 and (part := _whole(space, owner, field, answer)):
        return part
    items = [answer]
    if field.many and (field.terms or field.reference or field.part):
        items = [item for item in re.split(r"\s*;\s*", answer) if item]
    is_term = field.terms and field.kind != "table"
    values = [
        _term(space, field, item) if is_term else one_line.value(field, item, space.when)
        for item in items
    ]
    content: dict[str, Any] = {}
    for value in values:
        one_line.put(content, field, value)
    _refuse_faults(owner, content)
    if field.part:
        one_line.resolve(content, owner, space.references)
    elif field.reference:
        values = [space.references(value, field.reference) for value in values]
    return values if field.many else values[0]


def _refuse_faults(owner: type[Part], content: Mapping[str, Any]) -> None:
    """Refuse values that break a rule of `owner`, a type of records or parts; references may be names still."""
    for fault in reader.faults(owner, dict(content)):
        if fault.code not in ("K202", "K204"):
            raise InvalidInputError(placed(fault, "", 0).sentence())


def _whole(space: Workspace, owner: type[Part], field: Field, answer: str) -> dict[str, Any] | None:
    """Return the part that an answer is in one line; None if it is only the value of the field that begins it.

    :raises InvalidInputError: if it seems to be a part and cannot be read.
    """
    try:
        # Dates are asked about only if the rest can be read.
        one_line.read(owner, answer, lambda text, past: text)
    except InvalidInputError:
        if re.search(r": | @ ", answer) or field.terms:
            raise
        return None
    part = one_line.read(owner, answer, space.when)
    _refuse_faults(owner, part)
    space.open_part.update(part)
    one_line.resolve(space.open_part, owner, space.references)
    return dict(space.open_part)


def _term(space: Workspace, field: Field, answer: str) -> str:
    """Return the term that an answer is, by number, id or label; or the near term that the person confirms.

    :raises InvalidInputError: if it is none.
    """
    position = _position(answer, len(field.terms))
    term = term_of(field.terms, answer) if position is None else field.terms[position]
    if term:
        return term.id
    error = one_line.unknown_term(field.terms, answer)
    space.unread.append(str(error))
    near = corrected(field.terms, answer)
    question = f"There is no '{shown(answer)}'. Did you mean {near}?"
    if near and _accepted(question, True):
        return near
    raise error


def _near(answer: str, choices: Mapping[str, str]) -> str:
    """Return the id that an answer misspells, or the only id whose title has its words; ''."""
    words = answer.casefold()
    titled = [record_id for record_id, title in choices.items() if words in title.casefold()]
    return nearest_id(answer, choices) or (titled[0] if len(titled) == 1 else "")


def make_other(space: Workspace, kind: str, content: dict[str, Any], text: str = "") -> str:
    """Complete a new record that another needs, by asking if possible; add it to the workspace; return its id.

    `text` is what was typed for it.
    """
    begun = dict(space.open_part)
    try:
        if space.asking:
            ask_record(space, kind, content, _WITH_ANOTHER[kind], nested=True)
    except BackError:
        raise
    except BaseException:  # the answers are saved, however that ends
        _add_other(space, kind, content, text)
        raise
    finally:
        space.open_part.clear()
        space.open_part.update(begun)
    return _add_other(space, kind, content, text)


def _add_other(space: Workspace, kind: str, content: dict[str, Any], text: str) -> str:
    """Add a new record that another needs to the workspace; return its id."""
    record_id = infer(space, kind, content) or ids.proposed(kind, content, space.used_ids)
    space.others[kind, record_id] = content
    space.names[text or record_id] = record_id
    return record_id


def infer(space: Workspace, kind: str, content: dict[str, Any], record_id: str = "") -> str:
    """Set the keys of `content` that can be inferred, and report days; return the id that a standard gives, or ''."""
    defaults = space.defaults(kind, content, record_id)
    record_id = defaults.pop("id", "")
    if record_id:
        content |= {"name": defaults.pop("name")}
    fields = describe(drafts.KINDS[kind][0])
    for key, value in defaults.items():
        if key not in content and fields[key].dated:
            day = f"today, {value}" if value == space.today.isoformat() else value
            meaning = lowered(fields[key].description.rstrip("."))
            option = f"--{key.replace('_', '-')}"
            report(f"{key} of the {kind} is {day} ({meaning}); {option} or an edit changes it")
        content.setdefault(key, value)
    return "" if record_id in space.used_ids else record_id


def _ask_title(space: Workspace, content: dict[str, Any]) -> None:
    """Ask for the title of a new document, or for the whole document in one line."""
    field = describe(model.Document)["title"]
    report(f"  In one line: {_DOCUMENT_FORM}, such as: {_DOCUMENT_EXAMPLE}. Or key by key.")
    for grade in vocabulary.GRADES:
        report(f"  {grade.id:12} {grade.definition}{leads_to(grade)}")
    title = ask(space, model.Document, field, label="title of the source")
    match = re.fullmatch(r"(?P<title>.+) \((?P<where>[^()]+)\),? (?P<grade>[^(),]+)", title)
    grade = match and term_of(vocabulary.GRADES, match["grade"])
    if not grade:
        content["title"] = title
        return
    publisher, _, day = match["where"].rpartition(",")
    content |= {"title": match["title"], "grade": grade.id, "type": "webpage"}
    if publisher.strip():
        content["publisher"] = publisher.strip()
    try:
        content["issued"] = space.when(day.strip(), True)
    except InvalidInputError as error:
        report(str(error))
        return  # the date is asked for
    # Values that are there are not asked for.
    content["authors"] = []
    content.setdefault("publisher", "")


def _ask_part(space: Workspace, form: Form, needed: bool) -> dict[str, Any] | None:
    """Ask for a part key by key; the first answer may be the whole part in one line."""
    report(f"  In one line: {form.grammar}, such as: {form.example}. Or key by key.")
    part, fields, place = space.open_part, describe(form.part), 0
    part.clear()
    while place < len(form.keys):
        key = form.keys[place]
        required = needed if place == 0 else fields[key].required
        try:
            value = ask(space, form.part, fields[key], needed=required, begins=place == 0)
        except BackError:
            if place == 0:
                raise
            place -= 1
            part.pop(form.keys[place], None)
            continue
        if place == 0 and value is None:
            return None
        if isinstance(value, dict):
            part.update(value)
            break
        part[key] = value
        place += 1
    space.unread.clear()
    complete(space, form.part, part)
    record = with_values(part)
    part.clear()
    return record


def complete(space: Workspace, kind: type[Part], part: dict[str, Any]) -> None:
    """Ask for what a part needs and lacks; an event needs a source, or is marked as unconfirmed."""
    for key, field in describe(kind).items():
        if field.required and part.get(key) in EMPTY:
            part[key] = ask(space, kind, field)
    if kind is not model.Event:
        return
    if not part.get("cite") and not part.get("unconfirmed"):
        report("  Enter: no source; the event is then marked as unconfirmed.")
        part["cite"] = ask(space, kind, describe(kind)["cite"], needed=False)
        if not part["cite"]:
            part["unconfirmed"] = True
    _confirm_date(space, part)


def _confirm_date(space: Workspace, event: dict[str, Any]) -> None:
    """Ask for the date of an event again if it cannot be known from sources as old as those that it cites."""
    days = [space.reach(str(cite.get("document"))) for cite in event.get("cite") or ()]
    if event.get("type") not in vocabulary.UNFORESEEABLE or not days or not all(days):
        return
    if (latest := max(days)) >= dates.span(event["date"]).earliest:
        return
    report(f"The event of {event['date']} is later than its newest source, of {latest}.")
    if not agreed(space, "Is the date right?"):
        event["date"] = ask(space, model.Event, describe(model.Event)["date"])


def ask_record(
    space: Workspace,
    kind: str,
    content: dict[str, Any],
    keys: tuple[str, ...],
    record_id: str = "",
    nested: bool = False,
) -> None:
    """Ask for those of `keys` that `content` lacks.

    :raises click.Abort: if the record turns out to be one that exists.
    :raises BackError: if the record is `nested` in another and the person asks for the question before its first.
    """
    record = drafts.KINDS[kind][0]
    asked: list[str] = []
    fields = describe(record)
    begun = max((place for place, key in enumerate(keys) if key in content), default=-1)
    # What comes before an answer of a draft was answered too, if only by Enter.
    waiting = [
        key
        for place, key in enumerate(keys)
        if key not in content
        and drafts.allowed(fields[key])
        and (place > begun or drafts.required(fields[key], content))
    ]
    while waiting:
        key = waiting[0]
        defaults = space.defaults(kind, content, record_id)
        implied = key in _IMPLIED.get(kind, ()) and (key in defaults or "id" in defaults)
        if key in content or implied:
            waiting.pop(0)  # another answer has or implies it
            continue
        try:
            if nested and (kind, key) == ("document", "title"):
                _ask_title(space, content)
            else:
                ask_field(space, record, fields[key], content, defaults.get(key, ""))
        except BackError:
            if asked:
                waiting.insert(0, asked.pop())
                content.pop(waiting[0], None)
            elif nested:
                raise
            else:
                report("This is the first question.")
            continue
        if key in (NAMED_BY[kind], "identifiers", "url"):
            confirm_new(space, kind, content)
        asked.append(waiting.pop(0))


def ask_field(
    space: Workspace, record: type[Part], field: Field, content: dict[str, Any], default: str = ""
) -> None:
    """Ask for the value of a field and put it into `content`; for lines of text until an answer is empty."""
    needed = drafts.required(field, content)
    report(f"\n{field.description}" + ("" if needed else " (Enter: none)"))
    try:
        while (value := ask(space, record, field, default, needed)) is not None:
            for item in several(value):
                one_line.put(content, field, item)
            if field.part is model.Event:  # in order of time
                event = content["events"].pop()
                content["events"].insert(event_place(content["events"], event), event)
            space.unread.clear()
            if not field.many or field.terms or field.reference or field.part:
                return
            needed = False
    except BaseException:  # a part that was begun is saved too
        if (open_part := with_values(space.open_part)) and field.part in FORMS:
            one_line.put(content, field, open_part)
            space.open_part.clear()
        raise


def confirm_new(space: Workspace, kind: str, content: Mapping[str, Any]) -> None:
    """Show the records that `content` may repeat, and ask whether it is another record.

    :raises click.Abort: if it is not.
    """
    matches = space.similar(kind, content)
    if not matches:
        return
    space.different.update(match.id for match in matches)
    report("There may already be a record of this:")
    for match in matches:
        report(f"  {match}")
    if not agreed(space, "Is yours another record?"):
        raise click.Abort
