"""Forecasts against statsmodels used directly, against arithmetic, and in simulation."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.tsa.statespace.sarimax import SARIMAX

from nktrade import charts
from nktrade.errors import GapError, InputError, UnanswerableError
from nktrade.measures.accuracy import score_forecasts
from nktrade.measures.forecasts import BENCHMARK, MODELS, forecast_months, roll_origins
from tests.making import make_monthly

LIMITS = ["mean", "low_80", "high_80", "low_95", "high_95"]


def make_series(seed: int = 1, size: int = 72) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    season = 20 * np.sin(2 * np.pi * np.arange(size) / 12)
    return make_monthly(list(1e6 * (200 + np.cumsum(4 * random.normal(size=size)) + season)))


# --- forecasts -------------------------------------------------------------------------------


def test_the_seasonal_naive_by_hand():
    """Each year one higher than the last: the errors of a year ago are all one."""
    values = [float(10 + n % 12 + n // 12) for n in range(48)]
    ahead = forecast_months(make_monthly(values), 14, [BENCHMARK])
    assert ahead["mean"].tolist() == values[36:] + values[36:38]
    half = ahead["high_80"] - ahead["mean"]
    assert half[:12].to_numpy() == pytest.approx(1.2816, abs=1e-4)
    assert half[12:].to_numpy() == pytest.approx(1.2816 * np.sqrt(2), abs=1e-4)
    assert (ahead["mean"] - ahead["low_95"])[0] == pytest.approx(1.96, abs=1e-3)
    assert ahead["period"].iloc[[0, -1]].dt.strftime("%Y-%m").tolist() == ["2021-01", "2022-02"]
    assert ahead["step"].tolist() == list(range(1, 15))


def test_sarima_equals_a_direct_fit():
    series = make_series()
    ahead = forecast_months(series, 6, ["SARIMA"])
    values = series["value"].to_numpy() / series["value"].mean()
    fit = SARIMAX(values, order=(0, 1, 1), seasonal_order=(1, 0, 0, 12)).fit(disp=False)
    frame = fit.get_forecast(6).summary_frame(alpha=0.2) * series["value"].mean()
    assert ahead["mean"].to_numpy() == pytest.approx(frame["mean"].to_numpy(), rel=1e-4)
    assert ahead["low_80"].to_numpy() == pytest.approx(frame["mean_ci_lower"].to_numpy(), rel=1e-3)


@pytest.mark.parametrize("model", list(MODELS))
def test_every_model_gives_nested_limits_about_its_mean(model):
    ahead = forecast_months(make_series(), 12, [model])
    order = ahead[["low_95", "low_80", "mean", "high_80", "high_95"]].to_numpy()
    assert len(ahead) == 12
    assert (np.diff(order, axis=1) >= 0).all()
    assert ahead["mean"].between(1e8, 3e8).all()


@pytest.mark.parametrize("model", list(MODELS))
def test_a_model_follows_a_season_or_at_least_a_level(model):
    values = [1e6 * (100 + 30 * np.sin(2 * np.pi * n / 12)) for n in range(72)]
    random = np.random.default_rng(3)
    noisy = [value + 1e5 * random.normal() for value in values]
    ahead = forecast_months(make_monthly(noisy), 12, [model])
    miss = np.abs(ahead["mean"].to_numpy() - np.array(values[:12]))
    assert miss.mean() < {"ETS": 6e7}.get(model, 3e6)


def test_intervals_of_the_benchmark_cover_about_what_they_say():
    """Noise about a season, one month ahead, 300 series: within three standard errors."""
    inside = {80: [], 95: []}
    for seed in range(300):
        values = 500 + np.random.default_rng(seed).normal(size=73)
        ahead = forecast_months(make_monthly(list(values[:72])), 1, [BENCHMARK]).iloc[0]
        for level, hits in inside.items():
            hits.append(ahead[f"low_{level}"] <= values[72] <= ahead[f"high_{level}"])
    for level, hits in inside.items():
        rate = level / 100
        assert abs(np.mean(hits) - rate) < 3 * np.sqrt(rate * (1 - rate) / 300)


@settings(max_examples=5, deadline=None)
@given(st.floats(1e-2, 1e4))
def test_units_do_not_matter(factor):
    series = make_series(2, 48)
    one = forecast_months(series, 4, [BENCHMARK, "components"])
    other = forecast_months(series.assign(value=series["value"] * factor), 4, one["model"].unique())
    assert other["mean"].to_numpy() == pytest.approx(factor * one["mean"].to_numpy(), rel=1e-3)


def test_trade_is_never_negative():
    values = [1e6 * float(n % 12 == 3) for n in range(48)]
    numbers = forecast_months(make_monthly(values), 12, [BENCHMARK, "ETS"])[LIMITS]
    assert (numbers.to_numpy() >= 0).all()


# --- rolling origins and scores --------------------------------------------------------------


def test_an_origin_sees_nothing_later():
    series = make_series()
    spoilt = series.copy()
    spoilt.loc[spoilt["period"] > "2021-06-01", "value"] *= 50
    one, other = (roll_origins(s, ["2021-06"], 6, models=[BENCHMARK]) for s in (series, spoilt))
    assert one["mean"].tolist() == other["mean"].tolist()
    assert one["value"].tolist() != other["value"].tolist()
    assert one["value"].tolist() == series["value"].iloc[54:60].tolist()
    known = series["value"].to_numpy()[:54]
    assert one["scale"].iloc[0] == pytest.approx(np.abs(known[12:] - known[:-12]).mean())
    assert set(one["origin"]) == {pd.Timestamp("2021-06-01")}


def test_a_vintage_is_what_the_forecaster_read():
    series = make_series()
    first = series.head(54).assign(value=lambda t: t["value"] * 0.9)  # revised upwards since
    rolled = roll_origins(series, ["2021-06"], 6, models=[BENCHMARK], vintages={"2021-06": first})
    assert rolled["mean"].tolist() == pytest.approx(first["value"].iloc[42:48].tolist())
    assert rolled["value"].tolist() == series["value"].iloc[54:60].tolist()
    assert set(rolled["known"]) == {"then"}
    with pytest.raises(InputError, match="knows what came later; expected months to 2021-06"):
        roll_origins(series, ["2021-06"], 6, vintages={"2021-06": series})
    with pytest.raises(InputError, match="no vintage of 2021-06"):
        roll_origins(series, ["2021-06"], 6, vintages={})


def test_a_window_leaves_earlier_months_out():
    series = make_series()
    spoilt = series.copy()
    spoilt.loc[:5, "value"] *= 50
    one, other = (
        roll_origins(s, ["2021-06", "2021-12"], 6, window=48, models=["components"])
        for s in (series, spoilt)
    )
    assert one["mean"].tolist() == pytest.approx(other["mean"].tolist())
    assert len(one) == 12


def test_months_after_the_end_are_left_out_of_the_scores():
    rolled = roll_origins(make_series(), ["2022-09"], 12, models=[BENCHMARK])
    assert len(rolled) == 3
    assert score_forecasts(rolled).loc[BENCHMARK, "months"] == 3


def test_the_mase_of_the_seasonal_naive_one_year_on_by_hand():
    values = [float(100 + 10 * (n // 12)) for n in range(60)]  # ten more each year
    rolled = roll_origins(make_monthly(values), ["2020-12"], 12, models=[BENCHMARK])
    score = score_forecasts(rolled).loc[BENCHMARK]
    assert score["MAE"] == pytest.approx(10)
    assert score["bias"] == pytest.approx(-10)
    assert score["MASE"] == pytest.approx(1)
    assert score["coverage_80"] == 100


# --- refusals --------------------------------------------------------------------------------


def test_what_cannot_be_forecast_is_refused():
    series = make_series()
    with pytest.raises(UnanswerableError, match="got 35"):
        forecast_months(series.head(35))
    with pytest.raises(GapError):
        forecast_months(series.drop(index=9))
    with pytest.raises(UnanswerableError, match="no value in 2017-10"):
        forecast_months(series.assign(value=series["value"].where(series.index != 9)))
    with pytest.raises(InputError, match="negative"):
        forecast_months(series.assign(value=-series["value"]))
    with pytest.raises(UnanswerableError, match="no trade"):
        forecast_months(series.assign(value=0.0))
    with pytest.raises(InputError, match="Did you mean 'Theta'"):
        forecast_months(series, models=["theta"])
    with pytest.raises(InputError, match="1 or more"):
        forecast_months(series, 0)
    with pytest.raises(UnanswerableError, match="no month after 2022-12"):
        roll_origins(series, ["2022-12"])


# --- the fan ---------------------------------------------------------------------------------


def test_a_fan_shows_limits_other_models_and_what_came():
    series = make_series()
    known = series.head(60).assign(state="estimated", currency="USD")
    known.loc[3, "state"] = "published"
    ahead = forecast_months(known, 12, [BENCHMARK, "ETS"])
    chart = charts.draw_fan(known, ahead, "Imports", "Source", model="ETS", came=series.tail(12))
    labels = [text.get_text() for text in chart.figure.axes[0].get_legend().get_texts()]
    assert labels == [
        "known, partly estimated",
        "as published",
        "ETS, 95 %",
        "ETS, 80 %",
        BENCHMARK,
        "came, as reported",
    ]
    fan = ahead[ahead["model"] == "ETS"]
    both = fan.merge(series, on="period")
    inside = int(both["value"].between(both["low_80"], both["high_80"]).sum())
    assert f"{inside} of 12 months" in chart.alt
    assert "Fan chart. Imports." in chart.alt
    assert chart.figure.axes[0].get_ylabel() == "million USD a month"
    plain = charts.draw_fan(known.drop(columns="state"), ahead, "T", "S", model="ETS")
    assert "inside" not in plain.alt
