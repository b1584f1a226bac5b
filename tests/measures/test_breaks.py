"""Models against statsmodels used directly, constructed series and simulation."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from nktrade.errors import GapError, InputError, UnanswerableError
from nktrade.measures.breaks import cross_correlate, find_spikes, fit_interruption
from tests.making import make_monthly

BREAKS = {"sanctions": "2018-01", "closure": "2020-02"}


def noisy(seed: int = 1, size: int = 60) -> pd.DataFrame:
    noise = np.random.default_rng(seed).normal(size=size)
    return make_monthly(list(100 + np.arange(size) + 5 * noise))


# --- interrupted time series -----------------------------------------------------------------


def test_breaks_that_were_built_in_are_found_exactly():
    time = np.arange(60.0)
    values = 100 + 2 * time
    values[12:] += -30 + 1.5 * (time[12:] - 12)
    values[37:] += -80 - 0.5 * (time[37:] - 37)
    fit = fit_interruption(make_monthly(list(values)), BREAKS, counterfactual_of="closure")
    effects = fit.effects.set_index("event")
    assert effects.loc["sanctions", ["level", "slope"]].tolist() == pytest.approx([-30, 1.5])
    assert effects.loc["closure", ["level", "slope"]].tolist() == pytest.approx([-80, -0.5])
    assert fit.table["fitted"].tolist() == pytest.approx(list(values))
    expected = fit.table["counterfactual"]
    assert expected.iloc[:37].isna().all()
    without = 100 + 2 * time[37:] - 30 + 1.5 * (time[37:] - 12)
    assert expected.iloc[37:].tolist() == pytest.approx(list(without))
    earlier = fit_interruption(make_monthly(list(values)), BREAKS, counterfactual_of="sanctions")
    assert earlier.table["counterfactual"].iloc[12:].tolist() == pytest.approx(
        list(100 + 2 * time[12:])
    )


def test_equals_a_direct_fit_with_hac_errors():
    series = noisy()
    fit = fit_interruption(series, BREAKS, counterfactual_of="closure", lags=4)
    time = np.arange(60.0)
    first, second = (time >= 12) * 1.0, (time >= 37) * 1.0
    design = np.column_stack(
        [np.ones(60), time, first, first * (time - 12), second, second * (time - 37)]
    )
    direct = sm.OLS(series["value"].to_numpy(), design).fit(
        cov_type="HAC", cov_kwds={"maxlags": 4, "use_correction": False}
    )
    columns = [["level", "slope"], ["level_error", "slope_error"], ["level_p", "slope_p"]]
    for names, outside in zip(columns, (direct.params, direct.bse, direct.pvalues), strict=True):
        assert fit.effects[names].to_numpy().ravel() == pytest.approx(outside[2:], rel=1e-8)
    bare = design.copy()
    bare[:, 4:] = 0
    low, high = direct.get_prediction(bare).conf_int(alpha=0.05).T
    assert fit.table["low"].iloc[37:].tolist() == pytest.approx(list(low[37:]))
    assert fit.table["high"].iloc[37:].tolist() == pytest.approx(list(high[37:]))
    assert fit.lags == 4


def test_a_fit_says_how_many_of_its_months_are_estimated():
    series = noisy()
    assert fit_interruption(series, BREAKS, counterfactual_of="closure").estimated == 0
    series.loc[10:29, "state"] = "estimated"
    assert fit_interruption(series, BREAKS, counterfactual_of="closure").estimated == 20
    bare = series.drop(columns="state")
    assert fit_interruption(bare, BREAKS, counterfactual_of="closure").estimated == 0


def test_what_cannot_be_fitted_is_refused():
    series = noisy()
    with pytest.raises(InputError, match="Did you mean 'closure'"):
        fit_interruption(series, BREAKS, counterfactual_of="closures")
    with pytest.raises(UnanswerableError, match="fewer than 6 months"):
        fit_interruption(series.iloc[:40], BREAKS, counterfactual_of="closure")
    with pytest.raises(UnanswerableError, match="fewer than 6 months"):
        fit_interruption(series.iloc[20:], BREAKS, counterfactual_of="closure")
    with pytest.raises(GapError, match="every month"):
        fit_interruption(series.drop(index=30), BREAKS, counterfactual_of="closure")
    series.loc[30, "value"] = np.nan
    with pytest.raises(UnanswerableError, match="no value in 2019-07"):
        fit_interruption(series, BREAKS, counterfactual_of="closure")


# --- spikes ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("rate", "length"), [(0.05, 60), (0.2, 96)])
def test_quiet_series_are_flagged_as_often_as_stated(rate, length):
    """Log-normal noise: any flag in about the stated share of 400 series (3 standard errors)."""
    random = np.random.default_rng(20240601)
    flagged = sum(
        find_spikes(make_monthly(list(np.exp(12 + 0.3 * random.normal(size=length)))), rate)[
            "spike"
        ].any()
        for _ in range(400)
    )
    error = np.sqrt(rate * (1 - rate) / 400)
    # The simulated critical value has its own error, about half as large again.
    assert abs(flagged / 400 - rate) < 4 * error


def test_planted_spikes_are_found_and_hide_neither_themselves_nor_each_other():
    random = np.random.default_rng(7)
    season = 1 + 0.5 * np.sin(np.arange(72) * 2 * np.pi / 12)
    values = 1e6 * season * np.exp(0.1 * random.normal(size=72))
    values[40] *= 20
    values[42] /= 20
    found = find_spikes(make_monthly(list(values)), 0.01)
    assert found.index[found["spike"]].tolist() == [40, 42]
    assert found.loc[40, "score"] > 0 > found.loc[42, "score"]
    assert found.loc[40, "expected"] == pytest.approx(1e6 * season[40], rel=0.3)


def test_missing_months_are_passed_over():
    values = np.exp(12 + 0.2 * np.random.default_rng(3).normal(size=60))
    values[[5, 6, 20]] = np.nan
    values[30] *= 50
    found = find_spikes(make_monthly(list(values)))
    assert found.index[found["spike"]].tolist() == [30]
    assert found.loc[[5, 6, 20], "score"].isna().all()


def test_scale_of_the_series_does_not_matter():
    values = np.exp(12 + 0.2 * np.random.default_rng(3).normal(size=60))
    one, other = (find_spikes(make_monthly(list(values * k))) for k in (1, 1000))
    assert one["score"].tolist() == pytest.approx(other["score"].tolist())


def test_months_without_trade_keep_scores_finite():
    values = [1e6, 0.0] * 18
    assert np.isfinite(find_spikes(make_monthly(values))["score"]).all()
    assert not find_spikes(make_monthly([0.0] * 36))["spike"].any()
    assert not find_spikes(make_monthly([5.0] * 36))["spike"].any()


def test_what_cannot_be_scored_is_refused():
    with pytest.raises(UnanswerableError, match="got 23"):
        find_spikes(make_monthly([1.0] * 23 + [np.nan] * 9))
    for rate in (0, 1, 5):
        with pytest.raises(InputError, match="not a probability"):
            find_spikes(make_monthly([1.0] * 36), rate)
    with pytest.raises(GapError):
        find_spikes(make_monthly([1.0] * 36).drop(index=4))


def test_spikes_are_the_same_every_time():
    series = noisy(5)
    pd.testing.assert_frame_equal(find_spikes(series), find_spikes(series))


# --- lags ------------------------------------------------------------------------------------


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
