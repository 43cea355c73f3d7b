"""Importing official records: new files, merges with what people edited, references, and what stops an import."""

import json
import os
import time
from pathlib import Path

import pytest
import rtoml
from conftest import ANY, TODAY, Base
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from official import ACTIONS, bill_status, document, packed, rule, state_bill
from policykb.contribute import changes
from policykb.files import toml_edit
from policykb.files.toml_edit import Edit
from policykb.model import vocabulary
from policykb.model.problems import SourceError
from policykb.model.records import Action
from policykb.sources.formats import proposals
from policykb.sources.plan import Feed, Plan, plan

BILL = "actions/us-hr77-119.toml"


def planned(base: Base, data: bytes, name: str = "feed", **options: object) -> Plan:
    form, found = proposals(data, name)
    return plan(base.policies, TODAY, [Feed(name, form, found)], **options)


def imported(base: Base, data: bytes, name: str = "feed", **options: object) -> list[tuple]:
    """Import `data` and write it. What came of each record: state, kind, id, events, what was said."""
    made = planned(base, data, name, **options)
    assert [problem.text() for problem in changes.judged(base.policies, TODAY, made.changes)] == []
    changes.write(base.policies, [*made.changes, *made.beside])
    return [(one.state, one.kind, one.id, one.events, one.notes) for one in made.outcomes]


def states(outcomes: list[tuple]) -> list[tuple[str, str]]:
    return [(state, id) for state, _, id, _, _ in outcomes]


def record(base: Base, place: str) -> dict:
    return toml_edit.plain(rtoml.load(base.policies / place))


def days(base: Base, place: str = BILL) -> list[tuple[str, str]]:
    return [(event["date"], event["type"]) for event in record(base, place)["events"]]


def edit(base: Base, place: str, *replacements: tuple[str, str]) -> None:
    """Edit a file as a person does."""
    path = base.policies / place
    text = path.read_text()
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(toml_edit.canonical({"": text})[""])


def tree(base: Base) -> dict[str, bytes]:
    return {
        str(path.relative_to(base.policies)): path.read_bytes()
        for path in base.policies.rglob("*")
        if path.is_file()
    }


# New records


def test_new_record_passes_the_check_and_says_what_nobody_has_read(base: Base):
    outcomes = imported(base, packed(document()))
    assert states(outcomes) == [("new", "us-eo-14500"), ("new", "federal-register-2026-eo-14500")]
    assert (
        (base.policies / "actions/us-eo-14500.toml").read_text()
        == '''\
title = "Ordering Things"
instrument = "executive_order"
bindingness = "unknown"
jurisdiction = "us"
as_of = 2026-03-05
confidence = "medium"
summary = """
Executive order EO 14500, FR Doc. 2026-01234. On record since 2026-03-01. This entry was made by a
program from a record or list that names it; no editor has described it yet.
"""
open_questions = ["What does it say, and whom does it bind? No editor has read it yet."]

[identifiers]
eo = "14500"
fr_document = "2026-01234"
fr_citation = "91 FR 1234"

[effect]
kind = "unclear"
note = "No editor has judged it yet."

[[events]]
id = "issued"
date = 2026-03-01
type = "issued"
note = "Signed."
cite = [{ document = "federal-register-2026-eo-14500" }]

[[events]]
id = "published"
date = 2026-03-05
type = "published"
note = "Published in the Federal Register, 91 FR 1234."
cite = [{ document = "federal-register-2026-eo-14500" }]
'''
    )
    assert outcomes[0][4] == (
        "bodies: issuer not among the organizations here (--with-organizations adds them): President of the United States",
    )
    assert base.load().errors == 0


@pytest.mark.parametrize(
    "data",
    [
        packed(document(), rule(document_number="2026-01300", citation="91 FR 1300")),
        bill_status(),
        json.dumps(state_bill()).encode(),
    ],
    ids=["federal-register", "billstatus", "openstates"],
)
@pytest.mark.parametrize("organizations", [False, True])
def test_same_input_twice_changes_nothing(base: Base, data: bytes, organizations: bool):
    assert {state for state, *_ in imported(base, data, organizations=organizations)} == {"new"}
    before = tree(base)
    again = planned(base, data, organizations=organizations)
    assert {one.state for one in again.outcomes} == {"unchanged"}
    assert (again.changes, again.beside) == ([], [])
    assert tree(base) == before


def test_records_of_one_run_name_each_other(base: Base):
    newer = document(
        document_number="2026-09999",
        citation="91 FR 9999",
        executive_order_number="14501",
        executive_order_notes="Revokes: EO 14500, March 1, 2026",
    )
    imported(base, packed(newer, document()))
    assert record(base, "actions/us-eo-14501.toml")["relations"] == [
        {"type": "revokes", "action": "us-eo-14500", "note": "Revokes: EO 14500, March 1, 2026"}
    ]


