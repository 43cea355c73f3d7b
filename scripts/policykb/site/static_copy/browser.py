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
PACKED = {"engine.js", "ranges.js", "sqlite3.js", "sqlite3.wasm"}
OFFLINE = "sw.js"  # at the top of a copy, since a worker serves what is below it


_PLACES = f"policykb.places = {json.dumps(PLACES)};\n"


# Statements that every form may use.
SHARED = ("records.record", "records.titles", "takeaway.sources", "timeline.shown")
WAYS = ("new_url", "edit_url", "report_url", "contact")  # how a file reaches the editors
LOOKUPS = ("identified", "named", "at_address", "coded", "used", "whole")

# Tables that few ask for: the browser loads them when a statement of the reader or a correction does.
RARE = {"record_json"}


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
        often, rarely = (packed(connection.conn, rare) for rare in (False, True))
        ready = {
            "comparison": compare.everything(connection.conn, known, today),
            "news": following.ready(connection, today),
        }
    scripts = dict(_parts({"code": code.encode(), "wasm": wasm, "kb": often.encode()}))
    rare = dict(_parts({"rare": rarely.encode()}))
    sizes, more = ({name: len(text) for name, text in part.items()} for part in (scripts, rare))
    scripts |= rare
    in_parts = db.stat().st_size > LARGE
    words = _words(db, known, base) | {
        "scripts": sizes,
        "rare": {"tables": sorted(RARE), "scripts": more},
        "parts": quote(db.name) if in_parts else "",
    }
    scripts["words.js"] = f"policykb.words = {_json(words)};\n{_PLACES}"
    for name, content in ready.items():
        scripts[f"{name}.js"] = f"policykb.{name} = {_json(content)};\n"
    scripts["titles.js"] = f"policykb.titles = {_json(_titles(db))};\n{_PLACES}"
    digest = hashlib.sha256("".join(scripts.values()).encode())
    for file in sorted(STATIC.iterdir()):
        digest.update(file.read_bytes())
    whole = sum(sizes.values())
    rest = sum(size for name, size in sizes.items() if in_parts and name.startswith("kb-"))
    return Engine(scripts, whole - rest, whole, in_parts, digest.hexdigest()[:12])


def packed(connection: sqlite3.Connection, rare: bool) -> str:
    """Return the `rare` tables of a knowledge base, or the others, as JSON from which engine.js rebuilds them.

    Indexes and the full-text index are not in it, since they follow from the rows. Each value is written once, where it
    comes first; a column is the way from the place of each of its values to that of the next. This takes a fifth of the
    bytes of the file, compressed.
    """
    shadows = {
        name
        for (name,) in connection.execute(
            "select name from pragma_table_list where type = 'shadow'"
        )
    }
    schema = connection.execute(
        "select type, name, sql from sqlite_schema where sql is not null order by rowid"
    ).fetchall()
    own = [row for row in schema if (row[1] in RARE) == rare and row[1] not in shadows]
    tables = {name: text for kind, name, text in own if kind == "table"}
    places: dict[object, int] = {}
    columns = {
        name: _columns(connection, name, places)
        for name, text in tables.items()
        if not text.lower().startswith("create virtual")
    }
    after = [text for kind, _, text in own if kind != "table"]
    if not rare:
        after = [sql("fulltext.sql"), *after]
    return json.dumps(
        {
            "before": list(tables.values()),
            "values": list(places),
            "tables": columns,
            "after": after,
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


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
        "values": {"effect": "[]", "size": takeaway.MOST, "skip": 0, "count": 0, **lists.NOT_FEW},
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
