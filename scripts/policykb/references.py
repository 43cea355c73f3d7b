"""Which ids a record refers to, found from the record types alone."""

from collections.abc import Iterator
from functools import cache
from typing import get_args, get_origin

from pydantic import BaseModel

from policykb.model import Reference


def references(record: BaseModel, prefix: tuple = ()) -> Iterator[tuple[tuple, str, tuple[str, ...]]]:
    """Each reference in `record`: the pointer to it, the id it names, the kinds that id may have."""
    for name, kinds, listed in _plan(type(record)):
        value = getattr(record, name)
        if not value:
            continue
        if kinds is None:
            for position, part in enumerate(value) if listed else ((None, value),):
                yield from references(part, (*prefix, name) if position is None else (*prefix, name, position))
        elif listed:
            for position, id in enumerate(value):
                yield (*prefix, name, position), id, kinds
        else:
            yield (*prefix, name), value, kinds


@cache
def _plan(model: type[BaseModel]) -> tuple[tuple[str, tuple[str, ...] | None, bool], ...]:
    """The fields of `model` that hold references (with their kinds) or parts that do (kinds None)."""
    plan = []
    for name, field in model.model_fields.items():
        kinds = next((mark.kinds for mark in field.metadata if isinstance(mark, Reference)), None)
        part, listed = None, False
        for inner, inside in _inner(field.annotation):
            listed = listed or inside
            if isinstance(inner, Reference):
                kinds = inner.kinds
            elif isinstance(inner, type) and issubclass(inner, BaseModel) and _plan(inner):
                part = inner
        if kinds or part:
            plan.append((name, kinds, listed))
    return tuple(plan)


def _inner(annotation: object, listed: bool = False) -> Iterator[tuple[object, bool]]:
    """Everything inside a type annotation, and whether it stands inside a list."""
    yield annotation, listed
    yield from ((mark, listed) for mark in getattr(annotation, "__metadata__", ()))
    for inner in get_args(annotation):
        yield from _inner(inner, listed or get_origin(annotation) is list)
