"""The scan: scores by hand, error rates and power by simulation, and what is not scanned."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from benchmarks.noise import simulate
from nktrade.errors import GapError, InputError, UnanswerableError
from nktrade.measures.noise import find_p, simulate_null
from nktrade.measures.scan import scan_moves
from nktrade.measures.scores import score_logs
from nktrade.measures.spikes import find_spikes
from tests.making import make_monthly


def make_panel(values: np.ndarray, start: str = "2017-01") -> pd.DataFrame:
    """Series x months to a long table."""
    months = pd.date_range(f"{start}-01", periods=values.shape[1], freq="MS")
    frame = pd.DataFrame(values, [f"{n:04d}" for n in range(len(values))], months)
    long = frame.rename_axis("heading").reset_index().melt("heading", var_name="period")
    long["period"] = pd.to_datetime(long["period"])
    return long.sort_values(["heading", "period"], ignore_index=True)


def make_noise(seed: int, series: int = 60, months: int = 96, sigma: float = 0.4) -> np.ndarray:
    """Log-normal noise about levels that differ, with a season and a common collapse."""
    random = np.random.default_rng(seed)
    level = random.uniform(8, 16, size=(series, 1))
    season = 0.3 * np.sin(2 * np.pi * np.arange(months) / 12)
    common = np.where((np.arange(months) > 40) & (np.arange(months) < 60), -3.0, 0.0)
    return np.exp(level + season + common + sigma * random.normal(size=(series, months)))


# --- scores ----------------------------------------------------------------------------------


def test_a_score_by_hand():
    logs = np.zeros((1, 13))
    logs[0, ::2], logs[0, 6] = 0.2, 3.0  # neighbours: six of 0.2 and six of 0, median 0.1
    scores, expected, scale = score_logs(logs, np.arange(1, 14), least_scale=0.01)
    assert expected[0, 6] == pytest.approx(0.1)
    around = [np.median(np.delete(logs[0], n)[max(0, n - 6) : n + 6]) for n in range(13)]
    residual = logs[0] - around
    assert scale[0] == pytest.approx(1.4826 * np.median(np.abs(residual)))
    assert scores[0, 6] == pytest.approx(2.9 / scale[0])


def test_scores_equal_numpy_medians_with_missing_months():
    logs = np.log(make_noise(5, series=15, months=60))
    logs[np.random.default_rng(2).random(logs.shape) < 0.1] = np.nan
    month = np.arange(60) % 12 + 1
    scores, expected, scale = score_logs(logs, month, least_scale=1e-6)
    level = np.full_like(logs, np.nan)
    for t in range(60):
        near = [s for s in range(max(0, t - 6), min(60, t + 7)) if s != t]
        level[:, t] = np.nanmedian(logs[:, near], axis=1)
    season = np.array([np.nanmedian((logs - level)[:, month == n], axis=1) for n in month]).T
    residual = logs - level - season
    assert expected == pytest.approx(level + season)
    assert scale == pytest.approx(1.4826 * np.nanmedian(np.abs(residual), axis=1))
    calm = logs - season
    for t in range(1, 59):
        sides = [
            np.nanmedian(calm[:, max(0, t - 6) : t], axis=1),
            np.nanmedian(calm[:, t + 1 : t + 7], axis=1),
        ]
        beyond = calm[:, t] - np.clip(calm[:, t], np.fmin(*sides), np.fmax(*sides))
        both = np.isfinite(sides).all(axis=0)
        assert scores[both, t] == pytest.approx((beyond / scale)[both], nan_ok=True)


def test_a_new_level_is_no_spike():
    random = np.random.default_rng(3)
    values = np.exp(12 + 0.1 * random.normal(size=(12, 96)))
    values[4, 40:] *= 50
    scan = scan_moves(make_panel(values), "heading", common=False)
    assert not scan.scores["unusual"].any()


def test_what_all_series_did_together_is_nobodys_news():
    values = make_noise(1)
    values[:, 70] *= 8
    values[7, 70] *= 20
    alone = scan_moves(make_panel(values), "heading", common=False).scores
    own = scan_moves(make_panel(values), "heading").scores
    at = pd.Timestamp("2022-11-01")
    assert alone.loc[alone["period"] == at, "unusual"].sum() > 30
    hit = own[(own["period"] == at) & own["unusual"]]
    assert hit["heading"].tolist() == ["0007"]


def test_a_series_more_than_half_constant_makes_no_spike_of_a_small_deviation():
    values = [100.0] * 48
    values[20] = 103.0
    assert not find_spikes(make_monthly(values))["spike"].any()
    values[20] = 2000.0
    found = find_spikes(make_monthly(values))
    assert found.index[found["spike"]].tolist() == [20]
    panel = np.full((1, 48), 100.0)
    panel[0, 20] = 103.0
    scan = scan_moves(make_panel(panel), "heading")
    assert not scan.scores["unusual"].any()
    assert scan.coverage["status"].tolist() == ["scanned, quiet"]
    assert scan.coverage["scale"].tolist() == [0.0]


# --- error rates and power -------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["normal", "t5", "t3", "AR 0.5", "AR 0.8", "shift"])
def test_with_nothing_to_find_a_scan_finds_something_no_more_often_than_stated(kind):
    """When all is noise the false discovery rate is the chance of any flag: 0.1 over 60 scans."""
    random = np.random.default_rng(21)
    flagged = sum(
        scan_moves(make_panel(np.exp(12 + simulate(kind, random, 30))), "heading", rate=0.1)
        .scores["unusual"]
        .any()
        for _ in range(60)
    )
    assert flagged / 60 < 0.1 + 3 * np.sqrt(0.1 * 0.9 / 60)


def test_planted_spikes_are_found_and_few_others():
    """40 spikes of seven noise scales in 60 series: the mean share of false ones, and the power."""
    false, power = [], []
    for seed in range(20):
        random = np.random.default_rng(1000 + seed)
        values = make_noise(seed)
        cells = random.choice(values.size, size=40, replace=False)
        planted = np.zeros(values.size, dtype=bool)
        planted[cells] = True
        values.ravel()[cells] *= np.exp(2.8 * random.choice([-1, 1], size=40))
        found = scan_moves(make_panel(values), "heading", rate=0.1).scores["unusual"].to_numpy()
        assert len(found) == values.size
        false.append((found & ~planted).sum() / max(found.sum(), 1))
        power.append((found & planted).sum() / 40)
    assert np.mean(false) < 0.1 + 3 * np.std(false) / np.sqrt(20)
    assert np.mean(power) > 0.8


def test_the_tail_is_read_from_the_scores():
    random = np.random.default_rng(11)
    heavy = make_panel(np.exp(12 + 0.3 * random.standard_t(3, size=(60, 96))))
    normal = make_panel(np.exp(12 + 0.3 * random.normal(size=(60, 96))))
    assert 2.2 <= scan_moves(heavy, "heading").tail <= 4
    assert scan_moves(normal, "heading").tail >= 8
    assert scan_moves(heavy, "heading", tail=np.inf).scores["unusual"].sum() > 50
    assert scan_moves(heavy, "heading").scores["unusual"].sum() <= 3


@pytest.mark.parametrize(("method", "theirs"), [("bh", "fdr_bh"), ("by", "fdr_by")])
def test_the_rate_is_controlled_as_statsmodels_does(method, theirs):
    values = make_noise(3)
    values.ravel()[::400] *= 12
    scores = scan_moves(make_panel(values), "heading", method=method).scores
    expected = multipletests(scores["p"], alpha=0.05, method=theirs)[0]
    assert scores["unusual"].tolist() == list(expected)
    assert scores["unusual"].any()
    by_size = scores.sort_values("score", key=np.abs)
    assert by_size["p"].is_monotonic_decreasing


@pytest.mark.parametrize("tail", [np.inf, 5.0])
def test_rare_scores_have_a_p_that_fresh_noise_bears_out(tail):
    """A score that one in a hundred thousand scores passes, taken from other noise."""
    random, month = np.random.default_rng(99), np.arange(96) % 12 + 1
    size = (12_000, 96)
    noise = random.normal(size=size) if tail == np.inf else random.standard_t(tail, size=size)
    fresh = np.sort(np.abs(score_logs(noise, month)[0]).ravel())
    null = simulate_null(96, 1, tail, None)
    for beyond in (1000, 100, 12):
        assert 0.6 < find_p(fresh[-beyond:][:1], null)[0] / (beyond / fresh.size) < 2.5
    p = find_p(np.linspace(0, 60, 500), null)
    assert (np.diff(p) <= 0).all()
    assert p[0] == 1
    assert p[-1] > 0


@settings(max_examples=15, deadline=None)
@given(st.floats(1e-3, 1e6), st.integers(0, 10_000))
def test_units_do_not_matter(factor, seed):
    values = make_noise(seed, series=12, months=48)
    one, other = (scan_moves(make_panel(v), "heading").scores for v in (values, values * factor))
    assert one["score"].to_numpy() == pytest.approx(other["score"].to_numpy(), abs=1e-6)
    assert one["expected"].to_numpy() * factor == pytest.approx(other["expected"].to_numpy())


# --- states of months ------------------------------------------------------------------------


def test_zero_and_missing_months_are_passed_over_or_scored():
    values = make_noise(4, series=12)
    values[2, 30], values[2, 33] = 0.0, np.nan
    at = [pd.Timestamp("2019-07-01"), pd.Timestamp("2019-10-01")]
    passed, scored = (
        scan_moves(make_panel(values), "heading", zeros=zeros) for zeros in ("pass", "score")
    )
    for scan, zero_scored in ((passed, False), (scored, True)):
        one = scan.scores[scan.scores["heading"] == "0002"].set_index("period")
        assert (at[0] in one.index) == zero_scored
        assert at[1] not in one.index
        assert scan.coverage.loc["0002", ["known", "traded"]].tolist() == [95, 94]
    low = scored.scores[(scored.scores["heading"] == "0002") & (scored.scores["period"] == at[0])]
    assert low["unusual"].item()
    assert low["score"].item() < 0


def test_what_cannot_be_scanned_is_said():
    values = make_noise(4, series=14)
    values[0, 20:] = np.nan  # 20 known months
    values[1, ::2], values[1, 1] = 0.0, 0.0  # fewer than half
    values[2] = 500.0
    scan = scan_moves(make_panel(values), "heading", common=False)
    assert scan.coverage["status"].tolist()[:4] == [
        "too short",
        "seldom traded",
        "scanned, quiet",
        "scanned",
    ]
    assert set(scan.scores["heading"]) == set(scan.coverage.index[2:])


def test_months_in_which_most_series_did_not_trade_are_passed_over():
    values = make_noise(4, series=14)
    values[:9, 45:48] = 0.0
    scan = scan_moves(make_panel(values), "heading")
    shut = list(pd.date_range("2020-10-01", periods=3, freq="MS"))
    assert list(scan.closed) == shut
    assert not scan.scores["period"].isin(shut).any()
    assert scan_moves(make_panel(values), "heading", zeros="score").closed == ()


def test_what_cannot_be_asked_is_refused():
    table = make_panel(make_noise(1, series=12, months=48))
    with pytest.raises(UnanswerableError, match=r"no heading can be scanned.*got 12 known"):
        scan_moves(make_panel(make_noise(1, months=12)), "heading")
    with pytest.raises(GapError):
        scan_moves(table.drop(index=4), "heading")
    with pytest.raises(InputError, match="Did you mean 'by'"):
        scan_moves(table, "heading", method="byy")
    with pytest.raises(InputError, match="unknown policy"):
        scan_moves(table, "heading", zeros="drop")
    for rate in (0.0, 1.0):
        with pytest.raises(InputError, match="not a probability"):
            scan_moves(table, "heading", rate=rate)
    with pytest.raises(InputError, match="must be positive"):
        scan_moves(table, "heading", least_scale=0.0)


def test_nothing_given_is_changed():
    table = make_panel(make_noise(1, series=12, months=48))
    before = table.copy()
    one, two = scan_moves(table, "heading"), scan_moves(table, "heading")
    pd.testing.assert_frame_equal(table, before)
    pd.testing.assert_frame_equal(one.scores, two.scores)


def test_the_bricks_of_june_stand_out_on_the_panel():
    import nktrade as nk

    imports = nk.select(nk.mirror(nk.load()), flow="import")
    goods = imports.assign(heading=imports["hs"].str[:4])
    table = nk.complete_months(nk.monthly(goods, "heading"), "split")
    scan = scan_moves(table, "heading", least_scale=0.2)
    # Months that print fixes; the others are the prior's, bent to sums, and no ground for a rank.
    support = table[["heading", "period", "support"]]
    printed = scan.scores.merge(support, on=["heading", "period"])
    printed = printed[printed["support"] == "printed"]
    # How it ranks among goods is the prior's too, which made the usual months of all of them.
    june = printed[(printed["heading"] == "6902") & (printed["period"] == "2020-06-01")]
    assert june["score"].item() > 3
    assert (scan.coverage["status"] == "scanned, quiet").sum() > 150  # the prior has no noise


# --- the picture -----------------------------------------------------------------------------


def test_a_picture_of_a_scan_names_what_is_furthest():
    from nktrade import charts

    values = make_noise(8, series=12)
    values[3, 30] *= 60
    values[5, 70] /= 60
    scan = scan_moves(make_panel(values), "heading")
    chart = charts.draw_scan(
        scan.scores, "Two stand out", "Source", by="heading", names={"0003": "bricks"}
    )
    axis = chart.figure.axes[0]
    assert {"0003 bricks", "0005 "} <= {text.get_text() for text in axis.texts}
    assert "0003 in 2019-07: +" in chart.alt
    assert "0005 in 2022-11: -" in chart.alt
    assert len(axis.collections[0].get_offsets()) == (~scan.scores["unusual"]).sum()
    assert axis.get_ylabel()
    quiet = scan.scores.assign(unusual=False)
    assert "Furthest: none." in charts.draw_scan(quiet, "T", "S", by="heading").alt
