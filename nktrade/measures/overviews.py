"""What a trade table holds, at a glance."""

from __future__ import annotations

import pandas as pd

from nktrade.errors import UnanswerableError
from nktrade.measures.summaries import Summary
from nktrade.table.rows import COMBINED, check_is_trade, is_estimated


def overview(trade: pd.DataFrame) -> Summary:
    """Say what a trade table holds: rows, months, flows, how it is known, sources and gaps.

    Parameters
    ----------
    trade : pandas.DataFrame
        A trade table.

    Returns
    -------
    Summary
        One row a declarer, flow, currency and edition of the Harmonized System; columns rows,
        from and to (months), months, missing (months between them without any row; one that was
        released with the next is not missing), combined, suppressed (rows without a value),
        partners and goods. The notes say how the values are known and where they come from.

    Raises
    ------
    UnanswerableError
        If the table is empty.

    Examples
    --------
    >>> from nktrade.table.rows import check_trade
    >>> rows = pd.DataFrame({"period": pd.to_datetime(["2019-01-01", "2019-03-01"]),
    ...     "reporter": "CHN", "partner": "PRK", "flow": "export", "hs": "6704", "value": 1.0,
    ...     "hs_edition": "HS2017", "currency": "USD"})
    >>> overview(check_trade(rows)).table[["months", "missing"]].iloc[0].tolist()
    [2, 1]
    """
    check_is_trade(trade)
    if trade.empty:
        raise UnanswerableError(
            "the table holds no rows",
            hint="Load a wider selection, or import downloads: nktrade data import.",
        )
    keys = ["reporter", "flow", "currency", "hs_edition"]
    rows = {
        f"{reporter} {flow}, {currency}, {edition}": _describe(part)
        for (reporter, flow, currency, edition), part in trade.groupby(keys)
    }
    sources = trade["source"].dropna().unique()
    shown = ", ".join(sources[:3]) + (f" and {len(sources) - 3} more" if len(sources) > 3 else "")
    known = (
        "Estimated: fitted to published figures, not records; ask nk.bounds how a sum is known."
        if is_estimated(trade)
        else "Recorded: as customs declared it."
    )
    return Summary("Trade table", pd.DataFrame(rows).T, (known, f"Source: {shown or 'not said'}."))


def _describe(part: pd.DataFrame) -> dict[str, object]:
    months = pd.DatetimeIndex(part["period"].unique())
    combined = pd.DatetimeIndex(part.loc[part["status"].isin(COMBINED), "period"].unique())
    within = pd.date_range(months.min(), months.max(), freq="MS")
    missing = within.difference(months).difference(combined - pd.DateOffset(months=1))
    return {
        "rows": len(part),
        "from": f"{months.min():%Y-%m}",
        "to": f"{months.max():%Y-%m}",
        "months": len(months),
        "missing": len(missing),
        "combined": len(combined),
        "suppressed": int(part["value"].isna().sum()),
        "partners": part["partner"].nunique(),
        "goods": part["hs"].nunique(),
    }
