"""Forecasts of monthly trade by several models, tried from rolling origins before they are used."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from nktrade.errors import InputError, UnanswerableError, check_choice
from nktrade.measures.threads import keep_to_one_thread
from nktrade.table.completing import check_alone, check_every_month
from nktrade.table.meaning import read_meaning, tell_meaning
from nktrade.table.periods import parse_period
from nktrade.table.rows import check_columns

#: Coverage of the intervals, percent.
LEVELS = (80, 95)
#: Months that two seasons and their errors need.
SHORTEST = 36
YEAR = 12


def _forecast_seasonal_naive(values: pd.Series, horizon: int) -> pd.DataFrame:
    """The same month of the last year; errors of one year add up over the years ahead."""
    from scipy.stats import norm

    last = values.to_numpy()[-YEAR:]
    spread = np.sqrt(np.mean((values.to_numpy()[YEAR:] - values.to_numpy()[:-YEAR]) ** 2))
    steps = np.arange(horizon)
    mean = last[steps % YEAR]
    half = spread * np.sqrt(steps // YEAR + 1)
    limits: dict[str, np.ndarray] = {}
    for level in LEVELS:
        z = norm.ppf(0.5 + level / 200)
        limits |= {f"low_{level}": mean - z * half, f"high_{level}": mean + z * half}
    return pd.DataFrame({"mean": mean, **limits})


def _forecast_ets(values: pd.Series, horizon: int) -> pd.DataFrame:
    """Level and damped trend, additive errors (Hyndman, Koehler, Ord and Snyder 2008)."""
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    fit = ETSModel(values, error="add", trend="add", damped_trend=True).fit(disp=False)
    ahead = fit.get_prediction(start=len(values), end=len(values) + horizon - 1)
    return _read_limits(ahead.summary_frame, "mean", "pi_lower", "pi_upper")


def _forecast_theta(values: pd.Series, horizon: int) -> pd.DataFrame:
    """The theta method, deseasonalised if a test says so (Assimakopoulos and Nikolopoulos 2000)."""
    from statsmodels.tsa.forecasting.theta import ThetaModel

    fit = ThetaModel(values, period=YEAR, method="additive").fit(disp=False)
    table = {"mean": fit.forecast(horizon).to_numpy()}
    for level in LEVELS:
        limits = fit.prediction_intervals(horizon, alpha=1 - level / 100)
        table |= {f"{side}_{level}": limits[f"{whole}"].to_numpy() for side, whole in _SIDES}
    return pd.DataFrame(table)


_SIDES = (("low", "lower"), ("high", "upper"))


def _forecast_sarima(values: pd.Series, horizon: int) -> pd.DataFrame:
    """ARIMA (0,1,1)(1,0,0)12 by maximum likelihood (Box and Jenkins 1970)."""
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    fit = SARIMAX(values, order=(0, 1, 1), seasonal_order=(1, 0, 0, YEAR)).fit(disp=False)
    ahead = fit.get_forecast(horizon)
    return _read_limits(ahead.summary_frame, "mean", "mean_ci_lower", "mean_ci_upper")


def _forecast_components(values: pd.Series, horizon: int) -> pd.DataFrame:
    """A level that wanders and a season that changes slowly (Harvey 1989)."""
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    fit = UnobservedComponents(values, "llevel", seasonal=YEAR).fit(disp=False)
    ahead = fit.get_forecast(horizon)
    return _read_limits(ahead.summary_frame, "mean", "mean_ci_lower", "mean_ci_upper")


def _read_limits(summary: Callable, mean: str, low: str, high: str) -> pd.DataFrame:
    table = {}
    for level in LEVELS:
        frame = summary(alpha=1 - level / 100)
        table["mean"] = frame[mean].to_numpy()
        table[f"low_{level}"] = frame[low].to_numpy()
        table[f"high_{level}"] = frame[high].to_numpy()
    return pd.DataFrame(table)


BENCHMARK = "seasonal naive"
MODELS: Mapping[str, Callable[[pd.Series, int], pd.DataFrame]] = {
    BENCHMARK: _forecast_seasonal_naive,
    "ETS": _forecast_ets,
    "Theta": _forecast_theta,
    "SARIMA": _forecast_sarima,
    "components": _forecast_components,
}


@keep_to_one_thread
def forecast_months(
    series: pd.DataFrame, horizon: int = 12, models: Iterable[str] = tuple(MODELS)
) -> pd.DataFrame:
    """Forecast a monthly series with each model.

    Parameters
    ----------
    series : pandas.DataFrame
        Columns period (every month, none missing) and value (0 or more).
    horizon : int
        Months ahead.
    models : iterable of str
        Of `MODELS`.

    Returns
    -------
    pandas.DataFrame
        Columns model, period, step (1 is the first month ahead), mean, low_80, high_80, low_95,
        high_95 in the series' unit, origin (last month known) and scale (mean absolute change on
        the year before within the months known). The limits are the model's own, right if the
        model is; `calibrate_forecasts` sets them by its past errors. Trade is never negative: what
        a model puts below zero is zero.

    Raises
    ------
    UnanswerableError
        With fewer than 36 months, a missing value or nothing but zeros.
    GapError
        If a month is left out of the series.
    InputError
        For an unknown model, a negative value or a horizon below 1.

    Examples
    --------
    >>> months = pd.date_range("2017-01-01", periods=48, freq="MS")
    >>> series = pd.DataFrame({"period": months, "value": [float(m.month) for m in months]})
    >>> ahead = forecast_months(series, 3, ["seasonal naive"])
    >>> ahead["mean"].tolist()
    [1.0, 2.0, 3.0]
    """
    check_columns(series, ["period", "value"], "Give it as monthly or complete_months returns it.")
    names = list(models)
    for name in names:
        check_choice("model", name, MODELS)
    if horizon < 1:
        raise InputError("there is nothing to forecast", expected="1 or more", got=str(horizon))
    values = _take_values(series)
    unit = float(values.mean())  # the models' optimisers want numbers near one
    ahead = pd.date_range(values.index[-1], periods=horizon + 1, freq="MS")[1:]
    parts = []
    for name in names:
        with warnings.catch_warnings():
            # Statsmodels warns of starting values and of flat likelihoods; the rolling origins
            # say what the resulting forecasts are worth.
            warnings.simplefilter("ignore")
            table = MODELS[name](values / unit, horizon)
        numbers = (table * unit).clip(lower=0.0)
        head = pd.DataFrame({"model": name, "period": ahead, "step": np.arange(1, horizon + 1)})
        parts.append(pd.concat([head, numbers], axis=1))
    table = pd.concat(parts, ignore_index=True).assign(
        origin=values.index[-1], scale=float(np.abs(values.diff(YEAR)).mean())
    )
    return tell_meaning(table, **read_meaning(series))


def _take_values(series: pd.DataFrame) -> pd.Series:
    check_every_month(series)
    check_alone(series)
    values = series.set_index("period")["value"].astype("float64").asfreq("MS")
    if values.isna().any():
        raise UnanswerableError(
            f"the series has no value in {values.index[values.isna()][0]:%Y-%m}",
            hint="Name a policy in complete_months.",
        )
    if len(values) < SHORTEST:
        raise UnanswerableError(
            "too few months for a forecast",
            expected=f"{SHORTEST} or more",
            got=str(len(values)),
            hint="Import downloads of a longer span: nktrade data import.",
        )
    if (values < 0).any():
        raise InputError("trade cannot be negative", got=f"{values.min():,.0f}")
    if not values.any():
        raise UnanswerableError(
            "there is no trade to forecast", hint="Choose goods that were traded in these months."
        )
    return values


@keep_to_one_thread
def roll_origins(
    series: pd.DataFrame,
    origins: Sequence[str],
    horizon: int = 12,
    *,
    window: int | None = None,
    models: Iterable[str] = tuple(MODELS),
    vintages: Mapping[str, pd.DataFrame] | None = None,
) -> pd.DataFrame:
    """Forecast from past months as if what came after were not known.

    Parameters
    ----------
    series : pandas.DataFrame
        As for `forecast_months`.
    origins : sequence of str
        Last months known, as ``"2022-06"``.
    horizon : int
        Months ahead; those after the end of the series are left out.
    window : int, optional
        Months before each origin that are used; by default all.
    models : iterable of str
    vintages : mapping of str to pandas.DataFrame, optional
        For each origin the series as it stood then, as ``nktrade.load(as_of=...)`` reads it from a
        store that keeps its downloads. Without it later months are hidden but earlier ones are
        read as they were revised since.

    Returns
    -------
    pandas.DataFrame
        The columns of `forecast_months`, value (what came, by `series`) and known ("then" or "as
        revised": what the origin was given to read).

    Raises
    ------
    UnanswerableError
        If an origin leaves too few months before it, or none after it.
    InputError
        If `vintages` lacks an origin, or holds months after it.

    Examples
    --------
    >>> months = pd.date_range("2018-01", periods=40, freq="MS")
    >>> series = pd.DataFrame({"period": months, "value": np.tile(np.arange(1.0, 5.0), 10)})
    >>> past = roll_origins(series, ["2021-01"], 2, models=["seasonal naive"])
    >>> past[["mean", "value"]].round(6).to_numpy().tolist()
    [[2.0, 2.0], [3.0, 3.0]]
    """
    check_columns(series, ["period", "value"], "Give it as monthly or complete_months returns it.")
    names, parts = list(models), []
    for origin in origins:
        last = parse_period(origin).last
        read = series if vintages is None else _find_vintage(vintages, origin, last)
        known = read[read["period"] <= last].tail(window or len(read))
        after = series[series["period"] > last].head(horizon)
        if after.empty:
            raise UnanswerableError(
                f"the data hold no month after {origin}",
                hint="Choose an earlier origin, or import later months: nktrade data import.",
            )
        ahead = forecast_months(known, horizon, names)
        parts.append(ahead.merge(after[["period", "value"]], on="period"))
    table = pd.concat(parts, ignore_index=True)
    return table.assign(known="as revised" if vintages is None else "then")


def _find_vintage(
    vintages: Mapping[str, pd.DataFrame], origin: str, last: pd.Timestamp
) -> pd.DataFrame:
    if origin not in vintages:
        raise InputError(
            f"there is no vintage of {origin}", hint="Give one for each origin, by the same name."
        )
    later = vintages[origin].query("period > @last")
    if len(later):
        raise InputError(
            f"the vintage of {origin} knows what came later",
            expected=f"months to {last:%Y-%m}",
            got=f"{later['period'].max():%Y-%m}",
            hint="Read it with load(as_of=...), the day its last month was published.",
        )
    return vintages[origin]
