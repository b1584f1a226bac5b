"""Against all others: planted losses, ordinary regression and another program as oracles, size."""

import importlib.util

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.stats import binom

import nktrade as nk
from benchmarks.panel import PERIODS, draw_panel
from nktrade.errors import GapError, InputError, UnanswerableError
from nktrade.measures.placebos import fit_simplex
from nktrade.measures.synthetic_control import compare_with_others, try_dates
from tests.making import make_trade

# pysyncon 1.7.0 (`Synth.fit` on the 24 months before, in means of one, `custom_V` undoing its
# scaling) on the series of `make_waves`: weights, loss, and the mean gap after.
SYNCON = {"P07": 0.134274, "P09": 0.323015, "P10": 0.542712}
SYNCON_LOSS, SYNCON_GAP = 0.12523489, -0.11577247


def make_waves() -> pd.DataFrame:
    n, t = np.meshgrid(np.arange(12), np.arange(36), indexing="ij")
    values = 10 + 3 * np.sin(0.7 * n + 0.35 * t) + 2 * np.cos(1.9 * n) * t / 12
    values = np.round(values + np.sin(5 * n + 3 * t * t % 11) + n % 4, 2)
    months = pd.date_range("2017-01-01", periods=36, freq="MS", name="period")
    wide = pd.DataFrame(values.T, months, [f"P{k:02d}" for k in range(12)])
    return wide.melt(var_name="partner", ignore_index=False).reset_index()


def plant(months: pd.DataFrame, unit: str, start: str, share: float) -> pd.DataFrame:
    hit = (months["partner"] == unit) & (months["period"] >= start)
    return months.assign(value=months["value"].where(~hit, months["value"] * (1 - share)))


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    return draw_panel(np.random.default_rng(2))


# --- estimates -------------------------------------------------------------------------------


def test_weights_equal_those_of_another_program():
    found = compare_with_others(make_waves(), "P00", "2019-01")
    for name, weight in SYNCON.items():
        assert found.weights[name] == pytest.approx(weight, abs=5e-4)
    assert found.weights.sum() == pytest.approx(1)
    misfit = found.placebos["misfit"].iloc[0] / 100
    assert 24 * misfit**2 == pytest.approx(SYNCON_LOSS, rel=1e-4)
    assert 24 * misfit**2 <= SYNCON_LOSS + 1e-9  # nearer than its search came, or as near
    assert found.placebos["gap"].iloc[0] / 100 == pytest.approx(SYNCON_GAP, abs=5e-5)


@pytest.mark.skipif(not importlib.util.find_spec("pysyncon"), reason="pysyncon is not installed")
def test_another_program_still_says_so():
    from pysyncon import Synth

    wide = make_waves().pivot(index="period", columns="partner", values="value")
    wide = wide / wide.iloc[:24].mean()
    own, others = wide.iloc[:24, 0], wide.iloc[:24, 1:]
    synth = Synth()
    spread = wide.iloc[:24].std(axis=1).to_numpy() ** 2
    synth.fit(X0=others, X1=own, Z0=others, Z1=own, custom_V=spread)
    weights = dict(zip(others.columns, synth.weights(round=6), strict=True))
    for name, weight in SYNCON.items():
        assert weights[name] == pytest.approx(weight, abs=2e-3)


def test_a_mixture_of_others_is_recovered_exactly():
    random = np.random.default_rng(3)
    others = random.normal(size=(60, 8))
    weights = np.array([0.5, 0, 0.2, 0, 0, 0.3, 0, 0])
    assert fit_simplex(others, others @ weights) == pytest.approx(weights, abs=1e-6)


def test_difference_in_differences_is_the_regression_with_constants(panel):
    """Ordinary least squares with a constant a partner and a month, on values in own means."""
    months = plant(panel, "P05", "2020-02", 0.4)
    found = compare_with_others(months, "P05", "2020-02", method="difference", end="2021-12")
    table = months[months["period"] <= "2021-12-01"].copy()
    before = table["period"] < "2020-02"
    table["value"] /= table["partner"].map(table[before].groupby("partner")["value"].mean())
    treated = ((table["partner"] == "P05") & ~before).astype(float)
    dummies = pd.get_dummies(table[["partner", "period"]].astype(str), dtype=float).iloc[:, 1:]
    constant = np.ones(len(table))
    dummies = dummies.drop(columns="period_2017-01-01").assign(constant=constant)
    fit = sm.OLS(table["value"].to_numpy(), np.column_stack([treated, dummies])).fit()
    assert found.placebos["gap"].iloc[0] / 100 == pytest.approx(-fit.params[0])
    assert found.weights.to_numpy() == pytest.approx(1 / 39)


