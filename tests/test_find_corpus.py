"""Finding mentions in corpora: the same rows from every engine, whole files only, failed ones named, and nothing lost to a kill."""

import gzip
import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow
import pyarrow.parquet as parquet
import pytest
from conftest import ROOT, Base, policykb
from policykb.finding.corpus import Gate, Task, do
from policykb.finding.judge import SURE, Finder
from policykb.finding.knowledge import RecordIndex

TEXTS = [file.read_text() for file in sorted((ROOT / "tests" / "find").glob("*.txt"))]
ENDING = ".mentions.parquet"


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Return a folder with a file of JSON Lines, one of Parquet, a cut one, and one that is none."""
    folder = tmp_path / "corpus"
    (folder / "more").mkdir(parents=True)
    lines = [json.dumps({"id": "one", "text": "EO 14999 is new.", "date": "2026-01-05"})]
    lines += ["[1]", json.dumps({"id": "two", "text": "Nothing here."})]
    (folder / "a.jsonl").write_text("\n".join(lines))
    rows = [{"url": "u", "text": "See EO 14999.", "day": None}]
    parquet.write_table(pyarrow.Table.from_pylist(rows), folder / "more" / "b.parquet")
    whole = (folder / "more" / "b.parquet").read_bytes()
    (folder / "cut.parquet").write_bytes(whole[: len(whole) // 2])
    (folder / "none.parquet").write_bytes(b"no table")
    (folder / "other.txt").write_text("EO 14999")
    return folder


@pytest.fixture
def small(base: Base) -> Base:
    """Return a knowledge base with an order that has a number."""
    base.record("actions", "an-order", identifiers={"eo": "14999"})
    return base


def rows(out: Path) -> list[dict]:
    """Return the rows of all files, without which no file is whole."""
    return [row for file in sorted(out.rglob("*")) if file.is_file() for row in _table(file)]


def _table(file: Path) -> list[dict]:
    assert file.name.endswith(ENDING), "no partial file is left"
    return parquet.read_table(file).to_pylist()


def test_each_file_has_a_file_of_mentions_and_failed_ones_are_named(small, corpus, tmp_path):
    out = tmp_path / "out"
    arguments = ["find", str(corpus), "--corpus", "--out", str(out)]
    done = small.run(*arguments)
    assert done.returncode == 2
    assert "not read: a.jsonl line 2: expected an object with a key `text`" in done.stderr
    assert "4 of 4 files, 4 documents" in done.stderr
    assert "failed: cut.parquet: " in done.stderr
    assert "failed: none.parquet: " in done.stderr
    files = sorted(file.relative_to(out).as_posix() for file in out.rglob("*.parquet"))
    assert files == [f"a.jsonl{ENDING}", f"more/b.parquet{ENDING}"]
    assert [(row["document"], row["action"], row["words"]) for row in rows(out)] == [
        ("one", "an-order", "EO 14999"),
        ("u", "an-order", "EO 14999"),
    ]
    assert "add --resume" in small.run(*arguments).stderr
    for name in ("cut", "none"):
        (corpus / f"{name}.parquet").write_bytes((corpus / "more" / "b.parquet").read_bytes())
    before = (out / f"a.jsonl{ENDING}").stat().st_mtime_ns
    (out / f".a.jsonl{ENDING}.123").write_text("of a run that was killed")
    again = small.run(*arguments, "--resume")
    assert again.returncode == 0
    assert "2 files were already done" in again.stderr
    assert "2 of 2 files" in again.stderr
    assert len(rows(out)) == 4
    assert (out / f"a.jsonl{ENDING}").stat().st_mtime_ns == before


@pytest.mark.thorough
def test_descriptions_count_only_where_a_number_or_name_is_sure(tmp_path):
    description = (
        "Last Friday's government order to Anthropic bars foreign nationals from its models."
    )
    lines = [description, f"EO 14409 is new.\n{description}"]
    file = tmp_path / "a.jsonl"
    file.write_text(
        "\n".join(json.dumps({"id": text, "text": text, "date": "2026-06-19"}) for text in lines)
    )
    outcome = do(Task(file, "a", tmp_path / f"a{ENDING}", ROOT / "policies"))
    assert (outcome.documents, outcome.mentions, outcome.error) == (2, 2, "")
    actions = {row["action"] for row in _table(tmp_path / f"a{ENDING}")}
    assert actions == {"us-eo-14409", "us-bis-anthropic-access-directive-2026"}


def archived(kind: str, address: str, body: bytes, head: str = "") -> bytes:
    """Return a record of a web archive; `head` is that of an answer over HTTP."""
    block = (f"HTTP/1.1 200 OK\r\n{head}\r\n\r\n".encode() if head else b"") + body
    lines = {"WARC-Type": kind, "WARC-Target-URI": address, "Content-Length": len(block)}
    lines |= {"WARC-Date": "2026-06-19T10:00:00Z", "WARC-Record-ID": "<urn:uuid:1>"}
    lines |= {"Content-Type": "application/http; msgtype=response" if head else "text/plain"}
    heads = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"WARC/1.0\r\n{heads}\r\n".encode() + block + b"\r\n\r\n"


PAGE = b'<meta property="article:published_time" content="2026-06-05"><p>EO 14409 is new.</p>'
RECORDS = [
    archived("response", "https://example.org/1", PAGE, "Content-Type: text/html; charset=utf-8"),
    archived(
        "response",
        "https://example.org/2",
        gzip.compress(PAGE),
        "Content-Type: text/html\r\nContent-Encoding: gzip",
    ),
    archived("response", "https://example.org/3", b"EO 14409", "Content-Type: image/png"),
    archived("response", "https://example.org/4", b" ", "Content-Type: text/html"),
    archived("conversion", "https://example.org/5", b"A title\nEO 14409 is new."),
]
ARCHIVE = {"a.warc": b"".join(RECORDS), "a.warc.gz": b"".join(map(gzip.compress, RECORDS))}


@pytest.mark.thorough
def test_gate_passes_all_that_may_mention_an_action_and_little_else():
    finder = Finder(RecordIndex.read(ROOT / "policies"), anchor=SURE)
    gate = Gate(finder)
    names = [f"The {name}, too." for name in finder.names]
    lines = [line for text in TEXTS for line in text.splitlines()]
    written = ["It is my_CRA.", "See Public Law 119–60.", "The ‘AI Act’ is here.", "SB–53"]
    for line in (*names, *lines, *written):
        assert gate.passes(line) or not finder.may_mention(line), line
    assert not gate.passes("Nothing is said here of acts, orders and models of 2026. " * 20)


def test_gate_works_without_its_library(monkeypatch):
    monkeypatch.setitem(sys.modules, "hyperscan", None)
    gate = Gate(Finder(RecordIndex.read(ROOT / "policies")))
    assert gate.passes("EO 14409 is new.")
    assert not gate.passes("Nothing is new.")


@pytest.mark.thorough
@pytest.mark.parametrize("name", ARCHIVE)
def test_web_archive_gives_its_pages(tmp_path, name):
    file, target = tmp_path / name, tmp_path / f"a{ENDING}"
    file.write_bytes(ARCHIVE[name])
    outcome = do(Task(file, name, target, ROOT / "policies"))
    assert (outcome.documents, outcome.mentions, outcome.error) == (4, 3, "")
    assert outcome.unread == ("https://example.org/4: is empty",)
    mentions = [
        (row["document"][-1], str(row["issued"]), row["paragraph"]) for row in _table(target)
    ]
    assert mentions == [("1", "2026-06-05", "1"), ("2", "2026-06-05", "1"), ("5", "None", "2")]


@pytest.mark.parametrize("name", ARCHIVE)
@pytest.mark.parametrize("cut", [-3, -40, 100])
def test_web_archive_that_was_cut_off_is_named(small, tmp_path, name, cut):
    file, target = tmp_path / name, tmp_path / f"a{ENDING}"
    file.write_bytes(ARCHIVE[name][:cut])
    assert do(Task(file, name, target, small.policies)).error
    assert not target.exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--out", "OUT"], "--out, --resume and --scheduler need --corpus"),
        (["--corpus"], "--corpus needs a file or folder that exists, and --out FOLDER"),
        (["--corpus", "--out", "OUT"], "has no corpus files; expected .jsonl, .ndjson, .parq"),
    ],
)
def test_wrong_use_is_named(tmp_path, arguments, message):
    arguments = [str(tmp_path / "out") if each == "OUT" else each for each in arguments]
    done = policykb("find", str(tmp_path), *arguments)
    assert done.returncode == 2
    assert message in done.stderr


class Run:
    """A run by Dask on two workers."""

    def __init__(self, corpus: Path, out: Path, *options: str) -> None:
        self.out = out
        command = ["-m", "policykb", "find", str(corpus), "--corpus", "--out", str(out)]
        command += ["--engine", "dask", "--workers", "2", *options]
        self.log = (out.parent / "log").open("a+")
        self.child = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, stderr=self.log, start_new_session=True
        )

    def wait(self, condition: Callable[[], object]) -> None:
        """Wait until `condition` holds."""
        end = time.monotonic() + 120
        while not condition():
            assert time.monotonic() < end and self.child.poll() is None, self.said()
            time.sleep(0.05)

    def files(self) -> int:
        """Return the number of files that are done."""
        return len(list(self.out.glob(f"*{ENDING}")))

    def workers(self) -> list[int]:
        """Return the processes of the workers."""
        import psutil

        below = psutil.Process(self.child.pid).children(recursive=True)
        return [item.pid for item in below if "spawn_main" in " ".join(item.cmdline())]

    def said(self) -> str:
        """Return what it has printed."""
        return Path(self.log.name).read_text()


@pytest.mark.thorough
@pytest.mark.skipif(not importlib.util.find_spec("distributed"), reason="needs Dask")
def test_kill_of_workers_and_of_the_run_loses_nothing(tmp_path):
    corpus, plain, out = (tmp_path / name for name in ("corpus", "plain", "out"))
    corpus.mkdir()
    for number in range(12):
        texts = [{"id": f"{number}-{n}", "text": text} for n, text in enumerate(TEXTS * 3)]
        lines = [json.dumps(text | {"date": f"2026-06-{number + 10}"}) for text in texts]
        (corpus / f"{number:02}.jsonl").write_text("\n".join(lines))
    (corpus / "cut.parquet").write_bytes(b"PAR1")
    policykb("find", str(corpus), "--corpus", "--out", str(plain), cwd=ROOT)
    assert len(rows(plain)) > 400

    run = Run(corpus, out)
    for _ in range(2):
        before = run.files()
        run.wait(lambda before=before: run.files() > before and len(run.workers()) == 2)
        os.kill(run.workers()[0], signal.SIGKILL)
    before = run.files()
    run.wait(lambda: run.files() > before)
    os.killpg(run.child.pid, signal.SIGKILL)
    run.child.wait()
    assert 0 < run.files() < 12, "it was killed on the way"

    last = Run(corpus, out, "--resume")
    assert last.child.wait(300) == 2
    assert "failed: cut.parquet: " in last.said()
    assert rows(out) == rows(plain)
