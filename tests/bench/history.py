"""What the change log costs a load: an artificial history of COMMITS commits over FILES documents, cold and kept.

python tests/bench/history.py [COMMITS [FILES [ROUNDS]]]
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from conftest import TODAY, Base  # noqa: E402
from policykb.build import load  # noqa: E402
from policykb.history import log  # noqa: E402
from policykb.model.change_log import empty_log  # noqa: E402


def history(folder: Path, commits: int, files: int) -> Base:
    """A knowledge base of `files` documents, of which each commit changes the note of one."""
    base = Base(folder)
    for number in range(files):
        base.record("documents", f"document-{number}", note="First.", title=f"Document {number}")
    git = ["git", "-C", str(folder), "-c", "user.name=t", "-c", "user.email=t@example.org"]
    for command in (
        ["init", "--quiet", "--initial-branch=main"],
        ["add", "policies"],
        ["commit", "--quiet", "-m", "Import"],
    ):
        subprocess.run([*git, *command], check=True)
    stream = []
    for number in range(commits):
        path = f"policies/documents/document-{number % files}.toml"
        text = (folder / path).read_text().replace("First.", f"Note {number}.")
        stream.append(
            f"commit refs/heads/main\ncommitter t <t@example.org> {1_790_000_000 + number * 3600} +0000\ndata 6\nChange"
            + ("\nfrom refs/heads/main^0" if number == 0 else "")
            + f"\nM 100644 inline {path}\ndata {len(text.encode())}\n{text}\n"
        )
    subprocess.run(
        [*git, "fast-import", "--quiet", "--force"], input="".join(stream).encode(), check=True
    )
    subprocess.run([*git, "reset", "--quiet", "--hard"], check=True)
    return base


def measure(base: Base, rounds: int) -> None:
    """Print the median time of a load without the log, with the log read from git, and with the log kept."""
    kept = base.policies.parent / ".git" / log.CACHE
    times: dict[str, list[float]] = {"without": [], "cold": [], "kept": []}
    for _ in range(rounds):
        for name, found in times.items():
            if name == "cold":
                kept.unlink(missing_ok=True)
            start = time.perf_counter()
            assert not load.load(
                base.policies, base.db, TODAY, log=empty_log if name == "without" else log.read
            ).errors
            found.append(time.perf_counter() - start)
    for name, found in times.items():
        print(f"{name:8} {statistics.median(found):.3f} s")


if __name__ == "__main__":
    commits, files, rounds = [*map(int, sys.argv[1:]), *(1000, 1000, 5)[len(sys.argv) - 1 :]]
    with tempfile.TemporaryDirectory() as place:
        measure(history(Path(place), commits, files), rounds)
