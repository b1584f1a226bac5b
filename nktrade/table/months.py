"""Months and their states: reported, reported zero, combined, suppressed, absent, estimated."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from nktrade.errors import GapError, list_names
from nktrade.table.addition import KNOWN, MEANING, sum_rows
from nktrade.table.periods import Window, parse_span
from nktrade.table.rows import (
    COMBINED,
    check_is_trade,
    is_estimated,
)
from nktrade.table.support import bound_groups

#: What a month says of an item. "together": a January-February release with trade in one or both.
TRADED, NOTHING, TOGETHER, UNKNOWN = "traded", "nothing", "together", "not known"


def monthly(
    trade: pd.DataFrame,
    by: str | Sequence[str] = (),
    *,
    start: str | None = None,
    end: str | None = None,
    coverage: pd.DataFrame | None = None,
    across: str | Sequence[str] = (),
) -> pd.DataFrame:
    """Add up a trade table month by month and say what state each month is in.

    Parameters
    ----------
    trade : pandas.DataFrame
        A trade table.
    by : str or sequence of str
        Columns to keep apart besides `flow`.
    start, end : str, optional
        First and last month, as ``"2017-01"``; by default those of `coverage`.
    coverage : pandas.DataFrame, optional
        The table `trade` was selected from. A month in which it has rows of a flow but `trade`
        has none is a reported zero; without it such a month counts as absent. Where `by` keeps
        the declaring countries apart, each is covered by its own rows only.
    across : {"partner", "reporter"} or both, optional
        Several partners or declarers are meant to be added up; else they are refused.

    Returns
    -------
    pandas.DataFrame
        Columns flow, *by*, period (every month), value (in the currency of `trade`, units not
        scaled), state, low, high and support (as `sum_rows` gives them), and what the sums mean:
        currency, reporter, partner, hs_edition, level. States: "reported", "estimated" (a month
        without rows in estimated data is an estimate too, of zero), "reported zero", "combined"
        (a January-February release: February carries both months' value and January none),
        "suppressed", "absent". Values that are not known are missing.

    Raises
    ------
    MixtureError
        If rows of one month cannot be added, or a January is there twice: by itself and inside
        a combined release.
    GapError
        If there are no rows at all.
    InputError
        If `start` or `end` cannot be read or the months run backwards.

    Examples
    --------
    >>> import nktrade as nk
    >>> totals = monthly(nk.mirror(nk.load(start="2020-01", end="2020-03")))
    >>> totals.loc[totals.flow == "import", ["period", "state"]].state.tolist()
    ['combined', 'combined', 'estimated']
    """
    check_is_trade(trade)
    keys = ["flow", *[column for column in list_names(by) if column not in ("flow", "period")]]
    covered = trade if coverage is None else coverage
    sums = sum_rows(trade, [*keys, "period"], across=across)
    if covered.empty:
        raise GapError("there are no rows to add up", hint="Check partner, flow, codes and period.")
    first, last = parse_span(start, end)
    first = first if first is not None else find_first_month(covered)
    last = last if last is not None else covered["period"].max()
    if last < first:
        raise GapError(
            "the data hold no month of the span",
            expected=f"{first:%Y-%m} to {last:%Y-%m}",
            got=f"{find_first_month(covered):%Y-%m} to {covered['period'].max():%Y-%m}",
            hint="Choose other periods, or import downloads of these: nktrade data import.",
        )
    months = pd.date_range(first, last, freq="MS", name="period")
    groups = sums[keys].drop_duplicates()
    grid = groups.merge(months.to_frame(index=False), how="cross")
    grid = grid.sort_values([*keys, "period"], ignore_index=True)
    known = sums.rename(columns={"state": "_state"})
    table = grid.merge(known, on=[*keys, "period"], how="left")
    table["state"] = _states(table[[*grid, "value"]], covered, trade).astype("str")
    table = _fill_empty(table, trade, [*keys, "period"])
    table = _bound_januaries(table, trade, [*keys, "period"])
    told = [name for name in MEANING if name in table and name not in grid]
    for name in told:  # a month without rows means what all others do
        said = table[name].dropna().unique()
        table[name] = table[name].fillna(said[0]) if len(said) == 1 else table[name]
    return table[[*grid, "value", "state", *KNOWN, *told]]


def _fill_empty(table: pd.DataFrame, trade: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Put a zero where it is known that nothing was traded, and say how that is known."""
    february = (table["state"] == "combined") & (table["period"].dt.month == 2)
    empty = table["state"].isin(["reported zero", "estimated"]) | february
    empty &= table["value"].isna()
    if not empty.any():
        return table
    estimated = is_estimated(trade)
    zeros = table.loc[empty, keys].assign(value=0.0, known=0.0, estimated=estimated)
    zeros = zeros.set_index(keys)
    zeros = zeros.join(bound_groups(trade, keys, zeros))
    table.loc[empty, ["value", *KNOWN]] = zeros[["value", *KNOWN]].to_numpy()
    return table.astype({"low": "float64", "high": "float64", "value": "float64"})


def _bound_januaries(table: pd.DataFrame, trade: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Say what published figures leave of a January by itself that was released with February."""
    alone = (table["state"] == "combined") & (table["period"].dt.month == 1)
    alone &= table["value"].isna()
    if not alone.any() or not is_estimated(trade):
        return table
    unknown = table.loc[alone, keys].assign(value=np.nan, known=0.0, estimated=True).set_index(keys)
    table.loc[alone, [*KNOWN]] = bound_groups(trade, keys, unknown)[[*KNOWN]].to_numpy()
    return table.astype({"low": "float64", "high": "float64"})


def find_first_month(trade: pd.DataFrame) -> pd.Timestamp:
    """Return the first month that a trade table covers: a combined release begins in January."""
    first = trade["period"].min()
    combined = trade.loc[trade["period"] == first, "status"].isin(COMBINED).any()
    return first - pd.DateOffset(months=1) if combined else first


def check_window(trade: pd.DataFrame, window: Window) -> None:
    """Refuse a window that begins or ends between two months that were released together.

    Parameters
    ----------
    trade : pandas.DataFrame
        A trade table.
    window : Window
        The months to be added up.

    Raises
    ------
    GapError
        Naming the release. Either month alone is not known.
    """
    edges = [window.first] if window.first.month == 2 else []
    edges += [window.last + pd.DateOffset(months=1)] if window.last.month == 1 else []
    cut = trade.loc[trade["period"].isin(edges) & trade["status"].isin(COMBINED), "period"]
    if len(cut):
        raise GapError(
            f"January and February {cut.iloc[0]:%Y} were released together",
            got=f"the window {window}, which takes one without the other",
            hint="Take both months or neither.",
        )


def _states(table: pd.DataFrame, covered: pd.DataFrame, trade: pd.DataFrame) -> np.ndarray:
    """State of each row of a monthly table, read from what the source covers."""
    cell = _covered_by(trade, table)
    kinds = covered[[*cell, "status"]].drop_duplicates().sort_values("status", kind="stable")
    marks = kinds.groupby(cell)["status"].agg(" ".join)
    mark = marks.reindex(pd.MultiIndex.from_frame(table[cell])).fillna("").reset_index(drop=True)
    following = table[cell].assign(period=table["period"] + pd.DateOffset(months=1))
    after = marks.reindex(pd.MultiIndex.from_frame(following)).fillna("")
    known = table["value"].notna().to_numpy()
    combined = mark.str.contains("combined").to_numpy()
    before_combined = after.str.contains("combined").to_numpy() & (mark == "").to_numpy()
    own = [column for column in table.columns if column != "value"]
    hidden = trade.loc[trade["status"] == "suppressed", own].drop_duplicates()
    suppressed = table[own].merge(hidden, how="left", indicator=True)["_merge"].eq("both")
    return np.select(
        [
            ~known & suppressed.to_numpy(),
            before_combined | combined,
            (mark == "").to_numpy(),
            mark.str.contains("estimated").to_numpy(),
            ~known,
        ],
        ["suppressed", "combined", "absent", "estimated", "reported zero"],
        default="reported",
    )


def _covered_by(trade: pd.DataFrame, table: pd.DataFrame) -> list[str]:
    """Columns that say whose silence a missing row is: another declarer's rows prove no zero."""
    sides = ["declared_by", "partner"] if "declared_by" in trade else ["reporter"]
    return ["flow", *[side for side in sides if side in table], "period"]
