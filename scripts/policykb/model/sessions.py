"""When a Congress of the United States ends, and with it every measure that it has not completed."""

import datetime
import re

from policykb.model.vocabulary import ADOPTED, TERMINAL

# The stages in which the end of a Congress no longer changes anything.
FINAL = TERMINAL | {ADOPTED}


def congress_of(bill: str) -> int:
    """Return the number of the Congress of an identifier of the scheme us_bill: 'hr9925-119' -> 119."""
    return int(re.search(r"\d+$", bill)[0])


def congress_end(congress: int) -> str:
    """Return the day on which the term of `congress` ends, as ISO text: 3 January of every odd year, 4 March until 1933."""
    month, day = (3, 4) if congress < 73 else (1, 3)
    return datetime.date(1789 + 2 * congress, month, day).isoformat()
