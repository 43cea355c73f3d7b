"""The named questions: each states the answer that the shipped knowledge base gives."""

import csv
import io
import re
import sqlite3
from pathlib import Path

import pytest
from conftest import TODAY, Base
from policykb.build.load import sql
from policykb.model import vocabulary
from policykb.read.functions import escape_fts
from policykb.read.questions import ask, parse, questions, spreadsheet


@pytest.fixture
def answer(shipped):
    """A function that asks a question and gives its rows as dictionaries."""
    connection = sqlite3.connect(f"{shipped.as_uri()}?mode=ro", uri=True)

    def inner(name, today=TODAY, **given):
        columns, rows = ask(connection, questions("openness")[name], given, today)
        return [dict(zip(columns, row, strict=True)) for row in rows]

    yield inner
    connection.close()


def pairs(rows, *names):
    """The given columns of rows, as a set of tuples."""
    return {tuple(row[name] for name in names) for row in rows}


def test_status_on_a_day(answer):
    on_15_june = {
        row["action"]: (row["stage"], row["legal_force"], row["because"])
        for row in answer("status-on", on="2026-06-15")
    }
    assert on_15_june["us-bis-anthropic-access-directive-2026"] == (
        "adopted",
        "in_force",
        "2026-06-12 Issued",
    )
    assert on_15_june["us-eo-14110"] == ("adopted", "ended", "2025-01-20 Revoked")
    assert on_15_june["eu-ai-act"] == ("adopted", "partly", "2025-02-02 Applies in part")
    assert on_15_june["us-ca-sb1047-2024"][:2] == ("failed", "not_applicable")
    assert on_15_june["option-ban-open-source-ai"] == ("option", "not_applicable", None)
    assert "us-hr9925-frontier-act-2026" not in on_15_june, "introduced in July"
    after = {
        row["action"]: row["legal_force"]
        for row in answer("status-on", on="2026-07-15", jurisdiction="us")
    }
    assert after["us-bis-anthropic-access-directive-2026"] == "ended"
    assert after["us-ny-raise-act"] == "not_yet", "states are within the United States"
    assert "eu-ai-act" not in after


def test_what_changed_between_two_days(answer):
    rows = answer("changed-between", **{"from": "2026-06-25", "to": "2026-06-30"})
    assert ("2026-06-30", "us-bis-anthropic-access-directive-2026", "partly", "ended") in pairs(
        rows, "day", "action", "force_before", "legal_force"
    )
    assert ("2026-06-26", "us-bis-anthropic-access-directive-2026", "in_force", "partly") in pairs(
        rows, "day", "action", "force_before", "legal_force"
    )
    assert all("2026-06-25" < row["day"] <= "2026-06-30" for row in rows)


def test_what_was_in_force_and_no_longer_is(answer):
    rows = answer(
        "in-force-then-not-now", **{"from": "2026-06-15", "to": "2026-07-15", "jurisdiction": "us"}
    )
    assert pairs(rows, "action", "force_then", "force_now", "since") == {
        ("us-bis-anthropic-access-directive-2026", "in_force", "ended", "2026-06-30")
    }


def test_deadlines_ahead(answer):
    rows = answer("deadlines-ahead", on="2026-11-22")
    assert {
        ("2026-11-28", "us-eo-14434"),
        ("2026-12-02", "eu-ai-act"),
        ("2026-12-09", "eu-product-liability-directive"),
        ("2027-01-01", "us-ny-raise-act"),
        ("2027-01-01", "us-ca-ab853-ai-transparency-hosting-2025"),
        ("2027-12-02", "eu-ai-act-art-25-4"),
        ("2027-12-11", "eu-cra-oss-steward"),
        ("2028-08-02", "eu-ai-act"),
    } <= pairs(rows, "due", "action")
    assert [row["due"] for row in rows] == sorted(row["due"] for row in rows)
    assert rows[0]["due"] > "2026-11-22"
    assert pairs(answer("deadlines-ahead", on="2028-01-01"), "due", "action") == {
        ("2028-01-12", "eu-interoperable-europe-act"),
        ("2028-08-02", "eu-ai-act"),
        ("2028-08-02", "eu-ai-act-art-25-4"),
        ("2029-01-01", "us-ca-sb1000-2026"),
        ("2029-01-01", "us-ca-sb813-ab1405-2026"),
        ("2030-01-01", "us-co-sb26-189"),
        ("2030-08-02", "eu-ai-act"),
        ("2030-12-31", "eu-ai-act"),
    }


