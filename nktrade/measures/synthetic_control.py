"""Who else? A country's trade against its partner's trade with all others in the same months."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from nktrade.errors import check_choice, count_of
from nktrade.measures.breaks import tell_support
from nktrade.measures.counterfactual import Counterfactual
from nktrade.measures.donors import Panel, lay_panel
from nktrade.measures.placebos import METHODS, rank_gap, rank_ratio, shift_in_time, weigh_donors
from nktrade.table.meaning import read_meaning, tell_meaning
from nktrade.table.periods import parse_period, spell_period
from nktrade.table.rows import check_columns


def compare_with_others(
    months: pd.DataFrame,
    unit: str,
    start: str,
    *,
    by: str = "partner",
    method: Literal["synthetic", "difference"] = "synthetic",
    end: str | None = None,
    without: Sequence[str] = (),
) -> Counterfactual:
    """Hold a unit's months since an event against those of units that it did not befall.

    Every unit is measured in its own mean month before the event, so that large and small partners
    count alike and months of zero do. "difference" takes the mean of the others (difference in
    differences: the gap before the event is zero on average by construction). "synthetic" takes
    the weighted mean, no weight negative, that went as the unit did before the event (Abadie,
    Diamond and Hainmueller 2010). How sure that is, is asked of the others: each is treated as if
    the event had befallen it. Months that were released together are one observation of all units.

    Parameters
    ----------
    months : pandas.DataFrame
        Columns *by*, period (every month of a unit) and value; state and support if known: what
        ``nktrade.monthly(trade, "partner")`` returns for one flow of a store of all partners.
    unit : str
        The unit in question, as "PRK".
    start : str
        First month in which the event can act, as ``"2020-02"``. If it lies inside a release of
        two months, the release counts as after it.
    by : str
        Column of the units.
    method : {"synthetic", "difference"}
    end : str, optional
        Last month looked at.
    without : sequence of str
        Units that the event may have befallen too.

    Raises
    ------
    UnanswerableError
        If the unit's months are missing or not recorded, fewer than 24 of them lie before the
        event or none after, or fewer than 10 others are left.
    InputError
        If the unit or a column is not there, or the method is unknown.

    Notes
    -----
    p over units: the rank of the mean gap since the event over the misfit before it (Abadie,
    Diamond and Hainmueller 2010); limits: the gaps that this test does not reject (Firpo and
    Possebom 2018). p in time: moving blocks of residuals under the null (Chernozhukov, Wüthrich
    and Zhu 2021). Both ask that the unit and the others be alike but for the event; an event that
    befell all (an epidemic) is not seen. Errors clustered by partner know nothing of one partner
    (Conley and Taber 2011), so there are none here.

    Examples
    --------
    >>> random = np.random.default_rng(1)
    >>> period = pd.date_range("2016-01-01", periods=72, freq="MS")
    >>> common = 10 + np.cumsum(random.normal(0, 0.2, 72))
    >>> rows = {f"P{n:02d}": common + random.normal(0, 0.3, 72) for n in range(24)}
    >>> rows["P00"][60:] -= 4
    >>> months = pd.DataFrame(rows, index=period).rename_axis("period").melt(
    ...     var_name="partner", ignore_index=False).reset_index()
    >>> found = compare_with_others(months, "P00", "2021-01").sum_gap()
    >>> bool(found["low"] < 48 < found["high"]), round(found["p"], 3)
    (True, 0.042)
    """
    check_choice("method", method, METHODS)
    check_columns(months, [by, "period", "value"])
    check_choice(by, unit, sorted(months[by].dropna().unique()))
    panel, left_out = lay_panel(months, unit, start, by=by, end=end, without=without)
    relative, names = panel.relative, panel.wide.columns
    found = [
        weigh_donors(relative, at, panel.before, panel.months, method) for at in range(len(names))
    ]
    gaps = np.array([gap for _, gap in found])
    placebos = _measure_placebos(panel, gaps)
    table = _tabulate(panel, gaps, placebos)
    own = months[months[by] == unit]
    return Counterfactual(
        tell_meaning(table, **read_meaning(own)),
        pd.Series(found[0][0], names[1:], name="weight"),
        placebos,
        unit,
        start,
        method,
        rank_ratio(placebos["ratio"].to_numpy()),
        shift_in_time(relative, panel.before, panel.months, method),
        left_out,
        _write_notes(panel, placebos, left_out, start, method, tell_support(own)),
        pd.DataFrame(gaps, index=names),
        float(panel.means.iloc[0]),
    )


def _measure_placebos(panel: Panel, gaps: np.ndarray) -> pd.DataFrame:
    """Each unit's misfit before the event, its mean gap since, and the one over the other."""
    size, before = panel.months, panel.before
    misfits = np.sqrt(np.average(gaps[:, before] ** 2, axis=1, weights=size[before]))
    misfits = np.maximum(misfits, 1e-9)
    since = np.average(gaps[:, ~before], axis=1, weights=size[~before])
    columns = {"misfit": 100 * misfits, "gap": 100 * since, "ratio": since / misfits}
    return pd.DataFrame(columns, index=panel.wide.columns)


