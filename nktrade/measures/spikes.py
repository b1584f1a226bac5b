"""Months far above or below a series' own level and season."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd

from nktrade.errors import InputError, UnanswerableError
from nktrade.measures.scan import SHORTEST, score_logs
from nktrade.table.meaning import read_meaning, tell_meaning
from nktrade.table.months import check_alone, check_every_month

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
        If a month is left out of the series instead of being missing, or a value is of January
        and February together.
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
    check_alone(series)
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
    table = pd.DataFrame(
        {
            "period": series["period"].to_numpy(),
            "value": values,
            "expected": np.maximum(np.exp(expected[0]) - floor, 0.0),
            "score": scores[0],
            "spike": np.abs(np.nan_to_num(scores[0])) > critical,
            "critical": critical,
        }
    )
    return tell_meaning(table, **read_meaning(series))


@lru_cache(maxsize=64)
def _critical(length: int, first_month: int, rate: float) -> float:
    """Value that the largest absolute score of white noise passes with probability `rate`."""
    noise = np.random.default_rng(6902).normal(size=(_SIMULATIONS, length))
    month = (np.arange(length) + first_month - 1) % 12 + 1
    scores = score_logs(noise, month)[0]
    return float(np.quantile(np.nanmax(np.abs(scores), axis=1), 1 - rate))
