"""How far one series follows another: correlations at several lags."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nktrade.errors import InputError


def cross_correlate(first: pd.Series, second: pd.Series, lags: range) -> pd.DataFrame:
    """Correlate `first` at month t with `second` at month t + lag.

    Parameters
    ----------
    first, second : pandas.Series
        Index of months (first days), in any order; a month that is left out or has no value is
        no pair of any lag.
    lags : range
        In months; a positive lag means that `second` follows `first`.

    Returns
    -------
    pandas.DataFrame
        Columns lag, correlation, months (pairs used), low, high (95 percent, Fisher's z).

    Raises
    ------
    InputError
        If an index is not of months, or has one twice.

    Examples
    --------
    >>> months = pd.date_range("2020-01", periods=6, freq="MS")
    >>> parts = pd.Series([1.0, 5.0, 2.0, 8.0, 3.0, 9.0], months)
    >>> exports = parts.shift(1).drop(months[3])  # a month later, and one month is missing
    >>> cross_correlate(parts, exports, range(1, 2))["correlation"].round(6).tolist()
    [1.0]
    """
    first, second = _number_months(first), _number_months(second)
    rows = []
    for lag in lags:
        later = second.set_axis(second.index - lag)
        pairs = pd.concat([first, later], axis=1).dropna()
        r, n = float(np.corrcoef(pairs.to_numpy().T)[0, 1]), len(pairs)
        half = 1.96 / np.sqrt(max(n - 3, 1))
        low, high = np.tanh(np.arctanh(np.clip(r, -0.999, 0.999)) + np.array([-half, half]))
        rows.append({"lag": lag, "correlation": r, "months": n, "low": low, "high": high})
    return pd.DataFrame(rows)


def _number_months(series: pd.Series) -> pd.Series:
    """Return a series by number of month, so that a step of one is a month even across a gap."""
    index = series.index
    if isinstance(index, pd.PeriodIndex):
        index = index.to_timestamp()
    if not isinstance(index, pd.DatetimeIndex) or (index.day != 1).any():
        raise InputError(
            "the index is not of months",
            expected="first days of months, as monthly(...).set_index('period')['value'] has",
            got=repr(index[0]) if len(index) else "nothing",
        )
    if index.has_duplicates:
        raise InputError(
            f"{index[index.duplicated()][0]:%Y-%m} is there twice",
            hint="Select one flow and one group before correlating.",
        )
    return pd.Series(series.to_numpy(dtype="float64"), 12 * index.year + index.month)
