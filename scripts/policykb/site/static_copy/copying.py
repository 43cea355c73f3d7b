"""The whole site as static files: every page is asked of the real application, in process, and written as it comes."""

import asyncio
import hashlib
import json
import logging
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import httpx
from datasette.app import Datasette
from jinja2 import ChoiceLoader, FileSystemLoader

from policykb.exports import tables
from policykb.files.folder import replacement_folder
from policykb.model import dates
from policykb.model.problems import NotDone
from policykb.read import database as reading
from policykb.site import data
from policykb.site.serve import SETTINGS
from policykb.site.static_copy.addresses import (
    ASSETS,
    DATA,
    INDEX,
    MISSING,
    SEARCH,
    Addresses,
    Target,
    relative,
)
from policykb.site.static_copy.pages import HOST, Copy, policy, rewritten

# A copy has pages and files alone, and all may be collected; read where the copy is the root of its host.
ROBOTS = b"User-agent: *\nAllow: /\n"
AT_ONCE = 16
# As the service answers, but a statement may take its time: nobody waits for it.
LIKE_THE_SERVICE = {"max_returned_rows": SETTINGS["max_returned_rows"], "sql_time_limit_ms": 60_000}
HERE = Path(__file__).parent
SITE = HERE.parent / "static"
Progress = Callable[[int, int], None]


class Made(NamedTuple):
    """What was written: files and bytes."""

    files: int
    bytes: int


def publish(
    db: Path,
    place: Path,
    today: str,
    base: str | None = None,
    live: str | None = None,
    progress: Progress | None = None,
) -> Made:
    """Write the site of the knowledge base `db` as seen on the day `today` into the folder `place`, whole or not at all.

    `base` is the address at which the copy will stand, `live` that of a live site. The same `db` and `today` give the same bytes.

    :raises OccupiedError: if `place` holds something else.
    :raises NotDone: if the application does not answer with a page where it should.
    """
    with dates.taken_as_today(today), replacement_folder(place) as folder:
        asyncio.run(
            _copy(
                db,
                folder,
                today,
                base and base.rstrip("/") + "/",
                live and live.rstrip("/") + "/",
                progress,
            )
        )
        files = [path for path in folder.rglob("*") if path.is_file()]
        return Made(len(files), sum(path.stat().st_size for path in files))


async def _copy(
    db: Path,
    folder: Path,
    today: str,
    base: str | None,
    live: str | None,
    progress: Progress | None,
) -> None:
    logging.getLogger("httpx").setLevel(logging.WARNING)
    datasette = Datasette([], immutables=[str(db)], settings=LIKE_THE_SERVICE)
    await datasette.invoke_startup()
    known = await data.known(datasette)
    copy = Copy(Addresses(known.name, _tables(db, today), today, bool(base)), today, base, live)
    transport = httpx.ASGITransport(app=datasette.app())
    async with httpx.AsyncClient(transport=transport, base_url=HOST, trust_env=False) as client:
        _write(folder, f"{ASSETS}/icon.png", (await client.get("/favicon.ico")).content)
        await _pages(client, folder, copy, _first(db), progress)
    _own(datasette, known, db, folder, copy)


def _first(db: Path) -> list[str]:
    """The addresses to begin with: the front page, every record, and every id that leads to another record."""
    with closing(reading.opened(db)) as connection:
        kinds = dict(connection.execute("select id, kind from records order by number").fetchall())
        moved = connection.execute("select id, to_id from redirects order by id").fetchall()
    return [
        "/",
        *(f"/{data.KINDS[kind]}/{id}" for id, kind in kinds.items()),
        *(f"/{data.KINDS[kinds[to]]}/{id}" for id, to in moved),
    ]


