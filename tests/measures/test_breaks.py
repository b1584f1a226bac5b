"""Interrupted series against statsmodels used directly, constructed series and simulation."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from nktrade.errors import GapError, InputError, UnanswerableError
from nktrade.measures.autoregression import fit_autoregression
from nktrade.measures.breaks import fit_interruption
from tests.making import make_monthly

BREAKS = {"sanctions": "2018-01", "closure": "2020-02"}
THREE = BREAKS | {"reopening": "2022-01"}


def noisy(seed: int = 1, size: int = 60) -> pd.DataFrame:
    noise = np.random.default_rng(seed).normal(size=size)
    return make_monthly(list(100 + np.arange(size) + 5 * noise))


def combine(series: pd.DataFrame, february: int) -> pd.DataFrame:
    """Release a February together with its January, as `monthly` shows it."""
    value, state = series["value"].copy(), series["state"].astype(object)
    value[february] += value[february - 1]
    value[february - 1] = np.nan
    state[[february - 1, february]] = "combined"
    return series.assign(value=value, state=state)


# --- the regression --------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.0, 0.5, -0.4])
def test_equals_generalised_least_squares_at_a_known_autocorrelation(share):
    random = np.random.default_rng(4)
    design = np.column_stack([np.ones(50), np.arange(50.0), random.normal(size=50)])
    values = random.normal(size=50) + design @ [3.0, 0.1, 1.0]
    fit = fit_autoregression(values, design, grid=[share])
    distance = np.abs(np.subtract.outer(np.arange(50), np.arange(50)))
    direct = sm.GLS(values, design, sigma=share**distance).fit()
    found = fit.estimate(np.eye(3))
    assert found["value"].to_numpy() == pytest.approx(direct.params)
    assert found[["low", "high"]].to_numpy() == pytest.approx(direct.conf_int())
    assert found["p"].to_numpy() == pytest.approx(direct.pvalues, abs=1e-9)


def test_sums_of_months_equal_generalised_least_squares_on_the_sums():
    random = np.random.default_rng(5)
    design = np.column_stack([np.ones(40), np.arange(40.0)])
    sums = np.delete(np.eye(40), 7, axis=0)
    sums[7, 7] = 1.0  # months 7 and 8 together
    values = sums @ random.normal(size=40)
    fit = fit_autoregression(values, design, sums=sums, grid=[0.6])
    distance = np.abs(np.subtract.outer(np.arange(40), np.arange(40)))
    direct = sm.GLS(values, sums @ design, sigma=sums @ 0.6**distance @ sums.T).fit()
    assert fit.estimate(np.eye(2))["value"].to_numpy() == pytest.approx(direct.params)


def test_the_weights_peak_where_the_restricted_likelihood_does():
    """The likelihood of contrasts that are free of the regressors, written out another way."""
    random = np.random.default_rng(6)
    noise = np.zeros(80)
    for n in range(1, 80):
        noise[n] = 0.7 * noise[n - 1] + random.normal()
    design = np.column_stack([np.ones(80), np.arange(80.0)])
    left = np.linalg.svd(design)[0][:, 2:]  # orthogonal to the design
    distance = np.abs(np.subtract.outer(np.arange(80), np.arange(80)))

    def loss(share):
        cover = left.T @ (share**distance / (1 - share**2)) @ left
        rest = left.T @ noise
        squares = rest @ np.linalg.solve(cover, rest)
        return 39 * np.log(squares) + np.linalg.slogdet(cover)[1] / 2

    best = minimize_scalar(loss, bounds=(-0.9, 0.97), method="bounded").x
    grid = np.linspace(-0.9, 0.97, 188)
    fit = fit_autoregression(noise, design, grid=grid)
    assert fit.grid[fit.weights.argmax()] == pytest.approx(best, abs=0.011)
    assert fit.autocorrelation == pytest.approx(0.7, abs=0.25)


@settings(max_examples=10, deadline=None)
@given(st.floats(1e-3, 1e6), st.integers(0, 1000))
def test_units_and_lines_do_not_matter(factor, seed):
    design = np.column_stack([np.ones(40), np.arange(40.0), np.arange(40) > 20])
    values = np.random.default_rng(seed).normal(size=40)
    one = fit_autoregression(values, design).find_p([0, 0, 1])
    other = fit_autoregression(factor * (values + design @ [5, 2, 0]), design).find_p([0, 0, 1])
    assert one == pytest.approx(other, abs=1e-5)


# --- interrupted series ----------------------------------------------------------------------


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
    gap = fit.sum_gap()
    assert gap["gap"] == pytest.approx((without - values[37:]).sum())
    assert gap["flat"] == pytest.approx((values[25:37].mean() - values[37:]).sum())
    assert gap["beyond"] == 23  # the line rises above every month seen
    assert any("above any month observed" in note for note in fit.notes)
    earlier = fit_interruption(make_monthly(list(values)), BREAKS, counterfactual_of="sanctions")
    assert earlier.table["counterfactual"].iloc[12:].tolist() == pytest.approx(
        list(100 + 2 * time[12:])
    )


def test_gaps_of_two_windows_add_up_to_the_gap_of_both():
    fit = fit_interruption(noisy(3), BREAKS, counterfactual_of="closure")
    parts = [fit.sum_gap(p)["gap"] for p in ("2020-02..2020-12", "2021")]
    assert sum(parts) == pytest.approx(fit.sum_gap()["gap"])
    whole = fit.sum_gap()
    assert whole["low"] < whole["gap"] < whole["high"]
    assert whole["months"] == 23
    with pytest.raises(InputError, match="2020-02 to 2021-12"):
        fit.sum_gap("2018")


def test_a_release_of_two_months_is_one_observation_of_their_sum():
    """A release whose parts lie anywhere: only their sum is used, and nothing is split."""
    series = noisy(2)
    joined = combine(series, 37)
    fit = fit_interruption(joined, BREAKS, counterfactual_of="closure")
    moved = series.copy()
    moved.loc[36, "value"] += 40
    moved.loc[37, "value"] -= 40
    again = fit_interruption(combine(moved, 37), BREAKS, counterfactual_of="closure")
    assert fit.effects["level"].tolist() == pytest.approx(again.effects["level"].tolist())
    assert fit.combined == ("January and February 2020",)
    assert fit.table["value"].isna().sum() == 2
    apart = fit_interruption(series, BREAKS, counterfactual_of="closure")
    assert fit.effects["level"].tolist() == pytest.approx(apart.effects["level"].tolist(), abs=6)


@pytest.mark.parametrize("column", ["state", "support"])
def test_nothing_is_tested_where_months_are_assumed(column):
    series = noisy().assign(support="recorded")
    fit = fit_interruption(series, BREAKS, counterfactual_of="closure")
    assert fit.estimated == 0
    assert fit.effects[["level_p", "slope_p", "level_low"]].notna().all(axis=None)
    if column == "state":
        series = series.drop(columns="support").assign(state=series["state"].astype(object))
        series.loc[10:29, "state"] = "estimated"
    else:
        series.loc[10:29, "support"] = ["assumed", "bounded"] * 10
    fit = fit_interruption(series, BREAKS, counterfactual_of="closure")
    assert fit.estimated == 20
    parts = ("error", "low", "high", "p")
    tested = [f"{kind}_{part}" for kind in ("level", "slope") for part in parts]
    assert fit.effects[tested].isna().all(axis=None)
    assert fit.table[["low", "high"]].isna().all(axis=None)
    assert fit.sum_gap()[["low", "high", "p"]].isna().all()
    assert fit.effects[["level", "slope"]].notna().all(axis=None)
    assert "20 of 60 months are not recorded or printed" in fit.summary().notes[0]


def test_months_that_are_printed_may_be_tested_though_estimated_rows_carry_them():
    series = noisy().assign(state="estimated", support="printed")
    assert fit_interruption(series, BREAKS, counterfactual_of="closure").estimated == 0


def test_what_cannot_be_fitted_is_refused():
    series = noisy()
    with pytest.raises(InputError, match="Did you mean 'closure'"):
        fit_interruption(series, BREAKS, counterfactual_of="closures")
    backwards = dict(reversed(BREAKS.items()))
    with pytest.raises(InputError, match="out of order"):
        fit_interruption(series, backwards, counterfactual_of="closure")
    with pytest.raises(UnanswerableError, match="fewer than 6 months"):
        fit_interruption(series.iloc[:40], BREAKS, counterfactual_of="closure")
    with pytest.raises(UnanswerableError, match="fewer than 6 months"):
        fit_interruption(series.iloc[20:], BREAKS, counterfactual_of="closure")
    with pytest.raises(GapError, match="every month"):
        fit_interruption(series.drop(index=30), BREAKS, counterfactual_of="closure")
    series.loc[30, "value"] = np.nan
    with pytest.raises(UnanswerableError, match="no value in 2019-07"):
        fit_interruption(series, BREAKS, counterfactual_of="closure")


def test_a_paper_gets_its_table():
    fit = fit_interruption(noisy(size=96), THREE, counterfactual_of="closure")
    assert "AR(1)" in fit.summary().notes[0]
    assert "\\begin{tabular}" in fit.to_latex("tab:closure")
    assert "95 \\% low" in fit.to_latex()
    assert fit.to_markdown().count("\n| ") == 9  # head, rule, six changes, the gap
    assert "<table" in fit._repr_html_()
