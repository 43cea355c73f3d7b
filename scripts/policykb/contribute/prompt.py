"""Questions at the terminal: lines with completion, terms of a vocabulary with their definitions, dates shown as understood.

prompt_toolkit gives the completion: it shows the title beside an id while one types, which click does not.
"""

import dataclasses
import datetime
import sys
from collections.abc import Callable, Mapping
from typing import Any

import click

from policykb.contribute import one_line as compact
from policykb.contribute.one_line import Doubtful, Form, Unclear
from policykb.files.catalogue import Catalogue
from policykb.model import dates
from policykb.model import records as model
from policykb.model.addresses import address, cleaned
from policykb.model.fields import Part, describe
from policykb.model.problems import nearest_id, shown
from policykb.model.vocabulary import VOCABULARIES, Term, advice, corrected, term_of


@dataclasses.dataclass(frozen=True)
class Desk:
    """What one run works with: the day, the records that are there, documents that are made with the record, whether to ask, ids of drafts.

    `describe` asks for a new document of which some keys are known, takes it along and gives its id; needed where there is asking.
    `begun` is the part that is asked for key by key just now, as far as it was given; `unread` is what was answered since
    the last value that was taken, and why it could not be read.
    """

    today: datetime.date
    base: Catalogue
    documents: dict[str, dict[str, Any]]
    asking: bool
    drafts: frozenset[str] = frozenset()
    describe: Callable[["Desk", dict[str, Any]], str] | None = None
    begun: dict[str, Any] = dataclasses.field(default_factory=dict)
    unread: list[str] = dataclasses.field(default_factory=list)

    @property
    def taken(self) -> set[str]:
        """Ids that are not free."""
        return {*self.base.entries, *self.base.redirects, *self.documents, *self.drafts}

    def when(self, text: str, past: bool) -> str:
        """The partial date that somebody means by `text`, told as it was understood; where it may mean several, asked.

        :raises Unclear: if it is no date, or may be several and nobody can be asked.
        """
        found = dates.readings(text, self.today, past)
        if not found:
            raise Unclear(
                f"'{shown(text)}' is not a date; write it as 2026-06-02, 2026-06, 2026, 'June 5th 2026' or 'last Friday'"
            )
        if len(found) > 1:
            said = [f"{one} ({dates.described(one)})" for one in found]
            if not self.asking:
                raise Doubtful(
                    f"'{shown(text)}' can be {' or '.join(said)}; write the one that is meant"
                )
            told(f"'{text}' can be read in {len(found)} ways:")
            return found[pick(said)]
        if text != found[0]:
            told(f"'{shown(text)}' is read as {dates.described(found[0])}: {found[0]}")
        return found[0]


# What an answer says if it is a whole part in one line, or why it cannot be read as one; neither for a single word.
OneLine = Callable[[str], tuple[dict[str, Any] | None, str]]


def _no_line(answer: str) -> tuple[None, str]:
    return None, ""


def _one_line(desk: Desk, form: Form) -> OneLine:
    """The reader of parts of that form in one line."""

    def read(answer: str) -> tuple[dict[str, Any] | None, str]:
        if len(answer.split()) < 2:
            return None, ""
        try:
            compact.read(form.part, answer, lambda text, past: text)  # asks nothing about dates
            return compact.read(form.part, answer, desk.when), ""
        except Unclear as error:
            desk.unread.append(str(error))
            return None, str(error)

    return read


def told(text: str) -> None:
    """Say something beside the data."""
    click.echo(text, err=True)


def line(message: str, completions: Mapping[str, str] | None = None, default: str = "") -> str:
    """One answer; `completions` are offered while typing, each with what it means."""
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import FuzzyWordCompleter
    from prompt_toolkit.output import create_output
    from prompt_toolkit.utils import is_dumb_terminal

    completer = (
        FuzzyWordCompleter(
            list(completions), {word: shown(said, 70) for word, said in completions.items()}
        )
        if completions
        else None
    )
    try:
        return (
            PromptSession(output=None if is_dumb_terminal() else create_output(sys.stderr))
            .prompt(f"{message}: ", completer=completer, default=default)
            .strip()
        )
    except (EOFError, KeyboardInterrupt):
        raise click.Abort from None