def test_step_that_was_done_by_a_day_is_not_added_where_it_is_here(base: Base):
    base.action(
        "a-rule",
        [("2026-01-15", "issued"), ("2026-02-01", "published")],
        identifiers={"fr_document": "2026-01234"},
    )
    delay = rule() | {"action": "Final rule; delay of effective date.", "comments_close_on": None}
    assert states(imported(base, packed(delay)))[0] == ("changed", "a-rule")
    assert days(base, "actions/a-rule.toml") == [
        ("2026-01-15", "issued"),
        ("2026-02-01", "published"),
        ("2026-03-05", "published"),
        ("2026-04-01", "took_effect"),
    ]


def test_entry_for_public_inspection_adds_no_second_signature(base: Base):
    imported(base, packed(document()))
    imported(base, packed(document(signing_date=None, filed_at="2026-03-03T08:45:00.000-05:00")))
    assert days(base, "actions/us-eo-14500.toml") == [
        ("2026-03-01", "issued"),
        ("2026-03-03", "announced"),
        ("2026-03-05", "published"),
    ]


ENDING = document(
    document_number="2026-05000",
    executive_order_number="14600",
    citation="91 FR 5000",
    signing_date="2026-05-02",
    publication_date="2026-05-05",
    executive_order_notes="Revokes: EO 14500, March 1, 2026",
)


def test_order_that_another_one_revokes_ends(base: Base):
    both = packed(ENDING, document())
    assert states(imported(base, both))[:3] == [
        ("new", "us-eo-14600"),
        ("new", "us-eo-14500"),
        ("changed", "us-eo-14500"),
    ]
    assert days(base, "actions/us-eo-14500.toml")[-1] == ("2026-05-02", "revoked")
    assert base.check().problems == []
    assert not planned(base, both).changes


def test_order_that_was_here_ends_with_the_order_that_revokes_it(base: Base):
    base.action("an-order", [("2026-03-01", "issued")], identifiers={"eo": "14500"})
    assert states(imported(base, packed(ENDING)))[1] == ("changed", "an-order")
    assert days(base, "actions/an-order.toml") == [
        ("2026-03-01", "issued"),
        ("2026-05-02", "revoked"),
    ]
    assert base.check().problems == []


def test_end_that_is_here_already_is_not_repeated(base: Base):
    base.action(
        "an-order",
        [("2026-03-01", "issued"), ("2026-05-02", "revoked")],
        identifiers={"eo": "14500"},
    )
    assert states(imported(base, packed(ENDING))) == [
        ("new", "us-eo-14600"),
        ("new", "federal-register-2026-eo-14600"),
    ]
    assert len(days(base, "actions/an-order.toml")) == 2


def test_order_that_is_not_here_does_not_end(base: Base):
    outcomes = imported(base, packed(ENDING))
    assert states(outcomes) == [
        ("new", "us-eo-14600"),
        ("new", "federal-register-2026-eo-14600"),
    ]
    assert (
        "relations: revokes an action that is not here: eo 14500 (Revokes: EO 14500, March 1, 2026)"
        in outcomes[0][4]
    )


def test_correction_is_no_act_of_its_own(base: Base):
    correction = document(
        document_number="C1-2026-01234", title="Correction", publication_date="2026-03-09"
    )
    alone = imported(base, packed(correction))
    assert states(alone) == [("skipped", "us-fr-2026-01234")]
    assert alone[0][4] == (
        "its act has no record here; import the act first, then import this again",
    )
    assert states(imported(base, packed(correction, document())))[:2] == [
        ("new", "us-eo-14500"),
        ("changed", "us-eo-14500"),
    ]
    assert days(base, "actions/us-eo-14500.toml")[-1] == ("2026-03-09", "amended")
    assert len(list((base.policies / "actions").glob("us-*"))) == 1
    assert not planned(base, packed(correction, document())).changes


def test_relation_to_an_action_that_is_not_here_is_told_and_made_once_it_is(base: Base):
    outcomes = imported(base, bill_status())
    assert (
        "relations: companion an action that is not here: us_bill s12-119 (Identical bill, as identified by CRS)"
        in outcomes[0][4]
    )
    base.action("a-companion", [("2026-02-01", "introduced")], identifiers={"us_bill": "s12-119"})
    assert states(imported(base, bill_status()))[0] == ("changed", "us-hr77-119")
    assert record(base, BILL)["relations"] == [
        {
            "type": "companion",
            "action": "a-companion",
            "note": "Identical bill, as identified by CRS",
        }
    ]


