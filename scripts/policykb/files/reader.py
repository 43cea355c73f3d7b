"""A file under policies/ -> its records, or faults.

Knows nothing of other files, of SQL or of rules for several records. Any bytes give records or faults, never an
exception.
"""

import contextlib
import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import repeat
from operator import attrgetter
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import rtoml
from pydantic import ValidationError, create_model
from pydantic_core import PydanticCustomError

from policykb.files import syntax
from policykb.files.folder import NO_LINKS, NO_WAIT
from policykb.files.positions import Positions
from policykb.model import records, vocabulary
from policykb.model.dates import understood
from policykb.model.fields import Field, Part, describe
from policykb.model.problems import Fault, Problem, nearest, placed, shown

TOML_VERSION = rtoml.__version__
MOST_RECORD_BYTES = 1 << 20
MOST_TABLE_BYTES = 32 << 20
MOST_GUESSES = 100
MOST_LINE = 500  # of a line that is compared with known mistakes
ABOUT = "about.toml"
PENDING = ".pending"  # a folder with the files of a change while it is written
PLAN = "plan.json"  # the list of files in PENDING, from the begin of the change to its end
# A folder with the last answers of official sources, not part of the knowledge.
IMPORTED = ".imported"

# kind -> its record type, and its place under policies/: a file, or a folder for FOLDERS. Tables come before folders,
# since records show names from tables.
KINDS: dict[str, tuple[type[Part], str]] = (
    {"about": (records.About, ABOUT)} | records.TABLES | records.FOLDERS
)
_KIND_AT = {place: kind for kind, (_, place) in KINDS.items()}
_ORDER = {kind: position for position, kind in enumerate(KINDS)}


class FileRef(NamedTuple):
    """A file to read: the kind of its records, the id in its name ('' for a table), its path.

    `proposed` are bytes to read instead of those on disk, to see the effect of a change.
    """

    kind: str
    id: str
    path: str
    absolute: str
    proposed: bytes | None = None


class Parsed(NamedTuple):
    """A record: its kind, id, the path of its file, and the pointer to it in the file. An invalid `record` is None.

    Of an invalid record, `content` has all keys and values, and `wrong` are the keys that are missing, invalid or
    misspelled. A table that cannot be parsed gives a single item with the id ''.
    """

    kind: str
    id: str
    path: str
    prefix: tuple
    record: Part | None
    content: Mapping[str, Any] = MappingProxyType({})
    wrong: frozenset[str] = frozenset()

    def rest(self) -> Part:
        """Return the valid part of an invalid record; a key in `wrong` raises AttributeError and has no default."""
        model = KINDS[self.kind][0]
        content = {key: value for key, value in self.content.items() if key not in self.wrong}
        valid = _reduced(model, self.wrong.intersection(model.model_fields)).model_validate(content)
        rest = model.model_construct(**vars(valid))
        for key in self.wrong:
            vars(rest).pop(key, None)
        return rest


def sources(
    policies: Path, proposed: Mapping[str, bytes | None] | None = None
) -> tuple[list[FileRef], list[Problem]]:
    """Return every file of the knowledge base in the order of kinds and ids, and problems of other entries.

    `proposed` has new contents by path (`policies/actions/<id>.toml`); None removes the file.
    """
    entries = list(_listed(policies))
    problems = [entry for entry in entries if isinstance(entry, Problem)]
    files = [entry for entry in entries if isinstance(entry, FileRef)]
    if not proposed:
        return files, problems
    files = [file for file in files if file.path not in proposed]
    for path, data in proposed.items():
        if data is not None and not remembered(policies, path):
            files.append(named(policies, path)._replace(proposed=data))
    return sorted(files, key=lambda file: (_ORDER[file.kind], file.id)), problems


