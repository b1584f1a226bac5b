"""Calibrated limits and the test of equal accuracy: by hand, and as often right as they say."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, t

from benchmarks.forecasts import draw_losses, draw_series, roll_naive
from nktrade.errors import InputError, UnanswerableError
from nktrade.measures import (
    calibrate_forecasts,
    compare_accuracy,
    forecast_months,
    roll_origins,
    score_forecasts,
)
from nktrade.measures.forecasts import BENCHMARK


def make_rolled(errors: list[float], scale: float = 1.0) -> pd.DataFrame:
    """One month ahead from origins in a row, forecasts of 100 and these errors."""
    origins = pd.date_range("2020-01-01", periods=len(errors), freq="MS")
    return pd.DataFrame(
        {
            "model": "one",
            "origin": origins,
            "period": origins + pd.DateOffset(months=1),
            "step": 1,
            "mean": 100.0,
            "value": 100.0 + np.array(errors),
            "scale": scale,
        }
    )


def test_limits_are_past_errors_by_hand():
    """Nine errors: 80 percent is the eighth of them, 95 percent would need nineteen."""
    rolled = make_rolled([1, -2, 3, -4, 5, -6, 7, -8, 9], scale=2.0)
    ahead = rolled.tail(1).assign(origin=pd.Timestamp("2021-01-01"), scale=4.0, mean=10.0)
    found = calibrate_forecasts(ahead, rolled).iloc[0]
    assert found["errors"] == 9
    assert found["high_80"] == pytest.approx(10 + 4 * 8 / 2)
    assert found["low_80"] == 0  # trade is never negative
    assert np.isnan(found["low_95"])
    assert np.isnan(found["high_95"])


def test_limits_at_an_origin_know_no_later_error():
    calm = make_rolled([1.0] * 12 + [1e6] * 12)
    found = calibrate_forecasts(calm, calm)
    assert found["errors"].tolist() == list(range(24))
    assert found["high_80"].iloc[4:13].tolist() == [101.0] * 9
    with pytest.raises(UnanswerableError, match="4 or more past origins"):
        calibrate_forecasts(calm.head(4), calm)


@pytest.mark.parametrize("level", [80, 95])
def test_calibrated_limits_cover_what_they_say(level):
    """Errors with heavy tails, thirty of them known: as often inside as exchangeability gives."""
    random = np.random.default_rng(5)
    inside = 0
    for _ in range(100):
        rolled = make_rolled(list(random.standard_t(3, size=31)))
        last = calibrate_forecasts(rolled.tail(1), rolled.head(30)).iloc[0]
        inside += last[f"low_{level}"] <= last["value"] <= last[f"high_{level}"]
    exact = np.ceil(31 * level / 100) / 31
    assert binom.ppf(0.0005, 100, exact) <= inside <= binom.ppf(0.9995, 100, exact)


def test_the_coverage_of_missing_limits_is_not_counted_as_a_miss():
    rolled = make_rolled([1.0] * 30)
    scores = score_forecasts(calibrate_forecasts(rolled, rolled))
    assert scores.loc["one", ["coverage_80", "coverage_95"]].tolist() == [100.0, 100.0]


def test_the_corrected_test_by_hand():
    """Harvey, Leybourne and Newbold's statistic written out for six origins, two months ahead."""
    losses = np.array([3.0, 2.0, 2.0, 4.0, 0.0, 1.0])
    origins = pd.date_range("2020-01-01", periods=6, freq="MS")
    both = pd.concat([origins.to_frame(index=False, name="origin")] * 2, ignore_index=True)
    both = both.assign(model=[BENCHMARK] * 6 + ["other"] * 6, step=2, value=0.0)
    both["mean"] = [*(10 + losses), *[10.0] * 6]
    more = both.assign(origin=both["origin"] + pd.DateOffset(months=6))
    found = compare_accuracy(pd.concat([both, more])).loc[("other", 2)]
    d = np.tile(losses, 2) - 2
    zero, one = (d @ d) / 12, (d[1:] @ d[:-1]) / 12
    plain = 2 / np.sqrt((zero + 2 * one) / 12)
    corrected = plain * np.sqrt((12 + 1 - 4 + 2 / 12) / 12)
    assert found["statistic_hln"] == pytest.approx(corrected)
    assert found["p_hln"] == pytest.approx(2 * t.sf(corrected, 11))
    assert found["gain"] == pytest.approx(100 * 2 / 12)


@pytest.mark.parametrize("step", [1, 12])
def test_equal_forecasters_are_told_apart_as_often_as_stated(step):
    random = np.random.default_rng(7)
    told = sum(
        compare_accuracy(draw_losses(random, step, 36))["p"].iloc[0] < 0.05 for _ in range(100)
    )
    assert told <= binom.ppf(0.9995, 100, 0.07)


def test_a_better_forecaster_is_found_and_units_do_not_matter():
    rolled = draw_losses(np.random.default_rng(3), 1, 36)
    better = rolled.assign(mean=rolled["mean"].where(rolled["model"] == BENCHMARK, 0.1))
    for factor in (1.0, 1e6):
        scaled = better.assign(mean=better["mean"] * factor, value=better["value"] * factor)
        found = compare_accuracy(scaled).iloc[0]
        assert found["p"] < 0.05
        assert found["gain"] > 50
    assert compare_accuracy(better, loss="squared")["gain"].iloc[0] > found["gain"]


def test_what_cannot_be_compared_is_refused():
    rolled = draw_losses(np.random.default_rng(3), 1, 12)
    with pytest.raises(InputError, match="Did you mean 'seasonal naive'"):
        compare_accuracy(rolled, against="seasonal naiv")
    with pytest.raises(InputError, match="not months in a row"):
        compare_accuracy(rolled[rolled["origin"] != "2020-05-01"])
    with pytest.raises(UnanswerableError, match="8 or more"):
        compare_accuracy(rolled[rolled["origin"] < "2020-05-01"])
    with pytest.raises(InputError, match="unknown loss"):
        compare_accuracy(rolled, loss="cubic")


def test_the_benchmark_rolls_as_the_library_does():
    series = draw_series(np.random.default_rng(1), 72)
    origins = [f"{month:%Y-%m}" for month in series["period"].iloc[60:63]]
    rolled = roll_origins(series, origins, 12, models=[BENCHMARK])
    quick = roll_naive(series, 60, 62)
    shared = ["model", "period", "step", "mean", "origin", "scale", "value"]
    pd.testing.assert_frame_equal(
        rolled[shared].reset_index(drop=True), quick[shared], check_dtype=False
    )


def test_forecasts_ahead_are_calibrated_as_well():
    series = draw_series(np.random.default_rng(1))
    origins = [f"{month:%Y-%m}" for month in series["period"].iloc[60:92]]
    rolled = roll_origins(series, origins, 3, models=[BENCHMARK])
    ahead = calibrate_forecasts(forecast_months(series, 3, [BENCHMARK]), rolled)
    assert ahead[["low_95", "high_80"]].notna().all(axis=None)
    assert (ahead["high_95"] >= ahead["high_80"]).all()
