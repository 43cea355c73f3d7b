"""A record among those tied to it, as a layered graph: what leads to it on the left, what it leads to on the right.

Layout by graphlay (Rust, MIT or Apache-2.0, wheels without dependencies): it is deterministic, takes the size of every
box, keeps room for the words on lines, routes lines around boxes, and lays out a neighbourhood in a millisecond.
networkx places points but knows no box sizes, crossings or routes; grandalf is dormant and GPL; Graphviz is no wheel.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import graphlay

from policykb.model.vocabulary import ARGUMENT_RELATIONS, STANCES
from policykb.pictures.svg import Element, clipped, element, picture, plain, width, wrapped

BOX, PADDING, SIZE, LINE, MOST_LINES = 212, 9, 13, 17, 5
LABEL, AIR = 11.5, 8
MOST_NODES = 24
# Of a folded map: all boxes, and those of a map that shows the second level.
MOST_FOLDED, MOST_OPEN = 41, 16
# Kinds of lines that have a look of their own -> their ends; others look plain. A stance looks as the relation that
# Argdown writes the same way.
ENDS = {term.id: term.line_end for term in ARGUMENT_RELATIONS}
_BY_MARK = {term.argdown: term.line_end for term in ARGUMENT_RELATIONS if term.argdown}
ENDS |= {term.id: _BY_MARK[term.argdown] for term in STANCES if term.argdown}
SHAPES = {
    "arrow": element("path", d="M1 1L9 5L1 9z"),
    "open arrow": element("path", d="M1 1L9 5L1 9"),
    "bar": element("path", d="M8 0V10M5 0V10"),
    "cross": element("path", d="M2 1L9 9M9 1L2 9"),
    "ring": element("circle", cx=5, cy=5, r=3.6),
}
# Lines leave or reach boxes straight for a stub, which carries the word; at the other end for a SHORT way.
# PORT is how much of a side each line needs, and CLOSE how much where all lines meet at the focus, which stays small.
SHORT, PORT, CLOSE, WIDEST_WORD = 20, 11, 5, 110
# At how many places along a line, or a part of it, a word looks for room.
STEPS = 16


class Sides(NamedTuple):
    """A rectangle in pixels."""

    left: float
    top: float
    right: float
    bottom: float

    def meet(self, other: "Sides") -> bool:
        """Return whether the two share an area."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom


class Around(NamedTuple):
    """What a folded map draws: ids, edges from level to level, whether the second level is among them, and by id how many neighbors are not."""

    drawn: list[str]
    edges: list[dict]
    second: bool
    more: dict[str, int]


def folded(edges: Sequence[dict], focus: str, closed: Collection[str]) -> Around:
    """Return what is next to `focus`, and what is next to that if all of it has room; `closed` never open a second level."""
    near: dict[str, dict[str, None]] = {focus: {}}
    for edge in edges:
        near.setdefault(edge["source"], {})[edge["target"]] = None
        near.setdefault(edge["target"], {})[edge["source"]] = None
    first = [focus, *near[focus]][:MOST_FOLDED]
    beyond = [key for id in first[1:] if id not in closed for key in near[id]]
    second = list(dict.fromkeys([*first, *beyond]))
    opened = len(first) < len(second) <= MOST_OPEN
    drawn = second if opened else first
    levels = dict.fromkeys(drawn, 2) | dict.fromkeys(first, 1) | {focus: 0}
    ties = [
        edge
        for edge in edges
        if {edge["source"], edge["target"]} <= levels.keys()
        and levels[edge["source"]] != levels[edge["target"]]
    ]
    more = {key: len(near[key].keys() - levels.keys()) for key in drawn}
    return Around(drawn, ties, opened, more)


class Drawing(NamedTuple):
    """A map as SVG, and the middle of its focus in pixels."""

    svg: str
    x: int = 0
    y: int = 0


def argument_map(
    nodes: Sequence[dict], edges: Sequence[dict], focus: str, heading: str = "Argument map"
) -> Drawing:
    """Return the map of the focus and the first nodes up to MOST_NODES, as `drawing` does."""
    chosen = sorted(nodes, key=lambda node: node["id"] != focus)[:MOST_NODES]
    return drawing(chosen, edges, focus, heading)


def drawing(nodes: Sequence[dict], edges: Sequence[dict], focus: str, heading: str) -> Drawing:
    """Return the map of `nodes` (id, title, href) tied by `edges` (source, target, type, label), with `focus` marked.

    Draws the edges between these nodes. A node may have `width`, and `more`, how many neighbors are folded away; an edge
    with `reverse` runs from right to left. The same input gives the same text. The SVG is '' if fewer than two
    nodes or no edge would be drawn.
    """
    known = {node["id"] for node in nodes}
    distinct = {
        (edge["source"], edge["target"], edge["type"]): edge
        for edge in edges
        if {edge["source"], edge["target"]} <= known and edge["source"] != edge["target"]
    }
    ties = list(distinct.values())
    tied = {end for edge in ties for end in (edge["source"], edge["target"])} | {focus}
    drawn = [node for node in nodes if node["id"] in tied]
    if len(drawn) < 2 or not ties:
        return Drawing("")
    busy = Counter(end for edge in ties for end in (edge["source"], edge["target"]))
    stub = round(max(min(width(plain(edge["label"]), LABEL), WIDEST_WORD) for edge in ties) + 18)
    star = all(focus in (edge["source"], edge["target"]) for edge in ties)
    gap, port = (stub + SHORT + 38, CLOSE) if star else (2 * stub + 38, PORT)
    layout = _laid_out(drawn, ties, gap, port)
    # A line that runs from right to left was laid out the other way.
    lines = [
        {"points": line["points"][::-1]} if edge.get("reverse") else line
        for edge, line in zip(ties, layout.edges, strict=True)
    ]
    ranks = {node["id"]: place["rank"] for node, place in zip(drawn, layout.nodes, strict=True)}
    low, high = layout.bounds["min"], layout.bounds["max"]
    wide, tall = high["x"] - low["x"] + 2 * AIR, high["y"] - low["y"] + 2 * AIR
    body = element(
        "g",
        *(_line(edge, line, ranks, busy, stub) for edge, line in zip(ties, lines, strict=True)),
        *(
            _box(node, place, node["id"] == focus)
            for node, place in zip(drawn, layout.nodes, strict=True)
        ),
        *_words(ties, lines, ranks, busy, stub, [_sides(place) for place in layout.nodes]),
        transform=f"translate({round(AIR - low['x'])} {round(AIR - low['y'])})",
    )
    size = round(wide), round(tall)
    svg = picture(
        element("title", heading, id="map-title"),
        element("desc", " ".join(_sentences(drawn, ties)), id="map-desc"),
        _markers(),
        body,
        size=size,
        looks="picture map",
        width=size[0],
        height=size[1],
        role="group",
        aria_labelledby="map-title",
        aria_describedby="map-desc",
    )
    middle = layout.nodes[[node["id"] for node in drawn].index(focus)]["center"]
    return Drawing(svg, round(AIR - low["x"] + middle["x"]), round(AIR - low["y"] + middle["y"]))


