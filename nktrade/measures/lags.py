"""How far one series follows another: correlations of their news at several lags."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view

from nktrade.errors import InputError, UnanswerableError
from nktrade.table.rows import check_series

#: Months of its own past by which a series may be explained before it is compared.
_LONGEST_MEMORY = 4
#: Pairs of months that a correlation needs.
FEWEST_PAIRS = 12


def cross_correlate(
    first: pd.Series, second: pd.Series, lags: range, level: float = 0.95
) -> pd.DataFrame:
    """Correlate the news of `first` at month t with the news of `second` at month t + lag.

    Two series that remember their own past correlate at some lag whether or not they have to do
    with each other. So each is first freed of what its own past explains (an autoregression of up
    to four months, by Akaike's criterion), and what is left, its news, is correlated. The limits
    hold for all lags tried together: where the series are unrelated, all of the intervals hold
    zero in a share `level` of cases.

    Parameters
    ----------
    first, second : pandas.Series
        Index of months (first days), in any order; a month that is left out or has no value, and
        the four after it, are no pair of any lag.
    lags : range
        In months; a positive lag means that `second` follows `first`.
    level : float
        Of all intervals together.

    Returns
    -------
    pandas.DataFrame
        Columns lag, correlation (of the news), months (pairs used), low, high, together (bool:
        the interval leaves out zero).

    Raises
    ------
    UnanswerableError
        If a series does not move, or a lag leaves fewer than 12 pairs.
    InputError
        If an index is not of months or has one twice, there is no lag, or `level` is no
        probability.

    Notes
    -----
    Haugh (1976), "Checking the independence of two covariance-stationary time series", Journal of
    the American Statistical Association 71; intervals by Fisher's z, for all lags after Šidák
    (1967).

    Examples
    --------
    >>> months = pd.date_range("2017-01-01", periods=60, freq="MS")
    >>> hair = pd.Series(np.random.default_rng(1).normal(size=60), months)
    >>> table = cross_correlate(hair, hair.shift(2), range(4))
    >>> table.loc[table["together"], "lag"].tolist()
    [2]
    """
    check_series(first)
    check_series(second)
    from scipy.stats import norm

    if not len(lags) or not 0 < level < 1:
        raise InputError(
            "lags or level make no sense",
            expected="one lag or more and a level between 0 and 1",
            got=f"{lags} and {level}",
        )
    one, other = _take_news(_number_months(first)), _take_news(_number_months(second))
    limit = norm.ppf((1 + level ** (1 / len(lags))) / 2)
    rows = []
    for lag in lags:
        _, mine, theirs = np.intersect1d(one.index, other.index - lag, True, return_indices=True)
        n = len(mine)
        if n < FEWEST_PAIRS:
            raise UnanswerableError(
                f"too few months for a lag of {lag}",
                expected=f"{FEWEST_PAIRS} pairs",
                got=str(n),
                hint="Ask of shorter lags, or import a longer span: nktrade data import.",
            )
        r = float(np.corrcoef(one.to_numpy()[mine], other.to_numpy()[theirs])[0, 1])
        half = limit / np.sqrt(n - 3)
        low, high = np.tanh(np.arctanh(np.clip(r, -0.9999, 0.9999)) + np.array([-half, half]))
        rows.append({"lag": lag, "correlation": r, "months": n, "low": low, "high": high})
    return pd.DataFrame(rows).assign(together=lambda t: (t["low"] > 0) | (t["high"] < 0))


def _take_news(series: pd.Series) -> pd.Series:
    """What a series' own past does not explain, where the whole past is known."""
    known = series.dropna()
    every = np.arange(known.index.min(), known.index.max() + 1) if len(known) else known.index
    full = known.reindex(every)
    # Each month and those before it, the latest first.
    padded = np.concatenate([np.full(_LONGEST_MEMORY, np.nan), full.to_numpy()])
    table = sliding_window_view(padded, _LONGEST_MEMORY + 1)[:, ::-1]
    whole = ~np.isnan(table).any(axis=1)
    table = table[whole]
    now, past = table[:, 0], table[:, 1:]
    if len(now) < FEWEST_PAIRS or np.ptp(known.to_numpy()) == 0:
        raise UnanswerableError(
            "a series is too short or does not move",
            got=f"{len(known)} known months",
            hint="Choose series that are known and move, or import more: nktrade data import.",
        )
    best, news = np.inf, now
    for order in range(_LONGEST_MEMORY + 1):
        design = np.column_stack([np.ones(len(now)), past[:, :order]])
        rest = now - design @ np.linalg.lstsq(design, now, rcond=None)[0]
        criterion = len(now) * np.log(max(rest @ rest, 1e-300)) + 2 * order
        if criterion < best - 1e-9:
            best, news = criterion, rest
    return pd.Series(news, full.index[whole])


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
