"""Periods: every form reads back as it is written."""

import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nktrade.errors import InputError
from nktrade.sources.months_in_names import month_in_name, read_month
from nktrade.table.periods import Window, parse_period, year_to_date
from nktrade.table.spelled_months import MONTH_NAMES

MONTHS = st.dates(pd.Timestamp("1900-01-01").date(), pd.Timestamp("2099-12-31").date()).map(
    lambda day: pd.Timestamp(day.year, day.month, 1)
)


@given(MONTHS)
def test_any_month_reads_as_it_is_written_in_china_and_by_eurostat(month):
    year, number = month.year, month.month
    for text in (f"{year}年{number}月", f"{year}年{number:02d}月", f"{year}M{number:02d}"):
        assert parse_period(text).first == parse_period(text).last == month
    assert str(parse_period(f"{year}年")) == str(year)


@given(MONTHS, MONTHS)
def test_any_window_reads_back(one, other):
    window = Window(min(one, other), max(one, other))
    assert parse_period(str(window)) == window
    assert window.months[0] == window.first
    assert window.months[-1] == window.last
    assert window.years == pytest.approx(len(window.months) / 12)


@given(MONTHS, st.integers(-50, 50))
def test_shifting_keeps_months_and_length(month, years):
    window = Window(month, month + pd.DateOffset(months=7))
    moved = window.shift(years)
    assert moved.first.month == month.month
    assert len(moved.months) == 8
    assert moved.shift(-years) == window


@pytest.mark.parametrize(
    ("text", "first", "last", "shortest"),
    [
        ("2023", "2023-01", "2023-12", "2023"),
        ("2020-H1", "2020-01", "2020-06", "2020-H1"),
        ("2020-H2", "2020-07", "2020-12", "2020-H2"),
        ("2020-Q4", "2020-10", "2020-12", "2020-Q4"),
        ("2020-06", "2020-06", "2020-06", "2020-06"),
        ("2020-01..2020-09", "2020-01", "2020-09", "2020-01..2020-09"),
        ("2020-01..2020-06", "2020-01", "2020-06", "2020-H1"),
        ("2020-H1..2020-H2", "2020-01", "2020-12", "2020"),
        ("2010..2016", "2010-01", "2016-12", "2010..2016"),
        (" 2019-Q2 .. 2020 ", "2019-04", "2020-12", "2019-04..2020-12"),
        ("2020-04..2020-09", "2020-04", "2020-09", "2020-04..2020-09"),  # no half-year
    ],
)
def test_forms(text, first, last, shortest):
    window = parse_period(text)
    assert (window.first, window.last) == (pd.Timestamp(first), pd.Timestamp(last))
    assert str(window) == shortest


NO_PERIODS = [
    "20",
    "0000",
    "0020-01",
    "2020-13",
    "2020-00",
    "2020-1",
    "2020-H3",
    "2020-Q5",
    "2020-06-01",
    "20200601",
    "2020-H",
    "H12020-",
    "Jan-20",
    "1 Jan 2020",
    "2019-20",
    "2020.5",
    "2020.0",
    "2020..",
    "..2020",
    "2019..2020..2021",
    "None",
    "二〇二〇",
    "٢٠٢٠",
]


@pytest.mark.parametrize("text", ["", *NO_PERIODS])
def test_what_is_no_period_is_refused(text):
    with pytest.raises(InputError, match="cannot be read"):
        parse_period(text)


def test_backwards_is_refused():
    with pytest.raises(InputError, match="runs backwards"):
        parse_period("2021..2020")


def test_year_to_date():
    assert str(year_to_date("2020-09")) == "2020-01..2020-09"
    assert str(year_to_date("2020-06")) == "2020-H1"
    assert str(year_to_date(pd.Timestamp("2020-12-31"))) == "2020"


def test_covers_both_ends():
    days = pd.Series(pd.to_datetime(["2019-12-01", "2020-01-01", "2020-06-01", "2020-07-01"]))
    assert parse_period("2020-H1").covers(days).tolist() == [False, True, True, False]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Jan 2020", "2020-01"),
        ("September 2021", "2021-09"),
        ("Jan 2020..Mar 2020", "2020-Q1"),
        (pd.Timestamp("2020-06-15"), "2020-06"),
        (datetime.date(2020, 6, 1), "2020-06"),
        (pd.Period("2020Q1"), "2020-Q1"),
        (2020, "2020"),
        (("2020-01", "2020-06"), "2020-H1"),
        ((pd.Timestamp("2020-01-01"), "Jun 2020"), "2020-H1"),
        (slice("2020-01", "2020-06"), "2020-H1"),
        (np.datetime64("2020"), "2020"),
        (np.datetime64("2020-06"), "2020-06"),
        (pd.Timestamp("2020-06-15", tz="Asia/Seoul"), "2020-06"),
        (pd.Period("2020", "Y-MAR"), "2019-04..2020-03"),
        (202006, "2020-06"),
        ("Jan to Mar 2020", ""),
        ("Jan 2020 to Mar 2020", "2020-Q1"),
        ("2019 – 2020", "2019..2020"),
    ],
)
def test_periods_as_people_have_them(said, meant):
    if meant:
        assert str(parse_period(said)) == meant
    else:  # whose year is not said
        with pytest.raises(InputError, match="cannot be read"):
            parse_period(said)


