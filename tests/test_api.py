"""The Python interface: reads, adds, edits and writes records, and its examples in the manual run."""

import importlib.resources
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import policykb
import pytest
import rtoml
from conftest import ROOT, TODAY, Base
from policykb.build import load
from policykb.model import records as model
from policykb.read.database import connect
from policykb.read.records import record
from test_docs import STARTER, fences

PAGE = "docs/how-to/use-from-python.md"


@pytest.fixture
def kb(base: Base):
    return policykb.open(base.policies, today=TODAY)


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the knowledge base of the manual, in the folder where its examples run."""
    shutil.copytree(STARTER / "policies", tmp_path / "policies")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_examples_of_the_manual_run(example: Path, capsys: pytest.CaptureFixture):
    Path("bills.csv").write_text(fences(PAGE, "csv")[0])
    names: dict = {}
    for block in fences(PAGE, "python"):
        exec(compile(block, PAGE, "exec"), names)
    output = capsys.readouterr().out
    assert "Order on the Release of Model Weights 2026-02-10" in output
    assert "Adopted on 4 May 2026, not yet in force not_yet True" in output
    assert "policies/arguments/published-weights-invite-misuse.toml" in output
    assert not load.check(example / "policies", TODAY).errors


def test_fifty_actions_from_a_table_in_twenty_lines(example: Path):
    code = fences(PAGE, "python")[-1]
    assert len(code.splitlines()) <= 20
    head = fences(PAGE, "csv")[0].splitlines()[0]
    lines = [
        f"Bill {number},2026-03-02,https://assembly.example.org/{number},Does {number}.,"
        f"published-weights-invite-misuse,{('supports', 'warns')[number % 2]}"
        for number in range(50)
    ]
    Path("bills.csv").write_text("\n".join([head, *lines]))
    exec(compile(code, PAGE, "exec"), {"policykb": policykb})
    assert len(list((example / "policies" / "actions").glob("xe-bill*.toml"))) == 50
    argument = policykb.open("policies", TODAY).argument("published-weights-invite-misuse")
    assert len(argument.stances) == 51
    assert not load.check(example / "policies", TODAY).errors


def test_records_are_those_of_kb_db(built: Base, kb):
    with connect(built.db) as db:
        for kind in ("action", "argument", "claim", "document", "organization", "topic"):
            for record_id, known in kb.records(kind):
                assert known == record(db, record_id)
    assert isinstance(kb.action("an-order"), model.Action)
    assert kb.organization("an-office").name == "An office"


def test_status_is_that_of_the_page(base: Base):
    base.action(
        "a-bill", [("2026-01-05", "introduced"), ("2026-03-01", "passed")], instrument="bill"
    )
    kb = policykb.open(base.policies, today=TODAY)
    assert kb.status("a-bill", on="2025-12-31").stage is None
    status = kb.status("a-bill", on="2026-02-01")
    assert (status.stage, status.event, status.since) == ("introduced", "introduced", "2026-01-05")
    assert status.headline == "Introduced on 5 January 2026, not yet in force"
    assert status.known and not kb.status("a-bill", on="2027-01-01").known


def test_status_agrees_with_the_question_for_every_shipped_action(shipped: Path):
    kb = policykb.open(ROOT / "policies")
    with connect(shipped) as db:
        for on in ("2025-06-01", "2026-06-15"):
            periods = db.query(
                "select action, stage, legal_force from periods "
                "where coalesce(from_date, '') <= :on and coalesce(to_date, '9999') > :on",
                {"on": on},
            )
            for row in periods:
                status = kb.status(row["action"], on=on)
                assert (status.stage, status.legal_force) == (row["stage"], row["legal_force"])


def test_changes_are_seen_before_they_are_written(base: Base, kb):
    topic = kb.add("topic", name="School models", definition="Models in classrooms.")
    kb.append("an-order", "topics", topic)
    assert kb.action("an-order").topics == [topic] == ["school-models"]
    assert kb.topic(topic).name == "School models"
    assert "topics" not in (base.policies / "actions" / "an-order.toml").read_text()
    assert kb.check() == []
    assert sorted(kb.write()) == ["policies/actions/an-order.toml", "policies/topics.toml"]
    assert rtoml.load(base.policies / "actions" / "an-order.toml")["topics"] == [topic]
    assert base.codes() == []
    assert kb.changes() == []


def test_an_edit_keeps_comments_order_and_layout(base: Base):
    path = base.policies / "documents" / "a-source.toml"
    text = '# Read twice.\ngrade = "primary"  # yes\ntype = "webpage"\ntitle = "A source"\nurl = "https://example.org/a"\n'
    path.write_text(text)
    kb = policykb.open(base.policies, today=TODAY)
    kb.edit("a-source", title="The source", url=None)
    kb.write()
    assert path.read_text() == text.replace("A source", "The source").replace(
        'url = "https://example.org/a"\n', ""
    )


def test_an_event_goes_where_its_date_belongs_and_gets_an_id(base: Base, kb):
    for _ in range(2):  # the second time changes nothing
        kb.append("an-order", "events", date="2026-01-05", type="announced", unconfirmed=True)
    events = kb.action("an-order").events
    assert [(event.id, event.date) for event in events] == [
        ("announced", "2026-01-05"),
        ("issued", "2026-06-02"),
    ]


def test_references_are_read_by_key_and_earlier_id(base: Base):
    base.record("actions", "an-order", identifiers={"eo": "14409"})
    base.write("redirects.toml", {"old": {"to": "an-order", "on": "2026-01-01", "reason": "R"}})
    kb = policykb.open(base.policies, today=TODAY)
    kb.append("it-should-stay", "stances", action="eo:14409", stance="warns")
    assert kb.argument("it-should-stay").stances[-1].action == "an-order"
    assert kb.find("old") == kb.find("eo:14409", "action") == "an-order"
    assert kb.action("old") == kb.action("an-order")
    assert kb.find("https://example.org/a-source") == "a-source"
    assert kb.find("eo:14409", "document") is None and kb.find("nothing") is None


def test_references_are_read_by_name_and_number(base: Base):
    base.record("actions", "an-order", identifiers={"eo": "14409"})
    kb = policykb.open(base.policies, today=TODAY)
    known = {
        key: value
        for key, value in kb.action("an-order").model_dump(exclude_defaults=True).items()
        if key not in ("identifiers", "events", "title", "jurisdiction")
    }
    id = kb.add(
        "action",
        title="Another order",
        jurisdiction="United States",
        bodies=[{"organization": "An office", "role": "issuer"}],
        events=[{"date": "2026-06-02", "type": "issued", "cite": [{"document": "A source"}]}],
        **known,
    )
    assert id == "us-another-order-2026" and kb.action("Another Order").jurisdiction == "us"
    kb.append("EO 14409", "topics", "A topic")
    kb.edit("It should stay", stances=[{"action": "ANOTHER ORDER", "stance": "supports"}])
    assert kb.action("EO 14409").topics == ["a-topic"] and kb.find("an office") == "an-office"
    assert kb.argument("it-should-stay").stances[0].action == id
    with pytest.raises(
        policykb.NotFoundError, match="there is no action 'No order'; similar: an-order; create it"
    ):
        kb.action("No order")
    kb.edit(id, title="An order")
    with pytest.raises(policykb.ConflictError) as error:
        kb.append("it-should-stay", "stances", action="An order", stance="warns")
    assert "can mean an-order (An order); us-another-order" in error.value.problems[0].text()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda kb: kb.action("an-ordr"), "did you mean 'an-order'?"),
        (lambda kb: kb.action("a-source"), "'a-source' is a record of kind document"),
        (lambda kb: kb.edit("an-ordr", title="X"), "there is no record 'an-ordr'"),
        (lambda kb: kb.add("topic", "an-order", name="X"), "is the id of another record"),
        (lambda kb: kb.add("topics", name="X"), "did you mean 'topic'?"),
        (lambda kb: kb.status("an-order", on="June"), "'June' is not a day"),
        (lambda kb: policykb.open("nowhere"), "nowhere is not a folder"),
    ],
)
def test_wrong_use_is_refused_with_the_nearest(kb, change, message: str):
    with pytest.raises(policykb.InvalidInputError) as error:
        change(kb)
    assert message in str(error.value)


def test_a_record_that_is_not_valid_changes_nothing(kb):
    before = kb.action("an-order")
    with pytest.raises(policykb.ConflictError) as error:
        kb.edit("an-order", bindingness="bindng", titel="X")
    texts = [problem.text() for problem in error.value.problems]
    assert len(texts) == 2 and texts[0].startswith(
        "policies/actions/an-order.toml: V701 bindingness: 'bindng'"
    )
    assert texts[1].endswith("did you mean 'title'?")
    assert str(error.value) == f"{texts[0]} (and 1 more)"
    assert kb.action("an-order") == before and kb.changes() == []
    with pytest.raises(policykb.ConflictError) as error:
        kb.add("topic", definition="X")
    assert str(error.value) == error.value.problems[0].text()
    assert "name: is missing" in str(error.value)


def test_a_write_that_would_break_a_rule_writes_nothing(base: Base, kb):
    kb.edit("an-order", jurisdiction="usa")
    kb.edit("a-source", title="Another title")
    with pytest.raises(policykb.ConflictError) as error:
        kb.write()
    assert [problem.code for problem in error.value.problems] == ["R301"]
    assert "Another" not in (base.policies / "documents" / "a-source.toml").read_text()


def test_a_file_that_was_changed_meanwhile_is_not_overwritten(base: Base, kb):
    kb.edit("a-source", title="Mine")
    path = base.record("documents", "a-source", title="Theirs")
    with pytest.raises(policykb.ConflictError) as error:
        kb.write()
    assert "was changed meanwhile" in error.value.problems[0].text()
    assert rtoml.load(path)["title"] == "Theirs"


def test_importing_the_package_is_light():
    code = "import sys, policykb; print('pydantic' in sys.modules, 'datasette' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_the_package_ships_its_types():
    assert importlib.resources.files("policykb").joinpath("py.typed").is_file()
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    assert "py.typed" in settings["package-data"]["policykb"]