def named(policies: Path, path: str) -> FileRef:
    """Return the file with the path `path` (`policies/actions/<id>.toml`); it need not exist.

    :raises ValueError: if no file of a knowledge base has this path.
    """
    top, _, rest = path.partition("/")
    folder, _, name = rest.rpartition("/")
    absolute = str(policies / rest)
    if top == policies.name and rest in _KIND_AT and _KIND_AT[rest] not in records.FOLDERS:
        return FileRef(_KIND_AT[rest], "", path, absolute)
    is_named = name.endswith(".toml") and re.fullmatch(records.ID_FORM, name[:-5])
    if top == policies.name and _KIND_AT.get(folder) in records.FOLDERS and is_named:
        return FileRef(_KIND_AT[folder], name[:-5], path, absolute)
    if file := remembered(policies, path):
        return file
    raise ValueError(f"{path!r} is not a file of a knowledge base")


def knowledge(policies: Path, path: str) -> FileRef | None:
    """Return the file with the path `path` if it belongs to the knowledge itself, else None."""
    try:
        file = named(policies, path)
    except ValueError:
        return None
    return None if file.kind == "imported" else file


def remembered(policies: Path, path: str) -> FileRef | None:
    """Return the file with the path `path` if it is one under `policies/.imported`, else None; it need not exist."""
    folders = "|".join(place for _, place in records.FOLDERS.values())
    name = rf"({re.escape(IMPORTED)}/(?:feeds|(?:{folders})/(?P<id>[^/]+))\.json)"
    match = re.fullmatch(f"{re.escape(policies.name)}/{name}", path)
    if not match or (match["id"] and not re.fullmatch(records.ID_FORM, match["id"])):
        return None
    return FileRef("imported", match["id"] or "", path, str(policies / match[1]))


def _listed(policies: Path) -> Iterator[FileRef | Problem]:
    """Yield every file in the order of kinds and ids, and problems of other entries."""
    try:
        entries = {entry.name: entry for entry in os.scandir(policies)}
    except OSError as error:
        yield Problem(policies.name, 0, "S101", "", f"cannot be read: {error.strerror}")
        return
    if PENDING in entries and os.path.lexists(policies / PENDING / PLAN):
        yield unfinished(policies)
    for name in sorted(entries.keys() - _KIND_AT.keys()):
        if not name.startswith("."):
            yield _not_read(policies.name, entries[name])
    if ABOUT not in entries:
        expected = "a file that says what the knowledge base is"
        yield Problem(f"{policies.name}/{ABOUT}", 0, "S101", "", "is missing", expected=expected)
    for kind, (_, place) in KINDS.items():
        path = f"{policies.name}/{place}"
        if place in entries and kind in records.FOLDERS:
            yield from _listed_folder(kind, path, entries[place])
        elif place in entries:
            yield FileRef(kind, "", path, entries[place].path)


def _listed_folder(kind: str, path: str, folder: os.DirEntry) -> Iterator[FileRef | Problem]:
    """Yield the files in the folder of a kind of record."""
    if folder.is_symlink():
        yield Problem(path, 0, "S101", "", "is a link", expected="the folder itself")
        return
    try:
        entries = sorted(os.scandir(folder.path), key=attrgetter("name"))
    except OSError as error:
        yield Problem(path, 0, "S101", "", f"cannot be read: {error.strerror}")
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        file = FileRef(kind, entry.name[:-5], f"{path}/{shown(entry.name, 255)}", entry.path)
        if entry.name.endswith(".toml"):
            yield file
        else:
            yield _not_read(path, entry, kind)


def _not_read(folder: str, entry: os.DirEntry, kind: str = "") -> Problem:
    """Return the problem of an entry of `folder` that is not read, an error if it has records; `kind` is that of the folder."""
    path, near = f"{folder}/{shown(entry.name, 255)}", ""
    message = "is not part of the knowledge base and is not read"
    expected = "files named <id>.toml" if kind else ""
    if not kind:
        near = nearest(entry.name, _KIND_AT)
    if not _has_records(entry):
        return Problem(path, 0, "S106", "", message, expected=expected, nearest=near)
    file = FileRef(kind, Path(entry.name).stem, path, entry.path)
    if entry.is_dir(follow_symlinks=False):
        expected = expected or "a folder of a kind of record"
    elif kind := kind_of(readable(file) or {}) or kind:
        expected, near = records.record_file(kind, file.id), ""
    elif not near:
        folders = ", ".join(f"{folder}/{place}" for _, place in records.FOLDERS.values())
        expected = f"a file named <id>.toml in one of {folders}"
    return Problem(path, 0, "S109", "", "is not read here", expected=expected, nearest=near)


