"""Editorial rules: what each lets pass, the severities that about.toml sets, and the shares that it expects."""

import time

import pytest
from conftest import ABOUT, TABLES, Base
from policykb.build import load
from policykb.model.problems import EDITORIAL

OFF = dict.fromkeys(EDITORIAL, "off")


def judge(base: Base, *codes: str, **settings: object) -> None:
    """Write an about.toml that looks for the editorial problems `codes` only, with `settings`."""
    severities = OFF | dict.fromkeys(codes, "warning")
    base.write("about.toml", ABOUT | {"severities": severities} | settings)


def problems(base: Base) -> list[tuple[str, str]]:
    """The code and severity of each problem."""
    return [(problem.code, problem.severity) for problem in base.check().problems]


# Severities


def test_without_severities_editorial_problems_are_warnings(base: Base):
    base.write("about.toml", {key: ABOUT[key] for key in ABOUT if key != "severities"})
    assert {severity for _, severity in problems(base)} == {"warning"}
    assert {code for code, _ in problems(base)} == {"E853", "E854", "E855", "E859"}
    assert base.load().errors == 0


def test_severity_is_that_of_about(base: Base):
    judge(base, severities=OFF | {"E854": "error", "E855": "warning"})
    assert problems(base) == [("E855", "warning"), ("E854", "error")]
    assert [problem.text().split(": ", 1)[1][:14] for problem in base.check().problems] == [
        "E855 warning: ",
        "E854 finding: ",
    ]
    assert base.load().errors == 1
    assert not base.db.exists()
    assert base.run("check").returncode == 1


@pytest.mark.parametrize(
    ("severities", "expected"),
    [
        ({"C501": "off"}, "V701 severities.C501: 'C501' is not in the vocabulary"),
        ({"E851": "fatal"}, "V701 severities.E851: 'fatal' is not in the vocabulary"),
    ],
)
def test_only_editorial_codes_take_a_severity(base: Base, severities: dict, expected: str):
    judge(base, severities=severities)
    (problem,) = base.check().problems
    assert problem.text().partition(": ")[2].startswith(expected)


def test_about_that_cannot_be_read_sets_no_rules(base: Base):
    judge(base, *EDITORIAL, longest_summary=0)
    assert base.codes() == ["K206"]


def test_problems_are_the_same_with_one_process_and_with_two(base: Base):
    judge(base, *EDITORIAL, shorthand=["XX"], severities=OFF | {"E861": "error", "E853": "error"})
    for number in range(250):
        base.action(
            f"order-{number}",
            [("2026-06-02", "issued")],
            summary="By XX." if number % 50 == 0 else "x",
        )
    one, two = base.check(processes=1).problems, base.check(processes=2).problems
    assert one == two
    assert [p.severity for p in one if p.code == "E861"] == ["error"] * 5
    assert sum(p.code == "E853" for p in one) == 251


# What each rule lets pass


def test_mention_is_a_source_of_an_action(base: Base):
    judge(base, "E851")
    base.record("actions", "an-idea", instrument="policy_option", events=[])
    assert problems(base) == [("E851", "warning")]
    base.record(
        "documents", "a-source", mentions=[{"action": "an-idea", "portrayed_as": "proposed"}]
    )
    assert problems(base) == []


def test_summary_may_have_as_many_words_as_about_allows(base: Base):
    judge(base, "E852", longest_summary=2)
    assert problems(base) == []
    base.record("actions", "an-order", summary="Binds\nall agencies.")
    assert problems(base) == [("E852", "warning")]
    judge(base, "E852")
    base.record("actions", "an-order", summary="word " * 120)
    assert problems(base) == []


