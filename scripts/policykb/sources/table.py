"""A table of actions or documents that a contributor keeps (CSV) -> proposals.

Columns are keys of a record that hold one line, and parts written as `part.key`. Rows with the same id are one record.
A cell is text and nothing else: what a spreadsheet would calculate is kept as it stands.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from typing import Any

from policykb.contribute import reading
from policykb.contribute import slugs as naming
from policykb.contribute.proposal import Proposal, Refuse, Unreadable, stop
from policykb.files.reader import faults
from policykb.model.fields import Part, describe
from policykb.model.problems import nearest, placed, shown
from policykb.model.records import (
    ID_FORM,
    Action,
    ActionRelation,
    Body,
    Document,
    Event,
    Openness,
)
from policykb.model.vocabulary import LOCAL_SCHEMES, identifier_example, identifier_match
from policykb.references import entry as bibliography
from policykb.sources.lookup import SCHEMES, stand_in


def _plain(record: type[Part], many: bool) -> tuple[str, ...]:
    """Return the keys of a record that hold lines, or lists of lines."""
    return tuple(
        field.name
        for field in describe(record).values()
        if field.many is many and not field.part and field.kind != "table"
    )


def _needed(part: type[Part]) -> tuple[str, ...]:
    return tuple(field.name for field in describe(part).values() if field.required)


ACTION_LINES = _plain(Action, many=False)
# An abstract is the editors' own, and no contributor computes the hash of a text.
DOCUMENT_LINES = tuple(
    key for key in _plain(Document, many=False) if key not in ("abstract", "text_sha256")
)
# Several values in one cell, with semicolons between them.
ACTION_LISTS = _plain(Action, many=True)
DOCUMENT_LISTS = ("authors", *_plain(Document, many=True))
# Parts of which a record may have many, one a row: the key of the record, the columns, those that a part must have.
PARTS = {
    "body": ("bodies", tuple(describe(Body)), _needed(Body)),
    "event": ("events", ("id", "date", "type", "note", "document", "locator"), _needed(Event)),
    "relation": ("relations", tuple(describe(ActionRelation)), _needed(ActionRelation)),
}
OPENNESS = _plain(Openness, many=False)
COLUMNS = {
    "action": (
        "id",
        *ACTION_LINES,
        *ACTION_LISTS,
        *(f"identifier.{scheme}" for scheme in SCHEMES),
        *(f"openness.{key}" for key in OPENNESS),
        *(f"{part}.{key}" for part, (_, keys, _) in PARTS.items() for key in keys),
    ),
    "document": ("id", *DOCUMENT_LINES, *DOCUMENT_LISTS),
}
# What tells a table of actions from one of documents; each record must have it and a title.
DECIDING = {"action": "instrument", "document": "type"}
MOST_COLUMNS = 200
MOST_ROWS = 20_000
MOST_PARTS = 1_000
_RECORDS = {"action": Action, "document": Document}
MOST_CELL = 100_000
_SEPARATORS = (",", ";", "\t")


def is_it(data: bytes) -> bool:
    """Whether the bytes look like this format."""
    head = data[:20_000].decode("utf-8-sig", "replace").replace("\r", "\n").partition("\n")[0]
    return any(
        {"title", deciding} <= {cell.strip().strip('"').lower() for cell in head.split(mark)}
        for mark in _SEPARATORS
        for deciding in DECIDING.values()
    )


def read(data: bytes, name: str, refuse: Refuse = stop) -> Iterator[Proposal]:
    """The actions or documents of a table, in the order in which they first appear.

    :raises Unreadable: if it is no such table, or a cell is not what its column holds; with line, column and value.
    """
    rows = _rows(reading.strict_text(data, name), name)
    header_line, header = next(rows, (1, []))
    kind, columns = _columns(header, f"{name}:{header_line}")
    records: dict[str, list[tuple[int, list[str]]]] = {}  # the rows of each record, by its id
    place = columns.index("id") if "id" in columns else MOST_COLUMNS
    for number, (line, cells) in enumerate(rows, 1):
        if number > MOST_ROWS:
            raise Unreadable(
                f"{name}:{line}: has more than {MOST_ROWS:,} rows; expected at most that in one file"
            )
        id = "".join(cells[place : place + 1]).strip()
        records.setdefault(id or f" {line}", []).append((line, cells))  # no id begins with a space
    if not records:
        raise Unreadable(f"{name}: has no rows; expected a header and a row for each {kind}")
    taken = {id: 1 for id in records if id[0] != " "}
    yield from reading.each(
        records.items(),
        lambda record: _record(kind, name, columns, record, taken),
        lambda record: (
            f"{kind} '{shown(record[0])}'" if record[0][0] != " " else f"line{record[0]}"
        ),
        refuse,
    )


def _record(
    kind: str,
    name: str,
    columns: list[str],
    record: tuple[str, list[tuple[int, list[str]]]],
    taken: dict[str, int],
) -> list[Proposal]:
    """The record that all rows with one id describe. :raises Unreadable: if one of them cannot be read."""
    id, rows = record
    joined: _Row | None = None
    for line, cells in rows:
        row = _Row(kind, f"{name}:{line}", _cells(columns, cells, f"{name}:{line}"))
        if joined is None:
            joined = row
            row.check_id(id)
            row.read()
        else:
            joined.join(row)
    for key in ("title", DECIDING[kind]):
        if key not in joined.content:
            raise Unreadable(
                f"{joined.place}: {key}: is missing; expected it in the first row of each {kind}"
            )
    return [joined.proposal("" if id[0] == " " else id, taken)]


def _cells(columns: list[str], cells: list[str], place: str) -> dict[str, str]:
    """The cells of a row that are not empty by their columns, but for its id."""
    if any(cell.strip() for cell in cells[len(columns) :]):
        raise Unreadable(
            f"{place}: has {len(cells)} cells; expected {len(columns)}, as the header has"
        )
    named = zip(columns, map(str.strip, cells), strict=False)
    found = {column: cell for column, cell in named if cell and column != "id"}
    if "" in found:
        raise Unreadable(
            f"{place}: '{shown(found[''])}' stands under a column without a name; expected a name in the header"
        )
    return found


class _Row:
    """A record under construction from its rows: what the first one says, and parts that any of them adds."""

    def __init__(self, kind: str, place: str, cells: dict[str, str]) -> None:
        self.kind, self.place, self.cells = kind, place, cells
        self.content: dict[str, Any] = {}

    def check_id(self, id: str) -> None:
        """Raise Unreadable if `id`, as the table gives it, cannot be an id."""
        if id[0] != " " and (not re.fullmatch(ID_FORM, id) or len(id) > naming.MOST):
            raise Unreadable(
                f"{self.place}: id: '{shown(id)}' is not an id; expected lower-case letters, digits and single hyphens, at most 80"
                + (f"; did you mean '{naming.slug(id)}'?" if naming.slug(id) else "")
            )

    def join(self, row: "_Row") -> None:
        """Take the parts of a further row of the same record; its other cells must be empty or say the same."""
        for column, cell in row.cells.items():
            if column.partition(".")[0] not in PARTS and self.cells.get(column) != cell:
                raise Unreadable(
                    f"{row.place}: {column}: '{shown(cell)}' is not what line {self.place.rpartition(':')[2]} says of the same id; "
                    f"expected '{shown(self.cells.get(column, ''))}' or nothing"
                )
        row.read()
        for key, parts in row.content.items():
            if key in (held for held, _, _ in PARTS.values()):
                held = self.content.setdefault(key, [])
                held += [part for part in parts if part not in held]
                if len(held) > MOST_PARTS:
                    raise Unreadable(
                        f"{row.place}: {key}: are more than {MOST_PARTS:,} of one {self.kind}; expected at most that"
                    )

    def read(self) -> None:
        """Fill `content` from the cells of this row, each judged by the record types."""
        parts: dict[str, dict[str, str]] = {}
        for column, cell in self.cells.items():
            part, _, key = column.partition(".")
            if part == "identifier":
                values = _split(cell)
                for value in values:
                    if not identifier_match(key, value):
                        raise Unreadable(
                            f"{self.place}: {column}: '{shown(value)}' has the wrong form; expected one such as '{identifier_example(key)}'"
                        )
                self.content.setdefault("identifiers", {})[key] = (
                    values if len(values) > 1 else cell
                )
            elif key:
                parts.setdefault(part, {})[key] = cell
            elif column == "authors":
                self.content["authors"] = [self.author(name) for name in _split(cell)]
            elif column in (*ACTION_LISTS, *DOCUMENT_LISTS):
                self.content[column] = self.judged({column: _split(cell)}, column)[column]
            else:
                self.content[column] = self.judged(
                    {column: bibliography.doi(cell) if column == "doi" else cell}, column
                )[column]
        for part, keys in parts.items():
            self.part(part, keys)

    def part(self, part: str, keys: dict[str, str]) -> None:
        """Take the columns `part.key` of this row."""
        if part == "openness":
            self.content["openness"] = self.judged({"openness": keys}, part)["openness"]
            return
        held, _, needed = PARTS[part]
        for key in needed:
            if key not in keys:
                raise Unreadable(
                    f"{self.place}: {part}.{key}: is missing; expected it beside {part}.{next(iter(keys))}"
                )
        if part == "event":
            cite = {key: keys.pop(key) for key in ("document", "locator") if key in keys}
            if "locator" in cite and "document" not in cite:
                raise Unreadable(
                    f"{self.place}: event.document: is missing; expected it beside event.locator"
                )
            keys |= {"cite": [cite]} if cite else {"unconfirmed": True}
        self.content.setdefault(held, []).extend(self.judged({held: [keys]}, part)[held])

    def author(self, name: str) -> dict[str, str]:
        """An author as a cell names one: `Family, Given`, a family name alone, `organization:` and an id, or `name:` and a name."""
        family, _, given = name.partition(",")
        mark, colon, rest = name.partition(":")
        if colon and mark in ("organization", "name"):
            author = {
                "organization": rest.strip() if mark == "organization" else f"name:{rest.strip()}"
            }
        else:
            author = bibliography.person(family, given)
        self.judged({"authors": [author]}, "authors")
        return author

    def judged(self, content: dict[str, Any], column: str) -> dict[str, Any]:
        """`content` if the record type allows it; an id may be told by `scheme:value`."""
        for finding in faults(_RECORDS[self.kind], stand_in(content)):
            said = (
                placed(finding._replace(pointer=()), self.place, 0)
                .sentence()
                .removeprefix("warning: ")
            )
            key = next(
                (part for part in reversed(finding.pointer) if isinstance(part, str)), column
            )
            where = (
                column
                if key in (column, *(held for held, _, _ in PARTS.values()))
                or column in ("authors", "keywords")
                else f"{column}.{key}"
            )
            raise Unreadable(f"{self.place}: {where}: {said}")
        return content

    def proposal(self, known: str, taken: dict[str, int]) -> Proposal:
        """The record as a proposal; its id is made from what it says if the table gives none."""
        content = {key: value for key, value in self.content.items() if value}
        if self.kind == "document":
            content.setdefault("grade", bibliography.GRADE)
            keys = tuple((key, content[key]) for key in ("doi", "url") if key in content)
            names = [
                author.get("family") or author["organization"].removeprefix("name:")
                for author in content.get("authors", [])
            ]
            id = known or naming.document_id(
                names or [content.get("publisher", "")],
                content.get("issued"),
                content["title"],
                taken,
            )
            return Proposal("document", keys, id, content)
        held = content.get("identifiers", {})
        keys = tuple(
            (scheme, value)
            for scheme in SCHEMES
            if scheme in held and scheme not in LOCAL_SCHEMES
            for value in (held[scheme] if isinstance(held[scheme], list) else [held[scheme]])
        )
        place = content.get("jurisdiction", "").removeprefix("code:")
        return Proposal(
            "action",
            keys,
            known
            or naming.unique(
                [place, naming.slug(content.get("short_title") or content["title"], most=60)], taken
            ),
            content,
        )


def _rows(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of each row that is not empty; the separator is the one that the header uses."""
    head = text.lstrip("\n").partition("\n")[0]
    separator = max(_SEPARATORS, key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
            if any(len(cell) > MOST_CELL for cell in cells):
                raise csv.Error(
                    "field larger"
                )  # the limit of csv is one for the whole process, and others raise it
        except StopIteration:
            return
        except csv.Error as error:
            said = (
                "a quotation mark that opens here is not closed"
                if "end of data" in str(error)
                else f"a cell has more than {MOST_CELL:,} characters"
                if "field larger" in str(error)
                else shown(str(error))
            )
            raise Unreadable(
                f"{name}:{line}: {said}; expected rows of cells with '{shown(separator)}' between them"
            ) from None
        if any(cell.strip() for cell in cells):
            yield line, cells


def _columns(header: list[str], place: str) -> tuple[str, list[str]]:
    """The kind of record that a header is for, and its columns in order ('' where one has no name)."""
    columns = [cell.strip().lower() for cell in header]
    while columns and not columns[-1]:
        columns.pop()
    if len(columns) > MOST_COLUMNS:
        raise Unreadable(f"{place}: has {len(columns):,} columns; expected at most {MOST_COLUMNS}")
    kinds = [kind for kind, deciding in DECIDING.items() if deciding in columns]
    if len(kinds) != 1:
        found = "both" if kinds else "neither"
        raise Unreadable(
            f"{place}: the header has {found} of 'instrument' and 'type'; expected one: 'instrument' for actions, 'type' for documents"
            + _meant(columns, DECIDING.values(), found == "neither")
        )
    allowed = COLUMNS[kinds[0]]
    for number, column in enumerate(columns):
        if column == "abstract":
            raise Unreadable(
                f"{place}: column 'abstract' is not read; expected it in the editors' own words, in the file of the document"
            )
        if column and column not in allowed:
            shape = "one of " + ", ".join(
                item for item in allowed if not item.startswith("identifier.")
            )
            shape += ", identifier.<scheme>" if kinds[0] == "action" else ""
            raise Unreadable(
                f"{place}: column '{shown(column)}' is not known; expected {shape}"
                + _meant([column], allowed, True)
            )
        if column and column in columns[:number]:
            raise Unreadable(f"{place}: column '{column}' stands twice; expected each once")
    return kinds[0], columns


def _meant(columns: list[str], allowed: Iterable[str], guess: bool) -> str:
    found = (
        next(
            filter(
                None, (nearest(column[:80], allowed) for column in columns[:MOST_COLUMNS] if column)
            ),
            "",
        )
        if guess
        else ""
    )
    return f"; did you mean '{found}'?" if found else ""


def _split(cell: str) -> list[str]:
    return [part for part in map(str.strip, cell.split(";")) if part]
