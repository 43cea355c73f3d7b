"""The graph of arguments: who supports, rebuts, undercuts and qualifies what, which side each takes on which action, and
which claims it rests on; as Argdown (https://argdown.org/), DOT and GraphML.

Argdown knows support, attack and undercut. What it has no word for (a condition, a warning, a limit) becomes data of
the argument.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from sqlite_utils import Database

from policykb.model import vocabulary
from policykb.model.parts import with_values
from policykb.model.records import Argument
from policykb.read import database as reading
from policykb.read.records import record, records

KINDS = ("action", "argument", "claim")
RESTS_ON = "rests_on"  # from an argument to a claim among its premises
# What an edge is in Argdown, seen from the argument it starts at.
MARKS = {("argument", term.id): term.argdown for term in vocabulary.ARGUMENT_RELATIONS} | {
    ("action", term.id): term.argdown for term in vocabulary.STANCES
}
SHAPES = {"action": "box", "argument": "oval", "claim": "note"}
_SQL = reading.statements(Path(__file__).parent / "sql", "graph")["graph"]


class Node(NamedTuple):
    """An action, argument or claim; `premises` and `scheme` only of an argument."""

    id: str
    kind: str
    title: str
    scheme: str = ""
    premises: Sequence[str] = ()

    def details(self) -> dict[str, str]:
        """Return what only some nodes have."""
        return {"scheme": self.scheme} if self.scheme else {}


class Edge(NamedTuple):
    """A tie from an argument to another record: `type` is a relation, a stance or `rests_on`.

    `about` is what a relation is about in the other argument, `drawn_by` is `author` or `editors`; both may be empty.
    A stance is `inherited` if it follows only from the thesis of the document.
    """

    source: str
    target: str
    type: str
    note: str | None = None
    about: str | None = None
    drawn_by: str | None = None
    inherited: bool = False

    def details(self) -> dict[str, str]:
        """Return what only some edges have."""
        known = {
            "note": self.note,
            "about": self.about,
            "drawn_by": self.drawn_by,
            "inherited": "true" if self.inherited else "",
        }
        return with_values(known)


class Graph(NamedTuple):
    """Nodes in the order of kinds and ids, and the edges between them in the order of their sources."""

    title: str
    license: str
    version: str
    nodes: dict[str, Node]
    edges: list[Edge]


def graph(db: Database, about: reading.Found | None = None) -> Graph:
    """Return all arguments with what they bear on; or the surroundings of one record, and the edges between these.

    Withdrawn records are left out.
    """
    arguments = dict(records(db, "argument"))
    edges = [edge for item in arguments.items() for edge in _edges(*item)]
    ends = {end for edge in edges for end in (edge.source, edge.target)}
    shown = _around(edges, about) if about else ends | arguments.keys()
    nodes = {node.id: node for node in _nodes(db, arguments) if node.id in shown}
    return _graph(db, nodes, edges)


def part(db: Database, rows: Iterable[dict]) -> Graph:
    """Return the graph of some records, which rows name by id, kind and title."""
    nodes, edges = {}, []
    for row in rows:
        argument = record(db, row["id"]) if row["kind"] == "argument" else None
        more = (argument.scheme, argument.premises) if argument else ()
        nodes[row["id"]] = Node(row["id"], row["kind"], row["title"], *more)
        edges += _edges(row["id"], argument) if argument else ()
    return _graph(db, nodes, edges)


def _graph(db: Database, nodes: dict[str, Node], edges: list[Edge]) -> Graph:
    """Return the graph of `nodes` and of the edges between them."""
    facts = reading.facts(db)
    return Graph(
        facts["title"],
        facts["license"],
        facts["content_sha256"],
        nodes,
        [edge for edge in edges if edge.source in nodes and edge.target in nodes],
    )


def _nodes(db: Database, arguments: dict[str, Argument]) -> Iterator[Node]:
    """Yield the nodes of all records that are not withdrawn."""
    yield from (Node(**row) for row in db.query(_SQL, {"kind": "action"}))
    for record_id, argument in arguments.items():
        if not argument.withdrawn:
            yield Node(record_id, "argument", argument.title, argument.scheme, argument.premises)
    yield from (Node(**row) for row in db.query(_SQL, {"kind": "claim"}))


def _edges(record_id: str, argument: Argument) -> Iterator[Edge]:
    for tie in argument.relations:
        yield Edge(record_id, tie.argument, tie.type, tie.note, tie.target, tie.drawn_by)
    for tie in argument.stances:
        yield Edge(record_id, tie.action, tie.stance, tie.note, None, tie.drawn_by, tie.inherited)
    for claim in argument.claims:
        yield Edge(record_id, claim, RESTS_ON)


def _around(edges: list[Edge], about: reading.Found) -> set[str]:
    """Return the ids of an argument, or of the arguments tied to an action or claim, and of all that is tied to these."""
    core = {about.id}
    if about.kind != "argument":
        core |= {edge.source for edge in edges if edge.target == about.id}
    targets = {edge.target for edge in edges if edge.source in core}
    return core | targets | {edge.source for edge in edges if edge.target in core}


def _argdown(graph: Graph) -> Iterator[str]:
    """Yield lines of Argdown: each argument with its premises and its conclusion, and what that supports or attacks."""
    title, license = _yaml(graph.title), _yaml(graph.license)
    yield f"===\ntitle: {title}\nlicense: {license}\nversion: {graph.version}\n==="
    for node in graph.nodes.values():
        if node.kind != "argument":
            yield f"\n[{node.id}]: {_plain(node.title)} {{kind: {node.kind}}}"
    by_source: dict[str, list[Edge]] = {}
    for edge in graph.edges:
        by_source.setdefault(edge.source, []).append(edge)
    for node in graph.nodes.values():
        if node.kind == "argument":
            yield from _argument(node, by_source.get(node.id, []), graph.nodes)


def _argument(node: Node, edges: list[Edge], nodes: dict[str, Node]) -> Iterator[str]:
    relations: list[str] = []
    premises = [_plain(premise) for premise in node.premises]
    data: dict[str, list[str]] = {}
    for edge in edges:
        mark = MARKS.get((nodes[edge.target].kind, edge.type))
        if edge.type == RESTS_ON:
            premises.append(f"[{edge.target}]")
        elif edge.inherited:
            data.setdefault(f"inherited_{edge.type}", []).append(edge.target)
        elif mark:
            target = f"<{edge.target}>" if mark == "_>" else f"[{edge.target}]"
            relations.append(f"  {mark} {target}")
        else:
            data.setdefault(edge.type, []).append(edge.target)
    pairs = [f"scheme: {node.scheme}", *(f"{key}: [{', '.join(data[key])}]" for key in data)]
    yield f"\n<{node.id}>: {_plain(node.title)} {{{', '.join(pairs)}}}\n"
    for number, premise in enumerate(premises, 1):
        yield f"({number}) {premise}"
    if premises:
        yield "----"
    yield f"({len(premises) + 1}) [{node.id}]: {_plain(node.title)}"
    yield from relations


def _plain(text: str) -> str:
    """Return text on one line in which Argdown sees no mark of its own."""
    text = re.sub(r"[\\@#*_\[\]{}<>/]|[.:](?=\S)|=(?==)", r"\\\g<0>", " ".join(text.split()))
    return re.sub(r"^[(+\-]", r"\\\g<0>", text)


def _yaml(text: str) -> str:
    line = " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"')
    return '"' + line.replace("=", "\\x3d") + '"'


def _write_graphml(graph: Graph, place: Path) -> None:
    """Write the graph as GraphML (http://graphml.graphdrawing.org/)."""
    import networkx

    facts = {"title": graph.title, "license": graph.license, "version": graph.version}
    whole = networkx.MultiDiGraph(**facts)
    for node in graph.nodes.values():
        whole.add_node(node.id, kind=node.kind, label=node.title, **node.details())
    for number, edge in enumerate(graph.edges):
        whole.add_edge(edge.source, edge.target, key=number, type=edge.type, **edge.details())
    networkx.write_graphml_xml(whole, place)


def _dot(graph: Graph) -> Iterator[str]:
    """Yield lines in the language of Graphviz (https://graphviz.org/doc/info/lang.html)."""
    facts = {"label": graph.title, "license": graph.license, "version": graph.version}
    yield "digraph arguments {"
    for name, value in facts.items():
        yield f"{name}={_quoted(value)};"
    for node in graph.nodes.values():
        data = {"label": node.title, "kind": node.kind, "shape": SHAPES[node.kind]}
        data |= node.details()
        yield f"{_quoted(node.id)} [{_attributes(data)}];"
    for edge in graph.edges:
        data = {"label": edge.type.replace("_", " "), "type": edge.type, **edge.details()}
        ends = f"{_quoted(edge.source)} -> {_quoted(edge.target)}"
        yield f"{ends} [{_attributes(data)}];"
    yield "}"


def write(graph: Graph, form: str, place: Path) -> None:
    """Write the graph to a file: `form` is argdown, dot or graphml."""
    if form == "graphml":
        _write_graphml(graph, place)
    else:
        place.write_text(text(graph, form), encoding="utf-8")


def text(graph: Graph, form: str) -> str:
    """Return the graph as text: `form` is argdown or dot."""
    lines = _argdown(graph) if form == "argdown" else _dot(graph)
    return "".join(f"{line}\n" for line in lines)


def _attributes(data: dict[str, str]) -> str:
    return ", ".join(f"{name}={_quoted(value)}" for name, value in data.items())


def _quoted(text: str) -> str:
    """Return text as a quoted string of DOT in which a backslash is shown and does not command what follows it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
