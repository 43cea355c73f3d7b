"""Renaming, merging and withdrawing: every id that was ever used still leads somewhere, and files keep their comments and layout."""

import datetime
import json
import tempfile
from pathlib import Path

import pytest
import rtoml
from checkouts import committed, git
from click.testing import CliRunner
from conftest import TODAY, Base, examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from policykb.build import load
from policykb.cli import cli
from policykb.contribute import lifecycle
from policykb.history import states

CITE = [{"document": "a-source"}]


def files(base: Base) -> dict[str, bytes]:
    return {
        str(path.relative_to(base.policies)): path.read_bytes()
        for path in base.policies.rglob("*")
        if path.is_file()
    }


def do(base: Base, plan: lifecycle.Plan) -> list[str]:
    """Carry out a plan; its notes."""
    base.make(plan.changes)
    assert not [problem.text() for problem in base.check().problems if problem.severity == "error"]
    return plan.notes


def read(base: Base, place: str) -> dict:
    return rtoml.load(base.policies / f"{place}.toml")


# Renaming


@pytest.mark.parametrize("command", ["rename", "merge"])
def test_file_that_is_not_named_by_an_id_is_named_and_nothing_is_written(base: Base, command: str):
    base.record("actions", "other-order")
    base.record(
        "arguments", "It Should Go", stances=[{"action": "other-order", "stance": "opposes"}]
    )
    before = {path: path.read_bytes() for path in base.policies.rglob("*.toml")}
    target = "new-order" if command == "rename" else "an-order"
    result = base.run(command, "other-order", target, "--reason", "Named so", "--yes")
    assert (result.returncode, "Traceback" in result.stderr) == (1, False)
    assert "policies/arguments/It Should Go.toml: K204 is not named by an id" in result.stderr
    assert {path: path.read_bytes() for path in base.policies.rglob("*.toml")} == before


def test_renamed_record_is_followed_by_every_reference(base: Base):
    base.record(
        "documents", "b-source", mentions=[{"action": "an-order", "portrayed_as": "enacted"}]
    )
    base.action(
        "a-part",
        [("2026-06-02", "issued", {"moved_on": "2026-06-01", "moved_by": "an-order"})],
        part_of="an-order",
        relations=[{"type": "affects", "action": "an-order"}],
    )
    assert (
        do(base, lifecycle.rename(base.policies, TODAY, "an-order", "the-order", "Clearer")) == []
    )
    assert not (base.policies / "actions/an-order.toml").exists()
    assert read(base, "actions/the-order")["title"] == "An order"
    assert read(base, "documents/b-source")["mentions"][0]["action"] == "the-order"
    assert read(base, "arguments/it-should-stay")["stances"] == [
        {"action": "the-order", "stance": "supports"}
    ]
    part = read(base, "actions/a-part")
    assert (part["part_of"], part["relations"][0]["action"], part["events"][0]["moved_by"]) == (
        "the-order",
    ) * 3
    assert (
        base.policies / "redirects.toml"
    ).read_text() == '[an-order]\nto = "the-order"\non = 2026-11-22\nreason = "Clearer"\n'


def test_renaming_keeps_comments_order_and_layout(base: Base):
    text = """\
# A comment at the head.
title = "It should stay" # why so
scheme = "consequences"
premises = [
  "It does good.", # the first
]

# Where it stands
[[stances]]
action = "an-order" # about an-order
stance = "supports"

[[appearances]]
document = "a-source"
"""
    base.write("arguments/it-should-stay.toml", text)
    notes = do(base, lifecycle.rename(base.policies, TODAY, "an-order", "the-order", "Clearer"))
    assert (base.policies / "arguments/it-should-stay.toml").read_text() == text.replace(
        '"an-order"', '"the-order"'
    )
    assert notes == [
        "'an-order' is also written in text, which is not changed: policies/arguments/it-should-stay.toml:10"
    ]


