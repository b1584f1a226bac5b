"""Measures of trade: growth, year to date, balance, shares, recovery, concentration.

All take and return tidy frames in the unit they are given; none bridges a missing month.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from nktrade.errors import MixtureError, UnanswerableError
from nktrade.months import check_every_month
from nktrade.periods import Window, parse_period
from nktrade.trade import check_addable, select

#: A year earlier, in months.
YEAR = 12


def add_up(
    trade: pd.DataFrame, by: str | Sequence[str] = (), *, period: str | Window | None = None
) -> pd.DataFrame:
    """Sum value (and quantity where every row has one) over a window.

    Parameters
    ----------
    trade : pandas.DataFrame
        A trade table.
    by : str or sequence of str
        Columns to keep apart.
    period : str or Window, optional
        As `parse_period` reads it; by default the whole table.

    Returns
    -------
    pandas.DataFrame
        Columns *by*, value (missing where a value is suppressed), quantity (missing unless all
        rows have one in the same unit), rows.

    Raises
    ------
    MixtureError
        If one sum would mix currencies, HS editions or levels. A window over several years is
        added year by year first, so an edition that changed on 1 January does not matter, except
        for sums by code: the same digits may mean other goods.
    """
    columns = [by] if isinstance(by, str) else list(by)
    chosen = trade if period is None else select(trade, period=period)
    check_addable(chosen, ["period", *columns])
    if "hs" in columns and "hs_edition" not in columns and len(chosen["hs_edition"].unique()) > 1:
        raise MixtureError(
            "codes of different HS editions cannot be added",
            got=", ".join(sorted(chosen["hs_edition"].unique())),
            hint="Add 'hs_edition' to `by`, choose years of one edition, or convert the codes.",
        )
    same_unit = len(chosen["unit"].unique()) == 1 and chosen["quantity"].notna().all()
    amounts = chosen.assign(quantity=chosen["quantity"] if same_unit else np.nan, rows=1)
    if not columns:
        total = amounts[["value", "quantity", "rows"]].sum(skipna=False)
        return total.to_frame().T.astype({"rows": "int64"})
    grouped = amounts.groupby(columns, dropna=False)[["value", "quantity", "rows"]]
    return grouped.sum(skipna=False).reset_index()


def compute_growth(table: pd.DataFrame) -> pd.DataFrame:
    """Add growth on the same month of the year before to a monthly table.

    Parameters
    ----------
    table : pandas.DataFrame
        What `monthly` or `complete_months` returns: every month of each group, in order.

    Returns
    -------
    pandas.DataFrame
        `table` with growth (percent; missing where either month is unknown or the base is zero,
        and where two months released together would be compared with one).

    Raises
    ------
    GapError
        If a month is left out of the table.
    """
    check_every_month(table, _groups(table))
    groups = table.assign(_together=table["state"] == "combined").groupby(
        _groups(table), dropna=False
    )
    base = groups["value"].shift(YEAR)
    alike = groups["_together"].shift(YEAR) == (table["state"] == "combined")
    growth = 100 * (table["value"] / base.where((base > 0) & alike) - 1)
    return table.assign(growth=growth)


def accumulate_year(table: pd.DataFrame) -> pd.DataFrame:
    """Add the sum from January to each month; once a month is unknown, so is the rest of its year.

    A January without a value that was released together with February is not a gap. A year that
    the table does not hold from January has no sums.

    Raises
    ------
    GapError
        If a month is left out of the table.
    """
    check_every_month(table, _groups(table))
    keys = [*(table[column] for column in _groups(table)), table["period"].dt.year]
    waits = (table["state"] == "combined") & (table["period"].dt.month == 1)
    value = table["value"].mask(waits & table["value"].isna(), 0.0)
    running = value.groupby(keys, dropna=False).cumsum(skipna=False)
    begins = table["period"].dt.month.groupby(keys, dropna=False).transform("min")
    return table.assign(year_to_date=running.where(begins == 1))


def compute_balance(table: pd.DataFrame) -> pd.DataFrame:
    """Return exports minus imports by month: columns period, export, import, balance.

    Raises
    ------
    UnanswerableError
        If the table holds one flow only.
    """
    missing = {"export", "import"} - set(table["flow"].unique())
    if missing:
        raise UnanswerableError(
            f"there is no {min(missing)} in the data, so there is no balance",
            hint="Import the other flow's download too.",
        )
    wide = table.pivot_table(index="period", columns="flow", values="value", aggfunc="sum")
    unknown = table.loc[table["value"].isna(), "period"]
    wide = wide.reindex(sorted(table["period"].unique())).rename_axis("period")
    wide.loc[wide.index.isin(unknown)] = np.nan
    return wide.assign(balance=wide["export"] - wide["import"]).reset_index()


def compute_recovery(value: float, base: float) -> float:
    """Return a level in percent of a base level; missing where the base is zero."""
    return 100 * value / base if base else float("nan")


def compute_shares(table: pd.DataFrame, of: str = "value") -> pd.DataFrame:
    """Add each row's share of the column total, in percent."""
    return table.assign(share=100 * table[of] / table[of].sum())


