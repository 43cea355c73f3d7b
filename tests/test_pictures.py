"""The pictures: well-formed, escaped, to scale, without labels over each other, the same each time."""

import datetime
from xml.etree import ElementTree

import pytest
from conftest import ANY, examples
from hypothesis import given, settings
from hypothesis import strategies as st
from policykb.model.dates import span
from policykb.model.vocabulary import EVENT_TYPES, LEGAL_FORCES
from policykb.pictures import svg
from policykb.pictures.argument_map import MOST_NODES, argument_map
from policykb.pictures.marks import LABEL, patterns, short
from policykb.pictures.overview import MOST_ROWS, overview
from policykb.pictures.timeline import WIDTH, action_timeline

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "</title><script>alert(1)</script> \"'& \x00\x0b\u202e]]> <!--"


def event(number: int, date: str, type: str = "issued", **more: object) -> dict:
    """An event as a row of the table events."""
    days = span(date)
    return {
        "id": f"a-{number:03d}",
        "type": type,
        "date": date,
        "date_earliest": days.earliest,
        "date_latest": days.latest,
        "qualifier": days.qualifier,
        "unconfirmed": 0,
        "moved_to": None,
        **more,
    }


def period(force: str, start: str | None, end: str | None, **more: object) -> dict:
    """A period as a row of the table periods."""
    return {
        "legal_force": force,
        "stage": "adopted",
        "from_date": start,
        "to_date": end,
        "event": None,
        **more,
    }


def read(picture: str) -> ElementTree.Element:
    """The picture, which must be well-formed."""
    return ElementTree.fromstring(picture)


