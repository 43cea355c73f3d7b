"""Ids of events: every event gets one, no edit changes it, and every earlier address leads to the same event."""

import contextlib
import datetime
import json
import sqlite3
import subprocess

import pytest
import rtoml
from checkouts import git
from conftest import ROOT, TODAY, Base
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from policykb.contribute import changes, fix, lifecycle, parts
from policykb.exports import feeds
from policykb.files import reader as files
from policykb.files import toml_edit
from policykb.history import states
from policykb.model import event_ids
from policykb.model.problems import CODES, WARNING
from policykb.read import database as reading
from policykb.references import citation
from policykb.references.citation import Day
from policykb.sources.formats import proposals
from policykb.sources.plan import Feed, plan
from test_changes_log import commit
from test_pages import Site

CITE = [{"document": "a-source"}]
# An action as it was before events had ids: the layouts differ, the events have notes of their own.
NAMELESS = """\
title = "An order"
instrument = "executive_order"
bindingness = "binding"
jurisdiction = "us"
as_of = 2026-11-22
confidence = "high"
summary = "Binds agencies."

[effect]
kind = "silent"
note = "Says nothing."

# The draft.
[[events]] # from memory
date = "2026-01"
type = "announced"
note = "One."
unconfirmed = true

[[events]]
date = 2026-02-01
type = "announced"
note = "Two."
[[events.cite]]
document = "a-source"
[[events.cite]]
document = "a-source"
locator = "page 2"

# The end.
[[events]]
date = 2026-12-01
type = "took_effect"
note = "Three."
cite = [{ document = "a-source" }]
"""
INLINE = NAMELESS.partition("# The draft.")[0].replace(
    "[effect]",
    """events = [
  { date = 2026-01-01, type = "announced", note = "One.", cite = [{ document = "a-source" }] },  # from memory
  { date = 2026-02-01, type = "announced", note = "Two.", unconfirmed = true },
  { date = 2026-12-01, type = "took_effect", note = "Three.", unconfirmed = true },
]

[effect]""",
)
IDS = {"One.": "announced", "Two.": "announced-2", "Three.": "took-effect"}


def read(base: Base, id: str = "an-order") -> list[dict]:
    """The events of an action as its file has them."""
    return rtoml.load(base.policies / f"actions/{id}.toml")["events"]


def ids(base: Base, id: str = "an-order") -> dict[str, str]:
    """The id of each event by its note."""
    return {event.get("note", ""): event.get("id", "") for event in read(base, id)}


def make(base: Base, *made: changes.Change) -> None:
    """Write changes, which must leave no error."""
    base.make(made)
    assert [problem for problem in base.codes() if CODES[problem][0] != WARNING] == []


def led(base: Base, *addresses: str) -> list[str]:
    """The keys of the events that addresses lead to, in a fresh load."""
    assert not base.load().errors
    found = []
    with contextlib.closing(sqlite3.connect(base.db)) as connection:
        for address in addresses:
            cited = citation.cite(
                connection, address, Day(TODAY, False, TODAY), "https://x.example"
            )
            action, _, anchor = cited.entry.url.rpartition("/")[2].partition("#event-")
            found.append(f"{action}#{anchor}")
    return found


def table(base: Base) -> dict[str, str]:
    """The former keys of events in a fresh load, and the keys that they lead to."""
    assert not base.load().errors
    with contextlib.closing(sqlite3.connect(base.db)) as connection:
        return dict(connection.execute("select former, event from event_former_ids"))


# Making ids


def test_id_is_the_type_then_counted_and_never_one_that_was_used():
    assert event_ids.event_id("took_effect", ()) == "took-effect"
    assert event_ids.event_id("issued", {"issued", "issued-2", "4"}) == "issued-3"
    listed = event_ids.names(
        [
            {"type": "issued"},
            {"type": "issued", "id": "x", "former_ids": ["issued", "1"]},
            {"type": "issued"},
        ]
    )
    assert event_ids.new_ids(listed) == {
        0: event_ids.Names("issued-2", "issued", ()),
        2: event_ids.Names("issued-3", "issued", ("3",)),
    }


