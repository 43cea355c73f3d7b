"""Regular expressions that editors declare, and the limit of the work that matching takes."""

import math
import re
from collections.abc import Iterator
from re import _constants, _parser

MOST_PATTERN = 200
MOST_VALUE = 100  # characters of a value that is matched
# Three repetitions without a limit; the slowest match then takes about a tenth of a second.
MOST_WAYS = 2_000_000
_REPEATS = (_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT)


def compiled(pattern: str) -> re.Pattern:
    """Return a declared pattern, ready to match values of at most MOST_VALUE characters.

    :raises ValueError: if it is not a regular expression, is too long, sets a flag, or can match a value in too many ways.
    """
    if len(pattern) > MOST_PATTERN:
        raise ValueError(f"has {len(pattern)} characters")
    try:
        form, tree = re.compile(pattern, re.ASCII), _parser.parse(pattern, re.ASCII)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"is not a regular expression: {error}") from None
    if form.flags != re.ASCII:
        raise ValueError("sets a flag")
    if _ways(tree) > MOST_WAYS:
        raise ValueError("can match one value in too many ways")
    return form


def _ways(tree: _parser.SubPattern) -> int:
    """Return a number that is not less than the ways in which `tree` can match a value, or one above MOST_WAYS."""
    ways = 1
    for kind, content in tree:
        inner = [_ways(part) for part in _inside(content)]
        if kind in _REPEATS:
            least, most, part = content[0], min(content[1], MOST_VALUE), content[2]
            if most > 1 and _varies(part):
                return MOST_WAYS + 1
            ways *= inner[0] + 1 if most == 1 else max(most - least, 0) + 1
        elif kind is _constants.BRANCH:
            ways *= sum(inner)
        else:
            ways *= math.prod(inner)
    return min(ways, MOST_WAYS + 1)


def _varies(tree: _parser.SubPattern) -> bool:
    """Return whether a repetition or a choice is in `tree`."""
    return any(
        kind in (*_REPEATS, _constants.BRANCH) or any(map(_varies, _inside(content)))
        for kind, content in tree
    )


def _inside(content: object) -> Iterator[_parser.SubPattern]:
    """Yield the outermost patterns in the content of a part of a pattern."""
    if isinstance(content, _parser.SubPattern):
        yield content
    elif isinstance(content, tuple | list):
        for part in content:
            yield from _inside(part)
