"""Provinces: what a ranking bounds, and tables without them."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nktrade.codes.geography import list_places
from nktrade.errors import InputError, UnanswerableError
from nktrade.measures import compute_concentration
from nktrade.published.province_ranks import (
    bound_indices,
    bound_shares,
    bound_with_tail,
    check_provinces,
    read_province_industries,
    read_ranking,
)
from tests.making import make_trade

ROW = ("2020-01", "export", "69021000", 5.0)


def test_bounds_of_a_ranking_by_hand():
    # 60, 20 and 20 among four: at least four times 5, at most one 20.
    low, high = bound_with_tail([60.0, 20.0], (100.0, 100.0), 4)
    assert low == pytest.approx(3600 + 400 + 4 * 25)
    assert high == pytest.approx(3600 + 400 + 400)


@given(st.lists(st.floats(1, 1000), min_size=6, max_size=12), st.integers(1, 5))
def test_the_true_index_lies_between_the_bounds(values, printed):
    ranked = sorted(values, reverse=True)
    leaders, others = ranked[:printed], len(ranked) - printed
    total = sum(ranked)
    low, high = bound_with_tail(leaders, (total, total), others)
    true = compute_concentration(pd.Series(values))
    assert low - 1e-6 <= true <= high + 1e-6


def test_a_total_that_does_not_fit_is_refused():
    with pytest.raises(InputError, match="does not fit"):
        bound_with_tail([60.0, 20.0], (70.0, 90.0), 3)
    with pytest.raises(InputError, match="expected 80 to 120"):
        bound_with_tail([60.0, 20.0], (130.0, 130.0), 2)


def test_data_without_provinces_are_refused_in_words():
    check_provinces(make_trade([ROW], province="21"))
    with pytest.raises(UnanswerableError, match="are not broken down by province"):
        check_provinces(make_trade([ROW]))
    mixed = pd.concat([make_trade([ROW]), make_trade([ROW], province="21")])
    with pytest.raises(UnanswerableError, match="only in part"):
        check_provinces(mixed)
    with pytest.raises(UnanswerableError, match="no rows"):
        check_provinces(make_trade([ROW], province="21").iloc[:0])


def test_customs_list_of_provinces_is_whole(shared):
    official = pd.read_csv(shared / "reference/gacc/gacc_provinces.csv", dtype="str")
    ours = list_places("province")
    assert set(ours) == set(official.iloc[:, 0].str[:2])


def test_shares_of_a_group_by_hand():
    # 2017: Guangdong 72.96, Fujian outside the five and so at most 72.96, of 1,625 to 1,635.
    low, high = bound_shares("PRK", "USD", "import", ["44", "35"]).loc["2017-H1"]
    assert low == pytest.approx(100 * (72.96 - 0.005) / 1635)
    assert high == pytest.approx(100 * (2 * 72.96 + 2 * 0.005) / 1625)
    # 2019: both printed, of 1,135 to 1,145.
    low, high = bound_shares("PRK", "USD", "import", ["44", "35"]).loc["2019-H1"]
    assert low == pytest.approx(100 * (403.71 + 121.28 - 0.01) / 1145)
    assert high == pytest.approx(100 * (403.71 + 121.28 + 0.01) / 1135)


@pytest.mark.parametrize("flow", ["import", "export"])
def test_every_printed_ranking_has_five_and_an_index(flow):
    ranking = read_ranking("PRK", "USD", flow)
    assert (ranking.notna().sum() == 5).all()
    index = bound_indices("PRK", "USD", flow)
    assert list(index.index) == list(ranking.columns)
    assert (index["low"] <= index["high"]).all()


def test_printed_industries_add_up_to_a_hundred():
    sums = read_province_industries("PRK", "USD").sum()
    assert len(sums) == 8
    assert ((sums - 100).abs() <= 12 * 0.05).all()


def test_the_slides_speak_of_no_other_country():
    for ask in (bound_indices, read_ranking):
        with pytest.raises(UnanswerableError, match="imports of BRA in USD"):
            ask("BRA", "USD", "import")