def test_organizations_are_matched_by_name_and_added_when_asked(base: Base):
    base.write(
        "organizations.toml",
        '# people and offices\n[house]\nname = "United States House of Representatives"\nkind = "legislature"\n\n[j-doe]\nname = "Jane Doe"\nkind = "person"\njurisdiction = "us"\n',
    )
    assert states(imported(base, bill_status()))[0] == ("new", "us-hr77-119")
    assert record(base, BILL)["bodies"] == [
        {"organization": "j-doe", "role": "sponsor", "note": "D-CA"}
    ]
    outcomes = imported(base, bill_status(), organizations=True)
    assert states(outcomes)[0] == ("changed", "us-hr77-119")
    assert ("new", "us-house-small-things") in states(outcomes)
    assert record(base, BILL)["bodies"][1:] == [
        {
            "organization": "us-house-small-things",
            "role": "partner",
            "note": "Committee of referral",
        }
    ]
    assert (
        (base.policies / "organizations.toml").read_text()
        == """\
# people and offices
[house]
name = "United States House of Representatives"
kind = "legislature"

[j-doe]
name = "Jane Doe"
kind = "person"
jurisdiction = "us"

[us-house-small-things]
name = "House Committee on Small Things"
kind = "legislature"
jurisdiction = "us"
part_of = "house"
"""
    )


def test_author_that_has_no_record_keeps_the_name(base: Base):
    data = rb"""@techreport{key, author = {{Readers' Union}}, title = {Survey}, institution = {Union Press}, year = {2026}, url = {https://example.org/survey}}"""
    made = planned(base, data, "file.bib")
    ((_, _, id, said, _),) = made.outcomes
    changes.write(base.policies, made.changes)
    assert (record(base, f"documents/{id}.toml")["authors"], said) == (
        [{"family": "Readers' Union"}],
        (),
    )


def test_office_is_found_without_the_name_of_the_country(base: Base):
    base.write(
        "organizations.toml",
        {"doc": {"name": "United States Department of Commerce", "kind": "government"}},
    )
    data = packed(
        rule() | {"agencies": [{"name": "Commerce Department", "id": 54, "parent_id": None}]}
    )
    imported(base, data)
    assert record(base, "actions/us-rule-2026-01234.toml")["bodies"] == [
        {"organization": "doc", "role": "issuer"}
    ]


def test_unknown_jurisdiction_is_skipped_with_the_way_out(base: Base):
    data = json.dumps(
        state_bill(jurisdiction={"id": "ocd-jurisdiction/country:us/state:wa/government"})
    ).encode()
    outcomes = imported(base, data)
    assert [(one[0], one[2], one[4][0]) for one in outcomes] == [
        (
            "skipped",
            "us-wa-sb99-2025-26",
            "there is no jurisdiction US-WA here; add it to policies/jurisdictions.toml, "
            'as [us-wa] with name, kind and code = "US-WA", and import again',
        )
    ]
    assert not list((base.policies / "documents").glob("open-states*"))


def test_kind_of_document_that_names_no_instrument_is_skipped_unless_it_is_here(base: Base):
    numbers = dict.fromkeys(["executive_order_number", "presidential_document_number"])
    notice = packed(
        document(type="Notice", subtype=None, action="Notice of public meeting.", **numbers)
    )
    assert [one[4][:2] for one in imported(base, notice)] == [
        (
            "the source does not give the kind of act; add the record by hand, with its identifier, and import again",
            "type: the Federal Register calls it 'Notice of public meeting.', for which there is no instrument here",
        )
    ]
    base.action("a-notice", [("2026-03-05", "issued")], identifiers={"fr_document": "2026-01234"})
    assert states(imported(base, notice))[0] == ("changed", "a-notice")


def test_number_of_a_proceeding_is_that_of_each_of_its_rules(base: Base):
    imported(base, packed(rule(), rule(document_number="2026-01300", citation="91 FR 1300")))
    for number, page in (("2026-01234", "91 FR 1234"), ("2026-01300", "91 FR 1300")):
        assert record(base, f"actions/us-rule-{number}.toml")["identifiers"] == {
            "fr_document": number,
            "fr_citation": page,
            "us_rin": "0694-AJ91",
        }


def test_number_that_another_action_has_is_told_and_left_out(base: Base):
    base.action("an-act", [("2026-01-01", "adopted")], identifiers={"us_public_law": "119-99"})
    laws = "<item><type>Public Law</type><number>119-99</number></item>"
    base.action("the-bill", [("2026-01-01", "introduced")], identifiers={"us_bill": "hr77-119"})
    outcomes = imported(base, bill_status(laws=laws))
    assert "identifier: us_public_law '119-99' is that of 'an-act' here" in outcomes[0][4]
    assert record(base, "actions/the-bill.toml")["identifiers"] == {"us_bill": "hr77-119"}


