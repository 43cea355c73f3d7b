"""A builder for small knowledge bases, real files in a folder of their own."""

import ast
import contextlib
import copy
import ctypes
import fcntl
import functools
import gc
import logging
import os
import random
import re
import shutil
import socket
import socketserver
import ssl
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partialmethod
from pathlib import Path
from typing import ClassVar

import click
import httpx
import jinja2
import pytest
import rtoml
from click.testing import CliRunner
from hypothesis import settings
from hypothesis import strategies as st
from policykb.build import load
from policykb.cli import cli
from policykb.contribute.changes import Change, current, judged, locked, write
from policykb.files.digests import beside
from policykb.history import log
from policykb.model import event_ids
from policykb.model.problems import EDITORIAL, ConflictError, Problem
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

ROOT = Path(__file__).parent.parent
TODAY = (
    "2026-11-22"  # the day of small bases made by tests, and of answers that are those of one day
)


def newest_day(policies: Path) -> str:
    """The newest day as of which anything under `policies` is known: the day on which to judge it."""
    said = re.compile(r"^as_of = (\d{4}-\d\d-\d\d)$", re.MULTILINE)
    return max(day for file in policies.glob("*/*.toml") for day in said.findall(file.read_text()))


SHIPPED_DAY = newest_day(ROOT / "policies")

# The files whose tests ask the running service.
ASKING = ("test_feeds_atom.py", "test_hardening.py", "test_programs.py", "test_site.py")

# What the processes that tests start do not find; a worker of pytest, which is one too, does.
ABSENT = str(Path(__file__).parent / "absent")
if ABSENT in sys.path:
    sys.path.remove(ABSENT)

# No test cuts the power, so what waits for the disk shows nothing and takes most of the time.
os.fsync = lambda handle: None
os.sync = lambda: None
os.environ |= {
    "PYTHONPATH": os.pathsep.join(filter(None, (ABSENT, os.environ.get("PYTHONPATH")))),
    # Commands remember their last changes there.
    "XDG_STATE_HOME": tempfile.mkdtemp(prefix="policykb-tests-"),
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "core.fsync",
    "GIT_CONFIG_VALUE_0": "none",
}


class Compiled(jinja2.BytecodeCache):
    """Templates that were compiled in this process, for every environment of their kind: each site of a test has its own."""

    codes: ClassVar[dict[tuple, bytes]] = {}

    @staticmethod
    def key(bucket: jinja2.bccache.Bucket) -> tuple:
        """What the code of a template follows from."""
        environment = bucket.environment
        return bucket.key, bucket.checksum, type(environment), environment.is_async

    def load_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        """Take the code of a template, if it was compiled before."""
        if code := self.codes.get(self.key(bucket)):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        """Keep the code of a template."""
        self.codes[self.key(bucket)] = bucket.bytecode_to_string()


jinja2.Environment.__init__ = partialmethod(jinja2.Environment.__init__, bytecode_cache=Compiled())


@functools.cache
def certificates(file: str | None, **options: object) -> ssl.SSLContext:
    """The certificates of a client of httpx, for all its clients: to read them takes longer than what a test asks."""
    return httpx.create_ssl_context(**options)


httpx._transports.default.create_ssl_context = lambda **options: certificates(
    os.environ.get("SSL_CERT_FILE"), **options
)
httpx.get = functools.partial(httpx.get, timeout=60)  # the machine may be busy
logging.getLogger("httpx").setLevel(logging.WARNING)  # not a line for each request

# How long an example takes says nothing where other programs run beside the tests.
settings.register_profile("policykb", deadline=None)
settings.register_profile("quick", deadline=None, max_examples=20)
settings.load_profile("policykb")


# Every character. Hypothesis looks for its own default, those of UTF-8, for 1.5 seconds.
ANY = st.characters(exclude_categories=["Cs"])


def examples(number: int) -> int:
    """Return how many random examples a test tries: `number`, or a fifth of it with `scripts/test --quick`."""
    return number * settings.default.max_examples // 100


def mostly_thorough(cases: Iterable) -> list:
    """Return cases of a test, of which each third runs with `scripts/test --quick` too."""
    marked = [pytest.param(*(case if isinstance(case, tuple) else (case,))) for case in cases]
    return [
        case if number % 3 == 0 else case._replace(marks=[pytest.mark.thorough])
        for number, case in enumerate(marked)
    ]


def free_port() -> int:
    """A port for a service that is started soon: the system gives those below 32768 to no connection by itself."""
    while True:
        port = random.SystemRandom().randrange(10_000, 32_768)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


