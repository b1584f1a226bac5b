"""Quantities: unit values, and a change of value split into price and quantity, exactly."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from nktrade.errors import UnanswerableError, check_choice, list_names
from nktrade.table.addition import KNOWN, MEANING, sum_rows
from nktrade.table.rows import check_columns

METHODS = ("bennet", "log_mean")


def compute_unit_values(
    trade: pd.DataFrame, by: str | Sequence[str], *, across: str | Sequence[str] = ()
) -> pd.DataFrame:
    """Add up value and quantity by group and divide them.

    Parameters
    ----------
    trade : pandas.DataFrame
        A trade table.
    by : str or sequence of str
        Columns to keep apart.
    across : str or sequence of str, optional
        As `sum_rows`.

    Returns
    -------
    pandas.DataFrame
        Columns *by*, value, low, high, support, quantity (in `unit`; missing where any row with a
        value has none, or where units differ: a partial sum is not a quantity), unit, unit_value
        (value per unit, in `currency`), and what the sums mean, as `sum_rows` says.

    Raises
    ------
    MixtureError
        As `sum_rows`.

    Examples
    --------
    >>> rows = pd.DataFrame({"year": [1, 1, 2], "value": [4.0, 2.0, 9.0],
    ...                      "quantity": [2.0, 1.0, None], "unit": ["kg", "kg", None]})
    >>> compute_unit_values(rows, "year")["unit_value"].tolist()
    [2.0, nan]
    """
    columns = list_names(by)
    check_columns(trade, ["value", "quantity", "unit"])
    table = sum_rows(trade, columns, across=across)
    table["unit_value"] = table["value"] / table["quantity"].where(table["quantity"] > 0)
    amounts = ["value", *KNOWN, "quantity", "unit", "unit_value"]
    told = [name for name in MEANING if name in table and name not in columns]
    return table[[*columns, *[name for name in amounts if name not in columns], *told]]


def decompose_change(old: pd.DataFrame, new: pd.DataFrame, method: str = "bennet") -> pd.DataFrame:
    """Split each item's change of value into a price and a quantity effect that add up to it.

    Parameters
    ----------
    old, new : pandas.DataFrame
        Index of items; columns value and quantity, each in one unit.
    method : {"bennet", "log_mean"}
        "bennet": change of price times mean quantity and change of quantity times mean price
        (Bennet 1920, "The theory of measurement of changes in cost of living"). "log_mean": log
        changes weighted by the logarithmic mean of the two values (Montgomery 1937; Ang 2005,
        Energy Policy 33).

    Returns
    -------
    pandas.DataFrame
        Index of all items. Columns change, price, quantity, turnover (an item traded in one
        period only has no price in the other) and unmeasured (a quantity is missing). In each
        row the last four add up to change.

    Raises
    ------
    InputError
        For an unknown method.

    Examples
    --------
    >>> old = pd.DataFrame({"value": [100.0], "quantity": [10.0]}, index=["rice"])
    >>> new = pd.DataFrame({"value": [240.0], "quantity": [20.0]}, index=["rice"])
    >>> decompose_change(old, new)[["change", "price", "quantity"]].iloc[0].tolist()
    [140.0, 30.0, 110.0]
    """
    for table in (old, new):
        check_columns(table, ["value", "quantity"])
    check_choice("method", method, METHODS)
    items = old.index.union(new.index, sort=False)
    v0, v1 = (frame["value"].reindex(items, fill_value=0.0) for frame in (old, new))
    q0, q1 = (frame["quantity"].reindex(items) for frame in (old, new))
    change = v1 - v0
    once = (v0 > 0) != (v1 > 0)
    measured = (v0 > 0) & (v1 > 0) & (q0 > 0) & (q1 > 0)
    with np.errstate(all="ignore"):
        price = (
            (v1 / q1 - v0 / q0) * (q0 + q1) / 2
            if method == "bennet"
            else _log_mean(v0, v1) * np.log((v1 / v0) / (q1 / q0))
        )
    price = price.where(measured, 0.0)
    return pd.DataFrame(
        {
            "change": change,
            "price": price,
            "quantity": (change - price).where(measured, 0.0),
            "turnover": change.where(once, 0.0),
            "unmeasured": change.where(~once & ~measured, 0.0),
        }
    )


def _log_mean(a: pd.Series, b: pd.Series) -> pd.Series:
    """Logarithmic mean; of two equal numbers, the number itself."""
    gap = np.log(b / a)
    return (a * np.expm1(gap) / gap).where(gap.abs() > 1e-12, a)


def compare_quantities(table: pd.DataFrame, year: int, base: Sequence[int]) -> float:
    """Return a year's quantity against the yearly mean of base years.

    Raises
    ------
    UnanswerableError
        If the quantity of any of these years is not known.

    Examples
    --------
    >>> years = pd.DataFrame({"year": [2016, 2017, 2018], "quantity": [10.0, 30.0, 5.0]})
    >>> compare_quantities(years, 2018, [2016, 2017])
    0.25
    """
    check_columns(table, ["year", "quantity"])
    known = table.set_index("year")["quantity"]
    missing = [y for y in [*base, year] if pd.isna(known.get(y, np.nan))]
    if missing:
        years = ", ".join(map(str, missing))
        raise UnanswerableError(
            f"the data give no full quantity for {years}",
            hint="Choose years that have quantities, or import them: nktrade data import.",
        )
    return float(known[year] / known[list(base)].mean())


def weigh(table: pd.DataFrame) -> pd.DataFrame:
    """Write quantities that are in kilograms in tons.

    Parameters
    ----------
    table : pandas.DataFrame
        As `compute_unit_values` returns it.

    Returns
    -------
    pandas.DataFrame
        `table` with tons and ton_value (value per ton); both missing where customs count the good
        in anything else than kilograms, or where the quantity is not known.

    Raises
    ------
    UnanswerableError
        If no row has a weight.

    Examples
    --------
    >>> rows = pd.DataFrame({"value": [4000.0], "quantity": [2000.0], "unit": ["kg"]})
    >>> weigh(rows)[["tons", "ton_value"]].iloc[0].tolist()
    [2.0, 2000.0]
    """
    check_columns(table, ["quantity", "unit"])
    tons = (table["quantity"] / 1e3).where(table["unit"] == "kg")
    if tons.notna().sum() == 0:
        raise UnanswerableError(
            "the data give no full weight of these goods for any period",
            hint="Import downloads of customs, which have weights: nktrade data import.",
        )
    return table.assign(tons=tons, ton_value=table["value"] / tons.where(tons > 0))
