"""What intervals allow of orders: the largest month, ranks, concentration.

Each function takes intervals as `nk.bounds` gives them and asks nothing else of print, so that its
answers can only be too cautious: the ends of several sums are not reached together.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nktrade.errors import InputError


def judge_ranks(table: pd.DataFrame, n: int) -> pd.Series:
    """Say of each row whether it is among the `n` largest in every case, in some, or in none.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns low and high, one row a part; every part that could rank must be there.
    n : int

    Returns
    -------
    pandas.Series of str
        "surely", "possibly" or "not", with the index of `table`.

    Raises
    ------
    InputError
        If `n` is not positive.

    Examples
    --------
    >>> parts = pd.DataFrame({"low": [9.0, 3.0, 0.0], "high": [10.0, 5.0, 4.0]})
    >>> judge_ranks(parts, 1).tolist(), judge_ranks(parts, 2).tolist()
    (['surely', 'not', 'not'], ['surely', 'possibly', 'possibly'])
    """
    if n < 1:
        raise InputError("no rank is asked for", got=f"n={n}")
    low, high = table["low"].to_numpy(float), table["high"].to_numpy(float)
    may_beat = (high[None, :] > low[:, None]).sum(axis=1) - (high > low)
    must_beat = (low[None, :] > high[:, None]).sum(axis=1)
    told = np.select([may_beat < n, must_beat < n], ["surely", "possibly"], "not")
    return pd.Series(told, table.index, dtype="str", name="rank")


def judge_peaks(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that may be the largest, as the months of a peak.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns low and high.

    Returns
    -------
    pandas.DataFrame
        The rows of `table` whose greatest value reaches the largest least value.

    Examples
    --------
    >>> judge_peaks(pd.DataFrame({"low": [2.0, 0.0, 0.0], "high": [3.0, 5.0, 1.0]})).index.tolist()
    [0, 1]
    """
    return table[table["high"] >= table["low"].max()]


def bound_concentration(table: pd.DataFrame, total: tuple[float, float]) -> tuple[float, float]:
    """Return outer bounds of the Herfindahl-Hirschman index, 0 to 10,000.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns low and high, one row a part of the whole.
    total : tuple of (float, float)
        The least and the greatest of the whole; positive.

    Returns
    -------
    (float, float)
        Least: the most even shares within the intervals. Greatest: each square lies below its
        chord, and the chords are filled by slope; the true maximum is no larger.

    Raises
    ------
    InputError
        If no shares within the intervals add up to one.

    Examples
    --------
    >>> halves = pd.DataFrame({"low": [50.0, 50.0], "high": [50.0, 50.0]})
    >>> bound_concentration(halves, (100.0, 100.0))
    (5000.0, 5000.0)
    """
    low = table["low"].to_numpy(float) / total[1]
    high = np.minimum(table["high"].to_numpy(float) / total[0], 1.0)
    if low.sum() > 1 + 1e-9 or high.sum() < 1 - 1e-9:
        raise InputError("the parts cannot add up to the whole", got=f"{low.sum():.3f} of it")
    floor, ceiling = 0.0, 1.0
    for _ in range(60):  # the level at which the shares, cut to their intervals, add up to one
        level = (floor + ceiling) / 2
        filled = np.clip(level, low, high).sum()
        floor, ceiling = (level, ceiling) if filled < 1 else (floor, level)
    even = np.clip(ceiling, low, high)
    left, most = 1 - low.sum(), float((low**2).sum())
    for slope, room in sorted(zip(low + high, high - low, strict=True), reverse=True):
        taken = min(room, max(left, 0.0))
        most += float(slope * taken)
        left -= taken
    return round(1e4 * float((even**2).sum()), 6), round(1e4 * most, 6)


def bound_leaders(leaders: pd.DataFrame, total: Any) -> tuple[float, float]:
    """Return outer bounds of the Herfindahl-Hirschman index where only the leaders are known.

    Parameters
    ----------
    leaders : pandas.DataFrame
        Columns low and high, one row a part that is known by itself.
    total : Amount
        The whole: anything with ends low and high.

    Returns
    -------
    (float, float)
        Least: what is not among the leaders is scattered. Greatest: it is one part.

    Examples
    --------
    >>> from nktrade.study.amount import Amount
    >>> half = pd.DataFrame({"low": [50.0], "high": [50.0]})
    >>> bound_leaders(half, Amount(100.0, 100.0, "printed"))
    (2500.0, 5000.0)
    """
    low, high = leaders["low"].to_numpy(float), leaders["high"].to_numpy(float)
    high = np.minimum(high, total.high)
    rest = max(total.high - low.sum(), 0.0)
    least = float(((low / total.high) ** 2).sum())
    greatest = float((np.minimum(high / total.low, 1.0) ** 2).sum() + (rest / total.low) ** 2)
    return round(1e4 * least, 6), round(1e4 * min(greatest, 1.0), 6)
