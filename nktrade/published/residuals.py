"""What printed parts leave of their printed total, and which categories would account for it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import pandas as pd


def bound_residual(
    total: tuple[float, float], parts: Sequence[tuple[float, float]]
) -> tuple[float, float]:
    """Return the least and the most that rounded parts leave of a rounded total.

    Parameters
    ----------
    total : (float, float)
        Value and half a unit of its last printed digit.
    parts : sequence of (float, float)
        Likewise, in the same unit.

    Examples
    --------
    >>> bound_residual((10.0, 0.5), [(4.0, 0.5), (3.0, 0.5)])
    (1.5, 4.5)
    """
    left = total[0] - sum(value for value, _ in parts)
    width = total[1] + sum(half for _, half in parts)
    return left - width, left + width


def find_omitted(parts: pd.DataFrame, printed: pd.Series) -> pd.DataFrame:
    """Try every set of categories that a printed sum may have left out.

    Parameters
    ----------
    parts : pandas.DataFrame
        Index of categories, one column a period, values. Up to about fifteen categories: the sets
        double with each.
    printed : pandas.Series
        The printed sum of each period, in the unit of `parts`.

    Returns
    -------
    pandas.DataFrame
        One row a set, best first. Columns omitted (the categories, apart by a comma; empty where
        none), miss (largest relative error over the periods, percent).

    Examples
    --------
    >>> parts = pd.DataFrame({"2019": [5.0, 3.0], "2020": [4.0, 1.0]}, index=["a", "b"])
    >>> find_omitted(parts, pd.Series({"2019": 5.0, "2020": 4.0})).to_dict("records")[0]
    {'omitted': 'b', 'miss': 0.0}
    """
    periods = [period for period in printed.index if period in parts]
    rows = []
    for size in range(len(parts)):
        for omitted in combinations(parts.index, size):
            kept = parts.drop(index=list(omitted))[periods].sum()
            miss = (kept / printed[periods] - 1).abs().max()
            rows.append((", ".join(omitted), 100 * float(miss)))
    table = pd.DataFrame(rows, columns=["omitted", "miss"])
    return table.sort_values("miss", kind="stable", ignore_index=True)
