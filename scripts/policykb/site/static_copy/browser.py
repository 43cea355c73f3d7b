"""What a copy needs to answer by itself in the browser: SQLite and the knowledge base as scripts, and the words of the pages.

They are scripts, since a page read from a disk may load nothing else, and packed, so that no host has to do it.
"""

import base64
import gzip
import hashlib
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise, product
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from policykb.build.load import sql
from policykb.contribute import web_form
from policykb.exports import following
from policykb.model.vocabulary import IDEAS, RUNNING_FORMS, VOCABULARIES, with_declared
from policykb.read import database as reading
from policykb.read.links import PAGE as PAGE_OF_RECORD
from policykb.read.links import PLACES
from policykb.read.questions import FORMULA, TERMS, Question
from policykb.read.status_line import brief
from policykb.site import data, links
from policykb.site.views import bars, cells, compare, lists, search, takeaway, timeline
from policykb.site.views.questions import KINDS, PAGE, required
from policykb.text import AHEAD, CHARACTERS, MARKS, MONTHS, SPELLINGS, capitalized

STATIC = Path(__file__).parent / "static"
PART = 256 * 1024  # characters of a script; readers see progress after each
LARGE = 20_000_000  # bytes of a knowledge base that is read in parts, where the host gives them
# Files that are parts of scripts and not copied as they are.
PACKED = {"ask.js", "engine.js", "ranges.js", "sqlite3.js", "sqlite3.wasm"}
OFFLINE = "sw.js"  # at the top of a copy, since a worker serves what is below it


_PLACES = f"policykb.places = {json.dumps(PLACES)};\n"


# Statements that every form may use.
SHARED = ("records.record", "records.titles", "takeaway.sources", "timeline.shown")
WAYS = ("new_url", "edit_url", "report_url", "contact")  # how a file reaches the editors
LOOKUPS = ("identified", "named", "at_address", "coded", "used", "whole")

# pack -> the tables in it, which few statements read: the browser loads it when one does. All others are in the pack FIRST.
RARE = {"history": ("changes", "commits"), "whole": ("record_json",)}
FIRST = "kb"


class Engine(NamedTuple):
    """The scripts of a copy by name, and the number of bytes that the browser loads before its first answer.

    `in_parts`: then it reads parts of the knowledge base; all of it has the size `whole`.
    """

    scripts: dict[str, str]
    size: int
    whole: int
    in_parts: bool
    version: str


def engine(db: Path, today: str, base: str | None = None) -> Engine:
    """Return the scripts with which the browser answers from the knowledge base `db`.

    Files name pages below the address `base`; what is ready without SQLite is as of the day `today`.
    """
    code = "\n".join(
        (STATIC / name).read_text("utf-8") for name in ("sqlite3.js", "ranges.js", "engine.js")
    )
    wasm = (STATIC / "sqlite3.wasm").read_bytes()
    known = data.known_of(db)
    with closing(reading.connect(db)) as connection:
        packs = {pack: packed(connection.conn, pack) for pack in (FIRST, *RARE)}
        tables = without_rows(connection.conn)
        ready = {
            "comparison": compare.everything(connection.conn, known, today),
            "news": following.ready(connection, today),
        }
    scripts = dict(_parts({"code": code.encode(), "wasm": wasm, "tables": tables, **packs}))
    sizes = {name: len(text) for name, text in scripts.items()}
    in_parts = db.stat().st_size > LARGE
    own = {"scripts": sizes, "parts": quote(db.name) if in_parts else ""}
    ask = (STATIC / "ask.js").read_text("utf-8")
    scripts["ask.js"] = f"{ask}Object.assign(policykb, {_json(own)});\n"
    scripts["words.js"] = f"policykb.words = {_json(_words(db, known, base))};\n{_PLACES}"
    for name, content in ready.items():
        scripts[f"{name}.js"] = f"policykb.{name} = {_json(content)};\n"
    scripts["titles.js"] = f"policykb.titles = {_json(_titles(db))};\n{_PLACES}"
    digest = hashlib.sha256("".join(scripts.values()).encode())
    for file in sorted(STATIC.iterdir()):
        digest.update(file.read_bytes())

    def total(*packs: str) -> int:
        return sum(size for name, size in sizes.items() if name.rpartition("-")[0] in packs)

    software, rows = total("code", "wasm"), total("tables", FIRST)
    size = software if in_parts else software + rows
    return Engine(scripts, size, software + rows, in_parts, digest.hexdigest()[:12])


