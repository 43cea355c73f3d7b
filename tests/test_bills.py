"""What the actions on a bill mean: agreement between chambers, vetoes, resolutions, ended sessions, days of moments."""

import json
import sqlite3

import pytest
from conftest import TODAY, Base
from official import bill_status, scraped_bill, state_bill
from policykb.contribute import changes
from policykb.contribute.proposal import Proposal
from policykb.model import dates
from policykb.model.identifiers import congress_end
from policykb.model.status import Happening, periods
from policykb.sources import openstates, wordings
from policykb.sources.formats import proposals
from policykb.sources.plan import Feed, plan

Events = list[tuple[str, str]]


def action(data: bytes) -> Proposal:
    """The one action that `data` describes."""
    (measure,) = (one for one in proposals(data, "feed")[1] if one.kind == "action")
    return measure


def stage(events: list[dict]) -> str:
    """The stage after the last event."""
    happenings = [
        Happening(str(place), one["type"], dates.span(one["date"]))
        for place, one in enumerate(events)
    ]
    return periods(happenings, "bill", "binding")[-1].stage


def in_congress(kind: str, *lines: str, **options: object) -> Proposal:
    """A measure of the Congress with one action a day, in order of time, without codes and systems."""
    days = [f"2026-02-{day:02d}" for day in range(1, len(lines) + 1)]
    listed = [(day, line, "", "", "") for day, line in zip(days, lines, strict=True)]
    return action(bill_status(kind=kind, actions=tuple(reversed(listed)), **options))


def types(measure: Proposal) -> list[str]:
    return [event["type"] for event in measure.content["events"]]


# The referee: each line of the public tests of @unitedstates/congress (test/test_bill_actions.py) that says something
# about the course of a measure, after actions that lead to the state in which it is read there.

