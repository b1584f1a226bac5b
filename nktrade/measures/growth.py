"""Change over time: growth on the year before, year to date, balance, recovery, contributions.

All take and return tidy frames in the unit they are given; none bridges a missing month.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from nktrade.errors import MixtureError, UnanswerableError
from nktrade.table.addition import MEANING, check_parts
from nktrade.table.completing import check_every_month, find_groups
from nktrade.table.rows import check_columns, check_series
from nktrade.table.support import find_weakest

#: A year earlier, in months.
YEAR = 12


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
        and where two months released together would be compared with one). Where the months
        carry their ends (`low`, `high`), growth_low and growth_high: the least and the greatest
        growth when each of the two months lies anywhere between its own.

    Raises
    ------
    GapError
        If a month is left out of the table.

    Examples
    --------
    >>> months = pd.DataFrame({"period": pd.date_range("2022-01", periods=13, freq="MS"),
    ...     "flow": "import", "value": [1e6] * 12 + [1.5e6], "state": "reported",
    ...     "currency": "USD"})
    >>> round(compute_growth(months)["growth"].iloc[-1])
    50
    """
    check_columns(
        table, ["period", "value", "state"], "Give it as monthly or complete_months returns it."
    )
    check_every_month(table, find_groups(table))
    together = table.assign(_together=table["state"] == "combined")
    groups = together.groupby(find_groups(table), dropna=False)
    alike = groups["_together"].shift(YEAR) == (table["state"] == "combined")
    base = groups["value"].shift(YEAR)
    known = alike & (base > 0) & table["value"].notna()
    grown = table.assign(growth=100 * (table["value"] / base.where(known) - 1))
    if not _has_ends(table):
        return grown
    least, most = (groups[end].shift(YEAR).where(known) for end in ("low", "high"))
    grown = grown.assign(
        growth_low=100 * ((table["low"] / most).mask(known & (table["low"] == 0), 0.0) - 1),
        growth_high=100 * ((table["high"] / least).mask(known & (table["high"] == 0), 0.0) - 1),
    )
    if "support" in table:
        weakest = find_weakest(table["support"], groups["support"].shift(YEAR))
        grown["growth_support"] = weakest.where(known)
    return grown


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
        `table` with year_to_date, in the unit of its value. Where the months carry their ends,
        year_to_date_low and year_to_date_high, the sums of these; what is published of several
        months together narrows them: :func:`nktrade.bounds`.

    Raises
    ------
    GapError
        If a month is left out of the table.

    Examples
    --------
    >>> months = pd.DataFrame({"period": pd.date_range("2022-01", periods=13, freq="MS"),
    ...     "flow": "import", "value": [1e6] * 12 + [1.5e6], "state": "reported",
    ...     "currency": "USD"})
    >>> accumulate_year(months)["year_to_date"].iloc[[0, 11, 12]].tolist()
    [1000000.0, 12000000.0, 1500000.0]
    """
    check_columns(
        table, ["period", "value", "state"], "Give it as monthly or complete_months returns it."
    )
    check_every_month(table, find_groups(table))
    keys = [*(table[column] for column in find_groups(table)), table["period"].dt.year]
    waits = (table["state"] == "combined") & (table["period"].dt.month == 1)
    waits &= table["value"].isna()
    begins = table["period"].dt.month.groupby(keys, dropna=False).transform("min")
    columns = {"value": "year_to_date"}
    if _has_ends(table):
        columns |= {"low": "year_to_date_low", "high": "year_to_date_high"}
    sums = {}
    for column, name in columns.items():
        running = table[column].mask(waits, 0.0).groupby(keys, dropna=False).cumsum(skipna=False)
        sums[name] = running.where((begins == 1) & ~waits)
    known = sums["year_to_date"].notna()
    return table.assign(**{name: column.where(known) for name, column in sums.items()})


def _has_ends(table: pd.DataFrame) -> bool:
    return {"low", "high"} <= {*table}


def compute_balance(table: pd.DataFrame) -> pd.DataFrame:
    """Return exports minus imports by month.

    Parameters
    ----------
    table : pandas.DataFrame
        What `monthly` or `complete_months` returns, both flows.

    Returns
    -------
    pandas.DataFrame
        Columns of the groups, period, export, import, balance, in `currency`; missing where
        either flow is unknown, or is of two months released together and the other of one. Where
        the months carry them, low and high, the least and the greatest balance, and support, that
        of the less firmly known flow. And what the table means: currency, reporter, partner,
        hs_edition, level.

    Raises
    ------
    UnanswerableError
        If the table holds one flow only.
    MixtureError
        If a month of one flow is there several times.

    Examples
    --------
    >>> import nktrade as nk
    >>> trade = nk.mirror(nk.load(start="2019-01", end="2019-06"))
    >>> balance = compute_balance(nk.monthly(trade))
    >>> bool(balance["balance"].lt(0).all()), balance.columns[:7].tolist()
    (True, ['period', 'export', 'import', 'balance', 'low', 'high', 'support'])
    """
    check_columns(table, ["flow", "period", "value", "state"], "Call monthly(trade) first.")
    missing = {"export", "import"} - set(table["flow"].unique())
    if missing:
        raise UnanswerableError(
            f"there is no {min(missing)} in the data, so there is no balance",
            hint="Import the other flow's download too.",
        )
    keys = [*(name for name in find_groups(table) if name != "flow"), "period"]
    if table.duplicated([*keys, "flow"]).any():
        raise MixtureError(
            "a month of one flow is there several times",
            got=", ".join(map(str, table.columns)),
            hint="Give it as monthly returns it, with every group in a column of its own.",
        )
    ends = ["low", "high"] if _has_ends(table) else []
    wide = table.pivot(index=keys, columns="flow", values=["value", *ends])
    balance = wide["value"][["export", "import"]].copy()
    balance["balance"] = balance["export"] - balance["import"]
    balance = balance.where(balance["balance"].notna())
    for end, other in zip(ends, reversed(ends), strict=True):
        balance[end] = wide[end]["export"] - wide[other]["import"]
    if "support" in table:
        support = table.pivot(index=keys, columns="flow", values="support")
        balance["support"] = find_weakest(support["export"], support["import"])
    states = table.assign(together=table["state"] == "combined")
    uneven = states.groupby(keys, dropna=False)["together"].agg(["any", "all"])
    balance = balance.mask((uneven["any"] & ~uneven["all"]).reindex(balance.index))
    told = [name for name in MEANING if name in table and len(table[name].unique()) == 1]
    told = [name for name in told if name not in (*keys, "flow")]
    first = {name: table[name].iloc[0] for name in told}
    return balance.reset_index().rename_axis(columns=None).assign(**first)


def compute_recovery(value: float, base: float) -> float:
    """Return a level in percent of a base level; missing where the base is zero.

    Both are levels a month or a year, so that windows of unequal length can be held together.

    Examples
    --------
    >>> compute_recovery(50.0, 200.0), compute_recovery(1.0, 0.0)
    (25.0, nan)
    """
    return 100 * value / base if base else float("nan")


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
    check_series(old)
    check_series(new)
    for values in (old, new):
        check_parts(values.index.to_frame(index=False))
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


def keep_largest(parts: pd.DataFrame, n: int, of: str = "contribution") -> pd.DataFrame:
    """Keep the `n` rows that are largest in size, falls as well as rises, and add up the others.

    Parameters
    ----------
    parts : pandas.DataFrame
        Numbers that add up, as `compute_contributions` returns them; its growth is worked out anew
        for the others.
    n : int
        Rows kept.
    of : str
        The column whose size counts.

    Returns
    -------
    pandas.DataFrame
        `n` rows, largest first, and a row "all others (m)" if m are left.

    Examples
    --------
    >>> old, new = pd.Series({"a": 9.0, "b": 5.0, "c": 6.0}), pd.Series({"a": 9, "b": 1, "c": 7})
    >>> keep_largest(compute_contributions(old, new), 1)["contribution"].to_dict()
    {'b': -20.0, 'all others (2)': 5.0}
    """
    check_columns(parts, [of])
    order = parts[of].abs().sort_values(ascending=False, kind="stable").index
    kept, others = parts.loc[order[:n]], parts.loc[order[n:]]
    if others.empty:
        return kept
    rest = others.sum(skipna=False)
    if {"old", "new", "growth"} <= set(parts):
        rest["growth"] = 100 * (rest["new"] / rest["old"] - 1) if rest["old"] else np.nan
    row = rest.to_frame(f"all others ({len(others)})").T
    table = pd.concat([kept, row])
    table.index.name = parts.index.name
    return table