@pytest.mark.parametrize("text", [NAMELESS, INLINE, NAMELESS.replace("\n", "\r\n")])
def test_fix_names_events_and_keeps_their_places(base: Base, text: str):
    base.write("actions/an-order.toml", text.encode())
    assert base.codes() == ["T430"] * 3
    before = rtoml.loads(text.replace("\r\n", "\n"))
    result = base.run("check", "--fix", "--yes")
    assert result.returncode == 0, result.stderr
    after = (base.policies / "actions/an-order.toml").read_text()
    assert base.codes() == []
    assert ids(base) == IDS
    assert "# from memory" in after
    for place, event in enumerate(read(base)):
        assert event.pop("former_ids") == [str(place + 1)]
        assert event.pop("id")
        assert event == before["events"][place]
    assert base.run("check", "--fix", "--yes").stderr.splitlines()[0] == "nothing to change"


def test_place_that_led_to_another_event_is_not_given_again(base: Base):
    base.action(
        "an-order",
        [
            ("2026-01-01", "announced", {"id": "first", "former_ids": ["2"]}),
            ("2026-06-02", "issued", {"id": ...}),
        ],
    )
    assert led(base, "an-order#2", "an-order#first", "an-order#issued") == [
        "an-order#first",
        "an-order#first",
        "an-order#issued",
    ]
    found, _ = fix.fixes(base.policies, TODAY)
    make(base, *found)
    assert [(event["id"], event.get("former_ids")) for event in read(base)] == [
        ("first", ["2"]),
        ("issued", None),
    ]


def test_record_without_ids_loads_with_places_as_keys(base: Base):
    base.write("actions/an-order.toml", NAMELESS)
    assert led(base, "an-order#2", "an-order#3") == ["an-order#2", "an-order#3"]
    assert table(base) == {}


# Checks


@pytest.mark.parametrize(
    ("first", "second", "code", "said"),
    [
        ({"id": "x"}, {"id": "x"}, "K205", "another event of this action is named 'x'"),
        (
            {"id": "x"},
            {"id": "y", "former_ids": ["x"]},
            "K205",
            "'x' is the id or a former id of another event of this action",
        ),
        (
            {"id": "x", "former_ids": ["4"]},
            {"id": "y", "former_ids": ["4"]},
            "K205",
            "'4' is the id or a former id of another event of this action",
        ),
        (
            {"id": "x", "former_ids": ["an-order#4"]},
            {"id": "y", "former_ids": ["4"]},
            "K205",
            "'4' is the id or a former id of another event of this action",
        ),
        ({"id": "x", "former_ids": ["x"]}, {"id": "y"}, "K205", "'x' is named twice in this event"),
        (
            {"id": "4"},
            {"id": "y"},
            "K204",
            "'4' is a number, which already means the place of an event",
        ),
        (
            {"id": "x", "former_ids": ["An Order"]},
            {"id": "y"},
            "K204",
            "'An Order' is not an earlier name of an event",
        ),
        (
            {"id": "x", "former_ids": ["b-order#issued"]},
            {"id": "y"},
            "K205",
            "'b-order#issued' is also the id or a former id of an event of 'b-order'",
        ),
        (
            {"id": "x", "former_ids": ["c-order#1"]},
            {"id": "y"},
            "R301",
            "there is no action 'c-order'",
        ),
        (
            {"id": "x", "former_ids": ["it-does-good#1"]},
            {"id": "y"},
            "R302",
            "'it-does-good' is a claim",
        ),
    ],
)
def test_name_that_cannot_be_one_is_refused(base: Base, first, second, code, said):
    base.record("actions", "b-order")
    base.action("an-order", [("2026-06-01", "announced", first), ("2026-06-02", "issued", second)])
    found = [problem for problem in base.check().problems if problem.code == code]
    assert [problem.message for problem in found] == [said]
    assert found[0].path == "policies/actions/an-order.toml"
    lines = (base.policies / "actions/an-order.toml").read_text().splitlines()
    assert "id" in lines[found[0].line - 1]
    assert base.load().errors


