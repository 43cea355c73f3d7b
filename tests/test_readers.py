"""Readers of official records: what each form becomes, and that anything else gets one clear message."""

import copy
import json
from collections.abc import Callable

import pytest
from conftest import ANY, examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from official import ACTIONS, bill_status, document, packed, rule, scraped_bill, state_bill
from policykb.contribute.proposal import Proposal
from policykb.model.problems import SourceError
from policykb.sources.formats import FORMATS, guessed, proposals
from test_bibliography import BIBTEX, CSL, RIS
from test_eurlex import REGULATION
from test_table import DOCUMENTS

SAMPLES = {
    "federal-register": packed(
        document(), rule(document_number="2026-01300", citation="91 FR 1300")
    ),
    "billstatus": bill_status(),
    "openstates": json.dumps([state_bill(), scraped_bill()]).encode(),
    "congress-api": json.dumps(
        {
            "bill": {"type": "HR", "number": "77", "congress": 119, "title": "Small Things Act"},
            "actions": [{"actionDate": "2026-02-03", "text": "Introduced in House"}],
        }
    ).encode(),
    "eur-lex": REGULATION,
    "csl-json": CSL,
    "bibtex": BIBTEX,
    "ris": RIS,
    "csv": DOCUMENTS.encode(),
}


def actions(data: bytes, name: str = "feed") -> list[Proposal]:
    return [proposal for proposal in proposals(data, name)[1] if proposal.kind == "action"]


def events(data: bytes) -> list[tuple[str, str, str]]:
    return [
        (event["date"], event["type"], event["note"])
        for event in actions(data)[0].content["events"]
    ]


@pytest.mark.parametrize("form", FORMATS)
def test_format_is_guessed_from_the_content(form: str):
    assert guessed(SAMPLES[form], "feed") == form


def test_content_of_no_known_format_is_refused():
    with pytest.raises(
        SourceError,
        match="^feed: the format is unknown; expected one of federal-register, billstatus, openstates",
    ):
        proposals(b'{"a": 1}', "feed")


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        (b"HR 9925\nCA SB 53\n\nH.R. 5388\n", "fetch the records first"),
        (b"HR 9925\nA bill on weights\n", "name it with --format"),
    ],
)
def test_numbers_alone_are_not_a_format(text: bytes, advice: str):
    with pytest.raises(SourceError, match=f"^feed: the format is unknown; .*{advice}"):
        proposals(text, "feed")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_named_with_how_to_save_it(encoding: str):
    said = "^feed: is UTF-16; expected a text file saved as UTF-8; in Excel choose the type 'CSV UTF-8'"
    with pytest.raises(SourceError, match=said):
        proposals("title,type\nA,report\n".encode(encoding), "feed")


# Federal Register


def paper(type: str, line: str | None, **changes: object) -> dict:
    """A document of an agency, with a line on what kind of action it is."""
    numbers = {"executive_order_number": None, "presidential_document_number": None}
    return document(
        type=type, subtype=None, signing_date=None, action=line, **{**numbers, **changes}
    )


@pytest.mark.parametrize(
    "form",
    [
        lambda one: json.dumps(one),
        lambda one: json.dumps([one]),
        lambda one: json.dumps({"count": 1, "results": [one]}),
    ],
)
def test_one_document_a_list_and_a_search_result_are_read_alike(form: Callable):
    (found,) = actions(form(document()).encode())
    assert found.keys == (
        ("eo", "14500"),
        ("fr_document", "2026-01234"),
    )
    assert (
        found.id,
        found.content["title"],
        found.content["instrument"],
        found.content["jurisdiction"],
    ) == ("us-eo-14500", "Ordering Things", "executive_order", "code:US")
    assert found.content["bodies"] == [
        {"organization": "name:President of the United States", "role": "issuer"}
    ]


def test_order_is_issued_when_signed_and_published_later():
    assert events(packed(document())) == [
        ("2026-03-01", "issued", "Signed."),
        ("2026-03-05", "published", "Published in the Federal Register, 91 FR 1234."),
    ]


def test_order_without_a_day_of_signing_was_issued_by_the_day_of_publication():
    (found,) = actions(packed(document(signing_date=None)))
    assert [(event["date"], event["type"]) for event in found.content["events"]] == [
        ("2026-03-05?", "issued"),
        ("2026-03-05", "published"),
    ]
    assert found.unresolved == (
        "signing_date: the source gives none; the order was issued on the day of its publication or before",
    )


