"""Edits of TOML files, and the text of new ones.

An edit changes only its own bytes, so all other comments, order and layout stay. The canonical layout is that of the
formatter Tombi without settings, which editors use too; a new file has its keys in the order of the record types.
"""

import copy
import datetime
import os
import re
import shutil
import subprocess
import sysconfig
import tempfile
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple, get_args, get_origin

from policykb.files.positions import Node, Pointer, Positions, members
from policykb.files.reader import keys_and_values
from policykb.model import dates, event_ids
from policykb.model.fields import Part, describe
from policykb.model.parts import EMPTY
from policykb.model.problems import InvalidInputError, NotInstalledError
from policykb.model.records import FOLDERS, TABLES, About, Action

WIDTH = 100
MISSING: Any = object()
Content = dict[str, Any]
# A record type; `dict[str, Topic]` for a file of many records by id.
RecordType = type
# Replacements of bytes: start, end, new text.
Splices = list[tuple[int, int, str]]


class LayoutError(InvalidInputError):
    """The layout of the file does not allow the edit; the file is unchanged."""


class Edit(NamedTuple):
    """A change of the data in a file at the keys and places (from 0) of `at`.

    It writes `value`, with days as text or dates, or removes what is there if there is no value. `insert` writes it
    before the item at that place of a list, or as the first key of a table. `name` renames the key.
    """

    at: Pointer
    value: Any = MISSING
    insert: bool = False
    name: str = ""


class Draft:
    """The content of a file while it is edited, and the edits so far."""

    def __init__(self, content: Content) -> None:
        self.content = content
        self.edits: list[Edit] = []

    def at(self, pointer: Sequence) -> Any:
        """Return the value at `pointer`."""
        return _at(self.content, pointer)

    def make(self, edit: Edit) -> None:
        """Make an edit, and missing lists and tables on the way to it."""
        # Copies, since later edits of the content may change the value.
        if edit.value is not MISSING:
            edit = edit._replace(value=copy.deepcopy(edit.value))
        self.edits.append(edit)
        _change(self.content, edit, copy.deepcopy(edit.value))


def _at(place: Any, pointer: Sequence) -> Any:
    for step in pointer:
        place = place[step]
    return place


def _change(content: Content, edit: Edit, value: Any) -> None:
    """Make `edit` in plain data."""
    place: Any = content
    for step, following in zip(edit.at, edit.at[1:], strict=False):
        if isinstance(place, dict) and step not in place:
            place[step] = [] if isinstance(following, int) else {}
        place = place[step]
    last = edit.at[-1]
    if edit.name:
        if edit.name in place:
            raise LookupError(f"the key '{edit.name}' already exists")
        items = [(edit.name if key == last else key, item) for key, item in place.items()]
        place.clear()
        place.update(items)
    elif edit.value is MISSING:
        del place[last]
    elif edit.insert and isinstance(last, int):
        place.insert(last, value)
    else:
        place[last] = value


# Reading


def values(text: str) -> Content:
    """Return the data in a TOML text, with days as text.

    :raises ValueError, RecursionError: if it is not TOML.
    """
    return plain(keys_and_values(text))