BEFORE = {
    "introduced in House": ("Introduced in House",),
    "introduced in Senate": ("Introduced in Senate",),
    "referred in House": (
        "Introduced in House",
        "Referred to the House Committee on Small Things.",
    ),
    "referred in Senate": (
        "Introduced in Senate",
        "Read twice and referred to the Committee on the Judiciary.",
    ),
    "reported in House": ("Introduced in House", "Reported by the Committee on Small Things."),
    "reported in Senate": (
        "Introduced in Senate",
        "Committee on the Judiciary. Ordered to be reported without amendment favorably.",
    ),
    "passed House": ("Introduced in House", "On passage Passed by voice vote."),
    "passed Senate": (
        "Introduced in Senate",
        "Passed Senate without amendment by Unanimous Consent.",
    ),
    "Senate amended": (
        "Introduced in House",
        "On passage Passed by voice vote.",
        "Passed Senate with an amendment by Voice Vote.",
    ),
    "House agreed to conference": (
        "Introduced in House",
        "On passage Passed by voice vote.",
        "Passed Senate with amendments by Voice Vote.",
        "On agreeing to the conference report Agreed to by the Yeas and Nays: 293 - 132 (Roll no. 72).",
    ),
    "passed both": (
        "Introduced in House",
        "On passage Passed by voice vote.",
        "Passed Senate without amendment by Voice Vote.",
    ),
    "signed": (
        "Introduced in House",
        "On passage Passed by voice vote.",
        "Passed Senate without amendment by Voice Vote.",
        "Signed by President.",
    ),
    "vetoed": (
        "Introduced in House",
        "On passage Passed by voice vote.",
        "Passed Senate without amendment by Voice Vote.",
        "Vetoed by President.",
    ),
    "House overrode": (
        "Introduced in House",
        "On passage Passed by voice vote.",
        "Passed Senate without amendment by Voice Vote.",
        "Vetoed by President.",
        "Two-thirds of the Members present having voted in the affirmative the bill is passed, Passed by the Yeas and Nays: (2/3 required): 383 - 41 (Roll no. 491).",
    ),
}
# (kind of measure, state before, wording of the action, type of event, stage after it)
REFEREE = (
    ("HJRES", "passed both", "Vetoed by President.", "vetoed", "failed"),
    ("HR", "passed both", "Pocket Vetoed by President.", "vetoed", "failed"),
    (
        "S",
        "referred in Senate",
        "Committee on the Judiciary. Ordered to be reported with an amendment in the nature of a substitute favorably.",
        "committee_passed",
        "in_committee",
    ),
    (
        "S",
        "reported in Senate",
        "Placed on Senate Legislative Calendar under General Orders. Calendar No. 70.",
        "other",
        "in_committee",
    ),
    ("HR", "signed", "Became Public Law No: 111-148.", "adopted", "adopted"),
    ("HR", "passed both", "Cleared for White House.", "other", "passed_all"),
    ("HR", "passed both", "Presented to President.", "other", "passed_all"),
    ("HR", "passed both", "Signed by President.", "signed", "adopted"),
    (
        "HR",
        "introduced in House",
        "On motion to suspend the rules and pass the bill Agreed to by the Yeas and Nays: (2/3 required): 416 - 0 (Roll no. 768).",
        "passed_chamber",
        "passed_first",
    ),
    (
        "HR",
        "passed House",
        "Passed Senate with an amendment and an amendment to the Title by Yea-Nay Vote. 60 - 39. Record Vote Number: 396.",
        "passed_chamber",
        "passed_first",
    ),
    (
        "S",
        "reported in Senate",
        "Cloture motion on the motion to proceed to the measure invoked in Senate by Yea-Nay Vote. 99 - 0. Record Vote Number: 44.",
        "other",
        "in_committee",
    ),
    (
        "HR",
        "Senate amended",
        "On motion that the House agree to the Senate amendments Agreed to by recorded vote: 219 - 212 (Roll no. 165).",
        "passed",
        "passed_all",
    ),
    (
        "HR",
        "passed House",
        "Cloture on the motion to proceed to the bill invoked in Senate by Yea-Nay Vote. 60 - 39. Record Vote Number: 353.",
        "other",
        "passed_first",
    ),
    (
        "HR",
        "passed House",
        "Cloture invoked in Senate by Yea-Nay Vote. 60 - 39. Record Vote Number: 395.",
        "other",
        "passed_first",
    ),
    (
        "HR",
        "Senate amended",
        "On agreeing to the conference report Agreed to by the Yeas and Nays: 293 - 132 (Roll no. 72).",
        "passed_chamber",
        "passed_first",
    ),
    (
        "HR",
        "House agreed to conference",
        "Senate agreed to conference report by Yea-Nay Vote. 60 - 36. Record Vote Number: 22.",
        "passed",
        "passed_all",
    ),
    (
        "HJRES",
        "vetoed",
        "On passage, the objections of the President to the contrary notwithstanding Failed by the Yeas and Nays: (2/3 required): 143 - 245, 1 Present (Roll no. 2).",
        "rejected",
        "failed",
    ),
    (
        "HR",
        "vetoed",
        "Two-thirds of the Members present having voted in the affirmative the bill is passed, Passed by the Yeas and Nays: (2/3 required): 383 - 41 (Roll no. 491).",
        "position",
        "failed",
    ),
    (
        "HR",
        "House overrode",
        "Passed Senate over veto by Yea-Nay Vote. 70 - 26. Record Vote Number: 177.",
        "veto_overridden",
        "adopted",
    ),
    (
        "SJRES",
        "passed Senate",
        "On passage Passed by the Yeas and Nays: (2/3 required): 286 - 130 (Roll no. 296).",
        "passed",
        "passed_all",
    ),
    (
        "HCONRES",
        "passed House",
        "Received in the Senate, considered, and agreed to without amendment by Unanimous Consent.",
        "adopted",
        "adopted",
    ),
    (
        "HRES",
        "reported in House",
        "On agreeing to the resolution, as amended Agreed to by the Yeas and Nays: 253 - 175 (Roll no. 16).",
        "adopted",
        "adopted",
    ),
    (
        "SRES",
        "reported in Senate",
        "Submitted in the Senate, considered, and agreed to without amendment and with a preamble by Unanimous Consent.",
        "adopted",
        "adopted",
    ),
    (
        "SRES",
        "introduced in Senate",
        "Disagreed to in Senate by Voice Vote.",
        "rejected",
        "failed",
    ),
    (
        "HR",
        "referred in House",
        "On motion to suspend the rules and pass the bill Failed by the Yeas and Nays: (2/3 required): 97 - 318, 7 Present (Roll no. 379).",
        "rejected",
        "failed",
    ),
    ("HRES", "introduced in House", "Passed House pursuant to H. Res. 241.", "adopted", "adopted"),
    (
        "HR",
        "introduced in House",
        "Referred to the Committee on Homeland Security, and in addition to the Committees on Armed Services, Agriculture, and Natural Resources, for a period to be subsequently determined by the Speaker, in each case for consideration of such provisions as fall within the jurisdiction of the committee concerned.",
        "referred",
        "in_committee",
    ),
    (
        "HR",
        "introduced in House",
        "Referred to the Subcommittee Indian and Alaska Native Affairs.",
        "referred",
        "in_committee",
    ),
    (
        "S",
        "referred in Senate",
        "Committee on the Judiciary Subcommittee on the Constitution, Civil Rights and Human Rights. Hearings held.",
        "hearing",
        "in_committee",
    ),
)


@pytest.mark.parametrize(("kind", "state", "line", "type", "after"), REFEREE)
def test_action_means_what_the_referee_says(
    kind: str, state: str, line: str, type: str, after: str
):
    measure = in_congress(kind, *BEFORE[state], line)
    assert (types(measure)[-1], stage(measure.content["events"])) == (type, after)


# Agreement between the chambers

AGREEMENTS = (
    "On motion that the House agree to the Senate amendment Agreed to by voice vote. (text as passed Senate with an amendment: CR H2)",
    "On motion that the House agree to the Senate amendment Agreed to by recorded vote: 218 - 214 (Roll no. 190). (text of amendment in the nature of a substitute: CR H1)",
    "On motion that the House suspend the rules and agree to the Senate amendment Agreed to by voice vote.",
    "On motion that the House suspend the rules and concur in the Senate amendments Agreed to by voice vote.",
    "On motion that the House recede and concur in the Senate amendment Agreed to without objection.",
    "House agreed to Senate amendment pursuant to H. Res. 590.",
    "Resolving differences -- House actions: House agreed to Senate amendment pursuant to H. Res. 590.",
)


@pytest.mark.parametrize("line", AGREEMENTS)
@pytest.mark.parametrize(
    ("kind", "type", "after"), [("HR", "passed", "passed_all"), ("HCONRES", "adopted", "adopted")]
)
def test_house_agrees_to_the_amendments_of_the_senate(line: str, kind: str, type: str, after: str):
    measure = in_congress(kind, *BEFORE["Senate amended"], line)
    assert (types(measure)[-1], stage(measure.content["events"])) == (type, after)


