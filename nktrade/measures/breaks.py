"""Models: interrupted time series at policy events, and spikes with a stated false-alarm rate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import pandas as pd

from nktrade.errors import InputError, UnanswerableError, did_you_mean
from nktrade.measures.scan import SHORTEST, score_logs
from nktrade.table.months import check_every_month
from nktrade.table.periods import parse_period

#: Months on each side of a break that a level and a slope need to be told apart.
SHORTEST_SEGMENT = 6


@dataclass(frozen=True)
class Interruption:
    """An interrupted time series, fitted.

    Attributes
    ----------
    table : pandas.DataFrame
        Columns period, value, fitted, counterfactual (what the model expects without the first
        named break and all later ones), low and high (95 percent interval of its mean).
    effects : pandas.DataFrame
        One row a break: event, month, level (change of level, in the series' unit), level_error
        (HAC), level_p, slope (change per month), slope_error, slope_p.
    lags : int
        Lags of the HAC covariance.
    estimated : int
        Months of the series whose state is "estimated". Estimates follow a rule and lack the noise
        of records, so errors and p values that rest on them are too small.
    """

    table: pd.DataFrame
    effects: pd.DataFrame
    lags: int
    estimated: int = 0


def fit_interruption(
    series: pd.DataFrame, breaks: Mapping[str, str], *, counterfactual_of: str, lags: int = 6
) -> Interruption:
    """Fit level and slope changes at known dates by least squares with HAC errors.

    value = a + b t + sum over breaks of (d 1[t >= T] + e (t - T) 1[t >= T]) + u, with the
    covariance of Newey and West (1987). Source of the design: Wagner, Soumerai, Zhang and
    Ross-Degnan (2002), "Segmented regression analysis of interrupted time series studies".

    Parameters
    ----------
    series : pandas.DataFrame
        Columns period (every month, none missing) and value, and state if known.
    breaks : mapping of str to str
        Event to the first month in which it can act, as ``"2020-02"``, in order.
    counterfactual_of : str
        The event from which on the counterfactual is drawn.
    lags : int
        Lags of the HAC covariance, in months.

    Raises
    ------
    UnanswerableError
        If a value is missing or the series does not reach six months beyond each break.
    GapError
        If a month is left out of the series.
    InputError
        If `counterfactual_of` is not one of `breaks`.
    """
    import statsmodels.api as sm

    if counterfactual_of not in breaks:
        hint = did_you_mean(counterfactual_of, breaks)
        raise InputError(f"unknown event {counterfactual_of!r}", hint=hint)
    check_every_month(series)
    months = series["period"].reset_index(drop=True)
    value = series["value"].astype("float64").reset_index(drop=True)
    if value.isna().any():
        gap = months[value.isna()].iloc[0]
        raise UnanswerableError(
            f"the series has no value in {gap:%Y-%m}", hint="Name a policy in complete_months."
        )
    starts = {event: parse_period(month).first for event, month in breaks.items()}
    _check_segments(months, list(starts.values()))
    frame = _design_segments(months, starts)
    fit = sm.OLS(value, frame).fit(cov_type="HAC", cov_kwds={"maxlags": lags})
    later = list(starts)[list(starts).index(counterfactual_of) :]
    without = frame.assign(**{f"{kind} {event}": 0.0 for event in later for kind in _KINDS})
    expected = fit.get_prediction(without).summary_frame(alpha=0.05)
    table = pd.DataFrame(
        {
            "period": months,
            "value": value,
            "fitted": fit.fittedvalues,
            "counterfactual": expected["mean"],
            "low": expected["mean_ci_lower"],
            "high": expected["mean_ci_upper"],
        }
    )
    table.loc[months < starts[counterfactual_of], ["counterfactual", "low", "high"]] = np.nan
    parts = {"": fit.params, "_error": fit.bse, "_p": fit.pvalues}
    rows = [
        {"event": event, "month": f"{start:%Y-%m}"}
        | {
            f"{kind}{end}": part[f"{kind} {event}"]
            for kind in _KINDS
            for end, part in parts.items()
        }
        for event, start in starts.items()
    ]
    estimated = int((series["state"] == "estimated").sum()) if "state" in series else 0
    return Interruption(table, pd.DataFrame(rows), lags, estimated)


_KINDS = ("level", "slope")


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


_SIMULATIONS = 2000


def find_spikes(series: pd.DataFrame, false_alarm_rate: float = 0.05) -> pd.DataFrame:
    """Find months far above or below a series' own level and season.

    The series is taken in logs. Its level is the median of the six months before and after each
    month; its season the median deviation of each calendar month; the scale is 1.4826 times the
    median absolute residual, at least 0.05, so that a series constant for most of its months does
    not make a spike of any deviation. All are medians, so a spike hides neither itself nor another.
    The critical value is simulated: in white noise of the same length, treated the same way, the
    largest score passes it in a share `false_alarm_rate` of series. That is the chance that a
    quiet series has any month flagged.

    Parameters
    ----------
    series : pandas.DataFrame
        Columns period (every month) and value (0 or more; missing months are passed over).
    false_alarm_rate : float
        Between 0 and 1, for the whole series.

    Returns
    -------
    pandas.DataFrame
        Columns period, value, expected (in the series' unit), score, spike (bool), critical.

    Raises
    ------
    UnanswerableError
        With fewer than 24 known months.
    GapError
        If a month is left out of the series instead of being missing.
    InputError
        If `false_alarm_rate` is not between 0 and 1.

    Notes
    -----
    Scores: `score_logs`, which also scans many series at once. Robust scale: Rousseeuw
    and Croux (1993). Simulated maximum: Davies (1987) in spirit.
    """
    if not 0 < false_alarm_rate < 1:
        raise InputError(
            "the false-alarm rate is not a probability",
            expected="a number between 0 and 1",
            got=str(false_alarm_rate),
        )
    check_every_month(series)
    values = series["value"].to_numpy(dtype=float)
    known = np.isfinite(values)
    if known.sum() < SHORTEST:
        raise UnanswerableError(
            "too few months to tell a spike from noise",
            expected=f"{SHORTEST} or more",
            got=str(known.sum()),
        )
    # A hundredth of the usual month keeps the log finite in months without trade.
    positive = values[known & (values > 0)]
    floor = 0.01 * float(np.median(positive)) if len(positive) else 1.0
    logs = np.log(values + floor)
    month = series["period"].dt.month.to_numpy()
    scores, expected, _ = score_logs(logs[None, :], month)
    critical = _critical(len(values), int(month[0]), round(false_alarm_rate, 4))
    return pd.DataFrame(
        {
            "period": series["period"].to_numpy(),
            "value": values,
            "expected": np.maximum(np.exp(expected[0]) - floor, 0.0),
            "score": scores[0],
            "spike": np.abs(np.nan_to_num(scores[0])) > critical,
            "critical": critical,
        }
    )


@lru_cache(maxsize=64)
def _critical(length: int, first_month: int, rate: float) -> float:
    """Value that the largest absolute score of white noise passes with probability `rate`."""
    noise = np.random.default_rng(6902).normal(size=(_SIMULATIONS, length))
    month = (np.arange(length) + first_month - 1) % 12 + 1
    scores = score_logs(noise, month)[0]
    return float(np.quantile(np.nanmax(np.abs(scores), axis=1), 1 - rate))


def cross_correlate(first: pd.Series, second: pd.Series, lags: range) -> pd.DataFrame:
    """Correlate `first` at month t with `second` at month t + lag.

    Parameters
    ----------
    first, second : pandas.Series
        Same monthly index, without gaps.
    lags : range
        In months; a positive lag means that `second` follows `first`.

    Returns
    -------
    pandas.DataFrame
        Columns lag, correlation, months (pairs used), low, high (95 percent, Fisher's z).
    """
    rows = []
    for lag in lags:
        pairs = pd.concat([first, second.shift(-lag)], axis=1).dropna()
        r, n = float(np.corrcoef(pairs.to_numpy().T)[0, 1]), len(pairs)
        half = 1.96 / np.sqrt(max(n - 3, 1))
        low, high = np.tanh(np.arctanh(np.clip(r, -0.999, 0.999)) + np.array([-half, half]))
        rows.append({"lag": lag, "correlation": r, "months": n, "low": low, "high": high})
    return pd.DataFrame(rows)
