"""What `policykb find --corpus` does: files of many documents, one file of mentions for each."""

import importlib.util
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from policykb.commands.common import FOLDER, Run, report
from policykb.model.problems import WRONG_USE, install, shown

if TYPE_CHECKING:
    from policykb.finding.corpus import Outcome

ENGINES = {"loop": "pyarrow", "dask": "distributed"}
PAUSE = 5  # seconds between two lines of progress
OPTIONS = (
    click.option(
        "--corpus",
        is_flag=True,
        help="Read JSON Lines, Parquet and WARC files of many documents, and write a Parquet file of mentions for each into --out.",
    ),
    click.option("--out", type=FOLDER, help="The folder for --corpus."),
    click.option(
        "--engine",
        type=click.Choice([*ENGINES]),
        default="loop",
        help="For --corpus: one file after another, or several at a time by Dask.",
    ),
    click.option("--workers", type=click.IntRange(1), default=2, help="Processes of Dask."),
    click.option("--scheduler", help="The address of a Dask cluster, as tcp://host:8786."),
    click.option("--resume", is_flag=True, help="For --corpus: do what is not in --out yet."),
)


def is_of_corpus(options: dict) -> bool:
    """Return whether a corpus is to be searched.

    :raises click.UsageError: if only the options for it are there.
    """
    if not options["corpus"] and (options["out"] or options["resume"] or options["scheduler"]):
        raise click.UsageError("--out, --resume and --scheduler need --corpus")
    return options["corpus"]


def find_in_corpus(run: Run, source: str | None, options: dict) -> None:
    """Find the mentions in the corpus `source`; exit with status 2 if a file could not be read.

    :raises click.UsageError: if a folder or a package is missing, or if there are results already.
    """
    package, out = ENGINES[options["engine"]], options["out"]
    if not importlib.util.find_spec(package):
        extra = install("corpus")
        raise click.UsageError(
            f"{package} is not installed; install it in the checkout with: {extra}"
        )
    from policykb.finding import corpus

    if not (source and Path(source).exists() and out):
        raise click.UsageError("--corpus needs a file or folder that exists, and --out FOLDER")
    every = corpus.tasks(Path(source).absolute(), out.absolute(), run.policies.absolute())
    if not every:
        expected = ", ".join(corpus.ENDINGS)
        raise click.UsageError(f"{source} has no corpus files; expected {expected}")
    listed = [task for task in every if not task.target.exists()]
    if len(listed) < len(every) and not options["resume"]:
        raise click.UsageError(f"{out} already has results; add --resume for the other files")
    corpus.remove_parts(out)
    if options["engine"] == "dask":
        outcomes = corpus.scan_with_dask(
            listed, options["workers"], options["scheduler"] or "", report
        )
    else:
        outcomes = corpus.scan(listed)
    failed = _follow(outcomes, len(listed), len(every) - len(listed))
    for outcome in failed:
        report(f"failed: {shown(outcome.name, 300)}: {shown(outcome.error, 500)}")
    if failed:
        report("to read these files again, correct them and add --resume")
        sys.exit(WRONG_USE)


def _follow(outcomes: Iterable["Outcome"], count: int, done_before: int) -> list["Outcome"]:
    """Print the progress and what could not be read; return the files that failed."""
    start = last = time.monotonic()
    files = documents = mentions = 0
    failed = []
    if done_before:
        report(f"{done_before:,} files were already done")
    for files, outcome in enumerate(outcomes, 1):
        documents, mentions = documents + outcome.documents, mentions + outcome.mentions
        failed += [outcome] if outcome.error else []
        for line in outcome.unread:
            report(f"not read: {shown(line, 500)}")
        now = time.monotonic()
        if now - last > PAUSE or files == count:
            last, pace = now, documents / max(now - start, 0.001)
            report(
                f"{files:,} of {count:,} files, {documents:,} documents ({pace:,.0f} a second), "
                f"{mentions:,} mentions, {len(failed):,} failed"
            )
    return failed
