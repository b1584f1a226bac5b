"""Correlations at lags: known lags, and limits that hold."""

import numpy as np
import pandas as pd
import pytest

from nktrade.errors import InputError
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


def test_a_lag_is_counted_in_months_across_missing_ones():
    months = pd.date_range("2017-01-01", periods=60, freq="MS")
    first = pd.Series(np.random.default_rng(2).normal(size=60), index=months)
    gaps = first.shift(1).drop(months[[10, 11, 30]])
    table = cross_correlate(first, gaps, range(1, 2))
    assert table["correlation"].tolist() == pytest.approx([1.0])
    assert table["months"].tolist() == [56]
    shuffled = cross_correlate(first.sample(frac=1, random_state=1), gaps, range(1, 2))
    assert shuffled["correlation"].tolist() == pytest.approx([1.0])


def test_what_is_no_series_of_months_is_refused():
    months = pd.date_range("2017-01-01", periods=30, freq="MS")
    first = pd.Series(np.arange(30.0), index=months)
    with pytest.raises(InputError, match="not of months"):
        cross_correlate(first, first.reset_index(drop=True), range(2))
    with pytest.raises(InputError, match="2017-01 is there twice"):
        cross_correlate(first, pd.concat([first, first]), range(2))
