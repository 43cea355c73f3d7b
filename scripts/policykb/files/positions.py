"""Where keys, values and tables are written in a TOML text: lines for messages, syntax nodes for edits."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tree_sitter import Node
else:
    Node = object  # the parser is imported only where it is needed, as that takes time

Pointer = tuple[str | int, ...]


class Positions(NamedTuple):
    """What is where in a text, by pointer (keys, and places in lists from 0).

    `lines` are those of every key, item and table, from 1. `keys` are the nodes that name a key: one in a pair, and one
    in each header that it is part of. `values` are the values of pairs and the items of arrays. `tables` are
    `[tables]` and `[[items]]` in the order of the text, the first the document itself under ().
    """

    lines: dict[Pointer, int]
    keys: dict[Pointer, list[Node]]
    values: dict[Pointer, Node]
    tables: dict[Pointer, Node]


def positions(data: bytes) -> Positions:
    """Return where everything is in `data`; what cannot be parsed is left out."""
    import tree_sitter
    import tree_sitter_toml

    root = tree_sitter.Parser(tree_sitter.Language(tree_sitter_toml.language())).parse(data)
    found = Positions({}, {}, {}, {(): root.root_node})
    counts: dict[Pointer, int] = {}
    for node in root.root_node.named_children:
        if node.type == "pair":
            _add_pair(node, (), found)
        elif node.type in ("table", "table_array_element"):
            header, *body = node.named_children
            pointer = _add_header(header, node.type == "table_array_element", counts, found)
            found.tables[pointer] = node
            for child in body:
                if child.type == "pair":
                    _add_pair(child, pointer, found)
    return found


def _add_header(header: Node, item: bool, counts: dict[Pointer, int], found: Positions) -> Pointer:
    """Take in the header of a table, or of an item of a list of tables; return the pointer of that."""
    pointer: Pointer = ()
    keys = _names(header)
    for depth, node in enumerate(keys, 1):
        pointer = (*pointer, _name(node))
        if item and depth == len(keys):
            counts[pointer] = counts.get(pointer, -1) + 1
        found.lines.setdefault(pointer, header.start_point[0] + 1)
        found.keys.setdefault(pointer, []).append(node)
        if pointer in counts:
            pointer = (*pointer, counts[pointer])
    found.lines[pointer] = header.start_point[0] + 1
    return pointer


def _add_pair(node: Node, pointer: Pointer, found: Positions) -> None:
    key, *rest = node.named_children
    for part in _names(key):
        pointer = (*pointer, _name(part))
        found.lines[pointer] = key.start_point[0] + 1
        found.keys.setdefault(pointer, []).append(part)
    for value in rest[:1]:
        _add_value(value, pointer, found)


def _add_value(node: Node, pointer: Pointer, found: Positions) -> None:
    found.values[pointer] = node
    if node.type == "inline_table":
        for pair in members(node):
            _add_pair(pair, pointer, found)
    elif node.type == "array":
        for position, item in enumerate(members(node)):
            found.lines[(*pointer, position)] = item.start_point[0] + 1
            _add_value(item, (*pointer, position), found)


def members(node: Node) -> list[Node]:
    """Return the items of an array, or the pairs of a table."""
    if node.type == "array":
        return [child for child in node.named_children if child.type != "comment"]
    return [child for child in node.named_children if child.type == "pair"]


def _names(node: Node) -> list[Node]:
    if node.type == "dotted_key":
        return [name for child in node.named_children for name in _names(child)]
    return [node]


def _name(node: Node) -> str:
    text = node.text.decode(errors="replace")
    return text[1:-1] if node.type == "quoted_key" else text
