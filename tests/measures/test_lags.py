"""Correlations at lags: known lags, and limits that hold."""

import numpy as np
import pandas as pd
import pytest

from nktrade.measures.lags import cross_correlate


def test_a_known_lag_is_found():
    months = pd.date_range("2017-01-01", periods=80, freq="MS")
    first = pd.Series(np.random.default_rng(1).normal(size=80), index=months)
    second = first.shift(2)
    table = cross_correlate(first, second, range(-3, 4)).set_index("lag")
    assert table["correlation"].idxmax() == 2
    assert table.loc[2, "correlation"] == pytest.approx(1.0)
    assert table.loc[2, "months"] == 78
    assert (table["low"] <= table["high"]).all()
    plain = table.loc[0]
    assert plain["low"] < plain["correlation"] < plain["high"]