def pick(said: list[str]) -> int:
    """The position of the one that is chosen by number."""
    for number, text in enumerate(said, 1):
        told(f"  {number}  {text}")
    while True:
        answer = line(f"Which one (1 to {len(said)})", default="1")
        if answer.isascii() and answer.isdigit() and 1 <= int(answer) <= len(said):
            return int(answer) - 1


def chosen(
    message: str,
    terms: tuple[Term, ...],
    default: str = "",
    needed: bool = True,
    one_line: OneLine = _no_line,
) -> str | dict[str, Any]:
    """The id of a term, chosen by its number, its id or a near spelling; '' if none is needed. A whole part in one line is as good."""
    for number, term in enumerate(terms, 1):
        told(f"  {number:2}  {term.id:22} {term.definition}")
    while True:
        answer = line(message, {term.id: term.definition for term in terms}, default)
        if not answer and not needed:
            return ""
        if answer.isascii() and answer.isdigit() and 1 <= int(answer) <= len(terms):
            return terms[int(answer) - 1].id
        if one := term_of(terms, answer):
            return one.id
        part, why = one_line(answer)
        if part:
            return part
        near = corrected(terms, answer) if answer else ""
        if near and click.confirm(
            f"'{shown(answer)}' is not one of them. Did you mean {near}?", default=True, err=True
        ):
            return near
        if answer and not near:
            told(why or f"'{shown(answer)}' is not in the vocabulary; {advice(terms, answer)}")


def named(  # noqa: PLR0913
    desk: Desk,
    message: str,
    kinds: tuple[str, ...],
    default: str = "",
    needed: bool = True,
    one_line: OneLine = _no_line,
) -> str | dict[str, Any]:
    """The id of a record of one of `kinds`; the address of a document is as good as its id. '' if none is needed.

    A whole part in one line is as good.
    """
    there = {id: record.title for id, record in desk.base.entries.items() if record.kind in kinds}
    if "document" in kinds:
        there |= {id: content.get("title", "") for id, content in desk.documents.items()}
        message += " (id, or its web address)"
    while True:
        answer = line(message, there, default)
        if answer in there or (not answer and not needed):
            return answer
        if "document" in kinds and "://" in answer:
            return document(desk, answer)
        part, why = one_line(answer)
        if part:
            return part
        near = nearest_id(answer, there) or _titled(there, answer)
        if near and click.confirm(
            f"There is no '{shown(answer)}'. Did you mean {near} ({shown(there[near])})?",
            default=True,
            err=True,
        ):
            return near
        if not near:
            told(why or f"There is no {' or '.join(kinds)} '{shown(answer)}'.")


def _titled(titles: Mapping[str, str], words: str) -> str:
    """Return the only id whose title has `words` in it, or ''."""
    wanted = words.casefold()
    whole = [id for id, title in titles.items() if wanted and wanted in title.casefold()]
    return whole[0] if len(whole) == 1 else ""


def document(desk: Desk, url: str) -> str:
    """The document at `url`: the one that is there, or a new one that is asked for."""
    if found := standing(desk, url):
        told(
            f"That is {found} ({desk.base.entries[found].title if found in desk.base else desk.documents[found].get('title', '')})."
        )
        return found
    told("That document is new here; it is made together with the record.")
    return desk.describe(desk, {"url": cleaned(url)})


def standing(desk: Desk, url: str) -> str:
    """The id of the document that has the address `url`; '' if there is none."""
    if "://" not in url:
        return ""
    made = [
        id
        for id, content in desk.documents.items()
        if address(content.get("url", "")) == address(url)
    ]
    return next(iter([*desk.base.ids("url", url), *made]), "")


