"""What a copy needs to answer by itself in the browser: SQLite and the knowledge base as scripts, and the words of the pages.

They are scripts, since a page read from a disk may load nothing else, and packed, so that no host has to do it.
"""

import base64
import gzip
import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import closing
from itertools import product
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from policykb.exports import following
from policykb.model.vocabulary import IDEAS, OPENNESS_EFFECTS, RUNNING_FORMS, VOCABULARIES
from policykb.read import database as reading
from policykb.read.links import PLACES
from policykb.read.questions import FORMULA, questions
from policykb.read.status_line import brief
from policykb.site import data
from policykb.site.views import bars, cells, compare, lists, search, takeaway, timeline
from policykb.site.views.questions import KINDS, PAGE, required
from policykb.text import AHEAD, CHARACTERS, MARKS, MONTHS

STATIC = Path(__file__).parent / "static"
PART = 256 * 1024  # characters of a script; readers see progress after each
LARGE = 20_000_000  # bytes of a knowledge base that is read in parts, where the host gives them
# Files that are parts of scripts and not copied as they are.
PACKED = {"engine.js", "ranges.js", "sqlite3.js", "sqlite3.wasm"}
OFFLINE = "sw.js"  # at the top of a copy, since a worker serves what is below it


_PLACES = f"policykb.places = {json.dumps(PLACES)};\n"


# Statements that every form may use.
SHARED = ("records.record", "records.titles", "takeaway.sources", "timeline.events")


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
    packed = {
        "code": code.encode(),
        "wasm": (STATIC / "sqlite3.wasm").read_bytes(),
        "kb": db.read_bytes(),
    }
    scripts = dict(_parts(packed))
    sizes = {name: len(text) for name, text in scripts.items()}
    with closing(reading.connect(db)) as connection:
        ready = {
            "comparison": compare.everything(connection.conn, today),
            "news": following.ready(connection, today),
        }
    in_parts = db.stat().st_size > LARGE
    words = _words(db, base) | {"scripts": sizes, "parts": quote(db.name) if in_parts else ""}
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


def _parts(packed: dict[str, bytes]) -> Iterator[tuple[str, str]]:
    """Yield the scripts that hold what the engine needs, compressed, by their names."""
    for name, content in packed.items():
        text = base64.b64encode(gzip.compress(content, 9, mtime=0)).decode()
        for number, start in enumerate(range(0, len(text), PART)):
            part = text[start : start + PART]
            yield f"{name}-{number}.js", f'policykb.part("{name}", {number}, "{part}");\n'


def _words(db: Path, base: str | None) -> dict:
    """Return what the browser needs to show answers as the pages do: statements, labels, marks and addresses."""
    labels = {name: {term.id: term.label for term in terms} for name, terms in VOCABULARIES.items()}
    with closing(reading.connect(db)) as connection:
        jurisdictions = {
            row["id"]: row["name"]
            for row in data.read(connection.conn, "places.jurisdiction_names", {})
        }
        windows = timeline.fitted(connection.conn)
    return {
        "base": base,
        "forms": {name: _form(name, view) for name, view in lists.VIEWS.items()},
        "sources": bars.SOURCES,
        "timeline": {
            "columns": timeline.COLUMNS,
            "fitted": windows,
            "years": timeline.YEARS,
            "limits": [timeline.FIRST_YEAR, timeline.LAST_YEAR],
            "ideas": sorted(IDEAS),
        },
        "statements": {name: data.sql(name) for name in SHARED},
        "questions": {name: _question(name) for name in questions()},
        "functions": _functions(),
        "page": PAGE,
        "formula": FORMULA,
        "months": MONTHS,
        "marks": {"": "", "~": MARKS["approximate"], "?": MARKS["uncertain"]},
        "jurisdictions": jurisdictions,
        "labels": labels,
        "briefs": dict(_briefs(labels)),
        "openness": {term.id: term.glyph for term in OPENNESS_EFFECTS},
        "cells": _cells(),
        "hit": search.FROM + search.TO,
    }


def _form(name: str, view: lists.View) -> dict:
    """Return what answers the form of the list `name`: its statements, the parameters of its address, and the files made of it."""
    return {
        "statement": data.sql(view.statement),
        "ranked": data.sql(view.ranked or view.statement),
        "filters": lists.choices(view.filters) | view.others,
        "plain": view.plain,
        "orders": view.orders,
        "sort": next(iter(view.labels), ""),
        "values": {"size": takeaway.MOST, "skip": 0, "count": 0, **lists.NOT_FEW},
        "kind": view.kind,
        "rows": data.sql(f"takeaway.{view.kind}"),
        "sourced": view.kind not in bars.UNSOURCED,
        "shows": "actions" if name == "actions" else "table",
    }


def _question(name: str) -> dict:
    question = questions()[name]
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
