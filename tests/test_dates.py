"""Partial dates keep what is known and no more; human dates are read for suggestions."""

import datetime

import edtf
import pytest
from conftest import ANY
from hypothesis import given
from hypothesis import strategies as st
from policykb.model import dates


@pytest.mark.parametrize(
    ("text", "earliest", "latest", "precision", "qualifier"),
    [
        ("2026-06-02", "2026-06-02", "2026-06-02", "day", ""),
        ("2026-02", "2026-02-01", "2026-02-28", "month", ""),
        ("2024-02", "2024-02-01", "2024-02-29", "month", ""),
        ("2026", "2026-01-01", "2026-12-31", "year", ""),
        ("2026-06~", "2026-06-01", "2026-06-30", "month", "approximate"),
        ("2026-06-02?", "2026-06-02", "2026-06-02", "day", "uncertain"),
    ],
)
def test_a_partial_date_spans_the_days_it_may_mean(text, earliest, latest, precision, qualifier):
    assert dates.span(text) == (earliest, latest, precision, qualifier)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-13",
        "2026-02-30",
        "2026-6-2",
        "June 2026",
        "2026-06-02T10:00",
        "20260602",
        "2026~-06",
        "0000",
        "２０２６",
        " 2026",
        "2026\n",
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(ValueError):
        dates.span(text)


@given(st.dates(min_value=datetime.date(1000, 1, 1)), st.sampled_from([4, 7, 10]))
def test_spans_agree_with_the_edtf_library(day, length):
    text = day.isoformat()[:length]
    parsed = edtf.parse_edtf(text)
    span = dates.span(text)
    lower, upper = parsed.lower_strict(), parsed.upper_strict()
    assert span.earliest == f"{lower.tm_year:04}-{lower.tm_mon:02}-{lower.tm_mday:02}"
    assert span.latest == f"{upper.tm_year:04}-{upper.tm_mon:02}-{upper.tm_mday:02}"


@given(st.text(ANY, max_size=40))
def test_span_refuses_or_answers_and_never_fails_otherwise(text):
    try:
        span = dates.span(text)
    except ValueError:
        return
    assert span.earliest <= span.latest


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2 June 2026", "2026-06-02"),
        ("June 5th 2026", "2026-06-05"),
        ("June 2026", "2026-06"),
        ("2026", "2026"),
        ("2026/6/2", "2026-06-02"),
        ("2026-6", "2026-06"),
        ("12 June", None),
        ("soon", None),
        ("", None),
        ("2026-02-31", None),
        ("9" * 500, None),
    ],
)
def test_what_people_type_is_understood_without_inventing_parts(typed, meant):
    assert dates.understood(typed) == meant


SUNDAY = datetime.date(2026, 11, 22)


@pytest.mark.parametrize(
    "typed",
    [
        "2-5 June 2025",
        "June 2-5, 2025",
        "22-23 February",
        "2 to 5 June 2025",
        "2 and 5 June 2025",
        "1/2 June 2026",
        "June/July 2025",
        "June 2 - July 5, 2025",
        "10 October 2025 – 3 November 2025",
        "2025-06-02/05",
        "2004-02-01/2005-02-08",
        "2004-06/2006-08",
        "1984~/2004-06",
        "2004/05",
        "2004/2005",
        "2025–2026",
    ],
)
def test_a_range_is_never_read_as_one_of_its_ends(typed):
    assert dates.readings(typed, SUNDAY) == []


@pytest.mark.parametrize(
    "typed", ["-0999", "-5 June 2026", "+2026-06-02", "June '26", "31/12/99", "June 5, 26", "54"]
)
def test_a_sign_or_a_short_year_is_never_dropped_or_completed(typed):
    assert dates.readings(typed, SUNDAY) == []


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("Friday 5 June 2026", ["2026-06-05"]),
        ("Fri, 5 Jun 2026 10:00:00 +0000", ["2026-06-05"]),
        ("Friday 6 June 2026", []),
        ("Friday June 2026", []),
        ("Friday 5 June", ["2026-06-05"]),
    ],
)
def test_a_weekday_has_to_fit_the_day(typed, found):
    assert dates.readings(typed, SUNDAY) == found


@given(
    st.integers(1, 27),
    st.integers(1, 4),
    st.sampled_from(["-", "–", "/", " to ", " and ", " until ", " - "]),
    st.sampled_from(["June 2025", "Sept. 2025", "March", "Dec 2024"]),
)
def test_two_days_of_a_month_are_no_date(day, more, mark, month):
    assert dates.readings(f"{day}{mark}{day + more} {month}", SUNDAY) == []


