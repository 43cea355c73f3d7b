"""The packages of the software: which may import which."""

import ast
import re
from pathlib import Path

from conftest import ROOT, nodes

PACKAGE = ROOT / "scripts" / "policykb"
# From the bottom. A part imports parts of lower layers only.
LAYERS = (
    {"model"},
    {"text", "markdown", "files", "pictures"},
    {"checks", "history"},
    {"build"},
    {"read"},
    {"contribute"},
    {"references"},
    {"exports", "finding", "sources"},
    {"site", "api"},
    {"commands"},
    {"cli"},
    {"__init__", "__main__"},
)
LAYER = {part: number for number, layer in enumerate(LAYERS) for part in layer}


def part(name: str) -> str:
    """Return the part of the package that the module `name` belongs to: 'policykb.model.dates' -> 'model'."""
    return name.split(".")[1]


def imported(module: Path) -> list[str]:
    """Return the parts of the package that `module` imports, inside functions too."""
    parts = []
    for node in nodes(module):
        if isinstance(node, ast.Import):
            parts += [part(name.name) for name in node.names if name.name.startswith("policykb.")]
        elif isinstance(node, ast.ImportFrom) and node.module == "policykb":
            parts += [name.name for name in node.names]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("policykb."):
            parts.append(part(node.module))
    return parts


MODULES = sorted(PACKAGE.rglob("*.py"))


def test_modules_import_lower_layers_only():
    upward = [
        (str(module.relative_to(PACKAGE)), other)
        for module in MODULES
        for own in [module.relative_to(PACKAGE).parts[0].removesuffix(".py")]
        for other in imported(module)
        if other != own and LAYER[other] >= LAYER[own]
    ]
    assert upward == []


def test_toml_is_read_and_written_in_one_package():
    pattern = re.compile(r"^\s*(?:import|from) (?:rtoml|tomlkit|tombi|tree_sitter)", re.MULTILINE)
    using = {
        module.relative_to(PACKAGE).parts[0]
        for module in MODULES
        if pattern.search(module.read_text(encoding="utf-8"))
    }
    assert using <= {"files", "model"}  # model reads its own data
