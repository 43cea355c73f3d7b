"""The graph of arguments: who supports, rebuts, undercuts and qualifies what, which side each takes on which action, and
which claims it rests on; as Argdown (https://argdown.org/), DOT and GraphML.

Argdown knows support, attack and undercut. What it has no word for (a condition, a warning, a limit) is kept as data of
the argument and not bent into one of these.
"""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from policykb.model import vocabulary
from policykb.model.problems import NotDone, install
from policykb.read import database as reading

KINDS = ("action", "argument", "claim")
RESTS_ON = "rests_on"  # from an argument to a claim among its premises
# What an edge is in Argdown, seen from the argument it starts at.
MARKS = {("argument", term.id): term.argdown for term in vocabulary.ARGUMENT_RELATIONS} | {
    ("action", term.id): term.argdown for term in vocabulary.STANCES
}


class Node(NamedTuple):
    """An action, argument or claim; `premises` and `scheme` only of an argument."""

    id: str
    kind: str
    title: str
    scheme: str = ""
    premises: Sequence[str] = ()


class Edge(NamedTuple):
    """A tie from an argument to another record: `type` is a relation, a stance or `rests_on`.

    `about` is what a relation is about in the other argument, `drawn_by` is `author` or `editors`; both may be empty.
    A stance is `inherited` if it follows only from the thesis of the document.
    """

    source: str
    target: str
    type: str
    note: str = ""
    about: str = ""
    drawn_by: str = ""
    inherited: bool = False

    def details(self) -> dict[str, str]:
        """Return what is known of the tie beside its ends and type, for formats that keep data of edges."""
        known = {"note": self.note, "about": self.about, "drawn_by": self.drawn_by}
        known["inherited"] = "true" if self.inherited else ""
        return {name: text for name, text in known.items() if text}


class Graph(NamedTuple):
    """Nodes in the order of kinds and ids, and the edges between them in order of their sources."""

    title: str
    licence: str
    version: str
    nodes: dict[str, Node]
    edges: list[Edge]


def graph(connection: sqlite3.Connection, about: reading.Found | None = None) -> Graph:
    """All arguments with what they bear on; or those about one record, what they are tied to, and what lies between these.

    Withdrawn records are left out.
    """
    edges = [
        Edge(
            row["source"],
            row["target"],
            row["type"],
            row["note"] or "",
            row["about"] or "",
            row["drawn_by"] or "",
            bool(row["inherited"]),
        )
        for row in reading.each(connection, "export_edges")
    ]
    kept = _around(edges, about) if about else None
    premises = reading.owned(connection, "export_premises", first=reading.FIRST, last=reading.LAST)
    nodes = {}
    for row in reading.each(connection, "export_nodes"):
        if kept is None or row["id"] in kept:
            said = (
                [part["text"] for part in premises(row["id"])] if row["kind"] == "argument" else []
            )
            nodes[row["id"]] = Node(row["id"], row["kind"], row["title"], row["scheme"] or "", said)
    if kept is None:
        tied = {end for edge in edges for end in (edge.source, edge.target)}
        nodes = {id: node for id, node in nodes.items() if node.kind == "argument" or id in tied}
    facts = reading.facts(connection)
    return Graph(
        facts["title"],
        facts["licence"],
        facts["content_sha256"],
        nodes,
        [edge for edge in edges if edge.source in nodes and edge.target in nodes],
    )


def _around(edges: list[Edge], about: reading.Found) -> set[str]:
    """An argument, or the arguments tied to an action or claim; and all that is tied to these."""
    core = (
        {about.id}
        if about.kind == "argument"
        else {about.id} | {edge.source for edge in edges if edge.target == about.id}
    )
    return (
        core
        | {edge.target for edge in edges if edge.source in core}
        | {edge.source for edge in edges if edge.target in core}
    )


def argdown(found: Graph, place: Path) -> None:
    """Write the graph as Argdown: each argument with its premises and its conclusion, and what that supports or attacks."""
    with place.open("w", encoding="utf-8") as file:
        file.writelines(f"{part}\n" for part in _argdown(found))


def _argdown(found: Graph) -> Iterator[str]:
    yield f"===\ntitle: {_yaml(found.title)}\nlicence: {_yaml(found.licence)}\nversion: {found.version}\n==="
    for node in found.nodes.values():
        if node.kind != "argument":
            yield f"\n[{node.id}]: {_plain(node.title)} {{kind: {node.kind}}}"
    by_source: dict[str, list[Edge]] = {}
    for edge in found.edges:
        by_source.setdefault(edge.source, []).append(edge)
    for node in found.nodes.values():
        if node.kind == "argument":
            yield from _argument(node, by_source.get(node.id, []), found.nodes)


