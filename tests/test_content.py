"""What the shipped knowledge base promises, for every record of it."""

import re
import shutil
import sqlite3
from collections import Counter
from datetime import date, timedelta

import pytest
import rtoml
from conftest import ROOT, SHIPPED_DAY, newest_day
from policykb import load
from policykb.model import FOLDERS


@pytest.fixture
def kb(shipped):
    """A connection to a fresh build of the shipped knowledge base."""
    connection = sqlite3.connect(f"{shipped.as_uri()}?mode=ro", uri=True)
    yield connection
    connection.close()


def column(kb, query):
    """The first column of an answer."""
    return [row[0] for row in kb.execute(query)]


def test_nothing_is_wrong_with_it_but_dates_that_nobody_knows_better():
    result = load.check(ROOT / "policies", SHIPPED_DAY)
    assert [problem.text() for problem in result.problems if problem.code != "T403"] == []


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


def test_the_database_is_the_same_on_any_later_day(shipped, tmp_path):
    assert load.load(ROOT / "policies", tmp_path / "kb.db", "2099-12-31").errors == 0
    assert (tmp_path / "kb.db").read_bytes() == shipped.read_bytes()


def test_the_committed_database_is_what_a_fresh_build_gives(shipped):
    assert list(load.differences(ROOT / "kb.db", shipped)) == []


def test_it_holds_the_whole_landscape(kb):
    counts = {
        kind: count
        for kind, count in kb.execute("select kind, count(*) from records group by kind")
    }
    assert counts["action"] >= 160
    assert counts["argument"] >= 80
    assert counts["claim"] >= 47
    assert counts["document"] >= 500
    assert 15 <= counts["topic"] <= 30
    expected = rtoml.loads((ROOT / "policies/about.toml").read_text(encoding="utf-8"))[
        "expectations"
    ]
    for kind, least in expected.items():
        assert least <= counts[kind.removesuffix("s")] <= least * 1.3, (
            f"expectations.{kind} is not near what there is"
        )


def test_every_action_has_a_source(kb):
    assert (
        column(
            kb,
            """
        select id from actions where id not in (select action from citations where action is not null)
        and id not in (select openness from citations where openness is not null)
        and id not in (select e.action from citations c join events e on e.id = c.event)
        and id not in (select action from mentions)""",
        )
        == []
    )


def test_every_summary_is_short(kb):
    assert [
        id
        for id, summary in kb.execute("select id, summary from actions")
        if len(summary.split()) > 120
    ] == []


def test_every_adopted_action_in_the_us_and_the_eu_has_an_identifier_or_says_why_not(kb):
    without = kb.execute("""
        select distinct a.id from actions a join jurisdictions j on j.id = a.jurisdiction join periods p on p.action = a.id
        where p.stage = 'adopted' and 'us' in (j.id, j.part_of) | ('eu' = j.id)
        and a.id not in (select action from action_identifiers)""").fetchall()
    silent = [
        id
        for (id,) in without
        if not any(
            re.search(
                r"number|identifier|docket|citation|official|title|where .* text|reference",
                question,
                re.IGNORECASE,
            )
            for question in column(kb, f"select question from open_questions where action = '{id}'")
        )
    ]
    assert silent == []


def test_every_event_is_cited_or_marked_unconfirmed(kb):
    assert (
        column(
            kb,
            "select id from events where not unconfirmed and id not in (select event from citations where event is not null)",
        )
        == []
    )


def test_every_argument_takes_a_stance_and_appears_somewhere(kb):
    assert (
        column(kb, "select id from arguments where id not in (select argument from stances)") == []
    )
    assert (
        column(
            kb,
            "select id from arguments where id not in (select argument from appearances where argument is not null)",
        )
        == []
    )


def test_at_least_twelve_actions_are_argued_from_both_sides(kb):
    assert (
        len(
            column(
                kb,
                "select action from stance_balance where supports + supports_if > 0 and opposes + warns > 0",
            )
        )
        >= 12
    )


def test_every_document_is_used(kb):
    assert (
        column(
            kb,
            """
        select document from document_impact where mentions + arguments + claims + evidence + facts = 0""",
        )
        == []
    )


