"""What the shipped knowledge base promises beyond the rules of `check`."""

import os
import re
import shutil
import sqlite3
from collections import Counter
from datetime import date, timedelta

import pytest
import rtoml
from conftest import ROOT, SHIPPED_DAY, newest_day
from policykb.build import load
from policykb.build.compare import differences
from policykb.history import log


@pytest.fixture
def kb(shipped):
    """A connection to a fresh build of the shipped knowledge base."""
    connection = sqlite3.connect(f"{shipped.as_uri()}?mode=ro", uri=True)
    yield connection
    connection.close()


def column(kb, query):
    """The first column of an answer."""
    return [row[0] for row in kb.execute(query)]


def test_nothing_is_wrong_with_it_but_what_no_source_says():
    result = load.check(ROOT / "policies", SHIPPED_DAY)
    assert result.errors == 0
    open_problems = [problem.text() for problem in result.problems if problem.code != "T403"]
    assert open_problems == []


@pytest.mark.thorough
def test_a_record_of_a_later_day_is_judged_and_loaded_on_its_day(tmp_path):
    policies = tmp_path / "policies"
    shutil.copytree(ROOT / "policies", policies)
    tomorrow = (date.fromisoformat(SHIPPED_DAY) + timedelta(days=1)).isoformat()
    claim = next(path for path in sorted(policies.glob("claims/*.toml")))
    text = re.sub(r"(?m)^as_of = .*$", f"as_of = {tomorrow}", claim.read_text(encoding="utf-8"))
    (policies / "claims/one-of-tomorrow.toml").write_text(text, encoding="utf-8")
    assert newest_day(policies) == tomorrow
    assert load.check(policies, newest_day(policies)).errors == 0
    assert load.load(policies, tmp_path / "kb.db", newest_day(policies)).errors == 0
    early = load.check(policies, SHIPPED_DAY).problems
    assert [problem.code for problem in early if problem.severity == "error"] == ["T402"]


@pytest.mark.thorough
def test_the_database_is_the_same_on_any_later_day(shipped, tmp_path):
    later = load.load(ROOT / "policies", tmp_path / "kb.db", "2099-12-31", log=log.read)
    assert later.errors == 0
    assert (tmp_path / "kb.db").read_bytes() == shipped.read_bytes()


@pytest.mark.skipif(
    os.environ.get("POLICYKB_DATABASE") != "required",
    reason="kb.db is built on the main branch; POLICYKB_DATABASE=required compares it",
)
def test_the_committed_database_is_what_a_fresh_build_gives(shipped):
    assert list(differences(ROOT / "kb.db", shipped)) == []


def test_expected_numbers_are_near_what_there_is(kb):
    counts = dict(kb.execute("select kind || 's', count(*) from records group by kind"))
    expected = rtoml.loads((ROOT / "policies/about.toml").read_text(encoding="utf-8"))[
        "expectations"
    ]
    assert counts.keys() <= expected.keys()
    for kind in counts:
        assert expected[kind] <= counts[kind] <= expected[kind] * 1.3, kind


def test_no_summary_of_a_pending_bill_says_that_it_binds(kb):
    pending = """select a.id || ': ' || a.summary from actions a join current_status c on c.action = a.id
    where a.instrument in ('bill', 'discussion_draft') and c.legal_force = 'not_yet'"""
    binds = re.compile(r"\b(?:binds|requires|prohibits|obliges)\b(?! nobody)")
    assert [text for text in column(kb, pending) if binds.search(text)] == []


def test_no_topic_holds_half_of_all_actions(kb):
    uses = Counter(column(kb, "select topic from action_topics"))
    assert max(uses.values()) < len(column(kb, "select id from actions")) / 2


def test_both_founding_documents_are_there_in_full(kb):
    for document, arguments, claims, actions in (
        ("lambert-xu-2026-banning-open-source-ai", 23, 45, 17),
        ("zhang-2024-breaking-the-monopoly", 15, 16, 16),
    ):
        assert (
            len(
                set(
                    column(
                        kb,
                        f"select argument from appearances where document = '{document}' and argument is not null",
                    )
                )
            )
            == arguments
        )
        assert (
            len(
                set(
                    column(
                        kb,
                        f"select claim from appearances where document = '{document}' and claim is not null",
                    )
                )
            )
            == claims
        )
        assert (
            len(set(column(kb, f"select action from mentions where document = '{document}'")))
            >= actions
        )
        assert (
            column(
                kb,
                f"select id from appearances where document = '{document}' and (words is null or locator is null) and locator is not 'title'",
            )
            == []
        )
        assert (
            column(
                kb,
                f"select id from mentions where document = '{document}' and (words is null or locator is null) and locator is not 'title'",
            )
            == []
        )


def test_carve_outs_of_the_ai_act_are_part_of_it(kb):
    parts = dict(kb.execute("select id, part_of from actions where part_of is not null"))
    for provision in ("2-12", "53-2", "54-6", "25-4"):
        assert parts[f"eu-ai-act-art-{provision}"] == "eu-ai-act"


def test_moved_dates_keep_the_old_event_and_name_the_act_that_moved_them(kb):
    moved = set(
        kb.execute("select action, moved_on, moved_by from events where supersedes is not null")
    )
    assert ("eu-ai-act", "2026-07-27", "eu-digital-omnibus-ai") in moved
    assert ("eu-ai-act-art-25-4", "2026-07-27", "eu-digital-omnibus-ai") in moved