def test_order_effective_later_is_signed_first():
    assert [event[:2] for event in events(packed(document(effective_on="2026-06-01")))] == [
        ("2026-03-01", "signed"),
        ("2026-03-05", "published"),
        ("2026-06-01", "took_effect"),
    ]


def test_rule_is_issued_by_the_agency_below_and_keeps_the_words_of_the_register():
    (found,) = actions(packed(rule()))
    assert found.content["instrument"] == "agency_rule"
    assert found.content["bodies"] == [{"organization": "name:An Office", "role": "issuer"}]
    assert found.content["identifiers"] == {
        "fr_document": "2026-01234",
        "fr_citation": "91 FR 1234",
        "us_rin": "0694-AJ91",
    }
    assert events(packed(rule())) == [
        (
            "2026-03-05",
            "adopted",
            "Published in the Federal Register, 91 FR 1234: Final rule; request for comments. Dockets: Docket No. 260301-0001",
        ),
        ("2026-04-01", "took_effect", "This rule is effective April 1, 2026."),
        ("2026-05-01", "consultation_closed", "Comments close."),
    ]


def test_notes_on_other_orders_become_relations_events_or_are_told():
    notes = "Revokes: EO 13771, January 30, 2017; EO 13777, February 24, 2017\r\nAmends: EO 12866, September 30, 1993\nSupersedes: EO 11111, May 1, 1960; See: EO 13892, October 9, 2019; Notice of May 1, 2026"
    found, *ended = actions(
        packed(
            document(
                executive_order_notes=notes, disposition_notes="Revoked by: EO 14600, May 2, 2026"
            )
        )
    )
    assert [
        (relation["type"], relation["action"], relation["note"])
        for relation in found.content["relations"]
    ] == [
        ("revokes", "eo:13771", "Revokes: EO 13771, January 30, 2017"),
        ("revokes", "eo:13777", "Revokes: EO 13777, February 24, 2017"),
        ("amends", "eo:12866", "Amends: EO 12866, September 30, 1993"),
        ("replaces", "eo:11111", "Supersedes: EO 11111, May 1, 1960"),
    ]
    assert [(one.keys, one.content["events"][0]["date"]) for one in ended] == [
        ((("eo", "13771"),), "2026-03-01"),
        ((("eo", "13777"),), "2026-03-01"),
        ((("eo", "11111"),), "2026-03-01"),
    ]
    assert found.unresolved == (
        "note: 'See: EO 13892, October 9, 2019': no kind of relation here says just that",
        "note: 'See: Notice of May 1, 2026': names no order by its number",
    )
    assert ("2026-05-02", "revoked", "Revoked by: EO 14600, May 2, 2026") in events(
        packed(document(disposition_notes="Revoked by: EO 14600, May 2, 2026"))
    )


def test_proclamation_says_that_it_has_no_instrument_of_its_own():
    (found,) = actions(
        packed(
            document(
                subtype="Proclamation",
                executive_order_number=None,
                presidential_document_number=None,
                proclamation_number="11000",
            )
        )
    )
    assert (
        found.id,
        found.content["instrument"],
        found.content["identifiers"]["official_number"],
    ) == ("us-memorandum-2026-01234", "presidential_memorandum", "Proclamation 11000")
    assert found.unresolved == (
        "type: the Federal Register calls it a proclamation, for which there is no instrument here",
    )


def test_notice_of_an_agency_names_no_instrument():
    (found,) = actions(packed(paper("Notice", "Notice of public meeting.")))
    assert "instrument" not in found.content
    assert found.unresolved == (
        "type: the Federal Register calls it 'Notice of public meeting.', for which there is no instrument here",
    )


def test_identifier_of_another_form_is_told_and_left_out():
    (found,) = actions(packed(document(citation="91 Fed. Reg. 1234")))
    assert "fr_citation" not in found.content["identifiers"]
    assert found.unresolved == (
        "identifier: '91 Fed. Reg. 1234' does not have the form of scheme 'fr_citation'",
    )


def test_page_is_known_by_all_its_addresses():
    page = next(
        proposal
        for proposal in proposals(packed(document()), "feed")[1]
        if proposal.kind == "document"
    )
    assert [value for _, value in page.keys] == [
        "https://www.federalregister.gov/documents/2026/03/05/2026-01234/ordering-things",
        "https://www.federalregister.gov/documents/2026/03/05/2026-01234",
        "https://www.federalregister.gov/d/2026-01234",
        "https://www.govinfo.gov/content/pkg/2026-01234.pdf",
    ]
    assert (page.id, page.content["grade"], page.content["page"], page.content["issued"]) == (
        "federal-register-2026-eo-14500",
        "established",
        "1234-1236",
        "2026-03-05",
    )


