"""How a sum is known: recorded by customs, or fixed, bounded or left open by published figures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

#: From a sum of declared rows to one that nothing published narrows.
SUPPORT = ("recorded", "printed", "bounded", "assumed")


def bound_groups(trade: pd.DataFrame, keys: Sequence[str], sums: pd.DataFrame) -> pd.DataFrame:
    """Return the least and the greatest value that each sum can have, and how that is known.

    Parameters
    ----------
    trade : pandas.DataFrame
        The rows that were added up.
    keys : sequence of str
        The columns that were kept apart; none for one sum over everything.
    sums : pandas.DataFrame
        Index of the groups in the order of `keys`; columns value (missing where a part is
        unknown), known (the sum of what is known) and estimated (bool: some row is an estimate).

    Returns
    -------
    pandas.DataFrame
        Index of `sums`. Columns low, high (in the unit of the values; infinite where nothing
        says how much) and support (one of `SUPPORT`).
    """
    unknown, estimated = sums["value"].isna(), sums["estimated"].astype("bool")
    floor = sums["known"].where(~estimated, 0.0)
    support = np.select(
        [estimated, unknown & (floor > 0), unknown], ["assumed", "bounded", "assumed"], "recorded"
    )
    return pd.DataFrame(
        {
            "low": floor,
            "high": sums["value"].where(~estimated & ~unknown, np.inf),
            "support": pd.array(support, dtype="str"),
        },
        index=sums.index,
    )