@pytest.mark.parametrize(
    "line",
    [
        "On motion that the House agree to the Senate amendment Failed by recorded vote: 100 - 300 (Roll no. 9).",
        "On motion that the House agree with an amendment to the Senate amendment Agreed to by voice vote.",
        "House agreed to Senate amendment with amendment pursuant to H. Res. 1299",
        "On motion that the House agree to Senate amendments numbered 1 and 2, and disagree to the Senate amendment numbered 3 Agreed to by voice vote.",
        "On motion that the House disagree to the Senate amendment, and request a conference Agreed to by voice vote.",
        "Mr. Doe moved that the House agree to the Senate amendment. (consideration: CR H1)",
        "The previous question was ordered pursuant to the rule.",
    ],
)
def test_less_than_agreement_leaves_the_measure_with_one_chamber(line: str):
    assert stage(in_congress("HR", *BEFORE["Senate amended"], line).content["events"]) == (
        "passed_first"
    )


@pytest.mark.parametrize(
    "line",
    [
        "Senate agreed to the House amendment to the Senate amendment to H.R. 77 by Yea-Nay Vote. 93 - 6. Record Vote Number: 220.",
        "Senate concurred in the House amendment to the Senate amendment by Voice Vote.",
        "Senate receded from its amendment and concurred in the House amendment by Voice Vote.",
    ],
)
def test_senate_agrees_after_the_house_amended_once_more(line: str):
    again = "House agreed to Senate amendment with an amendment pursuant to H. Res. 1082."
    measure = in_congress("HR", *BEFORE["Senate amended"], again, line)
    assert types(measure)[-2:] == ["passed_chamber", "passed"]


@pytest.mark.parametrize(
    "after",
    [
        (
            "On passage Passed by the Yeas and Nays: 218 - 213 (Roll no. 69). (text of amendment in the nature of a substitute: CR H1)",
        ),
        (
            "On passage Passed by the Yeas and Nays: 218 - 213 (Roll no. 69).",
            "Message on House action received in Senate and at desk: House amendment to Senate bill.",
        ),
        (
            "The House struck all after the enacting clause and inserted in lieu thereof the provisions of a similar measure H.R. 1.",
            "On passage Passed without objection.",
        ),
    ],
    ids=["in the vote", "after the vote", "before the vote"],
)
def test_second_chamber_amends_although_the_vote_does_not_say_so(after: tuple[str, ...]):
    measure = in_congress("S", *BEFORE["passed Senate"], *after)
    assert stage(measure.content["events"]) == "passed_first"
    agreed = in_congress(
        "S", *BEFORE["passed Senate"], *after, "Senate agreed to the House amendment by Voice Vote."
    )
    assert types(agreed)[-1] == "passed"


def test_message_of_an_amendment_counts_before_the_vote_of_its_day_too():
    listed = (  # the last one first, those without a time before those with one
        (
            "2026-04-29",
            "On passage Passed by the Yeas and Nays: 235 - 191 (Roll no. 142).",
            "",
            "",
            "",
        ),
        (
            "2026-04-29",
            "Message on House action received in Senate and at desk: House amendment to Senate bill.",
            "",
            "",
            "",
        ),
        ("2025-11-20", "Passed Senate without amendment by Unanimous Consent.", "", "", ""),
    )
    assert types(action(bill_status(kind="S", actions=listed))) == [
        "passed_chamber",
        "other",
        "passed_chamber",
    ]


def test_agreement_with_an_amendment_is_no_agreement():
    again = "House agreed to Senate amendment with an amendment pursuant to H. Res. 1082."
    measure = in_congress("HR", *BEFORE["passed both"], again, "Presented to President.")
    # There was an amendment to agree to, so the Senate did not pass the text of the House.
    assert types(measure)[-3:] == ["passed_chamber", "passed_chamber", "passed"]


def test_conference_report_needs_both_chambers():
    house = "On agreeing to the conference report Agreed to by the Yeas and Nays: 226 - 197 (Roll no. 183)."
    senate = "Senate agreed to conference report by Yea-Nay Vote. 51 - 48. Record Vote Number: 171."
    before = (*BEFORE["passed Senate"], "On agreeing to the resolution, as amended Agreed to.")
    assert types(in_congress("SCONRES", *before, house))[-1] == "passed_chamber"
    assert types(in_congress("SCONRES", *before, house, house))[-1] == "passed_chamber"
    assert types(in_congress("SCONRES", *before, house, senate))[-2:] == [
        "passed_chamber",
        "adopted",
    ]
    assert types(in_congress("SCONRES", *before, senate, house))[-1] == "adopted"


def test_bill_that_goes_to_the_president_was_passed_by_all_in_whatever_words():
    measure = in_congress("HR", *BEFORE["Senate amended"], "Presented to President.")
    assert types(measure)[-1] == "passed"


# Vetoes


def test_one_chamber_does_not_override_a_veto():
    senate = "Passed Senate over veto by Yea-Nay Vote. 70 - 26. Record Vote Number: 177."
    measure = in_congress("HR", *BEFORE["vetoed"], senate, senate)
    assert types(measure)[-2:] == ["position", "position"]
    assert stage(measure.content["events"]) == "failed"


def test_what_happens_to_the_message_leaves_the_measure_vetoed():
    measure = in_congress(
        "HR", *BEFORE["vetoed"], "Referred to the House Committee on Natural Resources."
    )
    assert (types(measure)[-1], stage(measure.content["events"])) == ("other", "failed")


