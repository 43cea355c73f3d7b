"""The identifiers of actions, and the Congress that the number of a bill is of."""

import datetime
import re
from collections.abc import Iterator

from policykb.model.records import Action
from policykb.model.vocabulary import ADOPTED, TERMINAL

# The stages in which the end of a Congress no longer changes anything.
FINAL = TERMINAL | {ADOPTED}


def identifiers(action: Action) -> Iterator[tuple[tuple, str, str]]:
    """Yield each identifier of an action: the pointer to it, its scheme and its value."""
    for scheme, value in action.identifiers.items():
        if isinstance(value, str):
            yield ("identifiers", scheme), scheme, value
        else:
            for position, item in enumerate(value):
                yield ("identifiers", scheme, position), scheme, item


def congress_of(bill: str) -> int:
    """Return the number of the Congress of an identifier of the scheme us_bill: 'hr9925-119' -> 119."""
    return int(re.search(r"\d+$", bill)[0])


def congress_end(congress: int) -> str:
    """Return the day on which the term of `congress` ends, and with it every measure that it has not completed, as ISO text.

    It is 3 January of every odd year, 4 March until 1933.
    """
    month, day = (3, 4) if congress < 73 else (1, 3)
    return datetime.date(1789 + 2 * congress, month, day).isoformat()
