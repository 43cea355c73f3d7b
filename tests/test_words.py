"""The words of the Python sources: plain American English in docstrings, comments, messages and names."""

import ast
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import AVOIDED, ROOT, nodes

PACKAGE = ROOT / "scripts" / "policykb"
# Words in names of fields, terms and modules.
NAMED = {"catalogue"}
# A value has a noun as its name; these are verbs, participles and pronouns.
NO_NAMES = set("said told found held kept made given taken left meant one done".split())
# Names that others read: the given name of an author, a field of the change log, and a public function.
PUBLIC = {
    "model/records.py": "given",
    "model/change_log.py": "held",
    "read/database.py": "found",
    "references/entry.py": "given",
    "references/bibtex_reader.py": "given",
    "references/csl_json.py": "given",
}


def sources(part: str) -> list[Path]:
    """Return the Python files of a part of the package."""
    folder = PACKAGE / part
    return sorted(folder.rglob("*.py")) if folder.is_dir() else [PACKAGE / f"{part}.py"]


def parts() -> list[str]:
    """Return the packages and modules directly below the package."""
    return sorted(
        path.stem
        for path in PACKAGE.iterdir()
        if path.suffix == ".py" or (path / "__init__.py").is_file()
    )


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the line and text of every comment and of every string, docstrings included."""
    with path.open(encoding="utf-8") as source:
        for token in tokenize.generate_tokens(source.readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string
    for node in nodes(path):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def names(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the line and name of everything that a source defines or assigns."""
    for node in nodes(path):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id if isinstance(node, ast.Name) else node.attr


def words(text: str) -> set[str]:
    """Return the words of a text or name in lower case."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+", text)}


@pytest.fixture(params=parts())
def part(request: pytest.FixtureRequest) -> str:
    """Return a part of the package."""
    return request.param


def test_python_sources_avoid_words_that_make_readers_stumble(part: str) -> None:
    used = {
        f"{path.relative_to(PACKAGE)}:{line}": words(text) & (AVOIDED - NAMED)
        for path in sources(part)
        if words(path.read_text(encoding="utf-8")) & (AVOIDED - NAMED)
        for read in (texts, names)
        for line, text in read(path)
    }
    assert {place: avoided for place, avoided in used.items() if avoided} == {}


def test_values_have_nouns_as_names(part: str) -> None:
    used = [
        f"{path.relative_to(PACKAGE)}:{line}: {name}"
        for path in sources(part)
        for line, name in names(path)
        if name.strip("_").lower() in NO_NAMES - ({"left"} if part == "pictures" else set())
        and name != PUBLIC.get(path.relative_to(PACKAGE).as_posix())
    ]
    # The class of the result of `found`.
    assert [place for place in used if not place.endswith(" Found")] == []
