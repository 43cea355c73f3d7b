"""JSON Lines make and edit records of every kind, all or none; --json prints outcomes; an export changes nothing."""

import json
import shutil
from pathlib import Path

import pytest
import rtoml
from conftest import ANY, ROOT, TODAY, Base, examples, leaves, options, policykb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mutations import mutated
from policykb.contribute import batch, json_lines
from policykb.files.toml_edit import alike
from policykb.model.problems import SourceError
from policykb.model.records import RECORDS
from test_docs import STARTER, fences

PAGE = "docs/how-to/change-many-records.md"
ORDER = {
    "record": "action",
    "id": "a-bill",
    "title": "A bill",
    "instrument": "bill",
    "bindingness": "binding",
    "jurisdiction": "us",
    "as_of": "2026-06-02",
    "confidence": "high",
    "summary": "Binds agencies.",
    "effect": {"kind": "silent", "note": "Says nothing."},
    "events": [{"date": "2026-06-02", "type": "introduced", "cite": [{"document": "b-source"}]}],
}
NEW = [
    ORDER,
    {
        "record": "argument",
        "id": "it-should-pass",
        "title": "It should pass",
        "premises": ["It does good."],
        "scheme": "consequences",
        "claims": ["it-costs-little"],
        "appearances": [{"document": "b-source", "by": ["b-office"]}],
        "stances": [{"action": "a-bill", "stance": "supports"}],
        "relations": [{"type": "supports", "argument": "it-should-stay"}],
    },
    {
        "record": "claim",
        "id": "it-costs-little",
        "text": "It costs little",
        "kind": "causal",
        "finding": "contested",
        "as_of": "2026-06-01",
        "appearances": [{"document": "b-source"}],
        "evidence": [{"document": "a-source", "finding": "supports", "note": "It counts 12."}],
    },
    {
        "record": "document",
        "id": "b-source",
        "type": "report",
        "title": "B",
        "grade": "primary",
        "url": "https://example.org/b",
        "authors": [{"organization": "b-office"}],
        "mentions": [{"action": "a-bill", "portrayed_as": "proposed"}],
    },
    {"record": "organization", "id": "b-office", "name": "B office", "kind": "government"},
    {
        "record": "jurisdiction",
        "id": "us-tx",
        "name": "Texas",
        "kind": "subdivision",
        "code": "US-TX",
        "part_of": "us",
    },
    {"record": "topic", "id": "b-topic", "name": "B", "definition": "What belongs to it."},
    {
        "record": "redirect",
        "id": "an-old-bill",
        "to": "a-bill",
        "on": "2026-06-03",
        "reason": "Renamed",
    },
]


def lines(*records: object) -> str:
    return "".join(f"{json.dumps(record)}\n" for record in records)


def applied(base: Base, *records: object, more: tuple = ("--yes",)):
    """Apply records, or lines as they are; the finished command."""
    place = base.policies.parent / "in.jsonl"
    texts = [text if isinstance(text, str) else json.dumps(text) for text in records]
    place.write_text("\n".join(texts), encoding="utf-8")
    return base.run("apply", str(place), *more)


def content(base: Base, place: str) -> dict:
    return rtoml.load(base.policies / f"{place}.toml")


def files(base: Base) -> dict[str, bytes]:
    found = base.policies.rglob("*.toml")
    return {str(path.relative_to(base.policies)): path.read_bytes() for path in found}


def test_records_of_every_kind_are_made_with_their_links(base: Base):
    assert {record["record"] for record in NEW} == RECORDS.keys()
    done = applied(base, *NEW)
    assert done.returncode == 0, done.stderr
    assert base.codes() == []
    assert content(base, "arguments/it-should-pass")["stances"] == NEW[1]["stances"]
    assert content(base, "actions/a-bill")["events"][0]["id"] == "introduced"
    assert content(base, "organizations").keys() == {"an-office", "b-office"}
    assert applied(base, *NEW).stderr == "nothing to change\n"