def test_vote_that_the_source_gives_twice_is_one_event():
    vote = "On passage, the objections of the President to the contrary notwithstanding Failed by the Yeas and Nays: (2/3 required): 248 - 177 (Roll no. 12)."
    senate = "Failed of passage in Senate over veto by Yea-Nay{}. 47 - 46. Record Vote Number: 242."
    listed = tuple(
        ("2026-03-02", text, "", "", "")
        for text in (
            f"Failed of passage in House over veto {vote}",
            vote,
            senate.format(" Vote"),
            senate.format(""),
        )
    )
    assert [event["note"] for event in action(bill_status(actions=listed)).content["events"]] == [
        senate.format(" Vote"),
        vote,
    ]


def test_wording_goes_before_the_code():
    listed = (("2026-03-02", "Vetoed by President.", "President", "E30000", "House floor actions"),)
    assert types(action(bill_status(actions=listed))) == ["vetoed"]


def test_law_without_signature_is_adopted():
    line = "Sent to Archivist of the United States unsigned."
    assert types(in_congress("HR", *BEFORE["passed both"], line))[-1] == "adopted"


# Measures that end, begin or pass without a vote of their own


@pytest.mark.parametrize(
    ("kind", "line", "type"),
    [
        (
            "HRES",
            "On motion to table the measure Agreed to by the Yeas and Nays: 214 - 213 (Roll no. 276).",
            "rejected",
        ),
        ("HRES", "Motion to reconsider laid on the table Agreed to without objection.", "other"),
        ("HRES", "Ms. Doe moved to table the measure.", "other"),
        (
            "HRES",
            "Pursuant to the provisions of H. Res. 1014, H. Res. 77 is considered passed House as amended.",
            "adopted",
        ),
        ("HRES", "Rule H. Res. 161 passed House.", "other"),
        (
            "HR",
            "Pursuant to section 7 of H. Res. 5, the following bills passed under suspension of the rules: H.R. 77; H.R. 78, as amended.",
            "passed_chamber",
        ),
        ("SRES", "Resolution agreed to in Senate with an amended preamble.", "adopted"),
        ("SJRES", "Indefinitely postponed by Senate by Unanimous Consent.", "rejected"),
        (
            "HR",
            "Under the order of 9/18/2025, not having achieved 60 votes in the affirmative, failed of passage in Senate by Yea-Nay Vote. 44 - 48. Record Vote Number: 528.",
            "rejected",
        ),
        (
            "S",
            "Introduced in the Senate, read twice, considered, read the third time, and passed without amendment by Voice Vote.",
            "passed_chamber",
        ),
        (
            "HR",
            "The House Committee on Appropriations reported an original measure, H. Rept. 119-172, by Mr. Doe.",
            "committee_passed",
        ),
        (
            "S",
            "Committee on the Budget. Original measure reported to Senate by Senator Doe. Without written report.",
            "committee_passed",
        ),
    ],
)
def test_measure_without_a_vote_of_its_own(kind: str, line: str, type: str):
    assert types(in_congress(kind, line)) == [type]


def test_original_measure_that_failed_on_its_first_day_failed():
    def at(wording: str, hour: int) -> dict:
        return {
            "description": wording,
            "date": f"2025-04-01T{hour}:00:00+00:00",
            "classification": [],
            "organization_id": '~{"classification": "lower"}',
        }

    failed = at(
        "On agreeing to the resolution Failed by recorded vote: 206 - 222 (Roll no. 87).", 18
    )
    reported = at("The House Committee on Rules reported an original measure, H. Rept. 119-49.", 14)
    measure = action(
        json.dumps(scraped_bill(identifier="HRES 77", actions=[failed, reported])).encode()
    )
    assert (types(measure), stage(measure.content["events"])) == (
        ["committee_passed", "rejected"],
        "failed",
    )


def test_action_without_a_text_is_reported():
    measure = in_congress("HR", "Introduced in House", "")
    assert types(measure) == ["introduced"]
    assert "actions: an action of 2026-02-02 has no text" in measure.unresolved


def test_action_of_open_states_without_a_text_is_reported():
    listed = scraped_bill()["actions"]
    empty = {**listed[0], "description": ""}
    measure = action(json.dumps(scraped_bill(actions=[empty, *listed])).encode())
    assert types(measure) == ["introduced", "referred"]
    assert "actions: an action of 2026-02-03 has no text" in measure.unresolved


# States


def in_state(
    place: str, classification: str, *lines: tuple[str, str, str], **changes: object
) -> Proposal:
    """A measure of a state with one action a day: (wording, classifications or '', chamber)."""
    listed = [
        {
            "description": wording,
            "date": f"2026-02-{day:02d}",
            "classification": kind.split(),
            "organization": {"classification": chamber},
        }
        for day, (wording, kind, chamber) in enumerate(lines, 1)
    ]
    jurisdiction = {"id": f"ocd-jurisdiction/country:us/state:{place}/government"}
    return action(
        json.dumps(
            state_bill(
                jurisdiction=jurisdiction,
                classification=[classification],
                actions=listed,
                **changes,
            )
        ).encode()
    )


LOWER, UPPER = ("Passed.", "passage", "lower"), ("Passed.", "passage", "upper")


