"""Golden tests: what each kind of event does, and whole stories from first event to last."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from policykb.model import vocabulary
from policykb.model.dates import span
from policykb.model.status import Happening, periods


def story(*events, instrument="statute", bindingness="binding"):
    """The periods that events make, each event as (date, type) or (date, type, name, supersedes, moved_on)."""
    happenings = []
    for position, event in enumerate(events, 1):
        date, kind, name, supersedes, moved_on = (*event, None, None, None)[:5]
        happenings.append(Happening(name or str(position), kind, span(date), supersedes, moved_on))
    return periods(happenings, instrument, bindingness)


def lines(*events, **options):
    """The periods as lines: from, to, stage, legal force."""
    return [
        f"{p.from_date} {p.to_date or 'open':10} {p.stage} {p.legal_force}"
        for p in story(*events, **options)
    ]


AFTER_ONE_EVENT = {
    "reported": "reported not_yet",
    "statement": "reported not_yet",
    "announced": "announced not_yet",
    "draft_published": "announced not_yet",
    "consultation_opened": "consultation not_yet",
    "consultation_closed": "reported not_yet",
    "proposed": "introduced not_yet",
    "introduced": "introduced not_yet",
    "case_filed": "in_court not_yet",
    "referred": "in_committee not_yet",
    "hearing": "reported not_yet",
    "committee_passed": "in_committee not_yet",
    "position": "reported not_yet",
    "agreement_reached": "reported not_yet",
    "passed_chamber": "passed_first not_yet",
    "passed": "passed_all not_yet",
    "adopted": "adopted not_yet",
    "signed": "adopted not_yet",
    "issued": "adopted in_force",
    "opened_for_signature": "adopted not_yet",
    "ratified": "reported not_yet",
    "judgment": "adopted in_force",
    "dismissed": "failed not_applicable",
    "appealed": "reported not_yet",
    "launched": "adopted in_force",
    "published": "reported not_yet",
    "entered_into_force": "adopted not_yet",
    "applies_in_part": "adopted partly",
    "took_effect": "adopted in_force",
    "extended": "reported not_yet",
    "amended": "reported not_yet",
    "eased": "reported not_yet",
    "suspended": "reported suspended",
    "not_enforced": "reported suspended",
    "resumed": "reported in_force",
    "resumed_in_part": "reported partly",
    "revoked": "reported ended",
    "struck_down": "reported ended",
    "expired": "reported ended",
    "replaced": "reported ended",
    "out_of_force": "reported ended",
    "vetoed": "failed not_applicable",
    "veto_overridden": "adopted not_yet",
    "rejected": "failed not_applicable",
    "withdrawn": "withdrawn not_applicable",
    "lapsed": "lapsed not_applicable",
    "litigated": "reported not_yet",
    "court_decision": "reported not_yet",
    "deadline": "reported not_yet",
    "guidance_issued": "reported not_yet",
    "implemented": "reported not_yet",
    "funded": "reported not_yet",
    "enforcement": "reported not_yet",
    "oversight": "reported not_yet",
    "response": "reported not_yet",
    "other": "reported not_yet",
}
AFTER_IN_FORCE = {
    "eased": "adopted partly",
    "suspended": "adopted suspended",
    "not_enforced": "adopted suspended",
    "revoked": "adopted ended",
    "struck_down": "adopted ended",
    "expired": "adopted ended",
    "replaced": "adopted ended",
    "out_of_force": "adopted ended",
    "withdrawn": "withdrawn ended",
    "applies_in_part": "adopted in_force",
    "adopted": "adopted in_force",
    "entered_into_force": "adopted in_force",
    "resumed_in_part": "adopted partly",
}


@pytest.mark.parametrize(("kind", "expected"), AFTER_ONE_EVENT.items())
def test_each_kind_of_event_alone(kind, expected):
    assert lines(("2026-01-05", kind)) == [f"2026-01-05 open       {expected}"]


@pytest.mark.parametrize("kind", vocabulary.ids(vocabulary.EVENT_TYPES))
def test_each_kind_of_event_on_something_in_force(kind):
    last = story(("2026-01-05", "issued"), ("2026-02-05", kind))[-1]
    assert f"{last.stage} {last.legal_force}" == AFTER_IN_FORCE.get(
        kind,
        {
            "vetoed": "failed ended",
            "rejected": "failed ended",
            "dismissed": "failed ended",
            "lapsed": "lapsed ended",
        }.get(kind, "adopted in_force"),
    )


def test_every_kind_of_event_has_its_line():
    assert set(AFTER_ONE_EVENT) == set(vocabulary.ids(vocabulary.EVENT_TYPES))


def test_eu_ai_act_with_its_moved_dates():
    act = [
        ("2021-04-21", "proposed"),
        ("2024-03-13", "passed_chamber"),
        ("2024-05-21", "adopted"),
        ("2024-06-13", "signed"),
        ("2024-07-12", "published"),
        ("2024-08-01", "entered_into_force"),
        ("2025-02-02", "applies_in_part"),
        ("2025-08-02", "applies_in_part"),
        ("2026-08-02", "applies_in_part", "annex-iii"),
        ("2027-08-02", "took_effect", "annex-i"),
        ("2027-12-02", "applies_in_part", "annex-iii-moved", "annex-iii", "2026-07-27"),
        ("2028-08-02", "took_effect", "annex-i-moved", "annex-i", "2026-07-27"),
    ]
    assert lines(*act, instrument="regulation") == [
        "2021-04-21 2024-03-13 introduced not_yet",
        "2024-03-13 2024-05-21 passed_first not_yet",
        "2024-05-21 2025-02-02 adopted not_yet",
        "2025-02-02 2028-08-02 adopted partly",
        "2028-08-02 open       adopted in_force",
    ]
    assert story(*act)[-1].force_event == "annex-i-moved"


def test_a_carve_out_in_the_deferred_chapter_waits_for_the_moved_dates():
    assert lines(
        ("2024-05-21", "adopted"),
        ("2024-08-01", "entered_into_force"),
        ("2026-08-02", "took_effect", "first"),
        ("2027-12-02", "applies_in_part", "annex-iii", "first", "2026-07-27"),
        ("2028-08-02", "took_effect", "annex-i", "first", "2026-07-27"),
    ) == [
        "2024-05-21 2027-12-02 adopted not_yet",
        "2027-12-02 2028-08-02 adopted partly",
        "2028-08-02 open       adopted in_force",
    ]


def test_an_order_signed_and_revoked():
    found = story(
        ("2023-10-30", "issued", "signed"),
        ("2023-11-01", "published"),
        ("2025-01-20", "revoked", "end"),
        instrument="executive_order",
    )
    assert [(p.from_date, p.to_date, p.legal_force, p.event) for p in found] == [
        ("2023-10-30", "2025-01-20", "in_force", "signed"),
        ("2025-01-20", None, "ended", "end"),
    ]


def test_the_access_directive_from_letter_to_lifting():
    assert lines(
        ("2026-06-12", "issued"),
        ("2026-06-23", "litigated"),
        ("2026-06-26", "eased"),
        ("2026-06-30", "revoked"),
        instrument="agency_order",
    ) == [
        "2026-06-12 2026-06-26 adopted in_force",
        "2026-06-26 2026-06-30 adopted partly",
        "2026-06-30 open       adopted ended",
    ]


def test_a_vetoed_bill_is_failed_and_never_bound():
    assert lines(
        ("2024-02-07", "introduced"),
        ("2024-05-21", "passed_chamber"),
        ("2024-08-29", "passed"),
        ("2024-09-29", "vetoed"),
        instrument="bill",
    ) == [
        "2024-02-07 2024-05-21 introduced not_yet",
        "2024-05-21 2024-08-29 passed_first not_yet",
        "2024-08-29 2024-09-29 passed_all not_yet",
        "2024-09-29 open       failed not_applicable",
    ]


def test_a_veto_can_be_overridden():
    assert lines(
        ("2024-08-29", "passed"),
        ("2024-09-29", "vetoed"),
        ("2024-10-01", "veto_overridden"),
        ("2025-01-01", "took_effect"),
    )[-2:] == ["2024-10-01 2025-01-01 adopted not_yet", "2025-01-01 open       adopted in_force"]


def test_a_regulation_that_applies_in_stages():
    assert lines(
        ("2024-10-23", "signed"),
        ("2024-12-10", "entered_into_force"),
        ("2026-06-11", "applies_in_part"),
        ("2026-09-11", "applies_in_part"),
        ("2027-12-11", "took_effect"),
    ) == [
        "2024-10-23 2026-06-11 adopted not_yet",
        "2026-06-11 2027-12-11 adopted partly",
        "2027-12-11 open       adopted in_force",
    ]


def test_two_events_on_one_day_count_in_the_order_written():
    first = story(("2026-03-01", "signed", "a"), ("2026-03-01", "took_effect", "b"))
    assert [(p.legal_force, p.event) for p in first] == [("in_force", "b")]
    assert [p.legal_force for p in story(("2026-03-01", "issued"), ("2026-03-01", "revoked"))] == [
        "ended"
    ]


def test_a_partial_date_that_leaves_the_order_open_is_said_so():
    found = story(
        ("2025-05", "passed_chamber", "house"),
        ("2025-05-22", "rejected", "senate"),
        ("2025-07-01", "withdrawn"),
    )
    assert [(p.event, p.order_ambiguous, p.from_date, p.from_latest) for p in found] == [
        ("house", True, "2025-05-01", "2025-05-31"),
        ("senate", True, "2025-05-22", "2025-05-22"),
        ("3", False, "2025-07-01", "2025-07-01"),
    ]


def test_a_partial_date_far_from_others_is_not_ambiguous():
    assert [p.order_ambiguous for p in story(("2024", "announced"), ("2025-03", "introduced"))] == [
        False,
        False,
    ]


def test_an_event_superseded_twice_holds_on_its_last_date():
    twice = [
        ("2024-05-17", "signed"),
        ("2026-02-01", "took_effect", "first"),
        ("2026-06-30", "took_effect", "second", "first", "2025-08-28"),
        ("2027-01-01", "took_effect", "third", "second", "2026-05-14"),
    ]
    assert lines(*twice) == [
        "2024-05-17 2027-01-01 adopted not_yet",
        "2027-01-01 open       adopted in_force",
    ]
    both_from_the_first = [
        *twice[:3],
        ("2027-01-01", "took_effect", "third", "first", "2026-05-14"),
    ]
    assert lines(*both_from_the_first) == lines(*twice)


def test_a_moved_date_keeps_what_happened_before_the_move():
    assert lines(
        ("2025-01-01", "signed"),
        ("2026-01-01", "took_effect", "old"),
        ("2026-09-01", "took_effect", "new", "old", "2026-03-01"),
    ) == [
        "2025-01-01 2026-01-01 adopted not_yet",
        "2026-01-01 2026-03-01 adopted in_force",
        "2026-03-01 2026-09-01 adopted not_yet",
        "2026-09-01 open       adopted in_force",
    ]


def test_a_deadline_that_was_moved_before_it_came_never_moves_the_status():
    assert lines(
        ("2025-01-01", "signed"),
        ("2026-01-01", "took_effect", "old"),
        ("2026-09-01", "took_effect", "new", "old", "2025-12-31"),
    ) == ["2025-01-01 2026-09-01 adopted not_yet", "2026-09-01 open       adopted in_force"]


def test_scheduled_effects_do_not_come_after_the_end():
    assert (
        lines(("2025-01-01", "signed"), ("2025-06-01", "revoked"), ("2026-01-01", "took_effect"))[
            -1
        ]
        == "2025-06-01 open       adopted ended"
    )
    assert (
        lines(
            ("2025-01-01", "introduced"), ("2025-06-01", "lapsed"), ("2026-01-01", "took_effect")
        )[-1]
        == "2025-06-01 open       lapsed not_applicable"
    )


def test_a_stayed_act_does_not_begin_to_bind_on_its_date():
    assert (
        lines(
            ("2025-01-15", "adopted"), ("2025-05-13", "not_enforced"), ("2025-05-15", "took_effect")
        )[-1]
        == "2025-05-13 open       adopted suspended"
    )
    assert (
        lines(("2025-01-15", "issued"), ("2025-05-13", "suspended"), ("2025-06-01", "resumed"))[-1]
        == "2025-06-01 open       adopted in_force"
    )


def test_what_asks_nobody_to_comply_is_not_in_force_but_can_end():
    assert lines(
        ("2026-01-01", "issued"), bindingness="voluntary", instrument="code_of_practice"
    ) == ["2026-01-01 open       adopted not_applicable"]
    assert (
        lines(("2026-01-01", "issued"), ("2026-02-01", "revoked"), bindingness="voluntary")[-1]
        == "2026-02-01 open       adopted ended"
    )


def test_an_option_and_a_practice_need_no_events():
    assert [p[:5] for p in story(instrument="policy_option")] == [
        ("option", "not_applicable", None, None, None)
    ]
    assert [p[:5] for p in story(instrument="private_policy", bindingness="internal")] == [
        ("practice", "not_applicable", None, None, None)
    ]


def test_an_option_is_one_before_anything_happens_to_it():
    assert lines(
        ("2026-06-04", "reported"),
        ("2026-07-01", "announced"),
        instrument="policy_option",
        bindingness="unknown",
    ) == ["None 2026-07-01 option not_applicable", "2026-07-01 open       announced not_applicable"]


def test_only_an_idea_is_said_to_be_one():
    """That no record has a step does not show that no body has begun."""
    assert lines(("2026-04-27", "other"), ("2026-05-09", "passed")) == [
        "2026-04-27 2026-05-09 reported not_yet",
        "2026-05-09 open       passed_all not_yet",
    ]
    for instrument in sorted({kind.id for kind in vocabulary.INSTRUMENTS} - {"policy_option"}):
        assert "option" not in {p.stage for p in story(("2026", "reported"), instrument=instrument)}


def test_a_practice_stays_one_whatever_is_reported_of_it():
    assert lines(
        ("2026-07", "reported"),
        ("2026-08", "reported"),
        instrument="private_policy",
        bindingness="internal",
    ) == ["None open       practice not_applicable"]
    assert lines(
        ("2022-08-18", "launched"), instrument="private_policy", bindingness="conditional"
    ) == ["2022-08-18 open       adopted not_applicable"]


def test_progress_does_not_go_back():
    assert lines(("2026-01-12", "passed_chamber"), ("2026-01-13", "referred")) == [
        "2026-01-12 open       passed_first not_yet"
    ]


MOVING = [kind.id for kind in vocabulary.EVENT_TYPES]
EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["2024", "2025-03", "2025-03-07", "2025-06~", "2026-01-01", "2027-05-05"]),
        st.sampled_from(MOVING),
        st.none() | st.integers(0, 7),
        st.sampled_from(["2024-06-01", "2025-03-07", "2026-02-02"]),
    ),
    max_size=8,
)


@given(
    EVENTS,
    st.sampled_from(["statute", "policy_option"]),
    st.sampled_from(["binding", "voluntary", "unknown"]),
)
def test_periods_adjoin_never_are_empty_and_end_open(events, instrument, bindingness):
    listed = [
        Happening(
            str(i),
            kind,
            span(date),
            str(moves) if moves is not None and moves != i else None,
            day if moves is not None and moves != i else None,
        )
        for i, (date, kind, moves, day) in enumerate(events)
    ]
    found = periods(listed, instrument, bindingness)
    for before, after in zip(found, found[1:], strict=False):
        assert before.to_date == after.from_date
        assert (before.from_date or "") < before.to_date
        assert (before.stage, before.legal_force) != (after.stage, after.legal_force)
    assert not found or found[-1].to_date is None
    assert all(
        p.stage in vocabulary.ids(vocabulary.STAGES)
        and p.legal_force in vocabulary.ids(vocabulary.LEGAL_FORCES)
        for p in found
    )