def _has_records(entry: os.DirEntry) -> bool:
    """Return whether an entry is a file of TOML, or a folder that has one."""
    if entry.is_dir(follow_symlinks=False):
        with contextlib.suppress(OSError):
            return any(_is_toml(inner.name) for inner in os.scandir(entry.path))
    return _is_toml(entry.name)


def _is_toml(name: str) -> bool:
    return not name.startswith(".") and name.lower().endswith(".toml")


def kind_of(content: Mapping[str, Any]) -> str:
    """Return the kind of record, among those with a file each, whose required keys `content` has; '' if there is none."""
    return next(
        (
            kind
            for kind, (model, _) in records.FOLDERS.items()
            if all(field.name in content for field in describe(model).values() if field.required)
        ),
        "",
    )


def unfinished(policies: Path) -> Problem:
    """Return the problem of a change that was begun and is not complete."""
    message = (
        "a change of several files was interrupted; some may be as before it and some as after it"
    )
    folder = f"{policies.name}/{PENDING}"
    expected = (
        f"all files as before it or all as after it; without {folder} they stay as they are now"
    )
    return Problem(f"{folder}/{PLAN}", 0, "S107", "", message, expected=expected)


def read(file: FileRef) -> bytes | Fault:
    """Return the bytes of a file, or a fault that says why it cannot be read. Links and special files are not opened."""
    most = MOST_RECORD_BYTES if file.id and file.kind != "imported" else MOST_TABLE_BYTES
    if file.proposed is not None:
        return file.proposed if len(file.proposed) <= most else _too_large(len(file.proposed), most)
    try:
        handle = os.open(file.absolute, os.O_RDONLY | NO_LINKS | NO_WAIT)
    except OSError as error:
        if os.path.islink(file.absolute):
            return Fault("S101", (), "is a link", expected="the file itself")
        return Fault("S101", (), f"cannot be read: {error.strerror}")
    try:
        state = os.fstat(handle)
        if not stat.S_ISREG(state.st_mode):
            return Fault("S101", (), "is not a file", expected="a text file in TOML")
        if state.st_size > most:
            return _too_large(state.st_size, most)
        return os.read(handle, state.st_size)  # to ask for more would take room for it
    except OSError as error:
        return Fault("S101", (), f"cannot be read: {error.strerror}")
    finally:
        os.close(handle)


def _too_large(size: int, most: int) -> Fault:
    return Fault("S102", (), f"has {size:,} bytes", expected=f"at most {most:,}")


def keys_and_values(text: str) -> dict[str, Any]:
    """Return the keys and values of a TOML text. Line ends of Windows are not part of a value.

    :raises ValueError, RecursionError: if it is not TOML.
    """
    return rtoml.loads(text.replace("\r\n", "\n"))


def readable(file: FileRef) -> dict[str, Any] | None:
    """Return the keys and values of a file, which need not be valid; None if it cannot be read."""
    data = read(file)
    try:
        return keys_and_values(data.decode()) if isinstance(data, bytes) else None
    except (ValueError, RecursionError):
        return None


def declared(policies: Path) -> dict[str, tuple]:
    """Return the kinds of effects and the schemes of identifiers that about.toml declares; none if it is not valid."""
    file = named(policies, f"{policies.name}/{ABOUT}")
    data = read(file)
    about = parse(file, data)[0][0].record if isinstance(data, bytes) else None
    kinds = about.effects.kinds if about and about.effects else ()
    terms = tuple(vocabulary.Term(kind.id, kind.label, kind.definition) for kind in kinds)
    return {"effects": terms, "identifier_schemes": about.schemes if about else ()}


