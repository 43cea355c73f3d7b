"""A record as a source elsewhere gives it, before it is compared with the records here.

A reader turns the bytes of one source into proposals; it knows that source's form and nothing of files under policies/.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from policykb.model.problems import SourceError


class Proposal(NamedTuple):
    """One record that a source describes.

    `kind` is action, document or organization. `keys` are what it is recognized by, the surest first: identifier scheme and
    value for an action, `doi` or `url` and value for a document, `name` and value for an organization. `id` is the id it
    would get here, if it is new. `content` are keys and values as in its file; what no source can know (the effect, a
    summary in our words) is absent.

    Where a file has the id of another record, a reader that cannot know it writes `scheme:value` instead, with a key of
    that record: `action = "eo:13771"`, `document = "url:https://..."`, `organization = "name:Federal Trade Commission"`,
    `jurisdiction = "code:US-TX"` (ISO 3166). It is looked up among the records that exist and those proposed in the same
    run. An id of another proposal of the run may be used too. `unresolved` is what the source says that has no place in
    `content`, in words and with its values.

    `speaker` is the key of the record that says it, if that is not the record described: a correction, or an order that
    revokes an order. Such a proposal adds to a record that is here and never makes a new one.
    """

    kind: str
    keys: tuple[tuple[str, str], ...]
    id: str
    content: dict[str, Any]
    unresolved: tuple[str, ...] = ()
    speaker: str = ""


class Refusal(NamedTuple):
    """A record that cannot be read: its file, what it is called there, and what is wrong with it."""

    file: str
    record: str
    reason: str


# What to do with a record that cannot be read: it gets what the record is called, and what is wrong with it.
Refuse = Callable[[str, SourceError], None]


def stop(record: str, error: SourceError) -> None:
    """Raise `error`: one record that cannot be read ends the reading."""
    raise error


# A function of the bytes of a source, what messages call it, and what to do with a record that cannot be read (default:
# `stop`). It gives the records in the order of the source, or raises SourceError if it cannot be read as a whole.
Reader = Callable[..., Iterator[Proposal]]
