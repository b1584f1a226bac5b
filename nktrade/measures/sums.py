"""Sums of a trade table over windows: added up, set side by side, ranked.

All take a trade table and return tidy frames in its unit; none bridges a missing month.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pandas as pd

from nktrade.errors import GapError, InputError, UnanswerableError, list_names, shorten
from nktrade.measures.shares import compute_shares
from nktrade.table.addition import ACROSS, check_addable, check_codes, sum_rows
from nktrade.table.meaning import list_loose, read_meaning, tell_meaning, write_loose
from nktrade.table.months import check_window, find_first_month
from nktrade.table.periods import Period, Window, list_periods, parse_period, parse_span
from nktrade.table.rows import COMBINED, SIDES, check_is_trade, is_estimated
from nktrade.table.selecting import select
from nktrade.table.support import bound_groups, recall


def add_up(
    trade: pd.DataFrame,
    by: str | Sequence[str] = (),
    *,
    period: Period | None = None,
    across: str | Sequence[str] = (),
) -> pd.DataFrame:
    """Sum value (and quantity where every row has one) over a window.

    Parameters
    ----------
    trade : pandas.DataFrame
        A trade table.
    by : str or sequence of str
        Columns to keep apart.
    period : str, Timestamp, pair or Window, optional
        As `parse_period` reads it; by default the whole table.
    across : {"flow", "partner", "reporter"} or several, optional
        What is meant to be added up: imports and exports to the whole trade (``across="flow"``),
        partners or declarers to their sum. Else they are refused.

    Returns
    -------
    pandas.DataFrame
        Columns *by*, then value, low, high, support, state, quantity, unit, rows and what the
        sums mean (currency, reporter, partner, flow, hs_edition, level), as `sum_rows` says.

    Raises
    ------
    MixtureError
        If one sum would mix currencies, HS editions or levels. A window over several years is
        added year by year first, so an edition that changed on 1 January does not matter, except
        for sums by code: the same digits may mean other goods.
    GapError
        If the window begins or ends between a January and a February released together, or reaches
        beyond the months that were loaded or chosen, where the rows know them. Absent months are
        not seen here: see `compare_periods` and `monthly`.

    Examples
    --------
    >>> import nktrade as nk
    >>> china = nk.load(flow="import", hs="6704", start="2023", end="2023")
    >>> add_up(china, "flow", period="2023-H1")["flow"].tolist()
    ['import']
    """
    check_is_trade(trade)
    chosen = trade
    if period is not None:
        window = parse_period(period)
        check_window(trade, window)
        _check_reach(trade, window)
        chosen = select(trade, period=window)
    return sum_rows(chosen, by, across=across)


def _check_reach(trade: pd.DataFrame, window: Window) -> None:
    """Refuse a window that the rows, which know what was asked of the data, cannot speak of."""
    asked = recall(trade)
    if asked is None or trade.empty:
        return
    steps = asked.get("narrowed", [])
    spans = [parse_span(asked["start"], asked["end"])]
    spans += [parse_span(one["period"], one["period"]) for one in steps if "period" in one]
    starts, ends = ([one for one in side if one is not None] for side in zip(*spans, strict=True))
    if not asked["hs"] and not any({"hs", "province", "industry"} & set(one) for one in steps):
        # There is no month in which nothing at all is traded.
        starts.append(find_first_month(trade))
        ends.append(trade["period"].max())
    first, last = max(starts, default=window.first), min(ends, default=window.last)
    if window.first < first or last < window.last:
        raise GapError(
            f"the rows do not speak of {window}",
            got=f"rows of {first:%Y-%m} to {last:%Y-%m}",
            hint="Choose other periods, or load these.",
        )


def check_held(held: pd.DataFrame, window: Window) -> None:
    """Refuse a window of which the data lack a month of a flow.

    Parameters
    ----------
    held : pandas.DataFrame
        A trade table of all goods: its rows say which months there are.
    window : Window

    Raises
    ------
    UnanswerableError
        If it reaches beyond the data.
    GapError
        If a month inside it is absent.
    """
    parts = _split_flows(held, set())
    _choose_windows(parts, [window])
    for part in parts:
        _check_months(part, window)


def rank_items(
    trade: pd.DataFrame,
    by: str | Sequence[str],
    period: str,
    n: int = 5,
    *,
    coverage: pd.DataFrame | None = None,
    across: str | Sequence[str] = (),
) -> pd.DataFrame:
    """Return the `n` largest of `by` in a period: columns rank, *by*, value, share (percent).

    Shares are of everything in `trade` in the period, of partners and declarers that are kept apart
    too; equals stand in the order of `by`.

    Raises
    ------
    UnanswerableError, GapError, MixtureError
        As `compare_periods`, which also says what `coverage` and `across` are.

    Examples
    --------
    >>> import nktrade as nk
    >>> china = nk.load(flow="import", start="2023", end="2023")
    >>> china = china.assign(heading=china["hs"].str[:4])
    >>> rank_items(china, "heading", "2023", n=2)["heading"].tolist()
    ['6704', '7202']
    """
    check_is_trade(trade)
    if n < 1:
        raise InputError("nothing is ranked", expected="n of 1 or more", got=shorten(n))
    sums = compare_periods(trade, by, period, coverage=coverage, across=across)
    check_addable(select(trade, period=period), across=tuple(ACROSS))
    across = [*list_names(across), *(name for name in sums.index.names if name in SIDES)]
    parts = compute_shares(sums.set_axis(["value"], axis="columns").reset_index(), across=across)
    top = parts.sort_values("value", ascending=False, kind="stable").head(n).reset_index(drop=True)
    return top.assign(rank=top.index + 1)[["rank", *list_names(by), "value", "share"]]


def compare_periods(
    trade: pd.DataFrame,
    by: str | Sequence[str],
    periods: str | Sequence[Period],
    *,
    coverage: pd.DataFrame | None = None,
    across: str | Sequence[str] = (),
) -> pd.DataFrame:
    """Add up several periods and set them side by side.

    Parameters
    ----------
    trade : pandas.DataFrame
        A trade table.
    by : str or sequence of str
        Columns to keep apart.
    periods : str or sequence of str, Timestamp, pair or Window
        As `parse_period` reads them.
    coverage : pandas.DataFrame, optional
        The table `trade` was selected from. Without it the first and last row of `trade` say
        which months there are: a rare good seems to begin late, and absent months are not seen.

    Returns
    -------
    pandas.DataFrame
        Index *by*, one column a period, sums in the unit of the table. Zero where there are no
        rows (of an estimate with the ends that print leaves: that is no known zero), missing where
        a value is suppressed. A period that reaches beyond the data (with
        `coverage`: beyond those of one of its flows) is a missing column, not a zero. What the
        values mean (currency, reporter, partner, …, estimated) is kept in ``attrs["nktrade"]``,
        and how a sum is known that nothing fixes: see `read_meaning` and `read_ends`.

    Raises
    ------
    UnanswerableError
        If no period lies inside the data.
    GapError
        If a period takes one month of a combined release without the other, or a month inside it
        is absent from `coverage`.
    MixtureError
        As `add_up`; codes of different HS editions are not compared either.

    Examples
    --------
    >>> import nktrade as nk
    >>> wigs = nk.load(flow="import", hs="6704", start="2022", end="2023")
    >>> compare_periods(wigs, "flow", ["2022", "2023"]).columns.tolist()
    ['2022', '2023']
    """
    check_is_trade(trade)
    columns = list_names(by)
    if not columns:
        expected = "a column or several, as 'flow'"
        raise InputError("no column is kept apart", expected=expected, hint="Or call add_up.")
    parts = [trade] if coverage is None else _split_flows(coverage, set(trade["flow"].unique()))
    inside = _choose_windows(parts, list_periods(periods))
    if coverage is not None:
        for part, window in itertools.product(parts, inside.values()):
            _check_months(part, window)
    within = np.logical_or.reduce([w.covers(trade["period"]) for w in inside.values()])
    check_codes(trade[within], columns)
    found = {
        period: add_up(trade, columns, period=window, across=across)
        for period, window in inside.items()
    }
    side = {period: sums.set_index(columns)["value"] for period, sums in found.items()}
    every = pd.concat(side, axis=1).index
    wide = pd.DataFrame(
        {period: sums.reindex(every, fill_value=0.0) for period, sums in side.items()}
    )
    meanings = [read_meaning(sums.drop(columns=columns)) for sums in found.values() if len(sums)]
    loose = [one for period, sums in found.items() for one in list_loose(sums, columns, period)]
    for period, sums in side.items():
        absent = _bound_absent(trade, columns, inside[period], every.difference(sums.index))
        loose += list_loose(absent, columns, period)
    return tell_meaning(wide, **_find_common(meanings), loose=write_loose(loose))


def _bound_absent(
    trade: pd.DataFrame, columns: list[str], window: Window, absent: pd.Index
) -> pd.DataFrame:
    """Return what has no rows in a period as `add_up` does: in an estimate no known zero."""
    chosen = select(trade, period=window)
    zeros = pd.DataFrame({"value": 0.0, "known": 0.0, "estimated": True}, index=absent)
    if not is_estimated(chosen):
        zeros = zeros.iloc[:0]
    return zeros.join(bound_groups(chosen, columns, zeros)).rename_axis(columns).reset_index()


def _choose_windows(parts: list[pd.DataFrame], periods: list[Period]) -> dict[str, Window]:
    """Return by name the periods inside the data of every part; refuse where none is."""
    windows = {_name(period): parse_period(period) for period in periods}
    if not any(map(len, parts)):
        raise UnanswerableError(
            "there are no rows to compare",
            expected=", ".join(windows),
            hint="Select rows that the data hold, or import them: nktrade data import.",
        )
    first = max(find_first_month(part) for part in parts)
    last = min(part["period"].max() for part in parts)
    inside = {p: w for p, w in windows.items() if first <= w.first and w.last <= last}
    if not inside:
        raise UnanswerableError(
            "none of the periods lies inside the data",
            expected=", ".join(windows),
            got=f"{first:%Y-%m} to {last:%Y-%m}",
            hint="Choose other periods, or import downloads of these: nktrade data import.",
        )
    return inside


def _name(period: Period) -> str:
    """Return what a column is called: the period as it was written, or its shortest form."""
    return period if isinstance(period, str) else str(parse_period(period))


def _find_common(meanings: list[dict]) -> dict:
    """Return what all periods' sums have in common; one estimate makes an estimate of the table."""
    if not meanings:
        return {}
    common = {
        name: value
        for name, value in meanings[0].items()
        if all(other.get(name) == value for other in meanings)
    }
    return common | {"estimated": any(one.get("estimated", False) for one in meanings)}


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