def test_id_of_another_record_is_not_taken(base: Base):
    base.action("us-eo-14500", [("2026-01-01", "issued")])
    outcomes = imported(base, packed(document()))
    assert outcomes[0][0] == "skipped"
    assert (
        outcomes[0][4][0]
        == "'us-eo-14500' is the id of another record; if it is the same, give it the identifier eo = \"14500\""
    )


def test_renamed_record_is_found_by_its_redirect_and_withdrawn_one_is_left(base: Base):
    base.action("an-old-bill", [("2026-02-03", "introduced")])
    base.write(
        "redirects.toml",
        {"us-hr77-119": {"to": "an-old-bill", "on": "2026-02-04", "reason": "Renamed."}},
    )
    assert states(imported(base, bill_status()))[0] == ("changed", "an-old-bill")
    base.record(
        "actions",
        "gone",
        identifiers={"eo": "14500"},
        withdrawn={"on": "2026-06-03", "reason": "A double."},
    )
    assert [(one[0], one[4][0]) for one in imported(base, packed(document()))] == [
        ("skipped", "'gone' was withdrawn here")
    ]


def test_known_until_the_day_of_retrieval_but_never_after_today(base: Base):
    imported(base, bill_status(), retrieved="2026-11-01")
    assert record(base, BILL)["as_of"] == "2026-11-01"
    imported(base, bill_status(updated="2027-01-01T00:00:00Z"))
    assert record(base, BILL)["as_of"] == TODAY


# Merges

LATER = (
    (
        "2026-03-20",
        "Received in the Senate and Read twice and referred to the Committee on Small Things.",
        "IntroReferral",
        "",
        "Senate",
    ),
    *ACTIONS,
)


def test_new_event_is_put_in_at_its_day_and_comments_stay(base: Base):
    imported(base, bill_status())
    edit(
        base,
        BILL,
        (
            '[[events]]\nid = "other"\n',
            '# the next one matters little\n[[events]]\nid = "other"\n',
        ),
        ('title = "Small', '# a bill\ntitle = "Small'),
    )
    between = (
        *ACTIONS[:2],
        (
            "2026-02-05",
            "Hearings held by the Committee.",
            "Committee",
            "",
            "House committee actions",
        ),
        *ACTIONS[2:],
    )
    before = (base.policies / BILL).read_text()
    outcomes = imported(base, bill_status(actions=between))
    assert [(one[0], one[3]) for one in outcomes] == [("changed", 1), ("unchanged", 0)]
    assert (base.policies / BILL).read_text() == before.replace(
        "# the next one",
        """[[events]]
id = "hearing"
date = 2026-02-05
type = "hearing"
note = "Hearings held by the Committee."
cite = [{ document = "congress-2026-hr77-page" }]

# the next one""",
    )


def test_untouched_fields_follow_the_source_and_edited_ones_stay(base: Base):
    imported(base, bill_status())
    edit(
        base,
        BILL,
        ("Small Things Act", "Act on Small Things"),
        ('kind = "unclear"', 'kind = "silent"'),
        ("Sponsor introductory", "The sponsor's introductory"),
    )
    law = bill_status(
        actions=LATER,
        laws="<item><type>Public Law</type><number>119-99</number></item>",
        updated="2026-04-01T00:30:00Z",
    )
    outcomes = imported(base, law)
    now = record(base, BILL)
    assert (now["title"], now["instrument"], now["effect"]["kind"], now["as_of"]) == (
        "Act on Small Things",
        "statute",
        "silent",
        "2026-03-31",
    )
    assert now["identifiers"] == {"us_bill": "hr77-119", "us_public_law": "119-99"}
    assert now["events"][2]["note"] == "The sponsor's introductory remarks on measure. (CR E1)"
    assert days(base)[-1] == ("2026-03-20", "referred")
    assert [said for said in outcomes[0][4] if said.startswith("kept")] == [
        "kept: title is 'Act on Small Things' here, 'Small Things Act' in the source",
        "kept: event of 2026-02-10.note is 'The sponsor's introductory remarks on measure. (CR E1)' here, 'Sponsor introductory remarks on measure. (CR E1)' in the source",
    ]
    before = tree(base)
    assert states(imported(base, law)) == [
        ("unchanged", "us-hr77-119"),
        ("unchanged", "congress-2026-hr77-page"),
    ]
    assert tree(base) == before


