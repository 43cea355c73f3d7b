"""Finding mentions: how well it works on texts of our own, numbers, names, dates, files of every kind, proposals, bad input."""

import functools
import gc
import json
import os
import sqlite3
import sys
import tracemalloc
from datetime import date
from pathlib import Path

import pexpect
import pytest
import rtoml
from conftest import ROOT, Base, policykb
from policykb.build import cache
from policykb.checks.texts import folded, paragraphs
from policykb.commands import find as command
from policykb.commands.acceptance import accepted
from policykb.finding import dates_in_text, reading, report, untracked
from policykb.finding.answers import Answers
from policykb.finding.evaluation import evaluate
from policykb.finding.judge import Finder, Kind
from policykb.finding.knowledge import RecordIndex
from policykb.finding.names import Strength, variants
from policykb.finding.proposals import locating_words, portrayal, proposals

TEXTS = ROOT / "tests" / "find"
DAY = date(2026, 6, 19)  # a Friday


@functools.cache
def finder() -> Finder:
    """Return a finder of the shipped actions."""
    return Finder(RecordIndex.read(ROOT / "policies"))


def actions_in(text: str, day: date | None = DAY, above: float = 0.6) -> dict[str, Kind]:
    """Return the actions that are found in a text of one paragraph, with the kind of mention."""
    found = finder().find({"1": text}, day).mentions
    return {one.action: one.kind for one in found if one.score >= above}


# precision and recall
BARS = {
    "number": (0.97, 0.97),
    "name": (0.97, 0.97),
    "alias": (0.97, 0.97),
    "description": (0.95, 0.85),
    "all, by document": (0.99, 0.95),
    "untracked acts": (0.97, 0.97),
}


def test_texts_of_our_own_are_read_well():
    result = evaluate(finder(), TEXTS / "annotations.jsonl")
    measures = {one.kind: one for one in result.measures}
    for kind, (precision, recall) in BARS.items():
        assert measures[kind].precision >= precision, result.wrong
        assert measures[kind].recall >= recall, result.missed
    assert result.clean == result.unrelated == 8
    assert result.calibration_error <= 0.045


@pytest.mark.parametrize("day", [date(2025, 12, 19), DAY])
def test_texts_on_other_subjects_have_no_mentions(day):
    texts = [json.loads(line) for line in (TEXTS / "unrelated.jsonl").read_text().splitlines()]
    assert len(texts) == 20
    hit = [one["id"] for one in texts if actions_in(one["text"], day)]
    assert len(hit) <= 1, hit


def test_evaluate_prints_the_table():
    done = policykb("find", "--evaluate", str(TEXTS / "annotations.jsonl"), cwd=ROOT)
    assert done.returncode == 0
    assert "precision" in done.stdout
    assert "unrelated documents without a proposal: 8 of 8" in done.stdout
    assert "calibration error: 0.0" in done.stdout


def test_optional_untracked_act_is_neither_missed_nor_wrong(tmp_path):
    (tmp_path / "one.txt").write_text(
        "The Harbour Act 2018 amends the Water Act and the Fee Act.\n"
    )
    document = {"id": "one", "date": "2026-06-19", "mentions": False}
    (tmp_path / "documents.jsonl").write_text(json.dumps(document))
    acts = {"Harbour Act": False, "Water Act": True, "Toll Act of 1990": True, "Pier Act": False}
    lines = [
        {"doc": "one", "paragraph": 1, "action": f"UNTRACKED:{act}", "words": act, "kind": "name"}
        | {"optional": optional}
        for act, optional in acts.items()
    ]
    file = tmp_path / "annotations.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)))
    measure = evaluate(finder(), file).measures[-1]
    assert (measure.right, measure.wrong, measure.hit, measure.missed) == (1, 1, 1, 1)