async def _pages(
    client: httpx.AsyncClient, folder: Path, copy: Copy, first: list[str], progress: Progress | None
) -> None:
    """Write every page that can be reached from the addresses `first`."""
    seen = {target.file: target for address in first if (target := copy.addresses.target(address))}
    waiting = list(seen.values())
    done = 0
    while waiting:
        batch, waiting = waiting[:AT_ONCE], waiting[AT_ONCE:]
        for found in await asyncio.gather(
            *(_page(client, folder, copy, target) for target in batch)
        ):
            for target in sorted(found):
                if target.file not in seen:
                    seen[target.file] = target
                    waiting.append(target)
        done += len(batch)
        if progress:
            progress(done, len(seen))


async def _page(client: httpx.AsyncClient, folder: Path, copy: Copy, target: Target) -> set[Target]:
    """Write one page; the pages that it leads to."""
    answer = await client.get(target.address)
    if answer.status_code == 301:
        there = copy.addresses.target(answer.headers["location"])
        _write(folder, target.file, _stub(copy.way(target.file, there)))
        return {there._replace(rest="")}
    if answer.status_code != 200:
        raise NotDone(f"{target.address}: the site answers {answer.status_code}")
    if not answer.headers["content-type"].startswith("text/html"):
        _write(folder, target.file, copy.cited(answer.content.decode()).encode())
        return set()
    text, found = rewritten(answer.text, target.file, target.address, copy)
    _write(folder, target.file, text.encode())
    return found


def _stub(way: str) -> bytes:
    """The page of an id that is no longer used: it leads on to the record that took its place."""
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8">{policy(scripts=False)}<title>Moved</title><meta http-equiv="refresh" content="0; url={way}">'
        f'<h1>Moved</h1><p>This record has a new id: <a href="{way}">go there</a>.</p></html>\n'
    ).encode()


def _own(datasette: Datasette, known: data.Known, db: Path, folder: Path, copy: Copy) -> None:
    """Write what the copy has and the site has not: search in the browser, the data, the page for what is missing, styles and scripts."""
    templates = datasette._policykb_templates
    templates = templates.overlay(
        loader=ChoiceLoader([FileSystemLoader(HERE / "templates"), templates.loader])
    )
    content = db.read_bytes()
    context = {"known": known, "site": known.info, "today": copy.day, "live": copy.live}
    with closing(reading.connect(db)) as database:
        listed = tables.tables(database, copy.day)
        (folder / "data").mkdir()
        tables.write(database, listed, "csv", folder, copy.day)
    pages = {
        SEARCH: ("copy_search", {"section": "/search"}),
        DATA: (
            "copy_data",
            {
                "section": "data",
                "tables": listed,
                "file": db.name,
                "size": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
            },
        ),
        MISSING: ("copy_missing", {}),
    }
    for file, (template, more) in pages.items():
        text, _ = rewritten(
            templates.get_template(f"{template}.html").render({**context, **more}),
            file,
            f"/{file.removesuffix(INDEX).rstrip('/')}",
            copy,
        )
        _write(folder, file, text.encode())
    _write(folder, db.name, content)
    _write(folder, "robots.txt", ROBOTS)
    _write(folder, f"{ASSETS}/records.js", _records(db).encode())
    for place in (SITE, HERE / "static"):
        for file in sorted(place.iterdir()):
            shutil.copyfile(file, folder / ASSETS / file.name)


def _records(db: Path) -> str:
    """Every record as search in the browser needs it: its page, kind, title and text; a script, since a page read from a disk may load nothing else."""
    with closing(reading.opened(db)) as connection:
        rows = connection.execute(
            "select kind, id, title, text from records order by number"
        ).fetchall()
    kept = [
        [relative(SEARCH, f"{data.KINDS[kind]}/{id}/{INDEX}"), kind, title, text]
        for kind, id, title, text in rows
    ]
    return (
        f"const policykbRecords = {json.dumps(kept, ensure_ascii=False, separators=(',', ':'))};\n"
    )


def _tables(db: Path, day: str) -> set[str]:
    """The tables and views that the copy has as CSV."""
    with closing(reading.connect(db)) as database:
        return {table.name for table in tables.tables(database, day)}


def _write(folder: Path, file: str, content: bytes) -> None:
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
