"""Interrupted time series: changes of level and slope at dates known beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from nktrade.errors import InputError, UnanswerableError, check_choice, count_of
from nktrade.measures.autoregression import Autoregression, fit_autoregression
from nktrade.measures.summaries import Summarised, Summary
from nktrade.measures.threads import keep_to_one_thread
from nktrade.table.completing import check_every_month
from nktrade.table.meaning import read_meaning, tell_meaning
from nktrade.table.periods import parse_period, spell_period
from nktrade.table.rows import check_columns

#: Months on each side of a break that a level and a slope need to be told apart.
SHORTEST_SEGMENT = 6
_KINDS = ("level", "slope")
#: Supports under which a month's value is not evidence: a point inside an interval, or a prior's.
UNFIRM = ("bounded", "assumed")


@dataclass(frozen=True, repr=False)
class Interruption(Summarised):
    """An interrupted time series, fitted.

    Attributes
    ----------
    table : pandas.DataFrame
        Columns period, value (missing in months that were released together), fitted,
        counterfactual (what the model expects without the named break and all later ones), low
        and high (95 percent interval of its mean), beyond (bool: the counterfactual lies above
        the largest month observed, or below zero).
    effects : pandas.DataFrame
        One row a break: event, month, level (change of level, in the series' unit), level_error,
        level_low, level_high (95 percent), level_p, and the same of slope (change per month).
    autocorrelation : float
        Of the errors, a month apart.
    estimated : int
        Months whose value is estimated, or only bounded, or assumed. They follow a rule and lack
        the noise of records: with any of them, errors, intervals and p values are missing.
    combined : tuple of str
        Releases of two months, each one observation of their sum: ``"January and February 2020"``.
    notes : tuple of str
        What must be said beside the numbers.

    Examples
    --------
    >>> noise = np.random.default_rng(1).normal(size=72)
    >>> months = pd.date_range("2017-01-01", periods=72, freq="MS")
    >>> series = pd.DataFrame({"period": months, "value": 100 + noise - 40 * (months >= "2020-02")})
    >>> fit = fit_interruption(series, {"closure": "2020-02"}, counterfactual_of="closure")
    >>> fit.effects["month"].tolist(), fit.estimated
    (['2020-02'], 0)
    """

    table: pd.DataFrame
    effects: pd.DataFrame
    autocorrelation: float
    estimated: int
    combined: tuple[str, ...]
    notes: tuple[str, ...]
    _fit: Autoregression
    _design: pd.DataFrame
    _without: pd.DataFrame

    def sum_gap(self, period: str | None = None) -> pd.Series:
        """Add up how far the fitted series lies below its counterfactual.

        Parameters
        ----------
        period : str, optional
            As ``"2020-02..2021-12"``; by default from the named break to the end.

        Returns
        -------
        pandas.Series
            period, months, gap (in the series' unit; positive: less than expected), low, high
            (95 percent), p, flat (the gap if the mean of the twelve months before the break had
            gone on), beyond (months in which the counterfactual is above anything observed or
            below zero).

        Raises
        ------
        InputError
            If the period holds no month after the break.
        """
        months = self.table["period"]
        after = self.table["counterfactual"].notna()
        chosen = after if period is None else after & parse_period(period).covers(months)
        if not chosen.any():
            raise InputError(
                "the period holds no month with a counterfactual",
                expected=f"months from {months[after].iloc[0]:%Y-%m} "
                f"to {months[after].iloc[-1]:%Y-%m}",
                got=str(period),
            )
        contrast = (self._without - self._design)[chosen].sum().to_numpy()
        found = self._fit.estimate(contrast).iloc[0]
        if self.estimated:
            found[["low", "high", "p"]] = np.nan
        earlier = self.table.loc[~after, "fitted"].tail(12).mean()
        shown = months[chosen]
        return pd.Series(
            {
                "period": f"{shown.iloc[0]:%Y-%m}..{shown.iloc[-1]:%Y-%m}",
                "months": int(chosen.sum()),
                "gap": found["value"],
                "low": found["low"],
                "high": found["high"],
                "p": found["p"],
                "flat": earlier * chosen.sum() - self.table.loc[chosen, "fitted"].sum(),
                "beyond": int(self.table.loc[chosen, "beyond"].sum()),
            }
        )

    def summary(self) -> Summary:
        """Return changes of level and slope and the sum of the gap, with errors and support."""
        rows = {}
        for _, row in self.effects.iterrows():
            for kind in _KINDS:
                names = {"value": kind} | {p: f"{kind}_{p}" for p in ("error", "low", "high", "p")}
                rows[f"{row['event']} ({row['month']}), {kind}"] = {
                    name: row[column] for name, column in names.items()
                }
        gap = self.sum_gap()
        found = {name: gap[name] for name in ("low", "high", "p")}
        rows[f"gap, {spell_period(gap['period'])}"] = {"value": gap["gap"]} | found
        table = pd.DataFrame(rows).T.rename(columns={"low": "95 % low", "high": "95 % high"})
        return Summary("Interrupted time series", table, self.notes)


@keep_to_one_thread
def fit_interruption(
    series: pd.DataFrame, breaks: Mapping[str, str], *, counterfactual_of: str
) -> Interruption:
    """Fit level and slope changes at known dates, with errors that follow an AR(1).

    value = a + b t + sum over breaks of (d 1[t >= T] + e (t - T) 1[t >= T]) + u. Source of the
    design: Wagner, Soumerai, Zhang and Ross-Degnan (2002), "Segmented regression analysis of
    interrupted time series studies". Estimation: `fit_autoregression`. On 96 months with three
    breaks and autocorrelations of 0, 0.36, 0.6 and 0.8 its 5 percent test rejected 4.8, 5.1, 5.3
    and 5.5 percent of true nulls in 1,000 series each, and its intervals of sums held 94 to 96
    percent of the truth: ``docs/methods/size.md``, written by ``benchmarks/size.py``.

    Parameters
    ----------
    series : pandas.DataFrame
        Columns period (every month, none missing) and value; state and support if known. Months
        released together (state "combined", the later one carrying the value of both, as
        `monthly` returns them) are one observation of their sum: there is no need to split them.
    breaks : mapping of str to str
        Event to the first month in which it can act, as ``"2020-02"``, in order.
    counterfactual_of : str
        The event from which on the counterfactual is drawn.

    Raises
    ------
    UnanswerableError
        If a value is missing or the series does not reach six months beyond each break.
    GapError
        If a month is left out of the series.
    InputError
        If `counterfactual_of` is not one of `breaks`, or the breaks are out of order.

    Examples
    --------
    >>> noise = np.random.default_rng(1).normal(size=72)
    >>> months = pd.date_range("2017-01-01", periods=72, freq="MS")
    >>> series = pd.DataFrame({"period": months, "value": 100 + noise - 40 * (months >= "2020-02")})
    >>> fit = fit_interruption(series, {"closure": "2020-02"}, counterfactual_of="closure")
    >>> bool(fit.effects["level_low"][0] < -40 < fit.effects["level_high"][0])
    True
    """
    check_columns(series, ["period", "value"], "Give it as monthly or complete_months returns it.")
    check_choice("event", counterfactual_of, breaks)
    starts = {event: parse_period(month).first for event, month in breaks.items()}
    for (event, one), (other, two) in pairwise(starts.items()):
        if one >= two:
            raise InputError("the events are out of order", got=f"{event} before {other}")
    check_every_month(series)
    series = series.reset_index(drop=True)
    months, value = series["period"], series["value"].astype("float64")
    sums, combined = _find_sums(series)
    observed = sums @ value.fillna(0.0).to_numpy()
    _check_segments(months, list(starts.values()))
    design = _design_segments(months, starts)
    fit = fit_autoregression(observed, design.to_numpy(), sums=sums)
    later = list(starts)[list(starts).index(counterfactual_of) :]
    without = design.assign(**{f"{kind} {event}": 0.0 for event in later for kind in _KINDS})
    alone = (
        sums[sums.argmax(axis=0)].sum(axis=1) == 1
    )  # months that are an observation by themselves
    table = pd.DataFrame({"period": months, "value": value.where(alone)})
    table = tell_meaning(table, **read_meaning(series))
    table["fitted"] = design.to_numpy() @ (fit.weights @ fit.coefficients)
    expected = fit.estimate(without.to_numpy())
    table[["counterfactual", "low", "high"]] = expected[["value", "low", "high"]].to_numpy()
    table.loc[months < starts[counterfactual_of], ["counterfactual", "low", "high"]] = np.nan
    highest = float(table["value"].max())
    table["beyond"] = (table["counterfactual"] > highest) | (table["counterfactual"] < 0)
    effects = _list_effects(fit, design, starts)
    estimated = count_unfirm(series)
    if estimated:
        table[["low", "high"]] = np.nan
        lost = [f"{k}_{part}" for k in _KINDS for part in ("error", "low", "high", "p")]
        effects[lost] = np.nan
    notes = _write_notes(table, fit, series, combined)
    return Interruption(
        table, effects, fit.autocorrelation, estimated, combined, notes, fit, design, without
    )


def _find_sums(series: pd.DataFrame) -> tuple[np.ndarray, tuple[str, ...]]:
    """Say which months each observation adds up; refuse a month without a value."""
    months, missing = series["period"], series["value"].isna().to_numpy()
    states = series["state"] if "state" in series else pd.Series("", index=series.index)
    together = (states == "combined").to_numpy()
    picks, combined, at = [], [], 0
    while at < len(series):
        row = np.zeros(len(series))
        row[at] = 1.0
        if missing[at] and together[at] and at + 1 < len(series) and together[at + 1]:
            at += 1
            row[at] = 1.0
            combined.append(f"{months[at - 1]:%B} and {months[at]:%B %Y}")
        if missing[at]:
            raise UnanswerableError(
                f"the series has no value in {months[at]:%Y-%m}",
                hint="Name a policy in complete_months.",
            )
        picks.append(row)
        at += 1
    return np.array(picks), tuple(combined)


def count_unfirm(series: pd.DataFrame) -> int:
    """Count the months of a series that are no evidence: estimated, or only bounded or assumed."""
    if "support" in series:
        return int(series["support"].isin(UNFIRM).sum())
    return int((series["state"] == "estimated").sum()) if "state" in series else 0


def tell_support(series: pd.DataFrame) -> str:
    """Say over what support a result stands, as its notes do.

    Examples
    --------
    >>> tell_support(pd.DataFrame({"state": ["reported", "reported zero"]}))
    'all months recorded or printed'
    """
    if "support" not in series and "state" not in series:
        return "support of the months not stated"
    unfirm = count_unfirm(series)
    if unfirm:
        return f"{unfirm} of {len(series)} months are not recorded or printed"
    return "all months recorded or printed"


def _list_effects(
    fit: Autoregression, design: pd.DataFrame, starts: Mapping[str, pd.Timestamp]
) -> pd.DataFrame:
    found = fit.estimate(np.eye(design.shape[1])).set_axis(design.columns)
    rows = []
    for event, start in starts.items():
        row: dict[str, object] = {"event": event, "month": f"{start:%Y-%m}"}
        for kind in _KINDS:
            one = found.loc[f"{kind} {event}"]
            row |= {kind: one["value"]}
            row |= {f"{kind}_{part}": one[part] for part in ("error", "low", "high", "p")}
        rows.append(row)
    return pd.DataFrame(rows)


def _write_notes(
    table: pd.DataFrame, fit: Autoregression, series: pd.DataFrame, combined: tuple[str, ...]
) -> tuple[str, ...]:
    notes = []
    if count_unfirm(series):
        notes.append(f"No errors, intervals or p values: {tell_support(series)}.")
    else:
        notes.append(
            "Generalised least squares with AR(1) errors, averaged over the autocorrelation "
            f"(mean {fit.autocorrelation:.2f}); 95 % intervals; {count_of(len(table), 'months')}; "
            f"{tell_support(series)}."
        )
    notes += [f"{pair}: one observation of their sum." for pair in combined]
    highest = table["value"].max()
    above = table["counterfactual"] > highest
    if above.any():
        excess = 100 * (table["counterfactual"].max() / highest - 1)
        notes.append(
            f"In {count_of(above.sum(), 'months')} the counterfactual is above any month "
            f"observed, by up to {excess:.0f} %: an extrapolation."
        )
    below = table["counterfactual"] < 0
    if below.any():
        notes.append(
            f"In {count_of(below.sum(), 'months')} the counterfactual is below zero, as no trade "
            "is."
        )
    return tuple(notes)


def _check_segments(months: pd.Series, starts: list[pd.Timestamp]) -> None:
    """Refuse a series that is too short between two breaks to tell level from slope."""
    edges = [months.min(), *starts, months.max() + pd.DateOffset(months=1)]
    for earlier, later in pairwise(edges):
        if ((months >= earlier) & (months < later)).sum() < SHORTEST_SEGMENT:
            raise UnanswerableError(
                f"the data leave fewer than {SHORTEST_SEGMENT} months between "
                f"{earlier:%Y-%m} and {later:%Y-%m}",
                got=f"{months.min():%Y-%m} to {months.max():%Y-%m}",
                hint="Load a longer window, or choose events inside it.",
            )


def _design_segments(months: pd.Series, starts: Mapping[str, pd.Timestamp]) -> pd.DataFrame:
    """Constant, trend, and for each event a step and a trend that begin with it."""
    time = np.arange(len(months), dtype=float)
    design = {"const": np.ones(len(months)), "trend": time}
    for event, start in starts.items():
        after = (months >= start).to_numpy(dtype=float)
        design[f"level {event}"] = after
        design[f"slope {event}"] = after * (time - after.argmax())
    return pd.DataFrame(design)
