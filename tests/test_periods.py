"""Periods: every form is read, written back, and refused when it cannot be."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nktrade.errors import InputError
from nktrade.periods import Window, parse_period, year_to_date


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2023", "2023-01", "2023-12"),
        ("2020-H1", "2020-01", "2020-06"),
        ("2020-H2", "2020-07", "2020-12"),
        ("2018-Q1", "2018-01", "2018-03"),
        ("2018-Q4", "2018-10", "2018-12"),
        ("2020-06", "2020-06", "2020-06"),
        ("2020-01..2020-09", "2020-01", "2020-09"),
        ("2010..2016", "2010-01", "2016-12"),
        ("2019-H2..2020-H1", "2019-07", "2020-06"),
    ],
)
def test_reads_every_form(text, first, last):
    window = parse_period(text)
    assert (f"{window.first:%Y-%m}", f"{window.last:%Y-%m}") == (first, last)
    assert str(window) == text or parse_period(str(window)) == window


@pytest.mark.parametrize(
    "text", ["", "20", "2020-13", "2020-00", "2020-H3", "2020-Q5", "June 2020", "2020-6", "a..b..c"]
)
def test_refuses_what_it_cannot_read(text):
    with pytest.raises(InputError, match="cannot be read"):
        parse_period(text)


def test_refuses_to_run_backwards():
    with pytest.raises(InputError, match="runs backwards"):
        parse_period("2020-09..2020-01")


@given(st.integers(1990, 2040), st.integers(1, 12), st.integers(0, 120))
def test_what_is_written_is_read_back(year, month, length):
    first = pd.Timestamp(year, month, 1)
    window = Window(first, first + pd.DateOffset(months=length))
    assert parse_period(str(window)) == window
    assert len(window.months) == length + 1


def test_windows_shift_by_years_and_cover_their_months():
    half = parse_period("2020-H1")
    assert str(half.shift(-1)) == "2019-H1"
    assert half.years == 0.5
    months = pd.Series(pd.date_range("2019-12-01", "2020-07-01", freq="MS"))
    assert half.covers(months).tolist() == [False, *[True] * 6, False]


def test_year_to_date_begins_in_january():
    assert str(year_to_date("2020-09")) == "2020-01..2020-09"
    assert str(year_to_date(pd.Timestamp("2020-06-15"))) == "2020-H1"