def test_lines_edit_remove_and_add(base: Base):
    base.record("actions", "an-order", short_title="Order", topics=["a-topic"])
    done = applied(
        base,
        {"id": "an-order", "title": "The order", "short_title": None, "topics": []},
        {"id": "an-office", "name": "The office"},
        {
            "id": "it-should-stay",
            "add": {"stances": [{"action": "an-order", "stance": "warns"}], "values": "security"},
        },
    )
    assert done.returncode == 0, done.stderr
    order = content(base, "actions/an-order")
    assert order["title"] == "The order" and "short_title" not in order
    assert not order.get("topics")
    assert content(base, "organizations")["an-office"]["name"] == "The office"
    assert [
        stance["stance"] for stance in content(base, "arguments/it-should-stay")["stances"]
    ] == [
        "supports",
        "warns",
    ]


def test_an_added_item_with_the_key_of_another_changes_it(base: Base):
    for _ in range(2):
        applied(
            base,
            {
                "id": "it-should-stay",
                "add": {"stances": {"action": "an-order", "stance": "supports", "note": "N"}},
            },
        )
    stances = content(base, "arguments/it-should-stay")["stances"]
    assert stances == [{"action": "an-order", "stance": "supports", "note": "N"}]


def test_identifiers_are_added_by_scheme(base: Base):
    for _ in range(2):
        applied(base, {"id": "an-order", "add": {"identifiers": {"eo": "14409"}}})
        applied(base, {"id": "an-order", "add": {"identifiers": {"eo": ["14409", "14410"]}}})
    assert content(base, "actions/an-order")["identifiers"] == {"eo": ["14409", "14410"]}


def test_a_replaced_list_of_events_keeps_ids_and_comments(base: Base):
    path = base.action("a-bill", [("2026-01-05", "introduced"), ("2026-03-01", "passed")])
    text = path.read_text().replace("[[events]]", "# As the gazette says.\n[[events]]", 1)
    path.write_text(text)
    cite = [{"document": "a-source"}]
    events = [
        {"date": "2026-01-05", "type": "introduced", "cite": cite},
        {"date": "2026-02-01", "type": "hearing", "cite": cite},
        {"date": "2026-03-02", "type": "passed", "cite": cite},
    ]
    done = applied(base, {"id": "a-bill", "events": events})
    assert done.returncode == 0, done.stderr
    after = content(base, "actions/a-bill")["events"]
    assert [event["id"] for event in after] == ["introduced", "hearing", "passed"]
    assert "# As the gazette says." in path.read_text()


@pytest.fixture
def named(base: Base) -> Base:
    """A base with records that have numbers and names, two of them the same name."""
    base.record("actions", "an-order", identifiers={"eo": "14409"})
    for record_id in ("an-act", "another-act"):
        base.action(record_id, [("2026-01-05", "introduced")], title="The Act")
    base.write(
        "organizations.toml",
        {
            "an-office": {"name": "An office", "kind": "government", "jurisdiction": "us"},
            "don-beyer": {"name": "Don Beyer", "kind": "person", "jurisdiction": "us"},
        },
    )
    return base


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("eo:14409", "action"),
        ("EO 14409", "action"),
        ("AN ORDER", "action"),
        ("http://www.example.org/a-source/", "document"),
        ("url:https://example.org/a-source", "document"),
        ("United States", "jurisdiction"),
        ("US", "jurisdiction"),
        ("don beyer", "organization"),
    ],
)
def test_a_reference_is_an_id_a_name_a_number_an_address_or_a_key(named: Base, text, kind):
    expected = {"action": "an-order", "document": "a-source", "jurisdiction": "us"}
    assert batch.Batch(named.policies, TODAY).reference(text, kind) == expected.get(
        kind, "don-beyer"
    )