@pytest.mark.parametrize(
    ("action", "document"),
    [
        ({"identifiers": {"eo": "14409"}}, {}),
        ({"open_questions": ["Where is the official text?"]}, {}),
        ({"cite": [{"document": "a-source", "note": "Gives no docket number"}]}, {}),
        ({}, {"type": "legislation"}),
        ({}, {"authors": [{"organization": "an-office"}]}),
        ({}, {"publisher": "An Office"}),
        ({"events": [{"date": "2026-06-02", "type": "introduced", "unconfirmed": True}]}, {}),
        ({"instrument": "private_policy"}, {}),
        ({"withdrawn": {"on": "2026-06-03", "reason": "A test."}}, {}),
    ],
)
def test_adopted_action_needs_no_more_than_one_official_text(
    base: Base, action: dict, document: dict
):
    judge(base, "E853")
    assert problems(base) == [("E853", "warning")]
    base.record("actions", "an-order", **action)
    base.record("documents", "a-source", **document)
    assert "E853" not in base.codes()


@pytest.mark.parametrize(
    ("action", "document"),
    [
        ({"open_questions": ["Whom does it bind?"]}, {}),
        ({"open_questions": ["Is the context known?"]}, {}),
        ({}, {"publisher": "An officer"}),
        ({}, {"authors": [{"organization": "a-paper"}]}),
    ],
)
def test_other_words_and_bodies_are_no_official_text(base: Base, action: dict, document: dict):
    judge(base, "E853")
    paper = {"a-paper": {"name": "A paper", "kind": "media"}}
    base.write("organizations.toml", TABLES["organizations"] | paper)
    base.record("actions", "an-order", **action)
    base.record("documents", "a-source", **document)
    assert problems(base) == [("E853", "warning")]


@pytest.mark.parametrize(
    ("claim", "codes"),
    [
        ({"finding": "unsupported"}, ["E855"]),
        ({"finding": "quotation_only", "note": "Only said."}, []),
        ({"note": "Nobody knows."}, ["E854"]),
        ({"evidence": [{"document": "a-source", "finding": "supports", "note": "Says so."}]}, []),
    ],
)
def test_claim_gives_a_reason_and_what_its_finding_rests_on(
    base: Base, claim: dict, codes: list[str]
):
    judge(base, "E854", "E855")
    base.record("claims", "it-does-good", **claim)
    assert base.codes() == codes


def test_parts_have_a_whole(base: Base):
    judge(base, "E856", "E857", "E858")
    base.record("actions", "an-article", instrument="provision", part_of="an-order")
    base.write(
        "jurisdictions.toml",
        TABLES["jurisdictions"] | {"many": {"name": "Many", "kind": "international"}},
    )
    assert problems(base) == []


def test_entry_is_used_by_another_record_and_not_by_itself(base: Base):
    judge(base, "E859")
    assert [problem.value for problem in base.check().problems] == [
        "us-ca",
        "an-office",
        "a-topic",
    ]
    base.record("actions", "an-order", topics=["a-topic"], jurisdiction="us-ca")
    base.record("documents", "a-source", authors=[{"organization": "an-office"}])
    assert problems(base) == []
    base.write(
        "redirects.toml", {"old": {"to": "a-topic", "on": "2026-06-02", "reason": "Renamed."}}
    )
    base.record("actions", "an-order", jurisdiction="us-ca")
    assert [problem.value for problem in base.check().problems] == ["a-topic"]


def test_record_that_cannot_be_read_may_use_every_entry(base: Base):
    judge(base, "E859")
    base.record("actions", "an-order", as_of="some day")
    assert base.codes() == ["T401"]


def test_withdrawn_entry_needs_no_use(base: Base):
    judge(base, "E859")
    topic = TABLES["topics"]["a-topic"] | {"withdrawn": {"on": "2026-06-02", "reason": "A test."}}
    base.write("topics.toml", {"a-topic": topic})
    assert "a-topic" not in [problem.value for problem in base.check().problems]


@pytest.mark.parametrize(
    ("url", "distrusted"),
    [
        ("https://example.org/a", True),
        ("http://www.example.org", True),
        ("https://News.Example.ORG:8443/a", True),
        ("https://notexample.org/a", False),
        ("https://example.org.net/a", False),
        ("https://example.net/?from=example.org", False),
    ],
)
def test_domain_is_distrusted_with_all_that_is_under_it(base: Base, url: str, distrusted: bool):
    judge(base, "E860", distrusted=["example.com", "example.org"])
    base.record("documents", "a-source", url=url)
    assert [problem.value for problem in base.check().problems] == ["example.org"] * distrusted