@pytest.mark.parametrize(
    ("place", "classification", "lines", "expected"),
    [
        ("ca", "resolution", [LOWER], ["adopted"]),
        ("ca", "concurrent resolution", [LOWER, UPPER], ["passed_chamber", "adopted"]),
        ("ca", "joint resolution", [LOWER, UPPER], ["passed_chamber", "adopted"]),
        ("ca", "joint resolution", [LOWER, LOWER], ["passed_chamber", "passed_chamber"]),
        ("ca", "bill", [LOWER, UPPER], ["passed_chamber", "passed"]),
        ("ca", "constitutional amendment", [LOWER, UPPER], ["passed_chamber", "passed"]),
        ("ne", "bill", [("Passed.", "passage", "legislature")], ["passed"]),
        ("ne", "resolution", [("Adopted.", "passage", "legislature")], ["adopted"]),
    ],
)
def test_measure_of_a_state_is_complete_with_the_chambers_it_needs(
    place: str, classification: str, lines: list[tuple], expected: list[str]
):
    assert types(in_state(place, classification, *lines)) == expected


def test_unknown_chamber_is_no_second_one():
    unknown = ("Passed.", "passage", "")
    assert types(in_state("ca", "bill", LOWER, unknown)) == ["passed_chamber", "passed_chamber"]
    assert types(in_state("ca", "bill", unknown, unknown)) == ["passed_chamber", "passed_chamber"]


def test_state_amends_and_concurs():
    amended = ("Read third time. Passed with amendments.", "passage", "upper")
    concurs = ("House concurs in Senate amendments.", "concurrence", "lower")
    assert types(in_state("ca", "bill", LOWER, amended, concurs)) == [
        "passed_chamber",
        "passed_chamber",
        "passed",
    ]
    refuses = ("House refused to concur in Senate amendments.", "concurrence", "lower")
    assert stage(in_state("ca", "bill", LOWER, amended, refuses).content["events"]) == (
        "passed_first"
    )


CONCURRENCES = (
    ("House concurred in Floor Amendment (2)", "", "lower"),
    ("Senate amendments concurred in. To Enrolling.", "committee-passage-favorable", "lower"),
    ("House/ concurs with Senate amendment", "amendment-passage", "upper"),
    ("House Considered Senate Amendments - Result was to Concur - Repass", "", "lower"),
)


@pytest.mark.parametrize("line", CONCURRENCES)
@pytest.mark.parametrize(
    "message",
    [
        ("In Assembly. Concurrence in Senate amendments pending.", "", "lower"),
        ("House/ placed on Concurrence Calendar", "", "lower"),
        ("posted for passage for concurrence in Senate Committee Substitute (1)", "", "lower"),
        ("Senate/ to House with amendments", "", "lower"),
    ],
)
def test_amendments_of_the_second_chamber_are_concurred_in(line: tuple, message: tuple):
    measure = in_state("ca", "bill", LOWER, UPPER, message, line)
    assert types(measure) == ["passed_chamber", "passed_chamber", "other", "passed"]


@pytest.mark.parametrize(
    "line",
    [
        ("House Considered Senate Amendments - Result was to Not Concur - Request", "", "lower"),
        ("House/ refuse to concur with Senate amendment", "", "lower"),
        ("House Considered Senate Amendments - Result was to Concur - Not Repassed", "", "lower"),
        ("House concurred in Governor's recommendation No. 5 (90-Y 8-N 0-A)", "", "lower"),
    ],
)
def test_what_is_no_concurrence_leaves_the_bill_with_one_chamber(line: tuple):
    amended = ("3rd reading, passed 30-3 with Committee Substitute (1)", "passage", "upper")
    assert stage(in_state("ca", "bill", LOWER, amended, line).content["events"]) == "passed_first"


@pytest.mark.parametrize(
    "words",
    [
        "{} Conference Committee - Final Passage",
        "Free Conference Committee report adopted in {}",
        "Conference report agreed to by {} (90-Y 8-N 0-A)",
        "{} Consideration of First Conference Committee Report result was to Adopt Committee Report - Repass",
    ],
)
def test_conference_report_of_a_state_needs_both_chambers(words: str):
    amended = ("Passed with amendments.", "passage", "upper")
    house, senate = ((words.format(chamber), "", "") for chamber in ("House", "Senate"))
    assert types(in_state("ca", "bill", LOWER, amended, house, house, senate))[2:] == [
        "passed_chamber",
        "passed_chamber",
        "passed",
    ]


def test_concurrence_shows_that_the_vote_before_it_amended():
    vote = ("Senate Third Reading Passed - No Amendments", "passage", "upper")
    concurs = CONCURRENCES[-1]
    assert types(in_state("co", "bill", LOWER, vote, vote, concurs)) == [
        "passed_chamber",
        "passed_chamber",
        "passed_chamber",
        "passed",
    ]
    refuses = ("House refused to concur in Senate Floor Amendment (1)", "", "lower")
    assert types(in_state("ky", "bill", LOWER, vote, refuses))[1] == "passed_chamber"


def test_chamber_of_the_wording_goes_before_that_of_the_feed():
    lines = [
        (f"{chamber}/ passed 3rd reading", "passage", "lower") for chamber in ("House", "Senate")
    ]
    assert types(in_state("ut", "bill", *lines)) == ["passed_chamber", "passed"]


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("HR 1001", ["adopted"]),
        ("SJR 8", ["passed_chamber", "adopted"]),
        ("HB 8", ["passed_chamber", "passed"]),
    ],
)
def test_number_says_a_resolution_where_all_are_called_bills(number: str, expected: list[str]):
    measure = in_state("co", "bill", *(LOWER, UPPER)[: len(expected)], identifier=number)
    assert types(measure) == expected
    assert measure.content["instrument"] == "bill"


