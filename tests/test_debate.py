"""The page of a whole debate: its map, its outline, and both as files."""

import re
import sqlite3
from contextlib import closing
from itertools import combinations
from xml.etree import ElementTree

import pytest
from policykb.pictures.argument_map import MOST_FOLDED, MOST_OPEN, Sides, folded
from policykb.pictures.png import png
from policykb.read.debate import trees
from policykb.site.state import Pages, state_of
from policykb.site.views import debate
from test_pages import Site, checked

BAN = "/actions/option-ban-open-source-ai/debate"
LARGE = "/actions/option-open-source-regulated-on-purpose/debate"


def edge(source: str, target: str, type: str = "rebuts") -> dict:
    return {"source": source, "target": target, "type": type}


def tie(source: str, target: str, type: str = "rebuts") -> dict:
    return {"id": source, "other": target, "type": type}


def test_each_tree_of_answers_is_there_once_and_as_near_as_can_be():
    ties = [
        tie("b", "a"),
        tie("c", "b"),
        tie("d", "c"),
        tie("c", "a"),
        tie("a", "d"),
        tie("e", "a", "supports"),
    ]
    below = trees(["a"], ties)
    first, second = below["a"]
    assert (first["id"], second["id"]) == ("b", "c")
    assert [(answer["id"], answer["again"]) for answer in first["answers"]] == [("c", True)]
    assert [(answer["id"], answer["again"]) for answer in second["answers"]] == [("d", False)]
    (circle,) = second["answers"][0]["answers"]
    assert (circle["id"], circle["again"], circle["answers"]) == ("a", True, [])


def test_a_small_map_has_two_levels_and_a_large_one_folds_the_second():
    small = [edge("b", "a"), edge("c", "b"), edge("d", "c")]
    around = folded(small, "a", ())
    assert (around.drawn, around.second, around.more["c"]) == (["a", "b", "c"], True, 1)
    large = small + [edge(f"n{number}", "b") for number in range(MOST_OPEN)]
    around = folded(large, "a", ())
    assert (around.drawn, around.second, around.more["b"]) == (["a", "b"], False, MOST_OPEN + 1)
    star = [edge(f"n{number:03d}", "a") for number in range(200)]
    around = folded(star, "a", ())
    assert len(around.drawn) == MOST_FOLDED
    assert around.more["a"] == 200 - (MOST_FOLDED - 1)


def test_what_is_closed_opens_no_second_level():
    edges = [edge("argument", "action"), edge("other", "action")]
    assert folded(edges, "argument", {"action"}).drawn == ["argument", "action"]


def test_every_argument_about_an_action_is_in_the_outline_once(site: Site):
    text = site.get(BAN).text
    ids = re.findall(r'id="a-([a-z0-9-]+)"', text)
    stances = "select distinct argument from stances where action = 'option-ban-open-source-ai'"
    arguments = {row[0] for row in site.db.execute(stances)}
    assert len(arguments) > 19
    assert arguments <= set(ids)
    assert len(ids) == len(set(ids))


def test_boxes_lead_to_the_map_around_them(site: Site):
    root = ElementTree.fromstring(
        re.search(r'<svg[^>]*class="picture map".*?</svg>', site.get(LARGE).text, re.DOTALL)[0]
    )
    links = [node.get("href") for node in root.iter() if node.get("href")]
    assert len(links) > 19
    page = checked(site.get(links[0]))
    assert "Part of the debate about AI rules aimed at open source" in page.text
    assert LARGE in page.links


def test_a_map_has_what_is_for_an_action_on_the_left_and_what_is_against_it_on_the_right(
    site: Site,
):
    root = ElementTree.fromstring(site.get(f"{LARGE}.svg").text)
    groups = [(group, group.get("class", "").split()) for group in root.iter()]
    focus = next(group for group, names in groups if "focus" in names)
    middle = float(focus.find(".//{*}rect").get("x"))
    words = [
        (float(group.find("{*}rect").get("x")) < middle, group.find("{*}text").text)
        for group, names in groups
        if names[:1] == ["word"]
    ]
    left, right = ([word for on_left, word in words if on_left == side] for side in (True, False))
    assert set(left) == {"for", "on condition", "neutral"}
    assert set(right) == {"warning", "against"}
    assert left == sorted(left, key=["for", "on condition", "neutral"].index)
    assert right == sorted(right, key=["warning", "against"].index)
    assert float(focus.find(".//{*}rect").get("height")) < 100


def test_inherited_stances_are_counted_and_shown_apart(site: Site):
    query = "select count(distinct argument) from stances where action = 'option-open-source-regulated-on-purpose' and stance = 'opposes' and inherited = {}"
    own, inherited = (site.one(query.format(flag)) for flag in (0, 1))
    page = site.get(LARGE).text
    assert re.search(rf'Against it <span class="count">{own}</span>', page)
    assert f"<summary>{inherited} more from the thesis of a text alone</summary>" in page
    assert page.count("against</text>") == own


def test_a_topic_has_the_debates_of_its_actions(site: Site):
    page = checked(site.get("/topics/open-weight-release/debate"))
    assert BAN in page.links
    assert len(page.ids) == len(set(page.ids))


def test_what_is_not_part_of_the_debate_is_named(site: Site):
    page = checked(site.get(f"{BAN}?focus=nothing"))
    assert "“nothing” is not part of this debate" in page.text