def without_rows(connection: sqlite3.Connection) -> bytes:
    """Return a SQLite file with all tables, indexes and views of a knowledge base, and no rows."""
    statements = connection.execute(
        "select s.sql from sqlite_schema s left join pragma_table_list t using (name)"
        " where s.sql is not null and t.type is not 'shadow' order by s.rowid"
    )
    with closing(sqlite3.connect(":memory:")) as empty:
        empty.executescript(";\n".join(text for (text,) in statements))
        return empty.serialize()


def packed(connection: sqlite3.Connection, pack: str) -> bytes:
    """Return the rows of the tables in a pack, from which engine.js fills its tables.

    The bytes are the length of a JSON object in 4 bytes, the object, and all texts, each once. `sizes` has the bytes of
    each value, or -1 for the next of the `others`. A column is the way from the place of each of its values to that of the
    next. Indexes and the full-text index are not in it, since they follow from the rows. This takes a fifth of the bytes of
    the file, compressed.
    """
    tables = [
        name
        for (name,) in connection.execute(
            "select s.name from sqlite_schema s join pragma_table_list t using (name)"
            " where t.type = 'table' and s.sql is not null order by s.rowid"
        )
    ]
    rare = {table: name for name, tables in RARE.items() for table in tables}
    places: dict[object, int] = {}
    columns = {
        table: _columns(connection, table, places)
        for table in tables
        if rare.get(table, FIRST) == pack
    }
    texts = [value.encode() for value in places if isinstance(value, str)]
    content = {
        "tables": columns,
        "sizes": [len(value.encode()) if isinstance(value, str) else -1 for value in places],
        "others": [value for value in places if not isinstance(value, str)],
    }
    content["elsewhere"] = rare if pack == FIRST else {}
    content["indexes"] = _full_text(connection) if pack == FIRST else {}
    head = _json(content).encode()
    return len(head).to_bytes(4, "little") + head + b"".join(texts)


def _full_text(connection: sqlite3.Connection) -> dict[str, dict]:
    """Return for each full-text index the table of its texts, and the statements that fill it."""
    indexes = connection.execute(
        "select name, sql from sqlite_schema where sql like 'create virtual table%'"
    )
    fill = [line for line in sql("fulltext.sql").splitlines() if line.startswith("insert")]
    return {
        name: {
            "content": re.search(r"content='(\w+)'", text)[1],
            "fill": "\n".join(line for line in fill if line.startswith(f"insert into {name}(")),
        }
        for name, text in indexes.fetchall()
    }


def _columns(
    connection: sqlite3.Connection, table: str, places: dict[object, int]
) -> list[list[int]]:
    """Return the columns of a table as steps between the `places` of their values, to which new values are added."""
    rows = connection.execute(f'select * from "{table}" order by rowid').fetchall()
    columns = []
    for values in zip(*rows, strict=True):
        numbers = [places.setdefault(value, len(places)) for value in values]
        columns.append([there - here for here, there in pairwise([0, *numbers])])
    return columns


def _parts(packed: dict[str, bytes]) -> Iterator[tuple[str, str]]:
    """Yield the scripts that hold what the engine needs, compressed, by their names."""
    for name, content in packed.items():
        text = base64.b64encode(gzip.compress(content, 6, mtime=0)).decode()
        for number, start in enumerate(range(0, len(text), PART)):
            part = text[start : start + PART]
            yield f"{name}-{number}.js", f'policykb.part("{name}", {number}, "{part}");\n'


