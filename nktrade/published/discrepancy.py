"""What customs' announced totals hold beyond the sum of commodities."""

from __future__ import annotations

import pandas as pd

from nktrade.published.figures import load_figures


def measure_discrepancy() -> pd.DataFrame:
    """Measure customs' headline less the sum of goods wherever both are printed.

    A table of goods cannot be held to a headline as if the two were equal: what customs announces
    has trade in it that no tariff line shows. Prints outside the interval of another print of
    their own kind are left to it.

    Returns
    -------
    pandas.DataFrame
        One row a flow (China's) and period, oldest first. Columns flow, period, headline and goods
        (USD, the middle of what the prints of each kind leave together), low and high (USD, of the
        difference), share_low and share_high (percent of the headline).

    Examples
    --------
    >>> gaps = measure_discrepancy().set_index(["flow", "period"])
    >>> gaps.loc[("import", "2018-01"), ["low", "high"]].tolist()
    [10670000.0, 10690000.0]
    """
    ledger = load_figures()
    keep = ledger["honoured"] & ledger["subject"].eq("total") & ledger["measure"].eq("value")
    keep &= ledger["unit"].eq("USD") & ledger["province"].eq("") & ledger["first"].notna()
    keep &= ledger["flow"].isin(["export", "import"]) & ledger["qualifier"].eq("")
    totals = ledger[keep]
    low = totals["read_low"].fillna(totals["low"])
    high = totals["read_high"].fillna(totals["high"])
    ends = totals.assign(low=low, high=high).groupby(["flow", "first", "last", "statistic"])
    both = ends.agg(low=("low", "max"), high=("high", "min"), period=("period", "first"))
    both = both[both["low"] <= both["high"]]
    headline, goods = (both.xs(kind, level="statistic") for kind in ("headline", "goods"))
    shared = headline.index.intersection(goods.index)
    headline, goods = headline.loc[shared], goods.loc[shared]
    least, most = headline["low"] - goods["high"], headline["high"] - goods["low"]
    middle = (headline["low"] + headline["high"]) / 2
    found = pd.DataFrame(
        {
            "flow": shared.get_level_values("flow"),
            "period": headline["period"],
            "headline": middle,
            "goods": (goods["low"] + goods["high"]) / 2,
            "low": least,
            "high": most,
            "share_low": 100 * least / middle,
            "share_high": 100 * most / middle,
        }
    )
    return found.reset_index(drop=True)