def test_lines_name_records(named: Base):
    done = applied(
        named,
        {"id": "http://example.org/a-source", "add": {"mentions": {"action": "New Act"}}},
        {
            "record": "action",
            "id": "new-act",
            **{key: value for key, value in NEW[0].items() if key not in ("record", "id")},
            "title": "New Act",
            "jurisdiction": "United States",
            "bodies": [{"organization": "Don Beyer", "role": "sponsor"}],
        },
        {"id": "EO 14409", "add": {"topics": ["A topic"]}},
        more=("--dry-run",),
    )
    assert "there is no action 'New Act'" in done.stderr  # a name is that of a line before
    lines = [
        {"id": "don", "record": "topic", "name": "Don", "definition": "D"},
        {"id": "EO 14409", "add": {"topics": ["a topic", "don"]}},
        {"id": "it-should-stay", "add": {"stances": {"action": "eo 14409", "stance": "warns"}}},
    ]
    assert applied(named, *lines).returncode == 0
    assert content(named, "actions/an-order")["topics"] == ["a-topic", "don"]
    assert content(named, "arguments/it-should-stay")["stances"][-1]["action"] == "an-order"


def test_an_id_of_a_later_line_is_no_name(named: Base):
    named.write(
        "organizations.toml", {"us-don": {"name": "Don", "kind": "person", "jurisdiction": "us"}}
    )
    body = [{"organization": "don", "role": "sponsor"}]
    person = {"record": "organization", "id": "don", "name": "Don Doe", "kind": "person"}
    done = applied(named, {"id": "an-act", "bodies": body}, person)
    assert done.returncode == 0, done.stderr
    assert content(named, "actions/an-act")["bodies"] == body


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("nope", "in.jsonl:2: K203 is not JSON in column 1"),
        ("[1]", "in.jsonl:2: K203 '[1]' is not a JSON object; expected one object a line"),
        ('{"id": NaN}', "JSON has no number NaN"),
        ('{"id": "a", "id": "b"}', "the key 'id' is there twice"),
        ("[" * 100_000, "in.jsonl:2: K203 is not JSON that can be read"),
        ("{}", "in.jsonl:2: K202 id: is missing or is not text"),
        ({"record": "topics", "id": "x"}, "record: 'topics' is not a kind of record"),
        ({"id": "an-ordr", "title": "X"}, "did you mean 'an-order'?; a new record needs its kind"),
        ({"record": "topic", "id": "an-order", "name": "X"}, "is a record of kind action"),
        (
            {"record": "topic", "id": "atopic", "add": {}},
            "there is no topic 'atopic'; did you mean 'a-topic'?; a new topic needs 'name'",
        ),
        ({"record": "topic", "id": "A B", "name": "X"}, "did you mean 'a-b'?"),
        (
            {"record": "topic", "id": "x", "name": "X"},
            "in.jsonl:2: K202 definition: is missing; expected what belongs to it",
        ),
        (
            {"id": "an-order", "bindingnes": "binding"},
            "K201 bindingnes: is not a key of this kind of record",
        ),
        (
            {"id": "an-order", "bindingness": "bindng"},
            "in.jsonl:2: V701 bindingness: 'bindng' is not in the vocabulary",
        ),
        ({"id": "an-order", "title": 5}, "K203 title: '5' is not text in quotes"),
        ({"id": "an-order", "add": {"stance": []}}, "K201 add.stance: is not a list"),
        ({"id": "an-order", "events": [{"former_ids": 5}]}, "K203 events[0].former_ids"),
        ({"id": "an-order", "add": {"topics": ["x"] * 1001}}, "K206 add.topics: has 1,001 items"),
        ({"id": "an-order", "add": []}, "K203 add: is not an object"),
        (
            {"id": "an-order", "add": {"events": [{"date": "June 2026", "type": "other"}]}},
            "in.jsonl:2: T401 add.events[0].date: 'June 2026' is not a date here; expected",
        ),
        (
            {"id": "it-should-stay", "add": {"stances": {"action": "eo:1", "stance": "warns"}}},
            "R301 add.stances[0].action: there is no action 'eo:1'; create it with: policykb new action",
        ),
        (
            {"id": "it-should-stay", "stances": [{"action": "The Act", "stance": "warns"}]},
            "R301 stances[0].action: 'The Act' can mean an-act (The Act); another-act (The Act); write the id",
        ),
        (
            {"id": "an-order", "bodies": [{"organization": "Don Beyr", "role": "issuer"}]},
            "R301 bodies[0].organization: there is no organization 'Don Beyr'; did you mean 'don-beyer'?",
        ),
        (
            {"id": "an-order", "jurisdiction": "usa"},
            "in.jsonl:2: R301 jurisdiction: there is no jurisdiction 'usa'",
        ),
        (
            {"id": "an-office", "jurisdiction": "us-ct"},
            "in.jsonl:2: R301 jurisdiction: there is no jurisdiction 'us-ct'",
        ),
        (
            {"record": "topic", "id": "x", "name": "\ud800", "definition": "D"},
            "K203 name: '\\ud800'",
        ),
    ],
    ids=repr,
)
def test_a_wrong_line_is_named_and_nothing_is_written(named: Base, line, message: str):
    before = files(named)
    done = applied(named, {"id": "a-source", "title": "Another"}, line)
    assert done.returncode == 1
    assert message in done.stderr and done.stderr.endswith("nothing was written\n")
    assert files(named) == before