def test_former_id_with_an_action_belongs_to_one_event(base: Base):
    for id in ("an-order", "b-order"):
        base.action(id, [("2026-06-02", "issued", {"former_ids": ["gone#1"]})])
    base.write(
        "redirects.toml", {"gone": {"to": "an-order", "on": "2026-06-01", "reason": "Twice."}}
    )
    (problem,) = base.check().problems
    assert (problem.code, problem.path, problem.key) == (
        "K205",
        "policies/actions/b-order.toml",
        "events[0].former_ids[0]",
    )
    assert problem.message == "'gone#1' is also the id or a former id of an event of 'an-order'"


def test_former_id_in_supersedes_is_answered_with_the_id(base: Base):
    moved = {"supersedes": "1", "moved_on": "2026-07-01"}
    base.action(
        "an-order",
        [("2026-06-02", "issued", {"former_ids": ["1"]}), ("2026-12-01", "took_effect", moved)],
    )
    (problem,) = base.check().problems
    assert (problem.code, problem.nearest) == ("R304", "issued")


# Writing


def test_added_event_gets_an_id_and_the_others_keep_their_addresses(base: Base):
    base.write("actions/an-order.toml", NAMELESS)
    event = {"date": "2025-12-01", "type": "announced", "note": "Zero.", "cite": CITE}
    make(base, parts.addition(base.policies, "an-order", "event", event))
    assert ids(base) == {"Zero.": "announced-3", **IDS}
    assert led(base, "an-order#1", "an-order#2", "an-order#3") == [
        f"an-order#{id}" for id in IDS.values()
    ]
    with pytest.raises(parts.InvalidInputError, match="such a part is already in the record"):
        parts.addition(base.policies, "an-order", "event", event)


def test_citation_goes_to_the_event_that_had_the_name(base: Base):
    base.action(
        "an-order",
        [
            ("2026-01-01", "announced", {"note": "One.", "former_ids": ["2"]}),
            ("2026-06-02", "issued", {"note": "Two."}),
        ],
    )
    base.record("documents", "b-source")
    cite = {"document": "b-source"}
    make(base, parts.addition(base.policies, "an-order", "citation", cite, ("event", "2")))
    assert [len(event["cite"]) for event in read(base)] == [2, 1]


def test_draft_and_record_of_new_have_ids(base: Base):
    given = (
        "--title=Order on weights",
        "--instrument=executive_order",
        "--bindingness=binding",
        "--jurisdiction=us",
        "--summary=Binds.",
        "--effect=silent: Nothing",
        "--event=2026-01-01 announced: One. @ a-source",
        "--event=2026-02-01 announced: Two. @ a-source",
        "--id=us-weights",
        "--yes",
    )
    assert base.run("new", "action", "--draft", *given).returncode == 0
    draft = base.policies.parent / "drafts/actions/us-weights.toml"
    assert [event["id"] for event in rtoml.load(draft)["events"]] == ["announced", "announced-2"]
    more = "--event=2026-03-01 issued: Three. @ a-source"
    result = base.run("new", "action", "--from-draft", str(draft), more, "--yes")
    assert result.returncode == 0, result.stderr
    assert ids(base, "us-weights") == {
        "One.": "announced",
        "Two.": "announced-2",
        "Three.": "issued",
    }


def imported(base: Base, *rows: str) -> None:
    """Import a table of events of one order."""
    head = (
        "id,title,instrument,jurisdiction,identifier.eo,event.id,event.date,event.type,event.note"
    )
    form, found = proposals("\n".join([head, *rows]).encode(), "orders.csv")
    planned = plan(base.policies, TODAY, [Feed("orders.csv", form, found)])
    changes.write(base.policies, [*planned.changes, *planned.beside])
    assert not base.check().errors