@pytest.mark.parametrize(("kind", "missed"), [("name", 0), ("anaphor", 1)])
def test_untracked_act_is_found_by_its_name_or_its_words(tmp_path, kind, missed):
    (tmp_path / "one.txt").write_text("The Harbor Safety Act 2018 is law.\n")
    document = {"id": "one", "date": "2026-06-19", "mentions": False}
    (tmp_path / "documents.jsonl").write_text(json.dumps(document))
    place = {"doc": "one", "paragraph": 1, "action": "UNTRACKED:HSA"}
    lines = [
        place | {"words": "HSA", "kind": "name"},
        place | {"words": "Harbor Safety Act 2018", "kind": kind},
    ]
    file = tmp_path / "annotations.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)))
    measure = evaluate(finder(), file).measures[-1]
    assert (measure.right, measure.wrong, measure.missed) == (1 - missed, missed, missed)


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("It follows Executive Order 14,409 of this month.", "us-eo-14409"),
        ("It follows E.O. 14409.", "us-eo-14409"),
        ("EO 14409 asks for it.", "us-eo-14409"),
        ("See 91 FR 34565.", "us-eo-14409"),
        ("See FR Doc. 2026-11415.", "us-eo-14409"),
        ("See Regulation (EU) 2024/1689.", "eu-ai-act"),
        ("See CELEX 32024R1689.", "eu-ai-act"),
        ("See COM(2021) 206 final.", "eu-ai-act"),
        ("California's SB-53 is law.", "us-ca-sb53-2025"),
        ("California's Senate Bill No. 53 is law.", "us-ca-sb53-2025"),
        ("Colorado's SB 24-205 is law.", "us-co-ai-act-sb24-205"),
        ("Colorado passed SB 26 189 in May.", "us-co-sb26-189"),
        ("California's law differs from CT SB 5.", "us-ct-sb5-pa26-15-2026"),
        ("H.R. 5388 was introduced.", "us-hr5388-ai-leadership-uniformity-act-2025"),
        ("HR5388 was introduced.", "us-hr5388-ai-leadership-uniformity-act-2025"),
        ("Memorandum M-25-21 applies.", "us-omb-m-25-21"),
        ("NSPM-11 replaced NSM-25.", "us-nspm-11"),
        ("National Security Presidential Memorandum 11 is out.", "us-nspm-11"),
        ("The GAO decided in B-337935.", "us-gao-b-337935-diffusion-rule-2026"),
        ("Guofa [2025] No. 11 says so.", "cn-ai-plus-opinions"),
        ("Brazil read Bill of Law No. 2,338/2023.", "br-pl-2338-2023"),
        ("Colorado differs from CA's SB-53.", "us-ca-sb53-2025"),
        ("SB 1047 was vetoed. Colorado has other plans.", "us-ca-sb1047-2024"),
        ("Clerks in California read Senate Bills 9 and 53.", "us-ca-sb53-2025"),
        ("O Senado leu o Projeto de Lei nº 2.338, de 2023.", "br-pl-2338-2023"),
        ("Véase el Reglamento (UE) 2024/1689.", "eu-ai-act"),
        ("A Câmara discute o PL 2338/23.", "br-pl-2338-2023"),
        ("La legge n. 132/2025 vale dal 10 ottobre.", "it-law-132-2025"),
    ],
)
def test_numbers_are_found_in_their_forms(text, action):
    assert actions_in(text).get(action) is Kind.NUMBER


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("South Korea's landmark AI law applies.", "kr-ai-basic-act"),
        ("Germany's plan for the AI Act in Bavaria is short.", "eu-ai-act"),
        ("The AI law of Kazakhstan applies.", "kz-ai-law-2025"),
        ("Taiwan's AI Basic Law has principles.", "tw-ai-basic-act"),
        ("Colorado defends the state's Artificial Intelligence Act.", "us-co-ai-act-sb24-205"),
        ("The FY2027 National Defense Authorization Act is long.", "us-ndaa-fy2027"),
        ("It is a National Policy Framework for AI.", "us-national-ai-legislative-framework-2026"),
        ("New York read S6955A and A6578B.", "us-ny-a6578-s6955-training-data"),
        ("The AI Act binds providers. California is different.", "eu-ai-act"),
        ("City Hall to Host AI Act Day", "eu-ai-act"),
        ("Read the Artificial Intelligence (AI) Action Plan.", "us-ai-action-plan-2025"),
        ("They quote the GPAI guidelines.", "eu-gpai-guidelines-2025"),
        ("The Gain AI Act is a bill.", "us-gain-ai-act-2025"),
        (
            "Decoupling America’s 5 Artificial Intelligence Capabilities from China Act",
            "us-s321-decoupling-ai-china-act-2025",
        ),
        ("Members split off the artificial intelligence and data act.", "ca-aida"),
        (
            'We read Taiwan\'s "AI Basic Law". Seoul is in South Korea; South Korea has ports.',
            "tw-ai-basic-act",
        ),
        ("Taiwan, unlike South Korea, has an AI Basic Law. So Taiwan waits.", "tw-ai-basic-act"),
        ("La Legge sull’intelligenza artificiale si applica.", "eu-ai-act"),
        ("The AI Responsibility and Transparency Act is new.", "us-ct-sb5-pa26-15-2026"),
        ("Vietnam's Law on Artificial Intelligence is new.", "vn-law-134-2025"),
        ("India's AI Governance Guidelines are voluntary.", "in-ai-governance-guidelines-2025"),
        ("China's AI labeling rules are strict.", "cn-ai-labelling-measures"),
        ("The Law on Artificial Intelligence of Kazakhstan is new.", "kz-ai-law-2025"),
        ("Japan's Basic Plan for AI is new.", "jp-ai-basic-plan-2025"),
        ("California's AI Transparency Act is law.", "us-ca-sb942-ai-transparency-act-2024"),
    ],
)
def test_names_are_found_without_their_place_or_in_other_words(text, action):
    assert list(actions_in(text)) == [action]


@pytest.mark.parametrize(
    ("text", "day", "action"),
    [
        (
            "The president's new order calls for a minimally burdensome national standard for AI.",
            date(2025, 12, 20),
            "us-eo-14365",
        ),
        (
            "The president promised an order this week that blocks states from regulating AI.",
            date(2025, 12, 9),
            "us-eo-14365",
        ),
        (
            "The AI provisions of the National Defense Authorization Act keep DeepSeek out.",
            date(2025, 11, 24),
            "us-ndaa-fy2026-ai-provisions",
        ),
        (
            "The open source steward is a legal person that supports software.",
            date(2025, 6, 2),
            "eu-cra-oss-steward",
        ),
    ],
)
def test_actions_are_found_by_what_texts_call_them(text, day, action):
    assert action in actions_in(text, day)


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        (
            "The AI OVERWATCH Act would put exports of advanced AI chips to China under licenses.",
            ["us-hr6875-s4456-ai-overwatch"],
        ),
        ("Advanced AI chips are much wanted in China.", []),
    ],
)
def test_act_that_is_named_is_found_again_as_the_only_one_of_its_kind(first, expected):
    second = "The bill would also have Commerce give Congress every application for such a license."
    found = finder().find({"1": first, "2": second}, date(2026, 1, 21)).mentions
    hit = [one.action for one in found if one.paragraph == "2" and one.score >= 0.6]
    assert hit == expected


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Congress debates the National Defense Authorization Act.", []),
        (
            "It recalls the FY 2019 National Defense Authorization Act.",
            ["National Defense Authorization Act"],
        ),
        ("A shortfall followed H.R. 1, the budget bill of 2025.", []),
        ("A shortfall followed H.R. 8747.", ["H.R. 8747 (119th Congress)"]),
        ("Comments are due (89 Fed. Reg. 14,059).", []),
    ],
)
def test_act_of_which_a_year_or_a_part_is_tracked_is_not_untracked(text, names):
    acts = finder().find({"1": text}, date(2025, 11, 24)).untracked
    assert [act.name for act in acts] == names


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("California's SB 53 (the “Act”) is new. Firms read the Act.", "the Act"),
        ("The New Delhi Declaration (NDD) is new. States read NDD.", "NDD"),
        ("It softens the 2024 Colorado AI Act (2024 CAIA). Firms read CAIA.", "CAIA"),
        (
            "The Interoperable Europe Act (Europe Act) is new. States read the Europe Act.",
            "Europe Act",
        ),
    ],
)
def test_short_name_is_what_the_text_defines(text, words):
    first, second = text.split(". ")
    found = finder().find({"1": first, "2": second}, DAY).mentions
    assert [one.words for one in found if one.paragraph == "2" and one.score > 0.9] == [words]
    assert not [one for one in finder().find({"2": second}, DAY).mentions if one.score > 0.6]