def test_what_was_due_as_seen_before_and_after_the_dates_moved(answer):
    before = pairs(
        [row for row in answer("due-as-seen-on", on="2026-06-15") if row["action"] == "eu-ai-act"],
        "due",
        "moved_later_on",
    )
    assert {("2026-08-02", "2026-07-27"), ("2027-08-02", "2026-07-27")} <= before
    assert not {due for due, _ in before} & {"2027-12-02", "2028-08-02"}
    after = {
        row["due"]
        for row in answer("due-as-seen-on", on="2026-08-15")
        if row["action"] == "eu-ai-act"
    }
    assert {"2027-12-02", "2028-08-02"} <= after


def test_arguments_about_an_action(answer):
    rows = answer("arguments-about", action="us-bis-anthropic-access-directive-2026")
    assert {row["stance"] for row in rows} >= {"supports", "opposes", "warns"}
    assert ("federal-moves-may-spread-to-open-source", "warns") in pairs(rows, "argument", "stance")
    assert any(row["made_by"].startswith("Nathan Lambert, Kevin Xu, paragraph") for row in rows)
    order = [row["stance"] for row in rows]
    assert order == sorted(
        order, key=["supports", "opposes", "supports_if", "warns", "neutral"].index
    )


def test_who_argues_what(answer):
    rows = answer(
        "who-argues-what",
        speaker="Kevin Xu",
        action="option-limits-on-open-models-because-of-china",
    )
    assert {row["speaker"] for row in rows} == {"Kevin Xu"}
    assert {row["stance"] for row in rows} == {"opposes"}
    assert len({row["argument"] for row in rows}) >= 4


def test_arguments_that_nobody_answered(answer):
    unanswered = {row["argument"] for row in answer("unanswered-arguments")}
    answered = {row["argument"] for row in answer("answered-arguments")}
    assert unanswered and answered
    assert not unanswered & answered


def test_which_arguments_against_the_access_directive_were_answered(answer):
    rows = answer("answered-arguments", action="us-bis-anthropic-access-directive-2026")
    assert "federal-moves-may-spread-to-open-source" in {row["argument"] for row in rows}
    assert {row["answer_type"] for row in rows} <= {"rebuts", "undercuts", "qualifies"}


def test_actions_argued_from_one_side_and_from_both(answer):
    one = {row["action"] for row in answer("one-sided-actions")}
    both = {row["action"] for row in answer("two-sided-actions")}
    assert "option-monitor-frontier-open-models" in one
    assert {
        "option-ban-open-source-ai",
        "option-limits-on-open-models-because-of-china",
        "us-bis-anthropic-access-directive-2026",
    } <= both
    assert not one & both
    assert len(both) >= 12


def test_claims_in_use_that_the_evidence_contests(answer):
    assert {row["claim"] for row in answer("contested-claims-in-use")} == {
        "anthropic-and-openai-are-a-duopoly",
        "education-and-compute-ensure-open-ai-reaches-all",
        "linux-runs-90-percent-of-cloud",
        "open-source-ai-is-most-secure-and-private",
        "open-source-is-safe-and-secure",
        "open-weights-are-sole-counterweight-to-closed-labs",
        "openness-mostly-makes-models-safer",
    }


def test_what_rests_on_one_document(answer):
    kinds = {
        row["kind"]
        for row in answer("rests-on-document", document="lambert-xu-2026-banning-open-source-ai")
    }
    assert {"argument", "claim", "mention"} <= kinds


def test_where_sources_disagree(answer):
    disputed = {row["action"] for row in answer("sources-disagree")}
    assert {
        "us-bis-anthropic-access-directive-2026",
        "us-bis-ai-diffusion-rule-2025",
        "new-delhi-declaration-2026",
    } <= disputed
    assert all(row["note"] for row in answer("sources-disagree"))


def test_what_is_not_known(answer):
    rows = answer("not-known")
    assert {row["kind"] for row in rows} == {"open question", "unconfirmed event"}
    assert any(
        row["action"] == "us-bis-anthropic-access-directive-2026" and "Legion" in row["what"]
        for row in rows
    )


def test_stale_records(answer):
    rows = answer("stale-records", on="2026-11-22", days="180")
    assert all(row["as_of"] <= "2026-05-26" and row["days_old"] >= 180 for row in rows)
    assert answer("stale-records", on="2026-11-22", days="99999") == []