def test_import_names_events_and_never_renames_one(base: Base):
    row = "us-eo-1,The order,executive_order,us,14001,{},{},{},{}"
    imported(base, row.format("signing", "2026-01-01", "signed", "One."))
    imported(
        base,
        row.format("signature", "2026-01-01", "signed", "One."),
        row.format("", "2026-03-01", "took_effect", "Two."),
    )
    assert ids(base, "us-eo-1") == {"One.": "signing", "Two.": "took-effect"}
    imported(
        base,
        row.format("signature", "2026-01-02", "signed", "One."),
        row.format("", "2026-02-01", "took_effect", "Three."),
        row.format("", "2026-03-01", "took_effect", "Two."),
    )
    assert ids(base, "us-eo-1") == {
        "One.": "signing",
        "Three.": "took-effect-2",
        "Two.": "took-effect",
    }


def test_import_into_a_record_without_ids_keeps_addresses(base: Base):
    base.write("actions/an-order.toml", NAMELESS + '\n[identifiers]\neo = "14001"\n')
    imported(base, "an-order,The order,executive_order,us,14001,,2026-01-20,issued,Zero.")
    assert ids(base) == {
        "One.": "announced",
        "Zero.": "issued",
        "Two.": "announced-2",
        "Three.": "took-effect",
    }
    assert led(base, "an-order#2", "an-order#3") == ["an-order#announced-2", "an-order#took-effect"]


DAYS = st.dates(datetime.date(2020, 1, 1), max_value=datetime.date(2030, 12, 31))
TYPES = st.sampled_from(["announced", "issued", "published", "took_effect", "reported"])
EDITS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), DAYS, TYPES),
        st.tuples(st.just("date"), DAYS, st.integers(0, 9)),
        st.tuples(st.just("type"), TYPES, st.integers(0, 9)),
        st.tuples(st.just("order"), st.randoms(use_true_random=False), st.none()),
        st.tuples(st.just("nameless"), DAYS, st.integers(0, 9)),
        st.tuples(st.just("remove"), st.none(), st.integers(0, 9)),
        st.tuples(st.just("fix"), st.none(), st.none()),
    ),
    min_size=1,
    max_size=12,
)


@pytest.mark.thorough
@given(EDITS)
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_edit_changes_an_id_or_where_an_address_leads(tmp_path_factory, edits):
    base = Base(tmp_path_factory.mktemp("edits"))
    place = base.write("actions/an-order.toml", NAMELESS)
    known: dict[str, str] = {}  # address -> the note of its event
    for number, (what, value, at) in enumerate(edits):
        events = read(base)
        if what == "add":
            event = {
                "date": value.isoformat(),
                "type": at,
                "note": f"Added {number}.",
                "cite": CITE,
            }
            make(base, parts.addition(base.policies, "an-order", "event", event))
        elif what == "fix":
            make(base, *fix.fixes(base.policies, TODAY)[0])
        else:
            _edit_by_hand(events, what, value, at, number)
            place.write_text(rtoml.dumps(rtoml.loads(place.read_text()) | {"events": events}))
        if not known:  # the first state that is published: from then on addresses are used
            make(base, *fix.fixes(base.policies, TODAY)[0])
        held = {event["note"]: event for event in read(base)}
        # The address of an event that a person takes out is free again: nothing in the file remembers it.
        known = {address: note for address, note in known.items() if note in held}
        for address, note in known.items():
            if held[note].get("id"):
                assert address in (held[note]["id"], *held[note].get("former_ids", ()))
        keys = event_ids.keys(event_ids.names(read(base)))
        for event, key in zip(read(base), keys, strict=True):
            if event.get("id"):
                assert known.setdefault(key, event["note"]) == event["note"]
        assert len(set(keys)) == len(keys)
        assert base.load().errors == 0