def parse(
    file: FileRef, data: bytes, renewed: Callable[[dict], dict] = dict
) -> tuple[list[Parsed], list[Problem]]:
    """Return the records in `data`, and the problems of invalid records. `renewed` turns former keys into those of today."""
    try:
        if mark := syntax.conflict(data):
            return [Parsed(file.kind, file.id, file.path, (), None)], [_conflict(file.path, mark)]
        tables = renewed(keys_and_values(data.decode()))
    except (ValueError, RecursionError) as error:
        return [Parsed(file.kind, file.id, file.path, (), None)], [_syntax(file.path, data, error)]
    parsed: list[Parsed] = []
    faults: list[Fault] = []
    if file.kind in records.TABLES:
        for key, table in tables.items():
            _validate(file, key, (key,), table, parsed, faults)
    else:
        _validate(file, file.id or "about", (), tables, parsed, faults)
    return parsed, locate(file.path, data, faults) if faults else []


def _validate(
    file: FileRef,
    record_id: str,
    prefix: tuple,
    table: object,
    parsed: list[Parsed],
    faults: list[Fault],
) -> None:
    """Add the record in `table` to `parsed`, and its faults to `faults`."""
    model = KINDS[file.kind][0]
    if not records.is_id(record_id):
        faults.append(_no_id(prefix, record_id, f", at most {records.LONGEST_ID}"))
    elif record_id in records.DEVICES:
        message = f"'{record_id}' is a name that Windows cannot store"
        faults.append(Fault("K204", prefix, message, record_id, "another id"))
    item = Parsed(file.kind, record_id, file.path, prefix, None)
    try:
        item = item._replace(record=model.model_validate(table))
    except ValidationError as error:
        if file.id and (other := kind_of(table)) and other != file.kind:
            message = f"has the keys of a record of kind {other}, in the folder of {file.kind}s"
            expected = records.record_file(other, file.id)
            faults.append(Fault("S109", (), message, expected=expected))
            parsed.append(item)
            return
        errors = error.errors(include_url=False)
        own = list(_faults(model, errors, prefix, table))
        faults.extend(_united(model, own, prefix))
        if isinstance(table, dict):
            wrong = {error["loc"][0] for error in errors}
            wrong.update(fault.nearest for fault in own if fault.code == "K201")
            item = item._replace(content=table, wrong=frozenset(wrong))
    parsed.append(item)


@lru_cache(maxsize=64)
def _reduced(model: type[Part], without: frozenset[str]) -> type[Part]:
    """Return `model` without some of its keys."""
    fields = {
        name: (field.annotation, field)
        for name, field in model.model_fields.items()
        if name not in without
    }
    return create_model(model.__name__, __base__=Part, **fields)


def _united(model: type[Part], faults: list[Fault], prefix: tuple) -> Iterator[Fault]:
    """Yield the faults, without a key that is missing because it is misspelled, or written below a table."""
    missing = {fault.pointer for fault in faults if fault.code == "K202"}
    explained: set[tuple] = set()
    united = []
    for fault in faults:
        *within, key = fault.pointer
        if fault.code == "K201":
            explained.add((*within, fault.nearest))
            if (*prefix, key) in missing or (within != list(prefix) and key in describe(model)):
                explained.add((*prefix, key))
                table = ".".join(str(step) for step in within if isinstance(step, str))
                message = f"is below [{table}], and so a key of that table"
                expected = f"{key} above the first [table] of the file"
                fault = fault._replace(message=message, expected=expected, nearest="")
        united.append(fault)
    yield from (item for item in united if item.code != "K202" or item.pointer not in explained)


def _no_id(pointer: tuple, text: str, limit: str = "") -> Fault:
    expected = f"lower-case letters, digits and single hyphens{limit}"
    if not limit and ("://" in text or " " in text.strip()):
        expected = "the id of a record; find it with: policykb list"
    if "://" in text:
        return Fault("K204", pointer, f"'{shown(text)}' is not an id", shown(text), expected)
    near = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[: records.LONGEST_ID].strip("-")
    value = shown(text)
    return Fault("K204", pointer, f"'{value}' is not an id", value, expected, near)


def is_utf_16(data: bytes) -> bool:
    """Return whether `data` begins with the mark of UTF-16, or with two Latin letters in it."""
    return bool(re.match(rb"\xff\xfe|\xfe\xff|\x00[ -~]\x00[ -~]|[ -~]\x00[ -~]\x00", data))


