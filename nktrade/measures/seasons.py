"""Seasons of China: months freed of their season and of the Lunar New Year, which moves."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
import pandas as pd

from nktrade._paths import DATA
from nktrade.errors import InputError, UnanswerableError, check_choice, count_of
from nktrade.measures.breaks import count_unfirm, tell_support
from nktrade.measures.summaries import Summarised, Summary
from nktrade.measures.threads import keep_to_one_thread
from nktrade.table.completing import check_every_month
from nktrade.table.meaning import read_meaning, tell_meaning
from nktrade.table.periods import parse_period
from nktrade.table.rows import check_columns, check_types

#: Months that a season and the moving holiday need to be told apart.
SHORTEST = 60
#: Days about the New Year, the day itself being 0: shipping ahead, offices shut, slow return.
WINDOWS = {"before": (-15, -1), "holiday": (0, 6), "after": (7, 21)}
SCALES = ("multiplicative", "additive")


@dataclass(frozen=True, repr=False)
class Season(Summarised):
    """A series freed of its season and of the Lunar New Year.

    Attributes
    ----------
    table : pandas.DataFrame
        Columns period, value (a release of two months shared out as the model expects), state,
        season and new_year (factors about one; additive: in the series' unit about zero), trend
        and adjusted (the value without season and New Year; missing where the value is).
    effects : pandas.DataFrame
        Index: the windows about the New Year and the breaks. Columns value (percent of a month's
        trade if the whole window falls into one month; additive: in the series' unit), low and
        high (95 percent), p.
    estimated : int
        Months estimated, bounded or assumed; with any of them limits and p are missing.
    scale : str
        "multiplicative" or "additive".
    notes : tuple of str

    Examples
    --------
    >>> months = pd.date_range("2012-01-01", periods=96, freq="MS")
    >>> noise = np.random.default_rng(1).normal(0, 0.05, 96)
    >>> values = np.exp(10 + 0.2 * np.cos(months.month / 2) + noise)
    >>> found = adjust_season(pd.DataFrame({"period": months, "value": values}))
    >>> found.scale, bool(found.table["adjusted"].std() < found.table["value"].std())
    ('multiplicative', True)
    """

    table: pd.DataFrame
    effects: pd.DataFrame
    estimated: int
    scale: str
    notes: tuple[str, ...]

    def summary(self) -> Summary:
        """Return the effects of the New Year and of breaks, with errors and support."""
        table = self.effects.rename(columns={"low": "95 % low", "high": "95 % high"})
        unit = "percent of a month" if self.scale == "multiplicative" else "in the series' unit"
        return Summary(f"Moving holiday and breaks, {unit}", table, self.notes)


@cache
def load_new_years() -> pd.DatetimeIndex:
    """Return the days of the Lunar New Year, 2000 to 2035 (Hong Kong Observatory).

    Examples
    --------
    >>> load_new_years()[[20, 23]].strftime("%Y-%m-%d").tolist()
    ['2020-01-25', '2023-01-22']
    """
    table = pd.read_csv(DATA / "published" / "new_year.csv", parse_dates=["date"])
    return pd.DatetimeIndex(table["date"])


def count_new_year(
    months: pd.Series | pd.DatetimeIndex, windows: Mapping[str, tuple[int, int]] = WINDOWS
) -> pd.DataFrame:
    """Say what share of each window about the New Year falls into each month.

    Less the calendar month's mean over 2000 to 2035, so that what the holiday does every year is
    left to the season and only its moving is counted (Bell and Hillmer 1983; the "genhol" of
    X-13ARIMA-SEATS).

    Parameters
    ----------
    months : pandas.Series or pandas.DatetimeIndex
        First days of months.
    windows : mapping of str to (int, int)
        First and last day, the New Year's day being 0.

    Returns
    -------
    pandas.DataFrame
        Index `months`, a column a window.

    Raises
    ------
    InputError
        For months outside 2000 to 2035, or a window that ends before it begins.

    Examples
    --------
    >>> found = count_new_year(pd.date_range("2023-01-01", periods=3, freq="MS"))
    >>> found["holiday"].round(2).tolist()
    [0.74, -0.74, 0.0]
    """
    index = pd.DatetimeIndex(months)
    days = load_new_years()
    every = pd.date_range("2000-01-01", "2035-12-01", freq="MS")
    if not index.isin(every).all():
        raise InputError(
            "the days of the New Year are known from 2000 to 2035",
            got=f"{index[~index.isin(every)][0]:%Y-%m}",
        )
    found = pd.DataFrame(0.0, index=every, columns=list(windows))
    for name, (first, last) in windows.items():
        if last < first:
            raise InputError(f"the window {name!r} ends before it begins", got=f"{first} to {last}")
        for day in days:
            inside = pd.date_range(day + pd.Timedelta(first, "D"), day + pd.Timedelta(last, "D"))
            shares = pd.Series(1 / len(inside), inside.to_period("M").to_timestamp())
            shares = shares.groupby(level=0).sum()
            shares = shares[shares.index.isin(every)]
            found.loc[shares.index, name] += shares
    return (found - found.groupby(every.month).transform("mean")).loc[index]


@keep_to_one_thread
def adjust_season(
    series: pd.DataFrame,
    *,
    breaks: Mapping[str, str] | None = None,
    windows: Mapping[str, tuple[int, int]] = WINDOWS,
    scale: Literal["multiplicative", "additive"] = "multiplicative",
) -> Season:
    """Free a monthly series of its season and of the Lunar New Year.

    A level that wanders, a season that may change slowly, the days of the New Year in each month
    and steps at known breaks, together by maximum likelihood (Harvey 1989; statsmodels'
    `UnobservedComponents`). Logs, unless additive. Months without a value are passed over; where
    January and February were released as one number, both are passed over in the fit and the
    number is shared out as the fitted months expect, so that their sum stays what was released.

    Parameters
    ----------
    series : pandas.DataFrame
        Columns period (every month) and value; state and support if known.
    breaks : mapping of str to str, optional
        Event to month, as ``{"closure": "2020-02"}``: a step of the level that is no season.
    windows : mapping of str to (int, int)
        As `count_new_year`.
    scale : {"multiplicative", "additive"}
        Whether season and holiday are a share of the level or an amount.

    Raises
    ------
    UnanswerableError
        With fewer than 60 known months, or a month of zero on the multiplicative scale.
    InputError
        For an unknown scale, or a break outside the series.
    GapError
        If a month is left out of the series.

    Examples
    --------
    >>> random = np.random.default_rng(1)
    >>> months = pd.date_range("2012-01-01", periods=96, freq="MS")
    >>> moved = 0.3 * count_new_year(months, {"holiday": (0, 6)})["holiday"].to_numpy()
    >>> values = np.exp(10 - moved + 0.2 * np.cos(months.month / 2) + random.normal(0, 0.05, 96))
    >>> found = adjust_season(pd.DataFrame({"period": months, "value": values}))
    >>> bool(found.effects.loc["holiday", "low"] < -26 < found.effects.loc["holiday", "high"])
    True
    """
    check_columns(series, ["period", "value"], "Give it as monthly or complete_months returns it.")
    check_types(series[["period", "value"]])
    check_choice("scale", scale, SCALES)
    check_every_month(series)
    series = series.reset_index(drop=True)
    months, value = series["period"], series["value"].astype("float64")
    together = series.get("state", pd.Series("", index=series.index)).eq("combined")
    alone = value.mask(together)
    _check_values(alone, months, scale)
    exog = _set_regressors(months, windows, breaks or {})
    if scale == "multiplicative":
        unit, known = 1.0, alone.map(np.log, na_action="ignore")
    else:
        unit = float(alone.abs().mean()) or 1.0
        known = alone / unit
    centre = float(known.mean())
    parts, fit = _fit_parts(known - centre, exog, len(windows))
    parts["trend"] += centre
    table = _tabulate(series, alone, parts, scale, unit)
    effects = _list_effects(fit, exog.columns, scale, unit)
    unfirm = count_unfirm(series)
    if unfirm:
        effects[["low", "high", "p"]] = np.nan
    notes = _write_notes(table, series)
    table = tell_meaning(table, **read_meaning(series))
    return Season(table, effects, unfirm, scale, notes)


def _check_values(alone: pd.Series, months: pd.Series, scale: str) -> None:
    if alone.notna().sum() < SHORTEST:
        raise UnanswerableError(
            "too few months to tell a season from the moving New Year",
            expected=f"{SHORTEST} or more known by themselves",
            got=str(int(alone.notna().sum())),
            hint="Import downloads of a longer span: nktrade data import.",
        )
    if scale == "multiplicative" and (alone <= 0).any():
        raise UnanswerableError(
            f"a season that is a share of the level needs trade in every month; "
            f"{months[alone <= 0].iloc[0]:%Y-%m} has {alone[alone <= 0].iloc[0]:g}",
            hint='Ask for amounts: scale="additive".',
        )


def _set_regressors(
    months: pd.Series, windows: Mapping[str, tuple[int, int]], breaks: Mapping[str, str]
) -> pd.DataFrame:
    exog = count_new_year(months, windows).reset_index(drop=True)
    for event, month in breaks.items():
        start = parse_period(month).first
        after = (months >= start).astype("float64")
        if after.nunique() < 2:
            raise InputError(
                f"the break {event!r} lies outside the series",
                expected=f"{months.iloc[1]:%Y-%m} to {months.iloc[-1]:%Y-%m}",
                got=month,
            )
        exog[event] = after
    return exog


def _fit_parts(known: pd.Series, exog: pd.DataFrame, count: int):
    """Level, season and regression by maximum likelihood, smoothed; `count` windows come first."""
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    model = UnobservedComponents(
        known.to_numpy(), "llevel", freq_seasonal=[{"period": 12}], exog=exog.to_numpy()
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of starting values and flat likelihoods
        fit = model.fit(disp=False, maxiter=200)
    beta = fit.params[-exog.shape[1] :]
    moved, steps = exog.to_numpy()[:, :count], exog.to_numpy()[:, count:]
    parts = pd.DataFrame(
        {
            "trend": fit.level.smoothed + steps @ beta[count:],
            "season": fit.freq_seasonal[0].smoothed,
            "new_year": moved @ beta[:count],
        }
    )
    return parts, fit


def _tabulate(
    series: pd.DataFrame, alone: pd.Series, parts: pd.DataFrame, scale: str, unit: float
) -> pd.DataFrame:
    expected = parts.sum(axis=1)
    value = alone.copy()
    released = series.get("state", pd.Series("", index=series.index)).eq("combined")
    for later in series.index[released & series["value"].notna()]:
        pair = [later - 1, later]
        if later == 0 or not released[later - 1]:
            continue
        whole = series["value"][later]
        if scale == "multiplicative":
            weights = np.exp(expected[pair] - expected[pair].max())
            value[pair] = whole * weights / weights.sum()
        else:
            value[pair] = expected[pair] * unit + (whole - expected[pair].sum() * unit) / 2
    table = series[["period"]].assign(value=value)
    if "state" in series:
        table["state"] = series["state"]
    if scale == "multiplicative":
        table = table.join(parts.apply(np.exp))
        table["adjusted"] = value / table["season"] / table["new_year"]
    else:
        table = table.join(unit * parts)
        table["adjusted"] = value - table["season"] - table["new_year"]
    return table


def _list_effects(fit, names: pd.Index, scale: str, unit: float) -> pd.DataFrame:
    """Effects with Student's t: months known less what was estimated."""
    from scipy.stats import t

    count = len(names)
    freedom = int(fit.nobs_effective) - len(fit.params) - 11
    value, error = fit.params[-count:], fit.bse[-count:]
    reach = t.ppf(0.975, freedom) * error
    table = pd.DataFrame({"value": value, "low": value - reach, "high": value + reach}, names)
    table = 100 * table.apply(np.expm1) if scale == "multiplicative" else unit * table
    return table.assign(p=2 * t.sf(np.abs(value / error), freedom))


def _write_notes(table: pd.DataFrame, series: pd.DataFrame) -> tuple[str, ...]:
    notes = [
        f"No limits or p values: {tell_support(series)}."
        if count_unfirm(series)
        else "Maximum likelihood of a wandering level and a slowly changing season; errors from "
        f"its curvature, 95 % limits by Student's t; {count_of(len(table), 'months')}; "
        f"{tell_support(series)}."
    ]
    if "state" in table and table["state"].eq("combined").any():
        pairs = table.loc[table["state"].eq("combined") & (table["period"].dt.month == 2), "period"]
        years = ", ".join(f"{month:%Y}" for month in pairs)
        notes.append(f"January and February of {years}: one release, shared out by the model.")
    return tuple(notes)
