"""Months and their states: reported, reported zero, combined, suppressed, absent, estimated."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from nktrade.errors import GapError, UnanswerableError, check_choice, list_names
from nktrade.table.addition import KNOWN, MEANING, sum_rows
from nktrade.table.periods import Window, parse_period, parse_span
from nktrade.table.rows import (
    COMBINED,
    check_columns,
    check_is_trade,
    check_types,
    is_estimated,
    list_of,
)
from nktrade.table.support import bound_groups

POLICIES = ("refuse", "leave", "zero", "split")

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
        The same columns, rows, index and unit; `table` is unchanged.

    Raises
    ------
    GapError
        Naming the months that the policy cannot settle, or a January with a value of its own
        that a split would overwrite.
    InputError
        For an unknown policy, or a table that `monthly` did not make.

    Examples
    --------
    >>> import nktrade as nk
    >>> winter = monthly(nk.load(flow="export", start="2020-01", end="2020-02"))
    >>> complete_months(winter)
    Traceback (most recent call last):
    ...
    nktrade.errors.GapError: 2 months are combined; got 2020-01, 2020-02. Name a policy: ...
    >>> complete_months(winter, "split")["state"].tolist()
    ['estimated', 'estimated']
    """
    check_columns(table, ["period", "value", "state"], "Call monthly(trade) first.")
    check_choice("policy", policy, POLICIES)
    done = table.copy()
    if policy == "zero":
        absent = done["state"] == "absent"
        done.loc[absent, "value"] = 0.0
    if policy == "split":
        done = _split_combined(done)
    open_states = ["suppressed", "combined", *([] if policy == "zero" else ["absent"])]
    unsettled = done["state"].isin(open_states) | done["value"].isna()
    if policy != "leave":
        _refuse_months(done, unsettled)
    return done


def check_alone(table: pd.DataFrame) -> None:
    """Refuse a monthly table of which a value is of two months: no model can compare it with one.

    Parameters
    ----------
    table : pandas.DataFrame
        What `monthly` or `complete_months` returns; without a column state nothing is known.

    Raises
    ------
    GapError
        Naming the months that were released together.
    """
    if "state" in table:
        _refuse_months(table, table["state"] == "combined")


def _refuse_months(table: pd.DataFrame, unsettled: pd.Series) -> None:
    if not unsettled.any():
        return
    months = table.loc[unsettled, "period"].drop_duplicates()
    states = table.loc[unsettled, "state"].unique()
    shown = ", ".join(f"{month:%Y-%m}" for month in months.iloc[:6])
    raise GapError(
        f"{len(months)} month{'s are' if len(months) > 1 else ' is'} {' or '.join(states)}",
        got=shown + (", …" if len(months) > 6 else ""),
        hint=f"Name a policy: complete_months(table, …) with {list_of(POLICIES[1:])}; or choose a "
        "window without them.",
    )


def choose_periods(trade: pd.DataFrame, wanted: Sequence[str]) -> list[str]:
    """Return those of the periods of which a table covers every month; if none, its half-years.

    A month is covered if any flow has a row in it; a January released together with February is,
    if the period holds both.

    Parameters
    ----------
    trade : pandas.DataFrame
        A trade table.
    wanted : sequence of str
        Periods as `parse_period` reads them, in order.

    Raises
    ------
    GapError
        If neither one of the periods nor any half-year is covered.

    Examples
    --------
    >>> import nktrade as nk
    >>> choose_periods(nk.load(start="2020", end="2021"), ["2019-H1", "2020-H1"])
    ['2020-H1']
    >>> choose_periods(nk.load(start="2020", end="2021"), ["2016"])
    ['2020-H1', '2020-H2', '2021-H1', '2021-H2']
    """
    years = sorted(trade["period"].dt.year.unique())
    halves = [f"{year}-H{half}" for year in years for half in (1, 2)]
    for choice in (wanted, halves):
        held = find_whole(trade, choice)
        if held:
            return held
    raise GapError(
        "the data cover no whole period",
        expected=f"{list_of(wanted)}, or a half-year",
        hint="Import the missing months, or name other periods.",
    )


def find_whole(trade: pd.DataFrame, periods: Sequence[str]) -> list[str]:
    """Return those of the periods of which a table covers every month, as `choose_periods`.

    Examples
    --------
    >>> import nktrade as nk
    >>> find_whole(nk.load(start="2020-01", end="2021-06"), ["2020", "2021"])
    ['2020']
    """
    months = set(trade["period"].unique())
    combined = set(trade.loc[trade["status"].isin(COMBINED), "period"].unique())
    januaries = {month - pd.DateOffset(months=1) for month in combined}

    def whole(period: str) -> bool:
        window = parse_period(period)
        apart = window.first in combined or window.last in januaries
        return not apart and set(window.months) <= months | januaries

    return [period for period in periods if whole(period)]


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
    UnanswerableError
        If there is no month at all, as of a flow that the data do not hold.
    """
    check_types(table[["period"]])
    if table.empty:
        raise UnanswerableError(
            "there is no month of this in the data",
            hint="Choose other periods, or import downloads of these: nktrade data import.",
        )
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
    month = table["period"].dt.month
    combined = table["state"] == "combined"
    keys = [*find_groups(table), "period"]
    releases = table.loc[combined & (month == 2), [*keys, "value"]].dropna(subset="value")
    # Each month beside the February whose release it may be part of.
    february = table["period"].mask(month == 1, table["period"] + pd.DateOffset(months=1))
    beside = table[keys].assign(period=february).merge(releases, on=keys, how="left")
    together = pd.Series(beside["value"].to_numpy(), index=table.index).where(month <= 2)
    own = together.notna() & (month == 1) & (~combined | table["value"].notna())
    if own.any():
        raise GapError(
            "January has a value of its own beside a release of January and February",
            got=f"{table.loc[own, 'period'].iloc[0]:%Y-%m}",
            hint="A split would overwrite it. Keep the months by themselves or the release.",
        )
    days = table["period"].dt.days_in_month
    both = 31 + february.dt.days_in_month
    shared = together.notna()
    return table.assign(
        value=table["value"].mask(shared, together * days / both),
        state=table["state"].mask(shared, "estimated"),
    )


def find_groups(table: pd.DataFrame) -> list[str]:
    """Return the columns of a monthly table that keep its series apart; amounts never do."""
    known = {"period", "value", "state", "rows", *KNOWN, *MEANING} - {"flow"}
    left = list(table.columns[: table.columns.get_loc("period")])  # keys stand before the months
    return [
        column
        for column in table.columns
        if (column in left or column not in known)
        and not pd.api.types.is_float_dtype(table[column])
    ]