@pytest.mark.parametrize(
    "text",
    [
        "A club calls its paper the “Better AI Act” for fun.",
        "Michigan's AI law has been tabled.",
        "House Bill 2026/05/12 is a date.",
        "The FY 2019 National Defense Authorization Act is old.",
        "Utah's SB 53 is about roads.",
        "The National Defense Authorization Act for Fiscal Year 2019 is old.",
        "Michigan's AI Transparency Act has been tabled.",
        "Toys for kids act on batteries.",
        "An AI act of kindness.",
        "Laos has a draft AI Act.",
        "Many Ai Regulations exist.",
        "Harbor Immunity for AI Act (S. 1993) is a bill.",
        "Called the No Harbor Levy Immunity for AI Act, it would be new.",
        "A Code of Practice on noise in harbors counts.",
        "The governor of California vetoed a fifth of the bills that the Legislature passed.",
        "Colorado delayed its law on parking.",
        "Current AI models are large.",
        "Nvidia AI Factories sell well.",
        "Instead of a single “AI Act” the state has many rules.",
        "Keep State-Level AI Regulation",
        "The SPY Kids Act is about spies.",
        "Singapore's AI governance guidelines are voluntary.",
        "Raise act two of the play.",
        "The AI Action Plan of France names labs.",
        "The AI Transparency Act of Washington state is old.",
    ],
)
def test_what_only_looks_like_an_action_is_refused(text):
    assert actions_in(text) == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [("Critics fear the Omnibus.", ["Omnibus"]), ("The Omnibus Budget Act is old.", [])],
)
def test_word_of_a_name_is_a_name_where_the_whole_is_named(text, found):
    mentions = finder().find({"1": "The Digital Omnibus on AI is new.", "2": text}, DAY).mentions
    assert [one.words for one in mentions if one.paragraph == "2" and one.score > 0.6] == found


def test_generic_name_is_not_of_a_place_that_only_another_paragraph_names():
    texts = {"1": "Firms in Colorado read the original AI Act.", "2": "They read the EU AI Act."}
    found = finder().find(texts, DAY).mentions
    assert [one.paragraph for one in found if one.action == "eu-ai-act" and one.score > 0.6] == [
        "2"
    ]


ON_AI = (
    "Negotiators will not put a ban on state laws on artificial intelligence into the defense bill."
)


@pytest.mark.parametrize(
    ("first", "text", "day", "action"),
    [
        (ON_AI, "The NDAA is long.", date(2025, 12, 3), "us-ndaa-fy2026-ai-provisions"),
        ("Berths are for boats.", "The NDAA is long.", date(2025, 12, 3), ""),
        (ON_AI, "The NDAA is long.", date(2023, 12, 3), ""),
        (
            "The high-risk obligations of the AI Act come later.",
            "The Digital Omnibus says so.",
            date(2026, 6, 19),
            "eu-digital-omnibus-ai",
        ),
        (
            "Wind farms lose credits.",
            "The One Big Beautiful Bill Act says so.",
            date(2025, 7, 9),
            "",
        ),
    ],
)
def test_name_of_a_whole_act_means_its_part_where_the_document_is_about_it(
    first, text, day, action
):
    found = finder().find({"1": first, "2": text}, day).mentions
    hit = [one.action for one in found if one.paragraph == "2" and one.score > 0.5]
    assert hit == [action] * bool(action)


def test_other_translation_of_a_title_means_its_act():
    text = "Seoul: the Framework Act on the Development of AI and Establishment of Trust applies."
    assert actions_in(f"South Korea reports. {text}") == {"kr-ai-basic-act": Kind.NAME}
    assert "kr-ai-basic-act" not in actions_in(f"Norway reports. {text.replace('Seoul', 'Oslo')}")


def test_law_that_changes_another_is_not_found_before_it_is_known():
    text = "Lawmakers will have another opportunity to amend the Colorado AI Act."
    assert list(actions_in(text, date(2025, 8, 7))) == ["us-co-ai-act-sb24-205"]


def test_old_rule_is_hardly_the_new_one():
    text = "The Bureau of Industry and Security has a {}rule on the export of chips."
    found = [finder().find({"1": text.format(new)}, date(2026, 3, 2)) for new in ("", "new ")]
    rule = "us-bis-ai-diffusion-rule-2025"
    plain, new = (next(one.score for one in hit.mentions if one.action == rule) for hit in found)
    assert new < 0.7 * plain


def test_name_of_two_actions_means_the_one_of_the_day():
    text = "The Remote Access Security Act was debated."
    assert list(actions_in(text, date(2025, 12, 1))) == ["us-remote-access-security-act"]
    assert list(actions_in(text, date(2024, 10, 1))) == [
        "us-hr8152-remote-access-security-act-2024"
    ]


def test_provision_needs_its_act():
    assert "eu-ai-act-art-53-2" in actions_in("Article 53(2) of the AI Act helps open models.")
    assert "eu-ai-act-art-53-2" not in actions_in("Article 53(2) of the treaty is short.")


def test_description_needs_the_day_it_was_written():
    text = (
        "Last Friday's government order to Anthropic bars foreign nationals from its newest models."
    )
    directive = "us-bis-anthropic-access-directive-2026"
    found = {day: finder().find({"1": text}, day) for day in (DAY, date(2024, 6, 21), None)}
    scores = {
        day: max((one.score for one in result.mentions if one.action == directive), default=0)
        for day, result in found.items()
    }
    assert scores[DAY] > 0.9
    assert scores[date(2024, 6, 21)] < 0.5
    assert "relative dates were not read" in found[None].remarks[0]


def test_ideas_are_found_only_on_request():
    paragraph = {
        "1": "A ban on open weights would be a mistake; banning open source AI helps no one."
    }
    assert not finder().find(paragraph, DAY).mentions
    kinds = frozenset(Kind)
    ideas = [one for one in finder().find(paragraph, DAY, kinds).mentions if one.kind is Kind.IDEA]
    assert "option-ban-open-source-ai" in {one.action for one in ideas}


@pytest.mark.parametrize(
    ("phrase", "first", "last"),
    [
        ("on June 2, 2026,", "2026-06-02", "2026-06-02"),
        ("on 2 June 2026", "2026-06-02", "2026-06-02"),
        ("on 2026-06-02", "2026-06-02", "2026-06-02"),
        ("on June 2nd", "2026-06-02", "2026-06-02"),
        ("on December 20", "2025-12-20", "2025-12-20"),
        ("last Friday's order", "2026-06-12", "2026-06-12"),
        ("on Wednesday", "2026-06-17", "2026-06-17"),
        ("yesterday", "2026-06-18", "2026-06-19"),
        ("last week", "2026-06-05", "2026-06-18"),
        ("in March", "2026-03-01", "2026-03-31"),
        ("in December", "2025-12-01", "2025-12-31"),
        ("in March 2025", "2025-03-01", "2025-03-31"),
        ("last year", "2025-01-01", "2025-12-31"),
        ("in 2024", "2024-01-01", "2024-12-31"),
        ("earlier this year", "2026-01-01", "2026-06-19"),
    ],
)
def test_dates_in_text_are_read_from_the_day(phrase, first, last):
    spans = dates_in_text.spans(phrase, DAY)
    days = [tuple(map(date.fromordinal, (span.first, span.last))) for span in spans]
    assert days == [(date.fromisoformat(first), date.fromisoformat(last))]


