"""Run Datasette on kb.db: as an immutable file, with limits, and again whenever the file is replaced.

A replaced file is invisible to a running Datasette, so the service is a child process that is restarted.
"""

import contextlib
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import click

from policykb.model import dates

SETTINGS = {
    "default_page_size": 50,
    "max_returned_rows": 1000,
    "sql_time_limit_ms": 1000,
    "facet_time_limit_ms": 500,
    "suggest_facets": "off",
    "allow_csv_stream": "off",
    "default_cache_ttl": 60,
    "num_sql_threads": 4,
    "truncate_cells_html": 200,
}


def command(db: Path, host: str, port: int) -> list[str]:
    """Return the command that serves `db`."""
    settings = [
        part for name, value in SETTINGS.items() for part in ("--setting", name, str(value))
    ]
    if version("datasette").startswith(
        "1."
    ):  # 0.65 has no such option and asks the hook get_metadata
        settings += ["--setting", "plugins.datasette-mcp.canned_queries", "true"]
    return [
        sys.executable,
        "-m",
        "datasette",
        "serve",
        "-i",
        str(db),
        "--host",
        host,
        "--port",
        str(port),
        "--cors",
        *settings,
    ]


class Service(NamedTuple):
    """What is served and how: the database, the address, the memory in MB, and the day that is taken for today, if one is."""

    db: Path
    host: str
    port: int
    memory: int
    today: str | None

    def start(self) -> subprocess.Popen:
        """Start Datasette as a child process."""
        environment = {**os.environ, **({dates.TODAY_VARIABLE: self.today} if self.today else {})}
        child = subprocess.Popen(command(self.db, self.host, self.port), env=environment)
        if hasattr(resource, "prlimit"):
            limit = self.memory << 20
            resource.prlimit(child.pid, resource.RLIMIT_AS, (limit, limit))
        return child

    def load(self, policies: Path) -> None:
        """Build the database again; if `policies` has errors, the command prints them and leaves the database as it is."""
        options = ["--policies", str(policies), "--db", str(self.db)]
        options += ["--today", self.today] if self.today else []
        subprocess.run([sys.executable, "-m", "policykb", "load", *options], check=False)


def serve(service: Service, policies: Path | None) -> int:
    """Serve until stopped; load again when `policies` changes, if it is given, and restart when the database does.

    A request that wants more memory than the service may use fails, and the service goes on. Returns the exit
    status of the service.
    """
    child = service.start()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        if policies is None:
            return child.wait()
        for change in _changes(policies, service.db):
            if change == "policies":
                service.load(policies)
            elif change == "db":
                _print(f"{service.db.name} was replaced; restarting")
                _stop(child)
                child = service.start()
            elif child.poll() is not None:
                _print(f"watching ended: the service stopped with status {child.returncode}")
                return child.returncode
        return child.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        _stop(child)


def _print(message: str) -> None:
    click.echo(message, err=True)


def _changes(policies: Path, db: Path) -> Iterator[str]:
    """Yield 'policies' or 'db' whenever one of them changes, and '' about twice a second when neither does.

    Ends, with a message, if the machine cannot watch the folders.
    """
    from watchfiles import watch

    def is_content(_: object, path: str) -> bool:
        place = Path(path)
        return place == db or (
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
            if changed - {db}:
                yield "policies"
            if db in changed and db.is_file():
                yield "db"
            if not changed:
                yield ""
    except (OSError, RuntimeError) as error:
        _print(f"watching ended: {error}; the service goes on with {db.name} as it is")


def _stop(child: subprocess.Popen) -> None:
    child.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(5)
        return
    child.kill()
    child.wait()
