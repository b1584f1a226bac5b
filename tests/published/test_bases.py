"""The search for undefined bases: hand-computed cases and the figures that started it."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nktrade.errors import UnanswerableError
from nktrade.published import bases


def base(flow, window, low, high):
    row = (flow, window, low, high, "as published", "test")
    return pd.DataFrame([row], columns=bases.COLUMNS)


def test_a_missing_flow_follows_from_the_other_two_with_its_rounding():
    levels = bases.gather_levels()
    one = levels[(levels["window"] == "2017") & (levels["flow"] == "import")]
    assert one[["low", "high"]].to_numpy().tolist() == [[3.33e9, 3.35e9]]  # 5.06 - 1.72, +- 0.01


def test_levels_are_at_an_annual_rate_and_none_is_shorter_than_half_a_year():
    levels = bases.gather_levels()
    half = levels[(levels["window"] == "2017-H1") & (levels["origin"] == "data/published")]
    assert half.loc[half["flow"] == "import", "low"].tolist() == [3.33e9]  # (1.67 - 0.005) x 2
    assert not levels["window"].str.fullmatch(r"\d{4}-(\d\d|Q\d)").any()
    assert (levels["low"] <= levels["high"]).all()


def test_an_average_of_the_documents_is_a_level_a_year():
    levels = bases.gather_levels()
    mean = levels[levels["window"] == "2018..2019"]
    assert mean[["low", "high"]].to_numpy().tolist() == [[214.65e6, 214.75e6]]


def test_no_full_year_before_2017_is_at_hand_by_flow():
    levels = bases.gather_levels()
    early = levels[levels["window"].str[:4].astype(int) < 2017]
    assert set(early["flow"]) == {"total"}


def test_means_of_years_need_every_year_between():
    years = pd.concat(
        [base("import", "2017", 1, 3), base("import", "2018", 3, 5), base("import", "2020", 9, 9)]
    )
    found = bases.average_years(years)
    assert found[["window", "low", "high"]].to_numpy().tolist() == [["2017..2018", 2, 4]]


def test_windows_of_months_are_annual_means_and_skip_unknown_months():
    months = pd.DataFrame({"period": pd.date_range("2020-01-01", periods=14, freq="MS")})
    months = months.assign(flow="import", value=1.0)
    months.loc[0, "value"] = np.nan
    found = bases.roll_windows(months, years=[1])
    assert found["window"].tolist() == ["2020-02..2021-01", "2020-03..2021-02"]
    assert found["low"].tolist() == [12.0, 12.0]


def test_the_search_finds_the_base_and_only_the_base():
    tried = pd.concat([base("import", "2017", 200, 200), base("import", "2018", 100, 100)])
    found = bases.search_bases(50.0, 0.5, {"import": (100.0, 100.0)}, tried)
    assert found["window"].tolist() == ["2017", "2018"]
    assert found["hit"].tolist() == [True, False]
    assert found["distance"].tolist() == [0.0, 49.5]


def test_flows_are_mixed_only_when_asked():
    tried = base("total", "2017", 200, 200)
    level = {"import": (100.0, 100.0)}
    with pytest.raises(UnanswerableError):
        bases.search_bases(50.0, 0.5, level, tried)
    assert bases.search_bases(50.0, 0.5, level, tried, mixed=True)["hit"].all()


def test_the_printed_ratios_of_2023():
    """16.9 % fits the first release of 2017 alone; nothing published fits 64.1 % or 84.7 %."""
    levels = bases.gather_levels()
    tried = pd.concat([levels, bases.average_years(levels)], ignore_index=True)
    exports = bases.search_bases(16.9, 0.05, {"export": (291.885e6, 291.895e6)}, tried)
    assert exports.loc[exports["hit"], "window"].tolist() == ["2017"]
    for printed in (64.1, 84.7):
        imports = bases.search_bases(printed, 0.05, {"import": (2003.45e6, 2003.55e6)}, tried)
        assert not imports["hit"].any()


def test_a_ratio_that_may_be_zero_implies_no_base():
    with pytest.raises(UnanswerableError):
        bases.imply_base(0.0, 0.5, 1.0, 1.0)


@given(
    st.floats(1, 500),
    st.floats(0.001, 0.5),
    st.floats(1, 1e10),
    st.floats(0, 0.1),
    st.floats(0, 1),
)
def test_any_base_inside_the_implied_interval_is_a_hit(printed, half, low, width, at):
    high = low * (1 + width)
    least, most = bases.imply_base(printed, half, low, high)
    chosen = least + at * (most - least)
    tried = base("import", "2017", chosen, chosen)
    assert bases.search_bases(printed, half, {"import": (low, high)}, tried)["hit"].all()


@given(st.lists(st.floats(1, 300), min_size=1, max_size=20))
def test_chance_never_exceeds_the_bases_tried(ratios):
    found = pd.DataFrame({"ratio_low": ratios, "ratio_high": ratios})
    assert 0 <= bases.expect_by_chance(found, 50.0, 0.05) <= len(ratios)


def test_a_level_of_a_misprinted_year_stands_in_the_year_that_is_meant():
    levels = bases.gather_levels()
    exports = levels[(levels["flow"] == "export") & (levels["origin"] == "kiep2023")]
    tenths = exports.assign(low=(exports["low"] / 1e6).round(1))
    assert set(tenths.loc[tenths["window"] == "2022", "low"]) == {125.0}
    assert 125.0 not in set(tenths.loc[tenths["window"] == "2023", "low"])


def test_the_page_of_headline_totals_finds_one_base_and_no_other():
    ratios = bases.read_ratios("PRK", "USD", "2023")
    assert ratios.index.tolist() == [
        "64.1 % of imports", "16.9 % of exports", "84.7 % of imports"
    ]  # fmt: skip
    assert ratios.loc["84.7 % of imports", "named"] == "2018..2019"
    assert ((ratios["least"] < ratios["greatest"]) & (ratios["least"] > 0)).all()
    levels = bases.gather_levels()
    found = bases.try_bases(ratios, levels[levels["window"] != "2023"])
    fits = bases.count_fits(found).set_index(["ratio", "bases"])
    assert fits.loc[("16.9 % of exports", "same flow"), "which"] == "exports over exports of 2017"
    assert fits.loc[("64.1 % of imports", "same flow"), "fit"] == 0
    with pytest.raises(UnanswerableError, match="no recovery ratio"):
        bases.read_ratios("BRA", "USD", "2023")
