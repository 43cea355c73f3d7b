"""The whole site as static files: every page is asked of the real application, in process, and written as it comes."""

import asyncio
import hashlib
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from datasette.app import Datasette

from policykb.exports import tables
from policykb.files.folder import replacement_folder
from policykb.model import dates
from policykb.model.problems import PolicykbError
from policykb.read import database as reading
from policykb.read.links import path
from policykb.site import data, links, routes
from policykb.site.serve import SETTINGS
from policykb.site.static_copy import browser
from policykb.site.static_copy.addresses import (
    ASSETS,
    DATA,
    INDEX,
    MISSING,
    SEARCH,
    Addresses,
    Target,
)
from policykb.site.static_copy.pages import HOST, Copy, Page

# A copy has pages and files alone, and all may be collected; read where the copy is the root of its host.
ROBOTS = b"User-agent: *\nAllow: /\n"
AT_ONCE = 16
# As the service answers, but a statement may take its time, since no reader waits, and needs no thread of its own.
LIKE_THE_SERVICE = {
    "max_returned_rows": SETTINGS["max_returned_rows"],
    "sql_time_limit_ms": 60_000,
    "num_sql_threads": 0,
}
HERE = Path(__file__).parent
SITE = HERE.parent / "static"
Progress = Callable[[int, int], None]


class Written(NamedTuple):
    """What a copy has: files and bytes; and how many files are new or differ from those of the earlier copy."""

    files: int
    bytes: int
    changed: int


class Output:
    """The new folder of a copy, and the earlier copy. A file with the same bytes there is linked, and not written again."""

    def __init__(self, folder: Path, before: Path) -> None:
        self.folder, self.before = folder, before
        self.folders: set[Path] = set()
        self.files = self.bytes = self.changed = 0
        self.digests: dict[str, bytes] = {}

    def write(self, file: str, content: bytes) -> None:
        """Write the file with this name in the folder."""
        path = self.folder / file
        if path.parent not in self.folders:
            path.parent.mkdir(parents=True, exist_ok=True)
            self.folders.add(path.parent)
        self.files += 1
        self.bytes += len(content)
        self.digests[file] = hashlib.sha256(content).digest()
        try:
            if (self.before / file).read_bytes() == content:
                path.hardlink_to(self.before / file)
                return
        except OSError:  # there is no such file, or the disk has no links
            pass
        path.write_bytes(content)
        self.changed += 1

    @property
    def version(self) -> str:
        """The hash of all files so far."""
        return hashlib.sha256(repr(sorted(self.digests.items())).encode()).hexdigest()[:16]


def publish(
    db: Path,
    place: Path,
    today: str,
    base: str | None = None,
    live: str | None = None,
    progress: Progress | None = None,
) -> Written:
    """Write the site of the knowledge base `db` as seen on the day `today` into the folder `place`, whole or not at all.

    `base` is the address that the copy will have, `live` that of a live site. The same `db` and `today` give the same bytes.

    :raises InvalidInputError: if `place` holds something else.
    :raises PolicykbError: if the application does not answer with a page where it should.
    """
    copy_of = {
        "day": today,
        "base": base and base.rstrip("/") + "/",
        "live": live and live.rstrip("/") + "/",
    }
    with dates.taken_as_today(today), replacement_folder(place) as folder:
        output = Output(folder, place.resolve())
        asyncio.run(_copy(db, output, copy_of, progress))
        return Written(output.files, output.bytes, output.changed)


async def _copy(db: Path, output: Output, copy_of: dict, progress: Progress | None) -> None:
    datasette = Datasette([], immutables=[str(db)], settings=LIKE_THE_SERVICE)
    await datasette.invoke_startup()
    today, base, live = copy_of["day"], copy_of["base"], copy_of["live"]
    with closing(reading.connect(db)) as connection:
        listed = tables.tables(connection, today)
    names = {table.name for table in listed}
    addresses = Addresses(data.known(datasette).name, names, today, bool(base))
    copy = Copy(addresses, today, base, live, browser.engine(db, today, base or live))
    icon = await datasette.client.get("/favicon.ico")
    output.write(f"{ASSETS}/icon.png", icon.content)
    await _pages(datasette, output, copy, _first(db), progress)
    _own(datasette, db, output, copy)