def value(  # noqa: C901, PLR0913
    desk: Desk,
    kind: type[Part],
    key: str,
    default: str = "",
    needed: bool = True,
    one_line: OneLine = _no_line,
) -> Any:
    """One value of `key`, or one item if it holds a list; None if nothing is given and none is needed.

    Where `one_line` reads an answer as the part that the key is the first of, that part.
    """
    field = describe(kind)[key]
    label = (key if not field.part else field.part.__name__.lower()).replace("_", " ")
    while True:
        try:
            if key == "identifiers":
                schemes = {
                    f"{scheme.id}={scheme.example}": scheme.definition
                    for scheme in VOCABULARIES["identifier_schemes"]
                }
                answer = line("identifier, such as eo=14409", schemes)
                return compact.identifier(answer) if answer else None
            if field.terms:
                return chosen(label, field.terms, default, needed, one_line) or None
            if field.reference:
                return named(desk, label, field.reference, default, needed, one_line) or None
            if field.part in compact.FORMS:
                return _part(desk, compact.FORMS[field.part], needed)
            answer = line(label, default=default)
            whole, why = one_line(answer)
            if whole:
                return whole
            if why and (":" in answer or " @ " in answer):
                raise Unclear(why)
            if answer:
                return compact.typed(kind, key, answer, desk.when)
            if not needed:
                return None
        except Unclear as error:
            desk.unread.append(str(error))
            told(str(error))


def _part(desk: Desk, form: Form, needed: bool) -> dict[str, Any] | None:
    """A part, asked for key by key; or given in one line at the first question."""
    told(f"  In one line: {form.grammar}. Or key by key.")
    first = form.head[0] if form.head else "document"
    held = value(desk, form.part, first, needed=needed, one_line=_one_line(desk, form))
    if held is None:
        return None
    desk.unread.clear()
    found = desk.begun
    found.clear()
    found |= held if isinstance(held, dict) else {first: held}
    if not isinstance(held, dict):
        _ask_rest(desk, form, found)
    complete(desk, form.part, found)
    made = {key: held for key, held in found.items() if held not in (None, [], "")}
    found.clear()
    return made


def _ask_rest(desk: Desk, form: Form, found: dict[str, Any]) -> None:
    """Ask for the keys of a part behind the first, and put them into `found`."""
    for key in form.head[1:]:
        found[key] = value(desk, form.part, key)
    rest = [key for key in ("locator", "words") if not form.head or form.places == "within"]
    for key in (*rest, "note"):
        if field := describe(form.part).get(key):
            needed = field.required
            found[key] = value(desk, form.part, key, needed=needed)
    if (
        form.places == "cite" and form.part is not model.Event
    ):  # `complete` asks for those of events
        _ask_sources(desk, found)
    if form.places == "place":
        found["document"] = value(desk, form.part, "document")
        found["locator"] = value(desk, form.part, "locator", needed=False)


def complete(desk: Desk, kind: type[Part], part: dict[str, Any]) -> None:
    """Ask for what a part needs and does not have; an event needs a source, or is marked as unconfirmed."""
    for key, field in describe(kind).items():
        if field.required and part.get(key) in (None, "", [], {}):
            part[key] = value(desk, kind, key)
    if kind is model.Event and not part.get("cite") and not part.get("unconfirmed"):
        _ask_sources(desk, part, needed=True)
        if not part["cite"]:
            part["unconfirmed"] = True


def _ask_sources(desk: Desk, part: dict[str, Any], needed: bool = False) -> None:
    """Ask for sources one after the other, until none is given, and put them into `part`."""
    listed = part.setdefault("cite", [])
    last = next(reversed(desk.documents), "") if needed else ""
    cite = compact.FORMS[model.Cite]
    while True:
        found = named(
            desk,
            "source" + ("" if needed and not listed else ", Enter: none"),
            ("document",),
            last,
            needed=False,
            one_line=_one_line(desk, cite),
        )
        if not found:
            if needed and not listed:
                told("  Without a source the event is marked as unconfirmed.")
            return
        last = ""
        listed.append(found if isinstance(found, dict) else {"document": found})
        if not isinstance(found, dict) and (
            locator := value(desk, model.Cite, "locator", needed=False)
        ):
            listed[-1]["locator"] = locator


def explained(kind: type[Part], key: str) -> str:
    """Return what a key means, in the words of the data dictionary."""
    return describe(kind)[key].description
