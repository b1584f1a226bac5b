"""Order: the largest first, and among equals always the same."""

from __future__ import annotations

from typing import TypeVar

import pandas as pd

Rows = TypeVar("Rows", pd.Series, pd.DataFrame)


def order_largest(rows: Rows, by: str = "", ties: str | list[str] | None = None) -> Rows:
    """Return rows, the largest first; equal ones stand in the order of what names them.

    An order by value alone leaves equal rows as a sort happens to leave them, which differs between
    machines and with the order of the rows before.

    Parameters
    ----------
    rows : Series or DataFrame
    by : str
        Column of a frame that holds the values.
    ties : str or list of str, optional
        Columns of a frame that name its rows; else its index does, as a series' does.

    Examples
    --------
    >>> order_largest(pd.Series({"c": 1, "b": 2, "a": 1})).index.tolist()
    ['b', 'a', 'c']
    """
    if isinstance(rows, pd.Series):
        return rows.sort_index(kind="stable").sort_values(ascending=False, kind="stable")
    named = (
        rows.sort_index(kind="stable") if ties is None else rows.sort_values(ties, kind="stable")
    )
    return named.sort_values(by, ascending=False, kind="stable")