def _edit_by_hand(events: list[dict], what: str, value: object, at: int, number: int) -> None:
    """Edit the events of a file as a person may."""
    if what in ("date", "type") and events:
        events[at % len(events)][what] = str(value)
    elif what == "order":
        value.shuffle(events)
    elif what == "nameless":
        new = {"date": str(value), "type": "issued", "note": f"By hand {number}.", "cite": CITE}
        events.insert(at % (len(events) + 1), new)
    elif what == "remove" and len(events) > 1:
        del events[at % len(events)]


# Merging


def test_addresses_of_both_records_lead_to_their_events_after_a_merge(base: Base):
    base.action(
        "an-order",
        [
            ("2026-01-01", "issued", {"note": "Ours.", "former_ids": ["1"]}),
            ("2026-03-01", "published", {"note": "Both.", "id": "printing"}),
        ],
    )
    base.action(
        "twin",
        [
            ("2026-02-01", "issued", {"note": "Theirs.", "former_ids": ["1"]}),
            ("2026-03-01", "published", {"note": "Both.", "former_ids": ["2"]}),
            ("2026-04-01", "took_effect", {"note": "New."}),
        ],
    )
    make(base, *lifecycle.rename(base.policies, TODAY, "twin", "the-twin", "Clearer").changes)
    planned = lifecycle.merge(base.policies, TODAY, "the-twin", "an-order", "One act")
    assert planned.notes == []
    make(base, *planned.changes)
    assert ids(base) == {
        "Ours.": "issued",
        "Theirs.": "issued-2",
        "Both.": "printing",
        "New.": "took-effect",
    }
    expected = {
        "an-order#issued": "issued",
        "an-order#1": "issued",
        "an-order#printing": "printing",
        **{
            f"{twin}#{key}": name
            for twin in ("twin", "the-twin")
            for key, name in {
                "issued": "issued-2",
                "1": "issued-2",
                "published": "printing",
                "2": "printing",
                "took-effect": "took-effect",
            }.items()
        },
    }
    assert led(base, *expected) == [f"an-order#{name}" for name in expected.values()]
    # Once more: the record into which the two went goes into a third.
    base.action("third", [("2026-02-05", "issued", {"note": "Third."})])
    make(base, *lifecycle.merge(base.policies, TODAY, "an-order", "third", "One act").changes)
    after = ids(base, "third")
    notes = {"issued": "Ours.", "issued-2": "Theirs.", "printing": "Both.", "took-effect": "New."}
    assert after["Third."] == "issued"
    assert led(base, *expected) == [f"third#{after[notes[name]]}" for name in expected.values()]


def test_merge_names_events_of_records_that_had_no_ids(base: Base):
    base.write("actions/an-order.toml", NAMELESS)
    base.write(
        "actions/twin.toml",
        INLINE.replace("2026-01-01", "2025-01-01")
        .replace("One.", "Their one.")
        .replace("Two.", "Two.")
        .replace("2026-12-01", "2026-12-05")
        .replace("Three.", "Their three."),
    )
    make(base, *lifecycle.merge(base.policies, TODAY, "twin", "an-order", "One act").changes)
    held = ids(base)
    assert len(set(held.values())) == len(held) == 5
    addresses = ("an-order#1", "an-order#2", "an-order#3", "twin#1", "twin#2", "twin#3")
    notes = ("One.", "Two.", "Three.", "Their one.", "Two.", "Their three.")
    assert led(base, *addresses) == [f"an-order#{held[note]}" for note in notes]


# Addresses


def test_unknown_event_is_answered_with_the_nearest(base: Base):
    base.action(
        "an-order", [("2026-01-01", "issued", {"former_ids": ["1"]}), ("2026-02-01", "published")]
    )
    base.load()
    for asked, said in (
        ("an-order#isued", "“an-order” has no event “isued”; did you mean “issued”?"),
        ("an-order#9", "“an-order” has no event “9”; it has issued, published"),
    ):
        result = base.run("cite", asked, "--format", "csl-json")
        assert (result.returncode, said in result.stderr) == (2, True)
    result = base.run("cite", "an-order#1", "--format", "csl-json")
    assert (result.returncode, result.stderr) == (
        0,
        "an-order#1: “an-order#1” is now “an-order#issued”\n"
        "the entries here have no address; --base-url says where they are published\n",
    )