@pytest.mark.parametrize("phrase", ["by Friday", "next Friday", "it may be", "they march on", ""])
def test_what_is_no_past_date_is_not_read(phrase):
    assert dates_in_text.spans(phrase, DAY) == []


def test_names_have_their_forms():
    forms = variants("Artificial Intelligence Act of 2026 (AI Bill Act)")
    assert forms["Artificial Intelligence Act"] is Strength.OFFICIAL
    assert forms["AI Bill Act"] is Strength.OFFICIAL
    assert variants("OSAID") == {"OSAID": Strength.ACRONYM}
    assert variants("model rules") == {"model rules": Strength.PHRASE}
    assert variants("model rules", "description") == {"model rules": Strength.DESCRIPTION}


def test_alias_says_what_kind_of_name_it_is_and_where_it_means_something_else(small, tmp_path):
    aliases = [
        "Test Order",
        {"name": "tester decree", "kind": "description"},
        {"name": "Big Water Act", "kind": "whole"},
        {"name": "Testing Sites", "not_near": ["Acme"]},
    ]
    small.record("actions", "an-order", title="Order on the testing of models", aliases=aliases)
    knows = Finder(RecordIndex.read(small.policies))

    def score(text: str) -> float:
        return max((one.score for one in knows.find({"1": text}).mentions), default=0)

    assert score("They quote the Test Order.") > 0.8
    assert score("They quote the tester decree.") > 0.5
    assert score("They quote the Big Water Act.") < 0.5
    assert score("They quote the Testing Sites.") > 0.5
    assert score("They quote the Testing Sites of ACME.") < 0.5
    assert small.run("check").returncode == 0
    assert small.run("load").returncode == 0
    query = "select alias, kind, not_near from action_aliases where not_near is not null"
    rows = sqlite3.connect(small.db).execute(query).fetchall()
    assert rows == [("Testing Sites", None, "Acme")]


def acts_in(text: str) -> list[untracked.Untracked]:
    """Return the untracked acts in a text of one paragraph."""
    return finder().find({"3": text}, date(2025, 11, 24)).untracked


def test_end_of_a_name_is_short_for_the_only_act_that_has_it():
    first = {"1": "Taiwan's AI Basic Law has principles."}
    for second, expected in (
        ("The Basic Law has no fines.", ["tw-ai-basic-act"]),
        ("No fines.", []),
    ):
        found = finder().find(first | {"2": second}, DAY)
        assert [one.action for one in found.mentions if one.paragraph == "2"] == expected
        assert found.untracked == []


def test_untracked_act_comes_with_its_command():
    (act,) = acts_in("Under the Digital Markets Act, gates open.")
    assert act.name == "Digital Markets Act"
    assert act.command == "policykb new action --title 'Digital Markets Act'"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("He went to Law School. The Act says so. The Regulations and New Statutes do, too.", []),
        ("Moore’s Law and the City’s Zoning Ordinance differ from May’s Draft Regulation.", []),
        ("Peers passed the Harbour (Fees and Tolls) Bill.", ["Harbour (Fees and Tolls) Bill"]),
        ("President Bill Miller spoke.", []),
        ("Under the DSA, sites report to the FTC and the SEC.", ["DSA"]),
        ("The ADA said that teeth matter. The DSA Group sells shoes.", []),
        ("Article 5 of the QXR and the QZR differ.", ["QXR"]),
        ("The Harbor Quay Act (HQA) is new: see section 4 of the HQA.", ["Harbor Quay Act"]),
        ("New York read A.7133-A and S.2284-B.", ["NY A 7133-A", "NY S 2284-B"]),
        ("The model A.7133-A has no engine.", []),
        ("Bill C-27, the Elm Charter Act, is old.", ["Elm Charter Act"]),
        ("New Harbour Bill for the North", []),
        ("The Harbour Bill is pending.", ["Harbour Bill"]),
        ("Judges read the Harbour Act 2018.", ["Harbour Act 2018"]),
        ("It cites the Harbour Amendments of 1990.", ["Harbour Amendments of 1990"]),
        ("It cites the Provisions on Harbour Fees.", ["Provisions on Harbour Fees"]),
        ("The Safe Harbour Act (SHA), or the “Safe Act”, counts.", ["Safe Harbour Act", "Safe Act"]),
        ("The Safe Harbour Act (the “Safe Act”) counts. A Safe Act!", ["Safe Harbour Act"]),
        ("The NIS2 Directive counts.", ["NIS2 Directive"]),
        ("The Harbour Act 2.0 counts.", ["Harbour Act 2.0"]),
        ("The “TIDE” Act and the No Gate 12 for Ships Act (S. 77) count.", ["“TIDE” Act", "No Gate 12 for Ships Act"]),
        ("The Basic Act on the Building of Harbours counts.", ["Basic Act on the Building of Harbours"]),
        ("The Framework Act on the Use of AI (AI Basic Act of Korea) counts.", []),
        ("The Harbour Rules 2025 count, and other Harbour Rules.", ["Harbour Rules 2025"]),
        ("Section 230 of the Communications Decency Act counts.", ["Communications Decency Act"]),
        ("The Software Bill of Materials is a list.", []),
        ("It cites the Reef Act", ["Reef Act"]),
        ("The Reef, Shoal, and Sandbank Act counts.", ["Reef, Shoal, and Sandbank Act"]),
        ("It amends the Reef Act and the Shoal Act.", ["Reef Act", "Shoal Act"]),
        ("Amendments to the Reef Act were read.", ["Reef Act"]),
        ("The Northern Convention on Reef Rights counts.", ["Northern Convention on Reef Rights"]),
        ("The For the 9.5 Percent Act counts.", ["For the 9.5 Percent Act"]),
        ("Compare the FMLA, ADA, and PWFA.", ["FMLA", "ADA", "PWFA"]),
        ("Marla’s Law counts; Moore’s Law and Colorado’s Law do not.", ["Marla’s Law"]),
        ("The Long Sandbank (LOSA) Act is new. States read LOSA.", ["Long Sandbank Act"]),
        ("South Korea’s Act on the Use of Reefs and the Care of Shoals counts.", ["Act on the Use of Reefs and the Care of Shoals"]),
        ("New York has Senate Bill S929, and Texas House Bills 7 and 8.", ["NY S 929", "TX HB 7", "TX HB 8"]),
        ("Brazil has Bill 21/2020.", ["Bill 21/2020"]),
        ("New York City’s Local Law 144 counts.", ["Local Law 144"]),
        ("Bill C-8, Law No. 7/2031 and Circular A-130", ["Bill C-8", "Law No. 7/2031", "Circular A-130"]),
        ("Harbours (EU) 2022/2065", ["2022/2065"]),
        ("The European Union’s (EU) Artificial Intelligence (AI) Act counts.", []),
        ("The Council of Europe Framework Convention on AI, Human Rights, Democracy and the Rule of Law counts.", []),
        ("Since the Reef Law, everything is well.", ["Reef Law"]),
        ("The Italian law 132/2025 counts, as Law No. 132 is in force.", []),
        ("A Lei nº 13.709, de 2018, e a Emenda Constitucional nº 132, de 2023", ["Lei 13709/2018", "Emenda Constitucional 132/2023"]),
        ("Vale a Lei Geral de Proteção de Dados.", ["Lei Geral de Proteção de Dados"]),
        ("La Ley de Puertos y la Ley de Pesca cuentan; la Ley de IA, no.", ["Ley de Puertos", "Ley de Pesca"]),
        ("Das Hafengebührengesetz zählt, ein Bundesgesetz nicht.", ["Hafengebührengesetz"]),
        ("Es heißt „Gesetz über die Häfen der Küste“.", ["Gesetz über die Häfen der Küste"]),
        ("Vietnam’s Law on Reef Protection counts.", ["Law on Reef Protection"]),
        ("It cites the Law on Reef Protection and the Harbour Code of Laos.", ["Law on Reef Protection"]),
        ("It cites the Measures for Reef Fees and the Regulations on Shoal Fees.", ["Measures for Reef Fees", "Regulations on Shoal Fees"]),
        ("The Reef Regulation and Shoals Bill counts.", ["Reef Regulation and Shoals Bill"]),
        ("The Executive Order on Protecting Reef Access counts.", ["Executive Order on Protecting Reef Access"]),
        ("The Reefs (Fees and Tolls) Bill – in the House", ["Reefs (Fees and Tolls) Bill"]),
        ("The Future of Reefs and Harbour Regulation among Good Friends", []),
        ("Reef Signed Into Law counts. Amends the Reef Act.", ["Reef Act"]),
        ("States read the SPY Kids Act and the Safe Mail for Kids Act.", ["SPY Kids Act", "Safe Mail for Kids Act"]),
        ("Singapore’s PDPA and COPPA 2.0 count.", ["PDPA", "COPPA 2.0"]),
        ("Colorado has HB25-1264, Nebraska LB 1185.", ["CO HB 25-1264", "NE LB 1185"]),
        ("Massachusetts has H.4642, and NY A 9317.", ["MA H 4642", "NY A 9317"]),
        ("The film in H.264 is long.", []),
        ("Law No. 25.326 of Argentina counts.", ["Law No. 25326"]),
        ("Act 827 of 2023, Public Act 103-0804 and Int. 1894", ["Act 827 of 2023", "Public Act 103-0804", "Int. 1894"]),
        ("Louisiana Act 250 and Public Chapter 588 count.", ["Louisiana Act 250", "Public Chapter 588"]),
        ("Directive 85/374/EEC, PPD-28 and DoD Directive 3000.09", ["85/374/EEC", "PPD-28", "DoD Directive 3000.09"]),
        ("Clerks read Proposition 24 and Executive Order N-99-99.", ["Proposition 24", "Executive Order N-99-99"]),
    ],
)  # fmt: skip
def test_untracked_act_has_a_name_or_a_number(text, names):
    assert list(dict.fromkeys(act.title for act in acts_in(text))) == names