@pytest.mark.parametrize("method", ["synthetic", "difference"])
def test_a_planted_loss_is_found_and_sums_of_windows_add_up(panel, method):
    months = plant(panel, "P05", "2020-02", 0.9)
    found = compare_with_others(months, "P05", "2020-02", method=method, end="2021-12")
    own = panel[panel["partner"] == "P05"].set_index("period")["value"]
    lost = 0.9 * own["2020-02":"2021-12"].sum()
    gap = found.sum_gap()
    assert gap["low"] < lost < gap["high"]
    assert gap["gap"] == pytest.approx(lost, rel=0.5)
    assert gap["p"] == pytest.approx(1 / 40)
    parts = [found.sum_gap(p)["gap"] for p in ("2020-02..2020-12", "2021")]
    assert sum(parts) == pytest.approx(gap["gap"])
    traced = found.trace(["2018", "2019", "2020-H2", "2021"])
    assert traced["before"].tolist() == [True, True, False, False]
    assert (traced["p"].iloc[2:] < 0.06).all()
    assert (traced["p"].iloc[:2] > 0.05).all()
    table = found.table
    assert (table["expected"] - table["value"]).tolist() == pytest.approx(table["gap"].tolist())


def test_units_of_money_do_not_matter(panel):
    months = plant(panel, "P05", "2020-02", 0.5)
    one = compare_with_others(months, "P05", "2020-02")
    scaled = months.assign(value=months["value"] * months["partner"].map(hash).abs().mod(7).add(1))
    other = compare_with_others(scaled, "P05", "2020-02")
    assert one.placebos["gap"].tolist() == pytest.approx(other.placebos["gap"].tolist(), abs=1e-4)
    assert one.p_units == other.p_units


# --- rates -----------------------------------------------------------------------------------


def test_two_hundred_fake_dates_give_the_nominal_size():
    """No event anywhere: random partners and dates, 100 for each method, by binomial limits."""
    random = np.random.default_rng(11)
    for method in ("synthetic", "difference"):
        units, time, held = 0, 0, 0
        for _ in range(100):
            months = draw_panel(random, units=21)
            at = int(random.integers(30, 72))
            found = compare_with_others(
                months,
                f"P{random.integers(21):02d}",
                f"{PERIODS[at]:%Y-%m}",
                method=method,
                end=f"{PERIODS[at + 23]:%Y-%m}",
            )
            gap = found.sum_gap()
            units += found.p_units <= 0.05
            time += found.p_time <= 0.05
            held += gap["low"] <= 0 <= gap["high"]
        assert units <= binom.ppf(0.9995, 100, 0.05)
        assert time <= binom.ppf(0.9995, 100, 0.07)
        assert held >= binom.ppf(0.0005, 100, 0.95)


def test_made_up_dates_before_a_planted_event_find_nothing(panel):
    months = plant(panel, "P05", "2023-01", 0.9)
    tried = try_dates(months, "P05", ["2019-06", "2020-06", "2021-06"], length=12)
    assert tried["gap"].abs().max() < 60
    assert (tried["p_units"] > 0.05).sum() >= 2
    with pytest.raises(UnanswerableError, match="24 or more"):
        try_dates(months, "P05", ["2018-01"])


# --- trade tables ----------------------------------------------------------------------------


def make_partners(units: int = 12, months: int = 42) -> pd.DataFrame:
    period = pd.date_range("2018-01-01", periods=months, freq="MS")
    random = np.random.default_rng(4)
    rows, partners = [], []
    names = ["PRK", "RUS", "VNM", "THA", "IND", "PAK", "JPN", "KOR", "MNG", "LAO", "KAZ", "KGZ"]
    for name in names[:units]:
        for month in period:
            rows.append((f"{month:%Y-%m}", "export", "67030000", 1e6 * random.uniform(0.8, 1.2)))
            partners.append(name)
    return make_trade(rows, partner=partners)


