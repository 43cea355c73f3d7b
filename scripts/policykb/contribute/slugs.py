"""Ids for records that come from elsewhere: readable, of the form that files need, each used once in a source."""

import re
from collections.abc import Iterable

from slugify import slugify

MOST = 80
_MOST_AUTHORS = 3
_MOST_WORDS = 5
_LEFT_OUT = frozenset("a an the is are be was were of would will should could can may must".split())


def slug(*parts: str, most: int = MOST) -> str:
    """`parts` as an id: letters and digits of ASCII and single hyphens, cut between words; '' if nothing is left."""
    return slugify("-".join(parts)[:500], max_length=most, word_boundary=True).strip("-")


def document_id(names: list[str], issued: str | None, title: str, taken: dict[str, int]) -> str:
    """The id of a document: family names (the first alone if there are many), year, some words of its title."""
    families = [
        slug(name, most=30) for name in (names if len(names) <= _MOST_AUTHORS else names[:1])
    ]
    words = slug(re.split(r"[:?!.]\s", title, maxsplit=1)[0]).split("-")
    told = [word for word in words if word not in _LEFT_OUT] or words
    return unique([*families, (issued or "")[:4], *told[:_MOST_WORDS]], taken)


def unique(parts: Iterable[str], taken: dict[str, int]) -> str:
    """The parts as one id, with a number behind it if `taken` has it; put into `taken`, which says how often each was asked for."""
    base = slug("-".join(part for part in parts if part)) or "record"
    found = base
    while found in taken:
        taken[base] += 1
        found = f"{base[: MOST - 6].rstrip('-')}-{taken[base]}"
    taken[found] = 1
    return found
