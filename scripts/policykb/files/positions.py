"""Where the keys and values of a TOML text are: their lines, read only where a finding asks for them."""

from collections.abc import Iterable

from policykb.model.problems import Finding, Problem, placed


def locate(path: str, data: bytes, findings: Iterable[Finding]) -> list[Problem]:
    """The findings as problems, each at the line of its value or of the nearest table around it."""
    found = lines(data)
    return [placed(finding, path, _line(found, finding.pointer)) for finding in findings]


def _line(lines: dict[tuple, int], pointer: tuple) -> int:
    while pointer:
        if pointer in lines:
            return lines[pointer]
        pointer = pointer[:-1]
    return 1


def lines(data: bytes) -> dict[tuple, int]:
    """The line of every key and array item in a TOML text, by pointer."""
    import tree_sitter
    import tree_sitter_toml

    tree = tree_sitter.Parser(tree_sitter.Language(tree_sitter_toml.language())).parse(data)
    found: dict[tuple, int] = {}
    counts: dict[tuple, int] = {}
    for node in tree.root_node.named_children:
        if node.type == "pair":
            _pair(node, (), found)
        elif node.type in ("table", "table_array_element"):
            header, *body = node.named_children
            pointer: tuple = ()
            keys = _keys(header)
            for depth, key in enumerate(keys):
                pointer = (*pointer, key)
                if depth == len(keys) - 1 and node.type == "table_array_element":
                    counts[pointer] = counts.get(pointer, -1) + 1
                found.setdefault(pointer, header.start_point[0] + 1)
                if pointer in counts:
                    pointer = (*pointer, counts[pointer])
            found[pointer] = header.start_point[0] + 1
            for child in body:
                if child.type == "pair":
                    _pair(child, pointer, found)
    return found


def _pair(node: object, pointer: tuple, lines: dict[tuple, int]) -> None:
    key, *rest = node.named_children
    for part in _keys(key):
        pointer = (*pointer, part)
        lines[pointer] = key.start_point[0] + 1
    for value in rest[:1]:
        _value(value, pointer, lines)


def _value(node: object, pointer: tuple, lines: dict[tuple, int]) -> None:
    if node.type == "inline_table":
        for child in node.named_children:
            if child.type == "pair":
                _pair(child, pointer, lines)
    elif node.type == "array":
        items = [child for child in node.named_children if child.type != "comment"]
        for position, child in enumerate(items):
            lines[(*pointer, position)] = child.start_point[0] + 1
            _value(child, (*pointer, position), lines)


def _keys(node: object) -> list[str]:
    if node.type == "dotted_key":
        return [key for child in node.named_children for key in _keys(child)]
    text = node.text.decode(errors="replace")
    return [text[1:-1] if node.type == "quoted_key" else text]
