"""Who else? A country's trade against its partner's trade with all others in the same months."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

from nktrade.errors import InputError, UnanswerableError, check_choice
from nktrade.measures.breaks import count_unfirm, tell_support
from nktrade.measures.summaries import Summarised, Summary
from nktrade.table.addition import WORLD
from nktrade.table.meaning import read_meaning, tell_meaning
from nktrade.table.months import check_every_month
from nktrade.table.periods import parse_period, spell_period
from nktrade.table.rows import check_columns

METHODS = ("synthetic", "difference")
#: Months before the event that weights need, and others that a rank needs.
SHORTEST = 24
FEWEST_OTHERS = 10


@dataclass(frozen=True, repr=False)
class Counterfactual(Summarised):
    """What one unit's trade would have been, had it gone as the others'.

    Attributes
    ----------
    table : pandas.DataFrame
        Columns period (a release of two months stands at its second), months (1 or 2), value,
        expected, gap (expected less value: positive is less trade than expected), low, high (95
        percent limits of expected, by placebos), in the series' unit.
    weights : pandas.Series
        Index of the others; add up to one.
    placebos : pandas.DataFrame
        Index of all units, the one in question first. Columns misfit (root mean square gap before
        the event, percent of the unit's mean month), gap (mean from the event to the end, percent
        of the same), ratio (gap over misfit).
    unit, start, method : str
    p_units : float
        Share of units, the one in question among them, whose ratio is at least as far from zero.
    p_time : float
        Share of shifts in time by which residuals as large as those since the event come about
        (a test that the event changed nothing in any month).
    left_out : pandas.Series
        Index of the others that were not used, and why.
    notes : tuple of str

    Examples
    --------
    >>> period = pd.date_range("2016-01-01", periods=72, freq="MS")
    >>> values = np.random.default_rng(1).normal(10, 0.3, (72, 14))
    >>> months = pd.DataFrame(values, period, list("ABCDEFGHIJKLMN")).rename_axis("period").melt(
    ...     var_name="partner", ignore_index=False).reset_index()
    >>> found = compare_with_others(months, "A", "2021-01")
    >>> found.unit, found.start, len(found.weights), round(float(found.weights.sum()), 6)
    ('A', '2021-01', 13, 1.0)
    """

    table: pd.DataFrame
    weights: pd.Series
    placebos: pd.DataFrame
    unit: str
    start: str
    method: str
    p_units: float
    p_time: float
    left_out: pd.Series
    notes: tuple[str, ...]
    _gaps: pd.DataFrame
    _mean: float

    def sum_gap(self, period: str | None = None) -> pd.Series:
        """Add up how far the unit lies below what the others' course would have been.

        Parameters
        ----------
        period : str, optional
            As ``"2020-02..2021-12"``; by default from the event to the end.

        Returns
        -------
        pandas.Series
            period, months, gap (in the series' unit; positive: less than expected), low, high (95
            percent), p (of zero); missing where there are too few others for them.

        Raises
        ------
        InputError
            If the data hold none of the period's months.
        """
        shown = self.table["period"]
        first = parse_period(self.start).first
        chosen = shown >= first if period is None else parse_period(period).covers(shown)
        if not chosen.any():
            raise InputError(
                "the period holds none of the months",
                expected=f"{shown.iloc[0]:%Y-%m} to {shown.iloc[-1]:%Y-%m}",
                got=str(period),
            )
        months = int(self.table.loc[chosen, "months"].sum())
        found = self._judge(chosen.to_numpy())
        inside = shown[chosen]
        return pd.Series(
            {
                "period": f"{inside.iloc[0]:%Y-%m}..{inside.iloc[-1]:%Y-%m}",
                "months": months,
                "gap": found["gap"] * months * self._mean,
                "low": found["low"] * months * self._mean,
                "high": found["high"] * months * self._mean,
                "p": found["p"],
            }
        )

    def trace(self, periods: Sequence[str]) -> pd.DataFrame:
        """Study the event: the mean gap in several windows, before it and after.

        A gap in a window before the event is a sign that the others were no measure.

        Parameters
        ----------
        periods : sequence of str
            As ``["2018-H1", "2018-H2", "2019-H1"]``.

        Returns
        -------
        pandas.DataFrame
            Index period. Columns before (bool), gap, low, high (percent of the unit's mean month
            before the event; 95 percent) and p.
        """
        rows = {}
        for period in periods:
            found = self.sum_gap(period)
            part = found[["gap", "low", "high"]] / (found["months"] * self._mean) * 100
            before = parse_period(period).last < parse_period(self.start).first
            rows[period] = {"before": before, **part, "p": found["p"]}
        return pd.DataFrame(rows).T.rename_axis("period").infer_objects()

    def _judge(self, chosen: np.ndarray) -> dict[str, float]:
        """The mean gap over some months; its limits and p by those of all other units."""
        weights = self.table["months"].to_numpy(dtype=float) * chosen
        means = self._gaps.to_numpy() @ weights / weights.sum()
        ratios = means / self._misfits
        return _rank(means[0], self._misfits[0], ratios)

    @cached_property
    def _misfits(self) -> np.ndarray:
        return self.placebos["misfit"].to_numpy() / 100

    def summary(self) -> Summary:
        """Return the sum of the gap with its limits, both p values and the fit."""
        gap = self.sum_gap()
        large = abs(gap["gap"]) >= 1e7
        divisor, unit = (1e6, ", million") if large else (1.0, "")
        row = {
            f"gap{unit}": gap["gap"] / divisor,
            f"95 % low{unit}": gap["low"] / divisor,
            f"95 % high{unit}": gap["high"] / divisor,
            "p": self.p_units,
            "p in time": self.p_time,
            "misfit before, %": self.placebos["misfit"].iloc[0],
        }
        title = f"{self.unit} against {len(self.weights)} others, {spell_period(gap['period'])}"
        return Summary(title, pd.DataFrame([row], index=[self.method]), self.notes)


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
    units = sorted(months[by].dropna().unique())
    check_choice(by, unit, units)
    first = parse_period(start).first
    own = months[months[by] == unit].sort_values("period", kind="stable")
    check_every_month(own)
    unfirm = count_unfirm(own)
    if unfirm:
        raise UnanswerableError(
            f"{unfirm} of {len(own)} months of {unit} are not recorded",
            hint="Run this on a store of customs downloads.",
        )
    wide, size = _widen(months, by, own["period"], end)
    if wide[unit].isna().any():
        gone = wide.index[wide[unit].isna()][0]
        raise UnanswerableError(
            f"there is no value of {unit} in {gone:%Y-%m}",
            hint="Leave this one out, or import downloads of that month: nktrade data import.",
        )
    before = np.asarray(wide.index < first)
    if size[before].sum() < SHORTEST or before.all():
        raise UnanswerableError(
            "too few months before the event, or none after it",
            expected=f"{SHORTEST} or more and 1 or more",
            got=f"{int(size[before].sum())} and {int(size[~before].sum())}",
            hint="Choose another event, or import a longer span: nktrade data import.",
        )
    if not (wide.loc[before, unit] > 0).any():
        raise UnanswerableError(
            f"{unit} traded nothing before the event",
            hint="Choose a later event, or compare a flow that was there before.",
        )
    left_out = _leave_out(wide, unit, before, without, _list_unfirm(months, by))
    others = [name for name in wide if name != unit and name not in left_out.index]
    if len(others) < FEWEST_OTHERS:
        raise UnanswerableError(
            f"too few others to hold {unit} against",
            expected=f"{FEWEST_OTHERS} with a value in every month",
            got=str(len(others)),
            hint="Load all partners: nktrade.load(folder, partner=None).",
        )
    rates = wide[[unit, *others]].div(size, axis=0)
    means = wide.loc[before, rates.columns].sum() / size[before].sum()
    relative = (rates / means).T.to_numpy()
    found = [_weigh(relative, place, before, size, method) for place in range(len(relative))]
    gaps = np.array([gap for _, gap in found])
    weights, support = found[0][0], tell_support(own)
    fit = _collect(
        wide, size, before, gaps, weights, relative, method, left_out, start, means, support
    )
    return replace(fit, table=tell_meaning(fit.table, **read_meaning(own)))


def _widen(
    months: pd.DataFrame, by: str, period: pd.Series, end: str | None
) -> tuple[pd.DataFrame, np.ndarray]:
    """Periods by units, releases of two months as one row, and how many months each row has."""
    if months.duplicated([by, "period"]).any():
        raise InputError(
            f"a month of a {by} is there twice", hint="Select one flow and one group first."
        )
    last = period.max() if end is None else parse_period(end).last
    table = months[months["period"].between(period.min(), last)]
    wide = table.pivot(index="period", columns=by, values="value")
    wide = wide.reindex(pd.date_range(period.min(), min(last, period.max()), freq="MS"))
    size = np.ones(len(wide))
    if "state" not in table:
        return wide.astype("float64"), size
    together = table[table["state"] == "combined"]
    inside = set(zip(together[by], together["period"], strict=True))
    wide = wide.astype("float64")
    for february in sorted(m for m in set(together["period"]) if m.month == 2):
        january = february - pd.DateOffset(months=1)
        if january not in wide.index:  # the span begins inside the release
            wide, size = wide.drop(index=february), size[1:]
            continue
        # Apart for this unit, together for others.
        both = wide.loc[january] + wide.loc[february]
        apart = [name for name in wide if (name, february) not in inside]
        wide.loc[february, apart] = both[apart]
        at = list(wide.index).index(february)
        size[at] = 2.0
        wide, size = wide.drop(index=january), np.delete(size, at - 1)
    return wide, size


def _list_unfirm(months: pd.DataFrame, by: str) -> set[str]:
    """Units with a month that is estimated, bounded or assumed."""
    return {str(name) for name, rows in months.groupby(by) if count_unfirm(rows)}


def _leave_out(
    wide: pd.DataFrame,
    unit: str,
    before: np.ndarray,
    without: Sequence[str],
    unfirm: set[str],
) -> pd.Series:
    why = {}
    traded = (wide[before] > 0).mean() > 0.5
    for name in map(str, wide):
        if name == unit:
            continue
        if name == WORLD:
            why[name] = "the sum of all"
        elif name in without:
            why[name] = "asked to"
        elif name in unfirm:
            why[name] = "months not recorded"
        elif wide[name].isna().any():
            why[name] = "months missing"
        elif not traded[name]:
            why[name] = "seldom traded before the event"
    return pd.Series(why, dtype="str")


def _weigh(
    relative: np.ndarray, place: int, before: np.ndarray, size: np.ndarray, method: str
) -> tuple[np.ndarray, np.ndarray]:
    """Weights of the others, and gaps; the unit in question (the first) is nobody's other."""
    chosen = np.arange(len(relative)) != place
    chosen[0] = False
    donors = relative[chosen]
    if method == "difference":
        weights = np.full(len(donors), 1 / len(donors))
    else:
        weights = fit_simplex(donors[:, before].T, relative[place, before], size[before])
    return weights, weights @ donors - relative[place]