@pytest.mark.parametrize(
    ("place", "wording", "kind", "type"),
    [
        ("ca", "Read first time. To print.", "reading-1", "introduced"),
        ("ca", "Read second time. Ordered to third reading.", "reading-1 reading-2", "other"),
        ("ky", "passed over and retained in the Orders of the Day", "passage", "other"),
        ("ky", "enrolled, signed by Speaker of the House", "passage", "passed"),
        ("ne", "President/Speaker signed", "passage", "passed"),
        ("ne", "Enrollment and Review ER5 filed", "filing", "other"),
        ("ne", "Motion to suspend rules to indefinitely postpone filed", "filing", "other"),
        ("ne", "Judiciary AM123 adopted", "", "amended"),
        ("ne", "Bill stands indefinitely postponed", "", "rejected"),
        ("ne", "Returned by Governor without approval on May 5, 2026", "", "vetoed"),
        ("va", "Bill text as passed House (HR5ER)", "passage", "other"),
        ("va", "Agreed to by House", "", "passed_chamber"),
        ("va", "Passed by indefinitely in Finance", "", "rejected"),
        ("va", "Passed by for the day", "passage", "other"),
        ("ut", "House/ 1st reading (Introduced)", "", "introduced"),
        ("ut", "House/ passed 2nd & 3rd readings/ suspension", "", "passed_chamber"),
        ("ut", "House/ filed", "filing", "other"),
        ("ut", "House/ signed by Speaker/ returned to Senate", "passage", "other"),
        ("ut", "House/ signed by Speaker/ sent for enrolling", "passage", "passed"),
        ("ca", "Action rescinded whereby bill was read third time and passed.", "passage", "other"),
        ("ut", "House/ strike enacting clause", "", "lapsed"),
        ("ut", "House/ floor amendment failed", "failure", "other"),
        ("ut", "House/ substitute adoption failed", "failure", "other"),
        ("ut", "House Comm - Motion to Recommend Failed [House Rules]", "failure", "other"),
        ("ut", "House/ failed", "failure", "rejected"),
        ("co", "House Committee on Judiciary Postpone Indefinitely", "", "rejected"),
    ],
)
def test_wordings_of_states(place: str, wording: str, kind: str, type: str):
    assert types(in_state(place, "bill", (wording, kind, "lower"))) == [type]


def test_second_chamber_does_not_introduce_a_bill_once_more():
    again = ("In Senate. Read first time.", "reading-1", "upper")
    first = ("Read first time.", "reading-1", "lower")
    assert types(in_state("ca", "bill", first, LOWER, again)) == [
        "introduced",
        "passed_chamber",
        "other",
    ]


def test_bill_that_failed_does_not_lapse_as_well():
    failed, struck = (
        ("House/ failed", "failure", "lower"),
        ("House/ strike enacting clause", "", ""),
    )
    assert types(in_state("ut", "bill", failed, struck)) == ["rejected", "other"]
    assert types(in_state("ut", "bill", failed, LOWER, struck)) == [
        "rejected",
        "passed_chamber",
        "lapsed",
    ]


@pytest.mark.parametrize("kind", ["enrolled", "executive-receipt"])
def test_enrolled_bill_was_passed_by_all(kind: str):
    assert types(in_state("ca", "bill", LOWER, ("To the Governor.", kind, "upper"))) == [
        "passed_chamber",
        "passed",
    ]


def test_governor_is_overridden_by_both_chambers_only():
    veto = ("Vetoed by Governor.", "executive-veto", "executive")
    first, second = (
        ("Passed notwithstanding the veto.", "veto-override-passage", chamber)
        for chamber in ("lower", "upper")
    )
    measure = in_state("ca", "bill", LOWER, UPPER, veto, first, first, second)
    assert types(measure)[2:] == ["vetoed", "position", "position", "veto_overridden"]
    assert stage(in_state("ca", "bill", LOWER, UPPER, veto, first).content["events"]) == "failed"
    # The same words with another classification, or none.
    plain = [(wording, "passage", chamber) for wording, _, chamber in (first, second)]
    assert types(in_state("ca", "bill", LOWER, UPPER, veto, *plain))[2:] == [
        "vetoed",
        "position",
        "veto_overridden",
    ]
    # A vote after the veto that does not say what it is about.
    assert types(in_state("ca", "bill", LOWER, UPPER, veto, LOWER, UPPER))[2:] == [
        "vetoed",
        "position",
        "passed",
    ]
    assert types(in_state("ne", "bill", veto, first)) == ["vetoed", "veto_overridden"]


@pytest.mark.parametrize(
    ("wording", "kind", "type"),
    [
        ("(H) READ THE FIRST TIME - REFERRALS", "reading-1", "referred"),
        ("(S) READ THE FIRST TIME - HELD ON SECY'S DESK", "reading-1", "introduced"),
        ("(H) L&C RPT CS(L&C) 5DP 1NR", "", "other"),
        ("(H) Moved CSHB 57(L&C) Out of Committee", "", "committee_passed"),
        ("(H) PASSED Y34 N6", "passage", "passed_chamber"),
        ("(H) TRANSMITTED TO (S)", "passage", "other"),
        ("(H) RESCIND ACTION (ADOPTED) RES CS PASSED Y20 N19", "passage", "other"),
        ("(H) MOTION TO ADJOURN FAILED Y9 N28 E3", "failure", "other"),
        ("(H) AM 2 TO AM 1 FAILED Y9 N28 E3", "failure", "other"),
        ("(H) FAILED PASSAGE Y17 N21 E2", "failure", "rejected"),
        ("(H) GOVERNOR VETO OVERRIDDEN Y46 N14", "", "veto_overridden"),
        ("(S) LAW W/O GOV SIGNATURE 6/22 CH 28 SLA 26", "became-law", "adopted"),
    ],
)
def test_wordings_of_alaska(wording: str, kind: str, type: str):
    chamber = "lower" if wording.startswith("(H)") else "upper"
    assert types(in_state("ak", "bill", (wording, kind, chamber))) == [type]


