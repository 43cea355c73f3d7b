"""Ids for records that come from elsewhere: readable, of the form that files need, each used once in a source."""

import re
from collections.abc import Iterable

from slugify import slugify

MOST = 80
_MOST_AUTHORS = 3
_MOST_WORDS = 5
_LEFT_OUT = frozenset("a an the is are be was were of would will should could can may must".split())


def slug(*parts: str, most: int = MOST) -> str:
    """Return `parts` as an id: letters and digits of ASCII and single hyphens, cut between words; '' if nothing remains."""
    return slugify("-".join(parts)[:500], max_length=most, word_boundary=True).strip("-")


def document_id(names: list[str], issued: str | None, title: str, used_ids: dict[str, int]) -> str:
    """Return the id of a document: family names (the first alone if there are many), year, some words of its title."""
    names = names if len(names) <= _MOST_AUTHORS else names[:1]
    families = [slug(name, most=30) for name in names]
    words = slug(re.split(r"[:?!.]\s", title, maxsplit=1)[0]).split("-")
    telling = [word for word in words if word not in _LEFT_OUT] or words
    return unique([*families, (issued or "")[:4], *telling[:_MOST_WORDS]], used_ids)


def unique(parts: Iterable[str], used_ids: dict[str, int]) -> str:
    """Return the parts as one id, with a number behind it if `used_ids` has it; add it there, with how often it was wanted."""
    base = slug("-".join(part for part in parts if part)) or "record"
    record_id = base
    while record_id in used_ids:
        used_ids[base] += 1
        record_id = f"{base[: MOST - 6].rstrip('-')}-{used_ids[base]}"
    used_ids[record_id] = 1
    return record_id
