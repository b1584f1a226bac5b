"""Months and windows of months: ``2020-06``, ``2020-H1``, ``2023``, ``2020-01..2020-09``."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from nktrade.errors import InputError

_FORMS = "'2023', '2020-H1', '2020-Q1', '2020-06', '2020-01..2020-09' or '2010..2016'"
_POINT = re.compile(
    r"(?P<year>[12][0-9]{3})(?:-(?:H(?P<half>[12])|Q(?P<quarter>[1-4])|(?P<month>[0-9]{2})))?"
)

#: "Jan 2020", "January 2020"; a day of the month is no part of a period.
_NAMED = re.compile(r"(?P<name>[A-Za-z]{3,9})\.?\s+(?P<year>[12][0-9]{3})")
_NAMES = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september"),
    *("october", "november", "december"),
)


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
Period = str | int | datetime.date | pd.Period | np.datetime64 | Window | Sequence[Any]


def parse_period(text: Period) -> Window:
    """Read a period as the documents and the command line write it.

    Parameters
    ----------
    text : str, Timestamp, date, Period, int, Window or a pair of them
        A year, half-year, quarter, month (also as ``"Jan 2020"``), or two of them joined by ``..``
        (both included); a date for its month; a year as a number; a pair for its first and last.

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
    if isinstance(text, tuple | list):
        if len(text) != 2:
            raise InputError(f"the period {text!r} is no pair", expected="its first and its last")
        one, other = (parse_period(end) for end in text)
        return parse_period(f"{one.first:%Y-%m}..{other.last:%Y-%m}")
    if isinstance(text, pd.Period):
        return parse_period(f"{text.start_time:%Y-%m}..{text.end_time:%Y-%m}")
    if isinstance(text, datetime.date | np.datetime64) and not pd.isna(text):
        return parse_period(f"{pd.Timestamp(text):%Y-%m}")
    ends = str(text).strip().split("..")
    if len(ends) > 2:
        raise InputError(f"the period {text!r} cannot be read", expected=_FORMS)
    windows = [_parse_point(end, str(text)) for end in ends]
    first, last = windows[0].first, windows[-1].last
    if last < first:
        raise InputError(f"the period {text!r} runs backwards", hint="Put the earlier end first.")
    return Window(first, last)


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
    first = parse_period(start).first if start else None
    last = parse_period(end).last if end else None
    if first is not None and last is not None and last < first:
        raise InputError(
            "the months run backwards",
            got=f"start {start}, end {end}",
            hint="Put the earlier month first.",
        )
    return first, last


def _parse_point(point: str, whole: str) -> Window:
    named = _NAMED.fullmatch(point.strip())
    if named:
        number = [n for n, name in enumerate(_NAMES, 1) if name.startswith(named["name"].lower())]
        point = f"{named['year']}-{number[0]:02}" if len(number) == 1 else point
    match = _POINT.fullmatch(point.strip())
    month = int(match["month"]) if match and match["month"] else None
    if not match or (month is not None and not 1 <= month <= 12):
        raise InputError(f"the period {whole!r} cannot be read", expected=_FORMS)
    year = int(match["year"])
    if match["half"]:
        start, length = (1 if match["half"] == "1" else 7), 6
    elif match["quarter"]:
        start, length = 3 * int(match["quarter"]) - 2, 3
    elif month is not None:
        start, length = month, 1
    else:
        start, length = 1, 12
    return Window(pd.Timestamp(year, start, 1), pd.Timestamp(year, start + length - 1, 1))


def year_to_date(month: str | pd.Timestamp) -> Window:
    """Return January to `month` of the same year.

    Examples
    --------
    >>> str(year_to_date("2020-09"))
    '2020-01..2020-09'
    """
    last = parse_period(month).last if isinstance(month, str) else pd.Timestamp(month)
    last = last.to_period("M").to_timestamp()
    return Window(pd.Timestamp(last.year, 1, 1), last)


def spell_period(period: str | Window) -> str:
    """Return a period as people say it.

    Examples
    --------
    >>> spell_period("2020-H1"), spell_period("2020-06"), spell_period("2010..2016")
    ('January to June 2020', 'June 2020', '2010 to 2016')
    >>> spell_period("2019-11..2020-02"), spell_period("2023")
    ('November 2019 to February 2020', '2023')
    """
    window = parse_period(period) if isinstance(period, str) else period
    first, last = window.first, window.last
    if first == last:
        return f"{first:%B %Y}"
    if first.month == 1 and last.month == 12:
        return f"{first:%Y}" if first.year == last.year else f"{first:%Y} to {last:%Y}"
    if first.year == last.year:
        return f"{first:%B} to {last:%B %Y}"
    return f"{first:%B %Y} to {last:%B %Y}"
