"""Run the service on kb.db: as an immutable file, with limits, and again whenever the file is replaced.

A replaced file is invisible to a running Datasette, so the service is two child processes (worker.py) that are
restarted: one for the pages, one for what strangers ask by SQL. Where the system can fork, they share what this process
has imported: a start takes a fraction of a second, and less memory. They serve a link to the file, so that they keep
the old one until a new one has passed its checks.
"""

import errno
import gc
import multiprocessing
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path

import click

from policykb.files.digests import beside
from policykb.model import dates
from policykb.model.problems import PolicykbError
from policykb.read.database import verify

SETTINGS = {
    "default_page_size": 50,
    "max_returned_rows": 1000,
    "sql_time_limit_ms": 1000,
    "facet_time_limit_ms": 500,
    "suggest_facets": False,
    "allow_csv_stream": False,
    "default_cache_ttl": 60,
    "num_sql_threads": 4,
    "truncate_cells_html": 200,
}
FIRST_SECONDS = 10
STARTUP_FAILURE = 3  # of uvicorn
MOST_PORTS, LAST_PORT = 100, 65_535  # how many ports are tried for a free one
PAUSE = 0.5  # seconds between two looks at the children
# How the children are made. Elsewhere than on Linux, libraries of the system may fail after a fork.
PROCESSES = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")


@dataclass
class Service:
    """What is served and how: the database, the address, the memory in MB, and the day that is taken for today, if one is."""

    db: Path
    host: str
    port: int
    memory: int
    today: str | None
    folder: Path = field(init=False)
    children: dict[str, BaseProcess] = field(init=False, default_factory=dict)
    started: float = field(init=False, default=0)

    def __post_init__(self) -> None:
        """Make the folder of the socket, and remove the links of services that were killed."""
        self.folder = Path(tempfile.mkdtemp(prefix="policykb-"))
        for stray in self.db.parent.glob(f".{self.db.name}.*.served"):
            if not Path(f"/proc/{stray.name.split('.')[-2]}").exists():
                shutil.rmtree(stray, ignore_errors=True)

    def start(self, role: str) -> None:
        """Start the child `role`: 'lane' or 'pages'."""
        from policykb.site import worker  # its packages take long to import

        gc.freeze()  # what the children share stays where it is
        is_lane = role == "lane"
        socket_of_lane = self.folder / "lane"
        where: dict = {"host": self.host, "port": self.port}
        if is_lane:
            socket_of_lane.unlink(missing_ok=True)
            where = {"uds": str(socket_of_lane), "forwarded_allow_ips": "*", "access_log": False}
        options = {
            "is_lane": is_lane,
            "socket": str(socket_of_lane),
            "where": where,
            "memory": self.memory // 2,
            "parent": os.getpid(),
        }
        child = PROCESSES.Process(target=worker.run, args=(self._link(),), kwargs=options)
        child.start()
        self.children[role] = child
        self.started = time.monotonic()

    def start_all(self) -> None:
        """Start both children on the file as it is now."""
        self._unlink()
        for role in ("lane", "pages"):
            self.start(role)

    def cannot_run(self) -> bool:
        """Return whether the pages ended because they cannot be served here: the port is taken, or they failed at once."""
        status = self.children["pages"].exitcode
        at_once = time.monotonic() - self.started < FIRST_SECONDS
        return status == STARTUP_FAILURE or (status > 0 and at_once)

    def stop(self) -> None:
        """Stop both children."""
        for child in self.children.values():
            child.terminate()
        for child in self.children.values():
            child.join(5)
            child.kill()
            child.join()

    def close(self) -> None:
        """Stop, and remove what was made to run."""
        self.stop()
        self._unlink()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def link_folder(self) -> Path:
        """Return the folder of the link, which has to be on the same disk."""
        return self.db.parent / f".{self.db.name}.{os.getpid()}.served"

    def _link(self) -> Path:
        """Return a link to the database, which keeps the file when another takes its place; the database where links cannot be made."""
        link = self.link_folder / self.db.name
        if link.exists():
            return link
        try:
            self.link_folder.mkdir(exist_ok=True)
            os.link(self.db, link)
        except OSError:
            return self.db
        return link

    def _unlink(self) -> None:
        shutil.rmtree(self.link_folder, ignore_errors=True)

    def load(self, policies: Path) -> None:
        """Build the database again; if `policies` has errors, the command prints them and leaves the database as it is."""
        options = ["--policies", str(policies), "--db", str(self.db)]
        options += ["--today", self.today] if self.today else []
        subprocess.run([sys.executable, "-m", "policykb", "load", *options], check=False)