def _first(db: Path) -> list[str]:
    """Return the addresses to begin with: the front page, every record, and every id that leads to another record."""
    with closing(reading.connect(db)) as connection:
        records = connection.execute("select id, kind from records order by number").fetchall()
        former = connection.execute(
            "select o.id, r.kind from redirects o join records r on r.id = o.to_id order by o.id"
        ).fetchall()
    files = ("/sitemap.xml", "/opensearch.xml", "/CITATION.cff")  # where they have an address
    return ["/", *files, *(path(kind, record_id) for record_id, kind in [*records, *former])]


async def _pages(
    datasette: Datasette, output: Output, copy: Copy, first: list[str], progress: Progress | None
) -> None:
    """Write every page that can be reached from the addresses `first`."""
    targets = filter(None, map(copy.addresses.target, first))
    seen = {target.file: target for target in targets}
    waiting = list(seen.values())
    count = 0
    while waiting:
        batch, waiting = waiting[:AT_ONCE], waiting[AT_ONCE:]
        for targets in await asyncio.gather(
            *(_page(datasette, output, copy, target) for target in batch)
        ):
            for target in sorted(targets):
                if target.file not in seen:
                    seen[target.file] = target
                    waiting.append(target)
        count += len(batch)
        if progress:
            progress(count, len(seen))


async def _page(datasette: Datasette, output: Output, copy: Copy, target: Target) -> set[Target]:
    """Write one page; return the pages that it leads to."""
    page = Page(copy, target.file, target.address)
    links.COPY.set(page)  # of this task alone
    answer = await routes.answer(datasette, target.address, HOST.removeprefix("http://"))
    status = answer.status if answer else 404
    if status == 301:
        there = copy.addresses.target(answer.headers["location"])
        output.write(target.file, _stub(page, there))
        return {there._replace(rest="")}
    if status != 200:
        raise PolicykbError(f"{target.address}: the site answers {status}")
    body = answer.body if isinstance(answer.body, bytes) else None
    output.write(target.file, body or page.finished(answer.body).encode())
    return page.targets


def _stub(page: Page, target: Target) -> bytes:
    """Return the page of an id that is no longer used: it leads on to the record that took its place."""
    way = page.way(target)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8">{page.policy(scripts=False)}<title>Moved</title><meta http-equiv="refresh" content="0; url={way}">'
        f'<h1>Moved</h1><p>This record has a new id: <a href="{way}">go there</a>.</p></html>\n'
    ).encode()


def _own(datasette: Datasette, db: Path, output: Output, copy: Copy) -> None:
    """Write what only the copy has: search in the browser, the data, the page for what is missing, styles and scripts."""
    known = data.known(datasette)
    content = db.read_bytes()
    with closing(reading.connect(db)) as connection:
        listed = tables.tables(connection, copy.day)
        with tempfile.TemporaryDirectory() as name:
            (Path(name) / "data").mkdir()
            tables.write(connection, listed, "csv", Path(name), copy.day)
            for path in sorted(Path(name).rglob("*.*")):
                output.write(str(path.relative_to(name)), path.read_bytes())
    digest = hashlib.sha256(content).hexdigest()
    about = {"tables": listed, "file": db.name, "size": len(content), "sha256": digest}
    pages = {
        SEARCH: ("copy_search", {"section": "/search"}),
        DATA: ("copy_data", {"section": "data", **about}),
        MISSING: ("copy_missing", {}),
    }
    for file, (template, more) in pages.items():
        page = Page(copy, file, f"/{file.removesuffix(INDEX).rstrip('/')}")
        links.COPY.set(page)
        context = {"known": known, "site": known.info, "copy": page, **more}
        text = datasette._policykb_templates.get_template(f"policykb/{template}.html").render(
            context
        )
        output.write(file, page.finished(text).encode())
    output.write(db.name, content)
    sitemap = f"Sitemap: {copy.base}sitemap.xml\n".encode() if copy.base else b""
    output.write("robots.txt", ROBOTS + sitemap)
    for name, text in copy.engine.scripts.items():
        output.write(f"{ASSETS}/{name}", text.encode())
    for place in (SITE, HERE / "static"):
        for file in sorted(place.iterdir()):
            if file.name not in {*browser.PACKED, browser.OFFLINE}:
                output.write(f"{ASSETS}/{file.name}", file.read_bytes())
    worker = (browser.STATIC / browser.OFFLINE).read_text("utf-8")
    output.write(browser.OFFLINE, f'const VERSION = "{output.version}";\n{worker}'.encode())
