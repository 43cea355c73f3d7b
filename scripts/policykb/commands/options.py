"""Options made from the record types: one for each key that a person can type in a line, with the key's own description.

Values are read here as people write them: terms by id or label, dates in words, sources as
`document-id, page 3`. What they become are plain keys and values, as in a file.
"""

import datetime
from collections.abc import Iterable, Mapping
from typing import Any, Literal, get_args, get_origin

import click
from pydantic import BaseModel

from policykb.files.layout import dated, part_of
from policykb.model import dates, vocabulary
from policykb.model import records as model
from policykb.model.references import inside
from policykb.model.vocabulary import advice, term_of, with_ids
from policykb.read.dictionary import docstrings

# Keys that hold lists, as options that are given once for each item.
SINGULAR = {
    "aliases": "alias",
    "topics": "topic",
    "legal_basis": "legal-basis",
    "open_questions": "question",
    "premises": "premise",
    "values": "value",
    "claims": "claim",
    "keywords": "keyword",
    "by": "by",
    "cite": "cite",
}


class Term(click.ParamType):
    """A term of a vocabulary; a value that is none is answered with what to write instead."""

    name = "term"

    def __init__(self, terms: tuple[vocabulary.Term, ...]) -> None:
        self.terms = terms

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        """How the value is shown in the help."""
        return "TERM"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The term, in whatever case and with spaces it was typed."""
        if term := term_of(self.terms, str(value)):
            return term.id
        self.fail(
            f"{value!r} is not in the vocabulary; {advice(self.terms, str(value))}", param, ctx
        )


class Source(click.ParamType):
    """A document and a place in it: `document-id, page 3`."""

    name = "source"

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        """How the value is shown in the help."""
        return "DOCUMENT[, LOCATOR]"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> dict[str, str]:
        """The keys of a citation."""
        if isinstance(value, dict):
            return value
        document, _, locator = (part.strip() for part in str(value).partition(","))
        return {"document": document} | ({"locator": locator} if locator else {})


class When(click.ParamType):
    """A partial date as people type it. It is read where `--today` is known, by `read`."""

    name = "date"


def read(
    kind: type[BaseModel], given: Mapping[str, Any], today: str
) -> tuple[dict[str, Any], list[str]]:
    """The keys and values of a record or part of `kind` among the parameters `given`, and how dates in words were understood.

    :raises click.UsageError: if a date cannot be read, with what was most likely meant.
    """
    content: dict[str, Any] = {}
    told = []
    for name in kind.model_fields:
        held = given.get(name)
        if held in (None, (), False, ""):
            continue
        if name in dated(kind):
            content[name], said = day(str(held), name, today)
            told += said
        else:
            content[name] = list(held) if isinstance(held, tuple) else held
    return content, told


def day(typed: str, name: str, today: str) -> tuple[str, list[str]]:
    """The partial date that was typed, and a line that says how it was understood if it was not written as one."""
    try:
        dates.span(typed)
        return typed, []
    except ValueError:
        pass
    found = dates.readings(typed, datetime.date.fromisoformat(today))
    if len(found) > 1:
        said = " or ".join(f"{one} ({dates.described(one)})" for one in found)
        raise click.UsageError(
            f"--{name.replace('_', '-')}: {typed!r} can be {said}; write the one that is meant"
        )
    if not found:
        raise click.UsageError(
            f"--{name.replace('_', '-')}: {typed!r} is not a date that can be read; write it as 2026-06-02, 2026-06 or 2026"
        )
    meant = found[0]
    return meant, [
        f"{name.replace('_', ' ')}: {typed!r} read as {meant}, known to the {dates.span(meant).precision}"
    ]


def options(kind: type[BaseModel], leave_out: Iterable[str] = ()) -> list[click.Option]:
    """An option for each key of `kind` that a line can hold, in the order of the type."""
    found = []
    for name, field in kind.model_fields.items():
        if (
            name in leave_out
            or (part_of(kind, name) not in (None, model.Cite))
            or name == "identifiers"
        ):
            continue
        listed = any(get_origin(form) is list for form, _ in inside(field.annotation))
        form = option_type(kind, name)
        flag = f"--{SINGULAR.get(name, name) if listed else name}".replace("_", "-")
        about = docstrings()[_owner(kind, name)][1][name].replace("`", "")
        if isinstance(form, Term):
            about += f" One of {', '.join(term.id for term in form.terms)}."
        default = (
            None
            if listed or form is bool or field.default is None or field.is_required()
            else field.default
        )
        found.append(
            click.Option(
                [flag, name],
                type=None if form is bool else form,
                is_flag=form is bool,
                multiple=listed,
                default=default,
                show_default=default is not None,
                help=about,
            )
        )
    return found


def option_type(kind: type[BaseModel], name: str) -> Any:
    """How the value of a key is read: a vocabulary, a source, a date, yes or no, or text."""
    annotation = kind.model_fields[name].annotation
    if part_of(kind, name) is model.Cite:
        return Source()
    if annotation is bool:
        return bool
    for form, _ in inside(annotation):
        if get_origin(form) is Literal:
            return Term(with_ids(get_args(form)))
    return When() if name in dated(kind) else str


def _owner(kind: type[BaseModel], name: str) -> str:
    return next(
        part.__name__ for part in kind.__mro__ if name in vars(part).get("__annotations__", {})
    )
