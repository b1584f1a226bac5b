"""Periods of which a table holds every month."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from nktrade.errors import GapError, list_of
from nktrade.table.periods import parse_period
from nktrade.table.row_rules import COMBINED


def choose_periods(trade: pd.DataFrame, wanted: Sequence[str]) -> list[str]:
    """Return those of the periods of which a table covers every month; if none, its half-years.

    A month is covered if any flow has a row in it; a January released together with February is,
    if the period holds both.

    Parameters
    ----------
    trade : pandas.DataFrame
        A trade table.
    wanted : sequence of str
        Periods as `parse_period` reads them, in order.

    Raises
    ------
    GapError
        If neither one of the periods nor any half-year is covered.

    Examples
    --------
    >>> import nktrade as nk
    >>> choose_periods(nk.load(start="2020", end="2021"), ["2019-H1", "2020-H1"])
    ['2020-H1']
    >>> choose_periods(nk.load(start="2020", end="2021"), ["2016"])
    ['2020-H1', '2020-H2', '2021-H1', '2021-H2']
    """
    years = sorted(trade["period"].dt.year.unique())
    halves = [f"{year}-H{half}" for year in years for half in (1, 2)]
    for choice in (wanted, halves):
        held = find_whole(trade, choice)
        if held:
            return held
    raise GapError(
        "the data cover no whole period",
        expected=f"{list_of(wanted)}, or a half-year",
        hint="Import the missing months, or name other periods.",
    )


def find_whole(trade: pd.DataFrame, periods: Sequence[str]) -> list[str]:
    """Return those of the periods of which a table covers every month, as `choose_periods`.

    Examples
    --------
    >>> import nktrade as nk
    >>> find_whole(nk.load(start="2020-01", end="2021-06"), ["2020", "2021"])
    ['2020']
    """
    months = set(trade["period"].unique())
    combined = set(trade.loc[trade["status"].isin(COMBINED), "period"].unique())
    januaries = {month - pd.DateOffset(months=1) for month in combined}

    def whole(period: str) -> bool:
        window = parse_period(period)
        apart = window.first in combined or window.last in januaries
        return not apart and set(window.months) <= months | januaries

    return [period for period in periods if whole(period)]