def _syntax(path: str, data: bytes, error: Exception) -> Problem:
    """Return the problem of a file that is not TOML in UTF-8."""
    if isinstance(error, UnicodeDecodeError):
        line = data.count(b"\n", 0, error.start) + 1
        byte = f"byte 0x{data[error.start]:02x} is not UTF-8"
        message = "is UTF-16" if is_utf_16(data) else byte
        return Problem(path, line, "S103", "", message, expected="a text file saved as UTF-8")
    form = r"^(.*?)(?: at line (\d+)(?: column (\d+))?)?$"
    message, line, column = re.search(form, str(error), re.DOTALL).groups()
    key = f"column {column}" if column else ""
    refused = data.decode().replace("\r\n", "\n").split("\n")[int(line or 1) - 1]
    if len(refused) <= MOST_LINE and (advice := syntax.advice(refused, message)):
        near = advice.line if advice.line.isprintable() else ""
        wrong, expected = shown(advice.message, 200), advice.expected
        return Problem(path, int(line), "S104", key, wrong, expected=expected, nearest=near)
    expected = "TOML: key = value, text in quotes, each key once"
    return Problem(path, int(line or 0), "S104", key, shown(message, 200), expected=expected)


def _conflict(path: str, mark: re.Match[bytes]) -> Problem:
    """Return the problem of a file with a merge conflict, which begins with `mark`."""
    line = mark.string.count(b"\n", 0, mark.start()) + 1
    message = f"has a merge conflict ({shown(mark[0].decode(errors='replace'))})"
    expected = "one of the two versions, without the marks"
    return Problem(path, line, "S104", "", message, expected=expected)


def faults(model: type[Part], table: dict, whole: bool = False) -> list[Fault]:
    """Return the faults on the keys and values of `table`, which may lack required keys unless it is `whole`."""
    try:
        model.model_validate(table)
    except ValidationError as error:
        errors = error.errors(include_url=False)
        present = [error for error in errors if whole or error["type"] != "missing"]
        return list(_faults(model, present, (), table))
    return []


def _faults(model: type[Part], errors: list[dict], prefix: tuple, table: object) -> Iterator[Fault]:
    """Yield a fault for each place and code of validation errors; the first faults have the nearest valid value."""
    seen: set[tuple] = set()
    for position, error in enumerate(errors):
        fault = _fault(model, error, prefix, table, guess=position < MOST_GUESSES)
        if (fault.code, fault.pointer) not in seen:
            seen.add((fault.code, fault.pointer))
            yield fault


def _fault(model: type[Part], error: dict, prefix: tuple, table: object, guess: bool) -> Fault:
    """Return the fault for a validation error of pydantic; with the nearest valid value if `guess`."""
    kind, context = error["type"], error.get("ctx", {})
    pointer = _existing(error["loc"], table, keep_last=kind in ("missing", "extra_forbidden"))
    value = shown(error["input"])
    place = (*prefix, *pointer)
    message = error["msg"][0].lower() + error["msg"][1:]
    if kind == "missing":
        return Fault("K202", place, "is missing")
    if kind == "extra_forbidden":
        return _no_key(model, place, pointer, guess)
    if kind == "literal_error":
        return _no_term(place, value, re.findall(r"'([^']*)'", context["expected"]), guess)
    if kind == "string_pattern_mismatch":
        return _misformed(context["pattern"], place, value, error["input"])
    if kind in _TYPES:
        return _wrong_type(model, place, pointer, error)
    if kind == "string_too_short":
        return Fault("K206", place, "is empty", value, "text, or no such key")
    if kind in _LIMITS:
        value = value if kind == "string_too_long" else ""
        return Fault("K206", place, _LIMITS[kind].format(**context), value)
    if re.fullmatch(r"[A-Z]\d{3}", kind):  # the record types raise errors with a code
        expected = context.get("expected", "")
        near = _near_date(error["input"], expected) if kind == "T401" and guess else ""
        if near == value and not isinstance(error["input"], str):
            expected = f'text in quotes: "{near}"'
        if kind == "U601" and "://" in expected:
            near = _near_address(error["input"])
        return Fault(kind, place, f"'{value}' {error['msg']}", value, expected, near)
    return Fault("K203", place, f"'{value}': {message}", value)


