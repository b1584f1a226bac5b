"""Hide and seek: trade is hidden in a copy of the data, and the scan finds it or does not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from nktrade.errors import InputError, check_choice
from nktrade.measures.scan import scan_moves


def hide(table: pd.DataFrame, by: str, item: str, months: Sequence[str], times: float):
    """Return a copy of monthly values in which some months of one item are multiplied.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns *by*, period, value.
    by, item : str
        The column of the series, and the one that is changed.
    months : sequence of str
        As ``["2019-05"]``.
    times : float
        0 or more; 0.2 hides four fifths of what was traded.

    Returns
    -------
    pandas.DataFrame
        The same rows, in the same order.

    Examples
    --------
    >>> table = pd.DataFrame({"heading": ["8471"], "period": pd.to_datetime(["2019-05-01"]),
    ...     "value": [10.0]})
    >>> hide(table, "heading", "8471", ["2019-05"], 8)["value"].tolist()
    [80.0]
    """
    check_choice(by, item, table[by].unique())
    if times < 0:
        raise InputError("trade cannot be negative", got=f"times={times}")
    moments = pd.to_datetime(list(months))
    chosen = (table[by] == item) & table["period"].isin(moments)
    if chosen.sum() != len(moments):
        raise InputError("the data do not hold every month named", got=", ".join(months))
    return table.assign(value=table["value"].where(~chosen, table["value"] * times))


def seek(
    table: pd.DataFrame, by: str, times: float, *, tries: int = 20, seed: int = 1
) -> pd.Series:
    """Hide one month `tries` times, each in another place, and count how often the scan finds it.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns *by*, period (every month), value.
    by : str
    times : float
        What the hidden month is multiplied by.
    tries, seed : int
        How many places, and which.

    Returns
    -------
    pandas.Series
        found (percent of the hidden months that the scan marks) and false (months marked that
        nobody hid, a try).

    Examples
    --------
    >>> months = pd.date_range("2017-01", periods=48, freq="MS")
    >>> noise = np.exp(0.3 * np.random.default_rng(1).normal(size=(8, 48)))
    >>> table = pd.DataFrame(noise, list("abcdefgh"), months).rename_axis(columns="period")
    >>> table = table.rename_axis("heading").stack().rename("value").reset_index()
    >>> float(seek(table, "heading", 100, tries=4)["found"])
    100.0
    """
    random = np.random.RandomState(seed)
    items, months = sorted(table[by].unique()), sorted(table["period"].unique())[6:-6]
    found = false = 0
    for _ in range(tries):
        item, month = random.choice(items), pd.Timestamp(random.choice(months))
        scores = scan_moves(hide(table, by, item, [f"{month:%Y-%m}"], times), by).scores
        marked = scores[scores["unusual"]]
        hit = ((marked[by] == item) & (marked["period"] == month)).sum()
        found, false = found + hit, false + len(marked) - hit
    return pd.Series({"found": 100 * found / tries, "false": false / tries})