def test_event_that_was_moved_to_another_action_is_found_under_its_old_address(base: Base):
    former = {"former_ids": ["an-order#reported", "an-order#2"]}
    base.record("actions", "an-order")
    base.action("b-order", [("2026-07-01", "reported", former)])
    assert base.codes() == []
    assert led(base, "an-order#reported", "an-order#2", "an-order#issued") == [
        "b-order#reported",
        "b-order#reported",
        "an-order#issued",
    ]


def test_pages_and_data_lead_from_earlier_addresses(base: Base):
    base.action(
        "an-order",
        [
            ("2026-01-01", "issued", {"former_ids": ["4", "gone#issued", "gone#2"]}),
            ("2026-02-01", "published", {"former_ids": ["2"]}),
        ],
    )
    base.write(
        "redirects.toml", {"gone": {"to": "an-order", "on": "2026-06-01", "reason": "Twice."}}
    )
    base.load()
    site = Site(base.db)
    page = etree.HTML(site.get("/actions/an-order").text)
    anchors = {
        item.get("id"): [inner.get("id") for inner in item.xpath(".//*[@id]")]
        for item in page.xpath("//ol[@class='events']/li")
    }
    # What a page of the merged record had is ambiguous here where this action has such an event itself.
    assert anchors == {"event-published": ["event-2"], "event-issued": ["event-4"]}
    for asked in ("an-order.csl.json?event=4", "gone.csl.json?event=2"):
        answer = site.get(f"/actions/{asked}")
        assert answer.json()[-1]["URL"].endswith("/actions/an-order#event-issued")
    data = site.get("/actions/an-order.jsonld").json()
    events = [node for node in data["subjectOf"] if node.get("@type") == "Event"]
    assert {node["@id"]: node["sameAs"] for node in events} == {
        "actions/an-order#event-issued": [
            "actions/an-order#event-4",
            "actions/gone#event-issued",
            "actions/gone#event-2",
        ],
        "actions/an-order#event-published": ["actions/an-order#event-2"],
    }


# Feeds and history


@pytest.fixture
def unnamed(base: Base) -> Base:
    """A knowledge base under git from before events had ids."""
    base.write("actions/an-order.toml", NAMELESS.partition("# The end.")[0])
    (base.policies.parent / ".gitignore").write_text("kb.db*\n")
    commit(base, "2026-07-01", "Import")
    base.write("actions/an-order.toml", NAMELESS)
    commit(base, "2026-08-01", "The day on which it takes effect")
    base.write(
        "actions/an-order.toml",
        NAMELESS
        + '\n[[events]]\ndate = 2026-12-01\ntype = "took_effect"\nnote = "Four."\nunconfirmed = true\n',
    )
    commit(base, "2026-08-02", "Another one of that day")
    return base


def followed(base: Base, today: str = TODAY) -> tuple:
    """What followers have of a fresh load: keys and times of entries but for those of commits, and of days ahead."""
    assert not base.load().errors
    with contextlib.closing(reading.connect(base.db)) as database:
        entries = feeds.entries(database, feeds.Scope(), today)
        ahead = feeds.deadlines(database, feeds.Scope(), today)
        return (
            [(one.key, one.time) for one in entries if not one.key.startswith("commit/")],
            [(one.event["note"], one.key, one.revision, one.time) for one in ahead],
        )


def name_all(base: Base) -> None:
    """Name the events by `fix` and commit that."""
    make(base, *fix.fixes(base.policies, TODAY)[0])
    commit(base, "2026-09-01", "Give events ids")


