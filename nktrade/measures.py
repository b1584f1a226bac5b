"""Measures of trade: growth, year to date, balance, shares, recovery, concentration.

All take and return tidy frames in the unit they are given; none bridges a missing month.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pandas as pd

from nktrade.addable import check_addable
from nktrade.errors import GapError, MixtureError, UnanswerableError
from nktrade.months import check_every_month, check_window, find_first_month, find_groups
from nktrade.periods import Window, parse_period
from nktrade.trade import COMBINED, check_columns, select

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
    GapError
        If the window begins or ends between a January and a February released together. Absent
        months are not seen here: see `compare_periods` and `monthly`.

    Examples
    --------
    >>> import nktrade as nk
    >>> china = nk.load(flow="import", hs="6704", start="2023", end="2023")
    >>> add_up(china, "flow", period="2023-H1")["flow"].tolist()
    ['import']
    """
    columns = [by] if isinstance(by, str) else list(by)
    chosen = trade
    if period is not None:
        window = period if isinstance(period, Window) else parse_period(period)
        check_window(trade, window)
        chosen = select(trade, period=window)
    check_addable(chosen, ["period", *columns])
    _check_codes(chosen, columns)
    counted = chosen[["unit", "quantity"]].notna().all(axis=None)
    same_unit = counted and len(chosen["unit"].unique()) == 1
    amounts = chosen.assign(quantity=chosen["quantity"] if same_unit else np.nan, rows=1)
    if not columns:
        total = amounts[["value", "quantity", "rows"]].sum(skipna=False)
        return total.to_frame().T.astype({"rows": "int64"})
    grouped = amounts.groupby(columns, dropna=False)[["value", "quantity", "rows"]]
    return grouped.sum(skipna=False).reset_index()


def _check_codes(trade: pd.DataFrame, columns: Sequence[str]) -> None:
    editions = sorted(trade["hs_edition"].unique())
    if "hs" in columns and "hs_edition" not in columns and len(editions) > 1:
        raise MixtureError(
            "codes of different HS editions cannot be added or compared",
            got=", ".join(editions),
            hint="Add 'hs_edition' to `by`, choose years of one edition, or convert the codes.",
        )


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
    check_every_month(table, find_groups(table))
    together = table.assign(_together=table["state"] == "combined")
    groups = together.groupby(find_groups(table), dropna=False)
    base = groups["value"].shift(YEAR)
    alike = groups["_together"].shift(YEAR) == (table["state"] == "combined")
    growth = 100 * (table["value"] / base.where((base > 0) & alike) - 1)
    return table.assign(growth=growth)


def accumulate_year(table: pd.DataFrame) -> pd.DataFrame:
    """Add the sum from January to each month; once a month is unknown, so is the rest of its year.

    A January that was released together with February has no sum, and February has both months'.
    A year that the table does not hold from January has no sums.

    Parameters
    ----------
    table : pandas.DataFrame
        What `monthly` or `complete_months` returns.

    Returns
    -------
    pandas.DataFrame
        `table` with year_to_date, in the unit of its value.

    Raises
    ------
    GapError
        If a month is left out of the table.
    """
    check_every_month(table, find_groups(table))
    keys = [*(table[column] for column in find_groups(table)), table["period"].dt.year]
    waits = (table["state"] == "combined") & (table["period"].dt.month == 1)
    waits &= table["value"].isna()
    value = table["value"].mask(waits, 0.0)
    running = value.groupby(keys, dropna=False).cumsum(skipna=False)
    begins = table["period"].dt.month.groupby(keys, dropna=False).transform("min")
    return table.assign(year_to_date=running.where((begins == 1) & ~waits))


def compute_balance(table: pd.DataFrame) -> pd.DataFrame:
    """Return exports minus imports by month.

    Parameters
    ----------
    table : pandas.DataFrame
        What `monthly` or `complete_months` returns, both flows.

    Returns
    -------
    pandas.DataFrame
        Columns period, export, import, balance, in the unit of the table's value; missing where
        either flow is unknown, or is of two months released together and the other of one.

    Raises
    ------
    UnanswerableError
        If the table holds one flow only.
    """
    check_columns(table, ["flow", "period", "value", "state"], "Call monthly(trade) first.")
    missing = {"export", "import"} - set(table["flow"].unique())
    if missing:
        raise UnanswerableError(
            f"there is no {min(missing)} in the data, so there is no balance",
            hint="Import the other flow's download too.",
        )
    wide = table.pivot_table(index="period", columns="flow", values="value", aggfunc="sum")
    states = table.assign(together=table["state"] == "combined").groupby("period")["together"]
    uneven = states.any() & ~states.all()
    unknown = [*table.loc[table["value"].isna(), "period"], *uneven.index[uneven]]
    wide = wide.reindex(sorted(table["period"].unique())).rename_axis("period")
    wide.loc[wide.index.isin(unknown)] = np.nan
    return wide.assign(balance=wide["export"] - wide["import"]).reset_index()


