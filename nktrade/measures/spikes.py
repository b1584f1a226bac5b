"""Months far above or below what came before and after them, in one series."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np
import pandas as pd

from nktrade.errors import InputError, UnanswerableError, check_choice
from nktrade.measures.scores import SHORTEST, score_logs
from nktrade.table.completing import check_alone, check_every_month
from nktrade.table.rows import check_columns

_SIMULATIONS = 2000
#: Student's t from normal to three degrees of freedom: the noises under which the rate must hold.
_TAILS = (np.inf, 10.0, 5.0, 3.0)
#: Places, from the largest score down, that say how heavy the tail is; two spikes leave the third.
_PLACES = (3, 10)
TAILS = ("any", "normal")


def find_spikes(
    series: pd.DataFrame, false_alarm_rate: float = 0.05, tails: Literal["any", "normal"] = "any"
) -> pd.DataFrame:
    """Find months far above or below what came before and after them.

    The series is taken in logs and scored by `score_logs`: a spike stands out from the months
    before it and from those after it, so that a new level is none. How large a score noise alone
    can reach depends on its tail, which the series itself must tell: the critical value is read
    from its third and its tenth largest score, by a rule fitted to simulated series (a regression
    quantile) and raised until the largest score of a quiet series passes it in no more than
    a share `false_alarm_rate` of series, whether their noise is normal or has the tails of
    Student's t with ten, five or three degrees of freedom.

    Parameters
    ----------
    series : pandas.DataFrame
        Columns period (every month) and value (0 or more; missing months are passed over).
    false_alarm_rate : float
        Between 0 and 1, for the whole series: the chance that a quiet series has any month
        flagged.
    tails : {"any", "normal"}
        "normal" takes the noise to be normal: more power, and false alarms where it is not.

    Returns
    -------
    pandas.DataFrame
        Columns period, value, expected (in the series' unit), score, spike (bool), critical.

    Raises
    ------
    UnanswerableError
        With fewer than 24 known months.
    GapError
        If a month is left out of the series instead of being missing, or a value is of January
        and February together.
    InputError
        If `false_alarm_rate` is not between 0 and 1, or `tails` is unknown.

    Notes
    -----
    Power, in 96 months of normal noise of 0.15 in logs: a month of 4 times its level is found in
    two series of three, of 8 times nearly always, of twice hardly ever. With noise of 0.3
    a month of 8 times is found in a quarter of them. Regression quantiles:
    Koenker and Bassett (1978).

    Examples
    --------
    >>> months = pd.date_range("2017-01", periods=36, freq="MS")
    >>> noise = np.random.default_rng(1).normal(0, 0.1, 36)
    >>> table = pd.DataFrame({"period": months, "value": 100 * np.exp(noise)})
    >>> table.loc[20, "value"] *= 10
    >>> found = find_spikes(table)
    >>> found.loc[found["spike"], "period"].dt.strftime("%Y-%m").tolist()
    ['2018-09']
    """
    check_columns(series, ["period", "value"], "Give it as monthly or complete_months returns it.")
    check_choice("tails", tails, TAILS)
    _check_months(series, false_alarm_rate)
    values = series["value"].to_numpy(dtype=float)
    # A hundredth of the usual month keeps the log finite in months without trade.
    positive = values[values > 0]
    floor = 0.01 * float(np.median(positive)) if len(positive) else 1.0
    month = series["period"].dt.month.to_numpy()
    scores, expected, _ = score_logs(np.log(values + floor)[None, :], month)
    normal, rule = _find_rule(len(values), int(month[0]), round(false_alarm_rate, 4))
    # A series that hardly moves says nothing about its tail: never below normal noise's value.
    critical = normal
    if tails == "any":
        critical = max(normal, float(np.exp(_describe(scores) @ rule)[0]))
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


def _check_months(series: pd.DataFrame, false_alarm_rate: float) -> None:
    if not 0 < false_alarm_rate < 1:
        raise InputError(
            "the false-alarm rate is not a probability",
            expected="a number between 0 and 1",
            got=str(false_alarm_rate),
        )
    check_every_month(series)
    check_alone(series)
    known = int(np.isfinite(series["value"].to_numpy(dtype=float)).sum())
    if known < SHORTEST:
        raise UnanswerableError(
            "too few months to tell a spike from noise",
            expected=f"{SHORTEST} or more",
            got=str(known),
            hint="Import downloads of a longer span: nktrade data import.",
        )


def _describe(scores: np.ndarray) -> np.ndarray:
    """A constant and the logs of the scores at `_PLACES`, one row a series."""
    ordered = -np.sort(-np.abs(np.nan_to_num(scores)), axis=1)
    picked = np.maximum(ordered[:, [place - 1 for place in _PLACES]], 1e-3)
    return np.column_stack([np.ones(len(scores)), np.log(picked)])


@lru_cache(maxsize=64)
def _find_rule(length: int, first_month: int, rate: float) -> tuple[float, np.ndarray]:
    """Fit the critical value of normal noise, and the rule for noise of any tail."""
    from statsmodels.regression.quantile_regression import QuantReg

    random = np.random.default_rng(6902)
    month = (np.arange(length) + first_month - 1) % 12 + 1
    rows, largest = [], []
    for tail in _TAILS:
        size = (_SIMULATIONS, length)
        noise = random.standard_t(tail, size) if np.isfinite(tail) else random.normal(size=size)
        scores = score_logs(noise, month)[0]
        rows.append(_describe(scores))
        largest.append(np.log(np.nanmax(np.abs(scores), axis=1)))
    quantile = 1 - rate
    rule = QuantReg(np.concatenate(largest), np.concatenate(rows)).fit(q=quantile).params
    short = [
        np.quantile(top - seen @ rule, quantile) for top, seen in zip(largest, rows, strict=True)
    ]
    return float(np.exp(np.quantile(largest[0], quantile))), rule + np.array([max(short), 0, 0])