# Type of error of pydantic -> what is wrong.
_LIMITS = {
    "string_too_long": "is longer than {max_length:,} characters",
    "too_long": "has more than {max_length:,} items",
    "too_short": "has too few items: it needs at least {min_length:,}",
    "greater_than_equal": "is less than {ge:,}",
}


def _near_date(text: str, expected: str) -> str:
    """Return the date that `text` means, or '' if that is not sure, or not a full day where a day is `expected`."""
    near = understood(text) or ""
    return "" if "full" in expected and len(near) < 10 else near


# Type of error of pydantic -> what was expected.
_TYPES = {
    "list_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
    "string_type": "text in quotes",
    "bool_type": "true or false, without quotes",
}


def _wrong_type(model: type[Part], place: tuple, pointer: tuple, error: dict) -> Fault:
    """Return the fault for a value of another type, with an example of the right form."""
    kind, value = error["type"], error["input"]
    field = _field_at(model, pointer)
    name = next((step for step in reversed(pointer) if isinstance(step, str)), "")
    text, near = shown(value), ""
    expected = _TYPES[kind]
    if kind == "list_type" and isinstance(value, dict):
        block = field and field.part and not field.part.inline
        near = f"[[{name}]]" if block else ""
        expected = f"[[{name}]] above each item" if block else f"a list: {name} = [{{ ... }}]"
        return Fault("K203", place, f"is a single table, not a list of {name}", "", expected, near)
    if kind == "list_type" and isinstance(value, str):
        item = _item(field, value) if field else ""
        near = f"[{item}]" if item else ""
        expected = "a list in brackets"
        if field and field.part:
            expected = f"a list of tables in brackets: {name} = [{_inline_example(field.part)}]"
        elif not near:
            expected += f', such as {name} = ["{shown(value, 40)}"]'
    elif kind in ("model_type", "dict_type") and isinstance(value, list):
        return Fault(
            "K203", place, "is a list", "", f"[{name}] once, with a single pair of brackets"
        )
    elif kind in ("model_type", "dict_type") and field and field.part:
        expected = f"a table: {_inline_example(field.part)}"
        near = _item(field, value) if isinstance(value, str) else ""
    elif kind == "string_type" and isinstance(value, int | float) and not isinstance(value, bool):
        near = str(value)
        expected = f'text in quotes: "{near}"'
    wrong = "is text in quotes" if kind == "bool_type" else f"is not {_TYPES[kind]}"
    return Fault("K203", place, f"'{text}' {wrong}", text, expected, near)


def _item(field: Field, text: str) -> str:
    """Return `text`, which is written instead of an item of `field`, as that item in TOML; '' if it has not one meaning."""
    if not re.fullmatch(r"[^,;\"\\]+", text) or not text.isprintable():
        return ""
    if not field.part:
        return f'"{text}"'
    required = [inner for inner in describe(field.part).values() if inner.required]
    if len(required) == 1 and required[0].reference and records.is_id(text):
        return f'{{ {required[0].name} = "{text}" }}'
    return ""


def _inline_example(part: type[Part]) -> str:
    required = [field for field in describe(part).values() if field.required]
    pairs = ", ".join(f'{field.name} = "..."' for field in required)
    return f"{{ {pairs} }}"


def _field_at(model: type[Part], pointer: Iterable) -> Field | None:
    """Return the field that `pointer` leads to, or the list that its item is in."""
    field = None
    for step in pointer:
        if isinstance(step, str):
            field = describe(model).get(step)
            model = (field and field.part) or model
    return field


def _near_address(text: str) -> str:
    """Return the address that `text` means: with the sign for a blank, and with https; '' if that is not sure."""
    text = text.strip().replace(" ", "%20")
    if re.match(r"www\.[\w.-]+\.\w", text):
        text = f"https://{text}"
    try:
        return records.web_address(text)
    except PydanticCustomError:
        return ""


