"""One file under policies/ -> records, or findings with the line where each value stands.

Reads bytes, TOML and the record types; knows nothing of other files, of SQL or of the rules across records.
Whatever the bytes are, the answer is records or findings, never an exception.
"""

import os
import re
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import rtoml
from pydantic import BaseModel, ValidationError

from policykb.model import vocabulary
from policykb.model.problems import Finding, Problem, nearest, placed, shown
from policykb.model.records import (
    FOLDERS,
    FORMER_FORM,
    ID_FORM,
    LINE_FORM,
    LOCATOR_FORM,
    TABLES,
    TEXT_FORM,
    About,
)

MOST_RECORD_BYTES = 1 << 20
MOST_TABLE_BYTES = 32 << 20
MOST_GUESSES = 100
ABOUT = "about.toml"
PENDING = ".pending"  # where a change of several files is prepared; there only while it is written
PLAN = "plan.json"  # in it: what is to be written; there from when the change is begun to when it is done
IMPORTED = ".imported"  # beside the knowledge: what official sources said when they were last imported; no part of it


class FileRef(NamedTuple):
    """A file to read: what it holds, the id it is named for ('' for a table of many), where it is.

    `proposed` are bytes to take instead of those on disk, for asking what a change would do.
    """

    kind: str
    id: str
    path: str
    absolute: str
    proposed: bytes | None = None


class Parsed(NamedTuple):
    """A record: its kind, id, the file it stands in and the pointer to it there. `record` is None if it is not valid.

    A file of many records that cannot be parsed at all gives one with the id ''.
    """

    kind: str
    id: str
    path: str
    prefix: tuple
    record: BaseModel | None


def sources(
    policies: Path, proposed: Mapping[str, bytes | None] | None = None
) -> tuple[list[FileRef], list[Problem]]:
    """Every file of the knowledge base in the order of kinds and ids, and what does not belong there.

    `proposed` says what some files would hold, by path (`policies/actions/<id>.toml`); None: the file would be gone.
    """
    found, problems = _present(policies)
    if not proposed:
        return found, problems
    kept = [source for source in found if source.path not in proposed]
    new = [
        named(policies, path)._replace(proposed=content)
        for path, content in proposed.items()
        if content is not None and not remembered(policies, path)
    ]
    order = list(("about", *TABLES, *FOLDERS))
    return sorted([*kept, *new], key=lambda source: (order.index(source.kind), source.id)), problems


def named(policies: Path, path: str) -> FileRef:
    """The source that `path` (`policies/actions/<id>.toml`) names, whether or not there is such a file.

    :raises ValueError: if no file of a knowledge base has that path.
    """
    top, _, rest = path.partition("/")
    place, slash, name = rest.rpartition("/")
    tables = {place: kind for kind, (_, place) in TABLES.items()} | {ABOUT: "about"}
    folders = {place: kind for kind, (_, place) in FOLDERS.items()}
    absolute = str(policies / rest)
    if top == policies.name and not slash and name in tables:
        return FileRef(tables[name], "", path, absolute)
    if (
        top == policies.name
        and place in folders
        and re.fullmatch(ID_FORM, name.removesuffix(".toml"))
        and name.endswith(".toml")
    ):
        return FileRef(folders[place], name[:-5], path, absolute)
    if found := remembered(policies, path):
        return found
    raise ValueError(f"{path!r} is not a file of a knowledge base")


def knowledge(policies: Path, path: str) -> FileRef | None:
    """The source that `path` names if it is a file of the knowledge itself, not of what was imported or of anything else."""
    try:
        source = named(policies, path)
    except ValueError:
        return None
    return None if source.kind == "imported" else source


def remembered(policies: Path, path: str) -> FileRef | None:
    """The source that `path` (`policies/.imported/actions/<id>.json`) names if it is a file of what was imported, whether or not it is there."""
    match = re.fullmatch(
        rf"{re.escape(policies.name)}/({re.escape(IMPORTED)}/(?:feeds|(?:{'|'.join(place for _, place in FOLDERS.values())})/(?P<id>[^/]+))\.json)",
        path,
    )
    if not match or (match["id"] and not re.fullmatch(ID_FORM, match["id"])):
        return None
    return FileRef("imported", match["id"] or "", path, str(policies / match[1]))


