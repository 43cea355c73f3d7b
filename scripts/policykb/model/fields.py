"""The description of every field, from its type and its annotations in `records.py`.

Checks, layout, options, prompts, merging, comparison, the JSON Schema and the data dictionary call `describe`.
"""

import ast
import inspect
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, get_args, get_origin

import pydantic

from policykb.model import vocabulary

# To look for plugins of pydantic reads the metadata of every installed package.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
EFFECTS = "effects"  # the vocabulary of which about.toml has the terms
Pointer = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """Marks a type of values by a name: 'line', 'text', 'date' and so on."""

    name: str


@dataclass(frozen=True, slots=True)
class Reference:
    """Marks a field as the id of a record of one of `kinds`."""

    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Marks a field as a term of the vocabulary `name`, or a table whose keys are such terms."""

    name: str


@dataclass(frozen=True, slots=True)
class ItemName:
    """Marks a list with the name of an item, where that is not the name of the field without its 's'."""

    name: str


def term(name: str) -> object:
    """Return the type of a field that holds a term of the vocabulary `name`."""
    return Annotated[Literal[vocabulary.ids(vocabulary.VOCABULARIES[name])], Vocabulary(name)]


def several(item: object, most: int = 200, name: str = "") -> object:
    """Return the type of an optional list of at most `most` items; `name` is the `ItemName`."""
    marks = (ItemName(name),) if name else ()
    return Annotated[(list[item], pydantic.Field(default_factory=list, max_length=most), *marks)]


class Part(pydantic.BaseModel):
    """Base of everything a file may hold: immutable, no unknown keys, no silent conversion.

    Two parts of a list are the same if they agree in one of `keys`, which are sets of fields, the surest first. Parts
    that are `inline` are short and many, so they are written on one line.
    """

    # Most commands read no record, so a schema is built when it is first used.
    model_config = pydantic.ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)
    keys: ClassVar[tuple[tuple[str, ...], ...]] = ()
    inline: ClassVar[bool] = False

    def __init_subclass__(
        cls, keys: tuple[tuple[str, ...], ...] = (), inline: bool = False, **config: object
    ) -> None:
        super().__init_subclass__(**config)
        cls.keys, cls.inline = keys, inline


class Field(NamedTuple):
    """The description of a field.

    `kind` is 'part', 'table', 'term', 'choice', 'flag', 'number', the name of a `Kind`, or 'form' for other text; for a
    list it is the kind of the items. `many`: the field holds a list or a table. `reference` has the kinds of records to
    which an id may lead. `table` is what an item may be where it is text otherwise. `option` is the name of a single value.
    `owner` is the type that has the field.
    """

    name: str
    kind: str
    many: bool
    required: bool
    default: object
    reference: tuple[str, ...]
    vocabulary: str
    choices: tuple[str, ...]
    part: type[Part] | None
    table: type[Part] | None
    option: str
    owner: type[Part]

    @property
    def description(self) -> str:
        """Return the docstring of the field; '' if it has none."""
        bases = (base for base in self.owner.__mro__ if issubclass(base, Part))
        texts = (_docstrings(base.__module__).get((base.__name__, self.name)) for base in bases)
        return next(filter(None, texts), "")

    @property
    def terms(self) -> tuple[vocabulary.Term, ...]:
        """Return the terms of the vocabulary with those that about.toml declares, () without one."""
        return vocabulary.terms_of(self.vocabulary)

    @property
    def dated(self) -> bool:
        """Return whether the values are dates."""
        return self.kind in ("date", "day")


@cache
def describe(record: type[Part]) -> dict[str, Field]:
    """Return the fields of a type of records or parts by name, in order."""
    return {name: _field(record, name, info) for name, info in record.model_fields.items()}


@cache
def _docstrings(module: str) -> dict[tuple[str, str], str]:
    """Return the texts below the fields of the classes in a module, by class and field; few commands need them."""
    texts = {}
    for part in ast.parse(inspect.getsource(sys.modules[module])).body:
        for field, text in pairwise(part.body if isinstance(part, ast.ClassDef) else ()):
            match field, text:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(ast.Constant(str(words))):
                    texts[part.name, name] = inspect.cleandoc(words)
    return texts


def _field(record: type[Part], name: str, info: pydantic.fields.FieldInfo) -> Field:
    marks = [*_inside(info.annotation), *info.metadata]
    by_type = {type(mark): mark for mark in marks}
    choices = [get_args(mark) for mark in marks if get_origin(mark) is Literal]
    part = next((mark for mark in marks if isinstance(mark, type) and issubclass(mark, Part)), None)
    shape = get_origin(info.annotation)
    many = shape in (list, dict)
    kind = {bool: "flag", int: "number"}.get(info.annotation, "form")
    if shape is dict:
        kind = "table"
    elif Kind in by_type:
        kind = by_type[Kind].name
    elif part:
        kind = "part"
    elif choices:
        kind = "term" if Vocabulary in by_type else "choice"
    return Field(
        name=name,
        kind=kind,
        many=many,
        required=info.is_required(),
        default=None if many or info.is_required() else info.default,
        reference=by_type[Reference].kinds if Reference in by_type else (),
        vocabulary=by_type[Vocabulary].name if Vocabulary in by_type else "",
        choices=choices[0] if choices else (),
        part=part if kind == "part" else None,
        table=part if kind != "part" else None,
        option=by_type.get(ItemName, ItemName(name.removesuffix("s") if many else name)).name,
        owner=record,
    )


def _inside(annotation: object) -> Iterator[object]:
    """Yield a type, and the types and marks inside it, but not the words of a choice."""
    yield annotation
    if get_origin(annotation) is not Literal:
        for inner in get_args(annotation):
            yield from _inside(inner)


def parts(record: type[Part]) -> Iterator[type[Part]]:
    """Yield a type and the types of all parts inside it, with repeats."""
    yield record
    for field in describe(record).values():
        if inner := field.part or field.table:
            yield from parts(inner)


@cache
def referring(record: type[Part]) -> tuple[Field, ...]:
    """Return the fields that hold references, and those whose parts have such fields."""
    return tuple(
        field
        for field in describe(record).values()
        if field.reference or (field.part and referring(field.part))
    )


def with_references(
    record: type[Part],
    content: Mapping[str, Any],
    change: Callable[[Pointer, Any, tuple[str, ...]], Any],
    at: Pointer = (),
) -> dict[str, Any]:
    """Return `content`, keys and values of a `record` at `at`, with what `change` makes of each reference.

    `change` takes the pointer of a reference, what is there, and the kinds of records to which it may lead.
    """

    def changed(field: Field, item: Any, place: Pointer) -> Any:
        if not field.part:
            return change(place, item, field.reference)
        is_table = isinstance(item, Mapping)
        return with_references(field.part, item, change, place) if is_table else item

    result = dict(content)
    for field in referring(record):
        value, here = content.get(field.name), (*at, field.name)
        if isinstance(value, list):
            items = enumerate(value)
            result[field.name] = [changed(field, item, (*here, place)) for place, item in items]
        elif value:
            result[field.name] = changed(field, value, here)
    return result


def references(
    record: Part, pointer: Pointer = ()
) -> Iterator[tuple[Pointer, str, tuple[str, ...]]]:
    """Yield each reference in `record`: its pointer, the id, and the kinds of records to which it may lead."""
    for field in referring(type(record)):
        value = getattr(record, field.name)
        if not value:
            continue
        items = enumerate(value) if field.many else ((None, value),)
        for position, item in items:
            place = (*pointer, field.name) if position is None else (*pointer, field.name, position)
            if field.part:
                yield from references(item, place)
            else:
                yield place, item, field.reference
