"""Questions at the terminal: lines with completion, terms of a vocabulary with their definitions, dates shown as understood.

prompt_toolkit gives the completion: it shows the title beside an id while one types, which click does not.
"""

import datetime
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import click
from pydantic import BaseModel

from policykb import dates, model
from policykb.dictionary import docstrings
from policykb.editing import compact, similar
from policykb.editing.compact import Doubtful, Form, Unclear
from policykb.editing.known import Known
from policykb.model import Reference
from policykb.problems import nearest_id, shown
from policykb.references import inside
from policykb.vocabulary import VOCABULARIES, Term, advice, corrected, term_of


class Desk(NamedTuple):
    """What one run works with: the day, the records that are there, documents that are made with the record, whether to ask, ids of drafts.

    `describe` asks for a new document of which some keys are known, takes it along and gives its id; needed where there is asking.
    """

    today: datetime.date
    base: dict[str, Known]
    documents: dict[str, dict[str, Any]]
    asking: bool
    drafts: frozenset[str] = frozenset()
    describe: Callable[["Desk", dict[str, Any]], str] | None = None

    @property
    def taken(self) -> set[str]:
        """Ids that are not free."""
        return {*self.base, *self.documents, *self.drafts}

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


def chosen(message: str, terms: tuple[Term, ...], default: str = "", needed: bool = True) -> str:
    """The id of a term, chosen by its number, its id or a near spelling; '' if none is needed."""
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
        near = corrected(terms, answer) if answer else ""
        if near and click.confirm(
            f"'{shown(answer)}' is not one of them. Did you mean {near}?", default=True, err=True
        ):
            return near
        if answer and not near:
            told(f"'{shown(answer)}' is not in the vocabulary; {advice(terms, answer)}")


def named(
    desk: Desk, message: str, kinds: tuple[str, ...], default: str = "", needed: bool = True
) -> str:
    """The id of a record of one of `kinds`; the address of a document is as good as its id. '' if none is needed."""
    there = {id: record.title for id, record in desk.base.items() if record.kind in kinds}
    if "document" in kinds:
        there |= {id: content.get("title", "") for id, content in desk.documents.items()}
        message += " (id, or its web address)"
    while True:
        answer = line(message, there, default)
        if answer in there or (not answer and not needed):
            return answer
        if "document" in kinds and "://" in answer:
            return document(desk, answer)
        near = nearest_id(answer, there) or _titled(there, answer)
        if near and click.confirm(
            f"There is no '{shown(answer)}'. Did you mean {near} ({shown(there[near])})?",
            default=True,
            err=True,
        ):
            return near
        if not near:
            told(f"There is no {' or '.join(kinds)} '{shown(answer)}'.")


def _titled(titles: Mapping[str, str], words: str) -> str:
    """Return the only id whose title has `words` in it, or ''."""
    wanted = words.casefold()
    whole = [id for id, title in titles.items() if wanted and wanted in title.casefold()]
    return whole[0] if len(whole) == 1 else ""


def document(desk: Desk, url: str) -> str:
    """The document at `url`: the one that is there, or a new one that is asked for."""
    if found := standing(desk, url):
        told(
            f"That is {found} ({desk.base[found].title if found in desk.base else desk.documents[found].get('title', '')})."
        )
        return found
    told("That document is new here; it is made together with the record.")
    return desk.describe(desk, {"url": similar.cleaned(url)})


def standing(desk: Desk, url: str) -> str:
    """The id of the document that has the address `url`; '' if there is none."""
    where = similar.compared(url)
    here = {id: record.address for id, record in desk.base.items() if record.kind == "document"}
    here |= {id: similar.compared(content.get("url", "")) for id, content in desk.documents.items()}
    return next((id for id, address in here.items() if where and address == where), "")


def value(
    desk: Desk, kind: type[BaseModel], key: str, default: str = "", needed: bool = True
) -> Any:
    """One value of `key`, or one item if it holds a list; None if nothing is given and none is needed."""
    part = compact.part_of(kind, key)
    label = (key if not part else part.__name__.lower()).replace("_", " ")
    while True:
        try:
            if key == "identifiers":
                schemes = {
                    f"{scheme.id}={scheme.example}": scheme.definition
                    for scheme in VOCABULARIES["identifier_schemes"]
                }
                answer = line("identifier, such as eo=14409", schemes)
                return compact.identifier(answer) if answer else None
            if terms := compact.vocabulary_of(kind, key):
                return chosen(label, terms, default, needed) or None
            if kinds := _kinds(kind, key):
                return named(desk, label, kinds, default, needed) or None
            if part in compact.FORMS:
                return _part(desk, compact.FORMS[part], needed)
            answer = line(label, default=default)
            if answer:
                return compact.typed(kind, key, answer, desk.when)
            if not needed:
                return None
        except Unclear as error:
            told(str(error))


def _kinds(kind: type[BaseModel], key: str) -> tuple[str, ...]:
    found = (
        *kind.model_fields[key].metadata,
        *(one for one, _ in inside(kind.model_fields[key].annotation)),
    )
    return next((one.kinds for one in found if isinstance(one, Reference)), ())


def _part(desk: Desk, form: Form, needed: bool) -> dict[str, Any] | None:
    """A part, asked for key by key; or given in one line at the first question."""
    told(f"  In one line: {form.grammar}. Or key by key.")
    first = form.head[0] if form.head else "document"
    if _kinds(form.part, first) or compact.vocabulary_of(form.part, first):
        found = {first: value(desk, form.part, first, needed=needed)}
    else:
        answer = line(first + ("" if needed else " (Enter: none)"))
        if answer and len(answer.split()) > 1:
            try:
                return compact.read(form.part, answer, desk.when)
            except Unclear as error:
                if ":" in answer or " @ " in answer:
                    raise error from None
        found = {first: compact.typed(form.part, first, answer, desk.when) if answer else None}
    if found[first] is None:
        return None
    for key in form.head[1:]:
        found[key] = value(desk, form.part, key)
    rest = [key for key in ("locator", "words") if not form.head or form.places == "within"]
    for key in (*rest, "note"):
        if key in form.part.model_fields:
            found[key] = value(
                desk, form.part, key, needed=form.part.model_fields[key].is_required()
            )
    if form.places == "cite":
        found["cite"] = list(_sources(desk, needed=form.part is model.Event))
        if form.part is model.Event and not found["cite"]:
            found["unconfirmed"] = True
    if form.places == "place":
        found |= {
            "document": value(desk, form.part, "document"),
            "locator": value(desk, form.part, "locator", needed=False),
        }
    return {key: held for key, held in found.items() if held not in (None, [], "")}


def _sources(desk: Desk, needed: bool) -> Iterable[dict[str, str]]:
    """Sources one after the other, until none is given."""
    last = next(reversed(desk.documents), "") if needed else ""
    while True:
        id = named(
            desk, "source" + ("" if needed else ", Enter: none"), ("document",), last, needed=False
        )
        if not id:
            if needed:
                told("  Without a source the event is marked as unconfirmed.")
            return
        locator = value(desk, model.Cite, "locator", needed=False)
        yield {"document": id} | ({"locator": locator} if locator else {})
        needed, last = False, ""


def explained(kind: type[BaseModel], key: str) -> str:
    """What a key means, in the words of the data dictionary."""
    return docstrings()[kind.__name__][1][key]