def _words(db: Path, known: data.Known, base: str | None) -> dict:
    """Return what the browser needs to show answers as the pages do: statements, labels, marks and addresses."""
    statements = [*SHARED, *(f"contribute.{name}" for name in LOOKUPS)]
    labels = {name: {term.id: term.label for term in terms} for name, terms in VOCABULARIES.items()}
    effects = known.terms["effects"]
    labels["effects"] = {term_id: term["label"] for term_id, term in effects.items()}
    with closing(reading.connect(db)) as connection:
        jurisdictions = {
            row["id"]: row["name"]
            for row in data.read(connection.conn, "places.jurisdiction_names", {})
        }
        windows = timeline.fitted(connection.conn)
    about = {
        "site": {name: known.info.get(name) for name in WAYS},
        "longest": links.MOST_ADDRESS,
        "page": PAGE_OF_RECORD,
    }
    with with_declared(known.declared):
        contribute = web_form.exported()
    views = {name: lists.view_with(name, known.effect_on) for name in lists.VIEWS}
    return {
        "base": base,
        "forms": {name: _form(name, view) for name, view in views.items()},
        "sources": bars.SOURCES,
        "timeline": {
            "fitted": windows,
            "years": timeline.YEARS,
            "limits": [timeline.FIRST_YEAR, timeline.LAST_YEAR],
            "ideas": sorted(IDEAS),
        },
        "statements": {name: data.sql(name) for name in statements},
        "contribute": contribute | about,
        "questions": {name: _question(question) for name, question in known.questions.items()},
        "functions": _functions(),
        "page": PAGE,
        "formula": FORMULA,
        "months": MONTHS,
        "marks": {"": "", "~": MARKS["approximate"], "?": MARKS["uncertain"]},
        "jurisdictions": jurisdictions,
        "labels": labels,
        "briefs": dict(_briefs(labels)),
        "effect": capitalized(known.effect_on),
        "marks_of_effects": {term_id: term["mark"] for term_id, term in effects.items()},
        "terms": TERMS,
        "cells": _cells(),
        "hit": search.FROM + search.TO,
    }


def _form(name: str, view: lists.View) -> dict:
    """Return what the form of the list `name` needs: statements, parameters of its address, and columns of its files."""
    kind = view.rows or view.kind
    return {
        "sql": data.sql(view.statement),
        "ranked": data.sql(view.ranked or view.statement),
        "filters": lists.choices(view.filters) | view.others,
        "plain": view.plain,
        "orders": view.orders,
        "sort": next(iter(view.labels), ""),
        "values": {"effect": "[]", "size": takeaway.MOST, "skip": 0, "count": 0}
        | lists.NOT_FEW
        | lists.matching(view.kind, ""),
        "kind": kind,
        "rows": data.sql(f"takeaway.{kind}"),
        "sourced": kind not in bars.UNSOURCED,
        "shows": "actions" if name == "actions" else "table",
    }


def _question(question: Question) -> dict:
    parameters = [
        {
            "name": parameter.name,
            "kind": parameter.kind,
            "default": parameter.default,
            "required": required(parameter),
            "record": parameter.kind == "id" and parameter.name in KINDS,
        }
        for parameter in question.parameters
    ]
    return {"sql": question.sql, "parameters": parameters}


def _functions() -> dict:
    """Return the patterns of the SQL functions, which read/functions.py defines, in the form of JavaScript."""
    forms = [(re.sub(r"\?P<", "?<", form.pattern), form.shown) for form in RUNNING_FORMS]
    return {"characters": CHARACTERS, "forms": forms, "spellings": SPELLINGS}


def _briefs(labels: dict) -> Iterator[tuple[str, dict]]:
    """Yield the status in few words for each stage and legal force."""
    for stage, force in product(labels["stages"], labels["legal_forces"]):
        yield f"{stage} {force}", brief(stage, force)


def _cells() -> dict:
    """Return what a cell of an answer is, by the name of its column, as views/cells.py has it."""
    return {
        "links": cells.LINKS,
        "owners": cells.OWNERS,
        "dates": sorted(cells.DATES),
        "labels": cells.LABELS,
        "yes_no": sorted(cells.YES_NO),
        "prose": sorted(cells.PROSE),
        "headings": cells.HEADINGS,
        "dated": list(cells.DATED),
        "ahead": {event: words.capitalize() for event, words in AHEAD.items()},
    }


def _titles(db: Path) -> list[list[str]]:
    """Return every record as search needs it before the knowledge base is loaded: its kind, id, title and other names."""
    with closing(reading.connect(db)) as connection:
        rows = data.read(connection.conn, "search.index_of_titles", {})
    return [list(row.values()) for row in rows]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
