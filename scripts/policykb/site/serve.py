"""Run Datasette on kb.db: as an immutable file, with limits, and anew whenever the file is replaced.

A replaced file is invisible to a running Datasette, so the service is a child process that is restarted.
"""

import contextlib
import resource
import signal
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import click

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
    """The command that serves `db`."""
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


def serve(policies: Path, db: Path, host: str, port: int, watch: bool, memory: int) -> int:
    """Serve `db` until stopped; with `watch`, load again when `policies` changes and restart when `db` does.

    The service may use `memory` MB: a request that wants more fails, and the service goes on.
    Returns the exit status of the service.
    """
    child = _start(db, host, port, memory)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        if not watch:
            return child.wait()
        for change in _changes(policies, db, child):
            if change == "policies":
                subprocess.run(
                    [
                        sys.executable,
                        "-m",
                        "policykb",
                        "load",
                        "--policies",
                        str(policies),
                        "--db",
                        str(db),
                    ],
                    check=False,
                )
            elif change == "db":
                click.echo(f"{db.name} was replaced; restarting", err=True)
                _stop(child)
                child = _start(db, host, port, memory)
        return child.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        _stop(child)


def _start(db: Path, host: str, port: int, memory: int) -> subprocess.Popen:
    child = subprocess.Popen(command(db, host, port))
    if hasattr(resource, "prlimit"):
        resource.prlimit(child.pid, resource.RLIMIT_AS, (memory << 20, memory << 20))
    return child


def _changes(policies: Path, db: Path, child: subprocess.Popen):
    """'policies' or 'db' whenever one of them changes, until the service ends by itself."""
    from watchfiles import watch

    def wanted(_: object, path: str) -> bool:
        place = Path(path)
        return place == db or (
            policies in place.parents and place.suffix == ".toml" and not place.name.startswith(".")
        )

    for changes in watch(
        policies,
        db.parent,
        watch_filter=wanted,
        recursive=True,
        yield_on_timeout=True,
        rust_timeout=500,
        raise_interrupt=True,
    ):
        changed = {Path(path) for _, path in changes}
        if changed - {db}:
            yield "policies"
        elif db in changed and db.is_file():
            yield "db"
        if not changes and child.poll() is not None:
            return


def _stop(child: subprocess.Popen) -> None:
    child.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(5)
        return
    child.kill()
    child.wait()
