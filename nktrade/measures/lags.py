"""How far one series follows another: correlations at several lags."""

from __future__ import annotations

import numpy as np
import pandas as pd


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