def test_published_ids_of_entries_stay_when_events_get_names(unnamed: Base):
    before = {day: followed(unnamed, day) for day in (TODAY, "2026-12-02")}
    name_all(unnamed)
    assert {day: followed(unnamed, day) for day in before} == before
    assert [key for _, key, _, _ in before[TODAY][1]] == [
        "an-order#took_effect-2026-12-01",
        "an-order#took_effect-2026-12-01-2",
    ]


def test_published_ids_of_entries_stay_when_a_date_or_the_order_changes(unnamed: Base):
    before = {note: key for note, key, _, _ in followed(unnamed)[1]}
    name_all(unnamed)
    place = unnamed.policies / "actions/an-order.toml"
    text = place.read_text()
    head, *blocks = text.split("[[events]]")
    place.write_text("[[events]]".join([head, *blocks[:2], blocks[3], blocks[2]]))
    commit(unnamed, "2026-09-02", "Another order")
    assert {note: key for note, key, _, _ in followed(unnamed)[1]} == before
    place.write_text(
        text.replace(
            'date = 2026-12-01\ntype = "took_effect"\nnote = "Three."',
            'date = 2026-12-05\ntype = "took_effect"\nnote = "Three."',
        )
    )
    commit(unnamed, "2026-09-03", "A correction")
    after = followed(unnamed)[1]
    assert {note: key for note, key, _, _ in after} == before
    assert [revision for note, _, revision, _ in after if note == "Three."] == [1]


def test_published_ids_of_entries_stay_in_a_merge(base: Base):
    base.action(
        "an-order",
        [
            ("2026-01-01", "issued", {"note": "Ours."}),
            ("2026-12-01", "took_effect", {"note": "Both."}),
        ],
    )
    base.action(
        "twin",
        [
            ("2026-12-01", "took_effect", {"note": "Both.", "former_ids": ["1"]}),
            ("2026-12-02", "deadline", {"note": "Theirs.", "former_ids": ["2"]}),
        ],
    )
    commit(base, "2026-07-01", "Import")
    before = {key for _, key, _, _ in followed(base)[1]}
    assert before == {
        "an-order#took-effect",
        "twin#took_effect-2026-12-01",
        "twin#deadline-2026-12-02",
    }
    make(base, *lifecycle.merge(base.policies, TODAY, "twin", "an-order", "One act").changes)
    commit(base, "2026-08-01", "Merge")
    assert {note: key for note, key, _, _ in followed(base)[1]} == {
        "Both.": "an-order#took-effect",
        "Theirs.": "twin#deadline-2026-12-02",
    }


def test_event_that_a_commit_told_is_not_told_again_under_its_name(base: Base):
    text = NAMELESS.replace("2026-11-22", "2026-07-01").replace("2026-12-01", "2026-08-20")
    base.write("actions/an-order.toml", text.partition("# The end.")[0])
    commit(base, "2026-07-01", "Import")
    base.write("actions/an-order.toml", text)
    commit(base, "2026-09-01", "It took effect")
    before = followed(base)
    name_all(base)
    assert followed(base) == before
    assert not [key for key, _ in before[0] if "took_effect" in key]