def test_layout_that_was_not_canonical_stays_as_it_was(base: Base):
    text = 'text="It does good"\nkind=  "causal"\nfinding = \'contested\'\nas_of = "2026-06-01"\nappearances = [ {document="a-source"} ,]   # odd\n'
    base.write("claims/it-does-good.toml", text)
    do(base, lifecycle.rename(base.policies, TODAY, "a-source", "the-source", "Clearer"))
    assert (base.policies / "claims/it-does-good.toml").read_text() == text.replace(
        "a-source", "the-source"
    )


@pytest.mark.parametrize(
    ("old", "place", "key"),
    [
        ("us", "jurisdictions", "us-ca"),
        ("an-office", "organizations", None),
        ("a-topic", "topics", None),
    ],
)
def test_entry_of_a_table_is_renamed_in_its_place(
    base: Base, old: str, place: str, key: str | None
):
    base.record(
        "actions",
        "an-order",
        topics=["a-topic"],
        bodies=[{"organization": "an-office", "role": "issuer"}],
    )
    before = list(read(base, place))
    do(base, lifecycle.rename(base.policies, TODAY, old, f"{old}-2", "Clearer"))
    assert list(read(base, place)) == [f"{old}-2" if id == old else id for id in before]
    assert read(base, "redirects")[old]["to"] == f"{old}-2"
    if key:
        assert read(base, place)[key]["part_of"] == f"{old}-2"


def test_speaker_of_a_document_is_renamed_with_the_organization(base: Base):
    base.record("documents", "a-source", authors=[{"organization": "an-office"}])
    base.record("documents", "b-source", authors=[{"family": "an-office"}])
    base.record(
        "arguments",
        "it-should-stay",
        appearances=[
            {"document": "a-source", "by": ["an-office"]},
            {"document": "b-source", "by": ["an-office"]},
        ],
    )
    do(base, lifecycle.rename(base.policies, TODAY, "an-office", "the-office", "Clearer"))
    assert [at["by"] for at in read(base, "arguments/it-should-stay")["appearances"]] == [
        ["the-office"],
        ["an-office"],
    ]


def test_id_written_with_an_escape_is_found(base: Base):
    base.write(
        "claims/it-does-good.toml",
        (base.policies / "claims/it-does-good.toml")
        .read_text()
        .replace("a-source", "\\u0061-source"),
    )
    do(base, lifecycle.rename(base.policies, TODAY, "a-source", "the-source", "Clearer"))
    assert read(base, "claims/it-does-good")["appearances"] == [{"document": "the-source"}]


def test_chain_of_redirects_is_shortened(base: Base):
    for old, new in (("an-order", "order-2"), ("order-2", "order-3"), ("order-3", "order-4")):
        do(base, lifecycle.rename(base.policies, TODAY, old, new, f"To {new}"))
    assert {
        id: (entry["to"], entry["reason"]) for id, entry in read(base, "redirects").items()
    } == {
        "an-order": ("order-4", "To order-2"),
        "order-2": ("order-4", "To order-3"),
        "order-3": ("order-4", "To order-4"),
    }


def test_import_state_moves_with_its_record(base: Base):
    folder = base.policies / ".imported/actions"
    folder.mkdir(parents=True)
    (folder / "an-order.json").write_text('{"a": 1}')
    assert (
        base.run("rename", "an-order", "the-order", "--reason", "Clearer", "--yes").returncode == 0
    )
    assert {path.name: path.read_text() for path in folder.iterdir()} == {
        "the-order.json": '{"a": 1}'
    }
    base.record("actions", "twin", title="A twin")
    (folder / "twin.json").write_text('{"b": 2}')
    assert base.run("merge", "twin", "the-order", "--reason", "The same", "--yes").returncode == 0
    assert {path.name: path.read_text() for path in folder.iterdir()} == {
        "the-order.json": '{"a": 1}'
    }


def test_import_state_behind_a_link_refuses_the_rename_and_is_left_alone(
    base: Base, tmp_path: Path
):
    (tmp_path / "outside/actions").mkdir(parents=True)
    (tmp_path / "outside/actions/an-order.json").write_text("{}")
    (base.policies / ".imported").symlink_to(tmp_path / "outside")
    result = base.run("rename", "an-order", "the-order", "--reason", "Clearer", "--yes")
    assert (result.returncode, result.stderr.splitlines()[-1]) == (1, "nothing was written")
    assert [path.name for path in (tmp_path / "outside/actions").iterdir()] == ["an-order.json"]
    assert (base.policies / "actions/an-order.toml").exists()


