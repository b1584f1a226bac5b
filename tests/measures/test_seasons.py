"""Seasons of China: planted seasons and holidays recovered, releases of two months kept whole."""

import numpy as np
import pandas as pd
import pytest

from nktrade.errors import GapError, InputError, UnanswerableError
from nktrade.measures.seasons import WINDOWS, adjust_season, count_new_year, load_new_years

MONTHS = pd.date_range("2012-01-01", periods=96, freq="MS")
EARLY = np.isin(MONTHS.month, (1, 2, 3))
NEW_YEAR = np.array([0.2, -0.5, -0.3])
SEASON = 0.3 * np.sin(2 * np.pi * MONTHS.month / 12) + 0.2 * np.cos(2 * np.pi * MONTHS.month / 6)


def plant(seed: int, closure: float = 0.0) -> tuple[pd.DataFrame, np.ndarray]:
    """A series with all its parts, and what is left without season and New Year."""
    random = np.random.default_rng(seed)
    rest = 14 + np.cumsum(random.normal(0, 0.03, 96)) + random.normal(0, 0.08, 96)
    rest -= closure * (MONTHS >= "2016-05")
    moved = count_new_year(MONTHS).to_numpy() @ NEW_YEAR
    table = pd.DataFrame({"period": MONTHS, "value": np.exp(rest + SEASON + moved)})
    return table.assign(state="reported"), rest


@pytest.fixture(scope="module")
def found():
    series, rest = plant(1)
    return series, rest, adjust_season(series)


def test_the_new_year_is_a_new_moon():
    """Against the mean moon: 2000-01-06 18:14 UTC and every 29.530589 days, in China's time."""
    days = load_new_years()
    assert len(days) == 36
    assert days.year.tolist() == list(range(2000, 2036))
    assert all((day.month, day.day) >= (1, 21) and (day.month, day.day) <= (2, 20) for day in days)
    first = pd.Timestamp("2000-01-06 18:14") + pd.Timedelta(hours=8)
    moons = (days + pd.Timedelta(hours=12) - first) / pd.Timedelta(days=29.530588853)
    off = (moons - np.round(moons)) * 29.53
    assert np.abs(off).max() < 1.2  # the true moon runs up to 0.6 days about the mean one


def test_only_the_moving_of_the_holiday_is_counted():
    every = pd.date_range("2000-01-01", "2035-12-01", freq="MS")
    counted = count_new_year(every)
    means = counted.groupby(every.month).mean()
    assert means.to_numpy() == pytest.approx(0, abs=1e-12)
    late = counted.loc["2024-01-01"]  # New Year on the 10th of February: six of fifteen days before
    early = counted.loc["2023-01-01"]  # on the 22nd of January: all of them
    assert early["before"] - late["before"] == pytest.approx(1 - 6 / 15)
    assert early["holiday"] - late["holiday"] == pytest.approx(1)
    with pytest.raises(InputError, match="2000 to 2035"):
        count_new_year(pd.date_range("1999-12-01", periods=2, freq="MS"))
    with pytest.raises(InputError, match="ends before it begins"):
        count_new_year(MONTHS, {"odd": (3, 1)})


def test_planted_seasons_and_holidays_are_recovered(found):
    series, rest, season = found
    table = season.table
    off = np.log(table["adjusted"]) - rest
    assert off.std() < 0.06
    assert np.corrcoef(np.log(table["season"]), SEASON)[0, 1] > 0.98
    truth = 100 * np.expm1(NEW_YEAR)
    near = (season.effects["low"] < truth) & (season.effects["high"] > truth)
    assert near.sum() >= 2
    assert season.effects.loc["holiday", "p"] < 0.05
    parts = table["adjusted"] * table["season"] * table["new_year"]
    assert parts.to_numpy() == pytest.approx(series["value"].to_numpy())


def test_without_the_new_year_the_first_months_are_further_off(found):
    series, rest, season = found
    plain = adjust_season(series, windows={"a day": (0, 0)})
    off = [(np.log(s.table["adjusted"]) - rest)[EARLY].std() for s in (season, plain)]
    assert off[0] < 0.6 * off[1]


def test_a_release_of_two_months_stays_whole_and_is_shared_out_as_months_are(found):
    series, rest, _ = found
    joined = series.copy()
    for february in (49, 73):
        joined.loc[february, "value"] += joined.loc[february - 1, "value"]
        joined.loc[february - 1, "value"] = np.nan
        joined.loc[[february - 1, february], "state"] = "combined"
    season = adjust_season(joined)
    for february in (49, 73):
        pair = [february - 1, february]
        assert season.table["value"][pair].sum() == pytest.approx(series["value"][pair].sum())
        assert season.table["value"][pair].to_numpy() == pytest.approx(
            series["value"][pair].to_numpy(), rel=0.25
        )
    assert np.abs(np.log(season.table["adjusted"]) - rest)[[48, 49, 72, 73]].max() < 0.25
    assert any("2016, 2018: one release" in note for note in season.notes)


def test_a_named_break_is_no_season_and_months_without_value_stay_so():
    series, rest = plant(2, closure=2.0)
    series.loc[30, "value"] = np.nan
    season = adjust_season(series, breaks={"closure": "2016-05"})
    assert season.effects.loc["closure", "low"] < 100 * np.expm1(-2.0) + 5
    assert season.effects.loc["closure", "value"] == pytest.approx(100 * np.expm1(-2.0), abs=6)
    assert np.isnan(season.table["adjusted"][30])
    assert (np.log(season.table["adjusted"]) - rest).std() < 0.08
    with pytest.raises(InputError, match="lies outside the series"):
        adjust_season(series, breaks={"closure": "2022-01"})


def test_amounts_may_be_zero_and_shares_not():
    random = np.random.default_rng(3)
    values = 20 + 50 * SEASON.to_numpy() + random.normal(0, 2, 96)
    values = np.maximum(values, 0.0)
    series = pd.DataFrame({"period": MONTHS, "value": 1e6 * values})
    with pytest.raises(UnanswerableError, match=r'2012-09 has 0. Ask .*scale="additive"'):
        adjust_season(series)
    table = adjust_season(series, scale="additive").table
    whole = table["adjusted"] + table["season"] + table["new_year"]
    assert whole.to_numpy() == pytest.approx(series["value"].to_numpy())
    assert np.corrcoef(table["season"], SEASON)[0, 1] > 0.95


def test_nothing_is_tested_where_months_are_assumed(found):
    series = found[0].assign(support="recorded")
    series.loc[3:7, "support"] = "assumed"
    season = adjust_season(series)
    assert season.estimated == 5
    assert season.effects[["low", "high", "p"]].isna().all(axis=None)
    assert "5 of 96 months are not recorded or printed" in season.summary().notes[0]
    assert "\\begin{tabular}" in season.to_latex()


def test_what_cannot_be_adjusted_is_refused(found):
    series = found[0]
    with pytest.raises(UnanswerableError, match="60 or more known by themselves; got 48"):
        adjust_season(series.head(48))
    with pytest.raises(GapError):
        adjust_season(series.drop(index=5))
    with pytest.raises(InputError, match="Did you mean 'additive'"):
        adjust_season(series, scale="aditive")
    assert set(WINDOWS) == {"before", "holiday", "after"}
