"""Pull requests: branches merge, kb.db stays out of them, and the scripts of the workflows do what they say.

The scripts run as on GitHub, against a repository beside them that answers as GitHub does; `gh` and `sleep` are recorders.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from checkouts import committed, git
from conftest import ROOT, Base, policykb, serving

SCRIPTS = ROOT / ".github" / "scripts"
MAIN = "refs/heads/main"
REFUSE_ONCE = """#!/bin/sh
if [ ! -e refused ]; then touch refused; echo "remote: cannot lock ref" >&2; exit 1; fi
"""
PROTECT = """#!/bin/sh
while read old new ref; do
  if [ "$ref" = refs/heads/main ]; then echo "error: GH006: Protected branch update failed for main." >&2; exit 1; fi
done
"""


# Branches


def add_records(base: Base, name: str) -> None:
    """Add an action and its source to the base by the command that contributors use."""
    result = base.run(
        *("new", "action", "--yes", "--id", f"order-of-{name}", "--title", f"An order of {name}"),
        *("--instrument", "executive_order", "--jurisdiction", "us", "--bindingness", "binding"),
        *("--event", "2026-06-02 issued", "--as-of", "2026-06-02", "--summary", f"Binds {name}."),
        *("--effect", "silent: Says nothing.", "--source-title", f"The order of {name}"),
        *("--source-url", f"https://example.org/{name}", "--source-type", "legislation"),
        *("--source-grade", "primary"),
    )
    assert result.returncode == 0, result.stderr


@pytest.fixture
def branches(base: Base) -> Path:
    """A checkout with branches `spring` and `autumn`, each with a record that the other does not have."""
    folder = base.policies.parent
    shutil.copy(ROOT / ".gitattributes", folder)
    base.load()
    committed(base)
    for name in ("spring", "autumn"):
        git(folder, "switch", "--quiet", "--create", name, "main")
        add_records(base, name)
        git(folder, "add", "policies")
        git(folder, "commit", "--quiet", "--message", f"Add an order of {name}")
    return folder


def test_branches_that_each_add_a_record_merge(base: Base, branches: Path):
    git(branches, "switch", "--quiet", "main")
    git(branches, "merge", "--quiet", "--no-ff", "spring")
    git(branches, "merge", "--quiet", "--no-ff", "autumn")
    assert base.run("check").returncode == 0
    assert {path.stem for path in (base.policies / "actions").iterdir()} == {
        *("an-order", "order-of-spring", "order-of-autumn")
    }


@pytest.mark.thorough
def test_databases_that_branches_have_built_never_conflict(base: Base, branches: Path):
    git(branches, "config", "merge.ours.driver", "true")
    for name in ("spring", "autumn"):
        git(branches, "switch", "--quiet", name)
        assert base.load().errors == 0
        git(branches, "commit", "--quiet", "--all", "--message", "Build it here too")
    git(branches, "switch", "--quiet", "spring")
    own = base.db.read_bytes()
    git(branches, "merge", "--quiet", "autumn")
    assert base.db.read_bytes() == own
    assert base.run("load", "--check").returncode == 1
    assert base.run("load").returncode == 0


# Scripts that push


class Origin:
    """A repository as GitHub has it, and a checkout of it as a workflow has it."""

    def __init__(self, folder: Path) -> None:
        self.bare, self.here, self.folder = folder / "origin.git", folder / "here", folder
        git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(self.bare))
        git(folder, "clone", "--quiet", str(self.bare), str(self.here))
        git(self.here, "switch", "--quiet", "--create", "main")
        self.change("policies/topics.toml", "", "kb.db", "old")
        for name, text in (
            ("gh", 'printf "%s\\n" "$*" >> "$CALLS"'),
            ("sleep", ":"),
        ):
            self.program(name, text)

    def program(self, name: str, text: str) -> None:
        """Put a program before those of the machine."""
        place = self.folder / "bin" / name
        place.parent.mkdir(exist_ok=True)
        place.write_text(f"#!/bin/sh\n{text}\n")
        place.chmod(0o755)

    def hook(self, text: str) -> None:
        """Answer each push by a script."""
        place = self.bare / "hooks" / "pre-receive"
        place.write_text(text)
        place.chmod(0o755)

    def change(self, *named: str) -> None:
        """Commit files, given as path and text in turn, and push them to main, from another checkout if there is one."""
        place = self.folder / "there" if self.bare.joinpath(MAIN).exists() else self.here
        if place != self.here and not place.exists():
            git(self.folder, "clone", "--quiet", str(self.bare), str(place))
        for path, text in zip(named[::2], named[1::2], strict=True):
            (place / path).parent.mkdir(parents=True, exist_ok=True)
            (place / path).write_text(text)
        git(place, "add", "--all")
        git(place, "commit", "--quiet", "--message", "Change")
        git(place, "push", "--quiet", "origin", "main")

    def run(self, script: str, *arguments: object) -> str:
        """Run a script in the checkout and return what it prints."""
        environment = {
            **os.environ,
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "CALLS": str(self.folder / "calls"),
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "REPOSITORY": "o/r",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_CONFIG_SYSTEM": "/dev/null",
        }
        (self.folder / "output").touch()
        result = subprocess.run(
            [SCRIPTS / script, *map(str, arguments)],
            cwd=self.here,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert result.returncode == 0, result.stderr
        return result.stdout

    def at(self, branch: str, path: str) -> str:
        """Return a file of a branch as GitHub has it."""
        return git(self.bare, "show", f"{branch}:{path}")

    def calls(self) -> list[str]:
        """Return the calls of `gh`."""
        place = self.folder / "calls"
        return place.read_text().splitlines() if place.exists() else []

    def output(self) -> str:
        """Return what the script wrote for later jobs."""
        return (self.folder / "output").read_text()


@pytest.fixture
def origin(tmp_path: Path) -> Origin:
    return Origin(tmp_path)


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """A kb.db that is newer than that of main."""
    (tmp_path / "fresh.db").write_text("new")
    return tmp_path / "fresh.db"


def test_database_is_committed_to_main(origin: Origin, fresh: Path):
    origin.run("commit-database", fresh)
    assert origin.at("main", "kb.db") == "new"
    assert git(origin.bare, "log", "--format=%an: %s", "-1", "main") == (
        "github-actions[bot]: Build kb.db from policies/\n"
    )
    assert (origin.output(), origin.calls()) == ("current=yes\n", [])
    origin.run("commit-database", fresh)
    assert git(origin.bare, "rev-list", "--count", "main") == "2\n"


def test_database_is_committed_on_top_of_a_push_in_between(origin: Origin, fresh: Path):
    origin.change("README.md", "More")
    origin.run("commit-database", fresh)
    assert (origin.at("main", "kb.db"), origin.at("main", "README.md")) == ("new", "More")


def test_database_of_older_knowledge_is_not_committed(origin: Origin, fresh: Path):
    origin.change("policies/topics.toml", "# More\n")
    assert "the run of the newer commit builds kb.db" in origin.run("commit-database", fresh)
    assert (origin.at("main", "kb.db"), origin.output()) == ("old", "")


def test_push_of_the_database_that_is_refused_is_tried_again(origin: Origin, fresh: Path):
    origin.hook(REFUSE_ONCE)
    origin.run("commit-database", fresh)
    assert (origin.at("main", "kb.db"), origin.output()) == ("new", "current=yes\n")


def test_protected_branch_gets_the_database_by_a_pull_request(origin: Origin, fresh: Path):
    origin.hook(PROTECT)
    origin.run("commit-database", fresh)
    assert (origin.at("main", "kb.db"), origin.at("kb-db", "kb.db")) == ("old", "new")
    assert origin.output() == ""
    assert [call.split(" --")[0] for call in origin.calls()] == ["pr list", "pr create"]


def patch(origin: Origin, *named: str) -> Path:
    """Return a patch that makes files, given as path and text in turn, in a checkout of main as a new run has it."""
    git(origin.here, "switch", "--quiet", "main")
    git(origin.here, "branch", "--quiet", "--force", "proposal", "main")
    git(origin.here, "branch", "--quiet", "--delete", "--force", "proposal")
    for path, text in zip(named[::2], named[1::2], strict=True):
        (origin.here / path).parent.mkdir(parents=True, exist_ok=True)
        (origin.here / path).write_text(text)
    git(origin.here, "add", "--intent-to-add", ".")
    place = origin.folder / "changes.patch"
    place.write_text(git(origin.here, "diff", "--binary"))
    git(origin.here, "reset", "--quiet", "--hard")
    git(origin.here, "clean", "--quiet", "--force", "-d")
    (origin.folder / "body.md").write_text("Why\n")
    return place


def propose(origin: Origin, changes: Path) -> str:
    return origin.run("propose", "proposal", "A title", origin.folder / "body.md", changes)


def test_proposal_changes_the_knowledge_and_nothing_else(origin: Origin):
    changes = patch(
        origin,
        *("policies/actions/a.toml", "a", "drafts/actions/b.toml", "b"),
        *(".github/workflows/evil.yml", "x", "scripts/serve", "x", "policies.py", "x"),
    )
    propose(origin, changes)
    assert git(origin.bare, "diff", "--name-only", "main", "proposal").split() == [
        "drafts/actions/b.toml",
        "policies/actions/a.toml",
    ]
    assert origin.calls()[-1].startswith(
        "pr create --repo o/r --base main --head proposal --title A title --body-file"
    )


def test_proposal_is_updated_until_a_person_has_changed_it(origin: Origin):
    propose(origin, patch(origin, "policies/a.toml", "1"))
    propose(origin, patch(origin, "policies/a.toml", "2"))
    assert origin.at("proposal", "policies/a.toml") == "2"
    git(
        origin.here, "commit", "--quiet", "--allow-empty", "--message", "Look", "--author=A <a@b.c>"
    )
    git(origin.here, "push", "--quiet", "origin", "HEAD:proposal")
    assert "by a person" in propose(origin, patch(origin, "policies/a.toml", "3"))
    assert origin.at("proposal", "policies/a.toml") == "2"


def test_empty_proposal_opens_nothing(origin: Origin):
    (origin.folder / "empty.patch").touch()
    assert propose(origin, origin.folder / "empty.patch") == "nothing to change\n"
    assert origin.calls() == []


# The preview


def test_preview_has_the_pages_that_change_and_an_index(tmp_path: Path):
    for page in ("actions/a", "actions/b", "organizations/c"):
        (tmp_path / "site" / page).mkdir(parents=True)
        (tmp_path / "site" / page / "index.html").write_text(page)
    (tmp_path / "site/assets").mkdir()
    (tmp_path / "site/assets/a.css").touch()
    named = [("action", "a"), ("action", "a"), ("organization", "c"), ("action", "gone")]
    named += [("", ""), ("action", "../b")]
    differences = [{"kind": kind, "id": id} for kind, id in named]
    (tmp_path / "diff.json").write_text(json.dumps({"differences": differences}))
    subprocess.run(
        ["python3", SCRIPTS / "changed_pages.py", "diff.json", "site", "preview"],
        cwd=tmp_path,
        check=True,
    )
    preview = tmp_path / "preview"
    assert sorted(str(path.relative_to(preview)) for path in preview.rglob("*.*")) == [
        "actions/a/index.html",
        "assets/a.css",
        "index.html",
        "organizations/c/index.html",
    ]
    assert 'href="organizations/c/index.html"' in (preview / "index.html").read_text()


# Links


class Answers(BaseHTTPRequestHandler):
    """Answers with the status that the path names."""

    def do_GET(self) -> None:
        self.send_response(int(self.path.strip("/")))
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def address() -> Iterator[str]:
    with serving(HTTPServer(("127.0.0.1", 0), Answers)) as address:
        yield address


def test_pages_that_are_gone_are_listed(base: Base, address: str):
    for status in (200, 403, 404, 410, 500):
        base.record("documents", f"page-{status}", url=f"{address}/{status}")
    base.record("documents", "kept", url=f"{address}/404?kept", archive_url="https://example.org/k")
    base.record("documents", "no-host", url="https://policykb.invalid/")
    base.record("documents", "a-source", url=f"{address}/200?a")
    assert not base.load().errors
    result = subprocess.run(
        ["python3", SCRIPTS / "check_links.py", str(base.db)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "no_proxy": "*"},
    )
    assert [line.rpartition(": ")[0] for line in result.stdout.splitlines()] == [
        "no-host: no such host",
        "page-404: 404",
        "page-410: 410",
    ]


# The checks of a pull request


def test_pull_request_is_checked_and_described_against_the_newest_main(base: Base, tmp_path: Path):
    """As GitHub merges it and the workflow fetches it: a commit with two parents, and no history before them."""
    folder = base.policies.parent
    committed(base)
    git(folder, "switch", "--quiet", "--create", "mine")
    base.record("claims", "mine")
    committed(base)
    git(folder, "switch", "--quiet", "main")
    base.record("claims", "theirs")
    committed(base)
    git(folder, "merge", "--quiet", "--no-ff", "mine")
    here = tmp_path / "here"
    git(tmp_path, "clone", "--quiet", "--depth=2", folder.as_uri(), str(here))
    git(here, "branch", "base", "HEAD^1")
    arguments = ("check", "--format", "github", "--strict", "--base", "base", "--today", base.today)
    assert policykb(*arguments, cwd=here).returncode == 0
    assert policykb("diff", "base", "--today", base.today, cwd=here).stdout.startswith(
        "record: 1 added"
    )
    (here / "policies/claims/theirs.toml").unlink()
    result = policykb(*arguments, cwd=here)
    assert result.returncode == 1 and "L004" in result.stdout
