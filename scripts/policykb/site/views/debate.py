"""The whole debate about an action or a topic: the map around a focus, the outline, and both as files."""

from dataclasses import dataclass
from functools import cached_property

from policykb.exports import graph
from policykb.model.vocabulary import AGAINST, ARGUMENT_RELATIONS, FOR, STANCES, ranked
from policykb.pictures.argument_map import Drawing, drawing, folded
from policykb.read.database import database
from policykb.read.debate import grouped, trees
from policykb.read.links import KINDS, path
from policykb.site import data, params, pictures
from policykb.site.links import COPY, address
from policykb.site.respond import elsewhere, file, page

LABELS = {term.id: term.label.lower() for term in ARGUMENT_RELATIONS}
STANCE_LABELS = {term.id: (term.short or term.label).lower() for term in STANCES}
PLACES = {stance: place for place, stance in enumerate(ranked(STANCES, "place"))}
WIDE, NARROW = 300, 200  # a box on a map of three columns, and of more
PNG_WIDTH = 1200
MEDIA = {"argdown": "text/plain", "dot": "text/vnd.graphviz"}


@dataclass(frozen=True)
class Debate:
    """What a debate is about (id, kind, title), its actions, their stances, the ties of arguments, and who makes them."""

    about: dict
    actions: list[dict]
    stances: list[dict]
    ties: list[dict]
    speakers: dict[str, list[dict]]

    @property
    def base(self) -> str:
        """The path of its page."""
        return path(self.about["kind"], self.about["id"]) + "/debate"

    @cached_property
    def nodes(self) -> dict[str, dict]:
        """The records of the debate by id, each with id, kind and title: actions, their arguments, then answers."""
        nodes = {self.about["id"]: self.about}
        for kind, rows in (
            ("action", self.actions),
            ("argument", self.stances),
            ("argument", self.ties),
        ):
            for row in rows:
                node = {"id": row["id"], "kind": kind, "title": row["title"]}
                nodes.setdefault(row["id"], node)
        return nodes

    @cached_property
    def edges(self) -> list[dict]:
        """How the records are tied, as `argument_map` takes it."""
        ties = [(row["id"], self.about["id"], "within", "within") for row in self.actions]
        for row in self.stances:
            ties.append((row["id"], row["action"], row["stance"], STANCE_LABELS[row["stance"]]))
        for row in self.ties:
            ties.append((row["id"], row["other"], row["type"], LABELS[row["type"]]))
        names = ("source", "target", "type", "label")
        edges = [dict(zip(names, tie, strict=True)) for tie in ties]
        return [edge for edge in edges if edge["source"] != edge["target"]]


async def show(datasette, request):
    """Return the page of a debate; `focus` is the id of the record in the middle of the map."""
    debate = await _debate(datasette, request)
    nodes = debate.nodes
    focus, messages = _focus(request, nodes, debate.about["id"])
    query = f"?focus={focus}" if focus != debate.about["id"] else ""
    plan, more = _map(debate, focus, lambda node: _opened(datasette, debate, node))
    drawn = pictures.forms() if plan.svg else ()
    places = [(form, f"{debate.base}.{form}{query}") for form in drawn]
    places += [(form, f"{debate.base}.{form}") for form in MEDIA if debate.stances]
    return page(
        datasette,
        request,
        "debate",
        section="/actions" if debate.about["kind"] == "action" else None,
        messages=messages,
        about=debate.about,
        base=debate.base,
        focus=nodes[focus],
        map=plan,
        more=more,
        sections=_sections(debate, focus),
        bearing=_bearing(debate, focus, nodes),
        numbers=counted(debate.stances),
        speakers=debate.speakers,
        files=[(form, address(datasette, place)) for form, place in places],
    )


async def download(datasette, request):
    """Return the map as SVG or PNG, or the debate as Argdown or DOT."""
    debate = await _debate(datasette, request)
    form, nodes = request.url_vars["form"], debate.nodes
    if form in MEDIA:
        rows = [node for node in nodes.values() if node["kind"] in graph.KINDS]
        part = await data.turn(datasette, lambda connection: graph.part(database(connection), rows))
        return file(datasette, request, graph.text(part, form), MEDIA[form])
    focus, messages = _focus(request, nodes, debate.about["id"])
    if messages:
        raise params.RefusedError(*messages)
    plan, _ = _map(debate, focus, lambda node: None)
    return await pictures.picture(datasette, request, plan.svg, form, PNG_WIDTH)


async def _debate(datasette, request) -> Debate:
    """Return the debate that the address names.

    :raises MovedError: if the id of the record has changed.
    """
    kind = KINDS[request.url_vars["place"]]
    record_id = request.url_vars["id"]
    debate = await data.recent(
        datasette,
        ("debate", kind, record_id),
        lambda connection: _read(connection, kind, record_id),
    )
    if debate:
        return debate
    form = request.url_vars.get("form")
    await elsewhere(datasette, request, kind, f"/debate.{form}" if form else "/debate")