def fit_simplex(others: np.ndarray, own: np.ndarray, size: np.ndarray | None = None) -> np.ndarray:
    """Find the weights, none negative and one in sum, that come nearest to a series.

    Parameters
    ----------
    others : numpy.ndarray
        Shape (periods, units).
    own : numpy.ndarray
        Shape (periods,).
    size : numpy.ndarray, optional
        How much each period counts.

    Examples
    --------
    >>> others = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    >>> fit_simplex(others, others @ [0.25, 0.75]).round(6).tolist()
    [0.25, 0.75]
    """
    from scipy.optimize import nnls

    root = np.sqrt(np.ones(len(own)) if size is None else size)
    # The sum of one is a row of its own, heavy enough to hold to seven digits.
    heavy = 1e4 * max(float(np.abs(others).max()), 1.0)
    rows = np.vstack([others * root[:, None], np.full(others.shape[1], heavy)])
    weights = nnls(rows, np.append(own * root, heavy), maxiter=50 * others.shape[1])[0]
    return weights / weights.sum()


def _rank(gap: float, misfit: float, ratios: np.ndarray) -> dict[str, float]:
    """p and limits of a gap by the ratios of all units, its own the first."""
    sizes = np.sort(np.abs(ratios[1:]))
    p = (1 + np.sum(sizes >= abs(ratios[0]) - 1e-12)) / len(ratios)
    place = int(np.ceil(0.95 * len(ratios) - 1e-9))
    half = misfit * sizes[place - 1] if place <= len(sizes) else np.nan
    return {"gap": gap, "low": gap - half, "high": gap + half, "p": float(p)}