def plain(value: Any) -> Any:
    """Return `value` with days as text."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, datetime.date | datetime.time) else value


def alike(value: Any, other: Any) -> bool:
    """Return whether two values are equal apart from white space in text and keys without a value."""
    return filled(value, spaces=False) == filled(other, spaces=False)


def filled(value: Any, spaces: bool = True) -> Any:
    """Return `value` without keys that have no value, and without extra white space unless `spaces`."""
    if isinstance(value, dict):
        items = {key: filled(inner, spaces) for key, inner in value.items()}
        return {key: inner for key, inner in items.items() if inner not in EMPTY}
    if isinstance(value, list):
        return [filled(inner, spaces) for inner in value]
    return " ".join(value.split()) if isinstance(value, str) and not spaces else value


def record_type(kind: str) -> RecordType:
    """Return the type of the files of a kind: a record type, or a table of records by id."""
    if kind in FOLDERS:
        return FOLDERS[kind][0]
    return dict[str, TABLES[kind][0]] if kind in TABLES else About


# Editing


def apply(text: str, record: RecordType, edits: Sequence[Edit]) -> str:
    """Return `text`, a file of type `record`, after `edits`.

    :raises LayoutError: if it is not TOML, or if the result would not have the data that the edits describe.
    """
    try:
        expected = keys_and_values(text)
        data = text.replace("\r\n", "\n").encode()
        for batch in _batches(expected, edits):
            layout = _Layout(data, record)
            data = _spliced(data, [splice for edit in batch for splice in layout.splices(edit)])
            for edit in batch:
                _change(expected, edit, _as_read(record, edit))
        after = data.decode()
        # A list without items may be written as no list.
        fits = filled(keys_and_values(after)) == filled(expected)
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise LayoutError(f"the file cannot be edited: {error}") from error
    if not fits:
        message = "the file cannot be edited in this layout; write lists of tables as [[events]], and one key a line"
        raise LayoutError(message)
    return after.replace("\n", "\r\n") if "\r\n" in text else after


def apply_all(files: Mapping[str, tuple[str, RecordType, Sequence[Edit]]]) -> dict[str, str]:
    """Return each file (text, type, edits) after its edits, in canonical layout if it had that layout before.

    :raises LayoutError: if one of them cannot be edited.
    """
    texts: dict[tuple[str, bool], str] = {}
    for name, file in files.items():
        texts[name, False] = file[0]
        try:
            texts[name, True] = apply(*file)
        except LayoutError as error:
            raise LayoutError(f"{name}: {error}") from error
    formatted = canonical(texts)
    return {
        name: (formatted if formatted[name, False] == texts[name, False] else texts)[name, True]
        for name in files
    }


def with_event_ids(text: str) -> str:
    """Return `text`, the file of an action, with an id for each event without one, and its place as a former id.

    If the layout does not allow it, return `text` unchanged.
    """
    names = event_ids.new_ids(event_ids.names(values(text).get("events", ())))
    edits: list[Edit] = []
    for place, (name, _, former) in names.items():
        edits.append(Edit(("events", place, "id"), name, insert=True))
        if former:
            edits.append(Edit(("events", place, "former_ids"), list(former), insert=True))
    try:
        return apply(text, Action, edits) if edits else text
    except LayoutError:
        return text


def _batches(content: Content, edits: Sequence[Edit]) -> Iterator[list[Edit]]:
    """Yield runs of edits that do not move each other's places, since finding places costs most.

    `content` must be the data before each run.
    """
    batch: list[Edit] = []
    places: set[Pointer] = set()
    steps: set[Pointer] = set()  # that lead to the places
    for edit in edits:
        lead = [edit.at[:length] for length in range(1, len(edit.at) + 1)]
        alone = _moves_others(content, edit)
        if batch and (alone or edit.at in steps or not places.isdisjoint(lead)):
            yield batch
            batch, places, steps = [], set(), set()
        batch.append(edit)
        places.add(edit.at)
        steps.update(lead)
        if alone:
            yield batch
            batch, places, steps = [], set(), set()
    if batch:
        yield batch


def _moves_others(content: Content, edit: Edit) -> bool:
    """Return whether an edit changes where other pointers lead, or needs a new table."""
    if edit.name or edit.value is MISSING or (edit.insert and isinstance(edit.at[-1], int)):
        return True
    try:
        _at(content, edit.at[:-1])
    except LookupError:
        return True
    return False


def _as_read(record: RecordType, edit: Edit) -> Any:
    """Return the value of an edit as a reader of the new file gets it."""
    if edit.value is MISSING:
        return MISSING
    return keys_and_values(f"x = {_literal(edit.value, *_types(record, edit.at))}")["x"]


def _spliced(data: bytes, splices: Splices) -> bytes:
    pieces, last = [], 0
    # Splices at the same place keep their order.
    for start, end, text in sorted(splices, key=lambda splice: splice[:2]):
        pieces += [data[last:start], text.encode()]
        last = end
    return b"".join([*pieces, data[last:]])


class _Block(NamedTuple):
    """The bytes of a [table]: the start of the comment above it (`top`), its start, and the start of the next block."""

    top: int
    start: int
    end: int


class _Layout:
    """The layout of a file, which determines the splices for an edit."""

    def __init__(self, data: bytes, record: RecordType) -> None:
        self.data, self.record, self.where = data, record, Positions(data)

    def splices(self, edit: Edit) -> Splices:
        """Return the splices that make `edit`."""
        at, value = edit.at, edit.value
        if edit.name:
            nodes = self.where.keys[at]
            return [(node.start_byte, node.end_byte, _key(edit.name)) for node in nodes]
        if value is MISSING:
            return self._removal(at)
        if isinstance(at[-1], int) and edit.insert:
            return self._new_item(at, value)
        if node := self.where.values.get(at):
            return [(node.start_byte, node.end_byte, self._literal(at, value))]
        if at in self.where.lines:
            start = self._blocks(at)[0].start
            return [(start, start, _block(self.record, at, value) + "\n"), *self._removal(at)]
        return self._new_key(edit)

    def _literal(self, at: Pointer, value: Any) -> str:
        return _literal(value, *_types(self.record, at))

    def _new_key(self, edit: Edit) -> Splices:
        *above, key = edit.at
        parent = tuple(above)
        if not parent and _is_block(self.record, key, edit.value):
            return self._new_block(len(self.data), _block(self.record, edit.at, edit.value))
        pair = f"{_key(key)} = {self._literal(edit.at, edit.value)}"
        if node := self.where.values.get(parent):
            return self._new_member(node, 0 if edit.insert else len(members(node)), pair)
        if parent not in self.where.tables:
            return self._new_key(Edit(parent, {key: edit.value}))
        table = self.where.tables[parent]
        place = self._end_of_header(table) if edit.insert else self._end_of_pairs(table)
        return [(place, place, f"\n{pair}" if place else f"{pair}\n\n")]

    def _new_item(self, at: Pointer, value: Any) -> Splices:
        *above, place = at
        items = tuple(above)
        if node := self.where.values.get(items):
            return self._new_member(node, place, self._literal(at, value))
        if items not in self.where.lines:
            return self._new_key(Edit(items, [value]))
        block = _block(self.record, items, [value])
        if at in self.where.tables:
            top = self._blocks(at)[0].top
            return [(top, top, f"{block}\n")]
        return self._new_block(self._blocks(items)[-1].end, block)

    def _new_block(self, place: int, block: str) -> Splices:
        """Insert a block at `place`, with an empty line before and after it."""
        start = place
        while self.data[start - 1 : start] == b"\n":
            start -= 1
        rest = "\n" if place < len(self.data) else ""
        return [(start, place, ("\n\n" if start else "") + block + rest)]

    def _new_member(self, node: Node, place: int, text: str) -> Splices:
        """Insert an item into an array, or a pair into an inline table, on a separate line if its neighbor has one."""
        items = members(node)
        if not items:
            return [(node.start_byte + 1, node.start_byte + 1, text)]
        if place < len(items):
            start = items[place].start_byte
            indent = self._indent(start)
            if indent is None:
                return [(start, start, f"{text}, ")]
            top = self._top(start, items[place - 1].end_byte if place else node.start_byte)
            return [(top, top, f"{indent}{text},\n")]
        last = items[-1]
        comma = _comma(last)
        end = self._end_of_line((comma or last).end_byte)
        if end >= node.end_byte:
            return [(last.end_byte, last.end_byte, f", {text}")]
        line = f"\n{self._indent(last.start_byte) or '  '}{text}"
        if comma:
            return [(end, end, f"{line},")]
        return [(last.end_byte, last.end_byte, ","), (end, end, line)]

    def _removal(self, at: Pointer) -> Splices:
        """Remove the block with its content, the lines of the pair, or the item with its comma at `at`."""
        node = self.where.values.get(at)
        if not node:
            written = (*self.where.values, *self.where.tables)
            if not any(pointer[: len(at)] == at for pointer in written):
                return []  # a list whose last block an earlier edit removed
            return [(block.start, block.end, "") for block in self._blocks(at)]
        if node.parent.type == "pair":
            node = node.parent
        last = (_comma(node) or node).end_byte
        end = self._end_of_line(last)
        rest = self.data[last:end].strip()
        if self._indent(node.start_byte) is not None and (not rest or rest.startswith(b"#")):
            return [(self._start_of_line(node.start_byte), end + 1, "")]
        siblings = members(node.parent)
        place = siblings.index(node)
        if place + 1 < len(siblings):
            return [(node.start_byte, siblings[place + 1].start_byte, "")]
        return [(siblings[place - 1].end_byte if place else node.start_byte, last, "")]

    def _blocks(self, at: Pointer) -> list[_Block]:
        """Return the blocks at `at` and inside it.

        :raises LookupError: if there is none, since the data is written in another way.
        """
        nodes = list(self.where.tables.values())
        tops = [
            self._top(node.start_byte, self._end_of_pairs(before))
            for before, node in pairwise(nodes)
        ]
        blocks = [
            _Block(top, node.start_byte, end)
            for (pointer, node), top, end in zip(
                self.where.tables.items(), [0, *tops], [*tops, len(self.data)], strict=True
            )
            if pointer[: len(at)] == at
        ]
        if not blocks:
            raise LookupError(f"{'.'.join(map(str, at))} is written in several places")
        return blocks

    def _top(self, start: int, floor: int) -> int:
        """Return the start of the comment lines directly above the line of `start`, not before `floor`."""
        lines = self.data[floor : self._start_of_line(start)]
        return floor + re.search(rb"(^[ \t]*#.*\n)*\Z", lines, re.MULTILINE).start()

    def _end_of_header(self, table: Node) -> int:
        return 0 if table.parent is None else self._end_of_line(table.named_children[0].end_byte)

    def _end_of_pairs(self, table: Node) -> int:
        """Return the end of the line of the last pair of a table, or of its header."""
        pairs = members(table)
        return self._end_of_line(pairs[-1].end_byte) if pairs else self._end_of_header(table)

    def _indent(self, place: int) -> str | None:
        """Return the white space before `place` on its line; None if other text precedes it."""
        before = self.data[self._start_of_line(place) : place]
        return None if before.strip() else before.decode()

    def _start_of_line(self, place: int) -> int:
        return self.data.rfind(b"\n", 0, place) + 1

    def _end_of_line(self, place: int) -> int:
        end = self.data.find(b"\n", place)
        return len(self.data) if end < 0 else end


def _comma(node: Node) -> Node | None:
    """Return the comma after an item, or None."""
    after = node.next_sibling
    while after is not None and after.type == "comment":
        after = after.next_sibling
    return after if after is not None and after.type == "," else None


# Writing


def compose(record: RecordType, content: Mapping[str, Any]) -> str:
    """Return the text of a new file of type `record`, in canonical layout. Events without an id get one."""
    return compose_all({"": (record, content)})[""]


def compose_all(files: Mapping[str, tuple[RecordType, Mapping[str, Any]]]) -> dict[str, str]:
    """Return the texts of many new files by name, as `compose` does. `files` has their types and contents."""
    return canonical({name: composed(*file) for name, file in files.items()})


def composed(record: RecordType, content: Mapping[str, Any]) -> str:
    """Return the text of a new file as `compose` does, but not in canonical layout, which takes a program."""
    if record is Action and content.get("events"):
        content = {**content, "events": event_ids.with_ids(content["events"])}
    keys = _keys(record, content)
    blocks = [key for key in keys if _is_block(record, key, content[key])]
    blocks.sort(key=lambda key: isinstance(content[key], list))  # lists come after tables
    pairs = _pairs(record, {key: content[key] for key in keys if key not in blocks})
    texts = (_block(record, (key,), content[key]) for key in blocks)
    return "\n".join(filter(None, (pairs, *texts)))


def _is_block(record: RecordType, key: str, value: Any) -> bool:
    """Return whether a file has the value of a key as a [table] or as [[items]]."""
    if get_origin(record) is dict:
        return True
    part = _part(record, key)
    if isinstance(value, list):
        return bool(value and part and not part.inline)
    return isinstance(value, Mapping) and not (part and part.inline)


def _block(record: RecordType, at: Pointer, value: Any) -> str:
    """Return the TOML of `value` as a [table] or as [[items]]."""
    header = ".".join(_key(step) for step in at if isinstance(step, str))
    part = _types(record, at)[2]
    if isinstance(value, list) and any(isinstance(item, str) for item in value):
        raise ValueError(f"a text cannot be added to [[{header}]]; write {header} = [...]")
    if isinstance(value, list):
        return "\n".join(f"[[{header}]]\n{_pairs(part, item)}" for item in value)
    return f"[{header}]\n{_pairs(part, value)}"


def _pairs(record: RecordType, content: Mapping[str, Any]) -> str:
    return "".join(
        f"{_key(key)} = {_literal(content[key], record, key)}\n" for key in _keys(record, content)
    )


def _keys(record: RecordType, content: Mapping[str, Any]) -> list[str]:
    """Return the keys of `content` that have a value, in the order of the type; unknown keys come last."""
    fields = () if get_origin(record) is dict else describe(record)
    known = [name for name in fields if name in content]
    others = [name for name in content if name not in fields]
    return [name for name in [*known, *others] if content[name] not in EMPTY]


def _part(owner: RecordType, key: str) -> type[Part] | None:
    """Return the type of the parts under `key` of `owner`, or None if it holds plain values."""
    field = describe(owner).get(key)
    return field.part if field else None


def _types(record: RecordType, at: Pointer) -> tuple[RecordType, str, RecordType]:
    """Return the type of the table with the last key of `at`, that key, and the type of the part there.

    An item of a list, and a record in a table file, have no key ("").
    """
    owner, key, part = Part, "", record
    if get_origin(record) is dict:
        part, at = get_args(record)[1], at[1:]
    for step in at:
        owner, key = (part, step) if isinstance(step, str) else (Part, "")
        if key:
            part = _part(owner, key) or Part
    return owner, key, part


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _quoted(name)


def _literal(value: Any, owner: RecordType, key: str, part: RecordType | None = None) -> str:
    """Return the TOML of `value` under `key` of `owner`: full days as dates, long text on several lines."""
    part = part or _part(owner, key) or Part
    if isinstance(value, Mapping):
        pairs = (
            f"{_key(name)} = {_literal(value[name], part, name)}" for name in _keys(part, value)
        )
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list):
        items = [_literal(item, Part, "", part) for item in value]
        line = f"[{', '.join(items)}]"
        # The formatter keeps an array on one line, and an array with one item on each line.
        lines = "".join(f"  {item},\n" for item in items)
        return line if len(line) <= WIDTH else f"[\n{lines}]"
    if isinstance(value, str):
        return _text_literal(value, owner, key)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _text_literal(value: str, owner: RecordType, key: str) -> str:
    field = describe(owner).get(key)
    if field and field.dated and dates.is_day(value):
        return value
    long = field and field.kind == "text" and len(value) > WIDTH + 20
    if key and ("\n" in value or long):
        # TOML ignores the line break right after the quotes.
        return f'"""\n{_escaped(_wrapped(value), quotes=3)}\n"""'
    return _quoted(value)


def _quoted(value: str) -> str:
    return f'"{_escaped(value, quotes=1)}"'


_ESCAPES = {"\\": "\\\\", '"': '\\"', '"""': '""\\"', "\t": "\\t", "\n": "\\n"}