def test_type_that_a_person_set_stays(base: Base):
    imported(base, bill_status())
    edit(base, BILL, ('type = "other"', 'type = "statement"'))
    outcomes = imported(base, bill_status(actions=LATER))
    assert ("2026-02-10", "statement") in days(base)
    assert len(days(base)) == 5
    assert (
        "kept: event of 2026-02-10.type is 'statement' here, 'other' in the source"
        in outcomes[0][4]
    )


def test_event_that_a_person_removed_stays_away(base: Base):
    imported(base, bill_status())
    text = (base.policies / BILL).read_text()
    start = text.index('[[events]]\nid = "other"')
    (base.policies / BILL).write_text(text[:start] + text[text.index("[[events]]", start + 5) :])
    outcomes = imported(base, bill_status())
    assert days(base) == [
        ("2026-02-03", "introduced"),
        ("2026-02-03", "referred"),
        ("2026-03-02", "passed_chamber"),
    ]
    assert (
        "kept: the other event of 2026-02-10 was removed here ('Sponsor introductory remarks on measure. (CR E1)')"
        in outcomes[0][4]
    )


def test_event_that_left_the_feed_is_told_and_stays(base: Base):
    imported(base, bill_status())
    outcomes = imported(base, bill_status(actions=(*ACTIONS[:2], *ACTIONS[3:])))
    assert (
        outcomes[0][4][-1]
        == "gone: the source no longer gives the other event of 2026-02-10 ('Sponsor introductory remarks on measure. (CR E1)'); it stays"
    )
    assert len(days(base)) == 4


def test_date_that_the_source_corrects_follows_it(base: Base):
    imported(base, bill_status())
    moved = tuple(
        ("2026-02-11", *action[1:]) if "remarks" in action[1] else action for action in ACTIONS
    )
    assert [one[0] for one in imported(base, bill_status(actions=moved))] == [
        "changed",
        "unchanged",
    ]
    assert days(base)[2] == ("2026-02-11", "other")


def test_sources_that_a_person_added_to_an_event_stay(base: Base):
    imported(base, bill_status())
    edit(
        base,
        BILL,
        (
            'cite = [{ document = "congress-2026-hr77-page" }]',
            'cite = [{ document = "congress-2026-hr77-page" }, { document = "a-source" }]',
        ),
    )
    outcomes = imported(base, bill_status(actions=LATER))
    assert record(base, BILL)["events"][0]["cite"] == [
        {"document": "congress-2026-hr77-page"},
        {"document": "a-source"},
    ]
    assert not [said for said in outcomes[0][4] if said.startswith("kept")]


def test_record_that_was_never_imported_only_gets_what_is_missing(base: Base):
    base.action(
        "the-bill",
        [("2026-02", "introduced", {"note": "In our words."}), ("2026-02-04", "referred")],
        title="Our title",
        instrument="bill",
        as_of="2026-02-10",
        identifiers={"us_bill": "hr77-119"},
        effect={"kind": "restricts", "note": "Read."},
    )
    outcomes = imported(base, bill_status())
    assert outcomes[0][:4] == ("changed", "action", "the-bill", 2)
    now = record(base, "actions/the-bill.toml")
    assert days(base, "actions/the-bill.toml") == [
        ("2026-02", "introduced"),
        ("2026-02-04", "referred"),
        ("2026-02-10", "other"),
        ("2026-03-02", "passed_chamber"),
    ]
    assert (
        now["title"],
        now["summary"],
        now["effect"]["kind"],
        now["events"][0]["note"],
        now["as_of"],
    ) == ("Our title", "Binds agencies.", "restricts", "In our words.", "2026-03-05")
    assert "kept: title is 'Our title' here, 'Small Things Act' in the source" in outcomes[0][4]
    before = tree(base)
    assert states(imported(base, bill_status())) == [
        ("unchanged", "the-bill"),
        ("unchanged", "congress-2026-hr77-page"),
    ]
    assert tree(base) == before


def test_one_record_may_have_several_bills_and_sources(base: Base):
    base.action(
        "both-bills",
        [("2026-02-03", "introduced")],
        instrument="bill",
        identifiers={"us_bill": ["hr77-119", "s12-119"]},
    )
    senate = (
        (
            "2026-02-20",
            "Read twice and referred to the Committee on Small Things.",
            "",
            "",
            "Senate",
        ),
        ("2026-02-20", "Introduced in Senate", "", "10000", "Library of Congress"),
    )
    first, second = bill_status(), bill_status(number="12", kind="S", actions=senate)
    imported(base, first, "one")
    imported(base, second, "two")
    before = tree(base)
    assert (
        states(imported(base, first, "one"))[0]
        == states(imported(base, second, "two"))[0]
        == ("unchanged", "both-bills")
    )
    assert tree(base) == before
    assert ("2026-02-20", "introduced") in days(base, "actions/both-bills.toml")
    assert sorted(
        json.loads((base.policies / ".imported/actions/both-bills.json").read_text())
    ) == ["billstatus us_bill:hr77-119", "billstatus us_bill:s12-119"]