def test_a_store_of_all_partners_goes_through_months():
    trade = make_partners()
    months = nk.monthly(trade, "partner")
    found = compare_with_others(months, "PRK", "2020-02")
    assert len(found.weights) == 11
    assert "No 95 % limits" in " ".join(found.notes)
    assert found.sum_gap()[["low", "high"]].isna().all()
    assert "against 11 others" in found.summary().title
    assert "\\begin{tabular}" in found.to_latex()


def test_a_release_of_two_months_is_one_observation_of_all():
    months = nk.monthly(make_partners(), "partner")
    joined = months.assign(state=months["state"].astype(object))
    pair = joined["period"].isin(pd.to_datetime(["2020-01-01", "2020-02-01"]))
    some = pair & joined["partner"].isin(["PRK", "RUS"])
    february = some & (joined["period"] == "2020-02-01")
    sums = joined[pair].groupby("partner")["value"].sum()
    joined.loc[february, "value"] = joined.loc[february, "partner"].map(sums)
    joined.loc[some & ~february, "value"] = np.nan
    joined.loc[some, "state"] = "combined"
    found = compare_with_others(joined, "PRK", "2020-02", method="difference")
    assert found.table["months"].sum() == 42
    row = found.table[found.table["months"] == 2]
    assert row["period"].dt.strftime("%Y-%m").tolist() == ["2020-02"]
    assert row["value"].item() == pytest.approx(sums["PRK"])
    # All partners apart or some together: the same sums, whoever released them together.
    for name in sums.index:
        joined.loc[(joined["partner"] == name) & (joined["period"] == "2020-02-01"), "value"] = (
            sums[name]
        )
    joined.loc[pair, "state"] = "combined"
    joined.loc[joined["period"] == "2020-01-01", "value"] = np.nan
    again = compare_with_others(joined, "PRK", "2020-02", method="difference")
    assert again.sum_gap()["gap"] == pytest.approx(found.sum_gap()["gap"])


def test_what_has_no_answer_is_refused(panel):
    def refuses(kind, match, months=panel, unit="P05", start="2020-02", **how):
        with pytest.raises(kind, match=match):
            compare_with_others(months, unit, start, **how)

    refuses(InputError, "unknown partner 'P99'", unit="P99")
    refuses(InputError, "Did you mean 'synthetic'", method="synthetc")
    refuses(InputError, "no column 'partnr'", by="partnr")
    refuses(UnanswerableError, "too few months before", start="2018-01")
    refuses(UnanswerableError, "none after", start="2030-01")
    few = panel[panel["partner"].isin([f"P{n:02d}" for n in range(8)])]
    refuses(UnanswerableError, "too few others", months=few)
    refuses(UnanswerableError, "96 months of P05 are not recorded", panel.assign(state="estimated"))
    refuses(GapError, "every month", panel.drop(index=5 * 96 + 20))
    refuses(InputError, "twice", pd.concat([panel, panel[panel["partner"] == "P01"]]))
    silent = panel.assign(value=panel["value"].where(panel["partner"] != "P05", 0.0))
    refuses(UnanswerableError, "traded nothing", silent)


def test_the_world_and_the_unrecorded_are_nobody_s_others(panel):
    world = panel.groupby("period", as_index=False)["value"].sum().assign(partner="WLD")
    odd = panel.assign(state="reported")
    odd.loc[odd["partner"] == "P02", "state"] = "estimated"
    odd.loc[(odd["partner"] == "P03") & (odd["period"] == "2019-05-01"), "value"] = np.nan
    both = pd.concat([odd, world.assign(state="reported")], ignore_index=True)
    found = compare_with_others(both, "P05", "2020-02", without=["P01"])
    assert found.left_out.to_dict() == {
        "P01": "asked to",
        "P02": "months not recorded",
        "P03": "months missing",
        "WLD": "the sum of all",
    }
    assert len(found.weights) == 36
