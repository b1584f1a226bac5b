"""A total whose parts are a whole and its own parts counts twice: no share or chart is of it."""

import numpy as np
import pandas as pd
import pytest

import nktrade as nk
from nktrade.errors import MixtureError
from nktrade.table.meaning import (
    list_loose,
    read_ends,
    read_meaning,
    read_together,
    tell_meaning,
    write_loose,
)
from tests.making import make_trade

MONTHS = [f"{year}-{month:02}" for year in (2019, 2020) for month in range(1, 13)]
#: 10 a month of bricks, 30 of wigs: shares of 25 and 75 percent.
ONE = make_trade(
    [(m, "import", code, value) for m in MONTHS for code, value in (("690220", 10), ("670300", 30))]
)
BRAZIL = ONE.assign(partner="BRA", value=3 * ONE["value"])

#: A whole beside its parts, and the column that keeps them apart.
WHOLES = {
    "a heading": (ONE.assign(hs=ONE["hs"].str[:4]), ONE, "hs"),
    "a chapter": (ONE.assign(hs=ONE["hs"].str[:2]), ONE, "hs"),
    "a line": (ONE.assign(hs=ONE["hs"] + "00"), ONE, "hs"),
    "all provinces": (ONE, ONE.assign(province="21"), "province"),
    "all regimes": (ONE, ONE.assign(regime="10"), "regime"),
    "the world": (ONE.assign(partner="WLD"), ONE, "partner"),
}


def share(trade, by):
    return nk.compute_shares(nk.add_up(trade, by, period="2020"), across=["partner", "reporter"])


def contribute(trade, by):
    years = nk.compare_periods(trade, by, ["2019", "2020"])
    return nk.compute_contributions(years["2019"], years["2020"])


TOTALS = {
    "shares": share,
    "ranks": lambda trade, by: nk.rank_items(trade, by, "2020"),
    "contributions": contribute,
    "areas": lambda trade, by: nk.charts.draw_composition(nk.monthly(trade, by), "t", "c", by=by),
    "concentration": lambda trade, by: nk.measures.compute_concentration(
        nk.compare_periods(trade, by, "2020")["2020"]
    ),
}


@pytest.mark.parametrize("kind", WHOLES)
@pytest.mark.parametrize("total", TOTALS)
def test_a_whole_beside_its_parts_has_no_total(total, kind):
    whole, parts, by = WHOLES[kind]
    TOTALS[total](parts, by)
    with pytest.raises(MixtureError):
        TOTALS[total](pd.concat([whole, parts], ignore_index=True), by)


def test_partners_have_shares_of_their_sum_where_it_is_asked_for():
    both = pd.concat([ONE, BRAZIL], ignore_index=True)
    ranked = nk.rank_items(both, "partner", "2020")
    assert ranked[["partner", "share"]].to_numpy().tolist() == [["BRA", 75.0], ["PRK", 25.0]]
    sums = nk.add_up(both, "partner")
    assert nk.compute_shares(sums, across="partner")["share"].tolist() == [75.0, 25.0]
    with pytest.raises(MixtureError, match="or across='partner'"):
        nk.compute_shares(sums)


def test_editions_of_one_month_have_no_ranks():
    twice = pd.concat([ONE, ONE.assign(hs_edition="HS2022")], ignore_index=True)
    with pytest.raises(MixtureError, match="editions"):
        nk.rank_items(twice, "hs_edition", "2020")


def test_a_month_without_one_part_is_a_gap_between_the_areas():
    hidden = (ONE["period"] == "2020-06-01") & (ONE["hs"] == "690220")
    trade = ONE.assign(
        value=ONE["value"].mask(hidden), status=ONE["status"].mask(hidden, "suppressed")
    )
    shown = nk.charts.composition.stack_parts(nk.monthly(trade, "hs"), "hs", 7)
    assert shown.loc["2020-06-01"].isna().all()
    assert shown.loc["2020-05-01"].tolist() == [30.0, 10.0]


def test_an_unknown_value_has_neither_price_nor_quantity_effect():
    """As zero it would be a good that is no longer traded."""
    old = pd.DataFrame({"value": [100.0, 50.0], "quantity": [10.0, 5.0]}, index=["rice", "salt"])
    new = pd.DataFrame({"value": [np.nan], "quantity": [20.0]}, index=["rice"])
    found = nk.measures.decompose_change(old, new)
    assert np.isnan(found.loc["rice", "change"])
    effects = ["price", "quantity", "turnover", "unmeasured"]
    assert np.isnan(found.loc["rice", effects].sum(skipna=False))
    assert found.loc["salt", "turnover"] == -50.0


def test_several_partners_are_not_joined_by_one_line():
    both = pd.concat([ONE, BRAZIL], ignore_index=True)
    with pytest.raises(MixtureError, match="several times"):
        nk.charts.draw_trend(nk.monthly(both, "partner"), "t", "c")


def test_two_currencies_have_no_unit_wherever_a_table_keeps_them_apart():
    both = pd.concat([ONE, ONE.assign(currency="CNY")], ignore_index=True)
    for table in (nk.add_up(both, "currency"), nk.compare_periods(both, "currency", "2020")):
        with pytest.raises(MixtureError, match="several currencies"):
            read_together(table)
    with pytest.raises(MixtureError, match="currencies"):  # a series of dollars, then of yuan
        nk.add_up(
            ONE.assign(currency=ONE["currency"].where(ONE["period"] < "2020", "CNY")), "period"
        )


def test_a_release_in_dollars_stands_beside_a_january_in_yuan():
    january = make_trade([("2020-01", "import", "690220", 7.0)], currency="CNY")
    release = make_trade([("2020-02", "import", "690220", 3.0)], status="combined")
    sums = nk.add_up(pd.concat([january, release], ignore_index=True), "currency")
    assert sums[["currency", "value"]].to_numpy().tolist() == [["CNY", 7.0], ["USD", 3.0]]


def test_what_a_table_said_before_holds_only_while_its_columns_agree():
    joined = tell_meaning(pd.DataFrame({"value": [1.0, 2.0]}), partner="PRK")
    joined["partner"] = ["PRK", "BRA"]
    assert "partner" not in read_meaning(joined)


def test_a_changed_sum_is_not_known_as_the_sum_was():
    sums = pd.DataFrame(
        {
            "hs": ["6902", "6703", "6704"],
            "value": [4.0, np.nan, 9.0],
            "low": [1.0, 0.0, 9.0],
            "high": [5.0, np.inf, 9.0],
            "support": ["bounded", "assumed", "printed"],
        }
    )
    loose = list_loose(sums, ["hs"], "2020")
    assert [one[0] for one in loose] == [["6902"], ["6704"]]
    wide = tell_meaning(
        sums.set_index("hs")[["value"]].set_axis(["2020"], axis=1), loose=write_loose(loose)
    )
    assert read_ends(wide)["low"].tolist()[0] == 1.0
    assert read_ends(2 * wide) is None


def test_an_unknown_part_leaves_its_own_group_without_shares():
    table = pd.DataFrame({"flow": list("aab"), "value": [1.0, np.nan, 2.0]})
    shares = nk.compute_shares(table.assign(group=table.pop("flow")), by="group")["share"]
    assert shares.isna().tolist() == [True, True, False]
    assert np.isnan(nk.measures.compute_concentration(pd.Series([1.0, np.nan])))
