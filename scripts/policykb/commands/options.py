"""Options made from the record types: one for each field that a person can type.

Values are read by `contribute/one_line.py`: terms by id or label, dates in words, parts in one line.
"""

from collections.abc import Mapping
from typing import Any

import click

from policykb.commands import completion
from policykb.contribute import one_line
from policykb.contribute.drafts import meaning
from policykb.contribute.resolve import References
from policykb.model.fields import Field, Part, describe

# Fields that no option sets: they come later, or hold what no person types.
LATER = frozenset({"withdrawn", "text_rule", "former_ids", "duties"})


def options(record: type[Part]) -> list[click.Option]:
    """Return an option for each field of a record or part, in order; `content` reads their values."""
    return [_option(field) for field in describe(record).values() if field.name not in LATER]


def _option(field: Field) -> click.Option:
    about = meaning(field).replace("`", "")
    grammar = one_line.grammar(field)
    if grammar:
        about += f" Written as: {grammar}"
        metavar = field.option.upper()
    else:
        metavar = "TERM" if field.terms else "DATE" if field.dated else "TEXT"
    return click.Option(
        [flag(field), field.name],
        is_flag=field.kind == "flag",
        multiple=field.many,
        metavar=None if field.kind == "flag" else metavar,
        shell_complete=completion.of_field(field),
        help=about,
    )


def flag(field: Field) -> str:
    """Return the option that sets a field, or one item of its list."""
    return f"--{field.option.replace('_', '-')}"


def content(
    record: type[Part],
    texts: Mapping[str, Any],
    when: one_line.Dates,
    unread: list[str] | None = None,
    references: References | None = None,
) -> dict[str, Any]:
    """Return the keys and values that `texts` give; `references` turn names, numbers and addresses into ids.

    What cannot be read goes to `unread` with the reason; without `unread` it ends the command.
    :raises click.BadParameter: which names the option.
    """
    values: dict[str, Any] = {}
    for key, field in describe(record).items():
        value = texts.get(key) or ()
        if value is True:
            values[key] = True
            continue
        for text in [value] if isinstance(value, str) else value:
            try:
                one_line.put(values, field, _value(record, field, text, when, references))
            except one_line.InvalidInputError as error:
                if unread is None:
                    raise click.BadParameter(str(error), param_hint=f"'{flag(field)}'") from None
                unread.append(f"{key}: {error}")
    return values


def _value(
    record: type[Part],
    field: Field,
    text: str,
    when: one_line.Dates,
    references: References | None,
) -> Any:
    """Return the value that `text` means, with the ids of the records that it names."""
    value = one_line.value(field, text, when)
    if field.kind == "table" or references is None:
        return value
    content = {field.name: [value] if field.many else value}
    one_line.resolve(content, record, references)
    return content[field.name][0] if field.many else content[field.name]