def _argument(node: Node, edges: list[Edge], nodes: dict[str, Node]) -> Iterator[str]:
    relations, claims, data = [], [], {"scheme": node.scheme}
    for edge in edges:
        mark = MARKS.get((nodes[edge.target].kind, edge.type))
        if edge.type == RESTS_ON:
            claims.append(edge.target)
        elif edge.inherited:
            data.setdefault(f"inherited_{edge.type}", []).append(edge.target)
        elif mark:
            relations.append(
                f"  {mark} <{edge.target}>" if mark == "_>" else f"  {mark} [{edge.target}]"
            )
        else:
            data.setdefault(edge.type, []).append(edge.target)
    told = ", ".join(
        f"{key}: {value if isinstance(value, str) else '[' + ', '.join(value) + ']'}"
        for key, value in data.items()
    )
    yield f"\n<{node.id}>: {_plain(node.title)} {{{told}}}\n"
    number = 0
    for number, text in enumerate(
        [*map(_plain, node.premises), *(f"[{claim}]" for claim in claims)], 1
    ):
        yield f"({number}) {text}"
    if number:
        yield "----"
    yield f"({number + 1}) [{node.id}]: {_plain(node.title)}"
    yield from relations


def _plain(text: str) -> str:
    """Text in which Argdown finds no mark of its own, on one line."""
    text = re.sub(r"[\\@#*_\[\]{}<>/]|[.:](?=\S)|=(?==)", r"\\\g<0>", " ".join(text.split()))
    return re.sub(r"^[(+\-]", r"\\\g<0>", text)


def _yaml(text: str) -> str:
    return (
        '"'
        + " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"').replace("=", "\\x3d")
        + '"'
    )


def _networkx(found: Graph):
    """The graph as one of networkx, with the same order."""
    try:
        import networkx
    except ImportError:
        raise NotDone(
            f"GraphML needs the package networkx; install it in the checkout with: {install('export')}"
        ) from None
    made = networkx.MultiDiGraph(title=found.title, licence=found.licence, version=found.version)
    for node in found.nodes.values():
        made.add_node(
            node.id,
            kind=node.kind,
            label=node.title,
            **({"scheme": node.scheme} if node.scheme else {}),
        )
    for number, edge in enumerate(found.edges):
        made.add_edge(
            edge.source,
            edge.target,
            key=number,
            type=edge.type,
            **edge.details(),
        )
    return made


def graphml(found: Graph, place: Path) -> None:
    """Write the graph as GraphML (http://graphml.graphdrawing.org/), with `label`, `kind`, `type` and what else is known."""
    made = _networkx(found)
    import networkx

    networkx.write_graphml_xml(made, place)


def dot(found: Graph, place: Path) -> None:
    """Write the graph in the language of Graphviz."""
    try:
        import pydot
    except ImportError:
        raise NotDone(
            f"DOT needs the package pydot; install it in the checkout with: {install('export')}"
        ) from None
    whole = pydot.Dot("arguments", graph_type="digraph")
    with place.open("w", encoding="utf-8") as file:
        file.write("digraph arguments {\n")
        for name, value in (
            ("label", found.title),
            ("licence", found.licence),
            ("version", found.version),
        ):
            file.write(f"{name}={_quoted(value)};\n")
        for node in found.nodes.values():
            told = {"label": node.title, "kind": node.kind, "shape": SHAPES[node.kind]} | (
                {"scheme": node.scheme} if node.scheme else {}
            )
            file.write(
                pydot.Node(
                    _quoted(node.id), **{name: _quoted(value) for name, value in told.items()}
                ).to_string()
                + "\n"
            )
        for edge in found.edges:
            told = {"label": edge.type.replace("_", " "), "type": edge.type} | edge.details()
            line = pydot.Edge(
                _quoted(edge.source),
                _quoted(edge.target),
                **{name: _quoted(value) for name, value in told.items()},
            )
            line.set_parent_graph(whole)
            file.write(line.to_string() + "\n")
        file.write("}\n")


SHAPES = {"action": "box", "argument": "oval", "claim": "note"}
WRITERS = {"argdown": argdown, "dot": dot, "graphml": graphml}


def _quoted(text: str) -> str:
    """Text as a quoted string of DOT, in which a backslash is shown instead of commanding what follows it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