def test_plural_of_a_name_means_several_acts():
    text = "It would freeze California’s AI bills and every other rule of a state."
    assert not any(action.startswith("us-ca") for action in actions_in(text, date(2026, 6, 6)))


def test_name_of_a_tracked_act_may_have_an_abbreviation_within():
    text = "The European Union’s (EU) Artificial Intelligence (AI) Act counts."
    (mention,) = finder().find({"1": text}, date(2025, 11, 24)).mentions[:1]
    assert (mention.action, mention.words) == ("eu-ai-act", "Artificial Intelligence (AI) Act")


def test_locating_words_are_few_and_unique():
    paragraph = (
        "The act is old. The act that is new is long, and the act is the law of the land today."
    )
    words = locating_words(paragraph, 16, 200)
    assert len(words.split()) <= 12
    assert paragraph.count(words) == 1
    assert locating_words("act act", 0, 3) == "act act"
    assert locating_words("act " * 40, 0, 3) == ""


def test_all_locating_words_pass_the_check_of_texts():
    for file in sorted(TEXTS.glob("*.txt")):
        texts = paragraphs(file.read_text(), "lines")
        for mention, found in proposals(finder().find(texts, DAY).mentions, texts):
            assert folded(texts[found.paragraph]).count(folded(mention["words"])) == 1


@pytest.mark.parametrize(
    ("sentence", "portrayed_as"),
    [
        ("The order was signed.", "enacted"),
        ("The government might take shares.", "hypothetical"),
        ("We fear the ban.", "feared"),
        ("Congress should pass it.", "advocated"),
        ("The bill was introduced.", "proposed"),
    ],
)
def test_portrayal_is_that_of_the_sentence(sentence, portrayed_as):
    assert portrayal(f"Nothing here. {sentence}", 16, 20) == portrayed_as


def test_portrayal_is_that_of_the_clause_in_an_enumeration():
    paragraph = (
        "With the order of last week, a proposal of two senators, the ministry possibly buying shares of the "
        "makers, and Friday's ban on exports to everyone abroad, it was a busy month."
    )
    starts = {words: paragraph.index(words) for words in ("order", "two", "buying", "ban")}
    terms = [portrayal(paragraph, start, start + 3) for start in starts.values()]
    assert terms == ["enacted", "proposed", "hypothetical", "enacted"]


def read(path: Path) -> list:
    return list(reading.read(path))


def test_markdown_gives_title_and_day(tmp_path):
    file = tmp_path / "a.md"
    file.write_text(
        "---\ntitle: A post\ndate: 2026-06-05\n---\n\n# Head\n\nOne.\n\n- two\n- three\n"
    )
    (document,) = read(file)
    assert (document.title, document.day) == ("A post", date(2026, 6, 5))
    assert document.paragraphs == {"1": "One.", "2a": "two", "2b": "three"}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_text_is_read_in_its_encoding(tmp_path, encoding):
    file = tmp_path / "a.txt"
    file.write_bytes("“Café”: EO 14409".encode(encoding))
    (document,) = read(file)
    assert document.paragraphs == {"1": "“Café”: EO 14409"}


