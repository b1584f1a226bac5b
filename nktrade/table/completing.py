"""Months that are not known: refused, left, set to nothing or split, by a policy that is named."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from nktrade.errors import GapError, UnanswerableError, check_choice, check_columns, list_of
from nktrade.table.addition import KNOWN, MEANING
from nktrade.table.rows import check_types
from nktrade.table.support import find_weakest

POLICIES = ("refuse", "leave", "zero", "split")


def complete_months(table: pd.DataFrame, policy: str = "refuse") -> pd.DataFrame:
    """Make a monthly table fit for growth rates and models, by a policy the caller names.

    Parameters
    ----------
    table : pandas.DataFrame
        What `monthly` returns.
    policy : {"refuse", "leave", "zero", "split"}
        What to do with months whose value is not known: "refuse" raises; "leave" keeps them
        missing; "zero" puts 0 for absent months only; "split" shares a January-February release
        between its two months by their days (31 : 28 or 29), within what is published of that
        January by itself, marks both "estimated", and refuses any other gap. Where nothing else
        is known, what a policy puts in is "assumed": between nothing and the whole release, or
        anything at all.

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
    >>> winter = nk.monthly(nk.load(flow="export", start="2020-01", end="2020-02"))
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
        put_in = {"value": 0.0, "low": 0.0, "high": np.inf, "support": "assumed"}
        for name in done.columns.intersection([*put_in]):
            done[name] = done[name].mask(absent, put_in[name])
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
    month, combined = table["period"].dt.month, table["state"] == "combined"
    keys = [*find_groups(table), "period"]
    # Every row beside the February whose release it may be part of, and beside that's January.
    february = table["period"].mask(month == 1, table["period"] + pd.DateOffset(months=1))
    told = table.assign(**{name: np.nan for name in KNOWN if name not in table}, period=february)
    told = told[[*keys, "value", *KNOWN]]

    def beside(rows: pd.DataFrame) -> pd.DataFrame:
        return told[keys].merge(rows, on=keys, how="left").set_axis(table.index)

    release = beside(told[combined & (month == 2)].dropna(subset="value"))
    alone = beside(told[combined & (month == 1)])
    together = release["value"].where(month <= 2)
    own = together.notna() & (month == 1) & (~combined | table["value"].notna())
    if own.any():
        raise GapError(
            "January has a value of its own beside a release of January and February",
            got=f"{table.loc[own, 'period'].iloc[0]:%Y-%m}",
            hint="A split would overwrite it. Keep the months by themselves or the release.",
        )
    most = release["high"].fillna(together)
    low, high = alone["low"].fillna(0.0), alone["high"].fillna(np.inf).clip(upper=most)
    january = together * 31 / (31 + february.dt.days_in_month)
    middle = low + (high - low).where(high < np.inf, 0.0) / 2
    january = january.where(january.between(low, high), middle)
    shares = {"value": together - january, "state": "estimated"}
    shares |= {"low": (release["low"] - high).clip(lower=0.0), "high": most - low}
    if "support" in table:
        shares["support"] = find_weakest(alone["support"].fillna("assumed"), release["support"])
    of_january = {"value": january, "low": low, "high": high}
    done = {
        name: table[name]
        .mask(together.notna(), share)
        .mask(together.notna() & (month == 1), of_january.get(name, share))
        for name, share in shares.items()
        if name in table
    }
    return table.assign(**done)


def find_groups(table: pd.DataFrame) -> list[str]:
    """Return the columns that keep a monthly table's series apart: no amounts, no support."""
    known = {"period", "value", "state", "rows", *KNOWN, *MEANING} - {"flow"}
    left = list(table.columns[: table.columns.get_loc("period")])  # keys stand before the months
    return [
        column
        for column in table.columns
        if (column in left or not (column in known or str(column).endswith("_support")))
        and not pd.api.types.is_float_dtype(table[column])
    ]