def compute_concentration(values: pd.Series) -> float:
    """Return the Herfindahl-Hirschman index of positive values, 0 to 10,000.

    Source: United States Department of Justice, Horizontal Merger Guidelines: the sum of squared
    percentage shares.

    Examples
    --------
    >>> compute_concentration(pd.Series([50.0, 50.0]))
    5000.0
    """
    shares = 100 * values / values.sum()
    return float((shares**2).sum())


def compute_contributions(old: pd.Series, new: pd.Series) -> pd.DataFrame:
    """Split a total's growth among its parts.

    Parameters
    ----------
    old, new : pandas.Series
        Values of the parts in two periods, same index (missing parts count as zero).

    Returns
    -------
    pandas.DataFrame
        Index of the parts. Columns old, new, change, growth (percent), contribution (percentage
        points of the total's growth; they add up to it).

    Examples
    --------
    >>> old, new = pd.Series({"a": 80.0, "b": 20.0}), pd.Series({"a": 100.0, "b": 20.0})
    >>> compute_contributions(old, new)["contribution"].tolist()
    [20.0, 0.0]
    """
    both = pd.concat([old.rename("old"), new.rename("new")], axis=1).fillna(0.0)
    change = both["new"] - both["old"]
    base = both["old"].sum()
    growth = 100 * change / both["old"].where(both["old"] > 0)
    contribution = 100 * change / base if base else change * np.nan
    return both.assign(change=change, growth=growth, contribution=contribution)


def rank_items(trade: pd.DataFrame, by: str, period: str, n: int = 5) -> pd.DataFrame:
    """Return the `n` largest of `by` in a period: columns rank, *by*, value, share (percent)."""
    sums = compute_shares(add_up(trade, by, period=period))
    top = sums.sort_values("value", ascending=False).head(n).reset_index(drop=True)
    return top.assign(rank=top.index + 1)[["rank", by, "value", "share"]]


def compare_periods(
    trade: pd.DataFrame, by: str | Sequence[str], periods: Sequence[str]
) -> pd.DataFrame:
    """Return sums of `by` side by side: index *by*, one column a period, values as given.

    A period that the table does not hold at all is a missing column, not a zero.
    """
    columns = [by] if isinstance(by, str) else list(by)
    first, last = trade["period"].min(), trade["period"].max()
    side = {}
    for period in periods:
        window = parse_period(period)
        if window.first < first or window.last > last:
            continue
        side[period] = add_up(trade, columns, period=window).set_index(columns)["value"]
    if not side:
        raise UnanswerableError(
            "none of the periods lies inside the data",
            expected=", ".join(periods),
            got=f"{first:%Y-%m} to {last:%Y-%m}",
        )
    every = pd.concat(side, axis=1).index
    return pd.DataFrame(
        {period: sums.reindex(every, fill_value=0.0) for period, sums in side.items()}
    )


def _groups(table: pd.DataFrame) -> list[str]:
    known = {"period", "value", "state", "growth", "year_to_date"}
    return [column for column in table.columns if column not in known]
