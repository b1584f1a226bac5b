"""Months and windows of months: ``2020-06``, ``2020-H1``, ``2023``, ``2020-01..2020-09``."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from nktrade.errors import InputError, shorten
from nktrade.table.spelled_months import check_order, read_months, refuse_backwards


@dataclass(frozen=True)
class Window:
    """A run of whole months, first and last included.

    Attributes
    ----------
    first, last : pandas.Timestamp
        First day of the first and of the last month.
    """

    first: pd.Timestamp
    last: pd.Timestamp

    @cached_property
    def months(self) -> pd.DatetimeIndex:
        """Every month of the window, monthly frequency, first of month."""
        return pd.date_range(self.first, self.last, freq="MS", name="period")

    @property
    def years(self) -> float:
        """Length in years: 0.5 for a half-year."""
        return len(self.months) / 12

    def shift(self, years: int) -> Window:
        """Return the same months `years` later (negative: earlier)."""
        by = pd.DateOffset(years=years)
        return Window(self.first + by, self.last + by)

    def covers(self, periods: pd.Series | pd.DatetimeIndex):
        """Return a boolean array: which of `periods` fall in the window."""
        return (periods >= self.first) & (periods <= self.last)

    def __str__(self) -> str:
        """Write the shortest form that `parse_period` reads back."""
        first, last, count = self.first, self.last, len(self.months)
        if count == 1:
            return f"{first:%Y-%m}"
        if first.month == 1 and last.month == 12:
            return f"{first:%Y}" if count == 12 else f"{first:%Y}..{last:%Y}"
        if count == 6 and first.month in (1, 7):
            return f"{first:%Y}-H{1 if first.month == 1 else 2}"
        if count == 3 and first.month in (1, 4, 7, 10):
            return f"{first:%Y}-Q{first.quarter}"
        return f"{first:%Y-%m}..{last:%Y-%m}"


#: What says a period.
Period = str | int | datetime.date | pd.Period | np.datetime64 | Window | slice | Sequence[Any]


def parse_period(text: Period) -> Window:
    """Read a period as the documents and the command line write it.

    Parameters
    ----------
    text : str, Timestamp, date, Period, int, Window, or a pair or slice of them
        A year, half-year, quarter (``"2020-Q1"``, ``"Q1 2020"``), month (``"2020-06"``,
        ``"202006"``, ``"Jan 2020"``), or two of them joined by ``..`` (both included); a date for
        its month; a year as a number; a pair or slice for its first and last.

    Returns
    -------
    Window
        Whole months, with `first` and `last` (first days of months), `months` and `years`.

    Raises
    ------
    InputError
        If `text` is none of these or runs backwards.

    Examples
    --------
    >>> str(parse_period("2020-01..2020-06"))
    '2020-H1'
    >>> len(parse_period("2010..2016").months)
    84
    >>> str(parse_period(("Jan 2020", pd.Timestamp("2020-03-15"))))
    '2020-Q1'
    >>> parse_period("2020-13")
    Traceback (most recent call last):
    ...
    nktrade.errors.InputError: the period '2020-13' cannot be read; expected '2023', ...
    """
    if isinstance(text, Window):
        return text
    if isinstance(text, slice):
        if text.step is not None:
            raise InputError(f"the period {text!r} has a step", expected="its first and its last")
        return parse_period((text.start, text.stop))
    if isinstance(text, tuple | list):
        if len(text) != 2:
            raise InputError(
                f"the period {shorten(text)} is no pair", expected="its first and its last"
            )
        windows = [parse_period(end) for end in text]
    elif isinstance(text, pd.Period):
        windows = [parse_period(end) for end in (text.start_time, text.end_time)]
    elif isinstance(text, datetime.date | np.datetime64) and not pd.isna(text):
        whole_year = isinstance(text, np.datetime64) and np.datetime_data(text)[0] == "Y"
        return parse_period(f"{pd.Timestamp(text):{'%Y' if whole_year else '%Y-%m'}}")
    else:
        first, last = (pd.Timestamp(year, month, 1) for year, month in read_months(text))
        return Window(first, last)
    first, last = windows[0].first, windows[-1].last
    if last < first:
        raise refuse_backwards(text)
    return Window(first, last)


def list_periods(periods: Period | Iterable[Period]) -> list[Any]:
    """Return one period or several, as an argument gives them, as a list.

    A list or tuple is several; `parse_period` takes the same for a first and a last.

    Examples
    --------
    >>> list_periods("2020"), list_periods(["2020", 2021])
    (['2020'], ['2020', 2021])
    """
    if isinstance(periods, pd.Series | pd.Index | np.ndarray | list | tuple):
        return list(periods)
    return [periods]


def parse_span(
    start: Period | None = None, end: Period | None = None
) -> tuple[pd.Timestamp | None, pd.Timestamp | None]:
    """Return the first month of `start` and the last month of `end`; None where not given.

    Raises
    ------
    InputError
        If either cannot be read, or the span runs backwards.

    Examples
    --------
    >>> [str(month.date()) for month in parse_span("2019", "2020-H1")]
    ['2019-01-01', '2020-06-01']
    >>> parse_span("2020-06", "2020-01")
    Traceback (most recent call last):
    ...
    nktrade.errors.InputError: the months run backwards; got start 2020-06, end 2020-01. ...
    """
    start, end = (None if isinstance(said, str) and not said else said for said in (start, end))
    first = None if start is None else parse_period(start).first
    last = None if end is None else parse_period(end).last
    check_order(first, last, start, end)
    return first, last


def year_to_date(month: Period) -> Window:
    """Return January to the last month of a period, all of one year.

    Examples
    --------
    >>> str(year_to_date("2020-09"))
    '2020-01..2020-09'
    """
    last = parse_period(month).last
    return Window(pd.Timestamp(last.year, 1, 1), last)


def spell_period(period: Period) -> str:
    """Return a period as people say it.

    Examples
    --------
    >>> spell_period("2020-H1"), spell_period("2020-06"), spell_period("2010..2016")
    ('January to June 2020', 'June 2020', '2010 to 2016')
    >>> spell_period("2019-11..2020-02"), spell_period("2023")
    ('November 2019 to February 2020', '2023')
    """
    window = parse_period(period)
    first, last = window.first, window.last
    if first == last:
        return f"{first:%B %Y}"
    if first.month == 1 and last.month == 12:
        return f"{first:%Y}" if first.year == last.year else f"{first:%Y} to {last:%Y}"
    if first.year == last.year:
        return f"{first:%B} to {last:%B %Y}"
    return f"{first:%B %Y} to {last:%B %Y}"


_PART = r"\d{4}-(?:H[12]|Q[1-4]|0[1-9]|1[0-2])"
_WITHIN = re.compile(
    rf"(?<![\w'\"./-])(?:\d{{4}}(?:-\d\d)?\.\.\d{{4}}(?:-\d\d)?|{_PART})(?![\w'\"/-])"
)


def spell_periods(text: str) -> str:
    """Write the periods of a sentence as people say them; what stands in quotes was typed so.

    Examples
    --------
    >>> spell_periods("no imports of 2019-07 or 2020-H1; choose 'zero' or '2020-H1'")
    "no imports of July 2019 or January to June 2020; choose 'zero' or '2020-H1'"
    """
    return _WITHIN.sub(lambda found: spell_period(found[0]), text)