def of_class(root: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    """The elements that have a class."""
    return [node for node in root.iter() if name in node.get("class", "").split()]


def centre(mark: ElementTree.Element) -> float:
    """Where the mark of an event stands."""
    shape = mark.find(f"{SVG}circle")
    if shape is not None:
        return float(shape.get("cx"))
    shape = mark.find(f"{SVG}rect")
    return float(shape.get("x")) + float(shape.get("width")) / 2


def marks(root: ElementTree.Element) -> list[ElementTree.Element]:
    """The marks of events, without those of the legend, which stand last and say no date."""
    return [node for node in of_class(root, "event") if ":" in node.find(f"{SVG}title").text]


DIRECTIVE = [
    event(1, "2026-06-12"),
    event(2, "2026-06-23", "litigated"),
    event(3, "2026-06-26", "eased"),
    event(4, "2026-06-30", "revoked"),
]
PERIODS = [
    period("in_force", "2026-06-12", "2026-06-26", event="a-001"),
    period("partly", "2026-06-26", "2026-06-30", event="a-003"),
    period("ended", "2026-06-30", None, event="a-004"),
]


def test_positions_are_to_scale():
    root = read(action_timeline(DIRECTIVE, PERIODS, "2026-06-25"))
    first, second, third, last = map(centre, marks(root))
    day = (last - first) / 18
    assert second - first == pytest.approx(11 * day, abs=0.2)
    assert third - first == pytest.approx(14 * day, abs=0.2)
    in_force, partly = of_class(root, "in-force"), of_class(root, "partly")
    assert float(in_force[0].get("x")) == pytest.approx(first, abs=0.2)
    assert float(partly[0].get("x")) == pytest.approx(third, abs=0.2)
    assert float(partly[0].get("width")) == pytest.approx(4 * day, abs=0.2)
    line = next(node for node in of_class(root, "on") if node.tag == f"{SVG}line")
    assert float(line.get("x1")) == pytest.approx(first + 13 * day, abs=0.2)


def test_forces_are_told_apart_by_shape():
    root = read(action_timeline(DIRECTIVE, PERIODS, "2026-07-15"))
    assert of_class(root, "partly")[0].get("fill") == "url(#tl-partly)"
    assert of_class(root, "in-force")[0].get("fill") is None
    assert {node.get("id") for node in root.iter(f"{SVG}pattern")} == {"tl-partly", "tl-suspended"}


def test_future_partial_uncertain_and_moved_dates_look_so():
    events = [
        event(1, "2026-06-02"),
        event(2, "2026-09"),
        event(3, "2026-10-01?"),
        event(4, "2027-03-01"),
        event(5, "2027-08-02", moved_to="a-004"),
    ]
    root = read(action_timeline(events, [], "2026-11-22"))
    assert [mark.get("class") for mark in marks(root)] == [
        "event",
        "event vague",
        "event doubtful",
        "event ahead",
        "event ahead moved",
    ]
    month = marks(root)[1].find(f"{SVG}rect")
    first, ahead = centre(marks(root)[0]), centre(marks(root)[3])
    days = (datetime.date(2027, 3, 1) - datetime.date(2026, 6, 2)).days
    assert float(month.get("width")) == pytest.approx(29 * (ahead - first) / days, abs=0.3)
    assert [node.text for node in of_class(root, "legend")] == [
        "ahead",
        "day not known",
        "uncertain",
        "moved",
    ]


def test_bars_of_the_future_are_lighter():
    root = read(
        action_timeline(
            [event(1, "2025-01-01", "adopted"), event(2, "2027-01-01", "took_effect")],
            [period("not_yet", "2025-01-01", "2027-01-01"), period("in_force", "2027-01-01", None)],
            "2026-01-01",
        )
    )
    assert [node.get("class") for node in of_class(root, "bar")[:3]] == [
        "bar not-yet",
        "bar not-yet ahead",
        "bar in-force ahead",
    ]


def test_title_and_description_are_read_out():
    root = read(action_timeline(DIRECTIVE, PERIODS, "2026-07-15"))
    assert root.get("role") == "img"
    told = {node.get("id"): node.text for node in root if node.get("id")}
    assert told[root.get("aria-labelledby")] == "Timeline from 12 Jun 2026 to 30 Jun 2026"
    assert told[root.get("aria-describedby")] == (
        "In force from 12 Jun 2026 until 26 Jun 2026; Partly in force from 26 Jun 2026 until 30 Jun 2026; Ended from 30 Jun 2026. "
        "4 events, listed below. Shown as of 15 Jul 2026."
    )


def test_a_day_far_outside_does_not_squeeze_the_picture():
    near, far = (
        read(action_timeline(DIRECTIVE, PERIODS, on)) for on in ("2026-07-01", "2036-07-01")
    )
    gap = [centre(marks(root)[-1]) - centre(marks(root)[0]) for root in (near, far)]
    assert gap[1] == pytest.approx(gap[0], rel=0.1)
    assert [node.text for node in of_class(far, "on")] == ["1 Jul 2036 →"]
    assert [
        node.text
        for node in of_class(read(action_timeline(DIRECTIVE, PERIODS, "2016-07-01")), "on")
    ] == ["← 1 Jul 2016"]


def test_nothing_to_draw_gives_nothing():
    assert action_timeline([], [], "2026-01-01") == ""
    assert argument_map([{"id": "a", "title": "A"}], [], "a").svg == ""
    assert argument_map([], [], "a").svg == ""


def test_short_dates():
    assert [
        short(date) for date in ("2026-06-12", "2026-06", "2026", "2026-06~", "2026-06-01?")
    ] == ["12 Jun 2026", "Jun 2026", "2026", "about Jun 2026", "1 Jun 2026?"]


DAYS = st.dates(datetime.date(1900, 1, 1), datetime.date(2100, 12, 31)).map(str)
DATES = st.tuples(DAYS, st.sampled_from([10, 7, 4]), st.sampled_from(["", "~", "?"])).map(
    lambda parts: parts[0][: parts[1]] + parts[2]
)
EVENTS = st.lists(
    st.tuples(DATES, st.sampled_from([kind.id for kind in EVENT_TYPES]), st.booleans()),
    min_size=1,
    max_size=90,
)


@settings(max_examples=examples(60), deadline=None)
@given(
    EVENTS,
    st.lists(st.tuples(st.sampled_from([force.id for force in LEGAL_FORCES]), DAYS), max_size=6),
    DAYS,
)
def test_labels_never_overlap_and_stay_inside(listed, forces, on):
    events = [
        event(number, date, kind, moved_to="x" if moved else None)
        for number, (date, kind, moved) in enumerate(listed)
    ]
    changes = sorted(forces, key=lambda change: change[1])
    periods = [
        period(force, day, changes[place + 1][1] if place + 1 < len(changes) else None)
        for place, (force, day) in enumerate(changes)
    ]
    picture = action_timeline(events, periods, on)
    assert picture == action_timeline(events, periods, on)
    root = read(picture)
    boxes = [
        (
            float(node.get("x")),
            float(node.get("x")) + svg.width(node.text, LABEL),
            float(node.get("y")),
        )
        for node in of_class(root, "label")
    ]
    for place, (left, right, y) in enumerate(boxes):
        assert left >= 0 and right <= WIDTH + 1
        assert not [
            other
            for other in boxes[:place]
            if abs(other[2] - y) < LABEL and other[0] < right and left < other[1]
        ]
    for pole in of_class(root, "pole"):
        x, top = float(pole.get("x1")), float(pole.get("y1"))
        assert not [box for box in boxes if box[0] < x < box[1] and box[2] > top + LABEL]
    for bar in of_class(root, "bar"):
        assert float(bar.get("width")) >= 0


def test_overview_is_in_percent_of_the_time_shown():
    rows = [
        {
            "events": [event(1, "2026-07-02"), event(2, "2019-01-01")],
            "periods": [period("in_force", "2026-07-02", "2027-07-02")],
        }
    ]
    axis, strips = overview(rows, "year", "2026-01-01", "2028-01-01", "2026-11-22")
    assert [node.text for node in read(axis).iter(f"{SVG}text")] == ["2026", "2027"]
    strip = read(strips[0])
    assert [node.get("x") for node in of_class(strip, "bar")] == ["24.93%", "44.52%"]
    assert len(of_class(strip, "event")) == 1, "what lies outside is not drawn"
    months, _ = overview(rows, "month", "2026-01-01", "2027-01-01", "2026-11-22")
    assert len(list(read(months).iter(f"{SVG}text"))) == 12
    assert read(patterns()).get("aria-hidden") == "true"


def test_overview_draws_a_bounded_number_of_rows():
    rows = [{"events": [], "periods": []}] * (MOST_ROWS + 50)
    assert len(overview(rows, "year", "2026-01-01", "2028-01-01", "2026-11-22")[1]) == MOST_ROWS


NODES = [
    {
        "id": name,
        "title": f"The argument {name} says that something holds",
        "href": f"/arguments/{name}",
    }
    for name in "abcde"
]
EDGES = [
    {"source": "a", "target": "c", "type": "supports", "label": "supports"},
    {"source": "b", "target": "c", "type": "rebuts", "label": "rebuts"},
    {"source": "c", "target": "d", "type": "undercuts", "label": "undercuts"},
    {"source": "d", "target": "b", "type": "qualifies", "label": "qualifies"},
]


def boxes(root: ElementTree.Element) -> dict[str, tuple[float, ...]]:
    """Left, top, right, bottom of every node by its title."""
    found = {}
    for node in of_class(root, "node"):
        shape = node.find(f"{SVG}rect")
        left, top = float(shape.get("x")), float(shape.get("y"))
        found[node.find(f"{SVG}title").text] = (
            left,
            top,
            left + float(shape.get("width")),
            top + float(shape.get("height")),
        )
    return found


def test_map_links_marks_the_focus_and_tells_itself_in_words():
    root = read(argument_map(NODES, EDGES, "c").svg)
    assert [node.get("href") for node in of_class(root, "node") if node.get("href")] == [
        "/arguments/a",
        "/arguments/b",
        "/arguments/d",
    ]
    assert len(of_class(root, "focus")) == 1
    assert {
        kind for kind in ("supports", "rebuts", "undercuts", "qualifies") if of_class(root, kind)
    } == {"supports", "rebuts", "undercuts", "qualifies"}
    assert len({node.get("marker-end") for node in of_class(root, "tie")}) == 4
    told = next(node.text for node in root if node.get("id") == root.get("aria-describedby"))
    assert (
        "“The argument a says that something holds” supports “The argument c says that something holds”."
        in told
    )
    assert root.get("role") == "group", "links in a picture must stay reachable"


def test_map_boxes_do_not_overlap_and_what_supports_stands_left():
    root = read(argument_map(NODES, EDGES[:3], "c").svg)
    placed = boxes(root)
    where = list(placed.values())
    for place, one in enumerate(where):
        assert not [
            other
            for other in where[:place]
            if one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
        ]
    a, c, d = (placed[f"The argument {name} says that something holds"] for name in "acd")
    assert a[2] < c[0] and c[2] < d[0]


def test_map_is_bounded_keeps_the_focus_and_is_the_same_each_time():
    nodes = [{"id": f"n{number}", "title": f"Node {number}", "href": "/x"} for number in range(200)]
    edges = [
        {"source": f"n{number}", "target": "n199", "type": "supports", "label": "supports"}
        for number in range(199)
    ]
    picture = argument_map(nodes, edges, "n199").svg
    assert picture == argument_map(nodes, edges, "n199").svg
    assert len(of_class(read(picture), "node")) == MOST_NODES
    assert "Node 199" in picture


def test_map_survives_circles_and_loops():
    edges = [
        {"source": "a", "target": "b", "type": "rebuts", "label": "rebuts"},
        {"source": "b", "target": "a", "type": "rebuts", "label": "rebuts"},
        {"source": "a", "target": "a", "type": "supports", "label": "supports"},
        {"source": "a", "target": "unknown", "type": "supports", "label": "supports"},
    ]
    assert len(of_class(read(argument_map(NODES[:2], edges, "a").svg), "tie")) == 2


@pytest.mark.parametrize("text", [HOSTILE, "x" * 10_000, "", "漢字" * 200, "javascript:alert(1)"])
def test_hostile_text_is_escaped(text):
    drawn = argument_map(
        [{"id": "a", "title": text, "href": text}, {"id": "b", "title": text, "href": text}],
        [{"source": "a", "target": "b", "type": text, "label": text}],
        "b",
        text,
    ).svg
    line = action_timeline([event(1, "2026-06-12", text)], [], "2026-06-12")
    for picture in (drawn, line):
        root = read(picture)
        assert not list(root.iter(f"{SVG}script"))
        assert "<script" not in picture and "\u202e" not in picture and "\x00" not in picture
        assert not [
            node
            for node in root.iter()
            if node.get("style") or any(key.startswith("on") for key in node.attrib)
        ]


@given(st.text(ANY, max_size=300), st.integers(30, 300), st.integers(1, 6))
def test_wrapped_text_fits(text, room, most):
    lines = svg.wrapped(text, room, 13, most)
    assert 1 <= len(lines) <= most
    assert all(svg.width(line, 13) <= room or len(line) <= 1 for line in lines)


@given(st.floats(-1e5, 1e5))
def test_numbers_are_short(value):
    assert abs(float(svg.number(value)) - value) <= 0.5
    assert svg.number(-0.01) == "0"


def test_an_event_of_no_type_is_named_by_its_note():
    events = [
        event(1, "2026-06-02"),
        event(2, "2026-07-14", "other", note="[Reply](https://example.org) due. More of it."),
        event(3, "2026-08-14", "other"),
    ]
    root = read(action_timeline(events, [], "2026-11-22"))
    assert [node.text for node in of_class(root, "label")] == [
        "2 Jun 2026 Issued",
        "14 Jul 2026 Reply due",
        "14 Aug 2026",
    ]
    assert [mark.find(f"{SVG}title").text for mark in of_class(root, "event")[:3]] == [
        "2 Jun 2026: Issued",
        "14 Jul 2026: Reply due",
        "14 Aug 2026",
    ]