def _no_key(model: type[Part], place: tuple, pointer: tuple, guess: bool) -> Fault:
    *within, key = pointer
    fields = _fields(model, within)
    message = f"is not a key of {'this table' if within else 'this kind of record'}"
    near = nearest(str(key), fields) if guess else ""
    return Fault("K201", place, message, shown(str(key)), "one of " + ", ".join(fields), near)


def _no_term(place: tuple, value: str, allowed: list[str], guess: bool) -> Fault:
    terms = vocabulary.with_ids(tuple(allowed))
    expected, near = "one of " + ", ".join(allowed), ""
    if guess and terms:
        choices, near = vocabulary.meanings(terms, value), vocabulary.corrected(terms, value)
        other = vocabulary.choice(terms, value)
        expected = f"what the source says: {choices}" if choices else other
    elif guess:
        near = nearest(value, allowed)
    return Fault("V701", place, f"'{value}' is not in the vocabulary", value, expected, near)


# pattern -> the code, what is wrong and what is expected
_FORMS = {
    records.FORMER_FORM: (
        "K204",
        "is not an earlier name of an event",
        "a name such as 'issued' or '4', or that with an action before it: 'an-old-action#issued'",
    ),
    records.LOCATOR_FORM: (
        "C502",
        "is not a locator",
        "a label and a value, such as 'page 12' or 'article 53(2)'",
    ),
}


def _misformed(pattern: str, place: tuple, value: str, text: str) -> Fault:
    if pattern == records.ID_FORM:
        return _no_id(place, text)
    if pattern in _FORMS:
        code, message, expected = _FORMS[pattern]
        near = vocabulary.locator(text) if code == "C502" else ""
        if code == "C502" and re.fullmatch(r"[\d\W]+", text):
            expected = f"a label before it, such as 'page {value}' or 'section {value}'"
        return Fault(code, place, f"'{value}' {message}", value, expected, near)
    if pattern == records.LINE_FORM and "\n" in text:
        return Fault("S105", place, "has a line break", value, "one line")
    if pattern in (records.LINE_FORM, records.TEXT_FORM):
        unsafe = next((char for char in text if not re.match(pattern, char)), " ")
        if unsafe == "\t":
            return Fault("S105", place, "has a tab", value, "blanks", " ".join(text.split()))
        message = f"has U+{ord(unsafe):04X}, a control character or one that hides or reorders text"
        return Fault("S105", place, message, value, "plain text")
    expected = f"text that matches {pattern}"
    return Fault("K203", place, f"'{value}' has the wrong form", value, expected)


def _existing(loc: tuple, table: object, keep_last: bool) -> tuple:
    """Return the parts of `loc` that lead into `table`, without those that pydantic adds for unions and keys."""
    pointer: list = []
    for position, part in enumerate(loc):
        try:
            table = table[part]
        except (KeyError, IndexError, TypeError):
            if keep_last and position == len(loc) - 1:
                pointer.append(part)
            continue
        pointer.append(part)
    return tuple(pointer)


def _fields(model: type[Part], pointer: Iterable) -> list[str]:
    """Return the keys allowed in the table that `pointer` leads to."""
    for part in pointer:
        if isinstance(part, str) and part in describe(model):
            field = describe(model)[part]
            model = field.part or field.table or model
    return list(describe(model))


def locate(path: str, data: bytes, faults: Iterable[Fault]) -> list[Problem]:
    """Return the faults as problems, each at the line of its value, or else of the nearest table around it."""
    faults = list(faults)
    lines = lines_of(data, [fault.pointer for fault in faults])
    return list(map(placed, faults, repeat(path), lines))


def lines_of(data: bytes, pointers: Iterable[tuple]) -> list[int]:
    """Return the line in `data` of each value, or else of the nearest table around it."""
    lines = Positions(data).lines
    return [_line(lines, pointer) for pointer in pointers]


def _line(lines: dict[tuple, int], pointer: tuple) -> int:
    while pointer:
        if pointer in lines:
            return lines[pointer]
        pointer = pointer[:-1]
    return 1