# Bill status


# What a line on the kind of action means: (type of document, line) -> events, with the days 5 March (publication),
# 1 April (effective) and 1 May (end of comments) of 2026.
LINES = {
    ("Rule", "Final rule."): ["03-05 adopted", "04-01 took_effect"],
    ("Rule", "Interim final rule with request for comments."): [
        "03-05 adopted",
        "04-01 took_effect",
        "05-01 consultation_closed",
    ],
    ("Rule", "Final rule; delay of effective date."): [
        "03-05? adopted",
        "03-05 published",
        "04-01 took_effect",
    ],
    ("Rule", "Direct final rule; further delay of effective date."): [
        "03-05? adopted",
        "03-05 published",
        "04-01 took_effect",
    ],
    ("Rule", "Technical amendments."): ["03-05 adopted"],
    ("Rule", "FINAL RULE; CORRECTION."): ["03-05? adopted", "03-05 amended"],
    ("Rule", "Final rule; withdrawn."): ["03-05 withdrawn"],
    ("Proposed Rule", "Supplemental notice of proposed rulemaking."): ["03-05 proposed"],
    ("Proposed Rule", "Proposed rule and partial withdrawal of proposed rule."): [
        "03-05? proposed",
        "03-05 other",
    ],
    ("Proposed Rule", "Proposed rulemaking; extension of public comment period"): [
        "03-05? proposed",
        "03-05 extended",
        "05-01 consultation_closed",
    ],
    ("Rule", "Delay of effective date."): [
        "03-05? adopted",
        "03-05 published",
        "04-01 took_effect",
    ],
    ("Rule", "Final rule; partial delay of effective date."): [
        "03-05? adopted",
        "03-05 other",
        "04-01 other",
    ],
    ("Rule", "Final rule; correction."): ["03-05? adopted", "03-05 amended", "04-01 other"],
    ("Rule", "Correcting amendment."): ["03-05? adopted", "03-05 amended", "04-01 other"],
    ("Rule", "Direct final rule; withdrawal."): ["03-05 withdrawn"],
    ("Rule", "Withdrawal of direct final rule."): ["03-05 withdrawn"],
    ("Rule", "Final rule; withdrawal of proposed rule."): ["03-05 adopted", "04-01 took_effect"],
    ("Rule", "Final rule; administrative stay."): ["03-05? adopted", "03-05 suspended"],
    ("Rule", "Final rule; lifting of administrative stay."): ["03-05? adopted", "03-05 resumed"],
    ("Rule", "Final rule; confirmation of effective date."): [
        "03-05? adopted",
        "03-05 published",
        "04-01 took_effect",
    ],
    ("Proposed Rule", "Proposed rule; request for comments."): [
        "03-05 proposed",
        "05-01 consultation_closed",
    ],
    ("Proposed Rule", "Notice of proposed rulemaking and notice of public hearing."): [
        "03-05 proposed",
        "05-01 consultation_closed",
    ],
    ("Proposed Rule", "Proposed rule; withdrawal."): ["03-05 withdrawn"],
    ("Proposed Rule", "Termination of rulemaking."): ["03-05 withdrawn"],
    ("Proposed Rule", "Proposed rule; partial withdrawal."): ["03-05? proposed", "03-05 other"],
    ("Proposed Rule", "Withdrawal of proposed rule and notice of proposed rulemaking."): [
        "03-05? proposed",
        "03-05 other",
    ],
    ("Proposed Rule", "Proposed rule; extension of comment period."): [
        "03-05? proposed",
        "03-05 extended",
        "05-01 consultation_closed",
    ],
    ("Proposed Rule", "Proposed rule; reopening of the comment period."): [
        "03-05? proposed",
        "03-05 consultation_opened",
        "05-01 consultation_closed",
    ],
    ("Proposed Rule", "Proposed rule; correction."): ["03-05? proposed", "03-05 amended"],
    ("Proposed Rule", "Advance notice of proposed rulemaking."): [
        "03-05 consultation_opened",
        "05-01 consultation_closed",
    ],
    ("Proposed Rule", "Advance notice of proposed rulemaking; extension of comment period."): [
        "03-05? consultation_opened",
        "03-05 extended",
        "05-01 consultation_closed",
    ],
    ("Proposed Rule", "Denial of petition for rulemaking."): ["03-05 rejected"],
    ("Proposed Rule", "Proposed rule; announcement of public hearing."): [
        "03-05? proposed",
        "03-05 published",
    ],
    ("Proposed Rule", "Request for information."): [
        "03-05 consultation_opened",
        "05-01 consultation_closed",
    ],
    ("Notice", "Notice; request for public comment."): [
        "03-05 consultation_opened",
        "05-01 consultation_closed",
    ],
    ("Notice", "Request for information."): ["03-05 consultation_opened"],
    ("Notice", "Notice; extension of comment period."): [
        "03-05? consultation_opened",
        "03-05 extended",
        "05-01 consultation_closed",
    ],
    ("Notice", "Notice of public meeting."): ["03-05 published"],
}


