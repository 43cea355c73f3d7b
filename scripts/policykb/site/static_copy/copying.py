"""The whole site as static files: every page is asked of the real application, in process, and written as it comes."""

import asyncio
import gc
import hashlib
import os
import tempfile
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from datasette.app import Datasette

from policykb.build import parallel
from policykb.exports import tables
from policykb.files.folder import files_of_copy, replacement_folder
from policykb.model import dates
from policykb.model.problems import PolicykbError
from policykb.read import database as reading
from policykb.read.links import path
from policykb.site import data, links, routes
from policykb.site.serve import SETTINGS
from policykb.site.state import state_of
from policykb.site.static_copy import browser, receipt
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
from policykb.site.static_copy.receipt import NOTHING, RECEIPT, Written, total
from policykb.site.views import share

# A copy has pages and files alone, and all may be collected; read where the copy is the root of its host.
ROBOTS = b"User-agent: *\nAllow: /\n"
AT_ONCE = 16  # pages that a process makes for one request
RECORDS_FOR_TWO = 500  # from here on several processes are faster
# As the service answers, but a statement may take its time, since no reader waits, and needs no thread of its own.
LIKE_THE_SERVICE = {
    "max_returned_rows": SETTINGS["max_returned_rows"],
    "sql_time_limit_ms": 60_000,
    "num_sql_threads": 0,
}
HERE = Path(__file__).parent
SITE = HERE.parent / "static"
Progress = Callable[[int, int], None]
Ask = Callable[[list[Target]], Callable[[], "Result"]]


class Output:
    """The new folder of a copy, and the earlier copy. A file with the same bytes there is linked, and not written again."""

    def __init__(self, folder: Path, before: Path) -> None:
        self.folder, self.before = f"{folder}/", f"{before}/"
        self.is_first = not files_of_copy(before)
        self.folders = {""}
        self.counted = NOTHING

    def write(self, file: str, content: bytes) -> None:
        """Write the file with this name in the folder."""
        earlier, path = self.before + file, self.folder + file
        self._make(file.rpartition("/")[0])
        is_new = self.is_first or not _holds(earlier, content)
        if not is_new:
            try:
                os.link(earlier, path)
            except OSError:  # the disk has no links
                is_new = True
        if is_new:
            with open(path, "wb", buffering=0) as handle:
                handle.write(content)
        self.counted = total([self.counted, receipt.of_file(file, content, is_new)])

    def _make(self, folder: str) -> None:
        """Make a folder and those above it, which another process may have made."""
        if folder not in self.folders:
            self._make(folder.rpartition("/")[0])
            with suppress(FileExistsError):
                os.mkdir(self.folder + folder)
            self.folders.add(folder)

    def count(self) -> Written:
        """Return what was written since the last call."""
        counted, self.counted = self.counted, NOTHING
        return counted


def _holds(file: str, content: bytes) -> bool:
    """Return whether there is a file with this content."""
    try:
        with open(file, "rb") as handle:
            return os.fstat(handle.fileno()).st_size == len(content) and handle.read() == content
    except OSError:
        return False


def publish(
    db: Path,
    place: Path,
    today: str,
    base: str | None = None,
    live: str | None = None,
    progress: Progress | None = None,
    processes: int | None = None,
) -> Written:
    """Write the site of the knowledge base `db` as seen on the day `today` into the folder `place`, whole or not at all.

    `base` is the address that the copy will have, `live` that of a live site. The same `db` and `today` give the same bytes,
    with any number of `processes`; None: as many as are useful.

    :raises InvalidInputError: if `place` holds something else.
    :raises PolicykbError: if the application does not answer with a page where it should.
    """
    origin = receipt.origin(db, today, base, live)
    with closing(reading.connect(db)) as connection:
        listed = tables.tables(connection, today)
    base, live = (address and address.rstrip("/") + "/" for address in (base, live))
    addresses = Addresses(db.stem, {table.name for table in listed}, today, bool(base))
    first = _first(db)
    if processes is None:
        processes = parallel.cores() if len(first) >= RECORDS_FOR_TWO else 1
    copy = Copy(addresses, today, base, live, _engine(db, today, base or live, processes), {})
    with replacement_folder(place) as folder:
        output = Output(folder, place.resolve())
        with _makers(Work(db, output, copy), processes) as ask:
            written = _pages(ask, 4 * processes, _targets(copy, first), progress)
        worker = (browser.STATIC / browser.OFFLINE).read_text("utf-8")
        version = f"{written.digests % 2**64:016x}"
        output.write(browser.OFFLINE, f'const VERSION = "{version}";\n{worker}'.encode())
        written = total([written, output.count()])
        (folder / RECEIPT).write_text(receipt.text(origin, written), "ascii")
        return written