def test_document_that_is_here_under_another_form_of_its_address_is_cited(base: Base):
    base.record(
        "documents",
        "our-name-for-it",
        url="http://federalregister.gov/documents/2026/03/05/2026-01234/",
        grade="primary",
        note=...,
    )
    base.action(
        "our-order", [("2026-01-01", "issued", {"cite": [{"document": "our-name-for-it"}]})]
    )
    imported(base, packed(document()))
    assert record(base, "actions/us-eo-14500.toml")["events"][0]["cite"] == [
        {"document": "our-name-for-it"}
    ]
    held = record(base, "documents/our-name-for-it.toml")
    assert (held["grade"], held["title"], held["page"]) == ("primary", "A source", "1234-1236")
    assert "note" not in held


def test_what_was_imported_is_kept_where_no_check_reads_it(base: Base):
    imported(base, bill_status())
    assert sorted(path.name for path in (base.policies / ".imported").rglob("*.json")) == [
        "congress-2026-hr77-page.json",
        "us-hr77-119.json",
    ]
    (base.policies / ".imported/actions/us-hr77-119.json").write_text("not json")
    assert base.check().problems == []
    assert states(imported(base, bill_status()))[0] == ("unchanged", "us-hr77-119")


@pytest.mark.parametrize(
    "held",
    [
        [],
        {"billstatus us_bill:hr77-119": 3},
        {"billstatus us_bill:hr77-119": {"events": [3]}},
        {"billstatus us_bill:hr77-119": {"identifiers": "x"}},
    ],
)
def test_memory_that_is_not_as_it_was_written_is_forgotten(base: Base, held: object):
    imported(base, bill_status())
    (base.policies / ".imported/actions/us-hr77-119.json").write_text(json.dumps(held))
    assert states(imported(base, bill_status()))[0] == ("unchanged", "us-hr77-119")


def test_nothing_is_merged_into_a_record_that_is_not_valid(base: Base):
    imported(base, bill_status())
    edit(base, BILL, ('type = "referred"\n', ""))
    with pytest.raises(changes.ConflictError) as refused:
        planned(base, bill_status(actions=LATER))
    assert [problem.code for problem in refused.value.problems] == ["K202"]
    (base.policies / BILL).write_text("not toml")
    outcomes = planned(base, bill_status()).outcomes
    assert [(one.state, one.notes[0].partition(";")[0]) for one in outcomes] == [
        ("skipped", "'us-hr77-119' is the id of another record")
    ]


# Edits in place

INLINE_EVENTS = 'title = "x"  # why\nevents = [\n  # first\n  { date = 2026-01-01, type = "other" },  # one\n]\n\n[effect]\nkind = "silent"\n'


def edited(before: str, *edits: Edit) -> str:
    return toml_edit.apply_all({"file": (before, Action, edits)})["file"]


def test_events_written_as_inline_tables_are_added_to_in_place():
    assert edited(
        INLINE_EVENTS, Edit(("events", 1), {"date": "2026-02-01", "type": "other"}, insert=True)
    ) == (
        'title = "x"  # why\nevents = [\n  # first\n  { date = 2026-01-01, type = "other" },  # one\n  { date = 2026-02-01, type = "other" },\n]\n\n[effect]\nkind = "silent"\n'
    )


def test_missing_lists_and_tables_are_made_where_toml_allows_them():
    before = 'title = "x"\n\n[effect]\nkind = "silent"\n\n# the only one\n[[events]]\ndate = 2026-01-01\ntype = "other"\n'
    after = edited(
        before,
        Edit(("bodies", 0), {"organization": "an-office", "role": "issuer"}, insert=True),
        Edit(("identifiers", "eo"), "14500"),
        Edit(("relations", 0), {"type": "amends", "action": "an-order"}, insert=True),
        Edit(("events", 0), {"date": "2025-01-01", "type": "issued"}, insert=True),
    )
    assert rtoml.loads(after)["bodies"] == [{"organization": "an-office", "role": "issuer"}]
    assert [event["type"] for event in rtoml.loads(after)["events"]] == ["issued", "other"]
    assert "# the only one\n[[events]]\ndate = 2026-01-01" in after