# Merging


def test_merged_record_gives_what_the_other_lacks(base: Base):
    base.record(
        "actions",
        "an-order",
        aliases=["The order"],
        topics=["a-topic"],
        short_title=...,
        identifiers={"us_bill": "hr1-119"},
        cite=CITE,
    )
    file = base.policies / "actions" / "an-order.toml"
    table = 'aliases = [{ name = "The order", kind = "nickname" }]'
    file.write_text(file.read_text().replace('aliases = ["The order"]', table))
    base.record("documents", "b-source")
    base.action(
        "twin",
        [
            ("2026-05-01", "announced"),
            ("2026-06-02", "issued", {"note": "Signed.", "cite": [{"document": "b-source"}]}),
            ("2026-07-01", "other"),
        ],
        aliases=["Twin", "The order"],
        topics=["a-topic"],
        short_title="Twin",
        identifiers={"us_bill": "s2-119", "eo": "14409"},
        cite=CITE,
    )
    base.record(
        "arguments",
        "it-should-stay",
        stances=[
            {"action": "an-order", "stance": "supports"},
            {"action": "twin", "stance": "supports"},
            {"action": "twin", "stance": "warns"},
        ],
    )
    notes = do(base, lifecycle.merge(base.policies, TODAY, "twin", "an-order", "One act"))
    assert notes == [
        "policies/arguments/it-should-stay.toml: removed a repetition that the merge made: stances[1]",
        "an-order: as_of: kept '2026-06-02', left out '2026-11-22'",
    ]
    merged = read(base, "actions/an-order")
    assert (merged["aliases"], merged["topics"], merged["short_title"], merged["cite"]) == (
        [{"name": "The order", "kind": "nickname"}, "Twin"],
        ["a-topic"],
        "Twin",
        CITE,
    )
    assert merged["identifiers"] == {"us_bill": ["hr1-119", "s2-119"], "eo": "14409"}
    assert [
        (str(event["date"]), event["type"], [one["document"] for one in event["cite"]])
        for event in merged["events"]
    ] == [
        ("2026-05-01", "announced", ["a-source"]),
        ("2026-06-02", "issued", ["a-source", "b-source"]),
        ("2026-07-01", "other", ["a-source"]),
    ]
    assert merged["events"][1]["note"] == "Signed."
    assert read(base, "arguments/it-should-stay")["stances"] == [
        {"action": "an-order", "stance": "supports"},
        {"action": "an-order", "stance": "warns"},
    ]
    assert read(base, "redirects") == {
        "twin": {"to": "an-order", "on": datetime.date(2026, 11, 22), "reason": "One act"}
    }
    assert not (base.policies / "actions/twin.toml").exists()


def test_day_written_as_date_or_as_text_is_the_same_day(base: Base):
    place = base.action("twin", [("2026-06-02", "issued")], as_of="2026-06-02")
    place.write_text(place.read_text().replace('"2026-06-02"', "2026-06-02"))
    assert do(base, lifecycle.merge(base.policies, TODAY, "twin", "an-order", "One act")) == []
    assert len(read(base, "actions/an-order")["events"]) == 1


def test_names_of_events_do_not_collide_in_a_merge(base: Base):
    moved = {"supersedes": "start", "moved_on": "2026-03-01"}
    base.action(
        "an-order",
        [
            ("2026-01-01", "issued", {"id": "start"}),
            ("2026-12-01", "took_effect", {**moved, "id": "later"}),
        ],
    )
    base.action(
        "twin",
        [
            ("2026-02-01", "announced", {"id": "start"}),
            ("2026-12-01", "took_effect", {"id": "due"}),
            ("2027-01-01", "deadline", {"supersedes": "due", "moved_on": "2026-04-01"}),
            ("2027-02-01", "deadline", {**moved, "id": "later"}),
        ],
    )
    do(base, lifecycle.merge(base.policies, TODAY, "twin", "an-order", "One act"))
    assert [
        (str(event["date"]), event.get("id"), event.get("supersedes"))
        for event in read(base, "actions/an-order")["events"]
    ] == [
        ("2026-01-01", "start", None),
        ("2026-02-01", "start-2", None),
        ("2026-12-01", "later", "start"),
        ("2027-01-01", "deadline", "later"),
        ("2027-02-01", "later-2", "start-2"),
    ]


