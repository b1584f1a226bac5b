"""Structure: shares of a total, and how concentrated it is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from nktrade.errors import MixtureError, check_choice, list_names
from nktrade.table.addition import ACROSS, check_parts
from nktrade.table.rows import check_columns, check_series

#: What the parts of one total must have in common.
_ONE = {"flow": "flows", "currency": "currencies", "partner": "partners", "reporter": "reporters"}


def compute_shares(
    table: pd.DataFrame,
    of: str = "value",
    *,
    by: str | Sequence[str] = (),
    across: str | Sequence[str] = (),
) -> pd.DataFrame:
    """Add each row's share of the column total, or of its group's, in percent.

    Parameters
    ----------
    table : pandas.DataFrame
        One row a part.
    of : str
        The column whose total is shared out.
    by : str or sequence of str, optional
        Columns of groups, each with a total of its own, as ``"flow"``.
    across : {"flow", "partner", "reporter"} or several, optional
        What the total is meant to be of several of, as partners whose shares are asked for.

    Returns
    -------
    pandas.DataFrame
        `table` with share (percent), missing throughout where one part is unknown: then so is
        the total. Where the parts carry their ends (`low` and `high`, as every sum of
        :func:`~nktrade.measures.add_up` does), share_low and share_high: the least and greatest
        share when each part lies anywhere between its own ends. What printed figures say of
        several parts together can only narrow them: :func:`nktrade.bounds_ratio`.

    Raises
    ------
    MixtureError
        If one total would be of imports and exports, of several currencies or sides, or would
        count a whole beside its parts: a heading and its subheadings, a total and its provinces,
        the world and its partners.
    InputError
        If a column is not there.

    Examples
    --------
    >>> compute_shares(pd.DataFrame({"value": [30.0, 10.0]}))["share"].tolist()
    [75.0, 25.0]
    >>> both = pd.DataFrame({"flow": ["import", "import", "export"], "value": [30.0, 10.0, 5.0]})
    >>> compute_shares(both, by="flow")["share"].tolist()
    [75.0, 25.0, 100.0]
    >>> bounded = pd.DataFrame({"value": [30.0, 10.0], "low": [20.0, 5.0], "high": [40.0, 20.0]})
    >>> compute_shares(bounded)[["share_low", "share_high"]].round(1).values.tolist()
    [[50.0, 88.9], [11.1, 50.0]]
    """
    columns, across = list_names(by), list_names(across)
    for name in across:
        check_choice("word in `across`:", name, ACROSS)
    check_columns(table, [of, *columns])
    check_series(table[of])
    keys = [table[column] for column in columns]
    for name, noun in _ONE.items():
        if (
            name in across
            or name not in table
            or name in columns
            or len(table[name].dropna().unique()) < 2
        ):
            continue
        if not keys or table[name].groupby(keys, dropna=False).nunique().max() > 1:
            raise MixtureError(
                f"a share of the sum of different {noun}",
                got=", ".join(sorted(map(str, table[name].dropna().unique()))),
                hint=f"Say whose total is meant: compute_shares(table, by={name!r})"
                + (f", or across={name!r} for that of all." if name in ACROSS else "."),
            )
    check_parts(table, columns)
    shares = table.assign(share=100 * table[of] / _share_out(table[of], keys))
    if of != "value" or not {"low", "high"} <= {*table}:
        return shares
    low, high = table["low"].astype(float), table["high"].astype(float)
    # A part's share is least where the part is at its low end and all others at their high one; a
    # part without a high end leaves no other anything for sure.
    is_open = (high == np.inf).astype(float)
    ended = high.mask(is_open > 0, 0.0)
    most = (_share_out(ended, keys) - ended).mask(_share_out(is_open, keys) > is_open, np.inf)
    least = _share_out(low, keys) - low
    return shares.assign(
        share_low=(100 * low / (low + most)).mask(low == 0, 0.0),
        share_high=(100 * high / (high + least)).mask(high == 0, 0.0).mask(is_open > 0, 100.0),
    )


def _share_out(column: pd.Series, keys: list[pd.Series]) -> pd.Series:
    """Return beside every row the total of its group; missing where one of its rows is."""
    if not keys:
        return pd.Series(column.sum(skipna=False), column.index)
    return column.groupby(keys, dropna=False).transform("sum", skipna=False)


def compute_concentration(values: pd.Series) -> float:
    """Return the Herfindahl-Hirschman index of values of zero or more, 0 to 10,000.

    Missing where a value is unknown or the total is zero; the unit of the values does not matter.

    Source: United States Department of Justice, Horizontal Merger Guidelines: the sum of squared
    percentage shares.

    Examples
    --------
    >>> compute_concentration(pd.Series([50.0, 50.0]))
    5000.0
    """
    check_series(values)
    check_parts(values.index.to_frame(index=False))
    total = values.sum(skipna=False)
    shares = 100 * values / (total if total else np.nan)
    return float((shares**2).sum(skipna=False))