@st.composite
def spellings(draw):
    """A part of a year, and the ways in which people write it."""
    year = draw(st.integers(1900, 2099))
    gap = draw(st.sampled_from(["", "-", " ", "/"]))
    case = draw(st.sampled_from([str, str.lower, str.upper, str.title]))
    kind, n = draw(st.sampled_from([("H", 2), ("Q", 4), ("", 12)]))
    n = draw(st.integers(1, n))
    if kind:
        first = (6 if kind == "H" else 3) * (n - 1) + 1
        word, length = f"{kind}{n}", 6 if kind == "H" else 3
        text = draw(st.sampled_from([f"{year}{gap}{word}", f"{word}{gap}{year}"]))
    else:
        first, length = n, 1
        name = MONTH_NAMES[n - 1]
        name = name[: draw(st.sampled_from([3, len(name)]))]
        spelt = [f"{name}{gap}{year}", f"{year}{gap}{name}", f"{name}. {year}", f"{name}, {year}"]
        spelt += [f"{year}{mark}{n:02}" for mark in ("", "-", "/", ".")]
        text = draw(st.sampled_from(spelt))
    return case(text), Window(
        pd.Timestamp(year, first, 1), pd.Timestamp(year, first + length - 1, 1)
    )


@given(spellings(), st.sampled_from(["", " "]))
def test_every_spelling_of_a_part_of_a_year_says_it(spelt, pad):
    text, window = spelt
    assert parse_period(f"{pad}{text}{pad}") == window
    assert parse_period(f"{text}..{text}") == window
    if len(window.months) == 1:
        assert read_month(text) == str(window)  # a cell of a file, and below the name of one
        assert month_in_name(f"imports {text.replace('/', '-')}.csv") == str(window)


@given(st.one_of(
    st.text(max_size=12),
    st.text("0123456789-HQhq./ Jan", max_size=10),
    st.lists(st.sampled_from(["2020", "2021-06", None, 3.5]), max_size=3),
    st.sampled_from([None, {}, {"a"}, b"2020", 2020.0, True, slice(None), slice(1, 2, 3), object]),
    st.sampled_from([pd.NaT, np.nan, np.datetime64("NaT"), datetime.time(3), pd.Timedelta("3D")]),
    st.just(pd.date_range("2020", periods=900, freq="D")),
))  # fmt: skip
def test_whatever_is_said_is_read_or_refused_in_one_line(said):
    try:
        window = parse_period(said)
    except InputError as error:
        told = str(error)
        assert ("\n" not in told, len(told) < 400) == (True, True)
    else:
        assert parse_period(str(window)) == window
        assert window.first <= window.last


@pytest.mark.parametrize("said", ["２020", "2020-０6", "Ju 2020", "Ma 2020", "May 20", pd.NaT])
def test_foreign_digits_and_half_names_are_no_periods(said):
    with pytest.raises(InputError, match="cannot be read"):
        parse_period(said)


def test_a_pair_runs_forward():
    with pytest.raises(InputError, match="runs backwards"):
        parse_period(("2020-06", "2020-01"))
    with pytest.raises(InputError, match="is no pair"):
        parse_period(("2019", "2020", "2021"))


@pytest.mark.parametrize(
    ("text", "meant"),
    [("2020-1", "2020-01"), ("2020/6", "2020-06"), ("2020-06-30", "2020-06"), ("6/2020", "2020-06"),
     ("06/2020", "2020-06"), ("2020..2021-3", "2021-03")],
)  # fmt: skip
def test_a_month_written_otherwise_is_told_as_it_is_read(text, meant):
    with pytest.raises(InputError, match=f"Did you mean '{meant}'"):
        parse_period(text)


@pytest.mark.parametrize("text", ["2020-13", "2020-00", "20", "1/20", "2020-1-1-1"])
def test_nothing_is_suggested_that_would_not_be_read(text):
    with pytest.raises(InputError) as refused:
        parse_period(text)
    assert "mean" not in str(refused.value)
