"""Options made from the record types: one for each key that a person can type in a line, with the key's own description.

Values are read here as people write them: terms by id or label, dates in words, sources as
`document-id, page 3`. What they become are plain keys and values, as in a file.
"""

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

import click

from policykb.model import dates, vocabulary
from policykb.model import records as model
from policykb.model.fields import Field, Part, describe
from policykb.model.vocabulary import advice, term_of


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
    kind: type[Part], given: Mapping[str, Any], today: str
) -> tuple[dict[str, Any], list[str]]:
    """The keys and values of a record or part of `kind` among the parameters `given`, and how dates in words were understood.

    :raises click.UsageError: if a date cannot be read, with what was most likely meant.
    """
    content: dict[str, Any] = {}
    told = []
    for name, field in describe(kind).items():
        held = given.get(name)
        if held in (None, (), False, ""):
            continue
        if field.dated:
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


def options(kind: type[Part], leave_out: Iterable[str] = ()) -> list[click.Option]:
    """Return an option for each key of `kind` that a line can hold, in the order of the type."""
    return [
        _option(field)
        for field in describe(kind).values()
        if field.name not in leave_out
        and field.part in (None, model.Cite)
        and field.name != "identifiers"
    ]


def _option(field: Field) -> click.Option:
    about = field.description.replace("`", "")
    if field.terms:
        about += f" One of {', '.join(field.choices)}."
    default = field.default or None
    return click.Option(
        [flag(field), field.name],
        type=option_type(field),
        is_flag=field.kind == "flag",
        multiple=field.many,
        default=default,
        show_default=default is not None,
        help=about,
    )


def flag(field: Field) -> str:
    """Return the option that sets a key, or one item of its list."""
    return f"--{field.option.replace('_', '-')}"


def option_type(field: Field) -> Any:
    """Return how the value of a key is read: a vocabulary, a source, a date, or text; None for a flag."""
    if field.kind == "flag":
        return None
    if field.part is model.Cite:
        return Source()
    if field.terms:
        return Term(field.terms)
    return When() if field.dated else str