@pytest.mark.parametrize(("kind", "line"), LINES)
def test_line_on_the_kind_of_action_is_read(kind: str, line: str):
    expected = LINES[kind, line]
    days = {
        "effective_on": "2026-04-01" if any("04-01" in one for one in expected) else None,
        "comments_close_on": "2026-05-01" if any("05-01" in one for one in expected) else None,
    }
    (found,) = actions(packed(paper(kind, line, **days)))
    assert [f"{event['date'][5:]} {event['type']}" for event in found.content["events"]] == expected
    about_another = any("?" in one for one in expected)
    assert any(text.startswith("action: ") for text in found.unresolved) is about_another


def test_rule_that_is_effective_before_its_publication_was_adopted_by_then():
    found = events(packed(paper("Rule", "Temporary final rule.", effective_on="2026-03-02")))
    assert [event[:2] for event in found] == [
        ("2026-03-02?", "adopted"),
        ("2026-03-02", "took_effect"),
        ("2026-03-05", "published"),
    ]


def test_correction_of_an_unknown_document_says_so():
    (found,) = actions(packed(paper("Correction", None)))
    assert found.unresolved == (
        "correction: FR Doc. 2026-01234 corrects a document that the source does not name",
    )


@pytest.mark.parametrize(
    "text",
    [
        "As of March 5, 2026, the effective date of the rule published at 90 FR 900 is delayed until June 1, 2026.",
        "The effective date, delayed until March 1, 2026 (90 FR 901), is further delayed from that day to June 1, 2026.",
    ],
)
def test_delay_names_the_day_until_which_it_delays(text: str):
    delayed = paper("Rule", "Final rule; delay of effective date.", dates=text)
    (found,) = actions(packed({**delayed, "effective_on": "2026-03-05"}))
    assert [
        (event["date"], event["type"], event.get("moved_on")) for event in found.content["events"]
    ] == [
        ("2026-03-05?", "adopted", None),
        ("2026-03-05", "published", None),
        ("2026-03-05", "other", None),
        ("2026-06-01", "took_effect", "2026-03-05"),
    ]


@pytest.mark.parametrize(
    ("notes", "expected"),
    [
        ("Revokes : EO 13495, January 30, 2009", ["revokes 13495"]),
        ("See: EO 10530, May 10, 1954 Revokes: EO 11423, August 16, 1968", ["revokes 11423"]),
        (
            "Revokes: EO 13495, January 30, 2009, EO 13496, January 30, 2009",
            ["revokes 13495", "revokes 13496"],
        ),
        (
            "Revokes: EO 13495 of January 30, 2009 and EO 13496 of January 30, 2009",
            ["revokes 13495", "revokes 13496"],
        ),
        (
            "Supersedes: EO 13708, September 30, 2015 Revokes: EO 13805, July 19, 2017",
            ["replaces 13708", "revokes 13805"],
        ),
        ("Revokes:\nEO 13495, January 30, 2009", ["revokes 13495"]),
        ("Revokes in part: EO 13495, January 30, 2009", ["amends 13495"]),
        ("Revokes: EO 13495, January 30, 2009 (in part)", ["amends 13495"]),
        ("Revoked by: EO 14600, May 2, 2026", ["2026-05-02 revoked"]),
        ("Revoked By: EO 14600, May 2, 2026", ["2026-05-02 revoked"]),
        ("Superseded by: EO 14600, May 2, 2026", ["2026-05-02 replaced"]),
        (
            "Amended by: EO 14550, April 1, 2026; Revoked by: EO 14600, May 2, 2026",
            ["2026-04-01 amended", "2026-05-02 revoked"],
        ),
        ("Revoked by: EO 14600, May 2, 2026 (in part)", ["2026-05-02 eased"]),
        ("Terminated by: Proclamation 11001, May 2, 2026", ["2026-05-02 revoked"]),
    ],
)
def test_notes_on_other_orders_are_read_in_all_their_forms(notes: str, expected: list[str]):
    found = actions(packed(document(executive_order_notes=notes)))[0]
    relations = [f"{one['type']} {one['action'][3:]}" for one in found.content.get("relations", [])]
    later = [
        f"{event['date']} {event['type']}"
        for event in found.content["events"]
        if event["type"] not in ("issued", "published")
    ]
    assert relations + later == expected
    assert all(text.startswith("note: 'See") for text in found.unresolved)