def test_a_new_record_is_made_by_one_line(base: Base):
    before = files(base)
    topics = [{"record": "topic", "id": "t1", "name": name, "definition": "D"} for name in "AB"]
    done = applied(base, *topics)
    assert done.returncode == 1 and files(base) == before
    assert "in.jsonl:2: K205 id: 't1' is already on line 1; expected one line for" in done.stderr
    edited = {"id": "t1", "part_of": "a-topic"}
    assert applied(base, topics[0], edited).returncode == 0
    assert content(base, "topics")["t1"] == {"name": "A", "definition": "D", "part_of": "a-topic"}


@pytest.mark.parametrize(
    ("lines", "key"),
    [
        (({"title": "a"}, {"title": "b"}), "title"),
        (({"note": "Long."}, {"title": "b"}, {"note": None}), "note"),
        (({"issued": "2026-05-01"}, {"id": "https://example.org/a-source", "issued": "2026-05"}), "issued"),
        (({"add": {"mentions": [{"action": "an-order", "portrayed_as": "enacted"}]}}, {"mentions": []}), "mentions"),
    ],
)  # fmt: skip
def test_lines_do_not_give_one_key_of_a_record_two_values(
    named: Base, lines: tuple[dict, ...], key: str
):
    before = files(named)
    done = applied(named, *({"id": "a-source"} | line for line in lines))
    assert (done.returncode, files(named)) == (1, before)
    said = f"in.jsonl:{len(lines)}: K205 {key}: line 1 gives it another value; expected one value"
    assert said in done.stderr


def test_lines_may_give_keys_of_a_record_one_after_the_other(named: Base):
    lines = (
        {"title": "a"},
        {"note": "Long."},
        {"title": "a"},
        {"add": {"mentions": [{"action": "an-order", "portrayed_as": "enacted"}]}},
    )
    assert applied(named, *({"id": "a-source"} | line for line in lines)).returncode == 0
    said = content(named, "documents/a-source")
    assert (said["title"], said["note"], len(said["mentions"])) == ("a", "Long.", 1)


def test_a_file_that_is_not_valid_is_named_once(base: Base):
    base.record("actions", "an-order", instrument="nothing")
    done = applied(base, {"id": "an-order", "title": "A"}, {"id": "an-order", "title": "B"})
    assert done.returncode == 1
    assert done.stderr.count("policies/actions/an-order.toml:2: V701") == 1


def test_all_wrong_lines_are_reported_at_once(base: Base):
    done = applied(base, "nope", {"id": "x"}, {"id": "an-order", "title": 5, "summary": 6})
    numbers = [line.split(":")[1] for line in done.stderr.splitlines()[:-1]]
    assert numbers == ["1", "2", "3", "3"]


