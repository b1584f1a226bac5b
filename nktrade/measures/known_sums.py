"""Which sums of a wide table are known, and in which order: the ends decide, or nobody can tell."""

from __future__ import annotations

import pandas as pd

from nktrade.table.meaning import fill_ends


def keep_known(wide: pd.DataFrame, *, bounded: bool = False) -> pd.DataFrame:
    """Return the sums that records or print fix, the others missing.

    What may be set in an order: the place of a sum that is only assumed is an assumption.

    Parameters
    ----------
    wide : pandas.DataFrame
        As `measures.compare_periods` returns it.
    bounded : bool
        Keep those too of which published figures leave an interval.

    Examples
    --------
    >>> import nktrade as nk
    >>> china = nk.load(flow="import", start="2023", end="2023")
    >>> goods = china.assign(heading=china["hs"].str[:4])
    >>> sums = nk.compare_periods(goods, "heading", ["2023"])
    >>> keep_known(sums).loc[["6704", "6702"], "2023"].notna().tolist()
    [True, False]
    """
    loose = (
        fill_ends(wide)["support"]
        .isin(["assumed"] if bounded else ["assumed", "bounded"])
        .to_numpy()
    )
    return wide.where(~loose.reshape(wide.shape, order="F"))


def rank_known(wide: pd.DataFrame) -> pd.DataFrame:
    """Rank the sums that are known in every period among one another, the largest first.

    Parameters
    ----------
    wide : pandas.DataFrame
        As `measures.compare_periods` returns it.

    Returns
    -------
    pandas.DataFrame
        The rows of which each sum is above zero and recorded, printed or bounded. Missing where the
        ends of two sums meet, so that nothing says which is larger.

    Examples
    --------
    >>> sums = pd.DataFrame({"2023": [3.0, 5.0, 0.0]}, ["rice", "coal", "tin"])
    >>> rank_known(sums)["2023"].to_dict()
    {'rice': 2.0, 'coal': 1.0}
    """
    known = keep_known(wide, bounded=True)
    rows = (known > 0).all(axis="columns").to_numpy()
    ends = fill_ends(wide)
    low, high = (
        ends[end].to_numpy().reshape(wide.shape, order="F")[rows] for end in ("low", "high")
    )
    above = (low[:, None] > high[None, :]).sum(axis=0)
    meets = ((low[:, None] <= high[None, :]) & (high[:, None] >= low[None, :])).sum(axis=0)
    ranks = pd.DataFrame(above + 1.0, wide.index[rows], wide.columns)
    return ranks.where(meets == 1)