@pytest.mark.parametrize(
    ("changes", "event"),
    [
        (
            {"correction_of": "https://www.federalregister.gov/api/v1/documents/2026-01234"},
            (
                "amended",
                "Corrected in the Federal Register, 91 FR 1234: FR Doc. C1-2026-01234 corrects FR Doc. 2026-01234.",
            ),
        ),
        (
            {"type": "Correction", "subtype": None},
            (
                "amended",
                "Corrected in the Federal Register, 91 FR 1234: FR Doc. C1-2026-01234 corrects FR Doc. 2026-01234.",
            ),
        ),
        (
            {"document_number": "R1-2026-01234"},
            (
                "published",
                "Published again in the Federal Register, 91 FR 1234: FR Doc. R1-2026-01234 reprints FR Doc. 2026-01234.",
            ),
        ),
    ],
)
def test_correction_is_an_event_of_the_act_that_it_corrects(changes: dict, event: tuple[str, str]):
    (found,) = actions(packed(document(**{"document_number": "C1-2026-01234", **changes})))
    assert found.keys[0] == ("fr_document", "2026-01234")
    assert found.content.keys() == {"as_of", "events"}
    assert [(one["type"], one["note"]) for one in found.content["events"]] == [event]


@pytest.mark.parametrize(
    "number", ["E9-1885", "94-12345", "06-123", "X94-10810", "C1-2009-1885", "2010-36"]
)
def test_numbers_of_all_years_are_taken(number: str):
    found = actions(packed(document(document_number=number, correction_of=None)))[0]
    assert ("fr_document", number) in found.keys


@pytest.mark.parametrize(
    ("subtype", "told"),
    [
        (
            "Presidential Order",
            "type: the Federal Register calls it a presidential order, for which there is no instrument here",
        ),
        (None, "type: the Federal Register names no subtype of this presidential document"),
    ],
)
def test_order_of_the_president_without_a_number_is_read(subtype: str | None, told: str):
    numbers = dict.fromkeys(["executive_order_number", "presidential_document_number"])
    (found,) = actions(packed(document(subtype=subtype, **numbers)))
    assert (found.id, found.content["instrument"]) == (
        "us-memorandum-2026-01234",
        "presidential_memorandum",
    )
    assert found.unresolved == (told,)


def test_document_filed_for_public_inspection_is_announced():
    filed = {"filed_at": "2026-03-03T08:45:00.000-05:00"}
    assert [event[:2] for event in events(packed(paper("Rule", None) | filed))] == [
        ("2026-03-03", "announced"),
        ("2026-03-05", "adopted"),
    ]


def test_bill_has_each_action_once_in_order_and_in_its_own_words():
    assert events(bill_status()) == [
        ("2026-02-03", "introduced", "Introduced in House"),
        ("2026-02-03", "referred", "Referred to the House Committee on Small Things."),
        ("2026-02-10", "other", "Sponsor introductory remarks on measure. (CR E1)"),
        ("2026-03-02", "passed_chamber", "Passed House with an amendment by voice vote."),
    ]


def test_bill_names_sponsor_committee_and_who_asserts_a_relation():
    (found,) = actions(bill_status())
    assert (found.keys, found.id, found.content["as_of"]) == (
        (("us_bill", "hr77-119"),),
        "us-hr77-119",
        "2026-03-05",
    )
    assert found.content["bodies"] == [
        {"organization": "name in US:Jane Doe", "role": "sponsor", "note": "D-CA"},
        {
            "organization": "name:House Committee on Small Things",
            "role": "partner",
            "note": "Committee of referral",
        },
    ]
    assert found.content["relations"] == [
        {
            "type": "companion",
            "action": "us_bill:s12-119",
            "note": "Identical bill, as identified by CRS",
        }
    ]
    assert found.unresolved == (
        "relation: Related bill S 13 of the 119th Congress, as identified by House: no kind of relation here says just that",
    )
    assert found.content["aliases"] == ["Very Small Things Act"]