def test_text_that_looks_like_a_header_is_no_place_for_an_event():
    before = 'summary = """\n[[events]]\ndate = 1\n"""\n\n[[events]]\ndate = 2026-01-01\ntype = "other"\n\n[[relations]]\ntype = "amends"\naction = "x"\n'
    after = edited(
        before, Edit(("events", 1), {"date": "2026-02-01", "type": "issued"}, insert=True)
    )
    assert [event["type"] for event in rtoml.loads(after)["events"]] == ["other", "issued"]
    assert rtoml.loads(after)["summary"] == rtoml.loads(before)["summary"]


# What stops an import


def test_feed_with_far_fewer_records_stops(base: Base):
    many = [
        document(
            document_number=f"2026-{10000 + number}",
            citation=f"91 FR {number + 1}",
            executive_order_number=str(14500 + number),
        )
        for number in range(20)
    ]
    imported(base, packed(*many), "orders.json")
    with pytest.raises(SourceError) as stopped:
        planned(base, packed(*many[:9]), "orders.json")
    assert (
        str(stopped.value)
        == "orders.json: has 9 records and had 20 the last time; continue with --fewer if that is right, or with --source NAME if it is another source"
    )
    assert len(planned(base, packed(*many[:10]), "orders.json").outcomes) == 20
    assert len(planned(base, packed(*many[:9]), "other.json").outcomes) == 18
    assert {
        one.state for one in planned(base, packed(*many[:9]), "orders.json", fewer=True).outcomes
    } == {"unchanged"}


def test_record_with_far_fewer_events_stops(base: Base):
    imported(base, bill_status())
    with pytest.raises(SourceError) as stopped:
        planned(base, bill_status(actions=ACTIONS[4:]))
    assert (
        str(stopped.value)
        == "feed: us-hr77-119: 3 of the 4 events that the source gave the last time are gone; continue with --fewer if that is right"
    )
    assert planned(base, bill_status(actions=ACTIONS[4:]), fewer=True).changes == []


# The command


def feed(tmp_path: Path, name: str, data: bytes) -> str:
    (tmp_path / name).write_bytes(data)
    return str(tmp_path / name)


def test_dry_run_shows_the_diff_and_writes_nothing(base: Base, tmp_path: Path):
    before = tree(base)
    done = base.run("import", feed(tmp_path, "bill.xml", bill_status()), "--dry-run")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("--- /dev/null\n+++ policies/actions/us-hr77-119.toml\n@@ ")
    assert done.stderr.splitlines()[0] == "new       action us-hr77-119, 4 events"
    assert done.stderr.splitlines()[-2:] == [
        "2 new, 0 changed, 0 unchanged, 0 skipped, 4 unresolved; 4 events added",
        "nothing was written (--dry-run)",
    ]
    assert tree(base) == before


def test_command_imports_several_formats_at_once_and_then_has_nothing_to_do(
    base: Base, tmp_path: Path
):
    files = [
        feed(tmp_path, "bill.xml", bill_status()),
        feed(tmp_path, "orders.json", packed(document())),
        feed(tmp_path, "state.json", json.dumps(state_bill()).encode()),
    ]
    assert base.run("import", *files, "--yes").returncode == 0
    done = base.run("import", *files, "--yes")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.splitlines()[-2:] == [
        "0 new, 0 changed, 6 unchanged, 0 skipped, 7 unresolved; 0 events added",
        "nothing to change",
    ]


def test_import_names_each_key_that_no_one_reads_once(base: Base, tmp_path: Path):
    files = [
        feed(tmp_path, "order.json", packed(document(new_key=1))),
        feed(
            tmp_path,
            "rules.json",
            packed(*(rule(document_number=f"2026-0130{n}", new_key=1) for n in range(3))),
        ),
    ]
    messages = base.run("import", *files, "--yes").stderr
    assert messages.count("new_key") == 1
    assert "\nnot read: keys of the source (federal-register): new_key\n" in messages


