"""A record among those tied to it, as a layered graph: what leads to it on the left, what it leads to on the right.

Layout by graphlay (Rust, MIT or Apache-2.0, wheels without dependencies): it is deterministic, takes the size of every
box, keeps room for the words on lines, routes lines around boxes, and lays out a neighbourhood in a millisecond.
networkx places points but knows no box sizes, crossings or routes; grandalf is dormant and GPL; Graphviz is no wheel.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache

import graphlay

from policykb.model.vocabulary import ARGUMENT_RELATIONS
from policykb.pictures.svg import Element, clipped, element, plain, width, wrapped

BOX, PADDING, SIZE, LINE, MOST_LINES = 212, 9, 13, 17, 5
LABEL, AIR = 11.5, 8
MOST_NODES = 24
# Kinds of lines that have a look of their own -> their ends; others look plain.
ENDS = {term.id: term.line_end for term in ARGUMENT_RELATIONS}
SHAPES = {
    "arrow": element("path", d="M1 1L9 5L1 9z"),
    "open arrow": element("path", d="M1 1L9 5L1 9"),
    "bar": element("path", d="M8 0V10M5 0V10"),
    "cross": element("path", d="M2 1L9 9M9 1L2 9"),
    "ring": element("circle", cx=5, cy=5, r=3.6),
}
# Lines leave or reach boxes straight for a stub, which carries the word; at the other end for a SHORT way.
# PORT is how much of a side each line needs.
SHORT, PORT, WIDEST_WORD = 20, 11, 110


def argument_map(
    nodes: Sequence[dict], edges: Sequence[dict], focus: str, heading: str = "Argument map"
) -> str:
    """Return the SVG of `nodes` (id, title, href) tied by `edges` (source, target, type, label), with `focus` marked.

    Draws the focus and the first nodes up to MOST_NODES, and the edges between those. The same input gives the
    same text. Returns '' if fewer than two nodes or no edge would be drawn.
    """
    drawn = _chosen(nodes, focus)
    known = {node["id"] for node in drawn}
    ties = _distinct(
        edge
        for edge in edges
        if {edge["source"], edge["target"]} <= known and edge["source"] != edge["target"]
    )
    tied = {end for edge in ties for end in (edge["source"], edge["target"])} | {focus}
    drawn = [node for node in drawn if node["id"] in tied]
    if len(drawn) < 2 or not ties:
        return ""
    busy = Counter(end for edge in ties for end in (edge["source"], edge["target"]))
    stub = round(max(min(width(plain(edge["label"]), LABEL), WIDEST_WORD) for edge in ties) + 18)
    star = all(focus in (edge["source"], edge["target"]) for edge in ties)
    layout = _laid_out(drawn, ties, stub + (SHORT if star else stub) + 38)
    ranks = {node["id"]: place["rank"] for node, place in zip(drawn, layout.nodes, strict=True)}
    low, high = layout.bounds["min"], layout.bounds["max"]
    wide, tall = high["x"] - low["x"] + 2 * AIR, high["y"] - low["y"] + 2 * AIR
    body = element(
        "g",
        *(
            _line(edge, line, ranks, busy, stub)
            for edge, line in zip(ties, layout.edges, strict=True)
        ),
        *(
            _box(node, place, node["id"] == focus)
            for node, place in zip(drawn, layout.nodes, strict=True)
        ),
        *(_words(edge, line, busy, stub) for edge, line in zip(ties, layout.edges, strict=True)),
        transform=f"translate({round(AIR - low['x'])} {round(AIR - low['y'])})",
    )
    return element(
        "svg",
        element("title", heading, id="map-title"),
        element("desc", " ".join(_sentences(drawn, ties)), id="map-desc"),
        _markers(),
        body,
        xmlns="http://www.w3.org/2000/svg",
        class_="picture map",
        viewBox=f"0 0 {round(wide)} {round(tall)}",
        width=round(wide),
        height=round(tall),
        role="group",
        aria_labelledby="map-title",
        aria_describedby="map-desc",
    )


def _chosen(nodes: Sequence[dict], focus: str) -> list[dict]:
    first = [node for node in nodes if node["id"] == focus]
    return [*first[:1], *[node for node in nodes if node["id"] != focus]][:MOST_NODES]


def _distinct(edges: Iterator[dict]) -> list[dict]:
    return list({(edge["source"], edge["target"], edge["type"]): edge for edge in edges}.values())


def _lines(node: dict) -> list[str]:
    return wrapped(node["title"], BOX - 2 * PADDING, SIZE, MOST_LINES)


def _laid_out(nodes: list[dict], edges: list[dict], gap: int) -> graphlay.Layout:
    """Return the layout with `gap` between layers; one word has room in it, or one at either end."""
    graph = graphlay.Graph()
    leaving, reaching = (
        Counter(edge["source"] for edge in edges),
        Counter(edge["target"] for edge in edges),
    )
    for node in nodes:
        ports = PORT * max(leaving[node["id"]], reaching[node["id"]])
        graph.node(
            node["id"],
            width=BOX,
            height=max(len(_lines(node)) * LINE + 2 * PADDING, ports),
            label="",
        )
    for edge in edges:
        graph.edge(edge["source"], edge["target"])
    return graphlay.layout(
        graph,
        options={
            "spacing": {
                "layer_gap": float(gap),
                "node_gap": 14.0,
                "dummy_gap": 16.0,
                "stub": float(SHORT),
                "port_gap": float(PORT),
                "port_stroke_clear": float(PORT),
            },
            "routing": {"style": "orthogonal", "centre_ports": "all", "port_sides": "facing_only"},
            "coords": {"placement": "brandes_koepf", "branch_style": "symmetric"},
        },
    )


def _kind(edge: dict) -> str:
    return edge["type"] if edge["type"] in ENDS else "other"


def _line(edge: dict, line: dict, ranks: dict, busy: Counter, stub: int) -> Element:
    """Return a line: a curve between neighbouring layers, the routed way around boxes where it spans more."""
    points = [(round(point["x"]), round(point["y"])) for point in line["points"]]
    (x, y), (u, v) = points[0], points[-1]
    if abs(ranks[edge["source"]] - ranks[edge["target"]]) == 1:
        turn = 1 if u >= x else -1
        leave, reach = (stub, SHORT) if _at_source(edge, busy) else (SHORT, stub)
        begin, end = x + turn * leave, u - turn * reach
        way = f"M{x} {y}H{begin}C{(begin + end) // 2} {y} {(begin + end) // 2} {v} {end} {v}H{u}"
    else:
        way = "M" + "L".join(f"{x} {y}" for x, y in points)
    return element(
        "path", class_=f"tie {_kind(edge)}", d=way, marker_end=f"url(#map-{_kind(edge)})"
    )


def _at_source(edge: dict, busy: Counter) -> bool:
    return busy[edge["source"]] <= busy[edge["target"]]


def _words(edge: dict, line: dict, busy: Counter, stub: int) -> Element:
    """Return the word on a line, at the end where fewer lines meet, since there it has room."""
    points = line["points"] if _at_source(edge, busy) else line["points"][::-1]
    first, second = points[0], points[1]
    turn = 1 if second["x"] >= first["x"] else -1
    x, y = first["x"] + turn * (stub / 2 + (0 if _at_source(edge, busy) else 4)), float(first["y"])
    label = clipped(edge["label"], WIDEST_WORD, LABEL)
    wide = width(label, LABEL) + 6
    return element(
        "g",
        element("rect", x=x - wide / 2, y=y - 8, width=wide, height=16, rx=3),
        element("text", label, x=x, y=y + 4, text_anchor="middle"),
        class_=f"word {_kind(edge)}",
    )


def _box(node: dict, place: dict, focus: bool) -> Element:
    center, size = place["center"], place["size"]
    left, top = float(center["x"] - size["width"] / 2), float(center["y"] - size["height"] / 2)
    wide, tall = float(size["width"]), float(size["height"])
    shapes = [
        element("title", node["title"]),
        element("rect", x=left, y=top, width=wide, height=tall, rx=6),
    ]
    lines = _lines(node)
    for row, line in enumerate(lines):
        y = float(center["y"] + LINE * (row - len(lines) / 2) + 13)
        shapes.append(element("text", line, x=left + PADDING, y=y))
    if focus or not node.get("href"):
        return element("g", *shapes, class_="node focus" if focus else "node")
    return element("a", *shapes, class_="node", href=node["href"])


@cache
def _markers() -> Element:
    """Return the ends of lines, by kind."""
    ends, order = ENDS | {"other": "open arrow"}, list(SHAPES)
    return element(
        "defs",
        *(
            element(
                "marker",
                SHAPES[ends[kind]],
                id=f"map-{kind}",
                class_=f"end {kind}",
                viewBox="0 0 10 10",
                refX=9,
                refY=5,
                markerWidth=10,
                markerHeight=10,
                markerUnits="userSpaceOnUse",
                orient="auto",
            )
            for kind in sorted(ends, key=lambda kind: order.index(ends[kind]))
        ),
    )


def _sentences(nodes: list[dict], edges: list[dict]) -> Iterator[str]:
    titles = {node["id"]: plain(node["title"]).rstrip(".") for node in nodes}
    for edge in edges:
        yield f"“{titles[edge['source']]}” {plain(edge['label'])} “{titles[edge['target']]}”."
