"""Correlations at lags: known lags, and limits that hold for series that remember their past."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.noise import simulate
from nktrade.errors import InputError, UnanswerableError
from nktrade.measures.lags import cross_correlate

MONTHS = pd.date_range("2017-01-01", periods=96, freq="MS")


def test_a_known_lag_is_found():
    first = pd.Series(np.random.default_rng(1).normal(size=96), MONTHS)
    second = first.shift(2) + 0.3 * np.random.default_rng(2).normal(size=96)
    table = cross_correlate(first, second, range(-3, 4)).set_index("lag")
    assert table["correlation"].idxmax() == 2
    assert table.index[table["together"]].tolist() == [2]
    assert table.loc[2, "correlation"] > 0.9
    plain = table.loc[0]
    assert plain["low"] < plain["correlation"] < plain["high"]


@pytest.mark.parametrize("kind", ["normal", "AR 0.5", "AR 0.8", "AR 0.95"])
@pytest.mark.parametrize("lags", [range(1), range(7)])
def test_unrelated_series_are_taken_for_related_as_often_as_stated(kind, lags):
    random = np.random.default_rng(4)
    ones, others = (simulate(kind, random, 150) for _ in range(2))
    false = [
        cross_correlate(pd.Series(a, MONTHS), pd.Series(b, MONTHS), lags)["together"].any()
        for a, b in zip(ones, others, strict=True)
    ]
    assert np.mean(false) < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 150)


def test_what_cannot_be_correlated_is_refused():
    series = pd.Series(np.random.default_rng(1).normal(size=96), MONTHS)
    with pytest.raises(UnanswerableError, match="does not move"):
        cross_correlate(series, series * 0, range(2))
    with pytest.raises(UnanswerableError, match="lag of 85"):
        cross_correlate(series, series, range(85, 86))
    with pytest.raises(InputError):
        cross_correlate(series, series, range(0))


def test_a_lag_is_counted_in_months_across_missing_ones():
    first = pd.Series(np.random.default_rng(2).normal(size=96), index=MONTHS)
    gaps = first.shift(1).drop(MONTHS[[10, 11, 30]])
    table = cross_correlate(first, gaps, range(1, 2))
    assert table["correlation"].item() > 0.9
    assert table["months"].item() <= 96 - 1 - 4 - 11
    shuffled = cross_correlate(first.sample(frac=1, random_state=1), gaps, range(1, 2))
    assert shuffled["correlation"].item() == pytest.approx(table["correlation"].item())


def test_what_is_no_series_of_months_is_refused():
    first = pd.Series(np.random.default_rng(2).normal(size=96), index=MONTHS)
    with pytest.raises(InputError, match="not of months"):
        cross_correlate(first, first.reset_index(drop=True), range(2))
    with pytest.raises(InputError, match="2017-01 is there twice"):
        cross_correlate(first, pd.concat([first, first]), range(2))