def test_standard_input_is_read_and_needs_yes(base: Base):
    text = lines({"id": "a-source", "title": "Another"})
    refused = base.run("apply", "-", input=text)
    assert refused.returncode == 2 and "add --yes" in refused.stderr
    assert base.run("apply", "-", "--yes", input=text).returncode == 0
    assert content(base, "documents/a-source")["title"] == "Another"
    assert "standard input: is empty" in base.run("apply", "-", input="").stderr


# There and back


def exported(policies: Path) -> list[dict]:
    done = policykb("export", "-", "--format", "jsonl", "--policies", str(policies))
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.split("\n")[:-1]]


@pytest.mark.thorough
def test_an_export_of_the_shipped_records_changes_nothing(tmp_path: Path):
    place = tmp_path / "out"
    common = ["--policies", str(ROOT / "policies")]
    policykb("export", str(place), "--format", "jsonl", *common)
    done = policykb("apply", str(place / "records.jsonl"), *common)
    assert done.stderr == "nothing to change\n" and done.returncode == 0


@pytest.mark.thorough
def test_an_export_makes_the_same_records_elsewhere(tmp_path: Path):
    (tmp_path / "policies").mkdir()
    shutil.copy(ROOT / "policies" / "about.toml", tmp_path / "policies")
    records = exported(ROOT / "policies")
    (tmp_path / "in.jsonl").write_text(lines(*records))
    common = ["--policies", str(tmp_path / "policies")]
    done = policykb("apply", str(tmp_path / "in.jsonl"), "--yes", *common)
    assert done.returncode == 0, done.stderr[-2000:]
    again = {(record["record"], record["id"]): record for record in exported(tmp_path / "policies")}
    assert len(again) == len(records)
    assert all(alike(record, again[record["record"], record["id"]]) for record in records)


# Outcomes as JSON