@pytest.mark.parametrize("place", ["/actions/nothing/debate", "/topics/nothing/debate.svg"])
def test_unknown_records_have_no_debate(site: Site, place: str):
    assert site.get(place).status_code == 404


def test_a_record_of_another_kind_leads_to_its_own_debate(site: Site):
    answer = site.get("/topics/option-ban-open-source-ai/debate.svg")
    assert (answer.status_code, answer.headers["location"]) == (301, f"{BAN}.svg")


def test_an_action_without_arguments_says_so(site: Site):
    silent = site.one("select id from actions where id not in (select action from stances) limit 1")
    assert (
        "No argument about this action is recorded yet"
        in checked(site.get(f"/actions/{silent}/debate")).text
    )
    assert site.get(f"/actions/{silent}/debate.svg").status_code == 404


def test_no_word_of_a_map_lies_on_another_or_on_a_box(shipped):
    crossed, drawn, lines = [], 0, 0
    with closing(sqlite3.connect(shipped)) as connection:
        connection.row_factory = sqlite3.Row
        for kind in ("action", "topic"):
            for (id,) in connection.execute(f"SELECT id FROM {kind}s").fetchall():
                read = debate._read(connection, kind, id)
                plan, _ = debate._map(read, id, lambda node: None) if read else (None, 0)
                if not plan or not plan.svg:
                    continue
                root = ElementTree.fromstring(plan.svg)
                groups = [(g.get("class", "").split()[:1], g) for g in root.iter()]
                words, boxes = (
                    [
                        Sides(x, y, x + wide, y + tall)
                        for names, group in groups
                        if names == [looks]
                        for rect in group
                        if rect.tag.endswith("rect")
                        for x, y, wide, tall in [
                            [float(rect.get(key)) for key in ("x", "y", "width", "height")]
                        ]
                    ]
                    for looks in ("word", "node")
                )
                drawn += len(words)
                lines += sum(names == ["tie"] for names, _ in groups)
                crossed += [id for pair in combinations(words, 2) if pair[0].meet(pair[1])]
                crossed += [id for word in words for box in boxes if word.meet(box)]
    assert not crossed
    assert drawn > 0.9 * lines > 0


def test_the_map_as_a_file_brings_its_style_and_allows_nothing_else(site: Site):
    answer = site.get(f"{BAN}.svg")
    root = ElementTree.fromstring(answer.text)
    assert answer.headers["content-type"].startswith("image/svg+xml")
    style = root.find("{http://www.w3.org/2000/svg}style").text
    assert "--paper" in style
    assert "prefers-color-scheme: dark" in style
    assert ".map .node" in style
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[^']+'; frame-ancestors 'self'",
        answer.headers["content-security-policy"],
    )
    assert not [node for node in root.iter() if node.get("href")]


def test_the_map_as_png_is_the_same_each_time(site: Site):
    pytest.importorskip("resvg_py")
    answer = site.get(f"{BAN}.png")
    assert answer.headers["content-type"] == "image/png"
    assert answer.content.startswith(b"\x89PNG")
    svg = site.get(f"{BAN}.svg").text
    assert png(svg, 1200) == answer.content
    assert int.from_bytes(answer.content[16:20], "big") == 1200


def test_a_debate_is_read_once_for_its_page_maps_and_files(
    site: Site, monkeypatch: pytest.MonkeyPatch
):
    read, asked = debate._read, []
    monkeypatch.setattr(debate, "_read", lambda *args: asked.append(args[1:]) or read(*args))
    state_of(site.datasette).recent.clear()
    state_of(site.datasette).pages = Pages()
    assert (
        site.get(f"{BAN}.svg").text == site.get(f"{BAN}.svg?focus=option-ban-open-source-ai").text
    )
    assert site.get(BAN).status_code == site.get(f"{BAN}.dot").status_code == 200
    assert asked == [("action", "option-ban-open-source-ai")]


def test_without_the_extra_no_page_offers_png(site: Site, monkeypatch: pytest.MonkeyPatch):
    for module in ("png.installed", "png.find_spec"):
        monkeypatch.setattr(f"policykb.pictures.{module}", lambda *_: None)
    monkeypatch.setattr("policykb.site.pictures.installed", lambda: False)
    assert f"{BAN}.png" not in checked(site.get(f"{BAN}?on=1")).links
    assert site.get(f"{BAN}.png?on=1").status_code == 404


@pytest.mark.parametrize(
    ("form", "start"), [("argdown", "===\n"), ("dot", "digraph arguments {\n")]
)
def test_the_debate_is_a_graph_of_its_records_alone(site: Site, form: str, start: str):
    text = site.get(f"{BAN}.{form}").text
    assert text.startswith(start)
    assert "option-ban-open-source-ai" in text
    assert "no-path-safer-or-more-private-than-open-source" in text
    assert "chinese-open-weight-release" not in text


def test_hostile_titles_are_escaped(base):
    hostile = "</title><script>alert(1)</script>"
    base.record("arguments", "it-should-stay", title=hostile)
    base.load()
    site = Site(base.db)
    page = checked(site.get("/actions/an-order/debate"))
    assert hostile in page.text
    ElementTree.fromstring(site.get("/actions/an-order/debate.svg").text)
