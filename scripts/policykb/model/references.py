"""Which ids a record refers to, found from the record types alone."""

from collections.abc import Iterator
from functools import cache
from typing import get_args, get_origin

from pydantic import BaseModel

from policykb.model.records import Reference


def references(record: BaseModel) -> list[tuple[tuple, str, tuple[str, ...]]]:
    """Each reference in `record`: the pointer to it, the id it names, the kinds that id may have."""
    found: list[tuple[tuple, str, tuple[str, ...]]] = []
    _collect(record, plan(type(record)), (), found)
    return found


def _collect(record: BaseModel, fields: tuple, prefix: tuple, found: list) -> None:
    values = record.__dict__
    for name, kinds, listed, inner in fields:
        value = values[name]
        if not value:
            continue
        if not listed:
            if inner:
                _collect(value, inner, (*prefix, name), found)
            else:
                found.append(((*prefix, name), value, kinds))
        elif inner:
            for position, part in enumerate(value):
                _collect(part, inner, (*prefix, name, position), found)
        else:
            found.extend(
                ((*prefix, name, position), id, kinds) for position, id in enumerate(value)
            )


@cache
def plan(model: type[BaseModel]) -> tuple[tuple[str, tuple[str, ...], bool, tuple], ...]:
    """The fields of `model` that hold references (with their kinds) or parts that do (with their plan), alone or in lists."""
    found = []
    for name, field in model.model_fields.items():
        kinds = next((mark.kinds for mark in field.metadata if isinstance(mark, Reference)), ())
        part, listed = (), False
        for inner, in_list in inside(field.annotation):
            listed = listed or in_list
            if isinstance(inner, Reference):
                kinds = inner.kinds
            elif isinstance(inner, type) and issubclass(inner, BaseModel):
                part = part or plan(inner)
        if kinds or part:
            found.append((name, kinds, listed, part))
    return tuple(found)


def inside(annotation: object, listed: bool = False) -> Iterator[tuple[object, bool]]:
    """Everything inside a type annotation, and whether it stands inside a list."""
    yield annotation, listed
    yield from ((mark, listed) for mark in getattr(annotation, "__metadata__", ()))
    for inner in get_args(annotation):
        yield from inside(inner, listed or get_origin(annotation) is list)