def compute_recovery(value: float, base: float) -> float:
    """Return a level in percent of a base level; missing where the base is zero.

    Both are levels a month or a year, so that windows of unequal length can be held together.

    Examples
    --------
    >>> compute_recovery(50.0, 200.0), compute_recovery(1.0, 0.0)
    (25.0, nan)
    """
    return 100 * value / base if base else float("nan")


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


def compute_contributions(old: pd.Series, new: pd.Series) -> pd.DataFrame:
    """Split a total's growth among its parts.

    Parameters
    ----------
    old, new : pandas.Series
        Values of the parts in two periods. A part that one of them does not list counts as zero
        there; one that is listed without a value is unknown, and so are the contributions.

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
    parts = old.index.union(new.index, sort=False)
    both = pd.DataFrame(
        {
            "old": old.reindex(parts, fill_value=0.0),
            "new": new.reindex(parts, fill_value=0.0),
        }
    )
    change = both["new"] - both["old"]
    base = both["old"].sum(skipna=False)
    growth = 100 * change / both["old"].where(both["old"] > 0)
    contribution = 100 * change / base if base else change * np.nan
    return both.assign(change=change, growth=growth, contribution=contribution)


def rank_items(
    trade: pd.DataFrame,
    by: str,
    period: str,
    n: int = 5,
    *,
    coverage: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the `n` largest of `by` in a period: columns rank, *by*, value, share (percent).

    Shares are of everything in `trade` in the period; equals stand in the order of `by`.

    Raises
    ------
    UnanswerableError, GapError, MixtureError
        As `compare_periods`, which also says what `coverage` is.
    """
    sums = compare_periods(trade, by, period, coverage=coverage)
    parts = compute_shares(sums.set_axis(["value"], axis="columns").reset_index())
    top = parts.sort_values("value", ascending=False, kind="stable").head(n).reset_index(drop=True)
    return top.assign(rank=top.index + 1)[["rank", by, "value", "share"]]


def compare_periods(
    trade: pd.DataFrame,
    by: str | Sequence[str],
    periods: str | Sequence[str],
    *,
    coverage: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Add up several periods and set them side by side.

    Parameters
    ----------
    trade : pandas.DataFrame
        A trade table.
    by : str or sequence of str
        Columns to keep apart.
    periods : str or sequence of str
        As `parse_period` reads them.
    coverage : pandas.DataFrame, optional
        The table `trade` was selected from. Without it the first and last row of `trade` say
        which months there are: a rare good seems to begin late, and absent months are not seen.

    Returns
    -------
    pandas.DataFrame
        Index *by*, one column a period, sums in the unit of the table. Zero where there are no
        rows, missing where a value is suppressed. A period that reaches beyond the data (with
        `coverage`: beyond those of one of its flows) is a missing column, not a zero.

    Raises
    ------
    UnanswerableError
        If no period lies inside the data.
    GapError
        If a period takes one month of a combined release without the other, or a month inside it
        is absent from `coverage`.
    MixtureError
        As `add_up`; codes of different HS editions are not compared either.
    """
    columns = [by] if isinstance(by, str) else list(by)
    periods = [periods] if isinstance(periods, str) else list(periods)
    parts = [trade] if coverage is None else _split_flows(coverage, set(trade["flow"].unique()))
    if not any(map(len, parts)):
        raise UnanswerableError("there are no rows to compare", expected=", ".join(periods))
    first = max(find_first_month(part) for part in parts)
    last = min(part["period"].max() for part in parts)
    windows = {period: parse_period(period) for period in periods}
    inside = {p: w for p, w in windows.items() if first <= w.first and w.last <= last}
    if not inside:
        raise UnanswerableError(
            "none of the periods lies inside the data",
            expected=", ".join(periods),
            got=f"{first:%Y-%m} to {last:%Y-%m}",
        )
    if coverage is not None:
        for part, window in itertools.product(parts, inside.values()):
            _check_months(part, window)
    within = np.logical_or.reduce([w.covers(trade["period"]) for w in inside.values()])
    _check_codes(trade[within], columns)
    side = {
        period: add_up(trade, columns, period=window).set_index(columns)["value"]
        for period, window in inside.items()
    }
    every = pd.concat(side, axis=1).index
    return pd.DataFrame(
        {period: sums.reindex(every, fill_value=0.0) for period, sums in side.items()}
    )


def _split_flows(covered: pd.DataFrame, flows: set[str]) -> list[pd.DataFrame]:
    """Return the months of each flow, for what they cover: one row a month and status."""
    months = covered[["flow", "period", "status"]].drop_duplicates()
    return [part for flow, part in months.groupby("flow") if flow in flows or not flows]


def _check_months(covered: pd.DataFrame, window: Window) -> None:
    """Refuse a window of which one flow's data lack a month."""
    months = set(covered["period"].unique())
    combined = set(covered.loc[covered["status"].isin(COMBINED), "period"].unique())
    months |= {month - pd.DateOffset(months=1) for month in combined}
    absent = [month for month in window.months if month not in months]
    if absent:
        raise GapError(
            f"the data hold no {covered['flow'].iloc[0]}s of {absent[0]:%Y-%m}",
            where=f"period {window}",
            got=f"{len(absent)} of {len(window.months)} months absent",
            hint="Choose a period without them, or import them.",
        )