def _engine(db: Path, today: str, base: str | None, processes: int) -> browser.Engine:
    """Return what the browser needs; with several processes, one makes it while this one prepares for the pages."""
    make = partial(browser.engine, db, today, base)
    with dates.taken_as_today(today):
        if processes == 1:
            return make()
        with parallel.workers(1) as pool:
            engine = pool.submit(make)
            _prepare(db)
            return engine.result()


def _prepare(db: Path) -> None:
    """Import the views and compile the templates, which the processes that are forked later then have."""
    templates = state_of(asyncio.run(_application(db))).templates
    for name in templates.list_templates(filter_func=lambda name: name.startswith("policykb/")):
        templates.get_template(name)
    for view in set(routes.PAGES.values()):
        import_module(f"policykb.site.views.{view.partition('.')[0]}")


async def _application(db: Path) -> Datasette:
    """Return an application of its own, which shows the knowledge base `db`."""
    datasette = Datasette([], immutables=[str(db)], settings=LIKE_THE_SERVICE)
    await datasette.invoke_startup()
    return datasette


class Work(NamedTuple):
    """What the pages of a copy are made from, and where they go."""

    db: Path
    output: Output
    copy: Copy


class Result(NamedTuple):
    """What was written, and the pages that it leads to, without those that were named before."""

    written: Written
    targets: list[Target]


class Maker:
    """A process's own application, which makes files of a copy."""

    def __init__(self, work: Work) -> None:
        self.db, self.output, self.copy = work
        self.named: set[Target] = set()
        self.runner = asyncio.Runner()  # a connection belongs to one thread and one loop
        self.datasette = self.runner.run(_application(self.db))

    def make(self, targets: list[Target]) -> Result:
        """Write these pages; without any, the files that only the copy has."""
        named = self.runner.run(self._links(targets))
        new = sorted(named - self.named)
        self.named.update(new)
        return Result(self.output.count(), new)

    async def _links(self, targets: list[Target]) -> set[Target]:
        with dates.taken_as_today(self.copy.day):  # here, since the runner has a context of its own
            return await (self._pages(targets) if targets else self._own())

    async def _pages(self, targets: list[Target]) -> set[Target]:
        named: set[Target] = set()
        for target in targets:
            named |= await _page(self.datasette, self.output, self.copy, target)
        return named

    async def _own(self) -> set[Target]:
        icon = await self.datasette.client.get("/favicon.ico")
        self.output.write(f"{ASSETS}/icon.png", icon.content)
        _own(self.datasette, self.db, self.output, self.copy)
        return set()


_maker: Maker  # of a process


def _begin(work: Work) -> None:
    global _maker
    gc.set_threshold(50_000)  # pages leave few circles, and looking for them takes time
    _maker = Maker(work)


def _make(targets: list[Target]) -> Result:
    return _maker.make(targets)


@contextmanager
def _makers(work: Work, processes: int) -> Iterator[Ask]:
    """Yield a function that begins to make pages and returns a function that waits for their result."""
    if processes == 1:
        maker = Maker(work)
        with maker.runner:
            yield partial(partial, maker.make)
        return
    with parallel.workers(processes, _begin, work) as pool:
        yield lambda targets: pool.submit(_make, targets).result


def _first(db: Path) -> list[str]:
    """Return the addresses to begin with: the front page, every record, and every id that leads to another record."""
    with closing(reading.connect(db)) as connection:
        records = connection.execute("select id, kind from records order by number").fetchall()
        former = connection.execute(
            "select o.id, r.kind from redirects o join records r on r.id = o.to_id order by o.id"
        ).fetchall()
    # where they have an address
    files = (*share.sitemaps(len(records)), "/opensearch.xml", "/CITATION.cff")
    return ["/", *files, *(path(kind, record_id) for record_id, kind in [*records, *former])]


def _targets(copy: Copy, addresses: list[str]) -> list[Target]:
    """Return the pages at `addresses` that the copy has."""
    return list(filter(None, map(copy.addresses.target, addresses)))


def _pages(ask: Ask, ahead: int, first: list[Target], progress: Progress | None) -> Written:
    """Write every page that can be reached from `first`, and what only the copy has. `ahead` parts are begun at a time."""
    seen, waiting = {target.file for target in first}, deque(first)
    own, running = ask([]), deque()
    counts, count = [], 0
    while running or waiting:
        while waiting and len(running) < ahead:
            part = [waiting.popleft() for _ in range(min(AT_ONCE, len(waiting)))]
            running.append((len(part), ask(part)))
        number, wait = running.popleft()
        result = wait()
        counts.append(result.written)
        new = {target.file: target for target in result.targets if target.file not in seen}
        seen.update(new)
        waiting.extend(new.values())
        count += number
        if progress:
            progress(count, len(seen))
    return total([own().written, *counts])


async def _page(datasette: Datasette, output: Output, copy: Copy, target: Target) -> set[Target]:
    """Write one page; return the pages that it leads to."""
    page = Page(copy, target.file, target.address)
    links.COPY.set(page)
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
        text = (
            state_of(datasette).templates.get_template(f"policykb/{template}.html").render(context)
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
