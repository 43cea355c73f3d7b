"""What the layout of a file asks about the keys of a record type."""

from functools import cache

from pydantic import BaseModel, BeforeValidator

from policykb.model import records as model
from policykb.model.references import inside

# Parts that are written as inline tables, because they are short and many: keys of records.
INLINE = frozenset({"withdrawn", "bodies", "cite", "authors"})


@cache
def part_of(kind: type[BaseModel], name: str) -> type[BaseModel] | None:
    """The type of the parts under the key `name` of `kind`, or None if it holds plain values."""
    if name not in kind.model_fields:
        return None
    return next(
        (
            found
            for found, _ in inside(kind.model_fields[name].annotation)
            if isinstance(found, type) and issubclass(found, BaseModel)
        ),
        None,
    )


@cache
def dated(kind: type[BaseModel]) -> frozenset[str]:
    """The keys of `kind` that hold dates."""
    readers = [
        next(mark for mark in form.__metadata__ if isinstance(mark, BeforeValidator))
        for form in (model.PartialDate, model.Day)
    ]
    return frozenset(
        name
        for name, field in kind.model_fields.items()
        if any(
            mark in readers
            for mark in (*field.metadata, *(found for found, _ in inside(field.annotation)))
        )
    )


@cache
def long(kind: type[BaseModel]) -> frozenset[str]:
    """The keys of `kind` that hold text of more than a line."""
    form = model.Text.__metadata__[0]
    return frozenset(
        name
        for name, field in kind.model_fields.items()
        if any(
            mark == form
            for mark in (*field.metadata, *(found for found, _ in inside(field.annotation)))
        )
    )