@pytest.mark.parametrize("domain", ["https://example.org", "example", "Example.org", "a b.org", ""])
def test_distrusted_is_a_list_of_domains(base: Base, domain: str):
    judge(base, distrusted=[domain])
    (problem,) = base.check().problems
    assert problem.code == "U601"
    assert problem.text().endswith(
        f"distrusted[0]: '{domain}' is not a domain; expected one such as example.org"
    )


# Shorthand


def test_shorthand_is_found_in_every_file_at_its_line(base: Base):
    judge(base, "E861", shorthand=[r"\bXX\d\d\b", "^# todo"])
    topics = base.write("topics.toml", TABLES["topics"])
    topics.write_text("# todo: more\n" + topics.read_text() + "# XX12 and XX345\n")
    base.record("claims", "it-does-good", note="As\u2028in XX77 here.")
    assert [(p.path, p.line, p.value) for p in base.check().problems] == [
        ("policies/claims/it-does-good.toml", 5, "XX77"),
        ("policies/topics.toml", 1, "# todo: more"),
        ("policies/topics.toml", 5, "XX12"),
    ]


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(", "unclosed group"),
        ("a(?=b)", "look-around, including look-ahead and look-behind, is not supported"),
        (r"(a)\1", "backreferences are not supported"),
        (r"(\w{50}){90}", "Compiled regex exceeds size limit of 10485760 bytes"),
    ],
)
def test_pattern_that_cannot_be_used_is_refused(base: Base, pattern: str, reason: str):
    judge(base, shorthand=["fine", pattern])
    (problem,) = base.check().problems
    assert problem.text().endswith(
        f"K203 shorthand[1]: '{pattern}' is not a pattern: {reason}; "
        r"expected a regular expression such as '\b(TBD|XXX)\b'"
    )


def test_patterns_are_short_and_few(base: Base):
    judge(base, shorthand=["x" * 101])
    assert base.codes() == ["K206"]
    judge(base, shorthand=["x"] * 21)
    assert base.codes() == ["K206"]


def test_cost_of_a_pattern_is_bounded(base: Base):
    judge(base, "E861", shorthand=["(a+)+$x", "(a|aa)*!!", "(a?){200}a{200}!"])
    base.write("claims/it-does-good.toml", "# " + "a" * 1_000_000 + "\n")
    began = time.process_time()
    assert "E861" not in base.codes()
    assert time.process_time() - began < 10


# Confidence


@pytest.mark.parametrize(
    ("confidence", "grades", "codes"),
    [
        ("high", ["relayed"], ["E864"]),
        ("high", ["relayed", "aggregator"], ["E864"]),
        ("high", ["relayed", "established"], []),
        ("medium", ["relayed"], []),
    ],
)
def test_high_confidence_needs_a_source_that_was_read(
    base: Base, confidence: str, grades: list[str], codes: list[str]
):
    judge(base, "E864")
    for grade in grades:
        base.record("documents", f"of-{grade}", grade=grade)
    cite = [{"document": f"of-{grade}"} for grade in grades]
    base.action("an-order", [("2026-06-02", "issued", {"cite": cite})], confidence=confidence)
    assert [code for code in base.codes() if code in EDITORIAL] == codes


# Sources older than their events


@pytest.mark.parametrize(
    ("document", "event", "codes"),
    [
        ({"issued": "2026-06"}, {}, []),
        ({"issued": "2026-06-01"}, {}, ["E862"]),
        ({}, {}, []),
        ({"issued": "2026-06-01", "accessed": "2026-06-02"}, {}, []),
        ({"issued": "2026-06-01", "accessed": "2026-06-02", "type": "report"}, {}, ["E862"]),
        ({"issued": "2026-06-01"}, {"type": "took_effect"}, []),
        ({"issued": "2026-06-01"}, {"type": "deadline"}, []),
        ({"issued": "2026-06-01"}, {"date": "2026"}, []),
        (
            {"issued": "2026-06-01"},
            {"cite": [{"document": "b-source"}, {"document": "a-source"}]},
            [],
        ),
    ],
)
def test_source_reaches_the_event_that_it_proves(
    base: Base, document: dict, event: dict, codes: list[str]
):
    judge(base, "E862")
    base.record(
        "documents",
        "b-source",
        issued="2026-07",
        mentions=[{"action": "an-order", "portrayed_as": "enacted"}],
    )
    base.record("documents", "a-source", **document)
    base.action("an-order", [("2026-06-02", "issued", event)])
    assert [code for code in base.codes() if code in EDITORIAL] == codes