def test_html_gives_blocks_without_navigation(tmp_path):
    file = tmp_path / "a.html"
    file.write_text(
        '<html><head><title>A  page</title><meta property="article:published_time" content="2026-06-05T10:00Z">'
        "</head><body><nav>Menu</nav><article><h1>Head</h1><p>One <b>bold</b>\nword.</p>"
        "<ul><li>two<ul><li>three</li></ul></li></ul><script>x</script></article></body></html>"
    )
    (document,) = read(file)
    assert (document.title, document.day) == ("A page", date(2026, 6, 5))
    assert list(document.paragraphs.values()) == ["Head", "One bold word.", "two", "three"]


def test_feed_gives_its_entries(tmp_path):
    file = tmp_path / "a.xml"
    file.write_text(
        "<rss><channel><item><title>Head</title><link>https://example.org/1</link>"
        "<pubDate>Fri, 05 Jun 2026 10:00:00 GMT</pubDate>"
        "<description>&lt;p&gt;EO 14409&lt;/p&gt;</description></item></channel></rss>"
    )
    (document,) = read(file)
    assert document.name == "a.xml: https://example.org/1"
    assert document.day == date(2026, 6, 5)
    assert list(document.paragraphs.values()) == ["Head", "EO 14409"]


def test_feed_of_many_empty_elements_is_read():
    entry = '<item><description>EO 14409</description><category term="a"/></item>'
    feed = f"<rss>{entry * 500}</rss>".encode()
    assert len(list(reading.from_bytes(feed, "a.xml", ".xml"))) == 500


def test_json_lines_give_documents_and_errors(tmp_path):
    file = tmp_path / "a.jsonl"
    line = json.dumps({"id": "one", "text": "EO 14409", "date": "2026-06-05"})
    file.write_text(
        f"{line}\n[1]\n{'[' * 100_000}\n" + '{"text": "' + "a" * (3 << 20) + '"}\n' + line
    )
    first, second, third, fourth, last = read(file)
    assert (first.name, first.day) == ("one", date(2026, 6, 5))
    assert "expected an object with a key `text`" in str(second)
    assert "line 3" in str(third)
    assert "longer than" in str(fourth)
    assert last == first


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.pdf", b"%PDF", "is not a PDF, or is damaged"),
        ("a.docx", b"PK", "is not a ZIP file, or is damaged"),
        ("a.epub", b"PK", "is not a ZIP file, or is damaged"),
        ("a.doc", b"x", "save it as text or HTML"),
        ("a.xyz", b"x", "unknown ending"),
        ("a.txt", b" \n", "is empty"),
        ("a.txt", b"\0\1\2", "is not text"),
        ("a.txt", b"a" * (3 << 20), "larger than"),
        pytest.param("a.md", b"[" * 600_000, "took more than 2 s", marks=pytest.mark.thorough),
        ("a.html", b"<div>" * 100_000, "nested deeper"),
        ("a.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><rss>&b;</rss>', "is not a feed"),
        ("a.xml", b"<rss/>", "has no entries"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path, name, data, message):
    file = tmp_path / name
    file.write_bytes(data)
    with pytest.raises(reading.ReadingError, match=message):
        read(file)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Aa Act, " * 12_000, 12_000),
        ("The Aa Bb Act (ABA) is the ABA. " * 2_500, 5_000),
        ("A-" * 50_000 + " gesetz", 0),
        ("A Regulation of " + "Massachusetts, " * 5_000, 0),
        ("Orderfor-" * 8_000, 0),
        ("S.5 " * 15_000, 0),
        ("Harbors and the California AI Act, " * 2_000, 0),
    ],
)
def test_many_names_in_one_paragraph_are_read_in_time(text, number):
    found = finder().find({"1": text}, DAY, seconds=1.5)
    assert len(found.untracked) == number
    assert found.remarks == []


def test_nothing_of_a_text_is_kept():
    def read(number: int) -> None:
        text = f"Text {number}: S. 5 and the AI law count. " + "Quays need care. " * 3_000
        finder().find({"1": text}, DAY, frozenset({Kind.NUMBER, Kind.NAME, Kind.ALIAS}))

    read(0)  # which reads the tables
    tracemalloc.start()
    for number in range(1, 9):
        read(number)
    gc.collect()
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 100_000  # bytes, of 400,000 in all texts


def test_long_text_is_bounded_and_says_so():
    result = finder().find({"1": "The order of the court stands. " * 40_000}, DAY)
    assert result.remarks == [
        "descriptions were not looked for from paragraph 1 on: the text is too long"
    ]


@pytest.fixture
def small(base: Base) -> Base:
    """Return a knowledge base with an order that has a number."""
    base.record(
        "actions",
        "an-order",
        title="Order on the testing of frontier models",
        identifiers={"eo": "14999"},
    )
    return base


def text_file(tmp_path: Path, text: str, name: str = "text.txt") -> str:
    file = tmp_path / name
    file.write_text(text)
    return str(file)


RIS = "TY  - RPRT\nAU  - Doe, Jane\nTI  - A report\nPY  - 2026/06/05\nUR  - https://example.org/r\nER  - \n"


def test_import_takes_mentions_from_the_texts_of_documents(small, tmp_path):
    file, texts = tmp_path / "a.ris", tmp_path / "texts"
    file.write_text(RIS)
    texts.mkdir()
    (texts / "doe-2026-report.txt").write_text("A report\nEO 14999 was signed.\n")
    (texts / "other.txt").write_text("EO 14999")
    done = small.run("import", str(file), "--find", str(texts), "--yes")
    assert done.returncode == 0, done.stderr
    assert "1 mention of actions in doe-2026-report.txt" in done.stderr
    record = rtoml.load(small.policies / "documents" / "doe-2026-report.toml")
    assert [one["action"] for one in record["mentions"]] == ["an-order"]
    assert record["mentions"][0]["locator"] == "paragraph 2"
    assert record["text_rule"] == {"blocks": "lines"}
    again = small.run("import", str(file), "--find", str(texts), "--yes")
    assert "0 new, 0 changed, 1 unchanged" in again.stderr
    assert small.run("check").returncode == 0


def test_options_name_every_kind_and_format():
    assert sorted(command.KINDS) == sorted(kind.label for kind in Kind)
    assert command.FORMATS == tuple(report.FORMATS)


def test_command_proposes_and_ends_with_one(small, tmp_path):
    file = text_file(tmp_path, "A title\nEO 14999 was signed.\nNothing.\n")
    done = small.run("find", file, "--issued", "2026-01-05")
    assert done.returncode == 1
    assert "paragraph 2    an-order  (number) “EO 14999”" in done.stdout
    none = small.run("find", text_file(tmp_path, "Nothing here."), "--issued", "2026-01-05")
    assert (none.returncode, none.stdout) == (0, "text.txt, 2026-01-05: 0 mentions\n")