def test_bad_file_among_good_ones_stops_everything_if_asked(base: Base, tmp_path: Path):
    before = tree(base)
    done = base.run(
        "import",
        feed(tmp_path, "bill.xml", bill_status()),
        feed(tmp_path, "cut.xml", bill_status()[:500]),
        "--yes",
        "--strict",
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[1:] == ["nothing was written"]
    assert done.stderr.startswith(
        "Error: cut.xml:6: not XML in column 73: unclosed token; expected complete XML"
    )
    assert tree(base) == before


def test_without_a_terminal_it_asks_for_yes(base: Base, tmp_path: Path):
    done = base.run("import", feed(tmp_path, "bill.xml", bill_status()))
    assert done.returncode == 2
    assert "add --yes to write" in done.stderr


@pytest.mark.slow
def test_more_events_than_a_record_may_hold_are_cut_and_told(base: Base, tmp_path: Path):
    long = bill_status(
        actions=tuple(
            (
                f"20{number // 300:02d}-{number // 28 % 12 + 1:02d}-{number % 28 + 1:02d}",
                f"Something {number} was done.",
                "",
                "",
                "",
            )
            for number in range(1100)
        )
    )
    done = base.run("import", feed(tmp_path, "bill.xml", long), "--yes")
    assert done.returncode == 0, done.stderr
    assert len(days(base)) == 1000
    assert (
        "unresolved: events: 1100 are more than the 1000 that a record may hold; the first ones were taken"
        in done.stderr
    )


def test_retrieved_in_the_future_is_wrong_use(base: Base, tmp_path: Path):
    done = base.run(
        "import", feed(tmp_path, "bill.xml", bill_status()), "--retrieved", "2030-01-01"
    )
    assert (done.returncode, done.stderr.splitlines()[-1]) == (
        2,
        "Error: --retrieved 2030-01-01 is in the future (today is 2026-11-22)",
    )


def test_link_in_place_of_the_memory_is_not_followed(base: Base, tmp_path: Path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (base.policies / ".imported").symlink_to(outside)
    done = base.run("import", feed(tmp_path, "bill.xml", bill_status()), "--yes")
    assert (done.returncode, done.stderr.splitlines()[-2:]) == (
        1,
        ["policies/.imported: S101 is a link; expected the folder itself", "nothing was written"],
    )
    assert os.listdir(outside) == []
    assert not (base.policies / BILL).exists()


@pytest.mark.parametrize(
    "path",
    [
        "policies/.imported/actions/../../x.json",
        "policies/.imported/x.json",
        "policies/.imported/actions/X.json",
        "policies/.imported/evil/x.json",
        "policies/.imported/actions/.json",
        "policies/.imported/actions/a/b.json",
        "policies/.imported/actions/x.toml",
    ],
)
def test_memory_is_written_nowhere_else(base: Base, path: str):
    with pytest.raises(ValueError, match="is not a file of a knowledge base"):
        changes.current(base.policies, path)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_whatever_can_be_read_can_be_planned_and_judged(base: Base, data: st.DataObject):
    value = st.one_of(
        st.none(),
        st.text(ANY, max_size=30),
        st.just("x" * 4000),
        st.just("2030-01-01"),
        st.just("EO 14500"),
        st.just([]),
        st.integers(0, 9),
    )
    orders = [
        document(
            **{
                key: data.draw(value)
                for key in data.draw(st.lists(st.sampled_from(sorted(document())), max_size=4))
            }
        )
        for _ in range(2)
    ]
    bills = [
        state_bill(
            **{
                key: data.draw(value)
                for key in data.draw(st.lists(st.sampled_from(sorted(state_bill())), max_size=2))
            }
        )
    ]
    try:
        feeds = [
            Feed("a", *proposals(packed(*orders), "a", "federal-register")),
            Feed("b", *proposals(json.dumps(bills).encode(), "b", "openstates")),
        ]
    except SourceError:
        return
    made = plan(base.policies, TODAY, feeds)
    assert [
        problem.text()
        for problem in changes.judged(base.policies, TODAY, made.changes)
        if problem.severity == "error"
    ] == []


@pytest.mark.thorough
def test_work_grows_with_the_number_of_records(base: Base):
    def seconds(number: int) -> float:
        many = [
            document(
                document_number=f"2026-{10000 + one}",
                citation=f"91 FR {one + 1}",
                executive_order_number=str(14500 + one),
                executive_order_notes="Revokes: EO 14500, March 1, 2026",
            )
            for one in range(number)
        ]
        data = packed(*many).replace(b"ordering-things", b"x")
        start = time.process_time()
        assert len(planned(base, data).outcomes) == 2 * number + 1  # all end the first one
        return time.process_time() - start

    seconds(10)
    assert seconds(800) < 14 * seconds(100)


def test_every_type_and_relation_of_the_tables_is_in_the_vocabulary():
    from policykb.sources import congress, federal_register, openstates, wordings

    kinds = {
        *wordings.CODES.values(),
        *(one.meaning for one in wordings.CONGRESS),
        *(one.meaning for table in wordings.STATES.values() for one in table),
        *openstates.CLASSIFICATIONS.values(),
        *federal_register.HAPPENED.values(),
        *(
            kind
            for one in federal_register.KINDS.values()
            for kind in (one.signing, one.publication)
        ),
    }
    assert kinds - wordings.STEPS - {""} <= set(vocabulary.ids(vocabulary.EVENT_TYPES))
    assert {
        *congress.RELATIONS.values(),
        *openstates.RELATIONS.values(),
        *federal_register.RELATIONS.values(),
    } <= set(vocabulary.ids(vocabulary.ACTION_RELATIONS))
