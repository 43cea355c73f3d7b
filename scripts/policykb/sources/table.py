"""Tables of actions, documents, arguments or claims in CSV -> proposals.

Columns are keys of a record with a line of text, and keys of parts as `part.key`. Rows with the same id are one record. A
table that has only an id and parts adds these parts to records that are here. A cell is text; a formula is not evaluated.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from policykb.contribute import ids, reading
from policykb.contribute.proposal import Proposal, Refuse, stop
from policykb.files.catalogue import NAMED_BY
from policykb.files.reader import faults
from policykb.model import dates
from policykb.model.fields import Field, describe, with_references
from policykb.model.parts import several, with_values
from policykb.model.problems import SourceError, did_you_mean, nearest, placed, shown
from policykb.model.records import FOLDERS, Effect, Event, is_id
from policykb.model.vocabulary import (
    LOCAL_SCHEMES,
    advice,
    identifier_example,
    identifier_match,
    term_of,
    terms_of,
)
from policykb.model.vocabulary import ids as ids_of
from policykb.references import entry as bibliography
from policykb.sources.resolve import is_name, with_placeholders


def _plain(kind: str, many: bool) -> tuple[str, ...]:
    """Return the keys of a record that hold lines, or lists of lines."""
    return tuple(
        field.name
        for field in describe(FOLDERS[kind][0]).values()
        if field.many is many
        and not field.part
        and field.kind != "table"
        # An abstract is the editors' own, and no contributor computes the hash of a text.
        and field.name not in ("abstract", "text_sha256")
    )


# The column that distinguishes the tables of each kind of record; each record needs it and a title, or a text.
DECIDING = {"action": "instrument", "document": "type", "argument": "scheme", "claim": "finding"}
LINES = {kind: _plain(kind, many=False) for kind in DECIDING}
# Columns with several values in a cell, separated by semicolons or line breaks.
LISTS = {kind: _plain(kind, many=True) for kind in DECIDING}
LISTS["document"] = ("authors", *LISTS["document"])
# Parts of which a record may have many, one in each row.
_PARTS = {
    "action": ("body", "event", "relation"),
    "document": ("mention",),
    "argument": ("appearance", "stance", "relation"),
    "claim": ("appearance", "evidence"),
}
_EVENT = ("id", "date", "type", "note", "document", "locator")


def _parts(kind: str) -> dict[str, Field]:
    """Return the fields of the parts that have columns, by the name of a part."""
    lists = [field for field in describe(FOLDERS[kind][0]).values() if field.part and field.many]
    fields = {field.option: field for field in lists}
    return {name: fields[name] for name in _PARTS[kind]}


PARTS = {kind: _parts(kind) for kind in DECIDING}


def keys_of(field: Field) -> tuple[str, ...]:
    """Return the columns of a part."""
    return _EVENT if field.part is Event else tuple(describe(field.part))


EFFECT = tuple(field.name for field in describe(Effect).values() if not field.part)
COLUMNS = {
    kind: (
        "id",
        *LINES[kind],
        *LISTS[kind],
        *(f"effect.{key}" for key in EFFECT if kind == "action"),
        *(f"{part}.{key}" for part, field in PARTS[kind].items() for key in keys_of(field)),
    )
    for kind in DECIDING
}


def columns_of(kind: str) -> tuple[str, ...]:
    """Return the columns that a table of records of this kind may have, with those of schemes that the content declares."""
    schemes = ids_of(terms_of("identifier_schemes")) if kind == "action" else ()
    return *COLUMNS[kind], *(f"identifier.{scheme}" for scheme in schemes)


MOST_COLUMNS = 200
MOST_ROWS = 20_000
MOST_PARTS = 1_000
MOST_WRONG = 20  # errors of a record that are reported together
_YES = {"true": True, "yes": True, "false": False, "no": False}
MOST_CELL = 100_000
_TOO_LONG = f"a cell has more than {MOST_CELL:,} characters"
_SEPARATORS = (",", ";", "\t")


def is_it(data: bytes) -> bool:
    """Return whether the bytes look like this format."""
    text = data[:20_000].decode("utf-8-sig", "replace").replace("\r", "\n")
    head = text.partition("\n")[0].lower()
    for separator in _SEPARATORS:
        cells = {cell.strip().strip('"') for cell in head.split(separator)}
        if cells & {"title", "text"} and cells & set(DECIDING.values()) or _of_parts(cells):
            return True
    return False


def _of_parts(columns: Iterable[str]) -> list[str]:
    """Return the kinds of records that may have all `columns`, if these are an id and parts alone."""
    names = set(columns) - {""}
    parts = [name for name in names if "." in name]
    if not parts or names != {"id", *parts}:
        return []
    return [kind for kind in COLUMNS if names <= set(columns_of(kind))]


class Line(NamedTuple):
    """A row of the table: its place for messages, and its cells that are not empty, by column."""

    place: str
    cells: dict[str, str]

    def wrong(self, column: str, message: str) -> SourceError:
        """Return the error for a cell."""
        return SourceError(f"{self.place}: {column}: {message}")


def read(data: bytes, name: str, refuse: Refuse = stop) -> Iterator[Proposal]:
    """Yield the records of a table, in the order of their first rows.

    :raises SourceError: if it is not such a table, or a cell is invalid; with line, column and value.
    """
    rows = _rows(reading.strict_text(data, name), name)
    header_line, header = next(rows, (1, []))
    kind, columns = _columns(header, f"{name}:{header_line}")
    place = columns.index("id") if "id" in columns else MOST_COLUMNS
    # The rows of each record by its id, or by a space and the line without an id, since no id begins with a space.
    records: dict[str, list[tuple[int, list[str]]]] = {}
    for number, (line, cells) in enumerate(rows, 1):
        if number > MOST_ROWS:
            message = f"{name}:{line}: has more than {MOST_ROWS:,} rows; split the table into several files"
            raise SourceError(message)
        record_id = "".join(cells[place : place + 1]).strip()
        records.setdefault(record_id or f" {line}", []).append((line, cells))
    if not records:
        raise SourceError(f"{name}: has no rows; expected a header and a row for each {kind}")
    used_ids = {record_id: 1 for record_id in records if not record_id.startswith(" ")}

    def describe(record: tuple[str, list[tuple[int, list[str]]]]) -> list[Proposal]:
        record_id = record[0].partition(" ")[0]
        lines = [_line(columns, cells, f"{name}:{line}") for line, cells in record[1]]
        return [_Record(kind, record_id, lines, columns).proposal(used_ids)]

    def label(record: tuple[str, list[tuple[int, list[str]]]]) -> str:
        record_id = record[0]
        return f"line{record_id}" if record_id[0] == " " else f"{kind} '{shown(record_id)}'"

    yield from reading.each(records.items(), describe, label, refuse)


def _line(columns: list[str], cells: list[str], place: str) -> Line:
    if any(cell.strip() for cell in cells[len(columns) :]):
        message = f"{place}: has {len(cells)} cells; expected {len(columns)}, as the header has"
        raise SourceError(message)
    named = zip(columns, map(str.strip, cells), strict=False)
    filled = {column: cell for column, cell in named if cell and column != "id"}
    if "" in filled:
        message = f"{place}: '{shown(filled[''])}' is in a column without a name; expected a name in the header"
        raise SourceError(message)
    return Line(place, filled)


class _Record:
    """A record from its rows: the values of the first row, and the parts of all rows."""

    def __init__(self, kind: str, record_id: str, lines: list[Line], columns: list[str]) -> None:
        self.kind, self.id, self.first = kind, record_id, lines[0]
        self.wrong: list[str] = []
        with self._noting():
            self._check_id()
        self.content = self._content(self.first)
        for line in lines[1:]:
            self._join(line)
        self.whole = DECIDING[kind] in columns
        with self._noting():
            self._check_whole()
        if self.wrong:
            raise SourceError("\n".join(self.wrong[:MOST_WRONG]))

    @contextmanager
    def _noting(self) -> Iterator[None]:
        """Note what is wrong in the block, so that all errors of a record are reported together."""
        try:
            yield
        except SourceError as error:
            self.wrong.append(str(error))

    def _check_id(self) -> None:
        record_id = self.id
        if record_id and not is_id(record_id):
            hint = did_you_mean(ids.slug(record_id))
            expected = f"lower-case letters, digits and single hyphens, at most 80{hint}"
            raise self.first.wrong("id", f"'{shown(record_id)}' is not an id; expected {expected}")

    def _check_whole(self) -> None:
        """Refuse a record without what its kind needs, or parts without the id of a record."""
        if not (self.whole or self.id):
            message = "is missing; expected the id of the record that the parts belong to"
            raise self.first.wrong("id", message)
        for key in (NAMED_BY[self.kind], DECIDING[self.kind]):
            if self.whole and key not in self.first.cells:
                message = f"is missing; expected it in the first row of each {self.kind}"
                raise self.first.wrong(key, message)

    def _join(self, line: Line) -> None:
        """Add the parts of a further row of the same record; its other cells must be empty or equal to the first row."""
        for column, cell in line.cells.items():
            expected = self.first.cells.get(column, "")
            if column.partition(".")[0] not in PARTS[self.kind] and expected != cell:
                first = self.first.place.rpartition(":")[2]
                message = f"'{shown(cell)}' differs from line {first} with the same id"
                error = line.wrong(column, f"{message}; expected '{shown(expected)}' or nothing")
                self.wrong.append(str(error))
        content = self._content(line)
        for key in (field.name for field in PARTS[self.kind].values()):
            parts = self.content.get(key, [])
            parts += [part for part in content.get(key, []) if part not in parts]
            if len(parts) > MOST_PARTS:
                raise line.wrong(key, f"a record has more than {MOST_PARTS:,} of them")
            if parts:
                self.content[key] = parts

    def _content(self, line: Line) -> dict[str, Any]:
        """Return the content of a row, checked by the record types."""
        content: dict[str, Any] = {}
        parts: dict[str, dict[str, Any]] = {}
        for column, cell in line.cells.items():
            part, _, key = column.partition(".")
            if key and part != "identifier":
                parts.setdefault(part, {})[key] = cell
                continue
            with self._noting():
                self._put(content, line, column, cell)
        for part, keys in parts.items():
            with self._noting():
                content |= self._part(line, part, keys)
        return content

    def _put(self, content: dict[str, Any], line: Line, column: str, cell: str) -> None:
        """Put the value of a cell, which is not one of a part, into `content`."""
        if column.startswith("identifier."):
            values = _split(cell)
            self._check_identifiers(line, column, values)
            identifiers = content.setdefault("identifiers", {})
            identifiers[column.partition(".")[2]] = values if len(values) > 1 else cell
            return
        if column == "authors":
            content["authors"] = [self._author(line, name) for name in _split(cell)]
            return
        value: Any = bibliography.doi(cell) if column == "doi" else cell
        if describe(FOLDERS[self.kind][0])[column].dated:
            value = _date(line, column, cell)
        value = _split(cell) if column in LISTS[self.kind] else value
        self._judge(line, {column: value}, column)
        content[column] = value

    def _check_identifiers(self, line: Line, column: str, values: list[str]) -> None:
        scheme = column.partition(".")[2]
        for value in values:
            if not identifier_match(scheme, value):
                expected = f"expected one such as '{identifier_example(scheme)}'"
                raise line.wrong(column, f"'{shown(value)}' has the wrong form; {expected}")

    def _part(self, line: Line, part: str, keys: dict[str, Any]) -> dict[str, Any]:
        """Return the part in the columns `part.key` of a row."""
        if part == "effect":
            terms = describe(Effect)["kind"].terms
            if terms and "kind" in keys and not term_of(terms, keys["kind"]):
                message = f"'{shown(keys['kind'])}' is not in the vocabulary"
                raise line.wrong("effect.kind", f"{message}; {advice(terms, keys['kind'])}")
            return self._judge(line, {"effect": keys}, part)
        field = PARTS[self.kind][part]
        for key, inner in describe(field.part).items():
            if key in keys and inner.many:
                keys[key] = _split(keys[key])
            elif key in keys and inner.dated:
                keys[key] = _date(line, f"{part}.{key}", keys[key])
            elif key in keys and inner.kind == "flag":
                keys[key] = _YES.get(keys[key].lower(), keys[key])
            elif inner.required and key not in keys:
                beside = f"{part}.{next(iter(keys))}"
                raise line.wrong(f"{part}.{key}", f"is missing; expected it beside {beside}")
        if part == "event":
            cite = {key: keys.pop(key) for key in ("document", "locator") if key in keys}
            if "locator" in cite and "document" not in cite:
                raise line.wrong("event.document", "is missing; expected it beside event.locator")
            keys |= {"cite": [cite]} if cite else {"unconfirmed": True}
        return self._judge(line, {field.name: [keys]}, part)

    def _author(self, line: Line, name: str) -> dict[str, str]:
        """Return the author in a cell: `Family, Given`, `Family`, `organization:` and an id, or `name:` and a name."""
        mark, colon, rest = name.partition(":")
        if colon and mark == "organization":
            author = {"organization": rest.strip()}
        elif colon and mark == "name":
            author = {"organization": f"name:{rest.strip()}"}
        else:
            family, _, first_names = name.partition(",")
            if not family.strip():
                message = f"'{shown(name)}' has no family name; expected 'Family, Given'"
                raise line.wrong("authors", message)
            author = bibliography.person(family, first_names)
        self._judge(line, {"authors": [author]}, "authors")
        return author

    def _judge(self, line: Line, content: dict[str, Any], column: str) -> dict[str, Any]:
        """Return `content` if the record type allows it; `scheme:value` or a name may replace an id."""
        record = FOLDERS[self.kind][0]
        known = with_references(record, content, lambda _, text, __: "x" if is_name(text) else text)
        for fault in faults(record, with_placeholders(known)):
            problem = placed(fault._replace(pointer=()), line.place, 0)
            names = [part for part in fault.pointer if isinstance(part, str)]
            key = names[-1] if names else column
            lists = [field.name for field in PARTS[self.kind].values()]
            whole = names[1:] == [] or key in lists or column in ("authors", "keywords")
            where = column if whole else f"{column}.{key}"
            message = problem.sentence().removeprefix("warning: ")
            raise line.wrong(where, message)
        return content

    def proposal(self, used_ids: dict[str, int]) -> Proposal:
        """Return the record as a proposal; its id is made from its content if the table has no id."""
        content = with_values(self.content)
        if self.kind in ("argument", "claim"):
            title = ids.slug(content.get(NAMED_BY[self.kind], ""), most=60)
            return Proposal(self.kind, (), self.id or ids.unique([title], used_ids), content)
        if self.kind == "document":
            if self.whole:
                content.setdefault("grade", bibliography.GRADE)
            keys = tuple((key, content[key]) for key in ("doi", "url") if key in content)
            record_id = self.id or _document_id(content, used_ids)
            return Proposal("document", keys, record_id, content)
        identifiers = content.get("identifiers", {})
        keys: list[tuple[str, str]] = []
        for scheme in ids_of(terms_of("identifier_schemes")):
            if scheme not in LOCAL_SCHEMES:
                keys += [(scheme, value) for value in several(identifiers.get(scheme))]
        place = content.get("jurisdiction", "").removeprefix("code:")
        title = content.get("short_title") or content.get("title", "")
        record_id = self.id or ids.unique([place, ids.slug(title, most=60)], used_ids)
        return Proposal("action", tuple(keys), record_id, content)


def _date(line: Line, column: str, text: str) -> str:
    """Return the date that a text means; `text` if it is none. :raises SourceError: if it may be several."""
    matches = dates.readings(text)
    if len(matches) > 1:
        raise line.wrong(column, dates.ambiguity(shown(text), matches))
    return matches[0] if matches else text


def _document_id(content: dict[str, Any], used_ids: dict[str, int]) -> str:
    names = [
        author.get("family") or author["organization"].removeprefix("name:")
        for author in content.get("authors", [])
    ]
    names = names or [content.get("publisher", "")]
    return ids.document_id(names, content.get("issued"), content["title"], used_ids)


def _rows(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (line, cells) of each row that is not empty; the separator is that of the header."""
    head = text.lstrip("\n").partition("\n")[0]
    separator = max(_SEPARATORS, key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            reason = shown(str(error))
            if "end of data" in reason:
                reason = "a quotation mark that opens here is not closed"
            elif "field larger" in reason:
                reason = _TOO_LONG
            raise _wrong_row(f"{name}:{line}", reason, separator) from None
        # The limit of csv applies to the whole process, and other code raises it.
        if any(len(cell) > MOST_CELL for cell in cells):
            raise _wrong_row(f"{name}:{line}", _TOO_LONG, separator)
        if any(cell.strip() for cell in cells):
            yield line, cells


def _wrong_row(place: str, reason: str, separator: str) -> SourceError:
    return SourceError(
        f"{place}: {reason}; expected rows of cells with '{shown(separator)}' between them"
    )


def _columns(header: list[str], place: str) -> tuple[str, list[str]]:
    """Return the kind of record of a header, and its columns in order ('' for a column without a name)."""
    columns = [cell.strip().lower() for cell in header]
    while columns and not columns[-1]:
        columns.pop()
    if len(columns) > MOST_COLUMNS:
        raise SourceError(f"{place}: has {len(columns):,} columns; expected at most {MOST_COLUMNS}")
    kinds = [kind for kind, deciding in DECIDING.items() if deciding in columns]
    kinds = kinds or _of_parts(columns)
    if len(kinds) != 1:
        which = "several" if kinds else "none"
        hint = "" if kinds else _hint(columns, DECIDING.values())
        expected = ", ".join(f"'{column}' for {kind}s" for kind, column in DECIDING.items())
        message = f"{place}: the header has {which} of the columns that name a kind of record; expected one: {expected}{hint}"
        raise SourceError(message)
    for number, column in enumerate(columns):
        if column == "abstract":
            message = f"{place}: column 'abstract' is not read; expected it in the editors' own words, in the file of the document"
            raise SourceError(message)
        if column and column not in columns_of(kinds[0]):
            raise _unknown_column(column, kinds[0], place)
        if column and column in columns[:number]:
            raise SourceError(f"{place}: column '{column}' appears twice")
    return kinds[0], columns


def _unknown_column(column: str, kind: str, place: str) -> SourceError:
    allowed = columns_of(kind)
    listed = [name for name in allowed if not name.startswith("identifier.")]
    listed += ["identifier.<scheme>"] if kind == "action" else []
    return SourceError(
        f"{place}: column '{shown(column)}' is not known; expected one of {', '.join(listed)}{_hint([column], allowed)}"
    )


def _hint(columns: list[str], allowed: Iterable[str]) -> str:
    """Return a hint to the name in `allowed` that the first similar column of `columns` may mean, or ''."""
    guesses = (nearest(column[:80], allowed) for column in columns[:MOST_COLUMNS] if column)
    return did_you_mean(next(filter(None, guesses), ""))


def _split(cell: str) -> list[str]:
    """Return the values in a cell: one on each line, or with semicolons between them."""
    return [part for part in map(str.strip, cell.split("\n" if "\n" in cell else ";")) if part]
