"""Periods of which a table holds every month."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from nktrade.table.periods import parse_period
from nktrade.table.row_rules import COMBINED


def find_whole(trade: pd.DataFrame, periods: Sequence[str]) -> list[str]:
    """Return those of the periods of which a table covers every month.

    A month is covered if any flow has a row in it; a January released together with February is,
    if the period holds both.

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
