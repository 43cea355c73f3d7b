"""Measure the software: python tests/bench/size.py [CHECKOUT ...] [--root SUBFOLDER] [--json]

Prints one column for each checkout (by default the current one): lines, tokens, complexity, what
imports what. A second table has the lines, tokens and modules of each part, that is of each module
or package directly under the root.
"""

import argparse
import ast
import io
import json
import shutil
import subprocess
import sys
import tokenize
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

LONGEST = 100
LAYOUT = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}
TOML = {"tomllib", "tomlkit", "rtoml", "tombi", "tree_sitter_toml"}
SQLITE = {"sqlite3", "sqlite_utils"}
HTTP = {"httpx", "httpcore"}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
ERRORS = ("Exception", "Error")


class Module:
    """A Python file, its tokens and its tree."""

    def __init__(self, path: Path, root: Path) -> None:
        self.text = path.read_text(encoding="utf-8")
        self.tree = ast.parse(self.text)
        self.package = root.name
        self.names = path.relative_to(root).with_suffix("").parts

    @property
    def part(self) -> str:
        """The part that the module belongs to."""
        return self.names[0]

    @cached_property
    def lines(self) -> list[str]:
        """The lines as they are."""
        return self.text.splitlines()

    @cached_property
    def tokens(self) -> list[tokenize.TokenInfo]:
        """The code tokens: no comments, no layout, no docstrings."""
        skipped = set(self._docstrings())
        return [
            token
            for token in tokenize.generate_tokens(io.StringIO(self.text).readline)
            if token.type not in LAYOUT and token.start[0] not in skipped
        ]

    def _docstrings(self) -> Iterator[int]:
        """Yield the numbers of the lines that docstrings fill."""
        for node in ast.walk(self.tree):
            if isinstance(node, (ast.Module, ast.ClassDef, *FUNCTIONS[:2])) and ast.get_docstring(
                node
            ):
                yield from range(node.body[0].lineno, node.body[0].end_lineno + 1)

    @property
    def code_lines(self) -> int:
        """The number of lines that hold a code token."""
        return len(
            {line for token in self.tokens for line in range(token.start[0], token.end[0] + 1)}
        )

    def imports(self, node: ast.AST | None = None) -> Iterator[tuple[str, ...]]:
        """Yield the names imported under `node`, by default in the whole module, in pieces."""
        for found in ast.walk(node or self.tree):
            if isinstance(found, ast.Import):
                yield from (tuple(alias.name.split(".")) for alias in found.names)
            elif isinstance(found, ast.ImportFrom):
                base = tuple(found.module.split(".")) if found.module else ()
                if found.level:
                    base = (self.package, *self.names[: len(self.names) - found.level], *base)
                yield from ((*base, alias.name) for alias in found.names)

    def imports_any(self, libraries: set[str]) -> bool:
        """Say whether the module imports one of `libraries`."""
        return any(names[0] in libraries for names in self.imports())

    @property
    def runs_git(self) -> bool:
        """Whether the module holds a list with the word "git"."""
        return any(
            isinstance(item, ast.Constant) and item.value == "git"
            for node in ast.walk(self.tree)
            if isinstance(node, (ast.List, ast.Tuple))
            for item in node.elts
        )

    @property
    def late_imports(self) -> int:
        """The number of import statements for own modules inside functions."""
        late = {
            found
            for node in ast.walk(self.tree)
            if isinstance(node, FUNCTIONS)
            for found in ast.walk(node)
            if isinstance(found, (ast.Import, ast.ImportFrom))
        }
        return sum(any(names[0] == self.package for names in self.imports(one)) for one in late)

    @property
    def classes(self) -> Iterator[tuple[str, list[str]]]:
        """Each class with the last words of its bases."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ClassDef):
                yield node.name, [ast.unparse(base).rpartition(".")[2] for base in node.bases]


class Package(NamedTuple):
    """A package: its folder and its modules."""

    root: Path
    modules: list[Module]

    @property
    def parts(self) -> list[str]:
        """The modules and packages directly under the root."""
        return sorted({module.part for module in self.modules} - {"__init__"})

    @property
    def arrows(self) -> set[tuple[str, str]]:
        """Each part with each other part that it imports."""
        parts = set(self.parts)
        return {
            (module.part, names[1])
            for module in self.modules
            for names in module.imports()
            if names[0] == self.root.name and len(names) > 1
            if {module.part, names[1]} <= parts and module.part != names[1]
        }

    @property
    def exceptions(self) -> list[str]:
        """The classes that are exceptions by their names, their bases' names, or their bases."""
        classes = [found for module in self.modules for found in module.classes]
        known: set[str] = set()
        while True:
            found = {
                name
                for name, bases in classes
                if any(base in known or base.endswith(ERRORS) for base in (name, *bases))
            }
            if found == known:
                return [name for name, _ in classes if name in known]
            known = found

    def violations(self, rule: str, setting: str) -> int:
        """Count what ruff reports for `rule` under `setting`."""
        beside = Path(sys.executable).with_name("ruff")
        ruff = str(beside) if beside.exists() else shutil.which("ruff") or "ruff"
        options = ["--isolated", "--no-cache", "--ignore-noqa", "--output-format", "json"]
        command = [ruff, "check", *options, "--select", rule, "--config", setting, str(self.root)]
        return len(json.loads(subprocess.run(command, capture_output=True, check=False).stdout))