def test_tasks_keep_their_events_in_a_merge(base: Base):
    base.action("an-order", [("2026-01-01", "issued", {"id": "report"})])
    task = {"who": "An office", "rule": "must", "type": "rulemaking", "what": "write a report"}
    task |= {"deadline": "due", "done_by": "report", "cite": [{"document": "a-source"}]}
    events = [
        ("2026-02-01", "deadline", {"id": "due"}),
        ("2026-03-01", "implemented", {"id": "report"}),
    ]
    base.action("twin", events, duties=[task])
    do(base, lifecycle.merge(base.policies, TODAY, "twin", "an-order", "One act"))
    (duty,) = read(base, "actions/an-order")["duties"]
    assert (duty["deadline"], duty["done_by"]) == ("due", "report-2")


def test_record_is_not_related_to_itself_after_a_merge(base: Base):
    base.record(
        "actions", "twin", part_of="an-order", relations=[{"type": "amends", "action": "an-order"}]
    )
    base.record("actions", "an-order", relations=[{"type": "affects", "action": "twin"}])
    assert do(base, lifecycle.merge(base.policies, TODAY, "twin", "an-order", "One act")) == [
        "an-order: part_of: removed, as both are one record now",
        "an-order: relations: removed 'amends an-order', as both are one record now",
        "an-order: relations: removed 'affects an-order', as both are one record now",
    ]
    assert not {"part_of", "relations"} & read(base, "actions/an-order").keys()


@pytest.mark.parametrize(
    ("place", "kept", "other"),
    [
        (
            "organizations",
            "an-office",
            {"name": "Office", "kind": "government", "url": "https://example.org/"},
        ),
        ("topics", "a-topic", {"name": "Another", "definition": "What belongs to it."}),
    ],
)
def test_entries_of_one_table_are_merged(base: Base, place: str, kept: str, other: dict):
    before = read(base, place)[kept]
    base.write(f"{place}.toml", read(base, place) | {"twin": other})
    notes = do(base, lifecycle.merge(base.policies, TODAY, "twin", kept, "The same"))
    assert notes == [f"{kept}: name: kept '{before['name']}', left out '{other['name']}'"]
    assert read(base, place) == {kept: other | before}


def test_documents_merge_with_what_they_mention_and_who_cites_them(base: Base):
    base.record(
        "documents", "a-source", mentions=[{"action": "an-order", "portrayed_as": "enacted"}]
    )
    base.record(
        "documents",
        "copy",
        mentions=[
            {"action": "an-order", "portrayed_as": "proposed"},
            {"action": "an-order", "locator": "page 2", "portrayed_as": "enacted"},
        ],
        volume="3",
    )
    base.action(
        "other",
        [("2026-01-01", "issued", {"cite": [{"document": "a-source"}, {"document": "copy"}]})],
    )
    notes = do(base, lifecycle.merge(base.policies, TODAY, "copy", "a-source", "A copy"))
    assert notes == [
        "policies/actions/other.toml: removed a repetition that the merge made: events.0.cite[1]",
        "a-source: url: kept 'https://example.org/a-source', left out 'https://example.org/copy'",
        "a-source: mentions (an-order, portrayed as proposed): portrayed_as: kept 'enacted', left out 'proposed'",
    ]
    assert (
        read(base, "documents/a-source")["volume"],
        len(read(base, "documents/a-source")["mentions"]),
    ) == ("3", 2)
    assert read(base, "actions/other")["events"][0]["cite"] == CITE


# Withdrawing


@pytest.mark.parametrize(
    ("id", "place"),
    [
        ("an-order", "actions/an-order"),
        ("it-does-good", "claims/it-does-good"),
        ("an-office", "organizations"),
    ],
)
def test_withdrawn_record_stays_and_says_why(base: Base, id: str, place: str):
    do(base, lifecycle.withdraw(base.policies, TODAY, id, "A forgery"))
    held = read(base, place)
    assert {key: str(value) for key, value in held.get(id, held)["withdrawn"].items()} == {
        "on": TODAY,
        "reason": "A forgery",
    }
    assert not (base.policies / "redirects.toml").exists()