def after_passage(*more: tuple[str, str, str]) -> list[tuple[str, str]]:
    """Day and type of the events of a bill with more actions after the passage in the House."""
    listed = tuple((day, text, "", code, "Library of Congress") for day, text, code in more)
    return [event[:2] for event in events(bill_status(actions=listed + ACTIONS))][4:]


def test_second_chamber_passes_it_unless_it_amends_it():
    assert after_passage(
        (
            "2026-04-01",
            "Passed/agreed to in Senate: Passed Senate without amendment by Unanimous Consent.",
            "17000",
        )
    ) == [("2026-04-01", "passed")]
    assert after_passage(
        (
            "2026-04-01",
            "Passed/agreed to in Senate: Passed Senate with an amendment by Voice Vote.",
            "17000",
        )
    ) == [("2026-04-01", "passed_chamber")]


def test_bill_that_became_law_is_a_statute():
    listed = (
        (
            "2026-04-09",
            "Became Public Law No: 119-99.",
            "BecameLaw",
            "36000",
            "Library of Congress",
        ),
        ("2026-04-09", "Became Public Law No: 119-99.", "BecameLaw", "E40000", "House"),
        ("2026-04-09", "Signed by President.", "President", "E30000", "House"),
        *ACTIONS,
    )
    data = bill_status(
        actions=listed, laws="<item><type>Public Law</type><number>119-99</number></item>"
    )
    (found,) = actions(data)
    assert found.content["instrument"] == "statute"
    assert found.content["identifiers"] == {"us_bill": "hr77-119", "us_public_law": "119-99"}
    assert [event[:2] for event in events(data)][4:] == [
        ("2026-04-09", "signed"),
        ("2026-04-09", "adopted"),
    ]


def test_resolution_of_one_chamber_is_adopted_by_it():
    data = bill_status(
        kind="HRES",
        actions=(
            (
                "2026-03-02",
                "On agreeing to the resolution Agreed to without objection.",
                "Floor",
                "",
                "House floor actions",
            ),
            ("2026-03-01", "Submitted in House", "IntroReferral", "1025", "Library of Congress"),
        ),
    )
    assert [event[:2] for event in events(data)] == [
        ("2026-03-01", "introduced"),
        ("2026-03-02", "adopted"),
    ]


# Open States


def test_state_bill_is_read_from_the_api():
    (found,) = actions(json.dumps(state_bill()).encode())
    assert (found.keys, found.id) == (
        (("us_state_bill", "CA SB 99 (2025-26)"),),
        "us-ca-sb99-2025-26",
    )
    assert (found.content["instrument"], found.content["jurisdiction"], found.content["as_of"]) == (
        "statute",
        "code:US-CA",
        "2026-03-04",
    )
    assert events(json.dumps(state_bill()).encode()) == [
        ("2026-01-05", "introduced", "Introduced."),
        ("2026-02-01", "passed_chamber", "Read third time. Passed."),
        ("2026-02-02", "other", "Held at desk."),
        ("2026-03-01", "passed", "Read third time. Passed."),
        ("2026-03-03", "adopted", "Chaptered by Secretary of State."),
    ]
    assert found.content["bodies"] == [
        {"organization": "name in US-CA:Richard Roe", "role": "sponsor", "note": "Democratic"}
    ]
    assert found.content["relations"] == [
        {
            "type": "companion",
            "action": "us_state_bill:CA AB 98 (2025-26)",
            "note": "Open States: companion",
        }
    ]


def test_session_without_a_year_is_that_of_the_first_action():
    (found,) = actions(json.dumps(state_bill(session="104th")).encode())
    assert found.keys == (
        ("us_state_bill", "CA SB 99 (2026)"),
        ("us_state_bill", "CA SB 99 (2025-26)"),
    )


def test_scraped_bill_of_congress_is_turned_round_and_dated_in_washington():
    page, *_, found = proposals(json.dumps(scraped_bill()).encode(), "feed")[1]
    assert [(event["date"], event["type"]) for event in found.content["events"]] == [
        ("2026-02-03", "introduced"),
        ("2026-02-03", "referred"),
    ]
    assert (page.content["url"], page.content["grade"]) == (
        "https://www.congress.gov/bill/119th-congress/house-bill/77",
        "relayed",
    )


def test_bill_without_a_page_has_unconfirmed_events():
    (found,) = actions(json.dumps(scraped_bill(sources=[])).encode())
    assert all(event["unconfirmed"] and "cite" not in event for event in found.content["events"])
    assert found.unresolved == ("sources: no address of a page, so no event can cite one",)