def _shift_in_time(
    relative: np.ndarray, before: np.ndarray, size: np.ndarray, method: str
) -> float:
    """Share of cyclic shifts whose residuals since the event are as large, all months fitted."""
    own, donors = relative[0], relative[1:]
    if method == "difference":
        rest = donors.mean(axis=0) - own
    else:
        level = np.average(relative, axis=1, weights=size)
        centred = relative - level[:, None]
        rest = fit_simplex(centred[1:].T, centred[0], size) @ centred[1:] - centred[0]
    rest = np.abs(rest - np.average(rest, weights=size)) * size
    since = np.flatnonzero(~before)
    sums = [rest[(since + shift) % len(rest)].sum() for shift in range(len(rest))]
    return float(np.mean(np.array(sums) >= sums[0] - 1e-12))


def _collect(
    wide, size, before, gaps, weights, relative, method, left_out, start, means, support
) -> Counterfactual:
    names = means.index
    misfits = np.sqrt(np.average(gaps[:, before] ** 2, axis=1, weights=size[before]))
    misfits = np.maximum(misfits, 1e-9)
    since = np.average(gaps[:, ~before], axis=1, weights=size[~before])
    placebos = pd.DataFrame(
        {"misfit": 100 * misfits, "gap": 100 * since, "ratio": since / misfits}, index=names
    )
    mean = float(means.iloc[0])
    unit = str(names[0])
    value = wide[unit].to_numpy()
    expected = value + gaps[0] * mean * size
    limits = [_rank(gap, misfits[0], gaps[:, at] / misfits) for at, gap in enumerate(gaps[0])]
    half = np.array([limit["high"] - limit["gap"] for limit in limits]) * mean * size
    table = pd.DataFrame(
        {
            "period": wide.index,
            "months": size.astype("int64"),
            "value": value,
            "expected": expected,
            "gap": expected - value,
            "low": np.maximum(expected - half, 0.0),
            "high": expected + half,
        }
    )
    ranked = _rank(since[0], misfits[0], placebos["ratio"].to_numpy())
    p_time = _shift_in_time(relative, before, size, method)
    others = len(names) - 1
    notes = [
        f"{'Synthetic control' if method == 'synthetic' else 'Difference in differences'}: "
        f"{others} others, {int(size[before].sum())} months before {spell_period(start)}; "
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
    return Counterfactual(
        table,
        pd.Series(weights, names[1:], name="weight"),
        placebos.rename_axis(wide.columns.name),
        unit,
        start,
        method,
        ranked["p"],
        p_time,
        left_out,
        tuple(notes),
        pd.DataFrame(gaps, index=names),
        mean,
    )


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
