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

from policykb.build.load import sql
from policykb.contribute import web_form
from policykb.model.vocabulary import RUNNING_FORMS, VOCABULARIES
from policykb.read import database as reading
from policykb.read.links import PAGE as PAGE_OF_RECORD
from policykb.read.links import PLACES
from policykb.read.questions import FORMULA, TERMS, Question, questions
from policykb.read.status_line import brief
from policykb.site import data, links, published
from policykb.site.views import cells, lists, search
from policykb.site.views.questions import KINDS, PAGE, required
from policykb.text import AHEAD, CHARACTERS, MARKS, MONTHS, headed

STATIC = Path(__file__).parent / "static"
PART = 256 * 1024  # characters of a script; readers see progress after each
# Files that are parts of scripts and not copied as they are.
PACKED = {"engine.js", "sqlite3.js", "sqlite3.wasm"}


_PLACES = f"policykb.places = {json.dumps(PLACES)};\n"


class Form(NamedTuple):
    """A form that the browser answers.

    Its statement in site/sql, what each of its filters chooses from, the statement's names of fields that have others,
    and values that never change. `shows` is 'actions', or 'table' for rows as cells.
    """

    statement: str
    filters: dict[str, str]
    fields: dict[str, str] = {}
    values: dict[str, object] = {}
    shows: str = "table"


# The name that a form has in `data-form` -> what answers it.
FORMS = {
    "actions": Form(
        "lists.actions",
        lists.choices(lists.ACTION_FILTERS),
        {"q": "words"},
        {
            **{"organization": "[]", "sort": "news", "count": 0, "size": 1_000_000, "skip": 0},
            **lists.NOT_FEW,
        },
        "actions",
    ),
}
# Statements that every form may use.
SHARED = ("records.record", "records.titles")
LOOKUPS = ("identified", "named", "at_address", "coded", "used", "whole")


# Tables that few ask for: the browser loads them when a statement of the reader or a correction does.
RARE = {"record_json"}


class Engine(NamedTuple):
    """The scripts of a copy by name, and the number of bytes that the browser loads before its first answer."""

    scripts: dict[str, str]
    size: int
    version: str


def engine(db: Path) -> Engine:
    """Return the scripts with which the browser answers from the knowledge base `db`."""
    code = "\n".join((STATIC / name).read_text("utf-8") for name in ("sqlite3.js", "engine.js"))
    wasm = (STATIC / "sqlite3.wasm").read_bytes()
    with closing(reading.connect(db)) as connection:
        often, rarely = (packed(connection.conn, rare) for rare in (False, True))
    parts = {"code": code.encode(), "wasm": wasm, "kb": often.encode()}
    scripts = dict(_parts(parts))
    sizes = {name: len(text) for name, text in scripts.items()}
    scripts |= (more := dict(_parts({"rare": rarely.encode()})))
    words = _words(db) | {"scripts": sizes}
    words["rare"] = {
        "tables": sorted(RARE),
        "scripts": {name: len(text) for name, text in more.items()},
    }
    scripts["words.js"] = f"policykb.words = {_json(words)};\n{_PLACES}"
    scripts["titles.js"] = f"policykb.titles = {_json(_titles(db))};\n{_PLACES}"
    digest = hashlib.sha256("".join(scripts.values()).encode()).hexdigest()
    return Engine(scripts, sum(sizes.values()), digest[:12])


def packed(connection: sqlite3.Connection, rare: bool) -> str:
    """Return the tables of a knowledge base that are `rare`, or the others, as JSON, from which engine.js makes them again.

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
        text = base64.b64encode(gzip.compress(content, 9, mtime=0)).decode()
        for number, start in enumerate(range(0, len(text), PART)):
            part = text[start : start + PART]
            yield f"{name}-{number}.js", f'policykb.part("{name}", {number}, "{part}");\n'


def _words(db: Path) -> dict:
    """Return what the browser needs to show answers as the pages do: statements, labels, marks and addresses."""
    statements = [*SHARED, *(f"contribute.{name}" for name in LOOKUPS)]
    labels = {name: {term.id: term.label for term in terms} for name, terms in VOCABULARIES.items()}
    effects = published.effects(str(db))
    labels["effects"] = {term_id: term["label"] for term_id, term in effects.items()}
    effect_on = published.facts(str(db)).get("effect_on", "")
    with closing(reading.connect(db)) as connection:
        jurisdictions = {
            row["id"]: row["name"]
            for row in data.read(connection.conn, "places.jurisdiction_names", {})
        }
        site = dict(connection.execute("select key, value from kb_info"))
    about = {
        "site": {name: site.get(name) for name in ("new_url", "edit_url", "report_url")},
        "longest": links.MOST_ADDRESS,
        "page": PAGE_OF_RECORD,
    }
    return {
        "forms": {name: _form(form) for name, form in FORMS.items()},
        "statements": {name: data.sql(name) for name in statements},
        "contribute": web_form.exported() | about,
        "questions": {name: _question(question) for name, question in questions(effect_on).items()},
        "functions": _functions(),
        "page": PAGE,
        "formula": FORMULA,
        "months": MONTHS,
        "marks": {"": "", "~": MARKS["approximate"], "?": MARKS["uncertain"]},
        "jurisdictions": jurisdictions,
        "labels": labels,
        "briefs": dict(_briefs(labels)),
        "effect": headed(effect_on),
        "marks_of_effects": {term_id: term["mark"] for term_id, term in effects.items()},
        "terms": TERMS,
        "cells": _cells(),
        "hit": search.FROM + search.TO,
    }


def _form(form: Form) -> dict:
    return {**form._asdict(), "sql": data.sql(form.statement)}


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
    return {"characters": CHARACTERS, "forms": forms}


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