def _read(connection, kind: str, record_id: str) -> Debate | None:
    record = data.read(connection, "records.record", {"id": record_id})
    if not record or record[0]["moved"] or record[0]["kind"] != kind:
        return None
    actions = data.read(connection, f"debate.{kind}", {"id": record_id})
    stances = data.read(connection, "debate.stances", {"ids": data.as_json(actions)})
    ties = data.read(connection, "debate.ties", {"ids": data.as_json(stances)})
    arguments = {row["id"]: row for row in (*stances, *ties)}
    speakers = data.read(connection, "debate.speakers", {"ids": data.as_json(arguments.values())})
    title = actions[0]["title"] if kind == "action" else record[0]["title"]
    about = {"id": record_id, "kind": kind, "title": title}
    return Debate(about, actions, stances, ties, grouped(speakers, "argument"))


def _focus(request, nodes: dict[str, dict], default: str) -> tuple[str, list[str]]:
    """Return the record in the middle of the map, and what is wrong with the one that is asked for."""
    focus = params.param(request, "focus") or default
    if focus in nodes:
        return focus, []
    return default, [f"“{focus}” is not part of this debate."]


def _opened(datasette, debate: Debate, node: dict) -> str:
    """Return the address of the map with another focus; in a copy, which has them for actions alone, of its record."""
    about = debate.about
    if node["id"] == about["id"]:
        return address(datasette, debate.base)
    if COPY.get() and about["kind"] != "action":
        return address(datasette, path(node["kind"], node["id"]))
    return address(datasette, f"{debate.base}?focus={node['id']}")


def _map(debate: Debate, focus: str, link) -> tuple[Drawing, int]:
    """Return the map of two levels around the focus, and how many records next to it there was no room for.

    Around an action what speaks against it is on its right; around a topic the later half.
    Stances that are inherited, which counts leave out, are in the outline only.
    """
    nodes = debate.nodes
    about = debate.about["id"]
    own = {(row["id"], row["action"]) for row in debate.stances if not row["inherited"]}
    inherited = {(row["id"], row["action"]) for row in debate.stances} - own
    edges = [
        edge
        for edge in debate.edges
        if focus == edge["source"] or (edge["source"], edge["target"]) not in inherited
    ]
    closed = {key for key, node in nodes.items() if node["kind"] != "argument"} - {about}
    around = folded(edges, focus, closed | {about})
    argued = nodes[focus]["kind"] != "argument"
    sides = argued and not around.second
    inward = [edge for edge in around.edges if edge["target"] == focus]
    inward.sort(key=lambda edge: PLACES.get(edge["type"], len(PLACES)))
    right = _right(inward) if sides else []
    ties = [{**edge, "reverse": edge in right} for edge in around.edges]
    # Boxes of a column are in the order of their lines: by stance.
    ties.sort(key=lambda edge: PLACES.get(edge["type"], len(PLACES)))
    boxes = [
        {
            **nodes[key],
            "href": link(nodes[key]),
            "more": around.more[key],
            "width": WIDE if sides else NARROW,
        }
        for key in around.drawn
    ]
    heading = f"The debate around “{nodes[focus]['title']}”"
    return drawing(boxes, ties, focus, heading), around.more[focus]


def _right(inward: list[dict]) -> list[dict]:
    """Return the ties on the right of a map: those against, and neutral ones if these are fewer than those for; or the later half."""
    for_it = [edge for edge in inward if edge["type"] in FOR]
    against = [edge for edge in inward if edge["type"] in AGAINST]
    if not for_it or not against:
        return inward[(len(inward) + 1) // 2 :]
    if len(against) < len(for_it):
        return [edge for edge in inward if edge not in for_it]
    return against


def _sections(debate: Debate, focus: str) -> list[dict]:
    """Return the outline: for each action its arguments by stance, or one section for an argument in focus.

    An argument has `answers`, nested, at its first place; at others it is marked `again`.
    """
    by_action = grouped(debate.stances, "action")
    actions = [row for row in debate.actions if focus in (row["id"], debate.about["id"])]
    rows = [row for action in actions for row in by_action.get(action["id"], ())]
    below = trees([row["id"] for row in rows] or [focus], debate.ties)
    if not rows:
        return [{"action": None, "stances": {"": [_entry(debate.nodes[focus], below, set())]}}]
    shown: set[str] = set()
    entries = {
        action["id"]: [_entry(row, below, shown) for row in by_action.get(action["id"], ())]
        for action in actions
    }
    return [{"action": action, "stances": _ordered(entries[action["id"]])} for action in actions]


def _ordered(entries: list[dict]) -> dict[str, list[dict]]:
    """Return stances by term: those for the action, those against it, then those that take no side."""
    last = len(PLACES)
    return grouped(sorted(entries, key=lambda row: PLACES.get(row["stance"], last)), "stance")


def counted(stances: list[dict]) -> dict[str, int]:
    """Return how many arguments take a stance: `own`, and `inherited` ones, which counts leave out."""
    own = {row["id"] for row in stances if not row["inherited"]}
    return {"own": len(own), "inherited": len({row["id"] for row in stances} - own)}


def _entry(row: dict, below: dict[str, list[dict]], shown: set[str]) -> dict:
    """Return a stance with the answers to its argument where it is not `shown` yet."""
    again = row["id"] in shown
    shown.add(row["id"])
    return {**row, "again": again, "answers": [] if again else below[row["id"]]}


def _bearing(debate: Debate, focus: str, nodes: dict[str, dict]) -> list[dict]:
    """Return what an argument in focus bears on: `label`, and the id, kind and title of the record."""
    return [
        {**nodes[edge["target"]], "label": edge["label"]}
        for edge in debate.edges
        if edge["source"] == focus and nodes[focus]["kind"] == "argument"
    ]