# What makes no sense


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["rename", "an-ordre", "x"], "there is no record 'an-ordre'; did you mean 'an-order'?"),
        (["rename", "../../etc/passwd", "x"], "there is no record '../../etc/passwd'"),
        (["rename", "an-order", "an-order"], "'an-order' already has that id"),
        (
            ["rename", "an-order", "An Order!"],
            "'An Order!' is not an id; write lower-case letters, digits and single hyphens, at most 80; did you mean 'an-order'?",
        ),
        (
            ["rename", "an-order", "../evil"],
            "'../evil' is not an id; write lower-case letters, digits and single hyphens, at most 80; did you mean 'evil'?",
        ),
        (
            ["rename", "an-order", "a-topic"],
            "'a-topic' is the id of another topic; `policykb merge` makes two records one",
        ),
        (
            ["rename", "an-order", "once"],
            "'once' was used before and leads to 'us'; an id is never used again",
        ),
        (["rename", "once", "x"], "'once' is no longer used; it leads to 'us' (A test)"),
        (["merge", "an-order", "an-order"], "'an-order' cannot be merged into itself"),
        (
            ["merge", "us", "an-office"],
            "'us' is of kind jurisdiction and 'an-office' of kind organization; only records of one kind can be merged",
        ),
        (
            ["merge", "an-order", "gone"],
            "'gone' was withdrawn on 2026-06-02: A test; it stays as it is",
        ),
        (
            ["merge", "gone", "an-order"],
            "'gone' was withdrawn on 2026-06-02: A test; it stays as it is",
        ),
        (["withdraw", "gone"], "'gone' was withdrawn on 2026-06-02: A test"),
        (["withdraw", "an-offise"], "there is no record 'an-offise'; did you mean 'an-office'?"),
    ],
)
def test_what_makes_no_sense_is_refused(base: Base, arguments: list[str], said: str):
    base.record("actions", "gone", withdrawn={"on": "2026-06-02", "reason": "A test"})
    base.write("redirects.toml", {"once": {"to": "us", "on": "2026-06-02", "reason": "A test"}})
    before = files(base)
    result = CliRunner().invoke(
        cli,
        [
            *arguments,
            "--reason",
            "A test",
            "--yes",
            "--policies",
            str(base.policies),
            "--today",
            TODAY,
        ],
    )
    assert (result.exit_code, result.stdout, result.stderr.splitlines()[-1]) == (
        2,
        "",
        f"Error: {said}",
    )
    assert files(base) == before


@pytest.mark.parametrize("reason", ["", "  ", "a\nb", "a\x1bb", "x" * 301])
def test_reason_is_one_line(base: Base, reason: str):
    result = CliRunner().invoke(
        cli, ["withdraw", "an-order", "--reason", reason, "--yes", "--policies", str(base.policies)]
    )
    assert (result.exit_code, result.stderr.splitlines()[-1]) == (
        2,
        "Error: --reason: write one line of at most 300 characters",
    )


def test_file_that_is_not_valid_stops_what_would_have_to_change_it(base: Base):
    base.record("arguments", "it-should-stay", scheme="nonsense")
    result = base.run("rename", "an-order", "the-order", "--reason", "A test", "--yes")
    assert result.stderr.splitlines()[-1] == (
        "Error: policies/arguments/it-should-stay.toml is not valid, so its references are not known; "
        "fix it first (`policykb check` says how)"
    )


def test_merge_that_leaves_too_few_records_writes_nothing(base: Base):
    base.record("actions", "twin")
    base.write("about.toml", read(base, "about") | {"expectations": {"actions": 2}})
    before = files(base)
    result = base.run("merge", "twin", "an-order", "--reason", "A test", "--yes")
    assert (result.returncode, result.stderr.splitlines()[-2:]) == (
        1,
        [
            "policies/about.toml:9: L003 expectations.actions: there are 1 actions; expected at least 2",
            "nothing was written",
        ],
    )
    assert files(base) == before


