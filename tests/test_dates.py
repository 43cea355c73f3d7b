"""Partial dates keep what is known and no more; human dates are read for suggestions."""

import datetime

import edtf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from policykb import dates


@pytest.mark.parametrize(("text", "earliest", "latest", "precision", "qualifier"), [
    ("2026-06-02", "2026-06-02", "2026-06-02", "day", ""),
    ("2026-02", "2026-02-01", "2026-02-28", "month", ""),
    ("2024-02", "2024-02-01", "2024-02-29", "month", ""),
    ("2026", "2026-01-01", "2026-12-31", "year", ""),
    ("2026-06~", "2026-06-01", "2026-06-30", "month", "approximate"),
    ("2026-06-02?", "2026-06-02", "2026-06-02", "day", "uncertain"),
])
def test_a_partial_date_spans_the_days_it_may_mean(text, earliest, latest, precision, qualifier):
    assert dates.span(text) == (earliest, latest, precision, qualifier)


@pytest.mark.parametrize("text", ["", "2026-13", "2026-02-30", "2026-6-2", "June 2026", "2026-06-02T10:00", "20260602", "2026~-06", "0000", "２０２６", " 2026", "2026\n"])
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


@given(st.text(max_size=40))
def test_span_refuses_or_answers_and_never_fails_otherwise(text):
    try:
        span = dates.span(text)
    except ValueError:
        return
    assert span.earliest <= span.latest


@pytest.mark.parametrize(("typed", "meant"), [
    ("2 June 2026", "2026-06-02"), ("June 5th 2026", "2026-06-05"), ("June 2026", "2026-06"), ("2026", "2026"), ("2026/6/2", "2026-06-02"),
    ("2026-6", "2026-06"), ("12 June", None), ("soon", None), ("", None), ("2026-02-31", None), ("9" * 500, None),
])
def test_what_people_type_is_understood_without_inventing_parts(typed, meant):
    assert dates.understood(typed) == meant


def test_today_is_a_day_in_utc():
    assert dates.today() == datetime.datetime.now(datetime.UTC).date()
