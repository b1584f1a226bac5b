"""Yuan to dollars, by monthly rates that the caller names or that two downloads imply.

nktrade carries no exchange rates of its own for conversion: customs publishes every figure in both
currencies, at rates it sets month by month, and a rate from elsewhere would move the figures.
"""

from __future__ import annotations

import warnings

import pandas as pd

from nktrade.errors import InputError, count_of
from nktrade.table.addition import sum_rows
from nktrade.table.rates import by_month
from nktrade.table.rows import KEY, check_columns, check_is_trade

_ROW = [column for column in KEY if column != "currency"]


def imply_rates(yuan: pd.DataFrame, dollars: pd.DataFrame) -> pd.DataFrame:
    """Find the monthly rates that two downloads of the same rows imply.

    Parameters
    ----------
    yuan, dollars : pandas.DataFrame
        Trade tables of the same flows, commodities and months, in CNY and in USD.

    Returns
    -------
    pandas.DataFrame
        One row a month: period, cny_per_usd (sum of yuan over sum of dollars of the rows in both),
        rows (count), spread (the largest share by which converting one row at this rate misses its
        dollars, rows under 10,000 dollars left out because they are rounded to the dollar).

    Raises
    ------
    InputError
        If no row is in both.
    """
    both = _pair(yuan, dollars)
    # A rate is the same whatever is traded, so imports and exports and all partners may be added.
    rates = _sum_months(yuan, both) / _sum_months(dollars, both)
    rates = rates.rename("cny_per_usd")
    large = both[both["value_usd"] >= 1e4]
    miss = large["value_cny"] / large["period"].map(rates) / large["value_usd"] - 1
    spread = miss.abs().groupby(large["period"]).max().rename("spread")
    count = both.groupby("period").size().rename("rows")
    return pd.concat([rates, count, spread], axis=1).reset_index()


def convert_to_usd(trade: pd.DataFrame, rates: pd.DataFrame) -> pd.DataFrame:
    """Convert the rows in yuan to dollars.

    Parameters
    ----------
    trade : pandas.DataFrame
        A trade table; rows in USD are left as they are.
    rates : pandas.DataFrame
        What `read_rates` or `imply_rates` returns, or any table that `by_month` takes.

    Returns
    -------
    pandas.DataFrame
        The same rows in USD, not rounded; `source` of a converted row says so.

    Raises
    ------
    InputError
        Naming the months that have no rate, or if a row is there in both currencies already.

    Examples
    --------
    >>> import nktrade as nk
    >>> wigs = nk.load(flow="import", hs="6704", start="2022-03", end="2022-03")
    >>> yuan = wigs.assign(currency="CNY")
    >>> rates = pd.DataFrame({"period": ["2022-03"], "cny_per_usd": [6.4]})
    >>> usd = convert_to_usd(yuan, rates)
    >>> round(float(yuan["value"].sum() / usd["value"].sum()), 3)
    6.4
    """
    check_is_trade(trade)
    check_columns(rates, ["cny_per_usd"])
    yuan = trade["currency"] == "CNY"
    if trade.duplicated(_ROW).any():
        raise InputError(
            "the same row is there in yuan and in dollars",
            hint="Select currency='USD'; those rows need no conversion.",
        )
    rate = trade["period"].map(by_month(rates).set_index("period")["cny_per_usd"])
    missing = trade.loc[yuan & rate.isna(), "period"].drop_duplicates().sort_values()
    if len(missing):
        shown = ", ".join(f"{month:%Y-%m}" for month in missing.iloc[:6])
        raise InputError(
            f"there is no rate for {count_of(len(missing), 'months')}",
            got=shown + (", …" if len(missing) > 6 else ""),
            hint="Add them to the table of rates, or select months that have one.",
        )
    return trade.assign(
        value=trade["value"].where(~yuan, trade["value"] / rate),
        currency=trade["currency"].where(~yuan, "USD"),
        source=trade["source"].where(~yuan, trade["source"] + ", CNY converted at monthly rates"),
    )


class PartlyInDollarsWarning(UserWarning):
    """A month is there in dollars for some goods, and in yuan for others."""


def prefer_dollars(trade: pd.DataFrame) -> pd.DataFrame:
    """Leave out the rows in yuan that are there in dollars too.

    What is left is one series of months in yuan and months in dollars, for `convert_to_usd`.

    Returns
    -------
    pandas.DataFrame
        Some rows of `trade`, every column.

    Warns
    -----
    PartlyInDollarsWarning
        Where a month in dollars lacks goods that are there in yuan: they are kept.
    """
    yuan = trade["currency"] == "CNY"
    keys = pd.MultiIndex.from_frame(trade[_ROW].fillna(""))
    kept = trade[~(yuan.to_numpy() & keys.isin(keys[~yuan.to_numpy()]))]
    cell = ["period", "reporter", "partner", "flow"]
    several = kept.groupby(cell)["currency"].transform("nunique") > 1
    if several.any():
        odd = kept[several & (kept["currency"] == "CNY")]
        months = sorted({f"{month:%Y-%m}" for month in odd["period"]})
        warnings.warn(
            f"in yuan alone, of months that are there in dollars ({', '.join(months[:6])}): "
            f"{count_of(len(odd), 'rows')}, converted and kept",
            PartlyInDollarsWarning,
            stacklevel=3,
        )
    return kept


def compare_rates(yuan: pd.DataFrame, dollars: pd.DataFrame, rates: pd.DataFrame) -> pd.DataFrame:
    """Check a conversion against months that were reported in both currencies.

    Parameters
    ----------
    yuan, dollars : pandas.DataFrame
        Trade tables of the same flows, commodities and months, in CNY and in USD.
    rates : pandas.DataFrame
        What `read_rates` or `imply_rates` returns.

    Returns
    -------
    pandas.DataFrame
        One row a month and flow in both: period, flow, reported (USD), converted (USD), miss
        (converted over reported, less one).

    Raises
    ------
    InputError
        If no row is in both, or a month has no rate.
    """
    both = _pair(yuan, dollars)
    keys, cell = both[_ROW], ["period", "flow"]
    converted, reported = (
        sum_rows(table, cell).set_index(cell)["value"]
        for table in (
            convert_to_usd(yuan.merge(keys, on=_ROW), rates),
            dollars.merge(keys, on=_ROW),
        )
    )
    table = pd.DataFrame({"reported": reported, "converted": converted})
    return table.assign(miss=table["converted"] / table["reported"] - 1).reset_index()


def _sum_months(table: pd.DataFrame, both: pd.DataFrame) -> pd.Series:
    """Add up by month the rows of a table that are in both."""
    matched = table.merge(both[_ROW], on=_ROW)
    sums = sum_rows(matched, "period", across=("flow", "partner", "reporter"))
    return sums.set_index("period")["value"]


def _pair(yuan: pd.DataFrame, dollars: pd.DataFrame) -> pd.DataFrame:
    for table, currency in ((yuan, "CNY"), (dollars, "USD")):
        if (table["currency"] != currency).any():
            raise InputError(
                f"a table in {currency} was wanted", got=", ".join(table["currency"].unique())
            )
    both = yuan.merge(dollars, on=_ROW, suffixes=("_cny", "_usd"))
    both = both[(both["value_usd"] > 0) & (both["value_cny"] > 0)]
    if both.empty:
        raise InputError(
            "no row is in both tables",
            hint="Download the same months and codes once in yuan and once in dollars.",
        )
    return both