def _lines(node: dict) -> list[str]:
    lines = wrapped(node["title"], node.get("width", BOX) - 2 * PADDING, SIZE, MOST_LINES)
    return [*lines, f"+ {node['more']} more"] if node.get("more") else lines


def _laid_out(nodes: list[dict], edges: list[dict], gap: int, port: int) -> graphlay.Layout:
    """Return the layout with `gap` between layers, in which one word has room or one at either end, and `port` between lines."""
    graph = graphlay.Graph()
    ends = [(edge["source"], edge["target"]) for edge in edges]
    ends = [
        pair[::-1] if edge.get("reverse") else pair for edge, pair in zip(edges, ends, strict=True)
    ]
    leaving, reaching = Counter(start for start, _ in ends), Counter(end for _, end in ends)
    for node in nodes:
        ports = port * max(leaving[node["id"]], reaching[node["id"]])
        graph.node(
            node["id"],
            width=node.get("width", BOX),
            height=max(len(_lines(node)) * LINE + 2 * PADDING, ports),
            label="",
        )
    for start, end in ends:
        graph.edge(start, end)
    return graphlay.layout(
        graph,
        options={
            "spacing": {
                "layer_gap": float(gap),
                "node_gap": 10.0,
                "dummy_gap": 16.0,
                "stub": float(SHORT),
                "port_gap": float(port),
                "port_stroke_clear": float(port),
            },
            "routing": {"style": "orthogonal", "centre_ports": "all", "port_sides": "facing_only"},
            "coords": {"placement": "brandes_koepf", "branch_style": "symmetric"},
            # Boxes that no crossing moves keep the order of `edges`.
            "tuning": {"order": {"balance_rounds": 0}},
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


def _words(
    edges: list[dict],
    lines: list[dict],
    ranks: dict,
    busy: Counter,
    stub: int,
    obstacles: list[Sides],
) -> Iterator[Element]:
    """Yield the word on each line, at the first place without one of the `obstacles`, which it joins; none where no place is free."""
    for edge, line in zip(edges, lines, strict=True):
        label = clipped(edge["label"], WIDEST_WORD, LABEL)
        wide = width(label, LABEL) + 6
        for x, y in _places(edge, line, ranks, busy, stub):
            sides = Sides(x - wide / 2, y - 8, x + wide / 2, y + 8)
            if not any(sides.meet(other) for other in obstacles):
                obstacles.append(sides)
                yield element(
                    "g",
                    element("rect", x=sides.left, y=sides.top, width=wide, height=16, rx=3),
                    element("text", label, x=x, y=y + 4, text_anchor="middle"),
                    class_=f"word {_kind(edge)}",
                )
                break


def _places(
    edge: dict, line: dict, ranks: dict, busy: Counter, stub: int
) -> Iterator[tuple[float, float]]:
    """Yield where a word may be: at the end where fewer lines meet, since there it has room, then along the line."""
    points = [(float(point["x"]), float(point["y"])) for point in line["points"]]
    points = points if _at_source(edge, busy) else points[::-1]
    (x, y), (u, v) = points[0], points[-1]
    turn = 1 if points[1][0] >= x else -1
    yield x + turn * (stub / 2 + (0 if _at_source(edge, busy) else 4)), y
    if abs(ranks[edge["source"]] - ranks[edge["target"]]) == 1:
        begin, end = x + turn * stub, u - turn * SHORT
        for step in range(STEPS + 1):
            t = step / STEPS
            rise = t * t * (3 - 2 * t)
            bend = 1.5 * t * (1 - t)  # the inner points of the curve lie halfway
            yield begin * (1 - t) ** 3 + end * t**3 + bend * (begin + end), y + (v - y) * rise
    else:
        for (x, y), (u, v) in pairwise(points):
            for step in range(1, STEPS):
                yield x + (u - x) * step / STEPS, y + (v - y) * step / STEPS


def _sides(place: dict) -> Sides:
    x, y = float(place["center"]["x"]), float(place["center"]["y"])
    wide, tall = float(place["size"]["width"]), float(place["size"]["height"])
    return Sides(x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2)


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
        more = "more" if node.get("more") and row == len(lines) - 1 else None
        shapes.append(element("text", line, class_=more, x=left + PADDING, y=y))
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