def test_no_two_actions_share_an_identifier(kb):
    assert (
        kb.execute("""
        select scheme, folded, count(distinct action) from action_identifiers where scheme not in ('provision', 'official_number')
        group by scheme, folded having count(distinct action) > 1""").fetchall()
        == []
    )


def test_both_founding_documents_are_there_in_full(kb):
    for document, arguments, claims, actions in (
        ("lambert-xu-2026-banning-open-source-ai", 23, 34, 17),
        ("zhang-2024-breaking-the-monopoly", 15, 13, 16),
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


def test_every_claim_has_a_finding_with_a_reason(kb):
    assert (
        column(
            kb,
            "select id from claims where note is null and id not in (select claim from evidence)",
        )
        == []
    )
    assert column(
        kb,
        "select id from claims where finding in ('supported', 'partly_supported', 'contested') and id not in (select claim from evidence)",
    ) in ([], ["linux-cured-windows-monopoly"])


def test_a_carve_out_is_part_of_its_act(kb):
    parts = dict(kb.execute("select id, part_of from actions where part_of is not null"))
    for provision in ("2-12", "53-2", "54-6", "25-4"):
        assert parts[f"eu-ai-act-art-{provision}"] == "eu-ai-act"
    assert (
        column(
            kb,
            "select id from actions where instrument in ('provision', 'recital') and jurisdiction = 'eu' and part_of is null",
        )
        == []
    )


def test_moved_dates_keep_the_old_event_and_name_the_act_that_moved_them(kb):
    moved = set(
        kb.execute("select action, moved_on, moved_by from events where supersedes is not null")
    )
    assert ("eu-ai-act", "2026-07-27", "eu-digital-omnibus-ai") in moved
    assert ("eu-ai-act-art-25-4", "2026-07-27", "eu-digital-omnibus-ai") in moved


def test_names_of_sources_to_distrust_are_not_cited(kb):
    distrusted = [
        "wowhow.cloud",
        "theneuralfeed",
        "principlecivics",
        "nationnews.in",
        "gogoai.xin",
        "tweedy.flanigan",
        "joat.me",
        "ancientbrowsers",
        "dysprosium.us",
        "regulation-ai.eu",
        "baguaai.com",
        "stereoeffect.net",
    ]
    urls = column(kb, "select url from documents where url is not null")
    assert [url for url in urls if any(name in url for name in distrusted)] == []


def test_no_shorthand_of_note_takers_stands_in_the_records():
    jargon = re.compile(r"\b(PA\d\d|[OL]-[AC]\d\d|FMU|MEM|INF)\b")
    found = []
    for _, place in FOLDERS.values():
        for path in sorted((ROOT / "policies" / place).glob("*.toml")):
            found += [
                f"{path.name}: {match.group()}"
                for match in jargon.finditer(path.read_text(encoding="utf-8"))
            ]
    assert found == []


def test_every_topic_is_used_and_no_topic_holds_half_of_all(kb):
    uses = Counter(column(kb, "select topic from action_topics"))
    assert set(column(kb, "select id from topics")) == set(uses)
    assert max(uses.values()) < len(column(kb, "select id from actions")) / 2


def test_every_organization_is_needed(kb):
    assert (
        column(
            kb,
            """
        select id from organizations where id not in (select organization from action_bodies)
        and id not in (select organization from document_authors where organization is not null)
        and id not in (select part_of from organizations where part_of is not null)""",
        )
        == []
    )


def test_every_jurisdiction_is_needed(kb):
    assert (
        column(
            kb,
            """
        select id from jurisdictions where id not in (select jurisdiction from actions) and id not in (select part_of from jurisdictions where part_of is not null)
        and id not in (select jurisdiction from organizations where jurisdiction is not null)""",
        )
        == []
    )


def test_every_country_has_its_code(kb):
    assert (
        column(
            kb,
            "select id from jurisdictions where kind in ('country', 'subdivision') and code is null",
        )
        == []
    )
    assert (
        column(kb, "select id from jurisdictions where kind = 'subdivision' and part_of is null")
        == []
    )