def test_formats_say_the_same(small, tmp_path):
    file = text_file(tmp_path, "EO 14999 was signed.\nThe <b>Water Act</b> is not here.\n")
    outputs = {
        form: small.run("find", file, "--issued", "2026-01-05", "--format", form).stdout
        for form in ("json", "toml", "csv", "html")
    }
    (document,) = json.loads(outputs["json"])
    (mention,) = document["mentions"]
    assert (mention["action"], mention["words"]) == ("an-order", "EO 14999")
    assert document["untracked"][0]["name"] == "Water Act"
    assert rtoml.loads(outputs["toml"])["mentions"] == [
        {
            "action": "an-order",
            "locator": "paragraph 1",
            "words": "EO 14999",
            "portrayed_as": "enacted",
        }
    ]
    assert outputs["csv"].splitlines()[1].startswith("text.txt,2026-01-05,1,0,8,EO 14999,an-order")
    assert "<mark>EO 14999</mark>" in outputs["html"]
    assert "&lt;b&gt;Water Act&lt;/b&gt;" in outputs["html"]
    assert " on 2026-01-05<br>" in outputs["html"]


def test_same_text_gives_same_bytes(small, tmp_path):
    text_file(tmp_path, "EO 14999, and an order on the testing of frontier models.", "b.txt")
    text_file(tmp_path, "EO 14999 again.", "a.txt")
    one, two = (small.run("find", str(tmp_path), "--all", "--format", "json") for _ in range(2))
    assert one.stdout == two.stdout
    assert [each["document"] for each in json.loads(one.stdout)] == ["a.txt", "b.txt"]


def test_yes_writes_what_is_sure_into_the_record(small, tmp_path):
    file = text_file(tmp_path, "A title\nEO 14999 was signed.\n")
    options = ["--document", "a-source"]
    before = (small.policies / "documents" / "a-source.toml").read_text()
    assert "+[[mentions]]" in small.run("find", file, *options, "--dry-run").stdout
    assert (small.policies / "documents" / "a-source.toml").read_text() == before
    done = small.run("find", file, *options, "--yes")
    assert done.returncode == 0, done.stderr
    record = rtoml.load(small.policies / "documents" / "a-source.toml")
    assert [one["words"] for one in record["mentions"]] == ["EO 14999"]
    again = small.run("find", file, *options, "--yes")
    assert "nothing to change" in again.stderr


@pytest.fixture
def asked(tmp_path, monkeypatch):
    """Return a function that answers the questions of --accept with keys, and returns the paragraphs of what is accepted."""
    texts = {"1": "EO 14409 is new.", "2": "EO 14319 is not.", "3": "M-25-21 is.", "4": "EO 14434."}
    proposed = proposals(finder().find(texts, DAY).mentions, texts)

    def ask(keys: str, forgetful: bool = False) -> list[str]:
        pressed = iter(keys)
        monkeypatch.setattr("click.getchar", lambda: next(pressed))
        chosen, _ = accepted(proposed, texts, Answers(tmp_path, "a-source", forgetful))
        assert next(pressed, None) is None, "each key is asked for"
        return [item.hit.paragraph for item in chosen]

    return ask


def test_new_document_takes_what_its_text_gives(small, tmp_path):
    file = text_file(
        tmp_path, "---\ntitle: A post\ndate: 2026-06-05\n---\n\nEO 14999 is.\n", "a.md"
    )
    url = "https://blog.example.org/x"
    options = ["--url", url, "--type", "post-weblog", "--grade", "primary", "--id", "a-post"]
    done = small.run("new", "document", "--find", file, *options, "--yes")
    assert done.returncode == 0, done.stderr
    record = rtoml.load(small.policies / "documents" / "a-post.toml")
    assert (record["title"], str(record["issued"])) == ("A post", "2026-06-05")
    assert record["text_rule"]["blocks"] == "markdown"
    assert [(item["action"], item["words"]) for item in record["mentions"]] == [
        ("an-order", "EO 14999")
    ]
    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / "a-post.txt").write_bytes(Path(file).read_bytes())
    assert small.run("check", "--texts", str(texts)).returncode == 0
    none = small.run("new", "document", "--find", text_file(tmp_path, "%PDF", "b.pdf"), "--yes")
    assert "b.pdf: is not a PDF, or is damaged" in none.stderr


def test_accept_asks_with_one_key(asked):
    assert asked("ynbxyyq") == ["1", "2", "3"]


def test_accept_goes_on_after_it_was_stopped(asked, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        asked(_stopped("yn"))
    assert json.loads((tmp_path / ".find" / "a-source.json").read_text()) == {
        "paragraph 1: us-eo-14409: EO 14409": True,
        "paragraph 2: us-eo-14319: EO 14319": False,
    }
    assert asked("yyn") == ["1", "2", "3"], "the first is accepted, and the others are asked"


def _stopped(keys: str):
    yield from keys
    raise KeyboardInterrupt


def test_dry_run_remembers_no_answer(asked, tmp_path):
    assert asked("ynnn", forgetful=True) == ["1"]
    assert not (tmp_path / ".find").exists()


@pytest.mark.slow
def test_accepted_are_written_with_an_alias_and_rejected_are_not_proposed_again(small, tmp_path):
    text = text_file(tmp_path, "The testers' decree, EO 14999, is new.\nEO 14999 is old.\n")
    options = ["--accept", "--document", "a-source", *small.options()]
    command = ["-m", "policykb", "find", text, *options]
    child = pexpect.spawn(sys.executable, command, encoding="utf-8", timeout=120)
    child.expect("1 of 2, paragraph 1:")
    child.send("a")
    child.expect("words that name the action")
    child.sendline("no such words")
    child.expect("does not have these words")
    child.sendline("testers' decree")
    child.expect("2 of 2, paragraph 2:")
    child.send("n")
    child.expect(pexpect.EOF)
    record = rtoml.load(small.policies / "documents" / "a-source.toml")
    assert [mention["locator"] for mention in record["mentions"]] == ["paragraph 1"]
    action = rtoml.load(small.policies / "actions" / "an-order.toml")
    assert action["aliases"] == [{"name": "testers' decree", "kind": "description"}]
    done = small.run("find", text, "--document", "a-source")
    assert (done.returncode, "an-order" in done.stdout) == (0, False)
    assert "1 rejected before are left out" in done.stdout
    again = small.run("find", text, "--document", "a-source", "--again")
    assert "paragraph 2" in again.stdout


def test_answers_that_are_not_valid_are_named(small, tmp_path):
    (small.policies / ".find").mkdir()
    small.write(".find/a-source.json", "[1")
    done = small.run("find", text_file(tmp_path, "EO 14999"), "--document", "a-source")
    assert done.returncode == 2
    assert "a-source.json is not valid" in done.stderr


def test_record_that_is_not_valid_is_named(small, tmp_path):
    small.record("documents", "a-source", text_rule="lines")
    done = small.run("find", text_file(tmp_path, "EO 14999"), "--document", "a-source")
    assert done.returncode == 1
    assert "a-source.toml:" in done.stderr
    assert "K203 text_rule: 'lines' is not a table" in done.stderr


def test_rule_of_the_record_counts_the_paragraphs(small, tmp_path):
    rule = {"blocks": "lines", "skip": ["Share"]}
    small.record("documents", "a-source", text_rule=rule)
    file = text_file(tmp_path, "Share\nEO 14999 was signed.\n")
    done = small.run("find", file, "--document", "a-source")
    assert "paragraph 1 " in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "name a file or a folder"),
        (("FILE", "--yes"), "--yes and --accept need --document"),
        (("FILE", "--accept", "--document", "a-source"), "no terminal to ask at"),
        (("FILE", "--document", "a-sorce"), "did you mean 'a-source'?"),
        (("FILE", "--kinds", "number,rumor"), "'rumor' is no kind"),
        (("missing.txt",), "there is no file missing.txt"),
        (("nofile",), "there is no file nofile"),
        (
            ("https://example.org/a.html",),
            "an address is not read; save the page, and name its file",
        ),
        (("example.org",), "there is no file example.org"),
    ],
)
def test_wrong_use_is_named(small, tmp_path, arguments, message):
    file = text_file(tmp_path, "EO 14999")
    done = small.run("find", *(file if one == "FILE" else one for one in arguments))
    assert done.returncode == 2
    assert message in done.stderr


