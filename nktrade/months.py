"""Months and their states: reported, reported zero, combined, suppressed, absent, estimated."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from nktrade.errors import GapError, InputError, did_you_mean
from nktrade.periods import parse_period
from nktrade.trade import check_addable, list_of

POLICIES = ("refuse", "leave", "zero", "split")


def monthly(
    trade: pd.DataFrame,
    by: str | Sequence[str] = (),
    *,
    start: str | None = None,
    end: str | None = None,
    coverage: pd.DataFrame | None = None,
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
        has none is a reported zero; without it such a month counts as absent.

    Returns
    -------
    pandas.DataFrame
        Columns flow, *by*, period (every month), value, state. States: "reported", "estimated",
        "reported zero", "combined" (a January-February release: February carries both months'
        value and January none), "suppressed", "absent". Values that are not known are missing.

    Raises
    ------
    MixtureError
        If rows of one month cannot be added.

    Examples
    --------
    >>> import nktrade as nk
    >>> totals = monthly(nk.mirror(nk.load(start="2020-01", end="2020-03")))
    >>> totals.loc[totals.flow == "import", ["period", "state"]].state.tolist()
    ['combined', 'combined', 'estimated']
    """
    columns = [by] if isinstance(by, str) else list(by)
    keys = ["flow", *columns]
    covered = trade if coverage is None else coverage
    check_addable(trade, ["period", "reporter", *keys])
    if covered.empty:
        raise GapError("there are no rows to add up", hint="Check partner, flow, codes and period.")
    first = parse_period(start).first if start else _first_month(covered)
    last = parse_period(end).last if end else covered["period"].max()
    months = pd.date_range(first, last, freq="MS", name="period")
    sums = trade.groupby([*keys, "period"], dropna=False)["value"].sum(skipna=False)
    groups = trade[keys].drop_duplicates()
    grid = groups.merge(months.to_frame(index=False), how="cross")
    grid = grid.sort_values([*keys, "period"], ignore_index=True)
    table = grid.merge(sums.rename("value").reset_index(), on=[*keys, "period"], how="left")
    table["state"] = _states(table, covered, trade).astype("str")
    february = (table["state"] == "combined") & (table["period"].dt.month == 2)
    empty = (table["state"] == "reported zero") | february
    table.loc[empty & table["value"].isna(), "value"] = 0.0
    return table


def _first_month(covered: pd.DataFrame) -> pd.Timestamp:
    """First month covered; a combined release at the start begins in January."""
    first = covered["period"].min()
    at_start = covered.loc[covered["period"] == first, "status"]
    combined = first.month == 2 and at_start.str.contains("combined").any()
    return first - pd.DateOffset(months=1) if combined else first


def _states(table: pd.DataFrame, covered: pd.DataFrame, trade: pd.DataFrame) -> np.ndarray:
    """State of each row of a monthly table, read from what the source covers."""
    key = pd.MultiIndex.from_frame(table[["flow", "period"]])
    marks = covered.groupby(["flow", "period"])["status"].agg(lambda s: " ".join(sorted(set(s))))
    source = marks.reindex(key).fillna("").to_numpy(dtype=object)
    known = table["value"].notna().to_numpy()
    mark = pd.Series(source)
    combined = mark.str.contains("combined").to_numpy()
    after = pd.MultiIndex.from_arrays([table["flow"], table["period"] + pd.DateOffset(months=1)])
    before_combined = (
        marks.reindex(after).fillna("").str.contains("combined").to_numpy()
        & (mark == "").to_numpy()
        & (table["period"].dt.month == 1).to_numpy()
    )
    own = [column for column in table.columns if column != "value"]
    hidden = trade.loc[trade["status"] == "suppressed", own].drop_duplicates()
    suppressed = table[own].merge(hidden, how="left", indicator=True)["_merge"].eq("both")
    return np.select(
        [
            ~known & suppressed.to_numpy(),
            before_combined | combined,
            (mark == "").to_numpy(),
            ~known,
            mark.str.contains("estimated").to_numpy(),
        ],
        ["suppressed", "combined", "absent", "reported zero", "estimated"],
        default="reported",
    )


def complete_months(table: pd.DataFrame, policy: str = "refuse") -> pd.DataFrame:
    """Make a monthly table fit for growth rates and models, by a policy the caller names.

    Parameters
    ----------
    table : pandas.DataFrame
        What `monthly` returns.
    policy : {"refuse", "leave", "zero", "split"}
        What to do with months whose value is not known: "refuse" raises; "leave" keeps them
        missing; "zero" puts 0 for absent months only; "split" shares a January-February release
        between its two months by their days (31 : 28 or 29), marks both "estimated", and refuses
        any other gap.

    Returns
    -------
    pandas.DataFrame
        The same columns, `table` unchanged.

    Raises
    ------
    GapError
        Naming the months that the policy cannot settle.
    """
    if policy not in POLICIES:
        raise InputError(f"unknown policy {policy!r}", hint=did_you_mean(policy, POLICIES))
    done = table.copy()
    if policy == "zero":
        absent = done["state"] == "absent"
        done.loc[absent, "value"] = 0.0
    if policy == "split":
        done = _split_combined(done)
    open_states = {"absent", "suppressed", "combined"}
    unsettled = done["state"].isin(open_states) if policy != "zero" else done["value"].isna()
    if policy != "leave" and unsettled.any():
        months = done.loc[unsettled, "period"].drop_duplicates()
        states = done.loc[unsettled, "state"].unique()
        shown = ", ".join(f"{month:%Y-%m}" for month in months.iloc[:6])
        raise GapError(
            f"{len(months)} month{'s are' if len(months) > 1 else ' is'} {' or '.join(states)}",
            got=shown + (", …" if len(months) > 6 else ""),
            hint=f"Name a policy: {list_of(POLICIES[1:])}; or choose a window without them.",
        )
    return done


def check_every_month(table: pd.DataFrame, by: Sequence[str] = ()) -> None:
    """Refuse a monthly table from which months were dropped: a step must be a month.

    Parameters
    ----------
    table : pandas.DataFrame
        At least the column period.
    by : sequence of str
        Columns that keep series apart.

    Raises
    ------
    GapError
        Naming the month before which one is missing or out of order.
    """
    number = 12 * table["period"].dt.year + table["period"].dt.month
    groups = number.groupby([table[column] for column in by], dropna=False) if len(by) else number
    step = groups.diff()
    broken = step.notna() & (step != 1)
    if broken.any():
        raise GapError(
            "the table does not hold every month in order",
            got=f"a break before {table.loc[broken, 'period'].iloc[0]:%Y-%m}",
            hint="Give it as monthly or complete_months returns it.",
        )


def _split_combined(table: pd.DataFrame) -> pd.DataFrame:
    done = table.copy()
    months = done["period"].dt.month
    february = (done["state"] == "combined") & (months == 2)
    days = done["period"].dt.days_in_month
    keys = [column for column in done.columns if column not in ("period", "value", "state")]
    parts = done[february]
    for shift, share in ((0, days / (31 + days)), (1, 31 / (31 + days))):
        target = parts.assign(
            period=parts["period"] - pd.DateOffset(months=shift), part=parts["value"] * share
        )
        done = done.merge(target[[*keys, "period", "part"]], on=[*keys, "period"], how="left")
        hit = done["part"].notna()
        done.loc[hit, "value"] = done.loc[hit, "part"]
        done.loc[hit, "state"] = "estimated"
        done = done.drop(columns="part")
    return done
