"""What a reader asks a list for: filters, of which each may have several values, and messages about what is not known here."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from policykb.site import data, words

MOST_VALUES = 20
PLAIN = ("page", "on")


class Asked(NamedTuple):
    """The values of each filter, none for one that lets everything pass, and what was wrong with the request."""

    values: dict[str, list[str]]
    messages: list[str]


async def asked(
    datasette, request, choices: dict[str, str | Sequence[str]], plain: Sequence[str] = PLAIN
) -> Asked:
    """Return the filters of a request.

    `choices` has the name of each filter and what it chooses from: a kind of record, a vocabulary, or the values
    themselves. `plain` names the other parameters, which have one value.
    """
    values = {name: every(request, name) for name in choices}
    found = _unknown_parameters(request, (*choices, *plain)) + _repeated(request, plain)
    for name, source in choices.items():
        found += await _unknown_values(datasette, name, source, values[name])
    page = words.param(request, "page")
    if page and not re.fullmatch(r"[0-9]{1,6}", page):
        found.append(f"“{page}” is not the number of a page. The first is shown.")
    return Asked(values, found)


def every(request, name: str) -> list[str]:
    """The different values of a parameter, as `words.param` gives one."""
    given = (words.cleaned(value) for value in request.args.getlist(name))
    return list(dict.fromkeys(value for value in given if value))[:MOST_VALUES]


def _unknown_parameters(request, names: Sequence[str]) -> list[str]:
    known = ", ".join(name for name in names if name != "page")
    return [
        f"“{words.cleaned(name)}” is not a parameter of this page; it has: {known}."
        for name in request.args
        if name not in names
    ]


def _repeated(request, names: Sequence[str]) -> list[str]:
    return [
        f"“{name}” was given more than once, and takes one value. The first is used."
        for name in names
        if len(every(request, name)) > 1
    ]


async def _unknown_values(
    datasette, name: str, source: str | Sequence[str], values: list[str]
) -> list[str]:
    """What to say of values of a filter that nothing here has."""
    if isinstance(source, str) and source in data.KINDS:
        return [
            f"There is no {source} “{value}”" + (f"; it is now “{there['id']}”." if moved else ".")
            for value in values
            for there in [await data.found(datasette, value)]
            for moved in [there and there["moved"]]
            if not there or moved or there["kind"] != source
        ]
    known = (await data.known(datasette)).terms[source] if isinstance(source, str) else source
    return [
        f"“{value}” is not a value of “{name}”; it has: {', '.join(known)}."
        for value in values
        if value not in known
    ]