def test_no_text_reaches_the_terminal_raw(small, tmp_path):
    line = json.dumps({"id": "a\x1b[2J\ud800", "text": "EO 14999\x1b[31m \ud800 and more."})
    done = small.run("find", text_file(tmp_path, line, "a.jsonl"))
    assert "an-order" in done.stdout
    assert "\x1b" not in done.stdout


def test_invalid_record_is_passed_over(small, tmp_path):
    small.write("actions/broken.toml", 'title = 3\naliases = 5\nevents = "none"\n')
    small.write("actions/worse.toml", "= = =")
    done = small.run("find", text_file(tmp_path, "EO 14999"))
    assert "an-order" in done.stdout


def test_unreadable_file_loses_nothing_else(small, tmp_path):
    text_file(tmp_path, "EO 14999 again.", "a.txt")
    text_file(tmp_path, "%PDF", "b.pdf")
    done = small.run("find", str(tmp_path))
    assert done.returncode == 2
    assert "b.pdf: is not a PDF, or is damaged" in done.stderr
    assert "an-order" in done.stdout


SCHEME = """
[[identifier_schemes]]
id = "xe_gazette"
label = "Gazette of Examplia"
definition = "Numbers of the gazette."
pattern = '(?P<number>\\d{1,3})/(?P<year>20\\d\\d)'
example = "12/2026"
display = "Xe. Gazette {value}"
"""


@pytest.fixture
def gazette(small: Base) -> Base:
    """Return the knowledge base with a scheme that it declares, of which the order has a number."""
    about = small.policies / "about.toml"
    about.write_text(about.read_text() + SCHEME)
    small.record("actions", "an-order", identifiers={"eo": "14999", "xe_gazette": "12/2026"})
    return small


def test_numbers_of_a_declared_scheme_are_found(gazette, tmp_path):
    text = (
        "See Xe. Gazette 12/2026.\nSee xe. gazette 12/2026.\nSee Xe. Gazette 99/2026.\nOn 12/2026."
    )
    done = gazette.run("find", text_file(tmp_path, text), "--format", "json")
    (document,) = json.loads(done.stdout)
    mentions = [(one["paragraph"], one["action"]) for one in document["mentions"]]
    assert mentions == [("1", "an-order"), ("2", "an-order")]
    assert [one["name"] for one in document["untracked"]] == ["Xe. Gazette 99/2026"]


def test_import_takes_the_column_of_a_declared_scheme(gazette, tmp_path):
    table = "id,title,instrument,bindingness,jurisdiction,event.date,event.type,event.note,identifier.xe_gazette\n"
    row = "new-order,A new order,agency_order,binding,{},2026-01-05,issued,It is issued.,{}\n"
    place = rtoml.load(gazette.policies / "actions" / "an-order.toml")["jurisdiction"]
    file = text_file(tmp_path, table + row.format(place, "x"), "a.csv")
    wrong = gazette.run("import", file, "--dry-run")
    assert "'x' has the wrong form; expected one such as '12/2026'" in wrong.stderr
    file = text_file(tmp_path, table + row.format(place, "13/2026"), "a.csv")
    done = gazette.run("import", file, "--dry-run")
    assert 'xe_gazette = "13/2026"' in done.stdout, done.stderr


def test_tables_are_kept_until_the_content_changes_or_they_are_damaged(small, monkeypatch):
    monkeypatch.setattr(cache, "UNSETTLED", 0)
    git = small.policies.parent / ".git"
    git.mkdir()
    (git / "HEAD").touch()

    def starts() -> list[bool]:
        """Start twice; return whether each start made the tables."""
        made = []
        for _ in range(2):
            knowledge = RecordIndex.read(small.policies)
            made.append(knowledge.index.is_new)
            hits = Finder(knowledge).find({"1": "EO 14999 of the National Testers."}).mentions
            assert [one.action for one in hits] == ["an-order"]
        return made

    stray, current = (git / f"policykb-find-{process}.new" for process in (1, 2))
    stray.touch()
    os.utime(stray, (0, 0))  # a process was killed long ago
    current.touch()
    assert starts() == [True, False]
    assert not stray.exists() and current.exists()
    small.record(
        "actions", "an-order", title="Order on something else", identifiers={"eo": "14999"}
    )
    assert starts() == [True, False]
    (kept,) = git.glob("policykb-find-*.db")
    kept.write_bytes(kept.read_bytes()[:-5000] + bytes(5000))
    assert starts() == [True, False]


def test_identifier_without_the_form_of_its_scheme_is_passed_over(small, tmp_path):
    small.record("actions", "an-order", identifiers={"eo": "x", "us_bill": "y", "us_docket": ""})
    small.record("actions", "other-order", identifiers={"eo": "14998", "us_state_bill": "z"})
    done = small.run("find", text_file(tmp_path, "EO 14998 is new."))
    assert "other-order" in done.stdout, done.stderr