def _tabulate(panel: Panel, gaps: np.ndarray, placebos: pd.DataFrame) -> pd.DataFrame:
    """The unit's months beside what the others' course would have made of them, with limits."""
    misfits = placebos["misfit"].to_numpy() / 100
    limits = [rank_gap(gap, misfits[0], gaps[:, at] / misfits) for at, gap in enumerate(gaps[0])]
    scale = float(panel.means.iloc[0]) * panel.months
    half = np.array([limit["high"] - limit["gap"] for limit in limits]) * scale
    value = panel.wide.iloc[:, 0].to_numpy()
    expected = value + gaps[0] * scale
    return pd.DataFrame(
        {
            "period": panel.wide.index,
            "months": panel.months.astype("int64"),
            "value": value,
            "expected": expected,
            "gap": expected - value,
            "low": np.maximum(expected - half, 0.0),
            "high": expected + half,
        }
    )


def _write_notes(
    panel: Panel, placebos: pd.DataFrame, left_out: pd.Series, start: str, method: str, support: str
) -> tuple[str, ...]:
    others = len(placebos) - 1
    before = count_of(int(panel.months[panel.before].sum()), "months")
    notes = [
        f"{'Synthetic control' if method == 'synthetic' else 'Difference in differences'}: "
        f"{count_of(others, 'others')}, {before} before {spell_period(start)}; "
        f"p and limits by treating each other as if the event had befallen it; {support}.",
    ]
    if others < 19:
        notes.append("No 95 % limits: they need 19 others or more.")
    rank = int((placebos["misfit"] > placebos["misfit"].iloc[0]).sum())
    if rank < 0.2 * others:
        notes.append(
            f"The fit before the event is worse than that of {others - rank} of {others} others: "
            "they are a poor measure."
        )
    if len(left_out):
        notes.append(f"Left out: {len(left_out)} ({left_out.value_counts().to_dict()}).")
    return tuple(notes)


def try_dates(
    months: pd.DataFrame, unit: str, dates: Sequence[str], *, length: int = 12, **how
) -> pd.DataFrame:
    """Pretend that the event came earlier: a placebo in time.

    Parameters
    ----------
    months : pandas.DataFrame
        As `compare_with_others`.
    unit : str
    dates : sequence of str
        Made-up first months, each with at least 24 months before it. Choose them so that
        `length` months after each still lie before the real event.
    length : int
        Months after each date that are looked at.
    **how
        As `compare_with_others`.

    Returns
    -------
    pandas.DataFrame
        Index date. Columns gap (percent of the unit's mean month before the date), p_units,
        p_time.

    Raises
    ------
    UnanswerableError, InputError
        As `compare_with_others`.

    Examples
    --------
    >>> period = pd.date_range("2016-01-01", periods=72, freq="MS")
    >>> values = np.random.default_rng(1).normal(10, 0.3, (72, 14))
    >>> months = pd.DataFrame(values, period, list("ABCDEFGHIJKLMN")).rename_axis("period").melt(
    ...     var_name="partner", ignore_index=False).reset_index()
    >>> tried = try_dates(months, "A", ["2019-01", "2020-01"])
    >>> tried["gap"].abs().lt(10).tolist()
    [True, True]
    """
    rows = {}
    for date in dates:
        last = parse_period(date).first + pd.DateOffset(months=length - 1)
        found = compare_with_others(months, unit, date, end=f"{last:%Y-%m}", **how)
        gap = found.placebos["gap"].iloc[0]
        rows[date] = {"gap": gap, "p_units": found.p_units, "p_time": found.p_time}
    return pd.DataFrame(rows).T.rename_axis("date")
