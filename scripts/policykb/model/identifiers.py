"""The identifiers of actions, and the Congress of a bill."""

import datetime
import re
from collections.abc import Iterable, Iterator

from policykb.model.records import Action
from policykb.model.vocabulary import ADOPTED, SCHEMES, TERMINAL

# The stages in which the end of a Congress no longer changes anything.
FINAL = TERMINAL | {ADOPTED}


def identifiers(action: Action) -> Iterator[tuple[tuple, str, str]]:
    """Yield the pointer, scheme and value of each identifier of an action."""
    for scheme, value in action.identifiers.items():
        if isinstance(value, str):
            yield ("identifiers", scheme), scheme, value
        else:
            for position, item in enumerate(value):
                yield ("identifiers", scheme, position), scheme, item


def other_identifiers(items: Iterable[tuple[tuple, str, str]]) -> tuple:
    """Return those of the `identifiers` of an action whose scheme not every knowledge base has."""
    return tuple(item for item in items if item[1] not in SCHEMES)


def congress_of(bill: str) -> int:
    """Return the number of the Congress in an identifier of the scheme us_bill: 'hr9925-119' -> 119."""
    return int(re.search(r"\d+$", bill)[0])


def congress_end(congress: int) -> str:
    """Return the ISO day on which `congress` ends, and with it every measure that it has not completed.

    It is January 3 of every odd year; until 1933 it was March 4.
    """
    month, day = (3, 4) if congress < 73 else (1, 3)
    return datetime.date(1789 + 2 * congress, month, day).isoformat()


def congress_on(day: str) -> int:
    """Return the number of the Congress on an ISO day; it begins on the day on which the one before it ends."""
    congress = (int(day[:4]) - 1789) // 2
    return congress + 1 if congress_end(congress) <= day else congress
