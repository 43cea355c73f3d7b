"""The positions of keys, values and tables in a TOML text: lines for messages, syntax nodes for edits."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node
else:
    Node = object  # the parser is imported only where it is needed, as that takes time

Pointer = tuple[str | int, ...]


class Positions:
    """The positions in a text by pointer (keys, and places in lists from 0), without those that cannot be parsed.

    `lines` has the line of every key, item and table, from 1. `keys` has the nodes that spell a key: in a pair, and in
    each header that contains it. `values` has the values of pairs and the items of arrays. `tables` has the
    `[tables]` and `[[items]]` in the order of the text; the first is the document itself under ().
    """

    def __init__(self, data: bytes) -> None:
        import tree_sitter
        import tree_sitter_toml

        parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_toml.language()))
        root = parser.parse(data).root_node
        self.lines: dict[Pointer, int] = {}
        self.keys: dict[Pointer, list[Node]] = {}
        self.values: dict[Pointer, Node] = {}
        self.tables: dict[Pointer, Node] = {(): root}
        self._counts: dict[Pointer, int] = {}
        for node in root.named_children:
            if node.type == "pair":
                self._add_pair(node, ())
            elif node.type in ("table", "table_array_element"):
                header, *body = node.named_children
                pointer = self._add_header(header, node.type == "table_array_element")
                self.tables[pointer] = node
                for child in body:
                    if child.type == "pair":
                        self._add_pair(child, pointer)

    def _add_header(self, header: Node, item: bool) -> Pointer:
        """Add the header of a table, or of an `item` in a list of tables; return its pointer."""
        pointer: Pointer = ()
        keys = _names(header)
        for depth, node in enumerate(keys, 1):
            pointer = (*pointer, _name(node))
            if item and depth == len(keys):
                self._counts[pointer] = self._counts.get(pointer, -1) + 1
            self.lines.setdefault(pointer, header.start_point[0] + 1)
            self.keys.setdefault(pointer, []).append(node)
            if pointer in self._counts:
                pointer = (*pointer, self._counts[pointer])
        self.lines[pointer] = header.start_point[0] + 1
        return pointer

    def _add_pair(self, node: Node, pointer: Pointer) -> None:
        key, *rest = node.named_children
        for part in _names(key):
            pointer = (*pointer, _name(part))
            self.lines[pointer] = key.start_point[0] + 1
            self.keys.setdefault(pointer, []).append(part)
        for value in rest[:1]:
            self._add_value(value, pointer)

    def _add_value(self, node: Node, pointer: Pointer) -> None:
        self.values[pointer] = node
        if node.type == "inline_table":
            for pair in members(node):
                self._add_pair(pair, pointer)
        elif node.type == "array":
            for position, item in enumerate(members(node)):
                self.lines[(*pointer, position)] = item.start_point[0] + 1
                self._add_value(item, (*pointer, position))


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