def cycles(arrows: set[tuple[str, str]]) -> list[set[str]]:
    """Return the groups of parts that reach each other, by contracting one cycle after another."""
    group = {part: frozenset([part]) for arrow in arrows for part in arrow}
    while True:
        before: dict[frozenset, set[frozenset]] = {}
        for start, end in arrows:
            if group[start] != group[end]:
                before.setdefault(group[start], set()).add(group[end])
        try:
            TopologicalSorter(before).prepare()
        except CycleError as error:
            merged = frozenset().union(*error.args[1])
            group |= dict.fromkeys(merged, merged)
        else:
            return [set(one) for one in set(group.values()) if len(one) > 1]


def read(root: Path) -> Package:
    """Read the package in the folder `root`."""
    return Package(root, [Module(path, root) for path in sorted(root.rglob("*.py"))])


def lines(paths: Iterable[Path]) -> int:
    """Count the lines of files."""
    return sum(len(path.read_text(encoding="utf-8").splitlines()) for path in paths)


def kilobytes(path: Path) -> float:
    """Return the size of a file in KB."""
    return round(path.stat().st_size / 1000, 1) if path.exists() else 0.0


def measures(checkout: Path, package: Package) -> dict[str, float]:
    """Return what the first table shows of a checkout."""
    modules, sql = package.modules, sorted(package.root.rglob("*.sql"))
    every = [line for module in modules for line in module.lines]
    code_lines = sum(module.code_lines for module in modules)
    tokens = sum(len(module.tokens) for module in modules)
    exceptions, arrows = package.exceptions, package.arrows
    return {
        "formatted Python lines": len(every),
        "code lines": code_lines,
        "code tokens": tokens,
        "tokens per code line": round(tokens / max(code_lines, 1), 2),
        f"% of lines over {LONGEST} columns": round(
            100 * sum(len(line) > LONGEST for line in every) / max(len(every), 1), 2
        ),
        "functions with complexity over 12": package.violations(
            "C901", "lint.mccabe.max-complexity=12"
        ),
        "functions with complexity over 20": package.violations(
            "C901", "lint.mccabe.max-complexity=20"
        ),
        "functions with more than 7 arguments": package.violations(
            "PLR0913", "lint.pylint.max-args=7"
        ),
        "Python modules": len(modules),
        "SQL files": len(sql),
        "  of them named questions": sum(path.parent.name == "queries" for path in sql),
        "SQL lines": lines(sql),
        "test lines": lines((checkout / "tests").rglob("*.py")),
        "KB of README": kilobytes(checkout / "README.md"),
        "KB of CONTRIBUTING": kilobytes(checkout / "CONTRIBUTING.md"),
        "modules that import a TOML library": sum(m.imports_any(TOML) for m in modules),
        "modules that import SQLite": sum(m.imports_any(SQLITE) for m in modules),
        "modules that import HTTP": sum(m.imports_any(HTTP) for m in modules),
        "modules that run git": sum(module.runs_git for module in modules),
        "parts": len(package.parts),
        "arrows between parts": len(arrows),
        "groups of parts in cycles": len(cycles(arrows)),
        "  parts in them": sum(map(len, cycles(arrows))),
        "imports of own modules in functions": sum(module.late_imports for module in modules),
        "exceptions": len(exceptions),
        "  of them not named Error": sum(not name.endswith("Error") for name in exceptions),
    }


def by_part(package: Package) -> dict[str, dict[str, int]]:
    """Return what the second table shows: lines, tokens and modules of each part."""
    found: dict[str, Counter] = {part: Counter() for part in package.parts}
    for module in package.modules:
        if module.part in found:
            found[module.part].update(lines=len(module.lines), tokens=len(module.tokens), modules=1)
    return {part: dict(counts) for part, counts in found.items()}


def table(head: list[str], rows: Iterable[list]) -> str:
    """Return rows as aligned text, numbers to the right."""
    cells = [head, *([f"{v:,}" if isinstance(v, (int, float)) else v for v in r] for r in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in cells
    )


def main() -> None:
    """Measure the checkouts named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("checkouts", nargs="*", metavar="CHECKOUT", type=Path, default=[Path()])
    parser.add_argument("--root", default="scripts/policykb", help="the package (%(default)s)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    given = parser.parse_args()
    places = [place.resolve() for place in given.checkouts]
    packages = [read(place / given.root) for place in places]
    found = [measures(*pair) for pair in zip(places, packages, strict=True)]
    parts = [by_part(package) for package in packages]
    if given.json:
        pairs = zip(places, found, parts, strict=True)
        print(json.dumps({str(place): {"all": a, "parts": p} for place, a, p in pairs}, indent=1))
        return
    heads = [place.name for place in places]
    print(table(["", *heads], ([name, *(one[name] for one in found)] for name in found[0])))
    every = sorted({part for one in parts for part in one})
    named = [f"{head}: {name}" for head in heads for name in ("lines", "tokens", "modules")]
    numbers = ("lines", "tokens", "modules")
    print()
    print(
        table(
            ["part", *named],
            ([p, *(one.get(p, {}).get(n, 0) for one in parts for n in numbers)] for p in every),
        )
    )


if __name__ == "__main__":
    main()
