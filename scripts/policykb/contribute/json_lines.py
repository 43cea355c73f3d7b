"""Records as JSON Lines (https://jsonlines.org/), both ways: one object a line, with the keys of the file of a record.

`record` is the kind and `id` the id. In lines that are read, `add` has items for lists of the record by key, and null
removes a key.
"""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from policykb.contribute import drafts, reading
from policykb.contribute.batch import Batch, Origin
from policykb.files.catalogue import NAMED_BY
from policykb.model.problems import ConflictError, InvalidInputError, Problem, nearest, shown
from policykb.model.records import RECORDS

EXAMPLE = '{"record": "topic", "id": "rents", "name": "Rents"}'


def line(kind: str, record_id: str, content: Mapping[str, Any]) -> str:
    """Return a record as a line."""
    return json.dumps({"record": kind, "id": record_id, **content}, ensure_ascii=False)


def apply(batch: Batch, data: bytes, name: str) -> list[Problem]:
    """Put the records of `data`, a file that messages call `name`, into `batch`; return what is wrong with them.

    :raises SourceError: if it is empty, too large or not UTF-8.
    """
    problems: list[Problem] = []
    lines: list[tuple[Origin, dict[str, Any]]] = []
    for number, text in enumerate(reading.decoded(data, name).split("\n"), 1):
        if not text.strip():
            continue
        try:
            origin = Origin(name, number)
            lines.append((origin, _content(text, origin)))
        except ConflictError as error:
            problems += error.problems
    batch.coming |= {str(content.get("id")) for _, content in lines}
    makers: dict[tuple[str, str], int] = {}
    for origin, content in lines:
        try:
            _refuse_second(content, makers, origin)
            _apply_line(batch, content, origin)
        except ConflictError as error:
            problems += error.problems
    problems.sort(key=lambda problem: problem.line)
    return list(dict.fromkeys(problems))  # a file that is not valid is named once


def _refuse_second(content: dict[str, Any], makers: dict[tuple, int], origin: Origin) -> None:
    """Raise ConflictError if a line makes a record that a line before it makes; `makers` has their numbers.

    A line makes a record if it has its kind and its title or name. A line without them edits the record.
    """
    kind, record_id = content.get("record"), content.get("id")
    if not isinstance(kind, str) or NAMED_BY.get(kind, "to") not in content:
        return
    first = makers.setdefault((kind, str(record_id)), origin.line)
    if first != origin.line:
        message = f"'{shown(record_id)}' is already on line {first}"
        raise _wrong(origin, "K205", "id", message, "one line for each record")


def _apply_line(batch: Batch, content: dict[str, Any], origin: Origin) -> None:
    """Put the record of a line into `batch`. :raises ConflictError: with what is wrong with it."""
    kind, record_id = content.pop("record", ""), content.pop("id", None)
    add = content.pop("add", {})
    if kind and kind not in RECORDS:
        message = f"'{shown(kind)}' is not a kind of record"
        expected, near = f"one of {', '.join(RECORDS)}", nearest(str(kind), RECORDS)
        raise _wrong(origin, "K203", "record", message, expected, near)
    if not isinstance(record_id, str):
        expected = f"the id of the record, as in {EXAMPLE}"
        raise _wrong(origin, "K202", "id", "is missing or is not text", expected)
    if not isinstance(add, dict):
        message, expected = "is not an object", 'items by list: {"topics": ["open-weights"]}'
        raise _wrong(origin, "K203", "add", message, expected)
    try:
        if drafts.wrong_id(record_id):
            kinds = (kind,) if kind else ()
            record_id = batch.references.known(record_id, kinds) or record_id
        batch.put(record_id, content, add, kind, origin)
    except InvalidInputError as error:
        if not kind:
            hint = '; a new record needs its kind, as in "record": "action"'
        elif record_id in batch.catalogue or drafts.wrong_id(record_id):
            hint = ""
        else:
            hint = f"; a new {kind} needs '{NAMED_BY.get(kind, 'to')}'"
        raise _wrong(origin, "R301", "id", f"{error}{hint}") from None


def _content(text: str, origin: Origin) -> dict[str, Any]:
    """Return the object of a line."""
    try:
        content = json.loads(text, object_pairs_hook=_object, parse_constant=_refuse_number)
    except json.JSONDecodeError as error:
        message = f"is not JSON in column {error.colno}: {error.msg}"
        raise _wrong(origin, "K203", "", message, f"one object a line, as {EXAMPLE}") from None
    except (ValueError, RecursionError) as error:
        reason = shown(str(error), 200)
        raise _wrong(origin, "K203", "", f"is not JSON that can be read: {reason}") from None
    if not isinstance(content, dict):
        message = f"'{shown(content)}' is not a JSON object"
        raise _wrong(origin, "K203", "", message, f"one object a line, as {EXAMPLE}")
    return content


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        key = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise ValueError(f"the key '{key}' is there twice")
    return content


def _refuse_number(constant: str) -> None:
    raise ValueError(f"JSON has no number {constant}")


def _wrong(
    origin: Origin, code: str, key: str, message: str, expected: str = "", near: str = ""
) -> ConflictError:
    return ConflictError(
        [Problem(origin.path, origin.line, code, key, message, expected=expected, nearest=near)]
    )