def _escaped(text: str, quotes: int) -> str:
    pattern = rf'[\x00-\x09\x0b-\x1f\x7f\\]|"{{{quotes}}}' + ("|\n" if quotes == 1 else "")
    return re.sub(pattern, lambda match: _ESCAPES.get(match[0]) or f"\\u{ord(match[0]):04x}", text)


def _wrapped(text: str) -> str:
    """Return `text` with its paragraphs broken into lines, except paragraphs with Markdown marks at the start of a line."""
    paragraphs = re.split(r"\n\s*\n", text.strip())
    return "\n\n".join(
        part
        if re.search(r"^\s*([-*+>|#]|\d+[.)])\s|^\s{4}|  $", part, re.MULTILINE)
        else textwrap.fill(part, WIDTH, break_long_words=False, break_on_hyphens=False)
        for part in paragraphs
    )


# Layout


def canonical(texts: Mapping[Any, str]) -> dict[Any, str]:
    """Return each of `texts` in the canonical layout, or unchanged if it is not TOML or a value would change.

    The formatter starts once for all texts, since starting it costs most.
    :raises OSError: if the formatter is missing or does not end.
    """
    if not texts:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        places = {name: Path(folder, f"{number}.toml") for number, name in enumerate(texts)}
        for name, place in places.items():
            place.write_text(texts[name], encoding="utf-8", newline="\n")
        _format(folder)
        formatted = {name: place.read_text(encoding="utf-8") for name, place in places.items()}
    return {
        name: text if text != texts[name] and _same(text, texts[name]) else texts[name]
        for name, text in formatted.items()
    }


def _format(folder: str) -> None:
    formatter = shutil.which("tombi", path=sysconfig.get_path("scripts")) or shutil.which("tombi")
    if not formatter:
        raise NotInstalledError("tombi", "edit")
    # An empty home excludes settings of the user.
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": folder,
        "XDG_CONFIG_HOME": folder,
        "XDG_CACHE_HOME": folder,
        "NO_COLOR": "1",
    }
    try:
        subprocess.run(
            [formatter, "format", "--offline", "--quiet", "."],
            cwd=folder,
            env=environment,
            capture_output=True,
            timeout=300,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise OSError("the formatter did not finish") from None


def _same(text: str, other: str) -> bool:
    try:
        return keys_and_values(text) == keys_and_values(other)
    except (ValueError, RecursionError):
        return False