def test_dry_run_shows_all_and_writes_nothing(base: Base):
    before = files(base)
    result = base.run("rename", "a-topic", "the-topic", "--reason", "Clearer", "--dry-run")
    assert (result.returncode, result.stderr) == (0, "nothing was written (--dry-run)\n")
    assert result.stdout.splitlines()[:2] == ["--- /dev/null", "+++ policies/redirects.toml"]
    assert {"-[a-topic]", "+[the-topic]"} <= set(result.stdout.splitlines())
    assert files(base) == before


# check --base


def since(base: Base, revision: str = "main") -> list[str]:
    result = base.run("check", "--base", revision, "--format", "json")
    return [
        f"{problem['path']}: {problem['code']} {problem['message']}"
        for problem in json.loads(result.stdout)
        if problem["code"] == "L004"
    ]


def test_record_that_is_gone_without_a_trace_fails_the_check(base: Base):
    base.write("claims/unused.toml", (base.policies / "claims/it-does-good.toml").read_text())
    committed(base)
    (base.policies / "claims/unused.toml").unlink()
    base.write("topics.toml", "")
    result = base.run("check", "--base", "main")
    assert (result.returncode, result.stderr.splitlines()[:2]) == (
        1,
        [
            "policies/claims/unused.toml:1: L004 claim 'unused' existed in main and is missing now; expected `policykb withdraw`, or a redirect as `policykb rename` and `policykb merge` leave it",
            "policies/topics.toml:1: L004 a-topic: topic 'a-topic' existed in main and is missing now; expected `policykb withdraw`, or a redirect as `policykb rename` and `policykb merge` leave it",
        ],
    )


def test_renamed_and_withdrawn_records_pass_the_check(base: Base):
    committed(base)
    do(base, lifecycle.rename(base.policies, TODAY, "an-order", "the-order", "Clearer"))
    do(base, lifecycle.withdraw(base.policies, TODAY, "a-topic", "Too broad"))
    assert since(base) == []


def test_redirect_that_vanished_fails_the_check(base: Base):
    base.write(
        "redirects.toml",
        {id: {"to": "us", "on": "2026-06-02", "reason": "A test"} for id in ("once", "twice")},
    )
    committed(base)
    base.write("redirects.toml", "")
    base.record("claims", "twice")
    assert since(base) == [
        "policies/claims/twice.toml: L004 'twice' led to 'us' in main and is now the id of a claim",
        "policies/redirects.toml: L004 'once' led to 'us' in main and leads nowhere now",
    ]


def test_id_used_again_for_another_kind_fails_the_check(base: Base):
    base.record("claims", "a-thing")
    base.record("claims", "b-thing")
    committed(base)
    (base.policies / "claims/a-thing.toml").unlink()
    (base.policies / "claims/b-thing.toml").unlink()
    base.record("actions", "a-thing")
    base.write("redirects.toml", {"b-thing": {"to": "us", "on": "2026-06-02", "reason": "A test"}})
    assert since(base) == [
        "policies/actions/a-thing.toml: L004 'a-thing' was the id of a claim in main and is now that of an action",
        "policies/jurisdictions.toml: L004 'b-thing' was the id of a claim in main and is now that of a jurisdiction",
    ]


def test_what_others_added_to_the_base_meanwhile_is_not_missing(base: Base):
    folder = base.policies.parent
    committed(base)
    git(folder, "switch", "--quiet", "--create", "mine")
    git(folder, "switch", "--quiet", "main")
    base.record("claims", "theirs")
    committed(base)
    git(folder, "switch", "--quiet", "mine")
    assert since(base) == []


def test_table_that_cannot_be_read_in_the_base_is_told(base: Base):
    good = (base.policies / "topics.toml").read_text()
    base.write("topics.toml", "= broken")
    committed(base)
    base.write("topics.toml", good)
    result = base.run("check", "--base", "main")
    assert result.returncode == 0
    assert (
        result.stderr.splitlines()[0]
        == "policies/topics.toml cannot be read in main; its ids were not compared"
    )


