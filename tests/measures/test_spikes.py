"""Spikes of one series: error rates and power by simulation, and what is passed over."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.noise import simulate
from nktrade.errors import GapError, InputError, UnanswerableError
from nktrade.measures.spikes import find_spikes
from tests.making import make_monthly


@pytest.mark.parametrize("kind", ["normal", "t5", "t3", "AR 0.5", "AR 0.8", "shift"])
def test_quiet_series_are_flagged_no_more_often_than_stated(kind):
    random = np.random.default_rng(20240601)
    series = np.exp(12 + simulate(kind, random, 150))
    flagged = sum(find_spikes(make_monthly(list(one)))["spike"].any() for one in series)
    assert flagged / 150 < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 150)


@pytest.mark.parametrize(("times", "least"), [(4, 0.5), (8, 0.9)])
def test_power_is_what_the_documentation_says(times, least):
    logs = simulate("normal", np.random.default_rng(5), 100, scale=0.15)
    logs[:, 50] += np.log(times)
    found = [find_spikes(make_monthly(list(np.exp(12 + one))))["spike"][50] for one in logs]
    assert np.mean(found) > least


def test_normal_tails_may_be_assumed():
    values = list(np.exp(12 + simulate("t3", np.random.default_rng(2), 1)[0]))
    any_tail, normal = (find_spikes(make_monthly(values), tails=t) for t in ("any", "normal"))
    assert normal["critical"][0] < any_tail["critical"][0]
    with pytest.raises(InputError, match="Did you mean 'normal'"):
        find_spikes(make_monthly(values), tails="norml")


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
    series = make_monthly(list(100 + 5 * np.random.default_rng(5).normal(size=60)))
    pd.testing.assert_frame_equal(find_spikes(series), find_spikes(series))