def test_every_command_that_writes_has_json():
    changing = {name for name, command in leaves().items() if "--yes" in options(command)}
    assert {"apply", "add event", "new action", "import", "rename", "from-issue"} <= changing
    assert [name for name in changing if "--json" not in options(leaves()[name])] == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("add", "alias", "an-order", "The order"),
        ("rename", "an-order", "the-order", "--reason", "Shorter"),
        ("withdraw", "an-order", "--reason", "A double"),
        ("new", "topic", "--name", "B", "--definition", "D"),
        ("check", "--fix"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_outcome_is_one_object(base: Base, arguments: tuple[str, ...]):
    base.write("topics.toml", '[a-topic]\nname="A topic"\ndefinition="What belongs to it."\n')
    dry = json.loads(base.run(*arguments, "--dry-run", "--json").stdout)
    assert dry["written"] is False
    outcome = json.loads(base.run(*arguments, "--yes", "--json").stdout)
    assert outcome["written"] and outcome.keys() == dry.keys()
    assert [file["path"] for file in outcome["files"]] == [file["path"] for file in dry["files"]]
    assert outcome["diff"].startswith("--- ")


def test_outcome_names_new_records_in_tables_and_folders(base: Base):
    outcome = json.loads(applied(base, *NEW, more=("--yes", "--json")).stdout)
    ids = [record for file in outcome["files"] for record in file["records"]]
    assert sorted(ids) == sorted(record["id"] for record in NEW)


def test_outcome_of_a_refused_change_has_the_problems(base: Base):
    done = applied(base, {"id": "an-order", "jurisdiction": "usa"}, more=("--yes", "--json"))
    outcome = json.loads(done.stdout)
    assert done.returncode == 1 and not outcome["written"]
    assert outcome["error"].startswith("in.jsonl:1: R301 ")
    (problem,) = outcome["problems"]
    assert (problem["path"], problem["line"], problem["value"]) == ("in.jsonl", 1, "usa")


def test_check_prints_problems_as_json(base: Base):
    base.record("actions", "broken", jurisdiction="nowhere")
    (problem,) = json.loads(base.run("check", "--json").stdout)
    assert problem["code"] == "R301"


def test_outcome_of_wrong_use_has_the_error(base: Base):
    done = base.run("add", "alias", "an-ordr", "X", "--json")
    assert done.returncode == 2
    assert "did you mean 'an-order'?" in json.loads(done.stdout)["error"]


def test_outcome_of_a_load_names_the_file_and_counts(base: Base):
    outcome = json.loads(base.run("load", "--json").stdout)
    assert outcome["written"] and outcome["db"] == str(base.db)
    assert outcome["records"]["action"] == 1
    base.record("actions", "broken", jurisdiction="nowhere")
    done = base.run("load", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["problems"][0]["code"] == "R301"


def test_outcome_of_an_import_has_each_record(base: Base):
    place = base.policies.parent / "table.csv"
    place.write_text("title,type\nA report,report\n,report\n")
    outcome = json.loads(base.run("import", str(place), "--yes", "--json").stdout)
    assert [item["state"] for item in outcome["outcomes"]] == ["new"]
    assert "title: is missing" in outcome["refused"][0]["reason"]


def test_lines_of_the_manual_are_applied(tmp_path: Path):
    shutil.copytree(STARTER / "policies", tmp_path / "policies")
    (tmp_path / "in.jsonl").write_text(fences(PAGE, "json")[0])
    common = ["--policies", str(tmp_path / "policies"), "--today", TODAY]
    done = policykb("apply", str(tmp_path / "in.jsonl"), "--yes", *common)
    assert done.returncode == 0, done.stderr
    order = rtoml.load(tmp_path / "policies" / "actions" / "xe-weights-order.toml")
    assert "school-models" in order["topics"]


@pytest.mark.parametrize("form", ["json-ld", "argdown", "dot", "jsonl"])
def test_one_file_is_exported_to_standard_output(built: Base, tmp_path: Path, form: str):
    outcome = built.run("export", str(tmp_path / "out"), "--format", form, "--json").stdout
    (written,) = json.loads(outcome)["exported"]
    done = built.run("export", "-", "--format", form)
    assert done.stdout == Path(written).read_text() != ""


def test_several_files_need_a_folder(built: Base):
    done = built.run("export", "-", "--format", "csv")
    assert done.returncode == 2 and "- is for a format of one file" in done.stderr


def test_a_table_is_imported_from_standard_input(base: Base):
    text = "id,stance.action,stance.stance\nit-should-stay,an-order,warns\n"
    done = base.run("import", "-", "--yes", input=text)
    assert done.returncode == 0, done.stderr
    assert len(content(base, "arguments/it-should-stay")["stances"]) == 2
    broken = base.run("import", "-", "--yes", input="title,type\n,report\n")
    assert "standard input:2: title: is missing" in broken.stderr


# Anything


def test_any_bytes_give_problems_or_records(base: Base):
    sample = lines(*NEW, {"id": "an-order", "add": {"topics": ["a-topic"], "events": []}})

    @given(mutated(sample.encode()))
    @settings(max_examples=examples(300), deadline=None, suppress_health_check=list(HealthCheck))
    def holds(data: bytes) -> None:
        work = batch.Batch(base.policies, TODAY)
        try:
            problems = json_lines.apply(work, data, "sample")
        except SourceError as error:
            assert str(error).startswith("sample")
            return
        assert all(problem.path == "sample" and problem.line for problem in problems)
        assert all(problem.text().isprintable() for problem in problems)

    holds()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(ANY),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(ANY), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize("key", ["title", "events", "identifiers", "topics", "effect", "cite"])
def test_any_value_of_a_key_is_taken_or_refused(base: Base, key: str):
    @given(JSON)
    @settings(max_examples=examples(60), deadline=None, suppress_health_check=list(HealthCheck))
    def holds(value: object) -> None:
        for line in ({"id": "an-order", key: value}, {"id": "an-order", "add": {key: value}}):
            work = batch.Batch(base.policies, TODAY)
            problems = json_lines.apply(work, json.dumps(line).encode(), "sample")
            assert all(problem.path == "sample" for problem in problems)
            assert [change.path for change in work.changes()] in (
                [],
                ["policies/actions/an-order.toml"],
            )
            assert not (problems and work.changes())

    holds()
