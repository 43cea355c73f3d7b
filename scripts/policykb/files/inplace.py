"""Edits made in the text of a file: comments, order and layout of everything else stay.

Values are set and short lists are added to with tomlkit; a `[[table]]` is put in as text, so that the comment above the
next one stays above it. What comes out is compared with what was meant.
"""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import rtoml
import tomlkit
from pydantic import BaseModel
from tomlkit.exceptions import TOMLKitError

from policykb.files import layout
from policykb.files.layout import INLINE, Unlike, canonical_all, part_of, table, value
from policykb.files.positions import positions
from policykb.model import event_ids


class Edit(NamedTuple):
    """One change of a record: `value` is set at `pointer`, or put into the list there before `place` (None: set).

    Values are as in a file, with days as text.
    """

    pointer: tuple
    value: Any
    place: int | None = None


def plain(value: Any) -> Any:
    """`value` as read from TOML with days as text."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, datetime.date | datetime.time) else value


def alike(one: Any, other: Any) -> bool:
    """Whether two values say the same: white space in text and keys without a value do not count."""
    return _even(one) == _even(other)


def _even(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: _even(inner) for key, inner in value.items() if inner not in (None, [], {}, "")
        }
    if isinstance(value, list):
        return [_even(inner) for inner in value]
    return " ".join(value.split()) if isinstance(value, str) else value


def identified(text: str) -> str:
    """Return `text`, the file of an action, with an id for each event that has none, and its place as a former id.

    Where the layout is too unusual for that, `text` comes back as it is.
    """
    meant = rtoml.loads(text)
    made = event_ids.new_ids(event_ids.names(meant.get("events", ())))
    if not made:
        return text
    for place, (name, _, former) in made.items():
        meant["events"][place] |= {"id": name, "former_ids": list(former)}
    try:
        after = _with_names(text, made)
    except (TOMLKitError, LookupError):
        return text
    return after if alike(rtoml.loads(after), meant) else text


def _with_names(text: str, made: Mapping[int, event_ids.Names]) -> str:
    """Return `text` with the keys `id` and `former_ids` in events, by place: behind the header of a table, or in an inline table."""
    document = tomlkit.parse(text)
    events = document["events"]
    headed: dict[int, str] = {}
    for place, (name, _, former) in made.items():
        keys = {"id": name} | ({"former_ids": list(former)} if former else {})
        if isinstance(events, tomlkit.items.AoT):
            # A key that tomlkit adds goes to the end of the table, behind tables inside it.
            headed[place] = tomlkit.dumps({k: v for k, v in keys.items() if k not in events[place]})
            keys = {key: value for key, value in keys.items() if key in events[place]}
        events[place].update(keys)
    text = document.as_string()
    places, rows = positions(text.encode()).lines, text.splitlines(keepends=True)
    for place, block in headed.items():
        rows[places["events", place] - 1] += block
    return "".join(rows)


def edited_all(
    edits: Mapping[str, tuple[type[BaseModel], str, Sequence[Edit], Mapping[str, Any]]],
) -> dict[str, str]:
    """For each file (its record type, its text, the edits, the content meant) the text after the edits, by its name.

    A text that was in canonical layout is so again; all are made so at once.
    :raises Unlike: if a text would not say what was meant.
    """
    done = {name: edited(kind, before, made) for name, (kind, before, made, _) in edits.items()}
    tidy = canonical_all(
        {
            f"{when} {name}": text
            for name in done
            for when, text in (("was", edits[name][1]), ("is", done[name]))
        }
    )
    for name in done:
        if tidy[f"was {name}"] == edits[name][1]:
            done[name] = tidy[f"is {name}"]
        if not alike(plain(rtoml.loads(done[name])), edits[name][3]):
            raise Unlike(
                f"{name}: the edit cannot be made in this layout; write its lists of tables as [[events]] and keys one a line"
            )
    return done


def edited(kind: type[BaseModel], text: str, edits: Sequence[Edit]) -> str:
    """`text`, the file of a record of type `kind`, after `edits`; its layout is not yet made canonical."""
    document = layout.document(text)
    for edit in edits:
        name = edit.pointer[0]
        if edit.place is None:
            _set(document, kind, edit)
        elif (
            isinstance(document[name], tomlkit.items.AoT)
            if name in document
            else part_of(kind, name) and name not in INLINE
        ):
            document = layout.document(_with_table(document.as_string(), kind, edit))
        else:
            _insert(document, kind, edit)
    return document.as_string()


def _set(document: tomlkit.TOMLDocument, kind: type[BaseModel], edit: Edit) -> None:
    target: Any = document
    for part in edit.pointer[:-1]:
        if isinstance(part, str):
            if part not in target:
                target[part] = tomlkit.table()
            kind = part_of(kind, part) or kind
        target = target[part]
    name = edit.pointer[-1]
    held = edit.value
    made = part_of(kind, name)
    target[name] = (
        table(made, held)
        if made and isinstance(held, Mapping) and target is document
        else value(kind, name, held)
    )


def _insert(document: tomlkit.TOMLDocument, kind: type[BaseModel], edit: Edit) -> None:
    name = edit.pointer[0]
    item = value(kind, name, [edit.value])[0]
    if name not in document:
        document[name] = tomlkit.array()
    document[name].insert(edit.place, item)


def _with_table(text: str, kind: type[BaseModel], edit: Edit) -> str:
    """`text` with the item of `edit` as a `[[table]]` before the one at its place, and before the comment above that one."""
    name = edit.pointer[0]
    made = tomlkit.document()
    listed = tomlkit.aot()
    listed.append(table(part_of(kind, name), edit.value))
    made[name] = listed
    block = made.as_string().strip("\n")
    places = positions(text.encode()).lines
    rows = text.splitlines(keepends=True)
    if (name, edit.place) in places:
        row = places[name, edit.place] - 1
    else:
        last = max((place for pointer, place in places.items() if pointer[0] == name), default=None)
        later = [
            place
            for pointer, place in places.items()
            if last and place > last and pointer[0] != name
        ]
        row = min(later) - 1 if later else len(rows)
    while row < len(rows) and row and rows[row - 1].lstrip().startswith("#"):
        row -= 1
    before, after = "".join(rows[:row]).rstrip("\n"), "".join(rows[row:])
    return (
        (f"{before}\n\n" if before else "") + block + "\n" + (f"\n{after}" if after.strip() else "")
    )