@pytest.mark.parametrize(
    "typed", ["02/03/2026", "02.06.2026", "2.6.2026", "1-2-2026", "02/03/04", "5 May 26"]
)
def test_numbers_in_a_doubtful_order_are_not_guessed_at(typed):
    assert dates.understood(typed) is None
    assert len(dates.readings(typed)) >= 2


def test_both_readings_of_a_doubtful_date_are_told_day_first():
    assert dates.readings("02.06.2026") == ["2026-06-02", "2026-02-06"]
    assert dates.readings("02/03/2026") == ["2026-03-02", "2026-02-03"]
    assert dates.readings("02/03/04") == ["2004-03-02", "2004-02-03", "2002-03-04"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("13/02/2026", "2026-02-13"),
        ("02/13/2026", "2026-02-13"),
        ("02.02.2026", "2026-02-02"),
        ("20260602", "2026-06-02"),
        ("2026-06-02T10:00", "2026-06-02"),
        ("the 4th of July 2025", "2025-07-04"),
        ("2026-Jun-05", "2026-06-05"),
        ("Sept. 4, 2025", "2025-09-04"),
        ("June 5 2026 at 3:30 pm", "2026-06-05"),
        ("Q3 2026", "2026-08~"),
        ("third quarter of 2026", "2026-08~"),
        ("end of March 2027", "2027-03-31~"),
        ("mid-June 2026", "2026-06-15~"),
        ("early 2026", "2026-01~"),
        ("about June 2026", "2026-06~"),
        ("c. 2024", "2024~"),
        ("32/13/2026", None),
        ("winter 2026", None),
    ],
)
def test_what_can_mean_one_thing_only_is_understood(typed, meant):
    assert dates.understood(typed) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("today", "2026-11-22"),
        ("yesterday", "2026-11-21"),
        ("two weeks ago", "2026-11-08"),
        ("a fortnight ago", "2026-11-08"),
        ("3 days ago", "2026-11-19"),
        ("2 months ago", "2026-09"),
        ("last month", "2026-10"),
        ("last year", "2025"),
        ("last quarter", "2026-08~"),
        ("in 30 days", "2026-12-22"),
        ("last Friday", "2026-11-20"),
        ("last Sunday", "2026-11-15"),
        ("this Monday", "2026-11-16"),
        ("next Sunday", "2026-11-29"),
        ("9999 years ago", None),
        ("last week", None),
    ],
)
def test_relative_dates_are_read_from_the_day_given_for_today(typed, meant):
    assert dates.understood(typed, SUNDAY) == meant
    assert dates.readings(typed) == []


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("end of March", ["2026-03-31~", "2027-03-31~"]),
        ("12 June", ["2026-06-12", "2027-06-12"]),
        ("March", ["2026-03", "2027-03"]),
        ("Friday", ["2026-11-20", "2026-11-27"]),
        ("Sunday", ["2026-11-22", "2026-11-29"]),
        ("29 February", ["2024-02-29", "2028-02-29"]),
    ],
)
def test_date_without_a_year_is_the_last_or_the_next_and_the_last_alone_if_it_is_past(typed, found):
    assert dates.readings(typed, SUNDAY) == found
    assert dates.readings(typed, SUNDAY, past=True) == found[:1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-06-05", "Friday 5 June 2026"),
        ("2026-06", "June 2026 (day not given)"),
        ("2026", "2026 (month not given)"),
        ("2026-08~", "about August 2026 (day not given, approximate)"),
        ("2026-06-05?", "Friday 5 June 2026 (uncertain)"),
    ],
)
def test_date_is_told_in_words_with_its_precision(text, said):
    assert dates.described(text) == said


@given(st.dates(min_value=datetime.date(1000, 1, 1)))
def test_date_in_words_is_read_back(day):
    assert dates.readings(dates.described(day.isoformat())) == [day.isoformat()]


@given(
    st.text(ANY, max_size=40)
    | st.from_regex(
        r"\A(last|next|in|end of|mid|q)?[ -]?\w{0,9}[ ./-]?\d{0,4}[ ./-]?\d{0,4}( ago)?\Z"
    ),
    st.dates(),
    st.booleans(),
)
def test_whatever_is_typed_gives_dates_or_nothing(typed, today, past):
    for found in dates.readings(typed, today, past):
        assert dates.span(found)


def test_today_is_a_day_in_utc():
    assert dates.today() == datetime.datetime.now(datetime.UTC).date()