def test_bill_of_alaska_goes_back_with_amendments_and_is_concurred_in():
    measure = in_state(
        "ak",
        "bill",
        ("(H) PASSED Y34 N6", "passage", "lower"),
        ("(S) PASSED Y19 N1", "passage", "upper"),
        ("(S) PASSED ON RECONSIDERATION Y19 N1", "passage", "upper"),
        ("(S) TRANSMITTED TO (H) AS AMENDED", "passage", "upper"),
        ("(H) CONCUR AM OF (S) Y31 N8 E1", "", "lower"),
        ("(H) VETOED BY GOVERNOR 5/19/25", "executive-veto", "lower"),
        ("(H) GOVERNOR VETO SUSTAINED Y30 N30", "", "lower"),
    )
    assert types(measure) == [
        "passed_chamber",
        "passed_chamber",
        "passed_chamber",
        "other",
        "passed",
        "vetoed",
        "other",
    ]


@pytest.mark.parametrize(
    ("wording", "kind", "type"),
    [
        ("Bill Number Assigned", "reading-1", "introduced"),
        ("H Failed Introduction 29-32-1-0-0", "", "rejected"),
        ("H Did not Consider for Introduction", "deferral", "lapsed"),
        ("H COW:H Did not consider for COW", "committee-failure", "lapsed"),
        ("H COW:Failed 20-40-2-0-0", "committee-failure", "rejected"),
        ("H Concur:Failed 20-39-3-0-0", "", "other"),
        ("Became Law without Signature", "", "adopted"),
    ],
)
def test_wordings_of_wyoming(wording: str, kind: str, type: str):
    assert types(in_state("wy", "bill", (wording, kind, "lower"))) == [type]


def test_action_that_introduces_and_refers_is_a_referral():
    listed = state_bill()["actions"][:1]
    listed[0] |= {
        "description": "Introduced and Referred to H09 - Minerals",
        "classification": ["introduction", "referral-committee"],
    }
    assert types(action(json.dumps(state_bill(actions=listed)).encode())) == ["referred"]


def test_bill_of_wyoming_is_with_one_chamber_until_it_is_concurred_in():
    lines = (
        ("H 3rd Reading:Passed 34-27-1-0-0", "passage", "lower"),
        ("S 3rd Reading:Passed 20-10-1-0-0", "passage", "upper"),
        ("H Received for Concurrence", "", "lower"),
    )
    assert stage(in_state("wy", "bill", *lines).content["events"]) == "passed_first"
    for last in ("H Concur:Passed 58-4-0-0-0", "Assigned Number HEA No. 0039"):
        assert types(in_state("wy", "bill", *lines, (last, "", "lower")))[-1] == "passed"


def test_signature_with_a_veto_of_lines_is_a_signature():
    line = ("Signed with line item vetoes", "executive-veto-line-item", "executive")
    assert types(in_state("ca", "bill", LOWER, UPPER, line))[-1] == "signed"


# Days of moments


@pytest.mark.parametrize(
    ("place", "moment", "day"),
    [
        ("wy", "2021-04-02T04:40:25+00:00", "2021-04-01"),
        ("wy", "2021-01-05T07:30:00+00:00", "2021-01-05"),
        ("hi", "2021-04-02T09:00:00Z", "2021-04-01"),
        ("ak", "2025-05-20T07:59:59.123+00:00", "2025-05-19"),
        ("az", "2021-07-01T06:30:00+00:00", "2021-06-30"),
        ("ny", "2021-07-01T04:30:00+00:00", "2021-07-01"),
        ("wy", "2021-04-02T00:00:00+00:00", "2021-04-02"),
        ("wy", "2021-04-02T04:40:25-06:00", "2021-04-02"),
        ("wy", "2021-04-02", "2021-04-02"),
    ],
)
def test_moment_is_the_day_it_was_at_the_capital_of_the_state(place: str, moment: str, day: str):
    listed = [{**state_bill()["actions"][0], "date": moment}]
    jurisdiction = {"id": f"ocd-jurisdiction/country:us/state:{place}/government"}
    measure = action(
        json.dumps(
            state_bill(jurisdiction=jurisdiction, actions=listed, updated_at=moment)
        ).encode()
    )
    assert (measure.content["events"][0]["date"], measure.content["as_of"]) == (day, day)


def test_every_state_has_a_time_zone_that_exists():
    from dateutil.tz import gettz

    assert len(openstates.ZONES) == 50 + len({"DC", "PR", "VI", "GU", "MP", "AS"})
    assert all(gettz(zone) for zone in openstates.ZONES.values())
    assert set(openstates.ZONES) >= openstates.UNICAMERAL


# The end of a Congress


@pytest.mark.parametrize(
    ("congress", "end"),
    [(1, "1791-03-04"), (72, "1933-03-04"), (73, "1935-01-03"), (116, "2021-01-03")],
)
def test_congress_ends_on_a_fixed_day(congress: int, end: str):
    assert congress_end(congress) == end