def test_nobody_elses_words_are_copied():
    for form, data in SAMPLES.items():
        assert "Somebody's summary" not in repr(proposals(data, form)[1])


# What is not as it should be

BOMB = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><billStatus><bill>&b;</bill></billStatus>'
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><billStatus><bill><title>&a;</title></bill></billStatus>'
WRONG = {
    "empty": (
        "billstatus",
        b"",
        "feed: is empty; expected records in one of the forms that can be imported",
    ),
    "entity bomb": (
        "billstatus",
        BOMB,
        "feed: has a document type or entities of its own, which can hide other content; expected XML without them",
    ),
    "external entity": (
        "billstatus",
        OUTSIDE,
        "feed: has a document type or entities of its own, which can hide other content; expected XML without them",
    ),
    "other XML": ("billstatus", b"<html/>", "feed: <html>: expected <billStatus> with a <bill>"),
    "XML cut off": (
        "billstatus",
        bill_status()[:-20],
        "feed:14: not XML in column 1: no element found; expected complete XML",
    ),
    "bill without a number": (
        "billstatus",
        bill_status(number="x"),
        "feed: type 'HR', number 'x', congress '119': expected a bill such as HR 3106 of the 114th Congress",
    ),
    "path in a number": (
        "billstatus",
        bill_status(number="../../evil"),
        "feed: type 'HR', number '../../evil', congress '119': expected a bill such as HR 3106 of the 114th Congress",
    ),
    "JSON cut off": (
        "federal-register",
        packed(document())[:-2],
        "feed:1: not JSON in column 941: Expecting ',' delimiter (the file seems to be cut off); expected complete JSON",
    ),
    "not UTF-8": (
        "federal-register",
        b'{"title": "caf\xe9"}',
        "feed:1: byte 0xe9 is not UTF-8; expected a text file saved as UTF-8",
    ),
    "deep JSON": (
        "federal-register",
        b"[" * 100_000,
        "feed: is nested too deeply; expected at most 60 levels",
    ),
    "rather deep JSON": (
        "federal-register",
        b"[" * 61 + b"]" * 61,
        "feed: is nested too deeply; expected at most 60 levels",
    ),
    "no number": (
        "federal-register",
        b'[{"document_number": NaN}]',
        "feed: found the number NaN; expected JSON, which has no such number",
    ),
    "huge number": (
        "federal-register",
        b"[1" + b"0" * 5000 + b"]",
        "feed: has a number with too many digits; expected JSON with numbers of usual size",
    ),
    "control character": (
        "federal-register",
        packed(document(title="a\0b")),
        "feed: results[0].title: has the character U+0000 (a control character), which cannot be shown safely; expected plain text",
    ),
    "reordering character": (
        "openstates",
        json.dumps(state_bill(title="a\u202eb")).encode(),
        "feed: title: has the character U+202E (RIGHT-TO-LEFT OVERRIDE), which cannot be shown safely; expected plain text",
    ),
    "long text": (
        "federal-register",
        packed(document(title="a" * 20_001)),
        "feed: results[0].title: has 20,001 characters; expected at most 20,000",
    ),
    "wrong type": (
        "federal-register",
        packed(document(title=["x"])),
        "feed: results[0].title: found a list; expected text",
    ),
    "missing title": (
        "federal-register",
        packed(document(title=None)),
        "feed: results[0].title: found nothing; expected text",
    ),
    "no list": (
        "federal-register",
        b'{"results": {}}',
        "feed: results: found an object; expected a list",
    ),
    "no results": (
        "federal-register",
        b'{"count": 3, "results": []}',
        "feed: results: found none; expected documents",
    ),
    "unknown type": (
        "federal-register",
        packed(document(type="Poem")),
        "feed: results[0].type: found text 'Poem'; expected one of Correction, Notice, Presidential Document, "
        "Proposed Rule, Rule, Sunshine Act Document, Uncategorized Document",
    ),
    "wrong day": (
        "federal-register",
        packed(document(signing_date="2026-02-30")),
        "feed: results[0].signing_date: '2026-02-30' is not a date; expected one such as 2026-06-15",
    ),
    "no object": ("openstates", b'["x"]', "feed: [0]: found text 'x'; expected an object"),
    "unknown place": (
        "openstates",
        json.dumps(state_bill(jurisdiction={"id": "../../ca"})).encode(),
        "feed: jurisdiction: found an object; expected the id of a jurisdiction such as "
        "ocd-jurisdiction/country:us/state:tx/government",
    ),
}