def test_dates_of_an_event_and_its_source_are_named_as_they_are_written(base: Base):
    judge(base, "E862")
    base.record("documents", "a-source", issued="2025")
    base.action("an-order", [("2026", "issued")])
    (problem,) = base.check().problems
    assert problem.message == (
        "an event of type 'issued' on 2026 cannot be known from a source of 2025"
    )
    assert problem.expected == "a source of 2026 or later"


# Shares that about.toml expects


def expected(base: Base, **expectations: int) -> list[str]:
    """What is said of `expectations`, without place and code."""
    base.write("about.toml", ABOUT | {"expectations": expectations})
    return [problem.text().partition("expectations.")[2] for problem in base.check().problems]


def argue(base: Base, id: str, stance: str, action: str = "an-order", **changes: object) -> None:
    """Add an argument that takes a stance in a document whose author is known."""
    base.record("documents", "by-roe", authors=[{"family": "Roe"}])
    stances = [{"action": action, "stance": stance, **changes.pop("link", {})}]
    base.record(
        "arguments", id, **{"appearances": [{"document": "by-roe"}], "stances": stances, **changes}
    )


def test_action_is_argued_by_speakers_who_are_known(base: Base):
    said = "argued_actions: there are 0 argued actions; expected at least 1"
    assert expected(base, argued_actions=1) == [said]  # its argument has no author
    argue(base, "inherited", "supports", link={"inherited": True})
    argue(base, "neither", "neutral")
    argue(base, "gone", "opposes", withdrawn={"on": "2026-06-02", "reason": "A test."})
    base.record(
        "actions", "an-idea", instrument="policy_option", events=[], cite=[{"document": "a-source"}]
    )
    argue(base, "other", "opposes", "an-idea")
    assert expected(base, argued_actions=1) == [said]
    argue(base, "for", "supports_if")
    assert expected(base, argued_actions=1) == []


def test_action_is_argued_from_both_sides(base: Base):
    argue(base, "for", "supports")
    argue(base, "for-too", "supports_if")
    said = "two_sided_actions: there are 0 two-sided actions; expected at least 1"
    assert expected(base, two_sided_actions=1) == [said]
    argue(base, "against", "warns")
    assert expected(base, two_sided_actions=1) == []


def test_statuses_rest_on_official_sources(base: Base):
    base.record("documents", "act", type="legislation")
    official = {"cite": [{"document": "a-source"}, {"document": "act"}]}
    base.action("statute", [("2026-01-02", "signed"), ("2026-06-02", "took_effect", official)])
    base.action("bill", [("2026-06-02", "introduced")])
    base.action("later", [("2026-06-02", "introduced"), ("2027-06-02", "took_effect")])
    base.action("practice", [("2026-06-02", "launched")], instrument="private_policy")
    assert expected(base, official_statuses=51) == [
        "official_statuses: 1 of 2 statuses rest on an official source (50 %); expected at least 51 %"
    ]
    assert expected(base, official_statuses=50) == []
    assert load.check(base.policies, "2099-12-31").problems == []  # the clock changes nothing


def test_documents_have_authors(base: Base):
    base.record("documents", "by-roe", authors=[{"given": "R.", "family": "Roe"}])
    base.record(
        "arguments",
        "it-should-stay",
        appearances=[{"document": "a-source"}, {"document": "by-roe"}],
    )
    assert expected(base, documents_with_authors=51) == [
        "documents_with_authors: 1 of 2 documents name an author (50 %); expected at least 51 %"
    ]
    assert expected(base, documents_with_authors=50) == []


def test_share_of_nothing_is_enough(base: Base):
    base.action("an-order", [("2026-06-02", "introduced")])
    assert expected(base, official_statuses=100) == []