def _present(policies: Path) -> tuple[list[FileRef], list[Problem]]:  # noqa: C901
    """Every file that is there, in the order of kinds and ids, and what does not belong there."""
    found: list[FileRef] = []
    problems: list[Problem] = []
    known = (
        {place for _, place in FOLDERS.values()} | {place for _, place in TABLES.values()} | {ABOUT}
    )
    try:
        entries = {entry.name: entry for entry in os.scandir(policies)}
    except OSError as error:
        return [], [Problem(policies.name, 0, "S101", "", f"cannot be read: {error.strerror}")]
    if PENDING in entries and os.path.lexists(policies / PENDING / PLAN):
        problems.append(unfinished(policies))
    for name in sorted(entries.keys() - known):
        if not name.startswith("."):
            problems.append(
                Problem(
                    f"{policies.name}/{shown(name, 255)}",
                    0,
                    "S106",
                    "",
                    "is not part of the knowledge base and is not read",
                    nearest=nearest(name, known),
                )
            )
    if ABOUT in entries:
        found.append(FileRef("about", "", f"{policies.name}/{ABOUT}", entries[ABOUT].path))
    else:
        problems.append(
            Problem(
                f"{policies.name}/{ABOUT}",
                0,
                "S101",
                "",
                "is missing",
                expected="a file that says what the knowledge base is",
            )
        )
    for kind, (_, place) in (
        TABLES | FOLDERS
    ).items():  # tables first: records show names that stand in them
        if place not in entries:
            continue
        if kind in TABLES:
            found.append(FileRef(kind, "", f"{policies.name}/{place}", entries[place].path))
            continue
        if entries[place].is_symlink():
            problems.append(
                Problem(
                    f"{policies.name}/{place}",
                    0,
                    "S101",
                    "",
                    "is a link",
                    expected="the folder itself",
                )
            )
            continue
        try:
            inside = sorted(os.scandir(entries[place].path), key=lambda entry: entry.name)
        except OSError as error:
            problems.append(
                Problem(
                    f"{policies.name}/{place}", 0, "S101", "", f"cannot be read: {error.strerror}"
                )
            )
            continue
        for entry in inside:
            path = f"{policies.name}/{place}/{shown(entry.name, 255)}"
            if entry.name.endswith(".toml") and not entry.name.startswith("."):
                found.append(FileRef(kind, entry.name[:-5], path, entry.path))
            elif not entry.name.startswith("."):
                problems.append(
                    Problem(
                        path,
                        0,
                        "S106",
                        "",
                        "is not part of the knowledge base and is not read",
                        expected="files named <id>.toml",
                    )
                )
    return found, problems


def unfinished(policies: Path) -> Problem:
    """The problem of a change that was begun and is not complete."""
    return Problem(
        f"{policies.name}/{PENDING}/{PLAN}",
        0,
        "S107",
        "",
        "a change of several files was interrupted; some may be as before it and some as after it",
        expected="all files as before it or all as after it; "
        f"without {policies.name}/{PENDING} they stay as they are now",
    )