def test_event_that_gets_a_name_stays_the_same_event_in_the_log(unnamed: Base):
    before = followed(unnamed)
    place = unnamed.policies / "actions/an-order.toml"
    after = toml_edit.with_event_ids(place.read_text())
    # In the same commit date, type and note of the second event become others, and one comes before it.
    after = after.replace(
        'date = 2026-02-01\ntype = "announced"\nnote = "Two."',
        'date = 2026-02-03\ntype = "published"\nnote = "The second."',
    ).replace(
        "# The draft.\n",
        '# The draft.\n[[events]]\nid = "reported"\ndate = 2025-12-01\ntype = "reported"\nunconfirmed = true\n\n',
    )
    place.write_text(after)
    hash = commit(unnamed, "2026-09-01", "Give events ids")
    assert not unnamed.load().errors
    with contextlib.closing(sqlite3.connect(unnamed.db)) as connection:
        rows = connection.execute(
            'select change, pointer, "before", class from changes where "commit" = ? order by id',
            (hash,),
        ).fetchall()
    named = [pointer for _, pointer, _, _ in rows if pointer.endswith(".id")]
    assert named == [
        f"events#{id}.id" for id in ("announced", "announced-2", "took-effect", "took-effect-2")
    ]
    assert {name for _, pointer, _, name in rows if pointer.endswith((".id", ".former_ids"))} == {
        "mechanical"
    }
    assert [row[:2] for row in rows if row[0] in ("added", "removed") and "." not in row[1]] == [
        ("added", "events#reported")
    ]
    assert [
        row[1:3]
        for row in rows
        if row[1].startswith("events#announced-2.") and row[3] != "mechanical"
    ] == [
        ("events#announced-2.date", "2026-02-01"),
        ("events#announced-2.type", "announced"),
        ("events#announced-2.note", "Two."),
    ]
    assert [key for key, _ in followed(unnamed)[0] if "announced" in key] == [
        key for key, _ in before[0] if "announced" in key
    ]
    result = unnamed.run("diff", "HEAD~1", "--format", "json")
    assert [
        (one["change"], one["what"])
        for one in json.loads(result.stdout)["differences"]
        if one["section"] == "events" and one["change"] != "changed"
    ] == [("added", "2025-12-01 News report")]


def test_name_is_no_difference_between_then_and_now(unnamed: Base):
    name_all(unnamed)
    assert not unnamed.load().errors
    page = Site(unnamed.db).get("/actions/an-order?known=2026-08-10")
    assert "Nothing differs" in page.text


# The shipped knowledge


@pytest.mark.thorough
def test_every_address_from_before_events_had_ids_leads_to_the_same_event(shipped):
    found = git(
        ROOT, "log", "--reverse", "--format=%H", "-S", "former_ids = [", "--", "policies/actions"
    ).split()
    if (
        not found
        or subprocess.run(
            ["git", "-C", str(ROOT), "rev-parse", "--quiet", "--verify", f"{found[0]}^"],
            capture_output=True,
            check=False,
        ).returncode
    ):
        pytest.skip("this clone has not the whole history")
    named, before = found[0], f"{found[0]}^"
    compared = 0
    with contextlib.closing(sqlite3.connect(shipped)) as connection:
        events = dict(connection.execute("select former, event from event_former_ids"))
        present = {id for (id,) in connection.execute("select id from events")}
    for path in git(ROOT, "diff", "--name-only", before, named, "--", "policies/actions").split():
        action = path.rpartition("/")[2].removesuffix(".toml")
        old, new = (
            _valid(action, git(ROOT, "show", f"{commit}:{path}")) for commit in (before, named)
        )
        after = {
            event_ids.address(action, name): (f"{action}#{event.id}", event)
            for event in new
            for name in (event.id, *event.former_ids)
        }
        for event, key in zip(old, event_ids.keys(event_ids.names(old)), strict=True):
            led_to, then = after[f"{action}#{key}"]
            assert (then.date, then.type, then.note) == (event.date, event.type, event.note)
            # Since then an editor may have found that the event belongs to another action.
            now = events.get(f"{action}#{key}", f"{action}#{key}")
            assert now in present
            assert now == led_to or not now.startswith(f"{action}#")
            compared += 1
    assert compared > 400


def _valid(action: str, text: str) -> list:
    """The events of the file of an action."""
    source = files.FileRef("action", action, "", "")
    (item,), _ = states.parse_content(source, text.encode())
    return item.record.events


def test_every_shipped_event_has_an_id(shipped):
    with contextlib.closing(sqlite3.connect(shipped)) as connection:
        assert (
            connection.execute(
                "select id from events where substr(id, length(action) + 2) not glob '*[^0-9]*'"
            ).fetchall()
            == []
        )