@contextlib.contextmanager
def serving(server: socketserver.BaseServer) -> Iterator[str]:
    """The address of `server`, which answers in a thread until the end."""
    with server:
        often = {"poll_interval": 0.01}
        threading.Thread(target=server.serve_forever, kwargs=often, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()


def commands() -> dict[str, click.Command]:
    """Every command by name."""
    context = click.Context(cli)
    return {name: cli.get_command(context, name) for name in cli.list_commands(context)}


def leaves() -> dict[str, click.Command]:
    """Every command that can be run, by its words: 'check', 'add event'."""
    found = {}
    for name, command in commands().items():
        if isinstance(command, click.Group):
            context = click.Context(command)
            found |= {
                f"{name} {part}": command.get_command(context, part)
                for part in command.list_commands(context)
            }
        else:
            found[name] = command
    return found


@functools.cache
def nodes(module: Path) -> list[ast.AST]:
    """The syntax tree of a module of the source, as a list."""
    return list(ast.walk(ast.parse(module.read_text(encoding="utf-8"))))


def options(command: click.Command) -> set[str]:
    """The options of a command; of a group those of all its commands."""
    if isinstance(command, click.Group):
        return {option for part in command.commands.values() for option in options(part)}
    return {
        name
        for option in command.params
        if isinstance(option, click.Option)
        for name in (*option.opts, *option.secondary_opts)
    }


# Words that make readers stumble.
AVOIDED = set(
    "tell tells told stand stands stood mend mended anew afresh doubles befall befalls besides "
    "whoever nobody somebody everybody anybody whatever licence licences colour favour judgement "
    "recognise recognised organisation organisations programme cancelled catalogue".split()
)
ABOUT = {
    "title": "Test base",
    "description": "A knowledge base for tests.",
    "scope": "Everything.",
    "method": "By hand.",
    "license": "CC BY 4.0",
    "license_url": "https://creativecommons.org/licenses/by/4.0/",
    "expectations": {},
    "severities": dict.fromkeys(EDITORIAL, "off"),
    "effects": {
        "on": "openness",
        "spared": "open source",
        "kinds": [
            {"id": id, "label": id.capitalize(), "definition": f"It {id}.", "mark": mark}
            for id, mark in zip(
                ("exempts", "requires", "restricts", "silent", "unclear"), "◇■▼◯?", strict=True
            )
        ],
    },
}
ACTION = {
    "title": "An order",
    "instrument": "executive_order",
    "bindingness": "binding",
    "jurisdiction": "us",
    "as_of": "2026-06-02",
    "confidence": "high",
    "summary": "Binds agencies.",
    "effect": {"kind": "silent", "note": "Says nothing."},
    "events": [{"date": "2026-06-02", "type": "issued", "cite": [{"document": "a-source"}]}],
}
ARGUMENT = {
    "title": "It should stay",
    "premises": ["It does good."],
    "scheme": "consequences",
    "appearances": [{"document": "a-source"}],
    "stances": [{"action": "an-order", "stance": "supports"}],
}
CLAIM = {
    "text": "It does good",
    "kind": "causal",
    "finding": "contested",
    "as_of": "2026-06-01",
    "appearances": [{"document": "a-source"}],
}
DOCUMENT = {
    "type": "webpage",
    "title": "A source",
    "grade": "primary",
    "url": "https://example.org/a",
}
TABLES = {
    "organizations": {
        "an-office": {"name": "An office", "kind": "government", "jurisdiction": "us"}
    },
    "jurisdictions": {
        "us": {"name": "United States", "kind": "country", "code": "US"},
        "us-ca": {"name": "California", "kind": "subdivision", "code": "US-CA", "part_of": "us"},
    },
    "topics": {"a-topic": {"name": "A topic", "definition": "What belongs to it."}},
}
TEMPLATES = {"actions": ACTION, "arguments": ARGUMENT, "claims": CLAIM, "documents": DOCUMENT}


def named(events: list[dict]) -> list[dict]:
    """Return events with ids that they lack, behind their other plain keys; one with `id=...` stays without."""
    ids = [event.get("id") for event in event_ids.with_ids(events)]
    return [
        {key: value for key, value in ({**event, "id": name}).items() if value is not ...}
        for event, name in zip(events, ids, strict=True)
    ]


class Base:
    """A knowledge base under construction: a valid one with one record a kind, which tests then change."""

    today = TODAY

    def __init__(self, folder: Path) -> None:
        self.policies = folder / "policies"
        self.db = folder / "kb.db"
        for place in TEMPLATES:
            (self.policies / place).mkdir(parents=True)
        self.write("about.toml", ABOUT)
        for name, content in TABLES.items():
            self.write(f"{name}.toml", content)
        self.record("documents", "a-source")
        self.record("actions", "an-order")
        self.record("arguments", "it-should-stay")
        self.record("claims", "it-does-good")

    def write(self, place: str, content: dict | str | bytes) -> Path:
        """Write a file under policies/: a table, text or bytes."""
        path = self.policies / place
        if isinstance(content, dict):
            content = rtoml.dumps(content)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def make(self, proposed: Sequence[Change]) -> list[Problem]:
        """Judge changes and write them, all or none, as commands do; return the warnings that they add."""
        with locked(self.policies):
            added = judged(self.policies, TODAY, proposed)
            if any(problem.severity == "error" for problem in added):
                raise ConflictError(added)
            write(self.policies, proposed)
        return added

    def record(self, place: str, id: str, **changes: object) -> Path:
        """Write a record: the valid one of its kind with some keys changed, or removed by `...`.

        Events get ids as every command gives them, unless one of them has `id=...`.
        """
        content = copy.deepcopy(TEMPLATES[place] | changes)
        if place == "actions" and isinstance(content["events"], list):
            content["events"] = named(content["events"])
        if place == "documents" and "url" not in changes:
            content["url"] = f"https://example.org/{id}"
        return self.write(
            f"{place}/{id}.toml", {key: value for key, value in content.items() if value is not ...}
        )

    def action(self, id: str, events: list[tuple], **changes: object) -> Path:
        """Write an action with `events` as (date, type) or (date, type, further keys); all are cited."""
        listed = [
            {
                "date": date,
                "type": kind,
                "cite": [{"document": "a-source"}],
                **(more[0] if more else {}),
            }
            for date, kind, *more in events
        ]
        return self.record(
            "actions", id, events=listed, as_of=changes.pop("as_of", TODAY), **changes
        )

    def check(self, **options: object) -> load.Result:
        """The result of checking it."""
        return load.check(self.policies, self.today, **options)

    def load(self, **options: object) -> load.Result:
        """Load it into its database, with its change log."""
        return load.load(self.policies, self.db, self.today, **{"log": log.read, **options})

    def codes(self, **options: object) -> list[str]:
        """The codes of its problems, sorted as reported."""
        return [problem.code for problem in self.check(**options).problems]

    def run(self, *arguments: str, **options: object) -> subprocess.CompletedProcess:
        """Run the command `policykb` on it, within this process."""
        return policykb(*arguments, *self.options(), **options)

    def run_process(self, *arguments: str, **options: object) -> subprocess.CompletedProcess:
        """Run the command `policykb` on it, in a process of its own."""
        return policykb_process(*arguments, *self.options(), **options)

    def options(self) -> list[str]:
        """Return the options that name it and its day."""
        return ["--policies", str(self.policies), "--db", str(self.db), "--today", self.today]


def changed_to(policies: Path, path: str, after: str | None) -> Change:
    """The change of the file at `path` from what it has now to the text `after`; None removes it."""
    return Change(path, current(policies, path), None if after is None else after.encode())


def policykb(
    *arguments: str, cwd: Path | None = None, input: str | None = None
) -> subprocess.CompletedProcess:
    """Run the command `policykb` within this process, without a terminal; an exception that it does not catch is raised.

    This saves the start of a process. What matters to the operating system is tested by `policykb_process`.
    """
    with contextlib.chdir(cwd or os.curdir):
        result = CliRunner().invoke(
            cli,
            arguments,
            input=input,
            prog_name="python -m policykb",
            env={"COLUMNS": "200"},
            catch_exceptions=False,
        )
    return subprocess.CompletedProcess(arguments, result.exit_code, result.stdout, result.stderr)


def policykb_process(*arguments: str, **options: object) -> subprocess.CompletedProcess:
    """Run the command `policykb` as a user does, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "policykb", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "COLUMNS": "200"},
        **options,
    )


def obey_permissions() -> None:
    """Give up, in a process about to run a command, what lets root read and write where it may not (PR_CAPBSET_DROP; capabilities 1 and 2)."""
    if os.getuid() == 0:
        assert not any(ctypes.CDLL(None).prctl(24, capability, 0, 0, 0) for capability in (1, 2))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of the static copy of the shipped knowledge base, which takes long to write, as thorough.

    Those of the running service, which takes long to start, are slow.

    Begin with the files that have most tests which take long, so that no worker waits for another at the end.
    """
    slow: Counter[Path] = Counter()
    number: Counter[Path] = Counter()
    for item in items:
        if {"copy", "answering"} & set(item.fixturenames):
            item.add_marker("thorough")
        if "served" in item.fixturenames:
            item.add_marker("slow")
        slow[item.path] += any(map(item.get_closest_marker, ("browser", "thorough")))
        number[item.path] += 1
    items.sort(key=lambda item: (slow[item.path], number[item.path]), reverse=True)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out files that do not name the mark with which alone tests run, browser or datasette: to import them takes long."""
    mark = config.option.markexpr.partition(" ")[0]
    if mark not in ("browser", "datasette") or collection_path.suffix != ".py":
        return None
    return f"mark.{mark}" not in collection_path.read_text(encoding="utf-8") or None


class ByFile(LoadFileScheduling):
    """Gives a worker all tests of a file, and one of them all files that ask the running service, which is started once."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return "served" if file.removeprefix("tests/") in ASKING else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile | None:
    """Return how tests are given to workers with `--dist loadfile`."""
    return ByFile(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_collection_finish() -> None:
    """Let the collector of garbage pass over what was imported and collected, which stays to the end, and come less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Return the folder `name` that `make` fills, in one of the workers for all of them."""
    place = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        place = place.parent
    folder, done = place / name, place / f"{name}.done"
    with (place / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            done.touch()
    return folder


@pytest.fixture
def base(tmp_path: Path) -> Base:
    """A small valid knowledge base."""
    return Base(tmp_path)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Base:
    """The small valid knowledge base with its kb.db; tests copy it."""
    base = Base(tmp_path_factory.mktemp("made"))
    assert not base.load().errors
    return base


@pytest.fixture
def built(base: Base, made: Base) -> Base:
    """A small valid knowledge base with its kb.db, which is copied: that is faster than a load."""
    for file in (made.db, beside(made.db)):
        shutil.copy(file, base.db.parent)
    return base


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh build of the shipped knowledge base, on its own newest day."""

    def make(folder: Path) -> None:
        result = load.load(ROOT / "policies", folder / "kb.db", SHIPPED_DAY, log=log.read)
        assert not result.errors, [problem.text() for problem in result.problems]

    return made_once(tmp_path_factory, "shipped", make) / "kb.db"


def some_pages(db: Path, place: Path, paths: list[str], **options: str) -> None:
    """Write a static copy of today that has these pages and its own files, and none that they lead to."""
    from policykb.model import dates
    from policykb.site.static_copy import copying

    def unfollowed(ask, ahead, first, progress):
        return copying.total([ask(targets)().written for targets in (first, [])])

    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(1) as thread:
        patch.setattr(copying, "_first", lambda db: paths)
        patch.setattr(copying, "_pages", unfollowed)
        today = dates.today().isoformat()
        # In a thread of its own, since a browser may have an event loop in this one.
        thread.submit(copying.publish, db, place, today, processes=1, **options).result()


@pytest.fixture(scope="session")
def answering(shipped: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages of a static copy of today that answer something or are opened in a browser, in a folder whose name needs escaping."""
    from policykb.read import database
    from policykb.read.questions import questions

    lists = "actions documents arguments claims organizations timeline duties compare following"
    paths = ["/", "/questions", "/about", *(f"/{name}" for name in lists.split())]
    paths += ["/documents?page=2", "/actions?jurisdiction=eu", "/topics/open-source-exemptions"]
    paths += [f"/questions/{name}" for name in questions("openness")]
    with contextlib.closing(database.connect(shipped)) as connection:
        paths += [f"/actions/{row['id']}" for row in connection.query("select id from actions")]

    def make(folder: Path) -> None:
        some_pages(shipped, folder / "a copy #1", paths, live="http://localhost/")

    return made_once(tmp_path_factory, "answers", make) / "a copy #1"


@pytest.fixture(scope="session")
def site(shipped: Path):
    """The site on the shipped knowledge base, asked without a network."""
    from test_pages import Site

    return Site(shipped)


@pytest.fixture(scope="session")
def served(shipped: Path) -> Iterator[str]:
    """The address of a running service on the shipped knowledge base, as `policykb serve` starts it."""
    from test_site import serving

    with serving(shipped.parent / "policies", shipped, "--no-watch") as (address, _):
        yield address