def test_what_exempts_open_source_by_jurisdiction_and_from_what(answer):
    rows = answer("by-effect", effect="exempts", on="2026-11-22")
    assert {
        ("European Union", "eu-ai-act-art-2-12", "in_force"),
        ("European Union", "eu-ai-act-art-53-2", "in_force"),
        ("European Union", "eu-ai-act-art-54-6", "in_force"),
        ("European Union", "eu-ai-act-art-25-4", "not_yet"),
        ("European Union", "eu-pld-foss-exclusion", "not_yet"),
        ("Connecticut", "us-ct-sb2-2025", "not_applicable"),
    } <= pairs(rows, "jurisdiction", "action", "legal_force")
    assert all(row["note"] and row["effect"] == "exempts" for row in rows)
    assert [row["jurisdiction"] for row in rows] == sorted(row["jurisdiction"] for row in rows)


def test_the_chain_of_the_2023_order(answer):
    rows = answer("chain", action="us-eo-14110")
    assert {
        ("us-eo-14148", "revokes", "us-eo-14110"),
        ("us-ai-action-plan-2025", "implements", "us-eo-14179"),
        ("us-omb-m-25-21", "implements", "us-eo-14179"),
        ("us-ntia-open-weights-report-2024", "implements", "us-eo-14110"),
    } <= pairs(rows, "action", "type", "other")
    assert "us-eo-14179" in {end for row in rows for end in (row["action"], row["other"])}
    assert answer("chain", action="no-such-action") == []


def test_mentions_of_an_action(answer):
    rows = answer("mentions-of", action="us-eo-14409")
    assert ("lambert-xu-2026-banning-open-source-ai", "paragraph 3", "enacted") in pairs(
        rows, "document", "locator", "portrayed_as"
    )


def test_records_that_rest_on_relayed_sources_only(answer):
    rows = answer("weak-records")
    assert "us-eo-14148" in {row["action"] for row in rows}
    assert {row["best_grade"] for row in rows} == {"relayed"}
    assert "us-eo-14409" not in {row["action"] for row in rows}


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("carve-out", None),
        ('"open weights"', None),
        ("Brandeis", "claim"),
        ("Fable directive", "action"),
        ("14409", "action"),
        ("2024/1689", "action"),
        ("SB 1047", "action"),
        ("S. 321", "action"),
    ],
)
def test_search_finds_what_people_type(answer, typed, first):
    rows = answer("search", q=typed)
    assert rows
    assert first is None or first in {row["kind"] for row in rows[:5]}


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        '"',
        '""',
        "'",
        "*",
        "(",
        "a AND",
        "NEAR(",
        "-",
        "x'); drop table records --",
        "^",
        "col:x",
        "\x00",
        "é" * 1000,
        "a " * 2000,
    ],
)
def test_search_takes_any_text(answer, typed):
    assert isinstance(answer("search", q=typed), list)


@pytest.mark.parametrize(
    ("typed", "action"),
    [
        ("EO 14409", "us-eo-14409"),
        ("eo14409", "us-eo-14409"),
        ("2024/1689", "eu-ai-act"),
        ("32024R1689", "eu-ai-act"),
        ("SB 1047", "us-ca-sb1047-2024"),
        ("S. 321", "us-s321-decoupling-ai-china-act-2025"),
        ("H.R. 9925", "us-hr9925-frontier-act-2026"),
        ("91 FR 34565", "us-eo-14409"),
        ("M-25-21", "us-omb-m-25-21"),
    ],
)
def test_identifiers_are_found_however_they_are_typed(answer, typed, action):
    assert answer("identifier", identifier=typed)[0]["action"] == action


def test_a_wildcard_is_no_identifier(answer):
    assert answer("identifier", identifier="%") == []
    assert answer("identifier", identifier="") == []


def test_open_tasks_of_a_day(answer):
    rows = answer("open-tasks", on="2026-11-30", jurisdiction="us")
    states = {(row["action"], row["what"]): row["state"] for row in rows}
    assert states["us-eo-14365", "list the state AI laws that it considers onerous"] == "Past due"
    assert (
        states[
            "us-ca-sb813-ab1405-2026",
            "set criteria for verification bodies, whose use is voluntary",
        ]
        == "Due"
    )
    assert "set up a clearinghouse for AI and cybersecurity" not in {row["what"] for row in rows}
    before = answer("open-tasks", on="2026-07-10", action="us-eo-14409")
    assert ("set up a clearinghouse for AI and cybersecurity", "Past due") in pairs(
        before, "what", "state"
    )
    assert [row["due"] for row in before] == sorted(row["due"] for row in before)


def test_duties_from_a_day_on(answer):
    rows = answer(
        "duties-from", **{"from": "2027-01-01", "until": "2027-12-31", "jurisdiction": "us"}
    )
    assert {"us-ny-raise-act", "us-il-sb315-2026", "us-ca-sb53-2025"} <= {
        row["action"] for row in rows
    }
    assert ("2027-01-01", "due", "us-ca-sb53-2025") in pairs(rows, "day", "kind", "action")
    assert all("2027-01-01" <= row["day"] <= "2027-12-31" for row in rows)
    assert not any(row["action"].startswith("eu-") for row in rows)