def refuse_taken_port(host: str, port: int) -> None:
    """Refuse a port that another program uses, with the next one that is free.

    :raises PolicykbError: if the port is in use.
    """
    if _is_taken(host, port):
        ports = range(port + 1, min(port + MOST_PORTS, LAST_PORT) + 1)
        free = next((other for other in ports if not _is_taken(host, other)), None)
        hint = f"; port {free} is free: --port {free}" if free else "; choose another with --port"
        raise PolicykbError(f"port {port} of {host} is in use{hint}")


def _is_taken(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:  # the service itself reports all other faults
        return error.errno == errno.EADDRINUSE
    return False


def serve(service: Service, policies: Path | None) -> int:
    """Serve until stopped; load again when `policies` changes, if it is given, and restart when the database does.

    A request that wants more memory than the service may use fails, and the service goes on. A child that is
    killed is started again. Returns the exit status of the service.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    state = _state(service.db)
    if service.today:
        os.environ[dates.TODAY_VARIABLE] = service.today
    try:
        service.start_all()
        for change in _changes(policies, service.db):
            if change == "policies":
                service.load(policies)
            elif change == "db" and _state(service.db) != state and _passes(service.db):
                state = _state(service.db)
                _print(f"{service.db.name} was replaced; restarting")
                service.stop()
                service.start_all()
            for role, child in service.children.items():
                if child.is_alive():
                    continue
                if role == "pages" and service.cannot_run():
                    return child.exitcode
                _print(f"the service ({role}) stopped with status {child.exitcode}; restarting")
                service.start(role)
        return 0
    except KeyboardInterrupt:
        return 0
    finally:
        service.close()


def _state(db: Path) -> tuple | None:
    """Return what differs between two files in the place of the database; None where there is none."""
    try:
        state = db.stat()
    except OSError:
        return None
    return (state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns)


def _passes(db: Path) -> bool:
    """Return whether the database may be served; if not, say why."""
    try:
        verify(db)
    except (PolicykbError, OSError) as error:
        _print(f"{error}; the service goes on with the file before it")
        return False
    return True


def _print(message: str) -> None:
    click.echo(message, err=True)


def _changes(policies: Path | None, db: Path) -> Iterator[str]:
    """Yield 'policies' or 'db' whenever one of them changes, and '' about twice a second.

    Without `policies`, or if the machine cannot watch the folders, nothing is watched.
    """
    if policies is not None:
        yield from _watched(policies, db)
    while True:
        time.sleep(PAUSE)
        yield ""


def _watched(policies: Path, db: Path) -> Iterator[str]:
    """Yield changes of files; end, with a message, if the machine cannot watch the folders."""
    from watchfiles import watch

    files = {db, beside(db)}

    def is_content(_: object, path: str) -> bool:
        place = Path(path)
        return place in files or (
            policies in place.parents and place.suffix == ".toml" and not place.name.startswith(".")
        )

    changes_seen = watch(
        policies,
        db.parent,
        watch_filter=is_content,
        recursive=True,
        yield_on_timeout=True,
        rust_timeout=500,
        raise_interrupt=True,
    )
    try:
        for changes in changes_seen:
            changed = {Path(path) for _, path in changes}
            if changed - files:
                yield "policies"
            if changed & files and db.is_file():
                yield "db"
            if not changed:
                yield ""
    except (OSError, RuntimeError) as error:
        _print(f"watching ended: {error}; the service goes on with {db.name} as it is")