def read(source: FileRef) -> bytes | Finding:
    """The bytes of a file, or why they cannot be had. Links and special files are not followed or opened."""
    most = MOST_RECORD_BYTES if source.id and source.kind != "imported" else MOST_TABLE_BYTES
    if source.proposed is not None:
        size = len(source.proposed)
        return (
            source.proposed
            if size <= most
            else Finding("S102", (), f"has {size:,} bytes", expected=f"at most {most:,}")
        )
    try:
        handle = os.open(source.absolute, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if os.path.islink(source.absolute):
            return Finding("S101", (), "is a link", expected="the file itself")
        return Finding("S101", (), f"cannot be read: {error.strerror}")
    try:
        state = os.fstat(handle)
        if not stat.S_ISREG(state.st_mode):
            return Finding("S101", (), "is not a file", expected="a text file in TOML")
        if state.st_size > most:
            return Finding("S102", (), f"has {state.st_size:,} bytes", expected=f"at most {most:,}")
        return os.read(handle, most)
    except OSError as error:
        return Finding("S101", (), f"cannot be read: {error.strerror}")
    finally:
        os.close(handle)


def parse(source: FileRef, data: bytes) -> tuple[list[Parsed], list[Problem]]:
    """The records in `data`, and the problems of those that are not valid."""
    unread = [Parsed(source.kind, source.id, source.path, (), None)]
    try:
        content = rtoml.loads(data.decode().replace("\r\n", "\n"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return unread, [
            Problem(
                source.path,
                line,
                "S103",
                "",
                f"byte 0x{data[error.start]:02x} is not UTF-8",
                expected="a text file saved as UTF-8",
            )
        ]
    except (ValueError, RecursionError) as error:
        return unread, [_syntax(source.path, str(error))]
    parsed: list[Parsed] = []
    findings: list[Finding] = []
    if source.kind == "about":
        _validate(About, source, "about", (), content, parsed, findings)
    elif source.kind in FOLDERS:
        _validate(FOLDERS[source.kind][0], source, source.id, (), content, parsed, findings)
    else:
        for key, table in content.items():
            _validate(TABLES[source.kind][0], source, key, (key,), table, parsed, findings)
    return parsed, locate(source.path, data, findings) if findings else []


def _validate(
    model: type[BaseModel],
    source: FileRef,
    id: str,
    prefix: tuple,
    content: object,
    parsed: list[Parsed],
    findings: list[Finding],
) -> None:
    if not re.fullmatch(ID_FORM, id) or len(id) > 80:
        findings.append(
            Finding(
                "K204",
                prefix,
                f"'{shown(id)}' is not an id",
                shown(id),
                "lower-case letters, digits and single hyphens, at most 80",
                _slug(id),
            )
        )
    try:
        record = model.model_validate(content)
    except ValidationError as error:
        record = None
        findings.extend(_findings(model, error.errors(include_url=False), prefix, content))
    parsed.append(Parsed(source.kind, id, source.path, prefix, record))


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:80].strip("-")


def _syntax(path: str, message: str) -> Problem:
    place = re.search(r"^(.*?)(?: at line (\d+)(?: column (\d+))?)?$", message, re.DOTALL)
    said, line, column = place.groups()
    key = f"column {column}" if column else ""
    return Problem(
        path,
        int(line or 0),
        "S104",
        key,
        shown(said, 200),
        expected="TOML: key = value, text in quotes, each key once",
    )


def faults(model: type[BaseModel], content: dict) -> list[Finding]:
    """What is wrong with the keys and values of `content` as a part of a record; keys that are missing are no fault."""
    try:
        model.model_validate(content)
    except ValidationError as error:
        return list(
            _findings(
                model,
                [fault for fault in error.errors(include_url=False) if fault["type"] != "missing"],
                (),
                content,
            )
        )
    return []


def _findings(
    model: type[BaseModel], errors: list[dict], prefix: tuple, content: object
) -> Iterable[Finding]:
    """The validation errors of a record, one for each place and code; the first ones with the nearest valid value."""
    seen: set[tuple] = set()
    for position, error in enumerate(errors):
        finding = _finding(model, error, prefix, content, guess=position < MOST_GUESSES)
        if (finding.code, finding.pointer) not in seen:
            seen.add((finding.code, finding.pointer))
            yield finding


def _finding(
    model: type[BaseModel], error: dict, prefix: tuple, content: object, guess: bool
) -> Finding:
    """A validation error of pydantic in the words of this project; with the nearest valid value if `guess`."""
    kind, context = error["type"], error.get("ctx", {})
    pointer = _existing(error["loc"], content, keep_last=kind in ("missing", "extra_forbidden"))
    value = shown(error["input"])
    place = (*prefix, *pointer)
    if kind == "missing":
        return Finding("K202", place, "is missing")
    if kind == "extra_forbidden":
        fields = _fields(model, pointer[:-1])
        return Finding(
            "K201",
            place,
            f"is not a key of {'this table' if pointer[:-1] else 'this kind of record'}",
            shown(str(pointer[-1])),
            "one of " + ", ".join(fields),
            nearest(str(pointer[-1]), fields) if guess else "",
        )
    if kind == "literal_error":
        return _no_term(place, value, re.findall(r"'([^']*)'", context["expected"]), guess)
    if kind == "string_pattern_mismatch":
        return _misformed(context["pattern"], place, value, error["input"])
    if kind in (
        "string_too_long",
        "string_too_short",
        "too_long",
        "too_short",
        "greater_than_equal",
    ):
        return Finding(
            "K206",
            place,
            error["msg"][0].lower() + error["msg"][1:],
            value if "string" in kind else "",
        )
    if re.fullmatch(r"[A-Z]\d{3}", kind):
        meant = ""
        if kind == "T401" and guess:
            from policykb.model.dates import understood

            meant = understood(error["input"]) or ""
            meant = "" if "full" in context.get("expected", "") and len(meant) < 10 else meant
        return Finding(
            kind, place, f"'{value}' {error['msg']}", value, context.get("expected", ""), meant
        )
    return Finding("K203", place, f"'{value}': {error['msg'][0].lower()}{error['msg'][1:]}", value)


def _no_term(place: tuple, value: str, allowed: list[str], guess: bool) -> Finding:
    terms = vocabulary.with_ids(tuple(allowed))
    choices, near = "", ""
    if guess and terms:
        choices, near = vocabulary.meanings(terms, value), vocabulary.corrected(terms, value)
    elif guess:
        near = nearest(value, allowed)
    return Finding(
        "V701",
        place,
        f"'{value}' is not in the vocabulary",
        value,
        f"what the source says: {choices}" if choices else "one of " + ", ".join(allowed),
        near,
    )


def _misformed(pattern: str, place: tuple, value: str, given: str) -> Finding:
    if pattern == ID_FORM:
        return Finding(
            "K204",
            place,
            f"'{value}' is not an id",
            value,
            "lower-case letters, digits and single hyphens",
            _slug(given),
        )
    if pattern == FORMER_FORM:
        return Finding(
            "K204",
            place,
            f"'{value}' is not an earlier name of an event",
            value,
            "a name such as 'issued' or '4', or that with an action before it: 'an-old-action#issued'",
        )
    if pattern == LOCATOR_FORM:
        return Finding(
            "C502",
            place,
            f"'{value}' is not a locator",
            value,
            "a label and a value, such as 'page 12' or 'article 53(2)'",
        )
    if pattern == LINE_FORM and "\n" in given:
        return Finding("S105", place, "has a line break", value, "one line")
    if pattern in (LINE_FORM, TEXT_FORM):
        unsafe = next((char for char in given if not re.match(pattern, char)), "")
        return Finding(
            "S105",
            place,
            f"has U+{ord(unsafe or ' '):04X}, a control character or one that hides or reorders text",
            value,
            "plain text",
        )
    return Finding(
        "K203", place, f"'{value}' has the wrong form", value, f"text that matches {pattern}"
    )


def _existing(loc: tuple, content: object, keep_last: bool) -> tuple:
    """`loc` without the parts that pydantic adds for unions and keys: as far as it leads into `content`."""
    pointer: list = []
    for position, part in enumerate(loc):
        try:
            content = content[part]
        except (KeyError, IndexError, TypeError):
            if keep_last and position == len(loc) - 1:
                pointer.append(part)
            continue
        pointer.append(part)
    return tuple(pointer)


def _fields(model: type[BaseModel], pointer: tuple) -> list[str]:
    """The keys allowed in the table that `pointer` leads to."""
    for part in pointer:
        if isinstance(part, str) and part in model.model_fields:
            model = next(iter(_models(model.model_fields[part].annotation)), model)
    return list(model.model_fields)


def _models(annotation: object) -> Iterable[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in getattr(annotation, "__args__", ()):
        yield from _models(inner)


def locate(path: str, data: bytes, findings: Iterable[Finding]) -> list[Problem]:
    """The findings as problems, each at the line of its value or of the nearest table around it."""
    found = lines(data)
    return [placed(finding, path, _line(found, finding.pointer)) for finding in findings]


def _line(lines: dict[tuple, int], pointer: tuple) -> int:
    while pointer:
        if pointer in lines:
            return lines[pointer]
        pointer = pointer[:-1]
    return 1


def lines(data: bytes) -> dict[tuple, int]:
    """The line of every key and array item in a TOML text, by pointer."""
    import tree_sitter
    import tree_sitter_toml

    tree = tree_sitter.Parser(tree_sitter.Language(tree_sitter_toml.language())).parse(data)
    found: dict[tuple, int] = {}
    counts: dict[tuple, int] = {}
    for node in tree.root_node.named_children:
        if node.type == "pair":
            _pair(node, (), found)
        elif node.type in ("table", "table_array_element"):
            header, *body = node.named_children
            pointer: tuple = ()
            keys = _keys(header)
            for depth, key in enumerate(keys):
                pointer = (*pointer, key)
                if depth == len(keys) - 1 and node.type == "table_array_element":
                    counts[pointer] = counts.get(pointer, -1) + 1
                found.setdefault(pointer, header.start_point[0] + 1)
                if pointer in counts:
                    pointer = (*pointer, counts[pointer])
            found[pointer] = header.start_point[0] + 1
            for child in body:
                if child.type == "pair":
                    _pair(child, pointer, found)
    return found


def _pair(node: object, pointer: tuple, lines: dict[tuple, int]) -> None:
    key, *rest = node.named_children
    for part in _keys(key):
        pointer = (*pointer, part)
        lines[pointer] = key.start_point[0] + 1
    for value in rest[:1]:
        _value(value, pointer, lines)


def _value(node: object, pointer: tuple, lines: dict[tuple, int]) -> None:
    if node.type == "inline_table":
        for child in node.named_children:
            if child.type == "pair":
                _pair(child, pointer, lines)
    elif node.type == "array":
        items = [child for child in node.named_children if child.type != "comment"]
        for position, child in enumerate(items):
            lines[(*pointer, position)] = child.start_point[0] + 1
            _value(child, (*pointer, position), lines)


def _keys(node: object) -> list[str]:
    if node.type == "dotted_key":
        return [key for child in node.named_children for key in _keys(child)]
    text = node.text.decode(errors="replace")
    return [text[1:-1] if node.type == "quoted_key" else text]