def test_every_question_has_a_test():
    asked = set(re.findall(r'answer\(\s*"([\w-]+)"', Path(__file__).read_text(encoding="utf-8")))
    assert set(questions("openness")) - asked == set()


def test_no_question_has_the_name_of_a_table():
    names = set(
        re.findall(
            r"create (?:virtual )?(?:table|view) (\w+)", sql("schema.sql") + sql("views.sql")
        )
    ) - {"search"}
    assert not names & set(questions("openness"))


def test_a_question_is_bounded(shipped, monkeypatch):
    monkeypatch.setattr("policykb.read.questions.MOST_STEPS", 100_000)
    connection = sqlite3.connect(f"{shipped.as_uri()}?mode=ro", uri=True)
    endless = parse(
        "endless",
        "-- Endless\nwith recursive c(x) as (select 1 union all select x + 1 from c) select max(x) from c",
    )
    with pytest.raises(sqlite3.OperationalError, match="interrupted"):
        ask(connection, endless, {}, TODAY)
    connection.close()


def test_escaped_searches_keep_phrases():
    assert escape_fts("") == '""'


RUNNING = {
    "Executive Order 14409": "us-eo-14409",
    "executive order no. 14409": "us-eo-14409",
    "Exec. Order No. 14,409": "us-eo-14409",
    "E.O. 14409": "us-eo-14409",
    "91 Fed. Reg. 34,565": "us-eo-14409",
    "Public Law 119-60": "us-ndaa-fy2026-ai-provisions",
    "Pub. L. No. 119–60": "us-ndaa-fy2026-ai-provisions",
    "P.L. 119-60": "us-ndaa-fy2026-ai-provisions",
    "COM(2021) 206 final": "eu-ai-act",
    "Regulation (EU) 2024/1689": "eu-ai-act",
    "Senate Bill 1047": "us-ca-sb1047-2024",
    "Memorandum M-25-21": "us-omb-m-25-21",
}


@pytest.mark.parametrize("typed", RUNNING)
def test_an_official_number_is_found_as_running_text_has_it(answer, typed):
    assert answer("identifier", identifier=typed)[0]["action"] == RUNNING[typed]


@pytest.mark.parametrize("scheme", [scheme.id for scheme in vocabulary.IDENTIFIER_SCHEMES])
def test_no_running_form_takes_an_identifier_for_another(scheme):
    example = vocabulary.identifier_example(scheme)
    shown, _ = vocabulary.identifier_display(scheme, example)
    assert vocabulary.identifier_keys(shown)[-1] == vocabulary.folded(shown)
    assert all(key in vocabulary.folded(shown) for key in vocabulary.identifier_keys(shown))


def test_text_that_is_no_formula_stays_and_a_formula_is_text():
    rows = [
        ("=cmd|' /C calc'!A0", "+1", "-x", "@x", "\tx", "\rx,"),
        ("a=b", "", None, -5, "1-2", 0),
    ]
    found = list(csv.reader(io.StringIO(spreadsheet(["=a"] * 6, rows), newline="")))
    assert found[1] == ["'=cmd|' /C calc'!A0", "'+1", "'-x", "'@x", "'\tx", "'\rx,"]
    assert found[2] == ["a=b", "", "", "-5", "1-2", "0"]


def test_chinese_japanese_and_korean_are_found_by_parts(tmp_path):
    base = Base(tmp_path)
    titles = {
        "zh": "关于开放源代码人工智能的法案",
        "ja": "オープンソースAIに関する法律案",
        "ko": "오픈소스 인공지능에 관한 법률안",
        "en": "Law on open source",
    }
    for id, title in titles.items():
        base.record("documents", f"law-{id}", title=title, language=id)
    base.load()
    connection = sqlite3.connect(base.db)
    for typed, wanted in {
        "开放源代码": {"law-zh"},
        "人工智能": {"law-zh"},
        "法案": {"law-zh"},
        "案法": set(),  # in another order it is another word
        "ソースAI": {"law-ja"},
        "法律": {"law-ja"},
        "인공지능에": {"law-ko"},
        "open": {"law-en"},
        "开放 法案": {"law-zh"},
    }.items():
        columns, rows = ask(connection, questions("openness")["search"], {"q": typed}, TODAY)
        assert {row[columns.index("id")] for row in rows} == wanted, typed
    connection.close()