def test_table_that_cannot_be_read_now_is_not_said_to_have_lost_its_ids(base: Base):
    committed(base)
    base.write("topics.toml", "= broken")
    assert since(base) == []


# check --strict


def test_strict_check_fails_on_warnings(base: Base):
    base.action("a-plan", [("2026-06", "proposed"), ("2026-06-10", "issued")])
    assert set(base.codes()) == {"T403"}
    assert (base.run("check").returncode, base.run("check", "--strict").returncode) == (0, 1)


def test_strict_check_of_a_branch_fails_on_its_own_warnings_only(base: Base):
    folder = base.policies.parent
    base.action("a-plan", [("2026-06", "proposed"), ("2026-06-10", "issued")])
    committed(base)
    git(folder, "switch", "--quiet", "--create", "mine")
    text = (base.policies / "actions/a-plan.toml").read_text()
    base.write("actions/a-plan.toml", "# The warning moves by a line.\n" + text)
    assert base.run("check", "--strict", "--base", "main").returncode == 0
    base.action("b-plan", [("2026-06", "proposed"), ("2026-06-10", "issued")])
    result = base.run("check", "--strict", "--base", "main")
    assert result.returncode == 1
    heading, warning, _ = result.stderr.splitlines()[-3:]
    assert heading == "warnings that main does not have:"
    assert warning.startswith("policies/actions/b-plan.toml:") and " T403 warning: " in warning


# Any sequence


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["rename", "merge", "withdraw"]), st.integers(0, 99), st.integers(0, 99)
    ),
    min_size=1,
    max_size=6,
)


@pytest.mark.thorough
@settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS)
def test_after_any_sequence_every_id_that_ever_was_still_resolves(
    steps: list[tuple[str, int, int]],
):
    with tempfile.TemporaryDirectory() as folder:
        base = Base(Path(folder))
        base.action(
            "twin",
            [("2026-06-02", "issued", {"id": "signed"}), ("2027-01-01", "deadline")],
            part_of="an-order",
            relations=[{"type": "amends", "action": "an-order"}],
        )
        base.record(
            "documents",
            "copy",
            authors=[{"organization": "an-office"}],
            mentions=[{"action": "twin", "portrayed_as": "enacted"}],
        )
        base.record("claims", "claim-2", appearances=[{"document": "copy", "by": ["an-office"]}])
        committed(base)
        kinds = {
            "an-order": "action",
            "twin": "action",
            "a-source": "document",
            "copy": "document",
            "it-does-good": "claim",
            "claim-2": "claim",
            "it-should-stay": "argument",
            "an-office": "organization",
            "us": "jurisdiction",
            "us-ca": "jurisdiction",
            "a-topic": "topic",
        }
        committed_ids = set(kinds)
        for number, (step, one, other) in enumerate(steps):
            ids = sorted(kinds)
            first = ids[one % len(ids)]
            alike = [id for id in ids if kinds[id] == kinds[first]]
            second = f"new-{number}" if step == "rename" else alike[other % len(alike)]
            try:
                if step == "withdraw":
                    plan = lifecycle.withdraw(base.policies, TODAY, first, "A test")
                else:
                    plan = getattr(lifecycle, step)(base.policies, TODAY, first, second, "A test")
            except lifecycle.InvalidInputError:
                continue
            base.make(plan.changes)
            if step == "rename":
                kinds[second] = kinds[first]
            earlier = states.earlier(base.policies, "HEAD")
            assert not [
                problem.text()
                for problem in load.check(base.policies, TODAY, earlier=earlier).problems
                if problem.severity == "error"
            ]
        redirects = read(base, "redirects") if (base.policies / "redirects.toml").exists() else {}
        standing = {
            path.stem
            for place in ("actions", "arguments", "claims", "documents")
            for path in (base.policies / place).glob("*.toml")
        }
        standing |= {
            id for place in ("organizations", "jurisdictions", "topics") for id in read(base, place)
        }
        for id in committed_ids:
            assert (id in standing) != (id in redirects)
            assert id in standing or redirects[id]["to"] in standing
        assert not (redirects.keys() - committed_ids)  # no one can have seen the others