@pytest.mark.parametrize(("form", "data", "message"), WRONG.values(), ids=WRONG)
def test_wrong_input_gets_one_clear_message(form: str, data: bytes, message: str):
    with pytest.raises(SourceError) as refused:
        proposals(data, "feed", form)
    assert str(refused.value) == message


def test_too_large_input_is_refused_before_it_is_parsed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("policykb.contribute.reading.MOST_BYTES", 1000)
    with pytest.raises(SourceError, match=r"^feed: has [\d,]+ bytes; expected at most 1,000$"):
        proposals(SAMPLES["federal-register"], "feed", "federal-register")


def test_no_results_of_a_search_that_found_none_are_no_error():
    assert proposals(b'{"count": 0, "results": []}', "feed", "federal-register") == (
        "federal-register",
        [],
    )


def judged(data: bytes, form: str) -> None:
    """Reading gives proposals of sound form, or says that it cannot; nothing else."""
    try:
        _, found = proposals(data, "feed", form)
    except SourceError as error:
        assert str(error).startswith("feed")
        return
    for proposal in found:
        assert set(proposal.content) and proposal.kind in ("action", "document", "organization")
        assert all(value for _, value in proposal.keys)


@pytest.mark.thorough
@pytest.mark.parametrize("form", FORMATS)
@settings(
    max_examples=examples(150),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_mutated_bytes_give_proposals_or_unreadable(form: str, data: st.DataObject):
    sample = bytearray(SAMPLES[form])
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(sample) - 1))
        length = data.draw(st.integers(0, 30))
        sample[place : place + length] = data.draw(
            st.one_of(
                st.binary(max_size=6),
                st.sampled_from(
                    [b"", b"\0", b"null", b"[]", b'"', b"<", b"&x;", b"../", b"9" * 50, b"\xff"]
                ),
            )
        )
    judged(bytes(sample), form)


def _places(value: object, prefix: tuple = ()) -> list[tuple]:
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    return [prefix, *(place for key, item in inner for place in _places(item, (*prefix, key)))]


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(ANY, max_size=20),
    st.builds(list),  # new ones each time: values are put into each other
    st.builds(dict),
    st.builds(lambda: [[]]),
    st.just("~["),
    st.just("~[]"),
    st.just("2026-13-40"),
    st.just("0000-01-01"),
    st.just("9999-12-31T23:59:59+00:00"),
    st.just("0001-01-01T00:00:00Z"),
    st.just("a" * 5000),
)


@pytest.mark.parametrize("form", ["federal-register", "openstates"])
@settings(max_examples=examples(300), deadline=None)
@given(data=st.data())
def test_wrong_values_anywhere_give_proposals_or_unreadable(form: str, data: st.DataObject):
    record = json.loads(SAMPLES[form])
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.sampled_from(_places(record)[1:]))
        target = record
        for part in place[:-1]:
            target = target[part]
        target[place[-1]] = copy.deepcopy(data.draw(VALUES))  # a value drawn twice is not one
    judged(json.dumps(record).encode(), form)


# Keys of a source that no one reads


@pytest.mark.parametrize(
    ("form", "data", "keys"),
    [
        ("federal-register", packed(document(), rule(new_key="x")), {"new_key"}),
        ("federal-register", packed(document(new_key=None), rule(new_key=[])), set()),
        (
            "openstates",
            json.dumps([state_bill(new_key={"a": 1}), scraped_bill()]).encode(),
            {"new_key"},
        ),
        (
            "billstatus",
            bill_status().replace(b"</bill>", b"<newKey><item>1</item></newKey></bill>"),
            {"newKey"},
        ),
        (
            "billstatus",
            bill_status().replace(b"<titles>", b"<titles><item><newKey>1</newKey></item>"),
            {"titles[].newKey"},
        ),
        (
            "eur-lex",
            REGULATION.replace(
                b"</WORK>",
                b"<RESOURCE_LEGAL_DATE_NEW><VALUE>2026-01-01</VALUE></RESOURCE_LEGAL_DATE_NEW></WORK>",
                1,
            ),
            {"RESOURCE_LEGAL_DATE_NEW"},
        ),
        *((form, SAMPLES[form], set()) for form in FORMATS),
    ],
)
def test_keys_that_no_one_reads_are_collected_once(form: str, data: bytes, keys: set[str]):
    unread: set[str] = set()
    assert proposals(data, "feed", form, unread=unread)[0] == form
    assert unread == keys