def ended(*lines: str, kind: str = "HR", updated: str = "2026-01-05T10:00:00Z") -> Proposal:
    """A measure of the 116th Congress, with one action a day in October 2019."""
    listed = [(f"2019-10-{day:02d}", line, "", "", "") for day, line in enumerate(lines, 1)]
    return action(
        bill_status(kind=kind, congress=116, actions=tuple(reversed(listed)), updated=updated)
    )


@pytest.mark.parametrize("state", ["introduced in House", "referred in House", "Senate amended"])
def test_open_bill_lapses_with_its_congress(state: str):
    measure = ended(*BEFORE[state])
    last = measure.content["events"][-1]
    assert (last["date"], last["type"], last["note"]) == (
        "2021-01-03",
        "lapsed",
        "Congress 116 ended without completing it.",
    )
    assert stage(measure.content["events"]) == "lapsed"


@pytest.mark.parametrize(
    ("kind", "state", "updated"),
    [
        ("HR", "signed", "2026-01-05T10:00:00Z"),
        ("HR", "vetoed", "2026-01-05T10:00:00Z"),
        ("HR", "passed both", "2026-01-05T10:00:00Z"),
        ("HRES", "passed House", "2026-01-05T10:00:00Z"),
        ("HR", "referred in House", "2020-12-30T10:00:00Z"),
    ],
    ids=["law", "vetoed", "before the President", "resolution", "record from before the end"],
)
def test_nothing_lapses_that_ended_or_is_not_known_to(kind: str, state: str, updated: str):
    assert "lapsed" not in types(ended(*BEFORE[state], kind=kind, updated=updated))


def test_bill_of_a_congress_that_is_over_lapses_by_way_of_open_states_too():
    listed = [{**one, "date": "2019-10-29"} for one in scraped_bill()["actions"]]
    old = scraped_bill(legislative_session="116", actions=listed)
    assert types(action(json.dumps(old).encode())) == ["introduced", "referred", "lapsed"]


# From the source to the status


def statuses(base: Base, data: bytes) -> list[tuple[str, str]]:
    """(stage, from day) of the periods of the one action in `data`, imported and loaded."""
    form, records = proposals(data, "feed")
    made = plan(base.policies, TODAY, [Feed("feed", form, records)], organizations=True)
    changes.write(base.policies, [*made.changes, *made.beside])
    assert base.load().errors == 0
    with sqlite3.connect(base.db) as connection:
        return connection.execute(
            "select stage, from_date from periods where action = ? order by from_date",
            (action(data).id,),
        ).fetchall()


def test_overridden_veto_is_seen_in_the_status(base: Base):
    last = "Passed Senate over veto by Yea-Nay Vote. 70 - 26. Record Vote Number: 177."
    lines = (*BEFORE["House overrode"], last)
    listed = [(f"2026-02-{day:02d}", line, "", "", "") for day, line in enumerate(lines, 1)]
    assert statuses(base, bill_status(actions=tuple(reversed(listed)))) == [
        ("introduced", "2026-02-01"),
        ("passed_first", "2026-02-02"),
        ("passed_all", "2026-02-03"),
        ("failed", "2026-02-04"),
        ("adopted", "2026-02-06"),
    ]


def test_lapsed_bill_is_imported_once_and_check_has_nothing_to_say(base: Base):
    listed = tuple(
        ("2019-10-29", line, "", "", "") for line in reversed(BEFORE["referred in House"])
    )
    data = bill_status(congress=116, actions=listed, updated="2026-01-05T10:00:00Z")
    assert statuses(base, data) == [("in_committee", "2019-10-29"), ("lapsed", "2021-01-03")]
    assert [problem.code for problem in base.check().problems if problem.code == "T420"] == []
    form, records = proposals(data, "feed")
    again = plan(base.policies, TODAY, [Feed("feed", form, records)], organizations=True)
    assert {one.state for one in again.outcomes} == {"unchanged"}


def test_check_warns_of_a_bill_that_an_older_record_left_open(base: Base):
    listed = tuple(
        ("2019-10-29", line, "", "", "") for line in reversed(BEFORE["referred in House"])
    )
    data = bill_status(congress=116, actions=listed, updated="2019-11-01T10:00:00Z")
    assert statuses(base, data) == [("in_committee", "2019-10-29")]
    (warning,) = (problem for problem in base.check().problems if problem.code == "T420")
    assert "Congress 116 ended on 2021-01-03" in warning.message


def test_day_in_the_future_ends_no_congress(base: Base):
    bill = {"instrument": "bill", "identifiers": {"us_bill": "hr77-119"}}
    event = {"id": "introduced", "date": "2026-06-02", "type": "introduced", "unconfirmed": True}
    base.record("actions", "a-bill", **bill, events=[event])
    assert base.codes() == []
    base.record("actions", "an-order", as_of="2030-01-01")
    assert base.codes() == ["T402"]


# The tables


def test_every_wording_of_the_tables_says_something_known():
    for table in (wordings.CONGRESS, *wordings.STATES.values()):
        assert len({one.pattern.pattern for one in table}) == len(table)
    assert set(wordings.STATES) - {""} <= set(openstates.ZONES)
    assert set(openstates.CLASSIFICATIONS.values()) & wordings.STEPS == {
        wordings.PASSAGE,
        wordings.AGREEMENT,
        wordings.OVERRIDE,
        wordings.COMPLETION,
    }
