"""Structure: shares of a total, and how concentrated it is."""

from __future__ import annotations

import numpy as np
import pandas as pd


def compute_shares(table: pd.DataFrame, of: str = "value") -> pd.DataFrame:
    """Add each row's share of the column total, in percent.

    Parameters
    ----------
    table : pandas.DataFrame
        One row a part.
    of : str
        The column whose total is shared out.

    Returns
    -------
    pandas.DataFrame
        `table` with share (percent), missing throughout where one part is unknown: then so is
        the total.

    Examples
    --------
    >>> compute_shares(pd.DataFrame({"value": [30.0, 10.0]}))["share"].tolist()
    [75.0, 25.0]
    """
    return table.assign(share=100 * table[of] / table[of].sum(skipna=False))


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
    total = values.sum(skipna=False)
    shares = 100 * values / (total if total else np.nan)
    return float((shares**2).sum(skipna=False))
